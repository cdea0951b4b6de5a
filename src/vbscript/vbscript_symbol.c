/* vbscript_symbol.c - names: one symbol for each, whatever its case; keywords, constants. */
#include "vbscript/vbscript_internal.h"

#include "base/utf.h"

#define NUMBER(name, number) \
    {                        \
        name, number, NULL   \
    }
#define STRING(name, text) \
    {                      \
        name, 0, text      \
    }

const struct vb_constant vb_constants[] = {
    STRING("vbcrlf", "\r\n"),
    STRING("vbnewline", "\r\n"),
    STRING("vbcr", "\r"),
    STRING("vblf", "\n"),
    STRING("vbtab", "\t"),
    STRING("vbback", "\b"),
    STRING("vbformfeed", "\f"),
    STRING("vbverticaltab", "\v"),
    STRING("vbnullstring", ""),
    NUMBER("vbhide", 0),
    NUMBER("vbnormalfocus", 1),
    NUMBER("vbminimizedfocus", 2),
    NUMBER("vbmaximizedfocus", 3),
    NUMBER("vbnormalnofocus", 4),
    NUMBER("vbminimizednofocus", 6),
    NUMBER("vbbinarycompare", 0),
    NUMBER("vbtextcompare", 1),
    NUMBER("vbdatabasecompare", 2),
    NUMBER("vbuppercase", 1),
    NUMBER("vblowercase", 2),
    NUMBER("vbpropercase", 3),
    NUMBER("vbwide", 4),
    NUMBER("vbnarrow", 8),
    NUMBER("vbkatakana", 16),
    NUMBER("vbhiragana", 32),
    NUMBER("vbunicode", 64),
    NUMBER("vbfromunicode", 128),
    NUMBER("vbempty", 0),
    NUMBER("vbnull", 1),
    NUMBER("vbinteger", 2),
    NUMBER("vblong", 3),
    NUMBER("vbsingle", 4),
    NUMBER("vbdouble", 5),
    NUMBER("vbcurrency", 6),
    NUMBER("vbdate", 7),
    NUMBER("vbstring", 8),
    NUMBER("vbobject", 9),
    NUMBER("vberror", 10),
    NUMBER("vbboolean", 11),
    NUMBER("vbvariant", 12),
    NUMBER("vbdataobject", 13),
    NUMBER("vbdecimal", 14),
    NUMBER("vbbyte", 17),
    NUMBER("vblonglong", 20),
    NUMBER("vbarray", 8192),
    NUMBER("vbokonly", 0),
    NUMBER("vbokcancel", 1),
    NUMBER("vbabortretryignore", 2),
    NUMBER("vbyesnocancel", 3),
    NUMBER("vbyesno", 4),
    NUMBER("vbretrycancel", 5),
    NUMBER("vbcritical", 16),
    NUMBER("vbquestion", 32),
    NUMBER("vbexclamation", 48),
    NUMBER("vbinformation", 64),
    NUMBER("vbdefaultbutton1", 0),
    NUMBER("vbdefaultbutton2", 256),
    NUMBER("vbapplicationmodal", 0),
    NUMBER("vbsystemmodal", 4096),
    NUMBER("vbok", 1),
    NUMBER("vbcancel", 2),
    NUMBER("vbabort", 3),
    NUMBER("vbretry", 4),
    NUMBER("vbignore", 5),
    NUMBER("vbyes", 6),
    NUMBER("vbno", 7),
    NUMBER("vbtrue", -1),
    NUMBER("vbfalse", 0),
    NUMBER("vbnormal", 0),
    NUMBER("vbreadonly", 1),
    NUMBER("vbhidden", 2),
    NUMBER("vbsystem", 4),
    NUMBER("vbvolume", 8),
    NUMBER("vbdirectory", 16),
    NUMBER("vbarchive", 32),
    NUMBER("vbmethod", 1),
    NUMBER("vbget", 2),
    NUMBER("vblet", 4),
    NUMBER("vbset", 8),
    NUMBER("vbobjecterror", -2147221504),
    NUMBER("vbsunday", 1),
    NUMBER("vbmonday", 2),
    NUMBER("vbtuesday", 3),
    NUMBER("vbwednesday", 4),
    NUMBER("vbthursday", 5),
    NUMBER("vbfriday", 6),
    NUMBER("vbsaturday", 7),
    NUMBER("vbblack", 0),
    NUMBER("vbred", 255),
    NUMBER("vbgreen", 65280),
    NUMBER("vbyellow", 65535),
    NUMBER("vbblue", 16711680),
    NUMBER("vbmagenta", 16711935),
    NUMBER("vbcyan", 16776960),
    NUMBER("vbwhite", 16777215),
    NUMBER("vbgeneraldate", 0),
    NUMBER("vblongdate", 1),
    NUMBER("vbshortdate", 2),
    NUMBER("vblongtime", 3),
    NUMBER("vbshorttime", 4),
    NUMBER("forreading", 1),
    NUMBER("forwriting", 2),
    NUMBER("forappending", 8),
    NUMBER("adtypebinary", 1),
    NUMBER("adtypetext", 2),
    NUMBER("adsavecreatenotexist", 1),
    NUMBER("adsavecreateoverwrite", 2),
    NUMBER("admodereadwrite", 3),
    NUMBER("wdalertsnone", 0),
    NUMBER("wdpropertytitle", 1),
    NUMBER("wdpropertysubject", 2),
    NUMBER("wdpropertyauthor", 3),
    NUMBER("wdpropertykeywords", 4),
    NUMBER("wdpropertycomments", 5),
    NUMBER("wdpropertytemplate", 6),
    NUMBER("wdpropertylastauthor", 7),
    NUMBER("wdpropertyrevision", 8),
    NUMBER("wdpropertyappname", 9),
    NUMBER("wdpropertycategory", 18),
    NUMBER("wdpropertymanager", 20),
    NUMBER("wdpropertycompany", 21),
    NUMBER("xlup", -4162),
    NUMBER("xldown", -4121),
    NUMBER("xltoleft", -4159),
    NUMBER("xltoright", -4161),
    NUMBER("wdpropertytitle", 1),
    NUMBER("wdpropertysubject", 2),
    NUMBER("wdpropertyauthor", 3),
    NUMBER("wdpropertykeywords", 4),
    NUMBER("wdpropertycomments", 5),
    NUMBER("wdpropertytemplate", 6),
    NUMBER("wdpropertylastauthor", 7),
    NUMBER("wdpropertyappname", 9),
    NUMBER("wdpropertycategory", 18),
    NUMBER("wdpropertymanager", 20),
    NUMBER("wdpropertycompany", 21),
    NUMBER("wdpropertyhyperlinkbase", 29),
    NUMBER("xltoleft", -4159),
    NUMBER("xltoright", -4161),
    NUMBER("xlsheetvisible", -1),
    NUMBER("xlsheethidden", 0),
    NUMBER("xlsheetveryhidden", 2),
    NUMBER("xlcelltypelastcell", 11),
    NUMBER("msofalse", 0),
    NUMBER("msotrue", -1),
};
const size_t vb_constant_count = HN_COUNT_OF(vb_constants);

int vb_constant_find(struct hn_text lower)
{
    for (size_t i = 0; i < HN_COUNT_OF(vb_constants); i++)
        if (hn_text_eq(lower, hn_text_cstr(vb_constants[i].name)))
            return (int)i;
    return -1;
}

static enum vb_keyword keyword_of(struct hn_text lower)
{
    static const struct {
        struct hn_text text;
        enum vb_keyword keyword;
    } keywords[] = {
#define VB_KEYWORD_ROW(name, text) { HN_TEXT_INIT(text), VB_K_##name },
        VB_KEYWORD_LIST(VB_KEYWORD_ROW)
#undef VB_KEYWORD_ROW
    };

    for (size_t i = 0; i < HN_COUNT_OF(keywords); i++)
        if (hn_text_eq(lower, keywords[i].text))
            return keywords[i].keyword;
    return VB_K_NONE;
}

static struct vb_symbol *symbol_new(struct vb_eval *ev, struct hn_text name, struct hn_text lower)
{
    struct vb_symbol *symbol = hn_new(&ev->run->arena, struct vb_symbol, 1);
    struct vb_symbol **listed = symbol != NULL ? hn_vec_add(&ev->symbol_list) : NULL;
    uint32_t ignored;

    if (listed == NULL)
        return NULL;
    *listed = symbol;
    symbol->id = (uint32_t)ev->symbol_list.count;
    symbol->name = hn_arena_text(&ev->run->arena, lower);
    symbol->shown = hn_arena_text(&ev->run->arena, name);
    if (symbol->name.ptr == NULL || symbol->shown.ptr == NULL)
        return NULL;
    symbol->keyword = keyword_of(symbol->name);
    symbol->builtin = vb_builtin_find(symbol->name);
    symbol->constant = vb_constant_find(symbol->name);
    if (!hn_map_put(&ev->symbols, symbol->name, symbol->id - 1, &ignored))
        return NULL;
    return symbol;
}

/* Out of memory ends the run; the caller gets a symbol of no name, so that nobody has to ask. */
struct vb_symbol *vb_symbol(struct vb_eval *ev, struct hn_text name)
{
    static struct vb_symbol none = { .constant = -1 };
    static char lower[HN_FOLD_ROOM(VB_SYMBOL_BYTES_MAX)]; /* one evaluation at a time in a worker */
    struct vb_symbol *symbol;
    struct hn_text key;
    uint32_t index;

    if (name.len > VB_SYMBOL_BYTES_MAX)
        name.len = VB_SYMBOL_BYTES_MAX;
    key = hn_text_of(lower, hn_fold(name, lower));
    index = hn_map_find(&ev->symbols, key);
    if (index != HN_MAP_NONE)
        return ev->symbol_list.ptr[index];
    symbol = symbol_new(ev, name, key);
    if (symbol == NULL) {
        if (ev->run->stop == SCRIPT_STOP_NONE)
            ev->run->stop = hn_arena_status(&ev->run->arena) == HN_LIMIT ? SCRIPT_STOP_BYTES
                                                                         : SCRIPT_STOP_MEMORY;
        return &none;
    }
    return symbol;
}
