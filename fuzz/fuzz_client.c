/* fuzz: client */
/* fuzz_client.c - what a server may answer: a stream of events, and JSON.
 *
 * Oracle: a stream cut into pieces says the same as in one; its names and ids are as long as
 * allowed; JSON that is passed on holds nothing a terminal obeys; every item lies in its list; what
 * is read out of a whole answer can be asked for again. */
#include "client/client.h"

#include "base/escape.h"
#include "base/utf.h"

#include <stdlib.h>

#define INPUT_MAX ((size_t)1 << 16)
#define ITEMS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void on_event(void *ctx, const struct client_event *event)
{
    struct hn_buf *out = ctx;

    must(event->id.len <= CLIENT_TEXT_MAX && event->name.len <= CLIENT_TEXT_MAX);
    must(event->name.len > 0 && event->data.len <= CLIENT_EVENT_MAX);
    hn_buf_add_text(out, event->id);
    hn_buf_add_char(out, '\0');
    hn_buf_add_text(out, event->name);
    hn_buf_add_char(out, '\0');
    hn_buf_add_text(out, event->data);
    hn_buf_add_char(out, '\0');
}

static enum hn_status read_stream(struct hn_text text, size_t step, struct hn_buf *out)
{
    struct client_sse sse;
    enum hn_status status = HN_OK;

    client_sse_init(&sse);
    for (size_t pos = 0; pos < text.len && status == HN_OK; pos += step)
        status = client_sse_feed(&sse, hn_text_sub(text, pos, step), on_event, out);
    client_sse_deinit(&sse);
    return status;
}

static void check_stream(struct hn_text text)
{
    struct hn_buf once = { 0 };
    struct hn_buf pieces = { 0 };
    enum hn_status status = read_stream(text, text.len + 1, &once);

    must(read_stream(text, 1 + text.len % 7, &pieces) == status);
    must(hn_text_eq(hn_buf_text(&once), hn_buf_text(&pieces)));
    hn_buf_deinit(&once);
    hn_buf_deinit(&pieces);
}

static void check_inert(struct hn_text json)
{
    struct hn_buf out = { 0 };
    struct hn_text text;
    uint32_t c;

    client_add_json(&out, json);
    text = hn_buf_text(&out);
    for (size_t pos = 0; pos < text.len;) {
        size_t len = hn_utf8_decode(text, pos, &c);

        must(len > 0 && !hn_is_control(c));
        pos += len;
    }
    hn_buf_deinit(&out);
}

static void check_answer(struct hn_text json)
{
    struct client_items items;
    struct hn_arena arena;
    struct hn_text item;
    struct hn_text key;
    unsigned count = 0;

    hn_arena_init(&arena, (size_t)4 << 20);
    items = client_items_of(json);
    while (count++ < ITEMS_MAX && client_items_next(&items, &item)) {
        must(item.ptr >= json.ptr && item.ptr + item.len <= json.ptr + json.len);
        must(item.len > 0);
        (void)client_own_text(&arena, item);
    }
    items = client_members_of(json);
    count = 0;
    while (count++ < ITEMS_MAX && client_members_next(&items, &arena, &key, &item)) {
        must(item.ptr >= json.ptr && item.ptr + item.len <= json.ptr + json.len);
    }
    (void)client_time(&arena, json, "time");
    must(client_int(&arena, json, "none", 5) == 5 || client_get(&arena, json, "none").len > 0);
    hn_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_text_of((const char *)data, size);

    if (size > INPUT_MAX)
        return 0;
    check_stream(text);
    check_inert(text);
    check_answer(text);
    (void)client_json_whole(text);
    return 0;
}
