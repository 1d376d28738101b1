//! A line of kubectl's that stands unquoted among arguments: flags behind it are read as this program's own, which some must not be.

use crate::error::Error;
use std::ffi::OsString;

/// What helps.
pub(super) const HINT: &str = "quote what is typed at kubectl: 'kubectl get pods -o yaml'";

/// The commands that take such a line.
const COMMANDS: [&str; 2] = ["can-i", "explain"];

/// The arguments from an unquoted `kubectl` on.
pub(super) fn line(args: &[OsString]) -> Option<&[OsString]> {
    let command = args.get(1)?.to_str()?;
    let at = args.iter().position(|arg| arg == "kubectl")?;
    let own = args.iter().take(at).any(|arg| arg == "--");
    let asks = args.get(at + 1).is_some_and(|arg| arg == "auth");
    (COMMANDS.contains(&command) && !own && !asks).then(|| args.get(at..)).flatten()
}

/// That nothing behind `kubectl` would be taken away from its line without a word: files, and the command in a pod.
///
/// # Errors
///
/// A flag that both know.
pub(super) fn check(args: &[OsString]) -> Result<(), Error> {
    let Some(line) = line(args) else { return Ok(()) };
    let is_file = |arg: &OsString| {
        let text = arg.to_string_lossy();
        text.starts_with("--filename") || text.starts_with("-f")
    };
    let before = args.len() - line.len();
    let given_before = args.iter().take(before).any(is_file);
    let taken = line.iter().find(|arg| *arg == "--" || given_before && is_file(arg));
    taken.map_or(Ok(()), |flag| {
        let why = format!("`{}` behind `kubectl` would be read as kubeverdict's own", flag.to_string_lossy());
        Err(Error::new(why).hint(HINT))
    })
}
