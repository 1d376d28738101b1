//! Acting as somebody else (`endpoints/filters/impersonation`).

use super::Authenticated;
use crate::api::{Attributes, Decision, Finding, Outcome, RequestInfo, Stage, Status, User};
use crate::authorize;

/// Puts the impersonated user in the place of the one who asks, if `allowed` says that they may.
pub fn impersonate(
    mut request: Authenticated,
    allowed: &mut dyn FnMut(&Attributes) -> (Decision, String),
    findings: &mut Vec<Finding>,
) -> Result<Authenticated, Status> {
    let Some(wanted) = requested(&request)? else { return Ok(request) };
    for info in questions(&wanted) {
        let attributes = Attributes { user: request.user.clone(), info };
        let (decision, reason) = allowed(&attributes);
        if decision != Decision::Allow {
            let status = authorize::refusal(&attributes, &reason);
            findings.push(Finding::new(Stage::Impersonate, "impersonation", Outcome::Refused, &*status.message));
            return Err(status);
        }
    }
    findings.push(Finding::new(
        Stage::Impersonate,
        "impersonation",
        Outcome::Passed,
        format!("{} acts as {}", request.user.name, wanted.name),
    ));
    let asks = std::mem::replace(&mut request.user, in_effect(wanted));
    request.impersonator = Some(asks);
    Ok(request)
}

/// Whom the headers name.
fn requested(request: &Authenticated) -> Result<Option<User>, Status> {
    const EXTRA: &str = "impersonate-extra-";
    let headers = &request.request.headers;
    let mut user = User {
        name: headers.get("Impersonate-User").unwrap_or_default().to_owned(),
        uid: headers.get("Impersonate-Uid").unwrap_or_default().to_owned(),
        groups: headers.all("Impersonate-Group").map(str::to_owned).collect(),
        extra: Default::default(),
    };
    for (name, value) in headers.iter() {
        if let Some(key) = name.to_lowercase().strip_prefix(EXTRA) {
            let key = crate::api::info::percent_decode(key, false);
            user.extra.entry(key).or_default().push(value.to_owned());
        }
    }
    let nothing = user.groups.is_empty() && user.uid.is_empty() && user.extra.is_empty();
    match (user.name.is_empty(), nothing) {
        (true, true) => Ok(None),
        (true, false) => Err(Status::bad_request(format!("requested {user:?} without impersonating a user name"))),
        (false, _) => Ok(Some(user)),
    }
}

/// What must be allowed to act as a user: each part is a resource of its own.
fn questions(wanted: &User) -> Vec<RequestInfo> {
    let question = |group: &str, resource: &str, subresource: &str, namespace: &str, name: &str| RequestInfo {
        is_resource: true,
        verb: "impersonate".to_owned(),
        group: group.to_owned(),
        version: if group.is_empty() { String::new() } else { "v1".to_owned() },
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..RequestInfo::default()
    };
    let mut questions = vec![match service_account(&wanted.name) {
        Some((namespace, name)) => question("", "serviceaccounts", "", namespace, name),
        None => question("", "users", "", "", &wanted.name),
    }];
    questions.extend(wanted.groups.iter().map(|group| question("", "groups", "", "", group)));
    for (key, values) in &wanted.extra {
        questions.extend(values.iter().map(|v| question("authentication.k8s.io", "userextras", key, "", v)));
    }
    if !wanted.uid.is_empty() {
        questions.push(question("authentication.k8s.io", "uids", "", "", &wanted.uid));
    }
    questions
}

/// Namespace and name of `system:serviceaccount:NS:NAME`.
fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let ok = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    (ok(namespace) && ok(name)).then_some((namespace, name))
}

/// The impersonated user with the groups that it has by its name.
fn in_effect(mut user: User) -> User {
    if user.groups.is_empty()
        && let Some((namespace, _)) = service_account(&user.name)
    {
        user.groups = vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
    }
    let (anonymous, group) = ("system:anonymous", "system:unauthenticated");
    match user.name == anonymous {
        true if !user.in_group(group) => user.groups.push(group.to_owned()),
        false if !user.in_group("system:authenticated") && !user.in_group(group) => {
            user.groups.push("system:authenticated".to_owned());
        }
        true | false => {}
    }
    user
}
