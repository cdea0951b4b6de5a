/* number.h - numbers out of log text, and exact sums of them.
 *
 * A running total that adds what enters a window and subtracts what leaves it must be exact, or
 * rounding piles up until a bound is passed that never was. Integers are summed in 128 bits;
 * other numbers in a fixed-point accumulator as wide as the range of double (after the small
 * superaccumulator of R. M. Neal, "Fast exact summation using small and large superaccumulators",
 * 2015). The total is rounded once, when it is read.
 * Memory: a sum of integers needs none; the accumulator comes from the budget when the first
 * other number arrives.
 * Concurrency: one thread at a time. */
#ifndef HN_CORRELATE_NUMBER_H
#define HN_CORRELATE_NUMBER_H

#include "base/buf.h"
#include "base/reader.h"
#include "base/view.h"
#include "correlate/budget.h"

#include <stdbool.h>
#include <stdint.h>

struct number {
    bool is_real;
    union {
        int64_t integer;
        double real; /* finite */
        uint64_t bits;
    } as;
};

/* A JSON number (RFC 8259), or 0x and up to 16 hexadecimal digits as Windows logs write pointers,
 * masks and process ids. Integers past 63 bits become reals. False on anything else. */
bool number_parse(struct hn_text text, struct number *ret_number);
double number_real(struct number number);

struct real_sum;

struct exact_sum {
    uint64_t high; /* two's complement, high and low word */
    uint64_t low;
    struct real_sum *reals; /* NULL until needed */
};

void exact_sum_release(struct exact_sum *sum, struct budget *budget);
/* Room for reals; must have been called before the first of them. */
HN_MUST_USE bool exact_sum_need_reals(struct exact_sum *sum, struct budget *budget);
void exact_sum_add(struct exact_sum *sum, struct number number);
void exact_sum_subtract(struct exact_sum *sum, struct number number);
/* Rounded to nearest, ties to even; an infinity past the range of double. */
double exact_sum_value(const struct exact_sum *sum);

void exact_sum_save(const struct exact_sum *sum, struct hn_buf *out);
HN_MUST_USE enum hn_status exact_sum_restore(
        struct exact_sum *sum, struct budget *budget, struct hn_reader *in);

#endif
