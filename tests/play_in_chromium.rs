//! The page to play on as a learner has it: `kubeverdict play` in a headless Chromium.
//!
//! `KUBEVERDICT_CHROMIUM` says where Chromium is, `KUBEVERDICT_BOOK` where a book lies, against whose pages times are held;
//! `tests/book_in_chromium.sh` gets and makes both. Without them there is nothing to test with, and the program says so. The
//! program under test is the one that `KUBEVERDICT_BINARY` names, or that of this build.

#[path = "support/chromium.rs"]
mod chromium;

use chromium::{Reader, TOO_WIDE, metrics};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

type Test = fn(&Learner) -> Result<(), Failed>;

const TESTS: [(&str, &str, Test); 8] = [
    ("lesson_four_is_solved_by_typing", "lessons/04", lesson_four),
    ("a_word_in_a_role_flips_three_verdicts", "", three_verdicts),
    ("a_refusal_is_explained_and_cured", "", refusal),
    ("a_link_gives_a_stranger_the_same", "", link),
    ("time_moves_and_the_past_is_seen", "", time),
    ("the_keyboard_alone_is_enough", "", keyboard),
    ("it_fits_from_narrow_to_wide", "lessons/04", widths),
    ("it_is_quick", "", quick),
];

fn main() {
    let (chromium, book) = (std::env::var("KUBEVERDICT_CHROMIUM"), std::env::var("KUBEVERDICT_BOOK"));
    let mut trials = Vec::new();
    if let (Ok(chromium), Ok(book)) = (chromium, book) {
        for (name, begin, test) in TESTS {
            let (chromium, book) = (PathBuf::from(&chromium), PathBuf::from(&book));
            trials.push(Trial::test(name, move || {
                let learner = Learner::new(&chromium, &book, begin)?;
                test(&learner)?;
                learner.page.errors()
            }));
        }
    } else {
        eprintln!("nothing to test with: run tests/book_in_chromium.sh");
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Somebody at the page.
struct Learner {
    program: Child,
    page: Reader,
    chromium: PathBuf,
    book: PathBuf,
}

impl Drop for Learner {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Learner {
    fn new(chromium: &Path, book: &Path, begin: &str) -> Result<Learner, Failed> {
        let binary = std::env::var_os("KUBEVERDICT_BINARY");
        let mut program = Command::new(binary.unwrap_or(env!("CARGO_BIN_EXE_kubeverdict").into()))
            .args(["play", "--port=0"])
            .args((!begin.is_empty()).then_some(begin))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(program.stdout.take().ok_or("it is piped")?).read_line(&mut line)?;
        let url = line.trim().rsplit(' ').next().unwrap_or_default();
        let page = Reader::new(chromium, url)?;
        let learner = Learner { program, page, chromium: chromium.to_owned(), book: book.canonicalize()? };
        learner.open(&learner.page, "")?;
        Ok(learner)
    }

    fn open(&self, page: &Reader, fragment: &str) -> Result<(), Failed> {
        page.open(fragment)?;
        page.expect("document.body.dataset.ready", "true")
    }

    /// Types a line into the terminal, and waits until it is answered.
    fn line(&self, line: &str) -> Result<(), Failed> {
        let before: usize = self.page.ask("document.querySelectorAll('#log > *').length")?.parse()?;
        self.page.click("#line")?;
        self.page.tab.type_str(line)?;
        self.page.tab.press_key("Enter")?;
        self.page.expect("document.getElementById('line').value", "")?;
        self.page.expect(
            &format!("document.querySelectorAll('#log > *').length > {before} + 1 || /^wait/.test('{line}')"),
            "true",
        )
    }

    /// Replaces a text in the editor as somebody does who types.
    fn replace(&self, text: &str, other: &str) -> Result<(), Failed> {
        let _ = self.page.ask(&format!(
            "((e, text) => {{ const at = e.value.indexOf(text); e.focus(); e.setSelectionRange(at, at + text.length); }})\
             (document.getElementById('manifests'), '{text}')"
        ))?;
        match other {
            "" => drop(self.page.tab.press_key("Delete")?),
            other => drop(self.page.tab.type_str(other)?),
        }
        Ok(())
    }

    /// The verdicts, in one word each.
    fn verdicts(&self, wanted: &str) -> Result<(), Failed> {
        self.page.expect(
            "[...document.querySelectorAll('#rows strong')].map(e => e.textContent).join(' ')",
            wanted,
        )
    }

    /// The scenario of the page, as Share gives it: the text of the link.
    fn share(&self, page: &Reader) -> Result<String, Failed> {
        page.click("#share")?;
        page.expect("document.getElementById('sharing').open", "true")?;
        let link = page.ask("document.getElementById('link').value")?;
        let _ = page.ask("document.getElementById('sharing').close()")?;
        Ok(link)
    }
}

fn lesson_four(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    page.expect("document.getElementById('solved').textContent", "3 of 7 to go")?;
    learner.line("kubectl create clusterrole on-call --verb=get,list --resource=pods,pods/log")?;
    page.expect("document.getElementById('solved').textContent", "3 of 7 to go")?;
    learner.line("kubectl create rolebinding carol --clusterrole=on-call --user=carol -n dev")?;
    page.expect("document.getElementById('solved').textContent", "2 of 7 to go")?;
    learner.line("kubectl create rolebinding carol --clusterrole=on-call --user=carol -n ops")?;
    page.expect("document.getElementById('solved').textContent.startsWith('Solved')", "true")?;
    page.expect("document.querySelectorAll('#checks .sign-ok').length", "7")?;
    page.expect("localStorage.getItem('kubeverdict-play-solved')", "[\"Roles and bindings\"]")?;
    // A reload loses nothing.
    page.expect("sessionStorage.getItem('kubeverdict-play').includes('carol -n ops')", "true")?;
    learner.open(page, "")?;
    page.expect("document.getElementById('solved').textContent.startsWith('Solved')", "true")
}

fn three_verdicts(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    learner.verdicts("200 200 403 403 403")?;
    // bob's question is alice's third.
    let _ = page.ask("(e => (e.focus(), e.select()))(document.querySelector('#play-question-5 input'))")?;
    page.tab.type_str("alice")?;
    learner.verdicts("200 200 403 403 200")?;
    page.expect("document.getElementById('score').textContent", "5 of 5 as expected")?;
    learner.replace("[get, list]", "[get]")?;
    learner.verdicts("403 403 403 403 403")?;
    page.expect("document.getElementById('score').textContent", "2 of 5 as expected")?;
    page.expect("document.getElementById('said').textContent.includes('2 of 5 as expected')", "true")?;
    // What is no YAML is told at its line, and what is put right is forgotten.
    learner.replace("kind: Role\\n", "kind: [Role")?;
    page.expect("document.getElementById('manifests').getAttribute('aria-invalid')", "true")?;
    page.expect("document.querySelectorAll('#numbers b').length > 0", "true")?;
    page.click("#undo")?;
    page.expect("document.getElementById('manifests').getAttribute('aria-invalid')", "false")?;
    learner.verdicts("200 200 403 403 200")
}

fn refusal(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    page.click("#play-question-5 .explain")?;
    page.expect("document.activeElement.id", "why-title")?;
    page.expect("document.querySelectorAll('#explained .strip .refused').length", "1")?;
    page.expect("document.querySelectorAll('#explained .apply').length >= 2", "true")?;
    page.click("#explained .cures > ol > li:nth-child(2) .apply")?;
    learner.verdicts("200 200 403 403 200")?;
    page.expect("document.getElementById('manifests').value.includes('name: bob')", "true")?;
    page.expect("document.querySelector('#explained .verdict strong').textContent", "200")?;
    page.click("#undo")?;
    learner.verdicts("200 200 403 403 403")?;
    // Graph and matrix.
    let _ = page.ask("document.getElementById('drawn').open = true")?;
    page.expect("document.querySelectorAll('#pictures svg a[data-lights]').length > 0", "true")?;
    let _ = page.ask("document.querySelector('#pictures svg a[data-lights]').focus()")?;
    page.expect("document.querySelectorAll('#pictures td.lit').length > 0", "true")
}

fn link(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    learner.line("kubectl create serviceaccount robot -n shop")?;
    learner.replace("configmaps]", "secrets] # changed")?;
    learner.verdicts("200 403 200 403 403")?;
    let link = learner.share(page)?;
    let fragment = link.strip_prefix(&page.base).ok_or("the link is the page's")?;
    // Another browser, which knows nothing of this one.
    let stranger = Reader::new(&learner.chromium, &page.base)?;
    learner.open(&stranger, fragment)?;
    stranger.expect("location.hash", "")?;
    stranger.expect("document.getElementById('manifests').value.includes('# changed')", "true")?;
    assert_eq!(learner.share(&stranger)?, link);
    let file = "(async () => state.file)()";
    let text = |page: &Reader| page.tab.evaluate(file, true).map(|told| told.value);
    assert_eq!(text(&stranger)?, text(page)?);
    // A broken link is told, and a playground is there all the same.
    learner.open(&stranger, "#s=AAAA")?;
    stranger.expect("document.getElementById('notice').hidden", "false")?;
    stranger.errors()
}

fn time(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    page.click("[data-wait=\"10m\"]")?;
    page.expect("document.getElementById('clock').textContent", "10 min 0 s")?;
    learner.line("kubectl create rolebinding bob --role=reader --user=bob -n shop")?;
    learner.verdicts("200 200 403 403 200")?;
    page.click("#acts > summary")?;
    page.expect("document.querySelectorAll('#acts .sign-controller').length > 0", "true")?;
    // Back before the line, with the keyboard.
    let _ = page.ask("document.getElementById('slider').focus()")?;
    page.tab.press_key("ArrowLeft")?;
    page.expect("document.getElementById('past').hidden", "false")?;
    learner.verdicts("200 200 403 403 403")?;
    page.click("#now")?;
    learner.verdicts("200 200 403 403 200")?;
    // A fork, of which nothing remains.
    page.click("#fork")?;
    page.expect("document.getElementById('prompt').textContent.includes('what-if')", "true")?;
    learner.line("kubectl delete rolebinding --all -n shop")?;
    learner.verdicts("403 403 403 403 403")?;
    page.click("#fork")?;
    learner.verdicts("200 200 403 403 200")
}

fn keyboard(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    page.tab.press_key("Tab")?;
    page.expect("document.activeElement.className", "skip")?;
    page.tab_to("#manifests")?;
    page.tab_to("#line")?;
    // An empty line lets Tab by; one that is begun is completed.
    page.tab.type_str("kubectl get rolebind")?;
    page.tab.press_key("Tab")?;
    page.expect("document.getElementById('line').value", "kubectl get rolebindings ")?;
    page.tab.type_str("-n sh")?;
    page.tab.press_key("Tab")?;
    page.expect("document.getElementById('line').value", "kubectl get rolebindings -n shop ")?;
    page.tab.press_key("Enter")?;
    page.expect("document.getElementById('log').textContent.includes('alice-reads')", "true")?;
    page.tab.press_key("ArrowUp")?;
    page.expect("document.getElementById('line').value.trim()", "kubectl get rolebindings -n shop")?;
    page.tab.press_key("Escape")?;
    page.tab.press_key("Tab")?;
    page.expect("document.activeElement.type", "submit")?;
    page.tab_to("#play-question-1 input")?;
    page.tab_to("#play-question-5 .explain")?;
    page.tab.press_key("Enter")?;
    page.expect("document.activeElement.id", "why-title")?;
    page.tab_to(".apply")?;
    page.tab.press_key("Enter")?;
    learner.verdicts("200 200 403 403 200")?;
    page.tab_to("#slider")?;
    // Everything that can be used has a name.
    let nameless = "[...document.querySelectorAll('button, input, select, textarea, summary')].filter(e => e.checkVisibility() && \
                    !(e.ariaLabel || e.getAttribute('aria-labelledby') || e.labels?.length || e.textContent.trim())).map(e => e.outerHTML).join(' ')";
    page.expect(nameless, "")
}

fn widths(learner: &Learner) -> Result<(), Failed> {
    let page = &learner.page;
    page.click("#given > summary")?;
    page.click("#checks .explain")?;
    page.expect("document.getElementById('why').hidden", "false")?;
    for width in [360, 768, 1280, 2560] {
        page.tab.call_method(metrics(width))?;
        page.expect("innerWidth", &width.to_string())?;
        page.expect(TOO_WIDE, "")?;
    }
    Ok(())
}

/// When something was first painted, in milliseconds.
const PAINTED: &str = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
/// How long the last edits took to be judged and shown, the shortest of them.
const JUDGED: &str = "Math.min(...performance.getEntriesByName('edit').map(e => e.duration))";

/// Waits until something is true that takes its time.
fn patiently(page: &Reader, expression: &str) -> Result<(), Failed> {
    for _ in 0..300 {
        if page.ask(expression)? == "true" {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Err(format!("never {expression}").into())
}

fn quick(learner: &Learner) -> Result<(), Failed> {
    let painted = |page: &Reader| -> Result<f64, Failed> {
        page.expect(&format!("{PAINTED} > 0"), "true")?;
        Ok(page.ask(PAINTED)?.parse()?)
    };
    let book = Reader::new(&learner.chromium, &format!("file://{}/", learner.book.display()))?;
    book.open("lizhe.html")?;
    let (of_book, of_play) = (painted(&book)?, painted(&learner.page)?);
    let page = &learner.page;
    let mut objects = String::from("apiVersion: v1\\nkind: Namespace\\nmetadata: {name: shop}\\n");
    // A build for debugging takes ten times as long.
    let count = if std::env::var_os("KUBEVERDICT_BINARY").is_some() { 1_000 } else { 100 };
    for number in 1..count {
        write!(
            objects,
            "---\\napiVersion: rbac.authorization.k8s.io/v1\\nkind: Role\\nmetadata: {{name: role-{number}, namespace: shop}}\\n\
             rules: [{{apiGroups: [\"\"], resources: [pods], verbs: [get]}}]\\n"
        )?;
    }
    let put = format!(
        "(e => {{ e.value = '{objects}'; e.dispatchEvent(new Event('input', {{bubbles: true}})); }})(document.getElementById('manifests'))"
    );
    let _ = page.ask(&put)?;
    patiently(page, &format!("document.getElementById('marks-count').textContent == '{count} objects'"))?;
    let _ = page.ask("performance.clearMeasures()")?;
    for (number, at) in (1..).zip([count - 1, count / 2, 2]) {
        let (name, other) = (format!("role-{at},"), format!("rolx-{at},"));
        for (from, to) in [(&name, &other), (&other, &name)] {
            learner.replace(from, to)?;
            patiently(page, "performance.getEntriesByName('edit').length > 0 && pending === null")?;
            let _ = page.tab.evaluate("turn", true)?;
        }
        println!("edit {number} ({at}): {} ms", page.ask(JUDGED)?);
        if number == 1 {
            let judged: f64 = page.ask(JUDGED)?.parse()?;
            // On a quiet machine 50 ms; here others work as well, and a build for debugging takes ten times as long.
            assert!(judged < 2_000.0, "an edit is judged in {judged} ms");
        }
        let _ = page.ask("performance.clearMeasures()")?;
    }
    println!("first paint: {of_play} ms, a page of the book: {of_book} ms");
    assert!(of_play < 3.0 * of_book + 200.0, "first paint after {of_play} ms, of the book {of_book} ms");
    Ok(())
}
