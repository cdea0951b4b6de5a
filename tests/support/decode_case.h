/* decode_case.h - decodes an input for a test and keeps what came out: every event's values as
 * text, its log source, place and time, and the findings.
 *
 * The input is cut as the scan does it: the buffer grows piece by piece until the format takes
 * something. Values of one field are joined with " | ", null is "(null)".
 * Header only, so that a test links just its module. */
#ifndef HN_TESTS_DECODE_CASE_H
#define HN_TESTS_DECODE_CASE_H

#include "base/buf.h"
#include "base/mem.h"
#include "decode/decode.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CASE_EVENTS_MAX 4096

struct case_event {
    char *text; /* "name=value\n" for each value in its order, after "@key=..." lines */
    size_t len;
};

struct decode_case {
    struct case_event events[CASE_EVENTS_MAX];
    size_t count;
    uint32_t findings[HN_FINDING_COUNT];
    enum hn_status status;
    bool again_differs;
    const struct decode_batch *batch; /* while it runs */
    struct hn_event again;
    const char *const *names; /* wanted-mode: what is wanted; NULL: all-mode */
    size_t name_count;
};

static inline struct hn_text case_joined(
        struct hn_event *event, struct hn_buf *buf, uint32_t first)
{
    hn_buf_reset(buf);
    for (uint32_t i = first; i != HN_VALUE_NONE; i = hn_event_next(event, i)) {
        if (i != first)
            hn_buf_add_lit(buf, " | ");
        if (event->values[i].type == HN_TYPE_NULL)
            hn_buf_add_lit(buf, "(null)");
        else
            hn_buf_add_text(buf, hn_event_text(event, i));
    }
    return hn_buf_text(buf);
}

static inline void case_line(struct hn_buf *out, const char *key, struct hn_text text)
{
    hn_buf_add_cstr(out, key);
    hn_buf_add_char(out, '=');
    hn_buf_add_text(out, text);
    hn_buf_add_char(out, '\n');
}

static inline void case_labels(struct hn_buf *out, const char *key, const struct hn_text *labels)
{
    struct hn_buf joined = { 0 };

    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++) {
        if (i > 0)
            hn_buf_add_char(&joined, ' ');
        hn_buf_add_text(&joined, labels[i]);
    }
    case_line(out, key, hn_buf_text(&joined));
    hn_buf_deinit(&joined);
}

/* Everything there is to say about an event, as text. */
static inline void case_render(
        struct decode_case *c, struct hn_event *event, struct hn_buf *out)
{
    struct hn_buf value = { 0 };
    char stamp[HN_TIME_TEXT_MAX];
    hn_time time;

    hn_event_resolve(event);
    time = hn_event_time(event, NULL);
    case_line(out, "@product", event->source.product);
    case_labels(out, "@category", event->source.category);
    case_labels(out, "@service", event->source.service);
    case_line(out, "@time",
            hn_text_of(stamp, time == HN_TIME_NONE ? 0 : hn_time_write(time, 0, stamp)));
    case_line(out, "@raw", hn_bytes_as_text(event->raw));
    hn_buf_addf(out, "@place=%llu/%llu\n", (unsigned long long)event->offset,
            (unsigned long long)event->line);
    hn_buf_addf(out, "@findings=%x\n", event->findings);
    for (size_t i = 0; c->names != NULL && i < c->name_count; i++) {
        uint32_t first = hn_event_find_name(event, hn_text_cstr(c->names[i]));

        if (first != HN_VALUE_NONE)
            case_line(out, c->names[i], case_joined(event, &value, first));
    }
    for (size_t i = 0; c->names == NULL && i < event->named.count; i++) {
        struct hn_text text = hn_event_text(event, event->named.ptr[i].index);

        if (event->values[event->named.ptr[i].index].type == HN_TYPE_NULL)
            text = HN_TEXT("(null)");
        hn_buf_add_text(out, event->named.ptr[i].name);
        hn_buf_add_char(out, '=');
        hn_buf_add_text(out, text);
        hn_buf_add_char(out, '\n');
    }
    hn_buf_deinit(&value);
}

static inline bool case_on_event(void *ctx, struct hn_event *event)
{
    struct decode_case *c = ctx;
    struct hn_buf out = { 0 };
    struct hn_buf again = { 0 };

    assert_true(c->count < CASE_EVENTS_MAX);
    if (decode_again(c->batch, event, &c->again) == HN_OK) {
        case_render(c, event, &out);
        case_render(c, &c->again, &again);
        if (!hn_text_eq(hn_buf_text(&out), hn_buf_text(&again)))
            c->again_differs = true;
    }
    c->events[c->count].text = out.ptr;
    c->events[c->count++].len = out.len;
    hn_buf_deinit(&again);
    return true;
}

static inline void case_on_finding(void *ctx, const struct hn_finding *finding)
{
    struct decode_case *c = ctx;

    c->findings[finding->kind]++;
}

struct case_options {
    const char *format;
    size_t piece;             /* the buffer grows by so much; 0: all at once */
    size_t event_bytes_max;   /* 0: the default */
    const char *const *names; /* NULL: all-mode */
    size_t name_count;
    struct hn_source source;
};

static inline enum hn_status case_stream(struct decode_case *c, struct decode_stream *stream,
        struct hn_bytes in, size_t piece, struct hn_event *event)
{
    struct decode_sink sink = { case_on_event, case_on_finding, c };
    size_t avail = piece == 0 || piece > in.len ? in.len : piece;
    size_t pos = 0;
    bool done = false;
    enum hn_status status = HN_OK;

    while (status == HN_OK && !done) {
        struct decode_batch batch = { 0 };
        uint8_t *copy = malloc(avail - pos + 1); /* exact, so that sanitizers see the end */
        size_t took;

        assert_non_null(copy);
        if (avail > pos)
            memcpy(copy, in.ptr + pos, avail - pos);
        copy = realloc(copy, avail == pos ? 1 : avail - pos);
        took = decode_cut(stream, hn_bytes_of(copy, avail - pos), avail == in.len, &batch);
        if (took > 0 || avail == in.len) {
            c->batch = &batch;
            status = decode_run(&batch, event, &sink);
            done = batch.at_end;
            pos += took;
            decode_batch_release(&batch);
        } else {
            avail = in.len - avail < piece ? in.len : avail + piece;
        }
        free(copy);
    }
    return status;
}

static inline struct hn_schema *case_schema(const struct case_options *options)
{
    struct hn_schema *schema = hn_schema_new();

    if (schema == NULL)
        return NULL;
    for (size_t i = 0; i < options->name_count; i++) {
        if (hn_schema_want(schema, hn_text_cstr(options->names[i])) == HN_FIELD_NONE)
            goto fail;
    }
    if (hn_schema_seal(schema, NULL) == HN_OK)
        return schema;
fail:
    hn_schema_free(schema);
    return NULL;
}

/* Decodes in; c->status says how it ended. Never fails the test by itself. */
static inline struct decode_case *case_run(
        const struct case_options *options, struct hn_bytes in)
{
    struct decode_case *c = calloc(1, sizeof *c);
    struct decode_options decode = { .limits = decode_limits_default, .source = options->source };
    struct hn_schema *schema = case_schema(options);
    struct decode_stream *stream = NULL;
    struct hn_event event = { 0 };
    bool all = options->names == NULL;

    assert_non_null(c);
    c->names = options->names;
    c->name_count = options->name_count;
    if (options->event_bytes_max > 0)
        decode.limits.event_bytes_max = options->event_bytes_max;
    c->status = schema == NULL ? HN_NOMEM : hn_event_init(&event, schema, NULL, all);
    if (c->status == HN_OK)
        c->status = hn_event_init(&c->again, schema, NULL, all);
    if (c->status == HN_OK)
        c->status = decode_stream_new(
                decode_format_find(hn_text_cstr(options->format)), &decode, &stream, NULL);
    if (c->status == HN_OK)
        c->status = case_stream(c, stream, in, options->piece, &event);
    decode_stream_free(stream);
    hn_event_deinit(&event);
    hn_event_deinit(&c->again);
    hn_schema_free(schema);
    return c;
}

static inline void case_free(struct decode_case *c)
{
    for (size_t i = 0; i < c->count; i++)
        hn_free(c->events[i].text);
    free(c);
}

/* The usual way: all-mode, whole input. */
static inline struct decode_case *case_text(const char *format, const char *text)
{
    struct case_options options = { .format = format };
    struct decode_case *c = case_run(&options, hn_bytes_of(text, strlen(text)));

    assert_int_equal(c->status, HN_OK);
    assert_false(c->again_differs);
    return c;
}

/* The values of a field ("@product" and the like as well) joined; NULL when there is none. The text
 * lives until the next call. */
static inline const char *case_value(const struct decode_case *c, size_t index, const char *name)
{
    static char joined[65536];
    struct hn_text rest;
    struct hn_text line;
    struct hn_text key = hn_text_cstr(name);
    size_t len = 0;
    bool found = false;

    assert_true(index < c->count);
    rest = hn_text_of(c->events[index].text, c->events[index].len);
    while (rest.len > 0 && hn_text_split(&rest, '\n', &line)) {
        if (!hn_text_starts(line, key) || line.len <= key.len || line.ptr[key.len] != '=')
            continue;
        line = hn_text_sub(line, key.len + 1, line.len);
        assert_true(len + line.len + 4 < sizeof joined);
        if (found) {
            memcpy(joined + len, " | ", 3);
            len += 3;
        }
        memcpy(joined + len, line.ptr, line.len);
        len += line.len;
        found = true;
    }
    joined[len] = '\0';
    return found ? joined : NULL;
}

/* Fields of one event: pairs of name and joined values, NULL for "absent"; ends with NULL. */
static inline void case_expect(
        const struct decode_case *c, size_t index, const char *const (*pairs)[2])
{
    for (; (*pairs)[0] != NULL; pairs++) {
        const char *value = case_value(c, index, (*pairs)[0]);

        if ((value == NULL) != ((*pairs)[1] == NULL) ||
                (value != NULL && strcmp(value, (*pairs)[1]) != 0))
            fail_msg("event %zu, %s: \"%s\", not \"%s\"", index, (*pairs)[0],
                    value == NULL ? "(absent)" : value,
                    (*pairs)[1] == NULL ? "(absent)" : (*pairs)[1]);
    }
}

static inline void case_same(const struct decode_case *a, const struct decode_case *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->events[i].len, b->events[i].len);
        assert_memory_equal(a->events[i].text, b->events[i].text, a->events[i].len);
    }
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        assert_int_equal(a->findings[i], b->findings[i]);
}

/* However the input arrives, the events are the same. */
static inline void case_pieces_agree(const char *format, struct hn_bytes in)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 64, 1000 };
    struct case_options options = { .format = format };
    struct decode_case *whole = case_run(&options, in);

    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct decode_case *part;

        options.piece = pieces[i];
        part = case_run(&options, in);
        case_same(whole, part);
        case_free(part);
    }
    case_free(whole);
}

/* A field that is wanted has the same values whether or not all others are kept as well. */
static inline void case_modes_agree(
        const char *format, struct hn_bytes in, const char *const *names, size_t name_count)
{
    struct case_options all = { .format = format };
    struct decode_case *everything = case_run(&all, in);

    for (size_t n = 0; n < name_count; n++) {
        struct case_options options = { .format = format, .names = names + n, .name_count = 1 };
        struct decode_case *wanted = case_run(&options, in);

        assert_int_equal(wanted->count, everything->count);
        for (size_t i = 0; i < wanted->count; i++) {
            const char *value = case_value(wanted, i, names[n]);
            char *copy = value == NULL ? NULL : strdup(value);
            const char *other = case_value(everything, i, names[n]);

            if ((copy == NULL) != (other == NULL) || (copy != NULL && strcmp(copy, other) != 0))
                fail_msg("event %zu, %s: wanted \"%s\", all \"%s\"", i, names[n],
                        copy == NULL ? "(absent)" : copy, other == NULL ? "(absent)" : other);
            free(copy);
        }
        case_free(wanted);
    }
    case_free(everything);
}

/* Every prefix of an input decodes without failure, to events that lie inside of it. */
static inline void case_truncations_hold(const char *format, struct hn_bytes in)
{
    struct case_options options = { .format = format };

    for (size_t len = 0; len <= in.len; len++) {
        struct decode_case *c = case_run(&options, hn_bytes_of(in.ptr, len));

        assert_int_equal(c->status, HN_OK);
        assert_false(c->again_differs);
        case_free(c);
    }
}

/* With the n-th allocation failing, for every n: an orderly end, nothing leaks, and with enough
 * memory all is well. */
static inline void case_memory_fails(const char *format, struct hn_bytes in)
{
    struct case_options options = { .format = format };
    bool failed = true;

    for (uint64_t n = 1; failed; n++) {
        struct decode_case *c;

        assert_true(n < 100000);
        hn_mem_fail_from(n);
        c = case_run(&options, in);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(c->status == HN_OK || c->status == HN_NOMEM);
        if (!failed)
            assert_int_equal(c->status, HN_OK);
        case_free(c);
    }
}

#endif
