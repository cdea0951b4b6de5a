/* protect_scene.h - the tree of an attack as analyses find it: a mail with a document whose macro
 * starts PowerShell over WMI, which downloads a library and runs it. Inert: texts only. Header
 * only. */
#ifndef HN_TESTS_PROTECT_SCENE_H
#define HN_TESTS_PROTECT_SCENE_H

#include "protect/protect.h"

#include <stdlib.h>

struct scene {
    struct dissect *tree;
    struct hn_arena arena;
    struct protect_list list;
    struct protect_case about;
};

static inline uint32_t scene_object(struct scene *scene, uint32_t parent, const char *name,
        const char *relation, enum dissect_format format, const char *data)
{
    struct dissect_child child = { .format = format,
        .name = hn_text_cstr(name),
        .relation = relation,
        .data = hn_text_as_bytes(hn_text_cstr(data)),
        .offset = DISSECT_NOWHERE };
    uint32_t id = DISSECT_NONE;

    if (dissect_child(scene->tree, parent, &child, &id) != HN_OK)
        abort();
    return id;
}

struct scene_field {
    const char *name;
    const char *value;
};

static inline void scene_act(struct scene *scene, uint32_t id, enum script_act_kind kind,
        const char *via, const struct scene_field *fields)
{
    struct script_run run;
    struct script_act act;

    script_run_init(&run, NULL, NULL);
    act = script_act(&run, kind, 40, via);
    for (; fields->name != NULL; fields++) {
        const struct script_origin *literal =
                script_origin_new(&run, "literal", 12, HN_TEXT(""), NULL, NULL);
        const struct script_text *text =
                script_text_new(&run, hn_text_cstr(fields->value), literal);

        text = script_text_step(&run, text, "base64", 30, HN_TEXT(""));
        script_act_add(&act, fields->name, text);
    }
    dissect_act(scene->tree, id, &run, &act);
    script_run_deinit(&run);
}

#define SCENE_DIGEST "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4"

static inline void scene_fill(struct scene *scene)
{
    static const struct scene_field wmi[] = { { "CommandLine",
                                                      "powershell -w hidden -enc SQBFAFgAIAAoAE4AZQ"
                                                      "B3AC0ATwBiAGoAZQBjAHQAKQAuAA==" },
        { NULL, NULL } };
    static const struct scene_field first[] = {
        { "Url", "http://kissaten-aoi.example/wp-content/Xq3nb8k/" }, { "Method", "GET" },
        { "UserAgent", "Mozilla/4.0 (evil 7)" }, { NULL, NULL }
    };
    static const struct scene_field second[] = { { "Url", "https://b.example:8443/y?z=1" },
        { "Method", "GET" }, { NULL, NULL } };
    static const struct scene_field write[] = {
        { "TargetFilename", "C:\\Users\\h.mori\\AppData\\Xq3\\P58u.dll" },
        { "Url", "http://kissaten-aoi.example/wp-content/Xq3nb8k/" }, { NULL, NULL }
    };
    static const struct scene_field run[] = {
        { "CommandLine", "rundll32.exe C:\\Users\\h.mori\\AppData\\Xq3\\"
                         "P58u.dll,Control_RunDLL" },
        { NULL, NULL }
    };
    static const struct scene_field key[] = { { "TargetObject",
                                                      "HKCU\\Software\\Microsoft\\Windows\\Current"
                                                      "Version\\Run\\P58u" },
        { "Details", "rundll32.exe P58u.dll,#1" }, { NULL, NULL } };
    static const struct scene_field post[] = { { "Url", "http://198.51.100.23:8080/tz/" },
        { "Method", "POST" }, { NULL, NULL } };
    uint32_t mail = scene_object(scene, DISSECT_NONE, "mail.eml", "sample", DISSECT_EML, "mail");
    uint32_t doc = scene_object(scene, mail, "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8 <1>.doc",
            "attachment", DISSECT_DOC, "doc");
    uint32_t macro = scene_object(scene, doc, "Module1", "macro", DISSECT_VBA_MODULE,
            "Sub AutoOpen()\n' see http://comment.example/\nEnd Sub");
    uint32_t layer = scene_object(
            scene, macro, "", "layer", DISSECT_POWERSHELL, "IEX (New-Object Net.WebClient)");

    dissect_fact(scene->tree, mail, "from_address", HN_TEXT("soumu@yamabiko-cycle.example"));
    dissect_fact(
            scene->tree, mail, "subject", HN_TEXT("\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8's \"x\""));
    dissect_fact(scene->tree, mail, "sha256", HN_TEXT("0" SCENE_DIGEST));
    dissect_fact(scene->tree, doc, "sha256", HN_TEXT(SCENE_DIGEST));
    dissect_text(scene->tree, mail, "body", HN_TEXT("Password: 123. See www.harmless-site.com"),
            HN_TEXT(""), 100);
    dissect_note(scene->tree, doc, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE, "AutoOpen");
    scene_act(scene, macro, SCRIPT_ACT_PROCESS, "Win32_Process.Create", wmi);
    scene_act(scene, layer, SCRIPT_ACT_HTTP, "WebClient.DownloadFile", first);
    scene_act(scene, layer, SCRIPT_ACT_HTTP, "WebClient.DownloadFile", second);
    scene_act(scene, layer, SCRIPT_ACT_FILE_WRITE, "WebClient.DownloadFile", write);
    scene_act(scene, layer, SCRIPT_ACT_PROCESS, "Start-Process", run);
    scene_act(scene, layer, SCRIPT_ACT_REGISTRY_WRITE, "New-ItemProperty", key);
    scene_act(scene, layer, SCRIPT_ACT_HTTP, "WebRequest", post);
}

static inline void scene_open(struct scene *scene)
{
    static const struct hn_text evidence[] = { HN_TEXT_INIT("CommandLine: powershell -enc <x>") };
    static const struct hn_text techniques[] = { HN_TEXT_INIT("T1047"), HN_TEXT_INIT("T1059.001") };
    static const struct protect_hit hits[] = { { .level = SIGMA_LEVEL_CRITICAL,
            .title = HN_TEXT_INIT("Encoded PowerShell Started Through WMI"),
            .rule_id = HN_TEXT_INIT("4dc1c1fe-beec-490b-b55a-55fa1c605d2f"),
            .why = HN_TEXT_INIT("Each half alone has innocent explanations."),
            .evidence = evidence,
            .evidence_count = 1,
            .techniques = techniques,
            .technique_count = 2,
            .object = 2,
            .count = 1 } };

    memset(scene, 0, sizeof *scene);
    scene->tree = dissect_new(NULL);
    hn_arena_init(&scene->arena, (size_t)64 << 20);
    protect_list_init(&scene->list, &scene->arena);
    scene_fill(scene);
    if (protect_collect(scene->tree, &scene->list) != HN_OK)
        abort();
    scene->about = (struct protect_case){ .tree = scene->tree,
        .name = HN_TEXT("samples/mail's <1>.eml"),
        .verdict = HN_TEXT("malicious"),
        .family = HN_TEXT("Emotet"),
        .made = INT64_C(1795400000) * HN_SECOND,
        .version = HN_TEXT("0.1.0"),
        .hits = hits,
        .hit_count = 1,
        .indicators = scene->list.items.ptr,
        .indicator_count = scene->list.items.count };
}

static inline void scene_close(struct scene *scene)
{
    protect_list_deinit(&scene->list);
    hn_arena_deinit(&scene->arena);
    dissect_free(scene->tree);
}

#endif
