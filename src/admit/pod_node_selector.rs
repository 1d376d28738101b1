//! PodNodeSelector: the nodes that pods of a namespace run on, by an annotation of the namespace or by the plugin's
//! configuration (`plugin/pkg/admission/podnodeselector`).

use super::{Cx, Outcome, Review, Run, Stop, Verdict, created_pods};
use crate::api::Dig;
use crate::json::{Text, Value};
use std::collections::BTreeMap;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: created_pods, admit: Some(admit), validate: Some(validate) };

const NAME: &str = "PodNodeSelector";
const ANNOTATION: &str = "scheduler.alpha.kubernetes.io/node-selector";

type Labels = BTreeMap<String, String>;

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let selector = agreed(cx, review)?;
    for (key, value) in &selector {
        review.object.make("spec.nodeSelector")[key.as_str()] = value.as_str().into();
    }
    let passed = validate(cx, review)?;
    Ok(match selector.is_empty() {
        true => passed,
        false => Verdict::Changed("it got its namespace's node selector".to_owned()),
    })
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    agreed(cx, review)?;
    let whitelist = parse(configured(cx, review.namespace()))?;
    let listed =
        |(key, value): (&Text, &Value)| whitelist.get(key.as_str()).map(String::as_str) == value.as_str();
    if !whitelist.is_empty() && !review.object.entries("spec.nodeSelector").all(listed) {
        return Err(review.forbidden("pod node label selector labels conflict with its namespace whitelist"));
    }
    Ok(Verdict::Passed("its node selector is allowed".to_owned()))
}

/// The namespace's selector, if the pod's own doesn't contradict it.
fn agreed(cx: &Cx<'_>, review: &Review) -> Result<Labels, Stop> {
    let namespace = cx.namespace(review.namespace())?;
    let selector = match namespace.annotation(ANNOTATION) {
        Some(text) => parse(text)?,
        None => parse(configured(cx, "clusterDefaultNodeSelector"))?,
    };
    let own = review.object.at("spec.nodeSelector");
    let contradicts =
        |(key, value): (&String, &String)| own.get(key).is_some_and(|own| own != value.as_str());
    match selector.iter().any(contradicts) {
        true => {
            Err(review.forbidden("pod node label selector conflicts with its namespace node label selector"))
        }
        false => Ok(selector),
    }
}

fn configured<'a>(cx: &'a Cx<'_>, key: &str) -> &'a str {
    let configuration = cx.plugins.configuration(NAME);
    configuration.entry("podNodeSelectorPluginConfig", key).unwrap_or_default()
}

/// `a=b,c=d` (`labels.ConvertSelectorToLabelsMap`).
fn parse(selector: &str) -> Result<Labels, Stop> {
    let terms = selector.split(',').filter(|_| !selector.is_empty());
    terms
        .map(|term| match term.split_once('=') {
            Some((key, value)) if !value.contains('=') => {
                Ok((key.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(Stop::error(format!("invalid selector: {term}"))),
        })
        .collect()
}
