/* vbscript_token.c - source into tokens: lines joined, comments and attributes left out, what
 * conditional compilation excludes skipped. */
#include "vbscript/vbscript_internal.h"

#include "base/num.h"

#include <ctype.h>
#include <math.h>

struct lexer {
    struct vb_eval *ev;
    struct hn_text text;
    size_t pos;
    uint32_t base;
    vb_token_vec *tokens;
    bool good;
    bool line_start;
    uint32_t if_depth;   /* #If within one another */
    uint32_t skip_depth; /* the depth whose branch is left out; 0: none */
    bool taken[32];      /* a branch of that depth was taken already */
};

static int at(const struct lexer *lx, size_t ahead)
{
    return lx->pos + ahead < lx->text.len ? (unsigned char)lx->text.ptr[lx->pos + ahead] : -1;
}

static struct vb_token *add(struct lexer *lx, enum vb_token_kind kind, size_t start)
{
    static struct vb_token lost;
    struct vb_token *token = hn_vec_add(lx->tokens);

    if (token == NULL) {
        lx->good = false;
        return &lost;
    }
    token->kind = (uint8_t)kind;
    token->offset = lx->base + (uint32_t)start;
    token->spaced =
            start > 0 && (lx->text.ptr[start - 1] == ' ' || lx->text.ptr[start - 1] == '\t');
    return token;
}

static bool is_word_char(int c)
{
    return c >= 0 && (isalnum(c) || c == '_' || c >= 0x80);
}

static void skip_to_eol(struct lexer *lx)
{
    while (at(lx, 0) >= 0 && at(lx, 0) != '\n' && at(lx, 0) != '\r')
        lx->pos++;
}

/* Comments go on over lines that end in " _", in VBA. */
static void skip_comment(struct lexer *lx)
{
    for (;;) {
        skip_to_eol(lx);
        if (!lx->ev->vba || lx->pos < 2 || lx->text.ptr[lx->pos - 1] != '_' ||
                lx->text.ptr[lx->pos - 2] != ' ' || at(lx, 0) < 0)
            return;
        if (at(lx, 0) == '\r')
            lx->pos++;
        if (at(lx, 0) == '\n')
            lx->pos++;
    }
}

/* " _" and an end of line: the line goes on. */
static bool continues(struct lexer *lx)
{
    size_t i = 1;

    if (at(lx, 0) != '_')
        return false;
    while (at(lx, i) == ' ' || at(lx, i) == '\t')
        i++;
    if (at(lx, i) != '\r' && at(lx, i) != '\n')
        return false;
    if (at(lx, i) == '\r' && at(lx, i + 1) == '\n')
        i++;
    lx->pos += i + 1;
    return true;
}

static void lex_string(struct lexer *lx)
{
    size_t start = lx->pos++;
    size_t from = lx->pos;
    bool doubled = false;
    struct hn_text raw;
    const struct script_origin *origin;
    struct vb_token *token;
    struct script_run *run = lx->ev->run;

    for (;; lx->pos++) {
        int c = at(lx, 0);

        if (c < 0 || c == '\r' || c == '\n')
            break;
        if (c == '"' && at(lx, 1) != '"')
            break;
        if (c == '"') {
            doubled = true;
            lx->pos++;
        }
    }
    raw = hn_text_sub(lx->text, from, lx->pos - from);
    if (at(lx, 0) == '"')
        lx->pos++;
    if (doubled) {
        char *room = hn_arena_raw(&run->arena, raw.len + 1, 1);
        size_t len = 0;

        if (room == NULL) {
            lx->good = false;
            return;
        }
        for (size_t i = 0; i < raw.len; i++) {
            room[len++] = raw.ptr[i];
            i += raw.ptr[i] == '"';
        }
        raw = hn_text_of(room, len);
    }
    origin = script_origin_new(run, "literal", lx->base + start, HN_TEXT(""), NULL, NULL);
    token = add(lx, VB_TOK_VALUE, start);
    token->value = vb_text(script_text_borrow(run, raw, origin));
}

static int64_t digits_of(struct lexer *lx, unsigned bits)
{
    uint64_t number = 0;
    int digits = 0;

    for (;; lx->pos++, digits++) {
        int c = at(lx, 0);
        unsigned digit;

        if (c < 0 || !isxdigit(c))
            break;
        digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        if (digit >> bits != 0)
            break;
        number = (number & (UINT64_MAX >> bits)) << bits | digit;
    }
    return (int64_t)number;
}

/* &HFFFF is -1 as in Basic; with a trailing & it is a Long. */
static void lex_radix(struct lexer *lx)
{
    size_t start = lx->pos;
    bool hex = (at(lx, 1) | 0x20) == 'h';
    int64_t number;
    struct vb_token *token;

    lx->pos += (at(lx, 1) | 0x20) == 'o' || hex ? 2 : 1;
    number = digits_of(lx, hex ? 4 : 3);
    token = add(lx, VB_TOK_VALUE, start);
    if (at(lx, 0) == '&' || at(lx, 0) == '^') {
        token->value = vb_int(
                at(lx, 0) == '&' && number <= UINT32_MAX ? (int32_t)(uint32_t)number : number,
                at(lx, 0) == '&' ? 4 : 8);
        lx->pos++;
    } else if (number >= 0 && number <= UINT16_MAX) {
        token->value = vb_int((int16_t)(uint16_t)number, 2);
        if (at(lx, 0) == '%')
            lx->pos++;
    } else if (number >= 0 && number <= UINT32_MAX) {
        token->value = vb_int((int32_t)(uint32_t)number, 4);
    } else {
        token->value = vb_int(number, 8);
    }
    token->value.typed = true;
}

static void skip_digits(struct lexer *lx)
{
    while (at(lx, 0) >= 0 && isdigit(at(lx, 0)))
        lx->pos++;
}

/* E+10, D10; false: none follows. */
static bool lex_exponent(struct lexer *lx)
{
    size_t sign = at(lx, 1) == '+' || at(lx, 1) == '-' ? 2 : 1;
    int letter = at(lx, 0) | 0x20;

    if ((letter != 'e' && letter != 'd') || at(lx, sign) < 0 || !isdigit(at(lx, sign)))
        return false;
    lx->pos += sign;
    skip_digits(lx);
    return true;
}

static bool ampersand_is_suffix(const struct lexer *lx);

/* The sign behind a number that says its type; 0: none. */
static int number_suffix(struct lexer *lx)
{
    int c = at(lx, 0);
    int after = at(lx, 1);
    bool is_suffix = c == '!' || c == '#' || c == '@' || c == '%';

    if (c == '&')
        is_suffix = ampersand_is_suffix(lx);
    if (c == '^') /* 2^8 is a power */
        is_suffix = after < 0 || strchr("),\r\n:", after) != NULL;
    if (!is_suffix)
        return 0;
    lx->pos++;
    return c;
}

static void lex_number(struct lexer *lx)
{
    size_t start = lx->pos;
    bool whole = true;
    struct vb_token *token;
    struct vb_value value = { .kind = VB_EMPTY };
    int suffix;

    skip_digits(lx);
    if (at(lx, 0) == '.') {
        whole = false;
        lx->pos++;
        skip_digits(lx);
    }
    whole &= !lex_exponent(lx);
    (void)vb_text_to_number(hn_text_sub(lx->text, start, lx->pos - start), &value);
    suffix = number_suffix(lx);
    if (value.kind == VB_INT && (!whole || suffix == '!' || suffix == '#' || suffix == '@'))
        value = vb_real((double)value.as.number);
    if (value.kind == VB_INT && suffix != 0)
        value.width = suffix == '%' ? 2 : suffix == '&' ? 4 : 8;
    value.typed = true;
    token = add(lx, VB_TOK_VALUE, start);
    token->value = value;
}

/* a& is a Long named a when an operator, a closing sign or the end follows; else it is a join. */
static bool ampersand_is_suffix(const struct lexer *lx)
{
    size_t i = 1;

    if (!lx->ev->vba)
        return false;
    while (at(lx, i) == ' ')
        i++;
    return at(lx, i) < 0 || strchr("=),:'+-*/<>\r\n&", at(lx, i)) != NULL;
}

static uint8_t lex_suffix(struct lexer *lx)
{
    int c = at(lx, 0);
    bool is_suffix = false;

    if (c == '$' || c == '%' || c == '@' || c == '#')
        is_suffix = lx->ev->vba || c == '$';
    else if (c == '&')
        is_suffix = ampersand_is_suffix(lx);
    else if (c == '!')
        is_suffix = lx->ev->vba && !is_word_char(at(lx, 1)) && at(lx, 1) != '[';
    if (!is_suffix)
        return 0;
    lx->pos++;
    return (uint8_t)c;
}

static void lex_word(struct lexer *lx)
{
    size_t start = lx->pos;
    struct vb_symbol *symbol;
    struct vb_token *token;

    if (at(lx, 0) == '[') { /* any characters, as in [A1] and [Sheet 1] */
        lx->pos++;
        while (at(lx, 0) >= 0 && at(lx, 0) != ']' && at(lx, 0) != '\n' && at(lx, 0) != '\r')
            lx->pos++;
        symbol = vb_symbol(lx->ev, hn_text_sub(lx->text, start + 1, lx->pos - start - 1));
        if (at(lx, 0) == ']')
            lx->pos++;
        token = add(lx, VB_TOK_WORD, start);
        token->word = symbol;
        token->suffix = '[';
        return;
    }
    while (is_word_char(at(lx, 0)))
        lx->pos++;
    symbol = vb_symbol(lx->ev, hn_text_sub(lx->text, start, lx->pos - start));
    if (symbol->keyword == VB_K_REM &&
            (lx->tokens->count == 0 || lx->tokens->ptr[lx->tokens->count - 1].kind == VB_TOK_EOL)) {
        skip_comment(lx);
        return;
    }
    token = add(lx, VB_TOK_WORD, start);
    token->word = symbol;
    token->suffix = lex_suffix(lx);
}

/* Days since 1899-12-30. */
static double date_serial(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t of_era_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return (double)(era * 146097 + of_era_days - 719468 + 25569);
}

/* Digits, marks between them and names of months; "1: Put " in "As #1: Put #1" is none. */
static bool is_date(struct hn_text text)
{
    static const struct hn_text names = HN_TEXT_INIT("jan feb mar apr may jun jul aug sep oct nov "
                                                     "dec am pm");

    for (size_t i = 0; i < text.len;) {
        size_t letters = 0;

        while (i + letters < text.len && isalpha((unsigned char)text.ptr[i + letters]))
            letters++;
        if (letters == 0 && !isdigit((unsigned char)text.ptr[i]) &&
                hn_text_find_char(HN_TEXT("/-,: ."), text.ptr[i], 0) == SIZE_MAX)
            return false;
        if (letters > 0 && (letters == 1 || hn_text_find_nocase(names,
                                                    hn_text_sub(text, i, letters < 3 ? letters : 3),
                                                    0) == SIZE_MAX))
            return false;
        i += letters > 0 ? letters : 1;
    }
    return true;
}

/* #1/31/2020#, #2020-01-31#; other forms are unknown dates. */
static bool lex_date(struct lexer *lx)
{
    size_t start = lx->pos;
    size_t end = start + 1;
    int64_t parts[3] = { 0 };
    size_t count = 0;
    struct vb_token *token;

    while (end < lx->text.len && end - start < 40 && lx->text.ptr[end] != '#' &&
            lx->text.ptr[end] != '\n')
        end++;
    if (end >= lx->text.len || lx->text.ptr[end] != '#' || end - start < 4 ||
            !is_date(hn_text_sub(lx->text, start + 1, end - start - 1)))
        return false;
    for (size_t i = start + 1; i < end && count < 3; count++) {
        while (i < end && !isdigit((unsigned char)lx->text.ptr[i]))
            i++;
        for (; i < end && isdigit((unsigned char)lx->text.ptr[i]) && parts[count] < 10000; i++)
            parts[count] = parts[count] * 10 + (lx->text.ptr[i] - '0');
    }
    lx->pos = end + 1;
    token = add(lx, VB_TOK_VALUE, start);
    token->value = vb_real(parts[0] > 31 ? date_serial(parts[0], parts[1], parts[2])
                                         : date_serial(parts[2], parts[0], parts[1]));
    token->value.kind = VB_DATE;
    return true;
}

/* ---- Conditional compilation ---- */

/* The machine that is assumed: 64-bit Office of today on Windows. */
static bool directive_term(struct hn_text word)
{
    static const struct hn_text trues[] = { HN_TEXT_INIT("vba7"), HN_TEXT_INIT("win64"),
        HN_TEXT_INIT("win32"), HN_TEXT_INIT("vba6"), HN_TEXT_INIT("true"), HN_TEXT_INIT("1"),
        HN_TEXT_INIT("-1") };

    for (size_t i = 0; i < HN_COUNT_OF(trues); i++)
        if (hn_text_eq_nocase(word, trues[i]))
            return true;
    return false;
}

static bool directive_value(struct hn_text line)
{
    bool result = false;
    bool negate = false;
    int op = 0;

    while (line.len > 0) {
        size_t len = 0;
        struct hn_text word;
        bool term;

        while (len < line.len && line.ptr[len] != ' ' && line.ptr[len] != '(' &&
                line.ptr[len] != ')' && line.ptr[len] != '=')
            len++;
        word = hn_text_sub(line, 0, len);
        line = hn_text_sub(line, len > 0 ? len : 1, SIZE_MAX);
        if (word.len == 0 || hn_text_eq_nocase(word, HN_TEXT("then")))
            continue;
        if (hn_text_eq_nocase(word, HN_TEXT("not"))) {
            negate = !negate;
            continue;
        }
        if (hn_text_eq_nocase(word, HN_TEXT("and")) || hn_text_eq_nocase(word, HN_TEXT("or"))) {
            op = word.len == 3 ? '&' : '|';
            continue;
        }
        term = directive_term(word) != negate;
        negate = false;
        result = op == '&' ? result && term : result || term;
        op = 0;
    }
    return result;
}

static void directive_if(struct lexer *lx, struct hn_text condition)
{
    bool taken;

    lx->if_depth++;
    if (lx->if_depth >= HN_COUNT_OF(lx->taken) || lx->skip_depth != 0)
        return;
    taken = directive_value(condition);
    lx->taken[lx->if_depth] = taken;
    if (!taken)
        lx->skip_depth = lx->if_depth;
}

static void directive_else(struct lexer *lx, bool condition)
{
    if (lx->if_depth == 0 || lx->if_depth >= HN_COUNT_OF(lx->taken))
        return;
    if (lx->skip_depth != 0 && lx->skip_depth != lx->if_depth)
        return;
    lx->skip_depth = lx->if_depth;
    if (!lx->taken[lx->if_depth] && condition) {
        lx->taken[lx->if_depth] = true;
        lx->skip_depth = 0;
    }
}

/* False: the '#' starts no directive. */
static bool directive(struct lexer *lx)
{
    size_t start = lx->pos;
    struct hn_text line;

    skip_to_eol(lx);
    line = hn_text_trim(hn_text_sub(lx->text, start + 1, lx->pos - start - 1));
    if (hn_text_starts_nocase(line, HN_TEXT("if "))) {
        directive_if(lx, hn_text_sub(line, 3, SIZE_MAX));
    } else if (hn_text_starts_nocase(line, HN_TEXT("elseif "))) {
        directive_else(lx, directive_value(hn_text_sub(line, 7, SIZE_MAX)));
    } else if (hn_text_starts_nocase(line, HN_TEXT("else"))) {
        directive_else(lx, true);
    } else if (hn_text_starts_nocase(line, HN_TEXT("end"))) {
        if (lx->skip_depth == lx->if_depth)
            lx->skip_depth = 0;
        if (lx->if_depth > 0)
            lx->if_depth--;
    } else if (!hn_text_starts_nocase(line, HN_TEXT("const "))) {
        lx->pos = start;
        return false;
    }
    return true;
}

/* ---- All together ---- */

static void lex_eol(struct lexer *lx, bool colon)
{
    struct vb_token *token = add(lx, VB_TOK_EOL, lx->pos);

    token->colon = colon;
    if (!colon)
        lx->line_start = true;
    lx->pos++;
}

static void lex_op(struct lexer *lx)
{
    size_t start = lx->pos;
    int a = at(lx, 0);
    int b = at(lx, 1);
    int op = a;
    struct vb_token *token;

    if (a == '<' && (b == '>' || b == '='))
        op = a << 8 | b;
    else if (a == '>' && b == '=')
        op = VB_OP_GE;
    else if ((a == '=' && (b == '<' || b == '>')) || (a == '>' && b == '<'))
        op = a == '>' ? VB_OP_NE : b << 8 | a;
    else if (a == ':' && b == '=')
        op = VB_OP_ASSIGN;
    lx->pos += op > 0xFF ? 2 : 1;
    token = add(lx, VB_TOK_OP, start);
    token->op = op;
}

static void lex_one(struct lexer *lx, bool line_start)
{
    int c = at(lx, 0);

    if (c == '\'')
        skip_comment(lx);
    else if (c == '\n' || c == '\r')
        lex_eol(lx, false);
    else if (c == ':' && at(lx, 1) != '=')
        lex_eol(lx, true);
    else if (c == '"')
        lex_string(lx);
    else if (c == '&' && ((at(lx, 1) | 0x20) == 'h' || (at(lx, 1) | 0x20) == 'o') &&
             at(lx, 2) >= 0 && isxdigit(at(lx, 2)))
        lex_radix(lx);
    else if (isdigit(c) || (c == '.' && at(lx, 1) >= 0 && isdigit(at(lx, 1))))
        lex_number(lx);
    else if (isalpha(c) || c == '[' || c == '_' || c >= 0x80)
        lex_word(lx);
    else if (c == '#' && ((line_start && directive(lx)) || lex_date(lx)))
        return;
    else
        lex_op(lx);
}

static bool is_space(const struct lexer *lx)
{
    int c = at(lx, 0);

    return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == 0 ||
           (c == 0xC2 && at(lx, 1) == 0xA0) || (c == 0xA0);
}

bool vb_tokenize(struct vb_eval *ev, struct hn_text text, uint32_t base, vb_token_vec *tokens)
{
    struct lexer lx = { .ev = ev, .text = text, .base = base, .tokens = tokens, .good = true };

    if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        lx.pos = 3;
    lx.line_start = true;
    while (lx.good && lx.pos < text.len && script_spend(ev->run, 0)) {
        bool line_start = lx.line_start;

        if (is_space(&lx)) {
            lx.pos++;
            continue;
        }
        if (continues(&lx))
            continue;
        lx.line_start = false;
        if (lx.skip_depth != 0 && !(line_start && at(&lx, 0) == '#')) {
            skip_to_eol(&lx);
            if (at(&lx, 0) >= 0)
                lex_eol(&lx, false);
            continue;
        }
        lex_one(&lx, line_start);
    }
    (void)add(&lx, VB_TOK_EOL, lx.pos);
    (void)add(&lx, VB_TOK_EOF, lx.pos);
    return lx.good;
}
