/* yaml_read.c - walking a parsed tree, and what plain scalars mean. */
#include "base/yaml.h"

#include "base/num.h"

static const struct hn_yaml_ref nothing = { NULL, 0 };

const char *hn_yaml_problem_id(enum hn_yaml_problem_kind kind)
{
    static const char *const ids[] = {
#define PROBLEM_ID(name, id) [name] = (id),
        HN_YAML_PROBLEM_LIST(PROBLEM_ID)
#undef PROBLEM_ID
    };

    return ids[kind];
}

struct hn_yaml_ref hn_yaml_root(const struct hn_yaml *yaml, uint32_t document)
{
    if (yaml == NULL || document >= yaml->document_count || yaml->documents[document].nodes == 0)
        return nothing;
    return (struct hn_yaml_ref){ yaml, yaml->documents[document].root };
}

struct hn_text hn_yaml_text(struct hn_yaml_ref ref)
{
    const struct hn_yaml_node *node;

    if (!hn_yaml_is(ref, HN_YAML_SCALAR))
        return hn_text_of(NULL, 0);
    node = hn_yaml_node(ref);
    if (node->start <= ref.yaml->raw.len && node->len <= ref.yaml->raw.len - node->start)
        return hn_text_of(ref.yaml->raw.ptr + node->start, node->len);
    return hn_text_of(ref.yaml->pool.ptr + (node->start - ref.yaml->raw.len), node->len);
}

struct hn_text hn_yaml_document_text(const struct hn_yaml *yaml, uint32_t document)
{
    if (yaml == NULL || document >= yaml->document_count)
        return hn_text_of("", 0);
    return hn_text_sub(yaml->raw, yaml->documents[document].start, yaml->documents[document].len);
}

struct hn_yaml_iter hn_yaml_children(struct hn_yaml_ref ref)
{
    struct hn_yaml_iter iter = { ref.yaml, 0, 0 };

    if (ref.yaml != NULL) {
        iter.next = ref.index + 1;
        iter.end = ref.index + hn_yaml_node(ref)->span;
    }
    return iter;
}

bool hn_yaml_next(struct hn_yaml_iter *iter, struct hn_yaml_ref *ret_item)
{
    if (iter->next >= iter->end)
        return false;
    *ret_item = (struct hn_yaml_ref){ iter->yaml, iter->next };
    iter->next += iter->yaml->nodes[iter->next].span;
    return true;
}

bool hn_yaml_next_pair(
        struct hn_yaml_iter *iter, struct hn_yaml_ref *ret_key, struct hn_yaml_ref *ret_value)
{
    return hn_yaml_next(iter, ret_key) && hn_yaml_next(iter, ret_value);
}

struct hn_yaml_ref hn_yaml_get(struct hn_yaml_ref ref, struct hn_text key)
{
    struct hn_yaml_iter iter;
    struct hn_yaml_ref name;
    struct hn_yaml_ref value;

    if (!hn_yaml_is(ref, HN_YAML_MAP))
        return nothing;
    iter = hn_yaml_children(ref);
    while (hn_yaml_next_pair(&iter, &name, &value)) {
        if (hn_yaml_node(name)->len == key.len && hn_text_eq(hn_yaml_text(name), key))
            return value;
    }
    return nothing;
}

uint32_t hn_yaml_count(struct hn_yaml_ref ref)
{
    struct hn_yaml_iter iter;
    struct hn_yaml_ref item;
    uint32_t count = 0;

    if (ref.yaml == NULL || hn_yaml_is(ref, HN_YAML_SCALAR))
        return 0;
    iter = hn_yaml_children(ref);
    while (hn_yaml_next(&iter, &item))
        count++;
    return hn_yaml_is(ref, HN_YAML_MAP) ? count / 2 : count;
}

/* ---- Types ---- */

static bool is_word(struct hn_text text, const char *lower, const char *capital, const char *upper)
{
    return hn_text_eq(text, hn_text_cstr(lower)) || hn_text_eq(text, hn_text_cstr(capital)) ||
           hn_text_eq(text, hn_text_cstr(upper));
}

static bool is_null(struct hn_text text)
{
    return text.len == 0 || hn_text_eq(text, HN_TEXT("~")) || is_word(text, "null", "Null", "NULL");
}

static size_t digits_from(struct hn_text text, size_t at)
{
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    return at;
}

static bool is_hex_number(struct hn_text text)
{
    uint64_t number;

    return text.len > 2 && text.ptr[0] == '0' && text.ptr[1] == 'x' &&
           hn_parse_hex64(text, &number);
}

static bool is_octal_number(struct hn_text text)
{
    if (text.len < 3 || text.len > 23 || text.ptr[0] != '0' || text.ptr[1] != 'o')
        return false;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7')
            return false;
    }
    return true;
}

static bool is_number(struct hn_text text)
{
    size_t start = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    size_t at = digits_from(text, start);
    size_t digits = at - start;
    size_t exponent;

    if (digits > 0 && at == text.len)
        return true;
    if (at == text.len || text.ptr[at] != '.')
        return start == 0 && (is_hex_number(text) || is_octal_number(text));
    exponent = digits_from(text, at + 1);
    digits += exponent - at - 1;
    at = exponent;
    if (digits == 0)
        return false;
    if (at == text.len)
        return true;
    if (text.ptr[at] != 'e' && text.ptr[at] != 'E')
        return false;
    at++;
    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
        at++;
    return at < text.len && digits_from(text, at) == text.len;
}

enum hn_yaml_type hn_yaml_type(struct hn_yaml_ref ref)
{
    struct hn_text text = hn_yaml_text(ref);

    if (text.ptr == NULL || hn_yaml_node(ref)->style != HN_YAML_PLAIN)
        return HN_YAML_STRING;
    if (is_null(text))
        return HN_YAML_NULL;
    if (is_word(text, "true", "True", "TRUE") || is_word(text, "false", "False", "FALSE"))
        return HN_YAML_BOOL;
    return is_number(text) ? HN_YAML_NUMBER : HN_YAML_STRING;
}

bool hn_yaml_bool(struct hn_yaml_ref ref, bool *ret_truth)
{
    if (!hn_yaml_is(ref, HN_YAML_SCALAR) || hn_yaml_type(ref) != HN_YAML_BOOL)
        return false;
    *ret_truth = (hn_yaml_text(ref).ptr[0] | 0x20) == 't';
    return true;
}

bool hn_yaml_u64(struct hn_yaml_ref ref, uint64_t *ret_number)
{
    return hn_yaml_is(ref, HN_YAML_SCALAR) && hn_yaml_type(ref) == HN_YAML_NUMBER &&
           hn_parse_u64(hn_yaml_text(ref), ret_number);
}
