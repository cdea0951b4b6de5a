/* extension.c - which formats a file may have whose name ends in a certain way. Only endings that
 * promise something are here; a wrong promise is a finding, an unknown ending is none. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

#define FORMATS_MAX 10

struct promise {
    const char *extension;
    enum dissect_format formats[FORMATS_MAX]; /* DISSECT_UNKNOWN behind the last */
};

/* Word and Excel open each other's older forms under their usual endings, and so do people who
 * save as text, web page or mail; those are no disguise. */
#define WORD_FORMS                                                         \
    DISSECT_DOC, DISSECT_DOCX, DISSECT_RTF, DISSECT_WORD_XML, DISSECT_MHT, \
            DISSECT_OFFICE_ENCRYPTED, DISSECT_HTML, DISSECT_TEXT
#define EXCEL_FORMS                                                                       \
    DISSECT_XLS, DISSECT_XLSX, DISSECT_XLSB, DISSECT_EXCEL_XML, DISSECT_OFFICE_ENCRYPTED, \
            DISSECT_HTML, DISSECT_CSV, DISSECT_TEXT, DISSECT_SLK, DISSECT_MHT
#define SLIDE_FORMS DISSECT_PPT, DISSECT_PPTX, DISSECT_OFFICE_ENCRYPTED, DISSECT_MHT, DISSECT_HTML

static const struct promise promises[] = {
    { "doc", { WORD_FORMS } },
    { "dot", { WORD_FORMS } },
    { "docx", { WORD_FORMS } },
    { "docm", { WORD_FORMS } },
    { "rtf", { WORD_FORMS } },
    { "xls", { EXCEL_FORMS } },
    { "xlsx", { EXCEL_FORMS } },
    { "xlsm", { EXCEL_FORMS } },
    { "ppt", { SLIDE_FORMS } },
    { "pptx", { SLIDE_FORMS } },
    { "pptm", { SLIDE_FORMS } },
    { "pdf", { DISSECT_PDF } },
    { "txt", { DISSECT_TEXT, DISSECT_EML, DISSECT_CSV, DISSECT_XML, DISSECT_HTML,
                     DISSECT_POWERSHELL, DISSECT_VBA_MODULE, DISSECT_MBOX } },
    { "jpg", { DISSECT_IMAGE } },
    { "jpeg", { DISSECT_IMAGE } },
    { "png", { DISSECT_IMAGE } },
    { "gif", { DISSECT_IMAGE } },
    { "bmp", { DISSECT_IMAGE } },
    { "ico", { DISSECT_IMAGE } },
    { "zip", { DISSECT_ZIP, DISSECT_OPC, DISSECT_DOCX, DISSECT_XLSX, DISSECT_PPTX, DISSECT_XLSB,
                     DISSECT_ODF, DISSECT_VSDX } },
    { "rar", { DISSECT_RAR } },
    { "7z", { DISSECT_7Z } },
    { "iso", { DISSECT_ISO, DISSECT_UDF } },
    { "lnk", { DISSECT_LNK } },
    { "exe", { DISSECT_PE } },
    { "dll", { DISSECT_PE } },
    { "one", { DISSECT_ONENOTE } },
};

/* Not recognised, empty, or cut: nothing can be said. */
bool analyze_extension_fits(struct hn_text extension, enum dissect_format format)
{
    if (format == DISSECT_UNKNOWN)
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(promises); i++) {
        if (!hn_text_eq(extension, hn_text_cstr(promises[i].extension)))
            continue;
        for (size_t k = 0; k < FORMATS_MAX; k++)
            if (promises[i].formats[k] == format)
                return true;
        return false;
    }
    return true;
}
