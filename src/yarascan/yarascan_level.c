/* yarascan_level.c - how much a rule says that it is to be trusted. */
#include "yarascan/yarascan_internal.h"

#include "base/num.h"

#define SCORE_HIGH   75
#define SCORE_MEDIUM 50
#define TENTHS_MAX   10 /* up to here a number counts in tenths of 100 */

const char *yarascan_level_id(enum yarascan_level level)
{
    static const char *const ids[] = {
#define YARASCAN_LEVEL_ROW(name, id) [name] = (id),
        YARASCAN_LEVEL_LIST(YARASCAN_LEVEL_ROW)
#undef YARASCAN_LEVEL_ROW
    };

    return ids[level];
}

static enum yarascan_level level_of_score(int64_t score)
{
    if (score >= 0 && score <= TENTHS_MAX)
        score *= 10;
    if (score >= SCORE_HIGH)
        return YARASCAN_HIGH;
    return score >= SCORE_MEDIUM ? YARASCAN_MEDIUM : YARASCAN_LOW;
}

static bool level_of_word(struct hn_text word, enum yarascan_level *ret_level)
{
    static const struct {
        struct hn_text word;
        enum yarascan_level level;
    } words[] = {
        { HN_TEXT_INIT("critical"), YARASCAN_HIGH },
        { HN_TEXT_INIT("high"), YARASCAN_HIGH },
        { HN_TEXT_INIT("medium"), YARASCAN_MEDIUM },
        { HN_TEXT_INIT("moderate"), YARASCAN_MEDIUM },
        { HN_TEXT_INIT("low"), YARASCAN_LOW },
        { HN_TEXT_INIT("info"), YARASCAN_LOW },
        { HN_TEXT_INIT("informational"), YARASCAN_LOW },
    };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq_nocase(word, words[i].word)) {
            *ret_level = words[i].level;
            return true;
        }
    }
    return false;
}

bool yarascan_meta_level(const struct yarascan_meta *meta, enum yarascan_level *ret_level)
{
    bool is_score = hn_text_eq_nocase(meta->name, HN_TEXT("score"));
    bool is_severity = hn_text_eq_nocase(meta->name, HN_TEXT("severity"));
    bool is_word = is_severity || hn_text_eq_nocase(meta->name, HN_TEXT("level")) ||
                   hn_text_eq_nocase(meta->name, HN_TEXT("threat_level"));
    int64_t number = meta->number;

    if (meta->text.ptr != NULL) {
        if (is_word && level_of_word(hn_text_trim(meta->text), ret_level))
            return true;
        if (!hn_parse_i64(hn_text_trim(meta->text), &number))
            return false;
    }
    if (!is_score && !is_severity)
        return false;
    *ret_level = level_of_score(number);
    return true;
}
