/* alert_id.c - identities that are the same on every run. */
#include "alert/alert.h"

static struct hn_digest meta_digest(const struct sigma_meta *meta)
{
    struct hn_text name = meta->id.len > 0 ? meta->id : meta->title;

    return hn_digest_of(name.ptr, name.len);
}

struct hn_digest alert_id(
        const struct sigma_meta *meta, struct hn_digest raw_digest, uint64_t offset)
{
    uint8_t place[8];
    struct hn_digest id = hn_digest_join(meta_digest(meta), raw_digest);

    for (int i = 0; i < 8; i++)
        place[i] = (uint8_t)(offset >> (8 * i));
    return hn_digest_join(id, hn_digest_of(place, sizeof place));
}

static struct hn_digest join_text(struct hn_digest digest, struct hn_text text)
{
    return hn_digest_join(digest, hn_digest_of(text.ptr, text.len));
}

struct hn_digest alert_fold_key(const struct alert *alert)
{
    struct hn_digest key = meta_digest(alert->meta);

    key = join_text(key, alert->host);
    key = join_text(key, alert->user);
    for (uint32_t i = 0; i < alert->match_count; i++) {
        key = join_text(key, alert->matches[i].field);
        key = join_text(key, alert->matches[i].value);
    }
    for (uint32_t i = 0; alert->group_key != NULL && i < alert->group_by.count; i++)
        key = join_text(key, alert->group_key[i]);
    return join_text(key, alert->indicator_value);
}
