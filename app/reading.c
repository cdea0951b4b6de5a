/* reading.c - the parts of a run that have nothing to do with what is looked for. */
#include "app/reading.h"

#include "app/exit_code.h"
#include "app/ui.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FINDINGS_SHOWN_MAX 20u
#define OUTPUT_BYTES       ((size_t)65536) /* written at a time */

static atomic_bool interrupted;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void reading_begin(struct reading *reading, struct scan_pipeline_options *pipeline)
{
    struct sigaction action = { .sa_handler = on_signal };

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    pipeline->cancel = &interrupted;
    reading->started = seconds_now();
    progress_init(&reading->progress);
    if (ui.progress) {
        pipeline->on_progress = progress_draw;
        pipeline->progress_ctx = &reading->progress;
    }
}

void reading_problem(struct reading *reading, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct hn_err err = { .status = status };

    progress_clear(&reading->progress);
    if (ui.quiet)
        return;
    if (kind == HN_FINDING_UNKNOWN_FORMAT) {
        struct hn_buf line = { 0 };

        ui_add_cell(&line, name, 0);
        hn_buf_add_char(&line, '\0');
        ui_warn(UI_TEXT("%s: not a log that is known; skipped", "%s: 知らない形式なので飛ばします"),
                line.ptr == NULL ? "" : line.ptr);
        hn_buf_deinit(&line);
        return;
    }
    (void)snprintf(err.msg, sizeof err.msg, "%.*s", HN_TEXT_ARG(message));
    ui_error_at(name, &err);
}

void reading_finding(
        struct reading *reading, const struct scan_entry *entry, const struct hn_finding *finding)
{
    const uint32_t gains = (uint32_t)1 << HN_FINDING_RECOVERED | (uint32_t)1
                                                                         << HN_FINDING_INCOMPLETE;
    uint32_t bit = (uint32_t)1 << finding->kind;
    struct hn_buf line = { 0 };

    if (ui.quiet || reading->findings_shown == FINDINGS_SHOWN_MAX)
        return;
    if (reading->entry_shown != entry->number + 1) {
        reading->entry_shown = entry->number + 1;
        reading->kinds_shown = 0;
    }
    if (((reading->kinds_shown | gains) & bit) != 0)
        return;
    reading->kinds_shown |= bit;
    reading->findings_shown++;
    progress_clear(&reading->progress);
    ui_add_cell(&line, entry->name, 0);
    if (finding->line > 0)
        hn_buf_addf(&line, ":%llu", (unsigned long long)finding->line);
    hn_buf_addf(&line, " (%s %llu): %s", UI_TEXT("offset", "位置"),
            (unsigned long long)finding->offset, hn_finding_text(finding->kind));
    if (reading->findings_shown == FINDINGS_SHOWN_MAX)
        hn_buf_add_cstr(&line, UI_TEXT("; more are only counted", "(以降は数のみ)"));
    hn_buf_add_char(&line, '\0');
    ui_warn("%s", hn_buf_ok(&line) ? line.ptr : "");
    hn_buf_deinit(&line);
}

void reading_findings(struct reading *reading, const struct scan_result *result)
{
    for (size_t i = 0; i < result->kept.count; i++)
        reading_finding(reading, result->entry, &result->kept.ptr[i]);
}

static bool output_failed(struct reading *reading)
{
    if (reading->output_errno == 0)
        reading->output_errno = errno == 0 ? EIO : errno;
    return false;
}

/* Goes out by the system's own call: stdio would cut it where its buffer ends. */
static bool write_text(struct reading *reading, FILE *file, struct hn_text text)
{
    struct hn_text rest = text;

    while (rest.len > 0) {
        ssize_t wrote = write(fileno(file), rest.ptr, rest.len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        rest = hn_text_sub(rest, (size_t)wrote, rest.len);
    }
    return rest.len == 0 || output_failed(reading);
}

static bool write_waiting(struct reading *reading, FILE *file)
{
    bool written = write_text(reading, file, hn_buf_text(&reading->waiting));

    hn_buf_reset(&reading->waiting);
    return written;
}

bool reading_write(struct reading *reading, FILE *file, struct hn_text text)
{
    if (reading->waiting.len > 0 && reading->waiting.len + text.len > OUTPUT_BYTES &&
            !write_waiting(reading, file))
        return false;
    if (text.len > OUTPUT_BYTES / 2) /* enough for a call of its own, and a copy saved */
        return write_waiting(reading, file) && write_text(reading, file, text);
    hn_buf_add_text(&reading->waiting, text);
    if (hn_buf_ok(&reading->waiting))
        return true;
    errno = ENOMEM;
    return output_failed(reading);
}

bool reading_flush(struct reading *reading, FILE *file)
{
    bool written = write_waiting(reading, file);

    hn_buf_deinit(&reading->waiting);
    return written;
}

int reading_output_code(const struct reading *reading)
{
    char reason[128];

    if (reading->output_errno == 0)
        return EXIT_FINE;
    if (reading->output_errno == EPIPE)
        return EXIT_IO;
    if (strerror_r(reading->output_errno, reason, sizeof reason) != 0)
        reason[0] = '\0';
    ui_error("%s: %s", UI_TEXT("output could not be written", "出力できませんでした"), reason);
    return EXIT_IO;
}

int reading_end(struct reading *reading, enum hn_status status, const struct hn_err *err)
{
    progress_clear(&reading->progress);
    reading->seconds = seconds_now() - reading->started;
    if (reading->output_errno != 0)
        return reading_output_code(reading);
    if (status == HN_CANCELLED && atomic_load(&interrupted)) {
        ui_warn("%s",
                UI_TEXT("interrupted; results so far follow", "中断しました。ここまでの結果です"));
        return EXIT_PARTIAL;
    }
    if (status != HN_OK) {
        ui_error_at(HN_TEXT(""), err);
        return EXIT_IO;
    }
    return EXIT_FINE;
}

int reading_exit_code(const struct scan_totals *totals)
{
    static const enum hn_finding_kind losses[] = { HN_FINDING_UNDECODABLE, HN_FINDING_TRUNCATED,
        HN_FINDING_TOO_LONG, HN_FINDING_TOO_DEEP, HN_FINDING_DAMAGED_HEADER,
        HN_FINDING_DAMAGED_RECORD, HN_FINDING_BOMB, HN_FINDING_PASSWORD };

    bool nothing_known = totals->entries > 0 && totals->entries_unknown == totals->entries;

    if (totals->entries_failed > 0 || nothing_known)
        return EXIT_PARTIAL;
    for (size_t i = 0; i < HN_COUNT_OF(losses); i++) {
        if (totals->findings[losses[i]] > 0)
            return EXIT_PARTIAL;
    }
    return EXIT_FINE;
}
