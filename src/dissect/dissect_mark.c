/* dissect_mark.c - what was said of an object taken back, so that it can be opened once more. */
#include "dissect/dissect_internal.h"

struct dissect_mark dissect_mark(const struct dissect *dissect, uint32_t id)
{
    const struct object_entry *entry = dissect_entry(dissect, id);

    return (struct dissect_mark){
        .fact = entry->last_fact,
        .note = entry->last_note,
        .store = entry->last_store,
        .text = entry->last_text,
        .act = entry->last_act,
        .counts = { entry->facts, entry->notes, entry->stores, entry->texts, entry->acts },
        .left_out = { entry->object.notes_left_out, entry->object.acts_left_out,
                entry->object.texts_left_out },
        .limits_said = entry->limits_said,
        .bomb_said = entry->bomb_said,
    };
}

/* The marked item of a list is its last one again. */
#define CUT(list, tail, item)          \
    do {                               \
        entry->tail = (item);          \
        if (entry->tail == NULL)       \
            entry->object.list = NULL; \
        else                           \
            entry->tail->next = NULL;  \
    } while (0)

void dissect_rewind(struct dissect *dissect, uint32_t id, const struct dissect_mark *mark)
{
    struct object_entry *entry = dissect_entry(dissect, id);

    CUT(facts, last_fact, mark->fact);
    CUT(notes, last_note, mark->note);
    CUT(stores, last_store, mark->store);
    CUT(texts, last_text, mark->text);
    CUT(acts, last_act, mark->act);
    entry->facts = mark->counts[0];
    entry->notes = mark->counts[1];
    entry->stores = mark->counts[2];
    entry->texts = mark->counts[3];
    entry->acts = mark->counts[4];
    entry->object.notes_left_out = mark->left_out[0];
    entry->object.acts_left_out = mark->left_out[1];
    entry->object.texts_left_out = mark->left_out[2];
    entry->limits_said = mark->limits_said;
    entry->bomb_said = mark->bomb_said;
    hn_free(entry->index); /* of stores that may be gone */
    entry->index = NULL;
    entry->index_room = 0;
    entry->indexed = 0;
}
