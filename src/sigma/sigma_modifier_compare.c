/* sigma_modifier_compare.c - lt, lte, gt, gte: numbers in order. */
#include "sigma/sigma_modifiers.h"

static bool compare(struct draft_value *value, enum sigma_compare op)
{
    value->kind = DRAFT_COMPARE;
    value->compare = op;
    return true;
}

static bool apply_lt(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    return compare(value, SIGMA_LT);
}

static bool apply_lte(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    return compare(value, SIGMA_LTE);
}

static bool apply_gt(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    return compare(value, SIGMA_GT);
}

static bool apply_gte(const struct modifier_use *use, struct draft_value *value)
{
    (void)use;
    return compare(value, SIGMA_GTE);
}

/* After a part of a time ("hour|gte") the value is still a number, so these need not be first. */
#define COMPARISON(text, fn)                                                              \
    {                                                                                     \
        .name = (text), .takes = TAKES(DRAFT_NUMBER), .wants = "a number without quotes", \
        .value = (fn)                                                                     \
    }

const struct modifier modifier_lt = COMPARISON("lt", apply_lt);
const struct modifier modifier_lte = COMPARISON("lte", apply_lte);
const struct modifier modifier_gt = COMPARISON("gt", apply_gt);
const struct modifier modifier_gte = COMPARISON("gte", apply_gte);
