/* fuzz_protect.c - indicators with any text in them: every rule made of them compiles and passes
 * its tests, or is held; what is exported is whole and read back; the table has no formula. Input:
 * one indicator a line, its first two bytes the role and kind. */
/* fuzz: protect */
#include "protect/protect.h"

#include "base/json_in.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INDICATORS_MAX 8

static void check(bool holds)
{
    if (!holds)
        abort();
}

static size_t fill(struct hn_text rest, struct protect_indicator list[INDICATORS_MAX])
{
    struct hn_text line;
    size_t count = 0;

    while (count < INDICATORS_MAX && hn_text_split(&rest, '\n', &line)) {
        struct protect_indicator *one = &list[count];
        unsigned kind;

        if (line.len < 3)
            continue;
        kind = (unsigned char)line.ptr[1] % (EXTRACT_KIND_COUNT + 2);
        *one = (struct protect_indicator){ .role = (enum protect_role)(
                                                   (unsigned char)line.ptr[0] % PROTECT_ROLE_COUNT),
            .kind = kind == EXTRACT_KIND_COUNT       ? PROTECT_COMMAND
                    : kind == EXTRACT_KIND_COUNT + 1 ? PROTECT_TEXT
                                                     : PROTECT_EXTRACTED,
            .what = kind < EXTRACT_KIND_COUNT ? (enum extract_kind)kind : EXTRACT_URL,
            .value = hn_text_sub(line, 2, line.len),
            .object = PROTECT_NONE,
            .offset = DISSECT_NOWHERE };
        if (one->what == EXTRACT_HOST || one->what == EXTRACT_URL)
            one->host = one->value;
        count++;
    }
    return count;
}

/* One JSON value and nothing behind it. */
static void check_json(struct hn_buf *text)
{
    struct hn_json_in in = hn_json_in_over(hn_buf_text(text));

    check(hn_buf_ok(text));
    check(hn_json_in_skip(&in) && hn_json_in_peek(&in) == '\0');
    hn_buf_reset(text);
}

/* No cell begins as a formula does; a line break within quotes begins none. */
static void check_cells(struct hn_text table)
{
    bool quoted = false;
    bool begins = true;

    for (size_t i = 0; i < table.len; i++) {
        char c = table.ptr[i];

        if (c == '"') {
            quoted = !quoted;
            continue; /* the cell begins behind it, if it does */
        }
        check(!begins || (c != '=' && c != '@' && c != '+' && c != '-'));
        begins = !quoted && (c == ',' || c == '\n');
    }
}

static void check_rules(const struct protect_case *about)
{
    struct protect_rules rules;

    check(protect_rules_make(about, true, &rules) == HN_OK);
    check(protect_rules_check(&rules, NULL) == HN_OK);
    for (size_t i = 0; i < rules.count; i++) {
        struct hn_text held = rules.rules[i].held;

        /* A value may be one that no log can hold; a rule that is none would be our mistake. */
        check(held.len == 0 || hn_text_starts(held, HN_TEXT("its own test does not hold")) ||
                hn_text_starts(held, HN_TEXT("its tests cannot be run")));
        check(hn_text_find_char(rules.rules[i].file, '/', 0) == SIZE_MAX);
    }
    protect_rules_deinit(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct protect_indicator list[INDICATORS_MAX];
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct protect_case about = { .name = hn_text_sub(text, 0, 60),
        .family = hn_text_sub(text, 0, 20),
        .made = INT64_C(1795400000) * HN_SECOND,
        .indicators = list };
    struct hn_buf out = { 0 };

    about.indicator_count = fill(text, list);
    protect_write_stix(&about, &out);
    check_json(&out);
    protect_write_misp(&about, &out);
    check_json(&out);
    protect_write_csv(&about, &out);
    check(hn_buf_ok(&out));
    check_cells(hn_buf_text(&out));
    hn_buf_deinit(&out);
    check_rules(&about);
    return 0;
}
