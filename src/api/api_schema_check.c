/* api_schema_check.c - is a schema one that api_schema.c understands? What it does not understand
 * would be passed over in silence, which in a check is a hole. */
#include "api/api_schema.h"

#include "base/attr.h"

#include <string.h>

static const char *const known[] = { "type", "enum", "properties", "required", "minProperties",
    "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "minimum",
    "maximum", "format", "description", "$ref" };

static bool is_known(const char *name)
{
    for (size_t i = 0; i < HN_COUNT_OF(known); i++) {
        if (strcmp(known[i], name) == 0)
            return true;
    }
    return false;
}

struct pending {
    const json_t *schema;
    size_t depth;
};

#define PENDING_MAX 256

struct check {
    const json_t *document;
    struct pending pending[PENDING_MAX];
    size_t count;
};

static bool put(struct check *check, const json_t *schema, size_t depth)
{
    if (check->count == PENDING_MAX || depth > API_SCHEMA_DEPTH_MAX)
        return false;
    check->pending[check->count++] = (struct pending){ schema, depth };
    return true;
}

static const json_t *referred(const json_t *document, const char *ref)
{
    const char *name = strrchr(ref, '/');

    return name == NULL ? NULL
                        : json_object_get(json_object_get(json_object_get(document, "components"),
                                                  "schemas"),
                                  name + 1);
}

/* Puts what hangs on a schema. */
static enum hn_status check_one(struct check *check, struct pending at, struct hn_err *err)
{
    const char *ref = json_string_value(json_object_get(at.schema, "$ref"));
    const json_t *items = json_object_get(at.schema, "items");
    const char *name;
    json_t *value;
    json_t *plain;
    bool fine = true;

    // NOLINTNEXTLINE(bugprone-sizeof-expression)
    memcpy(&plain, &at.schema, sizeof plain); /* jansson's iterators only read */
    json_object_foreach(plain, name, value)
    {
        if (!is_known(name))
            return hn_fail(err, HN_SYNTAX, 0, "schema: %s is not understood", name);
    }
    if (ref != NULL) {
        const json_t *target = referred(check->document, ref);

        if (target == NULL)
            return hn_fail(err, HN_SYNTAX, 0, "schema: %s is not there", ref);
        fine = put(check, target, at.depth + 1);
    } else if (json_object_get(at.schema, "type") == NULL) {
        return hn_fail(err, HN_SYNTAX, 0, "schema: one without a type");
    }
    if (items != NULL)
        fine = fine && put(check, items, at.depth + 1);
    json_object_foreach(json_object_get(at.schema, "properties"), name, value) fine =
            fine && put(check, value, at.depth + 1);
    return fine ? HN_OK : hn_fail(err, HN_SYNTAX, 0, "schema: nested too deep");
}

enum hn_status api_schema_check(const json_t *document, const json_t *schema, struct hn_err *err)
{
    struct check check = { .document = document };
    enum hn_status status = HN_OK;

    if (!put(&check, schema, 0))
        return hn_fail(err, HN_LIMIT, 0, "schema");
    while (status == HN_OK && check.count > 0)
        status = check_one(&check, check.pending[--check.count], err);
    return status;
}
