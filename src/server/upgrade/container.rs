//! The inside of a container: what a command there reads and writes.
//!
//! A command is run once, by [`clients::shell`](crate::clients::shell) as in a step of a scenario. What it asks of the API goes
//! through the machine like anybody's request. `cat` copies its input, and a shell without a script reads lines.
//!
//! The main process of a container, to which `attach` leads, ends with `exit`, or with its input where the container reads that
//! once (`stdinOnce`); its kubelet sees the end.
//!
//! Differs from Kubernetes: a main process is silent unless it is a shell or `cat`, each who attaches has one of his own, and in a
//! pod that restarts what has ended it goes on as if nothing had been.

use super::super::perform::perform;
use super::super::{Machine, limits};
use super::said::{Channel, End, Said};
use super::terminal::Terminal;
use super::wanted::{Kind, Wanted};
use crate::api::{Dig, Request, Response, Version};
use crate::clients::inside::Inside;
use crate::clients::{Client, Output, script, shell};
use crate::cluster::Cluster;
use crate::json::Value;
use bytes::Bytes;
use jiff::Timestamp;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender};

/// The exit code of what its node kills.
const KILLED: i32 = 137;

/// The flags of a shell that has no script.
const INTERACTIVE: [&str; 3] = ["-i", "-l", "-s"];

/// What a command does with its input.
enum Reads {
    /// Copies it.
    Copy,
    /// Takes each line for a command.
    Lines,
    /// Nothing.
    Nothing,
}

impl Reads {
    fn of(command: &[String]) -> Reads {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let Some((program, arguments)) = words.split_first() else { return Reads::Nothing };
        match (program.rsplit('/').next().unwrap_or(program), arguments) {
            ("cat", [] | ["-"]) => Reads::Copy,
            _ if shell::is_shell(program) && arguments.iter().all(|flag| INTERACTIVE.contains(flag)) => {
                Reads::Lines
            }
            _ => Reads::Nothing,
        }
    }
}

/// Runs what is wanted until it ends, or until nobody listens any more.
pub(super) async fn run(
    machine: Arc<Machine>,
    wanted: &Wanted,
    typed: Receiver<Bytes>,
    say: &Sender<Said>,
) -> End {
    let room = Room { machine, wanted, say };
    let own = match wanted.kind {
        Kind::Attach => room.own().await,
        Kind::Exec | Kind::PortForward => None,
    };
    let command = own.as_ref().map_or_else(|| wanted.command.clone(), |own| own.command.clone());
    let reads = match wanted.kind {
        Kind::Attach if !wanted.stdin => Reads::Nothing,
        _ => Reads::of(&command),
    };
    let left = match reads {
        Reads::Copy => room.copy(typed).await,
        Reads::Lines => room.lines(typed).await,
        Reads::Nothing if wanted.kind == Kind::Attach => {
            tokio::select! {
                () = say.closed() => {}
                never = ignore(typed) => match never {},
            }
            Left::Alone
        }
        Reads::Nothing => {
            let output = tokio::select! {
                output = room.execute(&command) => output,
                never = ignore(typed) => match never {},
            };
            let code = output.exit;
            room.show(output).await;
            Left::Ended(code)
        }
    };
    if let Some((own, code)) = own.as_ref().and_then(|own| Some((own, left.ends(own.once)?))) {
        room.end(own, code).await;
    }
    // Whoever is attached is not told the code: they find it in the pod.
    let code = if wanted.kind == Kind::Attach { 0 } else { left.code() };
    End::Exit { code, command }
}

/// Takes what nobody reads, so that the client is heard when it goes; never ends.
async fn ignore(mut typed: Receiver<Bytes>) -> Infallible {
    while typed.recv().await.is_some() {}
    std::future::pending().await
}

/// The main process of a container.
struct Own {
    /// The container's name.
    container: String,
    /// The command that it was made with.
    command: Vec<String>,
    /// Whether it reads the input of the first who attaches, and no other's.
    once: bool,
}

/// How a command was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// It ended, with this code.
    Ended(i32),
    /// Its input did; at the end of its input it ends with this code.
    Unheard(i32),
    /// It goes on.
    Alone,
}

impl Left {
    /// The code that whoever ran it is told.
    fn code(self) -> i32 {
        match self {
            Left::Ended(code) | Left::Unheard(code) => code,
            Left::Alone => 0,
        }
    }

    /// The code with which a main process ends, if it does.
    fn ends(self, once: bool) -> Option<i32> {
        match self {
            Left::Ended(code) => Some(code),
            Left::Unheard(code) => once.then_some(code),
            Left::Alone => None,
        }
    }
}

/// A container, and who listens to it.
struct Room<'a> {
    machine: Arc<Machine>,
    wanted: &'a Wanted,
    say: &'a Sender<Said>,
}

impl Room<'_> {
    /// The pod as it is now, and what a process in the container sees.
    async fn look<R>(&self, see: impl FnOnce(&Cluster, &Value, Option<&str>) -> R) -> Option<R> {
        let Wanted { namespace, pod, container, .. } = self.wanted;
        self.machine
            .work(|cluster| {
                let pod = cluster.store().objects().get("pods", namespace, pod)?;
                Some(see(cluster, pod, container.as_deref()))
            })
            .await
    }

    /// The main process of the container.
    async fn own(&self) -> Option<Own> {
        let own = |_: &Cluster, pod: &Value, container: Option<&str>| {
            let mut containers = ["spec.containers", "spec.initContainers", "spec.ephemeralContainers"]
                .into_iter()
                .flat_map(|list| pod.list(list));
            let own = containers.find(|own| container.is_none_or(|name| own.text("name") == name))?;
            let words = ["command", "args"].into_iter().flat_map(|list| own.list(list));
            Some(Own {
                container: own.text("name").to_owned(),
                command: words.filter_map(Value::as_str).map(str::to_owned).collect(),
                once: own.flag("stdinOnce"),
            })
        };
        self.look(own).await.flatten()
    }

    /// The main process ends.
    async fn end(&self, own: &Own, code: i32) {
        let Wanted { namespace, pod, .. } = self.wanted;
        self.machine
            .work(|cluster| {
                if let Some(pod) = cluster.store().objects().get("pods", namespace, pod).cloned() {
                    cluster.container_ended(&pod, &own.container, i64::from(code));
                }
            })
            .await;
    }

    /// Runs a command that reads nothing.
    async fn execute(&self, words: &[String]) -> Output {
        let see = |cluster: &Cluster, pod: &Value, container: Option<&str>| {
            (Inside::of(cluster, pod, container), pod.text("status.podIP").to_owned(), cluster.version())
        };
        let Some((inside, address, version)) = self.look(see).await else {
            return Output::failed(KILLED, "");
        };
        let (machine, listener) = (self.machine.clone(), self.say.clone());
        let mut process =
            Process { machine, runtime: Handle::current(), listener, address, version, sent: 0 };
        let words = words.to_vec();
        let ran = tokio::task::spawn_blocking(move || shell::exec(&words, &inside, &mut process)).await;
        ran.unwrap_or_else(|_| Output::failed(KILLED, ""))
    }

    /// Copies what is typed; at a terminal it is seen twice, as there.
    async fn copy(&self, mut typed: Receiver<Bytes>) -> Left {
        if !self.wanted.tty {
            while let Some(bytes) = typed.recv().await {
                if self.write(Channel::Stdout, bytes).await.is_none() {
                    break;
                }
            }
            return Left::Unheard(0);
        }
        let mut terminal = Terminal::new("");
        while let Some(line) = self.line(&mut typed, &mut terminal).await {
            if self.write(Channel::Stdout, Terminal::shown(&(line + "\n")).into()).await.is_none() {
                break;
            }
        }
        Left::Unheard(0)
    }

    /// A shell, a line at a time; it ends with the code of its last command.
    async fn lines(&self, mut typed: Receiver<Bytes>) -> Left {
        let mut terminal = Terminal::new(if self.wanted.tty { "# " } else { "" });
        let mut code = 0;
        while let Some(line) = self.line(&mut typed, &mut terminal).await {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.is_empty() {
                continue;
            }
            if let Some(left) = script::leaves(&words) {
                return Left::Ended(left.unwrap_or(code));
            }
            let output = self.execute(&["sh".to_owned(), "-c".to_owned(), line]).await;
            code = output.exit;
            if self.show(output).await.is_none() {
                break;
            }
        }
        Left::Unheard(code)
    }

    /// The next line that is typed; none at the end.
    async fn line(&self, typed: &mut Receiver<Bytes>, terminal: &mut Terminal) -> Option<String> {
        if self.wanted.tty {
            self.write(Channel::Stdout, terminal.prompt().into()).await?;
        }
        loop {
            let (echo, line) = terminal.read(self.wanted.tty);
            if self.wanted.tty && !echo.is_empty() {
                self.write(Channel::Stdout, echo.into()).await?;
            }
            if let Some(line) = line {
                return line;
            }
            match typed.recv().await {
                Some(bytes) => terminal.take(&bytes)?,
                None => return terminal.rest(),
            }
        }
    }

    async fn show(&self, output: Output) -> Option<()> {
        let (stdout, stderr) = match self.wanted.tty {
            true => (Terminal::shown(&(output.stdout + &output.stderr)), String::new()),
            false => (output.stdout, output.stderr),
        };
        self.write(Channel::Stdout, stdout.into()).await?;
        self.write(Channel::Stderr, stderr.into()).await
    }

    /// Writes to a channel, if somebody listens there.
    async fn write(&self, channel: Channel, bytes: Bytes) -> Option<()> {
        let listens = match channel {
            Channel::Stdout => self.wanted.stdout,
            Channel::Stderr => self.wanted.stderr,
            Channel::Stdin | Channel::Error => false,
        };
        for at in (0..bytes.len()).step_by(limits::PIECE).filter(|_| listens) {
            let piece = bytes.slice(at..bytes.len().min(at + limits::PIECE));
            self.say.send(Said::Bytes(channel, piece)).await.ok()?;
        }
        Some(())
    }
}

/// A process of a pod, as the API server sees it. It runs on a thread of its own, and waits there for its answers.
struct Process {
    machine: Arc<Machine>,
    runtime: Handle,
    listener: Sender<Said>,
    address: String,
    version: Version,
    sent: usize,
}

impl Client for Process {
    fn send(&mut self, mut request: Request) -> Response {
        self.sent += 1;
        request.source = Some(self.address.clone()).filter(|address| !address.is_empty());
        self.runtime.block_on(perform(&self.machine, request))
    }

    fn who(&self) -> &str {
        "a process in a pod"
    }

    fn sent(&self) -> usize {
        self.sent
    }

    /// Time is the wall's; nobody waits where nobody listens.
    fn advance(&mut self, by: Duration) {
        let passed = async {
            tokio::select! {
                () = tokio::time::sleep(by) => {}
                () = self.listener.closed() => {}
            }
        };
        self.runtime.block_on(passed);
    }

    fn now(&self) -> Timestamp {
        self.machine.wall.now()
    }

    fn version(&self) -> Version {
        self.version
    }
}
