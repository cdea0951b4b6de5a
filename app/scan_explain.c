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

/* A part of a value, around the first bytes that matched. */
struct window {
    size_t from;
    size_t to;
    bool marked[VALUE_BYTES_MAX]; /* per byte of the part */
};

static size_t whole_code_point(struct hn_text text, size_t pos)
{
    while (pos > 0 && pos < text.len && ((unsigned char)text.ptr[pos] & 0xC0) == 0x80)
        pos--;
    return pos;
}

static void choose_window(struct window *window, struct hn_text value, size_t first)
{
    window->from = 0;
    window->to = value.len;
    if (value.len <= VALUE_BYTES_MAX)
        return;
    if (first > VALUE_BYTES_MAX / 4)
        window->from = whole_code_point(value, first - VALUE_BYTES_MAX / 4);
    if (value.len - window->from > VALUE_BYTES_MAX)
        window->to = whole_code_point(value, window->from + VALUE_BYTES_MAX);
}

static void mark(struct window *window, const struct alert_match *match)
{
    size_t end = (size_t)match->start + match->len;

    for (size_t i = match->start; i < end && i < window->to; i++) {
        if (i >= window->from)
            window->marked[i - window->from] = true;
    }
}

/* Bytes from pos on that are all marked, or all not: whole code points, by their first byte. */
static size_t run_len(const struct window *window, struct hn_text value, size_t pos)
{
    size_t end = pos;

    while (end < window->to &&
            window->marked[end - window->from] == window->marked[pos - window->from])
        end++;
    while (end < window->to && ((unsigned char)value.ptr[end] & 0xC0) == 0x80)
        end++;
    return end - pos;
}

/* What matched stands out; without colour in ⟦ ⟧. */
static void add_value(struct hn_buf *out, struct hn_text value, const struct window *window)
{
    if (window->from > 0)
        dim(out, "…");
    for (size_t pos = window->from; pos < window->to;) {
        size_t len = run_len(window, value, pos);
        bool marked = window->marked[pos - window->from];

        if (marked)
            hn_buf_add_cstr(out, ui.color_out ? "\033[1;7m" : "⟦");
        hn_terminal_text(out, hn_text_sub(value, pos, len));
        if (marked)
            hn_buf_add_cstr(out, ui.color_out ? "\033[0m" : "⟧");
        pos += len;
    }
    if (window->to < value.len)
        dim(out, "…");
    if (window->to - window->from < value.len)
        hn_buf_addf(out, UI_TEXT(" (%zu bytes in all)", "(全 %zu バイト)"), value.len);
}

/* ---- Conditions ---- */

static bool same_value(const struct alert_match *a, const struct alert_match *b)
{
    return hn_text_eq(a->field, b->field) && hn_text_eq(a->value, b->value);
}

static void add_condition(struct hn_buf *out, const struct alert_match *match)
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
    style(out, UI_DIM);
    hn_buf_addf(out, "  [%u..%u)", (unsigned)match->start, (unsigned)(match->start + match->len));
    style(out, UI_PLAIN);
    hn_buf_add_char(out, '\n');
}

/* The condition names the whole value: showing that again would say nothing. */
static bool says_all(const struct alert_match *match)
{
    return match->modifiers.len == 0 && hn_text_eq(match->pattern, match->value);
}

/* The conditions that held on one value, then the value once, with all that matched in it. */
static void add_matched_value(struct hn_buf *out, const struct alert_read *alert, uint32_t first)
{
    const struct alert_match *match = &alert->matches[first];
    struct window window = { 0 };
    bool show = false;

    choose_window(&window, match->value, match->start);
    for (uint32_t i = first; i < alert->match_count; i++) {
        if (!same_value(match, &alert->matches[i]))
            continue;
        add_condition(out, &alert->matches[i]);
        mark(&window, &alert->matches[i]);
        show = show || !says_all(&alert->matches[i]);
    }
    if (!show)
        return;
    hn_buf_add_lit(out, "      ");
    add_value(out, match->value, &window);
    hn_buf_add_char(out, '\n');
}

static void add_matches(struct hn_buf *out, const struct alert_read *alert)
{
    for (uint32_t i = 0; i < alert->match_count; i++) {
        uint32_t first = 0;

        while (!same_value(&alert->matches[first], &alert->matches[i]))
            first++;
        if (first == i)
            add_matched_value(out, alert, i);
    }
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
    add_matches(out, alert);
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
        if (sample->json.len == 0) /* was past the limit of bytes of the scan */
            continue;
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
