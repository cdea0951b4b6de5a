/* test_incident.c - what is grouped, where an alert goes, and that confidence can be explained. */
#include "incident/incident.h"

#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void names_go_both_ways(void **state)
{
    enum incident_status status;
    enum incident_verdict verdict;

    (void)state;
    for (int i = INCIDENT_NEW; i <= INCIDENT_CLOSED; i++) {
        const char *text = incident_status_text((enum incident_status)i);

        assert_true(incident_status_find(hn_text_cstr(text), &status));
        assert_int_equal(status, i);
    }
    for (int i = INCIDENT_NO_VERDICT; i <= INCIDENT_UNDETERMINED; i++) {
        const char *text = incident_verdict_text((enum incident_verdict)i);

        assert_true(incident_verdict_find(hn_text_cstr(text), &verdict));
        assert_int_equal(verdict, i);
        assert_int_equal(incident_may_be(INCIDENT_CLOSED, verdict), i != INCIDENT_NO_VERDICT);
        assert_true(incident_may_be(INCIDENT_PENDING, verdict));
        assert_int_equal(
                incident_is_attack(verdict), hn_text_starts(hn_text_cstr(text), HN_TEXT("tp_")));
    }
    assert_false(incident_status_find(HN_TEXT("Closed"), &status));
    assert_false(incident_verdict_find(HN_TEXT("tp"), &verdict));
}

static void shared_entities_do_not_group(void **state)
{
    static const char *const users[] = { "", "SYSTEM", "NT AUTHORITY\\SYSTEM", "root", "HW-PC01$",
        "root@example.org", "NT AUTHORITY\\LOCAL SERVICE", "-" };
    const struct hn_text addresses[] = { HN_TEXT("127.0.0.1"), HN_TEXT("::1"), HN_TEXT(""),
        HN_TEXT("0.0.0.0"), HN_TEXT("169.254.1.2") };
    struct incident_key keys[INCIDENT_KEYS_MAX];

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(users); i++) {
        struct incident_alert alert = { .family = HN_TEXT("Emotet"),
            .host = HN_TEXT("localhost"),
            .user = hn_text_cstr(users[i]),
            .addresses = addresses,
            .address_count = HN_COUNT_OF(addresses) };

        assert_int_equal(incident_keys(&alert, keys), 0);
    }
}

/* With a family all entities count; without one only the strongest. */
static void a_family_widens_grouping(void **state)
{
    struct hn_text addresses[40];
    struct incident_key keys[INCIDENT_KEYS_MAX];
    struct incident_alert alert = { .family = HN_TEXT("Emotet"),
        .host = HN_TEXT("pc1"),
        .user = HN_TEXT("CORP\\yuki"),
        .addresses = addresses,
        .address_count = 2 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(addresses); i++)
        addresses[i] = HN_TEXT("192.0.2.1");
    assert_int_equal(incident_keys(&alert, keys), 4);
    assert_int_equal(keys[0].entity, INCIDENT_HOST);
    assert_int_equal(keys[1].entity, INCIDENT_ADDRESS);
    assert_int_equal(keys[3].entity, INCIDENT_USER);
    /* However many addresses there are, the user has a place. */
    alert.address_count = HN_COUNT_OF(addresses);
    assert_int_equal(incident_keys(&alert, keys), INCIDENT_KEYS_MAX);
    assert_int_equal(keys[INCIDENT_KEYS_MAX - 1].entity, INCIDENT_USER);
    alert.family = HN_TEXT("");
    assert_int_equal(incident_keys(&alert, keys), 1);
    assert_int_equal(keys[0].entity, INCIDENT_HOST);
    alert.host = HN_TEXT("");
    assert_int_equal(incident_keys(&alert, keys), 1);
    assert_int_equal(keys[0].entity, INCIDENT_ADDRESS);
    alert.address_count = 0;
    assert_int_equal(incident_keys(&alert, keys), 1);
    assert_int_equal(keys[0].entity, INCIDENT_USER);
}

static void the_window_is_exact(void **state)
{
    struct incident_candidate one = { .id = 7, .first = 1000, .last = 2000, .users_shared = 1 };
    struct incident_candidate edge = { .id = 8, .first = INT64_MIN + 1, .last = INT64_MAX };

    (void)state;
    assert_int_equal(incident_choose(2100, 100, &one, 1).join, 7);
    assert_int_equal(incident_choose(2101, 100, &one, 1).join, 0);
    assert_int_equal(incident_choose(900, 100, &one, 1).join, 7);
    assert_int_equal(incident_choose(899, 100, &one, 1).join, 0);
    assert_int_equal(incident_choose(899, 100, &one, 1).former, 0);
    one.status = INCIDENT_CLOSED;
    assert_int_equal(incident_choose(1500, 100, &one, 1).join, 0);
    assert_int_equal(incident_choose(1500, 100, &one, 1).former, 7);
    assert_int_equal(incident_choose(INT64_MIN, INT64_MAX, &edge, 1).join, 8);
}

/* The choice does not depend on the order in which the database gave the candidates. */
static void the_choice_does_not_depend_on_order(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct incident_candidate forward[6];
        struct incident_candidate backward[6];
        struct incident_choice a;
        struct incident_choice b;

        for (size_t i = 0; i < HN_COUNT_OF(forward); i++) {
            uint64_t random = hn_mix64(++seed);

            forward[i] = (struct incident_candidate){ .id = (int64_t)i + 1,
                .status = (enum incident_status)(random % 4),
                .first = (hn_time)(random >> 8 & 7),
                .last = (hn_time)(random >> 12 & 15) + 8,
                .hosts_shared = random >> 20 & 1,
                .addresses_shared = random >> 21 & 1,
                .users_shared = random >> 22 & 1 };
            backward[HN_COUNT_OF(forward) - 1 - i] = forward[i];
        }
        a = incident_choose(20, 4, forward, HN_COUNT_OF(forward));
        b = incident_choose(20, 4, backward, HN_COUNT_OF(backward));
        assert_true(a.join == b.join && a.former == b.former);
        assert_true(a.join == 0 || a.former == 0);
        assert_true(a.join == 0 || forward[a.join - 1].status != INCIDENT_CLOSED);
    }
}

static uint32_t checked_confidence(const struct incident_facts *facts)
{
    struct incident_confidence c;
    uint32_t sum = 0;

    incident_confidence(facts, &c);
    for (uint32_t i = 0; i < c.reason_count; i++)
        sum += c.reasons[i].points;
    assert_int_equal(sum, c.value);
    assert_true(c.value < 100);
    return c.value;
}

/* More of anything never makes it less sure, it stays below 100, and the reasons sum up. */
static void confidence_grows_and_adds_up(void **state)
{
    struct incident_confidence c;

    (void)state;
    for (uint32_t i = 0; i < 6 * 8 * 8 * 8; i++) {
        struct incident_facts facts = { i % 6, i / 6 % 8, i / 48 % 8, i / 384 };
        uint32_t value = checked_confidence(&facts);
        struct incident_facts more[] = { facts, facts, facts };

        more[0].traces++;
        more[1].rules++;
        more[2].hosts++;
        for (size_t m = 0; m < HN_COUNT_OF(more); m++)
            assert_true(checked_confidence(&more[m]) >= value);
    }
    /* Worked examples of docs/incidents.md. */
    incident_confidence(&(struct incident_facts){ 4, 1, 1, 1 }, &c);
    assert_int_equal(c.value, 55);
    incident_confidence(&(struct incident_facts){ 4, 3, 3, 1 }, &c);
    assert_int_equal(c.value, 86);
    assert_int_equal(c.reasons[1].points, 28);
    incident_confidence(&(struct incident_facts){ 5, 4, 6, 3 }, &c);
    assert_int_equal(c.value, 97);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(shared_entities_do_not_group),
        cmocka_unit_test(a_family_widens_grouping),
        cmocka_unit_test(the_window_is_exact),
        cmocka_unit_test(the_choice_does_not_depend_on_order),
        cmocka_unit_test(confidence_grows_and_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
