/* test_take_apart.c - the loop of two waves, with openers and languages made up here: "zip" holds
 * what stands between its lines, a "batch" does what its letters say. */
#include "analyze/analyze.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char order[64]; /* what was done, in order */

static void mark(char what)
{
    size_t len = strlen(order);

    if (len + 1 < sizeof order)
        order[len] = what;
}

/* Each line behind the first is a child; "s:" makes a store of it. */
static enum hn_status open_lines(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text rest = hn_bytes_as_text(dissect_get(dissect, id)->data);
    struct hn_text line;

    (void)err;
    mark('o');
    (void)hn_text_line(&rest, &line);
    while (hn_text_line(&rest, &line)) {
        struct dissect_child child = {
            .format = hn_text_starts(line, HN_TEXT("echo")) ? DISSECT_BATCH : DISSECT_TEXT,
            .relation = "entry",
            .data = hn_text_as_bytes(line),
            .offset = DISSECT_NOWHERE
        };

        if (hn_text_starts(line, HN_TEXT("s:")))
            dissect_store(dissect, id, HN_TEXT("store"), hn_text_sub(line, 2, SIZE_MAX), 0);
        else if (dissect_child(dissect, id, &child, NULL) == HN_NOMEM)
            return HN_NOMEM;
    }
    return HN_OK;
}

static enum hn_status open_damaged(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    (void)dissect;
    (void)id;
    return hn_fail(err, HN_CORRUPT, 7, "no sense in it");
}

static void tell_layer(
        struct script_run *run, const char *text, enum script_language language, bool evaluated)
{
    struct script_layer layer = { .language = language,
        .text = script_text_new(run, hn_text_cstr(text), NULL),
        .how = "eval",
        .evaluated = evaluated };

    script_tell_layer(run, &layer);
}

static enum hn_status evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct hn_text text = source->parts[0].text;
    struct hn_text store;

    (void)err;
    mark('e');
    if (hn_text_find(text, HN_TEXT("layer"), 0) != SIZE_MAX) {
        tell_layer(run, "echo inner", SCRIPT_BATCH, false);
        tell_layer(run, "echo done already", SCRIPT_BATCH, true);
        tell_layer(run, "two lines\nof an archive", SCRIPT_PROGRAM, false);
    }
    if (hn_text_find(text, HN_TEXT("start"), 0) != SIZE_MAX) {
        struct script_act act = script_act(run, SCRIPT_ACT_PROCESS, 3, "Shell");

        script_act_add(&act, "CommandLine", script_text_new(run, HN_TEXT("cmd /c x"), NULL));
        script_tell(run, &act);
    }
    if (hn_text_find(text, HN_TEXT("store"), 0) != SIZE_MAX &&
            source->lookup(source->lookup_ctx, HN_TEXT("STORE"), &store))
        script_tell_text(run, script_text_new(run, store, NULL));
    if (hn_text_find(text, HN_TEXT("note"), 0) != SIZE_MAX)
        script_tell_note(run, SCRIPT_NOTE_AUTORUN, 1, HN_TEXT("AutoOpen"));
    if (hn_text_find(text, HN_TEXT("reply"), 0) != SIZE_MAX) {
        struct script_layer layer = { .language = SCRIPT_BATCH,
            .text = script_text_unknown(run, "reply of http://files.example/", NULL),
            .how = "eval" };

        script_tell_layer(run, &layer);
    }
    if (hn_text_find(text, HN_TEXT("work"), 0) != SIZE_MAX)
        while (script_spend(run, 1))
            continue;
    return HN_OK;
}

/* Tells of itself what it starts, as evaluators of command lines do. */
static enum hn_status evaluate_command(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct script_act act = script_act(run, SCRIPT_ACT_PROCESS, 0, "command");

    (void)err;
    mark('c');
    script_act_add(&act, "CommandLine", script_text_new(run, source->parts[0].text, NULL));
    script_tell(run, &act);
    return HN_OK;
}

static const struct analyze_opener openers[] = { { DISSECT_ZIP, open_lines },
    { DISSECT_RAR, open_damaged } };
static const struct analyze_evaluator evaluators[] = { { SCRIPT_BATCH, evaluate },
    { SCRIPT_COMMAND, evaluate_command } };
static const struct analyze_tables tables = { .openers = openers,
    .opener_count = HN_COUNT_OF(openers),
    .evaluators = evaluators,
    .evaluator_count = HN_COUNT_OF(evaluators) };

static enum hn_status run_over(
        const char *text, enum dissect_format format, struct dissect **ret_dissect)
{
    static struct script_limits limits;
    struct analyze_options options = { .tables = &tables, .script_limits = &limits };
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = format,
        .name = HN_TEXT("sample"),
        .relation = "sample",
        .data = hn_bytes_of(text, strlen(text)),
        .offset = DISSECT_NOWHERE };
    enum hn_status status;

    memset(order, 0, sizeof order);
    limits = script_limits_default;
    limits.steps_max = 1000;
    *ret_dissect = dissect;
    if (dissect == NULL)
        return HN_NOMEM;
    status = dissect_child(dissect, DISSECT_NONE, &sample, NULL);
    return status == HN_OK ? analyze_take_apart(dissect, &options, NULL) : status;
}

static const struct dissect_note *note_of(
        const struct dissect *dissect, uint32_t id, enum dissect_note_kind kind)
{
    for (const struct dissect_note *note = dissect_get(dissect, id)->notes; note != NULL;
            note = note->next)
        if (note->kind == kind)
            return note;
    return NULL;
}

/* All is opened before the first script is evaluated, so that it sees the stores behind it. */
static void stores_are_known_before_scripts(void **state)
{
    struct dissect *dissect;

    (void)state;
    assert_int_equal(run_over("zip\necho store\ns:hidden text", DISSECT_ZIP, &dissect), HN_OK);
    assert_string_equal(order, "oe");
    assert_non_null(dissect_get(dissect, 1)->texts);
    assert_true(hn_text_eq(dissect_get(dissect, 1)->texts->text, HN_TEXT("hidden text")));
    dissect_free(dissect);
}

/* Layers are objects and evaluated in turn, but not those their evaluator went into. */
static void layers_are_objects(void **state)
{
    struct dissect *dissect;

    (void)state;
    assert_int_equal(run_over("echo layer", DISSECT_BATCH, &dissect), HN_OK);
    assert_int_equal(dissect_count(dissect), 4);
    assert_string_equal(order, "ee");
    assert_string_equal(dissect_get(dissect, 1)->relation, "layer");
    assert_string_equal(dissect_get(dissect, 3)->relation, "written");
    assert_int_equal(dissect_get(dissect, 3)->format, DISSECT_TEXT);
    dissect_free(dissect);
}

/* A command line that would be started is a layer; what it says of itself is none. */
static void started_commands_are_layers(void **state)
{
    struct dissect *dissect;

    (void)state;
    assert_int_equal(run_over("echo start", DISSECT_BATCH, &dissect), HN_OK);
    assert_int_equal(dissect_count(dissect), 2);
    assert_string_equal(order, "ec");
    assert_int_equal(dissect_get(dissect, 1)->format, DISSECT_COMMAND);
    assert_string_equal(dissect_get(dissect, 1)->relation, "started");
    assert_int_equal(dissect_get(dissect, 0)->acts->kind, SCRIPT_ACT_PROCESS);
    dissect_free(dissect);
}

/* What is left out is said: by whom nobody opens, by what stopped, by what was damaged. */
static void gaps_are_noted(void **state)
{
    struct dissect *dissect;

    (void)state;
    assert_int_equal(run_over("x", DISSECT_PDF, &dissect), HN_OK);
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_UNSUPPORTED));
    dissect_free(dissect);
    assert_int_equal(run_over("x", DISSECT_JSCRIPT, &dissect), HN_OK);
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_UNSUPPORTED));
    dissect_free(dissect);
    assert_int_equal(run_over("x", DISSECT_RAR, &dissect), HN_OK);
    assert_int_equal(note_of(dissect, 0, DISSECT_NOTE_DAMAGED)->offset, 7);
    dissect_free(dissect);
    assert_int_equal(run_over("echo work note", DISSECT_BATCH, &dissect), HN_OK);
    assert_string_equal(note_of(dissect, 0, DISSECT_NOTE_LIMIT)->detail.ptr, "evaluation: steps");
    assert_string_equal(note_of(dissect, 0, DISSECT_NOTE_AUTORUN)->detail.ptr, "AutoOpen");
    dissect_free(dissect);
}

static const char *fact_of(const struct dissect *dissect, uint32_t id, const char *name)
{
    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        if (strcmp(fact->name, name) == 0)
            return fact->value.ptr;
    return "";
}

/* Text of a server that is run is a fact, not a layer that says nothing. (It was taken for nothing
 * at all, and the script called clean.) */
static void unknown_layers_are_facts(void **state)
{
    struct dissect *dissect;

    (void)state;
    assert_int_equal(run_over("echo reply", DISSECT_BATCH, &dissect), HN_OK);
    assert_int_equal(dissect_count(dissect), 1);
    assert_string_equal(fact_of(dissect, 0, "runs_unknown"), "{reply of http://files.example/}");
    dissect_free(dissect);
}

static void objects_are_identified(void **state)
{
    struct dissect *dissect;

    (void)state;
    assert_int_equal(run_over("abc", DISSECT_TEXT, &dissect), HN_OK);
    assert_string_equal(fact_of(dissect, 0, "size"), "3");
    assert_string_equal(fact_of(dissect, 0, "md5"), "900150983cd24fb0d6963f7d28e17f72");
    assert_string_equal(fact_of(dissect, 0, "sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_string_equal(fact_of(dissect, 0, "sha256"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    dissect_free(dissect);
}

/* Names that deceive; the plain ones beside them do not. */
static void deceptive_names_are_facts(void **state)
{
    static const struct {
        const char *name;
        const char *trick;
    } rows[] = {
        { "invoice.pdf.exe", "double_extension" },
        { "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.docx.js ", "double_extension" },
        { "\xE2\x80\xAE"
          "fdp.exe",
                "direction_override" },
        { "photo          .scr", "padded_extension" },
        { "setup-1.2.exe", "" },
        { "report.pdf", "" },
        { "archive.tar.gz", "" },
        { "a          b.docx", "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct dissect *dissect = dissect_new(NULL);
        struct dissect_child sample = { .format = DISSECT_TEXT,
            .name = hn_text_cstr(rows[i].name),
            .relation = "sample",
            .data = hn_bytes_of("x", 1),
            .offset = DISSECT_NOWHERE };
        struct analyze_options options = { .tables = &tables };

        assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
        assert_int_equal(analyze_take_apart(dissect, &options, NULL), HN_OK);
        assert_string_equal(fact_of(dissect, 0, "name_trick"), rows[i].trick);
        dissect_free(dissect);
    }
}

/* Whatever allocation fails: no crash, no leak. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct dissect *dissect = NULL;
        uint64_t hits;

        hn_mem_fail_from(n);
        (void)run_over("zip\necho layer start store note\ns:hidden", DISSECT_ZIP, &dissect);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
        if (hits == 0)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_are_known_before_scripts),
        cmocka_unit_test(layers_are_objects),
        cmocka_unit_test(started_commands_are_layers),
        cmocka_unit_test(gaps_are_noted),
        cmocka_unit_test(unknown_layers_are_facts),
        cmocka_unit_test(objects_are_identified),
        cmocka_unit_test(deceptive_names_are_facts),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
