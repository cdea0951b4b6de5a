/* report_scene.h - a scan's groups of which every text is the same hostile one, and their report.
 *
 * For tests and fuzz targets that link hn_report. Memory: the scene owns what it makes. */
#ifndef TESTS_SUPPORT_REPORT_SCENE_H
#define TESTS_SUPPORT_REPORT_SCENE_H

#include "base/mem.h"
#include "report/report.h"

struct report_scene {
    struct hn_schema *schema;
    struct hn_event event;
    struct sigma_meta meta;
    struct hn_text tags[3];
    struct hn_text lists[1];
    struct sigma_issue issue;
    struct sigma_set set;
    struct alert_groups *groups;
    struct report_note note;
    const char *inputs[1];
    struct report report;
    enum hn_status status; /* of building it */
};

HN_INLINE void report_scene_add(
        struct report_scene *scene, struct alert *alert, struct hn_buf *json)
{
    struct alert_writer *writer = alert_writer_new(ALERT_JSONL, NULL);
    struct alert_brief brief = { .kind = alert->kind,
        .meta = alert->meta,
        .level = alert->level,
        .time = alert->time,
        .title = alert->meta->title,
        .host = alert->host,
        .fold_key = alert_fold_key(alert) };

    alert->fold_key = brief.fold_key;
    hn_buf_reset(json);
    if (writer != NULL)
        alert_write(writer, alert, json);
    if (writer == NULL || !hn_buf_ok(json)) {
        scene->status = HN_NOMEM;
    } else {
        brief.json = hn_buf_text(json);
        if (alert_groups_add(scene->groups, &brief) != HN_OK)
            scene->status = HN_NOMEM;
    }
    alert_writer_free(writer);
}

/* A rule's alert, an indicator's and a correlation's. */
HN_INLINE void report_scene_fill(struct report_scene *scene, struct hn_text text)
{
    struct ioc_indicator indicator = { .source = text,
        .comment = text,
        .family = text,
        .reference = text,
        .first_seen = HN_TIME_NONE,
        .last_seen = HN_TIME_NONE };
    struct alert_part part = { .rule = text, .file = text };
    struct alert_match matches[2] = {
        { text, text, text, text, text, 0, (uint32_t)(text.len / 2) },
        { text, text, text, text, text, (uint32_t)(text.len / 3), (uint32_t)(text.len / 3) },
    };
    struct alert alert = { .meta = &scene->meta,
        .level = SIGMA_LEVEL_HIGH,
        .time = HN_DAY,
        .host = text,
        .user = text,
        .file = text,
        .event = &scene->event,
        .matches = matches,
        .match_count = 2 };
    struct hn_buf json = { 0 };

    report_scene_add(scene, &alert, &json);
    alert.kind = ALERT_INDICATOR;
    alert.indicator = &indicator;
    alert.indicator_value = text;
    alert.indicator_how = text;
    report_scene_add(scene, &alert, &json);
    alert.kind = ALERT_CORRELATION;
    alert.indicator = NULL;
    alert.event = NULL;
    alert.match_count = 0;
    alert.group_by = (struct sigma_texts){ scene->lists, 1 };
    alert.group_key = scene->lists;
    alert.parts = &part;
    alert.part_count = 1;
    report_scene_add(scene, &alert, &json);
    hn_buf_deinit(&json);
}

/* text lives as long as the scene. */
HN_INLINE void report_scene_open(struct report_scene *scene, struct hn_text text)
{
    struct sigma_texts list;

    memset(scene, 0, sizeof *scene);
    scene->lists[0] = text;
    scene->tags[0] = HN_TEXT("attack.t1059.001");
    scene->tags[1] = HN_TEXT("attack.execution");
    scene->tags[2] = text;
    list = (struct sigma_texts){ scene->lists, 1 };
    scene->meta = (struct sigma_meta){ .id = text,
        .title = text,
        .description = text,
        .author = text,
        .level = SIGMA_LEVEL_HIGH,
        .references = list,
        .tags = { scene->tags, 3 },
        .falsepositives = list,
        .context = { text, text, text, text, list, list, text, text, text },
        .place = { text, 1, 1 } };
    scene->issue = (struct sigma_issue){
        .place = { text, 1, 1 }, .rule_id = text, .title = text, .code = text, .message = text
    };
    scene->set = (struct sigma_set){ .issues = &scene->issue, .issue_count = 1 };
    scene->note = (struct report_note){ .name = text, .text = text, .has_place = true };
    scene->inputs[0] = "in<put>&\"";
    scene->schema = hn_schema_new();
    scene->groups = alert_groups_new(NULL);
    scene->status = scene->schema == NULL || scene->groups == NULL ? HN_NOMEM : HN_OK;
    if (scene->status == HN_OK)
        scene->status = hn_schema_seal(scene->schema, NULL);
    if (scene->status == HN_OK)
        scene->status = hn_event_init(&scene->event, scene->schema, NULL, true);
    if (scene->status != HN_OK)
        return;
    hn_event_reset(&scene->event);
    hn_event_add_text(&scene->event, text, text);
    hn_event_add_text(&scene->event, HN_TEXT("field"), text);
    scene->event.raw = hn_text_as_bytes(text);
    scene->event.raw_is_text = true;
    report_scene_fill(scene, text);
    scene->report = (struct report){ .zone_name = text,
        .version = text,
        .inputs = scene->inputs,
        .input_count = 1,
        .groups = scene->groups,
        .set = &scene->set,
        .notes = &scene->note,
        .note_count = 1,
        .findings = { 1 } };
}

HN_INLINE void report_scene_close(struct report_scene *scene)
{
    hn_event_deinit(&scene->event);
    hn_schema_free(scene->schema);
    alert_groups_free(scene->groups);
}

#endif
