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

void vb_skip_eols(struct vb_parser *p)
{
    while (vb_peek(p)->kind == VB_TOK_EOL)
        p->pos++;
}

bool vb_ends(const struct vb_parser *p, enum vb_keyword what)
{
    return vb_token_is(vb_peek(p), VB_K_END) && vb_token_is(vb_peek_at(p, 1), what);
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
    if (vb_token_is(vb_peek(p), VB_K_GOSUB))
        stmt->op = VB_K_GOSUB;
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

/* ---- Which statement it is ---- */

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
        return vb_parse_if(p);
    case VB_K_SELECT:
        return vb_parse_select(p);
    case VB_K_FOR:
        return vb_parse_for(p);
    case VB_K_WHILE:
        return vb_parse_while(p);
    case VB_K_DO:
        return vb_parse_do(p);
    case VB_K_WITH:
        return vb_parse_with(p);
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
        return vb_parse_dim(p);
    case VB_K_REDIM:
        return vb_parse_redim(p);
    case VB_K_SET:
    case VB_K_LSET:
    case VB_K_RSET:
    case VB_K_LET:
        return vb_parse_assign(p, vb_peek(p)->word->keyword == VB_K_SET ? VB_S_SET : VB_S_ASSIGN);
    case VB_K_CALL:
    case VB_K_RAISEEVENT:
        return vb_parse_call(p);
    case VB_K_ERASE:
        return vb_parse_erase(p);
    case VB_K_ERROR:
        return vb_parse_error(p);
    case VB_K_ATTRIBUTE: /* of the procedure it stands in */
        vb_parse_skip_line(p);
        return vb_stmt_new(p, VB_S_LABEL);
    case VB_K_RETURN:
        p->pos++;
        return vb_stmt_new(p, VB_S_RETURN);
    default:
        return vb_parse_plain(p);
    }
}

static struct vb_stmt *parse_stmt(struct vb_parser *p)
{
    const struct vb_token *token = vb_peek(p);
    bool io = false;
    struct vb_stmt *stmt;

    if (token->kind != VB_TOK_WORD || is_name_here(p))
        return vb_parse_plain(p);
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
    for (vb_skip_eols(p);
            !closes(p) && vb_peek(p)->kind != VB_TOK_EOF && script_goes_on(p->ev->run);
            vb_skip_eols(p)) {
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
    while (!vb_token_is(vb_peek(p), VB_K_ELSE) && !vb_ends(p, VB_K_IF)) {
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
