/* scan_report.c - from the results of a scan to the files of --report and --navigator. */
#include "app/scan_report.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"
#include "base/vec.h"
#include "report/navigator.h"

#include <stdlib.h>
#include <time.h>

#define NOTES_BYTES_MAX     ((size_t)1 << 20)
#define NAVIGATOR_BYTES_MAX ((size_t)64 << 20)
#define RULES_NAMED_MAX     10 /* in the comment of a technique */

void scan_report_note(struct scan_report *report, struct hn_text name,
        const struct hn_finding *finding, struct hn_text message)
{
    struct report_note *note;

    if (report->report_path == NULL || report->note_count == SCAN_REPORT_NOTES_MAX)
        return;
    if (report->arena.cap_bytes == 0)
        hn_arena_init(&report->arena, NOTES_BYTES_MAX);
    note = &report->notes[report->note_count];
    *note = (struct report_note){ .name = hn_arena_text(&report->arena, name),
        .text = hn_arena_text(&report->arena, message) };
    if (finding != NULL) {
        note->offset = finding->offset;
        note->line = finding->line;
        note->has_place = true;
    }
    if (note->name.ptr != NULL && note->text.ptr != NULL)
        report->note_count++;
}

void scan_report_deinit(struct scan_report *report)
{
    hn_arena_deinit(&report->arena);
}

/* ---- The report ---- */

static int write_file(const char *path, const struct hn_buf *text, enum hn_status status)
{
    struct hn_err err = { 0 };

    if (status == HN_OK && !hn_buf_ok(text))
        status = text->status;
    if (status != HN_OK)
        (void)hn_fail(&err, status, 0, "%s", hn_status_text(status));
    else
        status = file_write_atomic(path, hn_buf_text(text), &err);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static hn_time now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_REALTIME, &at);
    return (hn_time)at.tv_sec * HN_SECOND + at.tv_nsec;
}

static int write_html(const struct scan_report *files, const struct scan_outcome *outcome)
{
    const struct scan_numbers *numbers = outcome->numbers;
    const struct scan_totals *totals = &numbers->summary->totals;
    struct hn_buf text = { 0 };
    enum hn_status status;
    int code;
    struct report report = {
        .japanese = ui.japanese,
        .zone = outcome->zone,
        .zone_name = hn_text_cstr(files->zone_name == NULL ? "UTC" : files->zone_name),
        .made = now(),
        .version = hn_text_cstr(HN_VERSION),
        .inputs = outcome->inputs,
        .input_count = outcome->input_count,
        .interrupted = outcome->interrupted,
        .groups = outcome->groups,
        .set = numbers->set,
        .rules_loaded = numbers->rules_enabled,
        .rules_without_source = scan_rules_without_source(numbers),
        .indicators = numbers->indicators,
        .events = totals->events,
        .bytes = totals->bytes,
        .files = totals->entries - totals->entries_unknown - totals->entries_failed,
        .files_unknown = totals->entries_unknown,
        .files_failed = totals->entries_failed,
        .seconds = numbers->seconds,
        .notes = files->notes,
        .note_count = files->note_count,
    };

    memcpy(report.findings, totals->findings, sizeof report.findings);
    status = report_write(&report, &text);
    code = write_file(files->report_path, &text, status);
    hn_buf_deinit(&text);
    return code;
}

/* ---- The layer ---- */

struct technique {
    char id[ALERT_ATTACK_MAX];
    uint64_t alerts;
    enum sigma_level level;
    uint32_t rules;
    struct hn_buf comment; /* titles of rules */
};

struct layer {
    HN_VEC(struct technique) techniques;
};

static struct technique *technique_of(struct layer *layer, const char *id)
{
    struct technique *technique;

    for (size_t i = 0; i < layer->techniques.count; i++) {
        if (strcmp(layer->techniques.ptr[i].id, id) == 0)
            return &layer->techniques.ptr[i];
    }
    technique = hn_vec_add(&layer->techniques);
    if (technique != NULL)
        memcpy(technique->id, id, strlen(id) + 1);
    return technique;
}

/* Groups come by importance, so that the titles of the most important rules are named. */
static void count_technique(struct technique *technique, const struct alert_group *group)
{
    struct hn_text named = hn_buf_text(&technique->comment);

    technique->alerts += group->count;
    if (group->level > technique->level)
        technique->level = group->level;
    if (named.len > 0 && hn_text_find(named, group->title, 0) != SIZE_MAX)
        return;
    technique->rules++;
    if (technique->rules > RULES_NAMED_MAX)
        return;
    if (named.len > 0)
        hn_buf_add_lit(&technique->comment, "\n");
    hn_buf_add_text(&technique->comment, group->title);
}

static enum hn_status count_techniques(struct layer *layer, struct alert_groups *groups)
{
    const struct alert_group *const *sorted;
    char id[ALERT_ATTACK_MAX];
    uint32_t count;

    sorted = alert_groups_sorted(groups, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (sorted[i]->kind == ALERT_INDICATOR)
            continue;
        for (uint32_t k = 0; k < sorted[i]->meta->tags.count; k++) {
            struct technique *technique;

            if (!alert_attack_technique(sorted[i]->meta->tags.ptr[k], id))
                continue;
            technique = technique_of(layer, id);
            if (technique == NULL)
                return HN_NOMEM;
            count_technique(technique, sorted[i]);
        }
    }
    return HN_OK;
}

static struct hn_text level_color(enum sigma_level level)
{
    switch (level) {
    case SIGMA_LEVEL_CRITICAL:
        return HN_TEXT("#b3206a");
    case SIGMA_LEVEL_HIGH:
        return HN_TEXT("#d9532f");
    case SIGMA_LEVEL_MEDIUM:
        return HN_TEXT("#e3a32a");
    case SIGMA_LEVEL_LOW:
        return HN_TEXT("#5ba368");
    case SIGMA_LEVEL_INFORMATIONAL:
    case SIGMA_LEVEL_NONE:
        break;
    }
    return HN_TEXT("#97a2af");
}

static void write_layer(
        const struct layer *layer, struct navigator_technique *techniques, struct hn_buf *out)
{
    struct navigator_legend legend[SIGMA_LEVEL_CRITICAL];
    struct navigator_layer whole = {
        .name = hn_text_cstr(UI_TEXT("Hinomi scan", "Hinomi スキャン")),
        .description = hn_text_cstr(UI_TEXT(
                "Techniques that alerts point to; the score is the number of alerts, the colour "
                "that of the highest level",
                "アラートが示す手法。スコアは件数、色は最も高いレベル")),
        .techniques = techniques,
        .technique_count = layer->techniques.count,
        .legend = legend,
        .legend_count = HN_COUNT_OF(legend),
    };

    for (size_t i = 0; i < HN_COUNT_OF(legend); i++) {
        enum sigma_level level = (enum sigma_level)(SIGMA_LEVEL_CRITICAL - i);

        legend[i] =
                (struct navigator_legend){ hn_text_cstr(ui_level_name(level)), level_color(level) };
    }
    for (size_t i = 0; i < layer->techniques.count; i++) {
        const struct technique *technique = &layer->techniques.ptr[i];

        techniques[i] = (struct navigator_technique){ .id = hn_text_cstr(technique->id),
            .score = (double)technique->alerts,
            .comment = hn_buf_text(&technique->comment),
            .color = level_color(technique->level) };
    }
    report_navigator_write(&whole, out);
}

static int write_navigator(const struct scan_report *files, const struct scan_outcome *outcome)
{
    struct layer layer = { 0 };
    struct hn_buf text = { .cap_bytes = NAVIGATOR_BYTES_MAX };
    enum hn_status status = count_techniques(&layer, outcome->groups);
    struct navigator_technique *techniques = hn_calloc(layer.techniques.count, sizeof *techniques);
    int code;

    if (techniques == NULL)
        status = HN_NOMEM;
    if (status == HN_OK)
        write_layer(&layer, techniques, &text);
    code = write_file(files->navigator_path, &text, status);
    for (size_t i = 0; i < layer.techniques.count; i++)
        hn_buf_deinit(&layer.techniques.ptr[i].comment);
    hn_vec_deinit(&layer.techniques);
    hn_free(techniques);
    hn_buf_deinit(&text);
    return code;
}

int scan_report_write(struct scan_report *report, const struct scan_outcome *outcome)
{
    int code = EXIT_FINE;

    if (report->report_path != NULL)
        code = write_html(report, outcome);
    if (code == EXIT_FINE && report->navigator_path != NULL)
        code = write_navigator(report, outcome);
    return code;
}
