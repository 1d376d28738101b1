//! Who checked: stages, modes, plugins and rules, by the names under which reports and `because` know them.

use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Who checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A scenario's person, or a component of the cluster: recognised without proof.
    Known,
    /// Client certificates.
    Certificate,
    /// The static token file.
    StaticToken,
    /// Tokens of service accounts.
    AccountToken,
    /// Tokens of issuers outside.
    Jwt,
    /// All authenticators of bearer tokens together, where none recognises one.
    Bearer,
    /// Whoever comes without a credential.
    Anonymous,
    /// All authenticators together.
    Authentication,
    /// The right to act as somebody else.
    Impersonation,
    /// The group system:masters, before any mode.
    SystemMasters,
    /// Roles and bindings.
    Rbac,
    /// What a kubelet needs for its own node and pods.
    Node,
    /// The policy file.
    Abac,
    /// A webhook that authorizes.
    Webhook,
    /// A webhook that knows tokens.
    WebhookToken,
    /// The mode that allows everything.
    AlwaysAllow,
    /// The mode that allows nothing.
    AlwaysDeny,
    /// All modes together, where there is none.
    Authorization,
    /// The right to create, of an update that finds nothing.
    Create,
    /// The table of routes.
    Route,
    /// Whoever reads a body.
    Decoder,
    /// The options of a request, in its query or its body.
    Options,
    /// Whoever applies a patch.
    Patch,
    /// Who owns which field.
    ManagedFields,
    /// Nobody hands out more than they hold.
    Escalation,
    /// The rules of a kind.
    Validation,
    /// Binding a pod to a node.
    Binding,
    /// Evicting a pod.
    Eviction,
    /// The state of the control plane's components.
    Components,
    /// What is stored.
    Store,
    /// A stream, by its subresource: `exec`, `proxy`.
    Stream(&'static str),
    /// An admission plugin, by the name that the flags use.
    Plugin(&'static str),
}

impl By {
    /// How reports and `because` call it.
    pub fn name(self) -> &'static str {
        match self {
            By::Known => "known",
            By::Certificate => "x509",
            By::StaticToken => "token-auth-file",
            By::AccountToken => "service-account-token",
            By::Jwt => "jwt",
            By::Bearer => "bearer",
            By::Anonymous => "anonymous",
            By::Authentication => "authentication",
            By::Impersonation => "impersonation",
            By::SystemMasters => "system:masters",
            By::Rbac => "RBAC",
            By::Node => "Node",
            By::Abac => "ABAC",
            By::Webhook => "Webhook",
            By::WebhookToken => "webhook",
            By::AlwaysAllow => "AlwaysAllow",
            By::AlwaysDeny => "AlwaysDeny",
            By::Authorization => "authorization",
            By::Create => "create",
            By::Route => "route",
            By::Decoder => "decoder",
            By::Options => "options",
            By::Patch => "patch",
            By::ManagedFields => "managed fields",
            By::Escalation => "escalation",
            By::Validation => "validation",
            By::Binding => "binding",
            By::Eviction => "eviction",
            By::Components => "components",
            By::Store => "store",
            By::Stream(name) | By::Plugin(name) => name,
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Its name.
impl Serialize for By {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl JsonSchema for By {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "By".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let about = "Who checked: an authenticator, an authorizer, an admission plugin, a stage's own rule.";
        schemars::json_schema!({"type": "string", "description": about})
    }
}
