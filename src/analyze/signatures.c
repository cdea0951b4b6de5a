/* signatures.c - objects held against YARA rules, after all that is in the sample is known: layers
 * of scripts and what was decrypted are objects like others. Facts tell rules of Sigma which YARA
 * rule fitted and where (docs/analysis-facts.md); what that means is in rules/analysis/. */
#include "analyze/analyze_internal.h"

#include <ctype.h>
#include <time.h>

#define HITS_MAX      16u /* of one object */
#define EVIDENCE_ROOM 1024

struct signatures {
    struct dissect *dissect;
    const struct analyze_options *options; /* may be NULL */
    struct yarascan *scan;
    uint64_t end_ms;
    uint32_t id;   /* the object at hand */
    uint32_t hits; /* of it */
};

static uint64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* "$a at 0x1f0, $b at 0x4a0, 7 in all; what the author says of it" */
static void add_evidence(struct hn_buf *out, const struct yarascan_hit *hit)
{
    for (size_t i = 0; i < hit->place_count; i++)
        hn_buf_addf(out, "%s%s at 0x%llx", i > 0 ? ", " : "", hit->places[i].string,
                (unsigned long long)hit->places[i].offset);
    if (hit->match_count > hit->place_count)
        hn_buf_addf(out, ", %u in all", (unsigned)hit->match_count);
    if (hit->description[0] != '\0')
        hn_buf_addf(out, "%s%.300s", hit->place_count > 0 ? "; " : "", hit->description);
}

static void on_hit(void *ctx, const struct yarascan_hit *hit)
{
    struct signatures *all = ctx;
    char room[EVIDENCE_ROOM];
    struct hn_buf line = hn_buf_over(room, sizeof room);
    size_t head;

    if (all->hits++ >= HITS_MAX) {
        if (all->hits == HITS_MAX + 1)
            dissect_note(all->dissect, all->id, DISSECT_NOTE_SIGNATURE, DISSECT_NOWHERE,
                    "further YARA rules fit");
        return;
    }
    hn_buf_addf(&line, "%.128s: ", hit->rule);
    head = line.len;
    add_evidence(&line, hit);
    if (line.len == head)
        line.len = head - 2; /* a rule without strings */
    dissect_known(all->dissect, all->id, "yara_rule", hn_text_cstr(hit->rule));
    dissect_known(all->dissect, all->id, yarascan_level_id(hit->level), hn_buf_text(&line));
    if (hit->family[0] != '\0')
        dissect_known(all->dissect, all->id, "yara_family", hn_text_cstr(hit->family));
    for (size_t i = 0; i < hit->tag_count && i < 3; i++)
        dissect_known(all->dissect, all->id, "yara_tag", hn_text_cstr(hit->tags[i]));
    dissect_note(all->dissect, all->id, DISSECT_NOTE_SIGNATURE,
            hit->place_count > 0 ? hit->places[0].offset : DISSECT_NOWHERE, "YARA %.*s",
            HN_TEXT_ARG(hn_buf_text(&line)));
}

/* As collections of rules know these variables: ".exe", "EXE". */
static struct hn_text file_type(enum dissect_format format, char room[32])
{
    const char *id = format == DISSECT_PE ? "exe" : dissect_format_id(format);
    size_t len = 0;

    for (; id[len] != '\0' && len < 32; len++)
        room[len] = (char)toupper((unsigned char)id[len]);
    return hn_text_of(room, len);
}

static enum hn_status scan_one(struct signatures *all, unsigned seconds, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(all->dissect, all->id);
    char extension_room[ANALYZE_EXTENSION_ROOM];
    char dotted[ANALYZE_EXTENSION_ROOM + 1] = ".";
    char type_room[32];
    struct hn_text extension = analyze_extension(object->name, extension_room);
    struct yarascan_object subject = {
        .data = object->data, .name = object->name, .format = file_type(object->format, type_room)
    };
    struct hn_err why = { 0 };
    enum hn_status status;

    if (extension.len > 0) {
        memcpy(dotted + 1, extension.ptr, extension.len);
        subject.extension = hn_text_of(dotted, extension.len + 1);
    }
    all->hits = 0;
    status = yarascan_run(all->scan, &subject, seconds, on_hit, all, &why);
    if (status == HN_NOMEM)
        return hn_fail(err, status, 0, "%s", why.msg);
    if (status == HN_LIMIT && now_ms() >= all->end_ms) {
        dissect_note(all->dissect, all->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "yara_seconds: it was held against YARA rules in part");
    } else if (status != HN_OK) {
        dissect_note(all->dissect, all->id, DISSECT_NOTE_UNCHECKED, DISSECT_NOWHERE,
                "YARA rules, in part: %s", why.msg);
    }
    return HN_OK;
}

static enum hn_status scan_all(struct signatures *all, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (all->id = 0; status == HN_OK && all->id < dissect_count(all->dissect); all->id++) {
        uint64_t now = now_ms();

        if (dissect_get(all->dissect, all->id)->data.len == 0)
            continue;
        if (now >= all->end_ms) {
            dissect_note(all->dissect, all->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "yara_seconds: from here on nothing was held against YARA rules");
            break;
        }
        if (all->options != NULL && all->options->on_step != NULL)
            all->options->on_step(all->options->ctx, all->dissect, all->id, ANALYZE_STEP_SCAN);
        status = scan_one(all, (unsigned)((all->end_ms - now + 999) / 1000), err);
    }
    return status;
}

enum hn_status analyze_signatures(struct dissect *dissect, const struct yarascan_rules *rules,
        uint64_t seconds, const struct analyze_options *options, struct hn_err *err)
{
    struct signatures all = { .dissect = dissect,
        .options = options,
        .end_ms = now_ms() + (seconds < 86400 ? seconds : 86400) * 1000 };
    enum hn_status status = yarascan_new(rules, &all.scan, err);

    if (status == HN_OK)
        status = scan_all(&all, err);
    yarascan_free(all.scan);
    return status;
}
