/* decode_auditd.c - the Linux audit log (audit.log, ausearch --raw and -i).
 *
 * audit_record.c reads lines, audit_join.c puts events together, audit_event.c turns them into
 * fields. The same records behind syslog headers are decode_syslog.c's, by the same means. */
#include "decode/decode_internal.h"

#include "decode/audit_join.h"
#include "decode/audit_record.h"
#include "decode/probe.h"

static int auditd_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[32];
    size_t count = probe_lines(head, lines, HN_COUNT_OF(lines));
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

static enum hn_status auditd_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    struct audit_record record;

    (void)batch;
    event->private_ref = audit_is_separator(line) ? AUDIT_BREAK : AUDIT_RECORD;
    return event->private_ref == AUDIT_BREAK || audit_record_parse(line, &record) ? HN_OK
                                                                                  : HN_SYNTAX;
}

static enum hn_status run_lines(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, auditd_parse);
}

static enum hn_status auditd_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct audit_between between = {
        .join = batch->stream->state, .run = run_lines, .flush = batch->at_end
    };

    return audit_join_run(&between, batch, event, sink);
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
    .open = audit_stream_open,
    .close = audit_stream_close,
    .run = auditd_run,
    .again = auditd_again,
};
