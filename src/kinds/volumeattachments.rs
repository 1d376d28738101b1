//! Volume attachments.

use super::Kind;

/// The row of volume attachments.
pub(super) const KIND: Kind =
    Kind { returned: |_| true, ..Kind::plain("storage.k8s.io", "volumeattachments") };
