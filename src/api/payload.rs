//! The body of a request: bytes, or a value of whoever is in the same process, which is written once somebody asks for bytes.

use crate::json::Value;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// What a request carries.
///
/// Controllers hold their objects as values, and the decoder wants them as such: the text between the two, a fifth of all the
/// work of a replay, is written for whoever looks at it only. It is the same text, so nobody can tell.
#[derive(Clone, Default)]
pub struct Payload {
    value: Option<Value>,
    text: OnceLock<Arc<[u8]>>,
}

impl Payload {
    /// The value that is sent, where it is known without reading.
    pub(crate) fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }
}

impl Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.text.get_or_init(|| match &self.value {
            Some(value) => value.to_string().into_bytes().into(),
            None => Arc::default(),
        })
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Payload {
        Payload { value: Some(value), text: OnceLock::new() }
    }
}

impl<T: Into<Arc<[u8]>>> From<T> for Payload {
    fn from(bytes: T) -> Payload {
        Payload { value: None, text: OnceLock::from(bytes.into()) }
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn a_value_is_sent_as_its_text() {
        let value = json!({"b": 1.5, "a": ["\u{fc}\n", null, {}]});
        let (sent, read) =
            (Payload::from(value.clone()), Payload::from(r#"{"a":["ü\n",null,{}],"b":1.5}"#.as_bytes()));
        assert_eq!((sent.value(), read.value()), (Some(&value), None));
        assert_eq!(sent, read);
        assert!(Payload::default().is_empty());
    }
}
