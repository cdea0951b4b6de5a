/* mail_case.h - opens bytes as a mail with everything below it, and looks at the tree. */
#ifndef TESTS_UNIT_MAIL_MAIL_CASE_H
#define TESTS_UNIT_MAIL_MAIL_CASE_H

#include "mail/mail.h"

#include "base/mem.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static inline dissect_opener *mail_opener_of(enum dissect_format format)
{
    if (format == DISSECT_EML)
        return mail_open_eml;
    if (format == DISSECT_MBOX)
        return mail_open_mbox;
    if (format == DISSECT_MSG)
        return mail_open_msg;
    return format == DISSECT_TNEF ? mail_open_tnef : NULL;
}

/* NULL when out of memory. Children that are mails are opened in turn. */
static inline struct dissect *mail_case_try(enum dissect_format format, struct hn_text bytes)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = format,
        .name = HN_TEXT_INIT("sample"),
        .relation = "sample",
        .data = hn_text_as_bytes(bytes),
        .offset = DISSECT_NOWHERE };

    if (dissect == NULL)
        return NULL;
    if (dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK) {
        for (uint32_t id = 0; id < dissect_count(dissect); id++) {
            dissect_opener *open = mail_opener_of(dissect_get(dissect, id)->format);

            if (open != NULL && open(dissect, id, NULL) != HN_OK)
                break;
        }
    }
    return dissect;
}

static inline struct dissect *mail_case_open(enum dissect_format format, struct hn_text bytes)
{
    struct dissect *dissect = mail_case_try(format, bytes);

    assert_non_null(dissect);
    return dissect;
}

/* The first fact of that name; "" when there is none. */
static inline const char *mail_fact_of(const struct dissect *dissect, uint32_t id, const char *name)
{
    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        if (strcmp(fact->name, name) == 0)
            return fact->value.ptr;
    return "";
}

/* The detail of the first note of a kind that contains a text; NULL when there is none. */
static inline const char *mail_note_of(
        const struct dissect *dissect, uint32_t id, enum dissect_note_kind kind, const char *part)
{
    for (const struct dissect_note *note = dissect_get(dissect, id)->notes; note != NULL;
            note = note->next)
        if (note->kind == kind && strstr(note->detail.ptr, part) != NULL)
            return note->detail.ptr;
    return NULL;
}

static inline bool mail_has_text(const struct dissect *dissect, uint32_t id, const char *part)
{
    for (const struct dissect_text *text = dissect_get(dissect, id)->texts; text != NULL;
            text = text->next)
        if (hn_text_find(text->text, hn_text_cstr(part), 0) != SIZE_MAX)
            return true;
    return false;
}

/* The child of that name, with these bytes (NULL: any); DISSECT_NONE when there is none. */
static inline uint32_t mail_child_of(
        const struct dissect *dissect, uint32_t parent, const char *name, const char *data)
{
    for (uint32_t id = 1; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        if (object->parent == parent && hn_text_eq(object->name, hn_text_cstr(name)) &&
                (data == NULL || hn_text_eq(hn_bytes_as_text(object->data), hn_text_cstr(data))))
            return id;
    }
    return DISSECT_NONE;
}

static inline bool mail_has_password(const struct dissect *dissect, const char *password)
{
    for (size_t i = 0; i < dissect_password_count(dissect); i++)
        if (hn_text_eq(dissect_password(dissect, i), hn_text_cstr(password)))
            return true;
    return false;
}

#endif
