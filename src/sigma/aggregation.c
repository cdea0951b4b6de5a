/* aggregation.c - what stands behind the '|' in conditions written before correlations existed:
 * "count(user) by src_ip > 10", "sum(bytes) by host >= 5", "near other and not third". */
#include "sigma/sigma_draft.h"

#include "base/num.h"

#define GROUPS_MAX 16u

struct scanner {
    struct work *w;
    const struct cond_text *source;
    struct hn_text text;
    size_t at;
};

static struct sigma_place here(const struct scanner *s)
{
    /* The text behind the '|' is part of the condition's scalar. */
    struct hn_text whole = hn_yaml_text(s->source->ref);
    size_t start = whole.ptr == NULL ? 0 : (size_t)(s->text.ptr - whole.ptr);

    return sigma_place_in(s->w, s->source->ref, start + s->at);
}

static bool fail(const struct scanner *s, const char *message)
{
    issue_add(s->w, CODE_AGGREGATION, here(s), "%s", message);
    return false;
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->text.len && strchr(" \t\r\n", s->text.ptr[s->at]) != NULL)
        s->at++;
}

static bool is_name_char(char c)
{
    return c != '\0' && strchr(" \t\r\n(),<>=!", c) == NULL;
}

static struct hn_text name(struct scanner *s)
{
    size_t start;

    skip_space(s);
    start = s->at;
    while (s->at < s->text.len && is_name_char(s->text.ptr[s->at]))
        s->at++;
    return hn_text_sub(s->text, start, s->at - start);
}

static bool character(struct scanner *s, char c)
{
    skip_space(s);
    if (s->at >= s->text.len || s->text.ptr[s->at] != c)
        return false;
    s->at++;
    return true;
}

static bool group_by(struct scanner *s, struct aggregation *aggregation)
{
    size_t start = s->at;
    struct hn_text word = name(s);

    if (!hn_text_eq_nocase(word, HN_TEXT("by"))) {
        s->at = start;
        return word.len == 0 || fail(s, "\"by\" or a comparison is expected");
    }
    aggregation->group_by.ptr = hn_new(s->w->keep, struct hn_text, GROUPS_MAX);
    if (aggregation->group_by.ptr == NULL)
        return work_nomem(s->w, s->w->keep);
    do {
        word = name(s);
        if (word.len == 0)
            return fail(s, "a field must follow \"by\"");
        if (aggregation->group_by.count == GROUPS_MAX)
            return fail(s, "too many fields behind \"by\"");
        aggregation->group_by.ptr[aggregation->group_by.count++] = word;
    } while (character(s, ','));
    return true;
}

static bool bound(struct scanner *s, struct sigma_bound *bound)
{
    static const struct {
        const char *text;
        enum sigma_bound_op op;
    } operators[] = { { ">=", SIGMA_BOUND_GTE }, { "<=", SIGMA_BOUND_LTE },
        { "!=", SIGMA_BOUND_NEQ }, { "==", SIGMA_BOUND_EQ }, { ">", SIGMA_BOUND_GT },
        { "<", SIGMA_BOUND_LT }, { "=", SIGMA_BOUND_EQ } };
    struct sigma_number number;
    size_t i = 0;

    skip_space(s);
    while (i < HN_COUNT_OF(operators) && !hn_text_starts(hn_text_sub(s->text, s->at, s->text.len),
                                                 hn_text_cstr(operators[i].text)))
        i++;
    if (i == HN_COUNT_OF(operators))
        return fail(s, "a comparison is expected");
    s->at += strlen(operators[i].text);
    bound->op = operators[i].op;
    if (!sigma_number_of(name(s), &number))
        return fail(s, "a number is expected");
    bound->value = number.real;
    skip_space(s);
    return s->at == s->text.len || fail(s, "nothing may follow the number");
}

bool aggregation_parse(
        struct work *w, const struct cond_text *text, struct aggregation *ret_aggregation)
{
    static const struct {
        const char *name;
        enum aggregation_kind kind;
    } functions[] = { { "count", AGGREGATION_COUNT }, { "sum", AGGREGATION_SUM },
        { "min", AGGREGATION_MIN }, { "max", AGGREGATION_MAX }, { "avg", AGGREGATION_AVG } };
    struct scanner s = { .w = w, .source = text, .text = text->text };
    struct aggregation aggregation = { .kind = AGGREGATION_NONE };
    struct hn_text word = name(&s);

    if (hn_text_eq_nocase(word, HN_TEXT("near"))) {
        aggregation.kind = AGGREGATION_NEAR;
        aggregation.near = hn_text_sub(s.text, s.at, s.text.len);
        *ret_aggregation = aggregation;
        return true;
    }
    for (size_t i = 0; i < HN_COUNT_OF(functions); i++) {
        if (hn_text_eq_nocase(word, hn_text_cstr(functions[i].name)))
            aggregation.kind = functions[i].kind;
    }
    if (aggregation.kind == AGGREGATION_NONE)
        return fail(&s, "count, sum, min, max, avg or near is expected behind \"|\"");
    if (!character(&s, '('))
        return fail(&s, "\"(\" is expected");
    aggregation.field = name(&s);
    if (!character(&s, ')'))
        return fail(&s, "\")\" is expected");
    if (aggregation.field.len == 0 && aggregation.kind != AGGREGATION_COUNT)
        return fail(&s, "this needs a field in its parentheses");
    if (!group_by(&s, &aggregation) || !bound(&s, &aggregation.bound))
        return false;
    *ret_aggregation = aggregation;
    return true;
}
