/* powershell_lex.c - the characters of PowerShell: white space, quotes and dashes with their
 * look-alikes, names, numbers. There are no tokens: what a character means depends on whether an
 * expression or a command is being read, so the parsers ask for what they want. */
#include "powershell/powershell_internal.h"

#include "base/utf.h"

#include <math.h>
#include <stdlib.h>

/* U+2018..201B count as ', U+201C..201E as ". */
size_t ps_quote_len(const struct ps_parser *p, size_t pos, char *ret_kind)
{
    uint8_t last;

    if (pos >= p->in.len)
        return 0;
    if (p->in.ptr[pos] == '\'' || p->in.ptr[pos] == '"') {
        *ret_kind = p->in.ptr[pos];
        return 1;
    }
    if ((uint8_t)p->in.ptr[pos] != 0xE2u || p->in.len - pos < 3 ||
            (uint8_t)p->in.ptr[pos + 1] != 0x80u)
        return 0;
    last = (uint8_t)p->in.ptr[pos + 2];
    if (last < 0x98u || last > 0x9Eu)
        return 0;
    *ret_kind = last <= 0x9Bu ? '\'' : '"';
    return 3;
}

/* U+2013..2015 are dashes, too. */
size_t ps_dash_len(const struct ps_parser *p, size_t pos)
{
    if (pos >= p->in.len)
        return 0;
    if (p->in.ptr[pos] == '-')
        return 1;
    if ((uint8_t)p->in.ptr[pos] != 0xE2u || p->in.len - pos < 3 ||
            (uint8_t)p->in.ptr[pos + 1] != 0x80u)
        return 0;
    return (uint8_t)p->in.ptr[pos + 2] >= 0x93u && (uint8_t)p->in.ptr[pos + 2] <= 0x95u ? 3 : 0;
}

static size_t space_len(const struct ps_parser *p, size_t pos)
{
    uint8_t byte = (uint8_t)p->in.ptr[pos];
    uint32_t code_point;
    size_t len;

    if (byte == ' ' || byte == '\t' || byte == '\v' || byte == '\f' || byte == 0)
        return 1;
    if (byte < 0x80u)
        return 0;
    len = hn_utf8_decode(p->in, pos, &code_point);
    if (len != 0 && (code_point == 0xA0 || code_point == 0x85 || code_point == 0x3000 ||
                            code_point == 0xFEFF || (code_point >= 0x2000 && code_point <= 0x200B)))
        return len;
    return 0;
}

static size_t comment_len(const struct ps_parser *p, size_t pos)
{
    size_t end;

    if (p->in.ptr[pos] == '#') {
        end = hn_text_find_char(p->in, '\n', pos);
        return (end == SIZE_MAX ? p->in.len : end) - pos;
    }
    if (p->in.ptr[pos] == '<' && pos + 1 < p->in.len && p->in.ptr[pos + 1] == '#') {
        end = hn_text_find(p->in, T("#>"), pos + 2);
        return end == SIZE_MAX ? p->in.len - pos : end + 2 - pos;
    }
    return 0;
}

void ps_skip(struct ps_parser *p, bool lines)
{
    while (p->pos < p->in.len) {
        char c = p->in.ptr[p->pos];
        size_t len = space_len(p, p->pos);

        if (len == 0)
            len = comment_len(p, p->pos);
        if (len == 0 && lines && (c == '\n' || c == '\r'))
            len = 1;
        if (len == 0 && c == '`' && (ps_peek(p, 1) == '\n' || ps_peek(p, 1) == '\r'))
            len = ps_peek(p, 1) == '\r' && ps_peek(p, 2) == '\n' ? 3 : 2;
        if (len == 0)
            return;
        p->pos += len;
    }
}

bool ps_is_word(const struct ps_parser *p, size_t pos)
{
    uint8_t byte;
    char kind;

    if (pos >= p->in.len)
        return false;
    byte = (uint8_t)p->in.ptr[pos];
    if (byte < 0x80u)
        return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= 'a' && byte <= 'z') || byte == '_';
    return space_len(p, pos) == 0 && ps_dash_len(p, pos) == 0 && ps_quote_len(p, pos, &kind) == 0;
}

struct hn_text ps_keep(struct ps_parser *p, struct hn_text text)
{
    struct hn_text copy = { "", 0 };

    if (text.len == 0)
        return copy;
    copy = hn_arena_text(&p->run->arena, text);
    if (copy.ptr == NULL) {
        if (p->run->stop == SCRIPT_STOP_NONE)
            p->run->stop = hn_arena_status(&p->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                       : SCRIPT_STOP_BYTES;
        return (struct hn_text){ "", 0 };
    }
    return copy;
}

struct hn_text ps_take_name(struct ps_parser *p)
{
    size_t start = p->pos;
    bool noisy = false;
    struct hn_buf clean = { 0 };
    struct hn_text name;

    hn_buf_init(&clean, 65536);
    while (p->pos < p->in.len) {
        if (ps_peek(p, 0) == '`' && ps_is_word(p, p->pos + 1)) {
            noisy = true;
            p->pos++;
        } else if (!ps_is_word(p, p->pos)) {
            break;
        }
        p->pos++;
    }
    name = hn_text_sub(p->in, start, p->pos - start);
    if (noisy) {
        p->backtick = true;
        for (size_t i = 0; i < name.len; i++)
            if (name.ptr[i] != '`')
                hn_buf_add_char(&clean, name.ptr[i]);
        name = ps_keep(p, hn_buf_text(&clean));
    }
    hn_buf_deinit(&clean);
    return name;
}

struct hn_text ps_peek_operator(const struct ps_parser *p, size_t *ret_len)
{
    size_t dash = ps_dash_len(p, p->pos);
    size_t end = p->pos + dash;

    *ret_len = 0;
    if (dash == 0)
        return (struct hn_text){ "", 0 };
    while (end < p->in.len && ((p->in.ptr[end] >= 'A' && p->in.ptr[end] <= 'Z') ||
                                      (p->in.ptr[end] >= 'a' && p->in.ptr[end] <= 'z')))
        end++;
    *ret_len = end - p->pos;
    return hn_text_sub(p->in, p->pos + dash, end - p->pos - dash);
}

bool ps_peek_word(const struct ps_parser *p, struct hn_text word)
{
    struct hn_text here = hn_text_sub(p->in, p->pos, word.len);

    return hn_text_eq_nocase(here, word) && !ps_is_word(p, p->pos + word.len) &&
           ps_peek(p, word.len) != '-';
}

struct ps_node *ps_node(struct ps_parser *p, enum ps_node_kind kind)
{
    static struct ps_node none; /* handed out when the run has stopped; nobody evaluates it */
    struct ps_node *node = hn_new(&p->run->arena, struct ps_node, 1);

    if (node == NULL || !script_spend(p->run, kind != PS_N_CONST || (p->pos & 3u) == 0)) {
        if (p->run->stop == SCRIPT_STOP_NONE)
            p->run->stop = hn_arena_status(&p->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                       : SCRIPT_STOP_BYTES;
        p->failed = true;
        none = (struct ps_node){ .kind = PS_N_LIST };
        return &none;
    }
    node->kind = (uint8_t)kind;
    node->layer = p->base != NULL;
    node->offset = (uint32_t)p->pos;
    return node;
}

struct ps_node *ps_const_text(struct ps_parser *p, struct hn_text text, size_t offset)
{
    struct ps_node *node = ps_node(p, PS_N_CONST);
    const struct script_origin *origin =
            script_origin_new(p->run, "literal", offset, (struct hn_text){ "", 0 }, p->base, NULL);

    node->offset = (uint32_t)offset;
    node->value = ps_text(script_text_borrow(p->run, text, origin));
    return node;
}

bool ps_enter(struct ps_parser *p)
{
    if (p->depth >= p->run->limits.depth_max) {
        if (!p->failed)
            script_tell_note(p->run, SCRIPT_NOTE_LIMIT, p->pos, T("nesting of syntax"));
        p->failed = true;
        return false;
    }
    p->depth++;
    return true;
}

void ps_close(struct ps_parser *p, char c)
{
    if (p->pos < p->in.len && p->in.ptr[p->pos] == c) {
        p->pos++;
        return;
    }
    if (p->pos < p->in.len)
        p->failed = true;
    else if (p->notes++ == 0)
        script_tell_note(p->run, SCRIPT_NOTE_SYNTAX, p->pos, T("the script is cut off"));
}

/* ---- Numbers ---- */

static double multiplier_of(const struct ps_parser *p, size_t *end)
{
    static const char letters[] = "kmgtp";
    double value = 1.0;

    if (*end + 1 >= p->in.len || (p->in.ptr[*end + 1] | 0x20) != 'b')
        return value;
    for (size_t i = 0; letters[i] != '\0'; i++) {
        value *= 1024.0;
        if ((p->in.ptr[*end] | 0x20) == letters[i]) {
            *end += 2;
            return value;
        }
    }
    return 1.0;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* 0x1F, 0b101: of at most 64 bits, of which 32 are read as signed. */
static bool based_number(const struct ps_parser *p, size_t *end, struct ps_value *ret)
{
    int base = (ps_peek(p, 1) | 0x20) == 'x' ? 16 : 2;
    uint64_t value = 0;
    size_t at = p->pos + 2;
    size_t start = at;

    if (ps_peek(p, 0) != '0' || ((ps_peek(p, 1) | 0x20) != 'x' && (ps_peek(p, 1) | 0x20) != 'b'))
        return false;
    while (at < p->in.len && digit_of(p->in.ptr[at]) < base && at - start < 64)
        value = value * (uint64_t)base + (uint64_t)digit_of(p->in.ptr[at++]);
    if (at == start)
        return false;
    if (value <= UINT32_MAX && at - start <= (base == 16 ? 8u : 32u))
        *ret = ps_int((int32_t)(uint32_t)value);
    else
        *ret = ps_wide((int64_t)value, PS_I64);
    *end = at;
    return true;
}

static size_t decimal_end(const struct ps_parser *p, bool *ret_real)
{
    size_t at = p->pos;

    *ret_real = false;
    while (at < p->in.len && p->in.ptr[at] >= '0' && p->in.ptr[at] <= '9')
        at++;
    if (at + 1 < p->in.len && p->in.ptr[at] == '.' && p->in.ptr[at + 1] >= '0' &&
            p->in.ptr[at + 1] <= '9') {
        *ret_real = true;
        at++;
        while (at < p->in.len && p->in.ptr[at] >= '0' && p->in.ptr[at] <= '9')
            at++;
    }
    if (at > p->pos && at + 1 < p->in.len && (p->in.ptr[at] | 0x20) == 'e') {
        size_t digits = at + 1;

        if (p->in.ptr[digits] == '-' || p->in.ptr[digits] == '+')
            digits++;
        if (digits < p->in.len && p->in.ptr[digits] >= '0' && p->in.ptr[digits] <= '9') {
            *ret_real = true;
            at = digits;
            while (at < p->in.len && p->in.ptr[at] >= '0' && p->in.ptr[at] <= '9')
                at++;
        }
    }
    return at;
}

static struct ps_value decimal_value(const struct ps_parser *p, size_t end, bool real)
{
    char digits[64];
    size_t len = end - p->pos < sizeof digits - 1 ? end - p->pos : sizeof digits - 1;
    double value;

    memcpy(digits, p->in.ptr + p->pos, len);
    digits[len] = '\0';
    value = strtod(digits, NULL);
    if (real || value >= 9.2e18)
        return ps_real(value);
    if (value <= (double)INT32_MAX)
        return ps_int((int64_t)value);
    return ps_wide(strtoll(digits, NULL, 10), PS_I64);
}

struct ps_node *ps_number(struct ps_parser *p)
{
    size_t end = 0;
    bool real = false;
    struct ps_value value;
    struct ps_node *node;
    double factor;

    if (!based_number(p, &end, &value)) {
        end = decimal_end(p, &real);
        if (end == p->pos)
            return NULL;
        value = decimal_value(p, end, real);
    }
    if (end < p->in.len && ((p->in.ptr[end] | 0x20) == 'l' || (p->in.ptr[end] | 0x20) == 'd')) {
        if (value.kind == PS_INT && (p->in.ptr[end] | 0x20) == 'l')
            value.width = PS_I64;
        end++;
    }
    if (end < p->in.len) {
        factor = multiplier_of(p, &end);
        if (factor > 1.0 && value.kind == PS_INT) {
            double product = (double)value.as.number * factor;

            value = fabs(product) < 9.2e18
                            ? ps_wide((int64_t)product, product > 2147483647.0 ? PS_I64 : PS_I32)
                            : ps_real(product);
        } else if (factor > 1.0) {
            value.as.real *= factor;
        }
    }
    if (ps_is_word(p, end)) /* the name of a program: 7z */
        return NULL;
    node = ps_node(p, PS_N_CONST);
    node->value = value;
    p->pos = end;
    return node;
}

/* "System.Text.Encoding" becomes "text.encoding"; spaces and backticks count for nothing. */
struct hn_text ps_normal_type(struct script_run *run, struct hn_text text)
{
    char *room = hn_arena_raw(&run->arena, text.len + 1, 1);
    struct hn_text made = { "", 0 };
    size_t len = 0;

    if (room == NULL) {
        if (run->stop == SCRIPT_STOP_NONE)
            run->stop = SCRIPT_STOP_BYTES;
        return made;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '`' || c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        room[len++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    made = hn_text_of(room, len);
    return hn_text_starts(made, T("system.")) ? hn_text_sub(made, 7, SIZE_MAX) : made;
}
