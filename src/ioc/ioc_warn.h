/* ioc_warn.h - what the warning lists of a builder are kept as, until they are applied. */
#ifndef HN_IOC_IOC_WARN_H
#define HN_IOC_IOC_WARN_H

#include "ioc/ioc_internal.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct warn_list {
    uint32_t name;  /* text number */
    uint32_t types; /* bit n: applies to enum ioc_type n */
    enum ioc_warn_use use;
    bool informs; /* tells something about a value, but not that it is harmless */
};

/* An entry under a key; several lists may have the same. */
struct warn_entry {
    uint32_t list;
    uint32_t next; /* IOC_NONE: the last */
};

struct warn_substring {
    struct hn_text text; /* folded */
    uint32_t list;
    uint32_t next; /* with the same first WARN_GRAM bytes */
};

struct warn_regex {
    pcre2_code *code;
    uint32_t list;
};

/* Keys end with a mark of two bytes, so that the parents of a host are its tails. */
#define WARN_MARK_LEN  2
#define WARN_MARK_HOST '\x01'
#define WARN_MARK_CIDR '\x02'
#define WARN_MARK_SAME '\x10' /* plus the type */
#define WARN_GRAM      4

struct ioc_warnlists {
    struct hn_arena arena; /* keys */
    struct hn_map keys;    /* to the first of entries */
    struct hn_map grams;   /* to the first of substrings */
    HN_VEC(struct warn_list) lists;
    HN_VEC(struct warn_entry) entries;
    HN_VEC(struct warn_substring) substrings;
    HN_VEC(struct warn_regex) regexes;
    pcre2_match_data *match_data;
    pcre2_match_context *match_context;
    uint64_t cidr_lengths[3];
};

#endif
