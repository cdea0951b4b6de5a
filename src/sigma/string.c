/* string.c - strings of rules as literal pieces, wildcards and placeholders.
 *
 * Escaping is the specification's, "Escape Character": a backslash makes a following '*', '?' or
 * backslash plain, and is plain itself before anything else. */
#include "sigma/sigma_draft.h"

struct string_builder string_builder_over(struct work *w)
{
    return (struct string_builder){ .w = w };
}

static bool join_text(struct string_builder *b, struct draft_part *last, struct hn_text text)
{
    char *joined = hn_arena_raw(b->w->keep, last->text.len + text.len, 1);

    if (joined == NULL)
        return work_nomem(b->w, b->w->keep);
    memcpy(joined, last->text.ptr, last->text.len);
    memcpy(joined + last->text.len, text.ptr, text.len);
    last->text = hn_text_of(joined, last->text.len + text.len);
    return true;
}

void string_builder_add(struct string_builder *b, enum draft_part_kind kind, struct hn_text text)
{
    struct draft_part *last = b->string.count > 0 ? &b->string.parts[b->string.count - 1] : NULL;
    struct draft_part *part;

    if (b->failed || (kind == DRAFT_TEXT && text.len == 0))
        return;
    if (kind == DRAFT_MANY && last != NULL && last->kind == DRAFT_MANY)
        return;
    if (kind == DRAFT_TEXT && last != NULL && last->kind == DRAFT_TEXT) {
        if (last->text.ptr + last->text.len == text.ptr)
            last->text.len += text.len; /* side by side in the rule's text */
        else
            b->failed = !join_text(b, last, text);
        return;
    }
    part = arena_vec_add(b->w, b->string.parts, b->string.count, b->room);
    if (part == NULL) {
        b->failed = true;
        return;
    }
    part->kind = kind;
    part->text = text;
}

bool string_builder_end(struct string_builder *b, struct draft_string *ret_string)
{
    *ret_string = b->string;
    return !b->failed;
}

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '\\';
}

/* Cuts text into parts; out, where it is given, takes the literal bytes without their escapes. */
static void cut_parts(struct string_builder *b, struct hn_text text, char *out)
{
    size_t start = 0; /* of the literal piece being read */
    size_t at = 0;

    while (at < text.len) {
        char c = text.ptr[at];
        bool escape = c == '\\' && at + 1 < text.len && is_special(text.ptr[at + 1]);
        bool wildcard = c == '*' || c == '?';

        if (!escape && !wildcard) {
            at++;
            continue;
        }
        if (out != NULL && at > start)
            memcpy(out, text.ptr + start, at - start);
        string_builder_add(
                b, DRAFT_TEXT, hn_text_of(out != NULL ? out : text.ptr + start, at - start));
        out = out != NULL ? out + (at - start) : NULL;
        start = at + 1; /* an escaped character is the first of the next piece */
        at += escape ? 2 : 1;
        if (wildcard)
            string_builder_add(b, c == '*' ? DRAFT_MANY : DRAFT_ONE, hn_text_of(NULL, 0));
    }
    if (out != NULL && at > start)
        memcpy(out, text.ptr + start, at - start);
    string_builder_add(b, DRAFT_TEXT, hn_text_of(out != NULL ? out : text.ptr + start, at - start));
}

bool sigma_draft_string_parse(struct work *w, struct hn_text text, struct draft_string *ret_string)
{
    struct string_builder b = string_builder_over(w);
    bool escapes = false;
    char *out = NULL;

    for (size_t i = 0; i + 1 < text.len && !escapes; i++)
        escapes = text.ptr[i] == '\\' && is_special(text.ptr[i + 1]);
    if (escapes) {
        out = hn_arena_raw(w->keep, text.len, 1);
        if (out == NULL)
            return work_nomem(w, w->keep);
    }
    cut_parts(&b, text, out);
    return string_builder_end(&b, ret_string);
}

bool sigma_draft_string_plain(struct work *w, struct hn_text text, struct draft_string *ret_string)
{
    struct string_builder b = string_builder_over(w);

    string_builder_add(&b, DRAFT_TEXT, text);
    return string_builder_end(&b, ret_string);
}

bool sigma_draft_string_has(const struct draft_string *string, enum draft_part_kind kind)
{
    for (uint32_t i = 0; i < string->count; i++) {
        if (string->parts[i].kind == kind)
            return true;
    }
    return false;
}

/* ---- Back to text ---- */

/* The first byte that the part after this one will be written as; 0 where none follows. */
static char first_written(const struct draft_string *string, uint32_t index)
{
    if (index >= string->count)
        return '\0';
    switch (string->parts[index].kind) {
    case DRAFT_TEXT:
        return string->parts[index].text.ptr[0];
    case DRAFT_MANY:
        return '*';
    case DRAFT_ONE:
        return '?';
    case DRAFT_PLACEHOLDER:
        break;
    }
    return '%';
}

static void write_plain(struct hn_buf *out, struct hn_text text, char after)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        char next = i + 1 < text.len ? text.ptr[i + 1] : after;

        if (c == '*' || c == '?' || (c == '\\' && is_special(next)))
            hn_buf_add_char(out, '\\');
        hn_buf_add_char(out, c);
    }
}

static bool keep_buf(struct work *w, struct hn_buf *buf, struct hn_text *ret_text)
{
    bool fine = hn_buf_ok(buf);

    if (!fine)
        w->status = buf->status;
    else
        *ret_text = sigma_keep_text(w, hn_buf_text(buf));
    hn_buf_deinit(buf);
    return fine && ret_text->ptr != NULL;
}

bool sigma_draft_string_write(
        struct work *w, const struct draft_string *string, struct hn_text *ret_text)
{
    struct hn_buf out = { 0 };

    for (uint32_t i = 0; i < string->count; i++) {
        const struct draft_part *part = &string->parts[i];

        if (part->kind == DRAFT_TEXT)
            write_plain(&out, part->text, first_written(string, i + 1));
        else if (part->kind == DRAFT_PLACEHOLDER)
            hn_buf_addf(&out, "%%%.*s%%", HN_TEXT_ARG(part->text));
        else
            hn_buf_add_char(&out, part->kind == DRAFT_MANY ? '*' : '?');
    }
    return keep_buf(w, &out, ret_text);
}

bool sigma_draft_string_show(
        struct work *w, const struct draft_string *string, struct hn_text *ret_text)
{
    struct hn_buf out = { 0 };

    for (uint32_t i = 0; i < string->count; i++) {
        const struct draft_part *part = &string->parts[i];

        for (size_t k = 0; part->kind == DRAFT_TEXT && k < part->text.len; k++) {
            if (part->text.ptr[k] == '*' || part->text.ptr[k] == '?')
                hn_buf_add_char(&out, '\\');
            hn_buf_add_char(&out, part->text.ptr[k]);
        }
        if (part->kind == DRAFT_PLACEHOLDER)
            hn_buf_addf(&out, "%%%.*s%%", HN_TEXT_ARG(part->text));
        else if (part->kind != DRAFT_TEXT)
            hn_buf_add_char(&out, part->kind == DRAFT_MANY ? '*' : '?');
    }
    return keep_buf(w, &out, ret_text);
}

bool sigma_draft_string_bytes(
        struct work *w, const struct draft_string *string, struct hn_text *ret_bytes)
{
    struct hn_buf out = { 0 };

    if (string->count == 1 && string->parts[0].kind == DRAFT_TEXT) {
        *ret_bytes = string->parts[0].text;
        return true;
    }
    for (uint32_t i = 0; i < string->count; i++) {
        if (string->parts[i].kind == DRAFT_TEXT)
            hn_buf_add_text(&out, string->parts[i].text);
    }
    return keep_buf(w, &out, ret_bytes);
}
