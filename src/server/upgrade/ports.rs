//! The ports of a pod: one that listens answers a line to whatever is asked.
//!
//! Differs from Kubernetes: what an image listens on is not known. The ports that a pod declares do, and all of them where it
//! declares none; what answers is kubeverdict, and says so.

use super::super::{Machine, limits};
use super::wanted::Wanted;
use crate::api::Dig;
use crate::json::Value;
use std::sync::Arc;

/// The pod whose ports are spoken to.
pub(super) struct Harbour {
    pub(super) machine: Arc<Machine>,
    pub(super) wanted: Wanted,
}

impl Harbour {
    /// Somebody who comes to a port, as the pod is now.
    pub(super) async fn visit(&self, port: u16) -> Visitor {
        let Wanted { namespace, pod, .. } = &self.wanted;
        let cluster = self.machine.cluster.lock().await;
        match cluster.store().objects().get("pods", namespace, pod) {
            Some(pod) => Visitor::to(pod, port),
            None => Visitor::refused(port, pod, "", "pod not found"),
        }
    }
}

/// One connection to a port.
#[derive(Debug)]
pub(super) struct Visitor {
    /// What was asked so far.
    asked: Vec<u8>,
    /// What is answered once the question has ended.
    answer: Word,
    /// Whether it has.
    ended: bool,
}

/// What is told on the two channels of a connection, before it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) data: String,
    pub(super) error: String,
}

impl Visitor {
    fn to(pod: &Value, port: u16) -> Visitor {
        let declared: Vec<i64> = pod
            .list("spec.containers")
            .iter()
            .flat_map(|container| container.list("ports"))
            .filter(|port| matches!(port.text("protocol"), "TCP" | ""))
            .filter_map(|port| port.at("containerPort").as_i64())
            .collect();
        if !declared.is_empty() && !declared.contains(&i64::from(port)) {
            let why = format!(
                "failed to execute portforward in network namespace: failed to connect to localhost:{port} inside namespace: \
                 dial tcp4 127.0.0.1:{port}: connect: connection refused"
            );
            return Visitor::refused(port, pod.name(), pod.uid(), &why);
        }
        let line = format!(
            "kubeverdict: port {port} of pod {}/{}; what a container answers is not modelled\n",
            pod.namespace(),
            pod.name()
        );
        Visitor { asked: Vec::new(), answer: Word { data: line, ..Word::default() }, ended: false }
    }

    fn refused(port: u16, pod: &str, uid: &str, why: &str) -> Visitor {
        let error = format!("error forwarding port {port} to pod {pod}, uid {uid}: {why}");
        Visitor { asked: Vec::new(), answer: Word { error, ..Word::default() }, ended: true }
    }

    /// Takes what is asked. A request of HTTP ends with its head, anything else with a line; what is no text is not waited for.
    pub(super) fn hears(&mut self, bytes: &[u8]) {
        self.asked.extend_from_slice(&bytes[..bytes.len().min(limits::ASKED)]);
        let asked = &self.asked;
        let is_text = asked.iter().all(|byte| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~' | 0x80..));
        let end: &[u8] = if self.is_http() { b"\r\n\r\n" } else { b"\n" };
        let whole = asked.windows(end.len()).any(|part| part == end);
        self.ended |= whole || !is_text || asked.len() >= limits::ASKED;
    }

    /// Nothing more is asked.
    pub(super) fn hears_no_more(&mut self) {
        self.ended = true;
    }

    fn is_http(&self) -> bool {
        let line = self.asked.split(|byte| *byte == b'\n').next().unwrap_or_default();
        line.windows(6).any(|part| part == b" HTTP/")
    }

    /// What is told in the end, when it has come.
    pub(super) fn last_word(&self) -> Option<Word> {
        if !self.ended {
            return None;
        }
        let mut word = self.answer.clone();
        if self.is_http() {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                word.data.len()
            );
            let is_head = self.asked.starts_with(b"HEAD ");
            word.data = if is_head { head } else { head + &word.data };
        }
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::Visitor;
    use crate::json::json;

    #[test]
    fn a_port_that_listens_answers_once_it_was_asked() {
        let pod = json!({
            "metadata": {"name": "p", "namespace": "red", "uid": "u"},
            "spec": {"containers": [{"ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]}]},
        });
        let line = "kubeverdict: port 80 of pod red/p; what a container answers is not modelled\n";
        let http = |method: &str| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                line.len()
            );
            if method == "HEAD" { head } else { head + line }
        };
        for (asked, want) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n", None),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", Some(http("GET"))),
            ("HEAD / HTTP/1.1\r\n\r\n", Some(http("HEAD"))),
            ("PIN", None),
            ("PING\r\n", Some(line.to_owned())),
            ("\u{16}\u{3}\u{1}", Some(line.to_owned())),
        ] {
            let mut visitor = Visitor::to(&pod, 80);
            for byte in asked.as_bytes() {
                visitor.hears(&[*byte]);
            }
            assert_eq!(visitor.last_word().map(|word| word.data), want, "{asked:?}");
            visitor.hears_no_more();
            assert!(visitor.last_word().is_some());
        }
        for (port, refused) in [(80, false), (53, true), (81, true)] {
            let told = Visitor::to(&pod, port).last_word().map(|word| word.error).unwrap_or_default();
            assert_eq!(told.ends_with("connect: connection refused"), refused, "{port}: {told}");
        }
        let anything = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}});
        assert!(Visitor::to(&anything, 81).last_word().is_none());
    }
}
