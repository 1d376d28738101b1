//! The kubeconfig of a webhook that authenticates or authorizes (`client-go/tools/clientcmd`): which server is asked, whom
//! it is trusted by, and who asks. Errors have clientcmd's words.
//!
//! # Differs from Kubernetes
//!
//! `exec`, `auth-provider`, `proxy-url`, `tls-server-name` and servers without TLS are refused; a real server takes them.

use super::{File, ReadFile};
use crate::error::Error;
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

const EMPTY: &str = "no configuration has been provided, try setting KUBERNETES_MASTER environment variable";

/// What a kubeconfig comes to, in its current context.
#[derive(Clone, Debug, PartialEq)]
pub struct Kubeconfig {
    /// The URL that is posted to.
    pub server: String,
    /// How to get there, as a webhook's `clientConfig` has it (`caBundle`; or `insecure`), and as whom: `authorization`, a
    /// header; `certificate` and `key`, PEM in base64.
    pub client: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Written {
    clusters: Vec<NamedCluster>,
    users: Vec<NamedUser>,
    contexts: Vec<NamedContext>,
    current_context: String,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority: String,
    certificate_authority_data: String,
    insecure_skip_tls_verify: bool,
    tls_server_name: String,
    proxy_url: String,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    user: User,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct User {
    client_certificate: String,
    client_certificate_data: String,
    client_key: String,
    client_key_data: String,
    token: String,
    #[serde(rename = "tokenFile")]
    token_file: String,
    username: String,
    password: String,
    exec: Option<Value>,
    auth_provider: Option<Value>,
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    cluster: String,
    user: String,
}

impl Kubeconfig {
    /// Reads the file at a path, and the files that it names.
    pub(super) fn named(path: &str, read: ReadFile<'_>) -> Result<Kubeconfig, Error> {
        let text = read(path).map_err(Error::of_file(path))?;
        Kubeconfig::read(&File { path: path.to_owned(), text: text.into() }, read)
    }

    /// Reads a file, and the files that it names.
    pub(super) fn read(file: &File, read: ReadFile<'_>) -> Result<Kubeconfig, Error> {
        let wrong = |why: String| Error::new(why).in_file(&file.path);
        let text = String::from_utf8_lossy(&file.text);
        let written: Option<Written> = crate::golang::yaml::typed(&text)
            .map_err(|error| wrong(format!("error loading config file \"{}\": {error}", file.path)))?;
        let beside = |path: &str| match file.path.rsplit_once('/').filter(|_| !path.starts_with('/')) {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.to_owned(),
        };
        let open = |path: &str| read(&beside(path)).map_err(|error| error.to_string());
        written.unwrap_or_default().resolve(&open).map_err(wrong)
    }
}

type Open<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

impl Written {
    fn resolve(&self, open: Open<'_>) -> Result<Kubeconfig, String> {
        let current = self.contexts.iter().find(|one| one.name == self.current_context);
        if current.is_none() && !self.current_context.is_empty() {
            return Err(format!("context was not found for specified context: {}", self.current_context));
        }
        let none = Context::default();
        let context = current.map_or(&none, |one| &one.context);
        let user = self.users.iter().find(|one| one.name == context.user).map(|one| one.user.clone());
        let cluster = self.clusters.iter().find(|one| one.name == context.cluster);
        let cluster = cluster.map(|one| one.cluster.clone()).unwrap_or_default();
        let mut errors = Vec::new();
        let mut client = json!({});
        user.unwrap_or_default().resolve(&context.user, open, &mut client, &mut errors);
        cluster.resolve(&context.cluster, open, &mut client, &mut errors);
        match errors.as_slice() {
            [] => Ok(Kubeconfig { server: address(&cluster.server)?, client }),
            [one] if cluster == Cluster::default() && one == NO_SERVER => {
                Err(format!("invalid configuration: {EMPTY}"))
            }
            [one] => Err(format!("invalid configuration: {one}")),
            several => Err(format!("invalid configuration: [{}]", several.join(", "))),
        }
    }
}

const NO_SERVER: &str = "cluster has no server defined";

impl Cluster {
    fn resolve(&self, name: &str, open: Open<'_>, client: &mut Value, errors: &mut Vec<String>) {
        if *self == Cluster::default() {
            errors.push(NO_SERVER.to_owned());
            return;
        }
        if self.server.is_empty() {
            errors.push(match name {
                "" => "default cluster has no server defined".to_owned(),
                name => format!("no server found for cluster \"{name}\""),
            });
        }
        let (path, data) = (&self.certificate_authority, &self.certificate_authority_data);
        if !path.is_empty() && !data.is_empty() {
            errors.push(format!(
                "certificate-authority-data and certificate-authority are both specified for {name}. \
                 certificate-authority-data will override."
            ));
        }
        let what = || format!("unable to read certificate-authority {path} for {name}");
        set(client, "caBundle", data, path, open, errors, &what);
        if self.insecure_skip_tls_verify {
            client["insecure"] = true.into();
            if client.get("caBundle").is_some() {
                let why = "specifying a root certificates file with the insecure flag is not allowed";
                errors.push(why.to_owned());
            }
        }
        let unmodelled = [
            ("tls-server-name", !self.tls_server_name.is_empty()),
            ("proxy-url", !self.proxy_url.is_empty()),
        ];
        errors.extend(not_modelled(unmodelled));
    }
}

impl User {
    fn resolve(&self, name: &str, open: Open<'_>, client: &mut Value, errors: &mut Vec<String>) {
        let basic = !self.username.is_empty() || !self.password.is_empty();
        let bearer = !self.token.is_empty() || !self.token_file.is_empty();
        if basic && bearer {
            errors.push(format!(
                "more than one authentication method found for {name}; found [token basicAuth], only one is allowed"
            ));
        }
        let (path, data) = (&self.client_certificate, &self.client_certificate_data);
        if !path.is_empty() || !data.is_empty() {
            let what = || format!("unable to read client-cert {path} for {name}");
            set(client, "certificate", data, path, open, errors, &what);
            let (path, data) = (&self.client_key, &self.client_key_data);
            if path.is_empty() && data.is_empty() {
                errors.push(format!(
                    "client-key-data or client-key must be specified for {name} to use the clientCert \
                     authentication method."
                ));
            }
            let what = || format!("unable to read client-key {path} for {name}");
            set(client, "key", data, path, open, errors, &what);
        }
        let mut token = self.token.clone();
        if token.is_empty() && !self.token_file.is_empty() {
            match open(&self.token_file) {
                Ok(read) => token = String::from_utf8_lossy(&read).trim().to_owned(),
                Err(why) => errors.push(format!("failed to read token file \"{}\": {why}", self.token_file)),
            }
        }
        if !token.is_empty() {
            client["authorization"] = format!("Bearer {token}").into();
        } else if basic {
            let pair = STANDARD.encode(format!("{}:{}", self.username, self.password));
            client["authorization"] = format!("Basic {pair}").into();
        }
        errors.extend(not_modelled([
            ("exec", self.exec.is_some()),
            ("auth-provider", self.auth_provider.is_some()),
        ]));
    }
}

/// A field in base64, out of the text itself or of a file.
fn set(
    client: &mut Value,
    field: &str,
    data: &str,
    path: &str,
    open: Open<'_>,
    errors: &mut Vec<String>,
    what: &dyn Fn() -> String,
) {
    if !data.is_empty() {
        client[field] = data.into();
    } else if !path.is_empty() {
        match open(path) {
            Ok(read) => client[field] = STANDARD.encode(read).into(),
            Err(why) => errors.push(format!("{} due to {why}", what())),
        }
    }
}

fn not_modelled<const N: usize>(fields: [(&'static str, bool); N]) -> impl Iterator<Item = String> {
    let given = fields.into_iter().filter(|(_, given)| *given);
    given.map(|(field, _)| format!("`{field}` is not modelled in the kubeconfig of a webhook"))
}

/// The URL as a client posts to it: without a slash at the end of its path.
fn address(server: &str) -> Result<String, String> {
    let Some(rest) = server.strip_prefix("https://") else {
        return Err(format!("the server of a webhook is only modelled with `https://`, not `{server}`"));
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    Ok(format!("https://{host}/{}", path.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<Kubeconfig, String> {
        let file = File { path: "webhooks/authz.yaml".to_owned(), text: text.as_bytes().into() };
        let read: ReadFile<'_> = &|path| match path {
            "webhooks/ca.crt" => Ok(b"CA".to_vec()),
            _ => Err(std::io::Error::other(format!("open {path}: no such file or directory"))),
        };
        Kubeconfig::read(&file, read).map_err(|error| error.message)
    }

    fn with(cluster: &str, user: &str) -> String {
        format!(
            "clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n"
        )
    }

    #[test]
    fn the_current_context_counts() {
        let text = with("server: 'https://a.example.com/b/', certificate-authority: ca.crt", "token: t");
        let read = resolve(&text).expect("a good file");
        assert_eq!(read.server, "https://a.example.com/b");
        assert_eq!(read.client, json!({"caBundle": "Q0E=", "authorization": "Bearer t"}));
    }

    #[test]
    fn anybody_may_be_trusted() {
        let anybody = "server: 'https://127.0.0.1:1/authorize', insecure-skip-tls-verify: true";
        assert_eq!(resolve(&with(anybody, "")).expect("a good file").client, json!({"insecure": true}));
        let both = resolve(&with(&format!("{anybody}, certificate-authority: ca.crt"), ""));
        assert!(both.expect_err("a contradiction").ends_with("with the insecure flag is not allowed"));
    }

    #[test]
    fn what_is_wrong_has_clientcmds_words() {
        let invalid = |why: &str| Err(format!("invalid configuration: {why}"));
        let server = "server: 'https://a.example.com'";
        for (text, want) in [
            (String::new(), invalid(EMPTY)),
            (with(server, "").replace("current-context: x", ""), invalid(EMPTY)),
            (
                with(server, "").replace("current-context: x", "current-context: y"),
                Err("context was not found for specified context: y".to_owned()),
            ),
            (with("certificate-authority-data: QQ==", ""), invalid("no server found for cluster \"c\"")),
            (
                with(&format!("{server}, certificate-authority: no.crt"), ""),
                invalid(
                    "unable to read certificate-authority no.crt for c due to open webhooks/no.crt: no such file or \
                     directory",
                ),
            ),
            (
                with(server, "client-certificate-data: QQ=="),
                invalid(
                    "client-key-data or client-key must be specified for u to use the clientCert authentication \
                     method.",
                ),
            ),
            (
                with("server: 'http://a.example.com'", ""),
                Err("the server of a webhook is only modelled with `https://`, not `http://a.example.com`"
                    .to_owned()),
            ),
        ] {
            assert_eq!(resolve(&text), want, "{text}");
        }
    }
}
