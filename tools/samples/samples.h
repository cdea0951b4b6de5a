/* samples.h - inert samples with a known truth: mails, documents, scripts and programs in the
 * shapes attackers use, with names in .example and addresses of the documentation networks. For
 * tests of `hinomi analyze`, and for the example incident.
 *
 * Everything follows from a seed. The truth is which URLs a sample holds; none of them leads
 * anywhere (RFC 2606).
 * Memory: for tests; out of memory ends the program. Concurrency: one thread at a time. */
#ifndef HN_TOOLS_SAMPLES_H
#define HN_TOOLS_SAMPLES_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define SAMPLE_URLS_MAX 8

struct sample {
    char name[96];
    struct hn_buf bytes;
    char urls[SAMPLE_URLS_MAX][128];
    size_t url_count;
    char shape[96]; /* what it is made of, for people */
};

/* A sample of any shape. */
void sample_make(uint64_t seed, struct sample *ret_sample);
void sample_deinit(struct sample *sample);

/* ---- The example incident (examples/): what came by mail, and what the sites gave out ---- */

#define SAMPLE_MAIL    "20261014_mitsumori.eml"
#define SAMPLE_LOADER  "loader.dll"
#define SAMPLE_COMMAND "powershell -w hidden -en "
void sample_example_mail(struct hn_buf *out);
void sample_example_loader(struct hn_buf *out);

/* ---- Chance, the same on every machine ---- */

struct chance {
    uint64_t state;
};
uint32_t chance_next(struct chance *chance, uint32_t below);

/* A workbook (.slk) whose Excel 4.0 macro asks for the URLs of the sample. */
void sample_workbook(struct chance *chance, const struct sample *sample, struct hn_buf *out);

/* ---- Hiding: expressions whose value is text, in layers stacked at random ---- */

void hide_powershell(struct hn_buf *out, struct chance *chance, struct hn_text text);
void hide_jscript(struct hn_buf *out, struct chance *chance, struct hn_text text);
/* What a document's macros may read. */
#define STORES_MAX 64
struct stores {
    struct {
        char name[24];
        char kind; /* 'f' form text, 'c' caption, 't' tag, 'v' document variable */
        char value[512];
    } items[STORES_MAX];
    size_t count;
    bool none; /* a script without a document */
};
void hide_vba(
        struct hn_buf *out, struct chance *chance, struct stores *stores, struct hn_text text);

#endif
