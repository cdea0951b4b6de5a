/* rule_find.c - from what somebody typed to a rule. */
#include "app/rule_find.h"

#include "app/ui.h"

#include <sys/stat.h>

#define LISTED_MAX 10u

/* How well a rule answers to what was typed; only the best answers count. */
enum answer { ANSWER_NONE, ANSWER_TITLE_PART, ANSWER_NAME };

static enum answer answer_of(const struct sigma_meta *meta, struct hn_text wanted)
{
    if (hn_text_eq_nocase(meta->id, wanted) || hn_text_eq_nocase(meta->name, wanted) ||
            hn_text_eq_nocase(meta->title, wanted))
        return ANSWER_NAME;
    return hn_text_find_nocase(meta->title, wanted, 0) == SIZE_MAX ? ANSWER_NONE
                                                                   : ANSWER_TITLE_PART;
}

static void list_rule(const struct sigma_meta *meta)
{
    struct hn_buf line = { 0 };

    hn_buf_add_lit(&line, "  ");
    ui_add_cell(&line, meta->id, 0);
    hn_buf_add_lit(&line, "  ");
    ui_add_cell(&line, meta->title, 0);
    hn_buf_add_char(&line, '\n');
    (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

/* A correlation has no condition of its own; the rules it counts have. */
static int refuse_correlation(const struct sigma_set *set, const struct sigma_correlation *c)
{
    ui_error("%s", UI_TEXT("that is a correlation; explain one of the rules that it counts:",
                           "相関ルールです。数える対象のルールを指定してください:"));
    for (uint32_t i = 0; i < c->ref_count; i++)
        list_rule(c->refs[i].is_correlation ? &set->correlations[c->refs[i].index].meta
                                            : &set->rules[c->refs[i].index].meta);
    return EXIT_USAGE;
}

static int why_none(const struct sigma_set *set, const char *wanted, bool is_file)
{
    struct hn_err err = { .status = HN_NOTFOUND };

    for (uint32_t i = 0; is_file && i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        if (issue->severity != SIGMA_REJECTED)
            continue;
        err = (struct hn_err){ .line = issue->place.line, .column = issue->place.column };
        (void)snprintf(err.msg, sizeof err.msg, "%.*s", HN_TEXT_ARG(issue->message));
        ui_error_at(issue->place.file, &err);
        return EXIT_RULES;
    }
    (void)snprintf(
            err.msg, sizeof err.msg, "%s", UI_TEXT("no such rule", "そのルールはありません"));
    ui_error_at(hn_text_cstr(wanted), &err);
    return EXIT_RULES;
}

static int choose(const struct sigma_set *set, const char *wanted, bool is_file, uint32_t *ret_rule)
{
    enum answer best = ANSWER_NONE;
    uint32_t count = 0;

    for (uint32_t i = 0; i < set->rule_count; i++) {
        enum answer answer =
                is_file ? ANSWER_NAME : answer_of(&set->rules[i].meta, hn_text_cstr(wanted));

        if (answer == ANSWER_NONE || answer < best)
            continue;
        count = answer > best ? 1 : count + 1;
        if (answer > best || count == 1)
            *ret_rule = i;
        best = answer;
    }
    for (uint32_t i = 0; count == 0 && i < set->correlation_count; i++) {
        if (!is_file && answer_of(&set->correlations[i].meta, hn_text_cstr(wanted)) != ANSWER_NONE)
            return refuse_correlation(set, &set->correlations[i]);
    }
    if (count == 0)
        return why_none(set, wanted, is_file);
    if (count == 1)
        return EXIT_FINE;
    ui_error("%s", is_file ? UI_TEXT("the file holds several rules; name one, with -r FILE:",
                                     "複数のルールがあります。-r FILE と併せて指定してください:")
                           : UI_TEXT("several rules answer to that:", "複数のルールが該当します:"));
    for (uint32_t i = 0, listed = 0; i < set->rule_count && listed < LISTED_MAX; i++) {
        if (is_file || answer_of(&set->rules[i].meta, hn_text_cstr(wanted)) == best) {
            list_rule(&set->rules[i].meta);
            listed++;
        }
    }
    return EXIT_USAGE;
}

int rule_find(const char *wanted, const struct rules_options *options, struct sigma_set **ret_set,
        uint32_t *ret_rule)
{
    struct rules_options rules = *options;
    struct rules_stats stats;
    struct stat info;
    bool is_file = stat(wanted, &info) == 0 && !S_ISDIR(info.st_mode);
    int code;

    *ret_set = NULL;
    if (is_file) {
        rules.paths = &wanted;
        rules.path_count = 1;
        rules.no_cache = true;
    }
    code = rules_load(&rules, ret_set, &stats);
    return code == EXIT_FINE ? choose(*ret_set, wanted, is_file, ret_rule) : code;
}
