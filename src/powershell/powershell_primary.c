/* powershell_primary.c - what expressions are made of: literals, variables, blocks, and members,
 * calls and indexes behind them. */
#include "powershell/powershell_internal.h"

/* ---- Members, calls, indexes ---- */

static void arguments(struct ps_parser *p, struct ps_node *call)
{
    struct ps_node **next = &call->kids;
    bool no_comma = p->no_comma;

    p->pos++;
    if (!ps_enter(p))
        return;
    p->no_comma = true;
    ps_skip(p, true);
    while (!p->failed && ps_peek(p, 0) != ')' && p->pos < p->in.len) {
        struct ps_node *wrapped = ps_node(p, PS_N_PAREN);

        wrapped->a = ps_expression(p);
        ps_skip(p, true);
        *next = wrapped;
        next = &wrapped->next;
        if (ps_peek(p, 0) != ',')
            break;
        p->pos++;
        ps_skip(p, true);
    }
    p->depth--;
    p->no_comma = no_comma;
    ps_close(p, ')');
}

static struct ps_node *parenthesis(struct ps_parser *p, enum ps_node_kind kind, size_t len);

static struct ps_node *member_name(struct ps_parser *p)
{
    char c;
    char kind;
    struct hn_text name;
    size_t offset;

    ps_skip(p, true);
    c = ps_peek(p, 0);
    offset = p->pos;
    if (ps_quote_len(p, p->pos, &kind) != 0)
        return ps_string(p);
    if (c == '$' && ps_peek(p, 1) != '(')
        return ps_variable(p);
    if (c == '(' || c == '$') /* without what follows: that is the method's */
        return parenthesis(p, c == '(' ? PS_N_PAREN : PS_N_SUB, c == '(' ? 1 : 2);
    name = ps_take_name(p);
    if (name.len == 0)
        p->failed = true;
    return ps_const_text(p, name, offset);
}

static struct ps_node *suffix_member(struct ps_parser *p, bool is_static)
{
    struct ps_node *node = ps_node(p, PS_N_MEMBER);
    size_t end;

    node->flag = is_static;
    p->pos += is_static ? 2 : 1;
    node->a = member_name(p);
    end = p->pos;
    if (!p->failed && (ps_peek(p, 0) == ' ' || ps_peek(p, 0) == '\t') &&
            node->a->kind != PS_N_CONST)
        ps_skip(p, false); /* ."x" ( ... ) */
    if (ps_peek(p, 0) == '(') {
        node->kind = PS_N_CALL;
        arguments(p, node);
    } else {
        p->pos = end;
    }
    return node;
}

static struct ps_node *suffix_index(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_INDEX);
    bool no_comma = p->no_comma;

    p->pos++;
    if (!ps_enter(p))
        return node;
    p->no_comma = false;
    ps_skip(p, true);
    node->a = ps_expression(p);
    p->no_comma = no_comma;
    p->depth--;
    ps_skip(p, true);
    ps_close(p, ']');
    return node;
}

static struct ps_node *suffix_step(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_STEP);

    node->text = hn_text_sub(p->in, p->pos, 1);
    p->pos += 2;
    return node;
}

/* The suffix that stands here, or NULL. */
static struct ps_node *suffix(struct ps_parser *p)
{
    char c = ps_peek(p, 0);
    char n = ps_peek(p, 1);
    char kind;

    if (c == '[')
        return suffix_index(p);
    if (c == ':' && n == ':')
        return suffix_member(p, true);
    if (c == '?' && n == '.') { /* 7: null-conditional */
        p->pos++;
        return suffix_member(p, false);
    }
    if (c == '.' && n != '.' &&
            (ps_is_word(p, p->pos + 1) || strchr("$({`\r\n \t", n) != NULL ||
                    ps_quote_len(p, p->pos + 1, &kind) != 0))
        return suffix_member(p, false);
    if ((c == '+' && n == '+') || (c == '-' && n == '-'))
        return suffix_step(p);
    return NULL;
}

static struct ps_node *postfix(struct ps_parser *p, struct ps_node *base)
{
    struct ps_node *node = NULL;
    struct ps_node **next = NULL;

    while (!p->failed && p->pos < p->in.len) {
        size_t before = p->pos;
        struct ps_node *found;

        if (ps_peek(p, 0) == ' ' || ps_peek(p, 0) == '\n' || ps_peek(p, 0) == '\r') {
            ps_skip(p, true); /* a member on the next line, or behind a space */
            if (ps_peek(p, 0) != '.' || !ps_is_word(p, p->pos + 1) ||
                    (ps_peek(p, 1) >= '0' && ps_peek(p, 1) <= '9'))
                p->pos = before;
        }
        found = p->pos == before || ps_peek(p, 0) == '.' ? suffix(p) : NULL;
        if (found == NULL) {
            p->pos = before;
            break;
        }
        if (node == NULL) {
            node = ps_node(p, PS_N_POSTFIX);
            node->offset = base->offset;
            node->a = base;
            next = &node->kids;
        }
        *next = found;
        next = &found->next;
    }
    return node != NULL ? node : base;
}

/* ---- Types ---- */

/* [name] with balanced brackets; the text between them. */
static struct hn_text type_name(struct ps_parser *p)
{
    size_t start = ++p->pos;
    uint32_t open = 1;

    while (p->pos < p->in.len) {
        char c = ps_peek(p, 0);

        open += c == '[';
        open -= c == ']';
        if (open == 0)
            break;
        p->pos++;
    }
    if (p->pos >= p->in.len) {
        p->failed = true;
        return T("");
    }
    p->pos++;
    return hn_text_sub(p->in, start, p->pos - 1 - start);
}

static bool cast_follows(const struct ps_parser *p)
{
    char c = ps_peek(p, 0);
    char kind;
    size_t len = 0;

    if (p->pos >= p->in.len)
        return false;
    if (ps_quote_len(p, p->pos, &kind) != 0 || strchr("$@([{", c) != NULL)
        return true;
    if (ps_dash_len(p, p->pos) != 0) {
        struct hn_text name = ps_peek_operator(p, &len);

        return (ps_peek(p, len) >= '0' && ps_peek(p, len) <= '9') ||
               ps_one_of(name, "join|split|not|bnot") || (name.len == 0 && ps_peek(p, 1) == '-');
    }
    return (c >= '0' && c <= '9') || c == '!' ||
           (c == '.' && ps_peek(p, 1) >= '0' && ps_peek(p, 1) <= '9') ||
           (c == '+' && ps_peek(p, 1) >= '0' && ps_peek(p, 1) <= '9');
}

/* A type, or a cast of what follows; attributes with arguments count for nothing. */
struct ps_node *ps_type_or_cast(struct ps_parser *p)
{
    size_t start = p->pos;
    struct hn_text name = type_name(p);
    size_t paren = hn_text_find_char(name, '(', 0);
    struct ps_node *node;
    size_t after = p->pos;

    ps_skip(p, false);
    if (!p->failed && cast_follows(p)) {
        node = ps_node(p, PS_N_CAST);
        node->offset = (uint32_t)start;
        node->text = ps_normal_type(p->run, paren == SIZE_MAX ? name : T("object"));
        if (!ps_enter(p))
            return node;
        node->a = ps_unary(p);
        p->depth--;
        return node;
    }
    if (ps_peek(p, 0) != ':' || ps_peek(p, 1) != ':')
        p->pos = after;
    node = ps_node(p, PS_N_TYPE);
    node->offset = (uint32_t)start;
    node->text = ps_normal_type(p->run, name);
    return postfix(p, node);
}

/* ---- Primary ---- */

static struct ps_node *hash_key(struct ps_parser *p)
{
    char kind;
    char c = ps_peek(p, 0);
    size_t offset = p->pos;

    if (ps_quote_len(p, p->pos, &kind) != 0)
        return ps_string(p);
    if (c == '$' || c == '(' || c == '[' || (c >= '0' && c <= '9') || ps_dash_len(p, p->pos) != 0)
        return ps_unary(p);
    while (p->pos < p->in.len &&
            (ps_is_word(p, p->pos) || ps_peek(p, 0) == '-' || ps_peek(p, 0) == '.'))
        p->pos++;
    if (p->pos == offset)
        p->failed = true;
    return ps_const_text(p, hn_text_sub(p->in, offset, p->pos - offset), offset);
}

static struct ps_node *hash_literal(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_HASH);
    bool no_comma = p->no_comma;
    struct ps_node **next = &node->kids;

    p->pos += 2;
    if (!ps_enter(p))
        return node;
    p->no_comma = false;
    for (;;) {
        ps_skip(p, true);
        while (ps_peek(p, 0) == ';') {
            p->pos++;
            ps_skip(p, true);
        }
        if (p->failed || ps_peek(p, 0) == '}' || p->pos >= p->in.len)
            break;
        *next = hash_key(p);
        next = &(*next)->next;
        ps_skip(p, true);
        if (p->failed || ps_peek(p, 0) != '=') {
            p->failed = true;
            break;
        }
        p->pos++;
        ps_skip(p, true);
        *next = ps_statement(p);
        next = &(*next)->next;
    }
    p->no_comma = no_comma;
    p->depth--;
    ps_close(p, '}');
    return node;
}

static struct ps_node *block_literal(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_BLOCK);
    bool no_comma = p->no_comma;

    p->pos++;
    if (!ps_enter(p))
        return node;
    p->no_comma = false;
    node->block = ps_block_body(p, '}');
    p->no_comma = no_comma;
    p->depth--;
    ps_close(p, '}');
    return node;
}

static struct ps_node *parenthesis(struct ps_parser *p, enum ps_node_kind kind, size_t len)
{
    struct ps_node *node = ps_node(p, kind);
    bool no_comma = p->no_comma;

    p->pos += len;
    if (!ps_enter(p))
        return node;
    p->no_comma = false;
    if (kind == PS_N_PAREN) {
        ps_skip(p, true);
        node->a = ps_peek(p, 0) == ')' ? NULL : ps_statement(p);
        ps_skip(p, true);
    } else {
        node->a = ps_statements(p, ')');
    }
    p->no_comma = no_comma;
    p->depth--;
    ps_close(p, ')');
    return node;
}

static struct ps_node *at_literal(struct ps_parser *p)
{
    char kind;
    struct ps_node *node;

    if (ps_peek(p, 1) == '(')
        return parenthesis(p, PS_N_ARRAY, 2);
    if (ps_peek(p, 1) == '{')
        return hash_literal(p);
    if (ps_quote_len(p, p->pos + 1, &kind) != 0)
        return ps_string(p);
    node = ps_variable(p);
    node->kind = PS_N_SPLAT;
    return node;
}

struct ps_node *ps_primary(struct ps_parser *p)
{
    char c = ps_peek(p, 0);
    char kind;
    struct ps_node *node = NULL;

    if (p->failed || p->pos >= p->in.len) {
        p->failed = true;
        return ps_node(p, PS_N_LIST);
    }
    if (ps_quote_len(p, p->pos, &kind) != 0)
        node = ps_string(p);
    else if (c == '$' && ps_peek(p, 1) == '(')
        node = parenthesis(p, PS_N_SUB, 2);
    else if (c == '$')
        node = ps_variable(p);
    else if (c == '@')
        node = at_literal(p);
    else if (c == '(')
        node = parenthesis(p, PS_N_PAREN, 1);
    else if (c == '{')
        node = block_literal(p);
    else if (c == '[')
        return ps_type_or_cast(p);
    else
        node = ps_number(p);
    if (node == NULL) {
        p->failed = true;
        return ps_node(p, PS_N_LIST);
    }
    return postfix(p, node);
}
