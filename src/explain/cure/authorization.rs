//! What turns a no of the authorizers: a role and a binding for just the request, or what is nearly there already.

use super::Proposal;
use super::change::{Change, subject_flag, word};
use super::grant;
use crate::api::fact::{Grounds, Hint, NearMiss, NotYet, Thing, Why};
use crate::api::rbac::{Field, GROUP, PolicyRule, RoleRef};
use crate::api::{Attributes, Dig, Fact, Request, RequestInfo, Trace, User, root_path};
use crate::authorize::rbac::{self, near};
use crate::bootstrap;
use crate::cluster::{Cluster, Question};
use crate::json::{Value, json};
use crate::question::written;
use jiff::SignedDuration;

/// How many near misses are looked at.
const NEAREST: usize = 8;

/// What is stored already needs no change, only time.
pub(super) fn wait(NotYet { by, grounds, lag }: &NotYet) -> Proposal {
    let what = grounds.as_ref().map_or_else(|| "what is stored".to_owned(), Grounds::place);
    let time = i64::try_from(lag.learned_in.max(1)).unwrap_or(i64::MAX);
    Proposal {
        title: format!("wait until {by} has seen {what}"),
        changes: vec![Change::Wait(SignedDuration::from_millis(time))],
        ..Proposal::default()
    }
}

/// What turns a no of the authorizers to the request, or to something that is needed besides.
pub(super) fn propose(cluster: &Cluster, trace: &Trace, question: &Question) -> Vec<Proposal> {
    let Some(user) = &trace.user else { return Vec::new() };
    let config = cluster.config();
    if !config.has_authorizer("RBAC") {
        // What a file configures is not changed by a flag.
        let by_flag = config.authorization_config.is_none();
        return by_flag.then(|| with_rbac(&config.authorization_modes)).into_iter().collect();
    }
    let besides =
        trace.refusal().into_iter().flat_map(|refused| &refused.facts).find_map(|fact| match fact {
            Fact::MayNot(wanted) => Some(wanted.info()),
            _ => None,
        });
    let info = besides.as_ref().unwrap_or(&trace.info);
    if let Some(slip) = slip(trace) {
        return meant(user, info, slip, question).into_iter().collect();
    }
    let mut proposals = vec![just_this(cluster, user, info)];
    proposals.extend(existing_role(cluster, user, info));
    let attributes = Attributes { user: user.clone(), info: info.clone() };
    let mut places = Vec::new();
    for miss in near::one_step_away(cluster.knowledge().rbac(), &attributes, NEAREST) {
        match miss.why.as_slice() {
            [Why::Namespace] => places.push(miss.grounds.namespace),
            _ => proposals.extend(repair(cluster, user, info, &miss)),
        }
    }
    proposals.extend(elsewhere(info, question, &places));
    for proposal in &mut proposals {
        proposal.caution = proposal.caution.take().or_else(|| caution(user, info));
    }
    proposals
}

/// What looks like a slip of the pen in the question: rights for what is not there are no cure.
pub(super) fn slip(trace: &Trace) -> Option<&Hint> {
    let hints = trace.refusal()?.facts.iter().flat_map(|fact| match fact {
        Fact::NothingGrants(nothing) => nothing.hints.as_slice(),
        _ => &[],
    });
    hints.into_iter().find(|hint| {
        matches!(
            hint,
            Hint::LooksLikeAccount { .. } | Hint::Unknown { what: Thing::Verb | Thing::Resource, .. }
        )
    })
}

/// The question as it was meant, where that is known.
fn meant(user: &User, info: &RequestInfo, slip: &Hint, question: &Question) -> Option<Proposal> {
    let Question::Access(_) = question else { return None };
    let (user, info, title) = match slip {
        Hint::LooksLikeAccount { meant } => {
            (User::named(meant).authenticated(), info.clone(), format!("ask for {meant}"))
        }
        Hint::Unknown { what: Thing::Verb, nearest: Some(verb), .. } => (
            user.clone(),
            RequestInfo { verb: verb.clone(), ..info.clone() },
            format!("ask for the verb {verb}"),
        ),
        Hint::Unknown { .. }
        | Hint::NothingIn { .. }
        | Hint::InNoBinding { .. }
        | Hint::LooksLikeGroup { .. }
        | Hint::NotEverybody { .. }
        | Hint::OrItsDomain { .. } => return None,
    };
    let line = written(&info, Some(&user));
    let instead = Some((Question::Access(Attributes { user, info }), line));
    Some(Proposal { title, instead, ..Proposal::default() })
}

fn with_rbac(modes: &[String]) -> Proposal {
    let value = modes.iter().map(String::as_str).filter(|mode| *mode != "AlwaysDeny").chain(["RBAC"]);
    Proposal {
        title: "let RBAC decide, too, and grant just this".to_owned(),
        changes: vec![Change::Flag {
            name: "authorization-mode",
            value: value.collect::<Vec<_>>().join(","),
        }],
        ..Proposal::default()
    }
}

/// The rule that allows a request and nothing else.
pub(super) fn exact(info: &RequestInfo) -> PolicyRule {
    let one = |word: &str| vec![word.to_owned()];
    if !info.is_resource {
        return PolicyRule {
            verbs: one(&info.verb),
            non_resource_urls: one(&info.path),
            ..PolicyRule::default()
        };
    }
    PolicyRule {
        verbs: one(&info.verb),
        api_groups: one(&info.group),
        resources: one(&info.full_resource()),
        resource_names: if info.name.is_empty() { Vec::new() } else { one(&info.name) },
        ..PolicyRule::default()
    }
}

/// Lets somebody do just this, as the cure of that name would.
pub(crate) fn allow(cluster: &mut Cluster, user: &User, info: &RequestInfo) {
    for change in just_this(cluster, user, info).changes {
        // What the server does not take stays refused.
        let _ = change.carry_out(cluster);
    }
    cluster.catch_up();
}

fn just_this(cluster: &Cluster, user: &User, info: &RequestInfo) -> Proposal {
    let what = if info.is_resource { info.full_resource() } else { info.path.clone() };
    let name = format!("{}-{}", info.verb, grant::plain(&what));
    let kinds = if info.namespace.is_empty() { "cluster role" } else { "role" };
    Proposal {
        title: format!("a {kinds} and a binding for just this"),
        changes: grant::role_and_binding(cluster, user, &info.namespace, &name, &[exact(info)]),
        ..Proposal::default()
    }
}

/// The role that holds least among those that are meant to be bound and allow the request.
fn existing_role(cluster: &Cluster, user: &User, info: &RequestInfo) -> Option<Proposal> {
    let objects = cluster.knowledge().view().objects();
    let here = objects.list("roles.rbac.authorization.k8s.io", &info.namespace).map(|role| ("Role", role));
    let whole = objects.all("clusterroles.rbac.authorization.k8s.io").map(|role| ("ClusterRole", role));
    let local = here.filter(|_| !info.namespace.is_empty());
    let fitting = local.chain(whole).filter(|(_, role)| {
        let name = role.name();
        !name.starts_with("system:")
            && name != "cluster-admin"
            && PolicyRule::list(role).iter().any(|rule| rule.allows(info))
    });
    let size = |role: &Value| -> usize {
        let count =
            |rule: &PolicyRule| rule.verbs.len() * (rule.resources.len() + rule.non_resource_urls.len());
        PolicyRule::list(role).iter().map(count).sum()
    };
    let (kind, role) = fitting.min_by_key(|(_, role)| size(role))?;
    Some(Proposal {
        title: format!("bind the {kind} {}, which is there", role.name()),
        changes: grant::within(
            cluster,
            &info.namespace,
            [grant::binding(cluster, user, &info.namespace, kind, role.name())],
        ),
        ..Proposal::default()
    })
}

/// What is wrong with a binding that nearly allows a request, put right.
fn repair(cluster: &Cluster, user: &User, info: &RequestInfo, miss: &NearMiss) -> Option<Proposal> {
    let Grounds { role, binding, namespace, .. } = &miss.grounds;
    match miss.why.as_slice() {
        [Why::RoleMissing] => Some(Proposal {
            title: format!("make the {} {} that {binding} refers to", role.kind, role.name),
            changes: vec![grant::role(
                &role.kind,
                role_namespace(role, namespace),
                &role.name,
                &[exact(info)],
            )],
            ..Proposal::default()
        }),
        [Why::Subject { .. }] => join(cluster, user, &miss.grounds),
        [Why::Rule { field }] if *field != Field::NonResourceUrls => widen(cluster, info, &miss.grounds),
        _ => None,
    }
}

fn role_namespace<'a>(role: &RoleRef, binding: &'a str) -> &'a str {
    if role.kind == "Role" { binding } else { "" }
}

fn find(cluster: &Cluster, kind: &str, namespace: &str, name: &str) -> Option<Value> {
    let object = grant::stored(cluster, kind, namespace, name)?;
    (!bootstrap::is_default(object)).then(|| {
        let mut object = (**object).clone();
        object["apiVersion"] = json!(format!("{GROUP}/v1"));
        object["kind"] = json!(kind);
        object
    })
}

/// One more subject in a binding whose role fits.
fn join(cluster: &Cluster, user: &User, grounds: &Grounds) -> Option<Proposal> {
    let Grounds { kind, namespace, binding, role, .. } = grounds;
    if role.name == "cluster-admin" {
        return None;
    }
    let object = find(cluster, kind, namespace, binding)?;
    let subject = grant::subject(user);
    let subjects: Vec<&Value> = object.list("subjects").iter().chain([&subject]).collect();
    let patch = json!({"subjects": subjects});
    let place = if namespace.is_empty() { String::new() } else { format!(" -n {}", word(namespace)) };
    let (kinds, flag) = (kind.to_lowercase(), subject_flag(&subject)?);
    let line = format!("kubectl set subject {kinds} {}{place} {flag}", word(binding));
    Some(Proposal {
        title: format!("one more subject in {kind} {binding}"),
        changes: vec![Change::Merge { object, patch, line }],
        ..Proposal::default()
    })
}

/// One more rule in a role that reaches the user already.
fn widen(cluster: &Cluster, info: &RequestInfo, grounds: &Grounds) -> Option<Proposal> {
    let Grounds { namespace, role, .. } = grounds;
    let place = role_namespace(role, namespace);
    let object = find(cluster, &role.kind, place, &role.name)?;
    let rule = json!(exact(info));
    let rules: Vec<&Value> = object.list("rules").iter().chain([&rule]).collect();
    let patch = json!({"rules": rules});
    let flag = if place.is_empty() { String::new() } else { format!(" -n {}", word(place)) };
    let added = json!([{"op": "add", "path": "/rules/-", "value": rule}]);
    let (kind, added) = (role.kind.to_lowercase(), added.to_string());
    let line = format!("kubectl patch {kind} {}{flag} --type=json -p {}", word(&role.name), word(&added));
    Some(Proposal {
        title: format!("one more rule in {} {}", role.kind, role.name),
        changes: vec![Change::Merge { object, patch, line }],
        ..Proposal::default()
    })
}

/// The same question in a namespace where it is allowed already.
fn elsewhere(info: &RequestInfo, question: &Question, places: &[String]) -> Option<Proposal> {
    let (first, others) = places.split_first()?;
    if !info.is_resource || !info.name.is_empty() || info.verb == "create" {
        return None;
    }
    let verb = if matches!(info.verb.as_str(), "list" | "watch") { "get" } else { &info.verb };
    let line = format!("kubectl {} {} -n {}", word(verb), word(&info.full_resource()), word(first));
    let others = if others.is_empty() { String::new() } else { format!(" (also in {})", others.join(", ")) };
    Some(Proposal {
        title: format!("ask in namespace {first}, where a binding allows it{others}"),
        instead: Some((in_namespace(info, question, first)?, line)),
        last: true,
        ..Proposal::default()
    })
}

fn in_namespace(info: &RequestInfo, question: &Question, namespace: &str) -> Option<Question> {
    let request = match question {
        Question::Request(request) => request,
        Question::Access(attributes) => {
            let info = RequestInfo { namespace: namespace.to_owned(), ..info.clone() };
            return Some(Question::Access(Attributes { info, ..attributes.clone() }));
        }
    };
    let (path, query) =
        request.target.split_once('?').map_or((&*request.target, None), |(p, q)| (p, Some(q)));
    let prefix = root_path(&info.group, &info.version);
    let rest = path.strip_prefix(&prefix)?;
    let own = format!("/namespaces/{}", info.namespace);
    let rest = if info.namespace.is_empty() { rest } else { rest.strip_prefix(&own)? };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("{prefix}/namespaces/{namespace}{rest}{query}");
    Some(Question::Request(Request { target, ..request.clone() }))
}

/// Rights that are more than they look like (`RBAC Good Practices`, privilege escalation risks).
const RISKS: &[(&[&str], &str, &str)] = &[
    (
        &["get", "list", "watch"],
        "secrets",
        "who reads secrets reads every token and password in them, by list as well as by get",
    ),
    (
        &["create", "update", "patch"],
        "pods",
        "who makes pods can run as any account of that namespace and mount its secrets",
    ),
    (
        &["create", "update", "patch"],
        "deployments",
        "who makes workloads can run as any account of that namespace",
    ),
    (&["create", "get"], "pods/exec", "who runs commands in a pod acts as its account"),
    (&["create"], "serviceaccounts/token", "who mints an account's token acts as that account"),
    (&["impersonate"], "users", "who impersonates may do whatever that user may"),
    (
        &["get", "create"],
        "nodes/proxy",
        "nodes/proxy reaches every pod of the node, past the API server's audit and admission",
    ),
    (&["create"], "persistentvolumes", "who makes persistent volumes can mount a node's files"),
];

fn caution(user: &User, info: &RequestInfo) -> Option<String> {
    if user.in_group("system:unauthenticated") {
        return Some("this is for everybody who comes without a credential; better: send one".to_owned());
    }
    if user.in_group("system:nodes") {
        return Some(
            "a node gets what its pods need from the Node authorizer; a right by RBAC holds for more"
                .to_owned(),
        );
    }
    let resource = info.full_resource();
    let risk = RISKS.iter().find(|(verbs, what, _)| *what == resource && verbs.contains(&info.verb.as_str()));
    risk.map(|(_, _, text)| (*text).to_owned())
}

/// The rules that a user holds where a request takes place.
pub(super) fn held(cluster: &Cluster, user: &User, namespace: &str) -> Vec<PolicyRule> {
    rbac::rules_for(cluster.knowledge().rbac(), user, namespace).0
}
