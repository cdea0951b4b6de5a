/* client_sse.c - reads server-sent events (HTML Living Standard, 9.2.6), however they are cut into
 * pieces on their way. */
#include "client/client.h"

#include "base/num.h"

#include <string.h>

void client_sse_init(struct client_sse *sse)
{
    memset(sse, 0, sizeof *sse);
    hn_buf_init(&sse->line, CLIENT_EVENT_MAX);
    hn_buf_init(&sse->data, CLIENT_EVENT_MAX);
    hn_buf_init(&sse->name, CLIENT_TEXT_MAX);
    hn_buf_init(&sse->id, CLIENT_TEXT_MAX);
}

void client_sse_deinit(struct client_sse *sse)
{
    hn_buf_deinit(&sse->line);
    hn_buf_deinit(&sse->data);
    hn_buf_deinit(&sse->name);
    hn_buf_deinit(&sse->id);
}

void client_sse_reset(struct client_sse *sse)
{
    hn_buf_reset(&sse->line);
    hn_buf_reset(&sse->data);
    hn_buf_reset(&sse->name);
    sse->after_cr = false;
    sse->any_data = false;
    sse->begun = false;
}

static void finish(struct client_sse *sse, client_on_event *on_event, void *ctx)
{
    struct client_event event = { .id = hn_buf_text(&sse->id),
        .name = sse->name.len > 0 ? hn_buf_text(&sse->name) : HN_TEXT("message"),
        .data = hn_buf_text(&sse->data) };

    if (sse->any_data && hn_buf_ok(&sse->data) && hn_buf_ok(&sse->name) && hn_buf_ok(&sse->id))
        on_event(ctx, &event);
    if (hn_buf_ok(&sse->data))
        hn_buf_reset(&sse->data);
    if (hn_buf_ok(&sse->name))
        hn_buf_reset(&sse->name);
    sse->any_data = false;
}

static void replace(struct hn_buf *buf, struct hn_text text)
{
    hn_buf_reset(buf);
    hn_buf_add_text(buf, text);
}

static void take_line(struct client_sse *sse, client_on_event *on_event, void *ctx)
{
    struct hn_text line = hn_buf_text(&sse->line);
    struct hn_text field = line;
    struct hn_text value;
    size_t colon;

    if (!sse->begun && hn_text_starts(line, HN_TEXT("\xEF\xBB\xBF")))
        line = hn_text_sub(line, 3, line.len);
    sse->begun = true;
    if (line.len == 0) {
        finish(sse, on_event, ctx);
        return;
    }
    colon = hn_text_find_char(line, ':', 0);
    field = hn_text_sub(line, 0, colon);
    value = colon == SIZE_MAX ? HN_TEXT("") : hn_text_sub(line, colon + 1, line.len);
    if (value.len > 0 && value.ptr[0] == ' ')
        value = hn_text_sub(value, 1, value.len);
    if (hn_text_eq(field, HN_TEXT("data"))) {
        if (sse->any_data)
            hn_buf_add_char(&sse->data, '\n');
        hn_buf_add_text(&sse->data, value);
        sse->any_data = true;
    } else if (hn_text_eq(field, HN_TEXT("event"))) {
        replace(&sse->name, value);
    } else if (hn_text_eq(field, HN_TEXT("id")) && hn_text_find_char(value, '\0', 0) == SIZE_MAX) {
        replace(&sse->id, value);
    } /* comments, and what nobody knows, mean nothing */
}

enum hn_status client_sse_feed(
        struct client_sse *sse, struct hn_text bytes, client_on_event *on_event, void *ctx)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        bool ends = c == '\r' || (c == '\n' && !sse->after_cr);

        if (ends) {
            take_line(sse, on_event, ctx);
            if (hn_buf_ok(&sse->line))
                hn_buf_reset(&sse->line);
        } else if (c != '\n') {
            hn_buf_add_char(&sse->line, c);
        }
        sse->after_cr = c == '\r';
        if (!hn_buf_ok(&sse->line) || !hn_buf_ok(&sse->data) || !hn_buf_ok(&sse->name) ||
                !hn_buf_ok(&sse->id))
            return sse->line.status == HN_NOMEM || sse->data.status == HN_NOMEM ||
                                   sse->name.status == HN_NOMEM || sse->id.status == HN_NOMEM
                           ? HN_NOMEM
                           : HN_LIMIT;
    }
    return HN_OK;
}
