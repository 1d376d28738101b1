//! Feature gates: what each release knows of them, and what a cluster's flags make of them.
//!
//! What `--feature-gates` means is `k8s.io/component-base/featuregate` and, since 1.31, the registry of
//! `k8s.io/component-base/compatibility`. The gates themselves are data (`gates.txt`), those of kubelets, schedulers
//! and controllers among them: every component knows all of them. A gate that a release has removed stays as it last was.
//! The data are what servers list. Documentation says otherwise here and there: `LegacyServiceAccountTokenNoAutoGeneration`
//! is locked since 1.27, not with its stage in 1.26; `BoundServiceAccountTokenVolume` is gone in 1.23, not in 1.24.
//!
//! Differs from Kubernetes: a gate that the model does not ask for is accepted and makes no difference;
//! [`unmodelled`] names those that are set to other than their default. Of several unknown gates the first given is
//! named, not any. Gates that depend on each other may be set apart.

use crate::api::differences::COMPONENT_GATES;
use crate::api::{Version, schema};
use crate::error::nearest;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Whether `create` is needed for a stream into a pod that a WebSocket opens by `GET`.
pub(crate) const CREATE_FOR_STREAMS: &str = "AuthorizePodWebsocketUpgradeCreatePermission";

/// The gates that the model asks for, beside those that fields hang on; all others make no difference.
const ASKED: &[&str] = &[
    "AnonymousAuthConfigurableEndpoints",
    CREATE_FOR_STREAMS,
    "AuthorizeWithSelectors",
    "BoundServiceAccountTokenVolume",
    "ClusterTrustBundle",
    "ComponentFlagz",
    "ComponentStatusz",
    "CustomResourceValidationExpressions",
    "DRAResourceClaimGranularStatusAuthorization",
    "InPlacePodLevelResourcesVerticalScaling",
    "LegacyServiceAccountTokenCleanUp",
    "LegacyServiceAccountTokenNoAutoGeneration",
    "LegacyServiceAccountTokenTracking",
    "ManifestBasedAdmissionControlConfig",
    "NodeDeclaredFeatures",
    "PodSecurity",
    "PodTopologyLabelsAdmission",
    "ServiceAccountTokenJTI",
    "ServiceAccountTokenNodeBinding",
    "ServiceAccountTokenNodeBindingValidation",
    "ServiceAccountTokenPodNodeInfo",
    "StructuredAuthenticationConfiguration",
    "StructuredAuthorizationConfiguration",
    "TTLAfterFinished",
    "TokenRequestServiceAccountUIDValidation",
    "UserNamespacesPodSecurityStandards",
];

pub(crate) fn is_asked(gate: &str) -> bool {
    ASKED.contains(&gate) || schema::gates().contains(gate)
}

/// A gate that stands for all gates of a stage that aren't set themselves, and that stage.
const MANY: &[(&str, &str)] = &[("AllAlpha", "alpha"), ("AllBeta", "beta")];

/// What a gate is in some releases in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    since: u8,
    /// The last of them; none if it goes on.
    until: Option<u8>,
    stage: &'static str,
    on: bool,
    locked: bool,
}

impl Span {
    fn covers(&self, version: Version) -> bool {
        version.at_least(self.since) && self.until.is_none_or(|until| !version.at_least(until + 1))
    }
}

static GATES: LazyLock<BTreeMap<&'static str, Vec<Span>>> = LazyLock::new(|| {
    let lines = include_str!("gates.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).map(|(gate, spans)| (gate, read(spans))).collect()
});

/// The spans of one line.
fn read(spans: &'static str) -> Vec<Span> {
    let span = |text: &'static str| {
        let mut words = text.split(' ');
        let (since, until) = match words.next()?.split_once('-') {
            Some((since, "")) => (since.parse().ok()?, None),
            Some((since, until)) => (since.parse().ok()?, Some(until.parse().ok()?)),
            None => {
                let only = text.split(' ').next()?.parse().ok()?;
                (only, Some(only))
            }
        };
        let (stage, on) = (words.next()?, words.next()? == "on");
        Some(Span { since, until, stage, on, locked: words.next().is_some() })
    };
    spans.split("; ").filter_map(span).collect()
}

fn span(gate: &str, version: Version) -> Option<&'static Span> {
    GATES.get(gate)?.iter().find(|span| span.covers(version))
}

/// The gates that a release knows, with what it says of each: `beta, on`.
pub(crate) fn of_release(version: Version) -> impl Iterator<Item = (&'static str, String)> {
    let known = GATES.keys().filter_map(move |gate| Some((*gate, span(gate, version)?)));
    known.map(|(gate, span)| {
        let (on, locked) = (if span.on { "on" } else { "off" }, if span.locked { ", locked" } else { "" });
        (gate, format!("{}, {on}{locked}", span.stage))
    })
}

/// Whether a gate is on: as it is set, or all of its stage are, or by default.
pub(super) fn is_on(gate: &str, version: Version, set: &BTreeMap<String, bool>) -> bool {
    debug_assert!(is_asked(gate), "the gate {gate} is not in ASKED");
    if let Some(on) = set.get(gate) {
        return *on;
    }
    // Gates are asked for with every object, and most clusters set none.
    if set.is_empty() {
        return is_on_by_default(gate, version);
    }
    let of_stage = span(gate, version).and_then(|span| MANY.iter().find(|(_, stage)| *stage == span.stage));
    let all = of_stage.and_then(|(all, _)| set.get(*all));
    all.copied().unwrap_or_else(|| is_on_by_default(gate, version))
}

/// Whether a release has a gate on. A gate to come is off; one that is removed stays as it last was.
pub(crate) fn is_on_by_default(gate: &str, version: Version) -> bool {
    let mut spans = GATES.get(gate).into_iter().flatten().rev();
    spans.find(|span| version.at_least(span.since)).is_some_and(|span| span.on)
}

/// The gates that the model asks for and that two releases have otherwise by default, with how the first one has them.
pub(crate) fn turned(from: Version, to: Version) -> impl Iterator<Item = (&'static str, bool)> {
    let was = move |gate: &&'static str| (*gate, is_on_by_default(gate, from));
    let asked = GATES.keys().filter(|gate| is_asked(gate)).map(was);
    asked.filter(move |(gate, on)| is_on_by_default(gate, to) != *on)
}

/// The gates that are set to other than their default and make no difference here, with their values.
pub(super) fn unmodelled(
    version: Version,
    set: &BTreeMap<String, bool>,
) -> impl Iterator<Item = (&str, bool)> {
    let differs = move |gate: &str, on: bool| match MANY.iter().find(|(all, _)| *all == gate) {
        Some((_, stage)) => GATES
            .keys()
            .filter(|gate| !is_asked(gate) && !set.contains_key(**gate))
            .filter_map(|gate| span(gate, version))
            .any(|span| span.stage == *stage && span.on != on),
        None => !is_asked(gate) && span(gate, version).is_some_and(|span| span.on != on),
    };
    set.iter().map(|(gate, on)| (gate.as_str(), *on)).filter(move |(gate, on)| differs(gate, *on))
}

/// Why a value of `--feature-gates` is refused, in Kubernetes' words, and a hint.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) hint: Option<String>,
}

/// The gates that a value of `--feature-gates` sets.
pub(super) fn parse(value: &str, version: Version) -> Result<Vec<(String, bool)>, Refused> {
    let refuse = |why: String| Refused { why, hint: None };
    let mut set = Vec::new();
    for word in value.split(',').filter(|word| !word.is_empty()) {
        let pair = match word.split_once(':') {
            Some((component, pair)) if version.has(COMPONENT_GATES) => match component.trim() {
                "" | "kube" => pair,
                other => return Err(refuse(format!("component not registered: {other}"))),
            },
            Some(_) | None => word,
        };
        let Some((gate, value)) = pair.split_once('=') else {
            return Err(refuse(format!("missing bool value for {}", pair.trim())));
        };
        let (gate, value) = (gate.trim(), value.trim());
        let on = match value {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => true,
            "0" | "f" | "F" | "FALSE" | "false" | "False" => false,
            _ => {
                let why = format!("strconv.ParseBool: parsing {value:?}: invalid syntax");
                return Err(refuse(format!("invalid value of {gate}={value}, err: {why}")));
            }
        };
        set.push((gate.to_owned(), on));
    }
    for (gate, on) in &set {
        check(gate, *on, version)?;
    }
    Ok(set)
}

fn check(gate: &str, on: bool, version: Version) -> Result<(), Refused> {
    if MANY.iter().any(|(all, _)| *all == gate) {
        return Ok(());
    }
    match span(gate, version) {
        None => Err(Refused { why: format!("unrecognized feature gate: {gate}"), hint: hint(gate, version) }),
        Some(span) if span.locked && span.on != on => {
            let why = format!("cannot set feature gate {gate} to {on}, feature is locked to {}", span.on);
            Err(Refused { why, hint: None })
        }
        Some(_) => Ok(()),
    }
}

/// Which releases know the gate, or which gate is meant.
fn hint(gate: &str, version: Version) -> Option<String> {
    if let Some((first, last)) = GATES.get(gate).and_then(|spans| spans.first().zip(spans.last())) {
        let first = Version::minor(first.since.max(Version::OLDEST.number()));
        return Some(match last.until.map(Version::minor) {
            None => format!("`{gate}` is a gate of Kubernetes {first} and later"),
            Some(last) if last == first => format!("`{gate}` is a gate of Kubernetes {first}"),
            Some(last) => format!("`{gate}` is a gate of Kubernetes {first} to {last}"),
        });
    }
    let known = GATES.keys().copied().filter(|gate| span(gate, version).is_some());
    nearest(gate, known.chain(MANY.iter().map(|(all, _)| *all))).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::differences;

    fn refused(value: &str, minor: u8) -> (String, String) {
        let refused = parse(value, Version::minor(minor)).unwrap_err();
        (refused.why, refused.hint.unwrap_or_default())
    }

    #[test]
    fn every_line_is_read() {
        let lines = include_str!("gates.txt").lines().filter(|line| !line.starts_with('#'));
        let mut count = 0;
        for line in lines {
            let (gate, spans) = line.split_once('\t').unwrap();
            let read = &GATES[gate];
            assert_eq!(read.len(), spans.split("; ").count(), "{line}");
            let known = ["alpha", "beta", "ga", "deprecated"];
            assert!(read.iter().all(|span| known.contains(&span.stage)), "{line}");
            let ends = read.iter().map(|span| (span.since, span.until.unwrap_or(u8::MAX)));
            assert!(ends.clone().all(|(since, until)| since <= until), "{line}");
            assert!(ends.clone().zip(ends.skip(1)).all(|((_, until), (since, _))| until < since), "{line}");
            count += 1;
        }
        assert_eq!(count, GATES.len());
        assert!(ASKED.iter().all(|gate| GATES.contains_key(gate)));
    }

    /// All but 1.22, of which no list was at hand.
    #[test]
    fn gates_are_those_that_servers_list() {
        let listed: BTreeMap<&str, Vec<Span>> = include_str!("../../tests/releases/gates.tsv")
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(gate, spans)| (gate, read(spans)))
            .collect();
        assert!(listed.len() > 400, "{}", listed.len());
        for gate in GATES.keys().chain(listed.keys()) {
            for version in Version::all().filter(|version| version.number() != 22) {
                let listed =
                    listed.get(gate).and_then(|spans| spans.iter().find(|span| span.covers(version)));
                let told = |span: &Span| (span.stage, span.on, span.locked);
                assert_eq!(span(gate, version).map(told), listed.map(told), "{gate} {version}");
            }
        }
    }

    #[test]
    fn what_a_release_does_not_know_is_refused_in_its_words() {
        let unknown = |gate: &str| format!("unrecognized feature gate: {gate}");
        assert_eq!(refused("Foo=true", 36), (unknown("Foo"), String::new()));
        assert_eq!(
            refused("PodSecurty=true", 24),
            (unknown("PodSecurty"), "did you mean `PodSecurity`?".to_owned())
        );
        for (gate, minor, hint) in [
            ("PodSecurity", 36, "`PodSecurity` is a gate of Kubernetes 1.22 to 1.27"),
            ("PodSecurity", 20, "`PodSecurity` is a gate of Kubernetes 1.22 to 1.27"),
            ("PodCertificateRequest", 20, "`PodCertificateRequest` is a gate of Kubernetes 1.34 and later"),
            ("RuntimeClassInImageCriAPI", 36, "`RuntimeClassInImageCriAPI` is a gate of Kubernetes 1.32"),
        ] {
            assert_eq!(refused(&format!("{gate}=true"), minor), (unknown(gate), hint.to_owned()));
        }
        let locked = "cannot set feature gate PodSecurity to false, feature is locked to true";
        assert_eq!(refused("PodSecurity=false", 25).0, locked);
        let tokens = "LegacyServiceAccountTokenNoAutoGeneration=false";
        assert!(parse(tokens, Version::minor(26)).is_ok());
        assert!(refused(tokens, 27).0.ends_with("feature is locked to true"));
        let off = "cannot set feature gate LegacyNodeRoleBehavior to true, feature is locked to false";
        assert_eq!(refused("LegacyNodeRoleBehavior=true", 21).0, off);
        assert_eq!(refused("PodSecurity", 25).0, "missing bool value for PodSecurity");
        // All is read before anything is looked up.
        assert_eq!(
            refused("Foo=true,PodSecurity=yes", 25).0,
            "invalid value of PodSecurity=yes, err: strconv.ParseBool: parsing \"yes\": invalid syntax"
        );
        assert_eq!(refused("kube:AllBeta=true", 30).0, unknown("kube:AllBeta"));
        assert_eq!(refused("wardle:AllBeta=true", 31).0, "component not registered: wardle");
        let set = parse(" PodSecurity = T,, kube:AllBeta=0", Version::minor(31));
        assert_eq!(set.unwrap_err().why, unknown("PodSecurity"));
        let set = parse("kube:AllBeta=0", Version::minor(31)).unwrap();
        assert_eq!(set, [("AllBeta".to_owned(), false)]);
    }

    #[test]
    fn a_gate_is_as_set_or_as_its_stage_or_as_the_release_has_it() {
        let on = |gate: &str, minor: u8, given: &str| {
            let version = Version::minor(minor);
            is_on(gate, version, &parse(given, version).unwrap().into_iter().collect())
        };
        let tokens = "BoundServiceAccountTokenVolume";
        assert!(!on(tokens, 20, ""));
        assert!(on(tokens, 20, "AllAlpha=true"));
        assert!(!on(tokens, 20, "AllBeta=true"));
        assert!(!on(tokens, 20, "BoundServiceAccountTokenVolume=false,AllAlpha=true"));
        assert!(on(tokens, 21, "AllAlpha=false"));
        assert!(!on(tokens, 21, "AllBeta=false"));
        assert!(on(tokens, 22, "AllBeta=false"));
        // Removed in 1.23, it stays on; a gate to come is off, and so is one that never got on.
        assert!(on(tokens, 23, "") && on(tokens, 36, "AllBeta=false"));
        assert!(!on("ClusterTrustBundle", 20, "AllAlpha=true"));
        assert!(!on("UserNamespacesPodSecurityStandards", 36, "AllAlpha=true"));
        // The gates of tokens, release by release (KEP-2799, KEP-4193).
        for (gate, since) in [
            ("LegacyServiceAccountTokenNoAutoGeneration", 24),
            ("LegacyServiceAccountTokenTracking", 27),
            ("LegacyServiceAccountTokenCleanUp", 29),
            ("ServiceAccountTokenJTI", 30),
            ("ServiceAccountTokenPodNodeInfo", 30),
            ("ServiceAccountTokenNodeBindingValidation", 30),
            ("ServiceAccountTokenNodeBinding", 31),
            ("PodSecurity", 23),
            ("TTLAfterFinished", 21),
            ("PodTopologyLabelsAdmission", 35),
        ] {
            assert!(!on(gate, since - 1, "") && on(gate, since, "") && on(gate, 36, ""), "{gate}");
        }
    }

    /// The release of a difference that is a gate's is known from the gate.
    #[test]
    fn a_difference_that_names_a_gate_begins_where_the_gate_is_on() {
        let mut wrong = Vec::new();
        for difference in differences::ALL {
            let Some(rest) = difference.source.strip_prefix("gate ") else { continue };
            let gate = rest.split([',', ';']).next().unwrap();
            let first = GATES[gate].iter().find(|span| span.on).map(|span| Version::minor(span.since));
            if first != Some(difference.since) {
                wrong.push(format!(
                    "{} begins with {}, {gate} with {first:?}",
                    difference.name, difference.since
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_makes_no_difference_is_named() {
        let named = |given: &str| {
            let version = Version::minor(36);
            let set = parse(given, version).unwrap().into_iter().collect();
            unmodelled(version, &set).map(|(gate, on)| format!("{gate}={on}")).collect::<Vec<_>>()
        };
        assert!(named("ClusterTrustBundle=true,APIServerIdentity=true,AllAlpha=false").is_empty());
        assert_eq!(
            named("WatchList=false,APIServerIdentity=false,AllAlpha=true"),
            ["APIServerIdentity=false", "AllAlpha=true", "WatchList=false"]
        );
    }
}
