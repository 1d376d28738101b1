use super::compile;

#[test]
fn patterns_match_as_gos() {
    for (pattern, matching, other) in [
        (r"^\d+$", "12", "١٢"),
        (r"^[\d-]+$", "1-2", "١"),
        (r"^\w+$", "a_1", "é"),
        (r"^\S+$", "a\u{a0}b", "a b"),
        (r"^\s$", "\t", "\u{b}"),
        (r"^[^[]+$", "a]", "a["),
        (r"[[]", "[", "]"),
        (r"^[]a]+$", "]a", "b"),
        (r"^[a&&b]+$", "a&b", "c"),
        (r"^[!--]+$", "+-", "a"),
        (r"^[--0]+$", "./0-", ","),
        (r"^[[:alpha:]_]+$", "a_", "1"),
        (r"^[[:^alpha:]]+$", "1", "a"),
        (r"^[[:a]+$", "[:a", "b"),
        (r"^a{2,3}$", "aa", "a{2,3}"),
        (r"^a{,3}$", "a{,3}", "aa"),
        (r"^a{02}$", "a{02}", "aa"),
        (r"^\Qa.b\E.$", "a.bc", "axbc"),
        (r"^\Qa*", "a*", "aa"),
        (r"\bb\b", "a b", "ab"),
        (r"^(?i)abc$", "ABC", "ABD"),
        (r"^a(?i)b*$", "aBb", "ABB"),
        (r"^a(?i:b)c$", "aBc", "aBC"),
        (r"^(?i:a)+(?-i)b$", "aAb", "aAB"),
        (r"(?m)^b$", "a\nb", "ab"),
        (r"^(?s).$", "\n", "ab"),
        ("^.$", "a", "\n"),
        ("^[a-z]$", "a", "a\n"),
        (r"^(?P<n>a)(?<n>b)$", "ab", "a"),
        (r"^\p{Greek}\pL\P{Lu}$", "αbc", "abc"),
        (r"^[^\p{^Lu}]$", "A", "a"),
        (r"^\x41\x{1F600}\101\0$", "A\u{1f600}A\0", "A"),
        (r"^\_\-\a\v$", "_-\u{7}\u{b}", "_-"),
        (r"^(a|b|)$", "", "c"),
        (r"^a$|^b$", "b", "ab"),
        (r"^[\x{D800}-\x{E000}]$", "\u{e000}", "\u{d7ff}"),
        (r"^(?:)*$", "", "a"),
    ] {
        let compiled = compile(pattern).unwrap();
        assert_eq!((compiled.is_match(matching), compiled.is_match(other)), (true, false), "{pattern}");
    }
    let found = |pattern: &str| compile(pattern).unwrap().find("aaa").unwrap().as_str().to_owned();
    assert_eq!([found("a+"), found("a+?"), found("(?U)a+"), found("(?U)a+?")], ["aaa", "a", "a", "aaa"]);
}

#[test]
fn refusals_have_gos_words() {
    for (pattern, words) in [
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("x[a-", "missing closing ]: `[a-`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:nope:]]", "invalid character class range: `[:nope:]`"),
        (r"\p{Nope}", r"invalid character class range: `\p{Nope}`"),
        (r"\p{Alphabetic}", r"invalid character class range: `\p{Alphabetic}`"),
        (r"\p", r"invalid character class range: `\p`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a|+", "missing argument to repetition operator: `+`"),
        ("(?i)*?", "missing argument to repetition operator: `*?`"),
        (r"\Q\E*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a+?{2}", "invalid nested repetition operator: `+?{2}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("a{9999999999}", "invalid repeat count: `{9999999999}`"),
        ("(a{100}){11}", "invalid repeat count: `{11}`"),
        ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?!a)", "invalid or unsupported Perl syntax: `(?!`"),
        ("(?i-)", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?<=a)", "invalid named capture: `(?<=a)`"),
        ("(?P<a b>c)", "invalid named capture: `(?P<a b>`"),
        (r"\u0061", r"invalid escape sequence: `\u`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"(a)\1", r"invalid escape sequence: `\1`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
        (r"\xg1", r"invalid escape sequence: `\xg1`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"[\b]", r"invalid escape sequence: `\b`"),
        (r"\", "trailing backslash at end of expression: ``"),
    ] {
        assert_eq!(compile(pattern).err(), Some(format!("error parsing regexp: {words}")), "{pattern}");
    }
    assert!(compile("a{1000}").is_ok() && compile("(a*){1000}").is_ok());
}
