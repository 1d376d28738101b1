//! What is wrong with a kustomization.

use crate::clients::Unknown;

/// Why nothing comes of a kustomization, in kustomize's words.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) text: String,
    /// The field that kustomize does not know, if that is it.
    pub(super) unknown: Option<Unknown>,
    /// Whether a file of objects is no YAML.
    pub(super) is_malformed: bool,
}

impl Wrong {
    /// The same, about something.
    pub(super) fn about(self, what: impl AsRef<str>) -> Wrong {
        Wrong { text: format!("{}: {}", what.as_ref(), self.text), ..self }
    }

    /// The same in other words.
    pub(super) fn in_words(self, words: impl FnOnce(&str) -> String) -> Wrong {
        Wrong { text: words(&self.text), ..self }
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Wrong {
        Wrong { text, unknown: None, is_malformed: false }
    }
}

impl From<&str> for Wrong {
    fn from(text: &str) -> Wrong {
        text.to_owned().into()
    }
}
