//! A service gets its addresses and ports (`pkg/registry/core/service/storage`): 422, 500.

use super::Call;
use crate::admit::Review;
use crate::api::differences::RANGES_ARE_OBJECTS;
use crate::api::{Dig, Status, Version};
use crate::json::{Value, json};
use crate::kinds::parts::addresses::{Block, sloppy};
use crate::kinds::services::allocate::{ADDRESSES, Allocator, is_first, taken};
use crate::store::Key;
use std::collections::BTreeSet;

const ADDRESS_OBJECTS: &str = "ipaddresses.networking.k8s.io";

/// Before or after a service is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

/// Gives a service what it needs, if this is the release's moment.
///
/// # Errors
/// 422: it asks for what it can't have. 500: nothing is left.
pub(super) fn allocate(call: &mut Call<'_>, review: &mut Review, moment: Moment) -> Result<(), Status> {
    let row = &review.resource;
    let is_service = (&*row.group, &*row.name, &*row.subresource) == ("", "services", "");
    if !is_service || is_first(call.version) != (moment == Moment::Before) {
        return Ok(());
    }
    let objects = call.store.objects();
    let itself = |service: &Value| review.old.as_ref().is_some_and(|old| old.uid() == service.uid());
    let (mut addresses, mut ports) = (BTreeSet::new(), BTreeSet::new());
    for service in objects.all("services").filter(|service| !itself(service)) {
        let (of_service, on_nodes) = taken(service);
        addresses.extend(of_service);
        ports.extend(on_nodes);
    }
    let mut blocks: Vec<Block> = Block::sloppy(ADDRESSES).into_iter().collect();
    let with_objects = call.version.has(RANGES_ARE_OBJECTS);
    if with_objects {
        let others = objects
            .all(ADDRESS_OBJECTS)
            .filter(|address| address.text("spec.parentRef.resource") != "services");
        addresses.extend(others.filter_map(|address| sloppy(address.name())));
        let ranges =
            objects.all("servicecidrs.networking.k8s.io").flat_map(|range| range.texts("spec.cidrs"));
        blocks.extend(ranges.filter(|range| *range != ADDRESSES).filter_map(Block::sloppy));
    }
    let mut draw = |below| call.random.below(below);
    let mut allocator = Allocator { version: call.version, blocks, addresses, ports, draw: &mut draw };
    allocator.allocate(&mut review.object, review.old.as_deref())?;
    if with_objects {
        let had = review.old.as_deref().map(addresses_of).unwrap_or_default();
        let new: Vec<&str> =
            addresses_of(&review.object).into_iter().filter(|text| !had.contains(text)).collect();
        let objects = new.into_iter().map(|text| (key(text), address_object(text, &review.object)));
        review.along.extend(objects.collect::<Vec<_>>());
    }
    Ok(())
}

/// The addresses that a service had and has no more: their objects go with them.
pub(super) fn released(before: &Value, after: Option<&Value>, version: Version) -> Vec<Key> {
    let is_service = before.text("kind") == "Service" && before.text("apiVersion") == "v1";
    let kept = after.map(addresses_of).unwrap_or_default();
    let gone = addresses_of(before).into_iter().filter(|text| !kept.contains(text)).map(key);
    gone.filter(|_| is_service && version.has(RANGES_ARE_OBJECTS)).collect()
}

fn key(address: &str) -> Key {
    Key::new(ADDRESS_OBJECTS, "", address)
}

fn addresses_of(service: &Value) -> Vec<&str> {
    service.texts("spec.clusterIPs").into_iter().filter(|text| sloppy(text).is_some()).collect()
}

/// The object that holds an address for a service (`ipallocator.createIPAddress`).
fn address_object(address: &str, service: &Value) -> Value {
    let family = if address.contains(':') { "IPv6" } else { "IPv4" };
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress",
        "metadata": {"name": address, "labels": {
            "ipaddress.kubernetes.io/ip-family": family,
            "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
        }},
        "spec": {"parentRef": {"resource": "services", "namespace": service.namespace(), "name": service.name()}},
    })
}
