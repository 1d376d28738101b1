//! Facts in words: the same in the terminal, in the walk and in the book.

use crate::api::fact::{
    Amount, Grounds, Hint, How, Lag, Mistake, NearMiss, NodeEdge, NotYet, Quota, SaidOutside, Thing,
    Unspecified, Wanted, Why,
};
use crate::api::jwt::JwtRefusal;
use crate::api::rbac::{Field, PolicyRule, listed, typed};
use crate::api::{Fact, GroupResource};
use crate::question::quoted;

/// What there is to know of a fact besides its finding's own text, a line each.
///
/// Bindings that come near are told by [`near_miss`], since front ends show them each in its own way.
pub(crate) fn lines(fact: &Fact) -> Vec<String> {
    match fact {
        Fact::Granted(grounds) => vec![format!("by {}", grounds.describe())],
        Fact::Recognised { remembered, now_refused } => {
            let why = now_refused.as_ref().map(|why| format!("; looked at now, it would be refused: {why}"));
            vec![format!(
                "recognised at {} and not looked at again before {}{}",
                remembered.since,
                remembered.until,
                why.unwrap_or_default()
            )]
        }
        Fact::SaidOutside(SaidOutside { error, remembered }) => {
            let error = error.iter().map(|why| format!("it could not be asked: {why}"));
            let remembered = remembered.iter();
            let told = remembered.map(|said| {
                format!("it said so at {} and is not asked again before {}", said.since, said.until)
            });
            error.chain(told).collect()
        }
        Fact::NotForgottenYet(lag) => {
            vec![format!("what granted it is gone; the authorizer {}", learns(lag))]
        }
        Fact::NotKnownYet(not_yet) => vec![not_known_yet(not_yet)],
        Fact::NothingGrants(nothing) => nothing.hints.iter().map(hint).collect(),
        Fact::NodeEdge(edge) => node_edge(edge).into_iter().collect(),
        Fact::PolicyLine { line, policy } => vec![format!("by line {line} of the policy file: {policy}")],
        Fact::NoPolicyLine { policies } => {
            vec![format!("none of the {policies} policies in the policy file matches")]
        }
        Fact::MayNot(wanted) => vec![format!("needed for it: {}", describe_wanted(wanted))],
        Fact::NotHeld { rules } => not_held(rules),
        Fact::RoleMissing(role) => vec![format!("there is no {} {}", role.kind, role.name)],
        Fact::Namespace { namespace, phase, nearest } => vec![match (phase, nearest) {
            (Some(phase), _) => format!("namespace {namespace} is {phase}"),
            (None, Some(nearest)) => {
                format!("there is no namespace {namespace}; did you mean {nearest}?")
            }
            (None, None) => format!("there is no namespace {namespace}"),
        }],
        Fact::Absent { kind, namespace, name, there } => {
            let place =
                if namespace.is_empty() { String::new() } else { format!(" in namespace {namespace}") };
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            vec![format!("there is no {kind} {name}{place}; there is: {there}")]
        }
        Fact::Quota(Quota { quota, all, .. }) => {
            let amounts: Vec<String> = all.iter().map(amount).collect();
            vec![format!("quota {quota}: {} used", amounts.join(", "))]
        }
        Fact::MustSpecify { quota, missing } => {
            let one =
                |missing: &Unspecified| format!("{} by {}", missing.resource, missing.containers.join(", "));
            let missing: Vec<String> = missing.iter().map(one).collect();
            vec![format!("quota {quota} wants to be told {}", missing.join("; "))]
        }
        Fact::Limit { range, limits, .. } => {
            limits.iter().map(|limit| format!("limit range {range}: {limit}")).collect()
        }
        Fact::PodSecurity { namespace, level, version, violations } => {
            let asks = format!("namespace {namespace} enforces {level}:{version}");
            let broken =
                violations.iter().map(|violation| format!("{}: {}", violation.reason, violation.detail));
            std::iter::once(asks).chain(broken).collect()
        }
        Fact::Policy { kind: _, policy, binding: _, expression } => {
            expression.iter().map(|text| format!("policy {policy} demands: {text}")).collect()
        }
        Fact::Webhook { webhook, answered: true } => vec![format!("webhook {webhook} was asked, and denies")],
        Fact::Webhook { webhook, answered: false } => {
            vec![format!("webhook {webhook} could not be asked, and its failure policy is Fail")]
        }
        Fact::Invalid { fields } => {
            let told = fields.iter().filter(|field| !field.field.is_empty());
            told.map(|field| format!("{}: {}", field.field, field.message)).collect()
        }
        Fact::JwtRefused { issuer, refusal } => {
            let meant = jwt(refusal).map(|why| format!(": {why}")).unwrap_or_default();
            vec![format!("the token names {issuer} as its issuer, and is not accepted{meant}")]
        }
        Fact::NoCredential
        | Fact::BadCredential
        | Fact::Superuser
        | Fact::AllowsAll
        | Fact::AllowsNothing
        | Fact::RateLimit
        | Fact::Object
        | Fact::NotFound { .. }
        | Fact::AlreadyExists { .. }
        | Fact::Conflict
        | Fact::Unreadable
        | Fact::Broken => Vec::new(),
    }
}

/// What a refusal of a JWT comes to, where the server's own words leave it open.
fn jwt(refusal: &JwtRefusal) -> Option<String> {
    Some(match refusal {
        JwtRefusal::NotInitialized { error } | JwtRefusal::Keys { error } => {
            format!("its keys could not be read: {error}")
        }
        JwtRefusal::Audience { expected, got } => {
            format!("it is for {}, not for {}", list(got), list(expected))
        }
        JwtRefusal::Signature { key, published: true } => {
            format!("the issuer's key {key} did not make its signature")
        }
        JwtRefusal::Signature { key, published: false } => {
            format!("it names the key {key}, and the issuer does not publish it")
        }
        JwtRefusal::Required { claim, got: None, .. } => format!("its claim {claim} is missing or no text"),
        JwtRefusal::Required { claim, want, got: Some(got), .. } => {
            format!("its claim {claim} is {got:?}, and {want:?} is wanted")
        }
        JwtRefusal::Rule { over, expression, message } => {
            let message = if message.is_empty() { String::new() } else { format!(" ({message})") };
            format!("the rule over its {over} is false: {expression}{message}")
        }
        _ => return None,
    })
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "nobody".to_owned() } else { words.join(", ") }
}

/// So many rules that are not held are told.
const RULES: usize = 8;

fn not_held(rules: &[PolicyRule]) -> Vec<String> {
    let told = rules.iter().take(RULES).map(|rule| format!("not held: {}", describe_rule(rule)));
    let more = rules.len().checked_sub(RULES).filter(|more| *more > 0);
    told.chain(more.map(|more| format!("and {more} more"))).collect()
}

/// When an authorizer learns of something.
fn learns(lag: &Lag) -> String {
    match lag.learned_in {
        0 => "has not seen that yet, and will in a moment".to_owned(),
        milliseconds => format!("has not seen that yet, and will in {}", span(milliseconds)),
    }
}

/// `2s`, `500ms`.
pub(super) fn span(milliseconds: u64) -> String {
    match (milliseconds / 1000, milliseconds % 1000) {
        (seconds, 0) => format!("{seconds}s"),
        (0, milliseconds) => format!("{milliseconds}ms"),
        (seconds, milliseconds) => format!("{seconds}s{milliseconds}ms"),
    }
}

fn not_known_yet(NotYet { by, grounds, lag }: &NotYet) -> String {
    match grounds {
        Some(grounds) => {
            format!("{} is stored and allows it; the authorizer {}", grounds.describe(), learns(lag))
        }
        None => format!("what is stored lets {by} allow it; the authorizer {}", learns(lag)),
    }
}

fn node_edge(NodeEdge { node, why, .. }: &NodeEdge) -> Option<String> {
    (!why.is_empty()).then(|| format!("node {node}: {why}"))
}

/// `pods 2 of 2`.
fn amount(Amount { resource, used, hard, .. }: &Amount) -> String {
    format!("{resource} {used} of {hard}")
}

/// What looks like a mistake.
pub(crate) fn hint(hint: &Hint) -> String {
    let meant = |nearest: &Option<String>| {
        nearest.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default()
    };
    match hint {
        Hint::Unknown { what, name, nearest } => {
            let what = match what {
                Thing::Verb => "verb",
                Thing::Resource => "resource",
                Thing::Namespace => "namespace",
                Thing::Account => "service account",
            };
            format!("there is no {what} {name}{}", meant(nearest))
        }
        Hint::NothingIn { namespace, nearest } => {
            format!("nothing here is in namespace {namespace}{}", meant(nearest))
        }
        Hint::InNoBinding { name, nearest } => {
            format!("{name} is in no binding but those of everybody{}", meant(nearest))
        }
        Hint::LooksLikeAccount { meant } => {
            format!("a service account is a user of the name {meant}; it was asked for somebody else")
        }
        Hint::LooksLikeGroup { groups } => {
            let flags =
                groups.iter().map(|group| format!(" --as-group {}", quoted(group))).collect::<String>();
            format!(
                "a group asks as somebody who is in it (`--as NAME{flags}`); it was asked for a user of that name"
            )
        }
        Hint::OrItsDomain { name } => {
            format!(
                "the plugins for certificates are content with the right to all of the domain, too: ask for {name}"
            )
        }
        Hint::NotEverybody { name } => {
            format!("{name} is whoever has that name, not everybody: users and groups have no wildcard")
        }
    }
}

/// The fields on which a near miss fails, in the order in which they are looked at.
pub(crate) fn near_miss(miss: &NearMiss, wanted: &Wanted) -> Vec<String> {
    // A rule about paths fails on every field of a resource, and the other way round: said once.
    let about_paths = miss.grounds.rule.as_ref().map(|rule| !rule.rule.non_resource_urls.is_empty());
    let other_world = about_paths.filter(|about_paths| *about_paths == wanted.path.is_empty());
    let said = |why: &&Why| other_world.is_none() || !matches!(why, Why::Rule { .. });
    let mut lines: Vec<String> =
        miss.why.iter().filter(said).map(|why| fails(why, &miss.grounds, wanted)).collect();
    lines.extend(other_world.map(|about_paths| match about_paths {
        true => "rule: it is for paths that are no resources".to_owned(),
        false => "rule: it is for resources, not for paths".to_owned(),
    }));
    lines
}

fn fails(why: &Why, grounds: &Grounds, wanted: &Wanted) -> String {
    let none = PolicyRule::default();
    let rule = grounds.rule.as_ref().map_or(&none, |rule| &rule.rule);
    match why {
        Why::RoleMissing => format!("role: {} {} does not exist", grounds.role.kind, grounds.role.name),
        Why::RoleEmpty => "role: it has no rules".to_owned(),
        Why::Subject { mistake: Some(mistake) } => format!("subject: {}", mistaken(mistake)),
        Why::Subject { mistake: None } => "subject: somebody else".to_owned(),
        Why::Namespace if wanted.namespace.is_empty() => {
            format!("namespace: only {}, not the whole cluster", grounds.namespace)
        }
        Why::Namespace => format!("namespace: only {}, not {}", grounds.namespace, wanted.namespace),
        Why::Rule { field } => match field {
            Field::Verbs => {
                format!("verb: its nearest rule allows {}, not {}", listed(&rule.verbs), wanted.verb)
            }
            Field::ApiGroups => {
                format!(
                    "API group: its nearest rule is for {}, not \"{}\"",
                    listed(&rule.api_groups),
                    wanted.group
                )
            }
            Field::Resources => {
                let wanted = wanted.info().full_resource();
                format!("resource: its nearest rule is for {}, not {wanted}", listed(&rule.resources))
            }
            Field::ResourceNames => {
                let asked = if wanted.name.is_empty() { "a request without a name" } else { &wanted.name };
                format!("name: its nearest rule is for {} only, not {asked}", listed(&rule.resource_names))
            }
            Field::NonResourceUrls => {
                format!(
                    "path: its nearest rule is for {}, not {}",
                    listed(&rule.non_resource_urls),
                    wanted.path
                )
            }
        },
    }
}

/// In the words of the mistake.
fn mistaken(Mistake { subject, how }: &Mistake) -> String {
    let how = match how {
        How::OtherNamespace => "the same name in another namespace",
        How::OtherKind => "the same name as another kind",
        How::Misspelt => "nearly the same name",
    };
    format!("its subject is {}: {how}", subject.shown())
}

/// A rule in one line: `verbs [get, list] of groups [""] on [pods]`.
pub(crate) fn describe_rule(rule: &PolicyRule) -> String {
    let fields = [
        ("verbs", &rule.verbs),
        ("of groups", &rule.api_groups),
        ("on", &rule.resources),
        ("named", &rule.resource_names),
        ("on paths", &rule.non_resource_urls),
    ];
    let present = fields.iter().filter(|(_, list)| !list.is_empty());
    present.map(|(label, list)| format!("{label} [{}]", listed(*list))).collect::<Vec<_>>().join(" ")
}

/// `list pods.apps named x in namespace a`.
fn describe_wanted(wanted: &Wanted) -> String {
    if !wanted.path.is_empty() {
        return format!("{} {}", wanted.verb, wanted.path);
    }
    let resource = GroupResource::new(&wanted.group, &wanted.resource).to_string();
    let sub = if wanted.subresource.is_empty() { String::new() } else { format!("/{}", wanted.subresource) };
    let name = if wanted.name.is_empty() { String::new() } else { format!(" named {}", wanted.name) };
    format!("{} {resource}{sub}{name} in {}", wanted.verb, super::place(&wanted.namespace))
}

/// Rules on one thing each in words, with all verbs on one thing and all things of the same verbs together:
/// `get, list pods, services, deployments.apps`.
pub(crate) fn of_rules(rules: Vec<PolicyRule>) -> Vec<String> {
    let mut verbs: Vec<(String, Vec<String>)> = Vec::new();
    for rule in rules {
        let thing = thing(&rule);
        match verbs.iter_mut().find(|(known, _)| *known == thing) {
            Some((_, list)) => {
                list.extend(rule.verbs.into_iter().filter(|verb| !list.contains(verb)).collect::<Vec<_>>())
            }
            None => verbs.push((thing, rule.verbs)),
        }
    }
    let mut things: Vec<(String, Vec<String>)> = Vec::new();
    for (thing, verbs) in verbs {
        let verbs = verbs.join(", ");
        match things.iter_mut().find(|(known, _)| *known == verbs) {
            Some((_, list)) => list.push(thing),
            None => things.push((verbs, vec![thing])),
        }
    }
    things.into_iter().map(|(verbs, things)| format!("{verbs} {}", things.join(", "))).collect()
}

fn thing(rule: &PolicyRule) -> String {
    if !rule.non_resource_urls.is_empty() {
        return rule.non_resource_urls.join(", ");
    }
    let group = rule.api_groups.first().map_or("", String::as_str);
    let resource = typed(&rule.resources.join(", "), group);
    let names = if rule.resource_names.is_empty() {
        String::new()
    } else {
        format!(" named {}", listed(&rule.resource_names))
    };
    format!("{resource}{names}")
}
