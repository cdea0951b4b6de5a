/* analyze_view_iocs.c - the addresses and traces of an analysis, and who met them, for a terminal.
 */
#include "app/alert_view.h"
#include "app/analyze_view.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#include <string.h>

#define INDICATORS_SHOWN 40u
#define SIGHTINGS_SHOWN  20u

/* ---- Addresses and the like ---- */

static bool is_network(const struct protect_indicator *one)
{
    return one->kind == PROTECT_EXTRACTED &&
           (one->what == EXTRACT_URL || one->what == EXTRACT_HOST || one->what == EXTRACT_IPV4 ||
                   one->what == EXTRACT_IPV6);
}

static void add_value(struct hn_buf *out, const struct protect_indicator *one, bool remarked)
{
    struct hn_buf value = { 0 };
    size_t width = analyze_view_width();

    if (ui.no_defang)
        hn_buf_add_text(&value, one->value);
    else
        protect_defang(&value, one);
    /* Room for the remark behind it. */
    analyze_view_cut(out, hn_buf_text(&value),
            width < 72 ? 20
            : remarked ? width - 50
                       : width - 24);
    hn_buf_deinit(&value);
}

/* What is to be known of a value before it is used; NULL: nothing. */
static const char *remark_of(const struct analyze_view *view, const struct protect_indicator *one)
{
    unsigned marks = EXTRACT_PRIVATE | EXTRACT_COMMON | EXTRACT_LISTED | EXTRACT_IDN |
                     (view->reserved ? 0u : (unsigned)EXTRACT_RESERVED);
    const char *why = is_network(one) ? protect_mark_text(one->marks & marks, ui.japanese) : NULL;

    if (why != NULL)
        return why;
    if (one->partial)
        return UI_TEXT("in part", "一部不明");
    return one->conditional ? UI_TEXT("on one of two branches", "条件付き") : NULL;
}

static void add_indicator(
        struct hn_buf *out, const struct analyze_view *view, const struct protect_indicator *one)
{
    size_t width = analyze_view_width();
    const char *remark = remark_of(view, one);

    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(protect_role_text(one->role, ui.japanese)), 18);
    hn_buf_add_lit(out, "  ");
    add_value(out, one, remark != NULL);
    if (remark != NULL) {
        hn_buf_addf(out, " %s(%s)%s", ui_style(UI_DIM, ui.color_out), remark,
                ui_style(UI_PLAIN, ui.color_out));
    }
    hn_buf_add_char(out, '\n');
    if (one->path.len == 0)
        return;
    hn_buf_add_lit(out, "                      ");
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    if (one->object != PROTECT_NONE)
        hn_buf_addf(out, "#%u ", (unsigned)one->object);
    analyze_view_cut(out, one->path, width > 48 ? width - 28 : 20);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

enum section { TO_BLOCK, NOT_TO_BLOCK, TRACES };

static enum section section_of(const struct analyze_view *view, const struct protect_indicator *one)
{
    return !is_network(one)                         ? TRACES
           : protect_is_usable(one, view->reserved) ? TO_BLOCK
                                                    : NOT_TO_BLOCK;
}

/* What the roles say is of the attack. */
static void add_indicators(struct hn_buf *out, const struct analyze_view *view,
        enum section section, const char *en, const char *ja)
{
    uint32_t count = 0;

    for (size_t i = 0; i < view->indicators->items.count; i++) {
        const struct protect_indicator *one = &view->indicators->items.ptr[i];

        if (!protect_role_is_act(one->role) || section_of(view, one) != section)
            continue;
        if (count++ == 0)
            view_heading(out, en, ja);
        if (count <= INDICATORS_SHOWN)
            add_indicator(out, view, one);
    }
    if (count > INDICATORS_SHOWN)
        hn_buf_addf(out, UI_TEXT("  and %u more\n", "  ほか %u 件\n"),
                (unsigned)(count - INDICATORS_SHOWN));
}

void analyze_view_indicators(const struct analyze_view *view, struct hn_buf *out)
{
    add_indicators(out, view, TO_BLOCK, "Addresses to block", "遮断する宛先");
    add_indicators(out, view, NOT_TO_BLOCK, "Addresses not to be blocked as they stand",
            "そのままでは遮断しない宛先");
    if (view->verdict->kind != ANALYZE_CLEAN)
        add_indicators(out, view, TRACES, "Traces to look for", "端末で探す痕跡");
}

/* ---- In a server's journal ---- */

/* Several values stand in a row, ", " between them. */
static void add_defanged(struct hn_buf *out, struct hn_text values)
{
    while (values.len > 0) {
        size_t end = hn_text_find(values, HN_TEXT(", "), 0);
        struct protect_indicator one = { .kind = PROTECT_EXTRACTED };

        one.value = hn_text_sub(values, 0, end);
        one.what =
                hn_text_find(one.value, HN_TEXT("://"), 0) == SIZE_MAX ? EXTRACT_HOST : EXTRACT_URL;
        protect_defang(out, &one);
        if (end == SIZE_MAX)
            return;
        hn_buf_add_lit(out, ", ");
        values = hn_text_sub(values, end + 2, values.len);
    }
}

static void add_sighting(struct hn_buf *out, const struct report_sighting *row)
{
    struct hn_buf value = { 0 };

    if (ui.no_defang)
        hn_buf_add_text(&value, row->value);
    else
        add_defanged(&value, row->value);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, row->time, 24);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, row->host, 20);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, row->user, 20);
    hn_buf_add_lit(out, "  ");
    hn_terminal_text(out, hn_buf_text(&value));
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&value);
}

void analyze_view_sightings(const struct analyze_view *view, struct hn_buf *out)
{
    const struct report_sightings *seen = view->sightings;

    if (seen == NULL)
        return;
    view_heading(out, "Seen in the server's journal", "サーバーのジャーナル内の痕跡");
    for (size_t i = 0; i < seen->count && i < SIGHTINGS_SHOWN; i++)
        add_sighting(out, &seen->rows[i]);
    if (seen->count > SIGHTINGS_SHOWN)
        hn_buf_addf(
                out, UI_TEXT("  and %zu more\n", "  ほか %zu 件\n"), seen->count - SIGHTINGS_SHOWN);
    if (seen->count == 0) {
        hn_buf_add_cstr(out, seen->complete ? UI_TEXT("  nothing\n", "  なし\n")
                                            : UI_TEXT("  nothing in what could be looked at\n",
                                                      "  照合できた範囲にはなし\n"));
    }
}
