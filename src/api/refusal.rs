//! How a refusal reads (`apiserver/pkg/endpoints/handlers/responsewriters.Forbidden`).

use super::attributes::Attributes;
use super::fact::{Fact, Refusal, Wanted};
use super::field::quote;
use super::response::Response;
use super::status::Status;

/// The 403 of a request that no authorizer allows.
pub fn refusal(attributes: &Attributes, reason: &str) -> Refusal {
    let info = &attributes.info;
    let status = Status::forbidden(&info.group_resource(), &info.name, why(attributes, reason));
    Refusal::new(status, Fact::MayNot(Wanted::of(info)))
}

/// Who may not do what, and the authorizers' reason.
pub(crate) fn why(attributes: &Attributes, reason: &str) -> String {
    let text = escape_html(&sentence(attributes));
    if reason.is_empty() { text } else { format!("{text}: {reason}") }
}

/// The 500 of a stage that could not do its work (`responsewriters.InternalError`); its whole text is escaped.
pub fn broken(target: &str, why: &str) -> Response {
    let text = escape_html(&format!("Internal Server Error: {}: {why}", quote(target)));
    Response::text(500, format!("{text}\n"))
}

/// `User "x" cannot list resource "pods" in API group "" in the namespace "n"`.
fn sentence(Attributes { user, info }: &Attributes) -> String {
    let (user, verb) = (quote(&user.name), &info.verb);
    if !info.is_resource {
        return format!("User {user} cannot {verb} path {}", quote(&info.path));
    }
    let (resource, group) = (quote(&info.full_resource()), quote(&info.group));
    let place = match info.namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace {}", quote(namespace)),
    };
    format!("User {user} cannot {verb} resource {resource} in API group {group} {place}")
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{RequestInfo, User};

    #[test]
    fn a_refusal_says_who_what_and_where() {
        let at = |method: &str, target: &str| {
            let user = User::new("al<i>ce", &[]);
            let status =
                refusal(&Attributes { user, info: RequestInfo::parse(method, target) }, "why").status;
            format!("{} {}", status.message, status.details)
        };
        for (method, target, want) in [
            (
                "GET",
                "/api/v1/namespaces/a/pods/p/log",
                r#"pods "p" is forbidden: User "al&lt;i&gt;ce" cannot get resource "pods/log" in API group "" in the namespace "a": why {"kind":"pods","name":"p"}"#,
            ),
            (
                "POST",
                "/apis/apps/v1/deployments",
                r#"deployments.apps is forbidden: User "al&lt;i&gt;ce" cannot create resource "deployments" in API group "apps" at the cluster scope: why {"group":"apps","kind":"deployments"}"#,
            ),
            ("GET", "/healthz", r#"forbidden: User "al&lt;i&gt;ce" cannot get path "/healthz": why {}"#),
        ] {
            assert_eq!(at(method, target), want);
        }
    }
}
