/* condition.c - conditions: "selection and not 1 of filter_*", over any set of names.
 *
 * Operator precedence by two stacks, so that nesting costs no call depth. The same grammar serves
 * detections, temporal correlations and expressions in pipelines; what stands behind a '|' is left
 * to aggregation.c. Words may be written in any case ("AND"), as older rules do. */
#include "sigma/sigma_draft.h"

#include "base/num.h"

#define CONDITION_BYTES_MAX ((size_t)65536)
#define CONDITION_NODES_MAX 100000u
#define THRESHOLD_MAX       64u     /* "2 of them": so many of them at most ... */
#define THRESHOLD_PATHS_MAX 10000.0 /* ... and ways to choose them */

enum token { TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_PIPE, TOKEN_END };
/* Weakest first. */
enum binding { BINDS_OPEN, BINDS_OR, BINDS_AND, BINDS_NOT };

struct parser {
    struct work *w;
    const struct cond_text *source;
    const struct cond_names *names;
    struct cond_nodes *nodes;

    size_t at;
    size_t token_at;
    enum token token;
    struct hn_text word;

    struct cond_node **operands;
    uint32_t operand_count;
    uint32_t operand_room;
    enum binding *operators;
    uint32_t operator_count;
    uint32_t operator_room;
    uint32_t depth; /* open parentheses */
};

/* ---- Nodes ---- */

static struct cond_node *new_node(
        struct work *w, struct cond_nodes *nodes, enum sigma_node_kind kind)
{
    struct cond_node *node;
    struct cond_node **slot;

    if (nodes->count >= CONDITION_NODES_MAX) {
        issue_add(w, CODE_TOO_LARGE, (struct sigma_place){ w->file, 1, 1 },
                "the condition has too many parts");
        return NULL;
    }
    node = hn_new(w->scratch, struct cond_node, 1);
    slot = arena_vec_add(w, nodes->ptr, nodes->count, nodes->room);
    if (node == NULL || slot == NULL) {
        (void)work_nomem(w, w->scratch);
        return NULL;
    }
    node->kind = kind;
    *slot = node;
    return node;
}

static bool adopt(struct work *w, struct cond_node *parent, struct cond_node *child)
{
    struct cond_node **slot;

    if (child == NULL)
        return false;
    slot = arena_vec_add(w, parent->children, parent->count, parent->room);
    if (slot != NULL)
        *slot = child;
    return slot != NULL;
}

struct cond_node *sigma_cond_leaf(struct work *w, struct cond_nodes *nodes, uint32_t leaf)
{
    struct cond_node *node = new_node(w, nodes, SIGMA_ITEM);

    if (node != NULL)
        node->leaf = leaf;
    return node;
}

struct cond_node *sigma_cond_not(struct work *w, struct cond_nodes *nodes, struct cond_node *child)
{
    struct cond_node *node = child == NULL ? NULL : new_node(w, nodes, SIGMA_NOT);

    return node != NULL && adopt(w, node, child) ? node : NULL;
}

struct cond_node *sigma_cond_join(struct work *w, struct cond_nodes *nodes,
        enum sigma_node_kind kind, struct cond_node *left, struct cond_node *right)
{
    struct cond_node *node = left == NULL || right == NULL ? NULL : new_node(w, nodes, kind);

    if (node == NULL)
        return NULL;
    if (left->kind == kind) { /* its children move into the new node, and it is dead */
        node->children = left->children;
        node->count = left->count;
        node->room = left->room;
        left->count = 0;
    } else if (!adopt(w, node, left)) {
        return NULL;
    }
    if (right->kind != kind)
        return adopt(w, node, right) ? node : NULL;
    for (uint32_t i = 0; i < right->count; i++) {
        if (!adopt(w, node, right->children[i]))
            return NULL;
    }
    right->count = 0;
    return node;
}

/* ---- Words ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void next_token(struct parser *p)
{
    struct hn_text text = p->source->text;

    while (p->at < text.len && is_space(text.ptr[p->at]))
        p->at++;
    p->token_at = p->at;
    if (p->at == text.len) {
        p->token = TOKEN_END;
        return;
    }
    switch (text.ptr[p->at]) {
    case '(':
        p->token = TOKEN_OPEN;
        p->at++;
        return;
    case ')':
        p->token = TOKEN_CLOSE;
        p->at++;
        return;
    case '|':
        p->token = TOKEN_PIPE;
        p->at++;
        return;
    default:
        break;
    }
    while (p->at < text.len && !is_space(text.ptr[p->at]) && text.ptr[p->at] != '(' &&
            text.ptr[p->at] != ')' && text.ptr[p->at] != '|')
        p->at++;
    p->token = TOKEN_WORD;
    p->word = hn_text_sub(text, p->token_at, p->at - p->token_at);
}

static bool is_word(const struct parser *p, const char *word)
{
    return p->token == TOKEN_WORD && hn_text_eq_nocase(p->word, hn_text_cstr(word));
}

static struct sigma_place here(const struct parser *p)
{
    return sigma_place_in(p->w, p->source->ref, p->token_at);
}

static bool syntax(struct parser *p, const char *message)
{
    static const char *const found[] = { [TOKEN_OPEN] = "\"(\"",
        [TOKEN_CLOSE] = "\")\"",
        [TOKEN_PIPE] = "\"|\"",
        [TOKEN_END] = "the end" };

    if (p->token != TOKEN_WORD) {
        issue_add(p->w, CODE_CONDITION_SYNTAX, here(p), "%s, found %s", message, found[p->token]);
        return false;
    }
    issue_add(p->w, CODE_CONDITION_SYNTAX, here(p), "%s, found \"%.*s\"", message,
            HN_TEXT_ARG(p->word));
    return false;
}

bool sigma_cond_pattern_fits(struct hn_text pattern, struct hn_text name)
{
    size_t p = 0;
    size_t n = 0;
    size_t star = SIZE_MAX; /* last '*' seen, and the name position tried behind it */
    size_t retry = 0;

    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            retry = n;
        } else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* ---- Selectors ---- */

struct chosen {
    struct cond_node **ptr;
    uint32_t count;
    uint32_t room;
};

/* "them" leaves out names that start with '_'; a pattern does unless it starts so itself. */
static bool choose(struct parser *p, struct hn_text pattern, struct chosen *ret_chosen)
{
    bool them = hn_text_eq_nocase(pattern, HN_TEXT("them"));

    for (uint32_t i = 0; i < p->names->count; i++) {
        struct hn_text name = p->names->names[i];
        struct cond_node **slot;

        if (p->names->hidden != NULL && p->names->hidden[i])
            continue;
        if (name.len > 0 && name.ptr[0] == '_' && (them || pattern.ptr[0] != '_'))
            continue;
        if (!them && !sigma_cond_pattern_fits(pattern, name))
            continue;
        slot = arena_vec_add(p->w, ret_chosen->ptr, ret_chosen->count, ret_chosen->room);
        if (slot == NULL)
            return false;
        *slot = sigma_cond_leaf(p->w, p->nodes, i);
        if (*slot == NULL)
            return false;
    }
    return true;
}

static struct cond_node *join_chosen(
        struct parser *p, const struct chosen *chosen, enum sigma_node_kind kind)
{
    struct cond_node *node;

    if (chosen->count == 1)
        return chosen->ptr[0];
    node = new_node(p->w, p->nodes, kind);
    for (uint32_t i = 0; node != NULL && i < chosen->count; i++) {
        if (!adopt(p->w, node, chosen->ptr[i]))
            return NULL;
    }
    return node;
}

static struct cond_node *pair(
        struct parser *p, enum sigma_node_kind kind, struct cond_node *a, struct cond_node *b)
{
    struct cond_node *node = new_node(p->w, p->nodes, kind);

    return node != NULL && adopt(p->w, node, a) && adopt(p->w, node, b) ? node : NULL;
}

/* At least n of the chosen: row by row, "n of the last k" from "n - 1 and n of the last k - 1".
 * Nodes are shared between rows, so the number of paths is what counts. */
static struct cond_node *threshold(struct parser *p, const struct chosen *chosen, uint32_t n)
{
    struct cond_node **row = hn_new(p->w->scratch, struct cond_node *, (size_t)n + 1);
    double paths = 1;

    if (row == NULL) {
        (void)work_nomem(p->w, p->w->scratch);
        return NULL;
    }
    for (uint32_t i = 1; i <= n && paths <= THRESHOLD_PATHS_MAX; i++)
        paths = paths * (chosen->count - n + i) / i;
    if (paths > THRESHOLD_PATHS_MAX || chosen->count > THRESHOLD_MAX) {
        issue_add(p->w, CODE_TOO_LARGE, here(p), "too many ways to choose %u of %u", n,
                chosen->count);
        return NULL;
    }
    for (uint32_t i = chosen->count; i-- > 0;) {
        uint32_t left = chosen->count - i; /* how many there are from i on */

        for (uint32_t k = n < left ? n : left; k > 0; k--) {
            struct cond_node *with = chosen->ptr[i];

            if (k > 1)
                with = pair(p, SIGMA_AND, with, row[k - 1]);
            if (k < left && with != NULL)
                with = pair(p, SIGMA_OR, with, row[k]);
            if (with == NULL)
                return NULL;
            row[k] = with;
        }
    }
    return row[n];
}

/* The words "<quantity> of <pattern>", of which the first is p->word. */
static struct cond_node *selector(struct parser *p, bool all, uint32_t number)
{
    struct chosen chosen = { 0 };

    next_token(p); /* of */
    next_token(p);
    if (p->token != TOKEN_WORD) {
        (void)syntax(p, "a pattern or \"them\" must follow \"of\"");
        return NULL;
    }
    if (!choose(p, p->word, &chosen))
        return NULL;
    if (chosen.count == 0) {
        issue_add(p->w, CODE_EMPTY_SELECTOR, here(p), "\"%.*s\" fits no %s", HN_TEXT_ARG(p->word),
                p->names->what);
        return NULL;
    }
    if (!all && (number == 0 || number > chosen.count)) {
        issue_add(p->w, CODE_EMPTY_SELECTOR, here(p), "\"%.*s\" fits %u, so %u of them cannot be",
                HN_TEXT_ARG(p->word), chosen.count, number);
        return NULL;
    }
    if (all && hn_text_eq_nocase(p->word, HN_TEXT("them")))
        issue_add(p->w, CODE_ALL_OF_THEM, here(p),
                "\"all of them\" leaves no room for filters; use a pattern");
    if (chosen.count == 1 && hn_text_eq_nocase(p->word, HN_TEXT("them")))
        issue_add(p->w, CODE_SINGLE_OF, here(p), "\"them\" is one %s only", p->names->what);
    if (all || number == chosen.count)
        return join_chosen(p, &chosen, SIGMA_AND);
    return number == 1 ? join_chosen(p, &chosen, SIGMA_OR) : threshold(p, &chosen, number);
}

/* Whether p->word starts a selector: a quantity, and "of" behind it. */
static bool is_selector(const struct parser *p, bool *ret_all, uint32_t *ret_number)
{
    struct parser ahead = *p;

    *ret_all = is_word(p, "all");
    *ret_number = 1;
    if (!p->names->selectors ||
            (!*ret_all && !is_word(p, "any") && !hn_parse_u32(p->word, ret_number)))
        return false;
    next_token(&ahead);
    return is_word(&ahead, "of");
}

/* ---- Expressions ---- */

static bool push_operand(struct parser *p, struct cond_node *node)
{
    struct cond_node **slot;

    if (node == NULL)
        return false;
    slot = arena_vec_add(p->w, p->operands, p->operand_count, p->operand_room);
    if (slot != NULL)
        *slot = node;
    return slot != NULL;
}

static bool push_operator(struct parser *p, enum binding op)
{
    enum binding *slot = arena_vec_add(p->w, p->operators, p->operator_count, p->operator_room);

    if (slot != NULL)
        *slot = op;
    return slot != NULL;
}

static bool reduce(struct parser *p)
{
    enum binding op = p->operators[--p->operator_count];
    struct cond_node *right = p->operands[--p->operand_count];

    if (op == BINDS_NOT)
        return push_operand(p, sigma_cond_not(p->w, p->nodes, right));
    return push_operand(p, sigma_cond_join(p->w, p->nodes, op == BINDS_AND ? SIGMA_AND : SIGMA_OR,
                                   p->operands[--p->operand_count], right));
}

/* Reduces what binds at least as strongly as floor; stops at an open parenthesis. */
static bool reduce_to(struct parser *p, enum binding floor)
{
    while (p->operator_count > 0 && p->operators[p->operator_count - 1] != BINDS_OPEN &&
            p->operators[p->operator_count - 1] >= floor) {
        if (!reduce(p))
            return false;
    }
    return true;
}

static bool name_operand(struct parser *p)
{
    bool all;
    uint32_t number;

    if (is_selector(p, &all, &number))
        return push_operand(p, selector(p, all, number));
    for (uint32_t i = 0; i < p->names->count; i++) {
        if (hn_text_eq(p->names->names[i], p->word) &&
                (p->names->hidden == NULL || !p->names->hidden[i]))
            return push_operand(p, sigma_cond_leaf(p->w, p->nodes, i));
    }
    issue_add(p->w, p->names->unknown, here(p), "no %s \"%.*s\"", p->names->what,
            HN_TEXT_ARG(p->word));
    return false;
}

/* What may stand where an operand is expected. *ret_done: it was one. */
static bool operand(struct parser *p, bool *ret_done)
{
    *ret_done = false;
    if (p->token == TOKEN_OPEN) {
        if (++p->depth > p->w->limits->depth_max) {
            issue_add(p->w, CODE_TOO_LARGE, here(p), "parentheses nest too deeply");
            return false;
        }
        return push_operator(p, BINDS_OPEN);
    }
    if (p->token != TOKEN_WORD || is_word(p, "and") || is_word(p, "or"))
        return syntax(p, "a name, \"not\" or \"(\" is expected");
    if (is_word(p, "not")) {
        if (p->operator_count > 0 && p->operators[p->operator_count - 1] == BINDS_NOT) {
            p->operator_count--; /* not not x */
            return true;
        }
        return push_operator(p, BINDS_NOT);
    }
    *ret_done = true;
    return name_operand(p);
}

/* What may stand behind an operand. *ret_done: an operand is expected next. */
static bool operation(struct parser *p, bool *ret_done)
{
    *ret_done = false;
    if (p->token == TOKEN_CLOSE) {
        if (p->depth == 0)
            return syntax(p, "no parenthesis is open");
        p->depth--;
        if (!reduce_to(p, BINDS_OR))
            return false;
        p->operator_count--;
        return true;
    }
    *ret_done = true;
    if (is_word(p, "and"))
        return reduce_to(p, BINDS_AND) && push_operator(p, BINDS_AND);
    if (is_word(p, "or"))
        return reduce_to(p, BINDS_OR) && push_operator(p, BINDS_OR);
    return syntax(p, "\"and\", \"or\" or \")\" is expected");
}

static bool expression(struct parser *p)
{
    bool want_operand = true;

    while (p->token != TOKEN_END && !(p->token == TOKEN_PIPE && p->depth == 0)) {
        bool done;

        if (!(want_operand ? operand(p, &done) : operation(p, &done)))
            return false;
        if (done)
            want_operand = !want_operand;
        next_token(p);
    }
    if (want_operand)
        return syntax(p, "a name, \"not\" or \"(\" is expected");
    if (p->depth > 0)
        return syntax(p, "a parenthesis is not closed");
    return reduce_to(p, BINDS_OR);
}

bool sigma_cond_parse(struct work *w, const struct cond_text *text, const struct cond_names *names,
        struct cond_nodes *nodes, struct cond_node **ret_root, struct hn_text *ret_rest)
{
    struct parser p = { .w = w, .source = text, .names = names, .nodes = nodes };

    *ret_root = NULL;
    *ret_rest = hn_text_of(NULL, 0);
    if (text->text.len > CONDITION_BYTES_MAX) {
        issue_add(w, CODE_TOO_LARGE, sigma_place_of(w, text->ref), "the condition is too long");
        return false;
    }
    next_token(&p);
    if (p.token == TOKEN_END)
        return syntax(&p, "the condition is empty");
    if (!expression(&p))
        return false;
    *ret_root = p.operands[0];
    if (p.token == TOKEN_PIPE)
        *ret_rest = hn_text_sub(text->text, p.at, text->text.len);
    return true;
}
