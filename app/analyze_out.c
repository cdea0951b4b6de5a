/* analyze_out.c - the JSON report with its indicators, and the children of samples as files. */
#include "app/analyze_out.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_marks(struct hn_json_out *out, unsigned marks)
{
    static const struct {
        unsigned bit;
        const char *id;
    } names[] = {
#define MARK_ROW(name, bit, id) { bit, id },
        EXTRACT_MARK_LIST(MARK_ROW)
#undef MARK_ROW
    };

    hn_json_key_lit(out, "marks");
    hn_json_open(out, '[');
    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if ((marks & names[i].bit) != 0)
            hn_json_text(out, hn_text_cstr(names[i].id));
    hn_json_close(out, ']');
}

static const char *type_of(const struct protect_indicator *one)
{
    switch (one->kind) {
    case PROTECT_COMMAND:
        return "command";
    case PROTECT_TEXT:
        return "text";
    case PROTECT_EXTRACTED:
        break;
    }
    return extract_kind_id(one->what);
}

static void add_indicator(
        struct hn_json_out *out, const struct dissect *dissect, const struct protect_indicator *one)
{
    struct hn_buf chain = { 0 };

    protect_chain(&chain, dissect, one);
    hn_json_open(out, '{');
    hn_json_pair(out, "type", hn_text_cstr(type_of(one)));
    hn_json_pair(out, "role", hn_text_cstr(protect_role_id(one->role)));
    hn_json_pair(out, "value", one->value);
    hn_json_pair(out, "host", one->host);
    hn_json_pair(out, "domain", one->domain);
    if (one->port != 0)
        hn_json_pair_u64(out, "port", one->port);
    if (one->object != PROTECT_NONE)
        hn_json_pair_u64(out, "object", one->object);
    if (one->offset != DISSECT_NOWHERE)
        hn_json_pair_u64(out, "offset", one->offset);
    hn_json_pair(out, "path", one->path);
    hn_json_pair(out, "chain", hn_buf_text(&chain));
    hn_json_pair(out, "via", hn_text_cstr(one->via != NULL ? one->via : ""));
    hn_json_key_lit(out, "conditional");
    hn_json_bool(out, one->conditional);
    hn_json_key_lit(out, "partial");
    hn_json_bool(out, one->partial);
    hn_json_pair_u64(out, "count", one->count);
    hn_json_pair(out, "warning", one->warning);
    add_marks(out, one->marks);
    hn_json_close(out, '}');
    hn_buf_deinit(&chain);
}

void analyze_json(const struct analyze_result *result, struct hn_buf *buf)
{
    struct hn_json_out out = hn_json_out_over(buf);

    hn_json_open(&out, '{');
    analyze_report_members(&out, result->sample.dissect, &result->verdict);
    hn_json_key_lit(&out, "indicators");
    hn_json_open(&out, '[');
    for (size_t i = 0; i < result->indicators.items.count; i++)
        add_indicator(&out, result->sample.dissect, &result->indicators.items.ptr[i]);
    hn_json_close(&out, ']');
    hn_json_key_lit(&out, "worker");
    hn_json_open(&out, '{');
    hn_json_pair_u64(&out, "cpu_ms", result->sample.cpu_ms);
    hn_json_pair_u64(&out, "memory_bytes", result->sample.memory_bytes);
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
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
