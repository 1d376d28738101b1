//! What was allocated to a claim, for whom, and what drivers say of it (`validateResourceClaimStatusUpdate`).

use super::lists::{MOST, each, once};
use super::names::{self, Requests};
use super::requests::named;
use super::{configs, slices, taints};
use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::meta::json_fields;
use crate::kinds::parts::{addresses, conditions};
use crate::kinds::pod::affinity::node_selector;

const RESERVED_MAX: usize = 256;
const CONDITIONS_MAX: usize = 8;
const INTERFACE_NAME_MAX: usize = 256;
const HARDWARE_ADDRESS_MAX: usize = 128;
const ADDRESSES_MAX: usize = 16;

const RESULTS: &str = "status.allocation.devices.results";

/// A device and the share of it (`structured.SharedDeviceID`).
type Device<'a> = [&'a str; 4];

fn device(value: &Value) -> Device<'_> {
    ["driver", "pool", "device", "shareID"].map(|key| value.text(key))
}

/// Takes out what drivers said of devices that were allocated and are no more.
pub(super) fn drop_deallocated(claim: &mut Value, old: &Value) {
    let allocated = |claim: &Value| -> Vec<[String; 3]> {
        let ids = claim
            .list(RESULTS)
            .iter()
            .map(|result| ["driver", "pool", "device"].map(|key| result.text(key).to_owned()));
        ids.collect()
    };
    let now = allocated(claim);
    let gone: Vec<[String; 3]> = allocated(old).into_iter().filter(|id| !now.contains(id)).collect();
    if let Some(Value::Array(devices)) = claim.at_mut("status.devices") {
        devices.retain(|device| {
            !gone.contains(&["driver", "pool", "device"].map(|key| device.text(key).to_owned()))
        });
    }
    if claim.list("status.devices").is_empty() {
        claim.take_out("status.devices");
    }
}

/// Checks what an update makes of a claim's status.
pub(super) fn validate(new: Field<'_>, old: &Value) {
    let status = new.child("status");
    let (allocation, reserved) = (status.child("allocation"), status.child("reservedFor"));
    once(
        reserved,
        RESERVED_MAX,
        |consumer| consumer.text("uid").to_owned(),
        |consumer| ["resource", "name", "uid"].into_iter().for_each(|key| consumer.child(key).filled()),
    );
    let allocated: Vec<Device<'_>> = new.value.list(RESULTS).iter().map(device).collect();
    devices(status.child("devices"), &allocated);
    if !reserved.list("").is_empty() {
        let had = old.list("status.reservedFor");
        if allocation.is_null() {
            reserved.forbidden("may not be specified when `allocated` is not set");
        } else if new.has("metadata.deletionTimestamp")
            && reserved.list("").iter().any(|item| !had.contains(item))
        {
            let detail =
                "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
            reserved.forbidden(detail);
        }
    }
    match old.at("status.allocation") {
        _ if allocation.is_null() => {}
        Value::Null => self::allocation(allocation, &named(new.value.at("spec"))),
        old => allocation.immutable_internal(old, "resource.AllocationResult"),
    }
}

fn devices(list: Field<'_>, allocated: &[Device<'_>]) {
    list.items("").for_each(|device| driver_status(device, allocated));
    for (i, item) in list.items("").enumerate() {
        if list.list("").iter().take(i).any(|other| device(other) == device(item.value)) {
            let (go, json) = shown(device(item.value));
            item.errors.duplicate_go(item.path, go, json, "");
        }
    }
}

/// A device's id as text and as JSON.
fn shown(id: Device<'_>) -> (String, String) {
    let go = id.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let keys = ["Driver", "Pool", "Device", "ShareID"];
    (go, json_fields(keys.into_iter().zip(id.map(Value::from))))
}

fn driver_status(status: Field<'_>, allocated: &[Device<'_>]) {
    names::driver(status.child("driver"));
    names::pool(status.child("pool"));
    names::label(status.string("device"));
    if status.has("shareID") {
        names::uid(status.child("shareID"));
    }
    if !allocated.contains(&device(status.value)) {
        let (go, json) = shown(device(status.value));
        status.invalid_go(go, json, "must be an allocated device in the claim");
    }
    let list = status.child("conditions");
    if list.list("").len() > CONDITIONS_MAX {
        list.errors.too_many(list.path, list.list("").len(), CONDITIONS_MAX);
    }
    conditions::validate(list);
    if status.has("data") {
        configs::raw(status.child("data"));
    }
    let network = status.child("networkData");
    for (key, most) in [("interfaceName", INTERFACE_NAME_MAX), ("hardwareAddress", HARDWARE_ADDRESS_MAX)] {
        let text = network.child(key);
        if text.text("").len() > most {
            text.errors.too_long(text.path, most);
        }
    }
    let text = |address: &Value| address.as_str().unwrap_or_default().to_owned();
    once(network.child("ips"), ADDRESSES_MAX, text, addresses::interface);
}

fn allocation(allocation: Field<'_>, requests: &Requests<'_>) {
    each(allocation.child("devices.results"), MOST, |result| self::result(result, requests));
    each(allocation.child("devices.config"), 2 * MOST, |config| configs::of_allocation(config, requests));
    if allocation.has("nodeSelector") {
        node_selector(allocation.child("nodeSelector"));
    }
}

fn result(result: Field<'_>, requests: &Requests<'_>) {
    requests.check(result.string("request"));
    names::driver(result.child("driver"));
    names::pool(result.child("pool"));
    names::label(result.string("device"));
    slices::binding(result);
    result.items("tolerations").for_each(taints::toleration);
    if result.has("shareID") {
        names::uid(result.child("shareID"));
    }
    slices::skipped(result.child("skipNodeOperations"));
}
