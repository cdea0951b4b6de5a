/* office_look.c - how cells look, collected and written; see office_look.h. */
#include "office/office_look.h"

#include "office/office_xlm.h"

#include <math.h>

void office_looks_deinit(struct office_looks *looks)
{
    hn_vec_deinit(&looks->fonts);
    hn_vec_deinit(&looks->formats);
    hn_vec_deinit(&looks->looks);
}

void office_look_font(struct office_looks *looks, const struct office_font *font)
{
    struct office_font *kept =
            looks->fonts.count < OFFICE_LOOK_MAX ? hn_vec_add(&looks->fonts) : NULL;

    if (kept != NULL)
        *kept = *font;
    else
        looks->nomem |= looks->fonts.count < OFFICE_LOOK_MAX;
}

void office_look_format(struct office_looks *looks, const struct office_format *format)
{
    struct office_format *kept =
            looks->formats.count < OFFICE_LOOK_MAX ? hn_vec_add(&looks->formats) : NULL;

    if (kept != NULL)
        *kept = *format;
    else
        looks->nomem |= looks->formats.count < OFFICE_LOOK_MAX;
}

void office_look_add(struct office_looks *looks, const struct office_look *look)
{
    struct office_look *kept;

    if (look->of == OFFICE_LOOK_CELL && look->format == looks->plain)
        return;
    kept = looks->looks.count < OFFICE_LOOK_MAX ? hn_vec_add(&looks->looks) : NULL;
    if (kept != NULL)
        *kept = *look;
    else
        looks->nomem |= looks->looks.count < OFFICE_LOOK_MAX;
}

double office_look_characters(double width)
{
    return width > 1.0 ? floor((width * 7.0 - 5.0) / 7.0 * 100.0 + 0.5) / 100.0 : 0.0;
}

/* ---- Colours and number formats ---- */

static const uint32_t palette[56] = { 0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00,
    0xFF00FF, 0x00FFFF, 0x800000, 0x008000, 0x000080, 0x808000, 0x800080, 0x008080, 0xC0C0C0,
    0x808080, 0x9999FF, 0x993366, 0xFFFFCC, 0xCCFFFF, 0x660066, 0xFF8080, 0x0066CC, 0xCCCCFF,
    0x000080, 0xFF00FF, 0xFFFF00, 0x00FFFF, 0x800080, 0x800000, 0x008080, 0x0000FF, 0x00CCFF,
    0xCCFFFF, 0xCCFFCC, 0xFFFF99, 0x99CCFF, 0xFF99CC, 0xCC99FF, 0xFFCC99, 0x3366FF, 0x33CCCC,
    0x99CC00, 0xFFCC00, 0xFF9900, 0xFF6600, 0x666699, 0x969696, 0x003366, 0x339966, 0x003300,
    0x333300, 0x993300, 0x993366, 0x333399, 0x333333 };

uint8_t office_look_indexed(uint32_t index)
{
    if (index < 8)
        return (uint8_t)(index + 1);
    return index < 64 ? (uint8_t)(index - 7) : 0;
}

uint8_t office_look_rgb(uint32_t rgb)
{
    for (size_t i = 0; i < HN_COUNT_OF(palette); i++)
        if (palette[i] == (rgb & 0xFFFFFF))
            return (uint8_t)(i + 1);
    return OFFICE_LOOK_NO_COLOR;
}

struct hn_text office_look_number(uint32_t id)
{
    static const struct {
        uint32_t id;
        struct hn_text text;
    } formats[] = { { 0, HN_TEXT_INIT("General") }, { 1, HN_TEXT_INIT("0") },
        { 2, HN_TEXT_INIT("0.00") }, { 3, HN_TEXT_INIT("#,##0") }, { 4, HN_TEXT_INIT("#,##0.00") },
        { 9, HN_TEXT_INIT("0%") }, { 10, HN_TEXT_INIT("0.00%") }, { 11, HN_TEXT_INIT("0.00E+00") },
        { 12, HN_TEXT_INIT("# ?/?") }, { 49, HN_TEXT_INIT("@") } };

    for (size_t i = 0; i < HN_COUNT_OF(formats); i++)
        if (formats[i].id == id)
            return formats[i].text;
    return HN_TEXT("");
}

/* ---- Writing ---- */

static void add_number(struct office *o, struct hn_buf *out, unsigned kind, double value)
{
    hn_buf_addf(out, " %u=%.*s", kind, HN_TEXT_ARG(office_xlm_number(o, value)));
}

static void add_truth(struct hn_buf *out, unsigned kind, bool truth)
{
    hn_buf_addf(out, " %u=%s", kind, truth ? "TRUE" : "FALSE");
}

static void add_color(struct office *o, struct hn_buf *out, unsigned kind, uint8_t color)
{
    if (color != OFFICE_LOOK_NO_COLOR)
        add_number(o, out, kind, color);
}

/* The numbers are those of GET.CELL(). */
static void add_format(struct office_xlm *m, struct hn_buf *out, uint32_t index)
{
    const struct office_looks *looks = &m->looks;
    const struct office_format *format =
            index < looks->formats.count ? &looks->formats.ptr[index] : NULL;
    const struct office_font *font = format != NULL && format->font < looks->fonts.count
                                             ? &looks->fonts.ptr[format->font]
                                             : NULL;

    if (format == NULL)
        return;
    if (format->number.len > 0)
        hn_buf_addf(out, " 7=%.*s", HN_TEXT_ARG(office_xlm_quoted(m->o, format->number)));
    add_number(m->o, out, 8, format->horizontal + 1);
    add_truth(out, 14, !format->unlocked);
    add_truth(out, 15, format->hidden);
    if (font != NULL) {
        if (font->name.len > 0)
            hn_buf_addf(out, " 18=%.*s", HN_TEXT_ARG(office_xlm_quoted(m->o, font->name)));
        add_number(m->o, out, 19, font->points);
        add_truth(out, 20, font->bold);
        add_truth(out, 21, font->italic);
        add_truth(out, 22, font->underlined);
        add_truth(out, 23, font->struck);
        add_color(m->o, out, 24, font->color);
    }
    add_color(m->o, out, 38, format->fill);
    add_number(m->o, out, 50, format->vertical + 1);
    add_color(m->o, out, 63, format->fill);
}

static void write_look(struct office_xlm *m, struct hn_buf *out, const struct office_look *look)
{
    if (look->sheet >= m->sheets.count ||
            (look->of == OFFICE_LOOK_CELL && look->format >= m->looks.formats.count))
        return;
    hn_buf_add_lit(out, "LOOK ");
    office_xlm_add_sheet(out, HN_TEXT(""), m->sheets.ptr[look->sheet].name);
    hn_buf_add_char(out, '!');
    office_xlm_add_column(out, look->of == OFFICE_LOOK_ROW ? 0 : look->column);
    hn_buf_add_u64(out, look->of == OFFICE_LOOK_COLUMN ? 1 : (uint64_t)look->row + 1);
    if (look->of == OFFICE_LOOK_CELL)
        add_format(m, out, look->format);
    else
        add_number(m->o, out, look->of == OFFICE_LOOK_ROW ? 17 : 16, look->size);
    hn_buf_add_char(out, '\n');
}

/* Only who asks for looks is told of them; formulas that are made of pieces may ask. */
static bool is_asked(struct hn_text text)
{
    return hn_text_find(text, HN_TEXT("GET.CELL("), 0) != SIZE_MAX ||
           hn_text_find(text, HN_TEXT("=FORMULA"), 0) != SIZE_MAX;
}

void office_look_write(struct office_xlm *m, struct hn_buf *out)
{
    const struct office_looks *looks = &m->looks;

    m->o->nomem |= looks->nomem;
    if (looks->formats.count + looks->looks.count == 0 || !is_asked(hn_buf_text(out)))
        return;
    for (size_t i = 0; looks->formats.count > 0 && i < m->sheets.count; i++) {
        hn_buf_add_lit(out, "LOOKS ");
        office_xlm_add_sheet(out, HN_TEXT(""), m->sheets.ptr[i].name);
        if (looks->column_characters > 0.0)
            add_number(m->o, out, 16, looks->column_characters);
        if (looks->row_points > 0.0)
            add_number(m->o, out, 17, looks->row_points);
        add_format(m, out, looks->plain);
        hn_buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < looks->looks.count; i++)
        write_look(m, out, &looks->looks.ptr[i]);
}
