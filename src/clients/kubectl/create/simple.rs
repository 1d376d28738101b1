//! `create namespace`, `create serviceaccount`, `create quota`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use crate::api::{Dig, Quantity, QuantityError};
use crate::json::{Value, json};

/// `kubectl create namespace NAME`.
pub(in super::super) fn namespace(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut object = ctx.object("v1", "Namespace", &name, false);
    object["spec"] = json!({});
    object["status"] = json!({});
    ctx.create(object, None)
}

/// `kubectl create serviceaccount NAME`.
pub(in super::super) fn service_account(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let object = ctx.object("v1", "ServiceAccount", &name, true);
    let failed = (!ctx.old()).then_some("failed to create serviceaccount: ");
    ctx.create(object, failed)
}

/// `kubectl create quota NAME --hard=pods=2 --scopes=…`.
pub(in super::super) fn quota(ctx: &mut Ctx<'_>) -> Done {
    let name = ctx.one_name()?;
    let mut object = ctx.object("v1", "ResourceQuota", &name, true);
    object["spec"] = json!({});
    object["status"] = json!({});
    for part in ctx.flags.text("hard").split(',').filter(|p| !p.is_empty()) {
        match part.split_once('=') {
            Some((resource, amount)) if !amount.contains('=') => {
                let amount: Quantity =
                    amount.parse().map_err(|why: QuantityError| Failure::plain(why.to_string()))?;
                object.make("spec.hard")[resource] = amount.to_string().into();
            }
            _ => fail!("Invalid argument syntax {part}, expected <resource>=<value>"),
        }
    }
    let scopes: Vec<Value> =
        ctx.flags.text("scopes").split(',').filter(|s| !s.is_empty()).map(Value::from).collect();
    if !scopes.is_empty() {
        object.set("spec.scopes", scopes);
    }
    ctx.create(object, Some("failed to create quota: "))
}
