//! By which right somebody acts as somebody else (`filters/impersonation/mode.go`).
//!
//! The modes are tried in order, the narrow ones first, and the first error is the one that is told. Who succeeded by a
//! mode is tried by that mode first the next time, so their errors are that mode's.

use super::{Ask, service_account};
use crate::api::differences::CONSTRAINED_IMPERSONATION;
use crate::api::names;
use crate::api::{Attributes, Decision, Errors, Refusal, RequestInfo, Status, User, Version, refusal};
use imbl::OrdMap;

/// From so many groups or extra values on, the right to all of them is asked for first.
const MANY: usize = 4;

/// A kind of right to act as somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A pod's account acts as the node that the pod runs on.
    AssociatedNode,
    /// Somebody acts as a node.
    ArbitraryNode,
    /// Somebody acts as a service account.
    ServiceAccount,
    /// Somebody acts as anybody who is neither.
    UserInfo,
    /// Somebody acts as anybody, and does what that one may.
    Legacy,
}

/// By which mode a user, by name, last succeeded.
pub(crate) type Memory = OrdMap<String, Mode>;

impl Mode {
    /// All modes in the order in which they are tried.
    pub(crate) const ALL: [Mode; 5] =
        [Mode::AssociatedNode, Mode::ArbitraryNode, Mode::ServiceAccount, Mode::UserInfo, Mode::Legacy];

    /// The verb on the identity.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Mode::AssociatedNode => "impersonate:associated-node",
            Mode::ArbitraryNode => "impersonate:arbitrary-node",
            Mode::ServiceAccount => "impersonate:serviceaccount",
            Mode::UserInfo => "impersonate:user-info",
            Mode::Legacy => "impersonate",
        }
    }

    /// Whether the mode is for such a user at all.
    fn is_for(self, wanted: &User, by: &User) -> bool {
        let only_name = wanted.uid.is_empty() && wanted.groups.is_empty() && wanted.extra.is_empty();
        let (node, account) = (node(&wanted.name), service_account(&wanted.name));
        match self {
            Mode::AssociatedNode => only_name && node.is_some_and(|node| runs_on(by, node)),
            Mode::ArbitraryNode => only_name && node.is_some(),
            Mode::ServiceAccount => only_name && account.is_some(),
            Mode::UserInfo => node.is_none() && account.is_none(),
            Mode::Legacy => true,
        }
    }
}

/// The name of `system:node:NAME`.
fn node(user: &str) -> Option<&str> {
    user.strip_prefix("system:node:").filter(|name| names::dns1123_subdomain(name).is_empty())
}

/// Whether a user is the account of a pod on a node.
fn runs_on(user: &User, node: &str) -> bool {
    let on = user.extra.get("authentication.kubernetes.io/node-name");
    service_account(&user.name).is_some() && on.is_some_and(|names| names.as_slice() == [node])
}

/// The user in effect and the mode that allows it, or the first mode's error.
pub(super) fn first(
    version: Version,
    asked: &Attributes,
    wanted: &User,
    memory: &mut Memory,
    ask: &mut Ask<'_>,
) -> Result<(Mode, User), Refusal> {
    if !version.has(CONSTRAINED_IMPERSONATION) {
        return check(Mode::Legacy, version, asked, wanted, ask).map(|user| (Mode::Legacy, user));
    }
    let last = memory.get(&asked.user.name).copied();
    let mut error = None;
    for mode in last.into_iter().chain(Mode::ALL.into_iter().filter(|mode| Some(*mode) != last)) {
        if !mode.is_for(wanted, &asked.user) {
            continue;
        }
        match check(mode, version, asked, wanted, ask) {
            Ok(user) => {
                memory.insert(asked.user.name.clone(), mode);
                return Ok((mode, user));
            }
            Err(refused) => error = error.or(Some(refused)),
        }
    }
    Err(error.unwrap_or_else(|| Status::internal("all impersonation modes failed").into()))
}

/// Whether a mode allows the wanted user, and who that is then.
fn check(
    mode: Mode,
    version: Version,
    asked: &Attributes,
    wanted: &User,
    ask: &mut Ask<'_>,
) -> Result<User, Refusal> {
    let by = requestor(mode, &asked.user);
    let mut may = |info: RequestInfo| {
        let attributes = Attributes { user: by.clone(), info };
        match ask(&attributes) {
            (Decision::Allow, _) => Ok(()),
            (Decision::Deny | Decision::NoOpinion, reason) => Err(refusal(&attributes, &reason)),
        }
    };
    if let Some(name) = mode.verb().strip_prefix("impersonate:") {
        let verb = format!("impersonate-on:{name}:{}", asked.info.verb);
        may(RequestInfo { verb, ..asked.info.clone() })?;
    }
    may(identity(mode, &wanted.name))?;
    // Where there is but one mode, the uid is asked for last.
    let constrained = version.has(CONSTRAINED_IMPERSONATION);
    let uid = part(mode, "uids", "", &wanted.uid);
    if constrained && !wanted.uid.is_empty() {
        may(uid.clone())?;
    }
    groups(mode, &by, &wanted.groups, &mut may)?;
    extra(mode, &by, wanted, &mut may)?;
    if !constrained && !wanted.uid.is_empty() {
        may(uid)?;
    }
    Ok(in_effect(mode, wanted.clone()))
}

type May<'a> = dyn FnMut(RequestInfo) -> Result<(), Refusal> + 'a;

fn groups(mode: Mode, by: &User, groups: &[String], may: &mut May<'_>) -> Result<(), Refusal> {
    let constrained = mode != Mode::Legacy;
    let refuse = |name: &str, why: &str| {
        Err(refusal(&Attributes { user: by.clone(), info: part(mode, "groups", "", name) }, why))
    };
    if constrained && groups.iter().any(String::is_empty) {
        return refuse("", "impersonating the empty string group is not allowed");
    }
    if constrained && groups.iter().any(|group| group == "system:masters") {
        return refuse("system:masters", "impersonating the system:masters group is not allowed");
    }
    if constrained && groups.len() >= MANY && may(part(mode, "groups", "", "*")).is_ok() {
        return Ok(());
    }
    groups.iter().try_for_each(|group| may(part(mode, "groups", "", group)))
}

fn extra(mode: Mode, by: &User, wanted: &User, may: &mut May<'_>) -> Result<(), Refusal> {
    let constrained = mode != Mode::Legacy;
    if let (true, Some(why)) = (constrained, wrong_extra(wanted)) {
        return Err(refusal(&Attributes { user: by.clone(), info: part(mode, "userextras", "", "") }, &why));
    }
    let many = wanted.extra.len() >= MANY || wanted.extra.values().map(Vec::len).sum::<usize>() >= MANY;
    if constrained && many && may(part(mode, "userextras", "*", "*")).is_ok() {
        return Ok(());
    }
    for (key, values) in &wanted.extra {
        values.iter().try_for_each(|value| may(part(mode, "userextras", key, value)))?;
    }
    Ok(())
}

/// What the newer modes do not accept for extra.
fn wrong_extra(wanted: &User) -> Option<String> {
    wanted.extra.iter().find_map(|(key, values)| {
        if key.is_empty() {
            return Some("impersonating the empty string key in extra is not allowed".to_owned());
        }
        if let Some(why) = unprefixed(key) {
            return Some(format!("impersonating an invalid key in extra is not allowed: {why}"));
        }
        let empty = values.iter().any(String::is_empty);
        empty.then(|| "impersonating the empty string value in extra is not allowed".to_owned())
    })
}

/// What is wrong with a key that is no path below a domain (`IsDomainPrefixedPath`).
fn unprefixed(key: &str) -> Option<String> {
    const FIELD: &str = "extra.key";
    let errors = Errors::new(Version::NEWEST);
    for (part, why) in names::domain_prefixed_path(key) {
        errors.invalid(FIELD, part, why);
    }
    (!errors.is_empty()).then(|| errors.summary())
}

/// Whom the authorizers are asked about. Of a pod's account only the names of its extra count: the right is to be the
/// same on all nodes.
fn requestor(mode: Mode, user: &User) -> User {
    let mut user = user.clone();
    if mode == Mode::AssociatedNode {
        let keys = std::mem::take(&mut user.extra).into_keys().collect();
        user.extra.insert("authentication.kubernetes.io/associated-node-keys".to_owned(), keys);
    }
    user
}

/// The question about the name.
fn identity(mode: Mode, name: &str) -> RequestInfo {
    match (mode, node(name), service_account(name)) {
        (Mode::AssociatedNode, ..) => part(mode, "nodes", "", "*"),
        (Mode::ArbitraryNode | Mode::ServiceAccount | Mode::UserInfo, Some(node), _) => {
            part(mode, "nodes", "", node)
        }
        (_, _, Some((namespace, name))) => {
            RequestInfo { namespace: namespace.to_owned(), ..part(mode, "serviceaccounts", "", name) }
        }
        (_, _, None) => part(mode, "users", "", name),
    }
}

/// The question about one part of a user, each a resource of its own.
fn part(mode: Mode, resource: &str, subresource: &str, name: &str) -> RequestInfo {
    let core = mode == Mode::Legacy && matches!(resource, "users" | "groups" | "serviceaccounts");
    RequestInfo {
        is_resource: true,
        verb: mode.verb().to_owned(),
        group: if core { "" } else { "authentication.k8s.io" }.to_owned(),
        version: "v1".to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        name: name.to_owned(),
        ..RequestInfo::default()
    }
}

/// What the old right to act as anybody must be held for, but for the groups that come with the name.
pub(crate) fn acting(wanted: &User) -> Vec<RequestInfo> {
    const EVERYBODY: [&str; 2] = ["system:authenticated", "system:unauthenticated"];
    let mode = Mode::Legacy;
    let implied = User::named(&wanted.name).groups;
    let told = |group: &&String| !implied.contains(group) && !EVERYBODY.contains(&group.as_str());
    let groups = wanted.groups.iter().filter(told).map(|group| part(mode, "groups", "", group));
    let values = |(key, values): (&String, &Vec<String>)| {
        values.iter().map(|value| part(mode, "userextras", key, value)).collect::<Vec<_>>()
    };
    let uid = (!wanted.uid.is_empty()).then(|| part(mode, "uids", "", &wanted.uid));
    let besides = groups.chain(wanted.extra.iter().flat_map(values)).chain(uid);
    std::iter::once(identity(mode, &wanted.name)).chain(besides).collect()
}

/// The wanted user with the groups that come with the name.
fn in_effect(mode: Mode, mut user: User) -> User {
    if user.groups.is_empty() && service_account(&user.name).is_some() {
        user.groups = User::named(&user.name).groups;
    }
    if mode != Mode::Legacy && node(&user.name).is_some() {
        user.groups = vec!["system:nodes".to_owned()];
    }
    let (known, unknown) = ("system:authenticated", "system:unauthenticated");
    match user.name == "system:anonymous" {
        true if !user.in_group(unknown) => user.groups.push(unknown.to_owned()),
        false if !user.in_group(known) && !user.in_group(unknown) => user.groups.push(known.to_owned()),
        true | false => {}
    }
    user
}
