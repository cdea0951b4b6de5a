/* vbscript_parse.c - the ground of the parser: tokens, declarations, modules. Procedures,
 * statements and expressions are in vbscript_parse_*.c. */
#include "vbscript/vbscript_internal.h"

const struct vb_token *vb_peek(const struct vb_parser *p)
{
    return &p->tokens[p->pos];
}

/* Never past the end: that token repeats. */
const struct vb_token *vb_peek_at(const struct vb_parser *p, size_t ahead)
{
    size_t i = p->pos;

    for (; ahead > 0 && p->tokens[i].kind != VB_TOK_EOF; ahead--)
        i++;
    return &p->tokens[i];
}

bool vb_accept(struct vb_parser *p, enum vb_keyword keyword)
{
    if (!vb_token_is(vb_peek(p), keyword))
        return false;
    p->pos++;
    return true;
}

bool vb_accept_op(struct vb_parser *p, int op)
{
    if (vb_peek(p)->kind != VB_TOK_OP || vb_peek(p)->op != op)
        return false;
    p->pos++;
    return true;
}

bool vb_at_end(const struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);

    return token->kind == VB_TOK_EOL || token->kind == VB_TOK_EOF || vb_token_is(token, VB_K_ELSE);
}

void vb_parse_fail(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);

    if (!p->failed && token->kind == VB_TOK_WORD) {
        vb_note(p->ev, SCRIPT_NOTE_SYNTAX, token->offset, "statement not understood at %.*s",
                HN_TEXT_ARG(token->word->shown));
    } else if (!p->failed) {
        vb_note(p->ev, SCRIPT_NOTE_SYNTAX, token->offset, "statement not understood");
    }
    p->failed = true;
}

void vb_parse_skip_line(struct vb_parser *p)
{
    while (vb_peek(p)->kind != VB_TOK_EOL && vb_peek(p)->kind != VB_TOK_EOF)
        p->pos++;
}

struct vb_symbol *vb_parse_name(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);

    if (token->kind != VB_TOK_WORD) {
        vb_parse_fail(p);
        return NULL;
    }
    p->pos++;
    return token->word;
}

/* ---- Types and declarations ---- */

enum vb_type vb_type_of_name(struct hn_text lower)
{
    static const struct {
        struct hn_text name;
        enum vb_type type;
    } types[] = { { HN_TEXT_INIT("variant"), VB_T_VARIANT }, { HN_TEXT_INIT("byte"), VB_T_BYTE },
        { HN_TEXT_INIT("integer"), VB_T_INTEGER }, { HN_TEXT_INIT("long"), VB_T_LONG },
        { HN_TEXT_INIT("longlong"), VB_T_LONGLONG }, { HN_TEXT_INIT("longptr"), VB_T_LONGLONG },
        { HN_TEXT_INIT("single"), VB_T_SINGLE }, { HN_TEXT_INIT("double"), VB_T_DOUBLE },
        { HN_TEXT_INIT("currency"), VB_T_CURRENCY }, { HN_TEXT_INIT("decimal"), VB_T_DOUBLE },
        { HN_TEXT_INIT("date"), VB_T_DATE }, { HN_TEXT_INIT("boolean"), VB_T_BOOLEAN },
        { HN_TEXT_INIT("string"), VB_T_STRING }, { HN_TEXT_INIT("object"), VB_T_OBJECT },
        { HN_TEXT_INIT("any"), VB_T_VARIANT } };

    for (size_t i = 0; i < HN_COUNT_OF(types); i++)
        if (hn_text_eq(lower, types[i].name))
            return types[i].type;
    return VB_T_RECORD;
}

enum vb_type vb_type_of_suffix(int suffix)
{
    switch (suffix) {
    case '$':
        return VB_T_STRING;
    case '%':
        return VB_T_INTEGER;
    case '&':
        return VB_T_LONG;
    case '!':
        return VB_T_SINGLE;
    case '#':
        return VB_T_DOUBLE;
    case '@':
        return VB_T_CURRENCY;
    default:
        return VB_T_VARIANT;
    }
}

/* As [New] a.b [* length], where it stands. */
bool vb_parse_type(struct vb_parser *p, struct vb_decl *decl)
{
    struct vb_symbol *name;

    if (!vb_accept(p, VB_K_AS))
        return true;
    decl->is_new = vb_accept(p, VB_K_NEW);
    name = vb_parse_name(p);
    while (name != NULL && vb_accept_op(p, '.'))
        name = vb_parse_name(p);
    if (name == NULL)
        return false;
    decl->type = vb_type_of_name(name->name);
    if (decl->type == VB_T_RECORD)
        decl->class_name = name;
    if (vb_accept_op(p, '*'))
        return vb_parse_expr(p) != NULL;
    if (vb_accept_op(p, '(')) {
        decl->is_array = true;
        return vb_accept_op(p, ')');
    }
    return true;
}

static bool parse_bounds(struct vb_parser *p, struct vb_decl *decl)
{
    decl->is_array = true;
    while (!vb_accept_op(p, ')')) {
        struct vb_bound bound = { 0 };

        bound.high = vb_parse_expr(p);
        if (bound.high == NULL)
            return false;
        if (vb_accept(p, VB_K_TO)) {
            bound.low = bound.high;
            bound.high = vb_parse_expr(p);
            if (bound.high == NULL)
                return false;
        }
        if (decl->dims < VB_DIMS_MAX)
            decl->bounds[decl->dims++] = bound;
        (void)vb_accept_op(p, ',');
    }
    return true;
}

/* a(1 To 5) As Long, b$, c = 3: of Dim, Const and the like; the keyword is taken already. */
struct vb_decl *vb_parse_decls(struct vb_parser *p)
{
    struct vb_decl *first = NULL;
    struct vb_decl **tail = &first;

    do {
        struct vb_decl *decl = hn_new(&p->ev->run->arena, struct vb_decl, 1);

        (void)vb_accept(p, VB_K_WITHEVENTS);
        if (decl == NULL)
            p->failed = true;
        else
            decl->name = vb_parse_name(p);
        if (p->failed || decl == NULL)
            return first;
        decl->type = vb_type_of_suffix(p->tokens[p->pos - 1].suffix);
        if (vb_accept_op(p, '(') && !parse_bounds(p, decl))
            vb_parse_fail(p);
        if (!p->failed && !vb_parse_type(p, decl))
            vb_parse_fail(p);
        if (!p->failed && vb_accept_op(p, '='))
            decl->value = vb_parse_expr(p);
        *tail = decl;
        tail = &decl->next;
    } while (!p->failed && vb_accept_op(p, ','));
    return first;
}

/* Type: its fields come into being when they are used. */
static void parse_type_block(struct vb_parser *p)
{
    for (;;) {
        vb_parse_skip_line(p);
        if (vb_peek(p)->kind == VB_TOK_EOF)
            return;
        p->pos++;
        if (vb_token_is(vb_peek(p), VB_K_END) && vb_token_is(vb_peek_at(p, 1), VB_K_TYPE)) {
            p->pos += 2;
            return;
        }
    }
}

static struct vb_expr *number_expr(struct vb_parser *p, int64_t number)
{
    struct vb_expr *expr = vb_expr_new(p, VB_E_VALUE, vb_peek(p)->offset);

    if (expr != NULL)
        expr->value = vb_int(number, 4);
    return expr;
}

/* previous + 1 */
static struct vb_expr *enum_next(struct vb_parser *p, struct vb_symbol *previous)
{
    struct vb_expr *expr;

    if (previous == NULL)
        return number_expr(p, 0);
    expr = vb_expr_new(p, VB_E_CHAIN, vb_peek(p)->offset);
    if (expr == NULL)
        return NULL;
    expr->args = hn_new(&p->ev->run->arena, struct vb_arg, 2);
    if (expr->args == NULL)
        return NULL;
    expr->count = 2;
    expr->args[0].expr = vb_expr_new(p, VB_E_NAME, expr->offset);
    expr->args[1].expr = number_expr(p, 1);
    expr->args[1].op = '+';
    if (expr->args[0].expr == NULL || expr->args[1].expr == NULL)
        return NULL;
    expr->args[0].expr->name = previous;
    return expr;
}

/* Each name of an Enum is a constant of the module. */
static void parse_enum(struct vb_parser *p)
{
    struct vb_symbol *previous = NULL;
    struct vb_stmt *stmt;

    vb_parse_skip_line(p);
    while (vb_peek(p)->kind != VB_TOK_EOF) {
        struct vb_decl *decl;

        if (vb_peek(p)->kind != VB_TOK_WORD) {
            p->pos++;
            continue;
        }
        if (vb_accept(p, VB_K_END)) {
            vb_parse_skip_line(p);
            return;
        }
        stmt = vb_stmt_new(p, VB_S_DIM);
        decl = stmt != NULL ? hn_new(&p->ev->run->arena, struct vb_decl, 1) : NULL;
        if (decl == NULL)
            return;
        decl->name = vb_parse_name(p);
        decl->is_const = true;
        decl->value = vb_accept_op(p, '=') ? vb_parse_expr(p) : enum_next(p, previous);
        previous = decl->name;
        stmt->decls = decl;
        *p->body_tail = stmt;
        p->body_tail = &stmt->next;
        p->failed = false;
        vb_parse_skip_line(p);
    }
}

static bool closes_class(const struct vb_parser *p)
{
    return vb_peek(p)->kind == VB_TOK_EOF ||
           (vb_token_is(vb_peek(p), VB_K_END) && vb_token_is(vb_peek_at(p, 1), VB_K_CLASS));
}

struct vb_module *vb_module_new(struct vb_eval *ev, struct vb_symbol *name)
{
    struct vb_module *module = hn_new(&ev->run->arena, struct vb_module, 1);

    if (module == NULL) {
        ev->run->stop = ev->run->stop == SCRIPT_STOP_NONE ? SCRIPT_STOP_BYTES : ev->run->stop;
        return NULL;
    }
    module->name = name;
    if (ev->last_module != NULL)
        ev->last_module->next = module;
    else
        ev->modules = module;
    ev->last_module = module;
    return module;
}

static void parse_class(struct vb_parser *p)
{
    struct vb_module *outer = p->module;
    struct vb_stmt **outer_tail = p->body_tail;
    struct vb_symbol *name;

    p->pos++;
    name = vb_parse_name(p);
    if (name == NULL || outer->is_class)
        return;
    p->module = vb_module_new(p->ev, name);
    if (p->module == NULL) {
        p->module = outer;
        return;
    }
    p->module->is_class = true;
    vb_parse_skip_line(p);
    p->module->body = vb_parse_block(p, closes_class);
    if (vb_token_is(vb_peek(p), VB_K_END))
        p->pos += 2;
    p->module = outer;
    p->body_tail = outer_tail;
}

static void parse_option(struct vb_parser *p)
{
    const struct vb_token *what = vb_peek_at(p, 1);
    const struct vb_token *value = vb_peek_at(p, 2);

    if (what->kind == VB_TOK_WORD && hn_text_eq(what->word->name, HN_TEXT("base")) &&
            value->kind == VB_TOK_VALUE && value->value.kind == VB_INT)
        p->module->option_base = value->value.as.number == 1;
    if (what->kind == VB_TOK_WORD && hn_text_eq(what->word->name, HN_TEXT("compare")) &&
            value->kind == VB_TOK_WORD)
        p->module->compare_text = hn_text_eq(value->word->name, HN_TEXT("text"));
    vb_parse_skip_line(p);
}

static bool is_modifier(const struct vb_token *token)
{
    return vb_token_is(token, VB_K_PUBLIC) || vb_token_is(token, VB_K_PRIVATE) ||
           vb_token_is(token, VB_K_FRIEND) || vb_token_is(token, VB_K_GLOBAL) ||
           vb_token_is(token, VB_K_STATIC) || vb_token_is(token, VB_K_DEFAULT);
}

static bool starts_proc(const struct vb_parser *p, size_t ahead)
{
    const struct vb_token *token = vb_peek_at(p, ahead);

    if (vb_peek_at(p, ahead + 1)->kind != VB_TOK_WORD)
        return false;
    return vb_token_is(token, VB_K_SUB) || vb_token_is(token, VB_K_FUNCTION) ||
           vb_token_is(token, VB_K_PROPERTY) || vb_token_is(token, VB_K_DECLARE);
}

static void parse_modified(struct vb_parser *p, size_t modifiers)
{
    struct vb_proc *proc = hn_new(&p->ev->run->arena, struct vb_proc, 1);

    if (proc == NULL) {
        p->failed = true;
        return;
    }
    for (; modifiers > 0; modifiers--, p->pos++) {
        proc->is_private |= vb_token_is(vb_peek(p), VB_K_PRIVATE);
        proc->all_static |= vb_token_is(vb_peek(p), VB_K_STATIC);
        proc->is_default |= vb_token_is(vb_peek(p), VB_K_DEFAULT);
    }
    if (vb_accept(p, VB_K_DECLARE))
        vb_parse_declare(p, proc);
    else
        vb_parse_proc(p, proc);
}

/* Attribute VB_Name = "x": the text may have another name than the stream it came from. */
static void parse_attribute(struct vb_parser *p)
{
    const struct vb_token *name = vb_peek_at(p, 1);
    const struct vb_token *value = vb_peek_at(p, 3);

    if (name->kind == VB_TOK_WORD && value->kind == VB_TOK_VALUE && value->value.kind == VB_TEXT &&
            hn_text_eq(name->word->name, HN_TEXT("vb_name")) && p->module->name->name.len == 0)
        p->module->name = vb_symbol(p->ev, vb_flat(p->ev, value->value));
    vb_parse_skip_line(p);
}

/* What can stand outside of procedures only. False: it is a statement. */
bool vb_parse_module_line(struct vb_parser *p)
{
    const struct vb_token *token;
    size_t modifiers = 0;

    while (is_modifier(vb_peek_at(p, modifiers)))
        modifiers++;
    token = vb_peek_at(p, modifiers);
    if (starts_proc(p, modifiers)) {
        parse_modified(p, modifiers);
        return true;
    }
    if (token->kind != VB_TOK_WORD || vb_peek_at(p, modifiers + 1)->kind != VB_TOK_WORD)
        return false;
    switch ((unsigned)token->word->keyword) {
    case VB_K_OPTION:
        parse_option(p);
        return true;
    case VB_K_ATTRIBUTE:
        parse_attribute(p);
        return true;
    case VB_K_TYPE:
        parse_type_block(p);
        return true;
    case VB_K_ENUM:
        parse_enum(p);
        return true;
    case VB_K_EVENT:
    case VB_K_IMPLEMENTS:
        vb_parse_skip_line(p);
        return true;
    case VB_K_CLASS:
        p->pos += modifiers;
        parse_class(p);
        return true;
    default:
        return false;
    }
}

static bool closes_all(const struct vb_parser *p)
{
    return vb_peek(p)->kind == VB_TOK_EOF;
}

void vb_parse(struct vb_eval *ev, struct vb_module *module, struct hn_text text, uint32_t base,
        struct vb_stmt **ret_body)
{
    vb_token_vec tokens = { 0 };
    struct vb_parser parser = { .ev = ev, .module = module };

    *ret_body = NULL;
    if (vb_tokenize(ev, text, base, &tokens) && script_spend(ev->run, tokens.count / 64)) {
        parser.tokens = tokens.ptr;
        *ret_body = vb_parse_block(&parser, closes_all);
    } else if (ev->run->stop == SCRIPT_STOP_NONE) {
        ev->run->stop = SCRIPT_STOP_MEMORY;
    }
    hn_vec_deinit(&tokens);
}

struct vb_expr *vb_parse_eval(struct vb_eval *ev, struct vb_module *module, struct hn_text text)
{
    vb_token_vec tokens = { 0 };
    struct vb_parser parser = { .ev = ev, .module = module };
    struct vb_expr *expr = NULL;

    if (vb_tokenize(ev, text, 0, &tokens)) {
        parser.tokens = tokens.ptr;
        expr = vb_parse_expr(&parser);
        if (!vb_at_end(&parser))
            expr = NULL;
    }
    hn_vec_deinit(&tokens);
    return expr;
}
