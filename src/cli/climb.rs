//! What `paths`, `graph` and `audit` have in common: the cluster of a dump under flags, and where a path leads.

use super::dumps::DumpArgs;
use super::hints;
use crate::api::Dig;
use crate::api::rbac::Who;
use crate::authorize::rbac::who_meant;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::paths::{Declared, Target, prepared};
use std::path::Path;

/// The cluster in which paths are looked for.
#[derive(clap::Args)]
pub(super) struct ClimbArgs {
    #[command(flatten)]
    dump: DumpArgs,
    /// A flag of kube-apiserver under which paths are carried out, as in `enable-admission-plugins=OwnerReferencesPermissionEnforcement`
    /// or `admission-control-config-file=FILE`; may be given several times
    #[arg(long = "flag", value_name = "NAME=VALUE")]
    flags: Vec<String>,
    /// A list of `group`, `resource`, `account` (NAMESPACE/NAME) and, if wanted, `object`: custom resources at which a controller
    /// acts by the rights of its account
    #[arg(long, value_name = "FILE")]
    controllers: Option<String>,
}

/// What was loaded.
pub(super) struct Loaded {
    pub(super) dump: Dump,
    pub(super) cluster: Cluster,
    pub(super) declared: Vec<Declared>,
}

impl ClimbArgs {
    /// The cluster, under its flags.
    pub(super) fn load(&self) -> Result<Loaded, Error> {
        if self.dump.is_empty() {
            return Err(Error::new("of which cluster?").hint("give its objects with -f DUMP"));
        }
        let dump = self.dump.cluster()?;
        let mut cluster = prepared(&dump)?;
        if !self.flags.is_empty() {
            let flag =
                |flag: &'_ str| flag.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
            let flags: Option<Vec<(String, String)>> =
                self.flags.iter().map(|text| flag(text.trim_start_matches('-'))).collect();
            let flags = flags.ok_or_else(|| {
                Error::new("a flag has no value").hint("write it as in --flag enable-admission-plugins=NAME")
            })?;
            let mut config = cluster.config().clone();
            let flags = flags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            config.apply(flags, &|file| files::read(Path::new(file), &NAMED_BYTES))?;
            cluster.restart(config)?;
        }
        let declared = match &self.controllers {
            Some(file) => Declared::read(file, &text(file)?)?,
            None => Vec::new(),
        };
        Ok(Loaded { dump, cluster, declared })
    }

    /// Keeps what is in the namespace that is told of.
    pub(super) fn keep<T>(&self, all: Vec<T>, namespace: impl Fn(&T) -> &str) -> Vec<T> {
        self.dump.keep(all, namespace)
    }

    /// The namespace that is named.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.dump.namespace()
    }

    /// Where a path leads: everything, if nothing is said; somebody; `RESOURCE in NAMESPACE`; or a question.
    pub(super) fn target(&self, words: &[String], loaded: &Loaded) -> Result<Target, Error> {
        let ask = |words: &[String]| {
            let info = self.dump.read(&self.dump.question(words)?, &loaded.dump)?.info;
            hints::of_asked(&loaded.dump, &info).iter().for_each(|text| super::hint(text));
            Ok(info)
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] | ["cluster-admin"] => Ok(Target::everything()),
            [resource, "in", namespace] => {
                ask(&["get", resource, "-n", namespace].map(str::to_owned)).map(|info| Target::reading(&info))
            }
            [one] => {
                let who = subject(one);
                let there = match &who {
                    Who::User(name) => known(&loaded.cluster, name),
                    Who::Group(_) => true,
                };
                match there {
                    true => Ok(Target::Subject(who)),
                    false => Err(Error::new(format!("nobody here is called `{one}`"))
                        .hint("a path leads to a subject, to `RESOURCE in NAMESPACE`, or to VERB RESOURCE [-n NAMESPACE]")),
                }
            }
            _ => ask(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).map(Target::question),
        }
    }
}

/// That the dump knows somebody from whom a path is to lead: of a stranger there would be none, whoever is meant.
pub(super) fn is_there(who: &Who, written: &str, loaded: &Loaded) -> Result<(), Error> {
    let Who::User(name) = who else { return Ok(()) };
    if known(&loaded.cluster, name) {
        return Ok(());
    }
    let users = loaded.cluster.knowledge().rbac().users();
    let accounts = loaded.cluster.store().objects().all("serviceaccounts");
    let names: Vec<String> = accounts
        .map(|account| format!("{}/{}", account.namespace(), account.name()))
        .chain(users.iter().map(|user| user.to_string()))
        .collect();
    let error =
        Error::new(format!("nobody here is called `{written}`: no account, and no binding names them"));
    let near = error.nearest(written, names.iter().map(String::as_str));
    Err(match near.hint {
        Some(_) => near,
        None => near.hint("what everybody may is asked of `group:system:authenticated`"),
    })
}

/// Whether bindings speak of a user, the account is stored, or the node is there.
fn known(cluster: &Cluster, user: &str) -> bool {
    let node = user.strip_prefix("system:node:").filter(|node| !node.is_empty());
    let objects = cluster.store().objects();
    let is_there = |node: &str| objects.get("nodes", "", node).is_some() || objects.count_on_node(node) > 0;
    if node.is_some_and(is_there) {
        return true;
    }
    let stored = crate::api::service_account(user).is_some_and(|(namespace, name)| {
        cluster
            .store()
            .objects()
            .get("serviceaccounts", namespace, name)
            .is_some_and(|account| account.name() == name)
    });
    stored || cluster.knowledge().rbac().users().contains(user)
}

/// Somebody as words name them: `alice`, `shop/ci` or `system:serviceaccount:shop:ci`, `group:devs`.
pub(super) fn subject(word: &str) -> Who {
    who_meant(word)
}

/// A file that the command line names.
pub(super) fn text(file: &str) -> Result<String, Error> {
    files::given(Path::new(file), &NAMED_BYTES).map_err(Error::of_file(file))
}
