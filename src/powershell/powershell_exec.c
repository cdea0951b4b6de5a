/* powershell_exec.c - statements. A condition that cannot be known takes both branches, each from
 * the same state; what leaves a branch early then leaves the branch only. */
#include "powershell/powershell_internal.h"

#define ENDLESS_ROUNDS 3u  /* of a loop without an end that does something */
#define UNKNOWN_ROUNDS 64u /* of one whose end cannot be known, while it does something new */

bool ps_flow_stops(const struct ps *ps)
{
    return ps->flow != PS_NEXT || !script_goes_on(ps->run);
}

static enum ps_flow take_flow(struct ps *ps)
{
    enum ps_flow flow = ps->flow;

    ps->flow = PS_NEXT;
    return flow;
}

/* On a branch that may not be taken: breaks and returns end it alone. */
static void branch(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    bool conditional = ps->run->conditional;

    ps->run->conditional = true;
    if (ps_exec(ps, node, out) != PS_NEXT)
        ps->dropped = true;
    ps->run->conditional = conditional;
}

/* As branch(), and takes back what it has changed. Returns the changes. */
static struct ps_change *tried(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    bool journal;
    struct ps_change *before = ps_fork(ps, &journal);
    struct ps_change *made;

    branch(ps, node, out);
    made = ps->changes;
    ps_swap_back(ps, before, made);
    ps->changes = before;
    ps->journal = journal;
    return made;
}

static enum ps_flow exec_list(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    for (const struct ps_node *kid = node->kids; kid != NULL && script_goes_on(ps->run);
            kid = kid->next) {
        enum ps_flow flow = ps_exec(ps, kid, out);

        if (flow != PS_NEXT)
            return flow;
    }
    return PS_NEXT;
}

static enum ps_flow exec_if(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    for (; node != NULL && node->kind == PS_N_IF; node = node->c) {
        struct ps_value condition = ps_eval(ps, node->a);
        int truth;

        if (ps->flow != PS_NEXT)
            return take_flow(ps);
        truth = ps_truth(ps, &condition);
        if (truth == 1)
            return ps_exec(ps, node->b, out);
        if (truth < 0) {
            ps_note(ps, SCRIPT_NOTE_BOTH, "%s", "if");
            if (node->c != NULL)
                (void)tried(ps, node->c, out);
            branch(ps, node->b, out);
            return PS_NEXT;
        }
    }
    return node != NULL ? ps_exec(ps, node, out) : PS_NEXT;
}

/* ---- Loops ---- */

/* What a body's end means for its loop: true to go on; *ret_flow for what is around it. */
static bool goes_round(
        struct ps *ps, const struct ps_node *loop, enum ps_flow flow, enum ps_flow *ret_flow)
{
    bool ours = ps->label.len == 0 || hn_text_eq_nocase(ps->label, loop->text);

    *ret_flow = PS_NEXT;
    if (flow == PS_NEXT)
        return script_goes_on(ps->run);
    if ((flow == PS_BREAK || flow == PS_CONTINUE) && ours) {
        ps->label = T("");
        return flow == PS_CONTINUE && script_goes_on(ps->run);
    }
    *ret_flow = flow;
    return false;
}

static bool constant_condition(const struct ps_node *node)
{
    while (node != NULL && node->kind == PS_N_PAREN)
        node = node->a;
    return node == NULL || node->kind == PS_N_CONST || node->kind == PS_N_VAR ||
           (node->kind == PS_N_UNARY && constant_condition(node->a));
}

/* State of a loop whose condition may never change. */
struct rounds {
    uint32_t acts;
    uint32_t news;
    uint32_t busy;
    uint32_t unknown;
    bool dropped;
    bool endless;
};

static struct rounds rounds_begin(struct ps *ps, const struct ps_node *condition)
{
    struct rounds rounds = { .acts = ps->acts,
        .news = ps->news,
        .dropped = ps->dropped,
        .endless = constant_condition(condition) };

    ps->dropped = false;
    return rounds;
}

/* Whether the last round of a loop that may have ended before did something new. */
static bool rounds_new(struct ps *ps, struct rounds *rounds)
{
    bool any = ps->news != rounds->news && rounds->unknown++ < UNKNOWN_ROUNDS;

    rounds->news = ps->news;
    return any;
}

/* Whether one more round of an endless loop would only repeat what has been told. */
static bool rounds_enough(struct ps *ps, struct rounds *rounds)
{
    if (!rounds->endless)
        return false;
    if (ps->dropped)
        return !rounds_new(ps, rounds);
    if (ps->acts != rounds->acts) {
        rounds->acts = ps->acts;
        rounds->busy++;
    }
    return rounds->busy >= ENDLESS_ROUNDS;
}

/* A loop has at most half of the steps that are left, so that what stands behind an endless one is
 * seen. */
static uint64_t loop_end(const struct ps *ps)
{
    return ps->run->steps + (ps->run->limits.steps_max - ps->run->steps) / 2;
}

static bool loop_is_over(struct ps *ps, uint64_t end)
{
    if (ps->run->steps < end)
        return false;
    ps_note(ps, SCRIPT_NOTE_LIMIT, "%s", "loop given up");
    return true;
}

static enum ps_flow exec_while(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct rounds rounds = rounds_begin(ps, node->b);
    enum ps_flow left = PS_NEXT;
    uint64_t end = loop_end(ps);
    bool on = true;

    if (node->kind == PS_N_FOR && node->a != NULL)
        (void)ps_eval(ps, node->a);
    while (on && script_spend(ps->run, 1)) {
        struct ps_value condition = node->b != NULL ? ps_eval(ps, node->b) : ps_bool(true);
        int truth = ps_truth(ps, &condition);

        if (ps->flow != PS_NEXT)
            return take_flow(ps);
        if (truth == 0)
            break;
        if (truth < 0) {
            ps_note(ps, SCRIPT_NOTE_BOTH, "%s", "loop");
            branch(ps, node->d, out);
            if (node->kind == PS_N_FOR)
                (void)ps_eval(ps, node->c);
            on = rounds_new(ps, &rounds);
            continue;
        }
        on = goes_round(ps, node, ps_exec(ps, node->d, out), &left);
        if (on && node->kind == PS_N_FOR)
            (void)ps_eval(ps, node->c);
        on = on && !rounds_enough(ps, &rounds) && !loop_is_over(ps, end);
    }
    ps->dropped = ps->dropped || rounds.dropped;
    return left;
}

static enum ps_flow exec_do(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct rounds rounds = rounds_begin(ps, node->b);
    enum ps_flow left = PS_NEXT;
    uint64_t end = loop_end(ps);
    bool on = true;

    while (on && !loop_is_over(ps, end) && script_spend(ps->run, 1)) {
        struct ps_value condition;
        int truth;

        on = goes_round(ps, node, ps_exec(ps, node->d, out), &left);
        if (!on)
            break;
        condition = ps_eval(ps, node->b);
        truth = ps_truth(ps, &condition);
        if (ps->flow != PS_NEXT)
            return take_flow(ps);
        on = truth < 0 ? rounds_new(ps, &rounds)
                       : (truth == 1) != node->flag && !rounds_enough(ps, &rounds);
    }
    ps->dropped = ps->dropped || rounds.dropped;
    return left;
}

static enum ps_flow exec_foreach(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct ps_value list = ps_eval(ps, node->b);
    struct ps_array *items;
    enum ps_flow left = PS_NEXT;

    if (ps->flow != PS_NEXT)
        return take_flow(ps);
    if (list.kind == PS_OBJECT && list.as.object->com != NULL)
        list = ps_com_items(ps, list.as.object->com);
    if (list.kind == PS_UNKNOWN) {
        ps_assign(ps, node->a, ps_unknown(ps, "item"));
        branch(ps, node->d, out);
        return PS_NEXT;
    }
    if (list.kind == PS_OBJECT && list.as.object->state.kind == PS_ARRAY)
        list = list.as.object->state;
    items = ps_items(ps, list);
    for (size_t i = 0, count = items->count; i < count && script_spend(ps->run, 1); i++) {
        ps_assign(ps, node->a, ps_at(items, i));
        if (!goes_round(ps, node, ps_exec(ps, node->d, out), &left))
            break;
    }
    return left;
}

/* ---- Switch ---- */

static int switch_matches(struct ps *ps, const struct ps_node *node,
        const struct ps_node *condition, const struct ps_value *item)
{
    bool exact = (node->op & PS_SWITCH_EXACT) != 0;
    struct ps_value v;

    if (condition->kind == PS_N_BLOCK) {
        struct ps_array *one = ps_items(ps, *item);
        struct ps_array *made = ps_array_new(ps, 1);

        ps_each(ps, condition->block, one, made);
        v = ps_collect(made);
        return ps_truth(ps, &v);
    }
    v = ps_eval(ps, condition);
    if (ps_is_unknown(item) || ps_is_unknown(&v))
        return -1;
    if ((node->op & PS_SWITCH_REGEX) != 0)
        return ps_regex_is_match(ps, item, ps_flat(ps, &v), exact ? 0 : PS_REGEX_NOCASE, true);
    if ((node->op & PS_SWITCH_WILDCARD) != 0)
        return ps_like(ps, ps_flat(ps, item), ps_flat(ps, &v), exact);
    return ps_equal(ps, item, &v, exact);
}

static bool is_default(const struct ps_node *condition)
{
    return condition->kind == PS_N_CONST && condition->flag && condition->value.kind == PS_TEXT &&
           ps_same_text(
                   (struct hn_text){ condition->value.as.text->ptr, condition->value.as.text->len },
                   "default");
}

static enum ps_flow switch_item(
        struct ps *ps, const struct ps_node *node, struct ps_value item, struct ps_array *out)
{
    const struct ps_node *otherwise = NULL;
    bool any = false;

    ps_var_local(ps, "_", item);
    for (const struct ps_node *kid = node->kids; kid != NULL && kid->next != NULL;
            kid = kid->next->next) {
        enum ps_flow flow;
        int matches;

        if (is_default(kid)) {
            otherwise = kid->next;
            continue;
        }
        matches = switch_matches(ps, node, kid, &item);
        if (matches < 0) {
            (void)tried(ps, kid->next, out);
            continue;
        }
        if (matches == 0)
            continue;
        any = true;
        flow = ps_exec(ps, kid->next, out);
        if (flow != PS_NEXT)
            return flow;
    }
    return !any && otherwise != NULL ? ps_exec(ps, otherwise, out) : PS_NEXT;
}

static enum ps_flow exec_switch(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct ps_value v = ps_eval(ps, node->a);
    struct ps_array *items = ps_items(ps, v);
    enum ps_flow left = PS_NEXT;

    if (ps->flow != PS_NEXT)
        return take_flow(ps);
    for (size_t i = 0; i < items->count && script_spend(ps->run, 1); i++)
        if (!goes_round(ps, node, switch_item(ps, node, ps_at(items, i), out), &left))
            break;
    return left;
}

/* ---- Others ---- */

static enum ps_flow exec_flow(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    enum ps_flow flow = (enum ps_flow)node->op;
    struct ps_value v = ps_eval(ps, node->a);

    if (ps->flow != PS_NEXT)
        return take_flow(ps);
    if (flow == PS_BREAK || flow == PS_CONTINUE)
        ps->label = node->a != NULL ? ps_flat(ps, &v) : T("");
    else if (flow == PS_RETURN)
        ps_emit(ps, out, v);
    else
        ps->result = v;
    return flow;
}

static enum ps_flow exec_function(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    (void)out;
    if (node->block != NULL)
        (void)ps_hash_put(ps, &ps->functions, node->text,
                (struct ps_value){ .kind = PS_BLOCK, .as.block = node->block });
    return PS_NEXT;
}

/* ---- Try ---- */

static bool changed_in(const struct ps_change *from, const struct ps_change *until,
        const struct ps_hash *hash, struct hn_text key)
{
    for (; from != NULL && from != until; from = from->next)
        if (from->hash == hash && hn_text_eq_nocase(from->key, key))
            return true;
    return false;
}

/* A flag that is set when something went well, or when it did not, is set or not. */
static void doubt_flags(struct ps *ps, struct ps_change *from, const struct ps_change *until)
{
    for (const struct ps_change *change = from; change != NULL && change != until;
            change = change->next) {
        const struct ps_value *now = ps_hash_find(change->hash, change->key);

        if (now != NULL && now->kind == PS_BOOL && !hn_text_eq(change->key, T("?")))
            (void)ps_hash_put(ps, change->hash, change->key, ps_unknown(ps, "success"));
    }
}

/* The handler of what may have gone wrong: counters that it moves count for what follows, all else
 * is taken back. Returns how the handler ends. */
static enum ps_flow handle(struct ps *ps, const struct ps_node *handler, struct ps_array *out,
        const struct ps_change *before_body)
{
    bool conditional = ps->run->conditional;
    struct ps_change *start = ps->changes;
    struct ps_change *made;
    enum ps_flow flow;

    ps->run->conditional = true;
    flow = ps_exec(ps, handler, out);
    ps->run->conditional = conditional;
    made = ps->changes;
    ps_swap_back(ps, start, made);
    ps->changes = start;
    for (struct ps_change *change = made; change != start; change = change->next) {
        const struct ps_value *now = ps_hash_find(change->hash, change->key);

        if (changed_in(start, before_body, change->hash, change->key))
            continue;
        if (change->other.kind == PS_INT && now != NULL && now->kind == PS_INT &&
                change->other.as.number != now->as.number)
            (void)ps_hash_put(ps, change->hash, change->key, change->other);
        else if (change->other.kind == PS_BOOL)
            (void)ps_hash_put(ps, change->hash, change->key, ps_unknown(ps, "success"));
    }
    return flow;
}

/* What may go wrong cannot be known: where the body has done something, that went well or it did
 * not. So a body that leaves its loop when a download went well has left it or not, and what its
 * handlers do may be done. */
static enum ps_flow exec_try(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    bool journal;
    struct ps_change *before = ps_fork(ps, &journal);
    uint32_t acts = ps->acts;
    enum ps_flow flow = ps_exec(ps, node->a, out);
    enum ps_flow last;

    if (flow == PS_THROW) {
        ps_var_local(ps, "_", ps->result);
        flow = PS_NEXT;
        if (node->b->kids != NULL)
            flow = ps_exec(ps, node->b->kids, out);
    } else {
        bool doubtful = ps->acts != acts;
        bool leaves = flow != PS_NEXT;

        if (doubtful)
            doubt_flags(ps, ps->changes, before);
        for (const struct ps_node *kid = node->b->kids; kid != NULL && script_goes_on(ps->run);
                kid = kid->next) {
            enum ps_flow handled = handle(ps, kid, out, before);

            if (doubtful && leaves)
                flow = handled;
        }
        if (doubtful && leaves && node->b->kids != NULL) {
            ps->label = flow == PS_NEXT ? T("") : ps->label;
            ps->dropped = true;
        }
    }
    if (!journal)
        ps->changes = before;
    ps->journal = journal;
    last = ps_exec(ps, node->c, out);
    return last != PS_NEXT ? last : flow;
}

static enum ps_flow exec_pipe(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    ps_pipe(ps, node, out);
    return take_flow(ps);
}

static enum ps_flow exec_command(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    ps_command(ps, node, NULL, out);
    return take_flow(ps);
}

static bool is_silent(const struct ps_node *node)
{
    const struct ps_node *kid = node->kids;

    if (node->kind == PS_N_ASSIGN || node->kind == PS_N_STEP)
        return true;
    if (node->kind != PS_N_POSTFIX)
        return false;
    while (kid != NULL && kid->next != NULL)
        kid = kid->next;
    return kid != NULL && kid->kind == PS_N_STEP;
}

static enum ps_flow exec_expression(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct ps_value v = ps_eval(ps, node);

    if (!is_silent(node))
        ps_emit(ps, out, v);
    return take_flow(ps);
}

typedef enum ps_flow exec_fn(struct ps *ps, const struct ps_node *node, struct ps_array *out);

static exec_fn *const executors[PS_N_KINDS] = {
    [PS_N_LIST] = exec_list,
    [PS_N_IF] = exec_if,
    [PS_N_SWITCH] = exec_switch,
    [PS_N_FOR] = exec_while,
    [PS_N_WHILE] = exec_while,
    [PS_N_DO] = exec_do,
    [PS_N_FOREACH] = exec_foreach,
    [PS_N_FLOW] = exec_flow,
    [PS_N_FUNCTION] = exec_function,
    [PS_N_CLASS] = ps_exec_class,
    [PS_N_TRY] = exec_try,
    [PS_N_PIPE] = exec_pipe,
    [PS_N_COMMAND] = exec_command,
};

enum ps_flow ps_exec(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    enum ps_flow flow;

    if (node == NULL || !script_spend(ps->run, 1))
        return PS_NEXT;
    if (!ps_deeper(ps))
        return PS_NEXT;
    if (ps->layer_depth == 0 && !node->layer)
        ps->offset = node->offset;
    flow = executors[node->kind] != NULL ? executors[node->kind](ps, node, out)
                                         : exec_expression(ps, node, out);
    ps->depth--;
    return flow;
}
