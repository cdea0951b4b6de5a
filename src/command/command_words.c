/* command_words.c - a line's words, as programs of Windows cut them. */
#include "command/command_internal.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The word at *pos, its quotes left out: \" stands for a quote within quotes. */
static void add_word(struct command_line *line, struct hn_buf *word, size_t *pos)
{
    size_t start = *pos;
    size_t at = start;
    bool quoted = false;

    while (at < line->text.len && (quoted || !is_space(line->text.ptr[at]))) {
        char c = line->text.ptr[at];

        if (c == '\\' && quoted && at + 1 < line->text.len && line->text.ptr[at + 1] == '"' &&
                at > start && line->text.ptr[at - 1] != ':') {
            hn_buf_add_char(word, '"');
            at += 2;
            continue;
        }
        if (c == '"')
            quoted = !quoted;
        else
            hn_buf_add_char(word, c);
        at++;
    }
    *pos = at;
}

void command_cut_words(struct command_line *line)
{
    size_t at = 0;

    while (line->count < COMMAND_WORDS_MAX) {
        struct hn_buf word = { 0 };
        struct hn_text kept;

        while (at < line->text.len && is_space(line->text.ptr[at]))
            at++;
        if (at >= line->text.len)
            return;
        line->starts[line->count] = at;
        hn_buf_init(&word, line->run->limits.text_bytes_max);
        add_word(line, &word, &at);
        kept = hn_arena_text(&line->run->arena, hn_buf_text(&word));
        hn_buf_deinit(&word);
        if (kept.ptr == NULL)
            return;
        line->ends[line->count] = at;
        line->words[line->count++] = kept;
    }
}

/* "C:\x\PowerShell.exe" is "powershell". */
struct hn_text command_program(struct hn_text word)
{
    for (size_t i = word.len; i > 0; i--) {
        if (word.ptr[i - 1] == '\\' || word.ptr[i - 1] == '/') {
            word = hn_text_sub(word, i, SIZE_MAX);
            break;
        }
    }
    while (word.len > 0 && (word.ptr[0] == '@' || word.ptr[0] == '('))
        word = hn_text_sub(word, 1, SIZE_MAX);
    if (hn_text_ends_nocase(word, HN_TEXT(".exe")) || hn_text_ends_nocase(word, HN_TEXT(".com")))
        word = hn_text_sub(word, 0, word.len - 4);
    return word;
}

struct hn_text command_rest(const struct command_line *line, size_t word)
{
    struct hn_text rest = hn_text_trim(hn_text_sub(line->text, line->ends[word], SIZE_MAX));

    if (rest.len >= 2 && rest.ptr[0] == '"' && rest.ptr[rest.len - 1] == '"')
        rest = hn_text_sub(rest, 1, rest.len - 2);
    return rest;
}

bool command_one_of(struct hn_text text, const char *words)
{
    struct hn_text rest = hn_text_cstr(words);

    while (rest.len > 0) {
        size_t end = hn_text_find_char(rest, '|', 0);

        if (hn_text_eq_nocase(text, hn_text_sub(rest, 0, end)))
            return true;
        rest = end == SIZE_MAX ? HN_TEXT("") : hn_text_sub(rest, end + 1, SIZE_MAX);
    }
    return false;
}

struct hn_text command_value(const struct command_line *line, const char *names)
{
    for (size_t i = 1; i + 1 < line->count; i++)
        if (command_one_of(line->words[i], names))
            return line->words[i + 1];
    return HN_TEXT("");
}

struct hn_text command_url(struct hn_text word)
{
    static const struct hn_text schemes[] = { HN_TEXT_INIT("http://"), HN_TEXT_INIT("https://"),
        HN_TEXT_INIT("ftp://") };

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t at = hn_text_find_nocase(word, schemes[i], 0);
        size_t end = 0;
        struct hn_text url;

        if (at == SIZE_MAX)
            continue;
        url = hn_text_sub(word, at, SIZE_MAX);
        while (end < url.len && strchr("'\")<> |", url.ptr[end]) == NULL)
            end++;
        return hn_text_sub(url, 0, end);
    }
    return HN_TEXT("");
}
