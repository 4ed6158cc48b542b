// SPDX-License-Identifier: GPL-2.0
//! What all clients share.
//!
//! Model: a client does what one VMM does, call by call, with a guest of a few dozen
//! bytes instead of an operating system.  Each step is a result of TAP.  Nothing here
//! knows the crates, of which there are two versions.

pub mod code;
pub mod memory;
pub mod tap;
pub mod thread;
