/* ioc_json.c - loads JSON inside limits and gives safe access to it. */
#include "ioc/ioc_json.h"

#include "base/utf.h"
#include "ioc/ioc_internal.h"

/* Deepest nesting of brackets outside strings. Ill-formed text gives some number; the parser says
 * what is wrong with it. */
static size_t depth_of(struct hn_text json)
{
    size_t depth = 0;
    size_t deepest = 0;
    bool quoted = false;

    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i];

        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

static enum hn_status fail_json(const json_error_t *error, struct hn_err *err)
{
    enum hn_status status = HN_SYNTAX;

    if (json_error_code(error) == json_error_out_of_memory)
        status = HN_NOMEM;
    else if (json_error_code(error) == json_error_premature_end_of_input)
        status = HN_TRUNCATED;
    return hn_fail_at(err, status, error->line > 0 ? (uint32_t)error->line : 0,
            error->column > 0 ? (uint32_t)error->column : 0, "JSON: %.100s", error->text);
}

enum hn_status ioc_json_load(
        struct hn_bytes json, const struct ioc_limits *limits, json_t **ret_root, struct hn_err *err)
{
    struct hn_text text = hn_bytes_as_text(json);
    struct hn_buf repaired = { 0 };
    json_error_t error;
    json_t *root;

    if (depth_of(text) > limits->depth_max)
        return hn_fail(err, HN_LIMIT, 0, "JSON nested deeper than %u", limits->depth_max);
    if (!hn_utf8_valid(json)) {
        (void)hn_utf8_repair(&repaired, text);
        if (!hn_buf_ok(&repaired)) {
            hn_buf_deinit(&repaired);
            return hn_fail(err, HN_NOMEM, 0, "no memory for %zu bytes of JSON", json.len);
        }
        text = hn_buf_text(&repaired);
    }
    /* Numbers too large for an integer must not cost the file; none is needed exactly. */
    root = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    hn_buf_deinit(&repaired);
    if (root == NULL)
        return fail_json(&error, err);
    *ret_root = root;
    return HN_OK;
}

struct hn_text ioc_json_value(const json_t *string)
{
    if (!json_is_string(string))
        return HN_TEXT("");
    return hn_text_of(json_string_value(string), json_string_length(string));
}

struct hn_text ioc_json_text(const json_t *object, const char *key)
{
    return ioc_json_value(json_object_get(object, key));
}

bool ioc_json_true(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    struct hn_text text = ioc_json_value(value);

    return json_is_true(value) || hn_text_eq(text, HN_TEXT("1")) ||
            hn_text_eq_nocase(text, HN_TEXT("true")) ||
            (json_is_number(value) && json_number_value(value) > 0);
}

const json_t *ioc_json_array(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_array(value) && json_array_size(value) > 0 ? value : NULL;
}
