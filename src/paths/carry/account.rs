//! Ways to be somebody else: impersonation, tokens, secrets, certificates.

use super::{Done, Hop, Me, Run, Shown};
use crate::api::rbac::Who;
use crate::api::{Dig, User};
use crate::certificates::{Certificate, SigningRequest, Subject};
use crate::json::json;
use crate::paths::node::{NODES, Node, account_user};
use crate::store::Key;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Sends what follows with the headers of impersonation.
pub(in crate::paths) fn act_as(run: &mut Run, hop: &Hop<'_>) -> Done {
    let user = match hop.whose() {
        Some(Who::User(name)) => User::named(name),
        Some(Who::Group(group)) => {
            let (verb, of) = match hop.mode {
                Some(_) => ("impersonate:user-info", "authentication.k8s.io"),
                None => ("impersonate", ""),
            };
            let names = |other| hop.names.iter().map(String::as_str).chain([other]);
            let user = names(super::MEMBER).find(|name| run.may_do(verb, of, "users", "", name));
            // An account may be anybody's, too: the groups that are given stand in the place of its own.
            let namespace = if hop.place.is_empty() { "default" } else { hop.place };
            let is_ours = |name: &&str| run.may_do("impersonate", "", "serviceaccounts", namespace, name);
            let account = || names("member").find(is_ours).map(|name| account_user(namespace, name));
            let name = user.map(str::to_owned).or_else(account);
            User::new(name.as_deref().unwrap_or(super::MEMBER), &[group])
        }
        None => return Ok(()),
    };
    let by = Box::new(run.me.clone());
    run.me = Me { user: user.authenticated(), shown: Shown::Acting(by, hop.mode) };
    match hop.mode {
        // Only some verbs are allowed: what comes next tells.
        Some(_) => Ok(()),
        None => run.is_recognised(),
    }
}

/// Acts as a node, and requests a token of a pod that runs there, as its kubelet does.
pub(in crate::paths) fn as_node(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some(machine) = hop.machine() else { return Ok(()) };
    let node = format!("system:node:{machine}");
    // A right that is to nodes is asked for of their names alone, and the group comes with it.
    let (groups, mode): (&[&str], _) = match hop.resource {
        "nodes" => (&[], Some("arbitrary-node")),
        _ => (&[NODES], None),
    };
    let by = Box::new(run.me.clone());
    run.me = Me { user: User::new(node, groups).authenticated(), shown: Shown::Acting(by, mode) };
    own_node(run, hop)
}

/// Requests a token of a pod, as the node that it runs on.
pub(in crate::paths) fn own_node(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, name)) = hop.pod() else { return Ok(()) };
    run.token_by(&run.me.clone(), namespace, name)
}

/// Has a node's certificate approved, and requests a token of a pod that runs there.
pub(in crate::paths) fn node_certificate(run: &mut Run, hop: &Hop<'_>) -> Done {
    run.certified_as_node(hop, None)
}

/// Requests a node's certificate, which kube-controller-manager approves of whoever may create `nodeclient`, and with it a token
/// of a pod that runs there.
pub(in crate::paths) fn node_client_certificate(run: &mut Run, hop: &Hop<'_>) -> Done {
    if !run.may_do("create", "certificates.k8s.io", "certificatesigningrequests/nodeclient", "", "") {
        return Err(run.stopped("csrapproving", "it approves no node's certificate of theirs"));
    }
    run.certified_as_node(hop, Some(Run::controller("certificate-controller")))
}

/// Requests a token.
pub(in crate::paths) fn token(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, name)) = hop.account() else { return Ok(()) };
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"audiences": run.cluster.config().audiences(), "expirationSeconds": 3600},
    });
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
    let answer = run.ask("POST", &path, Some(&request))?;
    run.goes_on_with(&account_user(namespace, name), answer.text("status.token"))
}

/// Reads a secret of old, and goes on with its token.
///
/// Differs from Kubernetes: the token in a dump is signed by another cluster's key; it is taken for one of the same claims
/// that this server would have made.
pub(in crate::paths) fn read_secret(run: &mut Run, hop: &Hop<'_>) -> Done {
    let secret = hop.through.iter().find_map(|node| match node {
        Node::Secret(namespace, name) => Some((&**namespace, name.as_str())),
        _ => None,
    });
    let Some((namespace, name)) = secret else { return Ok(()) };
    let secret = run.filled(namespace, name);
    run.cluster.restore([(Key::new("secrets", namespace, name), secret)]);
    run.reads_token(namespace, name)
}

/// Makes a secret of an account, and reads what the token controller puts in.
pub(in crate::paths) fn token_secret(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, account)) = hop.account() else { return Ok(()) };
    // Who may read only some gives it such a name.
    let free = hop.names.iter().find(|name| run.stored("secrets", namespace, name).is_none());
    let name = free.cloned().unwrap_or_else(|| run.name());
    let mut metadata = Run::metadata(&name, namespace);
    metadata["annotations"] = json!({"kubernetes.io/service-account.name": account});
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": metadata,
    });
    run.ask("POST", &format!("/api/v1/namespaces/{namespace}/secrets"), Some(&secret))?;
    run.fill(namespace, &name)?;
    run.reads_token(namespace, &name)
}

/// Has a certificate approved, and goes on with it.
pub(in crate::paths) fn certificate(run: &mut Run, hop: &Hop<'_>) -> Done {
    let subject = match hop.whose() {
        Some(Who::User(name)) => Subject::new(name, &[]),
        Some(Who::Group(name)) => Subject::new(super::MEMBER, &[name]),
        None => return Ok(()),
    };
    run.certified("kube-apiserver-client", &["client auth"], &subject, None)
}

impl Run {
    /// Has a node's certificate approved, and requests a token of a pod that runs there.
    fn certified_as_node(&mut self, hop: &Hop<'_>, approver: Option<User>) -> Done {
        let Some(machine) = hop.machine() else { return Ok(()) };
        let subject = Subject::new(&format!("system:node:{machine}"), &[NODES]);
        let usages = ["digital signature", "client auth"];
        self.certified("kube-apiserver-client-kubelet", &usages, &subject, approver)?;
        own_node(self, hop)
    }

    /// Has a certificate approved, by oneself or by another one, and goes on with it.
    fn certified(
        &mut self,
        signer: &str,
        usages: &[&str],
        subject: &Subject,
        approver: Option<User>,
    ) -> Done {
        let wanted = SigningRequest::written(subject, self.cluster.token_key())
            .map_err(|why| self.stopped("the certificate's encoding", &why))?;
        let name = self.name();
        let path = self.collection("certificates.k8s.io", "certificatesigningrequests", "");
        let version = path.split('/').nth(3).unwrap_or("v1").to_owned();
        let request = json!({
            "apiVersion": format!("certificates.k8s.io/{version}"), "kind": "CertificateSigningRequest",
            "metadata": {"name": name},
            "spec": {
                "signerName": format!("kubernetes.io/{signer}"), "usages": usages,
                "request": STANDARD.encode(wanted),
            },
        });
        self.ask("POST", &path, Some(&request))?;
        let mut approved =
            self.stored("certificatesigningrequests.certificates.k8s.io", "", &name).unwrap_or_default();
        approved.set("apiVersion", format!("certificates.k8s.io/{version}"));
        approved.push(
            "status.conditions",
            json!({"type": "Approved", "status": "True", "reason": "Kubeverdict", "message": "as wanted"}),
        );
        let may = |verb: &str| {
            self.may_do(verb, "certificates.k8s.io", "certificatesigningrequests/approval", "", &name)
        };
        let by_another = approver.is_some();
        let method = if by_another || may("update") || !may("patch") { "PUT" } else { "PATCH" };
        let approver = approver.map_or_else(|| self.me.clone(), |user| Me { user, shown: Shown::Known });
        self.ask_by(&approver, method, &format!("{path}/{name}/approval"), Some(&approved))?;
        self.signed(&name, subject)?;
        // Whoever may not get the request approves it once more: the answer holds the certificate, too.
        let may_get = self.may_do("get", "certificates.k8s.io", "certificatesigningrequests", "", &name);
        let request = match by_another || may_get {
            true => self.ask("GET", &format!("{path}/{name}"), None)?,
            false => {
                let mut signed = self
                    .stored("certificatesigningrequests.certificates.k8s.io", "", &name)
                    .unwrap_or_default();
                signed.set("apiVersion", format!("certificates.k8s.io/{version}"));
                self.ask(method, &format!("{path}/{name}/approval"), Some(&signed))?
            }
        };
        let pem = STANDARD.decode(request.text("status.certificate")).unwrap_or_default();
        let pem = String::from_utf8_lossy(&pem).into_owned();
        let certificates = Certificate::all_from_pem(&pem).unwrap_or_default();
        if let Some(certificate) = certificates.first() {
            let groups: Vec<&str> = subject.organizations.iter().map(String::as_str).collect();
            let user = User::new(subject.common_name.clone(), &groups).authenticated();
            self.me = Me { user, shown: Shown::Certificate(certificate.der().into()) };
        }
        self.is_recognised()
    }

    /// Reads a secret by the verb that one has, and goes on with its token.
    fn reads_token(&mut self, namespace: &str, name: &str) -> Done {
        let path = format!("/api/v1/namespaces/{namespace}/secrets");
        let secret = if self.may_do("get", "", "secrets", namespace, name) {
            self.ask("GET", &format!("{path}/{name}"), None)?
        } else {
            // Somebody may list that one, or all without a name.
            let named = format!("fieldSelector=metadata.name%3D{name}");
            let ways = [
                ("list", name, named.clone()),
                ("list", "", String::new()),
                ("watch", name, format!("{named}&watch=1")),
                ("watch", "", "watch=1".to_owned()),
            ];
            let may =
                |(verb, name, _): &&(&str, &str, String)| self.may_do(verb, "", "secrets", namespace, name);
            let query = ways.iter().find(may).map_or(named.as_str(), |(.., query)| query);
            let list = self.ask("GET", format!("{path}?{query}").trim_end_matches('?'), None)?;
            // A watch is told as text; what it tells of the secret is what is stored.
            match list.list("items").iter().find(|secret| secret.name() == name) {
                Some(secret) => secret.clone(),
                None => {
                    let mut stored = self.stored("secrets", namespace, name).unwrap_or_default();
                    crate::registry::complete_tokens(&mut stored, self.cluster.token_key());
                    stored
                }
            }
        };
        let token = STANDARD.decode(secret.text("data.token")).unwrap_or_default();
        let account = secret.annotation("kubernetes.io/service-account.name").unwrap_or_default();
        self.goes_on_with(&account_user(namespace, account), &String::from_utf8_lossy(&token))
    }
}
