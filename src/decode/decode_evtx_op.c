/* decode_evtx_op.c - the operations of a program: what becomes of a text or an attribute.
 *
 * In wanted-mode an operation whose field nobody wants is taken back at once. Constant text becomes
 * UTF-8 here, once, where the program outlives the chunk. */
#include "decode/decode_evtx_compile.h"

#include "base/utf.h"

void evtx_damage(struct evtx_compiler *c, enum hn_finding_kind kind)
{
    evtx_note(c->worker, kind);
    c->stop = true;
}

void evtx_no_room(struct evtx_compiler *c, const struct hn_arena *arena)
{
    c->status = arena != NULL && hn_arena_status(arena) == HN_LIMIT ? HN_LIMIT : HN_NOMEM;
    c->stop = true;
}

struct hn_text evtx_keep(struct evtx_compiler *c, struct hn_text text)
{
    struct hn_text copy = hn_arena_text(c->arena, text);

    if (copy.ptr == NULL) {
        evtx_no_room(c, c->arena);
        return HN_TEXT("");
    }
    return copy;
}

struct hn_text evtx_keep_utf16(struct evtx_compiler *c, struct hn_text utf16)
{
    char *out = hn_arena_raw(c->arena, HN_UTF16_TO_UTF8_ROOM(utf16.len), 1);

    if (out == NULL) {
        evtx_no_room(c, c->arena);
        return HN_TEXT("");
    }
    return hn_text_of(out, hn_utf16le_to_utf8_raw(hn_text_as_bytes(utf16), out, NULL));
}

struct hn_text evtx_part_text(struct evtx_compiler *c, const struct evtx_part *part)
{
    return part->is_utf16 ? evtx_keep_utf16(c, part->text) : part->text;
}

struct evtx_op *evtx_op_add(struct evtx_compiler *c, enum evtx_op_kind kind)
{
    struct evtx_op *op;

    if (c->worker->ops.count == EVTX_OPS_MAX) {
        evtx_damage(c, HN_FINDING_TOO_LONG);
        return NULL;
    }
    op = hn_vec_add(&c->worker->ops);
    if (op == NULL) {
        evtx_no_room(c, NULL);
        return NULL;
    }
    op->kind = (uint8_t)kind;
    op->field = HN_FIELD_NONE;
    return op;
}

/* Whether the operation just filled does anything in this mode; else it is taken back. The text of
 * a template has to outlive the chunk, and is asked for again and again. */
static void settle_op(struct evtx_compiler *c, struct evtx_op *op)
{
    bool nested = op->kind == EVTX_OP_FRAGMENT || op->kind == EVTX_OP_INSTANCE;
    bool nothing = op->kind == EVTX_OP_TEXT && op->text.len == 0 && op->empty == EVTX_EMPTY_NOTHING;
    bool kept = !nothing && (op->field != HN_FIELD_NONE || (c->want_all && op->name.len > 0));

    if (!nested && !kept && !op->is_time && op->name_part_count == 0) {
        c->worker->ops.count--;
    } else if (c->is_template && op->is_utf16) {
        op->text = evtx_keep_utf16(c, op->text);
        op->is_utf16 = false;
    }
}

void evtx_op_name(struct evtx_compiler *c, struct evtx_op *op, struct hn_text name)
{
    op->field = win_names_field(c->schema, name);
    if (c->want_all || op->kind == EVTX_OP_FRAGMENT || op->kind == EVTX_OP_INSTANCE)
        op->name = evtx_keep(c, name);
}

/* What parts[first .. first + count) make: one text, one value, or several joined. */
static void fill_op(struct evtx_compiler *c, struct evtx_op *op, uint32_t first, uint32_t count)
{
    const struct evtx_part *part;

    if (count > 1) {
        op->kind = EVTX_OP_PARTS;
        op->part_first = first;
        op->part_count = count;
        return;
    }
    if (count == 0) {
        op->kind = EVTX_OP_TEXT;
        op->text = (struct hn_text){ NULL, 0 };
        return;
    }
    part = &c->worker->parts.ptr[first];
    if (part->is_value)
        op->kind = part->is_xml ? EVTX_OP_FRAGMENT : EVTX_OP_VALUE;
    else
        op->kind = EVTX_OP_TEXT;
    op->index = part->index;
    op->text = part->text;
    op->is_utf16 = part->is_utf16;
}

static bool parts_optional(const struct evtx_compiler *c, uint32_t first, uint32_t count)
{
    return count == 1 && c->worker->parts.ptr[first].optional;
}

static bool is_blank(const struct evtx_part *part)
{
    if (!part->is_utf16)
        return hn_text_trim(part->text).len == 0;
    for (size_t i = 0; i + 1 < part->text.len; i += 2) {
        char c = part->text.ptr[i];

        if ((c != ' ' && c != '\t' && c != '\r' && c != '\n') || part->text.ptr[i + 1] != 0)
            return false;
    }
    return true;
}

static bool parts_blank(const struct evtx_compiler *c, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct evtx_part *part = &c->worker->parts.ptr[first + i];

        if (part->is_value || !is_blank(part))
            return false;
    }
    return true;
}

/* An operation for text of the innermost element. */
static void content_op(struct evtx_compiler *c, uint32_t first, uint32_t count)
{
    const struct evtx_level *level = &c->worker->levels[c->worker->names.depth];
    struct win_names *names = &c->worker->names;
    bool is_data = win_names_is_data(names);
    struct evtx_op *op = evtx_op_add(c, EVTX_OP_VALUE);

    if (op == NULL)
        return;
    fill_op(c, op, first, count);
    op->zone = (uint8_t)win_names_zone(names);
    op->prefix_len = (uint16_t)win_names_prefix(names).len;
    if (op->kind == EVTX_OP_FRAGMENT || !is_data)
        op->empty = EVTX_EMPTY_NOTHING;
    else
        op->empty = parts_optional(c, first, count) ? EVTX_EMPTY_NULL : EVTX_EMPTY_TEXT;
    if (level->name_part_count > 0 && op->kind != EVTX_OP_FRAGMENT) {
        op->name_part_first = level->name_part_first;
        op->name_part_count = level->name_part_count;
        op->name = evtx_keep(c, win_names_outer_prefix(names));
    } else {
        evtx_op_name(c, op, win_names_value(names));
    }
    settle_op(c, op);
}

/* Operations for the text collected since the element began or its last child ended. Binary XML
 * among it stands for itself. */
void evtx_op_text(struct evtx_compiler *c)
{
    struct evtx_level *level = &c->worker->levels[c->worker->names.depth];
    uint32_t end = (uint32_t)c->worker->parts.count;
    uint32_t first = level->part_first;

    for (uint32_t i = first; i < end && !c->stop; i++) {
        if (!c->worker->parts.ptr[i].is_xml)
            continue;
        if (i > first && !parts_blank(c, first, i - first))
            content_op(c, first, i - first);
        content_op(c, i, 1);
        level->has_child = true;
        first = i + 1;
    }
    if (first < end && !(level->has_child && parts_blank(c, first, end - first)))
        content_op(c, first, end - first);
    level->part_first = end;
}

void evtx_op_attribute(struct evtx_compiler *c, const struct evtx_attr *attr)
{
    struct win_names *names = &c->worker->names;
    struct hn_text name = win_names_attr(names, attr->name);
    struct evtx_op *op;

    if (name.len == 0)
        return;
    c->worker->levels[names->depth].has_child = true; /* then no content means no value */
    op = evtx_op_add(c, EVTX_OP_VALUE);
    if (op == NULL)
        return;
    fill_op(c, op, attr->part_first, attr->part_count);
    if (op->kind == EVTX_OP_FRAGMENT) /* only elements hold XML */
        op->kind = EVTX_OP_VALUE;
    op->is_time = win_names_is_time(names, attr->name);
    op->empty = win_names_in_system(names) || parts_optional(c, attr->part_first, attr->part_count)
                        ? EVTX_EMPTY_NOTHING
                        : EVTX_EMPTY_TEXT;
    evtx_op_name(c, op, name);
    settle_op(c, op);
}

void evtx_op_empty(struct evtx_compiler *c)
{
    const struct evtx_level *level = &c->worker->levels[c->worker->names.depth];

    if (!level->has_child && win_names_is_data(&c->worker->names))
        content_op(c, level->part_first, 0);
}

/* ---- The whole ---- */

/* Copies the parts for the operations that join them. */
static enum hn_status finish_parts(struct evtx_compiler *c, struct evtx_program *program)
{
    struct evtx_worker *worker = c->worker;
    struct evtx_part *parts = hn_new(c->arena, struct evtx_part, worker->parts.count);

    if (parts == NULL)
        return hn_arena_status(c->arena);
    for (size_t i = 0; i < worker->parts.count; i++) {
        parts[i] = worker->parts.ptr[i];
        if (!parts[i].is_value)
            parts[i].text = evtx_part_text(c, &parts[i]);
    }
    program->parts = parts;
    return c->status;
}

enum hn_status evtx_ops_finish(struct evtx_compiler *c, struct evtx_program **ret_program)
{
    struct evtx_worker *worker = c->worker;
    struct evtx_program *program = hn_new(c->arena, struct evtx_program, 1);
    struct evtx_op *ops = hn_new(c->arena, struct evtx_op, worker->ops.count);
    enum hn_status status = HN_OK;
    bool joins = false;

    if (program == NULL || ops == NULL)
        return hn_arena_status(c->arena);
    for (size_t i = 0; i < worker->ops.count; i++) {
        ops[i] = worker->ops.ptr[i];
        joins = joins || ops[i].part_count > 0 || ops[i].name_part_count > 0;
    }
    program->ops = ops;
    program->op_count = (uint32_t)worker->ops.count;
    program->findings = worker->findings;
    if (joins)
        status = finish_parts(c, program);
    *ret_program = program;
    return status;
}
