/* test_sets.c - sets of rules: compiled from sources, kept, found again, changed while the engine
 * runs; damaged sources are refused. */
#include "engine/engine_internal.h"
#include "support/engine_case.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#define START (INT64_C(1709251200) * HN_SECOND)
#define RULE(title, word)                                                 \
    "title: " title "\nid: 11111111-1111-4111-8111-11111111111" word "\n" \
    "level: high\nlogsource: {product: windows, service: security}\n"     \
    "detection: {s: {CommandLine|contains: word" word "}, condition: s}\n"

static const struct engine_set_file base_files[] = {
    { ENGINE_SET_RULES, HN_TEXT_INIT("a.yml"), HN_TEXT_INIT(""),
            HN_TEXT_INIT(RULE("one", "1") "---\n" RULE("two", "2")) },
    { ENGINE_SET_RULES, HN_TEXT_INIT("b.yml"), HN_TEXT_INIT(""),
            HN_TEXT_INIT(
                    "title: listed\nlevel: low\nlogsource: {product: windows, service: security}\n"
                    "detection: {s: {User|expand: '%Admins%'}, condition: s}\n") },
    { ENGINE_SET_LIST, HN_TEXT_INIT("Admins"), HN_TEXT_INIT(""),
            HN_TEXT_INIT("# people\nalice\n\nbob\n") },
    { ENGINE_SET_DISABLED, HN_TEXT_INIT("disabled"), HN_TEXT_INIT(""),
            HN_TEXT_INIT("11111111-1111-4111-8111-111111111112\n") },
    { ENGINE_SET_INDICATORS, HN_TEXT_INIT("iocs.txt"), HN_TEXT_INIT(""),
            HN_TEXT_INIT("bad.example\ngood.example\n") },
};

static struct engine_set_sources base(void)
{
    return (struct engine_set_sources){ base_files, HN_COUNT_OF(base_files), SIGMA_LEVEL_NONE };
}

static void add_event(struct engine_case *c, const char *user, const char *command)
{
    struct hn_buf body = { 0 };
    struct intake_batch batch = { .source = HN_TEXT("http"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("peer"),
        .key = HN_TEXT(""),
        .position = HN_TEXT("") };

    hn_buf_addf(&body,
            "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc1\",\"User\":\"%s\","
            "\"CommandLine\":\"%s\"}\n",
            user, command);
    batch.body = hn_text_as_bytes(hn_buf_text(&body));
    fake_add_batch(&c->journal, START, &batch);
    hn_buf_deinit(&body);
}

static struct judge_set *load_from_store(void *ctx, struct hn_digest digest, struct hn_err *err);

/* A case whose engine gets its sets from a store. */
struct sets_case {
    struct engine_case engine;
    struct engine_sets *sets;
    struct hn_buf issues;
};

static struct judge_set *load_from_store(void *ctx, struct hn_digest digest, struct hn_err *err)
{
    struct engine_case *engine = ctx;
    struct sets_case *c = (struct sets_case *)engine; /* the first member */
    struct judge_set *set = NULL;

    return engine_sets_get(c->sets, digest, &set, err) == HN_OK ? set : NULL;
}

static void on_issue(void *ctx, const struct engine_set_issue *issue)
{
    struct sets_case *c = ctx;

    hn_buf_addf(&c->issues, "%.*s:%u %s\n", HN_TEXT_ARG(issue->file), issue->line, issue->message);
}

static void open_case(struct sets_case *c)
{
    engine_case_open(&c->engine, RULE("none", "0"), NULL);
    c->engine.options.load_set = load_from_store;
    c->sets = engine_sets_new(c->engine.folder);
    c->issues = (struct hn_buf){ 0 };
    assert_non_null(c->sets);
}

static void close_case(struct sets_case *c)
{
    engine_sets_free(c->sets);
    hn_buf_deinit(&c->issues);
    engine_case_close(&c->engine);
}

static struct hn_digest put(struct sets_case *c, const struct engine_set_sources *sources)
{
    struct judge_set *set = NULL;
    struct hn_digest digest;

    assert_int_equal(engine_sets_put(c->sets, sources, NULL, &set, NULL), HN_OK);
    digest = judge_set_digest(set);
    judge_set_unref(set);
    assert_true(hn_digest_eq(digest, engine_set_digest(sources)));
    return digest;
}

static void forget_memory(struct sets_case *c)
{
    engine_sets_free(c->sets);
    c->sets = engine_sets_new(c->engine.folder);
    assert_non_null(c->sets);
}

static void path_of(const struct sets_case *c, struct hn_digest digest, char *path, size_t room)
{
    char hex[HN_DIGEST_HEX_LEN];

    hn_digest_hex(digest, hex);
    (void)snprintf(path, room, "%s/%.*s.set", c->engine.folder, (int)sizeof hex, hex);
}

/* Rules, lists, disabled rules and indicators work, out of memory and out of the folder alike. */
static void everything_in_a_set_works(void **state)
{
    struct sets_case c;
    struct engine_set_sources sources = base();

    (void)state;
    open_case(&c);
    fake_add_set(&c.engine.journal, START, put(&c, &sources));
    add_event(&c.engine, "carol", "word1");
    add_event(&c.engine, "carol", "word2"); /* disabled */
    add_event(&c.engine, "bob", "x");
    add_event(&c.engine, "carol", "curl http://bad.example/");
    for (unsigned i = 0; i < 2; i++) {
        engine_case_forget(&c.engine);
        engine_case_run(&c.engine, 2);
        assert_int_equal(c.engine.problems.len, 0);
        assert_non_null(strstr(c.engine.ids.ptr, " one\n"));
        assert_null(strstr(c.engine.ids.ptr, " two\n"));
        assert_non_null(strstr(c.engine.ids.ptr, " listed\n"));
        assert_non_null(strstr(c.engine.ids.ptr, "bad.example\n"));
        forget_memory(&c);
    }
    close_case(&c);
}

/* The set just put is the one the engine gets: it need not be compiled again. */
static void the_set_just_put_is_in_memory(void **state)
{
    struct engine_set_sources sources = base();
    struct judge_set *first = NULL;
    struct judge_set *second = NULL;
    struct sets_case c;

    (void)state;
    open_case(&c);
    assert_int_equal(engine_sets_put(c.sets, &sources, NULL, &first, NULL), HN_OK);
    assert_int_equal(engine_sets_get(c.sets, judge_set_digest(first), &second, NULL), HN_OK);
    assert_ptr_equal(first, second);
    judge_set_unref(first);
    judge_set_unref(second);
    close_case(&c);
}

/* A rule, an indicator file or a pipeline that is broken refuses the set where that is wanted, with
 * the reason; elsewhere it is told, and the rest is used. */
static void a_broken_set_is_refused_with_its_reasons(void **state)
{
    struct engine_set_file files[] = { base_files[0],
        { ENGINE_SET_RULES, HN_TEXT("bad.yml"), HN_TEXT(""),
                HN_TEXT("title: bad\nlogsource: {product: windows}\n"
                        "detection: {s: {A|nonsense: x}, condition: s}\n") },
        { ENGINE_SET_INDICATORS, HN_TEXT("bad.json"), HN_TEXT(""), HN_TEXT("{\"a\":1}") },
        { ENGINE_SET_PIPELINE, HN_TEXT("pipe.yml"), HN_TEXT(""),
                HN_TEXT("transformations: 5\n") } };
    struct engine_set_sources sources = { files, HN_COUNT_OF(files), SIGMA_LEVEL_NONE };
    struct engine_set_check check = { .on_issue = on_issue };
    struct judge_set *set = NULL;
    struct hn_err err = { 0 };
    struct sets_case c;

    (void)state;
    open_case(&c);
    check.ctx = &c;
    assert_int_equal(engine_set_compile(&sources, &check, &set, NULL), HN_OK);
    judge_set_unref(set);
    set = NULL;
    assert_non_null(strstr(c.issues.ptr, "bad.yml:3 "));
    assert_non_null(strstr(c.issues.ptr, "bad.json:"));
    assert_non_null(strstr(c.issues.ptr, "pipe.yml:"));
    check.strict = true;
    for (size_t i = 1; i < HN_COUNT_OF(files); i++) {
        struct engine_set_file two[] = { files[0], files[i] };
        struct engine_set_sources some = { two, 2, SIGMA_LEVEL_NONE };

        err = (struct hn_err){ 0 };
        assert_int_equal(engine_sets_put(c.sets, &some, &check, &set, &err), HN_SYNTAX);
        assert_null(set);
        assert_non_null(strstr(err.msg, i == 1 ? "bad.yml" : i == 2 ? "bad.json" : "pipe.yml"));
        assert_int_equal(
                engine_sets_get(c.sets, engine_set_digest(&some), &set, NULL), HN_NOTFOUND);
    }
    close_case(&c);
}

/* Each source counts for the name of a set: text, name, kind, columns, order, level. */
static void every_source_is_in_the_digest(void **state)
{
    struct engine_set_file files[HN_COUNT_OF(base_files)];
    struct engine_set_sources sources = { files, HN_COUNT_OF(files), SIGMA_LEVEL_NONE };
    struct engine_set_sources original = base();
    struct hn_digest seen[6];

    (void)state;
    memcpy(files, base_files, sizeof files);
    seen[0] = engine_set_digest(&original);
    assert_true(hn_digest_eq(seen[0], engine_set_digest(&sources)));
    files[2].text = HN_TEXT("alice\n");
    seen[1] = engine_set_digest(&sources);
    files[2].name = HN_TEXT("Others");
    seen[2] = engine_set_digest(&sources);
    files[4].columns = HN_TEXT("value=1");
    seen[3] = engine_set_digest(&sources);
    files[4].kind = ENGINE_SET_WARNINGLIST;
    seen[4] = engine_set_digest(&sources);
    sources.level_min = SIGMA_LEVEL_HIGH;
    seen[5] = engine_set_digest(&sources);
    for (size_t i = 0; i < HN_COUNT_OF(seen); i++) {
        for (size_t k = 0; k < i; k++)
            assert_false(hn_digest_eq(seen[i], seen[k]));
    }
}

/* Every prefix, every flipped bit and every byte more is refused. */
static void refuses_every_damage(void **state)
{
    struct engine_set_sources sources = base();
    struct engine_set_sources read;
    struct hn_digest digest;
    struct hn_arena arena;
    struct hn_buf bytes = { 0 };

    (void)state;
    hn_arena_init(&arena, (size_t)1 << 20);
    engine_set_bundle_write(&sources, &bytes);
    assert_int_equal(engine_set_bundle_read(
                             hn_text_as_bytes(hn_buf_text(&bytes)), &arena, &read, &digest, NULL),
            HN_OK);
    assert_int_equal(read.file_count, HN_COUNT_OF(base_files));
    assert_true(hn_digest_eq(digest, engine_set_digest(&sources)));
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_not_equal(
                engine_set_bundle_read(hn_bytes_of(bytes.ptr, len), &arena, &read, &digest, NULL),
                HN_OK);
    }
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.ptr[bit / 8] = (char)(bytes.ptr[bit / 8] ^ (char)(1 << bit % 8));
        assert_int_not_equal(engine_set_bundle_read(hn_text_as_bytes(hn_buf_text(&bytes)), &arena,
                                     &read, &digest, NULL),
                HN_OK);
        bytes.ptr[bit / 8] = (char)(bytes.ptr[bit / 8] ^ (char)(1 << bit % 8));
    }
    hn_buf_add_char(&bytes, 'x');
    assert_int_not_equal(engine_set_bundle_read(hn_text_as_bytes(hn_buf_text(&bytes)), &arena,
                                 &read, &digest, NULL),
            HN_OK);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&bytes);
}

/* A damaged file is refused; one under another's name, too; then the engine goes on with the rules
 * it has, and says so. */
static void damaged_files_leave_the_old_set(void **state)
{
    struct engine_set_sources sources = base();
    struct judge_set *set = NULL;
    struct hn_digest digest;
    struct sets_case c;
    char path[160];
    char other[160];
    int fd;

    (void)state;
    open_case(&c);
    digest = put(&c, &sources);
    fake_add_set(&c.engine.journal, START, digest);
    add_event(&c.engine, "carol", "word0 word1");
    forget_memory(&c);
    path_of(&c, digest, path, sizeof path);
    path_of(&c, (struct hn_digest){ 1, 2 }, other, sizeof other);
    assert_int_equal(link(path, other), 0);
    assert_int_equal(engine_sets_get(c.sets, (struct hn_digest){ 1, 2 }, &set, NULL), HN_CORRUPT);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "\x55", 1, 100), 1);
    assert_int_equal(close(fd), 0);
    assert_int_equal(engine_sets_get(c.sets, digest, &set, NULL), HN_CORRUPT);
    engine_case_run(&c.engine, 1);
    assert_non_null(strstr(c.engine.ids.ptr, " none\n"));
    assert_null(strstr(c.engine.ids.ptr, " one\n"));
    assert_non_null(strstr(c.engine.problems.ptr, "3@0 the checksum of the sources is wrong"));
    close_case(&c);
}

/* What nobody needs any more can be deleted, and nothing else is. */
static void old_sets_are_deleted(void **state)
{
    struct engine_set_sources sources = base();
    struct engine_set_sources fewer = { base_files, 1, SIGMA_LEVEL_NONE };
    struct hn_digest digests[2];
    struct sets_case c;
    char path[160];

    (void)state;
    open_case(&c);
    digests[0] = put(&c, &sources);
    digests[1] = put(&c, &fewer);
    assert_int_equal(
            hn_file_write_whole(c.engine.folder, "notes.txt", hn_bytes_of("x", 1), NULL), HN_OK);
    assert_int_equal(engine_sets_prune(c.sets, digests, 2, NULL), HN_OK);
    path_of(&c, digests[0], path, sizeof path);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(engine_sets_prune(c.sets, &digests[1], 1, NULL), HN_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    path_of(&c, digests[1], path, sizeof path);
    assert_int_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof path, "%s/notes.txt", c.engine.folder);
    assert_int_equal(access(path, F_OK), 0);
    close_case(&c);
}

/* Without memory for any allocation a set is put or refused; nothing leaks, nothing is half. */
static void survives_every_failing_allocation(void **state)
{
    struct engine_set_sources sources = base();
    struct sets_case c;
    uint64_t n = 1;
    bool done = false;

    (void)state;
    open_case(&c);
    while (!done) {
        struct judge_set *set = NULL;
        enum hn_status status;

        forget_memory(&c);
        hn_mem_fail_from(n);
        status = engine_sets_put(c.sets, &sources, NULL, &set, NULL);
        done = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM || status == HN_LIMIT);
        judge_set_unref(set);
        n += 1 + n / 16;
    }
    close_case(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_in_a_set_works),
        cmocka_unit_test(the_set_just_put_is_in_memory),
        cmocka_unit_test(a_broken_set_is_refused_with_its_reasons),
        cmocka_unit_test(every_source_is_in_the_digest),
        cmocka_unit_test(refuses_every_damage),
        cmocka_unit_test(damaged_files_leave_the_old_set),
        cmocka_unit_test(old_sets_are_deleted),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
