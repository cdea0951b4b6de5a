/* decode_evtx_value.c - typed values of binary XML as values of an event.
 *
 * Strings stay UTF-16, numbers stay numbers, and what has a text form of its own (GUID, SID, times)
 * stays bytes until someone asks for the text. */
#include "decode/decode_evtx.h"

#include "base/num.h"
#include "base/utf.h"
#include "base/win.h"

#include <math.h>
#include <stdlib.h>

static bool as_form(struct hn_value *ret, enum hn_form form, struct hn_bytes bytes)
{
    ret->type = HN_TYPE_STRING;
    ret->form = (uint8_t)form;
    ret->ptr = (const char *)bytes.ptr;
    ret->len = (uint32_t)bytes.len;
    return true;
}

/* What a value becomes that is not what its type says. */
static bool as_bytes(struct hn_value *ret, struct hn_bytes bytes)
{
    (void)as_form(ret, HN_FORM_BYTES, bytes);
    return false;
}

static bool as_signed(struct hn_value *ret, int64_t number)
{
    ret->type = HN_TYPE_INT;
    ret->form = HN_FORM_NUMBER;
    ret->number.i = number;
    return true;
}

static bool as_unsigned(struct hn_value *ret, enum hn_form form, uint64_t number)
{
    ret->type = number <= INT64_MAX ? HN_TYPE_INT : HN_TYPE_UINT;
    ret->form = (uint8_t)form;
    ret->number.u = number;
    return true;
}

/* Windows counts the NUL behind a string sometimes; it is no part of the text. */
static bool as_string(struct hn_value *ret, struct hn_bytes bytes)
{
    bool whole = bytes.len % 2 == 0;

    while (whole && bytes.len >= 2 && bytes.ptr[bytes.len - 2] == 0 &&
            bytes.ptr[bytes.len - 1] == 0)
        bytes.len -= 2;
    (void)as_form(ret, HN_FORM_UTF16, bytes);
    return whole;
}

/* Windows-1252 where it differs from ISO 8859-1; 0: unassigned. */
static const uint16_t windows_1252[32] = { 0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
    0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D,
    0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178 };

/* The code page is not recorded. UTF-8 hardly ever looks well-formed by accident; all else is taken
 * for Western European, as other readers do. */
static bool as_ansi(struct hn_event *event, struct hn_value *ret, struct hn_bytes bytes)
{
    char *out;
    size_t len = 0;

    while (bytes.len > 0 && bytes.ptr[bytes.len - 1] == 0)
        bytes.len--;
    if (hn_utf8_valid(bytes))
        return as_form(ret, HN_FORM_TEXT, bytes);
    out = hn_event_room(event, bytes.len * 3);
    if (out == NULL) {
        event->values_dropped++;
        return as_form(ret, HN_FORM_TEXT, hn_bytes_of("", 0));
    }
    for (size_t i = 0; i < bytes.len; i++) {
        uint32_t c = bytes.ptr[i];

        if (c >= 0x80 && c < 0xA0)
            c = windows_1252[c - 0x80] != 0 ? windows_1252[c - 0x80] : 0xFFFD;
        len += hn_utf8_encode(c, out + len);
    }
    return as_form(ret, HN_FORM_TEXT, hn_bytes_of(out, len));
}

/* Integers of 1, 2, 4 or 8 bytes, whatever their type promises. */
static bool load_unsigned(struct hn_bytes bytes, uint64_t *ret_number)
{
    switch (bytes.len) {
    case 1:
        *ret_number = bytes.ptr[0];
        return true;
    case 2:
        *ret_number = hn_load_u16(bytes.ptr);
        return true;
    case 4:
        *ret_number = hn_load_u32(bytes.ptr);
        return true;
    case 8:
        *ret_number = hn_load_u64(bytes.ptr);
        return true;
    default:
        return false;
    }
}

static bool load_signed(struct hn_bytes bytes, int64_t *ret_number)
{
    uint64_t number = 0;
    uint64_t sign;

    if (!load_unsigned(bytes, &number))
        return false;
    sign = (uint64_t)1 << (bytes.len * 8 - 1);
    *ret_number = (int64_t)((number ^ sign) - sign);
    return true;
}

/* A float as the double of its shortest decimal: 0.1f is 0.1, not 0.10000000149011612. */
static double widen(float narrow)
{
    char text[32];

    if (!isfinite(narrow))
        return (double)narrow;
    for (int precision = 6; precision < 9; precision++) {
        (void)snprintf(text, sizeof text, "%.*g", precision, (double)narrow);
        if (strtof(text, NULL) == narrow)
            return strtod(text, NULL);
    }
    return (double)narrow;
}

static bool as_real(struct hn_value *ret, struct hn_bytes bytes)
{
    ret->type = HN_TYPE_REAL;
    ret->form = HN_FORM_NUMBER;
    if (bytes.len == 4) {
        uint32_t bits = hn_load_u32(bytes.ptr);
        float narrow;

        memcpy(&narrow, &bits, sizeof narrow);
        ret->number.real = widen(narrow);
        return true;
    }
    if (bytes.len == 8) {
        uint64_t bits = hn_load_u64(bytes.ptr);

        memcpy(&ret->number.real, &bits, sizeof bits);
        return true;
    }
    return as_bytes(ret, bytes);
}

/* Mostly 4 bytes; 1 and others are found, and values other than 1 that mean true. */
static bool as_bool(struct hn_value *ret, struct hn_bytes bytes)
{
    ret->type = HN_TYPE_BOOL;
    ret->form = HN_FORM_NUMBER;
    ret->number.i = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != 0)
            ret->number.i = 1;
    }
    return bytes.len == 4 || bytes.len == 1;
}

static bool as_time(struct hn_value *ret, uint8_t type, struct hn_bytes bytes)
{
    if (type == EVTX_SYSTEMTIME && bytes.len == HN_SYSTEMTIME_BYTES)
        return as_form(ret, HN_FORM_SYSTEMTIME, bytes);
    if (type == EVTX_FILETIME && bytes.len == 8) {
        ret->type = HN_TYPE_STRING;
        ret->form = HN_FORM_FILETIME;
        ret->number.u = hn_load_u64(bytes.ptr);
        return true;
    }
    return as_bytes(ret, bytes);
}

bool evtx_value(struct hn_event *event, uint8_t type, struct hn_bytes bytes, struct hn_value *ret)
{
    uint64_t number = 0;
    int64_t with_sign = 0;

    switch (type) {
    case EVTX_STRING:
    case EVTX_XML_TEXT:
        return as_string(ret, bytes);
    case EVTX_ANSI:
        return as_ansi(event, ret, bytes);
    case EVTX_INT8:
    case EVTX_INT16:
    case EVTX_INT32:
    case EVTX_INT64:
        return load_signed(bytes, &with_sign) ? as_signed(ret, with_sign) : as_bytes(ret, bytes);
    case EVTX_UINT8:
    case EVTX_UINT16:
    case EVTX_UINT32:
    case EVTX_UINT64:
        return load_unsigned(bytes, &number) ? as_unsigned(ret, HN_FORM_NUMBER, number)
                                             : as_bytes(ret, bytes);
    case EVTX_HEX32:
    case EVTX_HEX64:
    case EVTX_SIZE:
    case EVTX_HANDLE:
        return load_unsigned(bytes, &number) ? as_unsigned(ret, HN_FORM_HEX, number)
                                             : as_bytes(ret, bytes);
    case EVTX_REAL32:
    case EVTX_REAL64:
        return as_real(ret, bytes);
    case EVTX_BOOL:
        return as_bool(ret, bytes);
    case EVTX_BINARY:
        return as_form(ret, HN_FORM_BYTES, bytes);
    case EVTX_GUID:
        return bytes.len == HN_GUID_BYTES ? as_form(ret, HN_FORM_GUID, bytes)
                                          : as_bytes(ret, bytes);
    case EVTX_FILETIME:
    case EVTX_SYSTEMTIME:
        return as_time(ret, type, bytes);
    case EVTX_SID:
        return hn_sid_len(bytes) != 0 ? as_form(ret, HN_FORM_SID, bytes) : as_bytes(ret, bytes);
    default:
        return as_bytes(ret, bytes);
    }
}

/* ---- Arrays ---- */

/* Strings end with a NUL; the last one need not. */
static bool next_string(size_t unit, struct hn_bytes *rest, struct hn_bytes *ret_item)
{
    size_t len = 0;

    if (rest->len < unit)
        return false;
    while (rest->len - len >= unit &&
            (rest->ptr[len] != 0 || (unit == 2 && rest->ptr[len + 1] != 0)))
        len += unit;
    *ret_item = hn_bytes_of(rest->ptr, len);
    if (rest->len - len >= unit)
        len += unit;
    rest->ptr += len;
    rest->len -= len;
    return true;
}

static size_t item_len(uint8_t type, struct hn_bytes rest)
{
    switch (type) {
    case EVTX_INT8:
    case EVTX_UINT8:
        return 1;
    case EVTX_INT16:
    case EVTX_UINT16:
        return 2;
    case EVTX_INT32:
    case EVTX_UINT32:
    case EVTX_REAL32:
    case EVTX_BOOL:
    case EVTX_HEX32:
        return 4;
    case EVTX_INT64:
    case EVTX_UINT64:
    case EVTX_REAL64:
    case EVTX_FILETIME:
    case EVTX_HEX64:
    case EVTX_SIZE: /* of 32-bit machines as an array of HEX32 */
        return 8;
    case EVTX_GUID:
    case EVTX_SYSTEMTIME:
        return 16;
    case EVTX_SID:
        return hn_sid_len(rest);
    default: /* arrays of bytes and of XML do not exist: all of it is one item */
        return rest.len;
    }
}

bool evtx_array_next(uint8_t type, struct hn_bytes *rest, struct hn_bytes *ret_item)
{
    size_t len;

    if (type == EVTX_STRING || type == EVTX_ANSI)
        return next_string(type == EVTX_STRING ? 2 : 1, rest, ret_item);
    len = item_len(type, *rest);
    if (len == 0 || len > rest->len)
        return false;
    *ret_item = hn_bytes_of(rest->ptr, len);
    rest->ptr += len;
    rest->len -= len;
    return true;
}
