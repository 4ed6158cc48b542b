# SPDX-License-Identifier: GPL-2.0
#
# Thin: what is built is described where it stands.  "make help" lists targets.

O ?= build
override O := $(abspath $(O))
TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hv-root
# The root's kernel: 6.12 unless told otherwise, see scripts/lib.sh.
KERNEL ?=
override KERNEL := $(KERNEL:series-6.12=series)
export ROOT_KERNEL := $(KERNEL)
# A kernel's build folder to build the module for, in place of KERNEL's.
KDIR ?= $(CACHE)/headers/build

CPUS ?= 1
GUEST_CPUS ?= 1
GUEST_MEM ?= 256
MEM ?= 2G
SCHED ?= root
ACCEL ?=
COUNT ?= 10000
TIME ?= 60
SEED ?= 1
BASE ?= 6.12
WHO ?= ioctl
FIRMWARE ?= seabios
N ?= 1

export HV_ROOT_VERSION := $(shell sed -n 's/.* HV_ROOT_VERSION := //p' $(TOP)/Kbuild)

# Scripts that boot a machine take it from the environment.
accel = $(if $(ACCEL),ROOTVM_ACCEL=$(ACCEL))
# A compiler for each processor, unless "make -j" has said how many.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
sub = $(MAKE) -s --no-print-directory $(jobs) -C $(TOP)/$(1) O=$(2)
# Objects stand apart: whatever is in the folder of the programs goes into a root's initramfs.
selftests = $(call sub,tools/testing/selftests/$(1),) OUTPUT=$(O)/selftests OBJ=$(O)/selftests.objects \
	KSELFTEST=$(CACHE)/source/tools/testing/selftests USERCFLAGS=-Werror
# To the kernel's makefiles O is the build folder, and an empty one is none.
kbuild = $(MAKE) --no-print-directory $(jobs) -C $(KDIR) M=$(1) O=$(abspath $(KDIR)) modules

all: modules rootvisor rvctl hostroot mshvrun mshvstat selftests samples mshvbench

help:
	@sed -n 's/^## //p' $(TOP)/Makefile $(TOP)/scripts/install.mk

## all            build everything
## modules        build mshv.ko, for the kernel whose build folder is KDIR.
##                KERNEL=6.1 with this and the following: Debian 12's own kernel;
##                KERNEL=7.3: one with mainline's own driver, which ours replaces (built
##                once); KERNEL=series: a kernel with the patch series; KERNEL=series-7.3:
##                one with that for 7.3
## rootvisor      build the hypervisor
## hostroot       build the programs behind rootvm --host-root
## mshvrun        build the small VMM
## mshvstat       build the live statistics of exits
## selftests      build the tests that run in the root partition
## samples        build the programs that show how a VMM is written
## mshvbench      build the program that counts what operations cost
## run            boot the root, and a guest in it (CPUS=, GUEST_CPUS=, SCHED=);
##                ACCEL=kvm or tcg for it and for what follows: under KVM, or emulated
##                (default: under KVM where that can be; tests are emulated)
## run-qemu       the same with stock QEMU as VMM, and a guest with disk and network
## iso            make an image that PCs boot by BIOS or UEFI: GRUB, rootvisor, a root
##                and a guest in it
## run-iso        boot it in QEMU, as on a PC (CPUS=, FIRMWARE=seabios|ovmf)
## shell          boot the root with an interactive shell (CPUS=, SCHED=)
## smoke          run a few tests after an edit, from a built tree
## test           run all tests; JOB=REGEX: the jobs whose names match
## test-all       also run those that take long, as far as their parts are there
## test-list      list the jobs (JOB=, SUITE=), and how long each took the last time
## report         make an HTML page of the last run
## parts-all      build what test-all needs (takes long)
## test-debug     run the selftests on a kernel with run-time checks (built once, takes long)
## test-soak      run and destroy 10,000 partitions, a third of them by kill -9 (COUNT=)
## fuzz           random operations for TIME= seconds, from SEED= on; REPLAY=y shows them;
##                WHO=ioctl|vmm|guest|root is who does them
## kernel-debug   only build that kernel
## unit           run the tests that need no root partition
## coverage       show which lines and branches the tests run (takes half an hour and more)
## kunit          run the driver's unit tests in a kernel in user mode (built once)
## bench          count what operations cost; writes Documentation/virt/hyperv/costs.rst
##                (PEER=y: this driver beside mainline's, on kernel 7.3)
##                (AGAIN=y: how much that differs with other seeds, and from measurements
##                made elsewhere, AGAIN='FILE.json...')
##                (PROFILE=ROW: only the FUNCTIONS=10 functions that an operation spends
##                most instructions in, under SCHED=; DRIVER=ours or mainline: on kernel 7.3)
##                (BENCH_QEMU=n leaves what takes QEMU in the root, and KVM, as it is)
## bench-qemu     count what a guest's boot under stock QEMU costs, here and under KVM
## bench-kvm      count what rootvisor and a root need of KVM that runs them
## bench-iommu    count what DMA remapping costs
## check          compiler warnings, sparse, checkpatch, kernel-doc, shellcheck, documents,
##                messages of commits
## check-commits  build each of the last N= commits
## series         write the patch series for a mainline kernel to build/series; BASE=7.3: the
##                one for that kernel, to build/series-7.3
## series-check   apply it, and build and check each of its patches
## replay-check   compare the logs of two recorded runs
## clean          remove build results; the cache of fetched parts stays

$(CACHE)/headers/build:
	@$(TOP)/scripts/fetch headers >/dev/null

$(CACHE)/source/tools/testing/selftests:
	@$(TOP)/scripts/fetch kselftest >/dev/null

ifneq ($(filter-out 6.12,$(KERNEL)),)
modules:
	+@O=$(O) $(TOP)/scripts/build-module >/dev/null
else
# Modules for tests.
SCARCE := $(TOP)/tools/testing/selftests/local/scarce
HOSTILE := $(TOP)/tools/testing/selftests/local/hostile
RAW := $(TOP)/tools/testing/selftests/local/raw

# O means something else to the kernel's makefiles.
modules: | $(KDIR)
	+@$(call kbuild,$(TOP))
	@mkdir -p $(O)/modules
	@cp -u $(TOP)/drivers/hv/root/mshv.ko $(TOP)/drivers/iommu/hyperv/hv_root_iommu.ko $(O)/modules/
	+@$(call kbuild,$(SCARCE))
	+@$(call kbuild,$(HOSTILE))
	+@$(call kbuild,$(RAW))
	@mkdir -p $(O)/selftests
	@cp -u $(SCARCE)/mshv_scarce.ko $(HOSTILE)/mshv_hostile.ko $(RAW)/mshv_raw.ko \
		$(O)/selftests/
endif

rootvisor:
	+@$(call sub,tools/testing/rootvisor,$(O)/rootvisor)

rvctl:
	+@$(call sub,tools/testing/rootvisor/rvctl,$(O)/rvctl)

hostroot:
	+@$(call sub,tools/testing/hostroot,$(O)/hostroot)

mshvrun:
	+@$(call sub,tools/mshvrun,$(O)/mshvrun)

selftests: | $(CACHE)/source/tools/testing/selftests
	+@$(call selftests,mshv)
	+@$(call selftests,local)

# By the line that vmm.rst shows; static, because a root may have no libraries.
SAMPLES := $(patsubst $(TOP)/samples/mshv/%.c,$(O)/samples/%,$(wildcard $(TOP)/samples/mshv/*.c))
HEADERS := $(wildcard $(TOP)/include/hyperv/*.h) $(TOP)/include/uapi/linux/mshv.h

$(O)/samples/%: $(TOP)/samples/mshv/%.c $(HEADERS)
	@mkdir -p $(@D)
	@echo '  CC      $(@F)'
	@$(CC) -O2 -Wall -Wextra -Werror -pthread -static -I$(TOP)/include/uapi -I$(TOP)/include \
		-o $@ $<

samples: $(SAMPLES)

mshvbench:
	+@$(call sub,tools/testing/bench,$(O)/bench)

$(O)/guest-initrd.gz: scripts/initrd/guest-init scripts/mkinitrd scripts/gen_cpio.c
	@O=$(O) $(TOP)/scripts/mkinitrd guest $@

guest-initrd: $(O)/guest-initrd.gz

mshvstat:
	+@$(call sub,tools/mshvstat,$(O)/mshvstat)

guest:
	+@$(call sub,tools/testing/guest,$(O)/guest)

# A guest that checks itself, for mshvrun.
$(O)/check-initrd.gz: guest scripts/initrd/check-init scripts/mkinitrd scripts/gen_cpio.c
	@O=$(O) $(TOP)/scripts/mkinitrd guest $@ --init $(TOP)/scripts/initrd/check-init \
		--file $(O)/guest/check:/check

check-initrd: $(O)/check-initrd.gz

run: modules rootvisor rvctl mshvrun guest-initrd
	@O=$(O) $(accel) $(TOP)/scripts/run-guest --cpus $(CPUS) --mem $(MEM) --sched $(SCHED) \
		--guest-cpus $(GUEST_CPUS) --guest-mem $(GUEST_MEM)

# The guest that stock QEMU boots; the kernel it comes from must be there.
$(O)/qemu-guest-initrd.gz: scripts/initrd/qemu-guest-init scripts/mkinitrd scripts/gen_cpio.c
	@$(TOP)/scripts/fetch kernel >/dev/null
	@O=$(O) $(TOP)/scripts/mkinitrd guest $@ --init $< \
		--module virtio_blk --module virtio_net

qemu-guest-initrd: $(O)/qemu-guest-initrd.gz

# The one that Cloud Hypervisor boots.
$(O)/ch-guest-initrd.gz: scripts/initrd/ch-guest-init scripts/mkinitrd scripts/gen_cpio.c
	@$(TOP)/scripts/fetch kernel >/dev/null
	@O=$(O) $(TOP)/scripts/mkinitrd guest $@ --init $< --module virtio_blk \
		--module virtio_net --module button --module evdev

ch-guest-initrd: $(O)/ch-guest-initrd.gz

run-qemu: modules rootvisor rvctl guest-initrd qemu-guest-initrd
	@O=$(O) $(accel) $(TOP)/scripts/run-qemu --cpus $(CPUS) --mem $(MEM) --sched $(SCHED)

iso: modules rootvisor rvctl mshvrun guest-initrd
	@O=$(O) TARGETS_BUILT=all $(TOP)/scripts/mkiso $(O)/rootvisor.iso \
		--guest-cpus $(GUEST_CPUS) --guest-mem $(GUEST_MEM) --rootvisor sched=$(SCHED)

run-iso: iso
	@O=$(O) $(TOP)/scripts/run-iso $(O)/rootvisor.iso --firmware $(FIRMWARE) \
		--cpus $(CPUS) --mem $(MEM) --plain --log $(O)/run-iso

shell: all guest-initrd
	@O=$(O) $(accel) $(TOP)/scripts/rootvm --no-build --cpus $(CPUS) --mem $(MEM) \
		--sched $(SCHED) --shell

unit:
	+@$(call sub,tools/testing/unit,$(O)/unit) run
	+@$(call sub,tools/mshvrun,$(O)/mshvrun) test

coverage: python
	@python3 -B $(TOP)/tools/testing/coverage/coverage.py $(O)

kunit:
	@O=$(O) $(TOP)/scripts/kunit

# The test runner; see Documentation/virt/hyperv/testing.rst.
RUNNER = O=$(O) $(accel) python3 -B $(TOP)/tools/testing/runner/run.py
TESTED := all guest guest-initrd qemu-guest-initrd ch-guest-initrd check-initrd
# What is worth its time on a kernel that checks itself.
SUITE ?= $(if $(filter debug,$(KERNEL)),debug,test)
JOB ?=
# FILL=N: then what of test-all ends before minute N, counted from SINCE.
FILL ?=
SINCE ?=

test: $(TESTED) python
	@$(RUNNER) run --suite $(SUITE) $(if $(FILL),--fill $(FILL) $(if $(SINCE),--since $(SINCE))) \
		'$(value JOB)'

test-all: $(TESTED) python
	@$(RUNNER) run --suite all '$(value JOB)'

smoke: $(TESTED) python
	@$(RUNNER) run --suite smoke '$(value JOB)'

test-list: python
	@$(RUNNER) list --suite $(SUITE) '$(value JOB)'

report: python
	@$(RUNNER) report

parts-all:
	@O=$(O) $(TOP)/scripts/parts --make

python:
	@bash -c '. $(TOP)/scripts/lib.sh; need_tool python3 python3'

kernel-debug:
	@$(TOP)/scripts/parts --make kernel-debug

test-debug:
	@$(MAKE) --no-print-directory test KERNEL=debug

test-soak: modules rootvisor rvctl selftests python
	@TEST_SOAK=$(COUNT) $(RUNNER) run --suite soak '$(value JOB)'

fuzz: modules rootvisor rvctl selftests
	@O=$(O) $(accel) $(TOP)/scripts/fuzz --who $(WHO) --cpus $(CPUS) --sched $(SCHED) --seed $(SEED) \
		$(if $(REPLAY),--replay,--time $(TIME))

bench: modules rootvisor rvctl mshvbench qemu-guest-initrd guest-initrd
	@O=$(O) $(TOP)/scripts/bench $(if $(PEER),--peer) $(if $(AGAIN),--again $(filter %.json,$(AGAIN))) $(if $(PROFILE),--profile '$(PROFILE)' \
		--sched $(SCHED) $(if $(DRIVER),--driver $(DRIVER)) $(if $(FUNCTIONS),--functions $(FUNCTIONS)))

bench-qemu: modules rootvisor rvctl qemu-guest-initrd guest-initrd
	@O=$(O) $(TOP)/scripts/bench-qemu

bench-iommu: modules rootvisor rvctl selftests
	@O=$(O) $(TOP)/scripts/bench-iommu

bench-kvm: rootvisor rvctl guest-initrd
	@O=$(O) $(TOP)/scripts/bench-kvm

replay-check: modules rootvisor rvctl mshvrun guest-initrd
	@O=$(O) $(TOP)/scripts/replay-check

check:
	@O=$(O) $(TOP)/scripts/check

check-commits:
	@O=$(O) $(TOP)/scripts/check-commits $(N)

series:
	@O=$(O) BASE=$(BASE) $(TOP)/scripts/make-series

series-check:
	@O=$(O) BASE=$(BASE) $(TOP)/scripts/series-check

clean:
	rm -rf $(O)
	find $(TOP)/drivers $(TOP)/tools/testing/selftests \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '*.o.d' \) -delete
	rm -f $(TOP)/Module.symvers $(TOP)/modules.order $(TOP)/.Module.symvers.cmd \
		$(TOP)/.modules.order.cmd
	rm -f $(addprefix $(TOP)/tools/testing/selftests/local/scarce/,Module.symvers modules.order) \
		$(addprefix $(TOP)/tools/testing/selftests/local/hostile/,Module.symvers modules.order) \
		$(addprefix $(TOP)/tools/testing/selftests/local/raw/,Module.symvers modules.order)

include $(TOP)/scripts/install.mk

.PHONY: all help modules rootvisor rvctl hostroot mshvrun mshvstat selftests samples mshvbench guest guest-initrd check-initrd qemu-guest-initrd ch-guest-initrd run run-qemu iso run-iso shell unit kunit coverage test test-all bench bench-qemu bench-kvm bench-iommu \
	replay-check check check-commits series series-check clean
.PHONY: test-debug test-soak fuzz kernel-debug smoke test-list report parts-all python
