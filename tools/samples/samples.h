/* samples.h - inert samples with a known truth: mails, documents, scripts and programs in the
 * shapes attackers use, with names in .example and addresses of the documentation networks. For
 * tests of `hinomi analyze`, and for the example incident.
 *
 * Everything follows from a seed. The truth is which URLs a sample holds; none of them leads
 * anywhere (RFC 2606). Each sample also says which rows of techniques, string stores and containers
 * it has; one row of all there are is chosen by the seed, so that seeds in a row have every one.
 * Memory: for tests; out of memory ends the program. Concurrency: one thread at a time. */
#ifndef HN_TOOLS_SAMPLES_H
#define HN_TOOLS_SAMPLES_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define SAMPLE_URLS_MAX 8
#define SAMPLE_ROWS_MAX 64

struct sample {
    char name[96];
    struct hn_buf bytes;
    char urls[SAMPLE_URLS_MAX][128];
    size_t url_count;
    const char *rows[SAMPLE_ROWS_MAX]; /* what it is made of: "powershell: gzip", "chain: zip" */
    size_t row_count;
    char shape[96]; /* the same for people */
};

/* A sample of any shape. */
void sample_make(uint64_t seed, struct sample *ret_sample);
void sample_deinit(struct sample *sample);
/* All rows there are; NULL past the last. */
const char *sample_row(size_t index);

/* ---- The example incident (examples/): what came by mail, and what the sites gave out ---- */

#define SAMPLE_MAIL    "20261014_mitsumori.eml"
#define SAMPLE_LOADER  "loader.dll"
#define SAMPLE_COMMAND "powershell -w hidden -en "
void sample_example_mail(struct hn_buf *out);
void sample_example_loader(struct hn_buf *out);

#endif
