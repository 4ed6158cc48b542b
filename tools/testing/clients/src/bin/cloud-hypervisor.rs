// SPDX-License-Identifier: GPL-2.0
//! What Cloud Hypervisor does, on the crates that it is built with.
//!
//! Model: a guest with two processors counts interrupts (code.rs).  It is started, run,
//! paused with its time frozen, saved, ended, restored as another partition and goes on
//! counting.  The order of the calls is Cloud Hypervisor's.

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
use ioctls::{IoEventAddress, Mshv, NoDatamatch, VcpuFd, VmFd, VmType};
use mshv_clients::code;
use mshv_clients::memory::Memory;
use mshv_clients::tap::Tap;
use mshv_clients::thread::prepare_kicks;
use vmm::{freeze, map, restore, route, save, set, set_flat, Running, Said, GIVEN};
use vmm_sys_util::eventfd::{EventFd, EFD_NONBLOCK};

const MEMORY: usize = 2 << 20;
const ROM: u64 = 0xffff_0000;
const ROM_SIZE: usize = 0x10000;
const GSI: u32 = 24;
const VPS: u8 = 2;
const DISABLED_LA57: u64 = 1 << 4;
/// MSRs that are set to zero before the start, and the default type of memory.
const ZERO: [u32; 8] = [
    0x174,
    0x175,
    0x176,
    0xc000_0081,
    0xc000_0082,
    0xc000_0083,
    0xc000_0084,
    0xc000_0102,
];
const MTRR_DEF_TYPE: u32 = 0x2ff;
const WRITE_BACK: u64 = 0x806;
/// Entries of the local vector table, and their delivery modes.
const LINT0: (usize, u8) = (0x350, 7);
const LINT1: (usize, u8) = (0x360, 4);

struct Guest {
    vm: VmFd,
    vps: Vec<Arc<VcpuFd>>,
    memory: Memory,
    _rom: Memory,
    doorbell: EventFd,
    interrupt: EventFd,
}

fn create(tap: &mut Tap, hv: &Mshv) -> VmFd {
    let mut args = hv.make_default_partition_create_arg(VmType::Normal);
    args.pt_flags |= 1 << MSHV_PT_BIT_NESTED_VIRTUALIZATION;
    args.pt_cpu_fbanks[1] |= DISABLED_LA57;
    let vm = tap.need(
        "a partition, with the flag for nesting",
        hv.create_vm_with_args(&args),
    );
    let mask = hv.make_default_synthetic_features_mask();
    let features = hv_partition_property_code_HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES;
    set(tap, "synthetic features", &vm, features, mask);
    tap.need("initialized", vm.initialize());
    let action = hv_partition_property_code_HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
    set(tap, "unknown MSRs read zero", &vm, action, 1);
    freeze(tap, &vm, true);
    tap.equal(
        "the features are the partition's",
        vm.get_partition_property(features),
        Ok(mask),
    );
    vm
}

fn build(tap: &mut Tap, hv: &Mshv) -> Guest {
    let vm = create(tap, hv);
    let doorbell = EventFd::new(EFD_NONBLOCK).expect("an eventfd");
    let interrupt = EventFd::new(EFD_NONBLOCK).expect("an eventfd");
    let address = IoEventAddress::Mmio(code::DOORBELL);
    let rings = vm.register_ioevent(&doorbell, &address, NoDatamatch);
    tap.need("a doorbell before there is memory", rings);
    let memory = Memory::new(MEMORY).expect("memory");
    let rom = Memory::new(ROM_SIZE).expect("memory");
    tap.need("memory", map(&vm, &memory, 0, true));
    tap.need("a ROM", map(&vm, &rom, ROM, false));
    let vps = (0..VPS)
        .map(|i| Arc::new(tap.need("a processor", vm.create_vcpu(i))))
        .collect();
    tap.need("a route", route(&vm, GSI));
    tap.need("an irqfd", vm.register_irqfd(&interrupt, GSI));
    Guest {
        vm,
        vps,
        memory,
        _rom: rom,
        doorbell,
        interrupt,
    }
}

/// Only bits that are one: the mask of each register is its value.
fn set_cpuid(tap: &mut Tap, vp: &VcpuFd, id: u32) {
    let entry = |function, index, ebx, ecx, edx| hv_cpuid_entry {
        function,
        index,
        ebx,
        ecx,
        edx,
        ..Default::default()
    };
    let entries = [
        entry(1, 0, id << 24 | 1 << 16, 1 << 31, 1 << 12),
        entry(0xb, 0, 1, 1 << 8, id),
        entry(0xb, 1, VPS.into(), 2 << 8 | 1, id),
    ];
    let cpuid = CpuId::from_entries(&entries).expect("a few entries");
    tap.need("CPUID", vp.register_intercept_result_cpuid(&cpuid));
}

fn set_msrs(tap: &mut Tap, vp: &VcpuFd) {
    let msr = |index, data| msr_entry {
        index,
        data,
        ..Default::default()
    };
    let mut msrs = ZERO.map(|index| msr(index, 0)).to_vec();
    msrs.push(msr(MTRR_DEF_TYPE, WRITE_BACK));
    let msrs = Msrs::from_entries(&msrs).expect("a few entries");
    tap.need("MSRs", vp.set_msrs(&msrs));
}

fn set_registers(tap: &mut Tap, vp: &VcpuFd) {
    set_msrs(tap, vp);
    set_flat(tap, vp);
    let fpu = FloatingPointUnit {
        fcw: 0x37f,
        mxcsr: 0x1f80,
        ..Default::default()
    };
    tap.need("the FPU", vp.set_fpu(&fpu));
    let mut lapic = tap.need("the local APIC", vp.get_lapic());
    for (offset, mode) in [LINT0, LINT1] {
        let byte = &mut lapic.regs[offset + 1];
        *byte = (*byte as u8 & !7 | mode) as _;
    }
    tap.need("its LINT0 and LINT1", vp.set_lapic(&lapic));
}

fn pause(tap: &mut Tap, guest: &Guest, running: Running) {
    tap.check("the processors stop when they are kicked", running.stop());
    freeze(tap, &guest.vm, true);
}

fn resume(tap: &mut Tap, guest: &Guest) -> Running {
    freeze(tap, &guest.vm, false);
    Running::start(&guest.vps)
}

/// One more interrupt, and what the guest says then.
fn count(tap: &mut Tap, guest: &Guest, running: &Running, wanted: u64) {
    guest.interrupt.write(1).expect("an eventfd");
    let said = Some(Said::Port(0, code::PORT, wanted));
    tap.equal("an interrupt by irqfd is counted", running.hear(), said);
    tap.equal(
        "in the guest's memory too",
        code::counted(&guest.memory).into(),
        wanted,
    );
}

fn first_words(tap: &mut Tap, guest: &Guest, running: &Running) {
    let mut words: Vec<_> = (0..3).map(|_| running.hear()).collect();
    words.sort();
    let device = Said::Device(0, code::DEVICE);
    let second = Said::Port(1, code::SECOND_PORT, code::SECOND_SAYS);
    let wanted = [Said::Port(0, code::PORT, GIVEN + 1), second, device];
    let wanted = wanted.into_iter().map(Some).collect();
    tap.equal("port, device and second processor speak", words, wanted);
    tap.equal("the doorbell rings", guest.doorbell.read().ok(), Some(1));
}

/// The dirty log; all of it has to be marked before it is switched off.
fn migrate(tap: &mut Tap, guest: &Guest, running: &Running, wanted: u64) {
    let set = MSHV_GPAP_ACCESS_OP_SET as u8;
    let log = |op| guest.vm.get_dirty_log(0, MEMORY, op);
    tap.need("the dirty log is on", guest.vm.enable_dirty_page_tracking());
    tap.need("read and cleared", log(MSHV_GPAP_ACCESS_OP_CLEAR as u8));
    count(tap, guest, running, wanted);
    let dirty = tap.need("read again", log(MSHV_GPAP_ACCESS_OP_CLEAR as u8));
    tap.check(
        "it has the page of the count",
        dirty[0] & code::COUNTED_PAGE != 0,
    );
    tap.check(
        "and not those that nothing writes to",
        dirty[1..].iter().all(|w| *w == 0),
    );
    tap.need("set for all memory", log(set));
    let rom = guest.vm.get_dirty_log(ROM >> 12, ROM_SIZE, set);
    tap.need("also for the ROM", rom);
    tap.need(
        "the dirty log is off",
        guest.vm.disable_dirty_page_tracking(),
    );
}

/// Into another partition, with a copy of the memory.
fn revive(tap: &mut Tap, hv: &Mshv, old: Guest) -> Guest {
    let code = hv_partition_property_code_HV_PARTITION_PROPERTY_REFERENCE_TIME;
    let time = tap.need("the guest's time", old.vm.get_partition_property(code));
    let mut saved: Vec<_> = old
        .vps
        .iter()
        .map(|vp| tap.need("a processor is saved", save(&old.vm, vp)))
        .collect();
    let new = build(tap, hv);
    new.memory.copy_from(&old.memory);
    drop(old);
    for (id, (vp, saved)) in new.vps.iter().zip(&mut saved).enumerate() {
        tap.need("a processor is restored", restore(vp, id, saved));
    }
    set(tap, "its time", &new.vm, code, time);
    let stands = new.vm.get_partition_property(code);
    tap.equal("stands as long as it is frozen", stands, Ok(time));
    new
}

fn main() {
    let mut tap = Tap::new();
    prepare_kicks().expect("a handler");
    let hv = tap.need("the device", Mshv::new());
    let guest = build(&mut tap, &hv);
    code::load_counter(&guest.memory);
    for (id, vp) in guest.vps.iter().enumerate() {
        set_cpuid(&mut tap, vp, id as u32);
        set_registers(&mut tap, vp);
    }
    let sockets = hv_partition_property_code_HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET;
    set(&mut tap, "processors per socket", &guest.vm, sockets, 1);

    let running = resume(&mut tap, &guest);
    first_words(&mut tap, &guest, &running);
    count(&mut tap, &guest, &running, 1);
    count(&mut tap, &guest, &running, 2);
    pause(&mut tap, &guest, running);

    let running = resume(&mut tap, &guest);
    count(&mut tap, &guest, &running, 3);
    migrate(&mut tap, &guest, &running, 4);
    pause(&mut tap, &guest, running);

    let guest = revive(&mut tap, &hv, guest);
    let running = resume(&mut tap, &guest);
    count(&mut tap, &guest, &running, 5);
    pause(&mut tap, &guest, running);
    tap.end()
}
