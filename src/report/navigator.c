/* navigator.c - writes a layer as the Navigator's documentation of format 4.5 describes it
 * (mitre-attack/attack-navigator, layers/spec/v4.5). */
#include "report/navigator.h"

#include "base/json_out.h"

#include <stdbool.h>

/* The Navigator refuses a whole layer for one id that it cannot read. */
static bool is_technique(struct hn_text id)
{
    if ((id.len != 5 && id.len != 9) || id.ptr[0] != 'T' || (id.len == 9 && id.ptr[5] != '.'))
        return false;
    for (size_t i = 1; i < id.len; i++) {
        if (i != 5 && (id.ptr[i] < '0' || id.ptr[i] > '9'))
            return false;
    }
    return true;
}

static void versions(struct hn_json_out *json)
{
    hn_json_key(json, HN_TEXT("versions"));
    hn_json_open(json, '{');
    hn_json_pair(json, "navigator", HN_TEXT("4.9.1"));
    hn_json_pair(json, "layer", HN_TEXT("4.5"));
    hn_json_close(json, '}');
}

static void technique_member(struct hn_json_out *json, const struct navigator_technique *technique)
{
    hn_json_open(json, '{');
    hn_json_pair(json, "techniqueID", technique->id);
    hn_json_key(json, HN_TEXT("score"));
    hn_json_real(json, technique->score);
    if (technique->color.len > 0)
        hn_json_pair(json, "color", technique->color);
    if (technique->comment.len > 0)
        hn_json_pair(json, "comment", technique->comment);
    hn_json_key(json, HN_TEXT("enabled"));
    hn_json_bool(json, true);
    /* A parent shows its sub-techniques, because most tags name one of those. */
    hn_json_key(json, HN_TEXT("showSubtechniques"));
    hn_json_bool(json, technique->id.len == 5);
    if (technique->fact_count > 0) {
        hn_json_key(json, HN_TEXT("metadata"));
        hn_json_open(json, '[');
        for (size_t i = 0; i < technique->fact_count; i++) {
            hn_json_open(json, '{');
            hn_json_pair(json, "name", technique->facts[i].name);
            hn_json_pair(json, "value", technique->facts[i].value);
            hn_json_close(json, '}');
        }
        hn_json_close(json, ']');
    }
    hn_json_close(json, '}');
}

static void gradient(struct hn_json_out *json, const struct navigator_layer *layer)
{
    static const struct hn_text white_to_red[] = { HN_TEXT_INIT("#ffffff"),
        HN_TEXT_INIT("#ff6666") };
    const struct hn_text *colors = layer->colors == NULL ? white_to_red : layer->colors;
    size_t count = layer->colors == NULL ? 2 : layer->color_count;
    double max = layer->score_max;

    for (size_t i = 0; layer->score_max <= layer->score_min && i < layer->technique_count; i++) {
        if (layer->techniques[i].score > max)
            max = layer->techniques[i].score;
    }
    if (max <= layer->score_min)
        max = layer->score_min + 1; /* the Navigator divides by the difference */
    hn_json_key(json, HN_TEXT("gradient"));
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("colors"));
    hn_json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        hn_json_text(json, colors[i]);
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("minValue"));
    hn_json_real(json, layer->score_min);
    hn_json_key(json, HN_TEXT("maxValue"));
    hn_json_real(json, max);
    hn_json_close(json, '}');
}

static void legend(struct hn_json_out *json, const struct navigator_layer *layer)
{
    hn_json_key(json, HN_TEXT("legendItems"));
    hn_json_open(json, '[');
    for (size_t i = 0; i < layer->legend_count; i++) {
        hn_json_open(json, '{');
        hn_json_pair(json, "label", layer->legend[i].label);
        hn_json_pair(json, "color", layer->legend[i].color);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

void report_navigator_write(const struct navigator_layer *layer, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "name", layer->name);
    versions(&json);
    hn_json_pair(&json, "domain", HN_TEXT("enterprise-attack"));
    hn_json_pair(&json, "description", layer->description);
    hn_json_key(&json, HN_TEXT("sorting"));
    hn_json_u64(&json, 3); /* highest score first */
    hn_json_key(&json, HN_TEXT("hideDisabled"));
    hn_json_bool(&json, false);
    hn_json_key(&json, HN_TEXT("techniques"));
    hn_json_open(&json, '[');
    for (size_t i = 0; i < layer->technique_count; i++) {
        if (is_technique(layer->techniques[i].id))
            technique_member(&json, &layer->techniques[i]);
    }
    hn_json_close(&json, ']');
    gradient(&json, layer);
    legend(&json, layer);
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}
