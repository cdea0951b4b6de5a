/* analyze_view.c - verdict, reasons, addresses, next steps and gaps of an analysis. */
#include "app/analyze_view.h"

#include "app/alert_view.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#include <string.h>

#define PLACES_SHOWN    3u
#define MATCHES_SHOWN   4u
#define STEPS_SHOWN     8u
#define GAPS_SHOWN      20u
#define GAP_DETAILS     4u   /* of each */
#define GAP_BYTES_SHOWN 400u /* what to do instead may take more than a line */
#define WIDTH_ELSEWHERE 100u

size_t analyze_view_width(void)
{
    return ui.width > 0 ? ui.width : WIDTH_ELSEWHERE;
}

void analyze_view_text(struct hn_buf *out, struct hn_text text)
{
    size_t start = out->len;

    hn_terminal_text(out, text);
    if (!ui.no_defang && hn_buf_ok(out))
        hn_defang_schemes(out->ptr + start, out->len - start);
}

void analyze_view_cut(struct hn_buf *out, struct hn_text text, size_t columns)
{
    struct hn_buf flat = { 0 };
    struct hn_buf safe = { 0 };

    /* White space of scripts would take the line apart. */
    for (size_t i = 0; i < text.len && flat.len < 4 * columns + 16; i++) {
        bool blank = text.ptr[i] == ' ' || text.ptr[i] == '\n' || text.ptr[i] == '\r' ||
                     text.ptr[i] == '\t';

        if (!blank)
            hn_buf_add_char(&flat, text.ptr[i]);
        else if (flat.len > 0 && flat.ptr[flat.len - 1] != ' ')
            hn_buf_add_char(&flat, ' ');
    }
    analyze_view_text(&safe, hn_buf_text(&flat));
    if (hn_utf8_columns(hn_buf_text(&safe)) <= columns)
        hn_buf_add_text(out, hn_buf_text(&safe));
    else
        ui_add_cell(out, hn_buf_text(&safe), columns);
    while (out->len > 0 && out->ptr[out->len - 1] == ' ')
        out->len--;
    hn_buf_deinit(&flat);
    hn_buf_deinit(&safe);
}

static enum ui_style style_of(enum analyze_verdict_kind kind)
{
    switch (kind) {
    case ANALYZE_MALICIOUS:
        return UI_RED;
    case ANALYZE_SUSPICIOUS:
        return UI_YELLOW;
    case ANALYZE_CLEAN:
        return UI_GREEN;
    case ANALYZE_UNKNOWN:
        break;
    }
    return UI_DIM;
}

static struct hn_text fact_of(const struct dissect_object *object, const char *name)
{
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next)
        if (strcmp(fact->name, name) == 0)
            return fact->value;
    return HN_TEXT("");
}

static void add_verdict(struct hn_buf *out, enum analyze_verdict_kind kind, size_t columns)
{
    hn_buf_add_cstr(out, ui_style(style_of(kind), ui.color_out));
    ui_add_cell(out, hn_text_cstr(analyze_verdict_text(kind, ui.japanese)), columns);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
}

void analyze_view_line(const struct analyze_view *view, struct hn_buf *out)
{
    const struct analyze_verdict *verdict = view->verdict;
    size_t width = analyze_view_width();
    size_t name = width > 100 ? 48 : width / 3;
    size_t rest = width > name + 32 ? width - name - 32 : 8;

    add_verdict(out, verdict->kind, 10);
    hn_buf_add_lit(out, "  ");
    ui_add_cell_middle(out, view->path, name);
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, hn_text_cstr(dissect_format_id(dissect_get(view->dissect, 0)->format)), 16);
    hn_buf_add_lit(out, "  ");
    if (verdict->hit_count > 0)
        analyze_view_cut(out, verdict->hits[0].title, rest);
    else if (verdict->gap_count > 0)
        analyze_view_cut(out, hn_text_cstr(analyze_gap_text(&verdict->gaps[0], ui.japanese)), rest);
    while (out->len > 0 && out->ptr[out->len - 1] == ' ')
        out->len--;
    hn_buf_add_char(out, '\n');
}

/* Bytes up to a blank or to a letter outside ASCII; at least one. */
static size_t word_len(struct hn_text text)
{
    size_t len = 0;

    while (len < text.len && text.ptr[len] != ' ' && (unsigned char)text.ptr[len] < 0x80)
        len++;
    return len == 0 ? 1 : len;
}

/* Text in lines that begin with so many blanks; Japanese is broken anywhere, words between blanks.
 */
static void add_wrapped(struct hn_buf *out, struct hn_text text, size_t indent)
{
    size_t width = analyze_view_width();
    struct hn_buf line = { 0 };
    size_t used = indent;

    analyze_view_text(&line, text);
    for (size_t pos = 0; pos < line.len;) {
        struct hn_text rest = hn_text_sub(hn_buf_text(&line), pos, SIZE_MAX);
        uint32_t c = 0;
        size_t len = hn_utf8_decode(rest, 0, &c);
        size_t columns;

        if (len <= 1)
            len = word_len(rest);
        pos += len;
        columns = hn_utf8_columns(hn_text_sub(rest, 0, len));
        if (used + columns > width - 1 && used > indent) {
            hn_buf_add_char(out, '\n');
            hn_buf_add_repeat(out, ' ', indent);
            used = indent;
            if (rest.ptr[0] == ' ')
                continue;
        }
        hn_buf_add(out, rest.ptr, len);
        used += columns;
    }
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&line);
}

/* ---- Reasons ---- */

/* "#5 vba_project, WScript.Shell.Run" */
static void add_where(struct hn_buf *out, const struct analyze_view *view, uint32_t id,
        const struct dissect_act *act)
{
    const struct dissect_object *object = dissect_get(view->dissect, id);

    hn_buf_addf(out, "#%u %s", (unsigned)id, dissect_format_id(object->format));
    if (object->name.len > 0) {
        hn_buf_add_char(out, ' ');
        analyze_view_cut(out, object->name, 32);
    }
    if (act != NULL && act->via != NULL && act->via[0] != '\0')
        hn_buf_addf(out, ", %s", act->via);
}

/* The value around what fitted. */
static void add_match(struct hn_buf *out, const struct alert_match *match)
{
    size_t columns = analyze_view_width() > 16 ? analyze_view_width() - 10 : 16;
    struct hn_text value = match->value;
    size_t label = hn_utf8_columns(match->field) + 2;
    size_t from = match->start > columns / 3 ? match->start - columns / 3 : 0;

    hn_buf_add_lit(out, "        ");
    hn_terminal_text(out, match->field);
    hn_buf_add_lit(out, ": ");
    columns = columns > label + 8 ? columns - label : 8;
    if (from > 0 && value.len > columns) {
        while (from < value.len && ((unsigned char)value.ptr[from] & 0xC0) == 0x80)
            from++;
        hn_buf_add_lit(out, "…");
        value = hn_text_sub(value, from, SIZE_MAX);
        columns--;
    }
    analyze_view_cut(out, value, columns);
    hn_buf_add_char(out, '\n');
}

static void add_place(
        struct hn_buf *out, const struct analyze_view *view, const struct analyze_place *place)
{
    hn_buf_add_lit(out, "      ");
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    add_where(out, view, place->object, place->act);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
    /* That it is an act is said above. */
    for (uint32_t i = 0; i < place->match_count && i < MATCHES_SHOWN; i++)
        if (!hn_text_eq(place->matches[i].field, HN_TEXT("hinomi.act")))
            add_match(out, &place->matches[i]);
}

/* Those that read alike are shown once, and counted with the rest. */
static void add_places(
        struct hn_buf *out, const struct analyze_view *view, const struct analyze_hit *hit)
{
    struct hn_buf place = { 0 };
    size_t start = out->len;
    uint32_t shown = 0;

    for (uint32_t i = 0; i < hit->place_count && shown < PLACES_SHOWN; i++) {
        hn_buf_reset(&place);
        add_place(&place, view, &hit->places[i]);
        if (hn_text_find(hn_text_sub(hn_buf_text(out), start, SIZE_MAX), hn_buf_text(&place), 0) !=
                SIZE_MAX)
            continue;
        hn_buf_add_text(out, hn_buf_text(&place));
        shown++;
    }
    hn_buf_deinit(&place);
    if (hit->count > shown) {
        hn_buf_addf(out, UI_TEXT("      and in %u more places\n", "      ほか %u か所\n"),
                (unsigned)(hit->count - shown));
    }
}

static void add_hit(
        struct hn_buf *out, const struct analyze_view *view, const struct analyze_hit *hit)
{
    char technique[ALERT_ATTACK_MAX];
    const struct sigma_context *context = &hit->meta->context;
    struct hn_text why = ui.japanese ? context->why_ja : context->why_en;
    size_t used;

    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, ui_style(ui_level_style(hit->level), ui.color_out));
    ui_add_cell(out, hn_text_cstr(ui_level_name(hit->level)), 8);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "  ");
    hn_terminal_text(out, hit->title);
    used = 12 + hn_utf8_columns(hit->title);
    for (uint32_t i = 0; i < hit->tags.count; i++) {
        if (!alert_attack_technique(hit->tags.ptr[i], technique) ||
                used + 1 + strlen(technique) >= analyze_view_width())
            continue; /* --json has all */
        used += 1 + strlen(technique);
        hn_buf_addf(out, " %s%s%s", ui_style(UI_DIM, ui.color_out), technique,
                ui_style(UI_PLAIN, ui.color_out));
    }
    hn_buf_add_char(out, '\n');
    if (hit->known_good) {
        hn_buf_add_cstr(
                out, UI_TEXT("      in files that are known to be good: it does not count\n",
                             "      既知の正常なファイルの中なので判定に数えない\n"));
    }
    if (why.len > 0) {
        hn_buf_add_lit(out, "      ");
        add_wrapped(out, why, 6);
    }
    add_places(out, view, hit);
}

static void add_hits(struct hn_buf *out, const struct analyze_view *view)
{
    if (view->verdict->hit_count == 0)
        return;
    view_heading(out, "Why", "判定の理由");
    for (size_t i = 0; i < view->verdict->hit_count; i++)
        add_hit(out, view, &view->verdict->hits[i]);
}

/* ---- Next steps and gaps ---- */

static void add_step(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_lit(out, "  - ");
    add_wrapped(out, text, 4);
}

static bool is_told(const struct analyze_verdict *verdict, size_t hit, struct hn_text step)
{
    for (size_t i = 0; i < hit; i++) {
        const struct sigma_context *context = &verdict->hits[i].meta->context;
        const struct sigma_texts *steps = ui.japanese ? &context->next_ja : &context->next_en;

        for (uint32_t k = 0; k < steps->count; k++)
            if (hn_text_eq(steps->ptr[k], step))
                return true;
    }
    return false;
}

/* What would help to know more where the machine could not. */
static void add_help(struct hn_buf *out, const struct analyze_verdict *verdict, bool *asked)
{
    static const struct {
        enum dissect_note_kind kind;
        const char *en;
        const char *ja;
    } help[] = {
        { DISSECT_NOTE_PASSWORD,
                "Something is encrypted: ask the recipient for the password (often in a second "
                "mail) and try again with --password.",
                "暗号化されています。受信者にパスワードを確認し(別メールのことが多い)、"
                "--password を付けて再実行してください。" },
        { DISSECT_NOTE_LIMIT,
                "A limit was reached, see below: where it has a name, try again with a larger "
                "--limit.",
                "制限に達しました。下記に名前のある制限は --limit で広げて再実行してください。" },
        { DISSECT_NOTE_WORKER,
                "The worker was ended: treat the file as suspicious, and tell us about it.",
                "解析プロセスが途中で終了しました。不審なファイルとして扱ってください。" },
        { DISSECT_NOTE_UNMODELLED,
                "A script uses something the evaluator does not know: read its last layer.",
                "スクリプトに評価できない部分があります。最後の層を確認してください。" },
        { DISSECT_NOTE_UNCHECKED,
                "Something that was asked for could not be checked, see below: try again when it "
                "is "
                "there.",
                "指定された照合ができませんでした。下記を確認して再実行してください。" },
        { DISSECT_NOTE_UNSUPPORTED,
                "Some content cannot be opened here: look at it with other tools, isolated.",
                "開けない内容があります。隔離環境で別のツールを使って確認してください。" },
    };

    for (size_t row = 0; row < HN_COUNT_OF(help); row++) {
        bool found = false;

        for (size_t i = 0; i < verdict->gap_count && !found; i++)
            found = verdict->gaps[i].note != NULL && verdict->gaps[i].note->kind == help[row].kind;
        if (!found)
            continue;
        if (!*asked)
            view_heading(out, "Next steps", "次にすること");
        *asked = true;
        add_step(out, hn_text_cstr(UI_TEXT(help[row].en, help[row].ja)));
    }
}

static void add_next(struct hn_buf *out, const struct analyze_verdict *verdict)
{
    bool headed = false;
    uint32_t count = 0;

    for (size_t i = 0; i < verdict->hit_count; i++) {
        const struct analyze_hit *hit = &verdict->hits[i];
        const struct sigma_texts *steps =
                ui.japanese ? &hit->meta->context.next_ja : &hit->meta->context.next_en;

        for (uint32_t k = 0; k < steps->count && count < STEPS_SHOWN; k++) {
            if (hit->level < SIGMA_LEVEL_MEDIUM || is_told(verdict, i, steps->ptr[k]))
                continue;
            if (!headed)
                view_heading(out, "Next steps", "次にすること");
            headed = true;
            add_step(out, steps->ptr[k]);
            count++;
        }
    }
    add_help(out, verdict, &headed);
}

/* Gaps of one kind in one object, with what the first of them say; how many they are. */
static size_t add_gap(struct hn_buf *out, const struct analyze_view *view,
        const struct analyze_gap *gaps, size_t count)
{
    size_t width = analyze_view_width();
    size_t n = 0;

    hn_buf_add_lit(out, "  ");
    add_where(out, view, gaps[0].object, NULL);
    hn_buf_addf(out, ": %s\n", analyze_gap_text(&gaps[0], ui.japanese));
    for (; n < count && analyze_same_gap(&gaps[0], &gaps[n]); n++) {
        if (n >= GAP_DETAILS || gaps[n].note == NULL || gaps[n].note->detail.len == 0)
            continue;
        hn_buf_add_lit(out, "      ");
        if (gaps[n].note->kind == DISSECT_NOTE_UNMODELLED) {
            analyze_view_cut(out, gaps[n].note->detail, width > 20 ? width - 8 : 20);
            hn_buf_add_char(out, '\n');
        } else {
            add_wrapped(out, hn_text_sub(gaps[n].note->detail, 0, GAP_BYTES_SHOWN), 6);
        }
    }
    if (n > GAP_DETAILS)
        hn_buf_addf(out, UI_TEXT("      and %zu more\n", "      ほか %zu 件\n"), n - GAP_DETAILS);
    return n;
}

static void add_gaps(struct hn_buf *out, const struct analyze_view *view)
{
    const struct analyze_verdict *verdict = view->verdict;
    size_t done = 0;

    if (verdict->gap_count == 0)
        return;
    view_heading(out, "Not understood", "解析できなかった部分");
    for (size_t row = 0; done < verdict->gap_count && row < GAPS_SHOWN; row++)
        done += add_gap(out, view, &verdict->gaps[done], verdict->gap_count - done);
    if (done < verdict->gap_count)
        hn_buf_addf(out, UI_TEXT("  and %zu more\n", "  ほか %zu 件\n"), verdict->gap_count - done);
}

/* ---- The whole ---- */

/* What others know of the sample itself; of what is in it, hits and --json tell. */
static void add_known(struct hn_buf *out, const struct dissect_object *object)
{
    static const struct {
        const char *fact;
        const char *en;
        const char *ja;
    } rows[] = {
        { "known_good", "known good", "既知の正常" },
        { "known_bad", "known bad", "既知の悪性" },
        { "vt_consensus", "vendors", "ベンダー" },
        { "clamav", "ClamAV", "ClamAV" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct hn_text value = fact_of(object, rows[i].fact);

        if (value.len == 0)
            continue;
        hn_buf_addf(out, "  %s: ", UI_TEXT(rows[i].en, rows[i].ja));
        analyze_view_cut(out, value, analyze_view_width());
        hn_buf_add_char(out, '\n');
    }
}

static void add_head(struct hn_buf *out, const struct analyze_view *view)
{
    const struct dissect_object *object = dissect_get(view->dissect, 0);
    uint64_t size = 0;
    struct hn_text stated = fact_of(object, "size");
    struct hn_text family = view->verdict->family;

    for (size_t i = 0; i < stated.len; i++)
        size = size * 10 + (uint64_t)(stated.ptr[i] - '0');
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    hn_terminal_text(out, view->path);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, ": ");
    add_verdict(out, view->verdict->kind, 0);
    if (family.len > 0) {
        hn_buf_add_lit(out, " (");
        hn_terminal_text(out, family);
        hn_buf_add_char(out, ')');
    }
    hn_buf_addf(out, "\n  %s, ", dissect_format_id(object->format));
    ui_add_bytes(out, size);
    hn_buf_add_lit(out, "\n  sha256 ");
    hn_terminal_text(out, fact_of(object, "sha256"));
    hn_buf_add_char(out, '\n');
    add_known(out, object);
}

void analyze_view_whole(const struct analyze_view *view, struct hn_buf *out)
{
    add_head(out, view);
    add_hits(out, view);
    view_heading(out, "Contents", "構成");
    analyze_view_tree(view, out);
    analyze_view_layers(view, out);
    analyze_view_indicators(view, out);
    analyze_view_sightings(view, out);
    add_next(out, view->verdict);
    add_gaps(out, view);
    hn_buf_add_char(out, '\n');
}
