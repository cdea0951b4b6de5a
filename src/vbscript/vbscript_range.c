/* vbscript_range.c - cells that a macro reaches by counting: what stands in the rectangle that
 * vbscript_area.c finds. What a cell holds is asked in vbscript_store.c; one of which nothing is
 * known is empty where the document says which cells of the sheet are in use. */
#include "vbscript/vbscript_internal.h"

#define CELLS_MAX 16384 /* of one range that are looked at */

static void cell_path(const struct vb_area *area, int64_t row, int64_t column, struct hn_buf *out)
{
    hn_buf_add_text(out, area->sheet);
    hn_buf_add_lit(out, ".Range(\"");
    vb_area_address(out, row, column);
    hn_buf_add_lit(out, "\")");
}

/* No more rows and columns than are in use. */
static bool cut_to_used(struct vb_eval *ev, struct vb_area *area)
{
    int64_t end;

    if (area->rows * area->columns <= CELLS_MAX)
        return true;
    if (!vb_area_used(ev, area))
        return false;
    end = area->row + area->rows - 1;
    area->rows = (end < area->used[2] ? end : area->used[2]) - area->row + 1;
    end = area->column + area->columns - 1;
    area->columns = (end < area->used[3] ? end : area->used[3]) - area->column + 1;
    return area->rows > 0 && area->columns > 0 && area->rows * area->columns <= CELLS_MAX;
}

static struct vb_value cell_value(
        struct vb_eval *ev, struct vb_area *area, int64_t row, int64_t column)
{
    char room[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);
    struct vb_value value;

    cell_path(area, row, column, &path);
    if (hn_buf_ok(&path) && vb_host_lookup(ev, hn_buf_text(&path), &value))
        return value;
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(hn_buf_text(&path)));
}

static bool values_of(struct vb_eval *ev, struct vb_area *area, struct vb_value *ret_value)
{
    static const int32_t lower[2] = { 1, 1 };
    struct vb_array *array;
    uint32_t count[2];

    if (!cut_to_used(ev, area) || (array = vb_array_new(ev, VB_T_VARIANT, 1, 0)) == NULL)
        return false;
    count[0] = (uint32_t)area->rows;
    count[1] = (uint32_t)area->columns;
    if (!vb_array_dim(ev, array, lower, count, 2, false))
        return false;
    for (uint32_t c = 0; c < count[1]; c++)
        for (uint32_t r = 0; r < count[0] && script_goes_on(ev->run); r++)
            array->items[c * count[0] + r] = cell_value(ev, area, area->row + r, area->column + c);
    *ret_value = vb_array_value(array);
    return true;
}

static bool member_of(const struct vb_area *area, struct hn_text member, struct vb_value *ret_value)
{
    if (hn_text_eq_nocase(member, HN_TEXT("row")))
        *ret_value = vb_int(area->row, 4);
    else if (hn_text_eq_nocase(member, HN_TEXT("column")))
        *ret_value = vb_int(area->column, 4);
    else if (hn_text_eq_nocase(member, HN_TEXT("count")) && area->unit == VB_AREA_ROWS)
        *ret_value = vb_int(area->rows, 4);
    else if (hn_text_eq_nocase(member, HN_TEXT("count")) && area->unit == VB_AREA_COLUMNS)
        *ret_value = vb_int(area->columns, 4);
    else if (hn_text_starts_nocase(member, HN_TEXT("count")))
        *ret_value = vb_int(area->rows * area->columns, 4);
    else
        return false;
    return true;
}

bool vb_range_value(
        struct vb_eval *ev, struct hn_text place, struct hn_text asked, struct vb_value *ret_value)
{
    struct vb_area area;
    struct hn_text member;
    char room[VB_PATH_BYTES];
    struct hn_buf cell = hn_buf_over(room, sizeof room);

    if (!vb_area_follow(ev, place, &area, &member))
        return false;
    if (member.len > 0)
        return member_of(&area, member, ret_value);
    if (area.rows > 1 || area.columns > 1)
        return hn_text_ends_nocase(asked, HN_TEXT(".Text")) ? false
                                                            : values_of(ev, &area, ret_value);
    cell_path(&area, area.row, area.column, &cell);
    if (!hn_buf_ok(&cell))
        return false;
    if (!hn_text_eq_nocase(hn_buf_text(&cell), place))
        return vb_host_lookup(ev, hn_buf_text(&cell), ret_value);
    *ret_value = (struct vb_value){ .kind = VB_EMPTY };
    return vb_area_used(ev, &area);
}

bool vb_range_items(struct vb_eval *ev, struct hn_text path, struct vb_array **ret_items)
{
    struct vb_area area;
    struct hn_text member;
    struct vb_array *items;
    char room[VB_PATH_BYTES];

    if (!vb_area_follow(ev, path, &area, &member) || member.len > 0 || !cut_to_used(ev, &area))
        return false;
    items = vb_array_new(ev, VB_T_VARIANT, 0, (size_t)(area.rows * area.columns));
    for (uint32_t i = 0; items != NULL && i < items->total && script_spend(ev->run, 1); i++) {
        struct hn_buf cell = hn_buf_over(room, sizeof room);

        cell_path(&area, area.row + i / area.columns, area.column + i % area.columns, &cell);
        items->items[i] = vb_host_object(ev, hn_buf_text(&cell));
    }
    *ret_items = items;
    return items != NULL;
}

bool vb_range_is(struct vb_eval *ev, struct hn_text path)
{
    struct vb_area area;
    struct hn_text member;

    return vb_area_follow(ev, path, &area, &member) && member.len == 0;
}

bool vb_range_address(struct vb_eval *ev, struct hn_text path, struct hn_buf *out)
{
    char room[VB_PATH_BYTES];
    char spare[VB_PATH_BYTES];
    struct hn_buf buf = hn_buf_over(room, sizeof room);
    struct vb_area area;
    struct hn_text member;

    if (path.len + 64 > sizeof room)
        return false;
    path = vb_host_canonical(ev, path, &buf, spare, sizeof spare);
    if (!hn_buf_ok(&buf) || !vb_area_follow(ev, path, &area, &member) || member.len > 0)
        return false;
    vb_area_address(out, area.row, area.column);
    if (area.rows == 1 && area.columns == 1)
        return true;
    hn_buf_add_char(out, ':');
    vb_area_address(out, area.row + area.rows - 1, area.column + area.columns - 1);
    return true;
}

/* A column of values becomes a list, as Join() takes it; a table changes its sides. */
struct vb_value vb_range_transpose(struct vb_eval *ev, struct vb_value value)
{
    const struct vb_array *from = value.kind == VB_ARRAY ? value.as.array : NULL;
    struct vb_array *array;
    int32_t lower[2] = { 1, 1 };
    uint32_t count[2];

    if (from == NULL || from->dims != 2 || (array = vb_array_new(ev, VB_T_VARIANT, 1, 0)) == NULL)
        return value;
    count[0] = from->count[1];
    count[1] = from->count[0];
    if (count[0] == 1)
        count[0] = count[1];
    if (!vb_array_dim(ev, array, lower, count, from->count[1] == 1 ? 1 : 2, false))
        return value;
    for (uint32_t i = 0; i < array->total; i++) {
        uint32_t row = i / from->count[1];
        uint32_t column = i % from->count[1];

        array->items[i] = from->items[column * from->count[0] + row];
    }
    return vb_array_value(array);
}
