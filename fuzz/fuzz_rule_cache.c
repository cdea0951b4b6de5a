/* fuzz: match */
/* fuzz_rule_cache.c - a saved set of rules that somebody has forged: refused, or as sound as any
 * other set.
 *
 * The cache lies in a user's folder; what another program wrote there must not get further than the
 * check of its offsets. The input is a number of changes (place and new byte) and a rule file,
 * which is saved, changed, and given its right checksum. */
#include "sigma_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where sigma/cache.c has the digest of what follows its header. */
#define CHECKSUM_AT  24u
#define HEADER_BYTES 40u

static void forge(struct hn_buf *saved, struct hn_reader *changes, unsigned count)
{
    struct hn_digest digest;

    for (unsigned i = 0; i < count; i++) {
        size_t at = hn_reader_u16(changes);
        uint8_t byte = hn_reader_u8(changes);

        if (hn_reader_ok(changes) && saved->len > HEADER_BYTES)
            saved->ptr[HEADER_BYTES + at % (saved->len - HEADER_BYTES)] = (char)byte;
    }
    digest = hn_digest_of(saved->ptr + HEADER_BYTES, saved->len - HEADER_BYTES);
    for (unsigned i = 0; i < 8; i++) {
        saved->ptr[CHECKSUM_AT + i] = (char)(uint8_t)(digest.high >> (8 * i));
        saved->ptr[CHECKSUM_AT + 8 + i] = (char)(uint8_t)(digest.low >> (8 * i));
    }
}

static void save(struct hn_text text, struct hn_buf *saved)
{
    struct sigma_loader *loader = sigma_loader_new(fuzz_options());

    check(loader != NULL);
    check(sigma_loader_add_text(loader, HN_TEXT("r.yml"), text, NULL) == HN_OK);
    check(sigma_loader_save(loader, saved) == HN_OK);
    sigma_loader_free(loader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_reader in = hn_reader_over(hn_bytes_of(data, size));
    unsigned changes = hn_reader_u8(&in) % 16u;
    size_t head = 1 + changes * 3u;
    struct sigma_loader *loader = sigma_loader_new(fuzz_options());
    struct sigma_set *set = NULL;
    struct hn_buf saved = { 0 };
    enum hn_status status;

    check(loader != NULL);
    if (size > head && size < 8192) {
        save(hn_bytes_as_text(hn_bytes_of(data + head, size - head)), &saved);
        forge(&saved, &in, changes);
        status = sigma_loader_restore(loader, hn_text_as_bytes(hn_buf_text(&saved)), NULL);
        check(status == HN_CORRUPT || (status == HN_LIMIT && changes > 0) || status == HN_OK);
        check(status == HN_OK || changes > 0);
        if (status == HN_OK) {
            check(sigma_loader_finish(loader, &set, NULL) == HN_OK);
            check_items(set);
            sigma_set_unref(set);
        }
    }
    hn_buf_deinit(&saved);
    sigma_loader_free(loader);
    return 0;
}
