//! What persistent volumes, claims and classes have in common (`pkg/apis/core/validation`, `pkg/apis/storage/validation`).

use super::quantities::quantity;
use crate::api::differences::{PROVISIONER_LOWERED, SINGLE_POD_ACCESS, SINGLE_POD_ACCESS_KNOWN};
use crate::api::names::{dns1123_subdomain, qualified_name};
use crate::kinds::field::Field;

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES: [&str; 2] = ["Block", "Filesystem"];
const SINGLE: &str = "ReadWriteOncePod";
const PARAMETERS_MAX: usize = 512;
const PARAMETERS_BYTES_MAX: usize = 256 * 1024;

/// Checks access modes; errors tell of the list, and show the mode.
pub(crate) fn access_modes(modes: Field<'_>) {
    let version = modes.version();
    let known = if version.has(SINGLE_POD_ACCESS) { &MODES[..] } else { &MODES[..3] };
    let list = modes.value.as_array().map(crate::json::List::as_slice).unwrap_or_default();
    for mode in list {
        Field { value: mode, ..modes }.one_of_if_set(known);
    }
    let others = list.iter().any(|mode| *mode != SINGLE && MODES.iter().any(|known| mode == known));
    let single = list.iter().any(|mode| *mode == SINGLE);
    if single && others && version.has(SINGLE_POD_ACCESS_KNOWN) {
        modes.forbidden("may not use ReadWriteOncePod with other access modes");
    }
}

/// Checks whether there are files or blocks on a volume.
pub(crate) fn volume_mode(mode: Field<'_>) {
    mode.one_of_if_set(&VOLUME_MODES);
}

/// Checks the name of a class, if there is one.
pub(crate) fn class_name(name: Field<'_>) {
    name.named_if_set(dns1123_subdomain);
}

/// Checks that an amount is more than nothing (`ValidatePositiveQuantityValue`).
pub(crate) fn positive(amount: Field<'_>) {
    if let Some(quantity) = quantity(amount.value).filter(|quantity| quantity.sign() <= 0) {
        amount.invalid_as(quantity.to_string(), "must be greater than zero");
    }
}

/// Checks an amount that may not be less than nothing (`ValidateNonnegativeQuantity`).
pub(crate) fn nonnegative(amount: Field<'_>) {
    if let Some(quantity) = quantity(amount.value).filter(|quantity| quantity.sign() < 0) {
        amount.invalid_as(quantity.to_string(), "must be greater than or equal to 0");
    }
}

/// Checks the name of who makes volumes.
pub(crate) fn provisioner(name: Field<'_>) {
    if name.text("").is_empty() {
        return name.required("");
    }
    let lowered = name.text("").to_lowercase();
    let shown = if name.version().has(PROVISIONER_LOWERED) { lowered.as_str() } else { name.text("") };
    name.errors.invalid_each(name.path, shown, qualified_name(&lowered, name.version()));
}

/// Checks what whoever makes volumes is told.
pub(crate) fn parameters(parameters: Field<'_>, may_lack: bool) {
    let count = parameters.value.as_object().map_or(0, crate::json::Map::len);
    if count == 0 && !may_lack {
        return parameters.required("must contain at least one key/value pair");
    }
    if count > PARAMETERS_MAX {
        return parameters.errors.too_long(parameters.path, PARAMETERS_MAX);
    }
    metadata(parameters);
}

/// Checks a map of texts that isn't too big and has no empty key.
pub(crate) fn metadata(map: Field<'_>) {
    let mut size = 0;
    for (key, value) in map.entries("") {
        if key.is_empty() {
            map.invalid_as(key, "field can not be empty.");
        }
        size += key.len() + value.text("").len();
    }
    if size > PARAMETERS_BYTES_MAX {
        map.errors.too_long(map.path, PARAMETERS_BYTES_MAX);
    }
}
