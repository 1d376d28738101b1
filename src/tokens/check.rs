//! A believed token against the stored objects (the validators of `pkg/serviceaccount/claims.go` and `legacy.go`).
//!
//! What is deleted counts until its deletion timestamp is more than a minute ago, so that a pod can use its token while
//! it ends; a token in a secret ends with the deletion itself.

use super::claims::{self, Bound, Claims, ObjectRef, user_name};
use super::refusal::{INVALID_SINCE_LABEL, Refusal, What};
use super::verify::{Lookup, Recognised};
use crate::api::{Dig, User, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// How far clocks may differ, and how long a deleted object still counts.
const LEEWAY_SECONDS: i64 = 60;

/// One token against the stored objects.
pub(super) struct Check<'a> {
    pub(super) version: Version,
    pub(super) claims: &'a Claims,
    pub(super) now: Timestamp,
    pub(super) objects: &'a dyn Lookup,
}

impl Check<'_> {
    /// A token of a secret; `text` is given if the secret is to be looked up.
    pub(super) fn legacy<'t>(
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
        Ok(Recognised { warning, secret: Some(secret.to_owned()), ..recognised(namespace, account) })
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
        let secret = self.objects.object("secrets", namespace, name).ok_or(gone(false))?;
        if secret.has("metadata.deletionTimestamp") {
            return Err(gone(true));
        }
        let copy = STANDARD.decode(secret.text("data.token")).unwrap_or_default();
        if !super::token::is_copy(&copy, text()) {
            return Err(Refusal::NotTheServersCopy { secret: name.to_owned() });
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

    /// A requested token.
    pub(super) fn bound(&self, bound: &Bound) -> Result<Recognised, Refusal> {
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
        if claims::has_id(self.version) && !self.claims.id.is_empty() {
            put("credential-id", &format!("JTI={}", self.claims.id));
        }
        for (kind, object) in [("pod", bound.pod.as_ref()), ("node", node)] {
            if let Some(object) = object {
                put(&format!("{kind}-name"), &object.name);
                put(&format!("{kind}-uid"), &object.uid);
            }
        }
        recognised.stale_seconds =
            bound.warn_after.map(|at| self.now.as_second() - at).filter(|late| *late > 0);
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
            .ok_or_else(|| Refusal::NoAccount { namespace: namespace.to_owned(), name: account.name.clone() })
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
        let gone =
            |deleting| Refusal::Invalidated { what, name: object.name.clone(), deleting, legacy: false };
        let stored = self.objects.object(resource, namespace, &object.name).ok_or(gone(false))?;
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
            groups: vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
            ..User::default()
        },
        audiences: Vec::new(),
        stale_seconds: None,
        warning: None,
        secret: None,
    }
}
