/* syslogd_gather.c - messages of one peer into batches that a decoder reads alone.
 *
 * A batch is read by its lines, so a message with line feeds needs another way: system log messages
 * get their lengths in front (what decode calls syslog-octets); what is no system log message and
 * may be a document goes alone; elsewhere a line feed is written #012, as rsyslog does. */
#include "syslogd/syslogd_internal.h"

static bool is_system_log(struct hn_bytes message)
{
    return message.len >= 3 && message.ptr[0] == '<' && message.ptr[1] >= '0' &&
           message.ptr[1] <= '9';
}

/* Formats whose unit is a document, which line feeds do not end. */
static bool takes_documents(struct hn_text format)
{
    return format.len == 0 || hn_text_eq(format, HN_TEXT("json")) ||
           hn_text_eq(format, HN_TEXT("winxml")) || hn_text_eq(format, HN_TEXT("modsec")) ||
           hn_text_eq(format, HN_TEXT("csv"));
}

static bool is_syslog_format(struct hn_text format)
{
    return format.len == 0 || hn_text_eq(format, HN_TEXT("syslog")) ||
           hn_text_eq(format, HN_TEXT("syslog-octets"));
}

static enum gather_kind kind_of(const struct syslogd_source *source, struct hn_bytes message)
{
    bool lines = memchr(message.ptr, '\n', message.len) != NULL;
    struct hn_text format = source->format;

    if (is_syslog_format(format) && is_system_log(message))
        return lines ? GATHER_OCTETS : GATHER_LINES;
    if (lines && takes_documents(format))
        return GATHER_ALONE;
    return format.len == 0 ? GATHER_PLAIN : GATHER_LINES;
}

static void add_line(struct hn_buf *body, struct hn_bytes message)
{
    const char *p = (const char *)message.ptr;
    const char *end = p + message.len;

    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));

        hn_buf_add(body, p, (size_t)((lf == NULL ? end : lf) - p));
        if (lf == NULL)
            break;
        hn_buf_add_lit(body, "#012");
        p = lf + 1;
    }
    hn_buf_add_char(body, '\n');
}

void syslogd_gather_deinit(struct gather *gather)
{
    hn_buf_deinit(&gather->body);
}

bool syslogd_gather_add(
        struct gather *gather, struct hn_bytes message, int64_t due_ms, size_t size_max)
{
    enum gather_kind kind = kind_of(gather->source, message);
    size_t before = gather->body.len;

    if (before > 0 && (kind != gather->kind || kind == GATHER_ALONE ||
                              message.len + 16 > size_max - before || before > size_max - 16))
        return false;
    if (kind == GATHER_OCTETS)
        hn_buf_addf(&gather->body, "%zu ", message.len);
    if (kind == GATHER_OCTETS || kind == GATHER_ALONE)
        hn_buf_add(&gather->body, message.ptr, message.len);
    else
        add_line(&gather->body, message);
    if (!hn_buf_ok(&gather->body)) { /* without memory: as if the intake were full */
        gather->body.len = before;
        gather->body.status = HN_OK;
        return false;
    }
    if (before == 0) {
        gather->kind = kind;
        gather->due_ms = due_ms;
    }
    gather->count++;
    return true;
}

static struct hn_text format_of(const struct gather *gather)
{
    switch (gather->kind) {
    case GATHER_OCTETS:
        return HN_TEXT("syslog-octets");
    case GATHER_LINES:
        return gather->source->format.len > 0 ? gather->source->format : HN_TEXT("syslog");
    case GATHER_PLAIN:
    case GATHER_ALONE:
        break;
    }
    return gather->source->format;
}

static void on_done(void *ctx, enum hn_status status)
{
    (void)ctx; /* the protocol has no answer that could tell the sender */
    (void)status;
}

bool syslogd_gather_submit(struct syslogd *door, struct gather *gather, int64_t now_ms)
{
    const struct syslogd_source *source = gather->source;
    struct intake_batch batch = { .source = source->name,
        .tenant = source->tenant,
        .format = format_of(gather),
        .zone = source->zone,
        .pipeline = source->pipeline,
        .stream = gather->peer,
        .body = hn_text_as_bytes(hn_buf_text(&gather->body)) };
    uint32_t retry_ms = 0;

    if (gather->body.len == 0)
        return true;
    if (intake_submit(door->intake, &batch, on_done, NULL, &retry_ms, NULL) != HN_OK) {
        gather->retry_ms = now_ms + (retry_ms < 1 ? 1 : retry_ms > 1000 ? 1000 : retry_ms);
        return false;
    }
    door_count(door, messages, gather->count);
    gather->count = 0;
    gather->retry_ms = 0;
    hn_buf_reset(&gather->body);
    return true;
}
