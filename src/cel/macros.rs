//! Calls that bind names, written out as comprehensions (`cel-go/parser/macro.go`, `ext/comprehensions.go`,
//! `cel/library.go`, `ext/lists.go`).
//!
//! They are all here and not the parser's own, whose are those of a newer cel-go.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr, SelectExpr,
};
use cel::parser::{Macro, MacroExprHelper, ParseError, Parser};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a comprehension adds up in.
const ACCU: &str = "@result";
/// The name of a loop's variable that nothing asks for.
const UNUSED: &str = "#unused";
/// What is written out twice has no more parts than these: a chain of such calls doubles with each of them, in a real
/// server as well.
const WEIGHT_MAX: usize = 100_000;
/// The list that is sorted.
const SORTED: &str = "@__sortBy_input__";

/// The first release whose expressions have optional values.
pub(super) const OPTIONALS: u8 = 28;
/// The first release whose comprehensions bind two names.
const TWO_NAMES: u8 = 32;
/// The first release that sorts lists.
pub(super) const LISTS: u8 = 34;

type Expanded = Result<Option<IdedExpr>, ParseError>;
/// What becomes of a call: of its receiver and its arguments.
type Expand = fn(&mut Maker<'_, '_>, IdedExpr, Vec<IdedExpr>) -> Result<IdedExpr, ParseError>;

/// First release, name, arguments, and what becomes of the call.
const RECEIVERS: [(u8, &str, usize, Expand); 19] = [
    (0, "all", 2, |make, over, args| all(make, over, args, 1)),
    (0, "exists", 2, |make, over, args| exists(make, over, args, 1)),
    (0, "exists_one", 2, |make, over, args| exists_one(make, over, args, 1)),
    (0, "map", 2, list),
    (0, "map", 3, list),
    (0, "filter", 2, filter),
    (OPTIONALS, "optMap", 2, |make, over, args| optional(make, over, args, true)),
    (OPTIONALS, "optFlatMap", 2, |make, over, args| optional(make, over, args, false)),
    (TWO_NAMES, "all", 3, |make, over, args| all(make, over, args, 2)),
    (TWO_NAMES, "exists", 3, |make, over, args| exists(make, over, args, 2)),
    (TWO_NAMES, "existsOne", 3, |make, over, args| exists_one(make, over, args, 2)),
    (TWO_NAMES, "exists_one", 3, |make, over, args| exists_one(make, over, args, 2)),
    (TWO_NAMES, "transformList", 3, transform_list),
    (TWO_NAMES, "transformList", 4, transform_list),
    (TWO_NAMES, "transformMap", 3, |make, over, args| transform_map(make, over, args, false)),
    (TWO_NAMES, "transformMap", 4, |make, over, args| transform_map(make, over, args, false)),
    (TWO_NAMES, "transformMapEntry", 3, |make, over, args| transform_map(make, over, args, true)),
    (TWO_NAMES, "transformMapEntry", 4, |make, over, args| transform_map(make, over, args, true)),
    (LISTS, "sortBy", 2, sort_by),
];

thread_local! {
    /// What a parser of a release is made of.
    static ENVIRONMENTS: RefCell<BTreeMap<u8, Rc<cel::Env>>> = const { RefCell::new(BTreeMap::new()) };
}

/// A parser of the expressions of a release.
pub(super) fn parser(minor: u8) -> Parser {
    // Of releases with the same calls one is enough.
    let like = [LISTS, TWO_NAMES, OPTIONALS].into_iter().find(|first| *first <= minor).unwrap_or(0);
    let env = ENVIRONMENTS
        .with_borrow_mut(|known| known.entry(like).or_insert_with(|| Rc::new(environment(like))).clone());
    env.parser()
}

fn environment(minor: u8) -> cel::Env {
    let mut env = cel::Env::default();
    let mut add = |called: Macro| {
        // INVARIANT: no two rows are for the same calls.
        env.add_macro(called).expect("each call has one meaning");
    };
    add(Macro::global("has", 1, has));
    for (_, name, count, expand) in RECEIVERS.iter().filter(|(since, ..)| *since <= minor) {
        let expand = *expand;
        add(Macro::receiver(*name, *count, move |helper, target, args| {
            let Some(over) = target.take() else { return Ok(None) };
            expand(&mut Maker(helper), over, std::mem::take(args)).map(Some)
        }));
    }
    env
}

fn has(helper: &mut MacroExprHelper<'_>, _: &mut Option<IdedExpr>, args: &mut Vec<IdedExpr>) -> Expanded {
    let Some(arg) = args.pop() else { return Ok(None) };
    match arg.expr {
        Expr::Select(select) => Ok(Some(helper.next_expr(Expr::Select(SelectExpr { test: true, ..select })))),
        _ => Err(helper.new_error(arg.id, "invalid argument to has() macro")),
    }
}

/// Makes expressions that stand where the call stands.
struct Maker<'a, 'h>(&'a mut MacroExprHelper<'h>);

/// A loop that is to be written out.
struct Loop {
    over: IdedExpr,
    names: Vec<String>,
    first: IdedExpr,
    goes_on: IdedExpr,
    step: IdedExpr,
    result: IdedExpr,
}

impl Maker<'_, '_> {
    fn name(&mut self, name: &str) -> IdedExpr {
        self.0.next_expr(Expr::Ident(name.to_owned()))
    }

    fn accu(&mut self) -> IdedExpr {
        self.name(ACCU)
    }

    fn bool(&mut self, value: bool) -> IdedExpr {
        self.0.next_expr(Expr::Literal(LiteralValue::Boolean(value.into())))
    }

    fn int(&mut self, value: i64) -> IdedExpr {
        self.0.next_expr(Expr::Literal(LiteralValue::Int(value.into())))
    }

    fn list(&mut self, items: Vec<IdedExpr>) -> IdedExpr {
        self.0.next_expr(Expr::List(ListExpr::new(items)))
    }

    fn map(&mut self) -> IdedExpr {
        self.0.next_expr(Expr::Map(MapExpr::default()))
    }

    fn call(&mut self, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        self.0.next_expr(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    }

    fn member(&mut self, target: IdedExpr, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        let target = Some(Box::new(target));
        self.0.next_expr(Expr::Call(CallExpr { func_name: name.to_owned(), target, args }))
    }

    /// `filter ? step : what there is`, where there is a filter.
    fn only(&mut self, filter: Option<IdedExpr>, step: IdedExpr) -> IdedExpr {
        match filter {
            Some(filter) => {
                let unchanged = self.accu();
                self.call("_?_:_", vec![filter, step, unchanged])
            }
            None => step,
        }
    }

    /// The names that the first arguments are.
    fn names(
        &mut self,
        args: &mut Vec<IdedExpr>,
        count: usize,
        why: &str,
    ) -> Result<Vec<String>, ParseError> {
        let rest = args.split_off(count.min(args.len()));
        let names = std::mem::replace(args, rest);
        names
            .into_iter()
            .map(|arg| match arg.expr {
                Expr::Ident(name) => Ok(name),
                _ => Err(self.0.new_error(arg.id, why)),
            })
            .collect()
    }

    fn comprehension(&mut self, of: Loop, accu: &str) -> IdedExpr {
        let mut names = of.names.into_iter();
        self.0.next_expr(Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range: of.over,
            iter_var: names.next().unwrap_or_default(),
            iter_var2: names.next(),
            accu_var: accu.to_owned(),
            accu_init: of.first,
            loop_cond: of.goes_on,
            loop_step: of.step,
            result: of.result,
        })))
    }

    /// An expression in which a name stands for a value: a loop over nothing.
    fn bind(&mut self, name: &str, value: IdedExpr, result: IdedExpr) -> IdedExpr {
        let (over, goes_on, step) = (self.list(Vec::new()), self.bool(false), self.name(name));
        let of = Loop { over, names: vec![UNUSED.to_owned()], first: value, goes_on, step, result };
        self.comprehension(of, name)
    }
}

const NO_NAME: &str = "argument must be a simple name";
const NO_IDENTIFIER: &str = "argument is not an identifier";

type Made = Result<IdedExpr, ParseError>;

fn all(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>, count: usize) -> Made {
    let names = make.names(&mut args, count, NO_NAME)?;
    let first = make.bool(true);
    let accu = make.accu();
    let goes_on = make.call("@not_strictly_false", vec![accu]);
    args.insert(0, make.accu());
    let step = make.call("_&&_", args);
    let result = make.accu();
    Ok(make.comprehension(Loop { over, names, first, goes_on, step, result }, ACCU))
}

fn exists(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>, count: usize) -> Made {
    let names = make.names(&mut args, count, NO_NAME)?;
    let first = make.bool(false);
    let accu = make.accu();
    let none = make.call("!_", vec![accu]);
    let goes_on = make.call("@not_strictly_false", vec![none]);
    args.insert(0, make.accu());
    let step = make.call("_||_", args);
    let result = make.accu();
    Ok(make.comprehension(Loop { over, names, first, goes_on, step, result }, ACCU))
}

fn exists_one(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>, count: usize) -> Made {
    let names = make.names(&mut args, count, NO_NAME)?;
    let (first, goes_on) = (make.int(0), make.bool(true));
    let (accu, one) = (make.accu(), make.int(1));
    let more = make.call("_+_", vec![accu, one]);
    let step = make.only(args.pop(), more);
    let (accu, one) = (make.accu(), make.int(1));
    let result = make.call("_==_", vec![accu, one]);
    Ok(make.comprehension(Loop { over, names, first, goes_on, step, result }, ACCU))
}

/// A list of what becomes of each: the last argument, where the one before it says so.
fn gathered(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>, names: Vec<String>) -> Made {
    let items: Vec<IdedExpr> = args.pop().into_iter().collect();
    let (first, goes_on) = (make.list(Vec::new()), make.bool(true));
    let (accu, one) = (make.accu(), make.list(items));
    let more = make.call("_+_", vec![accu, one]);
    let step = make.only(args.pop(), more);
    let result = make.accu();
    Ok(make.comprehension(Loop { over, names, first, goes_on, step, result }, ACCU))
}

fn list(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>) -> Made {
    let names = make.names(&mut args, 1, NO_IDENTIFIER)?;
    gathered(make, over, args, names)
}

fn transform_list(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>) -> Made {
    let names = make.names(&mut args, 2, NO_NAME)?;
    gathered(make, over, args, names)
}

fn filter(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>) -> Made {
    let item = args.first().cloned();
    let names = make.names(&mut args, 1, NO_IDENTIFIER)?;
    args.extend(item);
    gathered(make, over, args, names)
}

/// A map of the same keys, or of the entries of maps.
fn transform_map(make: &mut Maker<'_, '_>, over: IdedExpr, mut args: Vec<IdedExpr>, whole: bool) -> Made {
    let names = make.names(&mut args, 2, NO_NAME)?;
    let (first, goes_on) = (make.map(), make.bool(true));
    let mut inserted = vec![make.accu()];
    if !whole {
        inserted.extend(names.first().map(|key| make.name(key)));
    }
    inserted.extend(args.pop());
    let more = make.call("cel.@mapInsert", inserted);
    let step = make.only(args.pop(), more);
    let result = make.accu();
    Ok(make.comprehension(Loop { over, names, first, goes_on, step, result }, ACCU))
}

/// How many parts an expression has.
fn weight(expr: &IdedExpr) -> usize {
    let entry = |entry: &EntryExpr| match entry {
        EntryExpr::StructField(field) => weight(&field.value),
        EntryExpr::MapEntry(entry) => weight(&entry.key) + weight(&entry.value),
    };
    1 + match &expr.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => 0,
        Expr::Select(select) => weight(&select.operand),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).map(weight).sum(),
        Expr::List(list) => list.elements.iter().map(weight).sum(),
        Expr::Map(map) => map.entries.iter().map(|of| entry(&of.expr)).sum(),
        Expr::Struct(of) => of.entries.iter().map(|of| entry(&of.expr)).sum(),
        Expr::Comprehension(of) => {
            [&of.iter_range, &of.accu_init, &of.loop_cond, &of.loop_step, &of.result].map(weight).iter().sum()
        }
    }
}

/// What becomes of a value that may be there, as such a value where it is `wrapped`.
fn optional(make: &mut Maker<'_, '_>, target: IdedExpr, mut args: Vec<IdedExpr>, wrapped: bool) -> Made {
    let called = if wrapped { "optMap" } else { "optFlatMap" };
    let names = make.names(&mut args, 1, &format!("{called}() variable name must be a simple identifier"))?;
    let name = names.into_iter().next().unwrap_or_default();
    if weight(&target) > WEIGHT_MAX {
        let why = format!("kubeverdict does not write out {called}() of more than {WEIGHT_MAX} parts");
        return Err(make.0.new_error(target.id, why));
    }
    let (Some(body), again) = (args.pop(), target.clone()) else { return Ok(target) };
    let there = make.member(target, "hasValue", Vec::new());
    let value = make.member(again, "value", Vec::new());
    let mut made = make.bind(&name, value, body);
    if wrapped {
        made = make.call("optional.of", vec![made]);
    }
    let none = make.call("optional.none", Vec::new());
    Ok(make.call("_?_:_", vec![there, made, none]))
}

fn sort_by(make: &mut Maker<'_, '_>, over: IdedExpr, args: Vec<IdedExpr>) -> Made {
    if matches!(over.expr, Expr::Literal(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified) {
        let why =
            "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
        return Err(make.0.new_error(over.id, why));
    }
    let items = make.name(SORTED);
    let keys = list(make, items, args)?;
    let items = make.name(SORTED);
    let sorted = make.member(items, "@sortByAssociatedKeys", vec![keys]);
    Ok(make.bind(SORTED, over, sorted))
}
