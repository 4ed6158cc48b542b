# SPDX-License-Identifier: GPL-2.0
#
# How tests of /dev/mshv are built: each program of TEST_GEN_PROGS from a source of its
# name, what all of them share, and the library about /dev/mshv.

MSHV := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
TOP := $(abspath $(MSHV)/../../../..)
OBJ = $(OUTPUT)/obj
# Guests are x86 code, and so is the interface as it stands here.
ARCH ?= $(shell uname -m)
ifeq ($(filter x86 x86_64,$(ARCH)),)
TEST_GEN_PROGS :=
endif
LIBMSHV = $(OBJ)/libmshv/libmshv.a
# In a kernel's tree there are headers beside these that are not for programs.
HEADERS = $(OBJ)/include
# A kernel that has headers of the interface has those for programs below tools/.
HYPERV = $(firstword $(wildcard $(TOP)/tools/include/hyperv) $(TOP)/include/hyperv)

CFLAGS += -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -MMD -MP
CFLAGS += -I. -I$(MSHV) -I$(TOP)/tools/lib/mshv -I$(TOP)/tools/testing/rootvisor/include
CFLAGS += -I$(HEADERS) $(KHDR_INCLUDES)
LDFLAGS += -s -pthread
EXTRA_CLEAN = $(OBJ)

vpath %.c $(MSHV)
vpath %.S $(MSHV)

ifneq ($(wildcard $(MSHV)/../lib.mk),)
KSELFTEST := $(MSHV)/..
include $(MSHV)/../lib.mk
else
CFLAGS += -D_GNU_SOURCE= $(USERCFLAGS)
TEST_GEN_PROGS := $(addprefix $(OUTPUT)/,$(TEST_GEN_PROGS))
all: $(TEST_GEN_PROGS)
clean:
	rm -rf $(TEST_GEN_PROGS) $(EXTRA_CLEAN)
endif
# Without a static C library they are programs of which only a full system runs.
STATIC := $(shell echo 'int main(void) { return 0; }' | \
	$(CC) -static -x c - -o /dev/null 2>/dev/null && echo -static)
LDFLAGS += $(STATIC)
# The harness is not ours.
CFLAGS += -isystem $(KSELFTEST)

include $(TOP)/tools/lib/mshv/quiet.mk

SHARED := testvm testroot rvbooks waits repeat probe ear groups knobs

# In a kernel's tree linux/mshv.h is one of the headers that "make headers" installs.
$(HEADERS):
	@mkdir -p $(HEADERS)/linux
	@ln -sfn $(HYPERV) $(HEADERS)/hyperv
	@$(if $(KHDR_INCLUDES),,ln -sf $(TOP)/include/uapi/linux/mshv.h $(HEADERS)/linux/)

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
