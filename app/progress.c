/* progress.c - the progress bar. */
#include "app/progress.h"

#include "app/ui.h"

#include <stdio.h>
#include <time.h>

#define BAR_COLUMNS 24

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

static void add_bar(struct hn_buf *line, double share)
{
    size_t full = (size_t)(share * BAR_COLUMNS);

    for (size_t i = 0; i < BAR_COLUMNS; i++)
        hn_buf_add_cstr(line, i < full ? "█" : "░");
}

void progress_draw(void *ctx, const struct scan_progress *now)
{
    struct progress *progress = ctx;
    struct hn_buf line = { 0 };
    double time = seconds_now();
    double elapsed = time - progress->started;

    if (!ui.progress || time - progress->drawn < 0.1 || elapsed < 0.3)
        return;
    progress->drawn = time;
    progress->shown = true;
    hn_buf_add_lit(&line, "\r\033[K");
    if (now->bytes_total > 0) {
        double share = (double)now->bytes_done / (double)now->bytes_total;
        double left = share > 0.01 ? elapsed / share - elapsed : 0;

        share = share > 1 ? 1 : share;
        add_bar(&line, share);
        hn_buf_addf(&line, " %3.0f%%  ", share * 100);
        ui_add_bytes(&line, now->bytes_done);
        hn_buf_add_lit(&line, " / ");
        ui_add_bytes(&line, now->bytes_total);
        if (left > 0.5)
            hn_buf_addf(&line, UI_TEXT("  %d:%02d left", "  残り %d:%02d"), (int)left / 60,
                    (int)left % 60);
    } else {
        ui_add_bytes(&line, now->bytes_done);
    }
    hn_buf_add_lit(&line, "  ");
    ui_add_count(&line, now->events);
    hn_buf_add_cstr(&line, UI_TEXT(" events, ", " 件、"));
    ui_add_count(&line, (uint64_t)((double)now->events / elapsed));
    hn_buf_add_cstr(&line, UI_TEXT("/s", " 件/秒"));
    (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        (void)fputs("\r\033[K", stderr);
    progress->shown = false;
}
