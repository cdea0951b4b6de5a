/* text.c - the words of the specification for levels, statuses and correlation types. */
#include "sigma/sigma.h"

static const char *const levels[] = {
#define LEVEL_TEXT(name, text) [name] = (text),
    SIGMA_LEVEL_LIST(LEVEL_TEXT)
#undef LEVEL_TEXT
};

static const char *const statuses[] = {
#define STATUS_TEXT(name, text) [name] = (text),
    SIGMA_RULE_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
};

static const char *const correlations[] = {
#define CORRELATION_TEXT(name, text) [name] = (text),
    SIGMA_CORRELATION_LIST(CORRELATION_TEXT)
#undef CORRELATION_TEXT
};

const char *sigma_level_text(enum sigma_level level)
{
    return levels[level];
}

enum sigma_level sigma_level_of(struct hn_text text)
{
    for (enum sigma_level level = SIGMA_LEVEL_CRITICAL; level > SIGMA_LEVEL_NONE; level--) {
        if (hn_text_eq_nocase(text, hn_text_cstr(levels[level])))
            return level;
    }
    return SIGMA_LEVEL_NONE;
}

const char *sigma_rule_status_text(enum sigma_rule_status status)
{
    return statuses[status];
}

const char *sigma_correlation_text(enum sigma_correlation_type type)
{
    return correlations[type];
}

struct hn_text sigma_rule_yaml(const struct sigma_set *set, const struct sigma_meta *meta)
{
    (void)set; /* owns the text */
    return meta->yaml;
}
