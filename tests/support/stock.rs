//! A stock kubectl, at a server of its own.

use super::session::{TOKENS, Typed};
use kubeverdict::api::Version;
use kubeverdict::clients::Output;
use kubeverdict::json::json;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where kubectl is, which server it talks to, and where it may write.
pub(crate) struct Stock {
    kubectl: String,
    server: Child,
    url: String,
    here: String,
}

impl Stock {
    /// At a fresh server with nodes.
    pub(crate) fn new(version: &str, nodes: usize, kubectl: String, here: String) -> Result<Stock, String> {
        let told = |error: std::io::Error| error.to_string();
        let _ = fs::remove_dir_all(&here);
        fs::create_dir_all(&here).map_err(told)?;
        let tokens = format!("{here}/tokens.csv");
        fs::write(&tokens, TOKENS).map_err(told)?;
        let mut server = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
            .args([
                "serve",
                "--bind-address",
                "127.0.0.1",
                "--secure-port",
                "0",
                "--token-auth-file",
                &tokens,
            ])
            .args([
                "--service-account-issuer",
                "https://kubernetes.default.svc",
                "--authorization-mode",
                "Node,RBAC",
            ])
            .args(["--kubernetes-version", &version.parse::<Version>()?.to_string()])
            .args(["--nodes", &nodes.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(told)?;
        // It says where it serves once it does.
        let mut line = String::new();
        let stdout = server.stdout.take().ok_or("no output")?;
        BufReader::new(stdout).read_line(&mut line).map_err(told)?;
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("https://"))
            .ok_or(format!("it serves nowhere: {line}"))?;
        Ok(Stock { kubectl, server, url: url.to_owned(), here })
    }

    /// The kubeconfig of somebody with a static token.
    fn kubeconfig(&self, who: &str) -> std::io::Result<String> {
        let path = format!("{}/{who}.kubeconfig", self.here);
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": self.url, "insecure-skip-tls-verify": true}}],
            "users": [{"name": who, "user": {"token": format!("{who}-token")}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": who}}],
        });
        fs::write(&path, config.to_string())?;
        Ok(path)
    }

    fn run(&self, who: &str, words: &[String], stdin: &str) -> std::io::Result<Output> {
        let mut child = Command::new(&self.kubectl)
            .args(words)
            .env_clear()
            .env("HOME", &self.here)
            .env("KUBECONFIG", self.kubeconfig(who)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            // A kubectl that does not read its input may be gone already.
            let _ = pipe.write_all(stdin.as_bytes());
        }
        let output = child.wait_with_output()?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output {
            exit: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            ..Output::default()
        })
    }
}

impl Typed for Stock {
    fn kubectl(&mut self, who: &str, words: &[String], stdin: &str) -> Result<Output, String> {
        self.run(who, words, stdin).map_err(|error| format!("{}: {error}", self.kubectl))
    }

    fn wait(&mut self, span: Duration) {
        std::thread::sleep(span);
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
