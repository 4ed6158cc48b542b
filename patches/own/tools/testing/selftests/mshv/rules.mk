# SPDX-License-Identifier: GPL-2.0
#
# How tests of /dev/mshv are built: each program of TEST_GEN_PROGS from a source of its
# name, what all of them share, and the library about /dev/mshv; and mshvstat, the tool,
# which stat_tool tests.

OBJ = $(OUTPUT)/obj
# Guests are x86 code, and so is the interface as it stands here.
ARCH ?= $(shell uname -m)
ifeq ($(filter x86 x86_64,$(ARCH)),)
TEST_GEN_PROGS :=
else
TEST_GEN_PROGS_EXTENDED := mshvstat
endif

CFLAGS += -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -MMD -MP
CFLAGS += -I. -I$(TOOLS)/lib/mshv -I$(TOOLS)/testing/rootvisor/include
CFLAGS += -I$(OBJ)/include $(KHDR_INCLUDES)
LDFLAGS += -s -pthread
EXTRA_CLEAN = $(OBJ)

include ../lib.mk

TOOLS := $(abspath $(top_srcdir)/tools)
HYPERV := $(abspath $(top_srcdir)/include/hyperv)
LIBMSHV = $(OBJ)/libmshv/libmshv.a
# Without a static C library they are programs of which only a full system runs.
STATIC := $(shell echo 'int main(void) { return 0; }' | \
	$(CC) -static -x c - -o /dev/null 2>/dev/null && echo -static)
LDFLAGS += $(STATIC)
# The harness is not ours.
CFLAGS += -isystem $(selfdir)

SHARED := testvm testroot rvbooks waits repeat probe ear groups knobs

# There are headers beside these that are not for programs.
$(OBJ)/include:
	$(Q)mkdir -p $@
	$(Q)ln -sfn $(HYPERV) $@/hyperv

$(OBJ)/%.o: %.c ../kselftest_harness.h | $(OBJ)/include
	$(call msg,CC,,$@)
	$(Q)$(CC) $(CFLAGS) -c $< -o $@

$(OBJ)/%.o: %.S | $(OBJ)/include
	$(call msg,AS,,$@)
	$(Q)$(CC) $(ASFLAGS) $(CFLAGS) -c $< -o $@

$(LIBMSHV): FORCE
	$(Q)mkdir -p $(@D)
	$(Q)$(MAKE) -C $(TOOLS)/lib/mshv OUTPUT=$(@D)/ $@

$(TEST_GEN_PROGS): $(OUTPUT)/%: $(OBJ)/%.o $(SHARED:%=$(OBJ)/%.o) $(LIBMSHV)
	$(call msg,LINK,,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

$(OUTPUT)/mshvstat: FORCE
	$(Q)mkdir -p $(OBJ)/mshvstat
	$(Q)$(MAKE) -C $(TOOLS)/mshvstat OUTPUT=$(OBJ)/mshvstat/ LDFLAGS='$(STATIC)' all
	$(Q)cp $(OBJ)/mshvstat/mshvstat $@

-include $(wildcard $(OBJ)/*.d)

.PHONY: FORCE
.SECONDARY:
