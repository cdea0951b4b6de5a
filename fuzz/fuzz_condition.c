/* fuzz: match */
/* fuzz_condition.c - one line as a rule's condition, over four selections.
 *
 * Oracle: for every combination of selections that hold, a rule with the condition and one with its
 * negation: exactly one of them fires, and the engine says what the interpreter says. */
#include "sigma_fuzz.h"

#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_rule(
        struct hn_buf *yaml, struct hn_text condition, const char *before, const char *after)
{
    struct hn_buf text = { 0 };

    hn_buf_add_cstr(&text, before);
    hn_buf_add_text(&text, condition);
    hn_buf_add_cstr(&text, after);
    hn_buf_add_lit(yaml, "---\ntitle: t\nlogsource: {product: p}\ndetection:\n"
                         "    s1: {a: 1}\n    s2: {b: 1}\n    sel_x: {c: 1}\n    other: {d: 1}\n"
                         "    condition: ");
    hn_json_string(yaml, hn_buf_text(&text));
    hn_buf_add_lit(yaml, "\n");
    hn_buf_deinit(&text);
}

/* An end of a comment or of the parenthesis would make another text of the negation. */
static bool is_plain(struct hn_text text)
{
    int depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        depth += (text.ptr[i] == '(') - (text.ptr[i] == ')');
        if (depth < 0 || text.ptr[i] == '|' || text.ptr[i] == '\0')
            return false;
    }
    return depth == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hn_text fields[] = { HN_TEXT_INIT("a"), HN_TEXT_INIT("b"),
        HN_TEXT_INIT("c"), HN_TEXT_INIT("d") };
    struct hn_text condition = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_text none = { "", 0 };
    struct hn_buf yaml = { 0 };
    struct fuzz_match match;
    struct sigma_set *set;

    if (size > 400)
        return 0;
    add_rule(&yaml, condition, "", "");
    add_rule(&yaml, condition, "not (", ")");
    check(hn_buf_ok(&yaml));
    set = fuzz_load(none, hn_buf_text(&yaml));
    check_items(set);
    if (set->rule_count > 0) {
        fuzz_match_open(&match, set);
        for (unsigned held = 0; held < 16; held++) {
            hn_event_reset(&match.event);
            match.event.origin = HN_ORIGIN_KNOWN;
            match.event.source.product = HN_TEXT("p");
            for (unsigned i = 0; i < HN_COUNT_OF(fields); i++) {
                if ((held >> i & 1) != 0)
                    hn_event_add_i64(&match.event, fields[i], 1);
            }
            fuzz_match_run(&match);
            check(set->rule_count < 2 || !is_plain(condition) || match.fired[0] != match.fired[1]);
        }
        fuzz_match_close(&match);
    }
    sigma_set_unref(set);
    hn_buf_deinit(&yaml);
    return 0;
}
