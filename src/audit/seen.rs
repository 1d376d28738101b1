//! An audit log read back: who asked for what (`audit.k8s.io/v1`, a line of JSON each, as kube-apiserver writes them).

use super::Stage;
use crate::api::{RequestInfo, User};
use serde::Deserialize;

/// A request that somebody sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// `auditID`, which all events of the request have; empty where they have none.
    pub(crate) id: String,
    /// Who sent it.
    pub(crate) user: User,
    /// As whom, where they acted as somebody else.
    pub(crate) acting: Option<User>,
    /// What for.
    pub(crate) info: RequestInfo,
    /// The code of the answer.
    pub(crate) code: u16,
    /// What a refusal said.
    pub(crate) message: String,
}

/// An event, or several as a webhook sends them.
#[derive(Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    items: Vec<Event>,
    #[serde(flatten)]
    event: Event,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Event {
    #[serde(rename = "auditID")]
    audit_id: String,
    stage: Option<Stage>,
    verb: String,
    #[serde(rename = "requestURI")]
    request_uri: String,
    user: User,
    impersonated_user: Option<User>,
    object_ref: Option<ObjectRef>,
    response_status: Option<ResponseStatus>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ObjectRef {
    api_group: String,
    api_version: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseStatus {
    code: u16,
    message: String,
}

/// The requests of a line; none of one that tells nothing of a request's sender and answer.
///
/// # Errors
///
/// That it is no event.
pub(crate) fn of_line(line: &str) -> Result<Vec<Seen>, String> {
    let line: Line =
        serde_json::from_str(line).map_err(|error| format!("this is no audit event: {error}"))?;
    match line.kind.as_str() {
        "Event" => Ok(seen(line.event).into_iter().collect()),
        "EventList" => Ok(line.items.into_iter().filter_map(seen).collect()),
        kind => Err(format!("this is no audit event but of the kind `{kind}`")),
    }
}

fn seen(event: Event) -> Option<Seen> {
    // When it came, it is not known yet as whom.
    if event.stage == Some(Stage::RequestReceived) || event.user.name.is_empty() {
        return None;
    }
    let status = event.response_status.unwrap_or_default();
    let info = match (event.request_uri.as_str(), event.object_ref) {
        ("", None) => return None,
        // The name of what is created is not in its path.
        ("", Some(of)) => RequestInfo {
            is_resource: true,
            name: if event.verb == "create" && of.subresource.is_empty() { String::new() } else { of.name },
            group: of.api_group,
            version: of.api_version,
            resource: of.resource,
            subresource: of.subresource,
            namespace: of.namespace,
            ..RequestInfo::default()
        },
        (target, _) => RequestInfo::parse(method(&event.verb), target),
    };
    let info = RequestInfo { verb: event.verb, ..info };
    let (user, acting) = (event.user, event.impersonated_user);
    Some(Seen { id: event.audit_id, user, acting, info, code: status.code, message: status.message })
}

/// A method that a verb comes of, so that the path is read as it was.
fn method(verb: &str) -> &'static str {
    match verb {
        "create" => "POST",
        "update" => "PUT",
        "patch" => "PATCH",
        "delete" | "deletecollection" => "DELETE",
        _ => "GET",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_who_asked_for_what() {
        let line = |rest: &str| format!(r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1",{rest}}}"#);
        let asked = |rest: &str| {
            let seen = of_line(&line(rest)).expect("an event");
            let one = |seen: &Seen| {
                let RequestInfo { verb, namespace, name, path, .. } = &seen.info;
                let what = if seen.info.is_resource { seen.info.full_resource() } else { path.clone() };
                format!("{} {verb} {what} {namespace}/{name} {}", seen.user.name, seen.code)
            };
            seen.iter().map(one).collect::<Vec<_>>().join("; ")
        };
        for (rest, told) in [
            (
                r#""stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx","verb":"list","user":{"username":"jo"},"responseStatus":{"code":200}"#,
                "jo list pods a/x 200",
            ),
            (
                r#""stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods","verb":"create","user":{"username":"jo"},"objectRef":{"resource":"pods","name":"x"}"#,
                "jo create pods a/ 0",
            ),
            (
                r#""verb":"create","user":{"username":"jo"},"objectRef":{"resource":"pods","subresource":"eviction","namespace":"a","name":"x"}"#,
                "jo create pods/eviction a/x 0",
            ),
            (r#""requestURI":"/healthz?x","verb":"get","user":{"username":"jo"}"#, "jo get /healthz / 0"),
            (
                r#""stage":"RequestReceived","requestURI":"/healthz","verb":"get","user":{"username":"jo"}"#,
                "",
            ),
            (r#""stage":"ResponseStarted","requestURI":"/healthz","verb":"get","user":{}"#, ""),
        ] {
            assert_eq!(asked(rest), told, "{rest}");
        }
        let list =
            r#"{"kind":"EventList","items":[{"requestURI":"/a","verb":"get","user":{"username":"jo"}}]}"#;
        assert_eq!(of_line(list).expect("events").len(), 1);
        assert_eq!(
            of_line(r#"{"kind":"Pod"}"#),
            Err("this is no audit event but of the kind `Pod`".to_owned())
        );
        assert!(of_line("x").is_err());
    }
}
