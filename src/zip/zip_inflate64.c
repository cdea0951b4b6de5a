/* zip_inflate64.c - deflate64 (method 9), which Windows uses for entries of 2 GB and attackers for
 * entries that few tools open: deflate (RFC 1951) with a window of 64 KiB, three lengths more and
 * two distances more. */
#include "zip/zip_internal.h"

#include "base/mem.h"

#define WINDOW    65536u
#define CODE_BITS 15u
#define LITERALS  288u
#define DISTANCES 32u

struct huffman {
    uint16_t count[CODE_BITS + 1];
    uint16_t symbol[LITERALS];
};

struct state {
    struct hn_bytes in;
    size_t pos;
    uint32_t bits;
    uint32_t bit_count;
    bool bad; /* damaged or at its end */
    struct zip_gather *gather;
    uint8_t *window;
    uint32_t at;    /* next byte of the window */
    uint32_t told;  /* window bytes up to here were gathered */
    uint64_t total; /* bytes made */
    struct huffman literals;
    struct huffman distances;
};

static uint32_t take_bits(struct state *s, uint32_t need)
{
    uint32_t value;

    while (s->bit_count < need) {
        if (s->pos >= s->in.len) {
            s->bad = true;
            return 0;
        }
        s->bits |= (uint32_t)s->in.ptr[s->pos++] << s->bit_count;
        s->bit_count += 8;
    }
    value = s->bits & ((1u << need) - 1u);
    s->bits >>= need;
    s->bit_count -= need;
    return value;
}

/* Canonical codes from their lengths. False: more codes than fit. */
static bool build(struct huffman *h, const uint8_t *lengths, size_t n)
{
    uint16_t offsets[CODE_BITS + 1];
    int left = 1;

    memset(h, 0, sizeof *h);
    for (size_t i = 0; i < n; i++)
        h->count[lengths[i]]++;
    h->count[0] = 0;
    for (size_t len = 1; len <= CODE_BITS; len++) {
        left = left * 2 - h->count[len];
        if (left < 0)
            return false;
    }
    offsets[1] = 0;
    for (size_t len = 1; len < CODE_BITS; len++)
        offsets[len + 1] = (uint16_t)(offsets[len] + h->count[len]);
    for (size_t i = 0; i < n; i++)
        if (lengths[i] != 0)
            h->symbol[offsets[lengths[i]]++] = (uint16_t)i;
    return true;
}

static uint32_t decode(struct state *s, const struct huffman *h)
{
    int code = 0;
    int first = 0;
    int index = 0;

    for (size_t len = 1; len <= CODE_BITS; len++) {
        int count = h->count[len];

        code |= (int)take_bits(s, 1);
        if (s->bad)
            return UINT32_MAX;
        if (code - count < first)
            return h->symbol[index + (code - first)];
        index += count;
        first = (first + count) * 2;
        code *= 2;
    }
    s->bad = true;
    return UINT32_MAX;
}

static bool flush(struct state *s)
{
    bool goes_on = zip_gather_add(s->gather, hn_bytes_of(s->window + s->told, s->at - s->told));

    s->told = s->at == WINDOW ? 0 : s->at;
    s->at = s->told;
    return goes_on;
}

static bool put(struct state *s, uint8_t byte)
{
    s->window[s->at++] = byte;
    s->total++;
    return s->at < WINDOW || flush(s);
}

static bool copy(struct state *s, uint32_t length, uint32_t distance)
{
    uint32_t from;

    if (distance > s->total) {
        s->bad = true;
        return false;
    }
    from = (s->at + WINDOW - distance) % WINDOW;
    while (length-- > 0) {
        if (!put(s, s->window[from]))
            return false;
        from = (from + 1) % WINDOW;
    }
    return true;
}

static bool run_codes(struct state *s)
{
    static const uint16_t length_base[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27,
        31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 3 };
    static const uint8_t length_bits[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3,
        3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16 };

    for (;;) {
        uint32_t symbol = decode(s, &s->literals);
        uint32_t length;
        uint32_t slot;
        uint32_t distance;

        if (s->bad || symbol == 256)
            return !s->bad;
        if (symbol < 256) {
            if (!put(s, (uint8_t)symbol))
                return false;
            continue;
        }
        if (symbol - 257 >= HN_COUNT_OF(length_base))
            return false;
        length = length_base[symbol - 257] + take_bits(s, length_bits[symbol - 257]);
        slot = decode(s, &s->distances);
        if (s->bad || slot >= DISTANCES)
            return false;
        distance =
                slot < 4 ? slot + 1
                         : ((2u + (slot & 1u)) << (slot / 2 - 1)) + 1 + take_bits(s, slot / 2 - 1);
        if (s->bad || !copy(s, length, distance))
            return false;
    }
}

static bool read_tables(struct state *s)
{
    static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1,
        15 };
    uint8_t lengths[LITERALS + DISTANCES] = { 0 };
    uint8_t code_lengths[19] = { 0 };
    uint32_t literals = take_bits(s, 5) + 257;
    uint32_t distances = take_bits(s, 5) + 1;
    uint32_t codes = take_bits(s, 4) + 4;
    uint32_t done = 0;

    if (literals > 286)
        return false;
    for (uint32_t i = 0; i < codes; i++)
        code_lengths[order[i]] = (uint8_t)take_bits(s, 3);
    if (s->bad || !build(&s->literals, code_lengths, 19))
        return false;
    while (done < literals + distances) {
        uint32_t symbol = decode(s, &s->literals);
        uint8_t value = 0;
        uint32_t times = 1;

        if (s->bad)
            return false;
        if (symbol < 16) {
            value = (uint8_t)symbol;
        } else if (symbol == 16) {
            if (done == 0)
                return false;
            value = lengths[done - 1];
            times = 3 + take_bits(s, 2);
        } else {
            times = symbol == 17 ? 3 + take_bits(s, 3) : 11 + take_bits(s, 7);
        }
        if (times > literals + distances - done)
            return false;
        while (times-- > 0)
            lengths[done++] = value;
    }
    return !s->bad && build(&s->literals, lengths, literals) &&
           build(&s->distances, lengths + literals, distances);
}

static bool fixed_tables(struct state *s)
{
    uint8_t lengths[LITERALS];

    for (size_t i = 0; i < LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    if (!build(&s->literals, lengths, LITERALS))
        return false;
    memset(lengths, 5, DISTANCES);
    return build(&s->distances, lengths, DISTANCES);
}

static bool run_stored(struct state *s)
{
    uint32_t len;

    s->bits = 0;
    s->bit_count = 0;
    if (s->in.len - s->pos < 4)
        return false;
    len = (uint32_t)s->in.ptr[s->pos] | (uint32_t)s->in.ptr[s->pos + 1] << 8;
    s->pos += 4;
    while (len-- > 0) {
        if (s->pos >= s->in.len || !put(s, s->in.ptr[s->pos++]))
            return false;
    }
    return true;
}

static bool run_block(struct state *s, uint32_t type)
{
    switch (type) {
    case 0:
        return run_stored(s);
    case 1:
        return fixed_tables(s) && run_codes(s);
    case 2:
        return read_tables(s) && run_codes(s);
    default:
        return false;
    }
}

bool zip_inflate64(struct hn_bytes packed, struct zip_gather *gather, bool *ret_nomem)
{
    struct state *s = hn_calloc(1, sizeof *s);
    bool ok = true;
    bool last = false;

    *ret_nomem = false;
    if (s != NULL)
        s->window = hn_calloc(1, WINDOW);
    if (s == NULL || s->window == NULL) {
        hn_free(s);
        *ret_nomem = true;
        return false;
    }
    s->in = packed;
    s->gather = gather;
    while (ok && !last) {
        last = take_bits(s, 1) != 0;
        ok = run_block(s, take_bits(s, 2)) && !s->bad;
    }
    if (!gather->stopped && s->at > s->told)
        ok = flush(s) && ok;
    hn_free(s->window);
    hn_free(s);
    return ok;
}
