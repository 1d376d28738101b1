//! Any expressions of arithmetic, texts, comparisons and logic: their values and errors are what the language's definition says,
//! walked as it stands there over numbers that are wide enough and texts that are lists of characters.
//!
//! <https://github.com/google/cel-spec/blob/master/doc/langdef.md>, and where it leaves a choice (which of two errors is told,
//! how texts are cut) cel-go's documentation of its standard and strings libraries.

use super::super::*;
use super::{World, env};
use crate::testing::cases;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use std::rc::Rc;

/// An expression.
#[derive(Clone, Debug)]
enum Tree {
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(&'static str),
    Bool(bool),
    /// `!` or `-`.
    Sign(char, Rc<Tree>),
    Two(&'static str, Rc<Tree>, Rc<Tree>),
    Choice(Rc<Tree>, Rc<Tree>, Rc<Tree>),
    /// A method of a text.
    Call(&'static str, Vec<Tree>),
}

/// A value by the definition.
#[derive(Clone, Debug, PartialEq)]
enum Worth {
    Int(i128),
    Uint(i128),
    Double(f64),
    Text(Vec<char>),
    Bool(bool),
    List(Vec<Worth>),
}

use Worth::{Bool, Double, Int, List, Text, Uint};

type Told = Result<Worth, String>;

impl Tree {
    fn spelled(&self) -> String {
        match self {
            Tree::Int(number) => format!("({number})"),
            Tree::Uint(number) => format!("{number}u"),
            Tree::Double(number) => format!("({number:?})"),
            Tree::Text(text) => format!("'{text}'"),
            Tree::Bool(flag) => flag.to_string(),
            Tree::Sign(sign, of) => format!("{sign}({})", of.spelled()),
            Tree::Two(operator, a, b) => format!("({} {operator} {})", a.spelled(), b.spelled()),
            Tree::Choice(a, b, c) => format!("({} ? {} : {})", a.spelled(), b.spelled(), c.spelled()),
            Tree::Call(name, parts) => {
                let parts: Vec<String> = parts.iter().map(Tree::spelled).collect();
                format!("{}.{name}({})", parts[0], parts[1..].join(", "))
            }
        }
    }

    fn worth(&self) -> Told {
        Ok(match self {
            Tree::Int(number) => Int((*number).into()),
            Tree::Uint(number) => Uint((*number).into()),
            Tree::Double(number) => Double(*number),
            Tree::Text(text) => Text(text.chars().collect()),
            Tree::Bool(flag) => Bool(*flag),
            Tree::Sign(_, of) => match of.worth()? {
                Bool(flag) => Bool(!flag),
                Int(number) => int(-number)?,
                Double(number) => Double(-number),
                other => unreachable!("{other:?} has no sign"),
            },
            // What decides, decides, whatever the other side is; else the left side's error is told.
            Tree::Two(operator @ ("&&" | "||"), a, b) => {
                let decides = Ok(Bool(*operator == "||"));
                let (a, b) = (a.worth(), b.worth());
                if a == decides || b == decides {
                    return decides;
                }
                a?;
                return b;
            }
            Tree::Two(operator, a, b) => return two(operator, a.worth()?, b.worth()?),
            Tree::Choice(condition, yes, no) => {
                return if condition.worth()? == Bool(true) { yes.worth() } else { no.worth() };
            }
            Tree::Call(name, parts) => {
                let parts = parts.iter().map(Tree::worth).collect::<Result<Vec<_>, _>>()?;
                return call(name, &parts);
            }
        })
    }
}

fn int(number: i128) -> Told {
    let fits = (-(1 << 63)..1 << 63).contains(&number);
    fits.then_some(Int(number)).ok_or_else(|| "integer overflow".to_owned())
}

fn uint(number: i128) -> Told {
    (0..1 << 64)
        .contains(&number)
        .then_some(Uint(number))
        .ok_or_else(|| "unsigned integer overflow".to_owned())
}

fn two(operator: &str, a: Worth, b: Worth) -> Told {
    match operator {
        "==" => return Ok(Bool(same(&a, &b))),
        "!=" => return Ok(Bool(!same(&a, &b))),
        "<" | "<=" | ">" | ">=" => {
            let (less, more) = order(&a, &b)?;
            return Ok(Bool(match operator {
                "<" => less,
                "<=" => !more,
                ">" => more,
                _ => !less,
            }));
        }
        _ => {}
    }
    match (a, b) {
        (Int(a), Int(b)) => int(whole(operator, a, b)?),
        (Uint(a), Uint(b)) => uint(whole(operator, a, b)?),
        (Double(a), Double(b)) => Ok(Double(match operator {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            _ => a / b,
        })),
        (Text(a), Text(b)) => Ok(Text([a, b].concat())),
        (a, b) => unreachable!("{a:?} {operator} {b:?}"),
    }
}

/// Division truncates toward zero, and the rest has the sign of what is divided.
fn whole(operator: &str, a: i128, b: i128) -> Result<i128, String> {
    match (operator, b) {
        ("+", _) => Ok(a + b),
        ("-", _) => Ok(a - b),
        ("*", _) => Ok(a.saturating_mul(b)),
        ("/", 0) => Err("division by zero".to_owned()),
        ("/", _) => Ok((a.abs() / b.abs()) * a.signum() * b.signum()),
        (_, 0) => Err("modulus by zero".to_owned()),
        // The least number divided by -1 is none, and so is its rest.
        (_, -1) if a == -(1 << 63) => Ok(1 << 64),
        _ => Ok((a.abs() % b.abs()) * a.signum()),
    }
}

/// A number as one with a fraction, which is how those are compared with whole ones.
fn double(of: &Worth) -> Option<f64> {
    match of {
        Int(number) | Uint(number) => Some(*number as f64),
        Double(number) => Some(*number),
        _ => None,
    }
}

fn same(a: &Worth, b: &Worth) -> bool {
    match (a, b) {
        (Int(a) | Uint(a), Int(b) | Uint(b)) => a == b,
        (Text(a), Text(b)) => a == b,
        (Bool(a), Bool(b)) => a == b,
        _ => double(a).zip(double(b)).is_some_and(|(a, b)| a == b),
    }
}

/// Whether one is less than the other, or more.
fn order(a: &Worth, b: &Worth) -> Result<(bool, bool), String> {
    match (a, b) {
        (Int(a) | Uint(a), Int(b) | Uint(b)) => Ok((a < b, a > b)),
        (Text(a), Text(b)) => Ok((a < b, a > b)),
        (Bool(a), Bool(b)) => Ok((!a & b, a & !b)),
        _ => match double(a).zip(double(b)) {
            Some((a, b)) if a.is_nan() || b.is_nan() => Err("NaN values cannot be ordered".to_owned()),
            Some((a, b)) => Ok((a < b, a > b)),
            None => unreachable!("{a:?} and {b:?} have no order"),
        },
    }
}

/// Where a part begins in a text, if it does so at or behind a place.
fn first(whole: &[char], part: &[char], from: usize) -> Option<usize> {
    (from..=whole.len()).find(|at| whole[*at..].starts_with(part))
}

fn range(at: i128, length: usize) -> Result<usize, String> {
    usize::try_from(at).ok().filter(|at| *at <= length).ok_or(format!("index out of range: {at}"))
}

fn call(name: &str, parts: &[Worth]) -> Told {
    let Text(whole) = &parts[0] else { unreachable!("{parts:?}") };
    let length = whole.len();
    Ok(match (name, &parts[1..]) {
        ("size", []) => Int(length as i128),
        ("startsWith", [Text(part)]) => Bool(whole.starts_with(part)),
        ("endsWith", [Text(part)]) => Bool(whole.ends_with(part)),
        ("contains", [Text(part)]) => Bool(first(whole, part, 0).is_some()),
        ("indexOf", [Text(part)]) => Int(first(whole, part, 0).map_or(-1, |at| at as i128)),
        // In nothing, cel-go looks for something from the place before the first.
        ("lastIndexOf", [Text(part)]) if whole.is_empty() && !part.is_empty() => {
            return Err("index out of range: -1".to_owned());
        }
        ("lastIndexOf", [Text(part)]) => {
            Int((0..=length).rev().find(|at| whole[*at..].starts_with(part)).map_or(-1, |at| at as i128))
        }
        ("charAt", [Int(at)]) => {
            let at = range(*at, length)?;
            Text(whole[at..].iter().take(1).copied().collect())
        }
        ("substring", [Int(from)]) => Text(whole[range(*from, length)?..].to_vec()),
        ("substring", [Int(from), Int(to)]) => {
            let (start, end) = (range(*from, length)?, range(*to, length)?);
            if start > end {
                return Err(format!("invalid substring range. start: {start}, end: {end}"));
            }
            Text(whole[start..end].to_vec())
        }
        ("lowerAscii", []) => Text(whole.iter().map(char::to_ascii_lowercase).collect()),
        ("upperAscii", []) => Text(whole.iter().map(char::to_ascii_uppercase).collect()),
        ("replace", [Text(old), Text(new)]) => Text(replaced(whole, old, new)),
        ("split", [Text(at)]) => List(split(whole, at).into_iter().map(Text).collect()),
        _ => unreachable!("{name}"),
    })
}

/// Each place of a part, none of which overlap, becomes another part; nothing is found before and behind each letter.
fn replaced(whole: &[char], old: &[char], new: &[char]) -> Vec<char> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at <= whole.len() {
        if whole[at..].starts_with(old) {
            out.extend(new);
            at += old.len();
            if !old.is_empty() {
                continue;
            }
        }
        out.extend(whole.get(at));
        at += 1;
    }
    out
}

fn split(whole: &[char], by: &[char]) -> Vec<Vec<char>> {
    if by.is_empty() {
        return whole.iter().map(|letter| vec![*letter]).collect();
    }
    let (mut out, mut start) = (Vec::new(), 0);
    while let Some(at) = first(whole, by, start) {
        out.push(whole[start..at].to_vec());
        start = at + by.len();
    }
    out.push(whole[start..].to_vec());
    out
}

/// Trees of each type: whole numbers with and without sign, numbers with a fraction, texts, truths.
#[derive(Clone)]
struct Trees {
    int: BoxedStrategy<Tree>,
    uint: BoxedStrategy<Tree>,
    double: BoxedStrategy<Tree>,
    text: BoxedStrategy<Tree>,
    truth: BoxedStrategy<Tree>,
}

type Of = BoxedStrategy<Tree>;

fn pair(operators: &[&'static str], a: &Of, b: &Of) -> Of {
    (select(operators.to_vec()), a.clone(), b.clone())
        .prop_map(|(operator, a, b)| Tree::Two(operator, a.into(), b.into()))
        .boxed()
}

fn signed(sign: char, of: &Of) -> Of {
    of.clone().prop_map(move |of| Tree::Sign(sign, of.into())).boxed()
}

fn called(name: &'static str, parts: &[&Of]) -> Of {
    let parts: Vec<Of> = parts.iter().map(|part| (*part).clone()).collect();
    parts.prop_map(move |parts| Tree::Call(name, parts)).boxed()
}

impl Trees {
    fn leaves() -> Trees {
        let ints =
            vec![0, 1, -1, 2, 3, 7, -7, 10, 1 << 53, i64::MAX, i64::MIN, i64::MIN + 1, 1 << 32, -(1 << 31)];
        let uints = vec![0, 1, 2, 3, 10, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX];
        let doubles =
            vec![0.0, -0.0, 0.5, -1.5, 1.0, 3.0, 1e308, 5e-324, 9007199254740993.0, 9.3e18, -9.3e18];
        let texts = vec!["", "a", "ab", "aba", "B", "é", "𝄞a", "abab", ",", "a,b,,c", "Zz"];
        Trees {
            int: select(ints).prop_map(Tree::Int).boxed(),
            uint: select(uints).prop_map(Tree::Uint).boxed(),
            double: select(doubles).prop_map(Tree::Double).boxed(),
            text: select(texts).prop_map(Tree::Text).boxed(),
            truth: any::<bool>().prop_map(Tree::Bool).boxed(),
        }
    }

    /// Trees one step higher: half of them are what stands below.
    fn grown(&self) -> Trees {
        let Trees { int, uint, double, text, truth } = self;
        let either = |below: &Of, ways: Vec<Of>| {
            let (yes, no) = (below.clone(), below.clone());
            let choice = (truth.clone(), yes, no)
                .prop_map(|(a, b, c)| Tree::Choice(a.into(), b.into(), c.into()))
                .boxed();
            let ways = ways.into_iter().chain([choice]).map(|way| (2, way));
            Union::new_weighted([(3, below.clone())].into_iter().chain(ways).collect()).boxed()
        };
        let five = ["+", "-", "*", "/", "%"];
        let orders = ["<", "<=", ">", ">=", "==", "!="];
        let across = ["<", "<=", ">", ">="];
        let small = (-1_i64..5).prop_map(Tree::Int).boxed();
        Trees {
            int: either(
                int,
                vec![
                    pair(&five, int, int),
                    pair(&five, int, int),
                    signed('-', int),
                    called("size", &[text]),
                    called("indexOf", &[text, text]),
                    called("lastIndexOf", &[text, text]),
                ],
            ),
            uint: either(uint, vec![pair(&five, uint, uint)]),
            double: either(double, vec![pair(&five[..4], double, double), signed('-', double)]),
            text: either(
                text,
                vec![
                    pair(&["+"], text, text),
                    called("charAt", &[text, &small]),
                    called("substring", &[text, &small]),
                    called("substring", &[text, &small, &small]),
                    called("lowerAscii", &[text]),
                    called("upperAscii", &[text]),
                    called("replace", &[text, text, text]),
                ],
            ),
            truth: either(
                truth,
                vec![
                    pair(&["&&", "||"], truth, truth),
                    pair(&["&&", "||"], truth, truth),
                    signed('!', truth),
                    pair(&orders, int, int),
                    pair(&orders, uint, uint),
                    pair(&orders, double, double),
                    pair(&orders, text, text),
                    pair(&orders, truth, truth),
                    pair(&across, int, uint),
                    pair(&across, int, double),
                    pair(&across, double, uint),
                    pair(&across, uint, int),
                    called("contains", &[text, text]),
                    called("startsWith", &[text, text]),
                    called("endsWith", &[text, text]),
                ],
            ),
        }
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let trees = Trees::leaves().grown().grown().grown();
    let split = called("split", &[&trees.text, &trees.text]);
    prop_oneof![3 => trees.int, 1 => trees.uint, 1 => trees.double, 3 => trees.text, 5 => trees.truth, 1 => split]
}

fn worth(of: &Val) -> Worth {
    match of {
        Val::Int(number) => Int((*number).into()),
        Val::Uint(number) => Uint((*number).into()),
        Val::Double(number) => Double(*number),
        Val::String(text) => Text(text.chars().collect()),
        Val::Bool(flag) => Bool(*flag),
        Val::List(list) => List(list.iter().map(worth).collect()),
        other => unreachable!("{other:?}"),
    }
}

/// A number that is none equals none, not even itself: here it does, for it is the same answer.
fn is_nan(told: &Told) -> bool {
    matches!(told, Ok(Double(number)) if number.is_nan())
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn values_and_errors_are_what_the_definition_says(tree in tree()) {
        let text = tree.spelled();
        let program = env().compile(&text);
        let program = program.map_err(|why| TestCaseError::fail(format!("{text}: {why}")))?;
        let (ours, plain) = (program.eval(&World).map(|value| worth(&value)), tree.worth());
        if !(is_nan(&ours) && is_nan(&plain)) {
            prop_assert_eq!(ours, plain, "{}", text);
        }
    }
}
