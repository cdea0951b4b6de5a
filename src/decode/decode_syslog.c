/* decode_syslog.c - system logs, one message a line: /var/log, syslog servers, journalctl, dmesg.
 *
 * syslog_header.c reads the front of a line, syslog_event.c what is behind it. */
#include "decode/decode_internal.h"

#include "decode/audit_join.h"
#include "decode/probe.h"
#include "decode/scan.h"
#include "decode/syslog_event.h"

/* Every line must be a message for this to be a system log; continuations and the odd broken line
 * are allowed for. */
static int syslog_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[64];
    size_t count = probe_lines(head, lines, HN_COUNT_OF(lines));
    size_t sure = syslog_count_sure(lines, count);

    (void)name;
    if (count == 0 || sure * 10 < count * 8)
        return PROBE_NO;
    if (sure < count)
        return PROBE_LIKELY;
    /* The kernel's clock in brackets could be an array of JSON to somebody else, but not with what
     * stands behind it. */
    return text_at(lines[0], 0) == '[' ? PROBE_CERTAIN : PROBE_LIKELY + 20;
}

#define WAIT_BYTES_MAX ((size_t)65536) /* longer than this no audit event is waited for */

static size_t syslog_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    size_t took = decode_cut_lines(stream, in, at_end, batch);
    size_t between;

    if (took == 0 || at_end || batch->too_long || batch->skip)
        return took;
    between = syslog_cut_between_events(hn_bytes_as_text(in), took);
    return between == 0 && took > WAIT_BYTES_MAX ? took : between;
}

static enum hn_status syslog_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    return syslog_event_fill(event, line, &batch->stream->options.source);
}

static enum hn_status run_lines(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, syslog_parse);
}

/* Batches may run in parallel: what is joined is joined within one, which syslog_cut() allows for.
 */
static enum hn_status syslog_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    struct audit_join join;
    const struct audit_between between = { .join = &join, .run = run_lines, .flush = true };
    enum hn_status status;

    audit_join_init(&join, &batch->stream->options.limits);
    status = audit_join_run(&between, batch, event, sink);
    audit_join_deinit(&join);
    return status;
}

static enum hn_status syslog_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    if (from->private_ref != AUDIT_JOINED)
        return decode_again_line(batch, from, to, syslog_parse);
    audit_again(from, to);
    return HN_OK;
}

const struct decode_format decode_format_syslog = {
    .name = HN_TEXT_INIT("syslog"),
    .title = HN_TEXT_INIT("System log (RFC 3164, RFC 5424, journalctl, dmesg)"),
    .traits = DECODE_LINES,
    .probe = syslog_probe,
    .cut = syslog_cut,
    .run = syslog_run,
    .again = syslog_again,
};
