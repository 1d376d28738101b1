//! A record: a header, then a request and its answer a line; replayed as `verify` does it over HTTPS.

use super::records::Record;
use super::{hook, mask};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use kubeverdict::admit::{Answer, Effect, Heard};
use kubeverdict::api::{Body, Credential, Dig, Request, Response, Version};
use kubeverdict::certificates::{Authority, Subject, Terms};
use kubeverdict::cluster::{Answered, Cluster};
use kubeverdict::config::Config;
use kubeverdict::json::{Map, Value, json};
use kubeverdict::tokens::SigningKey;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

const TOKENS: &str = "admin-token,admin,admin-uid,\"system:masters\"\nalice-token,alice,alice-uid\n\
                      bob-token,bob,bob-uid\ncarol-token,carol,carol-uid\n";

/// An answer that is not equal.
pub(crate) struct Difference {
    pub step: usize,
    name: String,
    what: String,
    fields: Vec<(String, Value, Value)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  [{}] {} · {}", self.step, self.name, self.what)?;
        for (field, want, got) in &self.fields {
            writeln!(f, "     {field}: want {want}\n     {:width$}   got {got}", "", width = field.len())?;
        }
        Ok(())
    }
}

/// Replays a record, and says which answers differ, and of how many.
pub(crate) fn replay(record: &Record) -> Result<(Vec<Difference>, usize), String> {
    let Record { head, steps } = record;
    let mut session = Session::new(head)?;
    let mut differences = Vec::new();
    let mut total = 0;
    for (number, step) in steps.iter().enumerate() {
        total += 1;
        let got = match step.has("answer.audit") {
            true => json!({"audit": session.audit()}),
            false => session.step(step)?,
        };
        let want = step.at("answer");
        let fields: Vec<String> = match step.has("loose") {
            true => vec!["code".to_owned()],
            false => want.entries("").chain(got.entries("")).map(|(key, _)| key.to_string()).collect(),
        };
        let mut differing = BTreeMap::new();
        for field in fields {
            let pick = |value: &Value| mask::canon(&json!({(field.as_str()): value.get(&field)}));
            if pick(want) != pick(&got) {
                let show = |value: &Value| value.get(&field).cloned().unwrap_or_default();
                let pair = if field == "audit" { first_event(want, &got) } else { (show(want), show(&got)) };
                differing.insert(field.clone(), pair);
            }
        }
        if !differing.is_empty() {
            differences.push(Difference {
                step: number,
                name: step.text("name").to_owned(),
                what: step.text("do").to_owned(),
                fields: differing.into_iter().map(|(field, (want, got))| (field, want, got)).collect(),
            });
        }
    }
    Ok((differences, total))
}

/// The first event of an audit log that is another one.
fn first_event(want: &Value, got: &Value) -> (Value, Value) {
    let (want, got) = (want.list("audit"), got.list("audit"));
    let same = |i: &usize| want.get(*i).map(mask::canon) == got.get(*i).map(mask::canon);
    let at = (0..want.len().max(got.len())).find(|i| !same(i)).unwrap_or_default();
    let show = |list: &[Value]| json!([at, list.len(), list.get(at)]);
    (show(want), show(got))
}

/// A cluster, and what the suite remembers.
struct Session {
    cluster: Cluster,
    authority: Authority,
    variables: BTreeMap<String, Value>,
    tokens: BTreeMap<String, String>,
}

impl Session {
    fn new(head: &Value) -> Result<Session, String> {
        let now = Timestamp::from_second(1_790_000_000).map_err(|error| error.to_string())?;
        let terms = terms(now);
        let authority = Authority::test_only(&terms);
        let version: Version = head.text("kubernetes").parse()?;
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        files.insert("tokens.csv".to_owned(), TOKENS.into());
        files.insert("ca.crt".to_owned(), authority.certificate().pem().into_bytes());
        for (name, text) in head.entries("files") {
            let text = text.as_str().unwrap_or_default().replace("${dir}/", "");
            files.insert(name.to_string(), text.into_bytes());
        }
        let mut flags = vec![
            ("token-auth-file".to_owned(), "tokens.csv".to_owned()),
            ("client-ca-file".to_owned(), "ca.crt".to_owned()),
            ("service-account-issuer".to_owned(), "https://kubernetes.default.svc".to_owned()),
            ("authorization-mode".to_owned(), "Node,RBAC".to_owned()),
        ];
        let given = || head.list("flags").iter().chain(head.list("controllers")).filter_map(Value::as_str);
        if given().any(|flag| flag.starts_with("--authorization-config")) {
            flags.retain(|(name, _)| name != "authorization-mode");
        }
        for flag in given() {
            let flag = flag.trim_start_matches("--").replace("${dir}/", "");
            let (name, value) = flag.split_once('=').unwrap_or((&flag, "true"));
            flags.push((name.to_owned(), value.to_owned()));
        }
        let mut config = Config::new(version);
        let read = |path: &str| {
            if path == "${dir}" {
                return Ok(files.keys().cloned().collect::<Vec<_>>().join("\n").into_bytes());
            }
            let path = path.trim_start_matches("${dir}/");
            files.get(path).cloned().ok_or_else(|| std::io::Error::other(format!("no file {path}")))
        };
        config
            .apply(flags.iter().map(|(name, value)| (name.as_str(), value.as_str())), &read)
            .map_err(|error| error.to_string())?;
        let cluster = Cluster::new(config, now).map_err(|error| error.to_string())?;
        let mut variables = BTreeMap::new();
        if head.flag("webhook") {
            variables.insert("HOOK".to_owned(), hook::URL.into());
            variables.insert("NOHOOK".to_owned(), hook::NOWHERE.into());
            variables.insert("HOOK_CA".to_owned(), STANDARD.encode(authority.certificate().pem()).into());
        }
        Ok(Session { cluster, authority, variables, tokens: BTreeMap::new() })
    }

    fn pass(&mut self, span: SignedDuration) {
        let until = self.cluster.now() + span;
        self.cluster.run_until(until);
    }

    /// Makes a step's request, and tells the answer in the record's form.
    fn step(&mut self, step: &Value) -> Result<Value, String> {
        let step = self.substitute(step);
        if let Some(seconds) = step.at("sleep").as_f64() {
            self.pass(SignedDuration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?);
        }
        let (method, path) = step.text("do").split_once(' ').ok_or("`do` is METHOD PATH")?;
        let want = step.at("until").as_u64().or(step.has("gone").then_some(404));
        let end = self.cluster.now() + SignedDuration::from_secs(20);
        let response = loop {
            let request = self.request(&step, method, path)?;
            let response = self.send(request);
            let when = || {
                step.entries("when").all(|(path, value)| mask::norm(&dig(response.object(), path)) == *value)
            };
            let ready = want == Some(u64::from(response.code)) && when();
            if want.is_none() || ready || self.cluster.now() > end {
                break response;
            }
            self.pass(SignedDuration::from_millis(100));
        };
        // A new namespace's account and a new account's token come a moment later.
        self.pass(SignedDuration::from_millis(if method == "POST" && response.code == 201 {
            400
        } else {
            5
        }));
        let object = response.object().clone();
        for (variable, path) in step.entries("capture") {
            let value = dig(&object, path.as_str().unwrap_or_default());
            // What is in base64 is there as such, too.
            if let (Some(plain), Some(text)) = (variable.strip_suffix("64"), value.as_str()) {
                let decoded = STANDARD.decode(text).map_err(|error| error.to_string())?;
                let decoded = String::from_utf8_lossy(&decoded).into_owned();
                self.variables.insert(plain.to_owned(), decoded.into());
            }
            if !value.is_null() {
                self.variables.insert(variable.to_string(), value);
            }
        }
        Ok(said(&step, &response, method))
    }

    fn request(&mut self, step: &Value, method: &str, path: &str) -> Result<Request, String> {
        let mut request = Request::new(method, path).header("Host", "kubernetes.default.svc");
        request.source = Some("127.0.0.1".to_owned());
        let by = step.get("as").cloned().unwrap_or("admin".into());
        let bearer = |token: &str| format!("Bearer {token}");
        if let Some(name) = by.as_str() {
            if name != "none" {
                request = request.header("Authorization", bearer(&format!("{name}-token")));
            }
        } else if by.has("bearer") {
            request = request.header("Authorization", bearer(by.text("bearer")));
        } else if by.has("basic") {
            request = request.header("Authorization", format!("Basic {}", STANDARD.encode(by.text("basic"))));
        } else if by.has("authorization") {
            request = request.header("Authorization", by.text("authorization"));
        } else if by.has("sa") {
            let token = self.account_token(by.text("sa"))?;
            request = request.header("Authorization", bearer(&token));
        }
        if by.has("cert") {
            request.credential = Credential::Certificate(self.certificate(by.at("cert"))?);
        }
        let like = step.at("like");
        for (header, field) in [("Impersonate-User", "user"), ("Impersonate-Uid", "uid")] {
            if like.has(field) {
                request = request.header(header, like.text(field));
            }
        }
        for group in like.list("groups") {
            request = request.header("Impersonate-Group", group.as_str().unwrap_or_default());
        }
        for (key, values) in like.entries("extra") {
            for value in values.as_array().into_iter().flatten() {
                request =
                    request.header(&format!("Impersonate-Extra-{key}"), value.as_str().unwrap_or_default());
            }
        }
        if step.has("body") || step.has("raw") {
            let media = step.get("type").and_then(Value::as_str).unwrap_or("application/json");
            let written = ["raw", "sent"].into_iter().find(|key| step.has(key));
            let body = written.map_or_else(|| step.at("body").to_string(), |key| step.text(key).to_owned());
            request = request.body(media, body.into_bytes());
        }
        if !step.at("headers").as_object().is_some_and(|headers| headers.contains_key("Accept")) {
            request = request.header("Accept", "application/json");
        }
        for (name, value) in step.entries("headers") {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        Ok(request)
    }

    fn account_token(&mut self, account: &str) -> Result<String, String> {
        if let Some(token) = self.tokens.get(account) {
            return Ok(token.clone());
        }
        let (namespace, name) = account.split_once('/').ok_or("an account is NS/NAME")?;
        let request =
            Request::new("POST", format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"))
                .header("Authorization", "Bearer admin-token")
                .json(&json!({"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}}));
        let response = self.send(request);
        if response.code != 201 {
            // `verify` counts such a step as different; here the request goes without a token.
            return Ok(format!("cannot mint a token for {account}: {}", response.code));
        }
        let token = response.object().text("status.token").to_owned();
        self.tokens.insert(account.to_owned(), token.clone());
        Ok(token)
    }

    fn certificate(&self, wanted: &Value) -> Result<Arc<[u8]>, String> {
        let now = self.cluster.now();
        let mut terms = terms(now);
        if wanted.flag("expired") {
            terms.not_before = Timestamp::from_second(1_577_836_800).map_err(|error| error.to_string())?;
            terms.not_after = terms.not_before + SignedDuration::from_hours(24);
        }
        let organizations: Vec<&str> = wanted.list("o").iter().filter_map(Value::as_str).collect();
        let subject = Subject::new(wanted.text("cn"), &organizations);
        let key = SigningKey::from_seed([7; 32]);
        let other;
        let authority = match wanted.text("ca") {
            "other" => {
                other = Authority::self_signed(SigningKey::from_seed([8; 32]), "other", &terms)?;
                &other
            }
            _ => &self.authority,
        };
        Ok(authority.client(key.public(), &subject, &terms)?.der().into())
    }

    fn send(&mut self, request: Request) -> Response {
        let trusted = STANDARD.encode(self.authority.certificate().pem());
        let mut answered = self.cluster.handle(request);
        loop {
            match answered {
                Answered::Done(reply) => {
                    let now = self.cluster.now();
                    self.cluster.run_until(now);
                    self.cluster.take_journal();
                    return reply.response;
                }
                Answered::Wait(effects, waiting) => {
                    let answers = effects.into_iter().map(|effect| self.perform(effect, &trusted)).collect();
                    answered = self.cluster.resume(*waiting, answers);
                }
                Answered::Aside(aside) => answered = self.cluster.take_over(aside.answer()),
            }
        }
    }

    fn perform(&mut self, effect: Effect, trusted: &str) -> Answer {
        match effect {
            Effect::Post(post) => Answer::Post(hook::answer(&post, trusted)),
            Effect::Get(get) => {
                let nobody = format!("dial tcp: lookup {}: no such host", get.url);
                Answer::Document(Heard::Failed(nobody), std::time::Duration::ZERO)
            }
            Effect::Request(request) => Answer::Response(Box::new(self.send(*request))),
            Effect::Pause(time) => {
                let time = SignedDuration::try_from(time).expect("a pause ends");
                self.cluster.run_until(self.cluster.now() + time);
                Answer::Passed
            }
        }
    }

    /// The audit log as far as it is worth comparing: the suite's own requests, which have no user agent.
    fn audit(&mut self) -> Vec<Value> {
        let pick = |object: &Value, keys: &[&str]| -> Value {
            let kept = keys.iter().filter_map(|key| Some(((*key).to_owned(), object.get(*key)?.clone())));
            kept.collect::<Map>().into()
        };
        let own = self.cluster.take_audit().into_iter().filter(|event| !event.has("userAgent"));
        own.map(|event| {
            let mut told = pick(&event, &["level", "stage", "requestURI", "verb", "annotations"]);
            for (key, keys) in [
                ("user", &["username", "groups"][..]),
                ("impersonatedUser", &["username", "groups"]),
                ("objectRef", &["resource", "namespace", "name", "subresource", "apiGroup", "apiVersion"]),
                ("responseStatus", &["code", "reason", "message", "status"]),
            ] {
                if event.at(key).as_object().is_some_and(|object| !object.is_empty()) {
                    told.set(key, pick(event.at(key), keys));
                }
            }
            for key in ["requestObject", "responseObject"] {
                if let Some(object) = event.get(key) {
                    told.set(key, if object.has("kind") { object.text("kind") } else { "object" });
                }
            }
            mask::norm(&told)
        })
        .collect()
    }

    fn substitute(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                if let Some(whole) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
                    && let Some(value) = self.variables.get(whole)
                {
                    return value.clone();
                }
                let mut text = text.to_string();
                for (variable, value) in &self.variables {
                    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    text = text.replace(&format!("${{{variable}}}"), &shown);
                }
                text.into()
            }
            Value::Array(list) => list.iter().map(|item| self.substitute(item)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, value)| (key.clone(), self.substitute(value))).collect()
            }
            other => other.clone(),
        }
    }
}

fn terms(now: Timestamp) -> Terms {
    let day = SignedDuration::from_hours(24);
    Terms { serial: 1, not_before: now - day, not_after: now + day * 3650 }
}

/// A response in the record's form.
fn said(step: &Value, response: &Response, method: &str) -> Value {
    let mut out = Map::new();
    out.insert("code".to_owned(), response.code.into());
    let mut warnings: Vec<Value> =
        response.headers.all("Warning").map(|text| mask::norm(&text.into())).collect();
    warnings.sort_by_key(Value::to_string);
    if !warnings.is_empty() {
        out.insert("warnings".to_owned(), warnings.into());
    }
    let challenges: Vec<&str> = response.headers.all("Www-Authenticate").collect();
    if !challenges.is_empty() {
        out.insert("www_authenticate".to_owned(), json!(challenges));
    }
    let object = match (&response.body, method) {
        (_, "HEAD") => Err(String::new()),
        (body @ (Body::Json(_) | Body::List(_)), _) => body.json().cloned().ok_or_else(String::new),
        (Body::Text(text), _) => serde_json::from_str(text).map_err(|_| text.clone()),
        (Body::Bytes(bytes), _) => Err(String::from_utf8_lossy(bytes).into_owned()),
        (Body::Watch(_), _) => Err(String::new()),
    };
    let object = match object {
        Ok(object) => object,
        Err(text) => {
            let text: String = text.chars().take(2000).collect();
            out.insert("text".to_owned(), mask::norm(&text.into()));
            Value::Null
        }
    };
    if object.text("kind") == "Status" && object.text("apiVersion") == "v1" {
        let mut status = Map::new();
        for key in ["status", "reason", "message", "details", "code"] {
            if let Some(value) = object.get(key) {
                status.insert(key.to_owned(), mask::norm(value));
            }
        }
        out.insert("status".to_owned(), status.into());
    }
    if let Some(paths) = step.get("keep").and_then(Value::as_array) {
        let paths = paths.iter().filter_map(Value::as_str);
        let kept: Map = paths.map(|path| (path.to_owned(), mask::norm(&dig(&object, path)))).collect();
        out.insert("keep".to_owned(), kept.into());
    }
    out.into()
}

/// The item of a list at an index, which below 0 counts from the end.
fn item<'a>(list: &'a [Value], index: &str) -> Option<&'a Value> {
    let index: isize = index.parse().ok()?;
    list.get(if index < 0 { list.len().checked_add_signed(index)? } else { index.cast_unsigned() })
}

/// The value at a dotted path; `~` stands for a dot in a key.
fn dig(object: &Value, path: &str) -> Value {
    path.split('.')
        .fold(object, |value, key| match value {
            Value::Array(list) => item(list, key).unwrap_or(&Value::Null),
            Value::Object(map) => map.get(&key.replace('~', ".")).unwrap_or(&Value::Null),
            _ => &Value::Null,
        })
        .clone()
}
