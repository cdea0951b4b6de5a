/* status.c - writes failure reports; knows nothing of what failed. */
#include "base/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const status_texts[] = {
#define HN_STATUS_TEXT(name, text) [name] = (text),
    HN_STATUS_LIST(HN_STATUS_TEXT)
#undef HN_STATUS_TEXT
};

const char *hn_status_text(enum hn_status status)
{
    if ((size_t)status >= HN_COUNT_OF(status_texts))
        return "unknown status";
    return status_texts[status];
}

static int err_open(struct hn_err *err, enum hn_status status)
{
    if (err == NULL || err->status != HN_OK)
        return 0;
    memset(err, 0, sizeof *err);
    err->status = status;
    return 1;
}

enum hn_status hn_fail(
        struct hn_err *err, enum hn_status status, uint64_t offset, const char *fmt, ...)
{
    if (err_open(err, status)) {
        va_list args;
        err->offset = offset;
        va_start(args, fmt);
        (void)vsnprintf(err->msg, sizeof err->msg, fmt, args);
        va_end(args);
    }
    return status;
}

enum hn_status hn_fail_at(struct hn_err *err, enum hn_status status, uint32_t line, uint32_t column,
        const char *fmt, ...)
{
    if (err_open(err, status)) {
        va_list args;
        err->line = line;
        err->column = column;
        va_start(args, fmt);
        (void)vsnprintf(err->msg, sizeof err->msg, fmt, args);
        va_end(args);
    }
    return status;
}

enum hn_status hn_fail_sys(struct hn_err *err, int saved_errno, const char *fmt, ...)
{
    enum hn_status status = saved_errno == ENOMEM ? HN_NOMEM : HN_IO;

    if (err_open(err, status)) {
        va_list args;
        size_t len;
        char reason[96] = "";

        err->sys_errno = saved_errno;
        va_start(args, fmt);
        (void)vsnprintf(err->msg, sizeof err->msg, fmt, args);
        va_end(args);
        len = strlen(err->msg);
        (void)strerror_r(saved_errno, reason, sizeof reason);
        (void)snprintf(err->msg + len, sizeof err->msg - len, ": %s", reason);
    }
    return status;
}
