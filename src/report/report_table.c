/* report_table.c - all findings by rule and host as one table, which the script sorts and filters.
 */
#include "report/report_internal.h"

/* The script shows the form and works the buttons of the header; without it they do nothing. */
static void write_filter(struct page *page)
{
    hn_buf_addf(page->out,
            "<form id=\"filter\" hidden=\"hidden\">\n<label>%s <input type=\"search\" "
            "id=\"needle\" autocomplete=\"off\" placeholder=\"%s\"/></label>\n<fieldset>"
            "<legend class=\"sr\">%s</legend>",
            tr(page, "Filter", "絞り込み"),
            tr(page, "host, rule, technique", "ホスト・ルール・手法"),
            tr(page, "Levels", "レベル"));
    for (unsigned i = SIGMA_LEVEL_CRITICAL + 1; i-- > 0;) {
        if (page->model.totals[i] == 0)
            continue;
        hn_buf_addf(page->out,
                "<label class=\"pick l%u\"><input type=\"checkbox\" value=\"%u\" "
                "checked=\"checked\"/> %s</label>",
                i, i, report_level_name(page, (enum sigma_level)i));
    }
    hn_buf_addf(page->out, "</fieldset>\n<output id=\"shown\" data-text=\"%s\"></output></form>\n",
            tr(page, "rows shown", "行を表示"));
}

static void write_header(struct page *page)
{
    static const struct {
        const char *en;
        const char *ja;
        const char *kind;
    } columns[] = {
        { "Level", "レベル", "number" },
        { "Alerts", "件数", "number" },
        { "First seen", "最初", "text" },
        { "Last seen", "最後", "text" },
        { "Host", "ホスト", "text" },
        { "ATT&amp;CK", "ATT&amp;CK", "text" },
        { "Rule", "ルール", "text" },
    };

    hn_buf_add_lit(page->out, "<thead><tr>");
    for (size_t i = 0; i < HN_COUNT_OF(columns); i++)
        hn_buf_addf(page->out, "<th scope=\"col\" class=\"c%u\" data-sort=\"%s\">%s</th>",
                (unsigned)i, columns[i].kind, tr(page, columns[i].en, columns[i].ja));
    hn_buf_add_lit(page->out, "</tr></thead>\n");
}

static void write_row(struct page *page, uint32_t index)
{
    const struct group_entry *entry = &page->model.groups[index];
    const struct alert_group *group = entry->group;
    bool link = report_has_details(page, entry->rule);

    hn_buf_addf(page->out, "<tr data-level=\"%u\"><td data-value=\"%u\">", (unsigned)group->level,
            (unsigned)group->level);
    report_put_level(page, group->level);
    hn_buf_addf(page->out, "</td><td class=\"n\" data-value=\"%llu\">",
            (unsigned long long)group->count);
    report_html_count(page->out, group->count);
    hn_buf_add_lit(page->out, "</td><td class=\"t\">");
    report_html_time(page->out, group->first, page->report->zone);
    hn_buf_add_lit(page->out, "</td><td class=\"t\">");
    report_html_time(page->out, group->last, page->report->zone);
    hn_buf_add_lit(page->out, "</td><td class=\"h\">");
    report_put_host(page, group->host.len > 0 ? group->host : HN_TEXT("–"));
    hn_buf_add_lit(page->out, "</td><td class=\"k\">");
    report_put_techniques(page, &page->model.rules[entry->rule]);
    hn_buf_add_lit(page->out, "</td><td>");
    if (link) {
        hn_buf_add_lit(page->out, "<a href=\"");
        report_put_group_href(page, index);
        hn_buf_add_lit(page->out, "\">");
    }
    report_html_defanged(page->out, &page->scratch, group->title);
    if (link)
        hn_buf_add_lit(page->out, "</a>");
    hn_buf_add_lit(page->out, "</td></tr>\n");
}

static void write_cut(struct page *page, uint32_t shown)
{
    const struct model *model = &page->model;
    uint64_t alerts = 0;

    for (uint32_t i = shown; i < model->group_count; i++)
        alerts += model->groups[i].group->count;
    if (shown < model->group_count) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Less important rows left out: ", "省略した、より軽微な行: ");
        report_html_count(page->out, model->group_count - shown);
        report_put(page, ", with alerts: ", "、そのアラート: ");
        report_html_count(page->out, alerts);
        report_put(page, ". All of them are in the output of --output jsonl.",
                "。全件は --output jsonl の出力にある。");
        hn_buf_add_lit(page->out, "</p>\n");
    }
    if (alert_groups_overflow(page->report->groups) > 0) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Alerts that are counted but were too many kinds to be grouped: ",
                "種類が多すぎて集計のみとしたアラート: ");
        report_html_count(page->out, alert_groups_overflow(page->report->groups));
        hn_buf_add_lit(page->out, "</p>\n");
    }
}

void report_write_table(struct page *page)
{
    uint32_t shown = page->model.group_count < page->limits.rows_max ? page->model.group_count
                                                                     : page->limits.rows_max;

    hn_buf_add_lit(page->out, "<section id=\"findings\">\n<h2>");
    report_put(page, "Findings by rule and host", "検知一覧(ルール × ホスト)");
    hn_buf_add_lit(page->out, "</h2>\n");
    write_filter(page);
    hn_buf_add_lit(page->out, "<div class=\"scroll\"><table id=\"table\" class=\"list\">\n");
    write_header(page);
    hn_buf_add_lit(page->out, "<tbody>\n");
    for (uint32_t i = 0; i < shown; i++)
        write_row(page, i);
    hn_buf_add_lit(page->out, "</tbody></table></div>\n");
    write_cut(page, shown);
    hn_buf_add_lit(page->out, "</section>\n");
}
