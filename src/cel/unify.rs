//! What types that are not known yet turn out to be (`cel-go/checker/types.go`, `mapping.go`).

use super::types::Type;
use imbl::OrdMap;
use std::collections::BTreeMap;

/// What is known of the types that were not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapping {
    /// Copied for each try, so a copy is a pointer's.
    known: OrdMap<u32, Type>,
    next: u32,
}

impl Mapping {
    /// A type that is not known yet.
    pub(super) fn free(&mut self) -> Type {
        self.next += 1;
        Type::Free(self.next)
    }

    /// A signature's types, with a free type for each of its parameters.
    pub(super) fn instance<'a>(&mut self, types: impl Iterator<Item = &'a Type>) -> Vec<Type> {
        let mut named: BTreeMap<char, Type> = BTreeMap::new();
        types.map(|of| self.instantiated(of, &mut named)).collect()
    }

    fn instantiated(&mut self, of: &Type, named: &mut BTreeMap<char, Type>) -> Type {
        match of {
            Type::Param(letter) => named.entry(*letter).or_insert_with(|| self.free()).clone(),
            other => other.map_parts(&mut |part| self.instantiated(part, named)),
        }
    }

    /// A type with what is known put in its place.
    pub(super) fn substitute(&self, of: &Type) -> Type {
        match of {
            Type::Free(number) => self.known.get(number).map_or_else(|| of.clone(), |of| self.substitute(of)),
            other => other.map_parts(&mut |part| self.substitute(part)),
        }
    }

    /// The same, where what is still not known may be anything.
    pub(super) fn settled(&self, of: &Type) -> Type {
        match of {
            Type::Free(number) => self.known.get(number).map_or(Type::Dyn, |of| self.settled(of)),
            other => other.map_parts(&mut |part| self.settled(part)),
        }
    }

    /// Whether a value of each type may stand where the other's is asked for; if so, what follows from it is known.
    pub(super) fn assign(&mut self, given: &Type, wanted: &Type) -> bool {
        self.assign_all(std::slice::from_ref(given), std::slice::from_ref(wanted))
    }

    /// The same of several types at once.
    pub(super) fn assign_all(&mut self, given: &[Type], wanted: &[Type]) -> bool {
        if given.len() != wanted.len() {
            return false;
        }
        let mut tried = self.clone();
        let fits = given.iter().zip(wanted).all(|(given, wanted)| tried.accept(given, wanted));
        if fits {
            *self = tried;
        }
        fits
    }

    fn accept(&mut self, a: &Type, b: &Type) -> bool {
        if *a == Type::Untold || *b == Type::Untold {
            return false;
        }
        if matches!(b, Type::Free(_)) {
            match self.stands_for(b, a) {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) => {}
            }
        }
        if matches!(a, Type::Free(_)) {
            return self.stands_for(a, b).0;
        }
        match (a, b) {
            (Type::Dyn | Type::Wrong | Type::Param(_), _) | (_, Type::Dyn | Type::Wrong | Type::Param(_)) => {
                true
            }
            (Type::Null, Type::Null) => true,
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            // A type is a type, whatever it is of.
            (Type::Meta(_), Type::Meta(_)) => true,
            (Type::List(_), Type::List(_))
            | (Type::Map(..), Type::Map(..))
            | (Type::Optional(_), Type::Optional(_)) => {
                let (a, b) = (a.parts(), b.parts());
                a.iter().zip(b).all(|(a, b)| self.accept(a, b))
            }
            _ => a == b,
        }
    }

    /// Whether a type may be what a free type stands for, and whether that was known before.
    fn stands_for(&mut self, free: &Type, of: &Type) -> (bool, bool) {
        let Type::Free(number) = free else { return (false, false) };
        if free == of {
            return (true, true);
        }
        match self.known.get(number).cloned() {
            Some(known) if known == *of => (true, true),
            Some(known) => {
                let fits = self.accept(of, &known);
                if fits {
                    let general = if is_less_specific(of, &known) { of.clone() } else { known };
                    if !self.is_within(*number, &general) {
                        self.known.insert(*number, general);
                    }
                }
                (fits, true)
            }
            None if self.is_within(*number, of) => (false, false),
            None => {
                self.known.insert(*number, of.clone());
                (true, false)
            }
        }
    }

    /// Whether a type is made of a free type.
    fn is_within(&self, number: u32, of: &Type) -> bool {
        match of {
            Type::Free(other) if *other == number => true,
            Type::Free(other) => self.known.get(other).is_some_and(|of| self.is_within(number, of)),
            other => other.parts().into_iter().any(|part| self.is_within(number, part)),
        }
    }
}

/// The less specific of two types, each of which may stand for the other.
pub(super) fn most_general(a: Type, b: Type) -> Type {
    if is_less_specific(&a, &b) { a } else { b }
}

fn is_less_specific(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dyn | Type::Free(_) | Type::Param(_), _) => true,
        (_, Type::Dyn | Type::Free(_) | Type::Param(_)) => false,
        (Type::Meta(_), Type::Meta(_)) => true,
        (Type::List(_), Type::List(_))
        | (Type::Map(..), Type::Map(..))
        | (Type::Optional(_), Type::Optional(_)) => {
            a.parts().into_iter().zip(b.parts()).all(|(a, b)| is_less_specific(a, b))
        }
        _ => a == b,
    }
}

/// Whether a value of the type may be null: a field that may be absent compares with it.
fn is_nullable(of: &Type) -> bool {
    matches!(of, Type::Optional(_) | Type::Duration | Type::Timestamp | Type::Named(_) | Type::Object(_))
}
