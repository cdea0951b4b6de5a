/* test_query.c - random filters and pages against a plain list, and an index for each filter. */
#include "support/store_scene.h"

#define ALERTS 400

static const char *const rules[] = { "r1", "r2", "r3" };
static const char *const hosts[] = { "pc1", "pc2", "pc3", "" };
static const char *const families[] = { "", "Emotet" };
static const char *const addresses[] = { "192.0.2.1", "192.0.2.2", "2001:db8::1" };

struct model {
    int64_t seq;
    hn_time at;
    uint32_t rule;
    uint32_t host;
    uint32_t family;
    uint32_t address;
    uint32_t level;
    int status;
    int verdict;
    int hidden;
    int64_t incident;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed += 0x9E3779B97F4A7C15u;
    return hn_mix64(*seed);
}

static void read_row(void *ctx, const struct store_alert_row *row)
{
    struct model *model = ctx;

    model->status = (int)row->status;
    model->verdict = (int)row->verdict;
    model->hidden = row->hidden != STORE_SHOWN;
    model->incident = row->incident;
}

static uint32_t random_below(uint64_t *seed, uint32_t bound)
{
    return (uint32_t)(next_random(seed) % bound);
}

static void fill(struct scene *scene, struct model *models, uint64_t *seed)
{
    struct hn_text rule = HN_TEXT("r3");
    struct store_mute mute = {
        .kind = STORE_SILENCE, .rules = &rule, .rule_count = 1, .expires = SCENE_NOW + HN_DAY
    };
    struct store_change change = { HN_TEXT("yuki"), SCENE_NOW - HN_HOUR, 0 };
    int64_t id;

    assert_int_equal(store_mute_add(scene->store, &mute, &change, &id, NULL), HN_OK);
    for (uint32_t i = 0; i < ALERTS; i++) {
        struct model *m = &models[i];
        struct store_alert alert;
        struct hn_text address;

        *m = (struct model){ .rule = random_below(seed, 3),
            .host = random_below(seed, 4),
            .family = random_below(seed, 2),
            .address = random_below(seed, 3),
            .level = random_below(seed, 6),
            .at = SCENE_NOW + (hn_time)(next_random(seed) % 50) * HN_SECOND };
        alert = scene_alert(i, rules[m->rule], hosts[m->host]);
        alert.family = hn_text_cstr(families[m->family]);
        alert.level = m->level;
        alert.time = m->at;
        address = hn_text_cstr(addresses[m->address]);
        alert.addresses = &address;
        alert.address_count = 1;
        m->seq = scene_apply(scene, &alert)->seq;
        if (next_random(seed) % 4 == 0) {
            enum incident_status status = (enum incident_status)(next_random(seed) % 4);
            enum incident_verdict verdict = (enum incident_verdict)(1 + next_random(seed) % 5);
            struct store_edit edit = { .status = &status, .verdict = &verdict };

            assert_int_equal(
                    store_alert_edit(scene->store, m->seq, &edit, &change, NULL, NULL), HN_OK);
        }
        assert_int_equal(store_alert_by_seq(scene->store, m->seq, read_row, m, NULL), HN_OK);
    }
}

static bool fits(const struct model *m, const struct store_alert_filter *f)
{
    return (f->level_min <= 1 || m->level >= f->level_min) &&
           (f->rule_id.len == 0 || hn_text_eq(f->rule_id, hn_text_cstr(rules[m->rule]))) &&
           (f->host.len == 0 || hn_text_eq_nocase(f->host, hn_text_cstr(hosts[m->host]))) &&
           (f->family.len == 0 || hn_text_eq(f->family, hn_text_cstr(families[m->family]))) &&
           (f->address.len == 0 || hn_text_eq(f->address, hn_text_cstr(addresses[m->address]))) &&
           (f->status < 0 || m->status == f->status) &&
           (f->verdict < 0 || m->verdict == f->verdict) &&
           (f->hidden < 0 || m->hidden == f->hidden) &&
           (f->incident == 0 || m->incident == f->incident) && (f->seq == 0 || m->seq == f->seq) &&
           (f->from == HN_TIME_NONE || m->at >= f->from) &&
           (f->to == HN_TIME_NONE || m->at <= f->to);
}

static int newest_first(const void *a, const void *b)
{
    const struct model *x = a;
    const struct model *y = b;

    if (x->at != y->at)
        return x->at > y->at ? -1 : 1;
    return x->seq > y->seq ? -1 : 1;
}

static struct store_alert_filter random_filter(uint64_t *seed)
{
    struct store_alert_filter f = store_alert_filter_all();
    uint64_t which = next_random(seed);

    f.hidden = (int)(next_random(seed) % 3) - 1;
    if (which & 1)
        f.level_min = random_below(seed, 6);
    if (which & 2)
        f.rule_id = hn_text_cstr(rules[next_random(seed) % 3]);
    if ((which & 12) == 4)
        f.host = HN_TEXT("PC2");
    if ((which & 48) == 16)
        f.family = HN_TEXT("Emotet");
    if ((which & 192) == 64)
        f.address = hn_text_cstr(addresses[next_random(seed) % 3]);
    if ((which & 768) == 256)
        f.status = (int)(next_random(seed) % 4);
    if ((which & 3072) == 1024)
        f.verdict = (int)(next_random(seed) % 6);
    if ((which & 12288) == 4096)
        f.incident = (int64_t)(next_random(seed) % 9);
    if ((which & 49152) == 16384)
        f.from = SCENE_NOW + (hn_time)(next_random(seed) % 40) * HN_SECOND;
    if ((which & 196608) == 65536)
        f.to = SCENE_NOW + (hn_time)(10 + next_random(seed) % 40) * HN_SECOND;
    f.json = next_random(seed) % 2 == 0;
    if (next_random(seed) % 16 == 0)
        f.seq = (int64_t)(1 + next_random(seed) % ALERTS);
    return f;
}

struct got {
    int64_t seqs[ALERTS];
    size_t count;
    struct store_cursor newest;
    struct store_cursor oldest;
    bool json;
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct got *got = ctx;
    hn_time at = row->time == HN_TIME_NONE ? row->received : row->time;

    if (got->count == 0)
        got->newest = (struct store_cursor){ at, row->seq };
    got->oldest = (struct store_cursor){ at, row->seq };
    assert_int_equal(row->json.len > 0, got->json);
    got->seqs[got->count++] = row->seq;
}

/* Walks all pages in one direction and compares each with what a plain list says. */
static void walk(struct scene *scene, const struct store_alert_filter *filter,
        enum store_direction direction, const int64_t *expected, size_t count)
{
    struct store_page page = { .direction = direction, .limit = 7 };
    struct store_cursor cursor;
    size_t done = 0;

    do {
        struct got got = { .json = filter->json };

        assert_int_equal(store_alerts(scene->store, filter, &page, on_alert, &got, NULL), HN_OK);
        assert_true(got.count <= 7 && done + got.count <= count);
        assert_memory_equal(got.seqs,
                direction == STORE_OLDER ? expected + done : expected + count - done - got.count,
                got.count * sizeof *got.seqs);
        done += got.count;
        assert_int_equal(page.more, done < count);
        cursor = direction == STORE_OLDER ? got.oldest : got.newest;
        page.cursor = &cursor;
    } while (page.more);
}

static void filters_agree_with_a_plain_list(void **state)
{
    static struct model models[ALERTS];
    struct scene *scene = *state;
    uint64_t seed = 5;
    size_t most = 0;

    fill(scene, models, &seed);
    /* Grouping may have closed or moved nothing since each was read; incidents are final. */
    qsort(models, ALERTS, sizeof *models, newest_first);
    for (int round = 0; round < 600; round++) {
        struct store_alert_filter filter = random_filter(&seed);
        int64_t expected[ALERTS];
        size_t count = 0;

        for (size_t i = 0; i < ALERTS; i++) {
            if (fits(&models[i], &filter))
                expected[count++] = models[i].seq;
        }
        walk(scene, &filter, STORE_OLDER, expected, count);
        walk(scene, &filter, STORE_NEWER, expected, count);
        most = count > most ? count : most;
    }
    assert_int_equal(most, ALERTS);
}

static void on_seq(void *ctx, const struct store_alert_row *row)
{
    int64_t *last = ctx;

    assert_true(row->seq > *last && row->hidden == STORE_SHOWN && row->json.len > 0);
    *last = row->seq;
}

/* A stream that is resumed gets each shown alert once, in the order of storing. */
static void streams_are_resumed(void **state)
{
    static struct model models[ALERTS];
    struct scene *scene = *state;
    uint64_t seed = 9;
    int64_t last = 0;
    int64_t newest = 0;
    int64_t before;

    fill(scene, models, &seed);
    assert_int_equal(store_alert_last(scene->store, &newest, NULL), HN_OK);
    assert_int_equal(newest, ALERTS);
    do {
        before = last;
        assert_int_equal(store_alerts_after(scene->store, last, 13, on_seq, &last, NULL), HN_OK);
    } while (last != before);
    assert_true(last > ALERTS - 10);
}

#define FILTERS 14

static struct store_alert_filter filter_of(int which)
{
    struct store_alert_filter f = store_alert_filter_all();
    struct hn_text *texts[] = { &f.rule_id, &f.host, &f.user, &f.source, &f.tenant, &f.family,
        &f.assignee, &f.address };

    if (which < 8)
        *texts[which] = HN_TEXT("x");
    else if (which < 10)
        f.level_min = which == 8 ? 4 : 3;
    else if (which == 10)
        f.incident = 3;
    else if (which == 11)
        f.verdict = INCIDENT_TP_IMPACT;
    else
        f.status = INCIDENT_NEW;
    if (which == 13)
        f.hidden = 0;
    return f;
}

static void check_plan(struct scene *scene, int which, int way, struct hn_buf *plan)
{
    struct store_cursor cursor = { SCENE_NOW, 5 };
    struct store_alert_filter f = filter_of(which);
    struct store_page page = { .cursor = way & 1 ? &cursor : NULL,
        .direction = way & 2 ? STORE_NEWER : STORE_OLDER };
    bool is_level = f.level_min > 0; /* its index holds nothing else and is read in its order */

    if (way & 4) {
        f.from = SCENE_NOW - HN_DAY;
        f.to = SCENE_NOW;
    }
    hn_buf_reset(plan);
    assert_int_equal(store_alerts_explain(scene->store, &f, &page, plan, NULL), HN_OK);
    hn_buf_add_char(plan, '\0');
    if (strstr(plan->ptr, "TEMP B-TREE") != NULL || strstr(plan->ptr, "USING") == NULL ||
            (!is_level && strstr(plan->ptr, "SEARCH") == NULL))
        fail_msg("filter %d, way %d: %s", which, way, plan->ptr);
}

/* Each filter alone, with a time range, and in both directions is answered in the order of an
 * index: nothing is sorted, nothing is read from end to end. */
static void each_filter_has_its_index(void **state)
{
    struct hn_buf plan = { 0 };

    for (int which = 0; which < FILTERS; which++) {
        for (int way = 0; way < 8; way++)
            check_plan(*state, which, way, &plan);
    }
    hn_buf_deinit(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters_agree_with_a_plain_list, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(streams_are_resumed, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(each_filter_has_its_index, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
