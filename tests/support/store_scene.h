/* store_scene.h - a store in a folder of its own, and alerts to put into it. Header only, for tests
 * that link hn_store. */
#ifndef HN_TESTS_STORE_SCENE_H
#define HN_TESTS_STORE_SCENE_H

#include "base/mem.h"
#include "store/store.h"
#include "support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SCENE_NOW (INT64_C(1795400000) * HN_SECOND)

struct scene {
    struct temp_dir dir;
    char path[128];
    struct store_options options;
    struct store *store;
    uint64_t next; /* journal offset of the next alert */
    struct store_applied applied;
};

static inline void scene_reopen(struct scene *scene)
{
    struct hn_err err = { 0 };

    store_close(scene->store);
    scene->store = NULL;
    if (store_open(&scene->options, &scene->store, &err) != HN_OK)
        fail_msg("store_open: %s", err.msg);
}

static inline int scene_open(void **state)
{
    static const struct store_sink sinks[] = { { "hook", 3, true, true },
        { "mail", 5, false, true } };
    struct scene *scene = calloc(1, sizeof *scene);

    if (scene == NULL)
        return -1;
    temp_dir_make(&scene->dir);
    (void)snprintf(scene->path, sizeof scene->path, "%s/store.db", scene->dir.path);
    scene->options.path = scene->path;
    scene->options.sinks = sinks;
    scene->options.sink_count = 2;
    scene_reopen(scene);
    *state = scene;
    return 0;
}

static inline void scene_complain(void *ctx, struct hn_text complaint)
{
    int *count = ctx;

    (void)fprintf(stderr, "complaint: %.*s\n", HN_TEXT_ARG(complaint));
    (*count)++;
}

/* Every test ends with a store that has nothing to complain of. */
static inline int scene_close(void **state)
{
    struct scene *scene = *state;
    int complaints = 0;
    enum hn_status status = HN_NOTFOUND; /* a test that failed may have left none */

    if (scene->store != NULL)
        status = store_check(scene->store, scene_complain, &complaints, NULL);
    store_close(scene->store);
    temp_dir_remove(&scene->dir);
    free(scene);
    return status == HN_OK && complaints == 0 ? 0 : -1;
}

/* An alert like those of Windows: number makes its id. */
static inline struct store_alert scene_alert(uint64_t number, const char *rule, const char *host)
{
    return (struct store_alert){ .id = { 0x1234, number },
        .rule_id = hn_text_cstr(rule),
        .title = HN_TEXT("Encoded PowerShell"),
        .level = 3,
        .kind = HN_TEXT("rule"),
        .host = hn_text_cstr(host),
        .user = HN_TEXT("CORP\\yuki"),
        .source = HN_TEXT("windows"),
        .set = HN_TEXT("0123"),
        .techniques = HN_TEXT("T1059.001"),
        .time = SCENE_NOW + (hn_time)number * HN_SECOND,
        .received = SCENE_NOW + (hn_time)number * HN_SECOND + HN_SECOND / 2,
        .len = 100,
        .json = HN_TEXT("{\"title\":\"x\",\"event\":{\"CommandLine\":\"powershell -enc AAAA\","
                        "\"Ports\":[80,443]},\"matches\":[{\"selection\":\"s\",\"field\":"
                        "\"CommandLine\",\"value\":\"powershell -enc AAAA\"}]}") };
}

/* One alert, one transaction. */
static inline const struct store_applied *scene_apply(
        struct scene *scene, const struct store_alert *alert)
{
    struct store_alert placed = *alert;
    struct hn_err err = { 0 };
    uint64_t applied;

    placed.offset = scene->next;
    scene->next += 10;
    if (store_apply_begin(scene->store, &applied, &err) != HN_OK ||
            store_apply_alert(scene->store, &placed, &scene->applied, &err) != HN_OK ||
            store_apply_commit(scene->store, scene->next, &err) != HN_OK)
        fail_msg("apply: %s", err.msg);
    return &scene->applied;
}

/* The texts that must come back as they went in, in every field. */
static inline const struct hn_text *scene_hostile(size_t *ret_count)
{
    static const struct hn_text texts[] = { HN_TEXT_INIT("'; DROP TABLE alert; --"),
        HN_TEXT_INIT("\"* OR NEAR(\""), HN_TEXT_INIT("a\0b"), HN_TEXT_INIT("\xFF\xFE\xC0\x80"),
        HN_TEXT_INIT("<script>alert(1)</script>"), HN_TEXT_INIT("\x1B[31m\r\n\t"),
        HN_TEXT_INIT("\xE2\x80\xAE\xF0\x9F\x98\x80"), HN_TEXT_INIT("%s%n%d"), HN_TEXT_INIT("*"),
        HN_TEXT_INIT("\\"), HN_TEXT_INIT("?1") };

    *ret_count = HN_COUNT_OF(texts);
    return texts;
}

#endif
