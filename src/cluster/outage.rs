//! What fails: controllers that are down hear of nothing and do nothing, and who takes their place lists what is there then;
//! another API server hears late; a webhook is too slow; a clock is wrong.

use super::{Cluster, Webhooks};
use crate::api::Dig;
use crate::controllers::{ActsAs, kubelet};
use crate::store::{Event, Key};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The program that most controllers run in.
const MANAGER: &str = "kube-controller-manager";

impl Cluster {
    /// Whether a controller of that name runs here, or the program of several; else those that do.
    pub fn runs(&self, name: &str) -> Result<(), Vec<&'static str>> {
        match self.called(name).next() {
            Some(_) => Ok(()),
            None => Err(self.setup.controllers.iter().map(|controller| controller.name).collect()),
        }
    }

    /// The numbers of those that are called so.
    fn called(&self, name: &str) -> impl Iterator<Item = usize> {
        let controllers = self.setup.controllers.iter().enumerate();
        let is_meant = move |(number, controller): (usize, &&'static crate::controllers::Controller)| {
            let managed = matches!(controller.acts_as, ActsAs::Account(_) | ActsAs::Manager);
            (controller.name == name || managed && name == MANAGER).then_some(number)
        };
        controllers.filter_map(is_meant)
    }

    /// A controller, or all of a program, ends now; after a time there is another.
    pub(crate) fn stop(&mut self, name: &str, lasts: SignedDuration) {
        let until = self.now.saturating_add(lasts).unwrap_or(Timestamp::MAX);
        let stopped: Vec<usize> = self.called(name).collect();
        for number in stopped {
            self.queue.forget(number);
            self.waits.forget(number);
            self.down.insert(number, until);
        }
    }

    /// Whether a node of that name has a kubelet; else those that do.
    pub(crate) fn has_node(&self, name: &str) -> Result<(), Vec<String>> {
        let config = &self.setup.config;
        match kubelet::has_kubelet(config, name) {
            true => Ok(()),
            false => Err(kubelet::node_names(config).collect()),
        }
    }

    /// The clock of a node is wrong from now on; its kubelet looks at what runs there.
    pub(crate) fn skew(&mut self, node: &str, ahead: SignedDuration) {
        self.clocks.insert(node.to_owned(), ahead);
        let there = self.caches.objects().on_node(node);
        let there: Vec<Key> = there.map(|pod| Key::new("pods", pod.namespace(), pod.name())).collect();
        let kubelets: Vec<usize> = self.called("kubelet").filter(|at| !self.down.contains_key(at)).collect();
        for (number, key) in kubelets.into_iter().flat_map(|at| there.iter().map(move |key| (at, key))) {
            self.queue.add(number, key.clone(), self.now);
        }
    }

    /// Has a webhook take too long from now on: what webhooks answered before.
    pub(crate) fn slow_down(&mut self, webhook: &str) -> Webhooks {
        let slower = self.webhooks.slower(webhook);
        let before: Arc<Webhooks> = std::mem::replace(&mut self.webhooks, Arc::new(slower));
        Webhooks::clone(&before)
    }

    /// From now on there are two API servers; what the other's authorizers know is a second behind.
    pub(crate) fn have_two_servers(&mut self) {
        self.other = Some(Box::new(self.authorizer.clone()));
    }

    /// Turns to the other API server, and back again.
    pub(crate) fn turn_to_other_server(&mut self) {
        if let Some(other) = &mut self.other {
            std::mem::swap(&mut self.authorizer, other);
            self.at_other = !self.at_other;
        }
    }

    /// When the first of those that are down is there again.
    pub(super) fn next_back(&self) -> Option<Timestamp> {
        self.down.values().min().copied()
    }

    /// Those whose time has come list what is there.
    pub(super) fn come_back(&mut self) {
        let due = self.down.iter().filter(|(_, until)| **until <= self.now);
        let back: Vec<usize> = due.map(|(number, _)| *number).collect();
        let objects = self.caches.objects();
        let events: Vec<Event> = objects
            .iter()
            .map(|(key, object)| Event {
                revision: self.caches.revision(),
                at: self.now,
                key,
                old: None,
                new: Some(object.clone()),
                weight: 0,
            })
            .collect();
        for number in back {
            self.down.remove(&number);
            let Some(controller) = self.setup.controllers.get(number) else { continue };
            let starts = (controller.starts)(&self.setup.config).into_iter().map(|key| (key, self.now));
            let listed = events.iter().flat_map(|event| (controller.wakes)(event, objects));
            let listed = listed.map(|key| (key, self.now + controller.delay));
            for (key, at) in starts.chain(listed) {
                self.queue.add(number, key, at);
            }
        }
    }

    /// Waits until nobody is down any more.
    pub(super) fn wait_for_all(&mut self) {
        while let Some(back) = self.down.values().max().copied() {
            self.run_until(back);
            self.settle();
        }
    }
}
