//! Cedar. A namespace is a resource in the resource `Cluster`, and what is asked for there stands in the context.

use crate::Ask;
use crate::shape::{Rule, Subject, World, account};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression, SlotId, Template,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().expect("a type");
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn subject(subject: &Subject) -> EntityUid {
    match subject {
        Subject::User(name) => uid("User", name),
        Subject::Group(name) => uid("Group", name),
        Subject::Account { namespace, name } => uid("User", &account(namespace, name)),
    }
}

fn scope(namespace: &str) -> EntityUid {
    match namespace {
        "" => uid("Cluster", "cluster"),
        namespace => uid("Namespace", namespace),
    }
}

/// What of a rule is about the action, and what about the context.
fn words(rule: &Rule) -> (String, String) {
    let quoted = |list: &[String], with: &str| {
        list.iter().map(|word| format!("{with}{word:?}")).collect::<Vec<_>>().join(", ")
    };
    let resources = quoted(&rule.resources, "");
    let when = format!("context.group == {:?} && [{resources}].contains(context.kind)", rule.group);
    (quoted(&rule.verbs, "Action::"), when)
}

fn namespaces(world: &World) -> BTreeSet<&str> {
    let bound = world.bindings.iter().map(|binding| binding.namespace.as_str());
    let asked = world.questions.iter().map(|question| question.namespace.as_str());
    bound.chain(asked).filter(|namespace| !namespace.is_empty()).collect()
}

/// Who is in which groups, and what else each is in.
fn principals(world: &World, more: &[(EntityUid, EntityUid)]) -> Vec<Entity> {
    let mut parents: BTreeMap<EntityUid, HashSet<EntityUid>> = BTreeMap::new();
    for question in &world.questions {
        let groups = question.groups.iter().map(|group| uid("Group", group));
        parents.entry(uid("User", &question.user)).or_default().extend(groups);
    }
    for (who, parent) in more {
        parents.entry(who.clone()).or_default().insert(parent.clone());
    }
    parents.into_iter().map(|(who, parents)| Entity::new_no_attrs(who, parents)).collect()
}

fn asking(world: &World, policies: PolicySet, entities: Vec<Entity>) -> Ask {
    let entities = Entities::from_entities(entities, None).expect("entities");
    let request = |question: &crate::shape::Question| {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let pairs = [("group", &question.group), ("kind", &question.resource)];
        let context =
            Context::from_pairs(pairs.map(|(key, value)| (key.to_owned(), text(value)))).expect("a context");
        let (who, action) = (uid("User", &question.user), uid("Action", &question.verb));
        Request::new(who, action, scope(&question.namespace), context, None).expect("a request")
    };
    let requests: Vec<Request> = world.questions.iter().map(request).collect();
    let authorizer = Authorizer::new();
    Box::new(move |n| {
        let response = authorizer.is_authorized(&requests[n], &policies, &entities);
        response.decision() == Decision::Allow
    })
}

/// A template for each rule, linked to the subject and the scope of each binding.
pub fn links(world: &World) -> Ask {
    let mut policies = PolicySet::new();
    for (name, rules) in &world.roles {
        for (n, rule) in rules.iter().enumerate() {
            let (actions, when) = words(rule);
            let text = format!(
                "permit(principal in ?principal, action in [{actions}], resource in ?resource) when {{ {when} }};"
            );
            let template =
                Template::parse(Some(PolicyId::new(format!("{name}-{n}"))), text).expect("a template");
            policies.add_template(template).expect("it is new");
        }
    }
    for binding in &world.bindings {
        for n in 0..2 {
            let template = PolicyId::new(format!("{}-{n}", world.roles[binding.role].0));
            let link = PolicyId::new(format!("{}-{n}", binding.name));
            let slots = [
                (SlotId::principal(), subject(&binding.subject)),
                (SlotId::resource(), scope(&binding.namespace)),
            ];
            policies.link(template, link, HashMap::from(slots)).expect("a link");
        }
    }
    let mut entities = principals(world, &[]);
    let in_cluster = || HashSet::from([scope("")]);
    entities.extend(namespaces(world).into_iter().map(|one| Entity::new_no_attrs(scope(one), in_cluster())));
    asking(world, policies, entities)
}

/// Who is bound is in `role@scope`; two policies a rule: for all scopes, and for the namespace, which knows its own such groups.
pub fn memberships(world: &World) -> Ask {
    let at = |role: &str, namespace: &str| uid("RoleAt", &format!("{role}@{namespace}"));
    let mut policies = String::new();
    for (name, rules) in &world.roles {
        for rule in rules {
            let (actions, when) = words(rule);
            let everywhere = at(name, "");
            policies += &format!(
                "permit(principal in {everywhere}, action in [{actions}], resource) when {{ {when} }};\n"
            );
            policies += &format!(
                "permit(principal, action in [{actions}], resource) when {{ {when} && principal in resource[{name:?}] }};\n"
            );
        }
    }
    let member = |binding: &crate::shape::Binding| {
        (subject(&binding.subject), at(&world.roles[binding.role].0, &binding.namespace))
    };
    let members: Vec<_> = world.bindings.iter().map(member).collect();
    let mut entities = principals(world, &members);
    entities.extend(namespaces(world).into_iter().map(|namespace| {
        let roles = world
            .roles
            .iter()
            .map(|(name, _)| (name.clone(), RestrictedExpression::new_entity_uid(at(name, namespace))));
        Entity::new(scope(namespace), roles.collect(), HashSet::new()).expect("attributes")
    }));
    asking(world, policies.parse().expect("policies"), entities)
}
