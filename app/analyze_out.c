/* analyze_out.c - the JSON report with its indicators, and the children of samples as files. */
#include "app/analyze_out.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/sha256.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void analyze_json(const struct analyze_result *result, struct hn_buf *buf)
{
    const struct report_result told = {
        .sample = &result->sample, .verdict = &result->verdict, .indicators = &result->indicators
    };

    if (result->told.len == 0) {
        report_result_json(&told, buf);
        return;
    }
    hn_buf_add_text(buf, result->told);
    hn_buf_add_char(buf, '\n');
}

/* ---- Children ---- */

static bool write_new(int dir, const char *name, struct hn_bytes data)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t done = 0;

    if (fd < 0)
        return errno == EEXIST; /* the same bytes are there already: the name is their digest */
    while (done < data.len) {
        ssize_t wrote = write(fd, data.ptr + done, data.len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    if (close(fd) == 0 && done == data.len)
        return true;
    (void)unlinkat(dir, name, 0);
    return false;
}

int analyze_extract(const struct analyze_result *result, const char *dir)
{
    const struct dissect *dissect = result->sample.dissect;
    int folder;
    bool fine = true;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        ui_error("%s: %s", dir, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
        return EXIT_IO;
    }
    folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fine = folder >= 0;
    for (uint32_t id = 1; fine && id < dissect_count(dissect); id++) {
        struct hn_bytes data = dissect_get(dissect, id)->data;
        char name[HN_SHA256_HEX_LEN + 1] = "";

        /* By the digest of what is here, whatever the worker said of it. */
        if (data.len > 0)
            fine = hn_sha256_hex(data, name) && write_new(folder, name, data);
    }
    if (!fine)
        ui_error("%s: %s", dir, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
    if (folder >= 0)
        (void)close(folder);
    return fine ? EXIT_FINE : EXIT_IO;
}
