/* worker.c - the jailed side of an analysis: reads the sample, takes it apart, sends the tree.
 *
 * It sends frames: a kind, a length, that many bytes. 'P' says on what it works now, 'T' is a tree:
 * the last one counts, so that what was learned before a limit ends the worker is not lost. */
#include "analyze/worker.h"

#include "base/attr.h"
#include "base/mem.h"
#include "jail/jail.h"

#include <openssl/evp.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES    ((size_t)1 << 20)
#define SNAPSHOT_MS   400
#define PADDING_LEAST ((size_t)1 << 20) /* shorter runs are left as they are */
#define PADDING_KEPT  ((size_t)4096)

enum { WORKER_FINE, WORKER_NO_MEMORY, WORKER_NO_FILE, WORKER_NO_PARENT, WORKER_BAD_REQUEST };

struct worker {
    const struct analyze_tables *tables;
    struct worker_request request;
    int out;
    int64_t snapshot_ms; /* when the last tree was sent, or work began */
    bool stepped;        /* it has begun with an object */
    bool lost;           /* nobody reads any more */
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Sending ---- */

static void send_frame(struct worker *worker, char kind, struct hn_text bytes)
{
    char head[WORKER_HEAD_BYTES] = { kind };
    uint64_t len = bytes.len;

    for (unsigned i = 0; i < 8; i++)
        head[1 + i] = (char)(len >> (8 * i));
    if (!worker->lost)
        worker->lost = !jail_write(worker->out, head, sizeof head) ||
                       !jail_write(worker->out, bytes.ptr, bytes.len);
}

/* With less of it when memory is short. */
static bool send_tree(struct worker *worker, const struct dissect *dissect, enum dissect_keep keep)
{
    for (;; keep = (enum dissect_keep)(keep - 1)) {
        struct hn_buf saved = { 0 };
        bool fine;

        dissect_save(dissect, keep, &saved);
        fine = hn_buf_ok(&saved);
        if (fine)
            send_frame(worker, WORKER_FRAME_TREE, hn_buf_text(&saved));
        hn_buf_deinit(&saved);
        if (fine || keep == DISSECT_KEEP_NONE)
            return fine;
    }
}

static void on_step(void *ctx, const struct dissect *dissect, uint32_t id, enum analyze_step step)
{
    struct worker *worker = ctx;
    char frame[WORKER_STEP_BYTES] = { (char)id, (char)(id >> 8), (char)(id >> 16), (char)(id >> 24),
        (char)step };
    int64_t now = now_ms();

    /* First what the sample is, as nobody outside of the jail will look. */
    if (!worker->stepped || now - worker->snapshot_ms > SNAPSHOT_MS) {
        worker->stepped = true;
        (void)send_tree(worker, dissect, DISSECT_KEEP_SCRIPTS);
        worker->snapshot_ms = now;
    }
    send_frame(worker, WORKER_FRAME_STEP, hn_text_of(frame, sizeof frame));
}

/* ---- Reading the sample ---- */

/* Where the run of one byte at the end begins; size when there is none worth cutting. */
static uint64_t content_end(uint8_t *room, uint64_t size)
{
    uint64_t end = size;
    int last = -1;

    while (end > 0) {
        size_t len = end < READ_BYTES ? (size_t)end : READ_BYTES;
        size_t i = len;

        if (pread(JAIL_FD_FIRST, room, len, (off_t)(end - len)) != (ssize_t)len)
            return size;
        if (last < 0)
            last = room[len - 1];
        while (i > 0 && room[i - 1] == last)
            i--;
        end -= len - i;
        if (i > 0)
            break;
    }
    return size - end > PADDING_LEAST ? end + PADDING_KEPT : size;
}

/* The digest by which others know the whole file. */
static bool whole_digest(uint8_t *room, uint64_t size, struct dissect *dissect)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char sum[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE];
    struct hn_buf out = hn_buf_over(hex, sizeof hex);
    unsigned len = 0;
    bool fine = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

    for (uint64_t at = 0; fine && at < size; at += READ_BYTES) {
        size_t want = size - at < READ_BYTES ? (size_t)(size - at) : READ_BYTES;

        fine = pread(JAIL_FD_FIRST, room, want, (off_t)at) == (ssize_t)want &&
               EVP_DigestUpdate(context, room, want) == 1;
    }
    fine = fine && EVP_DigestFinal_ex(context, sum, &len) == 1;
    EVP_MD_CTX_free(context);
    if (!fine)
        return false;
    hn_buf_add_hex(&out, sum, len);
    dissect_fact(dissect, 0, "file_sha256", hn_buf_text(&out));
    dissect_fact_u64(dissect, 0, "file_size", size);
    return true;
}

static bool read_all(uint8_t *bytes, size_t len, uint64_t offset)
{
    size_t got = 0;

    while (got < len) {
        ssize_t piece = pread(JAIL_FD_FIRST, bytes + got, len - got, (off_t)(offset + got));

        if (piece <= 0)
            return false;
        got += (size_t)piece;
    }
    return true;
}

static int add_sample(struct worker *worker, struct dissect *dissect, uint8_t **ret_bytes)
{
    const struct dissect_limits *limits = &worker->request.limits.dissect;
    uint64_t size = worker->request.size;
    uint64_t len = size;
    uint8_t *room = hn_malloc(READ_BYTES);
    struct dissect_child sample = { .format = worker->request.format,
        .name = worker->request.name,
        .relation = "sample",
        .offset = DISSECT_NOWHERE,
        .borrowed = true };

    if (room == NULL)
        return WORKER_NO_MEMORY;
    if (size <= limits->padded_bytes_max)
        len = content_end(room, size);
    if (len > limits->file_bytes_max)
        len = limits->file_bytes_max;
    *ret_bytes = hn_malloc(len > 0 ? (size_t)len : 1);
    sample.data = hn_bytes_of(*ret_bytes, (size_t)len);
    if (*ret_bytes == NULL || !read_all(*ret_bytes, (size_t)len, 0)) {
        hn_free(room);
        return *ret_bytes == NULL ? WORKER_NO_MEMORY : WORKER_NO_FILE;
    }
    if (dissect_child(dissect, DISSECT_NONE, &sample, NULL) != HN_OK) {
        hn_free(room);
        return WORKER_NO_MEMORY;
    }
    if (len < size && size <= limits->padded_bytes_max)
        (void)whole_digest(room, size, dissect);
    if (len == limits->file_bytes_max && len < size) {
        dissect_note(dissect, 0, DISSECT_NOTE_LIMIT, len, "file_bytes_max: of %llu bytes",
                (unsigned long long)size);
    } else if (len < size) {
        dissect_note(dissect, 0, DISSECT_NOTE_PADDED, len, "%llu bytes at the end are one value",
                (unsigned long long)(size - len));
    }
    hn_free(room);
    return WORKER_FINE;
}

/* Those that cannot be read are left out: the sample says more than they do. */
static size_t read_replies(
        const struct worker *worker, struct dissect *dissect, struct analyze_reply *ret_replies)
{
    size_t count = 0;

    for (size_t i = 0; i < worker->request.reply_count; i++) {
        const struct analyze_task_reply *reply = &worker->request.replies[i];
        uint8_t *bytes = NULL;

        if (reply->len > 0 && reply->len <= worker->request.limits.dissect.file_bytes_max)
            bytes = hn_malloc((size_t)reply->len); /* ends with the process */
        if (bytes == NULL || !read_all(bytes, (size_t)reply->len, reply->offset)) {
            dissect_note(dissect, 0, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "file_bytes_max: a reply of %llu bytes is left out",
                    (unsigned long long)reply->len);
            continue;
        }
        ret_replies[count++] =
                (struct analyze_reply){ reply->url, hn_bytes_of(bytes, (size_t)reply->len) };
    }
    return count;
}

/* ---- A task ---- */

/* What is known up to here is sent first: libyara may fail on what we could read. */
static void look_for_signatures(
        struct worker *worker, struct dissect *dissect, const struct analyze_options *options)
{
    struct hn_err err = { 0 };

    if (worker->tables->yara == NULL)
        return;
    (void)send_tree(worker, dissect, DISSECT_KEEP_SCRIPTS);
    worker->snapshot_ms = now_ms();
    if (analyze_signatures(dissect, worker->tables->yara, worker->request.limits.yara_seconds,
                options, &err) != HN_OK)
        dissect_note(
                dissect, 0, DISSECT_NOTE_UNCHECKED, DISSECT_NOWHERE, "YARA rules: %s", err.msg);
}

static int take_sample_apart(struct worker *worker, struct dissect *dissect)
{
    struct analyze_options options = { .script_limits = &worker->request.limits.script,
        .tables = worker->tables,
        .on_step = on_step,
        .ctx = worker };
    struct analyze_reply replies[ANALYZE_REPLIES_MAX];
    struct hn_err err = { 0 };
    uint8_t *bytes = NULL;
    int code = add_sample(worker, dissect, &bytes);

    if (code == WORKER_FINE) {
        options.replies = replies;
        options.reply_count = read_replies(worker, dissect, replies);
        for (size_t i = 0; i < worker->request.password_count; i++)
            dissect_password_add(dissect, worker->request.passwords[i]);
        if (analyze_take_apart(dissect, &options, &err) != HN_OK) {
            dissect_note(
                    dissect, 0, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "memory_bytes: %s", err.msg);
        }
        look_for_signatures(worker, dissect, &options);
        if (!send_tree(worker, dissect, worker->request.keep))
            code = WORKER_NO_MEMORY;
        else if (worker->lost)
            code = WORKER_NO_PARENT;
    }
    return code; /* bytes end with the process */
}

int worker_serve(void *ctx, struct hn_bytes request, int out)
{
    const struct worker_tables *held = ctx;
    struct worker worker = { .tables = held->tables, .out = out, .snapshot_ms = now_ms() };
    struct dissect *dissect;

    if (!worker_request_read(request, &worker.request))
        return WORKER_BAD_REQUEST;
    dissect = dissect_new(&worker.request.limits.dissect);
    return dissect == NULL ? WORKER_NO_MEMORY : take_sample_apart(&worker, dissect);
}

const char *worker_exit_text(int code)
{
    static const char *const texts[] = {
        [WORKER_FINE] = "it ended by itself",
        [WORKER_NO_MEMORY] = "memory_bytes: it had no more memory",
        [WORKER_NO_FILE] = "the file could not be read",
        [WORKER_NO_PARENT] = "nobody took its result",
        [WORKER_BAD_REQUEST] = "it was not told what to do",
    };

    return code >= 0 && (size_t)code < HN_COUNT_OF(texts) ? texts[code] : "it failed";
}
