/* fuzz: program */
/* fuzz_program.c - programs: opened twice they say the same; children, texts and C2 entries lie in
 * the file; an imphash depends on nothing but the imports. */
#include "program/program.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dissect *opened(struct hn_bytes bytes)
{
    bool elf = bytes.len > 4 && bytes.ptr[0] == 0x7F;
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = elf ? DISSECT_ELF : DISSECT_PE,
        .relation = "sample",
        .name = HN_TEXT("a"),
        .data = bytes,
        .borrowed = true };

    assert(dissect != NULL && dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK);
    assert((elf ? program_open_elf : program_open_pe)(dissect, 0, NULL) == HN_OK);
    return dissect;
}

static void check_same(const struct dissect *a, const struct dissect *b)
{
    const struct dissect_fact *x = dissect_get(a, 0)->facts;
    const struct dissect_fact *y = dissect_get(b, 0)->facts;

    assert(dissect_count(a) == dissect_count(b));
    for (; x != NULL && y != NULL; x = x->next, y = y->next)
        assert(x->name == y->name && hn_text_eq(x->value, y->value));
    assert(x == NULL && y == NULL);
}

static void check_places(const struct dissect *dissect, size_t size)
{
    for (uint32_t i = 0; i < dissect_count(dissect); i++) {
        const struct dissect_object *object = dissect_get(dissect, i);

        assert(i == 0 || (object->offset <= size && object->data.len <= size - object->offset));
        for (const struct dissect_text *text = object->texts; text != NULL; text = text->next)
            assert(text->offset < size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes bytes = hn_bytes_of(data, size);
    struct dissect *once = opened(bytes);
    struct dissect *twice = opened(bytes);
    char digest[PROGRAM_SSDEEP_BYTES];

    check_same(once, twice);
    check_places(once, size);
    assert(program_ssdeep(bytes, digest) && strlen(digest) < sizeof digest);
    dissect_free(twice);
    dissect_free(once);
    return 0;
}
