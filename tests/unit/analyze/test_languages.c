/* test_languages.c - the same chain in VBScript, VBA, JScript and PowerShell does the same, told in
 * the same words: tests/golden/com/<case>.txt.
 *
 *   --- vbscript, --- vba, --- jscript, --- powershell    a source follows
 *   --- expect     all that each of them must tell, in order: "kind via | Field=value | ...",
 *                  "layer language how | text", "evasion detail", "unmodelled detail"
 *
 * ParentImage is left out: it is the host, which differs. */
#include "base/buf.h"
#include "jscript/jscript.h"
#include "powershell/powershell.h"
#include "support/shared.h"
#include "vbscript/vbscript.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define CASES HN_TESTS_DIR "/golden/com"

struct told {
    struct hn_buf lines;
    struct script_run *run;
};

static void add_value(struct told *told, const struct script_text *text)
{
    struct hn_text flat = script_text_flat(told->run, text);

    for (size_t i = 0; i < flat.len; i++) {
        if ((unsigned char)flat.ptr[i] < 0x20)
            hn_buf_addf(&told->lines, "\\x%02X", (unsigned)(unsigned char)flat.ptr[i]);
        else
            hn_buf_add_char(&told->lines, flat.ptr[i]);
    }
}

static void on_act(void *ctx, const struct script_act *act)
{
    struct told *told = ctx;

    hn_buf_addf(&told->lines, "%s %s", script_act_id(act->kind), act->via);
    for (size_t i = 0; i < act->field_count; i++) {
        if (strcmp(act->fields[i].name, "ParentImage") == 0)
            continue;
        hn_buf_addf(&told->lines, " | %s=", act->fields[i].name);
        add_value(told, act->fields[i].value);
    }
    hn_buf_addf(&told->lines, "%s\n", act->conditional ? " | conditional" : "");
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    struct told *told = ctx;

    hn_buf_addf(&told->lines, "layer %s %s | ", script_language_id(layer->language), layer->how);
    add_value(told, layer->text);
    hn_buf_add_char(&told->lines, '\n');
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct told *told = ctx;

    (void)offset;
    if (kind != SCRIPT_NOTE_EVASION && kind != SCRIPT_NOTE_UNMODELLED)
        return;
    hn_buf_addf(&told->lines, "%s %.*s\n", script_note_id(kind), HN_TEXT_ARG(detail));
}

typedef enum hn_status evaluator(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

static const struct {
    enum script_language language;
    evaluator *evaluate;
} languages[] = {
    { SCRIPT_VBSCRIPT, vbscript_evaluate },
    { SCRIPT_VBA, vbscript_evaluate },
    { SCRIPT_JSCRIPT, jscript_evaluate },
    { SCRIPT_POWERSHELL, powershell_evaluate },
};

static struct hn_buf evaluated(size_t which, struct hn_text text)
{
    struct told told = { { 0 }, NULL };
    struct script_sink sink = {
        .ctx = &told, .on_act = on_act, .on_layer = on_layer, .on_note = on_note
    };
    struct script_part part = { .name = HN_TEXT_INIT("M"), .text = text };
    struct script_source source = {
        .language = languages[which].language, .parts = &part, .part_count = 1
    };
    struct script_run run;

    script_run_init(&run, NULL, &sink);
    told.run = &run;
    assert_int_equal(languages[which].evaluate(&run, &source, NULL), HN_OK);
    assert_int_equal(run.stop, SCRIPT_STOP_NONE);
    script_run_deinit(&run);
    return told.lines;
}

/* What stands between the line "--- name" and the next that begins so. */
static struct hn_text section(struct hn_text text, const char *name)
{
    struct hn_text rest = text;
    struct hn_text line;
    struct hn_text start = { NULL, 0 };

    while (rest.len > 0) {
        struct hn_text before = rest;

        if (!hn_text_line(&rest, &line))
            break;
        if (!hn_text_starts(line, HN_TEXT("--- ")))
            continue;
        if (start.ptr != NULL)
            return hn_text_sub(start, 0, (size_t)(before.ptr - start.ptr));
        if (hn_text_eq(hn_text_sub(line, 4, SIZE_MAX), hn_text_cstr(name)))
            start = rest;
    }
    return start;
}

static size_t run_case(const char *name)
{
    char path[1024];
    struct hn_bytes bytes;
    struct hn_text text;
    size_t failures = 0;

    (void)snprintf(path, sizeof path, CASES "/%s", name);
    bytes = shared_read(path);
    text = hn_bytes_as_text(bytes);
    for (size_t i = 0; i < HN_COUNT_OF(languages); i++) {
        const char *language = script_language_id(languages[i].language);
        struct hn_buf lines = evaluated(i, section(text, language));

        if (!hn_text_eq(hn_buf_text(&lines), section(text, "expect"))) {
            print_error(
                    "%s as %s tells:\n%.*s\n", name, language, HN_TEXT_ARG(hn_buf_text(&lines)));
            failures++;
        }
        hn_buf_deinit(&lines);
    }
    shared_free(bytes);
    return failures;
}

static void all_languages_tell_the_same(void **state)
{
    DIR *dir = opendir(CASES);
    const struct dirent *entry;
    size_t failures = 0;
    size_t count = 0;

    (void)state;
    assert_non_null(dir);
    for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (!hn_text_ends(hn_text_cstr(entry->d_name), HN_TEXT(".txt")))
            continue;
        failures += run_case(entry->d_name);
        count++;
    }
    (void)closedir(dir);
    print_message("%zu cases in %zu languages\n", count, HN_COUNT_OF(languages));
    assert_true(count >= 9);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_languages_tell_the_same) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
