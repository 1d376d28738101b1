//! A cluster as a dump has it: RBAC and other objects, as stored, and what somebody may do there.
//!
//! No controller runs in a [`Dump`]: what it says is what there is, but for aggregated cluster roles, which have what is in the roles
//! that they select besides what the dump says they have: manifests leave that to the controller. A dump that holds some of
//! the roles or bindings that come with a server holds all of its kind; where it holds none, those of the release are there.
//!
//! A scenario's cluster is [filled](fill) from a dump in the same way; controllers go on from there.

use super::Explanation;
use super::source::{Order, Places, Written};
use super::unfit;
use crate::api::fact::{Grounds, Hint, Thing};
use crate::api::rbac;
use crate::api::resources::Resource;
use crate::api::{Attributes, Dig, RequestInfo, Resources, User, Version, service_account};
use crate::authorize::aggregation;
use crate::authorize::rbac::PolicyRule;
use crate::bootstrap;
use crate::cluster::{Cluster, Moment, Question, RequestReport, START};
use crate::config::Config;
use crate::error::Error;
use crate::json::{Value, json};
use crate::kinds;
use crate::store::Key;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A cluster that was read from files.
pub struct Dump {
    /// The cluster.
    pub cluster: Cluster,
    /// Where its objects are written.
    written: Vec<Written>,
    /// By which they are found there.
    order: OnceLock<Order>,
    /// Its roles and bindings by where they are written; of one that is written twice, the last counts.
    rbac: BTreeMap<usize, Key>,
    /// What was left out or assumed.
    notes: Vec<String>,
    /// The first role or binding that validation refuses.
    invalid: Option<Error>,
    /// Whether it says which namespaces there are; one of roles and bindings alone does not.
    lists_namespaces: bool,
}

impl Dump {
    /// The cluster of a release that holds those objects; whose manifests name no namespace are in `home`, as with kubectl's
    /// `-n`, or in `default`.
    ///
    /// # Errors
    ///
    /// A set-up of the release that cannot be made.
    pub fn new(version: Version, mut written: Vec<Written>, home: Option<&str>) -> Result<Dump, Error> {
        let mut config = Config::new(version);
        let none = |_: &str| Err(std::io::Error::other("no file is read"));
        config.apply([("controllers", "-*")], &none)?;
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        let mut cluster = Cluster::new(config, start)?;
        let lists_namespaces = written.iter().any(|written| written.object.text("kind") == "Namespace");
        let Filled { rbac, left_out, invalid } = fill(&mut cluster, &mut written, home)?;
        let notes = left_out.notes("; -n names another");
        Ok(Dump { cluster, written, order: OnceLock::new(), rbac, notes, invalid, lists_namespaces })
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// What was left out of the cluster, or had to be assumed.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What validation refuses first of its roles and bindings: they are in the cluster all the same, which no server's can be.
    pub fn invalid(&self) -> Option<&Error> {
        self.invalid.as_ref()
    }

    /// Its own roles and bindings, in the order in which they are written; not those that come with a server.
    pub(crate) fn rbac(&self) -> impl Iterator<Item = Stored<'_>> {
        let stored = self.rbac.iter().filter_map(|(at, key)| {
            let object = self.cluster.store().objects().of(key)?;
            Some(Stored { key, object, written: self.written.get(*at)? })
        });
        stored.filter(|stored| !bootstrap::is_default(stored.object))
    }

    /// Whom its roles and bindings allow something, with the rule that does and where it is written; with `anywhere`, in
    /// whichever namespace.
    pub fn who_can(&self, info: &RequestInfo, anywhere: bool) -> Vec<Grounds> {
        let mut holders = self.cluster.who_can(info, anywhere);
        self.locate(&mut holders);
        holders
    }

    /// Looks up where rules are written.
    pub(crate) fn locate(&self, all: &mut [Grounds]) {
        let mut places = self.places();
        for held in all {
            held.source = places.of_rule(held).map(|line| line.to_string());
        }
    }

    /// Where its objects and rules are written.
    pub fn places(&self) -> Places<'_> {
        let roles = self.cluster.store().objects().all("clusterroles.rbac.authorization.k8s.io");
        let order = || Order::of(&self.written).gathering(roles.map(Arc::as_ref));
        Places::of(&self.written, self.order.get_or_init(order))
    }

    /// Whether it tells of objects of a kind.
    pub(crate) fn has_kind(&self, kind: &str) -> bool {
        self.written.iter().any(|written| written.called[0] == kind)
    }

    /// What looks like a mistake in who asks, or in what is asked for, in words.
    pub(crate) fn hints(&self, user: &User, info: &RequestInfo) -> Vec<Hint> {
        let attributes = Attributes { user: user.clone().authenticated(), info: info.clone() };
        let mut hints = self.cluster.hints(&attributes);
        self.heard_of(&attributes.user, &mut hints);
        hints
    }

    /// The same of a namespace alone.
    pub(crate) fn hint_of_namespace(&self, namespace: &str) -> Option<Hint> {
        let info =
            RequestInfo { is_resource: true, namespace: namespace.to_owned(), ..RequestInfo::default() };
        let is_of_it = |hint: &Hint| {
            matches!(hint, Hint::Unknown { what: Thing::Namespace, .. } | Hint::NothingIn { .. })
        };
        self.hints(&User::default(), &info).into_iter().find(is_of_it)
    }

    /// Takes what the dump does not tell of for what may still be there: the namespaces, if it lists none, and that of an account
    /// which a binding names.
    fn heard_of(&self, user: &User, hints: &mut Vec<Hint>) {
        if self.lists_namespaces {
            return;
        }
        let account = service_account(&user.name).filter(|_| self.cluster.knowledge().rbac().names(user));
        hints.retain(|hint| match (hint, account) {
            (Hint::Unknown { what: Thing::Namespace, name, .. }, Some((namespace, _))) => name != namespace,
            _ => true,
        });
        hints.iter_mut().for_each(unheard_of);
    }

    /// Whether somebody may do that, and why.
    pub fn explain(&mut self, user: User, info: RequestInfo, question: &str) -> Explanation {
        let namespace = info.namespace.clone();
        let asks = user.authenticated();
        let attributes = Attributes { user: asks.clone(), info };
        let (status, trace) = self.cluster.ask(&attributes);
        if !self.lists_namespaces {
            // It may be there all the same, and a cure need not make it.
            let missing = missing_namespaces(&self.cluster, std::iter::once(namespace.as_str()));
            self.cluster.restore(missing);
        }
        let moment = Moment { cluster: self.cluster.fork(), question: Question::Access(attributes) };
        let mut explanation = super::explain(&RequestReport::of_question(question, status, trace, moment));
        explanation.hints().for_each(|hints| self.heard_of(&asks, hints));
        let mut places = self.places();
        explanation.locate(&mut |role, namespace, rule| {
            places.line(&role.kind, namespace, &role.name, rule).map(|line| line.to_string())
        });
        explanation
    }
}

/// Puts objects into a fresh cluster as they are written, as a backup is restored: nothing is admitted, and where the dump holds
/// some of a kind of what comes with a server, the rest of that kind is taken out. Whose manifests name no namespace are in `home`,
/// or in `default`.
///
/// # Errors
///
/// What no server could have stored ([`unfit`]): what was meant would silently be missing.
pub(crate) fn fill(
    cluster: &mut Cluster,
    written: &mut [Written],
    home: Option<&str>,
) -> Result<Filled, Error> {
    let mut left_out = LeftOut::of(cluster.version(), home.unwrap_or("default"));
    let mut kept: BTreeMap<Key, usize> = BTreeMap::new();
    let (mut wrong, mut invalid) = (None, None);
    let all: Vec<Numbered> =
        written.iter_mut().map(|written| std::mem::take(&mut written.object)).enumerate().collect();
    let written = &*written;
    // What definitions add is known once they are there.
    let (definitions, others): (Vec<Numbered>, Vec<Numbered>) =
        all.into_iter().partition(|(_, object)| object.text("kind") == "CustomResourceDefinition");
    let uids: BTreeSet<String> =
        definitions.iter().chain(&others).map(|(_, object)| object.uid().to_owned()).collect();
    let mut place = |cluster: &Cluster, (at, mut object): Numbered| {
        let Some(row) = row(cluster.resources(), &object) else {
            wrong = wrong.take().or_else(|| unfit::kind(cluster.resources(), &object, &written[at]));
            *left_out.unknown.entry(object.text("kind").to_owned()).or_default() += 1;
            return None;
        };
        wrong = wrong.take().or_else(|| unfit::told(&object, &written[at], row, cluster.resources()));
        if object.name().is_empty() {
            left_out.nameless += 1;
            return None;
        }
        if row.namespaced && object.namespace().is_empty() {
            left_out.homeless += 1;
            object.set("metadata.namespace", left_out.home.clone());
        }
        keep_known_owners(&mut object, &uids);
        if unfit::is_strict(row) {
            kinds::of(row).fill(&mut object, cluster.version());
            invalid =
                invalid.take().or_else(|| unfit::refused(&object, &written[at], row, cluster.version()));
        } else if !unfit::is_served(&object, row, cluster.resources()) {
            left_out.otherwise(&object);
        }
        let namespace = if row.namespaced { object.namespace() } else { "" };
        let key = Key::new(&row.storage(), namespace, object.name());
        if let Some(before) = kept.insert(key.clone(), at) {
            left_out.twice(&written[before], &written[at]);
        }
        Some((key, object))
    };
    let definitions: Vec<(Key, Value)> =
        definitions.into_iter().map(established).filter_map(|object| place(cluster, object)).collect();
    cluster.restore(definitions);
    let mut objects: Vec<(Key, Value)> =
        others.into_iter().filter_map(|object| place(cluster, object)).collect();
    if let Some(error) = wrong {
        return Err(error);
    }
    let in_full: BTreeSet<Arc<str>> = objects
        .iter()
        .filter(|(_, object)| bootstrap::is_default(object))
        .map(|(key, _)| key.resource.clone())
        .collect();
    let defaults: Vec<Key> = cluster
        .store()
        .objects()
        .iter()
        .filter(|(key, object)| in_full.contains(&key.resource) && bootstrap::is_default(object))
        .map(|(key, _)| key)
        .collect();
    cluster.forget(&defaults);
    // A namespace that something is in is there, if the dump says so or not.
    let namespaces: BTreeSet<Arc<str>> = objects.iter().map(|(key, _)| key.namespace.clone()).collect();
    let listed: BTreeSet<Arc<str>> = objects
        .iter()
        .filter(|(key, _)| &*key.resource == "namespaces")
        .map(|(key, _)| key.name.clone())
        .collect();
    let unlisted = namespaces.difference(&listed).map(|namespace| &**namespace);
    objects.extend(missing_namespaces(cluster, unlisted));
    cluster.restore(objects);
    left_out.replaced = aggregate(cluster);
    let is_rbac = |key: &Key| key.resource.strip_suffix(rbac::GROUP).is_some_and(|of| of.ends_with('.'));
    let rbac = kept.into_iter().filter(|(key, _)| is_rbac(key)).map(|(key, at)| (at, key)).collect();
    Ok(Filled { rbac, left_out, invalid })
}

/// What became of a dump's objects.
pub(crate) struct Filled {
    /// Its roles and bindings by where they are written; of one that is written twice, the last counts.
    rbac: BTreeMap<usize, Key>,
    /// What was left out or assumed.
    pub(crate) left_out: LeftOut,
    /// What validation refuses first of its roles and bindings.
    pub(crate) invalid: Option<Error>,
}

/// What of a dump is not in its cluster, or not as it is written.
pub(crate) struct LeftOut {
    /// The release.
    version: Version,
    /// The kinds that the release does not serve, and how many objects there are of each.
    unknown: BTreeMap<String, usize>,
    /// The kinds in versions that the release does not serve, which it has in another one, and how many objects there are of each.
    otherwise: BTreeMap<(String, String), usize>,
    /// How many objects have no name, but the beginning of one.
    nameless: usize,
    /// The objects that are written more than once, in words, and how many there are.
    twice: (Vec<String>, usize),
    /// The cluster roles whose own rules give way to those that they gather.
    replaced: BTreeSet<String>,
    /// How many objects say no namespace though they are in one.
    homeless: usize,
    /// The namespace that they were put into.
    home: String,
}

impl LeftOut {
    fn of(version: Version, home: &str) -> LeftOut {
        let (unknown, twice) = (BTreeMap::new(), (Vec::new(), 0));
        let (otherwise, replaced) = (BTreeMap::new(), BTreeSet::new());
        let home = home.to_owned();
        LeftOut { version, unknown, otherwise, nameless: 0, twice, replaced, homeless: 0, home }
    }

    /// Takes note of an object in a version that is not served.
    fn otherwise(&mut self, object: &Value) {
        let of = (object.text("kind").to_owned(), object.text("apiVersion").to_owned());
        *self.otherwise.entry(of).or_default() += 1;
    }

    /// Takes note of an object that is written once more.
    fn twice(&mut self, before: &Written, after: &Written) {
        const TOLD: usize = 5;
        let (told, count) = &mut self.twice;
        *count += 1;
        if told.len() < TOLD {
            let ([of, at], what) = ([before, after].map(Written::at), after.shown());
            told.push(format!("{what} is written more than once: {at} counts, {of} does not"));
        }
    }

    /// The same in words; `otherwise` tells how another namespace is said.
    pub(crate) fn notes(&self, otherwise: &str) -> Vec<String> {
        let LeftOut { version, home, twice: (twice, count), .. } = self;
        let more = count - twice.len();
        let more =
            (more > 0).then(|| format!("{more} more objects are written more than once: the last counts"));
        let nameless = (self.nameless > 0).then(|| {
            let count = self.nameless;
            format!("{count} of the objects left out, which have a generateName: whoever creates them gets the name")
        });
        let unknown = self.unknown.iter().map(|(kind, count)| {
            format!("{count} of kind `{kind}` left out, which Kubernetes {version} does not serve by itself")
        });
        let as_written = self.otherwise.iter().map(|((kind, api_version), count)| {
            format!("{count} of kind `{kind}` taken as written in {api_version}, which Kubernetes {version} does not serve")
        });
        let homeless = (self.homeless > 0).then(|| {
            let count = self.homeless;
            format!("what names no namespace ({count} of the objects) is taken to be in `{home}`{otherwise}")
        });
        let replaced = self.replaced.iter().map(|role| {
            format!("ClusterRole {role} loses rules of its own: a controller writes those that it gathers in their place")
        });
        let told = unknown.chain(as_written).chain(nameless).chain(homeless).chain(twice.iter().cloned());
        told.chain(more).chain(replaced).collect()
    }
}

/// Takes away the references to owners that the dump does not hold. It is seldom whole, and the garbage collector of a cluster that
/// is filled from it would take what they own for orphans.
fn keep_known_owners(object: &mut Value, uids: &BTreeSet<String>) {
    let owners = object.list("metadata.ownerReferences");
    let known: Vec<Value> = owners.iter().filter(|owner| uids.contains(owner.text("uid"))).cloned().collect();
    if known.len() < owners.len() {
        object.set("metadata.ownerReferences", known);
    }
}

/// Those of namespaces that are not there, as they would be stored.
pub(crate) fn missing_namespaces<'a>(
    cluster: &Cluster,
    names: impl Iterator<Item = &'a str>,
) -> Vec<(Key, Value)> {
    let namespace = |name: &str| {
        json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name},
            "status": {"phase": "Active"},
        })
    };
    let objects = cluster.store().objects();
    names
        .filter(|name| !name.is_empty() && objects.get("namespaces", "", name).is_none())
        .map(|name| (Key::new("namespaces", "", name), namespace(name)))
        .collect()
}

/// An object as it is stored, and where it is written.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    /// Where it is stored.
    pub(crate) key: &'a Key,
    /// The object.
    pub(crate) object: &'a Value,
    /// Where it is written.
    pub(crate) written: &'a Written,
}

/// An object, and its place among those that were read.
type Numbered = (usize, Value);

/// A definition with the status that controllers give it, if it has none, as in manifests.
fn established((at, mut definition): Numbered) -> Numbered {
    if !definition.has("status.acceptedNames") {
        let names = definition.at("spec.names").clone();
        definition.set("status.acceptedNames", names);
        let kind = definition.text("spec.names.kind").to_lowercase();
        definition
            .at_mut("status.acceptedNames")
            .unwrap_or(&mut Value::Null)
            .set_default("singular", kind.as_str());
        definition.set("status.conditions", json!([{"type": "Established", "status": "True"}]));
    }
    (at, definition)
}

/// What a dump does not tell of may still be there.
fn unheard_of(hint: &mut Hint) {
    if let Hint::Unknown { what: Thing::Namespace, name, nearest } = hint {
        let (namespace, nearest) = (std::mem::take(name), nearest.take());
        *hint = Hint::NothingIn { namespace, nearest };
    }
}

/// The resource of an object, in whichever version it is written.
fn row<'t>(table: &'t Resources, object: &Value) -> Option<&'t Arc<Resource>> {
    let (group, _) = object.text("apiVersion").split_once('/').unwrap_or(("", object.text("apiVersion")));
    table.of_kind(group, object.text("kind"))
}

/// Gives aggregated cluster roles the rules of those that they select, those of the release too, as their controller does: in the
/// place of what is written, where anything is selected. What a server stored (it has a uid) has been through that already, maybe
/// with roles that the dump does not hold, and keeps its rules. Those that lost any.
fn aggregate(cluster: &mut Cluster) -> BTreeSet<String> {
    const ROLES: &str = "clusterroles.rbac.authorization.k8s.io";
    let mut replaced = BTreeSet::new();
    // What one gathered another may gather; roles that gather each other never come to an end.
    for round in 0..=cluster.store().objects().all(ROLES).count() {
        let roles = || cluster.store().objects().all(ROLES).map(|role| &**role);
        let filled = roles().filter_map(|role| {
            let gathered = aggregation::rules(role, roles())?;
            let own = PolicyRule::list(role);
            let rules = match role.uid().is_empty() && !gathered.is_empty() {
                true => gathered,
                false => {
                    let new = gathered.into_iter().filter(|rule| !own.contains(rule));
                    own.iter().cloned().chain(new).collect()
                }
            };
            if round == 0 && own.iter().any(|rule| !rules.contains(rule)) {
                replaced.insert(role.name().to_owned());
            }
            let mut filled = (rules != own).then(|| role.clone())?;
            filled.set("rules", json!(rules));
            Some((Key::new(ROLES, "", role.name()), filled))
        });
        let filled: Vec<(Key, Value)> = filled.collect();
        if filled.is_empty() {
            break;
        }
        cluster.restore(filled);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::source::read;
    use crate::question::{self, Place};

    fn code(dump: &mut Dump, user: &str, words: &str) -> u16 {
        let info = question::read(words, dump.cluster.resources(), Place::Default).expect("a question").info;
        dump.explain(User::named(user), info, words).code
    }

    const MANIFESTS: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sum}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: sum}}]}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: part, labels: {to: sum, rbac.authorization.k8s.io/aggregate-to-view: \"true\"}}
rules: [{apiGroups: [metrics.k8s.io], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: alice}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sum}
subjects: [{kind: User, name: alice}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: carol}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: User, name: carol}]
";

    #[test]
    fn a_kind_that_is_a_slip_of_the_pen_is_no_kind_to_leave_out() {
        let filled = |kind: &str, api_version: &str| {
            let text = format!("# one\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n");
            Dump::new(Version::DEFAULT, read("m.yaml", text).expect("manifests"), None)
        };
        for (kind, api_version, hint) in [
            ("RoleBindng", "rbac.authorization.k8s.io/v1", "did you mean `RoleBinding`?"),
            ("Deployment", "v1", "`Deployment` is in apps/v1"),
        ] {
            let error = filled(kind, api_version).err().expect("it is refused");
            let said = format!("m.yaml:2:1: unknown kind `{kind}` of {api_version} in Kubernetes 1.36");
            assert_eq!((error.to_string(), error.hint.as_deref()), (said, Some(hint)));
        }
        // Of another release, of a definition that is not there, of a program beside the server.
        for (kind, api_version) in
            [("PodSecurityPolicy", "policy/v1beta1"), ("Deploymnt", "example.com/v1"), ("Config", "v1")]
        {
            let dump = filled(kind, api_version).expect("it is left out");
            assert!(dump.notes()[0].starts_with(&format!("1 of kind `{kind}` left out")));
        }
    }

    #[test]
    fn what_a_role_gathers_stands_in_the_place_of_its_own_rules() {
        let own = "rules: [{apiGroups: [''], resources: [secrets], verbs: [list]}]\n";
        let of = |text: &str| {
            let written = read("m.yaml", text.to_owned()).expect("manifests");
            let mut dump = Dump::new(Version::DEFAULT, written, Some("shop")).expect("a cluster");
            let codes = ["secrets", "pods.metrics.k8s.io"]
                .map(|what| code(&mut dump, "alice", &format!("list {what} -n any")));
            (
                codes,
                dump.notes().iter().any(|note| note.starts_with("ClusterRole sum loses rules of its own")),
            )
        };
        let text = MANIFESTS.replacen("rules: []\n", own, 1);
        assert_eq!(of(&text), ([403, 200], true));
        // A server stored it so, or nothing is selected.
        assert_eq!(of(&text.replacen("{name: sum}", "{name: sum, uid: u}", 1)), ([200, 200], false));
        assert_eq!(of(&text.replacen("{to: sum}}]", "{to: none}}]", 1)), ([200, 403], false));
        // Two that gather each other come to an end.
        let each_other = text.replacen("{name: sum}", "{name: sum, labels: {of: part}}", 1).replacen(
            "metadata: {name: part",
            "aggregationRule: {clusterRoleSelectors: [{matchLabels: {of: part}}]}\nmetadata: {name: part",
            1,
        );
        assert!(of(&each_other).1);
    }

    #[test]
    fn roles_of_manifests_are_aggregated_and_those_of_the_release_too() {
        let written = read("m.yaml", MANIFESTS.to_owned()).expect("manifests");
        let mut dump = Dump::new(Version::DEFAULT, written, Some("shop")).expect("a cluster");
        assert_eq!(code(&mut dump, "alice", "list pods.metrics.k8s.io -n any"), 200);
        // By way of view, which edit gathers.
        assert_eq!(code(&mut dump, "carol", "list pods.metrics.k8s.io -n shop"), 200);
        assert_eq!(code(&mut dump, "carol", "list pods.metrics.k8s.io"), 403);
        let note = "what names no namespace (1 of the objects) is taken to be in `shop`; -n names another";
        assert_eq!(dump.notes(), [note]);
    }
}
