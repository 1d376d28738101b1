//! What happens when somebody interrupts a command that writes: what is not whole yet does not stay behind.

use crate::files;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ends the program at an interruption (130) or at the request to end (143), with nothing half written left.
pub(super) fn leaves_nothing() {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    let listen = |kind: SignalKind| {
        let _within = runtime.enter();
        signal(kind)
    };
    let (Ok(interrupt), Ok(terminate)) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()))
    else {
        return;
    };
    std::thread::spawn(move || {
        let code = runtime.block_on(first(interrupt, terminate));
        files::abandon();
        std::process::exit(code)
    });
}

/// The exit code of the signal that comes first, as a shell has it.
async fn first(mut interrupt: Signal, mut terminate: Signal) -> i32 {
    tokio::select! { _ = interrupt.recv() => 130, _ = terminate.recv() => 143 }
}
