//! CSI nodes.

use super::Kind;

/// The row of CSI nodes.
pub(super) const KIND: Kind = Kind { returned: Some(0), ..Kind::plain("storage.k8s.io", "csinodes") };
