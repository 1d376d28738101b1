//! The admission plugins, run over a write (`apiserver/pkg/admission`).

use super::{Call, Draft};
use crate::admit::{self, Review, Stop, Verdict};
use crate::api::{By, Finding, Outcome, Stage};

/// Takes a write through the chain of plugins, as far as one stage goes.
pub(super) fn run(call: &mut Call<'_>, draft: &mut Draft, stage: Stage) -> Result<(), Stop> {
    let mut ids = call.random.fork();
    let mut random = call.random.clone();
    let mut delays = call.random.clone();
    let (knowledge, authorizers, outside) = (call.knowledge, call.authorizers, call.outside);
    let ask = |attributes: &crate::api::Attributes| {
        let said = authorizers.decide(knowledge, outside, attributes);
        (said.decision, said.reason())
    };
    let mut cx = admit::Cx {
        version: call.version,
        config: call.config,
        resources: call.resources,
        now: call.now,
        cache: call.cache,
        live: call.store.objects(),
        authorize: &ask,
        random: &mut random,
        delays: &mut delays,
        ids: &mut ids,
        memory: call.memory,
        answers: call.answers,
        plugins: call.plugins,
    };
    let mut findings = Vec::new();
    let mut ran = run_chain(&mut cx, &mut draft.review, stage, &mut findings);
    if ran.is_ok() && stage == Stage::Mutate && draft.review.reinvocation.begin_again() {
        let mut second = Vec::new();
        ran = run_chain(&mut cx, &mut draft.review, stage, &mut second);
        findings.extend(second.into_iter().filter(|finding| finding.outcome != Outcome::Passed));
    }
    call.random = random;
    call.trace.findings.append(&mut findings);
    call.trace.audit.append(&mut draft.review.audit);
    call.warnings.append(&mut draft.review.warnings);
    ran
}

/// Runs one function of each plugin, in order, up to the first refusal.
fn run_chain(
    cx: &mut admit::Cx<'_>,
    review: &mut Review,
    stage: Stage,
    findings: &mut Vec<Finding>,
) -> Result<(), Stop> {
    for plugin in cx.plugins.iter() {
        let Some(run) = plugin.run.as_ref().filter(|run| (run.sees)(cx, review)) else { continue };
        let step = if stage == Stage::Mutate { run.admit } else { run.validate };
        let Some(step) = step else { continue };
        let by = By::Plugin(plugin.name);
        match step(cx, review) {
            Ok(Verdict::Skipped) => {}
            Ok(Verdict::Passed(text)) => findings.push(Finding::new(stage, by, Outcome::Passed, text)),
            Ok(Verdict::Changed(text)) => findings.push(Finding::new(stage, by, Outcome::Changed, text)),
            Err(Stop::Refused(refusal)) => {
                findings.push(Finding::refused(stage, by, &refusal));
                return Err(Stop::Refused(refusal));
            }
            Err(wait) => return Err(wait),
        }
    }
    Ok(())
}
