/* api_schema.h - does a JSON value fit a schema of our own document?
 *
 * Of JSON Schema 2020-12: type (one or a list), enum, properties, required, minProperties,
 * additionalProperties, items, minItems, maxItems, minLength, maxLength, minimum, maximum, $ref to
 * "#/components/schemas/<name>", and format "date-time" and "digest" (32 hexadecimal digits).
 * Members that the schema does not name are refused unless additionalProperties is true.
 *
 * Concurrency: pure; a schema is only read. Memory: none.
 * Limits: a value is followed as deep as the schema goes, at most API_SCHEMA_DEPTH_MAX. */
#ifndef HN_API_API_SCHEMA_H
#define HN_API_API_SCHEMA_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <jansson.h>
#include <stdbool.h>

#define API_SCHEMA_DEPTH_MAX 12

/* Why a value does not fit. */
struct api_complaint {
    char place[128]; /* "/change/status"; empty: the whole */
    char reason[128];
};

/* Uses nothing but the above, and no deeper: asked of every schema at the start. */
HN_MUST_USE enum hn_status api_schema_check(
        const json_t *document, const json_t *schema, struct hn_err *err);
bool api_schema_fits(const json_t *document, const json_t *schema, const json_t *value,
        struct api_complaint *ret_complaint);
/* The same of a parameter's text, read as the type that the schema names. */
bool api_schema_fits_text(
        const json_t *schema, struct hn_text text, struct api_complaint *ret_complaint);

#endif
