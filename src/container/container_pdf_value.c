/* container_pdf_value.c - values of PDF (ISO 32000-1, 7.3), as readers forgive them. */
#include "container/container_pdf.h"

#include "base/utf.h"

#define FOLLOW_MAX 8u

static bool is_space(uint8_t c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(uint8_t c)
{
    return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

static bool is_regular(uint8_t c)
{
    return !is_space(c) && !is_delimiter(c);
}

void pdf_skip_space(struct pdf_lexer *lexer)
{
    while (lexer->at < lexer->source.len) {
        uint8_t c = lexer->source.ptr[lexer->at];

        if (c == '%') {
            while (lexer->at < lexer->source.len && lexer->source.ptr[lexer->at] != '\n' &&
                    lexer->source.ptr[lexer->at] != '\r')
                lexer->at++;
        } else if (is_space(c)) {
            lexer->at++;
        } else {
            return;
        }
    }
}

static struct pdf_value *new_value(struct pdf_lexer *lexer, enum pdf_kind kind)
{
    struct pdf_value *value = hn_new(&lexer->pdf->arena, struct pdf_value, 1);

    if (value != NULL)
        value->kind = kind;
    return value;
}

static int hex_value(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* ---- Names ---- */

static struct hn_text read_name(struct pdf_lexer *lexer, bool *ret_coded)
{
    size_t start = ++lexer->at;
    size_t len = 0;
    char *out;

    while (lexer->at < lexer->source.len && is_regular(lexer->source.ptr[lexer->at]))
        lexer->at++;
    out = hn_arena_raw(&lexer->pdf->arena, lexer->at - start + 1, 1);
    *ret_coded = false;
    if (out == NULL)
        return hn_text_of("", 0);
    for (size_t i = start; i < lexer->at; i++) {
        const uint8_t *p = lexer->source.ptr + i;

        int high = *p == '#' && lexer->at - i > 2 ? hex_value(p[1]) : -1;
        int low = high >= 0 ? hex_value(p[2]) : -1;

        if (high >= 0 && low >= 0) {
            out[len++] = (char)(high * 16 + low);
            *ret_coded = true;
            i += 2;
        } else {
            out[len++] = (char)*p;
        }
    }
    return hn_text_of(out, len);
}

/* ---- Strings ---- */

/* What stands behind a backslash; the bytes it takes. */
static size_t read_escape(const uint8_t *p, size_t left, struct hn_buf *out)
{
    static const char from[] = "nrtbf";
    static const char to[] = "\n\r\t\b\f";
    const char *hit = p[0] != 0 ? strchr(from, p[0]) : NULL;
    size_t digits = 0;
    unsigned value = 0;

    if (hit != NULL) {
        hn_buf_add_char(out, to[hit - from]);
        return 1;
    }
    while (digits < 3 && digits < left && p[digits] >= '0' && p[digits] <= '7')
        value = value * 8 + (unsigned)(p[digits++] - '0');
    if (digits > 0) {
        hn_buf_add_char(out, (char)(uint8_t)value);
        return digits;
    }
    if (p[0] == '\r')
        return left > 1 && p[1] == '\n' ? 2 : 1;
    if (p[0] != '\n')
        hn_buf_add_char(out, (char)p[0]);
    return 1;
}

static void read_literal(struct pdf_lexer *lexer, struct hn_buf *out)
{
    const struct hn_bytes in = lexer->source;
    size_t nesting = 1;

    for (lexer->at++; lexer->at < in.len;) {
        uint8_t c = in.ptr[lexer->at++];

        if (c == '\\' && lexer->at < in.len) {
            lexer->at += read_escape(in.ptr + lexer->at, in.len - lexer->at, out);
            continue;
        }
        nesting += c == '(';
        nesting -= c == ')';
        if (nesting == 0)
            return;
        hn_buf_add_char(out, (char)c);
    }
}

static void read_hex(struct pdf_lexer *lexer, struct hn_buf *out)
{
    int high = -1;

    for (lexer->at++; lexer->at < lexer->source.len;) {
        uint8_t c = lexer->source.ptr[lexer->at++];
        int value = hex_value(c);

        if (c == '>')
            break;
        if (value < 0)
            continue;
        if (high >= 0)
            hn_buf_add_char(out, (char)(high << 4 | value));
        high = high >= 0 ? -1 : value;
    }
    if (high >= 0)
        hn_buf_add_char(out, (char)(high << 4));
}

static struct pdf_value *read_string(struct pdf_lexer *lexer, bool hex)
{
    struct pdf_value *value = new_value(lexer, PDF_STRING);
    struct hn_buf out = { 0 };
    struct hn_bytes bytes;

    if (hex)
        read_hex(lexer, &out);
    else
        read_literal(lexer, &out);
    bytes = hn_text_as_bytes(hn_arena_text(&lexer->pdf->arena, hn_buf_text(&out)));
    hn_buf_deinit(&out);
    if (value == NULL || bytes.ptr == NULL)
        return NULL;
    if (lexer->object != NULL && !lexer->object->packed)
        bytes = pdf_decrypt(lexer->pdf, lexer->object, bytes, false);
    value->text = hn_bytes_as_text(bytes);
    return value;
}

/* ---- Numbers, references, words ---- */

static bool read_integer(struct pdf_lexer *lexer, int64_t *ret_number)
{
    size_t start = lexer->at;
    bool negative = false;
    int64_t number = 0;

    while (lexer->at < lexer->source.len && is_regular(lexer->source.ptr[lexer->at])) {
        uint8_t c = lexer->source.ptr[lexer->at];

        if (c >= '0' && c <= '9') {
            if (number < INT64_MAX / 20)
                number = number * 10 + (c - '0');
        } else if (c == '-') {
            negative = true;
        } else if (c == '.') {
            while (lexer->at + 1 < lexer->source.len &&
                    is_regular(lexer->source.ptr[lexer->at + 1]))
                lexer->at++;
        } else if (c != '+') {
            lexer->at = start;
            return false;
        }
        lexer->at++;
    }
    *ret_number = negative ? -number : number;
    return lexer->at > start;
}

/* "12 0 R" behind a number, or the number. */
static struct pdf_value *read_number(struct pdf_lexer *lexer, int64_t number)
{
    struct pdf_value *value = new_value(lexer, PDF_NUMBER);
    size_t start = lexer->at;
    int64_t generation;

    if (value == NULL)
        return NULL;
    value->number = number;
    pdf_skip_space(lexer);
    if (lexer->at < lexer->source.len && lexer->source.ptr[lexer->at] >= '0' &&
            lexer->source.ptr[lexer->at] <= '9' && read_integer(lexer, &generation)) {
        pdf_skip_space(lexer);
        if (lexer->at < lexer->source.len && lexer->source.ptr[lexer->at] == 'R' &&
                (lexer->at + 1 >= lexer->source.len ||
                        !is_regular(lexer->source.ptr[lexer->at + 1]))) {
            lexer->at++;
            value->kind = PDF_REFERENCE;
            return value;
        }
    }
    lexer->at = start;
    return value;
}

/* true, false, null, and what is none of anything: skipped. */
static struct pdf_value *read_word(struct pdf_lexer *lexer)
{
    struct pdf_value *value = new_value(lexer, PDF_NULL);
    size_t start = lexer->at;

    while (lexer->at < lexer->source.len && is_regular(lexer->source.ptr[lexer->at]))
        lexer->at++;
    if (lexer->at == start)
        lexer->at++;
    if (value != NULL) {
        value->text = hn_bytes_as_text(hn_bytes_of(lexer->source.ptr + start, lexer->at - start));
        value->number = hn_text_eq(value->text, HN_TEXT("true"));
    }
    return value;
}

/* ---- Arrays and dictionaries ---- */

static bool at_end_of(struct pdf_lexer *lexer, bool dict)
{
    const uint8_t *p = lexer->source.ptr + lexer->at;
    size_t left = lexer->source.len - lexer->at;

    if (left == 0)
        return true;
    if (dict && left > 1 && p[0] == '>' && p[1] == '>') {
        lexer->at += 2;
        return true;
    }
    if (!dict && p[0] == ']') {
        lexer->at++;
        return true;
    }
    /* A dictionary that nobody closed ends with its object. */
    return left >= 6 && (memcmp(p, "endobj", 6) == 0 || memcmp(p, "stream", 6) == 0);
}

/* NOLINTNEXTLINE(misc-no-recursion): at most PDF_DEPTH_MAX deep */
static struct pdf_value *read_collection(struct pdf_lexer *lexer, bool dict)
{
    struct pdf_value *value = new_value(lexer, dict ? PDF_DICT : PDF_ARRAY);
    struct pdf_item **tail = value != NULL ? &value->items : NULL;

    if (value == NULL)
        return NULL;
    if (lexer->depth >= PDF_DEPTH_MAX) {
        if (!lexer->pdf->noted_depth)
            dissect_note(lexer->pdf->dissect, lexer->pdf->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "values nest deeper than %u", PDF_DEPTH_MAX);
        lexer->pdf->noted_depth = true;
        return NULL;
    }
    lexer->depth++;
    lexer->at += dict ? 2 : 1;
    for (;;) {
        struct pdf_item *item = hn_new(&lexer->pdf->arena, struct pdf_item, 1);

        pdf_skip_space(lexer);
        if (item == NULL || at_end_of(lexer, dict))
            break;
        if (dict) {
            if (lexer->source.ptr[lexer->at] != '/') {
                (void)read_word(lexer);
                continue;
            }
            item->key = read_name(lexer, &item->key_coded);
            pdf_skip_space(lexer);
            if (at_end_of(lexer, true))
                break;
        }
        item->value = pdf_read(lexer);
        if (item->value == NULL)
            break;
        *tail = item;
        tail = &item->next;
    }
    lexer->depth--;
    return value;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most PDF_DEPTH_MAX deep */
struct pdf_value *pdf_read(struct pdf_lexer *lexer)
{
    struct pdf_value *value;
    int64_t number;
    uint8_t c;

    pdf_skip_space(lexer);
    if (lexer->at >= lexer->source.len)
        return NULL;
    c = lexer->source.ptr[lexer->at];
    if (c == '/') {
        value = new_value(lexer, PDF_NAME);
        if (value != NULL)
            value->text = read_name(lexer, &value->coded);
        return value;
    }
    if (c == '(')
        return read_string(lexer, false);
    if (c == '[')
        return read_collection(lexer, false);
    if (c == '<') {
        return lexer->at + 1 < lexer->source.len && lexer->source.ptr[lexer->at + 1] == '<'
                       ? read_collection(lexer, true)
                       : read_string(lexer, true);
    }
    if (((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.') &&
            read_integer(lexer, &number))
        return read_number(lexer, number);
    return read_word(lexer);
}

/* ---- Reading values ---- */

const struct pdf_value *pdf_follow(struct pdf *pdf, const struct pdf_value *value)
{
    for (uint32_t i = 0; i < FOLLOW_MAX && value != NULL && value->kind == PDF_REFERENCE; i++) {
        struct pdf_object *object = value->number > 0 && value->number <= UINT32_MAX
                                            ? pdf_find(pdf, (uint32_t)value->number)
                                            : NULL;

        if (object == NULL)
            return NULL;
        pdf_parse(pdf, object);
        value = object->value;
    }
    return value != NULL && value->kind != PDF_REFERENCE ? value : NULL;
}

const struct pdf_value *pdf_get(struct pdf *pdf, const struct pdf_value *dict, const char *key)
{
    if (dict == NULL || dict->kind != PDF_DICT)
        return NULL;
    for (const struct pdf_item *item = dict->items; item != NULL; item = item->next)
        if (hn_text_eq(item->key, hn_text_cstr(key)))
            return pdf_follow(pdf, item->value);
    return NULL;
}

int64_t pdf_number(struct pdf *pdf, const struct pdf_value *dict, const char *key, int64_t other)
{
    const struct pdf_value *value = pdf_get(pdf, dict, key);

    return value != NULL && value->kind == PDF_NUMBER ? value->number : other;
}

bool pdf_is_name(const struct pdf_value *value, const char *name)
{
    return value != NULL && value->kind == PDF_NAME && hn_text_eq(value->text, hn_text_cstr(name));
}

struct hn_text pdf_text(struct pdf *pdf, const struct pdf_value *value)
{
    struct hn_buf out = { 0 };
    struct hn_buf swapped = { 0 };
    struct hn_text text;

    if (value == NULL || (value->kind != PDF_STRING && value->kind != PDF_NAME))
        return hn_text_of("", 0);
    text = value->text;
    if (text.len >= 2 && (uint8_t)text.ptr[0] == 0xFEu && (uint8_t)text.ptr[1] == 0xFFu) {
        for (size_t i = 2; i + 1 < text.len; i += 2) {
            hn_buf_add_char(&swapped, text.ptr[i + 1]);
            hn_buf_add_char(&swapped, text.ptr[i]);
        }
        (void)hn_utf16le_to_utf8(&out, hn_text_as_bytes(hn_buf_text(&swapped)));
    } else if (hn_utf8_valid(hn_text_as_bytes(text))) {
        hn_buf_add_text(&out, hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF"))
                                      ? hn_text_sub(text, 3, SIZE_MAX)
                                      : text);
    } else {
        for (size_t i = 0; i < text.len; i++)
            hn_buf_add_utf8(&out, (uint8_t)text.ptr[i]);
    }
    text = hn_arena_text(&pdf->arena, hn_buf_text(&out));
    hn_buf_deinit(&out);
    hn_buf_deinit(&swapped);
    return text.ptr != NULL ? text : hn_text_of("", 0);
}
