/* fuzz: decode */
/* fuzz_json.c - JSON text, in any shape and any pieces.
 *
 * Oracle: decode_oracle.h; besides, the kernels make the same index, whose tokens lie in the text
 * and in order; and a text is accepted exactly when the checker of tests/support accepts it. A text
 * as the line in a shipper's document gives the fields of that line beside those of the document.
 */
#include "decode/decode_internal.h"
#include "decode/json_index.h"
#include "decode/syslog_event.h"
#include "decode_oracle.h"

#include "base/escape.h"
#include "base/utf.h"

#include "../tests/support/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_order(const struct json_index *index)
{
    for (uint32_t i = 0; i < index->count; i++) {
        oracle_check(index->pos[i] < index->len);
        oracle_check(i == 0 || index->pos[i] > index->pos[i - 1]);
    }
    oracle_check(index->kind[index->count] == JSON_END);
}

static void check_same(const struct json_index *a, const struct json_index *b)
{
    oracle_check(a->count == b->count && a->len == b->len && a->bad_string == b->bad_string);
    oracle_check(a->non_ascii == b->non_ascii && a->unicode_escape == b->unicode_escape);
    oracle_check(memcmp(a->pos, b->pos, a->count * sizeof *a->pos) == 0);
    oracle_check(memcmp(a->kind, b->kind, a->count) == 0);
    for (uint32_t at = 0; at < a->len; at++)
        oracle_check(json_index_escaped(a, at, at + 1) == json_index_escaped(b, at, at + 1));
}

static void check_kernels(struct hn_text text, bool stop_at_line)
{
    static struct json_index plain;
    static struct json_index other;

    oracle_check(json_index_make(&plain, text, stop_at_line, JSON_KERNEL_PLAIN) == HN_OK);
    check_order(&plain);
    for (int kernel = JSON_KERNEL_AVX2; kernel <= JSON_KERNEL_AVX512; kernel++) {
        if (!json_kernel_available((enum json_kernel)kernel))
            continue;
        oracle_check(
                json_index_make(&other, text, stop_at_line, (enum json_kernel)kernel) == HN_OK);
        check_same(&plain, &other);
    }
}

/* ---- Lines in documents of shippers ---- */

#define SHELL_LINE_MAX 4096

static bool has_value(struct hn_event *event, struct hn_text name, struct hn_text text)
{
    for (size_t i = 0; i < event->named.count; i++) {
        if (hn_text_eq(event->named.ptr[i].name, name) &&
                hn_text_eq(hn_event_text(event, event->named.ptr[i].index), text))
            return true;
    }
    return false;
}

static bool on_shell(void *ctx, struct hn_event *event)
{
    struct hn_event *line = ctx;

    oracle_check(has_value(event, HN_TEXT("agent.type"), HN_TEXT("filebeat")));
    oracle_check(has_value(event, HN_TEXT("log.offset"), HN_TEXT("7")));
    for (size_t i = 0; i < line->named.count; i++)
        oracle_check(has_value(
                event, line->named.ptr[i].name, hn_event_text(line, line->named.ptr[i].index)));
    oracle_check(event->origin == line->origin && hn_text_eq(event->time_text, line->time_text));
    oracle_check(hn_text_eq(event->source.product, line->source.product));
    for (size_t i = 0; i < HN_LABELS_MAX; i++) {
        oracle_check(hn_text_eq(event->source.category[i], line->source.category[i]));
        oracle_check(hn_text_eq(event->source.service[i], line->source.service[i]));
    }
    return true;
}

/* The event of a line that nobody knows is the document's: it has the line as its message. */
static void check_shell(struct hn_text line)
{
    static const struct case_options options = { .format = "json" };
    static const struct hn_source none;
    static struct hn_event alone;
    static struct hn_event event;
    const struct decode_sink sink = { .on_event = on_shell, .ctx = &alone };
    const struct decode_options decode = { .limits = { 0, 0 } };
    struct syslog_header around = { .priority = SYSLOG_NO_PRIORITY };
    struct hn_buf in = { 0 };

    if (alone.schema == NULL)
        oracle_check(hn_event_init(&alone, oracle_schema(&options, 0), NULL, true) == HN_OK &&
                     hn_event_init(&event, oracle_schema(&options, 0), NULL, true) == HN_OK);
    hn_event_reset(&alone);
    if (syslog_event_inside(&alone, hn_text_trim(line), &around, &none) != HN_OK) {
        hn_event_reset(&alone);
        hn_event_add_text(&alone, HN_TEXT("Message"), line);
    }
    hn_buf_add_lit(&in, "{\"agent\":{\"type\":\"filebeat\"},\"message\":");
    hn_json_string(&in, line);
    hn_buf_add_lit(&in, ",\"log\":{\"offset\":7}}");
    oracle_check(decode_all(decode_format_find(HN_TEXT("json")), &decode,
                         hn_text_as_bytes(hn_buf_text(&in)), &event, &sink) == HN_OK);
    hn_buf_deinit(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a", "a.b", "Image", "EventID", "Event.System.EventID",
        "process.executable", "Data", "winlog.event_data.Image", "Provider_Name" };
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));

    if (size > ORACLE_INPUT_MAX)
        return 0;
    check_kernels(text, false);
    check_kernels(text, true);
    if (size < JSON_CHECK_DEPTH_MAX) /* so that depth decides nothing */
        oracle_check(decode_json_valid(text) == json_check_valid(text));
    if (size <= SHELL_LINE_MAX && hn_utf8_valid(hn_text_as_bytes(text)))
        check_shell(text);
    return oracle_run_undamaged("json", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
