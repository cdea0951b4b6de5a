/* office_fuzz.h - the oracle of the targets that open office documents: the opener ends without
 * failure; children lie where they say; limits hold; opening the same bytes again gives the same
 * tree, be it elsewhere in memory. */
#ifndef OFFICE_FUZZ_H
#define OFFICE_FUZZ_H

#include "support/office_tree.h"

#include <assert.h>
#include <stdlib.h>

static inline void office_fuzz_sound(const struct dissect *dissect)
{
    const struct dissect_limits *limits = dissect_limits(dissect);

    assert(dissect_count(dissect) <= limits->objects_max);
    for (uint32_t id = 1; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);
        const struct dissect_object *above = dissect_get(dissect, object->parent);

        assert(object->parent < id && object->depth == above->depth + 1);
        if (object->offset == DISSECT_NOWHERE)
            continue;
        assert(object->offset <= above->data.len);
        assert(object->data.len <= above->data.len - object->offset);
        assert(memcmp(object->data.ptr, above->data.ptr + object->offset, object->data.len) == 0);
    }
}

static inline void office_fuzz_same_says(
        const struct dissect_object *a, const struct dissect_object *b)
{
    const struct dissect_fact *fact = b->facts;
    const struct dissect_store *store = b->stores;
    const struct dissect_text *text = b->texts;

    for (const struct dissect_fact *f = a->facts; f != NULL; f = f->next, fact = fact->next)
        assert(fact != NULL && strcmp(f->name, fact->name) == 0 &&
                hn_text_eq(f->value, fact->value));
    for (const struct dissect_store *s = a->stores; s != NULL; s = s->next, store = store->next)
        assert(store != NULL && hn_text_eq(s->name, store->name) &&
                hn_text_eq(s->value, store->value));
    for (const struct dissect_text *t = a->texts; t != NULL; t = t->next, text = text->next)
        assert(text != NULL && hn_text_eq(t->text, text->text));
    assert(fact == NULL && store == NULL && text == NULL);
}

static inline void office_fuzz_same(const struct dissect *a, const struct dissect *b)
{
    assert(dissect_count(a) == dissect_count(b));
    for (uint32_t id = 0; id < dissect_count(a); id++) {
        assert(dissect_get(a, id)->format == dissect_get(b, id)->format);
        assert(hn_text_eq(dissect_get(a, id)->name, dissect_get(b, id)->name));
        assert(dissect_get(a, id)->format != DISSECT_XLM ||
                hn_text_eq(hn_bytes_as_text(dissect_get(a, id)->data),
                        hn_bytes_as_text(dissect_get(b, id)->data)));
        office_fuzz_same_says(dissect_get(a, id), dissect_get(b, id));
    }
}

/* Opens the bytes twice, the second time from a copy of exactly their size. The tree of the first,
 * or NULL when memory ran out. */
static inline struct dissect *office_fuzz_open(struct hn_bytes bytes, enum dissect_format format)
{
    uint8_t *copy = malloc(bytes.len + 1);
    struct dissect *first = office_tree(bytes, format);
    struct dissect *second;

    assert(copy != NULL && first != NULL);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    second = office_tree(hn_bytes_of(copy, bytes.len), format);
    assert(second != NULL);
    office_fuzz_sound(first);
    office_fuzz_same(first, second);
    dissect_free(second);
    free(copy);
    return first;
}

#endif
