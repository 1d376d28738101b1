//! A playground whose asks and answers are JSON in memory: whoever drives it makes [`room`], writes there, calls [`open`] or
//! [`ask`], and reads as many bytes at [`text`] as those tell.

use kubeverdict::clients::NoFiles;
use kubeverdict::cluster::Fresh;
use kubeverdict::play::{Ask, Playground, World};
use std::cell::RefCell;
use std::sync::LazyLock;

static FRESH: LazyLock<Fresh> = LazyLock::new(Fresh::default);

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static PLAYGROUND: RefCell<Option<Playground<'static>>> = const { RefCell::new(None) };
}

/// Opens a scenario: nothing, or what is wrong.
pub fn opened(scenario: &str) -> String {
    match Playground::open(World::new(&NoFiles, &FRESH), "scenario", scenario) {
        Ok(playground) => {
            PLAYGROUND.replace(Some(playground));
            String::new()
        }
        Err(error) => error.to_string(),
    }
}

/// Asks: JSON in, JSON out.
pub fn asked(ask: &str) -> String {
    let ask = match serde_json::from_str::<Ask>(ask) {
        Ok(ask) => ask,
        Err(error) => return error.to_string(),
    };
    PLAYGROUND.with_borrow_mut(|playground| match playground {
        Some(playground) => {
            serde_json::to_string(&playground.ask(ask)).unwrap_or_else(|error| error.to_string())
        }
        None => "nothing is open".to_owned(),
    })
}

/// Room for a text of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    TEXT.with_borrow_mut(|text| {
        *text = vec![0; bytes];
        text.as_mut_ptr()
    })
}

/// Where the last answer stands.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT.with_borrow(|text| text.as_ptr())
}

/// Opens the scenario that was written: as many bytes are told.
#[unsafe(no_mangle)]
pub extern "C" fn open() -> usize {
    answer(opened)
}

/// Asks what was written: as many bytes are told.
#[unsafe(no_mangle)]
pub extern "C" fn ask() -> usize {
    answer(asked)
}

fn answer(of: fn(&str) -> String) -> usize {
    let written = TEXT.take();
    let told = of(&String::from_utf8_lossy(&written)).into_bytes();
    let bytes = told.len();
    TEXT.set(told);
    bytes
}

/// The engine draws nothing of a system: this is for the linker.
#[cfg(target_arch = "wasm32")]
fn none(_: &mut [u8]) -> Result<(), getrandom::Error> {
    Err(getrandom::Error::UNSUPPORTED)
}

#[cfg(target_arch = "wasm32")]
getrandom::register_custom_getrandom!(none);
