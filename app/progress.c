/* progress.c - the progress bar. */
#include "app/progress.h"

#include "app/ui.h"
#include "base/utf.h"

#include <stdio.h>
#include <time.h>

#define BAR_COLUMNS     24
#define BAR_MIN_COLUMNS 6

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_init(struct progress *progress)
{
    progress->started = seconds_now();
    progress->drawn = 0;
    progress->shown = false;
}

static void add_bar(struct hn_buf *line, double share, size_t columns)
{
    size_t full = (size_t)(share * (double)columns);

    for (size_t i = 0; i < columns; i++)
        hn_buf_add_cstr(line, i < full ? "█" : "░");
}

/* Appends a piece if the line stays within width; a line that wraps cannot be cleared. */
static void add_piece(struct hn_buf *line, const struct hn_buf *piece, size_t width)
{
    size_t used = hn_utf8_columns(hn_buf_text(line)) + hn_utf8_columns(hn_buf_text(piece));

    if (used + 2 > width)
        return;
    hn_buf_add_lit(line, "  ");
    hn_buf_add_text(line, hn_buf_text(piece));
}

static void add_left(struct hn_buf *piece, double seconds)
{
    long left = (long)(seconds + 0.5);

    if (left >= 3600)
        hn_buf_addf(piece, UI_TEXT("%ld:%02ld:%02ld left", "残り %ld:%02ld:%02ld"), left / 3600,
                left / 60 % 60, left % 60);
    else
        hn_buf_addf(piece, UI_TEXT("%ld:%02ld left", "残り %ld:%02ld"), left / 60, left % 60);
}

/* Share and time left first, then the rate, then how much there is; a bar in what remains. */
static void add_pieces(
        struct hn_buf *line, const struct scan_progress *now, double elapsed, size_t width)
{
    const bool known = now->bytes_total > 0;
    double share = known ? (double)now->bytes_done / (double)now->bytes_total : 0;
    struct hn_buf piece = { 0 };

    share = share > 1 ? 1 : share;
    if (known)
        hn_buf_addf(line, "%3.0f%%", share * 100);
    else
        ui_add_bytes(line, now->bytes_done);
    if (share > 0.01 && elapsed / share - elapsed > 0.5) {
        add_left(&piece, elapsed / share - elapsed);
        add_piece(line, &piece, width);
    }
    hn_buf_reset(&piece);
    ui_add_count(&piece, (uint64_t)((double)now->events / elapsed));
    hn_buf_add_cstr(&piece, UI_TEXT(" events/s", " 件/秒"));
    add_piece(line, &piece, width);
    hn_buf_reset(&piece);
    if (known) {
        ui_add_bytes(&piece, now->bytes_done);
        hn_buf_add_lit(&piece, " / ");
        ui_add_bytes(&piece, now->bytes_total);
        add_piece(line, &piece, width);
    }
    hn_buf_reset(&piece);
    ui_add_count(&piece, now->events);
    hn_buf_add_cstr(&piece, UI_TEXT(" events", " 件"));
    add_piece(line, &piece, width);
    hn_buf_deinit(&piece);
}

void progress_draw(void *ctx, const struct scan_progress *now)
{
    struct progress *progress = ctx;
    struct hn_buf line = { 0 };
    struct hn_buf text = { 0 };
    double time = seconds_now();
    double elapsed = time - progress->started;
    size_t width = ui.err_width == 0 ? 79 : ui.err_width - 1;
    size_t used;

    if (!ui.progress || time - progress->drawn < 0.1 || elapsed < 0.3)
        return;
    progress->drawn = time;
    progress->shown = true;
    add_pieces(&text, now, elapsed, width);
    used = hn_utf8_columns(hn_buf_text(&text));
    hn_buf_add_lit(&line, "\r\033[K");
    if (now->bytes_total > 0 && used + 1 + BAR_MIN_COLUMNS <= width) {
        size_t bar = width - used - 1;

        add_bar(&line, (double)now->bytes_done / (double)now->bytes_total,
                bar < BAR_COLUMNS ? bar : BAR_COLUMNS);
        hn_buf_add_char(&line, ' ');
    }
    hn_buf_add_text(&line, hn_buf_text(&text));
    (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&text);
    hn_buf_deinit(&line);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        (void)fputs("\r\033[K", stderr);
    progress->shown = false;
}
