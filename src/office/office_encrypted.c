/* office_encrypted.c - documents under a password. */
#include "office/office_internal.h"

enum hn_status office_open_encrypted(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct ole_file *file;

    office_begin(&o, dissect, id);
    dissect_fact_bool(dissect, id, "encrypted", true);
    dissect_note(dissect, id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE, "the document");
    file = office_ole_open(&o, office_data(&o));
    if (file != NULL)
        office_compound(&o, file);
    return office_end(&o, err);
}
