/* fuzz: batch */
/* fuzz_cmd.c - a batch file and, by its first byte, a line for cmd.exe: the evaluation ends within
 * its budgets and tells the same twice. */
#include "batch/batch.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_act(void *ctx, const struct script_act *act)
{
    struct hn_buf *log = ctx;

    hn_buf_add_cstr(log, script_act_id(act->kind));
    for (size_t i = 0; i < act->field_count; i++)
        hn_buf_add(log, act->fields[i].value->ptr, act->fields[i].value->len);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    hn_buf_add(ctx, layer->text->ptr, layer->text->len);
}

static void evaluate(enum script_language language, struct hn_text text, struct hn_buf *log)
{
    struct script_limits limits = script_limits_default;
    struct script_sink sink = { log, on_act, on_layer, NULL, NULL, NULL };
    struct script_part part = { .text = text };
    struct script_source source = { .language = language, .parts = &part, .part_count = 1 };
    struct script_run run;

    limits.steps_max = 6000;
    limits.bytes_max = (size_t)6 << 20;
    script_run_init(&run, &limits, &sink);
    if (batch_evaluate(&run, &source, NULL) != HN_OK && run.stop != SCRIPT_STOP_MEMORY)
        abort();
    if (run.steps > limits.steps_max || run.arena.used_bytes > limits.bytes_max || run.conditional)
        abort();
    script_run_deinit(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_buf first = { 0 };
    struct hn_buf second = { 0 };
    enum script_language language = size > 0 && data[0] == '!' ? SCRIPT_COMMAND : SCRIPT_BATCH;
    struct hn_text text = hn_text_of((const char *)data, size);

    evaluate(language, text, &first);
    evaluate(language, text, &second);
    if (!hn_text_eq(hn_buf_text(&first), hn_buf_text(&second)))
        abort();
    hn_buf_deinit(&first);
    hn_buf_deinit(&second);
    return 0;
}
