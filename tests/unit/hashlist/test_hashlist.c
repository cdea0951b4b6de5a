/* test_hashlist.c - digests out of the forms people and institutes write, and lists of them: what
 * is found is what a walk over the text finds. */
#include "hashlist/hashlist.h"

#include "base/buf.h"
#include "base/mem.h"
#include "support/temp_dir.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MD5_A    "0123456789abcdef0123456789ABCDEF"
#define SHA1_A   MD5_A "01234567"
#define SHA256_A MD5_A "fedcba9876543210fedcba9876543210"

static void put(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* ---- Lines ---- */

static void lines_give_their_digest(void **state)
{
    static const struct {
        const char *names; /* a first line, or NULL */
        const char *line;
        int kind; /* -1: none */
    } rows[] = {
        { NULL, SHA256_A, HASHLIST_SHA256 },
        { NULL, "  " SHA1_A "\r", HASHLIST_SHA1 },
        { NULL, MD5_A "  file name", HASHLIST_MD5 },
        { NULL, SHA1_A " *a/" MD5_A, HASHLIST_SHA1 },
        { NULL, "SHA256 (a.exe) = " SHA256_A, HASHLIST_SHA256 },
        { NULL, "sha256:" SHA256_A, HASHLIST_SHA256 },
        { NULL, "\xEF\xBB\xBF" MD5_A, HASHLIST_MD5 },
        { NULL, "# " MD5_A, -1 },
        { NULL, "", -1 },
        { NULL, MD5_A "0", -1 },
        { NULL, "g" MD5_A, -1 },
        { NULL, "x123456789abcdef0123456789ABCDEF", -1 },
        /* NSRL, RDS 2: a file may be called like a digest. */
        { "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\"",
                "\"" SHA1_A "\",\"" MD5_A "\",\"00\",\"" SHA256_A "\",\"1\"", HASHLIST_SHA1 },
        { "\"FileName\",\"SHA-1\",\"MD5\"", "\"a, \"\"b\"\".dll\",\"" SHA1_A "\",\"" MD5_A "\"",
                HASHLIST_SHA1 },
        { "sha256,sha1,md5,crc32,file_name", SHA256_A "," SHA1_A "," MD5_A ",0,x",
                HASHLIST_SHA256 },
        { "md5|sha1_hash|name", MD5_A "||x", HASHLIST_MD5 },
        { "name;SHA1", "x;" SHA1_A, HASHLIST_SHA1 },
        { "md5\tname", "\t" MD5_A, -1 },
        { "md5,name", "\"" MD5_A, HASHLIST_MD5 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct hashlist_lines lines = { 0 };
        struct hashlist_digest digest;
        bool found;

        if (rows[i].names != NULL)
            assert_false(hashlist_line(&lines, hn_text_cstr(rows[i].names), &digest));
        found = hashlist_line(&lines, hn_text_cstr(rows[i].line), &digest);
        assert_int_equal(found ? (int)digest.kind : -1, rows[i].kind);
        if (found)
            assert_memory_equal(digest.bytes, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
    }
}

/* ---- Lists ---- */

static uint32_t seed = 1;

static uint32_t next(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

#define MANY 4000u

/* Digests of all kinds, many alike in their first bits, some twice. */
static struct hashlist_digest digest_at(uint32_t number)
{
    struct hashlist_digest digest = { .kind = (enum hashlist_kind)(number % HASHLIST_KIND_COUNT) };

    seed = number / 2 + 1;
    for (size_t i = 0; i < hashlist_kind_bytes(digest.kind); i++)
        digest.bytes[i] = number % 5 == 0 && i < 3 ? 0x7F : (uint8_t)next();
    return digest;
}

static void add_digest(struct hn_buf *text, const struct hashlist_digest *digest)
{
    hn_buf_add_hex(text, digest->bytes, hashlist_kind_bytes(digest->kind));
    hn_buf_add_lit(text, "\r\n");
}

/* What is put in is found, what is near it is not, and the second opening reads the cache. */
static void lists_hold_what_they_were_given(void **state)
{
    struct temp_dir dir;
    char path[128];
    struct hn_buf text = { 0 };
    struct hashlist *list = NULL;
    uint64_t count = 0;

    (void)state;
    temp_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s", temp_file(&dir, "list.txt"));
    hn_buf_add_lit(&text, "# a comment\n\nno digest\n");
    hn_buf_add_repeat(&text, 'a', 3 * HASHLIST_LINE_MAX);
    hn_buf_add_lit(&text, " " SHA256_A "\n");
    for (uint32_t i = 0; i < MANY; i++) {
        struct hashlist_digest digest = digest_at(i);

        add_digest(&text, &digest);
        if (i % 7 == 0)
            add_digest(&text, &digest);
    }
    text.len -= 2; /* the last line has no end */
    put(path, text.ptr, text.len);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(hashlist_open(path, dir.path, &list, NULL), HN_OK);
        assert_int_equal(hashlist_info(list)->compiled, round == 0);
        assert_int_equal(hashlist_info(list)->ignored, 2);
        for (uint32_t i = 0; i < MANY; i++) {
            struct hashlist_digest digest = digest_at(i);

            assert_true(hashlist_has(list, &digest));
            digest.bytes[hashlist_kind_bytes(digest.kind) - 1] ^= 1;
            assert_false(hashlist_has(list, &digest));
        }
        hashlist_close(list);
    }
    assert_int_equal(hashlist_open(path, NULL, &list, NULL), HN_OK);
    assert_true(hashlist_info(list)->compiled);
    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++)
        count += hashlist_info(list)->counts[kind];
    assert_int_equal(count, MANY);
    hashlist_close(list);
    hn_buf_deinit(&text);
    temp_dir_remove(&dir);
}

/* A text that was changed is compiled again, also where its size stays the same. */
static void changed_lists_are_read_again(void **state)
{
    struct timespec times[2] = { { 1000, 0 }, { 1000, 5 } };
    struct temp_dir dir;
    char path[128];
    struct hashlist *list = NULL;
    struct hashlist_digest digest;

    (void)state;
    temp_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s", temp_file(&dir, "list.txt"));
    put(path, MD5_A "\n", 33);
    assert_int_equal(utimensat(0, path, times, 0), 0);
    assert_int_equal(hashlist_open(path, dir.path, &list, NULL), HN_OK);
    assert_int_equal(hashlist_info(list)->source_time, 1000);
    hashlist_close(list);
    put(path, "no digest is here, but as many...\n", 33);
    times[1].tv_nsec = 6;
    assert_int_equal(utimensat(0, path, times, 0), 0);
    assert_int_equal(hashlist_open(path, dir.path, &list, NULL), HN_SYNTAX);
    put(path, "f123456789abcdef0123456789abcdef\n", 33);
    assert_int_equal(utimensat(0, path, times, 0), 0);
    assert_int_equal(hashlist_open(path, dir.path, &list, NULL), HN_OK);
    assert_true(hashlist_info(list)->compiled);
    assert_true(hashlist_digest_of(HN_TEXT("F123456789abcdef0123456789abcdef"), &digest));
    assert_true(hashlist_has(list, &digest));
    hashlist_close(list);
    temp_dir_remove(&dir);
}

/* The compiled form, given as a list itself, cut at every byte and with counts that lie. */
static void compiled_lists_are_held_to_their_size(void **state)
{
    struct temp_dir dir;
    struct temp_dir cache;
    char path[128];
    char compiled[256] = "";
    char bytes[4096];
    struct hashlist *list = NULL;
    FILE *file;
    size_t len;
    DIR *entries;
    struct dirent *entry;

    (void)state;
    temp_dir_make(&dir);
    temp_dir_make(&cache);
    (void)snprintf(path, sizeof path, "%s", temp_file(&dir, "list.txt"));
    put(path, MD5_A "\n" SHA1_A "\n", 74);
    assert_int_equal(hashlist_open(path, cache.path, &list, NULL), HN_OK);
    hashlist_close(list);
    entries = opendir(cache.path);
    while ((entry = readdir(entries)) != NULL)
        if (strstr(entry->d_name, ".bin") != NULL)
            (void)snprintf(compiled, sizeof compiled, "%s/%.100s", cache.path, entry->d_name);
    (void)closedir(entries);
    file = fopen(compiled, "re");
    assert_non_null(file);
    len = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(hashlist_open(compiled, NULL, &list, NULL), HN_OK);
    assert_int_equal(hashlist_info(list)->counts[HASHLIST_SHA1], 1);
    hashlist_close(list);
    for (size_t cut = 0; cut < len; cut++) {
        put(path, bytes, cut);
        assert_int_not_equal(hashlist_open(path, NULL, &list, NULL), HN_OK);
    }
    for (size_t at = 32; at < 56; at++) {
        bytes[at] ^= 0x55;
        put(path, bytes, len);
        assert_int_equal(hashlist_open(path, NULL, &list, NULL), HN_CORRUPT);
        bytes[at] ^= 0x55;
    }
    temp_dir_remove(&dir);
    temp_dir_remove(&cache);
}

/* Whichever allocation fails: HN_NOMEM, and nothing is left behind. */
static void memory_may_end(void **state)
{
    struct temp_dir dir;
    char path[128];
    uint64_t hits = 1;

    (void)state;
    temp_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s", temp_file(&dir, "list.txt"));
    put(path, MD5_A "\n" SHA1_A "\n" SHA256_A "\n", 139);
    for (uint64_t n = 1; hits > 0; n++) {
        struct hashlist *list = NULL;
        enum hn_status status;

        hn_mem_fail_from(n);
        status = hashlist_open(path, NULL, &list, NULL);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_int_equal(status, hits > 0 ? HN_NOMEM : HN_OK);
        hashlist_close(list);
    }
    temp_dir_remove(&dir);
}

static void what_is_no_list(void **state)
{
    struct hashlist *list = NULL;
    struct hn_err err = { 0 };

    (void)state;
    assert_int_equal(hashlist_open("/nonexistent/x", NULL, &list, &err), HN_IO);
    err = (struct hn_err){ 0 };
    assert_int_equal(hashlist_open("/", NULL, &list, &err), HN_IO);
    err = (struct hn_err){ 0 };
    assert_int_equal(hashlist_open("/dev/null", NULL, &list, &err), HN_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_give_their_digest),
        cmocka_unit_test(lists_hold_what_they_were_given),
        cmocka_unit_test(changed_lists_are_read_again),
        cmocka_unit_test(compiled_lists_are_held_to_their_size),
        cmocka_unit_test(memory_may_end),
        cmocka_unit_test(what_is_no_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
