/* fuzz: command */
/* fuzz_command.c - one command line: the evaluation ends within its budgets, tells the same twice,
 * and every text it tells is whole. */
#include "command/command.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    struct script_run *run;
    struct hn_buf log;
    struct hn_text line;
};

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void hear(struct heard *heard, const struct script_text *text)
{
    struct hn_text flat = script_text_flat(heard->run, text);

    check(flat.ptr == NULL || flat.len == text->len);
    if (flat.ptr != NULL)
        hn_buf_add_text(&heard->log, flat);
}

static void on_act(void *ctx, const struct script_act *act)
{
    check(act->kind < SCRIPT_ACT_COUNT && act->field_count <= SCRIPT_FIELDS_MAX &&
            act->via != NULL);
    for (size_t i = 0; i < act->field_count; i++)
        hear(ctx, act->fields[i].value);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    check(layer->language < SCRIPT_LANGUAGE_COUNT && layer->how != NULL);
    hear(ctx, layer->text);
}

/* Every file that is asked for holds the line itself. */
static bool lookup(void *ctx, struct hn_text name, struct hn_text *ret_text)
{
    const struct heard *heard = ctx;

    check(hn_text_starts(name, HN_TEXT(SCRIPT_FILE_PREFIX)));
    *ret_text = heard->line;
    return true;
}

static void evaluate(struct hn_text text, struct hn_buf *ret_log)
{
    struct script_run run;
    struct heard heard = { .run = &run, .line = text };
    struct script_limits limits = script_limits_default;
    struct script_sink sink = { &heard, on_act, on_layer, NULL, NULL, NULL };
    struct script_part part = { .text = text };
    struct script_source source = { .language = SCRIPT_COMMAND,
        .parts = &part,
        .part_count = 1,
        .lookup = lookup,
        .lookup_ctx = &heard };

    limits.steps_max = 6000;
    limits.bytes_max = (size_t)6 << 20;
    script_run_init(&run, &limits, &sink);
    check(command_evaluate(&run, &source, NULL) == HN_OK || run.stop == SCRIPT_STOP_MEMORY);
    check(run.steps <= limits.steps_max && run.arena.used_bytes <= limits.bytes_max &&
            !run.conditional);
    script_run_deinit(&run);
    *ret_log = heard.log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_text_of((const char *)data, size);
    struct hn_buf first = { 0 };
    struct hn_buf second = { 0 };

    evaluate(text, &first);
    evaluate(text, &second);
    check(hn_text_eq(hn_buf_text(&first), hn_buf_text(&second)));
    (void)command_is_line(text);
    hn_buf_deinit(&first);
    hn_buf_deinit(&second);
    return 0;
}
