/* office_native.c - objects of OLE 1 ([MS-OLEDS] 2.2) and packages: files somebody put into a
 * document, with the names they had. */
#include "office/office_internal.h"

#include "base/codepage.h"

#define NAME_BYTES_MAX 4096u

/* A string that a NUL ends. */
static struct hn_bytes take_cstr(struct hn_reader *r)
{
    size_t left = hn_reader_left(r);
    const void *end = left > 0 ? memchr(r->next, 0, left) : NULL;
    struct hn_bytes bytes;

    if (end == NULL) {
        r->failed = true;
        return (struct hn_bytes){ 0 };
    }
    bytes = hn_reader_take(r, (size_t)((const uint8_t *)end - r->next));
    hn_reader_skip(r, 1);
    return bytes;
}

/* A length and as many bytes, the last of them perhaps a NUL. */
static struct hn_bytes take_counted(struct hn_reader *r)
{
    uint32_t len = hn_reader_u32(r);
    struct hn_bytes bytes;

    if (len > NAME_BYTES_MAX)
        r->failed = true;
    bytes = hn_reader_take(r, r->failed ? 0 : len);
    while (bytes.len > 0 && bytes.ptr[bytes.len - 1] == 0)
        bytes.len--;
    return bytes;
}

static struct hn_text base_name(struct hn_text path)
{
    size_t start = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '\\' || path.ptr[i] == '/')
            start = i + 1;
    }
    return hn_text_sub(path, start, path.len);
}

/* With its dot; empty when the name has none. */
static struct hn_text extension(struct hn_text name)
{
    for (size_t i = name.len; i-- > 0;) {
        if (name.ptr[i] == '.')
            return hn_text_sub(name, i, name.len);
    }
    return HN_TEXT("");
}

struct package {
    struct hn_text label;
    struct hn_text path;    /* where it came from */
    struct hn_text command; /* where it is put when somebody opens it */
    struct hn_bytes data;
    bool linked;
};

/* The names once more in UTF-16, which newer writers add. */
static void wide_names(struct office *o, struct hn_reader *r, struct package *package)
{
    struct hn_text *const into[] = { &package->command, &package->label, &package->path };

    for (size_t i = 0; i < HN_COUNT_OF(into); i++) {
        uint32_t units = hn_reader_u32(r);
        struct hn_bytes wide = { 0 };

        if (units <= NAME_BYTES_MAX)
            wide = hn_reader_take(r, (size_t)units * 2);
        if (!hn_reader_ok(r) || wide.len == 0)
            return;
        *into[i] = office_cut(office_utf16(o, wide));
    }
}

static bool read_package(struct office *o, struct hn_bytes bytes, struct package *ret_package)
{
    struct hn_reader r = hn_reader_over(bytes);
    struct package package = { 0 };
    struct hn_bytes label;
    struct hn_bytes path;
    struct hn_bytes command;
    uint32_t size;

    if (hn_reader_u16(&r) != 2)
        return false;
    label = take_cstr(&r);
    path = take_cstr(&r);
    (void)hn_reader_u16(&r);
    package.linked = hn_reader_u16(&r) == 1; /* 3: the file itself is within */
    if (package.linked) {
        (void)hn_reader_u16(&r);
        command = take_cstr(&r);
    } else {
        command = take_counted(&r);
    }
    if (!hn_reader_ok(&r) || label.len > NAME_BYTES_MAX || path.len > NAME_BYTES_MAX)
        return false;
    package.label = office_ansi(o, HN_CODEPAGE_WESTERN, label);
    package.path = office_ansi(o, HN_CODEPAGE_WESTERN, path);
    package.command = office_cut(office_ansi(o, HN_CODEPAGE_WESTERN, command));
    if (!package.linked) {
        size = hn_reader_u32(&r);
        if (!hn_reader_ok(&r))
            return false;
        if (size > hn_reader_left(&r)) {
            dissect_note(o->dissect, o->id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE,
                    "package %.*s: %lu bytes stated, %zu there", OFFICE_SHOWN(package.label),
                    (unsigned long)size, hn_reader_left(&r));
            size = (uint32_t)hn_reader_left(&r);
        }
        package.data = hn_reader_take(&r, size);
    }
    wide_names(o, &r, &package);
    *ret_package = package;
    return true;
}

static void say_package(struct office *o, const struct package *package)
{
    struct hn_text name = package->label;
    struct hn_text other = extension(package->command);

    dissect_fact(o->dissect, o->id, "package_label", package->label);
    dissect_fact(o->dissect, o->id, "package_path", package->path);
    dissect_fact(o->dissect, o->id, "package_command", package->command);
    if (extension(name).len == 0) {
        name = base_name(other.len > 0 ? package->command : package->path);
    } else if (other.len > 0 && !hn_text_eq_nocase(other, extension(name))) {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                "a package is shown as %.*s and put as %.*s", OFFICE_SHOWN(name),
                OFFICE_SHOWN(package->command));
    }
    if (package->linked) { /* opening it starts what it leads to */
        office_external(o, "package", package->command);
        office_command(o, "package", package->label, package->command);
    } else {
        (void)office_child(o, "embedded", base_name(name), package->data, DISSECT_UNKNOWN);
    }
}

bool office_native(struct office *o, struct hn_bytes bytes)
{
    struct package package;
    uint32_t size;

    if (read_package(o, bytes, &package)) {
        say_package(o, &package);
        return true;
    }
    if (bytes.len <= 4)
        return false;
    size = hn_load_u32(bytes.ptr);
    bytes = hn_bytes_of(bytes.ptr + 4, bytes.len - 4);
    if (read_package(o, bytes, &package)) {
        say_package(o, &package);
        return true;
    }
    if (size == 0 || size > bytes.len)
        return false;
    (void)office_child(
            o, "embedded", HN_TEXT("native data"), hn_bytes_of(bytes.ptr, size), DISSECT_UNKNOWN);
    return true;
}

/* ---- OLE 1 objects ---- */

static void linked_object(struct office *o, struct hn_reader *r)
{
    struct hn_text topic = office_cut(office_ansi(o, HN_CODEPAGE_WESTERN, take_counted(r)));

    office_external(o, "ole_link", topic);
}

static bool embedded_object(struct office *o, struct hn_reader *r, struct hn_text class_name)
{
    struct hn_bytes data;
    uint32_t size;
    uint32_t child;

    (void)take_counted(r); /* topic and item: empty for what is embedded */
    (void)take_counted(r);
    size = hn_reader_u32(r);
    if (!hn_reader_ok(r))
        return false;
    if (size > hn_reader_left(r)) { /* Word takes what is there */
        dissect_note(o->dissect, o->id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE,
                "object %.*s: %lu bytes stated, %zu there", OFFICE_SHOWN(class_name),
                (unsigned long)size, hn_reader_left(r));
        size = (uint32_t)hn_reader_left(r);
    }
    data = hn_reader_take(r, size);
    if (!ole_is(data) && office_native(o, data))
        return true;
    child = office_child(o, "embedded", class_name, data, DISSECT_UNKNOWN);
    if (child != DISSECT_NONE)
        dissect_fact(o->dissect, child, "object_class", class_name);
    return true;
}

bool office_ole1(struct office *o, struct hn_bytes bytes)
{
    struct hn_reader r = hn_reader_over(bytes);
    struct hn_text class_name;
    uint32_t format;

    (void)hn_reader_u32(&r); /* the version, which no reader looks at */
    format = hn_reader_u32(&r);
    class_name = office_cut(office_ansi(o, HN_CODEPAGE_WESTERN, take_counted(&r)));
    if (!hn_reader_ok(&r) || (format != 1 && format != 2))
        return false;
    if (class_name.len > 0)
        dissect_fact(o->dissect, o->id, "object_class", class_name);
    if (hn_text_starts_nocase(class_name, HN_TEXT("Equation")))
        dissect_fact_bool(o->dissect, o->id, "equation", true);
    if (format == 2)
        return embedded_object(o, &r, class_name);
    linked_object(o, &r);
    return true;
}

enum hn_status office_open_ole_object(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct hn_bytes bytes;

    office_begin(&o, dissect, id);
    bytes = office_data(&o);
    if (!office_native(&o, bytes) && !office_ole1(&o, bytes))
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "no OLE object is in it");
    return office_end(&o, err);
}
