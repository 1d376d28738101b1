//! Operators with a definition of their own against the server: one of kube-rs, and one of kopf (`operators/kopf.py`), which
//! is run where `KOPF` says where kopf is (`tests/operators.sh` gets it).

#[path = "support/client.rs"]
mod client;
#[path = "operators/kopf.rs"]
mod kopf;
#[path = "support/serving.rs"]
mod serving;

use client::{Server, object, refused, settled, with_servers};
use futures_util::StreamExt;
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Object, Patch, PatchParams, PostParams,
    WatchEvent, WatchParams,
};
use kubeverdict::json::{Value, json};
use libtest_mimic::{Arguments, Trial};
use serde::{Deserialize, Serialize};
use std::time::Duration;

fn main() {
    let passes = |test: Box<dyn FnOnce() + Send>| {
        move || {
            test();
            Ok(())
        }
    };
    let mut trials =
        vec![Trial::test("an_operator_lives_by_its_role", passes(Box::new(an_operator_lives_by_its_role)))];
    if let Ok(kopf) = std::env::var("KOPF") {
        let test = move || kopf::an_operator_lacks_a_permission(&kopf);
        trials.push(Trial::test("kopf::an_operator_lacks_a_permission", passes(Box::new(test))));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Spec {
    size: i64,
    color: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Status {
    phase: String,
}

type Widget = Object<Spec, Status>;

fn widgets() -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("example.com", "v1", "Widget"), "widgets")
}

/// Defines widgets, and waits until they are served.
async fn define(admin: &Client) {
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "required": ["color"], "properties": {
            "size": {"type": "integer", "default": 3, "minimum": 1}, "color": {"type": "string"}}},
        "status": {"type": "object", "properties": {"phase": {"type": "string", "enum": ["Pending", "Ready"]}}}}});
    let definition = json!({"metadata": {"name": "widgets.example.com"}, "spec": {
        "group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                      "schema": {"openAPIV3Schema": schema}}]}});
    let definitions: Api<CustomResourceDefinition> = Api::all(admin.clone());
    definitions.create(&PostParams::default(), &object(definition)).await.expect("a definition");
    settled(|| async {
        let definition = definitions.get("widgets.example.com").await.expect("it is there");
        let conditions = definition.status.and_then(|status| status.conditions).unwrap_or_default();
        conditions.iter().any(|condition| condition.type_ == "Established" && condition.status == "True")
    })
    .await;
}

/// An account whose role says what it may in `default`; its client, and its role's name.
async fn operator(server: &Server, rules: &Value) -> Client {
    let (admin, post) = (server.admin(), PostParams::default());
    let accounts: Api<ServiceAccount> = Api::namespaced(admin.clone(), "default");
    let bindings: Api<RoleBinding> = Api::namespaced(admin, "default");
    accounts.create(&post, &object(json!({"metadata": {"name": "operator"}}))).await.expect("an account");
    allow(server, rules).await;
    let binding = json!({"metadata": {"name": "operator"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "operator"},
        "subjects": [{"kind": "ServiceAccount", "name": "operator", "namespace": "default"}]});
    bindings.create(&post, &object(binding)).await.expect("a binding");
    let request: TokenRequest = object(json!({"spec": {"audiences": [], "expirationSeconds": 3600}}));
    let token = accounts.create_token_request("operator", &post, &request).await.expect("a token");
    server.client(&token.status.and_then(|status| status.token).expect("a token"))
}

/// Says what the account may.
async fn allow(server: &Server, rules: &Value) {
    let roles: Api<Role> = Api::namespaced(server.admin(), "default");
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "operator"},
                      "rules": rules});
    let params = PatchParams::apply("admin");
    roles.patch("operator", &params, &Patch::Apply(role)).await.expect("a role");
}

/// The next thing that a watch tells, ten seconds at most: what, and of which generation and phase.
async fn next<S>(events: &mut S) -> (&'static str, Widget)
where
    S: futures_util::Stream<Item = kube::Result<WatchEvent<Widget>>> + Unpin,
{
    loop {
        let event =
            tokio::time::timeout(Duration::from_secs(10), events.next()).await.expect("an event in time");
        match event.expect("the watch goes on").expect("an event") {
            WatchEvent::Added(widget) => return ("added", widget),
            WatchEvent::Modified(widget) => return ("modified", widget),
            WatchEvent::Deleted(widget) => return ("deleted", widget),
            WatchEvent::Bookmark(_) => {}
            WatchEvent::Error(status) => panic!("{status:?}"),
        }
    }
}

fn an_operator_lives_by_its_role() {
    with_servers(|server| async move {
        let admin = server.admin();
        define(&admin).await;
        let lease = json!({"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]});
        let role = |resources: &[&str]| json!([lease, {"apiGroups": ["example.com"], "resources": resources, "verbs": ["get", "list", "watch", "patch"]}]);
        let client = operator(&server, &role(&["widgets"])).await;
        let own: Api<Widget> = Api::namespaced_with(client.clone(), "default", &widgets());
        settled(|| async { own.list(&Default::default()).await.is_ok() }).await;

        // It leads, and nobody else does.
        let leases: Api<Lease> = Api::namespaced(client, "default");
        let lease = |holder: &str| -> Lease {
            object(json!({"metadata": {"name": "widgets.example.com"}, "spec": {"holderIdentity": holder}}))
        };
        leases.create(&PostParams::default(), &lease("one")).await.expect("it leads");
        let (code, reason, _) = refused(leases.create(&PostParams::default(), &lease("two")).await);
        assert_eq!((code, reason.as_str()), (409, "AlreadyExists"));

        // It sees a widget with its defaults, and holds it.
        let seen = own.list(&Default::default()).await.expect("a list").metadata.resource_version;
        let from = seen.expect("a version");
        let mut events = own.watch(&WatchParams::default(), &from).await.expect("a watch").boxed();
        let theirs: Api<DynamicObject> = Api::namespaced_with(admin.clone(), "default", &widgets());
        let applied = |spec: Value| {
            Patch::Apply(
                json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}),
            )
        };
        let person = PatchParams::apply("person");
        theirs.patch("w", &person, &applied(json!({"color": "red"}))).await.expect("applied");
        let (what, widget) = next(&mut events).await;
        assert_eq!((what, widget.spec.size, widget.spec.color.as_str()), ("added", 3, "red"));
        let held = Patch::Merge(json!({"metadata": {"finalizers": ["example.com/operator"]}}));
        own.patch("w", &PatchParams::default(), &held).await.expect("a finalizer");
        assert_eq!(next(&mut events).await.0, "modified");

        // Its status is another resource.
        let phase = |phase: &str| Patch::Merge(json!({"status": {"phase": phase}}));
        let (code, _, message) =
            refused(own.patch_status("w", &PatchParams::default(), &phase("Ready")).await);
        assert_eq!(code, 403);
        assert_eq!(
            message,
            "widgets.example.com \"w\" is forbidden: User \"system:serviceaccount:default:operator\" cannot patch \
             resource \"widgets/status\" in API group \"example.com\" in the namespace \"default\""
        );
        allow(&server, &role(&["widgets", "widgets/status"])).await;
        settled(|| async { own.patch_status("w", &PatchParams::default(), &phase("Pending")).await.is_ok() })
            .await;
        let (code, reason, message) =
            refused(own.patch_status("w", &PatchParams::default(), &phase("Odd")).await);
        assert_eq!((code, reason.as_str()), (422, "Invalid"));
        assert_eq!(
            message,
            "Widget.example.com \"w\" is invalid: status.phase: Unsupported value: \"Odd\": supported values: \"Pending\", \"Ready\""
        );
        own.patch_status("w", &PatchParams::default(), &phase("Ready")).await.expect("a status");
        assert_eq!(next(&mut events).await.1.status.map(|status| status.phase).as_deref(), Some("Pending"));
        let widget = next(&mut events).await.1;
        assert_eq!(
            (widget.metadata.generation, widget.status.map(|status| status.phase).as_deref()),
            (Some(1), Some("Ready"))
        );

        // What a person applied is theirs.
        let operator = PatchParams::apply("operator");
        let (code, _, message) = refused(own.patch("w", &operator, &applied(json!({"color": "blue"}))).await);
        assert_eq!(
            (code, message.as_str()),
            (409, "Apply failed with 1 conflict: conflict with \"person\": .spec.color")
        );
        own.patch("w", &operator, &applied(json!({"size": 5}))).await.expect("a field of its own");
        let (_, widget) = next(&mut events).await;
        assert_eq!((widget.metadata.generation, widget.spec.size), (Some(2), 5));

        // Deleted, it stays until the operator lets go; the definition goes with what is left.
        theirs.delete("w", &DeleteParams::default()).await.expect("deleted");
        let (what, widget) = next(&mut events).await;
        assert_eq!((what, widget.metadata.deletion_timestamp.is_some()), ("modified", true));
        let (code, _, message) = refused(own.delete("w", &DeleteParams::default()).await);
        assert_eq!(code, 403);
        assert!(message.contains("cannot delete resource \"widgets\""), "{message}");
        let freed = Patch::Merge(json!({"metadata": {"finalizers": null}}));
        own.patch("w", &PatchParams::default(), &freed).await.expect("let go");
        assert_eq!(next(&mut events).await.0, "deleted");
        let definitions: Api<CustomResourceDefinition> = Api::all(admin);
        definitions.delete("widgets.example.com", &DeleteParams::default()).await.expect("deleted");
        settled(|| async {
            own.list(&Default::default())
                .await
                .is_err_and(|error| matches!(error, kube::Error::Api(status) if status.code == 404))
        })
        .await;
    });
}
