/* command.c - which reader a line is for, by what it starts with. */
#include "command/command_internal.h"

#include "base/attr.h"
#include "batch/batch.h"

#define SHELL "powershell|pwsh|powershell_ise"

/* What cmd.exe does by itself, and cmd.exe. */
#define CMD_WORDS                                                                              \
    "cmd|set|echo|if|for|call|start|goto|cd|rem|cls|title|setlocal|endlocal|pushd|popd|color|" \
    "mode|md|mkdir|rd|rmdir|del|erase|copy|move|ren|rename|type|ver|echo.|exit|path|assoc|ftype"

/* Those that are words of scripts, too: a line of them says what it is by what follows. */
#define SCRIPT_WORDS                                                                              \
    "set|if|for|rem|call|echo|cd|goto|exit|type|del|copy|move|path|reg|sc|at|mode|md|rd|ren|ver|" \
    "title|color|start|curl|wget|update"

/* ---- %NAME% of the assumed machine, as whoever starts the line has put it in ---- */

static struct hn_text expanded(struct script_run *run, struct hn_text text)
{
    struct hn_buf out = { 0 };
    struct hn_text made;

    if (hn_text_find_char(text, '%', 0) == SIZE_MAX)
        return text;
    hn_buf_init(&out, run->limits.text_bytes_max);
    for (size_t i = 0; i < text.len; i++) {
        size_t end = text.ptr[i] == '%' ? hn_text_find_char(text, '%', i + 1) : SIZE_MAX;
        const char *value = NULL;

        if (end == SIZE_MAX || end - i > 64 ||
                !script_environment(hn_text_sub(text, i + 1, end - i - 1), &value) ||
                value == NULL) {
            hn_buf_add_char(&out, text.ptr[i]);
            continue;
        }
        hn_buf_add_cstr(&out, value);
        i = end;
    }
    made = hn_arena_text(&run->arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return made.ptr != NULL ? made : text;
}

/* ---- Whose line it is ---- */

/* `a && b`, `a & b`, `a || b`: no program takes these words. */
static bool has_operator(struct hn_text text)
{
    bool quoted = false;

    for (size_t i = 1; i + 1 < text.len; i++) {
        char next = text.ptr[i + 1];

        quoted ^= text.ptr[i] == '"';
        if (!quoted && (text.ptr[i] == '&' || text.ptr[i] == '|') &&
                (next == text.ptr[i] || (next == ' ' && text.ptr[i - 1] == ' ')))
            return true;
    }
    return false;
}

static bool is_for_cmd(const struct command_line *line, struct hn_text program)
{
    struct hn_text first = line->words[0];

    if (hn_text_find_char(first, '^', 0) != SIZE_MAX || command_one_of(program, CMD_WORDS) ||
            hn_text_starts(first, HN_TEXT("@")) || hn_text_starts(first, HN_TEXT("(")) ||
            hn_text_starts_nocase(first, HN_TEXT("echo.")))
        return true;
    /* A word built of variables that somebody set, or of parts of them. */
    if (hn_text_starts(first, HN_TEXT("%")) && hn_text_find_char(first, ':', 0) != SIZE_MAX)
        return true;
    return !command_one_of(program, SHELL) && has_operator(line->text);
}

static const struct command_host *host_of(const struct command_host *rows, struct hn_text program)
{
    while (rows->programs != NULL && !command_one_of(program, rows->programs))
        rows++;
    return rows->programs != NULL ? rows : NULL;
}

static void tell(struct command_line *line)
{
    struct hn_text program = command_program(line->words[0]);
    const struct command_host *host = host_of(command_hosts, program);

    if (command_one_of(program, SHELL)) {
        command_powershell(line);
        return;
    }
    if (host == NULL)
        host = host_of(command_fetchers, program);
    if (host != NULL)
        host->fn(line);
}

static enum hn_status evaluate_line(struct script_run *run, const struct script_source *source,
        const struct script_part *part, struct hn_err *err)
{
    struct command_line *line = hn_new(&run->arena, struct command_line, 1);

    if (line == NULL)
        return hn_fail(err, hn_arena_status(&run->arena), 0, "no memory for a line");
    line->run = run;
    line->source = source;
    line->text = hn_text_trim(expanded(run, part->text));
    line->origin = script_origin_new(run, "literal", 0, HN_TEXT(""), NULL, NULL);
    if (line->text.len == 0 || !script_spend(run, 1 + line->text.len / 64))
        return HN_OK;
    command_cut_words(line);
    if (line->count == 0)
        return HN_OK;
    if (is_for_cmd(line, command_program(line->words[0]))) {
        struct script_source one = *source;

        one.parts = part;
        one.part_count = 1;
        return batch_evaluate(run, &one, err);
    }
    tell(line);
    return HN_OK;
}

enum hn_status command_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < source->part_count && status == HN_OK && script_goes_on(run); i++)
        status = evaluate_line(run, source, &source->parts[i], err);
    if (status == HN_OK && run->stop == SCRIPT_STOP_MEMORY)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the values of a line");
    return status == HN_LIMIT ? HN_OK : status;
}

bool command_is_line(struct hn_text text)
{
    struct hn_text word;
    struct hn_text program;
    size_t end;

    text = hn_text_trim(text);
    if (text.len == 0 || hn_text_find_char(text, '\n', 0) != SIZE_MAX)
        return false;
    if (text.ptr[0] == '"') {
        text = hn_text_sub(text, 1, SIZE_MAX);
        end = hn_text_find_char(text, '"', 0);
    } else {
        end = hn_text_find_char(text, ' ', 0);
    }
    word = hn_text_sub(text, 0, end);
    program = command_program(word);
    if (hn_text_starts_nocase(word, HN_TEXT("%comspec")) ||
            hn_text_find_char(word, '^', 0) != SIZE_MAX)
        return true;
    if (command_one_of(program, SCRIPT_WORDS)) {
        return program.len < word.len || hn_text_find(text, HN_TEXT(" /"), 0) != SIZE_MAX ||
               hn_text_find(text, HN_TEXT("%"), 0) != SIZE_MAX ||
               hn_text_find(text, HN_TEXT("&"), 0) != SIZE_MAX;
    }
    return command_one_of(program, SHELL) || command_one_of(program, CMD_WORDS) ||
           host_of(command_hosts, program) != NULL || host_of(command_fetchers, program) != NULL;
}
