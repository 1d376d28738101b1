//! The book as a reader has it: every page in a headless Chromium, from files, without a network.
//!
//! `KUBEVERDICT_CHROMIUM` says where Chromium is, `KUBEVERDICT_BOOK` where a book lies; `tests/book_in_chromium.sh` gets
//! and makes both. Without them there is nothing to test with, and the program says so.

use headless_chrome::browser::tab::point::Point;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Network, Page};
use headless_chrome::{Browser, LaunchOptions, Tab};
use libtest_mimic::{Arguments, Failed, Trial};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A page with a question whose right answer is 403, and that question's step.
const PAGE: &str = "lizhe.html";
const STEP: &str = "v1-36-step-3";

fn main() {
    let (chromium, book) = (std::env::var("KUBEVERDICT_CHROMIUM"), std::env::var("KUBEVERDICT_BOOK"));
    let mut trials = Vec::new();
    if let (Ok(chromium), Ok(book)) = (chromium, book) {
        let reader = move |test: fn(&Reader) -> Result<(), Failed>| {
            let (chromium, book) = (PathBuf::from(&chromium), PathBuf::from(&book));
            move || test(&Reader::new(&chromium, &book)?)
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

/// Chromium with one page open.
struct Reader {
    _browser: Browser,
    tab: Arc<Tab>,
    book: PathBuf,
    errors: Arc<Mutex<Vec<String>>>,
}

impl Reader {
    fn new(chromium: &Path, book: &Path) -> Result<Reader, Failed> {
        let options = LaunchOptions {
            path: Some(chromium.to_owned()),
            sandbox: false,
            window_size: Some((1280, 900)),
            idle_browser_timeout: Duration::from_secs(120),
            args: vec![OsStr::new("--disable-dev-shm-usage")],
            ..LaunchOptions::default()
        };
        let browser = Browser::new(options)?;
        let tab = browser.new_tab()?;
        let errors: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = errors.clone();
        tab.enable_log()?.enable_runtime()?;
        tab.add_event_listener(Arc::new(move |event: &Event| {
            if let (Some(said), Ok(mut heard)) = (complaint(event), heard.lock()) {
                heard.push(said);
            }
        }))?;
        // Nothing may come from elsewhere.
        tab.call_method(Network::Enable {
            max_total_buffer_size: None,
            max_resource_buffer_size: None,
            max_post_data_size: None,
            report_direct_socket_traffic: None,
            enable_durable_messages: None,
        })?;
        Ok(Reader { _browser: browser, tab, book: book.canonicalize()?, errors })
    }

    fn open(&self, page: &str) -> Result<(), Failed> {
        let url = format!("file://{}/{page}", self.book.display());
        self.tab.call_method(Page::Navigate {
            url: url.clone(),
            referrer: None,
            transition_Type: None,
            frame_id: None,
            referrer_policy: None,
        })?;
        self.expect(&format!("location.href == '{url}' && document.readyState"), "complete")
    }

    fn script(&self, on: bool) -> Result<(), Failed> {
        self.tab.call_method(Emulation::SetScriptExecutionDisabled { value: !on })?;
        Ok(())
    }

    /// What an expression comes to, as text.
    fn ask(&self, expression: &str) -> Result<String, Failed> {
        let value = self.tab.evaluate(&format!("String({expression})"), false)?.value;
        Ok(value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default())
    }

    fn expect(&self, expression: &str, wanted: &str) -> Result<(), Failed> {
        // What a key or a click sets off comes a moment later.
        let mut got = String::new();
        for _ in 0..400 {
            // Between two pages there is none to ask.
            got = self.ask(expression).unwrap_or_default();
            if got == wanted {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(format!("{expression}: expected {wanted}, got {got}").into())
    }

    /// Clicks with the mouse; the driver's own click needs a page with scripts.
    fn click(&self, selector: &str) -> Result<(), Failed> {
        let element = format!("document.querySelector('{selector}')");
        let _ = self.ask(&format!("{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})"))?;
        let middle = self.ask(&format!(
            "(r => (r.x + Math.min(r.width / 2, 20)) + ' ' + (r.y + r.height / 2))({element}.getBoundingClientRect())"
        ))?;
        let (x, y) = middle.split_once(' ').ok_or(format!("{selector} is nowhere"))?;
        self.tab.click_point(Point { x: x.parse()?, y: y.parse()? })?;
        Ok(())
    }

    fn errors(&self) -> Result<(), Failed> {
        let errors = self.errors.lock().map_err(|error| error.to_string())?;
        if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").into()) }
    }

    /// Tab until what has the focus is wanted.
    fn tab_to(&self, wanted: &str) -> Result<(), Failed> {
        for _ in 0..60 {
            self.tab.press_key("Tab")?;
            if self.ask(&format!("document.activeElement.matches('{wanted}')"))? == "true" {
                return Ok(());
            }
        }
        Err(format!("Tab does not come to {wanted}").into())
    }
}

/// What a page complains of.
fn complaint(event: &Event) -> Option<String> {
    match event {
        Event::RuntimeExceptionThrown(thrown) => Some(format!("{:?}", thrown.params.exception_details)),
        Event::LogEntryAdded(entry) => {
            let entry = &entry.params.entry;
            Some(format!("{:?} {}: {}", entry.level, entry.url.as_deref().unwrap_or_default(), entry.text))
        }
        Event::RuntimeConsoleAPICalled(called) => {
            Some(format!("{:?} {:?}", called.params.Type, called.params.args))
        }
        Event::NetworkRequestWillBeSent(sent) => {
            let url = &sent.params.request.url;
            let local = url.starts_with("file:") || url.starts_with("data:") || url.starts_with("about:");
            (!local).then(|| format!("asks the network for {url}"))
        }
        _ => None,
    }
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

/// What sticks out of the page, if the page can be scrolled sideways.
const TOO_WIDE: &str = "document.documentElement.scrollWidth <= innerWidth ? '' : \
    [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth && \
    !e.closest('pre, .scroll')).slice(0, 4).map(e => e.outerHTML.slice(0, 200)).join(' ')";

fn every_page(reader: &Reader) -> Result<(), Failed> {
    let pages = pages(&reader.book, "")?;
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

fn metrics(width: u32) -> Emulation::SetDeviceMetricsOverride {
    Emulation::SetDeviceMetricsOverride {
        width,
        height: 800,
        device_scale_factor: 1.0,
        mobile: false,
        scale: None,
        screen_width: None,
        screen_height: None,
        position_x: None,
        position_y: None,
        dont_set_visible_size: None,
        screen_orientation: None,
        viewport: None,
        display_feature: None,
        device_posture: None,
    }
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
    reader.expect("document.querySelector('.release-2 details.answer').open", "true")?;
    reader.tab_to("details.answer > summary")?;
    reader.tab.press_key("Enter")?;
    reader.expect("document.activeElement.parentElement.open", "false")?;
    reader.tab.press_key(" ")?;
    reader.expect("document.activeElement.parentElement.open", "true")?;
    reader.tab.press_key("j")?;
    reader.expect("document.activeElement.classList.contains('step')", "true")?;
    reader.errors()
}

fn no_script(reader: &Reader) -> Result<(), Failed> {
    reader.script(false)?;
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
    reader.script(false)?;
    reader.open(PAGE)?;
    let shown = |id: &str| format!("getComputedStyle(document.getElementById('{id}')).display");
    reader.expect(&shown("v1-20"), "none")?;
    reader.expect(&shown("v1-36"), "block")?;
    reader.click(".tabs .tab-1")?;
    reader.expect(&shown("v1-20"), "block")?;
    reader.expect(&shown("v1-36"), "none")
}
