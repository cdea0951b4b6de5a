/* vbscript_loop.c - loops. Each has a share of the steps that are left; what loops only to pass
 * the time is passed over. */
#include "vbscript/vbscript_internal.h"

struct loop {
    uint64_t steps_end;
    bool maybe_exit; /* of the loop around */
    uint32_t offset;
};

static struct loop loop_begin(struct vb_eval *ev, const struct vb_stmt *stmt)
{
    struct script_run *run = ev->run;
    struct loop loop = { .maybe_exit = ev->frame->maybe_exit, .offset = stmt->offset };

    loop.steps_end = run->steps + (run->limits.steps_max - run->steps) / (run->conditional ? 8 : 3);
    ev->frame->maybe_exit = false;
    return loop;
}

static void loop_end(struct vb_eval *ev, const struct loop *loop)
{
    ev->frame->maybe_exit = loop->maybe_exit;
}

static bool loop_goes_on(struct vb_eval *ev, const struct loop *loop)
{
    if (!script_spend(ev->run, 1))
        return false;
    if (ev->run->steps < loop->steps_end)
        return true;
    vb_note(ev, SCRIPT_NOTE_LIMIT, loop->offset, "loop given up");
    return false;
}

/* One turn; true when the loop is left, and with which flow. */
static bool turn(struct vb_eval *ev, const struct vb_stmt *stmt, enum vb_flow *ret_flow)
{
    enum vb_flow flow = stmt->body != NULL ? vb_exec_list(ev, stmt->body) : VB_F_NEXT;

    *ret_flow = flow;
    if (flow == VB_F_NEXT)
        return false;
    if (flow == VB_F_EXIT_FOR && stmt->kind != VB_S_LOOP)
        *ret_flow = VB_F_NEXT;
    if (flow == VB_F_EXIT_DO && stmt->kind == VB_S_LOOP)
        *ret_flow = VB_F_NEXT;
    return true;
}

/* ---- What is left of a loop ----
 *
 * A loop that asks one server after the other ends with the first that answers well, and nobody can
 * know which one that is. So a loop that is left in a turn that did something goes through the rest
 * of its turns as well; what these do to variables is taken back. */

#define REST_TURNS_MAX 256u
#define REST_IDLE_MAX  2u /* turns on end that do nothing new */

struct rest {
    size_t mark;
    bool conditional;
    bool again;
    bool quit;
    uint32_t turns;
    uint32_t idle;
};

static bool rest_begin(struct vb_eval *ev, uint32_t news, struct rest *rest)
{
    *rest = (struct rest){
        .conditional = ev->run->conditional, .again = ev->run->again, .quit = ev->quit
    };
    if (ev->run->news == news || ev->run->again)
        return false;
    ev->quit = false;
    rest->mark = vb_branch_begin(ev);
    ev->run->conditional = true;
    ev->run->again = true;
    return true;
}

/* False: the rest is not worth going on with. */
static bool rest_turn(struct vb_eval *ev, const struct vb_stmt *stmt, struct rest *rest)
{
    uint32_t news = ev->run->news;
    enum vb_flow flow;

    (void)turn(ev, stmt, &flow);
    ev->raised = 0;
    rest->idle = ev->run->news == news ? rest->idle + 1 : 0;
    return rest->turns++ < REST_TURNS_MAX && rest->idle < REST_IDLE_MAX && script_spend(ev->run, 1);
}

static void rest_end(struct vb_eval *ev, const struct rest *rest)
{
    (void)vb_branch_undo(ev, rest->mark);
    vb_branch_end(ev);
    ev->run->conditional = rest->conditional;
    ev->run->again = rest->again;
    ev->quit = rest->quit;
}

/* Nothing but DoEvents and Sleep: it passes the time. */
static bool is_idle(const struct vb_stmt *body)
{
    for (; body != NULL; body = body->next) {
        const struct vb_expr *target = body->target;

        if (body->kind != VB_S_CALL)
            return false;
        if (target->kind == VB_E_CALL)
            target = target->base;
        if (target->kind != VB_E_NAME || (!hn_text_eq(target->name->name, HN_TEXT("doevents")) &&
                                                 !hn_text_eq(target->name->name, HN_TEXT("sleep"))))
            return false;
    }
    return true;
}

static enum vb_flow once(struct vb_eval *ev, const struct vb_stmt *stmt)
{
    bool conditional = ev->run->conditional;
    enum vb_flow flow;

    vb_note(ev, SCRIPT_NOTE_BOTH, stmt->offset, "loop of unknown length");
    ev->run->conditional = true;
    (void)vb_branch_begin(ev);
    (void)turn(ev, stmt, &flow);
    vb_branch_end(ev);
    ev->run->conditional = conditional;
    return flow == VB_F_JUMP ? flow : VB_F_NEXT;
}

/* ---- For ---- */

static struct vb_value counter(int64_t at)
{
    return vb_int(at, at >= INT16_MIN && at <= INT16_MAX   ? 2
                      : at >= INT32_MIN && at <= INT32_MAX ? 4
                                                           : 8);
}

struct span {
    int64_t at;
    int64_t end;
    int64_t step;
};

static void rest_of_ints(
        struct vb_eval *ev, const struct vb_stmt *stmt, struct span span, uint32_t news)
{
    struct rest rest;

    if (span.step == 0 || !rest_begin(ev, news, &rest))
        return;
    while (!__builtin_add_overflow(span.at, span.step, &span.at) &&
            (span.step > 0 ? span.at <= span.end : span.at >= span.end)) {
        vb_assign(ev, stmt->target, counter(span.at), false);
        if (!rest_turn(ev, stmt, &rest))
            break;
    }
    rest_end(ev, &rest);
}

static enum vb_flow for_ints(
        struct vb_eval *ev, struct vb_stmt *stmt, int64_t at, int64_t end, int64_t step)
{
    enum vb_flow flow = VB_F_NEXT;
    struct loop loop = loop_begin(ev, stmt);
    struct vb_value next;

    if (is_idle(stmt->body) && step != 0)
        at += (end - at) / step * step;
    while (step >= 0 ? at <= end : at >= end) {
        uint32_t news = ev->run->news;

        vb_assign(ev, stmt->target, counter(at), false);
        if (!loop_goes_on(ev, &loop) || turn(ev, stmt, &flow)) {
            rest_of_ints(ev, stmt, (struct span){ at, end, step }, news);
            loop_end(ev, &loop);
            return flow;
        }
        /* The body may set the variable. */
        next = vb_eval_plain(ev, stmt->target);
        if (next.kind == VB_INT)
            at = next.as.number;
        if (__builtin_add_overflow(at, step, &at))
            break;
    }
    vb_assign(ev, stmt->target, vb_int(at, at >= INT16_MIN && at <= INT16_MAX ? 2 : 4), false);
    loop_end(ev, &loop);
    return VB_F_NEXT;
}

static enum vb_flow for_reals(
        struct vb_eval *ev, struct vb_stmt *stmt, double at, double end, double step)
{
    enum vb_flow flow = VB_F_NEXT;
    struct loop loop = loop_begin(ev, stmt);

    for (; step >= 0.0 ? at <= end : at >= end; at += step) {
        vb_assign(ev, stmt->target, vb_real(at), false);
        if (!loop_goes_on(ev, &loop) || turn(ev, stmt, &flow))
            break;
    }
    loop_end(ev, &loop);
    return flow;
}

/* And small enough to be counted with. */
static bool is_whole(double value)
{
    return value > -9e15 && value < 9e15 && value == (double)(int64_t)value;
}

static enum vb_flow exec_for(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value start = vb_eval_plain(ev, stmt->value);
    struct vb_value end = vb_eval_plain(ev, stmt->third);
    struct vb_value step = stmt->fourth != NULL ? vb_eval_plain(ev, stmt->fourth) : vb_int(1, 2);
    double from;
    double to;
    double by;

    if (ev->raised != 0)
        return VB_F_NEXT;
    if (!vb_to_real(ev, start, &from) || !vb_to_real(ev, end, &to) || !vb_to_real(ev, step, &by)) {
        ev->raised = 0;
        vb_assign(ev, stmt->target, start, false);
        return once(ev, stmt);
    }
    if (is_whole(from) && is_whole(by) && to > -9e15 && to < 9e15) {
        int64_t limit = (int64_t)to;

        if ((double)limit > to) /* truncation of a negative bound */
            limit--;
        if (by < 0.0 && (double)limit < to)
            limit++;
        return for_ints(ev, stmt, (int64_t)from, limit, (int64_t)by);
    }
    return for_reals(ev, stmt, from, to, by);
}

static void rest_of_items(struct vb_eval *ev, const struct vb_stmt *stmt,
        const struct vb_array *items, uint32_t at, uint32_t news)
{
    struct rest rest;

    if (!rest_begin(ev, news, &rest))
        return;
    while (++at < items->total) {
        vb_assign(ev, stmt->target, items->items[at], true);
        if (!rest_turn(ev, stmt, &rest))
            break;
    }
    rest_end(ev, &rest);
}

static enum vb_flow exec_each(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct vb_value value = vb_eval(ev, stmt->value);
    struct vb_array *items;
    struct loop loop;
    enum vb_flow flow = VB_F_NEXT;

    if (ev->raised != 0)
        return VB_F_NEXT;
    if (!vb_items_of(ev, value, &items)) {
        vb_assign(ev, stmt->target, vb_unknown_of(ev, value), true);
        return once(ev, stmt);
    }
    loop = loop_begin(ev, stmt);
    for (uint32_t i = 0; i < items->total; i++) {
        uint32_t news = ev->run->news;

        vb_assign(ev, stmt->target, items->items[i], true);
        if (loop_goes_on(ev, &loop) && !turn(ev, stmt, &flow))
            continue;
        rest_of_items(ev, stmt, items, i, news);
        break;
    }
    loop_end(ev, &loop);
    return flow;
}

/* ---- While, Do ---- */

/* Whether another turn follows. */
static enum vb_truth condition(struct vb_eval *ev, const struct vb_stmt *stmt)
{
    enum vb_truth truth = vb_truth(ev, vb_eval(ev, stmt->value));

    if (ev->raised != 0) {
        ev->raised = 0;
        return VB_MAYBE;
    }
    if (truth == VB_MAYBE || (stmt->op & 4) == 0)
        return truth;
    return truth == VB_TRUE ? VB_FALSE : VB_TRUE;
}

static void rest_of_while(struct vb_eval *ev, const struct vb_stmt *stmt, uint32_t news)
{
    struct rest rest;

    if (!rest_begin(ev, news, &rest))
        return;
    while ((stmt->op & 3) == 0 || condition(ev, stmt) != VB_FALSE)
        if (!rest_turn(ev, stmt, &rest))
            break;
    rest_end(ev, &rest);
}

static enum vb_flow exec_while(struct vb_eval *ev, struct vb_stmt *stmt)
{
    struct loop loop = loop_begin(ev, stmt);
    enum vb_flow flow = VB_F_NEXT;
    uint32_t news;
    bool first = true;

    while (loop_goes_on(ev, &loop)) {
        enum vb_truth truth = VB_TRUE;

        if ((stmt->op & 1) != 0 || ((stmt->op & 2) != 0 && !first))
            truth = condition(ev, stmt);
        if (truth == VB_FALSE || (truth == VB_MAYBE && !first))
            break;
        if (truth == VB_MAYBE) {
            flow = once(ev, stmt);
            break;
        }
        if (is_idle(stmt->body))
            break;
        first = false;
        news = ev->run->news;
        if (turn(ev, stmt, &flow)) {
            rest_of_while(ev, stmt, news);
            break;
        }
        if (ev->frame->maybe_exit &&
                stmt->value == NULL) /* it would be left at some turn: after this one, say we */
            break;
    }
    loop_end(ev, &loop);
    return flow;
}

enum vb_flow vb_exec_loop(struct vb_eval *ev, struct vb_stmt *stmt)
{
    if (stmt->kind == VB_S_LOOP)
        return exec_while(ev, stmt);
    if (stmt->target == NULL) /* its head was not understood */
        return once(ev, stmt);
    return stmt->kind == VB_S_FOR ? exec_for(ev, stmt) : exec_each(ev, stmt);
}
