/* test_mutes.c - inhibitions, silences, exceptions: what they hide, what is refused, and the way
 * back. */
#include "support/store_scene.h"

struct listed {
    int count;
    struct store_mute last;
    char values[256];
};

static void on_mute(void *ctx, const struct store_mute *mute)
{
    struct listed *listed = ctx;

    listed->count++;
    listed->last = *mute;
    listed->values[0] = '\0';
    for (uint32_t i = 0; i < mute->condition_count; i++) {
        size_t len = strlen(listed->values);

        (void)snprintf(listed->values + len, sizeof listed->values - len, "%.*s=%.*s;",
                HN_TEXT_ARG(mute->conditions[i].field), HN_TEXT_ARG(mute->conditions[i].value));
    }
}

static void count_alert(void *ctx, const struct store_alert_row *row)
{
    int *shown = ctx;

    *shown += row->hidden == STORE_SHOWN && row->incident != 0;
}

static void count_out(void *ctx, const struct store_out *out)
{
    int *count = ctx;

    *count += hn_text_eq(out->kind, HN_TEXT("alert"));
}

static int told(struct scene *scene)
{
    struct store_out_filter filter = { .state = -1, .limit = 1000 };
    int count = 0;

    assert_int_equal(store_out_list(scene->store, &filter, count_out, &count, NULL), HN_OK);
    return count;
}

static const struct store_change yuki = { { "yuki", 4 }, SCENE_NOW - HN_HOUR, 0 };

static struct store_mute mute_of(enum store_mute_kind kind, const struct hn_text *rule,
        const struct store_condition *conditions, uint32_t count)
{
    return (struct store_mute){ .kind = kind,
        .rules = rule,
        .rule_count = rule != NULL,
        .conditions = conditions,
        .condition_count = count,
        .reason = HN_TEXT("backup software"),
        .owner = HN_TEXT("yuki"),
        .expires = SCENE_NOW + 10 * HN_DAY };
}

static enum store_hidden hidden_of(
        struct scene *scene, uint64_t number, const char *rule, const char *host)
{
    struct store_alert alert = scene_alert(number, rule, host);

    return scene_apply(scene, &alert)->hidden;
}

/* Values are patterns without case; all conditions have to fit; a field may be of the event. */
static void conditions_fit_as_they_say(void **state)
{
    static const struct {
        struct store_condition conditions[2];
        uint32_t count;
        bool fits;
    } cases[] = {
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("PC1") } }, 1, true },
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("pc") } }, 1, false },
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("p*1") } }, 1, true },
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("pc?") } }, 1, true },
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("pc\\?") } }, 1, false },
        { { { HN_TEXT_INIT("user"), HN_TEXT_INIT("corp\\\\*") } }, 1, true },
        { { { HN_TEXT_INIT("commandline"), HN_TEXT_INIT("*-ENC*a") } }, 1, true },
        { { { HN_TEXT_INIT("Ports"), HN_TEXT_INIT("443") } }, 1, true },
        { { { HN_TEXT_INIT("Ports"), HN_TEXT_INIT("44") } }, 1, false },
        { { { HN_TEXT_INIT("Absent"), HN_TEXT_INIT("*x*") } }, 1, false },
        { { { HN_TEXT_INIT("address"), HN_TEXT_INIT("192.0.2.*") } }, 1, true },
        { { { HN_TEXT_INIT("address"), HN_TEXT_INIT("198.51.*") } }, 1, false },
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("pc1") },
                  { HN_TEXT_INIT("Ports"), HN_TEXT_INIT("80") } },
                2, true },
        { { { HN_TEXT_INIT("host"), HN_TEXT_INIT("pc1") },
                  { HN_TEXT_INIT("Ports"), HN_TEXT_INIT("81") } },
                2, false },
        { { { HN_TEXT_INIT("source"), HN_TEXT_INIT("***windows***") } }, 1, true },
    };
    struct scene *scene = *state;
    struct hn_text address = HN_TEXT("192.0.2.7");

    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct store_mute mute = mute_of(STORE_SILENCE, NULL, cases[i].conditions, cases[i].count);
        struct store_alert alert = scene_alert(i, "r1", "pc1");
        struct store_preview preview;
        struct hn_arena arena;
        int64_t id = 0;

        alert.addresses = &address;
        alert.address_count = 1;
        assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_OK);
        if ((scene_apply(scene, &alert)->hidden == STORE_SILENCED) != cases[i].fits)
            fail_msg("case %zu", i);
        /* The preview of stored alerts judges as the live one does. */
        hn_arena_init(&arena, (size_t)1 << 24);
        assert_int_equal(
                store_exception_preview(scene->store, &mute, 0, &arena, &preview, NULL), HN_OK);
        assert_int_equal(preview.alerts, cases[i].fits ? i + 1 : 0);
        assert_int_equal(preview.looked, i + 1);
        hn_arena_deinit(&arena);
        assert_int_equal(store_mute_end(scene->store, id, true, &yuki, NULL, NULL), HN_OK);
    }
}

/* Stages in their order, each alert stored with the reason; what is ended no longer hides, and
 * what it hid can be shown: grouped and told as if it came now. */
static void what_is_hidden_can_be_shown(void **state)
{
    struct scene *scene = *state;
    struct hn_text rule = HN_TEXT("noisy");
    struct store_condition host = { HN_TEXT("host"), HN_TEXT("pc1") };
    struct store_mute exception = mute_of(STORE_EXCEPTION, &rule, NULL, 0);
    struct store_mute silence = mute_of(STORE_SILENCE, NULL, &host, 1);
    struct store_alert_filter filter = store_alert_filter_all();
    struct store_page page = { 0 };
    struct listed listed = { 0 };
    struct store_mute_filter all = { .kind = -1, .idle = HN_TIME_NONE, .now = SCENE_NOW };
    struct store_change stale = yuki;
    uint64_t shown = 0;
    int64_t excepted = 0;
    int64_t silenced = 0;
    int count = 0;

    assert_int_equal(store_mute_add(scene->store, &exception, &yuki, &excepted, NULL), HN_OK);
    assert_int_equal(store_mute_add(scene->store, &silence, &yuki, &silenced, NULL), HN_OK);
    assert_int_equal(hidden_of(scene, 1, "noisy", "pc1"), STORE_SILENCED);
    assert_int_equal(scene->applied.incident, 0);
    assert_int_equal(hidden_of(scene, 2, "noisy", "pc2"), STORE_EXCEPTED);
    assert_int_equal(hidden_of(scene, 3, "other", "pc1"), STORE_SILENCED);
    assert_int_equal(hidden_of(scene, 4, "other", "pc2"), STORE_SHOWN);
    assert_int_equal(told(scene), 1);
    assert_int_equal(store_mutes(scene->store, &all, on_mute, &listed, NULL), HN_OK);
    assert_int_equal(listed.count, 2);
    assert_int_equal(listed.last.hits, 2);
    assert_string_equal(listed.values, "host=pc1;");
    stale.version = 7;
    assert_int_equal(
            store_mute_end(scene->store, silenced, true, &stale, NULL, NULL), HN_UNSUPPORTED);
    assert_int_equal(store_mute_end(scene->store, silenced, true, &yuki, &shown, NULL), HN_OK);
    assert_int_equal(shown, 2);
    assert_int_equal(store_mute_end(scene->store, excepted, false, &yuki, &shown, NULL), HN_OK);
    assert_int_equal(shown, 0);
    assert_int_equal(store_mute_end(scene->store, 99, false, &yuki, NULL, NULL), HN_NOTFOUND);
    assert_int_equal(told(scene), 3);
    assert_int_equal(hidden_of(scene, 5, "noisy", "pc1"), STORE_SHOWN);
    assert_int_equal(store_alerts(scene->store, &filter, &page, count_alert, &count, NULL), HN_OK);
    assert_int_equal(count, 4);
    all.active = true;
    listed.count = 0;
    assert_int_equal(store_mutes(scene->store, &all, on_mute, &listed, NULL), HN_OK);
    assert_int_equal(listed.count, 0);
}

/* From its end on a silence hides nothing. */
static void ends_are_exact(void **state)
{
    struct scene *scene = *state;
    struct store_condition host = { HN_TEXT("host"), HN_TEXT("pc1") };
    struct store_mute silence = mute_of(STORE_SILENCE, NULL, &host, 1);
    struct store_alert alert = scene_alert(1, "r", "pc1");
    int64_t id;

    silence.expires = SCENE_NOW;
    assert_int_equal(store_mute_add(scene->store, &silence, &yuki, &id, NULL), HN_OK);
    alert.received = SCENE_NOW - 1;
    assert_int_equal(scene_apply(scene, &alert)->hidden, STORE_SILENCED);
    alert.id.low++;
    alert.received = SCENE_NOW;
    assert_int_equal(scene_apply(scene, &alert)->hidden, STORE_SHOWN);
}

static void what_is_missing_is_refused(void **state)
{
    struct scene *scene = *state;
    struct hn_text rule = HN_TEXT("r");
    struct store_condition any = { HN_TEXT("host"), HN_TEXT("*") };
    struct store_condition nameless = { HN_TEXT(""), HN_TEXT("x") };
    struct store_mute base = mute_of(STORE_EXCEPTION, &rule, NULL, 0);
    struct store_mute mute;
    int64_t id = 0;

    mute = mute_of(STORE_SILENCE, NULL, NULL, 0);
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute = mute_of(STORE_SILENCE, NULL, &any, 1);
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute = mute_of(STORE_SILENCE, NULL, &nameless, 1);
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute = base;
    mute.reason = HN_TEXT("");
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute = base;
    mute.owner = HN_TEXT("");
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute = base;
    mute.expires = HN_TIME_NONE;
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute.expires = yuki.now;
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_SYNTAX);
    mute.expires = yuki.now + 180 * HN_DAY + 1;
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_LIMIT);
    mute.expires = yuki.now + 180 * HN_DAY;
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_OK);
    assert_int_equal(id, 1);
}

/* An exception that fits an alert judged an attack is refused, however long ago; a silence is not.
 */
static void attacks_are_not_excepted(void **state)
{
    struct scene *scene = *state;
    enum incident_verdict attack = INCIDENT_TP_NO_IMPACT;
    enum incident_verdict benign = INCIDENT_BENIGN_TP;
    struct store_edit edit = { .verdict = &attack };
    struct store_condition encoded = { HN_TEXT("CommandLine"), HN_TEXT("*-enc*") };
    struct store_mute exception = mute_of(STORE_EXCEPTION, NULL, &encoded, 1);
    struct store_mute silence = mute_of(STORE_SILENCE, NULL, &encoded, 1);
    struct store_preview preview;
    struct hn_err err = { 0 };
    struct hn_arena arena;
    int64_t id = 0;

    for (uint64_t i = 1; i <= 7; i++)
        (void)hidden_of(scene, i, i < 5 ? "r1" : "r2", i % 2 == 0 ? "pc1" : "pc2");
    assert_int_equal(store_alert_edit(scene->store, 3, &edit, &yuki, NULL, NULL), HN_OK);
    assert_int_equal(store_mute_add(scene->store, &exception, &yuki, &id, &err), HN_SYNTAX);
    assert_non_null(strstr(err.msg, "true positives: 3"));
    assert_int_equal(store_mute_add(scene->store, &silence, &yuki, &id, NULL), HN_OK);
    hn_arena_init(&arena, (size_t)1 << 24);
    assert_int_equal(store_exception_preview(scene->store, &exception, SCENE_NOW + 3 * HN_SECOND,
                             &arena, &preview, NULL),
            HN_OK);
    assert_int_equal(preview.alerts, 5);
    assert_int_equal(preview.rule_count, 2);
    assert_int_equal(preview.host_count, 2);
    assert_true(hn_text_eq(preview.rules[0], HN_TEXT("r2")));
    assert_int_equal(preview.attack_count, 1);
    assert_int_equal(preview.attacks[0], 3);
    assert_true(preview.complete);
    hn_arena_deinit(&arena);
    edit.verdict = &benign;
    assert_int_equal(store_alert_edit(scene->store, 3, &edit, &yuki, NULL, NULL), HN_OK);
    assert_int_equal(store_mute_add(scene->store, &exception, &yuki, &id, NULL), HN_OK);
}

/* While a critical incident is open on a host, other alerts of a family are grouped there but not
 * told; when it is closed they are. */
static void open_incidents_inhibit(void **state)
{
    struct scene *scene = *state;
    struct store_condition family = { HN_TEXT("family"), HN_TEXT("Recon*") };
    struct store_mute mute = mute_of(STORE_INHIBITION, NULL, &family, 1);
    enum incident_status closed = INCIDENT_CLOSED;
    enum incident_verdict verdict = INCIDENT_TP_IMPACT;
    struct store_edit edit = { .status = &closed, .verdict = &verdict };
    struct store_alert alert = scene_alert(1, "r1", "PC1");
    int64_t id;

    mute.expires = HN_TIME_NONE;
    assert_int_equal(store_mute_add(scene->store, &mute, &yuki, &id, NULL), HN_OK);
    alert.family = HN_TEXT("Recon tools");
    assert_int_equal(scene_apply(scene, &alert)->hidden, STORE_SHOWN);
    alert = scene_alert(2, "r2", "pc1");
    alert.level = 5;
    id = scene_apply(scene, &alert)->incident;
    alert = scene_alert(3, "r1", "pc1");
    alert.family = HN_TEXT("Recon tools");
    assert_int_equal(scene_apply(scene, &alert)->hidden, STORE_INHIBITED);
    assert_int_equal(scene->applied.incident, 1);
    assert_int_equal(told(scene), 2);
    alert.id.low = 4;
    alert.host = HN_TEXT("pc2");
    assert_int_equal(scene_apply(scene, &alert)->hidden, STORE_SHOWN);
    assert_int_equal(store_incident_edit(scene->store, id, &edit, &yuki, NULL, NULL), HN_OK);
    alert.id.low = 5;
    alert.host = HN_TEXT("pc1");
    assert_int_equal(scene_apply(scene, &alert)->hidden, STORE_SHOWN);
}

/* Another connection's mute holds from the next transaction on. */
static void mutes_of_others_are_seen(void **state)
{
    struct scene *scene = *state;
    struct hn_text rule = HN_TEXT("r");
    struct store_mute mute = mute_of(STORE_SILENCE, &rule, NULL, 0);
    struct store_mute_filter idle = { .kind = -1, .now = SCENE_NOW, .active = true };
    struct listed listed = { 0 };
    struct store *other;
    int64_t id;

    assert_int_equal(store_open(&scene->options, &other, NULL), HN_OK);
    assert_int_equal(hidden_of(scene, 1, "r", "pc1"), STORE_SHOWN);
    assert_int_equal(store_mute_add(other, &mute, &yuki, &id, NULL), HN_OK);
    assert_int_equal(hidden_of(scene, 2, "r", "pc1"), STORE_SILENCED);
    assert_int_equal(store_mute_end(other, id, false, &yuki, NULL, NULL), HN_OK);
    assert_int_equal(hidden_of(scene, 3, "r", "pc1"), STORE_SHOWN);
    /* One made 30 days ago that was never hit, and one that was hit. */
    assert_int_equal(store_mute_add(other, &mute, &yuki, &id, NULL), HN_OK);
    mute.rules = &(struct hn_text){ "q", 1 };
    assert_int_equal(store_mute_add(other, &mute, &yuki, &id, NULL), HN_OK);
    assert_int_equal(hidden_of(scene, 4, "r", "pc1"), STORE_SILENCED);
    idle.idle = yuki.now;
    assert_int_equal(store_mutes(other, &idle, on_mute, &listed, NULL), HN_OK);
    assert_int_equal(listed.count, 1);
    assert_int_equal(listed.last.id, id);
    store_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conditions_fit_as_they_say, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(what_is_hidden_can_be_shown, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(ends_are_exact, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(what_is_missing_is_refused, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(attacks_are_not_excepted, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(open_incidents_inhibit, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(mutes_of_others_are_seen, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
