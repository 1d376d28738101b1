//! Completion: what may stand at the end of a line, from the prompt's commands, kubectl's tables and the live cluster.

use super::commands::{COMMANDS, METHODS};
use crate::api::rbac::VERBS;
use crate::api::{Dig, root_path};
use crate::clients::inside::{self, Inside};
use crate::clients::kubectl::{Slot, Suggested, suggest};
use crate::clients::pod::Pod;
use crate::clients::shell;
use crate::cluster::Cluster;
use crate::json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What completion needs to know of a session.
pub(crate) struct World {
    /// The cluster.
    pub cluster: Cluster,
    /// In which pod the line is typed.
    pub pod: Option<String>,
    /// What was saved, to be named `$NAME`.
    pub saved: Vec<String>,
}

impl World {
    /// Where the word at the end of a line begins, and what it may become, in order.
    pub(crate) fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let mut blanks = line.char_indices().filter(|(_, c)| c.is_whitespace());
        let start = blanks.next_back().map_or(0, |(at, c)| at + c.len_utf8());
        let partial = &line[start..];
        let words: Vec<String> = line[..start].split_whitespace().map(str::to_owned).collect();
        if let Some(name) = partial.strip_prefix('$') {
            let saved = self.saved.iter().filter(|saved| saved.starts_with(name));
            return (start, saved.map(|saved| format!("${saved}")).collect());
        }
        let words: Vec<String> = match words.first().map(String::as_str) {
            // What is tried is a line of its own.
            Some("what-if" | "fork") => words[1..].to_vec(),
            Some(_) | None => words,
        };
        let (from, found) = self.word(&words, partial);
        let typed = &partial[from..];
        let found: BTreeSet<String> = found.into_iter().filter(|word| word.starts_with(typed)).collect();
        (start + from, found.into_iter().collect())
    }

    /// What may stand at the end, and where in the word it begins.
    fn word(&self, words: &[String], partial: &str) -> (usize, Vec<String>) {
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        match texts.as_slice() {
            [] => (0, self.first()),
            ["kubectl", ..] if self.pod.is_none() => self.kubectl(&words[1..], partial),
            ["in"] => (0, pods(&self.cluster)),
            ["in", _] => (0, owned(shell::COMMANDS.iter().copied())),
            ["in", target, ..] => (0, self.files(target, partial)),
            ["as"] => (0, self.users()),
            ["wait"] => (0, owned(["1h", "1m", "10m", "30s"])),
            [method] if METHODS.contains(method) => (0, self.paths()),
            _ => (0, self.pod.as_ref().map(|pod| self.files(pod, partial)).unwrap_or_default()),
        }
    }

    fn first(&self) -> Vec<String> {
        let own = COMMANDS.iter().map(|command| command.name);
        match &self.pod {
            None => owned(own.chain(METHODS.iter().copied())),
            Some(_) => {
                let own = own.filter(|name| *name != "kubectl" && !METHODS.contains(name));
                owned(shell::COMMANDS.iter().copied().chain(own))
            }
        }
    }

    /// The files and directories of a pod next to what is typed of a path.
    fn files(&self, pod: &str, partial: &str) -> Vec<String> {
        let pod = inside::Target::read(pod).ok().and_then(|target| target.running(&self.cluster));
        let Some(pod) = pod else { return Vec::new() };
        let inside = Inside::of(&self.cluster, &pod, None);
        let folder = partial.rfind('/').map_or("/", |at| &partial[..=at]);
        let names = inside.directory(folder).unwrap_or_default();
        let path = |name: String| {
            let path = format!("{folder}{name}");
            if inside.file(&path).is_some() { path } else { path + "/" }
        };
        names.into_iter().map(path).collect()
    }

    fn kubectl(&self, words: &[String], partial: &str) -> (usize, Vec<String>) {
        let said = suggest(words, partial, self.cluster.version());
        // Of a list, the last one.
        let list = partial[said.from..].rfind(',').map_or(said.from, |at| said.from + at + 1);
        let mut found = said.words.clone();
        found.extend(self.wanted(&said, &partial[list..]));
        (list, found)
    }

    fn wanted(&self, said: &Suggested, partial: &str) -> Vec<String> {
        match said.wanted {
            Slot::Namespace => self.objects("namespaces", ""),
            Slot::Resource => self.resources(),
            Slot::Object => {
                match (partial.split_once('/'), said.operands.iter().find(|w| !w.contains('/'))) {
                    (Some((resource, _)), None) => {
                        let names = self.objects(resource, &said.namespace);
                        names.into_iter().map(|name| format!("{resource}/{name}")).collect()
                    }
                    (_, Some(resource)) => self.objects(resource, &said.namespace),
                    (None, None) => self.resources(),
                }
            }
            Slot::Of(resource) => self.objects(resource, &said.namespace),
            Slot::Account => self.accounts(':'),
            Slot::User => self.users(),
            Slot::Verb => owned(VERBS),
            Slot::Words(words) => owned(words.iter().copied()),
            Slot::Unknown => Vec::new(),
        }
    }

    fn resources(&self) -> Vec<String> {
        let rows = self.cluster.resources().iter().filter(|row| row.subresource.is_empty());
        owned(rows.map(|row| &*row.name))
    }

    /// The names of a resource's objects in a namespace.
    fn objects(&self, resource: &str, namespace: &str) -> Vec<String> {
        let Some(row) = self.cluster.resources().lookup(resource) else { return Vec::new() };
        let namespace = if row.namespaced { namespace } else { "" };
        let objects = self.cluster.store().objects();
        objects.list(&row.storage(), namespace).map(|object| object.name().to_owned()).collect()
    }

    /// `NAMESPACE:NAME` of every service account.
    fn accounts(&self, between: char) -> Vec<String> {
        let accounts = self.cluster.store().objects().all("serviceaccounts");
        accounts.map(|account| format!("{}{between}{}", account.namespace(), account.name())).collect()
    }

    /// Whoever is known by name: in bindings, and as service accounts.
    fn users(&self) -> Vec<String> {
        let objects = self.cluster.store().objects();
        let kinds =
            ["rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"];
        let bindings = kinds.iter().flat_map(|kind| objects.all(kind));
        let subjects = bindings.flat_map(|binding| binding.list("subjects"));
        let users = subjects.filter(|subject| subject.text("kind") == "User");
        let users = users.map(|subject| subject.text("name").to_owned());
        let accounts = self.accounts(':').into_iter().map(|name| format!("system:serviceaccount:{name}"));
        users.chain(accounts).chain(owned(["admin", "none", "--token"])).collect()
    }

    /// The paths of collections.
    fn paths(&self) -> Vec<String> {
        let rows = self.cluster.resources().iter().filter(|row| row.subresource.is_empty());
        let all = rows.map(|row| format!("{}/{}", root_path(&row.group, &row.version), row.name));
        all.chain(owned(["/api", "/apis", "/healthz", "/livez", "/readyz", "/version"])).collect()
    }
}

/// The running pods, as `in` names them.
pub(crate) fn pods(cluster: &Cluster) -> Vec<String> {
    let running = |pod: &&Arc<Value>| pod.text("status.phase") == "Running";
    let pods = cluster.store().objects().all("pods").filter(running);
    let mut names: Vec<String> = pods.map(|pod| format!("{}/pod/{}", pod.namespace(), pod.name())).collect();
    let deployments = cluster.store().objects().all("deployments.apps");
    names.extend(deployments.map(|one| format!("{}/deployment/{}", one.namespace(), one.name())));
    names
}

fn owned<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}
