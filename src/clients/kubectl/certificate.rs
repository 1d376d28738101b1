//! `kubectl certificate approve|deny`.

use super::Ctx;
use super::error::{Done, fail};
use super::send::DryRun;
use super::target::Target;
use crate::api::Dig;
use crate::json::json;

/// A decision: the condition, its reason and message, the opposite condition, and the word that tells it.
struct Verdict {
    condition: &'static str,
    reason: &'static str,
    message: &'static str,
    opposite: &'static str,
    word: &'static str,
}

/// `kubectl certificate approve NAME`.
pub(super) fn approve(ctx: &mut Ctx<'_>) -> Done {
    let verdict = Verdict {
        condition: "Approved",
        reason: "KubectlApprove",
        message: "This CSR was approved by kubectl certificate approve.",
        opposite: "Denied",
        word: "approved",
    };
    decide(ctx, &verdict)
}

/// `kubectl certificate deny NAME`.
pub(super) fn deny(ctx: &mut Ctx<'_>) -> Done {
    let verdict = Verdict {
        condition: "Denied",
        reason: "KubectlDeny",
        message: "This CSR was denied by kubectl certificate deny.",
        opposite: "Approved",
        word: "denied",
    };
    decide(ctx, &verdict)
}

fn decide(ctx: &mut Ctx<'_>, verdict: &Verdict) -> Done {
    if ctx.flags.args.is_empty() && !ctx.names_files() {
        fail!("one or more CSRs must be specified as <name> or -f <filename>");
    }
    let mut args = ctx.flags.args.clone();
    if !args.is_empty() && !args.iter().any(|arg| arg.contains('/')) {
        args.insert(0, "csr".to_owned());
    }
    for target in ctx.targets(&args)? {
        one(ctx, &target, verdict)?;
    }
    Ok(())
}

fn one(ctx: &mut Ctx<'_>, target: &Target, verdict: &Verdict) -> Done {
    let mut request = ctx.get(target)?;
    let has = |kind: &str| request.list("status.conditions").iter().any(|c| c.text("type") == kind);
    if has(verdict.opposite) {
        fail!("certificate signing request \"{}\" is already {}", target.name, verdict.opposite);
    }
    if !has(verdict.condition) || ctx.flags.on("force") {
        let now = jiff::Timestamp::from_second(ctx.client.now().as_second()).unwrap_or_default().to_string();
        let mut conditions = request.list("status.conditions").to_vec();
        conditions.retain(|condition| condition.text("type") != verdict.condition);
        conditions.push(json!({
            "type": verdict.condition, "status": "True", "reason": verdict.reason, "message": verdict.message,
            "lastUpdateTime": now,
        }));
        request.set("status.conditions", conditions);
        ctx.write("PUT", &format!("{}/approval", target.path()), &request)?;
    }
    ctx.report(&request, verdict.word, DryRun::None)
}
