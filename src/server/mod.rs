//! HTTPS in front of a [`Cluster`]: any Kubernetes client can talk to it.
//!
//! Connections are many, the machine is one: a request is read whole, taken into the machine, and answered; slow or
//! broken clients wait outside. Certificates are only passed on here and judged by the authenticator. Time is the
//! wall's: the machine is told it before each request, and when something falls due. While a webhook is called the
//! machine is free: others are answered, the webhook itself among them. What is much work is done beside the machine, on
//! another thread, and so is the writing of long answers. What controllers have to do is done in turns with
//! requests: a set of ever so many pods holds nobody up. A stream that the machine grants (exec, attach, port-forward) takes its
//! connection over, in `upgrade`. What a client may take of the server is in `limits.rs`.

mod bells;
mod explain;
mod http;
pub(crate) mod limits;
mod log;
mod perform;
mod status;
mod stream;
mod tls;
mod trust;
mod upgrade;
mod wall;
mod webhook;

pub use tls::Identity;
pub use wall::Wall;

use crate::cluster::{Asked, Cluster, Errand};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

/// The machine, as connections share it.
pub(crate) struct Machine {
    cluster: Mutex<Cluster>,
    wall: Wall,
    /// Whether controllers have more to do than could be done at once.
    behind: AtomicBool,
    /// Ring when something was written.
    bells: bells::Bells,
    audit: log::AuditLog,
    /// Where refusals are explained.
    explanations: Option<explain::Explanations>,
    /// One for each request with a body.
    bodies: Semaphore,
    /// One for each work that is done beside the machine.
    beside: Semaphore,
    /// One for each exec, attach and port-forward.
    streams: Arc<Semaphore>,
}

impl Machine {
    /// Does something with the cluster at the time that it is now. What falls due before and after is done, too, unless it is
    /// so much that it is done by and by.
    async fn work<R>(self: &Arc<Machine>, todo: impl FnOnce(&mut Cluster) -> R) -> R {
        let mut cluster = self.cluster.lock().await;
        let before = cluster.store().revision();
        self.advance(&mut cluster, self.wall.now(), false);
        let done = todo(&mut cluster);
        let now = cluster.now();
        self.advance(&mut cluster, now, false);
        self.tell(&mut cluster, before);
        done
    }

    /// Does something long that needs no machine, while others are answered; none if it ends in a panic.
    async fn beside<R: Send + 'static>(&self, todo: impl FnOnce() -> R + Send + 'static) -> Option<R> {
        let _place = self.beside.acquire().await;
        tokio::task::spawn_blocking(todo).await.ok()
    }

    /// Lets controllers do what falls due, for a turn; until when nothing more does.
    async fn turn(self: &Arc<Machine>) -> Option<Duration> {
        let mut cluster = self.cluster.lock().await;
        let before = cluster.store().revision();
        self.advance(&mut cluster, self.wall.now(), true);
        self.tell(&mut cluster, before);
        cluster.next_due().map(|due| self.wall.until(due))
    }

    /// Moves the cluster's time on. Whose turn it is to work off what is left does so; nobody else does it instead.
    fn advance(&self, cluster: &mut Cluster, until: Timestamp, turn: bool) {
        let behind = self.behind.load(Ordering::Relaxed);
        if behind && !turn {
            cluster.run_steps(until, 0);
            return;
        }
        let (begun, time) = (Instant::now(), if behind { limits::TURN } else { limits::AT_ONCE });
        let mut done = cluster.run_steps(until, limits::STEPS);
        while !done && begun.elapsed() < time {
            done = cluster.run_steps(until, limits::STEPS);
        }
        self.behind.store(!done, Ordering::Relaxed);
    }

    /// Tells the world what happened.
    fn tell(self: &Arc<Machine>, cluster: &mut Cluster, before: u64) {
        cluster.take_journal();
        self.audit.write(cluster);
        for asked in cluster.take_asked() {
            tokio::spawn(do_outside(self.clone(), asked));
        }
        if cluster.store().revision() != before {
            self.bells.ring(cluster.store(), before);
        }
    }
}

/// Does what a request of a controller waits for.
fn do_outside(machine: Arc<Machine>, asked: Asked) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        match asked.errand {
            Errand::Posts(posts) => {
                let heard = webhook::perform(posts).await;
                machine.work(|cluster| cluster.answer_asked(asked.id, heard)).await;
            }
            Errand::Aside(aside) => {
                if let Some(prepared) = machine.beside(|| aside.answer()).await {
                    machine.work(|cluster| cluster.answer_aside(asked.id, prepared)).await;
                }
            }
            Errand::Look(look) => {
                if let Some(looked) = machine.beside(|| look.look()).await {
                    machine.work(|cluster| cluster.carry_out(looked)).await;
                }
            }
        }
    })
}

/// A server that listens.
pub struct Server {
    listener: tokio::net::TcpListener,
    tls: TlsAcceptor,
    machine: Arc<Machine>,
}

impl Server {
    /// Binds the address; nothing is answered before [`Server::run`]. With `explains`, a refusal says in a header where
    /// it is explained.
    ///
    /// # Errors
    ///
    /// An address that cannot be bound, a certificate or key that cannot be read, an audit log that cannot be written.
    pub async fn bind(
        at: SocketAddr,
        identity: &Identity,
        mut cluster: Cluster,
        wall: Wall,
        explains: bool,
    ) -> std::io::Result<Server> {
        cluster.call_webhooks_outside();
        #[expect(clippy::disallowed_methods, reason = "the server's door")]
        let listener = tokio::net::TcpListener::bind(at).await?;
        cluster.is_reached_at(listener.local_addr()?);
        let tls = TlsAcceptor::from(Arc::new(tls::config(identity).map_err(std::io::Error::other)?));
        let audit = log::AuditLog::open(&cluster)?;
        let explanations = explains.then(explain::Explanations::default);
        let machine = Machine {
            cluster: Mutex::new(cluster),
            wall,
            behind: AtomicBool::new(false),
            bells: bells::Bells::default(),
            audit,
            explanations,
            bodies: Semaphore::new(limits::BODIES),
            beside: Semaphore::new(limits::BESIDE),
            streams: Arc::new(Semaphore::new(limits::GRANTED)),
        };
        Ok(Server { listener, tls, machine: Arc::new(machine) })
    }

    /// The address that it listens on.
    ///
    /// # Errors
    ///
    /// What the system says of the socket.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let clock = tokio::spawn(tick(self.machine.clone()));
        let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
        tokio::pin!(stop);
        loop {
            let accepted = async {
                let place = places.clone().acquire_owned().await;
                (place, self.listener.accept().await)
            };
            tokio::select! {
                () = &mut stop => break,
                (place, accepted) = accepted => {
                    // A failed accept (too many files) passes; the next one may go well.
                    let (Ok((stream, peer)), Ok(place)) = (accepted, place) else {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    };
                    let _ = stream.set_nodelay(true);
                    let (tls, machine) = (self.tls.clone(), self.machine.clone());
                    tokio::spawn(async move {
                        connection(stream, peer, tls, machine).await;
                        drop(place);
                    });
                }
            }
        }
        clock.abort();
    }
}

/// Lets what falls due happen, without anybody asking.
async fn tick(machine: Arc<Machine>) {
    let idle = Duration::from_millis(50);
    loop {
        let until = machine.turn().await;
        if machine.behind.load(Ordering::Relaxed) {
            // Whoever waits for the machine comes first.
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(until.unwrap_or(idle).clamp(Duration::from_millis(2), idle)).await;
        }
    }
}

async fn connection(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    tls: TlsAcceptor,
    machine: Arc<Machine>,
) {
    let Ok(Ok(stream)) = tokio::time::timeout(limits::HANDSHAKE, tls.accept(stream)).await else { return };
    let session = stream.get_ref().1;
    let certificate: Option<Arc<[u8]>> =
        session.peer_certificates().and_then(|list| list.first()).map(|der| Arc::from(der.as_ref()));
    let is_http2 = session.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request| {
        let (machine, certificate) = (machine.clone(), certificate.clone());
        async move { Ok::<_, std::convert::Infallible>(http::answer(&machine, certificate, peer, request).await) }
    });
    // Nobody waits for a client for ever, and one that has gone is noticed, whether it reads or not.
    if is_http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits::STREAMS)
            .max_header_list_size(limits::HEAD_BYTES as u32)
            .keep_alive_interval(limits::SILENCE)
            .keep_alive_timeout(limits::ECHO);
        let _ = builder.serve_connection(TokioIo::new(stream), service).await;
    } else {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(limits::HEAD)
            .max_buf_size(limits::HEAD_BYTES)
            .max_headers(limits::HEAD_LINES);
        let _ = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    }
}
