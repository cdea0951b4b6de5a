/* vbscript_parse_stmt.c - statements. One that is not understood is skipped to the end of its line,
 * with a note. */
#include "vbscript/vbscript_internal.h"

struct vb_stmt *vb_stmt_new(struct vb_parser *p, enum vb_stmt_kind kind)
{
    struct vb_stmt *stmt = hn_new(&p->ev->run->arena, struct vb_stmt, 1);

    if (stmt == NULL) {
        if (p->ev->run->stop == SCRIPT_STOP_NONE)
            p->ev->run->stop = SCRIPT_STOP_BYTES;
        p->failed = true;
        return NULL;
    }
    stmt->kind = kind;
    stmt->offset = vb_peek(p)->offset;
    return stmt;
}

static void skip_eols(struct vb_parser *p)
{
    while (vb_peek(p)->kind == VB_TOK_EOL)
        p->pos++;
}

static bool ends(const struct vb_parser *p, enum vb_keyword what)
{
    return vb_token_is(vb_peek(p), VB_K_END) && vb_token_is(vb_peek_at(p, 1), what);
}

/* ---- If, Select ---- */

static bool closes_if(const struct vb_parser *p)
{
    return ends(p, VB_K_IF) || vb_token_is(vb_peek(p), VB_K_ELSE) ||
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
    if (ends(p, VB_K_IF))
        p->pos += 2;
}

static struct vb_stmt *parse_if(struct vb_parser *p)
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
    if (ends(p, VB_K_IF))
        p->pos += 2;
    return stmt;
}

static bool closes_case(const struct vb_parser *p)
{
    return vb_token_is(vb_peek(p), VB_K_CASE) || ends(p, VB_K_SELECT) || vb_closes_proc(p);
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

static struct vb_stmt *parse_select(struct vb_parser *p)
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
    if (ends(p, VB_K_SELECT))
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

static struct vb_stmt *parse_for(struct vb_parser *p)
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

static struct vb_stmt *parse_while(struct vb_parser *p)
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

static struct vb_stmt *parse_do(struct vb_parser *p)
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

/* ---- With, jumps, errors ---- */

static bool closes_with(const struct vb_parser *p)
{
    return ends(p, VB_K_WITH) || vb_closes_proc(p);
}

static struct vb_stmt *parse_with(struct vb_parser *p)
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
    if (ends(p, VB_K_WITH))
        p->pos += 2;
    return stmt;
}

/* A name or a line number. */
static struct vb_symbol *parse_label(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    struct hn_buf digits = { 0 };
    struct vb_symbol *symbol;

    if (token->kind != VB_TOK_VALUE || token->value.kind != VB_INT)
        return vb_parse_name(p);
    p->pos++;
    hn_buf_init(&digits, 64);
    hn_buf_add_i64(&digits, token->value.as.number);
    symbol = vb_symbol(p->ev, hn_buf_text(&digits));
    hn_buf_deinit(&digits);
    return symbol;
}

static struct vb_stmt *parse_jump(struct vb_parser *p, enum vb_stmt_kind kind)
{
    struct vb_stmt *stmt = vb_stmt_new(p, kind);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->label = parse_label(p);
    return stmt->label != NULL ? stmt : NULL;
}

/* On Error Resume Next | GoTo 0 | GoTo label; On n GoTo a, b. op: enum vb_trap. */
static struct vb_stmt *parse_on(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_ON_ERROR);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    if (vb_accept(p, VB_K_ERROR)) {
        if (vb_accept(p, VB_K_RESUME)) {
            (void)vb_accept(p, VB_K_NEXT);
            stmt->op = VB_TRAP_NEXT;
            return stmt;
        }
        if (!vb_accept(p, VB_K_GOTO))
            return NULL;
        (void)vb_accept_op(p, '-');
        stmt->label = parse_label(p);
        if (stmt->label == NULL)
            return NULL;
        stmt->op = stmt->label->name.ptr[0] == '0' || stmt->label->name.ptr[0] == '1'
                           ? VB_TRAP_NONE
                           : VB_TRAP_LABEL;
        return stmt;
    }
    stmt->kind = VB_S_ON_GOTO;
    stmt->value = vb_parse_expr(p);
    if (stmt->value == NULL || (!vb_accept(p, VB_K_GOTO) && !vb_accept(p, VB_K_GOSUB)))
        return NULL;
    return vb_parse_args(p, 0, &stmt->args, &stmt->count) ? stmt : NULL;
}

static struct vb_stmt *parse_resume(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_RESUME);

    p->pos++;
    if (stmt == NULL || vb_at_end(p))
        return stmt;
    if (vb_accept(p, VB_K_NEXT))
        stmt->op = 1;
    else
        stmt->label = parse_label(p);
    return stmt;
}

static struct vb_stmt *parse_exit(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_EXIT);
    struct vb_symbol *what;

    p->pos++;
    what = vb_parse_name(p);
    if (stmt == NULL || what == NULL)
        return NULL;
    stmt->op = (int)what->keyword;
    return stmt;
}

static struct vb_stmt *parse_end(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_END);

    p->pos++;
    if (!vb_at_end(p)) { /* an End If without its If */
        vb_parse_fail(p);
        return NULL;
    }
    return stmt;
}

/* ---- Declarations, assignments, calls ---- */

static struct vb_stmt *parse_dim(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_DIM);
    bool is_const = false;
    bool is_static = false;

    while (vb_peek(p)->kind == VB_TOK_WORD) {
        enum vb_keyword keyword = vb_peek(p)->word->keyword;

        is_const |= keyword == VB_K_CONST;
        is_static |= keyword == VB_K_STATIC;
        if (keyword != VB_K_DIM && keyword != VB_K_CONST && keyword != VB_K_STATIC &&
                keyword != VB_K_PUBLIC && keyword != VB_K_PRIVATE && keyword != VB_K_GLOBAL &&
                keyword != VB_K_FRIEND)
            break;
        p->pos++;
    }
    if (stmt == NULL)
        return NULL;
    stmt->decls = vb_parse_decls(p);
    for (struct vb_decl *decl = stmt->decls; decl != NULL; decl = decl->next) {
        decl->is_const = is_const;
        decl->is_static = is_static || (p->proc != NULL && p->proc->all_static);
    }
    return stmt;
}

static bool parse_redim_one(struct vb_parser *p, struct vb_decl *decl)
{
    struct vb_expr *target = vb_expr_new(p, VB_E_NAME, vb_peek(p)->offset);

    if (target == NULL)
        return false;
    if (vb_accept_op(p, '.'))
        target->kind = VB_E_MEMBER;
    decl->name = vb_parse_name(p);
    target->name = decl->name;
    decl->target = target;
    while (decl->name != NULL && vb_accept_op(p, '.')) {
        struct vb_expr *outer = vb_expr_new(p, VB_E_MEMBER, vb_peek(p)->offset);

        decl->name = vb_parse_name(p);
        if (outer == NULL || decl->name == NULL)
            return false;
        outer->base = decl->target;
        outer->name = decl->name;
        decl->target = outer;
    }
    decl->is_array = true;
    if (decl->name == NULL || !vb_accept_op(p, '('))
        return false;
    while (!vb_accept_op(p, ')')) {
        struct vb_bound bound = { 0 };

        bound.high = vb_parse_expr(p);
        if (bound.high != NULL && vb_accept(p, VB_K_TO)) {
            bound.low = bound.high;
            bound.high = vb_parse_expr(p);
        }
        if (bound.high == NULL)
            return false;
        if (decl->dims < VB_DIMS_MAX)
            decl->bounds[decl->dims++] = bound;
        (void)vb_accept_op(p, ',');
    }
    return vb_parse_type(p, decl);
}

static struct vb_stmt *parse_redim(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_REDIM);
    struct vb_decl **tail;

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->preserve = vb_accept(p, VB_K_PRESERVE);
    tail = &stmt->decls;
    do {
        struct vb_decl *decl = hn_new(&p->ev->run->arena, struct vb_decl, 1);

        if (decl == NULL || !parse_redim_one(p, decl))
            return NULL;
        *tail = decl;
        tail = &decl->next;
    } while (vb_accept_op(p, ','));
    return stmt;
}

static bool is_mid(const struct vb_expr *expr)
{
    return expr->kind == VB_E_CALL && expr->base->kind == VB_E_NAME && expr->count >= 2 &&
           (expr->base->name->keyword == VB_K_MID || expr->base->name->keyword == VB_K_MIDB);
}

static struct vb_stmt *parse_mid(struct vb_parser *p, struct vb_stmt *stmt, struct vb_expr *mid)
{
    stmt->kind = VB_S_MID;
    stmt->target = mid->args[0].expr;
    stmt->third = mid->args[1].expr;
    stmt->fourth = mid->count > 2 ? mid->args[2].expr : NULL;
    stmt->value = vb_parse_expr(p);
    return stmt->value != NULL ? stmt : NULL;
}

static struct vb_stmt *parse_assign(struct vb_parser *p, enum vb_stmt_kind kind)
{
    struct vb_stmt *stmt = vb_stmt_new(p, kind);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->target = vb_parse_primary(p, false);
    if (stmt->target == NULL || !vb_accept_op(p, '='))
        return NULL;
    if (is_mid(stmt->target))
        return parse_mid(p, stmt, stmt->target);
    stmt->value = vb_parse_expr(p);
    return stmt->value != NULL ? stmt : NULL;
}

/* name args, name(args), target = value. */
static struct vb_stmt *parse_plain(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_CALL);
    struct vb_expr *expr;
    struct vb_expr *call;

    if (stmt == NULL)
        return NULL;
    p->paren_base = NULL;
    expr = vb_parse_primary(p, true);
    if (expr == NULL)
        return NULL;
    stmt->target = expr;
    if (vb_accept_op(p, '=')) {
        stmt->kind = VB_S_ASSIGN;
        if (is_mid(expr))
            return parse_mid(p, stmt, expr);
        stmt->value = vb_parse_expr(p);
        return stmt->value != NULL ? stmt : NULL;
    }
    if (vb_at_end(p))
        return stmt;
    if (p->paren_base != NULL) {
        expr = p->paren_base;
        p->pos = p->paren_pos;
    }
    call = vb_expr_new(p, VB_E_CALL, expr->offset);
    if (call == NULL)
        return NULL;
    call->base = expr;
    stmt->target = call;
    return vb_parse_args(p, 0, &call->args, &call->count) ? stmt : NULL;
}

static struct vb_stmt *parse_call(struct vb_parser *p)
{
    p->pos++;
    return parse_plain(p);
}

static struct vb_stmt *parse_erase(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_ERASE);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    return vb_parse_args(p, 0, &stmt->args, &stmt->count) ? stmt : NULL;
}

static struct vb_stmt *parse_error(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_ERROR);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->value = vb_parse_expr(p);
    return stmt->value != NULL ? stmt : NULL;
}

/* A keyword that an assignment or call follows is a name: `Name = "x"`, `stop(1)`. */
static bool is_name_here(const struct vb_parser *p)
{
    const struct vb_token *next = vb_peek_at(p, 1);

    return next->kind == VB_TOK_OP && (next->op == '=' || (next->op == '.' && !next->spaced));
}

static struct vb_stmt *parse_keyword(struct vb_parser *p)
{
    switch ((unsigned)vb_peek(p)->word->keyword) {
    case VB_K_IF:
        return parse_if(p);
    case VB_K_SELECT:
        return parse_select(p);
    case VB_K_FOR:
        return parse_for(p);
    case VB_K_WHILE:
        return parse_while(p);
    case VB_K_DO:
        return parse_do(p);
    case VB_K_WITH:
        return parse_with(p);
    case VB_K_GOTO:
        return parse_jump(p, VB_S_GOTO);
    case VB_K_GOSUB:
        return parse_jump(p, VB_S_GOSUB);
    case VB_K_ON:
        return parse_on(p);
    case VB_K_RESUME:
        return parse_resume(p);
    case VB_K_EXIT:
        return parse_exit(p);
    case VB_K_END:
    case VB_K_STOP:
        return parse_end(p);
    case VB_K_DIM:
    case VB_K_CONST:
    case VB_K_STATIC:
    case VB_K_PUBLIC:
    case VB_K_PRIVATE:
    case VB_K_GLOBAL:
        return parse_dim(p);
    case VB_K_REDIM:
        return parse_redim(p);
    case VB_K_SET:
    case VB_K_LSET:
    case VB_K_RSET:
    case VB_K_LET:
        return parse_assign(p, vb_peek(p)->word->keyword == VB_K_SET ? VB_S_SET : VB_S_ASSIGN);
    case VB_K_CALL:
    case VB_K_RAISEEVENT:
        return parse_call(p);
    case VB_K_ERASE:
        return parse_erase(p);
    case VB_K_ERROR:
        return parse_error(p);
    case VB_K_ATTRIBUTE: /* of the procedure it stands in */
        vb_parse_skip_line(p);
        return vb_stmt_new(p, VB_S_LABEL);
    case VB_K_RETURN:
        p->pos++;
        return vb_stmt_new(p, VB_S_RETURN);
    default:
        return parse_plain(p);
    }
}

static struct vb_stmt *parse_stmt(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    bool io = false;
    struct vb_stmt *stmt;

    if (token->kind != VB_TOK_WORD || is_name_here(p))
        return parse_plain(p);
    stmt = p->ev->vba ? vb_parse_io(p, &io) : NULL;
    return io ? stmt : parse_keyword(p);
}

/* "10 " and "name:" at the start of a line; the statement behind it follows. */
static struct vb_stmt *parse_line_label(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    const struct vb_token *next = vb_peek_at(p, 1);
    struct vb_stmt *stmt;

    if (!p->ev->vba || (p->pos > 0 && (p->tokens[p->pos - 1].kind != VB_TOK_EOL ||
                                              p->tokens[p->pos - 1].colon)))
        return NULL;
    if (token->kind == VB_TOK_VALUE ? token->value.kind != VB_INT
                                    : (token->kind != VB_TOK_WORD || token->word->keyword != 0 ||
                                              next->kind != VB_TOK_EOL || !next->colon))
        return NULL;
    stmt = vb_stmt_new(p, VB_S_LABEL);
    if (stmt != NULL)
        stmt->label = parse_label(p);
    if (next->kind == VB_TOK_EOL && next->colon)
        p->pos++;
    return stmt;
}

struct list {
    struct vb_stmt *first;
    struct vb_stmt **tail;
};

static void list_add(struct list *list, struct vb_stmt *stmt)
{
    *list->tail = stmt;
    list->tail = &stmt->next;
}

static void list_close(struct list *list)
{
    for (struct vb_stmt *stmt = list->first; stmt != NULL; stmt = stmt->next)
        stmt->owner = list->first;
}

/* Takes at least one token, whatever stands there. */
static void parse_into(struct vb_parser *p, struct list *list)
{
    size_t start = p->pos;
    struct vb_stmt *stmt = parse_line_label(p);

    if (stmt != NULL) {
        list_add(list, stmt);
        if (vb_at_end(p))
            return;
    }
    p->failed = false;
    stmt = parse_stmt(p);
    if (stmt == NULL)
        vb_parse_fail(p);
    if (p->failed) {
        p->failed = false;
        vb_parse_skip_line(p);
    } else {
        list_add(list, stmt);
    }
    if (p->pos == start)
        p->pos++;
}

struct vb_stmt *vb_parse_block(struct vb_parser *p, bool (*closes)(const struct vb_parser *p))
{
    struct list list = { .tail = NULL };

    list.tail = &list.first;
    if (p->depth >= VB_DEPTH_MAX / 4) {
        vb_note(p->ev, SCRIPT_NOTE_LIMIT, vb_peek(p)->offset, "blocks within blocks");
        while (vb_peek(p)->kind != VB_TOK_EOF && !vb_closes_proc(p))
            p->pos++;
        return NULL;
    }
    p->depth++;
    for (skip_eols(p); !closes(p) && vb_peek(p)->kind != VB_TOK_EOF && script_goes_on(p->ev->run);
            skip_eols(p)) {
        if (p->proc == NULL) {
            p->body_tail = list.tail;
            if (vb_parse_module_line(p)) {
                p->failed = false;
                list.tail = p->body_tail;
                continue;
            }
        }
        parse_into(p, &list);
    }
    p->depth--;
    list_close(&list);
    return list.first;
}

/* The statements of a single-line If: up to the end of the line or Else. */
struct vb_stmt *vb_parse_line(struct vb_parser *p)
{
    struct list list = { .tail = NULL };

    list.tail = &list.first;
    if (vb_peek(p)->kind == VB_TOK_VALUE && vb_peek(p)->value.kind == VB_INT) {
        struct vb_stmt *stmt = vb_stmt_new(p, VB_S_GOTO); /* If a Then 100 */

        if (stmt != NULL) {
            stmt->label = parse_label(p);
            list_add(&list, stmt);
        }
    }
    if (p->depth >= VB_DEPTH_MAX / 4) {
        vb_parse_fail(p);
        return NULL;
    }
    p->depth++;
    while (!vb_token_is(vb_peek(p), VB_K_ELSE) && !ends(p, VB_K_IF)) {
        const struct vb_token *token = vb_peek(p);

        if (token->kind == VB_TOK_EOF || (token->kind == VB_TOK_EOL && !token->colon))
            break;
        if (token->kind == VB_TOK_EOL) {
            p->pos++;
            continue;
        }
        parse_into(p, &list);
    }
    p->depth--;
    list_close(&list);
    return list.first;
}
