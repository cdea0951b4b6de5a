/* powershell_statement.c - statements that begin with a keyword, and bodies of blocks. */
#include "powershell/powershell_internal.h"

struct ps_node *ps_braces(struct ps_parser *p)
{
    struct ps_node *node;

    ps_skip(p, true);
    if (ps_peek(p, 0) != '{') {
        p->failed = true;
        return ps_node(p, PS_N_LIST);
    }
    p->pos++;
    if (!ps_enter(p))
        return ps_node(p, PS_N_LIST);
    node = ps_statements(p, '}');
    p->depth--;
    ps_close(p, '}');
    return node;
}

static bool take_word(struct ps_parser *p, struct hn_text word)
{
    if (!ps_peek_word(p, word))
        return false;
    p->pos += word.len;
    return true;
}

/* ( pipeline ) */
static struct ps_node *condition(struct ps_parser *p)
{
    struct ps_node *node;

    ps_skip(p, true);
    if (ps_peek(p, 0) != '(') {
        p->failed = true;
        return ps_node(p, PS_N_LIST);
    }
    p->pos++;
    ps_skip(p, true);
    node = ps_statement(p);
    ps_skip(p, true);
    ps_close(p, ')');
    return node;
}

static struct ps_node *if_statement(struct ps_parser *p)
{
    struct ps_node *first = ps_node(p, PS_N_IF);
    struct ps_node *node = first;

    for (;;) {
        size_t before;

        node->a = condition(p);
        node->b = ps_braces(p);
        before = p->pos;
        ps_skip(p, true);
        if (!p->failed && take_word(p, T("elseif"))) {
            node->c = ps_node(p, PS_N_IF);
            node = node->c;
            continue;
        }
        if (!p->failed && take_word(p, T("else"))) {
            node->c = ps_braces(p);
            return first;
        }
        p->pos = before;
        return first;
    }
}

static uint8_t switch_bits(struct ps_parser *p)
{
    uint8_t bits = 0;
    size_t len;

    for (;;) {
        struct hn_text name;

        ps_skip(p, true);
        name = ps_peek_operator(p, &len);
        if (name.len == 0)
            return bits;
        if (ps_same_text(name, "regex"))
            bits |= PS_SWITCH_REGEX;
        if (ps_same_text(name, "wildcard"))
            bits |= PS_SWITCH_WILDCARD;
        if (ps_same_text(name, "casesensitive"))
            bits |= PS_SWITCH_EXACT;
        p->pos += len;
    }
}

static struct ps_node *switch_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_SWITCH);
    struct ps_node **next = &node->kids;

    node->op = switch_bits(p);
    node->a = condition(p);
    ps_skip(p, true);
    if (ps_peek(p, 0) != '{') {
        p->failed = true;
        return node;
    }
    p->pos++;
    for (;;) {
        ps_skip(p, true);
        while (ps_peek(p, 0) == ';') {
            p->pos++;
            ps_skip(p, true);
        }
        if (p->failed || ps_peek(p, 0) == '}' || p->pos >= p->in.len)
            break;
        *next = ps_argument(p);
        next = &(*next)->next;
        *next = ps_braces(p);
        next = &(*next)->next;
    }
    ps_close(p, '}');
    return node;
}

static struct ps_node *for_part(struct ps_parser *p, char end)
{
    struct ps_node *node = NULL;

    ps_skip(p, true);
    if (ps_peek(p, 0) != end && ps_peek(p, 0) != ')')
        node = ps_statement(p);
    ps_skip(p, true);
    if (ps_peek(p, 0) == ';')
        p->pos++;
    return node;
}

/* Several expressions by commas are one list; each is evaluated. */
static struct ps_node *for_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_FOR);

    ps_skip(p, true);
    if (ps_peek(p, 0) != '(') {
        p->failed = true;
        return node;
    }
    p->pos++;
    node->a = for_part(p, ';');
    node->b = for_part(p, ';');
    node->c = for_part(p, ')');
    ps_close(p, ')');
    node->d = ps_braces(p);
    return node;
}

static struct ps_node *foreach_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_FOREACH);
    size_t len;

    ps_skip(p, true);
    while (ps_peek_operator(p, &len).len > 0) { /* -parallel */
        p->pos += len;
        ps_skip(p, true);
    }
    if (ps_peek(p, 0) != '(') {
        p->failed = true;
        return node;
    }
    p->pos++;
    ps_skip(p, true);
    node->a = ps_peek(p, 0) == '$' || ps_peek(p, 0) == '[' ? ps_unary(p) : NULL;
    ps_skip(p, true);
    if (node->a == NULL || !take_word(p, T("in"))) {
        p->failed = true;
        return node;
    }
    ps_skip(p, true);
    node->b = ps_statement(p);
    ps_skip(p, true);
    ps_close(p, ')');
    node->d = ps_braces(p);
    return node;
}

static struct ps_node *while_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_WHILE);

    node->b = condition(p);
    node->d = ps_braces(p);
    return node;
}

static struct ps_node *do_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_DO);

    node->d = ps_braces(p);
    ps_skip(p, true);
    node->flag = take_word(p, T("until"));
    if (!node->flag && !take_word(p, T("while")))
        p->failed = true;
    node->b = condition(p);
    return node;
}

static const struct ps_block *function_body(struct ps_parser *p, bool filter)
{
    struct ps_node *params = NULL;
    struct ps_block *block;

    ps_skip(p, true);
    if (ps_peek(p, 0) == '(') {
        p->pos++;
        params = ps_param_list(p, ')');
        ps_skip(p, true);
    }
    if (ps_peek(p, 0) != '{') {
        p->failed = true;
        return NULL;
    }
    p->pos++;
    if (!ps_enter(p))
        return NULL;
    block = ps_block_body(p, '}');
    p->depth--;
    ps_close(p, '}');
    if (block != NULL) { /* nobody else has it yet */
        block->filter = block->filter || filter;
        if (params != NULL)
            block->params = params;
    }
    return block;
}

static struct ps_node *function_statement(struct ps_parser *p, bool filter)
{
    struct ps_node *node = ps_node(p, PS_N_FUNCTION);
    size_t start;

    ps_skip(p, true);
    start = p->pos;
    while (p->pos < p->in.len && strchr(" \t\r\n({", ps_peek(p, 0)) == NULL)
        p->pos++;
    node->text = hn_text_sub(p->in, start, p->pos - start);
    if (hn_text_starts_nocase(node->text, T("global:")) ||
            hn_text_starts_nocase(node->text, T("script:")))
        node->text = hn_text_sub(node->text, 7, SIZE_MAX);
    if (node->text.len == 0)
        p->failed = true;
    else
        node->block = function_body(p, filter);
    return node;
}

static struct ps_node *flow_statement(struct ps_parser *p, enum ps_flow flow)
{
    struct ps_node *node = ps_node(p, PS_N_FLOW);
    char c;

    node->op = (uint8_t)flow;
    ps_skip(p, false);
    c = ps_peek(p, 0);
    if (p->pos >= p->in.len || strchr(";|)}\r\n", c) != NULL)
        return node;
    if (flow == PS_BREAK || flow == PS_CONTINUE)
        node->a = ps_word(p);
    else
        node->a = ps_pipeline(p);
    return node;
}

static struct ps_node *try_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_TRY);
    struct ps_node **next;

    node->a = ps_braces(p);
    node->b = ps_node(p, PS_N_LIST);
    next = &node->b->kids;
    while (!p->failed) {
        size_t before = p->pos;

        ps_skip(p, true);
        if (take_word(p, T("catch"))) {
            ps_skip(p, true);
            while (!p->failed && p->pos < p->in.len && ps_peek(p, 0) != '{')
                p->pos++; /* types of exceptions */
            *next = ps_braces(p);
            next = &(*next)->next;
            continue;
        }
        if (take_word(p, T("finally"))) {
            node->c = ps_braces(p);
            return node;
        }
        p->pos = before;
        return node;
    }
    return node;
}

/* Names of types are known with and without their name spaces. */
static struct ps_node *using_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_LIST);

    while (p->pos < p->in.len && strchr(";\r\n", ps_peek(p, 0)) == NULL)
        p->pos++;
    node->flag = true;
    return node;
}

/* trap { } runs when something goes wrong: as a catch of nothing. */
static struct ps_node *trap_statement(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_TRY);

    while (p->pos < p->in.len && ps_peek(p, 0) != '{')
        p->pos++;
    node->b = ps_node(p, PS_N_LIST);
    node->b->kids = ps_braces(p);
    return node;
}

static struct ps_node *loop_statement(struct ps_parser *p, bool *ret_none)
{
    if (take_word(p, T("for")))
        return for_statement(p);
    if (take_word(p, T("foreach")))
        return foreach_statement(p);
    if (take_word(p, T("while")))
        return while_statement(p);
    if (take_word(p, T("do")))
        return do_statement(p);
    if (take_word(p, T("switch")))
        return switch_statement(p);
    *ret_none = true;
    return NULL;
}

static struct ps_node *flow_keyword(struct ps_parser *p, bool *ret_none)
{
    static const struct {
        struct hn_text word;
        enum ps_flow flow;
    } words[] = {
        { HN_TEXT_INIT("return"), PS_RETURN },
        { HN_TEXT_INIT("throw"), PS_THROW },
        { HN_TEXT_INIT("exit"), PS_EXIT },
        { HN_TEXT_INIT("break"), PS_BREAK },
        { HN_TEXT_INIT("continue"), PS_CONTINUE },
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (take_word(p, words[i].word))
            return flow_statement(p, words[i].flow);
    *ret_none = true;
    return NULL;
}

/* :name before a loop. */
static struct ps_node *labelled(struct ps_parser *p, bool *ret_none)
{
    size_t start = p->pos;
    struct hn_text label;
    struct ps_node *node;

    p->pos++;
    label = ps_take_name(p);
    ps_skip(p, true);
    node = loop_statement(p, ret_none);
    if (*ret_none)
        p->pos = start;
    else
        node->text = label;
    return node;
}

static struct ps_node *declaration(struct ps_parser *p, bool *ret_none)
{
    if (take_word(p, T("function")) || take_word(p, T("workflow")))
        return function_statement(p, false);
    if (take_word(p, T("filter")))
        return function_statement(p, true);
    if (take_word(p, T("using")))
        return using_statement(p);
    if (take_word(p, T("class")))
        return ps_class_statement(p, false);
    if (take_word(p, T("enum")))
        return ps_class_statement(p, true);
    *ret_none = true;
    return NULL;
}

struct ps_node *ps_keyword_statement(struct ps_parser *p, bool *ret_none)
{
    struct ps_node *node;
    char c = ps_peek(p, 0);

    *ret_none = false;
    if (c == ':' && ps_is_word(p, p->pos + 1))
        return labelled(p, ret_none);
    if (c == '{') { /* a block by itself is a value */
        *ret_none = true;
        return NULL;
    }
    if (!ps_is_word(p, p->pos)) {
        *ret_none = true;
        return NULL;
    }
    if (take_word(p, T("if")))
        return if_statement(p);
    if (take_word(p, T("try")))
        return try_statement(p);
    if (take_word(p, T("trap")))
        return trap_statement(p);
    if (take_word(p, T("data")))
        return ps_braces(p);
    node = loop_statement(p, ret_none);
    if (!*ret_none)
        return node;
    *ret_none = false;
    node = flow_keyword(p, ret_none);
    if (!*ret_none)
        return node;
    *ret_none = false;
    return declaration(p, ret_none);
}

/* ---- Blocks ---- */

/* [type] and [attribute()] before a parameter; the last type counts. */
struct hn_text ps_parameter_type(struct ps_parser *p)
{
    struct hn_text type = { "", 0 };

    for (;;) {
        uint32_t open = 0;
        size_t start;

        ps_skip(p, true);
        if (ps_peek(p, 0) != '[')
            return type;
        start = p->pos;
        do {
            open += ps_peek(p, 0) == '[';
            open -= ps_peek(p, 0) == ']';
            p->pos++;
        } while (p->pos < p->in.len && open > 0);
        if (hn_text_find_char(hn_text_sub(p->in, start, p->pos - start), '(', 0) == SIZE_MAX &&
                p->pos - start > 2)
            type = ps_normal_type(p->run, hn_text_sub(p->in, start + 1, p->pos - start - 2));
    }
}

struct ps_node *ps_param_list(struct ps_parser *p, char end)
{
    struct ps_node *list = ps_node(p, PS_N_LIST);
    struct ps_node **next = &list->kids;
    bool no_comma = p->no_comma;

    p->no_comma = true;
    for (;;) {
        struct ps_node *node;
        struct hn_text type = ps_parameter_type(p);

        if (p->failed || ps_peek(p, 0) != '$')
            break;
        node = ps_node(p, PS_N_ASSIGN);
        node->text = type;
        node->a = ps_variable(p);
        ps_skip(p, true);
        if (ps_peek(p, 0) == '=') {
            p->pos++;
            ps_skip(p, true);
            node->b = ps_expression(p);
            ps_skip(p, true);
        }
        *next = node;
        next = &node->next;
        if (ps_peek(p, 0) != ',')
            break;
        p->pos++;
    }
    p->no_comma = no_comma;
    ps_close(p, end);
    return list;
}

static struct ps_node *block_params(struct ps_parser *p)
{
    size_t before = p->pos;
    struct hn_text type;

    ps_skip(p, true);
    if (ps_peek(p, 0) == '[') {
        type = ps_parameter_type(p);
        (void)type;
    }
    if (take_word(p, T("param"))) {
        ps_skip(p, true);
        if (ps_peek(p, 0) == '(') {
            p->pos++;
            return ps_param_list(p, ')');
        }
    }
    p->pos = before;
    return NULL;
}

struct ps_block *ps_block_body(struct ps_parser *p, char end)
{
    struct ps_block *block = hn_new(&p->run->arena, struct ps_block, 1);
    size_t start = p->pos;
    bool named = false;

    if (block == NULL) {
        (void)ps_node(p, PS_N_LIST); /* notes that the arena is full */
        p->failed = true;
        return NULL;
    }
    block->offset = (uint32_t)start;
    block->params = block_params(p);
    for (;;) {
        const struct ps_node *list;
        const struct ps_node **where = NULL;

        ps_skip(p, true);
        if (take_word(p, T("begin")))
            where = &block->begin;
        else if (take_word(p, T("process")))
            where = &block->body;
        else if (take_word(p, T("end")) || take_word(p, T("dynamicparam")))
            where = &block->end;
        if (where == NULL)
            break;
        named = true;
        list = ps_braces(p);
        *where = list;
        if (p->failed)
            break;
        while (ps_peek(p, 0) == ';')
            p->pos++;
    }
    if (!named)
        block->body = ps_statements(p, end);
    block->filter = named && block->body != NULL;
    block->source = hn_text_sub(p->in, start, p->pos - start);
    return block;
}
