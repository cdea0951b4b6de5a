/* hide_powershell.c - how PowerShell hides texts: cut, coded, reversed, changed with a key. Those
 * that need a codec are in hide_powershell_coded.c. */
#include "samples_internal.h"

#include "base/attr.h"

#define LONG_TEXT 2500u /* not made several times longer */

void hide_powershell_quoted(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hn_buf_add_char(out, '\'');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '\'');
}

/* In double quotes, where nothing in it means something there; with a backtick here and there
 * before letters that mean nothing behind one. */
static bool double_quoted(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    bool any = false;

    for (size_t i = 0; i < text.len; i++)
        if (strchr("$`\"", text.ptr[i]) != NULL)
            return false;
    hn_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("cdghijklmopqswxyz", text.ptr[i]) != NULL &&
                (!any || chance_next(chance, 6) == 0)) {
            hn_buf_add_char(out, '`');
            any = true;
        }
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
    if (any)
        chance_row(chance, "powershell: backtick");
    return true;
}

static void backtick(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    if (!double_quoted(out, chance, text))
        hide_powershell_quoted(out, text);
}

static void literal(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    if (chance_next(chance, 2) == 0 || !double_quoted(out, chance, text))
        hide_powershell_quoted(out, text);
}

void hide_powershell_numbers(
        struct hn_buf *out, struct chance *chance, struct hn_text text, unsigned key)
{
    bool hex = chance_next(chance, 2) == 0;

    for (size_t i = 0; i < text.len; i++)
        hn_buf_addf(out, hex ? "%s0x%x" : "%s%u", i > 0 ? "," : "",
                (unsigned)(uint8_t)text.ptr[i] ^ key);
}

/* ---- Cut ---- */

static void concat(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    hn_buf_add_char(out, '(');
    hide_powershell_at(out, chance, hn_text_sub(text, 0, text.len / 2), depth + 1);
    hn_buf_add_char(out, '+');
    hide_powershell_at(out, chance, hn_text_sub(text, text.len / 2, SIZE_MAX), depth + 1);
    hn_buf_add_char(out, ')');
}

/* ('{1}{0}' -f 'b','a') */
static void format(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    size_t cut = 1 + chance_next(chance, (uint32_t)text.len - 1);

    (void)depth;
    hn_buf_add_lit(out, "('{1}{0}' -f ");
    literal(out, chance, hn_text_sub(text, cut, SIZE_MAX));
    hn_buf_add_char(out, ',');
    literal(out, chance, hn_text_sub(text, 0, cut));
    hn_buf_add_char(out, ')');
}

/* 'a','b','c' */
static void pieces(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    size_t step = 1 + text.len / (3 + chance_next(chance, 4));

    for (size_t at = 0; at < text.len; at += step) {
        if (at > 0)
            hn_buf_add_char(out, ',');
        hide_powershell_quoted(out, hn_text_sub(text, at, step));
    }
}

static void join(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "((");
    pieces(out, chance, text);
    hn_buf_add_lit(out, ") -join '')");
}

static void string_join(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "([string]::Join('',(");
    pieces(out, chance, text);
    hn_buf_add_lit(out, ")))");
}

/* Every third character is followed by a mark. */
static void marked(struct hn_buf *out, struct hn_text text, const char *mark)
{
    struct hn_buf with = { 0 };

    for (size_t i = 0; i < text.len; i++) {
        hn_buf_add_char(&with, text.ptr[i]);
        if (i % 3 == 1)
            hn_buf_add_cstr(&with, mark);
    }
    hide_powershell_quoted(out, hn_buf_text(&with));
    hn_buf_deinit(&with);
}

static void replace(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    char mark[5];

    (void)depth;
    chance_mark(chance, text, mark);
    hn_buf_add_char(out, '(');
    marked(out, text, mark);
    hn_buf_addf(out, " -creplace '%s','')", mark);
}

static void replace_method(
        struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    char mark[5];

    (void)depth;
    chance_mark(chance, text, mark);
    hn_buf_add_char(out, '(');
    marked(out, text, mark);
    hn_buf_addf(out, ".Replace('%s',''))", mark);
}

static void split(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    char mark[5];

    (void)depth;
    chance_mark(chance, text, mark);
    hn_buf_add_lit(out, "(-join (");
    marked(out, text, mark);
    hn_buf_addf(out, " -csplit '%s'))", mark);
}

/* ---- Numbers ---- */

static void char_array(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "(-join [char[]](");
    hide_powershell_numbers(out, chance, text, 0);
    hn_buf_add_lit(out, "))");
}

static void char_each(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "(-join (@(");
    hide_powershell_numbers(out, chance, text, 0);
    hn_buf_add_lit(out, ")|%{[char]$_}))");
}

static void as_char(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "(-join (@(");
    hide_powershell_numbers(out, chance, text, 0);
    hn_buf_add_lit(out, ")|ForEach-Object{$_ -as [char]}))");
}

static void bases(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    static const unsigned all[] = { 2, 8, 16 };
    unsigned base = all[chance_next(chance, 3)];

    (void)depth;
    hn_buf_add_lit(out, "(-join ('");
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = (uint8_t)text.ptr[i];

        hn_buf_add_cstr(out, i > 0 ? "-" : "");
        if (base == 16)
            hn_buf_addf(out, "%x", c);
        if (base == 8)
            hn_buf_addf(out, "%o", c);
        for (unsigned bit = 128; base == 2 && bit > 0; bit /= 2)
            hn_buf_add_char(out, (c & bit) != 0 ? '1' : '0');
    }
    hn_buf_addf(out, "'.Split('-')|%%{[char][Convert]::ToInt32($_,%u)}))", base);
}

static void xor
        (struct hn_buf * out, struct chance *chance, struct hn_text text, int depth) {
            unsigned key = 1 + chance_next(chance, 30);

            (void)depth;
            hn_buf_add_lit(out, "(-join (@(");
            hide_powershell_numbers(out, chance, text, key);
            hn_buf_addf(out, ")|%%{[char]($_ -bxor %u)}))", key);
        }

        /* ---- Backwards ---- */

        static void backwards(struct hn_buf *out, struct hn_text text)
{
    struct hn_buf back = { 0 };

    for (size_t i = text.len; i-- > 0;)
        hn_buf_add_char(&back, text.ptr[i]);
    hide_powershell_quoted(out, hn_buf_text(&back));
    hn_buf_deinit(&back);
}

static void reverse(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    if (chance_next(chance, 2) == 0) {
        hn_buf_add_lit(out, "(-join (");
        backwards(out, text);
        hn_buf_addf(out, "[%u..0]))", (unsigned)(text.len - 1));
        return;
    }
    hn_buf_add_lit(out, "(&{$q=");
    backwards(out, text);
    hn_buf_add_lit(out, ".ToCharArray();[array]::Reverse($q);-join $q})");
}

static void negative_range(
        struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    (void)chance;
    hn_buf_add_char(out, '(');
    backwards(out, text);
    hn_buf_addf(out, "[-1..-%u] -join '')", (unsigned)text.len);
}

static void right_to_left(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "(-join ([regex]::Matches(");
    backwards(out, text);
    hn_buf_add_cstr(out, chance_next(chance, 2) == 0 ? ",'.','RightToLeft')|%{$_.Value}))"
                                                     : ",'.','righttoleft')))");
}

const struct hide_row hide_powershell_rows[] = { { "powershell: concat", concat },
    { "powershell: -f", format }, { "powershell: backtick", backtick },
    { "powershell: -join", join }, { "powershell: [string]::Join", string_join },
    { "powershell: -replace", replace }, { "powershell: .Replace", replace_method },
    { "powershell: -split", split }, { "powershell: [char] array", char_array },
    { "powershell: %{} pipeline", char_each }, { "powershell: -as", as_char },
    { "powershell: base 2/8/16", bases }, { "powershell: -bxor", xor},
    { "powershell: reverse", reverse }, { "powershell: [-1..-n]", negative_range },
    { "powershell: RightToLeft regex", right_to_left }, { NULL, NULL } };

static size_t count_of(const struct hide_row *rows)
{
    size_t count = 0;

    while (rows[count].row != NULL)
        count++;
    return count;
}

static const struct hide_row *row_at(size_t index)
{
    size_t first = count_of(hide_powershell_rows);

    return index < first ? &hide_powershell_rows[index] : &hide_powershell_more[index - first];
}

void hide_powershell_at(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    size_t count = count_of(hide_powershell_rows) + count_of(hide_powershell_more);
    size_t chosen = chance_next(chance, (uint32_t)(count + 4));

    for (size_t i = 0; i < count; i++)
        if (chance_wants(chance, row_at(i)->row))
            chosen = i;
    if (depth > HIDE_DEPTH_MAX || text.len < 2 || chosen >= count ||
            (text.len > LONG_TEXT && chosen > 7 && chosen < count_of(hide_powershell_rows))) {
        literal(out, chance, text);
        return;
    }
    if (row_at(chosen)->fn != backtick)
        chance_row(chance, row_at(chosen)->row);
    row_at(chosen)->fn(out, chance, text, depth);
}

void hide_powershell(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    hide_powershell_at(out, chance, text, 0);
}
