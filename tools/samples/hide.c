/* hide.c - how scripts hide texts: cut, coded, reversed, changed with a key, read from elsewhere.
 */
#include "base/enc.h"
#include "base/utf.h"
#include "samples.h"

#include <stdio.h>

#define DEPTH_MAX 3

uint32_t chance_next(struct chance *chance, uint32_t below)
{
    chance->state = chance->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(chance->state >> 33) % below;
}

/* A mark that is nowhere in text, so that taking it out gives text back. */
static void choose_mark(struct chance *chance, struct hn_text text, char ret_mark[5])
{
    do {
        ret_mark[0] = '~';
        ret_mark[1] = (char)('A' + chance_next(chance, 26));
        ret_mark[2] = (char)('a' + chance_next(chance, 26));
        ret_mark[3] = '_';
        ret_mark[4] = '\0';
    } while (hn_text_find(text, hn_text_of(ret_mark, 4), 0) != SIZE_MAX);
}

/* ---- PowerShell ---- */

static void powershell_literal(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    bool twice = chance_next(chance, 2) == 0 && hn_text_find_char(text, '$', 0) == SIZE_MAX &&
                 hn_text_find_char(text, '`', 0) == SIZE_MAX &&
                 hn_text_find_char(text, '"', 0) == SIZE_MAX;

    hn_buf_add_char(out, twice ? '"' : '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (!twice && text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        /* A backtick before a letter that means nothing with it. */
        if (twice && strchr("cdghijklmopqswxyz", text.ptr[i]) != NULL &&
                chance_next(chance, 6) == 0)
            hn_buf_add_char(out, '`');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, twice ? '"' : '\'');
}

static void powershell_numbers(
        struct hn_buf *out, struct chance *chance, struct hn_text text, unsigned key)
{
    bool hex = chance_next(chance, 2) == 0;

    for (size_t i = 0; i < text.len; i++) {
        hn_buf_addf(out, hex ? "%s0x%x" : "%s%u", i > 0 ? "," : "",
                (unsigned)(uint8_t)text.ptr[i] ^ key);
    }
}

static void powershell_base64(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    struct hn_buf wide = { 0 };
    struct hn_buf coded = { 0 };
    bool utf16 = chance_next(chance, 2) == 0;

    if (utf16)
        hn_utf8_to_utf16le(&wide, text);
    hn_base64_encode(&coded, utf16 ? hn_bytes_of(wide.ptr, wide.len) : hn_text_as_bytes(text));
    hn_buf_addf(out, "([Text.Encoding]::%s.GetString([Convert]::FromBase64String('",
            utf16 ? "Unicode" : "UTF8");
    hn_buf_add_text(out, hn_buf_text(&coded));
    hn_buf_add_lit(out, "')))");
    hn_buf_deinit(&coded);
    hn_buf_deinit(&wide);
}

/* ('{1}{0}' -f 'b','a') */
static void powershell_format(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    size_t cut = 1 + chance_next(chance, (uint32_t)text.len - 1);

    hn_buf_add_lit(out, "('{1}{0}' -f ");
    powershell_literal(out, chance, hn_text_sub(text, cut, SIZE_MAX));
    hn_buf_add_char(out, ',');
    powershell_literal(out, chance, hn_text_sub(text, 0, cut));
    hn_buf_add_char(out, ')');
}

static void powershell_reversed(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_lit(out, "(-join ('");
    for (size_t i = text.len; i-- > 0;) {
        if (text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_addf(out, "'[%u..0]))", (unsigned)(text.len - 1));
}

static void powershell_marked(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    char mark[5];

    choose_mark(chance, text, mark);
    hn_buf_add_lit(out, "('");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        hn_buf_add_char(out, text.ptr[i]);
        if (i % 3 == 1)
            hn_buf_add_cstr(out, mark);
    }
    hn_buf_addf(out, chance_next(chance, 2) == 0 ? "' -creplace '%s','')" : "'.Replace('%s',''))",
            mark);
}

static void powershell_at(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    unsigned key = 1 + chance_next(chance, 30);

    switch (depth > DEPTH_MAX || text.len < 2 ? 0 : chance_next(chance, 8)) {
    case 1:
        hn_buf_add_char(out, '(');
        powershell_at(out, chance, hn_text_sub(text, 0, text.len / 2), depth + 1);
        hn_buf_add_char(out, '+');
        powershell_at(out, chance, hn_text_sub(text, text.len / 2, SIZE_MAX), depth + 1);
        hn_buf_add_char(out, ')');
        return;
    case 2:
        hn_buf_add_lit(out, "(-join [char[]](");
        powershell_numbers(out, chance, text, 0);
        hn_buf_add_lit(out, "))");
        return;
    case 3:
        powershell_base64(out, chance, text);
        return;
    case 4:
        powershell_format(out, chance, text);
        return;
    case 5:
        powershell_reversed(out, text);
        return;
    case 6:
        hn_buf_add_lit(out, "(-join (@(");
        powershell_numbers(out, chance, text, key);
        hn_buf_addf(out, ")|%%{[char]($_ -bxor %u)}))", key);
        return;
    case 7:
        powershell_marked(out, chance, text);
        return;
    default:
        powershell_literal(out, chance, text);
        return;
    }
}

void hide_powershell(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    powershell_at(out, chance, text, 0);
}

/* ---- JScript ---- */

static void jscript_literal(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    hn_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        uint32_t way = chance_next(chance, 12);

        if (way == 0) {
            hn_buf_addf(out, "\\x%02x", (unsigned)c);
        } else if (way == 1) {
            hn_buf_addf(out, "\\u%04x", (unsigned)c);
        } else if (c == '\'' || c == '\\') {
            hn_buf_addf(out, "\\%c", c);
        } else {
            hn_buf_add_char(out, (char)c);
        }
    }
    hn_buf_add_char(out, '\'');
}

static void jscript_at(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    unsigned key = 1 + chance_next(chance, 30);

    switch (depth > DEPTH_MAX || text.len < 2 ? 0 : chance_next(chance, 6)) {
    case 1:
        hn_buf_add_char(out, '(');
        jscript_at(out, chance, hn_text_sub(text, 0, text.len / 2), depth + 1);
        hn_buf_add_char(out, '+');
        jscript_at(out, chance, hn_text_sub(text, text.len / 2, SIZE_MAX), depth + 1);
        hn_buf_add_char(out, ')');
        return;
    case 2:
        hn_buf_add_lit(out, "String.fromCharCode(");
        for (size_t i = 0; i < text.len; i++)
            hn_buf_addf(out, "%s%u", i > 0 ? "," : "", (unsigned)(uint8_t)text.ptr[i]);
        hn_buf_add_char(out, ')');
        return;
    case 3:
        hn_buf_add_char(out, '\'');
        for (size_t i = text.len; i-- > 0;)
            hn_buf_addf(out, "\\x%02x", (unsigned)(uint8_t)text.ptr[i]);
        hn_buf_add_lit(out, "'.split('').reverse().join('')");
        return;
    case 4:
        hn_buf_add_lit(out, "unescape('");
        for (size_t i = 0; i < text.len; i++)
            hn_buf_addf(out, "%%%02x", (unsigned)(uint8_t)text.ptr[i]);
        hn_buf_add_lit(out, "')");
        return;
    case 5:
        hn_buf_add_lit(
                out, "(function(a){for(var r='',i=0;i<a.length;i++)r+=String.fromCharCode(a[i]^");
        hn_buf_addf(out, "%u);return r})([", key);
        for (size_t i = 0; i < text.len; i++)
            hn_buf_addf(out, "%s%u", i > 0 ? "," : "", (unsigned)(uint8_t)text.ptr[i] ^ key);
        hn_buf_add_lit(out, "])");
        return;
    default:
        jscript_literal(out, chance, text);
        return;
    }
}

void hide_jscript(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    jscript_at(out, chance, text, 0);
}

/* ---- VBA ---- */

static void vba_literal(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
}

static bool vba_store(
        struct hn_buf *out, struct chance *chance, struct stores *stores, struct hn_text text)
{
    static const char kinds[] = { 'f', 'c', 't', 'v' };
    size_t at = stores->count;

    if (stores->none || at == STORES_MAX || text.len >= sizeof stores->items[at].value)
        return false;
    stores->count++;
    stores->items[at].kind = kinds[chance_next(chance, sizeof kinds)];
    (void)snprintf(stores->items[at].name, sizeof stores->items[at].name, "k%u%u", (unsigned)at,
            (unsigned)chance_next(chance, 1000));
    memcpy(stores->items[at].value, text.ptr, text.len);
    stores->items[at].value[text.len] = '\0';
    if (stores->items[at].kind == 'v') {
        hn_buf_addf(out, "ActiveDocument.Variables(\"%s\").Value", stores->items[at].name);
    } else {
        hn_buf_addf(out, "UserForm1.%s.%s", stores->items[at].name,
                stores->items[at].kind == 'f'   ? "Text"
                : stores->items[at].kind == 'c' ? "Caption"
                                                : "Tag");
    }
    return true;
}

static void vba_noise(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    char mark[5];

    choose_mark(chance, text, mark);
    hn_buf_add_lit(out, "Replace(\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
        if (i % 4 == 2)
            hn_buf_add_cstr(out, mark);
    }
    hn_buf_addf(out, "\", \"%s\", \"\")", mark);
}

static void vba_reversed(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_lit(out, "StrReverse(\"");
    for (size_t i = text.len; i-- > 0;) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_lit(out, "\")");
}

static void vba_characters(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = (uint8_t)text.ptr[i];
        unsigned add = chance_next(chance, 90);

        hn_buf_addf(out, chance_next(chance, 2) == 0 ? "%sChr(%u - %u)" : "%sChrW(%u - %u)",
                i > 0 ? " & " : "", c + add, add);
    }
}

static void vba_at(struct hn_buf *out, struct chance *chance, struct stores *stores,
        struct hn_text text, int depth)
{
    /* A line of VBA has at most 1,023 characters, and 24 continued ones: long texts are cut before.
     */
    switch (depth > DEPTH_MAX || text.len < 2 ? 0 : chance_next(chance, 6)) {
    case 1:
        hn_buf_add_char(out, '(');
        vba_at(out, chance, stores, hn_text_sub(text, 0, text.len / 2), depth + 1);
        hn_buf_add_lit(out, " & ");
        vba_at(out, chance, stores, hn_text_sub(text, text.len / 2, SIZE_MAX), depth + 1);
        hn_buf_add_char(out, ')');
        return;
    case 2:
        if (vba_store(out, chance, stores, text))
            return;
        break;
    case 3:
        vba_noise(out, chance, text);
        return;
    case 4:
        vba_reversed(out, text);
        return;
    case 5:
        if (text.len <= 24) {
            hn_buf_add_char(out, '(');
            vba_characters(out, chance, text);
            hn_buf_add_char(out, ')');
            return;
        }
        break;
    default:
        break;
    }
    vba_literal(out, text);
}

void hide_vba(struct hn_buf *out, struct chance *chance, struct stores *stores, struct hn_text text)
{
    vba_at(out, chance, stores, text, 0);
}
