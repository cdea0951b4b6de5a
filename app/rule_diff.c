/* rule_diff.c - two sets side by side, by id. */
#include "app/rule_diff.h"

#include "app/ui.h"
#include "base/json_out.h"
#include "base/map.h"

static struct hn_text key_of(const struct sigma_meta *meta)
{
    return meta->id.len > 0 ? meta->id : meta->title;
}

static uint32_t count_of(const struct sigma_set *set)
{
    return set == NULL ? 0 : set->rule_count + set->correlation_count;
}

/* Rules, then correlations. */
static const struct sigma_meta *meta_at(const struct sigma_set *set, uint32_t index)
{
    return index < set->rule_count ? &set->rules[index].meta
                                   : &set->correlations[index - set->rule_count].meta;
}

static bool fill(struct hn_map *map, const struct sigma_set *set)
{
    uint32_t kept;

    for (uint32_t i = 0; i < count_of(set); i++) {
        if (!hn_map_put(map, key_of(meta_at(set, i)), i, &kept))
            return false;
    }
    return true;
}

struct change {
    const char *word; /* "added" */
    const char *mark;
    enum ui_style style;
    const struct sigma_meta *before; /* NULL: added */
    const struct sigma_meta *after;  /* NULL: removed */
};

static void json_change(const struct change *change, struct hn_buf *out)
{
    const struct sigma_meta *meta = change->after != NULL ? change->after : change->before;
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "change", hn_text_cstr(change->word));
    hn_json_pair(&json, "id", meta->id);
    hn_json_pair(&json, "title", meta->title);
    hn_json_pair(&json, "level", hn_text_cstr(sigma_level_text(meta->level)));
    if (change->before != NULL && change->after != NULL &&
            change->before->level != change->after->level)
        hn_json_pair(&json, "old_level", hn_text_cstr(sigma_level_text(change->before->level)));
    hn_json_pair(&json, "file", meta->place.file);
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

static void human_change(const struct change *change, struct hn_buf *out)
{
    const struct sigma_meta *meta = change->after != NULL ? change->after : change->before;

    hn_buf_add_cstr(out, ui_style(change->style, ui.color_out));
    hn_buf_add_cstr(out, change->mark);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, ' ');
    ui_add_cell(out, hn_text_cstr(ui_level_name(meta->level)), 9);
    ui_add_cell(out, meta->title, 0);
    if (change->before != NULL && change->after != NULL &&
            change->before->level != change->after->level)
        hn_buf_addf(out, UI_TEXT(" (was %s)", "(以前は %s)"), ui_level_name(change->before->level));
    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    ui_add_cell(out, meta->place.file, 0);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void write_change(const struct change *change, bool json, struct hn_buf *out)
{
    if (json)
        json_change(change, out);
    else
        human_change(change, out);
}

static void write_new(const struct sigma_set *from, const struct sigma_set *to,
        const struct hn_map *old, bool json, struct hn_buf *out, struct rule_diff *diff)
{
    for (uint32_t i = 0; i < count_of(to); i++) {
        struct change change = { "added", "+", UI_GREEN, NULL, meta_at(to, i) };
        uint32_t index = hn_map_find(old, key_of(change.after));

        if (index == HN_MAP_NONE) {
            diff->added++;
        } else if (!hn_digest_eq(meta_at(from, index)->digest, change.after->digest)) {
            change.before = meta_at(from, index);
            change.word = "changed";
            change.mark = "~";
            change.style = UI_YELLOW;
            diff->changed++;
        } else {
            continue;
        }
        write_change(&change, json, out);
    }
}

bool rule_diff_write(const struct sigma_set *from, const struct sigma_set *to, bool json,
        struct hn_buf *out, struct rule_diff *ret_diff)
{
    struct hn_map old = { 0 };
    struct hn_map new = { 0 };
    bool ok = fill(&old, from) && fill(&new, to);

    *ret_diff = (struct rule_diff){ 0 };
    if (ok)
        write_new(from, to, &old, json, out, ret_diff);
    for (uint32_t i = 0; ok && i < count_of(from); i++) {
        struct change change = { "removed", "-", UI_RED, meta_at(from, i), NULL };

        if (hn_map_find(&new, key_of(change.before)) != HN_MAP_NONE)
            continue;
        ret_diff->removed++;
        write_change(&change, json, out);
    }
    hn_map_deinit(&old);
    hn_map_deinit(&new);
    return ok && hn_buf_ok(out);
}
