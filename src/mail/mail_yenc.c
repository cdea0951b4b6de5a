/* mail_yenc.c - files in yEnc (http://www.yenc.org/yenc-draft.1.3.txt), which news readers and some
 * mail programs decode: each byte plus 42, what must not stand there behind an equals sign plus 64
 * more. Checksums are not asked: a damaged file is wanted all the same. */
#include "mail/mail_internal.h"

static void data_line(struct hn_buf *out, struct hn_text line)
{
    bool escaped = false;

    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = (uint8_t)line.ptr[i];

        if (c == '=' && !escaped) {
            escaped = true;
            continue;
        }
        hn_buf_add_char(out, (char)(uint8_t)(c - 42u - (escaped ? 64u : 0)));
        escaped = false;
    }
}

/* The name is the last of the parameters and may have blanks. */
static bool begins(struct hn_text line, struct hn_text *ret_name)
{
    size_t at;

    if (!hn_text_starts(line, HN_TEXT("=ybegin ")))
        return false;
    at = hn_text_find(line, HN_TEXT(" name="), 0);
    if (at == SIZE_MAX || hn_text_find(line, HN_TEXT(" size="), 0) == SIZE_MAX)
        return false;
    *ret_name = hn_text_trim(hn_text_sub(line, at + 6, line.len));
    return true;
}

/* Lines end at CR LF or LF: a lone CR is data that was not escaped. */
static bool next_line(struct hn_text text, size_t *pos, struct hn_text *ret_line)
{
    size_t end;

    if (*pos >= text.len)
        return false;
    end = hn_text_find_char(text, '\n', *pos);
    *ret_line = hn_text_sub(text, *pos, (end == SIZE_MAX ? text.len : end) - *pos);
    *pos = end == SIZE_MAX ? text.len : end + 1;
    if (ret_line->len > 0 && ret_line->ptr[ret_line->len - 1] == '\r')
        ret_line->len--;
    return true;
}

bool mail_yenc_next(struct hn_text text, size_t pos, struct hn_buf *out, struct mail_yenc *ret_file)
{
    struct hn_text line;
    size_t before = out->len;

    while (next_line(text, &pos, &line)) {
        struct mail_yenc file = { 0 };

        if (!begins(line, &file.name))
            continue;
        while (next_line(text, &pos, &line) && !hn_text_starts(line, HN_TEXT("=yend"))) {
            if (hn_text_starts(line, HN_TEXT("=ypart ")))
                file.part = true;
            else
                data_line(out, line);
        }
        if (out->len > before) {
            file.end = pos;
            *ret_file = file;
            return true;
        }
    }
    return false;
}
