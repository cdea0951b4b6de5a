/* office_art.c - drawings of the binary documents: the names and alternative texts of shapes. */
#include "office/office_internal.h"

enum { ART_OPT = 0xF00B, ART_OPT_MORE = 0xF122, ART_NAME = 0x0380, ART_DESCRIPTION = 0x0381 };

void office_art_properties(struct office_art *art, struct hn_bytes data, uint32_t count)
{
    struct hn_reader table = hn_reader_over(data);
    struct hn_reader complex = hn_reader_over(data);
    struct hn_text description = HN_TEXT("");
    struct hn_text name = HN_TEXT("");

    hn_reader_skip(&complex, (size_t)count * 6);
    for (uint32_t i = 0; i < count && hn_reader_ok(&table) && hn_reader_ok(&complex); i++) {
        uint16_t id = hn_reader_u16(&table);
        uint32_t value = hn_reader_u32(&table);
        struct hn_bytes bytes;

        if ((id & 0x8000) == 0) /* the value stands in the table itself */
            continue;
        bytes = hn_reader_take(&complex, value);
        if ((id & 0x3FFF) == ART_NAME)
            name = office_cut(office_utf16(art->o, bytes));
        else if ((id & 0x3FFF) == ART_DESCRIPTION)
            description = office_cut(office_utf16(art->o, bytes));
    }
    art->count++;
    art->name = name;
    if (description.len == 0)
        return;
    office_store(art->o, office_print(art->o, "%s(%lu).AlternativeText", art->owner, art->count),
            description);
    if (name.len > 0)
        office_store(
                art->o, office_member(art->o, art->owner, name, ".AlternativeText"), description);
    office_say(art->o, "alternative text", description);
}

void office_art_walk(struct office_art *art, struct hn_bytes bytes)
{
    struct hn_reader r = hn_reader_over(bytes);

    while (hn_reader_left(&r) >= 8) {
        uint16_t head = hn_reader_u16(&r);
        uint16_t type = hn_reader_u16(&r);
        uint32_t len = hn_reader_u32(&r);

        if (type < 0xF000) { /* Word puts a byte between drawings: look again one further */
            hn_reader_seek(&r, hn_reader_offset(&r) - 7);
            continue;
        }
        if ((head & 0xF) == 0xF) /* a container: go in */
            continue;
        if (len > hn_reader_left(&r))
            return;
        if (type == ART_OPT || type == ART_OPT_MORE)
            office_art_properties(art, hn_reader_take(&r, len), head >> 4);
        else
            hn_reader_skip(&r, len);
    }
}
