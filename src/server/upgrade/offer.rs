//! Which protocol a stream is carried in: what the client offers, what a release takes.

use super::said::Telling;
use super::wanted::{Kind, Wanted};
use crate::api::differences::{PORTS_TUNNELED, STREAMS_TRANSLATED};
use crate::api::{Headers, Response, Version};
use crate::registry::STREAM_CLOSE;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// How channels stand in a WebSocket's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// As text: a digit, then base64.
    pub(super) base64: bool,
    /// How a command's end is told.
    pub(super) telling: Telling,
}

impl Form {
    /// No channels at all.
    pub(super) const BYTES: Form = Form { base64: false, telling: Telling::Status };

    /// Whether a channel can be closed by itself.
    pub(super) fn closes(self) -> bool {
        self.telling == Telling::Translated
    }
}

/// What carries a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// Exec and attach.
    WebSocket(Form),
    Spdy(Spdy),
    /// Port-forward, in channels of a WebSocket.
    WebSocketPorts(Form, Vec<u16>),
    SpdyPorts,
    /// SPDY in the messages of a WebSocket.
    Tunnel,
}

/// What SPDY's streams are used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spdy {
    pub(super) telling: Telling,
    /// Whether there is a stream for the size of a terminal.
    pub(super) resizes: bool,
}

/// What both sides speak.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) wire: Wire,
    /// The headers that say so.
    pub(super) headers: Vec<(&'static str, String)>,
}

/// The forms of a kubelet's WebSocket (`cri/streaming/remotecommand/websocket.go`, `portforward/websocket.go`).
const FORMS: [(&str, Form); 4] = [
    ("channel.k8s.io", Form { base64: false, telling: Telling::Text }),
    ("base64.channel.k8s.io", Form { base64: true, telling: Telling::Text }),
    ("v4.channel.k8s.io", Form { base64: false, telling: Telling::Status }),
    ("v4.base64.channel.k8s.io", Form { base64: true, telling: Telling::Status }),
];

/// The versions of a kubelet's SPDY (`cri/streaming/remotecommand/httpstream.go`), newest first.
const VERSIONS: [(&str, Spdy); 4] = [
    ("v4.channel.k8s.io", Spdy { telling: Telling::Status, resizes: true }),
    ("v3.channel.k8s.io", Spdy { telling: Telling::Text, resizes: true }),
    ("v2.channel.k8s.io", Spdy { telling: Telling::Text, resizes: false }),
    ("channel.k8s.io", Spdy { telling: Telling::Text, resizes: false }),
];

/// Port-forward's version of SPDY.
const PORTS: &str = "portforward.k8s.io";
/// The same in a WebSocket (KEP-4006).
const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";

impl Offer {
    /// What is agreed on, or the answer that there is nothing.
    pub(super) fn of(wanted: &Wanted, version: Version) -> Result<Offer, Response> {
        let upgrade = wanted.headers.get("Upgrade").unwrap_or_default().to_ascii_lowercase();
        match upgrade.as_str() {
            "websocket" => Offer::websocket(wanted, version),
            "spdy/3.1" => Offer::spdy(wanted),
            _ => Err(Response::text(400, "unable to upgrade: missing upgrade headers in request")),
        }
    }

    fn websocket(wanted: &Wanted, version: Version) -> Result<Offer, Response> {
        let headers = &wanted.headers;
        let Some(key) = headers.get("Sec-WebSocket-Key") else {
            return Err(Response::text(400, "challenge/response error"));
        };
        if headers.get("Sec-WebSocket-Version") != Some("13") {
            let mut response = Response::text(400, "missing or bad WebSocket Version");
            response.headers.add("Sec-WebSocket-Version", "13");
            return Err(response);
        }
        let offered = listed(headers, "Sec-WebSocket-Protocol");
        let (protocol, wire) = match wanted.kind {
            Kind::Exec | Kind::Attach => channels(&offered, version),
            Kind::PortForward => ports(&offered, &wanted.ports, version)?,
        }
        .ok_or_else(|| Response { headers: Headers::default(), ..Response::text(403, "") })?;
        let mut told = vec![
            ("Upgrade", "websocket".to_owned()),
            ("Sec-WebSocket-Accept", derive_accept_key(key.as_bytes())),
        ];
        if !protocol.is_empty() {
            told.push(("Sec-WebSocket-Protocol", protocol.to_owned()));
        }
        Ok(Offer { wire, headers: told })
    }

    fn spdy(wanted: &Wanted) -> Result<Offer, Response> {
        const HEADER: &str = "X-Stream-Protocol-Version";
        let known: Vec<&str> = match wanted.kind {
            Kind::Exec | Kind::Attach => VERSIONS.iter().map(|(name, _)| *name).collect(),
            Kind::PortForward => vec![PORTS],
        };
        let offered = listed(&wanted.headers, HEADER);
        let chosen = offered.iter().find(|name| known.contains(name));
        if chosen.is_none() && !offered.is_empty() {
            let text = format!(
                "unable to upgrade: unable to negotiate protocol: client supports [{}], server accepts [{}]\n",
                offered.join(" "),
                known.join(" ")
            );
            let mut response = Response::text(403, text);
            known.iter().for_each(|name| response.headers.add("X-Accepted-Stream-Protocol-Versions", *name));
            return Err(response);
        }
        let mut told = vec![("Upgrade", "SPDY/3.1".to_owned())];
        told.extend(chosen.map(|name| (HEADER, (*name).to_owned())));
        // Who offers nothing has the oldest.
        let of = chosen.and_then(|chosen| VERSIONS.iter().find(|(name, _)| name == chosen));
        let wire = match wanted.kind {
            Kind::Exec | Kind::Attach => Wire::Spdy(of.unwrap_or(&VERSIONS[3]).1),
            Kind::PortForward => Wire::SpdyPorts,
        };
        Ok(Offer { wire, headers: told })
    }
}

/// The values of a header that is a list.
fn listed<'a>(headers: &'a Headers, name: &'a str) -> Vec<&'a str> {
    headers
        .all(name)
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}

/// The form of exec's and attach's channels. The server's own comes before those that it passes on to the kubelet; who offers
/// nothing has the oldest.
fn channels<'a>(offered: &[&'a str], version: Version) -> Option<(&'a str, Wire)> {
    if version.has(STREAMS_TRANSLATED) && offered.contains(&STREAM_CLOSE) {
        return Some((STREAM_CLOSE, Wire::WebSocket(Form { base64: false, telling: Telling::Translated })));
    }
    if offered.is_empty() {
        return Some(("", Wire::WebSocket(FORMS[0].1)));
    }
    offered.iter().find_map(|name| {
        let (_, form) = FORMS.iter().find(|(form, _)| form == name)?;
        Some((*name, Wire::WebSocket(*form)))
    })
}

/// The form of port-forward: the tunnel, or those of the channels that have a version.
fn ports<'a>(
    offered: &[&'a str],
    asked: &[String],
    version: Version,
) -> Result<Option<(&'a str, Wire)>, Response> {
    if version.has(PORTS_TUNNELED) && offered.contains(&TUNNEL) {
        return Ok(Some((TUNNEL, Wire::Tunnel)));
    }
    let asked = numbers(asked)?;
    if offered.is_empty() {
        return Ok(Some(("", Wire::WebSocketPorts(Form::BYTES, asked))));
    }
    let known = |name: &&&str| FORMS.iter().find(|(form, of)| form == *name && of.telling == Telling::Status);
    let chosen = offered.iter().find_map(|name| Some((*name, known(&name)?.1)));
    Ok(chosen.map(|(name, form)| (name, Wire::WebSocketPorts(form, asked))))
}

/// The ports that a WebSocket asks for, or what a kubelet says of them (`NewV4Options`).
fn numbers(ports: &[String]) -> Result<Vec<u16>, Response> {
    let refused = |why: String| Response::text(400, why);
    if ports.is_empty() {
        return Err(refused("query parameter \"port\" is required".to_owned()));
    }
    let number = |text: &String| match text.parse() {
        Ok(0) => Err(refused(format!("port {text:?} must be > 0"))),
        Ok(port) => Ok(port),
        Err(_) => Err(refused(format!("unable to parse {text:?} as a port"))),
    };
    ports.iter().map(number).collect()
}
