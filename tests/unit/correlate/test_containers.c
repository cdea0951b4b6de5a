/* test_containers.c - table, ring, rank and budget, each against something plain. */
#include "base/hash.h"
#include "base/mem.h"
#include "correlate/budget.h"
#include "correlate/rank.h"
#include "correlate/ring.h"
#include "correlate/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    return hn_mix64(*state);
}

struct item {
    uint32_t key;
    bool present;
};

static struct hn_text item_key(const void *item)
{
    const struct item *it = item;

    return hn_text_of((const char *)&it->key, sizeof it->key);
}

/* Puts and removals in any order, with hashes that collide on purpose: what is in is found, what is
 * out is not. */
static void table_holds_what_was_put(void **state)
{
    struct budget budget = { .cap_bytes = (size_t)1 << 20 };
    struct table table = { 0 };
    struct item items[500];
    uint64_t seed = 3;
    uint32_t present = 0;

    (void)state;
    for (uint32_t i = 0; i < HN_COUNT_OF(items); i++)
        items[i] = (struct item){ i, false };
    for (int step = 0; step < 20000; step++) {
        struct item *item = &items[next_random(&seed) % HN_COUNT_OF(items)];
        uint64_t hash = item->key % 13 * 0x100000001u;

        assert_ptr_equal(
                table_find(&table, hash, item_key(item), item_key), item->present ? item : NULL);
        if (item->present)
            table_remove(&table, hash, item);
        else
            assert_true(table_put(&table, &budget, hash, item));
        item->present = !item->present;
        present = item->present ? present + 1 : present - 1;
        assert_int_equal(table.count, present);
    }
    table_release(&table, &budget);
    assert_int_equal(budget.used_bytes, 0);
    budget_deinit(&budget);
}

/* A table that cannot grow says so and keeps what it has. */
static void table_reports_its_limit(void **state)
{
    struct budget budget = { .cap_bytes = 8 * sizeof(struct table_slot) };
    struct table table = { 0 };
    struct item items[7];

    (void)state;
    for (uint32_t i = 0; i < 7; i++) {
        items[i] = (struct item){ i, true };
        assert_int_equal(table_put(&table, &budget, i, &items[i]), i < 6);
    }
    assert_int_equal(budget.status, HN_LIMIT);
    assert_ptr_equal(table_find(&table, 5, item_key(&items[5]), item_key), &items[5]);
    table_release(&table, &budget);
    budget_deinit(&budget);
}

/* First in, first out, and every item keeps its number while it is in, across growth. */
static void ring_keeps_order_and_numbers(void **state)
{
    struct budget budget = { .cap_bytes = (size_t)1 << 20 };
    struct ring ring = { .first = UINT32_MAX - 50 }; /* numbers wrap around */
    uint64_t seed = 9;
    uint64_t in = 0;
    uint64_t out = 0;

    (void)state;
    for (int step = 0; step < 20000; step++) {
        if (next_random(&seed) % 100 < 51) {
            uint64_t *item = ring_add(&ring, &budget, sizeof *item);

            assert_non_null(item);
            *item = in++;
        } else if (ring.count > 0) {
            const uint64_t *item = ring_at(&ring, sizeof *item, 0);

            assert_true(*item == out++);
            ring_drop(&ring);
        }
        assert_int_equal(ring.count, in - out);
        if (ring.count > 0) {
            uint32_t number = ring.first + (uint32_t)(next_random(&seed) % ring.count);
            const uint64_t *item = ring_by_number(&ring, sizeof *item, number);

            assert_true(*item == out + (number - ring.first));
        }
    }
    ring_release(&ring, &budget, sizeof(uint64_t));
    assert_int_equal(budget.used_bytes, 0);
    budget_deinit(&budget);
}

#define RANK_VALUES 300

static uint32_t *link_of(void *owner, uint32_t number)
{
    uint32_t *links = owner;

    return &links[number];
}

static int compare_doubles(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static double plain_percentile(const double *values, const bool *present, double share)
{
    double sorted[RANK_VALUES];
    size_t count = 0;
    double at;
    double part;

    for (size_t i = 0; i < RANK_VALUES; i++) {
        if (present[i])
            sorted[count++] = values[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    at = share * (double)(count - 1);
    part = at - floor(at);
    if (part <= 0)
        return sorted[(size_t)at];
    return sorted[(size_t)at] * (1 - part) + sorted[(size_t)at + 1] * part;
}

/* At every percentile, after any additions and removals, many values equal: what sorting says. */
static void rank_is_what_sorting_says(void **state)
{
    static const double shares[] = { 0, 0.01, 0.25, 0.5, 0.9, 0.99, 1 };

    (void)state;
    for (size_t s = 0; s < HN_COUNT_OF(shares); s++) {
        struct budget budget = { .cap_bytes = (size_t)1 << 20 };
        struct rank rank = { 0 };
        uint32_t links[RANK_VALUES];
        double values[RANK_VALUES];
        bool present[RANK_VALUES] = { false };
        struct rank_owner owner = { link_of, links, shares[s] };
        uint64_t seed = s;
        uint32_t count = 0;

        for (int step = 0; step < 3000; step++) {
            uint32_t i = (uint32_t)(next_random(&seed) % RANK_VALUES);

            if (present[i]) {
                rank_remove(&rank, &owner, i);
                count--;
            } else {
                values[i] = (double)(next_random(&seed) % 40) - 20.25;
                assert_true(count < rank.room ||
                            rank_reserve(&rank, &budget, rank.room == 0 ? 1 : rank.room * 2));
                rank_add(&rank, &owner, values[i], i);
                count++;
            }
            present[i] = !present[i];
            if (count > 0)
                assert_true(rank_value(&rank, shares[s]) ==
                            plain_percentile(values, present, shares[s]));
        }
        rank_release(&rank, &budget);
        assert_int_equal(budget.used_bytes, 0);
        budget_deinit(&budget);
    }
}

/* Never above the cap, zeroed however often it was used before, and full again after all is given
 * back. */
static void budget_is_kept(void **state)
{
    struct budget budget = { .cap_bytes = 1000 };
    void *pieces[100];
    size_t count = 0;

    (void)state;
    for (int round = 0; round < 3; round++) {
        char *piece;

        while ((piece = budget_alloc(&budget, 33)) != NULL) {
            for (int i = 0; i < 33; i++)
                assert_int_equal(piece[i], 0);
            memset(piece, 0xEE, 33);
            pieces[count++] = piece;
        }
        assert_int_equal(budget.status, HN_LIMIT);
        assert_int_equal(count, 1000 / 48);
        while (count > 0)
            budget_free(&budget, pieces[--count], 33);
        assert_int_equal(budget.used_bytes, 0);
    }
    assert_true(budget.peak_bytes <= 1000);
    assert_null(budget_alloc(&budget, SIZE_MAX - 3));
    hn_mem_fail_from(1);
    assert_null(budget_alloc(&budget, 900));
    hn_mem_fail_from(0);
    assert_int_equal(budget.status, HN_NOMEM);
    budget_deinit(&budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_holds_what_was_put),
        cmocka_unit_test(table_reports_its_limit),
        cmocka_unit_test(ring_keeps_order_and_numbers),
        cmocka_unit_test(rank_is_what_sorting_says),
        cmocka_unit_test(budget_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
