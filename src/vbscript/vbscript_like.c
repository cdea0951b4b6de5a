/* vbscript_like.c - the Like operator: ? * # [list] [!list]. Linear but for *, whose last place
 * alone is taken back. */
#include "vbscript/vbscript_internal.h"

struct pattern {
    const uint16_t *units;
    size_t count;
    bool fold;
};

static uint16_t unit_of(const struct pattern *p, uint16_t unit)
{
    return p->fold ? vb_fold_unit(unit) : unit;
}

/* The place behind the list that starts at pos ('['), and whether the unit is in it. */
static size_t list_match(const struct pattern *p, size_t pos, uint16_t unit, bool *ret_match)
{
    bool negate = false;
    bool found = false;
    size_t i = pos + 1;

    if (i < p->count && p->units[i] == '!') {
        negate = true;
        i++;
    }
    for (; i < p->count && p->units[i] != ']'; i++) {
        uint16_t low = unit_of(p, p->units[i]);
        uint16_t high = low;

        if (i + 2 < p->count && p->units[i + 1] == '-' && p->units[i + 2] != ']') {
            high = unit_of(p, p->units[i + 2]);
            i += 2;
        }
        found |= unit >= low && unit <= high;
    }
    *ret_match = found != negate;
    return i < p->count ? i + 1 : i;
}

/* One unit of the text against what stands at *pos, which moves on when it matches. */
static bool one_match(const struct pattern *p, size_t *pos, uint16_t unit)
{
    bool match;
    size_t next = *pos + 1;
    uint16_t c = p->units[*pos];

    unit = unit_of(p, unit);
    if (c == '?')
        match = true;
    else if (c == '#')
        match = unit >= '0' && unit <= '9';
    else if (c == '[')
        next = list_match(p, *pos, unit, &match);
    else
        match = unit_of(p, c) == unit;
    if (match)
        *pos = next;
    return match;
}

bool vb_like(struct vb_eval *ev, const struct script_text *text, const struct script_text *pattern)
{
    struct pattern p = { .count = pattern->units, .fold = vb_folds(ev) };
    const uint16_t *units = script_text_units(ev->run, text);
    size_t pos = 0;
    size_t star = SIZE_MAX;
    size_t star_text = 0;
    size_t i = 0;

    p.units = script_text_units(ev->run, pattern);
    if (units == NULL || p.units == NULL)
        return false;
    while (i < text->units) {
        if (!script_spend(ev->run, 1))
            return false;
        if (pos < p.count && p.units[pos] == '*') {
            star = pos++;
            star_text = i;
        } else if (pos < p.count && one_match(&p, &pos, units[i])) {
            i++;
        } else if (star != SIZE_MAX) {
            pos = star + 1;
            i = ++star_text;
        } else {
            return false;
        }
    }
    while (pos < p.count && p.units[pos] == '*')
        pos++;
    return pos == p.count;
}
