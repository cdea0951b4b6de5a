/* coverage_draw.c - coverage as one SVG, and as an HTML page around it.
 *
 * Plain shapes and text: no script, no link, no font and no picture from elsewhere, so that a file
 * that is passed around can do nothing. Colours are readable in print and without colour sight: the
 * numbers stand in the cells. */
#include "base/escape.h"
#include "base/utf.h"
#include "report/coverage.h"
#include "report/navigator.h"

#define MARGIN         24
#define ROW_HEIGHT     26
#define NAME_WIDTH     210
#define CELL_WIDTH     104
#define HEAD_HEIGHT    140
#define BOX_WIDTH      92
#define BOX_HEIGHT     26
#define BOXES_PER_ROW  9
#define TACTIC_WIDTH   210
#define CHARACTERS_MAX 28u /* of a family's name */

#define INK   "#1b1f24"
#define FAINT "#6a737d"

struct drawing {
    const struct coverage *coverage;
    struct hn_buf *out;
    bool japanese;
    int y;
};

static const char *say(const struct drawing *d, const char *english, const char *japanese)
{
    return d->japanese ? japanese : english;
}

/* Few to many, white to deep blue. */
static const char *shade(uint32_t rules)
{
    static const char *const shades[] = { "#f3f5f8", "#d6e6f5", "#a9cdec", "#6aaede", "#2f86c5",
        "#125a94" };
    static const uint32_t from[] = { 0, 1, 2, 4, 8, 16 };
    size_t i = HN_COUNT_OF(from) - 1;

    while (i > 0 && rules < from[i])
        i--;
    return shades[i];
}

static const char *ink_on(uint32_t rules)
{
    return rules >= 8 ? "#ffffff" : INK;
}

static void box(struct drawing *d, int x, int y, int width, int height, const char *fill)
{
    hn_buf_addf(d->out,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\" "
            "stroke=\"#d0d7de\"/>",
            x, y, width, height, fill);
}

struct label {
    int x;
    int y;
    int size;
    const char *anchor; /* "start", "middle" */
    const char *fill;
    bool bold;
};

static void label(struct drawing *d, const struct label *at, struct hn_text text)
{
    hn_buf_addf(d->out,
            "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"%s\" fill=\"%s\"%s>", at->x,
            at->y, at->size, at->anchor, at->fill, at->bold ? " font-weight=\"700\"" : "");
    hn_html_text(d->out, text);
    hn_buf_add_lit(d->out, "</text>");
}

static void heading(struct drawing *d, const char *text)
{
    label(d, &(struct label){ MARGIN, d->y + 18, 17, "start", INK, true }, hn_text_cstr(text));
    d->y += 34;
}

/* ---- Families by kind of trace ---- */

/* Long names are cut; the whole one is in the page's table. */
static void family_name(struct drawing *d, const struct coverage_family *family, int y)
{
    struct hn_buf cut = { 0 };
    size_t end = 0;
    size_t characters = 0;

    while (end < family->name.len && characters < CHARACTERS_MAX) {
        uint32_t code_point;
        size_t len = hn_utf8_decode(family->name, end, &code_point);

        end += len == 0 ? 1 : len;
        characters++;
    }
    hn_buf_add_text(&cut, hn_text_sub(family->name, 0, end));
    if (end < family->name.len)
        hn_buf_add_lit(&cut, "…");
    label(d, &(struct label){ MARGIN, y + 18, 13, "start", INK, false }, hn_buf_text(&cut));
    hn_buf_deinit(&cut);
}

static void family_row(struct drawing *d, const struct coverage_family *family)
{
    char number[16];
    int x = MARGIN + NAME_WIDTH;

    family_name(d, family, d->y);
    for (unsigned trace = 0; trace < COVERAGE_TRACE_COUNT; trace++) {
        uint32_t rules = family->rules[trace];

        box(d, x, d->y + 2, CELL_WIDTH - 4, ROW_HEIGHT - 4, shade(rules));
        if (rules > 0) {
            (void)snprintf(number, sizeof number, "%u", (unsigned)rules);
            label(d,
                    &(struct label){
                            x + CELL_WIDTH / 2 - 2, d->y + 18, 13, "middle", ink_on(rules), true },
                    hn_text_cstr(number));
        }
        x += CELL_WIDTH;
    }
    if (family->fragile)
        label(d, &(struct label){ x + 4, d->y + 18, 12, "start", "#b35900", true },
                hn_text_cstr(say(d, "fragile", "脆弱")));
    d->y += ROW_HEIGHT;
}

static void families(struct drawing *d)
{
    heading(d, say(d, "Malware families by kind of trace", "マルウェアファミリーと痕跡の種類"));
    label(d, &(struct label){ MARGIN, d->y + 10, 12, "start", FAINT, false },
            hn_text_cstr(
                    say(d, "Left: easily changed by an attacker. Right: hardly. Numbers are rules.",
                            "左ほど攻撃者が変えやすく、右ほど変えにくい。数字はルール数。")));
    d->y += 22;
    for (unsigned trace = 0; trace < COVERAGE_TRACE_COUNT; trace++) {
        label(d,
                &(struct label){ MARGIN + NAME_WIDTH + (int)trace * CELL_WIDTH + CELL_WIDTH / 2 - 2,
                        d->y + 14, 12, "middle", INK, true },
                hn_text_cstr(coverage_trace_name((enum coverage_trace)trace, d->japanese)));
    }
    d->y += 22;
    for (uint32_t i = 0; i < d->coverage->family_count; i++)
        family_row(d, &d->coverage->families[i]);
    d->y += 28;
}

/* ---- Tactics ---- */

static void technique_box(struct drawing *d, const struct coverage_cell *cell, int x, int y)
{
    const struct coverage_technique *technique = &d->coverage->techniques[cell->technique];
    char text[ALERT_ATTACK_MAX + 16];

    hn_buf_add_lit(d->out, "<g><title>");
    for (uint32_t i = 0; i < technique->rules && i < 12; i++) {
        if (i > 0)
            hn_buf_add_lit(d->out, "; ");
        hn_html_text(d->out, technique->titles[i]);
    }
    hn_buf_add_lit(d->out, "</title>");
    box(d, x, y, BOX_WIDTH - 4, BOX_HEIGHT - 4, shade(cell->rules));
    (void)snprintf(text, sizeof text, "%s %u", technique->id, (unsigned)cell->rules);
    label(d,
            &(struct label){
                    x + BOX_WIDTH / 2 - 2, y + 15, 11, "middle", ink_on(cell->rules), false },
            hn_text_cstr(text));
    hn_buf_add_lit(d->out, "</g>");
}

static int tactic_rows(const struct coverage_tactic *tactic)
{
    return tactic->cell_count == 0 ? 1 : (int)((tactic->cell_count - 1) / BOXES_PER_ROW) + 1;
}

static void tactic_row(struct drawing *d, const struct coverage_tactic *tactic)
{
    struct hn_buf name = { 0 };

    coverage_tactic_name(tactic->id, &name);
    hn_buf_addf(&name, " (%u)", (unsigned)tactic->rules);
    label(d, &(struct label){ MARGIN, d->y + 16, 13, "start", INK, true }, hn_buf_text(&name));
    hn_buf_deinit(&name);
    for (uint32_t i = 0; i < tactic->cell_count; i++) {
        technique_box(d, &tactic->cells[i],
                MARGIN + TACTIC_WIDTH + (int)(i % BOXES_PER_ROW) * BOX_WIDTH,
                d->y + (int)(i / BOXES_PER_ROW) * BOX_HEIGHT);
    }
    d->y += tactic_rows(tactic) * BOX_HEIGHT + 8;
}

static void tactics(struct drawing *d)
{
    heading(d, say(d, "ATT&CK tactics and techniques", "ATT&CK の戦術と技術"));
    for (uint32_t i = 0; i < d->coverage->tactic_count; i++)
        tactic_row(d, &d->coverage->tactics[i]);
}

static int drawing_height(const struct coverage *coverage)
{
    int height = 2 * MARGIN + HEAD_HEIGHT + (int)coverage->family_count * ROW_HEIGHT;

    for (uint32_t i = 0; i < coverage->tactic_count; i++)
        height += tactic_rows(&coverage->tactics[i]) * BOX_HEIGHT + 8;
    return height;
}

void coverage_write_svg(const struct coverage *coverage, bool japanese, struct hn_buf *out)
{
    struct drawing d = { coverage, out, japanese, MARGIN };
    int width = 2 * MARGIN + NAME_WIDTH + COVERAGE_TRACE_COUNT * CELL_WIDTH + 60;
    int height = drawing_height(coverage);

    hn_buf_addf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" font-family=\"'Noto Sans JP','Hiragino Sans','Yu Gothic',"
            "system-ui,sans-serif\" role=\"img\">",
            width, height, width, height);
    hn_buf_addf(out, "<title>%s</title>", say(&d, "Coverage of rules", "ルールの網羅範囲"));
    hn_buf_addf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
    families(&d);
    tactics(&d);
    hn_buf_add_lit(out, "</svg>\n");
}

/* ---- Page ---- */

static void technique_table(const struct coverage *coverage, bool japanese, struct hn_buf *out)
{
    hn_buf_addf(out, "<h2>%s</h2><table><tr><th>ATT&amp;CK</th><th>%s</th><th>%s</th></tr>",
            japanese ? "技術ごとのルール" : "Rules by technique", japanese ? "数" : "Count",
            japanese ? "ルール" : "Rules");
    for (uint32_t i = 0; i < coverage->technique_count; i++) {
        const struct coverage_technique *technique = &coverage->techniques[i];

        hn_buf_addf(
                out, "<tr><td>%s</td><td>%u</td><td>", technique->id, (unsigned)technique->rules);
        for (uint32_t k = 0; k < technique->rules; k++) {
            if (k > 0)
                hn_buf_add_lit(out, "<br>");
            hn_html_text(out, technique->titles[k]);
        }
        hn_buf_add_lit(out, "</td></tr>");
    }
    hn_buf_add_lit(out, "</table>");
}

void coverage_write_html(const struct coverage *coverage, bool japanese, struct hn_buf *out)
{
    hn_buf_addf(out,
            "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'\"><meta name=\"viewport\" "
            "content=\"width=device-width\"><title>%s</title>",
            japanese ? "ja" : "en", japanese ? "ルールの網羅範囲" : "Coverage of rules");
    hn_buf_add_lit(out,
            "<style>body{font-family:'Noto Sans JP','Hiragino Sans','Yu Gothic',system-ui,"
            "sans-serif;color:#1b1f24;margin:24px;max-width:1180px}svg{max-width:100%;height:auto}"
            "table{border-collapse:collapse;width:100%}td,th{border:1px solid #d0d7de;"
            "padding:4px 8px;text-align:left;vertical-align:top;font-size:13px}"
            "th{background:#f3f5f8}</style></head><body>");
    hn_buf_addf(out,
            japanese ? "<h1>ルールの網羅範囲</h1><p>アラートを出すルール %u "
                       "件。ファミリーの記載なし "
                       "%u 件、ATT&amp;CK の技術の記載なし %u 件。</p>"
                     : "<h1>Coverage of rules</h1><p>%u rules that make alerts; %u name no family, "
                       "%u no ATT&amp;CK technique.</p>",
            (unsigned)coverage->rules, (unsigned)coverage->without_family,
            (unsigned)coverage->without_technique);
    coverage_write_svg(coverage, japanese, out);
    technique_table(coverage, japanese, out);
    hn_buf_add_lit(out, "</body></html>\n");
}
