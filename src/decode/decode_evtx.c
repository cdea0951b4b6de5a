/* decode_evtx.c - Windows event logs (.evtx): recognition, the file header, cutting into chunks.
 *
 * A file is a header of 4 KiB and chunks of 64 KiB, each of which can be read on its own, so that
 * batches of them may run in parallel. A stream may as well start with a chunk. */
#include "decode/decode_evtx.h"

#include "base/crc32.h"
#include "base/mem.h"

#define FLAG_DIRTY 0x1u

static const char file_magic[8] = "ElfFile";

/* What a batch has to know of the stream around it. */
struct context {
    uint64_t id_before;  /* number of the last record in the chunk before, 0: not known */
    bool chunks_missing; /* the stream ends before the chunks that its header counts */
    uint32_t cell_count;
    uint32_t cell_len[EVTX_BATCH_CHUNKS];
    size_t before_len;
    uint8_t before[]; /* the chunk before, where it matters */
};

struct state {
    uint64_t id_last;
    uint32_t chunks_promised;
    uint32_t chunks_seen;
    size_t last_len;
    uint8_t last[EVTX_CHUNK_BYTES]; /* the last cell cut */
};

static bool is_file(struct hn_bytes bytes)
{
    return bytes.len >= sizeof file_magic && memcmp(bytes.ptr, file_magic, sizeof file_magic) == 0;
}

/* A log whose header is lost still has a chunk where the first one belongs. */
static bool has_header(struct hn_bytes head)
{
    return is_file(head) || (!evtx_is_chunk(head) && head.len > EVTX_FILE_HEADER_BYTES &&
                                    evtx_is_chunk(hn_bytes_of(head.ptr + EVTX_FILE_HEADER_BYTES,
                                            head.len - EVTX_FILE_HEADER_BYTES)));
}

static int evtx_probe(struct hn_bytes head, struct hn_text name)
{
    (void)name;
    return has_header(head) || evtx_is_chunk(head) ? PROBE_CERTAIN : PROBE_NO;
}

static enum hn_status evtx_open(struct decode_stream *stream, struct hn_err *err)
{
    stream->state = hn_calloc(1, sizeof(struct state));
    return stream->state == NULL ? hn_fail(err, HN_NOMEM, 0, "event log") : HN_OK;
}

static void evtx_close(struct decode_stream *stream)
{
    hn_free(stream->state);
}

/* ---- Cutting ---- */

/* Takes note of what the batches to come will want to know of this cell. */
static void see_cell(struct state *state, struct hn_bytes cell)
{
    uint64_t first;
    uint64_t last;

    state->id_last = 0;
    if (!evtx_is_chunk(cell) || cell.len < EVTX_CHUNK_HEADER_BYTES)
        return;
    state->chunks_seen++;
    first = hn_load_u64(cell.ptr + 24);
    last = hn_load_u64(cell.ptr + 32);
    if (first <= last && last - first < EVTX_RECORDS_MAX)
        state->id_last = last;
}

/* Bytes that the file header takes off the start of the stream. */
static size_t header_len(struct state *state, struct hn_bytes in)
{
    if (!has_header(in))
        return 0;
    if (in.len < EVTX_FILE_HEADER_BYTES)
        return in.len;
    if (is_file(in))
        state->chunks_promised = hn_load_u16(in.ptr + 42);
    return EVTX_FILE_HEADER_BYTES;
}

/* The context of a batch that starts with this cell. */
static struct context *context_new(const struct state *state, struct hn_bytes first_cell)
{
    size_t before_len = evtx_has_leftovers(first_cell) ? state->last_len : 0;
    struct context *context = hn_malloc(sizeof *context + before_len);

    if (context == NULL)
        return NULL;
    context->id_before = state->id_last;
    context->chunks_missing = false;
    context->cell_count = 0;
    context->before_len = before_len;
    memcpy(context->before, state->last, before_len);
    return context;
}

static size_t evtx_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct state *state = stream->state;
    struct context *context;
    struct hn_bytes cell;
    struct hn_bytes last = { NULL, 0 };
    size_t took = 0;

    if (stream->offset == 0) {
        if (in.len < EVTX_FILE_HEADER_BYTES + EVTX_CHUNK_HEADER_BYTES && !at_end)
            return 0;
        took = header_len(state, in);
    }
    cell = hn_bytes_of(in.ptr + took, in.len - took);
    if (cell.len > EVTX_CHUNK_BYTES)
        cell.len = EVTX_CHUNK_BYTES;
    context = context_new(state, cell);
    for (uint32_t i = 0; i < EVTX_BATCH_CHUNKS && took < in.len; i++) {
        cell.ptr = in.ptr + took;
        cell.len = evtx_cell_len(hn_bytes_of(cell.ptr, in.len - took), at_end);
        if (cell.len == 0)
            break;
        see_cell(state, cell);
        if (context != NULL)
            context->cell_len[context->cell_count++] = (uint32_t)cell.len;
        took += cell.len;
        last = cell;
    }
    if (took == 0 && !at_end) {
        hn_free(context);
        return 0;
    }
    if (last.len > 0) {
        memcpy(state->last, last.ptr, last.len);
        state->last_len = last.len;
    }
    if (context != NULL)
        context->chunks_missing =
                at_end && took == in.len && state->chunks_seen < state->chunks_promised;
    batch->context = context;
    return took;
}

static void evtx_release(struct decode_batch *batch)
{
    hn_free(batch->context);
}

/* ---- Running ---- */

static void check_header(const struct decode_batch *batch, const struct decode_sink *sink)
{
    const uint8_t *header = batch->bytes.ptr;

    if (batch->bytes.len < EVTX_FILE_HEADER_BYTES) {
        decode_report(sink, HN_FINDING_TRUNCATED, batch->bytes.len, 0);
        return;
    }
    if (!is_file(batch->bytes) || hn_load_u16(header + 40) != EVTX_FILE_HEADER_BYTES) {
        decode_report(sink, HN_FINDING_DAMAGED_HEADER, 0, 0);
        return;
    }
    if (hn_crc32(0, hn_bytes_of(header, 120)) != hn_load_u32(header + 124))
        decode_report(sink, HN_FINDING_CHECKSUM, 124, 0);
    if ((hn_load_u32(header + 120) & FLAG_DIRTY) != 0)
        decode_report(sink, HN_FINDING_DIRTY, 120, 0);
}

static enum hn_status evtx_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct context *context = batch->context;
    struct evtx_worker *worker = evtx_worker_of(event);
    struct evtx_cell cell = { 0 };
    enum hn_status status = HN_OK;
    size_t pos = 0;

    if (context == NULL || worker == NULL)
        return HN_NOMEM;
    if (batch->offset == 0 && has_header(batch->bytes)) {
        check_header(batch, sink);
        pos = EVTX_FILE_HEADER_BYTES;
    }
    cell.before = hn_bytes_of(context->before, context->before_len);
    cell.id_before = context->id_before;
    for (uint32_t i = 0; status == HN_OK && i < context->cell_count; i++) {
        cell.bytes = hn_bytes_of(batch->bytes.ptr + pos, context->cell_len[i]);
        cell.offset = batch->offset + pos;
        cell.in_batch = (uint32_t)pos;
        status = evtx_chunk_run(&cell, worker, event, sink, &cell.id_before);
        cell.before = cell.bytes;
        pos += cell.bytes.len;
    }
    if (context->chunks_missing)
        decode_report(sink, HN_FINDING_TRUNCATED, batch->offset + batch->bytes.len, 0);
    return status;
}

static enum hn_status evtx_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    struct evtx_worker *worker = evtx_worker_of(to);

    return worker == NULL ? HN_NOMEM : evtx_chunk_again(batch->bytes, from, worker, to);
}

const struct decode_format decode_format_evtx = {
    .name = HN_TEXT_INIT("evtx"),
    .title = HN_TEXT_INIT("Windows event log"),
    .traits = DECODE_BINARY,
    .probe = evtx_probe,
    .open = evtx_open,
    .close = evtx_close,
    .cut = evtx_cut,
    .release = evtx_release,
    .run = evtx_run,
    .again = evtx_again,
};
