//! `kubectl get`: tables by default, or the objects in a machine's form.

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::mapping::Mapping;
use super::objects::Wanted;
use super::print::{TableOptions, align_table, table_lines};
use super::send::AS_TABLE;
use super::{sort, tabs};
use crate::api::field::{go_plain, quote};
use crate::api::jsonpath::{self, Missing, Template};
use crate::api::{Body, Dig, Request};
use crate::json::{Value, json};

/// `kubectl get …`.
pub(super) fn get(ctx: &mut Ctx<'_>) -> Done {
    if ctx.flags.filled("raw").is_some() {
        return raw(ctx);
    }
    for flag in ["watch", "watch-only"] {
        if ctx.flags.has(flag) && ctx.flags.text(flag) != "false" {
            fail!("kubectl get --{flag} is not modelled");
        }
    }
    if ctx.flags.args.is_empty() && !ctx.names_files() {
        ctx.warn(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        );
        return Err(ctx.usage(
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    ctx.check_words(&ctx.flags.args)?;
    let wanted = match ctx.names_files() {
        true => Wanted::Named(ctx.manifests()?),
        false => {
            let args = ctx.flags.args.clone();
            ctx.wanted(&args)?
        }
    };
    if matches!(wanted, Wanted::Named(_)) {
        if ctx.flags.has("selector") {
            fail!("name cannot be provided when a selector is specified");
        }
        if ctx.flags.on("all-namespaces") {
            fail!("a resource cannot be retrieved by name across all namespaces");
        }
    }
    if matches!(wanted, Wanted::Every(_)) && ctx.flags.filled("subresource").is_some() {
        fail!("subresource cannot be used when bulk resources are specified");
    }
    let output = ctx.output();
    let form = output.split('=').next().filter(|form| !form.is_empty() || output.is_empty());
    match form.unwrap_or(&output) {
        "" | "wide" => tables(ctx, wanted),
        "custom-columns" => custom_columns(ctx, wanted, output.split_once('=').map_or("", |(_, c)| c)),
        "json" | "yaml" | "name" | "jsonpath" | "jsonpath-as-json" | "go-template" | "go-template-file"
        | "template" | "templatefile" | "jsonpath-file" | "kyaml" => objects(ctx, wanted),
        _ => {
            let failure = ctx.no_printer(&output).message();
            let all = failure
                .replace("are: go-template", "are: custom-columns,custom-columns-file,go-template")
                .replace("templatefile,yaml", "templatefile,wide,yaml");
            Err(Failure::plain(all))
        }
    }
}

/// `--raw PATH`: what the server says to it.
fn raw(ctx: &mut Ctx<'_>) -> Done {
    if !ctx.flags.args.is_empty() {
        fail!("arguments may not be passed when --raw is specified");
    }
    let others = ["watch", "watch-only", "show-labels"];
    if others.iter().any(|flag| ctx.flags.on(flag))
        || ctx.selects()
        || ctx.flags.filled("label-columns").is_some()
    {
        fail!(
            "--raw may not be specified with other flags that filter the server request or alter the output"
        );
    }
    if ctx.flags.filled("output").is_some() {
        fail!("--raw and --output are mutually exclusive");
    }
    let path = ctx.flags.text("raw").to_owned();
    if !path.starts_with('/') {
        fail!("--raw must be a valid URL path: parse {}: invalid URI for request", quote(&path));
    }
    let path = path.as_str();
    let response = ctx.send(Request::new("GET", path).header("Accept", "application/json, */*"))?;
    ctx.print_raw(&response.body);
    if matches!(response.body, Body::Json(_) | Body::List(_)) {
        ctx.out.push('\n');
    }
    Ok(())
}

/// One answer: a table, a list or an object, and of what.
type Answer = (Mapping, Value);

/// Asks for everything wanted; what fails is kept for the end.
fn fetch(ctx: &mut Ctx<'_>, wanted: Wanted, accept: &str) -> (Vec<Answer>, Vec<Failure>) {
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    let mut keep = |mapping: Mapping, answer: Done<Value>| match answer {
        Ok(body) => answers.push((mapping, body)),
        Err(failure) => failures.push(failure),
    };
    match wanted {
        Wanted::Named(mut named) => {
            let ignore = ctx.flags.on("ignore-not-found");
            ctx.of_part(&mut named);
            for target in named {
                match ctx.get_as(&target, accept) {
                    Err(failure) if ignore && failure.is("NotFound") => {}
                    answer => keep(target.mapping, answer),
                }
            }
        }
        Wanted::Every(mappings) => {
            for mapping in mappings {
                let answer = ctx.list(&mapping, accept);
                keep(mapping, answer);
            }
        }
    }
    (answers, failures)
}

fn tables(ctx: &mut Ctx<'_>, wanted: Wanted) -> Done {
    let by_name = matches!(wanted, Wanted::Named(_));
    let namespaced = match &wanted {
        Wanted::Named(named) => named.iter().all(|target| target.mapping.namespaced),
        Wanted::Every(mappings) => mappings.iter().all(|m| m.namespaced),
    };
    let (mut answers, failures) = fetch(ctx, wanted, AS_TABLE);
    sort_tables(ctx, &mut answers)?;
    let mut kinds: Vec<String> = answers.iter().map(|(mapping, _)| mapping.kind_name()).collect();
    kinds.dedup();
    let several = kinds.len() > 1;
    let mut block: Vec<String> = Vec::new();
    let mut last: Option<&Mapping> = None;
    let mut with_namespace = false;
    let mut written = 0;
    for (mapping, body) in answers.iter().filter(|(_, body)| rows(body) > 0) {
        let again = last == Some(mapping);
        if !again && !block.is_empty() {
            let text = align_table(&block);
            ctx.out.push_str(&text);
            block.clear();
            if !ctx.flags.on("no-headers") {
                ctx.out.push('\n');
            }
        }
        // kubectl's printers share their flags: once one tells the namespace, the later ones do, too.
        with_namespace |= ctx.flags.on("all-namespaces") && mapping.namespaced;
        let kind =
            if several || ctx.flags.on("show-kind") { mapping.kind_name() + "/" } else { String::new() };
        let options = TableOptions { with_namespace, name_prefix: kind, ..options(ctx, again) };
        block.extend(table_lines(&as_table(body, ctx.client.now()), &options));
        last = Some(mapping);
        written += rows(body);
    }
    let text = align_table(&block);
    ctx.out.push_str(&text);
    let silent = by_name && ctx.flags.on("ignore-not-found");
    if written == 0 && failures.is_empty() && !silent {
        ctx.nothing_found(!namespaced || ctx.flags.on("all-namespaces"));
    }
    Failure::all(failures)
}

/// Sorts the rows of the only table. Several are looked through as if they were objects; what is wrong with a single
/// one is never told, and nothing of it printed.
fn sort_tables(ctx: &Ctx<'_>, answers: &mut [Answer]) -> Done {
    let Some(path) = ctx.flags.filled("sort-by") else {
        return Ok(());
    };
    match answers {
        [(_, body)] if rows(body) > 1 => {
            if let Some(Value::Array(rows)) = body.get_mut("rows")
                && sort::sort(rows, path, "object").is_err()
            {
                rows.clear();
            }
            Ok(())
        }
        [] | [_] => Ok(()),
        _ => Err(sort::not_found(&jsonpath::relaxed(path).map_err(Failure::plain)?)),
    }
}

fn options(ctx: &Ctx<'_>, again: bool) -> TableOptions {
    TableOptions {
        wide: ctx.output() == "wide",
        no_headers: ctx.flags.on("no-headers") || again,
        with_namespace: false,
        show_labels: ctx.flags.on("show-labels"),
        label_columns: ctx.flags.all("label-columns").to_vec(),
        name_prefix: String::new(),
    }
}

fn rows(body: &Value) -> usize {
    match body.text("kind") {
        "Table" => body.list("rows").len(),
        _ if body.has("items") => body.list("items").len(),
        kind if kind.ends_with("List") => 0,
        _ => 1,
    }
}

/// A server that makes no table (an aggregated API) gets the plainest one.
fn as_table(body: &Value, now: jiff::Timestamp) -> Value {
    if body.text("kind") == "Table" {
        return body.clone();
    }
    let items = if body.has("items") { body.list("items").to_vec() } else { vec![body.clone()] };
    let rows: Vec<Value> = items
        .iter()
        .map(|item| json!({"cells": [item.name(), super::print::age(item.text("metadata.creationTimestamp"), now)], "object": item}))
        .collect();
    json!({"columnDefinitions": [{"name": "Name"}, {"name": "Age"}], "rows": rows})
}

fn objects(ctx: &mut Ctx<'_>, wanted: Wanted) -> Done {
    let single = matches!(&wanted, Wanted::Named(named) if named.len() == 1);
    let (answers, failures) = fetch(ctx, wanted, "application/json");
    if single {
        if let Some((_, body)) = answers.first() {
            ctx.print(body)?;
        }
        return Failure::all(failures);
    }
    if answers.is_empty() && !failures.is_empty() {
        return Failure::all(failures);
    }
    let items = items(ctx, answers)?;
    let mut list =
        json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
    if ctx.old() {
        list["metadata"]["selfLink"] = "".into();
    }
    ctx.print(&list)?;
    Failure::all(failures)
}

/// All objects of the answers, sorted, the items of lists with their kind.
fn items(ctx: &Ctx<'_>, answers: Vec<Answer>) -> Done<Vec<Value>> {
    let mut items = Vec::new();
    for (mapping, mut body) in answers {
        let is_list = body.text("kind").ends_with("List") && body.at("metadata.name").is_null();
        if !is_list {
            items.push(body);
            continue;
        }
        if let Some(Value::Array(found)) = body.get_mut("items").map(Value::take) {
            items.extend(found.into_iter().map(|mut item| {
                item.set_default("apiVersion", mapping.api_version());
                item.set_default("kind", mapping.kind.clone());
                item
            }));
        }
    }
    if let Some(path) = ctx.flags.filled("sort-by") {
        sort::sort(&mut items, path, "")?;
    }
    Ok(items)
}

fn custom_columns(ctx: &mut Ctx<'_>, wanted: Wanted, spec: &str) -> Done {
    if spec.is_empty() {
        fail!("custom-columns format specified but no custom columns given");
    }
    let mut columns = Vec::new();
    for column in spec.split(',') {
        let (header, path) = column.split_once(':').ok_or_else(|| {
            Failure::plain(format!(
                "unexpected custom-columns spec: {column}, expected <header>:<json-path-expr>"
            ))
        })?;
        columns.push((header, jsonpath::relaxed(path).map_err(Failure::plain)?));
    }
    let (answers, failures) = fetch(ctx, wanted, "application/json");
    let headers: Vec<&str> = columns.iter().map(|(header, _)| *header).collect();
    let mut lines = Vec::new();
    if !ctx.flags.on("no-headers") {
        lines.push(headers.join("\t"));
    }
    let mut done = Failure::all(failures);
    match rows_of(&columns, &items(ctx, answers)?, &mut lines) {
        Ok(()) => {}
        Err(why) => done = Err(Failure::plain(why)),
    }
    let text = tabs::align(&lines.join("\n"), 6, 3);
    ctx.out.push_str(&text);
    if !lines.is_empty() {
        ctx.out.push('\n');
    }
    done
}

/// What the templates of columns find in each object; the rows before the first failure stay.
fn rows_of(columns: &[(&str, String)], objects: &[Value], lines: &mut Vec<String>) -> Result<(), String> {
    let templates = columns.iter().map(|(_, template)| Template::read(template));
    let templates: Vec<Template> = templates.collect::<Result<_, _>>()?;
    for object in objects {
        let cell = |template: &Template| {
            let all = template.each(object, Missing::Allowed)?;
            let nothing = all.first().is_none_or(Vec::is_empty).then(|| "<none>".to_owned());
            let texts: Vec<String> = nothing.into_iter().chain(all.concat().iter().map(go_plain)).collect();
            Ok(texts.join(","))
        };
        let cells: Vec<String> = templates.iter().map(cell).collect::<Result<_, String>>()?;
        lines.push(cells.join("\t"));
    }
    Ok(())
}
