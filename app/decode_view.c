/* decode_view.c - layers of a script, what it would do, and the addresses in it. */
#include "app/decode_view.h"

#include "app/alert_view.h"
#include "app/analyze_view.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/json_out.h"

#include <string.h>

#define LINES_MAX  40u
#define ACTS_MAX   200u
#define INDENT_MAX 16u

static bool is_script(const struct dissect_object *object)
{
    return strcmp(dissect_format_category(object->format), "script") == 0;
}

/* ---- Layers ---- */

static void add_line(struct hn_buf *out, struct hn_text line, uint32_t indent)
{
    hn_buf_add_lit(out, "    ");
    hn_buf_add_repeat(out, ' ', (size_t)indent * 2);
    analyze_view_text(out, line);
    hn_buf_add_char(out, '\n');
}

/* Statements of one line on lines of their own, indented by their braces: most layers are one long
 * line. Quotes are minded as PowerShell, VBScript and JScript write them. */
static void add_pretty(struct hn_buf *out, struct hn_text text, bool plain, uint32_t lines_max)
{
    size_t start = 0;
    uint32_t depth = 0;
    uint32_t lines = 0;
    char quote = '\0';

    for (size_t i = 0; i <= text.len && lines < lines_max; i++) {
        char c = i < text.len ? text.ptr[i] : '\n';
        struct hn_text line;

        if (quote != '\0' ? c == quote : c == '\'' || c == '"')
            quote = quote != '\0' ? '\0' : c;
        if (c != '\n' && (plain || quote != '\0' || strchr(";{}", c) == NULL || c == '\0'))
            continue;
        line = hn_text_trim(hn_text_sub(text, start, i + (c == ';' || c == '{') - start));
        start = i + 1;
        if (line.len > 0 && !hn_text_eq(line, HN_TEXT(";"))) {
            add_line(out, line, depth);
            lines++;
        }
        depth += c == '{' && depth < INDENT_MAX;
        depth -= c == '}' && depth > 0;
        if (c == '}')
            add_line(out, HN_TEXT("}"), depth);
    }
    if (start < text.len) {
        hn_buf_addf(out,
                UI_TEXT("    … %zu more bytes (--all)\n", "    … ほか %zu バイト(--all)\n"),
                text.len - start);
    }
}

static void add_notes(struct hn_buf *out, const struct dissect_object *object)
{
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        hn_buf_addf(out, "    %s%s%s", ui_style(UI_YELLOW, ui.color_out),
                dissect_note_id(note->kind), ui_style(UI_PLAIN, ui.color_out));
        if (note->detail.len > 0) {
            hn_buf_add_lit(out, ": ");
            analyze_view_cut(out, note->detail, 80);
        }
        hn_buf_add_char(out, '\n');
    }
}

static void add_layer(
        struct hn_buf *out, const struct decode_view *view, const struct dissect_object *object)
{
    hn_buf_addf(out, "  %s#%u %s%s", ui_style(UI_BOLD, ui.color_out), (unsigned)object->id,
            dissect_format_id(object->format), ui_style(UI_PLAIN, ui.color_out));
    if (object->parent != DISSECT_NONE) {
        hn_buf_add_cstr(out, UI_TEXT(" by ", " ← "));
        analyze_view_cut(out, object->name, 40);
        hn_buf_addf(out, UI_TEXT(" of #%u", "(#%u から)"), (unsigned)object->parent);
    }
    hn_buf_add_char(out, '\n');
    if (is_script(object)) {
        add_pretty(out, hn_bytes_as_text(object->data),
                object->format != DISSECT_POWERSHELL && object->format != DISSECT_JSCRIPT,
                view->whole ? UINT32_MAX : LINES_MAX);
    } else {
        hn_buf_addf(out, UI_TEXT("    %zu bytes\n", "    %zu バイト\n"), object->data.len);
    }
    add_notes(out, object);
}

/* ---- Acts and addresses ---- */

static void add_act(
        struct hn_buf *out, const struct dissect_object *object, const struct dissect_act *act)
{
    hn_buf_addf(out, "  #%u %s%s%s", (unsigned)object->id, ui_style(UI_BOLD, ui.color_out),
            script_act_id(act->kind), ui_style(UI_PLAIN, ui.color_out));
    if (act->conditional)
        hn_buf_add_cstr(out, UI_TEXT(" (perhaps)", "(条件付き)"));
    for (size_t i = 0; i < act->field_count; i++) {
        hn_buf_addf(out, "\n      %s: ", act->fields[i].name);
        analyze_view_cut(out, act->fields[i].value, 400);
    }
    hn_buf_add_char(out, '\n');
}

static void add_acts(struct hn_buf *out, const struct decode_view *view)
{
    uint32_t count = 0;

    for (uint32_t id = 0; id < dissect_count(view->dissect); id++) {
        const struct dissect_object *object = dissect_get(view->dissect, id);

        for (const struct dissect_act *act = object->acts; act != NULL; act = act->next) {
            if (count++ == 0)
                view_heading(out, "What it would do", "実行した場合の動作");
            if (count <= ACTS_MAX)
                add_act(out, object, act);
        }
    }
    if (count > ACTS_MAX)
        hn_buf_addf(
                out, UI_TEXT("  and %u more\n", "  ほか %u 件\n"), (unsigned)(count - ACTS_MAX));
}

static bool is_network(const struct protect_indicator *one)
{
    return one->kind == PROTECT_EXTRACTED &&
           (one->what == EXTRACT_URL || one->what == EXTRACT_HOST || one->what == EXTRACT_IPV4 ||
                   one->what == EXTRACT_IPV6);
}

/* A piece of an address in a text that is put together later is the beginning of the whole one. */
static bool is_piece(const struct decode_view *view, const struct protect_indicator *one)
{
    for (size_t i = 0; i < view->indicators->items.count; i++) {
        const struct protect_indicator *other = &view->indicators->items.ptr[i];

        if (other != one && is_network(other) && other->value.len > one->value.len &&
                other->role != one->role && hn_text_starts(other->value, one->value))
            return true;
    }
    return false;
}

static void add_addresses(struct hn_buf *out, const struct decode_view *view)
{
    uint32_t count = 0;

    for (size_t i = 0; i < view->indicators->items.count; i++) {
        const struct protect_indicator *one = &view->indicators->items.ptr[i];
        struct hn_buf value = { 0 };

        if (!is_network(one) || is_piece(view, one))
            continue;
        if (count++ == 0)
            view_heading(out, "Addresses", "宛先");
        if (ui.no_defang)
            hn_buf_add_text(&value, one->value);
        else
            protect_defang(&value, one);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, hn_text_cstr(protect_role_text(one->role, ui.japanese)), 18);
        hn_buf_add_lit(out, "  ");
        hn_terminal_text(out, hn_buf_text(&value));
        hn_buf_add_char(out, '\n');
        hn_buf_deinit(&value);
    }
}

void decode_view_text(const struct decode_view *view, struct hn_buf *out)
{
    view_heading(out, "Layers", "スクリプトの層");
    for (uint32_t id = 0; id < dissect_count(view->dissect); id++)
        add_layer(out, view, dissect_get(view->dissect, id));
    add_acts(out, view);
    add_addresses(out, view);
}

/* ---- JSON ---- */

static void json_layer(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_open(out, '{');
    hn_json_pair_u64(out, "id", object->id);
    if (object->parent != DISSECT_NONE) {
        hn_json_pair_u64(out, "parent", object->parent);
        hn_json_pair(out, "how", object->name);
    }
    hn_json_pair(out, "language", hn_text_cstr(dissect_format_id(object->format)));
    if (is_script(object))
        hn_json_pair(out, "text", hn_bytes_as_text(object->data));
    else
        hn_json_pair_u64(out, "bytes", object->data.len);
    hn_json_key_lit(out, "notes");
    hn_json_open(out, '[');
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "kind", hn_text_cstr(dissect_note_id(note->kind)));
        hn_json_pair(out, "detail", note->detail);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
    hn_json_key_lit(out, "acts");
    hn_json_open(out, '[');
    for (const struct dissect_act *act = object->acts; act != NULL; act = act->next) {
        hn_json_open(out, '{');
        hn_json_pair(out, "kind", hn_text_cstr(script_act_id(act->kind)));
        hn_json_key_lit(out, "conditional");
        hn_json_bool(out, act->conditional);
        for (size_t i = 0; i < act->field_count; i++) {
            hn_json_key(out, hn_text_cstr(act->fields[i].name));
            hn_json_text(out, act->fields[i].value);
        }
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
    hn_json_close(out, '}');
}

void decode_view_json(const struct decode_view *view, struct hn_buf *buf)
{
    struct hn_json_out out = hn_json_out_over(buf);

    hn_json_open(&out, '{');
    hn_json_key_lit(&out, "layers");
    hn_json_open(&out, '[');
    for (uint32_t id = 0; id < dissect_count(view->dissect); id++)
        json_layer(&out, dissect_get(view->dissect, id));
    hn_json_close(&out, ']');
    hn_json_key_lit(&out, "addresses");
    hn_json_open(&out, '[');
    for (size_t i = 0; i < view->indicators->items.count; i++) {
        const struct protect_indicator *one = &view->indicators->items.ptr[i];

        if (!is_network(one) || is_piece(view, one))
            continue;
        hn_json_open(&out, '{');
        hn_json_pair(&out, "type", hn_text_cstr(extract_kind_id(one->what)));
        hn_json_pair(&out, "role", hn_text_cstr(protect_role_id(one->role)));
        hn_json_pair(&out, "value", one->value);
        hn_json_pair(&out, "path", one->path);
        hn_json_close(&out, '}');
    }
    hn_json_close(&out, ']');
    hn_json_close(&out, '}');
    hn_buf_add_char(buf, '\n');
}
