# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For scripts/lib.sh: this copy was installed by "make install".
#
# Model: what is built stands beside scripts/ and is only read.  What an installed
# copy makes itself, the driver for the kernel in use, stands in the user's cache.

# shellcheck disable=SC2034 # used by the scripts
INSTALLED=y
O=$TOP
