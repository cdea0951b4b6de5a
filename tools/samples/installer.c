/* installer.c - a package of Windows Installer whose custom actions ask for the URLs of a sample:
 * as a script in the table, as a script in a stream, or as a command line. */
#include "samples_internal.h"

#include "base/attr.h"
#include "base/utf.h"
#include "support/cfb_writer.h"

#include <stdio.h>

#define STRINGS_MAX 32u
#define TYPE_TEXT   0x0D00u /* a string, localisable or not; its length in the low byte */
#define TYPE_KEY    0x2000u
#define TYPE_NUMBER 0x0502u
#define TYPE_NULL   0x1000u

struct strings {
    struct hn_buf items[STRINGS_MAX];
    uint32_t count; /* from 1: 0 is no string */
};

static void put(struct hn_buf *out, uint32_t value)
{
    hn_buf_add_char(out, (char)(uint8_t)value);
    hn_buf_add_char(out, (char)(uint8_t)(value >> 8));
}

static uint32_t string_of(struct strings *strings, struct hn_text text)
{
    for (uint32_t i = 1; i <= strings->count; i++)
        if (hn_text_eq(hn_buf_text(&strings->items[i]), text))
            return i;
    hn_buf_add_text(&strings->items[++strings->count], text);
    return strings->count;
}

/* Letters of a name in pairs, from U+3800 on; a single one from U+4800 on; U+4840 for a table. */
static void coded_name(char *out, size_t size, const char *name, bool table)
{
    static const char letters[] =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    struct hn_buf coded = { 0 };

    if (table)
        hn_buf_add_utf8(&coded, 0x4840);
    while (*name != '\0') {
        const char *first = strchr(letters, name[0]);
        const char *second = name[1] != '\0' ? strchr(letters, name[1]) : NULL;
        uint32_t low = first != NULL ? (uint32_t)(first - letters) : 0;

        if (second == NULL) {
            hn_buf_add_utf8(&coded, 0x4800 + low);
            break;
        }
        hn_buf_add_utf8(&coded, 0x3800 + (((uint32_t)(second - letters) << 6) | low));
        name += 2;
    }
    (void)snprintf(out, size, "%.*s", HN_TEXT_ARG(hn_buf_text(&coded)));
    hn_buf_deinit(&coded);
}

static void put_table(struct cfb_writer *cfb, const char *name, struct hn_buf *bytes)
{
    char coded[128];

    coded_name(coded, sizeof coded, name, true);
    cfb_writer_stream(cfb, coded, hn_bytes_of(bytes->ptr, bytes->len));
    hn_buf_deinit(bytes);
}

/* _Columns: table, number, name, type, each column of the table in one piece. */
static void put_columns(struct cfb_writer *cfb, struct strings *strings)
{
    static const struct {
        const char *table;
        const char *name;
        uint32_t number;
        uint32_t type;
    } columns[] = {
        { "Binary", "Name", 1, TYPE_TEXT | TYPE_KEY | 72 },
        { "Binary", "Data", 2, 0x0900 },
        { "CustomAction", "Action", 1, TYPE_TEXT | TYPE_KEY | 72 },
        { "CustomAction", "Type", 2, TYPE_NUMBER },
        { "CustomAction", "Source", 3, TYPE_TEXT | TYPE_NULL | 72 },
        { "CustomAction", "Target", 4, TYPE_TEXT | TYPE_NULL | 255 },
        { "Property", "Property", 1, TYPE_TEXT | TYPE_KEY | 72 },
        { "Property", "Value", 2, 0x0F00 },
    };
    struct hn_buf out = { 0 };

    for (unsigned part = 0; part < 4; part++) {
        for (size_t i = 0; i < HN_COUNT_OF(columns); i++) {
            if (part == 0)
                put(&out, string_of(strings, hn_text_cstr(columns[i].table)));
            else if (part == 1)
                put(&out, columns[i].number | 0x8000u);
            else if (part == 2)
                put(&out, string_of(strings, hn_text_cstr(columns[i].name)));
            else
                put(&out, columns[i].type | 0x8000u);
        }
    }
    put_table(cfb, "_Columns", &out);
}

static void put_strings(struct cfb_writer *cfb, const struct strings *strings)
{
    struct hn_buf pool = { 0 };
    struct hn_buf data = { 0 };

    put(&pool, 65001); /* UTF-8 */
    put(&pool, 0);
    for (uint32_t i = 1; i <= strings->count; i++) {
        struct hn_text text = hn_buf_text(&strings->items[i]);

        if (text.len > UINT16_MAX) { /* its length in an entry of its own */
            put(&pool, 0);
            put(&pool, 1);
            put(&pool, (uint32_t)text.len);
            put(&pool, (uint32_t)(text.len >> 16));
        } else {
            put(&pool, (uint32_t)text.len);
            put(&pool, 1);
        }
        hn_buf_add_text(&data, text);
    }
    put_table(cfb, "_StringPool", &pool);
    put_table(cfb, "_StringData", &data);
}

/* One action: its name, type, source and target. */
static void put_action(struct cfb_writer *cfb, struct strings *strings, uint32_t type,
        const char *source, struct hn_text target)
{
    struct hn_buf out = { 0 };

    put(&out, string_of(strings, HN_TEXT("Run")));
    put(&out, type | 0x8000u);
    put(&out, source[0] != '\0' ? string_of(strings, hn_text_cstr(source)) : 0);
    put(&out, target.len > 0 ? string_of(strings, target) : 0);
    put_table(cfb, "CustomAction", &out);
}

void make_installer(struct chance *chance, struct hn_buf *out)
{
    static const uint8_t class_id[16] = { 0x84, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0,
        0x46 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct strings strings = { .count = 0 };
    struct hn_buf script = { 0 };
    uint32_t way = chance_next(chance, 4);
    struct hn_buf property = { 0 };

    cfb_writer_clsid(cfb, "", class_id);
    if (way == 0) {
        script_jscript(chance, &script);
        put_action(cfb, &strings, 37, "", hn_buf_text(&script));
    } else if (way == 1) {
        char name[128];

        script_basic(chance, &script);
        put_action(cfb, &strings, 6, "setup", hn_text_of("", 0));
        coded_name(name, sizeof name, "Binary.setup", false);
        cfb_writer_stream(cfb, name, hn_bytes_of(script.ptr, script.len));
    } else {
        /* Of type 50 the program is a property, of type 34 it stands in the line. */
        hn_buf_add_cstr(&script, way == 2 ? "/c " : "cmd.exe /c ");
        powershell_line(chance, true, &script);
        if (way == 2)
            put_action(cfb, &strings, 50, "SHELL", hn_buf_text(&script));
        else
            put_action(cfb, &strings, 34, "", hn_buf_text(&script));
    }
    put(&property, string_of(&strings, HN_TEXT("SHELL")));
    put(&property, string_of(&strings, HN_TEXT("C:\\Windows\\System32\\cmd.exe")));
    put_table(cfb, "Property", &property);
    put_columns(cfb, &strings);
    put_strings(cfb, &strings);
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
    hn_buf_deinit(&script);
    for (uint32_t i = 0; i < STRINGS_MAX; i++)
        hn_buf_deinit(&strings.items[i]);
}
