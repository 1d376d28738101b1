//! Go's libraries, where what they read or say differs from their namesakes in Rust: one file a library, each rule once for
//! everything that reads such text (bodies, manifests, patches, policies, schemas, answers of webhooks).

pub(crate) mod base64;
pub(crate) mod fmt;
pub(crate) mod iterator;
pub(crate) mod json;
pub(crate) mod regexp;
pub(crate) mod strconv;
pub(crate) mod template;
pub(crate) mod time;
pub(crate) mod yaml;
