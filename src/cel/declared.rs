//! The types of what every expression sees besides the objects.

/// The fields of the types that are declared by hand: type, field, type (`plugin/cel.BuildRequestType`,
/// `BuildNamespaceType`, `authorization/cel.buildRequestType`).
pub(super) const FIELDS: &[(&str, &[(&str, &str)])] = &[
    (
        "kubernetes.AdmissionRequest",
        &[
            ("kind", "kubernetes.GroupVersionKind"),
            ("resource", "kubernetes.GroupVersionResource"),
            ("subResource", "string"),
            ("requestKind", "kubernetes.GroupVersionKind"),
            ("requestResource", "kubernetes.GroupVersionResource"),
            ("requestSubResource", "string"),
            ("name", "string"),
            ("namespace", "string"),
            ("operation", "string"),
            ("userInfo", "kubernetes.UserInfo"),
            ("dryRun", "bool"),
            ("options", "dyn"),
        ],
    ),
    ("kubernetes.GroupVersionKind", &[("group", "string"), ("version", "string"), ("kind", "string")]),
    (
        "kubernetes.GroupVersionResource",
        &[("group", "string"), ("version", "string"), ("resource", "string")],
    ),
    (
        "kubernetes.UserInfo",
        &[
            ("username", "string"),
            ("uid", "string"),
            ("groups", "list<string>"),
            ("extra", "map<string, list<string>>"),
        ],
    ),
    (
        "kubernetes.Namespace",
        &[
            ("metadata", "kubernetes.NamespaceMetadata"),
            ("spec", "kubernetes.NamespaceSpec"),
            ("status", "kubernetes.NamespaceStatus"),
        ],
    ),
    ("kubernetes.NamespaceSpec", &[("finalizers", "list<string>")]),
    (
        "kubernetes.NamespaceStatus",
        &[("conditions", "list<kubernetes.NamespaceCondition>"), ("phase", "string")],
    ),
    (
        "kubernetes.NamespaceCondition",
        &[
            ("status", "string"),
            ("type", "string"),
            ("lastTransitionTime", "timestamp"),
            ("message", "string"),
            ("reason", "string"),
        ],
    ),
    (
        "kubernetes.NamespaceMetadata",
        &[
            ("name", "string"),
            ("generateName", "string"),
            ("namespace", "string"),
            ("labels", "map<string, string>"),
            ("annotations", "map<string, string>"),
            ("UID", "string"),
            ("creationTimestamp", "timestamp"),
            ("deletionGracePeriodSeconds", "int"),
            ("deletionTimestamp", "timestamp"),
            ("generation", "int"),
            ("resourceVersion", "string"),
            ("finalizers", "list<string>"),
        ],
    ),
    (
        "kubernetes.SubjectAccessReviewSpec",
        &[
            ("resourceAttributes", "kubernetes.ResourceAttributes"),
            ("nonResourceAttributes", "kubernetes.NonResourceAttributes"),
            ("user", "string"),
            ("groups", "list<string>"),
            ("extra", "map<string, list<string>>"),
            ("uid", "string"),
        ],
    ),
    (
        "kubernetes.ResourceAttributes",
        &[
            ("namespace", "string"),
            ("verb", "string"),
            ("group", "string"),
            ("version", "string"),
            ("resource", "string"),
            ("subresource", "string"),
            ("name", "string"),
            ("fieldSelector", "kubernetes.SelectorAttributes"),
            ("labelSelector", "kubernetes.SelectorAttributes"),
        ],
    ),
    ("kubernetes.NonResourceAttributes", &[("path", "string"), ("verb", "string")]),
    (
        "kubernetes.SelectorAttributes",
        &[("rawSelector", "string"), ("requirements", "list<kubernetes.SelectorRequirement>")],
    ),
    (
        "kubernetes.SelectorRequirement",
        &[("key", "string"), ("operator", "string"), ("values", "list<string>")],
    ),
    ("JSONPatch", &[("op", "string"), ("path", "string"), ("from", "string"), ("value", "dyn")]),
];
