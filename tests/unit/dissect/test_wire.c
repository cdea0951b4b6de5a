/* test_wire.c - trees cross from the worker whole, and nothing forged comes in. */
#include "dissect/dissect.h"

#include "base/mem.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const char sample_bytes[] = "the sample: PK embedded and a script";

static uint32_t add(struct dissect *dissect, uint32_t parent, enum dissect_format format,
        const char *name, struct hn_bytes data, bool borrowed)
{
    struct dissect_child child = { .format = format,
        .name = hn_text_cstr(name),
        .relation = parent == DISSECT_NONE ? "sample" : "entry",
        .data = data,
        .offset = 3,
        .borrowed = borrowed };
    uint32_t id = 0;

    assert_int_equal(dissect_child(dissect, parent, &child, &id), HN_OK);
    return id;
}

static struct dissect *make_tree(void)
{
    struct dissect *dissect = dissect_new(NULL);
    struct hn_bytes sample = hn_bytes_of(sample_bytes, sizeof sample_bytes - 1);
    struct script_run run;
    struct script_act act;
    uint32_t part;
    uint32_t script;

    assert_non_null(dissect);
    (void)add(dissect, DISSECT_NONE, DISSECT_ZIP, "a.zip", sample, true);
    part = add(dissect, 0, DISSECT_DOC, "part", hn_bytes_of(sample.ptr + 12, 11), true);
    script = add(dissect, part, DISSECT_POWERSHELL, "", hn_bytes_of("iex", 3), false);
    /* The same bytes and name again, recognised meanwhile: two objects, and they stay two. */
    dissect_set_format(dissect, part, DISSECT_XLS);
    (void)add(dissect, 0, DISSECT_DOC, "part", hn_bytes_of(sample.ptr + 12, 11), true);
    dissect_set_format(dissect, 3, DISSECT_XLS);
    dissect_fact(dissect, 0, "subject", HN_TEXT("\x1b[31m\xff"));
    dissect_fact_u64(dissect, part, "size", 11);
    dissect_note(dissect, part, DISSECT_NOTE_DAMAGED, 5, "at %d", 5);
    dissect_store(dissect, part, HN_TEXT("UserForm1.T"), HN_TEXT("value"), 9);
    dissect_text(dissect, part, "body", HN_TEXT("text"), HN_TEXT("a > b"), 1);
    script_run_init(&run, NULL, NULL);
    act = script_act(&run, SCRIPT_ACT_PROCESS, 40, "Start-Process");
    script_act_add(&act, "CommandLine", script_text_unknown(&run, "reply", NULL));
    dissect_act(dissect, script, &run, &act);
    script_run_deinit(&run);
    return dissect;
}

static struct hn_bytes bytes_of(const struct hn_buf *buf)
{
    return hn_text_as_bytes(hn_buf_text(buf));
}

/* What is loaded says the same, down to where bytes lie, and is saved as the same bytes. */
static void trees_are_loaded_as_saved(void **state)
{
    struct hn_bytes sample = hn_bytes_of(sample_bytes, sizeof sample_bytes - 1);

    (void)state;
    for (int keep = DISSECT_KEEP_NONE; keep <= DISSECT_KEEP_ALL; keep++) {
        struct dissect *dissect = make_tree();
        struct dissect *loaded = NULL;
        struct hn_buf saved = { 0 };
        struct hn_buf again = { 0 };
        const struct dissect_object *script;

        dissect_save(dissect, (enum dissect_keep)keep, &saved);
        assert_true(hn_buf_ok(&saved));
        assert_int_equal(dissect_load(bytes_of(&saved), sample, NULL, &loaded, NULL), HN_OK);
        assert_int_equal(dissect_count(loaded), 4);
        assert_int_equal(dissect_get(loaded, 1)->format, DISSECT_XLS);
        assert_int_equal(dissect_get(loaded, 2)->depth, 2);
        assert_string_equal(dissect_get(loaded, 1)->facts->name, "size");
        assert_int_equal(dissect_get(loaded, 1)->notes->offset, 5);
        assert_int_equal(dissect_get(loaded, 1)->data.len, keep == DISSECT_KEEP_ALL ? 11 : 0);
        if (keep == DISSECT_KEEP_ALL)
            assert_ptr_equal(dissect_get(loaded, 1)->data.ptr, sample.ptr + 12);
        script = dissect_get(loaded, 2);
        assert_int_equal(script->data.len, keep == DISSECT_KEEP_NONE ? 0 : 3);
        assert_true(script->acts->fields[0].unknown);
        assert_true(hn_text_eq(script->acts->fields[0].value, HN_TEXT("{reply}")));
        dissect_save(loaded, DISSECT_KEEP_ALL, &again);
        assert_int_equal(again.len, saved.len);
        assert_memory_equal(again.ptr, saved.ptr, saved.len);
        hn_buf_deinit(&saved);
        hn_buf_deinit(&again);
        dissect_free(loaded);
        dissect_free(dissect);
    }
}

/* Every prefix is refused, and so is anything behind the end. */
static void every_truncation_is_refused(void **state)
{
    struct dissect *dissect = make_tree();
    struct dissect *loaded = NULL;
    struct hn_buf saved = { 0 };
    struct hn_bytes sample = hn_bytes_of(sample_bytes, sizeof sample_bytes - 1);

    (void)state;
    dissect_save(dissect, DISSECT_KEEP_ALL, &saved);
    for (size_t len = 0; len < saved.len; len++) {
        char *copy = hn_malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, saved.ptr, len);
        assert_int_not_equal(
                dissect_load(hn_bytes_of(copy, len), sample, NULL, &loaded, NULL), HN_OK);
        hn_free(copy);
    }
    hn_buf_add_char(&saved, 'x');
    assert_int_equal(dissect_load(bytes_of(&saved), sample, NULL, &loaded, NULL), HN_CORRUPT);
    assert_null(loaded);
    hn_buf_deinit(&saved);
    dissect_free(dissect);
}

/* Whatever byte is changed: refused, or a tree that is saved as what was read. */
static void forged_trees_are_refused_or_sound(void **state)
{
    struct dissect *dissect = make_tree();
    struct hn_buf saved = { 0 };
    struct hn_bytes sample = hn_bytes_of(sample_bytes, sizeof sample_bytes - 1);

    (void)state;
    dissect_save(dissect, DISSECT_KEEP_ALL, &saved);
    for (size_t i = 0; i < saved.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct dissect *loaded = NULL;
            struct hn_buf again = { 0 };

            saved.ptr[i] = (char)(saved.ptr[i] ^ (1 << bit));
            if (dissect_load(bytes_of(&saved), sample, NULL, &loaded, NULL) == HN_OK) {
                dissect_save(loaded, DISSECT_KEEP_ALL, &again);
                assert_int_equal(again.len, saved.len);
                assert_memory_equal(again.ptr, saved.ptr, saved.len);
                dissect_free(loaded);
            }
            hn_buf_deinit(&again);
            saved.ptr[i] = (char)(saved.ptr[i] ^ (1 << bit));
        }
    }
    hn_buf_deinit(&saved);
    dissect_free(dissect);
}

/* A sample shorter than what the worker claims of it, and limits of the one who loads. */
static void ranges_and_limits_are_checked(void **state)
{
    struct dissect_limits limits = dissect_limits_default;
    struct dissect *dissect = make_tree();
    struct dissect *loaded = NULL;
    struct hn_buf saved = { 0 };
    struct hn_bytes sample = hn_bytes_of(sample_bytes, sizeof sample_bytes - 1);

    (void)state;
    dissect_save(dissect, DISSECT_KEEP_ALL, &saved);
    assert_int_equal(
            dissect_load(bytes_of(&saved), hn_bytes_of(sample_bytes, 5), NULL, &loaded, NULL),
            HN_CORRUPT);
    limits.objects_max = 3;
    assert_int_equal(dissect_load(bytes_of(&saved), sample, &limits, &loaded, NULL), HN_LIMIT);
    limits = dissect_limits_default;
    limits.depth_max = 1;
    assert_int_equal(dissect_load(bytes_of(&saved), sample, &limits, &loaded, NULL), HN_LIMIT);
    assert_null(loaded);
    hn_buf_deinit(&saved);
    dissect_free(dissect);
}

static void every_allocation_may_fail(void **state)
{
    struct dissect *dissect = make_tree();
    struct hn_buf saved = { 0 };
    struct hn_bytes sample = hn_bytes_of(sample_bytes, sizeof sample_bytes - 1);

    (void)state;
    dissect_save(dissect, DISSECT_KEEP_ALL, &saved);
    for (uint64_t n = 1;; n++) {
        struct dissect *loaded = NULL;
        struct hn_buf again = { 0 };
        enum hn_status status;
        uint64_t hits;

        hn_mem_fail_from(n);
        status = dissect_load(bytes_of(&saved), sample, NULL, &loaded, NULL);
        if (status == HN_OK)
            dissect_save(loaded, DISSECT_KEEP_ALL, &again);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        hn_buf_deinit(&again);
        dissect_free(loaded);
        if (hits == 0)
            break;
        assert_true(status == HN_NOMEM || status == HN_OK);
    }
    hn_buf_deinit(&saved);
    dissect_free(dissect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_loaded_as_saved),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(forged_trees_are_refused_or_sound),
        cmocka_unit_test(ranges_and_limits_are_checked),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
