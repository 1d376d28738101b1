//! Requests just over a limit, one after the other at one server: each is answered as a real server answers it, soon, and the
//! server goes on. `tests/hostile/requests/*.yaml` has them.
//!
//! A body is a tree, sent as JSON, or a list of pieces of text: as they stand, or repeated (`{times: 3, of: "x%"}`, where `%` is
//! the number of the repetition).

#[path = "support/asking.rs"]
mod asking;
#[path = "support/serving.rs"]
mod serving;

use asking::Asker;
use bytes::Bytes;
use kubeverdict::api::Version;
use kubeverdict::config::Config;
use kubeverdict::json::Value;
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// No answer takes longer.
const SOON: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 2 });

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// What is too much.
    name: String,
    #[serde(default)]
    method: Option<String>,
    /// Its pieces, if it isn't one text.
    path: Pieces,
    #[serde(default)]
    r#as: Option<String>,
    #[serde(default)]
    media: Option<String>,
    #[serde(default)]
    headers: Vec<(String, Pieces)>,
    #[serde(default)]
    body: Option<Body>,
    code: u16,
    /// What the answer says, somewhere.
    #[serde(default)]
    says: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pieces {
    One(String),
    Some(Vec<Piece>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Body {
    Pieces(Vec<Piece>),
    Text(String),
    Tree(Value),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    Repeated { times: usize, of: String },
}

impl Pieces {
    fn text(&self) -> String {
        match self {
            Pieces::One(text) => text.clone(),
            Pieces::Some(pieces) => together(pieces),
        }
    }
}

fn together(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Repeated { times, of } if of.contains('%') => {
                (0..*times).for_each(|at| text.push_str(&of.replace('%', &at.to_string())));
            }
            Piece::Repeated { times, of } => text.push_str(&of.repeat(*times)),
        }
    }
    text
}

/// The requests of every file, in the order of names.
fn requests() -> Vec<(String, Asked)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/requests");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).expect("it is text");
        let asked: Vec<Asked> =
            serde_yaml::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let file = path.file_stem().expect("a name").to_string_lossy().into_owned();
        asked.into_iter().map(move |asked| (file.clone(), asked))
    };
    paths.into_iter().flat_map(read).collect()
}

#[test]
fn requests_just_over_a_limit_are_answered_soon() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (server, root) = serving::start(Config::new(Version::NEWEST)).await;
        let at = server.address().expect("an address");
        tokio::spawn(server.run(std::future::pending()));
        let (mut admin, mut alice) =
            (Asker::new(at, &root, "admin-token"), Asker::new(at, &root, "alice-token"));
        let mut wrong = Vec::new();
        let requests = requests();
        for (file, asked) in &requests {
            let asker = if asked.r#as.as_deref() == Some("alice") { &mut alice } else { &mut admin };
            let body = match &asked.body {
                None => String::new(),
                Some(Body::Pieces(pieces)) => together(pieces),
                Some(Body::Text(text)) => text.clone(),
                Some(Body::Tree(tree)) => tree.to_string(),
            };
            let given: Vec<(String, String)> =
                asked.headers.iter().map(|(name, value)| (name.clone(), value.text())).collect();
            let media = ("Content-Type", asked.media.as_deref().unwrap_or("application/json"));
            let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let headers: Vec<_> = given.chain([media]).collect();
            let method = asked.method.as_deref().unwrap_or("POST");
            let begun = Instant::now();
            let (code, answer) = asker.read(method, &asked.path.text(), &headers, Bytes::from(body)).await;
            let took = begun.elapsed();
            let answer = String::from_utf8_lossy(&answer);
            let says = asked.says.as_deref().unwrap_or_default();
            let said: Value = serde_json::from_str(&answer).unwrap_or_default();
            let said = said["message"].as_str().unwrap_or(&answer);
            if code != asked.code || !said.contains(says) || took > SOON {
                let short: String = said.chars().take(300).collect();
                wrong
                    .push(format!("{file}: {}: {code} in {took:?}, not {}: {short}", asked.name, asked.code));
            }
            // Whatever was asked, the server goes on.
            let (code, _) = admin.ask("GET", "/readyz", &Value::Null).await;
            assert_eq!(code, 200, "after {}", asked.name);
        }
        assert!(requests.len() >= 60, "there are only {}", requests.len());
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), requests.len(), wrong.join("\n"));
    });
}
