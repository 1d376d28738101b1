//! `create token`: asks for a bound token of a service account.

use super::super::Ctx;
use super::super::error::{Done, fail};
use crate::api::Dig;
use crate::json::{Value, json};

/// The kinds that a token may be bound to.
const BOUND: &[(&str, &str)] = &[("Node", "v1"), ("Pod", "v1"), ("Secret", "v1")];

/// `kubectl create token ACCOUNT`.
pub(in super::super) fn token(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    if name.is_empty() {
        fail!("service account name is required");
    }
    check(ctx)?;
    let mut request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": {},
        "spec": {"audiences": null, "expirationSeconds": null, "boundObjectRef": null}, "status": {"token": "", "expirationTimestamp": null}});
    if let Some(duration) = ctx.flags.duration("duration").filter(|d| !d.is_zero()) {
        request.set("spec.expirationSeconds", duration.as_secs());
    }
    let audiences: Vec<Value> = ctx.flags.all("audience").iter().cloned().map(Value::from).collect();
    if !audiences.is_empty() {
        request.set("spec.audiences", audiences);
    }
    bind(ctx, &mut request)?;
    let path = format!("/api/v1/namespaces/{}/serviceaccounts/{name}/token", ctx.namespace);
    let answer = ctx.post(&path, &request).map_err(|failure| failure.wrap("failed to create token: "))?;
    if !ctx.output().is_empty() {
        return ctx.print(&answer);
    }
    match answer.text("status.token") {
        "" => fail!("failed to create token: no token in server response"),
        token => {
            // No line's end: only a terminal gets one.
            ctx.out.push_str(token);
            Ok(())
        }
    }
}

/// What the flags must be for a server to be asked.
fn check(ctx: &Ctx<'_>) -> Done {
    if ctx.flags.text("duration").starts_with('-') {
        fail!("--duration must be greater than or equal to 0");
    }
    if ctx.flags.duration("duration").is_some_and(|duration| duration.subsec_nanos() > 0) {
        fail!("--duration cannot be expressed in units less than seconds");
    }
    if ctx.flags.all("audience").iter().any(String::is_empty) {
        fail!("--audience must not be an empty string");
    }
    Ok(())
}

fn bind(ctx: &Ctx<'_>, request: &mut Value) -> Done {
    let (kind, name, uid) = (
        ctx.flags.text("bound-object-kind"),
        ctx.flags.text("bound-object-name"),
        ctx.flags.text("bound-object-uid"),
    );
    if kind.is_empty() {
        return match (name, uid) {
            ("", "") => Ok(()),
            ("", _) => {
                fail!("--bound-object-uid can only be set if --bound-object-kind is provided")
            }
            _ => {
                fail!("--bound-object-name can only be set if --bound-object-kind is provided")
            }
        };
    }
    let Some((kind, version)) = BOUND.iter().find(|(k, _)| *k == kind) else {
        let kinds: Vec<&str> = BOUND.iter().map(|(k, _)| *k).collect();
        fail!("supported --bound-object-kind values are {}", kinds.join(", "));
    };
    if name.is_empty() {
        fail!("--bound-object-name is required if --bound-object-kind is provided");
    }
    let mut reference = json!({"kind": kind, "apiVersion": version, "name": name});
    if !uid.is_empty() {
        reference["uid"] = uid.into();
    }
    request.set("spec.boundObjectRef", reference);
    Ok(())
}
