/* test_apply.c - results and their offset go in together; the same alert folds; repeats, texts of
 * any kind, and what was seen before. */
#include "support/store_scene.h"

struct got {
    uint32_t count;
    struct store_alert_row row; /* numbers of the last one; texts are gone */
    struct hn_text expected;    /* of all texts, when ptr is set */
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct got *got = ctx;

    got->count++;
    got->row = *row;
    if (got->expected.ptr == NULL)
        return;
    assert_true(hn_text_eq(row->rule_id, got->expected));
    assert_true(hn_text_eq(row->title, got->expected));
    assert_true(hn_text_eq(row->kind, got->expected));
    assert_true(hn_text_eq(row->host, got->expected));
    assert_true(hn_text_eq(row->user, got->expected));
    assert_true(hn_text_eq(row->source, got->expected));
    assert_true(hn_text_eq(row->tenant, got->expected));
    assert_true(hn_text_eq(row->set, got->expected));
    assert_true(hn_text_eq(row->family, got->expected));
    assert_true(hn_text_eq(row->trace, got->expected));
    assert_true(hn_text_eq(row->techniques, got->expected));
    assert_true(hn_text_eq(row->json, got->expected));
}

static uint32_t count_of(struct scene *scene, struct hn_digest id, struct got *got)
{
    got->count = 0;
    if (store_alert_by_id(scene->store, id, on_alert, got, NULL) != HN_OK)
        assert_int_equal(got->count, 0);
    return got->count;
}

/* Nothing of a transaction that was given up is there, and everything of one that was not. */
static void results_and_offset_go_together(void **state)
{
    struct scene *scene = *state;
    struct store_alert alert = scene_alert(1, "r1", "pc1");
    struct got got = { 0 };
    uint64_t applied = 99;

    alert.offset = 50;
    assert_int_equal(store_apply_begin(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(applied, 0);
    assert_int_equal(store_apply_alert(scene->store, &alert, NULL, NULL), HN_OK);
    store_apply_cancel(scene->store);
    store_apply_cancel(scene->store);
    assert_int_equal(count_of(scene, alert.id, &got), 0);
    assert_int_equal(store_apply_begin(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(store_apply_alert(scene->store, &alert, &scene->applied, NULL), HN_OK);
    assert_int_equal(store_apply_commit(scene->store, 60, NULL), HN_OK);
    scene_reopen(scene);
    assert_int_equal(store_applied_get(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(applied, 60);
    assert_int_equal(count_of(scene, alert.id, &got), 1);
    assert_int_equal(got.row.offset, 50);
    assert_int_equal(got.row.count, 1);
    /* A replay from before: what it finds is known, and the offset does not go back. */
    assert_int_equal(store_apply_begin(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(store_apply_alert(scene->store, &alert, &scene->applied, NULL), HN_OK);
    assert_true(scene->applied.ignored);
    assert_int_equal(store_apply_commit(scene->store, 55, NULL), HN_OK);
    assert_int_equal(store_applied_get(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(applied, 60);
    assert_int_equal(count_of(scene, alert.id, &got), 1);
    assert_int_equal(got.row.count, 1);
}

static void the_same_id_folds(void **state)
{
    struct scene *scene = *state;
    struct store_alert alert = scene_alert(1, "r1", "pc1");
    struct got got = { 0 };
    int64_t seq;

    seq = scene_apply(scene, &alert)->seq;
    alert.received += HN_MINUTE;
    assert_true(scene_apply(scene, &alert)->repeated);
    assert_int_equal(scene->applied.seq, seq);
    alert.received -= HN_HOUR;
    (void)scene_apply(scene, &alert);
    assert_int_equal(count_of(scene, alert.id, &got), 1);
    assert_int_equal(got.row.count, 3);
    assert_int_equal(got.row.last_seen - got.row.first_seen, HN_HOUR);
}

/* One finding that goes on is shown once per window, is stored each time, and stays in its
 * incident. */
static void repeats_are_hidden_within_the_window(void **state)
{
    struct scene *scene = *state;
    struct store_change change = { HN_TEXT("yuki"), SCENE_NOW, 0 };
    struct got got = { 0 };
    int64_t incident = 0;

    for (uint64_t i = 0; i < 150; i++) {
        struct store_alert alert = scene_alert(i, "r1", "pc1");
        bool shown = i % 60 == 0;

        alert.fold_key = (struct hn_digest){ 7, 7 };
        alert.time = SCENE_NOW + (hn_time)i * HN_MINUTE;
        (void)scene_apply(scene, &alert);
        assert_int_equal(scene->applied.hidden, shown ? STORE_SHOWN : STORE_REPEATED);
        assert_true(i == 0 || scene->applied.incident == incident);
        incident = scene->applied.incident;
    }
    assert_int_equal(store_alert_show(scene->store, 2, &change, NULL), HN_OK);
    assert_int_equal(store_alert_show(scene->store, 2, &change, NULL), HN_OK);
    assert_int_equal(store_alert_show(scene->store, 999, &change, NULL), HN_NOTFOUND);
    assert_int_equal(store_alert_by_seq(scene->store, 2, on_alert, &got, NULL), HN_OK);
    assert_int_equal(got.row.hidden, STORE_SHOWN);
    assert_int_equal(got.row.incident, incident);
}

static void texts_come_back_as_they_went_in(void **state)
{
    static char large[1 << 20];
    struct scene *scene = *state;
    size_t count;
    const struct hn_text *texts = scene_hostile(&count);

    memset(large, '"', sizeof large);
    for (size_t i = 0; i <= count; i++) {
        struct hn_text text = i < count ? texts[i] : hn_text_of(large, sizeof large);
        struct hn_text addresses[2] = { text, text };
        struct store_alert alert = { .id = { 5, i },
            .fold_key = { 5, i },
            .rule_id = text,
            .title = text,
            .level = 5,
            .kind = text,
            .host = text,
            .user = text,
            .addresses = addresses,
            .address_count = 2,
            .source = text,
            .tenant = text,
            .set = text,
            .family = text,
            .trace = text,
            .techniques = text,
            .time = HN_TIME_NONE,
            .received = SCENE_NOW,
            .json = text };
        struct store_alert_filter filter = store_alert_filter_all();
        struct store_change change = { text, SCENE_NOW, 0 };
        struct store_edit edit = { .assignee = &addresses[0] };
        struct store_page page = { 0 };
        struct got got = { .expected = text };

        assert_true(scene_apply(scene, &alert)->incident_new);
        assert_int_equal(count_of(scene, alert.id, &got), 1);
        assert_true(got.row.time == HN_TIME_NONE);
        filter.host = filter.user = filter.rule_id = filter.source = text;
        filter.tenant = filter.family = filter.address = text;
        filter.json = true;
        got.count = 0;
        assert_int_equal(store_alerts(scene->store, &filter, &page, on_alert, &got, NULL), HN_OK);
        assert_int_equal(got.count, 1);
        filter = store_alert_filter_all();
        filter.text = text;
        got.expected.ptr = NULL;
        assert_int_equal(store_alerts(scene->store, &filter, &page, on_alert, &got, NULL), HN_OK);
        if (i < count) {
            assert_int_equal(store_incident_edit(scene->store, scene->applied.incident, &edit,
                                     &change, NULL, NULL),
                    HN_OK);
            assert_int_equal(store_comment(scene->store, STORE_ALERT, scene->applied.seq, text,
                                     &change, NULL),
                    HN_OK);
        }
    }
}

/* Words are found by their beginnings, in evidence and addresses as well, all of them together. */
static void words_are_found(void **state)
{
    static const struct {
        const char *text;
        uint32_t found;
    } cases[] = { { "powershell", 2 }, { "POWERSH", 2 }, { "shell", 0 }, { "pc1", 1 },
        { "powershell pc2", 1 }, { "192.0.2", 1 }, { "192.0.3", 0 }, { "\"", 0 }, { "AND", 0 },
        { "enc -AAAA", 2 } };
    struct scene *scene = *state;
    struct hn_text address = HN_TEXT("192.0.2.7");
    struct store_alert alert = scene_alert(1, "r1", "pc1");

    (void)scene_apply(scene, &alert);
    alert = scene_alert(2, "r1", "pc2");
    alert.addresses = &address;
    alert.address_count = 1;
    (void)scene_apply(scene, &alert);
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct store_alert_filter filter = store_alert_filter_all();
        struct store_page page = { 0 };
        struct got got = { 0 };

        filter.text = hn_text_cstr(cases[i].text);
        assert_int_equal(store_alerts(scene->store, &filter, &page, on_alert, &got, NULL), HN_OK);
        if (got.count != cases[i].found)
            fail_msg("%s: %u", cases[i].text, (unsigned)got.count);
    }
}

static void what_was_seen_before_is_counted(void **state)
{
    struct scene *scene = *state;
    struct store_seen_before seen;
    struct hn_text field = HN_TEXT("CommandLine");
    struct hn_text value = HN_TEXT("powershell -enc AAAA");

    for (uint64_t i = 0; i < 5; i++) {
        struct store_alert alert = scene_alert(i, i < 3 ? "r1" : "r2", "pc1");

        (void)scene_apply(scene, &alert);
    }
    assert_int_equal(store_seen_get(scene->store, HN_TEXT("r1"), field, value, &seen, NULL), HN_OK);
    assert_int_equal(seen.rule.count, 3);
    assert_int_equal(seen.value.count, 5);
    assert_int_equal(seen.pair.count, 3);
    assert_int_equal(seen.value.last - seen.value.first, 4 * HN_SECOND);
    assert_int_equal(
            store_seen_get(scene->store, HN_TEXT("r2"), field, HN_TEXT("other"), &seen, NULL),
            HN_OK);
    assert_int_equal(seen.rule.count, 2);
    assert_int_equal(seen.value.count, 0);
    assert_int_equal(seen.pair.count, 0);
}

/* A database beside another, shorter journal: what that one gets from its end on is stored, as the
 * offset of before would have it ignored. */
static void the_offset_follows_a_shorter_journal(void **state)
{
    struct scene *scene = *state;
    struct store_alert alert = scene_alert(1, "r1", "pc1");
    uint64_t applied = 0;

    assert_int_equal(store_apply_begin(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(store_apply_commit(scene->store, 1000, NULL), HN_OK);
    assert_int_equal(store_applied_lower(scene->store, 2000, NULL), HN_OK);
    assert_int_equal(store_applied_get(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(applied, 1000);
    assert_int_equal(store_applied_lower(scene->store, 300, NULL), HN_OK);
    scene_reopen(scene);
    assert_int_equal(store_applied_get(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(applied, 300);
    alert.offset = 300;
    assert_int_equal(store_apply_begin(scene->store, &applied, NULL), HN_OK);
    assert_int_equal(store_apply_alert(scene->store, &alert, &scene->applied, NULL), HN_OK);
    assert_false(scene->applied.ignored);
    assert_int_equal(store_apply_commit(scene->store, 400, NULL), HN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_and_offset_go_together, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(the_same_id_folds, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(
                repeats_are_hidden_within_the_window, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(texts_come_back_as_they_went_in, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(words_are_found, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(
                the_offset_follows_a_shorter_journal, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(what_was_seen_before_is_counted, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
