/* worker.h - what both sides of the jail agree on. */
#ifndef HN_ANALYZE_WORKER_H
#define HN_ANALYZE_WORKER_H

#include "analyze/analyze_internal.h"
#include "jail/jail.h"

#define WORKER_FRAME_TREE 'T'
#define WORKER_FRAME_STEP 'P'
#define WORKER_HEAD_BYTES 9 /* kind, length */
#define WORKER_STEP_BYTES 5 /* object, enum analyze_step */

#define WORKER_PASSWORDS_MAX 256

struct worker_request {
    struct analyze_limits limits;
    uint64_t size; /* of the file */
    enum dissect_keep keep;
    enum dissect_format format;
    struct hn_text name;
    struct hn_text passwords[WORKER_PASSWORDS_MAX];
    size_t password_count;
    struct analyze_task_reply replies[ANALYZE_REPLIES_MAX];
    size_t reply_count;
};

void worker_request_write(const struct worker_request *request, struct hn_buf *out);
/* Borrows from bytes. */
bool worker_request_read(struct hn_bytes bytes, struct worker_request *ret_request);

struct worker_tables {
    const struct analyze_tables *tables;
};

/* What a worker has sent, as far as it is whole. Borrows from sent. */
struct worker_frames {
    struct hn_bytes tree; /* the last one; empty: none */
    uint32_t object;      /* worked on last */
    enum analyze_step step;
    bool any_step;
    bool sound; /* false: it sent something else */
};
struct worker_frames worker_frames_read(struct hn_bytes sent);

struct analyze_worker {
    struct jail_warm *warm;
    struct analyze_limits limits;
};
/* Before the fork: libraries read files on first use, and in the jail there are none. */
void worker_warm_libraries(void);
struct jail_limits worker_jail_limits(const struct analyze_limits *limits);

/* A jail_serve with struct worker_tables as ctx. */
int worker_serve(void *ctx, struct hn_bytes request, int out);
/* What an exit code of it means. */
const char *worker_exit_text(int code);

#endif
