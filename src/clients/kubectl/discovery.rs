//! `kubectl api-resources`, `api-versions`, `version`, `cluster-info`.

use super::error::{Done, fail};
use super::mapping::Mapping;
use super::{Ctx, tabs};
use crate::api::Dig;
use crate::api::resources::{Word, resources};

/// What a line of `api-resources` shows.
struct Row {
    mapping: Mapping,
    short: Vec<String>,
    verbs: Vec<String>,
    categories: Vec<String>,
}

/// `kubectl api-resources`.
pub(super) fn api_resources(ctx: &mut Ctx<'_>) -> Done {
    no_arguments(ctx)?;
    if !ctx.old() && !matches!(ctx.flags.text("sort-by"), "" | "name" | "kind") {
        fail!("--sort-by accepts only name or kind");
    }
    match ctx.flags.text("output") {
        "" | "name" | "wide" => {}
        form @ ("json" | "yaml" | "kyaml") => fail!("kubectl api-resources -o {form} is not modelled"),
        other if ctx.old() => fail!("--output {other} is not available"),
        other => fail!(
            "unable to match a printer suitable for the output format \"{other}\", allowed formats are: json,kyaml,name,wide,yaml"
        ),
    }
    let mut rows = rows(ctx);
    let group = ctx.flags.get("api-group").map(str::to_owned);
    let namespaced = ctx.flags.has("namespaced").then(|| ctx.flags.on("namespaced"));
    let verbs = ctx.flags.all("verbs").to_vec();
    let categories = ctx.flags.all("categories").to_vec();
    rows.retain(|row| {
        group.as_ref().is_none_or(|g| *g == row.mapping.group)
            && namespaced.is_none_or(|n| n == row.mapping.namespaced)
            && verbs.iter().all(|v| row.verbs.contains(v))
            && categories.iter().all(|c| row.categories.contains(c))
    });
    rows.sort_by(|a, b| {
        (&a.mapping.group, &a.mapping.resource).cmp(&(&b.mapping.group, &b.mapping.resource))
    });
    if ctx.flags.text("output") == "name" {
        rows.iter().for_each(|row| ctx.say(row.mapping.group_resource()));
        return Ok(());
    }
    let wide = ctx.flags.text("output") == "wide";
    let old = ctx.old();
    let mut lines = Vec::new();
    if !ctx.flags.on("no-headers") {
        let mut head = "NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND".to_owned();
        if wide {
            head.push_str(if old { "\tVERBS" } else { "\tVERBS\tCATEGORIES" });
        }
        lines.push(head);
    }
    for row in &rows {
        let m = &row.mapping;
        let mut line = format!(
            "{}\t{}\t{}\t{}\t{}",
            m.resource,
            row.short.join(","),
            m.api_version(),
            m.namespaced,
            m.kind
        );
        if wide {
            line.push_str(&match old {
                true => format!("\t[{}]", row.verbs.join(" ")),
                false => format!("\t{}\t{}", row.verbs.join(","), row.categories.join(",")),
            });
        }
        lines.push(line);
    }
    if !lines.is_empty() {
        let text = tabs::align(&lines.join("\n"), 6, 3);
        ctx.say(text);
    }
    Ok(())
}

/// The resources of every group in its preferred version.
fn rows(ctx: &mut Ctx<'_>) -> Vec<Row> {
    let table = resources(ctx.client.version());
    let own = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<String>>();
    let texts = |words: &[Word]| words.iter().map(|word| word.to_string()).collect::<Vec<String>>();
    let mut rows: Vec<Row> = Vec::new();
    for row in table.iter().filter(|r| r.subresource.is_empty() && !r.verbs.is_empty()) {
        if rows.iter().any(|r| r.mapping.group == row.group && r.mapping.resource == row.name) {
            continue;
        }
        rows.push(Row {
            mapping: Mapping::from(&**row),
            short: texts(&row.short_names),
            verbs: own(&row.verbs),
            categories: texts(&row.categories),
        });
    }
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    rows.extend(ctx.preferred().into_iter().map(|known| Row {
        mapping: known.mapping,
        short: known.short,
        verbs: own(&verbs),
        categories: known.categories,
    }));
    rows
}

/// `kubectl api-versions`.
pub(super) fn api_versions(ctx: &mut Ctx<'_>) -> Done {
    no_arguments(ctx)?;
    let table = resources(ctx.client.version());
    let mut versions: Vec<String> = table
        .group_versions()
        .map(
            |(group, version)| {
                if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
            },
        )
        .collect();
    versions.extend(ctx.discovered().into_iter().map(|known| known.mapping.api_version()));
    versions.sort();
    versions.dedup();
    versions.iter().for_each(|version| ctx.say(version));
    Ok(())
}

/// That nothing follows the command.
fn no_arguments(ctx: &Ctx<'_>) -> Done {
    let args = ctx.flags.args.join(" ");
    if args.is_empty() { Ok(()) } else { Err(ctx.usage(format!("unexpected arguments: [{args}]"))) }
}

/// `kubectl alpha`: nothing is in it today.
pub(super) fn alpha(ctx: &mut Ctx<'_>) -> Done {
    ctx.warn("No alpha commands are available in this version of kubectl");
    Ok(())
}

/// `kubectl version`.
pub(super) fn version(ctx: &mut Ctx<'_>) -> Done {
    if !ctx.old() && !ctx.flags.args.is_empty() {
        fail!("extra arguments: [{}]", ctx.flags.args.join(" "));
    }
    match ctx.flags.text("output") {
        "" => {}
        form @ ("json" | "yaml") => fail!("kubectl version -o {form} is not modelled"),
        _ => fail!("--output must be 'yaml' or 'json'"),
    }
    let only_client = ctx.flags.on("client");
    if !ctx.old() {
        ctx.say("Client Version: v1.37.1\nKustomize Version: v5.8.1");
        if only_client {
            return Ok(());
        }
        let server = ctx.fetch("/version?timeout=32s")?;
        ctx.say(format!("Server Version: {}", server.text("gitVersion")));
        let minor: i64 = server.text("minor").trim_end_matches('+').parse().unwrap_or(37);
        if (37 - minor).abs() > 1 {
            ctx.warn(format!(
                "Warning: version difference between client (1.37) and server (1.{minor}) exceeds the supported minor version skew of +/-1"
            ));
        }
        return Ok(());
    }
    let own = crate::json!({"major": "1", "minor": "20", "gitVersion": "v1.20.2", "gitCommit": "faecb196815e248d3ecfb03c680a4507229c2a56",
        "gitTreeState": "archive", "buildDate": "2025-06-08T22:40:27Z", "goVersion": "go1.19.8", "compiler": "gc", "platform": "linux/amd64"});
    ctx.say(format!("Client Version: {}", info(&own)));
    if !only_client {
        let server = ctx.fetch("/version?timeout=32s")?;
        ctx.say(format!("Server Version: {}", info(&server)));
    }
    Ok(())
}

/// Go's `%#v` of a version.
fn info(version: &crate::json::Value) -> String {
    let fields = [
        ("Major", "major"),
        ("Minor", "minor"),
        ("GitVersion", "gitVersion"),
        ("GitCommit", "gitCommit"),
        ("GitTreeState", "gitTreeState"),
        ("BuildDate", "buildDate"),
        ("GoVersion", "goVersion"),
        ("Compiler", "compiler"),
        ("Platform", "platform"),
    ];
    let texts: Vec<String> =
        fields.iter().map(|(name, key)| format!("{name}:\"{}\"", version.text(key))).collect();
    format!("version.Info{{{}}}", texts.join(", "))
}

/// `kubectl cluster-info`.
pub(super) fn cluster_info(ctx: &mut Ctx<'_>) -> Done {
    ctx.fetch(
        "/api/v1/namespaces/kube-system/services?labelSelector=kubernetes.io%2Fcluster-service%3Dtrue",
    )?;
    let server = "https://kubernetes.default.svc";
    ctx.say(match ctx.old() {
        // The old client colours even what is no terminal.
        true => format!("\x1b[0;32mKubernetes control plane\x1b[0m is running at \x1b[0;33m{server}\x1b[0m"),
        false => format!("Kubernetes control plane is running at {server}"),
    });
    ctx.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}
