/* serve_metrics.h - numbers in the form Prometheus reads (text exposition format 0.0.4).
 *
 *     serve_metric(&out, "hinomi_events_total", SERVE_COUNTER, "Events judged.");
 *     serve_metric_value(&out, 17, "source", name, NULL);
 *
 * Label values come from outside and are escaped. Concurrency: one thread per buffer. */
#ifndef HN_SERVE_SERVE_METRICS_H
#define HN_SERVE_SERVE_METRICS_H

#include "base/buf.h"
#include "base/view.h"

#include <stdint.h>

enum serve_metric_kind { SERVE_COUNTER, SERVE_GAUGE, SERVE_HISTOGRAM };

struct serve_metrics {
    struct hn_buf *out;
    const char *name; /* of the family at hand */
};

void serve_metric(struct serve_metrics *metrics, const char *name, enum serve_metric_kind kind,
        const char *help);

struct serve_label {
    const char *name; /* NULL: there is no such label */
    struct hn_text value;
};

/* suffix: "" or "_bucket", "_sum", "_count" of a histogram. */
void serve_metric_value(struct serve_metrics *metrics, const char *suffix,
        const struct serve_label *labels, size_t label_count, double value);

#endif
