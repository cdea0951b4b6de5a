/* cmd_rules_cost.c - hinomi rules cost: which rules take the time, on your logs or by their form.
 */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/reading.h"
#include "app/rule_choice.h"
#include "app/rule_options.h"
#include "app/ui.h"

#include "base/json_out.h"
#include "base/mem.h"
#include "scan/scan.h"

#include <stdlib.h>

enum { O_OUTPUT, O_TOP };

static const struct opt_spec options[] = {
    OPT_RULE_PATHS_ROW,
    OPT_RULE_MAKING_ROWS,
    OPT_RULE_CHOICE_ROWS,
    { O_TOP, "top", '\0', OPT_NUMBER, "N", NULL,
            "list only the N most expensive rules (default: 30; 0: all)",
            "重い順に N 件だけ示す(既定: 30、0: すべて)" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl", "form of the list (default: human)",
            "出力形式(既定: human)" },
    OPT_TIME_ROWS,
    OPT_INPUT_ROWS,
    OPT_UI_ROWS,
};

#define TOP_DEFAULT 30u

struct cost {
    const struct sigma_meta *meta;
    struct match_rule_info info;
    struct match_rule_stats stats;
};

struct run {
    const struct opt_values *values;
    struct input_settings input;
    struct reading reading;
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct scan_summary summary;
    bool measured;
    bool *enabled;
    struct cost *costs;
    uint32_t count;
    uint64_t nanoseconds; /* of all rules */
};

/* ---- Order ---- */

static int by_number(uint64_t a, uint64_t b)
{
    return a == b ? 0 : a > b ? -1 : 1;
}

/* Measured time first; then what is looked at most often, and at greatest length. */
static int by_cost(const void *a, const void *b)
{
    const struct cost *x = a;
    const struct cost *y = b;
    int order = by_number(x->stats.nanoseconds, y->stats.nanoseconds);

    if (order == 0)
        order = by_number(x->info.wait, y->info.wait);
    if (order == 0)
        order = by_number(x->info.commonness, y->info.commonness);
    if (order == 0)
        order = by_number(x->info.regexes, y->info.regexes);
    if (order == 0)
        order = by_number(x->info.comparisons, y->info.comparisons);
    return order != 0 ? order : hn_text_cmp(x->meta->title, y->meta->title);
}

static int gather(struct run *run)
{
    run->costs = hn_calloc(run->set->rule_count, sizeof *run->costs);
    if (run->costs == NULL)
        return EXIT_IO;
    for (uint32_t i = 0; i < run->set->rule_count; i++) {
        struct cost *cost;

        if (!run->enabled[i])
            continue;
        cost = &run->costs[run->count++];
        cost->meta = &run->set->rules[i].meta;
        cost->info = match_rule_info(run->snapshot, i);
        if (run->summary.rules != NULL)
            cost->stats = run->summary.rules[i];
        run->nanoseconds += cost->stats.nanoseconds;
    }
    if (run->count > 1)
        qsort(run->costs, run->count, sizeof *run->costs, by_cost);
    return EXIT_FINE;
}

/* ---- Showing ---- */

static const char *wait_name(enum match_wait wait)
{
    static const char *const japanese[] = {
        [MATCH_WAIT_NEVER] = "発火不能",
        [MATCH_WAIT_LITERAL] = "文字列",
        [MATCH_WAIT_KEYWORD] = "語",
        [MATCH_WAIT_PRESENCE] = "項目の有無",
        [MATCH_WAIT_NOTHING] = "なし",
    };

    return UI_TEXT(match_wait_text(wait), japanese[wait]);
}

static double share(const struct run *run, const struct cost *cost)
{
    return run->nanoseconds == 0 ? 0 : (double)cost->stats.nanoseconds / (double)run->nanoseconds;
}

static void right(struct hn_buf *out, const char *text, size_t columns)
{
    size_t len = strlen(text);

    hn_buf_add_repeat(out, ' ', len < columns ? columns - len : 0);
    hn_buf_add_cstr(out, text);
}

static void number(struct hn_buf *out, uint64_t value, size_t columns)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    right(out, text, columns);
}

static void human_row(const struct run *run, const struct cost *cost, struct hn_buf *out)
{
    char text[32];

    if (run->measured) {
        (void)snprintf(text, sizeof text, "%.1f%%", share(run, cost) * 100);
        right(out, text, 7);
        (void)snprintf(text, sizeof text, "%.2f", (double)cost->stats.nanoseconds / 1e6);
        right(out, text, 11);
        number(out, cost->stats.evaluated, 11);
        number(out, cost->stats.hits, 9);
    }
    hn_buf_add_lit(out, "  ");
    if (cost->info.wait >= MATCH_WAIT_PRESENCE)
        hn_buf_add_cstr(out, ui_style(UI_YELLOW, ui.color_out));
    ui_add_cell(out, hn_text_cstr(wait_name(cost->info.wait)), 10);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    number(out, cost->info.waits, 6);
    number(out, cost->info.comparisons, 8);
    number(out, cost->info.literals, 8);
    number(out, cost->info.regexes, 8);
    number(out, cost->info.keywords, 8);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, cost->meta->title, 0);
    hn_buf_add_char(out, '\n');
}

static void human_head(const struct run *run, struct hn_buf *out)
{
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    if (run->measured)
        hn_buf_add_cstr(out, UI_TEXT("   TIME         MS      EVALS     HITS",
                                     "   時間         MS   評価回数   発火数"));
    hn_buf_add_cstr(out, UI_TEXT("  WAITS FOR    ANY  VALUES LITERAL   REGEX KEYWORD  RULE\n",
                                 "  待つもの      数    値数  文字列    正規      語  ルール\n"));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
}

static void json_row(const struct run *run, const struct cost *cost, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "id", cost->meta->id);
    hn_json_pair(&json, "title", cost->meta->title);
    hn_json_pair(&json, "waits_for", hn_text_cstr(match_wait_text(cost->info.wait)));
    hn_json_pair_u64(&json, "any_of", cost->info.waits);
    hn_json_pair_u64(&json, "values", cost->info.comparisons);
    hn_json_pair_u64(&json, "literals", cost->info.literals);
    hn_json_pair_u64(&json, "regexes", cost->info.regexes);
    hn_json_pair_u64(&json, "keywords", cost->info.keywords);
    if (run->measured) {
        hn_json_pair_u64(&json, "nanoseconds", cost->stats.nanoseconds);
        hn_json_key(&json, HN_TEXT("share"));
        hn_json_real(&json, share(run, cost));
        hn_json_pair_u64(&json, "evaluated", cost->stats.evaluated);
        hn_json_pair_u64(&json, "hits", cost->stats.hits);
    }
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

static int show(const struct run *run)
{
    const char *output = opt_text(run->values, O_OUTPUT);
    bool json = output != NULL && strcmp(output, "jsonl") == 0;
    unsigned long top = opt_number(run->values, O_TOP, TOP_DEFAULT);
    struct hn_buf out = { 0 };
    bool written;

    if (!json)
        human_head(run, &out);
    for (uint32_t i = 0; i < run->count && (top == 0 || i < top); i++) {
        if (json)
            json_row(run, &run->costs[i], &out);
        else
            human_row(run, &run->costs[i], &out);
    }
    written = hn_buf_ok(&out) && ui_write(stdout, hn_buf_text(&out));
    hn_buf_deinit(&out);
    if (ui.quiet)
        return written ? EXIT_FINE : EXIT_IO;
    if (run->measured) {
        (void)fprintf(stderr,
                UI_TEXT("%u rules; %.1f ms in the conditions of rules, of %.1f ms in all; %llu "
                        "evaluations for %llu events, %llu hits\n",
                        "ルール %u。条件の評価 %.1f ms(全体 %.1f ms)、評価 %llu 回、"
                        "イベント %llu 件、発火 %llu 件\n"),
                (unsigned)run->count, (double)run->nanoseconds / 1e6, run->reading.seconds * 1e3,
                (unsigned long long)run->summary.match.candidates,
                (unsigned long long)run->summary.match.events,
                (unsigned long long)run->summary.match.hits);
    } else {
        (void)fprintf(stderr,
                UI_TEXT("%u rules by their form; with logs, by the time they take\n",
                        "ルール %u(構造による順。ログを与えると実測時間の順)\n"),
                (unsigned)run->count);
    }
    return written ? EXIT_FINE : EXIT_IO;
}

/* ---- Measuring ---- */

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct run *run = ctx;

    reading_problem(&run->reading, name, status, kind, message);
}

static void on_finding(void *ctx, const struct scan_entry *entry, const struct hn_finding *finding)
{
    struct run *run = ctx;

    reading_finding(&run->reading, entry, finding);
}

/* A scan whose alerts nobody wants. */
static int measure(struct run *run)
{
    struct judge_set_options judge = { .snapshot = run->snapshot,
        .level_min = SIGMA_LEVEL_CRITICAL };
    struct scan_options scan = { .set = judge_set_new(&judge),
        .time_rules = true,
        .on_problem = on_problem,
        .on_finding = on_finding,
        .ctx = run };
    struct hn_err err = { 0 };
    enum hn_status status;

    if (scan.set == NULL)
        return EXIT_IO;
    reading_begin(&run->reading, &run->input.pipeline);
    scan.pipeline = run->input.pipeline;
    scan.since = run->input.since;
    scan.until = run->input.until;
    status = scan_run(&scan, &run->summary, &err);
    judge_set_unref(scan.set);
    run->measured = true;
    return reading_end(&run->reading, status, &err);
}

static int compile(struct run *run)
{
    struct rules_options rules = rule_options_read(run->values);
    struct match_options match = { .want_context = true };
    struct rules_stats stats;
    struct hn_err err = { 0 };
    uint32_t count;
    int code = rules_load(&rules, &run->set, &stats);

    if (code != EXIT_FINE)
        return code;
    run->enabled = rule_choice_make(run->values, run->set, &count);
    if (run->enabled == NULL)
        return EXIT_IO;
    match.enabled = run->enabled;
    if (match_snapshot_new(run->set, &match, &run->snapshot, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(HN_TEXT("rules"), &err);
    return EXIT_RULES;
}

static int rules_cost(const struct opt_values *values)
{
    struct run run = { .values = values };
    int code = EXIT_FINE;

    ui_set_color(opt_text(values, O_COLOR));
    ui.quiet = opt_flag(values, O_QUIET);
    if (values->operand_count > 0)
        code = input_settings_read(values, 0, &run.input);
    if (code == EXIT_FINE)
        code = compile(&run);
    if (code == EXIT_FINE && values->operand_count > 0)
        code = measure(&run);
    if (code == EXIT_FINE)
        code = gather(&run);
    if (code == EXIT_FINE)
        code = show(&run);
    if (code == EXIT_FINE && run.measured)
        code = reading_exit_code(&run.summary.totals);
    hn_free(run.costs);
    hn_free(run.enabled);
    hn_free(run.summary.rules);
    match_snapshot_unref(run.snapshot);
    sigma_set_unref(run.set);
    input_settings_deinit(&run.input);
    return code;
}

const struct opt_command cmd_rules_cost = {
    .name = "rules cost",
    .operands = "[LOG...]",
    .summary = "Shows which rules are expensive: by their form, or by the time they take on logs",
    .summary_ja = "重いルールを示す(構造から、またはログでの実測時間から)",
    .details =
            "A rule waits for something that ordinary events seldom hold; what waits for "
            "nothing is evaluated for every event of its log source. With LOG, the time spent "
            "in each rule's condition is measured; work that rules share (an event decoded again "
            "for keywords, a field looked through) is charged to the one that asks first.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = rules_cost,
};
