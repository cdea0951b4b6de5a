/* xlm_cell.c - cells, columns, names and sheets, and how changes of them are undone. */
#include "xlm/xlm_internal.h"

static struct hn_text key_text(const void *key, size_t len)
{
    return hn_text_of(key, len);
}

/* Out of memory outside of the arena ends the run, too. */
static void *failed(struct xl *ev)
{
    ev->failed = true;
    if (ev->run->stop == SCRIPT_STOP_NONE)
        ev->run->stop = SCRIPT_STOP_MEMORY;
    return NULL;
}

static void *exhausted(struct xl *ev)
{
    if (hn_arena_status(&ev->run->arena) == HN_NOMEM)
        return failed(ev);
    if (ev->run->stop == SCRIPT_STOP_NONE)
        ev->run->stop = SCRIPT_STOP_BYTES;
    return NULL;
}

static struct hn_text lower(struct xl *ev, struct hn_text text)
{
    char *room = hn_arena_raw(&ev->run->arena, text.len + 1, 1);

    if (room == NULL) {
        (void)exhausted(ev);
        return hn_text_of(NULL, 0);
    }
    for (size_t i = 0; i < text.len; i++)
        room[i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] + 32 : text.ptr[i]);
    return hn_text_of(room, text.len);
}

uint32_t xl_sheet(struct xl *ev, struct hn_text name)
{
    size_t bracket = hn_text_find_char(name, ']', 0);
    struct hn_text key;
    struct xl_sheet *sheet;
    uint32_t index;

    if (bracket != SIZE_MAX && name.len > 0 && name.ptr[0] == '[')
        name = hn_text_sub(name, bracket + 1, SIZE_MAX); /* [Book1]Sheet1 */
    key = lower(ev, name);
    if (key.ptr == NULL)
        return XL_NONE;
    index = hn_map_find(&ev->sheet_names, key);
    if (index != HN_MAP_NONE)
        return index;
    if (ev->sheets.count >= XL_SHEETS_MAX)
        return XL_NONE;
    if (!hn_map_put(&ev->sheet_names, key, (uint32_t)ev->sheets.count, &index) ||
            (sheet = hn_vec_add(&ev->sheets)) == NULL) {
        (void)failed(ev);
        return XL_NONE;
    }
    sheet->name = hn_arena_text(&ev->run->arena, name);
    if (sheet->name.ptr == NULL)
        (void)exhausted(ev);
    return index;
}

/* ---- Cells ---- */

struct xl_cell *xl_cell_find(const struct xl *ev, uint32_t sheet, uint32_t row, uint32_t column)
{
    uint32_t key[3] = { sheet, row, column };
    uint32_t index = hn_map_find(&ev->cell_map, key_text(key, sizeof key));

    return index != HN_MAP_NONE ? ev->cells.ptr[index] : NULL;
}

static struct xl_column *column_find(const struct xl *ev, uint32_t sheet, uint32_t column)
{
    uint32_t key[2] = { sheet, column };
    uint32_t index = hn_map_find(&ev->column_map, key_text(key, sizeof key));

    return index != HN_MAP_NONE ? ev->columns.ptr[index] : NULL;
}

static struct xl_column *column_make(struct xl *ev, uint32_t sheet, uint32_t column)
{
    struct xl_column *made = column_find(ev, sheet, column);
    struct xl_column **slot;
    uint32_t index;

    if (made != NULL)
        return made;
    made = hn_new(&ev->run->arena, struct xl_column, 1);
    if (made == NULL)
        return exhausted(ev);
    made->key[0] = sheet;
    made->key[1] = column;
    slot = hn_vec_add(&ev->columns);
    if (slot == NULL)
        return failed(ev);
    *slot = made;
    if (!hn_map_put(&ev->column_map, key_text(made->key, sizeof made->key),
                (uint32_t)ev->columns.count - 1, &index))
        return failed(ev);
    return made;
}

/* The first of the column at or below the row. */
static size_t column_index(const struct xl_column *column, uint32_t row)
{
    size_t low = 0;
    size_t high = column->cells.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (column->cells.ptr[middle]->key[1] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool column_insert(struct xl *ev, struct xl_column *column, struct xl_cell *cell)
{
    size_t at = column_index(column, cell->key[1]);
    size_t moved = column->cells.count - at;

    if (!xl_spend(ev, moved / 4096) || hn_vec_add(&column->cells) == NULL) {
        if (script_goes_on(ev->run))
            (void)failed(ev);
        return false;
    }
    memmove(&column->cells.ptr[at + 1], &column->cells.ptr[at], moved * sizeof(struct xl_cell *));
    column->cells.ptr[at] = cell;
    return true;
}

struct xl_cell *xl_cell_make(struct xl *ev, uint32_t sheet, uint32_t row, uint32_t column)
{
    struct xl_cell *cell = xl_cell_find(ev, sheet, row, column);
    struct xl_column *in;
    struct xl_cell **slot;
    uint32_t index;

    if (cell != NULL)
        return cell;
    in = column_make(ev, sheet, column);
    cell = hn_new(&ev->run->arena, struct xl_cell, 1);
    if (in == NULL || cell == NULL)
        return exhausted(ev);
    cell->key[0] = sheet;
    cell->key[1] = row;
    cell->key[2] = column;
    slot = hn_vec_add(&ev->cells);
    if (slot == NULL)
        return failed(ev);
    *slot = cell;
    if (!hn_map_put(&ev->cell_map, key_text(cell->key, sizeof cell->key),
                (uint32_t)ev->cells.count - 1, &index))
        return failed(ev);
    return column_insert(ev, in, cell) ? cell : NULL;
}

struct xl_cell *xl_cell_below(const struct xl *ev, struct xl_ref at)
{
    const struct xl_column *column = column_find(ev, at.sheet, at.column);

    if (column == NULL)
        return NULL;
    for (size_t i = column_index(column, at.row); i < column->cells.count; i++)
        if (column->cells.ptr[i]->slot.formula.len > 0)
            return column->cells.ptr[i];
    return NULL;
}

/* ---- Names ---- */

#define NAME_MAX_BYTES 255u
#define ANY_SHEET      (XL_NONE - 1u) /* the first of a name, wherever it belongs */

/* The name in lower case, and its sheet; 0: no name is as long. */
static size_t name_key(struct hn_text name, uint32_t sheet, char room[NAME_MAX_BYTES + 4])
{
    if (name.len == 0 || name.len > NAME_MAX_BYTES)
        return 0;
    for (size_t i = 0; i < name.len; i++)
        room[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
    memcpy(room + name.len, &sheet, sizeof sheet);
    return name.len + sizeof sheet;
}

static struct xl_name *name_of(const struct xl *ev, struct hn_text name, uint32_t sheet)
{
    char room[NAME_MAX_BYTES + 4];
    size_t len = name_key(name, sheet, room);
    uint32_t index = len > 0 ? hn_map_find(&ev->name_map, hn_text_of(room, len)) : HN_MAP_NONE;

    return index != HN_MAP_NONE ? ev->names.ptr[index] : NULL;
}

struct xl_name *xl_name_find(const struct xl *ev, struct hn_text name, uint32_t sheet)
{
    struct xl_name *found = sheet != XL_NONE ? name_of(ev, name, sheet) : NULL;

    if (found == NULL)
        found = name_of(ev, name, XL_NONE);
    return found != NULL ? found : name_of(ev, name, ANY_SHEET);
}

static bool name_put(struct xl *ev, struct hn_text name, uint32_t sheet)
{
    char room[NAME_MAX_BYTES + 4];
    struct hn_text key =
            hn_arena_text(&ev->run->arena, hn_text_of(room, name_key(name, sheet, room)));
    uint32_t index;

    if (key.ptr == NULL)
        return exhausted(ev) != NULL;
    if (!hn_map_put(&ev->name_map, key, (uint32_t)ev->names.count - 1, &index))
        return failed(ev) != NULL;
    return true;
}

struct xl_name *xl_name_make(struct xl *ev, struct hn_text name, uint32_t sheet)
{
    struct xl_name *made = name_of(ev, name, sheet);
    struct xl_name **slot;

    if (made != NULL || name.len == 0 || name.len > NAME_MAX_BYTES)
        return made;
    made = hn_new(&ev->run->arena, struct xl_name, 1);
    if (made == NULL)
        return exhausted(ev);
    made->sheet = sheet;
    made->name = hn_arena_text(&ev->run->arena, name);
    if (made->name.ptr == NULL)
        return exhausted(ev);
    slot = hn_vec_add(&ev->names);
    if (slot == NULL)
        return failed(ev);
    *slot = made;
    if (!name_put(ev, made->name, sheet) || !name_put(ev, made->name, ANY_SHEET))
        return NULL;
    return made;
}

/* ---- Changes ---- */

void xl_change(struct xl *ev, struct xl_slot *slot)
{
    struct xl_change *change;

    if (ev->changes.count >= XL_CHANGES_MAX) {
        ev->flow = XL_HALT;
        return;
    }
    change = hn_vec_add(&ev->changes);
    if (change == NULL) {
        (void)failed(ev);
        return;
    }
    change->slot = slot;
    change->old = *slot;
}

void xl_undo(struct xl *ev, size_t mark)
{
    while (ev->changes.count > mark) {
        const struct xl_change *change = &ev->changes.ptr[--ev->changes.count];

        *change->slot = change->old;
    }
}

void xl_reset(struct xl *ev)
{
    hn_vec_reset(&ev->changes);
    for (size_t i = 0; i < ev->cells.count; i++) {
        ev->cells.ptr[i]->slot = ev->cells.ptr[i]->first;
        ev->cells.ptr[i]->reached = false;
    }
    for (size_t i = 0; i < ev->names.count; i++)
        ev->names.ptr[i]->slot = ev->names.ptr[i]->first;
    (void)xl_spend(ev, ev->cells.count / 16);
}

/* ---- What they are worth ---- */

struct xl_node *xl_slot_node(struct xl *ev, struct xl_slot *slot, struct xl_ref base)
{
    struct xl_source source = { .offset = slot->offset,
        .exact = !slot->r1c1,
        .r1c1 = slot->r1c1,
        .base = base,
        .rows = slot->rows,
        .columns = slot->columns };

    if (slot->read || slot->formula.len == 0)
        return slot->node;
    source.text = hn_text_sub(slot->formula, 1, SIZE_MAX);
    source.offset += 1;
    slot->read = true;
    slot->node = xl_parse(ev, &source);
    return slot->node;
}

/* The value it was given, else what its formula says now; nothing reaches out for that. */
struct xl_value xl_cell_value(struct xl *ev, uint32_t sheet, uint32_t row, uint32_t column)
{
    struct xl_cell *cell = xl_cell_find(ev, sheet, row, column);
    struct xl_node *node;
    struct xl_value value;

    if (cell == NULL)
        return (struct xl_value){ .kind = XL_BLANK };
    if (cell->slot.has_value || cell->slot.formula.len == 0 || cell->reading || !xl_spend(ev, 1))
        return cell->slot.value;
    node = xl_slot_node(ev, &cell->slot, xl_ref_cell(sheet, row, column));
    if (node == NULL)
        return xl_unknown(ev, "formula");
    cell->reading = true;
    ev->quiet++;
    value = xl_plain(ev, xl_eval(ev, node));
    ev->quiet--;
    cell->reading = false;
    if ((value.kind == XL_ERROR || xl_is_unknown(value)) && cell->last.kind != XL_BLANK)
        return cell->last;
    return value;
}

struct xl_value xl_name_value(struct xl *ev, struct xl_name *name)
{
    struct xl_ref base = xl_ref_cell(name->sheet != XL_NONE ? name->sheet : 0, 1, 1);
    struct xl_node *node;
    struct xl_value value;

    if (name->slot.has_value)
        return name->slot.value;
    node = xl_slot_node(ev, &name->slot, base);
    if (node == NULL || ev->depth >= XLM_NESTING_MAX)
        return xl_unknown(ev, "%.*s", HN_TEXT_ARG(name->name));
    if (node->kind == XL_NODE_VALUE)
        return node->value;
    ev->quiet++;
    value = xl_eval(ev, node);
    ev->quiet--;
    return value;
}

void xl_cell_enter(struct xl *ev, struct xl_ref at, struct xl_value value, uint64_t offset)
{
    struct xl_cell *cell = xl_cell_make(ev, at.sheet, at.row, at.column);
    struct hn_text text;
    double number;

    if (cell == NULL)
        return;
    xl_change(ev, &cell->slot);
    cell->slot = (struct xl_slot){ .offset = offset };
    value = xl_plain(ev, value);
    text = value.kind == XL_TEXT ? xl_flat(ev, value) : HN_TEXT("");
    if (text.len > 1 && text.ptr[0] == '=') {
        cell->slot.formula = text;
        cell->slot.r1c1 = true;
        return;
    }
    if (value.kind == XL_TEXT && !value.as.text->unknown && xl_number_of_text(text, &number))
        value = xl_number(number);
    cell->slot.has_value = true;
    cell->slot.value = value;
}
