/* js_token.c - the text of a script as tokens. Nothing is refused: an odd character is an operator.
 */
#include "jscript/jscript_internal.h"

#include "base/utf.h"

#include <math.h>
#include <stdlib.h>

static int at(const struct js_lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->source.len ? (uint8_t)lexer->source.ptr[lexer->at + ahead]
                                                 : -1;
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80 ||
           c == '\\' || c == '#';
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(int c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static void skip_to(struct js_lexer *lexer, const char *end)
{
    size_t found = hn_text_find(lexer->source, hn_text_cstr(end), lexer->at);

    lexer->at = found == SIZE_MAX ? lexer->source.len : found + strlen(end);
}

static bool skip_comment(struct js_lexer *lexer)
{
    if (js_conditional(lexer))
        return true;
    if (at(lexer, 0) == '@' && at(lexer, 1) == '*' && at(lexer, 2) == '/') {
        lexer->at += 3;
        return true;
    }
    if (at(lexer, 0) == '/' && at(lexer, 1) == '*') {
        skip_to(lexer, "*/");
        return true;
    }
    if ((at(lexer, 0) == '/' && at(lexer, 1) == '/') ||
            hn_text_starts(hn_text_sub(lexer->source, lexer->at, 4), HN_TEXT("<!--"))) {
        while (at(lexer, 0) >= 0 && at(lexer, 0) != '\n' && at(lexer, 0) != '\r')
            lexer->at++;
        return true;
    }
    return false;
}

static void skip_space(struct js_lexer *lexer)
{
    lexer->line_before = false;
    for (;;) {
        int c = at(lexer, 0);

        if (c == '\n' || c == '\r')
            lexer->line_before = true;
        if (c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == 0) {
            lexer->at++;
        } else if (c == 0xEF && at(lexer, 1) == 0xBB && at(lexer, 2) == 0xBF) {
            lexer->at += 3;
        } else if (c == 0xC2 && at(lexer, 1) == 0xA0) {
            lexer->at += 2;
        } else if (!skip_comment(lexer)) {
            return;
        }
    }
}

/* ---- Strings ---- */

static void add_unit(struct hn_buf *out, uint32_t unit)
{
    if (unit >= 0xD800 && unit < 0xE000) { /* half of a character: as three bytes */
        hn_buf_add_char(out, (char)0xED);
        hn_buf_add_char(out, (char)(0x80u | (unit >> 6 & 0x3Fu)));
        hn_buf_add_char(out, (char)(0x80u | (unit & 0x3Fu)));
        return;
    }
    hn_buf_add_utf8(out, unit);
}

/* Digits of base 16, at most max of them; false: none. */
static bool take_hex(struct js_lexer *lexer, size_t max, uint32_t *ret_value)
{
    uint32_t value = 0;
    size_t count = 0;

    while (count < max && hex_value(at(lexer, count)) >= 0) {
        value = value << 4 | (uint32_t)hex_value(at(lexer, count));
        count++;
    }
    if (count == 0)
        return false;
    lexer->at += count;
    *ret_value = value;
    return true;
}

static void take_octal(struct js_lexer *lexer, struct hn_buf *out)
{
    uint32_t value = 0;

    for (int i = 0; i < 3 && at(lexer, 0) >= '0' && at(lexer, 0) <= '7' && value < 32; i++) {
        value = value * 8 + (uint32_t)(at(lexer, 0) - '0');
        lexer->at++;
    }
    add_unit(out, value);
}

static void take_escape(struct js_lexer *lexer, struct hn_buf *out)
{
    static const char letters[] = "nrtbfv";
    static const char meant[] = "\n\r\t\b\f\v";
    int c = at(lexer, 0);
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    uint32_t value;

    if (c < 0)
        return;
    if (c >= '0' && c <= '7') {
        take_octal(lexer, out);
        return;
    }
    lexer->at++;
    if (letter != NULL) {
        hn_buf_add_char(out, meant[letter - letters]);
    } else if ((c == 'x' && take_hex(lexer, 2, &value)) ||
               (c == 'u' && at(lexer, 0) != '{' && take_hex(lexer, 4, &value))) {
        add_unit(out, value);
    } else if (c == 'u' && at(lexer, 0) == '{') {
        lexer->at++;
        if (take_hex(lexer, 6, &value))
            add_unit(out, value);
        if (at(lexer, 0) == '}')
            lexer->at++;
    } else if (c == '\r') {
        lexer->at += at(lexer, 0) == '\n';
    } else if (c != '\n') {
        hn_buf_add_char(out, (char)c);
    }
}

static void take_string(struct js_lexer *lexer, int quote, struct js_token *token)
{
    struct hn_buf out = { 0 };
    bool plain = true;
    size_t start = ++lexer->at;
    struct hn_text as_it_stands;

    while (at(lexer, 0) >= 0 && at(lexer, 0) != quote && at(lexer, 0) != '\n') {
        int c = at(lexer, 0);

        lexer->at++;
        if (c == '\\') {
            plain = false;
            take_escape(lexer, &out);
        } else {
            hn_buf_add_char(&out, (char)c);
        }
    }
    as_it_stands = hn_text_sub(lexer->source, start, lexer->at - start);
    if (at(lexer, 0) == quote)
        lexer->at++;
    token->kind = JS_T_STRING;
    token->string = (plain ? script_text_borrow : script_text_new)(lexer->run,
            plain ? as_it_stands : hn_buf_text(&out),
            script_origin_new(lexer->run, "literal", start, HN_TEXT(""), NULL, NULL));
    hn_buf_deinit(&out);
}

/* The body is parsed by whoever wants it: parts in ${} are expressions. */
static void take_template(struct js_lexer *lexer, struct js_token *token)
{
    size_t start = ++lexer->at;
    uint32_t braces = 0;

    while (at(lexer, 0) >= 0 && (at(lexer, 0) != '`' || braces > 0)) {
        if (at(lexer, 0) == '\\') {
            lexer->at++;
        } else if (at(lexer, 0) == '{' && (braces > 0 || lexer->source.ptr[lexer->at - 1] == '$')) {
            braces++;
        } else if (at(lexer, 0) == '}' && braces > 0) {
            braces--;
        }
        lexer->at++;
    }
    if (lexer->at > lexer->source.len)
        lexer->at = lexer->source.len;
    token->kind = JS_T_TEMPLATE;
    token->text = hn_text_sub(lexer->source, start, lexer->at - start);
    if (at(lexer, 0) == '`')
        lexer->at++;
}

static bool take_regex(struct js_lexer *lexer, struct js_token *token)
{
    size_t start = lexer->at + 1;
    size_t end = start;
    bool class = false;

    for (;; end++) {
        char c;

        if (end >= lexer->source.len)
            return false;
        c = lexer->source.ptr[end];
        if (c == '\n' || c == '\r')
            return false;
        if (c == '\\') {
            end++;
        } else if (c == '[') {
            class = true;
        } else if (c == ']') {
            class = false;
        } else if (c == '/' && !class) {
            break;
        }
    }
    token->kind = JS_T_REGEX;
    token->text = hn_text_sub(lexer->source, start, end - start);
    lexer->at = end + 1;
    while (at(lexer, 0) >= 'a' && at(lexer, 0) <= 'z')
        lexer->at++;
    token->flags = hn_text_sub(lexer->source, end + 1, lexer->at - end - 1);
    return true;
}

/* ---- Numbers and names ---- */

static void take_number(struct js_lexer *lexer, struct js_token *token)
{
    size_t start = lexer->at;
    int second = at(lexer, 1) | 0x20;
    char digits[64];
    size_t len = 0;

    token->kind = JS_T_NUMBER;
    token->number = 0;
    if (at(lexer, 0) == '0' && (second == 'x' || second == 'b' || second == 'o')) {
        int base = second == 'x' ? 16 : second == 'b' ? 2 : 8;

        for (lexer->at += 2; hex_value(at(lexer, 0)) >= 0 && hex_value(at(lexer, 0)) < base;
                lexer->at++)
            token->number = token->number * base + hex_value(at(lexer, 0));
        return;
    }
    if (at(lexer, 0) == '0' && at(lexer, 1) >= '0' && at(lexer, 1) <= '7') {
        for (; at(lexer, 0) >= '0' && at(lexer, 0) <= '7'; lexer->at++)
            token->number = token->number * 8 + (at(lexer, 0) - '0');
        return;
    }
    while (is_digit(at(lexer, 0)) || at(lexer, 0) == '.' ||
            ((at(lexer, 0) | 0x20) == 'e' &&
                    (is_digit(at(lexer, 1)) || at(lexer, 1) == '-' || at(lexer, 1) == '+')) ||
            ((at(lexer, 0) == '-' || at(lexer, 0) == '+') && lexer->at > start &&
                    (lexer->source.ptr[lexer->at - 1] | 0x20) == 'e')) {
        if (len < sizeof digits - 1)
            digits[len++] = lexer->source.ptr[lexer->at];
        lexer->at++;
    }
    digits[len] = '\0';
    token->number = strtod(digits, NULL);
}

static void take_name(struct js_lexer *lexer, struct js_token *token)
{
    size_t start = lexer->at;
    bool plain = true;
    struct hn_buf out = { 0 };

    while (is_name_start(at(lexer, 0)) || is_digit(at(lexer, 0))) {
        if (at(lexer, 0) == '\\') { /* \u0061 in a name */
            uint32_t value;

            plain = false;
            lexer->at++;
            if (at(lexer, 0) == 'u') {
                lexer->at++;
                if (take_hex(lexer, 4, &value))
                    add_unit(&out, value);
            }
            continue;
        }
        hn_buf_add_char(&out, (char)at(lexer, 0));
        lexer->at++;
    }
    token->kind = JS_T_NAME;
    token->text = plain ? hn_text_sub(lexer->source, start, lexer->at - start)
                        : hn_arena_text(&lexer->run->arena, hn_buf_text(&out));
    if (token->text.ptr == NULL)
        token->text = hn_text_of("", 0);
    hn_buf_deinit(&out);
}

static void take_operator(struct js_lexer *lexer, struct js_token *token)
{
    static const char *const operators[] = { ">>>=", "===", "!==", ">>>",
        "<<=", ">>=", "**=", "...", "&&=", "||=", "?\?=", "==", "!=", "<=", ">=", "&&", "||", "??",
        "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**", "=>" };
    size_t len = 1;

    for (size_t i = 0; i < HN_COUNT_OF(operators) && len == 1; i++) {
        if (hn_text_starts(hn_text_sub(lexer->source, lexer->at, 4), hn_text_cstr(operators[i])))
            len = strlen(operators[i]);
    }
    if (len == 2 && at(lexer, 0) == '?' && at(lexer, 1) == '.' && is_digit(at(lexer, 2)))
        len = 1; /* a ? .5 : b */
    token->kind = JS_T_OP;
    token->text = hn_text_sub(lexer->source, lexer->at, len);
    lexer->at += len;
}

void js_token_next(struct js_lexer *lexer, bool regex_may, struct js_token *ret_token)
{
    int c;

    skip_space(lexer);
    *ret_token = (struct js_token){
        .line_before = lexer->line_before, .offset = (uint32_t)lexer->at, .text = { "", 0 }
    };
    c = at(lexer, 0);
    if (c < 0) {
        ret_token->kind = JS_T_END;
    } else if (is_digit(c) || (c == '.' && is_digit(at(lexer, 1)))) {
        take_number(lexer, ret_token);
    } else if (is_name_start(c)) {
        take_name(lexer, ret_token);
    } else if (c == '"' || c == '\'') {
        take_string(lexer, c, ret_token);
    } else if (c == '`') {
        take_template(lexer, ret_token);
    } else if (c != '/' || !regex_may || !take_regex(lexer, ret_token)) {
        take_operator(lexer, ret_token);
    }
    if (lexer->at == ret_token->offset && ret_token->kind != JS_T_END)
        lexer->at++; /* whatever it was: go on */
    ret_token->end = (uint32_t)lexer->at;
}
