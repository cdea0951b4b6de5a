/* digest.c - one number for what makes a rule or correlation fire, and how its alerts read. */
#include "sigma/sigma_internal.h"

static void add_u64(struct hn_buf *buf, uint64_t value)
{
    hn_buf_add(buf, &value, sizeof value);
}

static void add_real(struct hn_buf *buf, double value)
{
    hn_buf_add(buf, &value, sizeof value);
}

/* With its length, so that no two sequences of texts look the same. */
static void add_text(struct hn_buf *buf, struct hn_text text)
{
    add_u64(buf, text.len);
    hn_buf_add_text(buf, text);
}

static void add_texts(struct hn_buf *buf, const struct sigma_texts *texts)
{
    add_u64(buf, texts->count);
    for (uint32_t i = 0; i < texts->count; i++)
        add_text(buf, texts->ptr[i]);
}

static void add_number(struct hn_buf *buf, const struct sigma_number *number)
{
    add_u64(buf, (uint64_t)number->is_integer | (uint64_t)number->is_bool << 1 |
                         (uint64_t)number->negative << 2);
    add_u64(buf, number->magnitude);
    add_real(buf, number->real);
}

static void add_value(struct hn_buf *buf, const struct sigma_value *value)
{
    add_u64(buf, (uint64_t)value->kind << 1 | (uint64_t)value->cased);
    switch (value->kind) {
    case SIGMA_STRING:
        add_u64(buf, value->as.string.count);
        for (uint32_t i = 0; i < value->as.string.count; i++) {
            add_u64(buf, (uint64_t)value->as.string.parts[i].kind);
            add_text(buf, value->as.string.parts[i].text);
        }
        break;
    case SIGMA_NUMBER:
    case SIGMA_COMPARE:
        add_number(buf, &value->as.number);
        add_u64(buf, (uint64_t)value->compare);
        break;
    case SIGMA_NULL:
        break;
    case SIGMA_REGEX:
        add_text(buf, value->as.regex.pattern);
        add_u64(buf, value->as.regex.flags);
        break;
    case SIGMA_CIDR:
        hn_buf_add(buf, value->as.cidr.address.bytes, sizeof value->as.cidr.address.bytes);
        add_u64(buf, value->as.cidr.prefix_len);
        break;
    case SIGMA_EXISTS:
        add_u64(buf, value->as.exists);
        break;
    case SIGMA_FIELDREF:
        add_text(buf, value->as.fieldref.field);
        add_u64(buf, (uint64_t)value->as.fieldref.anchor);
        break;
    }
}

static void add_item(struct hn_buf *buf, const struct sigma_item *item)
{
    add_text(buf, item->field);
    add_u64(buf, (uint64_t)item->time_part << 32 | item->value_count);
    for (uint32_t i = 0; i < item->value_count; i++)
        add_value(buf, &item->values[i]);
}

/* The shape of a tree in prefix form. */
static void add_tree(struct work *w, struct hn_buf *buf, const struct sigma_node *root)
{
    struct work_stack stack = { 0 };

    (void)sigma_stack_push(w, &stack, root);
    while (stack.count > 0) {
        const struct sigma_node *node = stack.ptr[--stack.count];

        add_u64(buf, (uint64_t)node->kind << 56 | (uint64_t)node->count << 32 |
                             (node->kind == SIGMA_ITEM ? node->item->index : 0));
        for (uint32_t i = node->count; i-- > 0;) {
            if (!sigma_stack_push(w, &stack, node->children[i]))
                return;
        }
    }
}

static struct hn_digest finish(struct work *w, struct hn_buf *buf, const struct sigma_meta *meta)
{
    struct hn_digest digest = hn_digest_of(buf->ptr, buf->len);

    if (!hn_buf_ok(buf))
        w->status = buf->status;
    hn_buf_deinit(buf);
    return hn_digest_join(digest, hn_digest_of(meta->yaml.ptr, meta->yaml.len));
}

struct hn_digest rule_digest(struct work *w, const struct sigma_rule *rule)
{
    struct hn_buf buf = { 0 };

    add_text(&buf, rule->meta.id);
    add_text(&buf, rule->logsource.product);
    add_text(&buf, rule->logsource.category);
    add_text(&buf, rule->logsource.service);
    add_u64(&buf, rule->item_count);
    for (uint32_t i = 0; i < rule->item_count; i++)
        add_item(&buf, &rule->items[i]);
    add_tree(w, &buf, rule->condition);
    return finish(w, &buf, &rule->meta);
}

static void add_ref_tree(struct work *w, struct hn_buf *buf, const struct sigma_ref_node *root)
{
    struct work_stack stack = { 0 };

    (void)sigma_stack_push(w, &stack, root);
    while (stack.count > 0) {
        const struct sigma_ref_node *node = stack.ptr[--stack.count];

        add_u64(buf, (uint64_t)node->kind << 56 | (uint64_t)node->count << 32 | node->ref);
        for (uint32_t i = node->count; i-- > 0;) {
            if (!sigma_stack_push(w, &stack, node->children[i]))
                return;
        }
    }
}

struct hn_digest correlation_digest(struct work *w, const struct sigma_correlation *c)
{
    struct hn_buf buf = { 0 };

    add_text(&buf, c->meta.id);
    add_u64(&buf, (uint64_t)c->type << 32 | c->ref_count);
    for (uint32_t i = 0; i < c->ref_count; i++)
        add_text(&buf, c->refs[i].name);
    for (uint32_t i = 0; i < c->alias_count; i++) {
        add_text(&buf, c->aliases[i].name);
        for (uint32_t k = 0; k < c->ref_count; k++)
            add_text(&buf, c->aliases[i].fields[k]);
    }
    add_texts(&buf, &c->group_by);
    add_texts(&buf, &c->fields);
    add_u64(&buf, (uint64_t)c->timespan);
    add_u64(&buf, (uint64_t)c->learn);
    for (uint32_t i = 0; i < c->bound_count; i++) {
        add_u64(&buf, (uint64_t)c->bounds[i].op);
        add_real(&buf, c->bounds[i].value);
    }
    add_real(&buf, c->percentile);
    add_real(&buf, c->jitter);
    add_u64(&buf, (uint64_t)c->burst);
    if (c->condition != NULL)
        add_ref_tree(w, &buf, c->condition);
    return finish(w, &buf, &c->meta);
}
