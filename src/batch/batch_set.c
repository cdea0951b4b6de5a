/* batch_set.c - set, set /a, set /p. */
#include "batch/batch_internal.h"

#include <ctype.h>

#define NESTING_MAX 32u

struct sum {
    struct bt *bt;
    struct hn_text rest;
    uint32_t depth;
    bool good;
};

static int64_t parse_level(struct sum *sum, int level);

static void skip(struct sum *sum)
{
    while (sum->rest.len > 0 &&
            (sum->rest.ptr[0] == ' ' || sum->rest.ptr[0] == '\t' || sum->rest.ptr[0] == '"'))
        sum->rest = hn_text_sub(sum->rest, 1, SIZE_MAX);
}

static bool accept(struct sum *sum, const char *text)
{
    skip(sum);
    if (!hn_text_starts(sum->rest, hn_text_cstr(text)))
        return false;
    sum->rest = hn_text_sub(sum->rest, strlen(text), SIZE_MAX);
    return true;
}

static int64_t number_of(struct hn_text text, bool *good)
{
    int64_t number = 0;
    bool hex = text.len > 2 && text.ptr[0] == '0' && (text.ptr[1] | 0x20) == 'x';
    int base = hex ? 16 : text.len > 1 && text.ptr[0] == '0' ? 8 : 10;

    for (size_t i = hex ? 2 : 0; i < text.len; i++) {
        int c = text.ptr[i] | 0x20;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;

        if (digit >= base || number > UINT32_MAX) {
            *good = false;
            return 0;
        }
        number = number * base + digit;
    }
    return number;
}

static int64_t value_of(struct sum *sum, struct hn_text name)
{
    bool defined;
    struct bt_text value = bt_get(sum->bt, name, &defined);
    struct hn_text text = hn_text_trim(value.text);
    bool negative = text.len > 0 && text.ptr[0] == '-';
    bool good = true;
    int64_t number;

    if (value.unknown)
        sum->good = false;
    number = number_of(hn_text_sub(text, negative ? 1 : 0, SIZE_MAX), &good);
    return good ? (negative ? -number : number) : 0;
}

static int64_t parse_atom(struct sum *sum)
{
    size_t len = 0;
    struct hn_text word;
    int64_t value;

    if (sum->depth >= NESTING_MAX) {
        sum->good = false;
        return 0;
    }
    sum->depth++;
    if (accept(sum, "(")) {
        value = parse_level(sum, 0);
        if (!accept(sum, ")"))
            sum->good = false;
    } else if (accept(sum, "-")) {
        value = -parse_atom(sum);
    } else if (accept(sum, "+")) {
        value = parse_atom(sum);
    } else if (accept(sum, "~")) {
        value = ~parse_atom(sum);
    } else if (accept(sum, "!")) {
        value = parse_atom(sum) == 0;
    } else {
        while (len < sum->rest.len &&
                (isalnum((unsigned char)sum->rest.ptr[len]) || sum->rest.ptr[len] == '_' ||
                        sum->rest.ptr[len] == '$'))
            len++;
        word = hn_text_sub(sum->rest, 0, len);
        sum->rest = hn_text_sub(sum->rest, len, SIZE_MAX);
        if (len == 0)
            sum->good = false;
        value = len > 0 && isdigit((unsigned char)word.ptr[0]) ? number_of(word, &sum->good)
                                                               : value_of(sum, word);
    }
    sum->depth--;
    return (int32_t)(value & UINT32_MAX);
}

static int64_t apply(struct sum *sum, const char *op, int64_t a, int64_t b)
{
    switch (op[0]) {
    case '|':
        return a | b;
    case '^':
        return a ^ b;
    case '&':
        return a & b;
    case '<':
        return b >= 0 && b < 32 ? a * ((int64_t)1 << b) : 0;
    case '>':
        return b >= 0 && b < 32 ? a >> b : 0;
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    default:
        if (b == 0) {
            sum->good = false;
            return 0;
        }
        return op[0] == '/' ? a / b : a % b;
    }
}

static int64_t parse_level(struct sum *sum, int level)
{
    static const char *const ops[6][3] = { { "|", NULL, NULL }, { "^", NULL, NULL },
        { "&", NULL, NULL }, { "<<", ">>", NULL }, { "+", "-", NULL }, { "*", "/", "%" } };
    int64_t value = level == 5 ? parse_atom(sum) : parse_level(sum, level + 1);

    while (sum->good && script_spend(sum->bt->run, 1)) {
        const char *op = NULL;

        for (size_t i = 0; i < 3 && op == NULL && ops[level][i] != NULL; i++)
            if (accept(sum, ops[level][i]))
                op = ops[level][i];
        if (op == NULL)
            break;
        value = apply(sum, op, value, level == 5 ? parse_atom(sum) : parse_level(sum, level + 1));
        value = (int32_t)(value & UINT32_MAX);
    }
    return value;
}

static void assign_number(struct sum *sum, struct hn_text name, int64_t value)
{
    char room[32];
    struct hn_buf digits = hn_buf_over(room, sizeof room);

    if (sum->good)
        hn_buf_add_i64(&digits, value);
    else
        hn_buf_add_lit(&digits, "{number}");
    bt_set(sum->bt, name, (struct bt_text){ hn_buf_text(&digits), !sum->good });
}

/* name op= value */
static int64_t one(struct sum *sum)
{
    size_t len = 0;
    char op[3] = { 0 };
    struct hn_text name;
    struct hn_text after;
    int64_t value;

    skip(sum);
    while (len < sum->rest.len &&
            (isalnum((unsigned char)sum->rest.ptr[len]) || sum->rest.ptr[len] == '_'))
        len++;
    name = hn_text_sub(sum->rest, 0, len);
    after = hn_text_trim(hn_text_sub(sum->rest, len, SIZE_MAX));
    for (len = 0; len < 2 && len < after.len && strchr("+-*/%&|^<>", after.ptr[len]) != NULL; len++)
        op[len] = after.ptr[len];
    if (name.len == 0 || len >= after.len || after.ptr[len] != '=')
        return parse_level(sum, 0);
    sum->rest = hn_text_sub(after, len + 1, SIZE_MAX);
    value = one(sum);
    if (op[0] != '\0')
        value = (int32_t)(apply(sum, op, value_of(sum, name), value) & UINT32_MAX);
    assign_number(sum, name, value);
    return value;
}

bool bt_arithmetic(struct bt *bt, struct hn_text text, int64_t *ret_number)
{
    struct sum sum = { .bt = bt, .rest = text, .good = true };

    do
        *ret_number = one(&sum);
    while (sum.good && accept(&sum, ","));
    return sum.good;
}

static void list_one(struct bt *bt, struct hn_text name, struct hn_text of, struct bt_text value)
{
    if (!hn_text_starts_nocase(name, of) || value.text.len == 0)
        return;
    hn_buf_add_text(&bt->out->buf, name);
    hn_buf_add_char(&bt->out->buf, '=');
    hn_buf_add_text(&bt->out->buf, value.text);
    hn_buf_add_lit(&bt->out->buf, "\r\n");
}

/* Variables whose names begin so, where somebody reads them. */
static void list(struct bt *bt, struct hn_text of)
{
    bool defined;

    if (bt->out == NULL)
        return;
    for (size_t i = 0; script_environment_at(i) != NULL; i++) {
        struct hn_text name = hn_text_cstr(script_environment_at(i)->name);
        struct bt_text value = bt_get(bt, name, &defined);

        if (defined && !value.unknown)
            list_one(bt, name, of, value);
    }
    for (size_t i = 0; i < bt->vars.count; i++)
        if (bt->vars.ptr[i].set && !bt->vars.ptr[i].value.unknown)
            list_one(bt, bt->vars.ptr[i].name, of, bt->vars.ptr[i].value);
}

void bt_command_set(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    size_t equals;
    size_t last;
    int64_t number;
    struct bt_text unknown = { HN_TEXT("{input}"), true };

    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = hn_text_sub(text, 1, SIZE_MAX);
    if (hn_text_starts_nocase(text, HN_TEXT("/a"))) {
        (void)bt_arithmetic(bt, hn_text_sub(text, 2, SIZE_MAX), &number);
        return;
    }
    if (hn_text_starts_nocase(text, HN_TEXT("/p"))) {
        text = hn_text_trim(hn_text_sub(text, 2, SIZE_MAX));
        equals = hn_text_find_char(text, '=', 0);
        bt_set(bt, bt_unquote(hn_text_sub(text, 0, equals)),
                bt->input.text.len > 0 ? bt->input : unknown);
        return;
    }
    if (text.len > 0 && text.ptr[0] == '"') { /* set "x=y" rest: up to the last quote */
        text = hn_text_sub(text, 1, SIZE_MAX);
        last = text.len;
        while (last > 0 && text.ptr[last - 1] != '"')
            last--;
        if (last > 0)
            text = hn_text_sub(text, 0, last - 1);
    }
    equals = hn_text_find_char(text, '=', 0);
    if (equals == SIZE_MAX)
        list(bt, hn_text_trim(text));
    if (equals != SIZE_MAX && equals > 0)
        bt_set(bt, hn_text_sub(text, 0, equals),
                (struct bt_text){ hn_text_sub(text, equals + 1, SIZE_MAX), rest.unknown });
}
