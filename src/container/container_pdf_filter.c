/* container_pdf_filter.c - the filters of streams (ISO 32000-1, 7.4) but those of images. */
#include "container/container_pdf.h"

#include "base/mem.h"

#include <limits.h>
#define ZLIB_CONST
#include <zlib.h>

#define PIECE   ((size_t)64 << 10)
#define LZW_MAX 4096u
#define ROW_MAX ((size_t)1 << 20)

static struct zip_gather gather_of(struct pdf *pdf)
{
    struct zip_gather gather = container_gather(&pdf->ask, 0);

    gather.arena = &pdf->arena;
    return gather;
}

static struct hn_bytes end_of(struct pdf *pdf, struct zip_gather *gather)
{
    struct hn_bytes bytes;
    uint64_t padding;

    if (zip_gather_end(gather, &bytes, &padding) == HN_NOMEM)
        pdf->nomem = true;
    return bytes.ptr != NULL ? bytes : hn_bytes_of("", 0);
}

/* ---- FlateDecode ---- */

static struct hn_bytes inflate_all(struct pdf *pdf, struct hn_bytes in, int window)
{
    struct zip_gather gather = gather_of(pdf);
    uint8_t *piece = hn_malloc(PIECE);
    z_stream stream = { 0 };
    int status = Z_OK;

    if (piece == NULL || inflateInit2(&stream, window) != Z_OK) {
        hn_free(piece);
        pdf->nomem = true;
        return hn_bytes_of("", 0);
    }
    stream.next_in = in.ptr;
    stream.avail_in = in.len > UINT_MAX ? UINT_MAX : (uInt)in.len;
    while (status == Z_OK) {
        stream.next_out = piece;
        stream.avail_out = (uInt)PIECE;
        status = inflate(&stream, Z_NO_FLUSH);
        if (!zip_gather_add(&gather, hn_bytes_of(piece, PIECE - stream.avail_out)))
            break;
    }
    (void)inflateEnd(&stream);
    hn_free(piece);
    return end_of(pdf, &gather);
}

static struct hn_bytes flate(struct pdf *pdf, struct hn_bytes in)
{
    struct hn_bytes out = inflate_all(pdf, in, MAX_WBITS);

    /* A header of zlib that is wrong, or not there: what stands behind may be right. */
    if (out.len == 0 && in.len > 2)
        out = inflate_all(pdf, container_cut(in, 2, in.len), -MAX_WBITS);
    return out;
}

/* ---- LZWDecode ---- */

struct lzw {
    uint16_t prefix[LZW_MAX];
    uint8_t last[LZW_MAX];
    uint8_t stack[LZW_MAX];
    uint32_t count;
};

/* The bytes of a code, backwards from the end of the stack; their start. */
static size_t expand(struct lzw *lzw, uint32_t code)
{
    size_t at = LZW_MAX;

    while (code >= 258 && at > 1) {
        lzw->stack[--at] = lzw->last[code];
        code = lzw->prefix[code];
    }
    lzw->stack[--at] = (uint8_t)code;
    return at;
}

static uint32_t lzw_code(struct hn_bytes in, size_t *bit, uint32_t width)
{
    uint32_t value = 0;

    if (in.len * 8 - *bit < width)
        return 257;
    for (uint32_t i = 0; i < width; i++, (*bit)++)
        value = value << 1 | ((uint32_t)in.ptr[*bit / 8] >> (7 - *bit % 8) & 1u);
    return value;
}

static uint32_t lzw_width(const struct lzw *lzw, uint32_t early)
{
    uint32_t next = lzw->count + early;

    return next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
}

/* Adds the code that `previous` and `code` make. False: this code cannot stand here. */
static bool lzw_learn(struct lzw *lzw, uint32_t previous, uint32_t code)
{
    if (code > lzw->count || (previous == 256 && code >= lzw->count))
        return false;
    if (previous == 256)
        return true;
    if (lzw->count >= LZW_MAX)
        return code < lzw->count;
    lzw->prefix[lzw->count] = (uint16_t)previous;
    lzw->last[lzw->count] = lzw->stack[expand(lzw, code == lzw->count ? previous : code)];
    lzw->count++;
    return true;
}

static struct hn_bytes lzw_decode(struct pdf *pdf, struct hn_bytes in, uint32_t early)
{
    struct zip_gather gather = gather_of(pdf);
    struct lzw *lzw = hn_calloc(1, sizeof *lzw);
    uint32_t previous = 256;
    uint32_t width = 9;
    size_t bit = 0;
    uint32_t code;

    if (lzw == NULL) {
        pdf->nomem = true;
        return hn_bytes_of("", 0);
    }
    lzw->count = 258;
    while ((code = lzw_code(in, &bit, width)) != 257) {
        size_t at;

        if (code == 256) {
            lzw->count = 258;
            width = 9;
            previous = 256;
            continue;
        }
        if (!lzw_learn(lzw, previous, code))
            break;
        at = expand(lzw, code);
        if (!zip_gather_add(&gather, hn_bytes_of(lzw->stack + at, LZW_MAX - at)))
            break;
        previous = code;
        width = lzw_width(lzw, early);
    }
    hn_free(lzw);
    return end_of(pdf, &gather);
}

/* ---- ASCII filters and RunLengthDecode ---- */

static int hex_value(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void ascii_hex(struct hn_bytes in, struct hn_buf *out)
{
    int high = -1;

    for (size_t i = 0; i < in.len && in.ptr[i] != '>'; i++) {
        int value = hex_value(in.ptr[i]);

        if (value < 0)
            continue;
        if (high >= 0)
            hn_buf_add_char(out, (char)(high << 4 | value));
        high = high >= 0 ? -1 : value;
    }
    if (high >= 0)
        hn_buf_add_char(out, (char)(high << 4));
}

static void put_group(struct hn_buf *out, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(value >> (24 - 8 * i)));
}

static void ascii_85(struct hn_bytes in, struct hn_buf *out)
{
    uint64_t value = 0;
    size_t count = 0;

    for (size_t i = 0; i < in.len && in.ptr[i] != '~'; i++) {
        uint8_t c = in.ptr[i];

        if (c == 'z' && count == 0) {
            put_group(out, 0, 4);
            continue;
        }
        if (c < '!' || c > 'u')
            continue;
        value = value * 85 + (uint64_t)(c - '!');
        if (++count == 5) {
            put_group(out, (uint32_t)value, 4);
            value = 0;
            count = 0;
        }
    }
    if (count > 1) {
        for (size_t i = count; i < 5; i++)
            value = value * 85 + 84;
        put_group(out, (uint32_t)value, count - 1);
    }
}

static void run_length(struct hn_bytes in, struct hn_buf *out)
{
    for (size_t i = 0; i < in.len && in.ptr[i] != 128;) {
        size_t len = in.ptr[i];

        if (len < 128) {
            struct hn_bytes run = container_cut(in, i + 1, len + 1);

            hn_buf_add(out, run.ptr, run.len);
            i += len + 2;
        } else {
            if (i + 1 < in.len)
                hn_buf_add_repeat(out, (char)in.ptr[i + 1], 257 - len);
            i += 2;
        }
    }
}

static struct hn_bytes plain_filter(
        struct pdf *pdf, struct hn_bytes in, void (*run)(struct hn_bytes in, struct hn_buf *out))
{
    struct zip_gather gather = gather_of(pdf);
    struct hn_buf out = { 0 };

    hn_buf_init(&out, (size_t)gather.bytes_max);
    run(in, &out);
    if (out.status == HN_NOMEM)
        pdf->nomem = true;
    (void)zip_gather_add(&gather, hn_text_as_bytes(hn_buf_text(&out)));
    hn_buf_deinit(&out);
    return end_of(pdf, &gather);
}

/* ---- Predictors: rows of PNG, as tables of objects have them ---- */

static uint8_t paeth(int a, int b, int c)
{
    int p = a + b - c;
    int pa = p > a ? p - a : a - p;
    int pb = p > b ? p - b : b - p;
    int pc = p > c ? p - c : c - p;

    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* One row; above is NULL for the first. */
static void unpredict_row(
        const uint8_t *from, uint8_t *to, const uint8_t *above, size_t row, size_t step)
{
    for (size_t i = 0; i < row; i++) {
        uint8_t left = i >= step ? to[i - step] : 0;
        uint8_t up = above != NULL ? above[i] : 0;
        uint8_t corner = above != NULL && i >= step ? above[i - step] : 0;
        unsigned add = from[0] == 1   ? left
                       : from[0] == 2 ? up
                       : from[0] == 3 ? ((unsigned)left + up) / 2
                       : from[0] == 4 ? paeth(left, up, corner)
                                      : 0;

        to[i] = (uint8_t)(from[i + 1] + add);
    }
}

static struct hn_bytes unpredict(
        struct pdf *pdf, const struct pdf_value *parameters, struct hn_bytes in)
{
    int64_t predictor = pdf_number(pdf, parameters, "Predictor", 1);
    int64_t colors = pdf_number(pdf, parameters, "Colors", 1);
    int64_t bits = pdf_number(pdf, parameters, "BitsPerComponent", 8);
    int64_t columns = pdf_number(pdf, parameters, "Columns", 1);
    size_t step;
    size_t row;
    size_t rows;
    uint8_t *out;

    if (predictor < 10 || colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 ||
            columns > (int64_t)ROW_MAX)
        return in;
    step = (size_t)((colors * bits + 7) / 8);
    row = (size_t)((colors * bits * columns + 7) / 8);
    rows = in.len / (row + 1);
    out = hn_arena_alloc(&pdf->arena, rows * row + 1, 1);
    if (out == NULL)
        return in;
    for (size_t r = 0; r < rows; r++)
        unpredict_row(in.ptr + r * (row + 1), out + r * row, r > 0 ? out + (r - 1) * row : NULL,
                row, step);
    return hn_bytes_of(out, rows * row);
}

static bool is_one_of(struct hn_text name, const char *full, const char *abbreviated)
{
    return hn_text_eq(name, hn_text_cstr(full)) || hn_text_eq(name, hn_text_cstr(abbreviated));
}

bool pdf_filter(struct pdf *pdf, struct hn_text name, const struct pdf_value *parameters,
        struct hn_bytes in, struct hn_bytes *ret_bytes)
{
    if (is_one_of(name, "FlateDecode", "Fl"))
        *ret_bytes = unpredict(pdf, parameters, flate(pdf, in));
    else if (is_one_of(name, "LZWDecode", "LZW")) {
        *ret_bytes = unpredict(pdf, parameters,
                lzw_decode(pdf, in, pdf_number(pdf, parameters, "EarlyChange", 1) != 0));
    } else if (is_one_of(name, "ASCIIHexDecode", "AHx")) {
        *ret_bytes = plain_filter(pdf, in, ascii_hex);
    } else if (is_one_of(name, "ASCII85Decode", "A85")) {
        *ret_bytes = plain_filter(pdf, in, ascii_85);
    } else if (is_one_of(name, "RunLengthDecode", "RL")) {
        *ret_bytes = plain_filter(pdf, in, run_length);
    } else if (hn_text_eq(name, HN_TEXT("Crypt"))) {
        *ret_bytes = in;
    } else {
        return false;
    }
    return true;
}
