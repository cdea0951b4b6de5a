/* fuzz: powershell */
/* fuzz_powershell.c - scripts.
 *
 * Oracle: the budget is kept; what is told twice is the same; texts are well-formed and whole, and
 * every act and layer lies in the source or nowhere. */
#include "powershell/powershell.h"

#include "base/hash.h"

#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

#define STEPS_MAX 20000u
#define BYTES_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    struct script_run *run;
    uint64_t hash;
    size_t source_len;
    uint32_t acts;
};

static void hear(struct heard *heard, struct hn_text text)
{
    heard->hash = hn_hash_text(text, heard->hash);
}

static void hear_text(struct heard *heard, const struct script_text *text)
{
    struct hn_text flat = script_text_flat(heard->run, text);
    size_t units = 0;

    if (flat.ptr == NULL) /* no room for it any more */
        return;
    for (size_t i = 0; i < flat.len; i++) {
        units += ((uint8_t)flat.ptr[i] & 0xC0u) != 0x80u;
        units += (uint8_t)flat.ptr[i] >= 0xF0u;
    }
    CHECK(units == text->units && flat.len == text->len);
    hear(heard, flat);
}

static void on_act(void *ctx, const struct script_act *act)
{
    struct heard *heard = ctx;

    heard->acts++;
    CHECK(act->kind < SCRIPT_ACT_COUNT && act->field_count <= SCRIPT_FIELDS_MAX &&
            act->via != NULL);
    CHECK(act->offset <= heard->source_len);
    hear(heard, hn_text_cstr(script_act_id(act->kind)));
    for (size_t i = 0; i < act->field_count; i++)
        hear_text(heard, act->fields[i].value);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    CHECK(layer->language < SCRIPT_LANGUAGE_COUNT && layer->how != NULL);
    hear_text(ctx, layer->text);
}

static void on_text(void *ctx, const struct script_text *text)
{
    const struct script_origin *steps[16];

    CHECK(script_text_path(text, steps, 16) <= 16);
    hear_text(ctx, text);
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    (void)offset;
    CHECK(kind < SCRIPT_NOTE_COUNT);
    hear(ctx, detail);
}

static uint64_t evaluate(struct hn_text text)
{
    struct script_run run;
    struct heard heard = { .run = &run, .source_len = text.len };
    struct script_sink sink = { .ctx = &heard,
        .on_act = on_act,
        .on_layer = on_layer,
        .on_text = on_text,
        .on_note = on_note };
    struct script_limits limits = script_limits_default;
    struct script_part part = { .name = { "", 0 }, .text = text };
    struct script_source source = {
        .language = SCRIPT_POWERSHELL, .parts = &part, .part_count = 1, .file_name = { "", 0 }
    };
    enum hn_status status;

    limits.steps_max = STEPS_MAX;
    limits.bytes_max = BYTES_MAX;
    script_run_init(&run, &limits, &sink);
    status = powershell_evaluate(&run, &source, NULL);
    CHECK(status == HN_OK);
    CHECK(run.steps <= limits.steps_max && run.arena.used_bytes <= limits.bytes_max);
    CHECK(heard.acts <= limits.acts_max && run.stop != SCRIPT_STOP_MEMORY);
    script_run_deinit(&run);
    return heard.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = { (const char *)data, size };

    CHECK(evaluate(text) == evaluate(text));
    return 0;
}
