# SPDX-License-Identifier: GPL-2.0
#
# How tests of /dev/mshv are built in this tree: each program of TEST_GEN_PROGS from a source
# of its name, what all of them share, and the library about /dev/mshv.  In a kernel's tree
# lib.mk does it, see patches/own.

MSHV := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
TOP := $(abspath $(MSHV)/../../../..)
OBJ = $(OUTPUT)/obj
# Guests are x86 code, and so is the interface as it stands here.
ARCH ?= $(shell uname -m)
ifeq ($(filter x86 x86_64,$(ARCH)),)
TEST_GEN_PROGS :=
endif
LIBMSHV = $(OBJ)/libmshv/libmshv.a
# There are headers beside these that are not for programs.
HEADERS = $(OBJ)/include

CFLAGS += -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -MMD -MP
CFLAGS += -I. -I$(MSHV) -I$(TOP)/tools/lib/mshv -I$(TOP)/tools/testing/rootvisor/include
CFLAGS += -I$(HEADERS) -D_GNU_SOURCE= $(USERCFLAGS)
LDFLAGS += -s -pthread

vpath %.c $(MSHV)
vpath %.S $(MSHV)

TEST_GEN_PROGS := $(addprefix $(OUTPUT)/,$(TEST_GEN_PROGS))
all: $(TEST_GEN_PROGS)
clean:
	rm -rf $(TEST_GEN_PROGS) $(OBJ)

# Without a static C library they are programs of which only a full system runs.
STATIC := $(shell echo 'int main(void) { return 0; }' | \
	$(CC) -static -x c - -o /dev/null 2>/dev/null && echo -static)
LDFLAGS += $(STATIC)
# The harness is not ours.
CFLAGS += -isystem $(KSELFTEST)

include $(TOP)/scripts/quiet.mk

SHARED := testvm testroot rvbooks waits repeat probe ear groups knobs

$(HEADERS):
	@mkdir -p $(HEADERS)/linux
	@ln -sfn $(TOP)/include/hyperv $(HEADERS)/hyperv
	@ln -sf $(TOP)/include/uapi/linux/mshv.h $(HEADERS)/linux/

$(OBJ)/%.o: %.c $(KSELFTEST)/kselftest_harness.h | $(HEADERS)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) -c $< -o $@

$(OBJ)/%.o: %.S | $(HEADERS)
	$(call say,AS)
	$(Q)$(CC) $(ASFLAGS) $(CFLAGS) -c $< -o $@

$(LIBMSHV): FORCE
	$(Q)$(MAKE) --no-print-directory -C $(TOP)/tools/lib/mshv O=$(@D) CC='$(CC)' $@

$(TEST_GEN_PROGS): $(OUTPUT)/%: $(OBJ)/%.o $(SHARED:%=$(OBJ)/%.o) $(LIBMSHV)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

-include $(wildcard $(OBJ)/*.d)

.PHONY: all clean FORCE
.SECONDARY:
