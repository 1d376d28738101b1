//! `/statusz` and `/flagz`: what a server says of itself (`component-base/zpages`, KEP-4827, KEP-4828).
//!
//! Differs from Kubernetes: of the flags only those are told that were given. The sign between a name and its value in
//! the text, which a server draws anew each time, is a colon.

use super::listed;
use crate::api::differences::{PAGES_BETA, PAGES_STRUCTURED};
use crate::api::negotiate;
use crate::api::{Dig, Response, Status};
use crate::json::{Value, json};
use crate::pipeline::{self, Call};
use crate::print::shape;
use crate::store::Key;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The component, as pages name it.
const COMPONENT: &str = "kube-apiserver";
/// Folders that are no pages for whoever debugs.
const OTHER: [&str; 5] = ["/.well-known", "/api", "/apis", "/openapi", "/openid"];

/// A page about the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// When it started, and what it is.
    Statusz,
    /// The flags that it was started with.
    Flagz,
}

impl Page {
    /// The page at a path.
    pub(super) fn at(path: &str) -> Option<Page> {
        match path {
            "/statusz" => Some(Page::Statusz),
            "/flagz" => Some(Page::Flagz),
            _ => None,
        }
    }

    /// The gate that it hangs on.
    pub(super) fn gate(self) -> &'static str {
        match self {
            Page::Statusz => "ComponentStatusz",
            Page::Flagz => "ComponentFlagz",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Page::Statusz => "Statusz",
            Page::Flagz => "Flagz",
        }
    }

    /// The page, as text or as an object.
    pub(super) fn answer(self, call: &Call<'_>) -> Result<Response, Status> {
        let versions: &[&str] = match () {
            () if call.version.has(PAGES_BETA) => &["v1alpha1", "v1beta1"],
            () if call.version.has(PAGES_STRUCTURED) => &["v1alpha1"],
            () => &[],
        };
        let Some((media, version)) = negotiate::page(call.header("Accept"), self.kind(), versions)? else {
            return Ok(Response::text(200, self.text(call)).typed("text/plain; charset=utf-8"));
        };
        let mut object = json!({
            "kind": self.kind(), "apiVersion": format!("config.k8s.io/{version}"),
            "metadata": {"name": COMPONENT},
        });
        self.facts(call).into_iter().for_each(|(_, field, value)| object.set(field, value));
        let mut response = shape::written(Response::json(200, object), media);
        if versions.last() != Some(&version.as_str()) {
            let page = self.kind().to_lowercase();
            let why =
                format!("This version of the {page} endpoint is deprecated. Please use a newer version.");
            pipeline::warn(&mut response, &[why]);
        }
        Ok(response)
    }

    /// What it tells: the name in the text, the field, and the value.
    fn facts(self, call: &Call<'_>) -> Vec<(&'static str, &'static str, Value)> {
        if self == Page::Flagz {
            return vec![("", "flags", json!(call.config.given))];
        }
        let started = started(call);
        let release = super::release(call.version);
        let binary = release.text("gitVersion").trim_start_matches('v').to_owned();
        vec![
            ("Started", "startTime", crate::api::time(started).into()),
            ("Up", "uptimeSeconds", call.now.duration_since(started).as_secs().into()),
            ("Go version", "goVersion", release.at("goVersion").clone()),
            ("Binary version", "binaryVersion", binary.into()),
            ("Emulation version", "emulationVersion", call.version.to_string().into()),
            ("Paths", "paths", json!(folders(call))),
        ]
    }

    fn text(self, call: &Call<'_>) -> String {
        let page = self.kind().to_lowercase();
        let mut text = format!(
            "\n{COMPONENT} {page}\nWarning: This endpoint is not meant to be machine parseable, has no formatting \
             compatibility guarantees and is for debugging purposes only.\n\n"
        );
        for (name, _, value) in self.facts(call) {
            match &value {
                Value::Object(flags) => {
                    for (flag, value) in flags {
                        text.push_str(&format!("{flag}={}\n", value.as_str().unwrap_or_default()));
                    }
                }
                Value::Array(paths) => {
                    let paths: Vec<&str> = paths.iter().filter_map(Value::as_str).collect();
                    text.push_str(&format!("{name}: {}\n", paths.join(" ")));
                }
                Value::String(value) => text.push_str(&format!("{name}: {value}\n")),
                Value::Number(seconds) => {
                    let seconds = seconds.as_u64().unwrap_or_default();
                    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
                    text.push_str(&format!("{name}: {hours} hr {minutes:02} min {seconds:02} sec\n"));
                }
                Value::Null | Value::Bool(_) => {}
            }
        }
        text
    }
}

/// When the server started: the first that it does is to make its namespaces.
fn started(call: &Call<'_>) -> Timestamp {
    let made = call.store.objects().of(&Key::new("namespaces", "", "kube-system"));
    made.and_then(|made| made.text("metadata.creationTimestamp").parse().ok()).unwrap_or(call.now)
}

/// The first parts of the paths that somebody may want to look at.
fn folders(call: &Call<'_>) -> BTreeSet<String> {
    let first = |path: &String| format!("/{}", path.split('/').nth(1).unwrap_or_default());
    listed(call.resources).iter().map(first).filter(|folder| !OTHER.contains(&folder.as_str())).collect()
}
