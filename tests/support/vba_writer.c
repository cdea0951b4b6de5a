/* vba_writer.c - VBA projects for tests; see vba_writer.h. */
#include "support/vba_writer.h"

#include "base/codepage.h"
#include "base/utf.h"

#include <stdio.h>
#include <stdlib.h>

#define CHUNK        4096u
#define MODULES_MAX  4200u
#define NAMES_MAX    512u
#define OP_LIT_STR   185u /* numbers of VBA 7, 64 bit */
#define OP_ARGS_CALL 65u

static void add_u16(struct hn_buf *buf, uint32_t value)
{
    hn_buf_add_char(buf, (char)(value & 0xFF));
    hn_buf_add_char(buf, (char)(value >> 8 & 0xFF));
}

static void add_u32(struct hn_buf *buf, uint32_t value)
{
    add_u16(buf, value & 0xFFFF);
    add_u16(buf, value >> 16);
}

/* ---- Compression ---- */

static size_t match_find(const uint8_t *chunk, size_t at, size_t end, size_t len_max, size_t *back)
{
    size_t best = 0;

    for (size_t from = at; from-- > 0;) {
        size_t len = 0;

        while (len < len_max && at + len < end && chunk[from + len] == chunk[at + len])
            len++;
        if (len > best) {
            best = len;
            *back = at - from;
        }
    }
    return best;
}

static void chunk_compress(const uint8_t *chunk, size_t end, struct hn_buf *out)
{
    size_t header = out->len;
    size_t at = 0;

    add_u16(out, 0);
    while (at < end) {
        size_t flags_at = out->len;
        uint8_t flags = 0;

        hn_buf_add_char(out, 0);
        for (unsigned bit = 0; bit < 8 && at < end; bit++) {
            unsigned bits = 4;
            size_t back = 0;
            size_t len;

            while (bits < 12 && ((size_t)1 << bits) < at)
                bits++;
            len = match_find(chunk, at, end, (0xFFFFu >> bits) + 3, &back);
            if (len >= 3) {
                flags |= (uint8_t)(1u << bit);
                add_u16(out, (uint32_t)((back - 1) << (16 - bits) | (len - 3)));
                at += len;
            } else {
                hn_buf_add_char(out, (char)chunk[at++]);
            }
        }
        out->ptr[flags_at] = (char)flags;
    }
    if (out->len - header > CHUNK + 2 || (out->len - header == CHUNK + 2 && end < CHUNK)) {
        out->len = header; /* it does not get smaller: as it is, filled up */
        add_u16(out, 0x3FFF);
        hn_buf_add(out, chunk, end);
        hn_buf_add_repeat(out, 0, CHUNK - end);
        return;
    }
    out->ptr[header] = (char)((out->len - header - 3) & 0xFF);
    out->ptr[header + 1] = (char)(0xB0 | ((out->len - header - 3) >> 8));
}

void vba_compress(struct hn_bytes in, struct hn_buf *out)
{
    hn_buf_add_char(out, 1);
    for (size_t at = 0; at < in.len; at += CHUNK)
        chunk_compress(in.ptr + at, in.len - at < CHUNK ? in.len - at : CHUNK, out);
    if (!hn_buf_ok(out))
        abort();
}

/* ---- dir ---- */

static void record(struct hn_buf *out, uint32_t id, const void *data, size_t len)
{
    add_u16(out, id);
    add_u32(out, (uint32_t)len);
    hn_buf_add(out, data, len);
}

static void record_text(struct hn_buf *out, uint32_t id, const char *text)
{
    record(out, id, text, strlen(text));
}

static void record_wide(struct hn_buf *out, uint32_t id, uint32_t codepage, const char *text)
{
    struct hn_buf utf8 = { 0 };
    struct hn_buf wide = { 0 };

    (void)hn_codepage_to_utf8(&utf8, codepage, hn_bytes_of(text, strlen(text)));
    hn_utf8_to_utf16le(&wide, hn_buf_text(&utf8));
    record(out, id, wide.ptr, wide.len);
    hn_buf_deinit(&wide);
    hn_buf_deinit(&utf8);
}

static void record_u32(struct hn_buf *out, uint32_t id, uint32_t value)
{
    add_u16(out, id);
    add_u32(out, 4);
    add_u32(out, value);
}

static void record_u16(struct hn_buf *out, uint32_t id, uint32_t value)
{
    add_u16(out, id);
    add_u32(out, 2);
    add_u16(out, value);
}

static uint32_t codepage_of(const struct vba_writer_project *project)
{
    return project->codepage == 0 ? 1252 : project->codepage;
}

static const char *stream_of(const struct vba_writer_module *module)
{
    return module->stream_name == NULL ? module->name : module->stream_name;
}

static void dir_references(struct hn_buf *out)
{
    static const char libid[] =
            "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\Windows\\System32\\stdole2.tlb#"
            "OLE Automation";

    record_text(out, 0x16, "stdole");
    record_wide(out, 0x3E, 1252, "stdole");
    add_u16(out, 0x0D);
    add_u32(out, (uint32_t)sizeof libid - 1 + 10);
    add_u32(out, (uint32_t)sizeof libid - 1);
    hn_buf_add(out, libid, sizeof libid - 1);
    hn_buf_add_repeat(out, 0, 6);
}

void vba_writer_dir(
        const struct vba_writer_project *project, const uint32_t *offsets, struct hn_buf *out)
{
    uint32_t codepage = codepage_of(project);

    record_u32(out, 0x01, project->wide ? 3 : 1);
    record_u32(out, 0x02, 0x409);
    record_u32(out, 0x14, 0x409);
    record_u16(out, 0x03, codepage);
    record_text(out, 0x04, project->name);
    record_text(out, 0x05, "");
    record_wide(out, 0x40, codepage, "");
    record_text(out, 0x06, "");
    record_text(out, 0x3D, "");
    record_u32(out, 0x07, 0);
    record_u32(out, 0x08, 0);
    add_u16(out, 0x09);
    add_u32(out, 4);
    add_u32(out, 0x53A9B1F2);
    add_u16(out, 5);
    record_text(out, 0x0C, "");
    record_wide(out, 0x3C, codepage, "");
    dir_references(out);
    record_u16(out, 0x0F, (uint32_t)project->count);
    record_u16(out, 0x13, 0xFFFF);
    for (size_t i = 0; i < project->count; i++) {
        const struct vba_writer_module *module = &project->modules[i];

        record_text(out, 0x19, module->name);
        record_wide(out, 0x47, codepage, module->name);
        record_text(out, 0x1A, stream_of(module));
        record_wide(out, 0x32, codepage, stream_of(module));
        record_text(out, 0x1C, "");
        record_text(out, 0x48, "");
        record_u32(out, 0x31, offsets[i]);
        record_u32(out, 0x1E, 0);
        record_u16(out, 0x2C, 0xFFFF);
        record(out, module->type == VBA_WRITER_STANDARD ? 0x21 : 0x22, "", 0);
        record(out, 0x2B, "", 0);
    }
    record(out, 0x10, "", 0);
}

/* ---- PROJECT ---- */

/* Data Encryption ([MS-OVBA] 2.4.3.2), as hexadecimal digits. */
static void disguise(struct hn_buf *out, const void *data, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t seed = 0x2C; /* (0x2C & 6) / 2 = 2 bytes are ignored */
    const uint8_t version = 2;
    const uint8_t key = 0xDF;
    uint8_t plain[300] = { 0, 0 };
    uint8_t before = (uint8_t)(seed ^ version);
    uint8_t last = (uint8_t)(seed ^ key);
    uint8_t mixed = key;
    struct hn_buf bytes = { 0 };

    if (len > sizeof plain - 6)
        abort();
    plain[2] = (uint8_t)len;
    memcpy(plain + 6, data, len);
    hn_buf_add_char(&bytes, (char)seed);
    hn_buf_add_char(&bytes, (char)before);
    hn_buf_add_char(&bytes, (char)last);
    for (size_t i = 0; i < len + 6; i++) {
        uint8_t byte = plain[i] ^ (uint8_t)(before + mixed);

        hn_buf_add_char(&bytes, (char)byte);
        before = last;
        last = byte;
        mixed = plain[i];
    }
    for (size_t i = 0; i < bytes.len; i++) {
        hn_buf_add_char(out, digits[(uint8_t)bytes.ptr[i] >> 4]);
        hn_buf_add_char(out, digits[(uint8_t)bytes.ptr[i] & 15]);
    }
    hn_buf_deinit(&bytes);
}

static void project_text(const struct vba_writer_project *project, struct hn_buf *out)
{
    uint32_t protection = project->password == NULL ? 0 : 1;

    hn_buf_add_lit(out, "ID=\"{00000000-0000-4000-8000-000000000000}\"\r\n");
    for (size_t i = 0; i < project->count; i++) {
        const struct vba_writer_module *module = &project->modules[i];

        if (module->hidden)
            continue;
        if (module->type == VBA_WRITER_DOCUMENT) {
            hn_buf_addf(out, "Document=%s/&H00000000\r\n", module->name);
            continue;
        }
        hn_buf_addf(out, "%s=%s\r\n",
                module->type == VBA_WRITER_CLASS  ? "Class"
                : module->type == VBA_WRITER_FORM ? "BaseClass"
                                                  : "Module",
                module->name);
    }
    hn_buf_addf(out, "Name=\"%s\"\r\nHelpContextID=\"0\"\r\nVersionCompatible32=\"393222000\"\r\n",
            project->name);
    hn_buf_add_lit(out, "CMG=\"");
    disguise(out, (const uint8_t[]){ (uint8_t)protection, 0, 0, 0 }, 4);
    hn_buf_add_lit(out, "\"\r\nDPB=\"");
    if (project->password == NULL)
        disguise(out, "", 1);
    else
        disguise(out, project->password, strlen(project->password) + 1);
    hn_buf_add_lit(out, "\"\r\nGC=\"");
    disguise(out, project->password == NULL ? "\xFF" : "", 1);
    hn_buf_add_lit(out, "\"\r\n\r\n[Host Extender Info]\r\n"
                        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000\r\n"
                        "\r\n[Workspace]\r\n");
}

/* ---- P-code ---- */

struct names {
    const char *names[NAMES_MAX];
    size_t count;
};

static size_t name_index(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return i;
    if (names->count == NAMES_MAX)
        abort();
    names->names[names->count] = name;
    return names->count++;
}

static uint32_t name_code(size_t index, bool wide)
{
    uint32_t number = (uint32_t)index + 4 + (wide ? 3 : 0) + 0x100;

    return number << 1;
}

static void vba_project_stream(const struct names *names, uint16_t version, struct hn_buf *out)
{
    add_u16(out, 0x61CC);
    add_u16(out, version);
    hn_buf_add_repeat(out, 0, 0x1E - 4);
    add_u16(out, 0); /* references */
    add_u16(out, 0);
    add_u16(out, 0); /* classes */
    add_u16(out, 0); /* constants */
    add_u16(out, 0);
    add_u16(out, 0xFFFF);
    add_u16(out, 0xFFFF);
    add_u16(out, 0xFFFF);
    hn_buf_add_repeat(out, 0, 0x64);
    add_u16(out, 0); /* modules */
    hn_buf_add_repeat(out, 0, 6 + 4 + 6);
    add_u16(out, (uint32_t)names->count);
    add_u16(out, (uint32_t)names->count);
    add_u16(out, 0);
    add_u32(out, 0);
    for (size_t i = 0; i < names->count; i++) {
        add_u16(out, (uint32_t)strlen(names->names[i]));
        hn_buf_add_cstr(out, names->names[i]);
        add_u32(out, 0);
    }
}

static uint32_t op_code(uint32_t op, bool wide)
{
    return wide || op <= 173 ? op : op - (op <= 176 ? 1 : op <= 180 ? 2 : 3);
}

static void line_write(
        const struct vba_writer_line *line, struct names *names, bool wide, struct hn_buf *out)
{
    if (line->string != NULL) {
        size_t len = strlen(line->string);

        add_u16(out, op_code(OP_LIT_STR, wide));
        add_u16(out, (uint32_t)len);
        hn_buf_add(out, line->string, len);
        hn_buf_add_repeat(out, 0, len % 2);
    }
    if (line->call != NULL) {
        add_u16(out, op_code(OP_ARGS_CALL, wide) | 16u << 10);
        add_u16(out, name_code(name_index(names, line->call), wide));
        add_u16(out, line->string != NULL ? 1 : 0);
    }
}

/* The tables are empty; each offset leads to its place as the reader computes it. */
static void cache_write(
        const struct vba_writer_module *module, struct names *names, bool wide, struct hn_buf *out)
{
    struct hn_buf code = { 0 };
    struct hn_buf lines = { 0 };
    struct hn_buf head = { 0 };

    for (size_t i = 0; i < module->line_count; i++) {
        size_t start = code.len;

        line_write(&module->lines[i], names, wide, &code);
        add_u32(&lines, 0);
        add_u16(&lines, (uint32_t)(code.len - start));
        add_u16(&lines, 0);
        add_u32(&lines, (uint32_t)start);
    }
    hn_buf_add_repeat(&head, 0, 5);
    add_u32(&head, 0x100 - 0x8A); /* objects */
    hn_buf_add_repeat(&head, 0, 0x11 - head.len);
    add_u32(&head, 0x110 - (wide ? 12 : 10)); /* variables */
    hn_buf_add_repeat(&head, 0, 0x19 - head.len);
    add_u32(&head, 0x120 - 0x3C); /* code */
    hn_buf_add_repeat(&head, 0, 0x120 - head.len);
    hn_buf_add_text(out, hn_buf_text(&head));
    add_u16(out, 0xCAFE);
    add_u16(out, 1);
    add_u16(out, (uint32_t)module->line_count);
    hn_buf_add_text(out, hn_buf_text(&lines));
    hn_buf_add_repeat(out, 0, 10);
    hn_buf_add_text(out, hn_buf_text(&code));
    hn_buf_deinit(&head);
    hn_buf_deinit(&lines);
    hn_buf_deinit(&code);
}

/* ---- All of it ---- */

static void source_write(const struct vba_writer_module *module, struct hn_buf *out)
{
    struct hn_buf text = { 0 };
    size_t len = module->source_len != 0  ? module->source_len
                 : module->source == NULL ? 0
                                          : strlen(module->source);

    if (!module->bare) {
        hn_buf_addf(&text, "Attribute VB_Name = \"%s\"\r\n", module->name);
        if (module->type != VBA_WRITER_STANDARD) {
            hn_buf_add_lit(&text, "Attribute VB_GlobalNameSpace = False\r\n"
                                  "Attribute VB_Creatable = False\r\n"
                                  "Attribute VB_PredeclaredId = True\r\n"
                                  "Attribute VB_Exposed = True\r\n");
        }
    }
    hn_buf_add(&text, module->source, len);
    vba_compress(hn_text_as_bytes(hn_buf_text(&text)), out);
    hn_buf_deinit(&text);
}

static void stream_put(struct cfb_writer *cfb, const char *parent, const char *below,
        uint32_t codepage, const char *name, const struct hn_buf *data)
{
    struct hn_buf path = { 0 };

    if (*parent != 0)
        hn_buf_addf(&path, "%s/", parent);
    hn_buf_add_cstr(&path, below);
    (void)hn_codepage_to_utf8(&path, codepage, hn_bytes_of(name, strlen(name)));
    hn_buf_add_char(&path, 0);
    cfb_writer_stream(cfb, path.ptr, hn_text_as_bytes(hn_buf_text(data)));
    hn_buf_deinit(&path);
}

void vba_writer_put(
        struct cfb_writer *cfb, const char *parent, const struct vba_writer_project *project)
{
    static uint32_t offsets[MODULES_MAX];
    struct names names = { .count = 0 };
    struct hn_buf buf = { 0 };
    struct hn_buf packed = { 0 };
    bool cached = false;

    if (project->count > MODULES_MAX)
        abort();
    for (size_t i = 0; i < project->count; i++) {
        const struct vba_writer_module *module = &project->modules[i];

        hn_buf_reset(&buf);
        if (module->lines != NULL) {
            cache_write(module, &names, project->wide, &buf);
            cached = true;
        }
        offsets[i] = (uint32_t)buf.len;
        source_write(module, &buf);
        stream_put(cfb, parent, "VBA/", codepage_of(project), stream_of(module), &buf);
    }
    hn_buf_reset(&buf);
    vba_writer_dir(project, offsets, &buf);
    vba_compress(hn_text_as_bytes(hn_buf_text(&buf)), &packed);
    stream_put(cfb, parent, "VBA/", 1252, "dir", &packed);
    hn_buf_reset(&buf);
    if (cached)
        vba_project_stream(&names, project->version == 0 ? 0xB2 : project->version, &buf);
    else
        hn_buf_add(&buf, "\xCC\x61\xFF\xFF\x00\x00\x00", 7);
    stream_put(cfb, parent, "VBA/", 1252, "_VBA_PROJECT", &buf);
    hn_buf_reset(&buf);
    project_text(project, &buf);
    stream_put(cfb, parent, "", 1252, "PROJECT", &buf);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&buf);
}
