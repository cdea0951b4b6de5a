/* fuzz: known */
/* fuzz_clamd.c - answers of clamd.
 *
 * Oracle: what is read lies in the line and says the same when it is written as clamd writes it; a
 * line that says nothing of a signature never becomes one, and "OK" is said for one line alone. */
#include "known/known.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text line = hn_bytes_as_text(hn_bytes_of(data, size));
    struct known_clamd_reply reply;
    struct known_clamd_reply again;
    struct hn_buf written = { 0 };

    if (!known_clamd_reply_read(line, &reply))
        return 0;
    check(reply.text.len > 0 && reply.text.ptr >= line.ptr &&
            reply.text.ptr + reply.text.len <= line.ptr + line.len);
    check(reply.kind != KNOWN_CLAMD_FOUND || hn_text_find(line, HN_TEXT(" FOUND"), 0) != SIZE_MAX);
    check(reply.kind != KNOWN_CLAMD_FINE || hn_text_eq(hn_text_trim(line), HN_TEXT("stream: OK")));
    hn_buf_addf(&written, "stream: %.*s%s", HN_TEXT_ARG(reply.text),
            reply.kind == KNOWN_CLAMD_FOUND   ? " FOUND"
            : reply.kind == KNOWN_CLAMD_ERROR ? " ERROR"
                                              : "");
    check(known_clamd_reply_read(hn_buf_text(&written), &again));
    check(again.kind == reply.kind && hn_text_eq(again.text, reply.text));
    hn_buf_deinit(&written);
    return 0;
}
