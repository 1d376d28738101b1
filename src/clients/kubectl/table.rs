//! The commands, as data: their words, their flags, who runs them.

use super::auth::{can_i, reconcile, whoami};
use super::command::{Command, command};
use super::{apply, certificate, create, delete, describe, discovery, events, exec, expose, get, kustomize};
use super::{label, last_applied, node, patch, replace, rollout, run, scale, set, wait};

/// What all `set` commands take.
const SET: &str = "all selector,l:text local dry-run:optional field-manager:text record";
const SET_ENV: &str = "all selector,l:text local dry-run:optional field-manager:text containers,c:text from:text \
                       list keys:list prefix:text resolve overwrite env,e:array";
const SET_RESOURCES: &str = "all selector,l:text local dry-run:optional field-manager:text record \
                             containers,c:text limits:text requests:text";
const SUBJECT: &str = "all selector,l:text local dry-run:optional field-manager:text user:array group:array serviceaccount:array";

/// Other names of groups of commands: where, what, how.
pub(super) const GROUPS: &[(&str, &str, &str)] = &[("create", "service", "svc")];

/// All commands.
pub(super) const COMMANDS: &[Command] = &[
    command("create", "edit raw:text selector,l:text windows-line-endings record", create::from_file),
    command("create namespace", "", create::simple::namespace).or(&["ns"]),
    command("create serviceaccount", "", create::simple::service_account).or(&["sa"]),
    command("create role", "verb:list resource:list resource-name:array", create::rbac::role),
    command(
        "create clusterrole",
        "verb:list resource:list resource-name:array non-resource-url:list aggregation-rule:list",
        create::rbac::cluster_role,
    ),
    command(
        "create rolebinding",
        "role:text clusterrole:text user:array group:array serviceaccount:array",
        create::rbac::role_binding,
    ),
    command(
        "create clusterrolebinding",
        "clusterrole:text user:array group:array serviceaccount:array",
        create::rbac::cluster_role_binding,
    ),
    command(
        "create token",
        "duration:duration audience:array bound-object-kind:text bound-object-name:text \
         bound-object-uid:text",
        create::token::token,
    )
    .since_new(),
    command("create deployment", "image:list replicas,r:int32 port:int32", create::workload::deployment)
        .or(&["deploy"]),
    command("create job", "image:text from:text", create::workload::job),
    command("create cronjob", "image:text schedule:text restart:text", create::workload::cron_job)
        .or(&["cj"]),
    command(
        "create secret generic",
        "from-literal:array from-file:list from-env-file:list type:text append-hash",
        create::data::generic,
    ),
    command(
        "create secret docker-registry",
        "docker-username:text docker-password:text docker-email:text docker-server:text from-file:list \
         append-hash",
        create::data::docker_registry,
    ),
    command("create secret tls", "cert:text key:text append-hash", create::data::tls),
    command(
        "create configmap",
        "from-literal:array from-file:list from-env-file:list append-hash",
        create::data::config_map,
    )
    .or(&["cm"]),
    command("create quota", "hard:text scopes:text", create::simple::quota).or(&["resourcequota"]),
    command(
        "create poddisruptionbudget",
        "selector:text min-available:text max-unavailable:text",
        create::policy::disruption_budget,
    )
    .or(&["pdb"]),
    command(
        "create priorityclass",
        "value:int32 global-default description:text preemption-policy:text",
        create::policy::priority_class,
    )
    .or(&["pc"]),
    command("create service clusterip", "tcp:list clusterip:text", create::service::cluster_ip),
    command("create service nodeport", "tcp:list node-port:int", create::service::node_port),
    command("create service loadbalancer", "tcp:list", create::service::load_balancer),
    command("create service externalname", "tcp:list external-name:text", create::service::external_name),
    command(
        "create ingress",
        "rule:array annotation:array class:text default-backend:text",
        create::ingress::ingress,
    )
    .or(&["ing"]),
    command(
        "apply",
        "server-side force-conflicts field-manager:text dry-run:optional validate:optional overwrite \
         selector,l:text all prune force cascade:optional grace-period:int timeout:duration wait record \
         openapi-patch prune-whitelist:array prune-allowlist:array",
        apply::apply,
    )
    .newer("subresource:text"),
    command("apply view-last-applied", "all selector,l:text output,o:text", last_applied::view)
        .prints_by_itself(),
    command(
        "run",
        "image:text command labels,l:text env:array port:text overrides:text restart:text privileged \
         image-pull-policy:text annotations:array expose rm stdin,i tty,t quiet,q attach dry-run:optional \
         field-manager:text leave-stdin-open pod-running-timeout:duration record save-config",
        run::run,
    )
    .newer("override-type:text")
    .older("serviceaccount:text requests:text limits:text hostport:int"),
    command(
        "get",
        "all-namespaces,A selector,l:text field-selector:text show-labels label-columns,L:list no-headers \
         raw:text ignore-not-found watch,w watch-only chunk-size:int sort-by:text show-kind server-print \
         output-watch-events use-openapi-print-columns",
        get::get,
    )
    .newer("subresource:text"),
    command(
        "delete",
        "all all-namespaces,A selector,l:text field-selector:text now force grace-period:int \
         cascade:optional wait ignore-not-found timeout:duration dry-run:optional raw:text output,o:text",
        delete::delete,
    )
    .newer("interactive,i")
    .prints_by_itself(),
    command(
        "label",
        "overwrite all all-namespaces,A selector,l:text field-selector:text list resource-version:text \
         local dry-run:optional field-manager:text record",
        label::label,
    ),
    command(
        "annotate",
        "overwrite all all-namespaces,A selector,l:text field-selector:text list resource-version:text \
         local dry-run:optional field-manager:text record",
        label::annotate,
    ),
    command("describe", "all-namespaces,A selector,l:text show-events", describe::describe)
        .newer("chunk-size:int"),
    command(
        "patch",
        "patch,p:text patch-file:text type:text local dry-run:optional field-manager:text record",
        patch::patch,
    )
    .newer("subresource:text"),
    command("set subject", SUBJECT, set::subject),
    command("set serviceaccount", SET, set::service_account).or(&["sa"]),
    command("set image", SET, set::image),
    command("set selector", SET, set::selector),
    command("set env", SET_ENV, set::env::env),
    command("set resources", SET_RESOURCES, set::resources::resources),
    command(
        "scale",
        "replicas:int current-replicas:int resource-version:text timeout:duration all selector,l:text \
         dry-run:optional record",
        scale::scale,
    ),
    command("cordon", "selector,l:text dry-run:optional", node::cordon),
    command("uncordon", "selector,l:text dry-run:optional", node::uncordon),
    command("auth can-i", "all-namespaces,A quiet,q list no-headers subresource:text", can_i::can_i)
        .prints_by_itself(),
    command("auth whoami", "", whoami::whoami).since_new(),
    command(
        "auth reconcile",
        "dry-run:optional remove-extra-subjects remove-extra-permissions",
        reconcile::reconcile,
    ),
    command("exec", "container,c:text stdin,i tty,t quiet,q pod-running-timeout:duration", exec::exec),
    command(
        "logs",
        "container,c:text follow,f previous,p tail:int since:duration since-time:text timestamps \
         limit-bytes:int prefix all-containers selector,l:text ignore-errors pod-running-timeout:duration",
        exec::logs,
    ),
    command("edit", "dry-run:optional save-config validate:optional field-manager:text record", exec::edit),
    command(
        "wait",
        "for:array timeout:duration all all-namespaces,A selector,l:text field-selector:text local",
        wait::wait,
    ),
    command("rollout status", "timeout:duration watch,w revision:int", rollout::status::status),
    command("rollout restart", "selector,l:text field-manager:text", rollout::restart),
    command("rollout history", "revision:int", rollout::history::history),
    command("rollout pause", "selector,l:text field-manager:text", rollout::pause),
    command("rollout resume", "selector,l:text field-manager:text", rollout::resume),
    command("rollout undo", "selector,l:text to-revision:int dry-run:optional", rollout::history::undo),
    command(
        "taint",
        "all overwrite selector,l:text dry-run:optional field-manager:text validate:optional",
        node::taint::taint,
    ),
    command(
        "drain",
        "selector,l:text pod-selector:text ignore-daemonsets delete-emptydir-data delete-local-data force \
         grace-period:int timeout:duration disable-eviction skip-wait-for-delete-timeout:int \
         dry-run:optional",
        node::drain::drain,
    )
    .newer("chunk-size:int"),
    command("certificate approve", "force", certificate::approve),
    command("certificate deny", "force", certificate::deny),
    command(
        "replace",
        "force grace-period:int cascade:optional timeout:duration wait save-config raw:text \
         dry-run:optional field-manager:text validate:optional",
        replace::replace,
    )
    .newer("subresource:text"),
    command(
        "events",
        "all-namespaces,A watch,w no-headers for:text types:list chunk-size:int",
        events::events,
    )
    .since_new(),
    command(
        "expose",
        "port:text protocol:text target-port:text type:text name:text labels,l:text selector:text \
         external-ip:text cluster-ip:text session-affinity:text load-balancer-ip:text dry-run:optional \
         field-manager:text save-config record",
        expose::expose,
    ),
    command(
        "autoscale",
        "min:int32 max:int32 cpu-percent:int32 name:text dry-run:optional field-manager:text save-config record",
        expose::autoscale,
    )
    .newer("cpu:text memory:text"),
    command(
        "api-resources",
        "api-group:text namespaced verbs:list categories:list no-headers cached sort-by:text",
        discovery::api_resources,
    ),
    command("api-versions", "", discovery::api_versions).prints_by_itself(),
    command("version", "client output,o:text", discovery::version).older("short").prints_by_itself(),
    command("cluster-info", "", discovery::cluster_info),
    command("kustomize", kustomize::FLAGS, kustomize::kustomize).prints_by_itself(),
    command("alpha", "", discovery::alpha).since_new(),
];

/// Commands that kubectl has and that make no sense in a scenario, with the reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("config", "a scenario has no kubeconfig: `as:` and `in:` say who asks"),
    ("proxy", "a scenario's requests go straight to the server"),
    ("port-forward", "no traffic between pods is modelled"),
    ("attach", "nobody types into a container"),
    ("cp", "a pod's files are those that the cluster mounts"),
    ("debug", "ephemeral containers are made with a request"),
    ("explain", "the documentation of fields is not modelled: the API reference has it"),
    ("plugin", "there are no plugins"),
    ("completion", "there is no shell to complete in"),
    ("kuberc", "a scenario's kubectl has no preferences of its own"),
    ("diff", "use `kubectl apply --dry-run=server -o yaml` and compare with `kubectl get -o yaml`"),
    ("options", "the global flags that lead elsewhere are refused, and help texts are not modelled"),
    ("top", "no load is modelled"),
];
