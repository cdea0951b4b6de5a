/* open.h - one opener run over one object, for the tests of this module. */
#ifndef TESTS_UNIT_CONTAINER_OPEN_H
#define TESTS_UNIT_CONTAINER_OPEN_H

#include "container/container.h"

#include "base/mem.h"

#include "support/check.h"

static inline struct dissect *open_bytes(dissect_opener *opener, enum dissect_format format,
        const char *name, struct hn_bytes bytes, const struct dissect_limits *limits)
{
    struct dissect *dissect = dissect_new(limits);
    struct dissect_child sample = { .format = format,
        .name = hn_text_cstr(name),
        .relation = "sample",
        .data = bytes,
        .offset = DISSECT_NOWHERE,
        .borrowed = true };
    struct hn_err err = { 0 };

    assert_non_null(dissect);
    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    assert_int_equal(opener(dissect, 0, &err), HN_OK);
    return dissect;
}

/* The same with memory failing from the n-th allocation on, for every n: it has to come back. */
static inline void open_without_memory(
        dissect_opener *opener, enum dissect_format format, struct hn_bytes bytes)
{
    struct dissect_child sample = {
        .format = format, .relation = "sample", .data = bytes, .borrowed = true
    };
    uint64_t hits = 1;

    for (uint64_t n = 1; hits > 0; n++) {
        struct dissect *dissect;

        hn_mem_fail_from(n);
        dissect = dissect_new(NULL);
        if (dissect != NULL && dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK) {
            dissect_password_add(dissect, HN_TEXT("wrong"));
            (void)!opener(dissect, 0, NULL);
        }
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
    }
}

/* The n-th fact of a name (n from 0); ptr NULL: there is none. */
static inline struct hn_text fact_of(
        const struct dissect *dissect, uint32_t id, const char *name, size_t n)
{
    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        if (strcmp(fact->name, name) == 0 && n-- == 0)
            return fact->value;
    return hn_text_of(NULL, 0);
}

/* The detail of the first note of a kind; ptr NULL: there is none. */
static inline struct hn_text note_of(
        const struct dissect *dissect, uint32_t id, enum dissect_note_kind kind)
{
    for (const struct dissect_note *note = dissect_get(dissect, id)->notes; note != NULL;
            note = note->next)
        if (note->kind == kind)
            return note->detail;
    return hn_text_of(NULL, 0);
}

static inline bool has_text(const struct dissect *dissect, uint32_t id, const char *expected)
{
    for (const struct dissect_text *text = dissect_get(dissect, id)->texts; text != NULL;
            text = text->next)
        if (hn_text_eq(text->text, hn_text_cstr(expected)))
            return true;
    return false;
}

/* The first child of that name; DISSECT_NONE: there is none. */
static inline uint32_t child_named(const struct dissect *dissect, const char *name)
{
    for (uint32_t id = 1; id < dissect_count(dissect); id++)
        if (hn_text_eq(dissect_get(dissect, id)->name, hn_text_cstr(name)))
            return id;
    return DISSECT_NONE;
}

/* A child has exactly this content. */
#define check_child(dissect, child_name, content)                                        \
    do {                                                                                 \
        uint32_t child_id = child_named((dissect), (child_name));                        \
                                                                                         \
        assert_int_not_equal(child_id, DISSECT_NONE);                                    \
        check_text(hn_bytes_as_text(dissect_get((dissect), child_id)->data), (content)); \
    } while (0)

static inline void print_tree(const struct dissect *dissect)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        (void)fprintf(stderr, "%u %s %.*s (%zu bytes)\n", id, object->relation,
                HN_TEXT_ARG(object->name), object->data.len);
        for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next)
            (void)fprintf(stderr, "    %s = %.*s\n", fact->name, HN_TEXT_ARG(fact->value));
        for (const struct dissect_note *note = object->notes; note != NULL; note = note->next)
            (void)fprintf(stderr, "    ! %s %.*s\n", dissect_note_id(note->kind),
                    HN_TEXT_ARG(note->detail));
        for (const struct dissect_text *text = object->texts; text != NULL; text = text->next)
            (void)fprintf(stderr, "    \"%.*s\" %s\n", HN_TEXT_ARG(text->text), text->what);
    }
}

#endif
