/* js_link.c - pages in several languages: what the other one asks for, and what is asked of it. */
#include "jscript/jscript_internal.h"

/* What belongs to one language says nothing to the other. */
static struct com_value outward(struct js_state *state, struct js_value value)
{
    struct com_value made = js_to_com(state, &value);

    made.foreign = NULL;
    if (made.kind == COM_FOREIGN)
        made.kind = COM_TEXT;
    return made;
}

/* Names of Basic have no case. */
static const struct js_value *find(const struct js_state *state, struct hn_text name)
{
    const struct js_table *names = &state->global->names;
    const struct js_value *exact = js_table_find(names, name);

    for (uint32_t i = 0; exact == NULL && i < names->count; i++) {
        const struct js_slot *slot = js_table_at(names, i);

        if (slot != NULL && hn_text_eq_nocase(slot->name, name))
            exact = &slot->value;
    }
    return exact;
}

static bool answer(void *ctx, const struct com_question *question, struct com_value *ret_value)
{
    struct js_state *state = ctx;
    const struct js_value *found = find(state, question->name);
    struct js_value values[COM_ARGS_MAX];
    uint32_t count = 0;
    struct js_value result;

    if (found == NULL || found->kind == JS_UNDEFINED || !script_spend(state->run, 4))
        return false;
    if (found->kind != JS_OBJECT || found->object->class != JS_FUNCTION) {
        *ret_value = outward(state, *found);
        return !question->call;
    }
    if (!question->call || state->run->hops >= COM_HOPS_MAX)
        return false;
    for (; count < question->count && count < COM_ARGS_MAX; count++) {
        struct com_value given = question->args[count];

        given.foreign = NULL;
        values[count] = js_from_com(state, &given);
    }
    state->run->hops++;
    result = js_call(state, *found, js_undefined(), &(struct js_args){ values, count });
    state->run->hops--;
    state->thrown = false;
    *ret_value = outward(state, result);
    return true;
}

void js_link_leave(struct js_state *state)
{
    struct com_link *link = hn_new(&state->run->arena, struct com_link, 1);

    if (link == NULL || !state->run->linked || state->run->link != NULL)
        return;
    *link = (struct com_link){ .ctx = state, .answer = answer };
    state->run->link = link;
}

bool js_link_ask(struct js_state *state, struct hn_text name, const struct js_args *args,
        struct js_value *ret_value)
{
    const struct com_link *link = state->run->link;
    struct com_value values[COM_ARGS_MAX];
    struct com_question question = { .name = name, .args = values, .call = args != NULL };
    struct com_value value;

    if (link == NULL || link->ctx == state)
        return false;
    for (; args != NULL && question.count < args->count && question.count < COM_ARGS_MAX;
            question.count++)
        values[question.count] = outward(state, args->items[question.count]);
    if (!link->answer(link->ctx, &question, &value))
        return false;
    *ret_value = js_from_com(state, &value);
    return true;
}
