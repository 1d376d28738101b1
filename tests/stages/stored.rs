//! Something is stored that nobody admitted.

use kubeverdict::store::{Change, Key, Store};
use serde_json::Value;

fn stores(store: &mut Store, key: Key, object: Value) {
    store.apply(Change::put(key, object), jiff::Timestamp::UNIX_EPOCH);
}

fn main() {}
