//! What turns a plugin's no: a change to the cluster, or to the object, by which most plugins decide.

use super::super::place;
use super::change::Change;
use super::{Opened, Proposal, grant, pod};
use crate::api::quantity::Quantity;
use crate::api::{Dig, Finding, Request, Trace};
use crate::authorize::rbac::PolicyRule;
use crate::cluster::Cluster;
use crate::scenario::report::Asked;
use serde_json::{Value, json};

/// What may be proposed about a refused write.
struct Refused<'a> {
    cluster: &'a Cluster,
    trace: &'a Trace,
    request: &'a Request,
    /// What was sent; null where it was no JSON.
    object: Value,
    /// What the plugin said.
    said: &'a str,
}

impl Refused<'_> {
    /// Another object in the place of the refused one.
    fn instead(&self, title: String, object: Value) -> Proposal {
        let request = Request { body: object.to_string().into_bytes().into(), ..self.request.clone() };
        let namespace = &self.trace.info.namespace;
        let line = format!("kubectl apply -n {namespace} -f - <<< '{object}'");
        Proposal { title, instead: Some((Asked::Request(request), line)), ..Proposal::default() }
    }
}

/// What turns a plugin's no.
type Turn = fn(&Refused<'_>) -> Vec<Proposal>;

/// The plugins that a change to the cluster or to the object can turn.
const PLUGINS: &[(&str, Turn)] = &[
    ("ServiceAccount", service_account),
    ("PodSecurity", pod_security),
    ("ResourceQuota", resource_quota),
    ("CertificateApproval", |refused| signer(refused, "approve")),
    ("CertificateSigning", |refused| signer(refused, "sign")),
];

pub(super) fn propose(
    cluster: &Cluster,
    trace: &Trace,
    request: &Request,
    refused: &Finding,
) -> Vec<Proposal> {
    let object = serde_json::from_slice(&request.body).unwrap_or_default();
    let refusal = Refused { cluster, trace, request, object, said: &refused.text };
    let plugin = PLUGINS.iter().find(|(name, _)| *name == refused.by);
    plugin.map(|(_, propose)| propose(&refusal)).unwrap_or_default()
}

/// The account that the pod names, made in the pod's namespace.
fn service_account(refused: &Refused<'_>) -> Vec<Proposal> {
    let name = match refused.object.text("spec.serviceAccountName") {
        "" => "default",
        name => name,
    };
    let namespace = &refused.trace.info.namespace;
    if refused.cluster.store().objects().get("serviceaccounts", namespace, name).is_some() {
        return Vec::new();
    }
    let account = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace},
    });
    vec![Proposal {
        title: format!("the account {name} in namespace {namespace}, where the pod is"),
        changes: vec![Change::Create(account)],
        ..Proposal::default()
    }]
}

/// The namespace enforces a lower level; the lowest change first.
fn pod_security(refused: &Refused<'_>) -> Vec<Proposal> {
    const LABEL: &str = "pod-security.kubernetes.io/enforce";
    let namespace = &refused.trace.info.namespace;
    let Some(object) = refused.cluster.store().objects().get("namespaces", "", namespace) else {
        return Vec::new();
    };
    let lower = |level: &str| {
        let mut object = (**object).clone();
        object["apiVersion"] = json!("v1");
        object["kind"] = json!("Namespace");
        Proposal {
            title: format!("namespace {namespace} enforces no more than {level}"),
            changes: vec![Change::Merge {
                object,
                patch: json!({"metadata": {"labels": {LABEL: level}}}),
                line: format!("kubectl label namespace {namespace} {LABEL}={level} --overwrite"),
            }],
            opens: vec![Opened {
                who: "whoever may create pods there".to_owned(),
                place: place(namespace),
                rules: vec![format!("pods up to the {level} level")],
            }],
            caution: Some("better: a pod that keeps to the level".to_owned()),
            ..Proposal::default()
        }
    };
    let enforced = object.label(LABEL).unwrap_or("restricted");
    let mut proposals = vec![refused.instead(
        format!("the same pod, as {enforced} asks for it"),
        pod::hardened(&refused.object, enforced),
    )];
    match enforced {
        "restricted" => proposals.extend([lower("baseline"), lower("privileged")]),
        _ => proposals.push(lower("privileged")),
    }
    proposals
}

/// The quota is raised to what is used and asked for.
fn resource_quota(refused: &Refused<'_>) -> Vec<Proposal> {
    let Some((_, rest)) = refused.said.split_once("exceeded quota: ") else { return must_specify(refused) };
    let Some((name, rest)) = rest.split_once(", requested: ") else { return Vec::new() };
    let Some((requested, rest)) = rest.split_once(", used: ") else { return Vec::new() };
    let used = rest.split_once(", limited: ").map_or(rest, |(used, _)| used);
    let namespace = &refused.trace.info.namespace;
    let Some(object) = refused.cluster.store().objects().get("resourcequotas", namespace, name) else {
        return Vec::new();
    };
    let amount = |list: &str, resource: &str| {
        let (_, amount) =
            list.split(',').filter_map(|pair| pair.split_once('=')).find(|(r, _)| *r == resource)?;
        amount.parse::<Quantity>().ok()
    };
    let mut hard = serde_json::Map::new();
    for (resource, _) in requested.split(',').filter_map(|pair| pair.split_once('=')) {
        let (Some(mut sum), Some(used)) = (amount(requested, resource), amount(used, resource)) else {
            return Vec::new();
        };
        sum.add(&used);
        hard.insert(resource.to_owned(), json!(sum.to_string()));
    }
    let told: Vec<String> = hard
        .iter()
        .map(|(resource, amount)| format!("{resource} up to {}", amount.as_str().unwrap_or_default()))
        .collect();
    let patch = json!({"spec": {"hard": hard}});
    let mut object = (**object).clone();
    object["apiVersion"] = json!("v1");
    object["kind"] = json!("ResourceQuota");
    vec![Proposal {
        title: format!("quota {name} with room for this"),
        changes: vec![Change::Merge {
            line: format!("kubectl patch resourcequota {name} -n {namespace} --type=merge -p '{patch}'"),
            object,
            patch,
        }],
        opens: vec![Opened {
            who: "whoever may create objects there".to_owned(),
            place: place(namespace),
            rules: told,
        }],
        caution: Some("or free something that counts".to_owned()),
        ..Proposal::default()
    }]
}

/// A quota of compute resources wants every container to say what it takes.
fn must_specify(refused: &Refused<'_>) -> Vec<Proposal> {
    let Some((_, list)) = refused.said.split_once(": must specify ") else { return Vec::new() };
    // Later releases name the containers, too: `must specify limits.cpu for: c; requests.cpu for: c`.
    let named = list.split([',', ';']).map(|part| part.split(" for: ").next().unwrap_or_default().trim());
    let resources: Vec<&str> = named.collect();
    let title = "the same pod, which says how much it takes".to_owned();
    vec![refused.instead(title, pod::with_resources(&refused.object, &resources))]
}

/// The right to approve or sign for just this signer.
fn signer(refused: &Refused<'_>, verb: &str) -> Vec<Proposal> {
    let Some(user) = &refused.trace.user else { return Vec::new() };
    let name = &refused.trace.info.name;
    let request =
        refused.cluster.store().objects().get("certificatesigningrequests.certificates.k8s.io", "", name);
    let Some(signer) = request.map(|request| request.text("spec.signerName")) else { return Vec::new() };
    let rule = PolicyRule {
        verbs: vec![verb.to_owned()],
        api_groups: vec!["certificates.k8s.io".to_owned()],
        resources: vec!["signers".to_owned()],
        resource_names: vec![signer.to_owned()],
        ..PolicyRule::default()
    };
    vec![Proposal {
        title: format!("the verb {verb} on this signer"),
        changes: grant::role_and_binding(
            refused.cluster,
            user,
            "",
            &format!("{verb}-{}", grant::plain(signer)),
            &[rule],
        ),
        ..Proposal::default()
    }]
}

/// Why no change to the cluster is proposed.
pub(super) fn why_none(refused: &Finding) -> String {
    format!(
        "{} decides by what is asked for, not by who asks: no right turns it; the request must change, or the policy",
        refused.by
    )
}
