/* fuzz_analyze.c - a sample (name up to the first line feed, then its bytes) through the loop with
 * the openers there are, held against YARA rules, then as events and a report. Whatever comes out:
 * every event is one JSON line at its place, a rule that fits is told where it says, the report is
 * JSON, and the tree crosses to another process unchanged. */
/* fuzz: analyze */
#include "analyze/analyze.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_events(const struct dissect *dissect)
{
    struct hn_buf lines = { 0 };
    struct hn_arena arena;
    const struct analyze_event *events;
    struct hn_text rest;
    struct hn_text line;
    size_t count = 0;
    size_t n = 0;

    hn_arena_init(&arena, (size_t)64 << 20);
    events = analyze_events(dissect, true, &lines, &arena, &count);
    if (events == NULL || !hn_buf_ok(&lines))
        abort();
    rest = hn_buf_text(&lines);
    for (; hn_text_line(&rest, &line); n++)
        if (n >= count || lines.ptr + events[n].offset != line.ptr || !decode_json_valid(line))
            abort();
    if (n != count)
        abort();
    hn_arena_deinit(&arena);
    hn_buf_deinit(&lines);
}

static void on_problem(void *ctx, const struct yarascan_problem *problem)
{
    (void)ctx;
    (void)problem;
    abort();
}

/* fuzz_analyze.yar: a rule that fits everything with a byte in it, one for two strings, one by the
 * variables that collections of rules use. */
static const struct yarascan_rules *rules_once(void)
{
    static struct yarascan_rules *rules;
    static const char *const paths[] = { HN_FUZZ_DIR "/fuzz_analyze.yar" };

    if (rules == NULL &&
            (yarascan_compile(paths, 1, on_problem, NULL, &rules, NULL) != HN_OK || rules == NULL))
        abort();
    return rules;
}

/* Every object with bytes that the rules were held against has the rule that fits everything. */
static void check_signatures(struct dissect *dissect)
{
    if (analyze_signatures(dissect, rules_once(), 60, NULL, NULL) != HN_OK)
        return; /* out of memory */
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);
        const struct dissect_fact *fact = object->facts;

        while (fact != NULL && !(strcmp(fact->name, "yara_rule") == 0 &&
                                       hn_text_eq(fact->value, HN_TEXT("any_byte"))))
            fact = fact->next;
        if (object->data.len > 0 && fact == NULL)
            abort();
        for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
            if (note->kind == DISSECT_NOTE_SIGNATURE && note->offset != DISSECT_NOWHERE &&
                    note->offset >= object->data.len)
                abort();
        }
    }
}

static void check_report(const struct dissect *dissect)
{
    struct analyze_verdict verdict = { 0 };
    struct hn_buf json = { 0 };
    struct hn_json_out out = hn_json_out_over(&json);

    hn_json_open(&out, '{');
    analyze_report_members(&out, dissect, &verdict);
    hn_json_close(&out, '}');
    if (!hn_buf_ok(&json) || !decode_json_valid(hn_buf_text(&json)))
        abort();
    hn_buf_deinit(&json);
}

static void check_crossing(
        const struct dissect *dissect, struct hn_bytes sample, const struct dissect_limits *limits)
{
    struct dissect *loaded = NULL;
    struct hn_buf saved = { 0 };
    struct hn_buf again = { 0 };

    dissect_save(dissect, DISSECT_KEEP_ALL, &saved);
    if (dissect_load(hn_text_as_bytes(hn_buf_text(&saved)), sample, limits, &loaded, NULL) != HN_OK)
        abort();
    dissect_save(loaded, DISSECT_KEEP_ALL, &again);
    if (again.len != saved.len || memcmp(again.ptr, saved.ptr, saved.len) != 0)
        abort();
    hn_buf_deinit(&saved);
    hn_buf_deinit(&again);
    dissect_free(loaded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dissect_limits limits = dissect_limits_default;
    struct script_limits script = script_limits_default;
    struct analyze_options options = { .script_limits = &script };
    struct hn_text rest = hn_bytes_as_text(hn_bytes_of(data, size));
    struct dissect_child sample = {
        .relation = "sample", .offset = DISSECT_NOWHERE, .borrowed = true
    };
    struct dissect *dissect;

    if (!hn_text_split(&rest, '\n', &sample.name) || rest.ptr == NULL)
        return 0;
    sample.data = hn_text_as_bytes(rest);
    limits.objects_max = 64;
    limits.inflated_bytes_max = (uint64_t)4 << 20;
    script.steps_max = 20000;
    dissect = dissect_new(&limits);
    if (dissect == NULL || dissect_child(dissect, DISSECT_NONE, &sample, NULL) != HN_OK ||
            analyze_take_apart(dissect, &options, NULL) != HN_OK) {
        dissect_free(dissect);
        return 0;
    }
    check_signatures(dissect);
    check_events(dissect);
    check_report(dissect);
    check_crossing(dissect, sample.data, &limits);
    dissect_free(dissect);
    return 0;
}
