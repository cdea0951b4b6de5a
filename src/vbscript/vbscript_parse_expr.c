/* vbscript_parse_expr.c - expressions by precedence; chains of one precedence are one node, so that
 * a & b & c & ... of thousands of parts nests nothing. */
#include "vbscript/vbscript_internal.h"

enum precedence {
    PREC_IMP = 1,
    PREC_EQV,
    PREC_XOR,
    PREC_OR,
    PREC_AND,
    PREC_NOT,
    PREC_COMPARE,
    PREC_JOIN,
    PREC_ADD,
    PREC_MOD,
    PREC_INT_DIVIDE,
    PREC_MULTIPLY,
    PREC_NEGATE,
    PREC_POWER
};

static int op_of(const struct vb_token *token)
{
    if (token->kind == VB_TOK_OP)
        return token->op;
    if (token->kind == VB_TOK_WORD && token->suffix == 0)
        return 0x10000 + (int)token->word->keyword;
    return 0;
}

static int precedence_of(int op)
{
    static const struct {
        int op;
        int precedence;
    } table[] = { { '&', PREC_JOIN }, { '+', PREC_ADD }, { '-', PREC_ADD }, { '=', PREC_COMPARE },
        { VB_OP_NE, PREC_COMPARE }, { '<', PREC_COMPARE }, { '>', PREC_COMPARE },
        { VB_OP_LE, PREC_COMPARE }, { VB_OP_GE, PREC_COMPARE }, { '*', PREC_MULTIPLY },
        { '/', PREC_MULTIPLY }, { '\\', PREC_INT_DIVIDE }, { '^', PREC_POWER },
        { 0x10000 + VB_K_AND, PREC_AND }, { 0x10000 + VB_K_OR, PREC_OR },
        { 0x10000 + VB_K_XOR, PREC_XOR }, { 0x10000 + VB_K_EQV, PREC_EQV },
        { 0x10000 + VB_K_IMP, PREC_IMP }, { 0x10000 + VB_K_MOD, PREC_MOD },
        { 0x10000 + VB_K_LIKE, PREC_COMPARE }, { 0x10000 + VB_K_IS, PREC_COMPARE } };

    for (size_t i = 0; i < HN_COUNT_OF(table); i++)
        if (table[i].op == op)
            return table[i].precedence;
    return 0;
}

struct vb_expr *vb_expr_new(struct vb_parser *p, enum vb_expr_kind kind, uint32_t offset)
{
    struct vb_expr *expr = hn_new(&p->ev->run->arena, struct vb_expr, 1);

    if (expr == NULL) {
        if (p->ev->run->stop == SCRIPT_STOP_NONE)
            p->ev->run->stop = SCRIPT_STOP_BYTES;
        p->failed = true;
        return NULL;
    }
    expr->kind = kind;
    expr->offset = offset;
    return expr;
}

/* One more in a list that doubles. */
static struct vb_arg *arg_add(struct vb_parser *p, struct vb_arg **args, uint32_t *count)
{
    struct vb_arg *grown;

    if ((*count & (*count - 1)) == 0) { /* 0 or a power of two: full */
        grown = hn_new(&p->ev->run->arena, struct vb_arg, *count == 0 ? 1 : (size_t)*count * 2);
        if (grown == NULL) {
            p->failed = true;
            return NULL;
        }
        if (*count > 0)
            memcpy(grown, *args, *count * sizeof **args);
        *args = grown;
    }
    return &(*args)[(*count)++];
}

static bool parse_arg(struct vb_parser *p, struct vb_arg *arg)
{
    const struct vb_token *token = vb_peek(p);

    if (token->kind == VB_TOK_OP && (token->op == ',' || token->op == ';' || token->op == ')')) {
        arg->expr = vb_expr_new(p, VB_E_MISSING, token->offset);
        return true;
    }
    if (vb_peek_at(p, 1)->kind == VB_TOK_OP && vb_peek_at(p, 1)->op == VB_OP_ASSIGN &&
            token->kind == VB_TOK_WORD) {
        arg->name = token->word;
        p->pos += 2;
    }
    (void)vb_accept_op(p, '#');
    if (vb_accept(p, VB_K_BYVAL))
        arg->by_value = true;
    arg->expr = vb_parse_expr(p);
    if (vb_accept(p, VB_K_TO)) /* Array(1 To 5) is a bound, which its own parser reads */
        (void)vb_parse_expr(p);
    return arg->expr != NULL;
}

/* closing 0: until the end of the statement. */
bool vb_parse_args(struct vb_parser *p, int closing, struct vb_arg **ret_args, uint32_t *ret_count)
{
    *ret_args = NULL;
    *ret_count = 0;
    if (closing != 0 ? vb_accept_op(p, closing) : vb_at_end(p))
        return true;
    for (;;) {
        struct vb_arg *arg = arg_add(p, ret_args, ret_count);

        if (arg == NULL || !parse_arg(p, arg))
            return false;
        if (vb_accept_op(p, ',') || (closing == 0 && vb_accept_op(p, ';'))) {
            if (closing == 0 && vb_at_end(p)) /* Print a; */
                return true;
            continue;
        }
        if (closing != 0 ? vb_accept_op(p, closing) : vb_at_end(p))
            return true;
        vb_parse_fail(p);
        return false;
    }
}

/* Words that end an expression, or join two. */
static bool is_operand(const struct vb_token *token)
{
    static const enum vb_keyword never[] = { VB_K_AND, VB_K_OR, VB_K_XOR, VB_K_EQV, VB_K_IMP,
        VB_K_MOD, VB_K_LIKE, VB_K_IS, VB_K_THEN, VB_K_ELSE, VB_K_ELSEIF, VB_K_TO, VB_K_IF, VB_K_END,
        VB_K_GOTO, VB_K_GOSUB, VB_K_AS };

    if (token->suffix == '[')
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(never); i++)
        if (token->word->keyword == never[i])
            return false;
    return true;
}

static struct vb_expr *keyword_value(struct vb_parser *p, const struct vb_token *token)
{
    struct vb_value value = { .kind = VB_EMPTY };
    struct vb_expr *expr;

    switch ((unsigned)token->word->keyword) {
    case VB_K_TRUE:
    case VB_K_FALSE:
        value = vb_bool(token->word->keyword == VB_K_TRUE);
        break;
    case VB_K_NULL:
        value.kind = VB_NULL;
        break;
    case VB_K_NOTHING:
        value.kind = VB_OBJECT;
        break;
    case VB_K_EMPTY:
        break;
    default:
        return NULL;
    }
    p->pos++;
    expr = vb_expr_new(p, VB_E_VALUE, token->offset);
    if (expr != NULL)
        expr->value = value;
    return expr;
}

static struct vb_expr *parse_new(struct vb_parser *p, uint32_t offset)
{
    struct vb_expr *expr = vb_expr_new(p, VB_E_NEW, offset);
    struct vb_symbol *name = vb_parse_name(p);

    while (name != NULL && vb_accept_op(p, '.')) /* New Scripting.Dictionary */
        name = vb_parse_name(p);
    if (expr == NULL || name == NULL)
        return NULL;
    expr->name = name;
    return expr;
}

static struct vb_expr *parse_special(struct vb_parser *p, const struct vb_token *token)
{
    struct vb_expr *expr = keyword_value(p, token);

    if (expr != NULL)
        return expr;
    if (vb_accept(p, VB_K_NEW))
        return parse_new(p, token->offset);
    if (token->word->keyword == VB_K_ADDRESSOF || token->word->keyword == VB_K_TYPEOF) {
        p->pos++;
        expr = vb_expr_new(p, token->word->keyword == VB_K_TYPEOF ? VB_E_TYPEOF : VB_E_ADDRESSOF,
                token->offset);
        if (expr == NULL)
            return NULL;
        expr->base = vb_parse_primary(p, false);
        if (expr->kind == VB_E_TYPEOF && vb_accept(p, VB_K_IS)) {
            expr->name = vb_parse_name(p);
            while (vb_accept_op(p, '.'))
                expr->name = vb_parse_name(p);
        }
        return expr->base != NULL ? expr : NULL;
    }
    expr = vb_expr_new(p, VB_E_NAME, token->offset);
    if (expr == NULL)
        return NULL;
    p->pos++;
    expr->name = token->word;
    expr->op = token->suffix;
    return expr;
}

static struct vb_expr *parse_paren(struct vb_parser *p)
{
    struct vb_expr *expr = vb_expr_new(p, VB_E_PAREN, vb_peek(p)->offset);

    p->pos++;
    if (expr == NULL)
        return NULL;
    expr->base = vb_parse_expr(p);
    if (expr->base == NULL)
        return NULL;
    if (!vb_accept_op(p, ')')) {
        vb_parse_fail(p);
        return NULL;
    }
    return expr;
}

static struct vb_expr *parse_atom(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    struct vb_expr *expr = NULL;

    if (token->kind == VB_TOK_VALUE) {
        p->pos++;
        expr = vb_expr_new(p, VB_E_VALUE, token->offset);
        if (expr != NULL)
            expr->value = token->value;
        return expr;
    }
    if (token->kind == VB_TOK_OP && token->op == '(')
        return parse_paren(p);
    if (token->kind == VB_TOK_OP && (token->op == '.' || token->op == '!')) {
        p->pos++;
        expr = vb_expr_new(p, token->op == '.' ? VB_E_MEMBER : VB_E_BANG, token->offset);
        if (expr != NULL)
            expr->name = vb_parse_name(p);
        return expr != NULL && expr->name != NULL ? expr : NULL;
    }
    if (token->kind == VB_TOK_WORD && is_operand(token))
        return parse_special(p, token);
    vb_parse_fail(p);
    return NULL;
}

/* What may follow an operand: .name !name (args). NULL: nothing, or failed. */
static struct vb_expr *parse_suffix(struct vb_parser *p, struct vb_expr *base, bool statement)
{
    const struct vb_token *token = vb_peek(p);
    const struct vb_token *next = vb_peek_at(p, 1);
    struct vb_expr *expr;

    if (token->kind != VB_TOK_OP)
        return NULL;
    if ((token->op == '.' && !(statement && token->spaced)) ||
            (token->op == '!' && !token->spaced && next->kind == VB_TOK_WORD)) {
        p->pos++;
        expr = vb_expr_new(p, token->op == '.' ? VB_E_MEMBER : VB_E_BANG, token->offset);
        if (expr == NULL)
            return NULL;
        expr->base = base;
        expr->name = vb_parse_name(p);
        return expr->name != NULL ? expr : NULL;
    }
    if (token->op != '(')
        return NULL;
    if (statement && token->spaced) {
        p->paren_pos = p->pos;
        p->paren_base = base;
    }
    p->pos++;
    expr = vb_expr_new(p, VB_E_CALL, token->offset);
    if (expr == NULL)
        return NULL;
    expr->base = base;
    return vb_parse_args(p, ')', &expr->args, &expr->count) ? expr : NULL;
}

struct vb_expr *vb_parse_primary(struct vb_parser *p, bool statement)
{
    struct vb_expr *expr = parse_atom(p);

    while (expr != NULL && !p->failed && expr->kind != VB_E_VALUE) {
        struct vb_expr *longer = parse_suffix(p, expr, statement);

        if (longer == NULL)
            break;
        expr = longer;
    }
    return p->failed ? NULL : expr;
}

static struct vb_expr *climb(struct vb_parser *p, int least);

static struct vb_expr *parse_unary(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    int op = op_of(token);
    struct vb_expr *expr;

    if (op != '-' && op != '+' && op != 0x10000 + VB_K_NOT)
        return vb_parse_primary(p, false);
    p->pos++;
    expr = vb_expr_new(p, VB_E_UNARY, token->offset);
    if (expr == NULL)
        return NULL;
    expr->op = op;
    expr->base = climb(p, op == '-' || op == '+' ? PREC_POWER : PREC_COMPARE);
    return expr->base != NULL ? expr : NULL;
}

/* left op right, in the chain of left's own precedence where there is one. */
static struct vb_expr *chain(struct vb_parser *p, struct vb_expr *left, int op, int least)
{
    struct vb_expr *right = climb(p, precedence_of(op) + 1);
    struct vb_arg *arg;
    struct vb_expr *made = left;

    if (right == NULL)
        return NULL;
    if (left->kind != VB_E_CHAIN || left->op != precedence_of(op) || least > left->op) {
        made = vb_expr_new(p, VB_E_CHAIN, left->offset);
        if (made == NULL)
            return NULL;
        made->op = precedence_of(op);
        arg = arg_add(p, &made->args, &made->count);
        if (arg == NULL)
            return NULL;
        arg->expr = left;
    }
    arg = arg_add(p, &made->args, &made->count);
    if (arg == NULL)
        return NULL;
    arg->expr = right;
    arg->op = op;
    return made;
}

static struct vb_expr *climb(struct vb_parser *p, int least)
{
    struct vb_expr *left = NULL;

    if (p->depth >= VB_DEPTH_MAX / 2) {
        vb_parse_fail(p);
        return NULL;
    }
    p->depth++;
    left = parse_unary(p);
    while (left != NULL) {
        const struct vb_token *token = vb_peek(p);
        int op = op_of(token);
        int precedence = precedence_of(op);

        if (precedence == 0 || precedence < least)
            break;
        p->pos++;
        left = chain(p, left, op, least);
    }
    p->depth--;
    return p->failed ? NULL : left;
}

struct vb_expr *vb_parse_expr(struct vb_parser *p)
{
    return climb(p, PREC_IMP);
}
