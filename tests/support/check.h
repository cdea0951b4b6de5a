/* check.h - assertions on texts for the unit tests, and what the tests share.
 *
 * Memory, concurrency: for tests only; failures end the test through cmocka. */
#ifndef TESTS_SUPPORT_CHECK_H
#define TESTS_SUPPORT_CHECK_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

/* The text is exactly the C string. */
#define check_text(actual, expected) check_text_at((actual), (expected), __FILE__, __LINE__)
void check_text_at(struct hn_text actual, const char *expected, const char *file, int line);

/* The bytes appended to buf so far; then it is emptied for the next check. */
#define check_buf(buf, expected) check_buf_at((buf), (expected), __FILE__, __LINE__)
void check_buf_at(struct hn_buf *buf, const char *expected, const char *file, int line);

/* Folder of the real data named by HN_SHARED, or NULL where it is absent (then call skip()). */
const char *check_shared(void);

/* Reads a whole file into *ret_text. The bytes to give back with hn_free(), NULL when it cannot be
 * read. */
HN_MUST_USE char *check_read_file(const char *path, struct hn_text *ret_text);

/* A small generator whose sequence is the same on every run. */
struct check_random {
    uint64_t state;
};
uint64_t check_random_next(struct check_random *random);
/* 0 .. below - 1; below is not 0. */
uint32_t check_random_below(struct check_random *random, uint32_t below);

#endif
