/* decode_render.h - decodes an input and keeps everything that came out as text: for tests, and as
 * what fuzz targets compare.
 *
 * The input is cut as the scan does it: the buffer grows piece by piece until the format takes
 * something. Each buffer is copied to memory of exactly its size, so that sanitizers see its end.
 * Header only, so that a test links just its module. */
#ifndef HN_TESTS_DECODE_RENDER_H
#define HN_TESTS_DECODE_RENDER_H

#include "base/buf.h"
#include "base/mem.h"
#include "decode/decode.h"

#include <stdlib.h>

struct case_event {
    char *text; /* "name=value\n" for each value in its order, after "@key=..." lines */
    size_t len;
};

struct decode_case {
    struct case_event *events;
    size_t count;
    size_t room;
    uint32_t findings[HN_FINDING_COUNT];
    enum hn_status status;
    bool again_differs;               /* decode_again() made another event */
    bool misplaced;                   /* an event or finding names a place that it is not at */
    bool joins;                       /* events may be put together from several lines */
    const struct decode_batch *batch; /* while it runs */
    struct hn_event again;
    const char *const *names; /* shown; NULL: everything, in the order of the input */
    size_t name_count;
};

static inline struct hn_text case_joined(struct hn_event *event, struct hn_buf *buf, uint32_t first)
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
static inline void case_render(struct decode_case *c, struct hn_event *event, struct hn_buf *out)
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

static inline void case_make_room(struct decode_case *c)
{
    if (c->count < c->room)
        return;
    c->room = c->room == 0 ? 16 : c->room * 2;
    c->events = realloc(c->events, c->room * sizeof *c->events);
    if (c->events == NULL)
        abort();
}

static inline void case_check_place(struct decode_case *c, const struct hn_event *event)
{
    const struct decode_batch *batch = c->batch;
    const uint8_t *end = batch->bytes.ptr + batch->bytes.len;

    if (c->joins && event->offset <= batch->offset + batch->bytes.len)
        return; /* raw is put together, offset that of the first line, perhaps batches ago */
    if (event->raw.ptr < batch->bytes.ptr || event->raw.len > (size_t)(end - event->raw.ptr) ||
            event->offset != batch->offset + (uint64_t)(event->raw.ptr - batch->bytes.ptr))
        c->misplaced = true;
}

static inline bool case_on_event(void *ctx, struct hn_event *event)
{
    struct decode_case *c = ctx;
    struct hn_buf out = { 0 };
    struct hn_buf again = { 0 };

    case_check_place(c, event);
    case_make_room(c);
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
    if ((finding->offset < c->batch->offset && !c->joins) ||
            finding->offset > c->batch->offset + c->batch->bytes.len)
        c->misplaced = true;
}

struct case_options {
    const char *format;
    size_t piece;             /* the buffer grows by so much; 0: all at once */
    size_t event_bytes_max;   /* 0: the default */
    const char *const *names; /* wanted, and alone shown; NULL: all-mode */
    size_t name_count;
    bool keep_all; /* all-mode, though only names are shown */
    bool joins; /* the format joins lines: raw and offset of an event may be of earlier batches */
    size_t scratch_bytes; /* of an event; 0: the default */
    struct hn_source source;
    struct hn_schema *schema; /* made by case_schema() of the same names; NULL: made for the run */
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
        uint8_t *copy = malloc(avail == pos ? 1 : avail - pos);
        size_t took;

        if (copy == NULL)
            abort();
        if (avail > pos)
            memcpy(copy, in.ptr + pos, avail - pos);
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
    /* The time of an event must not hang on what else is wanted. */
    if (hn_schema_want_context(schema) == HN_OK && hn_schema_seal(schema, NULL) == HN_OK)
        return schema;
fail:
    hn_schema_free(schema);
    return NULL;
}

/* Decodes in; c->status says how it ended. */
static inline struct decode_case *case_run(const struct case_options *options, struct hn_bytes in)
{
    struct decode_case *c = calloc(1, sizeof *c);
    struct decode_options decode = { .limits = decode_limits_default, .source = options->source };
    struct hn_schema *own = options->schema == NULL ? case_schema(options) : NULL;
    struct hn_schema *schema = options->schema == NULL ? own : options->schema;
    struct decode_stream *stream = NULL;
    struct hn_event event = { 0 };
    bool all = options->names == NULL || options->keep_all;
    struct hn_event_limits limits = hn_event_limits_default;

    if (c == NULL)
        abort();
    c->names = options->names;
    c->name_count = options->name_count;
    c->joins = options->joins;
    if (options->event_bytes_max > 0)
        decode.limits.event_bytes_max = options->event_bytes_max;
    if (options->scratch_bytes > 0)
        limits.scratch_bytes = options->scratch_bytes;
    c->status = schema == NULL ? HN_NOMEM : hn_event_init(&event, schema, &limits, all);
    if (c->status == HN_OK)
        c->status = hn_event_init(&c->again, schema, &limits, all);
    if (c->status == HN_OK)
        c->status = decode_stream_new(
                decode_format_find(hn_text_cstr(options->format)), &decode, &stream, NULL);
    if (c->status == HN_OK)
        c->status = case_stream(c, stream, in, options->piece, &event);
    decode_stream_free(stream);
    hn_event_deinit(&event);
    hn_event_deinit(&c->again);
    hn_schema_free(own);
    return c;
}

static inline void case_free(struct decode_case *c)
{
    for (size_t i = 0; i < c->count; i++)
        hn_free(c->events[i].text);
    free(c->events);
    free(c);
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

    rest = hn_text_of(c->events[index].text, c->events[index].len);
    while (rest.len > 0 && hn_text_split(&rest, '\n', &line)) {
        if (!hn_text_starts(line, key) || line.len <= key.len || line.ptr[key.len] != '=')
            continue;
        line = hn_text_sub(line, key.len + 1, line.len);
        if (len + line.len + 4 >= sizeof joined)
            abort();
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

#endif
