//! Expressions of authenticators (`apiserver/pkg/authentication/cel`): over `claims`, of which only the token says what they
//! are, or over `user`.

use crate::api::{Attributes, Decision, Version};
use crate::cel::{Activation, Env, Program, Type, Val};
use crate::json::Value;

/// An expression that compiled, with its text.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) text: String,
    program: Program,
}

/// What an expression is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Claims,
    User,
}

impl Over {
    fn env(self, version: Version) -> Env {
        match self {
            Over::Claims => Env::new(version).with("claims", Type::map(Type::String, Type::Dyn)),
            Over::User => Env::new(version).with("user", Type::Named("kubernetes.UserInfo".to_owned())),
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Over::Claims => "claims",
            Over::User => "user",
        }
    }
}

impl Expression {
    /// The expression; a rule must be true or false. An error is what is wrong with it.
    pub(super) fn compile(
        text: &str,
        over: Over,
        is_rule: bool,
        version: Version,
    ) -> Result<Expression, String> {
        let program = over.env(version).compile(text).map_err(|why| format!("compilation failed: {why}"))?;
        match program.output() {
            Type::Bool => {}
            _ if is_rule => return Err("must evaluate to bool".to_owned()),
            _ => {}
        }
        Ok(Expression { text: text.to_owned(), program })
    }

    /// Whether it looks at a claim.
    pub(super) fn uses_claim(&self, claim: &str) -> bool {
        self.program.selects("claims", claim)
    }

    /// Its value, or what went wrong.
    pub(super) fn value(&self, sight: &Sight) -> Result<Val, String> {
        let value = self.program.eval(sight);
        value.map_err(|why| format!("expression '{}' resulted in error: {why}", self.text))
    }
}

/// What an expression sees.
pub(super) struct Sight {
    over: Over,
    value: Val,
}

impl Sight {
    /// Claims, or a user.
    pub(super) fn of(over: Over, value: &Value) -> Sight {
        Sight { over, value: Val::from_json(value) }
    }
}

impl Activation for Sight {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        (name == self.over.variable()).then(|| Ok(self.value.clone()))
    }

    fn authorize(&self, _: &Attributes) -> (Decision, String) {
        (Decision::NoOpinion, String::new())
    }
}
