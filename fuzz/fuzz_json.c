/* fuzz: decode */
/* fuzz_json.c - JSON text, in any shape and any pieces.
 *
 * Oracle: decode_oracle.h; besides, the kernels make the same index, whose tokens lie in the text
 * and in order; and a text is accepted exactly when the checker of tests/support accepts it. */
#include "decode/decode_internal.h"
#include "decode/json_index.h"
#include "decode_oracle.h"

#include "../tests/support/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_order(const struct json_index *index)
{
    for (uint32_t i = 0; i < index->count; i++) {
        oracle_check(index->pos[i] < index->len);
        oracle_check(i == 0 || index->pos[i] > index->pos[i - 1]);
    }
    oracle_check(index->kind[index->count] == JSON_END);
}

static void check_same(const struct json_index *a, const struct json_index *b)
{
    oracle_check(a->count == b->count && a->len == b->len && a->bad_string == b->bad_string);
    oracle_check(a->non_ascii == b->non_ascii && a->unicode_escape == b->unicode_escape);
    oracle_check(memcmp(a->pos, b->pos, a->count * sizeof *a->pos) == 0);
    oracle_check(memcmp(a->kind, b->kind, a->count) == 0);
    for (uint32_t at = 0; at < a->len; at++)
        oracle_check(json_index_escaped(a, at, at + 1) == json_index_escaped(b, at, at + 1));
}

static void check_kernels(struct hn_text text, bool stop_at_line)
{
    static struct json_index plain;
    static struct json_index other;

    oracle_check(json_index_make(&plain, text, stop_at_line, JSON_KERNEL_PLAIN) == HN_OK);
    check_order(&plain);
    for (int kernel = JSON_KERNEL_AVX2; kernel <= JSON_KERNEL_AVX512; kernel++) {
        if (!json_kernel_available((enum json_kernel)kernel))
            continue;
        oracle_check(
                json_index_make(&other, text, stop_at_line, (enum json_kernel)kernel) == HN_OK);
        check_same(&plain, &other);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a", "a.b", "Image", "EventID", "Event.System.EventID",
        "process.executable", "Data", "winlog.event_data.Image", "Provider_Name" };
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));

    if (size > ORACLE_INPUT_MAX)
        return 0;
    check_kernels(text, false);
    check_kernels(text, true);
    if (size < JSON_CHECK_DEPTH_MAX) /* so that depth decides nothing */
        oracle_check(decode_json_valid(text) == json_check_valid(text));
    return oracle_run_undamaged("json", names, HN_COUNT_OF(names), hn_bytes_of(data, size));
}
