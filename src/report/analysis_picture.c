/* analysis_picture.c - what was in the sample as a drawing: a box an object, indented by depth,
 * with the addresses and files that came out of it as leaves. */
#include "report/analysis_internal.h"

#include "base/utf.h"

#define WIDTH       960
#define ROW         34
#define BOX         26
#define STEP        30
#define MARGIN      8
#define CHAR_WIDTH  7.4
#define DEPTH_SHOWN 14u

struct drawing {
    struct analysis *a;
    unsigned row;
    unsigned last_row[DEPTH_SHOWN + 2]; /* of each depth: where its line starts */
    size_t objects;
};

/* Appends as much as fits, with an ellipsis. */
static void put_fitting(struct drawing *d, struct hn_text text, double width)
{
    size_t columns_max = width < CHAR_WIDTH * 4 ? 3 : (size_t)(width / CHAR_WIDTH);
    size_t columns = 0;
    size_t pos = 0;

    while (pos < text.len) {
        uint32_t code_point = 0;
        size_t len = hn_utf8_decode(text, pos, &code_point);
        size_t wide = len == 0 ? 1 : hn_utf8_code_point_columns(code_point);

        if (columns + wide > columns_max - 1)
            break;
        columns += wide;
        pos += len == 0 ? 1 : len;
    }
    report_html_defanged(d->a->page.out, &d->a->page.scratch, hn_text_sub(text, 0, pos));
    if (pos < text.len)
        hn_buf_add_lit(d->a->page.out, "…");
}

static unsigned shown_depth(uint32_t depth)
{
    return depth > DEPTH_SHOWN ? DEPTH_SHOWN : depth;
}

/* The line from the box above to this one; both ends lie left of the boxes. */
static void connect(struct drawing *d, unsigned depth)
{
    double x = MARGIN + (depth - 1) * STEP + 12.0;
    double y = MARGIN + d->row * ROW + BOX / 2.0;
    double top = MARGIN + d->last_row[depth - 1] * ROW + BOX;

    hn_buf_addf(d->a->page.out,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            x, top, x, y, x, y, (double)(MARGIN + depth * STEP), y);
}

static const char *mark_of(const struct dissect_object *object)
{
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        if (note->kind == DISSECT_NOTE_PASSWORD || note->kind == DISSECT_NOTE_UNSUPPORTED ||
                note->kind == DISSECT_NOTE_WORKER || note->kind == DISSECT_NOTE_BOMB)
            return "!";
    }
    return "";
}

static void draw_object(struct drawing *d, const struct dissect_object *object)
{
    struct hn_buf *out = d->a->page.out;
    unsigned depth = shown_depth(object->depth);
    double x = MARGIN + depth * STEP;
    double y = MARGIN + d->row * ROW;
    const char *format = analysis_format(d->a, object->format);
    double label = (double)hn_utf8_columns(hn_text_cstr(format)) * CHAR_WIDTH + 22;
    const char *mark = mark_of(object);

    if (depth > 0)
        connect(d, depth);
    d->last_row[depth] = d->row;
    hn_buf_addf(out,
            "<g class=\"node cat-%s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"%d\"/>",
            dissect_format_category(object->format), x, y, WIDTH - x - MARGIN, BOX);
    hn_buf_addf(out, "<text class=\"kind\" x=\"%.1f\" y=\"%.1f\">%s%s</text>", x + 8, y + 17.5,
            format, mark);
    hn_buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\">", x + 8 + label, y + 17.5);
    put_fitting(d, analysis_name(object), WIDTH - x - label - 24);
    hn_buf_add_lit(out, "</text></g>\n");
    d->row++;
}

static void draw_leaf(struct drawing *d, unsigned depth, const struct protect_indicator *one)
{
    struct hn_buf *out = d->a->page.out;
    double x = MARGIN + depth * STEP;
    double y = MARGIN + d->row * ROW;
    const char *role = protect_role_text(one->role, d->a->page.ja);
    double label = (double)hn_utf8_columns(hn_text_cstr(role)) * CHAR_WIDTH + 22;

    connect(d, depth);
    hn_buf_addf(out,
            "<g class=\"node leaf r-%s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"%d\"/>",
            protect_role_id(one->role), x, y, WIDTH - x - MARGIN, BOX);
    hn_buf_addf(out, "<text class=\"kind\" x=\"%.1f\" y=\"%.1f\">%s</text>", x + 8, y + 17.5, role);
    hn_buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\">", x + 8 + label, y + 17.5);
    hn_buf_reset(&d->a->text);
    protect_defang(&d->a->text, one);
    put_fitting(d, hn_buf_text(&d->a->text), WIDTH - x - label - 24);
    hn_buf_add_lit(out, "</text></g>\n");
    d->row++;
}

static void draw_more(struct drawing *d, unsigned depth, size_t count)
{
    double x = MARGIN + depth * STEP;
    double y = MARGIN + d->row * ROW;

    hn_buf_addf(d->a->page.out, "<text class=\"more\" x=\"%.1f\" y=\"%.1f\">", x + 8, y + 17.5);
    hn_buf_addf(d->a->page.out, d->a->page.ja ? "ほか %zu 件" : "and %zu more", count);
    hn_buf_add_lit(d->a->page.out, "</text>\n");
    d->row++;
}

/* Not the digests: each box stands for a file already. */
static bool is_leaf(const struct protect_indicator *one, uint32_t id)
{
    return analysis_is_object_of(one, id) && one->role != PROTECT_SAMPLE &&
           one->role != PROTECT_ATTACHMENT;
}

static size_t leaves_of(const struct analysis *a, uint32_t id)
{
    size_t count = 0;

    for (size_t i = 0; i < a->about->indicator_count; i++)
        count += is_leaf(&a->about->indicators[i], id);
    return count;
}

static void draw_leaves(struct drawing *d, const struct dissect_object *object)
{
    unsigned depth = shown_depth(object->depth) + 1;
    size_t shown = 0;
    size_t count = leaves_of(d->a, object->id);

    for (size_t i = 0; i < d->a->about->indicator_count && shown < ANALYSIS_LEAVES_MAX; i++) {
        if (!is_leaf(&d->a->about->indicators[i], object->id))
            continue;
        draw_leaf(d, depth, &d->a->about->indicators[i]);
        shown++;
    }
    if (count > shown)
        draw_more(d, depth, count - shown);
}

/* Whether something was found in the object or below. Children come behind their parents. */
static void mark_telling(const struct analysis *a, bool *telling, uint32_t count)
{
    for (size_t i = 0; i < a->about->indicator_count; i++) {
        const struct protect_indicator *one = &a->about->indicators[i];

        if (one->object < count && protect_role_is_act(one->role))
            telling[one->object] = true;
    }
    for (size_t i = 0; i < a->about->hit_count; i++) {
        if (a->about->hits[i].object < count)
            telling[a->about->hits[i].object] = true;
    }
    for (uint32_t id = count; id-- > 0;) {
        uint32_t parent = dissect_get(a->tree, id)->parent;

        if (telling[id] && parent < count)
            telling[parent] = true;
    }
}

/* Objects in the order of a walk from the sample down. Children of one are linked by their ids, so
 * that the walk needs no stack. */
static uint32_t next_in_walk(const struct dissect *tree, uint32_t id)
{
    uint32_t count = dissect_count(tree);
    uint32_t from = id;

    for (uint32_t child = id + 1; child < count; child++) {
        if (dissect_get(tree, child)->parent == id)
            return child;
    }
    while (from != 0) {
        uint32_t parent = dissect_get(tree, from)->parent;

        for (uint32_t next = from + 1; next < count; next++) {
            if (dissect_get(tree, next)->parent == parent)
                return next;
        }
        from = parent;
    }
    return DISSECT_NONE;
}

static unsigned rows_of(const struct analysis *a, const bool *telling, bool all, size_t *ret_hidden)
{
    unsigned rows = 0;

    *ret_hidden = 0;
    for (uint32_t id = 0; id < dissect_count(a->tree); id++) {
        size_t leaves = leaves_of(a, id);

        if (!all && !telling[id] && id != 0) {
            (*ret_hidden)++;
            continue;
        }
        rows += 1 + (unsigned)(leaves > ANALYSIS_LEAVES_MAX ? ANALYSIS_LEAVES_MAX + 1 : leaves);
    }
    return rows;
}

static void draw(struct analysis *a, const bool *telling)
{
    struct drawing d = { .a = a };
    bool all = dissect_count(a->tree) <= ANALYSIS_OBJECTS_MAX;
    size_t hidden;
    unsigned rows = rows_of(a, telling, all, &hidden);

    hn_buf_addf(a->page.out,
            "<div class=\"chart tree\"><svg viewBox=\"0 0 %d %u\" role=\"img\" "
            "aria-label=\"%s\">\n",
            WIDTH, 2 * MARGIN + rows * ROW, tr(&a->page, "Contents of the sample", "検体の構造"));
    for (uint32_t id = 0; id != DISSECT_NONE && d.objects < ANALYSIS_OBJECTS_MAX;
            id = next_in_walk(a->tree, id)) {
        if (!all && !telling[id] && id != 0)
            continue;
        d.objects++;
        draw_object(&d, dissect_get(a->tree, id));
        draw_leaves(&d, dissect_get(a->tree, id));
    }
    hn_buf_add_lit(a->page.out, "</svg></div>\n");
    if (hidden > 0) {
        hn_buf_add_lit(a->page.out, "<p class=\"facts\">");
        hn_buf_addf(a->page.out,
                a->page.ja ? "何も見つからなかった %zu 個のオブジェクトは省略した。"
                           : "%zu objects in which nothing was found are left out.",
                hidden);
        hn_buf_add_lit(a->page.out, "</p>\n");
    }
}

void analysis_picture(struct analysis *a)
{
    struct hn_arena arena;
    bool *telling;

    analysis_open(a, "picture", "What was in it", "検体の構造");
    hn_arena_init(&arena, (size_t)16 << 20);
    telling = hn_new(&arena, bool, dissect_count(a->tree));
    if (telling == NULL) {
        a->page.out->status = HN_NOMEM;
    } else {
        mark_telling(a, telling, dissect_count(a->tree));
        draw(a, telling);
    }
    hn_arena_deinit(&arena);
    analysis_close(a);
}
