//! What turns a plugin's no: a change to the cluster, or to the object, by which most plugins decide.

use super::super::place;
use super::change::{Change, word};
use super::{Opened, Proposal, grant, pod};
use crate::api::fact::{Amount, Quota, Unspecified, Wanted};
use crate::api::quantity::Quantity;
use crate::api::{Fact, Finding, Request, Trace};
use crate::cluster::{Cluster, Question};
use crate::json::{Value, json};

/// What may be proposed about a refused write.
struct Refused<'a> {
    cluster: &'a Cluster,
    trace: &'a Trace,
    request: &'a Request,
    /// What was sent; null where it was no JSON.
    object: Value,
}

impl Refused<'_> {
    /// Another object in the place of the refused one.
    fn instead(&self, title: String, object: Value) -> Proposal {
        let request = Request { body: object.clone().into(), ..self.request.clone() };
        let namespace = &self.trace.info.namespace;
        let line = format!("kubectl apply -n {} -f - <<< {}", word(namespace), word(&object.to_string()));
        Proposal { title, instead: Some((Question::Request(request), line)), ..Proposal::default() }
    }

    /// An object of the namespace as it is stored, as one writes it.
    fn stored(&self, resource: &str, namespace: &str, name: &str, kind: &str) -> Option<Value> {
        let mut object = (**self.cluster.store().objects().get(resource, namespace, name)?).clone();
        object["apiVersion"] = json!("v1");
        object["kind"] = json!(kind);
        Some(object)
    }
}

/// What turns a plugin's no, by the fact behind it.
pub(super) fn propose(cluster: &Cluster, trace: &Trace, request: &Request, fact: &Fact) -> Vec<Proposal> {
    let object = serde_json::from_slice(&request.body).unwrap_or_default();
    let refused = Refused { cluster, trace, request, object };
    match fact {
        Fact::Absent { kind, namespace, name, .. } if kind == "ServiceAccount" => {
            vec![service_account(namespace, name)]
        }
        Fact::Namespace { namespace, phase: None, .. } => vec![a_namespace(namespace)],
        Fact::PodSecurity { namespace, level, .. } => pod_security(&refused, namespace, level),
        Fact::Quota(quota) => resource_quota(&refused, quota).into_iter().collect(),
        Fact::MustSpecify { missing, .. } => vec![must_specify(&refused, missing)],
        Fact::MayNot(wanted) => may(&refused, wanted).into_iter().collect(),
        Fact::NoCredential
        | Fact::BadCredential
        | Fact::JwtRefused { .. }
        | Fact::Superuser
        | Fact::Recognised { .. }
        | Fact::SaidOutside(_)
        | Fact::Granted(_)
        | Fact::NotForgottenYet(_)
        | Fact::NotKnownYet(_)
        | Fact::NothingGrants(_)
        | Fact::NodeEdge(_)
        | Fact::PolicyLine { .. }
        | Fact::NoPolicyLine { .. }
        | Fact::AllowsAll
        | Fact::AllowsNothing
        | Fact::NotHeld { .. }
        | Fact::RoleMissing(_)
        | Fact::Namespace { phase: Some(_), .. }
        | Fact::Absent { .. }
        | Fact::Limit { .. }
        | Fact::Policy { .. }
        | Fact::Webhook { .. }
        | Fact::RateLimit
        | Fact::Object
        | Fact::NotFound { .. }
        | Fact::AlreadyExists { .. }
        | Fact::Conflict
        | Fact::Invalid { .. }
        | Fact::Unreadable
        | Fact::Broken => Vec::new(),
    }
}

/// The account that the pod names, made in the pod's namespace.
fn service_account(namespace: &str, name: &str) -> Proposal {
    let account = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace},
    });
    Proposal {
        title: format!("the account {name} in namespace {namespace}, where the pod is"),
        changes: vec![Change::Create(account)],
        ..Proposal::default()
    }
}

/// The namespace that is not there.
fn a_namespace(name: &str) -> Proposal {
    Proposal {
        title: format!("the namespace {name}"),
        changes: vec![grant::namespace(name)],
        ..Proposal::default()
    }
}

/// The namespace enforces a lower level; the lowest change first.
fn pod_security(refused: &Refused<'_>, namespace: &str, enforced: &str) -> Vec<Proposal> {
    const LABEL: &str = "pod-security.kubernetes.io/enforce";
    let lower = |level: &str| {
        let object = refused.stored("namespaces", "", namespace, "Namespace")?;
        Some(Proposal {
            title: format!("namespace {namespace} enforces no more than {level}"),
            changes: vec![Change::Merge {
                object,
                patch: json!({"metadata": {"labels": {LABEL: level}}}),
                line: format!("kubectl label namespace {} {LABEL}={level} --overwrite", word(namespace)),
            }],
            opens: vec![Opened {
                who: "whoever may create pods there".to_owned(),
                place: place(namespace),
                rules: vec![format!("pods up to the {level} level")],
                granted: None,
            }],
            caution: Some("better: a pod that keeps to the level".to_owned()),
            ..Proposal::default()
        })
    };
    let hardened = refused.instead(
        format!("the same pod, as {enforced} asks for it"),
        pod::hardened(&refused.object, enforced),
    );
    let baseline = (enforced == "restricted").then(|| lower("baseline")).flatten();
    [Some(hardened), baseline, lower("privileged")].into_iter().flatten().collect()
}

/// The quota is raised to what is used and asked for.
fn resource_quota(refused: &Refused<'_>, Quota { quota, exceeded, .. }: &Quota) -> Option<Proposal> {
    let namespace = &refused.trace.info.namespace;
    let object = refused.stored("resourcequotas", namespace, quota, "ResourceQuota")?;
    let mut hard = crate::json::Map::new();
    let mut told = Vec::new();
    for Amount { resource, requested, used, .. } in exceeded {
        let mut sum: Quantity = requested.parse().ok()?;
        sum.add(&used.parse().ok()?);
        told.push(format!("{resource} up to {sum}"));
        hard.insert(resource.clone(), json!(sum.to_string()));
    }
    let patch = json!({"spec": {"hard": hard}});
    Some(Proposal {
        title: format!("quota {quota} with room for this"),
        changes: vec![Change::Merge {
            line: format!(
                "kubectl patch resourcequota {} -n {} --type=merge -p {}",
                word(quota),
                word(namespace),
                word(&patch.to_string())
            ),
            object,
            patch,
        }],
        opens: vec![Opened {
            who: "whoever may create objects there".to_owned(),
            place: place(namespace),
            rules: told,
            granted: None,
        }],
        caution: Some("or free something that counts".to_owned()),
        ..Proposal::default()
    })
}

/// A quota of compute resources wants every container to say what it takes.
fn must_specify(refused: &Refused<'_>, missing: &[Unspecified]) -> Proposal {
    let resources: Vec<&str> = missing.iter().map(|missing| missing.resource.as_str()).collect();
    let title = "the same pod, which says how much it takes".to_owned();
    refused.instead(title, pod::with_resources(&refused.object, &resources))
}

/// The right that is needed besides.
fn may(refused: &Refused<'_>, wanted: &Wanted) -> Option<Proposal> {
    let user = refused.trace.user.as_ref()?;
    let rule = super::authorization::exact(&wanted.info());
    let what = if wanted.name.is_empty() { &wanted.resource } else { &wanted.name };
    let name = format!("{}-{}", wanted.verb, grant::plain(what));
    Some(Proposal {
        title: format!("the verb {} on {}", wanted.verb, wanted.info().full_resource()),
        changes: grant::role_and_binding(refused.cluster, user, &wanted.namespace, &name, &[rule]),
        ..Proposal::default()
    })
}

/// Why no change to the cluster is proposed.
pub(super) fn why_none(refused: &Finding) -> String {
    let gone = refused.facts.iter().find_map(|fact| match fact {
        Fact::Namespace { namespace, .. } => Some(namespace),
        _ => None,
    });
    match gone {
        Some(namespace) => format!("namespace {namespace} takes no new objects, whoever makes them"),
        None => format!(
            "{} decides by what is asked for, not by who asks: no right turns it; the request must change, or the policy",
            refused.by
        ),
    }
}
