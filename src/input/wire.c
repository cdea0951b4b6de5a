/* wire.c - writes and checks the messages between the jailed child and its parent. */
#include "input/wire.h"

#include "base/reader.h"
#include "jail/jail.h"

/* ---- The child's side --------------------------------------------------------------------------
 */

static void store(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static bool send_header(
        int out, enum wire_kind kind, uint8_t finding, uint64_t number, size_t payload_len)
{
    uint8_t header[WIRE_HEADER_BYTES] = { (uint8_t)kind, finding };

    store(header + 4, payload_len, 4);
    store(header + 8, number, 8);
    return jail_write(out, header, sizeof header);
}

static bool send_entry(void *ctx, struct hn_text name, uint64_t size)
{
    const int *out = ctx;

    return send_header(*out, WIRE_ENTRY, 0, size, name.len) && jail_write(*out, name.ptr, name.len);
}

static bool send_data(void *ctx, struct hn_bytes data, uint64_t done)
{
    const int *out = ctx;

    return send_header(*out, WIRE_DATA, 0, done, data.len) && jail_write(*out, data.ptr, data.len);
}

static bool send_end(void *ctx, uint64_t done)
{
    const int *out = ctx;

    return send_header(*out, WIRE_END, 0, done, 0);
}

static bool send_finding(
        void *ctx, enum hn_finding_kind kind, struct hn_text name, const char *reason)
{
    const int *out = ctx;
    struct hn_text text = hn_text_cstr(reason);

    return send_header(*out, WIRE_FINDING, (uint8_t)kind, 0, name.len + 1 + text.len) &&
           jail_write(*out, name.ptr, name.len) && jail_write(*out, "", 1) &&
           jail_write(*out, text.ptr, text.len);
}

int wire_serve(const struct unpack_source *source, const struct unpack_options *options, int out)
{
    struct unpack_sink sink = { send_entry, send_data, send_end, send_finding, &out };
    enum hn_status status = unpacker_run(source, options, &sink);

    if (status == HN_LIMIT)
        status = HN_OK; /* it has been told as a finding */
    return send_header(out, WIRE_DONE, 0, status, 0) ? 0 : 1;
}

/* ---- The parent's side -------------------------------------------------------------------------
 */

static bool is_in_order(const struct wire_message *message, bool in_entry)
{
    switch (message->kind) {
    case WIRE_ENTRY:
        return !in_entry && message->payload.len > 0;
    case WIRE_DATA:
        return in_entry && message->payload.len > 0;
    case WIRE_END:
        return in_entry && message->payload.len == 0;
    case WIRE_FINDING:
        return message->finding < HN_FINDING_COUNT;
    case WIRE_DONE:
        return !in_entry && message->payload.len == 0;
    }
    return false;
}

size_t wire_parse(struct hn_bytes in, bool in_entry, struct wire_message *ret_message)
{
    struct hn_reader r = hn_reader_over(in);
    uint8_t kind = hn_reader_u8(&r);
    uint8_t finding = hn_reader_u8(&r);
    uint16_t zero = hn_reader_u16(&r);
    uint32_t len = hn_reader_u32(&r);
    struct wire_message message = { .number = hn_reader_u64(&r) };

    if (!hn_reader_ok(&r))
        return 0;
    if (kind < WIRE_ENTRY || kind > WIRE_DONE || zero != 0 || len > WIRE_PAYLOAD_BYTES)
        return SIZE_MAX;
    message.kind = (enum wire_kind)kind;
    message.finding = (enum hn_finding_kind)finding;
    message.payload = hn_reader_take(&r, len);
    if (!hn_reader_ok(&r))
        return 0;
    if (!is_in_order(&message, in_entry))
        return SIZE_MAX;
    *ret_message = message;
    return WIRE_HEADER_BYTES + (size_t)len;
}

bool wire_split_finding(
        const struct wire_message *message, struct hn_text *ret_name, struct hn_text *ret_reason)
{
    struct hn_text text = hn_bytes_as_text(message->payload);
    size_t nul = hn_text_find_char(text, '\0', 0);

    if (nul == SIZE_MAX)
        return false;
    *ret_name = hn_text_sub(text, 0, nul);
    *ret_reason = hn_text_sub(text, nul + 1, text.len);
    return true;
}
