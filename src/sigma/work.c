/* work.c - one document's work: places, kept texts, arrays, readers of common shapes. */
#include "sigma/sigma_internal.h"

#include "base/num.h"

#include <math.h>

struct work work_begin(struct sigma_loader *loader, uint32_t file_index)
{
    struct work w = { .loader = loader,
        .keep = &loader->box->arena,
        .scratch = &loader->scratch,
        .limits = &loader->options.limits,
        .file_index = file_index };

    hn_arena_reset(&loader->scratch);
    if (file_index < loader->files.count)
        w.file = loader->files.ptr[file_index]->name;
    w.id = HN_TEXT("");
    w.title = HN_TEXT("");
    return w;
}

bool work_nomem(struct work *w, const struct hn_arena *arena)
{
    if (w->status == HN_OK)
        w->status = hn_arena_status(arena) == HN_OK ? HN_NOMEM : hn_arena_status(arena);
    return false;
}

struct sigma_place sigma_place_of(const struct work *w, struct hn_yaml_ref ref)
{
    struct sigma_place place = { w->file, 1, 1 };

    if (ref.yaml != NULL) {
        place.line = hn_yaml_node(ref)->line;
        place.column = hn_yaml_node(ref)->column;
    }
    return place;
}

struct sigma_place sigma_place_in(const struct work *w, struct hn_yaml_ref ref, size_t offset)
{
    struct sigma_place place = sigma_place_of(w, ref);
    struct hn_text text = hn_yaml_text(ref);
    const struct hn_yaml *yaml = ref.yaml;

    /* Only what stands in the file as it is has places of its own. */
    if (text.ptr == NULL || text.ptr < yaml->raw.ptr || text.ptr > yaml->raw.ptr + yaml->raw.len)
        return place;
    place.column += (hn_yaml_node(ref)->style == HN_YAML_QUOTED ? 1u : 0u);
    place.column += (uint32_t)(offset < text.len ? offset : text.len);
    return place;
}

struct hn_text sigma_keep_text(struct work *w, struct hn_text text)
{
    struct hn_text copy = hn_arena_text(w->keep, text);

    if (copy.ptr == NULL)
        (void)work_nomem(w, w->keep);
    return copy;
}

bool sigma_grow_array(
        struct work *w, void *items, uint32_t count, uint32_t *room, size_t item_bytes)
{
    uint32_t wanted;
    void *old;
    void *bigger;

    if (count < *room)
        return true;
    wanted = *room == 0 ? 4 : *room * 2;
    memcpy(&old, items, sizeof old);
    if (*room > UINT32_MAX / 2)
        return work_nomem(w, w->scratch);
    bigger = hn_arena_array(w->scratch, wanted, item_bytes, _Alignof(max_align_t));
    if (bigger == NULL)
        return work_nomem(w, w->scratch);
    if (count > 0)
        memcpy(bigger, old, count * item_bytes);
    memcpy(items, &bigger, sizeof bigger);
    *room = wanted;
    return true;
}

bool sigma_stack_push(struct work *w, struct work_stack *stack, const void *item)
{
    const void **slot = arena_vec_add(w, stack->ptr, stack->count, stack->room);

    if (slot != NULL)
        *slot = item;
    return slot != NULL;
}

/* ---- Texts ---- */

bool sigma_read_text(struct work *w, struct hn_yaml_ref ref, enum sigma_code code, const char *what,
        struct hn_text *ret_text)
{
    *ret_text = HN_TEXT("");
    if (ref.yaml == NULL)
        return true;
    if (!hn_yaml_is(ref, HN_YAML_SCALAR)) {
        issue_add(w, code, sigma_place_of(w, ref), "%s must be text", what);
        return false;
    }
    if (hn_yaml_type(ref) != HN_YAML_NULL)
        *ret_text = hn_yaml_text(ref);
    return true;
}

bool sigma_read_texts(struct work *w, struct hn_yaml_ref ref, enum sigma_code code,
        const char *what, struct sigma_texts *ret_texts)
{
    bool is_list = hn_yaml_is(ref, HN_YAML_LIST);
    uint32_t room = is_list ? hn_yaml_count(ref) : 1;
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct hn_yaml_ref item = ref;
    bool fine = true;

    memset(ret_texts, 0, sizeof *ret_texts);
    if (ref.yaml == NULL || hn_yaml_type(ref) == HN_YAML_NULL)
        return true;
    if (hn_yaml_is(ref, HN_YAML_MAP)) {
        issue_add(w, code, sigma_place_of(w, ref), "%s must be a list of texts", what);
        return false;
    }
    ret_texts->ptr = hn_new(w->keep, struct hn_text, room);
    if (ret_texts->ptr == NULL)
        return work_nomem(w, w->keep);
    while (is_list ? hn_yaml_next(&iter, &item) : ret_texts->count == 0) {
        if (!hn_yaml_is(item, HN_YAML_SCALAR)) {
            issue_add(w, code, sigma_place_of(w, item), "%s must be a list of texts", what);
            fine = false;
        } else {
            ret_texts->ptr[ret_texts->count++] = hn_yaml_text(item);
        }
    }
    return fine;
}

/* ---- Numbers ---- */

static bool octal(struct hn_text digits, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (size_t i = 0; i < digits.len; i++) {
        if (value >> 61 != 0)
            return false;
        value = value << 3 | (uint64_t)(digits.ptr[i] - '0');
    }
    *ret_value = value;
    return true;
}

/* "+.5", "1." and "007" in the grammar that hn_parse_real() knows. */
static bool real_of(struct hn_text digits, double *ret_real)
{
    char text[64];
    size_t len = 0;
    size_t at = 0;

    while (at + 1 < digits.len && digits.ptr[at] == '0' && digits.ptr[at + 1] >= '0' &&
            digits.ptr[at + 1] <= '9')
        at++;
    digits = hn_text_sub(digits, at, digits.len);
    if (digits.len > 48)
        return hn_parse_real(digits, ret_real); /* long, and then it has to be well-formed */
    if (digits.len > 0 && digits.ptr[0] == '.')
        text[len++] = '0';
    for (size_t i = 0; i < digits.len; i++) {
        bool bare =
                digits.ptr[i] == '.' && (i + 1 == digits.len || (digits.ptr[i + 1] | 0x20) == 'e');

        text[len++] = digits.ptr[i];
        if (bare)
            text[len++] = '0';
    }
    return hn_parse_real(hn_text_of(text, len), ret_real);
}

bool sigma_number_of(struct hn_text text, struct sigma_number *ret_number)
{
    struct sigma_number number = { .is_integer = true };
    struct hn_text digits = text;

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        number.negative = text.ptr[0] == '-';
        digits = hn_text_sub(text, 1, text.len);
    }
    if (hn_text_starts(digits, HN_TEXT("0x"))) {
        if (!hn_parse_hex64(digits, &number.magnitude))
            return false;
    } else if (hn_text_starts(digits, HN_TEXT("0o"))) {
        if (!octal(hn_text_sub(digits, 2, digits.len), &number.magnitude))
            return false;
    } else if (!hn_parse_u64(digits, &number.magnitude)) {
        number.is_integer = false;
        number.magnitude = 0;
        if (!real_of(digits, &number.real))
            return false;
    }
    if (number.is_integer)
        number.real = (double)number.magnitude;
    if (number.negative)
        number.real = -number.real;
    if (number.is_integer && number.magnitude == 0)
        number.negative = false;
    *ret_number = number;
    return true;
}

bool sigma_read_number(struct hn_yaml_ref ref, struct sigma_number *ret_number)
{
    return hn_yaml_is(ref, HN_YAML_SCALAR) && hn_yaml_type(ref) == HN_YAML_NUMBER &&
           sigma_number_of(hn_yaml_text(ref), ret_number);
}
