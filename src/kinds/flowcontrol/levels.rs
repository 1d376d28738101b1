//! What a priority level must be like (`ValidatePriorityLevelConfiguration`), and how old versions call its shares.

use crate::api::differences::{
    FLOW_EXEMPT_CHANGES, FLOW_SHARES_NOMINAL, FLOW_SHARES_ZERO, FLOW_TYPES_WORDED,
};
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::field::Field;

const QUEUES_MAX: i64 = 10_000_000;
/// How many bits of a hash deal a hand of queues.
const HASH_BITS_MAX: u32 = 60;

/// The old versions' name for the shares, and that of the newer ones.
const SHARES: [&str; 2] = ["assuredConcurrencyShares", "nominalConcurrencyShares"];

fn is_old(level: &Value) -> bool {
    matches!(level.text("apiVersion").rsplit('/').next(), Some("v1alpha1" | "v1beta1" | "v1beta2"))
}

fn rename(level: &mut Value, from: &str, to: &str) {
    if let Some(limited) = level.at_mut("spec.limited")
        && let Some(shares) = limited.take_out(from)
    {
        limited.set(to, shares);
    }
}

/// Turns an object of an old version into the stored form.
pub(super) fn inbound(level: &mut Value, version: Version) {
    if version.has(FLOW_SHARES_NOMINAL) && is_old(level) {
        rename(level, SHARES[0], SHARES[1]);
    }
}

/// Turns a stored object into an old version, if it says that it is of one.
pub(super) fn outbound(level: &mut Value, version: Version) {
    if version.has(FLOW_SHARES_NOMINAL) && is_old(level) {
        rename(level, SHARES[1], SHARES[0]);
    }
}

/// Fills what was left out.
pub(super) fn set_defaults(level: &mut Value, version: Version) {
    let shares = SHARES[usize::from(!is_old(level))];
    let Some(spec) = level.at_mut("spec") else { return };
    if let Some(limited) = spec.at_mut("limited").filter(|limited| limited.is_object()) {
        let given = limited.at(shares).as_i64();
        if given.is_none() || given == Some(0) && !version.has(FLOW_SHARES_ZERO) {
            limited.set(shares, 30);
        }
        if version.has(FLOW_SHARES_NOMINAL) {
            limited.set_default("lendablePercent", 0);
        }
        if let Some(queuing) = limited.at_mut("limitResponse.queuing").filter(|queuing| queuing.is_object()) {
            for (key, number) in [("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)] {
                if queuing.at(key).as_i64().unwrap_or_default() == 0 {
                    queuing.set(key, number);
                }
            }
        }
    }
    if let Some(exempt) = spec.at_mut("exempt").filter(|exempt| exempt.is_object()) {
        exempt.set_default("nominalConcurrencyShares", 0);
        exempt.set_default("lendablePercent", 0);
    }
}

/// Checks a level.
pub(super) fn validate(level: Field<'_>) {
    let (spec, name) = (level.child("spec"), level.value.name());
    let kind = spec.string("type");
    let (limited, exempt) = (spec.child("limited"), spec.child("exempt"));
    if (name == "exempt") != (kind.text("") == "Exempt") {
        kind.invalid(match kind.version().has(FLOW_TYPES_WORDED) {
            true => "must be 'Exempt' if and only if `name` is 'exempt'",
            false => "type must be 'Exempt' if and only if name is 'exempt'",
        });
    }
    match kind.text("") {
        "Exempt" => {
            if !limited.is_null() {
                limited.forbidden("must be nil if the type is not Limited");
            }
            shares(exempt);
        }
        "Limited" => {
            if !exempt.is_null() {
                exempt.forbidden("must be nil if the type is Limited");
            }
            match limited.is_null() {
                true => limited.required("must not be empty when type is Limited"),
                false => validate_limited(limited, level.value),
            }
        }
        _ => kind.not_supported(&["Exempt", "Limited"]),
    }
    fixed(spec, name);
}

/// The levels that are always there as they are (`MandatoryPriorityLevelConfigurations`).
fn fixed(spec: Field<'_>, name: &str) {
    let version = spec.version();
    let mut mandatory = match name {
        "exempt" => json!({"type": "Exempt"}),
        "catch-all" => json!({"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}),
        _ => return,
    };
    if let Some(limited) = mandatory.at_mut("limited") {
        limited.set(SHARES[usize::from(version.has(FLOW_SHARES_NOMINAL))], 5);
        if version.has(FLOW_SHARES_NOMINAL) {
            limited.set("lendablePercent", 0);
        }
    }
    let mut found = spec.value.clone();
    let open = name == "exempt" && version.has(FLOW_EXEMPT_CHANGES);
    if open {
        found.take_out("exempt");
    }
    if found != mandatory {
        let but = if open { " except the 'spec.exempt' field" } else { "" };
        let detail = format!("spec of '{name}'{but} must equal the fixed value");
        spec.invalid_internal("flowcontrol.PriorityLevelConfigurationSpec", detail);
    }
}

fn shares(exempt: Field<'_>) {
    if exempt.number("nominalConcurrencyShares").is_some_and(|shares| shares < 0) {
        exempt.child("nominalConcurrencyShares").invalid("must be a non-negative integer");
    }
    lendable(exempt);
}

fn lendable(level: Field<'_>) {
    level.child("lendablePercent").between(0, 100);
}

fn validate_limited(limited: Field<'_>, level: &Value) {
    let nominal = limited.version().has(FLOW_SHARES_NOMINAL);
    let shares = limited.number(SHARES[usize::from(nominal)]).unwrap_or_default();
    let told = limited.child(SHARES[usize::from(nominal && !is_old(level))]);
    let zero = limited.version().has(FLOW_SHARES_ZERO);
    if shares < i64::from(!zero) {
        told.invalid_as(shares, if zero { "must be a non-negative integer" } else { "must be positive" });
    }
    response(limited.child("limitResponse"));
    lendable(limited);
    let most = limited.child("borrowingLimitPercent");
    if most.number("").is_some_and(|most| most < 0) {
        most.invalid("if specified, must be a non-negative integer");
    }
}

fn response(response: Field<'_>) {
    let (kind, queuing) = (response.string("type"), response.child("queuing"));
    match (kind.text(""), queuing.is_null()) {
        ("Reject", true) => {}
        ("Reject", false) => queuing.forbidden("must be nil if limited.limitResponse.type is not Limited"),
        ("Queue", true) => queuing.required("must not be empty if limited.limitResponse.type is Limited"),
        ("Queue", false) => queues(queuing),
        _ => kind.not_supported(&["Queue", "Reject"]),
    }
}

fn queues(queuing: Field<'_>) {
    let [length, queues, hand] = ["queueLengthLimit", "queues", "handSize"].map(|key| queuing.child(key));
    let number = |field: Field<'_>| field.number("").unwrap_or_default();
    if number(length) <= 0 {
        length.invalid("must be positive");
    }
    match number(queues) {
        ..=0 => queues.invalid("must be positive"),
        many if many > QUEUES_MAX => queues.invalid(format_args!("must not be greater than {QUEUES_MAX}")),
        _ => {}
    }
    let (deck, cards) = (number(queues), number(hand));
    if cards <= 0 {
        hand.invalid("must be positive");
    } else if cards > deck {
        hand.invalid(format_args!("should not be greater than queues ({deck})"));
    } else if needs_more_bits(deck, cards) {
        hand.invalid(format_args!(
            "required entropy bits of deckSize {deck} and handSize {cards} should not be greater than {HASH_BITS_MAX}"
        ));
    }
}

/// Whether a hand dealt from so many queues takes more bits than a hash has (`RequiredEntropyBits`).
fn needs_more_bits(deck: i64, cards: i64) -> bool {
    let (deck, cards) = (u128::try_from(deck).unwrap_or_default(), u32::try_from(cards).unwrap_or(u32::MAX));
    deck.checked_pow(cards).is_none_or(|hands| hands > 1 << HASH_BITS_MAX)
}
