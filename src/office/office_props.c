/* office_props.c - the properties of a document: facts for people and rules, stores for macros. */
#include "office/office_internal.h"

static const struct {
    const char *name; /* as BuiltInDocumentProperties() takes it */
    const char *fact; /* NULL: a store alone */
} builtins[] = {
    { "Title", "title" },
    { "Subject", "subject" },
    { "Author", "author" },
    { "Keywords", "keywords" },
    { "Comments", "comments" },
    { "Template", "template" },
    { "Last Author", "last_author" },
    { "Application Name", "application" },
    { "Category", "category" },
    { "Company", "company" },
    { "Manager", "manager" },
    { "Hyperlink Base", "hyperlink_base" },
    { "Content status", NULL },
};

void office_property(struct office *o, const char *name, struct hn_text value)
{
    if (value.len == 0)
        return;
    for (size_t i = 0; i < HN_COUNT_OF(builtins); i++) {
        if (strcmp(builtins[i].name, name) == 0 && builtins[i].fact != NULL)
            dissect_fact(o->dissect, o->id, builtins[i].fact, value);
    }
    office_store(o, office_member(o, "BuiltInDocumentProperties", hn_text_cstr(name), ""), value);
    office_say(o, "property", value);
}

void office_custom_property(struct office *o, struct hn_text name, struct hn_text value)
{
    if (name.len == 0)
        return;
    office_store(o, office_member(o, "CustomDocumentProperties", name, ""), value);
    office_say(o, "property", value);
}
