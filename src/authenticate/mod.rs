//! Who asks? (`apiserver/pkg/authentication`, `endpoints/filters/authentication.go`)
//!
//! The authenticators are asked in kube-apiserver's order: client certificate, static token, service account token, JWT of
//! an issuer outside, and a webhook. The first that recognises somebody wins, and the errors of those before it are forgotten; with
//! nobody recognised, any error is 401. Only a request without any credential may be anonymous. A token that was
//! recognised stays recognised for a while ([`Cache`]).

mod bearer;
mod cache;
mod certificate;
mod impersonate;
mod jwt;

pub(crate) use bearer::Bearer;
pub(crate) use cache::{Cache, Cached, Recognised};
pub(crate) use certificate::ClientCertificates;
pub(crate) use impersonate::{Memory, acting, impersonate};

use crate::api::fact::SaidOutside;
use crate::api::{By, Credential, Fact, Finding, Outcome, Request, RequestInfo, Stage, Status, User};
use crate::config::{Anonymous, Config};
use crate::delegate::Questions;
use crate::error::Error;
use crate::json::Value;
use crate::store::Objects;
use crate::tokens::{Lookup, SigningKey};
use jiff::Timestamp;
use std::sync::Arc;

/// A request whose sender is known. Only [`authenticate`] and [`impersonate`] make one.
#[derive(Clone, Debug)]
pub struct Authenticated {
    request: Request,
    info: RequestInfo,
    user: User,
    impersonator: Option<User>,
    warnings: Vec<String>,
}

impl Authenticated {
    /// Who asks, or whom they act as.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Who really asks, where they act as somebody else.
    pub fn impersonator(&self) -> Option<&User> {
        self.impersonator.as_ref()
    }

    /// The request in the server's words.
    pub fn info(&self) -> &RequestInfo {
        &self.info
    }

    /// The request as it came.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Warnings for the client so far.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// The authenticators of one cluster.
#[derive(Clone, Debug)]
pub struct Authenticators {
    /// Whether, and where, a request without a credential is system:anonymous.
    pub anonymous: Anonymous,
    /// Client certificates.
    pub certificates: ClientCertificates,
    /// Tokens of all kinds.
    pub bearer: Bearer,
}

impl Authenticators {
    /// The authenticators that the flags set up; `former` is the key that signed tokens until now.
    pub fn new(config: &Config, former: Option<&Arc<SigningKey>>) -> Result<Authenticators, Error> {
        Ok(Authenticators {
            // Where everything is allowed, at least somebody has to be known.
            anonymous: Anonymous {
                enabled: config.anonymous.enabled && !config.has_authorizer("AlwaysAllow"),
                ..config.anonymous.clone()
            },
            certificates: ClientCertificates::new(config)?,
            bearer: Bearer::new(config, former)?,
        })
    }
}

/// What authenticators look at, and remember.
pub struct Sight<'a> {
    /// What is stored.
    pub objects: &'a Objects,
    /// The time.
    pub now: Timestamp,
    /// The tokens that were recognised a moment ago.
    pub recognised: &'a mut Cache,
    /// Where those outside are asked.
    pub outside: &'a Questions,
}

impl Lookup for Sight<'_> {
    fn object(&self, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.objects.get(resource, namespace, name).cloned()
    }
}

/// What recognising a sender, or failing to, leaves behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// Warnings for the client.
    pub warnings: Vec<String>,
    /// Annotations of the audit event.
    pub audit: Vec<(String, String)>,
    /// Namespace and name of the secret whose token was used; one that is marked invalid was used, too.
    pub used: Option<(String, String)>,
    /// A JWT that its issuer's authenticator did not accept.
    pub(crate) refused: Option<jwt::Refused>,
}

/// What one authenticator says: somebody, nobody it could know, or a credential that is broken.
pub(crate) type Attempt<T> = Result<Option<T>, String>;

/// Finds out who asks; the findings say by which authenticator.
pub(crate) fn authenticate(
    by: &Authenticators,
    sight: &mut Sight<'_>,
    request: Request,
    info: RequestInfo,
    findings: &mut Vec<Finding>,
    notes: &mut Notes,
) -> Result<Authenticated, Status> {
    let mut failed = false;
    let mut found = None;
    match &request.credential {
        Credential::Known(user) | Credential::Component(user) => {
            findings.push(finding(By::Known, Outcome::Passed, user.name.clone()));
            found = Some(user.clone());
        }
        Credential::Certificate(der) => match by.certificates.recognise(der, sight.now) {
            Ok(Some(user)) => {
                findings.push(finding(By::Certificate, Outcome::Passed, user.name.clone()));
                found = Some(user);
            }
            Ok(None) => {}
            Err(why) => {
                findings.push(finding(By::Certificate, Outcome::Skipped, why));
                failed = true;
            }
        },
        Credential::Headers => {}
    }
    if found.is_none() {
        match by.bearer.recognise(&request.headers, sight, notes) {
            Ok(Some(Recognised { user, by, stale_seconds, said_before, cached, .. })) => {
                let told = [
                    Some(user.name.clone()),
                    stale_seconds.map(stale),
                    said_before.map(|remembered| remembered.told("asked", sight.now)),
                    cached.as_ref().map(|cached| cached.told(sight.now)),
                ];
                let told: Vec<String> = told.into_iter().flatten().collect();
                let outside = said_before.map(|remembered| {
                    Fact::SaidOutside(SaidOutside { error: None, remembered: Some(remembered.fact()) })
                });
                let facts = cached.map(Cached::fact).into_iter().chain(outside).collect();
                findings.push(Finding { facts, ..finding(by, Outcome::Passed, told.join("; ")) });
                found = Some(user);
            }
            Ok(None) => {}
            Err(why) => {
                let facts = notes.refused.iter().map(jwt::Refused::fact).collect();
                findings.push(Finding { facts, ..finding(By::Bearer, Outcome::Skipped, why) });
                failed = true;
            }
        }
    }
    let here = by.anonymous.paths.is_empty() || by.anonymous.paths.contains(&info.path);
    if found.is_none() && !failed && by.anonymous.enabled && here {
        findings.push(finding(By::Anonymous, Outcome::Passed, "no credential: system:anonymous"));
        found = Some(User::anonymous());
    }
    let Some(user) = found else {
        let (why, fact) = match failed {
            true => ("no authenticator accepts the credential", Fact::BadCredential),
            false if by.anonymous.enabled => {
                ("no credential, and nobody is anonymous on this path", Fact::NoCredential)
            }
            false => ("no credential, and anonymous-auth is off", Fact::NoCredential),
        };
        findings.push(finding(By::Authentication, Outcome::Refused, why).with(fact));
        return Err(Status::unauthorized());
    };
    Ok(Authenticated {
        request,
        info,
        user: user.authenticated(),
        impersonator: None,
        warnings: notes.warnings.clone(),
    })
}

/// What is to be known of a mounted token past its nominal hour (KEP-1205, "safe rollout of time-bound tokens").
fn stale(seconds: i64) -> String {
    format!(
        "the token is stale: it should have been read anew from its file {seconds} s ago, and is only good because \
         mounted tokens live a year (service-account-extend-token-expiration; such uses are counted by \
         serviceaccount_stale_tokens_total)"
    )
}

fn finding(by: By, outcome: Outcome, text: impl Into<String>) -> Finding {
    Finding::new(Stage::Authenticate, by, outcome, text)
}
