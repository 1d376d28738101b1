//! A session of kubectl: commands, and what they came to; typed again on the virtual clock.

use jiff::{SignedDuration, Timestamp};
use kubeverdict::api::{Dig, Request, Response, Version};
use kubeverdict::clients::kubectl::{Session, kubectl};
use kubeverdict::clients::shell::{self, Nothing};
use kubeverdict::clients::{Client, NoFiles, Output};
use kubeverdict::cluster::Cluster;
use kubeverdict::config::Config;
use kubeverdict::json::Value;
use regex::Regex;
use std::fmt::Write;
use std::sync::LazyLock;
use std::time::Duration;

/// Who they are.
pub(crate) const TOKENS: &str = "admin-token,admin,admin-uid,\"system:masters\"\nalice-token,alice,alice-uid\n\
                      bob-token,bob,bob-uid\ncarol-token,carol,carol-uid\n";

/// How long a repeated command waits.
const PAUSE: Duration = Duration::from_millis(300);

/// What a session is typed at.
pub(crate) trait Typed {
    /// Runs `kubectl WORDS…` as somebody with a static token.
    fn kubectl(&mut self, who: &str, words: &[String], stdin: &str) -> Result<Output, String>;
    /// Lets time pass.
    fn wait(&mut self, span: Duration);
}

/// Types a session's commands; tells those that differ from what was recorded, and of how many.
pub(crate) fn replay(text: &str, typed: &mut dyn Typed) -> Result<(Vec<String>, usize), String> {
    each(text, |step| {
        let want = step.at("answer");
        let want = Output {
            exit: want.at("exit").as_i64().and_then(|exit| exit.try_into().ok()).unwrap_or(-1),
            stdout: want.text("stdout").to_owned(),
            stderr: want.text("stderr").to_owned(),
            ..Output::default()
        };
        Ok((want, run(step, typed)?))
    })
}

/// Types a session's commands at both; tells those that differ, and of how many.
pub(crate) fn compare(
    version: &str,
    text: &str,
    stock: &mut dyn Typed,
    own: &mut dyn Typed,
) -> Result<(Vec<String>, usize), String> {
    each(text, |step| {
        let only = step.text("only");
        if !only.is_empty() && only != version {
            return Ok((Output::default(), Output::default()));
        }
        Ok((run(step, stock)?, run(step, own)?))
    })
}

/// How many nodes the server of a session has.
pub(crate) fn nodes(text: &str) -> Result<usize, String> {
    let session: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(session.at("nodes").as_u64().and_then(|nodes| nodes.try_into().ok()).unwrap_or_default())
}

/// What each command should have come to, and did.
type Both = Result<(Output, Output), String>;

fn each(text: &str, mut both: impl FnMut(&Value) -> Both) -> Result<(Vec<String>, usize), String> {
    let session: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut differences = Vec::new();
    for (number, step) in session.list("steps").iter().enumerate() {
        let (want, got) = both(step)?;
        let mut text = String::new();
        for (field, want, got) in [
            ("exit", want.exit.to_string(), got.exit.to_string()),
            ("stdout", mask(&want.stdout), mask(&got.stdout)),
            ("stderr", mask(&want.stderr), mask(&got.stderr)),
        ] {
            if want != got {
                let (width, indent) = (field.len(), "");
                let _ = writeln!(text, "     {field}: want {want:?}\n     {indent:width$}   got {got:?}");
            }
        }
        if !text.is_empty() {
            differences.push(format!("  [{number}] {}\n{text}", step.text("run")));
        }
    }
    Ok((differences, session.list("steps").len()))
}

fn run(step: &Value, typed: &mut dyn Typed) -> Result<Output, String> {
    let words = shell::words(step.text("run"), &Nothing)?;
    let words = words.strip_prefix(&["kubectl".to_owned()]).ok_or("a line of kubectl")?;
    let who = step.get("as").and_then(Value::as_str).unwrap_or("admin");
    let seconds = |field: &str| {
        Duration::try_from_secs_f64(step.at(field).as_f64().unwrap_or_default()).unwrap_or_default()
    };
    typed.wait(seconds("sleep"));
    let mut left = seconds("retry");
    loop {
        let output = typed.kubectl(who, words, step.text("stdin"))?;
        let done = match step.get("until").and_then(Value::as_str) {
            Some(text) => output.stdout.contains(text) || output.stderr.contains(text),
            None => output.exit == 0,
        };
        if done || left.is_zero() {
            return Ok(output);
        }
        typed.wait(PAUSE);
        left = left.saturating_sub(PAUSE);
    }
}

/// The kubectl of this crate, at a cluster in this process.
pub(crate) struct Own(Cluster);

impl Own {
    /// At a fresh server with nodes.
    pub(crate) fn new(version: &str, nodes: usize) -> Result<Own, String> {
        cluster(version.parse()?, nodes).map(Own)
    }
}

impl Typed for Own {
    fn kubectl(&mut self, who: &str, words: &[String], stdin: &str) -> Result<Output, String> {
        let mut person = Person { cluster: &mut self.0, who, sent: 0 };
        let output = kubectl(words, Session { client: &mut person, files: &NoFiles, stdin });
        // A real kubectl takes its time, too.
        self.wait(PAUSE);
        Ok(output)
    }

    fn wait(&mut self, span: Duration) {
        Person { cluster: &mut self.0, who: "", sent: 0 }.advance(span);
    }
}

/// A fresh server, as the sessions were recorded at: four static tokens, and no nodes but those asked for.
fn cluster(version: Version, nodes: usize) -> Result<Cluster, String> {
    let mut config = Config::new(version);
    config.nodes = nodes;
    let flags = [
        ("token-auth-file", "tokens.csv"),
        ("service-account-issuer", "https://kubernetes.default.svc"),
        ("authorization-mode", "Node,RBAC"),
    ];
    config.apply(flags, &|_: &str| Ok(TOKENS.into())).map_err(|error| error.to_string())?;
    let now = Timestamp::from_second(1_790_000_000).map_err(|error| error.to_string())?;
    Cluster::new(config, now).map_err(|error| error.to_string())
}

/// Somebody with a static token.
struct Person<'a> {
    cluster: &'a mut Cluster,
    who: &'a str,
    sent: usize,
}

impl Client for Person<'_> {
    fn send(&mut self, mut request: Request) -> Response {
        if request.headers.get("Authorization").is_none() {
            request = request.header("Authorization", format!("Bearer {}-token", self.who));
        }
        let reply = self.cluster.handle_now(request);
        self.sent += 1;
        self.advance(Duration::ZERO);
        self.cluster.take_journal();
        reply.response
    }

    fn who(&self) -> &str {
        self.who
    }

    fn sent(&self) -> usize {
        self.sent
    }

    fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.cluster.run_until(self.cluster.now() + by);
    }

    fn now(&self) -> Timestamp {
        self.cluster.now()
    }

    fn version(&self) -> Version {
        self.cluster.version()
    }
}

const SUFFIX: &str = "[bcdfghjklmnpqrstvwxz2456789]";

static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let masks = [
        ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<jwt>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<time>"),
        (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w\w\w \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
        (r"-SUFFIX{8,10}-SUFFIX{5}\b", "-<hash>-<rand>"),
        (r"(token|dockercfg)-SUFFIX{5}\b", "${1}-<rand>"),
        (r"(pod-template-hash=)SUFFIX{8,10}", "${1}<hash>"),
        (r"(kube-api-access-)SUFFIX{5}\b", "${1}<rand>"),
        (r#"(resourceVersion"?: )"\d+""#, "${1}\"<n>\""),
        (r#"("resourceVersion":)"\d+""#, "${1}\"<n>\""),
        (r"(resource version to be \S+, was )\d+", "${1}<n>"),
        // The certificate of whoever signs is made by each installation.
        (r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----(\\n)?", "<certificate>"),
        (r"\b\d+\.\d+\.\d+\.\d+:\d{2,5}\b", "<server>"),
        (r"https://kubernetes\.default\.svc\b", "https://<server>"),
        (r"\b([a-z][a-z0-9]*)-SUFFIX{8,10}\b", "${1}-<hash>"),
        // Which address a service gets is by chance, and how often a client looks whether pods are ready is a matter of time.
        (r"\b10\.0\.0\.\d+\b", "<address>"),
        (r"(?m)^Waiting for \d+ pods to be ready\.\.\.\n", ""),
        // How long the certificate of whoever signed is, is the installation's.
        (r"(ca\.crt: +)\d+ bytes", "${1}<n> bytes"),
        (r"(?m)(\s|^)(\d+[smhd]|<invalid>)(\d+s)?(\s|$)", "${1}<age>${4}"),
        (r"(?m)(AGE|LAST SEEN) *$", "${1}"),
        (r"(Created pod: \S*-)SUFFIX{5}\b", "${1}<rand>"),
        (r"(Resource Version: +)\d+", "${1}<n>"),
        ("  +", "  "),
    ];
    let compile =
        |pattern: &str| Regex::new(&pattern.replace("SUFFIX", SUFFIX)).expect("a pattern that compiles");
    masks.into_iter().map(|(pattern, by)| (compile(pattern), by)).collect()
});

/// Masks what is by chance; runs of spaces are one.
pub(crate) fn mask(text: &str) -> String {
    let text = MASKS
        .iter()
        .fold(text.to_owned(), |text, (pattern, by)| pattern.replace_all(&text, *by).into_owned());
    let mut lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    // The old client describes a secret's data in no order.
    if let Some(data) = lines.windows(2).position(|pair| pair == ["Data", "===="]) {
        let end =
            lines[data..].iter().position(|line| line.is_empty()).map_or(lines.len(), |length| data + length);
        lines[data + 2..end].sort_unstable();
    }
    lines.join("\n")
}
