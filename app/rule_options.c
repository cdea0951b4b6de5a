/* rule_options.c - from option values to what rules_load() wants. */
#include "app/rule_options.h"

struct rules_options rule_options_read(const struct opt_values *values)
{
    struct rules_options rules = { .no_cache = opt_flag(values, O_RULE_NO_CACHE) };

    rules.path_count = opt_texts(values, O_RULE_PATHS, &rules.paths);
    rules.pipeline_count = opt_texts(values, O_RULE_PIPELINES, &rules.pipelines);
    rules.list_count = opt_texts(values, O_RULE_LISTS, &rules.lists);
    return rules;
}
