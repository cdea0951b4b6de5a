/* wire.c - what goes to a worker and comes back: requests, and frames that are believed nothing. */
#include "analyze/worker.h"

#include "base/reader.h"

#include <string.h>

/* ---- Requests: from us, to a process of our own making ---- */

static void add_text(struct hn_buf *out, struct hn_text text)
{
    uint32_t len = (uint32_t)text.len;

    hn_buf_add(out, &len, sizeof len);
    hn_buf_add_text(out, text);
}

void worker_request_write(const struct worker_request *request, struct hn_buf *out)
{
    uint32_t keep = (uint32_t)request->keep;
    uint32_t format = (uint32_t)request->format;
    uint32_t count = (uint32_t)request->password_count;

    hn_buf_add(out, &request->limits, sizeof request->limits);
    hn_buf_add(out, &request->size, sizeof request->size);
    hn_buf_add(out, &keep, sizeof keep);
    hn_buf_add(out, &format, sizeof format);
    add_text(out, request->name);
    hn_buf_add(out, &count, sizeof count);
    for (size_t i = 0; i < request->password_count; i++)
        add_text(out, request->passwords[i]);
    count = (uint32_t)request->reply_count;
    hn_buf_add(out, &count, sizeof count);
    for (size_t i = 0; i < request->reply_count; i++) {
        add_text(out, request->replies[i].url);
        hn_buf_add(out, &request->replies[i].offset, sizeof request->replies[i].offset);
        hn_buf_add(out, &request->replies[i].len, sizeof request->replies[i].len);
    }
}

bool worker_request_read(struct hn_bytes bytes, struct worker_request *ret_request)
{
    struct hn_reader reader = hn_reader_over(bytes);
    struct hn_bytes limits = hn_reader_take(&reader, sizeof ret_request->limits);
    uint32_t count;

    if (limits.len == 0)
        return false;
    memcpy(&ret_request->limits, limits.ptr, sizeof ret_request->limits);
    ret_request->size = hn_reader_u64(&reader);
    ret_request->keep = (enum dissect_keep)(hn_reader_u32(&reader) % (DISSECT_KEEP_ALL + 1));
    ret_request->format = (enum dissect_format)(hn_reader_u32(&reader) % DISSECT_FORMAT_COUNT);
    ret_request->name = hn_bytes_as_text(hn_reader_take(&reader, hn_reader_u32(&reader)));
    count = hn_reader_u32(&reader);
    ret_request->password_count = 0;
    while (hn_reader_ok(&reader) && ret_request->password_count < count &&
            ret_request->password_count < WORKER_PASSWORDS_MAX)
        ret_request->passwords[ret_request->password_count++] =
                hn_bytes_as_text(hn_reader_take(&reader, hn_reader_u32(&reader)));
    count = hn_reader_u32(&reader);
    ret_request->reply_count = 0;
    while (hn_reader_ok(&reader) && ret_request->reply_count < count &&
            ret_request->reply_count < ANALYZE_REPLIES_MAX) {
        struct analyze_task_reply *reply = &ret_request->replies[ret_request->reply_count++];

        reply->url = hn_bytes_as_text(hn_reader_take(&reader, hn_reader_u32(&reader)));
        reply->offset = hn_reader_u64(&reader);
        reply->len = hn_reader_u64(&reader);
    }
    return hn_reader_ok(&reader);
}

/* ---- Frames: from a process that hostile bytes may have taken over ---- */

struct worker_frames worker_frames_read(struct hn_bytes sent)
{
    struct hn_reader reader = hn_reader_over(sent);
    struct worker_frames frames = { .sound = true };

    while (hn_reader_left(&reader) > 0) {
        uint8_t kind = hn_reader_u8(&reader);
        uint64_t len = hn_reader_u64(&reader);
        struct hn_bytes bytes = { NULL, 0 };

        if (!hn_reader_ok(&reader) || len > hn_reader_left(&reader))
            break; /* cut off; said by how the worker ended */
        bytes = hn_reader_take(&reader, (size_t)len);
        if (kind == WORKER_FRAME_TREE) {
            frames.tree = bytes;
        } else if (kind == WORKER_FRAME_STEP && len == WORKER_STEP_BYTES) {
            frames.object = hn_load_u32(bytes.ptr);
            frames.step = (enum analyze_step)(bytes.ptr[4] % (ANALYZE_STEP_SCAN + 1));
            frames.any_step = true;
        } else {
            frames.sound = false;
            break;
        }
    }
    return frames;
}
