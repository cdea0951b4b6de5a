/* cmd_rules_lint.c - hinomi rules lint: what was rejected, what can never fire, what is odd. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/rules_load.h"
#include "app/ui.h"

#include "base/json_out.h"

#include <string.h>

enum { O_PIPELINE, O_LISTS, O_OUTPUT, O_WARNINGS, O_COLOR };

static const struct opt_spec options[] = {
    { O_PIPELINE, "pipeline", 'p', OPT_TEXTS, "FILE", NULL,
            "pySigma processing pipeline applied to the rules, repeatable",
            "ルールに適用する pySigma パイプライン(複数可)" },
    { O_LISTS, "lists", '\0', OPT_TEXTS, "DIR", NULL,
            "placeholder lists: a folder of <Name>.txt, or Name=FILE, repeatable",
            "プレースホルダーの一覧: <名前>.txt のフォルダー、または 名前=ファイル" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl",
            "form of the findings (default: human)", "出力形式(既定: human)" },
    { O_WARNINGS, "warnings", 'w', OPT_FLAG, NULL, NULL,
            "also what is only unusual or against conventions", "慣例からの外れも示す" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

static const char *severity_name(enum sigma_severity severity)
{
    switch (severity) {
    case SIGMA_REJECTED:
        return UI_TEXT("rejected", "拒否");
    case SIGMA_NEVER:
        return UI_TEXT("never fires", "発火不能");
    case SIGMA_WARNING:
        break;
    }
    return UI_TEXT("warning", "警告");
}

static const char *severity_id(enum sigma_severity severity)
{
    return severity == SIGMA_REJECTED ? "rejected" : severity == SIGMA_NEVER ? "never" : "warning";
}

static void human(const struct sigma_issue *issue, struct hn_buf *out)
{
    enum ui_style style = issue->severity == SIGMA_REJECTED ? UI_RED
                          : issue->severity == SIGMA_NEVER  ? UI_YELLOW
                                                            : UI_DIM;

    ui_add_cell(out, issue->place.file, 0);
    hn_buf_addf(out, ":%u:%u: ", (unsigned)issue->place.line, (unsigned)issue->place.column);
    hn_buf_add_cstr(out, ui_style(style, ui.color_out));
    hn_buf_add_cstr(out, severity_name(issue->severity));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, ": ");
    ui_add_cell(out, issue->message, 0);
    hn_buf_add_lit(out, " [");
    ui_add_cell(out, issue->code, 0);
    hn_buf_add_lit(out, "]\n");
}

static void jsonl(const struct sigma_issue *issue, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "severity", hn_text_cstr(severity_id(issue->severity)));
    hn_json_pair(&json, "code", issue->code);
    hn_json_pair(&json, "file", issue->place.file);
    hn_json_pair_u64(&json, "line", issue->place.line);
    hn_json_pair_u64(&json, "column", issue->place.column);
    hn_json_pair(&json, "rule", issue->rule_id);
    hn_json_pair(&json, "title", issue->title);
    hn_json_pair(&json, "message", issue->message);
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

static int lint(const struct opt_values *values)
{
    const char *output = opt_text(values, O_OUTPUT);
    bool json = output != NULL && strcmp(output, "jsonl") == 0;
    struct rules_options rules = {
        .paths = values->operands, .path_count = values->operand_count, .no_cache = true
    };
    uint32_t counts[SIGMA_WARNING + 1] = { 0 };
    struct sigma_set *set = NULL;
    struct rules_stats stats;
    struct hn_buf text = { 0 };
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    rules.pipeline_count = opt_texts(values, O_PIPELINE, &rules.pipelines);
    rules.list_count = opt_texts(values, O_LISTS, &rules.lists);
    code = rules_load(&rules, &set, &stats);
    if (code != EXIT_FINE)
        return code;
    for (uint32_t i = 0; i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        counts[issue->severity]++;
        if (issue->severity == SIGMA_WARNING && !opt_flag(values, O_WARNINGS))
            continue;
        if (json)
            jsonl(issue, &text);
        else
            human(issue, &text);
    }
    code = counts[SIGMA_REJECTED] > 0 ? EXIT_RULES : EXIT_FINE;
    if (!ui_write(stdout, hn_buf_text(&text)))
        code = EXIT_IO;
    (void)fprintf(stderr,
            UI_TEXT("%u documents in %zu files: %u rules, %u correlations, %u filters; "
                    "%u rejected, %u can never fire, %u warnings\n",
                    "文書 %u / ファイル %zu: ルール %u、相関 %u、フィルター %u。"
                    "拒否 %u、発火不能 %u、警告 %u\n"),
            (unsigned)set->document_count, stats.files, (unsigned)set->rule_count,
            (unsigned)set->correlation_count, (unsigned)set->filter_count,
            (unsigned)sigma_documents_with(set, SIGMA_REJECTED),
            (unsigned)sigma_documents_with(set, SIGMA_NEVER), (unsigned)counts[SIGMA_WARNING]);
    hn_buf_deinit(&text);
    sigma_set_unref(set);
    return code;
}

const struct opt_command cmd_rules_lint = {
    .name = "rules lint",
    .operands = "[PATH...]",
    .summary = "Lists rules that were rejected or can never fire, and why",
    .summary_ja = "拒否されたルール、発火し得ないルールとその理由を示す",
    .details =
            "Exit status 2 when a document was rejected. The codes are explained in docs/lint.md.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = lint,
};
