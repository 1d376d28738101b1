//! Casbin, with its model of RBAC with domains: a domain is a namespace, or `*` for all. Its roles have no rules of several
//! words, so that each is a row a verb and resource.

use crate::Ask;
use crate::shape::{Subject, World, account};
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

const MEMBER: &str = r#"(g(r.sub, p.sub, "*") || g(r.sub, p.sub, r.dom))"#;
const SAME: &str = "r.act == p.act && r.obj == p.obj";

/// As its examples are written.
pub fn natural(world: &World) -> Ask {
    enforcing(world, &format!("{MEMBER} && {SAME}"))
}

/// What is cheap is compared first.
pub fn fast(world: &World) -> Ask {
    enforcing(world, &format!("{SAME} && {MEMBER}"))
}

fn enforcing(world: &World, matcher: &str) -> Ask {
    let model = format!(
        "[request_definition]\nr = sub, dom, obj, act\n[policy_definition]\np = sub, obj, act\n[role_definition]\ng = _, _, _\n\
         [policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = {matcher}\n"
    );
    let mut rows = std::collections::BTreeSet::new();
    for (name, rules) in &world.roles {
        for rule in rules {
            for (verb, resource) in
                rule.verbs.iter().flat_map(|verb| rule.resources.iter().map(move |one| (verb, one)))
            {
                rows.insert(vec![format!("role:{name}"), format!("{resource}.{}", rule.group), verb.clone()]);
            }
        }
    }
    let mut members = std::collections::BTreeSet::new();
    for binding in &world.bindings {
        let who = match &binding.subject {
            Subject::User(name) => format!("user:{name}"),
            Subject::Group(name) => format!("group:{name}"),
            Subject::Account { namespace, name } => format!("user:{}", account(namespace, name)),
        };
        let domain = if binding.namespace.is_empty() { "*" } else { &binding.namespace };
        members.insert(vec![who, format!("role:{}", world.roles[binding.role].0), domain.to_owned()]);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(&model).await.expect("a model");
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
        enforcer.add_policies(rows.into_iter().collect()).await.expect("rules");
        enforcer.add_grouping_policies(members.into_iter().collect()).await.expect("members");
        enforcer
    });
    // A subject a question: each of the groups is asked for after the user.
    let questions: Vec<_> = (world.questions.iter())
        .map(|question| {
            let groups = question.groups.iter().map(|group| format!("group:{group}"));
            let subjects: Vec<String> =
                [format!("user:{}", question.user)].into_iter().chain(groups).collect();
            let object = format!("{}.{}", question.resource, question.group);
            (subjects, question.namespace.clone(), object, question.verb.clone())
        })
        .collect();
    Box::new(move |n| {
        let (subjects, domain, object, verb) = &questions[n];
        let may = |subject: &String| enforcer.enforce((subject, domain, object, verb)).expect("an answer");
        subjects.iter().any(may)
    })
}
