//! `kubeverdict play`: one page on this machine, in front of a cluster of its own a tab.

mod http;
mod tabs;

use super::out::Out;
use super::scenarios::{self, Lies};
use super::{Exit, stories};
use crate::error::Error;
use crate::files;
use crate::limits::NAMED_BYTES;
use http::{At, Site};
use ring::rand::{SecureRandom, SystemRandom};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tabs::{Begin, Tabs};

/// Play with roles, bindings and questions on one page in a browser
///
///   kubeverdict play
///
///   kubeverdict play lessons/04
///
///   kubeverdict play dump.yaml
///
/// Prints the page's address, which holds a random token. Only this machine reaches it, unless --address says otherwise. Each
/// tab has a cluster of its own, which starts as the scenario, the story or the manifests say. A link that the page shared
/// can be given as well.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct PlayArgs {
    /// A scenario's file, a story in the program (lessons/04), manifests or a dump, or a shared link
    #[arg(value_name = "SCENARIO|DUMP")]
    begin: Option<String>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// The port to listen on; another one where this is taken, and 0 for any
    #[arg(long, value_name = "PORT", default_value_t = 8420)]
    port: u16,
    /// The folder that a scenario may read in, unless it is the one that holds it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub(in crate::cli) fn cmd_play(args: PlayArgs) -> Result<Exit, Error> {
    let (begin, fragment) = begin(args.begin.as_deref(), args.root.as_deref())?;
    let tabs = Tabs::new(begin);
    // What is wrong with what was named is told here, and not on the page.
    tabs.check()?;
    if !args.address.is_loopback() {
        super::warn(&format!(
            "{} is not loopback: whoever reaches it and learns the address plays, too",
            args.address
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("cannot start: {error}")))?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = listen(args.address, args.port).await?;
        let at = listener.local_addr().map_err(Error::of)?;
        let token = token()?;
        let mut out = Out::open();
        let _ = writeln!(out, "kubeverdict plays on http://{at}/{token}/{fragment}");
        out.end(Exit::Fine)?;
        Site::new(At { address: at, token }, tabs).serve(listener, super::stopped()).await;
        Ok(Exit::Fine)
    })
}

/// What a tab begins with, and what the page's address ends with.
fn begin(named: Option<&str>, root: Option<&Path>) -> Result<(Begin, String), Error> {
    scenarios::check_root(root)?;
    let Some(named) = named else { return Ok((Begin::Start, String::new())) };
    if let Some((_, shared)) = named.split_once("#s=") {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        return match shared.chars().all(is_part) {
            true => Ok((Begin::Start, format!("#s={shared}"))),
            false => Err(Error::new("the link is broken: behind `#s=` stand letters, digits, `-` and `_`")),
        };
    }
    if files::is_file(Path::new(named)) {
        let text = files::text(Path::new(named), &NAMED_BYTES).map_err(Error::of_file(named))?;
        if !scenarios::is_scenario(&text) {
            return Ok((Begin::Dump { path: named.to_owned(), text }, String::new()));
        }
    }
    let loaded = scenarios::one(named, root)?;
    let begin = match loaded.lies {
        Lies::Program => Begin::Story(
            stories::named(&loaded.path).into_iter().next().ok_or_else(|| scenarios::missing(named))?,
        ),
        Lies::File { .. } | Lies::Yet(_) => {
            let files = loaded.files();
            Begin::File { path: loaded.path, text: loaded.text, files: Box::new(files) }
        }
    };
    Ok((begin, String::new()))
}

/// Listens on the port, or where somebody else does, on any.
async fn listen(address: IpAddr, port: u16) -> Result<tokio::net::TcpListener, Error> {
    #[expect(clippy::disallowed_methods, reason = "the page's door")]
    let listener = match tokio::net::TcpListener::bind(SocketAddr::new(address, port)).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            tokio::net::TcpListener::bind(SocketAddr::new(address, 0)).await
        }
        listener => listener,
    };
    listener.map_err(|error| Error::new(format!("cannot listen on {address}: {error}")))
}

/// What nobody guesses.
fn token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map_err(|_| Error::new("the system has no random bytes for the page's address"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
