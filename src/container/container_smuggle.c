/* container_smuggle.c - HTML smuggling: files that stand in a script as base64, hex digits, percent
 * codes or lists of numbers, perhaps in pieces joined by '+', perhaps backwards, and become a
 * download when the page is opened. Loops that compute them are left to src/jscript. */
#include "container/container_html.h"

#include "base/enc.h"
#include "base/utf.h"

#define LITERAL_MIN   128u /* shorter texts hold no file */
#define NUMBERS_MIN   32u
#define NAME_MAX      128u
#define LITERALS_MAX  4096u /* looked at in one script */
#define SMUGGLED_MAX  64u
#define BACKWARDS_MIN 64u
#define XOR_MAGIC_MIN 4u

struct literal {
    struct hn_buf text; /* joined, escapes resolved */
    size_t start;
    size_t end; /* behind the last quote */
};

/* ---- What bytes are ---- */

static const struct {
    size_t offset;
    struct hn_text magic;
} magics[] = {
    { 0, HN_TEXT_INIT("PK\x03\x04") },
    { 0, HN_TEXT_INIT("MZ") },
    { 0, HN_TEXT_INIT("Rar!\x1A\x07") },
    { 0, HN_TEXT_INIT("7z\xBC\xAF\x27\x1C") },
    { 0, HN_TEXT_INIT("\xD0\xCF\x11\xE0") },
    { 0, HN_TEXT_INIT("%PDF-") },
    { 0, HN_TEXT_INIT("\x1F\x8B\x08") },
    { 0, HN_TEXT_INIT("MSCF") },
    { 0, HN_TEXT_INIT("{\\rt") },
    { 0, HN_TEXT_INIT("\xE4\x52\x5C\x7B") },
    { 0, HN_TEXT_INIT("\x4C\0\0\0\x01\x14\x02\0") },
    { 0, HN_TEXT_INIT("conectix") },
    { 0, HN_TEXT_INIT("vhdxfile") },
    { 0, HN_TEXT_INIT("ITSF") },
    { 32769, HN_TEXT_INIT("CD001") },
    { 32769, HN_TEXT_INIT("BEA01") },
};

static bool is_file(struct hn_bytes bytes)
{
    struct hn_text text = hn_bytes_as_text(bytes);

    for (size_t i = 0; i < HN_COUNT_OF(magics); i++)
        if (hn_text_starts(hn_text_sub(text, magics[i].offset, SIZE_MAX), magics[i].magic))
            return true;
    return false;
}

/* A page or a script within the script. */
static bool is_page(struct hn_bytes bytes)
{
    struct hn_text head = hn_text_sub(hn_text_trim(hn_bytes_as_text(bytes)), 0, 1024);

    return hn_text_find_nocase(head, HN_TEXT("<html"), 0) != SIZE_MAX ||
           hn_text_find_nocase(head, HN_TEXT("<script"), 0) != SIZE_MAX ||
           hn_text_find_nocase(head, HN_TEXT("<!doctype"), 0) != SIZE_MAX ||
           hn_text_find_nocase(head, HN_TEXT("<iframe"), 0) != SIZE_MAX ||
           hn_text_find_nocase(head, HN_TEXT("<form"), 0) != SIZE_MAX;
}

static bool offers_download(struct hn_text script)
{
    static const char *const marks[] = { "Blob", "msSaveOrOpenBlob", "msSaveBlob",
        "createObjectURL", ".download", "saveAs(" };

    for (size_t i = 0; i < HN_COUNT_OF(marks); i++)
        if (hn_text_find(script, hn_text_cstr(marks[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

/* ---- Names ---- */

static bool is_name_char(char c)
{
    return (uint8_t)c >= 0x80u || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || (c != '\0' && strchr(" ._-()[]", c) != NULL);
}

static bool is_file_name(struct hn_text text)
{
    size_t dot = text.len;

    if (text.len < 3 || text.len > NAME_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_name_char(text.ptr[i]))
            return false;
    while (dot > 0 && text.ptr[dot - 1] != '.')
        dot--;
    if (dot < 2 || text.len - dot < 2 || text.len - dot > 5)
        return false;
    for (size_t i = dot; i < text.len; i++) {
        if (!((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
                    (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') ||
                    (text.ptr[i] >= '0' && text.ptr[i] <= '9')))
            return false;
    }
    return true;
}

/* The first text in quotes that looks like a file's name, from `from` on. */
static struct hn_text quoted_name(struct hn_text script, size_t from)
{
    for (size_t at = from; at < script.len; at++) {
        char quote = script.ptr[at];
        size_t end;
        struct hn_text text;

        if (quote != '"' && quote != '\'' && quote != '`')
            continue;
        end = hn_text_find_char(script, quote, at + 1);
        if (end == SIZE_MAX)
            break;
        text = hn_text_sub(script, at + 1, end - at - 1);
        if (is_file_name(text))
            return text;
        at = end;
    }
    return hn_text_of("", 0);
}

static struct hn_text name_in(const struct page *page, struct hn_text script)
{
    static const char *const marks[] = { "download", "msSave", "saveAs(", "File(" };
    struct hn_text name;

    if (page->download.len > 0)
        return page->download;
    for (size_t i = 0; i < HN_COUNT_OF(marks); i++) {
        size_t at = hn_text_find(script, hn_text_cstr(marks[i]), 0);

        if (at == SIZE_MAX)
            continue;
        name = quoted_name(hn_text_sub(script, 0, at + 512), at);
        if (name.len > 0)
            return name;
    }
    return quoted_name(script, 0);
}

static void add_smuggled(
        struct page *page, struct hn_text script, struct hn_bytes bytes, const char *how)
{
    struct container_entry out = { .name_is_utf8 = true, .relation = "smuggled" };
    struct hn_text kept;
    uint64_t offset = container_offset_in(hn_text_as_bytes(page->text), hn_text_as_bytes(script));

    if (page->smuggled >= SMUGGLED_MAX || !dissect_inflate(page->dissect, page->id, 0, bytes.len))
        return;
    kept = hn_arena_text(dissect_arena(page->dissect), hn_bytes_as_text(bytes));
    if (kept.ptr == NULL) {
        page->status = container_no_memory(page->dissect, page->id);
        return;
    }
    out.data = hn_text_as_bytes(kept);
    out.name = name_in(page, script);
    page->smuggled++;
    dissect_note(page->dissect, page->id, DISSECT_NOTE_HIDDEN, offset,
            "a script holds a file of %llu bytes as %s", (unsigned long long)bytes.len, how);
    page_add(page, &out);
}

/* ---- Decoding ---- */

static void reverse(struct hn_buf *buf)
{
    for (size_t i = 0; i < buf->len / 2; i++) {
        char c = buf->ptr[i];

        buf->ptr[i] = buf->ptr[buf->len - 1 - i];
        buf->ptr[buf->len - 1 - i] = c;
    }
}

/* The byte that every byte of a file was XORed with; 0: there is none. Short magics fit by chance.
 */
static uint8_t xor_key(struct hn_bytes bytes)
{
    for (size_t i = 0; i < HN_COUNT_OF(magics); i++) {
        struct hn_text magic = magics[i].magic;
        const uint8_t *at = bytes.ptr + magics[i].offset;
        size_t same = 0;

        if (magic.len < XOR_MAGIC_MIN || bytes.len < magics[i].offset + magic.len)
            continue;
        while (same < magic.len && (at[same] ^ at[0]) == (uint8_t)(magic.ptr[same] ^ magic.ptr[0]))
            same++;
        if (same == magic.len)
            return (uint8_t)(at[0] ^ (uint8_t)magic.ptr[0]);
    }
    return 0;
}

/* A script that has '^' may compute a file whose bytes it holds XORed with one value. */
static bool take_xored(struct page *page, struct hn_text script, struct hn_bytes bytes)
{
    uint8_t key = hn_text_find_char(script, '^', 0) != SIZE_MAX ? xor_key(bytes) : 0;
    struct hn_buf plain = { 0 };
    bool taken;

    if (key == 0)
        return false;
    hn_buf_init(&plain, bytes.len + 1);
    for (size_t i = 0; i < bytes.len; i++)
        hn_buf_add_char(&plain, (char)(bytes.ptr[i] ^ key));
    taken = hn_buf_ok(&plain);
    if (taken)
        add_smuggled(page, script, hn_text_as_bytes(hn_buf_text(&plain)), "XORed text");
    else
        page->status = HN_NOMEM;
    hn_buf_deinit(&plain);
    return taken;
}

static bool take(struct page *page, struct hn_text script, const struct hn_buf *bytes, bool saved,
        const char *how)
{
    struct hn_bytes view = hn_text_as_bytes(hn_buf_text(bytes));

    if (hn_buf_ok(bytes) && view.len >= BACKWARDS_MIN && !is_file(view) &&
            take_xored(page, script, view))
        return true;

    if (!hn_buf_ok(bytes) || view.len < BACKWARDS_MIN ||
            !(is_file(view) || is_page(view) || (saved && view.len >= 1024)))
        return false;
    add_smuggled(page, script, view, how);
    return true;
}

/* One way to read the text; bytes is emptied first. */
static bool try_text(
        struct page *page, struct hn_text script, struct hn_text text, bool saved, bool backwards)
{
    struct hn_buf bytes = { 0 };
    bool taken = false;

    if (hn_base64_decode(&bytes, text))
        taken = take(
                page, script, &bytes, saved, backwards ? "base64 written backwards" : "base64");
    if (!taken) {
        hn_buf_reset(&bytes);
        if (hn_hex_decode(&bytes, text))
            taken = take(page, script, &bytes, saved,
                    backwards ? "hex digits written backwards" : "hex digits");
    }
    hn_buf_deinit(&bytes);
    return taken;
}

static size_t count_char(struct hn_text text, char c)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == c;
    return count;
}

static void judge_text(struct page *page, struct hn_text script, struct hn_buf *text, bool saved)
{
    struct hn_text view = hn_buf_text(text);
    size_t mark = hn_text_find(hn_text_sub(view, 0, 256), HN_TEXT("base64,"), 0);
    struct hn_buf bytes = { 0 };

    if (mark != SIZE_MAX)
        view = hn_text_sub(view, mark + 7, SIZE_MAX);
    if (view.len < LITERAL_MIN || !hn_buf_ok(text))
        return;
    if (count_char(view, '%') >= view.len / 4) {
        hn_percent_decode(&bytes, view);
        (void)take(page, script, &bytes, false, "percent codes");
        hn_buf_deinit(&bytes);
        return;
    }
    if (is_page(hn_text_as_bytes(view))) { /* document.write() of a whole page */
        hn_buf_add_text(&bytes, view);
        (void)take(page, script, &bytes, false, "text");
        hn_buf_deinit(&bytes);
        return;
    }
    if (try_text(page, script, view, false, false))
        return;
    reverse(text);
    if (try_text(page, script, hn_buf_text(text), false, true))
        return;
    reverse(text);
    if (saved) /* of no kind we know, but to be saved */
        (void)try_text(page, script, view, true, false);
}

/* ---- Literals ---- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* \xHH, \uHHHH at `at` (of the backslash); the bytes it takes, 0: it is none. */
static size_t read_escape(struct hn_text script, size_t at, uint32_t *ret_value)
{
    size_t digits = script.ptr[at + 1] == 'x' ? 2 : script.ptr[at + 1] == 'u' ? 4 : 0;
    uint32_t value = 0;

    if (digits == 0 || script.len - at - 2 < digits)
        return 0;
    for (size_t i = 0; i < digits; i++) {
        int nibble = hex_value(script.ptr[at + 2 + i]);

        if (nibble < 0)
            return 0;
        value = value << 4 | (uint32_t)nibble;
    }
    *ret_value = value;
    return digits + 2;
}

/* The text from the quote at `at`; behind its end. */
static size_t read_quoted(struct hn_text script, size_t at, struct hn_buf *out)
{
    char quote = script.ptr[at++];

    while (at < script.len && script.ptr[at] != quote) {
        uint32_t value;
        size_t len;

        /* Only `...` goes over lines; else the quote was no quote (of a comment, an expression). */
        if (script.ptr[at] == '\n' && quote != '`')
            return at;
        if (script.ptr[at] != '\\' || at + 1 >= script.len) {
            hn_buf_add_char(out, script.ptr[at++]);
            continue;
        }
        len = read_escape(script, at, &value);
        if (len > 0) {
            hn_buf_add_utf8(out, value);
            at += len;
        } else {
            char c = script.ptr[at + 1];

            if (c != '\n' && c != '\r')
                hn_buf_add_char(out, c == 'n' ? '\n' : c == 't' ? '\t' : c);
            at += 2;
        }
    }
    return at < script.len ? at + 1 : at;
}

static size_t skip_blank(struct hn_text script, size_t at)
{
    while (at < script.len && strchr(" \t\r\n", script.ptr[at]) != NULL && script.ptr[at] != '\0')
        at++;
    return at;
}

static bool is_quote(struct hn_text script, size_t at)
{
    return at < script.len &&
           (script.ptr[at] == '"' || script.ptr[at] == '\'' || script.ptr[at] == '`');
}

/* A text and all that is joined to it by '+', or by ',' in a list that is joined later. */
static size_t read_literal(struct hn_text script, size_t at, struct hn_buf *out)
{
    hn_buf_reset(out);
    for (;;) {
        size_t next;

        at = read_quoted(script, at, out);
        next = skip_blank(script, at);
        if (next >= script.len || (script.ptr[next] != '+' && script.ptr[next] != ','))
            return at;
        next = skip_blank(script, next + 1);
        if (!is_quote(script, next))
            return at;
        at = next;
    }
}

/* "77, 90, 0x90, -1" from `at`: the bytes; behind the last number. */
static size_t read_numbers(struct hn_text script, size_t at, struct hn_buf *out, size_t *ret_count)
{
    size_t count = 0;

    hn_buf_reset(out);
    for (;;) {
        bool negative;
        bool is_hex;
        uint32_t value = 0;
        size_t digits = 0;

        at = skip_blank(script, at);
        negative = at < script.len && script.ptr[at] == '-';
        at += negative;
        is_hex = at + 1 < script.len && script.ptr[at] == '0' && (script.ptr[at + 1] | 0x20) == 'x';
        at += is_hex ? 2 : 0;
        for (; at < script.len && digits < 4; at++, digits++) {
            int digit = hex_value(script.ptr[at]);

            if (digit < 0 || (!is_hex && digit > 9))
                break;
            value = value * (is_hex ? 16u : 10u) + (uint32_t)digit;
        }
        if (digits == 0 || value > 255)
            break;
        hn_buf_add_char(out, (char)(uint8_t)(negative ? 256u - value : value));
        count++;
        at = skip_blank(script, at);
        if (at >= script.len || script.ptr[at] != ',')
            break;
        at++;
    }
    *ret_count = count;
    return at;
}

/* Behind the comment at `at`; `at` where there is none. */
static size_t skip_comment(struct hn_text script, size_t at)
{
    size_t end;

    if (script.ptr[at] != '/' || at + 1 >= script.len)
        return at;
    if (script.ptr[at + 1] == '*') {
        end = hn_text_find(script, HN_TEXT("*/"), at + 2);
        return end == SIZE_MAX ? script.len : end + 2;
    }
    if (script.ptr[at + 1] != '/' || (at > 0 && script.ptr[at - 1] == ':'))
        return at;
    end = hn_text_find_char(script, '\n', at);
    return end == SIZE_MAX ? script.len : end;
}

void page_find_smuggled(struct page *page, struct hn_text script)
{
    bool saved = offers_download(script);
    struct hn_buf out = { 0 };
    uint32_t literals = 0;
    size_t count;

    hn_buf_init(&out, (size_t)dissect_limits(page->dissect)->file_bytes_max);
    for (size_t at = 0; at < script.len && page->status == HN_OK;) {
        size_t end = skip_comment(script, at);

        if (end > at) {
            at = end;
        } else if (is_quote(script, at)) {
            at = read_literal(script, at, &out);
            if (out.len >= LITERAL_MIN && literals++ < LITERALS_MAX)
                judge_text(page, script, &out, saved);
        } else if (script.ptr[at] == '[' || script.ptr[at] == '(') {
            end = read_numbers(script, at + 1, &out, &count);
            if (count >= NUMBERS_MIN && literals++ < LITERALS_MAX)
                (void)take(page, script, &out, saved, "a list of numbers");
            at = count >= NUMBERS_MIN ? end : at + 1;
        } else {
            at++;
        }
    }
    if (out.status == HN_NOMEM)
        page->status = HN_NOMEM;
    hn_buf_deinit(&out);
}
