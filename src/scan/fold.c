/* fold.c - counting repeats of alerts. */
#include "scan/fold.h"

#include "base/buf.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "base/vec.h"

struct folded {
    struct hn_digest key;
    uint64_t count;
    hn_time first;
    hn_time last;
};

struct fold {
    HN_VEC(struct folded) keys;
    uint32_t *slots; /* index into keys + 1; 0: empty */
    uint32_t mask;
};

struct fold *fold_new(void)
{
    struct fold *fold = hn_calloc(1, sizeof *fold);

    if (fold == NULL)
        return NULL;
    fold->mask = 4095;
    fold->slots = hn_calloc((size_t)fold->mask + 1, sizeof *fold->slots);
    if (fold->slots == NULL) {
        hn_free(fold);
        return NULL;
    }
    return fold;
}

void fold_free(struct fold *fold)
{
    if (fold == NULL)
        return;
    hn_vec_deinit(&fold->keys);
    hn_free(fold->slots);
    hn_free(fold);
}

static uint32_t *slot_of(const struct fold *fold, struct hn_digest key)
{
    uint32_t pos = (uint32_t)(key.low ^ hn_hash_seed()) & fold->mask;

    while (fold->slots[pos] != 0 && !hn_digest_eq(fold->keys.ptr[fold->slots[pos] - 1].key, key))
        pos = (pos + 1) & fold->mask;
    return &fold->slots[pos];
}

static bool grow(struct fold *fold)
{
    uint32_t *old = fold->slots;
    uint32_t *slots = hn_calloc(((size_t)fold->mask + 1) * 2, sizeof *slots);

    if (slots == NULL)
        return false;
    fold->slots = slots;
    fold->mask = fold->mask * 2 + 1;
    for (size_t i = 0; i < fold->keys.count; i++)
        *slot_of(fold, fold->keys.ptr[i].key) = (uint32_t)i + 1;
    hn_free(old);
    return true;
}

static void widen(struct folded *folded, hn_time time)
{
    if (time == HN_TIME_NONE)
        return;
    if (folded->first == HN_TIME_NONE || time < folded->first)
        folded->first = time;
    if (folded->last == HN_TIME_NONE || time > folded->last)
        folded->last = time;
}

bool fold_is_repeat(struct fold *fold, struct hn_digest key, hn_time time)
{
    uint32_t *slot = slot_of(fold, key);
    struct folded *folded;

    if (*slot != 0) {
        folded = &fold->keys.ptr[*slot - 1];
        folded->count++;
        widen(folded, time);
        return true;
    }
    if (fold->keys.count == FOLD_KEYS_MAX)
        return false;
    if ((fold->keys.count + 1) * 2 > fold->mask) {
        if (!grow(fold))
            return false;
        slot = slot_of(fold, key);
    }
    folded = hn_vec_add(&fold->keys);
    if (folded == NULL)
        return false;
    folded->key = key;
    folded->count = 1;
    folded->first = time;
    folded->last = time;
    *slot = (uint32_t)fold->keys.count;
    return false;
}

static void time_pair(
        struct hn_json_out *out, struct hn_text key, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];

    hn_json_key(out, key);
    if (time == HN_TIME_NONE)
        hn_json_null(out);
    else
        hn_json_text(
                out, hn_text_of(text, hn_time_write(time, hn_zone_offset_at(zone, time), text)));
}

bool fold_write(const struct fold *fold, const struct hn_zone *zone,
        bool (*on_bytes)(void *ctx, struct hn_text bytes), void *ctx)
{
    struct hn_buf line = { 0 };
    bool go_on = true;

    for (size_t i = 0; go_on && i < fold->keys.count; i++) {
        const struct folded *folded = &fold->keys.ptr[i];
        struct hn_json_out out = hn_json_out_over(&line);
        char hex[HN_DIGEST_HEX_LEN];

        if (folded->count < 2)
            continue;
        hn_buf_reset(&line);
        hn_digest_hex(folded->key, hex);
        hn_json_open(&out, '{');
        hn_json_pair(&out, "kind", HN_TEXT("fold"));
        hn_json_pair(&out, "fold_key", hn_text_of(hex, sizeof hex));
        hn_json_pair_u64(&out, "count", folded->count);
        time_pair(&out, HN_TEXT("first"), folded->first, zone);
        time_pair(&out, HN_TEXT("last"), folded->last, zone);
        hn_json_close(&out, '}');
        hn_buf_add_char(&line, '\n');
        go_on = hn_buf_ok(&line) && on_bytes(ctx, hn_buf_text(&line));
    }
    hn_buf_deinit(&line);
    return go_on;
}
