/* analyze_export.c - the case that src/protect and src/report make their files of. */
#include "app/analyze_export.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"
#include "report/analysis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define EVIDENCE_MAX   8u
#define TECHNIQUES_MAX 8u
#define PATH_BYTES_MAX 4096

bool analyze_export_wanted(const struct analyze_export *exports)
{
    return exports->report != NULL || exports->iocs != NULL || exports->stix != NULL ||
           exports->misp != NULL || exports->rules != NULL;
}

/* ---- Hits as the reports have them ---- */

static struct hn_text evidence_of(struct hn_arena *arena, const struct alert_match *match)
{
    struct hn_buf text = { 0 };
    struct hn_text kept;

    hn_buf_add_text(&text, match->field);
    hn_buf_add_lit(&text, ": ");
    hn_buf_add_text(&text, match->value);
    kept = hn_arena_text(arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return kept;
}

static bool fill_hit(
        struct hn_arena *arena, const struct analyze_hit *hit, struct protect_hit *ret_hit)
{
    struct hn_text *evidence = hn_new(arena, struct hn_text, EVIDENCE_MAX);
    struct hn_text *techniques = hn_new(arena, struct hn_text, TECHNIQUES_MAX);
    char technique[ALERT_ATTACK_MAX];

    if (evidence == NULL || techniques == NULL)
        return false;
    *ret_hit = (struct protect_hit){ .level = hit->level,
        .title = hit->title,
        .rule_id = hit->rule_id,
        .why = ui.japanese ? hit->meta->context.why_ja : hit->meta->context.why_en,
        .evidence = evidence,
        .techniques = techniques,
        .object = hit->place_count > 0 ? hit->places[0].object : PROTECT_NONE,
        .count = hit->count };
    for (uint32_t i = 0; hit->place_count > 0 && i < hit->places[0].match_count; i++)
        if (ret_hit->evidence_count < EVIDENCE_MAX)
            evidence[ret_hit->evidence_count++] = evidence_of(arena, &hit->places[0].matches[i]);
    for (uint32_t i = 0; i < hit->tags.count; i++)
        if (ret_hit->technique_count < TECHNIQUES_MAX &&
                alert_attack_technique(hit->tags.ptr[i], technique))
            techniques[ret_hit->technique_count++] = hn_arena_text(arena, hn_text_cstr(technique));
    return true;
}

/* The family that rules of this family alone name; several traces have to agree. */
static struct hn_text family_of(const struct analyze_verdict *verdict)
{
    for (size_t i = 0; i < verdict->hit_count; i++) {
        struct hn_text family = verdict->hits[i].meta->context.family;

        for (size_t k = i + 1; k < verdict->hit_count && family.len > 0; k++)
            if (hn_text_eq(family, verdict->hits[k].meta->context.family) &&
                    !hn_text_eq(verdict->hits[i].trace, verdict->hits[k].trace))
                return family;
    }
    return HN_TEXT("");
}

static struct protect_hit *hits_of(struct hn_arena *arena, const struct analyze_verdict *verdict)
{
    struct protect_hit *hits = hn_new(arena, struct protect_hit, verdict->hit_count + 1);

    for (size_t i = 0; hits != NULL && i < verdict->hit_count; i++)
        if (!fill_hit(arena, &verdict->hits[i], &hits[i]))
            return NULL;
    return hits;
}

static struct report_gap *gaps_of(struct hn_arena *arena, const struct analyze_verdict *verdict)
{
    struct report_gap *gaps = hn_new(arena, struct report_gap, verdict->gap_count + 1);

    for (size_t i = 0; gaps != NULL && i < verdict->gap_count; i++) {
        const struct analyze_gap *gap = &verdict->gaps[i];
        struct hn_buf why = { 0 };

        if (gap->note == NULL) {
            hn_buf_add_cstr(
                    &why, UI_TEXT("is of a format that nobody knows", "形式を判別できない"));
        } else {
            hn_buf_add_cstr(&why, dissect_note_text(gap->note->kind));
            hn_buf_add_lit(&why, ": ");
            hn_buf_add_text(&why, gap->note->detail);
        }
        gaps[i] = (struct report_gap){ gap->object, hn_arena_text(arena, hn_buf_text(&why)) };
        hn_buf_deinit(&why);
    }
    return gaps;
}

/* ---- Files ---- */

static int write_file(const char *path, struct hn_buf *text)
{
    struct hn_err err = { 0 };
    enum hn_status status = hn_buf_ok(text) ? file_write_atomic(path, hn_buf_text(text), &err)
                                            : hn_fail(&err, HN_NOMEM, 0, "out of memory");

    hn_buf_deinit(text);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static int write_with(const char *path, const struct protect_case *about,
        void (*write)(const struct protect_case *about, struct hn_buf *out))
{
    struct hn_buf text = { 0 };

    if (path == NULL)
        return EXIT_FINE;
    write(about, &text);
    return write_file(path, &text);
}

static int write_rule(const char *dir, const struct protect_rule *rule)
{
    struct hn_buf text = { 0 };
    char path[PATH_BYTES_MAX];

    if (rule->held.len > 0) {
        ui_warn(UI_TEXT("rule held back: %.*s: %.*s", "ルールを保留: %.*s: %.*s"),
                HN_TEXT_ARG(rule->title), HN_TEXT_ARG(rule->held));
        return EXIT_FINE;
    }
    (void)snprintf(path, sizeof path, "%s/%.*s", dir, HN_TEXT_ARG(rule->file));
    hn_buf_add_text(&text, rule->yaml);
    return write_file(path, &text);
}

/* Rules are written when they compile, pass their tests and stay silent on harmless logs. */
static int write_rules(const struct analyze_export *exports, const struct protect_case *about,
        struct protect_rules *rules)
{
    struct hn_err err = { 0 };
    uint64_t events = 0;
    enum hn_status status = protect_rules_make(about, exports->reserved, rules);
    int code = EXIT_FINE;

    if (status == HN_OK)
        status = protect_rules_check(rules, &err);
    if (status == HN_OK && exports->goodware_count > 0)
        status =
                protect_rules_try(rules, exports->goodware, exports->goodware_count, &events, &err);
    if (status == HN_OK && exports->goodware_count > 0 && events == 0)
        ui_warn("%s", UI_TEXT("no event of --goodware could be read",
                              "--goodware のイベントを読めませんでした"));
    if (status != HN_OK) {
        ui_error_at(hn_text_cstr(exports->rules), &err);
        return EXIT_IO;
    }
    if (mkdir(exports->rules, 0777) != 0 && errno != EEXIST) {
        ui_error("%s: %s", exports->rules, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
        return EXIT_IO;
    }
    for (size_t i = 0; i < rules->count && code == EXIT_FINE; i++)
        code = write_rule(exports->rules, &rules->rules[i]);
    return code;
}

static int write_report(const struct analyze_export *exports, const struct protect_case *about,
        const struct report_gap *gaps, size_t gap_count, const struct protect_rules *rules)
{
    struct report_analysis page = { .about = about,
        .gaps = gaps,
        .gap_count = gap_count,
        .rules = exports->rules != NULL ? rules : NULL };
    struct hn_buf text = { 0 };

    if (exports->report == NULL)
        return EXIT_FINE;
    if (report_analysis_write(&page, &text) != HN_OK)
        text.status = HN_NOMEM;
    return write_file(exports->report, &text);
}

int analyze_export_write(const struct analyze_export *exports, const struct analyze_result *result)
{
    struct hn_arena arena;
    struct protect_rules rules = { 0 };
    struct protect_case about = { .tree = result->sample.dissect,
        .name = dissect_get(result->sample.dissect, 0)->name,
        .verdict = hn_text_cstr(analyze_verdict_id(result->verdict.kind)),
        .family = family_of(&result->verdict),
        .made = (hn_time)time(NULL) * HN_SECOND,
        .version = HN_TEXT(HN_VERSION),
        .japanese = ui.japanese,
        .hit_count = result->verdict.hit_count,
        .indicators = result->indicators.items.ptr,
        .indicator_count = result->indicators.items.count };
    struct report_gap *gaps;
    int code = EXIT_FINE;

    hn_arena_init(&arena, (size_t)64 << 20);
    about.hits = hits_of(&arena, &result->verdict);
    gaps = gaps_of(&arena, &result->verdict);
    if (about.hits == NULL || gaps == NULL)
        code = EXIT_IO;
    if (code == EXIT_FINE)
        code = write_with(exports->iocs, &about, protect_write_csv);
    if (code == EXIT_FINE)
        code = write_with(exports->stix, &about, protect_write_stix);
    if (code == EXIT_FINE)
        code = write_with(exports->misp, &about, protect_write_misp);
    if (code == EXIT_FINE && exports->rules != NULL)
        code = write_rules(exports, &about, &rules);
    if (code == EXIT_FINE)
        code = write_report(exports, &about, gaps, result->verdict.gap_count, &rules);
    protect_rules_deinit(&rules);
    hn_arena_deinit(&arena);
    return code;
}
