//! Refusals as the API server writes them (`responsewriters.Forbidden`), read back: pasted from a terminal or a log.

use super::{Question, pasted};
use crate::api::rbac::{METHODS, VERBS};
use crate::api::{RequestInfo, User};

/// What a 403 says.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// No authorizer allowed it. Of the user's groups only those are known that the name tells.
    Access(Box<Question>),
    /// They might have done it, but something else refused it.
    Otherwise {
        /// What.
        by: &'static str,
        /// What to look at.
        ask: &'static str,
    },
}

/// By what a refusal that is none of the authorizers' is known, who it was, and what to look at; the first that fits.
const OTHERS: [(&str, &str, &str); 37] = [
    // Whoever writes their own messages may use the words of all others.
    ("admission webhook \"", "a webhook", "see the configuration that it names"),
    ("ValidatingAdmissionPolicy '", "ValidatingAdmissionPolicy", "see the policy that it names"),
    ("' denied request: ", "MutatingAdmissionPolicy", "see the policy that it names"),
    (
        "unable to validate against any security context constraint",
        "OpenShift's security context constraints",
        "see `oc get scc`",
    ),
    ("violates PodSecurity", "Pod Security", "see the namespace's label pod-security.kubernetes.io/enforce"),
    ("exceeded quota", "ResourceQuota", "see `kubectl describe quota`"),
    ("failed quota", "ResourceQuota", "see `kubectl describe quota`"),
    ("insufficient quota", "ResourceQuota", "see `kubectl describe quota`"),
    (
        "attempting to grant RBAC permissions not currently held",
        "the check of escalation",
        "ask for what the role gives, or for `escalate` or `bind`",
    ),
    (
        "must have cluster-admin privileges",
        "the check of escalation",
        "an aggregation rule may gather everything",
    ),
    ("because it is being terminated", "NamespaceLifecycle", "the namespace is on its way out"),
    ("this namespace may not be deleted", "NamespaceLifecycle", "it is one of the server's own"),
    ("usage per ", "LimitRanger", "see `kubectl describe limits`"),
    ("per Container is", "LimitRanger", "see `kubectl describe limits`"),
    ("per Pod is", "LimitRanger", "see `kubectl describe limits`"),
    ("system:node:", "NodeRestriction", KUBELETS),
    ("is not allowed to modify", "NodeRestriction", KUBELETS),
    ("node \"", "NodeRestriction", KUBELETS),
    ("node requested token", "NodeRestriction", KUBELETS),
    ("node may only request", "NodeRestriction", KUBELETS),
    ("with spec.nodeName set to itself", "NodeRestriction", KUBELETS),
    (" UID mismatch: ", "NodeRestriction", KUBELETS),
    ("can only access", "NodeRestriction", KUBELETS),
    ("mirror pod", "NodeRestriction", KUBELETS),
    ("service account", "ServiceAccount", "see the pod's account, and what it may mount"),
    ("secret.secretName=", "ServiceAccount", "the account lets its pods mount only some secrets"),
    ("priority", "Priority", "see `kubectl get priorityclasses`"),
    ("PreemptionPolicy", "Priority", "see `kubectl get priorityclasses`"),
    ("RuntimeClass", "RuntimeClass", "see `kubectl get runtimeclasses`"),
    ("ownerRef", "OwnerReferencesPermissionEnforcement", "whoever sets an owner must be able to delete it"),
    (
        "blockOwnerDeletion",
        "OwnerReferencesPermissionEnforcement",
        "whoever blocks an owner's deletion must be able to change its finalizers",
    ),
    ("external IPs", "DenyServiceExternalIPs", "with that plugin no service has any"),
    ("SecurityContext.", "SecurityContextDeny", "that plugin lets no pod set those fields"),
    (
        "has TopologyKey",
        "LimitPodHardAntiAffinityTopology",
        "required anti-affinity may only be by host name",
    ),
    (
        "namespace node label selector",
        "PodNodeSelector",
        "see the namespace's annotation scheduler.alpha.kubernetes.io/node-selector",
    ),
    ("enough allocatable resources", "PodResizeValidator", "the node has no room for what was asked"),
    ("certificate", "the signers' plugins", "ask for `approve`, `sign` or `attest` of the signer"),
];

const KUBELETS: &str = "a kubelet may only touch its own node, and what runs there";

/// What stands between a resource and whoever may not.
const FORBIDDEN: &str = "forbidden: User ";

/// How a kubelet's refusal begins.
const KUBELETS_OWN: &str = "Forbidden (user=";

/// What every other refusal has one of.
const MARKS: [&str; 3] = [" is forbidden: ", "' denied request: ", " denied the request"];

/// Reads a refusal; none of a text that is none. Where its line was broken a word may have been, too.
pub fn refused(text: &str) -> Option<Refused> {
    refusals(text).into_iter().next()
}

/// All refusals of a text, each once.
pub fn refusals(text: &str) -> Vec<Refused> {
    let read = pasted::readings(text).into_iter().map(|text| of_line(&text)).filter(|all| !all.is_empty());
    let mut all = read.min_by_key(|all| all.iter().map(doubt).sum::<usize>()).unwrap_or_default();
    let mut seen: Vec<Refused> = Vec::new();
    all.retain(|refused| {
        let is_new = !seen.contains(refused);
        seen.push(refused.clone());
        is_new
    });
    all
}

/// How much speaks against a reading: a question with a broken word, a plugin by a mark that others may use, too.
fn doubt(read: &Refused) -> usize {
    match read {
        Refused::Access(question) if is_whole(question) => 0,
        Refused::Access(_) => 1,
        Refused::Otherwise { by, .. } => {
            2 + OTHERS.iter().position(|(_, other, _)| other == by).unwrap_or(OTHERS.len())
        }
    }
}

/// Whether nothing of a question was broken at the end of a line.
fn is_whole(question: &Question) -> bool {
    let Question { user, info } = question;
    let RequestInfo { group, resource, subresource, name, namespace, path, .. } = info;
    let user = user.iter().map(|user| &user.name);
    let parts = [group, resource, subresource, name, namespace, path];
    let verbs: &[&str] = if info.is_resource { &VERBS } else { &METHODS };
    !parts.into_iter().chain(user).any(|part| part.contains(char::is_whitespace))
        && (verbs.contains(&info.verb.as_str()) || info.verb.contains(':'))
}

fn of_line(text: &str) -> Vec<Refused> {
    if text.contains(FORBIDDEN) {
        let parts = text.match_indices(FORBIDDEN).map(|(at, mark)| (&text[..at], &text[at + mark.len()..]));
        return parts.filter_map(|(head, told)| access(head.trim_end(), told.trim_start())).collect();
    }
    let of_kubelets: Vec<Refused> = text.split(KUBELETS_OWN).skip(1).flat_map(by_kubelet).collect();
    if !of_kubelets.is_empty() {
        return of_kubelets;
    }
    if MARKS.iter().any(|mark| text.contains(mark)) {
        let known = OTHERS.iter().find(|(mark, ..)| text.contains(mark));
        let (_, by, ask) = known.unwrap_or(&("", "an admission plugin", "see the plugins that are on"));
        return vec![Refused::Otherwise { by, ask }];
    }
    tail(text).into_iter().collect()
}

/// `pods "p" is` before `forbidden: User`, and what stands behind.
fn access(head: &str, told: &str) -> Option<Refused> {
    let head = head.strip_suffix("is").unwrap_or(head).trim_end();
    let (user, rest) = value(told)?;
    let mut info = asked(rest.strip_prefix(" cannot ")?)?;
    if info.is_resource {
        info.name = name(head, &info, told.starts_with('"'))?;
    }
    Some(of(Some(&user), info))
}

/// The name, which stands with the resource: `pods "p" is forbidden`.
fn name(head: &str, info: &RequestInfo, has_quotes: bool) -> Option<String> {
    if head.ends_with('"') {
        let begin = head.trim_end_matches('"').rfind(" \"")?;
        return Some(quoted(&head[begin + 1..])?.0);
    }
    let last = head.rsplit(' ').next().unwrap_or_default();
    let is_name = !has_quotes && last != info.group_resource().to_string();
    Some(if is_name { last.to_owned() } else { String::new() })
}

/// What somebody cannot do: `list resource "pods" in API group "" in the namespace "shop"`; up to 1.11
/// `list deployments.extensions/scale in the namespace "shop"`.
fn asked(text: &str) -> Option<RequestInfo> {
    let (verb, rest) = text.split_once(' ')?;
    let mut info = RequestInfo { verb: verb.to_owned(), ..RequestInfo::default() };
    if let Some(rest) = rest.strip_prefix("path ") {
        info.path = value(rest)?.0;
        return Some(info);
    }
    let (resource, group, rest) = match rest.strip_prefix("resource ") {
        Some(rest) => {
            let (resource, rest) = value(rest)?;
            let (group, rest) = group(rest.strip_prefix(" in API group")?)?;
            (resource, group, rest)
        }
        None => {
            let (word, rest) = rest.split_once(' ')?;
            let (whole, part) =
                word.split_once('/').map_or((word, None), |(whole, part)| (whole, Some(part)));
            let (plain, group) = whole.split_once('.').unwrap_or((whole, ""));
            let slash = part.map(|part| format!("/{part}")).unwrap_or_default();
            (format!("{plain}{slash}"), group.to_owned(), rest)
        }
    };
    let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
    info.is_resource = true;
    info.group = group;
    info.resource = resource.to_owned();
    info.subresource = subresource.to_owned();
    let rest = rest.trim_start();
    match rest.strip_prefix("in the namespace ") {
        Some(rest) => info.namespace = value(rest)?.0,
        None if rest.starts_with("at the cluster scope") => {}
        None => return None,
    }
    Some(info)
}

/// What a kubelet, or a proxy like its own, writes behind `Forbidden (` (`pkg/kubelet/server`):
/// `user=jo, verb=get, resource=nodes, subresource=proxy)`; of several subresources, each would have done.
fn by_kubelet(told: &str) -> Vec<Refused> {
    let field = |from: &str, till: &str| Some(told.split_once(from)?.1.split_once(till)?.0.to_owned());
    let read = || Some((told.split_once(", verb=")?.0, field("verb=", ", ")?, field("resource=", ",")?));
    let Some((user, verb, resource)) = read().filter(|(.., resource)| !resource.is_empty()) else {
        return Vec::new();
    };
    let parts = field("subresource(s)=[", "]").or_else(|| field("subresource=", ")")).unwrap_or_default();
    let one = |part: &str| {
        let (verb, resource, subresource) = (verb.clone(), resource.clone(), part.to_owned());
        of(
            Some(user),
            RequestInfo { is_resource: true, verb, resource, subresource, ..RequestInfo::default() },
        )
    };
    parts.split(' ').map(one).collect()
}

/// What is left of a refusal whose head was cut off, of whom it says: `cannot list resource "pods" in …`, `User "jo" cannot …`.
fn tail(text: &str) -> Option<Refused> {
    let (before, told) = text.split_once("cannot ")?;
    let info = asked(told)?;
    let named = before.rsplit_once("User ").map_or(before, |(_, named)| named).trim();
    let user = value(named).filter(|(_, rest)| rest.is_empty()).map(|(user, _)| user);
    Some(of(user.as_deref(), info))
}

fn of(user: Option<&str>, info: RequestInfo) -> Refused {
    Refused::Access(Box::new(Question { user: user.map(User::named), info }))
}

/// A text in quotes as Go writes them, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut read = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = read.next()?.ok()?;
    Some((value, &text[read.byte_offset()..]))
}

/// The same, or a word that lost its quotes to a shell, with the punctuation of the sentence behind it.
fn value(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let (word, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    let word = word.trim_end_matches([':', ',', '.']);
    (!word.is_empty()).then(|| (word.to_owned(), rest))
}

/// The same of a group, whose empty name may have been lost with its quotes.
fn group(text: &str) -> Option<(String, &str)> {
    let rest = text.trim_start();
    let is_lost =
        ["''", "in the namespace", "at the cluster scope"].iter().any(|next| rest.starts_with(next));
    match is_lost {
        true => Some((String::new(), rest.strip_prefix("''").unwrap_or(rest))),
        false => value(rest),
    }
}
