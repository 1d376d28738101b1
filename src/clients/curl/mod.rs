//! curl, as people use it with an API server: its flags, name resolution, trust in certificates, its error texts and
//! exit codes.
//!
//! Differs from curl: the only server in the world is the API server; a name outside the cluster is not found.

mod options;
mod tls;
mod url;

use super::pod::Pod;
use super::{Client, End, Output};
use crate::api::{Body, Credential, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use options::Options;
use url::Url;

/// The curl that speaks.
const AGENT: &str = "curl/8.5.0";

/// Why curl gives up: exit code and text.
pub(super) struct Problem(i32, String);

/// Runs `curl WORDS…`; `words` does not hold `curl` itself. What may be sent goes to `client` with the credentials that
/// the words give and no others.
pub(crate) fn curl(words: &[String], pod: &dyn Pod, client: &mut dyn Client) -> Output {
    let options = match Options::parse(words, pod) {
        Ok(options) => options,
        Err(Problem(exit, text)) => return Output::failed(exit, text),
    };
    let (mut output, response) = match prepare(&options, pod) {
        Ok(request) => {
            let response = client.send(request.clone());
            let mut output = show(&options, &request, &response);
            output.ends = vec![End { request: client.sent().checked_sub(1), failed: output.exit != 0 }];
            (output, Some(response))
        }
        Err(Problem(exit, _)) if options.hides_errors() => (Output::failed(exit, ""), None),
        Err(Problem(exit, text)) => (Output::failed(exit, format!("curl: ({exit}) {text}\n")), None),
    };
    if let Some(format) = options.get("write-out") {
        output.stdout.push_str(&write_out(format, response.as_ref(), output.exit));
    }
    output
}

/// What `--write-out` asks for.
fn write_out(format: &str, response: Option<&Response>, exit: i32) -> String {
    let code = format!("{:03}", response.map_or(0, |response| response.code));
    let kind = response.and_then(|response| response.headers.get("Content-Type")).unwrap_or_default();
    format
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("%{http_code}", &code)
        .replace("%{response_code}", &code)
        .replace("%{content_type}", kind)
        .replace("%{exitcode}", &exit.to_string())
        .replace("%%", "%")
}

/// Everything up to the moment when a request may leave: the URL, the name, the connection, the certificate.
fn prepare(options: &Options, pod: &dyn Pod) -> Result<Request, Problem> {
    let url = Url::parse(&options.url)?;
    tls::connect(&url, options, pod)?;
    let mut target = url.target.clone();
    let mut data = options.data.clone();
    if let Some(data) = data.take_if(|_| options.has("get")) {
        let mark = if target.contains('?') { '&' } else { '?' };
        target = format!("{target}{mark}{}", String::from_utf8_lossy(&data));
    }
    let method = match (options.get("request"), &data) {
        (Some(method), _) => method,
        (None, _) if options.has("head") => "HEAD",
        (None, Some(_)) => "POST",
        (None, None) => "GET",
    };
    let mut request = Request::new(method, target);
    for (name, value) in [("User-Agent", options.get("user-agent").unwrap_or(AGENT)), ("Accept", "*/*")] {
        if !options.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
            request.headers.add(name, value);
        }
    }
    let own = options.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("Authorization"));
    if let Some(authorization) = authorization(options, &url).filter(|_| !own) {
        request.headers.add("Authorization", authorization);
    }
    for (name, value) in options.headers.iter().filter(|(_, value)| !value.is_empty()) {
        request.headers.add(name, value);
    }
    if let Some(data) = data {
        if !options.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("Content-Type")) {
            request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        }
        request.body = data.into();
    }
    if let Some(path) = options.get("cert") {
        request.credential = Credential::Certificate(tls::client_certificate(path, options, pod)?);
    }
    Ok(request)
}

fn authorization(options: &Options, url: &Url) -> Option<String> {
    if let Some(token) = options.get("oauth2-bearer") {
        return Some(format!("Bearer {token}"));
    }
    let user = options.get("user").or(url.user.as_deref())?;
    let user = if user.contains(':') { user.to_owned() } else { format!("{user}:") };
    Some(format!("Basic {}", STANDARD.encode(user)))
}

/// What curl prints of an answer.
fn show(options: &Options, request: &Request, response: &Response) -> Output {
    let mut output = Output::default();
    let head = response_head(response);
    if options.has("verbose") {
        output.stderr.push_str(&format!("> {} {} HTTP/2\n", request.method, request.target));
        for (name, value) in request.headers.iter() {
            output.stderr.push_str(&format!("> {name}: {value}\n"));
        }
        output.stderr.push_str("> \n");
        head.lines().for_each(|line| output.stderr.push_str(&format!("< {line}\n")));
    }
    if options.has("fail") && response.code >= 400 {
        output.exit = 22;
        if !options.hides_errors() {
            output
                .stderr
                .push_str(&format!("curl: (22) The requested URL returned error: {}\n", response.code));
        }
        return output;
    }
    let mut text = String::new();
    if options.has("include") || options.has("head") {
        text.push_str(&head);
    }
    if request.method != "HEAD" {
        text.push_str(&body(request, response));
    }
    if matches!(options.get("output"), None | Some("-")) {
        output.stdout = text;
    }
    output
}

fn response_head(response: &Response) -> String {
    let headers = response.headers.iter();
    let lines = headers.map(|(name, value)| format!("{}: {value}\n", name.to_lowercase()));
    format!("HTTP/2 {} \n{}\n", response.code, lines.collect::<String>())
}

/// The API server indents JSON for curl.
fn body(request: &Request, response: &Response) -> String {
    match &response.body {
        Body::Text(text) => text.clone(),
        Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Body::Watch(_) => String::new(),
        body @ (Body::Json(_) | Body::List(_)) => {
            let indented = request.wants_indented();
            let end = if indented { "" } else { "\n" };
            format!("{}{end}", body.written(indented).unwrap_or_default())
        }
    }
}
