/* lint_rule.c - rules that can never fire, and what two documents of a set have in common.
 *
 * A rule never fires when its condition is constantly false, when it demands two different values
 * of a field that has one, or when it demands a selection and its negation. */
#include "sigma/sigma_draft.h"

#include "base/utf.h"

/* ---- Constants ---- */

enum truth { NEVER_TRUE, ALWAYS_TRUE, DEPENDS };

/* By an explicit stack: a node is pushed once to visit its children, and once to sum them up. */
struct frame {
    const struct sigma_node *node;
    uint32_t next; /* child to look at */
    bool never;    /* a child was never true */
    bool always;
    bool depends;
};

struct frames {
    struct frame *ptr;
    uint32_t count;
    uint32_t room;
};

static bool push(struct work *w, struct frames *frames, const struct sigma_node *node)
{
    struct frame *frame = arena_vec_add(w, frames->ptr, frames->count, frames->room);

    if (frame == NULL)
        return false;
    memset(frame, 0, sizeof *frame);
    frame->node = node;
    return true;
}

static enum truth sum_up(const struct frame *frame)
{
    switch (frame->node->kind) {
    case SIGMA_FALSE:
        return NEVER_TRUE;
    case SIGMA_TRUE:
        return ALWAYS_TRUE;
    case SIGMA_ITEM:
        return DEPENDS;
    case SIGMA_NOT:
        return frame->never ? ALWAYS_TRUE : frame->always ? NEVER_TRUE : DEPENDS;
    case SIGMA_AND:
        return frame->never ? NEVER_TRUE : frame->depends ? DEPENDS : ALWAYS_TRUE;
    case SIGMA_OR:
        return frame->always ? ALWAYS_TRUE : frame->depends ? DEPENDS : NEVER_TRUE;
    }
    return DEPENDS;
}

static enum truth truth_of(struct work *w, const struct sigma_node *root)
{
    struct frames frames = { 0 };
    enum truth truth = DEPENDS;

    if (!push(w, &frames, root))
        return DEPENDS;
    while (frames.count > 0) {
        struct frame *frame = &frames.ptr[frames.count - 1];

        if (frame->next < frame->node->count) {
            if (!push(w, &frames, frame->node->children[frame->next++]))
                return DEPENDS;
            continue;
        }
        truth = sum_up(frame);
        frames.count--;
        if (frames.count > 0) {
            frame = &frames.ptr[frames.count - 1];
            frame->never = frame->never || truth == NEVER_TRUE;
            frame->always = frame->always || truth == ALWAYS_TRUE;
            frame->depends = frame->depends || truth == DEPENDS;
        }
    }
    return truth;
}

/* ---- Contradictions ---- */

#define DEMANDS_MAX 64u

/* What a condition demands: the parts of its ANDs from the root down. */
struct demands {
    const struct sigma_node *ptr[DEMANDS_MAX];
    uint32_t count;
};

static void collect_demands(const struct sigma_node *root, struct demands *demands)
{
    demands->ptr[demands->count++] = root;
    for (uint32_t i = 0; i < demands->count;) {
        const struct sigma_node *node = demands->ptr[i];

        if (node->kind != SIGMA_AND || demands->count + node->count > DEMANDS_MAX) {
            i++;
            continue;
        }
        demands->ptr[i] = node->children[0]; /* an AND is replaced by its parts */
        for (uint32_t k = 1; k < node->count; k++)
            demands->ptr[demands->count++] = node->children[k];
    }
}

/* The text that a value demands of the whole field; false for patterns and the like. */
static bool exact_text(const struct sigma_value *value, struct hn_text *ret_text)
{
    if (value->kind == SIGMA_STRING && value->as.string.count == 1 &&
            value->as.string.parts[0].kind == SIGMA_PART_TEXT) {
        *ret_text = value->as.string.parts[0].text;
        return true;
    }
    if (value->kind == SIGMA_NUMBER && value->as.number.is_integer && !value->as.number.is_bool) {
        *ret_text = value->written;
        return true;
    }
    return false;
}

static bool shares_value(const struct sigma_item *a, const struct sigma_item *b)
{
    for (uint32_t i = 0; i < a->value_count; i++) {
        for (uint32_t k = 0; k < b->value_count; k++) {
            struct hn_text left;
            struct hn_text right;

            if (!exact_text(&a->values[i], &left) || !exact_text(&b->values[k], &right) ||
                    hn_text_eq_nocase(left, right))
                return true;
        }
    }
    return false;
}

/* Events of Windows have one value for each field, except unnamed ones. Elsewhere (joined auditd
 * records, lists in JSON) a field may have several, and nothing contradicts. */
static bool has_one_value(const struct sigma_rule *rule, const struct sigma_item *item)
{
    return hn_text_eq(rule->logsource.product, HN_TEXT("windows")) && item->field.len > 0 &&
           !hn_text_eq(item->field, HN_TEXT("Data")) && item->time_part == SIGMA_TIME_NONE &&
           item->value_count <= DEMANDS_MAX;
}

static void find_contradiction(
        struct work *w, const struct sigma_rule *rule, const struct demands *demands)
{
    for (uint32_t i = 0; i < demands->count; i++) {
        const struct sigma_node *a = demands->ptr[i];

        for (uint32_t k = 0; k < i; k++) {
            const struct sigma_node *b = demands->ptr[k];

            if ((a->kind == SIGMA_NOT && a->children[0] == b) ||
                    (b->kind == SIGMA_NOT && b->children[0] == a)) {
                issue_add(w, CODE_NEVER_CONTRADICTION, rule->meta.place,
                        "the condition demands a selection and its negation");
                return;
            }
            if (a->kind != SIGMA_ITEM || b->kind != SIGMA_ITEM ||
                    !hn_text_eq(a->item->field, b->item->field) || !has_one_value(rule, a->item) ||
                    !has_one_value(rule, b->item) || shares_value(a->item, b->item))
                continue;
            issue_add(w, CODE_NEVER_CONTRADICTION, a->item->place,
                    "\"%.*s\" cannot have this value and the one of line %u",
                    HN_TEXT_ARG(a->item->field), b->item->place.line);
            return;
        }
    }
}

void lint_rule(struct work *w, const struct draft_rule *draft, const struct sigma_rule *rule)
{
    struct demands demands = { .count = 0 };
    enum truth truth = truth_of(w, rule->condition);

    if (truth == NEVER_TRUE)
        issue_add(w, CODE_NEVER_FALSE, draft->meta->place, "the condition is never true");
    if (truth == ALWAYS_TRUE)
        issue_add(w, CODE_MATCHES_ALL, draft->meta->place, "the condition is always true");
    collect_demands(rule->condition, &demands);
    find_contradiction(w, rule, &demands);
    lint_fields(w, rule);
}

/* ---- Documents of a set ---- */

struct doubles {
    struct sigma_loader *loader;
    struct hn_map ids;
    struct hn_map names;
    struct hn_map titles;
    enum hn_status status;
};

static const struct sigma_meta *meta_at(const struct sigma_loader *loader, uint32_t index)
{
    const struct sigma_set *set = &loader->box->set;

    if (index < loader->rules.count) {
        return loader->rules.ptr[index].silent && loader->rules.ptr[index].meta.name.len == 0
                       ? NULL /* perhaps part of an old aggregation, which has the same id */
                       : &loader->rules.ptr[index].meta;
    }
    return &set->correlations[index - loader->rules.count].meta;
}

static void check(struct doubles *d, struct hn_map *map, struct hn_text key, uint32_t index,
        enum sigma_code code)
{
    const struct sigma_meta *meta = meta_at(d->loader, index);
    const struct sigma_meta *other;
    struct work w;
    uint32_t first;

    if (key.len == 0)
        return;
    if (!hn_map_put(map, key, index, &first)) {
        d->status = HN_NOMEM;
        return;
    }
    if (first == index)
        return;
    other = meta_at(d->loader, first);
    w = work_begin(d->loader, UINT32_MAX);
    for (uint32_t i = 0; i < d->loader->files.count; i++) {
        if (d->loader->files.ptr[i]->name.ptr == meta->place.file.ptr)
            w.file_index = i;
    }
    w.id = meta->id;
    w.title = meta->title;
    issue_add(&w, code, meta->place, "\"%.*s\" is also at %.*s:%u", HN_TEXT_ARG(key),
            HN_TEXT_ARG(other->place.file), other->place.line);
    d->status = w.status;
}

enum hn_status lint_set(struct sigma_loader *loader)
{
    struct doubles d = { .loader = loader };
    uint32_t count = (uint32_t)loader->rules.count + loader->box->set.correlation_count;

    for (uint32_t i = 0; i < count && d.status == HN_OK; i++) {
        const struct sigma_meta *meta = meta_at(loader, i);

        if (meta == NULL)
            continue;
        check(&d, &d.ids, meta->id, i, CODE_DUPLICATE_ID);
        check(&d, &d.names, meta->name, i, CODE_DUPLICATE_NAME);
        check(&d, &d.titles, meta->title, i, CODE_DUPLICATE_TITLE);
    }
    hn_map_deinit(&d.ids);
    hn_map_deinit(&d.names);
    hn_map_deinit(&d.titles);
    return d.status;
}
