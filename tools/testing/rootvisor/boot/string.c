// SPDX-License-Identifier: GPL-2.0
/*
 * Library functions that a compiler may call implicitly, and a few more.
 *
 * An emulator executes each iteration of a string instruction as an
 * instruction, so words are copied first.
 */
#include <rv/base.h>

#define WORD	sizeof(u64)

void *memcpy(void *to, const void *from, size_t n)
{
	size_t words = n / WORD, bytes = n % WORD;
	void *p = to;

	if (words)
		__asm__ __volatile__("rep movsq" : "+D"(p), "+S"(from), "+c"(words)
				     :: "memory");
	if (bytes)
		__asm__ __volatile__("rep movsb" : "+D"(p), "+S"(from), "+c"(bytes)
				     :: "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s || d >= s + n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	size_t words = n / WORD, bytes = n % WORD;
	u64 value = (u8)c * 0x0101010101010101ull;
	void *p = to;

	if (words)
		__asm__ __volatile__("rep stosq" : "+D"(p), "+c"(words) : "a"(value)
				     : "memory");
	if (bytes)
		__asm__ __volatile__("rep stosb" : "+D"(p), "+c"(bytes) : "a"(value)
				     : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}
