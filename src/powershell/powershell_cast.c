/* powershell_cast.c - conversions that scripts ask for by [type] and -as, and the types of values.
 */
#include "powershell/powershell_internal.h"

struct width_row {
    const char *names;
    enum ps_width width;
    int64_t min;
    uint64_t max;
};

static const struct width_row widths[] = {
    { "int|int32", PS_I32, INT32_MIN, INT32_MAX },
    { "long|int64|intptr", PS_I64, INT64_MIN, INT64_MAX },
    { "byte", PS_BYTE, 0, UINT8_MAX },
    { "sbyte", PS_SBYTE, INT8_MIN, INT8_MAX },
    { "int16|short", PS_I16, INT16_MIN, INT16_MAX },
    { "uint16|ushort", PS_U16, 0, UINT16_MAX },
    { "uint32|uint", PS_U32, 0, UINT32_MAX },
    { "uint64|ulong|uintptr", PS_U64, 0, INT64_MAX },
};

static struct ps_value cast_int(struct ps *ps, const struct width_row *row, struct ps_value v)
{
    int64_t number;

    if (v.kind == PS_OBJECT)
        v = ps_text(ps_text_from(ps, &v));
    if (v.kind == PS_TEXT && v.as.text->units == 1 && v.as.text->ascii && row->width == PS_I32) {
        struct ps_value parsed;

        if (!ps_parse_number(ps_flat(ps, &v), &parsed))
            return ps_unknown(ps, "number");
    }
    if (!ps_int_of(ps, &v, &number))
        return ps_unknown(ps, "number");
    if (number < row->min || (number > 0 && (uint64_t)number > row->max))
        return ps_unknown(ps, "number out of range");
    return ps_wide(number, row->width);
}

static struct ps_value cast_char(struct ps *ps, struct ps_value v)
{
    int64_t number;

    if (v.kind == PS_CHAR)
        return v;
    if (v.kind == PS_OBJECT)
        v = ps_text(ps_text_from(ps, &v));
    if (v.kind == PS_TEXT && v.as.text->units == 1) {
        const uint16_t *units = script_text_units(ps->run, v.as.text);

        return units != NULL ? ps_char(units[0]) : ps_null();
    }
    /* A number in a text is a number first: [char]'0x41' and [char]'65' */
    if (v.kind == PS_TEXT && !ps_int_of(ps, &v, &number))
        return ps_unknown(ps, "character");
    if (!ps_int_of(ps, &v, &number) || number < 0 || number > 0xFFFF)
        return ps_unknown(ps, "character");
    ps_technique(ps, "char");
    return ps_char(number);
}

static struct ps_value chars_of(struct ps *ps, struct ps_value v)
{
    struct ps_array *out = ps_array_new(ps, v.as.text->units);
    const uint16_t *units = script_text_units(ps->run, v.as.text);

    for (size_t i = 0;
            units != NULL && i < v.as.text->units && ((i & 15u) != 0 || script_spend(ps->run, 1));
            i++)
        ps_array_add(ps, out, ps_char(units[i]));
    out->origin = ps_origin(ps, "char", &v);
    return ps_of_array(out);
}

static struct ps_value cast_array(struct ps *ps, struct hn_text item_type, struct ps_value v)
{
    struct ps_array *items;
    struct ps_array *out;
    bool bytes = ps_same_text(item_type, "byte");
    bool any = ps_one_of(item_type, "object|psobject");

    if (v.kind == PS_OBJECT && v.as.object->state.kind == PS_ARRAY)
        v = v.as.object->state;
    if (v.kind == PS_UNKNOWN || v.kind == PS_NULL)
        return v;
    if (ps_same_text(item_type, "char") && v.kind == PS_TEXT)
        return chars_of(ps, v);
    items = ps_items(ps, v);
    if (bytes && items->bytes)
        return ps_of_array(items);
    out = bytes ? ps_bytes_new(ps, 0, NULL) : ps_array_new(ps, items->count);
    for (size_t i = 0; i < items->count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, out, any ? ps_at(items, i) : ps_cast(ps, item_type, ps_at(items, i)));
    out->origin = ps_origin_of(&v);
    return ps_of_array(out);
}

static struct ps_value cast_object(struct ps *ps, struct ps_value v)
{
    struct ps_object *object;

    if (v.kind != PS_HASH)
        return v;
    object = ps_object_new(ps, "management.automation.pscustomobject");
    for (uint32_t i = 0; i < v.as.hash->count; i++) {
        if (!v.as.hash->entries[i].gone)
            (void)ps_hash_put(
                    ps, &object->props, v.as.hash->entries[i].key, v.as.hash->entries[i].value);
    }
    return ps_of_object(object);
}

static struct ps_value cast_block(struct ps *ps, struct ps_value v)
{
    const struct ps_block *block;

    if (v.kind == PS_BLOCK || v.kind == PS_UNKNOWN)
        return v;
    block = ps_block_from(ps, ps_text(ps_text_from(ps, &v)), "scriptblock");
    return block != NULL ? (struct ps_value){ .kind = PS_BLOCK, .as.block = block } : ps_null();
}

static struct ps_value cast_bool(struct ps *ps, struct ps_value v)
{
    int truth = ps_truth(ps, &v);

    return truth < 0 ? ps_unknown(ps, "condition") : ps_bool(truth == 1);
}

static struct ps_value cast_real(struct ps *ps, struct ps_value v)
{
    double real;

    return ps_number_of(ps, &v, &real) ? ps_real(real) : ps_unknown(ps, "number");
}

static struct ps_value cast_text(struct ps *ps, struct ps_value v)
{
    return v.kind == PS_UNKNOWN ? v : ps_text(ps_text_from(ps, &v));
}

/* Types whose values are made by their constructors. */
static bool constructed(struct hn_text type)
{
    return ps_one_of(type,
            "io.memorystream|text.stringbuilder|collections.arraylist|wmiclass|wmisearcher|"
            "management.managementclass|adsi|xml|xml.xmldocument|regex|"
            "text.regularexpressions.regex|security.securestring|net.networkcredential");
}

static struct ps_value cast_other(struct ps *ps, struct hn_text type, struct ps_value v)
{
    if (ps_one_of(type, "void"))
        return ps_null();
    if (ps_one_of(type, "psobject|pscustomobject|management.automation.pscustomobject|management."
                        "automation.psobject"))
        return cast_object(ps, v);
    if (ps_one_of(type, "scriptblock|management.automation.scriptblock"))
        return cast_block(ps, v);
    if (ps_one_of(type, "type|reflection.typeinfo"))
        return v.kind == PS_TYPE ? v : ps_of_type(ps, ps_flat(ps, &v));
    if (constructed(type) && v.kind != PS_OBJECT)
        return ps_construct(ps, type, &v, 1);
    return v; /* of the others a text or table does for all that scripts ask */
}

struct ps_value ps_cast(struct ps *ps, struct hn_text type, struct ps_value v)
{
    if (!script_spend(ps->run, 1))
        return v;
    if (v.kind == PS_UNKNOWN && !ps_one_of(type, "void"))
        return v;
    if (ps_same_text(type, "array"))
        return ps_of_array(ps_items(ps, v));
    if (hn_text_ends(type, T("[]")) && type.len > 2) {
        if (!ps_deeper(ps))
            return ps_unknown(ps, "depth");
        v = cast_array(ps, hn_text_sub(type, 0, type.len - 2), v);
        ps->depth--;
        return v;
    }
    if (ps_one_of(type, "string"))
        return cast_text(ps, v);
    if (ps_one_of(type, "char"))
        return cast_char(ps, v);
    if (ps_one_of(type, "bool|boolean|switch"))
        return cast_bool(ps, v);
    if (ps_one_of(type, "double|float|single|decimal"))
        return cast_real(ps, v);
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
        if (ps_one_of(type, widths[i].names))
            return cast_int(ps, &widths[i], v);
    return cast_other(ps, type, v);
}

/* ---- Types of values ---- */

struct hn_text ps_type_of(struct ps *ps, const struct ps_value *v)
{
    static const char *const ints[] = { "int32", "int64", "byte", "sbyte", "int16", "uint16",
        "uint32", "uint64" };

    (void)ps;
    switch ((unsigned)v->kind) {
    case PS_BOOL:
        return T("boolean");
    case PS_INT:
        return hn_text_cstr(ints[v->width]);
    case PS_DOUBLE:
        return T("double");
    case PS_CHAR:
        return T("char");
    case PS_TEXT:
        return T("string");
    case PS_ARRAY:
        return v->as.array->list    ? T("collections.arraylist")
               : v->as.array->bytes ? T("byte[]")
                                    : T("object[]");
    case PS_HASH:
        return T("collections.hashtable");
    case PS_BLOCK:
        return T("management.automation.scriptblock");
    case PS_TYPE:
        return T("runtimetype");
    case PS_OBJECT:
        return v->as.object->type;
    default:
        return T("");
    }
}

bool ps_is_type(struct ps *ps, const struct ps_value *v, struct hn_text type)
{
    struct hn_text own = ps_type_of(ps, v);

    if (ps_one_of(type, "object|psobject"))
        return v->kind != PS_NULL;
    if (hn_text_eq_nocase(own, type))
        return true;
    if (v->kind == PS_ARRAY)
        return ps_one_of(type, "array|collections.ilist|collections.ienumerable");
    if (v->kind == PS_HASH)
        return ps_one_of(type, "hashtable|collections.idictionary");
    if (v->kind == PS_BLOCK)
        return ps_same_text(type, "scriptblock");
    if (v->kind == PS_INT)
        return (v->width == PS_I32 && ps_same_text(type, "int")) ||
               (v->width == PS_I64 && ps_same_text(type, "long"));
    return v->kind == PS_BOOL && ps_same_text(type, "bool");
}
