//! From a token to a user (`pkg/serviceaccount/jwt.go`, and the two validators of `claims.go` and `legacy.go`).
//!
//! Order: form, issuer, signature, audience; then time, account, secret, pod, node. What is deleted counts until its
//! deletion timestamp is more than a minute ago, so that a pod can use its token while it ends.

use super::claims::{Bound, Claims, ObjectRef, Private, user_name};
use super::keys::PublicKey;
use super::refusal::{INVALID_SINCE_LABEL, Refusal, What};
use super::token::{Parts, Token};
use crate::api::{Dig, User, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// How far clocks may differ, and how long a deleted object still counts.
const LEEWAY_SECONDS: i64 = 60;

/// Stored objects, as whoever asks sees them.
pub trait Objects {
    /// The object of a resource (plural name); the namespace is empty for cluster-scoped ones.
    fn object(&self, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>>;
}

impl<F: Fn(&str, &str, &str) -> Option<Arc<Value>>> Objects for F {
    fn object(&self, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self(resource, namespace, name)
    }
}

/// Checks tokens: which keys, which issuers, for whom.
#[derive(Clone, Debug)]
pub struct Verifier {
    /// The release.
    pub version: Version,
    /// `service-account-key-file`, or the public half of the signing key.
    pub keys: Vec<PublicKey>,
    /// `service-account-issuer`; the issuer of tokens in secrets is always known.
    pub issuers: Vec<String>,
    /// `api-audiences`: who the server is.
    pub audiences: Vec<String>,
    /// `service-account-lookup`: whether a token of a secret needs the secret to be there.
    pub lookup: bool,
}

/// What a good token makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The account, without `system:authenticated`.
    pub user: User,
    /// The audiences both of the token and asked for.
    pub audiences: Vec<String>,
    /// How many seconds ago an extended token should have been renewed (audit's `stale-token`).
    pub stale_seconds: Option<i64>,
    /// The text of a warning header.
    pub warning: Option<String>,
    /// The secret that the token lives in (the cleaner wants to know when it was used).
    pub secret: Option<String>,
}

impl Verifier {
    /// Checks a text; `audiences` are those that a token review asks for.
    pub fn verify(
        &self,
        text: &str,
        audiences: Option<&[String]>,
        now: Timestamp,
        objects: &dyn Objects,
    ) -> Result<Recognised, Refusal> {
        let parts = Parts::of(text).ok_or(Refusal::NotAToken)?;
        self.known_issuer(
            parts
                .payload
                .get("iss")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        )?;
        self.signature(&parts)?;
        let claims = Claims::parse(&parts.payload).map_err(Refusal::BadClaims)?;
        self.judge(&claims, &|| text, audiences, now, objects)
    }

    /// Checks a token at hand: the claims are believed if its key is known, without a signature being computed.
    pub fn verify_minted(
        &self,
        token: &Token,
        audiences: Option<&[String]>,
        now: Timestamp,
        objects: &dyn Objects,
    ) -> Result<Recognised, Refusal> {
        self.known_issuer(&token.claims().issuer)?;
        if !self.keys.contains(token.key()) {
            return Err(self.no_key(token.key().id()));
        }
        self.judge(token.claims(), &|| token.text(), audiences, now, objects)
    }

    fn known_issuer(&self, issuer: &str) -> Result<(), Refusal> {
        let known =
            issuer == super::claims::LEGACY_ISSUER || self.issuers.iter().any(|known| known == issuer);
        match known {
            true => Ok(()),
            false => Err(Refusal::UnknownIssuer(issuer.to_owned())),
        }
    }

    /// A key that has the id is the only one asked since 1.32; before, and without an id, all of them are.
    fn signature(&self, parts: &Parts<'_>) -> Result<(), Refusal> {
        let algorithm = parts.header.text("alg").parse().map_err(|_| Refusal::NotAToken)?;
        let id = parts.header.text("kid");
        let chosen = |key: &&PublicKey| id.is_empty() || key.id() == id || self.version.before(32);
        let mut keys = self.keys.iter().filter(chosen).peekable();
        if keys.peek().is_none() {
            return Err(Refusal::NoKey(id.to_owned()));
        }
        match keys.any(|key| key.verifies_token(parts.signature, parts.signed.as_bytes(), algorithm)) {
            true => Ok(()),
            false => Err(Refusal::BadSignature),
        }
    }

    fn no_key(&self, id: &str) -> Refusal {
        match self.version.before(32) && !self.keys.is_empty() {
            true => Refusal::BadSignature,
            false => Refusal::NoKey(id.to_owned()),
        }
    }

    fn judge<'a>(
        &self,
        claims: &Claims,
        text: &dyn Fn() -> &'a str,
        audiences: Option<&[String]>,
        now: Timestamp,
        objects: &dyn Objects,
    ) -> Result<Recognised, Refusal> {
        let audiences = self.common_audiences(claims, audiences)?;
        let check = Check {
            version: self.version,
            claims,
            now,
            objects,
        };
        let recognised = match &claims.private {
            Private::Legacy {
                namespace,
                account,
                secret,
            } => check.legacy(namespace, account, secret, self.lookup.then_some(text))?,
            Private::Bound(bound) => check.bound(bound)?,
        };
        Ok(Recognised {
            audiences,
            ..recognised
        })
    }

    /// A token without audiences is for the server itself.
    fn common_audiences(&self, claims: &Claims, target: Option<&[String]>) -> Result<Vec<String>, Refusal> {
        let target = target.unwrap_or(&self.audiences);
        let token = match claims.audiences.as_slice() {
            [] => &self.audiences,
            some => some,
        };
        let common: Vec<String> = token.iter().filter(|one| target.contains(one)).cloned().collect();
        match common.is_empty() && !self.audiences.is_empty() {
            true => Err(Refusal::Audience {
                token: token.to_vec(),
                target: target.to_vec(),
            }),
            false => Ok(common),
        }
    }
}

/// One token against the stored objects.
struct Check<'a> {
    version: Version,
    claims: &'a Claims,
    now: Timestamp,
    objects: &'a dyn Objects,
}

impl Check<'_> {
    fn legacy<'t>(
        &self,
        namespace: &str,
        account: &ObjectRef,
        secret: &str,
        text: Option<&dyn Fn() -> &'t str>,
    ) -> Result<Recognised, Refusal> {
        for (claim, value) in [
            ("sub", self.claims.subject.as_str()),
            ("namespace", namespace),
            ("secretName", secret),
            ("serviceAccountName", &account.name),
            ("serviceAccountUID", &account.uid),
        ] {
            if value.is_empty() {
                return Err(Refusal::MissingClaim(claim));
            }
        }
        if self.claims.subject != user_name(namespace, &account.name) {
            return Err(Refusal::BadSubject);
        }
        let warning = match text {
            Some(text) => self.legacy_lookup(namespace, account, secret, text)?,
            None => None,
        };
        Ok(Recognised {
            warning,
            secret: Some(secret.to_owned()),
            ..recognised(namespace, account)
        })
    }

    /// The secret must be there, hold this very token, and the account must be the one it was made for.
    fn legacy_lookup<'t>(
        &self,
        namespace: &str,
        account: &ObjectRef,
        name: &str,
        text: &dyn Fn() -> &'t str,
    ) -> Result<Option<String>, Refusal> {
        let gone = |deleting| Refusal::Invalidated {
            what: What::Secret,
            name: name.to_owned(),
            deleting,
            legacy: true,
        };
        let secret = self
            .objects
            .object("secrets", namespace, name)
            .ok_or(gone(false))?;
        if secret.has("metadata.deletionTimestamp") {
            return Err(gone(true));
        }
        let copy = STANDARD.decode(secret.text("data.token")).unwrap_or_default();
        if copy != text().as_bytes() {
            return Err(Refusal::NotTheServersCopy {
                secret: name.to_owned(),
            });
        }
        let stored = self.account(namespace, account)?;
        if stored.has("metadata.deletionTimestamp") {
            return Err(Refusal::AccountDeleted {
                namespace: namespace.to_owned(),
                name: account.name.clone(),
                legacy: true,
            });
        }
        same_uid(What::Account, &stored, account, true)?;
        if self.version.at_least(29) && secret.label(INVALID_SINCE_LABEL).is_some_and(|l| !l.is_empty()) {
            return Err(Refusal::MarkedInvalid {
                namespace: namespace.to_owned(),
                secret: name.to_owned(),
                account: account.name.clone(),
            });
        }
        let generated = stored.list("secrets").iter().any(|one| one.text("name") == name);
        Ok((generated && self.version.at_least(24)).then(|| {
            "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated \
             secret-based tokens."
                .to_owned()
        }))
    }

    fn bound(&self, bound: &Bound) -> Result<Recognised, Refusal> {
        self.time()?;
        self.bound_account(bound)?;
        let namespace = bound.namespace.as_str();
        self.alive(What::Secret, "secrets", namespace, bound.secret.as_ref())?;
        self.alive(What::Pod, "pods", namespace, bound.pod.as_ref())?;
        let node = bound.node.as_ref().filter(|_| self.version.at_least(30));
        if bound.pod.is_none() {
            self.alive(What::Node, "nodes", "", node)?;
        }

        let mut recognised = recognised(namespace, &bound.account);
        let extra = &mut recognised.user.extra;
        let mut put = |key: &str, value: &str| {
            if !value.is_empty() {
                let key = format!("authentication.kubernetes.io/{key}");
                extra.insert(key, vec![value.to_owned()]);
            }
        };
        if super::claims::has_id(self.version) && !self.claims.id.is_empty() {
            put("credential-id", &format!("JTI={}", self.claims.id));
        }
        for (kind, object) in [("pod", bound.pod.as_ref()), ("node", node)] {
            if let Some(object) = object {
                put(&format!("{kind}-name"), &object.name);
                put(&format!("{kind}-uid"), &object.uid);
            }
        }
        recognised.stale_seconds = bound
            .warn_after
            .map(|at| self.now.as_second() - at)
            .filter(|late| *late > 0);
        Ok(recognised)
    }

    fn time(&self) -> Result<(), Refusal> {
        let now = self.now.as_second();
        let later = |at: &i64| now + LEEWAY_SECONDS < *at;
        if let Some(from) = self.claims.not_before.filter(later) {
            return Err(Refusal::NotYetValid { from });
        }
        // A fraction of a second counts: the end is past as soon as the whole second is.
        let past = |at: &i64| {
            let over = now - LEEWAY_SECONDS;
            over > *at || (over == *at && self.now.subsec_nanosecond() > 0)
        };
        if let Some(at) = self.claims.expires.filter(past) {
            return Err(Refusal::Expired { at });
        }
        match self.claims.issued.filter(later) {
            Some(issued) => Err(Refusal::FromTheFuture { issued }),
            None => Ok(()),
        }
    }

    /// Releases before 1.30 ask first whether the account is deleted, later ones whether it is the same.
    fn bound_account(&self, bound: &Bound) -> Result<(), Refusal> {
        let stored = self.account(&bound.namespace, &bound.account)?;
        let same = same_uid(What::Account, &stored, &bound.account, false);
        let alive = match self.long_deleted(&stored) {
            false => Ok(()),
            true => Err(Refusal::AccountDeleted {
                namespace: bound.namespace.clone(),
                name: bound.account.name.clone(),
                legacy: false,
            }),
        };
        match self.version.at_least(30) {
            true => same.and(alive),
            false => alive.and(same),
        }
    }

    fn account(&self, namespace: &str, account: &ObjectRef) -> Result<Arc<Value>, Refusal> {
        self.objects
            .object("serviceaccounts", namespace, &account.name)
            .ok_or_else(|| Refusal::NoAccount {
                namespace: namespace.to_owned(),
                name: account.name.clone(),
            })
    }

    /// The object that a token is bound to must be there, be the same, and not be deleted for long.
    fn alive(
        &self,
        what: What,
        resource: &str,
        namespace: &str,
        object: Option<&ObjectRef>,
    ) -> Result<(), Refusal> {
        let Some(object) = object else {
            return Ok(());
        };
        let gone = |deleting| Refusal::Invalidated {
            what,
            name: object.name.clone(),
            deleting,
            legacy: false,
        };
        let stored = self
            .objects
            .object(resource, namespace, &object.name)
            .ok_or(gone(false))?;
        let same = same_uid(what, &stored, object, false);
        let alive = match self.long_deleted(&stored) {
            false => Ok(()),
            true => Err(gone(true)),
        };
        match self.version.at_least(30) {
            true => same.and(alive),
            false => alive.and(same),
        }
    }

    fn long_deleted(&self, object: &Value) -> bool {
        let deleted = object.text("metadata.deletionTimestamp").parse::<Timestamp>();
        deleted.is_ok_and(|at| {
            at.as_nanosecond() < self.now.as_nanosecond() - i128::from(LEEWAY_SECONDS) * 1_000_000_000
        })
    }
}

fn same_uid(what: What, stored: &Value, object: &ObjectRef, legacy: bool) -> Result<(), Refusal> {
    match stored.uid() == object.uid {
        true => Ok(()),
        false => Err(Refusal::OtherUid {
            what,
            stored: stored.uid().to_owned(),
            claim: object.uid.clone(),
            legacy,
        }),
    }
}

fn recognised(namespace: &str, account: &ObjectRef) -> Recognised {
    Recognised {
        user: User {
            name: user_name(namespace, &account.name),
            uid: account.uid.clone(),
            groups: vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
            ],
            ..User::default()
        },
        audiences: Vec::new(),
        stale_seconds: None,
        warning: None,
        secret: None,
    }
}
