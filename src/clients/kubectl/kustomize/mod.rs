//! Kustomizations (`-k DIR`, `kubectl kustomize DIR`): kustomize 5.8.1, as kubectl 1.37.1 carries it.
//!
//! Modelled are resources (files, folders with a kustomization of their own), components, `namespace`, `namePrefix`, `nameSuffix`,
//! `labels`, `commonLabels`, `commonAnnotations`, patches of both kinds with targets, generators with their options, `images`,
//! `replicas` and `sortOptions`. Any other field is refused by its name. What stock kubectl makes of some hundred folders is kept in
//! `tests/kustomize`.
//!
//! What surprises there is kustomize's own doing: `namespace:` also lands on kinds without a namespace that came after Kubernetes 1.21
//! (policies and their bindings), a policy's `paramRef` keeps the old name, and a subject called `default` moves along from whatever
//! namespace it was in.
//!
//! # Differs from Kubernetes
//!
//! The kubectl of old clusters (1.20) carried kustomize 2.0; here it builds as today's does. Paths in messages lead from where kubectl
//! was typed. See `load`, `documents` and `merge` for more.

mod documents;
mod field;
mod file;
mod generate;
mod hash;
mod id;
mod images;
mod load;
mod merge;
mod order;
mod patch;
mod references;
mod resource;
mod schema;
mod select;
mod specs;
mod target;
mod transform;
mod wrong;

use super::Ctx;
use super::error::{Done, Failure, fail};
use crate::golang::yaml;
use crate::json::Value;

/// What `kubectl kustomize` takes; what leads anywhere else is refused.
pub(super) const FLAGS: &str = "output,o:text load-restrictor:text enable-helm enable-alpha-plugins env,e:array \
                                    helm-command:text network network-name:text mount:array as-current-user";

impl Ctx<'_> {
    /// The objects that come of a folder; warnings are told before.
    pub(super) fn kustomized(&mut self, path: &str) -> Done<Vec<Value>> {
        let mut notes = file::Notes::default();
        let built = target::build(self.files, path, &mut notes);
        for warning in notes.warnings {
            self.warn(warning);
        }
        let resources = built.map_err(|wrong| {
            let failure = Failure::plain(wrong.text);
            match wrong.unknown {
                Some(unknown) => failure.unknown(unknown),
                None => failure,
            }
        })?;
        Ok(resources.into_iter().map(|resource| resource.object).collect())
    }
}

/// `kubectl kustomize DIR`.
pub(super) fn kustomize(ctx: &mut Ctx<'_>) -> Done {
    const ROOT_ONLY: &str = "LoadRestrictionsRootOnly";
    let told = |flag: &&str| match *flag {
        "load-restrictor" => ctx.flags.get(flag).is_some_and(|value| value != ROOT_ONLY),
        flag => ctx.flags.has(flag),
    };
    let flags = FLAGS.split_whitespace().filter_map(|word| word.split([',', ':']).next());
    if let Some(flag) = { flags }.find(told) {
        fail!("kubectl kustomize --{flag} is not modelled");
    }
    let path = match ctx.flags.args.as_slice() {
        [] => ".".to_owned(),
        [path] => path.clone(),
        _ => fail!("specify one path to kustomization.yaml"),
    };
    let objects = ctx.kustomized(&path)?;
    let documents: Vec<String> = objects.iter().map(yaml::wrapped).collect();
    ctx.out.push_str(&documents.join("---\n"));
    Ok(())
}
