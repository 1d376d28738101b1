//! Feature gates that the model asks for.
//!
//! Source: the tables of "Feature Gates" and "Feature Gates (removed)" in Kubernetes' documentation, and
//! `pkg/features/kube_features.go`. Those of tokens are KEP-1205 (the first), KEP-2799 (the next three) and KEP-4193.
//!
//! Differs from Kubernetes: a gate that the model does not ask for is accepted and ignored.

use crate::api::Version;

/// Can be set in every release.
const FREE: u8 = u8::MAX;

/// A gate, the release that has it on by default, and the one that locks it so.
const GATES: &[(&str, u8, u8)] = &[
    ("BoundServiceAccountTokenVolume", 21, 22),
    ("LegacyServiceAccountTokenNoAutoGeneration", 24, 26),
    ("LegacyServiceAccountTokenTracking", 27, 28),
    ("LegacyServiceAccountTokenCleanUp", 29, 30),
    ("ServiceAccountTokenJTI", 30, 32),
    ("ServiceAccountTokenPodNodeInfo", 30, 32),
    ("ServiceAccountTokenNodeBinding", 31, 33),
    ("ServiceAccountTokenNodeBindingValidation", 30, 32),
    ("PodSecurity", 23, FREE),
    ("ValidatingAdmissionPolicy", 30, FREE),
    ("MutatingAdmissionPolicy", 36, FREE),
    ("ServerSideFieldValidation", 25, FREE),
    ("AuthorizeWithSelectors", 32, FREE),
    ("AuthorizeNodeWithSelectors", 32, FREE),
    ("ConstrainedImpersonation", 36, FREE),
    ("APIServerTracing", 27, FREE),
    ("RootCAConfigMap", 20, FREE),
    ("RotateKubeletServerCertificate", 20, FREE),
    ("TTLAfterFinished", 21, FREE),
    ("PodTopologyLabelsAdmission", 35, FREE),
];

/// Whether a release has a gate on by default.
pub(super) fn on(gate: &str, version: Version) -> bool {
    GATES.iter().any(|(name, since, _)| *name == gate && version.at_least(*since))
}

/// Whether a release does not let a gate be switched off.
pub(super) fn locked(gate: &str, version: Version) -> bool {
    GATES.iter().any(|(name, _, since)| *name == gate && version.at_least(*since))
}

#[cfg(test)]
mod tests {
    use super::super::{Config, ReadFile};
    use crate::api::Version;

    #[test]
    fn a_gate_is_locked_in_the_end() {
        let nothing: ReadFile<'_> = &|_| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        let off = [("feature-gates", "BoundServiceAccountTokenVolume=false")];
        let mut config = Config::new(Version::minor(21));
        assert!(config.feature("BoundServiceAccountTokenVolume"));
        config.apply(off, nothing).unwrap();
        assert!(!config.feature("BoundServiceAccountTokenVolume"));
        let error = Config::new(Version::minor(22)).apply(off, nothing).unwrap_err();
        assert!(error.message.ends_with("feature is locked to true"), "{error}");
    }
}
