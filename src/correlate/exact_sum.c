/* exact_sum.c - totals without rounding: 128-bit integers, and reals in 32-bit chunks. */
#include "correlate/number.h"

#include "correlate/wire.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Chunk i counts units of 2^(32 i - CHUNK_BIAS): the lowest bit of the smallest subnormal, 2^-1074,
 * lies in chunk 0; 2^1024 times 2^32 summands in the last but one. */
#define CHUNK_BITS  32
#define CHUNK_BIAS  1088
#define CHUNK_COUNT 70
#define CHUNK_UNIT  (CHUNK_BIAS / CHUNK_BITS) /* the chunk of 2^0 */
#define CHUNK_RADIX ((int64_t)1 << CHUNK_BITS)

/* An addition changes a chunk by less than 2^33; before 2^30 of them, carries are moved on. */
#define CARRY_EVERY ((uint32_t)1 << 29)

/* Exponent of the smallest subnormal. */
#define EXPONENT_MIN (-1074)

struct real_sum {
    int64_t chunks[CHUNK_COUNT];
    uint32_t since_carry;
};

void exact_sum_release(struct exact_sum *sum, struct budget *budget)
{
    budget_free(budget, sum->reals, sizeof *sum->reals);
    sum->reals = NULL;
}

bool exact_sum_need_reals(struct exact_sum *sum, struct budget *budget)
{
    if (sum->reals == NULL)
        sum->reals = budget_alloc(budget, sizeof *sum->reals);
    return sum->reals != NULL;
}

/* Leaves every chunk but the last in [0, 2^32); the last one keeps the sign. */
static void move_carries(int64_t *chunks)
{
    for (size_t i = 0; i + 1 < CHUNK_COUNT; i++) {
        int64_t low = chunks[i] & (CHUNK_RADIX - 1);

        chunks[i + 1] += (chunks[i] - low) / CHUNK_RADIX;
        chunks[i] = low;
    }
}

/* Adds sign * magnitude * 2^exponent, exponent >= -CHUNK_BIAS, magnitude < 2^53. */
static void add_scaled(int64_t *chunks, uint64_t magnitude, int exponent, int64_t sign)
{
    unsigned position = (unsigned)(exponent + CHUNK_BIAS);
    unsigned chunk = position / CHUNK_BITS;
    unsigned shift = position % CHUNK_BITS;
    uint64_t low = (magnitude & UINT32_MAX) << shift;
    uint64_t high = (magnitude >> CHUNK_BITS) << shift;

    assert(chunk + 2 < CHUNK_COUNT);
    chunks[chunk] += sign * (int64_t)(low & UINT32_MAX);
    chunks[chunk + 1] += sign * (int64_t)((low >> CHUNK_BITS) + (high & UINT32_MAX));
    chunks[chunk + 2] += sign * (int64_t)(high >> CHUNK_BITS);
}

static void add_real(struct real_sum *reals, double real, int64_t sign)
{
    int exponent;
    double fraction = frexp(real, &exponent); /* real = fraction * 2^exponent */
    uint64_t magnitude = (uint64_t)ldexp(fabs(fraction), 53);

    exponent -= 53;
    if (exponent < EXPONENT_MIN) { /* subnormal: the bits shifted out are zeros */
        magnitude >>= EXPONENT_MIN - exponent;
        exponent = EXPONENT_MIN;
    }
    add_scaled(reals->chunks, magnitude, exponent, real < 0 ? -sign : sign);
    if (++reals->since_carry == CARRY_EVERY) {
        move_carries(reals->chunks);
        reals->since_carry = 0;
    }
}

static void add_words(struct exact_sum *sum, uint64_t high, uint64_t low)
{
    uint64_t carry = __builtin_add_overflow(sum->low, low, &sum->low) ? 1 : 0;

    (void)__builtin_add_overflow(sum->high, high, &sum->high);
    (void)__builtin_add_overflow(sum->high, carry, &sum->high);
}

void exact_sum_add(struct exact_sum *sum, struct number number)
{
    if (number.is_real)
        add_real(sum->reals, number.as.real, 1);
    else
        add_words(sum, number.as.integer < 0 ? UINT64_MAX : 0, (uint64_t)number.as.integer);
}

void exact_sum_subtract(struct exact_sum *sum, struct number number)
{
    if (number.is_real) {
        add_real(sum->reals, number.as.real, -1);
        return;
    }
    /* -x = ~x + 1; x = 0 wraps around to 0 in both words. */
    add_words(sum, number.as.integer < 0 ? 0 : UINT64_MAX, ~(uint64_t)number.as.integer);
    add_words(sum, 0, 1);
}

/* The 128-bit integer, magnitude word by word, into the chunks. */
static void add_integer(int64_t *chunks, const struct exact_sum *sum)
{
    bool negative = sum->high >> 63 != 0;
    uint64_t low = negative ? ~sum->low : sum->low;
    uint64_t high = negative ? ~sum->high : sum->high;
    int64_t sign = negative ? -1 : 1;

    chunks[CHUNK_UNIT] += sign * (int64_t)(low & UINT32_MAX);
    chunks[CHUNK_UNIT + 1] += sign * (int64_t)(low >> CHUNK_BITS);
    chunks[CHUNK_UNIT + 2] += sign * (int64_t)(high & UINT32_MAX);
    chunks[CHUNK_UNIT + 3] += sign * (int64_t)(high >> CHUNK_BITS);
    if (negative)
        chunks[CHUNK_UNIT] -= 1;
}

/* Chunks in [0, 2^32), as a double. */
static double round_chunks(const int64_t *chunks)
{
    size_t top = CHUNK_COUNT;
    uint64_t bits;
    uint64_t next;
    uint64_t rest;
    int shift;
    bool sticky = false;

    while (top > 0 && chunks[top - 1] == 0)
        top--;
    if (top == 0)
        return 0;
    top--;
    next = top >= 1 ? (uint64_t)chunks[top - 1] : 0;
    rest = top >= 2 ? (uint64_t)chunks[top - 2] : 0;
    bits = (uint64_t)chunks[top] << CHUNK_BITS | next;
    shift = __builtin_clzll(bits); /* below 32: the top chunk is not 0 */
    bits = bits << shift | rest >> (CHUNK_BITS - shift);
    sticky = (rest << shift & UINT32_MAX) != 0;
    for (size_t i = 0; i + 2 < top && !sticky; i++)
        sticky = chunks[i] != 0;

    /* 64 bits to 53: half a unit is 2^10. */
    rest = bits & 0x7FF;
    bits >>= 11;
    if (rest > 0x400 || (rest == 0x400 && (sticky || (bits & 1) != 0)))
        bits++;
    return ldexp((double)bits, CHUNK_BITS * ((int)top - 1) - CHUNK_BIAS - shift + 11);
}

double exact_sum_value(const struct exact_sum *sum)
{
    int64_t chunks[CHUNK_COUNT];
    bool negative;

    if (sum->reals == NULL && sum->high == (sum->low >> 63 != 0 ? UINT64_MAX : 0))
        return (double)(int64_t)sum->low;
    if (sum->reals != NULL)
        memcpy(chunks, sum->reals->chunks, sizeof chunks);
    else
        memset(chunks, 0, sizeof chunks);
    add_integer(chunks, sum);
    move_carries(chunks);
    negative = chunks[CHUNK_COUNT - 1] < 0;
    if (negative) {
        for (size_t i = 0; i < CHUNK_COUNT; i++)
            chunks[i] = -chunks[i];
        move_carries(chunks);
    }
    return negative ? -round_chunks(chunks) : round_chunks(chunks);
}

void exact_sum_save(const struct exact_sum *sum, struct hn_buf *out)
{
    struct real_sum reals;

    put_u64(out, sum->high);
    put_u64(out, sum->low);
    put_u8(out, sum->reals != NULL ? 1 : 0);
    if (sum->reals == NULL)
        return;
    reals = *sum->reals;
    move_carries(reals.chunks);
    for (size_t i = 0; i < CHUNK_COUNT; i++)
        put_u64(out, (uint64_t)reals.chunks[i]);
}

enum hn_status exact_sum_restore(struct exact_sum *sum, struct budget *budget, struct hn_reader *in)
{
    sum->high = hn_reader_u64(in);
    sum->low = hn_reader_u64(in);
    if (hn_reader_u8(in) == 0)
        return HN_OK;
    if (!exact_sum_need_reals(sum, budget))
        return budget->status;
    for (size_t i = 0; i < CHUNK_COUNT; i++) {
        int64_t chunk = (int64_t)hn_reader_u64(in);
        int64_t least = i + 1 < CHUNK_COUNT ? 0 : -CHUNK_RADIX;

        if (chunk < least || chunk >= CHUNK_RADIX)
            return HN_CORRUPT;
        sum->reals->chunks[i] = chunk;
    }
    return HN_OK;
}
