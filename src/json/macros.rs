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
    ([$($items:tt)+]) => { $crate::json::Value::Array($crate::json!(@items [] $($items)+).into()) };
    ({$($entries:tt)+}) => {{
        let mut map = $crate::json::Map::new();
        $crate::json!(@entries map $($entries)+);
        $crate::json::Value::Object(map)
    }};

    (@items [$($done:expr,)*]) => { vec![$($done),*] };
    (@items [$($done:expr,)*] null $(, $($rest:tt)*)?) => {
        $crate::json!(@items [$($done,)* $crate::json!(null),] $($($rest)*)?)
    };
    (@items [$($done:expr,)*] [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $crate::json!(@items [$($done,)* $crate::json!([$($inner)*]),] $($($rest)*)?)
    };
    (@items [$($done:expr,)*] {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $crate::json!(@items [$($done,)* $crate::json!({$($inner)*}),] $($($rest)*)?)
    };
    (@items [$($done:expr,)*] $value:expr $(, $($rest:tt)*)?) => {
        $crate::json!(@items [$($done,)* $crate::json!($value),] $($($rest)*)?)
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
