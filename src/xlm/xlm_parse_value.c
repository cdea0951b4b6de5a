/* xlm_parse_value.c - the constants of formulas, and what their parser takes from the text. */
#include "xlm/xlm_internal.h"

void *xl_parse_fail(struct xl_parser *p)
{
    p->failed = true;
    return NULL;
}

void xl_parse_skip_blanks(struct xl_parser *p)
{
    while (p->pos < p->text.len &&
            (p->text.ptr[p->pos] == ' ' || p->text.ptr[p->pos] == '\t' ||
                    p->text.ptr[p->pos] == '\r' || p->text.ptr[p->pos] == '\n'))
        p->pos++;
}

char xl_parse_peek(const struct xl_parser *p)
{
    return p->pos < p->text.len ? p->text.ptr[p->pos] : '\0';
}

bool xl_parse_take(struct xl_parser *p, char c)
{
    xl_parse_skip_blanks(p);
    if (xl_parse_peek(p) != c || p->pos >= p->text.len)
        return false;
    p->pos++;
    return true;
}

struct xl_node *xl_parse_node_new(struct xl_parser *p, enum xl_node_kind kind, size_t pos)
{
    struct xl_node *node =
            xl_spend(p->ev, 1) ? hn_new(&p->ev->run->arena, struct xl_node, 1) : NULL;

    if (node == NULL) {
        if (script_goes_on(p->ev->run) && hn_arena_status(&p->ev->run->arena) != HN_OK)
            p->ev->run->stop = hn_arena_status(&p->ev->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                               : SCRIPT_STOP_BYTES;
        return xl_parse_fail(p);
    }
    node->kind = kind;
    node->sheet = XL_NONE;
    node->offset = p->source->offset + (p->source->exact ? pos : 0);
    return node;
}

struct xl_node *xl_parse_value_node(struct xl_parser *p, size_t pos, struct xl_value value)
{
    struct xl_node *node = xl_parse_node_new(p, XL_NODE_VALUE, pos);

    if (node != NULL)
        node->value = value;
    return node;
}

bool xl_parse_is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '\\' || c == '?' || (uint8_t)c >= 0x80u;
}

struct hn_text xl_parse_scan_name(const struct xl_parser *p)
{
    size_t end = p->pos;

    while (end < p->text.len && xl_parse_is_name_char(p->text.ptr[end]))
        end++;
    return hn_text_sub(p->text, p->pos, end - p->pos);
}

static struct xl_value text_value(struct xl_parser *p, struct hn_text text, size_t pos)
{
    struct xl *ev = p->ev;

    return xl_text(script_text_borrow(ev->run, text,
            script_origin_new(ev->run, "literal", p->source->offset + (p->source->exact ? pos : 0),
                    HN_TEXT(""), NULL, NULL)));
}

bool xl_parse_take_marked(struct xl_parser *p, char mark, struct hn_text *ret_text)
{
    size_t start = ++p->pos;
    size_t len = 0;
    bool doubled = false;
    char *room;

    for (;; p->pos++) {
        if (p->pos >= p->text.len)
            return false;
        if (p->text.ptr[p->pos] != mark)
            continue;
        if (p->pos + 1 >= p->text.len || p->text.ptr[p->pos + 1] != mark)
            break;
        doubled = true;
        p->pos++;
    }
    *ret_text = hn_text_sub(p->text, start, p->pos++ - start);
    if (!doubled)
        return true;
    room = hn_arena_raw(&p->ev->run->arena, ret_text->len, 1);
    if (room == NULL)
        return false;
    for (size_t i = 0; i < ret_text->len; i++) {
        room[len++] = ret_text->ptr[i];
        i += ret_text->ptr[i] == mark;
    }
    *ret_text = hn_text_of(room, len);
    return true;
}

struct xl_node *xl_parse_text(struct xl_parser *p)
{
    size_t start = p->pos;
    struct hn_text text;

    if (!xl_parse_take_marked(p, '"', &text))
        return xl_parse_fail(p);
    return xl_parse_value_node(p, start, text_value(p, text, start));
}

struct xl_node *xl_parse_number(struct xl_parser *p)
{
    size_t start = p->pos;
    size_t end = start;
    double number;

    while (end < p->text.len &&
            ((p->text.ptr[end] >= '0' && p->text.ptr[end] <= '9') || p->text.ptr[end] == '.'))
        end++;
    if (end < p->text.len && (p->text.ptr[end] == 'e' || p->text.ptr[end] == 'E')) {
        size_t at = end + 1;

        at += at < p->text.len && (p->text.ptr[at] == '+' || p->text.ptr[at] == '-');
        if (at < p->text.len && p->text.ptr[at] >= '0' && p->text.ptr[at] <= '9') {
            while (at < p->text.len && p->text.ptr[at] >= '0' && p->text.ptr[at] <= '9')
                at++;
            end = at;
        }
    }
    if (!xl_number_of_text(hn_text_sub(p->text, start, end - start), &number))
        return xl_parse_fail(p);
    p->pos = end;
    return xl_parse_value_node(p, start, xl_number(number));
}

/* #N/A and its like; #UNREAD! stands where a formula could not be decoded. */
struct xl_node *xl_parse_error(struct xl_parser *p)
{
    static const char *const errors[] = { "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?",
        "#NUM!", "#N/A" };
    struct hn_text rest = hn_text_sub(p->text, p->pos, SIZE_MAX);
    size_t start = p->pos;

    for (size_t i = 0; i < HN_COUNT_OF(errors); i++) {
        if (!hn_text_starts_nocase(rest, hn_text_cstr(errors[i])))
            continue;
        p->pos += strlen(errors[i]);
        return xl_parse_value_node(p, start, xl_error(errors[i]));
    }
    if (!hn_text_starts(rest, HN_TEXT("#UNREAD!")))
        return xl_parse_fail(p);
    p->pos += 8;
    return xl_parse_value_node(p, start, xl_unknown(p->ev, "unread"));
}

/* {1,2;3,4}: constants only. */
struct xl_node *xl_parse_array(struct xl_parser *p)
{
    size_t start = p->pos++;
    HN_VEC(struct xl_value) items = { 0 };
    struct xl_array *array = hn_new(&p->ev->run->arena, struct xl_array, 1);
    uint32_t rows = 1;

    while (!p->failed && array != NULL && items.count < XLM_RANGE_MAX) {
        struct xl_node *node = xl_parse_binary(p, 3);
        struct xl_value *item = hn_vec_add(&items);

        if (node == NULL || item == NULL)
            break;
        *item = node->kind == XL_NODE_VALUE ? node->value : xl_eval(p->ev, node);
        if (xl_parse_take(p, ','))
            continue;
        if (!xl_parse_take(p, ';'))
            break;
        rows++;
    }
    if (array != NULL && items.count > 0 && xl_parse_take(p, '}')) {
        array->rows = rows;
        array->columns = (uint32_t)items.count / rows;
        array->items = hn_new(&p->ev->run->arena, struct xl_value, items.count);
        if (array->items != NULL)
            memcpy(array->items, items.ptr, items.count * sizeof *array->items);
    }
    hn_vec_deinit(&items);
    if (array == NULL || array->items == NULL || array->columns == 0)
        return xl_parse_fail(p);
    return xl_parse_value_node(p, start, (struct xl_value){ .kind = XL_ARRAY, .as.array = array });
}
