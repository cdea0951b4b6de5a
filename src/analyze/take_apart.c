/* take_apart.c - the loop: everything that holds something is opened, so that all string stores of
 * a document are known; then its scripts are evaluated, whose layers are objects again. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

#include <assert.h>

enum hn_status take_mark(struct take *take, uint32_t id, uint8_t done)
{
    while (take->done.count <= id) {
        uint8_t *slot = hn_vec_add(&take->done);

        if (slot == NULL)
            return HN_NOMEM;
        *slot = 0;
    }
    take->done.ptr[id] |= done;
    return HN_OK;
}

bool take_is_done(const struct take *take, uint32_t id, uint8_t done)
{
    return id < take->done.count && (take->done.ptr[id] & done) != 0;
}

void take_step(const struct take *take, uint32_t id, enum analyze_step step)
{
    if (take->options->on_step != NULL)
        take->options->on_step(take->options->ctx, take->dissect, id, step);
}

/* Formats that hold nothing that anybody would open. */
static bool is_leaf(enum dissect_format format)
{
    static const enum dissect_format leaves[] = { DISSECT_UNKNOWN, DISSECT_IMAGE,
        DISSECT_VBA_PROJECT, DISSECT_XLM };

    for (size_t i = 0; i < HN_COUNT_OF(leaves); i++)
        if (leaves[i] == format)
            return true;
    return analyze_language_of_format(format) != SCRIPT_UNKNOWN;
}

static void recognise(struct take *take, uint32_t id)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    char room[ANALYZE_EXTENSION_ROOM];
    struct hn_text extension = analyze_extension(object->name, room);
    const char *trick = analyze_name_trick(object->name);

    if (trick != NULL)
        dissect_fact(take->dissect, id, "name_trick", hn_text_cstr(trick));
    if (object->format == DISSECT_UNKNOWN)
        dissect_set_format(take->dissect, id, analyze_recognise(object->data, object->name));
    if (extension.len == 0)
        return;
    dissect_fact(take->dissect, id, "extension", extension);
    if (!analyze_extension_fits(extension, object->format)) {
        dissect_note(take->dissect, id, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                "its name ends in .%.*s, its content is %s", HN_TEXT_ARG(extension),
                dissect_format_id(object->format));
    }
}

/* What to do instead with what is known not to be opened; NULL: nothing is known. */
static const char *why_not(enum dissect_format format)
{
    static const struct {
        enum dissect_format format;
        const char *why;
    } reasons[] = {
        { DISSECT_PST, "Outlook data files (PST) are not opened: export the mails (readpst -e), "
                       "analyse those" },
        { DISSECT_WIM, "Windows images (WIM) are not opened: take the files out (7z x), analyse "
                       "those" },
        { DISSECT_ACE, "ACE archives are not opened (old WinRAR runs code of theirs, "
                       "CVE-2018-20250): take the files out (unace), analyse those" },
        { DISSECT_ARJ, "ARJ archives are not opened: take the files out (7z x), analyse those" },
        { DISSECT_ALZ, "ALZ archives are not opened: take the files out (unalz), analyse those" },
        { DISSECT_EGG, "EGG archives are not opened: take the files out (unegg), analyse those" },
        { DISSECT_DMG, "Apple disk images (DMG) are not opened: take the files out (7z x), analyse "
                       "those" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(reasons); i++)
        if (reasons[i].format == format)
            return reasons[i].why;
    return NULL;
}

static void note_unopened(struct take *take, uint32_t id)
{
    enum dissect_format format = dissect_get(take->dissect, id)->format;
    const char *why = why_not(format);

    dissect_note(take->dissect, id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE, "%s%s",
            why != NULL ? why : "nobody opens ", why != NULL ? "" : dissect_format_id(format));
}

static enum hn_status open_one(struct take *take, uint32_t id, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    enum hn_status status = take_mark(take, id, DONE_OPENED);

    if (status == HN_OK)
        status = take_identify(take, id, err);
    if (status != HN_OK)
        return status;
    recognise(take, id);
    if (analyze_opener_of(take->tables, object->format) != NULL)
        return take_open(take, id, err);
    if (!is_leaf(object->format) && object->data.len > 0)
        note_unopened(take, id);
    return HN_OK;
}

/* Opening adds objects behind those there are; the loop meets them in turn. */
static enum hn_status open_all(struct take *take, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    bool more = true;

    while (status == HN_OK && more) {
        for (uint32_t id = 0; status == HN_OK && id < dissect_count(take->dissect); id++)
            if (!take_is_done(take, id, DONE_OPENED))
                status = open_one(take, id, err);
        more = false;
        if (status == HN_OK)
            status = take_retry(take, &more, err);
    }
    return status;
}

/* The next script that nobody has evaluated; *ret_more says whether there was one. */
static enum hn_status evaluate_next(struct take *take, bool *ret_more, struct hn_err *err)
{
    *ret_more = false;
    for (uint32_t id = 0; !*ret_more && id < dissect_count(take->dissect); id++) {
        enum hn_status status;

        if (take_is_done(take, id, DONE_EVALUATED))
            continue;
        status = take_mark(take, id, DONE_EVALUATED);
        if (status == HN_OK)
            status = take_evaluate(take, id, ret_more, err);
        if (status != HN_OK)
            return status;
    }
    return HN_OK;
}

enum hn_status analyze_take_apart(
        struct dissect *dissect, const struct analyze_options *options, struct hn_err *err)
{
    static const struct analyze_options defaults;
    struct take take = { .dissect = dissect,
        .tables = &analyze_tables_all,
        .script_limits = script_limits_default,
        .options = options != NULL ? options : &defaults };
    enum hn_status status;
    bool more = true;

    assert(dissect_count(dissect) > 0);
    if (take.options->tables != NULL)
        take.tables = take.options->tables;
    if (take.options->script_limits != NULL)
        take.script_limits = *take.options->script_limits;
    status = open_all(&take, err);
    while (status == HN_OK && more) {
        status = evaluate_next(&take, &more, err);
        if (status == HN_OK && more)
            status = open_all(&take, err);
    }
    hn_vec_deinit(&take.done);
    hn_vec_deinit(&take.locked);
    return status;
}
