//! The book as a reader has it: every page in a headless Chromium, from files, without a network.
//!
//! `KUBEVERDICT_CHROMIUM` says where Chromium is, `KUBEVERDICT_BOOK` where a book lies; `tests/book_in_chromium.sh` gets
//! and makes both. Without them there is nothing to test with, and the program says so.

#[path = "support/chromium.rs"]
mod chromium;

use chromium::{Reader, TOO_WIDE, metrics};
use headless_chrome::protocol::cdp::Emulation;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};

/// A page with a question whose right answer is 403, and that question's step.
const PAGE: &str = "lizhe.html";
const STEP: &str = "v1-36-step-3";

fn main() {
    let (chromium, book) = (std::env::var("KUBEVERDICT_CHROMIUM"), std::env::var("KUBEVERDICT_BOOK"));
    let mut trials = Vec::new();
    if let (Ok(chromium), Ok(book)) = (chromium, book) {
        let reader = move |test: fn(&Reader) -> Result<(), Failed>| {
            let (chromium, book) = (PathBuf::from(&chromium), PathBuf::from(&book));
            move || test(&Reader::new(&chromium, &format!("file://{}/", book.canonicalize()?.display()))?)
        };
        trials.push(Trial::test("every_page_loads_without_an_error", reader.clone()(every_page)));
        trials.push(Trial::test("a_wrong_guess_gets_its_reason", reader.clone()(wrong_guess)));
        trials.push(Trial::test("the_keyboard_alone_is_enough", reader.clone()(keyboard)));
        trials.push(Trial::test("without_a_script_the_answer_can_be_read", reader.clone()(no_script)));
        trials.push(Trial::test("graph_and_matrix_are_linked", reader.clone()(linked)));
        trials.push(Trial::test("the_contents_are_searched", reader.clone()(searched)));
        trials.push(Trial::test(
            "the_steps_stand_at_the_side_where_there_is_room",
            reader.clone()(at_the_side),
        ));
        trials.push(Trial::test("a_release_is_chosen_without_a_script", reader(releases)));
    } else {
        eprintln!("nothing to test with: run tests/book_in_chromium.sh");
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn pages(folder: &Path, below: &str) -> Result<Vec<String>, Failed> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(pages(&entry.path(), &format!("{name}/"))?);
        } else if name.ends_with(".html") {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

fn every_page(reader: &Reader) -> Result<(), Failed> {
    let pages = pages(Path::new(reader.base.trim_start_matches("file://")), "")?;
    if pages.len() < 2 {
        return Err("a book has more pages".into());
    }
    for (width, name) in [(360, "narrow"), (1400, "wide")] {
        reader.tab.call_method(metrics(width))?;
        for page in &pages {
            reader.open(page)?;
            let here = |error: Failed| format!("{page}, {name}: {}", error.message().unwrap_or_default());
            reader.errors().map_err(here)?;
            reader.expect("document.querySelectorAll('h1').length", "1").map_err(here)?;
            reader
                .expect("getComputedStyle(document.querySelector('main')).maxWidth != 'none'", "true")
                .map_err(here)?;
            reader.expect(TOO_WIDE, "").map_err(here)?;
        }
    }
    println!("{} pages, narrow and wide, without an error", pages.len());
    Ok(())
}

const RESULT: &str = "document.querySelector('#v1-36-step-3 .result')";
const ANSWER: &str = "document.querySelector('#v1-36-step-3-answer')";

fn wrong_guess(reader: &Reader) -> Result<(), Failed> {
    reader.open(PAGE)?;
    reader.expect(&format!("{ANSWER}.open"), "false")?;
    reader.click(&format!("#{STEP} input[value=\"401\"]"))?;
    reader.expect(&format!("{ANSWER}.open"), "false")?;
    reader.click(&format!("#{STEP} .guess button"))?;
    reader.expect(&format!("{ANSWER}.open"), "true")?;
    reader.expect(&format!("{RESULT}.className"), "result wrong")?;
    let why = "Not 401 Unauthorized, but 403 Forbidden. The server knows who this is: \
               system:serviceaccount:lizhe:default, by a service account's token. 401 would mean that it does not.";
    reader.expect(&format!("{RESULT}.textContent"), why)?;
    reader.click(&format!("#{STEP} input[value=\"403\"]"))?;
    reader.click(&format!("#{STEP} .guess button"))?;
    reader.expect(&format!("{RESULT}.className"), "result right")?;
    // The first guess is the one that counts.
    reader.expect("document.querySelector('output.score').textContent", "0 of 1 right")?;
    reader.errors()
}

fn keyboard(reader: &Reader) -> Result<(), Failed> {
    reader.open(PAGE)?;
    reader.tab.press_key("Tab")?;
    reader.expect("document.activeElement.className", "skip")?;
    reader.tab_to(".guess input")?;
    reader.tab.press_key(" ")?;
    reader.expect("document.querySelector('.release-2 .guess input').checked", "true")?;
    reader.tab_to(".guess button")?;
    reader.tab.press_key("Enter")?;
    reader.expect("document.querySelector('.release-2 .result').textContent.length > 20", "true")?;
    let answer = "document.getElementById(document.querySelector('.release-2 .guess').dataset.answer)";
    reader.expect(&format!("{answer}.open"), "true")?;
    reader.tab_to("details.answer > summary")?;
    reader.tab.press_key("Enter")?;
    reader.expect("document.activeElement.parentElement.open", "false")?;
    reader.tab.press_key(" ")?;
    reader.expect("document.activeElement.parentElement.open", "true")?;
    reader.tab.press_key("j")?;
    reader.expect("document.activeElement.classList.contains('step')", "true")?;
    reader.errors()
}

fn script_off(reader: &Reader) -> Result<(), Failed> {
    reader.tab.call_method(Emulation::SetScriptExecutionDisabled { value: true })?;
    Ok(())
}

fn no_script(reader: &Reader) -> Result<(), Failed> {
    script_off(reader)?;
    reader.open(PAGE)?;
    reader.expect("document.documentElement.className", "")?;
    reader.expect("getComputedStyle(document.querySelector('.guess button')).display", "none")?;
    reader.expect(&format!("{ANSWER}.open"), "false")?;
    reader.click(&format!("#{STEP}-answer > summary"))?;
    reader.expect(&format!("{ANSWER}.open"), "true")?;
    reader.expect(&format!("{ANSWER}.querySelector('.ends').innerText.includes('403 Forbidden')"), "true")?;
    reader.expect(&format!("{ANSWER}.querySelectorAll('.strip .refused').length"), "1")?;
    let others = format!("{ANSWER}.querySelector('.others dl').checkVisibility()");
    reader.expect(&others, "false")?;
    reader.click(&format!("#{STEP}-answer .others > summary"))?;
    reader.expect(&others, "true")?;
    reader.expect(&format!("{ANSWER}.innerText.includes('401 would mean that it does not')"), "true")
}

fn linked(reader: &Reader) -> Result<(), Failed> {
    reader.open("roles.html")?;
    reader.expect("document.querySelectorAll('.graph svg a[data-lights]').length > 0", "true")?;
    // Every link within the page leads somewhere.
    let dead = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length";
    reader.expect(dead, "0")?;
    let rule = "[...document.querySelectorAll('.graph svg a[data-lights]')].find(a => a.closest('.release').offsetParent)";
    let _ = reader.ask(&format!("{rule}.focus()"))?;
    reader.expect("document.querySelectorAll('.matrix td.lit').length > 0", "true")?;
    reader.errors()
}

fn searched(reader: &Reader) -> Result<(), Failed> {
    reader.open("index.html")?;
    let left = "document.querySelectorAll('.chapters > li:not([hidden])').length";
    let all: usize = reader.ask(left)?.parse()?;
    reader.click("#find")?;
    reader.tab.type_str("podsecurity 403")?;
    reader.expect("document.querySelector('.find output').textContent.endsWith(' of ' + document.querySelectorAll('.chapters > li').length)", "true")?;
    let few: usize = reader.ask(left)?.parse()?;
    if few == 0 || few >= all {
        return Err(format!("{few} of {all} are found").into());
    }
    let _ = reader.ask("document.getElementById('find').value = ''")?;
    let _ = reader.ask("document.getElementById('find').dispatchEvent(new Event('input'))")?;
    reader.expect(left, &all.to_string())?;
    reader.errors()
}

fn at_the_side(reader: &Reader) -> Result<(), Failed> {
    reader.tab.call_method(metrics(1400))?;
    reader.open(PAGE)?;
    let list = "document.querySelector('.release-2 .steplist')";
    reader.expect(
        &format!("{list}.querySelectorAll('a').length > 5 && {list}.querySelector('a').checkVisibility()"),
        "true",
    )?;
    let beside = format!(
        "{list}.getBoundingClientRect().right < document.querySelector('#{STEP}').getBoundingClientRect().left"
    );
    reader.expect(&beside, "true")?;
    reader.tab.call_method(metrics(360))?;
    reader.expect(&format!("{list}.querySelector('a').checkVisibility()"), "false")?;
    reader.errors()
}

fn releases(reader: &Reader) -> Result<(), Failed> {
    script_off(reader)?;
    reader.open(PAGE)?;
    let shown = |id: &str| format!("getComputedStyle(document.getElementById('{id}')).display");
    reader.expect(&shown("v1-20"), "none")?;
    reader.expect(&shown("v1-36"), "block")?;
    reader.click(".tabs .tab-1")?;
    reader.expect(&shown("v1-20"), "block")?;
    reader.expect(&shown("v1-36"), "none")
}
