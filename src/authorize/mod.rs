//! May they? The authorizers (`apiserver/pkg/authorization`), asked in the order of `--authorization-mode`.

pub mod rbac;
