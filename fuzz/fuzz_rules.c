/* fuzz: match */
/* fuzz_rules.c - rule files: any text as a stream of YAML documents.
 *
 * Oracle: loading ends well, issues lie in the file, the same text gives the same set, saving and
 * restoring gives the same set, every rule that was loaded compiles, and on an empty event engine
 * and interpreter agree. */
#include "sigma_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sigma_set *through_the_cache(struct hn_text text)
{
    struct sigma_loader *loader = sigma_loader_new(fuzz_options());
    struct sigma_loader *restored = sigma_loader_new(fuzz_options());
    struct sigma_set *set = NULL;
    struct hn_buf saved = { 0 };

    check(loader != NULL && restored != NULL);
    check(sigma_loader_add_text(loader, HN_TEXT("r.yml"), text, NULL) == HN_OK);
    check(sigma_loader_save(loader, &saved) == HN_OK);
    check(sigma_loader_restore(restored, hn_text_as_bytes(hn_buf_text(&saved)), NULL) == HN_OK);
    check(sigma_loader_finish(restored, &set, NULL) == HN_OK);
    sigma_loader_free(loader);
    sigma_loader_free(restored);
    hn_buf_deinit(&saved);
    return set;
}

static void check_same(const struct sigma_set *a, const struct sigma_set *b)
{
    check(hn_digest_eq(a->digest, b->digest));
    check(a->rule_count == b->rule_count && a->correlation_count == b->correlation_count);
    check(a->issue_count == b->issue_count && a->document_count == b->document_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_text none = { "", 0 };
    struct fuzz_match match;
    struct sigma_set *again;
    struct sigma_set *set;

    if (size > 16384)
        return 0;
    set = fuzz_load(none, text);
    check_issues(set, none, text);
    check_items(set);
    again = fuzz_load(none, text);
    check_same(set, again);
    sigma_set_unref(again);
    again = through_the_cache(text);
    check_same(set, again);
    sigma_set_unref(again);
    if (set->rule_count > 0) {
        fuzz_match_open(&match, set);
        hn_event_reset(&match.event);
        match.event.origin = HN_ORIGIN_KNOWN;
        match.event.source.product = HN_TEXT("windows");
        fuzz_match_run(&match);
        fuzz_match_close(&match);
    }
    sigma_set_unref(set);
    return 0;
}
