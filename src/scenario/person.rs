//! Whoever does a step: a person at kubectl, somebody with a token, a process in a pod.

use super::format::{Who, WhoFields};
use crate::api::{Dig, Request, Response, User, Version};
use crate::clients::inside::Inside;
use crate::clients::shell;
use crate::clients::{Client, Output};
use crate::cluster::{Cluster, Exchange};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// With what a person comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// Recognised without proof.
    User(User),
    /// A bearer token.
    Token(String),
    /// Nothing.
    Nobody,
}

impl Identity {
    /// An administrator.
    pub fn admin() -> Identity {
        Identity::User(User::new("admin", &["system:masters"]))
    }

    /// Whom a scenario means.
    pub fn of(who: &Who) -> Identity {
        match who {
            Who::Name(name) => Identity::named(name),
            Who::Full(WhoFields { token: Some(token), .. }) => Identity::Token(token.clone()),
            Who::Full(WhoFields { certificate: Some(certificate), .. }) => Identity::User(User {
                name: certificate.cn.clone(),
                groups: certificate.o.clone(),
                ..User::default()
            }),
            Who::Full(fields) => {
                let name = fields.user.clone().unwrap_or_default();
                let mut user = match Identity::named(&name) {
                    Identity::User(user) => user,
                    Identity::Token(_) | Identity::Nobody => User::anonymous(),
                };
                user.groups.extend(fields.groups.iter().cloned());
                user.uid.clone_from(&fields.uid);
                user.extra.clone_from(&fields.extra);
                Identity::User(user)
            }
        }
    }

    fn named(name: &str) -> Identity {
        match name {
            "admin" => Identity::admin(),
            "none" | "system:anonymous" => Identity::Nobody,
            _ => Identity::User(User::named(name)),
        }
    }

    /// How a report calls it.
    pub fn name(&self) -> &str {
        match self {
            Identity::User(user) => &user.name,
            Identity::Token(_) => "a token",
            Identity::Nobody => "nobody",
        }
    }
}

/// The API server as one of them sees it; every exchange is kept.
pub struct Person<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// With what they come.
    pub identity: Identity,
    /// What they asked so far.
    pub seen: Vec<Exchange>,
}

impl Client for Person<'_> {
    fn send(&mut self, request: Request) -> Response {
        let mut request = request;
        let own = request.headers.get("Authorization").is_some();
        match &self.identity {
            Identity::User(user) if !own => request = request.by(user.clone()),
            Identity::Token(token) if !own => {
                request = request.header("Authorization", format!("Bearer {token}"))
            }
            Identity::User(_) | Identity::Token(_) | Identity::Nobody => {}
        }
        let exchange = self.cluster.exchange(request);
        let response = exchange.reply.response.clone();
        self.seen.push(exchange);
        response
    }

    fn who(&self) -> &str {
        self.identity.name()
    }

    fn sent(&self) -> usize {
        self.seen.len()
    }

    fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.cluster.run_until(self.cluster.now() + by);
    }

    fn now(&self) -> Timestamp {
        self.cluster.now()
    }

    fn version(&self) -> Version {
        self.cluster.version()
    }

    fn exec(&mut self, namespace: &str, pod: &str, container: &str, command: &[String]) -> Output {
        let Some(object) = self.cluster.store().objects().get("pods", namespace, pod).cloned() else {
            return Output::failed(1, format!("Error from server (NotFound): pods \"{pod}\" not found\n"));
        };
        if object.text("status.phase") != "Running" {
            return Output::failed(1, format!("error: pod {namespace}/{pod} is not running\n"));
        }
        let inside = Inside::of(self.cluster, &object, Some(container).filter(|name| !name.is_empty()));
        // A process in the pod brings what its line gives it, not the person's identity.
        let person = std::mem::replace(&mut self.identity, Identity::Nobody);
        let ran = shell::exec(command, &inside, self);
        self.identity = person;
        ran
    }
}
