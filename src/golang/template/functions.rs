//! The functions of templates (`text/template/funcs.go`, `cli-runtime/pkg/printers/template.go`).

use super::compare::{equal, order};
use super::held::{Held, Thing, sprint};
use super::printf::sprintf;
use crate::golang::base64;
use crate::golang::fmt::quote;
use std::cmp::Ordering;

/// What a function takes in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// A value, with where it stands (`reflect.Value`).
    Value,
    /// Anything (`interface {}`).
    Any,
    /// A text.
    Text,
}

/// What a function makes of its arguments.
pub(super) type Body = for<'d> fn(&str, &[Held<'d>]) -> Result<Held<'d>, String>;

/// A function.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// What it must be given.
    pub(super) fixed: &'static [Wants],
    /// What all that follows must be; none where nothing may follow.
    pub(super) more: Option<Wants>,
    pub(super) body: Body,
}

use Wants::{Any, Text, Value};

const fn row(name: &'static str, fixed: &'static [Wants], more: Option<Wants>, body: Body) -> Function {
    Function { name, fixed, more, body }
}

/// `and` and `or` end with the first argument that decides, and so are the evaluator's.
const FUNCTIONS: &[Function] = &[
    row("and", &[Value], Some(Value), last),
    row("base64decode", &[Text], None, base64decode),
    row("call", &[Value], Some(Value), call),
    row("eq", &[Value], Some(Value), |_, of| boolean(eq(of))),
    row("exists", &[Any], Some(Any), exists),
    row("ge", &[Value, Value], None, |_, of| {
        boolean(ordered(of).map(|it| matches!(it, Some(Ordering::Greater | Ordering::Equal))))
    }),
    row("gt", &[Value, Value], None, |_, of| boolean(ordered(of).map(|it| it == Some(Ordering::Greater)))),
    row("html", &[], Some(Any), |_, of| text(html(&joined(of)))),
    row("index", &[Value], Some(Value), index),
    row("js", &[], Some(Any), |_, of| text(js(&joined(of)))),
    row("le", &[Value, Value], None, |_, of| {
        boolean(ordered(of).map(|it| matches!(it, Some(Ordering::Less | Ordering::Equal))))
    }),
    row("len", &[Value], None, length),
    row("lt", &[Value, Value], None, |_, of| boolean(ordered(of).map(|it| it == Some(Ordering::Less)))),
    row("ne", &[Value, Value], None, |_, of| boolean(eq(of).map(|equal| !equal))),
    row("not", &[Value], None, |_, of| boolean(Ok(!first(of).thing.is_true()))),
    row("or", &[Value], Some(Value), last),
    row("print", &[], Some(Any), |_, of| text(sprint(of.iter().map(|held| &held.thing)))),
    row("printf", &[Text], Some(Any), printf),
    row("println", &[], Some(Any), println),
    row("slice", &[Value], Some(Value), slice),
    row("urlquery", &[], Some(Any), |_, of| text(urlquery(&joined(of)))),
];

/// The function of a name.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    let at = FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok()?;
    FUNCTIONS.get(at)
}

/// Whether there is one.
pub(super) fn is_function(name: &str) -> bool {
    function(name).is_some()
}

type Made<'d> = Result<Held<'d>, String>;

fn boolean<'d>(value: Result<bool, String>) -> Made<'d> {
    value.map(|value| Held::new(Thing::Bool(value)))
}

fn text<'d>(text: String) -> Made<'d> {
    Ok(Held::new(Thing::Text(text.into())))
}

fn first<'d>(of: &[Held<'d>]) -> Held<'d> {
    of.first().cloned().unwrap_or(Held::NOTHING)
}

fn last<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    Ok(of.last().cloned().unwrap_or(Held::NOTHING))
}

fn things<'d>(of: &[Held<'d>]) -> Vec<Thing<'d>> {
    of.iter().map(|held| held.clone().dug().thing).collect()
}

fn eq(of: &[Held<'_>]) -> Result<bool, String> {
    match things(of).split_first() {
        Some((one, others)) => equal(one, others),
        None => Ok(false),
    }
}

fn ordered(of: &[Held<'_>]) -> Result<Option<Ordering>, String> {
    match things(of).as_slice() {
        [one, other] => order(one, other),
        _ => Ok(None),
    }
}

fn printf<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    match things(of).split_first() {
        Some((Thing::Text(format), rest)) => text(sprintf(format, rest)),
        _ => text(String::new()),
    }
}

fn println<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    let texts: Vec<String> = of.iter().map(|held| held.thing.plain()).collect();
    text(texts.join(" ") + "\n")
}

/// The arguments as one text.
fn joined(of: &[Held<'_>]) -> String {
    let printed = |held: &Held<'_>| match held.clone().dug().thing {
        Thing::Nothing => Thing::Text("<no value>".into()),
        Thing::Text(text) => Thing::Text(text.into_owned().into()),
        thing => Thing::Text(thing.plain().into()),
    };
    let is_text = |held: &&Held<'_>| matches!(held.thing, Thing::Text(_) | Thing::Nothing | Thing::Null);
    match of.iter().all(|held| is_text(&held)) {
        true => of.iter().map(|held| printed(held).plain()).collect(),
        false => sprint(of.iter().map(|held| &held.thing)),
    }
}

fn html(plain: &str) -> String {
    let escaped = |c: char| match c {
        '"' => "&#34;".to_owned(),
        '\'' => "&#39;".to_owned(),
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '\0' => "\u{fffd}".to_owned(),
        c => c.to_string(),
    };
    plain.chars().map(escaped).collect()
}

fn js(plain: &str) -> String {
    let escaped = |c: char| match c {
        '\\' => r"\\".to_owned(),
        '\'' => r"\'".to_owned(),
        '"' => "\\\"".to_owned(),
        '<' | '>' | '&' | '=' => format!("\\u{:04X}", u32::from(c)),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    };
    plain.chars().map(escaped).collect()
}

fn urlquery(plain: &str) -> String {
    let escaped = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    plain.bytes().map(escaped).collect()
}

fn base64decode<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    match base64::decode(&first(of).thing.plain(), base64::Encoding::Standard) {
        Ok(bytes) => text(String::from_utf8_lossy(&bytes).into_owned()),
        Err(why) => Err(format!("base64 decode failed: {why}")),
    }
}

fn call<'d>(shown: &str, of: &[Held<'d>]) -> Made<'d> {
    match first(of).dug().thing {
        Thing::Nothing => Err("call of nil".to_owned()),
        thing => Err(format!("non-function {shown} of type {}", thing.type_name())),
    }
}

fn length<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    let size = match first(of).thing {
        Thing::Null => return Err("len of nil pointer".to_owned()),
        Thing::Nothing => return Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        Thing::Text(text) => text.len(),
        Thing::List(items) => items.len(),
        Thing::Map(fields) => fields.len(),
        thing @ (Thing::Bool(_) | Thing::Int(_) | Thing::Int64(_) | Thing::Byte(_) | Thing::Float(_)) => {
            return Err(format!("len of type {}", thing.type_name()));
        }
    };
    Ok(Held::new(Thing::Int(i64::try_from(size).unwrap_or(i64::MAX))))
}

/// A place in a list or a text, which may be its end (`indexArg`).
fn place(index: &Thing<'_>, size: usize) -> Result<usize, String> {
    let place = match index {
        Thing::Int(place) | Thing::Int64(place) => *place,
        Thing::Byte(place) => i64::from(*place),
        Thing::Nothing => return Err("cannot index slice/array with nil".to_owned()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    usize::try_from(place).ok().filter(|at| *at <= size).ok_or_else(|| format!("index out of range: {place}"))
}

fn index<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    let mut held = first(of).dug();
    if let Thing::Nothing = held.thing {
        return Err("index of untyped nil".to_owned());
    }
    held.any = first(of).any;
    for index in things(of.get(1..).unwrap_or_default()) {
        held = match &held.thing {
            Thing::Null | Thing::Nothing => return Err("index of nil pointer".to_owned()),
            Thing::List(items) => match items.get(place(&index, items.len())?) {
                Some(item) => Held::entry(item),
                None => return Err("reflect: slice index out of range".to_owned()),
            },
            Thing::Text(text) => match text.as_bytes().get(place(&index, text.len())?) {
                Some(byte) => Held::new(Thing::Byte(*byte)),
                None => return Err("reflect: string index out of range".to_owned()),
            },
            Thing::Map(fields) => match &index {
                Thing::Text(key) => fields.get(key).map_or_else(Held::absent, Held::entry),
                Thing::Nothing => return Err("value is nil; should be of type string".to_owned()),
                other => return Err(format!("value has type {}; should be string", other.type_name())),
            },
            thing => return Err(format!("can't index item of type {}", thing.type_name())),
        };
    }
    Ok(held)
}

fn slice<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    let thing = first(of).dug().thing;
    let indexes = things(of.get(1..).unwrap_or_default());
    if let Thing::Nothing = thing {
        return Err("slice of untyped nil".to_owned());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let size = match &thing {
        Thing::Text(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Thing::Text(text) => text.len(),
        Thing::List(items) => items.len(),
        thing => return Err(format!("can't slice item of type {}", thing.type_name())),
    };
    let places: Vec<usize> = indexes.iter().map(|index| place(index, size)).collect::<Result<_, _>>()?;
    let at = |which: usize, default| places.get(which).copied().unwrap_or(default);
    let (from, to) = (at(0, 0), at(1, size));
    for (less, more) in [(from, to), (to, at(2, size))] {
        if less > more {
            return Err(format!("invalid slice index: {less} > {more}"));
        }
    }
    Ok(Held::new(match thing {
        Thing::List(items) => Thing::List(items.get(from..to).unwrap_or_default()),
        thing => {
            let text = thing.plain();
            let bytes = text.as_bytes().get(from..to).unwrap_or_default();
            Thing::Text(String::from_utf8_lossy(bytes).into_owned().into())
        }
    }))
}

/// Whether there is such an entry, and it is no null.
fn exists<'d>(_: &str, of: &[Held<'d>]) -> Made<'d> {
    let mut thing = first(of).dug().thing;
    for index in things(of.get(1..).unwrap_or_default()) {
        thing = match (&thing, &index) {
            (Thing::List(items), index) => {
                match place(index, items.len()).ok().and_then(|at| items.get(at)) {
                    Some(item) => Thing::of(item),
                    None => return boolean(Ok(false)),
                }
            }
            (Thing::Text(text), index) => {
                match place(index, text.len()).ok().and_then(|at| text.as_bytes().get(at)) {
                    Some(byte) => Thing::Byte(*byte),
                    None => return boolean(Ok(false)),
                }
            }
            (Thing::Map(fields), Thing::Text(key)) => fields.get(key).map_or(Thing::Null, Thing::of),
            (Thing::Map(fields), Thing::Nothing) => fields.get("").map_or(Thing::Null, Thing::of),
            _ => return boolean(Ok(false)),
        };
    }
    boolean(Ok(!matches!(thing, Thing::Null)))
}

/// What is wrong with an argument where a text is wanted.
pub(super) fn wrong(held: &Held<'_>) -> String {
    match &held.thing {
        Thing::Nothing => "invalid value; expected string".to_owned(),
        Thing::Null => "wrong type for value; expected string; got interface {}".to_owned(),
        thing => format!("wrong type for value; expected string; got {}", thing.type_name()),
    }
}

/// The name that errors show of a function that is none.
pub(super) fn undefined(name: &str) -> String {
    format!("{} is not a defined function", quote(name))
}
