/* pe_imports.c - what a PE file takes from libraries and gives to others, its imphash, its debug
 * path and its Rich header. */
#include "program/program_internal.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/reader.h"

#include <openssl/evp.h>

#define IMPORT_ENTRY_BYTES 20u
#define DELAY_ENTRY_BYTES  32u
#define RICH_END           0x68636952u /* "Rich" */
#define RICH_START         0x536E6144u /* "DanS" */
#define DEBUG_CODEVIEW     2u

struct import_list {
    struct hn_arena *arena;
    struct hn_bytes bytes;
    struct program_pe *pe;
    size_t room;
};

static bool add_import(struct import_list *list, const struct program_import *import)
{
    struct program_pe *pe = list->pe;

    if (pe->import_count == PROGRAM_IMPORTS_MAX) {
        pe->odd |= PROGRAM_ODD_LIMIT;
        return false;
    }
    if (pe->import_count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : 64;
        struct program_import *more = hn_new(list->arena, struct program_import, room);

        if (more == NULL)
            return false;
        if (pe->import_count > 0)
            memcpy(more, pe->imports, pe->import_count * sizeof *more);
        pe->imports = more;
        list->room = room;
    }
    pe->imports[pe->import_count++] = *import;
    return true;
}

/* A list of 32 or 64-bit entries: ordinals by their highest bit, else addresses of hint and name.
 */
static bool read_thunks(
        struct import_list *list, struct hn_text library, uint32_t address, bool delayed)
{
    struct program_pe *pe = list->pe;
    uint32_t step = pe->plus ? 8 : 4;

    for (uint32_t i = 0; i < PROGRAM_IMPORTS_MAX; i++) {
        struct hn_bytes at = program_pe_bytes(list->bytes, pe, address + i * step, step);
        struct program_import import = { .library = library, .delayed = delayed };
        uint64_t value;

        if (at.len < step) {
            pe->odd |= PROGRAM_ODD_TRUNCATED;
            return true;
        }
        value = pe->plus ? hn_load_u64(at.ptr) : hn_load_u32(at.ptr);
        if (value == 0)
            return true;
        if ((value >> (pe->plus ? 63 : 31)) != 0) {
            import.ordinal = (uint16_t)value;
        } else {
            import.function =
                    program_pe_name(list->bytes, pe, (uint32_t)value + 2, PE_NAME_BYTES_MAX);
        }
        if (!add_import(list, &import))
            return false;
    }
    pe->odd |= PROGRAM_ODD_LIMIT;
    return true;
}

static bool read_library(
        struct import_list *list, uint32_t name, uint32_t names, uint32_t addresses, bool delayed)
{
    struct hn_text library = program_pe_name(list->bytes, list->pe, name, PE_NAME_BYTES_MAX);

    return read_thunks(list, library, names != 0 ? names : addresses, delayed);
}

void program_imports_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct pe_directory *directories, struct program_pe *pe)
{
    struct import_list list = { .arena = arena, .bytes = bytes, .pe = pe };
    uint32_t address = directories[PE_DIRECTORY_IMPORT].address;

    for (uint32_t i = 0; address != 0 && i < PROGRAM_LIBRARIES_MAX; i++) {
        struct hn_bytes entry =
                program_pe_bytes(bytes, pe, address + i * IMPORT_ENTRY_BYTES, IMPORT_ENTRY_BYTES);

        if (entry.len < IMPORT_ENTRY_BYTES || hn_load_u32(entry.ptr + 12) == 0 ||
                !read_library(&list, hn_load_u32(entry.ptr + 12), hn_load_u32(entry.ptr),
                        hn_load_u32(entry.ptr + 16), false))
            break;
    }
    address = directories[PE_DIRECTORY_DELAY].address;
    for (uint32_t i = 0; address != 0 && i < PROGRAM_LIBRARIES_MAX; i++) {
        struct hn_bytes entry =
                program_pe_bytes(bytes, pe, address + i * DELAY_ENTRY_BYTES, DELAY_ENTRY_BYTES);

        if (entry.len < DELAY_ENTRY_BYTES || hn_load_u32(entry.ptr + 4) == 0 ||
                !read_library(&list, hn_load_u32(entry.ptr + 4), hn_load_u32(entry.ptr + 16),
                        hn_load_u32(entry.ptr + 12), true))
            break;
    }
}

/* ---- imphash: MD5 over "library.function,..." in lower case, without the library's ending ---- */

static void add_imphash_name(struct hn_buf *text, const struct program_import *import)
{
    static const struct hn_text endings[] = { HN_TEXT_INIT(".dll"), HN_TEXT_INIT(".ocx"),
        HN_TEXT_INIT(".sys") };
    struct hn_text library = import->library;
    size_t start;

    for (size_t i = 0; i < HN_COUNT_OF(endings); i++) {
        if (hn_text_ends_nocase(library, endings[i])) {
            library.len -= endings[i].len;
            break;
        }
    }
    if (text->len > 0)
        hn_buf_add_char(text, ',');
    start = text->len;
    hn_buf_add_text(text, library);
    hn_buf_add_char(text, '.');
    if (import->function.len > 0) {
        hn_buf_add_text(text, import->function);
    } else {
        hn_buf_addf(text, "ord%u", (unsigned)import->ordinal);
    }
    for (size_t i = start; i < text->len; i++) {
        if (text->ptr[i] >= 'A' && text->ptr[i] <= 'Z')
            text->ptr[i] = (char)(text->ptr[i] + ('a' - 'A'));
    }
}

bool program_imphash(const struct program_pe *pe, char ret_hex[PROGRAM_IMPHASH_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    struct hn_buf text = { 0 };
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    bool good = false;

    for (size_t i = 0; i < pe->import_count; i++) {
        if (!pe->imports[i].delayed)
            add_imphash_name(&text, &pe->imports[i]);
    }
    if (text.len > 0 && hn_buf_ok(&text))
        good = EVP_Digest(text.ptr, text.len, digest, &len, EVP_md5(), NULL) == 1 && len == 16;
    hn_buf_deinit(&text);
    for (size_t i = 0; good && i < 16; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    if (good)
        ret_hex[32] = '\0';
    return good;
}

/* ---- Exports ---- */

void program_exports_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct pe_directory *directories, struct program_pe *pe)
{
    struct hn_bytes table =
            program_pe_bytes(bytes, pe, directories[PE_DIRECTORY_EXPORT].address, 40);
    uint32_t count;
    uint32_t names;

    if (directories[PE_DIRECTORY_EXPORT].address == 0 || table.len < 40)
        return;
    pe->export_name = program_pe_name(bytes, pe, hn_load_u32(table.ptr + 12), PE_NAME_BYTES_MAX);
    count = hn_load_u32(table.ptr + 24);
    names = hn_load_u32(table.ptr + 32);
    if (count > PROGRAM_EXPORTS_MAX) {
        count = PROGRAM_EXPORTS_MAX;
        pe->odd |= PROGRAM_ODD_LIMIT;
    }
    pe->exports = hn_new(arena, struct hn_text, count > 0 ? count : 1);
    for (uint32_t i = 0; i < count && pe->exports != NULL; i++) {
        struct hn_bytes at = program_pe_bytes(bytes, pe, names + i * 4, 4);

        if (at.len < 4) {
            pe->odd |= PROGRAM_ODD_TRUNCATED;
            return;
        }
        pe->exports[pe->export_count++] =
                program_pe_name(bytes, pe, hn_load_u32(at.ptr), PE_NAME_BYTES_MAX);
    }
}

/* ---- Debug and Rich ---- */

void program_debug_read(
        struct hn_bytes bytes, const struct pe_directory *directories, struct program_pe *pe)
{
    const struct pe_directory *directory = &directories[PE_DIRECTORY_DEBUG];

    for (uint32_t i = 0; directory->address != 0 && i < directory->size / 28 && i < 16; i++) {
        struct hn_bytes entry = program_pe_bytes(bytes, pe, directory->address + i * 28, 28);
        struct hn_bytes data;
        size_t len = 24;

        if (entry.len < 28 || hn_load_u32(entry.ptr + 12) != DEBUG_CODEVIEW)
            continue;
        data = program_pe_bytes(bytes, pe, hn_load_u32(entry.ptr + 20), 24 + PE_NAME_BYTES_MAX);
        if (data.len < 24 || memcmp(data.ptr, "RSDS", 4) != 0)
            continue;
        while (len < data.len && data.ptr[len] != 0)
            len++;
        pe->debug_path = hn_text_of((const char *)data.ptr + 24, len - 24);
        return;
    }
}

/* Tools that built the file, each word changed with a key that follows "Rich". */
void program_rich_read(
        struct hn_arena *arena, struct hn_bytes bytes, size_t header_at, struct program_pe *pe)
{
    size_t end = SIZE_MAX;
    size_t start;
    uint32_t key;
    uint8_t *plain;

    for (size_t i = 0x80; i + 8 <= header_at && i + 8 <= bytes.len; i += 4) {
        if (hn_load_u32(bytes.ptr + i) == RICH_END)
            end = i;
    }
    if (end == SIZE_MAX)
        return;
    key = hn_load_u32(bytes.ptr + end + 4);
    start = end;
    while (start >= 0x44 && (hn_load_u32(bytes.ptr + start) ^ key) != RICH_START)
        start -= 4;
    if ((hn_load_u32(bytes.ptr + start) ^ key) != RICH_START)
        return;
    plain = hn_arena_raw(arena, end - start, 1);
    if (plain == NULL)
        return;
    for (size_t i = start; i < end; i++)
        plain[i - start] = (uint8_t)(bytes.ptr[i] ^ (uint8_t)(key >> 8 * ((i - start) & 3)));
    pe->rich = hn_bytes_of(plain, end - start);
}
