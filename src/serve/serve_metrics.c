/* serve_metrics.c - the text form of metrics. */
#include "serve/serve_metrics.h"

#include "base/num.h"

void serve_metric(struct serve_metrics *metrics, const char *name, enum serve_metric_kind kind,
        const char *help)
{
    static const char *const kinds[] = { "counter", "gauge", "histogram" };

    metrics->name = name;
    hn_buf_addf(metrics->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kinds[kind]);
}

/* Backslash, quote and newline are what the format escapes; other controls would be taken as they
 * are, so they become visible. */
static void add_label_value(struct hn_buf *out, struct hn_text value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if (c == '\\' || c == '"') {
            hn_buf_add_char(out, '\\');
            hn_buf_add_char(out, (char)c);
        } else if (c == '\n') {
            hn_buf_add_lit(out, "\\n");
        } else if (c < 0x20 || c == 0x7F) {
            hn_buf_addf(out, "\\\\x%02x", c);
        } else {
            hn_buf_add_char(out, (char)c);
        }
    }
}

void serve_metric_value(struct serve_metrics *metrics, const char *suffix,
        const struct serve_label *labels, size_t label_count, double value)
{
    struct hn_buf *out = metrics->out;
    char digits[32];
    bool first = true;

    hn_buf_addf(out, "%s%s", metrics->name, suffix);
    for (size_t i = 0; i < label_count; i++) {
        if (labels[i].name == NULL)
            continue;
        hn_buf_addf(out, "%c%s=\"", first ? '{' : ',', labels[i].name);
        add_label_value(out, labels[i].value);
        hn_buf_add_char(out, '"');
        first = false;
    }
    hn_buf_add_cstr(out, first ? " " : "} ");
    hn_buf_add(out, digits, hn_real_write(value, digits));
    hn_buf_add_char(out, '\n');
}
