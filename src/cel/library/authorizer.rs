//! Questions to the authorizer (`apiserver/pkg/cel/library.Authz`, `AuthzSelectors`).

use super::{Row, Setting, no_overload, text};
use crate::api::{Attributes, Decision, RequestInfo, User, Version, names};
use crate::cel::opaque::{Opaque, Question, Stage};
use crate::cel::value::Val;

/// The authorizer, as it answers for a user (`authorizer`).
pub(crate) fn whole(user: &User) -> Val {
    checked(Question { user: user.clone(), info: RequestInfo::default(), stage: Stage::Whole })
}

/// The question about the resource of a request (`authorizer.requestResource`).
pub(crate) fn requested(user: &User, asked: &RequestInfo, name: &str) -> Val {
    let info = RequestInfo {
        is_resource: true,
        group: asked.group.clone(),
        version: "*".to_owned(),
        resource: asked.resource.clone(),
        subresource: asked.subresource.clone(),
        namespace: asked.namespace.clone(),
        name: name.to_owned(),
        ..RequestInfo::default()
    };
    checked(Question { user: user.clone(), info, stage: Stage::Resource })
}

fn checked(check: Question) -> Val {
    Val::opaque(Opaque::Authorizer(Box::new(check)))
}

pub(super) const ROWS: &[Row] = &[
    ("(kubernetes.authorization.Authorizer).path(string) -> kubernetes.authorization.PathCheck", |_, a| {
        let path = given(&a[1], "path")?;
        further(&a[0], |check| {
            check.stage = Stage::Path;
            check.info.path = path.to_owned();
        })
    }),
    ("(kubernetes.authorization.Authorizer).group(string) -> kubernetes.authorization.GroupCheck", |_, a| {
        further(&a[0], |check| {
            check.stage = Stage::Group;
            check.info.is_resource = true;
            check.info.version = "*".to_owned();
            check.info.group = text(&a[1]).to_owned();
        })
    }),
    (
        "(kubernetes.authorization.Authorizer).serviceAccount(string, string) -> kubernetes.authorization.Authorizer",
        |_, a| {
            let (namespace, name) = (text(&a[1]), text(&a[2]));
            if !names::dns1123_subdomain(name).is_empty() {
                return Err("Invalid service account name".to_owned());
            }
            if !names::dns1123_label(namespace, Version::NEWEST).is_empty() {
                return Err("Invalid service account namespace".to_owned());
            }
            let account = User::named(&format!("system:serviceaccount:{namespace}:{name}"));
            further(&a[0], |check| check.user = account)
        },
    ),
    (
        "(kubernetes.authorization.GroupCheck).resource(string) -> kubernetes.authorization.ResourceCheck",
        |_, a| {
            let resource = given(&a[1], "resource")?;
            further(&a[0], |check| {
                check.stage = Stage::Resource;
                check.info.resource = resource.to_owned();
            })
        },
    ),
    (
        "(kubernetes.authorization.ResourceCheck).subresource(string) -> kubernetes.authorization.ResourceCheck",
        |_, a| further(&a[0], |check| check.info.subresource = text(&a[1]).to_owned()),
    ),
    (
        "(kubernetes.authorization.ResourceCheck).namespace(string) -> kubernetes.authorization.ResourceCheck",
        |_, a| further(&a[0], |check| check.info.namespace = text(&a[1]).to_owned()),
    ),
    (
        "(kubernetes.authorization.ResourceCheck).name(string) -> kubernetes.authorization.ResourceCheck",
        |_, a| further(&a[0], |check| check.info.name = text(&a[1]).to_owned()),
    ),
    ("(kubernetes.authorization.PathCheck).check(string) -> kubernetes.authorization.Decision", ask),
    ("(kubernetes.authorization.ResourceCheck).check(string) -> kubernetes.authorization.Decision", ask),
    ("(kubernetes.authorization.Decision).allowed() -> bool", |_, a| {
        decision(&a[0]).map(|(yes, _)| Val::Bool(yes))
    }),
    ("(kubernetes.authorization.Decision).reason() -> string", |_, a| {
        decision(&a[0]).map(|(_, why)| Val::text(why))
    }),
    ("(kubernetes.authorization.Decision).errored() -> bool", |_, _| Ok(Val::Bool(false))),
    ("(kubernetes.authorization.Decision).error() -> string", |_, _| Ok(Val::text(""))),
];

pub(super) const SELECTORS: &[Row] = &[
    (
        "(kubernetes.authorization.ResourceCheck).fieldSelector(string) -> kubernetes.authorization.ResourceCheck",
        |_, a| further(&a[0], |check| check.info.field_selector = text(&a[1]).to_owned()),
    ),
    (
        "(kubernetes.authorization.ResourceCheck).labelSelector(string) -> kubernetes.authorization.ResourceCheck",
        |_, a| further(&a[0], |check| check.info.label_selector = text(&a[1]).to_owned()),
    ),
];

fn given<'a>(value: &'a Val, what: &str) -> Result<&'a str, String> {
    match text(value).trim() {
        "" => Err(format!("{what} must not be empty")),
        _ => Ok(text(value)),
    }
}

fn check(value: &Val) -> Result<&Question, String> {
    match value.library() {
        Some(Opaque::Authorizer(check)) => Ok(check),
        _ => no_overload(),
    }
}

fn further(value: &Val, with: impl FnOnce(&mut Question)) -> Result<Val, String> {
    let mut check = check(value)?.clone();
    with(&mut check);
    Ok(checked(check))
}

fn ask(setting: &Setting<'_>, a: &[Val]) -> Result<Val, String> {
    let check = check(&a[0])?;
    let info = RequestInfo { verb: text(&a[1]).to_owned(), ..check.info.clone() };
    let (decision, reason) = setting.activation.authorize(&Attributes { user: check.user.clone(), info });
    Ok(Val::opaque(Opaque::Decision(decision == Decision::Allow, reason)))
}

fn decision(value: &Val) -> Result<(bool, &str), String> {
    match value.library() {
        Some(Opaque::Decision(allowed, reason)) => Ok((*allowed, reason)),
        _ => no_overload(),
    }
}
