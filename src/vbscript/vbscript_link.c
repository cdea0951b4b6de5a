/* vbscript_link.c - pages: what stands in their elements, and what their scripts in another
 * language have. */
#include "vbscript/vbscript_internal.h"

/* ---- The other language ---- */

/* What belongs to one language says nothing to the other. */
static struct com_value outward(struct vb_eval *ev, struct vb_value value)
{
    struct com_value made = vb_to_com(ev, value);

    made.foreign = NULL;
    if (made.kind == COM_FOREIGN)
        made.kind = COM_TEXT;
    return made;
}

static bool answer_call(
        struct vb_eval *ev, const struct com_question *question, struct vb_value *ret_value)
{
    struct vb_value args[COM_ARGS_MAX];
    struct vb_call call = { .args = args };
    bool found;

    for (; call.count < question->count && call.count < COM_ARGS_MAX; call.count++) {
        struct com_value given = question->args[call.count];

        given.foreign = NULL;
        args[call.count] = vb_from_com(ev, &given);
    }
    ev->run->hops++;
    found = vb_call_name(ev, question->name, &call, ret_value);
    ev->run->hops--;
    ev->raised = 0;
    return found;
}

static bool answer(void *ctx, const struct com_question *question, struct com_value *ret_value)
{
    struct vb_eval *ev = ctx;
    struct vb_frame frame = { .module = ev->modules };
    struct vb_frame *was = ev->frame;
    struct vb_symbol *name = vb_symbol(ev, question->name);
    struct vb_value value = { .kind = VB_EMPTY };
    bool found = false;

    if (!script_spend(ev->run, 4) || ev->run->hops >= COM_HOPS_MAX)
        return false;
    if (was == NULL)
        ev->frame = &frame;
    if (question->call) {
        found = answer_call(ev, question, &value);
    } else {
        for (struct vb_module *module = ev->modules; module != NULL && !found;
                module = module->next) {
            const struct vb_var *var = vb_scope_find(&module->globals, name);

            found = var != NULL && var->value->kind != VB_EMPTY;
            if (found)
                value = *var->value;
        }
    }
    if (found)
        *ret_value = outward(ev, value);
    ev->frame = was;
    return found;
}

static void finish(void *ctx)
{
    vb_deinit(ctx);
}

bool vb_link_leave(struct vb_eval *ev)
{
    struct com_link *link = hn_new(&ev->run->arena, struct com_link, 1);

    if (link == NULL || !ev->run->linked || ev->run->link != NULL)
        return false;
    *link = (struct com_link){ .ctx = ev, .answer = answer, .finish = finish };
    ev->run->link = link;
    return true;
}

bool vb_link_ask(struct vb_eval *ev, struct hn_text name, const struct vb_call *call,
        struct vb_value *ret_value)
{
    const struct com_link *link = ev->run->link;
    struct com_value values[COM_ARGS_MAX];
    struct com_question question = { .name = name, .args = values, .call = call != NULL };
    struct com_value value;

    if (link == NULL || link->ctx == ev)
        return false;
    for (; call != NULL && question.count < call->count && question.count < COM_ARGS_MAX;
            question.count++)
        values[question.count] = outward(ev, call->args[question.count]);
    if (!link->answer(link->ctx, &question, &value))
        return false;
    *ret_value = vb_from_com(ev, &value);
    return true;
}

/* ---- Elements ---- */

static bool store(
        struct vb_eval *ev, struct hn_text id, struct hn_text attribute, struct vb_value *ret_value)
{
    char room[VB_PATH_BYTES];
    struct hn_buf name = hn_buf_over(room, sizeof room);
    struct hn_text text = HN_TEXT("");

    hn_buf_add_lit(&name, SCRIPT_ELEMENT_PREFIX);
    hn_buf_add_text(&name, id);
    if (attribute.len > 0) {
        hn_buf_add_char(&name, '.');
        hn_buf_add_text(&name, attribute);
    }
    if (!hn_buf_ok(&name) || !ev->source->lookup(ev->source->lookup_ctx, hn_buf_text(&name), &text))
        return false;
    *ret_value = vb_text(script_text_new(ev->run, text,
            script_origin_new(ev->run, "store", 0,
                    hn_arena_text(&ev->run->arena, hn_buf_text(&name)), NULL, NULL)));
    return true;
}

static bool take(struct hn_text *text, const char *prefix)
{
    if (!hn_text_starts_nocase(*text, hn_text_cstr(prefix)))
        return false;
    *text = hn_text_sub(*text, strlen(prefix), SIZE_MAX);
    return true;
}

static bool is_content(struct hn_text member)
{
    static const char *const names[] = { "innerhtml", "innertext", "textcontent", "text", "value",
        "outertext", "data", "nodevalue" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq_nocase(member, hn_text_cstr(names[i])))
            return true;
    }
    return member.len == 0;
}

bool vb_page_lookup(struct vb_eval *ev, struct hn_text path, struct vb_value *ret_value)
{
    static const char *const asks[] = { "getelementbyid(\"", "all.item(\"", "all(\"",
        "getelementsbyname(\"", "all." };
    struct hn_text id;
    struct hn_text member = HN_TEXT("");
    bool quoted = false;
    size_t end;

    if (ev->vba || ev->source->lookup == NULL)
        return false;
    while (take(&path, "window.") || take(&path, "self.") || take(&path, "document."))
        continue;
    for (size_t i = 0; i < HN_COUNT_OF(asks); i++) {
        if (!take(&path, asks[i]))
            continue;
        quoted = asks[i][strlen(asks[i]) - 1] == '"';
        break;
    }
    end = hn_text_find_char(path, quoted ? '"' : '.', 0);
    id = hn_text_sub(path, 0, end);
    if (end != SIZE_MAX)
        member = hn_text_sub(path, end + 1, SIZE_MAX);
    if (quoted && !take(&member, ").") && !take(&member, ")(0)."))
        member = HN_TEXT("");
    if (take(&member, "getattribute(\""))
        member = hn_text_sub(member, 0, hn_text_find_char(member, '"', 0));
    if (id.len == 0)
        return false;
    if (member.len > 0 && store(ev, id, member, ret_value))
        return true;
    return is_content(member) && store(ev, id, HN_TEXT(""), ret_value);
}
