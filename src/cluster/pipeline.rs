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
use super::waits::Awaits;
use crate::admit::{Answer, Answers, Effect, Heard, Post, Stop};
use crate::api::{
    Attributes, Body, Credential, Dig, Refusal, Request, RequestInfo, Response, Status, Trace, User,
};
use crate::audit::Audited;
use crate::authenticate::{Notes, authenticate, impersonate};
use crate::authorize::{Authorized, authorize};
use crate::registry;
use jiff::SignedDuration;
use serde_json::json;

/// Whether it is noted when a token of a secret was used (KEP-2799; on since 1.27).
const TRACKED_USE: &str = "LegacyServiceAccountTokenTracking";
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";

/// What the API server answers, and how it came to it.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The answer.
    pub response: Response,
    /// What each stage found.
    pub trace: Trace,
}

/// A request is answered, or something must happen first.
pub enum Answered {
    /// Answered.
    Done(Box<Reply>),
    /// To be resumed with the answers to the effects, one each, in order; they may be performed at the same time.
    Wait(Vec<Effect>, Box<Waiting>),
}

/// More questions than this are asked for no request: its object changes faster than webhooks answer.
const ROUNDS: u32 = 256;

/// A request that waits for a webhook, the server itself or a moment. Others go on meanwhile.
///
/// It goes on from its decoded body, with the answers so far: admission sees the objects as they are then, as a real
/// server does when it retries a write; who asked and that they may was settled once.
#[derive(Clone)]
pub struct Waiting {
    authorized: Authorized,
    trace: Trace,
    answers: Answers,
    /// What is being asked.
    asked: Vec<Effect>,
    /// How often something was asked.
    rounds: u32,
    random: crate::random::Random,
    /// When the request came, or last went on after the server itself had waited: a webhook's question stays the same
    /// however long others take to answer.
    now: jiff::Timestamp,
    audited: Option<Box<Audited>>,
}

impl Cluster {
    /// Takes one request through the stages.
    pub fn handle(&mut self, request: Request) -> Answered {
        let mut trace =
            Trace { info: RequestInfo::parse(&request.method, &request.target), ..Trace::default() };
        let mut warnings = Vec::new();
        let sent = self.setup.audit.is_some().then(|| request.clone());
        let sender = self.admit_sender(request, &mut trace, &mut warnings);
        let audited = sent.and_then(|sent| self.follow(&sent, &trace, sender.as_ref().err()));
        match sender {
            Ok(authorized) => {
                let waiting = Waiting {
                    authorized,
                    trace,
                    answers: Answers::default(),
                    asked: Vec::new(),
                    rounds: 0,
                    random: self.random.fork(),
                    now: self.now,
                    audited,
                };
                self.answer(waiting)
            }
            Err(mut response) => {
                warnings.iter().for_each(|text| response.headers.add("Warning", registry::warning(text)));
                self.done(response, trace, audited)
            }
        }
    }

    /// Goes on with a request whose effects were answered.
    pub fn resume(&mut self, mut waiting: Waiting, answers: Vec<Answer>) -> Answered {
        let posted = |effect: &Effect| matches!(effect, Effect::Post(_));
        if !waiting.asked.iter().all(posted) {
            waiting.now = self.now;
        }
        waiting.answers.add(std::mem::take(&mut waiting.asked), answers);
        self.answer(waiting)
    }

    fn done(&mut self, response: Response, trace: Trace, audited: Option<Box<Audited>>) -> Answered {
        if let Some(audited) = audited {
            self.audit.extend(audited.answered(&trace, &response, self.now));
        }
        Answered::Done(Box::new(Reply { response, trace }))
    }

    /// Begins to follow a request for the audit log; one whose sender nobody knows is told at once.
    fn follow(&mut self, sent: &Request, trace: &Trace, refused: Option<&Response>) -> Option<Box<Audited>> {
        let setup = self.setup.clone();
        let id = self.random.audit_id();
        let policy = setup.audit.as_ref()?;
        let audited = Audited::new(policy, sent, trace, self.now, id, setup.config.version)?;
        if let (None, Some(response)) = (&trace.user, refused) {
            self.audit.extend(audited.unauthenticated(sent, trace, response, self.now));
            return None;
        }
        self.audit.extend(audited.received(self.now));
        Some(Box::new(audited))
    }

    /// Takes one request through the stages, with nobody outside to ask: webhooks say what was scripted, and where it
    /// must wait, time passes for everybody.
    pub fn handle_now(&mut self, request: Request) -> Reply {
        let mut answered = self.handle(request);
        loop {
            match answered {
                Answered::Done(mut reply) => {
                    self.read_so_far(&mut reply.response);
                    return *reply;
                }
                Answered::Wait(effects, waiting) => {
                    let answers = self.wait_for(effects);
                    answered = self.resume(*waiting, answers);
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

    /// Performs effects one after the other; webhooks are called at the same time.
    fn wait_for(&mut self, effects: Vec<Effect>) -> Vec<Answer> {
        let mut longest = SignedDuration::ZERO;
        let mut answers = Vec::new();
        for effect in effects {
            answers.push(match effect {
                Effect::Post(post) => {
                    let (heard, took) = self.webhooks.answer(&post);
                    longest = longest.max(took);
                    Answer::Post(heard)
                }
                Effect::Request(request) => Answer::Response(Box::new(self.handle_now(*request).response)),
                Effect::Pause(time) => {
                    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
                    self.run_until(self.now + time);
                    Answer::Passed
                }
            });
        }
        self.now += longest;
        answers
    }

    /// What webhooks say where there is no network, and how long they take together.
    pub(super) fn scripted(&self, posts: &[Post]) -> (Vec<Heard>, SignedDuration) {
        let (heard, took): (Vec<_>, Vec<_>) = posts.iter().map(|post| self.webhooks.answer(post)).unzip();
        (heard, took.into_iter().max().unwrap_or_default())
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
        let mut notes = Notes::default();
        let sender = authenticate(by, objects, self.now, request, info, &mut trace.findings, &mut notes);
        warnings.append(&mut notes.warnings);
        trace.audit.append(&mut notes.audit);
        if let Some((namespace, name)) = &notes.used {
            self.note_use(namespace, name);
        }
        let sender = sender?;
        trace.user = Some(sender.user().clone());
        let knowledge = &self.authorizer;
        let mut ask = |attributes: &Attributes| {
            let said = setup.authorizers.decide(knowledge, attributes);
            (said.decision, said.reason)
        };
        let sender = impersonate(
            setup.config.version,
            sender,
            &mut self.impersonators,
            &mut ask,
            &mut trace.findings,
        )?;
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
        if noted || !self.setup.config.feature(TRACKED_USE) {
            return;
        }
        let patch = json!({"metadata": {"labels": {LAST_USED: today}}}).to_string();
        let request = Request::new("PATCH", format!("/api/v1/namespaces/{namespace}/secrets/{name}"))
            .body("application/merge-patch+json", patch.into_bytes());
        let server = User::new("system:apiserver", &["system:masters"]);
        let noted = self.handle(Request { credential: Credential::Component(server), ..request });
        self.go_on(noted, Awaits::Nobody);
    }

    /// Route to store.
    fn answer(&mut self, mut waiting: Waiting) -> Answered {
        let setup = self.setup.clone();
        let mut trace = waiting.trace.clone();
        // What a request that must wait has done so far is done again later: nobody sees half of it.
        let (store, rates) = (self.store.clone(), self.rates.clone());
        waiting.answers.rewind();
        let mut call = registry::Call {
            version: setup.config.version,
            config: &setup.config,
            now: waiting.now,
            store: &mut self.store,
            cache: self.caches.objects(),
            knowledge: &self.authorizer,
            authorizers: &setup.authorizers,
            authenticators: &setup.authenticators,
            plugins: &setup.plugins,
            random: waiting.random.clone(),
            rates: &mut self.rates,
            answers: &mut waiting.answers,
            trace: &mut trace,
            warnings: waiting.authorized.warnings().to_vec(),
        };
        let result = registry::serve(&mut call, &waiting.authorized);
        let mut response = match result {
            Ok(response) => response,
            Err(Stop::Refused(refusal)) => {
                call.refused(&refusal);
                Response::from(refusal.status)
            }
            Err(Stop::Wait(effects)) if waiting.rounds < ROUNDS => {
                (self.store, self.rates) = (store, rates);
                waiting.asked.clone_from(&effects);
                waiting.rounds += 1;
                return Answered::Wait(effects, Box::new(waiting));
            }
            Err(Stop::Wait(_)) => {
                let status = Status::plain(
                    504,
                    "Timeout",
                    "Timeout: request did not complete within requested timeout",
                );
                let refusal = Refusal::from(status);
                call.refused(&refusal);
                *call.store = store;
                Response::from(refusal.status)
            }
        };
        for warning in std::mem::take(&mut call.warnings) {
            response.headers.add("Warning", registry::warning(&warning));
        }
        self.done(response, trace, waiting.audited)
    }
}
