/* mail_oracle.h - what must hold for the tree of any mail, for the fuzz targets of src/mail.
 *
 * Opening ends without failure; children that are views lie where they say in their parent; texts
 * and names are UTF-8; nothing is deeper or more than the limits; opening again gives the same. */
#ifndef FUZZ_MAIL_ORACLE_H
#define FUZZ_MAIL_ORACLE_H

#include "base/utf.h"
#include "mail/mail.h"

#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

static inline dissect_opener *mail_oracle_opener(enum dissect_format format)
{
    if (format == DISSECT_EML)
        return mail_open_eml;
    if (format == DISSECT_MBOX)
        return mail_open_mbox;
    if (format == DISSECT_MSG)
        return mail_open_msg;
    return format == DISSECT_TNEF ? mail_open_tnef : NULL;
}

static inline struct dissect *mail_oracle_open(enum dissect_format format, struct hn_bytes bytes)
{
    struct dissect_limits limits = dissect_limits_default;
    struct dissect *dissect;
    struct dissect_child sample = {
        .format = format, .relation = "sample", .data = bytes, .borrowed = true
    };

    limits.objects_max = 200; /* so that mails of mails of mails end soon */
    dissect = dissect_new(&limits);
    CHECK(dissect != NULL);
    CHECK(dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK);
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        dissect_opener *open = mail_oracle_opener(dissect_get(dissect, id)->format);

        if (open != NULL)
            CHECK(open(dissect, id, NULL) == HN_OK);
    }
    return dissect;
}

static inline void mail_oracle_object(const struct dissect *dissect, uint32_t id)
{
    const struct dissect_object *object = dissect_get(dissect, id);
    size_t passwords = dissect_password_count(dissect);

    CHECK(object->depth <= dissect_limits(dissect)->depth_max);
    CHECK(hn_utf8_valid(hn_text_as_bytes(object->name)));
    CHECK(passwords <= 256);
    if (id > 0 && object->offset != DISSECT_NOWHERE && object->data.len > 0) {
        struct hn_bytes parent = dissect_get(dissect, object->parent)->data;

        CHECK(object->offset <= parent.len && object->data.len <= parent.len - object->offset);
        CHECK(memcmp(parent.ptr + object->offset, object->data.ptr, object->data.len) == 0);
    }
    for (const struct dissect_text *text = object->texts; text != NULL; text = text->next)
        CHECK(hn_utf8_valid(hn_text_as_bytes(text->text)));
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next)
        CHECK(note->offset == DISSECT_NOWHERE || note->offset <= object->data.len);
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next)
        CHECK(fact->value.len >= 8192 || hn_utf8_valid(hn_text_as_bytes(fact->value)));
}

static inline void mail_oracle(enum dissect_format format, struct hn_bytes bytes)
{
    struct dissect *first = mail_oracle_open(format, bytes);
    struct dissect *second = mail_oracle_open(format, bytes);

    CHECK(dissect_count(first) == dissect_count(second));
    CHECK(dissect_password_count(first) == dissect_password_count(second));
    for (uint32_t id = 0; id < dissect_count(first); id++) {
        CHECK(hn_text_eq(dissect_get(first, id)->name, dissect_get(second, id)->name));
        CHECK(dissect_get(first, id)->data.len == dissect_get(second, id)->data.len);
        mail_oracle_object(first, id);
    }
    dissect_free(first);
    dissect_free(second);
}

/* The sample has a child of that name with these bytes. */
static inline void mail_oracle_has(
        enum dissect_format format, struct hn_bytes mail, struct hn_text name, struct hn_bytes data)
{
    struct dissect *dissect = mail_oracle_open(format, mail);
    bool found = false;

    for (uint32_t id = 1; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        found = found ||
                (object->parent == 0 && hn_text_eq(object->name, name) &&
                        hn_text_eq(hn_bytes_as_text(object->data), hn_bytes_as_text(data)));
    }
    CHECK(found);
    dissect_free(dissect);
}

#endif
