//! A here-document: the text that a typed line hands to kubectl, as in `kubectl apply -f - <<EOF`, or `cat <<EOF | kubectl apply -f -`.
//!
//! Source: POSIX, Shell Command Language, 2.7.4. Where no quote is around the word, variables in the text are replaced.
//!
//! Differs from a shell: whoever forgets the last line is told so (a shell takes what is there), and where variables are
//! replaced, commands (`$(…)`, backticks) are refused.

/// A line and the text that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The line without it: `kubectl apply -f -`.
    pub command: String,
    /// The text.
    pub text: String,
    /// Whether variables stay as they are.
    pub quoted: bool,
}

/// How a here-document begins.
struct Begin {
    /// The line without it.
    command: String,
    /// Where the lines behind that one begin.
    behind: usize,
    word: String,
    quoted: bool,
    /// Whether tabs in front of lines are no part of them.
    tabs: bool,
}

/// Takes a here-document off what was typed, if there is one.
///
/// # Errors
///
/// One that does not end, more than one, anything behind it, or a command in its text.
pub fn split(typed: &str) -> Result<Option<Heredoc>, String> {
    let Some(begin) = begin(typed)? else { return Ok(None) };
    let Begin { word, quoted, tabs, .. } = &begin;
    let mut text = String::new();
    let mut lines = typed.get(begin.behind..).unwrap_or_default().lines();
    loop {
        let line = lines
            .next()
            .ok_or_else(|| format!("the text after `<<{word}` does not end: a line `{word}` is missing"))?;
        let line = if *tabs { line.trim_start_matches('\t') } else { line };
        if line == word {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    if let Some(line) = lines.find(|line| !line.trim().is_empty()) {
        return Err(format!("not modelled in a shell's line: several lines (`{}`)", line.escape_debug()));
    }
    if let Some(command) = ["$(", "`"].iter().find(|command| !quoted && text.contains(**command)) {
        return Err(format!(
            "a shell would run what stands in `{command}` of this text: write `<<'{word}'` to keep it"
        ));
    }
    Ok(Some(Heredoc { command: piped(&begin.command), text, quoted: *quoted }))
}

/// Whether the text of a here-document goes on in the next line.
pub fn is_open(typed: &str) -> bool {
    let Ok(Some(Begin { word, tabs, behind, .. })) = begin(typed) else { return false };
    let mut lines = typed.get(behind..).unwrap_or_default().lines();
    !lines.any(|line| (if tabs { line.trim_start_matches('\t') } else { line }) == word)
}

/// `cat | COMMAND` is the command.
fn piped(command: &str) -> String {
    let rest = command.trim().strip_prefix("cat").map(str::trim_start);
    rest.and_then(|rest| rest.strip_prefix('|')).unwrap_or(command).trim().to_owned()
}

fn begin(typed: &str) -> Result<Option<Begin>, String> {
    let (mut single, mut double) = (false, false);
    let mut chars = typed.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '\\' if !single => drop(chars.next()),
            '<' if !single && !double && typed[at..].starts_with("<<") => return begun(typed, at).map(Some),
            _ => {}
        }
    }
    Ok(None)
}

fn begun(typed: &str, at: usize) -> Result<Begin, String> {
    let end = typed[at..].find('\n').map_or(typed.len(), |end| at + end);
    let rest = &typed[at + 2..end];
    if rest.starts_with('<') {
        return Err("not modelled in a shell's line: here-strings (`<<<`)".to_owned());
    }
    let (tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches([' ', '\t']);
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let (word, rest) = match quote {
        Some(quote) => rest[1..].split_once(quote).ok_or("a quote is not closed")?,
        None => rest.split_at(rest.find([' ', '\t', '|', ';', '&', '<', '>']).unwrap_or(rest.len())),
    };
    let bare = word.trim_start_matches('\\');
    if bare.is_empty() {
        return Err("`<<` wants the word that ends the text: `<<EOF`".to_owned());
    }
    if rest.contains("<<") {
        return Err("not modelled in a shell's line: several here-documents (`<<`)".to_owned());
    }
    Ok(Begin {
        command: format!("{}{rest}", &typed[..at]),
        behind: end + 1,
        word: bare.to_owned(),
        quoted: quote.is_some() || bare.len() < word.len(),
        tabs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_off_its_line() {
        let found = |command: &str, text: &str, quoted| {
            Ok(Some(Heredoc { command: command.to_owned(), text: text.to_owned(), quoted }))
        };
        let wrong = |why: &str| Err(why.to_owned());
        for (typed, want) in [
            ("kubectl get pods", Ok(None)),
            ("kubectl create cm a --from-literal='a=<<EOF'", Ok(None)),
            (
                "kubectl apply -f - <<EOF\na: 1\n\n b\nEOF\n",
                found("kubectl apply -f -", "a: 1\n\n b\n", false),
            ),
            (
                "kubectl apply <<'E O' -f -\na: $b $(c)\nE O",
                found("kubectl apply  -f -", "a: $b $(c)\n", true),
            ),
            ("kubectl apply -f - << \\EOF\nEOF", found("kubectl apply -f -", "", true)),
            (
                "cat <<-\"EOF\" | kubectl apply -f -\n\ta: 1\n\tEOF",
                found("kubectl apply -f -", "a: 1\n", true),
            ),
            (
                "kubectl apply -f - <<EOF\na: 1",
                wrong("the text after `<<EOF` does not end: a line `EOF` is missing"),
            ),
            (
                "kubectl apply -f - <<EOF\nEOF\nkubectl get pods",
                wrong("not modelled in a shell's line: several lines (`kubectl get pods`)"),
            ),
            (
                "kubectl apply -f - <<EOF\na: $(b)\nEOF",
                wrong("a shell would run what stands in `$(` of this text: write `<<'EOF'` to keep it"),
            ),
            ("kubectl apply -f - <<", wrong("`<<` wants the word that ends the text: `<<EOF`")),
            ("kubectl apply -f - <<< a", wrong("not modelled in a shell's line: here-strings (`<<<`)")),
        ] {
            assert_eq!(split(typed), want, "{typed}");
        }
    }

    #[test]
    fn a_text_goes_on_until_its_word_stands_alone() {
        for (typed, open) in [
            ("kubectl apply -f - <<EOF", true),
            ("kubectl apply -f - <<EOF\na: EOF", true),
            ("kubectl apply -f - <<EOF\na: 1\nEOF", false),
            ("kubectl get pods", false),
        ] {
            assert_eq!(is_open(typed), open, "{typed}");
        }
    }
}
