/* vb_dump.h - an evaluation as lines of text, for the tests of this module.
 *
 * One line an act ("process Shell | CommandLine=..."), a layer ("layer command Shell"), a note
 * ("note autorun AutoOpen"), a text ("text ..."). A control character reads as \xNN. */
#ifndef HN_TESTS_VB_DUMP_H
#define HN_TESTS_VB_DUMP_H

#include "base/buf.h"
#include "script/script.h"
#include "vbscript/vbscript.h"

#include <stdio.h>

struct vb_store {
    struct hn_text name;
    struct hn_text value;
};

struct vb_dump {
    struct hn_buf lines;
    struct hn_buf layers; /* texts of layers, in short */
    struct vb_store stores[64];
    size_t store_count;
    size_t acts;
    enum script_stop stop;
    uint64_t steps;
    size_t bytes;
};

static void vb_dump_value(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20)
            hn_buf_addf(out, "\\x%02X", (unsigned)(unsigned char)text.ptr[i]);
        else
            hn_buf_add_char(out, text.ptr[i]);
    }
}

static void vb_dump_act(void *ctx, const struct script_act *act)
{
    struct vb_dump *dump = ctx;

    dump->acts++;
    hn_buf_addf(&dump->lines, "%s %s", script_act_id(act->kind), act->via);
    for (size_t i = 0; i < act->field_count; i++) {
        struct hn_text text = { act->fields[i].value->ptr, act->fields[i].value->len };

        if (strcmp(act->fields[i].name, "Image") == 0 ||
                strcmp(act->fields[i].name, "ParentImage") == 0 ||
                strcmp(act->fields[i].name, "Sha256") == 0)
            continue; /* they follow from the others, and from the layer */
        hn_buf_addf(&dump->lines, " | %s=", act->fields[i].name);
        vb_dump_value(&dump->lines, text);
    }
    if (act->conditional)
        hn_buf_add_lit(&dump->lines, " | conditional");
    hn_buf_add_char(&dump->lines, '\n');
}

static void vb_dump_layer(void *ctx, const struct script_layer *layer)
{
    struct vb_dump *dump = ctx;

    hn_buf_addf(&dump->lines, "layer %s %s | ", script_language_id(layer->language), layer->how);
    vb_dump_value(&dump->lines, (struct hn_text){ layer->text->ptr, layer->text->len });
    hn_buf_add_char(&dump->lines, '\n');
}

static void vb_dump_text(void *ctx, const struct script_text *text)
{
    struct vb_dump *dump = ctx;

    hn_buf_add_lit(&dump->lines, "text ");
    vb_dump_value(&dump->lines, (struct hn_text){ text->ptr, text->len });
    hn_buf_add_char(&dump->lines, '\n');
}

static void vb_dump_note(
        void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct vb_dump *dump = ctx;

    (void)offset;
    hn_buf_addf(&dump->lines, "note %s ", script_note_id(kind));
    vb_dump_value(&dump->lines, detail);
    hn_buf_add_char(&dump->lines, '\n');
}

static bool vb_dump_lookup(void *ctx, struct hn_text name, struct hn_text *ret_text)
{
    struct vb_dump *dump = ctx;

    for (size_t i = 0; i < dump->store_count; i++) {
        if (!hn_text_eq_nocase(name, dump->stores[i].name))
            continue;
        *ret_text = dump->stores[i].value;
        return true;
    }
    return false;
}

/* Evaluates; the status of the evaluator. The caller ends dump->lines. */
static enum hn_status vb_dump_run(struct vb_dump *dump, enum script_language language,
        const struct script_part *parts, size_t count, const struct script_limits *limits)
{
    struct script_sink sink = { dump, vb_dump_act, vb_dump_layer, vb_dump_text, vb_dump_note,
        NULL };
    struct script_source source = { .language = language,
        .parts = parts,
        .part_count = count,
        .lookup = vb_dump_lookup,
        .lookup_ctx = dump,
        .host = language == SCRIPT_VBA ? "winword.exe" : "wscript.exe" };
    struct script_run run;
    enum hn_status status;

    script_run_init(&run, limits, &sink);
    status = vbscript_evaluate(&run, &source, NULL);
    dump->stop = run.stop;
    dump->steps = run.steps;
    dump->bytes = run.arena.used_bytes;
    script_run_deinit(&run);
    return status;
}

#endif
