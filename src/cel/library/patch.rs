//! JSON patches (`apiserver/pkg/cel/library.JSONPatch`).

use super::{Row, text};
use crate::cel::value::Val;

pub(super) const ROWS: &[Row] = &[("jsonpatch.escapeKey(string) -> string", |_, a| {
    Ok(Val::text(text(&a[0]).replace('~', "~0").replace('/', "~1")))
})];
