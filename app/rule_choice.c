/* rule_choice.c - filters over the meta data of rules. */
#include "app/rule_choice.h"

#include "base/mem.h"

#include <string.h>

static bool any_tag(const struct sigma_meta *meta, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < meta->tags.count; k++) {
            if (hn_text_starts_nocase(meta->tags.ptr[k], hn_text_cstr(wanted[i])))
                return true;
        }
    }
    return count == 0;
}

static bool any_status(const struct sigma_meta *meta, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sigma_rule_status_text(meta->status), wanted[i]) == 0)
            return true;
    }
    return count == 0;
}

static bool any_name(const struct sigma_meta *meta, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hn_text name = hn_text_cstr(wanted[i]);

        if (hn_text_eq_nocase(meta->id, name) || hn_text_eq_nocase(meta->name, name) ||
                hn_text_find_nocase(meta->title, name, 0) != SIZE_MAX)
            return true;
    }
    return count == 0;
}

enum sigma_level rule_choice_level(const struct opt_values *values)
{
    const char *level = opt_text(values, O_LEVEL);

    return level == NULL ? SIGMA_LEVEL_NONE : sigma_level_of(hn_text_cstr(level));
}

bool rule_choice_wants(const struct opt_values *values, const struct sigma_meta *meta)
{
    const char *const *statuses;
    const char *const *tags;
    const char *const *names;
    size_t status_count = opt_texts(values, O_STATUS, &statuses);
    size_t tag_count = opt_texts(values, O_TAG, &tags);
    size_t name_count = opt_texts(values, O_RULE, &names);
    enum sigma_level level = meta->level == SIGMA_LEVEL_NONE ? SIGMA_LEVEL_MEDIUM : meta->level;

    return level >= rule_choice_level(values) && any_status(meta, statuses, status_count) &&
           any_tag(meta, tags, tag_count) && any_name(meta, names, name_count);
}

bool *rule_choice_make(
        const struct opt_values *values, const struct sigma_set *set, uint32_t *ret_count)
{
    bool *enabled = hn_calloc(set->rule_count, sizeof *enabled);
    uint32_t count = 0;

    if (enabled == NULL)
        return NULL;
    for (uint32_t i = 0; i < set->rule_count; i++)
        enabled[i] = !set->rules[i].silent && rule_choice_wants(values, &set->rules[i].meta);
    for (uint32_t i = set->correlation_count; i-- > 0;) {
        const struct sigma_correlation *correlation = &set->correlations[i];

        if (!correlation->silent && !rule_choice_wants(values, &correlation->meta))
            continue;
        for (uint32_t k = 0; k < correlation->ref_count; k++) {
            if (!correlation->refs[k].is_correlation)
                enabled[correlation->refs[k].index] = true;
        }
    }
    for (uint32_t i = 0; i < set->rule_count; i++)
        count += enabled[i];
    *ret_count = count;
    return enabled;
}
