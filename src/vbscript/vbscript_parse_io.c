/* vbscript_parse_io.c - the file statements of VBA, whose words are names elsewhere. */
#include "vbscript/vbscript_internal.h"

/* #1 or 1, at the head of a statement; then a comma. */
static struct vb_expr *parse_number(struct vb_parser *p)
{
    struct vb_expr *expr;

    (void)vb_accept_op(p, '#');
    expr = vb_parse_expr(p);
    (void)vb_accept_op(p, ',');
    return expr;
}

/* Open name For mode [Access ...] [Shared | Lock ...] As #n [Len = n]. op: the mode's keyword. */
static struct vb_stmt *parse_open(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_OPEN);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->target = vb_parse_expr(p);
    stmt->op = VB_K_RANDOM;
    if (stmt->target == NULL)
        return NULL;
    if (vb_accept(p, VB_K_FOR)) {
        struct vb_symbol *mode = vb_parse_name(p);

        if (mode != NULL)
            stmt->op = (int)mode->keyword;
    }
    while (!vb_token_is(vb_peek(p), VB_K_AS)) {
        if (vb_at_end(p))
            return NULL;
        p->pos++;
    }
    p->pos++;
    (void)vb_accept_op(p, '#');
    stmt->value = vb_parse_expr(p);
    vb_parse_skip_line(p);
    return stmt->value != NULL ? stmt : NULL;
}

static struct vb_stmt *parse_close(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_CLOSE);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    return vb_parse_args(p, 0, &stmt->args, &stmt->count) ? stmt : NULL;
}

/* Print #, Write #: op is the keyword; `;` and `,` both go on. preserve: no end of line. */
static struct vb_stmt *parse_print(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_PRINT);
    int op = (int)vb_peek(p)->word->keyword;

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->op = op;
    stmt->value = parse_number(p);
    if (stmt->value == NULL || !vb_parse_args(p, 0, &stmt->args, &stmt->count))
        return NULL;
    stmt->preserve = p->tokens[p->pos - 1].kind == VB_TOK_OP && p->tokens[p->pos - 1].op == ';';
    return stmt;
}

/* Put #n, [place], value; Get, Input, Line Input: into targets. op is the keyword. */
static struct vb_stmt *parse_put(struct vb_parser *p)
{
    struct vb_stmt *stmt;
    int op = (int)vb_peek(p)->word->keyword;

    stmt = vb_stmt_new(p, op == VB_K_PUT ? VB_S_PRINT : VB_S_GET);
    p->pos += op == VB_K_LINE ? 2 : 1;
    if (stmt == NULL)
        return NULL;
    stmt->op = op;
    stmt->value = parse_number(p);
    if (stmt->value == NULL)
        return NULL;
    return vb_parse_args(p, 0, &stmt->args, &stmt->count) ? stmt : NULL;
}

static struct vb_stmt *parse_rename(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_NAME);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->target = vb_parse_expr(p);
    if (stmt->target != NULL && vb_accept(p, VB_K_AS))
        stmt->value = vb_parse_expr(p);
    return stmt->value != NULL ? stmt : NULL;
}

/* Whether what follows can be a file number. */
static bool number_follows(const struct vb_parser *p, size_t ahead)
{
    const struct vb_token *token = vb_peek_at(p, ahead);

    return (token->kind == VB_TOK_OP && token->op == '#') || token->kind == VB_TOK_WORD ||
           (token->kind == VB_TOK_VALUE && token->value.kind == VB_INT);
}

struct vb_stmt *vb_parse_io(struct vb_parser *p, bool *ret_found)
{
    const struct vb_token *next = vb_peek_at(p, 1);
    bool number = number_follows(p, 1);

    *ret_found = true;
    switch ((unsigned)vb_peek(p)->word->keyword) {
    case VB_K_OPEN:
        if (next->kind == VB_TOK_VALUE || next->kind == VB_TOK_WORD ||
                (next->kind == VB_TOK_OP && (next->op == '(' || next->op == '.')))
            return parse_open(p);
        break;
    case VB_K_CLOSE:
        if (number || next->kind == VB_TOK_EOL)
            return parse_close(p);
        break;
    case VB_K_PRINT:
    case VB_K_WRITE:
        if (number)
            return parse_print(p);
        break;
    case VB_K_PUT:
    case VB_K_GET:
    case VB_K_INPUT:
        if (number)
            return parse_put(p);
        break;
    case VB_K_LINE:
        if (vb_token_is(next, VB_K_INPUT) && number_follows(p, 2))
            return parse_put(p);
        break;
    case VB_K_NAME:
        if (next->kind == VB_TOK_VALUE || next->kind == VB_TOK_WORD)
            return parse_rename(p);
        break;
    case VB_K_SEEK:
    case VB_K_LOCK:
        if (next->kind == VB_TOK_OP && next->op == '#') {
            vb_parse_skip_line(p);
            return vb_stmt_new(p, VB_S_LABEL);
        }
        break;
    default:
        break;
    }
    *ret_found = false;
    return NULL;
}
