/* report_model.c - the groups of a scan by rule, by host and by technique. */
#include "report/report_internal.h"

#include "base/map.h"

#include <stdlib.h>

static void widen(hn_time *first, hn_time *last, const struct alert_group *group)
{
    if (group->first == HN_TIME_NONE)
        return;
    if (*first == HN_TIME_NONE || group->first < *first)
        *first = group->first;
    if (*last == HN_TIME_NONE || group->last > *last)
        *last = group->last;
}

/* ---- Keys to numbers ---- */

/* The number of key in map, a new one where it has none. */
static bool number_of(struct hn_map *map, struct hn_text key, uint32_t *count, uint32_t *ret_number)
{
    *ret_number = hn_map_find(map, key);
    if (*ret_number != HN_MAP_NONE)
        return true;
    if (!hn_map_put(map, key, *count, ret_number))
        return false;
    (*count)++;
    return true;
}

/* Kind and identity of a rule as one key. */
static struct hn_text rule_key(struct page *page, const struct alert_group *group)
{
    struct hn_text rule = group->kind != ALERT_INDICATOR && group->meta->id.len > 0
                                  ? group->meta->id
                                  : group->title;
    char *key = hn_arena_raw(&page->arena, rule.len + 1, 1);

    if (key == NULL)
        return (struct hn_text){ NULL, 0 };
    key[0] = (char)('0' + (int)group->kind);
    if (rule.len > 0)
        memcpy(key + 1, rule.ptr, rule.len);
    return hn_text_of(key, rule.len + 1);
}

static bool number_groups(struct page *page, struct hn_map *rules, struct hn_map *hosts)
{
    struct model *model = &page->model;

    for (uint32_t i = 0; i < model->group_count; i++) {
        struct group_entry *entry = &model->groups[i];
        struct hn_text key = rule_key(page, entry->group);

        if (key.ptr == NULL || !number_of(rules, key, &model->rule_count, &entry->rule) ||
                !number_of(hosts, entry->group->host, &model->host_count, &entry->host))
            return false;
    }
    return true;
}

/* ---- Rules and hosts ---- */

/* Room for the groups of each list, given how many there will be. */
static bool lists_make(struct page *page, struct index_list *list)
{
    list->ptr = hn_new(&page->arena, uint32_t, list->count);
    list->count = 0;
    return list->ptr != NULL;
}

static bool fill_rules(struct page *page)
{
    struct model *model = &page->model;

    model->rules = hn_new(&page->arena, struct rule_entry, model->rule_count);
    if (model->rules == NULL)
        return false;
    for (uint32_t i = 0; i < model->group_count; i++)
        model->rules[model->groups[i].rule].groups.count++;
    for (uint32_t i = 0; i < model->rule_count; i++) {
        if (!lists_make(page, &model->rules[i].groups))
            return false;
    }
    for (uint32_t i = 0; i < model->group_count; i++) {
        const struct alert_group *group = model->groups[i].group;
        struct rule_entry *rule = &model->rules[model->groups[i].rule];

        if (rule->groups.count == 0) {
            rule->kind = group->kind;
            rule->meta = group->meta;
            rule->level = group->level;
            rule->title = group->title;
            rule->first = HN_TIME_NONE;
            rule->last = HN_TIME_NONE;
        }
        model->groups[i].place = rule->groups.count;
        rule->groups.ptr[rule->groups.count++] = i;
        rule->alerts += group->count;
        if (group->level > rule->level)
            rule->level = group->level;
        widen(&rule->first, &rule->last, group);
    }
    return true;
}

/* What a host's story is worth: levels count far more than numbers. */
static uint64_t weight_of(const struct alert_group *group)
{
    static const uint64_t weights[] = { 1, 1, 4, 40, 400, 4000 };

    return weights[group->level];
}

static int by_weight(const void *a, const void *b)
{
    const struct host_entry *x = a;
    const struct host_entry *y = b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return hn_text_cmp(x->name, y->name);
}

/* qsort() hands its comparison no context, so that what is compared travels with the index. */
struct step {
    hn_time first;
    enum sigma_level level;
    uint32_t index;
};

/* Without a time last; then the more important first. */
static int by_time(const void *a, const void *b)
{
    const struct step *x = a;
    const struct step *y = b;
    hn_time first_x = x->first == HN_TIME_NONE ? INT64_MAX : x->first;
    hn_time first_y = y->first == HN_TIME_NONE ? INT64_MAX : y->first;

    if (first_x != first_y)
        return first_x < first_y ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool sort_steps(struct page *page, struct index_list *list)
{
    struct step *steps = hn_new(&page->arena, struct step, list->count);

    if (steps == NULL)
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct alert_group *group = page->model.groups[list->ptr[i]].group;

        steps[i] = (struct step){ group->first, group->level, list->ptr[i] };
    }
    qsort(steps, list->count, sizeof *steps, by_time);
    for (uint32_t i = 0; i < list->count; i++)
        list->ptr[i] = steps[i].index;
    return true;
}

static bool fill_hosts(struct page *page)
{
    struct model *model = &page->model;

    model->hosts = hn_new(&page->arena, struct host_entry, model->host_count);
    if (model->hosts == NULL)
        return false;
    for (uint32_t i = 0; i < model->group_count; i++)
        model->hosts[model->groups[i].host].groups.count++;
    for (uint32_t i = 0; i < model->host_count; i++) {
        if (!lists_make(page, &model->hosts[i].groups))
            return false;
    }
    for (uint32_t i = 0; i < model->group_count; i++) {
        const struct alert_group *group = model->groups[i].group;
        struct host_entry *host = &model->hosts[model->groups[i].host];

        host->name = group->host;
        host->groups.ptr[host->groups.count++] = i;
        host->alerts += group->count;
        host->weight += weight_of(group);
        if (group->level > host->level)
            host->level = group->level;
    }
    for (uint32_t i = 0; i < model->host_count; i++) {
        if (model->hosts[i].name.len == 0)
            model->hosts[i].weight = 0; /* last: no one machine's story */
        if (!sort_steps(page, &model->hosts[i].groups))
            return false;
        model->hosts[i].first = model->groups[model->hosts[i].groups.ptr[0]].group->first;
    }
    /* Groups no longer find their host by number after this, and do not need to. */
    if (model->host_count > 0)
        qsort(model->hosts, model->host_count, sizeof *model->hosts, by_weight);
    return true;
}

/* ---- Techniques ---- */

/* The columns of a technique that a rule names. */
static uint32_t columns_of(struct hn_text technique, uint32_t tactics)
{
    uint32_t known = attack_tactics(technique);

    if ((known & tactics) != 0)
        return known & tactics;
    if (known != 0) /* the rule names tactics of its other techniques only: the earliest column */
        return known & (~known + 1);
    return tactics != 0 ? tactics : 1u << ATTACK_TACTIC_COUNT;
}

static bool add_technique(
        struct page *page, uint32_t rule, const char *id, enum attack_tactic tactic)
{
    struct model *model = &page->model;
    const struct rule_entry *entry = &model->rules[rule];
    struct technique_entry *cell;

    for (uint32_t i = 0; i < model->technique_count; i++) {
        cell = &model->techniques[i];
        if (cell->tactic != tactic || strcmp(cell->id, id) != 0)
            continue;
        cell->alerts += entry->alerts; /* rules come by importance: level and rule stay */
        return true;
    }
    if (model->technique_count % 256 == 0) {
        struct technique_entry *more =
                hn_new(&page->arena, struct technique_entry, model->technique_count + 256);

        if (more == NULL)
            return false;
        if (model->technique_count > 0)
            memcpy(more, model->techniques, model->technique_count * sizeof *more);
        model->techniques = more;
    }
    cell = &model->techniques[model->technique_count++];
    memcpy(cell->id, id, strlen(id) + 1);
    cell->tactic = tactic;
    cell->level = entry->level;
    cell->alerts = entry->alerts;
    cell->rule = rule;
    return true;
}

static bool named_before(struct sigma_texts tags, uint32_t tag)
{
    for (uint32_t i = 0; i < tag; i++) {
        if (hn_text_eq_nocase(tags.ptr[i], tags.ptr[tag]))
            return true;
    }
    return false;
}

static bool rule_techniques(struct page *page, uint32_t rule)
{
    const struct rule_entry *entry = &page->model.rules[rule];
    struct sigma_texts tags = entry->meta->tags;
    char id[ALERT_ATTACK_MAX];
    uint32_t tactics = 0;

    for (uint32_t i = 0; i < tags.count; i++) {
        if (alert_attack_tactic(tags.ptr[i], id) &&
                attack_tactic_of(hn_text_cstr(id)) < ATTACK_TACTIC_COUNT)
            tactics |= 1u << attack_tactic_of(hn_text_cstr(id));
    }
    for (uint32_t i = 0; i < tags.count; i++) {
        uint32_t columns;

        if (!alert_attack_technique(tags.ptr[i], id) || named_before(tags, i))
            continue;
        columns = columns_of(hn_text_cstr(id), tactics);
        for (unsigned k = 0; k <= ATTACK_TACTIC_COUNT; k++) {
            if ((columns >> k & 1) != 0 && !add_technique(page, rule, id, (enum attack_tactic)k))
                return false;
        }
    }
    return true;
}

static int by_column(const void *a, const void *b)
{
    const struct technique_entry *x = a;
    const struct technique_entry *y = b;

    if (x->tactic != y->tactic)
        return x->tactic < y->tactic ? -1 : 1;
    return strcmp(x->id, y->id);
}

static bool fill_techniques(struct page *page)
{
    struct model *model = &page->model;

    for (uint32_t i = 0; i < model->rule_count; i++) {
        if (model->rules[i].kind != ALERT_INDICATOR && !rule_techniques(page, i))
            return false;
    }
    if (model->technique_count > 0)
        qsort(model->techniques, model->technique_count, sizeof *model->techniques, by_column);
    return true;
}

/* ---- All of it ---- */

static bool take_groups(struct page *page)
{
    struct model *model = &page->model;
    const struct alert_group *const *sorted =
            alert_groups_sorted(page->report->groups, &model->group_count);

    model->first = HN_TIME_NONE;
    model->last = HN_TIME_NONE;
    for (unsigned i = 0; i <= SIGMA_LEVEL_CRITICAL; i++) {
        model->totals[i] = alert_groups_total(page->report->groups, (enum sigma_level)i);
        model->alerts += model->totals[i];
        if (model->totals[i] > 0)
            model->level = (enum sigma_level)i;
    }
    model->groups = hn_new(&page->arena, struct group_entry, model->group_count);
    if (sorted == NULL || model->groups == NULL)
        return false;
    for (uint32_t i = 0; i < model->group_count; i++) {
        model->groups[i].group = sorted[i];
        widen(&model->first, &model->last, sorted[i]);
    }
    return true;
}

enum hn_status report_model_make(struct page *page)
{
    struct hn_map rules = { 0 };
    struct hn_map hosts = { 0 };
    bool made = take_groups(page) && number_groups(page, &rules, &hosts) && fill_rules(page) &&
                fill_hosts(page) && fill_techniques(page);

    hn_map_deinit(&rules);
    hn_map_deinit(&hosts);
    return made ? HN_OK : HN_NOMEM;
}
