// SPDX-License-Identifier: GPL-2.0
//! What Hyperlight does, on the crates that it is built with.
//!
//! Model: a partition without local APIC and without anything synthetic runs one
//! function of a guest in long mode at a time.  The function ends by writing to a port
//! or by HLT; then the guest is put back to what it was, and runs the next one.

use mshv_bindings_06::*;
use mshv_clients::memory::{Memory, PAGE};
use mshv_clients::tap::Tap;
use mshv_clients::thread::{prepare_kicks, Runner};
use mshv_ioctls_06::{Mshv, MshvError, VcpuFd, VmFd, VmType};
use std::sync::atomic::Ordering;
use std::sync::Arc;

/// Where the snapshot is, and the last page of 36 bits, which ends the scratch memory.
const SNAPSHOT: u64 = 0x4000;
const SNAPSHOT_SIZE: usize = 16 * PAGE;
const SCRATCH_SIZE: usize = 4 * PAGE;
const SCRATCH: u64 = (1 << 36) - SCRATCH_SIZE as u64;
const CODE: u64 = SNAPSHOT + 2 * PAGE as u64;
/// Page tables are in memory that can be written: an AMD processor requires that.
const PML4: u64 = SCRATCH;
const PDPT: u64 = SCRATCH + PAGE as u64;
const RESULT: usize = 2 * PAGE;
/// In no memory, but in the page tables.
const NOWHERE: u32 = 0x6000_0000;
const HOST_CALL: u16 = 101;
const STORED: u32 = 7;
const PRESENT_WRITABLE: u64 = 3;
const GIGABYTE_PAGE: u64 = 1 << 7;

const OUT: u64 = CODE;
const HLT: u64 = CODE + 7;
const STORE: u64 = CODE + 8;
const MISS: u64 = CODE + 20;
const SPIN: u64 = CODE + 27;
const PROGRAM: &[u8] = &[
    0xb8,
    0x2a,
    0,
    0,
    0, //                          mov $42, %eax
    0xe7,
    HOST_CALL as u8, //                        out %eax, $101
    0xf4,            //                                         hlt
    0x48,
    0xbb,
    0,
    0xe0,
    0xff,
    0xff,
    0x0f,
    0,
    0,
    0, // movabs $SCRATCH + RESULT, %rbx
    0x89,
    0x03, //                                   mov %eax, (%rbx)
    0x89,
    0x04,
    0x25,
    0,
    0,
    0,
    0x60, //              mov %eax, NOWHERE
    0xeb,
    0xfe, //                                   jmp .
];

/// The registers whose values a guest may change, as it finds them one by one.
const MSRS: &[u32] = &[
    hv_register_name_HV_X64_REGISTER_SYSENTER_CS,
    hv_register_name_HV_X64_REGISTER_SYSENTER_EIP,
    hv_register_name_HV_X64_REGISTER_SYSENTER_ESP,
    hv_register_name_HV_X64_REGISTER_DEBUG_CTL,
    hv_register_name_HV_X64_REGISTER_PAT,
    hv_register_name_HV_X64_REGISTER_STAR,
    hv_register_name_HV_X64_REGISTER_LSTAR,
    hv_register_name_HV_X64_REGISTER_CSTAR,
    hv_register_name_HV_X64_REGISTER_SFMASK,
    hv_register_name_HV_X64_REGISTER_KERNEL_GS_BASE,
    hv_register_name_HV_X64_REGISTER_SPEC_CTRL,
    0x80086, // VIRT_SPEC_CTRL
    hv_register_name_HV_X64_REGISTER_U_CET,
    hv_register_name_HV_X64_REGISTER_S_CET,
    hv_register_name_HV_X64_REGISTER_PL0_SSP,
    hv_register_name_HV_X64_REGISTER_PL1_SSP,
    hv_register_name_HV_X64_REGISTER_PL2_SSP,
    hv_register_name_HV_X64_REGISTER_PL3_SSP,
    0x8008b, // U_XSS
    0x8008e, // the table of SSPs
    hv_register_name_HV_X64_REGISTER_TSC,
    hv_register_name_HV_X64_REGISTER_TSC_ADJUST,
    hv_register_name_HV_X64_REGISTER_TSC_AUX,
    0x8007e, // M_COUNT
    0x8007f, // A_COUNT
    0x80088, // TSX_CTRL
    0x80099, // XFD
    0x8009a, // XFD_ERR
    0x80098, // UMWAIT_CONTROL
    0x80095, // TSC_DEADLINE
    0x8007c, // BNDCFGS
];

fn region(memory: &Memory, gpa: u64, flags: u8) -> mshv_user_mem_region {
    mshv_user_mem_region {
        size: memory.size(),
        guest_pfn: gpa >> 12,
        userspace_addr: memory.address(),
        flags,
        ..Default::default()
    }
}

/// For reading and executing.
fn snapshot_region(snapshot: &Memory) -> mshv_user_mem_region {
    region(snapshot, SNAPSHOT, 1 << MSHV_SET_MEM_BIT_EXECUTABLE)
}

fn load() -> Memory {
    let snapshot = Memory::new(SNAPSHOT_SIZE).expect("memory");
    snapshot.write((CODE - SNAPSHOT) as usize, PROGRAM);
    snapshot
}

/// Identity-mapped, in pages of 1 GiB: 64 are enough for 36 bits.
fn page_tables() -> Memory {
    let scratch = Memory::new(SCRATCH_SIZE).expect("memory");
    scratch.write_u64((PML4 - SCRATCH) as usize, PDPT | PRESENT_WRITABLE);
    for i in 0..64 {
        let entry = i << 30 | GIGABYTE_PAGE | PRESENT_WRITABLE;
        scratch.write_u64((PDPT - SCRATCH + 8 * i) as usize, entry);
    }
    scratch
}

fn special() -> SpecialRegisters {
    let segment = |type_, l, s, limit| SegmentRegister {
        type_,
        l,
        s,
        limit,
        present: 1,
        ..Default::default()
    };
    SpecialRegisters {
        cs: segment(0xb, 1, 1, 0),
        tr: segment(0xb, 0, 0, 0xffff),
        cr0: 0x8005_0033,
        cr3: PML4,
        cr4: 0x620,
        efer: 0xd01,
        ..Default::default()
    }
}

struct Sandbox {
    vm: VmFd,
    vp: Arc<VcpuFd>,
    snapshot: Memory,
    scratch: Memory,
}

fn build(tap: &mut Tap, hv: &Mshv) -> Sandbox {
    let mut args = hv.make_default_partition_create_arg(VmType::Normal);
    args.pt_flags = 0;
    let vm = tap.need("a partition without flags", hv.create_vm_with_args(&args));
    let features = hv_partition_property_code_HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES;
    tap.need(
        "without synthetic features",
        vm.set_partition_property(features, 0),
    );
    tap.need("initialized", vm.initialize());
    let vp = Arc::new(tap.need("a processor", vm.create_vcpu(0)));
    tap.check("it has a register page", vp.get_vp_reg_page().is_some());
    tap.need(
        "special registers of long mode, the APIC's base is 0",
        vp.set_sregs(&special()),
    );
    let snapshot = load();
    let scratch = page_tables();
    tap.need(
        "a snapshot to read",
        vm.map_user_memory(snapshot_region(&snapshot)),
    );
    let flags = 1 << MSHV_SET_MEM_BIT_WRITABLE | 1 << MSHV_SET_MEM_BIT_EXECUTABLE;
    let writable = region(&scratch, SCRATCH, flags);
    tap.need("the last pages of 36 bits", vm.map_user_memory(writable));
    Sandbox {
        vm,
        vp,
        snapshot,
        scratch,
    }
}

/// A register of 64 bits.
fn one(name: u32, value: u64) -> hv_register_assoc {
    hv_register_assoc {
        name,
        value: hv_register_value { reg64: value },
        ..Default::default()
    }
}

/// What can be read can be written; all of them at once, with the MTRRs.
fn probe(tap: &mut Tap, vp: &VcpuFd) -> Vec<hv_register_assoc> {
    let mut found = Vec::new();
    for name in MSRS {
        let mut reg = [one(*name, 0)];
        if vp.get_reg(&mut reg).is_ok() {
            let set = vp.set_reg(&reg);
            if set.is_err() {
                tap.need("what was read can be written", set);
            }
            found.push(reg[0]);
        }
    }
    tap.check("most MSRs are there", found.len() > MSRS.len() / 2);
    let mut cap = [one(hv_register_name_HV_X64_REGISTER_MSR_MTRR_CAP, 0)];
    tap.need("the MTRRs' capabilities", vp.get_reg(&mut cap));
    // SAFETY: a register of 64 bits.
    let pairs = unsafe { cap[0].value.reg64 } as u32 & 0xff;
    tap.check("at most 16 of them are variable", pairs <= 16);
    found.push(one(hv_register_name_HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 0));
    for i in 0..pairs {
        found.push(one(
            hv_register_name_HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0 + i,
            0,
        ));
        found.push(one(
            hv_register_name_HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0 + i,
            0,
        ));
    }
    for name in 0x80070..=0x8007a {
        found.push(one(name, 0));
    }
    tap.need("all at once, read", vp.get_reg(&mut found));
    tap.need("and written", vp.set_reg(&found));
    found
}

/// What ends a function of the guest.
fn call(sandbox: &Sandbox, rip: u64) -> Result<hv_message, MshvError> {
    let regs = StandardRegisters {
        rip,
        rflags: 2,
        rax: STORED.into(),
        ..Default::default()
    };
    sandbox.vp.set_regs(&regs)?;
    sandbox.vp.run()
}

fn kind(message: Result<hv_message, MshvError>) -> Result<u32, MshvError> {
    message.map(|m| m.header.message_type)
}

fn functions(tap: &mut Tap, sandbox: &Sandbox) {
    let out = tap.need("a call of the host", call(sandbox, OUT));
    let info = out.to_ioport_info().map(|i| (i.port_number, i.rax));
    tap.equal("by a port", info.ok(), Some((HOST_CALL, 42)));
    let halt = hv_message_type_HVMSG_X64_HALT;
    tap.equal("HLT is an exit", kind(call(sandbox, HLT)), Ok(halt));
    let miss = tap.need("an access to no memory", call(sandbox, STORE));
    let gpa = |m: &hv_message| m.to_memory_info().map(|i| i.guest_physical_address).ok();
    tap.equal(
        "the store before it is done",
        gpa(&miss),
        Some(NOWHERE.into()),
    );
    tap.equal(
        "the scratch memory has the value",
        sandbox.scratch.read_u32(RESULT),
        STORED,
    );
    let direct = tap.need("an access to no memory, directly", call(sandbox, MISS));
    tap.equal("is at its address", gpa(&direct), Some(NOWHERE.into()));
}

/// The guest's memory is replaced while the partition is there.
fn replace(tap: &mut Tap, sandbox: &mut Sandbox) {
    let old = snapshot_region(&sandbox.snapshot);
    tap.need(
        "the snapshot is unmapped",
        sandbox.vm.unmap_user_memory(old),
    );
    let new = load();
    new.write_u32((CODE - SNAPSHOT) as usize + 1, 43);
    tap.need(
        "another one is mapped",
        sandbox.vm.map_user_memory(snapshot_region(&new)),
    );
    sandbox.snapshot = new;
    let out = tap.need("it is run", call(sandbox, OUT));
    tap.equal(
        "the new code is",
        out.to_ioport_info().map(|i| i.rax).ok(),
        Some(43),
    );
}

/// What Hyperlight does between two calls.
fn restore(tap: &mut Tap, sandbox: &Sandbox, msrs: &[hv_register_assoc]) {
    let vp = &sandbox.vp;
    tap.need(
        "debug registers",
        vp.set_debug_regs(&DebugRegisters::default()),
    );
    let mut xsave = tap.need("the XSAVE area", vp.get_xsave());
    xsave.buffer[512..520].copy_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0]);
    tap.need("put back with x87 and SSE", vp.set_xsave(&xsave));
    tap.need("XFEM", vp.set_xcrs(&Xcrs { xcr0: 1 }));
    tap.need("special registers", vp.set_sregs(&special()));
    tap.need("MSRs, the TSC among them", vp.set_reg(msrs));
    let out = tap.need("a call after that", call(sandbox, OUT));
    tap.check("works", out.to_ioport_info().is_ok());
}

/// An endless guest is ended by signals, and goes on where it was.
fn kill(tap: &mut Tap, sandbox: &Sandbox) {
    let regs = StandardRegisters {
        rip: SPIN,
        rflags: 2,
        ..Default::default()
    };
    tap.need("an endless loop", sandbox.vp.set_regs(&regs));
    let vp = sandbox.vp.clone();
    let runner = Runner::start(move |stop| loop {
        match vp.run() {
            Err(e) if e.errno() == libc::EINTR && stop.load(Ordering::SeqCst) => return true,
            Err(e) if [libc::EINTR, libc::EAGAIN].contains(&e.errno()) => {}
            _ => return false,
        }
    });
    tap.check("is ended by a signal", runner.stop());
    let rip = sandbox.vp.get_regs().map(|r| r.rip);
    tap.equal("the guest stands in its loop", rip, Ok(SPIN));
}

fn main() {
    let mut tap = Tap::new();
    prepare_kicks().expect("a handler");
    let hv = tap.need("the device", Mshv::new());
    let mut sandbox = build(&mut tap, &hv);
    let msrs = probe(&mut tap, &sandbox.vp);
    functions(&mut tap, &sandbox);
    restore(&mut tap, &sandbox, &msrs);
    replace(&mut tap, &mut sandbox);
    kill(&mut tap, &sandbox);
    tap.end()
}
