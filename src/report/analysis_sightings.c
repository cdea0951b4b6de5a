/* analysis_sightings.c - who else got it, who connected: what a server's journal has of the sample.
 */
#include "report/analysis_internal.h"

static void put_cell(struct analysis *a, struct hn_text text)
{
    hn_buf_add_lit(a->page.out, "<td>");
    analysis_text(a, text, ANALYSIS_VALUE_BYTES);
    hn_buf_add_lit(a->page.out, "</td>");
}

static void put_row(struct analysis *a, const struct report_sighting *row)
{
    hn_buf_add_lit(a->page.out, "<tr>");
    put_cell(a, row->time);
    put_cell(a, row->host);
    put_cell(a, row->user);
    put_cell(a, row->source);
    hn_buf_add_lit(a->page.out, "<td class=\"v\"><code>");
    analysis_text(a, row->value, ANALYSIS_VALUE_BYTES);
    hn_buf_addf(a->page.out, "</code></td><td class=\"n\">%llu:%llu</td></tr>\n",
            (unsigned long long)row->offset, (unsigned long long)row->index);
}

static void put_extent(struct analysis *a, const struct report_sightings *seen)
{
    hn_buf_add_lit(a->page.out, "<p class=\"facts\">");
    report_html_count(a->page.out, seen->events);
    report_put(&a->page, " events of the journal were looked at", " 件のイベントを照合");
    if (seen->complete) {
        report_put(&a->page, ", all there are.", "(ジャーナル全体)。");
    } else {
        report_put(&a->page, ", the newest ones, back to what was received ",
                "(時間・件数の上限まで、新しい順。到達した受信時刻: ");
        if (seen->reached != HN_TIME_NONE)
            report_html_time(a->page.out, seen->reached, a->in->zone);
        report_put(&a->page, ".", ")。");
    }
    hn_buf_add_lit(a->page.out, "</p>\n");
}

void analysis_sightings(struct analysis *a)
{
    const struct report_sightings *seen = a->in->sightings;
    size_t shown = 0;

    if (seen == NULL)
        return;
    analysis_open(a, "sightings", "Seen in the journal", "組織内の痕跡(ジャーナル照合)");
    if (seen->count > 0) {
        hn_buf_addf(a->page.out,
                "<div class=\"scroll\"><table class=\"iocs\"><thead><tr>"
                "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                "<th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                "<th scope=\"col\" class=\"c1\">%s</th></tr></thead><tbody>\n",
                tr(&a->page, "Time", "時刻"), tr(&a->page, "Host", "ホスト"),
                tr(&a->page, "User", "ユーザー"), tr(&a->page, "Source", "ログ源"),
                tr(&a->page, "What", "一致した値"), tr(&a->page, "Place", "位置"));
        for (; shown < seen->count && shown < ANALYSIS_SIGHTINGS_MAX; shown++)
            put_row(a, &seen->rows[shown]);
        hn_buf_add_lit(a->page.out, "</tbody></table></div>\n");
    } else {
        hn_buf_add_lit(a->page.out, "<p>");
        report_put(&a->page, "Nothing of the sample was found there.",
                "検体に関わる記録は見つからなかった。");
        hn_buf_add_lit(a->page.out, "</p>\n");
    }
    put_extent(a, seen);
    analysis_close(a);
}
