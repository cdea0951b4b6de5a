/* office_tree.h - a document opened with all that is in it, as the analysis does it, for tests. */
#ifndef HN_TESTS_OFFICE_TREE_H
#define HN_TESTS_OFFICE_TREE_H

#include "office/office.h"

static inline dissect_opener *office_tree_opener(enum dissect_format format)
{
    static const struct {
        enum dissect_format format;
        dissect_opener *opener;
    } openers[] = {
        { DISSECT_DOC, office_open_doc },
        { DISSECT_XLS, office_open_xls },
        { DISSECT_PPT, office_open_ppt },
        { DISSECT_OLE, office_open_ole },
        { DISSECT_OLE_OBJECT, office_open_ole_object },
        { DISSECT_VBA_PROJECT, office_open_vba_project },
        { DISSECT_DOCX, office_open_ooxml },
        { DISSECT_XLSX, office_open_ooxml },
        { DISSECT_XLSB, office_open_ooxml },
        { DISSECT_PPTX, office_open_ooxml },
        { DISSECT_VSDX, office_open_ooxml },
        { DISSECT_OPC, office_open_ooxml },
        { DISSECT_ODF, office_open_odf },
        { DISSECT_OFFICE_ENCRYPTED, office_open_encrypted },
        { DISSECT_WORD_XML, office_open_word_xml },
        { DISSECT_EXCEL_XML, office_open_excel_xml },
        { DISSECT_MHT, office_open_mht },
        { DISSECT_ACTIVEMIME, office_open_activemime },
        { DISSECT_RTF, office_open_rtf },
        { DISSECT_SLK, office_open_slk },
        { DISSECT_CSV, office_open_csv },
    };

    for (size_t i = 0; i < HN_COUNT_OF(openers); i++) {
        if (openers[i].format == format)
            return openers[i].opener;
    }
    return NULL;
}

/* Opens every object of the tree, those found on the way included; false when memory ran out. */
static inline bool office_tree_open_all(struct dissect *dissect)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);
        dissect_opener *opener;

        if (object->format == DISSECT_UNKNOWN)
            dissect_set_format(dissect, id, office_recognise(object->data));
        opener = office_tree_opener(object->format);
        if (opener != NULL && opener(dissect, id, NULL) != HN_OK)
            return false;
    }
    return true;
}

/* A new tree over these bytes, which must outlive it; format DISSECT_UNKNOWN: to be recognised.
 * NULL when out of memory. */
static inline struct dissect *office_tree(struct hn_bytes bytes, enum dissect_format format)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = format,
        .name = HN_TEXT("sample"),
        .relation = "sample",
        .data = bytes,
        .offset = DISSECT_NOWHERE,
        .borrowed = true };

    if (dissect == NULL)
        return NULL;
    if (dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK &&
            office_tree_open_all(dissect))
        return dissect;
    dissect_free(dissect);
    return NULL;
}

/* ---- What was found: in any object of the tree ---- */

static inline bool office_tree_fact(
        const struct dissect *dissect, const char *name, const char *value)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
                fact = fact->next) {
            if (strcmp(fact->name, name) == 0 && hn_text_eq(fact->value, hn_text_cstr(value)))
                return true;
        }
    }
    return false;
}

/* How often a fact is there, whatever its value. */
static inline size_t office_tree_facts(const struct dissect *dissect, const char *name)
{
    size_t count = 0;

    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
                fact = fact->next)
            count += strcmp(fact->name, name) == 0;
    }
    return count;
}

static inline bool office_tree_note(const struct dissect *dissect, enum dissect_note_kind kind)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        for (const struct dissect_note *note = dissect_get(dissect, id)->notes; note != NULL;
                note = note->next) {
            if (note->kind == kind)
                return true;
        }
    }
    return false;
}

static inline bool office_tree_store(
        const struct dissect *dissect, const char *name, const char *value)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        for (const struct dissect_store *store = dissect_get(dissect, id)->stores; store != NULL;
                store = store->next) {
            if (hn_text_eq_nocase(store->name, hn_text_cstr(name)) &&
                    hn_text_eq(store->value, hn_text_cstr(value)))
                return true;
        }
    }
    return false;
}

static inline bool office_tree_text(
        const struct dissect *dissect, const char *what, const char *part)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        for (const struct dissect_text *text = dissect_get(dissect, id)->texts; text != NULL;
                text = text->next) {
            if (strcmp(text->what, what) == 0 &&
                    hn_text_find(text->text, hn_text_cstr(part), 0) != SIZE_MAX)
                return true;
        }
    }
    return false;
}

/* The first object of this format, or NULL. */
static inline const struct dissect_object *office_tree_object(
        const struct dissect *dissect, enum dissect_format format, const char *name)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        if (object->format == format &&
                (name == NULL || hn_text_eq(object->name, hn_text_cstr(name))))
            return object;
    }
    return NULL;
}

#endif
