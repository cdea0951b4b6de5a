/* keyword.c - whether a keyword may stand in an event at all, by its raw text: to know for certain,
 * the event has to be decoded with all its fields. */
#include "match/match_internal.h"

#include "base/utf.h"

/* ASCII, and no character that JSON may escape. */
struct hn_text keyword_raw_word(struct hn_text literal)
{
    struct hn_text best = { "", 0 };
    size_t start = 0;

    for (size_t i = 0; i <= literal.len; i++) {
        unsigned char c = i < literal.len ? (unsigned char)literal.ptr[i] : 0;

        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '/')
            continue;
        if (i - start > best.len)
            best = hn_text_sub(literal, start, i - start);
        start = i + 1;
    }
    return best;
}

/* A word for each of the predicate's atoms; without one for all it is looked for without. */
static enum hn_status predicate_words(
        const struct match_snapshot *snapshot, struct predicate *predicate)
{
    HN_VEC(struct hn_text) words = { 0 };
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &snapshot->atoms.ptr[predicate->first_atom + i];
        struct hn_text *slot = hn_vec_add(&words);

        if (slot == NULL) {
            status = HN_NOMEM;
            break;
        }
        *slot = keyword_raw_word(atom->index_literal);
        if (slot->len < RAW_WORD_MIN) {
            words.count = 0;
            break;
        }
    }
    if (status == HN_OK && words.count > 0)
        status = raw_scan_new(words.ptr, (uint32_t)words.count, &predicate->raw);
    hn_vec_deinit(&words);
    return status;
}

enum hn_status keyword_words_make(struct match_snapshot *snapshot)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < snapshot->predicates.count; i++) {
        if (snapshot->predicates.ptr[i].field == HN_FIELD_NONE)
            status = predicate_words(snapshot, &snapshot->predicates.ptr[i]);
    }
    return status;
}

void keyword_words_free(struct match_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->predicates.count; i++)
        raw_scan_free(snapshot->predicates.ptr[i].raw);
}

/* U+212A and U+017F fold to "k" and "s": the only characters outside ASCII that do. */
static bool holds_ascii_folds(struct hn_text text)
{
    return !hn_is_ascii(text) && (hn_text_find(text, HN_TEXT("\xE2\x84\xAA"), 0) != SIZE_MAX ||
                                         hn_text_find(text, HN_TEXT("\xC5\xBF"), 0) != SIZE_MAX);
}

static bool holds_folds(struct match_scratch *scratch, struct hn_text raw)
{
    if (!scratch->folds_known) {
        scratch->folds_known = true;
        scratch->holds_folds = !scratch->event->raw_is_ascii && holds_ascii_folds(raw);
    }
    return scratch->holds_folds;
}

/* Where the line hides letters behind escapes, its values are asked. */
static bool word_in_values(struct match_scratch *scratch, const struct raw_scan *words)
{
    struct hn_event *full = match_full_event(scratch);

    if (full == NULL || scratch->raw_value != HN_VALUE_NONE)
        return true;
    for (size_t i = 0; i < full->named.count; i++) {
        struct hn_text text = hn_event_text(full, full->named.ptr[i].index);

        if (raw_scan_any(words, text) || holds_ascii_folds(text))
            return true;
    }
    return false;
}

bool keyword_possible(struct match_scratch *scratch, const struct raw_scan *words)
{
    const struct hn_event *event = scratch->event;
    struct hn_text raw = hn_bytes_as_text(event->raw);

    if (words == NULL || !event->raw_is_text)
        return true;
    if (event->raw_escapes_ascii)
        return word_in_values(scratch, words);
    return raw_scan_any(words, raw) || holds_folds(scratch, raw);
}
