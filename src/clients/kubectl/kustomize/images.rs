//! Other images (`api/filters/imagetag`): another name, another tag, a digest.

use super::field::{self, Missing};
use super::resource::Resource;
use super::specs::IMAGES;
use crate::api::Dig;
use crate::golang::regexp;
use crate::json::Value;
use regex::Regex;

/// Changes all images that an entry of `images` means.
pub(super) fn change(resources: &mut [Resource], entry: &Value) -> Result<(), String> {
    let pattern = format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", entry.text("name"));
    let pattern = regexp::compile(&pattern)?;
    for resource in resources {
        for spec in IMAGES {
            field::change(&mut resource.object, spec, Missing::Left, &mut |image| {
                set(image, entry, &pattern);
                Ok(())
            })?;
        }
        // Containers of whatever has some; the schema of a definition has none.
        if resource.gvk().kind != "CustomResourceDefinition" {
            containers(&mut resource.object, entry, &pattern);
        }
    }
    Ok(())
}

fn containers(value: &mut Value, entry: &Value, pattern: &Regex) {
    match value {
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                if let ("containers" | "initContainers", Value::Array(list)) = (name.as_str(), &mut *value) {
                    for image in list.iter_mut().filter_map(|item| item.get_mut("image")) {
                        set(image, entry, pattern);
                    }
                }
                containers(value, entry, pattern);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| containers(item, entry, pattern)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn set(image: &mut Value, entry: &Value, pattern: &Regex) {
    let Some(own) = image.as_str().filter(|own| pattern.is_match(own)) else { return };
    let (name, mut tag, mut digest) = split(own);
    let mut name = name.to_owned();
    if !entry.text("newName").is_empty() {
        name = entry.text("newName").to_owned();
    }
    match (entry.text("newTag"), entry.text("digest")) {
        ("", "") if entry.text("tagSuffix").is_empty() => {}
        ("", "") => (tag, digest) = (tag + entry.text("tagSuffix"), String::new()),
        ("", new) => (tag, digest) = (String::new(), new.to_owned()),
        (new, "") => (tag, digest) = (new.to_owned(), String::new()),
        (new, newer) => (tag, digest) = (new.to_owned(), newer.to_owned()),
    }
    for (mark, part) in [(':', tag), ('@', digest)] {
        if !part.is_empty() {
            name.push(mark);
            name.push_str(&part);
        }
    }
    *image = name.into();
}

/// Name, tag and digest of an image.
fn split(image: &str) -> (&str, String, String) {
    let (rest, digest) = image.split_once('@').unwrap_or((image, ""));
    let path = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[path..].find(':') {
        Some(at) => (&rest[..path + at], &rest[path + at + 1..]),
        None => (rest, ""),
    };
    (name, tag.to_owned(), digest.to_owned())
}
