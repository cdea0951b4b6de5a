/* scan_explain.c - the evidence of alerts for people at a terminal. */
#include "app/scan_explain.h"

#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#define SAMPLES_SHOWN_MAX 5u
#define VALUE_BYTES_MAX   400u /* shown of a value, around what matched */

static void style(struct hn_buf *out, enum ui_style style_wanted)
{
    hn_buf_add_cstr(out, ui_style(style_wanted, ui.color_out));
}

static void dim(struct hn_buf *out, const char *text)
{
    style(out, UI_DIM);
    hn_buf_add_cstr(out, text);
    style(out, UI_PLAIN);
}

/* ---- Values ---- */

static size_t whole_code_point(struct hn_text text, size_t pos)
{
    while (pos > 0 && pos < text.len && ((unsigned char)text.ptr[pos] & 0xC0) == 0x80)
        pos--;
    return pos;
}

/* The value around the bytes that matched; these stand out, without colour in ⟦ ⟧. */
static void value_with_match(struct hn_buf *out, const struct alert_match *match)
{
    struct hn_text value = match->value;
    size_t end = (size_t)match->start + match->len;
    size_t from = 0;
    size_t to = value.len;

    if (value.len > VALUE_BYTES_MAX) {
        if (match->start > VALUE_BYTES_MAX / 4)
            from = whole_code_point(value, match->start - VALUE_BYTES_MAX / 4);
        to = value.len - from > VALUE_BYTES_MAX ? whole_code_point(value, from + VALUE_BYTES_MAX)
                                                : value.len;
    }
    end = end < to ? end : to;
    if (from > 0)
        dim(out, "…");
    hn_terminal_text(out, hn_text_sub(value, from, match->start - from));
    if (end > match->start) {
        hn_buf_add_cstr(out, ui.color_out ? "\033[1;7m" : "⟦");
        hn_terminal_text(out, hn_text_sub(value, match->start, end - match->start));
        hn_buf_add_cstr(out, ui.color_out ? "\033[0m" : "⟧");
    }
    hn_terminal_text(out, hn_text_sub(value, end, to - end));
    if (to < value.len) {
        dim(out, "…");
        hn_buf_addf(out, UI_TEXT(" (%zu bytes in all)", "(全 %zu バイト)"), value.len);
    }
}

static bool same_value(const struct alert_match *a, const struct alert_match *b)
{
    return hn_text_eq(a->field, b->field) && hn_text_eq(a->value, b->value) &&
           a->start == b->start && a->len == b->len;
}

static void add_match(struct hn_buf *out, const struct alert_match *match, bool repeat)
{
    hn_buf_add_lit(out, "    ");
    if (match->selection.len > 0) {
        ui_add_cell(out, match->selection, 0);
        hn_buf_add_lit(out, ": ");
    }
    style(out, UI_BOLD);
    if (match->field.len > 0)
        ui_add_cell(out, match->field, 0);
    else
        hn_buf_add_cstr(out, UI_TEXT("(whole event)", "(イベント全体)"));
    style(out, UI_PLAIN);
    if (match->modifiers.len > 0) {
        hn_buf_add_lit(out, "|");
        ui_add_cell(out, match->modifiers, 0);
    }
    hn_buf_add_lit(out, ": ");
    hn_terminal_text(out, hn_text_sub(match->pattern, 0, VALUE_BYTES_MAX));
    if (match->pattern.len > VALUE_BYTES_MAX)
        dim(out, "…");
    hn_buf_add_char(out, '\n');
    if (repeat)
        return;
    hn_buf_add_lit(out, "      ");
    value_with_match(out, match);
    hn_buf_addf(out, "%s  [%u..%u)%s\n", ui_style(UI_DIM, ui.color_out), (unsigned)match->start,
            (unsigned)(match->start + match->len), ui_style(UI_PLAIN, ui.color_out));
}

/* ---- Alerts ---- */

static void add_place(struct hn_buf *out, struct hn_text file, uint64_t offset, uint64_t line)
{
    ui_add_cell(out, file, 0);
    if (line > 0)
        hn_buf_addf(out, ":%llu", (unsigned long long)line);
    hn_buf_addf(out, UI_TEXT(" (offset %llu)", "(位置 %llu)"), (unsigned long long)offset);
}

static void add_pairs(struct hn_buf *out, const struct alert_field *fields, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        hn_buf_add_lit(out, "    ");
        ui_add_cell(out, fields[i].name, 0);
        hn_buf_add_lit(out, ": ");
        hn_terminal_text(out, hn_text_sub(fields[i].value, 0, VALUE_BYTES_MAX));
        hn_buf_add_char(out, '\n');
    }
}

static void add_correlation(struct hn_buf *out, const struct alert_read *alert)
{
    add_pairs(out, alert->group, alert->group_count);
    for (uint32_t i = 0; i < alert->part_count; i++) {
        const struct alert_read_part *part = &alert->parts[i];

        hn_buf_add_lit(out, "    ");
        ui_add_cell(out, part->time, 0);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, part->rule, 0);
        hn_buf_add_lit(out, "  ");
        style(out, UI_DIM);
        add_place(out, part->file, part->offset, part->line);
        style(out, UI_PLAIN);
        hn_buf_add_char(out, '\n');
    }
    if (alert->events > alert->part_count)
        hn_buf_addf(out, UI_TEXT("    … of %llu events in all\n", "    …(全 %llu イベント)\n"),
                (unsigned long long)alert->events);
}

static void add_alert(struct hn_buf *out, const struct alert_read *alert, uint64_t count)
{
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, alert->time.len > 0 ? alert->time : HN_TEXT("-"), 0);
    if (alert->user.len > 0) {
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, alert->user, 0);
    }
    if (alert->file.len > 0) {
        hn_buf_add_lit(out, "  ");
        add_place(out, alert->file, alert->offset, alert->line);
    }
    if (count > 1)
        hn_buf_addf(out, "  ×%llu", (unsigned long long)count);
    hn_buf_add_char(out, '\n');
    for (uint32_t i = 0; i < alert->match_count; i++) {
        /* Where the next condition held on the same bytes, the value is shown once, behind it. */
        bool repeat = i + 1 < alert->match_count &&
                      same_value(&alert->matches[i], &alert->matches[i + 1]);

        add_match(out, &alert->matches[i], repeat);
    }
    if (alert->has_correlation)
        add_correlation(out, alert);
    add_pairs(out, alert->indicator, alert->indicator_count);
}

static void add_samples(struct hn_buf *out, const struct alert_group *group, struct hn_arena *arena)
{
    struct alert_read alert;
    uint64_t told = 0;

    for (uint32_t i = 0; i < group->sample_count && i < SAMPLES_SHOWN_MAX; i++) {
        const struct alert_sample *sample = &group->samples[i];

        hn_arena_reset(arena);
        if (alert_read(sample->json, arena, &alert) != HN_OK)
            continue;
        add_alert(out, &alert, sample->count);
        told += sample->count;
    }
    if (group->count > told) {
        hn_buf_add_lit(out, "  ");
        style(out, UI_DIM);
        hn_buf_addf(out, UI_TEXT("… and %llu more", "…ほか %llu 件"),
                (unsigned long long)(group->count - told));
        style(out, UI_PLAIN);
        hn_buf_add_char(out, '\n');
    }
}

void scan_explain_write(struct alert_groups *groups, struct hn_buf *out)
{
    const struct alert_group *const *sorted;
    struct hn_arena arena = { 0 };
    uint32_t count;

    hn_arena_init(&arena, (size_t)256 << 20);
    sorted = alert_groups_sorted(groups, &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct alert_group *group = sorted[i];

        hn_buf_add_char(out, '\n');
        style(out, ui_level_style(group->level));
        hn_buf_add_cstr(out, ui_level_name(group->level));
        style(out, UI_PLAIN);
        hn_buf_add_lit(out, "  ");
        style(out, UI_BOLD);
        ui_add_cell(out, group->title, 0);
        style(out, UI_PLAIN);
        if (group->host.len > 0) {
            hn_buf_add_lit(out, "  ");
            ui_add_cell(out, group->host, 0);
        }
        hn_buf_add_char(out, '\n');
        add_samples(out, group, &arena);
    }
    hn_arena_deinit(&arena);
}
