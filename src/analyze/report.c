/* report.c - an analysis as one JSON document: everything that is known, for other programs. Its
 * members are described in docs/analysis-report.md. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/json_out.h"

static void add_texts(struct hn_json_out *out, const struct sigma_texts *texts)
{
    hn_json_open(out, '[');
    for (uint32_t i = 0; i < texts->count; i++)
        hn_json_text(out, texts->ptr[i]);
    hn_json_close(out, ']');
}

static void add_offset(struct hn_json_out *out, uint64_t offset)
{
    if (offset != DISSECT_NOWHERE)
        hn_json_pair_u64(out, "offset", offset);
}

/* ---- Hits ---- */

/* Acts are named by their position in their object. */
static void add_act_number(struct hn_json_out *out, const struct dissect *dissect, uint32_t id,
        const struct dissect_act *act)
{
    uint64_t number = 0;

    if (act == NULL)
        return;
    for (const struct dissect_act *each = dissect_get(dissect, id)->acts;
            each != NULL && each != act; each = each->next)
        number++;
    hn_json_pair_u64(out, "act", number);
}

static void add_place(
        struct hn_json_out *out, const struct dissect *dissect, const struct analyze_place *place)
{
    hn_json_open(out, '{');
    hn_json_pair_u64(out, "object", place->object);
    add_act_number(out, dissect, place->object, place->act);
    hn_json_key_lit(out, "matches");
    hn_json_open(out, '[');
    for (uint32_t i = 0; i < place->match_count; i++) {
        const struct alert_match *match = &place->matches[i];

        hn_json_open(out, '{');
        hn_json_pair(out, "selection", match->selection);
        hn_json_pair(out, "field", match->field);
        hn_json_pair(out, "modifiers", match->modifiers);
        hn_json_pair(out, "pattern", match->pattern);
        hn_json_pair(out, "value", match->value);
        hn_json_pair_u64(out, "start", match->start);
        hn_json_pair_u64(out, "length", match->len);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
    hn_json_close(out, '}');
}

static void add_context(struct hn_json_out *out, const struct sigma_context *context)
{
    hn_json_pair(out, "family", context->family);
    hn_json_pair(out, "why", context->why_en);
    hn_json_pair(out, "why_ja", context->why_ja);
    hn_json_key_lit(out, "next");
    add_texts(out, &context->next_en);
    hn_json_key_lit(out, "next_ja");
    add_texts(out, &context->next_ja);
    hn_json_pair(out, "false_alarm", context->false_en);
    hn_json_pair(out, "false_alarm_ja", context->false_ja);
}

static void add_hit(
        struct hn_json_out *out, const struct dissect *dissect, const struct analyze_hit *hit)
{
    hn_json_open(out, '{');
    hn_json_pair(out, "kind", hit->indicator ? HN_TEXT("indicator") : HN_TEXT("rule"));
    hn_json_pair(out, "title", hit->title);
    hn_json_pair(out, "id", hit->rule_id);
    hn_json_pair(out, "level", hn_text_cstr(sigma_level_text(hit->level)));
    hn_json_pair(out, "trace", hit->trace);
    hn_json_key_lit(out, "tags");
    add_texts(out, &hit->tags);
    if (!hit->indicator)
        add_context(out, &hit->meta->context);
    hn_json_pair_u64(out, "count", hit->count);
    if (hit->known_good) {
        hn_json_key_lit(out, "known_good");
        hn_json_bool(out, true);
    }
    hn_json_key_lit(out, "places");
    hn_json_open(out, '[');
    for (uint32_t i = 0; i < hit->place_count; i++)
        add_place(out, dissect, &hit->places[i]);
    hn_json_close(out, ']');
    hn_json_close(out, '}');
}

static void add_gap(struct hn_json_out *out, const struct analyze_gap *gap)
{
    hn_json_open(out, '{');
    hn_json_pair_u64(out, "object", gap->object);
    hn_json_pair(out, "kind",
            hn_text_cstr(gap->note != NULL ? dissect_note_id(gap->note->kind) : "unknown_format"));
    hn_json_pair(out, "text", hn_text_cstr(analyze_gap_text(gap, false)));
    if (gap->note != NULL) {
        hn_json_pair(out, "detail", gap->note->detail);
        add_offset(out, gap->note->offset);
    }
    hn_json_close(out, '}');
}

/* ---- Objects ---- */

static void add_facts(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_key_lit(out, "facts");
    hn_json_open(out, '[');
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "name", hn_text_cstr(fact->name));
        hn_json_pair(out, "value", fact->value);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void add_notes(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_key_lit(out, "notes");
    hn_json_open(out, '[');
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "kind", hn_text_cstr(dissect_note_id(note->kind)));
        hn_json_pair(out, "text", hn_text_cstr(dissect_note_text(note->kind)));
        hn_json_pair(out, "detail", note->detail);
        add_offset(out, note->offset);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void add_stores(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_key_lit(out, "stores");
    hn_json_open(out, '[');
    for (const struct dissect_store *store = object->stores; store != NULL; store = store->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "name", store->name);
        hn_json_pair(out, "value", store->value);
        add_offset(out, store->offset);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void add_object_texts(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_key_lit(out, "texts");
    hn_json_open(out, '[');
    for (const struct dissect_text *text = object->texts; text != NULL; text = text->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "what", hn_text_cstr(text->what));
        hn_json_pair(out, "text", text->text);
        hn_json_pair(out, "path", text->path);
        add_offset(out, text->offset);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void add_acts(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_key_lit(out, "acts");
    hn_json_open(out, '[');
    for (const struct dissect_act *act = object->acts; act != NULL; act = act->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "kind", hn_text_cstr(script_act_id(act->kind)));
        hn_json_pair(out, "via", hn_text_cstr(act->via != NULL ? act->via : ""));
        add_offset(out, act->offset);
        hn_json_key_lit(out, "conditional");
        hn_json_bool(out, act->conditional);
        hn_json_key_lit(out, "fields");
        hn_json_open(out, '[');
        for (size_t i = 0; i < act->field_count; i++) {
            hn_json_open(out, '{');
            hn_json_pair(out, "name", hn_text_cstr(act->fields[i].name));
            hn_json_pair(out, "value", act->fields[i].value);
            hn_json_pair(out, "path", act->fields[i].path);
            hn_json_key_lit(out, "unknown");
            hn_json_bool(out, act->fields[i].unknown);
            hn_json_close(out, '}');
        }
        hn_json_close(out, ']');
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
}

static void add_object(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_open(out, '{');
    hn_json_pair_u64(out, "id", object->id);
    if (object->parent != DISSECT_NONE)
        hn_json_pair_u64(out, "parent", object->parent);
    hn_json_pair_u64(out, "depth", object->depth);
    hn_json_pair(out, "format", hn_text_cstr(dissect_format_id(object->format)));
    hn_json_pair(out, "category", hn_text_cstr(dissect_format_category(object->format)));
    hn_json_pair(out, "name", object->name);
    hn_json_pair(out, "relation", hn_text_cstr(object->relation));
    add_offset(out, object->offset);
    add_facts(out, object);
    add_notes(out, object);
    add_stores(out, object);
    add_object_texts(out, object);
    add_acts(out, object);
    if (object->data.len > 0 && strcmp(dissect_format_category(object->format), "script") == 0 &&
            object->format != DISSECT_VBA_PROJECT)
        hn_json_pair(out, "script", hn_bytes_as_text(object->data));
    hn_json_pair_u64(out, "notes_left_out", object->notes_left_out);
    hn_json_pair_u64(out, "acts_left_out", object->acts_left_out);
    hn_json_pair_u64(out, "texts_left_out", object->texts_left_out);
    hn_json_close(out, '}');
}

void analyze_report_members(struct hn_json_out *out, const struct dissect *dissect,
        const struct analyze_verdict *verdict)
{
    hn_json_pair(out, "report", HN_TEXT("hinomi-analysis-1"));
    hn_json_pair(out, "file", dissect_get(dissect, 0)->name);
    hn_json_pair(out, "verdict", hn_text_cstr(analyze_verdict_id(verdict->kind)));
    if (verdict->family.len > 0)
        hn_json_pair(out, "family", verdict->family);
    hn_json_key_lit(out, "hits");
    hn_json_open(out, '[');
    for (size_t i = 0; i < verdict->hit_count; i++)
        add_hit(out, dissect, &verdict->hits[i]);
    hn_json_close(out, ']');
    hn_json_key_lit(out, "gaps");
    hn_json_open(out, '[');
    for (size_t i = 0; i < verdict->gap_count; i++)
        add_gap(out, &verdict->gaps[i]);
    hn_json_close(out, ']');
    hn_json_key_lit(out, "objects");
    hn_json_open(out, '[');
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        add_object(out, dissect_get(dissect, id));
    hn_json_close(out, ']');
}
