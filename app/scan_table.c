/* scan_table.c - the table of alerts and the summary of a scan. */
#include "app/scan_table.h"

#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#include <string.h>

#define TIME_COLUMNS   19
#define LEVEL_COLUMNS  8
#define COUNT_COLUMNS  9
#define HOST_COLUMNS   24
#define ATTACK_COLUMNS 14

static void time_cell(struct hn_buf *out, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];
    size_t len;

    if (time == HN_TIME_NONE) {
        ui_add_cell(out, HN_TEXT("-"), TIME_COLUMNS);
        return;
    }
    len = hn_time_write(time, hn_zone_offset_at(zone, time), text);
    text[10] = ' ';
    hn_buf_add(out, text, len < TIME_COLUMNS ? len : TIME_COLUMNS);
}

static void right_count(struct hn_buf *out, uint64_t count, size_t columns)
{
    struct hn_buf digits = { 0 };

    ui_add_count(&digits, count);
    hn_buf_add_repeat(out, ' ', digits.len < columns ? columns - digits.len : 0);
    hn_buf_add_text(out, hn_buf_text(&digits));
    hn_buf_deinit(&digits);
}

/* The techniques of a rule, as many as fit. */
static void attack_cell(struct hn_buf *out, struct sigma_texts tags)
{
    char name[ALERT_ATTACK_MAX];
    struct hn_buf cell = { 0 };

    for (uint32_t i = 0; i < tags.count; i++) {
        if (!alert_attack_technique(tags.ptr[i], name))
            continue;
        if (cell.len > 0)
            hn_buf_add_char(&cell, ' ');
        hn_buf_add_cstr(&cell, name);
    }
    ui_add_cell(out, hn_buf_text(&cell), ATTACK_COLUMNS);
    hn_buf_deinit(&cell);
}

static void header(struct hn_buf *out, size_t title_columns)
{
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    ui_add_cell(out, hn_text_cstr(UI_TEXT("LEVEL", "レベル")), LEVEL_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(UI_TEXT("    COUNT", "     件数")), COUNT_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(UI_TEXT("FIRST SEEN", "最初")), TIME_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(UI_TEXT("LAST SEEN", "最後")), TIME_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(UI_TEXT("HOST", "ホスト")), HOST_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, HN_TEXT("ATT&CK"), ATTACK_COLUMNS);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(UI_TEXT("RULE", "ルール")), title_columns);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

void scan_table_write(struct alert_groups *groups, const struct hn_zone *zone, struct hn_buf *out)
{
    const size_t fixed = LEVEL_COLUMNS + COUNT_COLUMNS + 2 * TIME_COLUMNS + HOST_COLUMNS +
                         ATTACK_COLUMNS + 6 * 2;
    size_t title_columns = ui.width > fixed + 20 ? ui.width - fixed : 0;
    const struct alert_group *const *sorted;
    uint32_t count;

    sorted = alert_groups_sorted(groups, &count);
    if (count == 0)
        return;
    header(out, 0);
    for (uint32_t i = 0; i < count; i++) {
        const struct alert_group *group = sorted[i];

        hn_buf_add_cstr(out, ui_style(ui_level_style(group->level), ui.color_out));
        ui_add_cell(out, hn_text_cstr(ui_level_name(group->level)), LEVEL_COLUMNS);
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        hn_buf_add_lit(out, "  ");
        right_count(out, group->count, COUNT_COLUMNS);
        hn_buf_add_lit(out, "  ");
        time_cell(out, group->first, zone);
        hn_buf_add_lit(out, "  ");
        time_cell(out, group->last, zone);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, group->host.len == 0 ? HN_TEXT("-") : group->host, HOST_COLUMNS);
        hn_buf_add_lit(out, "  ");
        attack_cell(out, group->kind == ALERT_INDICATOR ? (struct sigma_texts){ NULL, 0 }
                                                        : group->meta->tags);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, group->title, title_columns);
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
    hn_buf_add_cstr(out, UI_TEXT(" in ", " 件 / "));
    ui_add_count(out, totals->entries - totals->entries_unknown - totals->entries_failed);
    hn_buf_add_cstr(out, UI_TEXT(" files, ", " ファイル、"));
    ui_add_bytes(out, totals->bytes);
    hn_buf_addf(out, UI_TEXT(", %.1f s", "、%.1f 秒"), numbers->seconds);
    if (numbers->seconds > 0.05) {
        hn_buf_add_lit(out, " (");
        ui_add_count(out, (uint64_t)((double)totals->events / numbers->seconds));
        hn_buf_add_cstr(out, UI_TEXT(" events/s)", " 件/秒)"));
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
        hn_buf_add_cstr(out, first ? ": " : ", ");
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
    uint32_t rejected = 0;
    uint32_t unable = 0;

    for (uint32_t i = 0; i < set->issue_count; i++) {
        rejected += set->issues[i].severity == SIGMA_REJECTED;
        unable += set->issues[i].severity == SIGMA_NEVER;
    }
    label(out, UI_TEXT("Rules", "ルール"));
    ui_add_count(out, numbers->rules_enabled);
    hn_buf_addf(
            out, UI_TEXT(" loaded in %.2f s", " 件を %.2f 秒で読み込み"), numbers->rules_seconds);
    if (set->correlation_count > 0) {
        hn_buf_add_lit(out, ", ");
        ui_add_count(out, set->correlation_count);
        hn_buf_add_cstr(out, UI_TEXT(" correlations", " 相関"));
    }
    hn_buf_add_lit(out, ", ");
    ui_add_count(out, rejected);
    hn_buf_add_cstr(out, UI_TEXT(" rejected, ", " 件は拒否、"));
    ui_add_count(out, unable);
    hn_buf_add_cstr(out, UI_TEXT(" unable to fire, ", " 件は発火不能、"));
    ui_add_count(out, scan_rules_without_source(numbers));
    hn_buf_add_cstr(out, UI_TEXT(" without a log source here", " 件は該当ログなし"));
    if (rejected + unable > 0)
        hn_buf_add_cstr(out, UI_TEXT(" (see: hinomi rules lint)", "(詳細: hinomi rules lint)"));
    hn_buf_add_char(out, '\n');
}

static void damage_line(const struct scan_numbers *numbers, struct hn_buf *out)
{
    const struct scan_totals *totals = &numbers->summary->totals;
    bool first = true;

    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        if (totals->findings[i] == 0)
            continue;
        if (first)
            label(out, UI_TEXT("Damage", "破損"));
        else
            hn_buf_add_lit(out, ", ");
        first = false;
        ui_add_count(out, totals->findings[i]);
        hn_buf_addf(out, " %s", hn_finding_id((enum hn_finding_kind)i));
    }
    if (!first)
        hn_buf_add_char(out, '\n');
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
    alerts_line(numbers, out);
    rules_line(numbers, out);
    if (numbers->indicators > 0) {
        label(out, UI_TEXT("Indicators", "指標"));
        ui_add_count(out, numbers->indicators);
        hn_buf_add_char(out, '\n');
    }
    correlation_line(&numbers->summary->correlations, out);
    damage_line(numbers, out);
}
