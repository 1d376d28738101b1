//! Scales (`autoscaling/v1`): what people see of the `scale` of a workload or of a custom resource.

use super::Kind;
use super::columns::{AGE, NAME, count};

/// The row of scales, which are stored nowhere.
pub(super) const KIND: Kind = Kind {
    columns: &[
        NAME.documented(),
        count("Desired", "spec.replicas")
            .about("replicas is the desired number of instances for the scaled object."),
        count("Available", "status.replicas")
            .about("replicas is the actual number of observed instances of the scaled object."),
        AGE.documented(),
    ],
    ..Kind::plain("autoscaling", "scales")
};
