/* history_near.h - which events are shown around an alert; see history_near.c. */
#ifndef HN_HISTORY_HISTORY_NEAR_H
#define HN_HISTORY_HISTORY_NEAR_H

#include "history/history_internal.h"

struct near_list {
    struct history_context *context;
    hn_time at;     /* of the alert */
    uint32_t limit; /* of each relation */
    bool failed;    /* out of memory */
};

bool history_near_same_host(struct hn_text a, struct hn_text b);
/* Bits of enum history_relation; fields: those of alert_address_names. */
uint32_t history_near_relations(
        const struct history_about *about, struct hn_event *event, const hn_field *fields);
/* Counts the event. The place for it among those shown, whose offset and index are to be filled
 * in; NULL: others are nearer. */
struct history_near *history_near_add(
        struct near_list *list, hn_time time, uint32_t relations, bool self);
void history_near_sort_by_time(struct history_context *context);
void history_near_sort_by_place(struct history_context *context);
/* Those that could not be written are not shown. */
void history_near_drop_empty(struct history_context *context);

#endif
