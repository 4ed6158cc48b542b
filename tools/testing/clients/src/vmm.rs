// SPDX-License-Identifier: GPL-2.0
//! What several VMMs do in the same way.
//!
//! Each client includes this file with its own version of the crates, as "bindings" and
//! "ioctls", since types of two versions are not the same.
//! None of them uses all of it.
#![allow(dead_code)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::Arc;

use mshv_clients::code;
use mshv_clients::memory::Memory;
use mshv_clients::tap::Tap;
use mshv_clients::thread::Runner;

use crate::bindings::*;
use crate::ioctls::{MshvError, VcpuFd, VmFd};

/// What the guest reads from a port.
pub const GIVEN: u64 = 41;
const WRITE: u8 = 1;
/// In the register page.
const RAX: usize = 0;
const RIP: usize = 16;
/// Of the one instruction that writes to the device; VMMs decode it.
const DEVICE_INSTRUCTION: u64 = 10;

/// A processor's word: its index, the port or DEVICE_PORT, and a value.  Of an exit
/// without answer, the type of the message and the first bytes behind its header.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    Port(u32, u16, u64),
    Device(u32, u64),
    Exit(u32, u32),
}

pub fn set(tap: &mut Tap, name: &str, vm: &VmFd, code: u32, value: u64) {
    tap.need(name, vm.set_partition_property(code, value));
}

pub fn freeze(tap: &mut Tap, vm: &VmFd, frozen: bool) {
    let name = if frozen {
        "time is frozen"
    } else {
        "time goes on"
    };
    let code = hv_partition_property_code_HV_PARTITION_PROPERTY_TIME_FREEZE;
    set(tap, name, vm, code, frozen.into());
}

pub fn map(vm: &VmFd, memory: &Memory, gpa: u64, writable: bool) -> Result<(), MshvError> {
    vm.map_user_memory(mshv_user_mem_region {
        size: memory.size(),
        guest_pfn: gpa >> 12,
        userspace_addr: memory.address(),
        flags: 1 << MSHV_SET_MEM_BIT_EXECUTABLE | u8::from(writable) << MSHV_SET_MEM_BIT_WRITABLE,
        ..Default::default()
    })
}

/// A message with the guest's vector to processor 0, by the route of one GSI.
pub fn route(vm: &VmFd, gsi: u32) -> Result<(), MshvError> {
    #[repr(C)]
    struct Table {
        head: mshv_user_irq_table,
        entries: [mshv_user_irq_entry; 1],
    }
    let mut table = Table {
        head: mshv_user_irq_table::default(),
        entries: [mshv_user_irq_entry {
            gsi,
            address_lo: 0xfee0_0000,
            address_hi: 0,
            data: code::VECTOR.into(),
        }],
    };
    table.head.nr = 1;
    vm.set_msi_routing(&table.head)
}

fn flat(selector: u16, type_: u8) -> SegmentRegister {
    SegmentRegister {
        limit: u32::MAX,
        selector,
        type_,
        present: 1,
        db: 1,
        s: 1,
        g: 1,
        ..Default::default()
    }
}

/// Protected mode without paging, at the entry of the guests in code.rs.
pub fn set_flat(tap: &mut Tap, vp: &VcpuFd) {
    tap.need("registers of protected mode", set_flat_now(vp));
}

pub fn set_flat_now(vp: &VcpuFd) -> Result<(), MshvError> {
    vp.set_regs(&StandardRegisters {
        rip: code::ENTRY,
        rsp: code::STACK,
        rflags: 2,
        ..Default::default()
    })?;
    let mut sregs = vp.get_sregs()?;
    sregs.cs = flat(code::CODE_SELECTOR, 0xb);
    for segment in [&mut sregs.ds, &mut sregs.es, &mut sregs.ss] {
        *segment = flat(code::DATA_SELECTOR, 0x3);
    }
    sregs.gdt = TableRegister {
        base: code::GDT,
        limit: 0x17,
    };
    sregs.idt = TableRegister {
        base: code::IDT,
        limit: 0x7ff,
    };
    sregs.cr0 = 1;
    sregs.cr4 = 0;
    vp.set_sregs(&sregs)
}

/// Sets a register of the register page, and marks its class.
pub fn set_in_page(vp: &VcpuFd, class: u32, register: usize, value: u64) {
    let page = vp.get_vp_reg_page().expect("a register page").0;
    // SAFETY: the page is mapped as long as the processor exists, which does not run now.
    unsafe {
        (*page).__bindgen_anon_1.registers[register] = value;
        (*page).dirty |= 1 << class;
    }
}

pub fn skip(vp: &VcpuFd, header: &hv_x64_intercept_message_header, length: u64) {
    set_in_page(vp, HV_X64_REGISTER_CLASS_IP, RIP, header.rip + length);
}

fn access_port(vp: &VcpuFd, id: u32, info: &hv_x64_io_port_intercept_message) -> Option<Said> {
    skip(vp, &info.header, info.header.instruction_length().into());
    if info.header.intercept_access_type == WRITE {
        return Some(Said::Port(id, info.port_number, info.rax & 0xffff_ffff));
    }
    set_in_page(vp, HV_X64_REGISTER_CLASS_GENERAL, RAX, GIVEN);
    None
}

/// The answer to one exit, and what the guest has said by it.
fn answer(vp: &VcpuFd, id: u32, message: &hv_message) -> Option<Said> {
    if let Ok(info) = message.to_ioport_info() {
        return access_port(vp, id, &info);
    }
    if let Ok(info) = message.to_memory_info() {
        skip(vp, &info.header, DEVICE_INSTRUCTION);
        return Some(Said::Device(id, info.guest_physical_address));
    }
    Some(Said::Exit(id, message.header.message_type))
}

/// Runs a processor until it is told to stop.
fn run(vp: &VcpuFd, id: u32, stop: &AtomicBool, said: &Sender<Said>) -> Result<(), MshvError> {
    while !stop.load(Ordering::SeqCst) {
        match vp.run() {
            Ok(message) => {
                answer(vp, id, &message).map_or((), |s| said.send(s).expect("a listener"))
            }
            Err(e) if [libc::EINTR, libc::EAGAIN].contains(&e.errno()) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Processors that run, each in a thread, and what their guest says.
pub struct Running {
    runners: Vec<Runner<Result<(), MshvError>>>,
    heard: Receiver<Said>,
}

impl Running {
    pub fn start(vps: &[Arc<VcpuFd>]) -> Self {
        let (said, heard) = channel();
        let runners = vps.iter().enumerate().map(|(id, vp)| {
            let (vp, said) = (vp.clone(), said.clone());
            Runner::start(move |stop| run(&vp, id as u32, stop, &said))
        });
        Self {
            runners: runners.collect(),
            heard,
        }
    }

    /// Waits for the next word.
    pub fn hear(&self) -> Option<Said> {
        self.heard.recv().ok()
    }

    /// Kicks all processors; true if each of them has stopped for that.
    pub fn stop(self) -> bool {
        self.runners.into_iter().all(|r| r.stop().is_ok())
    }
}

/// All of a processor that is saved.
pub struct Saved {
    regs: StandardRegisters,
    sregs: SpecialRegisters,
    xcrs: Xcrs,
    fpu: FloatingPointUnit,
    events: VcpuEvents,
    msrs: Msrs,
    misc: MiscRegs,
    debug: DebugRegisters,
    states: AllVpStateComponents,
}

pub fn save(vm: &VmFd, vp: &VcpuFd) -> Result<Saved, MshvError> {
    let list = vm.get_msr_index_list()?.into_iter();
    let entries: Vec<_> = list
        .map(|index| msr_entry {
            index,
            ..Default::default()
        })
        .collect();
    let mut msrs = Msrs::from_entries(&entries).expect("not too many");
    vp.get_msrs(&mut msrs)?;
    Ok(Saved {
        regs: vp.get_regs()?,
        sregs: vp.get_sregs()?,
        xcrs: vp.get_xcrs()?,
        fpu: vp.get_fpu()?,
        events: vp.get_vcpu_events()?,
        msrs,
        misc: vp.get_misc_regs()?,
        debug: vp.get_debug_regs()?,
        states: vp.get_all_vp_state_components()?,
    })
}

/// The hypercall page is the partition's: only processor 0 sets it.
pub fn restore(vp: &VcpuFd, id: usize, saved: &mut Saved) -> Result<(), MshvError> {
    vp.set_msrs(&saved.msrs)?;
    vp.set_vcpu_events(&saved.events)?;
    vp.set_regs(&saved.regs)?;
    vp.set_sregs(&saved.sregs)?;
    vp.set_fpu(&saved.fpu)?;
    vp.set_xcrs(&saved.xcrs)?;
    if id == 0 {
        vp.set_misc_regs(&saved.misc)?;
    }
    vp.set_debug_regs(&saved.debug)?;
    vp.set_all_vp_state_components(&mut saved.states)
}
