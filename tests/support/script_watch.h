/* script_watch.h - everything an evaluator tells about a script, as lines of text, with the layers
 * that it leaves to others evaluated in turn, as `hinomi analyze` does.
 *
 *   act http_request Url=http://a.example/x|Method=GET
 *   layer powershell EncodedCommand
 *   text http://a.example/x
 *   note obfuscation base64
 *   stop steps
 */
#ifndef HN_TESTS_SCRIPT_WATCH_H
#define HN_TESTS_SCRIPT_WATCH_H

#include "base/buf.h"
#include "base/mem.h"
#include "script/script.h"

#include <stdlib.h>

#define WATCH_LAYERS_MAX 64

typedef enum hn_status watch_evaluator(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

struct watch {
    struct hn_buf out;
    watch_evaluator *evaluate;
    watch_evaluator *evaluate_line; /* of command lines; NULL: they are left */
    struct {
        enum script_language language;
        char *text;
        size_t len;
    } layers[WATCH_LAYERS_MAX];
    size_t layer_count;
    uint64_t steps;
    enum hn_status status;
};

static void watch_text(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if (c == '\n')
            hn_buf_add_lit(out, "\\n");
        else if (c < 0x20)
            hn_buf_addf(out, "\\x%02x", c);
        else
            hn_buf_add_char(out, (char)c);
    }
}

static void watch_act(void *ctx, const struct script_act *act)
{
    struct watch *watch = ctx;

    hn_buf_addf(&watch->out, "act %s%s ", script_act_id(act->kind), act->conditional ? "?" : "");
    for (size_t i = 0; i < act->field_count; i++) {
        hn_buf_addf(&watch->out, "%s%s=", i > 0 ? "|" : "", act->fields[i].name);
        watch_text(&watch->out,
                (struct hn_text){ act->fields[i].value->ptr, act->fields[i].value->len });
    }
    hn_buf_add_char(&watch->out, '\n');
}

static void watch_layer(void *ctx, const struct script_layer *layer)
{
    struct watch *watch = ctx;

    hn_buf_addf(&watch->out, "layer %s %s ", script_language_id(layer->language), layer->how);
    watch_text(&watch->out,
            hn_text_sub((struct hn_text){ layer->text->ptr, layer->text->len }, 0, 200));
    hn_buf_add_char(&watch->out, '\n');
    if (layer->evaluated || watch->layer_count == WATCH_LAYERS_MAX ||
            (layer->language != SCRIPT_POWERSHELL &&
                    (layer->language != SCRIPT_COMMAND || watch->evaluate_line == NULL)))
        return;
    watch->layers[watch->layer_count].language = layer->language;
    watch->layers[watch->layer_count].len = layer->text->len;
    watch->layers[watch->layer_count].text = malloc(layer->text->len + 1);
    if (watch->layers[watch->layer_count].text == NULL)
        return;
    memcpy(watch->layers[watch->layer_count].text, layer->text->ptr, layer->text->len);
    watch->layer_count++;
}

static void watch_value(void *ctx, const struct script_text *text)
{
    struct watch *watch = ctx;

    hn_buf_add_lit(&watch->out, "text ");
    watch_text(&watch->out, (struct hn_text){ text->ptr, text->len });
    hn_buf_add_char(&watch->out, '\n');
}

static void watch_note(
        void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct watch *watch = ctx;

    (void)offset;
    hn_buf_addf(&watch->out, "note %s ", script_note_id(kind));
    watch_text(&watch->out, detail);
    hn_buf_add_char(&watch->out, '\n');
}

static void watch_one(struct watch *watch, enum script_language language, struct hn_text text,
        const struct script_limits *limits)
{
    struct script_run run;
    struct script_sink sink = { .ctx = watch,
        .on_act = watch_act,
        .on_layer = watch_layer,
        .on_text = watch_value,
        .on_note = watch_note };
    struct script_part part = { .name = { "", 0 }, .text = text };
    struct script_source source = {
        .language = language, .parts = &part, .part_count = 1, .file_name = { "", 0 }
    };
    struct hn_err err = { 0 };

    script_run_init(&run, limits, &sink);
    watch->status = (language == SCRIPT_COMMAND ? watch->evaluate_line : watch->evaluate)(
            &run, &source, &err);
    watch->steps += run.steps;
    if (run.stop != SCRIPT_STOP_NONE)
        hn_buf_addf(&watch->out, "stop %s\n", script_stop_id(run.stop));
    script_run_deinit(&run);
}

/* The script and all that it leaves behind. out is the caller's to deinitialise. */
static void watch_run(struct watch *watch, enum script_language language, struct hn_text text,
        const struct script_limits *limits)
{
    hn_buf_init(&watch->out, (size_t)64 << 20);
    watch_one(watch, language, text, limits);
    for (size_t i = 0; i < watch->layer_count; i++) {
        watch_one(watch, watch->layers[i].language,
                hn_text_of(watch->layers[i].text, watch->layers[i].len), limits);
        free(watch->layers[i].text);
    }
}

#endif
