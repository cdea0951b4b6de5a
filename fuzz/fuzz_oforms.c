/* fuzz: oforms support */
/* fuzz_oforms.c - forms. The input is a length, stream "f" of that length, and stream "o"; frames
 * and pages within have the same streams. Controls keep to their limits, paths to their form, and
 * every text stands in the input, compressed or not: nothing is invented. */
#include "base/reader.h"
#include "base/utf.h"
#include "oforms/oforms.h"
#include "support/cfb_writer.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct oforms_limits limits = { .controls_max = 200, .text_bytes_max = 1 << 16 };

static void check(bool condition)
{
    if (!condition)
        abort();
}

/* As UTF-16, or as Latin-1 where it can be. */
static void check_in(struct hn_text in, struct hn_text text)
{
    struct hn_buf wide = { 0 };
    struct hn_buf narrow = { 0 };

    check(hn_utf8_valid(hn_text_as_bytes(text)));
    if (text.len == 0 || hn_text_find(text, HN_TEXT(HN_UTF8_REPLACEMENT), 0) != SIZE_MAX)
        return;
    hn_utf8_to_utf16le(&wide, text);
    for (size_t i = 0; i < wide.len; i += 2)
        hn_buf_add_char(&narrow, wide.ptr[i]);
    check(hn_text_find(in, hn_buf_text(&wide), 0) != SIZE_MAX ||
            hn_text_find(in, hn_buf_text(&narrow), 0) != SIZE_MAX);
    hn_buf_deinit(&wide);
    hn_buf_deinit(&narrow);
}

static void check_lines(struct hn_text in, struct hn_text lines)
{
    struct hn_text line;

    /* A tab's own text may hold line feeds; pieces of it stand in the input as well. */
    while (lines.ptr != NULL && hn_text_split(&lines, '\n', &line))
        check_in(in, line);
}

static void check_form(struct hn_text in, const struct oforms_form *form)
{
    check(form->control_count <= limits.controls_max);
    for (size_t i = 0; i < form->control_count; i++) {
        const struct oforms_control *control = &form->controls[i];
        bool number = control->kind == OFORMS_SCROLL_BAR || control->kind == OFORMS_SPIN_BUTTON ||
                      control->kind == OFORMS_TAB_STRIP;

        check(control->kind < OFORMS_KIND_COUNT);
        check(control->path.ptr == NULL || hn_text_starts(control->path, HN_TEXT("Form1")));
        check_in(in, i == 0 ? HN_TEXT("") : control->name);
        check_lines(in, control->caption);
        check_lines(in, control->tip);
        check_lines(in, control->tag);
        check_in(in, control->group);
        check_in(in, control->control_source);
        check_in(in, control->row_source);
        check_lines(in, control->list);
        if (!number)
            check_in(in, control->value);
    }
}

static void single(struct hn_text in, struct hn_bytes bytes)
{
    struct hn_arena arena;

    hn_arena_init(&arena, (size_t)16 << 20);
    for (unsigned kind = 0; kind < OFORMS_KIND_COUNT; kind++) {
        struct oforms_control control;

        (void)oforms_control_read(&arena, bytes, (enum oforms_kind)kind, &control);
        check_in(in, control.caption);
        check_in(in, control.group);
    }
    hn_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const storages[] = { "Form1", "Form1/i01", "Form1/i02", "Form1/i02/i01",
        "Form1/i01/i03" };
    struct hn_text in = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_reader r = hn_reader_over(hn_bytes_of(data, size));
    size_t len = hn_reader_u16(&r);
    struct hn_bytes f = hn_reader_take(&r, len < hn_reader_left(&r) ? len : hn_reader_left(&r));
    struct hn_bytes o = hn_reader_take(&r, hn_reader_left(&r));
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf file = { 0 };
    struct hn_arena arena;
    struct ole_file *ole;
    const struct oforms_form *form;
    uint32_t storage;

    single(in, o);
    for (size_t i = 0; i < HN_COUNT_OF(storages); i++) {
        char path[32];

        (void)snprintf(path, sizeof path, "%s/f", storages[i]);
        cfb_writer_stream(cfb, path, f);
        (void)snprintf(path, sizeof path, "%s/o", storages[i]);
        cfb_writer_stream(cfb, path, o);
        (void)snprintf(path, sizeof path, "%s/x", storages[i]);
        cfb_writer_stream(cfb, path, o);
    }
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    hn_arena_init(&arena, (size_t)64 << 20);
    check(ole_open(&arena, hn_text_as_bytes(hn_buf_text(&file)), NULL, &ole, NULL) == HN_OK);
    check(oforms_find(ole, &storage, 1) == 1);
    if (oforms_read(&arena, ole, storage, 1252, &limits, &form, NULL) == HN_OK)
        check_form(in, form);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&file);
    return 0;
}
