/* sigma_dump.c - see sigma_dump.h for the notation. */
#include "support/sigma_dump.h"

#include "base/ip.h"

static void dump_plain(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '*' || c == '?' || c == '\\' || c == '"')
            hn_buf_addf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            hn_buf_addf(out, "\\x%02x", c);
        else
            hn_buf_add_char(out, (char)c);
    }
}

static void dump_string(struct hn_buf *out, const struct sigma_string *string)
{
    hn_buf_add_char(out, '"');
    for (uint32_t i = 0; i < string->count; i++) {
        if (string->parts[i].kind == SIGMA_PART_TEXT)
            dump_plain(out, string->parts[i].text);
        else
            hn_buf_add_char(out, string->parts[i].kind == SIGMA_PART_MANY ? '*' : '?');
    }
    hn_buf_add_char(out, '"');
}

static void dump_number(struct hn_buf *out, const struct sigma_number *number)
{
    if (number->is_bool) {
        hn_buf_add_cstr(out, number->magnitude != 0 ? "true" : "false");
    } else if (number->is_integer) {
        hn_buf_addf(
                out, "%s%llu", number->negative ? "-" : "", (unsigned long long)number->magnitude);
    } else {
        hn_buf_addf(out, "%g", number->real);
    }
}

static void dump_value(struct hn_buf *out, const struct sigma_value *value)
{
    static const char *const operators[] = { "<", "<=", ">", ">=" };
    static const char *const anchors[] = { "", "startswith ", "endswith ", "contains " };

    switch (value->kind) {
    case SIGMA_STRING:
        dump_string(out, &value->as.string);
        break;
    case SIGMA_NUMBER:
        hn_buf_add_char(out, '#');
        dump_number(out, &value->as.number);
        break;
    case SIGMA_NULL:
        hn_buf_add_lit(out, "null");
        break;
    case SIGMA_REGEX:
        hn_buf_addf(out, "/%.*s/%s%s%s", HN_TEXT_ARG(value->as.regex.pattern),
                (value->as.regex.flags & SIGMA_REGEX_CASELESS) != 0 ? "i" : "",
                (value->as.regex.flags & SIGMA_REGEX_MULTILINE) != 0 ? "m" : "",
                (value->as.regex.flags & SIGMA_REGEX_DOTALL) != 0 ? "s" : "");
        break;
    case SIGMA_CIDR:
        hn_buf_add_ip(out, &value->as.cidr.address);
        hn_buf_addf(out, "/%u", value->as.cidr.prefix_len);
        break;
    case SIGMA_COMPARE:
        hn_buf_add_cstr(out, operators[value->compare]);
        dump_number(out, &value->as.number);
        break;
    case SIGMA_EXISTS:
        hn_buf_add_cstr(out, value->as.exists ? "exists" : "absent");
        break;
    case SIGMA_FIELDREF:
        hn_buf_addf(out, "ref(%s%.*s)", anchors[value->as.fieldref.anchor],
                HN_TEXT_ARG(value->as.fieldref.field));
        break;
    }
    if (value->cased)
        hn_buf_add_char(out, 'c');
}

static void dump_item(struct hn_buf *out, const struct sigma_item *item)
{
    static const char *const parts[] = { "",
        "minute:", "hour:", "day:", "week:", "month:", "year:" };

    hn_buf_addf(out, "%s%.*s[", parts[item->time_part], HN_TEXT_ARG(item->field));
    for (uint32_t i = 0; i < item->value_count; i++) {
        if (i > 0)
            hn_buf_add_char(out, ' ');
        dump_value(out, &item->values[i]);
    }
    hn_buf_add_char(out, ']');
}

/* What is still to be written: a node, or the parenthesis behind its children (node NULL). */
void dump_condition(struct hn_buf *out, const struct sigma_node *root)
{
    static const char *const names[] = { "(and", "(or", "(not" };
    const struct sigma_node *stack[8192];
    uint32_t count = 0;

    stack[count++] = root;
    while (count > 0) {
        const struct sigma_node *node = stack[--count];

        if (node == NULL) {
            hn_buf_add_char(out, ')');
            continue;
        }
        if (out->len > 0 && out->ptr[out->len - 1] != '(' && out->ptr[out->len - 1] != ' ')
            hn_buf_add_char(out, ' ');
        switch (node->kind) {
        case SIGMA_AND:
        case SIGMA_OR:
        case SIGMA_NOT:
            hn_buf_add_cstr(out, names[node->kind]);
            stack[count++] = NULL;
            for (uint32_t i = node->count; i > 0 && count < HN_COUNT_OF(stack); i--)
                stack[count++] = node->children[i - 1];
            break;
        case SIGMA_ITEM:
            dump_item(out, node->item);
            break;
        case SIGMA_TRUE:
            hn_buf_add_lit(out, "true");
            break;
        case SIGMA_FALSE:
            hn_buf_add_lit(out, "false");
            break;
        }
    }
}

void dump_rule(struct hn_buf *out, const struct sigma_rule *rule)
{
    hn_buf_addf(out, "%s%.*s/%.*s/%.*s ", rule->silent ? "~" : "",
            HN_TEXT_ARG(rule->logsource.product), HN_TEXT_ARG(rule->logsource.category),
            HN_TEXT_ARG(rule->logsource.service));
    dump_condition(out, rule->condition);
}

static void dump_texts(struct hn_buf *out, const char *name, const struct sigma_texts *texts)
{
    if (texts->count == 0)
        return;
    hn_buf_addf(out, " %s=", name);
    for (uint32_t i = 0; i < texts->count; i++)
        hn_buf_addf(out, "%s%.*s", i > 0 ? "," : "", HN_TEXT_ARG(texts->ptr[i]));
}

static void dump_ref_tree(struct hn_buf *out, const struct sigma_ref_node *root)
{
    static const char *const names[] = { "(and", "(or", "(not" };
    const struct sigma_ref_node *stack[256];
    uint32_t count = 0;

    stack[count++] = root;
    while (count > 0) {
        const struct sigma_ref_node *node = stack[--count];

        if (node == NULL) {
            hn_buf_add_char(out, ')');
            continue;
        }
        if (out->ptr[out->len - 1] != '=')
            hn_buf_add_char(out, ' ');
        if (node->kind == SIGMA_ITEM) {
            hn_buf_addf(out, "%u", node->ref);
            continue;
        }
        hn_buf_add_cstr(out, names[node->kind]);
        stack[count++] = NULL;
        for (uint32_t i = node->count; i > 0 && count < HN_COUNT_OF(stack); i--)
            stack[count++] = node->children[i - 1];
    }
}

void dump_correlation(struct hn_buf *out, const struct sigma_correlation *c)
{
    static const char *const operators[] = { "<", "<=", ">", ">=", "=", "!=" };
    static const char *const types[] = {
#define TYPE_TEXT(name, text) text,
        SIGMA_CORRELATION_LIST(TYPE_TEXT)
#undef TYPE_TEXT
    };

    hn_buf_addf(out, "%s%s", c->silent ? "~" : "", types[c->type]);
    for (uint32_t i = 0; i < c->ref_count; i++)
        hn_buf_addf(out, " %s%u", c->refs[i].is_correlation ? "c" : "r", c->refs[i].index);
    dump_texts(out, "by", &c->group_by);
    for (uint32_t i = 0; i < c->alias_count; i++) {
        struct sigma_texts fields = { c->aliases[i].fields, c->ref_count };

        hn_buf_addf(out, " alias:%.*s", HN_TEXT_ARG(c->aliases[i].name));
        dump_texts(out, "", &fields);
    }
    if (c->timespan > 0)
        hn_buf_addf(out, " in=%llds", (long long)(c->timespan / HN_SECOND));
    for (uint32_t i = 0; i < c->bound_count; i++)
        hn_buf_addf(out, " %s%g", operators[c->bounds[i].op], c->bounds[i].value);
    dump_texts(out, "of", &c->fields);
    if (c->type == SIGMA_VALUE_PERCENTILE)
        hn_buf_addf(out, " percentile=%g", c->percentile);
    if (c->type == SIGMA_PERIODICITY)
        hn_buf_addf(out, " jitter=%g", c->jitter);
    if (c->learn > 0)
        hn_buf_addf(out, " learn=%llds", (long long)(c->learn / HN_SECOND));
    if (c->condition != NULL) {
        hn_buf_add_lit(out, " if=");
        dump_ref_tree(out, c->condition);
    }
    if (c->depth > 0)
        hn_buf_addf(out, " depth=%u", c->depth);
}

void dump_set(struct hn_buf *out, const struct sigma_set *set)
{
    for (uint32_t i = 0; i < set->rule_count; i++) {
        dump_rule(out, &set->rules[i]);
        hn_buf_add_char(out, '\n');
    }
    for (uint32_t i = 0; i < set->correlation_count; i++) {
        dump_correlation(out, &set->correlations[i]);
        hn_buf_add_char(out, '\n');
    }
}

void dump_issues(struct hn_buf *out, const struct sigma_set *set)
{
    for (uint32_t i = 0; i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        hn_buf_addf(out, "%u:%u %.*s\n", issue->place.line, issue->place.column,
                HN_TEXT_ARG(issue->code));
    }
}
