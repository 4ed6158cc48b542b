// SPDX-License-Identifier: GPL-2.0
/* What both versions of multiboot have in common, see info.h. */
#include "info.h"

struct boot_info boot_info;

static bool copy_text(char *to, u32 room, const char *from, u32 len)
{
	if (len >= room)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

const char *boot_set_options(const char *text, u32 len)
{
	if (!copy_text(boot_info.options, OPTIONS_SIZE, text, len))
		return "the hypervisor's command line is too long";
	return NULL;
}

const char *boot_add_module(u64 base, u64 end, const char *args, u32 len)
{
	struct boot_module m = { .base = base, .size = end - base };

	if (end <= base)
		return "a module is empty";
	if (boot_info.initrd.size)
		return "there are more modules than a kernel and an initrd";
	if (boot_info.kernel.size) {
		boot_info.initrd = m;
		return NULL;
	}
	boot_info.kernel = m;
	if (!copy_text(boot_info.root_args, ROOT_ARGS_SIZE, args, len))
		return "the root's command line is too long";
	return NULL;
}

/*
 * A name may be a path, and a folder may have "=" in its name; what has it before the
 * first "/" is an argument.
 */
static bool looks_like_argument(const char *text)
{
	for (; *text && *text != ' ' && *text != '/'; text++)
		if (*text == '=')
			return true;
	return false;
}

const char *args_without_name(const char *text, enum first_word first)
{
	if (first == NAME_NEVER || (first == NAME_UNKNOWN && looks_like_argument(text)))
		return text;
	while (*text && *text != ' ')
		text++;
	while (*text == ' ')
		text++;
	return text;
}
