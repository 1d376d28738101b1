//! Expressions, their types and their values.

mod plain;

use super::*;
use crate::api::Version;
use crate::json::json;

/// An object, and an authorizer that lets through who gets secrets.
struct World;

impl Activation for World {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        match name {
            "object" => Some(Ok(Val::from_json(&json!({
                "metadata": {"name": "web", "labels": {"env": "prod"}},
                "spec": {"replicas": 3, "containers": [{"image": "a/x"}, {"image": "b/y"}]},
            })))),
            "variables.two" => Some(Ok(Val::Int(2))),
            "authorizer" => Some(Ok(library::whole(&crate::api::User::new("alice", &[])))),
            _ => None,
        }
    }

    fn authorize(&self, attributes: &Attributes) -> (Decision, String) {
        let yes = attributes.info.resource == "secrets" && attributes.info.verb == "get";
        (if yes { Decision::Allow } else { Decision::NoOpinion }, String::new())
    }
}

fn env() -> Env {
    Env::new(Version::NEWEST)
        .with("object", Type::Dyn)
        .with("request", Type::Named("kubernetes.AdmissionRequest".to_owned()))
        .with("variables", Type::Named("kubernetes.variables".to_owned()))
        .with("variables.two", Type::Int)
        .with("authorizer", Type::Named("kubernetes.authorization.Authorizer".to_owned()))
        .with("map", Type::Named("core.v1.ConfigMap".to_owned()))
        .with_patches()
}

#[test]
fn values() {
    for (text, want) in [
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("object.metadata.name.startsWith('we') && !('x' in object.metadata.labels)", "true"),
        ("object.spec.containers.map(c, c.image)", r#"["a/x","b/y"]"#),
        ("object.spec.containers.filter(c, c.image.startsWith('a/')).size()", "1"),
        ("object.spec.containers.exists_one(c, c.image == 'a/x')", "true"),
        ("object.spec.containers.all(i, c, i < 2 && c.image.contains('/'))", "true"),
        ("object.spec.containers.transformMap(i, c, string(i) + c.image)", r#"{"0":"0a/x","1":"1b/y"}"#),
        ("has(object.spec.replicas) ? object.spec.replicas : 1", "3"),
        ("object.?spec.?nothing.orValue('none')", "\"none\""),
        ("object.?spec.?replicas.optMap(n, n + 1).orValue(0)", "4"),
        ("variables.two * 2", "4"),
        ("has(variables.two) && !has(object.spec.nothing)", "true"),
        ("authorizer.group('').resource('secrets').check('get').allowed()", "true"),
        ("authorizer.group('').resource('pods').check('get').allowed()", "false"),
        ("object.nothing == 1 || true", "true"),
        (
            "[1, 2, 3, 4, 5, 6, 7, 8, 9].map(a, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(b, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(c, \
             [1, 2, 3, 4, 5, 6, 7, 8, 9].map(d, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(e, [1, 2, 3, 4, 5, 6, 7, 8, 9].map(f, a)))))).size()",
            "operation cancelled: actual cost limit exceeded",
        ),
        ("object.nothing == 1", "no such key: nothing"),
        ("object.spec.containers[5]", "index out of bounds: 5"),
        ("'a,b,c'.split(',').join('-')", "\"a-b-c\""),
        ("'%s has %d of %s'.format([dyn('x'), 3, ['a']])", r#""x has 3 of [\"a\"]""#),
        ("'hello'.substring(1, 3) + 'hello'.charAt(0) + string('hello'.indexOf('l'))", "\"elh2\""),
        ("[3, 1, 2].max() + [3, 1, 2].min() + [1, 2].sum()", "7"),
        ("quantity('1Gi').add(quantity('1Gi')).compareTo(quantity('2Gi'))", "0"),
        ("cidr('10.0.0.0/8').containsIP(ip('10.9.9.9')) && ip('::1').family() == 6", "true"),
        ("url('https://u@example.com:8080/a?b=c').getHostname()", "\"example.com\""),
        ("semver('v1.02', true).isLessThan(semver('1.10.0-rc.1'))", "true"),
        ("format.dns1123Label().validate('A').hasValue()", "true"),
        ("sets.equivalent([1, 2], [2, 1]) && 'a1b2'.findAll('[0-9]') == ['1', '2']", "true"),
        ("duration('1h30m') > duration('89m') && timestamp('2024-02-29T10:00:00Z').getDate() == 29", "true"),
        ("Object{metadata: Object.metadata{labels: {'a': 'b'}}}", r#"{"metadata":{"labels":{"a":"b"}}}"#),
        ("[3, 1, 2].sort() + [1, 2, 3, 4].slice(1, 3) + lists.range(2)", "[1,2,3,2,3,0,1]"),
        ("['bb', 'a'].sortBy(x, x.size())[0]", "\"a\""),
        ("[1].first().orValue(7) + [].last().orValue(8)", "9"),
        ("type([]) == list && type(type(1)) == type && type(1) != type('a')", "true"),
        ("timestamp('2009-02-13T23:31:30Z').getHours('US/Central')", "17"),
        (
            "'%s %s'.format([{'a': 1.5}, ['x', duration('90s')]])",
            "\"{\\\"a\\\":1.500000} [\\\"x\\\", duration(\\\"90s\\\")]\"",
        ),
        (
            "'%d'.format(['a'])",
            "error during formatting: decimal clause can only be used on integers, was given string",
        ),
        ("duration('1d')", "invalid duration argument"),
        ("int('x') == 1", "type conversion error from 'string' to 'int'"),
        ("string(object.metadata.labels)", "no such overload: string(map)"),
        ("[1][dyn('a')]", "unsupported index type 'string' in list"),
        ("jsonpatch.escapeKey('a/b~c')", "\"a~1b~0c\""),
        (
            "type(1) == int && int('7') == 7 && 1 == 1.0",
            "found no matching overload for '_==_' applied to '(int, double)'",
        ),
    ] {
        let shown = match env().compile(text) {
            Err(error) => error.lines().next().unwrap().splitn(3, ": ").nth(2).unwrap().to_owned(),
            Ok(program) => match program.eval(&World) {
                Ok(value) => value.to_json().unwrap().to_string(),
                Err(error) => error,
            },
        };
        assert_eq!(shown, want, "{text}");
    }
}

#[test]
fn types() {
    for (text, want) in [
        ("1 + 1", "int"),
        ("object.x", "dyn"),
        ("object.x.map(c, c.image)", "list(dyn)"),
        ("[1, 2].map(i, string(i))", "list(string)"),
        ("[1, 2].filter(i, i > 1)", "list(int)"),
        ("[JSONPatch{op: 'add', path: '/a', value: 1}] + (object.x ? [] : [])", "list(JSONPatch)"),
        ("{'a': request.userInfo.groups}", "map(string, list(string))"),
        (
            "request.userInfo.usrname == ''",
            "ERROR: <input>:1:17: undefined field 'usrname'\n | request.userInfo.usrname == ''\n | ................^",
        ),
        (
            "map.data.size() > map.metadata.name",
            "ERROR: <input>:1:17: found no matching overload for '_>_' applied to '(int, string)'\n | map.data.size() > map.metadata.name\n | ................^",
        ),
        ("nosuch", "ERROR: <input>:1:1: undeclared reference to 'nosuch' (in container '')\n | nosuch\n | ^"),
        (
            "math.greatest(1, 2)",
            "ERROR: <input>:1:1: undeclared reference to 'math' (in container '')\n | math.greatest(1, 2)\n | ^\n\
             ERROR: <input>:1:14: undeclared reference to 'greatest' (in container '')\n | math.greatest(1, 2)\n | .............^",
        ),
        ("[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"),
        (
            "",
            "ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', \
             'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
        ),
        (
            "object.(",
            "ERROR: <input>:1:8: Syntax error: no viable alternative at input '.('\n | object.(\n | .......^",
        ),
    ] {
        let shown = match env().compile(text) {
            Ok(program) => program.output().to_string(),
            Err(error) => error,
        };
        assert_eq!(shown, want, "{text}");
    }
}

#[test]
fn costs() {
    for (text, want) in [
        ("1 + 2 > 2", 2),
        ("object.spec.replicas > 2", 4),
        ("has(object.spec.replicas)", 2),
        ("[1, 2].all(x, x > 0)", 11),
        ("'0123456789a' == '0123456789b'", 2),
        ("'0123456789'.contains('a') || true", 1),
        ("'abc'.matches('^[a-z]+$')", 2),
        ("['a', 'b'].join(',') == 'a,b'", 2),
        ("1 in [1, 2, 3]", 0),
        ("object.metadata.name in ['a', 'b']", 3),
        ("{'a': 1}.size()", 1),
        ("{'a': object.spec.replicas}.size()", 34),
        ("[3, 1, 2].sort()", 29),
        ("object.?spec.optMap(s, s.replicas)", 9),
    ] {
        let program = env().compile(text).expect(text);
        let (_, cost) = program.run(&World);
        assert_eq!(cost, want, "{text}");
    }
}

#[test]
fn costs_at_most() {
    let text = Extent { most: 100, ..Extent::default() };
    let list = Extent { most: 1195, items: Some(Box::new(text.clone())), ..Extent::default() };
    let (strings, numbers) = (Type::list(Type::String), Type::list(Type::Int));
    for (of, extent, expression, want) in [
        (&numbers, &list, "self.all(x, self.all(y, x + y > 0))", 10_002_152),
        (&strings, &list, "self.all(x, x.contains('a'))", 2 + 1195 * 14),
        (&strings, &list, "self[0].startsWith('abc')", 3),
        (&strings, &list, "self.join(',').size() > 1", 12_073),
        (&Type::String, &text, "self.matches('^a+$')", 12),
        (&Type::String, &text, "self.replace('a', 'bcd') + 'x' == ''", 52),
        (&Type::String, &text, "(self == 'x' ? self : 'abc').size() == 3", 5),
        (&Type::Int, &Extent::default(), "'is ' + string(self) == ''", u64::MAX.div_ceil(10) + 2),
    ] {
        let program =
            Env::new(Version::NEWEST).with("self", of.clone()).compile(expression).expect(expression);
        assert_eq!(program.most(extent), want, "{expression}");
    }
}

#[test]
fn what_nests_deep_has_a_value_and_what_nests_deeper_is_refused() {
    let nested =
        |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    for (text, want) in [
        (nested("(", ")", 249), "1"),
        (nested("[", "]", 248) + ".size()", "1"),
        (nested("", " + 1", 249) + " == 250", "true"),
        (nested("false ? 2 : ", "", 249), "1"),
        (nested("true && (", " == 1)", 1) + &" || false".repeat(9_000), "true"),
        (nested("[1].map(x, ", ")", 120) + ".size()", "1"),
    ] {
        let program = env().compile(&text).expect("it is not too deep");
        let value = program.eval(&World).and_then(|value| value.to_json()).map(|value| value.to_string());
        assert_eq!(value.as_deref(), Ok(want), "{}", &text[..40]);
    }
    let refused = env().compile(&nested("(", ")", 100_000)).err().unwrap_or_default();
    assert!(refused.starts_with("ERROR: <input>:-1:0: expression code point size exceeds"), "{refused}");
    let refused = env().compile(&nested("", " + 1", 20_000)).err().unwrap_or_default();
    assert_eq!(refused, "ERROR: <input>:-1:0: max recursion depth exceeded");
    let doubled = "[1].map(a, {a: a})".to_owned() + &".map(b, {b: b})".repeat(40);
    let refused = env().compile(&doubled).err().unwrap_or_default();
    assert!(refused.contains("a type that is made of more than 1000"), "{refused}");
    let doubled = "optional.of(1)".to_owned() + &".optMap(x, x)".repeat(40);
    let refused = env().compile(&doubled).err().unwrap_or_default();
    assert!(refused.contains("does not write out optMap() of more than 100000 parts"), "{refused}");
}
