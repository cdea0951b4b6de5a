/* sigma_modifier_fieldref.c - fieldref: the value is the name of another field. */
#include "sigma/sigma_modifiers.h"

static bool apply_fieldref(const struct modifier_use *use, struct draft_value *value)
{
    if (draft_string_has_wildcard(&value->string) ||
            sigma_draft_string_has(&value->string, DRAFT_PLACEHOLDER) || value->string.count == 0) {
        issue_add(use->w, CODE_MODIFIER_VALUE, value->place,
                "a field reference is a plain field name, before other modifiers");
        return false;
    }
    if (use->item->keyword) {
        issue_add(use->w, CODE_BAD_KEYWORD, value->place, "a field reference needs a field");
        return false;
    }
    value->kind = DRAFT_FIELDREF;
    value->field = value->string.parts[0].text;
    value->anchor = SIGMA_WHOLE;
    return true;
}

const struct modifier modifier_fieldref = { .name = "fieldref",
    .takes = TAKES(DRAFT_STRING),
    .wants = "the name of a field",
    .value = apply_fieldref };
