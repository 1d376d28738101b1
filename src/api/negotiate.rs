//! In which form an answer is wanted: `Accept` (`apiserver/pkg/endpoints/handlers/negotiation`, go-restful's routes).
//!
//! Two look at it: the route, for which the media type is a word, and the handler, which knows parameters
//! (`as=Table;v=v1;g=meta.k8s.io`). Objects are not written in protobuf here: asked for alone, it is refused, in protobuf.

use super::status::Status;
use crate::json::json;

/// How the bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `application/json`
    #[default]
    Json,
    /// `application/yaml`
    Yaml,
    /// `application/vnd.kubernetes.protobuf`; only statuses are ever written so.
    Protobuf,
}

/// What becomes of the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// They travel as they are.
    #[default]
    Whole,
    /// Rows for people, in that version of meta.k8s.io.
    Table(String),
    /// Their metadata alone, in that version of meta.k8s.io.
    Metadata(String),
    /// The list of their metadata, in that version of meta.k8s.io.
    MetadataList(String),
    /// Discovery in one document, in that version of apidiscovery.k8s.io.
    Discovery(String),
}

/// What was agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// How the bytes are written.
    pub media: Media,
    /// What becomes of the objects.
    pub form: Form,
}

/// What the other side of a form must be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Objects: tables and metadata are possible.
    Objects,
    /// Parts of objects of which no tables are made: metadata is possible.
    Parts,
    /// Discovery documents, aggregated ones in these versions.
    Discovery(&'static [&'static str]),
}

/// What routes produce.
pub(crate) const PRODUCED: &[&str] =
    &["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/// The 406 of the handler.
fn none_of(produced: &[&str]) -> Status {
    Status::plain(
        406,
        "NotAcceptable",
        format!("only the following media types are accepted: {}", produced.join(", ")),
    )
}

/// What the route says: it compares words, and knows no parameters.
pub(crate) fn route(accept: &str, produced: &[&str], lists: bool) -> Result<(), Status> {
    let word = |clause: &str| clause.split(';').next().unwrap_or_default().trim().to_owned();
    let fits = |media: &str| media == "*/*" || produced.contains(&media);
    if accept.is_empty() || accept.split(',').any(|clause| fits(&word(clause))) {
        return Ok(());
    }
    let text = match lists {
        true => format!("406: Not Acceptable\n\nAvailable representations: {}", produced.join(", ")),
        false => "406: Not Acceptable".to_owned(),
    };
    let mut status = Status::plain(406, "NotAcceptable", text);
    status.details = json!({});
    Err(status)
}

/// One clause of `Accept`.
struct Clause<'a> {
    kind: &'a str,
    subtype: &'a str,
    params: Vec<(&'a str, &'a str)>,
    /// In thousandths.
    quality: u32,
}

fn clauses(accept: &str) -> Vec<Clause<'_>> {
    let mut clauses: Vec<Clause<'_>> = accept.split(',').filter_map(clause).collect();
    clauses
        .sort_by_key(|clause| (std::cmp::Reverse(clause.quality), clause.kind == "*", clause.subtype == "*"));
    clauses
}

fn clause(text: &str) -> Option<Clause<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = match parts.next()? {
        "*" => ("*", "*"),
        media => media.split_once('/')?,
    };
    let mut quality = 1000;
    let mut params = Vec::new();
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim() {
            "q" => quality = thousandths(value.trim()),
            key => params.push((key, value.trim())),
        }
    }
    Some(Clause { kind, subtype, params, quality })
}

/// `0.75` as 750; what is no number is 1.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) => whole.min(1) * 1000 + part,
        _ => 1000,
    }
}

/// What the handler makes of `Accept`: the best clause that it can serve.
pub(crate) fn negotiate(accept: &str, offer: Offer) -> Result<Accepted, Status> {
    if accept.trim().is_empty() {
        return Ok(Accepted::default());
    }
    let matching = |clause: &Clause<'_>| {
        let media = match (clause.kind, clause.subtype) {
            ("application", "json" | "*") | ("*", "*") => Media::Json,
            ("application", "yaml") => Media::Yaml,
            _ => return None,
        };
        Some(Accepted { media, form: form(clause, offer)? })
    };
    clauses(accept).iter().find_map(matching).ok_or_else(|| none_of(PRODUCED))
}

/// How errors are written for a client: as what it accepts at all.
pub(crate) fn of_errors(accept: &str) -> Media {
    let protobuf =
        |clause: &Clause<'_>| (clause.kind, clause.subtype) == ("application", "vnd.kubernetes.protobuf");
    match negotiate(accept, Offer::Objects) {
        Ok(accepted) => accepted.media,
        Err(_) if clauses(accept).iter().any(protobuf) => Media::Protobuf,
        Err(_) => Media::Json,
    }
}

/// As what a page is wanted that a server has about itself: text, or an object of a kind of config.k8s.io in one of these
/// versions (`component-base/zpages`).
pub(crate) fn page(accept: &str, kind: &str, versions: &[&str]) -> Result<Option<(Media, String)>, Status> {
    if accept.trim().is_empty() {
        return Ok(None);
    }
    let matching = |clause: &Clause<'_>| {
        let media = match (clause.kind, clause.subtype) {
            ("*", "*") | ("text", "plain" | "*") => return Some(None),
            ("application", "json" | "*") => Media::Json,
            ("application", "yaml") => Media::Yaml,
            _ => return None,
        };
        let param = |key| clause.params.iter().find(|(k, _)| *k == key).map_or("", |(_, value)| *value);
        let version = param("v");
        let known = param("as") == kind && param("g") == "config.k8s.io" && versions.contains(&version);
        known.then(|| Some((media, version.to_owned())))
    };
    let produced: &[&str] = match versions {
        [] => &["text/plain"],
        _ => &["application/json", "application/yaml", "text/plain"],
    };
    clauses(accept).iter().find_map(matching).ok_or_else(|| none_of(produced))
}

/// The form that a clause's parameters ask for, if it is on offer.
fn form(clause: &Clause<'_>, offer: Offer) -> Option<Form> {
    let param = |key| clause.params.iter().find(|(k, _)| *k == key).map_or("", |(_, value)| *value);
    let (kind, group, version) = (param("as"), param("g"), param("v"));
    if kind.is_empty() {
        return Some(Form::Whole);
    }
    let meta = group == "meta.k8s.io" && matches!(version, "v1" | "v1beta1");
    let version = version.to_owned();
    match (offer, kind) {
        (Offer::Objects, "Table") if meta => Some(Form::Table(version)),
        (Offer::Objects | Offer::Parts, "PartialObjectMetadata") if meta => Some(Form::Metadata(version)),
        (Offer::Objects | Offer::Parts, "PartialObjectMetadataList") if meta => {
            Some(Form::MetadataList(version))
        }
        (Offer::Discovery(versions), "APIGroupDiscoveryList")
            if group == "apidiscovery.k8s.io" && versions.contains(&version.as_str()) =>
        {
            Some(Form::Discovery(version))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_clause_counts() {
        let table = || Form::Table("v1".to_owned());
        let offer = Offer::Discovery(&["v2"]);
        for (accept, offer, want) in [
            ("", Offer::Objects, Some((Media::Json, Form::Whole))),
            ("application/yaml", Offer::Objects, Some((Media::Yaml, Form::Whole))),
            ("application/yaml;q=0.5,application/json", Offer::Objects, Some((Media::Json, Form::Whole))),
            (
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
                Offer::Objects,
                Some((Media::Json, table())),
            ),
            ("application/json;as=Chair;v=v1;g=meta.k8s.io", Offer::Objects, None),
            ("application/vnd.kubernetes.protobuf", Offer::Objects, None),
            ("application/vnd.kubernetes.protobuf, */*", Offer::Objects, Some((Media::Json, Form::Whole))),
            (
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
                offer,
                Some((Media::Json, Form::Discovery("v2".to_owned()))),
            ),
            ("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", offer, None),
        ] {
            let got = negotiate(accept, offer).ok().map(|accepted| (accepted.media, accepted.form));
            assert_eq!(got, want, "{accept}");
        }
    }
}
