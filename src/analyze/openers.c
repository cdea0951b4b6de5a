/* openers.c - who opens which format and who evaluates which language: the one place where the
 * modules of formats are named. A format without a row is a leaf, or is said not to be supported.
 */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "batch/batch.h"
#include "command/command.h"
#include "container/container.h"
#include "jscript/jscript.h"
#include "mail/mail.h"
#include "office/office.h"
#include "powershell/powershell.h"
#include "program/program.h"
#include "vbscript/vbscript.h"
#include "xlm/xlm.h"

/* A program, and the archive that may stand behind or within it. */
static enum hn_status open_program(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    enum hn_status status = program_open_pe(dissect, id, err);

    return status == HN_OK ? container_open_sfx(dissect, id, err) : status;
}

static const struct analyze_opener openers[] = {
    { DISSECT_EML, mail_open_eml },
    { DISSECT_MBOX, mail_open_mbox },
    { DISSECT_MSG, mail_open_msg },
    { DISSECT_TNEF, mail_open_tnef },
    { DISSECT_ZIP, container_open_zip },
    { DISSECT_7Z, container_open_archive },
    { DISSECT_RAR, container_open_archive },
    { DISSECT_CAB, container_open_archive },
    { DISSECT_ISO, container_open_iso },
    { DISSECT_UDF, container_open_iso },
    { DISSECT_VHD, container_open_disk },
    { DISSECT_VHDX, container_open_disk },
    { DISSECT_GZIP, container_open_archive },
    { DISSECT_TAR, container_open_archive },
    { DISSECT_BZIP2, container_open_archive },
    { DISSECT_XZ, container_open_archive },
    { DISSECT_ZSTD, container_open_archive },
    { DISSECT_OLE, office_open_ole },
    { DISSECT_DOC, office_open_doc },
    { DISSECT_XLS, office_open_xls },
    { DISSECT_PPT, office_open_ppt },
    { DISSECT_MSI, container_open_msi },
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
    { DISSECT_PDF, container_open_pdf },
    { DISSECT_ONENOTE, container_open_onenote },
    { DISSECT_OLE_OBJECT, office_open_ole_object },
    { DISSECT_VBA_PROJECT, office_open_vba_project },
    { DISSECT_HTML, container_open_html },
    { DISSECT_HTA, container_open_html },
    { DISSECT_WSF, container_open_html },
    { DISSECT_LNK, container_open_lnk },
    { DISSECT_URL, container_open_url },
    { DISSECT_SHELL_INI, container_open_url },
    { DISSECT_SHELL_XML, container_open_shell_xml },
    { DISSECT_RDP, container_open_rdp },
    { DISSECT_IQY, container_open_iqy },
    { DISSECT_REG, container_open_reg },
    { DISSECT_INF, container_open_inf },
    { DISSECT_MSC, container_open_xml },
    { DISSECT_XML, container_open_xml },
    { DISSECT_TEXT, container_open_text },
    { DISSECT_IMAGE, container_open_picture },
    { DISSECT_LHA, container_open_archive },
    { DISSECT_COMPRESS, container_open_archive },
    { DISSECT_LZMA, container_open_archive },
    { DISSECT_XAR, container_open_archive },
    { DISSECT_JUMP_LIST, container_open_jump_list },
    { DISSECT_CHM, container_open_chm },
    { DISSECT_PE, open_program },
    { DISSECT_ELF, program_open_elf },
    { DISSECT_XLM, xlm_open },
};

static const struct analyze_evaluator evaluators[] = {
    { SCRIPT_VBA, vbscript_evaluate },
    { SCRIPT_VBSCRIPT, vbscript_evaluate },
    { SCRIPT_POWERSHELL, powershell_evaluate },
    { SCRIPT_JSCRIPT, jscript_evaluate },
    { SCRIPT_BATCH, batch_evaluate },
    { SCRIPT_COMMAND, command_evaluate },
    { SCRIPT_XLM, xlm_evaluate },
};

const struct analyze_tables analyze_tables_all = {
    .openers = openers,
    .opener_count = HN_COUNT_OF(openers),
    .evaluators = evaluators,
    .evaluator_count = HN_COUNT_OF(evaluators),
};

dissect_opener *analyze_opener_of(const struct analyze_tables *tables, enum dissect_format format)
{
    for (size_t i = 0; i < tables->opener_count; i++)
        if (tables->openers[i].format == format)
            return tables->openers[i].open;
    return NULL;
}
