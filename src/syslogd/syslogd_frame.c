/* syslogd_frame.c - where messages begin and end in a stream. */
#include "syslogd/syslogd_frame.h"

#include <assert.h>

static bool is_end(uint8_t byte)
{
    return byte == '\n' || byte == '\0';
}

/* The first line end in in[start .. limit), or limit. */
static size_t find_end(struct hn_bytes in, size_t start, size_t limit)
{
    while (start < limit && !is_end(in.ptr[start]))
        start++;
    return start;
}

/* Carriage returns and line ends in front of a message belong to none. */
static size_t between(struct hn_bytes in)
{
    size_t len = 0;

    while (len < in.len && (is_end(in.ptr[len]) || in.ptr[len] == '\r'))
        len++;
    return len;
}

static bool pass_over(
        struct syslogd_framer *framer, struct hn_bytes in, struct syslogd_frame *frame)
{
    size_t end;

    if (framer->skip == SYSLOGD_SKIP_OCTETS) {
        frame->bytes = in.len < framer->skip_left ? in.len : framer->skip_left;
        framer->skip_left -= frame->bytes;
        if (framer->skip_left == 0)
            framer->skip = SYSLOGD_SKIP_NOTHING;
        return true;
    }
    end = find_end(in, 0, in.len);
    frame->bytes = end < in.len ? end + 1 : in.len;
    if (end < in.len)
        framer->skip = SYSLOGD_SKIP_NOTHING;
    return true;
}

enum prefix { PREFIX_NONE, PREFIX_COUNT, PREFIX_UNKNOWN };

/* "83 " in front of '<'. PREFIX_UNKNOWN: it may be one, when more has come. */
static enum prefix read_prefix(struct hn_bytes in, size_t *ret_head, size_t *ret_len)
{
    size_t digits = 0;
    size_t len = 0;

    while (digits < in.len && in.ptr[digits] >= '0' && in.ptr[digits] <= '9') {
        if (digits == SYSLOGD_LENGTH_DIGITS_MAX)
            return PREFIX_NONE;
        len = len * 10 + (size_t)(in.ptr[digits++] - '0');
    }
    if (digits == 0 ? in.len > 0 : in.ptr[0] == '0')
        return PREFIX_NONE;
    if (digits == in.len)
        return PREFIX_UNKNOWN;
    if (in.ptr[digits] != ' ')
        return PREFIX_NONE;
    if (digits + 1 == in.len)
        return PREFIX_UNKNOWN;
    *ret_head = digits + 1;
    *ret_len = len;
    return in.ptr[digits + 1] == '<' ? PREFIX_COUNT : PREFIX_NONE;
}

static bool counted(struct syslogd_framer *framer, struct hn_bytes in, size_t len, bool at_end,
        struct syslogd_frame *frame)
{
    size_t max = framer->message_max;
    size_t want = len < max ? len : max;

    if (in.len < want && !at_end)
        return false;
    if (in.len < want)
        want = in.len;
    frame->message = hn_bytes_of(in.ptr, want);
    frame->bytes += want;
    frame->cut = want == max && len > max;
    framer->counted = true;
    if (frame->cut) {
        framer->skip = SYSLOGD_SKIP_OCTETS;
        framer->skip_left = len - want;
    }
    return true;
}

static bool line(
        struct syslogd_framer *framer, struct hn_bytes in, bool at_end, struct syslogd_frame *frame)
{
    size_t max = framer->message_max;
    size_t limit = in.len < max + 1 ? in.len : max + 1;
    size_t end = find_end(in, framer->scanned, limit);

    if (end == limit && in.len <= max && !at_end) {
        framer->scanned = end;
        return false;
    }
    frame->bytes = end + 1;
    if (end == limit) { /* no end */
        frame->cut = in.len > max;
        if (frame->cut) {
            end = max;
            framer->skip = SYSLOGD_SKIP_LINE;
        }
        frame->bytes = end;
    }
    frame->message = hn_bytes_of(in.ptr, end);
    frame->misframed = framer->counted && in.ptr[0] != '<';
    return true;
}

/* Line ends behind a counted message are no part of it: senders count them or not. */
static void trim(struct hn_bytes *message)
{
    while (message->len > 0 &&
            (is_end(message->ptr[message->len - 1]) || message->ptr[message->len - 1] == '\r'))
        message->len--;
}

bool syslogd_frame_next(struct syslogd_framer *framer, struct hn_bytes in, bool at_end,
        struct syslogd_frame *ret_frame)
{
    struct syslogd_frame frame = { .message = { in.ptr, 0 } };
    size_t len = 0;
    enum prefix prefix;
    bool found;

    assert(framer->message_max > 0);
    if (in.len == 0)
        return false;
    frame.bytes = between(in);
    if (framer->skip != SYSLOGD_SKIP_NOTHING) {
        found = pass_over(framer, in, &frame);
    } else if (frame.bytes > 0) {
        found = true;
    } else {
        prefix = framer->scanned > 0 ? PREFIX_NONE : read_prefix(in, &frame.bytes, &len);
        if (prefix == PREFIX_UNKNOWN && !at_end)
            return false;
        if (prefix == PREFIX_COUNT) {
            struct hn_bytes rest = { in.ptr + frame.bytes, in.len - frame.bytes };

            found = counted(framer, rest, len, at_end, &frame);
        } else {
            found = line(framer, in, at_end, &frame);
        }
    }
    if (!found)
        return false;
    framer->scanned = 0;
    trim(&frame.message);
    *ret_frame = frame;
    return true;
}
