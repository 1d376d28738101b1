//! Exec, attach and port-forward, over WebSockets and SPDY: what a client of either sees of a pod.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/serving.rs"]
mod serving;
#[path = "support/spdy.rs"]
mod spdy;

use asking::Asker;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kubeverdict::api::Version;
use kubeverdict::config::Config;
use kubeverdict::json::{Value, json};
use spdy::{Told, data, open};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// Nothing here takes longer.
const SOON: Duration = Duration::from_secs(20);

/// A server, and who asks it.
struct World {
    at: SocketAddr,
    root: Vec<u8>,
}

/// A stream that was granted: the headers of the answer, and the connection.
type Granted = (hyper::HeaderMap, TokioIo<Upgraded>);

impl World {
    fn asker(&self, token: &'static str) -> Asker {
        Asker::new(self.at, &self.root, token)
    }

    /// Asks for a stream; or the code and the text of the refusal.
    async fn stream(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Granted, (u16, String)> {
        let mut asker = self.asker("admin-token");
        let answer = asker.send(method, &format!("{PODS}/{path}"), headers, Bytes::new()).await;
        let answer = answer.expect("there is an answer");
        if answer.status() != 101 {
            let code = answer.status().as_u16();
            let body = http_body_util::BodyExt::collect(answer.into_body()).await.expect("a body").to_bytes();
            let text = String::from_utf8_lossy(&body).into_owned();
            let status: Value = serde_json::from_str(&text).unwrap_or_default();
            return Err((code, status["message"].as_str().map(str::to_owned).unwrap_or(text)));
        }
        let headers = answer.headers().clone();
        let upgraded = hyper::upgrade::on(answer).await.expect("a connection");
        Ok((headers, TokioIo::new(upgraded)))
    }

    async fn websocket(&self, path: &str, protocols: &str) -> Result<Socket, (u16, String)> {
        let mut headers = WEBSOCKET.to_vec();
        if !protocols.is_empty() {
            headers.push(("Sec-WebSocket-Protocol", protocols));
        }
        let (headers, io) = self.stream("GET", path, &headers).await?;
        assert_eq!(headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let protocol =
            headers.get("sec-websocket-protocol").map(|name| name.to_str().expect("text").to_owned());
        Ok(Socket {
            protocol: protocol.unwrap_or_default(),
            socket: WebSocketStream::from_raw_socket(io, Role::Client, None).await,
        })
    }

    async fn spdy(&self, path: &str, version: &str) -> TokioIo<Upgraded> {
        let headers =
            [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", version)];
        let (headers, io) = self.stream("POST", path, &headers).await.expect("it is granted");
        assert_eq!(headers["x-stream-protocol-version"], version);
        io
    }
}

/// The handshake that RFC 6455 has for an example.
const WEBSOCKET: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

const PODS: &str = "/api/v1/namespaces/default/pods";

struct Socket {
    protocol: String,
    socket: WebSocketStream<TokioIo<Upgraded>>,
}

impl Socket {
    async fn say(&mut self, bytes: &[u8]) {
        self.socket.send(Message::binary(bytes.to_vec())).await.expect("it is sent");
    }

    /// What is told until the other side closes, by channel.
    async fn rest(mut self) -> BTreeMap<u8, String> {
        let mut told: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        let all = async {
            while let Some(Ok(message)) = self.socket.next().await {
                match message {
                    Message::Binary(bytes) => told.entry(bytes[0]).or_default().extend(&bytes[1..]),
                    Message::Text(text) => {
                        told.entry(text.as_bytes()[0]).or_default().extend(text[1..].bytes())
                    }
                    Message::Close(frame) => {
                        assert_eq!(frame.map(|frame| u16::from(frame.code)), Some(1000));
                    }
                    _ => {}
                }
            }
        };
        timeout(SOON, all).await.expect("it ends");
        told.into_iter().map(|(channel, bytes)| (channel, String::from_utf8(bytes).expect("text"))).collect()
    }
}

/// A server of that release, with a pod that runs, and one that has ended.
fn in_a_world(version: Version, story: impl AsyncFnOnce(World)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (server, root) = serving::start(Config { nodes: 1, ..Config::new(version) }).await;
        let world = World { at: server.address().expect("an address"), root };
        tokio::spawn(server.run(std::future::pending()));
        let mut admin = world.asker("admin-token");
        for (name, command, phase) in [("p", "sh", "Running"), ("done", "true", "Succeeded")] {
            let ports = json!([{"containerPort": 80}]);
            let container = json!({"name": "c", "image": "busybox", "command": [command], "ports": ports});
            let pod = json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
                "spec": {"restartPolicy": "Never", "containers": [container]},
            });
            let (code, told) = admin.ask("POST", PODS, &pod).await;
            assert_eq!(code, 201, "{told}");
            becomes(&mut admin, name, phase).await;
        }
        story(world).await;
    });
}

/// Waits until a pod is in a phase: the pod then.
async fn becomes(admin: &mut Asker, name: &str, phase: &str) -> Value {
    let there = async {
        loop {
            let pod = admin.ask("GET", &format!("{PODS}/{name}"), &Value::Null).await.1;
            if pod["status"]["phase"] == phase {
                return pod;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, there).await.unwrap_or_else(|_| panic!("{name} never is {phase}"))
}

/// What is told on the channels 1, 2 and 3.
fn told(all: &BTreeMap<u8, String>) -> [&str; 3] {
    [1, 2, 3].map(|channel| all.get(&channel).map_or("", String::as_str))
}

#[test]
fn a_command_is_run_and_its_end_is_told_in_the_words_of_the_protocol() {
    const FAILED: &str = "command terminated with non-zero exit code:";
    let status = |code: u8, why: &str| {
        format!(
            "{{\"metadata\":{{}},\"status\":\"Failure\",\"message\":\"{FAILED} {why}\",\"reason\":\"NonZeroExitCode\",\
             \"details\":{{\"causes\":[{{\"reason\":\"ExitCode\",\"message\":\"{code}\"}}]}}}}"
        )
    };
    let success = "{\"metadata\":{},\"status\":\"Success\"}";
    in_a_world(Version::NEWEST, async |world| {
        let lost = "exec?stdout=1&stderr=1&command=cat&command=/x";
        let cat = "cat: /x: No such file or directory\n";
        let by_kubelet = "error executing command [cat /x], exit code 1";
        let (whole, text) = (status(1, by_kubelet), format!("{FAILED} {by_kubelet}"));
        let translated = |code| status(code, &format!("command terminated with exit code {code}"));
        let (one, three) = (translated(1), translated(3));
        let script =
            "exec?stdout=1&stderr=1&command=sh&command=-c&command=echo%20a%3Becho%20b%20%3E%262%3Bexit%203";
        let (v5, v4) = ("v5.channel.k8s.io", "v4.channel.k8s.io");
        let hi = "exec?stdout=1&command=echo&command=hi";
        for (protocols, chosen, path, want) in [
            ("v4.channel.k8s.io,v5.channel.k8s.io", v5, hi, ["hi\n", "", success]),
            (v5, v5, lost, ["", cat, &one]),
            (v5, v5, script, ["a\n", "b\n", &three]),
            (v4, v4, lost, ["", cat, &whole]),
            ("x, channel.k8s.io", "channel.k8s.io", lost, ["", cat, &text]),
            ("", "", "exec?stdout=1&command=true", ["", "", ""]),
        ] {
            let socket = world.websocket(&format!("p/{path}"), protocols).await.expect("it is granted");
            assert_eq!(socket.protocol, chosen);
            assert_eq!(told(&socket.rest().await), want, "{protocols}: {path}");
        }
        let socket =
            world.websocket("p/exec?stdout=1&command=echo&command=hi", "v4.base64.channel.k8s.io").await;
        let all = socket.expect("it is granted").rest().await;
        assert_eq!(all.get(&b'1').map(String::as_str), Some("aGkK"));
    });
}

/// `v5.channel.k8s.io` came with 1.30, the tunnel with 1.31.
#[test]
fn an_old_server_speaks_old_protocols() {
    in_a_world(Version::OLDEST, async |world| {
        let exec = "p/exec?stdout=1&command=true";
        let socket =
            world.websocket(exec, "v5.channel.k8s.io,v4.channel.k8s.io").await.expect("it is granted");
        assert_eq!(socket.protocol, "v4.channel.k8s.io");
        for (path, protocol) in
            [(exec, "v5.channel.k8s.io"), ("p/portforward?ports=80", "SPDY/3.1+portforward.k8s.io")]
        {
            let refused = world.websocket(path, protocol).await.err();
            assert_eq!(refused, Some((403, String::new())), "{protocol}");
        }
    });
}

#[test]
fn what_is_typed_is_read() {
    in_a_world(Version::NEWEST, async |world| {
        let long = "x".repeat(100_000) + "\n";
        let cat = "exec?stdin=1&stdout=1&command=cat";
        let lost = "ls: cannot access '/x': No such file or directory\n";
        for (path, typed, want, code) in [
            (cat, vec!["hi\n", "you"], ["hi\nyou", ""], None),
            (cat, vec![long.as_str()], [long.as_str(), ""], None),
            (
                "exec?stdin=1&stdout=1&stderr=1&command=/bin/sh",
                vec!["echo a\nls /x", "\nexit 3\necho c\n"],
                ["a\n", lost],
                Some("3"),
            ),
            (
                "exec?stdin=1&stdout=1&tty=1&command=sh",
                vec!["echo x\x7fa\r", "\x04"],
                ["# echo x\x08 \x08a\r\na\r\n# \r\n", ""],
                None,
            ),
            ("attach?stdin=1&stdout=1", vec!["echo in\n", "exit\n"], ["in\n", ""], None),
        ] {
            let mut socket =
                world.websocket(&format!("p/{path}"), "v5.channel.k8s.io").await.expect("it is granted");
            for text in typed {
                socket.say(&[&[0], text.as_bytes()].concat()).await;
            }
            socket.say(&[255, 0]).await;
            let all = socket.rest().await;
            let [stdout, stderr, end] = told(&all);
            assert_eq!([stdout, stderr], want, "{path}");
            let end: Value = serde_json::from_str(end).expect("a status");
            assert_eq!(end["details"]["causes"][0]["message"].as_str(), code, "{path}: {end}");
        }
    });
}

/// `kubectl run -i --restart=Never x --image=busybox -- sh`: the pod ends with its shell.
#[test]
fn a_main_process_that_is_left_ends_its_container() {
    in_a_world(Version::NEWEST, async |world| {
        let mut admin = world.asker("admin-token");
        for (name, once, typed, phase, code) in [
            ("told", false, "exit 3\n", "Failed", Some(3)),
            ("unheard", true, "false\n", "Failed", Some(1)),
            ("well", true, "echo hi\n", "Succeeded", Some(0)),
            ("goes-on", false, "echo hi\n", "Running", None),
        ] {
            let container =
                json!({"name": "c", "image": "busybox", "args": ["sh"], "stdin": true, "stdinOnce": once});
            let pod = json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
                "spec": {"restartPolicy": "Never", "containers": [container]},
            });
            assert_eq!(admin.ask("POST", PODS, &pod).await.0, 201);
            becomes(&mut admin, name, "Running").await;
            let path = format!("{name}/attach?stdin=1&stdout=1");
            let mut socket = world.websocket(&path, "v5.channel.k8s.io").await.expect("it is granted");
            socket.say(&[&[0], typed.as_bytes()].concat()).await;
            socket.say(&[255, 0]).await;
            socket.rest().await;
            let pod = becomes(&mut admin, name, phase).await;
            let ended = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
            assert_eq!(ended["exitCode"].as_i64(), code, "{name}: {ended}");
        }
    });
}

#[test]
fn a_stream_is_refused_in_plain_http() {
    in_a_world(Version::NEWEST, async |world| {
        let mut upgrade = WEBSOCKET.to_vec();
        let plain: Vec<(&str, &str)> = Vec::new();
        let keyless = upgrade[..3].to_vec();
        let old = vec![upgrade[0], upgrade[1], ("Sec-WebSocket-Version", "8"), upgrade[3]];
        let spdy =
            vec![("Connection", "upgrade"), ("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v9, v8")];
        let strange = vec![("Connection", "upgrade"), ("Upgrade", "h2c")];
        upgrade.push(("Sec-WebSocket-Protocol", "v4.channel.k8s.io"));
        let known = "v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io";
        let unknown = format!(
            "unable to upgrade: unable to negotiate protocol: client supports [v9 v8], server accepts [{known}]\n"
        );
        for (path, headers, code, text) in [
            ("none/exec?command=ls", &upgrade, 404, "pods \"none\" not found"),
            ("p/exec?command=ls&container=x", &upgrade, 400, "container x is not valid for pod p"),
            ("p/exec?command=ls", &plain, 400, "Upgrade request required"),
            ("p/portforward", &plain, 400, "Upgrade request required"),
            ("p/exec?command=ls", &keyless, 400, "challenge/response error"),
            ("p/exec?command=ls", &old, 400, "missing or bad WebSocket Version"),
            ("p/exec?command=ls", &strange, 400, "unable to upgrade: missing upgrade headers in request"),
            ("p/attach", &spdy, 403, unknown.as_str()),
            ("p/portforward", &upgrade, 400, "query parameter \"port\" is required"),
            ("p/portforward?ports=80,0", &upgrade, 400, "port \"0\" must be > 0"),
            ("done/exec?command=ls", &upgrade, 500, "container not found (\"c\")"),
            ("done/attach", &upgrade, 500, "container c not found in pod done_default"),
            ("done/portforward?ports=80", &upgrade, 500, "pod not found (\"done_default\")"),
        ] {
            let refused = world.stream("GET", path, headers).await.err();
            assert_eq!(refused, Some((code, text.to_owned())), "{path}");
        }
        // What the server translates is refused on the stream.
        let socket = world.websocket("done/exec?stdout=1&command=ls", "v5.channel.k8s.io").await;
        let all = socket.expect("it is granted").rest().await;
        let status: Value = serde_json::from_str(told(&all)[2]).expect("a status");
        assert_eq!(
            (status["code"].as_i64(), status["message"].as_str()),
            (
                Some(500),
                Some("Internal error occurred: unable to upgrade connection: container not found (\"c\")")
            )
        );
        let mut alice = world.asker("alice-token");
        let answer = alice.read("GET", &format!("{PODS}/p/exec?command=ls"), &WEBSOCKET, Bytes::new()).await;
        assert_eq!(answer.0, 403);
    });
}

const LINE: &str = "kubeverdict: port 80 of pod default/p; what a container answers is not modelled\n";
const REFUSED: &str = "dial tcp4 127.0.0.1:81: connect: connection refused";

#[test]
fn ports_are_forwarded_in_channels() {
    in_a_world(Version::NEWEST, async |world| {
        let path = "p/portforward?ports=80&ports=81";
        let mut socket = world.websocket(path, "v4.channel.k8s.io").await.expect("it is granted");
        socket.say(b"\0PING\n").await;
        let all = socket.rest().await;
        assert_eq!(all[&0], format!("P\0{LINE}"));
        assert_eq!((all[&1].as_str(), all[&2].as_str()), ("P\0", "Q\0"));
        assert!(all[&3].starts_with("Q\0error forwarding port 81 to pod p, uid "), "{}", all[&3]);
        assert!(all[&3].ends_with(REFUSED), "{}", all[&3]);
    });
}

/// What a client opens for two connections, and asks of one.
fn two_connections() -> Vec<u8> {
    let half = |stream, kind, port, request| {
        open(stream, &[("streamtype", kind), ("port", port), ("requestid", request)])
    };
    [
        half(1, "error", "80", "0"),
        data(1, b"", true),
        half(3, "data", "80", "0"),
        data(3, b"GET / HTTP/1.1\r\n\r\n", false),
        half(5, "error", "81", "1"),
        half(7, "data", "81", "1"),
    ]
    .concat()
}

fn are_told(told: &Told) {
    assert_eq!(told.replies, [1, 3, 5, 7]);
    let answer = String::from_utf8_lossy(&told.data[&3]);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(LINE), "{answer}");
    assert!(told.data[&1].is_empty() && told.data[&7].is_empty());
    assert!(String::from_utf8_lossy(&told.data[&5]).ends_with(REFUSED));
}

#[test]
fn ports_are_forwarded_over_spdy_and_in_its_tunnel() {
    in_a_world(Version::NEWEST, async |world| {
        let mut line = world.spdy("p/portforward", "portforward.k8s.io").await;
        line.write_all(&two_connections()).await.expect("it is sent");
        let told = timeout(SOON, Told::until(&mut line, &[1, 3, 5, 7])).await.expect("it ends");
        are_told(&told);

        let mut socket =
            world.websocket("p/portforward", "SPDY/3.1+portforward.k8s.io").await.expect("it is granted");
        assert_eq!(socket.protocol, "SPDY/3.1+portforward.k8s.io");
        // However it is cut into messages.
        for piece in two_connections().chunks(7) {
            socket.say(piece).await;
        }
        let mut bytes = Vec::new();
        let mut told = Told::default();
        while !told.ended(&[1, 3, 5, 7]) {
            let message = timeout(SOON, socket.socket.next()).await.expect("it goes on");
            bytes.extend(message.expect("a message").expect("no error").into_data());
            told.take(&mut bytes);
        }
        are_told(&told);
    });
}

#[test]
fn a_command_is_run_over_spdy() {
    in_a_world(Version::OLDEST, async |world| {
        for (path, version, streams, typed, want) in [
            (
                "p/exec?stdin=1&stdout=1&stderr=1&command=cat",
                "v4.channel.k8s.io",
                &["error", "stdin", "stdout", "stderr"][..],
                "hi\n",
                ["{\"metadata\":{},\"status\":\"Success\"}", "hi\n", ""],
            ),
            (
                "p/exec?stdout=1&stderr=1&command=ls&command=/x",
                "channel.k8s.io",
                &["error", "", "stdout", "stderr"],
                "",
                [
                    "command terminated with non-zero exit code: error executing command [ls /x], exit code 2",
                    "",
                    "ls: cannot access '/x': No such file or directory\n",
                ],
            ),
            (
                "p/attach?stdin=1&stdout=1&tty=1",
                "v3.channel.k8s.io",
                &["error", "stdin", "stdout", "resize"],
                "exit\r",
                ["", "# exit\r\n", ""],
            ),
        ] {
            let mut line = world.spdy(path, version).await;
            let mut bytes = Vec::new();
            for (number, name) in (1u32..).step_by(2).zip(streams).filter(|(_, name)| !name.is_empty()) {
                bytes.extend(open(number, &[("streamtype", name)]));
            }
            if !typed.is_empty() {
                bytes.extend(data(3, typed.as_bytes(), true));
            }
            line.write_all(&bytes).await.expect("it is sent");
            let told = timeout(SOON, Told::until(&mut line, &[])).await.expect("it ends");
            assert!(told.farewell);
            let of = |stream: u32| {
                String::from_utf8_lossy(told.data.get(&stream).map_or(&[], |all| all)).into_owned()
            };
            assert_eq!([of(1), of(5), of(7)], want.map(str::to_owned), "{path}");
        }
    });
}

/// Whatever comes on a stream, it ends soon, and the server goes on.
#[test]
fn a_client_that_sends_rubbish_is_cut_off() {
    in_a_world(Version::NEWEST, async |world| {
        let bomb = spdy::deflated(&vec![b'x'; 4 << 20]);
        let pings: Vec<u8> = [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1].repeat(100_000);
        let streams =
            (1u32..2001).step_by(2).map(|number| open(number, &[("streamtype", "error"), ("port", "1")]));
        let streams: Vec<u8> = streams.flatten().collect();
        for (name, bytes) in [
            ("text", b"GET / HTTP/1.1\r\n\r\n".repeat(100)),
            ("a version", [0x80, 2, 0, 1, 0, 0, 0, 10].repeat(3)),
            ("a long frame", [0, 0, 0, 1, 0, 255, 255, 255].to_vec()),
            ("a bomb", spdy::control(1, &[&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0], &bomb[..]].concat())),
            ("no deflated headers", spdy::control(1, &[7; 60])),
            ("an even number", open(2, &[("streamtype", "error")])),
            ("a number twice", [1, 3, 3].map(|number| open(number, &[("streamtype", "x")])).concat()),
            ("half a frame", vec![0x80, 3, 0]),
            ("pings", pings),
            ("streams", streams),
        ] {
            for (path, version) in [
                ("p/exec?stdout=1&command=true", "v4.channel.k8s.io"),
                ("p/portforward", "portforward.k8s.io"),
            ] {
                let mut line = world.spdy(path, version).await;
                let all = async {
                    // What is cut off need not be taken whole.
                    let _ = line.write_all(&bytes).await;
                    let _ = line.shutdown().await;
                    let _ = line.read_to_end(&mut Vec::new()).await;
                };
                timeout(SOON, all).await.unwrap_or_else(|_| panic!("{name}: {path} does not end"));
            }
        }
        for bytes in [
            // Longer than is taken, without a mask, of an unknown kind, rubbish.
            vec![0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0],
            vec![0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 1, 0, 0, 0, 0],
            vec![0x82, 1, 0],
            vec![0x8f, 0x80, 0, 0, 0, 0],
            vec![255; 1000],
        ] {
            for path in ["p/exec?stdin=1&stdout=1&command=cat", "p/portforward?ports=80"] {
                let mut socket =
                    world.websocket(path, "v4.channel.k8s.io").await.expect("it is granted").socket;
                let line = socket.get_mut();
                line.write_all(&bytes).await.expect("it is sent");
                let end = timeout(SOON, line.read_to_end(&mut Vec::new())).await;
                assert!(end.is_ok(), "{path} does not end after {bytes:?}");
            }
        }
        assert_eq!(world.asker("admin-token").ask("GET", &format!("{PODS}/p"), &Value::Null).await.0, 200);
    });
}

/// Streams are counted, and one that its client leaves makes room, whatever the pod was doing.
#[test]
fn only_so_many_streams_are_open() {
    const GRANTED: usize = 128;
    in_a_world(Version::NEWEST, async |world| {
        let paths = [
            "p/attach?stdout=1",
            "p/exec?stdin=1&stdout=1&command=sleep&command=3600",
            "p/portforward?ports=80",
        ];
        let mut open = Vec::new();
        for path in paths.iter().cycle().take(GRANTED) {
            let mut socket = world.websocket(path, "v4.channel.k8s.io").await.expect("it is granted");
            // What nobody reads holds nobody up.
            for _ in 0..4 {
                socket.say(b"\0x").await;
            }
            open.push(socket);
        }
        let full = world.websocket(paths[0], "v4.channel.k8s.io").await.err();
        assert_eq!(full.map(|(code, _)| code), Some(429));
        drop(open);
        let room = async {
            while world.websocket(paths[0], "v4.channel.k8s.io").await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(SOON, room).await.expect("there is room again");
    });
}
