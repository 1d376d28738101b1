//! How objects and tables are printed (`cli-runtime/pkg/printers`).

use super::error::{Done, Failure, fail};
use super::json::json_pretty;
use super::mapping::{kind_name, split_version};
use super::send::DryRun;
use super::{Ctx, tabs};
use crate::api::field::{go_json, go_plain, go_value, quote};
use crate::api::jsonpath::{self, Missing};
use crate::api::{Body, Dig, human};
use crate::golang::template::Template;
use crate::golang::yaml;
use crate::json::Value;

/// `deployment.apps/web`.
pub(super) fn object_name(object: &Value) -> String {
    let (group, _) = split_version(object.text("apiVersion"));
    let name = if object.name().is_empty() { "<unknown>" } else { object.name() };
    format!("{}/{name}", kind_name(object.text("kind"), group))
}

impl Ctx<'_> {
    /// The value of `-o`.
    pub(super) fn output(&self) -> String {
        match self.flags.text("output") {
            "" if self.flags.has("template") => "go-template".to_owned(),
            output => output.to_owned(),
        }
    }

    /// Says what was done to an object, or prints it as `-o` asks.
    pub(super) fn report(&mut self, object: &Value, operation: &str, dry: DryRun) -> Done {
        self.tell(object, format!("{} {operation}{}", object_name(object), dry.suffix()))
    }

    /// Says a line, or prints the object where `-o` asks for it.
    pub(super) fn tell(&mut self, object: &Value, line: String) -> Done {
        if !self.output().is_empty() {
            return self.print(object);
        }
        self.say(line);
        Ok(())
    }

    /// Says that nothing was found, in the namespace or anywhere.
    pub(super) fn nothing_found(&mut self, anywhere: bool) {
        let text = match anywhere {
            true => "No resources found".to_owned(),
            false => format!("No resources found in {} namespace.", self.namespace),
        };
        self.warn(text);
    }

    /// Prints what a server sent as it came.
    pub(super) fn print_raw(&mut self, body: &Body) {
        match body {
            Body::Json(_) | Body::List(_) => self.out.push_str(&body.written(false).unwrap_or_default()),
            Body::Text(text) => self.out.push_str(text),
            Body::Bytes(bytes) => self.out.push_str(&String::from_utf8_lossy(bytes)),
            Body::Watch(_) => {}
        }
    }

    /// Prints an object in a machine's form.
    pub(super) fn print(&mut self, object: &Value) -> Done {
        let output = self.output();
        let (form, argument) = output.split_once('=').unwrap_or((&output, ""));
        let template = if argument.is_empty() { self.flags.text("template") } else { argument }.to_owned();
        match form {
            "json" => {
                let text = json_pretty(&self.shown(object));
                self.out.push_str(&text);
            }
            "yaml" => {
                let text = yaml::wrapped(&self.shown(object));
                self.out.push_str(&text);
            }
            "name" => {
                let names: Vec<String> = match object.text("kind").ends_with("List") && object.has("items") {
                    true => object.list("items").iter().map(object_name).collect(),
                    false => vec![object_name(object)],
                };
                names.iter().for_each(|name| self.say(name));
            }
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" | "go-template" | "go-template-file"
            | "template" | "templatefile"
                if template.is_empty() =>
            {
                fail!("template format specified but no template given")
            }
            "go-template" | "go-template-file" | "template" | "templatefile" => {
                let template = self.template(form, template)?;
                self.fill(&template, object)?;
            }
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" => {
                let template = self.template(form, template)?;
                let missing = self.missing_keys();
                let text = match form {
                    "jsonpath" | "jsonpath-file" => jsonpath::fill(&template, object, missing),
                    _ => jsonpath::each(&template, object, missing).map(|all| {
                        let texts = all.into_iter().map(|values| json_pretty(&Value::from(values)));
                        texts.collect()
                    }),
                };
                let text = text.map_err(|problem| template_failure(&template, problem, object))?;
                self.out.push_str(&text);
            }
            "kyaml" => {
                fail!("output format \"{form}\" is not modelled: use -o jsonpath=… or -o json")
            }
            _ => return Err(self.no_printer(&output)),
        }
        Ok(())
    }

    /// The template that is given, or that stands in the file that is.
    fn template(&self, form: &str, given: String) -> Done<String> {
        if !form.ends_with("file") {
            return Ok(given);
        }
        self.files
            .read(&given)
            .map_err(|why| Failure::plain(format!("error reading --template {given}, open {given}: {why}\n")))
    }

    /// Prints what a Go template makes of an object, up to the error that ends it.
    fn fill(&mut self, text: &str, object: &Value) -> Done {
        let template = Template::read(text)
            .map_err(|why| Failure::plain(format!("error parsing template {text}, {why}\n")))?;
        let (filled, done) = template.fill(object, self.missing_keys() == Missing::Refused);
        self.out.push_str(&filled);
        done.map_err(|why| {
            self.out.push_str(&format!(
                "Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
                go_json(object),
                go_plain(object)
            ));
            Failure::plain(format!("error executing template {}: {why}", quote(text)))
        })
    }

    /// What a template does about a key that is missing.
    fn missing_keys(&self) -> Missing {
        match self.flags.not_off("allow-missing-template-keys") {
            true => Missing::Allowed,
            false => Missing::Refused,
        }
    }

    /// `-o` with a word that no printer knows.
    pub(super) fn no_printer(&self, output: &str) -> Failure {
        let kyaml = if self.old() { "" } else { "kyaml," };
        let forms = format!(
            "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,{kyaml}name,template,templatefile,yaml"
        );
        Failure::plain(format!(
            "unable to match a printer suitable for the output format \"{output}\", allowed formats are: {forms}"
        ))
    }

    /// An object without what today's kubectl hides.
    fn shown(&self, object: &Value) -> Value {
        let mut shown = object.clone();
        if self.old() || self.flags.on("show-managed-fields") {
            return shown;
        }
        shown.take_out("metadata.managedFields");
        if let Some(Value::Array(items)) = shown.get_mut("items") {
            items.iter_mut().for_each(|item| {
                item.take_out("metadata.managedFields");
            });
        }
        shown
    }
}

fn template_failure(template: &str, problem: jsonpath::Problem, object: &Value) -> Failure {
    Failure::plain(match problem {
        jsonpath::Problem::Parse(why) => format!("error parsing jsonpath {template}, {why}"),
        jsonpath::Problem::Execute(why) => format!(
            "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
            quote(template),
            go_value(object)
        ),
    })
}

/// How a table is to be printed.
#[derive(Clone, Debug, Default)]
pub(super) struct TableOptions {
    pub(super) wide: bool,
    pub(super) no_headers: bool,
    pub(super) with_namespace: bool,
    pub(super) show_labels: bool,
    pub(super) label_columns: Vec<String>,
    /// What is put before each name (`deployment.apps/`).
    pub(super) name_prefix: String,
}

/// The lines of a server's table, cells joined by tabs.
pub(super) fn table_lines(table: &Value, options: &TableOptions) -> Vec<String> {
    let shown: Vec<usize> = table
        .list("columnDefinitions")
        .iter()
        .enumerate()
        .filter(|(_, column)| options.wide || column.at("priority").as_i64().unwrap_or_default() == 0)
        .map(|(i, _)| i)
        .collect();
    let mut lines = Vec::new();
    if !options.no_headers {
        let columns = table.list("columnDefinitions");
        let names = shown.iter().filter_map(|i| columns.get(*i));
        let mut cells: Vec<String> = names.map(|c| c.text("name").to_uppercase()).collect();
        if options.with_namespace {
            cells.insert(0, "NAMESPACE".to_owned());
        }
        cells.extend(options.label_columns.iter().map(|l| label_header(l)));
        if options.show_labels {
            cells.push("LABELS".to_owned());
        }
        lines.push(cells.join("\t"));
    }
    for row in table.list("rows") {
        let cells = row.list("cells");
        let mut texts: Vec<String> = shown.iter().filter_map(|i| cells.get(*i)).map(cell).collect();
        if let Some(first) = texts.first_mut() {
            first.insert_str(0, &options.name_prefix);
        }
        if options.with_namespace {
            texts.insert(0, row.text("object.metadata.namespace").to_owned());
        }
        let label = |key: &String| row.at("object").label(key).unwrap_or("<none>").to_owned();
        texts.extend(options.label_columns.iter().map(label));
        if options.show_labels {
            texts.push(labels(row.at("object")));
        }
        lines.push(texts.join("\t"));
    }
    lines
}

/// Aligns the lines of tables.
pub(super) fn align_table(lines: &[String]) -> String {
    let text = tabs::align(&lines.join("\n"), 6, 3);
    if lines.is_empty() { text } else { text + "\n" }
}

fn label_header(label: &str) -> String {
    label.rsplit('/').next().unwrap_or(label).to_uppercase()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => match text.find(['\u{c}', '\n', '\r']) {
            Some(end) => format!("{}...", &text[..end]),
            None => text.to_string(),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// `a=b,c=d`, or `<none>`.
pub(super) fn labels(object: &Value) -> String {
    let pairs = pairs(object.at("metadata.labels"));
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}

/// The entries of a map of texts, as `a=b` each.
pub(super) fn pairs(map: &Value) -> Vec<String> {
    map.entries("").map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect()
}

/// How long ago a time was, as tables say it (`duration.HumanDuration`).
pub(super) fn age(since: &str, now: jiff::Timestamp) -> String {
    match since.parse::<jiff::Timestamp>() {
        Ok(then) => human(now.as_second() - then.as_second()),
        Err(_) => "<unknown>".to_owned(),
    }
}
