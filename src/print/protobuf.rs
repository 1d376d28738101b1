//! Protobuf, as far as it is written here: messages by their fields' numbers, and a `Status`
//! (`apimachinery/pkg/apis/meta/v1/generated.proto`, `runtime/serializer/protobuf`).

use crate::api::Dig;
use crate::json::Value;

/// A message under construction.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A field that is a whole number.
    pub(super) fn number(mut self, field: u64, number: u64) -> Message {
        self.varint(field << 3);
        self.varint(number);
        self
    }

    /// A field of bytes: text, or a message.
    pub(super) fn bytes(mut self, field: u64, bytes: &[u8]) -> Message {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A text, unless it is empty.
    pub(super) fn text(self, field: u64, text: &str) -> Message {
        if text.is_empty() { self } else { self.bytes(field, text.as_bytes()) }
    }

    /// A message.
    pub(super) fn message(self, field: u64, message: Message) -> Message {
        self.bytes(field, &message.0)
    }

    /// Texts, each as a field of its own.
    pub(super) fn texts(self, field: u64, list: &[Value]) -> Message {
        list.iter()
            .filter_map(Value::as_str)
            .fold(self, |message, text| message.bytes(field, text.as_bytes()))
    }

    /// What was written so far.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// An empty message.
pub(super) fn message() -> Message {
    Message::default()
}

/// What an object in protobuf begins with.
const MAGIC: &[u8] = b"k8s\0";

/// A `Status` as clients get it who take nothing but protobuf. Fields that Go has as plain texts are there also where they
/// are empty.
pub(super) fn status(status: &Value) -> Vec<u8> {
    let always = |message: Message, field, text: &str| message.bytes(field, text.as_bytes());
    let list = (1..=3).fold(message(), |message, field| always(message, field, ""));
    let mut told = message().message(1, list);
    for (field, key) in [(2, "status"), (3, "message"), (4, "reason")] {
        told = always(told, field, status.text(key));
    }
    if status.has("details") {
        told = told.message(5, details(status.at("details")));
    }
    let told = told.number(6, status.at("code").as_u64().unwrap_or_default());
    let kind = message().text(1, status.text("apiVersion")).text(2, status.text("kind"));
    let unknown = always(always(message().message(1, kind).message(2, told), 3, ""), 4, "");
    [MAGIC, &unknown.into_bytes()].concat()
}

fn details(details: &Value) -> Message {
    let fields = |of: &Value, keys: &[(u64, &str)]| {
        keys.iter().fold(message(), |message, (field, key)| message.bytes(*field, of.text(key).as_bytes()))
    };
    let mut told = fields(details, &[(1, "name"), (2, "group"), (3, "kind")]);
    for cause in details.list("causes") {
        told = told.message(4, fields(cause, &[(1, "reason"), (2, "message"), (3, "field")]));
    }
    let seconds = details.at("retryAfterSeconds").as_u64().unwrap_or_default();
    told.number(5, seconds).bytes(6, details.text("uid").as_bytes())
}
