/* sigma_modifiers.h - one descriptor per modifier; modifier.c has the table, each file its own. */
#ifndef HN_SIGMA_SIGMA_MODIFIERS_H
#define HN_SIGMA_SIGMA_MODIFIERS_H

#include "sigma/sigma_draft.h"

extern const struct modifier modifier_all;
extern const struct modifier modifier_neq;
extern const struct modifier modifier_contains;
extern const struct modifier modifier_startswith;
extern const struct modifier modifier_endswith;
extern const struct modifier modifier_exists;
extern const struct modifier modifier_cased;
extern const struct modifier modifier_windash;
extern const struct modifier modifier_re;
extern const struct modifier modifier_re_i;
extern const struct modifier modifier_re_m;
extern const struct modifier modifier_re_s;
extern const struct modifier modifier_base64;
extern const struct modifier modifier_base64offset;
extern const struct modifier modifier_utf16le;
extern const struct modifier modifier_utf16be;
extern const struct modifier modifier_utf16;
extern const struct modifier modifier_wide;
extern const struct modifier modifier_lt;
extern const struct modifier modifier_lte;
extern const struct modifier modifier_gt;
extern const struct modifier modifier_gte;
extern const struct modifier modifier_minute;
extern const struct modifier modifier_hour;
extern const struct modifier modifier_day;
extern const struct modifier modifier_week;
extern const struct modifier modifier_month;
extern const struct modifier modifier_year;
extern const struct modifier modifier_cidr;
extern const struct modifier modifier_expand;
extern const struct modifier modifier_fieldref;

#endif
