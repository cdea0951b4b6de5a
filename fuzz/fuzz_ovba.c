/* fuzz: vba support */
/* fuzz_ovba.c - the compression of VBA and the records of dir. The input is taken as a container,
 * as text to compress, as a decompressed dir, and as the PROJECT stream: what is read keeps to its
 * limits, is UTF-8, and what was compressed comes back. */
#include "base/codepage.h"
#include "base/utf.h"
#include "support/vba_writer.h"
#include "vba/vba.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_MAX ((size_t)1 << 20)

static const struct vba_limits limits = {
    .modules_max = 64,
    .text_bytes_max = 1 << 20,
    .pcode_bytes_max = 1 << 20,
};

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_container(struct hn_bytes in)
{
    struct hn_buf out = { .cap_bytes = OUT_MAX };
    size_t used = SIZE_MAX;
    uint32_t odd = vba_decompress(in, &out, &used);

    check(out.len <= OUT_MAX && used <= in.len);
    check((odd & ~(VBA_ODD_DAMAGED | VBA_ODD_LIMIT)) == 0);
    check(out.len <= 4096 * (in.len / 3 + 1));
    hn_buf_deinit(&out);
}

static void check_round_trip(struct hn_bytes in)
{
    struct hn_buf packed = { 0 };
    struct hn_buf out = { 0 };

    vba_compress(in, &packed);
    check((vba_decompress(hn_text_as_bytes(hn_buf_text(&packed)), &out, NULL) & VBA_ODD_LIMIT) ==
            0);
    check(out.len >= in.len && (in.len == 0 || memcmp(out.ptr, in.ptr, in.len) == 0));
    hn_buf_deinit(&packed);
    hn_buf_deinit(&out);
}

static void check_text(struct hn_text text)
{
    check(hn_utf8_valid(hn_text_as_bytes(text)));
}

static void check_project(const struct vba_project *project)
{
    size_t bytes = 0;

    check(project->module_count <= limits.modules_max);
    check_text(project->name);
    check_text(project->constants);
    for (size_t i = 0; i < project->reference_count; i++) {
        check_text(project->references[i].name);
        check_text(project->references[i].libid);
    }
    for (size_t i = 0; i < project->module_count; i++) {
        const struct vba_module *module = &project->modules[i];

        check_text(module->name);
        check_text(module->source);
        check(module->code.len <= module->source.len);
        check(hn_text_ends(module->source, module->code));
        check(module->pcode.stomp != VBA_STOMP_YES); /* there is none here */
        bytes += module->source.len;
    }
    check(bytes <= 3 * limits.text_bytes_max);
}

/* Chunks as they are: the compressor of the tests is simple and slow. */
static void container_write(struct hn_bytes in, struct hn_buf *out)
{
    hn_buf_add_char(out, 1);
    for (size_t at = 0; at < in.len; at += 4096) {
        size_t len = in.len - at < 4096 ? in.len - at : 4096;

        hn_buf_add_char(out, (char)((len - 1) & 0xFF));
        hn_buf_add_char(out, (char)(0x30 | (len - 1) >> 8));
        hn_buf_add(out, in.ptr + at, len);
    }
}

/* The input as dir (or PROJECT) of a project that is else in order. */
static void check_dir(struct hn_bytes in, bool as_project)
{
    static const struct vba_writer_module modules[] = { { .name = "Module1" } };
    static const struct vba_writer_project written = {
        .name = "P", .modules = modules, .count = 1
    };
    static const uint32_t offsets[] = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf packed = { 0 };
    struct hn_buf dir = { 0 };
    struct hn_buf file = { 0 };
    struct hn_arena arena;
    struct ole_file *ole;
    const struct vba_project *project;
    uint32_t storage;

    vba_writer_dir(&written, offsets, &dir);
    container_write(as_project ? hn_text_as_bytes(hn_buf_text(&dir)) : in, &packed);
    cfb_writer_stream(cfb, "Macros/VBA/dir", hn_text_as_bytes(hn_buf_text(&packed)));
    cfb_writer_stream(cfb, "Macros/PROJECT", as_project ? in : hn_bytes_of("", 0));
    hn_buf_reset(&packed);
    container_write(
            hn_text_as_bytes(HN_TEXT("Attribute VB_Name = \"Module1\"\r\nx = 1\r\n")), &packed);
    cfb_writer_stream(cfb, "Macros/VBA/Module1", hn_text_as_bytes(hn_buf_text(&packed)));
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    hn_arena_init(&arena, (size_t)64 << 20);
    check(ole_open(&arena, hn_text_as_bytes(hn_buf_text(&file)), NULL, &ole, NULL) == HN_OK);
    check(vba_find(ole, &storage, 1) == 1);
    if (vba_project_read(&arena, ole, storage, &limits, &project, NULL) == HN_OK) {
        bool found = false;

        check_project(project);
        for (size_t i = 0; i < project->module_count; i++)
            if (hn_text_find(project->modules[i].source, HN_TEXT("x = 1"), 0) != SIZE_MAX)
                found = true;
        /* Whatever dir says, the module is there (unless the limit of modules came first, or the
         * code page has no such letters). */
        check(found || project->module_count == limits.modules_max || project->codepage != 1252);
    }
    hn_arena_deinit(&arena);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&dir);
    hn_buf_deinit(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t warm;
    struct hn_bytes in = hn_bytes_of(data, size);

    if (warm == 0)
        warm = hn_codepage_warm(); /* else each text loads its decoder from a file */
    check_container(in);
    if (size <= 1024)
        check_round_trip(in);
    check_dir(in, false);
    check_dir(in, true);
    return 0;
}
