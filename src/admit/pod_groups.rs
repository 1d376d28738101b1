//! PodGroupProtection, PodGroupWorkloadExists and JobValidation: what pod groups ask for, and jobs that have one
//! (`plugin/pkg/admission/podgroupprotection`, `podgroup`, `job`; 1.36).
//!
//! The first two look at new `PodGroup`s, the third at the parallelism of jobs whose pods belong to one. All of them say
//! nothing while the gate `GenericWorkload` is off, which it is by default; and no release serves `PodGroup`s by default.
//!
//! Differs from Kubernetes: pod groups and workloads are not served, whatever the flags say, so that the plugins have nothing
//! to look at; who turns the gate on is told that it makes no difference.

use super::Run;

/// What the plugins do.
pub(super) const RUN: Run = Run { sees: |_, _| false, ..Run::NOTHING };
