/* config_internal.h - the table's rows, and how one value of each type is read and shown. */
#ifndef HN_CONFIG_CONFIG_INTERNAL_H
#define HN_CONFIG_CONFIG_INTERNAL_H

#include "base/yaml.h"
#include "config/config.h"

enum config_type {
    CONFIG_TEXT,      /* struct hn_text */
    CONFIG_NAME,      /* struct hn_text: letters, digits, "-", "_", "." */
    CONFIG_BOOL,      /* bool */
    CONFIG_COUNT,     /* uint32_t */
    CONFIG_SIZE,      /* uint64_t, "64 MiB" */
    CONFIG_DURATION,  /* hn_time, "10s"; also ms and us */
    CONFIG_CHOICE,    /* uint32_t, position in choices from 1; 0 when it is not set */
    CONFIG_WORD,      /* struct hn_text, one of choices */
    CONFIG_ADDRESS,   /* struct config_address */
    CONFIG_ADDRESSES, /* struct config_addresses; a single one may stand without a list */
    CONFIG_TEXTS,     /* struct config_texts; the same */
    CONFIG_NETWORKS,  /* struct config_texts of addresses with prefix lengths */
    CONFIG_SECTION,   /* a struct in place */
    CONFIG_ITEMS,     /* ptr and count of structs */
};

struct config_section;

struct config_key {
    const char *name;
    enum config_type type;
    size_t offset;         /* in the section's struct */
    uint64_t min;          /* COUNT, SIZE, DURATION (ns) */
    uint64_t max;          /* 0: no bound but the type's */
    const char *choices;   /* CHOICE, WORD: "jsonl|ocsf" */
    const char *otherwise; /* the default as it would be written; NULL: empty, 0, false */
    const struct config_section *section;
    const char *help;
};

struct config_section {
    const char *name; /* for documents: "http", "sources[]" */
    const char *help;
    const struct config_key *keys;
    uint32_t key_count;
    size_t size; /* of the struct, for items */
};

extern const struct config_section config_root;

/* The outcome of reading; problems are told as they come. */
struct config_reading {
    struct hn_arena *arena;
    struct hn_text file;
    config_on_problem *on_problem;
    void *ctx;
    uint32_t problems;
    bool nomem;
};
/* ref gives the place; yaml NULL: none. */
void config_problem(struct config_reading *reading, struct hn_yaml_ref ref, const char *fmt, ...)
        HN_PRINTF(3, 4);

/* One scalar's text as a value of the key's type into its place; false with message filled in. The
 * list types add one item. */
bool config_value_read(struct hn_arena *arena, const struct config_key *key, struct hn_text text,
        void *place, char message[160]);
/* The same way back; quoted where YAML would read it otherwise. Items of lists one at a time. */
void config_value_show(const struct config_key *key, const void *place, struct hn_buf *out);
bool config_value_is_list(const struct config_key *key);
uint32_t config_value_count(const struct config_key *key, const void *place);
void config_value_show_item(
        const struct config_key *key, const void *place, uint32_t index, struct hn_buf *out);

/* Every key's default into a struct of the section. False: no memory. */
bool config_defaults(struct hn_arena *arena, const struct config_section *section, void *place);

HN_INLINE void *config_place(void *section, const struct config_key *key)
{
    return (char *)section + key->offset;
}
HN_INLINE const void *config_place_const(const void *section, const struct config_key *key)
{
    return (const char *)section + key->offset;
}

/* CONFIG_ITEMS: every such struct begins like this. */
struct config_items {
    const void *ptr;
    uint32_t count;
};

#endif
