# SPDX-License-Identifier: GPL-2.0
#
# Part of the Makefile: what is used without the source tree.  scripts/install has
# the list of files.

PREFIX ?= /usr/local
DESTDIR ?=

put = O='$(O)' PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' $(TOP)/scripts/install

## install        install programs, manual pages, and rootvm with all it needs, below
##                PREFIX (/usr/local); DESTDIR= for packages
## install-dkms   install the driver, by DKMS
## install-grub   install rootvisor as a choice in GRUB's menu, after update-grub
## uninstall      remove what these have installed

$(O)/host/gen_cpio: $(TOP)/scripts/gen_cpio.c
	@mkdir -p $(@D)
	@$(CC) -O2 -o $@ $<

$(O)/host/dkms.conf: $(TOP)/tools/virt/dkms.conf $(TOP)/Kbuild
	@mkdir -p $(@D)
	@sed 's/@VERSION@/$(HV_ROOT_VERSION)/' $< >$@

install: rootvisor rvctl hostroot mshvrun mshvstat $(O)/host/gen_cpio
	@$(put) tools

install-dkms: $(O)/host/dkms.conf
	@$(put) dkms

install-grub: rootvisor
	@$(put) grub

uninstall:
	@$(put) remove

.PHONY: install install-dkms install-grub uninstall
