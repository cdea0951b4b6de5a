/* oforms.c - forms and what is in them, frames and pages too; see oforms.h. Structures are
 * oforms_block.c, controls oforms_control.c, the list of controls oforms_site.c. */
#include "oforms/oforms_internal.h"

#include "base/codepage.h"
#include "base/vec.h"

#include <assert.h>
#include <stdio.h>

#define VBFRAME_BYTES_MAX 65536u

const struct oforms_limits oforms_limits_default = {
    .controls_max = 8192,
    .text_bytes_max = 8u << 20,
};

const char *oforms_kind_id(enum oforms_kind kind)
{
    static const char *const ids[] = {
#define OFORMS_KIND_TEXT(name, id) id,
        OFORMS_KIND_LIST(OFORMS_KIND_TEXT)
#undef OFORMS_KIND_TEXT
    };

    return (size_t)kind < HN_COUNT_OF(ids) ? ids[kind] : ids[OFORMS_OTHER];
}

struct reader {
    struct oforms_sink sink;
    struct ole_file *file;
    struct oforms_limits limits;
    HN_VEC(struct oforms_control) controls;
};

/* ClsidCacheIndex, 2.4.5. */
static enum oforms_kind kind_of_class(uint32_t class_index)
{
    static const struct {
        uint8_t index;
        uint8_t kind;
    } rows[] = { { 7, OFORMS_PAGE }, { 12, OFORMS_IMAGE }, { 14, OFORMS_FRAME },
        { 16, OFORMS_SPIN_BUTTON }, { 17, OFORMS_COMMAND_BUTTON }, { 18, OFORMS_TAB_STRIP },
        { 21, OFORMS_LABEL }, { 15, OFORMS_TEXT_BOX }, { 23, OFORMS_TEXT_BOX },
        { 24, OFORMS_LIST_BOX }, { 25, OFORMS_COMBO_BOX }, { 26, OFORMS_CHECK_BOX },
        { 27, OFORMS_OPTION_BUTTON }, { 28, OFORMS_TOGGLE_BUTTON }, { 47, OFORMS_SCROLL_BAR },
        { 57, OFORMS_MULTI_PAGE } };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        if (rows[i].index == class_index)
            return (enum oforms_kind)rows[i].kind;
    return OFORMS_OTHER;
}

static struct hn_bytes stream_in(
        struct reader *reader, uint32_t storage, struct hn_text name, uint32_t *ret_entry)
{
    uint32_t entry = ole_find_in(reader->file, storage, name);
    struct hn_bytes bytes = { (const uint8_t *)"", 0 };
    enum hn_status status;

    *ret_entry = entry;
    if (entry == OLE_NONE || ole_get(reader->file, entry)->kind != OLE_STREAM)
        return bytes;
    status = ole_read(reader->file, entry, &bytes, NULL);
    if (status == HN_NOMEM || (status == HN_LIMIT && hn_arena_status(reader->sink.arena) != HN_OK))
        reader->sink.failed = true;
    return status == HN_OK ? bytes : hn_bytes_of("", 0);
}

static struct hn_text path_join(struct reader *reader, struct hn_text above, struct hn_text name)
{
    struct hn_buf buf = { 0 };
    struct hn_text path = { NULL, 0 };

    hn_buf_add_text(&buf, above);
    if (above.len > 0 && name.len > 0)
        hn_buf_add_char(&buf, '.');
    hn_buf_add_text(&buf, name);
    if (hn_buf_ok(&buf) && buf.len <= reader->sink.text_left) {
        reader->sink.text_left -= buf.len;
        path = hn_arena_text(reader->sink.arena, hn_buf_text(&buf));
        reader->sink.failed |= path.ptr == NULL;
    } else {
        reader->sink.failed |= !hn_buf_ok(&buf);
        reader->sink.odd |= OFORMS_ODD_LIMIT;
    }
    hn_buf_deinit(&buf);
    return path;
}

/* A place for one more control; SIZE_MAX at the limit. */
static size_t control_add(struct reader *reader)
{
    struct oforms_control *control;

    if (reader->controls.count >= reader->limits.controls_max) {
        reader->sink.odd |= OFORMS_ODD_LIMIT;
        return SIZE_MAX;
    }
    control = hn_vec_add(&reader->controls);
    if (control == NULL) {
        reader->sink.failed = true;
        return SIZE_MAX;
    }
    control->entry = OLE_NONE;
    return reader->controls.count - 1;
}

/* A form, frame, multi-page or page while its sites are read. */
struct container {
    uint32_t storage;
    struct hn_text path;
    unsigned depth;
    bool pages;              /* a multi-page: its sites are a TabStrip and the pages */
    struct hn_bytes objects; /* stream "o" */
    uint32_t objects_entry;
    uint64_t objects_done;
    struct oforms_tabs tabs;
    struct hn_bytes page_ids; /* in the order of the tabs; empty when not known */
    size_t page_index;
};

static void container_read(
        struct reader *reader, struct container *container, struct hn_text *ret_caption);

static void site_open(struct reader *reader, struct container *container,
        const struct oforms_site *site, struct oforms_control *control)
{
    struct container inner = { .depth = container->depth + 1,
        .path = control->path,
        .pages = control->kind == OFORMS_MULTI_PAGE };
    char name[16];
    int len = snprintf(name, sizeof name, "i%02u", site->id);

    inner.storage = ole_find_in(reader->file, container->storage, hn_text_of(name, (size_t)len));
    if (inner.storage == OLE_NONE) {
        reader->sink.odd |= OFORMS_ODD_MISSING;
        return;
    }
    if (inner.depth > OFORMS_DEPTH_MAX) {
        reader->sink.odd |= OFORMS_ODD_LIMIT;
        return;
    }
    container_read(reader, &inner, &control->caption);
    if (inner.pages)
        control->list = inner.tabs.captions;
}

/* Its properties lie behind those of the site before it. */
static struct hn_bytes site_object(struct reader *reader, struct container *container,
        const struct oforms_site *site, uint64_t *ret_offset)
{
    uint64_t start = container->objects_done;

    *ret_offset = start;
    if (start > container->objects.len || site->object_bytes > container->objects.len - start) {
        reader->sink.odd |= OFORMS_ODD_DAMAGED;
        container->objects_done = UINT64_MAX; /* and so are all behind it */
        return hn_bytes_of("", 0);
    }
    container->objects_done += site->object_bytes;
    return hn_bytes_of(container->objects.ptr + start, site->object_bytes);
}

/* Stream "x" of a multi-page (2.2.6): properties of each page, then those of the whole, behind
 * which stand the pages' numbers in the order of the tabs. */
static void page_ids_read(struct reader *reader, struct container *container)
{
    uint32_t entry;
    struct hn_reader r =
            hn_reader_over(stream_in(reader, container->storage, HN_TEXT("x"), &entry));
    static const struct oforms_field fields[] = { { 1, 4, 1 }, { 2, 4, 2 } };
    struct oforms_block block;

    while (hn_reader_left(&r) >= 8 &&
            oforms_block_open(&r, 0x0200, 4, fields, HN_COUNT_OF(fields), &block)) {
        if (oforms_has(&block, 1) && hn_reader_left(&r) == (uint64_t)block.slots[1] * 4)
            container->page_ids = hn_reader_take(&r, hn_reader_left(&r));
    }
}

static size_t page_place(struct container *container, uint32_t id)
{
    for (size_t i = 0; i < container->page_ids.len / 4; i++)
        if (hn_load_u32(container->page_ids.ptr + i * 4) == id)
            return i;
    return container->page_index++;
}

static void page_texts(struct container *container, struct oforms_control *control)
{
    size_t index = page_place(container, control->id);
    struct hn_text caption = oforms_line(container->tabs.captions, index);

    if (caption.ptr != NULL)
        control->caption = caption;
    if (control->tip.ptr == NULL)
        control->tip = oforms_line(container->tabs.tips, index);
    if (control->tag.ptr == NULL)
        control->tag = oforms_line(container->tabs.tags, index);
}

static void site_take(
        struct reader *reader, struct container *container, const struct oforms_site *site)
{
    struct oforms_control control = { .name = site->name,
        .kind = kind_of_class(site->class_index),
        .id = site->id,
        .tip = site->tip,
        .tag = site->tag,
        .control_source = site->control_source,
        .row_source = site->row_source,
        .entry = OLE_NONE };
    bool inner_tabs = container->pages && control.kind == OFORMS_TAB_STRIP;
    size_t place = SIZE_MAX;
    struct hn_bytes object = { (const uint8_t *)"", 0 };

    control.path = path_join(reader, container->path, control.name);
    if (!inner_tabs) { /* that of a multi-page is no control of its own */
        place = control_add(reader);
        if (place == SIZE_MAX)
            return;
    }
    if (site->streamed) {
        object = site_object(reader, container, site, &control.offset);
        control.entry = container->objects_entry;
        if (object.len > 0)
            oforms_properties(&reader->sink, object, control.kind, &control,
                    inner_tabs ? &container->tabs : NULL);
    } else if (control.kind == OFORMS_PAGE || control.kind == OFORMS_FRAME ||
               control.kind == OFORMS_MULTI_PAGE) {
        site_open(reader, container, site, &control);
    }
    if (container->pages && control.kind == OFORMS_PAGE)
        page_texts(container, &control);
    if (place != SIZE_MAX && !reader->sink.failed)
        reader->controls.ptr[place] = control;
}

/* Recursion is bounded by OFORMS_DEPTH_MAX. */
static void container_read(
        struct reader *reader, struct container *container, struct hn_text *ret_caption)
{
    uint32_t entry;
    struct hn_bytes f = stream_in(reader, container->storage, HN_TEXT("f"), &entry);
    struct hn_reader r = hn_reader_over(f);
    struct oforms_head head = { .site_count = 0 };

    container->objects =
            stream_in(reader, container->storage, HN_TEXT("o"), &container->objects_entry);
    if (entry == OLE_NONE) {
        reader->sink.odd |= OFORMS_ODD_MISSING;
        return;
    }
    if (!oforms_head_read(&reader->sink, &r, &head)) {
        reader->sink.odd |= OFORMS_ODD_DAMAGED;
        head.site_count = 0;
    }
    if (head.caption.ptr != NULL)
        *ret_caption = head.caption;
    if (container->pages)
        page_ids_read(reader, container);
    for (uint32_t i = 0; i < head.site_count && !reader->sink.failed; i++) {
        struct oforms_site site = { .id = 0 };

        if (!oforms_site_read(&reader->sink, &r, &site)) {
            reader->sink.odd |= OFORMS_ODD_DAMAGED;
            return;
        }
        site_take(reader, container, &site);
    }
}

/* ---- The form itself ---- */

/* A text of VBFrame stands in quotes, which are doubled within. */
static struct hn_text frame_text(struct reader *reader, struct hn_text value)
{
    struct hn_buf buf = { 0 };
    struct hn_text text = { NULL, 0 };

    value = hn_text_trim(value);
    if (value.len < 2 || value.ptr[0] != '"')
        return text;
    for (size_t i = 1; i < value.len; i++) {
        if (value.ptr[i] == '"' && (++i >= value.len || value.ptr[i] != '"'))
            break;
        hn_buf_add_char(&buf, value.ptr[i]);
    }
    if (hn_buf_ok(&buf))
        text = hn_arena_text(reader->sink.arena, hn_buf_text(&buf));
    reader->sink.failed |= text.ptr == NULL;
    hn_buf_deinit(&buf);
    return text;
}

static void vbframe_read(
        struct reader *reader, uint32_t storage, uint32_t codepage, struct oforms_control *control)
{
    uint32_t entry;
    struct hn_bytes bytes = stream_in(reader, storage, HN_TEXT("\003VBFrame"), &entry);
    struct hn_buf buf = { 0 };
    struct hn_text rest;
    struct hn_text line;

    if (bytes.len > VBFRAME_BYTES_MAX)
        bytes.len = VBFRAME_BYTES_MAX;
    (void)hn_codepage_to_utf8(&buf, codepage, bytes);
    reader->sink.failed |= !hn_buf_ok(&buf);
    rest = hn_buf_text(&buf);
    while (rest.len > 0 && hn_text_line(&rest, &line)) {
        size_t equals = hn_text_find_char(line, '=', 0);
        struct hn_text key = hn_text_trim(hn_text_sub(line, 0, equals == SIZE_MAX ? 0 : equals));

        if (hn_text_eq_nocase(key, HN_TEXT("Caption")))
            control->caption = frame_text(reader, hn_text_sub(line, equals + 1, line.len));
        else if (hn_text_eq_nocase(key, HN_TEXT("Tag")))
            control->tag = frame_text(reader, hn_text_sub(line, equals + 1, line.len));
    }
    hn_buf_deinit(&buf);
}

static void form_read(struct reader *reader, uint32_t storage, uint32_t codepage)
{
    struct oforms_control form = { .name = ole_get(reader->file, storage)->name,
        .path = ole_get(reader->file, storage)->name,
        .kind = OFORMS_FORM,
        .entry = ole_find_in(reader->file, storage, HN_TEXT("f")) };
    struct container container = { .storage = storage, .path = form.path };

    if (control_add(reader) == SIZE_MAX)
        return;
    container_read(reader, &container, &form.caption);
    vbframe_read(reader, storage, codepage, &form); /* what the editor shows and the form gets */
    reader->controls.ptr[0] = form;
}

/* From the growing list into the arena. */
static bool form_finish(
        struct reader *reader, uint32_t storage, const struct oforms_form **ret_form)
{
    struct oforms_form *form = hn_new(reader->sink.arena, struct oforms_form, 1);
    struct oforms_control *controls =
            hn_new(reader->sink.arena, struct oforms_control, reader->controls.count);

    if (form == NULL || controls == NULL)
        return false;
    if (reader->controls.count > 0)
        memcpy(controls, reader->controls.ptr, reader->controls.count * sizeof *controls);
    form->storage = storage;
    form->name = ole_get(reader->file, storage)->name;
    form->controls = controls;
    form->control_count = reader->controls.count;
    form->odd = reader->sink.odd;
    *ret_form = form;
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): the header promises these parameters */
enum hn_status oforms_read(struct hn_arena *arena, struct ole_file *file, uint32_t storage,
        uint32_t codepage, const struct oforms_limits *limits, const struct oforms_form **ret_form,
        struct hn_err *err)
{
    struct reader reader = { .file = file,
        .limits = limits == NULL ? oforms_limits_default : *limits };
    enum hn_status status = HN_OK;

    assert(storage < ole_count(file));
    reader.sink.arena = arena;
    reader.sink.text_left = reader.limits.text_bytes_max;
    form_read(&reader, storage, codepage);
    if (reader.sink.failed || !form_finish(&reader, storage, ret_form)) {
        status = hn_arena_status(arena) == HN_LIMIT ? HN_LIMIT : HN_NOMEM;
        (void)hn_fail(err, status, 0, "no memory left for a form");
    }
    hn_vec_deinit(&reader.controls);
    return status;
}

/* The storages of frames have the same streams; they are called "i" and a number, and their parent
 * has a stream "f" as well. */
size_t oforms_find(const struct ole_file *file, uint32_t *ret_storages, size_t max)
{
    size_t count = 0;

    for (uint32_t i = 1; i < ole_count(file) && count < max; i++) {
        const struct ole_entry *entry = ole_get(file, i);
        uint32_t above;

        if (entry->kind != OLE_STREAM || !hn_text_eq(entry->name, HN_TEXT("f")) ||
                entry->parent == OLE_NONE || entry->parent == 0)
            continue;
        above = ole_get(file, entry->parent)->parent;
        if (ole_find_in(file, entry->parent, HN_TEXT("o")) == OLE_NONE ||
                (above != OLE_NONE && ole_find_in(file, above, HN_TEXT("f")) != OLE_NONE))
            continue;
        ret_storages[count++] = entry->parent;
    }
    return count;
}
