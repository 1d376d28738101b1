//! Fresh clusters, each built once.

use super::{Cluster, Webhooks};
use crate::certificates::Authority;
use crate::config::Config;
use crate::error::Error;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// So many clusters are kept, those that were asked for last: one holds some megabytes.
const KEPT: usize = 24;

/// Fresh clusters by flags and first instant: what was built once is forked from then on. What a cluster says is the same
/// as that of one that was built for itself, since nothing else goes into it.
#[derive(Default)]
pub struct Fresh(Mutex<VecDeque<Kept>>);

struct Kept {
    config: Config,
    start: Timestamp,
    cluster: Cluster,
}

impl Fresh {
    /// A fresh cluster among webhooks; those are asked from the first request on only where flags name them, and such a
    /// cluster is always built.
    ///
    /// # Errors
    /// As of [`Cluster::new`].
    pub fn among(&self, config: Config, start: Timestamp, webhooks: Webhooks) -> Result<Cluster, Error> {
        if let Some(mut cluster) = self.find(&config, start) {
            cluster.webhooks = Arc::new(webhooks);
            return Ok(cluster);
        }
        let cluster = match self.authority(&config, start) {
            Some(authority) => Cluster::of_authority(config.clone(), start, webhooks, authority)?,
            None => Cluster::among(config.clone(), start, webhooks)?,
        };
        if !cluster.setup.asks_outside {
            self.keep(Kept { config, start, cluster: cluster.fork() });
        }
        Ok(cluster)
    }

    fn find(&self, config: &Config, start: Timestamp) -> Option<Cluster> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|kept| kept.start == start && kept.config == *config)?;
        let found = kept.remove(place)?;
        let cluster = found.cluster.fork();
        kept.push_front(found);
        Some(cluster)
    }

    /// The authority of a kept cluster that has the same one: to sign one takes as long as forty requests.
    fn authority(&self, config: &Config, start: Timestamp) -> Option<Authority> {
        let of = |config: &Config| (config.seed, config.cluster_signing_key.clone());
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept.iter().find(|kept| kept.start == start && of(&kept.config) == of(config));
        same.map(|kept| kept.cluster.authority().clone())
    }

    fn keep(&self, young: Kept) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(young);
        kept.truncate(KEPT);
    }
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fresh")
    }
}
