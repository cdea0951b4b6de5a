/* sigma_codes.h - every kind of issue by its stable code; docs/lint.md explains each.
 *
 * The severity is that of the kind: a document with a SIGMA_REJECTED issue is not in the set. */
#ifndef HN_SIGMA_SIGMA_CODES_H
#define HN_SIGMA_SIGMA_CODES_H

#define CODE_LIST(X)                                                          \
    /* Documents that cannot be loaded. */                                    \
    X(CODE_YAML, SIGMA_REJECTED, "yaml")                                      \
    X(CODE_NOT_A_RULE, SIGMA_REJECTED, "not-a-rule")                          \
    X(CODE_BAD_ACTION, SIGMA_REJECTED, "bad-action")                          \
    X(CODE_BAD_TYPE, SIGMA_REJECTED, "bad-type")                              \
    X(CODE_NO_LOGSOURCE, SIGMA_REJECTED, "no-logsource")                      \
    X(CODE_NO_DETECTION, SIGMA_REJECTED, "no-detection")                      \
    X(CODE_NO_CONDITION, SIGMA_REJECTED, "no-condition")                      \
    X(CODE_EMPTY_SELECTION, SIGMA_REJECTED, "empty-selection")                \
    X(CODE_BAD_VALUE, SIGMA_REJECTED, "bad-value")                            \
    X(CODE_UNKNOWN_MODIFIER, SIGMA_REJECTED, "unknown-modifier")              \
    X(CODE_MODIFIER_ORDER, SIGMA_REJECTED, "modifier-order")                  \
    X(CODE_MODIFIER_VALUE, SIGMA_REJECTED, "modifier-value")                  \
    X(CODE_BAD_REGEX, SIGMA_REJECTED, "bad-regex")                            \
    X(CODE_BAD_NETWORK, SIGMA_REJECTED, "bad-network")                        \
    X(CODE_PLACEHOLDER, SIGMA_REJECTED, "placeholder")                        \
    X(CODE_BAD_KEYWORD, SIGMA_REJECTED, "bad-keyword")                        \
    X(CODE_TOO_LARGE, SIGMA_REJECTED, "too-large")                            \
    X(CODE_CONDITION_SYNTAX, SIGMA_REJECTED, "condition-syntax")              \
    X(CODE_UNKNOWN_SELECTION, SIGMA_REJECTED, "unknown-selection")            \
    X(CODE_EMPTY_SELECTOR, SIGMA_REJECTED, "empty-selector")                  \
    X(CODE_AGGREGATION, SIGMA_REJECTED, "aggregation")                        \
    X(CODE_BAD_FILTER, SIGMA_REJECTED, "bad-filter")                          \
    X(CODE_BAD_CORRELATION, SIGMA_REJECTED, "bad-correlation")                \
    X(CODE_UNKNOWN_RULE, SIGMA_REJECTED, "unknown-rule")                      \
    X(CODE_CORRELATION_CYCLE, SIGMA_REJECTED, "correlation-cycle")            \
    X(CODE_BAD_PIPELINE, SIGMA_REJECTED, "bad-pipeline")                      \
    X(CODE_PIPELINE_FAILURE, SIGMA_REJECTED, "pipeline-failure")              \
    X(CODE_NOTHING_LEFT, SIGMA_REJECTED, "nothing-left")                      \
    /* Rules that are loaded and can never fire. */                           \
    X(CODE_NEVER_FALSE, SIGMA_NEVER, "never-true")                            \
    X(CODE_NEVER_CONTRADICTION, SIGMA_NEVER, "contradiction")                 \
    X(CODE_NEVER_EMPTY_LIST, SIGMA_NEVER, "empty-list")                       \
    X(CODE_NEVER_BOUNDS, SIGMA_NEVER, "impossible-bounds")                    \
    /* What works, and is probably not what was meant. */                     \
    X(CODE_EMPTY_DOCUMENT, SIGMA_WARNING, "empty-document")                   \
    X(CODE_NO_TITLE, SIGMA_WARNING, "no-title")                               \
    X(CODE_TITLE_LENGTH, SIGMA_WARNING, "title-length")                       \
    X(CODE_NO_ID, SIGMA_WARNING, "no-id")                                     \
    X(CODE_BAD_ID, SIGMA_WARNING, "bad-id")                                   \
    X(CODE_DUPLICATE_ID, SIGMA_WARNING, "duplicate-id")                       \
    X(CODE_DUPLICATE_NAME, SIGMA_WARNING, "duplicate-name")                   \
    X(CODE_DUPLICATE_TITLE, SIGMA_WARNING, "duplicate-title")                 \
    X(CODE_BAD_STATUS, SIGMA_WARNING, "bad-status")                           \
    X(CODE_BAD_LEVEL, SIGMA_WARNING, "bad-level")                             \
    X(CODE_NO_LEVEL, SIGMA_WARNING, "no-level")                               \
    X(CODE_BAD_DATE, SIGMA_WARNING, "bad-date")                               \
    X(CODE_BAD_TAG, SIGMA_WARNING, "bad-tag")                                 \
    X(CODE_UNKNOWN_TAG, SIGMA_WARNING, "unknown-tag")                         \
    X(CODE_DUPLICATE_TAG, SIGMA_WARNING, "duplicate-tag")                     \
    X(CODE_DUPLICATE_REFERENCE, SIGMA_WARNING, "duplicate-reference")         \
    X(CODE_BAD_RELATED, SIGMA_WARNING, "bad-related")                         \
    X(CODE_BAD_META, SIGMA_WARNING, "bad-metadata")                           \
    X(CODE_MISSPELT_KEY, SIGMA_WARNING, "misspelt-key")                       \
    X(CODE_BAD_CONTEXT, SIGMA_WARNING, "bad-context")                         \
    X(CODE_LOGSOURCE_FORM, SIGMA_WARNING, "logsource-form")                   \
    X(CODE_UNKNOWN_LOGSOURCE, SIGMA_WARNING, "unknown-logsource")             \
    X(CODE_SPECIFIC_LOGSOURCE, SIGMA_WARNING, "specific-logsource")           \
    X(CODE_UNKNOWN_FIELD, SIGMA_WARNING, "unknown-field")                     \
    X(CODE_FIELD_SPACE, SIGMA_WARNING, "field-space")                         \
    X(CODE_UNUSED_SELECTION, SIGMA_WARNING, "unused-selection")               \
    X(CODE_ALL_OF_THEM, SIGMA_WARNING, "all-of-them")                         \
    X(CODE_SINGLE_OF, SIGMA_WARNING, "single-of")                             \
    X(CODE_SINGLE_ALL, SIGMA_WARNING, "single-all")                           \
    X(CODE_ALL_WITHOUT_CONTAINS, SIGMA_WARNING, "all-without-contains")       \
    X(CODE_OFFSET_WITHOUT_CONTAINS, SIGMA_WARNING, "offset-without-contains") \
    X(CODE_REPEATED_MODIFIER, SIGMA_WARNING, "repeated-modifier")             \
    X(CODE_NULL_IN_LIST, SIGMA_WARNING, "null-in-list")                       \
    X(CODE_DUPLICATE_VALUE, SIGMA_WARNING, "duplicate-value")                 \
    X(CODE_NUMBER_AS_TEXT, SIGMA_WARNING, "number-as-text")                   \
    X(CODE_TEXT_AS_NUMBER, SIGMA_WARNING, "text-as-number")                   \
    X(CODE_HEX_NUMBER, SIGMA_WARNING, "hex-number")                           \
    X(CODE_YAML_WORD, SIGMA_WARNING, "yaml-word")                             \
    X(CODE_CONTROL_CHARACTER, SIGMA_WARNING, "control-character")             \
    X(CODE_DOUBLE_WILDCARD, SIGMA_WARNING, "double-wildcard")                 \
    X(CODE_WILDCARD_MODIFIER, SIGMA_WARNING, "wildcard-modifier")             \
    X(CODE_MATCHES_ALL, SIGMA_WARNING, "matches-all")                         \
    X(CODE_ESCAPED_WILDCARD, SIGMA_WARNING, "escaped-wildcard")               \
    X(CODE_BACKSLASH, SIGMA_WARNING, "backslash")                             \
    X(CODE_REGEX_NEEDLESS, SIGMA_WARNING, "regex-needless")                   \
    X(CODE_REGEX_FLAVOUR, SIGMA_WARNING, "regex-flavour")                     \
    X(CODE_HOST_BITS, SIGMA_WARNING, "host-bits")                             \
    X(CODE_PLACEHOLDER_TEXT, SIGMA_WARNING, "placeholder-text")               \
    X(CODE_TIMEFRAME, SIGMA_WARNING, "timeframe")                             \
    X(CODE_AGGREGATION_OLD, SIGMA_WARNING, "old-aggregation")                 \
    X(CODE_FILTER_UNUSED, SIGMA_WARNING, "filter-unused")                     \
    X(CODE_FILTER_NARROWS, SIGMA_WARNING, "filter-narrows")                   \
    X(CODE_CORRELATION_GROUP, SIGMA_WARNING, "no-group-by")                   \
    X(CODE_CORRELATION_ALIAS, SIGMA_WARNING, "alias")                         \
    X(CODE_PERCENTILE, SIGMA_WARNING, "percentile")                           \
    X(CODE_SILENCED, SIGMA_WARNING, "silenced")                               \
    X(CODE_PIPELINE_IGNORED, SIGMA_WARNING, "pipeline-ignored")

enum sigma_code {
#define CODE_ENUM(name, severity, text) name,
    CODE_LIST(CODE_ENUM)
#undef CODE_ENUM
            CODE_COUNT
};

#endif
