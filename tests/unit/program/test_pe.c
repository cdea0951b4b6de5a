/* test_pe.c - PE files: what the headers say, damage, C2 tables, digests, texts. */
#include "program/program.h"

#include "base/mem.h"
#include "base/utf.h"
#include "support/pe_writer.h"

#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define ENTRIES 6u

static const uint8_t addresses[ENTRIES][4] = { { 192, 0, 2, 1 }, { 192, 0, 2, 77 },
    { 198, 51, 100, 9 }, { 198, 51, 100, 200 }, { 203, 0, 113, 5 }, { 203, 0, 113, 250 } };
static const uint16_t ports[ENTRIES] = { 443, 8080, 80, 7080, 443, 8080 };

/* The tables of c2_emotet.c, as a sample holds them. */
static void add_table(struct hn_buf *out)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        for (size_t k = 0; k < 4; k++)
            hn_buf_add_char(out, (char)addresses[i][3 - k]);
        hn_buf_add_char(out, (char)(ports[i] & 0xFF));
        hn_buf_add_char(out, (char)(ports[i] >> 8));
        hn_buf_add_repeat(out, '\0', 2);
    }
    hn_buf_add_repeat(out, '\0', 8);
}

static void add_packed(struct hn_buf *out, const uint8_t *plain, uint32_t len)
{
    static const uint8_t key[4] = { 0x12, 0x9A, 0x5C, 0xE7 };

    hn_buf_add(out, key, 4);
    for (uint32_t i = 0; i < 4; i++)
        hn_buf_add_char(out, (char)((len >> 8 * i & 0xFFu) ^ key[i]));
    for (uint32_t i = 0; i < len; i++)
        hn_buf_add_char(out, (char)(plain[i] ^ key[i % 4]));
}

static void add_packed_table(struct hn_buf *out)
{
    uint8_t plain[ENTRIES * 8];

    for (size_t i = 0; i < ENTRIES; i++) {
        memcpy(plain + 8 * i, addresses[i], 4);
        plain[8 * i + 4] = (uint8_t)(ports[i] >> 8);
        plain[8 * i + 5] = (uint8_t)ports[i];
        plain[8 * i + 6] = 0;
        plain[8 * i + 7] = 1;
    }
    add_packed(out, plain, sizeof plain);
}

static void make(struct hn_buf *out, bool plus, bool packed)
{
    static const char *const version[] = { "CompanyName", "Example \xE7\x81\xAB", "ProductName",
        "Inert", NULL };
    struct hn_buf info = { 0 };
    struct hn_buf data = { 0 };
    struct pe_writer pe;

    hn_buf_add_repeat(&data, 'x', 40);
    if (packed)
        add_packed_table(&data);
    else
        add_table(&data);
    add_packed(&data, (const uint8_t *)"ECK1 a public key would follow..", 32);
    pe_begin(&pe, plus, true);
    pe_section(&pe, ".data", hn_text_as_bytes(hn_buf_text(&data)), PE_WRITER_DATA);
    pe_import(&pe, "KERNEL32.dll", "GetTickCount");
    pe_import(&pe, "KERNEL32.dll", "Sleep");
    pe_import(&pe, "ws2_32.dll", "connect");
    pe_version(&info, version);
    pe_resource(&pe, 16, 1, hn_text_as_bytes(hn_buf_text(&info)));
    pe_resource(&pe, 10, 7, hn_text_as_bytes(HN_TEXT("%PDF-1.7 a document that is no document")));
    pe.export_name = "inert.dll";
    pe.overlay = hn_text_as_bytes(HN_TEXT("overlay of some bytes"));
    pe_end(&pe, out);
    hn_buf_deinit(&info);
    hn_buf_deinit(&data);
}

static bool has_fact(
        const struct dissect *dissect, uint32_t id, const char *name, const char *value)
{
    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        if (strcmp(fact->name, name) == 0 && hn_text_eq(fact->value, hn_text_cstr(value)))
            return true;
    return false;
}

static struct dissect *opened(struct hn_bytes bytes)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = DISSECT_PE,
        .relation = "sample",
        .name = HN_TEXT("a.dll"),
        .data = bytes,
        .offset = DISSECT_NOWHERE };

    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    assert_int_equal(program_open_pe(dissect, 0, NULL), HN_OK);
    return dissect;
}

/* Everything that was written is read: header, sections, imports, exports, resources, overlay. */
static void what_was_written_is_read(void **state)
{
    (void)state;
    for (int plus = 0; plus < 2; plus++) {
        struct hn_buf file = { 0 };
        struct dissect *dissect;

        make(&file, plus != 0, plus != 0);
        dissect = opened(hn_text_as_bytes(hn_buf_text(&file)));
        assert_true(has_fact(dissect, 0, "pe_machine", plus ? "x86-64" : "x86"));
        assert_true(has_fact(dissect, 0, "pe_time", "2020-09-13T12:26:40Z"));
        assert_true(has_fact(dissect, 0, "pe_dll", "true"));
        assert_true(has_fact(dissect, 0, "pe_export_name", "inert.dll"));
        assert_true(has_fact(dissect, 0, "pe_export", "DllRegisterServer"));
        assert_true(has_fact(dissect, 0, "pe_import", "KERNEL32.dll!Sleep"));
        assert_true(has_fact(dissect, 0, "pe_import", "ws2_32.dll!connect"));
        /* MD5 of "kernel32.gettickcount,kernel32.sleep,ws2_32.connect" */
        assert_true(has_fact(dissect, 0, "imphash", "a754a9a3c94d6d8ed4ec233311c7ae92"));
        assert_true(has_fact(dissect, 0, "pe_version", "CompanyName=Example \xE7\x81\xAB"));
        assert_true(has_fact(dissect, 0, "pe_version", "ProductName=Inert"));
        assert_true(has_fact(dissect, 0, "signature", "none"));
        assert_true(has_fact(dissect, 0, "c2_family", "emotet"));
        assert_true(has_fact(dissect, 0, "c2_extractor", plus ? "emotet_packed" : "emotet_table"));
        assert_true(has_fact(dissect, 0, "c2", "192.0.2.77:8080"));
        assert_true(has_fact(dissect, 0, "c2_count", "6"));
        assert_int_equal(dissect_count(dissect), 3); /* the document, the overlay */
        assert_string_equal(dissect_get(dissect, 1)->relation, "resource");
        assert_string_equal(dissect_get(dissect, 2)->relation, "overlay");
        assert_null(dissect_get(dissect, 0)->notes);
        dissect_free(dissect);
        hn_buf_deinit(&file);
    }
}

/* One entry that is no address, an address twice, or odd ports: no table. */
static void tables_count_as_a_whole(void **state)
{
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    size_t at;

    (void)state;
    make(&file, false, false);
    at = hn_text_find(hn_buf_text(&file), HN_TEXT("xxxx\x01\x02"), 0);
    assert_true(at != SIZE_MAX);
    at += 4;
    for (int spoil = 0; spoil < 3; spoil++) {
        char saved[8];

        memcpy(saved, file.ptr + at + 8, 8);
        if (spoil == 0)
            file.ptr[at + 8 + 3] = 0x7F; /* loopback */
        else if (spoil == 1)
            memcpy(file.ptr + at + 8, file.ptr + at, 8);
        else
            file.ptr[at + 8 + 6] = 1; /* a port over 65,535 */
        dissect = opened(hn_text_as_bytes(hn_buf_text(&file)));
        assert_false(has_fact(dissect, 0, "c2_count", "6"));
        dissect_free(dissect);
        memcpy(file.ptr + at + 8, saved, 8);
    }
    hn_buf_deinit(&file);
}

/* Every prefix of a file is read or refused, and says so. */
static void every_truncation_is_survived(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    make(&file, true, true);
    for (size_t len = 0; len < file.len; len += len < 1100 ? 1 : 37) {
        char *copy = malloc(len + 1); /* so that a sanitizer sees its end */
        struct dissect *dissect;

        memcpy(copy, file.ptr, len);
        dissect = opened(hn_bytes_of(copy, len));
        if (len < 0x400)
            assert_non_null(dissect_get(dissect, 0)->notes);
        dissect_free(dissect);
        free(copy);
    }
    hn_buf_deinit(&file);
}

/* Bytes changed at random: no crash, and children lie within the file. */
static void random_damage_is_survived(void **state)
{
    struct hn_buf file = { 0 };
    uint32_t seed = 1;

    (void)state;
    make(&file, false, true);
    for (int turn = 0; turn < 2000; turn++) {
        struct dissect *dissect;
        size_t at[3];
        char saved[3];

        for (size_t i = 0; i < 3; i++) {
            seed = seed * 1664525u + 1013904223u;
            at[i] = (seed >> 8) % (i == 0 ? 0x400 : file.len);
            saved[i] = file.ptr[at[i]];
            file.ptr[at[i]] = (char)(seed >> 3);
        }
        dissect = opened(hn_text_as_bytes(hn_buf_text(&file)));
        for (uint32_t i = 1; i < dissect_count(dissect); i++)
            assert_true(dissect_get(dissect, i)->offset <= file.len);
        dissect_free(dissect);
        for (size_t i = 3; i-- > 0;)
            file.ptr[at[i]] = saved[i];
    }
    hn_buf_deinit(&file);
}

static void every_allocation_may_fail(void **state)
{
    struct hn_buf file = { 0 };

    (void)state;
    make(&file, false, false);
    for (uint64_t n = 1;; n++) {
        struct dissect_child sample = { .format = DISSECT_PE,
            .relation = "sample",
            .name = HN_TEXT("a"),
            .data = hn_text_as_bytes(hn_buf_text(&file)),
            .borrowed = true };
        struct dissect *dissect;
        uint64_t hits;

        hn_mem_fail_from(n);
        dissect = dissect_new(NULL);
        if (dissect != NULL && dissect_child(dissect, DISSECT_NONE, &sample, NULL) == HN_OK) {
            enum hn_status status = program_open_pe(dissect, 0, NULL);

            assert_true(status == HN_OK || status == HN_NOMEM);
        }
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
        if (hits == 0)
            break;
    }
    hn_buf_deinit(&file);
}

/* ---- Texts ---- */

struct wanted {
    const char *text;
    enum program_string_kind kind;
    bool found;
};

static bool mark(void *ctx, const struct program_string *string)
{
    struct wanted *wanted = ctx;

    for (; wanted->text != NULL; wanted++)
        if (wanted->kind == string->kind && hn_text_eq(string->text, hn_text_cstr(wanted->text)))
            wanted->found = true;
    return true;
}

static void texts_of_all_kinds_are_found(void **state)
{
    struct wanted wanted[] = { { "plain text here", PROGRAM_STRING_ASCII, false },
        { "wide text", PROGRAM_STRING_UTF16, false },
        { "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88",
                PROGRAM_STRING_UTF16, false },
        { "stack.example", PROGRAM_STRING_STACK, false },
        { "get http://xor.example/a now", PROGRAM_STRING_XOR, false },
        { "http://base64.example/path/of/it", PROGRAM_STRING_BASE64, false },
        { NULL, PROGRAM_STRING_ASCII, false } };
    static const char stack[] = "stack.example\0\0\0";
    struct hn_buf bytes = { 0 };

    (void)state;
    hn_buf_add_lit(&bytes, "\x01plain text here\x02");
    hn_utf8_to_utf16le(&bytes, HN_TEXT("wide text"));
    hn_buf_add_lit(&bytes, "\0\0\0");
    hn_utf8_to_utf16le(&bytes, hn_text_cstr(wanted[2].text));
    hn_buf_add_lit(&bytes, "\0\0");
    for (size_t i = 0; i < 16; i += 4) {
        hn_buf_add_lit(&bytes, "\xC7\x45");
        hn_buf_add_char(&bytes, (char)(0xE0 + i));
        hn_buf_add(&bytes, stack + i, 4);
    }
    hn_buf_add_lit(&bytes, "\x90");
    for (const char *c = "get http://xor.example/a now"; *c != '\0'; c++)
        hn_buf_add_char(&bytes, (char)(*c ^ 0x5A));
    hn_buf_add_lit(&bytes, "\x5A\0");
    hn_buf_add_lit(&bytes, "aHR0cDovL2Jhc2U2NC5leGFtcGxlL3BhdGgvb2YvaXQ=\0");
    (void)program_strings(hn_text_as_bytes(hn_buf_text(&bytes)), mark, wanted);
    for (size_t i = 0; wanted[i].text != NULL; i++)
        if (!wanted[i].found)
            fail_msg("not found: %s", wanted[i].text);
    hn_buf_deinit(&bytes);
}

/* Reference digests: py-tlsh and ppdeep over the same bytes. */
static void digests_are_those_of_the_tools(void **state)
{
    char tlsh[PROGRAM_TLSH_BYTES];
    char ssdeep[PROGRAM_SSDEEP_BYTES];
    uint8_t bytes[6000];
    uint32_t seed = 7;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1103515245u + 12345u;
        bytes[i] = (uint8_t)(seed >> 16);
    }
    assert_true(program_tlsh(hn_bytes_of(bytes, sizeof bytes), tlsh));
    assert_true(program_ssdeep(hn_bytes_of(bytes, sizeof bytes), ssdeep));
    assert_string_equal(
            tlsh, "T1FAC19F76A0D5C6AD20CCE5BD13766E199524B21B7352882F406A9E0CA13FD07C96B175");
    assert_string_equal(ssdeep,
            "96:mYTEhpuR3mgdXS1TX8dMxqg7EKR60xWFB4LRAexVCa+smjH1Qmf1e8xFyOD83d0V:"
            "jTEHgZraNfRwKZxmTym9e6X8N0d7ite");
    assert_false(program_tlsh(hn_bytes_of(bytes, 49), tlsh));
    memset(bytes, 'a', sizeof bytes);
    assert_false(program_tlsh(hn_bytes_of(bytes, sizeof bytes), tlsh));
    assert_true(program_ssdeep(hn_bytes_of(bytes, 0), ssdeep));
    assert_string_equal(ssdeep, "3::");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(tables_count_as_a_whole),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(random_damage_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(texts_of_all_kinds_are_found),
        cmocka_unit_test(digests_are_those_of_the_tools),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
