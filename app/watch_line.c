/* watch_line.c - what `hinomi watch` writes. */
#include "app/watch_line.h"

#include "app/cells.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#include <stdio.h>

#define WIDE_MIN  100u /* columns of a terminal with room for whole stamps and names */
#define TITLE_MIN 20u

/* Without its domain; an address stays whole. */
static struct hn_text machine(struct hn_text host)
{
    size_t dot = hn_text_find_char(host, '.', 0);
    char last = host.ptr[host.len - 1];

    return dot == SIZE_MAX || dot == 0 || (last >= '0' && last <= '9') ? host
                                                                       : hn_text_sub(host, 0, dot);
}

void watch_line_write(struct hn_text alert, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    enum sigma_level level = remote_level(client_text(arena, alert, "level"));
    hn_time time = client_time(arena, alert, "time");
    struct hn_text host = client_text(arena, alert, "host");
    struct hn_text user = client_text(arena, alert, "user");
    struct hn_buf line = { 0 };
    struct hn_buf stamp = { 0 };
    bool narrow = ui.width > 0 && ui.width < WIDE_MIN;
    unsigned host_columns = narrow ? 14 : 22;
    /* What stands before the title: stamp, level, number, host, and blanks between. */
    unsigned before = (narrow ? 8u : 19u) + 8 + 6 + host_columns + 8;
    char number[32];

    if (time == HN_TIME_NONE)
        time = client_time(arena, alert, "received");
    remote_add_time(&stamp, time, zone);
    hn_buf_add_text(&line, hn_text_sub(hn_buf_text(&stamp), narrow ? 11 : 0, stamp.len));
    hn_buf_deinit(&stamp);
    hn_buf_addf(&line, "  %s", ui_style(ui_level_style(level), ui.color_out));
    ui_add_cell(&line, hn_text_cstr(ui_level_name(level)), 8);
    hn_buf_addf(&line, "%s  ", ui_style(UI_PLAIN, ui.color_out));
    (void)snprintf(number, sizeof number, "#%lld", (long long)client_int(arena, alert, "seq", 0));
    ui_add_cell(&line, hn_text_cstr(number), 6);
    hn_buf_add_lit(&line, "  ");
    ui_add_cell(&line,
            host.len > 0   ? narrow ? machine(host) : host
            : user.len > 0 ? user
                           : HN_TEXT("-"),
            host_columns);
    hn_buf_add_lit(&line, "  ");
    ui_add_cell(&line, client_text(arena, alert, "title"),
            ui.width == 0                   ? 0
            : ui.width > before + TITLE_MIN ? ui.width - before
                                            : TITLE_MIN);
    while (line.len > 0 && line.ptr[line.len - 1] == ' ')
        line.len--;
    hn_buf_add_text(out, hn_buf_text(&line));
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&line);
}

void watch_status_take(
        struct watch_status *status, struct hn_text json, double seconds, struct hn_arena *arena)
{
    struct hn_text engine = client_get(arena, json, "engine");
    struct watch_status now = { .known = true,
        .events = client_int(arena, engine, "events", 0),
        .alerts = client_int(arena, engine, "alerts", 0),
        .behind = client_int(arena, engine, "behind_bytes", 0),
        .rules = client_int(arena, json, "rules", 0),
        .seconds = seconds };
    double span = seconds - status->seconds;

    if (status->known && span > 0.05 && now.events >= status->events) {
        now.rate = (double)(now.events - status->events) / span;
        now.drain = (double)(status->behind - now.behind) / span;
    }
    *status = now;
}

static void add_behind(const struct watch_status *status, struct hn_buf *out)
{
    if (status->behind <= REMOTE_BEHIND_MIN) {
        hn_buf_add_cstr(out, UI_TEXT("everything is judged", "判定済み"));
        return;
    }
    ui_add_bytes(out, (uint64_t)status->behind);
    hn_buf_add_cstr(out, UI_TEXT(" behind", " 遅れ"));
    if (status->drain > 1 && (double)status->behind / status->drain < 86400) {
        hn_buf_add_cstr(out, UI_TEXT(", caught up in ", "、追いつくまで "));
        cell_duration(out, (hn_time)((double)status->behind / status->drain + 1) * HN_SECOND);
    }
}

void watch_status_write(const struct watch_status *status, bool connected, double since,
        uint64_t shown, struct hn_buf *out)
{
    if (!connected) {
        hn_buf_addf(out, "%s", ui_style(UI_RED, ui.color_err));
        hn_buf_addf(out,
                UI_TEXT("no connection for %.0f s, trying again", "接続なし %.0f 秒、再接続中"),
                since);
        hn_buf_addf(out, "%s", ui_style(UI_PLAIN, ui.color_err));
        return;
    }
    hn_buf_addf(out, "%s", ui_style(UI_DIM, ui.color_err));
    if (status->known) {
        ui_add_count(out, (uint64_t)(status->rate < 0 ? 0 : status->rate + 0.5));
        hn_buf_add_cstr(out, UI_TEXT(" events/s · ", " 件/秒 · "));
        add_behind(status, out);
        hn_buf_add_lit(out, " · ");
    }
    ui_add_count(out, shown);
    hn_buf_add_cstr(out, UI_TEXT(shown == 1 ? " alert shown" : " alerts shown", " 件を表示"));
    if (ui.err_width >= 100 && status->known) {
        hn_buf_add_lit(out, " · ");
        ui_add_count(out, (uint64_t)(status->rules < 0 ? 0 : status->rules));
        hn_buf_add_cstr(out, UI_TEXT(" rules", " ルール"));
    }
    hn_buf_addf(out, "%s", ui_style(UI_PLAIN, ui.color_err));
}
