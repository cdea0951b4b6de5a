/* vbscript_exec.c - statements: branches both of whose ways may be taken, jumps, errors. Loops are
 * in vbscript_loop.c, files in vbscript_io.c. */
#include "vbscript/vbscript_internal.h"

#define JUMPS_MAX    20000u /* of one call of a procedure */
#define BRANCHES_MAX 64u

/* ---- Branches ---- */

struct branches {
    size_t mark;
    bool conditional; /* as it was before */
    bool began;
    bool all_leave; /* each branch so far jumps or exits */
    enum vb_flow last;
    struct vb_effects effects[BRANCHES_MAX];
    uint32_t count;
};

static void branches_begin(struct vb_eval *ev, struct branches *branches, uint32_t offset)
{
    vb_note(ev, SCRIPT_NOTE_BOTH, offset, "unknown condition");
    branches->conditional = ev->run->conditional;
    branches->mark = vb_branch_begin(ev);
    branches->began = true;
    branches->all_leave = true;
    branches->last = VB_F_NEXT;
    ev->run->conditional = true;
}

/* A way out of an unknown branch is not taken, but remembered. */
static void remember(struct vb_eval *ev, enum vb_flow flow)
{
    struct vb_frame *frame = ev->frame;

    if (flow == VB_F_EXIT_DO || flow == VB_F_EXIT_FOR)
        frame->maybe_exit = true;
    if (flow == VB_F_JUMP && ev->jump != NULL && frame->deferred_count < VB_DEFERRED_MAX)
        frame->deferred[frame->deferred_count++] = ev->jump;
}

static void branch_run(struct vb_eval *ev, struct branches *branches, struct vb_stmt *body)
{
    enum vb_flow flow;

    if (branches->count > 0 && branches->count <= BRANCHES_MAX)
        branches->effects[branches->count - 1] = vb_branch_undo(ev, branches->mark);
    branches->count++;
    flow = body != NULL ? vb_exec_list(ev, body) : VB_F_NEXT;
    branches->last = flow;
    if (flow == VB_F_NEXT)
        branches->all_leave = false;
    else
        remember(ev, flow);
}

static enum vb_flow branches_end(struct vb_eval *ev, struct branches *branches, bool complete)
{
    uint32_t kept = branches->count > 0 ? branches->count - 1 : 0;

    if (kept > BRANCHES_MAX)
        kept = BRANCHES_MAX;
    while (kept > 0)
        vb_branch_redo(ev, &branches->effects[--kept], branches->mark);
    vb_branch_end(ev);
    ev->run->conditional = branches->conditional;
    return complete && branches->all_leave ? branches->last : VB_F_NEXT;
}

static enum vb_flow exec_if(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct branches branches = { 0 };
    bool complete = false;

    for (struct vb_clause *clause = stmt->clauses; clause != NULL && !complete;
            clause = clause->next) {
        enum vb_truth truth = VB_TRUE;

        if (clause->condition != NULL)
            truth = vb_truth(ev, vb_eval(ev, clause->condition));
        if (ev->raised != 0) { /* a condition that fails leads into the block */
            ev->err_number = ev->raised;
            ev->raised = 0;
            truth = VB_MAYBE;
        }
        if (truth == VB_FALSE)
            continue;
        if (truth == VB_TRUE && !branches.began)
            return clause->body != NULL ? vb_exec_list(ev, clause->body) : VB_F_NEXT;
        if (!branches.began)
            branches_begin(ev, &branches, stmt->offset);
        branch_run(ev, &branches, clause->body);
        complete = truth == VB_TRUE;
    }
    return branches.began ? branches_end(ev, &branches, complete) : VB_F_NEXT;
}

static enum vb_truth case_holds(
        struct vb_eval *ev, const struct vb_case *one, struct vb_value value)
{
    struct vb_value low = vb_eval_plain(ev, one->low);
    struct vb_value holds;

    if (one->high == NULL)
        return vb_truth(ev, vb_compare_op(ev, one->op, value, low));
    holds = vb_logic(ev, 0x10000 + VB_K_AND, vb_compare_op(ev, VB_OP_GE, value, low),
            vb_compare_op(ev, VB_OP_LE, value, vb_eval_plain(ev, one->high)));
    return vb_truth(ev, holds);
}

static enum vb_truth cases_hold(
        struct vb_eval *ev, const struct vb_case *cases, struct vb_value value)
{
    enum vb_truth best = VB_FALSE;

    for (; cases != NULL && best != VB_TRUE; cases = cases->next) {
        enum vb_truth one = case_holds(ev, cases, value);

        if (one != VB_FALSE)
            best = one;
    }
    return best;
}

static enum vb_flow exec_select(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value value = vb_eval_plain(ev, stmt->value);
    struct branches branches = { 0 };
    bool complete = false;

    for (struct vb_clause *clause = stmt->clauses; clause != NULL && !complete;
            clause = clause->next) {
        enum vb_truth truth =
                clause->cases != NULL ? cases_hold(ev, clause->cases, value) : VB_TRUE;

        if (ev->raised != 0)
            return VB_F_NEXT;
        if (truth == VB_FALSE)
            continue;
        if (truth == VB_TRUE && !branches.began)
            return clause->body != NULL ? vb_exec_list(ev, clause->body) : VB_F_NEXT;
        if (!branches.began)
            branches_begin(ev, &branches, stmt->offset);
        branch_run(ev, &branches, clause->body);
        complete = truth == VB_TRUE;
    }
    return branches.began ? branches_end(ev, &branches, complete) : VB_F_NEXT;
}

/* ---- Jumps and errors ---- */

struct vb_stmt *vb_label_find(struct vb_stmt *list, const struct vb_symbol *name)
{
    for (struct vb_stmt *stmt = list; stmt != NULL; stmt = stmt->next)
        if (stmt->kind == VB_S_LABEL && stmt->label == name)
            return stmt;
    return NULL;
}

/* A label in a block within is found as well, one level at a time. */
static struct vb_stmt *find_deep(struct vb_stmt *list, const struct vb_symbol *name, uint32_t depth)
{
    struct vb_stmt *found = vb_label_find(list, name);

    if (found != NULL || depth == 0)
        return found;
    for (struct vb_stmt *stmt = list; stmt != NULL && found == NULL; stmt = stmt->next) {
        if (stmt->body != NULL)
            found = find_deep(stmt->body, name, depth - 1);
        for (struct vb_clause *clause = stmt->clauses; clause != NULL && found == NULL;
                clause = clause->next)
            found = find_deep(clause->body, name, depth - 1);
    }
    return found;
}

static enum vb_flow jump_to(struct vb_eval *ev, const struct vb_symbol *name)
{
    struct vb_frame *frame = ev->frame;
    struct vb_stmt *target = find_deep(frame->body, name, 8);

    if (target == NULL || frame->jumps++ > JUMPS_MAX || !script_spend(ev->run, 1))
        return VB_F_NEXT;
    ev->jump = target;
    return VB_F_JUMP;
}

/* After Resume Next the statement behind the one that failed; without one the list goes on. */
static enum vb_flow exec_resume(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_frame *frame = ev->frame;

    if (frame->handler != NULL)
        frame->trap = VB_TRAP_LABEL;
    if (stmt->label != NULL)
        return jump_to(ev, stmt->label);
    if (frame->failed == NULL || frame->failed->next == NULL || frame->jumps++ > JUMPS_MAX)
        return frame->failed != NULL ? VB_F_EXIT_PROC : VB_F_NEXT;
    ev->jump = frame->failed->next;
    frame->failed = NULL;
    return VB_F_JUMP;
}

static enum vb_flow handle_error(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_frame *frame = ev->frame;

    ev->err_number = ev->raised;
    ev->raised = 0;
    if (frame->trap != VB_TRAP_LABEL)
        return VB_F_NEXT; /* without a handler we may have erred, not the script: it goes on */
    frame->trap = VB_TRAP_NONE;
    frame->failed = stmt;
    return jump_to(ev, frame->handler);
}

static enum vb_flow exec_on_error(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_frame *frame = ev->frame;
    struct vb_stmt *label;

    frame->trap = (enum vb_trap)stmt->op;
    frame->handler = stmt->op == VB_TRAP_LABEL ? stmt->label : NULL;
    ev->err_number = 0;
    label = frame->handler != NULL ? find_deep(frame->body, frame->handler, 8) : NULL;
    if (label != NULL && frame->deferred_count < VB_DEFERRED_MAX)
        frame->deferred[frame->deferred_count++] = label;
    return VB_F_NEXT;
}

static enum vb_flow exec_gosub(struct vb_eval *ev, const struct vb_symbol *name)
{
    struct vb_stmt *label = find_deep(ev->frame->body, name, 8);
    enum vb_flow flow;

    if (label == NULL || ev->frame->jumps++ > JUMPS_MAX || !vb_enter(ev))
        return VB_F_NEXT;
    flow = vb_exec_list(ev, label);
    vb_leave(ev);
    return flow == VB_F_RETURN ? VB_F_NEXT : flow;
}

static enum vb_flow exec_on_goto(struct vb_eval *ev, struct vb_stmt *stmt)
{
    int64_t number;
    const struct vb_expr *label;
    struct vb_symbol *name;

    if (!vb_to_int(ev, vb_eval_plain(ev, stmt->value), &number) || number < 1 ||
            number > stmt->count)
        return VB_F_NEXT;
    label = stmt->args[number - 1].expr;
    name = label->kind == VB_E_NAME ? label->name
                                    : vb_symbol(ev, vb_flat(ev, vb_eval_plain(ev, label)));
    return stmt->op == VB_K_GOSUB ? exec_gosub(ev, name) : jump_to(ev, name);
}

static enum vb_flow exec_exit(const struct vb_stmt *stmt)
{
    if (stmt->op == VB_K_FOR)
        return VB_F_EXIT_FOR;
    if (stmt->op == VB_K_DO || stmt->op == VB_K_WHILE)
        return VB_F_EXIT_DO;
    return VB_F_EXIT_PROC;
}

/* ---- Other statements ---- */

static enum vb_flow exec_with(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value *outer = ev->frame->with;
    struct vb_value value;
    enum vb_flow flow = VB_F_NEXT;

    if (stmt->value != NULL && stmt->value->kind == VB_E_NAME)
        value = vb_eval_name(ev, stmt->value, true);
    else
        value = vb_eval(ev, stmt->value);
    if (ev->raised != 0) { /* what stands in the block is still worth a look */
        ev->raised = 0;
        value = vb_unknown(ev, "With");
    }
    ev->frame->with = &value;
    if (stmt->body != NULL)
        flow = vb_exec_list(ev, stmt->body);
    ev->frame->with = outer;
    return flow;
}

/* Mid(target, start, length) = value writes over as much as there is. */
static void exec_mid(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value old = vb_eval_plain(ev, stmt->target);
    struct vb_value new = vb_eval_plain(ev, stmt->value);
    const struct script_text *text = vb_to_text(ev, old);
    const struct script_text *piece = vb_to_text(ev, new);
    int64_t start;
    int64_t count = INT64_MAX;
    struct vb_value made;

    if (!vb_to_int(ev, vb_eval_plain(ev, stmt->third), &start) ||
            (stmt->fourth != NULL && !vb_to_int(ev, vb_eval_plain(ev, stmt->fourth), &count))) {
        vb_assign(ev, stmt->target, vb_unknown(ev, "text"), false);
        return;
    }
    if (start < 1 || (uint64_t)start > text->units || count < 0) {
        vb_raise(ev, 5);
        return;
    }
    if (count > (int64_t)piece->units)
        count = (int64_t)piece->units;
    if (count > (int64_t)text->units - start + 1)
        count = (int64_t)text->units - start + 1;
    made = vb_binary(ev, '&', vb_sub_text(ev, text, 0, (size_t)start - 1),
            vb_sub_text(ev, piece, 0, (size_t)count));
    made = vb_binary(
            ev, '&', made, vb_sub_text(ev, text, (size_t)(start - 1 + count), SIZE_MAX / 2));
    vb_assign(ev, stmt->target, made, false);
}

static void exec_erase(struct vb_eval *ev, struct vb_stmt *stmt)
{
    for (uint32_t i = 0; i < stmt->count; i++) {
        enum vb_type type;
        struct vb_value *slot = vb_eval_ref(ev, stmt->args[i].expr, &type);
        struct vb_array *array;

        if (slot == NULL || slot->kind != VB_ARRAY)
            continue;
        array = vb_array_copy(ev, slot->as.array);
        if (array == NULL)
            return;
        if (!array->fixed)
            array->dims = array->total = 0;
        else if (!vb_array_dim(ev, array, slot->as.array->lower, slot->as.array->count,
                         slot->as.array->dims, false))
            return;
        vb_store(ev, slot, vb_array_value(array));
    }
}

static void exec_error(struct vb_eval *ev, struct vb_stmt *stmt)
{
    int64_t number = 5;

    (void)vb_to_int(ev, vb_eval_plain(ev, stmt->value), &number);
    vb_raise(ev, number != 0 ? number : 5);
}

/* A statement that is a call: of a name without parentheses, too. */
static void exec_call(struct vb_eval *ev, struct vb_stmt *stmt)
{
    const struct vb_expr *target = stmt->target;
    struct vb_call call;

    if (target->kind == VB_E_NAME && target->name->builtin != NULL &&
            vb_var_find(ev, target->name) == NULL) {
        call = vb_call_of(target->name, NULL, target->offset);
        if (vb_proc_any(ev, target->name, ~0u) == NULL) {
            (void)vb_call_builtin(ev, &call);
            return;
        }
    }
    (void)vb_eval(ev, target);
}

static void exec_simple(struct vb_eval *ev, struct vb_stmt *stmt)
{
    switch ((unsigned)stmt->kind) {
    case VB_S_ASSIGN:
        vb_assign(ev, stmt->target, vb_eval(ev, stmt->value), false);
        break;
    case VB_S_SET:
        vb_assign(ev, stmt->target, vb_eval(ev, stmt->value), true);
        break;
    case VB_S_CALL:
        exec_call(ev, stmt);
        break;
    case VB_S_DIM:
        vb_declare(ev, stmt->decls);
        break;
    case VB_S_REDIM:
        vb_redim(ev, stmt);
        break;
    case VB_S_ERASE:
        exec_erase(ev, stmt);
        break;
    case VB_S_MID:
        exec_mid(ev, stmt);
        break;
    case VB_S_ERROR:
        exec_error(ev, stmt);
        break;
    case VB_S_LABEL:
        break;
    default:
        vb_exec_io(ev, stmt);
        break;
    }
}

static enum vb_flow exec_stmt(struct vb_eval *ev, struct vb_stmt *stmt)
{
    switch ((unsigned)stmt->kind) {
    case VB_S_IF:
        return exec_if(ev, stmt);
    case VB_S_SELECT:
        return exec_select(ev, stmt);
    case VB_S_FOR:
    case VB_S_EACH:
    case VB_S_LOOP:
        return vb_exec_loop(ev, stmt);
    case VB_S_WITH:
        return exec_with(ev, stmt);
    case VB_S_GOTO:
        return jump_to(ev, stmt->label);
    case VB_S_GOSUB:
        return exec_gosub(ev, stmt->label);
    case VB_S_ON_GOTO:
        return exec_on_goto(ev, stmt);
    case VB_S_RETURN:
        return VB_F_RETURN;
    case VB_S_ON_ERROR:
        return exec_on_error(ev, stmt);
    case VB_S_RESUME:
        return exec_resume(ev, stmt);
    case VB_S_EXIT:
        return exec_exit(stmt);
    case VB_S_END:
        return VB_F_END;
    default:
        exec_simple(ev, stmt);
        return VB_F_NEXT;
    }
}

enum vb_flow vb_exec_list(struct vb_eval *ev, struct vb_stmt *first)
{
    enum vb_flow flow = VB_F_NEXT;
    struct vb_stmt *stmt = first;

    if (!vb_enter(ev))
        return VB_F_NEXT;
    while (stmt != NULL && script_spend(ev->run, 1)) {
        stmt->visited = true;
        flow = exec_stmt(ev, stmt);
        if (ev->raised != 0)
            flow = handle_error(ev, stmt);
        if (ev->quit)
            flow = VB_F_END;
        if (flow == VB_F_JUMP && ev->jump->owner == first->owner)
            stmt = ev->jump;
        else if (flow == VB_F_NEXT)
            stmt = stmt->next;
        else
            break;
        flow = VB_F_NEXT;
    }
    vb_leave(ev);
    return flow;
}

/* What an unknown branch would have jumped to, and handlers of errors that did not occur. */
static void exec_deferred(struct vb_eval *ev, struct vb_frame *frame)
{
    bool conditional = ev->run->conditional;

    for (uint32_t i = 0; i < frame->deferred_count && script_goes_on(ev->run); i++) {
        if (frame->deferred[i]->visited || ev->quit)
            continue;
        frame->trap = VB_TRAP_NEXT;
        ev->run->conditional = true;
        ev->undecided++;
        (void)vb_exec_list(ev, frame->deferred[i]);
        vb_branch_end(ev);
    }
    ev->run->conditional = conditional;
}

/* The body of a procedure or script, with jumps into blocks that no list on the way owns: from
 * there to the end of that block, then behind the outermost statement that holds it is left out. */
enum vb_flow vb_exec_body(struct vb_eval *ev, struct vb_frame *frame, struct vb_stmt *body)
{
    enum vb_flow flow;

    frame->body = body;
    flow = body != NULL ? vb_exec_list(ev, body) : VB_F_NEXT;
    while (flow == VB_F_JUMP && frame->jumps++ <= JUMPS_MAX)
        flow = vb_exec_list(ev, ev->jump);
    if (flow != VB_F_END)
        exec_deferred(ev, frame);
    return flow;
}
