/* strings.c - the texts in a program: plain, wide, built on the stack, changed with one key,
 * base64. What is found in several ways is told once per way: the offset says where. */
#include "program/program_internal.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/reader.h"
#include "base/utf.h"

#define STRING_CHARS_MIN 6u
#define STRING_BYTES_MAX 4096u
#define STACK_CHARS_MIN  6u
#define BASE64_CHARS_MIN 24u
#define XOR_BYTES_BEFORE 64u
#define XOR_BYTES_BEHIND 512u

struct search {
    struct hn_bytes bytes;
    program_on_string *on_string;
    void *ctx;
    size_t count;
    bool ended;
};

const char *program_string_kind_id(enum program_string_kind kind)
{
    static const char *const ids[] = {
        [PROGRAM_STRING_ASCII] = "ascii",
        [PROGRAM_STRING_UTF16] = "utf16",
        [PROGRAM_STRING_STACK] = "stack",
        [PROGRAM_STRING_XOR] = "xor",
        [PROGRAM_STRING_BASE64] = "base64",
    };

    return ids[kind];
}

static void tell(struct search *search, enum program_string_kind kind, uint8_t key, uint64_t offset,
        struct hn_text text)
{
    struct program_string string = { .kind = kind, .key = key, .offset = offset, .text = text };

    if (search->ended)
        return;
    search->count++;
    search->ended = search->count > PROGRAM_STRINGS_MAX || !search->on_string(search->ctx, &string);
}

static bool is_shown(uint8_t byte)
{
    return (byte >= 0x20 && byte < 0x7F) || byte == '\t';
}

/* ---- Plain ---- */

static bool is_base64(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '+' || byte == '/';
}

/* Mostly text: four of five characters, none of them a control but line ends. */
static bool reads_as_text(struct hn_text text)
{
    size_t good = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i];

        if (is_shown(byte) || byte == '\r' || byte == '\n') {
            good++;
        } else if (byte < 0x20) {
            return false;
        }
    }
    return text.len > 0 && good * 5 >= text.len * 4;
}

static void tell_base64(struct search *search, uint64_t offset, struct hn_text text)
{
    struct hn_buf plain = { 0 };
    struct hn_buf narrow = { 0 };
    size_t len = 0;

    while (len < text.len && is_base64((uint8_t)text.ptr[len]))
        len++;
    if (len < BASE64_CHARS_MIN)
        return;
    while (len % 4 != 0 && len < text.len && text.ptr[len] == '=')
        len++;
    if (hn_base64_decode(&plain, hn_text_of(text.ptr, len - len % 4))) {
        if (plain.len >= 2 && plain.ptr[1] == 0 &&
                hn_utf16le_to_utf8(&narrow, hn_bytes_of(plain.ptr, plain.len & ~(size_t)1)) &&
                reads_as_text(hn_buf_text(&narrow))) {
            tell(search, PROGRAM_STRING_BASE64, 0, offset, hn_buf_text(&narrow));
        } else if (reads_as_text(hn_buf_text(&plain))) {
            tell(search, PROGRAM_STRING_BASE64, 0, offset, hn_buf_text(&plain));
        }
    }
    hn_buf_deinit(&narrow);
    hn_buf_deinit(&plain);
}

static void search_ascii(struct search *search)
{
    size_t start = 0;

    for (size_t i = 0; i <= search->bytes.len && !search->ended; i++) {
        size_t len = i - start;

        if (i < search->bytes.len && is_shown(search->bytes.ptr[i]) && len < STRING_BYTES_MAX)
            continue;
        if (len >= STRING_CHARS_MIN) {
            struct hn_text text = hn_text_of((const char *)search->bytes.ptr + start, len);

            tell(search, PROGRAM_STRING_ASCII, 0, start, text);
            tell_base64(search, start, text);
        }
        start = i + 1;
    }
}

/* ASCII in UTF-16, and with it Japanese: a run in which every unit is a letter of Unicode's first
 * plane that programs show. */
static bool is_shown_unit(uint16_t unit)
{
    return (unit < 0x80 && is_shown((uint8_t)unit)) || (unit >= 0x3000 && unit < 0x3100) ||
           (unit >= 0x4E00 && unit < 0xA000) || (unit >= 0xFF00 && unit < 0xFFF0);
}

static void search_utf16_from(struct search *search, size_t first)
{
    size_t start = first;

    for (size_t i = first; !search->ended; i += 2) {
        bool inside = i + 2 <= search->bytes.len;

        if (inside && is_shown_unit(hn_load_u16(search->bytes.ptr + i)) &&
                i - start < STRING_BYTES_MAX)
            continue;
        if (i - start >= (size_t)STRING_CHARS_MIN * 2) {
            struct hn_buf text = { 0 };

            (void)hn_utf16le_to_utf8(&text, hn_bytes_of(search->bytes.ptr + start, i - start));
            tell(search, PROGRAM_STRING_UTF16, 0, start, hn_buf_text(&text));
            hn_buf_deinit(&text);
        }
        start = i + 2;
        if (!inside)
            return;
    }
}

/* ---- On the stack: mov [ebp+d], imm and its kin, one after the other ---- */

struct store {
    size_t len; /* of the instruction */
    size_t imm_bytes;
    uint32_t imm;
};

/* C6 45 d8 i8, C7 45 d8 i32, 66 C7 45 d8 i16 with EBP; 44 24 d8 with ESP; 85 d32 with EBP; all of
 * them with or without REX on x64. */
static bool read_store(struct hn_bytes code, struct store *ret_store)
{
    size_t at = 0;
    size_t imm_bytes = 4;
    size_t address_bytes;

    if (at < code.len && code.ptr[at] == 0x66) {
        imm_bytes = 2;
        at++;
    }
    if (at < code.len && (code.ptr[at] & 0xF0u) == 0x40u)
        at++;
    if (code.len < at + 2)
        return false;
    if (code.ptr[at] == 0xC6) {
        imm_bytes = 1;
    } else if (code.ptr[at] != 0xC7) {
        return false;
    }
    at++;
    if (code.ptr[at] == 0x45) {
        address_bytes = 2;
    } else if (code.ptr[at] == 0x44 && code.len > at + 1 && code.ptr[at + 1] == 0x24) {
        address_bytes = 3;
    } else if (code.ptr[at] == 0x85) {
        address_bytes = 5;
    } else {
        return false;
    }
    at += address_bytes;
    if (code.len < at + imm_bytes)
        return false;
    ret_store->imm = 0;
    for (size_t i = 0; i < imm_bytes; i++)
        ret_store->imm |= (uint32_t)code.ptr[at + i] << 8 * i;
    ret_store->imm_bytes = imm_bytes;
    ret_store->len = at + imm_bytes;
    return true;
}

static void search_stack(struct search *search)
{
    char text[STRING_BYTES_MAX];

    for (size_t i = 0; i < search->bytes.len && !search->ended;) {
        size_t at = i;
        size_t len = 0;
        bool wide = true;
        struct store store;

        while (len + 4 < sizeof text &&
                read_store(hn_bytes_of(search->bytes.ptr + at, search->bytes.len - at), &store)) {
            size_t shown = 0;

            while (shown < store.imm_bytes && is_shown((uint8_t)(store.imm >> 8 * shown)))
                shown++;
            for (size_t k = 0; k < shown; k++)
                text[len++] = (char)(store.imm >> 8 * k);
            at += store.len;
            wide = wide && store.imm_bytes == 2;
            if (shown < (wide ? 1 : store.imm_bytes))
                break;
        }
        if (len >= STACK_CHARS_MIN)
            tell(search, PROGRAM_STRING_STACK, 0, i, hn_text_of(text, len));
        i = at > i ? at : i + 1;
    }
}

/* ---- With one key: words that programs need, under each of 255 keys ---- */

static const struct hn_text words[] = {
    HN_TEXT_INIT("http://"),
    HN_TEXT_INIT("https://"),
    HN_TEXT_INIT("kernel32"),
    HN_TEXT_INIT("This program"),
    HN_TEXT_INIT("powershell"),
    HN_TEXT_INIT("User-Agent"),
    HN_TEXT_INIT("cmd.exe"),
    HN_TEXT_INIT("\\Software\\"),
};

static void tell_xor(struct search *search, size_t at, uint8_t key)
{
    char text[XOR_BYTES_BEFORE + XOR_BYTES_BEHIND];
    size_t start = at;
    size_t len = 0;

    while (start > 0 && at - start < XOR_BYTES_BEFORE &&
            is_shown((uint8_t)(search->bytes.ptr[start - 1] ^ key)))
        start--;
    for (size_t i = start; i < search->bytes.len && len < sizeof text; i++) {
        uint8_t byte = (uint8_t)(search->bytes.ptr[i] ^ key);

        if (!is_shown(byte))
            break;
        text[len++] = (char)byte;
    }
    tell(search, PROGRAM_STRING_XOR, key, start, hn_text_of(text, len));
}

/* The differences of neighbours do not depend on the key: one pass finds a word under all keys. */
static void search_xor(struct search *search)
{
    for (size_t w = 0; w < HN_COUNT_OF(words); w++) {
        const uint8_t *word = (const uint8_t *)words[w].ptr;
        size_t len = words[w].len;
        size_t behind = 0;

        for (size_t i = 0; i + len <= search->bytes.len && !search->ended; i++) {
            const uint8_t *at = search->bytes.ptr + i;
            uint8_t key = (uint8_t)(at[0] ^ word[0]);
            size_t same = 1;

            if (key == 0 || i < behind)
                continue;
            while (same < len && (uint8_t)(at[same] ^ word[same]) == key)
                same++;
            if (same < len)
                continue;
            tell_xor(search, i, key);
            behind = i + len;
        }
    }
}

size_t program_strings(struct hn_bytes bytes, program_on_string *on_string, void *ctx)
{
    struct search search = { .bytes = bytes, .on_string = on_string, .ctx = ctx };

    if (bytes.len == 0)
        return 0;
    search_xor(&search); /* the telling ones first: limits cut from the end */
    search_stack(&search);
    search_utf16_from(&search, 0);
    search_utf16_from(&search, 1);
    search_ascii(&search);
    return search.count;
}

/* ---- As texts of an object ---- */

#define TOLD_MAX 4000u

struct telling {
    struct dissect *dissect;
    uint32_t id;
    size_t count;
};

static bool tell_text(void *ctx, const struct program_string *string)
{
    struct telling *telling = ctx;
    char path[48];
    struct hn_buf way = hn_buf_over(path, sizeof path);

    hn_buf_addf(&way, "%s@%llu", program_string_kind_id(string->kind),
            (unsigned long long)string->offset);
    if (string->kind == PROGRAM_STRING_XOR)
        hn_buf_addf(&way, " key 0x%02x", (unsigned)string->key);
    dissect_text(telling->dissect, telling->id, "strings", string->text, hn_buf_text(&way),
            string->offset);
    return ++telling->count < TOLD_MAX;
}

void program_strings_tell(struct dissect *dissect, uint32_t id)
{
    struct telling telling = { .dissect = dissect, .id = id };

    (void)program_strings(dissect_get(dissect, id)->data, tell_text, &telling);
    if (telling.count >= TOLD_MAX) {
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "more than %u texts in a program; the rest is left out", TOLD_MAX);
    }
}
