/* msocrypt_rebuild.c - a compound file again, with some streams replaced by what they are when they
 * are decrypted. */
#include "msocrypt/msocrypt_internal.h"

static struct hn_bytes bytes_of(struct msocrypt_job *job, uint32_t entry,
        const struct msocrypt_replacement *replacements, size_t count)
{
    struct hn_bytes bytes = { 0 };

    for (size_t i = 0; i < count; i++)
        if (replacements[i].entry == entry)
            return replacements[i].bytes;
    if (ole_read(job->file, entry, &bytes, NULL) != HN_OK) {
        job->result->damaged = true;
        return (struct hn_bytes){ 0 };
    }
    return bytes;
}

/* A level at a time, so that parents come before what is in them. Orphans go to the root. */
static size_t take_level(struct msocrypt_job *job, struct ole_part *parts, uint32_t *places,
        const struct msocrypt_replacement *replacements, size_t replaced)
{
    uint32_t total = ole_count(job->file);
    size_t count = 0;
    bool more = true;

    while (more) {
        more = false;
        for (uint32_t i = 1; i < total; i++) {
            const struct ole_entry *entry = ole_get(job->file, i);
            bool top = entry->parent == 0 || entry->parent == OLE_NONE;

            if (places[i] != OLE_NONE || (!top && places[entry->parent] == OLE_NONE))
                continue;
            parts[count].name = entry->name;
            parts[count].parent = top ? OLE_NONE : places[entry->parent];
            parts[count].is_storage = entry->kind != OLE_STREAM;
            memcpy(parts[count].clsid, entry->clsid, sizeof entry->clsid);
            if (entry->kind == OLE_STREAM)
                parts[count].data = bytes_of(job, i, replacements, replaced);
            places[i] = (uint32_t)count++;
            more = true;
        }
    }
    return count;
}

enum hn_status msocrypt_rebuild(
        struct msocrypt_job *job, const struct msocrypt_replacement *replacements, size_t count)
{
    uint32_t total = ole_count(job->file);
    struct ole_part *parts = hn_new(job->arena, struct ole_part, total);
    uint32_t *places = hn_new(job->arena, uint32_t, total);
    size_t taken;

    if (parts == NULL || places == NULL)
        return HN_NOMEM;
    for (uint32_t i = 0; i < total; i++)
        places[i] = OLE_NONE;
    taken = take_level(job, parts, places, replacements, count);
    return ole_build(
            job->arena, parts, taken, ole_get(job->file, 0)->clsid, &job->result->bytes, NULL);
}
