/* report_rules.c - each rule that fired: what it means, what to check, and its evidence by host. */
#include "report/report_internal.h"

/* A rule's text, whose line breaks from YAML are kept as paragraphs by the style. */
static void paragraph(struct page *page, const char *title, struct hn_text text)
{
    if (text.len == 0)
        return;
    hn_buf_addf(page->out, "<div class=\"about\"><h4>%s</h4><p>", title);
    report_html_text(page->out, hn_text_trim(text));
    hn_buf_add_lit(page->out, "</p></div>\n");
}

static void list(struct page *page, const char *title, struct sigma_texts texts, const char *tag)
{
    if (texts.count == 0)
        return;
    hn_buf_addf(page->out, "<div class=\"about\"><h4>%s</h4><%s>", title, tag);
    for (uint32_t i = 0; i < texts.count; i++) {
        hn_buf_add_lit(page->out, "<li>");
        report_html_text(page->out, texts.ptr[i]);
        hn_buf_add_lit(page->out, "</li>");
    }
    hn_buf_addf(page->out, "</%s></div>\n", tag);
}

static void write_references(struct page *page, struct sigma_texts references)
{
    if (references.count == 0)
        return;
    hn_buf_addf(
            page->out, "<div class=\"about refs\"><h4>%s</h4><ul>", tr(page, "References", "参考"));
    for (uint32_t i = 0; i < references.count; i++) {
        hn_buf_add_lit(page->out, "<li>");
        report_html_reference(page->out, references.ptr[i]);
        hn_buf_add_lit(page->out, "</li>");
    }
    hn_buf_add_lit(page->out, "</ul></div>\n");
}

/* In the reader's language where the rule has it. */
static struct hn_text chosen(const struct page *page, struct hn_text en, struct hn_text ja)
{
    struct hn_text first = page->ja ? ja : en;

    return first.len > 0 ? first : page->ja ? en : ja;
}

static void write_about(struct page *page, const struct sigma_meta *meta)
{
    const struct sigma_context *context = &meta->context;
    struct sigma_texts next = page->ja ? context->next_ja : context->next_en;
    struct hn_text false_alarm = chosen(page, context->false_en, context->false_ja);

    if (next.count == 0)
        next = page->ja ? context->next_en : context->next_ja;
    hn_buf_add_lit(page->out, "<div class=\"abouts\">\n");
    paragraph(page, tr(page, "What it finds", "検知内容"), meta->description);
    paragraph(page, tr(page, "Why it matters", "なぜ重要か"),
            chosen(page, context->why_en, context->why_ja));
    list(page, tr(page, "What to check next", "次に確認すること"), next, "ol");
    if (false_alarm.len > 0)
        paragraph(page, tr(page, "When it is a false alarm", "誤検知の場合"), false_alarm);
    else
        list(page, tr(page, "Known false alarms", "既知の誤検知"), meta->falsepositives, "ul");
    write_references(page, meta->references);
    hn_buf_add_lit(page->out, "</div>\n");
}

static void write_identity(struct page *page, const struct rule_entry *rule)
{
    const struct sigma_meta *meta = rule->meta;
    struct hn_buf *out = page->out;

    hn_buf_add_lit(out, "<p class=\"facts\">");
    report_html_count(out, rule->alerts);
    report_put(page, rule->alerts == 1 ? " alert" : " alerts", " 件");
    hn_buf_add_lit(out, " · ");
    report_html_count(out, rule->groups.count);
    report_put(page, rule->groups.count == 1 ? " host" : " hosts", " ホスト");
    hn_buf_add_lit(out, " · ");
    report_put_span(page, rule->first, rule->last);
    if (rule->kind != ALERT_INDICATOR) {
        if (meta->tags.count > 0)
            hn_buf_add_lit(out, " · ");
        report_put_techniques(page, rule);
        if (meta->context.family.len > 0) {
            hn_buf_add_lit(out, " · ");
            report_html_text(out, meta->context.family);
        }
    }
    hn_buf_add_lit(out, "</p>\n");
    if (rule->kind == ALERT_INDICATOR)
        return;
    hn_buf_add_lit(out, "<p class=\"source\">");
    report_put(page, "Rule ", "ルール ");
    hn_buf_add_lit(out, "<code>");
    report_html_text(out, meta->id.len > 0 ? meta->id : meta->title);
    hn_buf_add_lit(out, "</code>");
    if (meta->status != SIGMA_RULE_STATUS_NONE)
        hn_buf_addf(out, " (%s)", sigma_rule_status_text(meta->status));
    if (meta->author.len > 0) {
        report_put(page, ", by ", "、作成者 ");
        report_html_text(out, meta->author);
    }
    hn_buf_add_lit(out, " · <code>");
    report_html_text(out, meta->place.file);
    hn_buf_add_lit(out, "</code></p>\n");
}

/* ---- Evidence ---- */

static void write_samples(struct page *page, const struct alert_group *group)
{
    uint64_t told = 0;
    uint32_t shown = 0;

    for (uint32_t i = 0; i < group->sample_count && i < page->limits.samples_max; i++) {
        size_t before = page->out->len;

        if (group->samples[i].json.len == 0) /* was past the limit of bytes of the scan */
            continue;
        if (page->evidence_bytes >= page->limits.evidence_bytes_max) {
            page->evidence_cut = true;
            break;
        }
        report_write_evidence(page, &group->samples[i]);
        page->evidence_bytes += page->out->len - before;
        told += group->samples[i].count;
        shown++;
    }
    if (group->count > told) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page,
                shown == 0 ? "Alerts counted here without an example: "
                           : "Further alerts of this kind on this host: ",
                shown == 0 ? "例を載せず件数のみのアラート: "
                           : "このホストの同種のアラート(残り): ");
        report_html_count(page->out, group->count - told);
        hn_buf_add_lit(page->out, "</p>\n");
    }
}

static void write_group(struct page *page, uint32_t index)
{
    const struct alert_group *group = page->model.groups[index].group;

    hn_buf_addf(page->out, "<section class=\"group\" id=\"g%u\">\n<h4>", (unsigned)index);
    if (group->host.len > 0)
        report_put_host(page, group->host);
    else
        report_put(page, "No host named", "ホスト名なし");
    hn_buf_add_lit(page->out, " <span class=\"times\">");
    report_html_count(page->out, group->count);
    report_put(page, group->count == 1 ? " alert, " : " alerts, ", " 件、");
    report_put_span(page, group->first, group->last);
    hn_buf_add_lit(page->out, "</span></h4>\n");
    write_samples(page, group);
    hn_buf_add_lit(page->out, "</section>\n");
}

static void write_rule(struct page *page, uint32_t index)
{
    const struct rule_entry *rule = &page->model.rules[index];
    uint32_t shown = rule->groups.count < page->limits.rule_hosts_max ? rule->groups.count
                                                                      : page->limits.rule_hosts_max;

    hn_buf_addf(page->out, "<article class=\"rule l%u\" id=\"r%u\">\n<h3>", (unsigned)rule->level,
            (unsigned)index);
    report_put_level(page, rule->level);
    hn_buf_add_lit(page->out, " ");
    report_html_defanged(page->out, &page->scratch, rule->title);
    hn_buf_add_lit(page->out, "</h3>\n");
    write_identity(page, rule);
    if (rule->kind != ALERT_INDICATOR)
        write_about(page, rule->meta);
    for (uint32_t i = 0; i < shown; i++)
        write_group(page, rule->groups.ptr[i]);
    if (shown < rule->groups.count) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Further hosts, counted in the table of findings: ",
                "残りのホスト(検知一覧に件数あり): ");
        report_html_count(page->out, rule->groups.count - shown);
        hn_buf_add_lit(page->out, "</p>\n");
    }
    hn_buf_add_lit(page->out, "</article>\n");
}

void report_write_rules(struct page *page)
{
    uint32_t shown = page->model.rule_count < page->limits.rules_max ? page->model.rule_count
                                                                     : page->limits.rules_max;

    hn_buf_add_lit(page->out, "<section id=\"evidence\">\n<h2>");
    report_put(page, "Evidence, rule by rule", "証拠(ルール別)");
    hn_buf_add_lit(page->out, "</h2>\n");
    for (uint32_t i = 0; i < shown; i++)
        write_rule(page, i);
    if (shown < page->model.rule_count) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Less important rules and indicators without a section here: ",
                "ここに項目のない、より軽微なルール・指標: ");
        report_html_count(page->out, page->model.rule_count - shown);
        hn_buf_add_lit(page->out, "</p>\n");
    }
    if (page->evidence_cut) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page,
                "Evidence was cut at its limit for a page; every alert with its evidence is in the "
                "output of --output jsonl.",
                "証拠はページの上限で打ち切った。全アラートの証拠は --output jsonl "
                "の出力にある。");
        hn_buf_add_lit(page->out, "</p>\n");
    }
    hn_buf_add_lit(page->out, "</section>\n");
}
