/* explain_show.c - the tree of an explanation as lines: a mark, what it is, what the event holds.
 */
#include "app/explain_show.h"

#include "app/ui.h"
#include "base/escape.h"

/* Of long values only the neighbourhood of the match is shown, and of long lists the first ones. */
#define VALUE_BYTES_MAX    240u
#define VALUE_BYTES_BEFORE 80u
#define PATTERNS_MAX       6u
#define EVENT_VALUES_MAX   4u
#define INDENT_MAX         24u

const char *explain_why(enum match_why why)
{
    static const char *const japanese[] = {
        [MATCH_FITS] = "一致",
        [MATCH_ABSENT] = "イベントにその項目がない",
        [MATCH_NULL] = "項目の値が null",
        [MATCH_PRESENT] = "項目がある",
        [MATCH_DIFFERS] = "値が異なる",
        [MATCH_NO_NUMBER] = "値が数値でない",
        [MATCH_NO_ADDRESS] = "値が IP アドレスでない",
        [MATCH_NO_TIME] = "値が時刻でない",
        [MATCH_OTHER_ABSENT] = "参照先の項目がイベントにない",
        [MATCH_REGEX_LIMIT] = "正規表現が上限に達した",
        [MATCH_REGEX_BAD] = "正規表現をコンパイルできない",
    };

    return UI_TEXT(match_why_text(why), japanese[why]);
}

/* ---- Pieces of lines ---- */

static void style(struct hn_buf *out, enum ui_style wanted)
{
    hn_buf_add_cstr(out, ui_style(wanted, ui.color_out));
}

static void mark(struct hn_buf *out, bool holds)
{
    style(out, holds ? UI_GREEN : UI_RED);
    hn_buf_add_cstr(out, holds ? "✓ " : "✗ ");
    style(out, UI_PLAIN);
}

static void start_line(const struct explain_view *view, uint32_t depth, struct hn_buf *out)
{
    hn_buf_add_repeat(
            out, ' ', view->indent + (size_t)2 * (depth < INDENT_MAX ? depth : INDENT_MAX));
}

/* A value in quotes, cut to the neighbourhood of what matched, which is shown in colour. */
static void add_value(struct hn_buf *out, struct hn_text text, size_t start, size_t len)
{
    size_t from = 0;
    struct hn_text shown;

    if (start > text.len || len > text.len - start)
        start = len = 0;
    if (text.len > VALUE_BYTES_MAX && start > VALUE_BYTES_BEFORE)
        from = start - VALUE_BYTES_BEFORE;
    while (from > 0 && ((unsigned char)text.ptr[from] & 0xC0u) == 0x80)
        from--;
    shown = hn_text_sub(text, from, VALUE_BYTES_MAX);
    start -= from;
    if (len > shown.len - start)
        len = shown.len - start;
    hn_buf_add_cstr(out, from > 0 ? "…" : "\"");
    ui_add_cell(out, hn_text_sub(shown, 0, start), 0);
    if (len > 0) {
        style(out, UI_GREEN);
        ui_add_cell(out, hn_text_sub(shown, start, len), 0);
        style(out, UI_PLAIN);
    }
    ui_add_cell(out, hn_text_sub(shown, start + len, shown.len), 0);
    hn_buf_add_cstr(out, from + shown.len < text.len ? "…" : "\"");
}

static void add_label(struct hn_buf *out, const char *name, struct hn_text label, bool *any)
{
    if (label.len == 0)
        return;
    if (*any)
        hn_buf_add_lit(out, ", ");
    hn_buf_add_cstr(out, name);
    hn_buf_add_char(out, ' ');
    ui_add_cell(out, label, 0);
    *any = true;
}

void explain_source(const struct hn_source *source, struct hn_buf *out)
{
    bool any = false;

    add_label(out, "product", source->product, &any);
    for (size_t i = 0; i < HN_LABELS_MAX; i++)
        add_label(out, "category", source->category[i], &any);
    for (size_t i = 0; i < HN_LABELS_MAX; i++)
        add_label(out, "service", source->service[i], &any);
    if (!any)
        hn_buf_add_cstr(out, UI_TEXT("unknown", "不明"));
}

static void add_wanted_source(const struct hn_logsource *wanted, struct hn_buf *out)
{
    bool any = false;

    add_label(out, "product", wanted->product, &any);
    add_label(out, "category", wanted->category, &any);
    add_label(out, "service", wanted->service, &any);
    if (!any)
        hn_buf_add_cstr(out, UI_TEXT("any", "任意"));
}

/* ---- What the event holds ---- */

static void event_values(const struct explain_view *view, struct explain_field field,
        struct hn_text name, struct hn_buf *out)
{
    uint32_t shown = 0;

    ui_add_cell(out, name, 0);
    if (field.logged_as.ptr != NULL && !hn_text_eq(field.logged_as, name)) {
        hn_buf_add_cstr(out, UI_TEXT(" (logged as ", "(記録上の名前 "));
        ui_add_cell(out, field.logged_as, 0);
        hn_buf_add_lit(out, ")");
    } else if (field.logged_as.ptr == NULL) {
        hn_buf_add_cstr(out, UI_TEXT(" (computed)", "(計算値)"));
    }
    hn_buf_add_lit(out, " = ");
    for (uint32_t i = field.first; i != HN_VALUE_NONE; i = hn_event_next(view->event, i)) {
        if (shown > 0)
            hn_buf_add_lit(out, ", ");
        if (shown++ == EVENT_VALUES_MAX) {
            hn_buf_add_cstr(out, "…");
            break;
        }
        if (view->event->values[i].type == HN_TYPE_NULL)
            hn_buf_add_lit(out, "null");
        else
            add_value(out, hn_event_text(view->event, i), 0, 0);
    }
}

static void absent_field(const struct explain_view *view, struct hn_text name, struct hn_buf *out)
{
    struct hn_other_name names[HN_OTHER_NAMES_MAX];
    hn_field number = hn_schema_find(view->event->schema, name);
    uint32_t count = number == HN_FIELD_NONE ? 0 : hn_event_other_names(view->event, number, names);

    hn_buf_add_cstr(out, UI_TEXT("the event has no ", "イベントにない項目: "));
    ui_add_cell(out, name, 0);
    for (uint32_t i = 0; i < count; i++) {
        hn_buf_add_cstr(out, i > 0 ? ", " : UI_TEXT("; also tried: ", "。ほかに探した名前: "));
        ui_add_cell(out, names[i].name, 0);
    }
}

static void field_line(const struct explain_view *view, const struct sigma_item *item,
        uint32_t depth, struct hn_buf *out)
{
    struct explain_field field;

    if (item->field.len == 0)
        return; /* a keyword looks everywhere */
    field = explain_field(view->event, item->field);
    start_line(view, depth, out);
    if (field.present)
        event_values(view, field, item->field, out);
    else
        absent_field(view, item->field, out);
    hn_buf_add_char(out, '\n');
}

/* ---- The rule's values ---- */

static void pattern_line(const struct explain_view *view, const struct match_value_trace *value,
        uint32_t depth, struct hn_buf *out)
{
    start_line(view, depth, out);
    mark(out, value->matched);
    add_value(out, value->value->written, 0, 0);
    if (!value->matched) {
        hn_buf_add_lit(out, "  ");
        style(out, UI_DIM);
        hn_buf_add_cstr(out, explain_why(value->why));
        style(out, UI_PLAIN);
    } else if (value->why == MATCH_FITS && value->text.ptr != NULL) {
        hn_buf_addf(out, UI_TEXT("  bytes %zu-%zu of ", "  %zu-%zu バイト目: "), value->start,
                value->start + value->len);
        if (value->field.len > 0) {
            ui_add_cell(out, value->field, 0);
            hn_buf_add_lit(out, " ");
        }
        add_value(out, value->text, value->start, value->len);
    } else {
        hn_buf_add_lit(out, "  ");
        hn_buf_add_cstr(out, explain_why(value->why));
    }
    hn_buf_add_char(out, '\n');
}

/* What matched, then as much of the rest as is worth reading. */
static void pattern_lines(const struct explain_view *view, const struct match_item_trace *item,
        uint32_t depth, struct hn_buf *out)
{
    const struct match_value_trace *values =
            view->explanation->trace.values.ptr + item->first_value;
    uint32_t shown = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        bool matched = pass == 0;

        if (!matched && item->matched && view->reasons_only)
            break;
        for (uint32_t i = 0; i < item->value_count; i++) {
            if (values[i].matched != matched)
                continue;
            if (shown++ < PATTERNS_MAX)
                pattern_line(view, &values[i], depth, out);
        }
    }
    if (shown > PATTERNS_MAX) {
        start_line(view, depth, out);
        hn_buf_addf(
                out, UI_TEXT("… %u more\n", "… ほか %u 個\n"), (unsigned)(shown - PATTERNS_MAX));
    }
}

/* ---- The tree ---- */

static void node_label(const struct explain_node *node, struct hn_buf *out)
{
    if (node->selection != NULL) {
        style(out, UI_BOLD);
        ui_add_cell(out, node->selection->name, 0);
        style(out, UI_PLAIN);
        hn_buf_add_lit(out, "  ");
    }
    switch (node->kind) {
    case SIGMA_AND:
        hn_buf_add_cstr(out, UI_TEXT("all of", "すべて"));
        break;
    case SIGMA_OR:
        hn_buf_add_cstr(out, UI_TEXT("any of", "いずれか"));
        break;
    case SIGMA_NOT:
        hn_buf_add_cstr(out, UI_TEXT("not", "否定"));
        break;
    case SIGMA_TRUE:
        hn_buf_add_cstr(out, UI_TEXT("always true", "常に真"));
        break;
    case SIGMA_FALSE:
        hn_buf_add_cstr(out, UI_TEXT("never true", "常に偽"));
        break;
    case SIGMA_ITEM:
        break;
    }
}

static void item_label(const struct sigma_item *item, struct hn_buf *out)
{
    if (item->field.len == 0)
        hn_buf_add_cstr(out, UI_TEXT("keyword", "キーワード"));
    else
        ui_add_cell(out, item->field, 0);
    if (item->modifiers.len > 0) {
        hn_buf_add_char(out, '|');
        ui_add_cell(out, item->modifiers, 0);
    }
}

static void node_lines(
        const struct explain_view *view, const struct explain_node *node, struct hn_buf *out)
{
    uint32_t depth = node->depth + 1;

    if (view->reasons_only && !node->decides)
        return;
    start_line(view, depth, out);
    mark(out, node->holds);
    if (!node->decides)
        style(out, UI_DIM);
    node_label(node, out);
    if (node->item != NULL)
        item_label(node->item->item, out);
    style(out, UI_PLAIN);
    hn_buf_add_char(out, '\n');
    if (node->item != NULL) {
        field_line(view, node->item->item, depth + 2, out);
        pattern_lines(view, node->item, depth + 2, out);
    }
}

static void source_line(const struct explain_view *view, struct hn_buf *out)
{
    const struct explanation *x = view->explanation;

    start_line(view, 0, out);
    mark(out, x->trace.fits_source);
    hn_buf_add_cstr(out, UI_TEXT("log source: the rule wants ", "ログソース: ルールの対象は "));
    add_wanted_source(&x->rule->logsource, out);
    hn_buf_add_cstr(out, UI_TEXT("; the event is ", "。イベントは "));
    explain_source(&view->event->source, out);
    hn_buf_add_char(out, '\n');
}

static void place_line(const struct explain_view *view, struct hn_buf *out)
{
    start_line(view, 0, out);
    hn_buf_addf(out, UI_TEXT("event %llu", "イベント %llu"), (unsigned long long)view->number);
    if (view->file.len > 0) {
        hn_buf_add_cstr(out, UI_TEXT(" of ", " : "));
        ui_add_cell(out, view->file, 0);
    }
    if (view->event->line > 0)
        hn_buf_addf(
                out, UI_TEXT(", line %llu", "、%llu 行目"), (unsigned long long)view->event->line);
    hn_buf_addf(
            out, UI_TEXT(", offset %llu", "、位置 %llu"), (unsigned long long)view->event->offset);
    hn_buf_add_char(out, '\n');
}

void explain_show(const struct explain_view *view, struct hn_buf *out)
{
    const struct explanation *x = view->explanation;

    place_line(view, out);
    start_line(view, 0, out);
    style(out, x->trace.matched ? UI_GREEN : UI_RED);
    hn_buf_add_cstr(out, x->trace.matched
                                 ? UI_TEXT("the rule fires", "ルールは発火する")
                                 : UI_TEXT("the rule does not fire", "ルールは発火しない"));
    style(out, UI_PLAIN);
    hn_buf_add_char(out, '\n');
    if (!view->reasons_only || !x->trace.fits_source || x->trace.matched)
        source_line(view, out);
    /* Where both fail, both are said: mending one of them would not be enough. */
    start_line(view, 0, out);
    mark(out, x->nodes.ptr[0].holds);
    hn_buf_add_cstr(out, UI_TEXT("condition\n", "条件\n"));
    for (size_t i = 0; i < x->nodes.count; i++)
        node_lines(view, &x->nodes.ptr[i], out);
    if (x->cut) {
        start_line(view, 1, out);
        hn_buf_add_cstr(
                out, UI_TEXT("… the rest of the condition is not shown\n", "… 条件の残りは省略\n"));
    }
}
