/* alert_internal.h - shared by the writers of src/alert. */
#ifndef HN_ALERT_ALERT_INTERNAL_H
#define HN_ALERT_ALERT_INTERNAL_H

#include "alert/alert.h"
#include "base/json_out.h"

/* What a writer remembers of a rule, by kind and number. */
struct rule_text {
    struct hn_text json; /* members of the alert that come from the rule, "rule":{...},... */
};

struct alert_writer {
    enum alert_format format;
    const struct hn_zone *zone;
    struct hn_arena arena;             /* of the rule texts */
    HN_VEC(struct rule_text) rules[2]; /* ALERT_RULE, ALERT_CORRELATION */
    struct hn_buf scratch;
};

void alert_raw_json(const struct hn_event *event, struct hn_buf *out);
/* A field's values from the first on: one value, or an array. */
void alert_values_json(struct hn_event *event, uint32_t first, struct hn_buf *out);

void write_jsonl(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out);
void write_csv(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out);
void write_ocsf(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out);

/* What was put together in scratch is incomplete: so is the alert. */
HN_INLINE void fail_with(struct hn_buf *out, const struct hn_buf *scratch)
{
    if (hn_buf_ok(out))
        out->status = scratch->status;
}

/* Shared pieces. */
void write_time_member(
        struct hn_json_out *json, struct hn_text key, hn_time time, const struct hn_zone *zone);
/* Nothing for an empty text. */
void write_text_member(struct hn_json_out *json, struct hn_text key, struct hn_text text);
void write_matches_member(
        struct hn_json_out *json, const struct alert_match *matches, uint32_t count);
void write_range_members(struct hn_json_out *json, const struct alert_match *match);
/* "logsource" and "input" */
void write_place_members(struct hn_json_out *json, const struct hn_source *source,
        struct hn_text file, uint64_t offset, uint64_t line);
/* A CSV cell and its comma; empty when the time is not known. */
void write_time_cell(struct hn_buf *out, hn_time time, const struct hn_zone *zone);
void write_texts_member(struct hn_json_out *json, struct hn_text key, struct sigma_texts texts);

#endif
