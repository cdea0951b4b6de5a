/* main.c - writes samples into a folder:
 *
 *     hinomi_samples example FOLDER           the mail and the loader of the example incident
 *     hinomi_samples make FOLDER FIRST COUNT  samples of seeds FIRST..., and truth.jsonl
 *     hinomi_samples rows                     techniques, stores and chains there are, one a line
 */
#include "base/file.h"
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>

static bool write_file(const char *folder, const char *name, const struct hn_buf *bytes)
{
    struct hn_err err = { 0 };

    if (!hn_buf_ok(bytes) || hn_file_make_folder(folder, &err) != HN_OK ||
            hn_file_write_whole(folder, name, hn_bytes_of(bytes->ptr, bytes->len), &err) != HN_OK) {
        (void)fprintf(stderr, "%s/%s: %s\n", folder, name, err.msg);
        return false;
    }
    return true;
}

static bool write_example(const char *folder)
{
    struct hn_buf mail = { 0 };
    struct hn_buf loader = { 0 };
    bool good;

    sample_example_mail(&mail);
    sample_example_loader(&loader);
    good = write_file(folder, SAMPLE_MAIL, &mail) && write_file(folder, SAMPLE_LOADER, &loader);
    hn_buf_deinit(&loader);
    hn_buf_deinit(&mail);
    return good;
}

static bool write_samples(const char *folder, uint64_t first, uint64_t count)
{
    struct hn_buf truth = { 0 };
    bool good = true;

    for (uint64_t seed = first; seed < first + count && good; seed++) {
        struct sample sample;
        char name[128];

        sample_make(seed, &sample);
        (void)snprintf(name, sizeof name, "%06llu_%s", (unsigned long long)seed, sample.name);
        good = write_file(folder, name, &sample.bytes);
        hn_buf_addf(&truth, "{\"file\":\"%s\",\"shape\":\"%s\",\"urls\":[", name, sample.shape);
        for (size_t i = 0; i < sample.url_count; i++)
            hn_buf_addf(&truth, "%s\"%s\"", i > 0 ? "," : "", sample.urls[i]);
        hn_buf_add_lit(&truth, "],\"rows\":[");
        for (size_t i = 0; i < sample.row_count; i++)
            hn_buf_addf(&truth, "%s\"%s\"", i > 0 ? "," : "", sample.rows[i]);
        hn_buf_add_lit(&truth, "]}\n");
        sample_deinit(&sample);
    }
    good = good && write_file(folder, "truth.jsonl", &truth);
    hn_buf_deinit(&truth);
    return good;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "rows") == 0) {
        for (size_t i = 0; sample_row(i) != NULL; i++)
            (void)puts(sample_row(i));
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "example") == 0)
        return write_example(argv[2]) ? 0 : 4;
    if (argc == 5 && strcmp(argv[1], "make") == 0)
        return write_samples(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10)) ? 0
                                                                                                : 4;
    (void)fputs("usage: hinomi_samples example FOLDER\n"
                "       hinomi_samples make FOLDER FIRST COUNT\n"
                "       hinomi_samples rows\n",
            stderr);
    return 3;
}
