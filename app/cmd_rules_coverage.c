/* cmd_rules_coverage.c - hinomi rules coverage: what the rules see, and where they are thin. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/files.h"
#include "app/opt_shared.h"
#include "app/rule_choice.h"
#include "app/rule_options.h"
#include "app/ui.h"

#include "base/json_out.h"
#include "report/coverage.h"

enum { O_OUTPUT, O_SVG, O_HTML, O_NAVIGATOR };

static const struct opt_spec options[] = {
    OPT_RULE_MAKING_ROWS,
    OPT_RULE_CHOICE_ROWS,
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|json",
            "form of the tables (default: human)", "出力形式(既定: human)" },
    { O_SVG, "svg", '\0', OPT_TEXT, "FILE", NULL, "draw both tables into FILE as well",
            "表を SVG にも描く" },
    { O_HTML, "html", '\0', OPT_TEXT, "FILE", NULL,
            "write a self-contained page with both tables and the rules",
            "表とルールの一覧を HTML にも書く" },
    { O_NAVIGATOR, "navigator", '\0', OPT_TEXT, "FILE", NULL,
            "write an ATT&CK Navigator layer as well", "ATT&CK Navigator のレイヤーも書く" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

#define FAMILY_COLUMNS 22
#define TRACE_COLUMNS  17
#define TACTIC_COLUMNS 22
#define LINE_COLUMNS   78u

/* ---- For people ---- */

static void style(struct hn_buf *out, enum ui_style wanted)
{
    hn_buf_add_cstr(out, ui_style(wanted, ui.color_out));
}

static void family_table(const struct coverage *coverage, struct hn_buf *out)
{
    style(out, UI_BOLD);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("FAMILY", "ファミリー")), FAMILY_COLUMNS);
    for (unsigned trace = 0; trace < COVERAGE_TRACE_COUNT; trace++)
        ui_add_cell(out, hn_text_cstr(coverage_trace_name((enum coverage_trace)trace, ui.japanese)),
                TRACE_COLUMNS);
    style(out, UI_PLAIN);
    hn_buf_add_char(out, '\n');
    for (uint32_t i = 0; i < coverage->family_count; i++) {
        const struct coverage_family *family = &coverage->families[i];

        ui_add_cell(out, family->name, FAMILY_COLUMNS - 1);
        hn_buf_add_char(out, ' ');
        for (unsigned trace = 0; trace < COVERAGE_TRACE_COUNT; trace++) {
            char number[16] = "·";

            if (family->rules[trace] > 0)
                (void)snprintf(number, sizeof number, "%u", (unsigned)family->rules[trace]);
            style(out, family->rules[trace] > 0 ? UI_GREEN : UI_DIM);
            ui_add_cell(out, hn_text_cstr(number), TRACE_COLUMNS);
            style(out, UI_PLAIN);
        }
        if (family->fragile) {
            style(out, UI_YELLOW);
            hn_buf_add_cstr(out, UI_TEXT("fragile", "脆弱"));
            style(out, UI_PLAIN);
        }
        hn_buf_add_char(out, '\n');
    }
}

static void tactic_lines(
        const struct coverage *coverage, const struct coverage_tactic *tactic, struct hn_buf *out)
{
    struct hn_buf name = { 0 };
    size_t column = 0;

    coverage_tactic_name(tactic->id, &name);
    style(out, UI_BOLD);
    ui_add_cell(out, hn_buf_text(&name), TACTIC_COLUMNS);
    style(out, UI_PLAIN);
    hn_buf_addf(out, "%5u  ", (unsigned)tactic->rules);
    for (uint32_t i = 0; i < tactic->cell_count; i++) {
        char cell[ALERT_ATTACK_MAX + 16];
        int len = snprintf(cell, sizeof cell, "%s:%u",
                coverage->techniques[tactic->cells[i].technique].id,
                (unsigned)tactic->cells[i].rules);

        if (column > 0 && column + (size_t)len + 1 > LINE_COLUMNS) {
            hn_buf_add_char(out, '\n');
            hn_buf_add_repeat(out, ' ', TACTIC_COLUMNS + 7);
            column = 0;
        }
        if (column > 0)
            hn_buf_add_char(out, ' ');
        hn_buf_add_cstr(out, cell);
        column += (size_t)len + 1;
    }
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&name);
}

static void human(const struct coverage *coverage, struct hn_buf *out)
{
    if (coverage->family_count > 0) {
        family_table(coverage, out);
        hn_buf_add_char(out, '\n');
    }
    style(out, UI_BOLD);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("TACTIC", "戦術")), TACTIC_COLUMNS);
    hn_buf_add_cstr(out, UI_TEXT("RULES  TECHNIQUE:RULES\n", "ルール 技術:ルール数\n"));
    style(out, UI_PLAIN);
    for (uint32_t i = 0; i < coverage->tactic_count; i++)
        tactic_lines(coverage, &coverage->tactics[i], out);
}

/* ---- As JSON ---- */

static void families_json(const struct coverage *coverage, struct hn_json_out *json)
{
    hn_json_key(json, HN_TEXT("families"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < coverage->family_count; i++) {
        const struct coverage_family *family = &coverage->families[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "name", family->name);
        hn_json_key(json, HN_TEXT("traces"));
        hn_json_open(json, '{');
        for (unsigned trace = 0; trace < COVERAGE_TRACE_COUNT; trace++) {
            hn_json_key(json, hn_text_cstr(coverage_trace_id((enum coverage_trace)trace)));
            hn_json_u64(json, family->rules[trace]);
        }
        hn_json_close(json, '}');
        hn_json_pair_u64(json, "rules", family->total);
        hn_json_key(json, HN_TEXT("fragile"));
        hn_json_bool(json, family->fragile);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void techniques_json(const struct coverage *coverage, struct hn_json_out *json)
{
    hn_json_key(json, HN_TEXT("techniques"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < coverage->technique_count; i++) {
        const struct coverage_technique *technique = &coverage->techniques[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "id", hn_text_cstr(technique->id));
        hn_json_pair_u64(json, "rules", technique->rules);
        hn_json_pair(json, "level", hn_text_cstr(sigma_level_text(technique->level)));
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void tactics_json(const struct coverage *coverage, struct hn_json_out *json)
{
    hn_json_key(json, HN_TEXT("tactics"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < coverage->tactic_count; i++) {
        const struct coverage_tactic *tactic = &coverage->tactics[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "id", hn_text_cstr(tactic->id));
        hn_json_pair_u64(json, "rules", tactic->rules);
        hn_json_key(json, HN_TEXT("techniques"));
        hn_json_open(json, '{');
        for (uint32_t k = 0; k < tactic->cell_count; k++) {
            hn_json_key(json, hn_text_cstr(coverage->techniques[tactic->cells[k].technique].id));
            hn_json_u64(json, tactic->cells[k].rules);
        }
        hn_json_close(json, '}');
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void as_json(const struct coverage *coverage, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "rules", coverage->rules);
    hn_json_pair_u64(&json, "without_family", coverage->without_family);
    hn_json_pair_u64(&json, "without_technique", coverage->without_technique);
    families_json(coverage, &json);
    tactics_json(coverage, &json);
    techniques_json(coverage, &json);
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

/* ---- Files ---- */

static int write_file(const char *path, struct hn_buf *text)
{
    struct hn_err err = { 0 };
    enum hn_status status = hn_buf_ok(text) ? file_write_atomic(path, hn_buf_text(text), &err)
                                            : hn_fail(&err, text->status, 0, "too large");

    hn_buf_reset(text);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static int write_files(const struct opt_values *values, const struct coverage *coverage)
{
    const char *svg = opt_text(values, O_SVG);
    const char *html = opt_text(values, O_HTML);
    const char *navigator = opt_text(values, O_NAVIGATOR);
    struct hn_buf text = { 0 };
    int code = EXIT_FINE;

    if (svg != NULL) {
        coverage_write_svg(coverage, ui.japanese, &text);
        code = write_file(svg, &text);
    }
    if (html != NULL && code == EXIT_FINE) {
        coverage_write_html(coverage, ui.japanese, &text);
        code = write_file(html, &text);
    }
    if (navigator != NULL && code == EXIT_FINE) {
        coverage_write_navigator(coverage, &text);
        code = write_file(navigator, &text);
    }
    hn_buf_deinit(&text);
    return code;
}

/* ---- The command ---- */

static bool wants(const void *ctx, const struct sigma_meta *meta)
{
    return rule_choice_wants(ctx, meta);
}

static void summary(const struct sigma_set *set, const struct coverage *coverage)
{
    uint32_t fragile = 0;

    for (uint32_t i = 0; i < coverage->family_count; i++)
        fragile += coverage->families[i].fragile;
    (void)fprintf(stderr,
            UI_TEXT("%u rules: %u families, %u techniques in %u tactics; %u rules without a "
                    "family, %u without a technique\n",
                    "ルール %u: ファミリー %u、技術 %u(戦術 %u)。ファミリーなし %u、技術なし %u\n"),
            (unsigned)coverage->rules, (unsigned)coverage->family_count,
            (unsigned)coverage->technique_count, (unsigned)coverage->tactic_count,
            (unsigned)coverage->without_family, (unsigned)coverage->without_technique);
    if (fragile > 0) {
        ui_warn(UI_TEXT("%u families rest on hashes, addresses, domains and URLs alone",
                        "%u ファミリーはハッシュ・アドレス・ドメイン・URL だけに頼っています"),
                (unsigned)fragile);
    }
    if (sigma_documents_with(set, SIGMA_REJECTED) > 0) {
        ui_warn("%s", UI_TEXT("rules were rejected and do not count; hinomi rules lint says why "
                              "(placeholder lists: --lists)",
                              "拒否されたルールは数えていません。理由は hinomi rules lint"
                              "(プレースホルダーの一覧は --lists)"));
    }
}

static int rules_coverage(const struct opt_values *values)
{
    const char *output = opt_text(values, O_OUTPUT);
    struct rules_options rules = { .no_cache = opt_flag(values, O_RULE_NO_CACHE) };
    struct coverage *coverage = NULL;
    struct sigma_set *set = NULL;
    struct rules_stats stats;
    struct hn_err err = { 0 };
    struct hn_buf text = { 0 };
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    rules.paths = values->operands;
    rules.path_count = values->operand_count;
    rules.pipeline_count = opt_texts(values, O_RULE_PIPELINES, &rules.pipelines);
    rules.list_count = opt_texts(values, O_RULE_LISTS, &rules.lists);
    code = rules_load(&rules, &set, &stats);
    if (code != EXIT_FINE)
        return code;
    if (coverage_new(set, wants, values, &coverage, &err) != HN_OK) {
        ui_error_at(HN_TEXT("coverage"), &err);
        sigma_set_unref(set);
        return EXIT_IO;
    }
    if (output != NULL && strcmp(output, "json") == 0)
        as_json(coverage, &text);
    else
        human(coverage, &text);
    if (!hn_buf_ok(&text) || !ui_write(stdout, hn_buf_text(&text)))
        code = EXIT_IO;
    hn_buf_deinit(&text);
    if (code == EXIT_FINE)
        code = write_files(values, coverage);
    summary(set, coverage);
    coverage_free(coverage);
    sigma_set_unref(set);
    return code;
}

const struct opt_command cmd_rules_coverage = {
    .name = "rules coverage",
    .operands = "[PATH...]",
    .summary = "Shows what rules cover: families by kind of trace, ATT&CK tactics and techniques",
    .summary_ja = "ルールの網羅範囲(ファミリー×痕跡の種類、ATT&CK の戦術と技術)",
    .details =
            "PATH is a file or folder of rules (default: the shipped rules). A family is fragile "
            "when nothing but hashes, addresses, domains and URLs gives it away.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = rules_coverage,
};
