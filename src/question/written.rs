//! A question as kubectl asks it: what [`read`](super::read) reads back.

use super::split::quoted;
use crate::api::{GroupResource, RequestInfo, User};
use std::collections::BTreeSet;

/// `kubectl auth can-i get pods/web --subresource=log -n shop --as=jo`.
pub(crate) fn written(info: &RequestInfo, user: Option<&User>) -> String {
    let mut words = vec!["kubectl auth can-i".to_owned(), quoted(&info.verb)];
    if info.is_resource {
        let resource = GroupResource::new(&info.group, &info.resource).to_string();
        let name = if info.name.is_empty() { String::new() } else { format!("/{}", info.name) };
        words.push(quoted(&format!("{resource}{name}")));
        if !info.subresource.is_empty() {
            words.push(quoted(&format!("--subresource={}", info.subresource)));
        }
        words.push(match info.namespace.as_str() {
            "" => "-A".to_owned(),
            namespace => format!("-n {}", quoted(namespace)),
        });
    } else {
        words.push(quoted(&info.path));
    }
    if let Some(user) = user {
        words.push(quoted(&format!("--as={}", user.name)));
        // Who names groups gets those alone, but for that of everybody.
        let named = |user: &User| -> BTreeSet<String> {
            user.groups.iter().filter(|group| *group != "system:authenticated").cloned().collect()
        };
        if named(user) != named(&User::named(&user.name)) {
            let named = user.groups.iter().filter(|group| *group != "system:authenticated");
            words.extend(named.map(|group| quoted(&format!("--as-group={group}"))));
        }
    }
    words.join(" ")
}
