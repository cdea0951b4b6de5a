/* audit_join.c - joins audit records by machine, time and serial; see audit_join.h. */
#include "decode/audit_join.h"

#include "decode/audit_event.h"
#include "decode/audit_record.h"
#include "decode/decode_internal.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>

#define STALE_MS         2000
#define SPARE_BYTES_KEEP ((size_t)64 << 10) /* larger buffers are given back */

struct audit_open {
    struct hn_buf lines; /* of all records so far, line feeds between */
    uint64_t key;        /* of machine, time and serial */
    uint64_t node;       /* of the machine alone */
    uint64_t time_ms;
    uint64_t offset; /* of the first record */
    uint64_t line;
    bool too_long;
};

void audit_join_init(struct audit_join *join, const struct decode_limits *limits)
{
    memset(join, 0, sizeof *join);
    join->limits = *limits;
    if (join->limits.join_events_max == 0)
        join->limits.join_events_max = decode_limits_default.join_events_max;
}

static void open_free(struct audit_open *open)
{
    if (open == NULL)
        return;
    hn_buf_deinit(&open->lines);
    hn_free(open);
}

void audit_join_deinit(struct audit_join *join)
{
    for (size_t i = 0; i < join->open_count; i++)
        open_free(join->open[i]);
    open_free(join->spare);
    hn_free(join->open);
    memset(join, 0, sizeof *join);
}

/* ---- Giving out -------------------------------------------------------------------------------
 */

static void event_start(
        struct hn_event *event, struct hn_text lines, uint64_t offset, uint64_t line)
{
    hn_event_reset(event);
    event->raw = hn_text_as_bytes(lines);
    event->raw_is_text = true;
    event->offset = offset;
    event->line = line;
    event->private_ref = AUDIT_JOINED;
}

/* Hands on the event whose records are in event->raw. */
static enum hn_status give(
        struct hn_event *event, bool evicted, bool too_long, const struct decode_sink *sink)
{
    bool complete = audit_event_fill(event, hn_bytes_as_text(event->raw));

    if (!complete || evicted) {
        hn_event_note(event, HN_FINDING_INCOMPLETE);
        decode_report(sink, HN_FINDING_INCOMPLETE, event->offset, event->line);
    }
    if (too_long) {
        hn_event_note(event, HN_FINDING_TOO_LONG);
        decode_report(sink, HN_FINDING_TOO_LONG, event->offset, event->line);
    }
    return sink->on_event(sink->ctx, event) ? HN_OK : HN_CANCELLED;
}

/* Keeps the memory of one closed event for the next one. */
static void recycle(struct audit_join *join, struct audit_open *open)
{
    if (join->spare != NULL || open->lines.room > SPARE_BYTES_KEEP) {
        open_free(open);
        return;
    }
    join->spare = open;
}

static enum hn_status close_at(struct audit_join *join, size_t index, bool evicted,
        struct hn_event *event, const struct decode_sink *sink)
{
    struct audit_open *open = join->open[index];
    enum hn_status status;

    join->open_count--;
    memmove(&join->open[index], &join->open[index + 1],
            (join->open_count - index) * sizeof(struct audit_open *));
    join->bytes -= open->lines.len;
    event_start(event, hn_buf_text(&open->lines), open->offset, open->line);
    status = give(event, evicted, open->too_long, sink);
    recycle(join, open);
    return status;
}

enum hn_status audit_join_flush(
        struct audit_join *join, struct hn_event *event, const struct decode_sink *sink)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && join->open_count > 0)
        status = close_at(join, 0, false, event, sink);
    return status;
}

/* ---- Taking in --------------------------------------------------------------------------------
 */

struct incoming {
    struct hn_text line;
    uint64_t offset;
    uint64_t number;
    uint64_t key;
    uint64_t node;
    uint64_t time_ms;
};

static size_t find_open(const struct audit_join *join, uint64_t key)
{
    for (size_t i = join->open_count; i > 0; i--) {
        if (join->open[i - 1]->key == key)
            return i - 1;
    }
    return SIZE_MAX;
}

static struct audit_open *open_new(struct audit_join *join)
{
    struct audit_open *open = join->spare;

    if (join->open_count == join->open_room) {
        size_t room = join->open_room == 0 ? 16 : join->open_room * 2;
        struct audit_open **list = hn_realloc_array(join->open, room, sizeof(struct audit_open *));

        if (list == NULL)
            return NULL;
        join->open = list;
        join->open_room = room;
    }
    join->spare = NULL;
    if (open == NULL)
        open = hn_calloc(1, sizeof *open);
    if (open == NULL)
        return NULL;
    hn_buf_reset(&open->lines);
    open->too_long = false;
    join->open[join->open_count++] = open;
    return open;
}

static enum hn_status append(
        struct audit_join *join, struct audit_open *open, const struct incoming *in)
{
    size_t before = open->lines.len;

    if (in->line.len + 1 > join->limits.event_bytes_max ||
            before > join->limits.event_bytes_max - in->line.len - 1) {
        open->too_long = true;
        return HN_OK;
    }
    if (before > 0)
        hn_buf_add_char(&open->lines, '\n');
    hn_buf_add_text(&open->lines, in->line);
    if (!hn_buf_ok(&open->lines))
        return open->lines.status;
    join->bytes += open->lines.len - before;
    return HN_OK;
}

/* Ends events that can no longer grow, and the oldest where there is no room for another. */
static enum hn_status make_room(struct audit_join *join, const struct incoming *in,
        struct hn_event *event, const struct decode_sink *sink)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < join->open_count;) {
        const struct audit_open *open = join->open[i];

        if (open->node == in->node && open->time_ms + STALE_MS < in->time_ms)
            status = close_at(join, i, false, event, sink);
        else
            i++;
    }
    while (status == HN_OK && join->open_count > 0 &&
            (join->open_count >= join->limits.join_events_max ||
                    join->bytes + in->line.len > AUDIT_OPEN_BYTES_MAX))
        status = close_at(join, 0, true, event, sink);
    return status;
}

static enum hn_status open_event(struct audit_join *join, const struct incoming *in,
        struct hn_event *event, const struct decode_sink *sink)
{
    enum hn_status status = make_room(join, in, event, sink);
    struct audit_open *open;

    if (status != HN_OK)
        return status;
    open = open_new(join);
    if (open == NULL)
        return HN_NOMEM;
    open->key = in->key;
    open->node = in->node;
    open->time_ms = in->time_ms;
    open->offset = in->offset;
    open->line = in->number;
    return append(join, open, in);
}

enum hn_status audit_join_add(
        struct audit_join *join, struct hn_event *event, const struct decode_sink *sink)
{
    struct incoming in = {
        .line = hn_bytes_as_text(event->raw), .offset = event->offset, .number = event->line
    };
    struct audit_record record;
    enum hn_status status;
    size_t index;
    bool known = audit_line_parse(in.line, &record);

    assert(known); /* the caller has seen to it */
    if (!audit_is_multi(record.type)) {
        event_start(event, in.line, in.offset, in.number);
        return give(event, false, false, sink);
    }
    in.node = hn_hash_text(record.node, hn_hash_seed());
    in.key = hn_hash_text(record.id, in.node);
    in.time_ms = record.time_ms;
    index = find_open(join, in.key);
    if (index == SIZE_MAX && hn_text_eq(record.type, HN_TEXT("EOE")))
        return HN_OK;      /* PROCTITLE has ended the event already */
    if (index == SIZE_MAX) /* a PROCTITLE that comes first is ausearch's, whose order is reversed */
        return open_event(join, &in, event, sink);
    status = append(join, join->open[index], &in);
    if (status != HN_OK || !audit_is_last(record.type))
        return status;
    return close_at(join, index, false, event, sink);
}

/* ---- Between a format's lines and the sink ------------------------------------------------------
 */

struct passing {
    struct audit_join *join;
    const struct decode_sink *sink;
    enum hn_status status; /* why on_event has said stop */
};

static bool on_event(void *ctx, struct hn_event *event)
{
    struct passing *passing = ctx;

    if (event->private_ref == AUDIT_RECORD)
        passing->status = audit_join_add(passing->join, event, passing->sink);
    else if (event->private_ref == AUDIT_BREAK)
        passing->status = audit_join_flush(passing->join, event, passing->sink);
    else if (!passing->sink->on_event(passing->sink->ctx, event))
        passing->status = HN_CANCELLED;
    return passing->status == HN_OK;
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    const struct passing *passing = ctx;

    decode_report(passing->sink, finding->kind, finding->offset, finding->line);
}

enum hn_status audit_join_run(const struct audit_between *between, const struct decode_batch *batch,
        struct hn_event *event, const struct decode_sink *sink)
{
    struct passing passing = { .join = between->join, .sink = sink, .status = HN_OK };
    const struct decode_sink own = {
        .on_event = on_event, .on_finding = on_finding, .ctx = &passing
    };
    enum hn_status status = between->run(batch, event, &own);

    if (passing.status != HN_OK)
        return passing.status;
    if (status == HN_OK && between->flush)
        status = audit_join_flush(between->join, event, sink);
    return status;
}

enum hn_status audit_stream_open(struct decode_stream *stream, struct hn_err *err)
{
    struct audit_join *join = hn_calloc(1, sizeof *join);

    if (join == NULL)
        return hn_fail(err, HN_NOMEM, 0, "audit records");
    audit_join_init(join, &stream->options.limits);
    stream->state = join;
    return HN_OK;
}

void audit_stream_close(struct decode_stream *stream)
{
    audit_join_deinit(stream->state);
    hn_free(stream->state);
}

void audit_again(const struct hn_event *from, struct hn_event *to)
{
    event_start(to, hn_bytes_as_text(from->raw), from->offset, from->line);
    (void)audit_event_fill(to, hn_bytes_as_text(from->raw));
    to->findings = from->findings;
}
