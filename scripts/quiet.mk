# SPDX-License-Identifier: GPL-2.0
#
# Of each command a short line is printed: $(call say,CC) before it, and $(Q) in front
# of it.  V=1 prints the commands themselves.

ifeq ($(V),1)
Q :=
say =
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(notdir $@)
endif
