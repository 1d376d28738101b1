//! The commands, as data: their words, their flags, who runs them.

use super::auth::{can_i, reconcile, whoami};
use super::error::{Done, Failure};
use super::flags::{GLOBAL, GLOBAL_NEW, Known};
use super::{Ctx, Style};
use super::{apply, create, delete, describe, discovery, exec, get, label, patch, run, set, wait};

/// One command.
pub(super) struct Command {
    /// Its words (`create role`).
    pub(super) words: &'static str,
    /// Other names of the last word.
    pub(super) aliases: &'static [&'static str],
    /// Its flags, beside the global ones.
    pub(super) flags: &'static str,
    /// Flags that only today's kubectl has.
    pub(super) new_flags: &'static str,
    /// Flags that only 1.20 has.
    pub(super) old_flags: &'static str,
    /// Whether 1.20 lacks it.
    pub(super) new: bool,
    /// What it does.
    pub(super) run: fn(&mut Ctx<'_>) -> Done,
}

const fn command(
    words: &'static str,
    aliases: &'static [&'static str],
    flags: &'static str,
    run: fn(&mut Ctx<'_>) -> Done,
) -> Command {
    Command { words, aliases, flags, new_flags: "", old_flags: "", new: false, run }
}

impl Command {
    const fn since_new(mut self) -> Command {
        self.new = true;
        self
    }
    const fn newer(mut self, flags: &'static str) -> Command {
        self.new_flags = flags;
        self
    }
    const fn older(mut self, flags: &'static str) -> Command {
        self.old_flags = flags;
        self
    }
}

/// What all commands that print objects take.
const PRINT: &str = "output,o:text template:text allow-missing-template-keys";
const PRINT_NEW: &str = "show-managed-fields";
/// What all `create` commands take.
const CREATE: &str = "dry-run:optional field-manager:text save-config validate:optional";
/// Which files are meant.
const FILES: &str = "filename,f:list recursive,R kustomize,k:text";

/// What all `set` commands take.
const SET: &str = "all selector,l:text local dry-run:optional field-manager:text record";
const SUBJECT: &str = "all selector,l:text local dry-run:optional field-manager:text user:array group:array serviceaccount:array";

const COMMANDS: &[Command] = &[
    command("create", &[], "edit raw:text selector,l:text windows-line-endings record", create::from_file),
    command("create namespace", &["ns"], "", create::simple::namespace),
    command("create serviceaccount", &["sa"], "", create::simple::service_account),
    command("create role", &[], "verb:list resource:list resource-name:array", create::rbac::role),
    command(
        "create clusterrole",
        &[],
        "verb:list resource:list resource-name:array non-resource-url:list aggregation-rule:list",
        create::rbac::cluster_role,
    ),
    command(
        "create rolebinding",
        &[],
        "role:text clusterrole:text user:array group:array serviceaccount:array",
        create::rbac::role_binding,
    ),
    command(
        "create clusterrolebinding",
        &[],
        "clusterrole:text user:array group:array serviceaccount:array",
        create::rbac::cluster_role_binding,
    ),
    command(
        "create token",
        &[],
        "duration:duration audience:array bound-object-kind:text bound-object-name:text bound-object-uid:text",
        create::token::token,
    )
    .since_new(),
    command(
        "create deployment",
        &["deploy"],
        "image:list replicas,r:int port:int",
        create::workload::deployment,
    ),
    command("create job", &[], "image:text from:text", create::workload::job),
    command(
        "create cronjob",
        &["cj"],
        "image:text schedule:text restart:text",
        create::workload::cron_job,
    ),
    command(
        "create secret generic",
        &[],
        "from-literal:array from-file:array from-env-file:array type:text append-hash",
        create::data::generic,
    ),
    command(
        "create secret docker-registry",
        &[],
        "docker-username:text docker-password:text docker-email:text docker-server:text from-file:array append-hash",
        create::data::docker_registry,
    ),
    command("create secret tls", &[], "cert:text key:text append-hash", create::data::tls),
    command(
        "create configmap",
        &["cm"],
        "from-literal:array from-file:array from-env-file:array append-hash",
        create::data::config_map,
    ),
    command("create quota", &["resourcequota"], "hard:text scopes:text", create::simple::quota),
    command(
        "apply",
        &[],
        "server-side force-conflicts field-manager:text dry-run:optional validate:optional overwrite selector,l:text all prune \
         force cascade:optional grace-period:int timeout:duration wait record openapi-patch prune-whitelist:array prune-allowlist:array",
        apply::apply,
    ),
    command(
        "run",
        &[],
        "image:text command labels,l:text env:array port:int overrides:text restart:text privileged \
         image-pull-policy:text annotations:array expose rm stdin,i tty,t quiet,q attach \
         dry-run:optional field-manager:text leave-stdin-open pod-running-timeout:duration record save-config",
        run::run,
    )
    .newer("override-type:text")
    .older("serviceaccount:text requests:text limits:text hostport:int"),
    command(
        "get",
        &[],
        "all-namespaces,A selector,l:text field-selector:text show-labels label-columns,L:list no-headers raw:text \
         ignore-not-found watch,w watch-only chunk-size:text sort-by:text show-kind server-print output-watch-events use-openapi-print-columns",
        get::get,
    )
    .newer("subresource:text"),
    command(
        "delete",
        &[],
        "all all-namespaces,A selector,l:text field-selector:text now force grace-period:int cascade:optional wait \
         ignore-not-found timeout:duration dry-run:optional raw:text",
        delete::delete,
    )
    .newer("interactive,i"),
    command(
        "label",
        &[],
        "overwrite all all-namespaces,A selector,l:text field-selector:text list resource-version:text local \
         dry-run:optional field-manager:text record",
        label::label,
    ),
    command(
        "annotate",
        &[],
        "overwrite all all-namespaces,A selector,l:text field-selector:text list resource-version:text local \
         dry-run:optional field-manager:text record",
        label::annotate,
    ),
    command(
        "describe",
        &[],
        "all-namespaces,A selector,l:text show-events",
        describe::describe,
    )
    .newer("chunk-size:text"),
    command(
        "patch",
        &[],
        "patch,p:text patch-file:text type:text local dry-run:optional field-manager:text record",
        patch::patch,
    )
    .newer("subresource:text"),
    command("set subject", &[], SUBJECT, set::subject),
    command("set serviceaccount", &["sa"], SET, set::service_account),
    command("set image", &[], SET, set::image),
    command(
        "scale",
        &[],
        "replicas:int current-replicas:int resource-version:text timeout:duration all selector,l:text dry-run:optional record",
        set::scale,
    ),
    command("cordon", &[], "selector,l:text dry-run:optional", set::cordon),
    command("uncordon", &[], "selector,l:text dry-run:optional", set::uncordon),
    command(
        "auth can-i",
        &[],
        "all-namespaces,A quiet,q list no-headers subresource:text",
        can_i::can_i,
    ),
    command("auth whoami", &[], "", whoami::whoami).since_new(),
    command(
        "auth reconcile",
        &[],
        "dry-run:optional remove-extra-subjects remove-extra-permissions",
        reconcile::reconcile,
    ),
    command(
        "exec",
        &[],
        "container,c:text stdin,i tty,t quiet,q pod-running-timeout:duration",
        exec::exec,
    ),
    command(
        "logs",
        &[],
        "container,c:text follow previous,p tail:text since:text since-time:text timestamps limit-bytes:text prefix \
         all-containers selector,l:text ignore-errors pod-running-timeout:duration",
        exec::logs,
    ),
    command("edit", &[], "dry-run:optional save-config validate:optional field-manager:text record", exec::edit),
    command(
        "wait",
        &[],
        "for:text timeout:duration all all-namespaces,A selector,l:text field-selector:text local",
        wait::wait,
    ),
    command("rollout status", &[], "timeout:duration watch,w revision:int", wait::rollout_status),
    command("rollout restart", &[], "selector,l:text field-manager:text", wait::rollout_restart),
    command("rollout history", &[], "revision:int", wait::rollout_history),
    command(
        "api-resources",
        &[],
        "api-group:text namespaced verbs:list categories:list no-headers cached sort-by:text",
        discovery::api_resources,
    ),
    command("api-versions", &[], "", discovery::api_versions),
    command("version", &[], "client short", discovery::version),
    command("cluster-info", &[], "", discovery::cluster_info),
];

/// Commands that kubectl has and that make no sense in a scenario, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("config", "a scenario has no kubeconfig: `as:` and `in:` say who asks"),
    ("proxy", "a scenario's requests go straight to the server"),
    ("port-forward", "no traffic between pods is modelled"),
    ("attach", "nobody types into a container"),
    ("cp", "a pod's files are those that the cluster mounts"),
    ("debug", "ephemeral containers are made with a request"),
    ("explain", "the documentation of fields is not modelled"),
    ("plugin", "there are no plugins"),
    ("completion", "there is no shell to complete in"),
    ("kustomize", "manifests are given as they are"),
    ("diff", "use `apply --dry-run=server -o yaml`"),
    ("top", "no load is modelled"),
    ("drain", "evictions are made with a request"),
    ("taint", "use `patch node`"),
    ("expose", "use a manifest"),
    ("autoscale", "use a manifest"),
    ("certificate", "use a request on the approval subresource"),
    ("replace", "use `apply`"),
];

type Found = (Option<&'static Command>, String, Vec<String>);

/// The command that words name, its words as one text, and the words that are left.
pub(super) fn find(words: &[String], style: Style) -> Result<Found, String> {
    let mut path: Vec<&'static str> = Vec::new();
    let mut rest: Vec<String> = words.to_vec();
    loop {
        let level = path.join(" ");
        let known = Known::new(&tables(exact(&level, style), &level, style));
        let Some(at) = first_word(&rest, &known) else {
            break;
        };
        let Some(next) = child(&level, &rest[at], style) else {
            break;
        };
        path.push(next);
        rest.remove(at);
    }
    let level = path.join(" ");
    if !path.is_empty() {
        return Ok((exact(&level, style), level, rest));
    }
    let Some(word) = rest.iter().find(|w| !w.starts_with('-')) else {
        return Err("error: kubectl needs a command\n".to_owned());
    };
    if let Some((_, why)) = REFUSED.iter().find(|(name, _)| name == word) {
        return Err(format!("error: kubectl {word} is not modelled: {why}\n"));
    }
    Err(match style {
        Style::Old => {
            format!("Error: unknown command \"{word}\" for \"kubectl\"\nRun 'kubectl --help' for usage.\n")
        }
        Style::New => format!("error: unknown command \"{word}\" for \"kubectl\"\n"),
    })
}

/// The first words of all commands.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().filter_map(|command| command.words.split(' ').next())
}

/// The words that may come next at a place in the tree of commands, in order.
pub(super) fn children(level: &str, style: Style) -> Vec<&'static str> {
    let known = COMMANDS.iter().filter(|c| style == Style::New || !c.new);
    let mut words: Vec<&str> = known.filter_map(|c| below(level, c.words)?.split(' ').next()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A command's words below a place in the tree.
fn below(level: &str, words: &'static str) -> Option<&'static str> {
    match level {
        "" => Some(words),
        level => words.strip_prefix(level)?.strip_prefix(' '),
    }
}

fn exact(level: &str, style: Style) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.words == level && (style == Style::New || !c.new))
}

/// The flags that are known at a place in the tree of commands; a command's own come before the global ones of the same
/// name (`create rolebinding --user`).
pub(super) fn tables(command: Option<&Command>, level: &str, style: Style) -> Vec<&'static str> {
    let new = style == Style::New;
    let mut tables = Vec::new();
    if let Some(command) = command {
        tables.push(command.flags);
        tables.push(if new { command.new_flags } else { command.old_flags });
    }
    let prints = level != "delete" && (new || level != "auth");
    tables.extend(prints.then_some(PRINT));
    tables.extend((prints && new).then_some(PRINT_NEW));
    if level == "delete" {
        tables.push("output,o:text");
    }
    if level == "create" || level.starts_with("create ") {
        tables.push(CREATE);
    }
    if !level.starts_with("create ") {
        tables.push(FILES);
    }
    tables.push(GLOBAL);
    tables.extend(new.then_some(GLOBAL_NEW));
    tables
}

/// Whether a command has a flag of its own by that name.
pub(super) fn owns(command: Option<&Command>, flag: &str) -> bool {
    let own = command.map_or("", |c| c.flags);
    own.split_whitespace().any(|word| word.split([',', ':']).next() == Some(flag))
}

/// The next word of the tree that a word names.
fn child(level: &str, word: &str, style: Style) -> Option<&'static str> {
    COMMANDS.iter().filter(|c| style == Style::New || !c.new).find_map(|c| {
        let below = below(level, c.words)?;
        let (next, last) = match below.split_once(' ') {
            Some((next, _)) => (next, false),
            None => (below, true),
        };
        (next == word || last && c.aliases.contains(&word)).then_some(next)
    })
}

/// Where the first word stands that is neither a flag nor a flag's value.
fn first_word(words: &[String], known: &Known) -> Option<usize> {
    let mut skip = false;
    for (i, word) in words.iter().enumerate() {
        if word == "--" {
            return None;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') && word.len() > 1 {
            skip = known.takes_next(word);
        } else {
            return Some(i);
        }
    }
    None
}

/// A group of commands without one of its commands.
pub(super) fn unknown(ctx: &mut Ctx<'_>) -> Done {
    match ctx.flags.args.first() {
        Some(_) => {
            let words = ctx.flags.args.join(" ");
            Err(ctx.usage(format!("unknown command \"{words}\"")))
        }
        None => Err(Failure::plain(format!("kubectl {} needs a command of its own", ctx.command))),
    }
}
