//! Amounts as they are written.

mod plain;

use super::*;

fn parse(text: &str) -> Quantity {
    text.parse().unwrap()
}

#[test]
fn canonical_forms() {
    for (text, canonical) in [
        ("0", "0"),
        ("0Mi", "0"),
        ("0.5", "500m"),
        (".5", "500m"),
        ("1000m", "1"),
        ("100m", "100m"),
        ("1.5Gi", "1536Mi"),
        ("1024Mi", "1Gi"),
        ("1025Mi", "1025Mi"),
        ("1024", "1024"),
        ("0.5Ki", "512"),
        ("1000k", "1M"),
        ("1e3", "1e3"),
        ("1000e3", "1e6"),
        ("12e6", "12e6"),
        ("-1500m", "-1500m"),
        ("0.0000000001", "1n"),
        ("1.500", "1.500"),
        ("2Ki", "2Ki"),
        ("8Ki", "8Ki"),
        ("512Ki", "512Ki"),
        ("9223372036854775808", "9223372036854775808"),
        ("16Ei", "9223372036854775807"),
        ("m", "0"),
        ("-", "0"),
        ("10e20", "1e21"),
        ("1000E", "1"),
    ] {
        assert_eq!(parse(text).to_string(), canonical, "{text}");
    }
    for (text, rounded) in
        [("500u", "1m"), ("-1n", "-1m"), ("1500m", "1500m"), ("0.10001", "101m"), ("1Mi", "1Mi")]
    {
        assert_eq!(parse(text).in_thousandths().to_string(), rounded, "{text}");
    }
    for (text, error) in [
        ("", QuantityError::Format),
        ("1x", QuantityError::Format),
        ("1.2.3", QuantityError::Format),
        ("1mm", QuantityError::Suffix),
        ("Ei", QuantityError::Numeric),
        (".e-10", QuantityError::Numeric),
    ] {
        assert_eq!(text.parse::<Quantity>().unwrap_err(), error, "{text}");
    }
}

#[test]
fn arithmetic() {
    let mut sum = Quantity::whole(0);
    sum.add(&parse("512Mi"));
    sum.add(&parse("512Mi"));
    assert_eq!(sum.to_string(), "1Gi");
    sum.subtract(&parse("1Gi"));
    assert!(sum.is_zero());
    // Above the largest suffix there is none.
    (0..1024).for_each(|_| sum.add(&parse("1Ei")));
    assert_eq!(sum.to_string(), "1");
    assert!(parse("1100m") > parse("1") && parse("1Ki") == parse("1024"));
    assert_eq!(
        (parse("1100m").value(), parse("1100m").milli_value(), parse("-1100m").value()),
        (2, 1100, -2)
    );
}
