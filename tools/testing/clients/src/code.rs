// SPDX-License-Identifier: GPL-2.0
//! Programs of guests, as bytes, and the tables that they need.

use crate::memory::Memory;

/// Ports that the VMM answers.
pub const PORT: u16 = 0x3f8;
pub const SECOND_PORT: u16 = 0x3f9;
/// What the second processor says.
pub const SECOND_SAYS: u64 = 0xaa;
/// A doorbell, and a register of a device.
pub const DOORBELL: u64 = 0xd000_0000;
pub const DEVICE: u64 = 0xd000_1000;
pub const DEVICE_VALUE: u64 = 0x1234;
/// The interrupt that the guest counts.
pub const VECTOR: u8 = 0x30;

pub const ENTRY: u64 = 0x1000;
pub const STACK: u64 = 0x9000;
const HANDLER: u64 = 0x1800;
pub const IDT: u64 = 0x2000;
const COUNT: usize = 0x3000;
/// In the first word of a bitmap of pages.
pub const COUNTED_PAGE: u64 = 1 << (COUNT >> 12);
pub const GDT: u64 = 0x4000;
pub const CODE_SELECTOR: u16 = 0x8;
pub const DATA_SELECTOR: u16 = 0x10;
/// Where the second processor starts; SIPI's vector is its page.
const SECOND_ENTRY: usize = 0x8000;

/// 32 bits, flat, physical addresses.  Rings the doorbell, writes to the device, starts
/// processor 1, adds one to a number from the port; then counts interrupts, and says
/// after each how many there were.
const COUNTER: &[u8] = &[
    0xc7, 0x05, 0xf0, 0x00, 0xe0, 0xfe, 0xff, 0x01, 0, 0, // movl $0x1ff, SVR
    0xc7, 0x05, 0x00, 0x00, 0x00, 0xd0, 0x07, 0, 0, 0, //    movl $7, DOORBELL
    0xc7, 0x05, 0x00, 0x10, 0x00, 0xd0, 0x34, 0x12, 0, 0, // movl $0x1234, DEVICE
    0xc7, 0x05, 0x10, 0x03, 0xe0, 0xfe, 0, 0, 0, 0x01, //    movl $1 << 24, ICR2
    0xc7, 0x05, 0x00, 0x03, 0xe0, 0xfe, 0x00, 0x45, 0, 0, // movl $INIT, ICR
    0xc7, 0x05, 0x00, 0x03, 0xe0, 0xfe, 0x08, 0x46, 0, 0, // movl $SIPI | 8, ICR
    0x66, 0xba, 0xf8, 0x03, //                               mov $PORT, %dx
    0xed, 0x40, 0xef, //                                     in; inc %eax; out
    0xfb, 0xf4, 0xfa, //                                  1: sti; hlt; cli
    0xa1, 0x00, 0x30, 0, 0, //                               mov COUNT, %eax
    0xef, 0xeb, 0xf5, //                                     out; jmp 1b
];

const COUNTER_HANDLER: &[u8] = &[
    0xff, 0x05, 0x00, 0x30, 0, 0, //                         incl COUNT
    0xc7, 0x05, 0xb0, 0x00, 0xe0, 0xfe, 0, 0, 0, 0,    //       movl $0, EOI
    0xcf, //                                                 iret
];

/// 16 bits: says that it runs, and sleeps.
const SECOND: &[u8] = &[
    0xfa, 0xba, 0xf9, 0x03, //                               cli; mov $SECOND_PORT, %dx
    0xb0, 0xaa, 0xee, //                                     mov $SECOND_SAYS, %al; out
    0xf4, 0xeb, 0xfd, //                                  1: hlt; jmp 1b
];

/// Descriptors of 4 GiB.
const FLAT_CODE: u64 = 0x00cf_9b00_0000_ffff;
const FLAT_DATA: u64 = 0x00cf_9300_0000_ffff;
const INTERRUPT_GATE: u64 = 0x8e00 << 32;

/// The program above, with its tables.
pub fn load_counter(memory: &Memory) {
    memory.write(ENTRY as usize, COUNTER);
    memory.write(HANDLER as usize, COUNTER_HANDLER);
    memory.write(SECOND_ENTRY, SECOND);
    memory.write_u64(GDT as usize + CODE_SELECTOR as usize, FLAT_CODE);
    memory.write_u64(GDT as usize + DATA_SELECTOR as usize, FLAT_DATA);
    let gate = HANDLER | u64::from(CODE_SELECTOR) << 16 | INTERRUPT_GATE;
    memory.write_u64(IDT as usize + 8 * VECTOR as usize, gate);
}

/// As many as the guest has counted.
pub fn counted(memory: &Memory) -> u32 {
    memory.read_u32(COUNT)
}

// --- a guest with a synthetic interrupt controller ---

/// Of its controller's sources the one for messages, and a connection that nothing has.
pub const SINT: u8 = 2;
pub const CONNECTION: u64 = 0x1_0002;
/// HvCallSignalEvent, with its input in registers.
pub const SIGNAL_EVENT: u64 = 0x1_005d;

/// 32 bits, flat.  Says who it is, gets a hypercall page and the controller; signals an
/// event and says what the call returned; says 1 on the second port when it is ready.
/// Then it says the type of each message, frees its slot and tells so.
const LISTENER: &[u8] = &[
    0xc7, 0x05, 0xf0, 0x00, 0xe0, 0xfe, 0xff, 0x01, 0, 0, // movl $0x1ff, SVR
    0xb9, 0x00, 0, 0, 0x40, 0xb8, 1, 0, 0, 0, //             GUEST_OS_ID
    0xba, 0, 0, 0, 0x81, 0x0f, 0x30, //                      = 0x81000000_00000001
    0xb9, 0x01, 0, 0, 0x40, 0xb8, 0x01, 0x60, 0, 0, //       HYPERCALL
    0x31, 0xd2, 0x0f, 0x30, //                               = 0x6000, on
    0xb9, 0x83, 0, 0, 0x40, 0xb8, 0x01, 0x70, 0, 0, //       SIMP
    0x31, 0xd2, 0x0f, 0x30, //                               = 0x7000, on
    0xb9, 0x92, 0, 0, 0x40, 0xb8, 0x30, 0, 0, 0, //          SINT2
    0x31, 0xd2, 0x0f, 0x30, //                               = VECTOR
    0xb9, 0x80, 0, 0, 0x40, 0xb8, 0x01, 0, 0, 0, //          SCONTROL
    0x31, 0xd2, 0x0f, 0x30, //                               = on
    0xb8, 0x5d, 0, 1, 0, 0x31, 0xd2, 0x31, 0xdb, //          SIGNAL_EVENT in edx:eax
    0xb9, 2, 0, 1, 0, 0x31, 0xf6, 0x31, 0xff, //             CONNECTION in ebx:ecx
    0xbd, 0, 0x60, 0, 0, 0xff, 0xd5, //                      call it
    0x66, 0xba, 0xf8, 0x03, 0xef, //                         out %eax, PORT
    0x66, 0xba, 0xf9, 0x03, 0xb8, 1, 0, 0, 0, 0xef, //       out $1, SECOND_PORT
    0x66, 0xba, 0xf8, 0x03, //                               mov $PORT, %dx
    0xfb, 0xf4, 0xfa, //                                  1: sti; hlt; cli
    0xa1, 0x00, 0x72, 0, 0,    //                               mov 0x7000 + SINT * 256, %eax
    0xef, //                                                 out
    0xc7, 0x05, 0x00, 0x72, 0, 0, 0, 0, 0, 0, //             movl $0, the same
    0xb9, 0x84, 0, 0, 0x40, 0x31, 0xc0, //                   EOM
    0x31, 0xd2, 0x0f, 0x30, //                               = 0
    0x66, 0xba, 0xf8, 0x03, //                               mov $PORT, %dx
    0xeb, 0xdc, //                                           jmp 1b
];

/// The program above, with the tables and the handler of the other one.
pub fn load_listener(memory: &Memory) {
    load_counter(memory);
    memory.write(ENTRY as usize, LISTENER);
    assert!(LISTENER.len() < (HANDLER - ENTRY) as usize);
}
