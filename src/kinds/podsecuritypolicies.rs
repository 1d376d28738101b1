//! Pod security policies.

use super::Kind;

/// The row of pod security policies.
pub(super) const KIND: Kind = Kind { returned: Some(0), ..Kind::plain("policy", "podsecuritypolicies") };
