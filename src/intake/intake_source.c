/* intake_source.c - who sends: quotas, shares, counters, and how far each stream was read. */
#include "intake/intake_internal.h"

#include "base/mem.h"

#include <string.h>

/* ---- Finding ---- */

static char *copy(struct hn_text text)
{
    char *bytes = hn_malloc(text.len);

    if (bytes != NULL && text.len > 0)
        memcpy(bytes, text.ptr, text.len);
    return bytes;
}

enum hn_status intake_source_find(
        struct intake *intake, struct hn_text name, uint32_t *ret_index, struct hn_err *err)
{
    uint32_t index = hn_map_find(&intake->source_map, name);
    struct intake_source *source;
    char *own;

    if (index != HN_MAP_NONE) {
        *ret_index = index;
        return HN_OK;
    }
    if (intake->sources.count >= INTAKE_SOURCES_MAX || name.len > INTAKE_NAME_MAX)
        return hn_fail(err, HN_LIMIT, 0, "too many sources, or a name that is too long");
    own = copy(name);
    source = own == NULL ? NULL : hn_vec_add(&intake->sources);
    if (source == NULL || !hn_map_put(&intake->source_map, hn_text_of(own, name.len),
                                  (uint32_t)intake->sources.count - 1, &index)) {
        if (source != NULL)
            intake->sources.count--;
        hn_free(own);
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    }
    source->name = own;
    source->name_len = name.len;
    source->filled = intake->clock();
    *ret_index = index;
    return HN_OK;
}

/* With the length of the source, so that no two pairs have the same key. */
static void stream_key(struct hn_text source, struct hn_text stream, struct hn_buf *out)
{
    hn_buf_add_u64(out, source.len);
    hn_buf_add_char(out, ':');
    hn_buf_add_text(out, source);
    hn_buf_add_text(out, stream);
}

/* The key is the stream's on success. */
static enum hn_status stream_add(
        struct intake *intake, char *key, size_t key_len, uint32_t *ret_index, struct hn_err *err)
{
    struct intake_stream *added;

    if (intake->streams.count >= INTAKE_STREAMS_MAX)
        return hn_fail(err, HN_LIMIT, 0, "too many streams with a position");
    added = hn_vec_add(&intake->streams);
    if (added == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    if (!hn_map_put(&intake->stream_map, hn_text_of(key, key_len),
                (uint32_t)intake->streams.count - 1, ret_index)) {
        intake->streams.count--;
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    }
    added->key = key;
    added->key_len = key_len;
    return HN_OK;
}

enum hn_status intake_stream_find_key(
        struct intake *intake, struct hn_text key, uint32_t *ret_index, struct hn_err *err)
{
    enum hn_status status;
    char *own;

    *ret_index = hn_map_find(&intake->stream_map, key);
    if (*ret_index != HN_MAP_NONE)
        return HN_OK;
    own = copy(key);
    if (own == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    status = stream_add(intake, own, key.len, ret_index, err);
    if (status != HN_OK)
        hn_free(own);
    return status;
}

enum hn_status intake_stream_find(struct intake *intake, struct hn_text source,
        struct hn_text stream, uint32_t *ret_index, struct hn_err *err)
{
    struct hn_buf key = { 0 };
    enum hn_status status;

    stream_key(source, stream, &key);
    status = hn_buf_ok(&key) ? intake_stream_find_key(intake, hn_buf_text(&key), ret_index, err)
                             : hn_fail(err, key.status, 0, "the name of a stream cannot be kept");
    hn_buf_deinit(&key);
    return status;
}

void intake_streams_deinit(struct intake *intake)
{
    for (size_t i = 0; i < intake->streams.count; i++) {
        hn_free(intake->streams.ptr[i].key);
        hn_free(intake->streams.ptr[i].position);
    }
    hn_vec_deinit(&intake->streams);
    hn_map_deinit(&intake->stream_map);
}

bool intake_position_copy(struct intake *intake, uint32_t stream, struct hn_text position)
{
    struct intake_stream *known = &intake->streams.ptr[stream];
    char *bytes = copy(position);

    if (bytes == NULL)
        return false;
    hn_free(known->position);
    known->position = bytes;
    known->position_len = position.len;
    return true;
}

/* ---- Quota and share ---- */

static void refill(struct intake_source *source, hn_time now)
{
    uint64_t rate = source->limits.bytes_per_second;
    uint64_t elapsed = now > source->filled ? (uint64_t)(now - source->filled) : 0;
    uint64_t missing = (uint64_t)((int64_t)rate - source->tokens);

    source->filled = now;
    /* By parts, so that nothing overflows: whole seconds, then the rest. */
    if (elapsed / HN_SECOND > missing / rate) {
        source->tokens = (int64_t)rate;
        return;
    }
    elapsed = elapsed / HN_SECOND * rate +
              (uint64_t)((double)(elapsed % HN_SECOND) * (double)rate / (double)HN_SECOND);
    source->tokens += (int64_t)(elapsed < missing ? elapsed : missing);
}

static uint32_t milliseconds_until(const struct intake_source *source, int64_t want)
{
    double seconds = (double)(want - source->tokens) / (double)source->limits.bytes_per_second;

    return seconds > 3600 ? 3600000u : (uint32_t)(seconds * 1000) + 1;
}

/* A source may have as much pending as its limit says, and no more than is still free beyond a
 * reserve: so that with several noisy ones there is room for those that have nothing pending, which
 * the reserve is for. One batch may always be on its way, however large. */
static bool has_share(const struct intake *intake, const struct intake_source *source, size_t bytes)
{
    uint64_t max = intake->pending_bytes_max;
    uint64_t reserve = max / 8;
    uint64_t free = intake->pending_bytes < max ? max - intake->pending_bytes : 0;
    uint64_t share = source->limits.pending_bytes_max;
    uint64_t wanted = source->pending_bytes + bytes;

    if (share == 0)
        share = max / 8;
    if (intake->pending_bytes == 0)
        return true;
    if (source->pending_bytes == 0)
        return bytes <= free;
    return wanted <= share && free > reserve && wanted <= free - reserve;
}

enum hn_status intake_source_admit(struct intake *intake, uint32_t index, size_t bytes,
        uint32_t *ret_retry_ms, struct hn_err *err)
{
    struct intake_source *source = &intake->sources.ptr[index];
    uint64_t rate = source->limits.bytes_per_second;

    if (rate > 0) {
        int64_t want = bytes < rate ? (int64_t)bytes : (int64_t)rate;

        refill(source, intake->clock());
        if (source->tokens < want) {
            source->counters.over_quota++;
            *ret_retry_ms = milliseconds_until(source, want);
            return hn_fail(err, HN_LIMIT, 0, "the source is over its quota");
        }
    }
    if (!has_share(intake, source, bytes)) {
        source->counters.overload++;
        *ret_retry_ms = INTAKE_RETRY_BUSY_MS;
        return hn_fail(err, HN_LIMIT, 0, "too much of the source is waiting to become durable");
    }
    if (rate > 0)
        source->tokens -= (int64_t)bytes;
    source->pending_bytes += bytes;
    intake->pending_bytes += bytes;
    intake->pending_count++;
    return HN_OK;
}

void intake_source_settle(struct intake *intake, uint32_t index, size_t bytes, bool taken)
{
    struct intake_source *source = &intake->sources.ptr[index];

    source->pending_bytes -= bytes;
    intake->pending_bytes -= bytes;
    intake->pending_count--;
    if (!taken && source->limits.bytes_per_second > 0)
        source->tokens += (int64_t)bytes;
    if (intake->pending_count == 0)
        (void)pthread_cond_broadcast(&intake->idle);
}

/* ---- What others ask and set ---- */

enum hn_status intake_source(
        struct intake *intake, struct hn_text name, const struct intake_source_limits *limits)
{
    enum hn_status status;
    uint32_t index = 0;

    (void)pthread_mutex_lock(&intake->lock);
    status = intake_source_find(intake, name, &index, NULL);
    if (status == HN_OK) {
        struct intake_source *source = &intake->sources.ptr[index];

        source->limits = *limits;
        if (source->limits.bytes_per_second > INT64_MAX / 2)
            source->limits.bytes_per_second = 0; /* no difference, and sums stay in range */
        source->tokens = (int64_t)source->limits.bytes_per_second;
        source->filled = intake->clock();
    }
    (void)pthread_mutex_unlock(&intake->lock);
    return status;
}

bool intake_position(
        struct intake *intake, struct hn_text source, struct hn_text stream, struct hn_buf *out)
{
    struct hn_buf key = { 0 };
    uint32_t index = HN_MAP_NONE;
    bool known;

    stream_key(source, stream, &key);
    (void)pthread_mutex_lock(&intake->lock);
    if (hn_buf_ok(&key))
        index = hn_map_find(&intake->stream_map, hn_buf_text(&key));
    known = index != HN_MAP_NONE && intake->streams.ptr[index].position != NULL;
    if (known)
        hn_buf_add(
                out, intake->streams.ptr[index].position, intake->streams.ptr[index].position_len);
    (void)pthread_mutex_unlock(&intake->lock);
    hn_buf_deinit(&key);
    return known;
}

struct intake_counters intake_counters(struct intake *intake, struct hn_text source)
{
    struct intake_counters counters = { 0 };
    uint32_t index = 0;

    (void)pthread_mutex_lock(&intake->lock);
    index = hn_map_find(&intake->source_map, source);
    if (index != HN_MAP_NONE)
        counters = intake->sources.ptr[index].counters;
    (void)pthread_mutex_unlock(&intake->lock);
    return counters;
}

void intake_count_lost(struct intake *intake, struct hn_text source, uint64_t datagrams)
{
    uint32_t index = 0;

    (void)pthread_mutex_lock(&intake->lock);
    if (intake_source_find(intake, source, &index, NULL) == HN_OK)
        intake->sources.ptr[index].counters.lost += datagrams;
    (void)pthread_mutex_unlock(&intake->lock);
}

void intake_each_source(struct intake *intake, intake_on_source *on_source, void *ctx)
{
    (void)pthread_mutex_lock(&intake->lock);
    for (size_t i = 0; i < intake->sources.count; i++) {
        const struct intake_source *source = &intake->sources.ptr[i];

        on_source(ctx, hn_text_of(source->name, source->name_len), &source->counters);
    }
    (void)pthread_mutex_unlock(&intake->lock);
}
