/* vbscript_parse_simple.c - declarations, assignments, calls. */
#include "vbscript/vbscript_internal.h"

struct vb_stmt *vb_parse_dim(struct vb_parser *p)
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

struct vb_stmt *vb_parse_redim(struct vb_parser *p)
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

struct vb_stmt *vb_parse_assign(struct vb_parser *p, enum vb_stmt_kind kind)
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
struct vb_stmt *vb_parse_plain(struct vb_parser *p)
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

struct vb_stmt *vb_parse_call(struct vb_parser *p)
{
    p->pos++;
    return vb_parse_plain(p);
}

struct vb_stmt *vb_parse_erase(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_ERASE);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    return vb_parse_args(p, 0, &stmt->args, &stmt->count) ? stmt : NULL;
}

struct vb_stmt *vb_parse_error(struct vb_parser *p)
{
    struct vb_stmt *stmt = vb_stmt_new(p, VB_S_ERROR);

    p->pos++;
    if (stmt == NULL)
        return NULL;
    stmt->value = vb_parse_expr(p);
    return stmt->value != NULL ? stmt : NULL;
}
