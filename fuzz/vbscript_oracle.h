/* vbscript_oracle.h - what must hold of any evaluation of VBA and VBScript: it ends within its
 * budgets, tells the same twice, and what it tells is whole. */
#ifndef HN_FUZZ_VBSCRIPT_ORACLE_H
#define HN_FUZZ_VBSCRIPT_ORACLE_H

#include "base/buf.h"
#include "script/script.h"
#include "vbscript/vbscript.h"

#include <stdlib.h>

struct oracle_heard {
    struct hn_buf log;
    uint32_t acts;
    uint32_t layers;
};

static void oracle_text(struct hn_buf *log, const struct script_text *text)
{
    if (text == NULL || text->left != NULL || text->ptr == NULL)
        abort(); /* what is told is flat */
    hn_buf_add(log, text->ptr, text->len);
    hn_buf_add_char(log, '\n');
}

static void oracle_act(void *ctx, const struct script_act *act)
{
    struct oracle_heard *heard = ctx;

    heard->acts++;
    if (act->via == NULL || act->field_count > SCRIPT_FIELDS_MAX)
        abort();
    hn_buf_add_cstr(&heard->log, script_act_id(act->kind));
    for (size_t i = 0; i < act->field_count; i++)
        oracle_text(&heard->log, act->fields[i].value);
}

static void oracle_layer(void *ctx, const struct script_layer *layer)
{
    struct oracle_heard *heard = ctx;

    heard->layers++;
    if (layer->how == NULL)
        abort();
    oracle_text(&heard->log, layer->text);
}

static void oracle_told(void *ctx, const struct script_text *text)
{
    oracle_text(&((struct oracle_heard *)ctx)->log, text);
}

static void oracle_note(
        void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct oracle_heard *heard = ctx;

    (void)offset;
    hn_buf_add_cstr(&heard->log, script_note_id(kind));
    hn_buf_add_text(&heard->log, detail);
}

static bool oracle_lookup(void *ctx, struct hn_text name, struct hn_text *ret_text)
{
    (void)ctx;
    if (!hn_text_starts_nocase(name, HN_TEXT("UserForm1.")))
        return false;
    *ret_text = HN_TEXT("cmd /c echo");
    return true;
}

static void oracle_evaluate(
        enum script_language language, struct hn_text text, struct oracle_heard *heard)
{
    struct script_limits limits = script_limits_default;
    struct script_sink sink = { .ctx = heard,
        .on_act = oracle_act,
        .on_layer = oracle_layer,
        .on_text = oracle_told,
        .on_note = oracle_note };
    struct script_part parts[2] = { { .name = HN_TEXT_INIT("Module1") },
        { .name = HN_TEXT_INIT("UserForm1") } };
    size_t nul = hn_text_find_char(text, '\0', 0);
    struct script_source source = { .language = language,
        .parts = parts,
        .part_count = nul != SIZE_MAX ? 2 : 1,
        .lookup = oracle_lookup,
        .file_name = HN_TEXT_INIT("sample"),
        .host = "winword.exe" };
    struct script_run run;

    limits.steps_max = 6000;
    limits.bytes_max = (size_t)6 << 20;
    limits.text_bytes_max = 1 << 20;
    limits.acts_max = 512;
    parts[0].text = hn_text_sub(text, 0, nul);
    if (nul != SIZE_MAX)
        parts[1].text = hn_text_sub(text, nul + 1, SIZE_MAX);
    script_run_init(&run, &limits, &sink);
    if (vbscript_evaluate(&run, &source, NULL) != HN_OK && run.stop != SCRIPT_STOP_MEMORY)
        abort();
    if (run.steps > limits.steps_max || run.arena.used_bytes > limits.bytes_max ||
            heard->acts > limits.acts_max || heard->layers > limits.layers_max || run.conditional)
        abort();
    script_run_deinit(&run);
}

static int oracle_run(enum script_language language, const uint8_t *data, size_t size)
{
    struct oracle_heard first = { 0 };
    struct oracle_heard second = { 0 };

    oracle_evaluate(language, hn_text_of((const char *)data, size), &first);
    oracle_evaluate(language, hn_text_of((const char *)data, size), &second);
    if (!hn_text_eq(hn_buf_text(&first.log), hn_buf_text(&second.log)))
        abort();
    hn_buf_deinit(&first.log);
    hn_buf_deinit(&second.log);
    return 0;
}

#endif
