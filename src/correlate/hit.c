/* hit.c - hits: their order, their times, as bytes and back, and out of events. */
#include "correlate/correlate_internal.h"
#include "correlate/wire.h"

#include "base/utf.h"

#include <assert.h>

int correlate_hit_compare(const struct correlate_hit *a, const struct correlate_hit *b)
{
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return 0;
}

hn_time correlate_stamp(struct correlate_stamper *stamper, hn_time time)
{
    bool none = time == HN_TIME_NONE;

    if (!none && !(stamper->has_horizon && time > stamper->horizon)) {
        stamper->last = time;
        stamper->has_last = true;
        return time;
    }
    if (none)
        stamper->timeless++;
    else
        stamper->ahead++;
    return stamper->has_last ? stamper->last : 0;
}

void correlate_hit_write(const struct correlate_hit *hit, struct hn_buf *out)
{
    assert(hit->value_count <= CORRELATE_VALUES_MAX);
    put_u64(out, (uint64_t)hit->time);
    put_u64(out, hit->order);
    put_u64(out, hit->ref);
    put_u32(out, hit->rule);
    put_u32(out, hit->value_count);
    for (uint32_t i = 0; i < hit->value_count; i++) {
        put_u32(out, hit->values[i].field);
        put_text(out, hn_text_sub(hit->values[i].text, 0, CORRELATE_TEXT_MAX));
    }
}

enum hn_status correlate_hit_read(
        struct hn_reader *in, struct correlate_hit_box *ret_box, struct hn_err *err)
{
    size_t start = hn_reader_offset(in);
    struct correlate_hit hit = { 0 };
    uint32_t field = 0;

    hit.time = (hn_time)hn_reader_u64(in);
    hit.order = hn_reader_u64(in);
    hit.ref = hn_reader_u64(in);
    hit.rule = hn_reader_u32(in);
    hit.value_count = hn_reader_u32(in);
    if (!hn_reader_ok(in))
        return hn_fail(err, HN_TRUNCATED, start, "rule hit is cut off");
    if (hit.value_count > CORRELATE_VALUES_MAX)
        return hn_fail(err, HN_CORRUPT, start, "rule hit has %u values", hit.value_count);
    for (uint32_t i = 0; i < hit.value_count; i++) {
        struct correlate_value *value = &ret_box->values[i];

        value->field = hn_reader_u32(in);
        value->text = get_text(in);
        if (!hn_reader_ok(in))
            return hn_fail(err, HN_TRUNCATED, start, "rule hit is cut off");
        if (value->field < field || value->text.len > CORRELATE_TEXT_MAX)
            return hn_fail(err, HN_CORRUPT, start, "rule hit is not as it was written");
        field = value->field;
    }
    hit.values = ret_box->values;
    ret_box->hit = hit;
    return HN_OK;
}

/* ---- Out of events ---- */

enum hn_status correlate_plan_bind(struct correlate_plan *plan, struct hn_schema *schema)
{
    for (uint32_t i = 0; i < plan->set->rule_count; i++) {
        struct plan_node *node = &plan->nodes[i];

        node->numbers = hn_new(&plan->arena, hn_field, node->fields.count + 1);
        if (node->numbers == NULL)
            return HN_NOMEM;
        for (size_t k = 0; k < node->fields.count; k++) {
            node->numbers[k] = hn_schema_want(schema, node->fields.ptr[k]);
            if (node->numbers[k] == HN_FIELD_NONE)
                return HN_NOMEM;
        }
    }
    return HN_OK;
}

void correlate_hit_fill(const struct correlate_plan *plan, uint32_t rule, struct hn_event *event,
        struct correlate_hit_box *box)
{
    const struct plan_node *node = &plan->nodes[rule];
    uint32_t count = 0;

    assert(rule < plan->set->rule_count && node->numbers != NULL);
    for (uint32_t i = 0; i < node->fields.count; i++) {
        uint32_t index = hn_event_first(event, node->numbers[i]);

        for (; index != HN_VALUE_NONE && count < CORRELATE_VALUES_MAX;
                index = hn_event_next(event, index)) {
            if (event->values[index].type == HN_TYPE_NULL)
                continue;
            box->values[count].field = i;
            box->values[count++].text =
                    hn_text_sub(hn_event_text(event, index), 0, CORRELATE_TEXT_MAX);
        }
    }
    memset(&box->hit, 0, sizeof box->hit);
    box->hit.rule = rule;
    box->hit.values = box->values;
    box->hit.value_count = count;
}
