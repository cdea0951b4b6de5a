/* js_parse.c - statements. Expressions are in js_parse_expr.c. What is not understood is noted and
 * skipped up to the next statement; the rest goes on. */
#include "jscript/js_parse.h"

static struct js_node *statement(struct js_parser *parser);

void js_parse_advance(struct js_parser *parser, bool regex_may)
{
    parser->last_end = parser->token.end;
    js_token_next(&parser->lexer, regex_may, &parser->token);
}

bool js_parse_is(const struct js_parser *parser, const char *op)
{
    return parser->token.kind == JS_T_OP && hn_text_eq(parser->token.text, hn_text_cstr(op));
}

bool js_parse_is_word(const struct js_parser *parser, const char *word)
{
    return parser->token.kind == JS_T_NAME && hn_text_eq(parser->token.text, hn_text_cstr(word));
}

/* After most operators an expression comes, in which a slash begins a regular expression. */
bool js_parse_take(struct js_parser *parser, const char *op)
{
    bool closes = op[0] == ')' || op[0] == ']' || op[0] == '}';

    if (!js_parse_is(parser, op))
        return false;
    js_parse_advance(parser, !closes || op[0] == '}');
    return true;
}

bool js_parse_take_word(struct js_parser *parser, const char *word)
{
    if (!js_parse_is_word(parser, word))
        return false;
    js_parse_advance(parser, true);
    return true;
}

void js_parse_fault(struct js_parser *parser)
{
    if (!parser->faulty) {
        script_tell_note(parser->run, SCRIPT_NOTE_SYNTAX, parser->token.offset,
                hn_text_sub(parser->lexer.source, parser->token.offset, 40));
    }
    parser->faulty = true;
}

void js_parse_expect(struct js_parser *parser, const char *op)
{
    if (!js_parse_take(parser, op))
        js_parse_fault(parser);
}

struct js_node *js_parse_node(struct js_parser *parser, enum js_node_kind kind)
{
    struct js_node *node = hn_new(&parser->run->arena, struct js_node, 1);

    if (node == NULL) {
        (void)script_origin_new(parser->run, "", 0, HN_TEXT(""), NULL, NULL); /* ends the run */
        return parser->spare;
    }
    node->kind = kind;
    node->offset = parser->token.offset;
    return node;
}

bool js_parse_enter(struct js_parser *parser)
{
    if (parser->nest >= JS_NEST_MAX) {
        if (parser->run->stop == SCRIPT_STOP_NONE) {
            script_tell_note(
                    parser->run, SCRIPT_NOTE_LIMIT, parser->token.offset, HN_TEXT("depth"));
        }
        parser->run->stop = SCRIPT_STOP_DEPTH;
        return false;
    }
    parser->nest++;
    return script_spend(parser->run, 1);
}

void js_parse_leave(struct js_parser *parser)
{
    parser->nest--;
}

/* ---- Statements ---- */

static void end_statement(struct js_parser *parser)
{
    if (js_parse_take(parser, ";") || js_parse_is(parser, "}") || parser->token.line_before ||
            parser->token.kind == JS_T_END)
        return;
    js_parse_fault(parser);
}

/* To the next place where a statement may begin; nested blocks are skipped as a whole. */
static void recover(struct js_parser *parser)
{
    uint32_t braces = 0;

    parser->faulty = false;
    while (parser->token.kind != JS_T_END && script_spend(parser->run, 1)) {
        if (js_parse_is(parser, "{"))
            braces++;
        if (js_parse_is(parser, "}")) {
            if (braces == 0)
                return;
            braces--;
        }
        if (js_parse_is(parser, ";") && braces == 0) {
            js_parse_advance(parser, true);
            return;
        }
        js_parse_advance(parser, true);
    }
}

struct js_node *js_parse_block(struct js_parser *parser)
{
    struct js_node *block = js_parse_node(parser, JS_N_BLOCK);
    struct js_node **tail = &block->list;

    js_parse_expect(parser, "{");
    while (!js_parse_is(parser, "}") && parser->token.kind != JS_T_END &&
            script_goes_on(parser->run)) {
        *tail = statement(parser);
        tail = &(*tail)->next;
    }
    js_parse_expect(parser, "}");
    return block;
}

static void note_variable(struct js_parser *parser)
{
    struct js_node *name = js_parse_node(parser, JS_N_NAME);

    name->text = parser->token.text;
    name->next = NULL;
    *parser->vars = name;
    parser->vars = &name->next;
}

static struct js_node *variables(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_VAR);
    struct js_node **tail = &node->list;
    bool whole = js_parse_is_word(parser, "var"); /* the function has it, not the block */

    js_parse_advance(parser, false); /* var, let, const */
    do {
        struct js_node *one = js_parse_node(parser, JS_N_PROPERTY);

        if (parser->token.kind != JS_T_NAME) {
            js_parse_fault(parser);
            return node;
        }
        one->text = parser->token.text;
        if (whole && parser->vars != NULL)
            note_variable(parser);
        js_parse_advance(parser, false);
        if (js_parse_take(parser, "="))
            one->b = js_parse_assignment(parser);
        *tail = one;
        tail = &one->next;
    } while (js_parse_take(parser, ",") && script_goes_on(parser->run));
    return node;
}

static bool is_variables(const struct js_parser *parser)
{
    return js_parse_is_word(parser, "var") || js_parse_is_word(parser, "let") ||
           js_parse_is_word(parser, "const");
}

static struct js_node *for_statement(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_FOR);

    js_parse_expect(parser, "(");
    parser->no_in = true;
    if (is_variables(parser)) {
        node->a = variables(parser);
    } else if (!js_parse_is(parser, ";")) {
        node->a = js_parse_expression(parser);
    }
    parser->no_in = false;
    if (js_parse_is_word(parser, "in") || js_parse_is_word(parser, "of")) {
        node->kind = JS_N_FOR_IN;
        node->op = parser->token.text.ptr[0] == 'o' ? 'o' : 'i';
        js_parse_advance(parser, true);
        node->b = js_parse_expression(parser);
    } else {
        js_parse_expect(parser, ";");
        if (!js_parse_is(parser, ";"))
            node->b = js_parse_expression(parser);
        js_parse_expect(parser, ";");
        if (!js_parse_is(parser, ")"))
            node->c = js_parse_expression(parser);
    }
    if (!js_parse_is(parser, ")"))
        js_parse_fault(parser);
    js_parse_advance(parser, true);
    node->d = statement(parser);
    return node;
}

/* Behind a condition's closing bracket a statement begins, in which a slash is no division. */
static struct js_node *condition(struct js_parser *parser)
{
    struct js_node *node;

    js_parse_expect(parser, "(");
    node = js_parse_expression(parser);
    if (!js_parse_is(parser, ")"))
        js_parse_fault(parser);
    js_parse_advance(parser, true);
    return node;
}

static struct js_node *try_statement(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_TRY);

    node->a = js_parse_block(parser);
    if (js_parse_take_word(parser, "catch")) {
        if (js_parse_take(parser, "(")) {
            node->text = parser->token.text;
            js_parse_advance(parser, false);
            js_parse_expect(parser, ")");
        }
        node->b = js_parse_block(parser);
    }
    if (js_parse_take_word(parser, "finally"))
        node->c = js_parse_block(parser);
    return node;
}

static struct js_node *switch_statement(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_SWITCH);
    struct js_node **tail = &node->list;

    node->a = condition(parser);
    js_parse_expect(parser, "{");
    while (!js_parse_is(parser, "}") && parser->token.kind != JS_T_END &&
            script_goes_on(parser->run)) {
        struct js_node *one = js_parse_node(parser, JS_N_CASE);
        struct js_node **body = &one->list;

        if (js_parse_take_word(parser, "case")) {
            one->a = js_parse_expression(parser);
        } else if (!js_parse_take_word(parser, "default")) {
            js_parse_fault(parser);
            return node;
        }
        js_parse_expect(parser, ":");
        while (!js_parse_is_word(parser, "case") && !js_parse_is_word(parser, "default") &&
                !js_parse_is(parser, "}") && parser->token.kind != JS_T_END &&
                script_goes_on(parser->run)) {
            *body = statement(parser);
            body = &(*body)->next;
        }
        *tail = one;
        tail = &one->next;
    }
    js_parse_expect(parser, "}");
    return node;
}

static struct js_node *jump(struct js_parser *parser, enum js_node_kind kind)
{
    struct js_node *node = js_parse_node(parser, kind);

    if (parser->token.kind == JS_T_NAME && !parser->token.line_before) {
        node->text = parser->token.text;
        js_parse_advance(parser, false);
    }
    end_statement(parser);
    return node;
}

static struct js_node *with_value(struct js_parser *parser, enum js_node_kind kind)
{
    struct js_node *node = js_parse_node(parser, kind);

    if (!js_parse_is(parser, ";") && !js_parse_is(parser, "}") && !parser->token.line_before &&
            parser->token.kind != JS_T_END)
        node->a = js_parse_expression(parser);
    end_statement(parser);
    return node;
}

static struct js_node *if_statement(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_IF);

    node->a = condition(parser);
    node->b = statement(parser);
    if (js_parse_take_word(parser, "else"))
        node->c = statement(parser);
    return node;
}

static struct js_node *do_statement(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_DO);

    node->d = statement(parser);
    if (js_parse_take_word(parser, "while")) {
        node->a = condition(parser);
    } else {
        js_parse_fault(parser);
    }
    (void)js_parse_take(parser, ";");
    return node;
}

static struct js_node *while_statement(struct js_parser *parser, enum js_node_kind kind)
{
    struct js_node *node = js_parse_node(parser, kind);

    node->a = condition(parser);
    node->d = statement(parser);
    return node;
}

static struct js_node *expression_statement(struct js_parser *parser)
{
    struct js_node *node = js_parse_node(parser, JS_N_EXPRESSION);

    node->a = js_parse_expression(parser);
    if (node->a->kind == JS_N_NAME && js_parse_take(parser, ":")) {
        node->kind = JS_N_LABEL;
        node->text = node->a->text;
        node->d = statement(parser);
        return node;
    }
    end_statement(parser);
    return node;
}

static struct js_node *keyword_statement(struct js_parser *parser)
{
    if (is_variables(parser)) {
        struct js_node *node = variables(parser);

        end_statement(parser);
        return node;
    }
    if (js_parse_take_word(parser, "if"))
        return if_statement(parser);
    if (js_parse_take_word(parser, "for"))
        return for_statement(parser);
    if (js_parse_take_word(parser, "while"))
        return while_statement(parser, JS_N_WHILE);
    if (js_parse_take_word(parser, "with"))
        return while_statement(parser, JS_N_WITH);
    if (js_parse_take_word(parser, "do"))
        return do_statement(parser);
    if (js_parse_take_word(parser, "return"))
        return with_value(parser, JS_N_RETURN);
    if (js_parse_take_word(parser, "throw"))
        return with_value(parser, JS_N_THROW);
    if (js_parse_take_word(parser, "break"))
        return jump(parser, JS_N_BREAK);
    if (js_parse_take_word(parser, "continue"))
        return jump(parser, JS_N_CONTINUE);
    if (js_parse_take_word(parser, "try"))
        return try_statement(parser);
    if (js_parse_take_word(parser, "switch"))
        return switch_statement(parser);
    if (js_parse_take_word(parser, "debugger")) {
        end_statement(parser);
        return js_parse_node(parser, JS_N_EMPTY);
    }
    return expression_statement(parser);
}

static struct js_node *statement(struct js_parser *parser)
{
    uint32_t start = parser->token.offset;
    struct js_node *node = NULL;

    if (!js_parse_enter(parser))
        return js_parse_node(parser, JS_N_EMPTY);
    if (js_parse_is(parser, "{")) {
        node = js_parse_block(parser);
    } else if (js_parse_take(parser, ";")) {
        node = js_parse_node(parser, JS_N_EMPTY);
    } else if (js_parse_is_word(parser, "function") || js_parse_async(parser)) {
        node = js_parse_node(parser, JS_N_EXPRESSION);
        node->op = 'f'; /* a declaration: known before the statements run */
        node->a = js_parse_function(parser);
        (void)js_parse_take(parser, ";");
    } else {
        node = keyword_statement(parser);
    }
    js_parse_leave(parser);
    node->offset = start;
    if (parser->faulty) {
        recover(parser);
        if (parser->token.offset == start && parser->token.kind != JS_T_END)
            js_parse_advance(parser, true); /* a stray bracket */
    }
    return node;
}

struct js_node *js_parse(struct script_run *run, struct hn_text source)
{
    struct js_parser parser = { .run = run, .lexer = { .run = run, .source = source } };
    struct js_node *block;
    struct js_node **tail;

    parser.spare = hn_new(&run->arena, struct js_node, 1);
    if (parser.spare == NULL)
        return NULL;
    js_parse_advance(&parser, true);
    block = js_parse_node(&parser, JS_N_BLOCK);
    tail = &block->list;
    while (parser.token.kind != JS_T_END && script_goes_on(run)) {
        *tail = statement(&parser);
        tail = &(*tail)->next;
        if (js_parse_is(&parser, "}"))
            js_parse_advance(&parser, true); /* one too many */
    }
    /* Syntax too deep is given up from there on; what was read before is evaluated. */
    if (run->stop == SCRIPT_STOP_DEPTH)
        run->stop = SCRIPT_STOP_NONE;
    return script_goes_on(run) ? block : NULL;
}
