//! What an expression costs at most (`checker.Cost`).
//!
//! Sizes come from the expression where it tells them, else from the schema: a part of an expression leads to a place
//! there. As in Kubernetes, a path that begins nowhere begins at the root.

use super::calls::{self, Sizes, call, walk};
use super::{Extent, LIST, MAP, NAME, OBJECT};
use crate::api::Version;
use crate::api::differences::EQUALITY_COSTS;
use crate::cel::reserved;
use crate::cel::types::Type;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue};
use std::collections::BTreeMap;

/// What an expression costs at most, whose parts have these types, where variables are of this extent.
pub(in crate::cel) fn most(
    expr: &IdedExpr,
    types: &BTreeMap<u64, Type>,
    extent: &Extent,
    version: Version,
) -> u64 {
    Coster { types, root: extent, version, locals: Vec::new() }.of(expr).cost
}

/// The longest regular expression of a format of names (`MaxNameFormatRegexSize`).
const FORMAT_MOST: u64 = 128;
/// The longest name of a format (`MaxFormatSize`).
const FORMAT_NAME_MOST: u64 = 64;

/// The least and the greatest size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    least: u64,
    most: u64,
}

impl Size {
    const UNKNOWN: Size = Size { least: 0, most: u64::MAX };

    const fn just(size: u64) -> Size {
        Size { least: size, most: size }
    }

    const fn up_to(most: u64) -> Size {
        Size { least: 0, most }
    }

    fn plus(self, other: Size) -> Size {
        Size { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }

    fn times(self, other: Size) -> Size {
        Size { least: self.least.saturating_mul(other.least), most: self.most.saturating_mul(other.most) }
    }

    fn or(self, other: Size) -> Size {
        Size { least: self.least.min(other.least), most: self.most.max(other.most) }
    }
}

/// Where in the schema the value of a part of an expression is.
#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    /// It comes from nowhere.
    Nowhere,
    At(&'a Extent),
    /// Where the schema says nothing.
    Beyond,
}

/// What is known of a part of an expression.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    cost: u64,
    place: Place<'a>,
    /// The size that the expression itself tells.
    size: Option<Size>,
}

impl Part<'_> {
    /// A part that tells nothing but its cost.
    const fn plain(cost: u64) -> Part<'static> {
        Part { cost, place: Place::Nowhere, size: None }
    }

    const fn sized(cost: u64, size: Size) -> Part<'static> {
        Part { cost, place: Place::Nowhere, size: Some(size) }
    }
}

struct Local<'a> {
    name: &'a str,
    place: Place<'a>,
    size: Option<Size>,
}

struct Coster<'a> {
    types: &'a BTreeMap<u64, Type>,
    root: &'a Extent,
    version: Version,
    locals: Vec<Local<'a>>,
}

impl<'a> Coster<'a> {
    fn kind(&self, expr: &IdedExpr) -> &'a Type {
        self.types.get(&expr.id).unwrap_or(&Type::Dyn)
    }

    fn of(&mut self, expr: &'a IdedExpr) -> Part<'a> {
        match &expr.expr {
            Expr::Unspecified => Part::plain(0),
            Expr::Literal(literal) => Part::sized(0, Size::just(literal_size(literal))),
            Expr::Ident(name) => {
                let local = self.locals.iter().rev().find(|local| local.name == name);
                let (place, size) = match local {
                    Some(local) => (local.place, local.size),
                    None => (Place::At(self.root), None),
                };
                let found = self.size_at(place, self.kind(expr)).or(size);
                Part { cost: NAME, place, size: found }
            }
            Expr::Select(select) => {
                let operand = self.of(&select.operand);
                if select.test {
                    return Part::sized(operand.cost, Size::just(1));
                }
                let named = matches!(
                    self.kind(&select.operand),
                    Type::Map(..) | Type::Object(_) | Type::Named(_) | Type::Param(_)
                );
                let cost = operand.cost.saturating_add(if named { NAME } else { 0 });
                let place = self.child(operand.place, |extent| {
                    extent.fields.get(&select.field).or_else(|| extent.fields.get(&reserved(&select.field)))
                });
                Part { cost, place, size: self.size_at(place, self.kind(expr)) }
            }
            Expr::Call(call) => self.call(expr, call),
            Expr::List(list) => {
                let cost = self.all(&list.elements).saturating_add(LIST);
                Part::sized(cost, Size::just(list.elements.len() as u64))
            }
            Expr::Map(map) => {
                let cost =
                    map.entries.iter().map(|entry| self.entry(&entry.expr)).fold(MAP, u64::saturating_add);
                Part::sized(cost, Size::just(map.entries.len() as u64))
            }
            Expr::Struct(of) => {
                let fields = of.entries.iter().map(|entry| self.entry(&entry.expr));
                Part::plain(fields.fold(OBJECT, u64::saturating_add))
            }
            Expr::Comprehension(of) => self.comprehension(of),
        }
    }

    fn entry(&mut self, entry: &'a EntryExpr) -> u64 {
        match entry {
            EntryExpr::StructField(field) => self.of(&field.value).cost,
            EntryExpr::MapEntry(entry) => self.of(&entry.key).cost.saturating_add(self.of(&entry.value).cost),
        }
    }

    fn all(&mut self, parts: &'a [IdedExpr]) -> u64 {
        parts.iter().map(|part| self.of(part).cost).fold(0, u64::saturating_add)
    }

    /// The place of a part of what is at a place.
    fn child(&self, place: Place<'a>, part: impl Fn(&'a Extent) -> Option<&'a Extent>) -> Place<'a> {
        match place {
            Place::Nowhere => Place::At(self.root),
            Place::At(extent) => part(extent).map_or(Place::Beyond, Place::At),
            Place::Beyond => Place::Beyond,
        }
    }

    /// The size that a place tells, or the type.
    fn size_at(&self, place: Place<'_>, kind: &Type) -> Option<Size> {
        match (place, kind) {
            (Place::At(extent), _) => Some(Size::up_to(extent.most)),
            (Place::Nowhere | Place::Beyond, kind) if is_scalar(kind) => Some(Size::just(1)),
            (Place::Nowhere | Place::Beyond, _) => None,
        }
    }

    fn bind(&mut self, name: &'a str, place: Place<'a>, size: Option<Size>) {
        self.locals.push(Local { name, place, size });
    }

    /// Binds what a comprehension with one variable walks over.
    fn bind_walked(&mut self, name: &'a str, range: &'a IdedExpr, part: Part<'a>) {
        let over_list = matches!(self.kind(range), Type::List(_)) || matches!(range.expr, Expr::List(_));
        let place = match over_list {
            true => self.child(part.place, |extent| extent.items.as_deref()),
            false => self.child(part.place, |extent| extent.keys.as_deref()),
        };
        self.bind(name, place, None);
    }

    fn comprehension(&mut self, of: &'a ComprehensionExpr) -> Part<'a> {
        let range = self.of(&of.iter_range);
        let first = self.of(&of.accu_init);
        let depth = self.locals.len();
        self.bind(&of.accu_var, first.place, first.size);
        match &of.iter_var2 {
            Some(second) => {
                let keys = match self.kind(&of.iter_range) {
                    Type::List(_) => (Place::Beyond, Some(Size::just(1))),
                    _ => (self.child(range.place, |extent| extent.keys.as_deref()), None),
                };
                self.bind(&of.iter_var, keys.0, keys.1);
                let items = self.child(range.place, |extent| extent.items.as_deref());
                self.bind(second, items, None);
            }
            None => self.bind_walked(&of.iter_var, &of.iter_range, range),
        }
        let each = self.of(&of.loop_cond).cost.saturating_add(self.of(&of.loop_step).cost);
        self.locals.truncate(depth + 1);
        let result = self.of(&of.result).cost;
        self.locals.truncate(depth);
        let count = range.size.unwrap_or(Size::UNKNOWN);
        let walked = count.most.saturating_mul(each);
        let cost = [range.cost, first.cost, result, walked].into_iter().fold(0, u64::saturating_add);
        match &of.accu_init.expr {
            Expr::Literal(_) => Part { cost, place: Place::Nowhere, size: first.size },
            Expr::List(_) | Expr::Map(_) => Part::sized(cost, count),
            _ => Part::plain(cost),
        }
    }

    fn call(&mut self, expr: &'a IdedExpr, of: &'a CallExpr) -> Part<'a> {
        let name = of.func_name.as_str();
        let args: Vec<(&IdedExpr, Part<'a>)> =
            of.target.as_deref().into_iter().chain(&of.args).map(|arg| (arg, self.of(arg))).collect();
        let given = args.iter().map(|(_, part)| part.cost).fold(0, u64::saturating_add);
        let size = |at: usize| args.get(at).and_then(|(_, part)| part.size).unwrap_or(Size::UNKNOWN);
        match name {
            "_&&_" | "_||_" => return Part::sized(given, Size::just(1)),
            "_?_:_" => {
                let cost = |at: usize| args.get(at).map_or(0, |(_, part)| part.cost);
                let cost = cost(0).saturating_add(cost(1).max(cost(2)));
                return Part::sized(cost, size(1).or(size(2)));
            }
            "dyn" => {
                let (place, size) =
                    args.first().map_or((Place::Nowhere, None), |(_, part)| (part.place, part.size));
                return Part { cost: given.saturating_add(1), place, size };
            }
            _ => {}
        }
        let kinds: Vec<&Type> = args.iter().map(|(arg, _)| self.kind(arg)).collect();
        let is_text = |kind: &&Type| matches!(kind, Type::String | Type::Bytes) || kind.is_dyn();
        let result = self.result(name, &args, &size);
        let own = match name {
            "isSorted" | "sum" | "min" | "max" | "indexOf" | "lastIndexOf" => match kinds.first() {
                Some(Type::List(of)) => {
                    let place = args.first().map_or(Place::Nowhere, |(_, part)| part.place);
                    size(0).most.saturating_mul(1u64.saturating_add(self.element_walk(place, of)))
                }
                _ => walk(size(0).most),
            },
            "join" => walk(result.map_or(0, |size| size.most)),
            "validate" => walk(size(1).most).saturating_mul(FORMAT_MOST / 4),
            "_==_"
                if self.version.has(EQUALITY_COSTS)
                    && kinds.first() == kinds.last()
                    && kinds.first().is_some_and(|kind| is_of_library(kind)) =>
            {
                match kinds.first() {
                    Some(Type::Named(name)) if name == "kubernetes.NamedFormat" => walk(FORMAT_NAME_MOST),
                    Some(Type::Named(name)) if name == "kubernetes.URL" => {
                        args.last().and_then(|(_, part)| part.size).map_or(1, |size| walk(size.most).max(1))
                    }
                    _ => 1,
                }
            }
            "slice" | "reverse" | "lists.range" => {
                calls::listed(1, result.map_or(u64::MAX, |size| size.most))
            }
            "flatten" => {
                calls::listed(args.get(1).map_or(1, |(arg, _)| constant(arg, u64::MAX)), size(0).most)
            }
            "distinct" | "sort" | "@sortByAssociatedKeys" => {
                let texts = matches!(kinds.last(), Some(Type::List(of)) if matches!(**of, Type::String | Type::Bytes));
                calls::compared(size(args.len().saturating_sub(1)).most, texts && name != "distinct")
            }
            _ => {
                // Only of an address or a range is the size known, not told.
                let of: Vec<u64> = match name {
                    "containsIP" | "containsCIDR" => vec![16, size(1).most],
                    _ => (0..args.len()).map(|at| size(at).most).collect(),
                };
                let texts = match name {
                    "containsIP" | "containsCIDR" => kinds.last().is_some_and(is_text),
                    _ => kinds.iter().all(is_text),
                };
                let in_map = matches!(kinds.last(), Some(Type::Map(..)));
                let converts = kinds.first().is_some_and(|kind| match name {
                    "string" => kind.is_dyn() || **kind == Type::Bytes,
                    _ => kind.is_dyn() || **kind == Type::String,
                });
                call(name, &Sizes { of: &of, texts, in_map, converts })
            }
        };
        let place = match (name, kinds.first()) {
            ("_[_]", Some(Type::List(_) | Type::Map(..))) => {
                let whole = args.first().map_or(Place::Nowhere, |(_, part)| part.place);
                self.child(whole, |extent| extent.items.as_deref())
            }
            _ => Place::Nowhere,
        };
        let size = result.or_else(|| self.size_at(place, self.kind(expr)));
        Part { cost: given.saturating_add(own), place, size }
    }

    /// What walking over a list's element costs.
    fn element_walk(&self, list: Place<'_>, of: &Type) -> u64 {
        match (of, list) {
            (Type::String | Type::Bytes, Place::At(extent)) => {
                walk(extent.items.as_deref().map_or(u64::MAX, |items| items.most))
            }
            (Type::String | Type::Bytes, Place::Nowhere | Place::Beyond) => walk(u64::MAX),
            _ => 0,
        }
    }

    /// The size of what a function gives, where it follows from those of its arguments.
    fn result(
        &self,
        name: &str,
        args: &[(&IdedExpr, Part<'a>)],
        size: &dyn Fn(usize) -> Size,
    ) -> Option<Size> {
        let first = args.first().map(|(arg, _)| self.kind(arg));
        Some(match name {
            "url" | "jsonpatch.escapeKey" | "lowerAscii" | "upperAscii" | "substring" | "trim" => size(0),
            "replace" => replaced(size(0), size(1), size(2)),
            "split" => match args.get(2).map(|(arg, _)| &arg.expr) {
                Some(Expr::Literal(LiteralValue::Int(most))) => {
                    Size::up_to(u64::try_from(*most.inner()).unwrap_or(u64::MAX))
                }
                _ => Size::up_to(size(0).most),
            },
            "join" => {
                let parts = match (first, args.first()) {
                    (Some(Type::List(_)), Some((_, Part { place: Place::At(extent), .. }))) => {
                        extent.items.as_deref().map_or(Size::UNKNOWN, |items| Size::up_to(items.most))
                    }
                    _ => Size::UNKNOWN,
                };
                let between =
                    Size { least: size(0).least.saturating_sub(1), most: size(0).most.saturating_sub(1) };
                let separators = if args.len() > 1 { size(1).times(between) } else { Size::just(0) };
                size(0).times(parts).plus(separators)
            }
            "find" | "findAll" => Size::up_to(size(0).most),
            "reverse" | "flatten" | "distinct" | "sort" | "@sortByAssociatedKeys" => size(0),
            "slice" => {
                let bound =
                    |at: usize, other: u64| args.get(at).map_or(other, |(arg, _)| constant(arg, other));
                Size::just(bound(2, size(0).most).saturating_sub(bound(1, 0)))
            }
            "lists.range" => Size::just(args.first().map_or(u64::MAX, |(arg, _)| constant(arg, u64::MAX))),
            "bytes" if first.is_some_and(|first| first.is_dyn() || *first == Type::String) => {
                Size { least: size(0).least, most: size(0).most.saturating_mul(4) }
            }
            "string" if first.is_some_and(|first| first.is_dyn() || *first == Type::Bytes) => {
                Size { least: size(0).least / 4, most: size(0).most }
            }
            "strings.quote" => Size {
                least: size(0).least.saturating_add(2),
                most: size(0).most.saturating_mul(2).saturating_add(2),
            },
            "_+_" if matches!(first, Some(Type::String | Type::Bytes | Type::List(_) | Type::Dyn)) => {
                size(0).plus(size(1))
            }
            _ => return None,
        })
    }
}

/// The number that an expression is, if it is one.
fn constant(expr: &IdedExpr, other: u64) -> u64 {
    match &expr.expr {
        Expr::Literal(LiteralValue::Int(number)) => u64::try_from(*number.inner()).unwrap_or_default(),
        _ => other,
    }
}

/// The size of a text in which each part of one size was replaced by one of another.
fn replaced(whole: Size, part: Size, by: Size) -> Size {
    let (most, kept_most) = match part.least {
        0 => (whole.most.saturating_add(1), whole.most),
        least if by.most <= least => (0, whole.most),
        least => (whole.most.div_ceil(least), 0),
    };
    let (least, kept_least) = match part.most {
        0 => (whole.least.saturating_add(1), whole.least),
        most if most <= by.least => (0, whole.least),
        most => (whole.least.div_ceil(most), 0),
    };
    Size { least, most }.times(by).plus(Size { least: kept_least, most: kept_most })
}

/// Whether values of a type are made by Kubernetes' libraries, or by an authorizer.
fn is_of_library(kind: &Type) -> bool {
    matches!(kind, Type::Named(name) if matches!(name.as_str(), "net.IP" | "net.CIDR" | "kubernetes.Quantity"
        | "kubernetes.Semver" | "kubernetes.NamedFormat" | "kubernetes.URL")
        || name.starts_with("kubernetes.authorization."))
}

fn literal_size(literal: &LiteralValue) -> u64 {
    match literal {
        LiteralValue::String(text) => text.inner().chars().count() as u64,
        LiteralValue::Bytes(bytes) => bytes.inner().len() as u64,
        _ => 1,
    }
}

/// Whether values of a type have one size.
fn is_scalar(kind: &Type) -> bool {
    match kind {
        Type::Bool | Type::Int | Type::Uint | Type::Double | Type::Duration | Type::Timestamp => true,
        Type::Optional(of) => is_scalar(of),
        _ => false,
    }
}
