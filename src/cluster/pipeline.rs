//! The stages of a request, top to bottom, with the HTTP codes that each may end in.
//!
//! | stage | what | may end in |
//! | --- | --- | --- |
//! | authenticate | who asks | 401 |
//! | impersonate | as whom do they act, and may they | 400, 403, 500 |
//! | authorize | may they do this | 403 |
//! | route | is there such a thing | 404, 405, 406 |
//! | decode | can the body be read | 400, 413, 415 |
//! | mutate | plugins that change the write | 403, 500 |
//! | escalate | do they hand out more than they hold | 403, 404 |
//! | validate | is the object valid | 422 |
//! | enforce | plugins that refuse the write | 403, 422, a webhook's own |
//! | store | read or written | 404, 409 |
//!
//! An outsider gets 401 or 403 before the route table or the body is looked at.

use super::Cluster;
use crate::admit::{Answer, Effect, Stop};
use crate::api::{Attributes, Body, Credential, Dig, Request, RequestInfo, Response, Trace, User};
use crate::authenticate::{authenticate, impersonate};
use crate::authorize::{Authorized, authorize};
use crate::registry;
use serde_json::json;

/// The first release that notes when a token of a secret was used (`LegacyServiceAccountTokenTracking`).
const TRACKED_USE: u8 = 27;
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";

/// What the API server answers, and how it came to it.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The answer.
    pub response: Response,
    /// What each stage found.
    pub trace: Trace,
}

/// A request is answered, or needs the world outside first.
pub enum Answered {
    /// Answered.
    Done(Box<Reply>),
    /// To be resumed with the effect's answer.
    Wait(Effect, Box<Waiting>),
}

/// A request that waits for an answer from outside. Others go on meanwhile.
///
/// It goes on from its decoded body, with the answers so far: admission sees the objects as they are then, as a real
/// server does when it retries a write; who asked and that they may was settled once.
pub struct Waiting {
    authorized: Authorized,
    trace: Trace,
    answers: Vec<Answer>,
    random: crate::random::Random,
}

impl Cluster {
    /// Takes one request through the stages.
    pub fn handle(&mut self, request: Request) -> Answered {
        let mut trace = Trace {
            info: RequestInfo::parse(&request.method, &request.target),
            ..Trace::default()
        };
        let mut warnings = Vec::new();
        match self.admit_sender(request, &mut trace, &mut warnings) {
            Ok(authorized) => {
                let random = self.random.fork();
                self.answer(Waiting {
                    authorized,
                    trace,
                    answers: Vec::new(),
                    random,
                })
            }
            Err(mut response) => {
                warnings.iter().for_each(|text| response.headers.add("Warning", registry::warning(text)));
                Answered::Done(Box::new(Reply { response, trace }))
            }
        }
    }

    /// Goes on with a request whose effect was answered.
    pub fn resume(&mut self, mut waiting: Waiting, answer: Answer) -> Answered {
        waiting.answers.push(answer);
        self.answer(waiting)
    }

    /// Takes one request through the stages, with nobody outside to ask: every effect fails.
    pub fn handle_now(&mut self, request: Request) -> Reply {
        let mut answered = self.handle(request);
        loop {
            match answered {
                Answered::Done(mut reply) => {
                    self.read_so_far(&mut reply.response);
                    return *reply;
                }
                Answered::Wait(effect, waiting) => {
                    let answer = self.scripted(&effect);
                    answered = self.resume(*waiting, answer);
                }
            }
        }
    }

    /// Without a server to stream it, a watch is what there is by now.
    fn read_so_far(&self, response: &mut Response) {
        if let Body::Watch(watch) = &response.body {
            let news = self.news(&mut registry::Watcher::new(watch.clone()));
            response.body = Body::Text(news.events.iter().map(|event| format!("{event}\n")).collect());
        }
    }

    /// What a webhook answers where there is no network.
    fn scripted(&self, effect: &Effect) -> Answer {
        Answer::Failed(format!("no answer is given for webhook `{}`", effect.webhook))
    }

    /// Authenticate, impersonate, authorize.
    fn admit_sender(
        &mut self,
        request: Request,
        trace: &mut Trace,
        warnings: &mut Vec<String>,
    ) -> Result<Authorized, Response> {
        let setup = self.setup.clone();
        let objects = self.store.objects();
        let info = trace.info.clone();
        let by = &setup.authenticators;
        let sender = authenticate(by, objects, self.now, request, info, &mut trace.findings, warnings)?;
        if let Some((namespace, name)) = sender.used_secret() {
            self.note_use(namespace, name);
        }
        trace.user = Some(sender.user().clone());
        let knowledge = &self.authorizer;
        let mut ask = |attributes: &Attributes| {
            let said = setup.authorizers.decide(knowledge, attributes);
            (said.decision, said.reason)
        };
        let sender = impersonate(setup.config.version, sender, &mut self.impersonators, &mut ask, &mut trace.findings)?;
        trace.user = Some(sender.user().clone());
        trace.impersonator = sender.impersonator().cloned();
        Ok(authorize(&setup.authorizers, knowledge, sender, trace)?)
    }

    /// The server itself writes at the secret of a token when it was last used, once a day.
    ///
    /// Differs from Kubernetes: a token that is only reviewed was not used.
    fn note_use(&mut self, namespace: &str, name: &str) {
        let today = self.now.strftime("%Y-%m-%d").to_string();
        let secret = self.store.objects().get("secrets", namespace, name);
        let noted = secret.is_none_or(|secret| secret.label(LAST_USED) == Some(&today));
        if noted || self.version().before(TRACKED_USE) {
            return;
        }
        let patch = json!({"metadata": {"labels": {LAST_USED: today}}}).to_string();
        let request = Request::new("PATCH", format!("/api/v1/namespaces/{namespace}/secrets/{name}"))
            .body("application/merge-patch+json", patch.into_bytes());
        let server = User::new("system:apiserver", &["system:masters"]);
        self.handle_now(Request { credential: Credential::Component(server), ..request });
    }

    /// Route to store.
    fn answer(&mut self, waiting: Waiting) -> Answered {
        let Waiting {
            authorized,
            trace: before,
            answers,
            random,
        } = waiting;
        let setup = self.setup.clone();
        let mut trace = before.clone();
        let mut call = registry::Call {
            version: setup.config.version,
            config: &setup.config,
            now: self.now,
            store: &mut self.store,
            cache: self.caches.objects(),
            knowledge: &self.authorizer,
            authorizers: &setup.authorizers,
            authenticators: &setup.authenticators,
            plugins: &setup.plugins,
            random: random.clone(),
            answers: &answers,
            trace: &mut trace,
            warnings: authorized.warnings().to_vec(),
        };
        let result = registry::serve(&mut call, &authorized);
        let mut response = match result {
            Ok(response) => response,
            Err(Stop::Refused(status)) => {
                call.refused(&status);
                Response::from(status)
            }
            Err(Stop::Wait(effect)) => {
                return Answered::Wait(
                    effect,
                    Box::new(Waiting {
                        authorized,
                        trace: before,
                        answers,
                        random,
                    }),
                );
            }
        };
        for warning in std::mem::take(&mut call.warnings) {
            response.headers.add("Warning", registry::warning(&warning));
        }
        Answered::Done(Box::new(Reply { response, trace }))
    }
}
