/* fuzz: decode */
/* fuzz_winxml.c - Windows events as XML text, in any encoding and any pieces.
 *
 * Oracle: tests/support/decode_invariants.h. Seeds: tests/golden/winxml. */
#include "../tests/support/decode_invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* UTF-16 is converted: then raw bytes are not the input's. */
static bool is_utf16(const uint8_t *data, size_t size)
{
    return size >= 2 &&
           ((data[0] == 0xFF && data[1] == 0xFE) || (data[0] == 0xFE && data[1] == 0xFF) ||
                   data[0] == 0 || data[1] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "A", "Data", "CommandLine", "EventRecordID", "TimeCreated",
        "Security_UserID", "Provider_Guid", "A.B", "Nested.Inner" };
    static struct hn_schema *schema;
    const struct decode_format *format = decode_format_find(HN_TEXT("winxml"));

    if (schema == NULL)
        schema = invariant_schema(names, HN_COUNT_OF(names));
    (void)invariant_run(format, schema, hn_bytes_of(data, size), !is_utf16(data, size), 100);
    return 0;
}
