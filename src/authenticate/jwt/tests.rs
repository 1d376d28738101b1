//! Goal: what is wrong with an authenticator is told at the start, and why a token is not accepted when it comes. Method: files
//! and tokens, each with one thing wrong; the issuer is a scenario's.

use super::*;
use crate::api::{Answer, Effect};
use crate::cluster::{Issuers, WantedToken};
use crate::config::ReadFile;
use crate::delegate::{Cache, Dialogue};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

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
        let mut all: BTreeMap<String, Value> = serde_json::from_value(json!({
            "sub": "jane", "aud": "cluster", "groups": ["devs"],
        }))
        .unwrap();
        all.extend(serde_json::from_value::<BTreeMap<String, Value>>(claims).unwrap());
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

#[test]
fn flags_are_one_authenticator() {
    let of = |version: u8, more: &[(&str, &str)]| {
        let flags = [("oidc-issuer-url", ISSUER), ("oidc-client-id", "cluster")];
        let flags: Vec<_> = flags.into_iter().chain(more.iter().copied()).collect();
        Jwt::new(&config_of(Version::minor(version), &flags, "")?)
    };
    for version in [20, 28, 29, 36] {
        let mut world = World::of(of(version, &[]).unwrap());
        let why = "oidc: verify token: oidc: id token signed with unsupported algorithm, expected [\"RS256\"] got \"ES256\"";
        assert_eq!(world.refuses(json!({})), why);
        let es = [
            ("oidc-signing-algs", "RS256,ES256"),
            ("oidc-groups-claim", "groups"),
            ("oidc-groups-prefix", "g:"),
        ];
        let mut world = World::of(of(version, &es).unwrap());
        let user = world.says(json!({"jti": "x"})).unwrap();
        assert_eq!(
            (user.name.as_str(), user.groups.join(" ")),
            ("https://issuer.example.com#jane", "g:devs".to_owned())
        );
        assert_eq!(user.extra.len(), usize::from(version >= 32));
        for (flags, name) in [
            ([("oidc-username-prefix", "-"), ("oidc-required-claim", "a=b")], "jane"),
            ([("oidc-username-prefix", "o:"), ("oidc-required-claim", "a=b")], "o:jane"),
            ([("oidc-username-claim", "email"), ("oidc-required-claim", "a=b")], "j@example.com"),
        ] {
            let flags = [&flags[..], &es[..]].concat();
            let mut world = World::of(of(version, &flags).unwrap());
            assert_eq!(world.says(json!({"email": "j@example.com", "a": "b"})).unwrap().name, name);
            assert_eq!(
                world.refuses(json!({"email": "j", "a": "c"})),
                "oidc: required claim a value does not match. Got = c, want = b"
            );
        }
    }
    for (version, flags, why) in [
        (
            28,
            ("oidc-issuer-url", "http://a"),
            "'oidc-issuer-url' (\"http://a\") has invalid scheme (\"http\"), require 'https'",
        ),
        (
            29,
            ("oidc-issuer-url", "http://a"),
            "jwt[0].issuer.url: Invalid value: \"http://a\": URL scheme must be https",
        ),
        (28, ("oidc-username-claim", ""), "no username claim provided"),
        (
            36,
            ("oidc-username-claim", ""),
            "jwt[0].claimMappings.username: Required value: claim or expression is required",
        ),
        (36, ("oidc-signing-algs", "HS256"), "oidc: unsupported signing alg: \"HS256\""),
        (
            28,
            ("oidc-ca-file", "x"),
            "Failed to read the CA contents: data does not contain any valid RSA or ECDSA certificates",
        ),
        (36, ("oidc-required-claim", "a"), "malformed pair, expect string=string"),
        (28, ("oidc-client-id", ""), "oidc-issuer-url and oidc-client-id should be specified together"),
        (
            36,
            ("oidc-client-id", ""),
            "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set",
        ),
    ] {
        let error = of(version, &[flags]).expect_err(why).to_string();
        assert!(error.ends_with(why), "{error}");
    }
    let both = config_of(
        Version::RECORDED,
        &[("authentication-config", "a"), ("oidc-client-id", "c")],
        "\
apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n",
    );
    let why = "authentication-config file and oidc-* flags are mutually exclusive";
    assert_eq!(both.expect_err(why).to_string(), why);
    assert!(Jwt::new(&config_of(Version::RECORDED, &[], "").unwrap()).unwrap().0.is_empty());
}

#[test]
fn what_is_wrong_with_a_file_has_the_servers_words() {
    let mappings = "claimMappings: {username: {claim: sub, prefix: ''}}";
    let issuer = |more: &str| format!("issuer: {{url: 'https://a', {more}}}\n{mappings}\n");
    let with = |more: &str| format!("issuer: {{url: 'https://a', audiences: [a]}}\n{more}\n");
    let mapped = |more: &str| with(&format!("claimMappings: {{{more}}}"));
    let name = "username: {claim: sub, prefix: ''}";
    let rules = |more: &str| with(&format!("{mappings}\nclaimValidationRules: [{more}]"));
    let user_rules = |more: &str| with(&format!("{mappings}\nuserValidationRules: [{more}]"));
    let extra = |more: &str| mapped(&format!("{name}, extra: [{more}]"));
    for (text, why) in [
        (
            mappings.to_owned(),
            "[jwt[0].issuer.url: Required value, jwt[0].issuer.audiences: Required value: at least one \
             jwt[0].issuer.audiences is required]",
        ),
        (
            issuer("audiences: [a, '', a], audienceMatchPolicy: MatchAny"),
            "[jwt[0].issuer.audiences[1]: Required value, jwt[0].issuer.audiences[2]: Duplicate value: \"a\"]",
        ),
        (
            issuer("audiences: [a, b]"),
            "jwt[0].issuer.audienceMatchPolicy: Invalid value: \"\": audienceMatchPolicy must be MatchAny for multiple audiences",
        ),
        (
            issuer("audiences: [a], audienceMatchPolicy: MatchAll"),
            "jwt[0].issuer.audienceMatchPolicy: Invalid value: \"MatchAll\": audienceMatchPolicy must be empty or MatchAny for single audience",
        ),
        (
            issuer("audiences: [a], discoveryURL: 'https://a/'"),
            "jwt[0].issuer.discoveryURL: Invalid value: \"https://a/\": discoveryURL must be different from URL",
        ),
        (
            issuer("audiences: [a], discoveryURL: 'https://u@b/x?y#z'"),
            "[jwt[0].issuer.discoveryURL: Invalid value: \"https://u@b/x?y#z\": URL must not contain a username or password, jwt[0].issuer.discoveryURL: Invalid value: \"https://u@b/x?y#z\": URL must not contain a query, jwt[0].issuer.discoveryURL: Invalid value: \"https://u@b/x?y#z\": URL must not contain a fragment]",
        ),
        (
            issuer("audiences: [a], certificateAuthority: x"),
            "jwt[0].issuer.certificateAuthority: Invalid value: \"<omitted>\": data does not contain any valid RSA or ECDSA certificates",
        ),
        (
            issuer("audiences: [a], egressSelectorType: x"),
            "jwt[0].issuer.egressSelectorType: Invalid value: \"x\": egress selector must be either controlplane or cluster",
        ),
        (
            format!("issuer: {{url: 'https://kubernetes.default.svc', audiences: [a]}}\n{mappings}\n"),
            "jwt[0].issuer.url: Invalid value: \"https://kubernetes.default.svc\": URL must not overlap with disallowed issuers: [https://kubernetes.default.svc]",
        ),
        (with(""), "jwt[0].claimMappings.username: Required value: claim or expression is required"),
        (
            mapped("username: {claim: sub}"),
            "jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing",
        ),
        (
            mapped("username: {claim: sub, expression: claims.sub}"),
            "jwt[0].claimMappings.username: Invalid value: \"\": claim and expression can't both be set",
        ),
        (
            mapped("username: {expression: claims.sub, prefix: ''}"),
            "jwt[0].claimMappings.username.prefix: Invalid value: \"\": may not be specified when expression is set",
        ),
        (
            mapped("username: {expression: 'user.name'}"),
            "jwt[0].claimMappings.username.expression: Invalid value: \"user.name\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'user' (in container '')\n | user.name\n | ^",
        ),
        (
            mapped(&format!("{name}, groups: {{claim: g}}")),
            "jwt[0].claimMappings.groups.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing",
        ),
        (
            mapped(&format!("{name}, uid: {{claim: g, expression: claims.g}}")),
            "jwt[0].claimMappings.uid: Invalid value: \"\": claim and expression can't both be set",
        ),
        (
            mapped("username: {expression: claims.email}"),
            "jwt[0].claimMappings.username.expression: Invalid value: \"claims.email\": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression",
        ),
        (
            extra("{key: '', valueExpression: ''}"),
            "[jwt[0].claimMappings.extra[0].key: Required value, jwt[0].claimMappings.extra[0].valueExpression: Required value]",
        ),
        (
            extra("{key: Foo, valueExpression: claims.a}"),
            "[jwt[0].claimMappings.extra[0].key: Invalid value: \"Foo\": must be a domain-prefixed path (such as \"acme.io/foo\"), jwt[0].claimMappings.extra[0].key: Invalid value: \"Foo\": must be lowercase]",
        ),
        (
            extra("{key: a.k8s.io/foo, valueExpression: claims.a}"),
            "jwt[0].claimMappings.extra[0].key: Invalid value: \"a.k8s.io/foo\": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use",
        ),
        (
            extra("{key: a.io/b, valueExpression: claims.a}, {key: a.io/b, valueExpression: '1 +'}"),
            "jwt[0].claimMappings.extra[1].key: Duplicate value: \"a.io/b\"",
        ),
        (rules("{}"), "jwt[0].claimValidationRules[0]: Required value: claim or expression is required"),
        (
            rules("{claim: a, expression: 'true'}"),
            "jwt[0].claimValidationRules[0]: Invalid value: \"a\": claim and expression can't both be set",
        ),
        (
            rules("{claim: a, message: m}, {claim: a}"),
            "[jwt[0].claimValidationRules[0].message: Invalid value: \"m\": may not be specified when claim is set, jwt[0].claimValidationRules[1].claim: Duplicate value: \"a\"]",
        ),
        (
            rules("{expression: claims.a, requiredValue: v}"),
            "[jwt[0].claimValidationRules[0].requiredValue: Invalid value: \"v\": may not be specified when expression is set, jwt[0].claimValidationRules[0].expression: Invalid value: \"claims.a\": must evaluate to bool]",
        ),
        (
            rules("{expression: 'true'}, {expression: 'true'}"),
            "jwt[0].claimValidationRules[1].expression: Duplicate value: \"true\"",
        ),
        (
            user_rules("{expression: ''}, {expression: 'user.username'}, {expression: 'user.username'}"),
            "[jwt[0].userValidationRules[0].expression: Required value, jwt[0].userValidationRules[1].expression: Invalid value: \"user.username\": must evaluate to bool, jwt[0].userValidationRules[2].expression: Duplicate value: \"user.username\"]",
        ),
    ] {
        let error = newest(&text).expect_err(&text).to_string();
        assert_eq!(error, format!("authn.yaml: invalid authentication configuration: {why}"), "{text}");
    }
    let modelled =
        newest(&issuer("audiences: [a], egressSelectorType: cluster")).expect_err("it is not").to_string();
    assert!(modelled.contains("egressSelectorType is not modelled"), "{modelled}");
    for guarded in [
        "username: {expression: 'claims.email_verified ? claims.email : claims.sub'}".to_owned(),
        "username: {expression: 'claims.email'}, extra: [{key: a.io/b, valueExpression: 'string(claims.?email_verified.orValue(true))'}]".to_owned(),
    ] {
        assert!(newest(&mapped(&guarded)).is_ok(), "{guarded}");
    }
}

#[test]
fn releases_know_what_they_know() {
    let of = |version: u8, authenticators: &[&str]| file(Version::minor(version), authenticators);
    let other = GOOD.replace("issuer.example.com", "other.example.com");
    let said = |version: u8, authenticators: &[&str]| match of(version, authenticators) {
        Ok(_) => "good".to_owned(),
        Err(error) => error
            .to_string()
            .replace("authn.yaml: ", "")
            .replace("invalid authentication configuration: ", ""),
    };
    assert_eq!(said(29, &[]), "jwt: Required value: at least one jwt is required");
    assert_eq!(said(30, &[]), "good");
    assert_eq!(said(29, &[GOOD, &other]), "jwt: Too many: 2: must have at most 1 items");
    assert_eq!(said(30, &[GOOD, &other]), "good");
    assert_eq!(
        said(36, &[GOOD, &other, GOOD]),
        "jwt[2].issuer.url: Duplicate value: \"https://issuer.example.com\""
    );
    let discovered = |text: &str| text.replace("audiences", "discoveryURL: 'https://d/x', audiences");
    assert_eq!(
        said(36, &[&discovered(GOOD), &discovered(&other)]),
        "jwt[1].issuer.discoveryURL: Duplicate value: \"https://d/x\""
    );
    assert_eq!(
        said(29, &[&discovered(GOOD)]),
        "strict decoding error: unknown field \"jwt[0].issuer.discoveryURL\""
    );
    assert_eq!(said(36, &[GOOD; 65]), "jwt: Too many: 65: must have at most 64 items");
    let two = GOOD.replace("[cluster]", "[cluster, b]");
    assert_eq!(said(29, &[&two]), "jwt[0].issuer.audiences: Too many: 2: must have at most 1 items");
    let egress = GOOD.replace("audiences", "egressSelectorType: cluster, audiences");
    assert_eq!(
        said(33, &[&egress]),
        "strict decoding error: unknown field \"jwt[0].issuer.egressSelectorType\""
    );
    let own = GOOD.replace("issuer.example.com", "kubernetes.default.svc");
    assert_eq!(said(29, &[&own]), "good");
    let email = GOOD.replace("{claim: sub, prefix: 'oidc:'}", "{expression: claims.email}");
    assert_eq!(said(29, &[&email]), "good");
    let reserved = format!("{GOOD}  extra: [{{key: k8s.io/x, valueExpression: claims.sub}}]\n");
    assert_eq!(said(31, &[&reserved]), "good");
}
