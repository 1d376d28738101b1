use super::*;

#[test]
fn static_tokens_are_csv() {
    let text = "a-token,alice,1,\"dev,ops\"\n\nb-token,bob,2\r\n,nobody,3\nq\"\n";
    assert_eq!(StaticTokens::parse(text).unwrap_err(), "line 5: bare \" in non-quoted-field");
    let tokens = StaticTokens::parse(text.trim_end_matches("q\"\n")).unwrap();
    assert_eq!(tokens.user("a-token").unwrap().groups, ["dev", "ops"]);
    assert_eq!(tokens.user("b-token").unwrap().uid, "2");
    assert_eq!(tokens.warnings, ["line 4: empty token has been found"]);
    for (text, error) in [
        ("x,y", "line 1: token file must have at least 3 columns (token, user name, user uid), found 2"),
        ("x,y,z,\"a", "line 1: extraneous or missing \" in quoted-field"),
        ("x,y,z\nx,\"y\"z,z", "line 2: extraneous or missing \" in quoted-field"),
    ] {
        assert_eq!(StaticTokens::parse(text).unwrap_err(), error);
    }
}
