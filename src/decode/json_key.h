/* json_key.h - what keys of JSON objects turned out to be, and which key came next.
 *
 * Private to src/decode. One program writes its events with the same keys in the same order, so
 * that the next key is nearly always the one that followed last time: one comparison instead of a
 * look-up in the schema. It is compared in full; a stream with keys at random is only slower.
 * Life: as long as the walker, for one schema.
 * Concurrency: serves one thread at a time.
 * Limits: JSON_KEY_SLOTS keys of at most JSON_KEY_BYTES_MAX bytes; others are looked up. */
#ifndef HN_DECODE_JSON_KEY_H
#define HN_DECODE_JSON_KEY_H

#include "event/event.h"

#define JSON_KEY_SLOTS     1024u
#define JSON_KEY_BYTES_MAX 51u
#define JSON_KEY_STEPS     8192u

struct json_key {
    hn_node node; /* what hn_schema_child() said */
    hn_field field;
    hn_node parent;
    uint8_t len; /* 0: empty */
    char name[JSON_KEY_BYTES_MAX];
};

/* A key after certain others: events of several kinds share keys, but not what follows. */
struct json_step {
    uint16_t key;  /* in keys */
    uint16_t next; /* the step that came after this last time */
};

struct json_keys {
    struct json_key keys[JSON_KEY_SLOTS];
    struct json_step steps[JSON_KEY_STEPS + 1]; /* the last: before the first key */
    uint32_t at;                                /* the step of the key before */
};

HN_INLINE void json_keys_restart(struct json_keys *keys)
{
    keys->at = JSON_KEY_STEPS;
}

/* A key that is not the one expected: looked up, and expected here from now on. NULL: not of the
 * kind that is remembered. */
const struct json_key *json_key_learn(struct json_keys *keys, const struct hn_schema *schema,
        hn_node parent, struct hn_text name);

HN_INLINE uint64_t json_key_load(const char *p, size_t len)
{
    uint64_t word = 0;

    memcpy(&word, p, len);
    return word;
}

HN_INLINE bool json_key_same(const char *a, const char *b, size_t len)
{
    if (len >= 8) {
        for (size_t i = 0; i + 8 < len; i += 8) {
            if (json_key_load(a + i, 8) != json_key_load(b + i, 8))
                return false;
        }
        return json_key_load(a + len - 8, 8) == json_key_load(b + len - 8, 8);
    }
    return memcmp(a, b, len) == 0;
}

HN_INLINE bool json_key_is(const struct json_key *key, hn_node parent, struct hn_text name)
{
    return key->len == name.len && key->parent == parent &&
           json_key_same(key->name, name.ptr, name.len);
}

/* The key name under parent, as expected or looked up; NULL as above. */
HN_INLINE const struct json_key *json_key_find(
        struct json_keys *keys, const struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    uint32_t next = keys->steps[keys->at].next;
    const struct json_key *key = &keys->keys[keys->steps[next].key];

    if (HN_UNLIKELY(name.len == 0 || !json_key_is(key, parent, name)))
        return json_key_learn(keys, schema, parent, name);
    keys->at = next;
    return key;
}

#endif
