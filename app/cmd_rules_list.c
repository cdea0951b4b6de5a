/* cmd_rules_list.c - hinomi rules list: which rules there are, and what can never fire. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/opt_shared.h"
#include "app/rule_choice.h"
#include "app/rule_options.h"
#include "app/ui.h"

#include "base/escape.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "correlate/correlate.h"

enum { O_OUTPUT };

static const struct opt_spec options[] = {
    OPT_RULE_MAKING_ROWS,
    OPT_RULE_CHOICE_ROWS,
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl|csv",
            "form of the list (default: human)", "出力形式(既定: human)" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

#define LEVEL_COLUMNS  8
#define STATUS_COLUMNS 12
#define ID_COLUMNS     36
#define SOURCE_COLUMNS 34
#define TAGS_COLUMNS   32
#define FILE_COLUMNS   40

/* A row of the list: a rule or a correlation. */
struct row {
    const struct sigma_meta *meta;
    const struct sigma_rule *rule; /* NULL: a correlation */
    const struct sigma_correlation *correlation;
    const char *never; /* why it can never fire; NULL: it can */
    bool silent;
};

struct run {
    const struct sigma_set *set;
    struct hn_buf out;
    uint32_t listed;
    uint32_t never;
    bool human;
    bool json;
};

/* ---- Cells ---- */

/* "windows / process_creation / sysmon" without what is not asked for. */
static void source_text(const struct row *row, struct hn_buf *out)
{
    struct hn_text labels[3];

    if (row->rule == NULL) {
        hn_buf_add_lit(out, "correlation ");
        hn_buf_add_cstr(out, sigma_correlation_text(row->correlation->type));
        return;
    }
    labels[0] = row->rule->logsource.product;
    labels[1] = row->rule->logsource.category;
    labels[2] = row->rule->logsource.service;
    for (size_t i = 0; i < HN_COUNT_OF(labels); i++) {
        if (labels[i].len == 0)
            continue;
        if (out->len > 0)
            hn_buf_add_char(out, '/');
        hn_buf_add_text(out, labels[i]);
    }
}

/* short_form: in a narrow column the namespace that nearly all tags share says nothing. */
static void tags_text(const struct sigma_meta *meta, bool short_form, struct hn_buf *out)
{
    const struct hn_text attack = HN_TEXT("attack.");

    for (uint32_t i = 0; i < meta->tags.count; i++) {
        struct hn_text tag = meta->tags.ptr[i];

        if (out->len > 0)
            hn_buf_add_char(out, ' ');
        if (short_form && hn_text_starts_nocase(tag, attack))
            tag = hn_text_sub(tag, attack.len, tag.len);
        hn_buf_add_text(out, tag);
    }
}

static void human_row(const struct row *row, struct hn_buf *out)
{
    const struct sigma_meta *meta = row->meta;
    struct hn_buf source = { 0 };
    struct hn_buf tags = { 0 };

    source_text(row, &source);
    tags_text(meta, true, &tags);
    hn_buf_add_cstr(out, ui_style(ui_level_style(meta->level), ui.color_out));
    ui_add_cell(out, hn_text_cstr(ui_level_name(meta->level)), LEVEL_COLUMNS);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(sigma_rule_status_text(meta->status)), STATUS_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, meta->id, ID_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_buf_text(&source), SOURCE_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_buf_text(&tags), TAGS_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell_middle(out, meta->place.file, FILE_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, meta->title, 0);
    if (row->never != NULL) {
        hn_buf_add_cstr(out, ui_style(UI_YELLOW, ui.color_out));
        hn_buf_add_cstr(out, UI_TEXT(" [never fires: ", " [発火不能: "));
        ui_add_cell(out, hn_text_cstr(row->never), 0);
        hn_buf_add_char(out, ']');
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    } else if (row->silent) {
        hn_buf_add_cstr(out, UI_TEXT(" [feeds correlations only]", " [相関専用]"));
    }
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&source);
    hn_buf_deinit(&tags);
}

static void json_row(const struct row *row, struct hn_buf *out)
{
    const struct sigma_meta *meta = row->meta;
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "id", meta->id);
    hn_json_pair(&json, "title", meta->title);
    hn_json_pair(&json, "level", hn_text_cstr(sigma_level_text(meta->level)));
    hn_json_pair(&json, "status", hn_text_cstr(sigma_rule_status_text(meta->status)));
    if (row->rule != NULL) {
        hn_json_key(&json, HN_TEXT("logsource"));
        hn_json_open(&json, '{');
        hn_json_pair(&json, "product", row->rule->logsource.product);
        hn_json_pair(&json, "category", row->rule->logsource.category);
        hn_json_pair(&json, "service", row->rule->logsource.service);
        hn_json_close(&json, '}');
    } else {
        hn_json_pair(
                &json, "correlation", hn_text_cstr(sigma_correlation_text(row->correlation->type)));
    }
    hn_json_key(&json, HN_TEXT("tags"));
    hn_json_open(&json, '[');
    for (uint32_t i = 0; i < meta->tags.count; i++)
        hn_json_text(&json, meta->tags.ptr[i]);
    hn_json_close(&json, ']');
    hn_json_pair(&json, "file", meta->place.file);
    hn_json_pair_u64(&json, "line", meta->place.line);
    hn_json_key(&json, HN_TEXT("silent"));
    hn_json_bool(&json, row->silent);
    if (row->never != NULL)
        hn_json_pair(&json, "never", hn_text_cstr(row->never));
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

static void csv_row(const struct row *row, struct hn_buf *out)
{
    const struct sigma_meta *meta = row->meta;
    struct hn_buf source = { 0 };
    struct hn_buf tags = { 0 };
    struct hn_text cells[9];

    source_text(row, &source);
    tags_text(meta, false, &tags);
    cells[0] = hn_text_cstr(sigma_level_text(meta->level));
    cells[1] = hn_text_cstr(sigma_rule_status_text(meta->status));
    cells[2] = meta->id;
    cells[3] = meta->title;
    cells[4] = hn_buf_text(&source);
    cells[5] = hn_buf_text(&tags);
    cells[6] = meta->place.file;
    cells[7] = row->silent ? HN_TEXT("yes") : HN_TEXT("no");
    cells[8] = hn_text_cstr(row->never == NULL ? "" : row->never);
    for (size_t i = 0; i < HN_COUNT_OF(cells); i++) {
        if (i > 0)
            hn_buf_add_char(out, ',');
        hn_csv_field(out, cells[i]);
    }
    hn_buf_add_lit(out, "\r\n");
    hn_buf_deinit(&source);
    hn_buf_deinit(&tags);
}

static void header(struct run *run)
{
    struct hn_buf *out = &run->out;

    if (run->json)
        return;
    if (!run->human) {
        hn_buf_add_lit(out, "level,status,id,title,logsource,tags,file,silent,never\r\n");
        return;
    }
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    ui_add_cell(out, hn_text_cstr(UI_TEXT("LEVEL", "レベル")), LEVEL_COLUMNS + 2);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("STATUS", "状態")), STATUS_COLUMNS + 2);
    ui_add_cell(out, HN_TEXT("ID"), ID_COLUMNS + 2);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("LOG SOURCE", "ログソース")), SOURCE_COLUMNS + 2);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("TAGS", "タグ")), TAGS_COLUMNS + 2);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("FILE", "ファイル")), FILE_COLUMNS + 2);
    hn_buf_add_cstr(out, UI_TEXT("TITLE", "題名"));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

/* ---- Rows ---- */

/* What the linter says about a document that is in the set. Both lists are in order of place. */
static const char *never_fires(const struct sigma_set *set, const struct sigma_meta *meta)
{
    for (uint32_t i = 0; i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        if (issue->severity == SIGMA_NEVER && hn_text_eq(issue->rule_id, meta->id) &&
                hn_text_eq(issue->title, meta->title) &&
                hn_text_eq(issue->place.file, meta->place.file))
            return issue->message.ptr; /* messages end with NUL */
    }
    return NULL;
}

static void add_row(struct run *run, const struct row *row)
{
    run->listed++;
    run->never += row->never != NULL;
    if (run->human)
        human_row(row, &run->out);
    else if (run->json)
        json_row(row, &run->out);
    else
        csv_row(row, &run->out);
}

static int add_rows(struct run *run, const struct opt_values *values)
{
    const struct sigma_set *set = run->set;
    struct correlate_plan *plan = NULL;
    struct hn_err err = { 0 };

    if (correlate_plan_new(set, NULL, &plan, &err) != HN_OK) {
        ui_error_at(HN_TEXT("correlations"), &err);
        return EXIT_RULES;
    }
    for (uint32_t i = 0; i < set->rule_count; i++) {
        struct row row = {
            .meta = &set->rules[i].meta, .rule = &set->rules[i], .silent = set->rules[i].silent
        };

        row.never = never_fires(set, row.meta);
        if (rule_choice_wants(values, row.meta))
            add_row(run, &row);
    }
    for (uint32_t i = 0; i < set->correlation_count; i++) {
        struct row row = { .meta = &set->correlations[i].meta,
            .correlation = &set->correlations[i],
            .silent = set->correlations[i].silent };

        row.never = never_fires(set, row.meta);
        if (row.never == NULL)
            row.never = correlate_plan_refusal(plan, i);
        if (rule_choice_wants(values, row.meta))
            add_row(run, &row);
    }
    correlate_plan_free(plan);
    return EXIT_FINE;
}

static int rules_list(const struct opt_values *values)
{
    const char *output = opt_text(values, O_OUTPUT);
    struct rules_options rules = { .no_cache = opt_flag(values, O_RULE_NO_CACHE) };
    struct sigma_set *set = NULL;
    struct rules_stats stats;
    struct run run = { .set = NULL };
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    run.json = output != NULL && strcmp(output, "jsonl") == 0;
    run.human = output == NULL || strcmp(output, "human") == 0;
    rules.paths = values->operands;
    rules.path_count = values->operand_count;
    rules.pipeline_count = opt_texts(values, O_RULE_PIPELINES, &rules.pipelines);
    rules.list_count = opt_texts(values, O_RULE_LISTS, &rules.lists);
    code = rules_load(&rules, &set, &stats);
    if (code != EXIT_FINE)
        return code;
    run.set = set;
    header(&run);
    code = add_rows(&run, values);
    if (code == EXIT_FINE && (!hn_buf_ok(&run.out) || !ui_write(stdout, hn_buf_text(&run.out))))
        code = EXIT_IO;
    (void)fprintf(stderr,
            UI_TEXT("%u listed of %u rules and %u correlations; %u can never fire, %u rejected "
                    "(hinomi rules lint says why)\n",
                    "%u 件(ルール %u、相関 %u のうち)。発火不能 %u、拒否 %u"
                    "(理由は hinomi rules lint)\n"),
            (unsigned)run.listed, (unsigned)set->rule_count, (unsigned)set->correlation_count,
            (unsigned)run.never, (unsigned)sigma_documents_with(set, SIGMA_REJECTED));
    hn_buf_deinit(&run.out);
    sigma_set_unref(set);
    return code;
}

const struct opt_command cmd_rules_list = {
    .name = "rules list",
    .operands = "[PATH...]",
    .summary = "Lists rules: level, status, id, log source, tags, file, title",
    .summary_ja = "ルールの一覧(レベル・状態・ID・ログソース・タグ・ファイル・題名)",
    .details = "PATH is a file or folder of rules (default: the shipped rules).",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = rules_list,
};
