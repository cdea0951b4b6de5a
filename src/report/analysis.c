/* analysis.c - the frame of an analysis page: head, policy, verdict with its evidence. */
#include "report/analysis_internal.h"

#include "report/report_assets.h"

/* ---- Shared pieces ---- */

/* Cut at the start of a character. */
static struct hn_text cut(struct hn_text text, size_t bytes_max)
{
    size_t len = text.len > bytes_max ? bytes_max : text.len;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    return hn_text_sub(text, 0, len);
}

static void put_cut(struct analysis *a, size_t left_out)
{
    hn_buf_add_lit(a->page.out, " <span class=\"cut\">");
    report_put(&a->page, "… ", "…残り ");
    report_html_bytes(a->page.out, left_out);
    report_put(&a->page, " more</span>", "</span>");
}

void analysis_text(struct analysis *a, struct hn_text text, size_t bytes_max)
{
    struct hn_text shown = cut(text, bytes_max);

    report_html_defanged(a->page.out, &a->page.scratch, shown);
    if (shown.len < text.len)
        put_cut(a, text.len - shown.len);
}

void analysis_value(struct analysis *a, const struct protect_indicator *one)
{
    hn_buf_reset(&a->text);
    protect_defang(&a->text, one);
    if (one->port != 0 && one->kind == PROTECT_EXTRACTED && one->what != EXTRACT_URL)
        hn_buf_addf(&a->text, ":%u", (unsigned)one->port);
    analysis_text(a, hn_buf_text(&a->text), ANALYSIS_VALUE_BYTES);
}

struct hn_text analysis_name(const struct dissect_object *object)
{
    struct hn_text name = object->name;
    size_t start = name.len;

    while (start > 0 && name.ptr[start - 1] != '/' && name.ptr[start - 1] != '\\')
        start--;
    if (start < name.len)
        name = hn_text_sub(name, start, name.len);
    return name;
}

bool analysis_is_object_of(const struct protect_indicator *one, uint32_t id)
{
    return one->object == id && protect_role_is_act(one->role);
}

const char *analysis_format(const struct analysis *a, enum dissect_format format)
{
    static const struct {
        enum dissect_format format;
        const char *en;
        const char *ja;
    } names[] = {
        { DISSECT_EML, "mail", "メール" },
        { DISSECT_MSG, "Outlook mail", "Outlook メール" },
        { DISSECT_DOC, "Word document", "Word 文書" },
        { DISSECT_DOCX, "Word document", "Word 文書" },
        { DISSECT_XLS, "Excel workbook", "Excel ブック" },
        { DISSECT_XLSX, "Excel workbook", "Excel ブック" },
        { DISSECT_XLSB, "Excel workbook", "Excel ブック" },
        { DISSECT_PPT, "presentation", "プレゼンテーション" },
        { DISSECT_PPTX, "presentation", "プレゼンテーション" },
        { DISSECT_RTF, "RTF document", "RTF 文書" },
        { DISSECT_PDF, "PDF document", "PDF 文書" },
        { DISSECT_ONENOTE, "OneNote section", "OneNote セクション" },
        { DISSECT_ZIP, "zip archive", "ZIP アーカイブ" },
        { DISSECT_VBA_PROJECT, "macros", "マクロ" },
        { DISSECT_VBA_MODULE, "macro module", "マクロモジュール" },
        { DISSECT_POWERSHELL, "PowerShell", "PowerShell" },
        { DISSECT_VBSCRIPT, "VBScript", "VBScript" },
        { DISSECT_JSCRIPT, "JScript", "JScript" },
        { DISSECT_BATCH, "batch file", "バッチファイル" },
        { DISSECT_COMMAND, "command line", "コマンドライン" },
        { DISSECT_XLM, "Excel 4.0 macros", "Excel 4.0 マクロ" },
        { DISSECT_LNK, "shortcut", "ショートカット" },
        { DISSECT_HTML, "HTML page", "HTML" },
        { DISSECT_PE, "Windows program", "Windows プログラム" },
        { DISSECT_IMAGE, "picture", "画像" },
        { DISSECT_TEXT, "text", "テキスト" },
        { DISSECT_UNKNOWN, "unknown format", "形式不明" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (names[i].format == format)
            return tr(&a->page, names[i].en, names[i].ja);
    }
    return dissect_format_id(format);
}

void analysis_open(struct analysis *a, const char *id, const char *en, const char *ja)
{
    hn_buf_addf(a->page.out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, tr(&a->page, en, ja));
}

void analysis_close(struct analysis *a)
{
    hn_buf_add_lit(a->page.out, "</section>\n");
}

/* ---- Verdict ---- */

struct verdict_text {
    const char *id;
    unsigned level; /* of the colours */
    const char *en;
    const char *ja;
    const char *say_en;
    const char *say_ja;
};

static const struct verdict_text verdicts[] = {
    { "malicious", 5, "Malicious", "悪性",
            "Treat everybody who opened it as infected until shown otherwise.",
            "開いた端末は、そうでないと確認できるまで感染しているとみなす。" },
    { "suspicious", 4, "Suspicious", "不審",
            "Something speaks against it; the reasons are below. Do not open it.",
            "疑わしい点がある(理由は下記)。開かないこと。" },
    { "clean", 2, "Clean", "問題なし",
            "Everything was opened and understood, and nothing speaks against it.",
            "すべて展開・解釈でき、疑わしい点は見つからなかった。" },
    { "unknown", 3, "Unknown", "判定できず",
            "No rule hit, but not everything could be understood. What would help is below.",
            "一致したルールはないが、解釈できない部分がある。次の手順は下記。" },
};

static const struct verdict_text *verdict_of(struct hn_text id)
{
    for (size_t i = 0; i + 1 < HN_COUNT_OF(verdicts); i++) {
        if (hn_text_eq(id, hn_text_cstr(verdicts[i].id)))
            return &verdicts[i];
    }
    return &verdicts[HN_COUNT_OF(verdicts) - 1];
}

static void write_head(struct analysis *a)
{
    struct hn_buf *out = a->page.out;

    hn_buf_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n",
            tr(&a->page, "en", "ja"));
    hn_buf_add_lit(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                        "'none'; style-src ");
    report_put_digest(out, report_style, report_style_len);
    hn_buf_add_lit(out, "; base-uri 'none'; form-action 'none'\"/>\n"
                        "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
                        "<meta name=\"robots\" content=\"noindex\"/>\n"
                        "<meta name=\"viewport\" content=\"width=device-width, "
                        "initial-scale=1\"/>\n"
                        "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>");
    report_put(&a->page, "Hinomi analysis", "Hinomi 解析報告書");
    hn_buf_add_lit(out, "</title>\n<style>");
    hn_buf_add(out, report_style, report_style_len);
    hn_buf_add_lit(out, "</style>\n</head>\n");
}

static void write_banner(struct analysis *a)
{
    struct hn_buf *out = a->page.out;
    const struct verdict_text *verdict = verdict_of(a->about->verdict);

    hn_buf_add_lit(out, "<body>\n<a class=\"skip\" href=\"#main\">");
    report_put(&a->page, "To the content", "本文へ");
    hn_buf_add_lit(out, "</a>\n<header class=\"banner\">\n<p class=\"brand\">Hinomi <span>火の見"
                        "</span></p>\n<h1>");
    hn_buf_addf(out, "<span class=\"verdict v%u\">%s</span> ", verdict->level,
            tr(&a->page, verdict->en, verdict->ja));
    analysis_text(a, a->about->name, 120);
    hn_buf_add_lit(out, "</h1>\n<p class=\"sub\">");
    report_put(&a->page, "Analysed ", "解析: ");
    report_html_time(out, a->about->made, a->in->zone);
    hn_buf_add_char(out, ' ');
    report_html_text(out, a->in->zone_name.len > 0 ? a->in->zone_name : HN_TEXT("UTC"));
    report_put(&a->page, " · by reading alone: nothing of it was run",
            " · 静的解析のみ(検体は一切実行していない)");
    hn_buf_add_lit(out, "</p>\n</header>\n");
}

static void nav_link(struct analysis *a, const char *id, const char *en, const char *ja)
{
    hn_buf_addf(a->page.out, "<a href=\"#%s\">%s</a>\n", id, tr(&a->page, en, ja));
}

static void write_nav(struct analysis *a)
{
    hn_buf_addf(a->page.out, "<nav aria-label=\"%s\">\n", tr(&a->page, "Sections", "目次"));
    nav_link(a, "summary", "Verdict", "判定");
    nav_link(a, "measures", "What to do", "対応");
    if (a->in->sightings != NULL)
        nav_link(a, "sightings", "Seen here", "組織内の痕跡");
    nav_link(a, "picture", "Contents", "構造");
    nav_link(a, "chains", "How it works", "経路");
    nav_link(a, "indicators", "Indicators", "IoC");
    nav_link(a, "scripts", "Scripts", "スクリプト");
    nav_link(a, "attack", "ATT&amp;CK", "ATT&amp;CK");
    nav_link(a, "gaps", "Not opened", "未解析");
    hn_buf_add_lit(a->page.out, "</nav>\n");
}

static void write_identity(struct analysis *a)
{
    const struct dissect_object *sample = dissect_get(a->tree, 0);
    static const char *const names[] = { "size", "md5", "sha1", "sha256", "tlsh", "ssdeep",
        "imphash", "known_good", "known_bad", "vt_consensus", "clamav", "clamav_version",
        "yara_rule" };

    hn_buf_add_lit(a->page.out, "<dl class=\"head\">\n");
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        for (const struct dissect_fact *fact = sample->facts; fact != NULL; fact = fact->next) {
            if (strcmp(fact->name, names[i]) != 0)
                continue;
            hn_buf_addf(a->page.out, "<div><dt>%s</dt><dd><code>", names[i]);
            analysis_text(a, fact->value, 160);
            hn_buf_add_lit(a->page.out, "</code></dd></div>\n");
        }
    }
    hn_buf_add_lit(a->page.out, "</dl>\n");
}

static void write_hit(struct analysis *a, const struct protect_hit *hit)
{
    struct hn_buf *out = a->page.out;

    hn_buf_addf(out, "<article class=\"rule l%u\">\n<h3>", (unsigned)hit->level);
    report_put_level(&a->page, hit->level);
    hn_buf_add_char(out, ' ');
    analysis_text(a, hit->title, 300);
    for (size_t i = 0; i < hit->technique_count; i++) {
        hn_buf_add_lit(out, " <span class=\"tech\">");
        report_html_text(out, hit->techniques[i]);
        hn_buf_add_lit(out, "</span>");
    }
    hn_buf_add_lit(out, "</h3>\n");
    if (hit->why.len > 0) {
        hn_buf_add_lit(out, "<p>");
        analysis_text(a, hit->why, 2000);
        hn_buf_add_lit(out, "</p>\n");
    }
    if (hit->object != PROTECT_NONE && hit->object < dissect_count(a->tree)) {
        hn_buf_addf(out, "<p class=\"source\">%s <a href=\"#o%u\">", tr(&a->page, "in", "場所:"),
                (unsigned)hit->object);
        hn_buf_add_cstr(out, analysis_format(a, dissect_get(a->tree, hit->object)->format));
        hn_buf_add_char(out, ' ');
        analysis_text(a, analysis_name(dissect_get(a->tree, hit->object)), 80);
        hn_buf_add_lit(out, "</a>");
        if (hit->count > 1)
            hn_buf_addf(out, " ×%llu", (unsigned long long)hit->count);
        hn_buf_add_lit(out, "</p>\n");
    }
    for (size_t i = 0; i < hit->evidence_count && i < ANALYSIS_EVIDENCE_MAX; i++) {
        hn_buf_add_lit(out, "<pre>");
        analysis_text(a, hit->evidence[i], ANALYSIS_VALUE_BYTES);
        hn_buf_add_lit(out, "</pre>\n");
    }
    hn_buf_add_lit(out, "</article>\n");
}

void analysis_summary(struct analysis *a)
{
    const struct verdict_text *verdict = verdict_of(a->about->verdict);

    analysis_open(a, "summary", "Verdict", "判定");
    hn_buf_addf(a->page.out, "<p class=\"lead\"><strong class=\"l%u say\">%s</strong> ",
            verdict->level, tr(&a->page, verdict->en, verdict->ja));
    if (a->about->family.len > 0) {
        hn_buf_add_lit(a->page.out, "(");
        analysis_text(a, a->about->family, 80);
        hn_buf_add_lit(a->page.out, ") ");
    }
    report_put(&a->page, verdict->say_en, verdict->say_ja);
    hn_buf_add_lit(a->page.out, "</p>\n");
    write_identity(a);
    if (a->about->hit_count == 0) {
        hn_buf_add_lit(a->page.out, "<p>");
        report_put(&a->page, "No rule and no indicator hit.", "一致したルール・指標はない。");
        hn_buf_add_lit(a->page.out, "</p>\n");
    }
    for (size_t i = 0; i < a->about->hit_count; i++)
        write_hit(a, &a->about->hits[i]);
    analysis_close(a);
}

/* ---- The page ---- */

static void write_footer(struct analysis *a)
{
    hn_buf_add_lit(a->page.out, "</main>\n<footer>Hinomi ");
    report_html_text(a->page.out, a->about->version);
    report_put(&a->page,
            " · addresses are written defanged so that nobody opens them by accident · "
            "ATT&amp;CK is a trademark of The MITRE Corporation",
            " · アドレスは誤って開かないよう無害化して表記 · ATT&amp;CK は The MITRE Corporation "
            "の商標");
    hn_buf_add_lit(a->page.out, "</footer>\n</body>\n</html>\n");
}

enum hn_status report_analysis_write(const struct report_analysis *analysis, struct hn_buf *out)
{
    struct analysis a = { .page = { .out = out, .ja = analysis->about->japanese },
        .in = analysis,
        .about = analysis->about,
        .tree = analysis->about->tree };
    enum hn_status status;

    write_head(&a);
    write_banner(&a);
    write_nav(&a);
    hn_buf_add_lit(out, "<main id=\"main\" class=\"analysis\">\n");
    analysis_summary(&a);
    analysis_measures(&a);
    analysis_sightings(&a);
    analysis_picture(&a);
    analysis_chains(&a);
    analysis_indicators(&a);
    analysis_scripts(&a);
    analysis_techniques(&a);
    analysis_gaps(&a);
    write_footer(&a);
    status = !hn_buf_ok(out)      ? out->status
             : hn_buf_ok(&a.text) ? a.page.scratch.status
                                  : a.text.status;
    hn_buf_deinit(&a.page.scratch);
    hn_buf_deinit(&a.text);
    return status;
}
