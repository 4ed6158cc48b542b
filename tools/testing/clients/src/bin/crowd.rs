// SPDX-License-Identifier: GPL-2.0
//! Many small guests at once, as a service starts and stops them.
//!
//! Model: all guests exist and run at the same time.  Each counts interrupts (code.rs)
//! and says so; then they are ended one after the other, in another order, while the
//! rest still counts.
//!
//! usage: crowd [GUESTS]

mod bindings {
    pub use mshv_bindings_07::*;
}
mod ioctls {
    pub use mshv_ioctls_07::*;
}
#[path = "../vmm.rs"]
mod vmm;

use std::sync::Arc;

use bindings::*;
use ioctls::{InterruptRequest, Mshv, VcpuFd, VmFd};
use mshv_clients::code;
use mshv_clients::memory::Memory;
use mshv_clients::tap::Tap;
use mshv_clients::thread::prepare_kicks;
use vmm::{map, set_flat_now, Running, Said, GIVEN};

const GUESTS: usize = 100;
const MEMORY: usize = 2 << 20;
const INTERRUPTS: u64 = 3;

/// Fields are dropped in this order: the memory last.
struct Guest {
    running: Running,
    vps: Vec<Arc<VcpuFd>>,
    vm: VmFd,
    memory: Memory,
}

fn start(hv: &Mshv) -> Result<Guest, String> {
    let vm = hv.create_vm().map_err(|e| e.to_string())?;
    vm.initialize().map_err(|e| e.to_string())?;
    let memory = Memory::new(MEMORY).map_err(|e| e.to_string())?;
    code::load_counter(&memory);
    map(&vm, &memory, 0, true).map_err(|e| e.to_string())?;
    let vp = vm.create_vcpu(0).map_err(|e| e.to_string())?;
    set_flat_now(&vp).map_err(|e| e.to_string())?;
    let vps = vec![Arc::new(vp)];
    Ok(Guest {
        running: Running::start(&vps),
        vps,
        vm,
        memory,
    })
}

/// The first words of a guest: its access to the device, and to the port.
fn speaks(guest: &Guest) -> bool {
    let device = Some(Said::Device(0, code::DOORBELL));
    let other = Some(Said::Device(0, code::DEVICE));
    let port = Some(Said::Port(0, code::PORT, GIVEN + 1));
    [device, other, port]
        .into_iter()
        .all(|word| guest.running.hear() == word)
}

fn counts(guest: &Guest, wanted: u64) -> bool {
    let request = InterruptRequest {
        interrupt_type: hv_interrupt_type_HV_X64_INTERRUPT_TYPE_FIXED,
        apic_id: 0,
        vector: code::VECTOR.into(),
        level_triggered: false,
        logical_destination_mode: false,
        long_mode: false,
    };
    guest.vm.request_virtual_interrupt(&request).is_ok()
        && guest.running.hear() == Some(Said::Port(0, code::PORT, wanted))
        && u64::from(code::counted(&guest.memory)) == wanted
}

/// From both ends inwards.
fn end(mut guests: Vec<Guest>) -> bool {
    let mut well = true;
    while !guests.is_empty() {
        let at = if guests.len() % 2 == 0 {
            0
        } else {
            guests.len() - 1
        };
        let Guest {
            running,
            vps,
            vm,
            memory,
        } = guests.swap_remove(at);
        well &= running.stop();
        drop((vps, vm, memory));
        if let Some(guest) = guests.first() {
            well &= counts(guest, u64::from(code::counted(&guest.memory)) + 1);
        }
    }
    well
}

fn main() {
    let wanted = std::env::args()
        .nth(1)
        .map_or(GUESTS, |n| n.parse().expect("a number"));
    let mut tap = Tap::new();
    prepare_kicks().expect("a handler");
    let hv = tap.need("the device", Mshv::new());
    let guests: Result<Vec<_>, _> = (0..wanted).map(|_| start(&hv)).collect();
    let guests = tap.need(&format!("{wanted} guests run"), guests);
    tap.check("each speaks", guests.iter().all(speaks));
    for n in 1..=INTERRUPTS {
        tap.check(
            "each counts an interrupt",
            guests.iter().all(|g| counts(g, n)),
        );
    }
    tap.check("each ends, and the rest goes on", end(guests));
    tap.end()
}
