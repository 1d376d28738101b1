//! The tables of the Pod Security Standards, as they stand there.

use crate::admit::pod_security::policy::Level;

/// Which values a control allows.
pub(super) enum Allowed {
    /// These, or none. A star at the end stands for anything.
    Values(&'static [Word]),
    /// One of these: what a container has not, its pod has.
    Required(&'static [Word]),
    /// None but these parts of a volume, of which one is there.
    Parts(&'static [&'static str]),
    /// A list with this in it, in each container.
    Containing(&'static str),
}

/// A value in the table.
#[derive(Clone, Copy)]
pub(super) enum Word {
    Text(&'static str),
    Flag(bool),
    /// Any number but this.
    Not(i64),
    Number(i64),
}

use Allowed::{Containing, Parts, Required, Values};
use Word::{Flag, Not, Number, Text};

/// A row: the control, the policy's releases that have it, its fields, what they may be, and the words in which a refusal
/// begins to tell of it.
pub(super) struct Row {
    pub(super) reason: &'static str,
    pub(super) level: Level,
    pub(super) releases: (u8, u8),
    pub(super) fields: &'static [&'static str],
    pub(super) allowed: Allowed,
    /// `linux`: pods that say they are for Windows are spared since 1.25. `users`: pods with users of their own since 1.35.
    pub(super) spares: &'static str,
}

pub(super) const B: Level = Level::Baseline;
pub(super) const R: Level = Level::Restricted;
const ALWAYS: (u8, u8) = (0, 99);

const fn row(
    reason: &'static str,
    level: Level,
    releases: (u8, u8),
    fields: &'static [&'static str],
    allowed: Allowed,
) -> Row {
    Row { reason, level, releases, fields, allowed, spares: "" }
}

impl Row {
    const fn sparing(self, spares: &'static str) -> Row {
        let Row { reason, level, releases, fields, allowed, .. } = self;
        Row { reason, level, releases, fields, allowed, spares }
    }
}

/// A field of every container; `P` of the pod, too.
pub(super) const TABLE: &[Row] = &[
    row(
        "hostProcess",
        B,
        ALWAYS,
        &["P.windowsOptions.hostProcess", "C.windowsOptions.hostProcess"],
        Values(&[Flag(false)]),
    ),
    row(
        "host namespaces",
        B,
        ALWAYS,
        &["spec.hostNetwork", "spec.hostPID", "spec.hostIPC"],
        Values(&[Flag(false)]),
    ),
    row("privileged", B, ALWAYS, &["C.privileged"], Values(&[Flag(false)])),
    row(
        "non-default capabilities",
        B,
        ALWAYS,
        &["C.capabilities.add[*]"],
        Values(&[
            Text("AUDIT_WRITE"),
            Text("CHOWN"),
            Text("DAC_OVERRIDE"),
            Text("FOWNER"),
            Text("FSETID"),
            Text("KILL"),
            Text("MKNOD"),
            Text("NET_BIND_SERVICE"),
            Text("SETFCAP"),
            Text("SETGID"),
            Text("SETPCAP"),
            Text("SETUID"),
            Text("SYS_CHROOT"),
        ]),
    ),
    row("hostPath volumes", B, ALWAYS, &["spec.volumes[*].hostPath"], Values(&[])),
    row("hostPort", B, ALWAYS, &["A.ports[*].hostPort"], Values(&[Number(0)])),
    row(
        "probe or lifecycle host",
        B,
        (34, 99),
        &[
            "A.livenessProbe.httpGet.host",
            "A.readinessProbe.httpGet.host",
            "A.startupProbe.httpGet.host",
            "A.livenessProbe.tcpSocket.host",
            "A.readinessProbe.tcpSocket.host",
            "A.startupProbe.tcpSocket.host",
            "A.lifecycle.postStart.tcpSocket.host",
            "A.lifecycle.preStop.tcpSocket.host",
            "A.lifecycle.postStart.httpGet.host",
            "A.lifecycle.preStop.httpGet.host",
        ],
        Values(&[Text("")]),
    ),
    row(
        "forbidden AppArmor profile",
        B,
        ALWAYS,
        &["P.appArmorProfile.type", "C.appArmorProfile.type"],
        Values(&[Text("RuntimeDefault"), Text("Localhost")]),
    ),
    row(
        "forbidden AppArmor profile",
        B,
        ALWAYS,
        &["metadata.annotations.container.apparmor.security.beta.kubernetes.io/*"],
        Values(&[Text(""), Text("runtime/default"), Text("localhost/*")]),
    ),
    row(
        "seLinuxOptions",
        B,
        (0, 30),
        &["P.seLinuxOptions.type", "C.seLinuxOptions.type"],
        Values(&[Text(""), Text("container_t"), Text("container_init_t"), Text("container_kvm_t")]),
    ),
    row(
        "seLinuxOptions",
        B,
        (31, 99),
        &["P.seLinuxOptions.type", "C.seLinuxOptions.type"],
        Values(&[
            Text(""),
            Text("container_t"),
            Text("container_init_t"),
            Text("container_kvm_t"),
            Text("container_engine_t"),
        ]),
    ),
    row(
        "seLinuxOptions",
        B,
        ALWAYS,
        &["P.seLinuxOptions.user", "C.seLinuxOptions.user", "P.seLinuxOptions.role", "C.seLinuxOptions.role"],
        Values(&[Text("")]),
    ),
    row("procMount", B, ALWAYS, &["C.procMount"], Values(&[Text("Default")]))
        .sparing("users, but not restricted"),
    row(
        "seccompProfile",
        B,
        (0, 18),
        &[
            "metadata.annotations.seccomp.security.alpha.kubernetes.io/pod",
            "metadata.annotations.container.seccomp.security.alpha.kubernetes.io/*",
        ],
        Values(&[Text("runtime/default"), Text("docker/default"), Text("localhost/*")]),
    ),
    row(
        "seccompProfile",
        B,
        (19, 99),
        &["P.seccompProfile.type", "C.seccompProfile.type"],
        Values(&[Text("RuntimeDefault"), Text("Localhost")]),
    ),
    row("forbidden sysctls", B, (0, 26), &["P.sysctls[*].name"], Values(SYSCTLS.first_chunk::<5>().unwrap())),
    row(
        "forbidden sysctls",
        B,
        (27, 28),
        &["P.sysctls[*].name"],
        Values(SYSCTLS.first_chunk::<6>().unwrap()),
    ),
    row(
        "forbidden sysctls",
        B,
        (29, 31),
        &["P.sysctls[*].name"],
        Values(SYSCTLS.first_chunk::<10>().unwrap()),
    ),
    row("forbidden sysctls", B, (32, 99), &["P.sysctls[*].name"], Values(&SYSCTLS)),
    row(
        "restricted volume types",
        R,
        ALWAYS,
        &["spec.volumes[*]"],
        Parts(&[
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret",
        ]),
    ),
    row(
        "allowPrivilegeEscalation != false",
        R,
        (8, 99),
        &["C.allowPrivilegeEscalation"],
        Required(&[Flag(false)]),
    )
    .sparing("linux"),
    row("runAsNonRoot != true", R, ALWAYS, &["P.runAsNonRoot", "C.runAsNonRoot"], Required(&[Flag(true)]))
        .sparing("users"),
    row("runAsUser=0", R, (23, 99), &["P.runAsUser", "C.runAsUser"], Values(&[Not(0)])).sparing("users"),
    row(
        "seccompProfile",
        R,
        (19, 99),
        &["P.seccompProfile.type", "C.seccompProfile.type"],
        Required(&[Text("RuntimeDefault"), Text("Localhost")]),
    )
    .sparing("linux"),
    row("unrestricted capabilities", R, (22, 99), &["C.capabilities.drop"], Containing("ALL"))
        .sparing("linux"),
    row(
        "unrestricted capabilities",
        R,
        (22, 99),
        &["C.capabilities.add[*]"],
        Values(&[Text("NET_BIND_SERVICE")]),
    )
    .sparing("linux"),
];

/// In the order in which policies came to allow them.
pub(super) const SYSCTLS: [Word; 12] = [
    Text("kernel.shm_rmid_forced"),
    Text("net.ipv4.ip_local_port_range"),
    Text("net.ipv4.ip_unprivileged_port_start"),
    Text("net.ipv4.tcp_syncookies"),
    Text("net.ipv4.ping_group_range"),
    Text("net.ipv4.ip_local_reserved_ports"),
    Text("net.ipv4.tcp_keepalive_time"),
    Text("net.ipv4.tcp_fin_timeout"),
    Text("net.ipv4.tcp_keepalive_intvl"),
    Text("net.ipv4.tcp_keepalive_probes"),
    Text("net.ipv4.tcp_rmem"),
    Text("net.ipv4.tcp_wmem"),
];

/// The rows of the baseline that the restricted policy has its own in the place of, since when. On Windows neither is asked
/// where that one is for Linux alone, as the real checks have it.
pub(super) const REPLACED: [(&str, u8); 3] =
    [("hostPath volumes", 0), ("seccompProfile", 19), ("non-default capabilities", 22)];
