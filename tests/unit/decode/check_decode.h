/* check_decode.h - what the tests of decoders share: decoding a text, looking at the events.
 *
 * All functions are static, so that a test stays one program; a test uses some of them. */
#ifndef HN_TESTS_CHECK_DECODE_H
#define HN_TESTS_CHECK_DECODE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Names that the tests' schema wants, so that wanted-mode has something to keep. */
static const char *const check_names[] = { "user", "username", "src_ip", "src_port", "dst_ip",
    "dst_port", "protocol", "action", "blocked", "hostname", "program", "pid", "facility",
    "severity", "USER", "COMMAND", "command", "outcome", "type", "name", "nametype", "a0", "a1",
    "a2", "a3", "a4", "SYSCALL", "exe", "comm", "key", "proctitle", "CommandLine", "Image",
    "TargetFilename", "DestinationIp", "c-uri", "cs-host", "c-useragent", "Signature", "Filename",
    "query", "mnemonic", "cfgpath", "deviceVendor", "Rule Name", "exampleSDID@32473.iut",
    "pam_rhost", "pam_user", "pam_message", "saddr_fam", "laddr", "lport", "unit", "msgid" };

struct check {
    struct hn_schema *schema;
    struct hn_event event; /* all-mode */
    struct hn_event wanted;
    struct hn_event again;
    struct hn_buf out;
    size_t events;
    size_t findings;
    const struct decode_batch *batch;
    uint32_t finding_kinds; /* bits */
    struct hn_text only;    /* names between spaces: print no other fields; empty: print all */
};

HN_UNUSED static void check_init(struct check *check)
{
    memset(check, 0, sizeof *check);
    check->schema = hn_schema_new();
    assert_non_null(check->schema);
    for (size_t i = 0; i < HN_COUNT_OF(check_names); i++)
        assert_int_not_equal(
                hn_schema_want(check->schema, hn_text_cstr(check_names[i])), HN_FIELD_NONE);
    assert_int_equal(hn_schema_seal(check->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&check->event, check->schema, NULL, true), HN_OK);
    assert_int_equal(hn_event_init(&check->wanted, check->schema, NULL, false), HN_OK);
    assert_int_equal(hn_event_init(&check->again, check->schema, NULL, true), HN_OK);
}

HN_UNUSED static void check_deinit(struct check *check)
{
    hn_event_deinit(&check->event);
    hn_event_deinit(&check->wanted);
    hn_event_deinit(&check->again);
    hn_schema_free(check->schema);
    hn_buf_deinit(&check->out);
}

static void check_labels(struct hn_buf *out, const struct hn_text *labels)
{
    hn_buf_add_lit(out, " |");
    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++) {
        hn_buf_add_char(out, ' ');
        hn_buf_add_text(out, labels[i]);
    }
}

/* Whether name is one of the words. */
static bool check_is_among(struct hn_text words, struct hn_text name)
{
    size_t start = 0;

    while (start < words.len) {
        size_t end = hn_text_find_char(words, ' ', start);

        end = end == SIZE_MAX ? words.len : end;
        if (hn_text_eq(hn_text_sub(words, start, end - start), name))
            return true;
        start = end + 1;
    }
    return false;
}

/* The event as lines of text: source, time, findings, then every field in order. */
static void check_print(const struct check *check, struct hn_buf *out, struct hn_event *event)
{
    hn_buf_add_lit(out, "= ");
    hn_buf_add_text(out, event->source.product);
    check_labels(out, event->source.category);
    check_labels(out, event->source.service);
    if (event->origin != HN_ORIGIN_KNOWN)
        hn_buf_add_lit(out, " | by its fields");
    hn_buf_add_char(out, '\n');
    if (event->time_text.ptr != NULL) {
        hn_buf_add_lit(out, "  @ ");
        hn_json_string(out, event->time_text);
        hn_buf_add_char(out, '\n');
    }
    for (uint32_t kind = 0; kind < HN_FINDING_COUNT; kind++) {
        if ((event->findings & (uint32_t)1 << kind) != 0)
            hn_buf_addf(out, "  ! %s\n", hn_finding_id((enum hn_finding_kind)kind));
    }
    for (size_t i = 0; i < event->named.count; i++) {
        if (check->only.len > 0 && !check_is_among(check->only, event->named.ptr[i].name))
            continue;
        hn_buf_add_lit(out, "  ");
        hn_buf_add_text(out, event->named.ptr[i].name);
        hn_buf_add_lit(out, ": ");
        hn_json_string(out, hn_event_text(event, event->named.ptr[i].index));
        hn_buf_add_char(out, '\n');
    }
}

/* The values of every wanted field are the same in both events. */
HN_UNUSED static void check_same_fields(
        const struct hn_schema *schema, struct hn_event *a, struct hn_event *b)
{
    for (hn_field field = 0; field < hn_schema_count(schema); field++) {
        uint32_t i = hn_event_first(a, field);
        uint32_t k = hn_event_first(b, field);

        while (i != HN_VALUE_NONE && k != HN_VALUE_NONE) {
            struct hn_text x = hn_event_text(a, i);
            struct hn_text y = hn_event_text(b, k);

            assert_true(hn_text_eq(x, y));
            i = hn_event_next(a, i);
            k = hn_event_next(b, k);
        }
        assert_true(i == HN_VALUE_NONE && k == HN_VALUE_NONE);
    }
    assert_memory_equal(&a->source, &b->source, sizeof a->source);
}

static bool check_on_event(void *ctx, struct hn_event *event)
{
    struct check *check = ctx;

    check->events++;
    check_print(check, &check->out, event);
    assert_int_equal(decode_again(check->batch, event, &check->again), HN_OK);
    check_same_fields(check->schema, event, &check->again);
    assert_int_equal(event->named.count, check->again.named.count);
    assert_int_equal(decode_again(check->batch, event, &check->wanted), HN_OK);
    check_same_fields(check->schema, event, &check->wanted);
    return true;
}

static void check_on_finding(void *ctx, const struct hn_finding *finding)
{
    struct check *check = ctx;

    check->findings++;
    check->finding_kinds |= (uint32_t)1 << finding->kind;
    hn_buf_addf(&check->out, "! %s\n", hn_finding_id(finding->kind));
}

/* Decodes all of in, at most block bytes at a time (0: at once). What comes out is in check->out;
 * each event is decoded again in both modes and compared. */
HN_UNUSED static enum hn_status check_decode(struct check *check,
        const struct decode_format *format, const struct decode_options *options, struct hn_text in,
        size_t block)
{
    const struct decode_sink sink = {
        .on_event = check_on_event, .on_finding = check_on_finding, .ctx = check
    };
    struct decode_stream *stream = NULL;
    struct decode_batch batch = { .at_end = false };
    enum hn_status status = decode_stream_new(format, options, &stream, NULL);
    size_t pos = 0;
    size_t seen = 0;

    hn_buf_reset(&check->out);
    check->events = 0;
    check->findings = 0;
    check->finding_kinds = 0;
    while (status == HN_OK && stream != NULL && !batch.at_end) {
        size_t took;

        seen = block == 0 || in.len - seen < block ? in.len : seen + block;
        took = decode_cut(stream, hn_bytes_of(in.ptr + pos, seen - pos), seen == in.len, &batch);
        if (took == 0 && seen < in.len) {
            batch.at_end = false;
            continue;
        }
        pos += took;
        check->batch = &batch;
        status = decode_run(&batch, &check->event, &sink);
        decode_batch_release(&batch);
        batch.at_end = pos == in.len;
    }
    decode_stream_free(stream);
    return status;
}

HN_UNUSED static const struct decode_format *check_format(const char *name)
{
    const struct decode_format *format = decode_format_find(hn_text_cstr(name));

    assert_non_null(format);
    return format;
}

/* Decodes one text whole and proves that the printed events hold each of the lines. */
HN_UNUSED static void check_has(
        struct check *check, const char *format, const char *in, const char *const *lines)
{
    const struct decode_options options = { .limits = { 0, 0 } };

    assert_int_equal(
            check_decode(check, check_format(format), &options, hn_text_cstr(in), 0), HN_OK);
    for (; *lines != NULL; lines++) {
        if (hn_text_find(hn_buf_text(&check->out), hn_text_cstr(*lines), 0) == SIZE_MAX) {
            print_error("missing: %s\nin:\n%.*s\n", *lines, (int)check->out.len, check->out.ptr);
            fail();
        }
    }
}

#endif
