/* transform_replace.c - replace_string: parts of values by regular expression.
 *
 * The expression sees the string in its plain form, wildcards and placeholders written out. What it
 * does not match keeps what it was, wildcard or plain asterisk; what it puts in is read with
 * wildcards. With skip_special it sees the literal pieces one by one. */
#include "sigma/sigma_transform.h"

#define MATCHES_MAX 10000u

bool transform_read_replace(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref regex = hn_yaml_get(ref, HN_TEXT("regex"));

    if (regex.yaml == NULL)
        return pipeline_fail(w, ref, "\"regex\" is missing");
    item->pattern = pattern_read(w, regex);
    return item->pattern != NULL && sigma_param_text(w, ref, "replacement", true, &item->text) &&
           sigma_param_bool(w, ref, "skip_special", &item->flag) &&
           sigma_param_bool(w, ref, "interpret_special", &item->other_flag);
}

/* ---- Piece by piece ---- */

/* The text with all matches replaced. */
static struct hn_text replaced(
        struct pipeline_run *run, const struct pipeline_item *item, struct hn_text text)
{
    struct hn_buf out = { 0 };
    struct match match;
    size_t at = 0;
    size_t kept = 0;

    for (uint32_t i = 0; i < MATCHES_MAX && at <= text.len; i++) {
        if (!pattern_find(item->pattern, text, at, false, &match))
            break;
        hn_buf_add_text(&out, hn_text_sub(text, kept, match.groups[0].start - kept));
        pattern_replace(item->pattern, text, &match, item->text, &out);
        kept = match.groups[0].end;
        at = kept > match.groups[0].start ? kept : kept + 1; /* an empty match moves on */
    }
    hn_buf_add_text(&out, hn_text_sub(text, kept, text.len));
    if (!hn_buf_ok(&out))
        run->w->status = out.status;
    text = sigma_keep_text(run->w, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return text;
}

static void add_string(struct string_builder *b, const struct draft_string *string)
{
    for (uint32_t i = 0; i < string->count; i++)
        string_builder_add(b, string->parts[i].kind, string->parts[i].text);
}

static bool replace_pieces(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_string *string)
{
    struct string_builder b = string_builder_over(run->w);

    for (uint32_t i = 0; i < string->count; i++) {
        const struct draft_part *part = &string->parts[i];
        struct draft_string parsed;

        if (part->kind != DRAFT_TEXT) {
            string_builder_add(&b, part->kind, part->text);
        } else if (item->other_flag) {
            if (!sigma_draft_string_parse(run->w, replaced(run, item, part->text), &parsed))
                return false;
            add_string(&b, &parsed);
        } else {
            string_builder_add(&b, DRAFT_TEXT, replaced(run, item, part->text));
        }
    }
    return run->w->status == HN_OK && string_builder_end(&b, string);
}

/* ---- As a whole ---- */

/* A stretch of the plain form: literal text, which can be cut anywhere, or one part. */
struct stretch {
    size_t start;
    size_t len;
    struct draft_part part;
    bool whole; /* cannot be cut: a wildcard, a placeholder, an escaped character */
};

struct plain {
    struct work *w;
    struct hn_buf text;
    struct stretch *stretches;
    uint32_t count;
    uint32_t room;
};

static bool add_stretch(
        struct plain *p, enum draft_part_kind kind, struct hn_text text, struct hn_text written)
{
    struct stretch *s = arena_vec_add(p->w, p->stretches, p->count, p->room);

    if (s == NULL)
        return false;
    s->start = p->text.len;
    s->len = written.len;
    s->part = (struct draft_part){ kind, text };
    s->whole = kind != DRAFT_TEXT || written.ptr != text.ptr;
    hn_buf_add_text(&p->text, written);
    return true;
}

static bool write_text(struct plain *p, struct hn_text text)
{
    size_t start = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '*' && text.ptr[i] != '?')
            continue;
        if (i > start) {
            struct hn_text piece = hn_text_sub(text, start, i - start);

            if (!add_stretch(p, DRAFT_TEXT, piece, piece))
                return false;
        }
        if (!add_stretch(p, DRAFT_TEXT, hn_text_sub(text, i, 1),
                    text.ptr[i] == '*' ? HN_TEXT("\\*") : HN_TEXT("\\?")))
            return false;
        start = i + 1;
    }
    if (start == text.len)
        return true;
    text = hn_text_sub(text, start, text.len);
    return add_stretch(p, DRAFT_TEXT, text, text);
}

static bool write_plain(struct plain *p, const struct draft_string *string)
{
    for (uint32_t i = 0; i < string->count; i++) {
        const struct draft_part *part = &string->parts[i];
        struct hn_text name;

        switch (part->kind) {
        case DRAFT_TEXT:
            if (!write_text(p, part->text))
                return false;
            break;
        case DRAFT_MANY:
        case DRAFT_ONE:
            if (!add_stretch(p, part->kind, part->text,
                        part->kind == DRAFT_MANY ? HN_TEXT("*") : HN_TEXT("?")))
                return false;
            break;
        case DRAFT_PLACEHOLDER: {
            const struct draft_string one = { &string->parts[i], 1 };

            if (!sigma_draft_string_show(p->w, &one, &name) ||
                    !add_stretch(p, part->kind, part->text, name))
                return false;
            break;
        }
        }
    }
    return hn_buf_ok(&p->text);
}

struct result {
    struct plain *plain;
    struct string_builder b;
    struct hn_buf pending; /* replaced text that has not been read yet */
};

/* Backslashes are plain unless a wildcard follows them. */
static bool flush(struct result *r)
{
    struct work *w = r->plain->w;
    struct hn_buf escaped = { 0 };
    struct draft_string parsed = { NULL, 0 };
    struct hn_text text = hn_buf_text(&r->pending);

    if (text.len == 0)
        return hn_buf_ok(&r->pending);
    for (size_t i = 0; i < text.len; i++) {
        bool wildcard = i + 1 < text.len && (text.ptr[i + 1] == '*' || text.ptr[i + 1] == '?');

        if (text.ptr[i] == '\\' && !wildcard)
            hn_buf_add_char(&escaped, '\\');
        hn_buf_add_char(&escaped, text.ptr[i]);
        if (text.ptr[i] == '\\' && wildcard)
            hn_buf_add_char(&escaped, text.ptr[++i]);
    }
    if (!hn_buf_ok(&escaped) || !hn_buf_ok(&r->pending))
        w->status = HN_NOMEM;
    text = sigma_keep_text(w, hn_buf_text(&escaped));
    hn_buf_deinit(&escaped);
    hn_buf_reset(&r->pending);
    if (w->status != HN_OK || !sigma_draft_string_parse(w, text, &parsed))
        return false;
    add_string(&r->b, &parsed);
    return true;
}

/* What lies between two matches is taken over as it was. */
static bool keep_range(struct result *r, size_t start, size_t end)
{
    for (uint32_t i = 0; i < r->plain->count; i++) {
        const struct stretch *s = &r->plain->stretches[i];
        size_t from = s->start > start ? s->start : start;
        size_t to = s->start + s->len < end ? s->start + s->len : end;

        if (from >= to)
            continue;
        if (s->whole && to - from < s->len) { /* a match took a part of it */
            hn_buf_add(&r->pending, r->plain->text.ptr + from, to - from);
            continue;
        }
        if (!flush(r))
            return false;
        if (s->whole)
            string_builder_add(&r->b, s->part.kind, s->part.text);
        else
            string_builder_add(
                    &r->b, DRAFT_TEXT, hn_text_sub(s->part.text, from - s->start, to - from));
    }
    return true;
}

static bool replace_matches(struct result *r, const struct pipeline_item *item)
{
    struct hn_text text = hn_buf_text(&r->plain->text);
    struct match match;
    size_t at = 0;
    size_t kept = 0;

    for (uint32_t i = 0; i < MATCHES_MAX && at <= text.len; i++) {
        if (!pattern_find(item->pattern, text, at, false, &match))
            break;
        if (!keep_range(r, kept, match.groups[0].start))
            return false;
        pattern_replace(item->pattern, text, &match, item->text, &r->pending);
        kept = match.groups[0].end;
        at = kept > match.groups[0].start ? kept : kept + 1;
    }
    return keep_range(r, kept, text.len) && flush(r);
}

static bool replace_whole(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_string *string)
{
    struct plain plain = { .w = run->w };
    struct result r = { .plain = &plain, .b = string_builder_over(run->w) };
    bool fine = write_plain(&plain, string) && replace_matches(&r, item);

    if (!hn_buf_ok(&plain.text) || !hn_buf_ok(&r.pending))
        run->w->status = HN_NOMEM;
    hn_buf_deinit(&plain.text);
    hn_buf_deinit(&r.pending);
    return fine && run->w->status == HN_OK && string_builder_end(&r.b, string);
}

bool transform_replace(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    struct draft_item *draft = node->item;

    for (uint32_t i = 0; i < draft->value_count; i++) {
        struct draft_value *value = &draft->values[i];

        if (value->kind == DRAFT_NUMBER) { /* pySigma replaces in numbers as in their text */
            value->kind = DRAFT_STRING;
            if (!sigma_draft_string_plain(run->w, value->written, &value->string))
                return false;
        }
        if (value->kind != DRAFT_STRING)
            continue;
        run->changed = true;
        if (!(item->flag ? replace_pieces(run, item, &value->string)
                         : replace_whole(run, item, &value->string)))
            return false;
    }
    return true;
}
