/* ioc_scan.c - passes over text that cannot hold an indicator, about as fast as it can be read.
 *
 * Text is classified 64 bytes at a time; only places where an indicator could be are looked at:
 * dots inside runs of name characters (hosts, addresses, file names), long runs of letters and
 * digits (hashes), colons (IPv6), words without a dot if the set has such, and escapes that could
 * hide any of these. A place counts when the set's filter and table know its hash; no key is
 * compared. Every reading that the matcher takes is taken here (ioc_run.c), so "false" is certain.
 * Leaves to others: what exactly matches, and in which context (ioc_match.c). */
#include "base/enc.h"
#include "base/num.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

#define BLOCK 64

/* One bit per byte of a block. */
struct masks {
    uint64_t word; /* ASCII */
    uint64_t alnum;
    uint64_t dot;
    uint64_t wide;
    uint64_t separator; /* '/' and '\\' */
    uint64_t percent;
    uint64_t escape; /* 'u' or 'x' behind a backslash, '#' behind '&' */
    uint64_t colon;
};

struct scan {
    const struct ioc_set *set;
    struct hn_text text;
    enum ioc_text_kind kind;
    size_t runs_done;  /* dotted runs up to here have been looked at */
    size_t wides_done; /* runs with dots and letters outside ASCII */
    size_t wide_words_done;
    size_t hexes_done;
    size_t colons_done;
    bool gates_count; /* a gate ends the search */
    bool gate_seen;   /* or is noted */
};

/* ---- Classification ---- */

#if defined(__SSE2__)
static uint64_t bits_of(__m128i bytes)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(bytes);
}

static __m128i in_range(__m128i bytes, char low, char count)
{
    __m128i from_low = _mm_sub_epi8(bytes, _mm_set1_epi8(low));

    return _mm_cmpeq_epi8(_mm_min_epu8(from_low, _mm_set1_epi8(count)), from_low);
}

static __m128i is_byte(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static void classify(const char block[BLOCK], struct masks *ret)
{
    uint64_t back = 0;
    uint64_t amp = 0;
    uint64_t ux = 0;
    uint64_t hash = 0;
    struct masks m = { 0 };

    for (unsigned i = 0; i < BLOCK; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + i));
        __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i alnum = _mm_or_si128(in_range(lower, 'a', 25), in_range(bytes, '0', 9));
        __m128i joiner = _mm_or_si128(is_byte(bytes, '-'), is_byte(bytes, '_'));

        m.alnum |= bits_of(alnum) << i;
        m.word |= bits_of(_mm_or_si128(alnum, joiner)) << i;
        m.dot |= bits_of(is_byte(bytes, '.')) << i;
        m.wide |= bits_of(bytes) << i;
        m.percent |= bits_of(is_byte(bytes, '%')) << i;
        m.colon |= bits_of(is_byte(bytes, ':')) << i;
        m.separator |= bits_of(is_byte(bytes, '/')) << i;
        back |= bits_of(is_byte(bytes, '\\')) << i;
        amp |= bits_of(is_byte(bytes, '&')) << i;
        ux |= bits_of(_mm_or_si128(is_byte(bytes, 'u'), is_byte(bytes, 'x'))) << i;
        hash |= bits_of(is_byte(bytes, '#')) << i;
    }
    /* A pair across the border of two blocks: escape_at_border(). */
    m.separator |= back;
    m.escape = (back << 1 & ux) | (amp << 1 & hash);
    *ret = m;
}
#else
static void classify(const char block[BLOCK], struct masks *ret)
{
    struct masks m = { 0 };

    for (unsigned i = 0; i < BLOCK; i++) {
        char c = block[i];
        char before = i == 0 ? '\0' : block[i - 1];

        m.alnum |= (uint64_t)ioc_is(c, IOC_CH_ALNUM) << i;
        m.word |= (uint64_t)ioc_is(c, IOC_CH_WORD) << i;
        m.dot |= (uint64_t)(c == '.') << i;
        m.wide |= (uint64_t)ioc_is(c, IOC_CH_WIDE) << i;
        m.percent |= (uint64_t)(c == '%') << i;
        m.colon |= (uint64_t)(c == ':') << i;
        m.separator |= (uint64_t)(c == '/' || c == '\\') << i;
        m.escape |= (uint64_t)((before == '\\' && (c == 'u' || c == 'x')) ||
                               (before == '&' && c == '#'))
                    << i;
    }
    *ret = m;
}
#endif

static size_t take_lowest(uint64_t *bits)
{
    size_t at = (size_t)__builtin_ctzll(*bits);

    *bits &= *bits - 1;
    return at;
}

/* ---- Names ---- */

/* True when what has this hash is to be looked at closely. */
static bool knows(struct scan *scan, enum ioc_space space, uint64_t hash)
{
    const struct ioc_table *table = &scan->set->table;
    uint64_t pos = UINT64_MAX;
    uint32_t index;

    if (!ioc_table_maybe(table, space, hash))
        return false;
    while (ioc_table_next(table, hash, &pos, &index)) {
        if (index != IOC_SLOT_GATE || scan->gates_count)
            return true;
        scan->gate_seen = true;
    }
    return false;
}

static bool knows_name(struct scan *scan, uint64_t running)
{
    return knows(scan, IOC_SPACE_NAME, ioc_hash_finish(&scan->set->table, IOC_SPACE_NAME, running));
}

static bool knows_ip(struct scan *scan, const struct hn_ip *ip)
{
    return knows(scan, IOC_SPACE_IP, ioc_hash_ip(&scan->set->table, ip)) ||
           ioc_find_networks(scan->set, ip, NULL, NULL);
}

/* A distinctive word, given its running hash, in front of which stands what the text says. */
static bool knows_word_at(struct scan *scan, struct hn_text text, size_t start, uint64_t running)
{
    char afters[IOC_AFTERS_MAX];
    unsigned count = ioc_afters(text, start, afters);

    if (knows_name(scan, running))
        return true;
    for (unsigned i = 1; i < count; i++) { /* 0 is IOC_AFTER_ANY */
        if (knows_name(scan, ioc_hash_step(scan->set->table.fold, running, afters[i])))
            return true;
    }
    return false;
}

/* The same in ASCII, text[start, end), and with a dot: their own filter is small. */
static bool knows_dotted_word(
        struct scan *scan, struct hn_text text, size_t start, size_t end, uint64_t running)
{
    struct hn_text word = hn_text_sub(text, start, end - start);
    char afters[IOC_AFTERS_MAX];
    unsigned count = ioc_afters(text, start, afters);

    if (knows_name(scan, running))
        return true;
    if (word.len < IOC_WORD_MIN)
        return false;
    for (unsigned i = 1; i < count; i++) { /* 0 is IOC_AFTER_ANY */
        if (ioc_words_head_maybe(&scan->set->dotted, afters[i], word.ptr) &&
                ioc_words_maybe(&scan->set->dotted, afters[i], word) &&
                knows_name(scan, ioc_hash_step(scan->set->table.fold, running, afters[i])))
            return true;
    }
    return false;
}

/* Any suffix of text[start, end) at a label, or all of it. No dots at the ends. */
static bool knows_any_suffix(struct scan *scan, struct hn_text text, size_t start, size_t end)
{
    uint64_t hash = IOC_HASH_START;
    bool last = true;

    for (size_t i = end; i > start; i--) {
        char c = text.ptr[i - 1];

        if (c == '.') {
            if (last && !ioc_knows_last_label(scan->set, hash))
                return false;
            last = false;
            if (knows_name(scan, hash))
                return true;
        }
        if (end - i >= IOC_WORD_MAX)
            return false; /* longer than any name, and longer than any distinctive word */
        hash = ioc_hash_step(scan->set->table.fold, hash, c);
    }
    return !last && knows_dotted_word(scan, text, start, end, hash);
}

static struct ioc_span without_dots(struct hn_text text, size_t start, size_t end)
{
    while (start < end && text.ptr[start] == '.')
        start++;
    while (end > start && text.ptr[end - 1] == '.')
        end--;
    return (struct ioc_span){ start, end };
}

/* The ASCII run text[start, end) that holds a dot. */
static bool knows_run(struct scan *scan, size_t start, size_t end)
{
    struct ioc_span run = without_dots(scan->text, start, end);
    size_t starts[IOC_STARTS_MAX];
    unsigned count = ioc_starts(scan->kind, scan->text, run.start, run.end, starts);

    for (unsigned i = 0; i < count; i++) {
        struct ioc_span span = without_dots(scan->text, starts[i], run.end);
        struct hn_ip ip;

        if (scan->set->any_v4 && span.end - span.start <= 15 &&
                ioc_parse_v4(hn_text_sub(scan->text, span.start, span.end - span.start), &ip) &&
                knows_ip(scan, &ip))
            return true;
        if (scan->set->any_name && knows_any_suffix(scan, scan->text, span.start, span.end))
            return true;
    }
    return false;
}

/* A run with letters outside ASCII, read as one international name or distinctive word. */
static bool knows_wide_run(struct scan *scan, size_t start, size_t end)
{
    struct ioc_span span = without_dots(scan->text, start, end);
    struct hn_text run = hn_text_sub(scan->text, span.start, span.end - span.start);
    const struct ioc_set *set = scan->set;
    char room[IOC_HOST_ROOM];
    char folded[HN_FOLD_ROOM(IOC_WORD_MAX)];
    uint64_t hash = IOC_HASH_START;
    size_t len = ioc_host_normal(run, room);

    if (len > 0 && knows_any_suffix(scan, hn_text_of(room, len), 0, len))
        return true;
    if (run.len < IOC_WORD_MIN || run.len > IOC_WORD_MAX)
        return false;
    for (len = hn_fold(run, folded); len > 0; len--)
        hash = ioc_hash_step(set->table.fold, hash, folded[len - 1]);
    return knows_word_at(scan, scan->text, span.start, hash);
}

/* The run of all classes around pos, once: *done is where the last one ended. */
static bool knows_wide_around(struct scan *scan, size_t pos, size_t *done)
{
    size_t starts[IOC_STARTS_MAX];
    struct ioc_span run;
    unsigned count;
    bool whole;

    if (pos < *done)
        return false;
    run = ioc_run_around(scan->text, pos, IOC_CH_RUN, &whole);
    *done = run.end;
    if (!whole)
        return false;
    count = ioc_starts(scan->kind, scan->text, run.start, run.end, starts);
    for (unsigned i = 0; i < count; i++) {
        if (knows_wide_run(scan, starts[i], run.end))
            return true;
    }
    return false;
}

/* The dotted run around the dot at pos. */
static bool look_at_dot(struct scan *scan, size_t pos)
{
    struct hn_text text = scan->text;
    size_t start = pos;
    size_t end = pos + 1;

    if (pos < scan->runs_done || pos == 0 || end == text.len ||
            !ioc_is(text.ptr[pos - 1], IOC_CH_RUN) || !ioc_is(text.ptr[end], IOC_CH_RUN))
        return false;
    while (end < text.len && ioc_is(text.ptr[end], IOC_CH_WORD | IOC_CH_DOT))
        end++;
    while (start > scan->runs_done && ioc_is(text.ptr[start - 1], IOC_CH_WORD | IOC_CH_DOT))
        start--;
    scan->runs_done = end;
    if (knows_run(scan, start, end))
        return true;
    if ((start > 0 && ioc_is(text.ptr[start - 1], IOC_CH_WIDE)) ||
            (end < text.len && ioc_is(text.ptr[end], IOC_CH_WIDE)))
        return knows_wide_around(scan, pos, &scan->wides_done);
    return false;
}

/* ---- Words without a dot ---- */

/* The word whose first bytes are known, with this in front of it. */
static bool knows_word(struct scan *scan, char after, size_t start)
{
    const struct ioc_set *set = scan->set;
    struct hn_text word = { scan->text.ptr + start, 0 };

    while (start + word.len < scan->text.len && ioc_is(word.ptr[word.len], IOC_CH_WORD))
        word.len++;
    return word.len >= IOC_WORD_MIN && word.len <= IOC_WORD_MAX &&
           ioc_words_maybe(&set->words, after, word) &&
           knows(scan, IOC_SPACE_NAME, ioc_hash_word(&set->table, after, word));
}

/* A word behind a separator or an escape, in each of its readings. */
static bool knows_special_word(struct scan *scan, size_t pos)
{
    size_t starts[IOC_STARTS_MAX];
    size_t end = pos + 1;
    unsigned count;

    while (end < scan->text.len && end - pos < 8 && ioc_is(scan->text.ptr[end], IOC_CH_WORD))
        end++; /* as far as escapes reach */
    count = ioc_starts(scan->kind, scan->text, pos, end, starts);
    for (unsigned i = 0; i < count; i++) {
        char afters[IOC_AFTERS_MAX];
        unsigned after_count = ioc_afters(scan->text, starts[i], afters);

        for (unsigned k = 0; k < after_count; k++) {
            if (scan->text.len - starts[i] >= IOC_WORD_MIN &&
                    ioc_words_head_maybe(
                            &scan->set->words, afters[k], scan->text.ptr + starts[i]) &&
                    knows_word(scan, afters[k], starts[i]))
                return true;
        }
    }
    return false;
}

/* ---- Hashes ---- */

static bool knows_hex(struct scan *scan, struct hn_text run)
{
    const struct ioc_table *table = &scan->set->table;
    char bytes[IOC_HASH_BYTES_MAX];

    return ioc_hash_parse(run, bytes) &&
           knows(scan, IOC_SPACE_HASH,
                   ioc_hash_bytes(table, IOC_SPACE_HASH, hn_text_of(bytes, run.len / 2)));
}

static bool look_at_long_run(struct scan *scan, size_t pos)
{
    struct hn_text text = scan->text;
    size_t starts[IOC_STARTS_MAX];
    size_t start = pos;
    size_t end = pos;
    unsigned count;

    if (pos < scan->hexes_done)
        return false;
    while (start > scan->hexes_done && ioc_is(text.ptr[start - 1], IOC_CH_ALNUM))
        start--;
    while (end < text.len && ioc_is(text.ptr[end], IOC_CH_ALNUM))
        end++;
    scan->hexes_done = end;
    count = ioc_starts(scan->kind, text, start, end, starts);
    for (unsigned i = 0; i < count; i++) {
        if (knows_hex(scan, hn_text_sub(text, starts[i], end - starts[i])))
            return true;
    }
    return false;
}

/* ---- IPv6 ---- */

static bool look_at_colon(struct scan *scan, size_t pos)
{
    struct ioc_v6_found found;

    if (pos < scan->colons_done)
        return false;
    ioc_v6_around(scan->kind, scan->text, pos, scan->colons_done, &found);
    scan->colons_done = found.end;
    for (unsigned i = 0; i < found.count; i++) {
        if (knows_ip(scan, &found.ips[i]))
            return true;
    }
    return false;
}

/* ---- Escapes ---- */

/* A character that names, addresses and paths are made of, so that it must not be hidden. */
static bool makes_names(unsigned code)
{
    return code < 0x80 && (ioc_is((char)code, IOC_CH_WORD | IOC_CH_DOT) || code == ':' ||
                                  ioc_in((char)code, ":%~/\\"));
}

/* "%XX" that writes a character of names, or one outside ASCII where that hides a path. */
static bool percent_hides(const struct scan *scan, size_t pos)
{
    char room[1];
    struct hn_buf byte = ioc_fixed_buf(room, sizeof room);

    if (scan->text.len - pos < 3 || (pos > 0 && scan->text.ptr[pos - 1] == '%') ||
            !hn_hex_decode(&byte, hn_text_sub(scan->text, pos + 1, 2)))
        return false;
    if ((unsigned char)room[0] >= 0x80)
        return scan->set->any_wide_path;
    return ioc_is(room[0], IOC_CH_WORD | IOC_CH_DOT) || room[0] == '~'; /* RFC 3986: unreserved */
}

/* A character outside ASCII, written as an escape in text[start, end): it may be a letter of a name
 * only where there is more of the name. */
static bool wide_escape_hides(const struct scan *scan, size_t start, size_t end)
{
    /* The digits of an escape before this one are no letters. */
    bool behind_escape =
            start >= 6 && hn_text_eq(hn_text_sub(scan->text, start - 6, 2), HN_TEXT("\\u"));

    return scan->set->any_wide_word ||
           (end < scan->text.len && ioc_is(scan->text.ptr[end], IOC_CH_RUN)) ||
           (!behind_escape && start > 0 && ioc_is(scan->text.ptr[start - 1], IOC_CH_RUN));
}

/* An escape such as "\u0041" or "\x41", pos at the letter. */
static bool backslash_hides(const struct scan *scan, size_t pos)
{
    size_t digits = scan->text.ptr[pos] == 'u' ? 4 : 2;
    struct hn_text hex = hn_text_sub(scan->text, pos + 1, digits);
    uint64_t code;

    if (hex.len < digits || !hn_is_hex(hex) || !hn_parse_hex64(hex, &code))
        return false;
    if (code < 0x80)
        return makes_names((unsigned)code);
    return wide_escape_hides(scan, pos - 1, pos + 1 + digits);
}

/* "&#46;" or "&#x2e;", pos at the '#'. */
static bool entity_hides(const struct scan *scan, size_t pos)
{
    size_t end = pos + 1;
    struct hn_text digits;
    uint64_t code;

    while (end < scan->text.len && end - pos < 12 && ioc_is(scan->text.ptr[end], IOC_CH_ALNUM))
        end++;
    digits = hn_text_sub(scan->text, pos + 1, end - pos - 1);
    if (hn_text_starts_nocase(digits, HN_TEXT("x"))) {
        if (!hn_parse_hex64(hn_text_sub(digits, 1, digits.len), &code))
            return false;
    } else if (!hn_parse_u64(digits, &code)) {
        return false;
    }
    if (code < 0x80)
        return makes_names((unsigned)code);
    return wide_escape_hides(scan, pos - 1, end + 1);
}

static bool escape_hides(const struct scan *scan, size_t pos)
{
    return scan->text.ptr[pos] == '#' ? entity_hides(scan, pos) : backslash_hides(scan, pos);
}

/* ---- All of it ---- */

/* True when an escape begins with the last byte of the block before. */
static bool escape_at_border(struct hn_text text, size_t base)
{
    char before = text.ptr[base - 1];
    char c = text.ptr[base];

    return (before == '\\' && (c == 'u' || c == 'x')) || (before == '&' && c == '#');
}

static bool look_at_escapes(const struct scan *scan, size_t base, const struct masks *m)
{
    uint64_t escapes = 0;
    uint64_t percents = m->percent;

    while (percents != 0) {
        if (percent_hides(scan, base + take_lowest(&percents)))
            return true;
    }
    if (scan->kind == IOC_TEXT_RAW)
        escapes = m->escape | (base > 0 && escape_at_border(scan->text, base) ? 1 : 0);
    while (escapes != 0) {
        if (escape_hides(scan, base + take_lowest(&escapes)))
            return true;
    }
    return false;
}

static bool look_at_hashes(struct scan *scan, size_t base, uint64_t alnum)
{
    /* The shortest hash covers 16 aligned bytes wherever it stands. */
    for (unsigned lane = 0; lane < BLOCK; lane += 16) {
        if ((alnum >> lane & 0xFFFF) == 0xFFFF && look_at_long_run(scan, base + lane))
            return true;
    }
    return false;
}

/* Words without a dot. */
static bool look_at_words(struct scan *scan, size_t base, const struct masks *m)
{
    const struct ioc_words *words = &scan->set->words;
    char before = base > 0 ? scan->text.ptr[base - 1] : '\0';
    uint64_t starts = m->word & ~(m->word << 1 | (ioc_is(before, IOC_CH_WORD) ? 1 : 0));
    uint64_t behind = (m->separator | m->percent) << 1 |
                      (before == '/' || before == '\\' || before == '%' ? 1 : 0);
    uint64_t special = starts & behind;

    /* At least IOC_WORD_MIN bytes, as far as the block shows. */
    starts &= ~behind & (m->word >> 1 | UINT64_C(1) << 63) & (m->word >> 2 | UINT64_C(3) << 62) &
              (m->word >> 3 | UINT64_C(7) << 61);
    while (starts != 0) {
        size_t pos = base + take_lowest(&starts);

        if (scan->text.len - pos >= IOC_WORD_MIN &&
                ioc_words_head_maybe(words, IOC_AFTER_ANY, scan->text.ptr + pos) &&
                knows_word(scan, IOC_AFTER_ANY, pos))
            return true;
    }
    while (special != 0) {
        if (knows_special_word(scan, base + take_lowest(&special)))
            return true;
    }
    return false;
}

static bool look_at_wides(struct scan *scan, size_t base, uint64_t wides)
{
    while (wides != 0) {
        if (knows_wide_around(scan, base + take_lowest(&wides), &scan->wide_words_done))
            return true;
    }
    return false;
}

/* Colons that stand inside something, or next to another colon: each IPv6 address has one. */
static uint64_t inner_colons(const struct scan *scan, size_t base, const struct masks *m)
{
    const uint64_t last = UINT64_C(1) << 63; /* what follows the block is not known here */
    char before = base > 0 ? scan->text.ptr[base - 1] : '\0';
    uint64_t colons_before = m->colon << 1 | (before == ':' ? 1 : 0);
    uint64_t colons_behind = m->colon >> 1 | last;
    uint64_t part_before = m->alnum << 1 | (ioc_is(before, IOC_CH_ALNUM) ? 1 : 0) | colons_before;
    uint64_t part_behind = m->alnum >> 1 | colons_behind;

    return m->colon & (part_before | colons_behind) & (part_behind | colons_before);
}

static bool look_at_colons(struct scan *scan, size_t base, uint64_t colons)
{
    while (colons != 0) {
        if (look_at_colon(scan, base + take_lowest(&colons)))
            return true;
    }
    return false;
}

/* Dots with a name character on both sides. */
static bool look_at_dots(struct scan *scan, size_t base, const struct masks *m)
{
    uint64_t run = m->word | m->dot | m->wide;
    uint64_t dots = m->dot & (run << 1 | 1) & (run >> 1 | UINT64_C(1) << 63);

    while (dots != 0) {
        if (look_at_dot(scan, base + take_lowest(&dots)))
            return true;
    }
    return false;
}

static bool look_at_block(struct scan *scan, size_t base, const struct masks *m)
{
    const struct ioc_set *set = scan->set;

    return look_at_dots(scan, base, m) || look_at_escapes(scan, base, m) ||
           (set->any_hash && look_at_hashes(scan, base, m->alnum)) ||
           (set->any_v6 && look_at_colons(scan, base, inner_colons(scan, base, m))) ||
           (set->words.any && look_at_words(scan, base, m)) ||
           (set->any_wide_word && look_at_wides(scan, base, m->wide));
}

enum ioc_chance ioc_chance_of(
        const struct ioc_set *set, enum ioc_text_kind kind, struct hn_text text)
{
    struct scan scan = { .set = set, .text = text, .kind = kind };
    struct masks masks;
    size_t base = 0;
    char tail[BLOCK] = { 0 };

    if (set->table.used == 0 || text.len == 0)
        return IOC_CHANCE_NONE;
    /* Behind a gate may be an e-mail address; and raw text is decoded whatever it is. */
    scan.gates_count = kind == IOC_TEXT_RAW || set->any_email;
    for (; text.len - base >= BLOCK; base += BLOCK) {
        classify(text.ptr + base, &masks);
        if (look_at_block(&scan, base, &masks))
            return IOC_CHANCE_ANY;
    }
    if (base < text.len) {
        memcpy(tail, text.ptr + base, text.len - base);
        classify(tail, &masks);
        if (look_at_block(&scan, base, &masks))
            return IOC_CHANCE_ANY;
    }
    return scan.gate_seen ? IOC_CHANCE_URL : IOC_CHANCE_NONE;
}

bool ioc_prefilter(const struct ioc_set *set, struct hn_bytes raw)
{
    return ioc_chance_of(set, IOC_TEXT_RAW, hn_bytes_as_text(raw)) != IOC_CHANCE_NONE;
}
