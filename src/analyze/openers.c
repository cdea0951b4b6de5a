/* openers.c - who opens which format and who evaluates which language: the one place where the
 * modules of formats are named. A format without a row is a leaf, or is said not to be supported.
 */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "container/container.h"
#include "mail/mail.h"
#include "office/office.h"

static const struct analyze_opener openers[] = {
    { DISSECT_EML, mail_open_eml },
    { DISSECT_MBOX, mail_open_mbox },
    { DISSECT_ZIP, container_open_zip },
    { DISSECT_7Z, container_open_archive },
    { DISSECT_RAR, container_open_archive },
    { DISSECT_CAB, container_open_archive },
    { DISSECT_GZIP, container_open_archive },
    { DISSECT_TAR, container_open_archive },
    { DISSECT_BZIP2, container_open_archive },
    { DISSECT_XZ, container_open_archive },
    { DISSECT_ZSTD, container_open_archive },
    { DISSECT_OLE, office_open_ole },
    { DISSECT_DOC, office_open_doc },
    { DISSECT_XLS, office_open_xls },
    { DISSECT_PPT, office_open_ppt },
    { DISSECT_DOCX, office_open_ooxml },
    { DISSECT_XLSX, office_open_ooxml },
    { DISSECT_XLSB, office_open_ooxml },
    { DISSECT_PPTX, office_open_ooxml },
    { DISSECT_VSDX, office_open_ooxml },
    { DISSECT_OPC, office_open_ooxml },
    { DISSECT_OLE_OBJECT, office_open_ole_object },
};

const struct analyze_tables analyze_tables_all = {
    .openers = openers,
    .opener_count = HN_COUNT_OF(openers),
};

dissect_opener *opener_of(const struct analyze_tables *tables, enum dissect_format format)
{
    for (size_t i = 0; i < tables->opener_count; i++)
        if (tables->openers[i].format == format)
            return tables->openers[i].open;
    return NULL;
}
