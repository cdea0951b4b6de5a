/* container_zip.c - zip archives: their entries as children, with every password there is. */
#include "container/container_internal.h"

#include "base/vec.h"

#define TRIES_MAX 4096u /* passwords times entries, over one archive */
#define SHOWN_MAX 120u  /* bytes of a name in a note */

struct zip_opening {
    struct dissect *dissect;
    uint32_t id;
    struct zip_file *file;
    struct container_ask ask;
    struct hn_text fits; /* the password that fitted last; ptr NULL: none yet */
    uint32_t tries;
    uint32_t locked; /* entries that no password opens */
    bool encrypted;
    HN_VEC(struct hn_text) others; /* names of entries of methods that src/zip leaves out */
};

#define SHOWN(text) (int)hn_text_sub(text, 0, SHOWN_MAX).len, (text).ptr

static void note_archive(const struct zip_opening *o)
{
    static const struct {
        uint32_t odd;
        enum dissect_note_kind kind;
        const char *text;
    } notes[] = {
        { ZIP_ODD_NO_CENTRAL, DISSECT_NOTE_RECOVERED, "without a central directory" },
        { ZIP_ODD_SUFFIX, DISSECT_NOTE_HIDDEN, "bytes behind its end" },
        { ZIP_ODD_LIMIT, DISSECT_NOTE_LIMIT, "entries_max" },
        { ZIP_ODD_OVERLAP, DISSECT_NOTE_BOMB, "entries share the same bytes" },
        { ZIP_ODD_DOUBLE, DISSECT_NOTE_HIDDEN, "the same name more than once" },
    };
    uint32_t odd = zip_odd(o->file);

    for (size_t i = 0; i < HN_COUNT_OF(notes); i++)
        if ((odd & notes[i].odd) != 0)
            dissect_note(o->dissect, o->id, notes[i].kind, DISSECT_NOWHERE, "%s", notes[i].text);
}

static void note_entry(const struct zip_opening *o, const struct zip_entry *entry, uint32_t child)
{
    if ((entry->odd & ZIP_ODD_LOCAL_ONLY) != 0)
        dissect_note(o->dissect, child, DISSECT_NOTE_HIDDEN, entry->offset,
                "its archive does not list it");
    if ((entry->odd & ZIP_ODD_NAME) != 0)
        dissect_note(o->dissect, child, DISSECT_NOTE_MISMATCH, entry->offset,
                "its local header calls it %.*s", SHOWN(entry->local_name));
    if ((entry->odd & ZIP_ODD_SIZE) != 0)
        dissect_note(o->dissect, child, DISSECT_NOTE_MISMATCH, entry->offset,
                "its headers lie about its size or method");
    if ((entry->odd & ZIP_ODD_CRC) != 0)
        dissect_note(o->dissect, child, DISSECT_NOTE_DAMAGED, entry->offset, "wrong checksum");
    if ((entry->odd & ZIP_ODD_TRUNCATED) != 0)
        dissect_note(o->dissect, child, DISSECT_NOTE_TRUNCATED, entry->offset,
                "its packed bytes are cut off or damaged");
}

static enum hn_status try_one(struct zip_opening *o, uint32_t index, struct hn_text password,
        struct hn_bytes *ret_bytes, struct hn_err *err)
{
    *err = (struct hn_err){ 0 };
    o->tries++;
    return zip_read(o->file, index, password, container_allow, &o->ask, ret_bytes, err);
}

/* Keeps the password in mind, for the entries behind. */
static void it_fits(struct zip_opening *o, struct hn_text password)
{
    if (o->fits.ptr != NULL && hn_text_eq(o->fits, password))
        return;
    o->fits = password;
    dissect_fact(o->dissect, o->id, "password", password);
    dissect_note(o->dissect, o->id, DISSECT_NOTE_DECRYPTED, DISSECT_NOWHERE, "with \"%.*s\"",
            SHOWN(password));
}

static enum hn_status read_locked(
        struct zip_opening *o, uint32_t index, struct hn_bytes *ret_bytes, struct hn_err *err)
{
    static const struct hn_text usual = HN_TEXT_INIT("infected");
    enum hn_status status = HN_NOTFOUND;
    size_t count = dissect_password_count(o->dissect);

    o->encrypted = true;
    if (o->fits.ptr != NULL)
        status = try_one(o, index, o->fits, ret_bytes, err);
    for (size_t i = 0; status == HN_NOTFOUND && i <= count && o->tries < TRIES_MAX; i++) {
        struct hn_text password = i < count ? dissect_password(o->dissect, i) : usual;

        status = try_one(o, index, password, ret_bytes, err);
        if (status != HN_NOTFOUND && status != HN_UNSUPPORTED)
            it_fits(o, password);
    }
    return status;
}

static enum hn_status add_entry(struct zip_opening *o, uint32_t index)
{
    const struct zip_entry *entry = zip_get(o->file, index);
    struct container_entry out = {
        .name = entry->name, .name_is_utf8 = entry->name_utf8, .relation = "entry"
    };
    struct hn_err err = { 0 };
    uint32_t before = dissect_count(o->dissect);
    uint32_t child;
    enum hn_status status = entry->encrypted ? read_locked(o, index, &out.data, &err)
                                             : zip_read(o->file, index, hn_text_of(NULL, 0),
                                                       container_allow, &o->ask, &out.data, &err);

    if (status == HN_NOMEM)
        return status;
    if (status == HN_NOTFOUND) {
        o->locked++;
        return HN_OK;
    }
    if (status == HN_UNSUPPORTED) {
        struct hn_text *slot = hn_vec_add(&o->others);

        if (slot == NULL)
            return HN_NOMEM;
        *slot = entry->name;
        return HN_OK;
    }
    out.padding = entry->padding;
    if (status == HN_LIMIT && out.data.len == 0)
        return HN_OK; /* dissect_inflate() has noted it */
    status = container_add(o->dissect, o->id, &out, &child);
    /* One that was there already, from an earlier try, has its notes. */
    if (status == HN_OK && child != DISSECT_NONE && child >= before) {
        note_entry(o, entry, child);
        if ((entry->odd & ZIP_ODD_LIMIT) != 0)
            dissect_note(o->dissect, child, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "only its first %llu bytes came out", (unsigned long long)out.data.len);
    }
    return status;
}

/* What src/zip does not unpack, libarchive may. */
static enum hn_status add_others(struct zip_opening *o)
{
    uint32_t before = dissect_count(o->dissect);
    enum hn_status status;

    if (o->others.count == 0)
        return HN_OK;
    status = container_archive_named(o->dissect, o->id, o->others.ptr, o->others.count, o->fits);
    if (status == HN_OK && dissect_count(o->dissect) - before < o->others.count) {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "%llu entries are packed by a method nobody here unpacks, the first is %.*s",
                (unsigned long long)(o->others.count - (dissect_count(o->dissect) - before)),
                SHOWN(o->others.ptr[0]));
    }
    return status;
}

static enum hn_status add_all(struct zip_opening *o)
{
    enum hn_status status = HN_OK;
    uint32_t files = 0;

    note_archive(o);
    for (uint32_t i = 0; i < zip_count(o->file) && status == HN_OK; i++) {
        if (zip_get(o->file, i)->folder)
            continue;
        files++;
        status = add_entry(o, i);
    }
    if (status == HN_OK)
        status = add_others(o);
    dissect_fact_u64(o->dissect, o->id, "entry_count", zip_count(o->file));
    dissect_fact_u64(o->dissect, o->id, "file_count", files);
    if (o->encrypted)
        dissect_fact_bool(o->dissect, o->id, "encrypted", true);
    if (o->locked > 0) {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                "%lu encrypted entries, %llu passwords tried", (unsigned long)o->locked,
                (unsigned long long)dissect_password_count(o->dissect) + 1);
    }
    return status == HN_LIMIT ? HN_OK : status; /* the limit is noted */
}

enum hn_status container_open_zip(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct zip_opening o = { .dissect = dissect, .id = id, .ask = { dissect, id } };
    struct zip_limits limits = container_zip_limits(dissect);
    enum hn_status status;

    status =
            zip_open(dissect_arena(dissect), dissect_get(dissect, id)->data, &limits, &o.file, err);
    if (status == HN_CORRUPT) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "there is no zip archive in it");
        return HN_OK;
    }
    if (status == HN_LIMIT)
        return container_no_memory(dissect, id);
    if (status == HN_OK)
        status = add_all(&o);
    hn_vec_deinit(&o.others);
    return status == HN_NOMEM ? hn_fail(err, status, 0, "out of memory") : HN_OK;
}
