//! Goal: what is wrong with an authenticator is told at the start (`files.rs`), and why a token is not accepted when it comes.
//! Method: files and tokens, each with one thing wrong; the issuer is a scenario's.

mod files;

use super::*;
use crate::api::{Answer, Effect};
use crate::cluster::{Issuers, WantedToken};
use crate::config::ReadFile;
use crate::delegate::{Cache, Dialogue};
use crate::json::json;
use jiff::{SignedDuration, Timestamp};

const ISSUER: &str = "https://issuer.example.com";
const NOW: i64 = 1_700_000_000;

/// An authenticator that takes what it can, with some lines in the place of others.
const GOOD: &str = "\
issuer: {url: 'https://issuer.example.com', audiences: [cluster]}
claimMappings:
  username: {claim: sub, prefix: 'oidc:'}
  groups: {claim: groups, prefix: 'oidc:'}
";

fn config_of(version: Version, flags: &[(&str, &str)], text: &str) -> Result<Config, Error> {
    let read: ReadFile<'_> = &|_| Ok(text.as_bytes().to_vec());
    let mut config = Config::new(version);
    config.apply(flags.iter().copied(), read)?;
    Ok(config)
}

/// A file with authenticators, in the newest version that a release reads.
fn file(version: Version, authenticators: &[&str]) -> Result<Jwt, Error> {
    let api = match version.number() {
        34.. => "v1",
        30.. => "v1beta1",
        _ => "v1alpha1",
    };
    let list: Vec<String> =
        authenticators.iter().map(|one| format!("- {}", one.trim_end().replace('\n', "\n  "))).collect();
    let list = if list.is_empty() { " []".to_owned() } else { format!("\n{}", list.join("\n")) };
    let text =
        format!("apiVersion: apiserver.config.k8s.io/{api}\nkind: AuthenticationConfiguration\njwt:{list}\n");
    let gate = ("feature-gates", "StructuredAuthenticationConfiguration=true");
    let alpha = if version.number() < 30 { Some(gate) } else { None };
    let flags: Vec<_> = alpha.into_iter().chain([("authentication-config", "authn.yaml")]).collect();
    Jwt::new(&config_of(version, &flags, &text)?)
}

fn newest(authenticator: &str) -> Result<Jwt, Error> {
    file(Version::RECORDED, &[authenticator])
}

/// A server that is asked, and the world outside.
struct World {
    jwt: Jwt,
    issuers: Issuers,
    cache: Cache,
    /// What was read, in order.
    read: Vec<String>,
}

impl World {
    fn of(jwt: Jwt) -> World {
        let issuers = serde_yaml::from_str(&format!("{{'{ISSUER}': {{}}}}")).unwrap();
        World { jwt, issuers, cache: Cache::default(), read: Vec::new() }
    }

    fn issuers(&mut self, text: &str) {
        self.issuers = serde_yaml::from_str::<Issuers>(&format!("{{'{ISSUER}': {text}}}")).unwrap();
    }

    /// A token with a few claims in the place of others.
    fn token(&self, key: Option<&str>, claims: Value) -> String {
        let mut all: BTreeMap<String, Value> = crate::json::from_value(json!({
            "sub": "jane", "aud": "cluster", "groups": ["devs"],
        }))
        .unwrap();
        all.extend(crate::json::from_value::<BTreeMap<String, Value>>(claims).unwrap());
        let lasts = SignedDuration::from_hours(1);
        let wanted = WantedToken { issuer: ISSUER, key, claims: &all, lasts };
        self.issuers.token(&wanted, Timestamp::from_second(NOW).unwrap(), 0).unwrap()
    }

    /// What comes of a token, so many seconds after it was made.
    fn ask(&mut self, token: &str, later: i64) -> Option<Result<User, JwtRefusal>> {
        let now = Timestamp::from_second(NOW + later).unwrap();
        let mut dialogue = Dialogue::default();
        loop {
            let questions = Questions::new(&self.cache, now, dialogue);
            let found = self.jwt.recognise(&questions, token);
            let (heard, open) = questions.end();
            dialogue = heard;
            let Some(open) = open else { return found.map(|found| found.map_err(|it| it.refusal)) };
            let Effect::Get(get) = open.effect() else { panic!("nothing else is asked") };
            self.read.push(get.url.trim_start_matches(ISSUER).to_owned());
            let (heard, fresh) = self.issuers.answer(&get, 0);
            open.heard(Some(Answer::Document(heard, fresh)), &mut dialogue, &mut self.cache, now);
        }
    }

    fn says(&mut self, claims: Value) -> Result<User, JwtRefusal> {
        let token = self.token(None, claims);
        self.ask(&token, 0).expect("its issuer is known")
    }

    /// Why a token with these claims is refused, in the server's words.
    fn refuses(&mut self, claims: Value) -> String {
        match self.says(claims) {
            Ok(user) => panic!("it is {user:?}"),
            Err(refusal) => refusal.to_string(),
        }
    }
}

#[test]
fn claims_say_who_somebody_is() {
    let mut world = World::of(newest(GOOD).unwrap());
    let user = world.says(json!({"jti": "t-1"})).unwrap();
    assert_eq!((user.name.as_str(), user.groups), ("oidc:jane", vec!["oidc:devs".to_owned()]));
    assert_eq!(user.extra["authentication.kubernetes.io/credential-id"], ["JTI=t-1"]);
    assert_eq!(world.says(json!({"groups": "ops"})).unwrap().groups, ["oidc:ops"]);
    assert_eq!(world.says(json!({"groups": null})).unwrap().groups, Vec::<String>::new());
    assert_eq!(world.read, ["/.well-known/openid-configuration", "/keys"], "read once");
    let expressions = "\
issuer: {url: 'https://issuer.example.com', audiences: [cluster, other], audienceMatchPolicy: MatchAny}
claimValidationRules:
- {claim: hd, requiredValue: example.com}
- {expression: 'claims.level > 2', message: too low}
claimMappings:
  username: {expression: \"claims.sub + '@example.com'\"}
  groups: {expression: \"claims.roles.split(',')\"}
  uid: {claim: uid}
  extra:
  - {key: example.com/team, valueExpression: claims.team}
  - {key: example.com/none, valueExpression: \"''\"}
userValidationRules:
- {expression: \"!user.username.startsWith('system:')\", message: reserved}
- {expression: \"user.groups.all(g, g != 'root') && user.extra.size() < 5\"}
";
    let mut world = World::of(newest(expressions).unwrap());
    let claims = json!({"hd": "example.com", "level": 3, "roles": "a,,b", "team": ["x", ""], "uid": "7", "aud": ["x", "other"]});
    let user = world.says(claims.clone()).unwrap();
    assert_eq!((user.name.as_str(), user.uid.as_str()), ("jane@example.com", "7"));
    assert_eq!(
        (user.groups.join(" "), user.extra["example.com/team"].join(" ")),
        ("a b".to_owned(), "x".to_owned())
    );
    assert_eq!(user.extra.len(), 1);
    for (wrong, why) in [
        (json!({"hd": null}), "oidc: required claim hd not present in ID token"),
        (
            json!({"hd": 5}),
            "oidc: parse claim hd: json: cannot unmarshal number into Go value of type string",
        ),
        (
            json!({"hd": "b.example.com"}),
            "oidc: required claim hd value does not match. Got = b.example.com, want = example.com",
        ),
        (
            json!({"level": 1}),
            "oidc: error evaluating claim validation expression: validation expression 'claims.level > 2' failed: too low",
        ),
        (
            json!({"level": null}),
            "oidc: error evaluating claim validation expression: expression 'claims.level > 2' resulted in error: \
             no such key: level",
        ),
        (
            json!({"sub": null}),
            "oidc: error evaluating username claim expression: expression 'claims.sub + '@example.com'' \
                                resulted in error: no such key: sub",
        ),
        (
            json!({"team": 4}),
            "oidc: error evaluating extra claim expression: claims.team: expression must return a string or \
                              a list of strings",
        ),
        (json!({"team": null}), "expression 'claims.team' resulted in error: no such key: team"),
        (json!({"uid": null}), "oidc: parse uid claim \"uid\": claim not present"),
        (
            json!({"sub": "system:admin"}),
            "oidc: error evaluating user info validation rule: validation expression \
             '!user.username.startsWith('system:')' failed: reserved",
        ),
        (
            json!({"roles": "root"}),
            "oidc: error evaluating user info validation rule: validation expression 'user.groups.all(g, g != 'root') && \
             user.extra.size() < 5' failed: ",
        ),
        (
            json!({"aud": "third"}),
            "oidc: verify token: oidc: expected audience in [\"cluster\" \"other\"] got [\"third\"]",
        ),
    ] {
        let mut all = claims.clone();
        all.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(world.refuses(all), why);
    }
}

#[test]
fn a_token_is_refused_for_what_is_wrong_with_it() {
    let mut world = World::of(newest(GOOD).unwrap());
    let verify = "oidc: verify token: ";
    for (claims, why) in [
        (json!({"aud": ["a", "b"]}), format!("{verify}oidc: expected audience \"cluster\" got [\"a\" \"b\"]")),
        (json!({"aud": null}), format!("{verify}oidc: expected audience \"cluster\" got []")),
        (
            json!({"exp": NOW - 1}),
            format!("{verify}oidc: token is expired (Token Expiry: 2023-11-14 22:13:19 +0000 UTC)"),
        ),
        (
            json!({"exp": null}),
            format!("{verify}oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)"),
        ),
        (
            json!({"nbf": NOW + 61}),
            format!(
                "{verify}oidc: current time 2023-11-14 22:13:20 +0000 UTC before the nbf (not before) time: \
                 2023-11-14 22:14:21 +0000 UTC"
            ),
        ),
        (
            json!({"exp": "soon"}),
            format!(
                "{verify}oidc: failed to unmarshal claims: json: invalid number literal, trying to unmarshal \"soon\" into \
                 Number"
            ),
        ),
        (
            json!({"sub": 7}),
            format!(
                "{verify}oidc: failed to unmarshal claims: json: cannot unmarshal number into Go struct field \
                 idToken.sub of type string"
            ),
        ),
        (
            json!({"aud": 7}),
            format!("{verify}oidc: failed to unmarshal claims: json: cannot unmarshal number into Go value of type []string"),
        ),
        (json!({"sub": null}), "oidc: parse username claims \"sub\": claim not present".to_owned()),
        (
            json!({"groups": {"a": "b"}}),
            "oidc: parse groups claim \"groups\": json: cannot unmarshal object into Go value of type string".to_owned(),
        ),
        (
            json!({"groups": null, "_claim_names": {"groups": "a"}, "_claim_sources": {"a": {"endpoint": "https://a"}}}),
            "oidc: could not expand distributed claims: where \"groups\" is kept is not asked: distributed claims are not \
             modelled"
                .to_owned(),
        ),
        (json!({"_claim_names": {"groups": "a"}}), format!("{verify}oidc: source does not exist")),
    ] {
        assert_eq!(world.refuses(claims), why);
    }
    assert!(world.says(json!({"exp": NOW, "nbf": NOW + 60})).is_ok(), "to the second");
    assert!(world.says(json!({"exp": NOW as f64 + 0.5})).is_ok());
    // Others' tokens, and what is none, are nobody's here.
    let other = world.token(None, json!({"iss": "https://other.example.com"}));
    for token in [other.as_str(), "jane-token", "a.b.c"] {
        assert_eq!(world.ask(token, 0), None, "{token}");
    }
    let good = world.token(None, json!({}));
    let open = good.rsplit_once('.').unwrap().0;
    let refused = |world: &mut World, token: &str| world.ask(token, 0).unwrap().unwrap_err();
    assert!(matches!(refused(&mut world, &format!("{open}.!")), JwtRefusal::Malformed { .. }));
    let refusal = refused(&mut world, &format!("{open}.AAAA"));
    assert!(matches!(refusal, JwtRefusal::Signature { published: true, .. }), "{refusal:?}");
    let forged = world.token(Some("stranger"), json!({}));
    let refusal = refused(&mut world, &forged);
    assert!(matches!(refusal, JwtRefusal::Signature { published: false, .. }), "{refusal:?}");
    let why = "oidc: verify token: failed to verify signature: failed to verify id token signature";
    assert_eq!(refusal.to_string(), why);
}

#[test]
fn emails_must_be_verified_where_a_claim_says_so() {
    let by_email = GOOD.replace("claim: sub", "claim: email");
    let mut world = World::of(newest(&by_email).unwrap());
    assert_eq!(world.says(json!({"email": "j@example.com"})).unwrap().name, "oidc:j@example.com");
    for (verified, why) in [
        (json!(false), "oidc: email not verified"),
        (
            json!("yes"),
            "oidc: parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool",
        ),
    ] {
        assert_eq!(world.refuses(json!({"email": "j@example.com", "email_verified": verified})), why);
    }
    let nameless = GOOD.replace("{claim: sub, prefix: 'oidc:'}", "{expression: claims.sub}");
    let mut world = World::of(newest(&nameless).unwrap());
    assert_eq!(world.refuses(json!({"sub": ""})), "oidc: empty username via CEL expression is not allowed");
    let mut world = World::of(newest(&nameless.replace("claims.sub", "claims.level")).unwrap());
    let why =
        "oidc: error evaluating username claim expression: username claim expression must return a string";
    assert_eq!(world.refuses(json!({"level": 5})), why);
}

#[test]
fn keys_are_read_when_they_are_missed() {
    let mut world = World::of(newest(GOOD).unwrap());
    let old = world.token(None, json!({}));
    world.issuers("{fails: EOF}");
    let refusal = world.ask(&old, 0).unwrap().unwrap_err();
    assert_eq!(refusal.to_string(), "oidc: authenticator not initialized");
    world.issuers("{}");
    assert!(world.ask(&old, 9).unwrap().is_err(), "asked again after ten seconds");
    assert!(world.ask(&old, 10).unwrap().is_ok());
    assert_eq!(world.read.len(), 3);
    // Another key: whoever misses it looks again, and the old one is forgotten.
    world.issuers("{keys: [second], max-age: 10m}");
    let new = world.token(None, json!({}));
    assert!(world.ask(&new, 20).unwrap().is_ok());
    assert!(world.ask(&old, 21).unwrap().is_err());
    assert_eq!(world.read.len(), 4, "{:?}", world.read);
    // While keys count nobody looks for others; half a minute before their end somebody may.
    world.issuers("{keys: [third], max-age: 10m}");
    let newer = world.token(None, json!({}));
    assert!(matches!(world.ask(&newer, 589), Some(Err(JwtRefusal::Signature { published: false, .. }))));
    assert!(world.ask(&new, 589).unwrap().is_ok());
    assert!(world.ask(&newer, 591).unwrap().is_ok());
    // Known keys count where the issuer does not answer.
    world.issuers("{fails: EOF}");
    assert!(world.ask(&newer, 1800).unwrap().is_ok());
    let refusal = world.ask(&old, 1800).unwrap().unwrap_err();
    let why = "oidc: verify token: failed to verify signature: fetching keys oidc: get keys failed \
               Get \"https://issuer.example.com/keys\": EOF";
    assert_eq!(refusal.to_string(), why);
}
