/* ioc_match_name.c - finds file names and ends of paths in running text.
 *
 * The distinctive word of a name has been found (ioc_word.c says why whole words suffice); here the
 * rest of the name is compared around it, forwards and backwards, without regard to case and to the
 * kind and number of separators. Then the characters before and behind must be ones that do not
 * belong to a file name, so that names with spaces are found and parts of names are not.
 * Leaves to others: hosts (ioc_match.c). */
#include "base/enc.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#define RANKS_MAX 64 /* words of one name that are tried */

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* One code point of text at pos, folded; its length. Ill-formed bytes stand for themselves. */
static size_t folded_at(struct hn_text text, size_t pos, uint32_t *ret_code_point)
{
    size_t len = hn_utf8_decode(text, pos, ret_code_point);

    if (len == 0) {
        *ret_code_point = 0x110000u + (unsigned char)text.ptr[pos];
        return 1;
    }
    *ret_code_point = hn_fold_code_point(*ret_code_point);
    return len;
}

/* Where the code point that ends at end starts. */
static size_t start_of_last(struct hn_text text, size_t end)
{
    size_t start = end - 1;

    while (start > 0 && end - start < 4 && ((unsigned char)text.ptr[start] & 0xC0) == 0x80)
        start--;
    return start;
}

/* The end of rest in text from pos on, or SIZE_MAX. */
static size_t compare_forwards(struct hn_text text, size_t pos, struct hn_text rest)
{
    size_t at = 0;

    while (at < rest.len) {
        uint32_t wanted;
        uint32_t found;

        if (pos >= text.len)
            return SIZE_MAX;
        if (rest.ptr[at] == '/') {
            if (!is_separator(text.ptr[pos]))
                return SIZE_MAX;
            while (pos < text.len && is_separator(text.ptr[pos]))
                pos++;
            at++;
            continue;
        }
        at += folded_at(rest, at, &wanted);
        pos += folded_at(text, pos, &found);
        if (wanted != found)
            return SIZE_MAX;
    }
    return pos;
}

/* The start of rest in text before pos, or SIZE_MAX. */
static size_t compare_backwards(struct hn_text text, size_t pos, struct hn_text rest)
{
    size_t at = rest.len;

    while (at > 0) {
        uint32_t wanted;
        uint32_t found;

        if (pos == 0)
            return SIZE_MAX;
        if (rest.ptr[at - 1] == '/') {
            if (!is_separator(text.ptr[pos - 1]))
                return SIZE_MAX;
            while (pos > 0 && is_separator(text.ptr[pos - 1]))
                pos--;
            at--;
            continue;
        }
        at = start_of_last(rest, at);
        pos = start_of_last(text, pos);
        (void)folded_at(rest, at, &wanted);
        (void)folded_at(text, pos, &found);
        if (wanted != found)
            return SIZE_MAX;
    }
    return pos;
}

/* Percent-encoded characters in front of a name in a URL: one of these ends what was before. */
static bool is_encoded_border(struct hn_text value, size_t pos)
{
    char room[1];
    struct hn_buf byte = ioc_fixed_buf(room, sizeof room);

    return pos >= 3 && value.ptr[pos - 3] == '%' &&
           hn_hex_decode(&byte, hn_text_sub(value, pos - 2, 2)) && ioc_in(room[0], "/\\=:\"'");
}

static bool starts_here(struct hn_text value, size_t start)
{
    char last;

    if (start == 0)
        return true;
    last = value.ptr[start - 1];
    if (is_separator(last)) /* but not the host of a URL */
        return start < 3 || !hn_text_eq(hn_text_sub(value, start - 3, 3), HN_TEXT("://"));
    return ioc_in(last, " \t\r\n\"'`=,;:([{<>|&") || ioc_wide_gap_before(value, start) ||
           is_encoded_border(value, start);
}

static bool ends_here(struct hn_text value, size_t end)
{
    while (end < value.len && value.ptr[end] == '.') /* the end of a sentence */
        end++;
    return end == value.len || ioc_in(value.ptr[end], " \t\r\n\"'`,;:)]}<>|&?#=*") ||
           ioc_wide_gap_at(value, end);
}

static bool may_be_file(const struct ioc_match *match, struct hn_text name, struct ioc_span span)
{
    struct hn_text value = match->value;
    bool behind_separator = span.start > 0 && is_separator(value.ptr[span.start - 1]);

    if (!starts_here(value, span.start) || !ends_here(value, span.end))
        return false;
    if ((match->hints & IOC_HINT_NO_FILE) != 0 || ioc_is_plain_word(name))
        return behind_separator;
    return true;
}

/* The name with its word number rank at text[word]. */
static bool matches_at(const struct ioc_match *match, struct hn_text name,
        const struct ioc_anchor *anchor, struct ioc_span word, struct ioc_span *ret_span)
{
    size_t start = compare_backwards(match->value, word.start, hn_text_sub(name, 0, anchor->at));
    size_t end =
            compare_forwards(match->value, word.start, hn_text_sub(name, anchor->at, name.len));

    if (start == SIZE_MAX || end == SIZE_MAX)
        return false;
    *ret_span = (struct ioc_span){ start, end };
    return may_be_file(match, name, *ret_span);
}

static void match_name(
        struct ioc_match *match, uint32_t index, struct hn_text word, struct ioc_span at)
{
    const struct ioc_record *record = &match->set->store.records.ptr[index];
    struct hn_text name = ioc_store_key(&match->set->store, record->key);

    for (unsigned rank = 0; rank < RANKS_MAX; rank++) {
        struct ioc_anchor anchor = ioc_anchor_of_filename(name, rank);
        struct ioc_span span;

        if (anchor.len == 0)
            return;
        if (hn_text_eq(hn_text_sub(name, anchor.at, anchor.len), word) &&
                matches_at(match, name, &anchor, at, &span)) {
            (void)ioc_report_hit(match, index, IOC_HOW_TAIL, span);
            return;
        }
    }
}

void ioc_match_filename(struct ioc_match *match, struct ioc_span span)
{
    const struct ioc_set *set = match->set;
    HN_UNINITIALIZED char folded[HN_FOLD_ROOM(IOC_WORD_MAX)];
    char afters[IOC_AFTERS_MAX];
    size_t len = span.end - span.start;
    struct hn_text word;
    unsigned count;

    if (len < IOC_WORD_MIN || len > IOC_WORD_MAX)
        return;
    word = hn_text_of(folded, hn_fold(hn_text_sub(match->value, span.start, len), folded));
    count = ioc_afters(match->value, span.start, afters);
    for (unsigned i = 0; i < count && !match->stopped; i++) {
        uint64_t hash = ioc_hash_word(&set->table, afters[i], word);
        uint64_t pos = UINT64_MAX;
        uint32_t index;

        if (!ioc_table_maybe(&set->table, IOC_SPACE_NAME, hash))
            continue;
        while (!match->stopped && ioc_table_next(&set->table, hash, &pos, &index)) {
            if (index != IOC_SLOT_GATE && set->store.records.ptr[index].type == IOC_FILENAME)
                match_name(match, index, word, span);
        }
    }
}
