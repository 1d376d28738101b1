//! Formats of names (`apiserver/pkg/cel/library.Format`).

use super::{Row, no_overload, text};
use crate::api::Version;
use crate::api::names;
use crate::cel::opaque::Opaque;
use crate::cel::value::Val;

pub(super) const ROWS: &[Row] = &[
    ("format.dns1123Label() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123Label"))),
    ("format.dns1123Subdomain() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123Subdomain"))),
    ("format.dns1035Label() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1035Label"))),
    ("format.qualifiedName() -> kubernetes.NamedFormat", |_, _| Ok(named("QualifiedName"))),
    ("format.dns1123LabelPrefix() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123LabelPrefix"))),
    ("format.dns1123SubdomainPrefix() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1123SubdomainPrefix"))),
    ("format.dns1035LabelPrefix() -> kubernetes.NamedFormat", |_, _| Ok(named("DNS1035LabelPrefix"))),
    ("format.labelValue() -> kubernetes.NamedFormat", |_, _| Ok(named("LabelValue"))),
    ("format.named(string) -> optional<kubernetes.NamedFormat>", |_, a| {
        let known = CHECKS.iter().find(|(name, _)| lower(name) == text(&a[0]));
        Ok(Val::Optional(known.map(|(name, _)| Box::new(named(name)))))
    }),
    ("(kubernetes.NamedFormat).validate(string) -> optional<list<string>>", |_, a| {
        let wrong = check(&a[0], text(&a[1]))?;
        let wrong: Vec<Val> = wrong.iter().map(Val::text).collect();
        Ok(Val::Optional((!wrong.is_empty()).then(|| Box::new(Val::list(wrong)))))
    }),
];

type Check = fn(&str) -> Vec<String>;

const CHECKS: &[(&str, Check)] = &[
    ("DNS1123Label", |text| names::dns1123_label(text, Version::NEWEST)),
    ("DNS1123Subdomain", |text| names::dns1123_subdomain(text)),
    ("DNS1035Label", |text| names::dns1035_label(text)),
    ("QualifiedName", |text| names::qualified_name(text, Version::NEWEST)),
    ("DNS1123LabelPrefix", |text| names::dns1123_label(&filled(text), Version::NEWEST)),
    ("DNS1123SubdomainPrefix", |text| names::dns1123_subdomain(&filled(text))),
    ("DNS1035LabelPrefix", |text| names::dns1035_label(&filled(text))),
    ("LabelValue", |text| names::label_value(text, Version::NEWEST)),
];

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
    match name.starts_with("DNS") {
        true => format!("dns{}", &name[3..]),
        false => letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect(),
    }
}

fn named(name: &'static str) -> Val {
    Val::opaque(Opaque::Format(name))
}

fn check(format: &Val, text: &str) -> Result<Vec<String>, String> {
    let Some(Opaque::Format(name)) = format.library() else { return no_overload() };
    CHECKS.iter().find(|(known, _)| known == name).map_or_else(no_overload, |(_, check)| Ok(check(text)))
}
