/* judge_correlation.c - what a correlator has found, as an alert. */
#include "judge/judge_internal.h"

static struct hn_text ref_title(
        const struct sigma_set *set, const struct sigma_correlation *correlation, uint32_t input)
{
    const struct sigma_ref *ref = &correlation->refs[input];

    return ref->is_correlation ? set->correlations[ref->index].meta.title
                               : set->rules[ref->index].meta.title;
}

/* The host (and user) that a correlation is about, where it is grouped by one. */
static void correlation_host(struct alert *alert)
{
    struct hn_text client = { NULL, 0 };

    for (uint32_t i = 0; i < alert->group_by.count; i++) {
        struct hn_text value = alert->group_key[i];

        switch (hn_name_context(alert->group_by.ptr[i])) {
        case HN_CONTEXT_HOST:
            alert->host = value;
            break;
        case HN_CONTEXT_CLIENT:
            client = value;
            break;
        case HN_CONTEXT_USER:
            alert->user = value;
            break;
        case HN_CONTEXT_NONE:
            break;
        }
    }
    if (alert->host.len == 0)
        alert->host = client;
}

bool judge_correlation(const struct judge_set *judge_set, const struct correlate_result *result,
        const struct judge_finder *finder, struct alert_writer *writer, struct hn_buf *line,
        struct judge_alert *ret_alert)
{
    const struct sigma_set *set = match_set(judge_set->snapshot);
    const struct sigma_correlation *correlation = &set->correlations[result->correlation];
    struct alert alert = { .kind = ALERT_CORRELATION, .meta = &correlation->meta };
    struct alert_part parts[CORRELATE_PARTS_MAX];
    struct judge_where where;
    size_t start = line->len;

    if (result->event != CORRELATE_FIRED || correlation->silent ||
            result->level < judge_set->level_min)
        return false;
    where = finder->find(finder->ctx, result->order, result->ref);
    for (uint32_t i = 0; i < result->part_count; i++) {
        const struct correlate_part *part = &result->parts[i];
        struct judge_where place = finder->find(finder->ctx, part->order, part->ref);

        parts[i] = (struct alert_part){ .time = part->time,
            .rule = ref_title(set, correlation, part->input),
            .file = place.file,
            .offset = place.offset,
            .line = place.line };
    }
    alert.number = result->correlation;
    alert.level = result->level == SIGMA_LEVEL_NONE ? SIGMA_LEVEL_MEDIUM : result->level;
    alert.id = result->id;
    alert.time = result->time;
    alert.file = where.file;
    alert.offset = where.offset;
    alert.line = where.line;
    alert.group_by = correlation->group_by;
    alert.group_key = result->key;
    alert.window_start = result->start;
    alert.window_end = result->end;
    alert.measured = result->value;
    alert.total = result->total;
    alert.parts = parts;
    alert.part_count = result->part_count;
    correlation_host(&alert);
    alert.fold_key = alert_fold_key(&alert);
    alert_write(writer, &alert, line);
    *ret_alert = (struct judge_alert){
        .id = alert.id, .user = alert.user, .line = hn_text_of(line->ptr + start, line->len - start)
    };
    ret_alert->brief.kind = ALERT_CORRELATION;
    ret_alert->brief.meta = alert.meta;
    ret_alert->brief.level = alert.level;
    ret_alert->brief.time = alert.time;
    ret_alert->brief.title = alert.meta->title;
    ret_alert->brief.host = alert.host;
    ret_alert->brief.fold_key = alert.fold_key;
    return true;
}
