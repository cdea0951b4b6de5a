/* value.c - YAML scalars as values of items. */
#include "sigma/sigma_draft.h"

struct draft_value *sigma_draft_item_add(
        struct work *w, struct draft_item *item, const struct draft_value *like)
{
    struct draft_value copy = *like; /* like may stand in the array that grows */
    struct draft_value *value;

    if (item->value_count >= w->limits->values_max) {
        issue_add(w, CODE_TOO_LARGE, item->place, "more than %u values", w->limits->values_max);
        return NULL;
    }
    value = arena_vec_add(w, item->values, item->value_count, item->value_room);
    if (value == NULL)
        return NULL;
    *value = copy;
    memset(&value->string, 0, sizeof value->string);
    return value;
}

/* What YAML 1.1 takes for a boolean and YAML 1.2 for text. */
static bool is_yaml_1_1_bool(struct hn_text text)
{
    static const char *const words[] = { "yes", "no", "on", "off" };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq_nocase(text, hn_text_cstr(words[i])))
            return true;
    }
    return false;
}

static bool number_value(struct work *w, struct hn_yaml_ref scalar, struct draft_value *value)
{
    value->kind = DRAFT_NUMBER;
    if (!sigma_number_of(value->written, &value->number)) {
        issue_add(w, CODE_BAD_VALUE, value->place, "\"%.*s\" is out of range",
                HN_TEXT_ARG(value->written));
        return false;
    }
    if (value->written.len > 1 && value->written.ptr[0] == '0' &&
            (value->written.ptr[1] == 'x' || value->written.ptr[1] == 'o')) {
        issue_add(w, CODE_HEX_NUMBER, sigma_place_of(w, scalar),
                "%.*s is the number %llu here; quote it to match it as text",
                HN_TEXT_ARG(value->written), (unsigned long long)value->number.magnitude);
    }
    return true;
}

bool value_read(struct work *w, struct hn_yaml_ref scalar, bool raw, struct draft_value *ret_value)
{
    struct draft_value value = { .place = sigma_place_of(w, scalar),
        .written = hn_yaml_text(scalar) };
    bool truth = false;
    bool fine = true;

    switch (hn_yaml_type(scalar)) {
    case HN_YAML_NULL:
        value.kind = DRAFT_NULL;
        break;
    case HN_YAML_BOOL:
        value.kind = DRAFT_BOOL;
        (void)hn_yaml_bool(scalar, &truth);
        value.number = (struct sigma_number){ true, true, false, truth ? 1 : 0, truth ? 1 : 0 };
        break;
    case HN_YAML_NUMBER:
        fine = number_value(w, scalar, &value);
        break;
    case HN_YAML_STRING:
        if (hn_yaml_node(scalar)->style == HN_YAML_PLAIN && is_yaml_1_1_bool(value.written)) {
            issue_add(w, CODE_YAML_WORD, value.place,
                    "\"%.*s\" is text here and a boolean to other tools; quote it",
                    HN_TEXT_ARG(value.written));
        }
        value.kind = DRAFT_STRING;
        fine = raw ? sigma_draft_string_plain(w, value.written, &value.string)
                   : sigma_draft_string_parse(w, value.written, &value.string);
        break;
    }
    if (raw && value.kind != DRAFT_STRING && value.kind != DRAFT_NULL && fine) {
        value.kind = DRAFT_STRING; /* a pattern that looks like a number */
        fine = sigma_draft_string_plain(w, value.written, &value.string);
    }
    *ret_value = value;
    return fine;
}
