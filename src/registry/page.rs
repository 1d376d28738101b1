//! Lists in pages, and lists as of a revision (`apiserver/pkg/storage/etcd3`, `storage/continue.go`).
//!
//! A continue token holds the revision of the first page and the key after the last object; all pages show that revision.

use super::options::{ListOptions, revision};
use crate::api::differences::FUTURE_IS_TIMEOUT;
use crate::api::{Dig, Status, Version};
use crate::golang::base64::{self, Encoding};
use crate::json::{Value, json};
use crate::store::Store;
use std::borrow::Cow;
use std::sync::Arc;

/// One page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) objects: Vec<Arc<Value>>,
    pub(super) revision: u64,
    pub(super) cont: Option<String>,
    pub(super) remaining: Option<usize>,
}

/// The page of a resource's objects that the options ask for.
pub(super) fn page(
    store: &Store,
    kept: &str,
    namespace: &str,
    options: &ListOptions,
    version: Version,
) -> Result<Page, Status> {
    let (at, start) = match options.cont.as_str() {
        "" => (as_of(store, options, version)?, None),
        token => {
            if !matches!(options.resource_version.as_str(), "" | "0") {
                return Err(Status::bad_request(
                    "specifying resource version is not allowed when using continue",
                ));
            }
            let (revision, start) = read(token)?;
            (revision, Some(start))
        }
    };
    let past;
    let objects = match at == store.revision() {
        true => store.objects(),
        false => {
            past = store.at(at).ok_or_else(|| too_old(options))?;
            &past
        }
    };
    let from = start.as_deref().unwrap_or_default();
    // The cache answers a list of any version, and knows no pages.
    let all = options.limit <= 0 || options.resource_version == "0";
    let limit = if all { usize::MAX } else { usize::try_from(options.limit).unwrap_or(usize::MAX) };
    let selected = |object: &&Arc<Value>| options.select(object);
    let mut found: Vec<Arc<Value>> = match options.fields.required("metadata.name") {
        Some(name) => {
            let named = objects.named(kept, namespace, name);
            named.filter(|object| *key(object, namespace) >= *from).filter(selected).cloned().collect()
        }
        None => {
            let ordered = objects.ordered(kept, namespace, from);
            ordered.filter(selected).take(limit.saturating_add(1)).cloned().collect()
        }
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let counted = options.labels.is_empty() && options.fields.is_empty();
    Ok(Page {
        revision: at,
        cont: last.map(|last| token(at, &key(last, namespace))),
        remaining: (more && counted).then(|| objects.count(kept, namespace, from) - found.len()),
        objects: found,
    })
}

/// An object's key below the prefix of a list.
fn key<'a>(object: &'a Value, listed: &str) -> Cow<'a, str> {
    match (listed, object.namespace()) {
        ("", namespace) if !namespace.is_empty() => format!("{namespace}/{}", object.name()).into(),
        _ => object.name().into(),
    }
}

/// The revision that a list without a continue token shows.
fn as_of(store: &Store, options: &ListOptions, version: Version) -> Result<u64, Status> {
    let wanted = revision(&options.resource_version, version)?;
    let now = store.revision();
    if wanted > now {
        return Err(match options.exact && !version.has(FUTURE_IS_TIMEOUT) {
            true => Status::plain(500, "", "etcdserver: mvcc: required revision is a future revision"),
            false => too_large(wanted, now, !options.exact),
        });
    }
    Ok(if options.exact { wanted } else { now })
}

/// 504: the revision is yet to come.
pub(super) fn too_large(wanted: u64, now: u64, retry: bool) -> Status {
    let text = format!("Timeout: Too large resource version: {wanted}, current: {now}");
    let mut status = Status::plain(504, "Timeout", text);
    status.details =
        json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]});
    if retry {
        status.details.set("retryAfterSeconds", 1);
    }
    status
}

/// 410: the log no longer reaches back so far.
fn too_old(options: &ListOptions) -> Status {
    let text = match options.cont.is_empty() {
        true => "The resourceVersion for the provided list is too old.",
        false => {
            "The provided continue parameter is too old to display a consistent list result. You can start a new list \
             without the continue parameter."
        }
    };
    Status::plain(410, "Expired", text)
}

fn token(revision: u64, last: &str) -> String {
    let text = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": format!("{last}\u{0}")}).to_string();
    base64::encode(text.as_bytes(), Encoding::RawUrl)
}

/// The revision and the first key of a token.
fn read(token: &str) -> Result<(u64, String), Status> {
    let parsed = base64::decode(token, Encoding::RawUrl)
        .and_then(|bytes| crate::golang::json::value(&bytes))
        .map_err(|why| format!("continue key is not valid: {why}"))
        .and_then(|token| match (token.text("v"), token.at("rv").as_u64(), token.text("start")) {
            ("meta.k8s.io/v1", None | Some(0), _) => Err(
                "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)"
                    .into(),
            ),
            ("meta.k8s.io/v1", _, "") => {
                Err("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)".into())
            }
            ("meta.k8s.io/v1", Some(revision), start) => Ok((revision, start.to_owned())),
            (other, ..) => Err(format!(
                "continue key is not valid: server does not recognize this encoded version {other:?}"
            )),
        });
    parsed.map_err(|why: String| Status::bad_request(format!("invalid continue token: {why}")))
}
