/* powershell_list.c - methods of arrays and lists. */
#include "powershell/powershell_internal.h"

static struct ps_value list_add(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 0)
        ps_array_add(ps, base.as.array, args[0]);
    return ps_null();
}

static struct ps_value list_add_range(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *items = ps_items(ps, count > 0 ? args[0] : ps_null());

    for (size_t i = 0, all = items->count; i < all && script_spend(ps->run, 1); i++)
        ps_array_add(ps, base.as.array, ps_at(items, i));
    return ps_null();
}

static struct ps_value list_insert(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *array = base.as.array;
    size_t at = count > 0 ? ps_size_of(ps, &args[0], 0) : 0;

    if (count < 2 || at > array->count || !script_spend(ps->run, 1 + array->count / 8))
        return ps_null();
    ps_array_add(ps, array, args[1]);
    for (size_t i = array->count - 1; i > at; i--)
        ps_array_put(ps, array, i, ps_at(array, i - 1));
    ps_array_put(ps, array, at, args[1]);
    return ps_null();
}

static struct ps_value list_remove_at(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 0)
        ps_array_remove(ps, base.as.array, ps_size_of(ps, &args[0], SIZE_MAX), 1);
    return ps_null();
}

static struct ps_value list_clear(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    ps_array_remove(ps, base.as.array, 0, SIZE_MAX);
    return ps_null();
}

static struct ps_value list_reverse(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    ps_technique(ps, "reverse");
    ps_array_reverse(ps, base.as.array);
    return ps_null();
}

static struct ps_value list_copy(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *copy = ps_array_plus(ps, base.as.array, ps_of_array(ps_array_new(ps, 0)));

    (void)args;
    (void)count;
    return ps_of_array(copy);
}

static struct ps_value list_contains(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    for (size_t i = 0; count > 0 && i < base.as.array->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(base.as.array, i);

        if (ps_equal(ps, &item, &args[0], true) == 1)
            return ps_bool(true);
    }
    return ps_bool(false);
}

static struct ps_value list_index_of(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    for (size_t i = 0; count > 0 && i < base.as.array->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(base.as.array, i);

        if (ps_equal(ps, &item, &args[0], true) == 1)
            return ps_int((int64_t)i);
    }
    return ps_int(-1);
}

static struct ps_value list_get(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return count > 0 ? ps_index(ps, base, args[0]) : base;
}

static struct ps_value list_set(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    if (count > 1)
        ps_array_put(ps, base.as.array, ps_size_of(ps, &args[0], SIZE_MAX), args[1]);
    return ps_null();
}

/* .Where({}), .ForEach({}) */
static struct ps_value list_each(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *out = ps_array_new(ps, 0);

    if (count > 0 && args[0].kind == PS_BLOCK)
        ps_each(ps, args[0].as.block, base.as.array, out);
    else if (count > 0 && args[0].kind == PS_TYPE)
        for (size_t i = 0; i < base.as.array->count && script_spend(ps->run, 1); i++)
            ps_array_add(ps, out, ps_cast(ps, ps_flat(ps, &args[0]), ps_at(base.as.array, i)));
    return ps_of_array(out);
}

static struct ps_value list_where(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *out = ps_array_new(ps, 0);

    for (size_t i = 0; count > 0 && args[0].kind == PS_BLOCK && i < base.as.array->count &&
                       script_spend(ps->run, 1);
            i++) {
        struct ps_array *one = ps_array_new(ps, 1);
        struct ps_array *made = ps_array_new(ps, 1);
        struct ps_value v;

        ps_array_add(ps, one, ps_at(base.as.array, i));
        ps_each(ps, args[0].as.block, one, made);
        v = ps_collect(made);
        if (ps_truth(ps, &v) != 0)
            ps_array_add(ps, out, ps_at(base.as.array, i));
    }
    return ps_of_array(out);
}

static struct ps_value list_to_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    return ps_text_of(ps, base.as.array->bytes ? T("System.Byte[]") : T("System.Object[]"), NULL);
}

static struct ps_value list_get_range(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *out = ps_array_new(ps, 0);
    size_t start = count > 0 ? ps_size_of(ps, &args[0], 0) : 0;
    size_t len = count > 1 ? ps_size_of(ps, &args[1], 0) : 0;

    for (size_t i = 0; i < len && start + i < base.as.array->count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, out, ps_at(base.as.array, start + i));
    return ps_of_array(out);
}

const struct ps_method ps_methods_list[] = {
    { "array", "add", list_add },
    { "array", "push", list_add },
    { "array", "enqueue", list_add },
    { "array", "addrange", list_add_range },
    { "array", "insert", list_insert },
    { "array", "removeat", list_remove_at },
    { "array", "clear", list_clear },
    { "array", "reverse", list_reverse },
    { "array", "toarray", list_copy },
    { "array", "clone", list_copy },
    { "array", "getenumerator", list_copy },
    { "array", "getrange", list_get_range },
    { "array", "contains", list_contains },
    { "array", "indexof", list_index_of },
    { "array", "get", list_get },
    { "array", "getvalue", list_get },
    { "array", "item", list_get },
    { "array", "set", list_set },
    { "array", "setvalue", list_set },
    { "array", "foreach", list_each },
    { "array", "where", list_where },
    { "array", "tostring", list_to_text },
    { NULL, NULL, NULL },
};
