/* api_value.c - parameters and members, which the document has checked already, as values. */
#include "api/api_internal.h"

#include "base/num.h"
#include "sigma/sigma.h"

#include <stdio.h>

struct hn_text api_query(const struct api_call *call, const char *name)
{
    struct hn_text value;

    return http_request_query(call->request, name, &value) ? value : HN_TEXT("");
}

static int64_t number(struct hn_text text, int64_t without)
{
    int64_t value;

    return hn_parse_i64(text, &value) ? value : without;
}

static hn_time time_of(struct hn_text text)
{
    const struct hn_time_defaults none = { 0 };

    return text.len == 0 ? HN_TIME_NONE : hn_time_parse(text, &none);
}

int64_t api_query_int(const struct api_call *call, const char *name, int64_t without)
{
    return number(api_query(call, name), without);
}

bool api_query_bool(const struct api_call *call, const char *name)
{
    return hn_text_eq(api_query(call, name), HN_TEXT("true"));
}

hn_time api_query_time(const struct api_call *call, const char *name)
{
    return time_of(api_query(call, name));
}

int64_t api_path_int(const struct api_call *call, const char *name)
{
    return number(http_request_param(call->request, name), 0);
}

struct hn_digest api_digest(struct hn_text hex)
{
    struct hn_digest digest = { 0 };

    (void)hn_parse_hex64(hn_text_sub(hex, 0, 16), &digest.high);
    (void)hn_parse_hex64(hn_text_sub(hex, 16, 16), &digest.low);
    return digest;
}

struct hn_text api_member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? hn_text_of(json_string_value(value), json_string_length(value))
                                 : HN_TEXT("");
}

int64_t api_member_int(const json_t *object, const char *name, int64_t without)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : without;
}

hn_time api_member_time(const json_t *object, const char *name)
{
    return time_of(api_member(object, name));
}

bool api_member_is(const json_t *object, const char *name)
{
    return json_object_get(object, name) != NULL;
}

/* ---- Words ---- */

static const char *const level_words[] = { "", "informational", "low", "medium", "high",
    "critical" };

int api_level(struct hn_text text)
{
    for (size_t i = 1; i < HN_COUNT_OF(level_words); i++) {
        if (hn_text_eq(text, hn_text_cstr(level_words[i])))
            return (int)i;
    }
    return 0;
}

const char *api_level_text(uint32_t level)
{
    /* Rules without a level count as medium: docs/alerts.md. */
    return level == 0 || level >= HN_COUNT_OF(level_words) ? "medium" : level_words[level];
}

int api_status(struct hn_text text)
{
    enum incident_status status;

    return text.len > 0 && incident_status_find(text, &status) ? (int)status : -1;
}

int api_verdict(struct hn_text text)
{
    enum incident_verdict verdict;

    return text.len > 0 && incident_verdict_find(text, &verdict) ? (int)verdict : -1;
}

/* ---- Versions ---- */

enum hn_status api_if_match(struct api_call *call, int64_t *ret_version)
{
    struct hn_text field;
    struct hn_text digits;
    int64_t version;

    *ret_version = 0;
    if (!http_request_header(call->request, "If-Match", &field) || hn_text_eq(field, HN_TEXT("*")))
        return HN_OK;
    /* "<version>-<digest>", or the version alone. */
    if (field.len < 3 || field.ptr[0] != '"' || field.ptr[field.len - 1] != '"')
        return api_refuse(call, 412, "If-Match is no tag of ours");
    digits = hn_text_sub(field, 1, field.len - 2);
    digits = hn_text_sub(digits, 0, hn_text_find_char(digits, '-', 0));
    if (!hn_parse_i64(digits, &version) || version <= 0)
        return api_refuse(call, 412, "If-Match is no tag of ours");
    *ret_version = version;
    return HN_OK;
}

/* ---- Pages ---- */

#define CURSOR_LEN 32

static bool read_cursor(struct hn_text text, struct store_cursor *ret_cursor)
{
    uint64_t at;
    uint64_t seq;

    if (text.len != CURSOR_LEN || !hn_parse_hex64(hn_text_sub(text, 0, 16), &at) ||
            !hn_parse_hex64(hn_text_sub(text, 16, 16), &seq))
        return false;
    *ret_cursor = (struct store_cursor){ (hn_time)at, (int64_t)seq };
    return true;
}

enum hn_status api_page_read(struct api_call *call, struct api_page *ret_page)
{
    struct hn_text cursor = api_query(call, "cursor");

    *ret_page = (struct api_page){ .page.limit = (uint32_t)api_query_int(call, "limit", 100) };
    if (hn_text_eq(api_query(call, "direction"), HN_TEXT("newer")))
        ret_page->page.direction = STORE_NEWER;
    if (cursor.len == 0)
        return HN_OK;
    if (!read_cursor(cursor, &ret_page->cursor))
        return api_refuse(call, 400, "parameter cursor: none of ours");
    ret_page->page.cursor = &ret_page->cursor;
    return HN_OK;
}

/* Rows are newest first: where one goes on is the first of them for newer ones, else the last. */
void api_page_row(struct api_page *page, hn_time at, int64_t seq)
{
    if (page->any && page->page.direction == STORE_NEWER)
        return;
    page->last = (struct store_cursor){ at, seq };
    page->any = true;
}

void api_page_next(struct api_call *call, const struct api_page *page)
{
    char text[CURSOR_LEN + 1];

    hn_json_key(&call->json, HN_TEXT("next"));
    if (!page->page.more || !page->any) {
        hn_json_null(&call->json);
        return;
    }
    (void)snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)page->last.at,
            (unsigned long long)page->last.seq);
    hn_json_text(&call->json, hn_text_cstr(text));
}
