//! HTTPS in front of a [`Cluster`]: any Kubernetes client can talk to it.
//!
//! Connections are many, the machine is one: a request is read whole, taken into the machine, and answered; slow or
//! broken clients wait outside. Certificates are only passed on here and judged by the authenticator. Time is the
//! wall's: the machine is told it before each request, and when something falls due. While a webhook is called the
//! machine is free: others are answered, the webhook itself among them.

mod bells;
mod explain;
mod http;
mod log;
mod stream;
mod tls;
mod trust;
mod wall;
mod webhook;

pub use tls::Identity;
pub use wall::Wall;

use crate::cluster::{Asked, Cluster};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_rustls::TlsAcceptor;

/// How long a client may take for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The machine, as connections share it.
pub(crate) struct Machine {
    cluster: Mutex<Cluster>,
    wall: Wall,
    /// Ring when something was written.
    bells: bells::Bells,
    audit: log::AuditLog,
    /// Where refusals are explained.
    explanations: Option<explain::Explanations>,
}

impl Machine {
    /// Does something with the cluster at the time that it is now, everything done that falls due before and after.
    async fn work<R>(self: &Arc<Machine>, todo: impl FnOnce(&mut Cluster) -> R) -> R {
        let mut cluster = self.cluster.lock().await;
        let before = cluster.store().revision();
        cluster.run_until(self.wall.now());
        let done = todo(&mut cluster);
        let now = cluster.now();
        cluster.run_until(now);
        cluster.take_journal();
        self.audit.write(&mut cluster);
        for asked in cluster.take_asked() {
            tokio::spawn(call(self.clone(), asked));
        }
        if cluster.store().revision() != before {
            self.bells.ring(cluster.store(), before);
        }
        done
    }
}

/// Calls the webhooks that a request of a controller waits for.
fn call(machine: Arc<Machine>, asked: Asked) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let heard = webhook::perform(asked.posts).await;
        machine.work(|cluster| cluster.answer_asked(asked.id, heard)).await;
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
            bells: bells::Bells::default(),
            audit,
            explanations,
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
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => {
                    // A failed accept (too many files) passes; the next one may go well.
                    let Ok((stream, peer)) = accepted else {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    };
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(connection(stream, peer, self.tls.clone(), self.machine.clone()));
                }
            }
        }
        clock.abort();
    }
}

/// Lets what falls due happen, without anybody asking.
async fn tick(machine: Arc<Machine>) {
    loop {
        let due = machine.work(|cluster| cluster.next_due()).await;
        let until = due.map(|due| machine.wall.until(due));
        tokio::time::sleep(
            until
                .unwrap_or(Duration::from_millis(50))
                .clamp(Duration::from_millis(2), Duration::from_millis(50)),
        )
        .await;
    }
}

async fn connection(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    tls: TlsAcceptor,
    machine: Arc<Machine>,
) {
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await else { return };
    let certificate: Option<Arc<[u8]>> = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(|list| list.first())
        .map(|der| Arc::from(der.as_ref()));
    let service = service_fn(move |request| {
        let (machine, certificate) = (machine.clone(), certificate.clone());
        async move { Ok::<_, std::convert::Infallible>(http::answer(&machine, certificate, peer, request).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().half_close(true);
    let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}
