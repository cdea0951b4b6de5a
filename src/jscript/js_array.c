/* js_array.c - methods of arrays. */
#include "jscript/jscript_internal.h"

#include <math.h>

static struct js_value join(
        struct js_state *state, const struct js_object *self, const struct js_args *args)
{
    struct js_value by = js_arg(args, 0);
    const struct script_text *between = by.kind == JS_UNDEFINED
                                                ? script_text_borrow(state->run, HN_TEXT(","), NULL)
                                                : js_to_text(state, &by);
    const struct script_text *text = script_text_borrow(state->run, HN_TEXT(""), NULL);

    for (uint32_t i = 0; i < self->count && script_spend(state->run, 1); i++) {
        const struct js_value *item = &self->items[i];

        if (i > 0)
            text = script_text_join(state->run, text, between);
        if (item->kind != JS_UNDEFINED && item->kind != JS_NULL)
            text = script_text_join(state->run, text, js_to_text(state, item));
    }
    js_tell_text(state, text);
    return js_text(text);
}

static void reverse(struct js_object *self)
{
    for (uint32_t i = 0; i < self->count / 2; i++) {
        struct js_value swap = self->items[i];

        self->items[i] = self->items[self->count - 1 - i];
        self->items[self->count - 1 - i] = swap;
    }
}

static uint32_t position(
        struct js_state *state, struct js_value value, uint32_t count, uint32_t usual)
{
    double at = value.kind == JS_UNDEFINED ? usual : js_to_number(state, &value);

    if (isnan(at))
        return 0;
    if (at < 0)
        at += count;
    return at <= 0 ? 0 : at >= count ? count : (uint32_t)at;
}

static struct js_value slice(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    uint32_t start = position(state, js_arg(args, 0), self->count, 0);
    uint32_t end = position(state, js_arg(args, 1), self->count, self->count);
    struct js_object *made = js_object_new(state, JS_ARRAY);

    for (uint32_t i = start; i < end && made != NULL; i++) {
        if (!js_array_add(state, made, self->items[i]))
            break;
    }
    return js_object(made);
}

static struct js_value splice(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    uint32_t start = position(state, js_arg(args, 0), self->count, 0);
    struct js_value wanted = js_arg(args, 1);
    double asked = wanted.kind == JS_UNDEFINED ? self->count : js_to_number(state, &wanted);
    uint32_t gone = asked <= 0                             ? 0
                    : asked >= self->count - (double)start ? self->count - start
                                                           : (uint32_t)asked;
    struct js_object *removed = js_object_new(state, JS_ARRAY);
    struct js_object *kept = js_object_new(state, JS_ARRAY);

    if (removed == NULL || kept == NULL)
        return js_undefined();
    for (uint32_t i = 0; i < self->count; i++) {
        if (i == start) {
            for (uint32_t k = 2; k < args->count; k++)
                (void)js_array_add(state, kept, args->items[k]);
        }
        (void)js_array_add(state, i >= start && i < start + gone ? removed : kept, self->items[i]);
    }
    if (start >= self->count) {
        for (uint32_t k = 2; k < args->count; k++)
            (void)js_array_add(state, kept, args->items[k]);
    }
    self->items = kept->items;
    self->count = kept->count;
    self->room = kept->room;
    return js_object(removed);
}

static struct js_value concat(
        struct js_state *state, const struct js_object *self, const struct js_args *args)
{
    struct js_object *made = js_object_new(state, JS_ARRAY);

    for (uint32_t i = 0; i < self->count && made != NULL; i++)
        (void)js_array_add(state, made, self->items[i]);
    for (uint32_t i = 0; i < args->count && made != NULL; i++) {
        const struct js_value *one = &args->items[i];

        if (one->kind != JS_OBJECT || one->object->class != JS_ARRAY) {
            (void)js_array_add(state, made, *one);
            continue;
        }
        for (uint32_t k = 0; k < one->object->count; k++)
            (void)js_array_add(state, made, one->object->items[k]);
    }
    return js_object(made);
}

/* map, forEach, filter, reduce and their kin: the function is called for each item. */
static struct js_value each(struct js_state *state, struct js_object *self, struct hn_text name,
        const struct js_args *args)
{
    struct js_object *made = js_object_new(state, JS_ARRAY);
    bool maps = hn_text_eq(name, HN_TEXT("map"));
    bool filters = hn_text_eq(name, HN_TEXT("filter"));
    bool right = hn_text_eq(name, HN_TEXT("reduceRight"));
    bool reduces = right || hn_text_eq(name, HN_TEXT("reduce"));
    struct js_value so_far = js_arg(args, 1);
    uint32_t first = 0;

    if (reduces && args->count < 2 && self->count > 0) {
        so_far = self->items[right ? self->count - 1 : 0];
        first = 1;
    }
    for (uint32_t nth = first;
            nth < self->count && made != NULL && script_spend(state->run, 1) && !state->thrown;
            nth++) {
        uint32_t i = right ? self->count - 1 - nth : nth;
        struct js_value values[4] = { so_far, self->items[i], js_number(i), js_object(self) };
        struct js_args given = { reduces ? values : values + 1, reduces ? 4 : 3 };
        struct js_value result =
                js_call(state, js_arg(args, 0), reduces ? js_undefined() : js_arg(args, 1), &given);

        if (reduces) {
            so_far = result;
        } else if (maps || (filters && js_truth(&result) != 0)) {
            (void)js_array_add(state, made, maps ? result : self->items[i]);
        }
    }
    if (reduces)
        return so_far;
    return maps || filters ? js_object(made) : js_undefined();
}

static struct js_value search(struct js_state *state, const struct js_object *self,
        const struct js_args *args, bool where)
{
    struct js_value wanted = js_arg(args, 0);

    for (uint32_t i = 0; i < self->count && script_spend(state->run, 1); i++) {
        if (js_equal(state, &self->items[i], &wanted, true) == 1)
            return where ? js_number(i) : js_bool(true);
    }
    return where ? js_number(-1) : js_bool(false);
}

static struct js_value last_index(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    struct js_value wanted = js_arg(args, 0);

    for (uint32_t i = self->count; i > 0 && script_spend(state->run, 1); i--) {
        if (js_equal(state, &self->items[i - 1], &wanted, true) == 1)
            return js_number(i - 1);
    }
    return js_number(-1);
}

static struct js_value fill(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    uint32_t end = position(state, js_arg(args, 2), self->count, self->count);

    for (uint32_t i = position(state, js_arg(args, 1), self->count, 0); i < end; i++)
        self->items[i] = js_arg(args, 0);
    return js_object(self);
}

/* Of typed arrays: items of another one, from a place on. */
static struct js_value set(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    struct js_value from = js_arg(args, 0);
    uint32_t start = position(state, js_arg(args, 1), self->count, 0);

    for (uint32_t i = 0;
            from.kind == JS_OBJECT && i < from.object->count && i < self->count - start; i++)
        self->items[start + i] = from.object->items[i];
    return js_undefined();
}

static struct js_value flat(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    struct js_object *made = js_object_new(state, JS_ARRAY);
    struct js_args all = { self->items, self->count };

    (void)args;
    return made != NULL ? concat(state, made, &all) : js_undefined();
}

static struct js_value at(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    struct js_value index = js_arg(args, 0);
    double where = js_to_number(state, &index);

    where = isnan(where) ? 0 : trunc(where < 0 ? where + self->count : where);
    return where >= 0 && where < self->count ? self->items[(uint32_t)where] : js_undefined();
}

/* some, every, find, findIndex: what the first item says for which the function does. */
static struct js_value ask_each(struct js_state *state, struct js_object *self, struct hn_text name,
        const struct js_args *args)
{
    bool every = hn_text_eq(name, HN_TEXT("every"));
    bool finds = hn_text_starts(name, HN_TEXT("find"));
    bool unknown = false;

    for (uint32_t i = 0; i < self->count && script_spend(state->run, 1) && !state->thrown; i++) {
        struct js_value values[3] = { self->items[i], js_number(i), js_object(self) };
        struct js_value result =
                js_call(state, js_arg(args, 0), js_arg(args, 1), &(struct js_args){ values, 3 });
        int truth = js_truth(&result);

        unknown = unknown || truth < 0;
        if (unknown || truth == every)
            continue;
        if (!finds)
            return js_bool(!every);
        return name.len == 4 ? values[0] : values[1];
    }
    if (unknown)
        return js_unknown(state, "condition");
    return !finds ? js_bool(every) : name.len == 4 ? js_undefined() : js_number(-1);
}

/* By texts, or by the script's own function: insertion by halves keeps calls few. */
static void sort(struct js_state *state, struct js_object *self, struct js_value by)
{
    for (uint32_t i = 1; i < self->count && script_goes_on(state->run); i++) {
        struct js_value one = self->items[i];
        uint32_t low = 0;
        uint32_t high = i;

        while (low < high && script_spend(state->run, 1)) {
            uint32_t middle = low + (high - low) / 2;
            struct js_value pair[2] = { self->items[middle], one };
            double order;

            if (by.kind == JS_OBJECT) {
                struct js_args given = { pair, 2 };
                struct js_value result = js_call(state, by, js_undefined(), &given);

                order = js_to_number(state, &result);
            } else {
                order = hn_text_cmp(js_flat(state, &pair[0]), js_flat(state, &pair[1]));
            }
            if (order > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        memmove(&self->items[low + 1], &self->items[low], (i - low) * sizeof one);
        self->items[low] = one;
    }
}

static struct js_value pop(struct js_object *self, bool first)
{
    struct js_value gone;

    if (self->count == 0)
        return js_undefined();
    gone = self->items[first ? 0 : self->count - 1];
    self->count--;
    if (first)
        memmove(self->items, self->items + 1, self->count * sizeof gone);
    return gone;
}

static struct js_value push(
        struct js_state *state, struct js_object *self, const struct js_args *args, bool first)
{
    for (uint32_t i = 0; i < args->count; i++) {
        if (!js_array_add(state, self, args->items[i]))
            break;
        if (first) {
            memmove(self->items + i + 1, self->items + i,
                    (self->count - 1 - i) * sizeof self->items[0]);
            self->items[i] = args->items[i];
        }
    }
    return js_number(self->count);
}

static const char *const names[] = { "join", "reverse", "push", "unshift", "pop", "shift", "slice",
    "splice", "concat", "map", "forEach", "filter", "reduce", "indexOf", "includes", "sort",
    "toString", "some", "every", "reduceRight", "lastIndexOf", "fill", "find", "findIndex", "flat",
    "at", "keys", "entries", "values", "subarray", "set", "copyWithin", "valueOf" };

bool js_has_array_method(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(name, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

static struct js_value same(
        struct js_state *state, struct js_object *self, const struct js_args *args)
{
    (void)state;
    (void)args;
    return js_object(self);
}

/* Those that browsers have and wscript.exe has not. */
static const struct {
    const char *name;
    struct js_value (*call)(
            struct js_state *state, struct js_object *self, const struct js_args *args);
} newer[] = {
    { "valueOf", same },
    { "values", same },
    { "copyWithin", same },
    { "subarray", slice },
    { "lastIndexOf", last_index },
    { "fill", fill },
    { "set", set },
    { "flat", flat },
    { "at", at },
};

struct js_value js_array_method(struct js_state *state, struct js_object *self, struct hn_text name,
        const struct js_args *args)
{
    static const struct js_args none = { NULL, 0 };

    if (!script_spend(state->run, 1 + self->count / 8))
        return js_undefined();
    if (hn_text_eq(name, HN_TEXT("join")))
        return join(state, self, args);
    if (hn_text_eq(name, HN_TEXT("toString")))
        return join(state, self, &none);
    if (hn_text_eq(name, HN_TEXT("push")) || hn_text_eq(name, HN_TEXT("unshift")))
        return push(state, self, args, name.ptr[0] == 'u');
    if (hn_text_eq(name, HN_TEXT("pop")) || hn_text_eq(name, HN_TEXT("shift")))
        return pop(self, name.ptr[0] == 's');
    if (hn_text_eq(name, HN_TEXT("slice")))
        return slice(state, self, args);
    if (hn_text_eq(name, HN_TEXT("splice")))
        return splice(state, self, args);
    if (hn_text_eq(name, HN_TEXT("concat")))
        return concat(state, self, args);
    if (hn_text_eq(name, HN_TEXT("indexOf")) || hn_text_eq(name, HN_TEXT("includes")))
        return search(state, self, args, name.ptr[2] == 'd');
    for (size_t i = 0; i < HN_COUNT_OF(newer); i++) {
        if (hn_text_eq(name, hn_text_cstr(newer[i].name)))
            return newer[i].call(state, self, args);
    }
    if (hn_text_eq(name, HN_TEXT("keys")) || hn_text_eq(name, HN_TEXT("entries"))) {
        struct js_value array = js_object(self);

        return js_static(state, HN_TEXT("Object"), name, &(struct js_args){ &array, 1 });
    }
    if (hn_text_eq(name, HN_TEXT("some")) || hn_text_eq(name, HN_TEXT("every")) ||
            hn_text_starts(name, HN_TEXT("find")))
        return ask_each(state, self, name, args);
    if (hn_text_eq(name, HN_TEXT("reverse"))) {
        reverse(self);
        return js_object(self);
    }
    if (hn_text_eq(name, HN_TEXT("sort"))) {
        sort(state, self, js_arg(args, 0));
        return js_object(self);
    }
    return each(state, self, name, args);
}
