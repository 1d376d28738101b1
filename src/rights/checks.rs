//! The mistakes and leftovers that are looked for in roles and bindings: a row each, with the documentation behind it.

use schemars::JsonSchema;
use serde::Serialize;

/// Something that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The name that it keeps: `short-name`.
    pub name: &'static str,
    /// What it comes to where it is found.
    pub sort: Sort,
    /// What is looked for.
    pub about: &'static str,
    /// Where that is known from: a page of Kubernetes' documentation (below `https://kubernetes.io/docs/`), or its source.
    pub source: &'static str,
}

/// What a finding comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Sort {
    /// No request is ever allowed by it.
    Never,
    /// Only requests of a rare form are.
    Seldom,
    /// It can't be told from what was read.
    Unknown,
    /// Nobody has anything of it.
    Unused,
}

impl Sort {
    /// `never matches`.
    pub fn words(self) -> &'static str {
        match self {
            Sort::Never => "never matches",
            Sort::Seldom => "seldom matches",
            Sort::Unknown => "unknown",
            Sort::Unused => "unused",
        }
    }
}

macro_rules! checks {
    ($($constant:ident $name:literal $sort:ident: $about:literal, $source:expr;)*) => {
        $(#[doc = $about] pub(super) const $constant: Check =
            Check { name: $name, sort: Sort::$sort, about: $about, source: $source };)*

        /// All that is looked for.
        pub const CHECKS: &[Check] = &[$($constant),*];
    };
}

const RBAC: &str = "reference/access-authn-authz/rbac/";
const RESOURCES: &str = "reference/access-authn-authz/rbac/#referring-to-resources";
const SUBJECTS: &str = "reference/access-authn-authz/rbac/#referring-to-subjects";
const VALIDATION: &str = "kubernetes/pkg/apis/rbac/validation/validation.go";
const MATCHES: &str = "kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go";
const GROUPS: &str = "reference/using-api/#api-groups";
const VERBS: &str = "reference/access-authn-authz/authorization/#determine-the-request-verb";
const ACCOUNTS: &str = "reference/access-authn-authz/service-accounts-admin/";

checks! {
    UPPER_CASE "upper-case" Never: "a word with capital letters, where all there are have small ones", MATCHES;
    SHORT_NAME "short-name" Never: "a resource by its short name, which only kubectl knows", RESOURCES;
    SINGULAR "singular" Never: "a resource by its singular, or by the name of its kind", RESOURCES;
    GROUP_IN_RESOURCE "group-in-resource" Never: "a resource with its API group behind it, as kubectl takes it", RESOURCES;
    WRONG_GROUP "wrong-group" Never: "a resource that none of the rule's API groups has", GROUPS;
    IDLE_GROUP "idle-group" Never: "an API group that has none of the rule's resources", GROUPS;
    VERSION_IN_GROUP "version-in-group" Never: "an API group with a version", GROUPS;
    CORE_BY_NAME "core-by-name" Never: "the core group by a name; it is called by the empty text", RBAC;
    UNKNOWN_RESOURCE "unknown-resource" Never: "a resource that an API group does not have", RESOURCES;
    UNKNOWN_SUBRESOURCE "unknown-subresource" Never: "a subresource that a resource does not have", RESOURCES;
    STAR_SUBRESOURCE "star-subresource" Never: "`pods/*` or `*/*`: a star before the slash stands for any resource, none behind it", MATCHES;
    PART_STAR "part-star" Never: "a star as a part of a word, where only a whole word may be one", MATCHES;
    STAR_IN_NAME "star-in-name" Never: "a star in resourceNames, which are compared letter by letter", MATCHES;
    VERB_NOT_SERVED "verb-not-served" Never: "a verb that a resource does not have", VERBS;
    INCOMPLETE_RULE "incomplete-rule" Never: "a rule without verbs, or without API groups or resources", VALIDATION;
    NAMED_DELETECOLLECTION "named-deletecollection" Never: "deletecollection with resourceNames: no such request has a name", RESOURCES;
    UNNAMED "unnamed" Never: "a verb whose requests always have a name, with resourceNames that hold only the empty one", MATCHES;
    NAMED_CREATE "named-create" Seldom: "create of a resource itself with resourceNames: a POST has no name, only a PUT or server-side apply that creates", RESOURCES;
    NAMED_LIST "named-list" Seldom: "list or watch with resourceNames: only with the field selector metadata.name", RESOURCES;
    CLUSTER_SCOPED "cluster-scoped" Never: "what is asked for in no namespace, given in one", RBAC;
    URL_IN_NAMESPACE "url-in-namespace" Never: "a path given in a namespace", "reference/access-authn-authz/rbac/#clusterrole-example";
    URL_WITHOUT_SLASH "url-without-slash" Never: "a path that does not begin with a slash", MATCHES;
    URL_INNER_STAR "url-inner-star" Never: "a star within a path: it stands for a rest, at the end", MATCHES;
    URL_OF_RESOURCE "url-of-resource" Never: "the path of a resource, whose requests no rule about paths is asked about", "reference/access-authn-authz/authorization/#review-your-request-attributes";
    URL_VERB "url-verb" Never: "a verb of resources on a path: there it is the request's method", VERBS;
    SUBJECT_KIND "subject-kind" Never: "a subject of a kind that there isn't", SUBJECTS;
    SUBJECT_GROUP "subject-group" Never: "a subject whose kind is not of its API group: no server takes the binding", VALIDATION;
    ACCOUNT_SPELLING "account-spelling" Never: "a user, group or account by a name that no service account has", SUBJECTS;
    ACCOUNT_HOMELESS "account-homeless" Never: "a service account without a namespace in a cluster role binding", VALIDATION;
    ACCOUNT_AS_USER "account-as-user" Never: "a service account or a node among the users whom somebody may act as",
        "reference/access-authn-authz/user-impersonation/";
    GROUP_AS_USER "group-as-user" Never: "a group as a user, or a user as a group", SUBJECTS;
    MISSING_ACCOUNT "missing-account" Never: "a service account that is not there, where others of its namespace are", ACCOUNTS;
    ROLE_KIND "role-kind" Never: "a reference to a role of a kind that the binding can't refer to", RBAC;
    INVALID "invalid" Never: "what validation refuses besides: no server stores the object", VALIDATION;
    MISSING_ROLE "missing-role" Never: "a reference to a role that is not there", RBAC;
    UNKNOWN_GROUP "unknown-group" Unknown: "an API group that neither the release nor a definition knows: another server may serve it", GROUPS;
    UNKNOWN_CUSTOM "unknown-custom" Unknown: "a resource that no definition tells of, in a group of which others do",
        "concepts/extend-kubernetes/api-extension/custom-resources/";
    DOUBTFUL_RESOURCE "doubtful-resource" Unknown: "a resource that is all but one of a known group of the rule; another group, of which nothing is known, may have it", RESOURCES;
    OTHER_RELEASE "other-release" Unknown: "what this release does not serve, and others do", "reference/using-api/deprecation-guide/";
    UNBOUND_ROLE "unbound-role" Unused: "a role that no binding refers to and no other gathers", RBAC;
    EMPTY_BINDING "empty-binding" Unused: "a binding without subjects", RBAC;
    COVERED_RULE "covered-rule" Unused: "a rule that gives whoever has it nothing more than another of theirs", RBAC;
}
