/* view_pieces.c - headings, facts and history, of which the views of alerts and incidents are made.
 */
#include "app/alert_view.h"

#include "app/ui.h"
#include "base/escape.h"

#define LABEL_COLUMNS 14
#define INDENT        2
#define VALUE_BYTES   ((size_t)400) /* shown of one value */

void view_heading(struct hn_buf *out, const char *en, const char *ja)
{
    hn_buf_addf(out, "\n%s%s%s\n", ui_style(UI_BOLD, ui.color_out), UI_TEXT(en, ja),
            ui_style(UI_PLAIN, ui.color_out));
}

void view_fact(struct hn_buf *out, const char *en, const char *ja, struct hn_text value)
{
    struct hn_buf text = { 0 };

    if (value.len == 0)
        return;
    remote_add_prose(&text, value, INDENT + LABEL_COLUMNS);
    hn_buf_add_repeat(out, ' ', INDENT);
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    ui_add_cell(out, hn_text_cstr(UI_TEXT(en, ja)), LABEL_COLUMNS);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    /* The first line stands beside the label. */
    if (text.len > INDENT + LABEL_COLUMNS)
        hn_buf_add_text(out, hn_text_sub(hn_buf_text(&text), INDENT + LABEL_COLUMNS, text.len));
    else
        hn_buf_add_char(out, '\n');
    hn_buf_deinit(&text);
}

void view_fact_word(struct hn_buf *out, const char *en, const char *ja, struct hn_text word)
{
    view_fact(out, en, ja, remote_word(word));
}

void view_fact_time(struct hn_buf *out, const char *en, const char *ja, hn_time time,
        const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];

    if (time != HN_TIME_NONE)
        view_fact(out, en, ja,
                hn_text_of(text, hn_time_write(time, hn_zone_offset_at(zone, time), text)));
}

void view_history(struct hn_text history, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out)
{
    struct client_items items = client_items_of(client_get(arena, history, "items"));
    struct hn_text item;
    bool any = false;

    while (client_items_next(&items, &item)) {
        struct hn_text from = client_text(arena, item, "from");
        struct hn_text to = client_text(arena, item, "to");

        if (!any)
            view_heading(out, "History", "履歴");
        any = true;
        hn_buf_add_repeat(out, ' ', INDENT);
        remote_add_time(out, client_time(arena, item, "at"), zone);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, client_text(arena, item, "who"), 0);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, client_text(arena, item, "what"), 0);
        if (from.len > 0) {
            hn_buf_add_lit(out, "  ");
            ui_add_cell(out, remote_word(from), 0);
        }
        if (to.len > 0) {
            hn_buf_add_cstr(out, from.len > 0 ? " → " : "  ");
            ui_add_cell(out, remote_word(to), 0);
        }
        hn_buf_add_char(out, '\n');
    }
}

void view_marked(struct hn_text value, size_t start, size_t len, struct hn_buf *out)
{
    size_t from = 0;
    size_t to = value.len;

    if (start > value.len)
        start = value.len;
    if (len > value.len - start)
        len = value.len - start;
    if (value.len > VALUE_BYTES) {
        from = start > VALUE_BYTES / 4 ? start - VALUE_BYTES / 4 : 0;
        to = value.len - from > VALUE_BYTES ? from + VALUE_BYTES : value.len;
        while (from > 0 && ((unsigned char)value.ptr[from] & 0xC0) == 0x80)
            from--;
        while (to < value.len && ((unsigned char)value.ptr[to] & 0xC0) == 0x80)
            to++;
    }
    if (len > to - start)
        len = to - start;
    hn_buf_add_cstr(out, from > 0 ? "…" : "");
    hn_terminal_text(out, hn_text_sub(value, from, start - from));
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    hn_buf_add_cstr(out, ui_style(UI_RED, ui.color_out));
    hn_terminal_text(out, hn_text_sub(value, start, len));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_terminal_text(out, hn_text_sub(value, start + len, to - start - len));
    hn_buf_add_cstr(out, to < value.len ? "…" : "");
}
