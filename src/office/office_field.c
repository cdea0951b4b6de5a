/* office_field.c - fields of Word: text between marks, in code and result, one within another.
 *
 * What a field says can be made of what fields within it give: QUOTE of character numbers, and
 * bookmarks that SET fields made. These are computed; any other field within gives the result that
 * was saved with it. */
#include "office/office_internal.h"

#include "base/num.h"

#define FIELD_CODE_BYTES_MAX ((size_t)1 << 20)
#define FIELD_ARGS_MAX       8u

void office_fields_init(struct office_fields *fields, struct office *o)
{
    memset(fields, 0, sizeof *fields);
    fields->o = o;
}

/* ---- Arguments ---- */

/* 0 when there is no quote at pos, else its length: Word takes typographic ones as well. */
static size_t quote_at(struct hn_text text, size_t pos)
{
    struct hn_text here = hn_text_sub(text, pos, 3);

    if (here.len > 0 && here.ptr[0] == '"')
        return 1;
    if (hn_text_eq(here, HN_TEXT("\xE2\x80\x9C")) || hn_text_eq(here, HN_TEXT("\xE2\x80\x9D")))
        return 3;
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next argument with its escapes resolved; false at the end. */
static bool next_arg(struct office *o, struct hn_text *rest, struct hn_text *ret_arg)
{
    char *out = hn_arena_raw(&o->scratch, rest->len + 1, 1);
    size_t pos = 0;
    size_t len = 0;
    size_t quote;

    while (pos < rest->len && is_blank(rest->ptr[pos]))
        pos++;
    if (out == NULL || pos >= rest->len)
        return false;
    quote = quote_at(*rest, pos);
    pos += quote;
    while (pos < rest->len) {
        size_t end = quote_at(*rest, pos);

        if (quote > 0 ? end > 0 : is_blank(rest->ptr[pos]) || end > 0) {
            pos += quote > 0 ? end : 0;
            break;
        }
        if (rest->ptr[pos] == '\\' && pos + 1 < rest->len &&
                (rest->ptr[pos + 1] == '\\' || rest->ptr[pos + 1] == '"'))
            pos++;
        out[len++] = rest->ptr[pos++];
    }
    *rest = hn_text_sub(*rest, pos, rest->len);
    *ret_arg = hn_text_of(out, len);
    return true;
}

/* Letters at the start; Word needs no space between them and a quote. */
static struct hn_text take_keyword(struct hn_text *code)
{
    size_t len = 0;

    *code = hn_text_trim(*code);
    while (len < code->len && ((code->ptr[len] | 0x20) >= 'a' && (code->ptr[len] | 0x20) <= 'z'))
        len++;
    if (len < code->len && !is_blank(code->ptr[len]) && quote_at(*code, len) == 0 &&
            code->ptr[len] != '\\')
        return HN_TEXT(""); /* a name that only begins like a keyword: a bookmark */
    {
        struct hn_text keyword = hn_text_sub(*code, 0, len);

        *code = hn_text_sub(*code, len, code->len);
        return keyword;
    }
}

static size_t arguments(struct office *o, struct hn_text code, struct hn_text *args)
{
    size_t count = 0;

    while (count < FIELD_ARGS_MAX && next_arg(o, &code, &args[count]))
        count++;
    return count;
}

/* ---- What fields do ---- */

static void say_dde(struct office *o, struct hn_text whole, struct hn_text code)
{
    struct hn_text args[FIELD_ARGS_MAX];
    size_t count = arguments(o, code, args);
    struct hn_text topic = HN_TEXT("");

    for (size_t i = 1; i < count; i++)
        topic = i == 1 ? args[i]
                       : office_print(o, "%.*s %.*s", HN_TEXT_ARG(topic), HN_TEXT_ARG(args[i]));
    if (count > 0)
        office_dde(o, args[0], topic, whole);
}

/* INCLUDETEXT "url", LINK class "url" place: the first argument that is no switch and no class. */
static void say_link(struct office *o, const char *kind, struct hn_text code, size_t which)
{
    struct hn_text args[FIELD_ARGS_MAX];
    size_t count = arguments(o, code, args);

    if (which < count && !hn_text_starts(args[which], HN_TEXT("\\")))
        office_external(o, kind, args[which]);
}

static const struct {
    const char *keyword;
    const char *kind;
    size_t which; /* argument that is the target */
} link_fields[] = {
    { "INCLUDE", "includetext", 0 },
    { "INCLUDETEXT", "includetext", 0 },
    { "INCLUDEPICTURE", "includepicture", 0 },
    { "IMPORT", "includepicture", 0 },
    { "LINK", "link", 1 },
    { "RD", "referenced_document", 0 },
    { "DATABASE", "database", 1 },
};

static void act_on(struct office *o, struct hn_text code)
{
    struct hn_text whole = code;
    struct hn_text keyword = take_keyword(&code);
    struct hn_text args[FIELD_ARGS_MAX];

    if (hn_text_eq_nocase(keyword, HN_TEXT("DDE")) ||
            hn_text_eq_nocase(keyword, HN_TEXT("DDEAUTO"))) {
        say_dde(o, whole, code);
        return;
    }
    if (hn_text_eq_nocase(keyword, HN_TEXT("HYPERLINK"))) {
        if (arguments(o, code, args) > 0 && !hn_text_starts(args[0], HN_TEXT("\\")))
            office_say(o, "link", args[0]);
        return;
    }
    if (hn_text_eq_nocase(keyword, HN_TEXT("MACROBUTTON"))) {
        if (arguments(o, code, args) > 0)
            dissect_fact(o->dissect, o->id, "macro_button", args[0]);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(link_fields); i++) {
        if (hn_text_eq_nocase(keyword, hn_text_cstr(link_fields[i].keyword))) {
            office_say(o, "field", office_squeeze(o, whole));
            say_link(o, link_fields[i].kind, code, link_fields[i].which);
            return;
        }
    }
}

/* ---- What fields give ---- */

static struct hn_text quoted(struct office *o, struct hn_text code)
{
    struct hn_buf out;
    struct hn_text arg;

    hn_buf_init(&out, FIELD_CODE_BYTES_MAX);
    while (next_arg(o, &code, &arg)) {
        uint32_t number;

        if (hn_text_starts(arg, HN_TEXT("\\")))
            break; /* a switch */
        if (hn_parse_u32(arg, &number))
            hn_buf_add_utf8(&out, number);
        else
            hn_buf_add_text(&out, arg);
    }
    return office_take(o, &out);
}

static void set(struct office_fields *fields, struct hn_text code)
{
    struct hn_text args[FIELD_ARGS_MAX];

    if (fields->var_count == OFFICE_FIELD_VARS_MAX || arguments(fields->o, code, args) < 2)
        return;
    fields->var_names[fields->var_count] = args[0];
    fields->var_values[fields->var_count++] = args[1];
}

/* The value of a bookmark that a SET field made, the last one; false when there is none. */
static bool bookmark(
        const struct office_fields *fields, struct hn_text code, struct hn_text *ret_value)
{
    struct hn_text args[FIELD_ARGS_MAX];

    if (arguments(fields->o, code, args) == 0)
        return false;
    for (uint32_t i = fields->var_count; i-- > 0;) {
        if (hn_text_eq_nocase(fields->var_names[i], args[0])) {
            *ret_value = fields->var_values[i];
            return true;
        }
    }
    return false;
}

/* What stands in the text for the field; acts on it. */
static struct hn_text evaluate(
        struct office_fields *fields, struct hn_text code, struct hn_text result)
{
    struct hn_text rest = code;
    struct hn_text keyword = take_keyword(&rest);
    struct hn_text value;

    if (hn_text_eq_nocase(keyword, HN_TEXT("QUOTE")))
        return quoted(fields->o, rest);
    if (hn_text_eq_nocase(keyword, HN_TEXT("SET"))) {
        set(fields, rest);
        return HN_TEXT("");
    }
    if (hn_text_eq_nocase(keyword, HN_TEXT("REF")) ? bookmark(fields, rest, &value)
                                                   : bookmark(fields, code, &value))
        return value;
    act_on(fields->o, code);
    return result;
}

/* ---- Marks ---- */

void office_field_begin(struct office_fields *fields)
{
    struct office_field *field;

    if (fields->depth == OFFICE_FIELD_DEPTH_MAX) {
        fields->too_deep++;
        return;
    }
    field = &fields->open[fields->depth++];
    hn_buf_init(&field->code, FIELD_CODE_BYTES_MAX);
    hn_buf_init(&field->result, FIELD_CODE_BYTES_MAX);
    field->in_result = false;
}

void office_field_separate(struct office_fields *fields)
{
    if (fields->depth > 0 && fields->too_deep == 0)
        fields->open[fields->depth - 1].in_result = true;
}

void office_field_end(struct office_fields *fields)
{
    struct office_field *field;
    struct hn_text code;
    struct hn_text value;

    if (fields->too_deep > 0) {
        fields->too_deep--;
        return;
    }
    if (fields->depth == 0)
        return;
    field = &fields->open[--fields->depth];
    code = office_take(fields->o, &field->code);
    value = evaluate(fields, code, office_take(fields->o, &field->result));
    if (fields->depth == 0)
        return;
    field = &fields->open[fields->depth - 1];
    hn_buf_add_text(field->in_result ? &field->result : &field->code, value);
}

bool office_field_text(struct office_fields *fields, struct hn_text text)
{
    struct office_field *top;
    bool seen = true;

    if (fields->depth == 0)
        return true;
    for (uint32_t i = 0; i < fields->depth; i++)
        seen = seen && fields->open[i].in_result;
    top = &fields->open[fields->depth - 1];
    hn_buf_add_text(top->in_result ? &top->result : &top->code, text);
    return seen;
}

void office_field_code(struct office_fields *fields, struct hn_text code)
{
    if (fields->depth > 0)
        hn_buf_add_text(&fields->open[fields->depth - 1].code, code);
}

void office_field_simple(struct office_fields *fields, struct hn_text code)
{
    office_field_begin(fields);
    office_field_code(fields, code);
    office_field_end(fields);
}

void office_fields_deinit(struct office_fields *fields)
{
    fields->too_deep = 0;
    while (fields->depth > 0)
        office_field_end(fields);
}
