/* container_fuzz.h - what holds for every opener of src/container, whatever it is given: it ends
 * without failure, within the limits; what it says is text that is there; a child that states an
 * offset lies there in its parent; and the same bytes give the same tree twice. */
#ifndef HN_FUZZ_CONTAINER_FUZZ_H
#define HN_FUZZ_CONTAINER_FUZZ_H

#include "base/hash.h"
#include "container/container.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dissect_limits container_fuzz_limits = {
    .memory_bytes_max = (size_t)96 << 20,
    .file_bytes_max = (uint64_t)4 << 20,
    .padded_bytes_max = (uint64_t)32 << 20,
    .inflated_bytes_max = (uint64_t)24 << 20,
    .ratio_free_bytes = (uint64_t)8 << 20,
    .ratio_max = 200,
    .depth_max = 4,
    .objects_max = 200,
    .entries_max = 1000,
    .facts_max = 200,
    .stores_max = 10,
    .notes_max = 50,
    .acts_max = 10,
    .texts_max = 200,
};

static inline void container_fuzz_check(bool condition)
{
    if (!condition)
        abort();
}

static inline struct hn_digest container_fuzz_add(struct hn_digest digest, struct hn_text text)
{
    container_fuzz_check(text.len == 0 || text.ptr != NULL);
    return hn_digest_join(digest, hn_digest_of(text.ptr, text.len));
}

static inline struct hn_digest container_fuzz_object(
        const struct dissect *dissect, const struct dissect_object *object)
{
    struct hn_digest digest = { 0 };

    digest = container_fuzz_add(digest, object->name);
    digest = container_fuzz_add(digest, hn_bytes_as_text(object->data));
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next)
        digest = container_fuzz_add(digest, fact->value);
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next)
        digest = container_fuzz_add(digest, note->detail);
    for (const struct dissect_text *text = object->texts; text != NULL; text = text->next)
        digest = container_fuzz_add(digest, text->text);
    if (object->parent != DISSECT_NONE && object->offset != DISSECT_NOWHERE) {
        struct hn_bytes whole = dissect_get(dissect, object->parent)->data;

        container_fuzz_check(
                object->offset <= whole.len && whole.len - object->offset >= object->data.len);
        container_fuzz_check(
                object->data.len == 0 ||
                memcmp(whole.ptr + object->offset, object->data.ptr, object->data.len) == 0);
    }
    container_fuzz_check(object->parent == DISSECT_NONE ||
                         object->data.len <= container_fuzz_limits.file_bytes_max);
    return digest;
}

static inline struct hn_digest container_fuzz_once(
        dissect_opener *opener, enum dissect_format format, const uint8_t *data, size_t size)
{
    struct dissect *dissect = dissect_new(&container_fuzz_limits);
    struct dissect_child sample = { .format = format,
        .name = HN_TEXT("sample.gz"),
        .relation = "sample",
        .data = { data, size },
        .offset = DISSECT_NOWHERE,
        .borrowed = true };
    struct hn_digest digest = { 0 };

    container_fuzz_check(
            dissect != NULL && dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK);
    dissect_password_add(dissect, HN_TEXT("infected"));
    container_fuzz_check(opener(dissect, 0, NULL) == HN_OK);
    container_fuzz_check(dissect_count(dissect) <= container_fuzz_limits.objects_max);
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        digest = hn_digest_join(digest, container_fuzz_object(dissect, dissect_get(dissect, id)));
    dissect_free(dissect);
    return digest;
}

static inline void container_fuzz(
        dissect_opener *opener, enum dissect_format format, const uint8_t *data, size_t size)
{
    struct hn_digest first = container_fuzz_once(opener, format, data, size);
    struct hn_digest second = container_fuzz_once(opener, format, data, size);

    container_fuzz_check(hn_digest_eq(first, second));
}

#endif
