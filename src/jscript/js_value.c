/* js_value.c - values, their conversions, and tables of names. */
#include "jscript/jscript_internal.h"

#include "base/hash.h"

#include <math.h>
#include <stdlib.h>

#define JOIN_DEPTH_MAX 8u

struct js_value js_undefined(void)
{
    return (struct js_value){ .kind = JS_UNDEFINED };
}

struct js_value js_bool(bool truth)
{
    return (struct js_value){ .kind = JS_BOOL, .truth = truth };
}

struct js_value js_number(double number)
{
    return (struct js_value){ .kind = JS_NUMBER, .number = number };
}

struct js_value js_text(const struct script_text *text)
{
    return (struct js_value){ .kind = text != NULL ? JS_TEXT : JS_UNDEFINED, .text = text };
}

struct js_value js_literal(struct js_state *state, const char *text)
{
    return js_text(script_text_borrow(state->run, hn_text_cstr(text), NULL));
}

struct js_value js_unknown(struct js_state *state, const char *name)
{
    const struct script_text *text = script_text_unknown(state->run, name, NULL);

    return (struct js_value){ .kind = text != NULL ? JS_UNKNOWN : JS_UNDEFINED, .text = text };
}

struct js_value js_of_unknown(struct js_state *state, const struct js_value *from, const char *name)
{
    struct hn_text text =
            from->text != NULL ? script_text_flat(state->run, from->text) : hn_text_of("", 0);

    if (com_reply_url(text).len == 0)
        return js_unknown(state, name);
    return (struct js_value){ .kind = JS_UNKNOWN, .text = from->text };
}

struct js_value js_object(struct js_object *object)
{
    return (struct js_value){ .kind = object != NULL ? JS_OBJECT : JS_UNDEFINED, .object = object };
}

struct js_object *js_object_new(struct js_state *state, enum js_class class)
{
    struct js_object *object = hn_new(&state->run->arena, struct js_object, 1);

    if (object == NULL) {
        (void)script_origin_new(state->run, "", 0, HN_TEXT(""), NULL, NULL); /* ends the run */
    } else {
        object->class = class;
    }
    return object;
}

struct js_value js_builtin(struct js_state *state, struct js_value self, struct hn_text name)
{
    struct js_object *object = js_object_new(state, JS_BUILTIN);

    if (object == NULL)
        return js_undefined();
    object->self = self;
    object->name = name;
    return js_object(object);
}

bool js_array_reserve(struct js_state *state, struct js_object *array, uint32_t count)
{
    if (count == 0 || count > JS_ITEMS_MAX)
        return true;
    array->items = hn_new(&state->run->arena, struct js_value, count);
    if (array->items == NULL) {
        (void)script_origin_new(state->run, "", 0, HN_TEXT(""), NULL, NULL);
        return false;
    }
    array->room = count;
    return true;
}

bool js_array_add(struct js_state *state, struct js_object *array, struct js_value value)
{
    if (array->count >= JS_ITEMS_MAX) {
        state->run->stop = SCRIPT_STOP_BYTES;
        return false;
    }
    if (array->count == array->room) {
        uint32_t room = array->room > 0 ? array->room * 2 : 8;
        struct js_value *items = hn_new(&state->run->arena, struct js_value, room);

        if (items == NULL) {
            (void)script_origin_new(state->run, "", 0, HN_TEXT(""), NULL, NULL);
            return false;
        }
        if (array->count > 0)
            memcpy(items, array->items, array->count * sizeof *items);
        array->items = items;
        array->room = room;
    }
    array->items[array->count++] = value;
    return true;
}

/* ---- Tables ---- */

static struct js_slot *slot_of(const struct js_table *table, struct hn_text name)
{
    uint32_t mask = table->room - 1;
    uint32_t i = (uint32_t)hn_hash_text(name, hn_hash_seed()) & mask;

    while (table->slots[i].name.ptr != NULL && !hn_text_eq(table->slots[i].name, name))
        i = (i + 1) & mask;
    return &table->slots[i];
}

struct js_value *js_table_find(const struct js_table *table, struct hn_text name)
{
    struct js_slot *slot;

    if (table->room == 0)
        return NULL;
    slot = slot_of(table, name);
    return slot->name.ptr != NULL ? &slot->value : NULL;
}

static bool grow(struct js_state *state, struct js_table *table)
{
    struct js_table bigger = { .room = table->room > 0 ? table->room * 2 : 8 };

    bigger.slots = hn_new(&state->run->arena, struct js_slot, bigger.room);
    bigger.order = hn_new(&state->run->arena, uint32_t, bigger.room);
    if (bigger.slots == NULL || bigger.order == NULL) {
        (void)script_origin_new(state->run, "", 0, HN_TEXT(""), NULL, NULL);
        return false;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        const struct js_slot *slot = &table->slots[table->order[i]];
        struct js_slot *place = slot_of(&bigger, slot->name);

        *place = *slot;
        bigger.order[i] = (uint32_t)(place - bigger.slots);
    }
    bigger.count = table->count;
    *table = bigger;
    return true;
}

struct js_value *js_table_put(struct js_state *state, struct js_table *table, struct hn_text name)
{
    struct js_slot *slot;

    if (table->count * 4 >= table->room * 3 && !grow(state, table))
        return NULL;
    slot = slot_of(table, name);
    if (slot->name.ptr == NULL) {
        slot->name = name.len > 0 ? name : hn_text_of("", 0);
        table->order[table->count++] = (uint32_t)(slot - table->slots);
    }
    return &slot->value;
}

const struct js_slot *js_table_at(const struct js_table *table, uint32_t index)
{
    return index < table->count ? &table->slots[table->order[index]] : NULL;
}

/* ---- Conversions ---- */

bool js_is_unknown(const struct js_value *value)
{
    return value->kind == JS_UNKNOWN || (value->kind == JS_TEXT && value->text->unknown);
}

int js_truth(const struct js_value *value)
{
    switch (value->kind) {
    case JS_UNDEFINED:
    case JS_NULL:
        return 0;
    case JS_BOOL:
        return value->truth;
    case JS_NUMBER:
        return value->number != 0 && !isnan(value->number);
    case JS_TEXT:
        return value->text->len > 0;
    case JS_OBJECT:
    case JS_COM:
        return 1;
    case JS_UNKNOWN:
        break;
    }
    return -1;
}

static double number_of_text(struct hn_text text)
{
    char digits[64];
    char *end;
    double number;

    text = hn_text_trim(text);
    if (text.len == 0)
        return 0;
    if (text.len >= sizeof digits)
        return (double)NAN;
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = '\0';
    for (size_t i = 0; i < text.len; i++) { /* no nan, inf, or C's hexadecimal fractions */
        if (strchr("0123456789+-.eExXabcdfABCDF", digits[i]) == NULL)
            return (double)NAN;
    }
    number = strtod(digits, &end);
    return *end == '\0' ? number : (double)NAN;
}

double js_to_number(struct js_state *state, const struct js_value *value)
{
    switch (value->kind) {
    case JS_NULL:
        return 0;
    case JS_BOOL:
        return value->truth ? 1 : 0;
    case JS_NUMBER:
        return value->number;
    case JS_TEXT:
    case JS_OBJECT:
        return number_of_text(js_flat(state, value));
    case JS_UNDEFINED:
    case JS_COM:
    case JS_UNKNOWN:
        break;
    }
    return (double)NAN;
}

int32_t js_to_int32(double number)
{
    double whole;

    if (!isfinite(number))
        return 0;
    whole = fmod(trunc(number), 4294967296.0);
    if (whole < 0)
        whole += 4294967296.0;
    return (int32_t)(uint32_t)whole;
}

static const struct script_text *text_of_number(struct js_state *state, double number)
{
    char digits[64];
    struct hn_buf out = hn_buf_over(digits, sizeof digits);

    if (isnan(number)) {
        hn_buf_add_lit(&out, "NaN");
    } else if (isinf(number)) {
        hn_buf_add_cstr(&out, number > 0 ? "Infinity" : "-Infinity");
    } else if (number == floor(number) && fabs(number) < 1e15) {
        hn_buf_add_i64(&out, (int64_t)number);
    } else {
        for (int precision = 15; precision <= 17; precision++) {
            hn_buf_reset(&out);
            hn_buf_addf(&out, "%.*g", precision, number);
            hn_buf_add_char(&out, '\0');
            out.len--;
            if (strtod(digits, NULL) == number)
                break;
        }
    }
    return script_text_new(state->run, hn_buf_text(&out), NULL);
}

static const struct script_text *joined(
        struct js_state *state, struct hn_text before, struct hn_text middle, const char *behind)
{
    struct hn_buf out = { 0 };
    const struct script_text *text;

    hn_buf_add_text(&out, before);
    hn_buf_add_text(&out, middle);
    hn_buf_add_cstr(&out, behind);
    text = script_text_new(state->run, hn_buf_text(&out), NULL);
    hn_buf_deinit(&out);
    return text;
}

/* A function of its own in toString() decides how an object reads. */
static const struct script_text *own_text(struct js_state *state, struct js_object *object)
{
    static const struct js_args none = { NULL, 0 };
    struct js_value self = js_object(object);
    struct js_value method = js_member(state, &self, HN_TEXT("toString"));
    struct js_value made;

    if (method.kind != JS_OBJECT || method.object->class != JS_FUNCTION ||
            state->nest + 16 >= JS_NEST_MAX)
        return NULL;
    made = js_call(state, method, self, &none);
    return made.kind == JS_OBJECT ? NULL : js_to_text(state, &made);
}

static const struct script_text *text_of_object(struct js_state *state, struct js_object *object)
{
    const struct script_text *text = own_text(state, object);

    if (text != NULL)
        return text;
    if (object->class == JS_ARRAY) {
        text = script_text_borrow(state->run, HN_TEXT(""), NULL);
        if (state->nest > JS_NEST_MAX)
            return text;
        state->nest += JS_NEST_MAX / JOIN_DEPTH_MAX;
        for (uint32_t i = 0; i < object->count && text != NULL; i++) {
            if (i > 0) {
                text = script_text_join(
                        state->run, text, script_text_borrow(state->run, HN_TEXT(","), NULL));
            }
            if (object->items[i].kind != JS_UNDEFINED && object->items[i].kind != JS_NULL)
                text = script_text_join(state->run, text, js_to_text(state, &object->items[i]));
        }
        state->nest -= JS_NEST_MAX / JOIN_DEPTH_MAX;
        return text;
    }
    if (object->class == JS_FUNCTION) {
        return script_text_borrow(state->run,
                hn_text_sub(object->source, object->function->offset,
                        object->function->end - object->function->offset),
                NULL);
    }
    if (object->class == JS_REGEX)
        return joined(state, HN_TEXT("/"), script_text_flat(state->run, object->pattern), "/");
    if (object->class == JS_BUILTIN)
        return joined(state, HN_TEXT("function "), object->name, "() { [native code] }");
    return script_text_borrow(state->run, HN_TEXT("[object Object]"), NULL);
}

const struct script_text *js_to_text(struct js_state *state, const struct js_value *value)
{
    switch (value->kind) {
    case JS_UNDEFINED:
        return script_text_borrow(state->run, HN_TEXT("undefined"), NULL);
    case JS_NULL:
        return script_text_borrow(state->run, HN_TEXT("null"), NULL);
    case JS_BOOL:
        return script_text_borrow(
                state->run, value->truth ? HN_TEXT("true") : HN_TEXT("false"), NULL);
    case JS_NUMBER:
        return text_of_number(state, value->number);
    case JS_TEXT:
    case JS_UNKNOWN:
        return value->text;
    case JS_OBJECT:
        return text_of_object(state, value->object);
    case JS_COM:
        break;
    }
    return js_com_text(state, value->com);
}

struct hn_text js_flat(struct js_state *state, const struct js_value *value)
{
    return script_text_flat(state->run, js_to_text(state, value));
}

const char *js_type_name(const struct js_value *value)
{
    switch (value->kind) {
    case JS_UNDEFINED:
        return "undefined";
    case JS_BOOL:
        return "boolean";
    case JS_NUMBER:
        return "number";
    case JS_TEXT:
        return "string";
    case JS_OBJECT:
        return value->object->class == JS_FUNCTION || value->object->class == JS_BOUND ||
                               (value->object->class == JS_BUILTIN && !js_is_thing(value))
                       ? "function"
                       : "object";
    case JS_NULL:
    case JS_COM:
    case JS_UNKNOWN:
        break;
    }
    return "object";
}

static bool is_nothing(const struct js_value *value)
{
    return value->kind == JS_UNDEFINED || value->kind == JS_NULL;
}

static int same_kind_equal(
        struct js_state *state, const struct js_value *a, const struct js_value *b)
{
    switch (a->kind) {
    case JS_UNDEFINED:
    case JS_NULL:
        return 1;
    case JS_BOOL:
        return a->truth == b->truth;
    case JS_NUMBER:
        return a->number == b->number;
    case JS_TEXT:
        return hn_text_eq(js_flat(state, a), js_flat(state, b));
    case JS_OBJECT:
        return a->object == b->object;
    case JS_COM:
        return a->com == b->com;
    case JS_UNKNOWN:
        break;
    }
    return -1;
}

int js_equal(
        struct js_state *state, const struct js_value *a, const struct js_value *b, bool strict)
{
    double x;
    double y;

    if (js_is_unknown(a) || js_is_unknown(b))
        return -1;
    if (a->kind == b->kind)
        return same_kind_equal(state, a, b);
    if (strict)
        return 0;
    if (is_nothing(a) || is_nothing(b))
        return is_nothing(a) && is_nothing(b);
    if (a->kind == JS_OBJECT && b->kind == JS_TEXT)
        return hn_text_eq(js_flat(state, a), js_flat(state, b));
    if (a->kind == JS_TEXT && b->kind == JS_OBJECT)
        return hn_text_eq(js_flat(state, a), js_flat(state, b));
    if (a->kind == JS_COM || b->kind == JS_COM)
        return -1;
    x = js_to_number(state, a);
    y = js_to_number(state, b);
    return x == y;
}

/* ---- Telling ---- */

void js_tell_text(struct js_state *state, const struct script_text *text)
{
    if (text == NULL || text->units < JS_TEXT_SHOWN || state->texts >= JS_TEXTS_MAX)
        return;
    state->texts++;
    script_tell_text(state->run, text);
}

struct js_value js_made(struct js_state *state, const struct script_text *text, const char *step)
{
    const struct script_text *made =
            script_text_step(state->run, text, step, state->offset, HN_TEXT(""));

    js_tell_text(state, made);
    return js_text(made);
}
