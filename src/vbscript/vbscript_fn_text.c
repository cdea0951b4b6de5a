/* vbscript_fn_text.c - Basic's functions of texts. */
#include "vbscript/vbscript_functions.h"

static const struct script_text *text_arg(
        struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    return vb_to_text(ev, vb_arg(call, index));
}

/* A count or position; false: unknown or missing without another. */
static bool number_arg(struct vb_eval *ev, const struct vb_call *call, uint32_t index,
        int64_t other, int64_t *ret_number)
{
    *ret_number = other;
    if (vb_is_missing(call, index))
        return true;
    return vb_to_int(ev, call->args[index], ret_number);
}

static bool folds_arg(struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    int64_t mode = vb_folds(ev) ? 1 : 0;

    (void)number_arg(ev, call, index, mode, &mode);
    return mode == 1;
}

/* ---- Parts ---- */

struct vb_value vb_fn_left(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t count;

    if (!number_arg(ev, call, 1, 0, &count))
        return vb_unknown(ev, "Left");
    if (count < 0) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "Left");
    }
    return vb_sub_text(ev, text_arg(ev, call, 0), 0, (size_t)count);
}

struct vb_value vb_fn_right(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *text = text_arg(ev, call, 0);
    int64_t count;

    if (!number_arg(ev, call, 1, 0, &count))
        return vb_unknown(ev, "Right");
    if (count < 0) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "Right");
    }
    if ((uint64_t)count > text->units)
        count = (int64_t)text->units;
    return vb_sub_text(ev, text, text->units - (size_t)count, (size_t)count);
}

struct vb_value vb_fn_mid(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t start;
    int64_t count;

    if (!number_arg(ev, call, 1, 1, &start) || !number_arg(ev, call, 2, INT64_MAX / 2, &count))
        return vb_unknown(ev, "Mid");
    if (start < 1 || count < 0) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "Mid");
    }
    return vb_sub_text(ev, text_arg(ev, call, 0), (size_t)start - 1, (size_t)count);
}

struct vb_value vb_fn_len(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));
    const struct script_text *text;

    if (vb_is_unknown(value))
        return vb_unknown_of(ev, value);
    if (value.kind == VB_INT && value.typed)
        return vb_int(value.width, 4);
    text = vb_to_text(ev, value);
    return vb_int((int64_t)text->units, 4);
}

struct vb_value vb_fn_lenb(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_fn_len(ev, call);

    if (vb_arg(call, 0).kind == VB_ARRAY)
        return vb_int(vb_arg(call, 0).as.array->total, 4);
    if (value.kind == VB_INT)
        value.as.number *= 2;
    return value;
}

/* MidB, LeftB, RightB on texts: pairs of bytes are units; other parts are rare. */
struct vb_value vb_fn_midb(struct vb_eval *ev, const struct vb_call *call)
{
    struct hn_bytes bytes;
    int64_t start;
    int64_t count;
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    if (!vb_bytes_of(ev, value, &bytes) || !number_arg(ev, call, 1, 1, &start) ||
            !number_arg(ev, call, 2, INT64_MAX / 2, &count) || start < 1 || count < 0)
        return vb_unknown_of(ev, value);
    if ((uint64_t)start > bytes.len + 1)
        start = (int64_t)bytes.len + 1;
    if ((uint64_t)count > bytes.len - (size_t)start + 1)
        count = (int64_t)(bytes.len - (size_t)start + 1);
    return vb_byte_array(ev, hn_bytes_of(bytes.ptr + start - 1, (size_t)count));
}

/* ---- Case, space, order ---- */

static struct vb_value map_units(struct vb_eval *ev, const struct script_text *text,
        uint16_t (*map)(uint16_t unit), const char *step)
{
    const uint16_t *units = script_text_units(ev->run, text);
    uint16_t *out =
            hn_arena_raw(&ev->run->arena, (text->units + 1) * sizeof *out, _Alignof(uint16_t));

    if (units == NULL || out == NULL || !vb_spend(ev, text->units))
        return vb_unknown(ev, "text");
    for (size_t i = 0; i < text->units; i++)
        out[i] = map(units[i]);
    return vb_from_units(ev, out, text->units, step, text);
}

static uint16_t upper_unit(uint16_t unit)
{
    /* What folds to it, among Latin, Greek and Cyrillic; folding goes to lower case there. */
    if ((unit >= 'a' && unit <= 'z') || (unit >= 0xE0 && unit <= 0xFE && unit != 0xF7) ||
            (unit >= 0x3B1 && unit <= 0x3C9 && unit != 0x3C2) || (unit >= 0x430 && unit <= 0x44F))
        return (uint16_t)(unit - 0x20);
    return unit;
}

struct vb_value vb_fn_lcase(struct vb_eval *ev, const struct vb_call *call)
{
    return map_units(ev, text_arg(ev, call, 0), vb_fold_unit, "lower");
}

struct vb_value vb_fn_ucase(struct vb_eval *ev, const struct vb_call *call)
{
    return map_units(ev, text_arg(ev, call, 0), upper_unit, "upper");
}

struct vb_value vb_fn_strreverse(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *text = text_arg(ev, call, 0);
    const uint16_t *units = script_text_units(ev->run, text);
    uint16_t *out =
            hn_arena_raw(&ev->run->arena, (text->units + 1) * sizeof *out, _Alignof(uint16_t));

    if (units == NULL || out == NULL || !vb_spend(ev, text->units))
        return vb_unknown(ev, "text");
    for (size_t i = 0; i < text->units; i++)
        out[i] = units[text->units - 1 - i];
    if (text->units > 3)
        vb_note(ev, SCRIPT_NOTE_OBFUSCATION, call->offset, "reverse");
    return vb_from_units(ev, out, text->units, "reverse", text);
}

static struct vb_value trim(
        struct vb_eval *ev, const struct script_text *text, bool left, bool right)
{
    struct hn_text flat = script_text_flat(ev->run, text);
    size_t start = 0;
    size_t end = flat.len;

    while (left && start < end && flat.ptr[start] == ' ')
        start++;
    while (right && end > start && flat.ptr[end - 1] == ' ')
        end--;
    return vb_sub_text(ev, text, start, text->units - start - (flat.len - end));
}

struct vb_value vb_fn_trim(struct vb_eval *ev, const struct vb_call *call)
{
    return trim(ev, text_arg(ev, call, 0), true, true);
}

struct vb_value vb_fn_ltrim(struct vb_eval *ev, const struct vb_call *call)
{
    return trim(ev, text_arg(ev, call, 0), true, false);
}

struct vb_value vb_fn_rtrim(struct vb_eval *ev, const struct vb_call *call)
{
    return trim(ev, text_arg(ev, call, 0), false, true);
}

static struct vb_value repeat(struct vb_eval *ev, uint16_t unit, int64_t count)
{
    uint16_t *out;

    if (count < 0) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "text");
    }
    if ((uint64_t)count > ev->run->limits.text_bytes_max / 3 || !vb_spend(ev, (size_t)count)) {
        vb_note(ev, SCRIPT_NOTE_LIMIT, 0, "length of a text");
        return vb_unknown(ev, "text");
    }
    out = hn_arena_raw(&ev->run->arena, ((size_t)count + 1) * sizeof *out, _Alignof(uint16_t));
    if (out == NULL)
        return vb_unknown(ev, "text");
    for (int64_t i = 0; i < count; i++)
        out[i] = unit;
    return vb_from_units(ev, out, (size_t)count, NULL, NULL);
}

struct vb_value vb_fn_space(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t count;

    return number_arg(ev, call, 0, 0, &count) ? repeat(ev, ' ', count) : vb_unknown(ev, "Space");
}

struct vb_value vb_fn_string(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value what = vb_arg(call, 1);
    const struct script_text *text;
    const uint16_t *units;
    int64_t count;
    int64_t unit;

    if (!number_arg(ev, call, 0, 0, &count))
        return vb_unknown(ev, "String");
    if (what.kind != VB_TEXT)
        return vb_to_int(ev, what, &unit) ? repeat(ev, vb_ansi_unit((uint8_t)unit), count)
                                          : vb_unknown(ev, "String");
    text = what.as.text;
    units = text->units > 0 ? vb_units(ev, text) : NULL;
    return units != NULL ? repeat(ev, units[0], count) : vb_unknown(ev, "String");
}

/* ---- Search ---- */

/* Byte search does for texts that fold nothing; units are counted up to what was found. */
static size_t find_units(struct vb_eval *ev, const struct script_text *text,
        const struct script_text *needle, size_t start, bool fold)
{
    const uint16_t *a = vb_units(ev, text);
    const uint16_t *b = script_text_units(ev->run, needle);
    size_t end = text->units;
    size_t len = needle->units;

    if (a == NULL || b == NULL || len > end)
        return SIZE_MAX;
    (void)vb_spend(ev, end - (start < end ? start : end));
    for (size_t i = start; i <= end - len; i++) {
        size_t k = 0;

        while (k < len &&
                (a[i + k] == b[k] || (fold && vb_fold_unit(a[i + k]) == vb_fold_unit(b[k]))))
            k++;
        if (k == len)
            return i;
    }
    return SIZE_MAX;
}

/* InStr([start,] text, needle [, compare]) */
struct vb_value vb_fn_instr(struct vb_eval *ev, const struct vb_call *call)
{
    bool with_start = call->count > 2 || (call->count == 3 && call->args[0].kind == VB_INT);
    uint32_t at = with_start ? 1 : 0;
    const struct script_text *text = text_arg(ev, call, at);
    const struct script_text *needle = text_arg(ev, call, at + 1);
    int64_t start = 1;
    size_t found;

    if (with_start && !number_arg(ev, call, 0, 1, &start))
        return vb_unknown(ev, "InStr");
    if (start < 1) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "InStr");
    }
    if (text->unknown || needle->unknown)
        return vb_unknown(ev, "InStr");
    if (text->units == 0 || (size_t)start > text->units)
        return vb_int(0, 4);
    if (needle->units == 0)
        return vb_int(start, 4);
    found = find_units(ev, text, needle, (size_t)start - 1, folds_arg(ev, call, at + 2));
    return vb_int(found == SIZE_MAX ? 0 : (int64_t)found + 1, 4);
}

/* InStrRev(text, needle [, start [, compare]]) */
struct vb_value vb_fn_instrrev(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *text = text_arg(ev, call, 0);
    const struct script_text *needle = text_arg(ev, call, 1);
    bool fold = folds_arg(ev, call, 3);
    int64_t start;
    size_t found = SIZE_MAX;
    size_t at = 0;

    if (!number_arg(ev, call, 2, -1, &start) || text->unknown || needle->unknown)
        return vb_unknown(ev, "InStrRev");
    if (start < 0 || (uint64_t)start > text->units)
        start = (int64_t)text->units;
    if (needle->units == 0)
        return vb_int(start, 4);
    for (;;) {
        at = find_units(ev, text, needle, at, fold);
        if (at == SIZE_MAX || at + needle->units > (size_t)start)
            break;
        found = at++;
    }
    return vb_int(found == SIZE_MAX ? 0 : (int64_t)found + 1, 4);
}

/* ---- Replace, Split, Join, Filter ---- */

struct vb_value vb_fn_replace(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *text = text_arg(ev, call, 0);
    const struct script_text *old = text_arg(ev, call, 1);
    const struct script_text *new = text_arg(ev, call, 2);
    bool fold = folds_arg(ev, call, 5);
    int64_t start;
    int64_t count;
    size_t at;
    struct vb_value made = vb_lit(ev, "");

    if (!number_arg(ev, call, 3, 1, &start) || !number_arg(ev, call, 4, -1, &count) || start < 1)
        return vb_unknown_of(ev, vb_arg(call, 0));
    at = (size_t)start - 1;
    if (old->units == 0 || count == 0)
        return vb_sub_text(ev, text, at, SIZE_MAX / 2);
    for (; count != 0 && script_goes_on(ev->run); count--) {
        size_t found = find_units(ev, text, old, at, fold);

        if (found == SIZE_MAX)
            break;
        made = vb_binary(ev, '&', made, vb_sub_text(ev, text, at, found - at));
        made = vb_binary(ev, '&', made, vb_text(new));
        at = found + old->units;
    }
    if (at == 0) /* nothing found */
        return vb_text(text);
    made = vb_binary(ev, '&', made, vb_sub_text(ev, text, at, SIZE_MAX / 2));
    if (made.kind != VB_TEXT)
        return made;
    return vb_text(script_text_step(ev->run, made.as.text, "replace", call->offset, HN_TEXT("")));
}

static bool append(struct vb_eval *ev, struct vb_array *array, struct vb_value value)
{
    uint32_t count[1] = { array->total + 1 };

    if (!vb_array_dim(ev, array, array->lower, count, 1, true))
        return false;
    array->items[array->total - 1] = value;
    return true;
}

bool vb_array_append(struct vb_eval *ev, struct vb_array *array, struct vb_value value)
{
    return append(ev, array, value);
}

struct vb_value vb_fn_split(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *text = text_arg(ev, call, 0);
    const struct script_text *by =
            vb_is_missing(call, 1) ? vb_to_text(ev, vb_lit(ev, " ")) : text_arg(ev, call, 1);
    bool fold = folds_arg(ev, call, 3);
    struct vb_array *array = vb_array_new(ev, VB_T_STRING, 0, 0);
    int64_t limit;
    size_t at = 0;

    if (array == NULL || !number_arg(ev, call, 2, -1, &limit))
        return vb_unknown(ev, "Split");
    if (text->units == 0)
        return vb_array_value(array);
    while (limit != 1 && by->units > 0 && script_goes_on(ev->run)) {
        size_t found = find_units(ev, text, by, at, fold);

        if (found == SIZE_MAX || !append(ev, array, vb_sub_text(ev, text, at, found - at)))
            break;
        at = found + by->units;
        limit -= limit > 0;
    }
    (void)append(ev, array, vb_sub_text(ev, text, at, SIZE_MAX / 2));
    return vb_array_value(array);
}

struct vb_value vb_fn_join(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value list = vb_arg(call, 0);
    struct vb_value made = vb_lit(ev, "");
    struct vb_value by = vb_is_missing(call, 1) ? vb_lit(ev, " ") : vb_arg(call, 1);

    if (list.kind != VB_ARRAY)
        return vb_unknown_of(ev, list);
    for (uint32_t i = 0; i < list.as.array->total && script_spend(ev->run, 1); i++) {
        if (i > 0)
            made = vb_binary(ev, '&', made, by);
        made = vb_binary(ev, '&', made, list.as.array->items[i]);
    }
    if (made.kind != VB_TEXT)
        return made;
    return vb_text(script_text_step(ev->run, made.as.text, "join", call->offset, HN_TEXT("")));
}

struct vb_value vb_fn_filter(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value list = vb_arg(call, 0);
    const struct script_text *needle = text_arg(ev, call, 1);
    bool include = vb_is_missing(call, 2) || vb_truth(ev, call->args[2]) != VB_FALSE;
    bool fold = folds_arg(ev, call, 3);
    struct vb_array *array = vb_array_new(ev, VB_T_STRING, 0, 0);

    if (list.kind != VB_ARRAY || array == NULL)
        return vb_unknown_of(ev, list);
    for (uint32_t i = 0; i < list.as.array->total && script_spend(ev->run, 1); i++) {
        const struct script_text *item = vb_to_text(ev, list.as.array->items[i]);

        if ((find_units(ev, item, needle, 0, fold) != SIZE_MAX) == include)
            (void)append(ev, array, vb_text(item));
    }
    return vb_array_value(array);
}

struct vb_value vb_fn_strcomp(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *a = text_arg(ev, call, 0);
    const struct script_text *b = text_arg(ev, call, 1);
    int order;

    if (a->unknown || b->unknown)
        return vb_unknown(ev, "StrComp");
    order = vb_text_order(ev, a, b, folds_arg(ev, call, 2));
    return vb_int((order > 0) - (order < 0), 2);
}

/* ---- Characters ---- */

struct vb_value vb_fn_chr(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t number;
    uint16_t unit;

    if (!vb_to_int(ev, vb_arg(call, 0), &number))
        return vb_unknown_of(ev, vb_arg(call, 0));
    if (number < 0 || number > 255) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "Chr");
    }
    unit = vb_ansi_unit((uint8_t)number);
    return vb_from_units(ev, &unit, 1, NULL, NULL);
}

struct vb_value vb_fn_chrw(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t number;
    uint16_t unit;

    if (!vb_to_int(ev, vb_arg(call, 0), &number))
        return vb_unknown_of(ev, vb_arg(call, 0));
    if (number < -32768 || number > 65535) {
        vb_raise(ev, 5);
        return vb_unknown(ev, "ChrW");
    }
    unit = (uint16_t)(number & 0xFFFF);
    return vb_from_units(ev, &unit, 1, NULL, NULL);
}

static bool first_unit(struct vb_eval *ev, const struct vb_call *call, uint16_t *ret_unit)
{
    const struct script_text *text = text_arg(ev, call, 0);
    struct vb_value first;
    const uint16_t *units;

    if (text->unknown)
        return false;
    if (text->units == 0) {
        vb_raise(ev, 5);
        return false;
    }
    if (text->ascii) {
        struct hn_text flat = script_text_flat(ev->run, text);

        *ret_unit = flat.ptr != NULL ? (uint16_t)(uint8_t)flat.ptr[0] : 0;
        return flat.ptr != NULL;
    }
    first = vb_sub_text(ev, text, 0, 1);
    units = script_text_units(ev->run, vb_to_text(ev, first));
    if (units == NULL)
        return false;
    *ret_unit = units[0];
    return true;
}

struct vb_value vb_fn_asc(struct vb_eval *ev, const struct vb_call *call)
{
    uint16_t unit;

    return first_unit(ev, call, &unit) ? vb_int(vb_ansi_byte(unit), 2)
                                       : vb_unknown_of(ev, vb_arg(call, 0));
}

struct vb_value vb_fn_ascw(struct vb_eval *ev, const struct vb_call *call)
{
    uint16_t unit;

    return first_unit(ev, call, &unit) ? vb_int((int16_t)unit, 2)
                                       : vb_unknown_of(ev, vb_arg(call, 0));
}

struct vb_value vb_fn_ascb(struct vb_eval *ev, const struct vb_call *call)
{
    uint16_t unit;
    struct hn_bytes bytes;

    if (vb_arg(call, 0).kind == VB_ARRAY && vb_bytes_of(ev, vb_arg(call, 0), &bytes) &&
            bytes.len > 0)
        return vb_int(bytes.ptr[0], 2);
    return first_unit(ev, call, &unit) ? vb_int(unit & 0xFF, 2) : vb_unknown(ev, "AscB");
}

/* ---- StrConv ---- */

static struct vb_value to_unicode(struct vb_eval *ev, struct vb_value value)
{
    struct hn_bytes bytes;
    uint16_t *out;

    if (!vb_bytes_of(ev, value, &bytes))
        return vb_unknown_of(ev, value);
    out = hn_arena_raw(&ev->run->arena, (bytes.len + 1) * sizeof *out, _Alignof(uint16_t));
    if (out == NULL)
        return vb_unknown(ev, "StrConv");
    for (size_t i = 0; i < bytes.len; i++)
        out[i] = vb_ansi_unit(bytes.ptr[i]);
    return vb_from_units(
            ev, out, bytes.len, "StrConv", value.kind == VB_TEXT ? value.as.text : NULL);
}

static struct vb_value from_unicode(struct vb_eval *ev, struct vb_value value)
{
    const struct script_text *text = vb_to_text(ev, value);
    const uint16_t *units = script_text_units(ev->run, text);
    uint8_t *out = hn_arena_raw(&ev->run->arena, text->units + 1, 1);

    if (units == NULL || out == NULL || text->unknown)
        return vb_unknown_of(ev, value);
    for (size_t i = 0; i < text->units; i++)
        out[i] = (uint8_t)vb_ansi_byte(units[i]);
    return vb_byte_array(ev, hn_bytes_of(out, text->units));
}

static struct vb_value proper_case(struct vb_eval *ev, const struct script_text *text)
{
    const uint16_t *units = script_text_units(ev->run, text);
    uint16_t *out =
            hn_arena_raw(&ev->run->arena, (text->units + 1) * sizeof *out, _Alignof(uint16_t));

    if (units == NULL || out == NULL)
        return vb_unknown(ev, "StrConv");
    for (size_t i = 0; i < text->units; i++)
        out[i] = i == 0 || units[i - 1] == ' ' ? upper_unit(units[i]) : vb_fold_unit(units[i]);
    return vb_from_units(ev, out, text->units, "StrConv", text);
}

struct vb_value vb_fn_strconv(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));
    int64_t mode;

    if (vb_is_unknown(value) || !number_arg(ev, call, 1, 0, &mode))
        return vb_unknown_of(ev, value);
    switch (mode & 0xFF) {
    case 1:
        return map_units(ev, vb_to_text(ev, value), upper_unit, "upper");
    case 2:
        return map_units(ev, vb_to_text(ev, value), vb_fold_unit, "lower");
    case 3:
        return proper_case(ev, vb_to_text(ev, value));
    case 64:
        return to_unicode(ev, value);
    case 128:
        return from_unicode(ev, value);
    default:
        return vb_text(vb_to_text(ev, value));
    }
}
