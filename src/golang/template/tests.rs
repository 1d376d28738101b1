use super::*;
use crate::json::json;

fn filled(template: &str, object: &Value) -> Result<String, String> {
    let (text, done) = Template::read(template)?.fill(object, false);
    done.map(|()| text)
}

/// What people type; every function, and every error's words, are typed at kubectl too (`tests/kubectl/pairs/templates.json`).
#[test]
fn templates_as_people_type_them() {
    let list = json!({"items": [
        {"metadata": {"name": "a", "labels": {"x": "1"}}, "spec": {"replicas": 3, "share": 0.5}},
        {"metadata": {"name": "b"}, "spec": null},
    ]});
    for (template, text) in [
        (r#"{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}"#, "a\nb\n"),
        ("{{range $i, $e := .items}}{{$i}}{{$e.metadata.name}} {{end}}", "0a 1b "),
        ("{{range .items}}{{if .metadata.labels}}{{.metadata.labels}}{{else}}-{{end}}{{end}}", "map[x:1]-"),
        ("{{range .items}}{{with .spec}}{{.replicas}}{{end}};{{end}}", "3;;"),
        ("{{range .items}}{{.nosuch.deeper}} {{end}}", "<no value> <no value> "),
        ("{{(index .items 0).spec.replicas | printf \"%03d\"}}", "003"),
        ("{{eq (index .items 0).spec.replicas 3}} {{index .items 0 \"spec\" \"share\"}}", "true 0.5"),
        ("{{$n := 0}}{{range .items}}{{$n = len .metadata.name}}{{end}}{{$n}}", "1"),
        ("a {{- /* trimmed */ -}} b", "ab"),
        ("{{define \"t\"}}[{{.}}]{{end}}{{range .items}}{{template \"t\" .metadata.name}}{{end}}", "[a][b]"),
        ("{{range .items}}{{if eq .metadata.name \"b\"}}{{break}}{{end}}{{.metadata.name}}{{end}}", "a"),
        (
            "{{\"aGk=\" | base64decode}} {{exists .items 0 \"spec\"}} {{exists .items 1 \"spec\"}}",
            "hi true false",
        ),
    ] {
        assert_eq!(filled(template, &list).as_deref(), Ok(text), "{template}");
    }
}

#[test]
fn what_ends_a_template() {
    let at = |place: &str, why: &str| format!("template: output:{place}: {why}");
    for (template, why) in [
        ("{{", at("1", "unclosed action")),
        ("\n{{.a", at("2", "unclosed action")),
        ("{{nosuch}}", at("1", "function \"nosuch\" not defined")),
        ("{{if .a}}", at("1", "unexpected EOF")),
        (
            "{{.a.b}}",
            at("1:4", "executing \"output\" at <.a.b>: can't evaluate field b in type interface {}"),
        ),
        ("{{.n.b}}", at("1:4", "executing \"output\" at <.n.b>: nil pointer evaluating interface {}.b")),
        (
            "{{range 2000000}}{{end}}",
            "parts of a Go template that are run: more than 1000000, the limit TEMPLATE_STEPS".to_owned(),
        ),
        (
            "{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}",
            at("1:25", "executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (100)"),
        ),
    ] {
        assert_eq!(filled(template, &json!({"a": "x", "n": null})), Err(why), "{template}");
    }
    let deep = format!("{{{{{}1{}}}}}", "(".repeat(2000), ")".repeat(2000));
    assert!(filled(&deep, &Value::Null).is_err());
    let deep = "{{if .a}}".repeat(2000);
    assert!(filled(&deep, &Value::Null).is_err());
    let large =
        format!("{{{{printf \"%{}d\" 1}}}}{{{{range 1000}}}}{{{{printf \"%100000d\" 1}}}}{{{{end}}}}", 1);
    assert_eq!(
        filled(&large, &Value::Null),
        Err("size of what a Go template prints: more than 16 MiB, the limit TEMPLATE_BYTES".to_owned())
    );
}

#[test]
fn a_strict_template_has_no_missing_keys() {
    let template = Template::read("a{{.b}}").unwrap();
    let (text, done) = template.fill(&json!({}), true);
    assert_eq!(text, "a");
    let why = "template: output:1:3: executing \"output\" at <.b>: map has no entry for key \"b\"";
    assert_eq!(done, Err(why.to_owned()));
}
