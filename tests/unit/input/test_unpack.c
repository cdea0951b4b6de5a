/* test_unpack.c - archives of every kind taken apart in this process: entries, nesting, passwords,
 * damage, bombs. That it also works in the jail is test_input.c's. */
#include "input/magic.h"
#include "input/unpack.h"
#include "support/pack.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What came out, as text: "[name|size]content;" and "{finding name}". */
struct seen {
    struct hn_buf text;
    uint64_t bytes;
    uint64_t entries;
    uint32_t findings[HN_FINDING_COUNT];
    bool open;
    bool quiet; /* count only */
    uint64_t stop_after;
};

static bool on_entry(void *ctx, struct hn_text name, uint64_t size)
{
    struct seen *seen = ctx;

    assert_false(seen->open);
    seen->open = true;
    seen->entries++;
    if (seen->quiet)
        return true;
    hn_buf_add_char(&seen->text, '[');
    hn_buf_add_text(&seen->text, name);
    hn_buf_add_char(&seen->text, '|');
    if (size == UINT64_MAX)
        hn_buf_add_char(&seen->text, '?');
    else
        hn_buf_add_u64(&seen->text, size);
    hn_buf_add_char(&seen->text, ']');
    return true;
}

static bool on_data(void *ctx, struct hn_bytes data, uint64_t done)
{
    struct seen *seen = ctx;

    (void)done;
    assert_true(seen->open && data.len > 0 && data.len <= UNPACK_PIECE);
    seen->bytes += data.len;
    if (!seen->quiet)
        hn_buf_add(&seen->text, data.ptr, data.len);
    return seen->stop_after == 0 || seen->bytes < seen->stop_after;
}

static bool on_end(void *ctx, uint64_t done)
{
    struct seen *seen = ctx;

    (void)done;
    assert_true(seen->open);
    seen->open = false;
    if (!seen->quiet)
        hn_buf_add_char(&seen->text, ';');
    return true;
}

static bool on_finding(
        void *ctx, enum hn_finding_kind kind, struct hn_text name, const char *reason)
{
    struct seen *seen = ctx;

    assert_non_null(reason);
    seen->findings[kind]++;
    hn_buf_addf(&seen->text, "{%s ", hn_finding_id(kind));
    hn_buf_add_text(&seen->text, name);
    hn_buf_add_char(&seen->text, '}');
    return true;
}

static const struct input_limits test_limits = {
    .nesting_max = 3,
    .entries_max = 20000,
    .expanded_bytes_max = (uint64_t)64 << 20,
    .ratio_free_bytes = (uint64_t)1 << 20,
    .ratio_max = 200,
    .nested_bytes_max = (size_t)8 << 20,
    .name_bytes_max = 100,
};

static enum hn_status run(struct hn_text packed, const char *password, struct seen *seen)
{
    struct hn_text passwords[2] = { HN_TEXT_INIT("wrong"), HN_TEXT_INIT("infected") };
    struct unpack_source source = { .head = hn_text_as_bytes(packed), .fd = -1 };
    struct unpack_options options = { .limits = &test_limits,
        .passwords = passwords,
        .password_count = 2,
        .name = HN_TEXT_INIT("logs/app.log.gz"),
        .utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
        .japanese = iconv_open("UTF-8", "CP932") };
    struct unpack_sink sink = { on_entry, on_data, on_end, on_finding, seen };
    enum hn_status status;

    if (password != NULL)
        passwords[0] = hn_text_cstr(password);
    status = unpacker_run(&source, &options, &sink);
    freelocale(options.utf8);
    (void)iconv_close(options.japanese);
    return status;
}

static void expect(struct hn_buf packed, const char *password, const char *wanted)
{
    struct seen seen = { 0 };

    assert_int_equal(run(hn_buf_text(&packed), password, &seen), HN_OK);
    hn_buf_add_char(&seen.text, '\0');
    assert_string_equal(seen.text.ptr, wanted);
    hn_buf_deinit(&seen.text);
}

static const struct pack_entry two[] = { { "logs/a.log", "alpha", 0 }, { "b.log", "beta", 0 } };

/* Every archive format gives its entries, whatever it is compressed with. */
static void formats(void **state)
{
    static const char *const kinds[][2] = { { "zip", "none" }, { "7zip", "none" },
        { "pax", "none" }, { "ustar", "none" }, { "newc", "none" }, { "odc", "none" },
        { "ustar", "gzip" }, { "ustar", "xz" }, { "ustar", "zstd" }, { "ustar", "bzip2" },
        { "ustar", "lz4" }, { "ustar", "compress" }, { "ustar", "lzip" }, { "newc", "gzip" } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct hn_buf packed = pack(kinds[i][0], kinds[i][1], NULL, NULL, two, 2);

        assert_int_not_equal(magic_of(hn_text_as_bytes(hn_buf_text(&packed))), MAGIC_NONE);
        expect(packed, NULL, "[!/logs/a.log|5]alpha;[!/b.log|4]beta;");
        hn_buf_deinit(&packed);
    }
}

/* A compressed file is one entry, called after the file; parts that follow belong to it. */
static void compressed_files(void **state)
{
    static const char *const filters[] = { "gzip", "xz", "zstd", "bzip2", "lz4", "compress",
        "lzip" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(filters); i++) {
        struct hn_buf packed = pack("raw", filters[i], NULL, NULL, two, 1);

        expect(packed, NULL, "[!/app.log|?]alpha;");
        if (strcmp(filters[i], "gzip") == 0 || strcmp(filters[i], "zstd") == 0) {
            struct hn_buf more = pack("raw", filters[i], NULL, NULL, two + 1, 1);

            hn_buf_add_text(&packed, hn_buf_text(&more));
            expect(packed, NULL, "[!/app.log|?]alphabeta;");
            hn_buf_deinit(&more);
        }
        hn_buf_deinit(&packed);
    }
}

/* Archives inside of archives are opened, one in the other, and named by their way. */
static void nesting(void **state)
{
    static const char *const kinds[][2] = { { "zip", "none" }, { "7zip", "none" },
        { "ustar", "none" }, { "ustar", "gzip" } };

    (void)state;
    for (size_t outer = 0; outer < HN_COUNT_OF(kinds); outer++) {
        for (size_t inner = 0; inner < HN_COUNT_OF(kinds); inner++) {
            struct hn_buf in = pack(kinds[inner][0], kinds[inner][1], NULL, NULL, two, 2);
            struct hn_buf gz = pack("raw", "gzip", NULL, NULL, two, 1);
            struct pack_entry entries[] = { { "x", "x", 0 }, { "in.bin", in.ptr, in.len },
                { "old/c.log.GZ", gz.ptr, gz.len }, { "y", "y", 0 } };
            struct hn_buf out = pack(kinds[outer][0], kinds[outer][1], NULL, NULL, entries, 4);

            expect(out, NULL,
                    "[!/x|1]x;[!/in.bin!/logs/a.log|5]alpha;[!/in.bin!/b.log|4]beta;"
                    "[!/old/c.log.GZ!/c.log|?]alpha;[!/y|1]y;");
            hn_buf_deinit(&in);
            hn_buf_deinit(&gz);
            hn_buf_deinit(&out);
        }
    }
}

/* Deeper than the limit is a finding, and the rest goes on. */
static void nesting_has_an_end(void **state)
{
    struct hn_buf packed = pack("ustar", "none", NULL, NULL, two, 2);
    struct seen seen = { 0 };

    (void)state;
    for (int depth = 0; depth < 6; depth++) {
        struct pack_entry entries[] = { { "n", packed.ptr, packed.len }, { "after", "x", 0 } };
        struct hn_buf next = pack(depth % 2 == 0 ? "zip" : "ustar", "none", NULL, NULL, entries, 2);

        hn_buf_deinit(&packed);
        packed = next;
    }
    assert_int_equal(run(hn_buf_text(&packed), NULL, &seen), HN_OK);
    assert_int_equal(seen.findings[HN_FINDING_TOO_DEEP], 1);
    assert_int_equal(seen.entries, 4); /* "after" of each level that was entered */
    hn_buf_deinit(&packed);
    hn_buf_deinit(&seen.text);
}

/* Passwords: the user's and the customary one open both kinds of encryption; a wrong one is a
 * finding, and entries that are not encrypted still come. */
static void passwords(void **state)
{
    static const char *const methods[] = { "zip:encryption=traditional", "zip:encryption=aes128",
        "zip:encryption=aes256" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(methods); i++) {
        struct hn_buf mine = pack("zip", "none", methods[i], "s3cret", two, 2);
        struct hn_buf customary = pack("zip", "none", methods[i], "infected", two, 2);
        struct seen seen = { 0 };

        expect(mine, "s3cret", "[!/logs/a.log|5]alpha;[!/b.log|4]beta;");
        expect(customary, NULL, "[!/logs/a.log|5]alpha;[!/b.log|4]beta;");
        assert_int_equal(run(hn_buf_text(&mine), NULL, &seen), HN_OK);
        assert_int_equal(seen.findings[HN_FINDING_PASSWORD] + seen.findings[HN_FINDING_CHECKSUM] +
                                 seen.findings[HN_FINDING_DAMAGED_RECORD],
                2);
        assert_int_equal(seen.bytes, 0);
        hn_buf_deinit(&seen.text);
        hn_buf_deinit(&mine);
        hn_buf_deinit(&customary);
    }
}

/* The check that old zip encryption has lets one wrong password of 256 pass: the right one is found
 * all the same, by reading. */
static void password_collisions(void **state)
{
    struct hn_buf packed = pack("zip", "none", "zip:encryption=traditional", "infected", two, 2);

    (void)state;
    for (int i = 0; i < 600; i++) {
        char wrong[32];

        (void)snprintf(wrong, sizeof wrong, "wrong%d", i);
        expect(packed, wrong, "[!/logs/a.log|5]alpha;[!/b.log|4]beta;");
    }
    hn_buf_deinit(&packed);
}

/* Names: UTF-8 stays, Shift_JIS of Japanese Windows becomes UTF-8, paths upwards and control
 * characters are only names, long ones are cut. */
static void hostile_names(void **state)
{
    static const struct pack_entry odd[] = { { "../../etc/passwd", "1", 0 },
        { "/abs\x1B[31m\n", "2", 0 }, { "\xE7\x81\xAB.log", "3", 0 } };
    struct hn_buf packed = pack("ustar", "none", NULL, NULL, odd, 3);
    struct hn_buf zip = pack("zip", "none", "zip:hdrcharset=CP932", NULL, odd + 2, 1);
    char long_name[300];
    struct pack_entry entry = { long_name, "4", 0 };
    struct hn_buf long_named;
    struct seen seen = { 0 };

    (void)state;
    expect(packed, NULL, "[!/../../etc/passwd|1]1;[!//abs\x1B[31m\n|1]2;[!/\xE7\x81\xAB.log|1]3;");
    assert_true(hn_text_find(hn_buf_text(&zip), HN_TEXT("\x89\xCE.log"), 0) != SIZE_MAX);
    expect(zip, NULL, "[!/\xE7\x81\xAB.log|1]3;");
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    long_named = pack("zip", "none", NULL, NULL, &entry, 1);
    assert_int_equal(run(hn_buf_text(&long_named), NULL, &seen), HN_OK);
    assert_int_equal(seen.text.len, 1 + 2 + 100 + 3 + 1 + 1);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&zip);
    hn_buf_deinit(&long_named);
}

/* Bombs stop at the limits, with one finding: zeros in gz and zip, layers, a sparse file. */
static void bombs(void **state)
{
    static const struct pack_entry zeros = { "zeros", NULL, (size_t)32 << 20 };
    struct hn_buf gz = pack("raw", "gzip", NULL, NULL, &zeros, 1);
    struct hn_buf zip = pack("zip", "none", NULL, NULL, &zeros, 1);
    struct hn_buf gz_gz;
    struct hn_buf many;
    struct hn_buf *const packed[] = { &gz, &zip, &gz_gz, &many };
    struct pack_entry layer = { "gz", gz.ptr, gz.len };
    struct pack_entry zips[16];

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(zips); i++)
        zips[i] = (struct pack_entry){ "x.zip", zip.ptr, zip.len };
    gz_gz = pack("raw", "gzip", NULL, NULL, &layer, 1);
    many = pack("zip", "none", NULL, NULL, zips, HN_COUNT_OF(zips));
    for (size_t i = 0; i < HN_COUNT_OF(packed); i++) {
        struct seen seen = { .quiet = true };

        assert_int_equal(run(hn_buf_text(packed[i]), NULL, &seen), HN_LIMIT);
        assert_int_equal(seen.findings[HN_FINDING_BOMB], 1);
        assert_true(seen.bytes <= ((uint64_t)1 << 20) + 200 * packed[i]->len + UNPACK_PIECE);
        hn_buf_deinit(&seen.text);
    }
    for (size_t i = 0; i < HN_COUNT_OF(packed); i++)
        hn_buf_deinit(packed[i]);
}

/* What compresses well, but not absurdly, is no bomb. */
static void good_compression_is_no_bomb(void **state)
{
    struct hn_buf text = { 0 };
    struct pack_entry entry = { "a.log", NULL, 0 };
    struct hn_buf packed;
    struct seen seen = { .quiet = true };

    (void)state;
    for (int i = 0; i < 200000; i++)
        hn_buf_addf(&text, "2026-11-23T01:02:03Z host app[%d]: connection from 192.0.2.%d\n",
                i * 7919 % 30011, i * 31 % 251);
    entry.content = text.ptr;
    entry.len = text.len;
    packed = pack("raw", "gzip", NULL, NULL, &entry, 1);
    assert_int_equal(run(hn_buf_text(&packed), NULL, &seen), HN_OK);
    assert_int_equal(seen.bytes, text.len);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&text);
    hn_buf_deinit(&seen.text);
}

/* Ten thousand entries come, in order; more than the limit is a bomb. */
static void many_entries(void **state)
{
    static struct pack_entry entries[25000];
    struct seen seen = { .quiet = true };
    struct hn_buf packed;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(entries); i++)
        entries[i] = (struct pack_entry){ "e", "x", 1 };
    packed = pack("zip", "none", "zip:compression=store", NULL, entries, 10000);
    assert_int_equal(run(hn_buf_text(&packed), NULL, &seen), HN_OK);
    assert_int_equal(seen.entries, 10000);
    assert_int_equal(seen.bytes, 10000);
    hn_buf_deinit(&packed);
    seen.entries = 0;
    packed = pack("ustar", "none", NULL, NULL, entries, HN_COUNT_OF(entries));
    assert_int_equal(run(hn_buf_text(&packed), NULL, &seen), HN_LIMIT);
    assert_int_equal(seen.entries, 20000);
    assert_int_equal(seen.findings[HN_FINDING_BOMB], 1);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&seen.text);
}

/* Cut off anywhere: what could be read is delivered, then a finding; nothing hangs or crashes. */
static void truncated_anywhere(void **state)
{
    static const char *const kinds[][2] = { { "zip", "none" }, { "7zip", "none" },
        { "ustar", "none" }, { "newc", "none" }, { "raw", "gzip" }, { "raw", "xz" },
        { "raw", "zstd" }, { "raw", "bzip2" }, { "raw", "lz4" }, { "ustar", "gzip" } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct hn_buf packed = pack(
                kinds[i][0], kinds[i][1], NULL, NULL, two, strcmp(kinds[i][0], "raw") == 0 ? 1 : 2);

        for (size_t len = 0; len < packed.len; len++) {
            struct seen seen = { 0 };

            assert_int_equal(run(hn_text_of(packed.ptr, len), NULL, &seen), HN_OK);
            assert_false(seen.open);
            assert_true(seen.bytes <= 9);
            hn_buf_deinit(&seen.text);
        }
        hn_buf_deinit(&packed);
    }
}

/* A zip without its directory still gives the entries that are whole. */
static void recovery(void **state)
{
    struct hn_buf packed = pack("zip", "none", "zip:compression=store", NULL, two, 2);
    size_t directory = hn_text_find(hn_buf_text(&packed), HN_TEXT("PK\x01\x02"), 0);
    struct seen seen = { 0 };

    (void)state;
    assert_true(directory != SIZE_MAX);
    assert_int_equal(run(hn_text_of(packed.ptr, directory + 30), NULL, &seen), HN_OK);
    assert_true(hn_text_find(hn_buf_text(&seen.text), HN_TEXT("/a.log|"), 0) != SIZE_MAX);
    assert_int_equal(seen.bytes, 9);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&packed);
}

/* One changed byte in an entry: a finding, and the other entry is there. */
static void one_damaged_entry(void **state)
{
    struct hn_buf packed = pack("zip", "none", "zip:compression=store", NULL, two, 2);
    size_t at = hn_text_find(hn_buf_text(&packed), HN_TEXT("alpha"), 0);
    struct seen seen = { 0 };

    (void)state;
    packed.ptr[at] = 'A';
    assert_int_equal(run(hn_buf_text(&packed), NULL, &seen), HN_OK);
    assert_int_equal(seen.findings[HN_FINDING_CHECKSUM], 1);
    assert_true(hn_text_find(hn_buf_text(&seen.text), HN_TEXT("]beta;"), 0) != SIZE_MAX);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&packed);
}

/* A sink that has enough ends it. */
static void sink_stops(void **state)
{
    struct hn_buf packed = pack("ustar", "none", NULL, NULL, two, 2);
    struct seen seen = { .stop_after = 3 };

    (void)state;
    assert_int_equal(run(hn_buf_text(&packed), NULL, &seen), HN_CANCELLED);
    assert_int_equal(seen.entries, 1);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&packed);
}

/* Our own allocations failing one by one: an orderly end, nothing leaks. */
static void memory_runs_out(void **state)
{
    struct hn_buf in = pack("zip", "none", NULL, NULL, two, 2);
    struct pack_entry entries[] = { { "in.zip", in.ptr, in.len }, { "y", "y", 0 } };
    struct hn_buf packed = pack("ustar", "none", NULL, NULL, entries, 2);
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct seen seen = { .quiet = true };
        enum hn_status status;

        hn_mem_fail_from(n);
        status = run(hn_buf_text(&packed), NULL, &seen);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(failed ? status == HN_NOMEM : status == HN_OK);
        hn_buf_deinit(&seen.text);
    }
    hn_buf_deinit(&in);
    hn_buf_deinit(&packed);
}

/* What is no archive is none: text that starts like one, formats of logs, short input. */
static void not_archives(void **state)
{
    static const char *const texts[] = { "BZh9 is how this line starts, and more", "LZIP", "PK\x03",
        "070799 events", "Rar! said the lion", "<Event>", "{\"a\":1}", "", "\x1F\x8B", "7z is fine",
        "-lh5- is a method", "ElfFile" };
    char block[512] = "name";

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++)
        assert_int_equal(magic_of(hn_bytes_of(texts[i], strlen(texts[i]))), MAGIC_NONE);
    assert_int_equal(magic_of(hn_bytes_of(block, sizeof block)), MAGIC_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(compressed_files),
        cmocka_unit_test(nesting),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(passwords),
        cmocka_unit_test(password_collisions),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(bombs),
        cmocka_unit_test(good_compression_is_no_bomb),
        cmocka_unit_test(many_entries),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(recovery),
        cmocka_unit_test(one_damaged_entry),
        cmocka_unit_test(sink_stops),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(not_archives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
