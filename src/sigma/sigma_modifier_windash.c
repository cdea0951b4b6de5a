/* sigma_modifier_windash.c - windash: a flag's dash in each of the forms Windows programs accept.
 *
 * A dash is taken for a flag's where a word follows it and none precedes it, as pySigma does:
 * "-param-name" has one. The specification counts en dash, em dash and horizontal bar among the
 * characters that are interchanged, so they are recognised as well as written. */
#include "sigma/sigma_modifiers.h"

#include "base/utf.h"

/* Flags in one value whose dashes are varied; 5 forms each. */
#define DASHES_MAX 4u

static const struct hn_text forms[] = { HN_TEXT_INIT("-"), HN_TEXT_INIT("/"),
    HN_TEXT_INIT("\xE2\x80\x93"), HN_TEXT_INIT("\xE2\x80\x94"), HN_TEXT_INIT("\xE2\x80\x95") };

#define FORM_COUNT HN_COUNT_OF(forms)

struct dash {
    uint32_t part;
    size_t at;
    size_t len;
};

struct dashes {
    struct dash list[DASHES_MAX];
    uint32_t count;
};

/* Letters, digits, '_', and everything beyond ASCII that is no dash: what \w means for words. */
static bool is_word_at(struct hn_text text, size_t at)
{
    unsigned char c = (unsigned char)text.ptr[at];

    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_';
    for (size_t i = 2; i < FORM_COUNT; i++) {
        if (hn_text_starts(hn_text_sub(text, at, forms[i].len), forms[i]))
            return false;
    }
    return true;
}

static size_t dash_len(struct hn_text text, size_t at)
{
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (hn_text_starts(hn_text_sub(text, at, forms[i].len), forms[i]))
            return forms[i].len;
    }
    return 0;
}

/* False: more than DASHES_MAX. */
static bool find_dashes(const struct draft_string *string, struct dashes *dashes)
{
    for (uint32_t i = 0; i < string->count; i++) {
        struct hn_text text = string->parts[i].text;
        bool word_before = false;

        for (size_t at = 0; string->parts[i].kind == DRAFT_TEXT && at < text.len;) {
            size_t len = dash_len(text, at);
            uint32_t code_point;
            size_t step = len > 0 ? len : hn_utf8_decode(text, at, &code_point);

            if (len > 0 && !word_before && at + len < text.len && is_word_at(text, at + len)) {
                if (dashes->count == DASHES_MAX)
                    return false;
                dashes->list[dashes->count++] = (struct dash){ i, at, len };
            }
            word_before = len == 0 && is_word_at(text, at);
            at += step > 0 ? step : 1;
        }
    }
    return true;
}

/* The string with the n-th combination of forms. */
static bool vary(const struct modifier_use *use, const struct draft_string *string,
        const struct dashes *dashes, uint32_t n, struct draft_string *ret_string)
{
    struct string_builder b = string_builder_over(use->w);
    uint32_t dash = 0;

    for (uint32_t i = 0; i < string->count; i++) {
        const struct draft_part *part = &string->parts[i];
        size_t plain = 0;

        if (part->kind != DRAFT_TEXT) {
            string_builder_add(&b, part->kind, part->text);
            continue;
        }
        for (; dash < dashes->count && dashes->list[dash].part == i; dash++) {
            const struct dash *d = &dashes->list[dash];

            string_builder_add(&b, DRAFT_TEXT, hn_text_sub(part->text, plain, d->at - plain));
            string_builder_add(&b, DRAFT_TEXT, forms[n % FORM_COUNT]);
            n /= (uint32_t)FORM_COUNT;
            plain = d->at + d->len;
        }
        string_builder_add(&b, DRAFT_TEXT, hn_text_sub(part->text, plain, part->text.len));
    }
    return string_builder_end(&b, ret_string);
}

static bool apply_windash(const struct modifier_use *use, struct draft_value *value)
{
    const struct draft_string original = value->string;
    struct dashes dashes = { .count = 0 };
    uint32_t combinations = 1;

    if (!find_dashes(&original, &dashes)) {
        issue_add(use->w, CODE_TOO_LARGE, value->place,
                "more than %u flags in one value; split it into several", DASHES_MAX);
        return false;
    }
    for (uint32_t i = 0; i < dashes.count; i++)
        combinations *= (uint32_t)FORM_COUNT;
    for (uint32_t n = 1; n < combinations; n++) {
        struct draft_string string;
        struct draft_value *more;

        if (!vary(use, &original, &dashes, n, &string))
            return false;
        more = sigma_draft_item_add(use->w, use->item, value);
        if (more == NULL)
            return false;
        more->string = string;
    }
    return vary(use, &original, &dashes, 0, &value->string);
}

const struct modifier modifier_windash = {
    .name = "windash", .takes = TAKES(DRAFT_STRING), .wants = "text", .value = apply_windash
};
