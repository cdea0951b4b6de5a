/* powershell_class.c - classes and enumerations that a script declares: read as a list of members,
 * kept in ps->types as an object of type "class" (methods, fields with what they begin as, base).
 */
#include "powershell/powershell_internal.h"

#define BASES_MAX 16u /* of a class that has a base that has a base */

/* ---- Reading ---- */

static bool take_word(struct ps_parser *p, struct hn_text word)
{
    ps_skip(p, true);
    if (!ps_peek_word(p, word))
        return false;
    p->pos += word.len;
    return true;
}

/* What a constructor hands to its base, and attributes, are passed over. */
static void skip_to_brace(struct ps_parser *p)
{
    while (p->pos < p->in.len && strchr("{;}", ps_peek(p, 0)) == NULL)
        p->pos++;
}

static struct ps_node *class_method(struct ps_parser *p, struct hn_text name)
{
    struct ps_node *node = ps_node(p, PS_N_FUNCTION);
    const struct ps_node *params;
    struct ps_block *block;

    node->text = name;
    p->pos++; /* the bracket */
    params = ps_param_list(p, ')');
    skip_to_brace(p);
    if (ps_peek(p, 0) != '{' || !ps_enter(p)) {
        p->failed = true;
        return node;
    }
    p->pos++;
    block = ps_block_body(p, '}');
    p->depth--;
    ps_close(p, '}');
    if (block != NULL)
        block->params = params;
    node->block = block;
    return node;
}

static struct ps_node *class_member(struct ps_parser *p)
{
    struct ps_node *node;
    struct hn_text type;
    struct hn_text name;
    bool is_static = false;

    for (;;) {
        if (take_word(p, T("static")))
            is_static = true;
        else if (!take_word(p, T("hidden")))
            break;
    }
    type = ps_parameter_type(p);
    if (take_word(p, T("static")))
        is_static = true;
    ps_skip(p, true);
    if (ps_peek(p, 0) == '$') {
        node = ps_node(p, PS_N_ASSIGN);
        node->text = type;
        node->a = ps_variable(p);
        ps_skip(p, false);
        if (ps_peek(p, 0) == '=') {
            p->pos++;
            ps_skip(p, true);
            node->b = ps_expression(p);
        }
    } else {
        name = ps_take_name(p);
        ps_skip(p, true);
        if (name.len == 0 || ps_peek(p, 0) != '(') {
            p->failed = true;
            return NULL;
        }
        node = class_method(p, name);
    }
    node->flag = is_static;
    return node;
}

static struct ps_node *enum_member(struct ps_parser *p)
{
    struct ps_node *node = ps_node(p, PS_N_ASSIGN);

    node->text = ps_take_name(p);
    ps_skip(p, true);
    if (ps_peek(p, 0) == '=') {
        p->pos++;
        ps_skip(p, true);
        node->b = ps_expression(p);
    }
    if (node->text.len == 0)
        p->failed = true;
    return node;
}

struct ps_node *ps_class_statement(struct ps_parser *p, bool enumeration)
{
    struct ps_node *node = ps_node(p, PS_N_CLASS);
    struct ps_node **next = &node->kids;

    node->flag = enumeration;
    ps_skip(p, true);
    node->text = ps_take_name(p);
    ps_skip(p, true);
    if (ps_peek(p, 0) == ':') {
        size_t start = ++p->pos;

        skip_to_brace(p);
        node->a = ps_const_text(p, hn_text_trim(hn_text_sub(p->in, start, p->pos - start)), start);
    }
    skip_to_brace(p);
    if (ps_peek(p, 0) != '{') {
        p->failed = true;
        return node;
    }
    p->pos++;
    for (;;) {
        ps_skip(p, true);
        if (ps_peek(p, 0) == ';' || ps_peek(p, 0) == ',') {
            p->pos++;
            continue;
        }
        if (p->failed || ps_peek(p, 0) == '}' || p->pos >= p->in.len)
            break;
        *next = enumeration ? enum_member(p) : class_member(p);
        if (*next == NULL)
            break;
        next = &(*next)->next;
    }
    ps_close(p, '}');
    return node;
}

/* ---- Declaring ---- */

static struct ps_hash *part_of(struct ps *ps, struct ps_object *class, const char *name)
{
    struct ps_value part = ps_prop(class, name);

    if (part.kind != PS_HASH) {
        part = (struct ps_value){ .kind = PS_HASH, .as.hash = ps_hash_new(ps) };
        ps_prop_set(ps, class, name, part);
    }
    return part.as.hash;
}

static size_t parameters_of(const struct ps_block *block)
{
    size_t count = 0;

    for (const struct ps_node *p = block->params != NULL ? block->params->kids : NULL; p != NULL;
            p = p->next)
        count++;
    return count;
}

/* A method is kept by its name and number of parameters, and by its name alone. */
static void keep_method(struct ps *ps, struct ps_object *class, const struct ps_node *node)
{
    struct ps_value block = { .kind = PS_BLOCK, .as.block = node->block };
    struct ps_hash *methods = part_of(ps, class, "methods");
    char room[300];
    struct hn_buf key = hn_buf_over(room, sizeof room);
    struct hn_text kept;

    if (node->block == NULL)
        return;
    hn_buf_addf(&key, "%.*s/%zu", HN_TEXT_ARG(hn_text_sub(node->text, 0, 256)),
            parameters_of(node->block));
    kept = hn_arena_text(&ps->run->arena, hn_buf_text(&key));
    if (kept.ptr != NULL)
        (void)ps_hash_put(ps, methods, kept, block);
    if (ps_hash_find(methods, node->text) == NULL)
        (void)ps_hash_put(ps, methods, node->text, block);
}

static void keep_field(struct ps *ps, struct ps_object *class, const struct ps_node *node)
{
    struct ps_value v = ps_eval(ps, node->b);

    if (node->text.len > 0 && v.kind != PS_NULL)
        v = ps_cast(ps, node->text, v);
    (void)ps_hash_put(ps, part_of(ps, class, node->flag ? "statics" : "fields"), node->a->text, v);
}

static void keep_number(
        struct ps *ps, struct ps_object *class, const struct ps_node *node, int64_t *next)
{
    struct ps_value v = ps_eval(ps, node->b);

    if (v.kind != PS_NULL)
        (void)ps_int_of(ps, &v, next);
    (void)ps_hash_put(ps, part_of(ps, class, "statics"), node->text, ps_int(*next));
    *next = *next < INT32_MAX ? *next + 1 : 0;
}

enum ps_flow ps_exec_class(struct ps *ps, const struct ps_node *node, struct ps_array *out)
{
    struct ps_object *class = ps_object_new(ps, "class");
    int64_t number = 0;

    (void)out;
    if (node->a != NULL)
        ps_prop_set(ps, class, "base", ps_eval(ps, node->a));
    /* First the name: fields may begin as objects of the class itself. */
    (void)ps_hash_put(ps, &ps->types, ps_normal_type(ps->run, node->text), ps_of_object(class));
    for (const struct ps_node *kid = node->kids; kid != NULL && script_goes_on(ps->run);
            kid = kid->next) {
        if (kid->kind == PS_N_FUNCTION)
            keep_method(ps, class, kid);
        else if (node->flag)
            keep_number(ps, class, kid, &number);
        else
            keep_field(ps, class, kid);
    }
    return PS_NEXT;
}

/* ---- Using ---- */

static struct ps_object *class_of(struct ps *ps, struct hn_text type)
{
    const struct ps_value *found = ps_hash_find(&ps->types, type);

    return found != NULL && ps_is_object(found, "class") ? found->as.object : NULL;
}

static struct ps_object *base_of(struct ps *ps, struct ps_object *class)
{
    struct ps_value base = ps_prop(class, "base");
    struct hn_text rest = ps_flat(ps, &base);
    struct hn_text first;

    if (base.kind != PS_TEXT || !hn_text_split(&rest, ',', &first))
        return NULL;
    return class_of(ps, ps_normal_type(ps->run, hn_text_trim(first)));
}

static const struct ps_value *find_in(
        struct ps *ps, struct hn_text type, const char *part, struct hn_text name)
{
    struct ps_object *class = class_of(ps, type);

    for (uint32_t i = 0; class != NULL && i < BASES_MAX; i++) {
        struct ps_value v = ps_prop(class, part);
        const struct ps_value *found = v.kind == PS_HASH ? ps_hash_find(v.as.hash, name) : NULL;

        if (found != NULL)
            return found;
        class = base_of(ps, class);
    }
    return NULL;
}

bool ps_class_call(struct ps *ps, struct ps_value self, struct hn_text name,
        const struct ps_value *args, size_t count, struct ps_value *ret_value)
{
    char room[300];
    struct hn_buf key = hn_buf_over(room, sizeof room);
    const struct ps_value *method;
    const struct ps_value *kept;
    struct ps_value outer;
    struct hn_text type = self.kind == PS_OBJECT ? self.as.object->type : ps_flat(ps, &self);

    hn_buf_addf(&key, "%.*s/%zu", HN_TEXT_ARG(hn_text_sub(name, 0, 256)), count);
    method = find_in(ps, type, "methods", hn_buf_text(&key));
    if (method == NULL)
        method = find_in(ps, type, "methods", name);
    if (method == NULL || method->kind != PS_BLOCK)
        return false;
    kept = ps_hash_find(&ps->scope->vars, T("this"));
    outer = kept != NULL ? *kept : ps_null();
    ps_var_local(ps, "this", self);
    *ret_value = ps_call_block(ps, method->as.block, args, count);
    ps_var_local(ps, "this", outer);
    return true;
}

bool ps_class_static(
        struct ps *ps, struct hn_text type, struct hn_text name, struct ps_value *ret_value)
{
    const struct ps_value *found = find_in(ps, type, "statics", name);

    if (found != NULL)
        *ret_value = *found;
    return found != NULL;
}

void ps_class_static_set(struct ps *ps, struct hn_text type, struct hn_text name, struct ps_value v)
{
    struct ps_object *class = class_of(ps, type);

    if (class != NULL)
        (void)ps_hash_put(ps, part_of(ps, class, "statics"), name, v);
}

bool ps_class_construct(struct ps *ps, struct hn_text type, const struct ps_value *args,
        size_t count, struct ps_value *ret_value)
{
    struct ps_object *class = class_of(ps, type);
    struct ps_object *made;
    struct ps_value nothing;
    struct hn_text name = type;

    if (class == NULL)
        return false;
    made = ps_object_new(ps, "");
    made->type = type;
    for (uint32_t i = 0; class != NULL && i < BASES_MAX; i++) {
        struct ps_value fields = ps_prop(class, "fields");

        for (uint32_t k = 0; fields.kind == PS_HASH && k < fields.as.hash->count; k++) {
            const struct ps_entry *entry = &fields.as.hash->entries[k];

            if (ps_hash_find(&made->props, entry->key) == NULL)
                (void)ps_hash_put(ps, &made->props, entry->key, entry->value);
        }
        class = base_of(ps, class);
    }
    *ret_value = ps_of_object(made);
    (void)ps_class_call(ps, *ret_value, name, args, count, &nothing);
    return true;
}
