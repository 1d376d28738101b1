//! Rights that are answered otherwise: what whoever is bound in a dump may do by its roles, asked of both releases.
//!
//! The questions are the rules of the role, as either release has it, and the requests behind `kubectl exec`, `attach`
//! and `port-forward`, which clients of today send over WebSockets.

use super::cause::Suspects;
use super::compare::compare;
use super::found::Found;
use super::machine::Machine;
use super::{Place, Releases, What};
use crate::api::rbac::{Binding, PolicyRule, Subject, Who, listed, typed};
use crate::api::{Attributes, Decision, Request, RequestInfo, User};
use crate::authorize::rbac::cover::{break_down, compact};
use crate::bootstrap;
use crate::explain::source::{Order, Places, Written};
use crate::json::{Value, json};
use crate::store::Key;
use std::collections::BTreeSet;

/// The streams to a container: the command, the subresource, its options.
const STREAMS: [(&str, &str, &str); 3] = [
    ("exec", "exec", "command=true&stdout=true"),
    ("attach", "attach", "stdout=true"),
    ("port-forward", "portforward", "ports=80"),
];

/// The two clusters, with all that was read.
pub(super) struct Both<'a> {
    pub(super) releases: Releases,
    pub(super) was: &'a Machine,
    pub(super) now: &'a Machine,
    pub(super) written: &'a [Written],
}

/// A subject of a binding.
struct Bound<'a> {
    binding: &'a Binding,
    at: &'a Written,
    subject: &'a Subject,
    user: User,
}

impl Both<'_> {
    /// What the subjects of the bindings that were read may do otherwise; and how many questions were asked.
    pub(super) fn compare(&self, suspects: &mut Suspects) -> (Vec<(Place, Found)>, usize) {
        let (mut found, mut asked) = (Vec::new(), 0);
        let order = Order::of(self.written);
        let places = Places::of(self.written, &order);
        for at in self.written {
            let [kind, namespace, name] = &at.called;
            let namespace = match (kind.as_str(), namespace.as_str()) {
                ("ClusterRoleBinding", _) => "",
                ("RoleBinding", "") => "default",
                ("RoleBinding", namespace) => namespace,
                _ => continue,
            };
            if bootstrap::is_default(&at.object) {
                continue;
            }
            let binding = Binding::read(namespace, name, &at.object);
            for subject in &binding.subjects {
                let user = match subject.who(namespace) {
                    Some(Who::User(name)) => User::named(&name),
                    Some(Who::Group(name)) => User::new("somebody", &[&name]),
                    None => continue,
                };
                let bound = Bound { binding: &binding, at, subject, user: user.authenticated() };
                asked += self.rules(&bound, &mut found);
                asked += self.streams(&bound, &places, suspects, &mut found);
            }
        }
        (found, asked)
    }

    /// The rules of the role, broken down to questions.
    fn rules(&self, bound: &Bound<'_>, found: &mut Vec<(Place, Found)>) -> usize {
        let Binding { role_ref, namespace, .. } = bound.binding;
        let of = |machine: &Machine| {
            let rules = machine.cluster.knowledge().rbac().role(role_ref, namespace).unwrap_or_default();
            rules.iter().flat_map(break_down).collect::<BTreeSet<_>>()
        };
        let questions: BTreeSet<PolicyRule> = of(self.was).union(&of(self.now)).cloned().collect();
        let (mut more, mut less) = (Vec::new(), Vec::new());
        for question in &questions {
            let info = asked(question, namespace);
            match (self.was.allows(&bound.user, &info), self.now.allows(&bound.user, &info)) {
                (false, true) => more.push(question.clone()),
                (true, false) => less.push(question.clone()),
                _ => {}
            }
        }
        let from = self.releases.from;
        for (rules, what, words) in [
            (less, What::Refused, format!("is refused what {from} allows")),
            (more, What::Otherwise, format!("is allowed what {from} refuses")),
        ] {
            if !rules.is_empty() {
                let rules: Vec<String> = compact(&rules).iter().map(described).collect();
                let (who, role) = (bound.subject.called(&bound.binding.namespace), &role_ref.name);
                let text = format!("{who} {words}, by {} {role}: {}", role_ref.kind, rules.join("; "));
                found.push((Place::of(bound.at, bound.at.line), Found::new(what, "", text)));
            }
        }
        questions.len()
    }

    /// What is behind commands that open a stream, as far as the role has a rule for it.
    fn streams(
        &self,
        bound: &Bound<'_>,
        places: &Places<'_>,
        suspects: &mut Suspects,
        found: &mut Vec<(Place, Found)>,
    ) -> usize {
        let Binding { role_ref, namespace, .. } = bound.binding;
        let namespace = if namespace.is_empty() { "default" } else { namespace };
        let rules = self.was.cluster.knowledge().rbac().role(role_ref, &bound.binding.namespace);
        let mut asked = 0;
        for (command, subresource, options) in STREAMS {
            let path = format!("/api/v1/namespaces/{namespace}/pods/{POD}/{subresource}");
            let info = RequestInfo::parse("GET", &path);
            let Some(rule) = rules.unwrap_or_default().iter().position(|rule| covers(rule, &info)) else {
                continue;
            };
            asked += 1;
            let ask = |machine: &mut Machine| {
                machine.cluster.restore([(Key::new("pods", namespace, POD), pod(namespace))]);
                machine.ask(web_socket(format!("{path}?{options}")).by(bound.user.clone()))
            };
            let was = ask(&mut self.was.clone());
            let again = |machine: &mut Machine| {
                let now = ask(machine);
                if (was.code == 403) == (now.code == 403) {
                    return Vec::new();
                }
                compare(self.releases, &Value::Null, &was.as_let_through(), &now.as_let_through())
            };
            let mut differs = again(&mut self.now.clone());
            suspects.prove(self.now, "", &mut differs, again);
            let role = places.written(&role_ref.kind, &bound.binding.namespace, &role_ref.name);
            let place = match role {
                Some(role) => Place::of(role, role.line_of_rule(rule + 1)),
                None => Place::of(bound.at, bound.at.line),
            };
            found.extend(differs.into_iter().map(|mut differs| {
                let who = bound.subject.called(&bound.binding.namespace);
                differs.text = format!("`kubectl {command}` by {who}, over a WebSocket: {}", differs.text);
                (place.clone(), differs)
            }));
        }
        asked
    }
}

/// The pod that streams are opened to.
const POD: &str = "some-pod";

fn pod(namespace: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": POD, "namespace": namespace},
        "spec": {"containers": [{"name": "c", "image": "i"}]}, "status": {"phase": "Running"},
    })
}

fn web_socket(target: String) -> Request {
    Request::new("GET", target)
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "a3ViZXZlcmRpY3Qga2V5IQ==")
        .header("Sec-WebSocket-Protocol", "v5.channel.k8s.io")
}

fn covers(rule: &PolicyRule, info: &RequestInfo) -> bool {
    let as_create = RequestInfo { verb: "create".to_owned(), ..info.clone() };
    rule.allows(info) || rule.allows(&as_create)
}

/// What a rule of one verb on one thing is asked as.
fn asked(rule: &PolicyRule, namespace: &str) -> RequestInfo {
    let first = |words: &[String]| words.first().cloned().unwrap_or_default();
    let resource = first(&rule.resources);
    let (plain, sub) = resource.split_once('/').unwrap_or((&resource, ""));
    RequestInfo {
        is_resource: rule.non_resource_urls.is_empty(),
        path: first(&rule.non_resource_urls),
        verb: first(&rule.verbs),
        group: first(&rule.api_groups),
        version: "v1".to_owned(),
        namespace: namespace.to_owned(),
        resource: plain.to_owned(),
        subresource: sub.to_owned(),
        name: first(&rule.resource_names),
        ..RequestInfo::default()
    }
}

/// `get,list pods/log`, `get leases.coordination.k8s.io named x`.
fn described(rule: &PolicyRule) -> String {
    let group = rule.api_groups.first().map_or("", String::as_str);
    let resources = rule.resources.iter().map(|resource| typed(resource, group));
    let things: Vec<String> = resources.chain(rule.non_resource_urls.iter().cloned()).collect();
    let named = match rule.resource_names.as_slice() {
        [] => String::new(),
        names => format!(" named {}", listed(names)),
    };
    format!("{} {}{named}", rule.verbs.join(","), things.join(","))
}

impl Machine {
    fn allows(&self, user: &User, info: &RequestInfo) -> bool {
        let attributes = Attributes { user: user.clone(), info: info.clone() };
        self.cluster.decide(&attributes).decision == Decision::Allow
    }
}
