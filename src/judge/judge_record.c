/* judge_record.c - what judge_event() has left, read back in the order of the events. */
#include "judge/judge_internal.h"

static struct hn_text take(const char **texts, size_t len)
{
    struct hn_text text = hn_text_of(*texts, len);

    *texts += len;
    return text;
}

static struct judge_alert alert_of(const char *bytes, const struct hn_buf *lines)
{
    const char *texts = bytes + sizeof(struct alert_record);
    struct alert_record record;
    struct judge_alert alert;

    memcpy(&record, bytes, sizeof record);
    alert.id = record.id;
    alert.brief = record.brief;
    alert.brief.title = take(&texts, record.title_len);
    alert.brief.host = take(&texts, record.host_len);
    alert.user = take(&texts, record.user_len);
    alert.brief.json = take(&texts, record.json_in_side);
    alert.line = hn_text_of(lines->ptr + record.json_start, record.json_len);
    return alert;
}

bool judge_records_next(const struct hn_buf *lines, const struct hn_buf *records, size_t *position,
        struct judge_record *ret_record)
{
    const char *bytes = records->ptr + *position;
    struct record head;

    if (*position == records->len)
        return false;
    memcpy(&head, bytes, sizeof head);
    bytes += sizeof head;
    *position += sizeof head + head.bytes;
    *ret_record = (struct judge_record){ .is_hit = head.kind == RECORD_HIT };
    if (ret_record->is_hit)
        ret_record->hit = hn_bytes_of(bytes, head.bytes);
    else
        ret_record->alert = alert_of(bytes, lines);
    return true;
}
