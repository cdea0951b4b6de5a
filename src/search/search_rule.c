/* search_rule.c - terms into a rule. All texts are written as JSON strings, which YAML reads. */
#include "search/search.h"

#include "base/escape.h"
#include "base/num.h"

#include <string.h>

struct term {
    struct hn_text field; /* empty: text to be looked for everywhere */
    struct hn_text modifiers;
    struct hn_text value;
};

/* Names of fields hold letters, digits and what products put between them; text with an equals sign
 * further behind ("cmd /c set a=b", "?id=1") is text. Before a modifier a name may have blanks, as
 * Defender's do ("Threat Name|contains=..."). */
static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@' || (unsigned char)c >= 0x80;
}

static struct term parse(const struct search_query *query, const char *written)
{
    struct hn_text text = hn_text_cstr(written);
    struct term term = { .value = text };
    size_t equals = query->text ? SIZE_MAX : hn_text_find_char(text, '=', 0);
    struct hn_text name = hn_text_sub(text, 0, equals == SIZE_MAX ? 0 : equals);
    size_t bar = hn_text_find_char(name, '|', 0);

    if (bar != SIZE_MAX) {
        term.modifiers = hn_text_sub(name, bar + 1, name.len);
        name = hn_text_sub(name, 0, bar);
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_char(name.ptr[i]) && !(name.ptr[i] == ' ' && bar != SIZE_MAX))
            return (struct term){ .value = text };
    }
    if (name.len == 0)
        return (struct term){ .value = text };
    term.field = name;
    term.value = hn_text_sub(text, equals + 1, text.len);
    return term;
}

static bool has_modifier(struct hn_text modifiers, const char *wanted)
{
    struct hn_text part;

    while (hn_text_split(&modifiers, '|', &part)) {
        if (hn_text_eq(part, hn_text_cstr(wanted)))
            return true;
    }
    return false;
}

/* Does `cased` go with these modifiers? */
static bool takes_case(struct hn_text modifiers)
{
    static const char *const others[] = { "re", "cidr", "exists", "lt", "lte", "gt", "gte", "cased",
        "minute", "hour", "day", "week", "month", "year" };

    for (size_t i = 0; i < HN_COUNT_OF(others); i++) {
        if (has_modifier(modifiers, others[i]))
            return false;
    }
    return true;
}

/* Numbers, truths and null are what they look like, everything else is a string. A number with
 * leading zeros or a sign is text, because that is how it stands in a log. */
static bool is_plain(const struct term *term)
{
    struct hn_text value = term->value;
    double real;

    if (hn_text_eq(value, HN_TEXT("null")) && term->modifiers.len == 0)
        return true;
    if (has_modifier(term->modifiers, "exists"))
        return hn_text_eq(value, HN_TEXT("true")) || hn_text_eq(value, HN_TEXT("false"));
    if (value.len == 0 || value.len > 18 || (value.ptr[0] == '0' && value.len > 1) ||
            value.ptr[0] == '+' || has_modifier(term->modifiers, "re"))
        return false;
    return hn_parse_real(value, &real);
}

/* Text is looked for as it is: Sigma's wildcards and escapes lose their meaning. */
static void add_literal(struct hn_buf *out, struct hn_text text)
{
    struct hn_buf escaped = { 0 };

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '*' || text.ptr[i] == '?' || text.ptr[i] == '\\')
            hn_buf_add_char(&escaped, '\\');
        hn_buf_add_char(&escaped, text.ptr[i]);
    }
    hn_json_string(out, hn_buf_text(&escaped));
    hn_buf_deinit(&escaped);
}

static void add_term(const struct search_query *query, const struct term *term, struct hn_buf *out)
{
    struct hn_buf key = { 0 };

    hn_buf_add_text(&key, term->field);
    if (term->modifiers.len > 0) {
        hn_buf_add_char(&key, '|');
        hn_buf_add_text(&key, term->modifiers);
    }
    if (term->field.len == 0 && query->regex)
        hn_buf_add_cstr(&key, query->cased ? "|re" : "|re|i");
    else if (query->cased && takes_case(term->modifiers))
        hn_buf_add_lit(&key, "|cased");
    hn_buf_add_lit(out, "    ");
    if (key.len == 0) {
        hn_buf_add_lit(out, "- ");
    } else {
        hn_json_string(out, hn_buf_text(&key));
        hn_buf_add_lit(out, ": ");
    }
    if (term->field.len == 0 && !query->regex)
        add_literal(out, term->value);
    else if (term->field.len > 0 && is_plain(term))
        hn_buf_add_text(out, term->value);
    else
        hn_json_string(out, term->value);
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&key);
}

static void add_terms(const struct search_query *query, const char *name, const char *const *terms,
        size_t count, struct hn_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        struct term term = parse(query, terms[i]);

        hn_buf_addf(out, "  %s_%zu:\n", name, i + 1);
        add_term(query, &term, out);
    }
}

void search_rule_write(const struct search_query *query, struct hn_buf *out)
{
    hn_buf_add_lit(out, "title: search\nlogsource: {service: any}\ndetection:\n");
    add_terms(query, "term", query->terms, query->term_count, out);
    add_terms(query, "without", query->without, query->without_count, out);
    hn_buf_add_lit(out, "  condition: ");
    if (query->term_count > 0)
        hn_buf_addf(out, "%s of term_*", query->any ? "1" : "all");
    if (query->without_count > 0)
        hn_buf_addf(out, "%snot 1 of without_*", query->term_count > 0 ? " and " : "");
    hn_buf_add_char(out, '\n');
}

/* What is wrong with a term is said with the words of the rule loader. */
static enum hn_status refuse(
        const struct sigma_set *set, search_on_issue *on_issue, void *ctx, struct hn_err *err)
{
    bool said = false;

    for (uint32_t i = 0; i < set->issue_count; i++) {
        struct hn_text message = set->issues[i].message;

        if (set->issues[i].severity != SIGMA_REJECTED)
            continue;
        if (on_issue != NULL)
            on_issue(ctx, message);
        if (!said)
            (void)hn_fail(err, HN_SYNTAX, 0, "this cannot be searched for: %.*s",
                    (int)(message.len > 120 ? 120 : message.len), message.ptr);
        said = true;
    }
    return said ? HN_SYNTAX : hn_fail(err, HN_SYNTAX, 0, "this cannot be searched for");
}

static enum hn_status load(
        const struct search_query *query, struct sigma_set **ret_set, struct hn_err *err)
{
    struct sigma_options options = { 0 };
    struct sigma_loader *loader = sigma_loader_new(&options);
    struct hn_buf yaml = { 0 };
    enum hn_status status = loader == NULL ? HN_NOMEM : HN_OK;

    if (query->term_count + query->without_count > 0)
        search_rule_write(query, &yaml);
    if (!hn_buf_ok(&yaml))
        status = HN_NOMEM;
    if (status != HN_OK)
        status = hn_fail(err, status, 0, "out of memory");
    if (status == HN_OK && yaml.len > 0)
        status = sigma_loader_add_text(loader, HN_TEXT("search"), hn_buf_text(&yaml), err);
    if (status == HN_OK)
        status = sigma_loader_finish(loader, ret_set, err);
    sigma_loader_free(loader);
    hn_buf_deinit(&yaml);
    return status;
}

enum hn_status search_rule_load(const struct search_query *query, search_on_issue *on_issue,
        void *ctx, struct sigma_set **ret_set, struct hn_err *err)
{
    uint32_t wanted = query->term_count + query->without_count > 0 ? 1 : 0;
    struct sigma_set *set = NULL;
    enum hn_status status = load(query, &set, err);

    if (status != HN_OK)
        return status;
    if (set->rule_count != wanted) {
        status = refuse(set, on_issue, ctx, err);
        sigma_set_unref(set);
        return status;
    }
    if (wanted > 0) /* the loader refuses a rule for all sources, which a search is; nobody shares
                     * it yet */
        memset(&set->rules[0].logsource, 0, sizeof set->rules[0].logsource);
    *ret_set = set;
    return HN_OK;
}
