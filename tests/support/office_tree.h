/* office_tree.h - a document opened with all that is in it, as the analysis does it, for tests. */
#ifndef HN_TESTS_OFFICE_TREE_H
#define HN_TESTS_OFFICE_TREE_H

#include "office/office.h"

static dissect_opener *office_tree_opener(enum dissect_format format)
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
static bool office_tree_open_all(struct dissect *dissect)
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
static struct dissect *office_tree(struct hn_bytes bytes, enum dissect_format format)
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

#endif
