//! Certificate requests: kubelets' are approved, approved ones signed, old ones deleted (`pkg/controller/certificates`).

use super::calls::condition;
use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::{Dig, Request, Response, time};
use crate::certificates::{SigningRequest, Terms};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};

const RESOURCE: &str = "certificatesigningrequests.certificates.k8s.io";
const PLURAL: &str = "certificatesigningrequests";

/// The approver of kubelets' requests.
pub(super) const APPROVING: Controller = Controller::new(
    "certificatesigningrequest-approving-controller",
    ActsAs::Account("certificate-controller"),
    wakes,
    approve,
);

/// The signer of approved requests.
pub(super) const SIGNING: Controller = Controller::new(
    "certificatesigningrequest-signing-controller",
    ActsAs::Account("certificate-controller"),
    wakes,
    sign,
);

/// What deletes requests that nobody needs any more.
pub(super) const CLEANER: Controller = Controller::new(
    "certificatesigningrequest-cleaner-controller",
    ActsAs::Account("certificate-controller"),
    wakes,
    clean,
);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &event.new) {
        (RESOURCE, Some(_)) => vec![event.key.clone()],
        _ => Vec::new(),
    }
}

fn parsed(request: &Value) -> Option<SigningRequest> {
    let bytes = STANDARD.decode(request.text("spec.request")).ok()?;
    SigningRequest::from_pem(&String::from_utf8(bytes).ok()?).ok()
}

fn usages(request: &Value) -> Vec<&str> {
    request.list("spec.usages").iter().filter_map(Value::as_str).collect()
}

/// Asks whether whoever wants a kubelet's client certificate may have it approved.
fn approve(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(request) = cx.cache.of(key) else { return plan };
    let decided = ["Approved", "Denied", "Failed"].iter().any(|kind| condition(request, kind).is_some());
    let of_kubelet = request.text("spec.signerName") == "kubernetes.io/kube-apiserver-client-kubelet"
        && parsed(request).is_some_and(|parsed| kubelet_client(&parsed, &usages(request)).is_ok());
    if decided || !of_kubelet {
        return plan;
    }
    if request.text("spec.username")
        == parsed(request).map(|parsed| parsed.subject().common_name).unwrap_or_default()
    {
        plan.call_then(review(request, "selfnodeclient"), |cx, key, response| match allowed(response) {
            true => approved(
                &cx,
                key,
                "Auto approving self kubelet client certificate after SubjectAccessReview.",
            ),
            false => cx.cache.of(key).map(|request| ask_for_any(request)).unwrap_or_default(),
        });
        return plan;
    }
    ask_for_any(request)
}

fn ask_for_any(request: &Value) -> Plan {
    let mut plan = Plan::default();
    plan.call_then(review(request, "nodeclient"), |cx, key, response| match allowed(response) {
        true => approved(&cx, key, "Auto approving kubelet client certificate after SubjectAccessReview."),
        false => Plan::default(),
    });
    plan
}

fn allowed(response: &Response) -> bool {
    response.object().flag("status.allowed")
}

fn review(request: &Value, subresource: &str) -> Request {
    let asked = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {
            "user": request.text("spec.username"), "uid": request.text("spec.uid"),
            "groups": request.list("spec.groups"), "extra": request.at("spec.extra"),
            "resourceAttributes": {
                "group": "certificates.k8s.io", "resource": PLURAL, "subresource": subresource, "verb": "create",
                "version": "*",
            },
        },
    });
    Request::new("POST", calls::path("authorization.k8s.io/v1", "subjectaccessreviews", "")).json(&asked)
}

fn approved(cx: &Cx<'_>, key: &Key, message: &str) -> Plan {
    let Some(request) = cx.cache.of(key) else { return Plan::default() };
    let approved = with_condition(cx, request, "Approved", "AutoApproved", message);
    calls::update(PLURAL, "/approval", &approved).into()
}

fn with_condition(cx: &Cx<'_>, request: &Value, kind: &str, reason: &str, message: &str) -> Value {
    let now = time(cx.now);
    let condition = json!({
        "type": kind, "status": "True", "reason": reason, "message": message,
        "lastUpdateTime": now, "lastTransitionTime": now,
    });
    let mut changed = request.clone();
    changed.push("status.conditions", condition);
    changed
}

/// Signs an approved request, or says why its signer cannot.
fn sign(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(request) = cx.cache.of(key) else { return plan };
    let open = condition(request, "Approved").is_some()
        && ["Denied", "Failed"].iter().all(|kind| condition(request, kind).is_none())
        && request.text("status.certificate").is_empty();
    let Some(parsed) = parsed(request).filter(|_| open) else { return plan };
    let usages = usages(request);
    let valid = match request.text("spec.signerName") {
        "kubernetes.io/kube-apiserver-client" => api_client(&usages),
        "kubernetes.io/kube-apiserver-client-kubelet" => kubelet_client(&parsed, &usages),
        "kubernetes.io/kubelet-serving" => kubelet_serving(&parsed, &usages),
        "kubernetes.io/legacy-unknown" => Ok(()),
        _ => return plan,
    };
    if let Err(why) = valid {
        let failed = with_condition(&cx, request, "Failed", "SignerValidationFailure", &why);
        return calls::update(PLURAL, "/status", &failed).into();
    }
    let mut serial = [0; 16];
    serial.copy_from_slice(&cx.random.bytes()[..16]);
    let serial = u128::from_be_bytes(serial) >> 1;
    let terms =
        Terms::of_request(serial, cx.now, request.at("spec.expirationSeconds").as_i64(), SIGNED_SECONDS);
    if let Ok(certificate) = cx.authority.sign(&parsed, &usages, &terms) {
        let mut signed = (**request).clone();
        signed.set("status.certificate", STANDARD.encode(certificate.pem()));
        plan.call(calls::update(PLURAL, "/status", &signed));
    }
    plan
}

/// `--cluster-signing-duration`: a year.
const SIGNED_SECONDS: i64 = 365 * 24 * 3600;

fn api_client(usages: &[&str]) -> Result<(), String> {
    let optional = ["digital signature", "key encipherment"];
    if let Some(usage) = usages.iter().find(|usage| **usage != "client auth" && !optional.contains(usage)) {
        return Err(format!("invalid usage for client certificate: {usage}"));
    }
    match usages.contains(&"client auth") {
        true => Ok(()),
        false => Err("missing required usage for client certificate: client auth".to_owned()),
    }
}

/// Exactly the usages of kubelets; key encipherment may be left out (it makes no sense for EC keys).
fn kubelet_usages(usages: &[&str], auth: &str) -> Result<(), String> {
    let mut given: Vec<&str> = usages.to_vec();
    given.sort_unstable();
    let mut wanted = [auth, "digital signature", "key encipherment"];
    wanted.sort_unstable();
    let without: Vec<&str> = wanted.into_iter().filter(|usage| *usage != "key encipherment").collect();
    match given == wanted || given == without {
        true => Ok(()),
        false => Err(format!("usages did not match [{}]", wanted.join(" "))),
    }
}

fn of_node(parsed: &SigningRequest) -> Result<(), String> {
    let subject = parsed.subject();
    if subject.organizations != ["system:nodes"] {
        return Err("subject organization is not system:nodes".to_owned());
    }
    match subject.common_name.starts_with("system:node:") {
        true => Ok(()),
        false => Err("subject common name does not begin with system:node: ".to_owned()),
    }
}

/// Names of a kind that must not be asked for.
fn without(names: &[(&str, bool)]) -> Result<(), String> {
    match names.iter().find(|(_, given)| *given) {
        Some((what, _)) => Err(format!("{what} subjectAltNames are not allowed")),
        None => Ok(()),
    }
}

fn kubelet_client(parsed: &SigningRequest, usages: &[&str]) -> Result<(), String> {
    of_node(parsed)?;
    let names = parsed.alt_names();
    without(&[
        ("DNS", !names.dns.is_empty()),
        ("Email", !names.emails.is_empty()),
        ("IP", !names.ips.is_empty()),
        ("URI", !names.uris.is_empty()),
    ])?;
    kubelet_usages(usages, "client auth")
}

fn kubelet_serving(parsed: &SigningRequest, usages: &[&str]) -> Result<(), String> {
    of_node(parsed)?;
    let names = parsed.alt_names();
    if names.dns.is_empty() && names.ips.is_empty() {
        return Err("DNS or IP subjectAltName is required".to_owned());
    }
    without(&[("Email", !names.emails.is_empty()), ("URI", !names.uris.is_empty())])?;
    kubelet_usages(usages, "server auth")
}

/// Deletes what was signed, denied or failed an hour ago, and what nobody decided on within a day.
fn clean(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(request) = cx.cache.of(key) else { return plan };
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let last = |kind: &str| condition(request, kind).and_then(|c| time(c.text("lastUpdateTime")));
    let hours = SignedDuration::from_hours;
    let decided = ["Denied", "Failed"].into_iter().find_map(last);
    let signed = last("Approved").filter(|_| !request.text("status.certificate").is_empty());
    let due = match (decided.or(signed), last("Approved")) {
        (Some(at), _) | (None, Some(at)) => Some(at + hours(1)),
        (None, None) => time(request.text("metadata.creationTimestamp")).map(|at| at + hours(24)),
    };
    match due {
        Some(due) if cx.now < due => plan.look_again_before(due.duration_since(cx.now)),
        Some(_) => plan.call(calls::delete(PLURAL, request)),
        None => {}
    }
    plan
}
