/* analyze_tree.c - what is in a sample, drawn; and its scripts, layer by layer. */
#include "app/analyze_view.h"

#include "app/alert_view.h"
#include "app/ui.h"
#include "base/utf.h"

#include <string.h>

#define TREE_LINES_MAX  60u
#define TREE_DEPTH_MAX  64u
#define LAYERS_MAX      12u
#define LAYER_LINES_MAX 6u
#define LAYER_BYTES_MAX ((size_t)4000)

/* ---- The tree ---- */

static bool has_later_sibling(const struct dissect *dissect, const struct dissect_object *object)
{
    for (uint32_t id = object->id + 1; id < dissect_count(dissect); id++)
        if (dissect_get(dissect, id)->parent == object->parent)
            return true;
    return false;
}

static void add_branches(
        struct hn_buf *out, const struct dissect *dissect, const struct dissect_object *object)
{
    const struct dissect_object *chain[TREE_DEPTH_MAX];
    size_t count = 0;

    if (object->parent == DISSECT_NONE)
        return;
    for (const struct dissect_object *each = object;
            each->parent != DISSECT_NONE && count < TREE_DEPTH_MAX;
            each = dissect_get(dissect, each->parent))
        chain[count++] = each;
    for (size_t i = count; i > 1; i--)
        hn_buf_add_cstr(out, has_later_sibling(dissect, chain[i - 1]) ? "│  " : "   ");
    hn_buf_add_cstr(out, has_later_sibling(dissect, object) ? "├─ " : "└─ ");
}

static void add_note_words(struct hn_buf *out, const struct dissect_object *object, size_t columns)
{
    bool said[DISSECT_NOTE_COUNT] = { false };
    struct hn_buf words = { 0 };

    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        if (said[note->kind])
            continue;
        said[note->kind] = true;
        if (words.len > 0)
            hn_buf_add_lit(&words, ", ");
        hn_buf_add_cstr(&words, dissect_note_id(note->kind));
    }
    if (words.len > 0) {
        hn_buf_add_lit(out, "  ");
        hn_buf_add_cstr(out, ui_style(UI_YELLOW, ui.color_out));
        analyze_view_cut(out, hn_buf_text(&words), columns > 8 ? columns : 8);
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    }
    hn_buf_deinit(&words);
}

static void add_line(
        struct hn_buf *out, const struct dissect *dissect, const struct dissect_object *object)
{
    struct hn_buf head = { 0 };
    size_t width = analyze_view_width();
    size_t used;

    hn_buf_add_lit(&head, "  ");
    add_branches(&head, dissect, object);
    hn_buf_addf(&head, "#%u %s", (unsigned)object->id, dissect_format_id(object->format));
    used = hn_utf8_columns(hn_buf_text(&head));
    hn_buf_add_text(out, hn_buf_text(&head));
    if (object->name.len > 0) {
        struct hn_buf name = { 0 };
        size_t room = width > used + 30 ? width - used - 28 : 12;

        analyze_view_cut(&name, object->name, room);
        hn_buf_add_char(out, ' ');
        hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
        hn_buf_add_text(out, hn_buf_text(&name));
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        used += 1 + hn_utf8_columns(hn_buf_text(&name));
        hn_buf_deinit(&name);
    }
    add_note_words(out, object, width > used + 4 ? width - used - 3 : 8);
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&head);
}

/* Objects are in the order of discovery; people read depth first. */
static uint32_t next_of(const struct dissect *dissect, uint32_t id)
{
    for (uint32_t child = id + 1; child < dissect_count(dissect); child++)
        if (dissect_get(dissect, child)->parent == id)
            return child;
    while (id != DISSECT_NONE) {
        const struct dissect_object *object = dissect_get(dissect, id);

        for (uint32_t other = id + 1; other < dissect_count(dissect); other++) {
            if (object->parent != DISSECT_NONE &&
                    dissect_get(dissect, other)->parent == object->parent)
                return other;
        }
        id = object->parent;
    }
    return DISSECT_NONE;
}

void analyze_view_tree(const struct analyze_view *view, struct hn_buf *out)
{
    uint32_t lines = 0;

    for (uint32_t id = 0; id != DISSECT_NONE; id = next_of(view->dissect, id)) {
        if (lines++ == TREE_LINES_MAX) {
            hn_buf_addf(out,
                    UI_TEXT("  and %u more objects (--json has all)\n",
                            "  ほか %u 個(--json にすべて)\n"),
                    (unsigned)(dissect_count(view->dissect) - TREE_LINES_MAX));
            return;
        }
        add_line(out, view->dissect, dissect_get(view->dissect, id));
    }
}

/* ---- Layers ---- */

static bool is_layer(const struct dissect_object *object)
{
    return object->data.len > 0 &&
           (strcmp(object->relation, "layer") == 0 || strcmp(object->relation, "started") == 0);
}

static void add_layer(struct hn_buf *out, const struct dissect_object *object)
{
    struct hn_text rest = hn_text_sub(hn_bytes_as_text(object->data), 0, LAYER_BYTES_MAX);
    size_t width = analyze_view_width();
    struct hn_text line;
    uint32_t lines = 0;

    hn_buf_addf(out, "  %s#%u %s%s", ui_style(UI_BOLD, ui.color_out), (unsigned)object->id,
            dissect_format_id(object->format), ui_style(UI_PLAIN, ui.color_out));
    if (object->name.len > 0) {
        hn_buf_addf(out, UI_TEXT(" by ", " ← "));
        analyze_view_cut(out, object->name, 40);
    }
    hn_buf_add_char(out, '\n');
    while (lines < LAYER_LINES_MAX && hn_text_line(&rest, &line)) {
        if (hn_text_trim(line).len == 0)
            continue;
        hn_buf_add_lit(out, "      ");
        analyze_view_cut(out, line, width > 20 ? width - 8 : 20);
        hn_buf_add_char(out, '\n');
        lines++;
    }
    if (hn_text_trim(rest).len > 0)
        hn_buf_add_lit(out, "      …\n");
}

void analyze_view_layers(const struct analyze_view *view, struct hn_buf *out)
{
    uint32_t count = 0;

    for (uint32_t id = 0; id < dissect_count(view->dissect); id++) {
        const struct dissect_object *object = dissect_get(view->dissect, id);

        if (!is_layer(object))
            continue;
        if (count++ == 0)
            view_heading(out, "Layers", "スクリプトの層");
        if (count <= LAYERS_MAX)
            add_layer(out, object);
    }
    if (count > LAYERS_MAX) {
        hn_buf_addf(out,
                UI_TEXT("  and %u more layers (--json has all)\n",
                        "  ほか %u 層(--json にすべて)\n"),
                (unsigned)(count - LAYERS_MAX));
    }
}
