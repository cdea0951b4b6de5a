/* dissect_load.c - reads what dissect_save.c wrote, and believes none of it: the writer works on
 * hostile bytes and may have been taken over. */
#include "dissect/dissect_internal.h"
#include "dissect/dissect_wire.h"

#include "base/mem.h"
#include "base/reader.h"

struct loading {
    struct hn_reader reader;
    struct dissect *dissect;
    struct hn_bytes sample;
    enum hn_status status;
    const char *what; /* is wrong; static */
};

static void refuse(struct loading *loading, enum hn_status status, const char *what)
{
    if (loading->status == HN_OK) {
        loading->status = status;
        loading->what = what;
    }
    loading->reader.failed = true; /* lists end here */
}

static bool goes_on(const struct loading *loading)
{
    return loading->status == HN_OK && hn_reader_ok(&loading->reader);
}

static struct hn_text read_text(struct loading *loading)
{
    uint32_t len = hn_reader_u32(&loading->reader);

    return hn_bytes_as_text(hn_reader_take(&loading->reader, len));
}

/* Names of ours: printable ASCII, short. They are shown and matched as they are. */
static const char *read_name(struct loading *loading, bool may_be_empty)
{
    struct hn_text name = read_text(loading);
    struct hn_text copy;

    if (!goes_on(loading))
        return "";
    if (name.len > WIRE_NAME_MAX || (name.len == 0 && !may_be_empty)) {
        refuse(loading, HN_CORRUPT, "length of a name");
        return "";
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < 0x20 || name.ptr[i] > 0x7E) {
            refuse(loading, HN_CORRUPT, "a name that is none of ours");
            return "";
        }
    }
    copy = hn_arena_text(&loading->dissect->arena, name);
    if (copy.ptr == NULL) {
        refuse(loading, hn_arena_status(&loading->dissect->arena), "memory for names");
        return "";
    }
    return copy.ptr;
}

static bool read_bool(struct loading *loading)
{
    uint8_t value = hn_reader_u8(&loading->reader);

    if (value > 1)
        refuse(loading, HN_CORRUPT, "a truth that is neither");
    return value == 1;
}

/* Of a value of an enum below end. */
static unsigned read_kind(struct loading *loading, unsigned end)
{
    uint8_t value = hn_reader_u8(&loading->reader);

    if (value >= end)
        refuse(loading, HN_CORRUPT, "a kind that does not exist");
    return value < end ? value : 0;
}

/* The number of items of a list. */
static uint32_t read_count(struct loading *loading, uint32_t max)
{
    uint32_t count = hn_reader_u32(&loading->reader);

    if (count > max)
        refuse(loading, HN_LIMIT, "a list is too long");
    return goes_on(loading) ? count : 0;
}

/* An item of a list; when there is no memory for it, somewhere to write to. */
static void *new_item(struct loading *loading, size_t size, void *otherwise)
{
    void *item = hn_arena_alloc(&loading->dissect->arena, size, _Alignof(max_align_t));

    if (item == NULL)
        refuse(loading, hn_arena_status(&loading->dissect->arena), "memory");
    return item != NULL ? item : otherwise;
}

/* ---- Lists ---- */

static void load_facts(struct loading *loading, struct object_entry *entry)
{
    uint32_t count = read_count(loading, dissect_max_known(loading->dissect->limits.facts_max));
    struct dissect_fact lost;

    for (uint32_t i = 0; i < count && goes_on(loading); i++) {
        struct dissect_fact *fact = new_item(loading, sizeof *fact, &lost);

        fact->name = read_name(loading, false);
        fact->value = read_text(loading);
        fact->next = NULL;
        if (!goes_on(loading))
            return;
        if (entry->last_fact != NULL)
            entry->last_fact->next = fact;
        else
            entry->object.facts = fact;
        entry->last_fact = fact;
        entry->facts++;
    }
}

static void load_notes(struct loading *loading, struct object_entry *entry)
{
    uint32_t count = read_count(loading, dissect_max_known(loading->dissect->limits.notes_max));
    struct dissect_note lost;

    for (uint32_t i = 0; i < count && goes_on(loading); i++) {
        struct dissect_note *note = new_item(loading, sizeof *note, &lost);

        note->kind = (enum dissect_note_kind)read_kind(loading, DISSECT_NOTE_COUNT);
        note->offset = hn_reader_u64(&loading->reader);
        note->detail = read_text(loading);
        note->next = NULL;
        if (!goes_on(loading))
            return;
        if (entry->last_note != NULL)
            entry->last_note->next = note;
        else
            entry->object.notes = note;
        entry->last_note = note;
        entry->notes++;
    }
}

static void load_stores(struct loading *loading, struct object_entry *entry)
{
    uint32_t count = read_count(loading, loading->dissect->limits.stores_max);
    struct dissect_store lost;

    for (uint32_t i = 0; i < count && goes_on(loading); i++) {
        struct dissect_store *store = new_item(loading, sizeof *store, &lost);

        store->name = read_text(loading);
        store->value = read_text(loading);
        store->offset = hn_reader_u64(&loading->reader);
        store->next = NULL;
        if (!goes_on(loading))
            return;
        if (entry->last_store != NULL)
            entry->last_store->next = store;
        else
            entry->object.stores = store;
        entry->last_store = store;
        entry->stores++;
    }
}

static void load_texts(struct loading *loading, struct object_entry *entry)
{
    uint32_t count = read_count(loading, loading->dissect->limits.texts_max);
    struct dissect_text lost;

    for (uint32_t i = 0; i < count && goes_on(loading); i++) {
        struct dissect_text *text = new_item(loading, sizeof *text, &lost);

        text->what = read_name(loading, false);
        text->text = read_text(loading);
        text->path = read_text(loading);
        text->offset = hn_reader_u64(&loading->reader);
        text->next = NULL;
        if (!goes_on(loading))
            return;
        if (entry->last_text != NULL)
            entry->last_text->next = text;
        else
            entry->object.texts = text;
        entry->last_text = text;
        entry->texts++;
    }
}

static void load_act(struct loading *loading, struct dissect_act *act)
{
    memset(act, 0, sizeof *act);
    act->kind = (enum script_act_kind)read_kind(loading, SCRIPT_ACT_COUNT);
    act->via = read_name(loading, true);
    act->offset = hn_reader_u64(&loading->reader);
    act->conditional = read_bool(loading);
    act->field_count = read_kind(loading, SCRIPT_FIELDS_MAX + 1);
    for (size_t i = 0; i < act->field_count && goes_on(loading); i++) {
        act->fields[i].name = read_name(loading, false);
        act->fields[i].value = read_text(loading);
        act->fields[i].path = read_text(loading);
        act->fields[i].unknown = read_bool(loading);
    }
}

static void load_acts(struct loading *loading, struct object_entry *entry)
{
    uint32_t count = read_count(loading, loading->dissect->limits.acts_max);
    struct dissect_act lost;

    for (uint32_t i = 0; i < count && goes_on(loading); i++) {
        struct dissect_act *act = new_item(loading, sizeof *act, &lost);

        load_act(loading, act);
        if (!goes_on(loading))
            return;
        if (entry->last_act != NULL)
            entry->last_act->next = act;
        else
            entry->object.acts = act;
        entry->last_act = act;
        entry->acts++;
    }
}

/* ---- Objects ---- */

/* len bytes of whole from offset; refused when they are not there, or none. */
static struct hn_bytes part_of(
        struct loading *loading, struct hn_bytes whole, uint64_t offset, uint64_t len)
{
    if (offset > whole.len || len > whole.len - offset) {
        refuse(loading, HN_CORRUPT, "bytes that are not there");
        return hn_bytes_of(NULL, 0);
    }
    return len == 0 ? hn_bytes_of(NULL, 0) : hn_bytes_of(whole.ptr + offset, (size_t)len);
}

static struct hn_bytes load_bytes(struct loading *loading, const struct dissect_object *object)
{
    enum wire_bytes where = (enum wire_bytes)read_kind(loading, WIRE_BYTES_HERE + 1);
    struct hn_bytes data = { NULL, 0 };
    struct hn_bytes parent;

    if (!goes_on(loading))
        return data;
    if ((where == WIRE_BYTES_SAMPLE) != (object->id == 0)) {
        refuse(loading, HN_CORRUPT, "bytes of another object");
        return data;
    }
    switch (where) {
    case WIRE_BYTES_NONE:
        return data;
    case WIRE_BYTES_SAMPLE:
        return part_of(loading, loading->sample, 0, hn_reader_u64(&loading->reader));
    case WIRE_BYTES_PART: {
        uint64_t offset = hn_reader_u64(&loading->reader);

        parent = dissect_get(loading->dissect, object->parent)->data;
        data = part_of(loading, parent, offset, hn_reader_u64(&loading->reader));
        break;
    }
    case WIRE_BYTES_HERE:
        data = hn_text_as_bytes(read_text(loading));
        break;
    }
    if (data.len == 0)
        refuse(loading, HN_CORRUPT, "no bytes where there are some");
    return data;
}

static void load_object(struct loading *loading, uint32_t id)
{
    struct object_entry *entry = hn_new(&loading->dissect->arena, struct object_entry, 1);
    struct object_entry **slot = entry != NULL ? hn_vec_add(&loading->dissect->objects) : NULL;
    struct dissect_object *object;

    if (slot == NULL) {
        if (entry != NULL)
            refuse(loading, HN_NOMEM, "memory");
        else
            refuse(loading, hn_arena_status(&loading->dissect->arena), "memory");
        return;
    }
    *slot = entry;
    object = &entry->object;
    object->id = id;
    object->relation = "";
    object->parent = hn_reader_u32(&loading->reader);
    if (id == 0 ? object->parent != DISSECT_NONE : object->parent >= id) {
        refuse(loading, HN_CORRUPT, "an object above itself");
        object->parent = DISSECT_NONE;
        return;
    }
    object->depth = id == 0 ? 0 : dissect_get(loading->dissect, object->parent)->depth + 1;
    if (object->depth > loading->dissect->limits.depth_max)
        refuse(loading, HN_LIMIT, "an object is too deep");
    object->format = (enum dissect_format)read_kind(loading, DISSECT_FORMAT_COUNT);
    object->name = read_text(loading);
    object->relation = read_name(loading, false);
    object->offset = hn_reader_u64(&loading->reader);
    object->data = load_bytes(loading, object);
    object->notes_left_out = hn_reader_u32(&loading->reader);
    object->acts_left_out = hn_reader_u32(&loading->reader);
    object->texts_left_out = hn_reader_u32(&loading->reader);
    load_facts(loading, entry);
    load_notes(loading, entry);
    load_stores(loading, entry);
    load_texts(loading, entry);
    load_acts(loading, entry);
}

enum hn_status dissect_load(struct hn_bytes saved, struct hn_bytes sample,
        const struct dissect_limits *limits, struct dissect **ret_dissect, struct hn_err *err)
{
    struct loading loading = {
        .reader = hn_reader_over(saved), .dissect = dissect_new(limits), .sample = sample
    };
    struct hn_bytes magic = hn_reader_take(&loading.reader, sizeof WIRE_MAGIC - 1);
    size_t offset;
    uint32_t count;

    if (loading.dissect == NULL)
        return hn_fail(err, HN_NOMEM, 0, "tree");
    if (!hn_text_eq(hn_bytes_as_text(magic), HN_TEXT(WIRE_MAGIC)))
        refuse(&loading, HN_CORRUPT, "not a saved tree");
    count = read_count(&loading, loading.dissect->limits.objects_max);
    if (count == 0 && goes_on(&loading))
        refuse(&loading, HN_CORRUPT, "no object");
    for (uint32_t id = 0; id < count && goes_on(&loading); id++)
        load_object(&loading, id);
    offset = hn_reader_offset(&loading.reader);
    if (loading.status == HN_OK && !hn_reader_ok(&loading.reader))
        refuse(&loading, HN_TRUNCATED, "it is cut off");
    if (loading.status == HN_OK && hn_reader_left(&loading.reader) > 0)
        refuse(&loading, HN_CORRUPT, "more behind the end");
    if (loading.status != HN_OK) {
        dissect_free(loading.dissect);
        return hn_fail(err, loading.status, offset, "saved tree: %s", loading.what);
    }
    *ret_dissect = loading.dissect;
    return HN_OK;
}
