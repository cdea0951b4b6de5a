/* regex.c - regular expressions of rules, compiled and run one way for everyone.
 *
 * UTF mode that tolerates ill-formed input, '\n' as the only line end, unanchored. What a pattern
 * could use to escape its limits or to look at single bytes of a character is refused.
 *
 * PCRE2 counts steps anew at every place of the text where a match could begin, so that its limit
 * alone lets a long line take minutes. Nearly always every place is cheap, and one call does. Where
 * one is not, it is found by shorter and shorter stretches of places, and its steps are paid for
 * from a purse for the whole text. (Only then a pattern with \G or a verb such as (*COMMIT) could
 * tell that the text is searched in stretches.) */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sigma/sigma_draft.h"

#include "base/utf.h"

#include <pcre2.h>

#define PARENTHESES_MAX 100u

struct pcre2_real_code_8 *sigma_regex_compile(
        struct hn_text pattern, uint32_t flags, size_t *ret_offset, char *message, size_t room)
{
    uint32_t options =
            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code;
    int error = 0;

    *ret_offset = 0;
    if (room > 0)
        message[0] = '\0';
    if (context == NULL)
        return NULL;
    options |= (flags & SIGMA_REGEX_CASELESS) != 0 ? PCRE2_CASELESS : 0;
    options |= (flags & SIGMA_REGEX_MULTILINE) != 0 ? PCRE2_MULTILINE : 0;
    options |= (flags & SIGMA_REGEX_DOTALL) != 0 ? PCRE2_DOTALL : 0;
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    (void)pcre2_set_parens_nest_limit(context, PARENTHESES_MAX);
    code = pcre2_compile(
            (PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, ret_offset, context);
    if (code == NULL && room > 0)
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)message, room);
    pcre2_compile_context_free(context);
    return code;
}

/* ---- Running ---- */

#define STRETCH_SHRINK         8u
#define STEPS_GROW             8u
#define BYTES_A_STEP           16u
#define REFERENCE_BYTES_A_STEP 64u

struct search {
    const pcre2_code *code;
    struct hn_text text;
    pcre2_match_data *data;
    pcre2_match_context *context;
    uint32_t options;
};

/* Matches that begin in a stretch of the text. */
static int search_stretch(const struct search *s, size_t start, size_t len, uint32_t steps)
{
    size_t last = len - 1 < s->text.len - start ? start + len - 1 : s->text.len;
    PCRE2_SPTR text = (PCRE2_SPTR)(s->text.len > 0 ? s->text.ptr : "");
    int result;

    (void)pcre2_set_match_limit(s->context, steps);
    (void)pcre2_set_offset_limit(s->context, last);
    result = pcre2_match(s->code, text, s->text.len, start, s->options, s->data, s->context);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) /* which the heap of the other way goes beyond */
        result = pcre2_match(s->code, text, s->text.len, start, PCRE2_NO_JIT, s->data, s->context);
    return result;
}

/* A search may begin only where a character does. */
static size_t next_character(struct hn_text text, size_t at)
{
    while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0u) == 0x80u)
        at++;
    return at;
}

/* What the steps of one search may add up to. */
struct purse {
    uint32_t total;
    uint32_t cheap; /* for every place, without being looked at closer: in a short text the most */
    uint32_t most;  /* for one place */
};

/* A step of a pattern with back references may compare as much as there is of the text. */
static struct purse open_purse(const pcre2_code *code, struct hn_text text)
{
    uint32_t references = 0;
    size_t weight;
    size_t share;

    (void)pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &references);
    weight = references == 0 ? 1 : 1 + text.len / REFERENCE_BYTES_A_STEP;
    share = SIGMA_REGEX_STEPS_TOTAL / weight / (text.len + 1);
    if (share < SIGMA_REGEX_STEPS_CHEAP / weight)
        share = SIGMA_REGEX_STEPS_CHEAP / weight;
    if (share > SIGMA_REGEX_STEPS_MAX / weight)
        share = SIGMA_REGEX_STEPS_MAX / weight;
    return (struct purse){ (uint32_t)(SIGMA_REGEX_STEPS_TOTAL / weight), (uint32_t)share + 1,
        (uint32_t)(SIGMA_REGEX_STEPS_MAX / weight) + 1 };
}

static bool pay(struct purse *purse, size_t steps)
{
    if (steps > purse->total)
        return false;
    purse->total -= (uint32_t)steps;
    return true;
}

int sigma_regex_match(const struct pcre2_real_code_8 *code, struct hn_text text,
        struct pcre2_real_match_data_8 *data, struct pcre2_real_match_context_8 *context,
        uint64_t *ret_steps)
{
    /* Next to bytes that are no UTF-8 the two ways of PCRE2 differ ("^" before such a byte), and
     * whether there is JIT must not decide what fires. */
    uint32_t options = hn_utf8_valid(hn_text_as_bytes(text)) ? 0 : PCRE2_NO_JIT;
    struct search s = { code, text, data, context, options };
    struct purse purse = open_purse(code, text);
    uint64_t unused;
    uint32_t steps = purse.cheap;
    size_t stretch = text.len + 1;
    size_t at = 0;

    if (ret_steps == NULL)
        ret_steps = &unused;
    *ret_steps = 0;
    (void)pcre2_set_heap_limit(context, SIGMA_REGEX_HEAP_KIB_MAX);
    for (;;) {
        int result = search_stretch(&s, at, stretch, steps);

        if (result == PCRE2_ERROR_MATCHLIMIT)
            *ret_steps += steps;
        if (result == PCRE2_ERROR_NOMATCH && stretch <= text.len - at) {
            at = next_character(text, at + stretch);
            stretch *= 2;
            steps = purse.cheap;
        } else if (result == PCRE2_ERROR_MATCHLIMIT && stretch > 1) {
            stretch = stretch / STRETCH_SHRINK + 1;
        } else if (result == PCRE2_ERROR_MATCHLIMIT && steps < purse.most) {
            steps = steps < purse.most / STEPS_GROW ? steps * STEPS_GROW : purse.most;
            if (!pay(&purse, steps))
                return result;
        } else {
            return result;
        }
        if (!pay(&purse, (text.len - at) / BYTES_A_STEP)) /* PCRE2 looks through what is left */
            return PCRE2_ERROR_MATCHLIMIT;
    }
}

/* ---- Checking ---- */

bool regex_check(struct work *w, struct hn_text pattern, uint32_t flags, struct sigma_place place)
{
    char message[128];
    size_t offset;
    pcre2_code *code = sigma_regex_compile(pattern, flags, &offset, message, sizeof message);

    if (code == NULL) {
        issue_add(w, CODE_BAD_REGEX, place, "%s, at character %zu of the pattern", message,
                offset + 1);
        return false;
    }
    pcre2_code_free(code);
    return true;
}
