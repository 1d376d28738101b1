//! A page in a headless Chromium: asked, clicked and typed at as a reader does it.

use headless_chrome::browser::tab::point::Point;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Network, Page};
use headless_chrome::{Browser, LaunchOptions, Tab};
use libtest_mimic::Failed;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Chromium with one page open.
pub(crate) struct Reader {
    _browser: Browser,
    /// What addresses begin with.
    pub(crate) base: String,
    pub(crate) tab: Arc<Tab>,
    errors: Arc<Mutex<Vec<String>>>,
}

impl Reader {
    pub(crate) fn new(chromium: &Path, base: &str) -> Result<Reader, Failed> {
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
        Reader { tab, _browser: browser, base: base.to_owned(), errors: Arc::default() }.listening()
    }

    fn listening(self) -> Result<Reader, Failed> {
        let heard = self.errors.clone();
        self.tab.enable_log()?.enable_runtime()?;
        self.tab.add_event_listener(Arc::new(move |event: &Event| {
            if let (Some(said), Ok(mut heard)) = (complaint(event), heard.lock()) {
                heard.push(said);
            }
        }))?;
        // Nothing may come from elsewhere.
        self.tab.call_method(Network::Enable {
            max_total_buffer_size: None,
            max_resource_buffer_size: None,
            max_post_data_size: None,
            report_direct_socket_traffic: None,
            enable_durable_messages: None,
        })?;
        Ok(self)
    }

    /// Opens a page, and waits until it is there.
    pub(crate) fn open(&self, page: &str) -> Result<(), Failed> {
        let url = format!("{}{page}", self.base);
        self.tab.call_method(Page::Navigate {
            url: url.clone(),
            referrer: None,
            transition_Type: None,
            frame_id: None,
            referrer_policy: None,
        })?;
        let url = url.split('#').next().unwrap_or_default();
        self.expect(&format!("location.href.startsWith('{url}') && document.readyState"), "complete")
    }

    /// What an expression comes to, as text.
    pub(crate) fn ask(&self, expression: &str) -> Result<String, Failed> {
        let value = self.tab.evaluate(&format!("String({expression})"), false)?.value;
        Ok(value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default())
    }

    pub(crate) fn expect(&self, expression: &str, wanted: &str) -> Result<(), Failed> {
        // What a key or a click sets off comes a moment later.
        let mut got = String::new();
        for _ in 0..1_500 {
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
    pub(crate) fn click(&self, selector: &str) -> Result<(), Failed> {
        let element = format!("document.querySelector('{selector}')");
        let _ = self.ask(&format!("{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})"))?;
        let middle = self.ask(&format!(
            "(r => (r.x + Math.min(r.width / 2, 20)) + ' ' + (r.y + r.height / 2))({element}.getBoundingClientRect())"
        ))?;
        let (x, y) = middle.split_once(' ').ok_or(format!("{selector} is nowhere"))?;
        self.tab.click_point(Point { x: x.parse()?, y: y.parse()? })?;
        Ok(())
    }

    pub(crate) fn errors(&self) -> Result<(), Failed> {
        let errors = self.errors.lock().map_err(|error| error.to_string())?;
        if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").into()) }
    }

    /// Tab until what has the focus is wanted.
    pub(crate) fn tab_to(&self, wanted: &str) -> Result<(), Failed> {
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
            let own = ["file:", "data:", "about:", "blob:", "http://127.0.0.1:"];
            let local = own.iter().any(|begin| url.starts_with(begin));
            (!local).then(|| format!("asks the network for {url}"))
        }
        _ => None,
    }
}

/// What sticks out of the page, if the page can be scrolled sideways.
pub(crate) const TOO_WIDE: &str = "document.documentElement.scrollWidth <= innerWidth ? '' : \
    [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth && \
    !e.closest('pre, .scroll')).slice(0, 4).map(e => e.outerHTML.slice(0, 200)).join(' ')";

pub(crate) fn metrics(width: u32) -> Emulation::SetDeviceMetricsOverride {
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
