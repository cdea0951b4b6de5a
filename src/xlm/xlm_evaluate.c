/* xlm_evaluate.c - one evaluation: what starts by itself, what nobody reached, and the worlds in
 * which the clock gives one answer. */
#include "xlm/xlm_functions.h"

#include <stdio.h>

#define WAYS_TO_START 4
#define FORMULA_MAX   32768u /* bytes of a formula by itself */

/* In the order in which Excel starts them; names may go on behind ("Auto_Open_2"). */
static const struct hn_text starts[WAYS_TO_START] = { HN_TEXT_INIT("auto_open"),
    HN_TEXT_INIT("auto_activate"), HN_TEXT_INIT("auto_deactivate"), HN_TEXT_INIT("auto_close") };

/* Malware puts characters nobody sees into these names. */
static bool starts_by_itself(const struct xl_name *name, struct hn_text start)
{
    size_t first = hn_text_starts_nocase(name->name, HN_TEXT("_xlnm.")) ? 6 : 0;
    size_t at = 0;

    for (size_t i = first; i < name->name.len && at < start.len; i++) {
        char c = name->name.ptr[i];

        if ((uint8_t)c <= 0x20u || (uint8_t)c >= 0x7Fu)
            continue;
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != start.ptr[at++])
            return false;
    }
    return at == start.len;
}

static uint32_t run_starts(struct xl *ev)
{
    uint32_t count = 0;
    size_t names = ev->names.count; /* those that macros define start nothing */

    for (size_t k = 0; k < WAYS_TO_START; k++) {
        for (size_t i = 0; i < names && script_goes_on(ev->run); i++) {
            struct xl_name *name = ev->names.ptr[i];
            struct xl_value target;

            if (!starts_by_itself(name, starts[k]))
                continue;
            count++;
            xl_note(ev, SCRIPT_NOTE_AUTORUN, name->slot.offset, "%.*s",
                    HN_TEXT_ARG(hn_text_sub(name->name, 0, 60)));
            target = xl_name_value(ev, name);
            if (target.kind == XL_REF)
                xl_run_entry(ev, target.as.ref, ev->world != 0);
        }
    }
    return count;
}

/* What ON.TIME() and its like have asked for; they may ask again. */
static void run_later(struct xl *ev)
{
    for (uint32_t i = ev->later_done; i < ev->later_count && script_goes_on(ev->run); i++) {
        const struct xl_cell *cell = xl_cell_below(ev, ev->later_at[i]);

        if (cell != NULL && !cell->reached)
            xl_run_entry(ev, ev->later_at[i], ev->world != 0);
        ev->later_done = i + 1;
    }
}

/* Formulas of macro sheets that nobody reached, from each on downwards. */
static void run_rest(struct xl *ev)
{
    size_t count = ev->cells.count;

    for (size_t i = 0; i < count && script_goes_on(ev->run); i++) {
        const struct xl_cell *cell = ev->cells.ptr[i];

        if (!ev->sheets.ptr[cell->key[0]].macro || cell->reached || cell->slot.formula.len == 0)
            continue;
        xl_run_entry(ev, xl_ref_cell(cell->key[0], cell->key[1], cell->key[2]), true);
        if (!cell->reached)
            break; /* this world has no steps left */
    }
}

static void run_world(struct xl *ev, uint64_t end)
{
    ev->world_end = end < ev->run->limits.steps_max ? end : ev->run->limits.steps_max;
    ev->path_end = ev->world_end;
    ev->later_count = 0;
    ev->later_done = 0;
    ev->fork_count = 0;
    ev->file_count = 0;
    ev->world_acts = 0;
    ev->copied_how = XL_COPIED_NOTHING;
    hn_vec_reset(&ev->registered);
    if (run_starts(ev) == 0 || ev->world == 0) {
        run_later(ev);
        run_rest(ev);
    }
    run_later(ev);
}

/* ---- Worlds ---- */

struct clock_kind {
    enum xl_clock clock;
    const char *name;
    uint32_t first;
    uint32_t last;
};

static const struct clock_kind clocks[] = {
    { XL_CLOCK_DAY, "the day of the month", 1, 31 },
    { XL_CLOCK_WEEKDAY, "the day of the week", 1, 7 },
    { XL_CLOCK_MONTH, "the month", 1, 12 },
    { XL_CLOCK_HOUR, "the hour", 0, 23 },
    { XL_CLOCK_NONE, "the machine", 1, 1 },
};

/* Tries all answers of one kind and says which of them made a difference. */
static void try_clock(struct xl *ev, const struct clock_kind *kind)
{
    char room[160];
    struct hn_buf which = hn_buf_over(room, sizeof room);
    uint32_t world = 0;

    for (uint32_t value = kind->first; value <= kind->last && script_goes_on(ev->run); value++) {
        uint64_t left = ev->run->limits.steps_max - ev->run->steps;

        ev->path_end = ev->run->limits.steps_max;
        xl_reset(ev);
        ev->world = (uint32_t)kind->clock * 100 + value + 1;
        ev->clock = kind->clock;
        ev->clock_value = value;
        run_world(ev, ev->run->steps + left / (kind->last - value + 2));
        if (ev->world_acts > 0)
            hn_buf_addf(&which, "%s%u", which.len > 0 ? ", " : ": ", value);
    }
    world = ev->world;
    ev->world = 0;
    if (which.len > 0 && world != 0)
        xl_note(ev, SCRIPT_NOTE_OBFUSCATION, SCRIPT_NOWHERE, "decoded by %s%.*s", kind->name,
                kind->clock == XL_CLOCK_NONE ? 0 : (int)which.len, room);
}

static void try_worlds(struct xl *ev)
{
    bool asked[HN_COUNT_OF(ev->asked)];

    memcpy(asked, ev->asked, sizeof asked);
    asked[XL_CLOCK_NONE] = ev->asked_machine;
    for (size_t i = 0; i < HN_COUNT_OF(clocks); i++)
        if (asked[clocks[i].clock])
            try_clock(ev, &clocks[i]);
}

/* ---- One evaluation ---- */

/* A formula by itself, as ExecuteExcel4Macro() of VBA is given one. */
static void load_formula(struct xl *ev, struct hn_text text)
{
    uint32_t sheet = xl_sheet(ev, HN_TEXT("Macro1"));
    struct xl_cell *cell = sheet != XL_NONE ? xl_cell_make(ev, sheet, 1, 1) : NULL;
    char *room = hn_arena_raw(&ev->run->arena, text.len + 1, 1);

    if (cell == NULL || room == NULL)
        return;
    room[0] = '=';
    memcpy(room + 1, text.ptr, text.len);
    ev->sheets.ptr[sheet].macro = true;
    cell->slot.formula = hn_text_of(room, text.len + 1);
    cell->first = cell->slot;
}

static void load(struct xl *ev, struct hn_text text)
{
    static const struct hn_text records[] = { HN_TEXT_INIT("SHEET "), HN_TEXT_INIT("CELL "),
        HN_TEXT_INIT("NAME"), HN_TEXT_INIT("LAST "), HN_TEXT_INIT("LOOK") };
    struct hn_text trimmed = hn_text_trim(text);
    bool formula = trimmed.len > 0 && trimmed.len <= FORMULA_MAX;

    for (size_t i = 0; i < HN_COUNT_OF(records); i++)
        formula = formula && !hn_text_starts(text, records[i]);
    if (formula && hn_text_find(text, HN_TEXT("\nCELL "), 0) == SIZE_MAX)
        load_formula(ev, trimmed.ptr[0] == '=' ? hn_text_sub(trimmed, 1, SIZE_MAX) : trimmed);
    else
        xl_load(ev, text);
}

static bool begin(struct xl *ev)
{
    uint32_t index;

    ev->empty = script_text_borrow(ev->run, HN_TEXT(""), NULL);
    ev->path_end = ev->run->limits.steps_max;
    ev->world_end = ev->run->limits.steps_max;
    for (uint32_t i = 0; i < xl_function_count; i++)
        if (!hn_map_put(&ev->functions, hn_text_cstr(xl_functions[i].name), i, &index))
            return false;
    return ev->empty != NULL;
}

static void end(struct xl *ev)
{
    for (size_t i = 0; i < ev->columns.count; i++)
        hn_vec_deinit(&ev->columns.ptr[i]->cells);
    hn_map_deinit(&ev->functions);
    hn_map_deinit(&ev->sheet_names);
    hn_map_deinit(&ev->cell_map);
    hn_map_deinit(&ev->column_map);
    hn_map_deinit(&ev->name_map);
    hn_map_deinit(&ev->noted);
    hn_map_deinit(&ev->told);
    hn_vec_deinit(&ev->sheets);
    hn_vec_deinit(&ev->cells);
    hn_vec_deinit(&ev->columns);
    hn_vec_deinit(&ev->names);
    hn_vec_deinit(&ev->changes);
    hn_vec_deinit(&ev->registered);
    hn_vec_deinit(&ev->texts);
}

enum hn_status xlm_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct xl *ev = hn_new(&run->arena, struct xl, 1);
    bool good;

    if (ev == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the evaluator");
    ev->run = run;
    ev->source = source;
    good = begin(ev);
    for (size_t i = 0; i < source->part_count && good; i++)
        load(ev, source->parts[i].text);
    if (good) {
        run_world(ev, run->limits.steps_max);
        try_worlds(ev);
        ev->path_end = run->limits.steps_max;
        xl_tell_texts(ev);
    }
    run->conditional = false;
    good = good && !ev->failed;
    end(ev);
    if (!good || run->stop == SCRIPT_STOP_MEMORY)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the cells of a workbook");
    return HN_OK;
}
