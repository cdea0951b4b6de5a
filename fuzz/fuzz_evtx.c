/* fuzz: decode */
/* fuzz_evtx.c - whole event logs: headers, chunks, damage, leftovers, pieces.
 *
 * Oracle: tests/support/decode_invariants.h. Seeds: fuzz/make_evtx_seeds. */
#include "../tests/support/decode_invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "N", "Image", "Count", "Data", "EventRecordID",
        "TimeCreated", "Security_UserID", "Provider_Guid", "Outer.Leaf", "Joined" };
    static struct hn_schema *schema;
    const struct decode_format *format = decode_format_find(HN_TEXT("evtx"));

    if (schema == NULL)
        schema = invariant_schema(names, HN_COUNT_OF(names));
    (void)invariant_run(format, schema, hn_bytes_of(data, size), true, 40000);
    return 0;
}
