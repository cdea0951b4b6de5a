/* mail_head.c - header fields: found whatever ends their lines, unfolded, and encoded words
 * (RFC 2047) made readable. What they mean is said elsewhere. */
#include "mail/mail_internal.h"

#include "base/enc.h"
#include "base/utf.h"

#define WORD_BYTES_MAX 8192u /* RFC 2047 allows 75 */

/* ---- Lines and fields ---- */

bool mail_line(struct hn_text in, size_t *pos, struct hn_text *ret_line)
{
    size_t start = *pos;
    size_t end = start;

    if (start >= in.len)
        return false;
    while (end < in.len && in.ptr[end] != '\n' && in.ptr[end] != '\r')
        end++;
    *ret_line = hn_text_sub(in, start, end - start);
    if (end < in.len) {
        size_t step = in.ptr[end] == '\r' && end + 1 < in.len && in.ptr[end + 1] == '\n' ? 2 : 1;

        /* CR CR LF, which gateways make of CR LF. */
        if (step == 1 && in.ptr[end] == '\r' && end + 2 < in.len && in.ptr[end + 1] == '\r' &&
                in.ptr[end + 2] == '\n')
            step = 3;
        end += step;
    }
    *pos = end;
    return true;
}

/* The length of a field name with its colon, 0 where the line does not start with one. */
static size_t field_name(struct hn_text line, struct hn_text *ret_name)
{
    size_t len = 0;
    size_t end;

    while (len < line.len && line.ptr[len] > ' ' && line.ptr[len] < 127 && line.ptr[len] != ':')
        len++;
    end = len;
    while (end < line.len && (line.ptr[end] == ' ' || line.ptr[end] == '\t'))
        end++; /* "Subject :" is taken by all programs */
    if (len == 0 || end >= line.len || line.ptr[end] != ':')
        return 0;
    *ret_name = hn_text_sub(line, 0, len);
    return end + 1;
}

static bool is_folded(struct hn_text line)
{
    return line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
}

/* The value from the end of its name over all folded lines; *pos moves behind them. */
static struct hn_text unfold(
        struct hn_arena *arena, struct hn_text in, struct hn_text first, size_t *pos)
{
    size_t next = *pos;
    struct hn_text line = { 0 };
    struct hn_text value;
    char *to;
    size_t len;

    while (mail_line(in, &next, &line) && is_folded(line))
        *pos = next;
    if (first.ptr + first.len + 2 >= in.ptr + *pos) /* one line: it stays where it is */
        return hn_text_trim(first);
    next = (size_t)(first.ptr - in.ptr);
    len = *pos - next;
    to = hn_arena_raw(arena, len + 1, 1);
    if (to == NULL)
        return hn_text_trim(first);
    value = (struct hn_text){ to, 0 };
    while (next < *pos && mail_line(in, &next, &line) && value.len < MAIL_VALUE_BYTES_MAX) {
        memcpy(to + value.len, line.ptr, line.len);
        value.len += line.len;
    }
    if (value.len > MAIL_VALUE_BYTES_MAX)
        value.len = MAIL_VALUE_BYTES_MAX;
    return hn_text_trim(value);
}

static bool keep(struct hn_arena *arena, struct mail_head *head, size_t *room)
{
    struct mail_header *more;

    if (head->count < *room)
        return true;
    *room = *room == 0 ? 32 : *room * 2;
    more = hn_new(arena, struct mail_header, *room);
    if (more == NULL)
        return false;
    if (head->count > 0)
        memcpy(more, head->items, head->count * sizeof *more);
    head->items = more;
    return true;
}

bool mail_head_parse(struct hn_arena *arena, struct hn_text in, struct mail_head *ret_head)
{
    struct mail_head head = { .cut = true };
    struct hn_text line;
    size_t room = 0;
    size_t pos = hn_text_starts(in, HN_TEXT("\xEF\xBB\xBF")) ? 3 : 0; /* saved as text */

    for (;;) {
        struct hn_text name = { 0 };
        size_t colon;

        head.body = pos;
        if (!mail_line(in, &pos, &line))
            break;
        colon = field_name(line, &name);

        if (hn_text_trim(line).len == 0) {
            if (head.count == 0 && line.len == 0 && head.body < 4)
                continue; /* an empty line before the first field */
            head.body = pos;
            head.cut = false;
            break;
        }
        if (colon == 0) {
            /* "From x" of an mbox, or what is left of a folded line; else the body starts here. */
            if (head.count == 0 && (hn_text_starts(line, HN_TEXT("From ")) ||
                                           hn_text_starts(line, HN_TEXT(">From "))))
                continue;
            if (is_folded(line))
                continue;
            break;
        }
        if (head.count >= MAIL_HEADERS_MAX) {
            head.left_out = true;
            (void)unfold(arena, in, hn_text_sub(line, colon, line.len), &pos);
            continue;
        }
        if (!keep(arena, &head, &room))
            return false;
        head.items[head.count].name = name;
        head.items[head.count].offset = (uint64_t)(line.ptr - in.ptr);
        head.items[head.count].value = unfold(arena, in, hn_text_sub(line, colon, line.len), &pos);
        head.count++;
    }
    if (head.body >= in.len)
        head.cut = false; /* a mail without a body needs no blank line */
    *ret_head = head;
    return hn_arena_status(arena) != HN_NOMEM;
}

const struct mail_header *mail_head_nth(const struct mail_head *head, const char *name, size_t nth)
{
    struct hn_text want = hn_text_cstr(name);

    for (size_t i = 0; i < head->count; i++)
        if (hn_text_eq_nocase(head->items[i].name, want) && nth-- == 0)
            return &head->items[i];
    return NULL;
}

struct hn_text mail_head_value(const struct mail_head *head, const char *name)
{
    const struct mail_header *header = mail_head_nth(head, name, 0);

    return header != NULL ? header->value : hn_text_of("", 0);
}

/* ---- Encoded words ---- */

struct word {
    struct hn_text charset;
    struct hn_text text;
    bool base64;
    size_t end;
};

/* "=?charset*lang?B?text?=" at pos. Spaces within the text are forgiven, a missing "?=" is not. */
static bool word_at(struct hn_text raw, size_t pos, struct word *ret_word)
{
    size_t charset_end;
    size_t end;
    char encoding;

    if (!hn_text_starts(hn_text_sub(raw, pos, 2), HN_TEXT("=?")))
        return false;
    charset_end = hn_text_find_char(raw, '?', pos + 2);
    if (charset_end == SIZE_MAX || charset_end - pos > 80 || charset_end + 2 >= raw.len ||
            raw.ptr[charset_end + 2] != '?')
        return false;
    encoding = raw.ptr[charset_end + 1];
    if (encoding != 'B' && encoding != 'b' && encoding != 'Q' && encoding != 'q')
        return false;
    end = charset_end + 3;
    /* In Q, "?" may stand unescaped; only "?=" ends the word, and "=" of "=3F" does not. */
    while (end < raw.len && end - pos < WORD_BYTES_MAX &&
            !hn_text_starts(hn_text_sub(raw, end, 2), HN_TEXT("?=")))
        end++;
    if (end >= raw.len || end - pos >= WORD_BYTES_MAX)
        return false;
    ret_word->charset = hn_text_sub(raw, pos + 2, charset_end - pos - 2);
    charset_end += 3;
    ret_word->text = hn_text_sub(raw, charset_end, end - charset_end);
    ret_word->base64 = encoding == 'B' || encoding == 'b';
    ret_word->end = end + 2;
    end = hn_text_find_char(ret_word->charset, '*', 0);
    if (end != SIZE_MAX)
        ret_word->charset.len = end;
    return true;
}

/* "_" is a space, "=5F" an underscore: so the one is replaced before the other is decoded. */
static void word_add(struct hn_buf *bytes, const struct word *word)
{
    struct hn_buf spaced = { 0 };

    if (word->base64) {
        (void)mail_base64(bytes, hn_text_as_bytes(word->text));
        return;
    }
    for (size_t i = 0; i < word->text.len; i++) {
        if (word->text.ptr[i] == '_' || word->text.ptr[i] == ' ')
            hn_buf_add_lit(&spaced, "=20");
        else
            hn_buf_add_char(&spaced, word->text.ptr[i]);
    }
    (void)mail_quoted_printable(bytes, hn_text_as_bytes(hn_buf_text(&spaced)));
    hn_buf_deinit(&spaced);
}

static void flush(struct hn_buf *out, struct hn_buf *bytes, struct hn_text charset)
{
    if (bytes->len > 0)
        (void)mail_to_utf8(out, hn_text_as_bytes(hn_buf_text(bytes)), charset);
    hn_buf_reset(bytes);
}

static size_t next_equals(struct hn_text raw, size_t pos)
{
    size_t found = hn_text_find_char(raw, '=', pos);

    return found == SIZE_MAX ? raw.len : found;
}

void mail_words(struct hn_buf *out, struct hn_text raw)
{
    struct hn_buf bytes = { 0 }; /* of words of one charset, which may split a character */
    struct hn_text charset = { 0 };
    size_t pos = 0;

    while (pos < raw.len) {
        struct word word;
        size_t start = pos;
        size_t gap;

        if (word_at(raw, pos, &word)) {
            if (!hn_text_eq_nocase(charset, word.charset))
                flush(out, &bytes, charset);
            charset = word.charset;
            word_add(&bytes, &word);
            pos = word.end;
            for (gap = pos; gap < raw.len && (raw.ptr[gap] == ' ' || raw.ptr[gap] == '\t');)
                gap++;
            if (word_at(raw, gap, &word)) /* white space between two words is none */
                pos = gap;
            continue;
        }
        flush(out, &bytes, charset);
        charset = (struct hn_text){ 0 };
        do
            pos = next_equals(raw, pos + 1);
        while (pos < raw.len && !word_at(raw, pos, &word));
        (void)mail_to_utf8(out, hn_bytes_of(raw.ptr + start, pos - start), HN_TEXT(""));
    }
    flush(out, &bytes, charset);
    hn_buf_deinit(&bytes);
}

struct hn_text mail_words_text(struct hn_arena *arena, struct hn_text raw)
{
    struct hn_buf out = { .cap_bytes = MAIL_VALUE_BYTES_MAX * 4 };
    struct hn_text text;

    mail_words(&out, raw);
    for (size_t i = 0; i < out.len; i++)
        if ((unsigned char)out.ptr[i] < ' ')
            out.ptr[i] = ' ';
    text = hn_arena_text(arena, hn_text_trim(hn_buf_text(&out)));
    hn_buf_deinit(&out);
    return text;
}
