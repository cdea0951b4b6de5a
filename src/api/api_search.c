/* api_search.c - searches of the journal: a short queue before few threads of low priority, so that
 * questions wait for each other and not the engine for them. */
#include "api/api_internal.h"

#include "base/vec.h"

#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#define RETRY_AFTER_S 2
#define NICE          10
#define BEHIND_BYTES  ((uint64_t)4 << 20)  /* of the engine: then a search does little */
#define PAUSE_NS      (2 * HN_MILLISECOND) /* per 64 events or record */
#define JOB_ARENA_MAX ((size_t)4 << 20)
#define JOB_TEXT_MAX  API_ANSWER_MAX

struct api_search {
    struct api *api;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t threads[API_SEARCHES];
    uint32_t started;
    _Atomic bool ending;
    struct api_job *queue[API_QUEUE_MAX];
    uint32_t count;
};

/* Of this thread alone, as Linux has it; the packaged service may not, and there is more: */
void api_yield(void)
{
    (void)setpriority(PRIO_PROCESS, 0, NICE);
}

void api_give_way(struct api *api)
{
    const struct timespec pause = { 0, PAUSE_NS };
    uint64_t end = journal_committed(api->options.journal);
    uint64_t position = engine_position(api->options.engine);

    if (end > position && end - position > BEHIND_BYTES)
        (void)nanosleep(&pause, NULL);
}

/* ---- Jobs ---- */

struct api_job *api_job_new(struct api_call *call, api_job_run *run)
{
    struct api_job *job = hn_calloc(1, sizeof *job);

    if (job == NULL)
        return NULL;
    job->request = call->request;
    job->run = run;
    hn_arena_init(&job->arena, JOB_ARENA_MAX);
    hn_buf_init(&job->text, JOB_TEXT_MAX);
    job->json = hn_json_out_over(&job->text);
    return job;
}

void api_job_free(struct api_job *job)
{
    if (job == NULL)
        return;
    history_question_free(job->question);
    hn_buf_deinit(&job->text);
    hn_arena_deinit(&job->arena);
    hn_free(job);
}

enum hn_status api_job_submit(struct api_call *call, struct api_job *job)
{
    struct api_search *search = call->api->search;
    bool ending;
    bool fine;

    (void)pthread_mutex_lock(&search->lock);
    ending = atomic_load(&search->ending);
    fine = !ending && search->count < API_QUEUE_MAX;
    if (fine) {
        search->queue[search->count++] = job;
        call->kept = true; /* from here on the request may be answered at any time */
        (void)pthread_cond_signal(&search->changed);
    }
    (void)pthread_mutex_unlock(&search->lock);
    if (fine)
        return HN_OK;
    api_job_free(job);
    atomic_fetch_add(&call->api->counters.searches_refused, 1);
    call->retry_after_s = RETRY_AFTER_S;
    return ending ? api_refuse(call, 503, "the server is about to end")
                  : api_refuse(call, 429, "too many searches are waiting");
}

void api_scanned_write(
        struct api *api, struct hn_json_out *json, const struct history_scanned *scanned)
{
    hn_json_pair_u64(json, "records", scanned->records);
    hn_json_pair_u64(json, "events", scanned->events);
    hn_json_pair_u64(json, "bytes", scanned->bytes);
    hn_json_pair_u64(json, "damaged_bytes", scanned->damaged_bytes);
    hn_json_pair_u64(json, "milliseconds", (uint64_t)(scanned->took / HN_MILLISECOND));
    atomic_fetch_add(&api->counters.searched_events, scanned->events);
    atomic_fetch_add(&api->counters.searched_bytes, scanned->bytes);
    atomic_fetch_add(&api->counters.searched_nanoseconds, (uint64_t)scanned->took);
}

/* ---- Running ---- */

/* What asks for the job, now and then, whether anybody still waits for it. */
struct patience {
    struct api_search *search;
    struct http_request *request;
};

static bool is_cancelled(void *ctx)
{
    const struct patience *patience = ctx;

    api_give_way(patience->search->api);
    return atomic_load(&patience->search->ending) || http_request_gone(patience->request);
}

static void refuse(struct api_job *job, enum hn_status status, const struct hn_err *err)
{
    struct hn_text detail = hn_text_cstr(err->msg);

    if (status == HN_SYNTAX || status == HN_LIMIT)
        http_answer_problem(job->request, 422, detail);
    else if (status == HN_IO || status == HN_CORRUPT)
        http_answer_problem(job->request, 500, HN_TEXT("the journal cannot be read"));
    else
        http_answer_retry(
                job->request, 503, HN_TEXT("busy, or out of room; try again"), RETRY_AFTER_S);
}

static void run(struct api_search *search, struct api_job *job)
{
    struct patience patience = { search, job->request };
    struct hn_err err = { 0 };
    enum hn_status status = HN_CANCELLED;

    job->search.budget.cancelled = is_cancelled;
    job->search.budget.ctx = &patience;
    job->ask.budget = job->search.budget;
    if (!is_cancelled(&patience))
        status = job->run(search->api, job, &err);
    if (status == HN_OK && !hn_buf_ok(&job->text))
        status = HN_NOMEM;
    atomic_fetch_add(status == HN_CANCELLED ? &search->api->counters.searches_cancelled
                                            : &search->api->counters.searches,
            1);
    if (status == HN_OK) {
        http_answer(job->request,
                &(struct http_answer){ .status = 200, .body = hn_buf_text(&job->text) });
    } else {
        refuse(job, status, &err);
    }
    api_job_free(job);
}

static struct api_job *take(struct api_search *search)
{
    struct api_job *job = search->queue[0];

    search->count--;
    for (uint32_t i = 0; i < search->count; i++)
        search->queue[i] = search->queue[i + 1];
    return job;
}

/* What still waits at the end is answered as well. */
static void *work(void *ctx)
{
    struct api_search *search = ctx;

    api_yield();
    (void)pthread_mutex_lock(&search->lock);
    for (;;) {
        struct api_job *job;

        while (search->count == 0 && !atomic_load(&search->ending))
            (void)pthread_cond_wait(&search->changed, &search->lock);
        if (search->count == 0)
            break;
        job = take(search);
        (void)pthread_mutex_unlock(&search->lock);
        run(search, job);
        (void)pthread_mutex_lock(&search->lock);
    }
    (void)pthread_mutex_unlock(&search->lock);
    return NULL;
}

/* ---- Life ---- */

enum hn_status api_search_start(struct api *api, struct hn_err *err)
{
    struct api_search *search = hn_calloc(1, sizeof *search);

    if (search == NULL)
        return hn_fail(err, HN_NOMEM, 0, "searches");
    search->api = api;
    api->search = search;
    (void)pthread_mutex_init(&search->lock, NULL);
    (void)pthread_cond_init(&search->changed, NULL);
    while (search->started < API_SEARCHES) {
        if (pthread_create(&search->threads[search->started], NULL, work, search) != 0)
            return hn_fail(err, HN_NOMEM, 0, "no thread for searches");
        search->started++;
    }
    return HN_OK;
}

void api_search_stop(struct api *api)
{
    struct api_search *search = api->search;

    if (search == NULL)
        return;
    (void)pthread_mutex_lock(&search->lock);
    atomic_store(&search->ending, true);
    (void)pthread_cond_broadcast(&search->changed);
    (void)pthread_mutex_unlock(&search->lock);
    while (search->started > 0)
        (void)pthread_join(search->threads[--search->started], NULL);
}

void api_search_free(struct api *api)
{
    if (api->search == NULL)
        return;
    (void)pthread_cond_destroy(&api->search->changed);
    (void)pthread_mutex_destroy(&api->search->lock);
    hn_free(api->search);
}

struct api_counters api_counters(struct api *api)
{
    struct api_counters counters = { 0 };

#define API_COUNTER_READ(name, text) counters.name = atomic_load(&api->counters.name);
    API_COUNTER_LIST(API_COUNTER_READ)
#undef API_COUNTER_READ
    (void)pthread_mutex_lock(&api->search->lock);
    counters.waiting = api->search->count;
    (void)pthread_mutex_unlock(&api->search->lock);
    counters.tails = api_tails_count(api);
    return counters;
}
