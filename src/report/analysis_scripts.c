/* analysis_scripts.c - the scripts layer by layer, the techniques, what could not be opened, and
 * what to do now. */
#include "report/analysis_internal.h"

/* ---- Scripts ---- */

static bool is_script(const struct dissect_object *object)
{
    return strcmp(dissect_format_category(object->format), "script") == 0 &&
           object->format != DISSECT_VBA_PROJECT && object->data.len > 0;
}

static void put_script(struct analysis *a, const struct dissect_object *object)
{
    struct hn_buf *out = a->page.out;

    /* The last layers are what people want to read. */
    hn_buf_addf(out, "<details id=\"o%u\"%s><summary>", (unsigned)object->id,
            strcmp(object->relation, "layer") == 0 ? " open=\"open\"" : "");
    hn_buf_add_cstr(out, analysis_format(a, object->format));
    hn_buf_add_char(out, ' ');
    analysis_text(a, analysis_name(object), 80);
    hn_buf_addf(out, " · %s · ", tr(&a->page, "layer", "階層"));
    hn_buf_addf(out, "%u · ", (unsigned)object->depth);
    report_html_bytes(out, object->data.len);
    hn_buf_add_lit(out, "</summary>\n<pre>");
    analysis_text(a, hn_bytes_as_text(object->data), ANALYSIS_SCRIPT_BYTES);
    hn_buf_add_lit(out, "</pre>\n");
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        hn_buf_add_lit(out, "<p class=\"note\">");
        hn_buf_add_cstr(
                out, a->page.ja ? dissect_note_text_ja(note->kind) : dissect_note_text(note->kind));
        if (note->detail.len > 0) {
            hn_buf_add_lit(out, ": ");
            analysis_text(a, note->detail, 300);
        }
        hn_buf_add_lit(out, "</p>\n");
    }
    hn_buf_add_lit(out, "</details>\n");
}

void analysis_scripts(struct analysis *a)
{
    size_t shown = 0;
    size_t count = 0;

    analysis_open(a, "scripts", "Scripts, layer by layer", "スクリプト(階層順)");
    for (uint32_t id = 0; id < dissect_count(a->tree); id++) {
        const struct dissect_object *object = dissect_get(a->tree, id);

        if (!is_script(object))
            continue;
        if (count++ < ANALYSIS_SCRIPTS_MAX) {
            put_script(a, object);
            shown++;
        }
    }
    if (count == 0) {
        hn_buf_add_lit(a->page.out, "<p>");
        report_put(&a->page, "There are none.", "スクリプトはない。");
        hn_buf_add_lit(a->page.out, "</p>\n");
    } else if (count > shown) {
        hn_buf_addf(a->page.out, "<p class=\"facts\">");
        hn_buf_addf(
                a->page.out, a->page.ja ? "ほか %zu 件" : "%zu more are not shown", count - shown);
        hn_buf_add_lit(a->page.out, "</p>\n");
    }
    analysis_close(a);
}

/* ---- Techniques ---- */

static bool named_before(const struct protect_case *about, size_t hit, size_t technique)
{
    for (size_t i = 0; i <= hit; i++) {
        size_t end = i == hit ? technique : about->hits[i].technique_count;

        for (size_t k = 0; k < end; k++) {
            if (hn_text_eq(about->hits[i].techniques[k], about->hits[hit].techniques[technique]))
                return true;
        }
    }
    return false;
}

void analysis_techniques(struct analysis *a)
{
    bool any = false;

    analysis_open(a, "attack", "ATT&amp;CK, from evidence", "ATT&amp;CK(証拠に基づく)");
    hn_buf_add_lit(a->page.out, "<ul class=\"issues\">\n");
    for (size_t i = 0; i < a->about->hit_count; i++) {
        const struct protect_hit *hit = &a->about->hits[i];

        for (size_t k = 0; k < hit->technique_count; k++) {
            const char *name = attack_name(hit->techniques[k]);

            if (named_before(a->about, i, k))
                continue;
            any = true;
            hn_buf_add_lit(a->page.out, "<li><span class=\"tech\">");
            report_html_text(a->page.out, hit->techniques[k]);
            hn_buf_add_lit(a->page.out, "</span> ");
            if (name != NULL)
                report_html_text(a->page.out, hn_text_cstr(name));
            hn_buf_add_lit(a->page.out, " – ");
            analysis_text(a, hit->title, 200);
            hn_buf_add_lit(a->page.out, "</li>\n");
        }
    }
    if (!any) {
        hn_buf_add_lit(a->page.out, "<li>");
        report_put(&a->page, "None.", "なし。");
        hn_buf_add_lit(a->page.out, "</li>\n");
    }
    hn_buf_add_lit(a->page.out, "</ul>\n");
    analysis_close(a);
}

/* ---- Gaps ---- */

void analysis_gaps(struct analysis *a)
{
    analysis_open(a, "gaps", "What could not be opened or understood",
            "開けなかった・解釈できなかったもの");
    hn_buf_add_lit(a->page.out, "<ul class=\"issues\">\n");
    for (size_t i = 0; i < a->in->gap_count; i++) {
        const struct report_gap *gap = &a->in->gaps[i];

        hn_buf_add_lit(a->page.out, "<li>");
        if (gap->object < dissect_count(a->tree)) {
            const struct dissect_object *object = dissect_get(a->tree, gap->object);

            hn_buf_addf(a->page.out, "<b>%s</b> ", analysis_format(a, object->format));
            analysis_text(a, analysis_name(object), 80);
            hn_buf_add_lit(a->page.out, ": ");
        }
        analysis_text(a, gap->why, 400);
        hn_buf_add_lit(a->page.out, "</li>\n");
    }
    if (a->in->gap_count == 0) {
        hn_buf_add_lit(a->page.out, "<li>");
        report_put(&a->page, "Nothing.", "なし。");
        hn_buf_add_lit(a->page.out, "</li>\n");
    }
    hn_buf_add_lit(a->page.out, "</ul>\n");
    analysis_close(a);
}

/* ---- Measures ---- */

static bool is_blockable(const struct protect_indicator *one)
{
    return protect_is_usable(one, true) &&
           (one->role == PROTECT_DOWNLOAD || one->role == PROTECT_C2 ||
                   one->role == PROTECT_CONTACTED || one->role == PROTECT_LINK ||
                   one->role == PROTECT_SENDER);
}

static bool is_checkable(const struct protect_indicator *one)
{
    return protect_is_usable(one, true) &&
           (one->role == PROTECT_DROPPED || one->role == PROTECT_REGISTRY ||
                   one->role == PROTECT_MUTEX || one->role == PROTECT_PROCESS ||
                   one->role == PROTECT_SAMPLE);
}

static void put_list(struct analysis *a, const char *en, const char *ja,
        bool (*wants)(const struct protect_indicator *one))
{
    size_t count = 0;

    hn_buf_addf(a->page.out, "<div class=\"about\"><h3>%s</h3>\n<ul>\n", tr(&a->page, en, ja));
    for (size_t i = 0; i < a->about->indicator_count && count < ANALYSIS_ROWS_MAX; i++) {
        const struct protect_indicator *one = &a->about->indicators[i];

        if (!wants(one))
            continue;
        count++;
        hn_buf_addf(a->page.out, "<li><span class=\"role r-%s\">%s</span> <code>",
                protect_role_id(one->role), protect_role_text(one->role, a->page.ja));
        analysis_value(a, one);
        hn_buf_add_lit(a->page.out, "</code></li>\n");
    }
    if (count == 0) {
        hn_buf_add_lit(a->page.out, "<li>");
        report_put(&a->page, "Nothing known.", "なし。");
        hn_buf_add_lit(a->page.out, "</li>\n");
    }
    hn_buf_add_lit(a->page.out, "</ul></div>\n");
}

static void put_rules(struct analysis *a)
{
    const struct protect_rules *rules = a->in->rules;

    if (rules == NULL)
        return;
    hn_buf_addf(a->page.out, "<div class=\"about\"><h3>%s</h3>\n<ul>\n",
            tr(&a->page, "Rules written from it", "作成したルール"));
    for (size_t i = 0; i < rules->count; i++) {
        const struct protect_rule *rule = &rules->rules[i];

        hn_buf_add_lit(a->page.out, "<li>");
        analysis_text(a, rule->title, 200);
        hn_buf_add_lit(a->page.out, " <code>");
        analysis_text(a, rule->file, 200);
        hn_buf_add_lit(a->page.out, "</code>");
        if (rule->held.len > 0) {
            hn_buf_addf(
                    a->page.out, " <span class=\"warn\">%s: ", tr(&a->page, "held back", "保留"));
            analysis_text(a, rule->held, 200);
            hn_buf_add_lit(a->page.out, "</span>");
        }
        hn_buf_add_lit(a->page.out, "</li>\n");
    }
    hn_buf_add_lit(a->page.out, "</ul></div>\n");
}

void analysis_measures(struct analysis *a)
{
    analysis_open(a, "measures", "What to do now", "今すぐ行うこと");
    hn_buf_add_lit(a->page.out, "<div class=\"abouts\">\n");
    put_list(a, "Block", "遮断する", is_blockable);
    put_list(a, "Look for on machines", "端末で探す", is_checkable);
    put_rules(a);
    hn_buf_add_lit(a->page.out, "</div>\n<p class=\"facts\">");
    report_put(&a->page,
            "Sites may be legitimate and broken into: block the address first, the host where it "
            "is nobody's. Ask the logs who else received or contacted this: "
            "<code>hinomi scan --ioc iocs.csv LOGS</code>, or with the rules above "
            "<code>hinomi scan -r out/ LOGS</code>.",
            "改ざんされた正規サイトの場合もあるため、まず URL "
            "を、専用のホストならホストごと遮断する。"
            "ほかに受信・通信した端末がないかログで確認する: <code>hinomi scan --ioc iocs.csv "
            "LOGS</code>、"
            "または上のルールで <code>hinomi scan -r out/ LOGS</code>。");
    hn_buf_add_lit(a->page.out, "</p>\n");
    analysis_close(a);
}
