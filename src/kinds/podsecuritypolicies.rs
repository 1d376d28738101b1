//! Pod security policies.

use super::Kind;

/// The row of pod security policies.
pub(super) const KIND: Kind = Kind { returned: |_| true, ..Kind::plain("policy", "podsecuritypolicies") };
