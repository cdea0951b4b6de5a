/* report_notes.c - what was read, with which rules, and what was wrong with either. */
#include "report/report_internal.h"

#define ISSUES_SHOWN_MAX 100u

static void count_row(struct page *page, const char *label, uint64_t count)
{
    hn_buf_addf(page->out, "<tr><th scope=\"row\">%s</th><td class=\"n\">", label);
    report_html_count(page->out, count);
    hn_buf_add_lit(page->out, "</td></tr>\n");
}

static void write_counts(struct page *page)
{
    const struct report *report = page->report;
    const struct sigma_set *set = report->set;
    uint32_t rejected = sigma_documents_with(set, SIGMA_REJECTED);
    uint32_t never = sigma_documents_with(set, SIGMA_NEVER);

    hn_buf_add_lit(page->out, "<div class=\"pair\">\n<table class=\"counts\"><caption>");
    report_put(page, "Input", "入力");
    hn_buf_add_lit(page->out, "</caption><tbody>\n");
    count_row(page, tr(page, "Events", "イベント"), report->events);
    count_row(page, tr(page, "Files decoded", "解読したファイル"), report->files);
    count_row(page, tr(page, "Files of no known format", "形式不明のファイル"),
            report->files_unknown);
    count_row(page, tr(page, "Files that failed", "読めなかったファイル"), report->files_failed);
    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        if (report->findings[i] > 0)
            count_row(page, hn_finding_text((enum hn_finding_kind)i), report->findings[i]);
    }
    hn_buf_add_lit(page->out, "</tbody></table>\n<table class=\"counts\"><caption>");
    report_put(page, "Rules", "ルール");
    hn_buf_add_lit(page->out, "</caption><tbody>\n");
    count_row(page, tr(page, "Rules in use", "使用したルール"), report->rules_loaded);
    count_row(page, tr(page, "Correlations", "相関ルール"), set->correlation_count);
    count_row(page, tr(page, "Without a log source in this input", "該当するログのないルール"),
            report->rules_without_source);
    count_row(page, tr(page, "Rejected", "拒否したルール"), rejected);
    count_row(page, tr(page, "Unable to fire", "発火できないルール"), never);
    count_row(page, tr(page, "Indicators", "指標"), report->indicators);
    hn_buf_add_lit(page->out, "</tbody></table>\n</div>\n");
    hn_buf_add_lit(page->out, "<p class=\"facts\">");
    report_put(page, "Time of the scan: ", "処理時間: ");
    hn_buf_addf(page->out, "%.1f %s</p>\n", report->seconds, tr(page, "s", "秒"));
}

static void write_damage(struct page *page)
{
    const struct report *report = page->report;

    if (report->note_count == 0)
        return;
    hn_buf_addf(page->out, "<details open=\"open\"><summary>%s (",
            tr(page, "Input that was damaged or not read", "破損した、または読めなかった入力"));
    report_html_count(page->out, report->note_count);
    hn_buf_add_lit(page->out, ")</summary><ul class=\"issues\">\n");
    for (size_t i = 0; i < report->note_count; i++) {
        const struct report_note *note = &report->notes[i];

        hn_buf_add_lit(page->out, "<li><code>");
        report_html_defanged(page->out, &page->scratch, note->name);
        if (note->line > 0)
            hn_buf_addf(page->out, ":%llu", (unsigned long long)note->line);
        hn_buf_add_lit(page->out, "</code>");
        if (note->has_place)
            report_put_offset(page, note->offset);
        hn_buf_add_lit(page->out, ": ");
        report_html_defanged(page->out, &page->scratch, note->text);
        hn_buf_add_lit(page->out, "</li>\n");
    }
    hn_buf_add_lit(page->out, "</ul></details>\n");
}

static void write_issue(struct page *page, const struct sigma_issue *issue)
{
    hn_buf_add_lit(page->out, "<li><code>");
    report_html_text(page->out, issue->place.file);
    hn_buf_addf(page->out, ":%u</code>: ", (unsigned)issue->place.line);
    report_html_text(page->out, issue->title);
    hn_buf_add_lit(page->out, " – ");
    report_html_text(page->out, issue->message);
    hn_buf_add_lit(page->out, "</li>\n");
}

static void write_issues(struct page *page)
{
    const struct sigma_set *set = page->report->set;
    uint32_t count = 0;

    for (uint32_t i = 0; i < set->issue_count; i++) {
        if (set->issues[i].severity == SIGMA_WARNING)
            continue;
        if (count == 0) {
            hn_buf_addf(page->out, "<details><summary>%s</summary><ul class=\"issues\">\n",
                    tr(page, "Rules that were rejected or cannot fire, with the reason",
                            "拒否した、または発火できないルールとその理由"));
        }
        if (count++ < ISSUES_SHOWN_MAX)
            write_issue(page, &set->issues[i]);
    }
    if (count > ISSUES_SHOWN_MAX) {
        hn_buf_add_lit(page->out, "<li class=\"note\">");
        report_put(page, "Further ones: ", "ほか: ");
        report_html_count(page->out, count - ISSUES_SHOWN_MAX);
        report_put(page, " (hinomi rules lint lists all)", " 件(hinomi rules lint ですべて表示)");
        hn_buf_add_lit(page->out, "</li>\n");
    }
    if (count > 0)
        hn_buf_add_lit(page->out, "</ul></details>\n");
}

void report_write_notes(struct page *page)
{
    hn_buf_add_lit(page->out, "<section id=\"notes\">\n<h2>");
    report_put(page, "Input and rules", "入力とルール");
    hn_buf_add_lit(page->out, "</h2>\n");
    write_counts(page);
    write_damage(page);
    write_issues(page);
    hn_buf_add_lit(page->out, "</section>\n");
}
