/* fuzz: xlm */
/* fuzz_xlm.c - macro sheets: the evaluation ends within its budgets, tells the same twice, what it
 * tells is whole, each act once; and a workbook without a macro sheet and without a name that
 * starts does nothing. */
#include "xlm/xlm.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    struct hn_buf log;
    uint32_t acts;
    uint32_t layers;
};

static void add_text(struct hn_buf *log, const struct script_text *text)
{
    if (text == NULL || text->left != NULL || text->ptr == NULL)
        abort(); /* what is told is flat */
    hn_buf_add(log, text->ptr, text->len);
    hn_buf_add_char(log, '\0');
}

static void on_act(void *ctx, const struct script_act *act)
{
    struct heard *heard = ctx;
    struct hn_buf line = { 0 };

    heard->acts++;
    if (act->via == NULL || act->field_count > SCRIPT_FIELDS_MAX)
        abort();
    hn_buf_addf(&line, "\1%s\2", script_act_id(act->kind));
    for (size_t i = 0; i < act->field_count; i++)
        add_text(&line, act->fields[i].value);
    hn_buf_add_char(&line, '\3');
    if (hn_text_find(hn_buf_text(&heard->log), hn_buf_text(&line), 0) != SIZE_MAX)
        abort(); /* each act once */
    hn_buf_add_text(&heard->log, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    struct heard *heard = ctx;

    heard->layers++;
    if (layer->how == NULL)
        abort();
    add_text(&heard->log, layer->text);
}

static void on_text(void *ctx, const struct script_text *text)
{
    add_text(&((struct heard *)ctx)->log, text);
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct heard *heard = ctx;

    (void)offset;
    hn_buf_add_cstr(&heard->log, script_note_id(kind));
    hn_buf_add_text(&heard->log, detail);
}

static void evaluate(struct hn_text text, struct heard *heard)
{
    struct script_limits limits = script_limits_default;
    struct script_sink sink = { heard, on_act, on_layer, on_text, on_note, NULL };
    struct script_part part = { .text = text };
    struct script_source source = {
        .language = SCRIPT_XLM, .parts = &part, .part_count = 1, .host = "excel.exe"
    };
    struct script_run run;

    limits.steps_max = 6000;
    limits.bytes_max = (size_t)6 << 20;
    limits.text_bytes_max = 1 << 20;
    limits.acts_max = 512;
    script_run_init(&run, &limits, &sink);
    if (xlm_evaluate(&run, &source, NULL) != HN_OK && run.stop != SCRIPT_STOP_MEMORY)
        abort();
    if (run.steps > limits.steps_max || run.arena.used_bytes > limits.bytes_max ||
            heard->acts > limits.acts_max || heard->layers > limits.layers_max || run.conditional)
        abort();
    script_run_deinit(&run);
}

/* A workbook with records, none of which makes a macro sheet or starts anything. */
static bool is_harmless(struct hn_text text)
{
    return hn_text_starts(text, HN_TEXT("SHEET ")) &&
           hn_text_find_nocase(text, HN_TEXT("macro"), 0) == SIZE_MAX &&
           hn_text_find(text, HN_TEXT("NAME"), 0) == SIZE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_text_of((const char *)data, size);
    struct heard first = { 0 };
    struct heard second = { 0 };

    evaluate(text, &first);
    evaluate(text, &second);
    if (!hn_text_eq(hn_buf_text(&first.log), hn_buf_text(&second.log)))
        abort();
    if (first.acts > 0 && is_harmless(text))
        abort();
    hn_buf_deinit(&first.log);
    hn_buf_deinit(&second.log);
    return 0;
}
