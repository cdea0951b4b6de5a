/* navigator.h - an ATT&CK Navigator layer: techniques with scores, as the JSON that the Navigator
 * opens (layer format 4.5).
 *
 *     report_navigator_write(&layer, &buf);
 *
 * What a score means is the caller's: how many rules cover a technique, or how many alerts it had.
 * Scores get the colours of the layer's gradient unless a technique names its own.
 * Memory: everything is borrowed; failure shows in the buffer. Concurrency: pure.
 * Every text passes the JSON writer; a technique id that is none is left out. */
#ifndef HN_REPORT_NAVIGATOR_H
#define HN_REPORT_NAVIGATOR_H

#include "base/buf.h"
#include "base/view.h"

#include <stddef.h>
#include <stdint.h>

/* A line in the tool tip of a technique. */
struct navigator_fact {
    struct hn_text name;
    struct hn_text value;
};

struct navigator_technique {
    struct hn_text id; /* "T1059.001" */
    double score;
    struct hn_text comment; /* empty: none */
    struct hn_text color;   /* "#ff6666"; empty: by score */
    const struct navigator_fact *facts;
    size_t fact_count;
};

struct navigator_legend {
    struct hn_text label;
    struct hn_text color;
};

struct navigator_layer {
    struct hn_text name;
    struct hn_text description;
    const struct navigator_technique *techniques; /* each id at most once */
    size_t technique_count;
    const struct hn_text
            *colors; /* of the gradient, from the lowest score on; NULL: white to red */
    size_t color_count;
    double score_min;
    double score_max; /* not above score_min: the highest score of a technique */
    const struct navigator_legend *legend;
    size_t legend_count;
};

void report_navigator_write(const struct navigator_layer *layer, struct hn_buf *out);

#endif
