//! DefaultStorageClass and DefaultIngressClass: what names no class gets the default one
//! (`plugin/pkg/admission/storage/storageclass/setdefault`, `…/network/defaultingressclass`).

use super::super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict};
use super::class_name;
use crate::api::differences::{Difference, NEWEST_DEFAULT_CLASS, NEWEST_DEFAULT_INGRESS_CLASS};
use crate::api::{Dig, Status};
use crate::json::Value;
use std::cmp::Reverse;
use std::sync::Arc;

/// What DefaultStorageClass does.
pub(crate) const RUN: Run = Run { admit: Some(storage), ..Run::NOTHING };

/// What DefaultIngressClass does.
pub(crate) const INGRESS: Run = Run { admit: Some(ingress), ..Run::NOTHING };

/// A kind of classes.
struct Classes {
    /// How errors call them.
    words: &'static str,
    /// Where they are kept.
    resource: &'static str,
    /// The annotations that mark a default.
    marks: &'static [&'static str],
    /// The first release that takes the newest of several defaults.
    newest_since: Difference,
    /// What an error of older releases ends with.
    allowed: &'static str,
}

const STORAGE: Classes = Classes {
    words: "StorageClasses",
    resource: "storageclasses.storage.k8s.io",
    marks: &[
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ],
    newest_since: NEWEST_DEFAULT_CLASS,
    allowed: "",
};

const INGRESSES: Classes = Classes {
    words: "IngressClasses",
    resource: "ingressclasses.networking.k8s.io",
    marks: &["ingressclass.kubernetes.io/is-default-class"],
    newest_since: NEWEST_DEFAULT_INGRESS_CLASS,
    allowed: ", only 1 allowed",
};

fn storage(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let claim = review.operation == Operation::Create && review.is("", "persistentvolumeclaims");
    if !claim || class_name(&review.object).is_some() {
        return Ok(Verdict::Skipped);
    }
    set(cx, review, &STORAGE, "spec.storageClassName")
}

fn ingress(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let named = review.object.at("spec.ingressClassName").is_string()
        || review.object.annotation("kubernetes.io/ingress.class").is_some();
    if review.operation != Operation::Create || !review.is("networking.k8s.io", "ingresses") || named {
        return Ok(Verdict::Skipped);
    }
    set(cx, review, &INGRESSES, "spec.ingressClassName")
}

fn set(cx: &Cx<'_>, review: &mut Review, classes: &Classes, field: &str) -> Outcome {
    let Some(class) = default(cx, review, classes)? else {
        return Ok(Verdict::Skipped);
    };
    review.object.set(field, class.name());
    Ok(Verdict::Changed(format!("class {} is the default", class.name())))
}

fn default(cx: &Cx<'_>, review: &Review, classes: &Classes) -> Result<Option<Arc<Value>>, Stop> {
    let marked =
        |class: &&Arc<Value>| classes.marks.iter().any(|mark| class.annotation(mark) == Some("true"));
    let mut defaults: Vec<&Arc<Value>> = cx.cache.all(classes.resource).filter(marked).collect();
    if defaults.len() > 1 && !cx.version.has(classes.newest_since) {
        let why = format!("{} default {} were found{}", defaults.len(), classes.words, classes.allowed);
        return Err(review.forbidden(Status::internal(why).message));
    }
    defaults.sort_by_key(|class| Reverse(class.text("metadata.creationTimestamp").to_owned()));
    Ok(defaults.first().map(|class| Arc::clone(class)))
}
