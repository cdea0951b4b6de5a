/* fuzz_extract.c - any text: what is found lies where it says, in order; what is found in the
 * normal form of an address, digest or CVE number is that again; code finds no more hosts than
 * prose. */
/* fuzz: extract */
#include "extract/extract.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

struct run {
    struct extract *again;
    struct hn_text text;
    uint64_t last;
};

struct first {
    const struct extract_item *wanted;
    bool found;
};

static bool is_first(void *ctx, const struct extract_item *item)
{
    struct first *first = ctx;

    first->found = item->kind == first->wanted->kind &&
                   hn_text_eq(item->value, first->wanted->value) && item->offset == 0 &&
                   item->written.len == first->wanted->value.len;
    return false;
}

/* Names and paths stand on what is around them; a URL without a scheme as well. */
static bool stands_alone(const struct extract_item *item)
{
    switch (item->kind) {
    case EXTRACT_URL:
        return hn_text_find(item->value, HN_TEXT("://"), 0) != SIZE_MAX;
    case EXTRACT_IPV6:
    case EXTRACT_MD5:
    case EXTRACT_SHA1:
    case EXTRACT_SHA256:
    case EXTRACT_SHA512:
    case EXTRACT_CVE:
        return true;
    case EXTRACT_HOST:
    case EXTRACT_IPV4:
    case EXTRACT_NETWORK:
    case EXTRACT_EMAIL:
    case EXTRACT_FILE:
    case EXTRACT_PATH:
    case EXTRACT_UNIX_PATH:
    case EXTRACT_REGISTRY:
    case EXTRACT_MUTEX:
    case EXTRACT_USER_AGENT:
    case EXTRACT_KIND_COUNT:
        break;
    }
    return false;
}

static bool on_item(void *ctx, const struct extract_item *item)
{
    struct run *run = ctx;
    struct first first = { .wanted = item };

    check(item->written.len > 0 && item->value.len > 0);
    check(item->offset <= run->text.len && item->written.len <= run->text.len - item->offset);
    check(item->written.ptr == run->text.ptr + item->offset);
    check((item->marks & EXTRACT_NESTED) != 0 || item->offset >= run->last);
    check(item->domain.len <= item->host.len);
    if ((item->marks & EXTRACT_NESTED) == 0)
        run->last = item->offset;
    if (stands_alone(item)) {
        (void)extract_text(run->again, item->value, NULL, is_first, &first);
        check(first.found);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct extract_options code = { EXTRACT_CODE, true };
    struct run run = { .again = extract_new(), .text = hn_bytes_as_text(hn_bytes_of(data, size)) };
    struct extract *extract = extract_new();

    check(extract != NULL && run.again != NULL);
    (void)extract_text(extract, run.text, NULL, on_item, &run);
    run.last = 0;
    (void)extract_text(extract, run.text, &code, on_item, &run);
    extract_free(extract);
    extract_free(run.again);
    return 0;
}
