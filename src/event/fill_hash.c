/* fill_hash.c - file hashes: Sysmon's one field "SHA1=...,MD5=..." and one field for each. */
#include "event/event_internal.h"

#include "base/enc.h"

/* Length of the hex text of each algorithm, so that nothing else is taken for a hash. */
static size_t hash_len(struct hn_text algorithm)
{
    if (hn_text_eq(algorithm, HN_TEXT("MD5")) || hn_text_eq(algorithm, HN_TEXT("IMPHASH")))
        return 32;
    return hn_text_eq(algorithm, HN_TEXT("SHA1")) ? 40 : 64;
}

static struct hn_text find_hash(struct hn_text hashes, struct hn_text algorithm)
{
    struct hn_text part;

    while (hn_text_split(&hashes, ',', &part)) {
        part = hn_text_trim(part);
        if (part.len > algorithm.len && part.ptr[algorithm.len] == '=' &&
                hn_text_starts_nocase(part, algorithm))
            return hn_text_sub(part, algorithm.len + 1, part.len);
    }
    return HN_TEXT("");
}

/* The hash of algorithm arg out of a list. */
void fill_hash(struct hn_event *event, const struct fill *step)
{
    for (uint32_t i = hn_event_first(event, step->src); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        struct hn_text hash = find_hash(hn_event_text(event, i), step->arg);

        if (hash.len == hash_len(step->arg) && hn_is_hex(hash)) {
            fill_text(event, step->dst, hash);
            return;
        }
    }
}

/* Appends "ARG=..." to the list unless it has that algorithm already. */
void fill_hashes(struct hn_event *event, const struct fill *step)
{
    struct hn_text hash = fill_source(event, step->src);
    char *out;

    if (hash.len != hash_len(step->arg) || !hn_is_hex(hash))
        return;
    for (uint32_t i = hn_event_first(event, step->dst); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        if (find_hash(hn_event_text(event, i), step->arg).len > 0)
            return;
    }
    out = hn_event_room(event, step->arg.len + 1 + hash.len);
    if (out == NULL) {
        event->values_dropped++;
        return;
    }
    fill_own(event, step->dst);
    memcpy(out, step->arg.ptr, step->arg.len);
    out[step->arg.len] = '=';
    for (size_t i = 0; i < hash.len; i++) {
        char c = hash.ptr[i];

        out[step->arg.len + 1 + i] = (char)(c >= 'a' && c <= 'f' ? c - 32 : c);
    }
    fill_text(event, step->dst, hn_text_of(out, step->arg.len + 1 + hash.len));
}
