/* decode_evtx_template.c - compiles binary XML into the flat list of fields it makes.
 *
 * One pass over the tokens ([MS-EVEN6] 2.2.12) with an explicit stack of elements: names become
 * fields here, once per template, so that a record only walks a list. In wanted-mode what nobody
 * wants is left out. Damaged binary XML gives what stood before the damage, and a finding.
 */
#include "decode/decode_evtx_compile.h"

#include <assert.h>

static struct hn_bytes read_string(struct evtx_compiler *c)
{
    size_t units = hn_reader_u16(&c->r);
    struct hn_bytes utf16 = hn_reader_take(&c->r, units * 2);

    if (!hn_reader_ok(&c->r))
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
    return utf16;
}

static void add_part(struct evtx_compiler *c, struct evtx_part part)
{
    struct evtx_part *slot;

    if (c->in_tag && c->attr_count == 0) {
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    slot = hn_vec_add(&c->worker->parts);
    if (slot == NULL)
        evtx_no_room(c, NULL);
    else
        *slot = part;
}

static void add_text(struct evtx_compiler *c, struct hn_bytes utf16)
{
    if (!c->stop)
        add_part(c, (struct evtx_part){ .text = hn_bytes_as_text(utf16), .is_utf16 = true });
}

static void open_element(struct evtx_compiler *c, bool has_attrs)
{
    enum win_zone zone;
    bool lost;

    if (c->in_tag) {
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    evtx_op_text(c);
    if (c->is_template)
        hn_reader_skip(&c->r, 2); /* number of a value on which the element depends: see optional */
    hn_reader_skip(&c->r, 4);     /* its size: the end token says so as well */
    c->element = evtx_read_name(c, &lost);
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

static void end_attribute(struct evtx_compiler *c)
{
    struct evtx_attr *attr;

    if (c->attr_count == 0)
        return;
    attr = &c->worker->attrs[c->attr_count - 1];
    attr->part_count = (uint32_t)c->worker->parts.count - attr->part_first;
}

static void open_attribute(struct evtx_compiler *c)
{
    struct evtx_attr *attr;

    if (!c->in_tag) {
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    end_attribute(c);
    if (c->attr_count == EVTX_ATTRS_MAX) {
        evtx_damage(c, HN_FINDING_TOO_LONG);
        return;
    }
    attr = &c->worker->attrs[c->attr_count];
    attr->name = evtx_read_name(c, NULL);
    attr->part_first = (uint32_t)c->worker->parts.count;
    attr->part_count = 0;
    c->attr_count++;
}

/* The Name attribute by which the element is called, if that is how elements are called here. */
static const struct evtx_attr *naming_attr(const struct evtx_compiler *c)
{
    if (!win_names_takes_name(&c->worker->names, c->element))
        return NULL;
    for (uint32_t i = 0; i < c->attr_count; i++) {
        if (hn_text_eq(c->worker->attrs[i].name, HN_TEXT("Name")))
            return &c->worker->attrs[i];
    }
    return NULL;
}

static void close_start(struct evtx_compiler *c)
{
    struct evtx_worker *worker = c->worker;
    const struct evtx_attr *naming;
    struct hn_text name = { NULL, 0 };
    struct evtx_level *level;
    bool dynamic = false;

    if (!c->in_tag) {
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    end_attribute(c);
    c->in_tag = false;
    naming = naming_attr(c);
    if (naming != NULL && naming->part_count == 1 &&
            !worker->parts.ptr[naming->part_first].is_value)
        name = evtx_part_text(c, &worker->parts.ptr[naming->part_first]);
    else
        dynamic = naming != NULL && naming->part_count > 0;
    worker->levels[worker->names.depth].has_child = true;
    if (!win_names_open(&worker->names, c->element, name)) {
        evtx_damage(c, HN_FINDING_TOO_DEEP);
        return;
    }
    level = &worker->levels[worker->names.depth];
    level->has_child = false;
    for (uint32_t i = 0; i < c->attr_count && !c->stop; i++) {
        if (&worker->attrs[i] != naming)
            evtx_op_attribute(c, &worker->attrs[i]);
    }
    level->part_first = (uint32_t)worker->parts.count;
    level->name_part_first = dynamic ? naming->part_first : 0;
    level->name_part_count = dynamic ? naming->part_count : 0;
}

static void end_element(struct evtx_compiler *c)
{
    struct evtx_worker *worker = c->worker;
    const struct evtx_level *level = &worker->levels[worker->names.depth];

    if (c->in_tag || worker->names.depth == 0) {
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    if (level->part_first < worker->parts.count)
        evtx_op_text(c);
    else
        evtx_op_empty(c);
    win_names_close(&worker->names);
    worker->levels[worker->names.depth].part_first = (uint32_t)worker->parts.count;
}

static void substitution(struct evtx_compiler *c, bool optional)
{
    struct evtx_part part = { .is_value = true, .optional = optional };

    part.index = hn_reader_u16(&c->r);
    part.is_xml = hn_reader_u8(&c->r) == EVTX_XML;
    if (!c->is_template) /* nothing to substitute */
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
    else
        add_part(c, part);
}

static void entity_ref(struct evtx_compiler *c)
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
    struct hn_text name = evtx_read_name(c, NULL);

    for (size_t i = 0; i < HN_COUNT_OF(entities); i++) {
        if (hn_text_eq(name, entities[i].name)) {
            add_part(c, (struct evtx_part){ .text = hn_text_cstr(entities[i].text) });
            return;
        }
    }
    evtx_note(c->worker, HN_FINDING_DAMAGED_RECORD); /* an entity nobody defined is no text */
}

static void value_text(struct evtx_compiler *c)
{
    if (hn_reader_u8(&c->r) == EVTX_STRING)
        add_text(c, read_string(c));
    else
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
}

/* A whole template instance among the elements of a record. */
static void inner_instance(struct evtx_compiler *c)
{
    const uint8_t *start = c->r.next - 1;
    struct evtx_instance instance;
    struct evtx_op *op;

    if (c->is_template || c->in_tag || !evtx_instance_read(&c->r, &instance)) {
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        return;
    }
    evtx_op_text(c);
    c->worker->levels[c->worker->names.depth].has_child = true;
    op = evtx_op_add(c, EVTX_OP_INSTANCE);
    if (op == NULL)
        return;
    op->text = hn_text_of((const char *)start, (size_t)(c->r.next - start));
    op->zone = (uint8_t)win_names_zone(&c->worker->names);
    op->prefix_len = (uint16_t)win_names_prefix(&c->worker->names).len;
    evtx_op_name(c, op, win_names_prefix(&c->worker->names));
}

static void one_token(struct evtx_compiler *c)
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
        (void)evtx_read_name(c, NULL);
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
        evtx_damage(c, HN_FINDING_DAMAGED_RECORD);
        break;
    }
}

/* ---- The whole ---- */

enum hn_status evtx_compile(const struct evtx_source *source, struct hn_arena *arena,
        const struct hn_event *event, struct evtx_worker *worker, struct evtx_program **ret_program)
{
    struct evtx_compiler c = {
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
            evtx_damage(&c, HN_FINDING_DAMAGED_RECORD);
    }
    if (c.status == HN_OK && (c.in_tag || worker->names.depth > 0))
        evtx_note(worker, HN_FINDING_DAMAGED_RECORD); /* it ended inside an element */
    else if (c.status == HN_OK)
        evtx_op_text(&c);
    status = c.status == HN_OK ? evtx_ops_finish(&c, ret_program) : c.status;
    worker->findings = findings;
    return status;
}
