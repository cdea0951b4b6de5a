/* fuzz: input */
/* fuzz_unpack.c - archives taken apart in this process: entries open and close in order, nothing
 * comes out past the limits, and the same bytes give the same entries twice. */
#include "base/hash.h"
#include "input/unpack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct hn_digest digest;
    uint64_t bytes;
    uint64_t entries;
    bool open;
};

static const struct input_limits limits = {
    .nesting_max = 3,
    .entries_max = 100,
    .expanded_bytes_max = 1 << 22,
    .ratio_free_bytes = 1 << 20,
    .ratio_max = 100,
    .nested_bytes_max = 1 << 20,
    .name_bytes_max = 200,
};

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void digest(struct seen *seen, struct hn_text text)
{
    seen->digest = hn_digest_join(seen->digest, hn_digest_of(text.ptr, text.len));
}

static bool on_entry(void *ctx, struct hn_text name, uint64_t entry_size)
{
    struct seen *seen = ctx;

    (void)entry_size;
    check(!seen->open && hn_text_starts(name, HN_TEXT("!/")));
    seen->open = true;
    seen->entries++;
    digest(seen, name);
    return true;
}

static bool on_data(void *ctx, struct hn_bytes bytes, uint64_t done)
{
    struct seen *seen = ctx;

    (void)done;
    check(seen->open && bytes.len > 0 && bytes.len <= UNPACK_PIECE);
    seen->bytes += bytes.len;
    digest(seen, hn_bytes_as_text(bytes));
    return true;
}

static bool on_end(void *ctx, uint64_t done)
{
    struct seen *seen = ctx;

    (void)done;
    check(seen->open);
    seen->open = false;
    return true;
}

static bool on_finding(
        void *ctx, enum hn_finding_kind kind, struct hn_text name, const char *reason)
{
    check(ctx != NULL && kind < HN_FINDING_COUNT && reason != NULL);
    check(name.len == 0 || name.ptr != NULL);
    return true;
}

static struct seen run(struct hn_bytes in)
{
    static const struct hn_text password = HN_TEXT_INIT("infected");
    struct seen seen = { 0 };
    struct unpack_source source = { .head = in, .fd = -1 };
    struct unpack_options options = { .limits = &limits,
        .passwords = &password,
        .password_count = 1,
        .name = HN_TEXT_INIT("x.gz"),
        .japanese = iconv_open("UTF-8", "CP932") };
    struct unpack_sink sink = { on_entry, on_data, on_end, on_finding, &seen };
    enum hn_status status = unpacker_run(&source, &options, &sink);

    check(status == HN_OK || status == HN_LIMIT);
    check(status == HN_LIMIT || !seen.open);
    check(seen.entries <= limits.entries_max);
    check(seen.bytes <= limits.expanded_bytes_max + UNPACK_PIECE);
    if (unpack_has_iconv(options.japanese))
        (void)iconv_close(options.japanese);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen first = run(hn_bytes_of(data, size));
    struct seen second = run(hn_bytes_of(data, size));

    check(hn_digest_eq(first.digest, second.digest) && first.bytes == second.bytes);
    return 0;
}
