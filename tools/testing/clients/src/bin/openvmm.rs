// SPDX-License-Identifier: GPL-2.0
//! What OpenVMM does, on the crates that it is built with: also what it takes to serve
//! VMBus to a guest, namely its hypercalls for connections that do not exist, messages
//! and events, and level-triggered interrupts.
//!
//! Model: one processor, whose APIC has an id that the VMM chooses.  The guest
//! (code.rs) signals an event, then says the type of each message that it gets.

mod bindings {
    pub use mshv_bindings_06::*;
}
mod ioctls {
    pub use mshv_ioctls_06::*;
}
#[path = "../vmm.rs"]
mod vmm;

use std::sync::Arc;

use bindings::*;
use ioctls::{InterruptRequest, Mshv, MshvError, VcpuFd, VmFd, VmType};
use mshv_bindings_06::make_args;
use mshv_clients::code;
use mshv_clients::memory::{Memory, PAGE};
use mshv_clients::tap::Tap;
use mshv_clients::thread::prepare_kicks;
use vmm::{freeze, map, restore, save, set, set_flat, set_in_page, skip, Running, Said};

const MEMORY: usize = 2 << 20;
const APIC_ID: u64 = 5;
const EXECUTE: u32 = 4;
const ANY_VP: u32 = u32::MAX;
/// Kinds of intercepts that the crate's bindings have no names for.
const HYPERCALL: u32 = 0x8;
const UNKNOWN_CONNECTION: u32 = 0xd;
const UNKNOWN_DEVICE: u32 = 0xf;
/// A leaf of CPUID that is the VMM's own.
const LEAF: u32 = 0x4000_0100;
const LEAF_VALUE: u32 = 0x5678_1234;
const RAX: usize = 0;
/// Length of VMMCALL and VMCALL.
const CALL: u64 = 3;
/// What the guest is told of its call, in the low half.
const ANSWER: u64 = 0x55;
/// Size of a message; its type comes first.
const MESSAGE: usize = 256;
/// Where the bits of sources are in DELIVERABILITY_NOTIFICATIONS.
const SINTS: u8 = 48;

struct Guest {
    vm: VmFd,
    vps: Vec<Arc<VcpuFd>>,
    memory: Memory,
}

/// For all processors, by the partition's descriptor, before there is a second one.
fn set_cpuid(vm: &VmFd) -> Result<(), MshvError> {
    let cpuid = hv_register_x64_cpuid_result_parameters {
        input: hv_register_x64_cpuid_result_parameters__bindgen_ty_1 {
            eax: LEAF,
            always_override: 1,
            ..Default::default()
        },
        result: hv_register_x64_cpuid_result_parameters__bindgen_ty_2 {
            eax: LEAF_VALUE,
            eax_mask: u32::MAX,
            ..Default::default()
        },
    };
    let input = hv_input_register_intercept_result {
        vp_index: ANY_VP,
        intercept_type: hv_intercept_type_HV_INTERCEPT_TYPE_X64_CPUID,
        parameters: hv_register_intercept_result_parameters { cpuid },
        ..Default::default()
    };
    vm.hvcall(&mut make_args!(HVCALL_REGISTER_INTERCEPT_RESULT, input))
}

fn features() -> u64 {
    let mut mask = hv_partition_synthetic_processor_features { as_uint64: [0] };
    // SAFETY: bits of one number.
    let bits = unsafe { &mut mask.__bindgen_anon_1 };
    bits.set_hypervisor_present(1);
    bits.set_hv1(1);
    bits.set_access_vp_run_time_reg(1);
    bits.set_access_partition_reference_counter(1);
    bits.set_access_synic_regs(1);
    bits.set_access_synthetic_timer_regs(1);
    bits.set_access_intr_ctrl_regs(1);
    bits.set_access_hypercall_regs(1);
    bits.set_access_vp_index(1);
    bits.set_access_partition_reference_tsc(1);
    bits.set_access_guest_idle_reg(1);
    bits.set_access_frequency_regs(1);
    bits.set_fast_hypercall_output(1);
    bits.set_direct_synthetic_timers(1);
    bits.set_extended_processor_masks(1);
    bits.set_tb_flush_hypercalls(1);
    bits.set_synthetic_cluster_ipi(1);
    bits.set_signal_events(1);
    // SAFETY: the same number.
    unsafe { mask.as_uint64[0] }
}

fn build(tap: &mut Tap, hv: &Mshv) -> Guest {
    let mut args = hv.make_default_partition_create_arg(VmType::Normal);
    // All features that the VMM knows, also those that this processor does not have.
    args.pt_cpu_fbanks = [0, 0];
    let vm = tap.need(
        "a partition with more features than there are",
        hv.create_vm_with_args(&args),
    );
    let code = hv_partition_property_code_HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES;
    set(tap, "synthetic features", &vm, code, features());
    tap.need("initialized", vm.initialize());
    let sockets = hv_partition_property_code_HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET;
    set(tap, "processors per socket", &vm, sockets, 1);
    let vp = Arc::new(tap.need("a processor", vm.create_vcpu(0)));
    for intercept_type in [HYPERCALL, UNKNOWN_CONNECTION, UNKNOWN_DEVICE] {
        let intercept = mshv_install_intercept {
            access_type_mask: EXECUTE,
            intercept_type,
            intercept_parameter: hv_intercept_parameters { as_uint64: 0 },
        };
        tap.need("an intercept", vm.install_intercept(intercept));
    }
    tap.need("CPUID for all processors", set_cpuid(&vm));
    let id = hv_register_assoc {
        name: hv_register_name_HV_X64_REGISTER_INITIAL_APIC_ID,
        value: hv_register_value { reg64: APIC_ID },
        ..Default::default()
    };
    tap.need("an id for its APIC", vp.set_reg(&[id]));
    let memory = Memory::new(MEMORY).expect("memory");
    tap.need("memory", map(&vm, &memory, 0, true));
    freeze(tap, &vm, true);
    Guest {
        vm,
        vps: vec![vp],
        memory,
    }
}

fn stop(tap: &mut Tap, running: Running) {
    tap.check("the processor stops when it is kicked", running.stop());
}

/// The guest's call is the VMM's to answer.
fn serve_call(tap: &mut Tap, guest: &Guest) {
    let vp = &guest.vps[0];
    let message = tap.need("the guest runs", vp.run());
    let kind = message.header.message_type;
    tap.equal(
        "it makes a hypercall",
        kind,
        hv_message_type_HVMSG_HYPERCALL_INTERCEPT,
    );
    // SAFETY: the payload of a message of this type; it may be at any address.
    let info: hv_x64_hypercall_intercept_message =
        unsafe { std::ptr::read_unaligned(std::ptr::addr_of!(message.u.payload).cast()) };
    tap.equal("for an event", info.rax & 0xffff_ffff, code::SIGNAL_EVENT);
    tap.equal(
        "of a connection that nothing has",
        info.rcx & 0xffff_ffff,
        code::CONNECTION,
    );
    set_in_page(vp, HV_X64_REGISTER_CLASS_GENERAL, RAX, ANSWER);
    skip(vp, &info.header, CALL);
}

fn message(kind: u32) -> [u8; MESSAGE] {
    let mut bytes = [0; MESSAGE];
    bytes[..4].copy_from_slice(&kind.to_le_bytes());
    bytes[4] = 16;
    bytes
}

fn post(guest: &Guest, kind: u32) -> Result<(), MshvError> {
    guest.vm.post_message_direct(0, code::SINT, &message(kind))
}

/// The type of the message that waits for the guest.  Its page of messages is over its
/// memory, and the VMM finds it nowhere else.
fn slot(guest: &Guest) -> Result<u32, MshvError> {
    let page = Memory::new(PAGE).expect("a page");
    let mut state = mshv_get_set_vp_state {
        type_: MSHV_VP_STATE_SIMP as u8,
        buf_sz: PAGE as u32,
        buf_ptr: page.address(),
        ..Default::default()
    };
    guest.vps[0].get_vp_state_ioctl(&mut state)?;
    Ok(page.read_u32(MESSAGE * usize::from(code::SINT)))
}

/// Two messages; the second has to wait for the guest to free the slot.
fn two_messages(tap: &mut Tap, guest: &Guest) {
    tap.need("a message", post(guest, 1));
    tap.equal("is in the guest's slot", slot(guest), Ok(1));
    tap.refused("a second one has no place", post(guest, 2));
    let wait = guest
        .vm
        .register_deliverabilty_notifications(0, 1 << (SINTS + code::SINT));
    tap.need("the VMM wants to be told", wait);
    let running = Running::start(&guest.vps);
    let heard = Some(Said::Port(0, code::PORT, 1));
    tap.equal("the guest gets the first", running.hear(), heard);
    let free = Said::Exit(0, hv_message_type_HVMSG_SYNIC_SINT_DELIVERABLE);
    tap.equal("and the VMM is told", running.hear(), Some(free));
    tap.need("the second one", post(guest, 2));
    let heard = Some(Said::Port(0, code::PORT, 2));
    tap.equal("arrives as well", running.hear(), heard);
    stop(tap, running);
}

/// Its end is told to the VMM, which has the IO-APIC.
fn level(tap: &mut Tap, guest: &Guest) {
    let running = Running::start(&guest.vps);
    let request = InterruptRequest {
        interrupt_type: hv_interrupt_type_HV_X64_INTERRUPT_TYPE_FIXED,
        apic_id: APIC_ID,
        vector: code::VECTOR.into(),
        level_triggered: true,
        logical_destination_mode: false,
        long_mode: false,
    };
    let asserted = guest.vm.request_virtual_interrupt(&request);
    tap.need("a level-triggered interrupt, by the APIC's id", asserted);
    let mut words = [running.hear(), running.hear()];
    words.sort();
    let end = Said::Exit(0, hv_message_type_HVMSG_X64_APIC_EOI);
    let wanted = [Some(Said::Port(0, code::PORT, 0)), Some(end)];
    tap.equal("is taken, and its end told", words, wanted);
    stop(tap, running);
}

/// Into another partition, with its time.
fn revive(tap: &mut Tap, hv: &Mshv, old: Guest) -> Guest {
    freeze(tap, &old.vm, true);
    let code = hv_partition_property_code_HV_PARTITION_PROPERTY_REFERENCE_TIME;
    let time = tap.need("the guest's time", old.vm.get_partition_property(code));
    let mut saved = tap.need("the processor is saved", save(&old.vm, &old.vps[0]));
    let new = build(tap, hv);
    new.memory.copy_from(&old.memory);
    drop(old);
    set(tap, "its time", &new.vm, code, time);
    tap.need(
        "the processor is restored",
        restore(&new.vps[0], 0, &mut saved),
    );
    freeze(tap, &new.vm, false);
    new
}

fn main() {
    let mut tap = Tap::new();
    prepare_kicks().expect("a handler");
    let hv = tap.need("the device", Mshv::new());
    let guest = build(&mut tap, &hv);
    code::load_listener(&guest.memory);
    set_flat(&mut tap, &guest.vps[0]);
    let own = guest.vps[0].get_cpuid_values(LEAF, 0, 1, 0).map(|v| v[0]);
    tap.equal("the VMM's leaf of CPUID is there", own, Ok(LEAF_VALUE));
    freeze(&mut tap, &guest.vm, false);

    serve_call(&mut tap, &guest);
    let running = Running::start(&guest.vps);
    let told = Some(Said::Port(0, code::PORT, ANSWER));
    tap.equal("the guest gets the VMM's answer", running.hear(), told);
    let ready = Some(Said::Port(0, code::SECOND_PORT, 1));
    tap.equal("and is ready", running.hear(), ready);
    stop(&mut tap, running);
    two_messages(&mut tap, &guest);
    level(&mut tap, &guest);

    let guest = revive(&mut tap, &hv, guest);
    two_messages(&mut tap, &guest);
    tap.end()
}
