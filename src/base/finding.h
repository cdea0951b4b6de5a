/* finding.h - odd or damaged input as evidence: what, where, how often.
 *
 * A finding is not an error: the rest goes on, and the finding is reported with the result.
 * Kinds are one list, so that counters, texts and documentation cannot drift apart.
 * Concurrency: values. */
#ifndef HN_BASE_FINDING_H
#define HN_BASE_FINDING_H

#include <stdint.h>

#define HN_FINDING_LIST(X)                                                                        \
    X(HN_FINDING_UNDECODABLE, "undecodable", "unit of input could not be decoded")                \
    X(HN_FINDING_TRUNCATED, "truncated", "input ends in the middle of an event")                  \
    X(HN_FINDING_TOO_LONG, "too_long", "event longer than the limit was skipped")                 \
    X(HN_FINDING_TOO_DEEP, "too_deep", "nesting deeper than the limit")                           \
    X(HN_FINDING_INVALID_UTF8, "invalid_utf8", "text is not valid UTF-8")                         \
    X(HN_FINDING_NUL, "nul", "NUL bytes in text")                                                 \
    X(HN_FINDING_CHECKSUM, "checksum", "checksum does not match")                                 \
    X(HN_FINDING_DAMAGED_HEADER, "damaged_header", "file or chunk header is damaged")             \
    X(HN_FINDING_DAMAGED_RECORD, "damaged_record", "record is damaged")                           \
    X(HN_FINDING_RECOVERED, "recovered", "record recovered from a damaged or unused area")        \
    X(HN_FINDING_GAP, "gap", "record numbers are missing")                                        \
    X(HN_FINDING_DIRTY, "dirty", "file was not closed properly")                                  \
    X(HN_FINDING_DUPLICATE_KEY, "duplicate_key", "a name occurs twice in one event")              \
    X(HN_FINDING_NO_TIME, "no_time", "event has no readable time")                                \
    X(HN_FINDING_FIELD_COUNT, "field_count", "line has another number of fields than its header") \
    X(HN_FINDING_UNKNOWN_FORMAT, "unknown_format", "no decoder recognises the format")            \
    X(HN_FINDING_BOMB, "bomb", "compressed data expands past the limit")                          \
    X(HN_FINDING_PASSWORD, "password", "encrypted, and no password fits")                         \
    X(HN_FINDING_REGEX_LIMIT, "regex_limit", "a regular expression reached its match limit")      \
    X(HN_FINDING_UNREADABLE, "unreadable", "could not be read")                                   \
    X(HN_FINDING_INCOMPLETE, "incomplete", "parts of an event are missing")

enum hn_finding_kind {
#define HN_FINDING_ENUM(name, id, text) name,
    HN_FINDING_LIST(HN_FINDING_ENUM)
#undef HN_FINDING_ENUM
            HN_FINDING_COUNT
};

struct hn_finding {
    enum hn_finding_kind kind;
    uint64_t offset; /* bytes from the start of the stream */
    uint64_t line;   /* counted from 1; 0: not a line-based format */
};

/* Stable id ("checksum") and an English sentence part. Never NULL. */
const char *hn_finding_id(enum hn_finding_kind kind);
const char *hn_finding_text(enum hn_finding_kind kind);

#endif
