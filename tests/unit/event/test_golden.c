/* test_golden.c - every case of tests/golden/event: the log source, the fields, when, where, who.
 *
 * Each case runs four ways: fields nested or flat, wanted-mode or all-mode; all must agree.
 *
 * A file holds cases:
 *     case NAME
 *     origin windows|linux|unknown           (unknown where the line is missing)
 *     labels PRODUCT | CATEGORY | SERVICE    what a text decoder has set; origin is "known" then
 *     name: value                            a field, by its path or flat name
 *     name:# 12                              ... a number
 *     name:null                              ... null
 *     name:{} [...]                          ... a JSON object or array
 *     => PRODUCT | CATEGORY, ... | SERVICE, ...
 *     name = value ¦ value                   all values of a field
 *     name absent
 *     time = ..., host = ..., user = ...     ("none" for nothing)
 * "-" stands for no label. {LF}, {CRLF} and {TAB} in values are those characters. '#' starts a
 * comment line. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "base/vec.h"
#include "event/event.h"
#include "support/check.h"

#include <dirent.h>
#include <stdio.h>

enum golden_kind {
    GOLDEN_TEXT,
    GOLDEN_NUMBER,
    GOLDEN_NULL,
    GOLDEN_OBJECT,
    GOLDEN_EXPECT, /* "name = value" */
    GOLDEN_ABSENT,
};

struct golden_line {
    enum golden_kind kind;
    struct hn_text name;
    struct hn_text value;
};

struct golden_case {
    struct hn_text file;
    struct hn_text name;
    enum hn_origin origin;
    struct hn_text labels; /* as written; ptr NULL: none */
    struct hn_text expect; /* "windows | process_creation | sysmon" */
    HN_VEC(struct golden_line) fields;
    HN_VEC(struct golden_line) expects;
};

struct golden_set {
    struct hn_arena arena;
    HN_VEC(struct golden_case) cases;
};

/* ---- Reading cases ---- */

/* {LF} and friends as the characters they stand for. */
static struct hn_text unbrace(struct hn_arena *arena, struct hn_text text)
{
    static const struct {
        const char *word;
        const char *text;
    } words[] = { { "{LF}", "\n" }, { "{CRLF}", "\r\n" }, { "{TAB}", "\t" } };
    struct hn_buf buf = { 0 };
    struct hn_text copy;

    for (size_t i = 0; i < text.len;) {
        struct hn_text rest = hn_text_sub(text, i, text.len);
        size_t k = 0;

        while (k < HN_COUNT_OF(words) && !hn_text_starts(rest, hn_text_cstr(words[k].word)))
            k++;
        if (k < HN_COUNT_OF(words)) {
            hn_buf_add_cstr(&buf, words[k].text);
            i += strlen(words[k].word);
        } else {
            hn_buf_add_char(&buf, text.ptr[i++]);
        }
    }
    copy = hn_arena_text(arena, hn_buf_text(&buf));
    hn_buf_deinit(&buf);
    return copy;
}

static void add_field(struct golden_set *set, struct golden_case *golden, struct hn_text line)
{
    size_t colon = hn_text_find(line, HN_TEXT(": "), 0);
    struct golden_line *field = hn_vec_add(&golden->fields);

    field->kind = GOLDEN_TEXT;
    if (hn_text_ends(line, HN_TEXT(":null"))) {
        field->kind = GOLDEN_NULL;
        field->name = hn_text_sub(line, 0, line.len - 5);
        return;
    }
    if (colon == SIZE_MAX)
        colon = hn_text_find(line, HN_TEXT(":# "), 0);
    if (colon == SIZE_MAX)
        colon = hn_text_find(line, HN_TEXT(":{} "), 0);
    if (colon == SIZE_MAX && hn_text_ends(line, HN_TEXT(":"))) {
        field->name = hn_text_sub(line, 0, line.len - 1);
        field->value = HN_TEXT("");
        return;
    }
    if (colon == SIZE_MAX || hn_text_find(line, HN_TEXT(":# "), 0) < colon) {
        print_error("not a field: %.*s\n", HN_TEXT_ARG(line));
        fail();
    }
    field->name = hn_text_sub(line, 0, colon);
    line = hn_text_sub(line, colon + 1, line.len);
    if (line.ptr[0] == '#')
        field->kind = GOLDEN_NUMBER;
    else if (line.ptr[0] == '{')
        field->kind = GOLDEN_OBJECT;
    line = hn_text_sub(line, hn_text_find_char(line, ' ', 0) + 1, line.len);
    field->value = unbrace(&set->arena, line);
}

static void add_expect(struct golden_set *set, struct golden_case *golden, struct hn_text line)
{
    struct golden_line *expect = hn_vec_add(&golden->expects);
    size_t equals = hn_text_find(line, HN_TEXT(" = "), 0);

    if (hn_text_ends(line, HN_TEXT(" absent"))) {
        expect->kind = GOLDEN_ABSENT;
        expect->name = hn_text_sub(line, 0, line.len - 7);
        return;
    }
    if (equals == SIZE_MAX && hn_text_ends(line, HN_TEXT(" ="))) {
        equals = line.len - 2;
    } else if (equals == SIZE_MAX) {
        print_error("not an expectation: %.*s\n", HN_TEXT_ARG(line));
        fail();
    }
    expect->kind = GOLDEN_EXPECT;
    expect->name = hn_text_sub(line, 0, equals);
    expect->value = unbrace(&set->arena, hn_text_sub(line, equals + 3, line.len));
}

static void add_line(struct golden_set *set, struct hn_text file, struct hn_text line)
{
    struct golden_case *golden = NULL;

    if (line.len == 0 || line.ptr[0] == '#')
        return;
    if (hn_text_starts(line, HN_TEXT("case "))) {
        golden = hn_vec_add(&set->cases);
        golden->file = file;
        golden->name = hn_text_sub(line, 5, line.len);
        return;
    }
    if (set->cases.count == 0) {
        print_error("%.*s: a line before the first case\n", HN_TEXT_ARG(file));
        fail();
        return;
    }
    golden = &set->cases.ptr[set->cases.count - 1];
    if (hn_text_eq(line, HN_TEXT("origin windows")))
        golden->origin = HN_ORIGIN_WINDOWS;
    else if (hn_text_eq(line, HN_TEXT("origin linux")))
        golden->origin = HN_ORIGIN_LINUX;
    else if (hn_text_starts(line, HN_TEXT("labels ")))
        golden->labels = hn_text_sub(line, 7, line.len);
    else if (hn_text_starts(line, HN_TEXT("=> ")))
        golden->expect = hn_text_sub(line, 3, line.len);
    else if (golden->expect.ptr == NULL)
        add_field(set, golden, line);
    else
        add_expect(set, golden, line);
}

static void golden_load(struct golden_set *ret_set)
{
    static const char folder[] = HN_TESTS_DIR "/golden/event";
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    memset(ret_set, 0, sizeof *ret_set);
    hn_arena_init(&ret_set->arena, (size_t)64 << 20);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        struct hn_text name = hn_arena_text(&ret_set->arena, hn_text_cstr(entry->d_name));
        char path[4096];
        struct hn_text text = { NULL, 0 };
        struct hn_text rest;
        struct hn_text line;
        char *bytes;

        if (!hn_text_ends(name, HN_TEXT(".txt")))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        bytes = check_read_file(path, &text);
        rest = hn_arena_text(&ret_set->arena, text);
        hn_free(bytes);
        while (hn_text_line(&rest, &line))
            add_line(ret_set, name, line);
    }
    (void)closedir(dir);
}

static void golden_free(struct golden_set *set)
{
    for (size_t i = 0; i < set->cases.count; i++) {
        hn_vec_deinit(&set->cases.ptr[i].fields);
        hn_vec_deinit(&set->cases.ptr[i].expects);
    }
    hn_vec_deinit(&set->cases);
    hn_arena_deinit(&set->arena);
}

static bool is_context(struct hn_text name)
{
    return hn_text_eq(name, HN_TEXT("time")) || hn_text_eq(name, HN_TEXT("host")) ||
           hn_text_eq(name, HN_TEXT("user"));
}

static void golden_want(const struct golden_set *set, struct hn_schema *schema)
{
    for (size_t i = 0; i < set->cases.count; i++) {
        const struct golden_case *golden = &set->cases.ptr[i];

        for (size_t k = 0; k < golden->expects.count; k++) {
            if (!is_context(golden->expects.ptr[k].name))
                assert_int_not_equal(
                        hn_schema_want(schema, golden->expects.ptr[k].name), HN_FIELD_NONE);
        }
    }
}

/* ---- Running a case ---------------------------------------------------------------------------
 */

static struct hn_value value_of(const struct golden_line *field)
{
    struct hn_value value = { .ptr = field->value.ptr, .len = (uint32_t)field->value.len };

    value.form = HN_FORM_TEXT;
    switch (field->kind) {
    case GOLDEN_NUMBER:
        if (hn_parse_i64(field->value, &value.number.i)) {
            value.type = HN_TYPE_INT;
        } else {
            assert_true(hn_parse_real(field->value, &value.number.real));
            value.type = HN_TYPE_REAL;
        }
        value.form = HN_FORM_NUMBER;
        break;
    case GOLDEN_NULL:
        value.type = HN_TYPE_NULL;
        value.ptr = "";
        value.len = 0;
        break;
    case GOLDEN_OBJECT:
        value.type = HN_TYPE_OBJECT;
        break;
    case GOLDEN_TEXT:
    case GOLDEN_EXPECT:
    case GOLDEN_ABSENT:
        value.type = HN_TYPE_STRING;
        break;
    }
    return value;
}

static void add_nested(
        struct hn_event *event, const struct golden_line *field, const struct hn_value *value)
{
    struct hn_text rest = field->name;
    hn_node node = HN_NODE_ROOT;
    struct hn_text part;

    while (node != HN_NODE_NONE && hn_text_split(&rest, '.', &part))
        node = hn_schema_child(event->schema, node, part);
    hn_event_add_field(event,
            node == HN_NODE_NONE ? HN_FIELD_NONE : hn_schema_node_field(event->schema, node),
            field->name, value);
}

static void set_labels(struct hn_source *source, struct hn_text labels)
{
    struct hn_text part;
    struct hn_text label;

    (void)hn_text_split(&labels, '|', &part);
    part = hn_text_trim(part);
    if (!hn_text_eq(part, HN_TEXT("-")))
        source->product = part;
    (void)hn_text_split(&labels, '|', &part);
    while (hn_text_split(&part, ',', &label)) {
        label = hn_text_trim(label);
        if (!hn_text_eq(label, HN_TEXT("-")))
            hn_source_add_category(source, label);
    }
    while (hn_text_split(&labels, ',', &label)) {
        label = hn_text_trim(label);
        if (!hn_text_eq(label, HN_TEXT("-")))
            hn_source_add_service(source, label);
    }
}

static void golden_add(struct hn_event *event, const struct golden_case *golden, bool nested)
{
    hn_event_reset(event);
    event->origin = golden->origin;
    if (golden->labels.ptr != NULL) {
        event->origin = HN_ORIGIN_KNOWN;
        set_labels(&event->source, golden->labels);
    }
    for (size_t i = 0; i < golden->fields.count; i++) {
        const struct golden_line *field = &golden->fields.ptr[i];
        struct hn_value value = value_of(field);

        if (nested)
            add_nested(event, field, &value);
        else
            hn_event_add(event, field->name, &value);
    }
}

/* ---- Checking ---------------------------------------------------------------------------------
 */

static void add_labels(struct hn_buf *buf, const struct hn_text *labels)
{
    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++) {
        if (i > 0)
            hn_buf_add_lit(buf, ", ");
        hn_buf_add_text(buf, labels[i]);
    }
    if (labels[0].len == 0)
        hn_buf_add_char(buf, '-');
}

static bool check_equal(const struct golden_case *golden, const char *how, struct hn_text what,
        struct hn_text actual, struct hn_text expected)
{
    if (hn_text_eq(actual, expected))
        return true;
    print_error("%.*s: %.*s (%s)\n  %.*s is '%.*s'\n  instead of '%.*s'\n",
            HN_TEXT_ARG(golden->file), HN_TEXT_ARG(golden->name), how, HN_TEXT_ARG(what),
            HN_TEXT_ARG(actual), HN_TEXT_ARG(expected));
    return false;
}

static struct hn_text source_text(struct hn_buf *buf, const struct hn_source *source)
{
    hn_buf_reset(buf);
    if (source->product.len == 0)
        hn_buf_add_char(buf, '-');
    hn_buf_add_text(buf, source->product);
    hn_buf_add_lit(buf, " | ");
    add_labels(buf, source->category);
    hn_buf_add_lit(buf, " | ");
    add_labels(buf, source->service);
    return hn_buf_text(buf);
}

/* All values of a field with a broken bar between; "(absent)". */
static struct hn_text values_text(struct hn_buf *buf, struct hn_event *event, struct hn_text name)
{
    hn_field field = hn_schema_find(event->schema, name);
    uint32_t index = hn_event_first(event, field);

    hn_buf_reset(buf);
    if (index == HN_VALUE_NONE)
        return HN_TEXT("(absent)");
    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        if (buf->len > 0)
            hn_buf_add_lit(buf, " \xC2\xA6 ");
        hn_buf_add_text(buf, hn_event_text(event, index));
    }
    return hn_buf_text(buf);
}

static struct hn_text context_text(struct hn_buf *buf, struct hn_event *event, struct hn_text name)
{
    struct hn_text text;

    hn_buf_reset(buf);
    if (hn_text_eq(name, HN_TEXT("time"))) {
        hn_time time = hn_event_time(event, NULL);

        if (time != HN_TIME_NONE)
            hn_buf_add_time(buf, time, NULL);
        text = hn_buf_text(buf);
    } else {
        text = hn_text_eq(name, HN_TEXT("host")) ? hn_event_host(event) : hn_event_user(event);
    }
    return text.len == 0 ? HN_TEXT("none") : text;
}

static bool check_case(struct hn_event *event, const struct golden_case *golden, const char *how)
{
    struct hn_buf buf = { 0 };
    bool good;

    hn_event_resolve(event);
    good = check_equal(golden, how, HN_TEXT("the log source"), source_text(&buf, &event->source),
            golden->expect);
    for (size_t i = 0; i < golden->expects.count; i++) {
        const struct golden_line *expect = &golden->expects.ptr[i];
        struct hn_text actual = is_context(expect->name) ? context_text(&buf, event, expect->name)
                                                         : values_text(&buf, event, expect->name);

        good = check_equal(golden, how, expect->name, actual,
                       expect->kind == GOLDEN_ABSENT ? HN_TEXT("(absent)") : expect->value) &&
               good;
    }
    hn_buf_deinit(&buf);
    return good;
}

/* ---- Tests ---- */

struct setup {
    struct golden_set set;
    struct hn_schema *schema;
    struct hn_event wanted;
    struct hn_event all;
};

static int set_up(void **state)
{
    static struct setup setup;

    golden_load(&setup.set);
    setup.schema = hn_schema_new();
    golden_want(&setup.set, setup.schema);
    assert_int_equal(hn_schema_want_context(setup.schema), HN_OK);
    assert_int_equal(hn_schema_seal(setup.schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&setup.wanted, setup.schema, NULL, false), HN_OK);
    assert_int_equal(hn_event_init(&setup.all, setup.schema, NULL, true), HN_OK);
    *state = &setup;
    return 0;
}

static int tear_down(void **state)
{
    struct setup *setup = *state;

    hn_event_deinit(&setup->wanted);
    hn_event_deinit(&setup->all);
    hn_schema_free(setup->schema);
    golden_free(&setup->set);
    return 0;
}

/* Each case has the source, fields, time, host and account it says, whichever way it came. */
static void cases_are_as_written(void **state)
{
    struct setup *setup = *state;
    size_t bad = 0;

    for (size_t i = 0; i < setup->set.cases.count; i++) {
        const struct golden_case *golden = &setup->set.cases.ptr[i];
        bool good;

        golden_add(&setup->wanted, golden, true);
        good = check_case(&setup->wanted, golden, "nested, wanted");
        golden_add(&setup->wanted, golden, false);
        good = good && check_case(&setup->wanted, golden, "flat, wanted");
        golden_add(&setup->all, golden, true);
        good = good && check_case(&setup->all, golden, "nested, all");
        golden_add(&setup->all, golden, false);
        good = good && check_case(&setup->all, golden, "flat, all");
        bad += good ? 0 : 1;
    }
    print_message("%zu cases, %zu wrong\n", setup->set.cases.count, bad);
    assert_int_equal(bad, 0);
    assert_true(setup->set.cases.count > 100);
}

/* Every field of the schema has the same values in wanted-mode and in all-mode. */
static void wanted_mode_equals_all_mode(void **state)
{
    struct setup *setup = *state;
    struct hn_buf wanted = { 0 };
    struct hn_buf all = { 0 };

    for (size_t i = 0; i < setup->set.cases.count; i++) {
        const struct golden_case *golden = &setup->set.cases.ptr[i];

        golden_add(&setup->wanted, golden, true);
        golden_add(&setup->all, golden, true);
        hn_event_resolve(&setup->wanted);
        hn_event_resolve(&setup->all);
        for (hn_field field = 0; field < hn_schema_count(setup->schema); field++) {
            struct hn_text name = hn_schema_name(setup->schema, field);
            struct hn_text left = values_text(&wanted, &setup->wanted, name);
            struct hn_text right = values_text(&all, &setup->all, name);

            assert_true(check_equal(golden, "all-mode", name, right, left));
        }
    }
    hn_buf_deinit(&wanted);
    hn_buf_deinit(&all);
}

static void run_case(struct hn_event *event, const struct golden_case *golden)
{
    golden_add(event, golden, true);
    hn_event_resolve(event);
    (void)hn_event_time(event, NULL);
    (void)hn_event_host(event);
    (void)hn_event_user(event);
}

/* With every n-th allocation failing, an event is resolved as far as it goes: nothing crashes, and
 * the next event is whole again. */
static void failing_memory_is_survived(void **state)
{
    struct setup *setup = *state;
    struct hn_event event;

    for (size_t i = 0; i < setup->set.cases.count; i++) {
        const struct golden_case *golden = &setup->set.cases.ptr[i];
        bool hit = true;

        assert_int_equal(hn_event_init(&event, setup->schema, NULL, true), HN_OK);
        for (uint64_t n = 1; hit; n++) {
            hn_mem_fail_from(n);
            run_case(&event, golden);
            hit = hn_mem_fail_hits() > 0;
            hn_mem_fail_from(0);
        }
        golden_add(&event, golden, true);
        assert_true(check_case(&event, golden, "after failed memory"));
        hn_event_deinit(&event);
    }
}

/* After the first few events of a stream, resolving asks for no memory any more. */
static void steady_state_allocates_nothing(void **state)
{
#ifdef HN_ARENA_MALLOC
    (void)state;
    skip(); /* in this build each object in an arena is one allocation */
#else
    struct setup *setup = *state;

    for (int round = 0; round < 6; round++) {
        hn_mem_fail_from(round < 5 ? 0 : 1);
        for (size_t i = 0; i < setup->set.cases.count; i++)
            run_case(&setup->wanted, &setup->set.cases.ptr[i]);
        assert_int_equal(hn_mem_fail_hits(), 0);
    }
    hn_mem_fail_from(0);
#endif
}

/* A schema whose sealing fails at any allocation says so and leaks nothing. */
static void sealing_survives_failing_memory(void **state)
{
    static const char *const names[] = { "Image", "hinomi.decoded_command", "c-uri", "query",
        "properties.message" };

    (void)state;
    for (uint64_t n = 1; n < 100000; n += n < 200 ? 1 : n / 7) {
        struct hn_schema *schema;
        enum hn_status status = HN_NOMEM;
        bool wanted = true;

        hn_mem_fail_from(n);
        schema = hn_schema_new();
        for (size_t i = 0; schema != NULL && i < HN_COUNT_OF(names); i++)
            wanted = hn_schema_want(schema, hn_text_cstr(names[i])) != HN_FIELD_NONE && wanted;
        if (schema != NULL && wanted)
            status = hn_schema_seal(schema, NULL);
        assert_true(status == HN_OK || hn_mem_fail_hits() > 0);
        if (hn_mem_fail_hits() == 0) {
            hn_mem_fail_from(0);
            assert_int_equal(status, HN_OK);
            hn_schema_free(schema);
            return;
        }
        hn_mem_fail_from(0);
        hn_schema_free(schema);
    }
    fail();
}

/* Values replaced by hostile ones never break resolution, and wanted-mode still equals all-mode. */
static void hostile_values_are_harmless(void **state)
{
    static const char *const hostile[] = { "", "-", "\\", "\"", "%", "=", "\n", "\\\\", "[", "{",
        "://", "http://", "http://[", "a@b@c:d:e", "0x", "0xffffffffffffffffff", "-1",
        "99999999999999999999", "\xFF\xFE", "\xE2\x80", "-e ", "-e A", "/ec:AAAAAAAAAAAA",
        "FromBase64String('", "FromBase64String(\"QUFBQUFBQUE=\")", "GET", "GET ", "GET  HTTP/1.1",
        " HTTP/1.1", "<Data", "<Data Name=\"", "<Data Name='x'>y",
        "Subject:\n\tAccount Name:", "a:\n:\n: \nb", "MD5=", "MD5=,SHA1=", "\\REGISTRY\\MACHINE",
        "HKLM\\SYSTEM\\ControlSet0", "..", ".example", "co.uk", "[{\"Name\":\"",
        "[{\"Name\":\"RequestType\",\"Value\":\"" };
    struct setup *setup = *state;
    struct check_random random = { 11 };
    struct hn_buf wanted = { 0 };
    struct hn_buf all = { 0 };

    for (int round = 0; round < 5000; round++) {
        struct golden_case golden =
                setup->set.cases.ptr[check_random_below(&random, (uint32_t)setup->set.cases.count)];
        struct golden_line *lines = NULL;
        struct golden_line *copy;
        size_t count = golden.fields.count;

        lines = golden.fields.ptr;
        copy = hn_malloc(count * sizeof *copy);
        memcpy(copy, lines, count * sizeof *copy);
        for (uint32_t k = check_random_below(&random, 3) + 1; k > 0 && count > 0; k--) {
            struct golden_line *line = &copy[check_random_below(&random, (uint32_t)count)];

            line->kind = GOLDEN_TEXT;
            line->value = hn_text_cstr(hostile[check_random_below(&random, HN_COUNT_OF(hostile))]);
        }
        golden.fields.ptr = copy;
        golden_add(&setup->wanted, &golden, true);
        golden_add(&setup->all, &golden, true);
        hn_event_resolve(&setup->wanted);
        hn_event_resolve(&setup->all);
        assert_true(hn_event_time(&setup->wanted, NULL) == hn_event_time(&setup->all, NULL));
        for (hn_field field = 0; field < hn_schema_count(setup->schema); field++) {
            struct hn_text name = hn_schema_name(setup->schema, field);

            assert_true(check_equal(&golden, "hostile", name, values_text(&all, &setup->all, name),
                    values_text(&wanted, &setup->wanted, name)));
        }
        hn_free(copy);
    }
    hn_buf_deinit(&wanted);
    hn_buf_deinit(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_are_as_written),
        cmocka_unit_test(wanted_mode_equals_all_mode),
        cmocka_unit_test(failing_memory_is_survived),
        cmocka_unit_test(steady_state_allocates_nothing),
        cmocka_unit_test(sealing_survives_failing_memory),
        cmocka_unit_test(hostile_values_are_harmless),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
