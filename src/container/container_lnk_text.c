/* container_lnk_text.c - how the values of shortcuts are written as facts. */
#include "container/container_lnk_internal.h"

#include "base/utf.h"

#include <stdio.h>
#include <time.h>

#define FILETIME_TICKS   10000000u
#define FILETIME_TO_1970 11644473600u
#define SECONDS_MAX      253402300799u /* the end of year 9999 */

void container_guid(const uint8_t *guid, char *out)
{
    (void)snprintf(out, CONTAINER_GUID_ROOM, "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X",
            (unsigned)hn_load_u32(guid), (unsigned)hn_load_u16(guid + 4),
            (unsigned)hn_load_u16(guid + 6), guid[8], guid[9], guid[10], guid[11], guid[12],
            guid[13], guid[14], guid[15]);
}

void lnk_guid(struct lnk *lnk, const char *name, const uint8_t *guid)
{
    char text[CONTAINER_GUID_ROOM];

    container_guid(guid, text);
    dissect_fact(lnk->dissect, lnk->id, name, hn_text_cstr(text));
}

void lnk_time(struct lnk *lnk, const char *name, uint64_t filetime)
{
    uint64_t seconds = filetime / FILETIME_TICKS;
    struct tm tm;
    time_t since_1970;
    char text[32];

    if (seconds < FILETIME_TO_1970 || seconds - FILETIME_TO_1970 > SECONDS_MAX)
        return;
    since_1970 = (time_t)(seconds - FILETIME_TO_1970);
    if (gmtime_r(&since_1970, &tm) == NULL ||
            strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return;
    dissect_fact(lnk->dissect, lnk->id, name, hn_text_cstr(text));
}

static uint32_t from_1252(uint8_t byte)
{
    static const uint16_t high[32] = { 0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C,
        0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178 };

    return byte >= 0x80u && byte < 0xA0u ? high[byte - 0x80u] : byte;
}

struct hn_text lnk_ansi_text(struct lnk *lnk, struct hn_bytes ansi)
{
    struct hn_text text = hn_bytes_as_text(ansi);
    struct hn_buf out = { 0 };

    text = hn_text_sub(text, 0, hn_text_find_char(text, '\0', 0));
    if (hn_utf8_valid(hn_text_as_bytes(text)))
        hn_buf_add_text(&out, text);
    else
        for (size_t i = 0; i < text.len; i++)
            hn_buf_add_utf8(&out, from_1252((uint8_t)text.ptr[i]));
    text = hn_arena_text(dissect_arena(lnk->dissect), hn_buf_text(&out));
    hn_buf_deinit(&out);
    return text;
}

void lnk_ansi(struct lnk *lnk, const char *name, struct hn_bytes ansi)
{
    dissect_fact(lnk->dissect, lnk->id, name, lnk_ansi_text(lnk, ansi));
}

void lnk_utf16(struct lnk *lnk, const char *name, struct hn_bytes utf16)
{
    dissect_fact(lnk->dissect, lnk->id, name, container_utf16(lnk->dissect, utf16));
}
