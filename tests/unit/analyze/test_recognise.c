/* test_recognise.c - formats by bytes, whatever the names say. */
#include "analyze/analyze.h"

#include "support/shared.h"
#include "support/zip_writer.h"

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum dissect_format of(const char *bytes, size_t len, const char *name)
{
    return analyze_recognise(hn_bytes_of(bytes, len), hn_text_cstr(name));
}

#define OF(bytes, name) of(bytes, sizeof(bytes) - 1, name)

/* A magic decides, and the name is not asked. */
static void magics_decide(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum dissect_format format;
    } rows[] = {
#define ROW(bytes, format) { bytes, sizeof(bytes) - 1, format }
        ROW("7z\xBC\xAF\x27\x1C....", DISSECT_7Z),
        ROW("Rar!\x1A\x07\x01....", DISSECT_RAR),
        ROW("MSCF\0\0\0\0....", DISSECT_CAB),
        ROW("\x1F\x8B\x08....", DISSECT_GZIP),
        ROW("BZh91AY&SY....", DISSECT_BZIP2),
        ROW("\xFD\x37zXZ\0....", DISSECT_XZ),
        ROW("\x28\xB5\x2F\xFD....", DISSECT_ZSTD),
        ROW("vhdxfile........", DISSECT_VHDX),
        ROW("conectix........", DISSECT_VHD),
        ROW("\x78\x9F\x3E\x22....", DISSECT_TNEF),
        ROW("ITSF....", DISSECT_CHM),
        ROW("MSWIM\0\0\0....", DISSECT_WIM),
        ROW("!BDN........", DISSECT_PST),
        ROW("\x31\x32\x31\0\0\0\x90**ACE**\x14\x14", DISSECT_ACE),
        ROW("\x60\xEA\x2A\0\x22\x0B\1\2\x10\0\2.......................", DISSECT_ARJ),
        ROW("ALZ\1\n\0\0\0", DISSECT_ALZ),
        ROW("EGGA\0\1......", DISSECT_EGG),
        ROW("xar!\0\x1C....", DISSECT_XAR),
        ROW("\x1F\x9D\x90....", DISSECT_COMPRESS),
        ROW("\x1C\x20-lh5-.............\0.", DISSECT_LHA),
        ROW("\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0....", DISSECT_LZMA),
        ROW("GIF89a%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n", DISSECT_PDF),
        ROW("WEB\r\n1\r\nhttp://a.example/\r\n", DISSECT_IQY),
        ROW("REGEDIT4\r\n[HKEY_USERS\\a]\r\n", DISSECT_REG),
        ROW("screen mode id:i:2\r\nfull address:s:a.example\r\n", DISSECT_RDP),
        ROW("[version]\r\nSignature=$chicago$\r\n[DefaultInstall]\r\n", DISSECT_INF),
        ROW("<?xml version=\"1.0\"?><MMC_ConsoleFile/>", DISSECT_MSC),
        ROW("\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3..", DISSECT_ONENOTE),
        ROW("\x4C\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46....", DISSECT_LNK),
        ROW("\x7F"
            "ELF\2\1\1",
                DISSECT_ELF),
        ROW("ActiveMime\0\0", DISSECT_ACTIVEMIME),
        ROW("{\\rt\\nonsense", DISSECT_RTF),
        ROW("  {\\rtf1 text}", DISSECT_RTF),
        ROW("junk before\n%PDF-1.4\n", DISSECT_PDF),
        ROW("\x89PNG\r\n\x1A\n....", DISSECT_IMAGE),
        ROW("\xFF\xD8\xFF\xE0....", DISSECT_IMAGE),
        ROW("ID;PWXL;N;E\r\nC;Y1;X1;K1\r\nE\r\n", DISSECT_SLK),
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        assert_int_equal(of(rows[i].bytes, rows[i].len, "invoice.txt"), rows[i].format);
}

/* "MZ", "BM" and "PK" begin words as well. */
static void words_are_no_magics(void **state)
{
    char program[128] = "MZ";

    (void)state;
    assert_int_equal(OF("MZ is how a letter may begin; it goes on for longer than any header is, "
                        "and is a text all the same",
                             "a"),
            DISSECT_TEXT);
    assert_int_equal(OF("BM, ISO and VHD are abbreviations", "a"), DISSECT_TEXT);
    assert_int_equal(OF("PK stands for private key", "a"), DISSECT_TEXT);
    assert_int_equal(of(program, sizeof program, "a"), DISSECT_PE);
    program[60] = 64;
    memcpy(program + 64, "PE\0\0", 4);
    memset(program + 2, 'x', 58);
    assert_int_equal(of(program, sizeof program, "a.txt"), DISSECT_PE);
}

static enum dissect_format zip_of(const char *const *names, size_t count, struct hn_bytes data)
{
    struct zip_writer writer = { 0 };
    enum dissect_format format;

    for (size_t i = 0; i < count; i++) {
        struct zip_writer_entry entry = { .name = hn_text_cstr(names[i]), .data = data };

        zip_writer_add(&writer, &entry);
    }
    format = analyze_recognise(zip_writer_end(&writer, true), HN_TEXT("x"));
    zip_writer_deinit(&writer);
    return format;
}

/* Packages by the parts in their own directory. */
static void packages_are_told_apart(void **state)
{
    static const char *const docx[] = { "[Content_Types].xml", "word/document.xml" };
    static const char *const odd[] = { "/word\\document.xml", "[Content_Types].xml",
        "Word/Document.XML" };
    static const char *const xlsb[] = { "xl/workbook.bin", "[Content_Types].xml" };
    static const char *const folder[] = { "word/notes.txt", "other.txt" };
    static const char *const other[] = { "[Content_Types].xml", "FixedDocument.fdoc" };
    struct hn_bytes text = hn_bytes_of("text", 4);

    (void)state;
    assert_int_equal(zip_of(docx, 2, text), DISSECT_DOCX);
    assert_int_equal(zip_of(odd, 3, text), DISSECT_DOCX);
    assert_int_equal(zip_of(xlsb, 2, text), DISSECT_XLSB);
    assert_int_equal(zip_of(folder, 2, text), DISSECT_ZIP);
    assert_int_equal(zip_of(other, 2, text), DISSECT_OPC);
}

/* A document stored in an archive does not make the archive a document. */
static void what_is_stored_inside_does_not_count(void **state)
{
    static const char *const names[] = { "[Content_Types].xml", "word/document.xml" };
    static const char *const outer[] = { "letter.docx" };
    struct zip_writer writer = { 0 };
    struct hn_bytes inner;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct zip_writer_entry entry = { .name = hn_text_cstr(names[i]) };

        zip_writer_add(&writer, &entry);
    }
    inner = zip_writer_end(&writer, true);
    assert_int_equal(zip_of(outer, 1, inner), DISSECT_ZIP);
    zip_writer_deinit(&writer);
}

static void texts_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(
            OF("From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nbody", ""), DISSECT_EML);
    assert_int_equal(OF("Subject: only one\n\nbody", "a.txt"), DISSECT_TEXT);
    assert_int_equal(OF("Subject: only one\n\nbody", "a.eml"), DISSECT_EML);
    assert_int_equal(OF("From a@b.example Mon Jan 1 00:00:00 2024\nFrom: a@b.example\nTo: c\n"
                        "Subject: x\n\nbody",
                             ""),
            DISSECT_MBOX);
    assert_int_equal(OF("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
                        "--x\nContent-Location: file:///a\n\n",
                             "a.doc"),
            DISSECT_MHT);
    assert_int_equal(OF("<html><body>", "a.doc"), DISSECT_HTML);
    assert_int_equal(OF("<HTML><hta:application id=a>", ""), DISSECT_HTA);
    assert_int_equal(OF("<html>", "a.hta"), DISSECT_HTA);
    assert_int_equal(OF("<?xml version='1.0'?><?mso-application progid=\"Word.Document\"?>", ""),
            DISSECT_WORD_XML);
    assert_int_equal(OF("<?xml version='1.0'?><Workbook "
                        "xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                             ""),
            DISSECT_EXCEL_XML);
    assert_int_equal(OF("<job id=1><script language=JScript>", "a.txt"), DISSECT_WSF);
    assert_int_equal(OF("[InternetShortcut]\r\nURL=http://a.example/", ""), DISSECT_URL);
    assert_int_equal(OF("#@~^AAAAAA==x", "a.vbe"), DISSECT_VBE);
    assert_int_equal(OF("#@~^AAAAAA==x", "a.jse"), DISSECT_JSE);
    assert_int_equal(OF("$a = New-Object Net.WebClient", ""), DISSECT_POWERSHELL);
    assert_int_equal(OF("nothing to see", "a.vbs"), DISSECT_VBSCRIPT);
    assert_int_equal(OF("nothing to see", "a.PS1. "), DISSECT_POWERSHELL);
    assert_int_equal(OF("a,b\r\n1,2\r\n", "a.csv"), DISSECT_CSV);
    assert_int_equal(OF("\xFF\xFE<\0h\0t\0m\0l\0>\0", ""), DISSECT_HTML);
    assert_int_equal(OF("\x01\x02\x03\x04\x05\x06", "a.txt"), DISSECT_UNKNOWN);
    assert_int_equal(OF("", "a.exe"), DISSECT_UNKNOWN);
}

static void endings_promise_formats(void **state)
{
    char room[ANALYZE_EXTENSION_ROOM];

    (void)state;
    assert_true(hn_text_eq(analyze_extension(HN_TEXT("a.b/C.PDF . ."), room), HN_TEXT("pdf")));
    assert_int_equal(analyze_extension(HN_TEXT("folder.d/name"), room).len, 0);
    assert_int_equal(analyze_extension(HN_TEXT("a.muchtoolongforanending"), room).len, 0);
    assert_true(analyze_extension_fits(HN_TEXT("doc"), DISSECT_RTF));
    assert_false(analyze_extension_fits(HN_TEXT("doc"), DISSECT_PE));
    assert_false(analyze_extension_fits(HN_TEXT("pdf"), DISSECT_LNK));
    assert_true(analyze_extension_fits(HN_TEXT("dat"), DISSECT_PE));
    assert_true(analyze_extension_fits(HN_TEXT("pdf"), DISSECT_UNKNOWN));
}

/* Every prefix of real files is looked at within its bounds (sanitizers watch). */
static void truncated_files_stay_in_bounds(void **state)
{
    static const char *const files[] = { "data/documents/poi/test-data_document_SimpleMacro.doc",
        "data/documents/poi/test-data_document_SimpleMacro.docm",
        "data/documents/tika/testMSG.msg" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(files); i++) {
        char *path = shared_path_or_skip(files[i]);
        struct hn_bytes bytes = shared_read(path);

        for (size_t len = 0; len < bytes.len; len += len < 3000 ? 1 : 509) {
            uint8_t *copy = malloc(len + 1);

            assert_non_null(copy);
            memcpy(copy, bytes.ptr, len);
            (void)analyze_recognise(hn_bytes_of(copy, len), HN_TEXT("a"));
            free(copy);
        }
        shared_free(bytes);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(magics_decide),
        cmocka_unit_test(words_are_no_magics),
        cmocka_unit_test(packages_are_told_apart),
        cmocka_unit_test(what_is_stored_inside_does_not_count),
        cmocka_unit_test(texts_are_told_apart),
        cmocka_unit_test(endings_promise_formats),
        cmocka_unit_test(truncated_files_stay_in_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
