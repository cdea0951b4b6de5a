/* dissect_say.c - what openers say about an object: facts, notes, stores, texts, acts. */
#include "dissect/dissect_internal.h"

#include <stdarg.h>
#include <stdio.h>

#define NOTE_BYTES_MAX 400u
#define PATH_STEPS_MAX 16u
#define FACT_BYTES_MAX 8192u

void dissect_limit_note(struct dissect *dissect, uint32_t id, enum limit_kind kind)
{
    static const char *const names[] = {
        [LIMIT_DEPTH] = "depth_max",
        [LIMIT_OBJECTS] = "objects_max",
        [LIMIT_FILE_BYTES] = "file_bytes_max",
        [LIMIT_MEMORY] = "memory_bytes_max",
        [LIMIT_FACTS] = "facts_max",
        [LIMIT_STORES] = "stores_max",
        [LIMIT_DERIVE] = "derive_rounds_max",
    };
    struct object_entry *entry = dissect_entry(dissect, id);
    uint32_t bit = (uint32_t)1 << kind;

    if ((entry->limits_said & bit) != 0)
        return;
    entry->limits_said |= bit;
    dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "%s", names[kind]);
}

static void add_fact(
        struct dissect *dissect, uint32_t id, const char *name, struct hn_text value, uint32_t max)
{
    struct object_entry *entry = dissect_entry(dissect, id);
    struct dissect_fact *fact;

    if (entry->facts >= max) {
        dissect_limit_note(dissect, id, LIMIT_FACTS);
        return;
    }
    fact = hn_new(&dissect->arena, struct dissect_fact, 1);
    if (fact == NULL)
        return;
    fact->name = name;
    fact->value = hn_arena_text(&dissect->arena, hn_text_sub(value, 0, FACT_BYTES_MAX));
    if (fact->value.ptr == NULL)
        return;
    if (entry->last_fact != NULL) {
        entry->last_fact->next = fact;
    } else {
        entry->object.facts = fact;
    }
    entry->last_fact = fact;
    entry->facts++;
}

void dissect_fact(struct dissect *dissect, uint32_t id, const char *name, struct hn_text value)
{
    add_fact(dissect, id, name, value, dissect->limits.facts_max);
}

void dissect_known(struct dissect *dissect, uint32_t id, const char *name, struct hn_text value)
{
    add_fact(dissect, id, name, value, dissect_max_known(dissect->limits.facts_max));
}

void dissect_fact_u64(struct dissect *dissect, uint32_t id, const char *name, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);

    dissect_fact(dissect, id, name, hn_text_of(digits, (size_t)len));
}

void dissect_fact_bool(struct dissect *dissect, uint32_t id, const char *name, bool value)
{
    dissect_fact(dissect, id, name, value ? HN_TEXT("true") : HN_TEXT("false"));
}

void dissect_note(struct dissect *dissect, uint32_t id, enum dissect_note_kind kind,
        uint64_t offset, const char *fmt, ...)
{
    struct object_entry *entry = dissect_entry(dissect, id);
    struct dissect_note *note;
    char detail[NOTE_BYTES_MAX];
    va_list args;
    uint32_t max = dissect->limits.notes_max;
    int len;

    if (kind == DISSECT_NOTE_SIGNATURE || kind == DISSECT_NOTE_UNCHECKED)
        max = dissect_max_known(max);
    if (entry->notes >= max) {
        entry->object.notes_left_out++;
        return;
    }
    note = hn_new(&dissect->arena, struct dissect_note, 1);
    if (note == NULL)
        return;
    va_start(args, fmt);
    len = vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    if (len < 0)
        len = 0;
    if ((size_t)len >= sizeof detail)
        len = (int)sizeof detail - 1;
    note->kind = kind;
    note->offset = offset;
    note->detail = hn_arena_text(&dissect->arena, hn_text_of(detail, (size_t)len));
    if (note->detail.ptr == NULL)
        return;
    if (entry->last_note != NULL) {
        entry->last_note->next = note;
    } else {
        entry->object.notes = note;
    }
    entry->last_note = note;
    entry->notes++;
}

void dissect_store(struct dissect *dissect, uint32_t id, struct hn_text name, struct hn_text value,
        uint64_t offset)
{
    struct object_entry *entry = dissect_entry(dissect, id);
    struct dissect_store *store;

    if (entry->stores >= dissect->limits.stores_max) {
        dissect_limit_note(dissect, id, LIMIT_STORES);
        return;
    }
    store = hn_new(&dissect->arena, struct dissect_store, 1);
    if (store == NULL)
        return;
    store->name = hn_arena_text(&dissect->arena, name);
    store->value = hn_arena_text(&dissect->arena, value);
    store->offset = offset;
    if (store->name.ptr == NULL || store->value.ptr == NULL) {
        dissect_limit_note(dissect, id, LIMIT_MEMORY);
        return;
    }
    if (entry->last_store != NULL) {
        entry->last_store->next = store;
    } else {
        entry->object.stores = store;
    }
    entry->last_store = store;
    entry->stores++;
}

void dissect_text(struct dissect *dissect, uint32_t id, const char *what, struct hn_text text,
        struct hn_text path, uint64_t offset)
{
    struct object_entry *entry = dissect_entry(dissect, id);
    struct dissect_text *item;

    if (text.len == 0)
        return;
    if (entry->texts >= dissect->limits.texts_max) {
        entry->object.texts_left_out++;
        return;
    }
    item = hn_new(&dissect->arena, struct dissect_text, 1);
    if (item == NULL)
        return;
    item->what = what;
    item->text = hn_arena_text(&dissect->arena, text);
    item->path = hn_arena_text(&dissect->arena, path);
    item->offset = offset;
    if (item->text.ptr == NULL || item->path.ptr == NULL) {
        dissect_limit_note(dissect, id, LIMIT_MEMORY);
        return;
    }
    if (entry->last_text != NULL) {
        entry->last_text->next = item;
    } else {
        entry->object.texts = item;
    }
    entry->last_text = item;
    entry->texts++;
}

/* ---- Acts ---- */

/* "literal@120 > base64 > store UserForm1.t" */
static struct hn_text path_of(struct dissect *dissect, const struct script_text *text)
{
    const struct script_origin *steps[PATH_STEPS_MAX];
    size_t count = script_text_path(text, steps, PATH_STEPS_MAX);
    struct hn_buf out = { 0 };
    struct hn_text path;

    for (size_t i = 0; i < count; i++) {
        hn_buf_addf(&out, "%s%s", i > 0 ? " > " : "", steps[i]->step);
        if (steps[i]->offset != SCRIPT_NOWHERE)
            hn_buf_addf(&out, "@%llu", (unsigned long long)steps[i]->offset);
        if (steps[i]->detail.len > 0) {
            hn_buf_add_char(&out, ' ');
            hn_buf_add_text(&out, hn_text_sub(steps[i]->detail, 0, 80));
        }
    }
    path = hn_arena_text(&dissect->arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    return path;
}

void dissect_act(
        struct dissect *dissect, uint32_t id, struct script_run *run, const struct script_act *act)
{
    struct object_entry *entry = dissect_entry(dissect, id);
    struct dissect_act *copy;

    if (entry->acts >= dissect->limits.acts_max) {
        entry->object.acts_left_out++;
        return;
    }
    copy = hn_new(&dissect->arena, struct dissect_act, 1);
    if (copy == NULL)
        return;
    copy->kind = act->kind;
    copy->via = act->via;
    copy->offset = act->offset;
    copy->conditional = act->conditional;
    copy->field_count = act->field_count;
    for (size_t i = 0; i < act->field_count; i++) {
        const struct script_text *value = act->fields[i].value;

        copy->fields[i].name = act->fields[i].name;
        copy->fields[i].value = hn_arena_text(&dissect->arena, script_text_flat(run, value));
        copy->fields[i].path = path_of(dissect, value);
        copy->fields[i].unknown = value->unknown;
        if (copy->fields[i].value.ptr == NULL || copy->fields[i].path.ptr == NULL) {
            dissect_limit_note(dissect, id, LIMIT_MEMORY);
            return;
        }
    }
    if (entry->last_act != NULL) {
        entry->last_act->next = copy;
    } else {
        entry->object.acts = copy;
    }
    entry->last_act = copy;
    entry->acts++;
}

void dissect_decoded(struct dissect *dissect, uint32_t id, const char *what, struct script_run *run,
        const struct script_text *text)
{
    const struct script_origin *origin = text->origin;

    dissect_text(dissect, id, what, script_text_flat(run, text), path_of(dissect, text),
            origin != NULL ? origin->offset : DISSECT_NOWHERE);
}
