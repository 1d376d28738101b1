//! Flags and files: what they come to, and what is wrong with them.

use super::*;

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
