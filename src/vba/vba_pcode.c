/* vba_pcode.c - the lines of p-code in a module's performance cache, as text. The numbers differ
 * between versions of VBA; all are brought to those of VBA 7. */
#include "vba/vba_pcode.h"

#include "base/codepage.h"

#define NAME_ME 0xFFFFu /* the object whose module it is */

struct lister {
    const struct vba_reader *reader;
    const struct vba_names *names;
    struct hn_bytes stream;
    struct vba_tables tables;
    struct hn_buf *buf;
    struct vba_traces *traces;
    uint64_t lines_at; /* the table of lines, 12 bytes each */
    uint64_t code_at;
    uint32_t line_count;
};

/* By how much numbers up to `last` are moved. */
struct shift {
    uint16_t last;
    uint16_t by;
};

static uint32_t to_vba7(const struct vba_names *names, uint32_t op)
{
    static const struct shift vba5[] = { { 68, 0 }, { 71, 1 }, { 112, 3 }, { 151, 7 }, { 165, 8 },
        { 167, 9 }, { 170, 10 }, { UINT16_MAX, 11 } };
    static const struct shift vba6[] = { { 173, 0 }, { 175, 1 }, { 178, 2 }, { UINT16_MAX, 3 } };
    const struct shift *shift = names->vba == 5 ? vba5 : vba6;

    if (names->vba != 5 && names->wide)
        return op;
    while (op > shift->last)
        shift++;
    return op + shift->by;
}

/* ---- Where things are in the stream ---- */

static struct hn_bytes table_at(const struct lister *l, uint64_t at)
{
    uint32_t len = vba_u32_at(l->stream, at, l->names->big_endian);

    if (at + 4 > l->stream.len)
        return hn_bytes_of("", 0);
    if (len > l->stream.len - at - 4)
        len = (uint32_t)(l->stream.len - at - 4);
    return hn_bytes_of(l->stream.ptr + at + 4, len);
}

static uint64_t skip_sized(const struct lister *l, uint64_t at, bool dword, uint64_t element)
{
    if (dword)
        return at + 4 + vba_u32_at(l->stream, at, l->names->big_endian) * element;
    return at + 2 + vba_u16_at(l->stream, at, l->names->big_endian) * element;
}

/* The tables, and the offset of the number that leads to the code. */
static uint64_t find_tables(struct lister *l)
{
    bool big = l->names->big_endian;
    uint64_t at;

    if (l->names->vba >= 6) {
        unsigned wide = l->names->wide ? 4 : 0;

        l->tables.declarations = table_at(l, 0x3F + wide);
        l->tables.indirect = table_at(
                l, (uint64_t)vba_u32_at(l->stream, 0x11, big) + (l->names->wide ? 12 : 10));
        l->tables.objects = table_at(l, (uint64_t)vba_u32_at(l->stream, 0x05, big) + 0x8A);
        return 0x19;
    }
    at = 11;
    l->tables.declarations = table_at(l, at);
    at = skip_sized(l, at, true, 1) + 64;
    at = skip_sized(l, at, false, 16);
    at = skip_sized(l, at, true, 1) + 6;
    at = skip_sized(l, at, true, 1);
    l->tables.indirect = table_at(l, (uint64_t)vba_u32_at(l->stream, at + 8, big) + 10);
    l->tables.objects = table_at(l, (uint64_t)vba_u32_at(l->stream, at, big) + 0x8A);
    return at + 77;
}

static bool find_lines(struct lister *l)
{
    bool big = l->names->big_endian;
    uint64_t at = (uint64_t)vba_u32_at(l->stream, find_tables(l), big) + 0x3C;

    if (vba_u16_at(l->stream, at, big) != 0xCAFE)
        return false;
    l->line_count = vba_u16_at(l->stream, at + 4, big);
    l->lines_at = at + 6;
    l->code_at = l->lines_at + (uint64_t)l->line_count * 12 + 10;
    return l->code_at <= l->stream.len;
}

/* ---- Traces ---- */

static void trace_name(struct lister *l, size_t index)
{
    size_t *place;

    if (index == SIZE_MAX || (l->traces->seen[index / 8] & 1u << index % 8) != 0)
        return;
    l->traces->seen[index / 8] |= (uint8_t)(1u << index % 8);
    place = hn_vec_add(&l->traces->names);
    if (place == NULL)
        l->traces->failed = true;
    else
        *place = index;
}

static void trace_string(struct lister *l, struct hn_bytes string)
{
    struct hn_bytes *place = hn_vec_add(&l->traces->strings);

    if (place == NULL)
        l->traces->failed = true;
    else
        *place = string;
}

/* ---- One instruction ---- */

struct instruction {
    const struct vba_op *op;
    unsigned kind; /* six bits beside the number */
};

static bool is_op(const struct instruction *in, const char *name)
{
    return strcmp(in->op->name, name) == 0;
}

static void write_dim_kind(struct hn_buf *buf, const struct instruction *in)
{
    const char *scope = (in->kind & 0x04) != 0   ? "Global"
                        : (in->kind & 0x08) != 0 ? "Public"
                        : (in->kind & 0x10) != 0 ? "Private"
                        : (in->kind & 0x20) != 0 ? "Static"
                                                 : "";
    bool constant = (in->kind & 1) != 0 && !is_op(in, "Type");

    if (*scope != 0 || constant)
        hn_buf_addf(buf, "(%s%s%s) ", scope, *scope != 0 && constant ? " " : "",
                constant ? "Const" : "");
}

static void write_kind(struct lister *l, struct instruction *in)
{
    static const char *const types[] = { "Var", "?", "Int", "Lng", "Sng", "Dbl", "Cur", "Date",
        "Str", "Obj", "Err", "Bool", "Var" };
    static const char *const specials[] = { "False", "True", "Null", "Empty" };
    static const char *const options[] = { "Base 0", "Base 1", "Compare Text", "Compare Binary",
        "Explicit", "Private Module" };
    unsigned kind = in->kind;

    if (is_op(in, "Coerce") || is_op(in, "CoerceVar") || is_op(in, "DefType")) {
        if (kind < HN_COUNT_OF(types))
            hn_buf_addf(l->buf, "(%s) ", types[kind]);
        else if (kind == 17)
            hn_buf_add_lit(l->buf, "(Byte) ");
        else
            hn_buf_addf(l->buf, "(%u) ", kind);
    } else if (is_op(in, "Dim") || is_op(in, "DimImplicit") || is_op(in, "Type")) {
        write_dim_kind(l->buf, in);
    } else if (is_op(in, "LitVarSpecial") && kind < HN_COUNT_OF(specials)) {
        hn_buf_addf(l->buf, "(%s)", specials[kind]);
    } else if (is_op(in, "ArgsCall") || is_op(in, "ArgsMemCall") || is_op(in, "ArgsMemCallWith")) {
        if (kind < 16)
            hn_buf_add_lit(l->buf, "(Call) ");
        else
            in->kind -= 16;
    } else if (is_op(in, "Option") && kind < HN_COUNT_OF(options)) {
        hn_buf_addf(l->buf, " (%s)", options[kind]);
    } else if ((is_op(in, "Redim") || is_op(in, "RedimAs")) && (kind & 16) != 0) {
        hn_buf_add_lit(l->buf, "(Preserve) ");
    }
}

static void write_identifier(struct lister *l, const struct instruction *in, uint16_t code)
{
    static const char marks[][2] = { "", "?", "%", "&", "!", "#", "@", "?", "$", "?", "?", "?", "?",
        "?" };
    size_t index;
    struct hn_text name = vba_name_get(l->names, code, &index);
    bool error = is_op(in, "OnError");

    trace_name(l, index);
    if (error && (in->kind == 1 || in->kind == 2)) {
        hn_buf_add_cstr(l->buf, in->kind == 1 ? "(Resume Next) " : "(GoTo 0) ");
        return;
    }
    if (is_op(in, "Resume") && in->kind != 0) {
        hn_buf_add_cstr(l->buf, in->kind == 1 ? "(Next) " : " ");
        return;
    }
    if (in->kind == 32)
        hn_buf_add_char(l->buf, '[');
    if (code == NAME_ME)
        hn_buf_add_lit(l->buf, "Me");
    else if (name.len == 0)
        hn_buf_addf(l->buf, "id_%04X", code);
    else
        hn_buf_add_text(l->buf, name);
    if (in->kind == 32)
        hn_buf_add_char(l->buf, ']');
    else if (in->kind < HN_COUNT_OF(marks) && !error)
        hn_buf_add_cstr(l->buf, marks[in->kind]);
    hn_buf_add_char(l->buf, ' ');
}

static void write_open_mode(struct hn_buf *buf, uint16_t mode)
{
    static const char *const accesses[] = { "Read", "Write", "Read Write" };
    static const char *const locks[] = { "Read Write", "Write", "Read" };
    unsigned access = mode >> 8 & 0xF;
    unsigned lock = mode >> 12;

    hn_buf_add_lit(buf, "(For ");
    hn_buf_add_cstr(buf, (mode & 0x01) != 0          ? "Input"
                         : (mode & 0x02) != 0        ? "Output"
                         : (mode & 0x04) != 0        ? "Random"
                         : (mode & 0x08) != 0        ? "Append"
                         : (mode & 0x00FF) == 0x0020 ? "Binary"
                                                     : "");
    if (access != 0 && access <= HN_COUNT_OF(accesses))
        hn_buf_addf(buf, " Access %s", accesses[access - 1]);
    if ((lock & 4) != 0)
        hn_buf_add_lit(buf, " Shared");
    else if (lock != 0)
        hn_buf_addf(buf, " Lock %s", locks[lock - 1]);
    hn_buf_add_char(buf, ')');
}

static void write_number(struct lister *l, const struct instruction *in, char operand, uint16_t n)
{
    if (is_op(in, "Open"))
        write_open_mode(l->buf, n);
    else if (operand == 'i' && l->tables.objects.len >= (size_t)n / 4 * 10 + 8)
        vba_write_class(l->buf, l->names, &l->tables, n);
    else
        hn_buf_addf(l->buf, "%s%04X ", operand == 'i' ? "imp_" : "0x", n);
}

static const char *pointer_prefix(char operand)
{
    static const char operands[] = "rtfv";
    static const char *const prefixes[] = { "rec_", "type_", "func_", "var_", "context_" };
    size_t i = 0;

    while (i < sizeof operands - 1 && operands[i] != operand)
        i++;
    return prefixes[i];
}

/* An operand of 32 bits. */
static void write_pointer(struct lister *l, const struct instruction *in, char operand, uint32_t at)
{
    size_t room = at < l->tables.indirect.len ? l->tables.indirect.len - at : 0;

    if (operand == 'r' && room >= 20) {
        vba_write_record(l->buf, l->names, &l->tables, at);
    } else if (operand == 't' && room >= 7) {
        vba_write_type(l->buf, &l->tables, at);
    } else if (operand == 'f' && room >= 61) {
        vba_write_function(l->buf, l->names, &l->tables, at, in->kind);
    } else if (operand == 'v' && room >= 16) {
        if ((in->kind & 0x20) != 0)
            hn_buf_add_lit(l->buf, "(WithEvents) ");
        vba_write_variable(l->buf, l->names, &l->tables, at);
    } else {
        hn_buf_addf(l->buf, "%s%08X ", pointer_prefix(operand), at);
    }
}

static void write_tail(struct lister *l, const struct instruction *in, struct hn_bytes tail)
{
    hn_buf_addf(l->buf, "0x%04zX ", tail.len);
    if (is_op(in, "LitStr") || is_op(in, "QuoteRem") || is_op(in, "Rem") || is_op(in, "Reparse")) {
        hn_buf_add_char(l->buf, '"');
        (void)hn_codepage_to_utf8(l->buf, l->reader->project.codepage, tail);
        hn_buf_add_char(l->buf, '"');
        if (is_op(in, "LitStr"))
            trace_string(l, tail);
    } else if (is_op(in, "OnGosub") || is_op(in, "OnGoto")) {
        for (size_t i = 0; i + 1 < tail.len; i += 2) {
            size_t index;

            hn_buf_add_cstr(l->buf, i == 0 ? "" : ", ");
            hn_buf_add_text(
                    l->buf, vba_name_get(l->names, vba_load_u16(tail.ptr + i, l->names->big_endian),
                                    &index));
        }
        hn_buf_add_char(l->buf, ' ');
    } else {
        for (size_t i = 0; i < tail.len; i++)
            hn_buf_addf(l->buf, i == 0 ? "%02X" : " %02X", tail.ptr[i]);
    }
}

static uint16_t take_u16(struct lister *l, struct hn_reader *r)
{
    struct hn_bytes b = hn_reader_take(r, 2);

    return b.len == 2 ? vba_load_u16(b.ptr, l->names->big_endian) : 0;
}

static uint32_t take_u32(struct lister *l, struct hn_reader *r)
{
    struct hn_bytes b = hn_reader_take(r, 4);

    return b.len == 4 ? vba_load_u32(b.ptr, l->names->big_endian) : 0;
}

static void write_operand(
        struct lister *l, struct hn_reader *r, const struct instruction *in, char operand)
{
    if (operand == 'n') {
        write_identifier(l, in, take_u16(l, r));
    } else if (operand == 'w' || operand == 'i') {
        write_number(l, in, operand, take_u16(l, r));
    } else if (operand == '*') {
        uint16_t len = take_u16(l, r);
        struct hn_bytes tail = hn_reader_take(r, len);

        if (len % 2 == 1 && hn_reader_left(r) > 0)
            hn_reader_skip(r, 1);
        if (hn_reader_ok(r))
            write_tail(l, in, tail);
    } else {
        write_pointer(l, in, operand, take_u32(l, r));
        if (operand == 'v' && (in->kind & 0x10) != 0)
            hn_buf_addf(l->buf, " 0x%04X", take_u16(l, r));
        if (operand == 'c' && l->names->wide)
            hn_buf_addf(l->buf, "%08X ", take_u32(l, r));
    }
}

/* Calls, stores and members: what an empty procedure has none of. */
static bool acts(const struct vba_op *op)
{
    return strncmp(op->name, "Args", 4) == 0 || strncmp(op->name, "Mem", 3) == 0 ||
           strcmp(op->name, "St") == 0 || strcmp(op->name, "LitStr") == 0;
}

/* False when the line holds something that is not known, or does not end where it says. */
static bool line_list(struct lister *l, struct hn_bytes line)
{
    struct hn_reader r = hn_reader_over(line);

    while (hn_reader_left(&r) > 0 && hn_buf_ok(l->buf)) {
        uint16_t word = take_u16(l, &r);
        uint32_t number = to_vba7(l->names, word & 0x3FF);
        struct instruction in = { .kind = word >> 10 };

        if (!hn_reader_ok(&r) || number >= VBA_OPS) {
            hn_buf_addf(l->buf, "\t?%04X\n", word);
            return false;
        }
        in.op = &vba_ops[number];
        hn_buf_addf(l->buf, "\t%s ", in.op->name);
        write_kind(l, &in);
        for (const char *operand = in.op->operands; *operand != 0; operand++)
            write_operand(l, &r, &in, *operand);
        hn_buf_add_char(l->buf, '\n');
        if (acts(in.op))
            l->traces->actions++;
        if (!hn_reader_ok(&r))
            return false;
    }
    return true;
}

void vba_pcode_list(const struct vba_reader *reader, const struct vba_names *names,
        struct hn_bytes stream, struct hn_buf *buf, struct vba_pcode *pcode,
        struct vba_traces *traces)
{
    struct lister l = {
        .reader = reader, .names = names, .stream = stream, .buf = buf, .traces = traces
    };

    if (names->vba == 0 || !find_lines(&l))
        return;
    pcode->whole = true;
    for (uint32_t i = 0; i < l.line_count && hn_buf_ok(buf); i++) {
        uint64_t at = l.lines_at + (uint64_t)i * 12;
        uint16_t len = vba_u16_at(stream, at + 4, names->big_endian);
        uint64_t code = l.code_at + vba_u32_at(stream, at + 8, names->big_endian);

        hn_buf_addf(buf, "Line #%u:\n", i);
        if (len == 0)
            continue;
        pcode->present = true;
        pcode->line_count++;
        if (code > stream.len || len > stream.len - code ||
                !line_list(&l, hn_bytes_of(stream.ptr + code, len)))
            pcode->whole = false;
    }
    if (!hn_buf_ok(buf))
        pcode->whole = false;
}
