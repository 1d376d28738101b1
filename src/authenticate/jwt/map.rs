//! From claims to a user (`oidc.go`, `AuthenticateToken` after the signature).

use super::expression::{Over, Sight};
use super::verify::texts;
use super::{Authenticator, Expression, Source};
use crate::api::differences::{JWT_IDS, JWT_NAMES_GUARDED};
use crate::api::jwt::JwtRefusal;
use crate::api::{Dig, User};
use crate::cel::Val;
use crate::golang::json::noun;
use crate::json::{Value, json};

impl Authenticator {
    /// Who the claims say that somebody is, if all rules hold.
    pub(super) fn user(&self, claims: &Value) -> Result<User, JwtRefusal> {
        if let Source::Claim { claim, .. } = &self.groups
            && claims.get(claim).is_none()
            && let source = claims.at("_claim_names").text(claim)
            && claims.at("_claim_sources").at(source).has("endpoint")
        {
            return Err(JwtRefusal::Elsewhere { claim: claim.clone() });
        }
        let sight = Sight::of(Over::Claims, claims);
        let user = User {
            name: self.name(claims, &sight)?,
            groups: self.groups(claims, &sight)?,
            uid: self.uid(claims, &sight)?,
            extra: self.extra(claims, &sight)?,
        };
        self.required(claims)?;
        hold(&self.claim_rules, &sight, "claims", "claim validation")?;
        if !self.user_rules.is_empty() {
            let seen =
                json!({"username": user.name, "uid": user.uid, "groups": user.groups, "extra": user.extra});
            hold(&self.user_rules, &Sight::of(Over::User, &seen), "user", "user validation")?;
        }
        Ok(user)
    }

    fn name(&self, claims: &Value, sight: &Sight) -> Result<String, JwtRefusal> {
        let (claim, prefix) = match &self.username {
            Source::Nowhere => return Ok(String::new()),
            Source::Expression(expression) => {
                let name = one_text(expression, sight, "username")?;
                return match name.is_empty() && self.version.has(JWT_NAMES_GUARDED) {
                    true => Err(JwtRefusal::NoName),
                    false => Ok(name),
                };
            }
            Source::Claim { claim, prefix } => (claim, prefix),
        };
        let name = text(claims, claim, "username")?;
        if claim == "email"
            && let Some(verified) = claims.get("email_verified")
        {
            match verified {
                Value::Bool(true) => {}
                Value::Bool(false) | Value::Null => return Err(JwtRefusal::EmailNotVerified),
                other => return Err(of_type("email_verified", "email_verified", other, "bool")),
            }
        }
        Ok(format!("{prefix}{name}"))
    }

    fn groups(&self, claims: &Value, sight: &Sight) -> Result<Vec<String>, JwtRefusal> {
        match &self.groups {
            Source::Nowhere => Ok(Vec::new()),
            Source::Expression(expression) => many_texts(expression, sight, "group"),
            Source::Claim { claim, prefix } => {
                let Some(groups) = claims.get(claim) else { return Ok(Vec::new()) };
                let wrong = |error| JwtRefusal::Claim { of: "groups", claim: claim.clone(), error };
                let groups = texts(groups, "string").map_err(wrong)?;
                Ok(groups.into_iter().map(|group| format!("{prefix}{group}")).collect())
            }
        }
    }

    fn uid(&self, claims: &Value, sight: &Sight) -> Result<String, JwtRefusal> {
        match &self.uid {
            Source::Nowhere => Ok(String::new()),
            Source::Expression(expression) => one_text(expression, sight, "uid"),
            Source::Claim { claim, .. } => text(claims, claim, "uid"),
        }
    }

    fn extra(
        &self,
        claims: &Value,
        sight: &Sight,
    ) -> Result<std::collections::BTreeMap<String, Vec<String>>, JwtRefusal> {
        let mut extra = std::collections::BTreeMap::new();
        let id = claims.text("jti");
        if !id.is_empty() && self.version.has(JWT_IDS) {
            extra.insert("authentication.kubernetes.io/credential-id".to_owned(), vec![format!("JTI={id}")]);
        }
        let values = self.extra.iter().map(|(key, expression)| {
            let value = expression.value(sight).map_err(|error| of("extra", expression, error))?;
            Ok((key, expression, value))
        });
        for (key, expression, value) in values.collect::<Result<Vec<_>, _>>()? {
            let values = listed(&value).map_err(|why| {
                let error =
                    format!("oidc: error evaluating extra claim expression: {}: {why}", expression.text);
                of("extra", expression, error)
            })?;
            if !values.is_empty() {
                extra.insert(key.clone(), values);
            }
        }
        Ok(extra)
    }

    fn required(&self, claims: &Value) -> Result<(), JwtRefusal> {
        for (claim, want) in &self.required {
            let refusal = |got: Option<&str>, error: Option<String>| {
                let (claim, want) = (claim.clone(), want.clone());
                Err(JwtRefusal::Required { claim, want, got: got.map(str::to_owned), error })
            };
            let got = match claims.get(claim) {
                None => return refusal(None, None),
                Some(Value::Null) => "",
                Some(Value::String(got)) => got,
                Some(other) => return refusal(None, Some(not_of(other, "string"))),
            };
            if got != want {
                return refusal(Some(got), None);
            }
        }
        Ok(())
    }
}

/// All rules are evaluated before the first that is false is told.
fn hold(
    rules: &[(Expression, String)],
    sight: &Sight,
    over: &'static str,
    what: &'static str,
) -> Result<(), JwtRefusal> {
    let values = rules.iter().map(|(expression, message)| {
        let value = expression.value(sight).map_err(|error| of(what, expression, error))?;
        Ok((expression, message, value))
    });
    for (expression, message, value) in values.collect::<Result<Vec<_>, _>>()? {
        match value {
            Val::Bool(true) => {}
            Val::Bool(false) => {
                let (expression, message) = (expression.text.clone(), message.clone());
                return Err(JwtRefusal::Rule { over, expression, message });
            }
            _ => {
                let error = "validation expression must return a boolean".to_owned();
                return Err(of(what, expression, error));
            }
        }
    }
    Ok(())
}

fn of(of: &'static str, expression: &Expression, error: String) -> JwtRefusal {
    JwtRefusal::Expression { of, expression: expression.text.clone(), error }
}

fn not_of(value: &Value, of: &str) -> String {
    format!("json: cannot unmarshal {} into Go value of type {of}", noun(value))
}

fn of_type(of: &'static str, claim: &str, value: &Value, wanted: &str) -> JwtRefusal {
    JwtRefusal::Claim { of, claim: claim.to_owned(), error: not_of(value, wanted) }
}

/// A claim that is a text; null is an empty one.
fn text(claims: &Value, claim: &str, of: &'static str) -> Result<String, JwtRefusal> {
    match claims.get(claim) {
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(Value::Null) => Ok(String::new()),
        Some(other) => Err(of_type(of, claim, other, "string")),
        None => {
            let error = "claim not present".to_owned();
            Err(JwtRefusal::Claim { of, claim: claim.to_owned(), error })
        }
    }
}

/// The value of an expression that must be a text.
fn one_text(expression: &Expression, sight: &Sight, what: &'static str) -> Result<String, JwtRefusal> {
    match expression.value(sight).map_err(|error| of(what, expression, error))? {
        Val::String(text) => Ok(text.to_string()),
        _ => Err(of(what, expression, format!("{what} claim expression must return a string"))),
    }
}

/// The value of an expression that must be a text or a list of texts.
fn many_texts(expression: &Expression, sight: &Sight, what: &'static str) -> Result<Vec<String>, JwtRefusal> {
    let value = expression.value(sight);
    value.and_then(|value| listed(&value)).map_err(|error| of(what, expression, error))
}

/// Texts that are not empty.
fn listed(value: &Val) -> Result<Vec<String>, String> {
    let wrong = || "expression must return a string or a list of strings".to_owned();
    let texts = match value {
        Val::Null => Vec::new(),
        Val::String(text) => vec![text.to_string()],
        Val::List(list) => {
            let text = |item: &Val| match item {
                Val::String(text) => Ok(text.to_string()),
                _ => Err(wrong()),
            };
            list.iter().map(text).collect::<Result<Vec<_>, _>>()?
        }
        _ => return Err(wrong()),
    };
    Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
}
