/* past_case.h - events of some months ago, in any order, as a journal and as a file: what the
 * engine makes of the one, and a scan of the other. */
#ifndef TESTS_UNIT_ENGINE_PAST_CASE_H
#define TESTS_UNIT_ENGINE_PAST_CASE_H

#include "support/engine_case.h"

#include "base/file.h"
#include "scan/scan.h"

/* One rule a letter, and correlations of every kind that judges at a hit, later, or at the end. */
#define PAST_RULE(name)                                  \
    "title: " name "\nname: " name "\n"                  \
    "logsource: {product: windows, service: security}\n" \
    "detection: {s: {CommandLine|contains: '-" name "-'}, condition: s}\n---\n"
#define PAST_CORRELATION(title, type, rules, more)                                       \
    "title: " title "\nlevel: low\ncorrelation:\n    type: " type "\n    rules: [" rules \
    "]\n    group-by: [Computer]\n    timespan: 10m\n" more "---\n"
#define PAST_RULES                                                                              \
    PAST_RULE("a")                                                                              \
    PAST_RULE("b")                                                                              \
    PAST_RULE("c")                                                                              \
    PAST_CORRELATION("many", "event_count", "a", "    condition: {gte: 4}\n")                   \
    PAST_CORRELATION("few", "event_count", "b", "    condition: {lt: 3}\n")                     \
    PAST_CORRELATION("users", "value_count", "a, b", "    condition: {field: User, gte: 3}\n")  \
    PAST_CORRELATION("steps", "temporal_ordered", "a, b, c", "")                                \
    PAST_CORRELATION("together", "temporal", "a, c", "")                                        \
    PAST_CORRELATION("alone", "absence", "a, c", "")                                            \
    PAST_CORRELATION("new", "first_seen", "c", "    condition: {field: User}\n    learn: 5m\n") \
    PAST_CORRELATION("large", "value_avg", "b", "    condition: {field: Size, gte: 40}\n")

#define PAST_START (INT64_C(1709251200) * HN_SECOND) /* 2024-03-01 */
#define PAST_NOW   (PAST_START + 90 * HN_DAY)

struct past_case {
    struct engine_case e;
    struct check_random random;
    struct hn_buf file; /* the same events, for the scan */
    hn_time received;
    unsigned count; /* events made */
};

/* A time that no other event has: the result does not hang on the order in the input then. */
HN_UNUSED static hn_time past_moment(const struct past_case *p, hn_time seconds)
{
    return PAST_START + seconds * HN_SECOND + (hn_time)p->count * (HN_MILLISECOND / 1000);
}

/* An event of this time, into the file and a record. */
HN_UNUSED static void past_event(
        struct past_case *p, hn_time time, const char *host, struct hn_buf *body)
{
    static const char letters[] = "aabbcx";
    struct hn_calendar when = hn_calendar_at(time, 0);
    size_t start = p->file.len;

    hn_buf_addf(&p->file,
            "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"%s\",\"User\":\"u%u\","
            "\"Size\":%u,\"TimeCreated\":\"%04d-%02u-%02uT%02u:%02u:%02u.%06uZ\","
            "\"CommandLine\":\"x -%c- %u\"}\n",
            host, (unsigned)check_random_below(&p->random, 5),
            (unsigned)check_random_below(&p->random, 80), when.year, (unsigned)when.month,
            (unsigned)when.day, (unsigned)when.hour, (unsigned)when.minute, (unsigned)when.second,
            (unsigned)when.nanosecond / 1000, letters[check_random_below(&p->random, 6)], p->count);
    p->count++;
    hn_buf_add(body, p->file.ptr + start, p->file.len - start);
}

HN_UNUSED static void past_record(struct past_case *p, const struct hn_buf *body)
{
    struct intake_batch batch = { .source = HN_TEXT("files"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("old.json"),
        .key = HN_TEXT(""),
        .position = HN_TEXT("") };

    batch.body = hn_text_as_bytes(hn_buf_text(body));
    fake_add_batch(&p->e.journal, p->received, &batch);
}

HN_UNUSED static void past_tick(struct past_case *p, enum journal_kind kind)
{
    fake_add(&p->e.journal, kind, p->received, hn_bytes_of("", 0));
}

HN_UNUSED static void past_open(struct past_case *p, uint64_t seed)
{
    *p = (struct past_case){ .random = { seed }, .received = PAST_NOW };
    engine_case_open(&p->e, PAST_RULES, NULL);
}

HN_UNUSED static void past_close(struct past_case *p)
{
    hn_buf_deinit(&p->file);
    engine_case_close(&p->e);
}

/* ---- What was told, as lines that can be compared ---- */

HN_UNUSED static void past_add_member(
        struct hn_buf *out, const char *line, const char *name, const char *end)
{
    const char *from = strstr(line, name);
    const char *to = from == NULL ? NULL : strstr(from, end);

    assert_non_null(to);
    if (from != NULL && to != NULL)
        hn_buf_add(out, from, (size_t)(to - from));
}

HN_UNUSED static int past_compare(const void *a, const void *b)
{
    const struct hn_text *x = a;
    const struct hn_text *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = len == 0 ? 0 : memcmp(x->ptr, y->ptr, len);

    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

struct past_keys {
    struct hn_buf text;
    HN_VEC(struct hn_text) keys; /* sorted */
};

/* Time, title and group of each correlation, with window and numbers where they are wanted, but
 * without where its events stand. only: of groups with this in their key; NULL: all. */
HN_UNUSED static struct past_keys past_keys(
        const struct hn_buf *lines, const char *only, bool with_window)
{
    struct past_keys keys = { 0 };
    struct hn_text rest = hn_buf_text(lines);
    HN_VEC(size_t) ends = { 0 };
    size_t start = 0;

    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr) + 1;
        char *line = hn_malloc(len + 1);
        size_t *at;

        assert_non_null(line);
        memcpy(line, rest.ptr, len);
        line[len] = '\0';
        if (strstr(line, "\"kind\":\"correlation\"") != NULL &&
                (only == NULL || strstr(line, only) != NULL)) {
            past_add_member(&keys.text, line, "\"time\":", ",\"id\"");
            past_add_member(&keys.text, line, "\"correlation\":{",
                    with_window ? ",\"parts\"" : ",\"start\"");
            at = hn_vec_add(&ends);
            if (at != NULL) /* else the keys differ */
                *at = keys.text.len;
        }
        hn_free(line);
        rest = hn_text_sub(rest, len, rest.len);
    }
    for (size_t i = 0; i < ends.count; i++) {
        struct hn_text *key = hn_vec_add(&keys.keys);

        if (key != NULL)
            *key = hn_text_of(keys.text.ptr + start, ends.ptr[i] - start);
        start = ends.ptr[i];
    }
    hn_vec_deinit(&ends);
    if (keys.keys.count > 0)
        qsort(keys.keys.ptr, keys.keys.count, sizeof *keys.keys.ptr, past_compare);
    return keys;
}

HN_UNUSED static void past_keys_free(struct past_keys *keys)
{
    hn_buf_deinit(&keys->text);
    hn_vec_deinit(&keys->keys);
}

HN_UNUSED static bool past_on_bytes(void *ctx, struct hn_text bytes)
{
    hn_buf_add_text(ctx, bytes);
    return true;
}

/* What a scan says of the same events. */
HN_UNUSED static struct past_keys past_scan(struct past_case *p, bool with_window)
{
    struct hn_buf lines = { 0 };
    char path[96];
    const char *inputs[] = { path };
    struct scan_options options = { .pipeline = { .inputs = inputs, .input_count = 1 },
        .set = p->e.sets[0],
        .since = HN_TIME_NONE,
        .until = HN_TIME_NONE,
        .format = ALERT_JSONL,
        .write_alerts = true,
        .on_bytes = past_on_bytes,
        .ctx = &lines };
    struct scan_summary summary = { 0 };
    struct past_keys keys;

    (void)snprintf(path, sizeof path, "%s/events.json", p->e.folder);
    assert_int_equal(hn_file_write_whole(p->e.folder, "events.json",
                             hn_text_as_bytes(hn_buf_text(&p->file)), NULL),
            HN_OK);
    assert_int_equal(scan_run(&options, &summary, NULL), HN_OK);
    hn_free(summary.rules);
    keys = past_keys(&lines, NULL, with_window);
    hn_buf_deinit(&lines);
    return keys;
}

/* Says what one has and the other has not. Returns how many the second one has more. */
HN_UNUSED static size_t past_expect_within(const struct past_keys *a, const struct past_keys *b)
{
    size_t more = 0;
    size_t at = 0;

    for (size_t i = 0; i < a->keys.count; i++) {
        while (at < b->keys.count && past_compare(&b->keys.ptr[at], &a->keys.ptr[i]) < 0) {
            at++;
            more++;
        }
        if (at == b->keys.count || past_compare(&b->keys.ptr[at], &a->keys.ptr[i]) != 0)
            fail_msg("missing: %.*s", HN_TEXT_ARG(a->keys.ptr[i]));
        at++;
    }
    return more + b->keys.count - at;
}

#endif
