/* test_oforms.c - forms written to the letter of the specification come back exactly: strings of
 * every length, compressed and not, of every kind of control, in frames and pages; damage gives
 * less, never something else. */
#include "oforms/oforms.h"

#include "base/mem.h"
#include "support/check.h"
#include "support/oforms_writer.h"
#include "support/shared.h"

#include <stdio.h>
#include <stdlib.h>

#define CAP ((size_t)256 << 20)

struct scene {
    struct hn_buf file;
    struct hn_arena arena;
    struct ole_file *ole;
    const struct oforms_form *form;
};

static struct scene scene_of(const struct oforms_writer_form *written)
{
    struct scene s = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    uint32_t storage = 0;

    oforms_writer_put(cfb, "Macros/UserForm1", written);
    cfb_writer_finish(cfb, &s.file);
    cfb_writer_free(cfb);
    hn_arena_init(&s.arena, CAP);
    assert_int_equal(
            ole_open(&s.arena, hn_text_as_bytes(hn_buf_text(&s.file)), NULL, &s.ole, NULL), HN_OK);
    assert_int_equal(oforms_find(s.ole, &storage, 1), 1);
    assert_int_equal(oforms_read(&s.arena, s.ole, storage, 1252, NULL, &s.form, NULL), HN_OK);
    return s;
}

static void scene_end(struct scene *s)
{
    hn_arena_deinit(&s->arena);
    hn_buf_deinit(&s->file);
}

/* NULL where the form states nothing. */
static void check_stated(struct hn_text text, const char *expected)
{
    if (expected == NULL)
        assert_null(text.ptr);
    else
        check_text(text, expected);
}

static void check_control(
        const struct oforms_control *control, const struct oforms_writer_control *written)
{
    bool box = written->kind >= OFORMS_COMBO_BOX && written->kind <= OFORMS_TOGGLE_BUTTON;

    check_stated(control->name, written->name);
    assert_int_equal(control->kind, written->kind);
    check_stated(control->tip, written->tip);
    check_stated(control->tag, written->tag);
    check_stated(control->control_source, written->control_source);
    check_stated(control->row_source, written->row_source);
    if (box || written->kind == OFORMS_TEXT_BOX || written->kind == OFORMS_SCROLL_BAR ||
            written->kind == OFORMS_SPIN_BUTTON)
        check_stated(control->value, written->value);
    if (box || written->kind == OFORMS_LABEL || written->kind == OFORMS_COMMAND_BUTTON ||
            written->kind == OFORMS_FRAME)
        check_stated(control->caption, written->caption);
    if (box)
        check_stated(control->group, written->group);
}

/* Strings of each length around the padding, in all places at once, so that a padding that is not
 * honoured moves all that follow. */
static void lengths_check(size_t len, unsigned variant)
{
    static const enum oforms_kind kinds[] = { OFORMS_TEXT_BOX, OFORMS_LABEL, OFORMS_COMMAND_BUTTON,
        OFORMS_COMBO_BOX, OFORMS_LIST_BOX, OFORMS_CHECK_BOX, OFORMS_OPTION_BUTTON,
        OFORMS_TOGGLE_BUTTON };
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    static const char *const wide[] = { "あ", "いう", "えおか", "きくけこ", "😀x" };
    const char *end = letters + 26;
    struct oforms_writer_control controls[HN_COUNT_OF(kinds)];
    struct oforms_writer_form written = { .controls = controls,
        .count = HN_COUNT_OF(kinds),
        .classes = (variant & 1) != 0,
        .extras = (variant & 2) != 0 };
    struct scene s;

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        controls[i] = (struct oforms_writer_control){ .kind = kinds[i],
            .name = end - 1 - (len + i) % 9,
            .tag = end - len,
            .tip = len % 3 == 0 ? wide[len % 5] : end - (len + 1) % 13,
            .value = i == 3 ? wide[len % 5] : end - (len + 2 * i) % 11,
            .caption = i == 4 ? NULL : end - (len + 3 * i) % 7,
            .group = "gr\xC3\xBCn",
            .control_source = i == 5 ? end - len : NULL,
            .row_source = i % 2 == 0 ? "Sheet1!A1:A9" : NULL,
            .wide = (variant & 4) != 0,
            .plain = (len + i) % 2 == 0 };
    }
    s = scene_of(&written);
    assert_int_equal(s.form->odd, 0);
    assert_int_equal(s.form->control_count, 1 + HN_COUNT_OF(kinds));
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++)
        check_control(&s.form->controls[1 + i], &controls[i]);
    scene_end(&s);
}

static void strings_of_every_length(void **state)
{
    (void)state;
    for (size_t len = 0; len < 13; len++)
        for (unsigned variant = 0; variant < 8; variant++)
            lengths_check(len, variant);
}

static const struct oforms_writer_control in_page2[] = {
    { .kind = OFORMS_TEXT_BOX, .name = "TextBox3", .value = "http://192.0.2.1/p2" },
};
static const struct oforms_writer_control pages[] = {
    { .kind = OFORMS_PAGE, .name = "Page1", .caption = "First", .tip = "tip one", .tag = "t1" },
    { .kind = OFORMS_PAGE,
            .name = "Page2",
            .caption = "Zweite",
            .tip = "tip 2",
            .tag = "",
            .children = in_page2,
            .child_count = 1 },
};
static const struct oforms_writer_control in_inner[] = {
    { .kind = OFORMS_TEXT_BOX, .name = "Deep", .value = "powershell", .tag = "deep tag" },
};
static const struct oforms_writer_control in_frame[] = {
    { .kind = OFORMS_TEXT_BOX, .name = "TextBox2", .value = "in frame" },
    { .kind = OFORMS_FRAME,
            .name = "Inner",
            .caption = "Inner caption",
            .children = in_inner,
            .child_count = 1 },
};
static const struct oforms_writer_control all_controls[] = {
    { .kind = OFORMS_TEXT_BOX, .name = "TextBox1", .value = "first" },
    { .kind = OFORMS_FRAME,
            .name = "Frame1",
            .caption = "Frame caption",
            .tip = "frame tip",
            .tag = "frame tag",
            .children = in_frame,
            .child_count = 2 },
    { .kind = OFORMS_IMAGE, .name = "Image1", .tag = "hidden in a picture" },
    { .kind = OFORMS_MULTI_PAGE, .name = "MultiPage1", .children = pages, .child_count = 2 },
    { .kind = OFORMS_TAB_STRIP, .name = "TabStrip1", .items = "Tab1\nTab two\n三", .value = "1" },
    { .kind = OFORMS_SCROLL_BAR, .name = "ScrollBar1", .value = "-5" },
    { .kind = OFORMS_SPIN_BUTTON, .name = "SpinButton1", .value = "77" },
    { .kind = OFORMS_TEXT_BOX, .name = "Last", .value = "last" },
};
static const struct oforms_writer_form all_form = { .caption = "My "
                                                               "form",
    .tag = "say \"\"x\"\"",
    .controls = all_controls,
    .count = HN_COUNT_OF(all_controls) };

static const struct oforms_control *at(const struct scene *s, const char *path)
{
    for (size_t i = 0; i < s->form->control_count; i++)
        if (hn_text_eq(s->form->controls[i].path, hn_text_cstr(path)))
            return &s->form->controls[i];
    fail_msg("no %s", path);
    return NULL;
}

static void frames_and_pages_are_entered(void **state)
{
    struct scene s = scene_of(&all_form);

    (void)state;
    assert_int_equal(s.form->odd, 0);
    assert_int_equal(s.form->control_count, 15);
    check_text(at(&s, "UserForm1")->caption, "My form");
    check_text(at(&s, "UserForm1")->tag, "say \"x\"");
    check_text(at(&s, "UserForm1.TextBox1")->value, "first");
    check_text(at(&s, "UserForm1.Frame1")->caption, "Frame caption");
    check_text(at(&s, "UserForm1.Frame1")->tag, "frame tag");
    check_text(at(&s, "UserForm1.Frame1.TextBox2")->value, "in frame");
    check_text(at(&s, "UserForm1.Frame1.Inner")->caption, "Inner caption");
    check_text(at(&s, "UserForm1.Frame1.Inner.Deep")->value, "powershell");
    check_text(at(&s, "UserForm1.Frame1.Inner.Deep")->tag, "deep tag");
    check_text(at(&s, "UserForm1.Image1")->tag, "hidden in a picture");
    check_text(at(&s, "UserForm1.MultiPage1")->list, "First\nZweite");
    /* The sites of pages are in another order than the tabs: stream "x" tells. */
    check_text(at(&s, "UserForm1.MultiPage1.Page1")->caption, "First");
    check_text(at(&s, "UserForm1.MultiPage1.Page1")->tip, "tip one");
    check_text(at(&s, "UserForm1.MultiPage1.Page1")->tag, "t1");
    check_text(at(&s, "UserForm1.MultiPage1.Page2")->caption, "Zweite");
    check_text(at(&s, "UserForm1.MultiPage1.Page2.TextBox3")->value, "http://192.0.2.1/p2");
    check_text(at(&s, "UserForm1.TabStrip1")->list, "Tab1\nTab two\n三");
    check_text(at(&s, "UserForm1.TabStrip1")->value, "1");
    check_text(at(&s, "UserForm1.ScrollBar1")->value, "-5");
    check_text(at(&s, "UserForm1.SpinButton1")->value, "77");
    check_text(at(&s, "UserForm1.Last")->value, "last");
    scene_end(&s);
}

/* Where a control's bytes are, for the path of evidence. */
static void places_are_told(void **state)
{
    struct scene s = scene_of(&all_form);
    const struct oforms_control *last = at(&s, "UserForm1.Last");
    struct hn_bytes o;

    (void)state;
    check_text(ole_get(s.ole, last->entry)->path, "Macros/UserForm1/o");
    assert_int_equal(ole_read(s.ole, last->entry, &o, NULL), HN_OK);
    assert_true(hn_text_find(hn_bytes_as_text(o), HN_TEXT("last"), (size_t)last->offset) <
                last->offset + 64);
    scene_end(&s);
}

static void limits_hold(void **state)
{
    struct scene s = scene_of(&all_form);
    struct oforms_limits limits = { .controls_max = 4, .text_bytes_max = 1 << 20 };
    uint32_t storage = s.form->storage;

    (void)state;
    assert_int_equal(oforms_read(&s.arena, s.ole, storage, 1252, &limits, &s.form, NULL), HN_OK);
    assert_int_equal(s.form->control_count, 4);
    assert_int_equal(s.form->odd, OFORMS_ODD_LIMIT);
    limits.controls_max = 100;
    limits.text_bytes_max = 40;
    assert_int_equal(oforms_read(&s.arena, s.ole, storage, 1252, &limits, &s.form, NULL), HN_OK);
    assert_true((s.form->odd & OFORMS_ODD_LIMIT) != 0);
    scene_end(&s);
}

/* A frame within a frame and so on, deeper than anybody draws. */
static void depth_is_bounded(void **state)
{
    static struct oforms_writer_control nested[40];
    struct oforms_writer_form written = { .controls = nested, .count = 1 };
    struct scene s;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(nested); i++) {
        nested[i] = (struct oforms_writer_control){ .kind = OFORMS_FRAME,
            .name = "F",
            .children = i + 1 < HN_COUNT_OF(nested) ? &nested[i + 1] : NULL,
            .child_count = i + 1 < HN_COUNT_OF(nested) ? 1 : 0 };
    }
    s = scene_of(&written);
    assert_int_equal(s.form->odd, OFORMS_ODD_LIMIT);
    assert_int_equal(s.form->control_count, 1 + OFORMS_DEPTH_MAX + 1);
    scene_end(&s);
}

static void single_controls_are_read(void **state)
{
    static const uint8_t text_box[16] = { 0x10, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E,
        0x0D, 0x00, 0xAA, 0x00, 0x60, 0x02, 0xF3 };
    struct scene s = scene_of(&all_form);
    const struct oforms_control *last = at(&s, "UserForm1.Last");
    struct oforms_control control;
    struct hn_bytes o;

    (void)state;
    assert_int_equal(oforms_kind_of_clsid(text_box), OFORMS_TEXT_BOX);
    assert_int_equal(oforms_kind_of_clsid((const uint8_t *)"0123456789abcdef"), OFORMS_OTHER);
    assert_int_equal(ole_read(s.ole, last->entry, &o, NULL), HN_OK);
    o = hn_bytes_of(o.ptr + last->offset, o.len - (size_t)last->offset);
    assert_int_equal(oforms_control_read(&s.arena, o, OFORMS_TEXT_BOX, &control), 0);
    check_text(control.value, "last");
    assert_int_equal(
            oforms_control_read(&s.arena, hn_bytes_of(o.ptr, 9), OFORMS_TEXT_BOX, &control),
            OFORMS_ODD_DAMAGED);
    assert_null(control.value.ptr);
    scene_end(&s);
}

/* ---- Damage ---- */

static enum hn_status read_all(struct hn_bytes in)
{
    struct hn_arena arena;
    struct ole_file *ole;
    const struct oforms_form *form;
    uint32_t storages[4];
    enum hn_status status;

    hn_arena_init(&arena, CAP);
    status = ole_open(&arena, in, NULL, &ole, NULL);
    if (status == HN_OK) {
        size_t count = oforms_find(ole, storages, 4);

        for (size_t i = 0; i < count && status == HN_OK; i++)
            status = oforms_read(&arena, ole, storages[i], 1252, NULL, &form, NULL);
    }
    hn_arena_deinit(&arena);
    return status;
}

static void every_failing_allocation_is_reported(void **state)
{
    struct scene s = scene_of(&all_form);
    uint64_t n = 1;

    (void)state;
    for (;; n++) {
        enum hn_status status;

        hn_mem_fail_from(n);
        status = read_all(hn_text_as_bytes(hn_buf_text(&s.file)));
        if (hn_mem_fail_hits() == 0)
            break;
        hn_mem_fail_from(0);
        assert_int_equal(status, HN_NOMEM);
    }
    hn_mem_fail_from(0);
    assert_true(n > 20);
    scene_end(&s);
}

/* Cut streams: what is still there is right, and nothing is there that was not written. */
static void cut_streams_invent_nothing(void **state)
{
    struct scene whole = scene_of(&all_form);
    static const char *const names[] = { "f", "o" };

    (void)state;
    for (size_t which = 0; which < 2; which++) {
        uint32_t entry = ole_find_in(whole.ole, whole.form->storage, hn_text_cstr(names[which]));
        struct hn_bytes bytes;

        assert_int_equal(ole_read(whole.ole, entry, &bytes, NULL), HN_OK);
        for (size_t len = 0; len < bytes.len; len++) {
            struct cfb_writer *cfb = cfb_writer_new(3);
            struct hn_arena arena;
            struct hn_buf file = { 0 };
            struct ole_file *ole;
            const struct oforms_form *form;
            uint32_t storage;

            oforms_writer_put(cfb, "Macros/UserForm1", &all_form);
            cfb_writer_stream(cfb, which == 0 ? "Macros/UserForm1/f" : "Macros/UserForm1/o",
                    hn_bytes_of(bytes.ptr, len));
            cfb_writer_finish(cfb, &file);
            cfb_writer_free(cfb);
            hn_arena_init(&arena, CAP);
            assert_int_equal(
                    ole_open(&arena, hn_text_as_bytes(hn_buf_text(&file)), NULL, &ole, NULL),
                    HN_OK);
            assert_int_equal(oforms_find(ole, &storage, 1), 1);
            assert_int_equal(oforms_read(&arena, ole, storage, 1252, NULL, &form, NULL), HN_OK);
            assert_true(form->odd != 0 || (which == 1 && len + 64 > bytes.len));
            for (size_t i = 0; i < form->control_count; i++) {
                const struct oforms_control *control = &form->controls[i];
                char path[256];

                (void)snprintf(
                        path, sizeof path, "%.*s", (int)control->path.len, control->path.ptr);
                if (control->value.ptr != NULL)
                    assert_true(hn_text_eq(control->value, at(&whole, path)->value));
                if (control->tag.ptr != NULL)
                    assert_true(hn_text_eq(control->tag, at(&whole, path)->tag));
            }
            hn_arena_deinit(&arena);
            hn_buf_deinit(&file);
        }
    }
    scene_end(&whole);
}

static void every_changed_byte_ends_well(void **state)
{
    struct scene s = scene_of(&all_form);

    (void)state;
    for (size_t i = 0; i < s.file.len; i++) {
        char kept = s.file.ptr[i];

        s.file.ptr[i] = (char)(kept ^ 0xFF);
        (void)read_all(hn_text_as_bytes(hn_buf_text(&s.file)));
        s.file.ptr[i] = kept;
    }
    scene_end(&s);
}

/* ---- Real forms ---- */

static void forms_of_31749_are_read(void **state)
{
    char *path = shared_path_or_skip("data/documents/poi/test-data_spreadsheet_31749.xls");
    struct hn_bytes bytes = shared_read(path);
    struct scene s = { 0 };
    uint32_t storages[8];
    size_t controls = 0;

    (void)state;
    hn_arena_init(&s.arena, CAP);
    assert_int_equal(ole_open(&s.arena, bytes, NULL, &s.ole, NULL), HN_OK);
    assert_int_equal(oforms_find(s.ole, storages, 8), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
                oforms_read(&s.arena, s.ole, storages[i], 1252, NULL, &s.form, NULL), HN_OK);
        assert_int_equal(s.form->odd, 0);
        controls += s.form->control_count;
        if (hn_text_eq(s.form->name, HN_TEXT("frmSummaryOptions"))) {
            check_text(at(&s, "frmSummaryOptions")->caption, "I&E Summary Options");
            check_text(at(&s, "frmSummaryOptions.Frame1")->caption, "Show Statements");
            check_text(at(&s, "frmSummaryOptions.lblBasis")->caption, "Basis for % Comparison");
            assert_int_equal(
                    at(&s, "frmSummaryOptions.Frame1.lbxStatements")->kind, OFORMS_LIST_BOX);
        }
    }
    assert_int_equal(controls, 26);
    hn_arena_deinit(&s.arena);
    shared_free(bytes);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_of_every_length),
        cmocka_unit_test(frames_and_pages_are_entered),
        cmocka_unit_test(places_are_told),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(single_controls_are_read),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(cut_streams_invent_nothing),
        cmocka_unit_test(every_changed_byte_ends_well),
        cmocka_unit_test(forms_of_31749_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
