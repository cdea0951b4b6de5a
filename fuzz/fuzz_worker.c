/* fuzz: analyze */
/* fuzz_worker.c - frames of a worker that was taken over, and requests.
 *
 * Oracle: the tree lies inside of what was sent; whatever the end that is cut off, trees seen only
 * become later ones; a request that is read is written as what is read again. */
#include "analyze/worker.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frames(struct hn_bytes sent)
{
    const uint8_t *last = NULL;

    for (size_t len = 0; len <= sent.len; len++) {
        struct worker_frames frames = worker_frames_read(hn_bytes_of(sent.ptr, len));

        if (frames.tree.ptr != NULL &&
                (frames.tree.ptr < sent.ptr || frames.tree.len > len ||
                        (size_t)(frames.tree.ptr - sent.ptr) > len - frames.tree.len))
            abort();
        if (frames.tree.ptr < last)
            abort();
        last = frames.tree.ptr;
    }
}

static void check_request(struct hn_bytes bytes)
{
    static struct worker_request request;
    static struct worker_request again;
    struct hn_buf out = { 0 };
    struct hn_buf twice = { 0 };

    if (!worker_request_read(bytes, &request))
        return;
    worker_request_write(&request, &out);
    if (!worker_request_read(hn_text_as_bytes(hn_buf_text(&out)), &again))
        abort();
    worker_request_write(&again, &twice);
    if (!hn_text_eq(hn_buf_text(&out), hn_buf_text(&twice)))
        abort();
    hn_buf_deinit(&twice);
    hn_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes bytes = hn_bytes_of(data, size < 600 ? size : 600);

    check_frames(bytes);
    check_request(hn_bytes_of(data, size));
    return 0;
}
