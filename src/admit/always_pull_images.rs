//! AlwaysPullImages: every image is pulled anew, with the pod's own credentials (`plugin/pkg/admission/alwayspullimages`).

use super::{Cx, Outcome, Review, Run, Stop, Verdict, written_pods};
use crate::api::field::aggregate;
use crate::api::{Dig, Status};
use crate::json::Value;
use crate::kinds::pod::references;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: with_new_image, admit: Some(admit), validate: Some(validate) };

const LISTS: [&str; 3] = ["spec.initContainers", "spec.containers", "spec.ephemeralContainers"];

/// Sees pods with an image that they did not have before.
fn with_new_image(cx: &Cx<'_>, review: &Review) -> bool {
    let old = review.old.iter().flat_map(|old| references::containers(old));
    let known: Vec<&str> = old.map(|container| container.text("image")).collect();
    let mut all = references::containers(&review.object);
    written_pods(cx, review)
        && (review.old.is_none() || all.any(|container| !known.contains(&container.text("image"))))
}

fn admit(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    for list in LISTS {
        let containers = review.object.at_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            container.set("imagePullPolicy", "Always");
        }
    }
    Ok(Verdict::Changed("images are always pulled".to_owned()))
}

fn validate(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
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
    match aggregate(&errors) {
        None => Ok(Verdict::Passed("images are always pulled".to_owned())),
        Some(why) => Err(Stop::error(why)),
    }
}
