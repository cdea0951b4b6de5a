/* vba_pcode_write.c - operands of p-code that point into a module's tables: functions with their
 * arguments, variables, records, types. For reading by people; where a table is cut off or a layout
 * not known, what is known is written. */
#include "vba/vba_pcode.h"

#define NO_NAME       0xFFFEu
#define ARGUMENTS_MAX 64u

static const char *const type_names[] = { "", "Null", "Integer", "Long", "Single", "Double",
    "Currency", "Date", "String", "Object", "Error", "Boolean", "Variant", "", "Decimal", "", "",
    "Byte" };

static uint8_t u8_at(struct hn_bytes bytes, uint64_t at)
{
    return at < bytes.len ? bytes.ptr[at] : 0;
}

void vba_write_name(
        struct hn_buf *buf, const struct vba_names *names, struct hn_bytes table, uint64_t at)
{
    size_t index;
    uint16_t code = vba_u16_at(table, at, names->big_endian);
    struct hn_text name = vba_name_get(names, code, &index);

    if (name.len == 0)
        hn_buf_addf(buf, "id_%04X", code);
    else
        hn_buf_add_text(buf, name);
}

static const char *type_name(uint32_t type)
{
    type &= 0x1F;
    return type < HN_COUNT_OF(type_names) ? type_names[type] : "";
}

void vba_write_type(struct hn_buf *buf, const struct vba_tables *tables, uint32_t at)
{
    uint8_t type = u8_at(tables->indirect, (uint64_t)at + 6);

    if (type < HN_COUNT_OF(type_names))
        hn_buf_addf(buf, "(As %s)", type_names[type]);
    else
        hn_buf_addf(buf, "(As type_%08X)", at);
}

void vba_write_record(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint32_t at)
{
    if ((vba_u16_at(tables->indirect, (uint64_t)at + 18, names->big_endian) & 1) == 0)
        hn_buf_add_lit(buf, "(Private) ");
    vba_write_name(buf, names, tables->indirect, (uint64_t)at + 2);
}

/* A class, by its place in the table of objects. Those named with their library (flag 2) and those
 * of some versions stand elsewhere, nobody knows where: a question mark rather than a wrong name.
 */
void vba_write_class(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint16_t place)
{
    uint64_t object = (uint64_t)place / 4 * 10;
    size_t index;
    struct hn_text name =
            vba_name_get(names, vba_u16_at(tables->objects, object + 6, names->big_endian), &index);

    if (index == SIZE_MAX)
        hn_buf_add_char(buf, '?');
    else
        hn_buf_add_text(buf, name);
}

/* A class or record that a variable is declared as. */
static void write_object_type(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint64_t at)
{
    bool big = names->big_endian;
    uint32_t description = vba_u32_at(tables->indirect, at, big);
    uint16_t object;
    uint8_t type;

    if (names->wide) { /* not known */
        hn_buf_add_lit(buf, "As ?");
        return;
    }
    if ((vba_u16_at(tables->indirect, description, big) & 2) != 0) {
        type = u8_at(tables->indirect, (uint64_t)description + 6);
        if (type < HN_COUNT_OF(type_names))
            hn_buf_addf(buf, "As %s", type_names[type]);
        else
            hn_buf_addf(buf, "As type_%08X", description);
        return;
    }
    object = vba_u16_at(tables->indirect, (uint64_t)description + 2, big);
    hn_buf_add_lit(buf, "As ");
    vba_write_class(buf, names, tables, object);
}

/* What a variable, an argument or a function is: a type of the language, or a class. */
static void write_as(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint64_t at)
{
    if (vba_u16_at(tables->indirect, at + 2, names->big_endian) == 0xFFFF)
        hn_buf_addf(buf, "As %s", type_name(u8_at(tables->indirect, at)));
    else
        write_object_type(buf, names, tables, at);
}

void vba_write_variable(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint32_t at)
{
    bool has_as = (u8_at(tables->indirect, at) & 0x20) != 0;
    bool has_new = (u8_at(tables->indirect, (uint64_t)at + 1) & 0x20) != 0;
    uint64_t type_at = (uint64_t)at + (names->wide ? 16 : 12);
    size_t before;
    size_t inner;

    vba_write_name(buf, names, tables->indirect, (uint64_t)at + 2);
    before = buf->len;
    hn_buf_add_lit(buf, " (");
    inner = buf->len;
    if (has_new)
        hn_buf_add_cstr(buf, has_as ? "New " : "New");
    if (has_as)
        write_as(buf, names, tables, type_at);
    if (buf->len == inner)
        buf->len = before; /* nothing to say in brackets */
    else
        hn_buf_add_char(buf, ')');
}

static void write_argument(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint64_t at)
{
    unsigned wide = names->wide ? 4 : 0;
    uint16_t flags = vba_u16_at(tables->indirect, at, names->big_endian);
    uint16_t options = vba_u16_at(tables->indirect, at + wide + 24, names->big_endian);

    if ((options & 0x0200) != 0)
        hn_buf_add_lit(buf, "Optional ");
    if ((options & 0x0002) != 0)
        hn_buf_add_lit(buf, "ByRef ");
    if ((options & 0x0004) != 0)
        hn_buf_add_lit(buf, "ByVal ");
    vba_write_name(buf, names, tables->indirect, at + 2);
    if ((flags & 0x0020) == 0)
        return;
    hn_buf_add_char(buf, ' ');
    write_as(buf, names, tables, at + wide + 12);
}

static void write_kind(struct hn_buf *buf, uint16_t flags, unsigned kind)
{
    if ((flags & 0x1000) != 0)
        hn_buf_add_cstr(buf, kind == 2 || kind == 6 ? "Function " : "Sub ");
    else if ((flags & 0x2000) != 0)
        hn_buf_add_lit(buf, "Property Get ");
    else if ((flags & 0x4000) != 0)
        hn_buf_add_lit(buf, "Property Let ");
    else if ((flags & 0x8000) != 0)
        hn_buf_add_lit(buf, "Property Set ");
}

/* What stands before the name. Returns whether it is a Declare, whose library follows. */
static bool write_attributes(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint64_t at, uint64_t rest, unsigned kind)
{
    uint16_t flags = vba_u16_at(tables->indirect, at, names->big_endian);
    uint8_t newer = u8_at(tables->indirect, rest + 57);
    bool declare = (u8_at(tables->indirect, rest + 54) & 0x90) == 0 && !names->wide &&
                   vba_u16_at(tables->indirect, rest + 44, names->big_endian) != 0xFFFF;

    if (names->vba > 5) {
        if ((newer & 2) == 0 && !names->wide)
            hn_buf_add_lit(buf, "Private ");
        if ((newer & 4) != 0)
            hn_buf_add_lit(buf, "Friend ");
    } else if ((flags & 0x0008) == 0) {
        hn_buf_add_lit(buf, "Private ");
    }
    if ((kind & 4) != 0)
        hn_buf_add_lit(buf, "Public ");
    if ((flags & 0x0080) != 0)
        hn_buf_add_lit(buf, "Static ");
    if (declare)
        hn_buf_add_lit(buf, "Declare ");
    if (names->vba > 5 && (newer & 0x20) != 0)
        hn_buf_add_lit(buf, "PtrSafe ");
    write_kind(buf, flags, kind);
    return declare;
}

void vba_write_function(struct hn_buf *buf, const struct vba_names *names,
        const struct vba_tables *tables, uint32_t at, unsigned kind)
{
    bool big = names->big_endian;
    uint64_t rest = (uint64_t)at + (names->vba > 5 ? 4 : 0) + (names->wide ? 16 : 0);
    uint32_t argument = vba_u32_at(tables->indirect, rest + 36, big);
    bool declare;

    hn_buf_add_char(buf, '(');
    declare = write_attributes(buf, names, tables, at, rest, kind);
    vba_write_name(buf, names, tables->indirect, (uint64_t)at + 2);
    if (declare) {
        uint64_t library = vba_u16_at(tables->indirect, rest + 44, big);

        hn_buf_add_lit(buf, " Lib \"");
        vba_write_name(buf, names, tables->declarations, library + 2);
        hn_buf_add_lit(buf, "\" ");
    }
    hn_buf_add_char(buf, '(');
    for (unsigned i = 0; i < ARGUMENTS_MAX && argument != 0 && argument != UINT32_MAX &&
                         (uint64_t)argument + 26 < tables->indirect.len;
            i++) {
        /* The value that a function returns is its last argument, and has no name. */
        if (vba_u16_at(tables->indirect, (uint64_t)argument + 2, big) >= NO_NAME)
            break;
        if (i != 0)
            hn_buf_add_lit(buf, ", ");
        write_argument(buf, names, tables, argument);
        argument = vba_u32_at(tables->indirect, (uint64_t)argument + 20, big);
    }
    hn_buf_add_char(buf, ')');
    if ((vba_u16_at(tables->indirect, at, big) & 0x0020) != 0) {
        hn_buf_add_char(buf, ' ');
        write_as(buf, names, tables, rest + 40);
    }
    hn_buf_add_char(buf, ')');
}
