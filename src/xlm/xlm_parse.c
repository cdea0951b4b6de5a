/* xlm_parse.c - formulas: operators by their binding, the left operand of a chain linked to its
 * operator so that a long chain is no depth. */
#include "xlm/xlm_internal.h"

#define PLACE_MAX 24u /* of a reference to one cell, as text */

static void parse_args(struct xl_parser *p, struct xl_node *call)
{
    struct xl_node **link = &call->args;

    p->pos++;
    if (xl_parse_take(p, ')'))
        return;
    while (!p->failed) {
        struct xl_node *arg;

        xl_parse_skip_blanks(p);
        if (xl_parse_peek(p) == ',' || xl_parse_peek(p) == ')')
            arg = xl_parse_value_node(p, p->pos, (struct xl_value){ .kind = XL_MISSING });
        else
            arg = xl_parse_binary(p, 0);
        if (arg == NULL)
            return;
        if (call->count < XL_ARGS_MAX) {
            *link = arg;
            link = &arg->next;
            call->count++;
        }
        if (xl_parse_take(p, ')'))
            return;
        if (!xl_parse_take(p, ','))
            p->failed = true;
    }
}

static const struct xl_function *function_of(struct xl_parser *p, struct hn_text name)
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
static struct xl_node *parse_word(struct xl_parser *p, uint32_t sheet)
{
    size_t start = p->pos;
    struct hn_text name = xl_parse_scan_name(p);
    struct xl_node *node;

    if (name.len == 0)
        return xl_parse_fail(p);
    p->pos += name.len;
    if (sheet == XL_NONE && xl_parse_peek(p) != '(' &&
            (hn_text_eq_nocase(name, HN_TEXT("TRUE")) || hn_text_eq_nocase(name, HN_TEXT("FALSE"))))
        return xl_parse_value_node(p, start, xl_bool(name.len == 4));
    node = xl_parse_node_new(p, xl_parse_peek(p) == '(' ? XL_NODE_CALL : XL_NODE_NAME, start);
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
static struct xl_node *called(struct xl_parser *p, struct xl_node *what)
{
    struct xl_node *node;

    if (what == NULL || xl_parse_peek(p) != '(')
        return what;
    node = xl_parse_node_new(p, XL_NODE_MACRO, p->pos);
    if (node == NULL)
        return NULL;
    node->left = what;
    parse_args(p, node);
    return node;
}

static struct xl_node *parse_place(struct xl_parser *p, uint32_t sheet)
{
    struct xl_ref base = p->source->base;
    struct xl_ref ref;
    size_t start = p->pos;
    size_t len;

    if (sheet != XL_NONE)
        base.sheet = sheet;
    len = xl_ref_scan(p->text, p->pos, p->source->r1c1, base, &ref);
    if (len == 0 && sheet != XL_NONE && xl_parse_peek(p) == '#')
        return xl_parse_error(p);
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
    ref = xl_ref_moved(ref, hn_text_sub(p->text, start, len), p->source->rows, p->source->columns);
    return called(p, xl_parse_value_node(p, start, xl_range(ref)));
}

/* A sheet in front of "!"; its length with the mark, 0: none. */
static bool take_sheet(struct xl_parser *p, uint32_t *ret_sheet)
{
    size_t start = p->pos;
    struct hn_text name;
    size_t end = start;

    *ret_sheet = p->ev->active.sheet;
    if (xl_parse_peek(p) == '!') {
        p->pos++;
        return true;
    }
    if (xl_parse_peek(p) == '\'') {
        if (!xl_parse_take_marked(p, '\'', &name) || xl_parse_peek(p) != '!') {
            p->pos = start;
            return false;
        }
    } else {
        while (end < p->text.len && (xl_parse_is_name_char(p->text.ptr[end]) ||
                                            p->text.ptr[end] == '[' || p->text.ptr[end] == ']'))
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

static struct xl_node *parse_group(struct xl_parser *p)
{
    struct xl_node *node;

    p->pos++;
    node = xl_parse_binary(p, 0);
    while (!p->failed && xl_parse_take(p, ',')) /* a union: its first area stands for it */
        (void)xl_parse_binary(p, 0);
    return node != NULL && xl_parse_take(p, ')') ? node : xl_parse_fail(p);
}

static struct xl_node *parse_primary(struct xl_parser *p)
{
    uint32_t sheet = XL_NONE;
    char c;

    xl_parse_skip_blanks(p);
    c = xl_parse_peek(p);
    if (c == '"')
        return xl_parse_text(p);
    if (c == '(')
        return parse_group(p);
    if (c == '{')
        return xl_parse_array(p);
    if (c == '#')
        return xl_parse_error(p);
    if (take_sheet(p, &sheet))
        return parse_place(p, sheet);
    if ((c >= '0' && c <= '9') || c == '.') {
        struct xl_ref ref;
        size_t len = xl_ref_scan(p->text, p->pos, p->source->r1c1, p->source->base, &ref);

        return len > 0 ? parse_place(p, XL_NONE) : xl_parse_number(p);
    }
    return parse_place(p, XL_NONE);
}

static struct xl_node *parse_postfix(struct xl_parser *p)
{
    struct xl_node *node = parse_primary(p);

    while (node != NULL && xl_parse_take(p, '%')) {
        struct xl_node *percent = xl_parse_node_new(p, XL_NODE_PERCENT, p->pos);

        if (percent != NULL)
            percent->left = node;
        node = percent;
        if (++p->depth > XLM_NESTING_MAX)
            return xl_parse_fail(p);
    }
    return node;
}

/* Signs in a row are folded, so that they are no depth; "@" says nothing. */
static struct xl_node *parse_unary(struct xl_parser *p)
{
    bool negative = false;
    bool any = false;
    struct xl_node *operand;
    struct xl_node *node;

    for (;;) {
        xl_parse_skip_blanks(p);
        if (xl_parse_peek(p) == '-') {
            negative = !negative;
            any = true;
        } else if (xl_parse_peek(p) != '+' && xl_parse_peek(p) != '@') {
            break;
        }
        p->pos++;
    }
    operand = parse_postfix(p);
    if (!any || operand == NULL)
        return operand;
    node = xl_parse_node_new(p, XL_NODE_NEGATE, p->pos);
    if (node == NULL)
        return NULL;
    node->left = operand;
    node->op = negative ? '-' : '+';
    return node;
}

/* The operator at hand and how it binds; '\0': none. */
static char operator_at(struct xl_parser *p, int *ret_binding, size_t *ret_len)
{
    char c;
    char next;

    xl_parse_skip_blanks(p);
    c = xl_parse_peek(p);
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

struct xl_node *xl_parse_binary(struct xl_parser *p, int least)
{
    struct xl_node *left;

    if (++p->depth > XLM_NESTING_MAX)
        return xl_parse_fail(p);
    left = parse_unary(p);
    while (left != NULL && !p->failed) {
        int binding;
        size_t len;
        char op = operator_at(p, &binding, &len);
        struct xl_node *node;

        if (op == '\0' || binding < least)
            break;
        node = xl_parse_node_new(p, XL_NODE_BINARY, p->pos);
        p->pos += len;
        if (node == NULL)
            return NULL;
        node->op = op;
        node->left = left;
        left->up = node;
        node->right = xl_parse_binary(p, binding + 1);
        left = node->right != NULL ? node : NULL;
    }
    p->depth--;
    return p->failed ? NULL : left;
}

struct xl_node *xl_parse(struct xl *ev, const struct xl_source *source)
{
    struct xl_parser p = { .ev = ev, .source = source, .text = source->text };
    struct xl_node *node = xl_parse_binary(&p, 0);

    xl_parse_skip_blanks(&p);
    if (node == NULL || p.failed || p.pos < p.text.len)
        return NULL;
    return node;
}
