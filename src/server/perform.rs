//! Requests in the machine, from whoever they come: a connection, a process in a pod.

use super::{Machine, webhook};
use crate::admit::{Answer, Effect};
use crate::api::{Request, Response, Status};
use crate::cluster::{Answered, Exchange};
use std::sync::Arc;

/// The header of a refusal.
const HEADER: &str = "Kubeverdict-Explanation";

/// As many requests are in hand as may be (`filters/priority-and-fairness.go`).
pub(super) fn too_many() -> Response {
    let mut response = Response::text(429, "Too many requests, please try again later.\n");
    response.headers.add("Retry-After", "1");
    response
}

/// Takes a request into the machine; while it waits for the world outside, others go on.
pub(super) async fn perform(machine: &Arc<Machine>, request: Request) -> Response {
    let asked = machine.explanations.is_some().then(|| request.clone());
    let (mut answered, before) = machine
        .work(|cluster| {
            let before = asked.map(|asked| (cluster.fork(), asked));
            (cluster.handle(request), before)
        })
        .await;
    loop {
        match answered {
            Answered::Done(mut reply) => {
                if let (Some(explanations), Some((before, request))) = (&machine.explanations, before) {
                    let exchange = Exchange { request, reply: (*reply).clone(), moment: None };
                    if let Some(path) = explanations.keep(before, exchange) {
                        reply.response.headers.add(HEADER, path);
                    }
                }
                return reply.response;
            }
            Answered::Wait(effects, waiting) => {
                let answers = wait_for(machine, effects).await;
                answered = machine.work(|cluster| cluster.resume(*waiting, answers)).await;
            }
            Answered::Aside(aside) => match machine.beside(|| aside.answer()).await {
                Some(prepared) => {
                    answered = machine.work(|cluster| cluster.take_over(prepared)).await;
                }
                None => return Status::internal("the request could not be answered").into(),
            },
        }
    }
}

/// Performs effects one after the other; webhooks are called at the same time.
async fn wait_for(machine: &Arc<Machine>, effects: Vec<Effect>) -> Vec<Answer> {
    let mut posts = Vec::new();
    let mut answers = Vec::new();
    for effect in effects {
        match effect {
            Effect::Post(post) => posts.push(*post),
            Effect::Get(get) => {
                let (heard, fresh) = webhook::read(&get).await;
                answers.push(Answer::Document(heard, fresh));
            }
            Effect::Request(request) => {
                let response = Box::pin(perform(machine, *request)).await;
                answers.push(Answer::Response(Box::new(response)));
            }
            Effect::Pause(time) => {
                tokio::time::sleep(time).await;
                answers.push(Answer::Passed);
            }
        }
    }
    answers.extend(webhook::perform(posts).await.into_iter().map(Answer::Post));
    answers
}
