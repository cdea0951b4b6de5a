/* known_reports.c - results of several vendors as VirusTotal's API 3 writes them. Engines that
 * failed or do not know the type had no opinion and are not counted among those that were asked. */
#include "known/known_internal.h"

#include "base/enc.h"
#include "base/json_in.h"
#include "base/mem.h"

#include <stdlib.h>

#define SECONDS_MAX 9000000000u /* what fits as nanoseconds */
#define ARENA_MAX   ((size_t)512 << 20)
#define OBJECT_MAX  ((size_t)64 << 20) /* of what one file object takes while it is read */

struct reading {
    struct hn_arena arena; /* of the object at hand */
    struct known_report report;
    struct known_name names[KNOWN_ENGINES_MAX]; /* each different name once */
    size_t name_count;
    bool has_results; /* results of engines count, not the sums beside them */
    enum hn_status status;
};

/* ---- One file ---- */

static void add_name(struct reading *reading, struct hn_text text)
{
    if (text.len == 0)
        return;
    for (size_t i = 0; i < reading->name_count; i++) {
        if (hn_text_eq(reading->names[i].text, text)) {
            reading->names[i].count++;
            return;
        }
    }
    if (reading->name_count < KNOWN_ENGINES_MAX)
        reading->names[reading->name_count++] = (struct known_name){ text, 1 };
}

static void count_engine(struct reading *reading, struct hn_text category, struct hn_text result)
{
    bool bad = hn_text_eq(category, HN_TEXT("malicious"));
    bool odd = hn_text_eq(category, HN_TEXT("suspicious"));

    if (!bad && !odd && !hn_text_eq(category, HN_TEXT("undetected")) &&
            !hn_text_eq(category, HN_TEXT("harmless")))
        return;
    reading->report.engines++;
    reading->report.malicious += bad;
    reading->report.suspicious += odd;
    if (bad || odd)
        add_name(reading, result);
}

/* A text, or "" where something else (null) stands. */
static struct hn_text text_or_none(struct hn_json_in *in, struct hn_arena *arena)
{
    struct hn_text text = HN_TEXT("");

    if (hn_json_in_peek(in) == '"')
        (void)hn_json_in_text(in, arena, &text);
    else
        (void)hn_json_in_skip(in);
    return text;
}

static void read_engine(struct reading *reading, struct hn_json_in *in)
{
    struct hn_text category = HN_TEXT("");
    struct hn_text result = HN_TEXT("");
    struct hn_text key;

    if (hn_json_in_peek(in) != '{') {
        (void)hn_json_in_skip(in);
        return;
    }
    (void)hn_json_in_open(in, '{');
    while (hn_json_in_member(in, &reading->arena, &key)) {
        if (hn_text_eq(key, HN_TEXT("category")))
            category = text_or_none(in, &reading->arena);
        else if (hn_text_eq(key, HN_TEXT("result")))
            result = text_or_none(in, &reading->arena);
        else
            (void)hn_json_in_skip(in);
    }
    if (hn_json_in_ok(in))
        count_engine(reading, category, result);
}

static void read_results(struct reading *reading, struct hn_json_in *in)
{
    struct hn_text key;
    size_t count = 0;

    if (hn_json_in_peek(in) != '{') {
        (void)hn_json_in_skip(in);
        return;
    }
    reading->has_results = true;
    reading->report.engines = 0; /* sums that came first */
    reading->report.malicious = 0;
    reading->report.suspicious = 0;
    reading->name_count = 0;
    (void)hn_json_in_open(in, '{');
    while (hn_json_in_member(in, &reading->arena, &key)) {
        if (count++ < KNOWN_ENGINES_MAX)
            read_engine(reading, in);
        else
            (void)hn_json_in_skip(in);
    }
}

static uint32_t number_or_none(struct hn_json_in *in)
{
    char first = hn_json_in_peek(in);
    uint64_t value = 0;

    if (first < '0' || first > '9' || !hn_json_in_u64(in, &value)) {
        if (hn_json_in_ok(in))
            (void)hn_json_in_skip(in);
        return 0;
    }
    return value < KNOWN_ENGINES_MAX ? (uint32_t)value : KNOWN_ENGINES_MAX;
}

static void read_sums(struct reading *reading, struct hn_json_in *in)
{
    struct known_report sums = { 0 };
    struct hn_text key;

    if (hn_json_in_peek(in) != '{') {
        (void)hn_json_in_skip(in);
        return;
    }
    (void)hn_json_in_open(in, '{');
    while (hn_json_in_member(in, &reading->arena, &key)) {
        uint32_t value = number_or_none(in);

        if (hn_text_eq(key, HN_TEXT("malicious")))
            sums.malicious = value;
        else if (hn_text_eq(key, HN_TEXT("suspicious")))
            sums.suspicious = value;
        else if (!hn_text_eq(key, HN_TEXT("undetected")) && !hn_text_eq(key, HN_TEXT("harmless")))
            continue;
        sums.engines += value;
    }
    if (reading->has_results)
        return;
    reading->report.malicious = sums.malicious;
    reading->report.suspicious = sums.suspicious;
    reading->report.engines = sums.engines;
}

static void read_date(struct reading *reading, struct hn_json_in *in)
{
    char first = hn_json_in_peek(in);
    uint64_t seconds = 0;

    if (first < '0' || first > '9')
        (void)hn_json_in_skip(in);
    else if (hn_json_in_u64(in, &seconds) && seconds < SECONDS_MAX)
        reading->report.date = (hn_time)seconds * HN_SECOND;
}

static void read_attributes(struct reading *reading, struct hn_text json)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text key;

    (void)hn_json_in_open(&in, '{');
    while (hn_json_in_member(&in, &reading->arena, &key)) {
        if (hn_text_eq(key, HN_TEXT("sha256")))
            reading->report.sha256 = text_or_none(&in, &reading->arena);
        else if (hn_text_eq(key, HN_TEXT("last_analysis_date")))
            read_date(reading, &in);
        else if (hn_text_eq(key, HN_TEXT("last_analysis_results")))
            read_results(reading, &in);
        else if (hn_text_eq(key, HN_TEXT("last_analysis_stats")))
            read_sums(reading, &in);
        else
            (void)hn_json_in_skip(&in);
    }
}

static int by_count(const void *a, const void *b)
{
    const struct known_name *x = a;
    const struct known_name *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return hn_text_cmp(x->text, y->text);
}

/* In the arena, lower case; false: it is no SHA-256. */
static bool settle_digest(struct reading *reading, struct hn_text id)
{
    struct hn_text digest = reading->report.sha256.len > 0 ? reading->report.sha256 : id;
    char *copy;

    if (digest.len != 64 || !hn_is_hex(digest))
        return false;
    copy = hn_new(&reading->arena, char, digest.len);
    for (size_t i = 0; copy != NULL && i < digest.len; i++)
        copy[i] = digest.ptr[i] >= 'A' && digest.ptr[i] <= 'F' ? (char)(digest.ptr[i] + 32)
                                                               : digest.ptr[i];
    reading->report.sha256 = hn_text_of(copy, digest.len);
    return copy != NULL;
}

/* A file object, or its attributes alone. */
static bool read_object(struct reading *reading, struct hn_text json)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text attributes = json;
    struct hn_text id = HN_TEXT("");
    struct hn_text key;
    struct known_report *report = &reading->report;

    if (hn_json_in_peek(&in) != '{')
        return false;
    memset(report, 0, sizeof *report);
    reading->name_count = 0;
    reading->has_results = false;
    (void)hn_json_in_open(&in, '{');
    while (hn_json_in_member(&in, &reading->arena, &key)) {
        if (hn_text_eq(key, HN_TEXT("id")))
            id = text_or_none(&in, &reading->arena);
        else if (hn_text_eq(key, HN_TEXT("attributes")) && hn_json_in_peek(&in) == '{')
            (void)hn_json_in_raw(&in, &attributes);
        else
            (void)hn_json_in_skip(&in);
    }
    read_attributes(reading, attributes);
    if (!settle_digest(reading, id) || report->engines == 0)
        return false;
    if (reading->name_count > 1)
        qsort(reading->names, reading->name_count, sizeof *reading->names, by_count);
    report->family_of = (uint32_t)reading->name_count;
    known_vote(reading->names, reading->name_count, &reading->arena, &report->family,
            &report->family_votes);
    report->name_count =
            reading->name_count < KNOWN_NAMES_MAX ? reading->name_count : KNOWN_NAMES_MAX;
    for (size_t i = 0; i < report->name_count; i++) {
        report->names[i] = reading->names[i];
        report->names[i].text = hn_arena_text(&reading->arena, reading->names[i].text);
    }
    return true;
}

/* ---- Documents ---- */

/* What "data" holds; the document itself where it has none. */
static struct hn_text data_of(struct hn_text json, struct hn_arena *arena)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text data = json;
    struct hn_text key;

    if (hn_json_in_peek(&in) != '{')
        return json;
    (void)hn_json_in_open(&in, '{');
    while (hn_json_in_member(&in, arena, &key)) {
        char first = hn_json_in_peek(&in);

        if (hn_text_eq(key, HN_TEXT("data")) && (first == '{' || first == '['))
            (void)hn_json_in_raw(&in, &data);
        else
            (void)hn_json_in_skip(&in);
    }
    return hn_json_in_ok(&in) ? data : json;
}

static bool tell_object(
        struct reading *reading, struct hn_text json, known_on_report *on_report, void *ctx)
{
    bool found;

    hn_arena_reset(&reading->arena); /* json points into the document */
    found = read_object(reading, json);
    reading->status = hn_arena_status(&reading->arena);
    return reading->status == HN_OK && (!found || on_report(ctx, &reading->report));
}

/* A file object, or a list of them. */
static bool tell_data(
        struct reading *reading, struct hn_text json, known_on_report *on_report, void *ctx)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text item;

    if (hn_json_in_peek(&in) != '[')
        return tell_object(reading, json, on_report, ctx);
    (void)hn_json_in_open(&in, '[');
    while (hn_json_in_item(&in) && hn_json_in_raw(&in, &item))
        if (!tell_object(reading, data_of(item, &reading->arena), on_report, ctx))
            return false;
    return true;
}

static enum hn_status read_documents(struct reading *reading, struct hn_text json,
        known_on_report *on_report, void *ctx, struct hn_err *err)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text document;
    bool goes_on = true;

    while (goes_on) {
        char first = hn_json_in_peek(&in);

        if (in.pos == json.len)
            break; /* a NUL is no end: what stands behind it would be passed over */
        if ((first != '{' && first != '[') || !hn_json_in_raw(&in, &document))
            return hn_fail(err, HN_SYNTAX, in.pos, "it is no JSON of file objects");
        goes_on = tell_data(reading, data_of(document, &reading->arena), on_report, ctx);
        if (reading->status != HN_OK)
            return hn_fail(err, reading->status, in.pos, "reports of vendors: %s",
                    hn_status_text(reading->status));
    }
    return HN_OK;
}

enum hn_status known_reports_read(
        struct hn_text json, known_on_report *on_report, void *ctx, struct hn_err *err)
{
    struct reading *reading = hn_calloc(1, sizeof *reading);
    enum hn_status status;

    if (reading == NULL)
        return hn_fail(err, HN_NOMEM, 0, "reports of vendors");
    hn_arena_init(&reading->arena, OBJECT_MAX);
    status = read_documents(reading, json, on_report, ctx, err);
    hn_arena_deinit(&reading->arena);
    hn_free(reading);
    return status;
}

/* ---- Kept ---- */

void known_reports_init(struct known_reports *reports)
{
    (void)pthread_mutex_init(&reports->lock, NULL);
    hn_arena_init(&reports->arena, ARENA_MAX);
}

void known_reports_deinit(struct known_reports *reports)
{
    hn_map_deinit(&reports->by_sha256);
    hn_vec_deinit(&reports->all);
    hn_arena_deinit(&reports->arena);
    (void)pthread_mutex_destroy(&reports->lock);
}

struct adding {
    struct known_reports *reports;
    enum hn_status status;
};

/* Texts go into the arena that stays. */
static void keep(struct hn_arena *arena, struct known_report *report)
{
    report->sha256 = hn_arena_text(arena, report->sha256);
    report->family = hn_arena_text(arena, report->family);
    for (size_t i = 0; i < report->name_count; i++)
        report->names[i].text = hn_arena_text(arena, hn_text_sub(report->names[i].text, 0, 200));
}

static bool on_report(void *ctx, const struct known_report *report)
{
    struct adding *adding = ctx;
    struct known_reports *reports = adding->reports;
    uint32_t index = hn_map_find(&reports->by_sha256, report->sha256);
    struct known_report copy = *report;
    struct known_report *slot;

    keep(&reports->arena, &copy);
    adding->status = hn_arena_status(&reports->arena);
    if (adding->status == HN_OK && index != HN_MAP_NONE) {
        if (reports->all.ptr[index].date <= report->date)
            reports->all.ptr[index] = copy;
        return true;
    }
    if (reports->all.count >= KNOWN_REPORTS_MAX)
        adding->status = HN_LIMIT;
    slot = adding->status == HN_OK ? hn_vec_add(&reports->all) : NULL;
    if (slot == NULL) {
        adding->status = adding->status == HN_OK ? HN_NOMEM : adding->status;
        return false;
    }
    *slot = copy;
    if (!hn_map_put(&reports->by_sha256, copy.sha256, (uint32_t)reports->all.count - 1, &index)) {
        reports->all.count--;
        adding->status = HN_NOMEM;
    }
    return adding->status == HN_OK;
}

enum hn_status known_reports_add(
        struct known_reports *reports, struct hn_text json, struct hn_err *err)
{
    struct adding adding = { .reports = reports };
    enum hn_status status;

    (void)pthread_mutex_lock(&reports->lock);
    status = known_reports_read(json, on_report, &adding, err);
    (void)pthread_mutex_unlock(&reports->lock);
    if (status == HN_OK && adding.status != HN_OK)
        status = hn_fail(
                err, adding.status, 0, "reports of vendors: %s", hn_status_text(adding.status));
    return status;
}

bool known_reports_find(
        struct known_reports *reports, struct hn_text sha256, struct known_report *ret_report)
{
    uint32_t index;

    (void)pthread_mutex_lock(&reports->lock);
    index = hn_map_find(&reports->by_sha256, sha256);
    if (index != HN_MAP_NONE)
        *ret_report = reports->all.ptr[index]; /* its texts stay until the end */
    (void)pthread_mutex_unlock(&reports->lock);
    return index != HN_MAP_NONE;
}
