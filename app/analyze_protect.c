/* analyze_protect.c - the report, indicators and rules of one analysed sample as files. */
#include "app/analyze_protect.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/rules_load.h"
#include "app/ui.h"
#include "report/analysis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_ROOM    4300
#define DIGEST_SHOWN 12
#define HITS_MAX     200u
#define EVIDENCE_MAX 4u
#define VALUE_MAX    400u

/* One sample being written. */
struct exporting {
    const struct analyze_exports *exports;
    const struct analyze_result *result;
    struct hn_arena arena;
    struct protect_case about;
    struct protect_rules rules;
    bool has_rules;
};

bool analyze_exports_any(const struct analyze_exports *exports)
{
    return exports->report != NULL || exports->iocs != NULL || exports->stix != NULL ||
           exports->misp != NULL || exports->rules != NULL;
}

/* ---- The case ---- */

static struct hn_text evidence_of(struct exporting *x, const struct alert_match *match)
{
    struct hn_buf text = { 0 };
    struct hn_text kept;

    hn_buf_add_text(&text, match->field);
    hn_buf_add_lit(&text, ": ");
    hn_buf_add_text(&text, hn_text_sub(match->value, 0, VALUE_MAX));
    kept = hn_arena_text(&x->arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return kept;
}

static void fill_evidence(
        struct exporting *x, const struct analyze_hit *hit, struct protect_hit *out)
{
    struct hn_text *evidence = hn_new(&x->arena, struct hn_text, EVIDENCE_MAX);

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
        struct exporting *x, const struct analyze_hit *hit, struct protect_hit *out)
{
    struct hn_text *techniques = hn_new(&x->arena, struct hn_text, hit->tags.count);

    for (uint32_t i = 0; techniques != NULL && i < hit->tags.count; i++) {
        char id[ALERT_ATTACK_MAX];
        struct hn_text text;

        if (!alert_attack_technique(hit->tags.ptr[i], id))
            continue;
        text = hn_arena_text(&x->arena, hn_text_cstr(id));
        if (text.ptr != NULL)
            techniques[out->technique_count++] = text;
    }
    out->techniques = techniques;
}

static struct hn_text say_known_good(struct exporting *x, struct hn_text why)
{
    struct hn_buf text = { 0 };
    struct hn_text kept;

    hn_buf_add_cstr(&text, UI_TEXT("In files that are known to be good: it does not count. ",
                                   "既知の正常なファイルの中なので判定に数えない。"));
    hn_buf_add_text(&text, why);
    kept = hn_arena_text(&x->arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return kept.ptr != NULL ? kept : why;
}

static void fill_hits(struct exporting *x)
{
    const struct analyze_verdict *verdict = &x->result->verdict;
    size_t count = verdict->hit_count > HITS_MAX ? HITS_MAX : verdict->hit_count;
    struct protect_hit *hits = hn_new(&x->arena, struct protect_hit, count);

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
                    ui.japanese && context->why_ja.len > 0 ? context->why_ja : context->why_en;
        if (hit->known_good)
            hits[i].why = say_known_good(x, hits[i].why);
        fill_evidence(x, hit, &hits[i]);
        fill_techniques(x, hit, &hits[i]);
    }
    x->about.hits = hits;
    x->about.hit_count = hits == NULL ? 0 : count;
}

/* What a rule says of a family; those of analyses name ways of acting instead. */
static struct hn_text named_family(const struct analyze_hit *hit)
{
    if (hit->meta == NULL ||
            hn_text_find(hit->meta->place.file, HN_TEXT("analysis/"), 0) != SIZE_MAX)
        return HN_TEXT("");
    return hit->meta->context.family;
}

/* A family is named when two hits of different kinds of trace name it. */
static struct hn_text family_of(const struct analyze_verdict *verdict)
{
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const struct analyze_hit *one = &verdict->hits[i];

        for (size_t k = i + 1; named_family(one).len > 0 && k < verdict->hit_count; k++) {
            const struct analyze_hit *other = &verdict->hits[k];

            if (hn_text_eq(named_family(one), named_family(other)) &&
                    !hn_text_eq(one->trace, other->trace))
                return named_family(one);
        }
    }
    return HN_TEXT("");
}

static void fill_case(struct exporting *x)
{
    const struct analyze_result *result = x->result;

    x->about = (struct protect_case){ .tree = result->sample.dissect,
        .name = hn_text_cstr(result->path),
        .verdict = hn_text_cstr(analyze_verdict_id(result->verdict.kind)),
        .family = family_of(&result->verdict),
        .made = (hn_time)time(NULL) * HN_SECOND,
        .version = HN_TEXT(HN_VERSION),
        .japanese = ui.japanese,
        .indicators = result->indicators.items.ptr,
        .indicator_count = result->indicators.items.count };
    fill_hits(x);
}

/* ---- Files ---- */

static struct hn_text digest_of(const struct exporting *x)
{
    const struct dissect_fact *fact = dissect_get(x->about.tree, 0)->facts;

    while (fact != NULL && strcmp(fact->name, "sha256") != 0)
        fact = fact->next;
    return fact == NULL ? HN_TEXT("sample") : fact->value;
}

/* "r.html" for one sample, "r-1a2b3c4d5e6f.html" for each of several. */
static void name_file(const struct exporting *x, const char *path, char out[PATH_ROOM])
{
    const char *dot = strrchr(path, '.');
    size_t stem = dot == NULL || strchr(dot, '/') != NULL ? strlen(path) : (size_t)(dot - path);
    struct hn_text digest = hn_text_sub(digest_of(x), 0, DIGEST_SHOWN);

    if (!x->exports->several)
        (void)snprintf(out, PATH_ROOM, "%s", path);
    else
        (void)snprintf(
                out, PATH_ROOM, "%.*s-%.*s%s", (int)stem, path, HN_TEXT_ARG(digest), path + stem);
}

static int write_file(const struct exporting *x, const char *path, struct hn_buf *text)
{
    struct hn_err err = { 0 };
    char name[PATH_ROOM];
    enum hn_status status = hn_buf_ok(text) ? HN_OK : hn_fail(&err, text->status, 0, "no memory");

    name_file(x, path, name);
    if (status == HN_OK)
        status = file_write_atomic(name, hn_buf_text(text), &err);
    if (status != HN_OK)
        ui_error_at(hn_text_cstr(name), &err);
    hn_buf_deinit(text);
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

static int write_form(const struct exporting *x, const char *path,
        void (*write)(const struct protect_case *about, struct hn_buf *out))
{
    struct hn_buf text = { 0 };

    if (path == NULL)
        return EXIT_FINE;
    write(&x->about, &text);
    return write_file(x, path, &text);
}

/* ---- Rules ---- */

static int try_rules(struct exporting *x)
{
    const char *const *paths = x->exports->goodware;
    size_t count = x->exports->goodware_count;
    char shipped[2][PATH_ROOM];
    const char *shipped_paths[1];
    struct hn_err err = { 0 };
    uint64_t events = 0;

    if (count == 0) {
        (void)snprintf(shipped[0], sizeof shipped[0], "%s/goodware", data_dir());
        (void)snprintf(shipped[1], sizeof shipped[1], "%s/examples/goodware", data_dir());
        shipped_paths[0] = access(shipped[0], R_OK) == 0 ? shipped[0] : shipped[1];
        paths = shipped_paths;
        count = 1;
    }
    if (protect_rules_try(&x->rules, paths, count, &events, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(paths[0]), &err);
        return EXIT_IO;
    }
    if (events == 0) {
        ui_warn(UI_TEXT("%s: no harmless events to try the rules on",
                        "%s: ルールを試す正常ログがありません"),
                paths[0]);
    }
    return EXIT_FINE;
}

static void tell_held(const struct protect_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct protect_rule *rule = &rules->rules[i];
        struct hn_buf text = { 0 };

        if (rule->held.len == 0)
            continue;
        ui_add_cell(&text, rule->file, 0);
        hn_buf_add_lit(&text, ": ");
        ui_add_cell(&text, rule->held, 0);
        ui_warn(UI_TEXT("rule held back: %.*s", "保留したルール: %.*s"),
                HN_TEXT_ARG(hn_buf_text(&text)));
        hn_buf_deinit(&text);
    }
}

static int write_rule(const char *folder, const struct protect_rule *rule)
{
    char path[PATH_ROOM];
    struct hn_err err = { 0 };

    (void)snprintf(path, sizeof path, "%s/%.*s", folder, HN_TEXT_ARG(rule->file));
    if (file_write_atomic(path, rule->yaml, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static int make_rules(struct exporting *x)
{
    struct hn_err err = { 0 };
    int code = EXIT_FINE;

    if (protect_rules_make(&x->about, x->exports->reserved, &x->rules) != HN_OK)
        return EXIT_IO;
    x->has_rules = true;
    if (protect_rules_check(&x->rules, &err) != HN_OK) {
        ui_error_at(HN_TEXT("rules"), &err);
        return EXIT_IO;
    }
    code = try_rules(x);
    for (size_t i = 0; code == EXIT_FINE && i < x->rules.count; i++) {
        if (x->rules.rules[i].held.len == 0)
            code = write_rule(x->exports->rules, &x->rules.rules[i]);
    }
    if (code == EXIT_FINE)
        tell_held(&x->rules);
    return code;
}

/* ---- Report ---- */

static int write_report(struct exporting *x)
{
    const struct analyze_verdict *verdict = &x->result->verdict;
    struct report_gap *gaps = hn_new(&x->arena, struct report_gap, verdict->gap_count);
    struct report_analysis analysis = { .about = &x->about,
        .gaps = gaps,
        .gap_count = gaps == NULL ? 0 : verdict->gap_count,
        .rules = x->has_rules ? &x->rules : NULL };
    struct hn_buf page = { 0 };

    for (size_t i = 0; i < analysis.gap_count; i++) {
        const struct analyze_gap *gap = &verdict->gaps[i];
        struct hn_buf text = { 0 };

        hn_buf_add_cstr(&text,
                gap->note == NULL ? UI_TEXT("is of no format that is known", "既知の形式ではない")
                                  : dissect_note_text(gap->note->kind));
        if (gap->note != NULL && gap->note->detail.len > 0) {
            hn_buf_add_lit(&text, ": ");
            hn_buf_add_text(&text, gap->note->detail);
        }
        gaps[i].object = gap->object;
        gaps[i].why = hn_arena_text(&x->arena, hn_buf_text(&text));
        if (gaps[i].why.ptr == NULL)
            gaps[i].why = HN_TEXT("");
        hn_buf_deinit(&text);
    }
    if (report_analysis_write(&analysis, &page) != HN_OK && hn_buf_ok(&page))
        page.status = HN_NOMEM;
    return write_file(x, x->exports->report, &page);
}

#define ARENA_BYTES_MAX ((size_t)256 << 20)

int analyze_exports_write(
        const struct analyze_exports *exports, const struct analyze_result *result)
{
    struct exporting x = { .exports = exports, .result = result };
    int code = EXIT_FINE;

    hn_arena_init(&x.arena, ARENA_BYTES_MAX);
    fill_case(&x);
    if (exports->rules != NULL)
        code = make_rules(&x);
    if (code == EXIT_FINE)
        code = write_form(&x, exports->iocs, protect_write_csv);
    if (code == EXIT_FINE)
        code = write_form(&x, exports->stix, protect_write_stix);
    if (code == EXIT_FINE)
        code = write_form(&x, exports->misp, protect_write_misp);
    if (code == EXIT_FINE && exports->report != NULL)
        code = write_report(&x);
    if (x.has_rules)
        protect_rules_deinit(&x.rules);
    hn_arena_deinit(&x.arena);
    return code;
}
