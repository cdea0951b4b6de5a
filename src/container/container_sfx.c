/* container_sfx.c - archives behind or within a program: self-extracting ones, installers. The
 * program itself is src/program's. */
#include "container/container_internal.h"

#define SECTIONS_MAX 96u
#define FOUND_MAX    8u
#define CONFIG_MAX   8192u

/* Where the sections of a PE end; 0: it is none. */
static uint64_t image_end(struct hn_bytes data)
{
    uint32_t header;
    uint32_t count;
    uint64_t table;
    uint64_t end = 0;

    if (data.len < 64 || data.ptr[0] != 'M' || data.ptr[1] != 'Z')
        return 0;
    header = hn_load_u32(data.ptr + 60);
    if (header > data.len || data.len - header < 24 || memcmp(data.ptr + header, "PE\0\0", 4) != 0)
        return 0;
    count = hn_load_u16(data.ptr + header + 6);
    table = (uint64_t)header + 24 + hn_load_u16(data.ptr + header + 20);
    for (uint32_t i = 0; i < count && i < SECTIONS_MAX; i++) {
        struct hn_bytes section = container_cut(data, table + 40 * (uint64_t)i, 40);
        uint64_t section_end;

        if (section.len < 40)
            break;
        section_end = (uint64_t)hn_load_u32(section.ptr + 20) + hn_load_u32(section.ptr + 16);
        if (section_end > end)
            end = section_end;
    }
    return end <= data.len ? end : data.len;
}

struct kind {
    enum dissect_format format;
    struct hn_text magic;
    const char *name;
};

static const struct kind kinds[] = {
    { DISSECT_7Z, HN_TEXT_INIT("7z\xBC\xAF\x27\x1C"), "archive.7z" },
    { DISSECT_RAR, HN_TEXT_INIT("Rar!\x1A\x07"), "archive.rar" },
    { DISSECT_CAB, HN_TEXT_INIT("MSCF\0\0\0\0"), "archive.cab" },
    { DISSECT_ZIP, HN_TEXT_INIT("PK\x03\x04"), "archive.zip" },
};

/* The magic alone stands in every unpacking program as a constant; what follows has to fit. */
static bool is_archive(const struct kind *kind, struct hn_bytes rest)
{
    switch ((int)kind->format) {
    case DISSECT_7Z: /* version 0, and a start header that points into the file */
        return rest.len >= 32 && rest.ptr[6] == 0 && hn_load_u64(rest.ptr + 12) <= rest.len;
    case DISSECT_CAB:
        return rest.len >= 36 && hn_load_u32(rest.ptr + 8) <= rest.len &&
               hn_load_u32(rest.ptr + 8) >= 36 && rest.ptr[25] == 1;
    case DISSECT_ZIP:
        return rest.len >= 30 && rest.ptr[5] == 0 && hn_load_u16(rest.ptr + 26) > 0 &&
               hn_load_u16(rest.ptr + 26) < 1024;
    default:
        return rest.len >= 16 && (rest.ptr[6] == 0 || (rest.ptr[6] == 1 && rest.ptr[7] == 0));
    }
}

/* The configuration of 7-Zip's SFX: what it starts after unpacking. */
static void read_config(struct dissect *dissect, uint32_t id, struct hn_bytes data, uint64_t from)
{
    struct hn_text text = hn_bytes_as_text(data);
    size_t start = hn_text_find(text, HN_TEXT(";!@Install@!UTF-8"), (size_t)from);
    struct hn_text config;
    struct hn_text line;

    if (start == SIZE_MAX)
        return;
    config = hn_text_sub(text, start, CONFIG_MAX);
    config = hn_text_sub(config, 0, hn_text_find(config, HN_TEXT(";!@InstallEnd@!"), 0));
    dissect_text(dissect, id, "config", config, HN_TEXT(""), start);
    while (hn_text_line(&config, &line)) {
        static const char *const keys[] = {
            "RunProgram=", "ExecuteFile=", "ExecuteParameters=", "AutoInstall="
        };

        line = hn_text_trim(line);
        for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
            if (hn_text_starts_nocase(line, hn_text_cstr(keys[i])))
                dissect_fact(
                        dissect, id, "sfx_command", hn_text_sub(line, strlen(keys[i]), SIZE_MAX));
        }
    }
}

static enum hn_status add_archive(
        struct dissect *dissect, uint32_t id, struct hn_bytes rest, const struct kind *kind)
{
    struct container_entry out = { .name = hn_text_cstr(kind->name),
        .name_is_utf8 = true,
        .relation = "overlay",
        .data = rest,
        .format = kind->format };

    if (kind->format == DISSECT_CAB) /* often in the resources, with more behind it */
        out.data = container_cut(rest, 0, hn_load_u32(rest.ptr + 8));
    dissect_fact(dissect, id, "self_extracting", hn_text_cstr(dissect_format_id(kind->format)));
    return container_add(dissect, id, &out, NULL);
}

enum hn_status container_open_sfx(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct hn_text text = hn_bytes_as_text(data);
    uint64_t end = image_end(data);
    enum hn_status status = HN_OK;
    uint32_t found = 0;

    if (end == 0)
        return HN_OK;
    read_config(dissect, id, data, end);
    if (hn_text_find(hn_text_sub(text, (size_t)end, 1024), HN_TEXT("NullsoftInst"), 0) != SIZE_MAX)
        dissect_fact(dissect, id, "self_extracting", HN_TEXT("nsis"));
    for (size_t i = 0; i < HN_COUNT_OF(kinds) && status == HN_OK; i++) {
        /* Cabinets of IExpress lie in the resources; the others behind the image. */
        size_t at = kinds[i].format == DISSECT_CAB ? 0 : (size_t)end;

        while (found < FOUND_MAX && status == HN_OK &&
                (at = hn_text_find(text, kinds[i].magic, at)) != SIZE_MAX) {
            struct hn_bytes rest = container_cut(data, at, data.len);

            at += kinds[i].magic.len;
            if (!is_archive(&kinds[i], rest))
                continue;
            status = add_archive(dissect, id, rest, &kinds[i]);
            found++;
            if (kinds[i].format == DISSECT_CAB)
                at += hn_load_u32(rest.ptr + 8) - kinds[i].magic.len;
            else
                break; /* the rest of the file is this archive's */
        }
    }
    return status == HN_NOMEM ? hn_fail(err, status, 0, "out of memory") : HN_OK;
}
