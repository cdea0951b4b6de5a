/* alert_groups.c - alerts of a run by rule and host, with a few whole ones of each. */
#include "alert/alert_timeline.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#include <stdlib.h>

const struct alert_groups_limits alert_groups_limits_default = {
    .groups_max = 100000,
    .samples_max = 20,
    .samples_bytes_max = (size_t)64 << 20,
};

#define GROUPS_BYTES_MAX ((size_t)1 << 30)

struct alert_groups {
    struct alert_groups_limits limits;
    struct hn_arena arena;
    struct hn_map by_key;
    HN_VEC(struct alert_group *) groups;
    uint64_t totals[SIGMA_LEVEL_CRITICAL + 1];
    uint64_t overflow;
    size_t samples_bytes;
    struct alert_timeline timeline;
};

struct alert_groups *alert_groups_new(const struct alert_groups_limits *limits)
{
    struct alert_groups *groups = hn_calloc(1, sizeof *groups);

    if (groups == NULL)
        return NULL;
    groups->limits = limits == NULL ? alert_groups_limits_default : *limits;
    hn_arena_init(&groups->arena, GROUPS_BYTES_MAX);
    return groups;
}

void alert_groups_free(struct alert_groups *groups)
{
    if (groups == NULL)
        return;
    alert_timeline_deinit(&groups->timeline);
    hn_vec_deinit(&groups->groups);
    hn_map_deinit(&groups->by_key);
    hn_arena_deinit(&groups->arena);
    hn_free(groups);
}

/* Kind, rule and host as one key. */
static struct hn_text key_of(
        struct alert_groups *groups, const struct alert_brief *brief, char *room, size_t room_len)
{
    struct hn_text rule = brief->meta->id.len > 0 ? brief->meta->id : brief->title;
    size_t len = 2 + rule.len + brief->host.len;
    char *key = len <= room_len ? room : hn_arena_raw(&groups->arena, len, 1);

    if (key == NULL)
        return (struct hn_text){ NULL, 0 };
    key[0] = (char)('0' + (int)brief->kind);
    memcpy(key + 1, rule.ptr, rule.len);
    key[1 + rule.len] = '\0';
    if (brief->host.len > 0)
        memcpy(key + 2 + rule.len, brief->host.ptr, brief->host.len);
    return hn_text_of(key, len);
}

static struct alert_group *group_new(
        struct alert_groups *groups, const struct alert_brief *brief, struct hn_text key)
{
    struct alert_group *group = hn_new(&groups->arena, struct alert_group, 1);
    struct alert_group **slot;
    uint32_t index;

    if (group == NULL)
        return NULL;
    group->kind = brief->kind;
    group->meta = brief->meta;
    group->level = brief->level;
    group->title = hn_arena_text(&groups->arena, brief->title);
    group->host = hn_arena_text(&groups->arena, brief->host);
    group->first = HN_TIME_NONE;
    group->last = HN_TIME_NONE;
    group->samples = hn_new(&groups->arena, struct alert_sample, groups->limits.samples_max);
    key = hn_arena_text(&groups->arena, key);
    slot = hn_vec_add(&groups->groups);
    if (group->title.ptr == NULL || group->host.ptr == NULL || group->samples == NULL ||
            key.ptr == NULL || slot == NULL)
        return NULL;
    *slot = group;
    if (!hn_map_put(&groups->by_key, key, (uint32_t)(groups->groups.count - 1), &index)) {
        groups->groups.count--;
        return NULL;
    }
    return group;
}

static void widen(hn_time *first, hn_time *last, hn_time time)
{
    if (time == HN_TIME_NONE)
        return;
    if (*first == HN_TIME_NONE || time < *first)
        *first = time;
    if (*last == HN_TIME_NONE || time > *last)
        *last = time;
}

/* Bytes that samples of a level may fill, so that a flood of small things leaves room for what
 * matters. */
static size_t samples_room(const struct alert_groups *groups, enum sigma_level level)
{
    size_t max = groups->limits.samples_bytes_max;

    if (level >= SIGMA_LEVEL_HIGH)
        return max;
    return level == SIGMA_LEVEL_MEDIUM ? max / 4 * 3 : max / 2;
}

static void add_sample(
        struct alert_groups *groups, struct alert_group *group, const struct alert_brief *brief)
{
    size_t room = samples_room(groups, brief->level);
    struct alert_sample *sample;

    for (uint32_t i = 0; i < group->sample_count; i++) {
        sample = &group->samples[i];
        if (hn_digest_eq(sample->fold_key, brief->fold_key)) {
            sample->count++;
            widen(&sample->first, &sample->last, brief->time);
            return;
        }
    }
    if (group->sample_count == groups->limits.samples_max)
        return;
    sample = &group->samples[group->sample_count];
    sample->json = HN_TEXT("");
    if (groups->samples_bytes <= room && brief->json.len <= room - groups->samples_bytes) {
        sample->json = hn_arena_text(&groups->arena, brief->json);
        if (sample->json.ptr == NULL)
            return;
        groups->samples_bytes += brief->json.len;
    }
    group->distinct++;
    sample->fold_key = brief->fold_key;
    sample->count = 1;
    sample->first = brief->time;
    sample->last = brief->time;
    group->sample_count++;
}

enum hn_status alert_groups_add(struct alert_groups *groups, const struct alert_brief *brief)
{
    char room[256];
    struct hn_text key = key_of(groups, brief, room, sizeof room);
    struct alert_group *group;
    uint32_t index;

    groups->totals[brief->level]++;
    if (key.ptr == NULL || !alert_timeline_add(&groups->timeline, brief->time, brief->level))
        return HN_NOMEM;
    index = hn_map_find(&groups->by_key, key);
    if (index != HN_MAP_NONE) {
        group = groups->groups.ptr[index];
    } else if (groups->groups.count == groups->limits.groups_max) {
        groups->overflow++;
        return HN_OK;
    } else {
        group = group_new(groups, brief, key);
        if (group == NULL)
            return HN_NOMEM;
    }
    group->count++;
    widen(&group->first, &group->last, brief->time);
    add_sample(groups, group, brief);
    return HN_OK;
}

static int by_importance(const void *a, const void *b)
{
    const struct alert_group *x = *(const struct alert_group *const *)a;
    const struct alert_group *y = *(const struct alert_group *const *)b;
    int order;

    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    order = hn_text_cmp(x->title, y->title);
    return order != 0 ? order : hn_text_cmp(x->host, y->host);
}

const struct alert_group *const *alert_groups_sorted(
        struct alert_groups *groups, uint32_t *ret_count)
{
    struct alert_group **sorted =
            hn_new(&groups->arena, struct alert_group *, groups->groups.count);

    *ret_count = 0;
    if (sorted == NULL)
        return NULL;
    if (groups->groups.count > 0) {
        for (size_t i = 0; i < groups->groups.count; i++)
            sorted[i] = groups->groups.ptr[i];
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is what is sorted */
        qsort(sorted, groups->groups.count, sizeof *sorted, by_importance);
    }
    *ret_count = (uint32_t)groups->groups.count;
    return (const struct alert_group *const *)sorted;
}

uint64_t alert_groups_total(const struct alert_groups *groups, enum sigma_level level)
{
    return groups->totals[level];
}

uint64_t alert_groups_overflow(const struct alert_groups *groups)
{
    return groups->overflow;
}

uint64_t alert_groups_timeless(const struct alert_groups *groups)
{
    return groups->timeline.timeless;
}

const struct alert_span *alert_groups_spans(
        struct alert_groups *groups, uint32_t *ret_count, hn_time *ret_width)
{
    *ret_width = groups->timeline.width;
    return alert_timeline_sorted(&groups->timeline, &groups->arena, ret_count);
}
