/* interpret.c - the plain interpreter: items by their values, the condition by its tree.
 *
 * The meaning of every kind of value is in docs/sigma.md; interpret_value.c has each in a few
 * lines. Nothing here is fast, and nothing is clever. */
#include "match/interpret_internal.h"

#include <assert.h>

const char *match_why_text(enum match_why why)
{
    static const char *const texts[] = {
#define WHY_TEXT(name, text) [name] = (text),
        MATCH_WHY_LIST(WHY_TEXT)
#undef WHY_TEXT
    };

    return texts[why];
}

void match_trace_init(struct match_trace *trace)
{
    memset(trace, 0, sizeof *trace);
}

void match_trace_deinit(struct match_trace *trace)
{
    hn_vec_deinit(&trace->selections);
    hn_vec_deinit(&trace->items);
    hn_vec_deinit(&trace->values);
    match_trace_init(trace);
}

/* ---- Values of a field ---- */

static void find_named(struct event_values *values)
{
    const struct hn_event *event = values->event;

    values->index = HN_VALUE_NONE;
    while (values->next_named < event->named.count) {
        const struct hn_named *named = &event->named.ptr[values->next_named++];

        if (values->wanted.ptr != NULL && !hn_text_eq(named->name, values->wanted))
            continue;
        values->index = named->index;
        values->name = named->name;
        return;
    }
}

struct event_values event_values_of(struct hn_event *event, struct hn_text field)
{
    struct event_values values = { .event = event, .index = HN_VALUE_NONE, .name = field };
    hn_field number;
    uint32_t first;

    if (field.len == 0) { /* a keyword: everything that the event itself holds */
        find_named(&values);
        return values;
    }
    number = hn_schema_find(event->schema, field);
    if (number != HN_FIELD_NONE) {
        values.by_slot = true;
        values.index = hn_event_first(event, number);
        return values;
    }
    first = hn_event_find_name(event, field); /* perhaps under another name */
    for (size_t i = 0; first != HN_VALUE_NONE && i < event->named.count; i++) {
        if (event->named.ptr[i].index != first)
            continue;
        values.wanted = event->named.ptr[i].name;
        values.next_named = i;
        find_named(&values);
        break;
    }
    return values;
}

void event_values_next(struct event_values *values)
{
    if (values->by_slot)
        values->index = hn_event_next(values->event, values->index);
    else
        find_named(values);
}

/* ---- One value of a rule ---- */

static void note(struct match_value_trace *out, const struct verdict *verdict, struct hn_text field,
        struct hn_text text)
{
    out->matched = verdict->matched;
    out->why = verdict->why;
    out->field = field;
    out->text = text;
    out->start = verdict->start;
    out->len = verdict->len;
}

static bool is_null(const struct hn_event *event, uint32_t index)
{
    return event->values[index].type == HN_TYPE_NULL;
}

/* A keyword fits when any value of the event holds it, or the line as it was logged. */
static void keyword(const struct sigma_item *item, const struct sigma_value *value,
        struct hn_event *event, bool ranges, struct match_value_trace *out)
{
    struct event_values values = event_values_of(event, item->field);
    struct hn_text raw = hn_bytes_as_text(event->raw);
    struct verdict verdict;

    out->why = MATCH_DIFFERS;
    for (; values.index != HN_VALUE_NONE; event_values_next(&values)) {
        if (is_null(event, values.index))
            continue;
        verdict = interpret_value(item, value, event, values.index, ranges);
        if (verdict.matched) {
            note(out, &verdict, values.name, hn_event_text(event, values.index));
            return;
        }
    }
    if (!event->raw_is_text || event->raw_is_json)
        return;
    verdict = interpret_raw(value, event, raw);
    if (verdict.matched)
        note(out, &verdict, HN_TEXT(""), raw);
}

static void exists(const struct sigma_item *item, const struct sigma_value *value,
        struct hn_event *event, struct match_value_trace *out)
{
    struct event_values values = event_values_of(event, item->field);
    bool present = values.index != HN_VALUE_NONE;

    out->field = values.name;
    out->matched = present == value->as.exists;
    out->why = present ? MATCH_PRESENT : MATCH_ABSENT;
    if (present)
        out->text = hn_event_text(event, values.index);
}

/* Null is the absence of a value: no field, or one that says so. */
static void null(
        const struct sigma_item *item, struct hn_event *event, struct match_value_trace *out)
{
    struct event_values values = event_values_of(event, item->field);

    out->field = values.name;
    out->matched = values.index == HN_VALUE_NONE;
    out->why = out->matched ? MATCH_ABSENT : MATCH_DIFFERS;
    for (; values.index != HN_VALUE_NONE; event_values_next(&values)) {
        out->text = hn_event_text(event, values.index);
        if (is_null(event, values.index)) {
            out->matched = true;
            out->why = MATCH_NULL;
            return;
        }
    }
}

/* Any value of one field against any value of the other. */
static void reference(const struct sigma_item *item, const struct sigma_value *value,
        struct hn_event *event, struct match_value_trace *out)
{
    struct event_values values = event_values_of(event, item->field);

    out->field = values.name;
    out->why = MATCH_ABSENT;
    for (; values.index != HN_VALUE_NONE; event_values_next(&values)) {
        struct event_values others = event_values_of(event, value->as.fieldref.field);

        out->why = others.index == HN_VALUE_NONE ? MATCH_OTHER_ABSENT : MATCH_DIFFERS;
        for (; others.index != HN_VALUE_NONE; event_values_next(&others)) {
            struct verdict verdict;

            if (is_null(event, values.index) || is_null(event, others.index))
                continue;
            verdict = interpret_reference(value, event, values.index, others.index);
            if (verdict.matched) {
                note(out, &verdict, values.name, hn_event_text(event, values.index));
                return;
            }
        }
    }
}

static void compare(const struct sigma_item *item, const struct sigma_value *value,
        struct hn_event *event, bool ranges, struct match_value_trace *out)
{
    struct event_values values = event_values_of(event, item->field);

    out->field = values.name;
    out->why = MATCH_ABSENT;
    for (; values.index != HN_VALUE_NONE; event_values_next(&values)) {
        struct verdict verdict = { .why = MATCH_NULL };

        if (!is_null(event, values.index))
            verdict = interpret_value(item, value, event, values.index, ranges);
        note(out, &verdict, values.name, hn_event_text(event, values.index));
        if (verdict.matched)
            return;
    }
}

static struct match_value_trace run_value(const struct sigma_item *item,
        const struct sigma_value *value, struct hn_event *event, bool ranges)
{
    struct match_value_trace out = { .value = value, .field = item->field };

    if (item->field.len == 0)
        keyword(item, value, event, ranges, &out);
    else if (value->kind == SIGMA_EXISTS)
        exists(item, value, event, &out);
    else if (value->kind == SIGMA_NULL)
        null(item, event, &out);
    else if (value->kind == SIGMA_FIELDREF)
        reference(item, value, event, &out);
    else
        compare(item, value, event, ranges, &out);
    return out;
}

/* ---- Items ---- */

static bool run_item(const struct sigma_item *item, struct hn_event *event)
{
    for (uint32_t i = 0; i < item->value_count; i++) {
        if (run_value(item, &item->values[i], event, false).matched)
            return true;
    }
    return false;
}

static void trace_item(
        const struct sigma_item *item, struct hn_event *event, struct match_trace *trace)
{
    struct match_item_trace *out = hn_vec_add(&trace->items);
    bool matched = false;

    if (out == NULL) {
        trace->incomplete = true;
        return;
    }
    out->item = item;
    out->first_value = (uint32_t)trace->values.count;
    for (uint32_t i = 0; i < item->value_count; i++) {
        struct match_value_trace *value = hn_vec_add(&trace->values);

        if (value == NULL) {
            trace->incomplete = true;
            return;
        }
        *value = run_value(item, &item->values[i], event, true);
        matched = matched || value->matched;
        out->value_count++;
    }
    out->matched = matched;
}

/* ---- Conditions ---- */

struct frame {
    const struct sigma_node *node;
    uint32_t next; /* child to look at */
    bool value;    /* so far: true for AND, false for OR */
};

static bool leaf(const struct sigma_node *node, struct hn_event *event)
{
    switch (node->kind) {
    case SIGMA_ITEM:
        return run_item(node->item, event);
    case SIGMA_TRUE:
        return true;
    case SIGMA_FALSE:
    case SIGMA_AND:
    case SIGMA_OR:
    case SIGMA_NOT:
        break;
    }
    return false;
}

/* The value of a node; children in order, until one decides. */
static bool run_tree(const struct sigma_node *root, struct hn_event *event)
{
    struct frame frames[SIGMA_TREE_DEPTH_MAX];
    uint32_t depth = 0;
    bool value = false;

    frames[depth++] = (struct frame){ root, 0, root->kind == SIGMA_AND };
    while (depth > 0) {
        struct frame *frame = &frames[depth - 1];
        const struct sigma_node *node = frame->node;
        bool decided = (node->kind == SIGMA_AND && !frame->value) ||
                       (node->kind == SIGMA_OR && frame->value);

        if (frame->next < node->count && !decided) {
            const struct sigma_node *child = node->children[frame->next++];

            assert(depth < SIGMA_TREE_DEPTH_MAX);
            frames[depth++] = (struct frame){ child, 0, child->kind == SIGMA_AND };
            continue;
        }
        value = node->count == 0 ? leaf(node, event) : frame->value;
        depth--;
        if (depth == 0)
            break;
        frame = &frames[depth - 1];
        frame->value = frame->node->kind == SIGMA_NOT ? !value : value;
    }
    return value;
}

bool match_interpret(
        const struct sigma_rule *rule, struct hn_event *event, struct match_trace *trace)
{
    bool fits = hn_source_fits(&event->source, &rule->logsource);
    bool matched;

    if (trace == NULL)
        return fits && run_tree(rule->condition, event);
    hn_vec_reset(&trace->selections);
    hn_vec_reset(&trace->items);
    hn_vec_reset(&trace->values);
    trace->incomplete = false;
    matched = run_tree(rule->condition, event);
    trace->fits_source = fits;
    trace->matched = fits && matched;
    for (uint32_t i = 0; i < rule->item_count; i++)
        trace_item(&rule->items[i], event, trace);
    for (uint32_t i = 0; i < rule->selection_count; i++) {
        struct match_selection_trace *selection = hn_vec_add(&trace->selections);

        if (selection == NULL) {
            trace->incomplete = true;
            break;
        }
        selection->selection = &rule->selections[i];
        selection->matched = run_tree(rule->selections[i].node, event);
    }
    return trace->matched;
}
