//! CSI drivers (`pkg/apis/storage/v1/defaults.go`, `pkg/apis/storage/validation`).

use super::columns::{AGE, NAME, Print, with};
use super::field::Field;
use super::parts::meta;
use super::{Kind, When};
use crate::api::differences::{
    CSI_CAPACITY, CSI_DRIVERS_CHANGE, CSI_DRIVERS_KEPT_BY_FIELD, CSI_KINDS_CHECKED_ONCE, CSI_TOKENS,
    SE_LINUX_MOUNTS, TOKENS_IN_SECRETS,
};
use crate::api::field::quote;
use crate::api::names::NameRule;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

const GROUP_POLICIES: [&str; 3] = ["File", "None", "ReadWriteOnceWithFSType"];
const LIFECYCLES: [&str; 2] = ["Persistent", "Ephemeral"];
const TOKEN_SECONDS_MIN: i64 = 600;
const TOKEN_SECONDS_MAX: i64 = 1 << 32;
const PERIOD_SECONDS_MIN: i64 = 10;

/// The row of CSI drivers.
pub(super) const KIND: Kind = Kind {
    defaults,
    prepare: |_, _, _, _| {},
    validate: |driver| {
        validate(driver);
        if !driver.version().has(CSI_KINDS_CHECKED_ONCE) {
            meta::whole(driver, NameRule::Subdomain);
            validate(driver);
        }
    },
    validate_update: |new, old, _| validate_update(new, old),
    warn,
    columns: &[
        NAME,
        with("AttachRequired", |driver, _| (*driver.at("spec.attachRequired") != false).into()),
        with("PodInfoOnMount", |driver, _| driver.flag("spec.podInfoOnMount").into()),
        with("StorageCapacity", |driver, _| driver.flag("spec.storageCapacity").into()).since(CSI_CAPACITY),
        with("TokenRequests", tokens).since(CSI_TOKENS),
        with("RequiresRepublish", |driver, _| driver.flag("spec.requiresRepublish").into()).since(CSI_TOKENS),
        with("Modes", modes),
        AGE,
    ],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "csidrivers")
};

fn defaults(driver: &mut Value, version: Version) {
    driver.set_default("spec.attachRequired", true);
    driver.set_default("spec.podInfoOnMount", false);
    if version.has(CSI_CAPACITY) {
        driver.set_default("spec.storageCapacity", false);
    }
    driver.set_default("spec.fsGroupPolicy", "ReadWriteOnceWithFSType");
    if driver.list("spec.volumeLifecycleModes").is_empty() {
        driver.set("spec.volumeLifecycleModes", json!(["Persistent"]));
    }
    if version.has(CSI_TOKENS) {
        driver.set_default("spec.requiresRepublish", false);
    }
    if version.has(SE_LINUX_MOUNTS) {
        driver.set_default("spec.seLinuxMount", false);
    }
}

fn validate(driver: Field<'_>) {
    let spec = driver.child("spec");
    spec.child("fsGroupPolicy").one_of_if_set(&GROUP_POLICIES);
    token_requests(spec.child("tokenRequests"));
    let modes = spec.child("volumeLifecycleModes");
    for mode in modes.list("") {
        Field { value: mode, ..modes }.one_of_if_set(&LIFECYCLES);
    }
    let period = spec.child("nodeAllocatableUpdatePeriodSeconds");
    if period.number("").is_some_and(|seconds| seconds < PERIOD_SECONDS_MIN) {
        period.invalid(format_args!("must be greater than or equal to {PERIOD_SECONDS_MIN} seconds"));
    }
}

fn token_requests(requests: Field<'_>) {
    for (i, request) in requests.items("").enumerate() {
        let (audience, seconds) = (request.string("audience"), request.child("expirationSeconds"));
        if requests.list("").iter().take(i).any(|other| other.text("audience") == audience.text("")) {
            audience.duplicate();
            continue;
        }
        match seconds.number("") {
            Some(number) if number < TOKEN_SECONDS_MIN => {
                seconds.invalid("may not specify a duration less than 10 minutes");
            }
            Some(number) if number > TOKEN_SECONDS_MAX => {
                seconds.invalid("may not specify a duration larger than 2^32 seconds");
            }
            _ => {}
        }
    }
}

/// What kubelets and controllers have relied on stays.
fn validate_update(new: Field<'_>, old: &Value) {
    let version = new.version();
    if !version.has(CSI_DRIVERS_KEPT_BY_FIELD) {
        // In Go the pointers in it are shown as addresses, by chance.
        return new.child("spec").immutable(old.at("spec"));
    }
    validate(new);
    new.told_as("spec.attachedRequired", new.value.at("spec.attachRequired"))
        .immutable(old.at("spec.attachRequired"));
    if !version.has(CSI_DRIVERS_CHANGE) {
        for path in ["spec.fsGroupPolicy", "spec.podInfoOnMount"] {
            new.child(path).immutable(old.at(path));
        }
    }
    let modes = new.child("spec.volumeLifecycleModes");
    if modes.value != old.at("spec.volumeLifecycleModes") {
        let told: Vec<String> = modes.value.texts("").into_iter().map(quote).collect();
        let go = format!("[]storage.VolumeLifecycleMode{{{}}}", told.join(", "));
        modes.invalid_go(go, modes.value, "field is immutable");
    }
}

fn warn(driver: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let tokens = !driver.list("spec.tokenRequests").is_empty();
    let unset = !driver.has("spec.serviceAccountTokenInSecrets");
    let text = "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible \
                logging of tokens in volume attributes";
    let told = when != When::Arrived && version.has(TOKENS_IN_SECRETS) && tokens && unset;
    told.then(|| text.to_owned()).into_iter().collect()
}

fn tokens(driver: &Value, _: Print) -> Value {
    let audiences: Vec<&str> =
        driver.list("spec.tokenRequests").iter().map(|request| request.text("audience")).collect();
    if audiences.is_empty() { "<unset>".into() } else { audiences.join(",").into() }
}

fn modes(driver: &Value, _: Print) -> Value {
    let modes = driver.texts("spec.volumeLifecycleModes");
    if modes.is_empty() { "<none>".into() } else { modes.join(",").into() }
}
