//! Addresses and ports that the server gives to services (`pkg/registry/core/service/storage/alloc.go`).
//!
//! Since [`ALLOCATED_FIRST`] this comes before all else, and what is wrong with addresses is told alone.

use super::cluster_ips;
use super::kinds::{NO_ADDRESS, is_external_name, is_headless, node_port};
use super::patch::{normalize, patch};
use super::validate::outside_late;
use crate::api::differences::{ALLOCATED_FIRST, DUAL_STACK, RANGES_ARE_OBJECTS, SERVICES_PATCHED};
use crate::api::{Dig, Errors, Status, Version};
use crate::json::{Value, json};
use crate::kinds::field::Field;
use crate::kinds::parts::addresses::{self, Block};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Where the server takes addresses from (`--service-cluster-ip-range`, as it is by default).
pub(crate) const ADDRESSES: &str = "10.0.0.0/24";

/// What is taken, and how something new is drawn.
pub(crate) struct Allocator<'a> {
    pub(crate) version: Version,
    /// The blocks of addresses.
    pub(crate) blocks: Vec<Block>,
    /// The addresses that are taken.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// The ports on nodes that are taken.
    pub(crate) ports: BTreeSet<i64>,
    /// A number below another one.
    pub(crate) draw: &'a mut dyn FnMut(u32) -> u32,
}

/// Whether addresses are given before a service is checked.
pub(crate) fn is_first(version: Version) -> bool {
    version.has(ALLOCATED_FIRST)
}

/// The addresses and ports that a service has.
pub(crate) fn taken(service: &Value) -> (Vec<IpAddr>, Vec<i64>) {
    let addresses = service.texts("spec.clusterIPs").into_iter().chain([service.text("spec.clusterIP")]);
    let ports = service.list("spec.ports").iter().map(node_port);
    let ports = ports.chain([service.number("spec.healthCheckNodePort")]);
    (addresses.filter_map(addresses::sloppy).collect(), ports.filter(|port| *port != 0).collect())
}

impl Allocator<'_> {
    /// Gives a service what it needs.
    ///
    /// # Errors
    /// 422: it asks for what it can't have. 500: nothing is left.
    pub(crate) fn allocate(&mut self, service: &mut Value, old: Option<&Value>) -> Result<(), Status> {
        let errors = Errors::new(self.version);
        if self.version.has(SERVICES_PATCHED)
            && let Some(old) = old
        {
            patch(service, old);
        }
        if is_first(self.version) {
            normalize(service, old);
        }
        if self.version.has(DUAL_STACK) {
            self.families(service, old, &errors);
            told(&errors, service)?;
        }
        self.cluster_ips(service, old, &errors)?;
        told(&errors, service)?;
        self.node_ports(service, old, &errors)?;
        told(&errors, service)?;
        self.health_port(service, old)?;
        if !is_first(self.version) {
            outside_late(Field::of(service, &errors));
        }
        told(&errors, service)
    }

    /// The families of a service's addresses (`initIPFamilyFields`).
    fn families(&self, service: &mut Value, old: Option<&Value>, errors: &Errors) {
        if is_external_name(service) || is_kept(service, old) {
            return;
        }
        let without_selector = is_headless(service) && service.entries("spec.selector").next().is_none();
        if !service.has("spec.ipFamilyPolicy") {
            let policy = match old.map(|old| old.at("spec.ipFamilyPolicy")) {
                Some(policy) if !policy.is_null() => policy.clone(),
                _ if without_selector => "RequireDualStack".into(),
                _ => "SingleStack".into(),
            };
            service.set("spec.ipFamilyPolicy", policy);
        }
        cluster_ips::validate(Field::of(service, errors), old);
        if !errors.is_empty() {
            return;
        }
        let policy = service.text("spec.ipFamilyPolicy").to_owned();
        if let Some(old) = old {
            changes_of_count(service, old, &policy, errors);
        }
        check_counts(service, &policy, errors);
        self.infer(service, errors);
        if !errors.is_empty() {
            return;
        }
        let single = policy == "SingleStack";
        if without_selector {
            if service.list("spec.ipFamilies").is_empty() {
                service.set("spec.ipFamilies", json!([self.family()]));
            }
            return if !single {
                add_other_family(service)
            };
        }
        if policy == "RequireDualStack" && self.has_family("IPv4") != self.has_family("IPv6") {
            let detail = "this cluster is not configured for dual-stack services";
            errors.invalid("spec.ipFamilyPolicy", policy, detail);
        }
        for (i, family) in service.texts("spec.ipFamilies").into_iter().enumerate() {
            if !self.has_family(family) {
                errors.invalid(format!("spec.ipFamilies[{i}]"), family, "not configured on this cluster");
            }
        }
        if !errors.is_empty() {
            return;
        }
        if service.list("spec.ipFamilies").is_empty() {
            service.set("spec.ipFamilies", json!([self.family()]));
        }
        if !single && self.has_family("IPv4") && self.has_family("IPv6") {
            add_other_family(service);
        }
    }

    /// The family of the server's own block.
    fn family(&self) -> &'static str {
        match self.blocks.first() {
            Some(block) if block.address.is_ipv6() => "IPv6",
            _ => "IPv4",
        }
    }

    /// Only the server's own block says which families there are.
    fn has_family(&self, family: &str) -> bool {
        self.family() == family
    }

    /// Families follow from addresses.
    fn infer(&self, service: &mut Value, errors: &Errors) {
        let list = service.at("spec.clusterIPs").clone();
        for (i, address) in list.texts("").into_iter().enumerate() {
            if address == NO_ADDRESS {
                break;
            }
            if i < service.list("spec.ipFamilies").len() {
                continue;
            }
            let family = if addresses::is_ipv6(address) { "IPv6" } else { "IPv4" };
            if self.has_family(family) {
                service.push("spec.ipFamilies", family.into());
                continue;
            }
            let path = format!("spec.clusterIPs[{i}]");
            let whole = Field::of(service, errors);
            let detail = format!("{family} is not configured on this cluster");
            cluster_ips::wrong(whole.told_as(&path, &list), &list, &detail);
        }
    }

    fn cluster_ips(
        &mut self,
        service: &mut Value,
        old: Option<&Value>,
        errors: &Errors,
    ) -> Result<(), Status> {
        let had_none = old.is_none_or(is_external_name);
        if is_external_name(service) || is_headless(service) || !had_none {
            return Ok(());
        }
        let asked = service.at("spec.clusterIPs").clone();
        match service.text("spec.clusterIP") {
            "" => {
                let address = self.next_address().ok_or_else(|| full("failed to allocate a serviceIP"))?;
                let address = address.to_string();
                service.set("spec.clusterIP", address.clone());
                service.set("spec.clusterIPs", json!([address]));
            }
            text => {
                if let Some(why) = addresses::sloppy(text).and_then(|address| self.refuse(address)) {
                    let detail = match is_first(self.version) {
                        true => format!("failed to allocate IP {text}: {why}"),
                        false => format!("failed to allocated ip:{text} with error:{why}"),
                    };
                    let whole = Field::of(service, errors);
                    cluster_ips::wrong(whole.child("spec.clusterIPs"), &asked, &detail);
                }
            }
        }
        Ok(())
    }

    /// Why an address can't be had.
    fn refuse(&self, address: IpAddr) -> Option<String> {
        let valid = "not in the valid range. The range of valid IPs is";
        let block = self.blocks.iter().find(|block| block.contains(address));
        match block {
            None if self.version.has(RANGES_ARE_OBJECTS) => {
                Some("the provided network does not match the current range".to_owned())
            }
            Some(block) if is_usable(*block, address) => {
                self.addresses.contains(&address).then(|| "provided IP is already allocated".to_owned())
            }
            None | Some(_) if is_first(self.version) => {
                Some(format!("the provided IP ({address}) is {valid} {ADDRESSES}"))
            }
            None | Some(_) => Some(format!("provided IP is {valid} {ADDRESSES}")),
        }
    }

    /// An address by chance, from the part that is not kept for those who ask for one.
    fn next_address(&mut self) -> Option<IpAddr> {
        let block = *self.blocks.first()?;
        let size = 1_u32.checked_shl(block.free_bits().into()).unwrap_or(u32::MAX);
        let kept = (size / 16).clamp(16, 256).min(size / 2);
        let start = kept + (self.draw)(size - kept);
        let behind = (0..size).map(|i| (start + i) % size);
        let candidates = behind.clone().filter(|i| *i >= kept).chain(behind.filter(|i| *i < kept));
        let found = candidates
            .filter_map(|i| at(block, i))
            .find(|address| is_usable(block, *address) && !self.addresses.contains(address));
        found.inspect(|address| {
            self.addresses.insert(*address);
        })
    }
}

fn told(errors: &Errors, service: &Value) -> Result<(), Status> {
    errors.clone().into_status("", "Service", service.name())
}

pub(super) fn full(what: &str) -> Status {
    Status::internal(format!("{what}: range is full"))
}

/// Whether a service keeps its addresses and families and prefers two of them: it isn't moved when the cluster changes
/// (`isMatchingPreferDualStackClusterIPFields`).
fn is_kept(service: &Value, old: Option<&Value>) -> bool {
    let Some(old) = old else { return false };
    let prefers = |service: &Value| service.text("spec.ipFamilyPolicy") == "PreferDualStack";
    let same = |path: &str| service.at(path) == old.at(path);
    prefers(service) && prefers(old) && same("spec.clusterIPs") && same("spec.ipFamilies")
}

/// What an update that has one address or family less must say.
fn changes_of_count(service: &mut Value, old: &Value, policy: &str, errors: &Errors) {
    for (path, what) in [("spec.clusterIPs", "cluster IP"), ("spec.ipFamilies", "IP family")] {
        let (now, had) = (service.list(path).len(), old.list(path).len());
        if policy == "SingleStack" {
            if service.at(path) == old.at(path)
                && let Some(list) = service.at_mut(path).and_then(Value::as_array_mut)
            {
                list.truncate(1);
            }
        } else if now == 1 && had == 2 {
            let detail = format!("must be 'SingleStack' to release the secondary {what}");
            errors.invalid("spec.ipFamilyPolicy", policy, detail);
        }
    }
}

fn check_counts(service: &Value, policy: &str, errors: &Errors) {
    for (path, what) in [("spec.clusterIPs", "cluster IPs"), ("spec.ipFamilies", "IP families")] {
        if policy == "SingleStack" && service.list(path).len() == 2 {
            let detail =
                format!("must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified");
            errors.invalid("spec.ipFamilyPolicy", policy, detail);
        }
    }
}

fn add_other_family(service: &mut Value) {
    if let [family] = service.list("spec.ipFamilies") {
        let other = if family == "IPv4" { "IPv6" } else { "IPv4" };
        service.push("spec.ipFamilies", other.into());
    }
}

/// The address at a place of a block.
fn at(block: Block, place: u32) -> Option<IpAddr> {
    Some(match block.first() {
        IpAddr::V4(first) => std::net::Ipv4Addr::from_bits(first.to_bits().checked_add(place)?).into(),
        IpAddr::V6(first) => std::net::Ipv6Addr::from_bits(first.to_bits().checked_add(place.into())?).into(),
    })
}

/// Whether an address of a block may be given: not the first, and not the last of IPv4, to which all listen.
fn is_usable(block: Block, address: IpAddr) -> bool {
    let last = 1_u32.checked_shl(block.free_bits().into()).map_or(u32::MAX, |size| size - 1);
    let broadcast = address.is_ipv4() && at(block, last) == Some(address);
    address != block.first() && !broadcast
}
