//! `upgrade-check`, held against the answers that real servers of two releases gave to the same objects.
//!
//! Of each suite that is recorded for both releases, with a server's default flags, the objects that the administrator
//! creates are given to `upgrade-check` as one dump, but for those in a namespace that another write has changed (one that
//! is no creation, one by somebody else, a quota, a limit range), and up to the first such write to what all share.
//! What it says of each must be what the two recorded answers say: refused, warned of, otherwise or not at all, in the
//! server's words; and of the fields that a record keeps, those which differ and no other.

#[path = "support/mask.rs"]
mod mask;
#[path = "support/records.rs"]
mod records;

use kubeverdict::api::{Dig, RequestInfo, Version, resources};
use kubeverdict::explain::source::{self, Written};
use kubeverdict::json::{Map, Text, Value, json};
use kubeverdict::upgrade::{Causes, Upgrade, What};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");

/// An object, with what both servers answered.
struct Pair {
    suite: String,
    body: Value,
    was: Value,
    now: Value,
    loose: bool,
}

/// What two answers say, as sentences of `upgrade-check`.
type Claims = BTreeSet<String>;

#[test]
fn it_says_what_servers_of_1_20_and_1_25_answered() {
    hold("v1.20.2", "v1.25.10");
}

#[test]
fn it_says_what_servers_of_1_20_and_1_36_answered() {
    hold("v1.20.2", "v1.36.2");
}

#[test]
fn it_says_what_servers_of_1_25_and_1_33_answered() {
    hold("v1.25.10", "v1.33.13");
}

#[test]
fn it_says_what_servers_of_1_33_and_1_36_answered() {
    hold("v1.33.13", "v1.36.2");
}

fn hold(from: &str, to: &str) {
    let releases: (Version, Version) = [from, to].map(|text| text.parse().expect("it is modelled")).into();
    let (mut compared, mut differing, mut wrong) = (0, 0, Vec::new());
    for suite in suites(from) {
        let Some(pairs) = pairs(&suite, from, to) else { continue };
        if pairs.is_empty() {
            continue;
        }
        let mut written: Vec<Written> = Vec::new();
        for (number, pair) in pairs.iter().enumerate() {
            written
                .extend(source::read(&number.to_string(), pair.body.to_string()).expect("it is an object"));
        }
        let mut upgrade = Upgrade::between(releases.0, releases.1).expect("one is older");
        upgrade.check(&written, Causes::LeftOut).expect("the set-up is plain");
        for (number, pair) in pairs.iter().enumerate() {
            let want = recorded(pair, releases);
            let got = said(&upgrade, number, pair, releases);
            compared += 1;
            differing += usize::from(!want.is_empty());
            if want != got {
                wrong.push(format!("{} {}\n  want {want:#?}\n  said {got:#?}", pair.suite, pair.body));
            }
        }
    }
    println!("{from} to {to}: {compared} objects compared, of which {differing} are answered otherwise");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared >= 200 && differing >= 20, "{compared} compared, {differing} differ");
}

fn suites(version: &str) -> Vec<String> {
    let files = std::fs::read_dir(Path::new(FOLDER).join(version)).expect("the records are there").flatten();
    let name = |file: std::fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".jsonl")?.to_owned());
    let mut suites: Vec<String> = files.filter_map(name).collect();
    suites.sort();
    suites
}

/// The objects of a suite that can be asked about, with both answers.
fn pairs(suite: &str, from: &str, to: &str) -> Option<Vec<Pair>> {
    let both = [from, to].map(|version| records::read(Path::new(FOLDER), version, suite).ok());
    let [Some(was), Some(now)] = both else { return None };
    if [&was, &now].iter().any(|record| ["flags", "controllers"].iter().any(|key| record.head.has(key))) {
        return None;
    }
    let mut left: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for step in now.steps.iter().rev() {
        left.entry(asked(step)).or_default().push(step);
    }
    let (mut pairs, mut ground) = (Vec::new(), Ground::default());
    let named = named(suite, &[from, to]);
    for (number, step) in was.steps.iter().enumerate() {
        let other = left.get_mut(&asked(step)).and_then(Vec::pop);
        let refused = |step: &Value| step.number("answer.code") >= 400;
        let both_refuse = refused(step) && other.is_some_and(refused);
        let info = RequestInfo::parse(step.text("do").split(' ').next()?, step.text("do").split(' ').nth(1)?);
        if ["get", "list", "watch"].contains(&info.verb.as_str()) || info.resource.ends_with("reviews") {
            continue;
        }
        let body = step.at("body");
        let object = [info.group.as_str(), &info.resource, &info.namespace, body.name()].map(str::to_owned);
        if !is_creation(step, &info) || ["resourcequotas", "limitranges"].contains(&info.resource.as_str()) {
            // What both refuse leaves no trace.
            if !both_refuse && !ground.changed(&info) {
                break;
            }
            continue;
        }
        if info.resource.ends_with("policybindings") {
            break;
        }
        if ground.is_changed(&info, body) || !both_refuse && !ground.there.insert(object) {
            continue;
        }
        let Some(other) = other else { continue };
        // What differs is named elsewhere; and an address or a port may be taken by what was refused there.
        if named.contains(&number) || body.has("spec.clusterIP") || body.text("spec.type") == "NodePort" {
            continue;
        }
        let mut body = body.clone();
        if !info.namespace.is_empty() && info.resource != "namespaces" {
            body.set("metadata.namespace", info.namespace.as_str());
        }
        pairs.push(Pair {
            suite: suite.to_owned(),
            body,
            was: step.at("answer").clone(),
            now: other.at("answer").clone(),
            loose: step.has("loose") || other.has("loose"),
        });
    }
    Some(pairs)
}

/// The steps of a suite that `differs.txt` names for one of the releases.
fn named(suite: &str, releases: &[&str]) -> BTreeSet<usize> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join("differs.txt")).expect("it is there");
    let step = |line: &str| {
        let mut words = line.split_whitespace();
        let of = releases.contains(&words.next()?) && words.next()? == suite;
        of.then(|| words.next()?.parse().ok())?
    };
    text.lines().filter_map(step).collect()
}

/// What other steps than creations have changed by now.
#[derive(Default)]
struct Ground {
    /// The objects that were created, by group, resource, namespace and name.
    there: BTreeSet<[String; 4]>,
    namespaces: BTreeSet<String>,
}

impl Ground {
    /// Takes note of a write; whether it is known what hangs on it.
    fn changed(&mut self, info: &RequestInfo) -> bool {
        let RequestInfo { group, resource, namespace, name, .. } = info;
        if group == "rbac.authorization.k8s.io" {
            // No administrator's creation hangs on roles, but that of the same one.
            self.there.insert([group, resource, namespace, name].map(Clone::clone));
            return true;
        }
        let namespace = if resource == "namespaces" { name } else { namespace };
        self.namespaces.insert(namespace.clone());
        !namespace.is_empty()
    }

    fn is_changed(&self, info: &RequestInfo, body: &Value) -> bool {
        let roles = info.group == "rbac.authorization.k8s.io";
        let namespace = if info.resource == "namespaces" { body.name() } else { &info.namespace };
        !roles && self.namespaces.contains(namespace)
    }
}

/// A step without its answer.
fn asked(step: &Value) -> String {
    json!([step.at("name"), step.at("do"), step.at("as"), step.at("like"), step.at("body")]).to_string()
}

/// Whether the administrator creates an object as `kubectl apply` would.
fn is_creation(step: &Value, info: &RequestInfo) -> bool {
    let body = step.at("body");
    let by_admin =
        matches!(step.get("as").and_then(Value::as_str), None | Some("admin")) && !step.at("as").is_object();
    let version =
        if info.group.is_empty() { info.version.clone() } else { format!("{}/{}", info.group, info.version) };
    let namespace = if info.resource == "namespaces" { "" } else { &info.namespace };
    let plain = !["like", "type", "raw", "headers"].iter().any(|key| step.has(key));
    info.verb == "create"
        && info.is_resource
        && info.subresource.is_empty()
        && by_admin
        && plain
        && !step.text("do").contains('?')
        && body.text("apiVersion") == version
        && body.has("kind")
        && !body.name().is_empty()
        && (body.namespace() == namespace || body.namespace().is_empty())
        && !body.to_string().contains("${")
}

fn refusal(answer: &Value) -> String {
    let status = answer.at("status");
    format!("{} {}: {}", answer.number("code"), status.text("reason"), first_line(status.text("message")))
}

fn first_line(text: &str) -> String {
    // Where a body cannot be read, an old server shows the bytes around, which are the client's own.
    let text = text.split(", error found in #").next().unwrap_or_default();
    text.lines().next().unwrap_or_default().trim_end().to_owned()
}

fn warnings(answer: &Value) -> BTreeSet<String> {
    let plain = |text: &str| {
        let text = text.strip_prefix("299 - \"").and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        text.replace("\\\"", "\"").replace("\\\\", "\\")
    };
    answer.list("warnings").iter().filter_map(Value::as_str).map(plain).collect()
}

/// Whether a release serves an object's kind, by itself or by a definition that was created before.
fn serves(version: Version, body: &Value) -> bool {
    let (group, of_group) = body.text("apiVersion").split_once('/').unwrap_or(("", body.text("apiVersion")));
    let ours = group.is_empty() || !group.contains('.') || group.ends_with(".k8s.io");
    !ours || resources(version).by_kind(group, of_group, body.text("kind")).is_some()
}

/// What the recorded answers say.
fn recorded(pair: &Pair, (from, to): (Version, Version)) -> Claims {
    let Pair { body, was, now, loose, .. } = pair;
    let ok = |answer: &Value| answer.number("code") < 400;
    let mut claims = Claims::new();
    let mut claim = |text: String| {
        claims.insert(text);
    };
    match (serves(from, body), serves(to, body)) {
        (true, false) => claim("not served".to_owned()),
        (false, true) => claim("served".to_owned()),
        (false, false) => {}
        (true, true) => {
            match (ok(was), ok(now)) {
                (true, true) => {}
                (true, false) => claim(format!("refused {}", refusal(now))),
                (false, true) => claim(format!("accepted, not {}", refusal(was))),
                (false, false) if refusal(was) == refusal(now) => {}
                (false, false) => claim(format!("refused {}, not {}", refusal(now), refusal(was))),
            }
            if !loose {
                let (before, after) = (warnings(was), warnings(now));
                after.difference(&before).for_each(|text| claim(format!("warned {text}")));
                before
                    .difference(&after)
                    .filter(|_| ok(now))
                    .for_each(|text| claim(format!("not warned {text}")));
            }
            if ok(was) && ok(now) {
                for (path, value) in fields(was) {
                    if now.at("keep").get(path).is_some_and(|other| nameless(other) != value) {
                        claim(format!("field {path}"));
                    }
                }
            }
        }
    }
    if *loose {
        claims = by_code(claims);
    }
    canon(claims)
}

/// What is left of claims where a record holds codes alone: no warning, and of a refusal its code.
fn by_code(claims: Claims) -> Claims {
    let code = |text: &str, start: &str| {
        let rest = text.strip_prefix(start)?;
        Some(format!("{start}{}", rest.split(' ').next()?))
    };
    let same = |claim: &str| {
        let codes = claim.strip_prefix("refused ").and_then(|rest| rest.split_once(", not "));
        codes.is_some_and(|(now, was)| now.split(' ').next() == was.split(' ').next())
    };
    let plain = claims
        .into_iter()
        .filter(|claim| !claim.starts_with("warned") && !claim.starts_with("not warned") && !same(claim));
    plain
        .map(|claim| code(&claim, "refused ").or_else(|| code(&claim, "accepted, not ")).unwrap_or(claim))
        .collect()
}

/// The fields that a record keeps, but for what servers keep for themselves, and names by chance.
fn fields(answer: &Value) -> impl Iterator<Item = (&Text, Value)> {
    const OWN: [&str; 5] = [
        "status",
        "metadata.uid",
        "metadata.generation",
        "metadata.resourceVersion",
        "metadata.managedFields",
    ];
    let kept = answer.entries("keep").filter(|(path, _)| !OWN.iter().any(|own| path.starts_with(own)));
    kept.map(|(path, value)| (path, nameless(value))).filter(|(_, value)| *value != json!(CHANCE))
}

const CHANCE: &str = "<by chance>";

/// A value, all names by chance alike, and without nulls: one that goes is no difference.
fn nameless(value: &Value) -> Value {
    match mask::canon(value) {
        Value::String(text) if text.ends_with("-<rand>") => CHANCE.into(),
        Value::Array(items) => items.iter().map(nameless).collect(),
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !value.is_null());
            told.map(|(key, value)| (key.clone(), nameless(value))).collect::<Map>().into()
        }
        other => other,
    }
}

/// What `upgrade-check` says, as far as answers that are recorded tell of it.
fn said(upgrade: &Upgrade, number: usize, pair: &Pair, (from, to): (Version, Version)) -> Claims {
    let mut claims = Claims::new();
    let number = number.to_string();
    for change in upgrade.changes.iter().filter(|change| *change.place.path == *number) {
        let text = change.text.as_str();
        let first = |text: &str| first_line(text);
        let between = format!("refused as by {from}, otherwise: ");
        let claim = match change.what {
            _ if text.starts_with("no matches for kind") => "not served".to_owned(),
            _ if text.starts_with("as ") => continue,
            _ if text.ends_with(&format!("is served, which {from} does not know")) => "served".to_owned(),
            // Rights, pods and tokens have answers of their own.
            _ if text.starts_with("`kubectl ")
                || text.contains(" is refused what ")
                || text.contains(" is allowed what ") =>
            {
                continue;
            }
            _ if text.starts_with("its ") || text.contains(" made for it") => continue,
            What::Refused => format!("refused {}", first(text)),
            What::Warned => format!("warned {text}"),
            What::Otherwise if text.starts_with(&between) => {
                let text = text.trim_start_matches(&between);
                let (now, was) = text.split_once(&format!("; {from}: ")).expect("both are told");
                format!("refused {}, not {}", first(now), first(was))
            }
            What::Otherwise if text.starts_with("accepted, and refused by ") => {
                format!("accepted, not {}", first(text.split_once(": ").expect("it says why").1))
            }
            What::Otherwise if text.starts_with("not warned of") => {
                format!("not warned {}", text.split_once(": ").expect("it says what").1)
            }
            What::Otherwise | What::Dropped => {
                if let Some((warning, _)) = text.split_once(&format!(": {to} drops it")) {
                    claims.insert(format!("warned {warning}"));
                }
                let field = change.field.replace('[', ".").replace(']', "");
                let about = |path: &str| {
                    let path = path.replace('~', ".");
                    is_below(&path, &field) || is_below(&field, &path)
                };
                let named = fields(&pair.was).map(|(path, _)| path).filter(|path| about(path));
                claims.extend(named.map(|path| format!("field {path}")));
                continue;
            }
        };
        claims.insert(claim);
    }
    if pair.loose {
        claims = by_code(claims);
    }
    canon(claims)
}

/// Whether a path is another one, or a place inside it.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Chance is masked on both sides.
fn canon(claims: Claims) -> Claims {
    let masked = |text: String| {
        let text = mask::canon(&mask::norm(&json!({"message": text})));
        text.text("message").replace("-<rand>", "-*****")
    };
    claims.into_iter().map(masked).collect()
}
