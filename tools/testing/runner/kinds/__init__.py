# SPDX-License-Identifier: GPL-2.0
"""Functions of jobs, by what they are about."""
