/* analysis_chains.c - how indicators came about: from the sample through its parts and the steps of
 * evaluation to the value; and the table of all. */
#include "report/analysis_internal.h"

#include <stdio.h>

static void step(struct analysis *a, const char *class, const char *kind, struct hn_text text)
{
    hn_buf_addf(a->page.out, "<li class=\"%s\">", class);
    if (kind[0] != '\0')
        hn_buf_addf(a->page.out, "<b>%s</b> ", kind);
    analysis_text(a, text, 120);
    hn_buf_add_lit(a->page.out, "</li>\n");
}

static void put_objects(struct analysis *a, uint32_t id)
{
    uint32_t chain[PROTECT_CHAIN_MAX];
    size_t count = 0;

    while (id != PROTECT_NONE && id < dissect_count(a->tree) && count < PROTECT_CHAIN_MAX) {
        chain[count++] = id;
        id = dissect_get(a->tree, id)->parent;
    }
    while (count > 0) {
        const struct dissect_object *object = dissect_get(a->tree, chain[--count]);
        char class[64];

        (void)snprintf(
                class, sizeof class, "object cat-%s", dissect_format_category(object->format));
        step(a, class, analysis_format(a, object->format), analysis_name(object));
    }
}

/* "literal@12 > base64@30 > inflate": a box each. */
static void put_steps(struct analysis *a, struct hn_text path)
{
    size_t pos = 0;

    while (pos < path.len) {
        size_t end = hn_text_find(path, HN_TEXT(" > "), pos);

        if (end == SIZE_MAX)
            end = path.len;
        step(a, "made", "", hn_text_sub(path, pos, end - pos));
        pos = end < path.len ? end + 3 : end;
    }
}

static void put_flow(struct analysis *a, const struct protect_indicator *one)
{
    hn_buf_add_lit(a->page.out, "<ol class=\"flow\">\n");
    put_objects(a, one->object);
    put_steps(a, one->path);
    if (one->via != NULL && one->via[0] != '\0')
        step(a, "via", "", hn_text_cstr(one->via));
    hn_buf_addf(a->page.out, "<li class=\"result r-%s\"><b>%s</b> <code>",
            protect_role_id(one->role), protect_role_text(one->role, a->page.ja));
    analysis_value(a, one);
    hn_buf_add_lit(a->page.out, "</code></li>\n</ol>\n");
}

static bool is_network(const struct protect_indicator *one)
{
    return one->role == PROTECT_DOWNLOAD || one->role == PROTECT_C2 ||
           one->role == PROTECT_CONTACTED || one->role == PROTECT_LINK;
}

void analysis_chains(struct analysis *a)
{
    size_t shown = 0;

    analysis_open(a, "chains", "How it works, step by step", "動作の経路");
    for (unsigned pass = 0; pass < 2; pass++) { /* addresses first */
        for (size_t i = 0; i < a->about->indicator_count && shown < ANALYSIS_CHAINS_MAX; i++) {
            const struct protect_indicator *one = &a->about->indicators[i];
            bool wanted = pass == 0
                                  ? is_network(one)
                                  : one->role == PROTECT_PROCESS || one->role == PROTECT_DROPPED ||
                                            one->role == PROTECT_REGISTRY;

            if (!wanted || one->object == PROTECT_NONE)
                continue;
            put_flow(a, one);
            shown++;
        }
    }
    if (shown == 0) {
        hn_buf_add_lit(a->page.out, "<p>");
        report_put(&a->page, "No act of it is known.", "動作は見つかっていない。");
        hn_buf_add_lit(a->page.out, "</p>\n");
    }
    analysis_close(a);
}

/* ---- The table ---- */

static void put_marks(struct analysis *a, const struct protect_indicator *one)
{
    static const struct {
        unsigned bit;
        const char *en;
        const char *ja;
    } marks[] = {
        { EXTRACT_PRIVATE, "local network", "ローカル" },
        { EXTRACT_RESERVED, "reserved", "予約済み" },
        { EXTRACT_COMMON, "on every page", "一般的な参照先" },
        { EXTRACT_IDN, "international name", "国際化ドメイン名" },
        { EXTRACT_ENCODED, "encoded", "符号化" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(marks); i++) {
        if ((one->marks & marks[i].bit) != 0)
            hn_buf_addf(a->page.out, " <span class=\"tech\">%s</span>",
                    tr(&a->page, marks[i].en, marks[i].ja));
    }
    if (one->conditional)
        hn_buf_addf(a->page.out, " <span class=\"tech\">%s</span>",
                tr(&a->page, "on a branch that depends", "条件分岐内"));
    if (one->partial)
        hn_buf_addf(a->page.out, " <span class=\"tech\">%s</span>",
                tr(&a->page, "partly unknown", "一部不明"));
    if (one->warning.len > 0) {
        hn_buf_add_lit(a->page.out, " <span class=\"tech\">");
        analysis_text(a, one->warning, 80);
        hn_buf_add_lit(a->page.out, "</span>");
    }
}

static void put_row(struct analysis *a, const struct protect_indicator *one)
{
    struct hn_buf *out = a->page.out;

    hn_buf_addf(out, "<tr><td><span class=\"role r-%s\">%s</span></td><td class=\"v\"><code>",
            protect_role_id(one->role), protect_role_text(one->role, a->page.ja));
    analysis_value(a, one);
    hn_buf_add_lit(out, "</code>");
    if (one->count > 1)
        hn_buf_addf(out, " ×%u", (unsigned)one->count);
    put_marks(a, one);
    if (one->details.len > 0) {
        hn_buf_add_lit(out, "<br/><code>");
        analysis_text(a, one->details, ANALYSIS_VALUE_BYTES);
        hn_buf_add_lit(out, "</code>");
    }
    hn_buf_add_lit(out, "</td><td>");
    hn_buf_reset(&a->text);
    protect_chain(&a->text, a->tree, one);
    analysis_text(a, hn_buf_text(&a->text), ANALYSIS_VALUE_BYTES);
    hn_buf_add_lit(out, "</td><td class=\"n\">");
    if (one->offset != DISSECT_NOWHERE)
        report_html_count(out, one->offset);
    hn_buf_add_lit(out, "</td></tr>\n");
}

static void put_table(struct analysis *a, bool acts)
{
    size_t shown = 0;
    size_t count = 0;

    for (size_t i = 0; i < a->about->indicator_count; i++)
        count += protect_role_is_act(a->about->indicators[i].role) == acts;
    if (count == 0)
        return;
    hn_buf_add_lit(a->page.out, "<div class=\"scroll\"><table class=\"iocs\"><thead><tr>");
    hn_buf_addf(a->page.out,
            "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
            "<th scope=\"col\" class=\"c1\">%s</th></tr></thead><tbody>\n",
            tr(&a->page, "Role", "役割"), tr(&a->page, "Value", "値"),
            tr(&a->page, "Found in", "発見箇所"), tr(&a->page, "Offset", "位置"));
    for (size_t i = 0; i < a->about->indicator_count && shown < ANALYSIS_ROWS_MAX; i++) {
        if (protect_role_is_act(a->about->indicators[i].role) != acts)
            continue;
        put_row(a, &a->about->indicators[i]);
        shown++;
    }
    hn_buf_add_lit(a->page.out, "</tbody></table></div>\n");
    if (count > shown) {
        hn_buf_add_lit(a->page.out, "<p class=\"facts\">");
        hn_buf_addf(
                a->page.out, a->page.ja ? "ほか %zu 件" : "%zu more are not shown", count - shown);
        hn_buf_add_lit(a->page.out, "</p>\n");
    }
}

void analysis_indicators(struct analysis *a)
{
    analysis_open(a, "indicators", "Indicators by role", "IoC(役割別)");
    put_table(a, true);
    hn_buf_addf(a->page.out, "<details><summary>%s</summary>\n",
            tr(&a->page, "Mentioned only: no act of the sample uses them",
                    "文中に現れるだけのもの(動作では使われない)"));
    put_table(a, false);
    hn_buf_add_lit(a->page.out, "</details>\n");
    analysis_close(a);
}
