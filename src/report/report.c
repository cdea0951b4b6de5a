/* report.c - the frame of a report: head, policy, headline, order of the sections. */
#include "report/report_internal.h"

#include "base/enc.h"
#include "base/sha256.h"
#include "report/report_assets.h"

const struct report_limits report_limits_default = {
    .rows_max = 2000,
    .rules_max = 250,
    .rule_hosts_max = 10,
    .samples_max = 5,
    .hosts_max = 25,
    .host_steps_max = 40,
    .value_bytes_max = 1500,
    .raw_bytes_max = 4000,
    .evidence_bytes_max = (size_t)4 << 20,
};

#define MODEL_BYTES_MAX  ((size_t)1 << 30)
#define SAMPLE_BYTES_MAX ((size_t)256 << 20)

/* ---- Shared pieces ---- */

void report_put(struct page *page, const char *en, const char *ja)
{
    hn_buf_add_cstr(page->out, tr(page, en, ja));
}

const char *report_level_name(const struct page *page, enum sigma_level level)
{
    switch (level) {
    case SIGMA_LEVEL_CRITICAL:
        return tr(page, "critical", "緊急");
    case SIGMA_LEVEL_HIGH:
        return tr(page, "high", "高");
    case SIGMA_LEVEL_MEDIUM:
        return tr(page, "medium", "中");
    case SIGMA_LEVEL_LOW:
        return tr(page, "low", "低");
    case SIGMA_LEVEL_INFORMATIONAL:
        return tr(page, "info", "情報");
    case SIGMA_LEVEL_NONE:
        break;
    }
    return tr(page, "none", "なし");
}

void report_put_level(struct page *page, enum sigma_level level)
{
    hn_buf_addf(page->out, "<span class=\"chip l%u\">%s</span>", (unsigned)level,
            report_level_name(page, level));
}

void report_put_techniques(struct page *page, const struct rule_entry *rule)
{
    char id[ALERT_ATTACK_MAX];
    bool first = true;

    if (rule->kind == ALERT_INDICATOR)
        return;
    for (uint32_t i = 0; i < rule->meta->tags.count; i++) {
        if (!alert_attack_technique(rule->meta->tags.ptr[i], id))
            continue;
        hn_buf_addf(page->out, "%s<span class=\"tech\">%s</span>", first ? "" : " ", id);
        first = false;
    }
}

/* Length of the machine's own name: up to the first dot, all of an address. */
static size_t machine_len(struct hn_text host)
{
    size_t dot = hn_text_find_char(host, '.', 0);
    size_t last = host.len;

    while (last > 0 && host.ptr[last - 1] != '.')
        last--;
    if (dot == SIZE_MAX || dot == 0 || last == host.len ||
            (host.ptr[last] >= '0' && host.ptr[last] <= '9'))
        return host.len;
    return dot;
}

void report_put_host(struct page *page, struct hn_text host)
{
    size_t len = machine_len(host);

    /* The usual name stays on one line; a hostile one of many characters must break. */
    hn_buf_addf(page->out, "<span class=\"%s\">", len <= 32 ? "machine" : "machine long");
    report_html_defanged(page->out, &page->scratch, hn_text_sub(host, 0, len));
    hn_buf_add_lit(page->out, "</span>");
    if (len == host.len)
        return;
    hn_buf_add_lit(page->out, "<span class=\"domain\">");
    report_html_defanged(page->out, &page->scratch, hn_text_sub(host, len, host.len));
    hn_buf_add_lit(page->out, "</span>");
}

void report_put_span(struct page *page, hn_time first, hn_time last)
{
    report_html_time(page->out, first, page->report->zone);
    if (last == HN_TIME_NONE || first / HN_SECOND == last / HN_SECOND)
        return;
    hn_buf_add_lit(page->out, " – ");
    report_html_time(page->out, last, page->report->zone);
}

void report_put_offset(struct page *page, uint64_t offset)
{
    report_put(page, " (offset ", "(位置 ");
    hn_buf_add_u64(page->out, offset);
    hn_buf_add_lit(page->out, ")");
}

bool report_has_details(const struct page *page, uint32_t rule)
{
    return rule < page->limits.rules_max;
}

void report_put_group_href(struct page *page, uint32_t group)
{
    const struct group_entry *entry = &page->model.groups[group];

    if (entry->place < page->limits.rule_hosts_max)
        hn_buf_addf(page->out, "#g%u", (unsigned)group);
    else
        hn_buf_addf(page->out, "#r%u", (unsigned)entry->rule);
}

/* ---- Head ---- */

void report_put_digest(struct hn_buf *out, const unsigned char *bytes, size_t len)
{
    uint8_t digest[HN_SHA256_BYTES];

    if (!hn_sha256(hn_bytes_of(bytes, len), digest))
        memset(digest, 0, sizeof digest); /* which allows nothing */
    hn_buf_add_lit(out, "'sha256-");
    hn_base64_encode(out, hn_bytes_of(digest, sizeof digest));
    hn_buf_add_lit(out, "'");
}

static void write_head(struct page *page)
{
    struct hn_buf *out = page->out;

    hn_buf_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n",
            tr(page, "en", "ja"));
    hn_buf_add_lit(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                        "'none'; style-src ");
    report_put_digest(out, report_style, report_style_len);
    hn_buf_add_lit(out, "; script-src ");
    report_put_digest(out, report_script, report_script_len);
    hn_buf_add_lit(out, "; base-uri 'none'; form-action 'none'\"/>\n"
                        "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
                        "<meta name=\"robots\" content=\"noindex\"/>\n"
                        "<meta name=\"viewport\" content=\"width=device-width, "
                        "initial-scale=1\"/>\n"
                        "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>");
    report_put(page, "Hinomi scan report", "Hinomi スキャン報告書");
    hn_buf_add_lit(out, "</title>\n<style>");
    hn_buf_add(out, report_style, report_style_len);
    hn_buf_add_lit(out, "</style>\n</head>\n");
}

static void write_inputs(struct page *page)
{
    const struct report *report = page->report;
    const size_t shown_max = 5;

    for (size_t i = 0; i < report->input_count && i < shown_max; i++) {
        if (i > 0)
            report_put(page, ", ", "、");
        hn_buf_add_lit(page->out, "<code>");
        report_html_defanged(page->out, &page->scratch, hn_text_cstr(report->inputs[i]));
        hn_buf_add_lit(page->out, "</code>");
    }
    if (report->input_count > shown_max) {
        report_put(page, " and ", " ほか ");
        report_html_count(page->out, report->input_count - shown_max);
        report_put(page, " more", " 件");
    }
}

static void write_banner(struct page *page)
{
    struct hn_buf *out = page->out;

    hn_buf_add_lit(out, "<body>\n<a class=\"skip\" href=\"#main\">");
    report_put(page, "To the content", "本文へ");
    hn_buf_add_lit(out, "</a>\n<header class=\"banner\">\n<p class=\"brand\">Hinomi <span>火の見"
                        "</span></p>\n<h1>");
    report_put(page, "Scan report", "スキャン報告書");
    hn_buf_add_lit(out, "</h1>\n<p class=\"sub\">");
    report_put(page, "Input: ", "対象: ");
    write_inputs(page);
    hn_buf_add_lit(out, "<br/>");
    report_put(page, "Made ", "作成: ");
    report_html_time(out, page->report->made, page->report->zone);
    report_put(page, ". All times are ", "(時刻はすべて ");
    report_html_text(
            out, page->report->zone_name.len > 0 ? page->report->zone_name : HN_TEXT("UTC"));
    report_put(page, ".", ")");
    hn_buf_add_lit(out, "</p>\n</header>\n");
}

static void nav_link(struct page *page, const char *id, const char *en, const char *ja)
{
    hn_buf_addf(page->out, "<a href=\"#%s\">%s</a>\n", id, tr(page, en, ja));
}

static void write_nav(struct page *page)
{
    hn_buf_addf(page->out, "<nav aria-label=\"%s\">\n", tr(page, "Sections", "目次"));
    nav_link(page, "summary", "Summary", "要約");
    if (page->model.alerts > 0) {
        nav_link(page, "timeline", "Timeline", "時系列");
        if (page->model.technique_count > 0)
            nav_link(page, "attack", "ATT&amp;CK", "ATT&amp;CK");
        nav_link(page, "hosts", "By host", "ホスト別の経過");
        nav_link(page, "findings", "Findings", "検知一覧");
        nav_link(page, "evidence", "Evidence", "証拠");
    }
    nav_link(page, "notes", "Input and rules", "入力とルール");
    hn_buf_add_lit(page->out, "</nav>\n");
}

/* ---- Summary ---- */

static uint32_t hosts_named(const struct model *model)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < model->host_count; i++)
        count += model->hosts[i].name.len > 0;
    return count;
}

/* One sentence that a manager can quote. */
static void write_lead(struct page *page)
{
    const struct model *model = &page->model;
    struct hn_buf *out = page->out;

    hn_buf_add_lit(out, "<p class=\"lead\">");
    if (model->alerts == 0) {
        report_put(page, "No rule and no indicator matched.",
                "ルールにも指標にも一致するものはなかった。");
    } else if (page->ja) {
        hn_buf_add_lit(out, "<strong>");
        report_html_count(out, model->alerts);
        hn_buf_add_lit(out, " 件</strong>のアラート(");
        report_html_count(out, model->rule_count);
        hn_buf_add_lit(out, " 種類、");
        report_html_count(out, hosts_named(model));
        hn_buf_add_lit(out, " ホスト)。期間は ");
        report_put_span(page, model->first, model->last);
        hn_buf_add_lit(out, "。");
    } else {
        hn_buf_add_lit(out, "<strong>");
        report_html_count(out, model->alerts);
        hn_buf_add_cstr(out, model->alerts == 1 ? " alert</strong> of " : " alerts</strong> of ");
        report_html_count(out, model->rule_count);
        hn_buf_add_cstr(out, model->rule_count == 1 ? " kind on " : " kinds on ");
        report_html_count(out, hosts_named(model));
        hn_buf_add_cstr(out, hosts_named(model) == 1 ? " host, " : " hosts, ");
        report_put_span(page, model->first, model->last);
        hn_buf_add_lit(out, ".");
    }
    hn_buf_add_lit(out, "</p>\n");
    if (page->report->interrupted) {
        hn_buf_add_lit(out, "<p class=\"warn\">");
        report_put(page, "The scan was interrupted; this is what had been found until then.",
                "スキャンは中断された。そこまでの結果である。");
        hn_buf_add_lit(out, "</p>\n");
    }
}

static void write_tiles(struct page *page)
{
    hn_buf_add_lit(page->out, "<ul class=\"tiles\">\n");
    for (unsigned i = SIGMA_LEVEL_CRITICAL; i >= SIGMA_LEVEL_INFORMATIONAL; i--) {
        hn_buf_addf(
                page->out, "<li class=\"l%u%s\"><b>", i, page->model.totals[i] == 0 ? " zero" : "");
        report_html_count(page->out, page->model.totals[i]);
        hn_buf_addf(page->out, "</b><span>%s</span></li>\n",
                report_level_name(page, (enum sigma_level)i));
    }
    hn_buf_add_lit(page->out, "</ul>\n");
}

void report_write_summary(struct page *page)
{
    const struct report *report = page->report;
    struct hn_buf *out = page->out;
    uint64_t damage = 0;

    for (unsigned i = 0; i < HN_FINDING_COUNT; i++)
        damage += report->findings[i];
    hn_buf_add_lit(out, "<section id=\"summary\" class=\"summary\">\n<h2>");
    report_put(page, "Summary", "要約");
    hn_buf_add_lit(out, "</h2>\n");
    write_lead(page);
    write_tiles(page);
    hn_buf_add_lit(out, "<p class=\"facts\">");
    report_html_count(out, report->events);
    report_put(page, " events in ", " イベント / ");
    report_html_count(out, report->files);
    report_put(page, report->files == 1 ? " file (" : " files (", " ファイル(");
    report_html_bytes(out, report->bytes);
    report_put(page, ") · ", ") · ルール ");
    report_html_count(out, report->rules_loaded);
    report_put(page, report->rules_loaded == 1 ? " rule" : " rules", " 件");
    if (report->indicators > 0) {
        report_put(page, " · ", " · 指標 ");
        report_html_count(out, report->indicators);
        report_put(page, " indicators", " 件");
    }
    hn_buf_add_lit(out, " · <a href=\"#notes\">");
    if (damage + report->files_failed + report->files_unknown == 0) {
        report_put(page, "no damage found", "入力の破損なし");
    } else {
        report_put(page, "damage or unreadable input: ", "破損・未対応の入力: ");
        report_html_count(out, damage + report->files_failed + report->files_unknown);
    }
    hn_buf_add_lit(out, "</a></p>\n</section>\n");
}

/* ---- The page ---- */

static void write_footer(struct page *page)
{
    hn_buf_add_lit(page->out, "</main>\n<footer>Hinomi ");
    report_html_text(page->out, page->report->version);
    report_put(page,
            " · URLs in evidence are written hxxp so that nobody opens them by accident · "
            "ATT&amp;CK is a trademark of The MITRE Corporation",
            " · 証拠の中の URL は誤って開かないよう hxxp と表記 · ATT&amp;CK は The MITRE "
            "Corporation の商標");
    hn_buf_add_lit(page->out, "</footer>\n<script>");
    hn_buf_add(page->out, report_script, report_script_len);
    hn_buf_add_lit(page->out, "</script>\n</body>\n</html>\n");
}

static void write_page(struct page *page)
{
    write_head(page);
    write_banner(page);
    write_nav(page);
    hn_buf_add_lit(page->out, "<main id=\"main\">\n");
    report_write_summary(page);
    if (page->model.alerts > 0) {
        report_write_timeline(page);
        report_write_matrix(page);
        report_write_hosts(page);
        report_write_table(page);
        report_write_rules(page);
    }
    report_write_notes(page);
    write_footer(page);
}

enum hn_status report_write(const struct report *report, struct hn_buf *out)
{
    struct page page = { .report = report,
        .limits = report->limits.rows_max == 0 ? report_limits_default : report->limits,
        .out = out,
        .ja = report->japanese };
    enum hn_status status;

    hn_arena_init(&page.arena, MODEL_BYTES_MAX);
    hn_arena_init(&page.sample, SAMPLE_BYTES_MAX);
    status = report_model_make(&page);
    if (status == HN_OK) {
        write_page(&page);
        if (!hn_buf_ok(out) || !hn_buf_ok(&page.scratch))
            status = hn_buf_ok(out) ? page.scratch.status : out->status;
    }
    hn_buf_deinit(&page.scratch);
    hn_arena_deinit(&page.sample);
    hn_arena_deinit(&page.arena);
    return status;
}
