/* scan_table.c - the table of alerts and the summary of a scan. */
#include "app/scan_table.h"

#include "app/ui.h"
#include "base/escape.h"
#include "base/map.h"
#include "base/utf.h"

#include <string.h>

#define LEVEL_COLUMNS    8
#define TIME_COLUMNS     ((size_t)19) /* 2026-10-14 09:42:07 */
#define TIME_MIN_COLUMNS ((size_t)11) /* 10-14 09:42 */
#define ATTACK_COLUMNS   13           /* T1059.001 +2 */
#define HOST_COLUMNS_MAX 28
#define TITLE_COLUMNS    44 /* wanted before further columns are shown */
#define TITLE_MIN        20
#define GAP              ((size_t)2)
#define LIMITED_MAX      5u   /* rules of which it is said that they gave up on values */
#define ROWS_MAX         200u /* on a terminal */

/* Which columns there are and how wide; 0: left out, or for the title: not cut. */
struct layout {
    size_t level;
    size_t count;
    size_t first;
    size_t last;
    size_t host;
    size_t attack;
    size_t title;
    bool short_hosts;
};

/* ---- Layout ---- */

/* Length of a host's own name: up to the first dot, all of an address. */
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

static struct hn_text host_shown(const struct layout *layout, struct hn_text host)
{
    if (host.len == 0)
        return HN_TEXT("-");
    return layout->short_hosts ? hn_text_sub(host, 0, machine_len(host)) : host;
}

/* Without their domains no two hosts have the same name. */
static bool short_hosts_differ(const struct alert_group *const *groups, uint32_t count)
{
    struct hn_map names = { 0 };
    bool differ = true;

    for (uint32_t i = 0; i < count && differ; i++) {
        struct hn_text host = groups[i]->host;
        uint32_t other;

        differ = hn_map_put(&names, hn_text_sub(host, 0, machine_len(host)), i, &other) &&
                 hn_text_eq(groups[other]->host, host);
    }
    hn_map_deinit(&names);
    return differ;
}

static size_t count_columns(uint64_t count)
{
    struct hn_buf digits = { 0 };
    size_t len;

    ui_add_count(&digits, count);
    len = digits.len;
    hn_buf_deinit(&digits);
    return len;
}

/* Columns a heading needs. */
static size_t heading_columns(const char *text)
{
    return hn_utf8_columns(hn_text_cstr(text));
}

/* Takes columns for one more column if so much of the line is left for the title. */
static bool take(size_t *left, size_t columns, size_t keep)
{
    if (*left < columns + GAP + keep)
        return false;
    *left -= columns + GAP;
    return true;
}

/* What a line of that many columns has room for; the title counts most, then the technique, then
 * the end of the time, then whole stamps. */
static void fit(struct layout *layout, size_t width)
{
    size_t fixed = layout->level + layout->count + TIME_MIN_COLUMNS + 3 * GAP;
    size_t left = width > fixed + TITLE_MIN ? width - fixed : TITLE_MIN;
    size_t host = layout->host;

    layout->first = TIME_MIN_COLUMNS;
    if (host > left / 3)
        host = left / 3;
    left -= host + GAP;
    layout->host = host;
    layout->attack = take(&left, ATTACK_COLUMNS, TITLE_COLUMNS) ? ATTACK_COLUMNS : 0;
    layout->last = take(&left, TIME_MIN_COLUMNS, TITLE_COLUMNS) ? TIME_MIN_COLUMNS : 0;
    if (layout->last > 0 &&
            take(&left, 2 * (TIME_COLUMNS - TIME_MIN_COLUMNS) - GAP, TITLE_COLUMNS)) {
        layout->first = TIME_COLUMNS;
        layout->last = TIME_COLUMNS;
    }
    layout->title = left;
}

static struct layout layout_of(const struct alert_group *const *groups, uint32_t count)
{
    struct layout layout = { .level = LEVEL_COLUMNS,
        .count = heading_columns(UI_TEXT("COUNT", "件数")),
        .first = TIME_COLUMNS,
        .last = TIME_COLUMNS,
        .host = heading_columns(UI_TEXT("HOST", "ホスト")),
        .attack = ATTACK_COLUMNS };

    layout.short_hosts = ui.width > 0 && short_hosts_differ(groups, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t digits = count_columns(groups[i]->count);
        size_t host = hn_utf8_columns(host_shown(&layout, groups[i]->host));

        layout.count = digits > layout.count ? digits : layout.count;
        layout.host = host > layout.host ? host : layout.host;
    }
    if (layout.host > HOST_COLUMNS_MAX && ui.width > 0)
        layout.host = HOST_COLUMNS_MAX;
    if (ui.width > 0)
        fit(&layout, ui.width);
    return layout;
}

/* ---- Cells ---- */

static void gap(struct hn_buf *out)
{
    hn_buf_add_repeat(out, ' ', GAP);
}

static void time_cell(struct hn_buf *out, hn_time time, const struct hn_zone *zone, size_t columns)
{
    char text[HN_TIME_TEXT_MAX];
    size_t skip = columns == TIME_COLUMNS ? 0 : 5; /* the year */

    if (time == HN_TIME_NONE) {
        ui_add_cell(out, HN_TEXT("-"), columns);
        return;
    }
    (void)hn_time_write(time, hn_zone_offset_at(zone, time), text); /* never shorter than 20 */
    text[10] = ' ';
    hn_buf_add(out, text + skip, columns);
}

static void right_count(struct hn_buf *out, uint64_t count, size_t columns)
{
    size_t used = count_columns(count);

    hn_buf_add_repeat(out, ' ', used < columns ? columns - used : 0);
    ui_add_count(out, count);
}

/* The first technique of a rule and how many more there are. */
static void attack_cell(struct hn_buf *out, const struct alert_group *group)
{
    char name[ALERT_ATTACK_MAX];
    struct hn_buf cell = { 0 };
    unsigned more = 0;

    for (uint32_t i = 0; group->kind != ALERT_INDICATOR && i < group->meta->tags.count; i++) {
        if (!alert_attack_technique(group->meta->tags.ptr[i], name))
            continue;
        if (cell.len == 0)
            hn_buf_add_cstr(&cell, name);
        else
            more++;
    }
    if (more > 0)
        hn_buf_addf(&cell, " +%u", more);
    ui_add_cell(out, hn_buf_text(&cell), ATTACK_COLUMNS);
    hn_buf_deinit(&cell);
}

/* The last cell of a line, without blanks behind it. */
static void title_cell(struct hn_buf *out, struct hn_text title, size_t columns)
{
    struct hn_buf cell = { 0 };

    ui_add_cell(&cell, title, columns);
    while (cell.len > 0 && cell.ptr[cell.len - 1] == ' ')
        cell.len--;
    hn_buf_add_text(out, hn_buf_text(&cell));
    hn_buf_deinit(&cell);
}

static void header(struct hn_buf *out, const struct layout *layout)
{
    const char *count = UI_TEXT("COUNT", "件数");

    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    ui_add_cell(out, hn_text_cstr(UI_TEXT("LEVEL", "レベル")), layout->level);
    gap(out);
    hn_buf_add_repeat(out, ' ', layout->count - heading_columns(count));
    hn_buf_add_cstr(out, count);
    gap(out);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("FIRST SEEN", "最初")), layout->first);
    if (layout->last > 0) {
        gap(out);
        ui_add_cell(out, hn_text_cstr(UI_TEXT("LAST SEEN", "最後")), layout->last);
    }
    gap(out);
    ui_add_cell(out, hn_text_cstr(UI_TEXT("HOST", "ホスト")), layout->host);
    if (layout->attack > 0) {
        gap(out);
        ui_add_cell(out, HN_TEXT("ATT&CK"), layout->attack);
    }
    gap(out);
    hn_buf_add_cstr(out, UI_TEXT("RULE", "ルール"));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void row(struct hn_buf *out, const struct layout *layout, const struct alert_group *group,
        const struct hn_zone *zone)
{
    struct hn_text host = host_shown(layout, group->host);

    hn_buf_add_cstr(out, ui_style(ui_level_style(group->level), ui.color_out));
    ui_add_cell(out, hn_text_cstr(ui_level_name(group->level)), layout->level);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    gap(out);
    right_count(out, group->count, layout->count);
    gap(out);
    time_cell(out, group->first, zone, layout->first);
    if (layout->last > 0) {
        gap(out);
        time_cell(out, group->last, zone, layout->last);
    }
    gap(out);
    ui_add_cell(out, host, layout->host);
    if (layout->attack > 0) {
        gap(out);
        attack_cell(out, group);
    }
    gap(out);
    title_cell(out, group->title, layout->title);
    hn_buf_add_char(out, '\n');
}

void scan_table_write(struct alert_groups *groups, const struct hn_zone *zone, struct hn_buf *out)
{
    const struct alert_group *const *sorted;
    struct layout layout;
    uint32_t shown;
    uint32_t count;

    sorted = alert_groups_sorted(groups, &count);
    if (count == 0)
        return;
    layout = layout_of(sorted, count);
    header(out, &layout);
    shown = ui.width > 0 && count > ROWS_MAX ? ROWS_MAX : count;
    for (uint32_t i = 0; i < shown; i++)
        row(out, &layout, sorted[i], zone);
    if (shown < count) {
        hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
        hn_buf_addf(out,
                UI_TEXT("… and %u less important rows (--report FILE.html, --output jsonl)",
                        "… ほかに軽微な %u 行(--report FILE.html、--output jsonl)"),
                (unsigned)(count - shown));
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        hn_buf_add_char(out, '\n');
    }
}

/* ---- Summary ---- */

static void label(struct hn_buf *out, const char *text)
{
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_err));
    ui_add_cell(out, hn_text_cstr(text), 12);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_err));
}

static void events_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    const struct scan_totals *totals = &numbers->summary->totals;

    label(out, UI_TEXT("Events", "イベント"));
    ui_add_count(out, totals->events);
    hn_buf_add_cstr(out, UI_TEXT(" (", " 件("));
    ui_add_bytes(out, totals->bytes);
    hn_buf_addf(out, UI_TEXT(", %.1f s", "、%.1f 秒"), numbers->seconds);
    if (numbers->seconds > 0.05) {
        hn_buf_add_cstr(out, UI_TEXT(", ", "、"));
        ui_add_count(out, (uint64_t)((double)totals->events / numbers->seconds));
        hn_buf_add_cstr(out, UI_TEXT(" events/s", " 件/秒"));
    }
    hn_buf_add_lit(out, ")\n");
}

static void sources_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    const struct scan_totals *totals = &numbers->summary->totals;
    uint64_t read = totals->entries - totals->entries_unknown - totals->entries_failed;

    label(out, UI_TEXT("Sources", "入力"));
    ui_add_count(out, read);
    hn_buf_add_cstr(out, UI_TEXT(read == 1 ? " file" : " files", " ファイル"));
    if (totals->entries_unknown > 0) {
        hn_buf_add_cstr(out, UI_TEXT(", ", "、"));
        ui_add_count(out, totals->entries_unknown);
        hn_buf_add_cstr(out, UI_TEXT(" of no known format", " 件は形式不明"));
    }
    if (totals->entries_failed > 0) {
        hn_buf_add_cstr(out, UI_TEXT(", ", "、"));
        ui_add_count(out, totals->entries_failed);
        hn_buf_add_cstr(out, UI_TEXT(" could not be read", " 件は読めず"));
    }
    hn_buf_add_char(out, '\n');
}

static void alerts_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    uint64_t total = 0;
    bool first = true;

    for (size_t i = 0; i <= SIGMA_LEVEL_CRITICAL; i++)
        total += numbers->summary->alerts[i];
    label(out, UI_TEXT("Alerts", "アラート"));
    ui_add_count(out, total);
    for (unsigned i = SIGMA_LEVEL_CRITICAL; i > 0; i--) {
        enum sigma_level level = (enum sigma_level)i;

        if (numbers->summary->alerts[level] == 0)
            continue;
        hn_buf_add_cstr(out, first ? ": " : UI_TEXT(", ", "、"));
        first = false;
        hn_buf_add_cstr(out, ui_style(ui_level_style(level), ui.color_err));
        ui_add_count(out, numbers->summary->alerts[level]);
        hn_buf_addf(out, " %s", ui_level_name(level));
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_err));
    }
    hn_buf_add_char(out, '\n');
}

uint32_t scan_rules_without_source(const struct scan_numbers *numbers)
{
    uint32_t missing = 0;

    for (uint32_t i = 0; i < numbers->set->rule_count; i++)
        missing += !numbers->summary->rules[i].source_seen;
    return missing;
}

static void rules_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    const struct sigma_set *set = numbers->set;
    uint32_t rejected = sigma_documents_with(set, SIGMA_REJECTED);
    uint32_t unable = sigma_documents_with(set, SIGMA_NEVER);

    label(out, UI_TEXT("Rules", "ルール"));
    ui_add_count(out, numbers->rules_enabled);
    hn_buf_addf(out, UI_TEXT(" (%.2f s)", " 件(%.2f 秒)"), numbers->rules_seconds);
    if (set->correlation_count > 0) {
        hn_buf_add_cstr(out, UI_TEXT(", ", "、相関 "));
        ui_add_count(out, set->correlation_count);
        hn_buf_add_cstr(out, UI_TEXT(" correlations", " 件"));
    }
    hn_buf_add_cstr(out, UI_TEXT(", ", "、該当ログなし "));
    ui_add_count(out, scan_rules_without_source(numbers));
    hn_buf_add_cstr(out, UI_TEXT(" without a log source here\n", " 件\n"));
    label(out, "");
    hn_buf_add_cstr(out, UI_TEXT("", "拒否 "));
    ui_add_count(out, rejected);
    hn_buf_add_cstr(out, UI_TEXT(" rejected, ", " 件、発火不能 "));
    ui_add_count(out, unable);
    hn_buf_add_cstr(out, UI_TEXT(" unable to fire", " 件"));
    if (rejected + unable > 0)
        hn_buf_add_cstr(out, UI_TEXT(" (hinomi rules lint says why)", "(理由: hinomi rules lint)"));
    hn_buf_add_char(out, '\n');
}

static void damage_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    const struct scan_totals *totals = &numbers->summary->totals;
    bool first = true;

    label(out, UI_TEXT("Damage", "破損"));
    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        if (totals->findings[i] == 0)
            continue;
        if (!first)
            hn_buf_add_lit(out, ", ");
        first = false;
        ui_add_count(out, totals->findings[i]);
        hn_buf_addf(out, " %s", hn_finding_id((enum hn_finding_kind)i));
    }
    if (first)
        hn_buf_add_cstr(out, UI_TEXT("none found", "なし"));
    hn_buf_add_char(out, '\n');
}

/* The enabled rule that gave up on most values, but on fewer than the one before (or as many, and
 * stands behind it). */
static bool next_limited(const struct scan_numbers *numbers, uint32_t *rule)
{
    const struct match_rule_stats *stats = numbers->summary->rules;
    uint64_t before = *rule == UINT32_MAX ? UINT64_MAX : stats[*rule].regex_limited;
    uint32_t best = UINT32_MAX;

    for (uint32_t i = 0; i < numbers->set->rule_count; i++) {
        uint64_t limited = stats[i].regex_limited;
        bool is_left = limited < before || (limited == before && i > *rule);

        if (limited > 0 && is_left && (best == UINT32_MAX || limited > stats[best].regex_limited))
            best = i;
    }
    *rule = best;
    return best != UINT32_MAX;
}

/* Which rules have a regular expression that takes for ever: they may have missed something, and
 * they are what is worth mending or switching off. */
static void limited_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    uint32_t rule = UINT32_MAX;

    for (unsigned shown = 0; shown < LIMITED_MAX && next_limited(numbers, &rule); shown++) {
        const struct sigma_meta *meta = &numbers->set->rules[rule].meta;

        label(out, shown == 0 ? UI_TEXT("Regex limit", "正規表現上限") : "");
        ui_add_count(out, numbers->summary->rules[rule].regex_limited);
        hn_buf_add_cstr(out, UI_TEXT(" values given up by ", " 件の値で打ち切り: "));
        hn_terminal_text(out, meta->title);
        hn_buf_add_lit(out, " (");
        hn_terminal_text(out, meta->place.file);
        hn_buf_addf(out, ":%u)\n", (unsigned)meta->place.line);
    }
}

static void correlation_line(const struct correlate_stats *stats, struct hn_buf *out)
{
    if (stats->groups_evicted + stats->items_evicted + stats->hits_refused == 0)
        return;
    label(out, UI_TEXT("Correlation", "相関"));
    hn_buf_addf(out,
            UI_TEXT("state was given up at a limit: %llu groups, %llu items, %llu hits\n",
                    "上限のため状態を破棄: グループ %llu、項目 %llu、ヒット %llu\n"),
            (unsigned long long)stats->groups_evicted, (unsigned long long)stats->items_evicted,
            (unsigned long long)stats->hits_refused);
}

void scan_summary_write(const struct scan_numbers *numbers, struct hn_buf *out)
{
    events_line(numbers, out);
    sources_line(numbers, out);
    alerts_line(numbers, out);
    rules_line(numbers, out);
    if (numbers->indicators > 0) {
        label(out, UI_TEXT("Indicators", "指標"));
        ui_add_count(out, numbers->indicators);
        hn_buf_add_char(out, '\n');
    }
    correlation_line(&numbers->summary->correlations, out);
    limited_line(numbers, out);
    damage_line(numbers, out);
}
