/* dissect_save.c - writes a tree in the form that dissect_load.c reads.
 *
 * Per object, in order: what it is, its facts, notes, stores, texts, acts; each list begins with
 * the number of its items. Numbers are little-endian; texts have their length in four bytes before
 * them. The form is private to one version of the program: both ends are the same file. */
#include "dissect/dissect_internal.h"
#include "dissect/dissect_wire.h"

static void add_u8(struct hn_buf *out, uint8_t value)
{
    hn_buf_add(out, &value, 1);
}

static void add_u32(struct hn_buf *out, uint32_t value)
{
    uint8_t bytes[4];

    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    hn_buf_add(out, bytes, sizeof bytes);
}

static void add_u64(struct hn_buf *out, uint64_t value)
{
    add_u32(out, (uint32_t)value);
    add_u32(out, (uint32_t)(value >> 32));
}

static void add_text(struct hn_buf *out, struct hn_text text)
{
    add_u32(out, (uint32_t)text.len);
    hn_buf_add_text(out, text);
}

static void add_name(struct hn_buf *out, const char *name)
{
    add_text(out, hn_text_cstr(name));
}

/* ---- Bytes ---- */

static bool wants_bytes(const struct dissect_object *object, enum dissect_keep keep)
{
    if (keep == DISSECT_KEEP_ALL)
        return true;
    return keep == DISSECT_KEEP_SCRIPTS && object->data.len <= DISSECT_KEEP_BYTES_MAX &&
           strcmp(dissect_format_category(object->format), "script") == 0;
}

/* Is the one a part of the other? By addresses, which say so only within one object. */
static bool is_within(struct hn_bytes part, struct hn_bytes whole)
{
    uintptr_t from = (uintptr_t)part.ptr;
    uintptr_t start = (uintptr_t)whole.ptr;

    return whole.len > 0 && from >= start && from - start <= whole.len &&
           part.len <= whole.len - (from - start);
}

static void add_bytes(struct hn_buf *out, const struct dissect *dissect,
        const struct dissect_object *object, const bool *kept)
{
    struct hn_bytes data = object->data;

    if (object->id == 0) {
        add_u8(out, WIRE_BYTES_SAMPLE);
        add_u64(out, data.len);
    } else if (!kept[object->id]) {
        add_u8(out, WIRE_BYTES_NONE);
    } else if (kept[object->parent] &&
               is_within(data, dissect_get(dissect, object->parent)->data)) {
        add_u8(out, WIRE_BYTES_PART);
        add_u64(out, (uint64_t)((uintptr_t)data.ptr -
                                (uintptr_t)dissect_get(dissect, object->parent)->data.ptr));
        add_u64(out, data.len);
    } else {
        add_u8(out, WIRE_BYTES_HERE);
        add_text(out, hn_bytes_as_text(data));
    }
}

/* ---- Lists ---- */

static void add_facts(struct hn_buf *out, const struct object_entry *entry)
{
    add_u32(out, entry->facts);
    for (const struct dissect_fact *fact = entry->object.facts; fact != NULL; fact = fact->next) {
        add_name(out, fact->name);
        add_text(out, fact->value);
    }
}

static void add_notes(struct hn_buf *out, const struct object_entry *entry)
{
    add_u32(out, entry->notes);
    for (const struct dissect_note *note = entry->object.notes; note != NULL; note = note->next) {
        add_u8(out, (uint8_t)note->kind);
        add_u64(out, note->offset);
        add_text(out, note->detail);
    }
}

static void add_stores(struct hn_buf *out, const struct object_entry *entry)
{
    add_u32(out, entry->stores);
    for (const struct dissect_store *store = entry->object.stores; store != NULL;
            store = store->next) {
        add_text(out, store->name);
        add_text(out, store->value);
        add_u64(out, store->offset);
    }
}

static void add_texts(struct hn_buf *out, const struct object_entry *entry)
{
    add_u32(out, entry->texts);
    for (const struct dissect_text *text = entry->object.texts; text != NULL; text = text->next) {
        add_name(out, text->what);
        add_text(out, text->text);
        add_text(out, text->path);
        add_u64(out, text->offset);
    }
}

static void add_acts(struct hn_buf *out, const struct object_entry *entry)
{
    add_u32(out, entry->acts);
    for (const struct dissect_act *act = entry->object.acts; act != NULL; act = act->next) {
        add_u8(out, (uint8_t)act->kind);
        add_name(out, act->via != NULL ? act->via : "");
        add_u64(out, act->offset);
        add_u8(out, act->conditional ? 1 : 0);
        add_u8(out, (uint8_t)act->field_count);
        for (size_t i = 0; i < act->field_count; i++) {
            add_name(out, act->fields[i].name);
            add_text(out, act->fields[i].value);
            add_text(out, act->fields[i].path);
            add_u8(out, act->fields[i].unknown ? 1 : 0);
        }
    }
}

static void add_object(
        struct hn_buf *out, const struct dissect *dissect, uint32_t id, const bool *kept)
{
    const struct object_entry *entry = dissect_entry(dissect, id);
    const struct dissect_object *object = &entry->object;

    add_u32(out, object->parent);
    add_u8(out, (uint8_t)object->format);
    add_text(out, object->name);
    add_name(out, object->relation);
    add_u64(out, object->offset);
    add_bytes(out, dissect, object, kept);
    add_u32(out, object->notes_left_out);
    add_u32(out, object->acts_left_out);
    add_u32(out, object->texts_left_out);
    add_facts(out, entry);
    add_notes(out, entry);
    add_stores(out, entry);
    add_texts(out, entry);
    add_acts(out, entry);
}

void dissect_save(const struct dissect *dissect, enum dissect_keep keep, struct hn_buf *out)
{
    uint32_t count = dissect_count(dissect);
    bool *kept = hn_calloc(count + 1, sizeof *kept);

    if (kept == NULL) {
        out->status = HN_NOMEM;
        return;
    }
    for (uint32_t id = 0; id < count; id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        kept[id] = id == 0 || (object->data.len > 0 && wants_bytes(object, keep));
    }
    hn_buf_add_text(out, HN_TEXT(WIRE_MAGIC));
    add_u32(out, count);
    for (uint32_t id = 0; id < count; id++)
        add_object(out, dissect, id, kept);
    hn_free(kept);
}
