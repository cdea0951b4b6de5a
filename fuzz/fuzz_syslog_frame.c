/* fuzz: syslogd */
/* fuzz_syslog_frame.c - messages of a syslog connection: however the stream arrives in pieces, the
 * same messages come out, each lies inside of the stream behind the one before, and none is longer
 * than allowed. */
#include "base/buf.h"
#include "syslogd/syslogd_frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Frames a stream that arrives in pieces of these lengths, 0: at once. */
static void frame_all(
        struct hn_bytes in, size_t message_max, size_t piece, uint32_t seed, struct hn_buf *out)
{
    struct syslogd_framer framer = { .message_max = message_max };
    struct syslogd_frame frame;
    size_t have = piece == 0 ? in.len : 0;
    size_t pos = 0;

    for (;;) {
        bool at_end = have == in.len;
        struct hn_bytes rest = { in.ptr + pos, have - pos };

        if (rest.len > 0 && syslogd_frame_next(&framer, rest, at_end, &frame)) {
            check(frame.bytes > 0 && frame.bytes <= rest.len);
            check(frame.message.len <= message_max);
            if (frame.message.len > 0) {
                check(frame.message.ptr >= rest.ptr &&
                        frame.message.ptr + frame.message.len <= rest.ptr + frame.bytes);
                hn_buf_addf(out, "%zu %d%d:", frame.message.len, frame.cut, frame.misframed);
                hn_buf_add(out, frame.message.ptr, frame.message.len);
            }
            pos += frame.bytes;
            continue;
        }
        check(!at_end || rest.len == 0);
        check(at_end || rest.len < SYSLOGD_FRAME_BYTES_MAX(message_max));
        if (at_end)
            return;
        seed = (uint32_t)((uint64_t)seed * 1103515245u % 2147483647u) + 1;
        have += 1 + seed % piece;
        if (have > in.len)
            have = in.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = { 1, 3, 17, 200 };
    struct hn_buf whole = { 0 };
    struct hn_buf parts = { 0 };
    size_t message_max;

    if (size < 2)
        return 0;
    message_max = 1 + (size_t)data[0] % 64;
    frame_all(hn_bytes_of(data + 1, size - 1), message_max, 0, 0, &whole);
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        hn_buf_reset(&parts);
        frame_all(hn_bytes_of(data + 1, size - 1), message_max, pieces[i], data[1], &parts);
        check(hn_text_eq(hn_buf_text(&whole), hn_buf_text(&parts)));
    }
    hn_buf_deinit(&whole);
    hn_buf_deinit(&parts);
    return 0;
}
