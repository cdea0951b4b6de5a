/* powershell_strings.c - literals: strings of all kinds, variables, and the words of commands. */
#include "powershell/powershell_internal.h"

#include "base/utf.h"

/* What is being put together: pieces that are there, then kids that are computed. */
struct pieces {
    struct hn_buf literal;
    struct ps_node *node; /* an EXPAND */
    struct ps_node **next;
    size_t offset;
};

static void pieces_begin(struct ps_parser *p, struct pieces *made)
{
    *made = (struct pieces){ .offset = p->pos };
    hn_buf_init(&made->literal, p->run->limits.text_bytes_max);
    made->node = ps_node(p, PS_N_EXPAND);
    made->next = &made->node->kids;
}

static void pieces_flush(struct ps_parser *p, struct pieces *made)
{
    if (made->literal.len == 0)
        return;
    *made->next = ps_const_text(p, ps_keep(p, hn_buf_text(&made->literal)), made->offset);
    made->next = &(*made->next)->next;
    hn_buf_reset(&made->literal);
}

static void pieces_add(struct ps_parser *p, struct pieces *made, struct ps_node *kid)
{
    pieces_flush(p, made);
    *made->next = kid;
    made->next = &kid->next;
    made->offset = p->pos;
}

/* A text where nothing is computed is a constant. */
static struct ps_node *pieces_end(struct ps_parser *p, struct pieces *made)
{
    struct ps_node *node = made->node;

    if (!hn_buf_ok(&made->literal) && p->run->stop == SCRIPT_STOP_NONE)
        p->run->stop = made->literal.status == HN_NOMEM ? SCRIPT_STOP_MEMORY : SCRIPT_STOP_BYTES;
    pieces_flush(p, made);
    hn_buf_deinit(&made->literal);
    if (node->kids == NULL)
        return ps_const_text(p, (struct hn_text){ "", 0 }, made->offset);
    if (node->kids->next == NULL && node->kids->kind == PS_N_CONST)
        return node->kids;
    return node;
}

/* `n, `u{1F600}, ...: bytes taken; what it stands for is in out. */
size_t ps_backtick(const struct ps_parser *p, size_t pos, char out[4], size_t *ret_len)
{
    static const char from[] = "0abefnrtv";
    static const char to[] = "\0\a\b\033\f\n\r\t\v";
    char c = pos + 1 < p->in.len ? p->in.ptr[pos + 1] : '\0';
    const char *known;
    uint32_t code_point = 0;
    size_t at;

    *ret_len = 1;
    if (pos + 1 >= p->in.len) {
        *ret_len = 0;
        return 1;
    }
    if (c == 'u' && pos + 2 < p->in.len && p->in.ptr[pos + 2] == '{') {
        for (at = pos + 3; at < p->in.len && p->in.ptr[at] != '}' && at < pos + 9; at++) {
            code_point =
                    code_point * 16 + (p->in.ptr[at] <= '9' ? (uint32_t)(p->in.ptr[at] & 15)
                                                            : (uint32_t)(p->in.ptr[at] & 15) + 9);
        }
        if (at < p->in.len && p->in.ptr[at] == '}' && code_point <= 0x10FFFFu &&
                (code_point < 0xD800u || code_point > 0xDFFFu)) {
            *ret_len = hn_utf8_encode(code_point, out);
            return at + 1 - pos;
        }
    }
    known = c != '\0' ? strchr(from, c) : NULL;
    out[0] = known != NULL ? to[known - from] : c;
    if (known == NULL &&
            (uint8_t)c >= 0x80u) { /* the whole character, in the caller's next turns */
        *ret_len = 0;
        return 1;
    }
    return 2;
}

/* ---- Variables ---- */

static bool special_variable(char c)
{
    return c == '$' || c == '?' || c == '^' || c == '_';
}

/* Inside ${ }: anything but }, with backticks; braces in pairs belong to it, as names of folders
 * that nobody knows have them. */
static struct hn_text braced_name(struct ps_parser *p)
{
    struct hn_buf name = { 0 };
    struct hn_text kept;
    size_t open = 0;

    hn_buf_init(&name, 65536);
    while (p->pos < p->in.len && (ps_peek(p, 0) != '}' || open > 0)) {
        open += ps_peek(p, 0) == '{';
        open -= ps_peek(p, 0) == '}';
        if (ps_peek(p, 0) == '`') {
            char out[4];
            size_t len;

            p->pos += ps_backtick(p, p->pos, out, &len);
            hn_buf_add(&name, out, len);
            continue;
        }
        hn_buf_add_char(&name, ps_peek(p, 0));
        p->pos++;
    }
    if (p->pos < p->in.len)
        p->pos++;
    kept = ps_keep(p, hn_buf_text(&name));
    hn_buf_deinit(&name);
    return kept;
}

/* At $ or @ of a variable. */
struct ps_node *ps_variable(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_VAR);
    size_t start;

    p->pos++;
    if (ps_peek(p, 0) == '{') {
        p->pos++;
        node->text = braced_name(p);
        return node;
    }
    start = p->pos;
    if (special_variable(ps_peek(p, 0)) && !(ps_peek(p, 0) == '_' && ps_is_word(p, p->pos + 1))) {
        p->pos++;
        node->text = hn_text_sub(p->in, start, 1);
        return node;
    }
    while (ps_is_word(p, p->pos))
        p->pos++;
    if (ps_peek(p, 0) == ':' && p->pos > start && ps_is_word(p, p->pos + 1)) {
        p->pos++;
        while (ps_is_word(p, p->pos))
            p->pos++;
    }
    node->text = hn_text_sub(p->in, start, p->pos - start);
    return node;
}

static bool variable_starts(const struct ps_parser *p)
{
    char c = ps_peek(p, 1);

    return ps_peek(p, 0) == '$' && (c == '{' || special_variable(c) || ps_is_word(p, p->pos + 1));
}

static struct ps_node *subexpression(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_SUB);
    bool no_comma = p->no_comma;

    p->pos += 2;
    if (!ps_enter(p))
        return node;
    p->no_comma = false;
    node->a = ps_statements(p, ')');
    p->no_comma = no_comma;
    p->depth--;
    ps_close(p, ')');
    return node;
}

/* One thing inside an expandable text; false: an ordinary character, not taken. */
static bool expand_one(struct ps_parser *p, struct pieces *made)
{
    char out[4];
    size_t len;

    if (ps_peek(p, 0) == '`') {
        p->pos += ps_backtick(p, p->pos, out, &len);
        hn_buf_add(&made->literal, out, len);
        return true;
    }
    if (ps_peek(p, 0) == '$' && ps_peek(p, 1) == '(') {
        pieces_add(p, made, subexpression(p));
        return true;
    }
    if (variable_starts(p)) {
        pieces_add(p, made, ps_variable(p));
        return true;
    }
    return false;
}

/* ---- Strings ---- */

static struct ps_node *single_quoted(struct ps_parser *p, size_t quote)
{
    size_t offset = p->pos;
    size_t start = p->pos + quote;
    struct hn_buf buf = { 0 };
    struct ps_node *node;
    char kind = 0;
    bool doubled = false;
    size_t len = 0;

    hn_buf_init(&buf, p->run->limits.text_bytes_max);
    p->pos = start;
    while (p->pos < p->in.len) {
        len = ps_quote_len(p, p->pos, &kind);
        if (len != 0 && kind == '\'') {
            size_t next = ps_quote_len(p, p->pos + len, &kind);

            if (next == 0 || kind != '\'')
                break;
            hn_buf_add(&buf, p->in.ptr + start, p->pos + len - start);
            p->pos += len + next;
            start = p->pos;
            doubled = true;
            continue;
        }
        p->pos++;
    }
    if (p->pos >= p->in.len)
        ps_close(p, '\'');
    if (doubled)
        hn_buf_add(&buf, p->in.ptr + start, p->pos - start);
    node = ps_const_text(p,
            doubled ? ps_keep(p, hn_buf_text(&buf)) : hn_text_sub(p->in, start, p->pos - start),
            offset);
    p->pos += p->pos < p->in.len ? len : 0;
    hn_buf_deinit(&buf);
    return node;
}

/* The rest of a text in double quotes; they stay open at the end of a damaged script. */
static void double_quoted(struct ps_parser *p, struct pieces *made)
{
    while (p->pos < p->in.len && script_goes_on(p->run)) {
        char kind = 0;
        size_t len = ps_quote_len(p, p->pos, &kind);

        if (len != 0 && kind == '"') {
            size_t next = ps_quote_len(p, p->pos + len, &kind);

            p->pos += len;
            if (next == 0 || kind != '"')
                return;
            hn_buf_add_char(&made->literal, '"');
            p->pos += next;
            continue;
        }
        if (expand_one(p, made))
            continue;
        hn_buf_add_char(&made->literal, ps_peek(p, 0));
        p->pos++;
    }
    ps_close(p, '"');
}

/* Where "\n'@" or "\n\"@" stands; the length of all that ends the text in *ret_len. */
static size_t here_end(const struct ps_parser *p, size_t pos, char kind, size_t *ret_len)
{
    for (size_t i = pos; i < p->in.len; i++) {
        size_t at = i + (p->in.ptr[i] == '\r' && i + 1 < p->in.len ? 1 : 0);
        size_t quote;
        char other = 0;

        if (p->in.ptr[at] != '\n')
            continue;
        quote = ps_quote_len(p, at + 1, &other);
        if (quote != 0 && other == kind && at + 1 + quote < p->in.len &&
                p->in.ptr[at + 1 + quote] == '@') {
            *ret_len = at + 1 + quote + 1 - i;
            return i;
        }
    }
    *ret_len = 0;
    return SIZE_MAX;
}

static struct ps_node *here_string(struct ps_parser *p, char kind, size_t quote)
{
    size_t offset = p->pos;
    size_t line = hn_text_find_char(p->in, '\n', p->pos);
    size_t closing = 0;
    size_t end = line != SIZE_MAX ? here_end(p, line, kind, &closing) : SIZE_MAX;
    struct pieces made;
    struct ps_node *node;

    (void)quote;
    if (end == SIZE_MAX) {
        p->failed = true;
        return ps_node(p, PS_N_CONST);
    }
    if (end < line + 1) /* nothing between the quotes */
        end = line + 1;
    if (kind == '\'') {
        node = ps_const_text(p, hn_text_sub(p->in, line + 1, end - line - 1), offset);
    } else {
        struct hn_text whole = p->in;

        pieces_begin(p, &made);
        p->pos = line + 1;
        p->in.len = end; /* what is inside cannot reach behind the end */
        while (p->pos < end && script_goes_on(p->run)) {
            if (expand_one(p, &made))
                continue;
            hn_buf_add_char(&made.literal, ps_peek(p, 0));
            p->pos++;
        }
        p->in = whole;
        node = pieces_end(p, &made);
    }
    p->pos = hn_text_find_char(p->in, '@', end) + 1;
    return node;
}

struct ps_node *ps_string(struct ps_parser *p)
{
    char kind = 0;
    size_t quote;
    struct pieces made;

    if (ps_peek(p, 0) == '@') {
        quote = ps_quote_len(p, p->pos + 1, &kind);
        return here_string(p, kind, quote);
    }
    quote = ps_quote_len(p, p->pos, &kind);
    if (kind == '\'')
        return single_quoted(p, quote);
    pieces_begin(p, &made);
    p->pos += quote;
    double_quoted(p, &made);
    return pieces_end(p, &made);
}

/* ---- Words of commands ---- */

static bool ends_word(const struct ps_parser *p)
{
    char c = ps_peek(p, 0);

    if (c == '\0' || strchr(" \t\r\n\v\f;|&(){},<>", c) != NULL)
        return c != '\0' || p->pos >= p->in.len || p->in.ptr[p->pos] == '\0';
    return (uint8_t)c >= 0x80u && !ps_is_word(p, p->pos) && ps_dash_len(p, p->pos) == 0 &&
           (uint8_t)c != 0xE2u;
}

/* A bare word: quotes inside are part of it without their marks, as in po"w"er. */
struct ps_node *ps_word(struct ps_parser *p)
{
    struct pieces made;
    struct ps_node *node;

    pieces_begin(p, &made);
    while (!ends_word(p) && script_goes_on(p->run)) {
        char kind = 0;
        size_t quote = ps_quote_len(p, p->pos, &kind);

        if (quote != 0 && kind == '\'') {
            pieces_add(p, &made, single_quoted(p, quote));
            continue;
        }
        if (quote != 0) {
            p->pos += quote;
            double_quoted(p, &made);
            continue;
        }
        p->backtick |= ps_peek(p, 0) == '`' && ps_is_word(p, p->pos + 1);
        if (expand_one(p, &made))
            continue;
        hn_buf_add_char(&made.literal, ps_peek(p, 0));
        p->pos++;
    }
    node = pieces_end(p, &made);
    node->flag = true; /* not quoted */
    return node;
}
