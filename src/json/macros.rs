//! JSON written in Rust's sources.

/// A value as JSON writes it; whatever is a [`ToValue`](crate::json::ToValue) may stand for a value, and a text in
/// parentheses for a key.
///
/// ```
/// use kubeverdict::json;
///
/// let name = "shop";
/// let role = json!({"metadata": {"name": name, "labels": {(name): "yes"}}, "rules": []});
/// assert_eq!(role.to_string(), r#"{"metadata":{"labels":{"shop":"yes"},"name":"shop"},"rules":[]}"#);
/// ```
#[macro_export]
macro_rules! json {
    (null) => { $crate::json::Value::Null };
    ([]) => { $crate::json::Value::Array($crate::json::List::default()) };
    ({}) => { $crate::json::Value::Object($crate::json::Map::new()) };
    ([$($items:tt)+]) => {{
        let mut list: Vec<$crate::json::Value> = Vec::new();
        $crate::json!(@items list $($items)+);
        $crate::json::Value::Array(list.into())
    }};
    ({$($entries:tt)+}) => {{
        let mut map = $crate::json::Map::new();
        $crate::json!(@entries map $($entries)+);
        $crate::json::Value::Object(map)
    }};

    (@items $list:ident) => {};
    (@items $list:ident null $(, $($rest:tt)*)?) => {
        $list.push($crate::json::Value::Null);
        $crate::json!(@items $list $($($rest)*)?);
    };
    (@items $list:ident [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $list.push($crate::json!([$($inner)*]));
        $crate::json!(@items $list $($($rest)*)?);
    };
    (@items $list:ident {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $list.push($crate::json!({$($inner)*}));
        $crate::json!(@items $list $($($rest)*)?);
    };
    (@items $list:ident $value:expr $(, $($rest:tt)*)?) => {
        $list.push($crate::json!($value));
        $crate::json!(@items $list $($($rest)*)?);
    };

    (@entries $map:ident) => {};
    (@entries $map:ident $key:tt: null $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json::Value::Null);
        $crate::json!(@entries $map $($($rest)*)?);
    };
    (@entries $map:ident $key:tt: [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json!([$($inner)*]));
        $crate::json!(@entries $map $($($rest)*)?);
    };
    (@entries $map:ident $key:tt: {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json!({$($inner)*}));
        $crate::json!(@entries $map $($($rest)*)?);
    };
    (@entries $map:ident $key:tt: $value:expr $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::json!($value));
        $crate::json!(@entries $map $($($rest)*)?);
    };

    ($value:expr) => { $crate::json::ToValue::to_value(&$value) };
}
