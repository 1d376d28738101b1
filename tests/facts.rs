//! Explanations are true: of every refusal in the scenarios, and of questions to random worlds.
//!
//! What is held against them is written here from RBAC's documentation, walking all roles and bindings of the store, and
//! shares nothing with the index that the authorizer asks.

#[path = "support/scenarios.rs"]
mod scenarios;

use kubeverdict::api::fact::{NearMiss, Why};
use kubeverdict::api::rbac::{Field, PolicyRule, Subject};
use kubeverdict::api::{Attributes, Dig, Fact, Outcome, RequestInfo, Stage, User, Version};
use kubeverdict::cluster::{Cluster, Moment, Question, RequestReport, START};
use kubeverdict::config::Config;
use kubeverdict::explain::{Explanation, Granted, Told, explain};
use kubeverdict::json::{Value, json};
use kubeverdict::scenario::{load, run};
use kubeverdict::store::{Key, Objects};
use proptest::prelude::*;
use scenarios::Beside;
use std::sync::Arc;

const RBAC: &str = "rbac.authorization.k8s.io";

/// Whether a list of a rule names a word.
fn has(rule: &Value, field: &str, word: &str) -> bool {
    rule.list(field).iter().any(|one| one == "*" || one == word)
}

/// The first field of a rule that a request fails on.
fn first_failing(rule: &Value, ask: &RequestInfo) -> Option<Field> {
    let of_paths = |url: &Value| {
        let url = url.as_str().unwrap_or_default();
        url == ask.path || url.strip_suffix('*').is_some_and(|start| ask.path.starts_with(start))
    };
    let names = rule.list("resourceNames");
    let resource = ask.full_resource();
    let any_of = format!("*/{}", ask.subresource);
    let of_resource = rule.list("resources").iter().any(|one| {
        one == "*" || *one == json!(resource) || (!ask.subresource.is_empty() && *one == json!(any_of))
    });
    let checks: Vec<(Field, bool)> = match ask.is_resource {
        true => vec![
            (Field::Verbs, has(rule, "verbs", &ask.verb)),
            (Field::ApiGroups, has(rule, "apiGroups", &ask.group)),
            (Field::Resources, of_resource),
            (Field::ResourceNames, names.is_empty() || names.contains(&json!(ask.name))),
        ],
        false => vec![
            (Field::Verbs, has(rule, "verbs", &ask.verb)),
            (Field::NonResourceUrls, rule.list("nonResourceURLs").iter().any(of_paths)),
        ],
    };
    checks.into_iter().find(|(_, holds)| !holds).map(|(field, _)| field)
}

fn is_subject(subject: &Value, binding: &str, user: &User) -> bool {
    let namespace = Some(subject.text("namespace")).filter(|own| !own.is_empty()).unwrap_or(binding);
    match subject.text("kind") {
        "User" => subject.name_field() == user.name,
        "Group" => user.in_group(subject.name_field()),
        "ServiceAccount" => {
            !namespace.is_empty()
                && user.name == format!("system:serviceaccount:{namespace}:{}", subject.name_field())
        }
        _ => false,
    }
}

trait NameField {
    fn name_field(&self) -> &str;
}

impl NameField for Value {
    fn name_field(&self) -> &str {
        self.text("name")
    }
}

fn role<'a>(objects: &'a Objects, binding: &Value, namespace: &str) -> Option<&'a Arc<Value>> {
    let name = binding.at("roleRef").text("name");
    match binding.at("roleRef").text("kind") {
        "ClusterRole" => objects.get(&format!("clusterroles.{RBAC}"), "", name),
        "Role" if !namespace.is_empty() => objects.get(&format!("roles.{RBAC}"), namespace, name),
        _ => None,
    }
}

/// Whether any stored binding gives somebody something.
fn granted(objects: &Objects, user: &User, ask: &RequestInfo) -> bool {
    if user.in_group("system:masters") {
        return true;
    }
    let (whole, here) = (format!("clusterrolebindings.{RBAC}"), format!("rolebindings.{RBAC}"));
    let cluster = objects.all(&whole).map(|binding| (binding, ""));
    let own = objects.list(&here, &ask.namespace).filter(|_| !ask.namespace.is_empty());
    cluster.chain(own.map(|binding| (binding, ask.namespace.as_str()))).any(|(binding, namespace)| {
        binding.list("subjects").iter().any(|subject| is_subject(subject, namespace, user))
            && role(objects, binding, namespace)
                .is_some_and(|role| role.list("rules").iter().any(|rule| first_failing(rule, ask).is_none()))
    })
}

/// A near miss fails on the field that it names first, and on no earlier one.
fn check_near_miss(objects: &Objects, miss: &NearMiss, user: &User, ask: &RequestInfo, place: &str) {
    let grounds = &miss.grounds;
    let resource = format!("{}s.{RBAC}", grounds.kind.to_lowercase());
    let binding = objects.get(&resource, &grounds.namespace, &grounds.binding);
    let binding = binding.unwrap_or_else(|| panic!("{place}: no {resource} {}", grounds.binding));
    let reaches =
        binding.list("subjects").iter().any(|subject| is_subject(subject, &grounds.namespace, user));
    let here = grounds.namespace.is_empty() || grounds.namespace == ask.namespace;
    let rules = role(objects, binding, &grounds.namespace).map(|role| role.list("rules").to_vec());
    let first = match (reaches, here, rules) {
        (false, ..) => "subject".to_owned(),
        (true, false, _) => "namespace".to_owned(),
        (true, true, None) => "role".to_owned(),
        (true, true, Some(rules)) => {
            let rule = grounds.rule.as_ref().map(|rule| rules[rule.number - 1].clone());
            match rule {
                None => "empty".to_owned(),
                Some(rule) => format!("{:?}", first_failing(&rule, ask).expect("the rule does not allow it")),
            }
        }
    };
    let told = match miss.why.first().expect("it fails on something") {
        Why::Subject { .. } => "subject".to_owned(),
        Why::Namespace => "namespace".to_owned(),
        Why::RoleMissing => "role".to_owned(),
        Why::RoleEmpty => "empty".to_owned(),
        Why::Rule { field } => format!("{field:?}"),
    };
    assert_eq!(told, first, "{place}: {miss:?}");
    if let Some(Why::Subject { mistake }) = miss.why.first() {
        assert!(mistake.is_some(), "{place}: a binding to others is near to nobody: {miss:?}");
    }
}

/// What is said of the authorizers' answer is so.
fn check_authorization(told: &Told, user: &User, ask: &RequestInfo, cluster: &Cluster, place: &str) {
    let objects = cluster.store().objects();
    for fact in &told.facts {
        match fact {
            Fact::NothingGrants(nothing) => {
                assert!(!granted(objects, user, ask), "{place}: a stored binding gives {user:?} {ask:?}");
                for miss in &nothing.nearest {
                    check_near_miss(objects, miss, user, ask, place);
                }
            }
            Fact::NotKnownYet(not_yet) if not_yet.grounds.is_some() => {
                assert!(granted(objects, user, ask), "{place}: no stored binding gives it");
                let known = cluster.knowledge().view().objects();
                assert!(!granted(known, user, ask), "{place}: the authorizer knows of it");
            }
            Fact::NotForgottenYet(_) => assert!(!granted(objects, user, ask), "{place}: it is still there"),
            _ => {}
        }
    }
}

/// What a cure opens was not allowed before and is after, once the authorizers have seen everything; and it is within
/// what the objects of the cure hold.
fn check_cures(explanation: &Explanation, moment: &Moment, place: &str) {
    let before = moment.cluster.store().objects();
    for cure in explanation.cures.iter().flat_map(|cures| &cures.found) {
        let mut after = moment.cluster.fork();
        let objects: Vec<(Key, Value)> = cure.objects.iter().filter_map(rbac_key).collect();
        let all_rbac = objects.len() == cure.objects.len();
        after.restore(objects);
        let after = after.store().objects();
        let opened: Vec<&Granted> = cure.opens.iter().filter_map(|opened| opened.granted.as_ref()).collect();
        for Granted { subject, namespace, rules } in opened {
            for rule in rules {
                let (user, ask) = question(subject, namespace, rule);
                assert!(!granted(before, &user, &ask), "{place}: {} had {rule:?} before", user.name);
                if all_rbac {
                    assert!(granted(after, &user, &ask), "{place}: {} has {rule:?} not: {cure:?}", user.name);
                }
            }
        }
        if all_rbac && !cure.objects.is_empty() {
            let Question::Request(_) = &moment.question else { continue };
            assert!(!cure.opens.is_empty(), "{place}: a cure by RBAC opens something: {cure:?}");
        }
    }
}

fn rbac_key(object: &Value) -> Option<(Key, Value)> {
    let api = object.text("apiVersion").starts_with(RBAC);
    let resource = format!("{}s.{RBAC}", object.text("kind").to_lowercase());
    api.then(|| (Key::new(&resource, object.namespace(), object.name()), object.clone()))
}

/// A question that an opened rule answers with yes; a star asks for something that nobody calls so.
fn question(subject: &Subject, namespace: &str, rule: &PolicyRule) -> (User, RequestInfo) {
    let user = match subject.kind.as_str() {
        "Group" => User::new("somebody-else", &[&subject.name]),
        _ => User::named(&subject.name).authenticated(),
    };
    let one = |list: &[String], star: &str| match list.first().map(String::as_str) {
        Some("*") => star.to_owned(),
        Some(word) => word.to_owned(),
        None => String::new(),
    };
    if !rule.non_resource_urls.is_empty() {
        let path = one(&rule.non_resource_urls, "/unheard-of").trim_end_matches('*').to_owned();
        return (user, RequestInfo { verb: one(&rule.verbs, "unheard-of"), path, ..RequestInfo::default() });
    }
    let full = one(&rule.resources, "unheard-of");
    let (resource, subresource) = full.split_once('/').unwrap_or((&full, ""));
    let info = RequestInfo {
        is_resource: true,
        verb: one(&rule.verbs, "unheard-of"),
        group: one(&rule.api_groups, "unheard-of.example.com"),
        resource: resource.replace('*', "unheard-of"),
        subresource: subresource.to_owned(),
        name: one(&rule.resource_names, "unheard-of"),
        namespace: namespace.to_owned(),
        ..RequestInfo::default()
    };
    (user, info)
}

/// Every refused request of every scenario, with the place where it is.
fn refusals() -> Vec<(String, RequestReport)> {
    let mut found = Vec::new();
    for path in scenarios::all() {
        let text = std::fs::read_to_string(&path).expect("the scenario is there");
        let scenario = load::parse(&path.display().to_string(), &text).expect("it parses");
        let options = run::Options { moments: true, ..run::Options::default() };
        for version in run::versions(&scenario) {
            let report =
                run::replay(&scenario, version, options, &Beside::of(&path)).expect("it can be replayed");
            for step in report.all() {
                let followed = step.afterwards.iter().filter_map(|after| after.refused.as_deref());
                for request in step.requests.iter().chain(followed).filter(|request| request.code >= 400) {
                    found.push((
                        format!("{} {version} step {}", report.scenario, step.number),
                        request.clone(),
                    ));
                }
            }
        }
    }
    found
}

#[test]
fn every_refusal_carries_facts_and_they_are_true() {
    let refusals = refusals();
    assert!(refusals.len() > 100, "the scenarios are full of refusals: {}", refusals.len());
    let mut by_controllers = 0;
    for (place, request) in &refusals {
        let moment = request.moment.as_ref().expect("the moment was kept");
        let explanation = explain(request);
        let refused = explanation.told.iter().find(|told| told.outcome == Outcome::Refused);
        let refused = refused.unwrap_or_else(|| panic!("{place}: {} was not refused", request.request));
        assert!(!refused.facts.is_empty(), "{place}: {} has no facts: {refused:?}", request.request);
        by_controllers += usize::from(
            explanation
                .who
                .as_ref()
                .is_some_and(|who| who.user.name.starts_with("system:serviceaccount:kube-system:")),
        );
        if let (Stage::Authorize, Some(who)) = (refused.stage, &explanation.who)
            && !refused.facts.iter().any(|fact| matches!(fact, Fact::MayNot(_)))
        {
            check_authorization(refused, &who.user, &request.trace.info, &moment.cluster, place);
        }
        check_cures(&explanation, moment, place);
    }
    assert!(by_controllers > 5, "of controllers, too: {by_controllers}");
}

/// RBAC speaks only where it is a mode, and a controller's refusal is explained from the cluster that it met.
#[test]
fn only_who_was_asked_is_explained() {
    let replay = |text: &str| {
        let scenario = load::parse("s.yaml", text).expect("it parses");
        let options = run::Options { moments: true, ..run::Options::default() };
        let files = kubeverdict::clients::NoFiles;
        run::replay(&scenario, Version::DEFAULT, options, &files).expect("it can be replayed")
    };
    for (modes, rbac) in [("AlwaysDeny", false), ("Node", false), ("Node,RBAC", true)] {
        let report = replay(&format!(
            "scenario: a\nabout: b\ncluster: {{nodes: 0, flags: {{authorization-mode: \"{modes}\"}}}}\nsteps:\n\
             - {{request: {{as: bob, do: GET /api/v1/nodes}}, expect: 403}}\n"
        ));
        let explanation = explain(&report.steps[0].requests[0]);
        let told = explanation.told.last().expect("a refusal");
        assert_eq!(told.facts.iter().any(|fact| matches!(fact, Fact::NothingGrants(_))), rbac, "{modes}");
    }
    let report = replay(
        "scenario: a\nabout: b\nsteps:\n\
         - kubectl delete clusterrolebinding system:controller:replicaset-controller\n\
         - kubectl create deployment web --image=nginx\n",
    );
    let refused = report.steps[1].afterwards.iter().find_map(|after| after.refused.as_deref());
    let refused = refused.expect("the controller is refused");
    let moment = refused.moment.as_ref().expect("it was kept");
    let pods = |objects: &Objects| objects.all("pods").count();
    assert_eq!(pods(moment.cluster.store().objects()), 0);
    let told = explain(refused);
    let told = told.told.last().expect("a refusal");
    assert!(told.facts.iter().any(|fact| matches!(fact, Fact::NothingGrants(_))), "{told:?}");
}

/// A world: roles and bindings over few names, so that they meet often.
fn worlds() -> impl Strategy<Value = Vec<(Key, Value)>> {
    let word = |words: &'static [&'static str]| prop::sample::select(words);
    let verbs = prop::collection::vec(word(&["get", "list", "create", "*"]), 1..3);
    let resources = prop::collection::vec(word(&["pods", "secrets", "pods/log", "*"]), 1..3);
    let names = prop::collection::vec(word(&["a", "b"]), 0..2);
    let rule =
        (verbs, word(&["", "apps", "*"]), resources, names).prop_map(|(verbs, group, resources, names)| {
            let mut rule = json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
            if !names.is_empty() {
                rule["resourceNames"] = json!(names);
            }
            rule
        });
    let place = word(&["", "shop", "build"]);
    let role =
        (place, word(&["r1", "r2"]), prop::collection::vec(rule, 0..3)).prop_map(|(place, name, rules)| {
            object(
                if place.is_empty() { "ClusterRole" } else { "Role" },
                place,
                name,
                json!({"rules": rules}),
            )
        });
    let subject = (
        word(&["User", "Group", "ServiceAccount"]),
        word(&["app", "alice", "ap", "devs"]),
        word(&["", "shop", "build"]),
    )
        .prop_map(|(kind, name, namespace)| {
            let mut subject = json!({"kind": kind, "name": name});
            if kind == "ServiceAccount" && !namespace.is_empty() {
                subject["namespace"] = json!(namespace);
            }
            subject
        });
    let binding = (
        word(&["", "shop", "build"]),
        word(&["b1", "b2", "b3"]),
        word(&["Role", "ClusterRole"]),
        word(&["r1", "r2", "gone"]),
        prop::collection::vec(subject, 1..3),
    )
        .prop_map(|(place, name, kind, role, subjects)| {
            let kind_of_binding = if place.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
            let role = json!({"apiGroup": RBAC, "kind": kind, "name": role});
            object(kind_of_binding, place, name, json!({"roleRef": role, "subjects": subjects}))
        });
    (prop::collection::vec(role, 1..5), prop::collection::vec(binding, 1..6))
        .prop_map(|(roles, bindings)| roles.into_iter().chain(bindings).collect())
}

fn object(kind: &str, namespace: &str, name: &str, fields: Value) -> (Key, Value) {
    let mut object = json!({
        "apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": {"name": name, "namespace": namespace},
    });
    for (field, value) in fields.as_object().expect("fields") {
        object[field] = value.clone();
    }
    (Key::new(&format!("{}s.{RBAC}", kind.to_lowercase()), namespace, name), object)
}

fn questions() -> impl Strategy<Value = (User, RequestInfo)> {
    let word = |words: &'static [&'static str]| prop::sample::select(words);
    let user = word(&["alice", "system:serviceaccount:shop:app", "system:serviceaccount:build:app", "bob"]);
    let group = word(&["devs", "others"]);
    let ask =
        (word(&["get", "list", "delete"]), word(&["pods", "secrets"]), word(&["", "log"]), word(&["", "a"]));
    (user, group, ask, word(&["", "shop", "build"])).prop_map(|(user, group, ask, namespace)| {
        let mut user = User::named(user);
        user.groups.push(group.to_owned());
        let (verb, resource, subresource, name) = ask;
        let info = RequestInfo {
            is_resource: true,
            verb: verb.to_owned(),
            version: "v1".to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            ..RequestInfo::default()
        };
        (user.authenticated(), info)
    })
}

/// A cluster with the namespaces of the random worlds, and an authorizer that is behind.
fn empty() -> Cluster {
    let mut config = Config::new(Version::DEFAULT);
    let none = |_: &str| Err(std::io::Error::other("no file is read"));
    config.apply([("controllers", "-*")], &none).expect("flags");
    config.authorizer_lag = Some(2000);
    let start = jiff::Timestamp::from_second(START).expect("a time");
    let mut cluster = Cluster::new(config, start).expect("a cluster");
    for name in ["shop", "build"] {
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"},
        });
        cluster.restore([(Key::new("namespaces", "", name), namespace)]);
    }
    cluster
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_question_to_a_random_world_is_explained_truly(
        (known, stored, (user, info)) in (worlds(), worlds(), questions())
    ) {
        thread_local!(static EMPTY: Cluster = empty());
        let mut cluster = EMPTY.with(Cluster::fork);
        cluster.restore(known);
        cluster.run_until(cluster.now() + jiff::SignedDuration::from_secs(5));
        // What comes now the authorizer has not seen yet.
        cluster.restore(stored);
        let attributes = Attributes { user: user.clone(), info: info.clone() };
        let (refused, trace) = cluster.ask(&attributes);
        let moment = Moment { cluster: cluster.fork(), question: Question::Access(attributes) };
        let report = RequestReport::of_question("a question", refused, trace, moment.clone());
        let explanation = explain(&report);
        let told = explanation.told.last().expect("a finding");
        let allowed = granted(cluster.knowledge().view().objects(), &user, &info);
        prop_assert_eq!(explanation.code == 200, allowed, "{:?}", told);
        prop_assert!(!told.facts.is_empty());
        check_authorization(told, &user, &info, &cluster, "random");
        check_cures(&explanation, &moment, "random");
    }
}

/// No explanation is made by looking into a text.
#[test]
fn no_text_is_looked_into() {
    const LOOKS: [&str; 9] = [
        "strip_prefix",
        "strip_suffix",
        "split",
        ".find(\"",
        "contains(\"",
        "starts_with(\"",
        "ends_with(\"",
        ".parse::<",
        "trim_start",
    ];
    const TEXTS: [&str; 8] = ["message", "text", "said", "reason", "told", "why", "words", "finding"];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explain");
    let mut files = vec![folder];
    let mut wrong = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(path.read_dir().expect("a folder").flatten().map(|entry| entry.path()));
            continue;
        }
        let code = std::fs::read_to_string(&path).expect("a file");
        for (number, line) in code.lines().enumerate() {
            let looks = LOOKS.iter().any(|look| {
                line.find(look).is_some_and(|at| {
                    let before = line[..at].trim_end_matches('.');
                    TEXTS
                        .iter()
                        .any(|text| before.ends_with(text) || before.ends_with(&format!("{text}.as_str()")))
                })
            });
            if looks {
                wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
