//! Exec, attach and port-forward: what a connection carries once the machine has granted a stream.
//!
//! | part | what |
//! | --- | --- |
//! | `wanted` | the stream that a request asks for |
//! | `offer` | which protocol the two sides speak |
//! | `websocket`, `spdy` | channels and streams on the wire |
//! | `input` | what the client types |
//! | `said` | what goes to the client, and how a command's end is told |
//! | `container`, `terminal` | the pod's end: a command, or a shell whose lines are typed one after the other |
//! | `ports` | ports that answer a line |
//!
//! The sources are `pkg/kubelet/server`, `k8s.io/kubelet/pkg/cri/streaming` and, for `v5.channel.k8s.io` and the tunnel of
//! port-forward, `apiserver/pkg/util/proxy` (KEP-4006).
//!
//! Differs from Kubernetes: no container runs, so that there is what [`clients::shell`](crate::clients::shell) knows and
//! nothing else; a command that it doesn't know ends with code 127, and says so.

mod container;
mod input;
mod offer;
mod ports;
mod said;
mod spdy;
mod terminal;
mod wanted;
mod websocket;

pub(super) use wanted::Wanted;

use super::{Machine, limits, perform};
use crate::api::{Dig, Headers, Response};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use offer::{Offer, Wire};
use ports::Harbour;
use said::{End, Said};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// So begins what a server tells on a stream that it translates and that its kubelet refuses.
const REFUSED: &str = "Internal error occurred: unable to upgrade connection: ";

/// Switches protocols for a stream that was granted: the answer, after which the connection is the stream's.
pub(super) async fn begin(
    machine: &Arc<Machine>,
    wanted: Wanted,
    answered: Response,
    connection: Option<OnUpgrade>,
) -> Response {
    let refused = answered.object().text("message").starts_with(REFUSED);
    if answered.code != 101 && !refused {
        return answered;
    }
    let version = machine.cluster.lock().await.version();
    let offer = match Offer::of(&wanted, version) {
        Ok(offer) => offer,
        Err(refused) => return refused,
    };
    let (Some(connection), Ok(place)) = (connection, machine.streams.clone().try_acquire_owned()) else {
        return perform::too_many();
    };
    let mut response = Response { headers: Headers::default(), ..Response::text(101, "") };
    response.headers.add("Connection", "Upgrade");
    offer.headers.iter().for_each(|(name, value)| response.headers.add(*name, value));
    let (machine, wire) = (machine.clone(), offer.wire);
    tokio::spawn(async move {
        if let Ok(upgraded) = connection.await {
            let refused = refused.then(|| answered.object().clone());
            carry(machine, wanted, wire, refused.map(End::Refused), TokioIo::new(upgraded)).await;
        }
        drop(place);
    });
    response
}

async fn carry(
    machine: Arc<Machine>,
    wanted: Wanted,
    wire: Wire,
    refused: Option<End>,
    io: TokioIo<Upgraded>,
) {
    let (stdin, typed) = channel(1);
    let (say, said) = channel(1);
    match wire {
        Wire::WebSocket(form) => {
            let line = websocket::container(io, form, &wanted, stdin, said);
            tokio::join!(line, speak(machine, &wanted, refused, typed, say));
        }
        Wire::Spdy(form) => {
            let line = spdy::container::carry(io, form, &wanted, stdin, said);
            tokio::join!(line, speak(machine, &wanted, refused, typed, say));
        }
        Wire::WebSocketPorts(form, ports) => {
            websocket::ports(io, form, &ports, &Harbour { machine, wanted }).await;
        }
        Wire::SpdyPorts => spdy::ports::carry(io, &Harbour { machine, wanted }).await,
        Wire::Tunnel => {
            let (near, far) = tokio::io::duplex(limits::PIECE);
            let harbour = Harbour { machine, wanted };
            tokio::join!(websocket::tunnel(io, far), spdy::ports::carry(near, &harbour));
        }
    }
}

/// The pod's end of exec and attach.
async fn speak(
    machine: Arc<Machine>,
    wanted: &Wanted,
    refused: Option<End>,
    typed: Receiver<Bytes>,
    say: Sender<Said>,
) {
    let end = match refused {
        Some(end) => end,
        None => container::run(machine, wanted, typed, &say).await,
    };
    let _ = say.send(Said::End(end)).await;
}
