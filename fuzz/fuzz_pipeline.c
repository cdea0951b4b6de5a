/* fuzz: match */
/* fuzz_pipeline.c - any text as a processing pipeline over a few rules of every kind of value.
 *
 * Oracle: loading ends well, issues lie in their file, the same text gives the same set, and what
 * comes out compiles. */
#include "sigma_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] =
        "title: a\nname: a\nstatus: test\nlevel: high\ntags: [attack.t1059]\n"
        "logsource: {product: windows, category: process_creation}\ndetection:\n"
        "    sel: {Image|endswith: ['\\\\a.exe', '%Admins%'], EventID: 1, User|re: 'ab+'}\n"
        "    k: ['word', 'w*d']\n    n: {ParentImage: null, Ip|cidr: 10.0.0.0/8}\n"
        "    condition: sel and k or not n\n---\n"
        "title: b\nlogsource: {service: sshd}\ndetection: {s: {f|contains|all: [x, y], g|gt: 5},\n"
        "    t: {h|fieldref: f, f|expand: '%Admins%'}, condition: 1 of them}\n---\n"
        "title: c\ncorrelation: {type: event_count, rules: [a], group-by: [User], timespan: 5m,\n"
        "    condition: {gte: 3}}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_text yaml = hn_text_of(rules, sizeof rules - 1);
    struct fuzz_match match;
    struct sigma_set *again;
    struct sigma_set *set;

    if (size == 0 || size > 8192)
        return 0;
    set = fuzz_load(text, yaml);
    check_issues(set, text, yaml);
    check_items(set);
    again = fuzz_load(text, yaml);
    check(hn_digest_eq(set->digest, again->digest) && set->issue_count == again->issue_count);
    sigma_set_unref(again);
    if (set->rule_count > 0) {
        fuzz_match_open(&match, set);
        hn_event_reset(&match.event);
        fuzz_match_run(&match);
        fuzz_match_close(&match);
    }
    sigma_set_unref(set);
    return 0;
}
