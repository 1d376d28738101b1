//! Formats of names (`apiserver/pkg/cel/library.Format`).

use super::{Row, no_overload, text, url};
use crate::api::Version;
use crate::api::names;
use crate::cel::opaque::Opaque;
use crate::cel::value::{Instant, Val};

pub(super) const ROWS: &[Row] = &[
    ("format.dns1123Label() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123Label"))),
    ("format.dns1123Subdomain() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123Subdomain"))),
    ("format.dns1035Label() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1035Label"))),
    ("format.qualifiedName() -> kubernetes.NamedFormat", |_, _| Ok(named("QualifiedName"))),
    ("format.dns1123LabelPrefix() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123LabelPrefix"))),
    ("format.dns1123SubdomainPrefix() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123SubdomainPrefix"))),
    ("format.dns1035LabelPrefix() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1035LabelPrefix"))),
    ("format.labelValue() -> kubernetes.NamedFormat", |_, _| Ok(named("LabelValue"))),
    ("format.uri() -> kubernetes.NamedFormat", |_, _| Ok(named("URI"))),
    ("format.uuid() -> kubernetes.NamedFormat", |_, _| Ok(named("UUID"))),
    ("format.byte() -> kubernetes.NamedFormat", |_, _| Ok(named("Byte"))),
    ("format.date() -> kubernetes.NamedFormat", |_, _| Ok(named("Date"))),
    ("format.datetime() -> kubernetes.NamedFormat", |_, _| Ok(named("Datetime"))),
    ("format.named(string) -> optional<kubernetes.NamedFormat>", |_, a| {
        let known = CHECKS.iter().find(|(name, _)| lower(name) == text(&a[0]));
        Ok(Val::Optional(known.map(|(name, _)| Box::new(named(name)))))
    }),
    ("(kubernetes.NamedFormat).validate(string) -> optional<list<string>>", |setting, a| {
        let wrong = check(&a[0], text(&a[1]), setting.version)?;
        let wrong: Vec<Val> = wrong.iter().map(Val::text).collect();
        Ok(Val::Optional((!wrong.is_empty()).then(|| Box::new(Val::list(wrong)))))
    }),
];

type Check = fn(&str, Version) -> Vec<String>;

const CHECKS: &[(&str, Check)] = &[
    ("DNS1123Label", |text, version| names::dns1123_label(text, version)),
    ("DNS1123Subdomain", |text, _| names::dns1123_subdomain(text)),
    ("DNS1035Label", |text, _| names::dns1035_label(text)),
    ("QualifiedName", |text, version| names::qualified_name(text, version)),
    ("DNS1123LabelPrefix", |text, version| names::dns1123_label(&filled(text), version)),
    ("DNS1123SubdomainPrefix", |text, _| names::dns1123_subdomain(&filled(text))),
    ("DNS1035LabelPrefix", |text, _| names::dns1035_label(&filled(text))),
    ("LabelValue", |text, version| names::label_value(text, version)),
    ("URI", |text, version| url::parse(text, version).err().into_iter().collect()),
    ("UUID", |text, _| unless(is_uuid(text), "does not match the UUID format")),
    ("Byte", |text, _| unless(is_base64(text), "invalid base64")),
    ("Date", |text, _| unless(is_date(text), "invalid date")),
    ("Datetime", |text, _| unless(is_datetime(text), "invalid datetime")),
];

fn unless(fits: bool, why: &str) -> Vec<String> {
    if fits { Vec::new() } else { vec![why.to_owned()] }
}

fn is_uuid(text: &str) -> bool {
    let bare = text.replace('-', "");
    let dashed = [8, 13, 18, 23].iter().filter(|at| text.as_bytes().get(**at) == Some(&b'-')).count();
    let dashes = text.len() - bare.len();
    bare.len() == 32
        && bare.bytes().all(|b| b.is_ascii_hexdigit())
        && (dashes == 0 || dashes == 4 && dashed == 4)
}

fn is_base64(text: &str) -> bool {
    use base64::Engine;
    !text.is_empty() && base64::engine::general_purpose::STANDARD.decode(text).is_ok()
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_datetime(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((date, time)) = lower.split_once('t') else { return false };
    is_date(date) && Instant::parse(&format!("{date}T{}", time.replace('z', "Z"))).is_some()
}

/// A prefix may end in a dash.
fn filled(prefix: &str) -> String {
    match prefix.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => format!("{rest}a"),
        _ => prefix.to_owned(),
    }
}

/// The name by which `format.named` knows a format.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    match name {
        "URI" | "UUID" => name.to_ascii_lowercase(),
        name if name.starts_with("DNS") => format!("dns{}", &name[3..]),
        _ => letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect(),
    }
}

fn named(name: &'static str) -> Val {
    Val::opaque(Opaque::Format(name))
}

fn check(format: &Val, text: &str, version: Version) -> Result<Vec<String>, String> {
    let Some(Opaque::Format(name)) = format.library() else { return no_overload() };
    CHECKS
        .iter()
        .find(|(known, _)| known == name)
        .map_or_else(no_overload, |(_, check)| Ok(check(text, version)))
}
