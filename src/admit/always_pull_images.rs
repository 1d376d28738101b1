//! AlwaysPullImages: every image is pulled anew, with the pod's own credentials (`plugin/pkg/admission/alwayspullimages`).

use super::{Cx, Outcome, Review, Run, Stop, Verdict, references};
use crate::api::{Dig, Status};
use serde_json::Value;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), validate: Some(validate) };

const LISTS: [&str; 3] = ["spec.initContainers", "spec.containers", "spec.ephemeralContainers"];

fn ignored(review: &Review) -> bool {
    !review.writes() || !review.is("", "pods") || has_no_new_image(review)
}

fn has_no_new_image(review: &Review) -> bool {
    let Some(old) = &review.old else { return false };
    let known: Vec<&str> = references::containers(old).map(|container| container.text("image")).collect();
    references::containers(&review.object).all(|container| known.contains(&container.text("image")))
}

fn admit(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    if ignored(review) {
        return Ok(Verdict::Skipped);
    }
    for list in LISTS {
        let containers = review.object.at_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            container.set("imagePullPolicy", "Always");
        }
    }
    Ok(Verdict::Changed("images are always pulled".to_owned()))
}

fn validate(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    if ignored(review) {
        return Ok(Verdict::Skipped);
    }
    let mut errors = Vec::new();
    for list in LISTS {
        for (i, container) in review.object.list(list).iter().enumerate() {
            let policy = container.text("imagePullPolicy");
            if policy != "Always" {
                let why = format!(
                    "{list}[{i}].imagePullPolicy: Unsupported value: \"{policy}\": supported values: \"Always\""
                );
                let refused = Status::forbidden(&review.group_resource(), review.object.name(), why);
                errors.push(refused.message);
            }
        }
    }
    // An aggregate of refusals is no refusal itself: a 500.
    match errors.as_slice() {
        [] => Ok(Verdict::Passed("images are always pulled".to_owned())),
        [error] => Err(Stop::error(error.as_str())),
        errors => Err(Stop::error(format!("[{}]", errors.join(", ")))),
    }
}
