/* fuzz: decode */
/* fuzz_evtx_chunk.c - what stands in a chunk, behind a header that is always good.
 *
 * The first byte says what the rest is: odd: all records of the chunk; even: the binary XML of one
 * record, at the offset at which a chunk's first record has it.
 * Oracle: tests/support/decode_invariants.h. Seeds: fuzz/make_evtx_seeds. */
#include "../tests/support/decode_invariants.h"

#define CHUNK_BYTES   65536u
#define HEADER_BYTES  512u
#define RECORD_HEADER 24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void store_u32(uint8_t *p, size_t value)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i) & 0xFF);
}

/* Writes the chunk around data; returns its length (no more than is used: bounds stay tight). */
static size_t make_chunk(uint8_t *chunk, const uint8_t *data, size_t size, bool one_record)
{
    size_t end;

    memset(chunk, 0, HEADER_BYTES + RECORD_HEADER);
    memcpy(chunk, "ElfChnk", 8);
    store_u32(chunk + 40, 128);
    chunk[120] = 4; /* carries no checksums */
    if (!one_record) {
        if (size > CHUNK_BYTES - HEADER_BYTES)
            size = CHUNK_BYTES - HEADER_BYTES;
        memcpy(chunk + HEADER_BYTES, data, size);
        end = HEADER_BYTES + size;
    } else {
        uint8_t *record = chunk + HEADER_BYTES;

        if (size > CHUNK_BYTES - HEADER_BYTES - RECORD_HEADER - 4)
            size = CHUNK_BYTES - HEADER_BYTES - RECORD_HEADER - 4;
        memcpy(record, "**\0\0", 4);
        store_u32(record + 4, RECORD_HEADER + size + 4);
        record[8] = 1;
        memcpy(record + RECORD_HEADER, data, size);
        store_u32(record + RECORD_HEADER + size, RECORD_HEADER + size + 4);
        end = HEADER_BYTES + RECORD_HEADER + size + 4;
    }
    store_u32(chunk + 48, end);
    return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "N", "Image", "Count", "Data", "EventRecordID",
        "TimeCreated", "Security_UserID", "Provider_Guid", "Outer.Leaf", "Joined" };
    static struct hn_schema *schema;
    const struct decode_format *format = decode_format_find(HN_TEXT("evtx"));
    uint8_t *chunk;
    size_t len;

    if (size == 0)
        return 0;
    if (schema == NULL)
        schema = invariant_schema(names, HN_COUNT_OF(names));
    chunk = malloc(CHUNK_BYTES);
    INVARIANT_CHECK(chunk != NULL);
    len = make_chunk(chunk, data + 1, size - 1, data[0] % 2 == 0);
    chunk = realloc(chunk, len); /* exact, so that sanitizers see the end */
    INVARIANT_CHECK(chunk != NULL);
    (void)invariant_run(format, schema, hn_bytes_of(chunk, len), true, 40000);
    free(chunk);
    return 0;
}
