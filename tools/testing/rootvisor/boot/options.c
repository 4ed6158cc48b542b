// SPDX-License-Identifier: GPL-2.0
/* An unknown option is an error: a typo must not make a test check something else. */
#include <rootvisor/control.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/sched.h>
#include "../device/domain.h"
#include "../test/inject.h"
#include "log_serial.h"

static bool is_option(const char *text, u32 len, const char *option)
{
	return strlen(option) == len && !strncmp(text, option, len);
}

static bool number_option(const char *text, u32 len, const char *name, u32 *value)
{
	u32 n = (u32)strlen(name), v = 0;

	if (len <= n || len > n + 9 || strncmp(text, name, n))
		return false;
	for (; n < len; n++) {
		if (text[n] < '0' || text[n] > '9')
			return false;
		v = v * 10 + (u32)(text[n] - '0');
	}
	*value = v;
	return true;
}

static bool digit(char c, u32 *value)
{
	if (c >= '0' && c <= '9')
		*value = (u32)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*value = (u32)(c - 'a') + 10;
	else
		return false;
	return true;
}

/* "tcg=N": a sum of the bits in cpu/tcg.h, decimal. */
static bool defects_option(const char *text, u32 len)
{
	if (!number_option(text, len, "tcg=", &options.tcg_some))
		return false;
	options.tcg = TCG_SOME;
	return true;
}

/* "domains=N": a sum of the bits in device/domain.h, decimal. */
static bool domains_option(const char *text, u32 len)
{
	return number_option(text, len, "domains=", &options.domains) &&
	       options.domains <= DOMAINS_ALL;
}

static bool cpus_option(const char *text, u32 len)
{
	u32 cpus;

	if (!number_option(text, len, "cpus=", &cpus) || !cpus || cpus > MAX_LPS)
		return false;
	options.cpus = cpus;
	return true;
}

/* "fail=CODE,STATUS,SKIP,TIMES", all hexadecimal without a prefix. */
static bool fail_option(const char *text, u32 len)
{
	u32 field[4] = {}, n = 0, i, d;

	if (len < 6 || strncmp(text, "fail=", 5))
		return false;
	for (i = 5; i < len; i++) {
		if (text[i] == ',') {
			if (++n == ARRAY_SIZE(field))
				return false;
			continue;
		}
		if (!digit(text[i], &d) || field[n] > 0xfff)
			return false;
		field[n] = field[n] << 4 | d;
	}
	return n == ARRAY_SIZE(field) - 1 &&
	       inject_add_status(field[0], (u16)field[1], field[2], field[3],
				 RV_ANY_LP, 0) >= 0;
}

/* "log=serial" or "log=serial:PORT", hexadecimal. */
static bool serial_option(const char *text, u32 len)
{
	const u32 name = (u32)strlen("log=serial");
	u32 i = name + 1, d, port = 0;

	if (len < name || strncmp(text, "log=serial", name))
		return false;
	options.log_port = SERIAL_PORT;
	if (len == name)
		return true;
	if (len > i + 2 && text[i] == '0' && text[i + 1] == 'x')
		i += 2;
	if (text[name] != ':' || i == len || len > i + 4)
		return false;
	for (; i < len; i++) {
		if (!digit(text[i], &d))
			return false;
		port = port << 4 | d;
	}
	options.log_port = (u16)port;
	return port && port <= 0xfff8;
}

static void unknown_option(const char *text, u32 len)
{
	log_bytes("rootvisor: unknown option: ", text, len);
	panic("see the list of options in rootvisor.rst");
}

static void parse_one(const char *text, u32 len)
{
	if (is_option(text, len, "sched=root"))
		sched_is_root = true;
	else if (is_option(text, len, "sched=classic"))
		sched_is_root = false;
	else if (is_option(text, len, "control=on"))
		options.control = true;
	else if (is_option(text, len, "control=off"))
		options.control = false;
	else if (is_option(text, len, "root_compat=strict"))
		options.strict = true;
	else if (is_option(text, len, "root_compat=guest"))
		options.strict = false;
	else if (is_option(text, len, "vectors=strict"))
		options.strict_vectors = true;
	else if (is_option(text, len, "interrupts=count"))
		options.count_interrupts = true;
	else if (is_option(text, len, "icount=1"))
		options.icount = true;
	else if (is_option(text, len, "icount=0"))
		options.icount = false;
	else if (is_option(text, len, "park=first"))
		options.park = true;
	else if (is_option(text, len, "park=none"))
		options.park = false;
	else if (is_option(text, len, "touch=gp"))
		options.touch_mc = false;
	else if (is_option(text, len, "touch=mc"))
		options.touch_mc = true;
	else if (is_option(text, len, "poison=on"))
		options.poison = true;
	else if (is_option(text, len, "poison=off"))
		options.poison = false;
	else if (is_option(text, len, "rules=off"))
		options.rules_off = true;
	else if (is_option(text, len, "dma=on"))
		options.dma_off = false;
	else if (is_option(text, len, "dma=off"))
		options.dma_off = true;
	else if (is_option(text, len, "domains=off"))
		options.domains_off = true;
	else if (is_option(text, len, "dmar=visible"))
		options.dmar_visible = true;
	else if (is_option(text, len, "tcg=auto"))
		options.tcg = TCG_AUTO;
	else if (is_option(text, len, "tcg=on"))
		options.tcg = TCG_ON;
	else if (is_option(text, len, "tcg=off"))
		options.tcg = TCG_OFF;
	else if (is_option(text, len, "log=error"))
		log_level = LOG_ERROR;
	else if (is_option(text, len, "log=info"))
		log_level = LOG_INFO;
	else if (is_option(text, len, "log=debug"))
		log_level = LOG_DEBUG;
	else if (is_option(text, len, "log=trace"))
		log_level = LOG_TRACE;
	else if (is_option(text, len, "log=noserial"))
		options.log_no_serial = true;
	else if (!cpus_option(text, len) && !fail_option(text, len) && !serial_option(text, len) &&
		 !defects_option(text, len) && !domains_option(text, len) &&
		 !number_option(text, len, "lp_pages=", &options.lp_pages) &&
		 !number_option(text, len, "tick=", &options.tick) &&
		 !number_option(text, len, "lag=", &options.lag))
		unknown_option(text, len);
}

void options_parse(const char *text)
{
	while (*text) {
		const char *end;

		while (*text == ' ')
			text++;
		for (end = text; *end && *end != ' '; end++)
			;
		if (end > text)
			parse_one(text, (u32)(end - text));
		text = end;
	}
}
