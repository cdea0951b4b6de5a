/* decode_evtx_cache.c - the worker, and the programs it remembers.
 *
 * The same templates come again in every chunk, each time at other offsets and with other parts of
 * them written out. What makes two definitions the same is their canonical form: the tokens with
 * names in place of references to names. It is compared whole, not by a digest or the template's
 * GUID: one log must not be able to say how another one is read. */
#include "decode/decode_evtx.h"

#include "base/mem.h"

#define PASSING_BYTES_MAX ((size_t)4 << 20)
#define NAMES_BYTES_MAX   ((size_t)4 << 20)
#define KEY_BYTES_MAX     ((size_t)1 << 20)

_Static_assert(EVTX_SLOTS == 256, "evtx_program_of() takes a slot by eight bits");

static void worker_free(void *state)
{
    struct evtx_worker *worker = state;

    hn_arena_deinit(&worker->programs);
    hn_arena_deinit(&worker->passing);
    hn_arena_deinit(&worker->names_seen);
    hn_map_deinit(&worker->known);
    hn_vec_deinit(&worker->known_programs);
    hn_buf_deinit(&worker->key);
    hn_vec_deinit(&worker->offsets);
    hn_vec_deinit(&worker->ops);
    hn_vec_deinit(&worker->parts);
    hn_free(worker);
}

struct evtx_worker *evtx_worker_of(struct hn_event *event)
{
    struct evtx_worker *worker;

    if (event->decoder_state_free == worker_free)
        return event->decoder_state;
    worker = hn_calloc(1, sizeof *worker);
    if (worker == NULL)
        return NULL;
    hn_arena_init(&worker->programs, EVTX_CACHE_BYTES);
    hn_arena_init(&worker->passing, PASSING_BYTES_MAX);
    hn_arena_init(&worker->names_seen, NAMES_BYTES_MAX);
    hn_buf_init(&worker->key, KEY_BYTES_MAX);
    hn_event_keep(event, worker, worker_free);
    return worker;
}

static void forget_chunk(struct evtx_worker *worker)
{
    if (worker->names_seen.used_bytes > 0)
        hn_arena_reset(&worker->names_seen);
    worker->generation++;
    if (worker->generation == 0) { /* after 2^32 chunks an old slot could look new */
        memset(worker->slots, 0, sizeof worker->slots);
        memset(worker->name_slots, 0, sizeof worker->name_slots);
        worker->generation = 1;
    }
}

void evtx_worker_turn(struct evtx_worker *worker, struct hn_bytes chunk)
{
    worker->chunk = chunk;
    worker->id_count = 0;
    forget_chunk(worker);
}

void evtx_worker_tidy(struct evtx_worker *worker)
{
    if (worker->passing.used_bytes > 0)
        hn_arena_reset(&worker->passing);
    if (worker->full) {
        hn_arena_reset(&worker->programs);
        hn_map_deinit(&worker->known);
        hn_vec_reset(&worker->known_programs);
        forget_chunk(worker);
        worker->full = false;
    }
}

/* ---- Canonical form ---- */

static bool key_name(struct evtx_worker *worker, struct hn_reader *r)
{
    struct hn_bytes utf16;
    uint8_t len[2];

    if (!evtx_name_next(r, worker->chunk, &utf16))
        return false;
    len[0] = (uint8_t)(utf16.len / 2 & 0xFF);
    len[1] = (uint8_t)(utf16.len / 2 >> 8);
    hn_buf_add(&worker->key, len, 2);
    hn_buf_add(&worker->key, utf16.ptr, utf16.len);
    return true;
}

static void key_bytes(struct evtx_worker *worker, struct hn_reader *r, size_t len)
{
    struct hn_bytes bytes = hn_reader_take(r, len);

    hn_buf_add(&worker->key, bytes.ptr, bytes.len);
}

static bool key_string(struct evtx_worker *worker, struct hn_reader *r)
{
    size_t left = hn_reader_left(r);

    if (left < 2)
        return false;
    key_bytes(worker, r, 2 + (size_t)hn_load_u16(r->next) * 2);
    return hn_reader_ok(r);
}

/* One token. False at what the compiler would not accept either. */
static bool key_token(struct evtx_worker *worker, struct hn_reader *r, uint8_t token)
{
    switch (token & ~(unsigned)EVTX_TOKEN_MORE) {
    case EVTX_TOKEN_OPEN_ELEMENT: /* element; dependency and size say nothing new */
        hn_reader_skip(r, 6);
        if (!key_name(worker, r))
            return false;
        if ((token & EVTX_TOKEN_MORE) != 0)
            hn_reader_skip(r, 4);
        return hn_reader_ok(r);
    case EVTX_TOKEN_CLOSE_START:
    case EVTX_TOKEN_CLOSE_EMPTY:
    case EVTX_TOKEN_END_ELEMENT:
        return true;
    case EVTX_TOKEN_VALUE:
        key_bytes(worker, r, 1);
        return key_string(worker, r);
    case EVTX_TOKEN_ATTRIBUTE:
    case EVTX_TOKEN_ENTITY_REF:
    case EVTX_TOKEN_PI_TARGET:
        return key_name(worker, r);
    case EVTX_TOKEN_CDATA:
    case EVTX_TOKEN_PI_DATA:
        return key_string(worker, r);
    case EVTX_TOKEN_CHAR_REF:
        key_bytes(worker, r, 2);
        return hn_reader_ok(r);
    case EVTX_TOKEN_SUBSTITUTION:
    case EVTX_TOKEN_OPTIONAL:
    case EVTX_TOKEN_FRAGMENT:
        key_bytes(worker, r, 3);
        return hn_reader_ok(r);
    default:
        return false;
    }
}

/* Writes worker->key: place, then canonical form. False when the definition has none. */
static bool write_key(struct evtx_worker *worker, const struct evtx_source *source)
{
    struct hn_reader r = hn_reader_over(hn_bytes_of(worker->chunk.ptr, source->end));
    uint8_t place[3] = { (uint8_t)source->zone, (uint8_t)(source->prefix.len & 0xFF),
        (uint8_t)(source->prefix.len >> 8) };

    hn_buf_reset(&worker->key);
    hn_buf_add(&worker->key, place, sizeof place);
    hn_buf_add_text(&worker->key, source->prefix);
    hn_reader_seek(&r, source->start);
    while (hn_reader_left(&r) > 0) {
        uint8_t token = hn_reader_u8(&r);

        hn_buf_add(&worker->key, &token, 1);
        if (token == EVTX_TOKEN_EOF)
            break;
        if (!key_token(worker, &r, token))
            return false;
    }
    return hn_buf_ok(&worker->key);
}

/* ---- Programs ---- */

/* The canonical form in worker->key becomes the name of program. Failing only costs time later. */
static void remember(struct evtx_worker *worker, const struct evtx_program *program)
{
    struct hn_text key = hn_arena_text(&worker->programs, hn_buf_text(&worker->key));
    struct evtx_known *slot;
    uint32_t index = (uint32_t)worker->known_programs.count;
    uint32_t now;

    if (key.ptr == NULL)
        return;
    slot = hn_vec_add(&worker->known_programs);
    if (slot == NULL)
        return;
    slot->program = program;
    if (!hn_map_put(&worker->known, key, index, &now))
        worker->known_programs.count--;
}

static enum hn_status find_or_compile(struct evtx_worker *worker, const struct hn_event *event,
        const struct evtx_source *source, const struct evtx_program **ret_program)
{
    bool has_key = write_key(worker, source);
    struct evtx_program *program = NULL;
    enum hn_status status;

    if (has_key) {
        uint32_t index = hn_map_find(&worker->known, hn_buf_text(&worker->key));

        if (index != HN_MAP_NONE) {
            *ret_program = worker->known_programs.ptr[index].program;
            return HN_OK;
        }
    }
    status = evtx_compile(source, &worker->programs, event, worker, &program);
    if (status ==
            HN_LIMIT) { /* what is there may still be in use: make room before the next record */
        worker->full = true;
        status = evtx_compile(source, &worker->passing, event, worker, &program);
    } else if (status == HN_OK && has_key) {
        remember(worker, program);
    }
    if (status == HN_OK)
        *ret_program = program;
    return status;
}

static bool find_definition(const struct evtx_worker *worker, const struct evtx_instance *instance,
        struct evtx_source *source)
{
    struct hn_bytes chunk = worker->chunk;
    const uint8_t *header;
    uint32_t len;

    if (instance->definition < EVTX_CHUNK_HEADER_BYTES || instance->definition > chunk.len ||
            chunk.len - instance->definition < EVTX_DEFINITION_HEADER_BYTES)
        return false;
    header = chunk.ptr + instance->definition;
    if (hn_load_u32(header + 4) != instance->template_id) /* the GUID's first part */
        return false;
    source->start = instance->definition + EVTX_DEFINITION_HEADER_BYTES;
    len = hn_load_u32(header + 20);
    if (len > chunk.len - source->start)
        len = (uint32_t)(chunk.len - source->start);
    source->end = source->start + len;
    return true;
}

enum hn_status evtx_program_of(struct evtx_worker *worker, const struct hn_event *event,
        const struct evtx_instance *instance, enum win_zone zone, struct hn_text prefix,
        const struct evtx_program **ret_program)
{
    struct evtx_source source = { .is_template = true, .zone = zone, .prefix = prefix };
    struct evtx_slot *slot = &worker->slots[instance->definition * 0x9E3779B1u >> 24];
    const struct evtx_program *program = NULL;
    enum hn_status status = HN_CORRUPT;

    if (HN_LIKELY(slot->generation == worker->generation &&
                  slot->definition == instance->definition &&
                  slot->template_id == instance->template_id && slot->zone == (uint32_t)zone &&
                  prefix.len == 0)) {
        *ret_program = slot->program;
        return slot->program != NULL ? HN_OK : HN_CORRUPT;
    }
    if (find_definition(worker, instance, &source))
        status = find_or_compile(worker, event, &source, &program);
    if ((status == HN_OK || status == HN_CORRUPT) && !worker->full && prefix.len == 0) {
        slot->generation = worker->generation;
        slot->definition = instance->definition;
        slot->template_id = instance->template_id;
        slot->zone = (uint32_t)zone;
        slot->program = program;
    }
    *ret_program = program;
    return status;
}
