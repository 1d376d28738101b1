//! `kubectl patch`.
//!
//! Differs from Kubernetes: `--dry-run=client` changes nothing, not even what it prints; a patch that says nothing new is told as
//! one that does.

use super::Ctx;
use super::documents;
use super::error::{Done, Failure, fail};
use super::send::{DryRun, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH};

/// `kubectl patch TYPE NAME -p PATCH`.
pub(super) fn patch(ctx: &mut Ctx<'_>) -> Done {
    let dry = ctx.dry_run()?;
    if ctx.flags.on("local") {
        fail!("--local is not modelled");
    }
    let text = match (ctx.flags.filled("patch"), ctx.flags.filled("patch-file")) {
        (Some(text), None) => text.to_owned(),
        (None, Some(path)) => ctx
            .files
            .read(path)
            .map_err(|why| Failure::plain(format!("unable to read patch file: open {path}: {why}")))?,
        (Some(_), Some(_)) => fail!("cannot specify --patch and --patch-file together"),
        (None, None) => fail!("must specify --patch or --patch-file containing the contents of the patch"),
    };
    let media_type = match ctx.flags.text("type") {
        "" | "strategic" => STRATEGIC_PATCH,
        "merge" => MERGE_PATCH,
        "json" => JSON_PATCH,
        other => fail!("--type must be one of [json merge strategic], not \"{other}\""),
    };
    // What looks like JSON is sent as it is.
    let patch = match text.trim_start().starts_with('{') {
        true => text.clone().into_bytes(),
        false => documents::one(&text)
            .map_err(|why| Failure::plain(format!("unable to parse \"{text}\": {why}")))?
            .to_string()
            .into_bytes(),
    };
    let mut targets = ctx.all_targets()?;
    ctx.of_part(&mut targets);
    ctx.each(targets, |ctx, target| {
        let manager = ctx.flags.get("field-manager").unwrap_or("kubectl-patch").to_owned();
        let before = ctx.get(&target)?;
        let after = match dry {
            DryRun::Client => before.clone(),
            DryRun::None | DryRun::Server => {
                ctx.patch_bytes(&target.path(), (media_type, patch.clone()), &[("fieldManager", &manager)])
                    .map_err(|failure| match failure.is("UnsupportedMediaType") {
                        true => failure
                            .wrap(&format!("{media_type} is not supported by {}: ", target.mapping.gvk())),
                        false => failure,
                    })?
            }
        };
        let unchanged = match dry {
            DryRun::Client => patch == b"{}",
            DryRun::None | DryRun::Server => before == after,
        };
        let operation = if unchanged { "patched (no change)" } else { "patched" };
        // That it was a dry run is lost on the way to kubectl's printer.
        ctx.report(&after, operation, DryRun::None)
    })
}
