/* hide_vba.c - how macros hide texts, and where documents keep them. */
#include "samples_internal.h"

#include <stdio.h>

static void vba_literal(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
}

/* The expressions by which a macro reads each store: %s is its name, %u its number. */
static const struct {
    const char *row;
    const char *expression;
} rows[STORE_KINDS] = {
    [STORE_TEXT] = { "store: UserForm text", "UserForm1.%s.Text" },
    [STORE_CAPTION] = { "store: UserForm caption", "UserForm1.%s.Caption" },
    [STORE_TIP] = { "store: UserForm tip", "UserForm1.%s.ControlTipText" },
    [STORE_TAG] = { "store: UserForm tag", "UserForm1.%s.Tag" },
    [STORE_FRAME] = { "store: UserForm nested frame", "UserForm1.%s.Text" },
    [STORE_PAGE] = { "store: UserForm page", "UserForm1.%s.Text" },
    [STORE_VARIABLE] = { "store: document variable", "ActiveDocument.Variables(\"%s\").Value" },
    [STORE_CUSTOM] = { "store: custom property",
            "ActiveDocument.CustomDocumentProperties(\"%s\").Value" },
    [STORE_BUILTIN] = { "store: builtin property",
            "ActiveDocument.BuiltInDocumentProperties(\"%s\").Value" },
    [STORE_ALTERNATIVE] = { "store: alternative text",
            "ActiveDocument.Shapes(\"%s\").AlternativeText" },
    [STORE_COMMENT] = { "store: comment",
            "Replace(ActiveDocument.Comments(%u).Range.Text, vbCr, \"\")" },
    [STORE_TABLE] = { "store: table",
            "Replace(Replace(ActiveDocument.Tables(1).Cell(%u, 2).Range.Text, Chr(13), \"\"), "
            "Chr(7), \"\")" },
    [STORE_HIDDEN] = { "store: hidden text",
            "Replace(ActiveDocument.Paragraphs(%u).Range.Text, Chr(13), \"\")" },
    [STORE_BOOKMARK] = { "store: bookmark", "ActiveDocument.Bookmarks(\"%s\").Range.Text" },
    [STORE_CELL] = { "store: cell", "Sheets(\"data\").Range(\"B%u\").Value" },
};

const char *store_row(enum store_kind kind)
{
    return rows[kind].row;
}

/* Builtin properties are few; each holds one text. */
static const char *const builtins[] = { "Subject", "Keywords", "Comments", "Category", "Manager",
    "Company" };

static bool fits(const struct stores *stores, enum store_kind kind)
{
    if ((stores->kinds & 1u << kind) == 0)
        return false;
    return kind != STORE_BUILTIN || stores->numbers[kind] < sizeof builtins / sizeof builtins[0];
}

static enum store_kind choose_kind(struct chance *chance, const struct stores *stores)
{
    enum store_kind kind;

    for (unsigned i = 0; i < STORE_KINDS; i++)
        if (fits(stores, (enum store_kind)i) && chance_wants(chance, rows[i].row))
            return (enum store_kind)i;
    do {
        kind = (enum store_kind)chance_next(chance, STORE_KINDS);
    } while (!fits(stores, kind));
    return kind;
}

static void add_expression(struct hn_buf *out, const struct store *store)
{
    const char *text = rows[store->kind].expression;
    const char *hole = strchr(text, '%');

    hn_buf_add(out, text, (size_t)(hole - text));
    if (hole[1] == 's')
        hn_buf_add_cstr(out, store->name);
    else
        hn_buf_addf(out, "%u", store->number);
    hn_buf_add_cstr(out, hole + 2);
}

static bool vba_store(
        struct hn_buf *out, struct chance *chance, struct stores *stores, struct hn_text text)
{
    struct store *store = &stores->items[stores->count];

    if (stores->kinds == 0 || stores->count == STORES_MAX || text.len >= STORE_BYTES)
        return false;
    store->kind = choose_kind(chance, stores);
    store->number = ++stores->numbers[store->kind];
    if (store->kind == STORE_BUILTIN)
        (void)snprintf(store->name, sizeof store->name, "%s", builtins[store->number - 1]);
    else
        (void)snprintf(store->name, sizeof store->name, "k%u%u", (unsigned)stores->count,
                (unsigned)chance_next(chance, 1000));
    memcpy(store->value, text.ptr, text.len);
    store->value[text.len] = '\0';
    stores->count++;
    chance_row(chance, rows[store->kind].row);
    add_expression(out, store);
    return true;
}

static void vba_noise(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    char mark[5];

    chance_mark(chance, text, mark);
    hn_buf_add_lit(out, "Replace(\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
        if (i % 4 == 2)
            hn_buf_add_cstr(out, mark);
    }
    hn_buf_addf(out, "\", \"%s\", \"\")", mark);
}

static void vba_reversed(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_lit(out, "StrReverse(\"");
    for (size_t i = text.len; i-- > 0;) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_lit(out, "\")");
}

static void vba_characters(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = (uint8_t)text.ptr[i];
        unsigned add = chance_next(chance, 90);

        hn_buf_addf(out, chance_next(chance, 2) == 0 ? "%sChr(%u - %u)" : "%sChrW(%u - %u)",
                i > 0 ? " & " : "", c + add, add);
    }
}

static void vba_at(struct hn_buf *out, struct chance *chance, struct stores *stores,
        struct hn_text text, int depth)
{
    /* A line of VBA has at most 1,023 characters, and 24 continued ones: long texts are cut before.
     */
    uint32_t way = chance_next(chance, 6);

    if (chance_wants_any(chance, "store: ") && stores->kinds != 0)
        way = 2;
    switch (depth > HIDE_DEPTH_MAX || text.len < 2 ? 0 : way) {
    case 1:
        hn_buf_add_char(out, '(');
        vba_at(out, chance, stores, hn_text_sub(text, 0, text.len / 2), depth + 1);
        hn_buf_add_lit(out, " & ");
        vba_at(out, chance, stores, hn_text_sub(text, text.len / 2, SIZE_MAX), depth + 1);
        hn_buf_add_char(out, ')');
        return;
    case 2:
        if (vba_store(out, chance, stores, text))
            return;
        break;
    case 3:
        vba_noise(out, chance, text);
        return;
    case 4:
        vba_reversed(out, text);
        return;
    case 5:
        if (text.len <= 24) {
            hn_buf_add_char(out, '(');
            vba_characters(out, chance, text);
            hn_buf_add_char(out, ')');
            return;
        }
        break;
    default:
        break;
    }
    vba_literal(out, text);
}

void hide_vba(struct hn_buf *out, struct chance *chance, struct stores *stores, struct hn_text text)
{
    vba_at(out, chance, stores, text, 0);
}
