/* serve_outputs.c - the outputs of the configuration within the server: started when there may be
 * rows for them, woken by the committer, ended before the store is closed. */
#include "serve/serve_internal.h"

/* With --once what was found is to be told as well; otherwise the next start goes on with it. */
#define GRACE_ONCE (10 * HN_SECOND)

static void on_event(void *ctx, struct hn_text output, enum output_event event, const char *message)
{
    static const struct {
        enum config_log_level level;
        const char *id;
    } kinds[] = {
        [OUTPUT_EVENT_DOWN] = { CONFIG_LOG_WARNING, "output.down" },
        [OUTPUT_EVENT_UP] = { CONFIG_LOG_INFO, "output.up" },
        [OUTPUT_EVENT_DEAD] = { CONFIG_LOG_ERROR, "output.dead" },
        [OUTPUT_EVENT_STORE] = { CONFIG_LOG_ERROR, "output.store" },
    };

    (void)ctx;
    serve_log(kinds[event].level, kinds[event].id, message, SERVE_TEXT("output", output));
}

enum hn_status serve_outputs_start(struct serve *serve, struct hn_err *err)
{
    const struct output_options options = { .config = &serve->config->outputs,
        .store = &serve->pool.store,
        .on_event = on_event,
        .ctx = serve };
    struct output_pool *outputs = NULL;
    enum hn_status status = output_pool_new(&options, &outputs, err);

    if (status == HN_OK)
        status = output_pool_start(outputs, err);
    if (status != HN_OK) {
        output_pool_free(outputs);
        return status;
    }
    atomic_store(&serve->outputs, outputs);
    return HN_OK;
}

void serve_outputs_stop(struct serve *serve)
{
    struct output_pool *outputs = atomic_exchange(&serve->outputs, NULL);

    output_pool_stop(outputs, serve->options->end_at_input_end ? GRACE_ONCE : 0);
    output_pool_free(outputs);
}

/* ---- /metrics ---- */

struct row {
    struct output_counters counters;
    struct store_backlog backlog;
};

enum column { PENDING, OLDEST, DEAD, SENT, FAILED };

static double value_of(const struct row *row, enum column column)
{
    hn_time age = row->backlog.oldest == HN_TIME_NONE ? 0 : serve_now() - row->backlog.oldest;

    switch (column) {
    case PENDING:
        return (double)row->backlog.pending;
    case OLDEST:
        return age < 0 ? 0 : (double)age / 1e9; /* clocks go back */
    case DEAD:
        return (double)row->backlog.dead;
    case SENT:
        return (double)row->counters.sent;
    case FAILED:
        break;
    }
    return (double)row->counters.failed;
}

static bool row_of(
        struct output_pool *outputs, struct store *store, uint32_t index, struct row *ret_row)
{
    ret_row->backlog = (struct store_backlog){ .oldest = HN_TIME_NONE };
    return output_pool_counters(outputs, index, &ret_row->counters) &&
           store_out_backlog(store, ret_row->counters.name, &ret_row->backlog, NULL) == HN_OK;
}

void serve_outputs_metrics(struct serve *serve, struct serve_metrics *metrics)
{
    static const struct {
        const char *name;
        enum serve_metric_kind kind;
        const char *help;
    } families[] = {
        [PENDING] = { "hinomi_output_pending", SERVE_GAUGE, "Rows that wait to be told." },
        [OLDEST] = { "hinomi_output_oldest_seconds", SERVE_GAUGE,
                "Age of the oldest row that waits." },
        [DEAD] = { "hinomi_output_dead", SERVE_GAUGE, "Dead letters that there are." },
        [SENT] = { "hinomi_output_sent_total", SERVE_COUNTER, "Rows told since the start." },
        [FAILED] = { "hinomi_output_failed_total", SERVE_COUNTER,
                "Attempts that failed since the start." },
    };
    struct output_pool *outputs = atomic_load(&serve->outputs);
    struct serve_link *link = outputs == NULL ? NULL : serve_pool_take(&serve->pool);

    if (link == NULL)
        return;
    for (size_t i = 0; i < HN_COUNT_OF(families); i++) {
        struct row row;

        serve_metric(metrics, families[i].name, families[i].kind, families[i].help);
        for (uint32_t k = 0; row_of(outputs, link->store, k, &row); k++) {
            const struct serve_label label = { "output", row.counters.name };

            serve_metric_value(metrics, "", &label, 1, value_of(&row, (enum column)i));
        }
    }
    serve_pool_give(&serve->pool, link);
}
