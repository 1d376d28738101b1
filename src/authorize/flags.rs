//! Which flags about authorization keep a server from starting (`BuiltInAuthorizationOptions.Validate`).

use super::mode::Mode;
use crate::api::field::{aggregate, quote_list};
use crate::config::Config;
use crate::error::Error;
use std::collections::BTreeSet;

/// What is wrong with the flags, all in one error; nothing of it counts beside `--authorization-config`.
pub(super) fn refused(config: &Config) -> Option<Error> {
    if config.authorization_config.is_some() {
        return None;
    }
    let modes = &config.authorization_modes;
    let has = |mode: Mode| modes.iter().any(|word| word == mode.name());
    let (policy, webhook) = (&config.authorization_policy, &config.authorization_webhook.client);
    let mut wrong: Vec<String> = Vec::new();
    let mut hint = None;
    if modes.is_empty() {
        wrong.push("at least one authorization-mode must be passed".to_owned());
    }
    for word in modes {
        match word.parse::<Mode>() {
            Err(error) => {
                hint = hint.or(error.hint);
                wrong.push(error.message);
            }
            Ok(Mode::Abac) if policy.is_none() => {
                hint = hint.or(Some("name it with `authorization-policy-file`".to_owned()));
                wrong.push("authorization-mode ABAC's authorization policy file not passed".to_owned());
            }
            Ok(Mode::Webhook) if webhook.is_none() => {
                hint = hint.or(Some("name it with `authorization-webhook-config-file`".to_owned()));
                wrong.push("authorization-mode Webhook's authorization config file not passed".to_owned());
            }
            Ok(_) => {}
        }
    }
    if policy.is_some() && !has(Mode::Abac) {
        wrong.push("cannot specify --authorization-policy-file without mode ABAC".to_owned());
    }
    if webhook.is_some() && !has(Mode::Webhook) {
        wrong.push("cannot specify --authorization-webhook-config-file without mode Webhook".to_owned());
    }
    if modes.iter().collect::<BTreeSet<_>>().len() < modes.len() {
        wrong.push(format!("authorization-mode {} has mode specified more than once", quote_list(modes)));
    }
    // Each is told once (`utilerrors.Aggregate`).
    let mut told = BTreeSet::new();
    wrong.retain(|why| told.insert(why.clone()));
    let error = Error::new(aggregate(&wrong)?);
    Some(match hint.filter(|_| wrong.len() == 1) {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::authorize::Authorizers;

    #[test]
    fn flags_that_keep_a_server_from_starting() {
        let policy = ("authorization-policy-file", "policy");
        for (flags, why) in [
            (vec![("authorization-mode", "")], "at least one authorization-mode must be passed"),
            (vec![("authorization-mode", "RBAC,Magic")], "authorization-mode \"Magic\" is not a valid mode"),
            (
                vec![("authorization-mode", "ABAC")],
                "authorization-mode ABAC's authorization policy file not passed",
            ),
            (
                vec![("authorization-mode", "Webhook")],
                "authorization-mode Webhook's authorization config file not passed",
            ),
            (
                vec![("authorization-mode", "RBAC"), policy],
                "cannot specify --authorization-policy-file without mode ABAC",
            ),
            (
                vec![("authorization-mode", "RBAC,Node,RBAC")],
                "authorization-mode [\"RBAC\" \"Node\" \"RBAC\"] has mode specified more than once",
            ),
            (
                vec![("authorization-mode", "Webhook,Webhook"), policy],
                "[authorization-mode Webhook's authorization config file not passed, cannot specify \
                 --authorization-policy-file without mode ABAC, authorization-mode [\"Webhook\" \"Webhook\"] has mode \
                 specified more than once]",
            ),
        ] {
            let mut config = Config::new(Version::NEWEST);
            config.apply(flags, &|_| Ok(Vec::new())).unwrap();
            assert_eq!(Authorizers::new(&config).map(drop).unwrap_err().message, why);
        }
    }
}
