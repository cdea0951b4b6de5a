/* api_schema.c - values against schemas: an explicit stack of what is still to be looked at. */
#include "api/api_schema.h"

#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"

#include <stdio.h>
#include <string.h>

static const char prefix[] = "#/components/schemas/";

/* The schema itself, or what it refers to. A reference to nothing gives NULL. */
static const json_t *resolve(const json_t *document, const json_t *schema)
{
    const char *ref = json_string_value(json_object_get(schema, "$ref"));

    if (ref == NULL)
        return schema;
    if (strncmp(ref, prefix, sizeof prefix - 1) != 0)
        return NULL;
    return json_object_get(json_object_get(json_object_get(document, "components"), "schemas"),
            ref + sizeof prefix - 1);
}

/* ---- One value, without what is in it ---- */

static bool is_type(const char *type, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return strcmp(type, "object") == 0;
    case JSON_ARRAY:
        return strcmp(type, "array") == 0;
    case JSON_STRING:
        return strcmp(type, "string") == 0;
    case JSON_INTEGER:
        return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
    case JSON_REAL:
        return strcmp(type, "number") == 0;
    case JSON_TRUE:
    case JSON_FALSE:
        return strcmp(type, "boolean") == 0;
    case JSON_NULL:
        return strcmp(type, "null") == 0;
    }
    return false;
}

static bool fits_type(const json_t *type, const json_t *value)
{
    if (json_is_string(type))
        return is_type(json_string_value(type), value);
    for (size_t i = 0; i < json_array_size(type); i++) {
        if (is_type(json_string_value(json_array_get(type, i)), value))
            return true;
    }
    return false;
}

static bool in_enum(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), value))
            return true;
    }
    return false;
}

static size_t count_characters(struct hn_text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0u) != 0x80u;
    return count;
}

/* Is it within the two bounds, where they are there? */
static bool within(const json_t *schema, const char *low, const char *high, json_int_t number)
{
    const json_t *min = json_object_get(schema, low);
    const json_t *max = json_object_get(schema, high);

    return (min == NULL || number >= json_integer_value(min)) &&
           (max == NULL || number <= json_integer_value(max));
}

static bool fits_format(const char *format, struct hn_text text)
{
    const struct hn_time_defaults none = { 0 };

    if (format == NULL)
        return true;
    if (strcmp(format, "digest") == 0) {
        return text.len == 32 && hn_text_find_char(text, 'x', 0) == SIZE_MAX &&
               hn_text_find_char(text, 'X', 0) == SIZE_MAX &&
               hn_parse_hex64(hn_text_sub(text, 0, 16), &(uint64_t){ 0 }) &&
               hn_parse_hex64(hn_text_sub(text, 16, 16), &(uint64_t){ 0 });
    }
    /* "date-time": RFC 3339 has a T and a colon where other stamps that we read have not. */
    return text.len >= 20 && text.ptr[10] == 'T' && text.ptr[13] == ':' &&
           hn_time_parse(text, &none) != HN_TIME_NONE;
}

static const char *string_complaint(const json_t *schema, struct hn_text text)
{
    if (!within(schema, "minLength", "maxLength", (json_int_t)count_characters(text)))
        return "too short or too long";
    if (!fits_format(json_string_value(json_object_get(schema, "format")), text))
        return "not of the form that is wanted";
    return NULL;
}

/* NULL: nothing is wrong. */
static const char *own_complaint(const json_t *schema, const json_t *value)
{
    const json_t *list = json_object_get(schema, "enum");

    if (!fits_type(json_object_get(schema, "type"), value))
        return "of another type";
    if (list != NULL && !in_enum(list, value))
        return "not one of the values that are allowed";
    if (json_is_string(value))
        return string_complaint(
                schema, hn_text_of(json_string_value(value), json_string_length(value)));
    if (json_is_integer(value) && !within(schema, "minimum", "maximum", json_integer_value(value)))
        return "too small or too large";
    if (json_is_array(value) &&
            !within(schema, "minItems", "maxItems", (json_int_t)json_array_size(value)))
        return "too few or too many";
    if (json_is_object(value) &&
            !within(schema, "minProperties", "maxProperties", (json_int_t)json_object_size(value)))
        return "too few members";
    return NULL;
}

/* ---- What is in it ---- */

/* A value that is being looked into: the next of its members or items. */
struct level {
    const json_t *schema;
    const json_t *value;
    const char *key; /* the member last taken */
    size_t index;    /* the item to be taken */
};

struct walk {
    const json_t *document;
    struct level levels[API_SCHEMA_DEPTH_MAX];
    size_t depth;
};

/* Where the walk is, as a JSON pointer; what does not fit is left out at the front. */
static void write_place(const struct walk *walk, char *out, size_t room)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < walk->depth; i++) {
        const struct level *level = &walk->levels[i];
        int more = level->key != NULL ? snprintf(out + len, room - len, "/%s", level->key)
                                      : snprintf(out + len, room - len, "/%zu",
                                                level->index > 0 ? level->index - 1 : 0);

        if (more < 0 || (size_t)more >= room - len)
            return;
        len += (size_t)more;
    }
}

static bool complain(
        const struct walk *walk, const char *reason, const char *name, struct api_complaint *ret)
{
    write_place(walk, ret->place, sizeof ret->place);
    if (name == NULL)
        (void)snprintf(ret->reason, sizeof ret->reason, "%s", reason);
    else
        (void)snprintf(ret->reason, sizeof ret->reason, "%s: %.64s", reason, name);
    return false;
}

static const char *missing_member(const json_t *schema, const json_t *value)
{
    const json_t *required = json_object_get(schema, "required");

    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));

        if (json_object_get(value, name) == NULL)
            return name;
    }
    return NULL;
}

/* Looks at the value, and goes into it where there is something in it. */
static bool enter(
        struct walk *walk, const json_t *schema, const json_t *value, struct api_complaint *ret)
{
    const char *reason;
    const char *missing;

    schema = resolve(walk->document, schema);
    if (schema == NULL)
        return complain(walk, "the document refers to nothing", NULL, ret);
    reason = own_complaint(schema, value);
    if (reason != NULL)
        return complain(walk, reason, NULL, ret);
    missing = json_is_object(value) ? missing_member(schema, value) : NULL;
    if (missing != NULL)
        return complain(walk, "a member is missing", missing, ret);
    if (json_is_object(value) ? json_object_size(value) == 0 : json_array_size(value) == 0)
        return true;
    if (walk->depth == API_SCHEMA_DEPTH_MAX)
        return complain(walk, "nested too deep", NULL, ret);
    walk->levels[walk->depth++] = (struct level){ .schema = schema, .value = value };
    return true;
}

/* jansson's iterators take what is not const, and change nothing. */
static json_t *unconst(const json_t *value)
{
    json_t *plain;

    // NOLINTNEXTLINE(bugprone-sizeof-expression)
    memcpy(&plain, &value, sizeof plain);
    return plain;
}

static bool next_member(struct walk *walk, struct level *level, struct api_complaint *ret)
{
    json_t *object = unconst(level->value);
    void *at = level->key == NULL
                       ? json_object_iter(object)
                       : json_object_iter_next(object, json_object_iter_at(object, level->key));
    const json_t *schema;

    if (at == NULL) {
        walk->depth--;
        return true;
    }
    level->key = json_object_iter_key(at);
    schema = json_object_get(json_object_get(level->schema, "properties"), level->key);
    if (schema != NULL)
        return enter(walk, schema, json_object_iter_value(at), ret);
    if (json_is_true(json_object_get(level->schema, "additionalProperties")))
        return true;
    return complain(walk, "there is no such member", NULL, ret);
}

static bool next_item(struct walk *walk, struct level *level, struct api_complaint *ret)
{
    const json_t *schema = json_object_get(level->schema, "items");

    if (schema == NULL || level->index == json_array_size(level->value)) {
        walk->depth--;
        return true;
    }
    return enter(walk, schema, json_array_get(level->value, level->index++), ret);
}

bool api_schema_fits(const json_t *document, const json_t *schema, const json_t *value,
        struct api_complaint *ret_complaint)
{
    struct walk walk = { .document = document };
    bool fits = enter(&walk, schema, value, ret_complaint);

    while (fits && walk.depth > 0) {
        struct level *level = &walk.levels[walk.depth - 1];

        fits = json_is_object(level->value) ? next_member(&walk, level, ret_complaint)
                                            : next_item(&walk, level, ret_complaint);
    }
    return fits;
}

/* ---- Parameters ---- */

static bool text_in_enum(const json_t *list, struct hn_text text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *allowed = json_string_value(json_array_get(list, i));

        if (allowed != NULL && hn_text_eq(text, hn_text_cstr(allowed)))
            return true;
    }
    return list == NULL;
}

static const char *text_complaint(const json_t *schema, struct hn_text text)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    int64_t number;

    if (!hn_utf8_valid(hn_text_as_bytes(text)))
        return "not UTF-8";
    if (strcmp(type, "boolean") == 0) {
        return hn_text_eq(text, HN_TEXT("true")) || hn_text_eq(text, HN_TEXT("false"))
                       ? NULL
                       : "neither true nor false";
    }
    if (strcmp(type, "integer") == 0) {
        if (!hn_parse_i64(text, &number))
            return "not a whole number";
        return within(schema, "minimum", "maximum", number) ? NULL : "too small or too large";
    }
    if (!text_in_enum(json_object_get(schema, "enum"), text))
        return "not one of the values that are allowed";
    return string_complaint(schema, text);
}

bool api_schema_fits_text(
        const json_t *schema, struct hn_text text, struct api_complaint *ret_complaint)
{
    const char *reason = text_complaint(schema, text);

    ret_complaint->place[0] = '\0';
    if (reason != NULL)
        (void)snprintf(ret_complaint->reason, sizeof ret_complaint->reason, "%s", reason);
    return reason == NULL;
}
