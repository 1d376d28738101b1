//! Volume attachments (`pkg/apis/storage/validation`).

use super::Kind;
use super::columns::{AGE, NAME, text, with};
use super::field::Field;
use super::parts::meta::json_fields;
use super::parts::storage;
use super::parts::strategy::{keep, spec_and_status};
use super::parts::volume_sources::csi_driver;
use super::persistentvolumes::inline;
use crate::api::differences::CSI_NAME_TOLD_ONCE;
use crate::api::field::go_json;
use crate::api::names::dns1123_subdomain;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

const MESSAGE_BYTES_MAX: usize = 1024;
const ONE: &str = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

/// The row of volume attachments.
pub(super) const KIND: Kind = Kind {
    prepare,
    validate: |attachment| {
        validate(attachment);
        validate_later(attachment);
    },
    validate_update: |new, old, _| {
        validate(new);
        let spec = new.child("spec");
        if spec.value != old.at("spec") {
            spec.invalid_go(go_json(spec.value), shown(spec.value), "field is immutable");
        }
    },
    columns: &[
        NAME,
        text("Attacher", "spec.attacher"),
        text("PV", "spec.source.persistentVolumeName"),
        text("Node", "spec.nodeName"),
        with("Attached", |attachment, _| attachment.flag("status.attached").into()),
        AGE,
    ],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "volumeattachments")
};

fn prepare(attachment: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(attachment, old, subresource, version);
    match old {
        None => attachment.set("status", json!({"attached": false})),
        Some(old) if subresource.is_empty() => keep(attachment, old, "status"),
        Some(_) => {}
    }
}

fn validate(attachment: Field<'_>) {
    let attacher = attachment.string("spec.attacher");
    match attacher.version().has(CSI_NAME_TOLD_ONCE) {
        true => csi_driver(attacher),
        false => attacher.filled(),
    }
    let source = attachment.child("spec.source");
    let (volume, spec) = (source.child("persistentVolumeName"), source.child("inlineVolumeSpec"));
    match (volume.is_null(), spec.is_null()) {
        (true, true) => source.required(ONE),
        (false, false) => source.forbidden(ONE),
        (false, true) if volume.text("").is_empty() => {
            volume.required("must specify non empty persistentVolumeName");
        }
        (false, true) => {}
        (true, false) => inline(spec),
    }
    let node = attachment.string("spec.nodeName");
    node.invalid_each(dns1123_subdomain(node.text("")));
    storage::metadata(attachment.child("status.attachmentMetadata"));
    for error in ["status.attachError", "status.detachError"] {
        let error = attachment.child(error);
        if error.text("message").len() > MESSAGE_BYTES_MAX {
            error.errors.too_long(error.child("message").path, MESSAGE_BYTES_MAX);
        }
    }
}

/// What v1 has over its predecessor (`ValidateVolumeAttachmentV1`).
fn validate_later(attachment: Field<'_>) {
    if !attachment.version().has(CSI_NAME_TOLD_ONCE) {
        csi_driver(attachment.string("spec.attacher"));
    }
    let volume = attachment.child("spec.source.persistentVolumeName");
    if !volume.is_null() {
        volume.invalid_each(dns1123_subdomain(volume.text("")));
    }
}

/// A spec as JSON of Go's own type.
fn shown(spec: &Value) -> String {
    let source = json_fields([
        ("PersistentVolumeName", spec.at("source.persistentVolumeName").clone()),
        ("InlineVolumeSpec", spec.at("source.inlineVolumeSpec").clone()),
    ]);
    let [attacher, node] = ["attacher", "nodeName"].map(|key| go_json(spec.at(key)));
    format!("{{\"Attacher\":{attacher},\"Source\":{source},\"NodeName\":{node}}}")
}
