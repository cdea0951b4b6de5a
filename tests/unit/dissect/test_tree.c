/* test_tree.c - the tree of what is in a sample: children, what is said of them, limits. */
#include "dissect/dissect.h"

#include "base/mem.h"

#include <stdio.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static enum hn_status add(
        struct dissect *dissect, uint32_t parent, const char *name, const char *data, uint32_t *id)
{
    struct dissect_child child = { .name = hn_text_cstr(name),
        .relation = parent == DISSECT_NONE ? "sample" : "entry",
        .data = hn_bytes_of(data, strlen(data)),
        .offset = DISSECT_NOWHERE };

    return dissect_child(dissect, parent, &child, id);
}

static const struct dissect_note *note_of(
        const struct dissect *dissect, uint32_t id, enum dissect_note_kind kind)
{
    for (const struct dissect_note *note = dissect_get(dissect, id)->notes; note != NULL;
            note = note->next)
        if (note->kind == kind)
            return note;
    return NULL;
}

static void children_are_kept_in_order(void **state)
{
    struct dissect *dissect = dissect_new(NULL);
    uint32_t id = 9;
    uint32_t again;

    (void)state;
    assert_int_equal(add(dissect, DISSECT_NONE, "a.zip", "PK", &id), HN_OK);
    assert_int_equal(id, 0);
    assert_int_equal(add(dissect, 0, "b.doc", "one", &id), HN_OK);
    assert_int_equal(id, 1);
    assert_int_equal(add(dissect, 1, "c", "two", &id), HN_OK);
    assert_int_equal(dissect_get(dissect, 2)->depth, 2);
    assert_int_equal(dissect_get(dissect, 2)->parent, 1);
    /* The same bytes under the same name twice are one object; other bytes are not. */
    assert_int_equal(add(dissect, 0, "b.doc", "one", &again), HN_OK);
    assert_int_equal(again, 1);
    assert_int_equal(add(dissect, 0, "b.doc", "two", &again), HN_OK);
    assert_int_equal(again, 3);
    assert_int_equal(dissect_count(dissect), 4);
    dissect_free(dissect);
}

/* Each limit refuses, and says so once on the object that ran into it. */
static void limits_are_noted(void **state)
{
    struct dissect_limits limits = dissect_limits_default;
    struct dissect *dissect;
    uint32_t id;

    (void)state;
    limits.depth_max = 1;
    limits.objects_max = 3;
    limits.file_bytes_max = 4;
    limits.facts_max = 2;
    limits.notes_max = 8;
    dissect = dissect_new(&limits);
    assert_int_equal(add(dissect, DISSECT_NONE, "s", "sample is never too large", &id), HN_OK);
    assert_int_equal(add(dissect, 0, "big", "12345", &id), HN_LIMIT);
    assert_int_equal(add(dissect, 0, "x", "1", &id), HN_OK);
    assert_int_equal(add(dissect, id, "deep", "1", &id), HN_LIMIT);
    assert_int_equal(add(dissect, 0, "y", "2", &id), HN_OK);
    assert_int_equal(add(dissect, 0, "z", "3", &id), HN_LIMIT);
    assert_int_equal(add(dissect, 0, "z", "4", &id), HN_LIMIT);
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_LIMIT));
    assert_string_equal(note_of(dissect, 1, DISSECT_NOTE_LIMIT)->detail.ptr, "depth_max");
    for (int i = 0; i < 5; i++)
        dissect_fact_u64(dissect, 2, "size", (uint64_t)i);
    assert_string_equal(note_of(dissect, 2, DISSECT_NOTE_LIMIT)->detail.ptr, "facts_max");
    for (int i = 0; i < 20; i++)
        dissect_note(dissect, 2, DISSECT_NOTE_DAMAGED, 7, "%d", i);
    assert_int_equal(dissect_get(dissect, 2)->notes_left_out, 13);
    dissect_free(dissect);
}

/* A sample that fills all there is room for does not crowd out what others know of it. */
static void what_is_known_finds_room(void **state)
{
    struct dissect_limits limits = dissect_limits_default;
    struct dissect *loaded = NULL;
    struct hn_buf saved = { 0 };
    struct dissect *dissect;
    const struct dissect_fact *fact;

    (void)state;
    limits.facts_max = 3;
    limits.notes_max = 2;
    dissect = dissect_new(&limits);
    assert_int_equal(add(dissect, DISSECT_NONE, "s", "x", NULL), HN_OK);
    for (int i = 0; i < 20; i++) {
        dissect_fact(dissect, 0, "subject", HN_TEXT("crowd"));
        dissect_note(dissect, 0, DISSECT_NOTE_DAMAGED, 0, "crowd");
    }
    for (unsigned i = 0; i < 2 * DISSECT_KNOWN_MAX; i++)
        dissect_known(dissect, 0, "known_bad", HN_TEXT("list"));
    dissect_note(dissect, 0, DISSECT_NOTE_SIGNATURE, 0, "YARA");
    dissect_note(dissect, 0, DISSECT_NOTE_UNCHECKED, 0, "clamd");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_SIGNATURE));
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_UNCHECKED));
    /* It crosses to another process as it is, where there is room for no more either. */
    dissect_save(dissect, DISSECT_KEEP_ALL, &saved);
    assert_int_equal(dissect_load(hn_text_as_bytes(hn_buf_text(&saved)), hn_bytes_of("x", 1),
                             &limits, &loaded, NULL),
            HN_OK);
    fact = dissect_get(loaded, 0)->facts;
    for (unsigned i = 0; i < 3 + DISSECT_KNOWN_MAX; i++, fact = fact->next)
        assert_string_equal(fact->name, i < 3 ? "subject" : "known_bad");
    assert_null(fact);
    assert_non_null(note_of(loaded, 0, DISSECT_NOTE_UNCHECKED));
    hn_buf_deinit(&saved);
    dissect_free(loaded);
    dissect_free(dissect);
    /* The largest of limits does not wrap. */
    limits.facts_max = UINT32_MAX;
    dissect = dissect_new(&limits);
    assert_int_equal(add(dissect, DISSECT_NONE, "s", "x", NULL), HN_OK);
    dissect_known(dissect, 0, "known_bad", HN_TEXT("list"));
    assert_non_null(dissect_get(dissect, 0)->facts);
    dissect_free(dissect);
}

/* Small bombs are stopped by their ratio, large ones by the sum; ordinary files pass. */
static void inflation_is_bounded(void **state)
{
    struct dissect_limits limits = dissect_limits_default;
    struct dissect *dissect;
    uint32_t id;

    (void)state;
    limits.ratio_free_bytes = 1000;
    limits.ratio_max = 10;
    limits.inflated_bytes_max = 5000;
    dissect = dissect_new(&limits);
    assert_int_equal(add(dissect, DISSECT_NONE, "s", "0123456789", &id), HN_OK);
    assert_int_equal(add(dissect, 0, "t", "0123456789", &id), HN_OK);
    assert_true(dissect_inflate(dissect, 0, 0, 1100));
    assert_false(dissect_inflate(dissect, 0, 0, 1));
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_BOMB));
    assert_true(dissect_inflate(dissect, id, 1000, 3900));
    assert_false(dissect_inflate(dissect, id, 1000, 1));
    assert_non_null(note_of(dissect, id, DISSECT_NOTE_BOMB));
    dissect_free(dissect);
}

/* A macro reads the strings of its document, the nearest first, without regard to case. */
static void stores_are_found_from_below(void **state)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_scope scope = { dissect, 0 };
    struct hn_text found;

    (void)state;
    assert_int_equal(add(dissect, DISSECT_NONE, "mail", "m", NULL), HN_OK);
    assert_int_equal(add(dissect, 0, "doc", "d", NULL), HN_OK);
    assert_int_equal(add(dissect, 1, "module", "s", &scope.id), HN_OK);
    dissect_store(dissect, 1, HN_TEXT("UserForm1.TextBox1.Text"), HN_TEXT("near"), 3);
    dissect_store(dissect, 0, HN_TEXT("UserForm1.TextBox1.Text"), HN_TEXT("far"), 4);
    dissect_store(dissect, 0, HN_TEXT("title"), HN_TEXT("t"), 5);
    assert_true(dissect_lookup(&scope, HN_TEXT("userform1.textbox1.text"), &found));
    assert_true(hn_text_eq(found, HN_TEXT("near")));
    assert_true(dissect_lookup(&scope, HN_TEXT("Title"), &found));
    assert_false(dissect_lookup(&scope, HN_TEXT("none"), &found));
    dissect_free(dissect);
}

/* Among many, of several with one name the first; those that come later are found as well. */
static void many_stores_are_found(void **state)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_scope scope = { dissect, 0 };
    struct hn_text found;
    char name[32];

    (void)state;
    assert_int_equal(add(dissect, DISSECT_NONE, "book", "m", NULL), HN_OK);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            (void)snprintf(name, sizeof name, "Sheet%d!A%d", round, i);
            dissect_store(dissect, 0, hn_text_cstr(name), hn_text_cstr(name), 0);
            dissect_store(dissect, 0, hn_text_cstr(name), HN_TEXT("second"), 0);
        }
        for (int i = 0; i < 3000; i++) {
            (void)snprintf(name, sizeof name, "sHEET%d!a%d", round, i);
            assert_true(dissect_lookup(&scope, hn_text_cstr(name), &found));
            assert_true(hn_text_eq_nocase(found, hn_text_cstr(name)));
        }
    }
    assert_false(dissect_lookup(&scope, HN_TEXT("Sheet3!A1"), &found));
    dissect_free(dissect);
}

static void acts_keep_the_way_of_their_values(void **state)
{
    struct dissect *dissect = dissect_new(NULL);
    struct script_run run;
    struct script_act act;
    const struct script_text *command;

    (void)state;
    script_run_init(&run, NULL, NULL);
    assert_int_equal(add(dissect, DISSECT_NONE, "s", "m", NULL), HN_OK);
    command = script_text_new(&run, HN_TEXT("calc.exe"),
            script_origin_new(&run, "literal", 5, HN_TEXT(""), NULL, NULL));
    command = script_text_step(&run, command, "reverse", 40, HN_TEXT(""));
    act = script_act(&run, SCRIPT_ACT_PROCESS, 40, "WScript.Shell.Run");
    script_act_add(&act, "CommandLine", command);
    dissect_act(dissect, 0, &run, &act);
    script_run_deinit(&run);
    assert_int_equal(dissect_get(dissect, 0)->acts->field_count, 1);
    assert_string_equal(dissect_get(dissect, 0)->acts->fields[0].value.ptr, "calc.exe");
    assert_string_equal(
            dissect_get(dissect, 0)->acts->fields[0].path.ptr, "literal@5 > reverse@40");
    dissect_free(dissect);
}

static void passwords_are_kept_once(void **state)
{
    struct dissect *dissect = dissect_new(NULL);

    (void)state;
    dissect_password_add(dissect, HN_TEXT("infected"));
    dissect_password_add(dissect, HN_TEXT("1234"));
    dissect_password_add(dissect, HN_TEXT("infected"));
    dissect_password_add(dissect, HN_TEXT(""));
    assert_int_equal(dissect_password_count(dissect), 2);
    assert_true(hn_text_eq(dissect_password(dissect, 1), HN_TEXT("1234")));
    dissect_free(dissect);
}

/* Whatever allocation fails: no crash, no leak, and what is there can be read. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct dissect *dissect;
        struct hn_text found;
        uint64_t hits;

        hn_mem_fail_from(n);
        dissect = dissect_new(NULL);
        if (dissect != NULL && add(dissect, DISSECT_NONE, "s", "m", NULL) == HN_OK) {
            for (int i = 0; i < 100; i++) {
                dissect_fact(dissect, 0, "subject", HN_TEXT("a fact of some length, to fill"));
                dissect_store(dissect, 0, HN_TEXT("name"), HN_TEXT("value"), 0);
                dissect_text(dissect, 0, "body", HN_TEXT("text"), HN_TEXT(""), 0);
            }
            dissect_password_add(dissect, HN_TEXT("p"));
            (void)dissect_lookup(&(struct dissect_scope){ dissect, 0 }, HN_TEXT("name"), &found);
        }
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
        if (hits == 0)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_are_kept_in_order),
        cmocka_unit_test(limits_are_noted),
        cmocka_unit_test(what_is_known_finds_room),
        cmocka_unit_test(inflation_is_bounded),
        cmocka_unit_test(stores_are_found_from_below),
        cmocka_unit_test(many_stores_are_found),
        cmocka_unit_test(acts_keep_the_way_of_their_values),
        cmocka_unit_test(passwords_are_kept_once),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
