/* batch_parse.c - a command as cmd.exe reads it: operators, blocks, If, For, redirections. */
#include "batch/batch_internal.h"

#include <ctype.h>

struct parser {
    struct bt *bt;
    struct hn_buf line; /* expanded; more lines come while a block is open */
    size_t pos;
    bool unknown;
    uint32_t open; /* blocks */
};

static struct bt_node *parse_sequence(struct parser *p);
static struct bt_node *parse_command(struct parser *p);

static int at(const struct parser *p, size_t ahead)
{
    return p->pos + ahead < p->line.len ? (unsigned char)p->line.ptr[p->pos + ahead] : -1;
}

/* The next line of the script, expanded, behind what is there. */
static bool more(struct parser *p)
{
    struct bt *bt = p->bt;
    struct hn_text rest = hn_text_sub(bt->script, bt->pos, SIZE_MAX);
    struct hn_text line;
    struct bt_text expanded;

    if (rest.len == 0 || !hn_text_line(&rest, &line) || !script_spend(bt->run, 1))
        return false;
    bt->pos = bt->script.len - rest.len;
    expanded = bt_expand_percent(bt, line);
    p->unknown |= expanded.unknown;
    hn_buf_add_text(&p->line, expanded.text);
    hn_buf_add_char(&p->line, '\n');
    return hn_buf_ok(&p->line);
}

static void skip_space(struct parser *p)
{
    while (at(p, 0) == ' ' || at(p, 0) == '\t' || at(p, 0) == ',' || at(p, 0) == ';' ||
            at(p, 0) == '=')
        p->pos++;
}

static struct bt_node *node_new(struct parser *p, enum bt_kind kind)
{
    struct bt_node *node = hn_new(&p->bt->run->arena, struct bt_node, 1);

    if (node == NULL && p->bt->run->stop == SCRIPT_STOP_NONE)
        p->bt->run->stop = SCRIPT_STOP_BYTES;
    if (node != NULL)
        node->kind = kind;
    return node;
}

/* One character with its caret taken away; false: an operator or the end. Quotes are kept. */
static bool take(struct parser *p, struct hn_buf *out, bool *quoted)
{
    int c = at(p, 0);

    if (c < 0 || c == '\n')
        return false;
    if (c == '"')
        *quoted = !*quoted;
    if (!*quoted && c == '^') {
        p->pos++;
        if (at(p, 0) == '\n') { /* the line goes on */
            p->pos++;
            if (at(p, 0) < 0)
                (void)more(p);
        }
        c = at(p, 0);
        if (c < 0 || c == '\n')
            return false;
    } else if (!*quoted && (strchr("&|<>", c) != NULL || (c == ')' && p->open > 0))) {
        return false;
    }
    hn_buf_add_char(out, (char)c);
    p->pos++;
    return true;
}

static struct bt_text finish(struct parser *p, struct hn_buf *out)
{
    struct bt_text made = bt_copy(p->bt, hn_buf_text(out), p->unknown);

    hn_buf_deinit(out);
    return made;
}

/* One word, quotes kept; for names of files and operands. */
static struct bt_text parse_word(struct parser *p, bool until_equals)
{
    struct hn_buf out = { 0 };
    bool quoted = false;

    hn_buf_init(&out, BT_LINE_MAX);
    while (at(p, 0) == ' ' || at(p, 0) == '\t')
        p->pos++;
    while (quoted || !(at(p, 0) >= 0 && strchr(" \t\n", at(p, 0)) != NULL)) {
        if (!quoted && until_equals && at(p, 0) == '=' && at(p, 1) == '=')
            break;
        if (!take(p, &out, &quoted))
            break;
    }
    return finish(p, &out);
}

static struct bt_node *parse_joined(struct parser *p, int level);

/* What For and If carry out goes to the end of the line: `do a & b` are both in the loop. */
static struct bt_node *parse_rest(struct parser *p)
{
    struct bt_node *first = NULL;
    struct bt_node **tail = &first;

    for (;;) {
        struct bt_node *node = node_new(p, BT_SEQUENCE);

        if (node == NULL)
            break;
        node->left = parse_joined(p, 0);
        *tail = node;
        tail = &node->right;
        while (at(p, 0) == ' ' || at(p, 0) == '\t')
            p->pos++;
        if (at(p, 0) != '&' || !script_goes_on(p->bt->run))
            break;
        p->pos++;
    }
    return first != NULL && first->right == NULL ? first->left : first;
}

/* > file, >> file, 2>&1, < file. */
static void parse_redirection(struct parser *p, struct bt_node *node, int handle)
{
    bool input = at(p, 0) == '<';
    bool append = at(p, 1) == '>';
    struct bt_text name;

    p->pos += append ? 2 : 1;
    if (at(p, 0) == '&') {
        p->pos += 2;
        return;
    }
    name = parse_word(p, false);
    if (!input && handle != '2') {
        node->file = name;
        node->append = append;
    }
}

static bool is_redirection(const struct parser *p, int *ret_handle)
{
    int c = at(p, 0);

    *ret_handle = '1';
    if (c == '<' || c == '>')
        return true;
    if (c < '0' || c > '9' || (at(p, 1) != '>' && at(p, 1) != '<'))
        return false;
    *ret_handle = c;
    return p->pos == 0 || strchr(" \t()&|\n", p->line.ptr[p->pos - 1]) != NULL;
}

static void parse_redirections(struct parser *p, struct bt_node *node)
{
    int handle;

    for (;;) {
        while (at(p, 0) == ' ' || at(p, 0) == '\t')
            p->pos++;
        if (!is_redirection(p, &handle))
            return;
        p->pos += at(p, 0) >= '0' && at(p, 0) <= '9';
        parse_redirection(p, node, handle);
    }
}

static struct bt_node *parse_simple(struct parser *p)
{
    struct bt_node *node = node_new(p, BT_SIMPLE);
    struct hn_buf out = { 0 };
    bool quoted = false;
    int handle;

    if (node == NULL)
        return NULL;
    hn_buf_init(&out, BT_LINE_MAX);
    for (;;) {
        if (!quoted && is_redirection(p, &handle)) {
            p->pos += at(p, 0) >= '0' && at(p, 0) <= '9';
            parse_redirection(p, node, handle);
            continue;
        }
        if (!take(p, &out, &quoted))
            break;
    }
    node->text = finish(p, &out);
    return node;
}

/* Whether the word stands here; it is taken then. */
static bool accept(struct parser *p, const char *word)
{
    struct hn_text text = hn_text_cstr(word);
    int after;

    while (at(p, 0) == ' ' || at(p, 0) == '\t')
        p->pos++;
    if (!hn_text_starts_nocase(hn_text_sub(hn_buf_text(&p->line), p->pos, SIZE_MAX), text))
        return false;
    after = at(p, text.len);
    if (after >= 0 && (isalnum(after) || after == '_'))
        return false;
    p->pos += text.len;
    return true;
}

static void parse_comparison(struct parser *p, struct bt_node *node)
{
    static const char *const ops[] = { "EQU", "NEQ", "LSS", "LEQ", "GTR", "GEQ" };

    node->mode = 'c';
    node->text = parse_word(p, true);
    while (at(p, 0) == ' ')
        p->pos++;
    (void)memcpy(node->op, "==", 3);
    if (at(p, 0) == '=' && at(p, 1) == '=') {
        p->pos += 2;
    } else {
        for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
            if (accept(p, ops[i]))
                (void)memcpy(node->op, ops[i], 4);
    }
    node->other = parse_word(p, false);
}

static struct bt_node *parse_if(struct parser *p)
{
    struct bt_node *node = node_new(p, BT_IF);

    if (node == NULL)
        return NULL;
    for (;;) {
        if (accept(p, "/i"))
            node->fold = true;
        else if (accept(p, "not"))
            node->negate = !node->negate;
        else
            break;
    }
    if (accept(p, "exist"))
        node->mode = 'e';
    else if (accept(p, "defined"))
        node->mode = 'd';
    else if (accept(p, "errorlevel") || accept(p, "cmdextversion"))
        node->mode = 'l';
    if (node->mode != 0)
        node->text = parse_word(p, false);
    else
        parse_comparison(p, node);
    node->left = parse_rest(p);
    if (accept(p, "else"))
        node->right = parse_rest(p);
    return node;
}

/* /f "options" %i */
static void parse_for_head(struct parser *p, struct bt_node *node)
{
    while (at(p, 0) == ' ')
        p->pos++;
    while (at(p, 0) == '/') {
        node->mode = (char)(at(p, 1) >= 0 ? at(p, 1) | 0x20 : 0);
        p->pos += 2;
        while (at(p, 0) == ' ')
            p->pos++;
        if (at(p, 0) != '%' && at(p, 0) != '/')
            node->other = parse_word(p, false);
        while (at(p, 0) == ' ')
            p->pos++;
    }
    while (at(p, 0) == '%')
        p->pos++;
    node->variable = (char)(at(p, 0) > 0 && at(p, 0) < 128 ? at(p, 0) : 'i');
    p->pos++;
}

/* A command in quotes goes on to the quote in front of the bracket, whatever it holds. */
static bool set_is_open(const struct hn_buf *set, bool command)
{
    struct hn_text text = hn_text_trim(hn_buf_text(set));

    return command && (text.len < 2 || !hn_text_ends(text, HN_TEXT("'")));
}

static struct bt_text parse_set(struct parser *p, bool fields)
{
    struct hn_buf set = { 0 };
    bool quoted = false;
    bool command;

    hn_buf_init(&set, BT_LINE_MAX);
    while (at(p, 0) == ' ')
        p->pos++;
    command = fields && at(p, 0) == '\'';
    while (quoted || at(p, 0) != ')' || set_is_open(&set, command)) {
        if (at(p, 0) < 0 && !more(p))
            break;
        quoted ^= at(p, 0) == '"' && !command;
        if (at(p, 0) == '^' && at(p, 1) >= 0 && !quoted)
            p->pos++;
        hn_buf_add_char(&set, (char)(at(p, 0) == '\n' ? ' ' : at(p, 0)));
        p->pos++;
    }
    p->pos++;
    return finish(p, &set);
}

static struct bt_node *parse_for(struct parser *p)
{
    struct bt_node *node = node_new(p, BT_FOR);

    if (node == NULL)
        return NULL;
    parse_for_head(p, node);
    if (!accept(p, "in"))
        return NULL;
    while (at(p, 0) == ' ')
        p->pos++;
    if (at(p, 0) != '(')
        return NULL;
    p->pos++;
    node->text = parse_set(p, node->mode == 'f');
    if (!accept(p, "do"))
        return NULL;
    node->left = parse_rest(p);
    return node->left != NULL ? node : NULL;
}

static struct bt_node *parse_block(struct parser *p)
{
    struct bt_node *node = node_new(p, BT_BLOCK);

    if (node == NULL)
        return NULL;
    p->pos++;
    p->open++;
    node->left = parse_sequence(p);
    p->open--;
    if (at(p, 0) == ')')
        p->pos++;
    parse_redirections(p, node);
    return node;
}

/* > file ( ... ): what stands in front counts where nothing stands behind. */
static struct bt_node *redirected(
        struct parser *p, struct bt_node *node, const struct bt_node *first)
{
    struct bt_node *block = node;

    if (node->kind != BT_SIMPLE && node->kind != BT_BLOCK) {
        block = node_new(p, BT_BLOCK);
        if (block == NULL)
            return node;
        block->left = node;
    }
    if (block->file.text.len == 0) {
        block->file = first->file;
        block->append = first->append;
    }
    return block;
}

static struct bt_node *parse_command(struct parser *p)
{
    struct bt *bt = p->bt;
    struct bt_node first = { 0 };
    struct bt_node *node;

    if (bt->depth >= BATCH_DEPTH_MAX || !script_spend(bt->run, 1)) {
        bt_note(bt, SCRIPT_NOTE_LIMIT, "blocks within blocks");
        p->pos = p->line.len;
        return NULL;
    }
    bt->depth++;
    skip_space(p);
    while (at(p, 0) == '@') {
        p->pos++;
        skip_space(p);
    }
    parse_redirections(p, &first);
    if (at(p, 0) == '(')
        node = parse_block(p);
    else if (accept(p, "if"))
        node = parse_if(p);
    else if (accept(p, "for"))
        node = parse_for(p);
    else
        node = parse_simple(p);
    bt->depth--;
    if (first.file.text.len > 0 && node != NULL)
        node = redirected(p, node, &first);
    return node;
}

/* Pipes bind closest, then &&, then ||. */
static struct bt_node *parse_joined(struct parser *p, int level)
{
    static const struct {
        enum bt_kind kind;
        char first;
        bool twice;
    } levels[] = { { BT_OR, '|', true }, { BT_AND, '&', true }, { BT_PIPE, '|', false } };
    struct bt_node *left = level == 3 ? parse_command(p) : parse_joined(p, level + 1);

    while (level < 3) {
        struct bt_node *node;

        while (at(p, 0) == ' ')
            p->pos++;
        if (at(p, 0) != levels[level].first ||
                (at(p, 1) == levels[level].first) != levels[level].twice)
            break;
        p->pos += levels[level].twice ? 2 : 1;
        node = node_new(p, levels[level].kind);
        if (node == NULL)
            break;
        node->left = left;
        node->right = parse_joined(p, level + 1);
        left = node;
    }
    return left;
}

/* Commands separated by & and, within blocks, by lines; a list that leans to the right. */
static struct bt_node *parse_sequence(struct parser *p)
{
    struct bt_node *first = NULL;
    struct bt_node **tail = &first;

    for (;;) {
        size_t start = p->pos;
        struct bt_node *node;

        while (at(p, 0) >= 0 && strchr(" \t\n&", at(p, 0)) != NULL &&
                !(at(p, 0) == '\n' && p->open == 0))
            p->pos++;
        if (at(p, 0) < 0 && p->open > 0 && more(p))
            continue;
        if (at(p, 0) < 0 || at(p, 0) == '\n' || (at(p, 0) == ')' && p->open > 0) ||
                !script_goes_on(p->bt->run))
            break;
        if (at(p, 0) == ':' && p->open > 0) { /* a label in a block does nothing */
            while (at(p, 0) >= 0 && at(p, 0) != '\n')
                p->pos++;
            continue;
        }
        node = node_new(p, BT_SEQUENCE);
        if (node == NULL)
            break;
        node->left = parse_joined(p, 0);
        *tail = node;
        tail = &node->right;
        if (p->pos == start)
            p->pos++;
    }
    return first;
}

struct bt_node *bt_parse_next(struct bt *bt)
{
    struct parser p = { .bt = bt };
    struct hn_text line = hn_text_sub(bt->script, bt->pos, SIZE_MAX);
    struct bt_node *node;

    bt->offset = bt->pos;
    while (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
        line = hn_text_sub(line, 1, SIZE_MAX);
    if (line.len > 0 && line.ptr[0] == ':') { /* no expansion in labels */
        struct hn_text label;

        (void)hn_text_line(&line, &label);
        bt->pos = bt->script.len - line.len;
        return NULL;
    }
    hn_buf_init(&p.line, BT_LINE_MAX);
    if (!more(&p)) {
        hn_buf_deinit(&p.line);
        return NULL;
    }
    node = parse_sequence(&p);
    hn_buf_deinit(&p.line);
    return node;
}
