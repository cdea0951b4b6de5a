/* explain_json.c - an explanation as one JSON object; the tree as a flat list with parents, because
 * conditions may nest deeper than readers of JSON like. */
#include "app/explain_show.h"

#include "base/json_out.h"

static const char *kind_name(enum sigma_node_kind kind)
{
    switch (kind) {
    case SIGMA_AND:
        return "and";
    case SIGMA_OR:
        return "or";
    case SIGMA_NOT:
        return "not";
    case SIGMA_ITEM:
        return "item";
    case SIGMA_TRUE:
        return "true";
    case SIGMA_FALSE:
        break;
    }
    return "false";
}

static void pair_bool(struct hn_json_out *json, const char *key, bool value)
{
    hn_json_key(json, hn_text_cstr(key));
    hn_json_bool(json, value);
}

static void optional(struct hn_json_out *json, const char *key, struct hn_text value)
{
    if (value.len == 0)
        return;
    hn_json_key(json, hn_text_cstr(key));
    hn_json_text(json, value);
}

static void labels(struct hn_json_out *json, const char *key, const struct hn_text *labels_of)
{
    hn_json_key(json, hn_text_cstr(key));
    hn_json_open(json, '[');
    for (size_t i = 0; i < HN_LABELS_MAX && labels_of[i].len > 0; i++)
        hn_json_text(json, labels_of[i]);
    hn_json_close(json, ']');
}

static void source_member(const struct explain_view *view, struct hn_json_out *json)
{
    const struct hn_logsource *wanted = &view->explanation->rule->logsource;

    hn_json_key(json, HN_TEXT("logsource"));
    hn_json_open(json, '{');
    pair_bool(json, "fits", view->explanation->trace.fits_source);
    hn_json_key(json, HN_TEXT("rule"));
    hn_json_open(json, '{');
    optional(json, "product", wanted->product);
    optional(json, "category", wanted->category);
    optional(json, "service", wanted->service);
    hn_json_close(json, '}');
    hn_json_key(json, HN_TEXT("event"));
    hn_json_open(json, '{');
    optional(json, "product", view->event->source.product);
    labels(json, "category", view->event->source.category);
    labels(json, "service", view->event->source.service);
    hn_json_close(json, '}');
    hn_json_close(json, '}');
}

/* What the event holds for the field, or under which names it was looked for. */
static void field_members(
        const struct explain_view *view, struct hn_text name, struct hn_json_out *json)
{
    struct explain_field field = explain_field(view->event, name);
    struct hn_other_name names[HN_OTHER_NAMES_MAX];
    hn_field number = hn_schema_find(view->event->schema, name);
    uint32_t count = 0;

    pair_bool(json, "present", field.present);
    if (field.present) {
        optional(json, "logged_as", field.logged_as);
        hn_json_key(json, HN_TEXT("event_values"));
        hn_json_open(json, '[');
        for (uint32_t i = field.first; i != HN_VALUE_NONE; i = hn_event_next(view->event, i)) {
            if (view->event->values[i].type == HN_TYPE_NULL)
                hn_json_null(json);
            else
                hn_json_text(json, hn_event_text(view->event, i));
        }
        hn_json_close(json, ']');
        return;
    }
    if (number != HN_FIELD_NONE)
        count = hn_event_other_names(view->event, number, names);
    hn_json_key(json, HN_TEXT("also_tried"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < count; i++)
        hn_json_text(json, names[i].name);
    hn_json_close(json, ']');
}

static void value_object(const struct match_value_trace *value, struct hn_json_out *json)
{
    hn_json_open(json, '{');
    hn_json_pair(json, "pattern", value->value->written);
    pair_bool(json, "matched", value->matched);
    hn_json_pair(json, "why", hn_text_cstr(match_why_text(value->why)));
    if (value->matched && value->why == MATCH_FITS) {
        hn_json_pair(json, "field", value->field);
        hn_json_pair(json, "value", value->text);
        hn_json_pair_u64(json, "start", value->start);
        hn_json_pair_u64(json, "length", value->len);
    }
    hn_json_close(json, '}');
}

static void node_object(
        const struct explain_view *view, const struct explain_node *node, struct hn_json_out *json)
{
    hn_json_open(json, '{');
    hn_json_pair(json, "kind", hn_text_cstr(kind_name(node->kind)));
    hn_json_key(json, HN_TEXT("parent"));
    if (node->parent == EXPLAIN_NONE)
        hn_json_null(json);
    else
        hn_json_u64(json, node->parent);
    pair_bool(json, "holds", node->holds);
    pair_bool(json, "decides", node->decides);
    if (node->selection != NULL)
        hn_json_pair(json, "selection", node->selection->name);
    if (node->item != NULL) {
        const struct match_item_trace *item = node->item;

        optional(json, "field", item->item->field);
        optional(json, "modifiers", item->item->modifiers);
        if (item->item->field.len > 0)
            field_members(view, item->item->field, json);
        hn_json_key(json, HN_TEXT("patterns"));
        hn_json_open(json, '[');
        for (uint32_t i = 0; i < item->value_count; i++)
            value_object(&view->explanation->trace.values.ptr[item->first_value + i], json);
        hn_json_close(json, ']');
    }
    hn_json_close(json, '}');
}

void explain_show_json(const struct explain_view *view, struct hn_buf *out)
{
    const struct sigma_meta *meta = &view->explanation->rule->meta;
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_key(&json, HN_TEXT("rule"));
    hn_json_open(&json, '{');
    optional(&json, "id", meta->id);
    hn_json_pair(&json, "title", meta->title);
    hn_json_pair(&json, "file", meta->place.file);
    hn_json_pair_u64(&json, "line", meta->place.line);
    hn_json_close(&json, '}');
    hn_json_key(&json, HN_TEXT("event"));
    hn_json_open(&json, '{');
    optional(&json, "file", view->file);
    hn_json_pair_u64(&json, "number", view->number);
    hn_json_pair_u64(&json, "offset", view->event->offset);
    if (view->event->line > 0)
        hn_json_pair_u64(&json, "line", view->event->line);
    hn_json_close(&json, '}');
    pair_bool(&json, "fires", view->explanation->trace.matched);
    hn_json_key(&json, HN_TEXT("closeness"));
    hn_json_real(&json, view->explanation->closeness);
    source_member(view, &json);
    hn_json_key(&json, HN_TEXT("condition"));
    hn_json_open(&json, '[');
    for (size_t i = 0; i < view->explanation->nodes.count; i++)
        node_object(view, &view->explanation->nodes.ptr[i], &json);
    hn_json_close(&json, ']');
    pair_bool(&json, "cut", view->explanation->cut);
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}
