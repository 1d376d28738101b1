//! How much of anything is taken: one table, which the code asks and the README shows.
//!
//! A limit is there so that a stranger's file ends with an error and not with the machine: none is one of the modelled server's
//! verdicts (those stand where they are given). Where a real server or client has such a limit, the row says which.

/// The most of something that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The constant's name, which errors tell.
    pub name: &'static str,
    /// What it counts.
    pub what: &'static str,
    /// How many of them are taken.
    pub value: u64,
    /// The unit that it counts in.
    pub unit: Unit,
    /// What a real server or client has in its place.
    pub real: &'static str,
    /// Where that is known from.
    pub source: &'static str,
}

/// What a limit counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, told in MiB.
    Bytes,
    /// Seconds, told in hours.
    Seconds,
    /// Anything else.
    Pieces,
}

impl Limit {
    /// Whether so many are taken.
    ///
    /// # Errors
    /// That they are more, with the name of the limit.
    pub fn check(&self, count: u64) -> Result<(), String> {
        if count <= self.value {
            return Ok(());
        }
        Err(format!("{}: more than {}, the limit {}", self.what, self.shown(), self.name))
    }

    /// The value with its unit.
    pub fn shown(&self) -> String {
        match self.unit {
            Unit::Bytes => format!("{} MiB", self.value >> 20),
            Unit::Seconds => format!("{} h", self.value / 3600),
            Unit::Pieces => self.value.to_string(),
        }
    }
}

/// The rows: a constant each, and all of them.
macro_rules! limits {
    ($($name:ident: $value:expr, $unit:ident, $what:literal, $real:literal, $source:literal;)*) => {
        $(#[doc = $what] pub const $name: Limit = Limit {
            name: stringify!($name), what: $what, value: $value, unit: Unit::$unit, real: $real, source: $source,
        };)*

        /// All of them, in the order of the README.
        pub const ALL: &[Limit] = &[$($name),*];
    };
}

limits! {
    NAMED_BYTES: 256 << 20, Bytes, "size of a file on the command line, of all below a folder, or of standard input",
        "none: `kubectl -f` reads to the end", "cli-runtime/pkg/resource/visitor.go";
    SCENARIO_BYTES: 4 << 20, Bytes, "size of a scenario",
        "3 MiB: a request's body", "apiserver/pkg/server/config.go, MaxRequestBodyBytes";
    READ_BYTES: 16 << 20, Bytes, "size of a file that a scenario reads",
        "3 MiB: a request's body", "apiserver/pkg/server/config.go, MaxRequestBodyBytes";
    FILES: 10_000, Pieces, "files and folders below a folder",
        "none: `kubectl -R -f` walks all", "cli-runtime/pkg/resource/visitor.go";
    FOLDERS_DEEP: 64, Pieces, "folders within each other",
        "none: `kubectl -R -f` walks all", "cli-runtime/pkg/resource/visitor.go";
    KUSTOMIZATIONS: 1_000, Pieces, "kustomizations that one of them reads",
        "none", "kustomize, api/internal/target/kusttarget.go";
    KUSTOMIZED: 10_000, Pieces, "objects of a kustomization",
        "none", "kustomize, api/resmap/reswrangler.go";
    NESTING: 250, Pieces, "values within each other in YAML",
        "10000", "yaml.v2/scannerc.go, max_flow_level and max_indents; encoding/json, maxNestingDepth";
    JSON_NESTING: 500, Pieces, "values within each other in JSON",
        "10000", "encoding/json, maxNestingDepth; json-iterator, maxDepth";
    ALIASED: 1_000_000, Pieces, "values that aliases stand for in YAML",
        "99% of a small document, 10% of a large one", "yaml.v2/decode.go, allowedAliasRatio";
    NODES: 5_000, Pieces, "nodes of a cluster",
        "5000", "kubernetes.io/docs/setup/best-practices/cluster-large";
    STEPS: 10_000, Pieces, "steps of a scenario",
        "none", "ours";
    PLAYED: 200_000, Pieces, "requests and looks of controllers that one ask of a playground comes to",
        "none", "ours";
    LAG_SECONDS: 365 * 86_400, Seconds, "lag of an authorizer",
        "none: a watch is as far behind as it is", "ours";
    SKEW_SECONDS: 365 * 86_400, Seconds, "how wrong the clock of a kubelet is",
        "none: a clock is as wrong as it is", "ours";
    SAVED_BYTES: 1 << 20, Bytes, "size of a saved value",
        "1.5 MiB: an object in etcd; 128 KiB: a variable of a shell on Linux", "etcd --max-request-bytes; execve(2)";
    FILLED_BYTES: 4 << 20, Bytes, "size of a line once its variables are in it",
        "2 MiB: the arguments of a command on Linux", "execve(2)";
    TEMPLATE_STEPS: 1_000_000, Pieces, "parts of a Go template that are run",
        "none", "text/template/exec.go";
    TEMPLATE_BYTES: 16 << 20, Bytes, "size of what a Go template prints",
        "none", "text/template/exec.go";
}

/// The table as the README has it.
#[cfg(test)]
fn table() -> String {
    let mut lines = vec![
        "| limit | of | value | a real server or client | source |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    lines.extend(ALL.iter().map(|limit| {
        let Limit { name, what, real, source, .. } = limit;
        format!("| `{name}` | {what} | {} | {real} | {source} |", limit.shown())
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_the_table() {
        let readme = include_str!("../README.md");
        assert!(readme.contains(&table()), "README.md, section Limits:\n{}", table());
    }

    #[test]
    fn one_more_is_too_many() {
        for limit in ALL {
            assert_eq!(limit.check(limit.value), Ok(()));
            let why = limit.check(limit.value + 1).expect_err("too many");
            assert!(why.ends_with(&format!("the limit {}", limit.name)), "{why}");
        }
    }
}
