/* json_key.c - the keys behind json_key.h. Both tables are direct-mapped: what comes later wins. */
#include "decode/json_key.h"

#include "base/hash.h"

const struct json_key *json_key_learn(
        struct json_keys *keys, const struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    uint32_t slot;
    uint32_t step;
    struct json_key *key;

    if (name.len == 0 || name.len > JSON_KEY_BYTES_MAX)
        return NULL;
    slot = (uint32_t)(hn_hash_text(name, parent) % JSON_KEY_SLOTS);
    key = &keys->keys[slot];
    if (!json_key_is(key, parent, name)) {
        key->node = hn_schema_child(schema, parent, name);
        key->field =
                key->node == HN_NODE_NONE ? HN_FIELD_NONE : hn_schema_node_field(schema, key->node);
        key->parent = parent;
        key->len = (uint8_t)name.len;
        memcpy(key->name, name.ptr, name.len);
    }
    step = (uint32_t)(hn_mix64((uint64_t)keys->at << 32 | slot) % JSON_KEY_STEPS);
    keys->steps[step].key = (uint16_t)slot;
    keys->steps[keys->at].next = (uint16_t)step;
    keys->at = step;
    return key;
}
