/* powershell_parse.c - pipelines, commands with their arguments, lists of statements. A statement
 * that cannot be read is left out with a note; the next one is read again. */
#include "powershell/powershell_internal.h"

static bool ends_command(const struct ps_parser *p)
{
    char c = ps_peek(p, 0);

    return p->pos >= p->in.len || strchr(";|)}&\r\n", c) != NULL;
}

static bool ends_argument(const struct ps_parser *p)
{
    char c = ps_peek(p, 0);

    return p->pos >= p->in.len || strchr(" \t,;|(){}&\r\n\v\f<>", c) != NULL ||
           (uint8_t)c == 0xC2u || (uint8_t)c == 0xE3u;
}

static struct ps_node *one_argument(struct ps_parser *p)
{
    size_t start = p->pos;
    char c = ps_peek(p, 0);
    char kind;
    struct ps_node *node = NULL;

    if (ps_quote_len(p, start, &kind) != 0 || strchr("$@({", c) != NULL) {
        node = ps_primary(p);
        if (c != '$' || p->failed || ends_argument(p))
            return node;
    } else if ((c >= '0' && c <= '9') || c == '.' || c == '-') {
        size_t dash = ps_dash_len(p, p->pos);
        struct ps_node *number;

        p->pos += dash;
        number = ps_number(p);
        if (number != NULL && ends_argument(p)) {
            if (dash != 0 && number->value.kind == PS_INT)
                number->value.as.number = -number->value.as.number;
            else if (dash != 0)
                number->value.as.real = -number->value.as.real;
            number->text = hn_text_sub(p->in, start, p->pos - start);
            return number;
        }
    }
    p->pos = start;
    return ps_word(p);
}

struct ps_node *ps_argument(struct ps_parser *p)
{
    struct ps_node *first = one_argument(p);
    struct ps_node *list = NULL;
    struct ps_node **next = NULL;

    for (;;) {
        size_t before = p->pos;

        ps_skip(p, false);
        if (p->failed || ps_peek(p, 0) != ',') {
            p->pos = before;
            return list != NULL ? list : first;
        }
        p->pos++;
        ps_skip(p, true);
        if (list == NULL) {
            list = ps_node(p, PS_N_COMMA);
            list->offset = first->offset;
            list->kids = first;
            next = &first->next;
        }
        *next = one_argument(p);
        next = &(*next)->next;
    }
}

/* -Name or -Name:value; NULL when what stands here is none. */
static struct ps_node *parameter(struct ps_parser *p)
{
    size_t dash = ps_dash_len(p, p->pos);
    struct ps_node *node;
    size_t start;
    size_t end;

    if (dash == 0 ||
            !(ps_is_word(p, p->pos + dash) || ps_peek(p, dash) == '?' || ps_peek(p, dash) == '`') ||
            (ps_peek(p, dash) >= '0' && ps_peek(p, dash) <= '9'))
        return NULL;
    node = ps_node(p, PS_N_PARAM);
    start = p->pos;
    p->pos += dash;
    node->text = ps_take_name(p);
    end = p->pos;
    if (ps_peek(p, 0) == ':') {
        p->pos++;
        ps_skip(p, false);
        if (!ends_command(p))
            node->a = ps_argument(p);
        return node;
    }
    if (!ends_argument(p)) { /* more than a name: -ex`ec, -foo.bar; the whole word as it stands */
        struct ps_node *word;

        p->pos = start;
        word = ps_word(p);
        if (word->kind != PS_N_CONST)
            return word;
        node->text =
                hn_text_sub((struct hn_text){ word->value.as.text->ptr, word->value.as.text->len },
                        dash, SIZE_MAX);
        end = p->pos;
    }
    p->pos = end;
    return node;
}

/* > file, 2>&1, *>> file. NULL: none here. */
static struct ps_node *redirection(struct ps_parser *p)
{
    size_t digits = (ps_peek(p, 0) >= '1' && ps_peek(p, 0) <= '6') || ps_peek(p, 0) == '*' ? 1 : 0;
    struct ps_node *node;

    if (ps_peek(p, digits) != '>' && !(digits == 0 && ps_peek(p, 0) == '<'))
        return NULL;
    node = ps_node(p, PS_N_REDIRECT);
    p->pos += digits + 1;
    if (ps_peek(p, 0) == '>') {
        node->flag = true;
        p->pos++;
    }
    ps_skip(p, false);
    if (ps_peek(p, 0) == '&') {
        p->pos += 2;
        return node;
    }
    node->a = ends_command(p) ? NULL : one_argument(p);
    return node;
}

/* --% takes the rest of the line as it stands. */
static struct ps_node *verbatim(struct ps_parser *p)
{
    size_t start;
    size_t end;
    struct ps_node *node;

    if (!hn_text_starts(hn_text_sub(p->in, p->pos, 3), T("--%")))
        return NULL;
    start = p->pos + 3;
    end = hn_text_find_char(p->in, '\n', start);
    p->pos = end == SIZE_MAX ? p->in.len : end;
    node = ps_const_text(p, hn_text_trim(hn_text_sub(p->in, start, p->pos - start)), start);
    node->flag = true;
    return node;
}

static struct ps_node *command_name(struct ps_parser *p)
{
    char c = ps_peek(p, 0);
    char kind;

    if (ps_quote_len(p, p->pos, &kind) != 0 || strchr("$({@", c) != NULL) {
        size_t start = p->pos;
        struct ps_node *node = ps_primary(p);

        if (c != '$' || p->failed || ends_argument(p))
            return node;
        p->pos = start;
    }
    return ps_word(p);
}

static struct ps_node *command(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_COMMAND);
    struct ps_node **next = &node->kids;
    char c = ps_peek(p, 0);

    if (c == '&' || (c == '.' && !ps_is_word(p, p->pos + 1) && ps_peek(p, 1) != '\\' &&
                            ps_peek(p, 1) != '/' && ps_peek(p, 1) != '.')) {
        node->text = hn_text_sub(p->in, p->pos, 1);
        p->pos++;
        ps_skip(p, false);
    }
    if (ends_command(p)) {
        p->failed = true;
        return node;
    }
    *next = command_name(p);
    if ((*next)->kind == PS_N_CONST && (*next)->value.kind == PS_TEXT &&
            (*next)->value.as.text->len == 0)
        p->failed = true; /* nothing was taken */
    next = &(*next)->next;
    while (!p->failed && script_goes_on(p->run)) {
        size_t before;
        struct ps_node *found;

        ps_skip(p, false);
        if (ends_command(p))
            break;
        before = p->pos;
        found = verbatim(p);
        if (found == NULL)
            found = redirection(p);
        if (found == NULL)
            found = parameter(p);
        if (found == NULL)
            found = ps_argument(p);
        if (p->pos == before) {
            p->failed = true;
            break;
        }
        *next = found;
        next = &found->next;
    }
    return node;
}

/* = += -= *= /= %= ??=; the length, 0 when there is none. */
static size_t assignment_op(const struct ps_parser *p, uint8_t *ret_op)
{
    static const char signs[] = "+-*/%";
    static const uint8_t ops[] = { PS_OP_ADD, PS_OP_SUB, PS_OP_MUL, PS_OP_DIV, PS_OP_MOD };
    char c = ps_peek(p, 0);
    size_t dash = ps_dash_len(p, p->pos);
    const char *sign;

    *ret_op = PS_OP_NONE;
    if (c == '=' && ps_peek(p, 1) != '=')
        return 1;
    if (c == '?' && ps_peek(p, 1) == '?' && ps_peek(p, 2) == '=') {
        *ret_op = PS_OP_COALESCE;
        return 3;
    }
    if (dash > 1 && ps_peek(p, dash) == '=') {
        *ret_op = PS_OP_SUB;
        return dash + 1;
    }
    sign = c != '\0' ? strchr(signs, c) : NULL;
    if (sign == NULL || ps_peek(p, 1) != '=')
        return 0;
    *ret_op = ops[sign - signs];
    return 2;
}

static struct ps_node *assignment(struct ps_parser *p, struct ps_node *target)
{
    uint8_t op;
    size_t len = assignment_op(p, &op);
    struct ps_node *node;

    if (len == 0)
        return NULL;
    node = ps_node(p, PS_N_ASSIGN);
    node->offset = target->offset;
    node->a = target;
    node->text = op == PS_OP_NONE ? T("") : hn_text_sub(p->in, p->pos, len);
    p->pos += len;
    ps_skip(p, true);
    if (!ps_enter(p))
        return node;
    node->b = ps_statement(p);
    p->depth--;
    /* The operator lives in a node of its own, as op of this one may link it into a chain. */
    if (op != PS_OP_NONE) {
        node->c = ps_node(p, PS_N_CHAIN);
        node->c->op = op;
    }
    return node;
}

static struct ps_node *pipe_element(struct ps_parser *p, bool first, bool *ret_whole)
{
    struct ps_node *node;
    struct ps_node *assigned;

    *ret_whole = false;
    if (!ps_starts_expression(p))
        return command(p);
    node = ps_expression(p);
    ps_skip(p, false);
    if (first && !p->failed) {
        assigned = assignment(p, node);
        *ret_whole = assigned != NULL;
        return assigned != NULL ? assigned : node;
    }
    return node;
}

struct ps_node *ps_pipeline(struct ps_parser *p)
{
    bool whole = false;
    struct ps_node *first = pipe_element(p, true, &whole);
    struct ps_node *pipe = NULL;
    struct ps_node **next = NULL;

    while (!whole && !p->failed) {
        struct ps_node *found = NULL;

        ps_skip(p, false);
        if (first->kind != PS_N_COMMAND)
            found = redirection(p);
        if (found == NULL && ps_peek(p, 0) == '|' && ps_peek(p, 1) != '|') {
            p->pos++;
            ps_skip(p, true);
            found = pipe_element(p, false, &whole);
        }
        if (found == NULL)
            break;
        if (pipe == NULL) {
            pipe = ps_node(p, PS_N_PIPE);
            pipe->offset = first->offset;
            pipe->kids = first;
            next = &first->next;
        }
        *next = found;
        next = &found->next;
    }
    if (ps_peek(p, 0) == '&' && ps_peek(p, 1) != '&') /* in the background */
        p->pos++;
    return pipe != NULL ? pipe : first;
}

struct ps_node *ps_statement(struct ps_parser *p)
{
    bool none = true;
    struct ps_node *node;

    ps_skip(p, false);
    if (!ps_enter(p))
        return ps_node(p, PS_N_LIST);
    node = ps_keyword_statement(p, &none);
    if (none)
        node = ps_pipeline(p);
    p->depth--;
    return node;
}

/* From the start of a statement that could not be read to where the next may begin. */
static void recover(struct ps_parser *p, size_t start, char end)
{
    uint32_t open = 0;
    size_t line = 0; /* where the first line ends: enough when what is open is never closed */

    if (p->notes++ < 16)
        script_tell_note(p->run, SCRIPT_NOTE_SYNTAX, start,
                hn_text_sub(p->in, start, p->in.len - start < 60 ? p->in.len - start : 60));
    p->failed = false;
    p->pos = start;
    while (p->pos < p->in.len) {
        if (ps_peek(p, 0) == '\n' && line == 0)
            line = p->pos;
        char c = ps_peek(p, 0);

        if (open == 0 && (c == ';' || c == '\n' || (c == end && p->pos > start)))
            return;
        open += c == '{' || c == '(';
        if ((c == '}' || c == ')') && open > 0)
            open--;
        p->pos++;
    }
    if (open > 0 && line > start)
        p->pos = line;
}

static void separators(struct ps_parser *p)
{
    for (;;) {
        ps_skip(p, true);
        if (ps_peek(p, 0) == ';' && p->pos < p->in.len)
            p->pos++;
        else if ((ps_peek(p, 0) == '&' && ps_peek(p, 1) == '&') ||
                 (ps_peek(p, 0) == '|' && ps_peek(p, 1) == '|'))
            p->pos += 2;
        else
            return;
    }
}

struct ps_node *ps_statements(struct ps_parser *p, char end)
{
    struct ps_node *list = ps_node(p, PS_N_LIST);
    struct ps_node **next = &list->kids;

    while (script_goes_on(p->run)) {
        size_t start;
        struct ps_node *found;

        separators(p);
        if (p->pos >= p->in.len || (end != 0 && ps_peek(p, 0) == end))
            break;
        start = p->pos;
        found = ps_statement(p);
        ps_skip(p, false);
        if (!p->failed && p->pos < p->in.len && ps_peek(p, 0) != end &&
                strchr(";\r\n&|", ps_peek(p, 0)) == NULL && ps_peek(p, 0) != '}' &&
                found->kind != PS_N_FUNCTION && found->kind < PS_N_IF)
            p->failed = true;
        if (p->failed || p->pos == start) {
            bool stray = p->pos == start && !p->failed;

            recover(p, start, end);
            p->pos += stray || p->pos == start ? 1 : 0;
            continue;
        }
        *next = found;
        next = &found->next;
        if (end != '}' && ps_peek(p, 0) == '}') /* one too many */
            p->pos++;
    }
    return list;
}

const struct ps_block *ps_parse(
        struct script_run *run, struct hn_text text, const struct script_origin *base)
{
    struct ps_parser p = { .run = run, .in = text, .base = base };
    const struct ps_block *block;

    if (text.len > UINT32_MAX)
        text.len = UINT32_MAX;
    if (hn_text_starts(text, T("\xEF\xBB\xBF")))
        p.pos = 3;
    block = ps_block_body(&p, 0);
    if (p.backtick)
        script_tell_note(run, SCRIPT_NOTE_OBFUSCATION, SCRIPT_NOWHERE, T("backtick"));
    return script_goes_on(run) ? block : NULL;
}
