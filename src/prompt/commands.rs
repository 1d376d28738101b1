//! The prompt's own commands, as data: for parsing, help, completion and the nearest name.

/// One command of the prompt.
pub(crate) struct Command {
    /// Its first word.
    pub name: &'static str,
    /// What stands behind it.
    pub operands: &'static str,
    /// What it does.
    pub about: &'static str,
}

const fn command(name: &'static str, operands: &'static str, about: &'static str) -> Command {
    Command { name, operands, about }
}

/// All of them, in the order of `help`.
pub(crate) const COMMANDS: &[Command] = &[
    command("kubectl", "…", "any kubectl line; NAME=$(kubectl …) keeps what it prints as $NAME"),
    command(
        "in",
        "NAMESPACE/pod/NAME [COMMAND]",
        "enter a pod (curl, cat, ls, env, echo run as the pod); or one command there",
    ),
    command("as", "USER [GROUP…] | admin | none | --token TOKEN", "who types from now on"),
    command("GET", "/path", "a raw request; likewise POST, PUT, PATCH and DELETE with a JSON body"),
    command("wait", "10m", "let virtual time pass"),
    command("restart", "--FLAG=VALUE…", "restart the API server and the controllers with other flags"),
    command("why", "", "explain the last line's requests, with what would turn a refusal"),
    command("what-if", "[LINE]", "try a line, or all lines until `end`, on a fork of which nothing remains"),
    command("end", "", "drop the fork"),
    command("fork", "", "the same as `what-if`"),
    command("back", "", "the same as `end`"),
    command("undo", "", "the last line never happened"),
    command("history", "", "what was done so far, with the codes"),
    command("save", "FILE.yaml [NAME]", "write the session as a scenario; `save!` overwrites"),
    command("save!", "FILE.yaml [NAME]", "the same, over a file that is there"),
    command("help", "", "this list"),
    command("exit", "", "leave the pod, or the shell"),
];

/// The methods of raw requests.
pub(crate) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The list of commands as text.
pub(crate) fn help() -> String {
    let shown = COMMANDS.iter().filter(|command| command.name != "save!");
    shown.fold(String::new(), |text, command| {
        let usage = format!("{} {}", command.name, command.operands);
        match usage.chars().count() {
            0..=20 => format!("{text}  {usage:<20}  {}\n", command.about),
            _ => format!("{text}  {usage}\n  {:<20}  {}\n", "", command.about),
        }
    })
}
