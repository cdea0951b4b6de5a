/* serve_log.h - the server's own log: one line an occurrence, on standard error.
 *
 * Each line has a time, a level, an id that never changes ("door.refused"), a sentence for people,
 * and fields. Text from outside is escaped. An id that occurs too often is counted instead, and the
 * count is told with the next line that gets through, so that nobody can fill the disk by making
 * the server complain. No secrets: callers pass names and places, never contents.
 *
 * Concurrency: any thread, after serve_log_init().
 * Memory: nothing is allocated for a line of up to SERVE_LOG_LINE_MAX bytes; longer ones are cut.
 */
#ifndef HN_SERVE_SERVE_LOG_H
#define HN_SERVE_SERVE_LOG_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "config/config.h"

#include <stddef.h>
#include <stdint.h>

#define SERVE_LOG_LINE_MAX 8192
#define SERVE_LOG_IDS_MAX  256 /* different ids; more share one count */
#define SERVE_LOG_BURST    20  /* lines of an id within SERVE_LOG_SPAN_S */
#define SERVE_LOG_SPAN_S   10
/* The id that is never held back: each is a change that somebody was let in for, and what is
 * missing here cannot be proven later. */
#define SERVE_LOG_AUDIT "audit.entry"

struct serve_field {
    const char *key;
    struct hn_text text; /* ptr NULL: a number */
    int64_t number;
};
#define SERVE_TEXT(key_, value)  ((struct serve_field){ .key = (key_), .text = (value) })
#define SERVE_COUNT(key_, value) ((struct serve_field){ .key = (key_), .number = (int64_t)(value) })

/* fd: where lines go, usually 2. */
void serve_log_init(enum config_log_format format, enum config_log_level level, int fd);

void serve_log_write(enum config_log_level level, const char *id, const char *message,
        const struct serve_field *fields, size_t count);

/* serve_log(CONFIG_LOG_INFO, "set.switched", "another set judges", SERVE_TEXT("digest", hex)) */
#define serve_log(level, id, ...) SERVE_LOG_PICK(level, id, __VA_ARGS__, (struct serve_field){ 0 })
#define SERVE_LOG_PICK(level, id, message, ...)                                            \
    serve_log_write((level), (id), (message), (const struct serve_field[]){ __VA_ARGS__ }, \
            sizeof((const struct serve_field[]){ __VA_ARGS__ }) / sizeof(struct serve_field))

/* The same for a failure: its place and reason become fields. */
void serve_log_failure(
        enum config_log_level level, const char *id, const char *message, const struct hn_err *err);

#endif
