/* interpret_value.c - what it means that a value of an event fits a value of a rule. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "match/interpret_internal.h"

#include "base/num.h"
#include "base/utf.h"

#include <pcre2.h>

static struct verdict differs(void)
{
    return (struct verdict){ .why = MATCH_DIFFERS };
}

static struct verdict fits(size_t start, size_t len)
{
    return (struct verdict){ true, MATCH_FITS, start, len };
}

/* ---- Numbers ---- */

bool interpret_text_number(struct hn_text text, struct sigma_number *ret_number)
{
    struct sigma_number number = { .is_integer = false };
    struct hn_text digits = text;

    if (!hn_parse_real(text, &number.real))
        return false; /* the grammar of JSON decides what a number is */
    if (text.ptr[0] == '-') {
        number.negative = true;
        digits = hn_text_sub(text, 1, text.len);
    }
    number.is_integer = hn_parse_u64(digits, &number.magnitude);
    if (number.is_integer && number.magnitude == 0)
        number.negative = false;
    *ret_number = number;
    return true;
}

bool interpret_number(struct hn_event *event, uint32_t index, struct sigma_number *ret_number)
{
    const struct hn_value *value = &event->values[index];
    struct sigma_number number = { .is_integer = true };

    switch ((enum hn_type)value->type) {
    case HN_TYPE_INT:
        number.negative = value->number.i < 0;
        number.magnitude =
                number.negative ? 0 - (uint64_t)value->number.i : (uint64_t)value->number.i;
        number.real = (double)value->number.i;
        break;
    case HN_TYPE_UINT:
        number.magnitude = value->number.u;
        number.real = (double)value->number.u;
        break;
    case HN_TYPE_REAL:
        number.is_integer = false;
        number.real = value->number.real;
        break;
    case HN_TYPE_STRING:
        return interpret_text_number(hn_event_text(event, index), ret_number);
    case HN_TYPE_NULL:
    case HN_TYPE_BOOL:
    case HN_TYPE_OBJECT:
        return false;
    }
    *ret_number = number;
    return true;
}

int interpret_compare(const struct sigma_number *a, const struct sigma_number *b)
{
    if (!a->is_integer || !b->is_integer)
        return a->real < b->real ? -1 : a->real > b->real;
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    if (a->magnitude == b->magnitude)
        return 0;
    return (a->magnitude < b->magnitude) != a->negative ? -1 : 1;
}

static struct verdict equals_bool(
        const struct sigma_number *wanted, struct hn_event *event, uint32_t index)
{
    const struct hn_value *value = &event->values[index];
    struct hn_text text = hn_event_text(event, index);
    struct hn_text word = wanted->magnitude != 0 ? HN_TEXT("true") : HN_TEXT("false");

    if (value->type != HN_TYPE_BOOL && value->type != HN_TYPE_STRING)
        return differs();
    return hn_text_eq_nocase(text, word) ? fits(0, text.len) : differs();
}

static struct verdict equals_number(
        const struct sigma_number *wanted, struct hn_event *event, uint32_t index)
{
    struct sigma_number number;

    if (wanted->is_bool)
        return equals_bool(wanted, event, index);
    if (!interpret_number(event, index, &number))
        return (struct verdict){ .why = MATCH_NO_NUMBER };
    return interpret_compare(&number, wanted) == 0 ? fits(0, hn_event_text(event, index).len)
                                                   : differs();
}

static bool in_order(enum sigma_compare op, int order)
{
    switch (op) {
    case SIGMA_LT:
        return order < 0;
    case SIGMA_LTE:
        return order <= 0;
    case SIGMA_GT:
        return order > 0;
    case SIGMA_GTE:
        return order >= 0;
    }
    return false;
}

static struct verdict compares(
        const struct sigma_value *value, struct hn_event *event, uint32_t index)
{
    struct sigma_number number;

    if (!interpret_number(event, index, &number))
        return (struct verdict){ .why = MATCH_NO_NUMBER };
    return in_order(value->compare, interpret_compare(&number, &value->as.number))
                   ? fits(0, hn_event_text(event, index).len)
                   : differs();
}

/* A part of the time in the value, as it is written there. */
static struct verdict time_part(
        const struct sigma_item *item, const struct sigma_value *value, struct hn_text text)
{
    int32_t offset_s = 0;
    hn_time time = hn_time_parse_zoned(text, NULL, &offset_s);
    struct sigma_number number = { .is_integer = true };
    struct hn_calendar c;
    int32_t part = 0;
    int order;

    if (time == HN_TIME_NONE)
        return (struct verdict){ .why = MATCH_NO_TIME };
    c = hn_calendar_at(time, offset_s);
    switch (item->time_part) {
    case SIGMA_TIME_MINUTE:
        part = c.minute;
        break;
    case SIGMA_TIME_HOUR:
        part = c.hour;
        break;
    case SIGMA_TIME_DAY:
        part = c.day;
        break;
    case SIGMA_TIME_WEEK:
        part = c.iso_week;
        break;
    case SIGMA_TIME_MONTH:
        part = c.month;
        break;
    case SIGMA_TIME_YEAR:
        part = c.year;
        break;
    case SIGMA_TIME_NONE:
        break;
    }
    number.magnitude = (uint64_t)part;
    number.real = part;
    order = interpret_compare(&number, &value->as.number);
    return (value->kind == SIGMA_NUMBER ? order == 0 : in_order(value->compare, order))
                   ? fits(0, text.len)
                   : differs();
}

/* ---- Strings ---- */

/* The text to compare (folded unless cased), and for each of its bytes where it comes from. */
struct subject {
    struct hn_text text;
    const uint32_t *origin; /* NULL: the text is the original */
    size_t original_len;
};

static bool fold_subject(
        struct hn_event *event, struct hn_text text, bool cased, struct subject *ret_subject)
{
    char *out;
    uint32_t *origin;
    size_t len = 0;

    *ret_subject = (struct subject){ text, NULL, text.len };
    if (cased || text.len == 0)
        return true;
    out = hn_event_room(event, HN_FOLD_ROOM(text.len));
    origin = hn_arena_array(
            &event->scratch, HN_FOLD_ROOM(text.len) + 1, sizeof *origin, _Alignof(uint32_t));
    if (out == NULL || origin == NULL)
        return false;
    for (size_t at = 0; at < text.len;) {
        uint32_t code_point;
        size_t step = hn_utf8_decode(text, at, &code_point);
        size_t folded;

        step = step == 0 ? 1 : step;
        folded = hn_fold(hn_text_sub(text, at, step), out + len);
        for (size_t i = 0; i < folded; i++)
            origin[len + i] = (uint32_t)at;
        len += folded;
        at += step;
    }
    origin[len] = (uint32_t)text.len;
    ret_subject->text = hn_text_of(out, len);
    ret_subject->origin = origin;
    return true;
}

static size_t original(const struct subject *subject, size_t at)
{
    return subject->origin == NULL ? at : subject->origin[at];
}

static size_t character_len(struct hn_text text, size_t at)
{
    uint32_t code_point;
    size_t len = hn_utf8_decode(text, at, &code_point);

    return len == 0 ? 1 : len;
}

/* The pattern's elements from `part` on against the text from `at` on, up to the next MANY. Returns
 * where they end, or SIZE_MAX when they do not fit here. */
static size_t match_run(
        const struct sigma_string *pattern, uint32_t part, struct hn_text text, size_t at)
{
    for (; part < pattern->count && pattern->parts[part].kind != SIGMA_PART_MANY; part++) {
        struct hn_text literal = pattern->parts[part].text;

        if (pattern->parts[part].kind == SIGMA_PART_ONE) {
            if (at == text.len)
                return SIZE_MAX;
            at += character_len(text, at);
            continue;
        }
        if (!hn_text_starts(hn_text_sub(text, at, text.len), literal))
            return SIZE_MAX;
        at += literal.len;
    }
    return at;
}

static uint32_t next_many(const struct sigma_string *pattern, uint32_t part)
{
    while (part < pattern->count && pattern->parts[part].kind != SIGMA_PART_MANY)
        part++;
    return part;
}

/* Whether a pattern fits the whole text; *ret_range is the part from its first element that is not
 * MANY to its last. Runs between MANYs are put at the first place where they fit; the last one has
 * to reach the end. */
static bool match_pattern(
        const struct sigma_string *pattern, struct hn_text text, size_t *ret_start, size_t *ret_end)
{
    uint32_t part = 0;
    size_t at = 0;
    bool floating = false; /* a MANY stands before the run */
    bool first = true;

    *ret_start = 0;
    *ret_end = text.len;
    for (;;) {
        uint32_t many;
        size_t end;

        if (part < pattern->count && pattern->parts[part].kind == SIGMA_PART_MANY) {
            floating = true;
            part++;
        }
        many = next_many(pattern, part);
        if (many == part && part == pattern->count) /* nothing, or MANY, at the end */
            return floating || at == text.len;
        end = match_run(pattern, part, text, at);
        while (floating && at < text.len &&
                (end == SIZE_MAX || (many == pattern->count && end != text.len))) {
            at += character_len(text, at);
            end = match_run(pattern, part, text, at);
        }
        if (end == SIZE_MAX || (many == pattern->count && end != text.len))
            return false;
        if (first)
            *ret_start = at;
        first = false;
        at = end;
        *ret_end = end;
        part = many;
        floating = false;
    }
}

/* The pattern as it is compared: folded unless cased; for keywords with MANY on both sides. */
static bool prepare_pattern(struct hn_event *event, const struct sigma_value *value, bool keyword,
        struct sigma_string *ret_pattern)
{
    const struct sigma_string *from = &value->as.string;
    struct sigma_part *parts = hn_arena_array(
            &event->scratch, (size_t)from->count + 2, sizeof *parts, _Alignof(struct sigma_part));
    uint32_t count = 0;

    if (parts == NULL)
        return false;
    if (keyword)
        parts[count++].kind = SIGMA_PART_MANY;
    for (uint32_t i = 0; i < from->count; i++) {
        struct sigma_part part = from->parts[i];

        if (part.kind == SIGMA_PART_MANY && count > 0 && parts[count - 1].kind == SIGMA_PART_MANY)
            continue;
        if (part.kind == SIGMA_PART_TEXT && !value->cased) {
            char *folded = hn_event_room(event, HN_FOLD_ROOM(part.text.len));

            if (folded == NULL)
                return false;
            part.text = hn_text_of(folded, hn_fold(part.text, folded));
        }
        parts[count++] = part;
    }
    if (keyword && parts[count - 1].kind != SIGMA_PART_MANY)
        parts[count++].kind = SIGMA_PART_MANY;
    *ret_pattern = (struct sigma_string){ parts, count };
    return true;
}

static struct verdict string_fits(
        const struct sigma_value *value, struct hn_event *event, struct hn_text text, bool keyword)
{
    struct sigma_string pattern;
    struct subject subject;
    size_t start;
    size_t end;

    if (!prepare_pattern(event, value, keyword, &pattern) ||
            !fold_subject(event, text, value->cased, &subject)) {
        event->values_dropped++; /* the scratch is full, and the event says so */
        return differs();
    }
    if (!match_pattern(&pattern, subject.text, &start, &end))
        return differs();
    start = original(&subject, start);
    return fits(start, original(&subject, end) - start);
}

/* The same for a value whose folded text the event keeps, without ranges. */
static struct verdict folded_fits(
        const struct sigma_value *value, struct hn_event *event, uint32_t index, bool keyword)
{
    struct hn_text text =
            value->cased ? hn_event_text(event, index) : hn_event_folded(event, index);
    struct sigma_string pattern;
    size_t start;
    size_t end;

    if (!prepare_pattern(event, value, keyword, &pattern)) {
        event->values_dropped++;
        return differs();
    }
    return match_pattern(&pattern, text, &start, &end) ? fits(0, 0) : differs();
}

/* ---- Regular expressions, networks ---- */

static struct verdict regex_fits(
        const struct sigma_value *value, struct hn_event *event, struct hn_text text)
{
    size_t offset;
    pcre2_code *code =
            sigma_regex_compile(value->as.regex.pattern, value->as.regex.flags, &offset, NULL, 0);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = code == NULL ? NULL : pcre2_match_data_create(1, NULL);
    struct verdict verdict = { .why = MATCH_REGEX_BAD };
    int count;

    if (data != NULL && context != NULL) {
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* as the engine, to count alike */
        count = sigma_regex_match(code, text, data, context, NULL);
        if (count >= 0) {
            const PCRE2_SIZE *found = pcre2_get_ovector_pointer(data);

            verdict = found[1] >= found[0] ? fits(found[0], found[1] - found[0])
                                           : fits(found[1], 0); /* \K in a look-ahead */
        } else if (count == PCRE2_ERROR_NOMATCH) {
            verdict.why = MATCH_DIFFERS;
        } else {
            verdict.why = MATCH_REGEX_LIMIT;
            hn_event_note(event, HN_FINDING_REGEX_LIMIT);
        }
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_code_free(code);
    return verdict;
}

static struct verdict network_fits(const struct sigma_value *value, struct hn_text text)
{
    struct hn_ip ip;

    if (!hn_ip_parse(text, &ip))
        return (struct verdict){ .why = MATCH_NO_ADDRESS };
    return hn_cidr_has(&value->as.cidr, &ip) ? fits(0, text.len) : differs();
}

/* ---- All of them ---- */

struct verdict interpret_value(const struct sigma_item *item, const struct sigma_value *value,
        struct hn_event *event, uint32_t index, bool ranges)
{
    bool keyword = item->field.len == 0;
    struct hn_text text = hn_event_text(event, index);

    if (item->time_part != SIGMA_TIME_NONE)
        return time_part(item, value, text);
    switch (value->kind) {
    case SIGMA_STRING:
        return ranges ? string_fits(value, event, text, keyword)
                      : folded_fits(value, event, index, keyword);
    case SIGMA_NUMBER:
        return equals_number(&value->as.number, event, index);
    case SIGMA_REGEX:
        return regex_fits(value, event, text);
    case SIGMA_CIDR:
        return network_fits(value, text);
    case SIGMA_COMPARE:
        return compares(value, event, index);
    case SIGMA_NULL:
    case SIGMA_EXISTS:
    case SIGMA_FIELDREF:
        break;
    }
    return differs();
}

struct verdict interpret_raw(
        const struct sigma_value *value, struct hn_event *event, struct hn_text text)
{
    if (value->kind == SIGMA_STRING)
        return string_fits(value, event, text, true);
    return value->kind == SIGMA_REGEX ? regex_fits(value, event, text) : differs();
}

static bool is_number(const struct hn_event *event, uint32_t index)
{
    enum hn_type type = (enum hn_type)event->values[index].type;

    return type == HN_TYPE_INT || type == HN_TYPE_UINT || type == HN_TYPE_REAL;
}

struct verdict interpret_reference(
        const struct sigma_value *value, struct hn_event *event, uint32_t index, uint32_t other)
{
    struct hn_text text = hn_event_text(event, index);
    struct hn_text wanted = hn_event_text(event, other);
    struct sigma_number a;
    struct sigma_number b;
    struct subject left;
    struct subject right;
    size_t at = 0;

    if (value->as.fieldref.anchor == SIGMA_WHOLE && is_number(event, index) &&
            is_number(event, other) && interpret_number(event, index, &a) &&
            interpret_number(event, other, &b))
        return interpret_compare(&a, &b) == 0 ? fits(0, text.len) : differs();
    if (!fold_subject(event, text, value->cased, &left) ||
            !fold_subject(event, wanted, value->cased, &right)) {
        event->values_dropped++;
        return differs();
    }
    switch (value->as.fieldref.anchor) {
    case SIGMA_WHOLE:
        if (!hn_text_eq(left.text, right.text))
            return differs();
        break;
    case SIGMA_STARTS:
        if (!hn_text_starts(left.text, right.text))
            return differs();
        break;
    case SIGMA_ENDS:
        if (!hn_text_ends(left.text, right.text))
            return differs();
        at = left.text.len - right.text.len;
        break;
    case SIGMA_CONTAINS:
        at = hn_text_find(left.text, right.text, 0);
        if (at == SIZE_MAX)
            return differs();
        break;
    }
    return fits(original(&left, at), original(&left, at + right.text.len) - original(&left, at));
}
