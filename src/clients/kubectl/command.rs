//! A command: its words, its flags, what it does.

use super::Ctx;
use super::error::{Done, fail};

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
    /// Whether it prints in a form of its own, and has no flags about how objects are printed but those it names.
    pub(super) prints_by_itself: bool,
    /// Whether 1.20 lacks it.
    pub(super) new: bool,
    /// What it does.
    pub(super) run: fn(&mut Ctx<'_>) -> Done,
}

/// A command that both kubectls have.
pub(super) const fn command(
    words: &'static str,
    flags: &'static str,
    run: fn(&mut Ctx<'_>) -> Done,
) -> Command {
    Command {
        words,
        aliases: &[],
        flags,
        new_flags: "",
        old_flags: "",
        prints_by_itself: false,
        new: false,
        run,
    }
}

impl Command {
    /// Other names of the last word.
    pub(super) const fn or(mut self, aliases: &'static [&'static str]) -> Command {
        self.aliases = aliases;
        self
    }
    /// One that prints in a form of its own.
    pub(super) const fn prints_by_itself(mut self) -> Command {
        self.prints_by_itself = true;
        self
    }
    /// One that came after 1.20.
    pub(super) const fn since_new(mut self) -> Command {
        self.new = true;
        self
    }
    /// Flags that came after 1.20.
    pub(super) const fn newer(mut self, flags: &'static str) -> Command {
        self.new_flags = flags;
        self
    }
    /// Flags that have gone since.
    pub(super) const fn older(mut self, flags: &'static str) -> Command {
        self.old_flags = flags;
        self
    }
}

/// A group of commands without one of its commands.
pub(super) fn unknown(ctx: &mut Ctx<'_>) -> Done {
    match ctx.flags.args.first() {
        Some(_) => {
            let words = ctx.flags.args.join(" ");
            Err(ctx.usage(format!("unknown command \"{words}\"")))
        }
        None => fail!("kubectl {} needs a command of its own: help texts are not modelled", ctx.command),
    }
}
