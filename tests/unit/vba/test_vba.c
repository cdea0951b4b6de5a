/* test_vba.c - VBA projects of our own writer come back as they were written; damaged and lying
 * ones give what is left; stomping is seen where it is and nowhere else. */
#include "vba/vba.h"

#include "base/mem.h"
#include "support/check.h"
#include "support/vba_writer.h"

#include <stdio.h>

#define CAP ((size_t)256 << 20)

struct scene {
    struct hn_buf file;
    struct hn_arena arena;
    struct ole_file *ole;
    const struct vba_project *project;
};

static void scene_finish(struct scene *s, struct cfb_writer *cfb)
{
    uint32_t storages[4];

    cfb_writer_finish(cfb, &s->file);
    cfb_writer_free(cfb);
    hn_arena_init(&s->arena, CAP);
    assert_int_equal(
            ole_open(&s->arena, hn_text_as_bytes(hn_buf_text(&s->file)), NULL, &s->ole, NULL),
            HN_OK);
    if (vba_find(s->ole, storages, 4) == 0)
        storages[0] = OLE_NONE;
    assert_int_equal(
            vba_project_read(&s->arena, s->ole, storages[0], NULL, &s->project, NULL), HN_OK);
}

static struct scene scene_of(const struct vba_writer_project *project, const char *parent)
{
    struct scene s = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);

    vba_writer_put(cfb, parent, project);
    scene_finish(&s, cfb);
    return s;
}

static void scene_end(struct scene *s)
{
    hn_arena_deinit(&s->arena);
    hn_buf_deinit(&s->file);
}

#define CODE "Sub AutoOpen()\r\n    Shell \"calc.example\", 0\r\nEnd Sub\r\n"

static const struct vba_writer_module two_modules[] = {
    { .name = "ThisDocument", .type = VBA_WRITER_DOCUMENT },
    { .name = "Module1", .source = CODE },
};

static void projects_come_back(void **state)
{
    static const char *const parents[] = { "Macros", "_VBA_PROJECT_CUR", "" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(parents); i++) {
        struct vba_writer_project written = {
            .name = "Project", .modules = two_modules, .count = 2
        };
        struct scene s = scene_of(&written, parents[i]);

        assert_int_equal(s.project->odd, 0);
        check_text(s.project->name, "Project");
        assert_int_equal(s.project->codepage, 1252);
        assert_int_equal(s.project->reference_count, 1);
        check_text(s.project->references[0].name, "stdole");
        assert_true(hn_text_starts(
                s.project->references[0].libid, HN_TEXT("*\\G{00020430-0000-0000-C000")));
        assert_false(s.project->has_password);
        assert_false(s.project->user_protected);
        assert_false(s.project->hidden);
        assert_int_equal(s.project->module_count, 2);
        assert_int_equal(s.project->modules[0].type, VBA_MODULE_DOCUMENT);
        check_text(s.project->modules[0].code, "");
        assert_int_equal(s.project->modules[1].type, VBA_MODULE_STANDARD);
        check_text(s.project->modules[1].source, "Attribute VB_Name = \"Module1\"\r\n" CODE);
        check_text(s.project->modules[1].code, CODE);
        assert_int_equal(s.project->modules[1].odd, 0);
        assert_int_equal(s.project->modules[1].pcode.stomp, VBA_STOMP_UNKNOWN);
        scene_end(&s);
    }
}

/* Names and sources in a code page of two bytes, and another name for the stream. */
static void code_pages_are_used(void **state)
{
    static const struct vba_writer_module modules[] = {
        { .name = "\x83\x82\x83W\x83\x85", /* モジュ */
                .stream_name = "\x8A\xBF",
                .source = "MsgBox \"\x93\xFA\x96{\"\r\n" }
    };
    struct vba_writer_project written = {
        .name = "P", .codepage = 932, .modules = modules, .count = 1, .password = "infected"
    };
    struct scene s = scene_of(&written, "Macros");

    (void)state;
    assert_int_equal(s.project->odd, 0);
    check_text(s.project->modules[0].name, "モジュ");
    check_text(s.project->modules[0].stream_name, "漢");
    check_text(s.project->modules[0].code, "MsgBox \"日本\"\r\n");
    assert_true(s.project->has_password);
    assert_true(s.project->user_protected);
    assert_true(s.project->hidden);
    scene_end(&s);
}

static void compression_is_undone(void **state)
{
    struct check_random random = { 7 };

    (void)state;
    for (size_t len = 0; len < 20000; len = len * 3 / 2 + 1) {
        for (unsigned letters = 1; letters <= 256; letters *= 4) {
            struct hn_buf in = { 0 };
            struct hn_buf packed = { 0 };
            struct hn_buf out = { 0 };
            size_t used;

            for (size_t i = 0; i < len; i++)
                hn_buf_add_char(&in, (char)check_random_below(&random, letters));
            vba_compress(hn_text_as_bytes(hn_buf_text(&in)), &packed);
            (void)vba_decompress(hn_text_as_bytes(hn_buf_text(&packed)), &out, &used);
            assert_int_equal(used, packed.len);
            assert_true(out.len >= in.len); /* a raw last chunk is filled up */
            assert_true(out.len < in.len + 4096);
            assert_memory_equal(out.len > 0 ? out.ptr : "", in.len > 0 ? in.ptr : "", in.len);
            hn_buf_deinit(&out);
            hn_buf_deinit(&packed);
            hn_buf_deinit(&in);
        }
    }
}

/* The examples of [MS-OVBA] 3.2. */
static void compression_fits_the_specification(void **state)
{
    static const uint8_t plain[] = { 0x01, 0x19, 0xB0, 0x00, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
        0x67, 0x68, 0x00, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70, 0x00, 0x71, 0x72, 0x73,
        0x74, 0x75, 0x76, 0x2E };
    static const uint8_t normal[] = { 0x01, 0x2F, 0xB0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63,
        0x64, 0x65, 0x82, 0x66, 0x00, 0x70, 0x61, 0x67, 0x68, 0x69, 0x6A, 0x01, 0x38, 0x08, 0x61,
        0x6B, 0x6C, 0x00, 0x30, 0x6D, 0x6E, 0x6F, 0x70, 0x06, 0x71, 0x02, 0x70, 0x04, 0x10, 0x72,
        0x73, 0x74, 0x75, 0x76, 0x10, 0x77, 0x78, 0x79, 0x7A, 0x00, 0x3C };
    static const uint8_t most[] = { 0x01, 0x03, 0xB0, 0x02, 0x61, 0x45, 0x00 };
    struct hn_buf buf = { 0 };

    (void)state;
    assert_int_equal(vba_decompress(hn_bytes_of(plain, sizeof plain), &buf, NULL), 0);
    check_buf(&buf, "abcdefghijklmnopqrstuv.");
    assert_int_equal(vba_decompress(hn_bytes_of(normal, sizeof normal), &buf, NULL), 0);
    check_buf(&buf, "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa");
    assert_int_equal(vba_decompress(hn_bytes_of(most, sizeof most), &buf, NULL), 0);
    check_buf(&buf, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    hn_buf_deinit(&buf);
}

/* Six bytes give 4,096: a small file may not fill the memory. */
static void bombs_are_bounded(void **state)
{
    struct hn_buf bomb = { 0 };
    struct hn_buf out = { .cap_bytes = 1 << 20 };

    (void)state;
    hn_buf_add_char(&bomb, 1);
    for (unsigned i = 0; i < 100000; i++)
        hn_buf_add(&bomb, "\x03\xB0\x02 \xFF\x0F", 6);
    assert_int_equal(
            vba_decompress(hn_text_as_bytes(hn_buf_text(&bomb)), &out, NULL), VBA_ODD_LIMIT);
    assert_int_equal(out.len, 1 << 20);
    hn_buf_deinit(&out);
    hn_buf_deinit(&bomb);
}

/* ---- Lies ---- */

static void put_stream(struct cfb_writer *cfb, const char *path, const struct hn_buf *data)
{
    cfb_writer_stream(cfb, path, hn_text_as_bytes(hn_buf_text(data)));
}

/* Cut to len bytes; returns whether that left it whole. */
static bool put_dir(struct cfb_writer *cfb, const struct vba_writer_project *project,
        uint32_t offset, size_t len)
{
    const uint32_t offsets[] = { offset, offset, offset };
    struct hn_buf dir = { 0 };
    struct hn_buf packed = { 0 };
    bool whole;

    vba_writer_dir(project, offsets, &dir);
    vba_compress(hn_bytes_of(dir.ptr, len < dir.len ? len : dir.len), &packed);
    put_stream(cfb, "Macros/VBA/dir", &packed);
    hn_buf_deinit(&packed);
    whole = len >= dir.len;
    hn_buf_deinit(&dir);
    return whole;
}

static void wrong_offsets_are_searched_for(void **state)
{
    struct vba_writer_project written = { .name = "P", .modules = two_modules, .count = 2 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct scene s = { 0 };

    (void)state;
    vba_writer_put(cfb, "Macros", &written);
    (void)put_dir(cfb, &written, 77, SIZE_MAX);
    scene_finish(&s, cfb);
    assert_int_equal(s.project->module_count, 2);
    assert_int_equal(s.project->modules[1].odd, VBA_ODD_OFFSET);
    check_text(s.project->modules[1].code, CODE);
    scene_end(&s);
}

/* Without dir, with a cut one and with rubbish the modules are found all the same. */
static void a_lost_dir_loses_no_module(void **state)
{
    struct vba_writer_project written = { .name = "P", .modules = two_modules, .count = 2 };

    (void)state;
    for (size_t len = 0; len < 600; len += 7) {
        struct cfb_writer *cfb = cfb_writer_new(3);
        struct scene s = { 0 };
        bool found = false;
        bool whole;

        vba_writer_put(cfb, "Macros", &written);
        whole = put_dir(cfb, &written, 0, len);
        scene_finish(&s, cfb);
        for (size_t i = 0; i < s.project->module_count; i++)
            if (hn_text_eq(s.project->modules[i].code, HN_TEXT(CODE)))
                found = true;
        assert_true(found);
        assert_int_equal((s.project->odd & (VBA_ODD_NO_DIR | VBA_ODD_DIR)) != 0, !whole);
        scene_end(&s);
    }
}

static void orphan_streams_are_modules(void **state)
{
    struct vba_writer_project written = { .name = "P", .modules = two_modules, .count = 2 };
    struct vba_writer_project stated = { .name = "P", .modules = two_modules, .count = 1 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct scene s = { 0 };

    (void)state;
    vba_writer_put(cfb, "Macros", &written);
    (void)put_dir(cfb, &stated, 0, SIZE_MAX);
    scene_finish(&s, cfb);
    assert_int_equal(s.project->odd, VBA_ODD_ORPHAN);
    assert_int_equal(s.project->module_count, 2);
    check_text(s.project->modules[1].name, "Module1");
    check_text(s.project->modules[1].code, CODE);
    assert_true((s.project->modules[1].odd & VBA_ODD_ORPHAN) != 0);
    scene_end(&s);
}

/* A module in a stream that stands in no project at all. */
static void modules_outside_are_found(void **state)
{
    struct hn_buf packed = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(4);
    struct scene s = { 0 };

    (void)state;
    hn_buf_add_lit(&packed, "some cache");
    vba_compress(hn_text_as_bytes(HN_TEXT("Attribute VB_Name = \"Deep\"\r\n" CODE)), &packed);
    put_stream(cfb, "Strange/place", &packed);
    scene_finish(&s, cfb);
    assert_int_equal(s.project->storage, OLE_NONE);
    assert_int_equal(s.project->module_count, 1);
    check_text(s.project->modules[0].name, "Deep");
    check_text(s.project->modules[0].code, CODE);
    assert_int_equal(s.project->modules[0].offset, 10);
    hn_buf_deinit(&packed);
    scene_end(&s);
}

static void hidden_modules_are_marked(void **state)
{
    static const struct vba_writer_module modules[] = {
        { .name = "ThisDocument", .type = VBA_WRITER_DOCUMENT },
        { .name = "Module1", .source = CODE, .hidden = true },
    };
    struct vba_writer_project written = { .name = "P", .modules = modules, .count = 2 };
    struct scene s = scene_of(&written, "Macros");

    (void)state;
    assert_int_equal(s.project->modules[0].odd, 0);
    assert_int_equal(s.project->modules[1].odd, VBA_ODD_HIDDEN);
    assert_int_equal(s.project->odd, VBA_ODD_HIDDEN);
    scene_end(&s);
}

static void limits_hold(void **state)
{
    struct vba_writer_module modules[40];
    char names[40][16];
    struct vba_writer_project written = { .name = "P", .modules = modules, .count = 40 };
    struct vba_limits limits = { .modules_max = 10, .text_bytes_max = 5000, .pcode_bytes_max = 1 };
    struct scene s;
    uint32_t storage;
    uint64_t total = 0;

    (void)state;
    memset(modules, 0, sizeof modules);
    for (size_t i = 0; i < 40; i++) {
        (void)snprintf(names[i], sizeof names[i], "Module%zu", i);
        modules[i].name = names[i];
        modules[i].source = CODE CODE CODE CODE CODE CODE CODE CODE CODE CODE CODE CODE CODE CODE;
    }
    s = scene_of(&written, "Macros");
    assert_int_equal(s.project->module_count, 40);
    assert_int_equal(vba_find(s.ole, &storage, 1), 1);
    assert_int_equal(vba_project_read(&s.arena, s.ole, storage, &limits, &s.project, NULL), HN_OK);
    assert_int_equal(s.project->module_count, 10);
    assert_true((s.project->odd & VBA_ODD_LIMIT) != 0);
    for (size_t i = 0; i < 10; i++)
        total += s.project->modules[i].source.len;
    assert_true(total <= 5000);
    scene_end(&s);
}

/* ---- P-code ---- */

static const struct vba_writer_line honest[] = { { "Shell", "calc.example" }, { "Beep", NULL } };
static const struct vba_writer_line other[] = { { "CreateObject", "WScript.Shell" },
    { "Download", "http://192.0.2.7/a" } };

static enum vba_stomp stomp_of(
        const char *source, const struct vba_writer_line *lines, size_t count, bool wide)
{
    struct vba_writer_module modules[] = {
        { .name = "Module1", .source = source, .lines = lines, .line_count = count }
    };
    struct vba_writer_project written = {
        .name = "P", .modules = modules, .count = 1, .wide = wide
    };
    struct scene s = scene_of(&written, "Macros");
    enum vba_stomp stomp = s.project->modules[0].pcode.stomp;

    assert_true(s.project->modules[0].pcode.whole);
    if (lines == other && stomp == VBA_STOMP_YES)
        check_text(s.project->modules[0].pcode.missing,
                "\"WScript.Shell\"\n\"http://192.0.2.7/a\"\nCreateObject\nDownload");
    scene_end(&s);
    return stomp;
}

static void stomping_is_seen(void **state)
{
    (void)state;
    for (unsigned wide = 0; wide < 2; wide++) {
        assert_int_equal(
                stomp_of("Shell \"calc.example\"\r\nBeep\r\n", honest, 2, wide), VBA_STOMP_NO);
        assert_int_equal(stomp_of("MsgBox \"Hello\"\r\n", other, 2, wide), VBA_STOMP_YES);
        assert_int_equal(stomp_of("", other, 2, wide), VBA_STOMP_YES);
        assert_int_equal(stomp_of("\r\n \t\r\n", other, 2, wide), VBA_STOMP_YES);
    }
}

/* What looks alike and is none: doubled quotes, other letters, two-byte characters, comments. */
static void honest_sources_do_not_alarm(void **state)
{
    static const struct vba_writer_line quotes[] = { { "Run", "say \"hi\" now" } };
    static const struct vba_writer_line brackets[] = { { "_B_var_Format", NULL },
        { "_B_str_Chr", NULL }, { "A1:B2 range", NULL }, { "FORMAT", NULL } };

    (void)state;
    assert_int_equal(stomp_of("run \"say \"\"hi\"\" now\"\r\n", quotes, 1, false), VBA_STOMP_NO);
    assert_int_equal(stomp_of("x = Format(1) & Chr$(3) & [A1:B2 range]\r\n", brackets, 4, true),
            VBA_STOMP_NO);
    assert_int_equal(stomp_of("' don't \"call\r\nRUN \"say \"\"hi\"\" now\"", quotes, 1, false),
            VBA_STOMP_NO);
}

/* Names alone: they count where those of the other modules fit, and not where these do not either,
 * because then it is the table of names that is not understood. */
static void names_need_a_table_that_fits(void **state)
{
    static const struct vba_writer_line calls[] = { { "Fetch_It", NULL }, { "Unpack_It", NULL },
        { "Start_It", NULL } };
    static const struct vba_writer_line plain[] = { { "Alpha", NULL }, { "Beta", NULL },
        { "Gamma", NULL }, { "Delta", NULL }, { "Epsilon", NULL } };
    struct vba_writer_module modules[] = {
        { .name = "Module1", .source = "MsgBox 1\r\n", .lines = calls, .line_count = 3 },
        { .name = "Module2",
                .source = "Alpha: Beta: Gamma: Delta: Epsilon\r\n",
                .lines = plain,
                .line_count = 5 },
    };
    struct vba_writer_project written = { .name = "P", .modules = modules, .count = 2 };
    struct scene s = scene_of(&written, "Macros");

    (void)state;
    assert_int_equal(s.project->modules[0].pcode.stomp, VBA_STOMP_YES);
    check_text(s.project->modules[0].pcode.missing, "Fetch_It\nUnpack_It\nStart_It");
    assert_int_equal(s.project->modules[1].pcode.stomp, VBA_STOMP_NO);
    scene_end(&s);

    modules[1].source = "Alef: Bet: Gimel: Dalet: He\r\n";
    s = scene_of(&written, "Macros");
    assert_int_equal(s.project->modules[0].pcode.stomp, VBA_STOMP_UNKNOWN);
    scene_end(&s);
}

/* A version that keeps no cache, and p-code with something unknown in it, prove nothing. */
static void unknown_pcode_proves_nothing(void **state)
{
    struct vba_writer_module modules[] = { { .name = "Module1", .lines = other, .line_count = 2 } };
    struct vba_writer_project written = {
        .name = "P", .modules = modules, .count = 1, .version = 0xFFFF
    };
    struct scene s = scene_of(&written, "Macros");
    size_t at;

    (void)state;
    assert_int_equal(s.project->modules[0].pcode.stomp, VBA_STOMP_UNKNOWN);
    scene_end(&s);

    written.version = 0;
    s = scene_of(&written, "Macros");
    assert_int_equal(s.project->modules[0].pcode.stomp, VBA_STOMP_YES);
    check_text(s.project->modules[0].pcode.text,
            "Line #0:\n\tLitStr 0x000D \"WScript.Shell\"\n"
            "\tArgsCall CreateObject 0x0001 \n"
            "Line #1:\n\tLitStr 0x0012 \"http://192.0.2.7/a\"\n"
            "\tArgsCall Download 0x0001 \n");
    /* The same with one instruction that does not exist. */
    at = hn_text_find(hn_buf_text(&s.file), HN_TEXT("WScript.Shell"), 0);
    s.file.ptr[at - 4] = (char)0xFF;
    s.file.ptr[at - 3] = 0x03;
    hn_arena_reset(&s.arena);
    assert_int_equal(
            ole_open(&s.arena, hn_text_as_bytes(hn_buf_text(&s.file)), NULL, &s.ole, NULL), HN_OK);
    assert_int_equal(vba_project_read(&s.arena, s.ole, ole_find(s.ole, HN_TEXT("Macros/VBA")), NULL,
                             &s.project, NULL),
            HN_OK);
    assert_false(s.project->modules[0].pcode.whole);
    assert_int_equal(s.project->modules[0].pcode.stomp, VBA_STOMP_UNKNOWN);
    scene_end(&s);
}

/* ---- Damage everywhere ---- */

static struct hn_buf whole_file(void)
{
    static const struct vba_writer_module modules[] = {
        { .name = "ThisDocument", .type = VBA_WRITER_DOCUMENT },
        { .name = "Module1", .source = CODE, .lines = other, .line_count = 2 },
    };
    struct vba_writer_project written = { .name = "P", .modules = modules, .count = 2 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf out = { 0 };

    vba_writer_put(cfb, "Macros", &written);
    cfb_writer_finish(cfb, &out);
    cfb_writer_free(cfb);
    return out;
}

static enum hn_status read_all(struct hn_bytes in)
{
    struct hn_arena arena;
    struct ole_file *ole;
    const struct vba_project *project;
    uint32_t storages[4];
    enum hn_status status;

    hn_arena_init(&arena, CAP);
    status = ole_open(&arena, in, NULL, &ole, NULL);
    if (status == HN_OK) {
        size_t count = vba_find(ole, storages, 4);

        if (count == 0)
            storages[0] = OLE_NONE;
        status = vba_project_read(&arena, ole, storages[0], NULL, &project, NULL);
    }
    hn_arena_deinit(&arena);
    return status;
}

static void every_changed_byte_ends_well(void **state)
{
    struct hn_buf file = whole_file();

    (void)state;
    for (size_t i = 0; i < file.len; i++) {
        char kept = file.ptr[i];

        file.ptr[i] = (char)(kept ^ 0xFF);
        (void)read_all(hn_text_as_bytes(hn_buf_text(&file)));
        file.ptr[i] = (char)(kept + 1);
        (void)read_all(hn_text_as_bytes(hn_buf_text(&file)));
        file.ptr[i] = kept;
    }
    hn_buf_deinit(&file);
}

static void every_truncation_ends_well(void **state)
{
    struct hn_buf file = whole_file();

    (void)state;
    for (size_t len = 0; len < file.len; len++) {
        uint8_t *copy = hn_malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, file.ptr, len);
        (void)read_all(hn_bytes_of(copy, len));
        hn_free(copy);
    }
    hn_buf_deinit(&file);
}

static void every_failing_allocation_is_reported(void **state)
{
    struct hn_buf file = whole_file();
    uint64_t n = 1;

    (void)state;
    for (;; n++) {
        enum hn_status status;

        hn_mem_fail_from(n);
        status = read_all(hn_text_as_bytes(hn_buf_text(&file)));
        if (hn_mem_fail_hits() == 0)
            break;
        hn_mem_fail_from(0);
        assert_int_equal(status, HN_NOMEM);
    }
    hn_mem_fail_from(0);
    assert_true(n > 10);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projects_come_back),
        cmocka_unit_test(code_pages_are_used),
        cmocka_unit_test(compression_is_undone),
        cmocka_unit_test(compression_fits_the_specification),
        cmocka_unit_test(bombs_are_bounded),
        cmocka_unit_test(wrong_offsets_are_searched_for),
        cmocka_unit_test(a_lost_dir_loses_no_module),
        cmocka_unit_test(orphan_streams_are_modules),
        cmocka_unit_test(modules_outside_are_found),
        cmocka_unit_test(hidden_modules_are_marked),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(stomping_is_seen),
        cmocka_unit_test(honest_sources_do_not_alarm),
        cmocka_unit_test(names_need_a_table_that_fits),
        cmocka_unit_test(unknown_pcode_proves_nothing),
        cmocka_unit_test(every_changed_byte_ends_well),
        cmocka_unit_test(every_truncation_ends_well),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
