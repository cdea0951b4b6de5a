/* vbscript_parse_proc.c - procedures: their heads, parameters and ends. */
#include "vbscript/vbscript_internal.h"

/* ---- Procedures ---- */

static bool parse_param(struct vb_parser *p, struct vb_param *param)
{
    struct vb_decl decl = { 0 };

    for (;;) {
        if (vb_accept(p, VB_K_OPTIONAL))
            param->optional = true;
        else if (vb_accept(p, VB_K_BYVAL))
            param->by_value = true;
        else if (vb_accept(p, VB_K_PARAMARRAY))
            param->rest = true;
        else if (!vb_accept(p, VB_K_BYREF))
            break;
    }
    param->name = vb_parse_name(p);
    if (param->name == NULL)
        return false;
    decl.type = vb_type_of_suffix(p->tokens[p->pos - 1].suffix);
    if (vb_accept_op(p, '(')) {
        param->is_array = true;
        if (!vb_accept_op(p, ')'))
            return false;
    }
    if (!vb_parse_type(p, &decl))
        return false;
    param->type = decl.type;
    if (vb_accept_op(p, '='))
        param->value = vb_parse_expr(p);
    return !p->failed;
}

static bool parse_params(struct vb_parser *p, struct vb_proc *proc)
{
    struct vb_param params[VB_ARGS_MAX] = { 0 };

    if (!vb_accept_op(p, '('))
        return true;
    while (!vb_accept_op(p, ')')) {
        if (proc->param_count >= VB_ARGS_MAX || !parse_param(p, &params[proc->param_count])) {
            vb_parse_fail(p);
            break;
        }
        proc->param_count++;
        (void)vb_accept_op(p, ',');
    }
    if (proc->param_count == 0)
        return !p->failed;
    proc->params = hn_new(&p->ev->run->arena, struct vb_param, proc->param_count);
    if (proc->params == NULL) {
        proc->param_count = 0;
        p->failed = true;
        return false;
    }
    memcpy(proc->params, params, proc->param_count * sizeof *params);
    return !p->failed;
}

void vb_add_proc(struct vb_parser *p, struct vb_proc *proc)
{
    proc->module = p->module;
    proc->name->is_proc = true;
    if (p->module->last_proc != NULL)
        p->module->last_proc->next = proc;
    else
        p->module->procs = proc;
    p->module->last_proc = proc;
}

static struct hn_text parse_string(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);

    if (token->kind != VB_TOK_VALUE || token->value.kind != VB_TEXT)
        return HN_TEXT("");
    p->pos++;
    return vb_flat(p->ev, token->value);
}

/* Declare [PtrSafe] Function name Lib "x" [Alias "y"] (...) */
void vb_parse_declare(struct vb_parser *p, struct vb_proc *proc)
{
    (void)vb_accept(p, VB_K_PTRSAFE);
    if (!vb_accept(p, VB_K_SUB) && !vb_accept(p, VB_K_FUNCTION)) {
        vb_parse_fail(p);
        return;
    }
    proc->kind = VB_P_DECLARE;
    proc->name = vb_parse_name(p);
    if (vb_peek(p)->kind == VB_TOK_WORD && !vb_token_is(vb_peek(p), VB_K_LIB))
        p->pos++; /* CDecl */
    if (vb_accept(p, VB_K_LIB))
        proc->library = parse_string(p);
    if (vb_accept(p, VB_K_ALIAS))
        proc->alias = parse_string(p);
    if (proc->name != NULL && parse_params(p, proc))
        vb_add_proc(p, proc);
    vb_parse_skip_line(p);
}

bool vb_closes_proc(const struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    const struct vb_token *next = vb_peek_at(p, 1);

    if (token->kind == VB_TOK_EOF)
        return true;
    if (vb_token_is(token, VB_K_END))
        return vb_token_is(next, VB_K_SUB) || vb_token_is(next, VB_K_FUNCTION) ||
               vb_token_is(next, VB_K_PROPERTY) || vb_token_is(next, VB_K_CLASS);
    /* One that was not closed ends where the next begins. */
    if (vb_token_is(token, VB_K_SUB) || vb_token_is(token, VB_K_FUNCTION))
        return next->kind == VB_TOK_WORD;
    if (vb_token_is(token, VB_K_PUBLIC) || vb_token_is(token, VB_K_PRIVATE))
        return vb_token_is(next, VB_K_SUB) || vb_token_is(next, VB_K_FUNCTION);
    return false;
}

static void proc_kind(struct vb_parser *p, struct vb_proc *proc)
{
    proc->kind = VB_P_SUB;
    if (vb_accept(p, VB_K_FUNCTION)) {
        proc->kind = VB_P_FUNCTION;
    } else if (vb_accept(p, VB_K_PROPERTY)) {
        proc->kind = vb_accept(p, VB_K_LET)   ? VB_P_LET
                     : vb_accept(p, VB_K_SET) ? VB_P_SET
                                              : VB_P_GET;
        (void)vb_accept(p, VB_K_GET);
    } else if (!vb_accept(p, VB_K_SUB)) {
        vb_parse_fail(p);
    }
}

void vb_parse_proc(struct vb_parser *p, struct vb_proc *proc)
{
    struct vb_decl returns = { 0 };
    struct vb_proc *outer = p->proc;

    proc->offset = vb_peek(p)->offset;
    proc_kind(p, proc);
    proc->name = p->failed ? NULL : vb_parse_name(p);
    if (proc->name == NULL)
        return;
    returns.type = vb_type_of_suffix(p->tokens[p->pos - 1].suffix);
    if (!parse_params(p, proc) || !vb_parse_type(p, &returns))
        vb_parse_fail(p); /* its body may be good all the same */
    p->failed = false;
    proc->type = returns.type;
    proc->returns_array = returns.is_array;
    vb_add_proc(p, proc);
    vb_parse_skip_line(p);
    p->proc = proc;
    proc->body = vb_parse_block(p, vb_closes_proc);
    p->proc = outer;
    if (vb_token_is(vb_peek(p), VB_K_END) && !vb_token_is(vb_peek_at(p, 1), VB_K_CLASS))
        p->pos += 2;
}
