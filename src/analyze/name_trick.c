/* name_trick.c - file names made so that people take what runs for something to read. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/utf.h"

#define BLANKS_ENOUGH 8u

static bool is_one_of(struct hn_text word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (hn_text_eq(word, hn_text_cstr(words[i])))
            return true;
    return false;
}

/* What Windows runs, or shows as a disk, on a double click. */
static bool runs(struct hn_text extension)
{
    static const char *const words[] = { "exe", "scr", "com", "pif", "bat", "cmd", "js", "jse",
        "vbs", "vbe", "wsf", "wsh", "hta", "lnk", "ps1", "msi", "jar", "cpl", "chm", "url", "iso",
        "img", "vhd", "vhdx" };

    return is_one_of(extension, words, HN_COUNT_OF(words));
}

static bool is_read(struct hn_text extension)
{
    static const char *const words[] = { "pdf", "doc", "docx", "docm", "xls", "xlsx", "xlsm", "ppt",
        "pptx", "rtf", "txt", "csv", "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp3",
        "mp4", "avi", "wav", "html", "htm", "eml", "msg", "odt", "ods" };

    return is_one_of(extension, words, HN_COUNT_OF(words));
}

/* Blanks of any kind in a row, U+2800 among them, which looks like one. */
static bool has_blanks(struct hn_text name)
{
    size_t row = 0;

    for (size_t pos = 0; pos < name.len && row < BLANKS_ENOUGH;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(name, pos, &c);

        row = c == ' ' || c == 0xA0 || c == 0x3000 || c == 0x2800 || (c >= 0x2000 && c <= 0x200A)
                      ? row + 1
                      : 0;
        pos += len == 0 ? 1 : len;
    }
    return row >= BLANKS_ENOUGH;
}

/* U+202E writes backwards what follows; the others only help it. */
static bool has_override(struct hn_text name, bool *ret_any)
{
    bool right_to_left = false;

    *ret_any = false;
    for (size_t pos = 0; pos < name.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(name, pos, &c);

        right_to_left = right_to_left || c == 0x202E;
        *ret_any = *ret_any || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        pos += len == 0 ? 1 : len;
    }
    return right_to_left;
}

const char *analyze_name_trick(struct hn_text name)
{
    char room[ANALYZE_EXTENSION_ROOM];
    char before_room[ANALYZE_EXTENSION_ROOM];
    struct hn_text extension = analyze_extension(name, room);
    struct hn_text rest;
    bool any;

    if (has_override(name, &any) || (any && runs(extension)))
        return "direction_override";
    if (!runs(extension))
        return NULL;
    if (has_blanks(name))
        return "padded_extension";
    rest = hn_text_sub(name, 0, name.len - 1);
    while (rest.len > 0 && rest.ptr[rest.len - 1] != '.')
        rest.len--;
    if (rest.len > 0 && is_read(analyze_extension(rest, before_room)))
        return "double_extension";
    return NULL;
}
