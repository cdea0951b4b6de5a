/* fuzz: jscript */
/* fuzz_jscript.c - scripts: within the budget; evaluated twice the same is told; what is told is
 * text in one form. */
#include "jscript/jscript.h"

#include "base/hash.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
    struct script_run *run;
    struct hn_digest digest;
    uint64_t count;
};

static void add(struct told *told, const char *what, const struct script_text *text)
{
    struct hn_text flat = script_text_flat(told->run, text);

    assert(text->left == NULL || flat.ptr == NULL);
    told->digest = hn_digest_join(told->digest, hn_digest_of(what, strlen(what)));
    told->digest =
            hn_digest_join(told->digest, hn_digest_of(flat.ptr != NULL ? flat.ptr : "", flat.len));
    told->count++;
}

static void on_act(void *ctx, const struct script_act *act)
{
    for (size_t i = 0; i < act->field_count; i++)
        add(ctx, act->fields[i].name, act->fields[i].value);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    add(ctx, layer->how, layer->text);
}

static void on_text(void *ctx, const struct script_text *text)
{
    add(ctx, "text", text);
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

    assert(once.count == twice.count && hn_digest_eq(once.digest, twice.digest));
    return 0;
}
