/* js_parse_expr.c - expressions. Operators of one precedence are a list, not a tower: obfuscated
 * scripts join thousands of pieces. */
#include "jscript/js_parse.h"

static struct js_node *unary(struct js_parser *parser);

static int packed(struct hn_text op)
{
    int value = 0;

    for (size_t i = 0; i < op.len && i < 4; i++)
        value = value << 8 | (uint8_t)op.ptr[i];
    return value;
}

/* ---- Functions ---- */

static void parameters(struct js_parser *parser, struct js_node *function)
{
    struct js_node **tail = &function->list;

    js_parse_expect(parser, "(");
    while (parser->token.kind == JS_T_NAME || js_parse_is(parser, "...")) {
        struct js_node *one;

        (void)js_parse_take(parser, "...");
        one = js_parse_node(parser, JS_N_NAME);
        one->text = parser->token.text;
        js_parse_advance(parser, false);
        if (js_parse_take(parser, "="))
            one->b = js_parse_assignment(parser);
        *tail = one;
        tail = &one->next;
        if (!js_parse_take(parser, ","))
            break;
    }
    js_parse_expect(parser, ")");
}

/* The block of a function, and what it declares. */
static void body(struct js_parser *parser, struct js_node *node)
{
    struct js_node **vars = parser->vars;

    parser->vars = &node->c;
    node->a = js_parse_block(parser);
    node->end = parser->last_end;
    parser->vars = vars;
}

struct js_node *js_parse_function(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_FUNCTION);
    bool no_in = parser->no_in;

    parser->no_in = false;
    js_parse_advance(parser, false); /* function */
    (void)js_parse_take(parser, "*");
    if (parser->token.kind == JS_T_NAME) {
        node->text = parser->token.text;
        js_parse_advance(parser, false);
    }
    parameters(parser, node);
    body(parser, node);
    parser->no_in = no_in;
    return node;
}

/* A word that is "async" alone is a name like others. */
bool js_parse_async(struct js_parser *parser)
{
    struct js_lexer lexer = parser->lexer;
    struct js_token token;

    if (!js_parse_is_word(parser, "async"))
        return false;
    js_token_next(&lexer, false, &token);
    if (token.kind != JS_T_NAME || token.line_before ||
            !hn_text_eq(token.text, HN_TEXT("function")))
        return false;
    js_parse_advance(parser, false);
    return true;
}

static struct js_node *arrow(struct js_parser *parser, struct js_node *list)
{
    struct js_node *node = js_parse_node(parser, JS_N_FUNCTION);

    node->prefix = true;
    node->list = list;
    js_parse_expect(parser, "=>");
    if (js_parse_is(parser, "{")) {
        body(parser, node);
    } else {
        node->a = js_parse_assignment(parser);
        node->end = parser->last_end;
    }
    return node;
}

/* ---- Literals ---- */

static struct js_node *elements(struct js_parser *parser, const char *end, enum js_node_kind kind)
{
    struct js_node *node = js_parse_node(parser, kind);
    struct js_node **tail = &node->list;

    while (!js_parse_is(parser, end) && parser->token.kind != JS_T_END && !parser->faulty &&
            script_goes_on(parser->run)) {
        if (js_parse_is(parser, ",")) { /* a hole */
            *tail = js_parse_node(parser, JS_N_CONSTANT);
            (*tail)->op = JS_OP_UNDEFINED;
        } else if (js_parse_take(parser, "...")) {
            *tail = js_parse_node(parser, JS_N_SPREAD);
            (*tail)->a = js_parse_assignment(parser);
        } else {
            struct js_node *one = js_parse_assignment(parser);

            *tail = one;
        }
        tail = &(*tail)->next;
        if (!js_parse_take(parser, ","))
            break;
    }
    js_parse_expect(parser, end);
    return node;
}

static void property_value(struct js_parser *parser, struct js_node *one)
{
    if (js_parse_is(parser, "(")) { /* a method */
        one->b = js_parse_node(parser, JS_N_FUNCTION);
        parameters(parser, one->b);
        body(parser, one->b);
    } else if (js_parse_take(parser, ":")) {
        one->b = js_parse_assignment(parser);
    } else { /* { name } */
        one->b = js_parse_node(parser, JS_N_NAME);
        one->b->text = one->text;
    }
}

static struct js_node *object(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_OBJECT);
    struct js_node **tail = &node->list;

    js_parse_expect(parser, "{");
    while (!js_parse_is(parser, "}") && parser->token.kind != JS_T_END && !parser->faulty &&
            script_goes_on(parser->run)) {
        struct js_node *one = js_parse_node(parser, JS_N_PROPERTY);

        if (js_parse_take(parser, "[")) {
            one->prefix = true;
            one->a = js_parse_assignment(parser);
            js_parse_expect(parser, "]");
        } else if (parser->token.kind == JS_T_NUMBER || parser->token.kind == JS_T_STRING) {
            one->a = js_parse_node(
                    parser, parser->token.kind == JS_T_NUMBER ? JS_N_NUMBER : JS_N_STRING);
            one->a->number = parser->token.number;
            one->a->string = parser->token.string;
            js_parse_advance(parser, false);
        } else {
            one->text = parser->token.text;
            js_parse_advance(parser, false);
        }
        property_value(parser, one);
        *tail = one;
        tail = &one->next;
        if (!js_parse_take(parser, ","))
            break;
    }
    if (!js_parse_is(parser, "}")) {
        js_parse_fault(parser);
    } else {
        js_parse_advance(parser, false);
    }
    return node;
}

/* Parts between ${ and } are parsed by a parser of their own over the same source. */
static struct js_node *template(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_TEMPLATE);
    struct js_node **tail = &node->list;
    struct hn_text rest = parser->token.text;

    while (rest.len > 0 && script_spend(parser->run, 1)) {
        size_t open = hn_text_find(rest, HN_TEXT("${"), 0);
        size_t close = open != SIZE_MAX ? hn_text_find_char(rest, '}', open) : SIZE_MAX;
        struct js_node *text = js_parse_node(parser, JS_N_STRING);

        text->string = script_text_new(parser->run,
                hn_text_sub(rest, 0, close != SIZE_MAX ? open : rest.len),
                script_origin_new(
                        parser->run, "literal", parser->token.offset, HN_TEXT(""), NULL, NULL));
        *tail = text;
        tail = &text->next;
        if (close == SIZE_MAX)
            break;
        if (parser->nest < JS_NEST_MAX) {
            struct js_parser inner = {
                .run = parser->run, .nest = parser->nest + 1, .spare = parser->spare
            };

            inner.lexer = (struct js_lexer){ .run = parser->run,
                .source = hn_text_sub(rest, open + 2, close - open - 2) };
            js_parse_advance(&inner, true);
            *tail = js_parse_expression(&inner);
            tail = &(*tail)->next;
        }
        rest = hn_text_sub(rest, close + 1, SIZE_MAX);
    }
    js_parse_advance(parser, false);
    return node;
}

static struct js_node *constant(struct js_parser *parser, int op)
{
    struct js_node *node = js_parse_node(parser, JS_N_CONSTANT);

    node->op = op;
    js_parse_advance(parser, false);
    return node;
}

static struct js_node *bracketed(struct js_parser *parser);

static struct js_node *name(struct js_parser *parser)
{
    struct js_node *node;

    if (js_parse_is_word(parser, "function") || js_parse_async(parser))
        return js_parse_function(parser);
    if (js_parse_is_word(parser, "true"))
        return constant(parser, JS_OP_TRUE);
    if (js_parse_is_word(parser, "false"))
        return constant(parser, JS_OP_FALSE);
    if (js_parse_is_word(parser, "null"))
        return constant(parser, JS_OP_NULL);
    if (js_parse_is_word(parser, "undefined"))
        return constant(parser, JS_OP_UNDEFINED);
    node = js_parse_node(parser, js_parse_is_word(parser, "this") ? JS_N_THIS : JS_N_NAME);
    node->text = parser->token.text;
    js_parse_advance(parser, false);
    if (js_parse_is(parser, "=>"))
        return arrow(parser, node);
    if (hn_text_eq(node->text, HN_TEXT("async")) && !parser->token.line_before) {
        if (js_parse_is(parser, "("))
            return bracketed(parser); /* async (x) => */
        if (parser->token.kind == JS_T_NAME)
            return name(parser); /* async x => */
    }
    return node;
}

/* "(a, b) =>" is told from "(a, b)" by what follows. */
static struct js_node *bracketed(struct js_parser *parser)
{
    struct js_node *inner;
    bool no_in = parser->no_in;

    js_parse_expect(parser, "(");
    if (js_parse_take(parser, ")"))
        return arrow(parser, NULL);
    parser->no_in = false;
    inner = js_parse_expression(parser);
    parser->no_in = no_in;
    js_parse_expect(parser, ")");
    if (js_parse_is(parser, "=>"))
        return arrow(parser, inner->kind == JS_N_COMMA ? inner->list : inner);
    return inner;
}

static struct js_node *primary(struct js_parser *parser)
{
    struct js_node *node;

    switch (parser->token.kind) {
    case JS_T_NUMBER:
    case JS_T_STRING:
        node = js_parse_node(parser, parser->token.kind == JS_T_NUMBER ? JS_N_NUMBER : JS_N_STRING);
        node->number = parser->token.number;
        node->string = parser->token.string;
        js_parse_advance(parser, false);
        return node;
    case JS_T_REGEX:
        node = js_parse_node(parser, JS_N_REGEX);
        node->text = parser->token.text;
        node->string = script_text_new(parser->run, parser->token.flags, NULL);
        js_parse_advance(parser, false);
        return node;
    case JS_T_TEMPLATE:
        return template(parser);
    case JS_T_NAME:
        return name(parser);
    case JS_T_OP:
        if (js_parse_is(parser, "("))
            return bracketed(parser);
        if (js_parse_take(parser, "["))
            return elements(parser, "]", JS_N_ARRAY);
        if (js_parse_is(parser, "{"))
            return object(parser);
        break;
    case JS_T_END:
        break;
    }
    js_parse_fault(parser);
    return js_parse_node(parser, JS_N_EMPTY);
}

/* ---- Members and calls ---- */

static struct js_node *dotted(struct js_parser *parser, struct js_node *base)
{
    struct js_node *node = js_parse_node(parser, JS_N_MEMBER);

    node->a = base;
    node->offset = base->offset;
    if (parser->token.kind != JS_T_NAME)
        js_parse_fault(parser);
    node->text = parser->token.text;
    js_parse_advance(parser, false);
    return node;
}

static struct js_node *indexed(struct js_parser *parser, struct js_node *base)
{
    struct js_node *node = js_parse_node(parser, JS_N_MEMBER);
    bool no_in = parser->no_in;

    parser->no_in = false;
    node->a = base;
    node->offset = base->offset;
    node->b = js_parse_expression(parser);
    js_parse_expect(parser, "]");
    parser->no_in = no_in;
    return node;
}

static struct js_node *called(struct js_parser *parser, struct js_node *base)
{
    bool no_in = parser->no_in;
    struct js_node *node;

    parser->no_in = false;
    node = elements(parser, ")", JS_N_CALL);
    parser->no_in = no_in;
    node->a = base;
    node->offset = base->offset;
    return node;
}

static struct js_node *postfix(struct js_parser *parser, struct js_node *node, bool calls)
{
    while (!parser->faulty && script_spend(parser->run, 1)) {
        if (js_parse_take(parser, ".") || js_parse_take(parser, "?.")) {
            node = js_parse_is(parser, "(") || js_parse_is(parser, "[") ? node
                                                                        : dotted(parser, node);
        } else if (js_parse_take(parser, "[")) {
            node = indexed(parser, node);
        } else if (calls && js_parse_take(parser, "(")) {
            node = called(parser, node);
        } else if (parser->token.kind == JS_T_TEMPLATE && calls) {
            struct js_node *call = js_parse_node(parser, JS_N_CALL);

            call->a = node;
            call->list = template(parser);
            node = call;
        } else {
            break;
        }
    }
    return node;
}

static struct js_node *new_expression(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_NEW);

    js_parse_advance(parser, true);
    if (!js_parse_enter(parser))
        return node;
    node->a = js_parse_is_word(parser, "new") ? new_expression(parser)
                                              : postfix(parser, primary(parser), false);
    js_parse_leave(parser);
    if (js_parse_take(parser, "(")) {
        struct js_node *call = called(parser, node->a);

        node->list = call->list;
    }
    return node;
}

static struct js_node *left_side(struct js_parser *parser)
{
    struct js_node *node =
            js_parse_is_word(parser, "new") ? new_expression(parser) : primary(parser);

    node = postfix(parser, node, true);
    if ((js_parse_is(parser, "++") || js_parse_is(parser, "--")) && !parser->token.line_before) {
        struct js_node *update = js_parse_node(parser, JS_N_UPDATE);

        update->op = (uint8_t)parser->token.text.ptr[0];
        update->a = node;
        js_parse_advance(parser, false);
        return update;
    }
    return node;
}

static int unary_op(const struct js_parser *parser)
{
    if (parser->token.kind == JS_T_OP && parser->token.text.len == 1 &&
            strchr("+-!~", parser->token.text.ptr[0]) != NULL)
        return (uint8_t)parser->token.text.ptr[0];
    if (js_parse_is_word(parser, "typeof"))
        return JS_OP_TYPEOF;
    if (js_parse_is_word(parser, "void"))
        return JS_OP_VOID;
    if (js_parse_is_word(parser, "delete"))
        return JS_OP_DELETE;
    if (js_parse_is_word(parser, "await"))
        return JS_OP_AWAIT;
    return 0;
}

static struct js_node *unary(struct js_parser *parser)
{
    struct js_node *node;
    int op = unary_op(parser);

    if (!js_parse_enter(parser))
        return js_parse_node(parser, JS_N_EMPTY);
    if (op != 0) {
        node = js_parse_node(parser, op == JS_OP_AWAIT ? JS_N_AWAIT : JS_N_UNARY);
        node->op = op;
        js_parse_advance(parser, true);
        node->a = unary(parser);
    } else if (js_parse_is(parser, "++") || js_parse_is(parser, "--")) {
        node = js_parse_node(parser, JS_N_UPDATE);
        node->op = (uint8_t)parser->token.text.ptr[0];
        node->prefix = true;
        js_parse_advance(parser, true);
        node->a = unary(parser);
    } else {
        node = left_side(parser);
    }
    js_parse_leave(parser);
    return node;
}

/* ---- Operators ---- */

static const char *const levels[][7] = {
    { "??", NULL },
    { "||", NULL },
    { "&&", NULL },
    { "|", NULL },
    { "^", NULL },
    { "&", NULL },
    { "==", "!=", "===", "!==", NULL },
    { "<", ">", "<=", ">=", "in", "instanceof", NULL },
    { "<<", ">>", ">>>", NULL },
    { "+", "-", NULL },
    { "*", "/", "%", NULL },
    { "**", NULL },
};

/* The operator at the current token if it belongs to the level, else 0. */
static int level_op(const struct js_parser *parser, size_t level)
{
    for (size_t i = 0; i < HN_COUNT_OF(levels[0]) && levels[level][i] != NULL; i++) {
        const char *op = levels[level][i];

        if (op[0] == 'i') {
            if (!js_parse_is_word(parser, op) || (parser->no_in && op[2] == '\0'))
                continue;
            return op[2] == '\0' ? JS_OP_IN : JS_OP_INSTANCEOF;
        }
        if (js_parse_is(parser, op))
            return packed(parser->token.text);
    }
    return 0;
}

static struct js_node *binary(struct js_parser *parser, size_t level)
{
    struct js_node *first =
            level + 1 < HN_COUNT_OF(levels) ? binary(parser, level + 1) : unary(parser);
    struct js_node *chain = NULL;
    struct js_node **tail = NULL;

    while (!parser->faulty && script_goes_on(parser->run)) {
        int op = level_op(parser, level);
        struct js_node *link;

        if (op == 0)
            break;
        if (chain == NULL) {
            chain = js_parse_node(parser, level < 3 ? JS_N_LOGIC : JS_N_CHAIN);
            chain->a = first;
            chain->offset = first->offset;
            tail = &chain->list;
        }
        link = js_parse_node(parser, JS_N_LINK);
        link->op = op;
        js_parse_advance(parser, true);
        link->a = level + 1 < HN_COUNT_OF(levels) ? binary(parser, level + 1) : unary(parser);
        *tail = link;
        tail = &link->next;
    }
    return chain != NULL ? chain : first;
}

static bool is_assignment(const struct js_parser *parser)
{
    struct hn_text op = parser->token.text;

    if (parser->token.kind != JS_T_OP || op.len == 0 || op.ptr[op.len - 1] != '=')
        return false;
    return op.len == 1 || (op.ptr[0] != '=' && op.ptr[0] != '!' &&
                                  !(op.len == 2 && (op.ptr[0] == '<' || op.ptr[0] == '>')));
}

struct js_node *js_parse_assignment(struct js_parser *parser)
{
    struct js_node *node;

    if (!js_parse_enter(parser))
        return js_parse_node(parser, JS_N_EMPTY);
    node = binary(parser, 0);
    if (js_parse_take(parser, "?")) {
        struct js_node *choice = js_parse_node(parser, JS_N_CONDITION);
        bool no_in = parser->no_in;

        choice->a = node;
        parser->no_in = false;
        choice->b = js_parse_assignment(parser);
        parser->no_in = no_in;
        js_parse_expect(parser, ":");
        choice->c = js_parse_assignment(parser);
        node = choice;
    } else if (is_assignment(parser)) {
        struct js_node *assign = js_parse_node(parser, JS_N_ASSIGN);

        assign->op = packed(hn_text_sub(parser->token.text, 0, parser->token.text.len - 1));
        assign->a = node;
        assign->offset = node->offset;
        js_parse_advance(parser, true);
        assign->b = js_parse_assignment(parser);
        node = assign;
    }
    js_parse_leave(parser);
    return node;
}

struct js_node *js_parse_expression(struct js_parser *parser)
{
    struct js_node *first = js_parse_assignment(parser);
    struct js_node *comma;
    struct js_node **tail;

    if (!js_parse_is(parser, ","))
        return first;
    comma = js_parse_node(parser, JS_N_COMMA);
    comma->list = first;
    tail = &first->next;
    while (js_parse_take(parser, ",") && !parser->faulty && script_goes_on(parser->run)) {
        *tail = js_parse_assignment(parser);
        tail = &(*tail)->next;
    }
    return comma;
}
