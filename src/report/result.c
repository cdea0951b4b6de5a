/* result.c - the result of one analysis as the writers of reports and exports take it. */
#include "report/report.h"

#define HITS_MAX     200u
#define EVIDENCE_MAX 4u
#define VALUE_MAX    400u
#define ARENA_MAX    ((size_t)256 << 20)

struct filling {
    const struct report_result *result;
    struct hn_arena *arena;
    struct protect_case *about;
    bool japanese;
};

static struct hn_text evidence_of(struct filling *x, const struct alert_match *match)
{
    struct hn_buf text = { 0 };
    struct hn_text kept;

    hn_buf_add_text(&text, match->field);
    hn_buf_add_lit(&text, ": ");
    hn_buf_add_text(&text, hn_text_sub(match->value, 0, VALUE_MAX));
    kept = hn_arena_text(x->arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return kept;
}

static void fill_evidence(struct filling *x, const struct analyze_hit *hit, struct protect_hit *out)
{
    struct hn_text *evidence = hn_new(x->arena, struct hn_text, EVIDENCE_MAX);

    for (uint32_t i = 0; evidence != NULL && i < hit->place_count; i++) {
        const struct analyze_place *place = &hit->places[i];

        for (uint32_t k = 0; k < place->match_count && out->evidence_count < EVIDENCE_MAX; k++) {
            struct hn_text text = evidence_of(x, &place->matches[k]);
            bool again = false;

            for (size_t e = 0; e < out->evidence_count; e++)
                again = again || hn_text_eq(evidence[e], text);
            if (!again && text.ptr != NULL)
                evidence[out->evidence_count++] = text;
        }
    }
    out->evidence = evidence;
}

static void fill_techniques(
        struct filling *x, const struct analyze_hit *hit, struct protect_hit *out)
{
    struct hn_text *techniques = hn_new(x->arena, struct hn_text, hit->tags.count);

    for (uint32_t i = 0; techniques != NULL && i < hit->tags.count; i++) {
        char id[ALERT_ATTACK_MAX];
        struct hn_text text;

        if (!alert_attack_technique(hit->tags.ptr[i], id))
            continue;
        text = hn_arena_text(x->arena, hn_text_cstr(id));
        if (text.ptr != NULL)
            techniques[out->technique_count++] = text;
    }
    out->techniques = techniques;
}

static struct hn_text say_known_good(struct filling *x, struct hn_text why)
{
    struct hn_buf text = { 0 };
    struct hn_text kept;

    hn_buf_add_cstr(&text, x->japanese ? "既知の正常なファイルの中なので判定に数えない。"
                                       : "In files that are known to be good: it does not count. ");
    hn_buf_add_text(&text, why);
    kept = hn_arena_text(x->arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return kept.ptr != NULL ? kept : why;
}

static void fill_hits(struct filling *x)
{
    const struct analyze_verdict *verdict = x->result->verdict;
    size_t count = verdict->hit_count > HITS_MAX ? HITS_MAX : verdict->hit_count;
    struct protect_hit *hits = hn_new(x->arena, struct protect_hit, count);

    for (size_t i = 0; hits != NULL && i < count; i++) {
        const struct analyze_hit *hit = &verdict->hits[i];
        const struct sigma_context *context = hit->meta == NULL ? NULL : &hit->meta->context;

        hits[i] = (struct protect_hit){ .level = hit->level,
            .title = hit->title,
            .rule_id = hit->rule_id,
            .object = hit->place_count > 0 ? hit->places[0].object : PROTECT_NONE,
            .count = hit->count };
        if (context != NULL)
            hits[i].why =
                    x->japanese && context->why_ja.len > 0 ? context->why_ja : context->why_en;
        if (hit->known_good)
            hits[i].why = say_known_good(x, hits[i].why);
        fill_evidence(x, hit, &hits[i]);
        fill_techniques(x, hit, &hits[i]);
    }
    x->about->hits = hits;
    x->about->hit_count = hits == NULL ? 0 : count;
}

void report_result_case(const struct report_result *result, bool japanese, struct hn_arena *arena,
        struct protect_case *ret_case)
{
    struct filling x = {
        .result = result, .arena = arena, .about = ret_case, .japanese = japanese
    };

    *ret_case = (struct protect_case){ .tree = result->sample->dissect,
        .name = result->name,
        .verdict = hn_text_cstr(analyze_verdict_id(result->verdict->kind)),
        .family = result->verdict->family,
        .made = result->made,
        .version = result->version,
        .japanese = japanese,
        .indicators = result->indicators->items.ptr,
        .indicator_count = result->indicators->items.count };
    fill_hits(&x);
}

/* ---- The page ---- */

#define GAP_DETAILS 4u /* of one kind in one object */

/* Gaps of one kind in one object are one row, with what the first of them say. */
static struct report_gap joined_gap(
        struct filling *x, const struct analyze_gap *gaps, size_t count, size_t *ret_joined)
{
    struct report_gap row = { .object = gaps[0].object };
    struct hn_buf text = { 0 };
    size_t n = 0;

    hn_buf_add_cstr(&text, analyze_gap_text(&gaps[0], x->japanese));
    for (; n < count && analyze_same_gap(&gaps[0], &gaps[n]); n++) {
        if (n >= GAP_DETAILS || gaps[n].note == NULL || gaps[n].note->detail.len == 0)
            continue;
        hn_buf_add_cstr(&text, n == 0 ? ": " : "; ");
        hn_buf_add_text(&text, gaps[n].note->detail);
    }
    if (n > GAP_DETAILS)
        hn_buf_addf(&text, x->japanese ? " ほか %zu 件" : "; and %zu more", n - GAP_DETAILS);
    row.why = hn_arena_text(x->arena, hn_buf_text(&text));
    if (row.why.ptr == NULL)
        row.why = HN_TEXT("");
    hn_buf_deinit(&text);
    *ret_joined = n;
    return row;
}

static void fill_gaps(struct filling *x, struct report_analysis *analysis)
{
    const struct analyze_verdict *verdict = x->result->verdict;
    struct report_gap *rows = hn_new(x->arena, struct report_gap, verdict->gap_count);
    size_t count = 0;
    size_t joined = 0;

    for (size_t i = 0; rows != NULL && i < verdict->gap_count; i += joined)
        rows[count++] = joined_gap(x, &verdict->gaps[i], verdict->gap_count - i, &joined);
    analysis->gaps = rows;
    analysis->gap_count = count;
}

enum hn_status report_result_html(const struct report_result *result, bool japanese,
        const struct protect_rules *rules, struct hn_buf *out)
{
    struct hn_arena arena;
    struct protect_case about;
    struct report_analysis analysis = {
        .about = &about, .rules = rules, .sightings = result->sightings
    };
    struct filling x = { .result = result, .arena = &arena, .japanese = japanese };
    enum hn_status status;

    hn_arena_init(&arena, ARENA_MAX);
    report_result_case(result, japanese, &arena, &about);
    fill_gaps(&x, &analysis);
    status = report_analysis_write(&analysis, out);
    hn_arena_deinit(&arena);
    return status;
}
