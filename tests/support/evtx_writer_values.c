/* evtx_writer_values.c - typed values from their texts. */
#include "support/evtx_writer.h"

#include "base/enc.h"
#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"

static bool add_number(struct evtx_writer *w, uint8_t type, uint64_t number)
{
    static const uint8_t lens[] = { [EVTX_WRITE_INT8] = 1,
        [EVTX_WRITE_UINT8] = 1,
        [EVTX_WRITE_INT16] = 2,
        [EVTX_WRITE_UINT16] = 2,
        [EVTX_WRITE_INT32] = 4,
        [EVTX_WRITE_UINT32] = 4,
        [EVTX_WRITE_INT64] = 8,
        [EVTX_WRITE_UINT64] = 8,
        [EVTX_WRITE_REAL32] = 4,
        [EVTX_WRITE_REAL64] = 8,
        [EVTX_WRITE_BOOL] = 4,
        [EVTX_WRITE_POINTER] = 8,
        [EVTX_WRITE_FILETIME] = 8,
        [EVTX_WRITE_HEX32] = 4,
        [EVTX_WRITE_HEX64] = 8 };
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> (8 * i) & 0xFF);
    evtx_value_add(w, type, bytes, lens[type]);
    return true;
}

static bool add_real(struct evtx_writer *w, uint8_t type, double real)
{
    uint64_t bits = 0;

    if (type == EVTX_WRITE_REAL32) {
        float narrow = (float)real;
        uint32_t bits32;

        memcpy(&bits32, &narrow, sizeof bits32);
        bits = bits32;
    } else {
        memcpy(&bits, &real, sizeof bits);
    }
    return add_number(w, type, bits);
}

static bool add_guid(struct evtx_writer *w, struct hn_text text)
{
    static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
    char digits[32];
    size_t count = 0;
    struct hn_buf buf = { 0 };
    uint8_t guid[16];
    bool good;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '{' || text.ptr[i] == '}' || text.ptr[i] == '-')
            continue;
        if (count == sizeof digits)
            return false;
        digits[count++] = text.ptr[i];
    }
    good = count == sizeof digits && hn_hex_decode(&buf, hn_text_of(digits, count));
    for (size_t i = 0; good && i < sizeof guid; i++)
        guid[i] = (uint8_t)buf.ptr[order[i]];
    if (good)
        evtx_value_add(w, EVTX_WRITE_GUID, guid, sizeof guid);
    hn_buf_deinit(&buf);
    return good;
}

/* S-revision-authority-sub-sub-... */
static bool add_sid(struct evtx_writer *w, struct hn_text text)
{
    uint8_t sid[8 + 15 * 4] = { 0 };
    struct hn_text part;
    uint64_t number;
    size_t parts = 0;

    if (!hn_text_split(&text, '-', &part) || !hn_text_eq(part, HN_TEXT("S")))
        return false;
    for (; hn_text_split(&text, '-', &part); parts++) {
        if (!hn_parse_u64(part, &number) || number > UINT32_MAX || parts == 17)
            return false;
        if (parts == 0) {
            sid[0] = (uint8_t)number;
            continue;
        }
        for (size_t i = 0; i < 4; i++) {
            if (parts == 1)
                sid[4 + i] = (uint8_t)(number >> (24 - 8 * i) & 0xFF);
            else
                sid[8 + (parts - 2) * 4 + i] = (uint8_t)(number >> (8 * i) & 0xFF);
        }
    }
    if (parts < 2)
        return false;
    sid[1] = (uint8_t)(parts - 2);
    evtx_value_add(w, EVTX_WRITE_SID, sid, 8 + (parts - 2) * 4);
    return true;
}

static bool add_time(struct evtx_writer *w, uint8_t type, struct hn_text text)
{
    static const struct hn_time_defaults defaults = { 0 };
    hn_time time = hn_time_parse(text, &defaults);
    struct hn_calendar c;
    int32_t parts[8];
    uint8_t bytes[16];

    if (time == HN_TIME_NONE || time < 0)
        return false;
    if (type == EVTX_WRITE_FILETIME)
        return add_number(w, type, (uint64_t)time / 100 + UINT64_C(116444736000000000));
    c = hn_calendar_at(time, 0);
    parts[0] = c.year;
    parts[1] = c.month;
    parts[2] = c.weekday;
    parts[3] = c.day;
    parts[4] = c.hour;
    parts[5] = c.minute;
    parts[6] = c.second;
    parts[7] = c.nanosecond / 1000000;
    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        bytes[i * 2] = (uint8_t)(parts[i] & 0xFF);
        bytes[i * 2 + 1] = (uint8_t)(parts[i] >> 8);
    }
    evtx_value_add(w, type, bytes, sizeof bytes);
    return true;
}

/* A buffer's bytes as a value, when what filled it went well. */
static bool add_bytes(struct evtx_writer *w, uint8_t type, struct hn_buf *buf, bool good)
{
    good = good && hn_buf_ok(buf);
    if (good)
        evtx_value_add(w, type, buf->ptr == NULL ? "" : buf->ptr, buf->len);
    hn_buf_deinit(buf);
    return good;
}

bool evtx_value_add_text(struct evtx_writer *w, uint8_t type, const char *text)
{
    struct hn_text in = hn_text_cstr(text);
    struct hn_buf buf = { 0 };
    uint64_t number = 0;
    int64_t with_sign = 0;
    double real = 0;

    switch (type) {
    case EVTX_WRITE_NULL:
        evtx_value_add(w, type, "", 0);
        return true;
    case EVTX_WRITE_STRING:
        hn_utf8_to_utf16le(&buf, in);
        return add_bytes(w, type, &buf, true);
    case EVTX_WRITE_ANSI:
        evtx_value_add(w, type, in.ptr, in.len);
        return true;
    case EVTX_WRITE_INT8:
    case EVTX_WRITE_INT16:
    case EVTX_WRITE_INT32:
    case EVTX_WRITE_INT64:
        return hn_parse_i64(in, &with_sign) && add_number(w, type, (uint64_t)with_sign);
    case EVTX_WRITE_UINT8:
    case EVTX_WRITE_UINT16:
    case EVTX_WRITE_UINT32:
    case EVTX_WRITE_UINT64:
        return hn_parse_u64(in, &number) && add_number(w, type, number);
    case EVTX_WRITE_REAL32:
    case EVTX_WRITE_REAL64:
        return hn_parse_real(in, &real) && add_real(w, type, real);
    case EVTX_WRITE_BOOL:
        return add_number(w, type, hn_text_eq(in, HN_TEXT("true")) ? 1 : 0);
    case EVTX_WRITE_BINARY:
        return add_bytes(w, type, &buf, hn_hex_decode(&buf, in));
    case EVTX_WRITE_GUID:
        return add_guid(w, in);
    case EVTX_WRITE_POINTER:
    case EVTX_WRITE_HEX32:
    case EVTX_WRITE_HEX64:
        return hn_parse_hex64(in, &number) && add_number(w, type, number);
    case EVTX_WRITE_FILETIME:
    case EVTX_WRITE_SYSTEMTIME:
        return add_time(w, type, in);
    case EVTX_WRITE_SID:
        return add_sid(w, in);
    default:
        return false;
    }
}
