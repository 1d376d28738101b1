use super::*;
use crate::api::{Answer, Attributes, Decision, Dig, Effect, Heard, RequestInfo, User, Version};
use crate::config::{Config, ReadFile};
use crate::json::{Value, json};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

const KUBECONFIG: &str = "clusters: [{name: c, cluster: {server: 'https://a.example.com/x'}}]\n\
                          contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n";

fn config(flags: &[(&str, &str)]) -> Config {
    let mut config = Config::new(Version::NEWEST);
    let read: ReadFile<'_> = &|_| Ok(KUBECONFIG.into());
    let files = [
        ("authorization-mode", "Webhook"),
        ("authorization-webhook-config-file", "a"),
        ("authentication-token-webhook-config-file", "b"),
    ];
    config.apply(files.into_iter().chain(flags.iter().copied()), read).expect("good flags");
    config
}

fn authorizer(flags: &[(&str, &str)]) -> Arc<Client> {
    let config = config(flags);
    let webhook = config.authorizers().into_iter().find_map(|authorizer| authorizer.webhook).expect("one");
    Client::authorizer(&config, &webhook)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn json(review: &Value) -> Answer {
    let body = review.to_string().into_bytes().into();
    Answer::Post(Heard::Http { code: 200, media: "application/json".to_owned(), body })
}

fn status(status: Value) -> Answer {
    json(&json!({"status": status}))
}

/// One that asks, again and again, with answers in order; the effects that it took.
struct Asker {
    cache: Cache,
    effects: Vec<Effect>,
}

impl Asker {
    fn ask<T>(&mut self, now: i64, answers: &[Answer], ask: impl Fn(&Questions) -> T) -> T {
        let mut dialogue = Dialogue::default();
        let mut answers = answers.iter().cloned();
        loop {
            let questions = Questions::new(&self.cache, at(now), dialogue);
            let said = ask(&questions);
            let (heard, open) = questions.end();
            dialogue = heard;
            let Some(open) = open else {
                assert_eq!(answers.next(), None, "an answer that nobody asked for");
                return said;
            };
            self.effects.push(open.effect());
            let answer = match self.effects.last() {
                Some(Effect::Pause(_)) => Some(Answer::Passed),
                _ => Some(answers.next().expect("an answer")),
            };
            open.heard(answer, &mut dialogue, &mut self.cache, at(now));
        }
    }

    fn new() -> Asker {
        Asker { cache: Cache::default(), effects: Vec::new() }
    }
}

fn wish() -> Attributes {
    let info = RequestInfo::parse("GET", "/api/v1/namespaces/red/pods?labelSelector=a%3Db");
    let user = User { uid: "u".to_owned(), ..User::new("jane", &["devs"]) };
    Attributes { user, info }
}

#[test]
fn a_wish_is_posted_in_either_version() {
    let asked = |version: &str| {
        let client = authorizer(&[("authorization-webhook-version", version)]);
        let mut asker = Asker::new();
        asker.ask(0, &[status(json!({"allowed": true}))], |questions| client.decide(questions, &wish()));
        match asker.effects.pop() {
            Some(Effect::Post(post)) => (post.target(), post.review),
            other => panic!("{other:?}"),
        }
    };
    let (target, review) = asked("v1");
    assert_eq!(target, "https://a.example.com/x?timeout=30s");
    let spec = json!({
        "resourceAttributes": {
            "namespace": "red", "verb": "list", "version": "v1", "resource": "pods",
            "labelSelector": {"requirements": [{"key": "a", "operator": "In", "values": ["b"]}]},
        },
        "user": "jane", "uid": "u", "groups": ["devs"],
    });
    assert_eq!(
        review,
        json!({
            "kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": spec,
            "status": {"allowed": false},
        })
    );
    let (_, review) = asked("v1beta1");
    assert_eq!(review.at("spec.group"), &json!(["devs"]));
    assert_eq!(review.at("spec.groups"), &Value::Null);
}

#[test]
fn opinions_and_errors() {
    let client = authorizer(&[]);
    let decide = |answer: Answer| {
        let said = Asker::new().ask(0, &[answer], |questions| client.decide(questions, &wish()));
        (said.decision, said.reason, said.error.unwrap_or_default())
    };
    let none = String::new;
    let refused = Heard::Failed("dial tcp a:443: connect: connection refused".to_owned());
    let post = "Post \"https://a.example.com/x?timeout=30s\": ";
    let of_kind = |version: &str| {
        json(&json!({"kind": "SubjectAccessReview", "apiVersion": version, "status": {"allowed": true}}))
    };
    for (answer, want) in [
        (status(json!({"allowed": true, "reason": "ok"})), (Decision::Allow, "ok".to_owned(), none())),
        (status(json!({"allowed": false})), (Decision::NoOpinion, none(), none())),
        (status(json!({"denied": true, "reason": "no"})), (Decision::Deny, "no".to_owned(), none())),
        (
            status(json!({"denied": true, "allowed": true})),
            (
                Decision::Deny,
                none(),
                "webhook subject access review returned both allow and deny response".to_owned(),
            ),
        ),
        (of_kind("authorization.k8s.io/v1beta1"), (Decision::Allow, none(), none())),
        (
            of_kind("authorization.k8s.io/v1"),
            (
                Decision::NoOpinion,
                none(),
                "converting (v1.SubjectAccessReview) to (v1beta1.SubjectAccessReview): unknown conversion"
                    .to_owned(),
            ),
        ),
        (
            Answer::Post(refused),
            (Decision::NoOpinion, none(), format!("{post}dial tcp a:443: connect: connection refused")),
        ),
        (
            Answer::Post(Heard::TimedOut),
            (
                Decision::NoOpinion,
                none(),
                format!("{post}context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
            ),
        ),
    ] {
        assert_eq!(decide(answer), want);
    }
}

#[test]
fn answers_are_remembered_each_for_its_time() {
    let client = authorizer(&[]);
    let mut asker = Asker::new();
    let allow = [status(json!({"allowed": true}))];
    let refuse = [status(json!({"allowed": false}))];
    let ask = |asker: &mut Asker, now: i64, answers: &[Answer]| {
        asker.ask(now, answers, |questions| client.decide(questions, &wish())).decision
    };
    assert_eq!(ask(&mut asker, 0, &refuse), Decision::NoOpinion);
    assert_eq!(ask(&mut asker, 29, &[]), Decision::NoOpinion);
    assert_eq!(ask(&mut asker, 30, &allow), Decision::Allow);
    assert_eq!(ask(&mut asker, 329, &[]), Decision::Allow);
    assert_eq!(ask(&mut asker, 330, &refuse), Decision::NoOpinion);
    assert_eq!(asker.effects.len(), 3);
    // What is too long to be remembered.
    let mut long = wish();
    long.info.name = "x".repeat(10_000);
    for now in [400, 401] {
        asker.ask(now, &allow, |questions| client.decide(questions, &long));
    }
}

#[test]
fn trouble_that_may_pass_is_tried_five_times() {
    let client = authorizer(&[]);
    let broken =
        || Answer::Post(Heard::Http { code: 500, media: "text/plain".to_owned(), body: Arc::from(*b"oops") });
    let mut asker = Asker::new();
    let said = asker.ask(0, &[(); 5].map(|()| broken()), |questions| client.decide(questions, &wish()));
    let why = "an error on the server (\"oops\") has prevented the request from succeeding";
    assert_eq!(said.error.as_deref(), Some(why));
    let pauses = asker.effects.iter().filter_map(|effect| match effect {
        Effect::Pause(time) => Some(time.as_micros()),
        Effect::Get(_) | Effect::Post(_) | Effect::Request(_) => None,
    });
    assert_eq!(pauses.collect::<Vec<_>>(), [500_000, 750_000, 1_125_000, 1_687_500]);
    // An error is not remembered.
    let said = asker
        .ask(0, &[broken(), status(json!({"allowed": true}))], |questions| client.decide(questions, &wish()));
    assert_eq!((said.decision, said.error), (Decision::Allow, None));
}

#[test]
fn a_token_is_for_an_audience() {
    let client = Client::authenticator(&config(&[])).expect("one");
    let ours = ["api".to_owned()];
    let ask = |asker: &mut Asker, now: i64, answers: &[Answer], audiences: &[&str]| {
        let audiences: Vec<String> = audiences.iter().map(|one| (*one).to_owned()).collect();
        let found = asker.ask(now, answers, |questions| client.recognise(questions, "t", &audiences, &ours));
        found.map(|found| found.map(|(user, both, _)| (user.name, both.join(","))))
    };
    let somebody = |audiences: &str| Ok(Some(("jane".to_owned(), audiences.to_owned())));
    let jane = |audiences: Value| {
        status(json!({"authenticated": true, "user": {"username": "jane"}, "audiences": audiences}))
    };
    let mut asker = Asker::new();
    assert_eq!(ask(&mut asker, 0, &[jane(Value::Null)], &["api"]), somebody("api"));
    assert_eq!(ask(&mut asker, 119, &[], &["api"]), somebody("api"), "from the cache");
    assert_eq!(ask(&mut asker, 120, &[jane(Value::Null)], &["api"]), somebody("api"));
    assert_eq!(ask(&mut asker, 120, &[jane(Value::Null)], &["vault"]), Ok(None));
    assert_eq!(ask(&mut asker, 121, &[jane(json!(["a", "b"]))], &["b", "c"]), somebody("b"));
    let wrong = status(json!({"authenticated": false, "error": "who?"}));
    for _ in 0..2 {
        assert_eq!(ask(&mut asker, 121, std::slice::from_ref(&wrong), &["api", "x"]), Err("who?".to_owned()));
    }
    assert_eq!(ask(&mut asker, 121, &[status(json!({}))], &["api", "y"]), Ok(None));
    assert_eq!(ask(&mut asker, 121, &[], &["api", "y"]), Ok(None), "a plain no is remembered");
    let zero =
        Client::authenticator(&config(&[("authentication-token-webhook-cache-ttl", "0s")])).expect("one");
    let mut asker = Asker::new();
    for _ in 0..2 {
        let asked = ["api".to_owned()];
        let found =
            asker.ask(0, &[jane(Value::Null)], |questions| zero.recognise(questions, "t", &asked, &ours));
        assert!(found.is_ok_and(|found| found.is_some()));
    }
    assert_eq!(SignedDuration::from_mins(2), config(&[]).authentication_token_webhook.ttl);
}
