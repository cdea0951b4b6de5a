/* test_report.c - writes results of tests for people and as JSON lines. */
#include "app/test_report.h"

#include "app/ui.h"
#include "base/json_out.h"

static void human(const struct test_result *result, struct hn_buf *out)
{
    hn_buf_add_cstr(out, ui_style(result->passed ? UI_GREEN : UI_RED, ui.color_out));
    hn_buf_add_cstr(out, result->passed ? UI_TEXT("ok   ", "合格 ") : UI_TEXT("FAIL ", "失敗 "));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    ui_add_cell(out, hn_text_cstr(result->path), 0);
    hn_buf_addf(out, ":%u: ", (unsigned)result->line);
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    ui_add_cell(out, result->rule, 0);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, ": ");
    ui_add_cell(out, result->name, 0);
    hn_buf_add_char(out, '\n');
    if (result->passed)
        return;
    hn_buf_add_cstr(out, UI_TEXT("     expected: ", "     期待: "));
    ui_add_cell(out, result->expected, 0);
    hn_buf_add_cstr(out, UI_TEXT("\n     got: ", "\n     結果: "));
    ui_add_cell(out, result->got, 0);
    hn_buf_add_char(out, '\n');
    hn_buf_add_text(out, result->why);
}

static void json_line(const struct test_result *result, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "result", hn_text_cstr(result->passed ? "passed" : "failed"));
    hn_json_pair(&json, "file", hn_text_cstr(result->path));
    hn_json_pair_u64(&json, "line", result->line);
    hn_json_pair(&json, "rule", result->id);
    hn_json_pair(&json, "title", result->rule);
    hn_json_pair(&json, "test", result->name);
    hn_json_pair(&json, "expected", result->expected);
    hn_json_pair(&json, "got", result->got);
    if (result->why_json.len > 0) {
        hn_json_key(&json, HN_TEXT("why"));
        hn_json_raw(&json, hn_text_trim(result->why_json));
    }
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

void test_report_add(struct test_report *report, const struct test_result *result)
{
    if (result->passed)
        report->passed++;
    else
        report->failed++;
    if (result->passed && !report->verbose)
        return;
    if (report->json)
        json_line(result, &report->out);
    else
        human(result, &report->out);
}
