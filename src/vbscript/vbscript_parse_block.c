/* vbscript_parse_block.c - statements that hold others: If, Select, loops, With. */
#include "vbscript/vbscript_internal.h"

/* ---- If, Select ---- */

static bool closes_if(const struct vb_parser *p)
{
    return vb_ends(p, VB_K_IF) || vb_token_is(vb_peek(p), VB_K_ELSE) ||
           vb_token_is(vb_peek(p), VB_K_ELSEIF) || vb_closes_proc(p);
}

static struct vb_clause *clause_new(struct vb_parser *p)
{
    struct vb_clause *clause = hn_new(&p->ev->run->arena, struct vb_clause, 1);

    if (clause == NULL)
        p->failed = true;
    return clause;
}

static void parse_if_block(struct vb_parser *p, struct vb_clause *clause)
{
    clause->body = vb_parse_block(p, closes_if);
    for (;;) {
        struct vb_clause *next;
        bool is_else = vb_accept(p, VB_K_ELSE);

        if (!is_else && !vb_accept(p, VB_K_ELSEIF))
            break;
        next = clause_new(p);
        if (next == NULL)
            return;
        if (!is_else) {
            next->condition = vb_parse_expr(p);
            (void)vb_accept(p, VB_K_THEN);
            if (p->failed) {
                p->failed = false;
                vb_parse_skip_line(p);
            }
        }
        next->body = vb_parse_block(p, closes_if);
        if (is_else || next->condition != NULL) {
            clause->next = next;
            clause = next;
        }
    }
    if (vb_ends(p, VB_K_IF))
        p->pos += 2;
}

struct vb_stmt *vb_parse_if(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_IF);
    const struct vb_token *after;

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->clauses = clause_new(p);
    if (stmt->clauses == NULL)
        return NULL;
    stmt->clauses->condition = vb_parse_expr(p);
    if (stmt->clauses->condition == NULL) { /* both branches may still be read */
        while (!vb_token_is(vb_peek(p), VB_K_THEN) && vb_peek(p)->kind != VB_TOK_EOL &&
                vb_peek(p)->kind != VB_TOK_EOF)
            p->pos++;
        p->failed = false;
        stmt->clauses->condition = vb_expr_new(p, VB_E_MISSING, stmt->offset);
    }
    (void)vb_accept(p, VB_K_THEN);
    after = vb_peek(p);
    if (after->kind == VB_TOK_EOL && after->colon && vb_peek_at(p, 1)->kind != VB_TOK_EOL) {
        p->pos++;
        after = vb_peek(p);
    }
    if (after->kind == VB_TOK_EOL || after->kind == VB_TOK_EOF) {
        parse_if_block(p, stmt->clauses);
        return stmt;
    }
    stmt->clauses->body = vb_parse_line(p);
    if (vb_accept(p, VB_K_ELSE)) {
        stmt->clauses->next = clause_new(p);
        if (stmt->clauses->next != NULL)
            stmt->clauses->next->body = vb_parse_line(p);
    }
    if (vb_ends(p, VB_K_IF))
        p->pos += 2;
    return stmt;
}

static bool closes_case(const struct vb_parser *p)
{
    return vb_token_is(vb_peek(p), VB_K_CASE) || vb_ends(p, VB_K_SELECT) || vb_closes_proc(p);
}

static struct vb_case *parse_cases(struct vb_parser *p)
{
    struct vb_case *first = NULL;
    struct vb_case **tail = &first;

    do {
        struct vb_case *one = hn_new(&p->ev->run->arena, struct vb_case, 1);

        if (one == NULL)
            return first;
        one->op = '=';
        if (vb_accept(p, VB_K_IS) || (vb_peek(p)->kind == VB_TOK_OP && vb_peek(p)->op != '(' &&
                                             vb_peek(p)->op != '-' && vb_peek(p)->op != '.')) {
            one->op = vb_peek(p)->op;
            p->pos++;
        }
        one->low = vb_parse_expr(p);
        if (one->low == NULL)
            return first;
        if (vb_accept(p, VB_K_TO))
            one->high = vb_parse_expr(p);
        *tail = one;
        tail = &one->next;
    } while (vb_accept_op(p, ','));
    return first;
}

struct vb_stmt *vb_parse_select(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_SELECT);
    struct vb_clause **tail;

    p->pos++;
    (void)vb_accept(p, VB_K_CASE);
    if (stmt == NULL)
        return NULL;
    stmt->value = vb_parse_expr(p);
    if (stmt->value == NULL)
        return NULL;
    tail = &stmt->clauses;
    (void)vb_parse_block(p, closes_case); /* nothing may stand there */
    while (vb_accept(p, VB_K_CASE)) {
        struct vb_clause *clause = clause_new(p);

        if (clause == NULL)
            return NULL;
        if (!vb_accept(p, VB_K_ELSE))
            clause->cases = parse_cases(p);
        if (p->failed) {
            p->failed = false;
            vb_parse_skip_line(p);
        }
        clause->body = vb_parse_block(p, closes_case);
        *tail = clause;
        tail = &clause->next;
    }
    if (vb_ends(p, VB_K_SELECT))
        p->pos += 2;
    return stmt;
}

/* ---- Loops ---- */

static bool closes_next(const struct vb_parser *p)
{
    return vb_token_is(vb_peek(p), VB_K_NEXT) ||
           (vb_peek(p)->kind == VB_TOK_OP && vb_peek(p)->op == ',') || vb_closes_proc(p);
}

static bool closes_wend(const struct vb_parser *p)
{
    return vb_token_is(vb_peek(p), VB_K_WEND) || vb_closes_proc(p);
}

static bool closes_loop(const struct vb_parser *p)
{
    return vb_token_is(vb_peek(p), VB_K_LOOP) || vb_closes_proc(p);
}

/* Next i, j closes two: the comma is left for the outer loop. */
static void parse_next(struct vb_parser *p)
{
    if (!vb_accept(p, VB_K_NEXT) && !vb_accept_op(p, ','))
        return;
    if (!vb_at_end(p))
        (void)vb_parse_primary(p, false);
}

struct vb_stmt *vb_parse_for(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_FOR);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    if (vb_accept(p, VB_K_EACH))
        stmt->kind = VB_S_EACH;
    stmt->target = vb_parse_primary(p, false);
    if (stmt->target == NULL)
        return NULL;
    if (stmt->kind == VB_S_EACH) {
        if (vb_accept(p, VB_K_IN))
            stmt->value = vb_parse_expr(p);
    } else if (vb_accept_op(p, '=')) {
        stmt->value = vb_parse_expr(p);
        if (stmt->value != NULL && vb_accept(p, VB_K_TO))
            stmt->third = vb_parse_expr(p);
        if (stmt->third != NULL && vb_accept(p, VB_K_STEP))
            stmt->fourth = vb_parse_expr(p);
    }
    if (stmt->value == NULL || (stmt->kind == VB_S_FOR && stmt->third == NULL))
        vb_parse_fail(p);
    if (p->failed) {
        vb_parse_skip_line(p);
        stmt->target = NULL;
        p->failed = false;
    }
    stmt->body = vb_parse_block(p, closes_next);
    parse_next(p);
    return stmt;
}

struct vb_stmt *vb_parse_while(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_LOOP);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->op = 1;
    stmt->value = vb_parse_expr(p);
    stmt->body = vb_parse_block(p, closes_wend);
    (void)vb_accept(p, VB_K_WEND);
    return stmt;
}

/* op: 1 condition first, 2 condition last, 4 Until. */
static bool parse_do_condition(struct vb_parser *p, struct vb_stmt *stmt, int where)
{
    bool until = vb_accept(p, VB_K_UNTIL);

    if (!until && !vb_accept(p, VB_K_WHILE))
        return true;
    stmt->op = where | (until ? 4 : 0);
    stmt->value = vb_parse_expr(p);
    return stmt->value != NULL;
}

struct vb_stmt *vb_parse_do(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_LOOP);

    p->pos++;
    if (stmt == NULL || !parse_do_condition(p, stmt, 1))
        return NULL;
    stmt->body = vb_parse_block(p, closes_loop);
    if (vb_accept(p, VB_K_LOOP) && !parse_do_condition(p, stmt, 2))
        return NULL;
    return stmt;
}

/* ---- With ---- */

static bool closes_with(const struct vb_parser *p)
{
    return vb_ends(p, VB_K_WITH) || vb_closes_proc(p);
}

struct vb_stmt *vb_parse_with(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_WITH);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->value = vb_parse_expr(p);
    if (p->failed) {
        p->failed = false;
        vb_parse_skip_line(p);
    }
    stmt->body = vb_parse_block(p, closes_with);
    if (vb_ends(p, VB_K_WITH))
        p->pos += 2;
    return stmt;
}
