/* sample_seen.c - who else got it, who connected: what was found, looked for in the journal. One
 * search for all of it, newest first, within a time. */
#include "sample/sample_internal.h"

#include "base/escape.h"
#include "base/json_in.h"

#include <stdio.h>
#include <string.h>

#define TERMS_MAX    200u
#define HITS_MAX     200u
#define SHOWN_MAX    3u /* values told of one event */
#define TERM_MIN     4u
#define FREE_MIN     8u /* of names and subjects, which are words of everybody */
#define TERM_MAX     512u
#define SEARCH_BYTES ((uint64_t)8 << 30)

struct terms {
    const char *texts[TERMS_MAX];   /* as they are */
    struct hn_text json[TERMS_MAX]; /* as they stand in JSON */
    size_t count;
};

/* ---- What is looked for ---- */

static size_t shortest(const struct protect_indicator *one)
{
    bool free_text = one->kind == PROTECT_TEXT || one->what == EXTRACT_FILE;

    return free_text ? FREE_MIN : TERM_MIN;
}

/* What logs of others would show as well: no paths of one machine, no command lines. */
static bool is_telling(const struct protect_indicator *one)
{
    if (one->kind == PROTECT_TEXT)
        return one->role == PROTECT_SUBJECT;
    if (one->kind != PROTECT_EXTRACTED)
        return false;
    switch (one->what) {
    case EXTRACT_URL:
    case EXTRACT_HOST:
    case EXTRACT_IPV4:
    case EXTRACT_IPV6:
    case EXTRACT_MD5:
    case EXTRACT_SHA1:
    case EXTRACT_SHA256:
    case EXTRACT_SHA512:
    case EXTRACT_EMAIL:
        return true;
    case EXTRACT_FILE:
        return one->role == PROTECT_ATTACHMENT;
    case EXTRACT_NETWORK:
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
    case EXTRACT_REGISTRY:
    case EXTRACT_MUTEX:
    case EXTRACT_CVE:
    case EXTRACT_USER_AGENT:
    case EXTRACT_KIND_COUNT:
        break;
    }
    return false;
}

static void add_term(
        struct terms *terms, struct hn_arena *arena, struct hn_text value, size_t len_min)
{
    struct hn_buf json = { 0 };
    char *text;

    if (value.len < len_min || value.len > TERM_MAX || terms->count == TERMS_MAX ||
            memchr(value.ptr, '\0', value.len) != NULL)
        return;
    for (size_t i = 0; i < terms->count; i++) {
        if (hn_text_eq_nocase(value, hn_text_cstr(terms->texts[i])))
            return;
    }
    hn_json_string(&json, value);
    text = hn_new(arena, char, value.len + 1);
    if (text != NULL && hn_buf_ok(&json)) {
        struct hn_text quoted = hn_arena_text(arena, hn_buf_text(&json));

        memcpy(text, value.ptr, value.len);
        terms->texts[terms->count] = text;
        terms->json[terms->count] = hn_text_sub(quoted, 1, quoted.len - 2);
        if (quoted.ptr != NULL)
            terms->count++;
    }
    hn_buf_deinit(&json);
}

static void fill_terms(
        const struct samples *samples, struct sample_result *result, struct terms *terms)
{
    for (size_t i = 0; i < result->indicators.items.count; i++) {
        const struct protect_indicator *one = &result->indicators.items.ptr[i];

        if (!protect_is_usable(one, samples->options.reserved) || !is_telling(one))
            continue;
        add_term(terms, &result->arena, one->value, shortest(one));
        /* Logs of names and addresses know no more of a URL. */
        if (one->kind == PROTECT_EXTRACTED && one->what == EXTRACT_URL)
            add_term(terms, &result->arena, one->host, TERM_MIN);
    }
}

/* ---- What was found ---- */

static void read_journal(struct hn_json_in *in, struct hn_arena *arena, struct report_sighting *row)
{
    struct hn_text key;

    if (!hn_json_in_open(in, '{'))
        return;
    while (hn_json_in_member(in, arena, &key)) {
        if (hn_text_eq(key, HN_TEXT("offset")))
            (void)hn_json_in_u64(in, &row->offset);
        else if (hn_text_eq(key, HN_TEXT("index")))
            (void)hn_json_in_u64(in, &row->index);
        else if (hn_text_eq(key, HN_TEXT("source")) && hn_json_in_peek(in) == '"')
            (void)hn_json_in_text(in, arena, &row->source);
        else
            (void)hn_json_in_skip(in);
    }
}

static void read_item(struct hn_text json, struct hn_arena *arena, struct report_sighting *row)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text key;

    if (!hn_json_in_open(&in, '{'))
        return;
    while (hn_json_in_member(&in, arena, &key)) {
        bool text = hn_json_in_peek(&in) == '"';

        if (hn_text_eq(key, HN_TEXT("journal")))
            read_journal(&in, arena, row);
        else if (text && hn_text_eq(key, HN_TEXT("time")))
            (void)hn_json_in_text(&in, arena, &row->time);
        else if (text && hn_text_eq(key, HN_TEXT("host")))
            (void)hn_json_in_text(&in, arena, &row->host);
        else if (text && hn_text_eq(key, HN_TEXT("user")))
            (void)hn_json_in_text(&in, arena, &row->user);
        else
            (void)hn_json_in_skip(&in);
    }
}

static struct hn_text values_in(
        const struct terms *terms, struct hn_text json, struct hn_arena *arena)
{
    struct hn_buf values = { 0 };
    struct hn_text kept;
    unsigned shown = 0;

    for (size_t i = 0; i < terms->count && shown < SHOWN_MAX; i++) {
        if (hn_text_find_nocase(json, terms->json[i], 0) == SIZE_MAX)
            continue;
        if (shown++ > 0)
            hn_buf_add_lit(&values, ", ");
        hn_buf_add_cstr(&values, terms->texts[i]);
    }
    kept = hn_arena_text(arena, hn_buf_text(&values));
    hn_buf_deinit(&values);
    return kept;
}

static enum hn_status read_page(const struct history_page *page, const struct terms *terms,
        struct sample_result *result, struct hn_err *err)
{
    struct report_sighting *rows = hn_new(&result->arena, struct report_sighting, page->count);
    struct hn_buf list = { 0 };
    struct hn_json_in in;
    struct hn_text item;
    size_t count = 0;

    hn_buf_add_char(&list, '[');
    hn_buf_add_text(&list, hn_buf_text(&page->items));
    hn_buf_add_char(&list, ']');
    in = hn_json_in_over(hn_buf_text(&list));
    if (rows == NULL || !hn_buf_ok(&list)) {
        hn_buf_deinit(&list);
        return hn_fail(err, HN_NOMEM, 0, "hits of the journal");
    }
    (void)hn_json_in_open(&in, '[');
    while (count < page->count && hn_json_in_item(&in) && hn_json_in_raw(&in, &item)) {
        struct hn_arena scratch;

        hn_arena_init(&scratch, SAMPLE_ARENA_MAX);
        read_item(item, &scratch, &rows[count]);
        rows[count].time = hn_arena_text(&result->arena, rows[count].time);
        rows[count].host = hn_arena_text(&result->arena, rows[count].host);
        rows[count].user = hn_arena_text(&result->arena, rows[count].user);
        rows[count].source = hn_arena_text(&result->arena, rows[count].source);
        rows[count].value = values_in(terms, item, &result->arena);
        hn_arena_deinit(&scratch);
        count++;
    }
    hn_buf_deinit(&list);
    result->sightings.rows = rows;
    result->sightings.count = count;
    return hn_arena_status(&result->arena) == HN_OK
                   ? HN_OK
                   : hn_fail(err, HN_NOMEM, 0, "hits of the journal");
}

/* ---- The search ---- */

static bool is_over(void *ctx)
{
    struct samples *samples = ctx;

    if (samples->options.give_way != NULL)
        samples->options.give_way(samples->options.ctx);
    return atomic_load(&samples->ending);
}

static enum hn_status search(struct samples *samples, const struct sample_job *job,
        const struct terms *terms, struct sample_result *result, struct hn_err *err)
{
    const struct search_query query = {
        .terms = terms->texts, .term_count = terms->count, .any = true, .text = true
    };
    struct history_search ask = { .tenant = hn_text_cstr(job->tenant),
        .from = HN_TIME_NONE,
        .to = HN_TIME_NONE,
        .received_from = HN_TIME_NONE,
        .received_to = HN_TIME_NONE,
        .newest = true,
        .limit = HITS_MAX,
        .budget = { .bytes_max = SEARCH_BYTES,
                .time_max = samples->options.journal_time,
                .cancelled = is_over,
                .ctx = samples } };
    struct history_question *question = NULL;
    struct history_page page = { 0 };
    enum hn_status status = history_question_new(&query, false, &question, err);

    if (status != HN_OK)
        return status;
    ask.question = question;
    status = history_search_run(samples->options.history, &ask, &page, err);
    if (status == HN_OK)
        status = read_page(&page, terms, result, err);
    result->sightings.complete = status == HN_OK && !page.more;
    result->sightings.reached = page.reached;
    result->sightings.events = page.scanned.events;
    hn_buf_deinit(&page.items);
    history_question_free(question);
    return status;
}

enum hn_status sample_look(struct samples *samples, const struct sample_job *job,
        struct sample_result *result, struct hn_err *err)
{
    struct terms terms = { .count = 0 };
    enum hn_status status = HN_OK;

    result->looked = false;
    if (samples->options.history == NULL || samples->options.journal_time == 0)
        return HN_OK;
    result->sightings = (struct report_sightings){ .complete = true, .reached = HN_TIME_NONE };
    fill_terms(samples, result, &terms);
    if (terms.count > 0)
        status = search(samples, job, &terms, result, err);
    result->looked = status == HN_OK;
    return status;
}
