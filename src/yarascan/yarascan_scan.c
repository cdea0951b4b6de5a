/* yarascan_scan.c - one object after the other through libyara; runs in the jail. */
#include "yarascan/yarascan_internal.h"

#include "base/mem.h"

#include <stdio.h>

#define TEXT_ROOM 1024 /* of a variable; longer names are cut */

struct yarascan {
    YR_SCANNER *scanner;
    yarascan_on_hit *on_hit;
    void *ctx;
    bool limited;
};

/* ---- Hits ---- */

static void read_meta(const YR_META *meta, struct yarascan_hit *hit)
{
    struct yarascan_meta entry = { .name = hn_text_cstr(meta->identifier) };
    bool is_text = meta->type == META_TYPE_STRING;

    if (is_text)
        entry.text = hn_text_cstr(meta->string);
    entry.number = is_text ? 0 : meta->integer;
    if (meta->type != META_TYPE_BOOLEAN)
        (void)yarascan_meta_level(&entry, &hit->level);
    if (!is_text)
        return;
    if (hn_text_eq_nocase(entry.name, HN_TEXT("description")) ||
            (hit->description[0] == '\0' && hn_text_eq_nocase(entry.name, HN_TEXT("desc"))))
        hit->description = meta->string;
    if (hn_text_eq_nocase(entry.name, HN_TEXT("family")) ||
            hn_text_eq_nocase(entry.name, HN_TEXT("malware_family")) ||
            hn_text_eq_nocase(entry.name, HN_TEXT("malware")))
        hit->family = meta->string;
}

/* The matches of one string that a pass takes: the first of it, or those behind. libyara lays them
 * out without regard to alignment, so each is copied. */
static void read_string(YR_SCAN_CONTEXT *context, const YR_STRING *string, bool first_pass,
        struct yarascan_hit *hit)
{
    const void *next = context->matches[string->idx].head;
    YR_MATCH match;

    for (uint32_t seen = 0; next != NULL && seen < YARASCAN_COUNT_MAX; next = match.next) {
        memcpy(&match, next, sizeof match);
        if (match.is_private)
            continue;
        if (first_pass == (seen == 0) && hit->place_count < YARASCAN_PLACES_MAX) {
            hit->places[hit->place_count++] = (struct yarascan_place){ string->identifier,
                (uint64_t)(match.base + match.offset), (uint64_t)match.match_length };
        }
        if (first_pass && hit->match_count < YARASCAN_COUNT_MAX)
            hit->match_count++;
        seen++;
    }
}

static void tell(struct yarascan *scan, YR_SCAN_CONTEXT *context, const YR_RULE *rule)
{
    struct yarascan_hit hit = {
        .rule = rule->identifier, .description = "", .family = "", .level = YARASCAN_MEDIUM
    };
    const char *tag;
    const YR_META *meta;
    const YR_STRING *string;

    yr_rule_tags_foreach(rule, tag)
    {
        if (hit.tag_count < YARASCAN_TAGS_MAX)
            hit.tags[hit.tag_count++] = tag;
    }
    yr_rule_metas_foreach(rule, meta)
    {
        read_meta(meta, &hit);
    }
    for (int pass = 0; pass < 2; pass++) {
        yr_rule_strings_foreach(rule, string)
        {
            if (!STRING_IS_PRIVATE(string))
                read_string(context, string, pass == 0, &hit);
        }
    }
    scan->on_hit(scan->ctx, &hit);
}

static int on_message(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
    struct yarascan *scan = ctx;

    if (message == CALLBACK_MSG_RULE_MATCHING)
        tell(scan, context, data);
    else if (message == CALLBACK_MSG_TOO_MANY_MATCHES)
        scan->limited = true; /* that string is left out, the rest goes on */
    return CALLBACK_CONTINUE;
}

/* ---- Life ---- */

enum hn_status yarascan_new(
        const struct yarascan_rules *rules, struct yarascan **ret_scan, struct hn_err *err)
{
    struct yarascan *scan = hn_calloc(1, sizeof *scan);

    if (scan == NULL || yr_scanner_create(rules->compiled, &scan->scanner) != ERROR_SUCCESS) {
        hn_free(scan);
        return hn_fail(err, HN_NOMEM, 0, "YARA scanner");
    }
    yr_scanner_set_callback(scan->scanner, on_message, scan);
    /* Its own handlers would hide a crash as "no match". */
    yr_scanner_set_flags(scan->scanner, SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
    *ret_scan = scan;
    return HN_OK;
}

void yarascan_free(struct yarascan *scan)
{
    if (scan == NULL)
        return;
    yr_scanner_destroy(scan->scanner);
    hn_free(scan);
}

/* Without a NUL in it; cut to what fits. */
static bool set_variable(struct yarascan *scan, const char *name, struct hn_text value)
{
    char room[TEXT_ROOM];
    size_t len = 0;

    for (size_t i = 0; i < value.len && len < sizeof room - 1; i++)
        if (value.ptr[i] != '\0')
            room[len++] = value.ptr[i];
    room[len] = '\0';
    return yr_scanner_define_string_variable(scan->scanner, name, room) == ERROR_SUCCESS;
}

static enum hn_status status_of(int error, bool limited)
{
    switch (error) {
    case ERROR_SUCCESS:
        return limited ? HN_LIMIT : HN_OK;
    case ERROR_SCAN_TIMEOUT:
    case ERROR_TOO_MANY_MATCHES:
    case ERROR_TOO_MANY_RE_FIBERS:
        return HN_LIMIT;
    case ERROR_INSUFFICIENT_MEMORY:
        return HN_NOMEM;
    default:
        return HN_UNSUPPORTED;
    }
}

enum hn_status yarascan_run(struct yarascan *scan, const struct yarascan_object *object,
        unsigned seconds, yarascan_on_hit *on_hit, void *ctx, struct hn_err *err)
{
    enum hn_status status;
    int error;

    scan->on_hit = on_hit;
    scan->ctx = ctx;
    scan->limited = false;
    if (!set_variable(scan, "filename", object->name) ||
            !set_variable(scan, "filepath", object->name) ||
            !set_variable(scan, "extension", object->extension) ||
            !set_variable(scan, "filetype", object->format))
        return hn_fail(err, HN_NOMEM, 0, "YARA variables");
    yr_scanner_set_timeout(scan->scanner, seconds > 0 && seconds < 86400 ? (int)seconds : 86400);
    error = yr_scanner_scan_mem(scan->scanner, object->data.ptr, object->data.len);
    status = status_of(error, scan->limited);
    if (status == HN_OK)
        return HN_OK;
    return hn_fail(err, status, 0, "%s (%d)",
            error == ERROR_SUCCESS ? yarascan_error_text(ERROR_TOO_MANY_MATCHES)
                                   : yarascan_error_text(error),
            error);
}
