/* status.h - how every function says that it failed: a status and, for people, a place and reason.
 *
 * Three kinds are never mixed: a bug is an assertion; a failure is a status from this list; a
 * finding (odd or damaged input) is evidence and travels with the result.
 * Concurrency: struct hn_err belongs to its caller; there is no hidden state.
 * Memory: none; the message is part of the struct. */
#ifndef HN_BASE_STATUS_H
#define HN_BASE_STATUS_H

#include "base/attr.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define HN_STATUS_LIST(X)              \
    X(HN_OK, "ok")                     \
    X(HN_NOMEM, "out of memory")       \
    X(HN_LIMIT, "limit reached")       \
    X(HN_TRUNCATED, "cut off")         \
    X(HN_CORRUPT, "damaged")           \
    X(HN_SYNTAX, "syntax error")       \
    X(HN_UNSUPPORTED, "not supported") \
    X(HN_NOTFOUND, "not found")        \
    X(HN_IO, "input/output error")     \
    X(HN_CANCELLED, "cancelled")

enum hn_status {
#define HN_STATUS_ENUM(name, text) name,
    HN_STATUS_LIST(HN_STATUS_ENUM)
#undef HN_STATUS_ENUM
};

/* Where and why. Zero-initialise before use; line and column count from 1, 0 means "not known";
 * offset counts bytes from the start of the input that the caller named. */
struct hn_err {
    enum hn_status status;
    int sys_errno;
    uint64_t offset;
    uint32_t line;
    uint32_t column;
    char msg[192];
};

/* A fixed English text for the status alone. Never NULL. */
const char *hn_status_text(enum hn_status status);

/* Fills *err unless it is NULL or already tells of a failure (the first writer is the nearest to
 * the cause), and returns status, so that `return hn_fail(...)` is the idiom. */
enum hn_status hn_fail(struct hn_err *err, enum hn_status status, uint64_t offset, const char *fmt,
        ...) HN_PRINTF(4, 5);

/* The same with a line and column, for text that people edit (rules, lists, configuration). */
enum hn_status hn_fail_at(struct hn_err *err, enum hn_status status, uint32_t line, uint32_t column,
        const char *fmt, ...) HN_PRINTF(5, 6);

/* The same for a failed system call; saved_errno is errno as the call left it. */
enum hn_status hn_fail_sys(struct hn_err *err, int saved_errno, const char *fmt, ...)
        HN_PRINTF(3, 4);

#endif
