/* coverage.c - counts rules by family and trace, by tactic and technique. */
#include "report/coverage.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/vec.h"
#include "report/attack.h"

#include <stdlib.h>

#define COVERAGE_BYTES_MAX ((size_t)256 << 20)

const char *coverage_trace_id(enum coverage_trace trace)
{
    static const char *const ids[] = {
#define TRACE_ID(name, id, en, ja) [name] = (id),
        COVERAGE_TRACE_LIST(TRACE_ID)
#undef TRACE_ID
    };

    return ids[trace];
}

const char *coverage_trace_name(enum coverage_trace trace, bool japanese)
{
    static const char *const names[][2] = {
#define TRACE_NAME(name, id, en, ja) [name] = { (en), (ja) },
        COVERAGE_TRACE_LIST(TRACE_NAME)
#undef TRACE_NAME
    };

    return names[trace][japanese];
}

static enum coverage_trace trace_of(struct hn_text text)
{
    unsigned trace = 0;

    while (trace < COVERAGE_TRACE_COUNT &&
            !hn_text_eq(text, hn_text_cstr(coverage_trace_id((enum coverage_trace)trace))))
        trace++;
    return (enum coverage_trace)trace;
}

/* ---- Tactics ---- */

static const char *const attack_order[] = { "reconnaissance", "resource-development",
    "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion",
    "stealth", "defense-impairment", "credential-access", "discovery", "lateral-movement",
    "collection", "command-and-control", "exfiltration", "impact" };

static size_t tactic_rank(const char *id)
{
    size_t rank = 0;

    while (rank < HN_COUNT_OF(attack_order) && strcmp(attack_order[rank], id) != 0)
        rank++;
    return rank;
}

void coverage_tactic_name(const char *id, struct hn_buf *out)
{
    struct hn_text rest = hn_text_cstr(id);
    struct hn_text word;
    bool first = true;

    while (hn_text_split(&rest, '-', &word)) {
        if (!first)
            hn_buf_add_char(out, ' ');
        if (word.len > 0 && !hn_text_eq(word, HN_TEXT("and"))) {
            hn_buf_add_char(out, (char)(word.ptr[0] & ~0x20));
            word = hn_text_sub(word, 1, word.len);
        }
        hn_buf_add_text(out, word);
        first = false;
    }
}

/* ---- Counting ---- */

/* A rule in a technique, or in a technique and a tactic. */
struct mark {
    char tactic[ALERT_ATTACK_MAX]; /* "": none */
    char technique[ALERT_ATTACK_MAX];
    const struct sigma_meta *meta;
};

struct marks {
    struct mark *ptr;
    size_t count;
    size_t room;
};

struct builder {
    struct coverage *out;
    struct hn_arena *arena;
    HN_VEC(struct coverage_family) families;
    struct marks in_techniques;
    struct marks in_tactics;
    struct marks tactics; /* technique "" */
    bool failed;
};

struct coverage_box {
    struct coverage coverage; /* first: what callers see */
    struct hn_arena arena;
};

static void count_family(struct builder *b, const struct sigma_context *context)
{
    enum coverage_trace trace = trace_of(context->trace);
    struct coverage_family *family = NULL;

    if (context->family.len == 0 || trace == COVERAGE_TRACE_COUNT) {
        b->out->without_family++;
        return;
    }
    for (size_t i = 0; family == NULL && i < b->families.count; i++) {
        if (hn_text_eq(b->families.ptr[i].name, context->family))
            family = &b->families.ptr[i];
    }
    if (family == NULL) {
        family = hn_vec_add(&b->families);
        if (family == NULL) {
            b->failed = true;
            return;
        }
        family->name = context->family;
    }
    family->kinds += family->rules[trace] == 0;
    family->rules[trace]++;
    family->total++;
}

static void add_mark(struct builder *b, struct marks *marks, const struct mark *mark)
{
    struct mark *slot = hn_vec_add(marks);

    if (slot == NULL)
        b->failed = true;
    else
        *slot = *mark;
}

static bool seen_before(const struct sigma_meta *meta, uint32_t tag)
{
    for (uint32_t i = 0; i < tag; i++) {
        if (hn_text_eq_nocase(meta->tags.ptr[i], meta->tags.ptr[tag]))
            return true;
    }
    return false;
}

static bool belongs(const struct mark *mark)
{
    uint32_t tactics = attack_tactics(hn_text_cstr(mark->technique));

    return (tactics >> attack_tactic_of(hn_text_cstr(mark->tactic)) & 1u) != 0;
}

/* A technique counts in those of the rule's tactics that it belongs to; where it belongs to none of
 * them, or is unknown here, in all, because the rule's author must have meant something. */
static void count_tactics_of(struct builder *b, struct mark mark)
{
    const struct sigma_texts *tags = &mark.meta->tags;
    bool any = false;

    for (unsigned pass = 0; pass < 2 && !any; pass++) {
        for (uint32_t i = 0; i < tags->count; i++) {
            if (seen_before(mark.meta, i) || !alert_attack_tactic(tags->ptr[i], mark.tactic) ||
                    (pass == 0 && !belongs(&mark)))
                continue;
            add_mark(b, &b->in_tactics, &mark);
            any = true;
        }
    }
}

static void count_tags(struct builder *b, const struct sigma_meta *meta)
{
    bool any = false;

    for (uint32_t i = 0; i < meta->tags.count; i++) {
        struct mark mark = { .meta = meta };

        if (seen_before(meta, i))
            continue;
        if (alert_attack_tactic(meta->tags.ptr[i], mark.tactic)) {
            add_mark(b, &b->tactics, &mark);
            continue;
        }
        mark.tactic[0] = '\0';
        if (!alert_attack_technique(meta->tags.ptr[i], mark.technique))
            continue;
        any = true;
        add_mark(b, &b->in_techniques, &mark);
        count_tactics_of(b, mark);
    }
    b->out->without_technique += !any;
}

static void count_rule(struct builder *b, const struct sigma_meta *meta)
{
    b->out->rules++;
    count_family(b, &meta->context);
    count_tags(b, meta);
}

/* ---- Putting in order ---- */

static int by_name(const void *a, const void *b)
{
    return hn_text_cmp(
            ((const struct coverage_family *)a)->name, ((const struct coverage_family *)b)->name);
}

static int by_mark(const void *a, const void *b)
{
    const struct mark *x = a;
    const struct mark *y = b;
    size_t rank_x = tactic_rank(x->tactic);
    size_t rank_y = tactic_rank(y->tactic);
    int order;

    if (rank_x != rank_y)
        return rank_x < rank_y ? -1 : 1;
    order = strcmp(x->tactic, y->tactic);
    if (order == 0)
        order = strcmp(x->technique, y->technique);
    return order != 0 ? order : hn_text_cmp(x->meta->title, y->meta->title);
}

static void sort_marks(struct mark *marks, size_t count)
{
    if (count > 0)
        qsort(marks, count, sizeof *marks, by_mark);
}

static void place_families(struct builder *b)
{
    struct coverage_family *families = hn_new(b->arena, struct coverage_family, b->families.count);

    if (families == NULL) {
        b->failed = true;
        return;
    }
    for (size_t i = 0; i < b->families.count; i++) {
        families[i] = b->families.ptr[i];
        families[i].fragile = true;
        for (unsigned trace = COVERAGE_HOST; trace < COVERAGE_TRACE_COUNT; trace++)
            families[i].fragile = families[i].fragile && families[i].rules[trace] == 0;
    }
    qsort(families, b->families.count, sizeof *families, by_name);
    b->out->families = families;
    b->out->family_count = (uint32_t)b->families.count;
}

static void place_techniques(struct builder *b)
{
    size_t count = b->in_techniques.count;
    struct coverage_technique *techniques = hn_new(b->arena, struct coverage_technique, count);
    struct hn_text *titles = hn_new(b->arena, struct hn_text, count);
    struct coverage_technique *last = NULL;

    if (techniques == NULL || titles == NULL) {
        b->failed = true;
        return;
    }
    sort_marks(b->in_techniques.ptr, count);
    for (size_t i = 0; i < count; i++) {
        const struct mark *mark = &b->in_techniques.ptr[i];

        titles[i] = mark->meta->title;
        if (last == NULL || strcmp(last->id, mark->technique) != 0) {
            last = &techniques[b->out->technique_count++];
            memcpy(last->id, mark->technique, sizeof last->id);
            last->titles = &titles[i];
        }
        last->rules++;
        if (mark->meta->level > last->level)
            last->level = mark->meta->level;
    }
    b->out->techniques = techniques;
}

static uint32_t technique_index(const struct coverage *coverage, const char *id)
{
    uint32_t low = 0;
    uint32_t high = coverage->technique_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (strcmp(coverage->techniques[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_tactic(
        struct builder *b, struct coverage_tactic *tactic, struct coverage_cell *cells)
{
    tactic->cells = cells;
    for (size_t i = 0; i < b->in_tactics.count; i++) {
        const struct mark *mark = &b->in_tactics.ptr[i];
        uint32_t index;

        if (strcmp(mark->tactic, tactic->id) != 0)
            continue;
        index = technique_index(b->out, mark->technique);
        if (tactic->cell_count == 0 || cells[tactic->cell_count - 1].technique != index)
            cells[tactic->cell_count++] = (struct coverage_cell){ index, 0 };
        cells[tactic->cell_count - 1].rules++;
    }
}

static void place_tactics(struct builder *b)
{
    size_t count = b->tactics.count;
    struct coverage_tactic *tactics = hn_new(b->arena, struct coverage_tactic, count);
    struct coverage_cell *cells = hn_new(b->arena, struct coverage_cell, b->in_tactics.count);
    struct coverage_tactic *last = NULL;

    if (tactics == NULL || cells == NULL) {
        b->failed = true;
        return;
    }
    sort_marks(b->tactics.ptr, count);
    sort_marks(b->in_tactics.ptr, b->in_tactics.count);
    for (size_t i = 0; i < count; i++) {
        const struct mark *mark = &b->tactics.ptr[i];

        if (last == NULL || strcmp(last->id, mark->tactic) != 0) {
            last = &tactics[b->out->tactic_count++];
            memcpy(last->id, mark->tactic, sizeof last->id);
            fill_tactic(b, last, cells);
            cells += last->cell_count;
        }
        last->rules++;
    }
    b->out->tactics = tactics;
}

/* ---- Life ---- */

static void count_all(struct builder *b, const struct sigma_set *set,
        bool (*wants)(const void *ctx, const struct sigma_meta *meta), const void *ctx)
{
    for (uint32_t i = 0; i < set->rule_count; i++) {
        const struct sigma_rule *rule = &set->rules[i];

        if (!rule->silent && (wants == NULL || wants(ctx, &rule->meta)))
            count_rule(b, &rule->meta);
    }
    for (uint32_t i = 0; i < set->correlation_count; i++) {
        const struct sigma_correlation *correlation = &set->correlations[i];

        if (!correlation->silent && (wants == NULL || wants(ctx, &correlation->meta)))
            count_rule(b, &correlation->meta);
    }
}

enum hn_status coverage_new(const struct sigma_set *set,
        bool (*wants)(const void *ctx, const struct sigma_meta *meta), const void *ctx,
        struct coverage **ret_coverage, struct hn_err *err)
{
    struct coverage_box *box = hn_calloc(1, sizeof *box);
    struct builder b = { .failed = box == NULL };

    if (box == NULL)
        return hn_fail(err, HN_NOMEM, 0, "coverage");
    hn_arena_init(&box->arena, COVERAGE_BYTES_MAX);
    b.out = &box->coverage;
    b.arena = &box->arena;
    count_all(&b, set, wants, ctx);
    place_families(&b);
    place_techniques(&b);
    place_tactics(&b);
    hn_vec_deinit(&b.families);
    hn_vec_deinit(&b.in_techniques);
    hn_vec_deinit(&b.in_tactics);
    hn_vec_deinit(&b.tactics);
    if (b.failed) {
        coverage_free(&box->coverage);
        return hn_fail(err, HN_NOMEM, 0, "coverage");
    }
    *ret_coverage = &box->coverage;
    return HN_OK;
}

void coverage_free(struct coverage *coverage)
{
    struct coverage_box *box = (struct coverage_box *)(void *)coverage;

    if (box == NULL)
        return;
    hn_arena_deinit(&box->arena);
    hn_free(box);
}
