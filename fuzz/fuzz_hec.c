/* fuzz: ingest */
/* fuzz_hec.c - the body of Splunk's event collector.
 *
 * Oracle: what is refused names an event that can be; what is taken is written as one valid JSON
 * document a line, or as octet-counted messages that add up, one for each event; and a body that
 * was taken is taken again with its events in the other order. */
#include "ingest/ingest_internal.h"

#include "base/num.h"

#include "../tests/support/json_check.h"

#define INPUT_MAX ((size_t)1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_lines(struct hn_text out, size_t count)
{
    struct hn_text line;
    size_t lines = 0;

    while (hn_text_line(&out, &line)) {
        must(line.len > 1 && line.ptr[0] == '{' && json_check_valid(line));
        lines++;
    }
    must(lines == count);
}

static void check_octets(struct hn_text out, size_t count)
{
    size_t messages = 0;

    while (out.len > 0) {
        size_t blank = hn_text_find_char(out, ' ', 0);
        uint64_t len = 0;

        must(blank != SIZE_MAX && hn_parse_u64(hn_text_sub(out, 0, blank), &len));
        must(len <= out.len - blank - 1 && out.ptr[blank + 1] == '<');
        out = hn_text_sub(out, blank + 1 + (size_t)len, SIZE_MAX);
        messages++;
    }
    must(messages == count);
}

/* The events' own texts, which lie in the body, from the last to the first. */
static void check_reversed(const hec_events *events, struct hn_text body)
{
    struct hn_arena arena = { 0 };
    struct hn_buf other = { 0 };
    hec_events again = { 0 };
    uint64_t bad = 0;

    hn_arena_init(&arena, (size_t)16 << 20);
    for (size_t i = events->count; i-- > 0;) {
        struct hn_text event = events->ptr[i].event;

        must(event.ptr >= body.ptr && event.ptr + event.len <= body.ptr + body.len);
        hn_buf_add_lit(&other, "{\"event\":");
        hn_buf_add_text(&other, event);
        hn_buf_add_char(&other, '}');
    }
    must(hec_read(hn_buf_text(&other), &arena, &again, &bad) == HEC_OK);
    must(again.count == events->count);
    for (size_t i = 0; i < again.count; i++)
        must(hn_text_eq(again.ptr[i].event, events->ptr[again.count - 1 - i].event));
    hn_vec_deinit(&again);
    hn_buf_deinit(&other);
    hn_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text body = hn_text_of((const char *)data, size);
    struct hn_arena arena = { 0 };
    struct hn_buf out = { 0 };
    hec_events events = { 0 };
    uint64_t bad = 0;
    enum hec_code code;

    if (size > INPUT_MAX || size > (size_t)JSON_CHECK_DEPTH_MAX * 8)
        return 0;
    hn_arena_init(&arena, (size_t)16 << 20);
    code = hec_read(body, &arena, &events, &bad);
    must(code != HEC_BUSY && bad <= events.count);
    if (code == HEC_OK) {
        must(events.count > 0);
        if (hec_write(&events, &arena, &out) == HEC_SHAPE_JSON)
            check_lines(hn_buf_text(&out), events.count);
        else
            check_octets(hn_buf_text(&out), events.count);
        must(hn_buf_ok(&out));
        check_reversed(&events, body);
    }
    hn_buf_deinit(&out);
    hn_vec_deinit(&events);
    hn_arena_deinit(&arena);
    return 0;
}
