//! A request on its way: who asks and whether they may, then the stages of [`pipeline`], then what it waits for.
//!
//! | stage | what | may end in |
//! | --- | --- | --- |
//! | authenticate | who asks | 401 |
//! | impersonate | as whom do they act, and may they | 400, 403, 500 |
//! | authorize | may they do this | 403, 500 |
//!
//! An outsider gets 401 or 403 before the route table or the body is looked at.

use super::work::Awaits;
use super::{Aside, Cluster, state};
use crate::admit::{Answer, Answers, Effect, Heard, Post, Stop};
use crate::api::{
    Attributes, Body, Credential, Dig, Query, Refusal, Request, RequestInfo, Response, Status, Trace, User,
};
use crate::audit::Audited;
use crate::authenticate::{Notes, Sight, authenticate, impersonate};
use crate::authorize::{Authorized, authorize};
use crate::delegate::{Dialogue, Open, Questions};
use crate::json::json;
use crate::pipeline;
use crate::registry;
use jiff::SignedDuration;

/// Whether it is noted when a token of a secret was used (KEP-2799; on since 1.27).
const TRACKED_USE: &str = "LegacyServiceAccountTokenTracking";
pub(super) const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";

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
    /// It may be made and is much work, which is done beside the cluster: others are answered meanwhile. What it came to is
    /// [taken over](Cluster::take_over) then.
    Aside(Box<Aside>),
}

/// What came of answering a request as far as that goes.
pub(super) type Attempt = Result<Reply, Box<Halt>>;

/// What a request must wait for, and how far it has come.
pub(super) struct Halt {
    effects: Vec<Effect>,
    asked: Asked,
    authorization: Authorization,
}

/// More questions than this are asked for no request: its object changes faster than webhooks answer.
const ROUNDS: u32 = 256;

/// A request that waits for a webhook, an issuer, the server itself or a moment. Others go on meanwhile.
#[derive(Clone)]
pub struct Waiting(Way);

/// How far a request has come that waits.
#[derive(Clone)]
enum Way {
    /// Nobody knows who asks, or whether they may; those outside who do are being asked.
    Arrived(Box<Arrived>, Box<Open>),
    /// They may, and something is being asked.
    Authorized(Box<Authorization>, Asked),
}

/// A request whose sender is not known: it goes on from its beginning, with what was heard so far.
#[derive(Clone)]
struct Arrived {
    request: Request,
    trace: Trace,
    /// What authenticators and authorizers outside have said.
    dialogue: Dialogue,
    /// When it came.
    now: jiff::Timestamp,
}

/// A request that may be made.
///
/// It goes on from its decoded body, with the answers so far: admission sees the objects as they are then, as a real
/// server does when it retries a write; who asked and that they may was settled once.
#[derive(Clone)]
pub(super) struct Authorization {
    pub(super) authorized: Authorized,
    trace: Trace,
    dialogue: Dialogue,
    answers: Answers,
    /// How often something was asked.
    rounds: u32,
    random: crate::random::Random,
    /// When the request came, or last went on after the server itself had waited: a webhook's question stays the same
    /// however long others take to answer.
    now: jiff::Timestamp,
    pub(super) audited: Option<Box<Audited>>,
}

/// What is being asked.
#[derive(Clone)]
enum Asked {
    /// An authenticator or authorizer outside.
    Outside(Box<Open>),
    /// What a plugin wants done.
    Effects(Vec<Effect>),
}

impl Cluster {
    /// Takes one request through the stages.
    pub fn handle(&mut self, request: Request) -> Answered {
        let trace = Trace { info: RequestInfo::parse(&request.method, &request.target), ..Trace::default() };
        if let Some(full) = self.counts() {
            return self.done(full.into(), trace, None);
        }
        self.sender(Arrived { request, trace, dialogue: Dialogue::default(), now: self.now })
    }

    /// Goes on with a request whose effects were answered.
    pub fn resume(&mut self, waiting: Waiting, answers: Vec<Answer>) -> Answered {
        match waiting.0 {
            Way::Arrived(mut arrived, open) => {
                self.heard(*open, answers, &mut arrived.dialogue);
                self.sender(*arrived)
            }
            Way::Authorized(mut waiting, Asked::Outside(open)) => {
                self.heard(*open, answers, &mut waiting.dialogue);
                self.go_to_answer(*waiting)
            }
            Way::Authorized(mut waiting, Asked::Effects(effects)) => {
                if !effects.iter().all(|effect| matches!(effect, Effect::Post(_))) {
                    waiting.now = self.now;
                }
                waiting.answers.add(effects, answers);
                self.go_to_answer(*waiting)
            }
        }
    }

    fn heard(&mut self, open: Open, answers: Vec<Answer>, dialogue: &mut Dialogue) {
        open.heard(answers.into_iter().next(), dialogue, &mut self.delegated, self.now);
    }

    /// Authenticate to authorize, and on if they may.
    fn sender(&mut self, arrived: Arrived) -> Answered {
        let setup = self.setup.clone();
        // What is done while a question is open is done again later.
        let again = setup
            .asks_outside
            .then(|| (arrived.clone(), self.recognised.clone(), self.impersonators.clone()));
        let Arrived { request, mut trace, dialogue, now } = arrived;
        let sent = setup.audit.is_some().then(|| request.clone());
        let questions = Questions::new(&self.delegated, self.now, dialogue);
        let mut notes = Notes::default();
        let sender = self.admit_sender(request, &questions, &mut trace, &mut notes);
        let (dialogue, open) = questions.end();
        if let (Some(open), Some((arrived, recognised, impersonators))) = (open, again) {
            (self.recognised, self.impersonators) = (recognised, impersonators);
            let effects = vec![open.effect()];
            let waiting = Waiting(Way::Arrived(Box::new(Arrived { dialogue, ..arrived }), open));
            return Answered::Wait(effects, Box::new(waiting));
        }
        if let Some((namespace, name)) = &notes.used {
            self.note_use(namespace, name);
        }
        let audited = sent.and_then(|sent| self.follow(&sent, &trace, sender.as_ref().err()));
        match sender {
            Ok(authorized) => {
                let random = self.random.fork_of(|| state::name_of(&authorized));
                let (answers, rounds) = (Answers::default(), 0);
                self.go_to_answer(Authorization {
                    authorized,
                    trace,
                    dialogue,
                    answers,
                    rounds,
                    random,
                    now,
                    audited,
                })
            }
            Err(mut response) => {
                pipeline::warn(&mut response, &notes.warnings);
                self.done(response, trace, audited)
            }
        }
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
            self.audit.extend(audited.unauthenticated(trace, response, self.now));
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
                Answered::Aside(aside) => answered = self.take_over(aside.answer()),
            }
        }
    }

    /// Without a server to stream it, a watch is what there is by now.
    fn read_so_far(&self, response: &mut Response) {
        if let Body::Watch(watch) = &response.body {
            let news = self.news(&mut registry::Watcher::new(watch.clone()), usize::MAX);
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
                Effect::Get(get) => {
                    let (heard, fresh) = self.issuers.answer(&get, self.setup.config.seed);
                    Answer::Document(heard, fresh)
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
        outside: &Questions,
        trace: &mut Trace,
        notes: &mut Notes,
    ) -> Result<Authorized, Response> {
        let setup = self.setup.clone();
        let info = trace.info.clone();
        let by = &setup.authenticators;
        let mut sight =
            Sight { objects: self.store.objects(), now: self.now, recognised: &mut self.recognised, outside };
        let sender = authenticate(by, &mut sight, request, info, &mut trace.findings, notes);
        trace.audit.append(&mut notes.audit);
        let sender = sender?;
        trace.user = Some(sender.user().clone());
        let knowledge = &self.authorizer;
        let mut ask = |attributes: &Attributes| {
            let said = setup.authorizers.decide(knowledge, outside, attributes);
            (said.decision, said.reason())
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
        authorize(&setup.authorizers, knowledge, outside, sender, trace)
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

    /// Route to store, here or beside the cluster.
    fn go_to_answer(&mut self, authorization: Authorization) -> Answered {
        match self.goes_aside(&authorization.authorized) {
            true => Answered::Aside(Box::new(Aside::new(self, authorization))),
            false => self.answer(authorization),
        }
    }

    pub(super) fn answer(&mut self, mut authorization: Authorization) -> Answered {
        let audited = authorization.audited.take();
        let attempt = self.attempt(authorization);
        self.end(attempt, audited)
    }

    /// Tells the audit log of an answer, and whoever asked.
    pub(super) fn end(&mut self, attempt: Attempt, audited: Option<Box<Audited>>) -> Answered {
        match attempt {
            Ok(Reply { response, trace }) => self.done(response, trace, audited),
            Err(halt) => {
                let Halt { effects, asked, authorization } = *halt;
                let authorization = Box::new(Authorization { audited, ..authorization });
                Answered::Wait(effects, Box::new(Waiting(Way::Authorized(authorization, asked))))
            }
        }
    }

    /// Route to store.
    pub(super) fn attempt(&mut self, mut waiting: Authorization) -> Attempt {
        let setup = self.setup.clone();
        let mut trace = waiting.trace.clone();
        // What a request that must wait has done so far is done again later: nobody sees half of it.
        let before = (self.store.clone(), self.memory.clone(), self.recognised.clone());
        waiting.answers.rewind();
        let questions = Questions::new(&self.delegated, self.now, std::mem::take(&mut waiting.dialogue));
        let resources = self.served.resources().clone();
        let mut call = pipeline::Call {
            version: setup.config.version,
            config: &setup.config,
            resources: &resources,
            now: waiting.now,
            request: &waiting.authorized,
            query: &Query::of(&waiting.authorized.request().target),
            store: pipeline::Stored::new(&mut self.store),
            cache: self.caches.objects(),
            knowledge: &self.authorizer,
            outside: &questions,
            authorizers: &setup.authorizers,
            authenticators: &setup.authenticators,
            recognised: &mut self.recognised,
            plugins: &setup.plugins,
            random: waiting.random.clone(),
            memory: &mut self.memory,
            answers: &mut waiting.answers,
            trace: &mut trace,
            raw: Vec::new(),
            warnings: waiting.authorized.warnings().to_vec(),
        };
        let result = registry::serve(&mut call);
        let warnings = std::mem::take(&mut call.warnings);
        let (dialogue, open) = questions.end();
        waiting.dialogue = dialogue;
        let ended = match (open, result) {
            (Some(open), _) => Err((vec![open.effect()], Asked::Outside(open))),
            (None, Ok(response)) => Ok(response),
            (None, Err(Stop::Refused(refusal))) => Ok(refused(&mut trace, refusal)),
            (None, Err(Stop::Wait(effects))) if waiting.rounds < ROUNDS => {
                waiting.rounds += 1;
                Err((effects.clone(), Asked::Effects(effects)))
            }
            (None, Err(Stop::Wait(_))) => {
                self.store = before.0.clone();
                let text = "Timeout: request did not complete within requested timeout";
                Ok(refused(&mut trace, Status::plain(504, "Timeout", text).into()))
            }
        };
        match ended {
            Ok(mut response) => {
                pipeline::warn(&mut response, &warnings);
                Ok(Reply { response, trace })
            }
            Err((effects, asked)) => {
                (self.store, self.memory, self.recognised) = before;
                Err(Box::new(Halt { effects, asked, authorization: waiting }))
            }
        }
    }
}

fn refused(trace: &mut Trace, refusal: Refusal) -> Response {
    pipeline::refused(trace, &refusal);
    refusal.status.into()
}
