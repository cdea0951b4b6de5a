/* hide_jscript.c - how JScript hides texts. */
#include "samples_internal.h"

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

/* Layers at random. */
static void jscript_at(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    unsigned key = 1 + chance_next(chance, 30);

    switch (depth > HIDE_DEPTH_MAX || text.len < 2 ? 0 : chance_next(chance, 6)) {
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
