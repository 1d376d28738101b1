use super::*;

/// Reads one value.
type Read = fn(&mut Iter<'_>);

/// What a reader of one value says of a text.
fn error(text: &str, read: Read) -> Option<String> {
    let mut iter = Iter::new(text.as_bytes());
    read(&mut iter);
    iter.finish()
}

/// The error, before where it was found.
fn why(text: &str, read: Read) -> String {
    let told = error(text, read).unwrap_or_default();
    told.split(", error found in").next().unwrap_or_default().to_owned()
}

#[test]
fn values_that_are_read() {
    let reads: [(&str, Read); 11] = [
        (r#" "a\"\u00e9\ud83d\ude00" "#, |iter| assert_eq!(iter.string(), "a\"é😀".as_bytes())),
        (r#""\ud800\n\ud800x""#, |iter| assert_eq!(iter.string(), "\u{fffd}\n\u{fffd}x".as_bytes())),
        ("null", |iter| assert!(iter.null())),
        ("true", |iter| iter.boolean()),
        ("-2147483648", |iter| iter.integer(Width::Int32)),
        ("9223372036854775807 ", |iter| iter.integer(Width::Int64)),
        ("255", |iter| iter.integer(Width::Byte)),
        ("-1.5e3", |iter| iter.float()),
        ("0.5", |iter| iter.skip()),
        (r#"{"a": [1, {"b": "\\"}, 1e5], "c": {}} "#, |iter| iter.skip()),
        (r#" {"a":1}"#, |iter| assert_eq!(iter.skipped(), br#"{"a":1}"#)),
    ];
    for (text, read) in reads {
        assert_eq!(error(text, read), None, "{text}");
    }
}

#[test]
fn values_that_are_refused() {
    let reads: [(&str, Read, &str); 17] = [
        ("5", |iter| drop(iter.string()), "ReadString: expects \" or n, but found 5"),
        ("\"a", |iter| drop(iter.string()), "readStringSlowPath: unexpected end of input"),
        (r#""\x""#, |iter| drop(iter.string()), r"readEscapedChar: invalid escape char after \"),
        ("nul!", |iter| assert!(iter.null()), "skipThreeBytes: expect ull"),
        ("1", |iter| iter.boolean(), "ReadBool: expect t or f, but found 1"),
        ("\"1\"", |iter| iter.integer(Width::Int32), "readUint32: unexpected character: \u{fffd}"),
        ("\"1\"", |iter| iter.integer(Width::Int64), "readUint64: unexpected character: \u{fffd}"),
        ("2147483648", |iter| iter.integer(Width::Int32), "ReadInt32: overflow: 2147483648"),
        ("-2147483649", |iter| iter.integer(Width::Int32), "ReadInt32: overflow: 2147483649"),
        ("99999999999", |iter| iter.integer(Width::Int32), "readUint32: overflow"),
        ("1.0", |iter| iter.integer(Width::Int64), "assertInteger: can not decode float as int"),
        ("0.5", |iter| iter.integer(Width::Int64), "assertInteger: can not decode float as int"),
        ("256", |iter| iter.integer(Width::Byte), "ReadUint8: overflow: 256"),
        ("true", |iter| iter.float(), "readNumberAsString: invalid number"),
        ("1e400", |iter| iter.float(), "strconv.ParseFloat: parsing \"1e400\": value out of range"),
        ("[1e400]", |iter| iter.skip(), "readNumberAsString: invalid number"),
        ("1E1", |iter| iter.integer(Width::Int64), "Unmarshal: there are bytes left after unmarshal"),
    ];
    for (text, read, expected) in reads {
        assert_eq!(why(text, read), expected, "{text}");
    }
}

#[test]
fn the_window_of_an_error() {
    // Digits that don't fit are left where eight of them were read.
    let text = "1234567890 99999999999 1234567890123456789012345678901234567890";
    let told = error(text, |iter| {
        iter.integer(Width::Int64);
        iter.integer(Width::Int32);
    });
    let window = "0 99999999999 123456";
    let context = "1234567890 99999999999 1234567890123456789012345678901234567890";
    assert_eq!(
        told,
        Some(format!(
            "readUint32: overflow, error found in #10 byte of ...|{window}|..., bigger context ...|{context}|..."
        ))
    );
    // A letter that is cut is shown byte by byte.
    let told = error("\"é漢\"", |iter| iter.integer(Width::Int32)).unwrap();
    assert!(told.ends_with("#1 byte of ...|\"é漢\"|..., bigger context ...|\"é漢\"|..."), "{told}");
    assert_eq!(go_text("漢".as_bytes().split_at(2).0), "\u{fffd}\u{fffd}");
}
