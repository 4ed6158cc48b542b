// SPDX-License-Identifier: GPL-2.0
//! A processor's thread, and how VMMs get it out of RUN_VP: by a signal, repeated until
//! the thread acknowledges.

use std::io::{Error, Result};
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{sleep, JoinHandle};
use std::time::Duration;

const AGAIN: Duration = Duration::from_millis(10);

extern "C" fn nothing(_: libc::c_int) {}

/// A handler that does nothing, and without SA_RESTART: RUN_VP ends with EINTR.
pub fn prepare_kicks() -> Result<()> {
    // SAFETY: an action of zeroes is one without flags and with an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as *const () as usize;
    // SAFETY: the handler does nothing.
    match unsafe { libc::sigaction(libc::SIGRTMIN(), &action, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}

/// A thread that runs a processor until it is told to stop.
pub struct Runner<T> {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<T>,
}

impl<T: Send + 'static> Runner<T> {
    /// "run" looks at the flag after each return of RUN_VP.
    pub fn start(run: impl FnOnce(&AtomicBool) -> T + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        Self {
            stop,
            thread: std::thread::spawn(move || run(&seen)),
        }
    }

    /// Kicks it until it has ended.
    pub fn stop(self) -> T {
        self.stop.store(true, Ordering::SeqCst);
        while !self.thread.is_finished() {
            // SAFETY: the thread has not been joined, so its handle is valid.
            unsafe { libc::pthread_kill(self.thread.as_pthread_t(), libc::SIGRTMIN()) };
            sleep(AGAIN);
        }
        self.thread.join().expect("the processor's thread")
    }
}
