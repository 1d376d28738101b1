//! What a stock kubectl (1.37.1, and 1.20.2, which says the same) made of each, as JSON.

use super::*;
use crate::json::json;

/// Scalars that mean something.
const SCALARS: &[(&str, &str)] = &[
    ("y", "true"),
    ("Y", "true"),
    ("n", "false"),
    ("N", "false"),
    ("yes", "true"),
    ("Yes", "true"),
    ("YES", "true"),
    ("yEs", "\"yEs\""),
    ("no", "false"),
    ("on", "true"),
    ("On", "true"),
    ("ON", "true"),
    ("off", "false"),
    ("Off", "false"),
    ("OFF", "false"),
    ("true", "true"),
    ("True", "true"),
    ("TRUE", "true"),
    ("tRue", "\"tRue\""),
    ("false", "false"),
    ("~", "null"),
    ("null", "null"),
    ("Null", "null"),
    ("NULL", "null"),
    ("nUll", "\"nUll\""),
    ("", "null"),
    ("0644", "420"),
    ("08", "8"),
    ("-010", "-8"),
    ("0o17", "15"),
    ("0O17", "15"),
    ("0b101", "5"),
    ("-0b11", "-3"),
    ("0x1F", "31"),
    ("0X1f", "31"),
    ("1_000", "1000"),
    ("_1", "\"_1\""),
    ("1__0", "10"),
    (".5", "0.5"),
    ("1.", "1"),
    ("-.5", "-0.5"),
    ("+1", "1"),
    ("1e3", "1000"),
    ("1e400", "\"1e400\""),
    ("1E+3", "1000"),
    ("-1e-7", "-1e-07"),
    ("1e21", "1e+21"),
    ("123456789012345678901", "123456789012345680000"),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854776000"),
    ("18446744073709551616", "18446744073709552000"),
    ("22:22", "\"22:22\""),
    ("190:20:30", "\"190:20:30\""),
    ("2026-11-28", "\"2026-11-28\""),
    ("2026-11-28T00:00:00Z", "\"2026-11-28T00:00:00Z\""),
    ("\"yes\"", "\"yes\""),
    ("'1'", "\"1\""),
    ("!!str 1", "\"1\""),
    ("!!int \"3\"", "3"),
    ("!!float 1", "1"),
    ("!!bool \"yes\"", "true"),
    ("!!binary aGk=", "\"hi\""),
    ("!!timestamp 2001-01-01", "\"2001-01-01\""),
    ("!foo 1", "\"1\""),
    ("! 12", "\"12\""),
    ("1.0", "1"),
    ("1.50", "1.5"),
    ("0.1e1", "1"),
    ("0x", "\"0x\""),
    ("0b2", "\"0b2\""),
    ("0_7", "7"),
    ("-0", "0"),
    ("0.0", "0"),
    ("-0.0", "0"),
    ("1,000", "\"1,000\""),
    ("1k", "\"1k\""),
    ("0xG", "\"0xG\""),
    ("<<", "\"<<\""),
    ("=", "\"=\""),
    ("1e-7", "1e-07"),
    ("100000000000000000000000.0", "1e+23"),
    (".", "\".\""),
    ("..", "\"..\""),
    ("+", "\"+\""),
    ("0b", "\"0b\""),
    ("0x1.8p3", "\"0x1.8p3\""),
    ("1_0.5", "10.5"),
    ("NaN", "\"NaN\""),
    ("Inf", "\"Inf\""),
    ("infinity", "\"infinity\""),
    (".e3", "\".e3\""),
    ("0o8", "\"0o8\""),
    ("0777", "511"),
    ("00", "0"),
    ("-08.5", "-8.5"),
    ("!!int 0x1F", "31"),
    ("!!int 1_000", "1000"),
    ("!!str 0644", "\"0644\""),
    ("!!str ~", "\"~\""),
    ("!!str true", "\"true\""),
    ("\"\\x41\"", "\"A\""),
    ("'it''s'", "\"it's\""),
    ("2001-1-1", "\"2001-1-1\""),
    ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""),
    ("2001-12-14 21:59:43.10 -5", "\"2001-12-14 21:59:43.10 -5\""),
    ("0x8000000000000000", "9223372036854776000"),
    ("0xFFFFFFFFFFFFFFFF", "18446744073709552000"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("-9223372036854775809", "-9223372036854776000"),
    ("12e03", "12000"),
    ("+.5", "0.5"),
    ("+0x10", "16"),
    ("1e", "\"1e\""),
    ("1.2.3", "\"1.2.3\""),
    ("0.1", "0.1"),
    ("3.14159", "3.14159"),
    ("1e5", "100000"),
    ("123456789.0", "123456789"),
    ("1e20", "100000000000000000000"),
    ("yes ", "true"),
    ("no # not", "false"),
    ("2026-13-01", "\"2026-13-01\""),
    ("20:03:20", "\"20:03:20\""),
    ("0b1_0", "2"),
    ("0o1_7", "15"),
    ("0x_1", "1"),
    ("01_0", "8"),
    ("6.02e23", "6.02e+23"),
    ("~ ", "null"),
    ("Y1", "\"Y1\""),
    ("off1", "\"off1\""),
    ("0.", "0"),
    ("0e0", "0"),
    ("1_", "1"),
    ("1._5", "1.5"),
    ("5e-324", "5e-324"),
    ("1e-400", "0"),
];

/// Scalars that are refused.
const REFUSED: &[(&str, &str)] = &[
    (".inf", "json: unsupported value: +Inf"),
    ("-.Inf", "json: unsupported value: -Inf"),
    (".nan", "json: unsupported value: NaN"),
    ("!!int abc", "yaml: cannot decode !!str `abc` as a !!int"),
    ("+.inf", "json: unsupported value: +Inf"),
    ("-", "yaml: line 4: block sequence entries are not allowed in this context"),
    ("- 1", "yaml: line 4: block sequence entries are not allowed in this context"),
    ("-.inf ", "json: unsupported value: -Inf"),
];

/// Documents, each behind three lines of its object.
const DOCUMENTS: &[(&str, Result<&str, &str>)] = &[
    ("v: {yes: 1}", Ok("{\"v\": {\"true\": 1}}")),
    ("v: {on: 1, true: 2}", Ok("{\"v\": {\"true\": 2}}")),
    (
        "v: {1: a, 1.5: b, 1e6: c, 0.1: d, 16777217.0: e, 1e-5: f}",
        Ok(
            "{\"v\": {\"0.1\": \"d\", \"1\": \"a\", \"1.5\": \"b\", \"1.6777216e+07\": \"e\", \"1e+06\": \"c\", \"1e-05\": \"f\"}}",
        ),
    ),
    ("v: {0x10: a}", Ok("{\"v\": {\"16\": \"a\"}}")),
    ("v: {~: a}", Err("unsupported map key of type: %!s(<nil>), key: <nil>, value: \"a\"")),
    ("v: {null: 1}", Err("unsupported map key of type: %!s(<nil>), key: <nil>, value: 1")),
    ("v: {? {a: 1} : b}", Err("yaml: invalid map key: map[interface {}]interface {}{\"a\":1}")),
    ("v: {? [1, x] : b}", Err("yaml: invalid map key: []interface {}{1, \"x\"}")),
    ("v: {a: 1, a: 2}", Ok("{\"v\": {\"a\": 2}}")),
    ("v: {.inf: a, .nan: b}", Ok("{\"v\": {\".inf\": \"a\", \".nan\": \"b\"}}")),
    (
        "v: {9223372036854775808: a}",
        Err("unsupported map key of type: uint64, key: 0x8000000000000000, value: \"a\""),
    ),
    ("v: {2026-11-28: a}", Ok("{\"v\": {\"2026-11-28\": \"a\"}}")),
    (
        "b: &b {a: 1, c: 2}\nv: {a: 0, <<: *b}",
        Ok("{\"b\": {\"a\": 1, \"c\": 2}, \"v\": {\"a\": 1, \"c\": 2}}"),
    ),
    (
        "b: &b {a: 1, c: 2}\nv: {<<: *b, a: 0}",
        Ok("{\"b\": {\"a\": 1, \"c\": 2}, \"v\": {\"a\": 0, \"c\": 2}}"),
    ),
    (
        "b: &b {a: 1}\nc: &c {a: 2}\nv: {<<: [*b, *c]}",
        Ok("{\"b\": {\"a\": 1}, \"c\": {\"a\": 2}, \"v\": {\"a\": 1}}"),
    ),
    ("v: {<<: 1}", Err("yaml: map merge requires map or sequence of maps as the value")),
    ("v: {<<: [1]}", Err("yaml: map merge requires map or sequence of maps as the value")),
    ("v: *nope", Err("yaml: unknown anchor 'nope' referenced")),
    ("v: &a [*a]", Err("yaml: anchor 'a' value contains itself")),
    ("v:\n\t- a", Err("yaml: line 5: found character that cannot start any token")),
    ("v: 'a", Err("yaml: line 5: found unexpected end of stream")),
    ("v: {a", Err("yaml: line 4: did not find expected ',' or '}'")),
    ("v: a: b", Err("yaml: line 4: mapping values are not allowed in this context")),
    ("v: `a", Err("yaml: line 4: found character that cannot start any token")),
    ("v: @a", Err("yaml: line 4: found character that cannot start any token")),
    ("v: %a", Err("yaml: line 4: found character that cannot start any token")),
    ("v: [a, b", Err("yaml: line 4: did not find expected ',' or ']'")),
    ("v: !!set {a, b}", Ok("{\"v\": {\"a\": null, \"b\": null}}")),
    ("v: !!seq {a: 1}", Ok("{\"v\": {\"a\": 1}}")),
    ("v: !!map [1]", Ok("{\"v\": [1]}")),
    ("v: !<tag:yaml.org,2002:int> '3'", Ok("{\"v\": 3}")),
    ("v: \"\\q\"", Err("yaml: line 4: found unknown escape character")),
    ("v: \"\\u00e9\\x41\\ud83d\"", Err("yaml: line 4: found invalid Unicode character escape code")),
    ("v: |\n  a\n  b\n\nw: >-\n  a\n  b", Ok("{\"v\": \"a\\nb\\n\", \"w\": \"a b\"}")),
    ("v: a\nv: b\n", Ok("{\"v\": \"b\"}")),
    ("v: - a", Err("yaml: line 4: block sequence entries are not allowed in this context")),
    ("v: ? a", Err("yaml: line 4: mapping keys are not allowed in this context")),
    ("v: [y, n, no]", Ok("{\"v\": [true, false, false]}")),
    ("v: \"a\n b\"", Ok("{\"v\": \"a b\"}")),
    ("v: !!float abc", Err("yaml: cannot decode !!str `abc` as a !!float")),
    ("v: !!binary '%%'", Err("yaml: !!binary value contains invalid base64 data")),
    ("v: !!null x", Err("yaml: cannot decode !!str `x` as a !!null")),
    ("v: !!bool maybe", Err("yaml: cannot decode !!str `maybe` as a !!bool")),
    ("v: !!timestamp foo", Err("yaml: cannot decode !!str `foo` as a !!timestamp")),
    ("v: !!str", Ok("{\"v\": \"\"}")),
    ("v: !!int", Err("yaml: cannot decode !!null `` as a !!int")),
    ("v: !!int 1.5", Err("yaml: cannot decode !!float `1.5` as a !!int")),
    ("v: !!float 0x10", Ok("{\"v\": 16}")),
    ("v: !!str yes", Ok("{\"v\": \"yes\"}")),
    ("v: !!bool 'on'", Ok("{\"v\": true}")),
    ("- 1", Err("yaml: line 3: did not find expected key")),
    ("x", Err("yaml: line 5: could not find expected ':'")),
    ("", Ok("{}")),
    ("---\n---\n# c\n", Ok("{}")),
    ("v: 1\n...\nw: 2", Ok("{\"v\": 1}")),
    ("v: \u{7}", Err("yaml: control characters are not allowed")),
    ("v: a #b", Ok("{\"v\": \"a\"}")),
    ("v: a#b", Ok("{\"v\": \"a#b\"}")),
    ("v: {a: 1,}", Ok("{\"v\": {\"a\": 1}}")),
    ("v: {a: 1, b}", Ok("{\"v\": {\"a\": 1, \"b\": null}}")),
    ("v: [a: 1]", Ok("{\"v\": [{\"a\": 1}]}")),
    ("v: \u{a0}x", Ok("{\"v\": \"\\u00a0x\"}")),
    ("v: a\u{2028}b", Err("yaml: line 6: could not find expected ':'")),
    ("v: &a 1\nw: *a", Ok("{\"v\": 1, \"w\": 1}")),
    ("<<: {v: 1}", Ok("{\"v\": 1}")),
    ("v:\n- a\n - b", Ok("{\"v\": [\"a - b\"]}")),
    ("v: 1\n w: 2", Err("yaml: line 5: mapping values are not allowed in this context")),
    ("v: {a: 1}}", Err("yaml: line 3: did not find expected key")),
    ("v: ]", Err("yaml: line 3: did not find expected node content")),
    ("v: ,a", Err("yaml: line 3: did not find expected node content")),
    ("v: a\r\nw: b", Ok("{\"v\": \"a\", \"w\": \"b\"}")),
];

const OBJECT: &str = "apiVersion: v1\nkind: Foo\nmetadata: {name: x}\n";

/// What stands behind the three lines.
fn behind(document: &str) -> Result<Value, String> {
    let mut value = value(&format!("{OBJECT}{document}\n"))?;
    if let Value::Object(fields) = &mut value {
        fields.retain(|name, _| !["apiVersion", "kind", "metadata"].contains(&name.as_str()));
    }
    Ok(value)
}

/// A number is the same whether it has a point or none: JSON of Go's has no more than one kind.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|it| same(value, it)))
        }
        (one, other) => one == other,
    }
}

#[test]
fn scalars_mean_what_they_do_in_yaml_1_1() {
    for (text, want) in SCALARS {
        let want = json!({"v": serde_json::from_str::<Value>(want).unwrap()});
        let got = behind(&format!("v: {text}"));
        assert!(got.as_ref().is_ok_and(|got| same(got, &want)), "{text}: {got:?}, not {want}");
    }
    for (text, want) in REFUSED {
        assert_eq!(behind(&format!("v: {text}")), Err((*want).to_owned()), "{text}");
    }
}

#[test]
fn documents_become_what_they_do_in_go() {
    for (text, want) in DOCUMENTS {
        let got = behind(text);
        match want {
            Ok(want) => {
                let want: Value = serde_json::from_str(want).unwrap();
                assert!(got.as_ref().is_ok_and(|got| same(got, &want)), "{text:?}: {got:?}, not {want}");
            }
            Err(want) => assert_eq!(got, Err((*want).to_owned()), "{text:?}"),
        }
    }
    let incompatible = "yaml: found incompatible YAML document".to_owned();
    assert_eq!(value("%YAML 1.2\n---\nv: yes\n"), Err(incompatible));
}

#[test]
fn keys_that_stand_twice_are_told() {
    let repeated = |text: &str| read(text).map(|document| document.repeated);
    let told = Ok(vec!["line 2: key \"a\" already set in map".to_owned()]);
    assert_eq!(repeated("a: 1\na: 2\n"), told);
    assert_eq!(repeated("b: &b {a: 1}\nc: {a: 0, 1: x, \"1\": y}\n"), Ok(Vec::new()));
    assert_eq!(value("{1: x, a: 0, \"1\": z}"), Ok(json!({"1": "z", "a": 0})));
    // Of many keys, too: each of them twice.
    let many: String = (0..40).map(|key| format!("k{}: {key}\n", key % 20)).collect();
    let document = read(&many).expect("it is YAML");
    assert_eq!(document.repeated.len(), 20);
    assert_eq!(document.repeated[19], "line 40: key \"k19\" already set in map");
    assert_eq!(document.json.get("k3").cloned().map(Json::into_value), Some(Ok(23.into())));
}
