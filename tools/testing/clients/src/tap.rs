// SPDX-License-Identifier: GPL-2.0
//! Results in TAP, as other programs that run in the root have them.

use std::fmt::Debug;
use std::panic::Location;

/// The results so far.
#[derive(Default)]
pub struct Tap {
    count: u32,
    failed: u32,
}

impl Tap {
    pub fn new() -> Self {
        println!("TAP version 13");
        Self::default()
    }

    /// The reason of a failure stands before it, with its place.
    #[track_caller]
    fn result(&mut self, name: &str, why: Option<String>) {
        self.count += 1;
        match why {
            None => println!("ok {} - {name}", self.count),
            Some(why) => {
                let place = Location::caller();
                self.failed += 1;
                println!("# {}:{}: {why}", place.file(), place.line());
                println!("not ok {} - {name}", self.count);
            }
        }
    }

    #[track_caller]
    pub fn check(&mut self, name: &str, holds: bool) {
        self.result(name, (!holds).then(|| "it does not".to_string()));
    }

    #[track_caller]
    pub fn equal<T: PartialEq + Debug>(&mut self, name: &str, is: T, wanted: T) {
        let why = format!("it is {is:x?}, and not {wanted:x?}");
        self.result(name, (is != wanted).then_some(why));
    }

    /// What a VMM cannot go on without: its value, or the end of the program.
    #[track_caller]
    pub fn need<T, E: Debug>(&mut self, name: &str, done: Result<T, E>) -> T {
        match done {
            Ok(value) => {
                self.result(name, None);
                value
            }
            Err(e) => {
                self.result(name, Some(format!("{e:?}")));
                self.end()
            }
        }
    }

    /// What has to be refused.
    #[track_caller]
    pub fn refused<T, E>(&mut self, name: &str, done: Result<T, E>) {
        self.check(name, done.is_err());
    }

    /// The plan stands at the end: how many there are is known then.
    pub fn end(&self) -> ! {
        println!("1..{}", self.count);
        std::process::exit((self.failed != 0) as i32);
    }
}
