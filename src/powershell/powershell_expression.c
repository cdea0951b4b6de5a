/* powershell_expression.c - expressions: operators by precedence, and lists. What they are made of
 * is in powershell_primary.c. Chains of one precedence are one node, so that a thousand joins are
 * no thousand levels. */
#include "powershell/powershell_internal.h"

struct operator_row {
    const char *name;
    uint8_t op;
    uint8_t level; /* 0 binds least */
};

/* Names behind a dash; those that compare may have c or i in front. */
static const struct operator_row operators[] = {
    { "and", PS_OP_AND, 0 },
    { "or", PS_OP_OR, 0 },
    { "xor", PS_OP_XOR, 0 },
    { "band", PS_OP_BAND, 1 },
    { "bor", PS_OP_BOR, 1 },
    { "bxor", PS_OP_BXOR, 1 },
    { "eq", PS_OP_EQ, 2 },
    { "ne", PS_OP_NE, 2 },
    { "gt", PS_OP_GT, 2 },
    { "ge", PS_OP_GE, 2 },
    { "lt", PS_OP_LT, 2 },
    { "le", PS_OP_LE, 2 },
    { "like", PS_OP_LIKE, 2 },
    { "notlike", PS_OP_NOTLIKE, 2 },
    { "match", PS_OP_MATCH, 2 },
    { "notmatch", PS_OP_NOTMATCH, 2 },
    { "contains", PS_OP_CONTAINS, 2 },
    { "notcontains", PS_OP_NOTCONTAINS, 2 },
    { "in", PS_OP_IN, 2 },
    { "notin", PS_OP_NOTIN, 2 },
    { "replace", PS_OP_REPLACE, 2 },
    { "split", PS_OP_SPLIT, 2 },
    { "join", PS_OP_JOIN, 2 },
    { "is", PS_OP_IS, 2 },
    { "isnot", PS_OP_ISNOT, 2 },
    { "as", PS_OP_AS, 2 },
    { "shl", PS_OP_SHL, 2 },
    { "shr", PS_OP_SHR, 2 },
    { "f", PS_OP_FORMAT, 5 },
};

#define LEVELS 7u /* logical, bits, comparison, + -, * / %, -f, .. */

static bool find_operator(struct hn_text name, struct operator_row *ret, bool *ret_exact)
{
    for (size_t cut = 0; cut < 2; cut++) {
        if (cut == 1 && (name.len < 3 || strchr("ciCI", name.ptr[0]) == NULL))
            return false;
        for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
            if (cut == 1 && (operators[i].level != 2 || operators[i].op == PS_OP_SHL))
                continue;
            if (!ps_same_text(hn_text_sub(name, cut, SIZE_MAX), operators[i].name))
                continue;
            *ret = operators[i];
            *ret_exact = cut == 1 && (name.ptr[0] | 0x20) == 'c';
            return true;
        }
    }
    return false;
}

static bool find_sign(const struct ps_parser *p, struct operator_row *ret, size_t *ret_len)
{
    char c = ps_peek(p, 0);

    *ret_len = 1;
    *ret = (struct operator_row){ NULL, PS_OP_NONE, 3 };
    if (ps_dash_len(p, p->pos) != 0) {
        *ret_len = ps_dash_len(p, p->pos);
        ret->op = PS_OP_SUB;
        if (p->pos + *ret_len < p->in.len && p->in.ptr[p->pos + *ret_len] == '=')
            return false;
    } else if (c == '+') {
        ret->op = PS_OP_ADD;
    } else if (c == '*' || c == '/' || c == '%') {
        ret->op = (uint8_t)(c == '*' ? PS_OP_MUL : c == '/' ? PS_OP_DIV : PS_OP_MOD);
        ret->level = 4;
    } else if (c == '.' && ps_peek(p, 1) == '.') {
        ret->op = PS_OP_RANGE;
        ret->level = 6;
        *ret_len = 2;
    }
    return ret->op != PS_OP_NONE && ps_peek(p, *ret_len) != '=';
}

/* The binary operator that stands here, if it is of that level; taken. */
static bool take_operator(struct ps_parser *p, uint8_t level, struct ps_node *ret)
{
    struct operator_row row;
    size_t len = 0;
    struct hn_text name;

    ps_skip(p, false);
    if (p->pos >= p->in.len)
        return false;
    name = ps_peek_operator(p, &len);
    ret->exact = false;
    if (name.len > 0) {
        if (!find_operator(name, &row, &ret->exact))
            return false;
    } else if (!find_sign(p, &row, &len)) {
        return false;
    }
    if (row.level != level)
        return false;
    p->pos += len;
    ret->op = row.op;
    return true;
}

static struct ps_node *comma_list(struct ps_parser *p);

static struct ps_node *binary(struct ps_parser *p, uint8_t level)
{
    struct ps_node *first = level + 1u < LEVELS ? binary(p, (uint8_t)(level + 1)) : comma_list(p);
    struct ps_node *chain = NULL;
    struct ps_node **next = NULL;
    struct ps_node found = { 0 };

    while (!p->failed && take_operator(p, level, &found)) {
        struct ps_node *right;

        ps_skip(p, true);
        right = level + 1u < LEVELS ? binary(p, (uint8_t)(level + 1)) : comma_list(p);
        if (chain == NULL) {
            chain = ps_node(p, PS_N_CHAIN);
            chain->offset = first->offset;
            chain->kids = first;
            next = &first->next;
        }
        right->op = found.op;
        right->exact = found.exact;
        *next = right;
        next = &right->next;
    }
    return chain != NULL ? chain : first;
}

/* a, b, c: binds closer than any operator but the unary ones. */
static struct ps_node *comma_list(struct ps_parser *p)
{
    struct ps_node *first = ps_unary(p);
    struct ps_node *list = NULL;
    struct ps_node **next = NULL;

    for (;;) {
        ps_skip(p, false);
        if (p->failed || p->no_comma || ps_peek(p, 0) != ',')
            return list != NULL ? list : first;
        p->pos++;
        ps_skip(p, true);
        if (list == NULL) {
            list = ps_node(p, PS_N_COMMA);
            list->offset = first->offset;
            list->kids = first;
            next = &first->next;
        }
        *next = ps_unary(p);
        next = &(*next)->next;
    }
}

static struct ps_node *unary_of(struct ps_parser *p, uint8_t op, size_t len)
{
    struct ps_node *node = ps_node(p, PS_N_UNARY);

    node->text = T("");
    p->pos += len;
    ps_skip(p, true);
    if (!ps_enter(p))
        return node;
    node->a = ps_unary(p);
    p->depth--;
    /* The operator of a chain is kept in op as well, so that of the unary one is in the text. */
    switch (op) {
    case PS_OP_NOT:
        node->text = T("!");
        break;
    case PS_OP_BNOT:
        node->text = T("~");
        break;
    case PS_OP_SUB:
        node->text = T("-");
        break;
    case PS_OP_ADD:
        node->text = T("+");
        break;
    case PS_OP_COMMA:
        node->text = T(",");
        break;
    case PS_OP_JOIN:
        node->text = T("join");
        break;
    default:
        node->text = T("split");
        break;
    }
    return node;
}

static struct ps_node *step_before(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_STEP);

    node->text = hn_text_sub(p->in, p->pos, 1);
    node->flag = true;
    p->pos += 2;
    ps_skip(p, true);
    if (!ps_enter(p))
        return node;
    node->a = ps_unary(p);
    p->depth--;
    return node;
}

/* -not, -join, ...; NULL when none stands here. */
static struct ps_node *named_unary(struct ps_parser *p)
{
    size_t len = 0;
    struct hn_text name = ps_peek_operator(p, &len);

    if (ps_same_text(name, "not"))
        return unary_of(p, PS_OP_NOT, len);
    if (ps_same_text(name, "bnot"))
        return unary_of(p, PS_OP_BNOT, len);
    if (ps_same_text(name, "join"))
        return unary_of(p, PS_OP_JOIN, len);
    if (ps_one_of(name, "split|csplit|isplit"))
        return unary_of(p, PS_OP_SPLIT, len);
    return NULL;
}

struct ps_node *ps_unary(struct ps_parser *p)
{
    char c;
    size_t dash;
    struct ps_node *node;

    ps_skip(p, false);
    c = ps_peek(p, 0);
    if (c == '!')
        return unary_of(p, PS_OP_NOT, 1);
    if (c == ',')
        return unary_of(p, PS_OP_COMMA, 1);
    if (c == '+' && ps_peek(p, 1) != '+')
        return unary_of(p, PS_OP_ADD, 1);
    if ((c == '+' && ps_peek(p, 1) == '+') || (c == '-' && ps_peek(p, 1) == '-'))
        return step_before(p);
    dash = ps_dash_len(p, p->pos);
    if (dash != 0) {
        node = named_unary(p);
        return node != NULL ? node : unary_of(p, PS_OP_SUB, dash);
    }
    if (c == '[')
        return ps_type_or_cast(p);
    return ps_primary(p);
}

static struct ps_node *ternary(struct ps_parser *p, struct ps_node *condition)
{
    struct ps_node *node = ps_node(p, PS_N_TERNARY);

    p->pos++;
    node->a = condition;
    if (!ps_enter(p))
        return node;
    ps_skip(p, true);
    node->b = ps_expression(p);
    ps_skip(p, true);
    if (ps_peek(p, 0) == ':') {
        p->pos++;
        ps_skip(p, true);
        node->c = ps_expression(p);
    } else {
        p->failed = true;
    }
    p->depth--;
    return node;
}

struct ps_node *ps_expression(struct ps_parser *p)
{
    struct ps_node *node = binary(p, 0);

    ps_skip(p, false);
    if (!p->failed && ps_peek(p, 0) == '?' && ps_peek(p, 1) == '?' && ps_peek(p, 2) != '=') {
        struct ps_node *chain = ps_node(p, PS_N_CHAIN);

        p->pos += 2;
        ps_skip(p, true);
        chain->kids = node;
        node->next = binary(p, 0);
        node->next->op = PS_OP_COALESCE;
        return chain;
    }
    if (!p->failed && ps_peek(p, 0) == '?' && strchr(" \t(", ps_peek(p, 1)) != NULL)
        return ternary(p, node);
    return node;
}

bool ps_starts_expression(const struct ps_parser *p)
{
    char c = ps_peek(p, 0);
    char n = ps_peek(p, 1);
    char kind;
    size_t len = 0;
    struct ps_parser ahead;

    if (p->pos >= p->in.len)
        return false;
    if (ps_quote_len(p, p->pos, &kind) != 0 || strchr("$@([{!,", c) != NULL)
        return c != '\0';
    if ((c >= '0' && c <= '9') || (c == '.' && n >= '0' && n <= '9')) {
        ahead = *p;
        return ps_number(&ahead) != NULL;
    }
    if (c == '+')
        return true;
    if (ps_dash_len(p, p->pos) != 0) {
        struct hn_text name = ps_peek_operator(p, &len);

        return name.len == 0 || ps_one_of(name, "join|split|csplit|isplit|not|bnot");
    }
    return false;
}
