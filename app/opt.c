/* opt.c - parsing by table. GNU conventions: -x, -xVALUE, -x VALUE, --name, --name=VALUE, options
 * and operands in any order, "--" ends options. */
#include "app/opt.h"

#include "base/mem.h"
#include "base/num.h"

#include <string.h>

static const struct opt_spec *find_long(const struct opt_command *command, struct hn_text name)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (hn_text_eq(hn_text_cstr(command->options[i].name), name))
            return &command->options[i];
    }
    return NULL;
}

static const struct opt_spec *find_letter(const struct opt_command *command, char letter)
{
    for (size_t i = 0; letter != '\0' && i < command->option_count; i++) {
        if (command->options[i].letter == letter)
            return &command->options[i];
    }
    return NULL;
}

static const char *nearest_option(const struct opt_command *command, struct hn_text name)
{
    const char *best = NULL;
    size_t least = 3;

    for (size_t i = 0; i < command->option_count; i++) {
        size_t d = hn_text_distance(name, hn_text_cstr(command->options[i].name));

        if (d < least) {
            least = d;
            best = command->options[i].name;
        }
    }
    return best;
}

static enum hn_status unknown_option(
        const struct opt_command *command, struct hn_text name, struct hn_err *err)
{
    const char *near = nearest_option(command, name);

    if (near != NULL)
        return hn_fail(err, HN_SYNTAX, 0, "unknown option --%.*s; did you mean --%s?",
                HN_TEXT_ARG(name), near);
    return hn_fail(err, HN_SYNTAX, 0, "unknown option --%.*s; hinomi %s --help lists all",
            HN_TEXT_ARG(name), command->name);
}

static bool is_choice(const char *choices, const char *word)
{
    struct hn_text rest = hn_text_cstr(choices);
    struct hn_text part;

    while (hn_text_split(&rest, '|', &part)) {
        if (hn_text_eq(part, hn_text_cstr(word)))
            return true;
    }
    return false;
}

static enum hn_status set_value(struct opt_values *values, const struct opt_spec *spec,
        const char *text, struct hn_err *err)
{
    struct opt_value *value = &values->by_id[spec->id];
    uint64_t number;
    const char **texts;

    value->given = true;
    switch (spec->kind) {
    case OPT_FLAG:
        break;
    case OPT_TEXT:
        value->text = text;
        break;
    case OPT_CHOICE:
        if (!is_choice(spec->choices, text))
            return hn_fail(err, HN_SYNTAX, 0, "--%s is one of %s, not \"%s\"", spec->name,
                    spec->choices, text);
        value->text = text;
        break;
    case OPT_NUMBER:
        if (!hn_parse_u64(hn_text_cstr(text), &number) || number > UINT32_MAX)
            return hn_fail(err, HN_SYNTAX, 0, "--%s takes a number, not \"%s\"", spec->name, text);
        value->number = (unsigned long)number;
        break;
    case OPT_TEXTS:
        texts = hn_realloc_array(value->texts, value->count + 1, sizeof *texts);
        if (texts == NULL)
            return hn_fail(err, HN_NOMEM, 0, "options");
        texts[value->count++] = text;
        value->texts = texts;
        break;
    }
    return HN_OK;
}

struct words {
    int argc;
    char **argv;
    int next;
};

static enum hn_status take_argument(
        struct words *words, const struct opt_spec *spec, const char **ret_text, struct hn_err *err)
{
    if (words->next == words->argc)
        return hn_fail(err, HN_SYNTAX, 0, "--%s needs %s", spec->name,
                spec->arg == NULL ? spec->choices : spec->arg);
    *ret_text = words->argv[words->next++];
    return HN_OK;
}

static enum hn_status long_option(struct opt_values *values, struct words *words, const char *word,
        bool *ret_help, struct hn_err *err)
{
    const char *equals = strchr(word, '=');
    struct hn_text name = { word, equals == NULL ? strlen(word) : (size_t)(equals - word) };
    const struct opt_spec *spec = find_long(values->command, name);
    const char *text = equals == NULL ? "" : equals + 1;
    enum hn_status status = HN_OK;

    if (hn_text_eq(name, HN_TEXT("help"))) {
        *ret_help = true;
        return HN_OK;
    }
    if (spec == NULL)
        return unknown_option(values->command, name, err);
    if (spec->kind == OPT_FLAG && equals != NULL)
        return hn_fail(err, HN_SYNTAX, 0, "--%s takes no value", spec->name);
    if (spec->kind != OPT_FLAG && equals == NULL)
        status = take_argument(words, spec, &text, err);
    return status == HN_OK ? set_value(values, spec, text, err) : status;
}

/* A word of letters: flags may be joined, the last may have its value attached. */
static enum hn_status short_options(struct opt_values *values, struct words *words,
        const char *letters, bool *ret_help, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (const char *p = letters; status == HN_OK && *p != '\0'; p++) {
        const struct opt_spec *spec = find_letter(values->command, *p);
        const char *text = "";

        if (*p == 'h' && spec == NULL) {
            *ret_help = true;
            continue;
        }
        if (spec == NULL)
            return hn_fail(err, HN_SYNTAX, 0, "unknown option -%c; hinomi %s --help lists all", *p,
                    values->command->name);
        if (spec->kind == OPT_FLAG) {
            status = set_value(values, spec, NULL, err);
            continue;
        }
        if (p[1] != '\0')
            text = p + 1;
        else
            status = take_argument(words, spec, &text, err);
        return status == HN_OK ? set_value(values, spec, text, err) : status;
    }
    return status;
}

static enum hn_status operand(struct opt_values *values, const char *word, struct hn_err *err)
{
    const char **operands;

    if (values->command->operands == NULL)
        return hn_fail(err, HN_SYNTAX, 0, "hinomi %s takes no \"%s\"", values->command->name, word);
    operands = hn_realloc_array(values->operands, values->operand_count + 1, sizeof *operands);
    if (operands == NULL)
        return hn_fail(err, HN_NOMEM, 0, "operands");
    operands[values->operand_count++] = word;
    values->operands = operands;
    return HN_OK;
}

enum hn_status opt_parse(const struct opt_command *command, int argc, char **argv,
        struct opt_values *ret_values, bool *ret_help, struct hn_err *err)
{
    struct words words = { argc, argv, 0 };
    struct opt_values values = { .command = command };
    enum hn_status status = HN_OK;
    bool only_operands = false;
    size_t ids = 1;

    *ret_help = false;
    for (size_t i = 0; i < command->option_count; i++)
        ids = command->options[i].id + 1 > ids ? command->options[i].id + 1 : ids;
    values.by_id = hn_calloc(ids, sizeof *values.by_id);
    if (values.by_id == NULL)
        return hn_fail(err, HN_NOMEM, 0, "options");
    while (status == HN_OK && words.next < words.argc) {
        const char *word = words.argv[words.next++];

        if (only_operands || word[0] != '-' || word[1] == '\0')
            status = operand(&values, word, err);
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (word[1] == '-')
            status = long_option(&values, &words, word + 2, ret_help, err);
        else
            status = short_options(&values, &words, word + 1, ret_help, err);
    }
    if (status != HN_OK) {
        opt_values_deinit(&values);
        return status;
    }
    *ret_values = values;
    return HN_OK;
}

void opt_values_deinit(struct opt_values *values)
{
    for (size_t i = 0; values->command != NULL && i < values->command->option_count; i++) {
        const struct opt_spec *spec = &values->command->options[i];

        if (spec->kind == OPT_TEXTS)
            hn_free(values->by_id[spec->id].texts);
    }
    hn_free(values->by_id);
    hn_free(values->operands);
    memset(values, 0, sizeof *values);
}

bool opt_flag(const struct opt_values *values, unsigned id)
{
    return values->by_id[id].given;
}

const char *opt_text(const struct opt_values *values, unsigned id)
{
    return values->by_id[id].text;
}

unsigned long opt_number(const struct opt_values *values, unsigned id, unsigned long otherwise)
{
    return values->by_id[id].given ? values->by_id[id].number : otherwise;
}

size_t opt_texts(const struct opt_values *values, unsigned id, const char *const **ret_texts)
{
    *ret_texts = (const char *const *)values->by_id[id].texts;
    return values->by_id[id].count;
}
