//! Which fields kustomize changes, of which kinds (`api/internal/konfig/builtinpluginconsts`, as kubectl 1.37.1 carries them).

use super::field::FieldSpec;

const fn at(path: &'static str) -> FieldSpec<'static> {
    FieldSpec::at(path)
}

/// Where `namespace:` is written, beside `metadata.namespace` and the subjects of bindings.
pub(super) const NAMESPACES: &[FieldSpec<'static>] = &[
    at("metadata/name").of("Namespace").made(),
    at("spec/service/namespace").of("APIService").group("apiregistration.k8s.io").made(),
    at("spec/conversion/webhook/clientConfig/service/namespace")
        .of("CustomResourceDefinition")
        .group("apiextensions.k8s.io"),
];

/// The labels of all objects.
pub(super) const LABELS: FieldSpec<'static> = at("metadata/labels").made();

/// The labels of all objects and of the templates in them.
pub(super) const TEMPLATE_LABELS: &[FieldSpec<'static>] = &[
    LABELS,
    at("spec/template/metadata/labels").of("ReplicationController").version("v1").made(),
    at("spec/template/metadata/labels").of("Deployment").made(),
    at("spec/template/metadata/labels").of("ReplicaSet").made(),
    at("spec/template/metadata/labels").of("DaemonSet").made(),
    at("spec/template/metadata/labels").of("StatefulSet").group("apps").made(),
    at("spec/volumeClaimTemplates[]/metadata/labels").of("StatefulSet").group("apps").made(),
    at("spec/template/metadata/labels").of("Job").group("batch").made(),
    at("spec/jobTemplate/metadata/labels").of("CronJob").group("batch").made(),
    at("spec/jobTemplate/spec/template/metadata/labels").of("CronJob").group("batch").made(),
];

/// The selectors that go with such labels; what selects pods of a template, in two kinds, is in [`POD_SELECTORS`].
pub(super) const SELECTORS: &[FieldSpec<'static>] = &[
    at("spec/selector").of("Service").version("v1").made(),
    at("spec/selector").of("ReplicationController").version("v1").made(),
    at("spec/selector/matchLabels").of("Deployment").made(),
    at("spec/selector/matchLabels").of("ReplicaSet").made(),
    at("spec/selector/matchLabels").of("DaemonSet").made(),
    at("spec/selector/matchLabels").of("StatefulSet").group("apps").made(),
    at("spec/selector/matchLabels").of("Job").group("batch"),
    at("spec/jobTemplate/spec/selector/matchLabels").of("CronJob").group("batch"),
    at("spec/selector/matchLabels").of("PodDisruptionBudget").group("policy"),
    at("spec/podSelector/matchLabels").of("NetworkPolicy").group("networking.k8s.io"),
    at("spec/ingress/from/podSelector/matchLabels").of("NetworkPolicy").group("networking.k8s.io"),
    at("spec/egress/to/podSelector/matchLabels").of("NetworkPolicy").group("networking.k8s.io"),
];

/// The selectors below `spec/template/spec` of deployments and stateful sets.
pub(super) const POD_SELECTORS: &[&str] = &[
    "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "topologySpreadConstraints/labelSelector/matchLabels",
];

/// The annotations of all objects and of the templates in them.
pub(super) const ANNOTATIONS: &[FieldSpec<'static>] = &[
    at("metadata/annotations").made(),
    at("spec/template/metadata/annotations").of("ReplicationController").version("v1").made(),
    at("spec/template/metadata/annotations").of("Deployment").made(),
    at("spec/template/metadata/annotations").of("ReplicaSet").made(),
    at("spec/template/metadata/annotations").of("DaemonSet").made(),
    at("spec/template/metadata/annotations").of("StatefulSet").made(),
    at("spec/template/metadata/annotations").of("Job").group("batch").made(),
    at("spec/jobTemplate/metadata/annotations").of("CronJob").group("batch").made(),
    at("spec/jobTemplate/spec/template/metadata/annotations").of("CronJob").group("batch").made(),
];

/// How often a thing runs.
pub(super) const REPLICAS: &[FieldSpec<'static>] = &[
    at("spec/replicas").of("Deployment").made(),
    at("spec/replicas").of("StatefulSet").made(),
    at("spec/replicas").of("ReplicaSet").made(),
    at("spec/replicas").of("ReplicationController").made(),
];

/// Images, beside those of everything that has containers.
pub(super) const IMAGES: &[FieldSpec<'static>] = &[
    at("spec/containers[]/image").made(),
    at("spec/initContainers[]/image").made(),
    at("spec/volumes[]/image/reference").made(),
    at("spec/template/spec/containers[]/image").made(),
    at("spec/template/spec/initContainers[]/image").made(),
    at("spec/template/spec/volumes[]/image/reference").made(),
];

/// Who refers to objects of one kind by name.
pub(super) struct References {
    /// Group, version and kind of what is referred to; empty for any.
    pub(super) to: (&'static str, &'static str, &'static str),
    /// Fields with a name in them.
    pub(super) fields: &'static [FieldSpec<'static>],
    /// The same below the specification of pods, of the kinds in `pods`.
    pub(super) below_pods: &'static [&'static str],
    /// Which kinds those are.
    pub(super) pods: &'static [FieldSpec<'static>],
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const SCALED: &[FieldSpec<'static>] = &[at("spec/scaleTargetRef/name").of("HorizontalPodAutoscaler")];
const TEMPLATE: &str = "spec/template/spec";
const JOB_TEMPLATE: &str = "spec/jobTemplate/spec/template/spec";

/// Whose pods take data from config maps and secrets.
const WITH_DATA: &[FieldSpec<'static>] = &[
    at("spec").of("Pod").version("v1"),
    at("template/spec").of("PodTemplate"),
    at(TEMPLATE).of("Deployment"),
    at(TEMPLATE).of("ReplicaSet"),
    at(TEMPLATE).of("DaemonSet"),
    at(TEMPLATE).of("StatefulSet"),
    at(TEMPLATE).of("Job"),
    at(JOB_TEMPLATE).of("CronJob"),
];

/// Whose pods name anything else. Replica sets are none of them: their accounts and claims keep the old name.
const WITH_PODS: &[FieldSpec<'static>] = &[
    at("spec").of("Pod"),
    at(TEMPLATE).of("StatefulSet"),
    at(TEMPLATE).of("Deployment"),
    at(TEMPLATE).of("ReplicationController"),
    at(JOB_TEMPLATE).of("CronJob"),
    at(TEMPLATE).of("Job"),
    at(TEMPLATE).of("DaemonSet"),
];

const fn to(group: &'static str, version: &'static str, kind: &'static str) -> References {
    References { to: (group, version, kind), fields: &[], below_pods: &[], pods: &[] }
}

impl References {
    const fn from(self, fields: &'static [FieldSpec<'static>]) -> References {
        References { fields, ..self }
    }

    const fn below(
        self,
        below_pods: &'static [&'static str],
        pods: &'static [FieldSpec<'static>],
    ) -> References {
        References { below_pods, pods, ..self }
    }
}

/// What refers to what by name. A policy's parameters are missing: `paramRef` keeps the old name.
pub(super) const REFERENCES: &[References] = &[
    to("", "", "Deployment").from(SCALED),
    to("", "", "ReplicationController").from(SCALED),
    to("", "", "ReplicaSet").from(SCALED),
    to("", "", "StatefulSet").from(SCALED),
    to("", "v1", "ConfigMap")
        .from(&[
            at("spec/configSource/configMap").of("Node"),
            at("rules/resourceNames").of("Role"),
            at("rules/resourceNames").of("ClusterRole"),
            at("metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap").of("Ingress"),
        ])
        .below(
            &[
                "volumes/configMap/name",
                "containers/env/valueFrom/configMapKeyRef/name",
                "initContainers/env/valueFrom/configMapKeyRef/name",
                "containers/envFrom/configMapRef/name",
                "initContainers/envFrom/configMapRef/name",
                "volumes/projected/sources/configMap/name",
            ],
            WITH_DATA,
        ),
    to("", "v1", "Secret")
        .from(&[
            at("spec/tls/secretName").of("Ingress"),
            at("metadata/annotations/ingress.kubernetes.io\\/auth-secret").of("Ingress"),
            at("metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret").of("Ingress"),
            at("metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret").of("Ingress"),
            at("imagePullSecrets/name").of("ServiceAccount"),
            at("parameters/secretName").of("StorageClass"),
            at("parameters/adminSecretName").of("StorageClass"),
            at("parameters/userSecretName").of("StorageClass"),
            at("parameters/secretRef").of("StorageClass"),
            at("rules/resourceNames").of("Role"),
            at("rules/resourceNames").of("ClusterRole"),
            at("spec/template/spec/containers/env/valueFrom/secretKeyRef/name")
                .of("Service")
                .group("serving.knative.dev")
                .version("v1"),
            at("spec/azureFile/secretName").of("PersistentVolume"),
        ])
        .below(
            &[
                "volumes/secret/secretName",
                "containers/env/valueFrom/secretKeyRef/name",
                "initContainers/env/valueFrom/secretKeyRef/name",
                "containers/envFrom/secretRef/name",
                "initContainers/envFrom/secretRef/name",
                "imagePullSecrets/name",
                "volumes/projected/sources/secret/name",
            ],
            WITH_DATA,
        ),
    to("", "v1", "Service").from(&[
        at("spec/serviceName").of("StatefulSet").group("apps"),
        at("spec/rules/http/paths/backend/serviceName").of("Ingress"),
        at("spec/backend/serviceName").of("Ingress"),
        at("spec/rules/http/paths/backend/service/name").of("Ingress"),
        at("spec/defaultBackend/service/name").of("Ingress"),
        at("spec/service/name").of("APIService").group("apiregistration.k8s.io"),
        at("webhooks/clientConfig/service").of("ValidatingWebhookConfiguration").group(ADMISSION),
        at("webhooks/clientConfig/service").of("MutatingWebhookConfiguration").group(ADMISSION),
    ]),
    to(RBAC, "", "Role").from(&[at("roleRef/name").of("RoleBinding").group(RBAC)]),
    to(RBAC, "", "ClusterRole").from(&[
        at("roleRef/name").of("RoleBinding").group(RBAC),
        at("roleRef/name").of("ClusterRoleBinding").group(RBAC),
    ]),
    to("", "v1", "ServiceAccount")
        .from(&[
            at("subjects").of("RoleBinding").group(RBAC),
            at("subjects").of("ClusterRoleBinding").group(RBAC),
        ])
        .below(&["serviceAccountName"], WITH_PODS),
    to("", "v1", "PersistentVolumeClaim").below(&["volumes/persistentVolumeClaim/claimName"], WITH_PODS),
    to("", "v1", "PersistentVolume").from(&[
        at("spec/volumeName").of("PersistentVolumeClaim"),
        at("rules/resourceNames").of("ClusterRole"),
    ]),
    to("storage.k8s.io", "v1", "StorageClass").from(&[
        at("spec/storageClassName").of("PersistentVolume"),
        at("spec/storageClassName").of("PersistentVolumeClaim"),
        at("spec/volumeClaimTemplates/spec/storageClassName").of("StatefulSet"),
    ]),
    to("scheduling.k8s.io", "v1", "PriorityClass").below(&["priorityClassName"], WITH_PODS),
    // A group of that name does not exist: these keep the old name.
    to("networking.k8s.io/v1", "v1", "IngressClass").from(&[at("spec/ingressClassName").of("Ingress")]),
    to(ADMISSION, "", "ValidatingAdmissionPolicy")
        .from(&[at("spec/policyName").of("ValidatingAdmissionPolicyBinding").group(ADMISSION)]),
];
