//! Requests as client-go makes them.

use super::error::{Done, Failure, fail};
use super::target::Target;
use super::{Ctx, Style, Taken};
use crate::api::info::percent_encode;
use crate::api::{Dig, Request, Response};
use crate::clients::End;
use crate::json::{Value, json};

/// How kubectl asks for a table.
pub(super) const AS_TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/// The media types of patches.
pub(super) const JSON_PATCH: &str = "application/json-patch+json";
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";
pub(super) const STRATEGIC_PATCH: &str = "application/strategic-merge-patch+json";
pub(super) const APPLY_PATCH: &str = "application/apply-patch+yaml";

/// A query string from pairs; empty values are left out.
pub(super) fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", percent_encode(value)))
        .collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// What `--dry-run` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DryRun {
    None,
    Client,
    Server,
}

impl DryRun {
    /// What is put behind an operation's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }

    /// The value of the query parameter.
    pub(super) fn parameter(self) -> &'static str {
        match self {
            DryRun::Server => "All",
            DryRun::None | DryRun::Client => "",
        }
    }
}

impl Ctx<'_> {
    /// Sends a request; every answer that is no success is a failure.
    pub(super) fn send(&mut self, request: Request) -> Done<Response> {
        let method = request.method.clone();
        let response = self.send_raw(request);
        if !response.ok() {
            return Err(self.refused(&response));
        }
        self.took(&method);
        Ok(response)
    }

    /// The failure that the last answer is.
    pub(super) fn refused(&self, response: &Response) -> Failure {
        Failure::of(response, self.client.sent().checked_sub(1))
    }

    /// Notes that the last answer is what the command wanted. A write is what a command is about, else what it read
    /// last.
    pub(super) fn took(&mut self, method: &str) {
        let write = method != "GET";
        if let Some(request) = self.client.sent().checked_sub(1)
            && (write || !self.taken.is_some_and(|taken| taken.write))
        {
            self.taken = Some(Taken { request, write });
        }
    }

    /// Does the same with every object, keeps what fails for the end, and notes how each ended.
    pub(super) fn each<T>(
        &mut self,
        all: impl IntoIterator<Item = T>,
        mut act: impl FnMut(&mut Self, T) -> Done,
    ) -> Done {
        let mut failures = Vec::new();
        for one in all {
            self.taken = None;
            let done = act(self, one);
            let last = self.taken.map(|taken| taken.request);
            match done {
                Ok(()) => self.ends.push(End { request: last, failed: false }),
                Err(failure) => {
                    self.ends.extend(failure.ends(last));
                    failures.push(failure);
                }
            }
        }
        Failure::all(failures)
    }

    /// Sends a request, whose answer decides nothing, as whom the flags say, and prints the warnings of the answer.
    pub(super) fn send_raw(&mut self, mut request: Request) -> Response {
        let version = match self.style {
            Style::Old => "v1.20.2",
            Style::New => "v1.37.1",
        };
        request.headers.add("User-Agent", format!("kubectl/{version} (linux/amd64)"));
        if let Some(token) = self.flags.get("token") {
            request.headers.add("Authorization", format!("Bearer {token}"));
        }
        self.impersonate(&mut request);
        let response = self.client.send(request);
        let warnings: Vec<String> = response.headers.all("Warning").map(warning_text).collect();
        for warning in warnings {
            if self.warned.insert(warning.clone()) {
                self.warn(format!("Warning: {warning}"));
            }
        }
        response
    }

    fn impersonate(&self, request: &mut Request) {
        let names = [("as", "Impersonate-User"), ("as-uid", "Impersonate-Uid")];
        for (flag, header) in names {
            if let Some(value) = self.flags.get(flag) {
                request.headers.add(header, value);
            }
        }
        for group in self.flags.all("as-group") {
            request.headers.add("Impersonate-Group", group);
        }
        for extra in self.flags.all("as-user-extra") {
            let (key, value) = extra.split_once('=').unwrap_or((extra, ""));
            request.headers.add(format!("Impersonate-Extra-{}", percent_encode(key)), value);
        }
    }

    /// GET a path as JSON.
    pub(super) fn fetch(&mut self, target: &str) -> Done<Value> {
        let request = Request::new("GET", target).header("Accept", "application/json");
        Ok(self.send(request)?.object().clone())
    }

    /// The objects of a collection.
    pub(super) fn items(&mut self, path: &str, parameters: &[(&str, &str)]) -> Done<Vec<Value>> {
        Ok(self.fetch(&query(path, parameters))?.list("items").to_vec())
    }

    /// Today's kubectl asks for lists in chunks.
    pub(super) fn chunk(&self) -> &'static str {
        if self.old() { "" } else { "500" }
    }

    /// GET an object; where it is missing, the namespace may be what is missing (`resource.Info.Get`).
    pub(super) fn get(&mut self, target: &Target) -> Done<Value> {
        self.get_as(target, "application/json")
    }

    /// The same with a choice of the form.
    pub(super) fn get_as(&mut self, target: &Target, accept: &str) -> Done<Value> {
        let request = Request::new("GET", target.path()).header("Accept", accept);
        match self.send(request) {
            Ok(response) => Ok(response.object().clone()),
            Err(missing)
                if missing.is("NotFound") && target.mapping.namespaced && target.namespace != "default" =>
            {
                match self.fetch(&format!("/api/v1/namespaces/{}", target.namespace)) {
                    Err(no_namespace) if no_namespace.is("NotFound") => Err(no_namespace),
                    _ => Err(missing),
                }
            }
            Err(failure) => Err(failure),
        }
    }

    /// Sends an object.
    pub(super) fn write(&mut self, method: &str, target: &str, object: &Value) -> Done<Value> {
        let request = Request::new(method, target).header("Accept", "application/json").json(object);
        Ok(self.send(request)?.object().clone())
    }

    /// POST an object.
    pub(super) fn post(&mut self, target: &str, object: &Value) -> Done<Value> {
        self.write("POST", target, object)
    }

    /// POST a new object to its collection, or PUT one in its place, with the parameters of a write.
    pub(super) fn store(
        &mut self,
        target: &Target,
        method: &str,
        manager: &str,
        object: &Value,
    ) -> Done<Value> {
        let path = match method {
            "POST" => target.mapping.path(&target.namespace, ""),
            _ => target.path(),
        };
        let dry = self.dry_run()?.parameter();
        let manager = self.flags.get("field-manager").unwrap_or(manager);
        let validation = self.field_validation();
        let path =
            query(&path, &[("dryRun", dry), ("fieldManager", manager), ("fieldValidation", validation)]);
        self.write(method, &path, object)
    }

    /// PATCH an object; `parameters` beside the dry run.
    pub(super) fn patch(
        &mut self,
        target: &Target,
        (media_type, patch): (&str, &Value),
        parameters: &[(&str, &str)],
    ) -> Done<Value> {
        self.patch_bytes(&target.path(), (media_type, patch.to_string().into_bytes()), parameters)
    }

    /// PATCH an object in the name of a field manager.
    pub(super) fn patch_as(&mut self, manager: &str, target: &Target, patch: (&str, &Value)) -> Done<Value> {
        let manager = self.flags.get("field-manager").unwrap_or(manager).to_owned();
        self.patch(target, patch, &[("fieldManager", &manager)])
    }

    /// The same with a patch that may be no JSON.
    pub(super) fn patch_bytes(
        &mut self,
        path: &str,
        (media_type, body): (&str, Vec<u8>),
        parameters: &[(&str, &str)],
    ) -> Done<Value> {
        let mut pairs = vec![("dryRun", self.dry_run()?.parameter())];
        pairs.extend_from_slice(parameters);
        let request = Request::new("PATCH", query(path, &pairs))
            .header("Accept", "application/json")
            .body(media_type, body);
        Ok(self.send(request)?.object().clone())
    }

    /// DELETE an object.
    pub(super) fn delete(&mut self, target: &Target, options: &Value) -> Done<Value> {
        self.write("DELETE", &target.path(), options)
    }

    /// What `--dry-run` says (`cmdutil.GetDryRunStrategy`).
    pub(super) fn dry_run(&mut self) -> Done<DryRun> {
        match (self.flags.get("dry-run"), self.style) {
            (None | Some("none"), _) => Ok(DryRun::None),
            (Some("client"), _) => Ok(DryRun::Client),
            (Some("server"), _) => Ok(DryRun::Server),
            (Some("unchanged"), Style::New) => fail!(
                "--dry-run flag without a value was specified. A value must be set: \"none\", \"server\", or \"client\"."
            ),
            (Some("unchanged" | "true"), Style::Old) => {
                let text = "--dry-run is deprecated and can be replaced with --dry-run=client.";
                if self.warned.insert(text.to_owned()) {
                    self.warn(format!("W] {text}"));
                }
                Ok(DryRun::Client)
            }
            (Some("false"), Style::Old) => Ok(DryRun::None),
            (Some(other), _) => {
                fail!("Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\".")
            }
        }
    }

    /// `fieldValidation` as today's kubectl asks for it; the old one knows none.
    pub(super) fn field_validation(&self) -> &'static str {
        match (self.style, self.flags.get("validate")) {
            (Style::Old, _) => "",
            (Style::New, Some("false" | "ignore")) => "Ignore",
            (Style::New, Some("warn")) => "Warn",
            (Style::New, _) => "Strict",
        }
    }
}

/// The text of a `Warning` header (`299 - "text"`).
fn warning_text(header: &str) -> String {
    let quoted = header.splitn(3, ' ').nth(2).unwrap_or(header);
    let text = quoted.strip_prefix('"').unwrap_or(quoted);
    let text = text.strip_suffix('"').unwrap_or(text);
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// The options that kubectl sends with a DELETE.
pub(super) fn delete_options(policy: Option<&str>, grace: Option<i64>, dry: DryRun) -> Value {
    let mut options = json!({});
    if let Some(seconds) = grace {
        options["gracePeriodSeconds"] = seconds.into();
    }
    if let Some(policy) = policy {
        options["propagationPolicy"] = policy.into();
    }
    if dry == DryRun::Server {
        options["dryRun"] = json!(["All"]);
    }
    options
}
