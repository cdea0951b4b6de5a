/* xlm_run.c - macros: cells from the top down, blocks, loops, calls, and the ways that wait. */
#include "xlm/xlm_internal.h"

void xl_where_copy(struct xl_where *to, const struct xl_where *from)
{
    to->at = from->at;
    to->loop_count = from->loop_count;
    memcpy(to->loops, from->loops, from->loop_count * sizeof from->loops[0]);
}

static enum xl_word word_of(const struct xl_node *node)
{
    if (node == NULL || node->kind != XL_NODE_CALL || node->fn == NULL)
        return XL_WORD_NONE;
    if (node->fn->word == XL_WORD_CHOOSE || (node->fn->word == XL_WORD_IF && node->count > 1))
        return XL_WORD_NONE;
    return node->fn->word;
}

static struct xl_node *node_at(struct xl *ev, struct xl_cell *cell)
{
    return xl_slot_node(ev, &cell->slot, xl_ref_cell(cell->key[0], cell->key[1], cell->key[2]));
}

static bool opens_loop(enum xl_word word)
{
    return word == XL_WORD_WHILE || word == XL_WORD_FOR || word == XL_WORD_FOR_CELL;
}

/* ---- Blocks ---- */

/* The cell that ends or divides the block around `at`, from the row below on; NULL: none. */
static struct xl_cell *find_end(struct xl *ev, struct xl_ref at, bool loop, bool divide)
{
    enum xl_word last = loop ? XL_WORD_NEXT : XL_WORD_END_IF;
    uint32_t inner = 0;

    at.row++;
    while (xl_spend(ev, 1)) {
        struct xl_cell *cell = xl_cell_below(ev, at);
        enum xl_word word = cell != NULL ? word_of(node_at(ev, cell)) : XL_WORD_NONE;

        if (cell == NULL)
            return NULL;
        if (loop ? opens_loop(word) : word == XL_WORD_IF)
            inner++;
        else if (word == last ? inner-- == 0
                              : divide && inner == 0 &&
                                        (word == XL_WORD_ELSE || word == XL_WORD_ELSE_IF))
            return cell;
        at.row = cell->key[1] + 1;
    }
    return NULL;
}

static void go_behind(struct xl_where *where, const struct xl_cell *cell)
{
    if (cell != NULL)
        where->at = xl_ref_cell(cell->key[0], cell->key[1], cell->key[2]);
    where->at.row++;
}

static bool condition_of(struct xl *ev, const struct xl_node *node)
{
    struct xl_value value =
            node->args != NULL ? xl_plain(ev, xl_eval(ev, node->args)) : xl_bool(true);
    bool truth;

    if (xl_to_truth(ev, value, &truth))
        return truth;
    return xl_is_unknown(value) && xl_decide(ev, node);
}

/* IF(x) whose x is false: on to the first ELSE.IF() that holds, ELSE() or END.IF(). */
static void skip_block(struct xl *ev, struct xl_where *where)
{
    struct xl_cell *cell;

    while ((cell = find_end(ev, where->at, false, true)) != NULL) {
        struct xl_node *node = node_at(ev, cell);

        cell->reached = true;
        if (word_of(node) != XL_WORD_ELSE_IF || condition_of(ev, node))
            break;
        where->at = xl_ref_cell(cell->key[0], cell->key[1], cell->key[2]);
    }
    go_behind(where, cell);
}

/* ---- Loops ---- */

static struct xl_value nth_arg(struct xl *ev, const struct xl_node *node, uint32_t index)
{
    const struct xl_node *arg = node->args;

    while (arg != NULL && index-- > 0)
        arg = arg->next;
    return arg != NULL ? xl_eval(ev, arg) : (struct xl_value){ .kind = XL_MISSING };
}

static void set_name(struct xl *ev, struct xl_name *name, struct xl_value value)
{
    if (name == NULL)
        return;
    xl_change(ev, &name->slot);
    name->slot.value = value;
    name->slot.has_value = true;
}

static struct xl_value cell_of_range(struct xl_ref range, uint32_t index)
{
    uint32_t width = range.column_last - range.column + 1;

    return xl_range(
            xl_ref_cell(range.sheet, range.row + index / width, range.column + index % width));
}

/* The next cell of FOR.CELL(), which may pass over blank ones. */
static bool next_cell(struct xl *ev, struct xl_loop *loop)
{
    while (loop->index < xl_item_count(xl_range(loop->cells)) && xl_spend(ev, 1)) {
        struct xl_value cell = cell_of_range(loop->cells, loop->index++);

        if (loop->filled && xl_plain(ev, cell).kind == XL_BLANK)
            continue;
        set_name(ev, loop->name, cell);
        return true;
    }
    return false;
}

static bool loop_begin(struct xl *ev, const struct xl_node *node, struct xl_loop *loop)
{
    struct xl_value value;
    double first = 0.0;

    if (loop->word == XL_WORD_WHILE)
        return condition_of(ev, node);
    loop->name = xl_name_make(ev, xl_flat(ev, nth_arg(ev, node, 0)), XL_NONE);
    if (loop->word == XL_WORD_FOR) {
        loop->step = 1.0;
        value = nth_arg(ev, node, 3);
        if (value.kind != XL_MISSING)
            (void)xl_to_number(ev, value, &loop->step);
        if (!xl_to_number(ev, nth_arg(ev, node, 1), &first) ||
                !xl_to_number(ev, nth_arg(ev, node, 2), &loop->last) || loop->step == 0.0)
            loop->last = first; /* nobody knows how often: once */
        set_name(ev, loop->name, xl_number(first));
        return loop->step > 0.0 ? first <= loop->last : first >= loop->last;
    }
    value = nth_arg(ev, node, 1);
    loop->cells = value.kind == XL_REF ? value.as.ref : ev->active;
    (void)xl_to_truth(ev, nth_arg(ev, node, 2), &loop->filled);
    return next_cell(ev, loop);
}

static bool loop_again(struct xl *ev, struct xl_loop *loop)
{
    struct xl_cell *cell;
    struct xl_node *node;
    double number;

    switch (loop->word) {
    case XL_WORD_WHILE:
        cell = xl_cell_find(ev, loop->at.sheet, loop->at.row, loop->at.column);
        node = cell != NULL ? node_at(ev, cell) : NULL;
        return node != NULL && condition_of(ev, node);
    case XL_WORD_FOR:
        if (loop->name == NULL || !xl_to_number(ev, xl_name_value(ev, loop->name), &number))
            return false;
        number += loop->step;
        set_name(ev, loop->name, xl_number(number));
        return loop->step > 0.0 ? number <= loop->last : number >= loop->last;
    case XL_WORD_FOR_CELL:
        return next_cell(ev, loop);
    case XL_WORD_NONE:
    case XL_WORD_IF:
    case XL_WORD_CHOOSE:
    case XL_WORD_ELSE:
    case XL_WORD_ELSE_IF:
    case XL_WORD_END_IF:
    case XL_WORD_NEXT:
    case XL_WORD_BREAK:
        break;
    }
    return false;
}

static void enter_loop(
        struct xl *ev, struct xl_where *where, const struct xl_node *node, enum xl_word word)
{
    struct xl_loop loop = { .word = word, .at = where->at };

    if (where->loop_count == XL_LOOPS_MAX || !loop_begin(ev, node, &loop)) {
        go_behind(where, find_end(ev, where->at, true, false));
        return;
    }
    where->loops[where->loop_count++] = loop;
    where->at.row++;
}

static void next_turn(struct xl *ev, struct xl_where *where)
{
    struct xl_loop *loop = where->loop_count > 0 ? &where->loops[where->loop_count - 1] : NULL;

    if (loop != NULL && loop_again(ev, loop))
        where->at = loop->at;
    else if (loop != NULL)
        where->loop_count--;
    where->at.row++;
}

static void leave_loop(struct xl *ev, struct xl_where *where)
{
    if (where->loop_count > 0) {
        go_behind(where, find_end(ev, where->loops[--where->loop_count].at, true, false));
        return;
    }
    where->at.row++;
}

/* ---- One cell ---- */

static void carry_out(struct xl *ev, struct xl_where *where, struct xl_cell *cell)
{
    struct xl_node *node = node_at(ev, cell);
    struct hn_text formula = cell->slot.formula;
    enum xl_word word = word_of(node);
    struct xl_value value;

    switch (word) {
    case XL_WORD_IF:
        if (condition_of(ev, node))
            where->at.row++;
        else
            skip_block(ev, where);
        return;
    case XL_WORD_ELSE:
    case XL_WORD_ELSE_IF: /* the end of a block that was gone through */
        go_behind(where, find_end(ev, where->at, false, false));
        return;
    case XL_WORD_WHILE:
    case XL_WORD_FOR:
    case XL_WORD_FOR_CELL:
        enter_loop(ev, where, node, word);
        return;
    case XL_WORD_NEXT:
        next_turn(ev, where);
        return;
    case XL_WORD_BREAK:
        leave_loop(ev, where);
        return;
    case XL_WORD_END_IF:
        where->at.row++;
        return;
    case XL_WORD_NONE:
    case XL_WORD_CHOOSE:
        break;
    }
    where->at.row++;
    if (node == NULL) {
        xl_note(ev, SCRIPT_NOTE_SYNTAX, cell->slot.offset, "a formula was not understood");
        return;
    }
    value = xl_eval(ev, node);
    if (cell->slot.formula.ptr != formula.ptr)
        return; /* it has overwritten itself */
    if (value.kind == XL_REF)
        value = xl_plain(ev, value);
    xl_change(ev, &cell->slot);
    cell->slot.value = value;
    cell->slot.has_value = true;
    xl_keep_text(ev, value);
}

static void begin_cell(struct xl *ev, const struct xl_frame *frame)
{
    if (ev->forks == NULL)
        hn_vec_reset(&ev->changes);
    ev->mark = ev->changes.count;
    xl_where_copy(&ev->start, &frame->where);
    ev->active_start = ev->active;
    ev->decided = 0;
    if (!ev->resumed) {
        ev->decisions = 0;
        ev->decision_count = 0;
    }
    ev->resumed = false;
}

static void run_frame(struct xl *ev, struct xl_frame *frame)
{
    struct xl_frame *outer = ev->frame;

    ev->frame = frame;
    ev->calls++;
    while (ev->flow == XL_GO_ON && xl_spend(ev, 1)) {
        struct xl_cell *cell = xl_cell_below(ev, frame->where.at);

        if (cell == NULL)
            break;
        frame->where.at.row = cell->key[1];
        if (outer == NULL)
            begin_cell(ev, frame);
        cell->reached = true;
        carry_out(ev, &frame->where, cell);
        if (ev->flow == XL_GOTO) {
            frame->where.at = ev->target;
            ev->flow = XL_GO_ON;
        }
    }
    if (ev->flow == XL_RETURN)
        ev->flow = XL_GO_ON;
    ev->calls--;
    ev->frame = outer;
}

struct xl_value xl_run_macro(struct xl *ev, struct xl_ref at, const struct xl_call *call)
{
    struct xl_frame frame = { .where = { .at = xl_ref_cell(at.sheet, at.row, at.column) } };

    if (ev->quiet > 0 || ev->flow != XL_GO_ON)
        return xl_unknown(ev, "macro");
    if (ev->calls >= XLM_CALLS_MAX) {
        xl_note(ev, SCRIPT_NOTE_LIMIT, call->offset, "macros within macros");
        return xl_unknown(ev, "macro");
    }
    frame.arg_count = call->count;
    for (uint32_t i = 0; i < call->count; i++)
        frame.args[i] = call->args[i];
    run_frame(ev, &frame);
    return frame.result;
}

/* ---- From an entry on ---- */

static void run_way(struct xl *ev, const struct xl_where *where)
{
    struct xl_frame frame = { .result = { .kind = XL_BLANK } };
    uint64_t end = ev->world_end;

    xl_where_copy(&frame.where, where);
    ev->flow = XL_GO_ON;
    ev->depth = 0;
    ev->calls = 0;
    ev->quiet = 0;
    ev->path_end = ev->run->steps + (end > ev->run->steps ? (end - ev->run->steps) / 3 : 0);
    run_frame(ev, &frame);
    ev->path_end = ev->world_end;
    ev->flow = XL_GO_ON;
    xl_tell_files(ev);
}

void xl_run_entry(struct xl *ev, struct xl_ref at, bool conditional)
{
    struct xl_where where = { .at = xl_ref_cell(at.sheet, at.row, at.column) };

    ev->active = xl_ref_cell(at.sheet, 1, 1);
    ev->run->conditional = conditional;
    run_way(ev, &where);
    while (ev->forks != NULL && script_goes_on(ev->run) && ev->run->steps < ev->world_end) {
        struct xl_fork *fork = ev->forks;

        ev->forks = fork->next;
        xl_undo(ev, fork->mark);
        ev->active = fork->active;
        ev->decisions = fork->decisions;
        ev->decision_count = fork->decision_count;
        ev->resumed = true;
        ev->run->conditional = true;
        run_way(ev, &fork->where);
        ev->resumed = false;
    }
    ev->forks = NULL;
    hn_vec_reset(&ev->changes);
    ev->run->conditional = false;
}
