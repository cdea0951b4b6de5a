/* fuzz: jscript */
/* fuzz_jscript.c - scripts: within the budget; evaluated twice the same is told; what is told is
 * text in one form. */
#include "script_oracle.h"

#include "jscript/jscript.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_act(void *ctx, const struct script_act *act)
{
    for (size_t i = 0; i < act->field_count; i++)
        told_add(ctx, act->fields[i].name, act->fields[i].value);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    told_add(ctx, layer->how, layer->text);
}

static void on_text(void *ctx, const struct script_text *text)
{
    told_add(ctx, "text", text);
}

static struct told evaluated(struct hn_text code)
{
    struct script_limits limits = script_limits_default;
    struct told told = { .count = 0 };
    struct script_sink sink = {
        .ctx = &told, .on_act = on_act, .on_layer = on_layer, .on_text = on_text
    };
    struct script_part part = { .text = code };
    struct script_source source = { .language = SCRIPT_JSCRIPT, .parts = &part, .part_count = 1 };
    struct script_run run;

    limits.steps_max = 20000;
    limits.bytes_max = (size_t)16 << 20;
    script_run_init(&run, &limits, &sink);
    told.run = &run;
    assert(jscript_evaluate(&run, &source, NULL) == HN_OK);
    assert(run.steps <= limits.steps_max && told.count <= UINT64_C(100000));
    script_run_deinit(&run);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text code = hn_text_of((const char *)data, size);
    struct told once = evaluated(code);
    struct told twice = evaluated(code);

    assert(told_same(&once, &twice));
    return 0;
}
