/* remote_table.c - rows in columns: as wide as what is in them, and where the terminal is too
 * narrow the least important are left out. */
#include "app/remote_table.h"

#include "app/cells.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#include <string.h>

#define GAP           2u
#define TIME_COLUMNS  19u /* 2026-10-14 09:42:07 */
#define SHORT_COLUMNS 11u /* 10-14 09:42 */
#define FILL_MIN      36u /* columns of the one that takes what is left */
#define WIDE_MAX      60u /* of that one where there is no terminal to fill */

void remote_rows_add(struct remote_rows *rows, struct hn_text item)
{
    size_t end;

    hn_buf_add_text(&rows->text, item);
    end = rows->text.len;
    hn_buf_add(&rows->ends, &end, sizeof end);
}

void remote_rows_deinit(struct remote_rows *rows)
{
    hn_buf_deinit(&rows->text);
    hn_buf_deinit(&rows->ends);
}

static size_t rows_count(const struct remote_rows *rows)
{
    return rows->ends.len / sizeof(size_t);
}

static struct hn_text rows_at(const struct remote_rows *rows, size_t index)
{
    size_t start = 0;
    size_t end;

    if (index > 0)
        memcpy(&start, rows->ends.ptr + (index - 1) * sizeof start, sizeof start);
    memcpy(&end, rows->ends.ptr + index * sizeof end, sizeof end);
    return hn_text_sub(hn_buf_text(&rows->text), start, end - start);
}

/* ---- What a cell says ---- */

struct layout {
    unsigned wide[REMOTE_COLUMNS_MAX]; /* 0: left out */
    unsigned fill;                     /* the column that takes what is left */
    bool cut;                          /* there is a terminal to fit into */
    bool short_times;
    const struct hn_zone *zone;
};

static void list_cell(struct hn_arena *arena, struct hn_text json, struct hn_buf *out)
{
    struct client_items items = client_items_of(json);
    struct hn_text item;
    bool first = true;

    while (client_items_next(&items, &item)) {
        struct hn_text text = client_own_text(arena, item);

        if (text.len == 0)
            continue;
        if (!first)
            hn_buf_add_char(out, ' ');
        first = false;
        hn_buf_add_text(out, text);
    }
}

/* Month to minute; the year and the seconds are what is missed least. */
static void short_time(struct hn_text stamp, struct hn_buf *out)
{
    hn_buf_add_text(out, stamp.len == TIME_COLUMNS ? hn_text_sub(stamp, 5, SHORT_COLUMNS) : stamp);
}

/* Up to the first dot, unless it is an address. */
static struct hn_text short_host(struct hn_text host)
{
    size_t dot = hn_text_find_char(host, '.', 0);
    char last = host.len > 0 ? host.ptr[host.len - 1] : '0';

    if (dot == SIZE_MAX || dot == 0 || (last >= '0' && last <= '9') ||
            hn_text_find_char(host, ':', 0) != SIZE_MAX)
        return host;
    return hn_text_sub(host, 0, dot);
}

/* For people; not escaped yet. */
static void cell_text(const struct remote_column *column, const struct layout *layout,
        struct hn_arena *arena, struct hn_text item, struct hn_buf *out)
{
    struct hn_buf stamp = { 0 };
    struct hn_text value = client_get(arena, item, column->member);

    if (column->write != NULL) {
        column->write(arena, item, out);
        return;
    }
    switch (column->cell) {
    case REMOTE_TEXT:
        hn_buf_add_text(out, client_own_text(arena, value));
        break;
    case REMOTE_WORD:
        hn_buf_add_text(out, remote_word(client_own_text(arena, value)));
        break;
    case REMOTE_LEVEL:
        hn_buf_add_cstr(out, ui_level_name(remote_level(client_own_text(arena, value))));
        break;
    case REMOTE_TIME:
        remote_add_time(&stamp, client_time(arena, item, column->member), layout->zone);
        if (layout->short_times)
            short_time(hn_buf_text(&stamp), out);
        else
            hn_buf_add_text(out, hn_buf_text(&stamp));
        hn_buf_deinit(&stamp);
        break;
    case REMOTE_HOST:
        hn_buf_add_text(out, layout->cut ? short_host(client_own_text(arena, value))
                                         : client_own_text(arena, value));
        break;
    case REMOTE_NUMBER:
        if (client_int(arena, item, column->member, -1) >= 0)
            ui_add_count(out, (uint64_t)client_int(arena, item, column->member, 0));
        break;
    case REMOTE_LIST:
        list_cell(arena, value, out);
        break;
    case REMOTE_YES:
        hn_buf_add_cstr(out, hn_text_eq(value, HN_TEXT("true")) ? UI_TEXT("yes", "はい") : "");
        break;
    }
}

/* Columns of the terminal that it takes, escaped. */
static unsigned cell_columns(struct hn_text text)
{
    struct hn_buf safe = { 0 };
    size_t columns;

    hn_terminal_text(&safe, text);
    columns = hn_utf8_columns(hn_buf_text(&safe));
    hn_buf_deinit(&safe);
    return columns > 1000 ? 1000 : (unsigned)columns;
}

/* ---- Which columns, and how wide ---- */

static void measure(const struct remote_table *table, const struct remote_rows *rows,
        struct hn_arena *arena, struct layout *layout)
{
    struct hn_buf cell = { 0 };

    for (unsigned i = 0; i < table->count; i++) {
        const struct remote_column *column = &table->columns[i];
        unsigned wide = 1;
        unsigned head;
        bool said = false;

        if (column->terse)
            continue;
        head = cell_columns(hn_text_cstr(UI_TEXT(column->head, column->head_ja)));
        if (column->wide_max == 0)
            layout->fill = i;
        for (size_t row = 0; row < rows_count(rows); row++) {
            unsigned columns;

            hn_buf_reset(&cell);
            cell_text(column, layout, arena, rows_at(rows, row), &cell);
            columns = cell_columns(hn_buf_text(&cell));
            said = said || (columns > 0 && !hn_text_eq(hn_buf_text(&cell), HN_TEXT("-")));
            wide = columns > wide ? columns : wide;
        }
        if (!said && column->keep > 0)
            continue; /* nothing but dashes */
        if (layout->cut && column->wide_max > 0 && wide > column->wide_max)
            wide = column->wide_max;
        layout->wide[i] = wide > head ? wide : head;
    }
    hn_buf_deinit(&cell);
}

static unsigned total(const struct remote_table *table, const struct layout *layout)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < table->count; i++) {
        if (layout->wide[i] > 0)
            sum += layout->wide[i] + (sum > 0 ? GAP : 0);
    }
    return sum;
}

/* Leaves out the least important column; false when all that are left must stay. */
static bool leave_out(const struct remote_table *table, struct layout *layout)
{
    unsigned worst = table->count;

    for (unsigned i = 0; i < table->count; i++) {
        if (layout->wide[i] > 0 && table->columns[i].keep > 0 &&
                (worst == table->count || table->columns[i].keep > table->columns[worst].keep))
            worst = i;
    }
    if (worst == table->count)
        return false;
    layout->wide[worst] = 0;
    return true;
}

static void fit(const struct remote_table *table, struct layout *layout)
{
    unsigned *fill = &layout->wide[layout->fill];
    unsigned wanted = *fill;
    unsigned least = wanted < FILL_MIN ? wanted : FILL_MIN;
    unsigned sum;

    *fill = least;
    if (total(table, layout) > ui.width) {
        layout->short_times = true;
        for (unsigned i = 0; i < table->count; i++) {
            if (table->columns[i].cell == REMOTE_TIME && layout->wide[i] > SHORT_COLUMNS)
                layout->wide[i] = SHORT_COLUMNS;
        }
    }
    while (total(table, layout) > ui.width && leave_out(table, layout))
        ;
    sum = total(table, layout);
    if (sum < ui.width)
        *fill = wanted - least < ui.width - sum ? wanted : least + ui.width - sum;
}

/* ---- Rows ---- */

static unsigned last_column(const struct remote_table *table, const struct layout *layout)
{
    unsigned last = 0;

    for (unsigned i = 0; i < table->count; i++)
        last = layout->wide[i] > 0 ? i : last;
    return last;
}

/* A last cell has no blanks behind it. */
static void put_cell(struct hn_buf *out, struct hn_text text, unsigned wide, bool right, bool last)
{
    struct hn_buf cell = { 0 };
    unsigned columns = cell_columns(text);

    if (right)
        hn_buf_add_repeat(&cell, ' ', columns < wide ? wide - columns : 0);
    ui_add_cell(&cell, text, right && columns < wide ? 0 : wide);
    while (last && cell.len > 0 && cell.ptr[cell.len - 1] == ' ')
        cell.len--;
    hn_buf_add_text(out, hn_buf_text(&cell));
    hn_buf_deinit(&cell);
}

static void put_head(
        const struct remote_table *table, const struct layout *layout, struct hn_buf *out)
{
    unsigned last = last_column(table, layout);

    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    for (unsigned i = 0; i < table->count; i++) {
        const struct remote_column *column = &table->columns[i];

        if (layout->wide[i] == 0)
            continue;
        put_cell(out, hn_text_cstr(UI_TEXT(column->head, column->head_ja)), layout->wide[i],
                column->cell == REMOTE_NUMBER, i == last);
        hn_buf_add_repeat(out, ' ', i == last ? 0 : GAP);
    }
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void put_row(const struct remote_table *table, const struct layout *layout,
        struct hn_arena *arena, struct hn_text item, struct hn_buf *out)
{
    unsigned last = last_column(table, layout);
    struct hn_buf cell = { 0 };

    for (unsigned i = 0; i < table->count; i++) {
        const struct remote_column *column = &table->columns[i];
        bool colored = column->cell == REMOTE_LEVEL;

        if (layout->wide[i] == 0)
            continue;
        hn_buf_reset(&cell);
        cell_text(column, layout, arena, item, &cell);
        if (cell.len == 0)
            hn_buf_add_char(&cell, '-');
        if (colored)
            hn_buf_add_cstr(out,
                    ui_style(ui_level_style(remote_level(client_text(arena, item, column->member))),
                            ui.color_out));
        put_cell(
                out, hn_buf_text(&cell), layout->wide[i], column->cell == REMOTE_NUMBER, i == last);
        if (colored)
            hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        hn_buf_add_repeat(out, ' ', i == last ? 0 : GAP);
    }
    hn_buf_add_char(out, '\n');
    hn_buf_deinit(&cell);
}

void remote_table_human(const struct remote_table *table, const struct remote_rows *rows,
        const struct hn_zone *zone, struct hn_arena *arena, struct hn_buf *out)
{
    struct layout layout = { .cut = ui.width > 0, .zone = zone };

    measure(table, rows, arena, &layout);
    if (layout.cut)
        fit(table, &layout);
    else if (layout.wide[layout.fill] > WIDE_MAX && layout.fill != last_column(table, &layout))
        layout.wide[layout.fill] = WIDE_MAX;
    put_head(table, &layout, out);
    for (size_t row = 0; row < rows_count(rows); row++)
        put_row(table, &layout, arena, rows_at(rows, row), out);
}
