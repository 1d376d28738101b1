//! Which objects a command line means (`cli-runtime/pkg/resource.Builder`).

use super::error::{Done, Failure, fail};
use super::mapping::Mapping;
use super::send::query;
use super::target::Target;
use super::{Ctx, documents};
use crate::api::{Dig, resources};
use crate::clients::{NO_SUCH_FILE, Unknown};
use crate::golang::json;
use crate::json::Value;

/// What the words after a command name.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// Objects by name.
    Named(Vec<Target>),
    /// All objects of these resources that the selectors fit.
    Every(Vec<Mapping>),
}

impl Ctx<'_> {
    /// Reads `TYPE NAME…`, `TYPE/NAME…` or `TYPE[,TYPE]`.
    pub(super) fn wanted(&mut self, args: &[String]) -> Done<Wanted> {
        if args.iter().any(|a| a.contains('/')) {
            let named = args.iter().map(|arg| self.slashed(arg, args.len()));
            return Ok(Wanted::Named(named.collect::<Done<_>>()?));
        }
        let Some((types, names)) = args.split_first() else {
            return Ok(Wanted::Every(Vec::new()));
        };
        let mut mappings = Vec::new();
        for word in types.split(',').filter(|w| !w.is_empty()) {
            match self.category(word) {
                found if !found.is_empty() => mappings.extend(found),
                _ => mappings.push(self.resource(word)?),
            }
        }
        if names.is_empty() {
            return Ok(Wanted::Every(mappings));
        }
        let mut named = Vec::new();
        for mapping in &mappings {
            let namespace = self.scope(mapping);
            named.extend(names.iter().map(|name| Target::new(mapping, &namespace, name)));
        }
        Ok(Wanted::Named(named))
    }

    fn slashed(&mut self, arg: &str, count: usize) -> Done<Target> {
        match arg.split('/').collect::<Vec<_>>().as_slice() {
            [word, name] if !word.is_empty() && !name.is_empty() => {
                let mapping = self.resource(word)?;
                Ok(Target::new(&mapping, &self.scope(&mapping), name))
            }
            [_] => fail!(
                "there is no need to specify a resource type as a separate argument when passing arguments in \
                 resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource \
                 resource/<resource_name>'"
            ),
            [_, _] => {
                fail!("arguments in resource/name form must have a single resource and name")
            }
            _ if count > 0 => {
                fail!("arguments in resource/name form may not have more than one slash")
            }
            _ => fail!("resource name may not be empty"),
        }
    }

    /// The resources of a category (`all`), in kubectl's order. No server is asked what a word means that is a built-in
    /// resource's.
    fn category(&mut self, word: &str) -> Vec<Mapping> {
        let table = resources(self.client.version());
        let mut found: Vec<Mapping> = Vec::new();
        for row in table
            .iter()
            .filter(|r| r.subresource.is_empty() && r.categories.iter().any(|category| category == word))
        {
            let known = found.iter().any(|m| m.group == row.group && m.resource == row.name);
            if !known {
                found.push(Mapping::from(&**row));
            }
        }
        if self.built_in(word).is_none() {
            let custom = self.preferred().into_iter();
            let custom = custom.filter(|known| known.categories.iter().any(|category| category == word));
            found.extend(custom.map(|known| known.mapping));
        }
        found
    }

    /// The objects that files and the command's words name, without asking the server for those with a name.
    pub(super) fn all_targets(&mut self) -> Done<Vec<Target>> {
        let args = self.flags.args.clone();
        self.targets(&args)
    }

    /// The objects that files and words name, without asking the server for those with a name.
    pub(super) fn targets(&mut self, args: &[String]) -> Done<Vec<Target>> {
        self.check_words(args)?;
        if self.names_files() {
            return self.manifests();
        }
        match self.wanted(args)? {
            // The selector of `expose` is the new service's, and chooses nothing.
            Wanted::Named(_) if self.command != "expose" && (self.flags.on("all") || self.selects()) => {
                fail!("name cannot be provided when a selector is specified")
            }
            Wanted::Named(named) => Ok(named),
            Wanted::Every(mappings) if self.selects() || self.flags.on("all") => {
                let mut targets = Vec::new();
                for mapping in mappings {
                    let list = self.list(&mapping, "application/json")?;
                    targets.extend(listed(&mapping, list.list("items")));
                }
                Ok(targets)
            }
            Wanted::Every(mappings) if mappings.is_empty() => fail!(
                "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
            ),
            Wanted::Every(_) => Err(self.no_name()),
        }
    }

    /// Whether files or a folder say which objects are meant.
    pub(super) fn names_files(&self) -> bool {
        self.flags.has("filename") || self.flags.filled("kustomize").is_some()
    }

    /// That only one thing says which objects are meant.
    pub(super) fn check_words(&self, args: &[String]) -> Done {
        if self.names_files() && !args.is_empty() {
            // Files are looked at first.
            for path in self.flags.all("filename").iter().filter(|path| *path != "-" && !path.contains("://"))
            {
                self.manifest(path)?;
            }
            fail!(
                "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
            );
        }
        if self.flags.on("all")
            && ["selector", "field-selector"].iter().any(|flag| self.flags.filled(flag).is_some())
        {
            fail!("setting 'all' parameter but found a non empty selector. ");
        }
        Ok(())
    }

    /// Whether selectors say which objects are meant.
    pub(super) fn selects(&self) -> bool {
        self.flags.has("selector") || self.flags.has("field-selector")
    }

    /// That words or files name something.
    pub(super) fn need_words(&self, args: &[String]) -> Done {
        match args.is_empty() && !self.names_files() {
            true => {
                fail!("one or more resources must be specified as <resource> <name> or <resource>/<name>")
            }
            false => Ok(()),
        }
    }

    /// That manifests are given.
    pub(super) fn need_files(&self) -> Done {
        if self.names_files() { Ok(()) } else { fail!("must specify one of -f and -k") }
    }

    /// Only a type, where an object is meant.
    pub(super) fn no_name(&self) -> Failure {
        Failure::plain(match self.old() {
            true => "resource(s) were provided, but no name, label selector, or --all flag specified",
            false => "resource(s) were provided, but no name was specified",
        })
    }

    /// The namespace in which a resource is looked for.
    pub(super) fn scope(&self, mapping: &Mapping) -> String {
        let all = self.flags.on("all-namespaces");
        if mapping.namespaced && !all { self.namespace.clone() } else { String::new() }
    }

    /// Lists a resource as the selectors say.
    pub(super) fn list(&mut self, mapping: &Mapping, accept: &str) -> Done<Value> {
        let sorts = self.flags.has("sort-by");
        let limit = match self.flags.text("chunk-size") {
            _ if sorts => "",
            "" => "500",
            "0" => "",
            size => size,
        };
        let target = query(
            &mapping.path(&self.scope(mapping), ""),
            &[
                ("fieldSelector", self.flags.text("field-selector")),
                ("includeObject", if sorts { "Object" } else { "" }),
                ("labelSelector", self.flags.text("selector")),
                ("limit", limit),
            ],
        );
        let request = crate::api::Request::new("GET", target).header("Accept", accept);
        match self.send(request) {
            Ok(response) => Ok(response.object().clone()),
            Err(failure) => Err(self.not_listed(mapping, failure)),
        }
    }

    /// Says what was looked for, where that is what was wrong (`resource.Selector.Visit`).
    fn not_listed(&self, mapping: &Mapping, failure: Failure) -> Failure {
        if !failure.is("BadRequest") && !failure.is("NotFound") {
            return failure;
        }
        let (labels, fields) = (self.flags.text("selector"), self.flags.text("field-selector"));
        let Mapping { group, version, resource, .. } = mapping;
        let resource = format!("\"{group}/{version}, Resource={resource}\"");
        failure.behind(&match (labels, fields) {
            ("", "") => format!("Unable to list {resource}: "),
            _ => format!(
                "Unable to find {resource} that match label selector \"{labels}\", field selector \"{fields}\": "
            ),
        })
    }

    /// The objects of `-f` or `-k`, each with its resource and namespace.
    pub(super) fn manifests(&mut self) -> Done<Vec<Target>> {
        let mut targets = Vec::new();
        for (source, object) in self.documents()? {
            self.validate(&source, &object)?;
            let Some(mapping) = self.resource_of(&object) else {
                return Err(self.no_match(&source, &object));
            };
            let mut object = object;
            let mut namespace = String::new();
            if mapping.namespaced {
                namespace = match object.namespace() {
                    "" => self.namespace.clone(),
                    own if self.flags.has("namespace") && own != self.namespace => fail!(
                        "the namespace from the provided object \"{own}\" does not match the namespace \"{}\". You must pass '--namespace={own}' to perform this operation.",
                        self.namespace
                    ),
                    own => own.to_owned(),
                };
                object.set("metadata.namespace", namespace.clone());
            }
            targets.push(Target {
                subresource: String::new(),
                mapping,
                namespace,
                name: object.name().to_owned(),
                manifest: object,
                source,
            });
        }
        Ok(targets)
    }

    fn no_match(&self, source: &str, object: &Value) -> Failure {
        let (kind, version) = (object.text("kind"), object.text("apiVersion"));
        let failure = Failure::plain(match self.old() {
            true => format!(
                "unable to recognize \"{source}\": no matches for kind \"{kind}\" in version \"{version}\""
            ),
            false => format!(
                "resource mapping not found for name: \"{}\" namespace: \"{}\" from \"{source}\": no matches for kind \"{kind}\" in version \"{version}\"\nensure CRDs are installed first",
                object.name(),
                object.namespace()
            ),
        });
        failure.unknown(Unknown::Kind { kind: kind.to_owned(), api_version: version.to_owned() })
    }

    /// The documents of `-f` or `-k`, lists taken apart.
    fn documents(&mut self) -> Done<Vec<(String, Value)>> {
        let mut found = Vec::new();
        if let Some(folder) = self.flags.filled("kustomize").map(str::to_owned) {
            for object in self.kustomized(&folder)? {
                self.check_document(&folder, &object)?;
                found.push((folder.clone(), object));
            }
        }
        for path in self.flags.all("filename").to_vec() {
            let (source, text) = match path.as_str() {
                "-" => ("STDIN".to_owned(), self.stdin.to_owned()),
                url if url.starts_with("https://") || url.starts_with("http://") => {
                    fail!("URLs are not read here: keep what is at \"{url}\" in a file beside the scenario")
                }
                path => (path.to_owned(), self.manifest(path)?),
            };
            for document in documents::read(&text, self.old())
                .map_err(|why| Failure::plain(format!("error parsing {source}: {why}")))?
            {
                self.check_document(&source, &document)?;
                match document.text("kind") == "List" {
                    true => {
                        found.extend(document.list("items").iter().map(|item| (source.clone(), item.clone())))
                    }
                    false => found.push((source.clone(), document)),
                }
            }
        }
        Ok(found)
    }

    /// The text of a file of manifests.
    fn manifest(&self, path: &str) -> Done<String> {
        self.files.read(path).map_err(|why| match why.as_str() {
            NO_SUCH_FILE => Failure::plain(format!("the path \"{path}\" does not exist")),
            why => Failure::plain(format!("open {path}: {why}")),
        })
    }

    /// What kubectl itself asks of a document.
    fn check_document(&self, source: &str, document: &Value) -> Done {
        if !document.is_object() {
            let noun = json::noun(document);
            fail!(
                "unable to decode \"{source}\": json: cannot unmarshal {noun} into Go value of type unstructured.detector"
            );
        }
        let off = matches!(self.flags.get("validate"), Some("false" | "ignore"));
        let missing: Vec<&str> =
            ["apiVersion", "kind"].into_iter().filter(|key| document.text(key).is_empty()).collect();
        match missing.as_slice() {
            [] => Ok(()),
            _ if off => fail!(
                "unable to decode \"{source}\": Object 'Kind' is missing in '{}'",
                super::json::json_line(document)
            ),
            missing => {
                let mut what = missing.join(" not set, ") + " not set";
                if missing.len() > 1 {
                    what = format!("[{what}]");
                }
                Err(Failure::validating(source, &what))
            }
        }
    }

    /// Exactly one name after a command, as `create` wants it.
    pub(super) fn one_name(&self) -> Done<String> {
        match self.flags.args.as_slice() {
            [name] => Ok(name.clone()),
            args => Err(self.usage(format!("exactly one NAME is required, got {}", args.len()))),
        }
    }
}

/// The objects of a list.
pub(super) fn listed(mapping: &Mapping, items: &[Value]) -> impl Iterator<Item = Target> {
    items.iter().map(|item| Target::new(mapping, item.namespace(), item.name()))
}
