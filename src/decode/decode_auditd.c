/* decode_auditd.c - the Linux audit log (audit.log, ausearch --raw and -i).
 *
 * audit_record.c reads lines, audit_join.c puts events together, audit_event.c turns them into
 * fields. The same records behind syslog headers are decode_syslog.c's, by the same means. */
#include "decode/decode_internal.h"

#include "decode/audit_join.h"
#include "decode/audit_record.h"

#include "base/mem.h"

static int auditd_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[32];
    size_t count = decode_probe_lines(head, lines, HN_COUNT_OF(lines));
    struct audit_record record;
    size_t records = 0;

    (void)name;
    for (size_t i = 0; i < count; i++) {
        if (audit_record_parse(lines[i], &record))
            records++;
        else if (!audit_is_separator(lines[i]))
            return records > 3 && records * 10 >= count * 8 ? PROBE_LIKELY : PROBE_NO;
    }
    return records > 0 ? PROBE_CERTAIN : PROBE_NO;
}

static enum hn_status auditd_open(struct decode_stream *stream, struct hn_err *err)
{
    struct audit_join *join = hn_calloc(1, sizeof *join);

    if (join == NULL)
        return hn_fail(err, HN_NOMEM, 0, "audit records");
    audit_join_init(join, &stream->options.limits);
    stream->state = join;
    return HN_OK;
}

static void auditd_close(struct decode_stream *stream)
{
    audit_join_deinit(stream->state);
    hn_free(stream->state);
}

static enum hn_status auditd_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    struct audit_record record;

    (void)batch;
    (void)event;
    if (audit_is_separator(line))
        return HN_NOTFOUND;
    return audit_record_parse(line, &record) ? HN_OK : HN_SYNTAX;
}

/* Between the lines and the sink: records go to be joined, other lines go on as they are. */
struct joining {
    struct audit_join *join;
    const struct decode_sink *sink;
    enum hn_status status;
};

static bool on_line(void *ctx, struct hn_event *event)
{
    struct joining *joining = ctx;

    if (event->findings != 0) /* not a record: its text is its message */
        return joining->sink->on_event(joining->sink->ctx, event);
    joining->status = audit_join_add(joining->join, event, joining->sink);
    return joining->status == HN_OK;
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    const struct joining *joining = ctx;

    decode_report(joining->sink, finding->kind, finding->offset, finding->line);
}

static enum hn_status auditd_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    struct joining joining = { .join = batch->stream->state, .sink = sink, .status = HN_OK };
    const struct decode_sink between = {
        .on_event = on_line, .on_finding = on_finding, .ctx = &joining
    };
    enum hn_status status = decode_run_lines(batch, event, &between, auditd_parse);

    if (joining.status != HN_OK)
        return joining.status;
    if (status == HN_OK && batch->at_end)
        status = audit_join_flush(joining.join, event, sink);
    return status;
}

static enum hn_status auditd_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    if (from->private_ref != AUDIT_JOINED)
        return decode_again_line(batch, from, to, auditd_parse);
    audit_again(from, to);
    return HN_OK;
}

const struct decode_format decode_format_auditd = {
    .name = HN_TEXT_INIT("auditd"),
    .title = HN_TEXT_INIT("Linux audit log"),
    .traits = DECODE_LINES | DECODE_ORDERED,
    .probe = auditd_probe,
    .open = auditd_open,
    .close = auditd_close,
    .run = auditd_run,
    .again = auditd_again,
};
