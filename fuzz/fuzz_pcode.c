/* fuzz: vba support */
/* fuzz_pcode.c - identifiers and p-code. The input is a length, a stream _VBA_PROJECT of that
 * length, and the cache of a module, whose source follows: the listing keeps to its limit and is
 * UTF-8, the same comes out twice, and only p-code that was understood to its end speaks of
 * stomping. */
#include "base/codepage.h"
#include "base/hash.h"
#include "base/reader.h"
#include "base/utf.h"
#include "support/vba_writer.h"
#include "vba/vba.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vba_limits limits = {
    .modules_max = 8,
    .text_bytes_max = 1 << 16,
    .pcode_bytes_max = 1 << 18,
};

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void file_write(struct hn_reader *r, bool wide, struct hn_buf *file)
{
    static const char container[] = "\x01\x22\x30"
                                    "Attribute VB_Name = \"M\"\r\nx = \"yz\"\r\n";
    static const struct vba_writer_module modules[] = { { .name = "M" } };
    struct vba_writer_project written = {
        .name = "P", .modules = modules, .count = 1, .wide = wide
    };
    const uint32_t offsets[] = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    uint16_t len = hn_reader_u16(r);
    struct hn_buf stream = { 0 };
    struct hn_buf dir = { 0 };
    struct hn_buf packed = { 0 };
    struct hn_bytes names;

    if (len > hn_reader_left(r))
        len = (uint16_t)hn_reader_left(r);
    names = hn_reader_take(r, len);
    hn_buf_add_text(&stream, hn_bytes_as_text(hn_reader_take(r, hn_reader_left(r))));
    hn_buf_add(&stream, container, sizeof container - 1); /* the source, as it is */
    vba_writer_dir(&written, offsets, &dir);
    hn_buf_add_char(&packed, 1);
    hn_buf_add_char(&packed, (char)((dir.len - 1) & 0xFF));
    hn_buf_add_char(&packed, (char)(0x30 | (dir.len - 1) >> 8));
    hn_buf_add_text(&packed, hn_buf_text(&dir));
    cfb_writer_stream(cfb, "Macros/VBA/dir", hn_text_as_bytes(hn_buf_text(&packed)));
    cfb_writer_stream(cfb, "Macros/VBA/_VBA_PROJECT", names);
    cfb_writer_stream(cfb, "Macros/VBA/M", hn_text_as_bytes(hn_buf_text(&stream)));
    cfb_writer_finish(cfb, file);
    cfb_writer_free(cfb);
    hn_buf_deinit(&packed);
    hn_buf_deinit(&dir);
    hn_buf_deinit(&stream);
}

static struct hn_digest run(struct hn_bytes in)
{
    struct hn_digest digest = hn_digest_of("", 0);
    struct hn_arena arena;
    struct ole_file *ole;
    const struct vba_project *project;
    uint32_t storage;

    hn_arena_init(&arena, (size_t)64 << 20);
    check(ole_open(&arena, in, NULL, &ole, NULL) == HN_OK);
    check(vba_find(ole, &storage, 1) == 1);
    if (vba_project_read(&arena, ole, storage, &limits, &project, NULL) == HN_OK) {
        for (size_t i = 0; i < project->module_count; i++) {
            const struct vba_pcode *pcode = &project->modules[i].pcode;

            check(pcode->text.len <= limits.pcode_bytes_max);
            check(hn_utf8_valid(hn_text_as_bytes(pcode->text)));
            check(hn_utf8_valid(hn_text_as_bytes(pcode->missing)));
            check(pcode->stomp == VBA_STOMP_UNKNOWN || (pcode->present && pcode->whole));
            check((pcode->missing.len > 0) <= (pcode->stomp == VBA_STOMP_YES));
            digest = hn_digest_join(digest, hn_digest_of(pcode->text.ptr, pcode->text.len));
            digest = hn_digest_join(digest, hn_digest_of(&pcode->stomp, sizeof pcode->stomp));
        }
    }
    hn_arena_deinit(&arena);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t warm;

    if (warm == 0)
        warm = hn_codepage_warm(); /* else each text loads its decoder from a file */
    if (size < 3)
        return 0;
    for (unsigned wide = 0; wide < 2; wide++) {
        struct hn_reader r = hn_reader_over(hn_bytes_of(data, size));
        struct hn_buf file = { 0 };
        struct hn_bytes in;

        file_write(&r, wide != 0, &file);
        in = hn_text_as_bytes(hn_buf_text(&file));
        check(hn_digest_eq(run(in), run(in)));
        hn_buf_deinit(&file);
    }
    return 0;
}
