/* correlation_resolve.c - correlations find their rules, get in order, silence what they feed on.
 */
#include "sigma/sigma_correlation.h"

#include "base/utf.h"

#include <math.h>

/* Number of a rule, or of a correlation with the highest bit set. */
#define IS_CORRELATION 0x80000000u

struct resolver {
    struct sigma_loader *loader;
    struct work w;
    struct hn_map by_id;   /* lower case */
    struct hn_map by_name; /* the first of this name anywhere */
    struct hn_map by_file; /* the first of this name in a file */
    uint32_t *order;       /* correlations, those referred to first */
    uint32_t *position;    /* of each correlation in the set; UINT32_MAX: not in it */
    uint32_t count;
    uint32_t *waiting;    /* correlations that each one refers to and that are not placed yet */
    uint32_t *first;      /* of each correlation's dependents */
    uint32_t *dependents; /* correlations that refer to it */
};

/* ---- Names ---- */

static struct hn_text lower(struct resolver *r, struct hn_text text)
{
    char *copy = hn_arena_raw(&r->loader->files_arena, text.len + 1, 1);

    if (copy == NULL) {
        (void)work_nomem(&r->w, &r->loader->files_arena);
        return HN_TEXT("");
    }
    hn_lower_ascii(text, copy);
    return hn_text_of(copy, text.len);
}

static void put(struct resolver *r, struct hn_map *map, struct hn_text key, uint32_t value)
{
    uint32_t first;

    if (key.len > 0 && !hn_map_put(map, key, value, &first))
        r->w.status = HN_NOMEM;
}

/* A name that is good within one file. Names of files are compared by where they are kept. */
static struct hn_text scoped(struct resolver *r, struct hn_text name, struct hn_text file)
{
    char *key = hn_arena_raw(&r->loader->files_arena, sizeof file.ptr + name.len, 1);

    if (key == NULL) {
        (void)work_nomem(&r->w, &r->loader->files_arena);
        return HN_TEXT("");
    }
    memcpy(key, &file.ptr, sizeof file.ptr);
    memcpy(key + sizeof file.ptr, name.ptr, name.len);
    return hn_text_of(key, sizeof file.ptr + name.len);
}

static void put_meta(struct resolver *r, const struct sigma_meta *meta, uint32_t number)
{
    put(r, &r->by_id, lower(r, meta->id), number);
    put(r, &r->by_name, meta->name, number);
    if (meta->name.len > 0)
        put(r, &r->by_file, scoped(r, meta->name, meta->place.file), number);
}

static const struct sigma_meta *meta_of(const struct resolver *r, uint32_t number)
{
    return (number & IS_CORRELATION) != 0
                   ? &r->loader->correlations.ptr[number & ~IS_CORRELATION]->model.meta
                   : &r->loader->rules.ptr[number].meta;
}

static void name_all(struct resolver *r)
{
    for (uint32_t i = 0; i < r->loader->rules.count; i++) {
        const struct sigma_rule *rule = &r->loader->rules.ptr[i];

        if (rule->silent)
            continue; /* part of an old aggregation, whose correlation has the name */
        put_meta(r, &rule->meta, i);
    }
    for (uint32_t i = 0; i < r->loader->correlations.count; i++) {
        const struct correlation_draft *draft = r->loader->correlations.ptr[i];

        if (!draft->rejected)
            put_meta(r, &draft->model.meta, i | IS_CORRELATION);
    }
}

/* A name of the same file comes before the same name elsewhere. */
static uint32_t find_ref(struct resolver *r, struct hn_text name, struct hn_text file)
{
    uint32_t number = hn_map_find(&r->by_file, scoped(r, name, file));

    if (number == HN_MAP_NONE)
        number = hn_map_find(&r->by_name, name);
    return number != HN_MAP_NONE ? number : hn_map_find(&r->by_id, lower(r, name));
}

/* ---- References ---- */

static void begin(struct resolver *r, const struct correlation_draft *draft)
{
    r->w.file_index = draft->file_index;
    r->w.file = draft->model.meta.place.file;
    r->w.id = draft->model.meta.id;
    r->w.title = draft->model.meta.title;
    r->w.rejected = false;
}

static void resolve_refs(struct resolver *r, struct correlation_draft *draft)
{
    for (uint32_t i = 0; i < draft->model.ref_count && !draft->resolved; i++) {
        struct sigma_ref *ref = &draft->model.refs[i];
        uint32_t number = find_ref(r, ref->name, draft->model.meta.place.file);

        if (number == HN_MAP_NONE) {
            issue_add(&r->w, CODE_UNKNOWN_RULE, draft->places[i], "no rule \"%.*s\" was loaded",
                    HN_TEXT_ARG(ref->name));
            continue;
        }
        ref->is_correlation = (number & IS_CORRELATION) != 0;
        ref->index = number & ~IS_CORRELATION;
    }
    draft->rejected = draft->rejected || r->w.rejected;
}

static void resolve_alias(struct resolver *r, struct correlation_draft *draft,
        const struct alias_draft *from, struct sigma_alias *to)
{
    struct sigma_correlation *model = &draft->model;

    to->name = from->name;
    to->fields = hn_new(r->w.keep, struct hn_text, model->ref_count);
    if (to->fields == NULL) {
        (void)work_nomem(&r->w, r->w.keep);
        return;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        const struct alias_entry *entry = &from->entries[i];
        uint32_t number = find_ref(r, entry->rule, model->meta.place.file);
        bool used = false;

        for (uint32_t k = 0; k < model->ref_count; k++) {
            const struct sigma_ref *ref = &model->refs[k];

            if (number != (ref->index | (ref->is_correlation ? IS_CORRELATION : 0)))
                continue;
            to->fields[k] = entry->field;
            used = true;
        }
        if (!used)
            issue_add(&r->w, CODE_CORRELATION_ALIAS, entry->place,
                    "\"%.*s\" is no rule of this correlation", HN_TEXT_ARG(entry->rule));
    }
}

static void resolve_aliases(struct resolver *r, struct correlation_draft *draft)
{
    struct sigma_correlation *model = &draft->model;

    if (draft->alias_count == 0 || draft->rejected)
        return;
    model->aliases = hn_new(r->w.keep, struct sigma_alias, draft->alias_count);
    if (model->aliases == NULL) {
        (void)work_nomem(&r->w, r->w.keep);
        return;
    }
    model->alias_count = draft->alias_count;
    for (uint32_t i = 0; i < draft->alias_count && r->w.status == HN_OK; i++)
        resolve_alias(r, draft, &draft->aliases[i], &model->aliases[i]);
}

/* ---- Order ---- */

static const struct sigma_ref *correlation_ref(const struct resolver *r, uint32_t i, uint32_t k)
{
    const struct correlation_draft *draft = r->loader->correlations.ptr[i];

    return draft->rejected || !draft->model.refs[k].is_correlation ? NULL : &draft->model.refs[k];
}

/* Turns references around: who waits for whom. */
static bool link_dependents(struct resolver *r)
{
    uint32_t total = (uint32_t)r->loader->correlations.count;
    uint32_t edges = 0;
    uint32_t *next = hn_new(&r->loader->files_arena, uint32_t, (size_t)total + 1);

    r->first = hn_new(&r->loader->files_arena, uint32_t, (size_t)total + 1);
    r->waiting = hn_new(&r->loader->files_arena, uint32_t, total);
    if (next == NULL || r->first == NULL || r->waiting == NULL)
        return false;
    for (uint32_t i = 0; i < total; i++) {
        for (uint32_t k = 0; k < r->loader->correlations.ptr[i]->model.ref_count; k++) {
            const struct sigma_ref *ref = correlation_ref(r, i, k);

            if (ref != NULL) {
                r->first[ref->index + 1]++;
                r->waiting[i]++;
                edges++;
            }
        }
    }
    r->dependents = hn_new(&r->loader->files_arena, uint32_t, edges);
    if (r->dependents == NULL)
        return false;
    for (uint32_t i = 0; i < total; i++) {
        r->first[i + 1] += r->first[i];
        next[i] = r->first[i];
    }
    for (uint32_t i = 0; i < total; i++) {
        for (uint32_t k = 0; k < r->loader->correlations.ptr[i]->model.ref_count; k++) {
            const struct sigma_ref *ref = correlation_ref(r, i, k);

            if (ref != NULL)
                r->dependents[next[ref->index]++] = i;
        }
    }
    return true;
}

/* One that waited for this one: it is deeper, or rejected as well. */
static void release(struct resolver *r, const struct correlation_draft *placed, uint32_t index)
{
    struct correlation_draft *draft = r->loader->correlations.ptr[index];

    r->waiting[index]--;
    if (placed->model.depth + 1 > draft->model.depth)
        draft->model.depth = placed->model.depth + 1;
    if (!placed->rejected || draft->rejected)
        return;
    begin(r, draft);
    issue_add(&r->w, CODE_UNKNOWN_RULE, draft->place, "the correlation \"%.*s\" was rejected",
            HN_TEXT_ARG(placed->model.meta.title));
    draft->rejected = true;
}

static void report_cycles(struct resolver *r)
{
    for (uint32_t i = 0; i < r->loader->correlations.count; i++) {
        struct correlation_draft *draft = r->loader->correlations.ptr[i];

        if (draft->rejected || r->position[i] != UINT32_MAX)
            continue;
        begin(r, draft);
        issue_add(&r->w, CODE_CORRELATION_CYCLE, draft->place,
                "this correlation refers to itself, perhaps through others");
        draft->rejected = true;
    }
}

/* Those that wait for nothing first, then those that waited for them, and so on; what never stops
 * waiting is part of a cycle or needs one. */
static bool put_in_order(struct resolver *r)
{
    uint32_t total = (uint32_t)r->loader->correlations.count;
    uint32_t *queue = hn_new(&r->loader->files_arena, uint32_t, total);
    uint32_t queued = 0;

    if (queue == NULL || !link_dependents(r))
        return false;
    for (uint32_t i = 0; i < total; i++) {
        r->position[i] = UINT32_MAX;
        if (r->waiting[i] == 0)
            queue[queued++] = i;
    }
    for (uint32_t at = 0; at < queued; at++) {
        const struct correlation_draft *draft = r->loader->correlations.ptr[queue[at]];

        for (uint32_t k = r->first[queue[at]]; k < r->first[queue[at] + 1]; k++) {
            release(r, draft, r->dependents[k]);
            if (r->waiting[r->dependents[k]] == 0)
                queue[queued++] = r->dependents[k];
        }
        if (!draft->rejected) {
            r->position[queue[at]] = r->count;
            r->order[r->count++] = queue[at];
        }
    }
    report_cycles(r);
    return true;
}

/* ---- The set ---- */

struct mention {
    bool silent;    /* some correlation wants it only for itself */
    bool generated; /* some correlation lets it fire as well */
};

static void mention_refs(
        const struct resolver *r, struct mention *rules, struct mention *correlations)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct correlation_draft *draft = r->loader->correlations.ptr[r->order[i]];

        for (uint32_t k = 0; k < draft->model.ref_count; k++) {
            const struct sigma_ref *ref = &draft->model.refs[k];
            struct mention *m =
                    ref->is_correlation ? &correlations[ref->index] : &rules[ref->index];

            m->silent = m->silent || !draft->generate;
            m->generated = m->generated || draft->generate;
        }
    }
}

/* A rule that another file's correlation uses no longer fires by itself: that is the
 * specification's default (Generate), and easily overlooked. */
static void warn_silenced(struct resolver *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct correlation_draft *draft = r->loader->correlations.ptr[r->order[i]];

        begin(r, draft);
        for (uint32_t k = 0; k < draft->model.ref_count; k++) {
            const struct sigma_ref *ref = &draft->model.refs[k];
            const struct sigma_meta *meta =
                    meta_of(r, ref->index | (ref->is_correlation ? IS_CORRELATION : 0));
            bool silent = ref->is_correlation
                                  ? r->loader->correlations.ptr[ref->index]->model.silent
                                  : r->loader->rules.ptr[ref->index].silent;

            if (silent && meta->place.file.ptr != draft->model.meta.place.file.ptr) {
                issue_add(&r->w, CODE_SILENCED, draft->places[k],
                        "\"%.*s\" no longer fires by itself; generate: true keeps it",
                        HN_TEXT_ARG(meta->title));
            }
        }
    }
}

static enum hn_status silence(struct resolver *r)
{
    struct mention *rules = hn_new(&r->loader->scratch, struct mention, r->loader->rules.count);
    struct mention *correlations =
            hn_new(&r->loader->scratch, struct mention, r->loader->correlations.count);

    if (rules == NULL || correlations == NULL)
        return HN_NOMEM;
    mention_refs(r, rules, correlations);
    for (uint32_t i = 0; i < r->loader->rules.count; i++) {
        if (rules[i].silent && !rules[i].generated)
            r->loader->rules.ptr[i].silent = true;
    }
    for (uint32_t i = 0; i < r->loader->correlations.count; i++)
        r->loader->correlations.ptr[i]->model.silent =
                correlations[i].silent && !correlations[i].generated;
    warn_silenced(r);
    return HN_OK;
}

/* Numbers that a bound leaves. Counts are whole, so that "more than 3" starts at 4. */
static void narrow(const struct sigma_bound *bound, double step, double *low, double *high)
{
    double value = bound->value;

    switch (bound->op) {
    case SIGMA_BOUND_GT:
        value += step;
        *low = value > *low ? value : *low;
        break;
    case SIGMA_BOUND_GTE:
        *low = value > *low ? value : *low;
        break;
    case SIGMA_BOUND_LT:
        value -= step;
        *high = value < *high ? value : *high;
        break;
    case SIGMA_BOUND_LTE:
        *high = value < *high ? value : *high;
        break;
    case SIGMA_BOUND_EQ:
        *low = value > *low ? value : *low;
        *high = value < *high ? value : *high;
        break;
    case SIGMA_BOUND_NEQ:
        break;
    }
}

bool sigma_bounds_possible(const struct sigma_correlation *correlation)
{
    bool counts = correlation->fields.count == 0 || correlation->type == SIGMA_VALUE_COUNT;
    double low = counts ? 0 : -HUGE_VAL;
    double high = HUGE_VAL;

    if (correlation->type == SIGMA_TEMPORAL || correlation->type == SIGMA_TEMPORAL_ORDERED)
        high = correlation->ref_count;
    for (uint32_t i = 0; i < correlation->bound_count; i++)
        narrow(&correlation->bounds[i], counts ? 1 : 0, &low, &high);
    return low <= high;
}

static enum hn_status fill_set(struct resolver *r)
{
    struct sigma_set *set = &r->loader->box->set;

    set->correlations = hn_new(r->w.keep, struct sigma_correlation, r->count);
    if (set->correlations == NULL)
        return hn_arena_status(r->w.keep);
    for (uint32_t i = 0; i < r->count; i++) {
        struct correlation_draft *draft = r->loader->correlations.ptr[r->order[i]];
        struct sigma_correlation *model = &draft->model;

        for (uint32_t k = 0; k < model->ref_count; k++) {
            if (model->refs[k].is_correlation)
                model->refs[k].index = r->position[model->refs[k].index];
        }
        begin(r, draft);
        if (!sigma_bounds_possible(model))
            issue_add(&r->w, CODE_NEVER_BOUNDS, draft->place,
                    "no number is within the condition's bounds");
        model->meta.digest = correlation_digest(&r->w, model);
        set->correlations[set->correlation_count++] = *model;
    }
    return r->w.status;
}

static enum hn_status resolve_all(struct resolver *r)
{
    uint32_t total = (uint32_t)r->loader->correlations.count;

    r->order = hn_new(&r->loader->files_arena, uint32_t, total);
    r->position = hn_new(&r->loader->files_arena, uint32_t, total);
    if (r->order == NULL || r->position == NULL)
        return HN_NOMEM;
    name_all(r);
    for (uint32_t i = 0; i < total && r->w.status == HN_OK; i++) {
        struct correlation_draft *draft = r->loader->correlations.ptr[i];

        if (draft->rejected)
            continue;
        begin(r, draft);
        resolve_refs(r, draft);
        resolve_aliases(r, draft);
        if (!draft->rejected)
            sigma_pipelines_apply_correlation(&r->w, draft);
        draft->rejected = draft->rejected || r->w.rejected;
    }
    if (r->w.status != HN_OK)
        return r->w.status;
    if (!put_in_order(r) || silence(r) != HN_OK)
        return HN_NOMEM;
    return r->w.status == HN_OK ? fill_set(r) : r->w.status;
}

enum hn_status sigma_correlations_finish(struct sigma_loader *loader)
{
    struct resolver r = { .loader = loader, .w = work_begin(loader, UINT32_MAX) };
    enum hn_status status = resolve_all(&r);

    hn_map_deinit(&r.by_id);
    hn_map_deinit(&r.by_name);
    hn_map_deinit(&r.by_file);
    return status;
}
