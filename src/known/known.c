/* known.c - opens what was asked for, and asks all of it about the objects of a tree. */
#include "known/known_internal.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>

#define CLAMD_MS 20000

/* ---- Opening ---- */

static void problem(const struct known_options *options, const char *what, const struct hn_err *err)
{
    if (options->on_problem != NULL)
        options->on_problem(options->ctx, what, err);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static enum hn_status open_lists(
        struct known *known, const struct known_options *options, bool good, struct hn_err *err)
{
    const char *const *paths = good ? options->good : options->bad;
    size_t count = good ? options->good_count : options->bad_count;

    for (size_t i = 0; i < count; i++) {
        struct known_list *list = &known->lists[known->list_count];
        struct hn_err why = { 0 };
        enum hn_status status;

        if (known->list_count == KNOWN_LISTS_MAX)
            return hn_fail(err, HN_LIMIT, 0, "more than %u lists of digests", KNOWN_LISTS_MAX);
        status = hashlist_open(paths[i], options->cache_dir, &list->list, &why);
        if (status == HN_NOMEM)
            return hn_fail(err, status, 0, "lists of digests");
        if (status != HN_OK) {
            problem(options, paths[i], &why);
            continue;
        }
        list->good = good;
        (void)snprintf(list->name, sizeof list->name, "%s", base_name(paths[i]));
        known->list_count++;
    }
    return HN_OK;
}

static enum hn_status open_reports(
        struct known *known, const struct known_options *options, struct hn_err *err)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const char *path = options->reports[i];
        const char *name = base_name(path);
        struct hn_buf dir = { 0 };
        struct hn_buf text = { 0 };
        struct hn_err why = { 0 };
        enum hn_status status = HN_NOMEM;

        hn_buf_add(&dir, path, (size_t)(name - path));
        hn_buf_add_lit(&dir, ".");
        hn_buf_add_char(&dir, '\0');
        if (hn_buf_ok(&dir))
            status = hn_file_read_whole(dir.ptr, name, KNOWN_FILE_MAX, &text, &why);
        if (status == HN_OK)
            status = known_reports_add(&known->reports, hn_buf_text(&text), &why);
        hn_buf_deinit(&text);
        hn_buf_deinit(&dir);
        if (status == HN_NOMEM)
            return hn_fail(err, status, 0, "reports of vendors");
        if (status == HN_NOTFOUND)
            (void)hn_fail(&why, status, 0, "it is not there");
        if (status != HN_OK)
            problem(options, path, &why);
    }
    return HN_OK;
}

/* A daemon that is away is told now, and with every sample. */
static enum hn_status open_clamd(
        struct known *known, const struct known_options *options, struct hn_err *err)
{
    struct hn_buf reply = { 0 };
    struct hn_err why = { 0 };
    enum hn_status status;

    if (options->clamd == NULL)
        return HN_OK;
    status = known_clamd_init(&known->clamd, options->clamd,
            options->clamd_ms > 0 ? options->clamd_ms : CLAMD_MS, err);
    if (status != HN_OK)
        return status;
    known->has_clamd = true;
    if (known_clamd_ask(&known->clamd, "zVERSION", known_now_ms() + known->clamd.timeout_ms, &reply,
                &why) != HN_OK) {
        problem(options, options->clamd, &why);
    } else {
        (void)snprintf(known->clamd.version, sizeof known->clamd.version, "%.*s",
                HN_TEXT_ARG(hn_text_trim(hn_buf_text(&reply))));
    }
    hn_buf_deinit(&reply);
    return HN_OK;
}

enum hn_status known_open(
        const struct known_options *options, struct known **ret_known, struct hn_err *err)
{
    struct known *known = hn_calloc(1, sizeof *known);
    enum hn_status status;

    if (known == NULL)
        return hn_fail(err, HN_NOMEM, 0, "what is known");
    known_reports_init(&known->reports);
    known->now = options->now;
    status = open_lists(known, options, true, err);
    if (status == HN_OK)
        status = open_lists(known, options, false, err);
    if (status == HN_OK)
        status = open_reports(known, options, err);
    if (status == HN_OK)
        status = open_clamd(known, options, err);
    if (status == HN_OK && options->key != NULL) {
        status = known_service_open(options->key,
                options->service_url != NULL ? options->service_url : KNOWN_SERVICE_URL,
                &known->service, err);
    }
    if (status != HN_OK) {
        known_close(known);
        return status;
    }
    *ret_known = known;
    return HN_OK;
}

void known_close(struct known *known)
{
    if (known == NULL)
        return;
    for (size_t i = 0; i < known->list_count; i++)
        hashlist_close(known->lists[i].list);
    known_reports_deinit(&known->reports);
    known_service_close(known->service);
    hn_free(known);
}

/* ---- Looking ---- */

struct hn_text known_fact(const struct dissect_object *object, const char *name)
{
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next)
        if (strcmp(fact->name, name) == 0)
            return fact->value;
    return HN_TEXT("");
}

void known_add_age(struct hn_buf *out, hn_time then, hn_time now)
{
    char text[HN_TIME_TEXT_MAX];
    size_t len = hn_time_write(then, 0, text);

    hn_buf_add(out, text, len < 10 ? len : 10);
    if (now >= then)
        hn_buf_addf(out, ", %llu days old", (unsigned long long)((now - then) / KNOWN_DAY));
}

/* In an empty file there is nothing to know, and every list has it. */
static bool is_empty(const struct dissect_object *object)
{
    return hn_text_eq(known_fact(object, "size"), HN_TEXT("0"));
}

void known_look(struct known *known, struct dissect *dissect)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        if (!is_empty(dissect_get(dissect, id)))
            known_look_lists(known, dissect, id);
    if (known->service != NULL)
        known_look_service(known, dissect);
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        if (!is_empty(dissect_get(dissect, id)))
            known_look_reports(known, dissect, id);
    if (known->has_clamd)
        known_look_clamd(known, dissect);
}
