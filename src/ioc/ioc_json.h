/* ioc_json.h - JSON documents of this module's readers, through Jansson, inside limits.
 *
 * Jansson goes down the nesting by recursion, so the depth is measured before it sees the text. */
#ifndef HN_IOC_IOC_JSON_H
#define HN_IOC_IOC_JSON_H

#include "ioc/ioc.h"

#include <jansson.h>

/* The document, to be given back with json_decref(). Ill-formed UTF-8 is replaced by U+FFFD, so that
 * one bad byte does not cost the file. */
HN_MUST_USE enum hn_status ioc_json_load(
        struct hn_bytes json, const struct ioc_limits *limits, json_t **ret_root, struct hn_err *err);

/* A member that is a string; else empty. */
struct hn_text ioc_json_text(const json_t *object, const char *key);
struct hn_text ioc_json_value(const json_t *string);
/* true, "1", "true". Missing is false. */
bool ioc_json_true(const json_t *object, const char *key);
/* A member that is an array of at least one item, or NULL. */
const json_t *ioc_json_array(const json_t *object, const char *key);

#endif
