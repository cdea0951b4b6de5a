/* office_props.c - the properties of a document: facts for people and rules, stores for macros. */
#include "office/office_internal.h"

static const struct {
    const char *name; /* as BuiltInDocumentProperties() takes it */
    const char *fact; /* NULL: a store alone */
    unsigned number;  /* of WdBuiltInProperty and of Excel alike; 0: it has none */
} builtins[] = {
    { "Title", "title", 1 },
    { "Subject", "subject", 2 },
    { "Author", "author", 3 },
    { "Keywords", "keywords", 4 },
    { "Comments", "comments", 5 },
    { "Template", "template", 6 },
    { "Last Author", "last_author", 7 },
    { "Application Name", "application", 9 },
    { "Category", "category", 18 },
    { "Company", "company", 21 },
    { "Manager", "manager", 20 },
    { "Hyperlink Base", "hyperlink_base", 29 },
    { "Content status", NULL, 0 },
};

void office_property(struct office *o, const char *name, struct hn_text value)
{
    if (value.len == 0)
        return;
    for (size_t i = 0; i < HN_COUNT_OF(builtins); i++) {
        if (strcmp(builtins[i].name, name) != 0)
            continue;
        if (builtins[i].fact != NULL)
            dissect_fact(o->dissect, o->id, builtins[i].fact, value);
        if (builtins[i].number > 0)
            office_store(
                    o, office_print(o, "BuiltInDocumentProperties(%u)", builtins[i].number), value);
    }
    office_store(o, office_member(o, "BuiltInDocumentProperties", hn_text_cstr(name), ""), value);
    office_say(o, "property", value);
}

/* What For Each walks over. */
static void numbered(struct office *o, const char *list, uint32_t number, struct hn_text name,
        struct hn_text value)
{
    office_store(o, office_print(o, "%s(%lu).Name", list, (unsigned long)number), name);
    office_store(o, office_print(o, "%s(%lu).Value", list, (unsigned long)number), value);
}

void office_custom_property(struct office *o, struct hn_text name, struct hn_text value)
{
    if (name.len == 0)
        return;
    office_store(o, office_member(o, "CustomDocumentProperties", name, ""), value);
    numbered(o, "CustomDocumentProperties", ++o->custom_properties, name, value);
    office_say(o, "property", value);
}

void office_variable(struct office *o, struct hn_text name, struct hn_text value)
{
    office_store(o, office_member(o, "ActiveDocument.Variables", name, ".Value"), value);
    numbered(o, "ActiveDocument.Variables", ++o->variables, name, value);
    office_say(o, "variable", value);
}
