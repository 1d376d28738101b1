//! `kubectl create`: from a file, or one subcommand a kind.

pub(super) mod data;
pub(super) mod ingress;
pub(super) mod policy;
pub(super) mod rbac;
pub(super) mod service;
pub(super) mod simple;
pub(super) mod token;
pub(super) mod workload;

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::send::DryRun;
use super::target::Target;
use crate::api::Dig;
use crate::json::{Value, json};

/// The manager of fields that are created from here.
const MANAGER: &str = "kubectl-create";

impl Ctx<'_> {
    /// The frame of a new object. `-n` is written into it, as kubectl does.
    fn object(&self, api_version: &str, kind: &str, name: &str, namespaced: bool) -> Value {
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": self.metadata()});
        object.set("metadata.name", name);
        if namespaced && self.flags.has("namespace") {
            object.set("metadata.namespace", self.namespace.clone());
        }
        object
    }

    /// Empty metadata, as the client's Go types write it.
    pub(super) fn metadata(&self) -> Value {
        if self.old() { json!({"creationTimestamp": null}) } else { json!({}) }
    }

    /// Sends a new object and says so. `failed` is the text that hides the server's refusal behind `error:`.
    fn create(&mut self, object: Value, failed: Option<&str>) -> Done {
        let dry = self.dry_run()?;
        let mut object = object;
        if self.flags.on("save-config") {
            super::apply::set_last_applied(&mut object);
        }
        if dry == DryRun::Client {
            return self.report(&object, "created", dry);
        }
        let Some(mapping) = self.resource_of(&object) else {
            let (kind, version) = (object.text("kind"), object.text("apiVersion"));
            fail!("no matches for kind \"{kind}\" in version \"{version}\"");
        };
        let target = Target::new(&mapping, &self.scope(&mapping), "");
        let created = self.store(&target, "POST", MANAGER, &object).map_err(|failure| match failed {
            Some(text) => failure.wrap(text),
            None => failure,
        })?;
        self.report(&created, "created", dry)
    }

    /// Flags without which a command does not run.
    pub(super) fn require(&self, names: &[&str]) -> Done {
        let missing: Vec<String> =
            names.iter().filter(|name| !self.flags.has(name)).map(|name| format!("\"{name}\"")).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let text = format!("required flag(s) {} not set", missing.join(", "));
        Err(if self.old() { Failure::bare(format!("Error: {text}")) } else { Failure::plain(text) })
    }
}

/// `kubectl create -f FILE`.
pub(super) fn from_file(ctx: &mut Ctx<'_>) -> Done {
    if !ctx.names_files() {
        if !ctx.old() && !ctx.flags.args.is_empty() {
            let args = ctx.flags.args.join(" ");
            return Err(ctx.usage(format!("Unexpected args: [{args}]")));
        }
        if !ctx.old() {
            fail!("must specify one of -f and -k");
        }
        ctx.warn("Error: must specify one of -f and -k\n");
        return super::command::unknown(ctx);
    }
    let dry = ctx.dry_run()?;
    let targets = ctx.manifests()?;
    ctx.each(targets, |ctx, target| {
        let mut object = target.manifest.clone();
        if ctx.flags.on("save-config") {
            super::apply::set_last_applied(&mut object);
        }
        if dry != DryRun::Client {
            object = ctx
                .store(&target, "POST", MANAGER, &object)
                .map_err(|failure| failure.when("creating", &target.source))?;
        }
        ctx.report(&object, "created", dry)
    })
}
