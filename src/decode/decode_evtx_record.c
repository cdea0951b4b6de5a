/* decode_evtx_record.c - one record: the program of its template, run over its values.
 *
 * Values that are binary XML themselves are run where they stand, on a stack of frames. A template
 * may use a value any number of times; the number of steps bounds what that can cost. */
#include "decode/decode_evtx.h"

#include "base/utf.h"

#include <assert.h>

/* What is being filled. */
struct run {
    struct evtx_worker *worker;
    struct hn_event *event;
    uint32_t depth;
    enum hn_status status;
};

bool evtx_instance_read(struct hn_reader *r, struct evtx_instance *ret_instance)
{
    struct evtx_instance instance;
    size_t sum = 0;

    hn_reader_skip(r, 1); /* version */
    instance.template_id = hn_reader_u32(r);
    instance.definition = hn_reader_u32(r);
    if (hn_reader_ok(r) && instance.definition == hn_reader_offset(r)) {
        uint32_t len; /* the definition itself, where the chunk uses it for the first time */

        hn_reader_skip(r, EVTX_DEFINITION_HEADER_BYTES - 4);
        len = hn_reader_u32(r);
        hn_reader_skip(r, len);
    }
    instance.count = hn_reader_u32(r);
    if (!hn_reader_ok(r) || instance.count > hn_reader_left(r) / 4)
        return false;
    instance.descriptors = hn_reader_take(r, (size_t)instance.count * 4).ptr;
    for (uint32_t i = 0; i < instance.count; i++)
        sum += hn_load_u16(instance.descriptors + (size_t)i * 4);
    instance.values = r->next;
    instance.whole = sum <= hn_reader_left(r);
    instance.values_len = instance.whole ? sum : hn_reader_left(r);
    hn_reader_skip(r, instance.values_len);
    *ret_instance = instance;
    return true;
}

/* The record itself is damaged when its own fragment is, not when one inside a value is. */
static void damaged(struct run *run)
{
    evtx_note(run->worker, HN_FINDING_DAMAGED_RECORD);
    if (run->depth == 0)
        run->worker->broken = true;
}

/* ---- Frames ---- */

/* A frame that runs program over the instance's values (NULL: there are none). */
static void push(
        struct run *run, const struct evtx_program *program, const struct evtx_instance *instance)
{
    struct evtx_worker *worker = run->worker;
    struct evtx_frame *frame;
    uint32_t offset = 0;

    if (run->depth == EVTX_FRAGMENTS_MAX) {
        evtx_note(worker, HN_FINDING_TOO_DEEP);
        return;
    }
    worker->findings |= program->findings;
    if (program->findings != 0 || (instance != NULL && !instance->whole))
        damaged(run);
    frame = &worker->frames[run->depth++];
    memset(frame, 0, sizeof *frame);
    frame->program = program;
    frame->offset_first = (uint32_t)worker->offsets.count;
    if (instance == NULL)
        return;
    frame->count = instance->count;
    frame->descriptors = instance->descriptors;
    frame->values = instance->values;
    frame->values_len = instance->values_len;
    for (uint32_t i = 0; i < instance->count; i++) {
        uint32_t *slot = hn_vec_add(&worker->offsets);

        if (slot == NULL) {
            run->status = HN_NOMEM;
            return;
        }
        *slot = offset;
        offset += hn_load_u16(instance->descriptors + (size_t)i * 4);
    }
}

static void pop(struct run *run)
{
    struct evtx_worker *worker = run->worker;

    worker->offsets.count = worker->frames[--run->depth].offset_first;
}

/* What a step over so many bytes costs; false when the record has had its share. */
HN_INLINE bool charge(struct run *run, size_t len)
{
    struct evtx_worker *worker = run->worker;

    worker->steps += 1 + (uint32_t)(len / EVTX_STEP_BYTES);
    if (HN_LIKELY(worker->steps <= EVTX_STEPS_MAX))
        return true;
    evtx_note(worker, HN_FINDING_TOO_LONG);
    return false;
}

struct typed {
    uint8_t type;
    struct hn_bytes bytes; /* len 0: empty */
};

/* A string that is nothing but the NULs that end it. */
static bool only_nul(struct hn_bytes bytes)
{
    return memcmp(bytes.ptr, bytes.ptr + 1, bytes.len - 1) == 0;
}

HN_INLINE struct typed value_at(
        const struct evtx_worker *worker, const struct evtx_frame *frame, uint32_t index)
{
    struct typed value = { EVTX_NULL, { NULL, 0 } };
    const uint8_t *descriptor;
    size_t offset;
    size_t len;

    if (index >= frame->count)
        return value;
    descriptor = frame->descriptors + (size_t)index * 4;
    offset = worker->offsets.ptr[frame->offset_first + index];
    if (offset >= frame->values_len)
        return value;
    len = hn_load_u16(descriptor);
    if (len > frame->values_len - offset)
        len = frame->values_len - offset;
    value.type = descriptor[2];
    value.bytes = hn_bytes_of(frame->values + offset, len);
    if (value.type == EVTX_NULL) /* a value was removed, its bytes were not */
        value.bytes.len = 0;
    if (value.type == EVTX_STRING && len >= 2 && value.bytes.ptr[0] == 0 && only_nul(value.bytes))
        value.bytes.len = 0;
    return value;
}

/* ---- Values ---- */

HN_INLINE void keep(struct run *run, hn_field field, struct hn_text name, struct hn_value *value)
{
    struct hn_event *event = run->event;

    if (event->want_all)
        hn_event_name(event, name, value);
    if (field != HN_FIELD_NONE)
        hn_event_link(event, field, value);
}

static void add_text(struct run *run, hn_field field, struct hn_text name, struct hn_text text)
{
    struct hn_value *value = hn_event_value(run->event);

    if (value == NULL)
        return;
    value->type = HN_TYPE_STRING;
    value->form = HN_FORM_TEXT;
    value->ptr = text.ptr;
    value->len = (uint32_t)text.len;
    if (text.ptr == NULL) {
        value->type = HN_TYPE_NULL;
        value->ptr = "";
    }
    keep(run, field, name, value);
}

HN_INLINE void add_typed(struct run *run, hn_field field, struct hn_text name, struct typed typed)
{
    struct hn_value *value;

    if (!charge(run, typed.bytes.len))
        return;
    value = hn_event_value(run->event);
    if (value == NULL)
        return;
    if (!evtx_value(run->event, typed.type, typed.bytes, value))
        evtx_note(run->worker, HN_FINDING_DAMAGED_RECORD);
    keep(run, field, name, value);
}

static void add_array(struct run *run, hn_field field, struct hn_text name, struct typed typed)
{
    uint8_t type = typed.type & (uint8_t) ~(unsigned)EVTX_ARRAY;
    struct hn_bytes rest = typed.bytes;
    struct hn_bytes item;

    while (evtx_array_next(type, &rest, &item)) {
        if (!charge(run, 0))
            return;
        if (item.len == 0)
            add_text(run, field, name, HN_TEXT(""));
        else
            add_typed(run, field, name, (struct typed){ type, item });
    }
    if (rest.len > 0)
        evtx_note(run->worker, HN_FINDING_DAMAGED_RECORD);
}

static void add_empty(
        struct run *run, const struct evtx_op *op, hn_field field, struct hn_text name)
{
    if (op->empty == EVTX_EMPTY_NULL)
        add_text(run, field, name, (struct hn_text){ NULL, 0 });
    else if (op->empty == EVTX_EMPTY_TEXT)
        add_text(run, field, name, HN_TEXT(""));
}

HN_INLINE void add_value(struct run *run, const struct evtx_op *op, hn_field field,
        struct hn_text name, struct typed typed)
{
    if (typed.bytes.len == 0)
        add_empty(run, op, field, name);
    else if ((typed.type & EVTX_ARRAY) != 0)
        add_array(run, field, name, typed);
    else
        add_typed(run, field, name, typed);
}

/* ---- Text of several parts ---- */

/* A value's text, in the scratch. */
static struct hn_text text_of(struct run *run, struct typed typed)
{
    struct hn_event *event = run->event;
    struct hn_value *value;
    struct hn_text text;

    if (typed.bytes.len == 0 || !charge(run, typed.bytes.len))
        return HN_TEXT("");
    if ((typed.type & EVTX_ARRAY) != 0) /* never seen; its bytes are evidence all the same */
        typed.type = EVTX_BINARY;
    value = hn_event_value(event); /* borrowed: given back below */
    if (value == NULL)
        return HN_TEXT("");
    if (!evtx_value(event, typed.type, typed.bytes, value))
        evtx_note(run->worker, HN_FINDING_DAMAGED_RECORD);
    text = hn_event_text(event, (uint32_t)(value - event->values));
    event->value_count--;
    return text;
}

static struct hn_text part_text(
        struct run *run, const struct evtx_frame *frame, const struct evtx_part *part)
{
    if (!part->is_value)
        return part->text;
    return text_of(run, value_at(run->worker, frame, part->index));
}

/* The parts joined, in the scratch; prefix and a dot before them when there is a prefix. */
static struct hn_text join(struct run *run, const struct evtx_frame *frame,
        const struct evtx_part *parts, uint32_t count, struct hn_text prefix)
{
    size_t room = prefix.len + 1;
    size_t len = 0;
    char *out;

    for (uint32_t i = 0; i < count; i++)
        room += part_text(run, frame, &parts[i]).len;
    out = hn_event_room(run->event, room);
    if (out == NULL) {
        run->event->values_dropped++;
        return HN_TEXT("");
    }
    if (prefix.len > 0) {
        memcpy(out, prefix.ptr, prefix.len);
        out[prefix.len] = '.';
        len = prefix.len + 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct hn_text text = part_text(run, frame, &parts[i]);

        if (text.len > room - len) /* a step limit between the two rounds */
            break;
        memcpy(out + len, text.ptr, text.len);
        len += text.len;
    }
    return hn_text_of(out, len);
}

/* ---- Steps ---- */

/* What binary XML lacks is a finding; only missing memory ends the work. */
static void got(struct run *run, enum hn_status status)
{
    if (status == HN_NOMEM)
        run->status = status;
    else if (status == HN_LIMIT)
        evtx_note(run->worker, HN_FINDING_TOO_LONG);
    else if (status != HN_OK)
        damaged(run);
}

/* For an instance whose template is lost: the names are lost, the values are not. Each becomes
 * "Data", and what is inside may still be known. */
static struct evtx_program *nameless(struct run *run, const struct evtx_instance *instance)
{
    struct hn_arena *arena = &run->worker->passing;
    struct evtx_program *program = hn_new(arena, struct evtx_program, 1);
    struct evtx_op *ops = hn_new(arena, struct evtx_op, instance->count);

    if (program == NULL || ops == NULL) {
        got(run, hn_arena_status(arena));
        return NULL;
    }
    for (uint32_t i = 0; i < instance->count && i <= UINT16_MAX; i++) {
        struct evtx_op *op = &ops[program->op_count++];

        op->kind = EVTX_OP_FRAGMENT; /* or a value, as its type says */
        op->zone = WIN_ZONE_EVENT;
        op->index = (uint16_t)i;
        op->name = HN_TEXT("Data");
        op->field = win_names_field(run->event->schema, op->name);
    }
    program->ops = ops;
    return program;
}

/* What a record's own header says, when the record does not. */
static void add_header(struct run *run)
{
    const uint8_t *header = run->event->raw.ptr;
    struct hn_value value = { .type = HN_TYPE_STRING, .form = HN_FORM_FILETIME };

    value.number.u = hn_load_u64(header + 16);
    hn_event_add(run->event, HN_TEXT("TimeCreated"), &value);
    hn_event_add_u64(run->event, HN_TEXT("EventRecordID"), hn_load_u64(header + 8));
}

static void run_instance(struct run *run, const struct evtx_instance *instance, enum win_zone zone,
        struct hn_text prefix)
{
    const struct evtx_program *program = NULL;

    got(run, evtx_program_of(run->worker, run->event, instance, zone, prefix, &program));
    if (program == NULL && run->status == HN_OK) {
        if (run->depth == 0)
            add_header(run);
        program = nameless(run, instance);
    }
    if (program != NULL)
        push(run, program, instance);
}

/* Binary XML at a place: usually one template instance, else any elements. */
static void enter_fragment(
        struct run *run, struct hn_bytes bytes, enum win_zone zone, struct hn_text prefix)
{
    struct evtx_worker *worker = run->worker;
    uint32_t start = (uint32_t)(bytes.ptr - worker->chunk.ptr);
    uint32_t end = start + (uint32_t)bytes.len;
    struct hn_reader r = hn_reader_over(hn_bytes_of(worker->chunk.ptr, end));
    struct evtx_program *passing = NULL;
    struct evtx_instance instance;

    hn_reader_seek(&r, start);
    if (hn_reader_left(&r) >= 4 && *r.next == EVTX_TOKEN_FRAGMENT)
        hn_reader_skip(&r, 4);
    if (hn_reader_left(&r) > 0 && *r.next == EVTX_TOKEN_INSTANCE) {
        hn_reader_skip(&r, 1);
        if (evtx_instance_read(&r, &instance) &&
                (hn_reader_left(&r) == 0 || *r.next == EVTX_TOKEN_EOF)) {
            run_instance(run, &instance, zone, prefix);
            return;
        }
    }
    got(run, evtx_compile(
                     &(struct evtx_source){
                             .start = start, .end = end, .zone = zone, .prefix = prefix },
                     &worker->passing, run->event, worker, &passing));
    if (passing != NULL)
        push(run, passing, NULL);
}

static void enter_instance(struct run *run, const struct evtx_op *op)
{
    struct evtx_worker *worker = run->worker;
    struct hn_bytes bytes = hn_text_as_bytes(op->text);
    size_t start = (size_t)(bytes.ptr - worker->chunk.ptr);
    struct hn_reader r = hn_reader_over(hn_bytes_of(worker->chunk.ptr, start + bytes.len));
    struct evtx_instance instance;

    hn_reader_seek(&r, start + 1);
    if (evtx_instance_read(&r, &instance)) {
        struct hn_text prefix = hn_text_sub(op->name, 0, op->prefix_len);

        run_instance(run, &instance, (enum win_zone)op->zone, prefix);
    } else {
        evtx_note(worker, HN_FINDING_DAMAGED_RECORD);
    }
}

static void take_time(struct run *run, struct typed typed)
{
    if (typed.type == EVTX_FILETIME && typed.bytes.len == 8) {
        run->event->time = hn_time_from_filetime(hn_load_u64(typed.bytes.ptr));
    } else if (typed.bytes.len > 0) {
        static const struct hn_time_defaults defaults = { 0 };

        run->event->time = hn_time_parse(text_of(run, typed), &defaults);
    }
}

/* Operations other than a plain value under a known name. */
static void run_rare(struct run *run, const struct evtx_frame *frame, const struct evtx_op *op)
{
    const struct evtx_part *parts = frame->program->parts;
    hn_field field = op->field;
    struct hn_text name = op->name;

    if (op->name_part_count > 0) {
        name = join(run, frame, parts + op->name_part_first, op->name_part_count, op->name);
        field = win_names_field(run->event->schema, name);
        if (field == HN_FIELD_NONE && !run->event->want_all)
            return;
    }
    if (op->kind == EVTX_OP_VALUE) {
        add_value(run, op, field, name, value_at(run->worker, frame, op->index));
    } else if (op->kind == EVTX_OP_TEXT && op->is_utf16 && op->text.len > 0) {
        add_typed(run, field, name, (struct typed){ EVTX_STRING, hn_text_as_bytes(op->text) });
    } else if (op->kind == EVTX_OP_TEXT) {
        add_text(run, field, name, op->text);
    } else {
        add_text(run, field, name,
                join(run, frame, parts + op->part_first, op->part_count, HN_TEXT("")));
    }
}

static void run_time(struct run *run, const struct evtx_frame *frame, const struct evtx_op *op)
{
    static const struct hn_time_defaults defaults = { 0 };

    if (op->kind == EVTX_OP_VALUE)
        take_time(run, value_at(run->worker, frame, op->index));
    else if (op->kind == EVTX_OP_TEXT && op->is_utf16)
        take_time(run, (struct typed){ EVTX_STRING, hn_text_as_bytes(op->text) });
    else if (op->kind == EVTX_OP_TEXT && op->text.ptr != NULL)
        run->event->time = hn_time_parse(op->text, &defaults);
}

static void run_op(struct run *run, const struct evtx_frame *frame, const struct evtx_op *op)
{
    struct typed typed;

    if (op->is_time) {
        run_time(run, frame, op);
        if (op->field == HN_FIELD_NONE && !run->event->want_all)
            return;
    }
    switch ((enum evtx_op_kind)op->kind) {
    case EVTX_OP_VALUE:
        if (HN_LIKELY(op->name_part_count == 0))
            add_value(run, op, op->field, op->name, value_at(run->worker, frame, op->index));
        else
            run_rare(run, frame, op);
        break;
    case EVTX_OP_FRAGMENT:
        typed = value_at(run->worker, frame, op->index);
        if (typed.type == EVTX_XML && typed.bytes.len > 0) {
            struct hn_text prefix = hn_text_sub(op->name, 0, op->prefix_len);

            enter_fragment(run, typed.bytes, (enum win_zone)op->zone, prefix);
        } else if (op->field != HN_FIELD_NONE || run->event->want_all) {
            add_value(run, op, op->field, op->name, typed);
        }
        break;
    case EVTX_OP_INSTANCE:
        enter_instance(run, op);
        break;
    case EVTX_OP_TEXT:
    case EVTX_OP_PARTS:
        run_rare(run, frame, op);
        break;
    }
}

enum hn_status evtx_record_decode(
        struct evtx_worker *worker, struct hn_event *event, uint32_t start, uint32_t end)
{
    struct run run = { .worker = worker, .event = event };

    assert(start <= end && end <= worker->chunk.len);
    worker->findings = 0;
    worker->broken = false;
    worker->steps = 0;
    hn_vec_reset(&worker->offsets);
    evtx_worker_tidy(worker);
    enter_fragment(
            &run, hn_bytes_of(worker->chunk.ptr + start, end - start), WIN_ZONE_TOP, HN_TEXT(""));
    if (run.status == HN_OK && run.depth == 0)
        return HN_CORRUPT;
    while (run.status == HN_OK && run.depth > 0) {
        struct evtx_frame *frame = &worker->frames[run.depth - 1];

        if (frame->op == frame->program->op_count) {
            pop(&run);
            continue;
        }
        if (!charge(&run, 0))
            break;
        run_op(&run, frame, &frame->program->ops[frame->op++]);
    }
    return run.status;
}
