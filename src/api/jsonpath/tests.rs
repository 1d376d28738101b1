use super::{Missing, Problem, Template, each, fill, relaxed};
use crate::json::{Value, json};

fn pods() -> Value {
    json!({"items": [{"metadata": {"name": "a"}, "n": 1}, {"metadata": {"name": "b", "l": {"x.y": "z"}}, "n": 2}], "none": null})
}

#[test]
fn templates_are_filled() {
    for (template, want) in [
        ("{.items[0].metadata.name}", "a"),
        ("{.items[*].metadata.name}", "a b"),
        ("{range .items[*]}{.metadata.name}{\"\\n\"}{end}-", "a\nb\n-"),
        ("{range .items[*]}{.metadata.name}", "ab"),
        ("{range .items[5:5]}{.n}{end}{.items[0].n}", "1"),
        ("{.items[?(@.metadata.name==\"b\")].n}", "2"),
        ("{.items[?(@.n>1)].metadata.name}", "b"),
        ("{.items[?(@.metadata.l)].n}", "2"),
        ("{.items[?(@.metadata.l.nosuch=='x')].n}", ""),
        ("{.items[-1:].metadata.l.x\\.y}", "z"),
        ("{.items[0:2:2].n}", "1"),
        ("{.items[].n}", "1"),
        ("{.items[0,1,0].n}", "1 2 1"),
        ("{.items[0]['n','metadata']}", "1 {\"name\":\"a\"}"),
        ("{.items[1].metadata.l['x\\.y']}", "z"),
        ("{.items[1].metadata.l}", "{\"x.y\":\"z\"}"),
        ("{.none}|{.none.x}|{.}|{.nosuch}|{.items[0].metadata.name.*}", "null||||97"),
        ("{1}{1.5}{true}{'it\\'s'}", "11.5trueit's"),
        ("{..name}", "a b"),
        ("..{@.items[0].n}}", "..1}"),
        (".items", ".items"),
    ] {
        assert_eq!(fill(template, &pods(), Missing::Allowed), Ok(want.to_owned()), "{template}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    for (template, want) in [
        ("{.items", "unclosed action"),
        ("{.items[0", "unterminated array"),
        ("{.items[a]}", "invalid array index a"),
        ("{.items[-]}", "array index - is not a number"),
        ("{.items[?(@.n==\"1]}", "unterminated filter"),
        ("{.items[?(@.n)}", "unclosed array expect ]"),
        ("{.items[?(@.n=~'w')]}", "unrecognized character in action: U+007E '~'"),
        ("{....x}", "invalid multiple recursive descent"),
        ("{'a\\q'}", "unquote string 'a\\q' error invalid syntax"),
        ("{\"x}", "unterminated quoted string"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
    ] {
        let got = fill(template, &pods(), Missing::Allowed);
        assert_eq!(got, Err(Problem::Parse(want.to_owned())), "{template}");
    }
    for (template, want) in [
        ("{x}", "unrecognized identifier x"),
        ("{end}", "not in range, nothing to end"),
        ("{.items[5].n}", "array index out of bounds: index 5, length 2"),
        ("{.items[-3].n}", "array index out of bounds: index -1, length 2"),
        ("{.items[0:5].n}", "array index out of bounds: index 4, length 2"),
        ("{.items[1:0].n}", "starting index 1 is greater than ending index 0"),
        ("{.items[0:1:0].n}", "step must be > 0"),
        ("{.items[0].n[0]}", "int64 is not array or slice"),
        ("{.items[0][*]}", "map[string]interface {} is not array or slice"),
        ("{.items[0].n[?(@.x)]}", "1 is not array or slice and cannot be filtered"),
        ("{.items[?(@.n>'1')]}", "incompatible types for comparison"),
        ("{.items[?(@.metadata=='1')]}", "invalid type for comparison"),
        ("{.items[?(@.n=1)]}", "unrecognized filter operator ="),
        ("{.items[?(@..n==1)]}{.items[?(@.metadata.*==1)]}", "incompatible types for comparison"),
        ("{.items[?(@.*==1)]}", "can only compare one element at a time"),
    ] {
        let got = fill(template, &pods(), Missing::Allowed);
        assert_eq!(got, Err(Problem::Execute(want.to_owned())), "{template}");
    }
    let refused = fill("{.nosuch.x}", &pods(), Missing::Refused);
    assert_eq!(refused, Err(Problem::Execute("nosuch is not found".to_owned())));
}

#[test]
fn paths_find_values() {
    let found = each("{.items[*].n}x{.nosuch}", &pods(), Missing::Allowed);
    assert_eq!(found, Ok(vec![vec![json!(1), json!(2)], vec![json!("x")], vec![]]));
    assert_eq!(Template::of_path(".items[*].n").expect("a path").find(&pods()), [json!(1), json!(2)]);
    assert_eq!(Template::of_path(".items["), None);
    assert_eq!(Template::of_path(".items[9]").expect("a path").find(&pods()), [Value::Null; 0]);
    for path in [".a.b", "a.b", "{a.b}", "{.a.b}"] {
        assert_eq!(relaxed(path), Ok("{.a.b}".to_owned()));
    }
    assert!(relaxed("{x").is_err());
}
