/* cells.c - times, counts, sizes and durations in columns. */
#include "app/cells.h"

#include "app/ui.h"

void cell_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];
    size_t len;

    if (time == HN_TIME_NONE) {
        ui_add_cell(out, HN_TEXT("-"), CELL_TIME_COLUMNS);
        return;
    }
    len = hn_time_write(time, hn_zone_offset_at(zone, time), text);
    text[10] = ' ';
    hn_buf_add(out, text, len < CELL_TIME_COLUMNS ? len : CELL_TIME_COLUMNS);
}

static void right(struct hn_buf *out, struct hn_buf *text, size_t columns)
{
    hn_buf_add_repeat(out, ' ', text->len < columns ? columns - text->len : 0);
    hn_buf_add_text(out, hn_buf_text(text));
    hn_buf_deinit(text);
}

void cell_count(struct hn_buf *out, uint64_t count, size_t columns)
{
    struct hn_buf digits = { 0 };

    ui_add_count(&digits, count);
    right(out, &digits, columns);
}

void cell_bytes(struct hn_buf *out, uint64_t bytes, size_t columns)
{
    struct hn_buf text = { 0 };

    ui_add_bytes(&text, bytes);
    right(out, &text, columns);
}

void cell_duration(struct hn_buf *out, hn_time duration)
{
    long long seconds = (long long)(duration / HN_SECOND);
    long long minutes = seconds / 60;
    long long hours = minutes / 60;

    if (seconds < 60)
        hn_buf_addf(out, UI_TEXT("%lld s", "%lld 秒"), seconds);
    else if (minutes < 60)
        hn_buf_addf(out, UI_TEXT("%lld min", "%lld 分"), minutes);
    else if (hours < 48 && minutes % 60 == 0)
        hn_buf_addf(out, UI_TEXT("%lld h", "%lld 時間"), hours);
    else if (hours < 48)
        hn_buf_addf(out, UI_TEXT("%lld h %lld min", "%lld 時間 %lld 分"), hours, minutes % 60);
    else
        hn_buf_addf(out, UI_TEXT("%lld d %lld h", "%lld 日 %lld 時間"), hours / 24, hours % 24);
}
