/* container_msi.c - Windows Installer packages: a compound file with streams of coded names, some
 * of which are tables. What an installation would run (CustomAction) and the files it carries come
 * out; the layout of the tables is that which msitools' and Wine's documentation describes. */
#include "container/container_internal.h"

#include "base/mem.h"
#include "base/utf.h"
#include "base/vec.h"
#include "ole/ole.h"

#define STRINGS_MAX ((uint32_t)1 << 20)
#define ROWS_MAX    16384u
#define COLUMNS_MAX 32u

struct msi_column {
    struct hn_text table;
    struct hn_text name;
    uint32_t number;
    uint32_t type;
};

/* A stream of the Binary table that an action runs as a script. */
struct msi_script {
    struct hn_text name;
    enum dissect_format format;
};

struct msi_property {
    struct hn_text name;
    struct hn_text value;
};

struct msi {
    HN_VEC(struct msi_script) scripts;
    HN_VEC(struct msi_property) properties;
    struct dissect *dissect;
    uint32_t id;
    struct ole_file *file;
    struct hn_bytes data;    /* of all strings, one behind the other */
    struct hn_text *strings; /* heap; [0] is empty */
    uint32_t string_count;
    uint32_t reference_bytes; /* 2 or 3 */
    enum hn_status status;
};

/* ---- Names ---- */

static char letter(uint32_t value)
{
    return value < 10    ? (char)('0' + value)
           : value < 36  ? (char)('A' + (value - 10))
           : value < 62  ? (char)('a' + (value - 36))
           : value == 62 ? '.'
                         : '_';
}

/* Two letters in one character from U+3800 on, one from U+4800 on; U+4840 marks a table. */
static void decode_name(struct hn_text name, struct hn_buf *out, bool *ret_table)
{
    *ret_table = false;
    for (size_t at = 0; at < name.len;) {
        uint32_t c;
        size_t len = hn_utf8_decode(name, at, &c);

        if (len == 0) {
            at++;
            continue;
        }
        at += len;
        if (c == 0x4840u) {
            *ret_table = true;
        } else if (c >= 0x3800u && c < 0x4800u) {
            hn_buf_add_char(out, letter((c - 0x3800u) & 0x3Fu));
            hn_buf_add_char(out, letter((c - 0x3800u) >> 6));
        } else if (c >= 0x4800u && c < 0x4840u) {
            hn_buf_add_char(out, letter(c - 0x4800u));
        } else {
            hn_buf_add_utf8(out, c);
        }
    }
}

static struct hn_bytes table(struct msi *msi, const char *name)
{
    struct hn_bytes bytes = hn_bytes_of("", 0);

    for (uint32_t i = 0; i < ole_count(msi->file); i++) {
        struct hn_buf decoded = { 0 };
        bool is_table;
        bool hit;

        decode_name(ole_get(msi->file, i)->name, &decoded, &is_table);
        hit = is_table && hn_text_eq(hn_buf_text(&decoded), hn_text_cstr(name));
        hn_buf_deinit(&decoded);
        if (!hit)
            continue;
        if (ole_read(msi->file, i, &bytes, NULL) == HN_NOMEM)
            msi->status = HN_NOMEM;
        return bytes.ptr != NULL ? bytes : hn_bytes_of("", 0);
    }
    return bytes;
}

/* ---- Strings ---- */

static void read_strings(struct msi *msi)
{
    struct hn_bytes pool = table(msi, "_StringPool");
    uint64_t offset = 0;
    uint32_t count = (uint32_t)(pool.len / 4);

    msi->data = table(msi, "_StringData");
    msi->reference_bytes = pool.len >= 4 && (pool.ptr[3] & 0x80u) != 0 ? 3 : 2;
    if (count < 2 || count > STRINGS_MAX)
        return;
    msi->strings = hn_calloc(count, sizeof *msi->strings);
    if (msi->strings == NULL) {
        msi->status = HN_NOMEM;
        return;
    }
    msi->string_count = 1;
    for (uint32_t i = 1; i < count; i++) {
        uint64_t len = hn_load_u16(pool.ptr + 4 * (size_t)i);
        uint32_t used = hn_load_u16(pool.ptr + 4 * (size_t)i + 2);

        if (len == 0 && used != 0 && i + 1 < count) /* longer than 64 KiB */
            len = hn_load_u32(pool.ptr + 4 * (size_t)++i);
        msi->strings[msi->string_count++] = hn_bytes_as_text(container_cut(msi->data, offset, len));
        offset += len;
    }
}

static struct hn_text string_at(const struct msi *msi, uint32_t index)
{
    return index < msi->string_count ? msi->strings[index] : hn_text_of("", 0);
}

/* ---- Tables: stored column by column ---- */

static size_t width(const struct msi *msi, uint32_t type)
{
    if ((type & 0x0800u) != 0)
        return (type & 0x0100u) != 0 && (type & 0xFFu) == 0 ? 2 : msi->reference_bytes;
    return (type & 0xFFu) == 4 ? 4 : 2;
}

static uint32_t number(const uint8_t *p, size_t bytes)
{
    uint32_t value = 0;

    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

/* The columns of a table, by _Columns, in order. */
static uint32_t columns_of(struct msi *msi, const char *name, struct msi_column *ret)
{
    struct hn_bytes bytes = table(msi, "_Columns");
    size_t row = 2 * (size_t)msi->reference_bytes + 4;
    size_t rows = bytes.len / row;
    uint32_t count = 0;

    for (size_t i = 0; i < rows && count < COLUMNS_MAX; i++) {
        size_t at = i * msi->reference_bytes;
        const uint8_t *names = bytes.ptr + rows * (msi->reference_bytes + 2u);
        const uint8_t *types = names + rows * msi->reference_bytes;

        if (!hn_text_eq(string_at(msi, number(bytes.ptr + at, msi->reference_bytes)),
                    hn_text_cstr(name)))
            continue;
        ret[count].number = number(bytes.ptr + rows * msi->reference_bytes + 2 * i, 2) & 0x7FFFu;
        ret[count].name = string_at(msi, number(names + at, msi->reference_bytes));
        ret[count].type = number(types + 2 * i, 2) & 0x7FFFu;
        count++;
    }
    return count;
}

struct msi_row {
    struct hn_text text[COLUMNS_MAX];
    uint32_t number[COLUMNS_MAX];
    uint32_t count;
};

typedef void msi_on_row(struct msi *msi, const struct msi_row *row);

static void read_rows(struct msi *msi, const char *name, msi_on_row *on_row)
{
    struct hn_bytes bytes = table(msi, name);
    struct msi_column columns[COLUMNS_MAX];
    uint32_t count = columns_of(msi, name, columns);
    size_t row_bytes = 0;
    size_t rows;

    for (uint32_t i = 0; i < count; i++)
        row_bytes += width(msi, columns[i].type);
    if (row_bytes == 0)
        return;
    rows = bytes.len / row_bytes;
    for (size_t r = 0; r < rows && r < ROWS_MAX && msi->status == HN_OK; r++) {
        struct msi_row row = { .count = count };
        size_t column = 0;

        for (uint32_t i = 0; i < count; i++) {
            size_t w = width(msi, columns[i].type);
            uint32_t value = number(bytes.ptr + column + r * w, w);

            if ((columns[i].type & 0x0800u) != 0)
                row.text[i] = string_at(msi, value);
            else
                row.number[i] = w == 2 ? value ^ 0x8000u : value ^ 0x80000000u;
            column += rows * w;
        }
        on_row(msi, &row);
    }
}

/* ---- What an installation would run ---- */

static void add_text_child(struct msi *msi, struct hn_text name, struct hn_text text,
        enum dissect_format format, const char *relation)
{
    struct container_entry out = { .name = name,
        .relation = relation,
        .data = hn_text_as_bytes(hn_arena_text(dissect_arena(msi->dissect), text)),
        .format = format };

    if (text.len > 0 && out.data.ptr != NULL)
        msi->status = container_add(msi->dissect, msi->id, &out, NULL);
}

static struct hn_text property_of(const struct msi *msi, struct hn_text name)
{
    for (size_t i = 0; i < msi->properties.count; i++)
        if (hn_text_eq(msi->properties.ptr[i].name, name))
            return msi->properties.ptr[i].value;
    return hn_text_of("", 0);
}

static void remember_script(struct msi *msi, struct hn_text name, enum dissect_format format)
{
    struct msi_script *script = hn_vec_add(&msi->scripts);

    if (script == NULL)
        msi->status = HN_NOMEM;
    else
        *script = (struct msi_script){ .name = name, .format = format };
}

/* "[ProgramFilesFolder]a.exe": properties in brackets give their values, where they have one. */
static void add_formatted(const struct msi *msi, struct hn_buf *out, struct hn_text text)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = text.ptr[at] == '[' ? hn_text_find_char(text, ']', at) : SIZE_MAX;
        struct hn_text value = hn_text_of("", 0);

        if (end != SIZE_MAX)
            value = property_of(msi, hn_text_sub(text, at + 1, end - at - 1));
        if (value.len > 0) {
            hn_buf_add_text(out, value);
            at = end + 1;
        } else {
            hn_buf_add_char(out, text.ptr[at++]);
        }
    }
}

/* A program and its arguments: the program is a stream, a file, in the arguments, or the value of a
 * property. */
static void add_command(struct msi *msi, const struct msi_row *row, uint32_t type)
{
    struct hn_buf line = { 0 };

    if (type == 50) {
        struct hn_text program = property_of(msi, row->text[2]);

        if (program.len > 0 && hn_text_find_char(program, ' ', 0) != SIZE_MAX) {
            hn_buf_add_char(&line, '"');
            hn_buf_add_text(&line, program);
            hn_buf_add_lit(&line, "\" ");
        } else if (program.len > 0) {
            hn_buf_add_text(&line, program);
            hn_buf_add_char(&line, ' ');
        }
    }
    add_formatted(msi, &line, row->text[3]);
    add_text_child(msi, row->text[0], hn_buf_text(&line), DISSECT_COMMAND, "command");
    hn_buf_deinit(&line);
}

static void on_action(struct msi *msi, const struct msi_row *row)
{
    uint32_t type = row->count >= 4 ? row->number[1] & 0x3Fu : 0;
    struct hn_buf line = { 0 };

    if (row->count < 4)
        return;
    hn_buf_add_text(&line, row->text[0]);
    hn_buf_addf(&line, " type %lu ", (unsigned long)row->number[1]);
    hn_buf_add_text(&line, row->text[2]);
    hn_buf_add_char(&line, ' ');
    hn_buf_add_text(&line, hn_text_sub(row->text[3], 0, 512));
    dissect_fact(msi->dissect, msi->id, "custom_action", hn_buf_text(&line));
    hn_buf_deinit(&line);
    dissect_text(msi->dissect, msi->id, "command", row->text[3], HN_TEXT(""), DISSECT_NOWHERE);
    if (type == 37 || type == 38) { /* the script itself */
        add_text_child(msi, row->text[0], row->text[3],
                type == 37 ? DISSECT_JSCRIPT : DISSECT_VBSCRIPT, "script");
    } else if (type == 53 || type == 54) { /* the script is the value of a property */
        add_text_child(msi, row->text[0], property_of(msi, row->text[2]),
                type == 53 ? DISSECT_JSCRIPT : DISSECT_VBSCRIPT, "script");
    } else if (type == 5 || type == 6) { /* the script is a stream */
        remember_script(msi, row->text[2], type == 5 ? DISSECT_JSCRIPT : DISSECT_VBSCRIPT);
    } else if (type == 2 || type == 18 || type == 34 || type == 50) {
        add_command(msi, row, type);
    }
}

static void on_property(struct msi *msi, const struct msi_row *row)
{
    struct msi_property *property;
    struct hn_buf line = { 0 };

    if (row->count < 2)
        return;
    property = hn_vec_add(&msi->properties);
    if (property == NULL) {
        msi->status = HN_NOMEM;
        return;
    }
    *property = (struct msi_property){ .name = row->text[0], .value = row->text[1] };
    hn_buf_add_text(&line, row->text[0]);
    hn_buf_add_char(&line, '=');
    hn_buf_add_text(&line, hn_text_sub(row->text[1], 0, 1024));
    dissect_fact(msi->dissect, msi->id, "property", hn_buf_text(&line));
    hn_buf_deinit(&line);
}

/* ---- Streams ---- */

static enum dissect_format format_of_stream(const struct msi *msi, struct hn_text name)
{
    if (!hn_text_starts(name, HN_TEXT("Binary.")))
        return DISSECT_UNKNOWN;
    name = hn_text_sub(name, 7, SIZE_MAX);
    for (size_t i = 0; i < msi->scripts.count; i++)
        if (hn_text_eq(msi->scripts.ptr[i].name, name))
            return msi->scripts.ptr[i].format;
    return DISSECT_UNKNOWN;
}

static void on_stream(struct msi *msi, uint32_t index)
{
    struct hn_buf name = { 0 };
    struct container_entry out = { .name_is_utf8 = true, .relation = "stream" };
    bool is_table;
    enum hn_status status;

    decode_name(ole_get(msi->file, index)->name, &name, &is_table);
    if (!is_table && name.len > 0 && (uint8_t)name.ptr[0] >= 0x20u) {
        status = ole_read(msi->file, index, &out.data, NULL);
        out.name = hn_buf_text(&name);
        out.format = format_of_stream(msi, out.name);
        if (status == HN_NOMEM)
            msi->status = HN_NOMEM;
        else if (out.data.len > 0)
            msi->status = container_add(msi->dissect, msi->id, &out, NULL);
    } else if (hn_text_eq(hn_buf_text(&name), HN_TEXT("\005DigitalSignature"))) {
        dissect_fact_bool(msi->dissect, msi->id, "signed", true);
    }
    hn_buf_deinit(&name);
}

static void on_summary(void *ctx, const struct ole_property *property)
{
    const struct msi *msi = ctx;

    if (property->name != NULL && property->value.len > 0)
        dissect_fact(msi->dissect, msi->id, property->name, property->value);
}

static void read_summary(struct msi *msi)
{
    uint32_t index = ole_find(msi->file, HN_TEXT("\005SummaryInformation"));
    struct hn_bytes bytes;

    if (index != OLE_NONE && ole_read(msi->file, index, &bytes, NULL) == HN_OK)
        (void)ole_properties(dissect_arena(msi->dissect), bytes, on_summary, msi);
}

enum hn_status container_open_msi(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct msi msi = { .dissect = dissect, .id = id };
    struct hn_err why = { 0 };
    enum hn_status status =
            ole_open(dissect_arena(dissect), dissect_get(dissect, id)->data, NULL, &msi.file, &why);

    if (status == HN_NOMEM)
        return hn_fail(err, status, 0, "out of memory");
    if (status != HN_OK) {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, why.offset, "%s", why.msg);
        return HN_OK;
    }
    read_summary(&msi);
    read_strings(&msi);
    if (msi.strings != NULL) {
        read_rows(&msi, "Property", on_property); /* actions refer to them */
        read_rows(&msi, "CustomAction", on_action);
    }
    for (uint32_t i = 0; i < ole_count(msi.file) && msi.status == HN_OK; i++)
        if (ole_get(msi.file, i)->kind == OLE_STREAM)
            on_stream(&msi, i);
    hn_free(msi.strings);
    hn_vec_deinit(&msi.scripts);
    hn_vec_deinit(&msi.properties);
    return msi.status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
