/* decode_evtx_template.c - compiles binary XML into the flat list of fields it makes.
 *
 * One pass over the tokens ([MS-EVEN6] 2.2.12) with an explicit stack of elements: names become
 * fields here, once per template, so that a record only walks a list. In wanted-mode what nobody
 * wants is left out. Damaged binary XML gives what stood before the damage, and a finding.
 *
 * Names lie anywhere in the chunk and are referred to by offset; where one is used for the first
 * time it follows its reference. The links between names are never followed, so nothing loops. A
 * name that does not fit its hash has been written over: what it named becomes "Data". */
#include "decode/decode_evtx.h"

#include "base/utf.h"

#include <assert.h>

#define NAME_HEADER_BYTES 8u /* next offset, hash, length */

struct compiler {
    struct evtx_worker *worker;
    struct hn_arena *arena;
    const struct hn_schema *schema;
    bool want_all;
    bool is_template;
    struct hn_reader r;
    enum hn_status status;
    bool stop;

    /* The start tag being read. */
    bool in_tag;
    struct hn_text element;
    uint32_t attr_count;
};

static void damage(struct compiler *c, enum hn_finding_kind kind)
{
    evtx_note(c->worker, kind);
    c->stop = true;
}

/* After an allocation failed; the arena that it was in tells why. */
static void out_of_memory(struct compiler *c, const struct hn_arena *arena)
{
    c->status = arena != NULL && hn_arena_status(arena) == HN_LIMIT ? HN_LIMIT : HN_NOMEM;
    c->stop = true;
}

static struct hn_text keep(struct compiler *c, struct hn_text text)
{
    struct hn_text copy = hn_arena_text(c->arena, text);

    if (copy.ptr == NULL) {
        out_of_memory(c, c->arena);
        return HN_TEXT("");
    }
    return copy;
}

static struct hn_text keep_utf16(struct compiler *c, struct hn_text utf16)
{
    char *out = hn_arena_raw(c->arena, HN_UTF16_TO_UTF8_ROOM(utf16.len), 1);

    if (out == NULL) {
        out_of_memory(c, c->arena);
        return HN_TEXT("");
    }
    return hn_text_of(out, hn_utf16le_to_utf8_raw(hn_text_as_bytes(utf16), out, NULL));
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* The 16 bits that Windows keeps of a name to compare names by. */
static uint16_t name_hash(struct hn_bytes utf16)
{
    uint32_t hash = 0;

    for (size_t i = 0; i + 1 < utf16.len; i += 2)
        hash = hash * 65599u + hn_load_u16(utf16.ptr + i);
    return (uint16_t)hash;
}

static bool name_at(struct hn_bytes chunk, uint32_t offset, struct hn_bytes *ret_utf16)
{
    size_t len;

    if (offset > chunk.len || chunk.len - offset < NAME_HEADER_BYTES)
        return false;
    len = (size_t)hn_load_u16(chunk.ptr + offset + 6) * 2;
    if (len > chunk.len - offset - NAME_HEADER_BYTES || len > (size_t)WIN_NAME_MAX * 2)
        return false;
    *ret_utf16 = hn_bytes_of(chunk.ptr + offset + NAME_HEADER_BYTES, len);
    return name_hash(*ret_utf16) == hn_load_u16(chunk.ptr + offset + 4);
}

/* Where a name is used first, it follows its reference, with a NUL behind it. */
static void skip_inline_name(struct hn_reader *r, uint32_t offset)
{
    size_t units;

    if (offset != hn_reader_offset(r))
        return;
    hn_reader_skip(r, NAME_HEADER_BYTES - 2);
    units = hn_reader_u16(r);
    hn_reader_skip(r, units * 2 + 2);
}

bool evtx_name_next(struct hn_reader *r, struct hn_bytes chunk, struct hn_bytes *ret_utf16)
{
    uint32_t offset = hn_reader_u32(r);
    bool good = hn_reader_ok(r) && name_at(chunk, offset, ret_utf16);

    if (hn_reader_ok(r))
        skip_inline_name(r, offset);
    return good && hn_reader_ok(r);
}

/* The name at an offset, remembered for the rest of the chunk; ptr NULL: it is lost. */
static struct hn_text known_name(struct compiler *c, uint32_t offset)
{
    struct evtx_worker *worker = c->worker;
    struct evtx_name *slot = &worker->name_slots[offset * 0x9E3779B1u >> 24];
    struct hn_text text = { NULL, 0 };
    struct hn_bytes utf16;

    if (slot->generation == worker->generation && slot->offset == offset)
        return slot->text;
    if (name_at(worker->chunk, offset, &utf16)) {
        char *out = hn_arena_raw(&worker->names_seen, HN_UTF16_TO_UTF8_ROOM(utf16.len), 1);

        if (out == NULL) {
            out_of_memory(c, &worker->names_seen);
            return text;
        }
        text = hn_text_of(out, hn_utf16le_to_utf8_raw(utf16, out, NULL));
    }
    *slot = (struct evtx_name){ worker->generation, offset, text };
    return text;
}

/* The next name; "Data" for one that is lost, with *ret_lost set (it may be NULL). */
static struct hn_text read_name(struct compiler *c, bool *ret_lost)
{
    uint32_t offset = hn_reader_u32(&c->r);
    struct hn_text name = { NULL, 0 };

    if (hn_reader_ok(&c->r)) {
        name = known_name(c, offset);
        skip_inline_name(&c->r, offset);
    }
    if (ret_lost != NULL)
        *ret_lost = name.ptr == NULL;
    if (name.ptr != NULL || c->stop)
        return name;
    evtx_note(c->worker, HN_FINDING_DAMAGED_RECORD);
    return HN_TEXT("Data");
}

static struct hn_bytes read_string(struct compiler *c)
{
    size_t units = hn_reader_u16(&c->r);
    struct hn_bytes utf16 = hn_reader_take(&c->r, units * 2);

    if (!hn_reader_ok(&c->r))
        damage(c, HN_FINDING_DAMAGED_RECORD);
    return utf16;
}

/* ---- Operations ------------------------------------------------------------------------------ */

static struct evtx_op *add_op(struct compiler *c, enum evtx_op_kind kind)
{
    struct evtx_op *op;

    if (c->worker->ops.count == EVTX_OPS_MAX) {
        damage(c, HN_FINDING_TOO_LONG);
        return NULL;
    }
    op = hn_vec_add(&c->worker->ops);
    if (op == NULL) {
        out_of_memory(c, NULL);
        return NULL;
    }
    op->kind = (uint8_t)kind;
    op->field = HN_FIELD_NONE;
    return op;
}

/* Whether the operation just filled does anything in this mode; else it is taken back. The text of
 * a template has to outlive the chunk, and is asked for again and again. */
static void settle_op(struct compiler *c, struct evtx_op *op)
{
    bool nested = op->kind == EVTX_OP_FRAGMENT || op->kind == EVTX_OP_INSTANCE;
    bool kept = op->field != HN_FIELD_NONE || (c->want_all && op->name.len > 0);

    if (!nested && !kept && !op->is_time && op->name_part_count == 0) {
        c->worker->ops.count--;
    } else if (c->is_template && op->is_utf16) {
        op->text = keep_utf16(c, op->text);
        op->is_utf16 = false;
    }
}

static void name_op(struct compiler *c, struct evtx_op *op, struct hn_text name)
{
    op->field = win_names_field(c->schema, name);
    if (c->want_all || op->kind == EVTX_OP_FRAGMENT || op->kind == EVTX_OP_INSTANCE)
        op->name = keep(c, name);
}

/* What parts[first .. first + count) make: one text, one value, or several joined. */
static void fill_op(struct compiler *c, struct evtx_op *op, uint32_t first, uint32_t count)
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

static bool parts_optional(const struct compiler *c, uint32_t first, uint32_t count)
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

static bool parts_blank(const struct compiler *c, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct evtx_part *part = &c->worker->parts.ptr[first + i];

        if (part->is_value || !is_blank(part))
            return false;
    }
    return true;
}

/* An operation for text of the innermost element. */
static void content_op(struct compiler *c, uint32_t first, uint32_t count)
{
    const struct evtx_level *level = &c->worker->levels[c->worker->names.depth];
    struct win_names *names = &c->worker->names;
    bool is_data = win_names_is_data(names);
    struct evtx_op *op = add_op(c, EVTX_OP_VALUE);

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
        op->name = keep(c, win_names_outer_prefix(names));
    } else {
        name_op(c, op, win_names_value(names));
    }
    settle_op(c, op);
}

/* Operations for the text collected since the element began or its last child ended. Binary XML
 * among it stands for itself. */
static void flush_text(struct compiler *c)
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

static void attribute_op(struct compiler *c, const struct evtx_attr *attr)
{
    struct win_names *names = &c->worker->names;
    struct hn_text name = win_names_attr(names, attr->name);
    struct evtx_op *op;

    if (name.len == 0)
        return;
    c->worker->levels[names->depth].has_child = true; /* then no content means no value */
    op = add_op(c, EVTX_OP_VALUE);
    if (op == NULL)
        return;
    fill_op(c, op, attr->part_first, attr->part_count);
    if (op->kind == EVTX_OP_FRAGMENT) /* only elements hold XML */
        op->kind = EVTX_OP_VALUE;
    op->is_time = win_names_is_time(names, attr->name);
    op->empty = win_names_in_system(names) || parts_optional(c, attr->part_first, attr->part_count)
                        ? EVTX_EMPTY_NOTHING
                        : EVTX_EMPTY_TEXT;
    name_op(c, op, name);
    settle_op(c, op);
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

static void add_part(struct compiler *c, struct evtx_part part)
{
    struct evtx_part *slot;

    if (c->in_tag && c->attr_count == 0) {
        damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    slot = hn_vec_add(&c->worker->parts);
    if (slot == NULL)
        out_of_memory(c, NULL);
    else
        *slot = part;
}

static void add_text(struct compiler *c, struct hn_bytes utf16)
{
    if (!c->stop)
        add_part(c, (struct evtx_part){ .text = hn_bytes_as_text(utf16), .is_utf16 = true });
}

static void open_element(struct compiler *c, bool has_attrs)
{
    enum win_zone zone;
    bool lost;

    if (c->in_tag) {
        damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    flush_text(c);
    if (c->is_template)
        hn_reader_skip(&c->r, 2); /* number of a value on which the element depends: see optional */
    hn_reader_skip(&c->r, 4);     /* its size: the end token says so as well */
    c->element = read_name(c, &lost);
    zone = win_names_zone(&c->worker->names);
    if (lost && (zone == WIN_ZONE_TOP || zone == WIN_ZONE_EVENT)) {
        c->status = HN_CORRUPT; /* without it nothing below it can be told what it is */
        c->stop = true;
        return;
    }
    if (has_attrs)
        hn_reader_skip(&c->r, 4); /* size of the attributes */
    c->in_tag = true;
    c->attr_count = 0;
}

static void end_attribute(struct compiler *c)
{
    struct evtx_attr *attr;

    if (c->attr_count == 0)
        return;
    attr = &c->worker->attrs[c->attr_count - 1];
    attr->part_count = (uint32_t)c->worker->parts.count - attr->part_first;
}

static void open_attribute(struct compiler *c)
{
    struct evtx_attr *attr;

    if (!c->in_tag) {
        damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    end_attribute(c);
    if (c->attr_count == EVTX_ATTRS_MAX) {
        damage(c, HN_FINDING_TOO_LONG);
        return;
    }
    attr = &c->worker->attrs[c->attr_count];
    attr->name = read_name(c, NULL);
    attr->part_first = (uint32_t)c->worker->parts.count;
    attr->part_count = 0;
    c->attr_count++;
}

/* The Name attribute by which the element is called, if that is how elements are called here. */
static const struct evtx_attr *naming_attr(const struct compiler *c)
{
    if (!win_names_takes_name(&c->worker->names, c->element))
        return NULL;
    for (uint32_t i = 0; i < c->attr_count; i++) {
        if (hn_text_eq(c->worker->attrs[i].name, HN_TEXT("Name")))
            return &c->worker->attrs[i];
    }
    return NULL;
}

static struct hn_text text_of_part(struct compiler *c, const struct evtx_part *part)
{
    return part->is_utf16 ? keep_utf16(c, part->text) : part->text;
}

static void close_start(struct compiler *c)
{
    struct evtx_worker *worker = c->worker;
    const struct evtx_attr *naming;
    struct hn_text name = { NULL, 0 };
    struct evtx_level *level;
    bool dynamic = false;

    if (!c->in_tag) {
        damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    end_attribute(c);
    c->in_tag = false;
    naming = naming_attr(c);
    if (naming != NULL && naming->part_count == 1 &&
            !worker->parts.ptr[naming->part_first].is_value)
        name = text_of_part(c, &worker->parts.ptr[naming->part_first]);
    else
        dynamic = naming != NULL && naming->part_count > 0;
    worker->levels[worker->names.depth].has_child = true;
    if (!win_names_open(&worker->names, c->element, name)) {
        damage(c, HN_FINDING_TOO_DEEP);
        return;
    }
    level = &worker->levels[worker->names.depth];
    level->has_child = false;
    for (uint32_t i = 0; i < c->attr_count && !c->stop; i++) {
        if (&worker->attrs[i] != naming)
            attribute_op(c, &worker->attrs[i]);
    }
    level->part_first = (uint32_t)worker->parts.count;
    level->name_part_first = dynamic ? naming->part_first : 0;
    level->name_part_count = dynamic ? naming->part_count : 0;
}

static void end_element(struct compiler *c)
{
    struct evtx_worker *worker = c->worker;
    const struct evtx_level *level = &worker->levels[worker->names.depth];

    if (c->in_tag || worker->names.depth == 0) {
        damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    if (level->part_first < worker->parts.count)
        flush_text(c);
    else if (!level->has_child && win_names_is_data(&worker->names))
        content_op(c, level->part_first, 0);
    win_names_close(&worker->names);
    worker->levels[worker->names.depth].part_first = (uint32_t)worker->parts.count;
}

static void substitution(struct compiler *c, bool optional)
{
    struct evtx_part part = { .is_value = true, .optional = optional };

    part.index = hn_reader_u16(&c->r);
    part.is_xml = hn_reader_u8(&c->r) == EVTX_XML;
    if (!c->is_template) /* nothing to substitute */
        damage(c, HN_FINDING_DAMAGED_RECORD);
    else
        add_part(c, part);
}

static void entity_ref(struct compiler *c)
{
    static const struct {
        struct hn_text name;
        const char *text;
    } entities[] = {
        { HN_TEXT_INIT("lt"), "<" },
        { HN_TEXT_INIT("gt"), ">" },
        { HN_TEXT_INIT("amp"), "&" },
        { HN_TEXT_INIT("quot"), "\"" },
        { HN_TEXT_INIT("apos"), "'" },
    };
    struct hn_text name = read_name(c, NULL);

    for (size_t i = 0; i < HN_COUNT_OF(entities); i++) {
        if (hn_text_eq(name, entities[i].name)) {
            add_part(c, (struct evtx_part){ .text = hn_text_cstr(entities[i].text) });
            return;
        }
    }
    evtx_note(c->worker, HN_FINDING_DAMAGED_RECORD); /* an entity nobody defined is no text */
}

static void value_text(struct compiler *c)
{
    if (hn_reader_u8(&c->r) == EVTX_STRING)
        add_text(c, read_string(c));
    else
        damage(c, HN_FINDING_DAMAGED_RECORD);
}

/* A whole template instance among the elements of a record. */
static void inner_instance(struct compiler *c)
{
    const uint8_t *start = c->r.next - 1;
    struct evtx_instance instance;
    struct evtx_op *op;

    if (c->is_template || c->in_tag || !evtx_instance_read(&c->r, &instance)) {
        damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    flush_text(c);
    c->worker->levels[c->worker->names.depth].has_child = true;
    op = add_op(c, EVTX_OP_INSTANCE);
    if (op == NULL)
        return;
    op->text = hn_text_of((const char *)start, (size_t)(c->r.next - start));
    op->zone = (uint8_t)win_names_zone(&c->worker->names);
    op->prefix_len = (uint16_t)win_names_prefix(&c->worker->names).len;
    name_op(c, op, win_names_prefix(&c->worker->names));
}

static void one_token(struct compiler *c)
{
    uint8_t token = hn_reader_u8(&c->r);

    switch (token & ~(unsigned)EVTX_TOKEN_MORE) {
    case EVTX_TOKEN_EOF:
        c->stop = true;
        break;
    case EVTX_TOKEN_OPEN_ELEMENT:
        open_element(c, (token & EVTX_TOKEN_MORE) != 0);
        break;
    case EVTX_TOKEN_CLOSE_START:
        close_start(c);
        break;
    case EVTX_TOKEN_CLOSE_EMPTY:
        close_start(c);
        if (!c->stop)
            end_element(c);
        break;
    case EVTX_TOKEN_END_ELEMENT:
        end_element(c);
        break;
    case EVTX_TOKEN_VALUE:
        value_text(c);
        break;
    case EVTX_TOKEN_ATTRIBUTE:
        open_attribute(c);
        break;
    case EVTX_TOKEN_CDATA:
        add_text(c, read_string(c));
        break;
    case EVTX_TOKEN_CHAR_REF:
        add_text(c, hn_reader_take(&c->r, 2)); /* the number is the UTF-16 unit */
        break;
    case EVTX_TOKEN_ENTITY_REF:
        entity_ref(c);
        break;
    case EVTX_TOKEN_PI_TARGET:
        (void)read_name(c, NULL);
        break;
    case EVTX_TOKEN_PI_DATA:
        (void)read_string(c);
        break;
    case EVTX_TOKEN_INSTANCE:
        inner_instance(c);
        break;
    case EVTX_TOKEN_SUBSTITUTION:
    case EVTX_TOKEN_OPTIONAL:
        substitution(c, (token & ~(unsigned)EVTX_TOKEN_MORE) == EVTX_TOKEN_OPTIONAL);
        break;
    case EVTX_TOKEN_FRAGMENT:
        hn_reader_skip(&c->r, 3); /* version 1.1, no flags */
        break;
    default:
        damage(c, HN_FINDING_DAMAGED_RECORD);
        break;
    }
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* Copies the parts for the operations that join them. */
static enum hn_status finish_parts(struct compiler *c, struct evtx_program *program)
{
    struct evtx_worker *worker = c->worker;
    struct evtx_part *parts = hn_new(c->arena, struct evtx_part, worker->parts.count);

    if (parts == NULL)
        return hn_arena_status(c->arena);
    for (size_t i = 0; i < worker->parts.count; i++) {
        parts[i] = worker->parts.ptr[i];
        if (!parts[i].is_value)
            parts[i].text = text_of_part(c, &parts[i]);
    }
    program->parts = parts;
    return c->status;
}

static enum hn_status finish(struct compiler *c, struct evtx_program **ret_program)
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

enum hn_status evtx_compile(const struct evtx_source *source, struct hn_arena *arena,
        const struct hn_event *event, struct evtx_worker *worker, struct evtx_program **ret_program)
{
    struct compiler c = {
        .worker = worker,
        .arena = arena,
        .schema = event->schema,
        .want_all = event->want_all,
        .is_template = source->is_template,
    };
    uint32_t findings = worker->findings;
    enum hn_status status;

    assert(source->end <= worker->chunk.len && source->start <= source->end);
    c.r = hn_reader_over(hn_bytes_of(worker->chunk.ptr, source->end));
    hn_reader_seek(&c.r, source->start);
    hn_vec_reset(&worker->ops);
    hn_vec_reset(&worker->parts);
    win_names_init(&worker->names, source->zone, source->prefix);
    memset(&worker->levels[0], 0, sizeof worker->levels[0]);
    worker->findings = 0;
    while (!c.stop && hn_reader_left(&c.r) > 0) {
        one_token(&c);
        if (!hn_reader_ok(&c.r))
            damage(&c, HN_FINDING_DAMAGED_RECORD);
    }
    if (c.status == HN_OK && (c.in_tag || worker->names.depth > 0))
        evtx_note(worker, HN_FINDING_DAMAGED_RECORD); /* it ended inside an element */
    else if (c.status == HN_OK)
        flush_text(&c);
    status = c.status == HN_OK ? finish(&c, ret_program) : c.status;
    worker->findings = findings;
    return status;
}
