// SPDX-License-Identifier: GPL-2.0
//! Memory of a guest: anonymous pages of this process.

use std::io::{Error, Result};
use std::ptr;

pub const PAGE: usize = 4096;

/// Unmapped when dropped; it has to outlive the guest.
pub struct Memory {
    base: *mut u8,
    size: usize,
}

// SAFETY: accesses go through volatile copies; guest and VMM share these pages anyway.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    pub fn new(size: usize) -> Result<Self> {
        // SAFETY: a new mapping, of no file.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        Ok(Self {
            base: base.cast(),
            size,
        })
    }

    pub fn address(&self) -> u64 {
        self.base as u64
    }

    pub fn size(&self) -> u64 {
        self.size as u64
    }

    fn at(&self, offset: usize, len: usize) -> *mut u8 {
        assert!(offset + len <= self.size);
        // SAFETY: within the mapping, as was just checked.
        unsafe { self.base.add(offset) }
    }

    pub fn write(&self, offset: usize, bytes: &[u8]) {
        // SAFETY: at() checks the range, which is not one of "bytes".
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.at(offset, bytes.len()), bytes.len())
        }
    }

    pub fn write_u32(&self, offset: usize, value: u32) {
        self.write(offset, &value.to_le_bytes());
    }

    pub fn write_u64(&self, offset: usize, value: u64) {
        self.write(offset, &value.to_le_bytes());
    }

    pub fn read_u32(&self, offset: usize) -> u32 {
        // SAFETY: at() checks the range; the guest may write there now.
        unsafe { ptr::read_volatile(self.at(offset, 4).cast()) }
    }

    /// All of another guest's, of the same size.
    pub fn copy_from(&self, other: &Memory) {
        assert!(self.size == other.size);
        // SAFETY: two mappings of that size.
        unsafe { ptr::copy_nonoverlapping(other.base, self.base, self.size) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the mapping that new() has made.
        unsafe { libc::munmap(self.base.cast(), self.size) };
    }
}
