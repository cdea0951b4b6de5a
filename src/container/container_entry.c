/* container_entry.c - children of containers: their names as people and attackers write them, and
 * archives that contain themselves. */
#include "container/container_internal.h"

#include "base/utf.h"

#include <errno.h>
#include <iconv.h>
#include <openssl/evp.h>

#define NAME_BYTES_MAX   4096u
#define PADDING_MIN      ZIP_RUN_BYTES
#define SPACES_SUSPECT   8u
#define EXTENSION_MAX    8u
#define ENTRY_NAME_SHOWN 120

/* ---- Names ---- */

static bool from_charset(struct hn_buf *out, struct hn_text name, const char *charset)
{
    iconv_t cd = iconv_open("UTF-8", charset);
    char copy[NAME_BYTES_MAX];
    char utf8[NAME_BYTES_MAX * 3];
    char *from = copy;
    char *to = utf8;
    size_t left = name.len;
    size_t room = sizeof utf8;
    bool ok;

    if ((intptr_t)cd == -1) /* iconv_open(3) says no */
        return false;
    memcpy(copy, name.ptr, name.len);
    ok = iconv(cd, &from, &left, &to, &room) != (size_t)-1;
    (void)iconv_close(cd);
    if (ok)
        hn_buf_add(out, utf8, sizeof utf8 - room);
    return ok;
}

static void from_latin1(struct hn_buf *out, struct hn_text name)
{
    for (size_t i = 0; i < name.len; i++)
        hn_buf_add_utf8(out, (uint8_t)name.ptr[i]);
}

void container_name_utf8(struct hn_buf *out, struct hn_text name, bool is_utf8)
{
    name = hn_text_sub(name, 0, NAME_BYTES_MAX);
    if (hn_utf8_valid(hn_text_as_bytes(name)))
        hn_buf_add_text(out, name);
    else if (is_utf8)
        (void)hn_utf8_repair(out, name);
    else if (!from_charset(out, name, "CP932"))
        from_latin1(out, name);
}

struct hn_text container_utf16(struct dissect *dissect, struct hn_bytes utf16)
{
    struct hn_buf out = { 0 };
    struct hn_text text;
    size_t len = 0;

    while (len + 1 < utf16.len && hn_load_u16(utf16.ptr + len) != 0)
        len += 2;
    (void)hn_utf16le_to_utf8(&out, hn_bytes_of(utf16.ptr, len));
    text = hn_arena_text(dissect_arena(dissect), hn_buf_text(&out));
    hn_buf_deinit(&out);
    return text;
}

struct hn_text container_ansi(struct dissect *dissect, struct hn_bytes ansi)
{
    struct hn_buf out = { 0 };
    struct hn_text text = hn_bytes_as_text(ansi);

    text = hn_text_sub(text, 0, hn_text_find_char(text, '\0', 0));
    if (hn_is_ascii(text) || text.len > NAME_BYTES_MAX)
        (void)hn_utf8_repair(&out, text);
    else
        container_name_utf8(&out, text, false);
    text = hn_arena_text(dissect_arena(dissect), hn_buf_text(&out));
    hn_buf_deinit(&out);
    return text;
}

static struct hn_text last_part(struct hn_text name)
{
    size_t start = name.len;

    while (start > 0 && name.ptr[start - 1] != '/' && name.ptr[start - 1] != '\\')
        start--;
    return hn_text_sub(name, start, SIZE_MAX);
}

static bool leads_out(struct hn_text name)
{
    size_t start = 0;

    if (name.len > 0 && (name.ptr[0] == '/' || name.ptr[0] == '\\'))
        return true;
    if (name.len > 1 && name.ptr[1] == ':')
        return true;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.ptr[i] != '/' && name.ptr[i] != '\\')
            continue;
        if (hn_text_eq(hn_text_sub(name, start, i - start), HN_TEXT("..")))
            return true;
        start = i + 1;
    }
    return false;
}

static bool is_among(struct hn_text word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (hn_text_eq_nocase(word, hn_text_cstr(list[i])))
            return true;
    return false;
}

/* "invoice.pdf.exe", "photo.jpg       .scr": what is run, behind what looks like a document. */
static bool is_double_extension(struct hn_text name)
{
    static const char *const runs[] = { "exe", "scr", "com", "pif", "bat", "cmd", "js", "jse",
        "vbs", "vbe", "wsf", "wsh", "hta", "lnk", "ps1", "msi", "cpl", "dll", "jar", "chm", "url",
        "iso", "img", "vhd" };
    static const char *const shows[] = { "doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf", "rtf",
        "txt", "csv", "jpg", "jpeg", "png", "gif", "bmp", "mp3", "mp4", "avi", "htm", "html", "xml",
        "zip", "eml" };
    size_t last = name.len;
    size_t first;

    while (last > 0 && name.ptr[last - 1] != '.')
        last--;
    if (last == 0 || !is_among(hn_text_sub(name, last, SIZE_MAX), runs, HN_COUNT_OF(runs)))
        return false;
    name = hn_text_trim(hn_text_sub(name, 0, last - 1));
    first = name.len;
    while (first > 0 && name.ptr[first - 1] != '.')
        first--;
    return first > 0 && is_among(hn_text_sub(name, first, SIZE_MAX), shows, HN_COUNT_OF(shows));
}

/* U+202A..U+202E, U+2066..U+2069: they make "cod.exe" of "exe.doc". */
static bool has_direction_mark(struct hn_text name)
{
    for (size_t i = 0; i + 2 < name.len; i++) {
        uint8_t third = (uint8_t)name.ptr[i + 2];

        if ((uint8_t)name.ptr[i] != 0xE2u)
            continue;
        if ((uint8_t)name.ptr[i + 1] == 0x80u && third >= 0xAAu && third <= 0xAEu)
            return true;
        if ((uint8_t)name.ptr[i + 1] == 0x81u && third >= 0xA6u && third <= 0xA9u)
            return true;
    }
    return false;
}

static bool has_long_gap(struct hn_text name)
{
    size_t spaces = 0;

    for (size_t i = 0; i < name.len; i++) {
        spaces = name.ptr[i] == ' ' || name.ptr[i] == '_' ? spaces + 1 : 0;
        if (spaces > SPACES_SUSPECT && name.ptr[i] == ' ')
            return true;
    }
    return false;
}

static void note_name(struct dissect *dissect, uint32_t child, struct hn_text name)
{
    struct hn_text last = last_part(name);

    if (leads_out(name))
        dissect_note(dissect, child, DISSECT_NOTE_EVASION, DISSECT_NOWHERE,
                "its path leads out of the folder it is unpacked to");
    if (is_double_extension(last))
        dissect_note(dissect, child, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                "two extensions: the first one looks harmless, the last one counts");
    if (has_direction_mark(last))
        dissect_note(dissect, child, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                "its name turns the direction of writing, so that it reads other than it is");
    if (has_long_gap(last))
        dissect_note(dissect, child, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "spaces in its name push the extension out of sight");
}

/* ---- Children ---- */

/* The digest of the file as it was, with the padding that was left out. */
static void say_whole(struct dissect *dissect, uint32_t child, const struct container_entry *entry)
{
    uint8_t run[4096];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    uint64_t left = entry->padding;
    struct hn_buf hex = { 0 };
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, entry->data.ptr, entry->data.len) == 1;

    memset(run, entry->data.len > 0 ? entry->data.ptr[entry->data.len - 1] : 0, sizeof run);
    while (ok && left > 0) {
        size_t part = left < sizeof run ? (size_t)left : sizeof run;

        ok = EVP_DigestUpdate(ctx, run, part) == 1;
        left -= part;
    }
    ok = ok && EVP_DigestFinal_ex(ctx, digest, &len) == 1;
    EVP_MD_CTX_free(ctx);
    dissect_fact_u64(dissect, child, "file_size", entry->data.len + entry->padding);
    if (!ok)
        return;
    hn_buf_add_hex(&hex, digest, len);
    dissect_fact(dissect, child, "file_sha256", hn_buf_text(&hex));
    hn_buf_deinit(&hex);
}

uint64_t container_offset_in(struct hn_bytes whole, struct hn_bytes part)
{
    uintptr_t start = (uintptr_t)whole.ptr;
    uintptr_t at = (uintptr_t)part.ptr;

    if (part.len == 0 || at < start || at - start > whole.len ||
            whole.len - (at - start) < part.len)
        return DISSECT_NOWHERE;
    return at - start;
}

static bool is_ancestor(const struct dissect *dissect, uint32_t id, struct hn_bytes data)
{
    while (id != DISSECT_NONE && data.len > 0) {
        const struct dissect_object *object = dissect_get(dissect, id);

        if (object->data.len == data.len && memcmp(object->data.ptr, data.ptr, data.len) == 0)
            return true;
        id = object->parent;
    }
    return false;
}

enum hn_status container_add(struct dissect *dissect, uint32_t id,
        const struct container_entry *entry, uint32_t *ret_child)
{
    struct dissect_child child = { .format = entry->format,
        .relation = entry->relation,
        .data = entry->data,
        .offset = container_offset_in(dissect_get(dissect, id)->data, entry->data),
        .borrowed = true };
    struct hn_buf name = { 0 };
    uint32_t new_id = DISSECT_NONE;
    uint32_t before = dissect_count(dissect);
    enum hn_status status;

    if (ret_child != NULL)
        *ret_child = DISSECT_NONE;
    container_name_utf8(&name, entry->name, entry->name_is_utf8);
    if (is_ancestor(dissect, id, entry->data)) {
        dissect_note(dissect, id, DISSECT_NOTE_BOMB, child.offset, "contains itself as %.*s",
                (int)hn_text_sub(hn_buf_text(&name), 0, ENTRY_NAME_SHOWN).len, name.ptr);
        hn_buf_deinit(&name);
        return HN_OK;
    }
    child.name = hn_buf_text(&name);
    status = dissect_child(dissect, id, &child, &new_id);
    if (status == HN_OK && new_id >= before) {
        note_name(dissect, new_id, hn_buf_text(&name));
        if (entry->hidden)
            dissect_note(dissect, new_id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                    "marked as hidden in its container");
        if (entry->padding > 0) {
            say_whole(dissect, new_id, entry);
            dissect_note(dissect, new_id, DISSECT_NOTE_PADDED, entry->data.len,
                    "%llu bytes of 0x%02x at its end were left out",
                    (unsigned long long)entry->padding,
                    entry->data.len > 0 ? entry->data.ptr[entry->data.len - 1] : 0u);
        }
    }
    if (status == HN_OK && ret_child != NULL)
        *ret_child = new_id;
    hn_buf_deinit(&name);
    if (status == HN_LIMIT && dissect_count(dissect) < dissect_limits(dissect)->objects_max)
        return HN_OK; /* this one is too large or too deep; others may fit */
    return status;
}

/* ---- Memory and limits ---- */

enum hn_status container_no_memory(struct dissect *dissect, uint32_t id)
{
    if (hn_arena_status(dissect_arena(dissect)) == HN_NOMEM)
        return HN_NOMEM;
    dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "memory_bytes_max");
    return HN_OK;
}

bool container_allow(void *ctx, uint64_t packed_bytes, uint64_t more)
{
    const struct container_ask *ask = ctx;

    (void)packed_bytes; /* the ratio is that of the whole container */
    return dissect_inflate(ask->dissect, ask->id, 0, more);
}

struct zip_gather container_gather(struct container_ask *ask, uint64_t expected)
{
    const struct dissect_limits *limits = dissect_limits(ask->dissect);

    return (struct zip_gather){ .arena = dissect_arena(ask->dissect),
        .allow = container_allow,
        .ctx = ask,
        .bytes_max = limits->file_bytes_max,
        .padded_bytes_max = limits->padded_bytes_max,
        .expected = expected <= limits->ratio_free_bytes ? expected : 0 };
}

struct zip_limits container_zip_limits(const struct dissect *dissect)
{
    const struct dissect_limits *limits = dissect_limits(dissect);

    return (struct zip_limits){ .entries_max = limits->entries_max,
        .entry_bytes_max = limits->file_bytes_max,
        .padded_bytes_max = limits->padded_bytes_max };
}

size_t container_padding(struct hn_bytes data)
{
    size_t run = 1;

    if (data.len <= PADDING_MIN)
        return 0;
    while (run < data.len && data.ptr[data.len - 1 - run] == data.ptr[data.len - 1])
        run++;
    return run > PADDING_MIN ? run - PADDING_MIN : 0;
}
