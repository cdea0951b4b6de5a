/* fuzz: known */
/* fuzz_vt.c - results of vendors as a service or a file gives them.
 *
 * Oracle: no more engines call it malicious than had an opinion; digests and families are of their
 * alphabets; votes are of names that are there; the same document twice, as two lines, gives the
 * same reports twice. */
#include "known/known.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPORTS_MAX ((size_t)64)

struct told {
    struct hn_buf text; /* each report as a line */
    size_t count;
    size_t max;
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_word(struct hn_text text, bool hex)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        check((c >= '0' && c <= '9') || (c >= 'a' && c <= (hex ? 'f' : 'z')));
    }
}

static bool on_report(void *ctx, const struct known_report *report)
{
    struct told *told = ctx;

    check(report->engines > 0 && report->engines <= 4 * KNOWN_ENGINES_MAX);
    check((uint64_t)report->malicious + report->suspicious <= report->engines);
    check(report->sha256.len == 64 && report->date >= 0);
    check_word(report->sha256, true);
    check_word(report->family, false);
    check((report->family.len > 0) == (report->family_votes >= 3));
    check(report->family_votes <= report->family_of && report->family_of <= KNOWN_ENGINES_MAX);
    check(report->name_count <= KNOWN_NAMES_MAX && report->name_count <= report->family_of);
    for (size_t i = 0; i < report->name_count; i++)
        check(report->names[i].count > 0 &&
                (i == 0 || report->names[i].count <= report->names[i - 1].count));
    hn_buf_addf(&told->text, "%.*s %u %u %u %lld %u %u %.*s\n", HN_TEXT_ARG(report->sha256),
            (unsigned)report->malicious, (unsigned)report->suspicious, (unsigned)report->engines,
            (long long)report->date, (unsigned)report->family_votes, (unsigned)report->family_of,
            HN_TEXT_ARG(report->family));
    return ++told->count < told->max;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text json = hn_bytes_as_text(hn_bytes_of(data, size));
    struct told once = { .max = REPORTS_MAX };
    struct hn_buf doubled = { 0 };

    if (known_reports_read(json, on_report, &once, NULL) == HN_OK && once.count < REPORTS_MAX) {
        struct told twice = { .max = 2 * REPORTS_MAX };

        hn_buf_add_text(&doubled, json);
        hn_buf_add_char(&doubled, '\n');
        hn_buf_add_text(&doubled, json);
        check(known_reports_read(hn_buf_text(&doubled), on_report, &twice, NULL) == HN_OK);
        check(twice.count == 2 * once.count && twice.text.len == 2 * once.text.len);
        check(once.text.len == 0 ||
                (memcmp(twice.text.ptr, once.text.ptr, once.text.len) == 0 &&
                        memcmp(twice.text.ptr + once.text.len, once.text.ptr, once.text.len) == 0));
        hn_buf_deinit(&twice.text);
    }
    hn_buf_deinit(&doubled);
    hn_buf_deinit(&once.text);
    return 0;
}
