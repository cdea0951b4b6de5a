/* hec_read.c - Splunk's event envelopes: JSON objects one behind the other. */
#include "ingest/ingest_internal.h"

#include "decode/decode.h"

static const struct {
    enum hec_code code;
    unsigned status;
    const char *text;
} codes[] = {
#define HEC_CODE_ROW(name, number, status, text) { name, status, text },
    HEC_CODE_LIST(HEC_CODE_ROW)
#undef HEC_CODE_ROW
};

unsigned hec_code_status(enum hec_code code)
{
    for (size_t i = 0; i < HN_COUNT_OF(codes); i++) {
        if (codes[i].code == code)
            return codes[i].status;
    }
    return 500;
}

const char *hec_code_text(enum hec_code code)
{
    for (size_t i = 0; i < HN_COUNT_OF(codes); i++) {
        if (codes[i].code == code)
            return codes[i].text;
    }
    return "Internal server error";
}

/* A flat object: its values are no objects, and arrays hold none. */
static bool is_flat(struct hn_text fields, struct hn_arena *arena)
{
    struct hn_json_in in = hn_json_in_over(fields);
    struct hn_text key;
    struct hn_text value;

    if (!hn_json_in_open(&in, '{'))
        return false;
    while (hn_json_in_member(&in, arena, &key)) {
        char kind = hn_json_in_peek(&in);

        if (!hn_json_in_raw(&in, &value) || kind == '{')
            return false;
        if (kind == '[' && hn_text_find_char(value, '{', 0) != SIZE_MAX)
            return false;
    }
    return hn_json_in_ok(&in);
}

static enum hec_code check_event(const struct hec_event *event, struct hn_arena *arena)
{
    struct hn_text text = event->event;

    if (text.len == 0)
        return HEC_NO_EVENT;
    if (hn_text_eq(text, HN_TEXT("null")) || hn_text_eq(text, HN_TEXT("\"\"")))
        return HEC_BLANK_EVENT;
    if (event->fields.len > 0 && !is_flat(event->fields, arena))
        return hn_arena_status(arena) == HN_OK ? HEC_BAD_FIELDS : HEC_BUSY;
    return HEC_OK;
}

/* Members a client sends as null are as good as missing. */
static enum hec_code read_envelope(
        struct hn_text json, struct hn_arena *arena, struct hec_event *event)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text key;

    (void)hn_json_in_open(&in, '{');
    while (hn_json_in_member(&in, arena, &key)) {
        static const struct {
            struct hn_text name;
            size_t offset;
        } members[] = {
            { HN_TEXT_INIT("event"), offsetof(struct hec_event, event) },
            { HN_TEXT_INIT("time"), offsetof(struct hec_event, time) },
            { HN_TEXT_INIT("host"), offsetof(struct hec_event, host) },
            { HN_TEXT_INIT("source"), offsetof(struct hec_event, source) },
            { HN_TEXT_INIT("sourcetype"), offsetof(struct hec_event, sourcetype) },
            { HN_TEXT_INIT("index"), offsetof(struct hec_event, index) },
            { HN_TEXT_INIT("fields"), offsetof(struct hec_event, fields) },
        };
        struct hn_text value = { 0 };

        if (!hn_json_in_raw(&in, &value))
            break;
        for (size_t i = 0; i < HN_COUNT_OF(members); i++) {
            if (hn_text_eq(key, members[i].name) && (i == 0 || !hn_text_eq(value, HN_TEXT("null"))))
                memcpy((char *)event + members[i].offset, &value, sizeof value);
        }
    }
    if (!hn_json_in_ok(&in))
        return hn_arena_status(arena) == HN_OK ? HEC_BAD_DATA : HEC_BUSY;
    return check_event(event, arena);
}

static enum hec_code read_all(struct hn_json_in *in, struct decode_json_checker *checker,
        struct hn_arena *arena, hec_events *events, uint64_t *ret_bad)
{
    enum hec_code code = HEC_OK;

    while (code == HEC_OK && hn_json_in_peek(in) != '\0') {
        struct hec_event *event;
        struct hn_text json = { 0 };
        enum hn_status status = HN_SYNTAX;

        *ret_bad = events->count;
        if (hn_json_in_peek(in) == '{' && hn_json_in_raw(in, &json))
            status = decode_json_check(checker, json);
        if (status != HN_OK)
            return status == HN_NOMEM ? HEC_BUSY : HEC_BAD_DATA;
        event = hn_vec_add(events);
        code = event == NULL ? HEC_BUSY : read_envelope(json, arena, event);
    }
    return code;
}

enum hec_code hec_read(
        struct hn_text body, struct hn_arena *arena, hec_events *events, uint64_t *ret_bad)
{
    struct hn_json_in in = hn_json_in_over(body);
    struct decode_json_checker *checker = decode_json_checker_new();
    enum hec_code code = HEC_BUSY;

    if (checker != NULL)
        code = read_all(&in, checker, arena, events, ret_bad);
    decode_json_checker_free(checker);
    /* A NUL looks like the end. */
    if (code == HEC_OK && hn_text_trim(hn_text_sub(body, in.pos, body.len)).len > 0)
        return HEC_BAD_DATA;
    if (code == HEC_OK && events->count == 0)
        return HEC_NO_DATA;
    return code;
}
