/* test_hostile.c - whatever is cut off and whatever allocation fails: no crash, no leak, no failure
 * but HN_NOMEM, and what is in the tree can be read. Bombs end within limits. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include "base/mem.h"
#include "support/cfb_writer.h"
#include "support/vba_writer.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

enum { SAMPLES = 7 };

struct sample {
    struct hn_buf bytes;
    enum dissect_format format;
    size_t step; /* truncations are this far apart */
};

static void make_doc(struct sample *sample)
{
    static const struct office_writer_pair variables[] = { { "n", "v" } };
    struct office_writer_doc doc = { .text = "a\r\x13 DDE cmd x \x14 r\x15\r",
        .template_path = "http://one.example/t",
        .variables = variables,
        .variable_count = 1,
        .bookmark = { "b", "a" } };

    office_writer_doc(&doc, &sample->bytes);
    sample->format = DISSECT_DOC;
    sample->step = 61;
}

static void make_docx(struct sample *sample)
{
    static const struct vba_writer_module modules[] = { { .name = "M", .source = "Sub A()\r\n" } };
    struct vba_writer_project project = { .name = "P", .modules = modules, .count = 1 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf vba = { 0 };
    struct office_writer_part parts[] = {
        { .name = "word/document.xml",
                .text = "<w:document><w:p><w:fldSimple w:instr='DDE cmd x'/><w:t>t</w:t></w:p>"
                        "<w:sdt><w:sdtContent><w:p/></w:sdtContent></w:sdt></w:document>" },
        { .name = "word/_rels/document.xml.rels",
                .text = "<Relationships><Relationship Id='r' Type='x/frame' TargetMode='External' "
                        "Target='http://one.example/'/></Relationships>" },
        { .name = "word/vbaProject.bin" },
    };

    vba_writer_put(cfb, "", &project);
    cfb_writer_finish(cfb, &vba);
    cfb_writer_free(cfb);
    parts[2].bytes = hn_text_as_bytes(hn_buf_text(&vba));
    office_writer_package(parts, HN_COUNT_OF(parts), &sample->bytes);
    hn_buf_deinit(&vba);
    sample->format = DISSECT_DOCX;
    sample->step = 13;
}

static void make_xls(struct sample *sample)
{
    struct hn_buf s = { 0 };

    office_writer_biff(&s, 0x0809, "\0\6\5\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    office_writer_biff(&s, 0x0085, "\x50\0\0\0\0\0\1\0A", 9);
    office_writer_biff(&s, 0x00FC, "\1\0\0\0\1\0\0\0\2\0\0xy", 13);
    office_writer_biff(&s, 0x01AE, "\0\0\5\0\0cmd\003x", 10);
    office_writer_biff(&s, 0x000A, "", 0);
    office_writer_biff(&s, 0x0809, "\0\6\x10\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    office_writer_biff(&s, 0x00FD, "\0\0\0\0\0\0\0\0\0\0", 10);
    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(&s)), &sample->bytes);
    hn_buf_deinit(&s);
    sample->format = DISSECT_XLS;
    sample->step = 17;
}

static void make_rtf(struct sample *sample)
{
    struct hn_buf native = { 0 };
    struct hn_buf object = { 0 };

    office_writer_native(&native, "a.txt", "b", "c.txt", hn_text_as_bytes(HN_TEXT("hi")), "a.txt");
    office_writer_ole1(&object, "Package", hn_bytes_of(native.ptr + 4, native.len - 4));
    hn_buf_add_lit(&sample->bytes,
            "{\\rtf1\\ansicpg932{\\*\\template http://one.example/t}{\\field{\\*\\fldinst DDE "
            "cmd x}{\\fldrslt \\'93\\'fa\\u8364?}}{\\object{\\*\\objdata ");
    hn_buf_add_hex(&sample->bytes, object.ptr, object.len);
    hn_buf_add_lit(&sample->bytes, "}}}");
    hn_buf_deinit(&native);
    hn_buf_deinit(&object);
    sample->format = DISSECT_RTF;
    sample->step = 1;
}

static void make_slk(struct sample *sample)
{
    hn_buf_add_lit(&sample->bytes, "ID;P\r\nC;X1;Y1;K\"a;;b\";Ecmd|'x'!A0\r\nNN;NAuto_Open;ER1C1");
    sample->format = DISSECT_SLK;
    sample->step = 1;
}

static void make_mht(struct sample *sample)
{
    hn_buf_add_lit(&sample->bytes,
            "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
            "Content-Location: x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: "
            "quoted-printable\r\n\r\n<span field-begin></span> DDE cmd x<span field-end>=3D\r\n"
            "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nTVo=\r\n--b--");
    sample->format = DISSECT_MHT;
    sample->step = 1;
}

static void make_word_xml(struct sample *sample)
{
    hn_buf_add_lit(&sample->bytes,
            "<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>"
            "<w:docVar w:name='&#65;' w:val='v'/><w:p><w:fldChar w:fldCharType='begin'/>"
            "<w:instrText>DDE cmd x</w:instrText><w:fldChar w:fldCharType='end'/></w:p>"
            "</w:wordDocument>");
    sample->format = DISSECT_WORD_XML;
    sample->step = 1;
}

static void (*const makers[SAMPLES])(struct sample *sample) = { make_doc, make_docx, make_xls,
    make_rtf, make_slk, make_mht, make_word_xml };

static void every_truncation_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample = { 0 };

        makers[i](&sample);
        for (size_t len = 0; len <= sample.bytes.len; len += sample.step) {
            /* A copy of exactly this size, so that sanitizers see a byte too far. */
            uint8_t *copy = hn_malloc(len + 1);
            struct dissect *dissect;

            assert_non_null(copy);
            memcpy(copy, sample.bytes.ptr, len);
            dissect = office_tree(hn_bytes_of(copy, len), sample.format);
            assert_non_null(dissect);
            dissect_free(dissect);
            hn_free(copy);
        }
        hn_buf_deinit(&sample.bytes);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample = { 0 };
        struct dissect *dissect;
        uint64_t hits = 1;

        makers[i](&sample);
        for (uint64_t n = 1; hits > 0; n++) {
            hn_mem_fail_from(n);
            dissect = office_tree(hn_text_as_bytes(hn_buf_text(&sample.bytes)), sample.format);
            hits = hn_mem_fail_hits();
            hn_mem_fail_from(0);
            dissect_free(dissect);
        }
        dissect = office_tree(hn_text_as_bytes(hn_buf_text(&sample.bytes)), sample.format);
        assert_non_null(dissect);
        dissect_free(dissect);
        hn_buf_deinit(&sample.bytes);
    }
}

/* Each byte changed to each of a few values that parsers trip over. */
static void every_byte_may_lie(void **state)
{
    static const uint8_t values[] = { 0x00, 0x01, 0x7F, 0x80, 0xFF };

    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample = { 0 };

        makers[i](&sample);
        for (size_t at = 0; at < sample.bytes.len; at += sample.step) {
            char kept = sample.bytes.ptr[at];

            for (size_t v = 0; v < sizeof values; v++) {
                struct dissect *dissect;

                sample.bytes.ptr[at] = (char)values[v];
                dissect = office_tree(hn_text_as_bytes(hn_buf_text(&sample.bytes)), sample.format);
                assert_non_null(dissect);
                dissect_free(dissect);
            }
            sample.bytes.ptr[at] = kept;
        }
        hn_buf_deinit(&sample.bytes);
    }
}

/* A part that inflates a thousandfold is stopped and called a bomb. */
static void package_bomb(void **state)
{
    struct dissect_limits limits = dissect_limits_default;
    struct office_writer_part part = { .name = "word/document.xml" };
    struct hn_buf zeros = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    struct dissect_child sample = {
        .format = DISSECT_DOCX, .relation = "sample", .borrowed = true
    };

    (void)state;
    hn_buf_add_repeat(&zeros, ' ', (size_t)8 << 20);
    part.bytes = hn_text_as_bytes(hn_buf_text(&zeros));
    office_writer_package(&part, 1, &file);
    limits.ratio_free_bytes = 1 << 20;
    dissect = dissect_new(&limits);
    assert_non_null(dissect);
    sample.data = hn_text_as_bytes(hn_buf_text(&file));
    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    assert_true(office_tree_open_all(dissect));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_BOMB));
    dissect_free(dissect);
    hn_buf_deinit(&zeros);
    hn_buf_deinit(&file);
}

/* More cells than are kept as stores: counted, and still found as text. */
static void more_cells_than_stores(void **state)
{
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add_lit(&file, "ID;P\n");
    for (unsigned row = 1; row <= OFFICE_CELLS_MAX + 10; row++)
        hn_buf_addf(&file, "C;X1;Y%u;K\"value %u\"\n", row, row);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_SLK);
    assert_non_null(dissect);
    assert_true(office_tree_fact(dissect, "cells_left_out", "10"));
    assert_true(office_tree_text(dissect, "cells", "value 3010"));
    assert_false(office_tree_note(dissect, DISSECT_NOTE_LIMIT));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

/* Groups nested beyond the stack of the reader: what is within is still read. */
static void rtf_groups_nested_deep(void **state)
{
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add_lit(&file, "{\\rtf1 ");
    hn_buf_add_repeat(&file, '{', 100000);
    hn_buf_add_lit(&file, "within");
    hn_buf_add_repeat(&file, '}', 100000);
    hn_buf_add_lit(&file, "{\\*\\template http://one.example/t}}");
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_RTF);
    assert_non_null(dissect);
    assert_true(office_tree_text(dissect, "body", "within"));
    assert_true(office_tree_fact(dissect, "template_url", "http://one.example/t"));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_is_read),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_byte_may_lie),
        cmocka_unit_test(package_bomb),
        cmocka_unit_test(more_cells_than_stores),
        cmocka_unit_test(rtf_groups_nested_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
