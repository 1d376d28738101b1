//! Ports on nodes that the server gives to services (`initNodePorts`, `updateNodePorts`, `allocHealthCheckNodePort`).

use super::allocate::{Allocator, full};
use super::kinds::{kind, needs_health_check, needs_node_ports, node_port};
use crate::api::{Dig, Errors, Status};
use crate::json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The ports on nodes that services may have (`--service-node-port-range`, as it is by default).
const NODE_PORTS: (i64, i64) = (30_000, 32_767);
/// How many of them are left for those who ask for one.
const STATIC_PORTS: i64 = 86;

impl Allocator<'_> {
    /// Gives a service's ports their ports on the nodes.
    pub(super) fn node_ports(
        &mut self,
        service: &mut Value,
        old: Option<&Value>,
        errors: &Errors,
    ) -> Result<(), Status> {
        if !matches!(kind(service), "NodePort" | "LoadBalancer") {
            return Ok(());
        }
        let allocates = needs_node_ports(service);
        let mut ports = service.list("spec.ports").to_vec();
        let had: BTreeSet<i64> =
            old.map(|old| old.list("spec.ports").iter().map(node_port).collect()).unwrap_or_default();
        // At a create a port that is there twice, by TCP and UDP, has one port on the nodes.
        let mut given: BTreeMap<i64, i64> = BTreeMap::new();
        let mut taken: BTreeSet<i64> = BTreeSet::new();
        for i in 0..ports.len() {
            let number = ports[i].number("port");
            if node_port(&ports[i]) == 0 && !allocates {
                continue;
            }
            if old.is_none() {
                let same = |port: &&Value| port.number("port") == number && node_port(port) != 0;
                let asked = ports.iter().find(same).map(node_port);
                if let (0, Some(known)) = (node_port(&ports[i]), given.get(&number).copied().or(asked)) {
                    ports[i].set("nodePort", known);
                }
            }
            let asked = node_port(&ports[i]);
            if asked == 0 {
                let port = self.next_port().ok_or_else(|| full("failed to allocate a nodePort"))?;
                ports[i].set("nodePort", port);
                given.insert(number, port);
                continue;
            }
            let is_known = match old {
                None => given.get(&number) == Some(&asked),
                Some(_) => had.contains(&asked) || taken.contains(&asked),
            };
            if !is_known && let Err(why) = self.take_port(asked) {
                errors.invalid(format!("spec.ports[{i}].nodePort"), asked, why);
                return Ok(());
            }
            given.entry(number).or_insert(asked);
            taken.insert(asked);
        }
        if !ports.is_empty() {
            service.set("spec.ports", ports);
        }
        Ok(())
    }

    /// Gives a load balancer the port on which it asks nodes for their health.
    pub(super) fn health_port(&mut self, service: &mut Value, old: Option<&Value>) -> Result<(), Status> {
        if old.is_some_and(needs_health_check) || !needs_health_check(service) {
            return Ok(());
        }
        match service.number("spec.healthCheckNodePort") {
            0 => {
                let port =
                    self.next_port().ok_or_else(|| full("failed to allocate a HealthCheck NodePort 0"))?;
                service.set("spec.healthCheckNodePort", port);
                Ok(())
            }
            port => self.take_port(port).map_err(|why| {
                Status::internal(format!("failed to allocate requested HealthCheck NodePort {port}: {why}"))
            }),
        }
    }

    fn take_port(&mut self, port: i64) -> Result<(), String> {
        let (first, last) = NODE_PORTS;
        if !(first..=last).contains(&port) {
            let valid = format!("The range of valid ports is {first}-{last}");
            return Err(format!("provided port is not in the valid range. {valid}"));
        }
        match self.ports.insert(port) {
            true => Ok(()),
            false => Err("provided port is already allocated".to_owned()),
        }
    }

    /// A port by chance, from the part that is not kept for those who ask for one.
    fn next_port(&mut self) -> Option<i64> {
        let (first, last) = (NODE_PORTS.0 + STATIC_PORTS, NODE_PORTS.1);
        let count = last - first + 1;
        let start = i64::from((self.draw)(u32::try_from(count).unwrap_or_default()));
        let drawn = (0..count).map(|i| first + (start + i) % count);
        let found = drawn.chain(NODE_PORTS.0..first).find(|port| !self.ports.contains(port))?;
        self.ports.insert(found);
        Some(found)
    }
}
