/* office_xlm_write.c - how texts, numbers, names and places stand in the text of macro sheets. */
#include "office/office_xlm.h"

#include "base/utf.h"

struct hn_text office_xlm_quoted(struct office *o, struct hn_text text)
{
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    hn_buf_add_char(&buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(&buf, '"');
        hn_buf_add_char(&buf, text.ptr[i]);
    }
    hn_buf_add_char(&buf, '"');
    return office_take(o, &buf);
}

/* With the 15 digits that Excel shows. */
struct hn_text office_xlm_number(struct office *o, double value)
{
    char room[40];
    struct hn_buf buf = hn_buf_over(room, sizeof room);

    if (!(value - value == 0)) /* what only a damaged file holds: it is no number to Excel either */
        return HN_TEXT("#NUM!");
    hn_buf_addf(&buf, "%.15g", value);
    for (size_t i = 0; i < buf.len; i++) {
        if (room[i] == 'e')
            room[i] = 'E';
    }
    return office_keep(o, hn_buf_text(&buf));
}

const char *office_xlm_error(uint8_t code)
{
    static const struct {
        uint8_t code;
        const char *text;
    } errors[] = { { 0x00, "#NULL!" }, { 0x07, "#DIV/0!" }, { 0x0F, "#VALUE!" }, { 0x17, "#REF!" },
        { 0x1D, "#NAME?" }, { 0x24, "#NUM!" }, { 0x2A, "#N/A" }, { 0x2B, "#GETTING_DATA" } };

    for (size_t i = 0; i < HN_COUNT_OF(errors); i++) {
        if (errors[i].code == code)
            return errors[i].text;
    }
    return "#VALUE!";
}

struct hn_text office_xlm_plain(struct office *o, struct hn_text text)
{
    char *out;
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++)
        len += (unsigned char)text.ptr[i] >= 0x20;
    if (len == text.len)
        return text;
    out = hn_arena_raw(&o->scratch, len + 1, 1);
    if (out == NULL)
        return HN_TEXT("");
    len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x20)
            out[len++] = text.ptr[i];
    }
    return hn_text_of(out, len);
}

struct hn_text office_xlm_file(struct hn_text path)
{
    size_t start = path.len;

    while (start > 0 && path.ptr[start - 1] != '\\' && path.ptr[start - 1] != '/' &&
            path.ptr[start - 1] != '[')
        start--;
    return hn_text_sub(path, start, path.len);
}

/* Characters without a place of their own (Unicode's default ignorables and what is no character):
 * a name is the same name to Excel without them. */
static bool is_ignored(uint32_t c)
{
    static const struct {
        uint32_t from;
        uint32_t to;
    } ranges[] = { { 0x00, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x34F, 0x34F },
        { 0x61C, 0x61C }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
        { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 },
        { 0xE000, 0xF8FF }, { 0xFDD0, 0xFDEF }, { 0xFE00, 0xFE0F }, { 0xFEFD, 0xFEFF },
        { 0xFFA0, 0xFFA0 }, { 0xFFEF, 0xFFFF }, { 0xE0000, 0xE0FFF } };

    for (size_t i = 0; i < HN_COUNT_OF(ranges); i++) {
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    }
    return false;
}

/* Without what is ignored, letters of full width as those of ASCII. */
static struct hn_text simple(struct office *o, struct hn_text name)
{
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    for (size_t i = 0; i < name.len;) {
        uint32_t c;
        size_t len = hn_utf8_decode(name, i, &c);

        i += len > 0 ? len : 1;
        if (len == 0)
            continue;
        if (c >= 0xFF01 && c <= 0xFF5E)
            hn_buf_add_char(&buf, (char)(c - 0xFF01 + '!'));
        else if (!is_ignored(c))
            hn_buf_add_utf8(&buf, c);
    }
    return office_take(o, &buf);
}

struct hn_text office_xlm_bare_name(struct office *o, struct hn_text name, bool *ret_disguised)
{
    struct hn_text bare = office_xlm_plain(o, name);
    struct hn_text read;

    *ret_disguised = bare.len != name.len;
    if (hn_text_starts_nocase(bare, HN_TEXT("_xlnm.")))
        bare = hn_text_sub(bare, 6, bare.len);
    if (office_runs_by_itself(bare))
        return bare;
    read = hn_is_ascii(bare) ? bare : simple(o, bare);
    *ret_disguised = office_runs_by_itself(read);
    return *ret_disguised ? read : bare;
}

void office_xlm_add_sheet(struct hn_buf *buf, struct hn_text book, struct hn_text name)
{
    hn_buf_add_char(buf, '\'');
    if (book.len > 0) {
        hn_buf_add_char(buf, '[');
        hn_buf_add_text(buf, book);
        hn_buf_add_char(buf, ']');
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '\'')
            hn_buf_add_char(buf, '\'');
        hn_buf_add_char(buf, name.ptr[i]);
    }
    hn_buf_add_char(buf, '\'');
}

void office_xlm_add_column(struct hn_buf *buf, uint32_t column)
{
    char letters[8];
    size_t at = sizeof letters;

    column++;
    while (column > 0 && at > 0) {
        letters[--at] = (char)('A' + (column - 1) % 26);
        column = (column - 1) / 26;
    }
    hn_buf_add(buf, letters + at, sizeof letters - at);
}
