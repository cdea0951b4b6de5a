/* test_vault.c - what is put in comes out again, to who has the key and as it was, or not at all.
 */
#include "vault/vault.h"

#include "support/check.h"
#include "support/temp_dir.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct scene {
    struct temp_dir dir;
    struct vault *vault;
    char name[VAULT_NAME_LEN + 1];
    char path[512];
};

static int scene_open(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    temp_dir_make(&scene->dir);
    assert_int_equal(vault_open(scene->dir.path, &scene->vault, NULL), HN_OK);
    *state = scene;
    return 0;
}

static void on_name(void *ctx, struct hn_text name, uint64_t bytes)
{
    struct scene *scene = ctx;

    (void)bytes;
    assert_int_equal(vault_remove(scene->vault, name, NULL), HN_OK);
}

static int scene_close(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(vault_each(scene->vault, on_name, scene, NULL), HN_OK);
    vault_free(scene->vault);
    (void)snprintf(scene->path, sizeof scene->path, "%s/files/writing.tmp", scene->dir.path);
    (void)unlink(scene->path);
    (void)snprintf(scene->path, sizeof scene->path, "%s/files", scene->dir.path);
    (void)rmdir(scene->path);
    temp_dir_remove(&scene->dir);
    free(scene);
    return 0;
}

static struct hn_text put(struct scene *scene, struct hn_text text)
{
    assert_int_equal(vault_put(scene->vault, hn_text_as_bytes(text), scene->name, NULL), HN_OK);
    (void)snprintf(scene->path, sizeof scene->path, "%s/files/%s", scene->dir.path, scene->name);
    return hn_text_of(scene->name, VAULT_NAME_LEN);
}

/* Whatever its size, down to nothing; on disk it is something else, and nobody's but ours. */
static void what_is_put_comes_out(void **state)
{
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 1048576, 1048577, 3000000 };
    struct scene *scene = *state;

    for (size_t i = 0; i < HN_COUNT_OF(sizes); i++) {
        struct hn_buf text = { 0 };
        struct hn_buf back = { 0 };
        struct stat info;
        struct hn_text name;

        hn_buf_add_repeat(&text, 'x', sizes[i]);
        name = put(scene, hn_buf_text(&text));
        assert_int_equal(vault_get(scene->vault, name, &back, NULL), HN_OK);
        assert_true(hn_text_eq(hn_buf_text(&text), hn_buf_text(&back)));
        assert_int_equal(stat(scene->path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        assert_int_equal(info.st_size, sizes[i] + VAULT_EXTRA);
        hn_buf_deinit(&text);
        hn_buf_deinit(&back);
    }
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    (void)close(fd);
}

/* Cut at every byte, and with every byte changed, it is refused and gives nothing. */
static void what_was_changed_is_refused(void **state)
{
    struct scene *scene = *state;
    struct hn_text name =
            put(scene, HN_TEXT("a sample of some length, so that there is something"));
    char bytes[256];
    int fd = open(scene->path, O_RDONLY);
    ssize_t len = read(fd, bytes, sizeof bytes);

    (void)close(fd);
    assert_true(len > 32);
    for (size_t i = 0; i < 2 * (size_t)len; i++) {
        struct hn_buf back = { 0 };
        char saved = bytes[i / 2];

        if (i % 2 == 0) {
            write_file(scene->path, bytes, i / 2);
        } else {
            bytes[i / 2] ^= 0x20;
            write_file(scene->path, bytes, (size_t)len);
            bytes[i / 2] = saved;
        }
        assert_int_equal(vault_get(scene->vault, name, &back, NULL), HN_CORRUPT);
        assert_int_equal(back.len, 0);
        hn_buf_deinit(&back);
    }
    write_file(scene->path, bytes, (size_t)len);
}

/* A file under another one's name is not that one. */
static void a_renamed_file_is_refused(void **state)
{
    struct scene *scene = *state;
    char from[512];
    struct hn_buf back = { 0 };
    char other[VAULT_NAME_LEN];

    (void)put(scene, HN_TEXT("one"));
    memcpy(from, scene->path, sizeof from);
    (void)put(scene, HN_TEXT("two"));
    memcpy(other, scene->name, sizeof other);
    assert_int_equal(rename(from, scene->path), 0);
    assert_int_equal(
            vault_get(scene->vault, hn_text_of(other, sizeof other), &back, NULL), HN_CORRUPT);
    hn_buf_deinit(&back);
}

/* Names that are none never leave the folder. */
static void only_digests_are_names(void **state)
{
    static const char *const names[] = { "", "..", "../key", "key",
        "../../../../../../../../../../../../../../../../../etc/passwd",
        "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef" };
    struct scene *scene = *state;
    struct hn_buf back = { 0 };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        assert_int_equal(vault_get(scene->vault, hn_text_cstr(names[i]), &back, NULL), HN_NOTFOUND);
        assert_int_equal(vault_remove(scene->vault, hn_text_cstr(names[i]), NULL), HN_OK);
    }
    assert_int_equal(access(temp_file(&scene->dir, "key"), F_OK), 0);
    hn_buf_deinit(&back);
}

/* Opened again it is the same; a key that others may read, is cut, or is missing where there are
 * files, is told and not replaced. */
static void the_key_is_looked_after(void **state)
{
    struct scene *scene = *state;
    struct hn_text name = put(scene, HN_TEXT("one"));
    struct vault *again = NULL;
    struct hn_buf back = { 0 };
    const char *key = temp_file(&scene->dir, "key");
    char kept[32];
    int fd = open(key, O_RDONLY);

    assert_int_equal(read(fd, kept, sizeof kept), sizeof kept);
    (void)close(fd);
    assert_int_equal(vault_open(scene->dir.path, &again, NULL), HN_OK);
    assert_int_equal(vault_get(again, name, &back, NULL), HN_OK);
    hn_buf_deinit(&back);
    vault_free(again);
    assert_int_equal(chmod(key, 0640), 0);
    assert_int_equal(vault_open(scene->dir.path, &again, NULL), HN_CORRUPT);
    assert_int_equal(chmod(key, 0600), 0);
    write_file(key, kept, 31);
    assert_int_equal(vault_open(scene->dir.path, &again, NULL), HN_CORRUPT);
    assert_int_equal(unlink(key), 0);
    assert_int_equal(vault_open(scene->dir.path, &again, NULL), HN_CORRUPT);
    assert_int_equal(access(key, F_OK), -1);
    write_file(key, kept, 32);
}

/* A sealed text opens for the one it is about alone, and is another one each time. */
static void sealed_texts_belong_to_somebody(void **state)
{
    struct scene *scene = *state;
    struct hn_buf a = { 0 };
    struct hn_buf b = { 0 };
    struct hn_buf back = { 0 };
    struct hn_bytes secret = hn_text_as_bytes(HN_TEXT("infected"));

    assert_int_equal(vault_seal(scene->vault, HN_TEXT("x"), secret, &a, NULL), HN_OK);
    assert_int_equal(vault_seal(scene->vault, HN_TEXT("x"), secret, &b, NULL), HN_OK);
    assert_false(hn_text_eq(hn_buf_text(&a), hn_buf_text(&b)));
    assert_int_equal(vault_unseal(scene->vault, HN_TEXT("y"), hn_text_as_bytes(hn_buf_text(&a)),
                             &back, NULL),
            HN_CORRUPT);
    assert_int_equal(vault_unseal(scene->vault, HN_TEXT("x"), hn_text_as_bytes(hn_buf_text(&a)),
                             &back, NULL),
            HN_OK);
    check_text(hn_buf_text(&back), "infected");
    hn_buf_deinit(&a);
    hn_buf_deinit(&b);
    hn_buf_deinit(&back);
}

/* Memory may end anywhere: it is told, and what is there stays whole. */
static void memory_may_end(void **state)
{
    struct scene *scene = *state;
    struct hn_text name = put(scene, HN_TEXT("one"));
    uint64_t hits = 1;

    for (uint64_t n = 1; hits > 0; n++) {
        struct hn_buf back = { 0 };
        enum hn_status status;

        hn_mem_fail_from(n);
        status = vault_get(scene->vault, name, &back, NULL);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_true(hits > 0 ? status == HN_NOMEM : status == HN_OK);
        hn_buf_deinit(&back);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_put_comes_out, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(what_was_changed_is_refused, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(a_renamed_file_is_refused, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(only_digests_are_names, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(the_key_is_looked_after, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(sealed_texts_belong_to_somebody, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(memory_may_end, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
