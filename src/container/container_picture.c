/* container_picture.c - archives that stand behind a picture: programs for archives open them, and
 * so do scripts that were told where to look. The picture itself is not read. */
#include "container/container_internal.h"

#define END_BYTES     22u
#define COMMENT_BYTES 65535u

static uint32_t u32_at(struct hn_bytes data, size_t at)
{
    return hn_load_u32(data.ptr + at);
}

/* Where a zip at the end of data begins, by its end record; 0: there is none. */
static size_t zip_start(struct hn_bytes data)
{
    size_t least = data.len > END_BYTES + COMMENT_BYTES ? data.len - END_BYTES - COMMENT_BYTES : 0;

    for (size_t at = data.len >= END_BYTES ? data.len - END_BYTES : 0; at > least; at--) {
        uint64_t before;

        if (memcmp(data.ptr + at, "PK\5\6", 4) != 0)
            continue;
        before = (uint64_t)u32_at(data, at + 12) + u32_at(data, at + 16);
        if (before < at && memcmp(data.ptr + (at - before), "PK\3\4", 4) == 0)
            return at - (size_t)before;
    }
    return 0;
}

enum hn_status container_open_picture(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    static const struct hn_text magics[] = { HN_TEXT_INIT("Rar!\x1A\x07"),
        HN_TEXT_INIT("7z\xBC\xAF\x27\x1C") };
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct container_entry out = {
        .name = HN_TEXT_INIT("appended"), .name_is_utf8 = true, .relation = "appended"
    };
    size_t start = zip_start(data);

    for (size_t i = 0; start == 0 && i < HN_COUNT_OF(magics); i++) {
        start = hn_text_find(hn_bytes_as_text(data), magics[i], 0);
        start = start == SIZE_MAX ? 0 : start;
    }
    if (start == 0)
        return HN_OK;
    dissect_note(dissect, id, DISSECT_NOTE_HIDDEN, start, "an archive stands behind a picture");
    out.data = container_cut(data, start, data.len);
    return container_add(dissect, id, &out, NULL) == HN_NOMEM
                   ? hn_fail(err, HN_NOMEM, 0, "out of memory")
                   : HN_OK;
}
