/* match_case.c - rules as YAML and events as values, both from bytes. */
#include "support/match_case.h"

#include <stdlib.h>

#define TEXT_TOKENS_MAX 4

struct source_bytes {
    const uint8_t *next;
    const uint8_t *end;
};

static uint32_t below(struct source_bytes *in, uint32_t count)
{
    return in->next == in->end ? 0 : *in->next++ % count;
}

static const char *pick(struct source_bytes *in, const char *const *list, uint32_t count)
{
    return list[below(in, count)];
}

#define PICK(in, list) pick((in), (list), HN_COUNT_OF(list))

static const char *const fields[] = { "f", "g", "h", "EventID", "t", "ip", "f", "g" };

/* Both sides are put together of these. U+212A and U+017F fold to ASCII letters. */
static const char *const tokens[] = { "a", "b", "A", "ab", "aab", "k", "\xE2\x84\xAA", "s",
    "\xC5\xBF", " ", "-", "/", "\\", ".", "1", "0", "4", "\xC3\x89", "\xC3\xA9", "\xE6\x9C\xAB",
    "power", "shell", "\t", "10.1.2.3", "2024-02-29T13:37:00Z", "true" };

/* ---- Rules ---- */

static const char *const modifiers[] = { "", "", "|contains", "|startswith", "|endswith",
    "|contains|all", "|cased", "|contains|cased", "|startswith|cased", "|endswith|cased", "|re",
    "|re|i", "|re|m|s", "|gt", "|gte", "|lt", "|lte", "|cidr", "|exists", "|fieldref",
    "|fieldref|contains", "|fieldref|startswith", "|fieldref|endswith", "|neq", "|contains|neq",
    "|windash|contains", "|base64offset|contains", "|wide|base64offset|contains", "|hour",
    "|minute|gte", "|day", "|all" };

static const char *const regexes[] = { "a", "^a", "b$", "a.*b", "(?:ab)+", "[a-k]+s", "^$", "\\d+",
    "\\\\", "k", "(a+)+$", "power|shell", "\\bab\\b", "^.{3}$", "\xC3\xA9", "(?-i)A" };

static const char *const networks[] = { "10.0.0.0/8", "10.1.2.0/24", "::/0", "10.1.2.3/32" };

static void add_token(struct hn_buf *out, struct source_bytes *in)
{
    hn_buf_add_cstr(out, PICK(in, tokens));
}

/* A text with wildcards, quoted. */
static void add_pattern(struct hn_buf *out, struct source_bytes *in)
{
    uint32_t count = below(in, TEXT_TOKENS_MAX + 1);

    hn_buf_add_lit(out, "'");
    for (uint32_t i = 0; i < count; i++) {
        switch (below(in, 8)) {
        case 0:
            hn_buf_add_lit(out, "*");
            break;
        case 1:
            hn_buf_add_lit(out, "?");
            break;
        case 2:
            hn_buf_add_lit(out, "\\*");
            break;
        default:
            add_token(out, in);
            break;
        }
    }
    hn_buf_add_lit(out, "'");
}

static void add_plain(struct hn_buf *out, struct source_bytes *in)
{
    static const char *const plain[] = { "1", "0", "4", "10", "-1", "1.5", "true", "false", "null",
        "''", "'*'", "a", "1e3", "18446744073709551615" };

    hn_buf_add_cstr(out, PICK(in, plain));
}

static void add_value(struct hn_buf *out, struct source_bytes *in, const char *modifier)
{
    static const char *const truths[] = { "true", "false" };

    if (strncmp(modifier, "|re", 3) == 0)
        hn_buf_addf(out, "'%s'", PICK(in, regexes));
    else if (strcmp(modifier, "|cidr") == 0)
        hn_buf_add_cstr(out, PICK(in, networks));
    else if (strcmp(modifier, "|exists") == 0)
        hn_buf_add_cstr(out, PICK(in, truths));
    else if (strncmp(modifier, "|fieldref", 9) == 0)
        hn_buf_add_cstr(out, PICK(in, fields));
    else if (below(in, modifier[0] == '|' ? 12 : 3) != 0)
        add_pattern(out, in);
    else
        add_plain(out, in);
}

static bool is_comparison(const char *modifier)
{
    return strcmp(modifier, "|gt") == 0 || strcmp(modifier, "|gte") == 0 ||
           strcmp(modifier, "|lt") == 0 || strcmp(modifier, "|lte") == 0 ||
           strcmp(modifier, "|hour") == 0 || strcmp(modifier, "|day") == 0 ||
           strcmp(modifier, "|minute|gte") == 0;
}

static void add_item(struct hn_buf *out, struct source_bytes *in, uint32_t number)
{
    const char *modifier = PICK(in, modifiers);
    uint32_t count = 1 + (below(in, 3) == 0 ? below(in, 4) : 0);

    /* Two keys of one map must differ: the second and third get fields of their own. */
    hn_buf_addf(out, "%s%s: ", number == 0 ? PICK(in, fields) : number == 1 ? "x" : "y", modifier);
    if (is_comparison(modifier)) {
        hn_buf_addf(out, "%u\n", below(in, 40));
        return;
    }
    if (strcmp(modifier, "|exists") == 0)
        count = 1;
    if (strstr(modifier, "all") != NULL)
        count++;
    hn_buf_add_lit(out, "[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            hn_buf_add_lit(out, ", ");
        add_value(out, in, modifier);
    }
    hn_buf_add_lit(out, "]\n");
}

static void add_selection(struct hn_buf *out, struct source_bytes *in, const char *name)
{
    uint32_t count = 1 + below(in, 3);

    hn_buf_addf(out, "    %s:\n", name);
    switch (below(in, 6)) {
    case 0: /* keywords */
        for (uint32_t i = 0; i < count; i++) {
            hn_buf_add_lit(out, "        - ");
            add_pattern(out, in);
            hn_buf_add_lit(out, "\n");
        }
        break;
    case 1: /* any of several maps */
        for (uint32_t i = 0; i < count; i++) {
            hn_buf_add_lit(out, "        - ");
            add_item(out, in, 0);
        }
        break;
    default:
        for (uint32_t i = 0; i < count; i++) {
            hn_buf_add_lit(out, "        ");
            add_item(out, in, i);
        }
        break;
    }
}

static void add_rule(struct hn_buf *out, struct source_bytes *in, uint32_t number)
{
    static const char *const sources[] = { "product: p", "category: c", "service: s",
        "product: p, category: c", "product: p, service: s", "category: d",
        "category: c, service: s", "product: p, category: c, service: s", "product: q" };
    static const char *const names[] = { "s1", "s2", "o" };
    static const char *const conditions[] = { "s1", "not s1", "s1 and s2", "s1 or s2",
        "s1 and not s2", "s1 and (s2 or o)", "1 of s*", "all of s*", "1 of them", "all of them",
        "not (s1 or o)", "not 1 of s*", "s1 or not s1", "(s1 and s2) or (s1 and not o)",
        "not (s1 and not (s2 and o))", "s1 and not s1" };

    hn_buf_addf(out, "---\ntitle: r%u\nlogsource: {%s}\ndetection:\n", number, PICK(in, sources));
    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        add_selection(out, in, names[i]);
    hn_buf_addf(out, "    condition: %s\n", PICK(in, conditions));
}

/* ---- Events ---- */

static struct hn_text keep(struct match_case *c, struct hn_buf *text)
{
    struct hn_text kept = hn_arena_text(&c->arena, hn_buf_text(text));

    if (!hn_buf_ok(text) || kept.ptr == NULL)
        abort();
    hn_buf_reset(text);
    return kept;
}

/* A text; now and then one that is too long to be remembered, or is not UTF-8. */
static struct hn_text event_text(struct match_case *c, struct source_bytes *in)
{
    struct hn_buf text = { 0 };
    struct hn_text kept;
    uint32_t count = below(in, TEXT_TOKENS_MAX + 1);

    for (uint32_t i = 0; i < count; i++)
        add_token(&text, in);
    switch (below(in, 12)) {
    case 0:
        for (uint32_t i = 0; i < 260; i++)
            hn_buf_add_char(&text, (char)('c' + i % 3));
        add_token(&text, in);
        break;
    case 1:
        hn_buf_add_lit(&text, "\xFF");
        add_token(&text, in);
        break;
    case 2:
        hn_buf_add_lit(&text, "*?");
        break;
    default:
        break;
    }
    kept = keep(c, &text);
    hn_buf_deinit(&text);
    return kept;
}

/* The same text as the inside of a JSON string, some characters as escapes. */
static struct hn_text escaped(struct match_case *c, struct source_bytes *in, struct hn_text text)
{
    struct hn_buf out = { 0 };
    struct hn_text kept;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if (byte == '\\' || byte == '"')
            hn_buf_addf(&out, "\\%c", byte);
        else if (byte < 0x20 || (byte < 0x80 && below(in, 4) == 1))
            hn_buf_addf(&out, "\\u%04x", byte);
        else
            hn_buf_add_char(&out, (char)byte);
    }
    kept = keep(c, &out);
    hn_buf_deinit(&out);
    return kept;
}

static struct hn_text wide(struct match_case *c, struct hn_text text)
{
    struct hn_buf out = { 0 };
    struct hn_text kept;

    for (size_t i = 0; i < text.len; i++) {
        hn_buf_add_char(&out, text.ptr[i]);
        hn_buf_add_char(&out, '\0');
    }
    kept = keep(c, &out);
    hn_buf_deinit(&out);
    return kept;
}

static void make_value(struct match_case *c, struct source_bytes *in, struct hn_value *value)
{
    static const double reals[] = { 1.5, 1, 0, -1, 1e3, 1e300 };
    struct hn_text text = { "", 0 };

    *value = (struct hn_value){ .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };
    switch (below(in, 10)) {
    case 0:
        value->type = HN_TYPE_INT;
        value->form = HN_FORM_NUMBER;
        value->number.i = (int64_t)below(in, 44) - 2;
        return;
    case 1:
        value->type = HN_TYPE_UINT;
        value->form = HN_FORM_NUMBER;
        value->number.u = UINT64_MAX - below(in, 2);
        return;
    case 2:
        value->type = HN_TYPE_REAL;
        value->form = HN_FORM_NUMBER;
        value->number.real = reals[below(in, HN_COUNT_OF(reals))];
        return;
    case 3:
        value->type = HN_TYPE_BOOL;
        value->form = HN_FORM_NUMBER;
        value->number.i = below(in, 2);
        return;
    case 4:
        value->type = HN_TYPE_NULL;
        return;
    case 5:
        text = event_text(c, in);
        value->form = HN_FORM_JSON;
        text = escaped(c, in, text);
        break;
    case 6:
        text = event_text(c, in);
        value->form = HN_FORM_UTF16;
        text = wide(c, text);
        break;
    default:
        text = event_text(c, in);
        break;
    }
    value->ptr = text.ptr;
    value->len = (uint32_t)text.len;
}

static void make_event(struct match_case *c, struct source_bytes *in, struct match_case_event *out)
{
    static const char *const event_fields[] = { "f", "g", "h", "EventID", "t", "ip", "x", "y",
        "unasked" };
    size_t categories = 0;

    out->value_count = below(in, MATCH_CASE_VALUES_MAX + 1);
    for (uint32_t i = 0; i < out->value_count; i++) {
        out->values[i].name = hn_text_cstr(PICK(in, event_fields));
        make_value(c, in, &out->values[i].value);
    }
    if (below(in, 2) == 0)
        out->raw = event_text(c, in);
    out->raw_is_json = below(in, 4) == 1;
    out->source = (struct hn_source){ .product = HN_TEXT("p") };
    if (below(in, 3) != 1)
        out->source.category[categories++] = HN_TEXT("c");
    if (below(in, 3) == 1)
        out->source.category[categories] = HN_TEXT("d");
    if (below(in, 3) != 1)
        out->source.service[0] = HN_TEXT("s");
}

void match_case_build(struct match_case *ret_case, const uint8_t *data, size_t size)
{
    size_t taken = size < MATCH_CASE_BYTES_MAX ? size : MATCH_CASE_BYTES_MAX;
    /* The first half is rules, the second events: a change in one leaves the other alone. */
    struct source_bytes rules = { data, data + taken / 2 };
    struct source_bytes events = { data + taken / 2, data + taken };
    uint32_t rule_count = 1 + below(&rules, 8);

    memset(ret_case, 0, sizeof *ret_case);
    hn_arena_init(&ret_case->arena, (size_t)16 << 20);
    for (uint32_t i = 0; i < rule_count; i++)
        add_rule(&ret_case->yaml, &rules, i);
    if (!hn_buf_ok(&ret_case->yaml))
        abort();
    ret_case->event_count = 1 + below(&events, MATCH_CASE_EVENTS_MAX);
    for (uint32_t i = 0; i < ret_case->event_count; i++)
        make_event(ret_case, &events, &ret_case->events[i]);
}

void match_case_deinit(struct match_case *c)
{
    hn_buf_deinit(&c->yaml);
    hn_arena_deinit(&c->arena);
}
