//! What a way up gives, whoever goes it.

/// What is gained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gain {
    /// The rights of an account of the namespace: of those names, where they are names of accounts.
    Accounts,
    /// The same, of any account, whatever the names are of.
    AnyAccount,
    /// What runs in a pod there: its account.
    Pods,
    /// A node of choice, and the accounts of what runs there.
    AnyMachine,
    /// A node of that name, and the accounts of what runs there.
    Machine,
    /// What is in secrets: tokens of accounts.
    Secrets,
    /// To act as users, groups, accounts.
    AsUsers,
    /// As above.
    AsGroups,
    /// As above.
    AsAccounts,
    /// To act as a user, for what one may act for.
    AsUsersFor,
    /// As above.
    AsGroupsFor,
    /// As above.
    AsAccountsFor,
    /// What runs on a node, by acting as that node.
    AsNodes,
    /// As above, for what one may act for.
    AsNodesFor,
    /// A certificate of any name and group.
    Certificates,
    /// What runs on a node, by its certificate.
    NodeCertificates,
    /// What runs on the node that somebody is.
    OwnNode,
    /// A cluster role of that name.
    ClusterRoles,
    /// A role of that name.
    Roles,
    /// All rights, where a role of that name is held.
    HeldRoles,
    /// All rights, where a role is held that gathers one of that name.
    GatheredRoles,
    /// All rights in the whole cluster.
    Everything,
    /// All rights in the namespace.
    EverythingHere,
    /// That an object is deleted.
    Deletion,
    /// What is in a secret or a config map of the namespace, where that is asked about.
    Mounted,
    /// What is in secrets that others write: tokens of accounts, and what is asked about.
    WrittenSecrets,
    /// All rights, in a role that is made or found, bound and filled.
    FilledRoles,
    /// The rights of a controller that was declared.
    Controller,
}

impl Gain {
    /// How somebody acts as somebody else for some verbs only, and by what they would act for all.
    pub(super) fn acts_for_some(self) -> Option<(&'static str, Gain)> {
        match self {
            Gain::AsUsersFor => Some(("user-info", Gain::AsUsers)),
            Gain::AsGroupsFor => Some(("user-info", Gain::AsGroups)),
            Gain::AsAccountsFor => Some(("serviceaccount", Gain::AsAccounts)),
            _ => None,
        }
    }
}
