//! `kubeverdict serve` as a process of its own, whose memory can be looked at: the program of this build, or the one that
//! `KUBEVERDICT_BINARY` names.

use super::asking::Asker;
use base64::{Engine, engine::general_purpose::STANDARD};
use kubeverdict::json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

pub(crate) struct Served {
    process: Child,
    folder: PathBuf,
    pub(crate) at: SocketAddr,
    /// The certificate to trust (DER).
    root: Vec<u8>,
}

impl Served {
    /// Starts it with further flags, with the tokens of an administrator and of alice.
    pub(crate) fn start(name: &str, flags: &[&str]) -> Served {
        let folder = std::env::temp_dir().join(format!("kubeverdict-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let tokens = "admin-token,admin,admin-uid,\"system:masters\"\nalice-token,alice,alice-uid\n";
        std::fs::write(folder.join("tokens"), tokens).expect("a file can be written");
        let binary = std::env::var_os("KUBEVERDICT_BINARY");
        let mut process = Command::new(binary.unwrap_or(env!("CARGO_BIN_EXE_kubeverdict").into()))
            .args(["serve", "--secure-port=0", "--token-auth-file=tokens", "--kubeconfig-out=kubeconfig"])
            .args(flags)
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let out = process.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it writes");
        let at = line.trim().rsplit("https://").next().and_then(|at| at.parse().ok());
        let kubeconfig = std::fs::read_to_string(folder.join("kubeconfig")).expect("it was written");
        let kubeconfig: Value = serde_json::from_str(&kubeconfig).expect("it is JSON");
        let root = kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"].as_str();
        let pem = STANDARD.decode(root.expect("an authority")).expect("base64");
        let root = CertificateDer::from_pem_slice(&pem).expect("a certificate").to_vec();
        let at = at.unwrap_or_else(|| panic!("no address: {line}"));
        Served { process, folder, at, root }
    }

    /// Somebody with a token.
    pub(crate) fn asker(&self, token: &'static str) -> Asker {
        Asker::new(self.at, &self.root, token)
    }

    /// What it holds in memory, in MiB (`/proc/PID/statm`, pages of 4 KiB).
    pub(crate) fn memory(&self) -> usize {
        let path = format!("/proc/{}/statm", self.process.id());
        let text = std::fs::read_to_string(path).expect("it runs");
        let pages: usize = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
        (pages * 4096) >> 20
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
