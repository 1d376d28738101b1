//! The table of resources: what a release of Kubernetes serves under which names (discovery).
//!
//! The facts are in `resources.txt`: discovery documents of recorded servers (1.20, 1.25, 1.33, 1.36); in between and in
//! 1.37, the types of a release ([`super::schema`]) say when a version came or went. A resource is served in several versions of its group and stored once: objects are kept
//! by group and plural, and a version is only another `apiVersion` on the same object.

use super::Version;
use super::custom::{self, Custom};
use super::version::ByRelease;
use crate::error::{Error, nearest_slip};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

mod lookup;
mod table;

/// A word of the table: part of its text, or of a definition that somebody applied.
pub(crate) type Word = Cow<'static, str>;

/// One resource or subresource of a group version.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The API group; empty for core.
    pub group: Word,
    /// The version that serves it.
    pub version: Word,
    /// The plural (`pods`).
    pub name: Word,
    /// The part after the slash (`status`); empty for the resource itself.
    pub subresource: Word,
    /// The kind of the objects that travel.
    pub kind: Word,
    /// The kind's group (`autoscaling` for every `scale`).
    pub kind_group: Word,
    /// The kind's version.
    pub kind_version: Word,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// The verbs, in the order of discovery.
    pub verbs: Vec<&'static str>,
    /// The singular; empty for a subresource. Discovery tells it since 1.27.
    pub singular: Word,
    /// The short names (`po`).
    pub short_names: Vec<Word>,
    /// The categories (`all`).
    pub categories: Vec<Word>,
    /// The first minor release that serves it, as far back as is modelled.
    pub since: u8,
    /// The last minor release that serves it, as far as is modelled.
    pub until: u8,
    /// What its definition says of it, for a custom resource.
    pub(crate) custom: Option<Arc<Custom>>,
}

impl Resource {
    /// `apps/v1`, or `v1` for core.
    pub fn api_version(&self) -> String {
        join_group_version(&self.group, &self.version)
    }

    /// The `apiVersion` of the kind that travels.
    pub fn kind_api_version(&self) -> String {
        join_group_version(&self.kind_group, &self.kind_version)
    }

    /// `pods`, or `pods/status` for a subresource.
    pub fn path(&self) -> String {
        match &*self.subresource {
            "" => self.name.to_string(),
            sub => format!("{}/{sub}", self.name),
        }
    }

    /// Under which name its objects are stored (`deployments.apps`): what several groups serve is stored once.
    pub fn storage(&self) -> String {
        match (&*self.group, &*self.name) {
            ("events.k8s.io", "events") => "events".to_owned(),
            ("extensions", "ingresses") => "ingresses.networking.k8s.io".to_owned(),
            (group, name) => super::GroupResource::new(group, name).to_string(),
        }
    }

    /// The key of an object in etcd (`storage/storagebackend`, `kubeapiserver.SpecialDefaultResourcePrefixes`).
    pub(crate) fn etcd_key(&self, namespace: &str, name: &str) -> String {
        let own = self.custom.is_some()
            || matches!(&*self.group, "apiextensions.k8s.io" | "apiregistration.k8s.io");
        let prefix = match (&*self.group, &*self.name) {
            (group, plural) if own => format!("{group}/{plural}"),
            ("", "replicationcontrollers") => "controllers".to_owned(),
            ("", "endpoints") => "services/endpoints".to_owned(),
            ("", "nodes") => "minions".to_owned(),
            ("", "services") => "services/specs".to_owned(),
            (_, "ingresses") => "ingress".to_owned(),
            (_, "podsecuritypolicies") => "podsecuritypolicy".to_owned(),
            (_, plural) => plural.to_owned(),
        };
        let scope = if self.namespaced { format!("{namespace}/") } else { String::new() };
        format!("/registry/{prefix}/{scope}{name}")
    }

    /// What is said of the objects that travel, where they are custom resources: not of a scale.
    pub(crate) fn custom_objects(&self) -> Option<&Custom> {
        self.custom.as_deref().filter(|_| self.kind_group == self.group)
    }

    /// What a path says of it, in the order in which it is looked for.
    fn full_path(&self) -> (&str, &str, &str, &str) {
        (&self.group, &self.version, &self.name, &self.subresource)
    }

    /// Whether the resource has a verb.
    pub fn has_verb(&self, verb: &str) -> bool {
        self.verbs.contains(&verb)
    }
}

/// Where a group version is served: `/apis/apps/v1`, or `/api/v1` for core.
pub fn root_path(group: &str, version: &str) -> String {
    let root = if group.is_empty() { "/api" } else { "/apis" };
    format!("{root}/{}", join_group_version(group, version))
}

fn join_group_version(group: &str, version: &str) -> String {
    match group {
        "" => version.to_owned(),
        _ => format!("{group}/{version}"),
    }
}

/// A group of the API with its versions, the preferred one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name; empty for core.
    pub name: Word,
    /// The versions in the order of discovery; never empty.
    pub versions: Vec<Word>,
}

impl Group {
    /// The version that discovery recommends.
    pub fn preferred(&self) -> &str {
        self.versions.first().map_or("", |version| &**version)
    }
}

/// What is served: the resources of one release, and those that a cluster's definitions add.
#[derive(Clone, Debug)]
pub struct Resources {
    version: Version,
    /// In the order of discovery, so that a group version's rows stand together.
    rows: Vec<Arc<Resource>>,
    groups: Vec<Group>,
    /// Row numbers, sorted by what [`Resources::find`] looks for.
    by_path: Vec<usize>,
    /// The group versions that other servers serve.
    elsewhere: Vec<(Word, Word)>,
    /// What is told of them (OpenAPI), once somebody has asked.
    openapi: OnceLock<Arc<[u8]>>,
}

/// What an API service says: that a group version is served, and whether by this server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Service {
    /// The group.
    pub group: Word,
    /// The version.
    pub version: Word,
    /// Whether this server serves it, if anybody does.
    pub local: bool,
}

/// The resources that a release serves by itself.
pub fn resources(version: Version) -> &'static Arc<Resources> {
    static TABLES: ByRelease<Arc<Resources>> = ByRelease::new();
    TABLES.get(version, |version| {
        Arc::new(Resources::new(
            version,
            table::rows(version).filter(|(_, switch)| switch.on).map(row).collect(),
        ))
    })
}

fn row((row, _): (Resource, Switch)) -> Arc<Resource> {
    Arc::new(row)
}

/// Whether a release serves a resource unless told otherwise, and the gate that it hangs on besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switch {
    pub on: bool,
    pub gate: &'static str,
}

/// Those resources of a release that somebody chooses, also of what it does not serve by itself.
pub(crate) fn chosen(version: Version, choice: &dyn Fn(&Resource, Switch) -> bool) -> Arc<Resources> {
    let rows = table::rows(version).filter(|(row, switch)| choice(row, *switch));
    Arc::new(Resources::new(version, rows.map(row).collect()))
}

impl Resources {
    fn new(version: Version, rows: Vec<Arc<Resource>>) -> Resources {
        let mut groups: Vec<Group> = Vec::new();
        for row in &rows {
            match groups.last_mut() {
                Some(group) if group.name == row.group => {
                    if group.versions.last() != Some(&row.version) {
                        group.versions.push(row.version.clone());
                    }
                }
                _ => groups.push(Group { name: row.group.clone(), versions: vec![row.version.clone()] }),
            }
        }
        let mut by_path: Vec<usize> = (0..rows.len()).collect();
        by_path.sort_by(|a, b| rows[*a].full_path().cmp(&rows[*b].full_path()));
        Resources { version, rows, groups, by_path, elsewhere: Vec::new(), openapi: OnceLock::new() }
    }

    /// The same with the rows of definitions (groups by name, versions by their order, after what the release has), and with
    /// the group versions of API services.
    pub(crate) fn with(&self, mut further: Vec<Arc<Resource>>, services: Vec<Service>) -> Resources {
        further.sort_by_cached_key(|row| {
            (row.group.clone(), Reverse(custom::priority(&row.version)), row.name.clone())
        });
        let (joining, apart): (Vec<_>, Vec<_>) =
            further.into_iter().partition(|row| !self.of_group(&row.group).is_empty());
        let mut rows = self.rows.clone();
        for row in joining.into_iter().rev() {
            let last = rows.iter().rposition(|own| own.group == row.group && own.custom.is_none());
            rows.insert(last.map_or(rows.len(), |last| last + 1), row);
        }
        rows.extend(apart);
        let mut table = Resources::new(self.version, rows);
        for service in services {
            match table.groups.iter_mut().find(|group| group.name == service.group) {
                Some(group) if group.versions.contains(&service.version) => {}
                Some(group) => group.versions.push(service.version.clone()),
                None => {
                    let versions = vec![service.version.clone()];
                    table.groups.push(Group { name: service.group.clone(), versions });
                }
            }
            if !service.local {
                table.elsewhere.push((service.group, service.version));
            }
        }
        table
    }

    /// Whether a group is there by definitions alone.
    pub(crate) fn is_custom(&self, group: &str) -> bool {
        let rows = self.of_group(group);
        !rows.is_empty() && rows.iter().all(|row| row.custom.is_some())
    }

    /// Whether another server serves a group version.
    pub(crate) fn is_elsewhere(&self, group: &str, version: &str) -> bool {
        self.elsewhere.iter().any(|(of, served)| of == group && served == version)
    }

    /// Whether a version is nobody's, of a group that the release itself does not have.
    pub(crate) fn is_lost(&self, group: &str, version: &str) -> bool {
        let own = self.of_group(group).iter().any(|row| row.custom.is_none());
        !own && self.has_group(group) && self.of_group_version(group, version).next().is_none()
    }

    /// Whose resources these are.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The document that describes them, made once.
    pub(crate) fn openapi(&self, make: impl FnOnce(&Resources) -> Arc<[u8]>) -> Arc<[u8]> {
        self.openapi.get_or_init(|| make(self)).clone()
    }

    /// All rows in the order of discovery.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.rows.iter()
    }

    /// The resource that a path names; `subresource` is empty for the resource itself.
    pub fn find(&self, group: &str, version: &str, name: &str, subresource: &str) -> Option<&Arc<Resource>> {
        let wanted = (group, version, name, subresource);
        let at = self.by_path.binary_search_by(|&i| self.rows[i].full_path().cmp(&wanted)).ok()?;
        self.rows.get(*self.by_path.get(at)?)
    }

    /// The groups in the order of discovery, core first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group of that name.
    pub fn group(&self, group: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.name == group)
    }

    /// Whether any version of a group is served.
    pub fn has_group(&self, group: &str) -> bool {
        self.group(group).is_some()
    }

    /// Whether a version of a group is served.
    pub fn has_group_version(&self, group: &str, version: &str) -> bool {
        self.group(group).is_some_and(|g| g.versions.iter().any(|served| served == version))
    }

    /// Group and version of everything served, in the order of discovery.
    pub fn group_versions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.groups.iter().flat_map(|group| group.versions.iter().map(|version| (&*group.name, &**version)))
    }

    /// The resources of a group version with their subresources, in the order of discovery.
    pub fn of_group_version<'a, 'w>(
        &'a self,
        group: &'w str,
        version: &'w str,
    ) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a, 'w> {
        self.of_group(group).iter().filter(move |row| row.version == version)
    }

    /// The rows of a group, which stand together.
    fn of_group(&self, group: &str) -> &[Arc<Resource>] {
        let from = self.by_path.partition_point(|&i| *self.rows[i].group < *group);
        let till = self.by_path.partition_point(|&i| *self.rows[i].group <= *group);
        let first = self.by_path[from..till].iter().min().copied().unwrap_or_default();
        &self.rows[first..first + (till - from)]
    }

    /// The resource whose objects have a kind.
    pub fn by_kind(&self, group: &str, version: &str, kind: &str) -> Option<&Arc<Resource>> {
        self.of_group_version(group, version).find(|row| row.subresource.is_empty() && row.kind == kind)
    }

    /// The resource whose objects have a kind, in the first version of its group.
    pub fn of_kind(&self, group: &str, kind: &str) -> Option<&Arc<Resource>> {
        self.of_group(group).iter().find(|row| row.subresource.is_empty() && row.kind == kind)
    }

    /// The groups and versions in which a kind is served.
    pub(crate) fn homes(&self, kind: &str) -> Vec<String> {
        let rows = self.rows.iter().filter(|row| row.subresource.is_empty() && row.kind == kind);
        rows.map(|row| row.api_version()).collect()
    }

    /// That a kind is not of a version: with where it is, or which one is meant.
    pub(crate) fn unknown_kind(&self, kind: &str, api_version: &str) -> Error {
        let error =
            Error::new(format!("unknown kind `{kind}` of {api_version} in Kubernetes {}", self.version));
        match (self.homes(kind).join(", "), self.kind_meant(kind)) {
            (homes, _) if !homes.is_empty() => error.hint(format!("`{kind}` is in {homes}")),
            (_, Some(meant)) => error.hint(format!("did you mean `{meant}`?")),
            _ => error.nearest(kind, self.kinds()),
        }
    }

    /// The kind that one which there isn't is a slip of the pen for.
    pub(crate) fn kind_meant(&self, kind: &str) -> Option<&str> {
        nearest_slip(kind, self.kinds())
    }

    fn kinds(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter(|row| row.subresource.is_empty()).map(|row| &*row.kind)
    }

    /// The resource in the version that is preferred: under it, objects are stored and shown by kubectl.
    pub fn preferred(&self, group: &str, name: &str) -> Option<&Arc<Resource>> {
        self.of_group(group).iter().find(|row| row.subresource.is_empty() && row.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::schema::schema;
    use std::collections::BTreeSet;

    /// `group/version/name/kind` of a row, for one-line expectations.
    fn show(row: Option<&Arc<Resource>>) -> String {
        row.map_or("-".to_owned(), |r| {
            format!("{} {} {} {}", r.api_version(), r.path(), r.kind_api_version(), r.kind)
        })
    }

    #[test]
    fn paths_by_release() {
        for (minor, gv, path, expected) in [
            (20, ("", "v1"), ("pods", ""), "v1 pods v1 Pod"),
            (20, ("batch", "v1"), ("cronjobs", ""), "-"),
            (21, ("batch", "v1"), ("cronjobs", ""), "batch/v1 cronjobs batch/v1 CronJob"),
            (24, ("batch", "v1beta1"), ("cronjobs", ""), "batch/v1beta1 cronjobs batch/v1beta1 CronJob"),
            (25, ("batch", "v1beta1"), ("cronjobs", ""), "-"),
            (22, ("rbac.authorization.k8s.io", "v1beta1"), ("roles", ""), "-"),
            (20, ("", "v1"), ("pods", "eviction"), "v1 pods/eviction policy/v1beta1 Eviction"),
            (36, ("", "v1"), ("pods", "eviction"), "v1 pods/eviction policy/v1 Eviction"),
            (36, ("apps", "v1"), ("deployments", "scale"), "apps/v1 deployments/scale autoscaling/v1 Scale"),
            (
                24,
                ("policy", "v1beta1"),
                ("podsecuritypolicies", ""),
                "policy/v1beta1 podsecuritypolicies policy/v1beta1 PodSecurityPolicy",
            ),
            (25, ("policy", "v1beta1"), ("podsecuritypolicies", ""), "-"),
        ] {
            let table = resources(Version::minor(minor));
            assert_eq!(show(table.find(gv.0, gv.1, path.0, path.1)), expected, "1.{minor} {gv:?} {path:?}");
        }
    }

    #[test]
    fn groups_have_a_preferred_version_and_rows() {
        for release in Version::all() {
            let table = resources(release);
            for group in table.groups() {
                for version in &group.versions {
                    assert!(table.of_group_version(&group.name, version).next().is_some());
                }
            }
            let mut seen: Vec<_> = table.iter().map(|r| (r.api_version(), r.path())).collect();
            let count = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), count, "{release}: a row twice");
        }
        let preferred = |minor, group| resources(Version::minor(minor)).group(group).map(Group::preferred);
        assert_eq!(preferred(20, "autoscaling"), Some("v1"));
        assert_eq!(preferred(36, "autoscaling"), Some("v2"));
        assert_eq!(preferred(36, "extensions"), None);
    }

    /// A version that is no alpha is served, but for betas since 1.24 (KEP 3136), of which flow control's was an exception.
    #[test]
    fn what_has_types_is_served() {
        let mut betas: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        for release in Version::all() {
            let kinds =
                resources(release).iter().map(|row| (&*row.kind_group, &*row.kind_version, &*row.kind));
            let served: BTreeSet<(&str, &str, &str)> = kinds.collect();
            for (group, version, kind) in schema(release).kinds(release).filter(|(group, ..)| *group != "*") {
                let beta = version.contains("beta");
                if beta && (release < Version::minor(24) || group == "flowcontrol.apiserver.k8s.io") {
                    betas.insert((group, version, kind));
                }
                let wanted = !version.contains("alpha") && (!beta || betas.contains(&(group, version, kind)));
                let told = ["APIGroup", "APIVersions", "Status", "EphemeralContainers"].contains(&kind);
                let is = served.contains(&(group, version, kind));
                assert_eq!(is, wanted && !told, "{release}: {group}/{version} {kind}");
            }
        }
    }

    #[test]
    fn words_that_kubectl_takes() {
        for (minor, word, expected) in [
            (20, "po", "v1 pods v1 Pod"),
            (20, "Pod", "v1 pods v1 Pod"),
            (20, "deploy", "apps/v1 deployments apps/v1 Deployment"),
            (20, "deployments.apps", "apps/v1 deployments apps/v1 Deployment"),
            (20, "deployment.v1.apps", "apps/v1 deployments apps/v1 Deployment"),
            (20, "roles.rbac", "rbac.authorization.k8s.io/v1 roles rbac.authorization.k8s.io/v1 Role"),
            (20, "ing", "networking.k8s.io/v1 ingresses networking.k8s.io/v1 Ingress"),
            (20, "ingress.extensions", "extensions/v1beta1 ingresses extensions/v1beta1 Ingress"),
            (20, "cj", "batch/v1beta1 cronjobs batch/v1beta1 CronJob"),
            (36, "ev", "v1 events v1 Event"),
            (36, "hpa", "autoscaling/v2 horizontalpodautoscalers autoscaling/v2 HorizontalPodAutoscaler"),
            (
                36,
                "hpa.v1.autoscaling",
                "autoscaling/v1 horizontalpodautoscalers autoscaling/v1 HorizontalPodAutoscaler",
            ),
            (36, "psp", "-"),
        ] {
            assert_eq!(show(resources(Version::minor(minor)).lookup(word)), expected, "1.{minor} {word}");
        }
        let table = resources(Version::NEWEST);
        assert_eq!(table.nearest("serviceacounts"), Some("serviceaccounts"));
        assert_eq!(table.nearest("Deploymnet"), Some("deployment"));
        assert_eq!(table.nearest("unrelated-thing"), None);
    }
}
