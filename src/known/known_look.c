/* known_look.c - what lists, reports and clamd say of objects, as facts and notes. */
#include "known/known_internal.h"

#include <stdio.h>

#define VALUE_ROOM 512

/* ---- Lists of digests ---- */

/* "NSRLFile.txt (sha1), of 2026-10-01, 53 days old" */
static void tell_list(const struct known *known, const struct known_list *list,
        struct dissect *dissect, uint32_t id, const char *digest)
{
    char room[VALUE_ROOM];
    struct hn_buf value = hn_buf_over(room, sizeof room);
    hn_time time = (hn_time)hashlist_info(list->list)->source_time * HN_SECOND;

    hn_buf_addf(&value, "%s (%s), of ", list->name, digest);
    known_add_age(&value, time, known->now);
    dissect_known(dissect, id, list->good ? "known_good" : "known_bad", hn_buf_text(&value));
    dissect_known(dissect, id, list->good ? "known_good_by" : "known_bad_by", hn_text_cstr(digest));
}

void known_look_lists(const struct known *known, struct dissect *dissect, uint32_t id)
{
    static const char *const names[] = { "sha256", "file_sha256", "sha1", "md5" };

    for (size_t i = 0; i < known->list_count; i++) {
        const struct known_list *list = &known->lists[i];

        for (size_t k = 0; k < HN_COUNT_OF(names); k++) {
            struct hashlist_digest digest;

            /* The strongest that is in it says enough. */
            if (hashlist_digest_of(known_fact(dissect_get(dissect, id), names[k]), &digest) &&
                    hashlist_has(list->list, &digest)) {
                tell_list(known, list, dissect, id, hashlist_kind_id(digest.kind));
                break;
            }
        }
    }
}

/* ---- Reports of vendors ---- */

static void add_u64(struct dissect *dissect, uint32_t id, const char *name, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);

    dissect_known(dissect, id, name, hn_text_of(digits, (size_t)len));
}

static void tell_report(const struct known *known, const struct known_report *report,
        struct dissect *dissect, uint32_t id)
{
    char room[VALUE_ROOM];
    struct hn_buf value = hn_buf_over(room, sizeof room);
    struct hn_text family = hn_text_sub(report->family, 0, 32);

    hn_buf_addf(&value, "%u of %u engines", (unsigned)report->malicious, (unsigned)report->engines);
    if (report->family_votes > 0)
        hn_buf_addf(&value, ", %.*s in %u of %u names", HN_TEXT_ARG(family),
                (unsigned)report->family_votes, (unsigned)report->family_of);
    if (report->date > 0) {
        hn_buf_add_lit(&value, ", on ");
        known_add_age(&value, report->date, known->now);
    }
    dissect_known(dissect, id, "vt_consensus", hn_buf_text(&value));
    add_u64(dissect, id, "vt_malicious", report->malicious);
    add_u64(dissect, id, "vt_suspicious", report->suspicious);
    add_u64(dissect, id, "vt_engines", report->engines);
    add_u64(dissect, id, "vt_percent", (uint64_t)report->malicious * 100 / report->engines);
    if (report->date > 0 && known->now >= report->date)
        add_u64(dissect, id, "vt_age_days", (uint64_t)((known->now - report->date) / KNOWN_DAY));
    if (report->family_votes > 0)
        dissect_known(dissect, id, "vt_family", family);
    for (size_t i = 0; i < report->name_count; i++)
        dissect_known(dissect, id, "vt_name", report->names[i].text);
}

void known_look_reports(struct known *known, struct dissect *dissect, uint32_t id)
{
    static const char *const names[] = { "sha256", "file_sha256" };
    struct known_report report;

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (known_reports_find(
                    &known->reports, known_fact(dissect_get(dissect, id), names[i]), &report)) {
            tell_report(known, &report, dissect, id);
            return;
        }
    }
}

/* ---- The service ---- */

/* A file that others may have as well; a mail is its receiver's alone. */
static bool is_worth_asking(const struct dissect_object *object)
{
    static const char *const categories[] = { "document", "archive", "script", "shortcut",
        "program" };
    const char *category = dissect_format_category(object->format);

    if (object->parent != DISSECT_NONE && strcmp(object->relation, "attachment") != 0 &&
            strcmp(object->relation, "entry") != 0)
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(categories); i++)
        if (strcmp(category, categories[i]) == 0)
            return true;
    return false;
}

/* False: the service is not to be asked for more of this sample. */
static bool ask_for(struct known *known, struct dissect *dissect, uint32_t id)
{
    struct hn_text sha256 = known_fact(dissect_get(dissect, id), "sha256");
    struct known_report there;
    struct hn_buf answer = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status;

    if (sha256.len != 64 || known_reports_find(&known->reports, sha256, &there))
        return true;
    hn_buf_init(&answer, KNOWN_FILE_MAX);
    status = known_service_ask(known->service, sha256, &answer, &err);
    if (status == HN_OK)
        status = known_reports_add(&known->reports, hn_buf_text(&answer), &err);
    hn_buf_deinit(&answer);
    if (status == HN_NOTFOUND)
        dissect_known(dissect, id, "vt_consensus", HN_TEXT("nobody has sent it in"));
    else if (status != HN_OK)
        dissect_note(dissect, id, DISSECT_NOTE_UNCHECKED, DISSECT_NOWHERE, "results of vendors: %s",
                err.msg);
    return status == HN_OK || status == HN_NOTFOUND;
}

void known_look_service(struct known *known, struct dissect *dissect)
{
    uint32_t asked = 0;

    for (uint32_t id = 0; id < dissect_count(dissect) && asked < KNOWN_ASKED_MAX; id++) {
        if (!is_worth_asking(dissect_get(dissect, id)))
            continue;
        asked++;
        if (!ask_for(known, dissect, id))
            return;
    }
}

/* ---- clamd ---- */

struct scanning {
    const struct known *known;
    struct dissect *dissect;
    int64_t end_ms;
    uint32_t objects;
    size_t bytes;
};

/* The bytes were there before, under another name. */
static bool is_double(const struct dissect *dissect, uint32_t id)
{
    struct hn_text sha256 = known_fact(dissect_get(dissect, id), "sha256");

    for (uint32_t i = 0; i < id; i++)
        if (hn_text_eq(known_fact(dissect_get(dissect, i), "sha256"), sha256))
            return true;
    return false;
}

/* False: clamd is not to be asked for more of this sample. */
static bool scan_one(struct scanning *scanning, uint32_t id)
{
    struct hn_bytes data = dissect_get(scanning->dissect, id)->data;
    struct known_clamd_reply reply = { KNOWN_CLAMD_ERROR, HN_TEXT("it says something else") };
    struct hn_buf line = { 0 };
    struct hn_err err = { 0 };

    if (known_clamd_scan(&scanning->known->clamd, data, scanning->end_ms, &line, &err) != HN_OK) {
        dissect_note(scanning->dissect, id, DISSECT_NOTE_UNCHECKED, DISSECT_NOWHERE, "%s", err.msg);
        hn_buf_deinit(&line);
        return false;
    }
    (void)known_clamd_reply_read(hn_buf_text(&line), &reply);
    if (reply.kind == KNOWN_CLAMD_FOUND) {
        dissect_known(scanning->dissect, id, "clamav", reply.text);
        dissect_note(scanning->dissect, id, DISSECT_NOTE_SIGNATURE, DISSECT_NOWHERE, "ClamAV %.*s",
                HN_TEXT_ARG(hn_text_sub(reply.text, 0, 200)));
    } else if (reply.kind == KNOWN_CLAMD_ERROR) {
        dissect_note(scanning->dissect, id, DISSECT_NOTE_UNCHECKED, DISSECT_NOWHERE, "clamd: %.*s",
                HN_TEXT_ARG(hn_text_sub(reply.text, 0, 200)));
    }
    hn_buf_deinit(&line);
    return true;
}

void known_look_clamd(const struct known *known, struct dissect *dissect)
{
    struct scanning scanning = {
        .known = known, .dissect = dissect, .end_ms = known_now_ms() + known->clamd.timeout_ms
    };
    uint32_t left_out = 0;
    bool goes_on = true;

    for (uint32_t id = 0; id < dissect_count(dissect) && goes_on; id++) {
        size_t len = dissect_get(dissect, id)->data.len;

        if (len == 0 || is_double(dissect, id))
            continue;
        if (scanning.objects >= KNOWN_OBJECTS_MAX || len > KNOWN_BYTES_MAX - scanning.bytes) {
            left_out++;
            continue;
        }
        scanning.objects++;
        scanning.bytes += len;
        goes_on = scan_one(&scanning, id);
    }
    if (known->clamd.version[0] != '\0')
        dissect_known(dissect, 0, "clamav_version", hn_text_cstr(known->clamd.version));
    if (left_out > 0)
        add_u64(dissect, 0, "clamav_left_out", left_out);
}
