/* xlm_parse.c - formulas: operators by their binding, the left operand of a chain linked to its
 * operator so that a long chain is no depth. */
#include "xlm/xlm_internal.h"

#define PLACE_MAX 24u /* of a reference to one cell, as text */

struct parse {
    struct xl *ev;
    const struct xl_source *source;
    struct hn_text text;
    size_t pos;
    uint32_t depth;
    bool failed;
};

static struct xl_node *parse_binary(struct parse *p, int least);

static void *fail(struct parse *p)
{
    p->failed = true;
    return NULL;
}

static void skip_blanks(struct parse *p)
{
    while (p->pos < p->text.len &&
            (p->text.ptr[p->pos] == ' ' || p->text.ptr[p->pos] == '\t' ||
                    p->text.ptr[p->pos] == '\r' || p->text.ptr[p->pos] == '\n'))
        p->pos++;
}

static char peek(const struct parse *p)
{
    return p->pos < p->text.len ? p->text.ptr[p->pos] : '\0';
}

static bool take(struct parse *p, char c)
{
    skip_blanks(p);
    if (peek(p) != c || p->pos >= p->text.len)
        return false;
    p->pos++;
    return true;
}

static struct xl_node *node_new(struct parse *p, enum xl_node_kind kind, size_t pos)
{
    struct xl_node *node =
            xl_spend(p->ev, 1) ? hn_new(&p->ev->run->arena, struct xl_node, 1) : NULL;

    if (node == NULL) {
        if (script_goes_on(p->ev->run) && hn_arena_status(&p->ev->run->arena) != HN_OK)
            p->ev->run->stop = hn_arena_status(&p->ev->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                               : SCRIPT_STOP_BYTES;
        return fail(p);
    }
    node->kind = kind;
    node->sheet = XL_NONE;
    node->offset = p->source->offset + (p->source->exact ? pos : 0);
    return node;
}

static struct xl_node *value_node(struct parse *p, size_t pos, struct xl_value value)
{
    struct xl_node *node = node_new(p, XL_NODE_VALUE, pos);

    if (node != NULL)
        node->value = value;
    return node;
}

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '\\' || c == '?' || (uint8_t)c >= 0x80u;
}

static struct hn_text scan_name(const struct parse *p)
{
    size_t end = p->pos;

    while (end < p->text.len && is_name_char(p->text.ptr[end]))
        end++;
    return hn_text_sub(p->text, p->pos, end - p->pos);
}

static struct xl_value text_value(struct parse *p, struct hn_text text, size_t pos)
{
    struct xl *ev = p->ev;

    return xl_text(script_text_borrow(ev->run, text,
            script_origin_new(ev->run, "literal", p->source->offset + (p->source->exact ? pos : 0),
                    HN_TEXT(""), NULL, NULL)));
}

static bool take_marked(struct parse *p, char mark, struct hn_text *ret_text)
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

static struct xl_node *parse_text(struct parse *p)
{
    size_t start = p->pos;
    struct hn_text text;

    if (!take_marked(p, '"', &text))
        return fail(p);
    return value_node(p, start, text_value(p, text, start));
}

static struct xl_node *parse_number(struct parse *p)
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
        return fail(p);
    p->pos = end;
    return value_node(p, start, xl_number(number));
}

/* #N/A and its like; #UNREAD! stands where a formula could not be decoded. */
static struct xl_node *parse_error(struct parse *p)
{
    static const char *const errors[] = { "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?",
        "#NUM!", "#N/A" };
    struct hn_text rest = hn_text_sub(p->text, p->pos, SIZE_MAX);
    size_t start = p->pos;

    for (size_t i = 0; i < HN_COUNT_OF(errors); i++) {
        if (!hn_text_starts_nocase(rest, hn_text_cstr(errors[i])))
            continue;
        p->pos += strlen(errors[i]);
        return value_node(p, start, xl_error(errors[i]));
    }
    if (!hn_text_starts(rest, HN_TEXT("#UNREAD!")))
        return fail(p);
    p->pos += 8;
    return value_node(p, start, xl_unknown(p->ev, "unread"));
}

/* {1,2;3,4}: constants only. */
static struct xl_node *parse_array(struct parse *p)
{
    size_t start = p->pos++;
    HN_VEC(struct xl_value) items = { 0 };
    struct xl_array *array = hn_new(&p->ev->run->arena, struct xl_array, 1);
    uint32_t rows = 1;

    while (!p->failed && array != NULL && items.count < XLM_RANGE_MAX) {
        struct xl_node *node = parse_binary(p, 3);
        struct xl_value *item = hn_vec_add(&items);

        if (node == NULL || item == NULL)
            break;
        *item = node->kind == XL_NODE_VALUE ? node->value : xl_eval(p->ev, node);
        if (take(p, ','))
            continue;
        if (!take(p, ';'))
            break;
        rows++;
    }
    if (array != NULL && items.count > 0 && take(p, '}')) {
        array->rows = rows;
        array->columns = (uint32_t)items.count / rows;
        array->items = hn_new(&p->ev->run->arena, struct xl_value, items.count);
        if (array->items != NULL)
            memcpy(array->items, items.ptr, items.count * sizeof *array->items);
    }
    hn_vec_deinit(&items);
    if (array == NULL || array->items == NULL || array->columns == 0)
        return fail(p);
    return value_node(p, start, (struct xl_value){ .kind = XL_ARRAY, .as.array = array });
}

static void parse_args(struct parse *p, struct xl_node *call)
{
    struct xl_node **link = &call->args;

    p->pos++;
    if (take(p, ')'))
        return;
    while (!p->failed) {
        struct xl_node *arg;

        skip_blanks(p);
        if (peek(p) == ',' || peek(p) == ')')
            arg = value_node(p, p->pos, (struct xl_value){ .kind = XL_MISSING });
        else
            arg = parse_binary(p, 0);
        if (arg == NULL)
            return;
        if (call->count < XL_ARGS_MAX) {
            *link = arg;
            link = &arg->next;
            call->count++;
        }
        if (take(p, ')'))
            return;
        if (!take(p, ','))
            p->failed = true;
    }
}

static const struct xl_function *function_of(struct parse *p, struct hn_text name)
{
    char upper[40];
    uint32_t index;

    if (hn_text_starts_nocase(name, HN_TEXT("_xlfn.")))
        name = hn_text_sub(name, 6, SIZE_MAX);
    if (name.len == 0 || name.len > sizeof upper)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        upper[i] =
                (char)(name.ptr[i] >= 'a' && name.ptr[i] <= 'z' ? name.ptr[i] - 32 : name.ptr[i]);
    index = hn_map_find(&p->ev->functions, hn_text_of(upper, name.len));
    return index != HN_MAP_NONE ? &xl_functions[index] : NULL;
}

/* A name, a call, TRUE; behind a sheet, where there is one. */
static struct xl_node *parse_word(struct parse *p, uint32_t sheet)
{
    size_t start = p->pos;
    struct hn_text name = scan_name(p);
    struct xl_node *node;

    if (name.len == 0)
        return fail(p);
    p->pos += name.len;
    if (sheet == XL_NONE && peek(p) != '(' &&
            (hn_text_eq_nocase(name, HN_TEXT("TRUE")) || hn_text_eq_nocase(name, HN_TEXT("FALSE"))))
        return value_node(p, start, xl_bool(name.len == 4));
    node = node_new(p, peek(p) == '(' ? XL_NODE_CALL : XL_NODE_NAME, start);
    if (node == NULL)
        return NULL;
    node->name = name;
    node->sheet = sheet != XL_NONE ? sheet : p->source->base.sheet;
    if (node->kind == XL_NODE_CALL) {
        node->fn = sheet == XL_NONE ? function_of(p, name) : NULL;
        parse_args(p, node);
    }
    return node;
}

/* Macro1!A5() calls what is there. */
static struct xl_node *called(struct parse *p, struct xl_node *what)
{
    struct xl_node *node;

    if (what == NULL || peek(p) != '(')
        return what;
    node = node_new(p, XL_NODE_MACRO, p->pos);
    if (node == NULL)
        return NULL;
    node->left = what;
    parse_args(p, node);
    return node;
}

static struct xl_node *parse_place(struct parse *p, uint32_t sheet)
{
    struct xl_ref base = p->source->base;
    struct xl_ref ref;
    size_t start = p->pos;
    size_t len;

    if (sheet != XL_NONE)
        base.sheet = sheet;
    len = xl_ref_scan(p->text, p->pos, p->source->r1c1, base, &ref);
    if (len == 0 && sheet != XL_NONE && peek(p) == '#')
        return parse_error(p);
    if (len == 0 && sheet != XL_NONE) { /* 'Sheet'!A5(): a call of a place */
        struct hn_text alone = hn_text_sub(p->text, p->pos, PLACE_MAX);

        alone = hn_text_sub(alone, 0, hn_text_find_char(alone, '(', 0));
        if (alone.len < PLACE_MAX &&
                xl_ref_scan(alone, 0, p->source->r1c1, base, &ref) == alone.len)
            len = alone.len;
    }
    if (len == 0)
        return parse_word(p, sheet);
    p->pos += len;
    return called(p, value_node(p, start, xl_range(ref)));
}

/* A sheet in front of "!"; its length with the mark, 0: none. */
static bool take_sheet(struct parse *p, uint32_t *ret_sheet)
{
    size_t start = p->pos;
    struct hn_text name;
    size_t end = start;

    *ret_sheet = p->ev->active.sheet;
    if (peek(p) == '!') {
        p->pos++;
        return true;
    }
    if (peek(p) == '\'') {
        if (!take_marked(p, '\'', &name) || peek(p) != '!') {
            p->pos = start;
            return false;
        }
    } else {
        while (end < p->text.len && (is_name_char(p->text.ptr[end]) || p->text.ptr[end] == '[' ||
                                            p->text.ptr[end] == ']'))
            end++;
        if (end == start || end >= p->text.len || p->text.ptr[end] != '!')
            return false;
        name = hn_text_sub(p->text, start, end - start);
        p->pos = end;
    }
    p->pos++;
    *ret_sheet = xl_sheet(p->ev, name);
    return *ret_sheet != XL_NONE;
}

static struct xl_node *parse_group(struct parse *p)
{
    struct xl_node *node;

    p->pos++;
    node = parse_binary(p, 0);
    while (!p->failed && take(p, ',')) /* a union: its first area stands for it */
        (void)parse_binary(p, 0);
    return node != NULL && take(p, ')') ? node : fail(p);
}

static struct xl_node *parse_primary(struct parse *p)
{
    uint32_t sheet = XL_NONE;
    char c;

    skip_blanks(p);
    c = peek(p);
    if (c == '"')
        return parse_text(p);
    if (c == '(')
        return parse_group(p);
    if (c == '{')
        return parse_array(p);
    if (c == '#')
        return parse_error(p);
    if (take_sheet(p, &sheet))
        return parse_place(p, sheet);
    if ((c >= '0' && c <= '9') || c == '.') {
        struct xl_ref ref;
        size_t len = xl_ref_scan(p->text, p->pos, p->source->r1c1, p->source->base, &ref);

        return len > 0 ? parse_place(p, XL_NONE) : parse_number(p);
    }
    return parse_place(p, XL_NONE);
}

static struct xl_node *parse_postfix(struct parse *p)
{
    struct xl_node *node = parse_primary(p);

    while (node != NULL && take(p, '%')) {
        struct xl_node *percent = node_new(p, XL_NODE_PERCENT, p->pos);

        if (percent != NULL)
            percent->left = node;
        node = percent;
        if (++p->depth > XLM_NESTING_MAX)
            return fail(p);
    }
    return node;
}

/* Signs in a row are folded, so that they are no depth; "@" says nothing. */
static struct xl_node *parse_unary(struct parse *p)
{
    bool negative = false;
    bool any = false;
    struct xl_node *operand;
    struct xl_node *node;

    for (;;) {
        skip_blanks(p);
        if (peek(p) == '-') {
            negative = !negative;
            any = true;
        } else if (peek(p) != '+' && peek(p) != '@') {
            break;
        }
        p->pos++;
    }
    operand = parse_postfix(p);
    if (!any || operand == NULL)
        return operand;
    node = node_new(p, XL_NODE_NEGATE, p->pos);
    if (node == NULL)
        return NULL;
    node->left = operand;
    node->op = negative ? '-' : '+';
    return node;
}

/* The operator at hand and how it binds; '\0': none. */
static char operator_at(struct parse *p, int *ret_binding, size_t *ret_len)
{
    char c;
    char next;

    skip_blanks(p);
    c = peek(p);
    next = p->pos + 1 < p->text.len ? p->text.ptr[p->pos + 1] : '\0';
    *ret_len = 1;
    *ret_binding = c == '&' ? 1 : c == '+' || c == '-' ? 2 : c == '*' || c == '/' ? 3 : 4;
    if (c == ':')
        *ret_binding = 5;
    if (c == '<' || c == '>' || c == '=') {
        *ret_binding = 0;
        if (c == '<' && (next == '=' || next == '>')) {
            *ret_len = 2;
            return next == '=' ? 'l' : 'n';
        }
        if (c == '>' && next == '=') {
            *ret_len = 2;
            return 'g';
        }
        return c;
    }
    return c != '\0' && strchr("&+-*/^:", c) != NULL ? c : '\0';
}

static struct xl_node *parse_binary(struct parse *p, int least)
{
    struct xl_node *left;

    if (++p->depth > XLM_NESTING_MAX)
        return fail(p);
    left = parse_unary(p);
    while (left != NULL && !p->failed) {
        int binding;
        size_t len;
        char op = operator_at(p, &binding, &len);
        struct xl_node *node;

        if (op == '\0' || binding < least)
            break;
        node = node_new(p, XL_NODE_BINARY, p->pos);
        p->pos += len;
        if (node == NULL)
            return NULL;
        node->op = op;
        node->left = left;
        left->up = node;
        node->right = parse_binary(p, binding + 1);
        left = node->right != NULL ? node : NULL;
    }
    p->depth--;
    return p->failed ? NULL : left;
}

struct xl_node *xl_parse(struct xl *ev, const struct xl_source *source)
{
    struct parse p = { .ev = ev, .source = source, .text = source->text };
    struct xl_node *node = parse_binary(&p, 0);

    skip_blanks(&p);
    if (node == NULL || p.failed || p.pos < p.text.len)
        return NULL;
    return node;
}
