//! Subjects that look as if somebody else had been meant: another namespace, another kind, a slip of the pen.

use super::Index;
use crate::api::fact::{How, Mistake};
use crate::api::rbac::{Binding, Subject, Who};
use crate::api::{User, service_account};
use crate::error::is_slip;

/// The likeliest mistake in a binding that does not reach a user.
pub(super) fn of_binding(binding: &Binding, user: &User) -> Option<Mistake> {
    let of = |subject: &Subject| {
        let namespace = match (subject.kind.as_str(), subject.namespace.as_str()) {
            ("ServiceAccount", "") => binding.namespace.clone(),
            (_, namespace) => namespace.to_owned(),
        };
        let subject = Subject { namespace, ..subject.clone() };
        how(&subject, user).map(|how| Mistake { subject, how })
    };
    binding.subjects.iter().filter_map(of).min_by_key(|mistake| mistake.how)
}

/// How a subject that is not the user looks as if it should be.
fn how(subject: &Subject, user: &User) -> Option<How> {
    let account = service_account(&user.name);
    let name = subject.name.as_str();
    match (subject.kind.as_str(), account) {
        ("ServiceAccount", Some((namespace, own))) if subject.namespace == namespace => {
            is_slip(name, own).then_some(How::Misspelt)
        }
        ("ServiceAccount", Some((_, own))) => (name == own).then_some(How::OtherNamespace),
        ("ServiceAccount", None) => (name == user.name).then_some(How::OtherKind),
        ("User" | "Group", Some((namespace, own))) if is_account(name, namespace, own) => {
            Some(How::OtherKind)
        }
        ("User", None) if user.in_group(name) => Some(How::OtherKind),
        ("User", _) => is_slip(name, &user.name).then_some(How::Misspelt),
        ("Group", None) if name == user.name => Some(How::OtherKind),
        // Whoever sends no credential is in another group than those who do, and nobody misspelt it.
        ("Group", _) if name == "system:authenticated" => None,
        ("Group", _) => user.groups.iter().any(|group| is_slip(name, group)).then_some(How::Misspelt),
        _ => None,
    }
}

/// Whether a name is that of an account, as people write it where it is no account's.
fn is_account(written: &str, namespace: &str, name: &str) -> bool {
    let forms = [
        name.to_owned(),
        format!("{namespace}/{name}"),
        format!("{namespace}:{name}"),
        format!("serviceaccount:{namespace}:{name}"),
        format!("system:serviceaccount:{namespace}:{name}"),
        format!("system:serviceaccounts:{namespace}:{name}"),
    ];
    forms.iter().any(|form| form == written)
}

/// The service account that a user's name seems to mean: `serviceaccount:a:b`, `a/b`, `system:serviceaccounts:a:b`; none where
/// it is an account's, or nothing like one.
pub(crate) fn account_meant(user: &str) -> Option<String> {
    const BEGINNINGS: [&str; 3] = ["serviceaccount:", "serviceaccounts:", "system:serviceaccounts:"];
    if service_account(user).is_some() {
        return None;
    }
    let behind = BEGINNINGS.iter().find_map(|beginning| user.strip_prefix(beginning));
    let (namespace, name) = match behind {
        Some(rest) => rest.split_once(':')?,
        None if user.starts_with("system:") => return None,
        None => user.split_once('/')?,
    };
    let word = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    (word(namespace) && word(name)).then(|| format!("system:serviceaccount:{namespace}:{name}"))
}

/// Somebody as people write them and as commands print them: `alice`, `User alice`; `group:ops`, `Group ops`; `shop/app`,
/// `ServiceAccount shop/app`, `system:serviceaccount:shop:app`.
pub(crate) fn who_meant(text: &str) -> Who {
    let behind = |kind: &str| {
        let (head, rest) = text.split_at_checked(kind.len())?;
        let rest = rest.strip_prefix([' ', ':'])?.trim_start();
        (head.eq_ignore_ascii_case(kind) && !rest.is_empty()).then_some(rest)
    };
    let account = |name: &str| account_meant(name).unwrap_or_else(|| name.to_owned());
    match (behind("group"), behind("user"), behind("serviceaccount")) {
        (Some(group), ..) => Who::Group(group.to_owned()),
        (_, Some(user), _) => Who::User(user.to_owned()),
        (.., Some(name)) => Who::User(account(&name.replacen(':', "/", 1))),
        _ => Who::User(account(text)),
    }
}

/// The groups that the name of a user whom nobody names seems to mean: `group ops`; `ops`, where there is such a group; `ops,devs`, which
/// is no distinguished name (`CN=jo,O=ops`).
pub(crate) fn groups_meant(user: &str, index: &Index) -> Vec<String> {
    if index.names_user(user) {
        return Vec::new();
    }
    let (names, is_told) = match who_meant(user) {
        Who::Group(names) => (names, true),
        Who::User(_) => (user.to_owned(), false),
    };
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let is_list = names.len() > 1 && !user.contains('=');
    match is_told || is_list || names.iter().any(|name| index.names_group(name)) {
        true => names.into_iter().map(str::to_owned).collect(),
        false => Vec::new(),
    }
}

/// Whether a user's name begins as an account's and is none: no account can have it.
pub(crate) fn is_no_account(user: &str) -> bool {
    user.strip_prefix("system:serviceaccount:").is_some_and(|rest| {
        let parts: Vec<&str> = rest.split(':').collect();
        parts.len() != 2 || parts.contains(&"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However somebody is written, and as they are printed, it is them.
    #[test]
    fn somebody_is_read_as_people_write_them() {
        let (account, ops) = ("system:serviceaccount:shop:app", "group ops");
        for (written, who) in [
            ("jo", "jo"),
            ("User jo", "jo"),
            ("user:jo", "jo"),
            ("jo@example.com", "jo@example.com"),
            ("group:ops", ops),
            ("group ops", ops),
            ("Group ops", ops),
            ("group:system:authenticated", "group system:authenticated"),
            ("shop/app", account),
            ("serviceaccount:shop:app", account),
            ("ServiceAccount shop/app", account),
            ("system:serviceaccount:shop:app", account),
            ("system:serviceaccounts:shop:app", account),
            ("users", "users"),
            ("group:", "group:"),
        ] {
            assert_eq!(who_meant(written).to_string(), who, "{written}");
            assert_eq!(who_meant(who), who_meant(written), "{written}");
        }
    }

    #[test]
    fn a_mistake_is_named() {
        let user = |name: &str| User::named(name).authenticated();
        let account = user("system:serviceaccount:shop:app");
        for (subject, who, want) in [
            (("ServiceAccount", "app", "default"), &account, Some(How::OtherNamespace)),
            (("ServiceAccount", "app", ""), &account, Some(How::OtherNamespace)),
            (("ServiceAccount", "ap", "shop"), &account, Some(How::Misspelt)),
            (("ServiceAccount", "other", "shop"), &account, None),
            (("ServiceAccount", "ap", "default"), &account, None),
            (("User", "app", ""), &account, Some(How::OtherKind)),
            (("User", "shop/app", ""), &account, Some(How::OtherKind)),
            (("Group", "system:serviceaccount:shop:app", ""), &account, Some(How::OtherKind)),
            (("Group", "system:serviceaccount:shop", ""), &account, Some(How::Misspelt)),
            (("Group", "system:masters", ""), &account, None),
            (("User", "alic", ""), &user("alice"), Some(How::Misspelt)),
            (("User", "Alice", ""), &user("alice"), Some(How::Misspelt)),
            (("User", "bob", ""), &user("alice"), None),
            (("User", "bob", ""), &user("rob"), Some(How::Misspelt)),
            (("Group", "alice", ""), &user("alice"), Some(How::OtherKind)),
            (("ServiceAccount", "alice", "a"), &user("alice"), Some(How::OtherKind)),
            (("User", "system:authenticated", ""), &user("alice"), Some(How::OtherKind)),
            (("Group", "system:authenticated", ""), &User::anonymous(), None),
        ] {
            let (kind, name, namespace) = subject;
            let subject = Subject {
                kind: kind.into(),
                name: name.into(),
                namespace: namespace.into(),
                ..Subject::default()
            };
            let binding = Binding {
                namespace: "dev".into(),
                name: "b".into(),
                role_ref: Default::default(),
                subjects: vec![subject],
            };
            assert_eq!(
                of_binding(&binding, who).map(|mistake| mistake.how),
                want,
                "{kind} {namespace}/{name}"
            );
        }
    }
}
