//! What differs between releases and is no data of its own: a row a difference, and the code asks
//! [`Version::has`](super::Version::has).
//!
//! A row's source says how its release is known: a KEP, a gate, a change log, a CVE. A row that names a gate begins
//! with the release that has the gate on (a test holds it to the table of gates). `record` alone: the nearest recorded
//! releases (1.20, 1.25, 1.33, 1.36) part there, and which one between them began it is not known for certain.
//! A release is its last patch, but for 1.20.2 and 1.25.10, which were recorded.
//!
//! Kinds, fields, gates, plugins, default roles, deprecations, paths and Pod Security's policy versions are tables of
//! their own, with spans of releases.

use super::Version;

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Area {
    Authentication,
    Authorization,
    Admission,
    Pods,
    Workloads,
    Objects,
    Requests,
    Discovery,
    Tables,
    Messages,
    Kubectl,
}

impl Area {
    /// Its name, as a heading has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Area::Authentication => "Authentication",
            Area::Authorization => "Authorization",
            Area::Admission => "Admission",
            Area::Pods => "Pods",
            Area::Workloads => "Workloads",
            Area::Objects => "Other objects",
            Area::Requests => "Requests",
            Area::Discovery => "Discovery",
            Area::Tables => "Tables",
            Area::Messages => "Messages",
            Area::Kubectl => "kubectl",
        }
    }
}

/// Something that releases do from one of them on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    /// The constant's name.
    pub(crate) name: &'static str,
    /// Which row it is.
    pub(crate) number: Number,
    pub(crate) since: Version,
    pub(crate) area: Area,
    /// What changes, as a user sees it.
    pub(crate) what: &'static str,
    /// How the release is known.
    pub(crate) source: &'static str,
}

macro_rules! differences {
    ($($area:ident { $($name:ident: $since:literal, $what:literal, $source:literal;)* })*) => {
        $($(
            #[doc = $what]
            pub(crate) const $name: Difference = Difference {
                name: stringify!($name),
                number: Number::$name,
                since: Version::minor($since),
                area: Area::$area,
                what: $what,
                source: $source,
            };
        )*)*

        /// A row's place in the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "named like the constants")]
        pub(crate) enum Number {
            $($($name,)*)*
        }

        /// All of them, by area.
        pub(crate) const ALL: &[Difference] = &[$($($name,)*)*];
    };
}

differences! {
    Authentication {
        SPACE_BEFORE_TOKEN: 21, "a bearer token after two spaces is warned of", "record";
        IMPERSONATED_UIDS: 22, "Impersonate-Uid is known", "CHANGELOG-1.22, #99961";
        NAMELESS_IS_BAD_REQUEST: 35, "impersonation without a user name ends in 400, not 500", "record";
        CONSTRAINED_IMPERSONATION: 36,
            "one may be allowed to impersonate only for some actions, or only one's own node",
            "gate ConstrainedImpersonation, KEP-5284";
        CERTIFICATE_UIDS: 33, "a client certificate may carry a uid", "gate AllowParsingUserUIDFromCertAuth";
        CERTIFICATE_IDS: 32, "who comes with a certificate has its digest as a credential id",
            "CHANGELOG-1.32, #125634";
        TOKEN_ACCOUNT_CHECKED_FIRST: 21,
            "a token request is held against its account's name, then filled in, then checked",
            "record";
        TOKEN_SHORTENED_IS_TOLD: 21,
            "who asks for a longer token than allowed is warned that it was shortened",
            "record";
        NODE_BOUND_TOKENS_KNOWN: 29, "a token may be bound to a node", "KEP-4193";
        NEW_TOKEN_WORDS: 22, "refusals of requested tokens are worded anew", "record";
        OIDC_FLAGS_VALIDATED: 29,
            "the --oidc-* flags are checked as a JWT authenticator of a file would be, and in its words",
            "CHANGELOG-1.29, KEP-3331";
        JWT_SEVERAL: 30,
            "there may be 64 JWT authenticators or none, each with several audiences and a discovery URL of its own",
            "CHANGELOG-1.30, KEP-3331";
        JWT_NAMES_GUARDED: 30,
            "an expression that names users by claims.email must look at claims.email_verified, too; no name is empty",
            "CHANGELOG-1.30, KEP-3331";
        JWT_ISSUERS_OF_OTHERS: 30, "the issuer of account tokens is none of a JWT authenticator",
            "CHANGELOG-1.30, KEP-3331";
        JWT_EXTRA_RESERVED: 32, "extra below k8s.io and kubernetes.io is not a JWT authenticator's to give",
            "CHANGELOG-1.32, #126553";
        JWT_IDS: 32, "who comes with a JWT that has an id (jti) has it as a credential id",
            "CHANGELOG-1.32, #127010";
        EVERY_KEY_IS_ASKED: 32, "a token's key id decides which key checks it", "KEP-740";
        JOSE_RENAMED: 31, "a wrong signature is told of by go-jose, not square/go-jose", "record";
        TOKEN_SECRETS_DISCOURAGED: 24, "who uses a token from an account's own secret is warned", "KEP-2799";
        TOKEN_SECRETS_AUDITED: 29,
            "which kind of secret a token came from is noted for audit; unused secrets are invalidated",
            "gate LegacyServiceAccountTokenCleanUp, KEP-2799";
        UID_BEFORE_LIFE: 30, "a token's pod or node is held against the uid before its deletion is looked at",
            "record";
    }
    Authorization {
        NODES_READ_CLAIMS: 26, "kubelets read the claims of devices of their pods", "KEP-3063";
        NODES_HAVE_SLICES: 30, "kubelets write the slices of devices of their nodes", "KEP-4381";
        NODES_READ_THEIR_OWN: 32, "a kubelet lists and watches its own node and pods only",
            "gate AuthorizeNodeWithSelectors, KEP-4601";
        NODES_ASK_FOR_ACCOUNTS: 33,
            "a kubelet's question for a service account is told of in words of its own",
            "KEP-4412";
        NODES_READ_ACCOUNTS: 34, "a kubelet may read the accounts of its pods",
            "gate KubeletServiceAccountTokenForCredentialProviders, KEP-4412";
        MISSING_ROLE_AS_ASKED: 32,
            "a role that an escalation check misses is named as the request's resource",
            "record";
        CREATE_FOR_STREAMS: 35, "exec, attach and port-forward over WebSockets need the verb create",
            "gate AuthorizePodWebsocketUpgradeCreatePermission";
        PUT_REFUSED_IN_FULL: 32, "a PUT that would create and may not is refused with who asked for what",
            "record";
    }
    Admission {
        SIDECARS_IN_LIMITS: 28, "a limit range sums up a pod with its sidecars", "KEP-753";
        NODE_REQUESTS_AND_SLICES: 31, "NodeRestriction looks at certificate requests and resource slices",
            "record";
        NODE_OWNERS: 31, "a node may not give itself owners", "CVE-2025-5187 (1.31.12, 1.32.8, 1.33.4)";
        NODE_RESOURCE_CLAIMS: 34, "a mirror pod may not refer to resource claims", "record";
        NODE_AUDIENCES: 33, "a kubelet gets tokens only for audiences that a pod of it asks for",
            "gate ServiceAccountNodeAudienceRestriction, KEP-4412";
        APP_ARMOR_CHECKED_AS_FIELD: 30, "Pod Security looks at AppArmor profiles in fields as well",
            "gate AppArmorFields, KEP-24";
        USER_NAMESPACES_BY_POLICY: 35, "Pod Security's version, not a gate, says what user namespaces spare",
            "KEP-127";
        USER_NAMESPACES_SPARE_USERS: 29,
            "the gate UserNamespacesPodSecurityStandards spares runAsNonRoot and runAsUser",
            "KEP-127";
        USER_NAMESPACES_SPARE_PROC: 31, "the gate UserNamespacesPodSecurityStandards spares procMount",
            "KEP-127";
        IMAGE_VOLUMES_RESTRICTED: 33, "Pod Security's restricted level allows image volumes", "KEP-4639";
        NO_SECCOMP_POD_ANNOTATION: 25, "a pod's seccomp annotation makes an update no significant one",
            "KEP-135";
        NO_SECCOMP_ANNOTATIONS: 27, "a container's seccomp annotation makes an update no significant one",
            "KEP-135";
        SE_LINUX_EXPLAINED: 26, "Pod Security tells of a SELinux user or role without a wrong type beside it",
            "CHANGELOG-1.26, #113111";
        WARN_FOLLOWS_ENFORCE: 26, "what Pod Security enforces is warned of where warn says nothing else",
            "record";
        QUOTA_NAMES_CONTAINERS: 24, "a quota names the containers that ask for nothing", "record";
        EPHEMERAL_SECRETS: 26, "ephemeral containers may name mountable secrets only",
            "CVE-2023-2728 (1.25.11, 1.26.6, 1.27.3)";
        ENV_FROM_SECRETS: 27, "envFrom may name mountable secrets only",
            "CVE-2024-3177 (1.27.13, 1.28.9, 1.29.4)";
        NEWEST_DEFAULT_CLASS: 26, "of several default storage classes the newest is taken",
            "CHANGELOG-1.26, #110559";
        NEWEST_DEFAULT_INGRESS_CLASS: 27, "of several default ingress classes the newest is taken", "record";
        ATTRIBUTES_CLASSES_IN_USE: 34, "classes of volume attributes are protected while in use",
            "gate VolumeAttributesClass, KEP-3751";
        WEBHOOK_ERRORS_WRAPPED: 22, "an error about a webhook's matching says first what was being done",
            "record";
        TOKEN_REQUESTS_FILLED_IN: 21, "plugins see a token request filled in", "record";
    }
    Pods {
        CHECKED_BY_KIND: 25, "init, regular and ephemeral containers are checked apart, none twice", "record";
        SIDECARS: 28, "an init container may go on running beside the others", "KEP-753";
        RESTART_OF_ALL: 36, "a rule of a container may restart all containers",
            "gate RestartAllContainersOnContainerExits, KEP-5532";
        ENV_FILES: 35, "an environment variable may come from a file of a volume", "gate EnvFiles, KEP-3721";
        HOST_NAMES_GIVEN: 35, "a pod may say what its host name is", "gate HostnameOverride, KEP-4762";
        RESTART_POLICY_OF_PODS: 35, "a resize policy that restarts is told of with the pod's restart policy", "record";
        HOST_USERS_WORDED: 36, "what needs the host's users is told of in other words, raw volumes with it", "record";
        TOLERATIONS_BY_NUMBER: 35, "a toleration's operators are told with those that compare",
            "record, KEP-5471";
        INIT_CONTAINERS_RESIZED: 36, "resources of init containers may change",
            "gate InPlacePodVerticalScalingInitContainers, KEP-1287";
        RESTART_RULES: 35, "every container may say when it is restarted",
            "gate ContainerRestartRules, KEP-5307";
        ONE_ADDRESS_CHECK: 30, "wrong IP addresses are told of with one text and an index", "record";
        LONG_SEARCHES: 26, "a DNS search path may have 32 domains and 2048 characters",
            "gate ExpandedDNSConfig, KEP-2595";
        RELAXED_SEARCHES: 33, "a DNS search domain may be a dot or hold an underscore",
            "gate RelaxedDNSSearchValidation, KEP-4427";
        POD_GENERATION: 33, "pods have a metadata.generation", "KEP-5067";
        PROC_MOUNT: 33, "a container may ask for another /proc", "gate ProcMountType, KEP-4265";
        UNMASKED_NEEDS_USERS: 30, "procMount Unmasked needs hostUsers: false", "KEP-4265";
        LABEL_KEYS_IN_AFFINITY: 31, "matchLabelKeys become selectors in affinity terms",
            "gate MatchLabelKeysInPodAffinity, KEP-3633";
        LABEL_KEYS_IN_SPREADING: 34, "matchLabelKeys become selectors in topology spread constraints",
            "gate MatchLabelKeysInPodTopologySpreadSelectorMerge, KEP-3243";
        NO_SECCOMP_ANNOTATIONS_WRITTEN: 25, "seccomp fields are no longer written down as annotations",
            "KEP-135";
        NO_SECCOMP_SYNC: 27, "seccomp annotations no longer become fields", "KEP-135";
        APP_ARMOR_FIELDS: 30, "AppArmor profiles have a field; annotations become fields, with a warning",
            "gate AppArmorFields, KEP-24";
        NO_APP_ARMOR_ANNOTATIONS: 34, "AppArmor fields are no longer written down as annotations", "KEP-24";
        DELETION_COST_IS_NUMBER: 22, "the annotation pod-deletion-cost must be a number",
            "gate PodDeletionCost, KEP-2255";
        PODS_WARNED_OF: 23, "clients are warned of what is odd in a pod", "record";
        SEARCH_PATTERN_TOLD: 34, "a wrong search domain is told with the pattern that has underscores", "record";
        AFFINITY_SELECTORS_PLACED: 21, "a selector of an affinity term is told of where it stands", "record";
        RESOURCE_NAMES_BARE: 26, "names of resources in overheads, limits and quotas are shown without quotes", "record";
        RESOURCE_NAMES_QUOTED: 34, "names of resources are shown as text again", "record";
        MEMORY_LIMITS_SHRINK: 34, "a memory limit may be lowered while the container runs", "CHANGELOG-1.34";
        RESIZE_NAMES_QUOTED: 34, "the resource of a resize policy is shown as text", "record";
        TOLERATION_VALUES_SHOWN: 33, "a toleration's wrong value is shown, not the whole toleration", "record";
        NOMINATED_IS_NOT_BOUND: 35, "a pod that has its node is not nominated for one",
            "gate NominatedNodeNameForExpectation, KEP-5278";
        PORT_NAMES_WARNED_OF: 31, "clients are warned of port names that are there twice", "record";
        NULL_SELECTORS_WARNED_OF: 27, "clients are warned of a selector that is not there", "record";
        GLUSTERFS_DEPRECATED: 25, "Glusterfs volumes are deprecated", "CHANGELOG-1.25";
        CEPH_DEPRECATED: 28, "volumes of CephFS and RBD are deprecated", "CHANGELOG-1.28";
        GIT_REPOS_OFF: 33, "gitRepo volumes are off by default", "KEP-5040";
        POD_LEVEL_RESIZE: 36, "a running pod's resources as a whole may change",
            "gate InPlacePodLevelResourcesVerticalScaling, KEP-5419";
        PORTS_WARNED_OF: 27, "clients are warned of ports that are there twice", "CHANGELOG-1.27";
        POD_LEVEL_RESOURCES: 34, "a pod may ask for resources as a whole", "gate PodLevelResources, KEP-2837";
        IMAGE_SUB_PATHS: 33, "an image volume may be mounted by sub path", "KEP-4639";
        IMAGE_VOLUMES: 31, "a volume may be an image", "KEP-4639";
        HOST_PORTS_IN_PODS_ONLY: 28, "host ports are filled in in pods, not in templates",
            "CHANGELOG-1.28, #117696";
        HOST_PORT_TOLD: 28, "a host port that differs is told of at the host port, after the containers",
            "record";
        SYSCTL_SLASHES: 22, "a sysctl's name may have slashes", "CHANGELOG-1.22, #102393";
        HOST_SYSCTLS: 29, "sysctls of a namespace that the pod shares with its host are refused", "record";
        WHOLE_HUGE_PAGES: 22, "an amount of huge pages is a multiple of their size", "record";
        LIMIT_NAMED: 28, "a request above its limit is told of with the limit", "record";
        ANY_VARIABLE_NAME: 32, "an environment variable may have nearly any name",
            "gate RelaxedEnvironmentVariableValidation, KEP-4369";
        HOST_IPS: 29, "a pod's status has all addresses of its host, and the downward API shows them",
            "gate PodHostIPs, KEP-2681";
        HUGE_PAGES_SHOWN: 23, "the downward API shows huge pages", "gate DownwardAPIHugePages, KEP-2053";
        HOST_IPS_LABELLED: 28, "the downward API knows of all addresses of a host", "KEP-2681";
        NEGATIVE_GRACE_IS_ONE: 27, "a pod's negative grace period is made 1; templates are warned of it",
            "CHANGELOG-1.27, #115606";
        EMPTY_SOURCES_WARNED_OF: 29, "clients are warned of a projected volume's empty source", "record";
        QOS_IS_FIXED: 27, "a pod's QoS class is immutable", "KEP-1287";
        SPREADING_SELECTORS_CHECKED: 27, "the selector of a topology spread constraint is checked", "record";
        GRPC_PROBES: 23, "a probe may be gRPC", "KEP-2727";
        SLEEP_OF_ZERO: 33, "a hook may sleep for no time", "gate PodLifecycleSleepActionAllowZero, KEP-4818";
        NODE_AFFINITY_VALUES_CHECKED: 32, "values of a required node affinity are checked as labels",
            "record";
        TOKEN_PATHS_CHECKED: 24, "the path of a projected token stays inside of its volume", "record";
        SANDBOX_CONDITION: 29, "a pod has the condition PodReadyToStartContainers",
            "gate PodReadyToStartContainersCondition, KEP-3085";
        DELETED_PODS_END: 27, "a deleted pod is told to have succeeded or failed before it goes",
            "CHANGELOG-1.27, #115331";
        FAILED_PODS_ARE_NOT_READY: 22, "a failed pod is not ready since it failed", "CHANGELOG-1.22, #110256";
        CHANGES_SHOWN_FORWARDS: 22, "a forbidden change of a pod is shown from the old to the new", "record";
    }
    Workloads {
        PREFIXED_JOB_LABELS: 27, "the labels of a job's pods have a domain as well",
            "CHANGELOG-1.27, #114930";
        SUSPENDED_JOBS: 22, "jobs may be suspended or indexed, and count changes of their spec",
            "gate SuspendJob, KEP-2232; KEP-2214";
        POD_REPLACEMENT: 29, "a job says when it replaces its pods, and counts those that are ending",
            "gate JobPodReplacementPolicy, KEP-3939";
        MANUAL_SELECTOR_FILLED_IN: 31, "a job's manualSelector is filled in", "record";
        ELASTIC_JOBS: 27, "an indexed job may grow and shrink", "gate ElasticIndexedJob, KEP-3715";
        BACKOFF_PER_INDEX: 28, "each index of a job may fail by itself", "KEP-3850";
        SUSPENDED_TEMPLATES_BY_PART: 36,
            "a job that is suspended and has no pods may be scheduled otherwise, though it ran before",
            "gate MutableSchedulingDirectivesForSuspendedJobs, KEP-2926";
        RESOURCES_OF_SUSPENDED_JOBS: 36, "the resources of a suspended job's containers may change",
            "gate MutablePodResourcesForSuspendedJobs, KEP-5440";
        JOB_STATUS_CHECKED: 32, "what a job's status says must fit together",
            "gate JobManagedBy, KEP-4368";
        JOB_NAMES_WARNED_OF: 27, "clients are warned of job names that are no labels", "record";
        SCHEDULES_WITHOUT_ZONE: 29, "a new schedule may not name a time zone", "CHANGELOG-1.29";
        SCHEDULES_OR_ZONE: 25, "a schedule names a time zone, or the field does", "KEP-3140";
        ZONES_WARNED_OF: 24, "clients are warned of a time zone in a schedule", "record";
        ZONE_PARTS_CHECKED: 26, "the parts of a time zone's name are looked at before the zone", "record";
        HANDLER_REQUIRED: 36, "a runtime class without a handler is told of as such", "record";
        NODE_CHANGES_BY_FIELD: 24, "what of a node may not change is told of by its field alone",
            "CHANGELOG-1.24: DynamicKubeletConfig is gone";
        EXTERNAL_IDS_WARNED_OF: 26, "clients are warned of a node's external id", "record";
        SCOPE_OPERATORS_WORDED: 21, "the operator of a quota's scope is told of in other words", "record";
        SERVICE_NAMES_OF_SETS: 33, "the service name of a stateful set is a DNS label", "record";
        REVISION_NUMBER_FIRST: 26, "a revision's number is told of before its data", "record";
        RAW_EXTENSIONS: 26, "a revision's data is shown as Go's RawExtension", "record";
        NODES_FLOW_HIGH: 24, "what nodes say of themselves flows by itself", "CHANGELOG-1.24, #101151";
        RUNTIME_TOLERATIONS_PLACED: 36, "tolerations of a runtime class are told of where they stand", "record";
        FLOW_TYPES_WORDED: 34, "a priority level of another type than its name's is told of in other words", "record";
        SCOPE_EXISTS_WORDED: 26, "the operator of a quota's scope is called `Exists`", "record";
        PRIORITY_VALUES_PLACED: 21, "the value of a priority class is told of by its name in JSON", "record";
        HPA_CONTAINERS: 27, "an autoscaler looks at single containers", "gate HPAContainerMetrics, KEP-1610";
        NODE_BLOCKS_WORDED: 26, "a node's wrong block of addresses is told of by itself", "record";
        CLAIM_TEMPLATES_CHECKED: 34, "templates of claims are checked", "record";
        FLOW_SHARES_NOMINAL: 26, "shares of concurrency are nominal ones", "KEP-1040, v1beta3";
        FLOW_SHARES_ZERO: 29, "a priority level may have no shares of its own", "KEP-1040, v1";
        FLOW_EXEMPT_CHANGES: 27, "the exempt priority level may lend", "KEP-1040";
        HPA_WORDED: 36, "a maximum of replicas must be given; what is scaled is of an API group", "record";
        HPA_TOLERANCES: 35, "an autoscaler says which tolerance it has",
            "gate HPAConfigurableTolerance, KEP-4951";
        JOB_SUCCESS_REASONS: 31, "a done job says why it counts as done", "gate JobSuccessPolicy, KEP-3998";
        JOBS_BY_FINALIZERS: 25, "a job counts its pods by finalizers",
            "gate JobTrackingWithFinalizers, KEP-2307";
        READY_PODS_OF_JOBS: 24, "a job counts its ready pods", "gate JobReadyPods, KEP-2879";
        SET_NAME_IS_LABEL: 27, "a stateful set's name is a DNS label", "record";
        SET_TEMPLATE_CHECKED: 34, "a stateful set's template is checked like any other", "record";
        CLAIM_RETENTION: 27, "claims may go with their stateful set",
            "gate StatefulSetAutoDeletePVC, KEP-1847";
        MAX_UNAVAILABLE_OF_SETS: 35, "a stateful set may replace several pods at once", "KEP-961";
        AVAILABLE_IN_SETS: 22, "a stateful set counts its available pods", "KEP-2599";
        MIN_READY_OF_SETS: 22, "a stateful set's minReadySeconds may change", "KEP-2599";
        CLAIM_RETENTION_CHANGES: 23, "a stateful set's claim retention policy may change", "KEP-1847";
        ORDINALS_OF_SETS: 26, "a stateful set's ordinals may change", "KEP-3335";
        REVISION_LIMIT_CHANGES: 33, "a stateful set's revision history limit may change", "record";
        SURGE_OF_DAEMONS: 22, "a new pod of a daemon set may run beside the old one",
            "gate DaemonSetUpdateSurge, KEP-1591";
        TEMPLATES_COUNTED: 21, "pod templates count their changes", "record";
        CRON_JOBS_COUNTED: 21, "cron jobs count changes of their spec; their jobs are named after the minute",
            "CHANGELOG-1.21, KEP-19";
        POD_INDEX_LABEL: 28, "the pods of a stateful set are labelled with their number",
            "gate PodIndexLabel, KEP-4017";
        TERMINATING_REPLICAS: 35, "replica sets and deployments count the pods that are ending",
            "gate DeploymentReplicaSetTerminatingReplicas, KEP-3973";
        SCALED_FROM: 27, "an event of a deployment says from which size it scaled", "record";
        BUDGETS_SAY_WHY: 22, "a disruption budget has a condition", "KEP-85";
        JOBS_WARN_OF_ORPHANS: 23, "who deletes a job is told that its pods stay", "record";
    }
    Objects {
        NO_EMPTY_TIMES: 34, "templates, and reviews sent to webhooks, leave empty creation times out",
            "CHANGELOG-1.34, #130989";
        FORMATS_WARNED_OF: 34, "a definition's formats that nothing knows are warned of",
            "CHANGELOG-1.34, #133136";
        DEFINITION_STATUS_TAKES_METADATA: 21, "a definition's status is written together with labels", "record";
        CONVERSION_AUTHORITIES_CHECKED: 31,
            "a conversion webhook's authorities are read once the definition is established",
            "CHANGELOG-1.31, #124061";
        SHORT_AND_LONG_NAMES: 34, "`k8s-short-name` and `k8s-long-name` are formats of custom objects' texts", "CHANGELOG-1.34, #132504";
        AGGREGATION_APPLIES: 21, "aggregated cluster roles get their rules by an apply", "record, client-go 1.21";
        CUSTOM_APPLIED_BY_SCHEMA: 22, "a custom object is applied by the lists and maps of its schema", "KEP-555";
        APPLIED_KINDS_REFUSED: 30, "an apply of another kind than the path's is refused (400)", "record";
        KEYS_MAY_LACK: 34, "an element of a list that is a map may lack keys until the object is checked", "record";
        ENUMS_MAY_HAVE_NULL: 22, "a schema's enum may have null among its values", "record";
        TERMINATING_FORBIDS: 34, "objects of a definition that goes can't be made: 403, not 405", "record";
        SCHEMA_NUMBERS: 36, "custom objects' numbers are held to the formats of their schema",
            "record, kubernetes/kubernetes#136091";
        FINALIZER_PATHS: 32, "the warning of a finalizer like `a.example.com` speaks of a path",
            "CHANGELOG-1.32, #127303";
        FINALIZERS_WARNED_OF: 29, "who adds a finalizer without a domain to a custom object is warned",
            "CHANGELOG-1.29, #119508";
        RULES_WAIT_FOR_ENUMS: 29, "rules of custom objects are left out where a value is none of its enum",
            "record, kubernetes/kubernetes#121085";
        ENUMS_BOUND_COSTS: 29, "a rule about a text with an enum costs as much as for its longest value",
            "CHANGELOG-1.29, #121085";
        MIXED_TEXTS_BOUND_COSTS: 34, "a rule about an integer or text costs as much as its maxLength says",
            "CHANGELOG-1.34, #132837";
        SINGLE_POD_ACCESS: 27, "a volume may be for a single pod", "gate ReadWriteOncePod, KEP-2485";
        SINGLE_POD_ACCESS_KNOWN: 22, "access for a single pod goes with no other access", "KEP-2485";
        CLASSES_ARE_DECLARED: 36, "what a storage class keeps is told of as immutable, not as forbidden", "record";
        PROVISIONER_LOWERED: 21, "a provisioner is told of in lower case", "record";
        CAPACITIES_CHECKED_ONCE: 26, "a storage capacity's errors are told once", "record";
        CSI_KINDS_CHECKED_ONCE: 21, "errors of CSI drivers and nodes are told once", "record";
        CSI_NODE_PATHS: 26, "a driver of a CSI node that changes is told of where it is", "record";
        LONG_NODE_IDS: 21, "a CSI node's id may have 256 characters", "record";
        TOPOLOGY_KEYS_SHOWN: 21, "a wrong topology key of a CSI node is shown alone", "record";
        ALLOCATABLE_MAY_CHANGE: 35, "what a CSI node can take may change",
            "gate MutableCSINodeAllocatableCount, KEP-4876";
        CONSUMABLE_CAPACITY: 36, "claims may ask for parts of devices, and for devices that differ in an attribute",
            "gate DRAConsumableCapacity, KEP-5075";
        TAINTS_WITHOUT_EFFECT: 35, "a taint of a device may have no effect", "KEP-5055";
        CSI_NAME_TOLD_ONCE: 34, "an empty name of a CSI driver is missing, and no wrong name besides", "record";
        CSI_CAPACITY: 21, "CSI drivers say whether they tell of their room", "gate CSIStorageCapacity, KEP-1472";
        CSI_TOKENS: 21, "CSI drivers say which tokens they want, and how often",
            "gate CSIServiceAccountToken, KEP-2047";
        SE_LINUX_MOUNTS: 28, "CSI drivers say whether they mount with SELinux labels",
            "gate SELinuxMountReadWriteOncePod, KEP-1710";
        TOKENS_IN_SECRETS: 35, "CSI drivers that get tokens among attributes are warned of",
            "gate CSIServiceAccountTokenSecrets, KEP-5538";
        CSI_DRIVERS_KEPT_BY_FIELD: 21, "some fields of a CSI driver may change", "record";
        CSI_DRIVERS_CHANGE: 27, "a CSI driver's policy of groups and its wish for pods may change", "record";
        VOLUMES_WARNED_OF: 27, "clients are warned of what is deprecated in a persistent volume", "record";
        PHASES_TIMED: 29, "a persistent volume says when its phase changed",
            "gate PersistentVolumeLastPhaseTransitionTime, KEP-3762";
        CLAIMS_CHECKED_ONCE: 34, "errors of a claim's update are told once", "record";
        ANY_DATA_SOURCE: 24, "a claim's data may come from anything", "gate AnyVolumeDataSource, KEP-1495";
        ATTRIBUTES_CLASSES: 29, "claims may have a class of attributes", "KEP-3751";
        CLAIMS_SHRINK: 32, "a claim whose growth failed may shrink again",
            "gate RecoverVolumeExpansionFailure, KEP-1790";
        CLASS_SET_LATER: 26, "a claim without a class may get one later",
            "gate RetroactiveDefaultStorageClass, KEP-3333";
        STRICT_ADDRESSES: 36, "addresses with zeros before their digits, and blocks with bits behind their prefix, are refused",
            "gate StrictIPCIDRValidation, KEP-4858";
        ADDRESSES_WARNED_OF: 33, "addresses and blocks that are odd are warned of", "KEP-4858";
        LEADING_ZEROS: 22, "addresses may have zeros before their digits", "record";
        SPECIAL_ADDRESSES_OF_IPV6: 21, "refusals of local addresses tell of those of IPv6", "record";
        SERVICE_NAME_IS_LABEL: 36, "a service's name may begin with a digit",
            "gate RelaxedServiceNameValidation, KEP-5311";
        EXTERNAL_IPS_ARE_ACCESS: 26, "a service with external IPs has an external traffic policy",
            "CHANGELOG-1.26, #112746";
        MIXED_PROTOCOLS: 24, "a load balancer may mix protocols", "gate MixedProtocolLBService, KEP-1435";
        SAME_TRAFFIC: 34, "traffic may be led to the same zone or node",
            "gate PreferSameTrafficDistribution, KEP-3015";
        PREFER_CLOSE_DEPRECATED: 36, "the traffic distribution PreferClose is warned of", "KEP-3015";
        TOPOLOGY_MODE: 27, "a service's topology mode has an annotation of its own", "CHANGELOG-1.27, #116522";
        SERVICES_WARNED_OF: 27, "clients are warned of what is odd in a service", "CHANGELOG-1.27, #114495";
        HEADLESS_WARNED_OF: 33, "clients are warned of what a headless service ignores", "record";
        LOAD_BALANCER_IP_MODE: 30, "a load balancer's address has a mode", "gate LoadBalancerIPMode, KEP-1860";
        BALANCED_BY_TYPE: 29, "only a service of type LoadBalancer has load balancers in its status",
            "CHANGELOG-1.29, #119789";
        ALLOCATED_FIRST: 23, "a service gets its addresses before it is checked", "record";
        SERVICES_PATCHED: 21, "an update of a service may leave out what the server gave it", "record";
        RANGES_ARE_OBJECTS: 33, "addresses of services and their ranges are objects",
            "gate MultiCIDRServiceAllocator, KEP-1880";
        PORT_NAMES_HAVE_LETTERS: 21, "a port's name without letters is told of as such", "record";
        CLASS_ANNOTATION_WARNED_OF: 27, "the annotation kubernetes.io/ingress.class is warned of", "record";
        CLASSES_MAY_AGREE: 27, "an ingress may have its class as field and annotation, if they agree", "record";
        INGRESS_CLASS_SCOPES: 22, "parameters of ingress classes may be of a namespace",
            "gate IngressClassNamespacedParams, KEP-2365";
        POLICIES_HAVE_STATUS: 24, "network policies have a status", "KEP-2943";
        NO_POLICY_STATUS: 28, "network policies have no status any more", "KEP-2943";
        SLICES_CHECKED_WHEN_CHANGED: 33, "what an update leaves of a slice's endpoints isn't checked", "KEP-4858";
        EXTERNAL_IPS_DEPRECATED: 36, "external IPs of a service are warned of", "KEP-5707";
        SERVICES_RETURNED: 23, "deleting a service answers with the service", "record";
        SERVICES_SELECTED: 23, "services are selected by cluster IP and type", "record";
        INTERNAL_TRAFFIC: 22, "services have an internal traffic policy",
            "gate ServiceInternalTrafficPolicy, KEP-2086";
        OPTIONAL_NODE_PORTS: 22, "a load balancer may do without node ports",
            "gate ServiceLBNodePortControl, KEP-1864";
        DUAL_STACK: 21, "services have families of addresses", "gate IPv6DualStack, KEP-563";
        MOUNTABLE_SECRETS_DEPRECATED: 32, "the annotation enforce-mountable-secrets is warned of",
            "CHANGELOG-1.32";
        TLS_SECRETS_WARNED_OF: 27, "a TLS secret that no server could use is warned of",
            "CHANGELOG-1.27, #113581";
        NAMESPACE_LABEL: 21, "a namespace is labelled with its name",
            "gate NamespaceDefaultLabelName, KEP-2161";
        EVENTS_SELECTED_BY_REPORTER: 21, "events are selected by reporting component", "record";
        EVENTS_REPEAT_REPORTER: 27, "events name their component twice", "record";
        HOST_NETWORK_SELECTED: 28, "pods are selected by host network", "CHANGELOG-1.28, #110477";
        SELECTOR_VALUES_CHECKED: 24, "values of a label selector are checked one by one", "record";
        PODS_DELETED_FIRST: 33, "a namespace deletes its pods before all else",
            "gate OrderedNamespaceDeletion, KEP-5080";
        ENDPOINTS_MANAGED: 33, "endpoints are labelled with who made them", "KEP-4974";
        SLICES_ARE_V1: 21, "endpoint slices are of discovery.k8s.io/v1", "KEP-752";
        ROOT_CA_EXPLAINED: 21, "kube-root-ca.crt says what it is for", "record";
        TOKEN_TRACKING: 27, "kube-system has the map of when token secrets began to be tracked",
            "gate LegacyServiceAccountTokenTracking, KEP-2799";
    }
    Requests {
        FIELD_VALIDATION: 25, "fieldValidation is known: unknown fields are warned of",
            "gate ServerSideFieldValidation, KEP-2885";
        BAD_BODY_IS_BAD_REQUEST: 34, "a body that does not fit its kind ends in 400, not 500", "record";
        OWN_JSON_READER: 23, "JSON is read by sigs.k8s.io/json, in other words", "record";
        NO_VERSION_IS_BAD_REQUEST: 23, "a custom object of no version ends in 400, not 500",
            "record; the release is a guess";
        FUTURE_IS_TIMEOUT: 34, "a list at exactly a revision to come ends in 504, not 500",
            "gate ListFromCacheSnapshot, KEP-4988";
        INITIAL_EVENTS: 27, "sendInitialEvents is known", "KEP-3157";
        BAD_REVISION_IS_BAD_REQUEST: 30, "a resourceVersion that is no number ends in 400, not 500", "record";
        SCALE_NAMES_ITS_OWNER: 26,
            "a missing scale is told of as a missing deployment, replica set or stateful set",
            "record";
        STREAMS_TRANSLATED: 30, "what a kubelet refuses of a WebSocket is wrapped by the server",
            "gate TranslateStreamCloseWebsocketRequests, KEP-4006";
        PORTS_TUNNELED: 31, "ports are forwarded in SPDY over a WebSocket, too",
            "gate PortForwardWebsockets, KEP-4006";
        MANAGED_SUBRESOURCES: 22, "managed fields name the subresource", "KEP-555";
        WHOLE_DOCUMENTS_REPLACED: 23, "a JSON patch may replace the whole document", "record";
        UNREAD_PATCHES_FAIL_THEIR_WEBHOOK: 34,
            "a webhook whose patch is no JSON has failed, and may be ignored", "record";
        WATCHES_CHECKED_BY_THEMSELVES: 27, "the options of a watch have rules of their own", "KEP-3157";
        STRATEGIC_PATCHES_CLEANED: 23,
            "what a strategic merge patch adds is without its nulls and directives", "record";
        PATCHES_DECODED_IN_WORDS: 25, "a patch that cannot be read is told of as such", "record";
        AUDITED_MESSAGES: 21, "an audit event has the message of a status", "record";
        AUDIT_IS_V1: 24, "audit policies are of audit.k8s.io/v1 alone", "CHANGELOG-1.24";
        COMPONENT_GATES: 31, "a feature gate may be given with its component", "KEP-4330";
    }
    Discovery {
        PARTS_IN_TABLES: 24, "subresources are shown in tables, too", "KEP-2590";
        OPENAPI_V3: 24, "OpenAPI v3 is served", "gate OpenAPIV3, KEP-2896";
        SINGULAR_NAMES: 27, "discovery tells singular names", "record";
        NO_LOG_FOLDER: 27, "/logs is not served unless asked for", "record";
        REPRESENTATIONS_LISTED: 21, "a 406 lists what would be acceptable", "record";
        EMULATION_TOLD: 33, "/version tells what is emulated", "KEP-4330";
        PAGES_STRUCTURED: 35, "/statusz and /flagz are told as objects, too", "CHANGELOG-1.35, KEP-4827, KEP-4828";
        PAGES_BETA: 36, "/statusz and /flagz are told as objects of v1beta1, too", "record, KEP-4827, KEP-4828";
        NOT_FOUND_IS_TEXT: 23, "an unknown path ends in text, not in a list of paths", "record";
        AGGREGATED_DISCOVERY: 27, "discovery comes in one document",
            "gate AggregatedDiscoveryEndpoint, KEP-3352";
        AGGREGATED_DISCOVERY_V2: 30, "aggregated discovery is v2 as well", "KEP-3352";
        NO_AGGREGATED_BETA: 35, "aggregated discovery is no longer v2beta1", "record";
    }
    Tables {
        PREEMPTION_SHOWN: 32, "priority classes show their preemption policy", "record";
        NO_SECRETS_OF_ACCOUNTS: 35, "service accounts no longer show the number of their secrets", "record";
        JOB_STATUS_SHOWN: 30, "jobs show their status", "record";
        DURATION_SHOWN: 22, "certificate requests show the duration asked for", "gate CSRDuration, KEP-2784";
        LAST_RESTART_SHOWN: 22, "pods show when they restarted last", "record";
        QUOTA_AGE_LAST: 31, "resource quotas show their age last", "record";
        NAMES_DOCUMENTED_ANEW: 27, "documents point to another page about names", "record";
        TIME_ZONE_SHOWN: 28, "cron jobs show their time zone", "record";
    }
    Messages {
        DATA_SOURCE_WORDED: 26, "a claim's data source of another kind is told of with the kind that may be", "record";
        EXTENSIONS_FORGOTTEN: 26, "errors about ingresses and network policies tell of their group, not of extensions",
            "record";
        BLOCKS_WORDED: 30, "a wrong block of addresses is told of with examples, and where it is in a list", "record";
        ADDRESSES_QUOTE_FIELDS: 21, "errors about a service's addresses put names of fields in quotes", "record";
        TRAFFIC_FIELDS_CHECKED_EARLY: 23, "a service's external traffic is checked with the rest", "record";
        CHECKED_BY_DECLARATION: 33,
            "certificate requests without usages or signer are told of without words of their own",
            "gate DeclarativeValidation, KEP-5073";
        DECISIONS_EXCLUDED_BY_DECLARATION: 35,
            "that a certificate request is approved and denied is told of all its conditions", "KEP-5073, record";
        SET_FIELDS_WITHOUT_COMMA: 22,
            "the list of a stateful set's changeable fields has no comma before `and`",
            "record";
        POD_FIELDS_QUOTED: 27, "the list of a pod's changeable fields has commas alone, no `or`", "KEP-1287";
        GRACE_MAY_CHANGE: 22, "the list of a pod's changeable fields has the grace period", "record";
        RESOURCES_SPELLED_RIGHT: 34, "matchResources is no longer spelled matchResouces", "record";
        WORDS_WITHOUT_FIELD: 34, "what is missing or wrong is told of without the field's name before it", "record";
        EMPTY_OWNERS_WORDED: 34, "an empty field of an owner is told of without its name", "record";
        LEASES_WORDED: 25, "a lease's negative transitions are told of in better English", "record";
        DATA_WITHOUT_VERB: 23, "a secret without a key is told of without `[%s]`", "record";
        PATCHED_NAMESPACES_WORDED: 22, "a patch to another namespace is told of without naming them", "record";
        BALANCERS_GO_WITH_TYPE: 23,
            "a service that is no LoadBalancer any more has no load balancers in its status", "record";
        SERVICES_MADE_BY_UPDATE: 23, "a PUT makes a service that is not there", "record";
        SCALES_TAKE_THEIR_NAMESPACE: 22, "a scale without a namespace is of the one in the path", "record";
        LOCAL_GROUPS_TOLD: 22, "a group is told of that an API service names and nobody serves", "record";
        NO_NULL_TIMES: 34, "a time that isn't set is left out, and no null", "record";
        ENDPOINT_SLICES_LOOKED_FOR: 34, "an API service's endpoints are looked for in slices", "record";
        STRUCTURE_CHECKED_FIRST: 23, "what is not structural in a schema is told before what is wrong in it",
            "KEP-2876";
        STORED_VERSIONS_SHOWN: 26, "a missing stored version is told of with the stored ones", "record";
        STORED_VERSIONS_WORDED: 26, "how a stored version may go is told where it is missing", "record";
        PRESERVE_SPELLED_RIGHT: 25, "x-kubernetes-preserve-unknown-fields is told by its whole name",
            "CHANGELOG-1.25, #111446";
        JSON_VALUES: 34, "wrong values are shown as JSON, not as Go", "record";
        LENGTHS_BOUNDED: 32, "too long is `may not be more than`", "record";
        ONE_ITEM: 34, "one item is `item`", "record";
        RULES_SHOW_VALUES: 35, "who breaks a rule of a custom object is shown the value, not its type",
            "record, kubernetes/kubernetes#133832";
        STATIC_NAMES_RESERVED: 36, "names that end with .static.k8s.io are warned of", "KEP-5793";
        LITERALS_VALIDATED: 29,
            "literals of mixed types and formats are looked at after an expression's types", "record, cel-go 0.17";
        EQUALITY_COSTS: 31, "comparing quantities, addresses or URLs is not estimated as if they had no end",
            "CHANGELOG-1.31, #126359";
        PORT_AFTER_FIRST_COLON: 34, "a URL's port begins at its first colon", "record";
        UNDECLARED_ENDS: 28, "what calls an undeclared method in an expression is not told of as well", "record";
        SCHEMA_INDEXES: 22, "errors about custom objects' lists name the item, and an empty text is no null", "record";
        SCHEMA_REASONS: 23, "errors about custom objects' types and lengths have reasons of their own", "record";
        SCHEMA_RATCHETING: 30, "what an update of a custom object leaves as it was may be wrong", "gate CRDValidationRatcheting, KEP-4008";
        SCHEMA_STATUS: 28, "a custom object's status is checked alone, and told of from there", "record";
        SCHEMA_EMBEDDED: 34, "an embedded resource without a kind is told of without `must not be empty`", "record";
        LABEL_BYTES: 34, "labels are measured in bytes, and their keys called so", "record";
        DOTS_TOLD: 29, "a label with dots is told so", "record";
        OPERATORS_LISTED: 21, "a selector's wrong operator is told of with those of Go", "record";
        SELECTORS_AS_FIELDS: 22, "what is wrong in a selector is told of as a field", "record";
        SCHEME_MOVED: 22, "an unknown kind is told of from another file of Kubernetes", "record";
    }
    Kubectl {
        TODAYS_KUBECTL: 24, "the cluster is asked with today's kubectl, not with that of 1.20", "record";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_row_is_of_a_modelled_release_and_says_what_and_how_it_is_known() {
        let mut said = BTreeSet::new();
        for row in ALL {
            assert!(row.since > Version::OLDEST && row.since <= Version::NEWEST, "{}", row.name);
            assert!(said.insert(row.what), "{} says what another does", row.name);
            let known = ["record", "gate ", "KEP-", "CVE-", "CHANGELOG-1."];
            assert!(known.iter().any(|known| row.source.starts_with(known)), "{}: {}", row.name, row.source);
        }
    }
}
