/* ioc_text.c - names of types, roles, formats, reasons and ways of matching, from the lists in
 * ioc.h. */
#include "ioc/ioc.h"

#include <assert.h>

static const char *const type_names[] = {
#define IOC_NAME(name, text) [name] = (text),
    IOC_TYPE_LIST(IOC_NAME)
};

static const char *const role_names[] = { IOC_ROLE_LIST(IOC_NAME) };
static const char *const format_names[] = { IOC_FORMAT_LIST(IOC_NAME) };
static const char *const how_names[] = { IOC_HOW_LIST(IOC_NAME) };
#undef IOC_NAME

static const struct {
    const char *id;
    const char *text;
    bool skip;
} reasons[] = {
#define IOC_REASON_ROW(name, reason_id, is_skip, reason_text) \
    [name] = { .id = (reason_id), .text = (reason_text), .skip = (is_skip) != 0 },
    IOC_REASON_LIST(IOC_REASON_ROW)
#undef IOC_REASON_ROW
};

const char *ioc_type_name(enum ioc_type type)
{
    return (unsigned)type < IOC_TYPE_COUNT ? type_names[type] : "any";
}

const char *ioc_role_name(enum ioc_role role)
{
    assert((unsigned)role < IOC_ROLE_COUNT);
    return role_names[role];
}

const char *ioc_format_name(enum ioc_format format)
{
    assert((unsigned)format < IOC_FORMAT_COUNT);
    return format_names[format];
}

const char *ioc_how_name(enum ioc_how how)
{
    assert((unsigned)how < IOC_HOW_COUNT);
    return how_names[how];
}

const char *ioc_reason_id(enum ioc_reason reason)
{
    assert((unsigned)reason < IOC_REASON_COUNT);
    return reasons[reason].id;
}

const char *ioc_reason_text(enum ioc_reason reason)
{
    assert((unsigned)reason < IOC_REASON_COUNT);
    return reasons[reason].text;
}

bool ioc_reason_is_skip(enum ioc_reason reason)
{
    assert((unsigned)reason < IOC_REASON_COUNT);
    return reasons[reason].skip;
}
