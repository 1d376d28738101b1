use super::client::Refusal;
use super::*;
use crate::api::Version;
use crate::api::differences::CERTIFICATE_IDS;
use crate::json::json;
use crate::tokens::SigningKey;
use jiff::SignedDuration;

/// `openssl req -new` with a P-256 key and `/O=team/CN=jane`.
const JANE: &str = "-----BEGIN CERTIFICATE REQUEST-----
MIHYMIGAAgEAMB4xDTALBgNVBAoMBHRlYW0xDTALBgNVBAMMBGphbmUwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARB5msz5xfXhIoOuS5hwIp5ABed45FbwvhztCXQ
252Zpn92Y4PtcD8HnjelHLawWgQSRKw5TgpV4kIfo0GY2lcBoAAwCgYIKoZIzj0E
AwIDRwAwRAIgONqQfYyixc2P18t0e5C8GHBGadwn13hIRw8UX5qAbVoCIGMjs2I5
F3S6leK7P0w0Y9MjL0a2LbPziOP4bVwN3twV
-----END CERTIFICATE REQUEST-----
";

/// The same with two organizations, a name and an address.
const NAMES: &str = "-----BEGIN CERTIFICATE REQUEST-----
MIIBCjCBsQIBADAqMQ0wCwYDVQQKDAR0ZWFtMQowCAYDVQQKDAFiMQ0wCwYDVQQD
DARqYW5lMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErXtoDbO8/QNlV0o+Nw4C
iv0ry2ebm6e2NmG4DepAp0k4XOtzzAUbpdjNX9lXfgbkmajfrMUf7PHevVt63h6Q
Q6AlMCMGCSqGSIb3DQEJDjEWMBQwEgYDVR0RBAswCYIBeIcECgAAATAKBggqhkjO
PQQDAgNIADBFAiBQ/ZrY5me1Tc8uOtdQ8aTc+D5T+8cAKAIJcWSz0Tll0QIhAM//
Pq+JhwgW3U53vFuZ0HmTiAjzBws0mJ4oHrAYgkKs
-----END CERTIFICATE REQUEST-----
";

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn years(serial: u128, years: i64) -> Terms {
    Terms { serial, not_before: start(), not_after: start() + SignedDuration::from_hours(years * 365 * 24) }
}

/// The names that a certificate is for.
fn alt_names(certificate: &Certificate) -> AltNames {
    let names = certificate.extension::<x509_cert::ext::pkix::SubjectAltName>();
    names.map(|names| AltNames::read(&names.0)).unwrap_or_default()
}

/// What trusts the authority.
fn bundle() -> Bundle {
    Bundle::from_pem(&authority().certificate().pem()).unwrap()
}

fn authority() -> Authority {
    Authority::test_only(&years(1, 10))
}

#[test]
fn the_same_arguments_make_the_same_certificate() {
    let key = SigningKey::from_seed([9; 32]);
    let issue = || {
        let names = ["kubernetes", "kubernetes.default.svc", "10.96.0.1", "::1"];
        authority().serving(key.public(), "kube-apiserver", &names, &years(2, 1)).unwrap()
    };
    let certificate = issue();
    assert_eq!(certificate, issue());
    assert_eq!(alt_names(&certificate).dns, ["kubernetes", "kubernetes.default.svc"]);
    assert_eq!(alt_names(&certificate).ips.len(), 2);
    assert_eq!(certificate.issuer().common_name, "kubernetes");
    assert_eq!(certificate.public_key().unwrap(), *key.public());
}

#[test]
fn client_certificates_make_users() {
    let bundle = bundle();
    let key = SigningKey::from_seed([8; 32]);
    let digest = |certificate: &Certificate| {
        let id = format!("X509SHA256={}", certificate.sha256());
        json!({"authentication.kubernetes.io/credential-id": [id]})
    };
    for (common_name, organizations) in [
        ("jane", vec![]),
        ("joe", vec!["team", "ops"]),
        ("system:node:n1", vec!["system:nodes"]),
        ("jürgen", vec!["größen"]),
    ] {
        let subject = Subject::new(common_name, &organizations);
        let issued = authority().client(key.public(), &subject, &years(3, 1)).unwrap();
        let read = bundle.verify(issued.der(), start()).unwrap();
        for version in [Version::OLDEST, Version::NEWEST] {
            let user = read.user(version).unwrap().unwrap();
            assert_eq!(user.name, common_name);
            assert_eq!(user.groups, organizations);
            let extra = if version.has(CERTIFICATE_IDS) { digest(&issued) } else { json!({}) };
            assert_eq!(json!(user.extra), extra);
        }
    }
    let nobody = Subject::new("", &["team"]);
    let nobody = authority().client(key.public(), &nobody, &years(4, 1)).unwrap();
    assert_eq!(nobody.user(Version::NEWEST), Ok(None));
    let uid = |uids: &[&str]| {
        let subject =
            Subject { uids: uids.iter().map(|u| (*u).to_owned()).collect(), ..Subject::new("jane", &[]) };
        let issued = authority().client(key.public(), &subject, &years(5, 1)).unwrap();
        issued.user(Version::NEWEST).map(|user| user.unwrap().uid)
    };
    assert_eq!(uid(&["u1"]).unwrap(), "u1");
    assert!(uid(&["u1", "u2"]).is_err());
}

#[test]
fn refusals_of_client_certificates() {
    let key = SigningKey::from_seed([7; 32]);
    let bundle = bundle();
    let jane = Subject::new("jane", &[]);
    let client = |authority: &Authority| authority.client(key.public(), &jane, &years(3, 1)).unwrap();
    let good = client(&authority());
    let namesake =
        Authority::self_signed(SigningKey::from_seed([6; 32]), "kubernetes", &years(1, 10)).unwrap();
    let stranger = Authority::self_signed(SigningKey::from_seed([6; 32]), "other", &years(1, 10)).unwrap();
    let serving = authority().serving(key.public(), "jane", &["jane"], &years(3, 1)).unwrap();
    let late = start() + SignedDuration::from_hours(366 * 24);
    let mut tampered = good.der().to_vec();
    let place = tampered.windows(4).position(|w| w == b"jane").unwrap();
    tampered[place] = b'k';
    for (der, now, message) in [
        (
            good.der(),
            late,
            "x509: certificate has expired or is not yet valid: current time 2027-01-02T00:00:00Z is after \
             2027-01-01T00:00:00Z",
        ),
        (
            good.der(),
            start() - SignedDuration::from_secs(1),
            "x509: certificate has expired or is not yet valid: current time 2025-12-31T23:59:59Z is before \
             2026-01-01T00:00:00Z",
        ),
        (client(&stranger).der(), start(), "x509: certificate signed by unknown authority"),
        (
            client(&namesake).der(),
            start(),
            "x509: certificate signed by unknown authority (possibly because of \"verification error\" while trying to \
             verify candidate authority certificate \"kubernetes\")",
        ),
        (
            &tampered,
            start(),
            "x509: certificate signed by unknown authority (possibly because of \"verification error\" while trying to \
             verify candidate authority certificate \"kubernetes\")",
        ),
        (serving.der(), start(), "x509: certificate specifies an incompatible key usage"),
    ] {
        assert_eq!(bundle.verify(der, now).unwrap_err().to_string(), message);
    }
    assert!(matches!(bundle.verify(b"noise", start()), Err(Refusal::Malformed(_))));
}

#[test]
fn requests_are_signed() {
    let request = SigningRequest::from_pem(JANE).unwrap();
    assert_eq!(request.subject(), Subject::new("jane", &["team"]));
    assert!(request.signature_is_valid());
    let terms = Terms::of_request(7, start() + SignedDuration::from_hours(1), Some(600), 31_536_000);
    let issued = authority().sign(&request, &["client auth"], &terms).unwrap();
    let bundle = bundle();
    let user = bundle.verify(issued.der(), start() + SignedDuration::from_hours(1)).unwrap();
    assert_eq!(user.subject(), Subject::new("jane", &["team"]));

    for text in ["", "-----BEGIN CERTIFICATE REQUEST-----\n", &authority().certificate().pem()] {
        assert_eq!(SigningRequest::from_pem(text).unwrap_err(), "PEM block type must be CERTIFICATE REQUEST");
    }

    let names = SigningRequest::from_pem(NAMES).unwrap();
    assert!(names.signature_is_valid());
    assert_eq!(names.subject(), Subject::new("jane", &["team", "b"]));
    assert_eq!(names.alt_names(), AltNames::of(&["x", "10.0.0.1"]));
    let issued = authority().sign(&names, &["server auth"], &terms).unwrap();
    assert_eq!(alt_names(&issued), names.alt_names());
    assert_eq!(bundle.verify(issued.der(), terms.not_before), Err(Refusal::WrongUsage));
}

#[test]
fn a_signature_belongs_to_its_request() {
    let pem = |text: &str| crate::tokens::pem::blocks(text).remove(0).bytes;
    let mut swapped = x509_cert::request::CertReq::from_der(&pem(JANE)).unwrap();
    swapped.signature = x509_cert::request::CertReq::from_der(&pem(NAMES)).unwrap().signature;
    let text = crate::tokens::pem::encode("CERTIFICATE REQUEST", &swapped.to_der().unwrap());
    assert!(!SigningRequest::from_pem(&text).unwrap().signature_is_valid());
}

#[test]
fn terms_of_signed_requests() {
    const YEAR: i64 = 31_536_000;
    for (asked, begin, end) in [
        (None, "2025-12-31T23:55:00Z", "2026-12-31T23:55:00Z"),
        (Some(1), "2025-12-31T23:55:00Z", "2026-01-01T00:10:00Z"),
        (Some(3600), "2025-12-31T23:55:00Z", "2026-01-01T01:00:00Z"),
        (Some(86_400), "2025-12-31T23:55:00Z", "2026-01-01T23:55:00Z"),
        (Some(2 * YEAR), "2025-12-31T23:55:00Z", "2026-12-31T23:55:00Z"),
    ] {
        let terms = Terms::of_request(1, start(), asked, YEAR);
        assert_eq!(terms.not_before.to_string(), begin);
        assert_eq!(terms.not_after.to_string(), end, "{asked:?}");
    }
}
