//! Who checked: stages, modes, plugins and rules, by the names under which reports and `because` know them.

use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

macro_rules! by {
    ($($about:literal $variant:ident = $name:literal;)*) => {
        /// Who checked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum By {
            $(#[doc = $about] $variant,)*
            /// A stream, by its subresource: `exec`, `proxy`.
            Stream(&'static str),
            /// An admission plugin, by the name that the flags use.
            Plugin(&'static str),
        }

        impl By {
            /// The names of all but streams and plugins.
            pub const OWN: &[&str] = &[$($name),*];

            /// How reports and `because` call it.
            pub fn name(self) -> &'static str {
                match self {
                    $(By::$variant => $name,)*
                    By::Stream(name) | By::Plugin(name) => name,
                }
            }
        }
    };
}

by! {
    "A scenario's person, or a component of the cluster: recognised without proof." Known = "known";
    "Client certificates." Certificate = "x509";
    "The static token file." StaticToken = "token-auth-file";
    "Tokens of service accounts." AccountToken = "service-account-token";
    "Tokens of issuers outside." Jwt = "jwt";
    "All authenticators of bearer tokens together, where none recognises one." Bearer = "bearer";
    "Whoever comes without a credential." Anonymous = "anonymous";
    "All authenticators together." Authentication = "authentication";
    "The right to act as somebody else." Impersonation = "impersonation";
    "The group system:masters, before any mode." SystemMasters = "system:masters";
    "Roles and bindings." Rbac = "RBAC";
    "What a kubelet needs for its own node and pods." Node = "Node";
    "The policy file." Abac = "ABAC";
    "A webhook that authorizes." Webhook = "Webhook";
    "A webhook that knows tokens." WebhookToken = "webhook";
    "The mode that allows everything." AlwaysAllow = "AlwaysAllow";
    "The mode that allows nothing." AlwaysDeny = "AlwaysDeny";
    "All modes together, where there is none." Authorization = "authorization";
    "The right to create, of an update that finds nothing." Create = "create";
    "The table of routes." Route = "route";
    "Whoever reads a body." Decoder = "decoder";
    "The options of a request, in its query or its body." Options = "options";
    "Whoever applies a patch." Patch = "patch";
    "Who owns which field." ManagedFields = "managed fields";
    "Nobody hands out more than they hold." Escalation = "escalation";
    "The rules of a kind." Validation = "validation";
    "Binding a pod to a node." Binding = "binding";
    "Evicting a pod." Eviction = "eviction";
    "The state of the control plane's components." Components = "components";
    "What is stored." Store = "store";
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
