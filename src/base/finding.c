/* finding.c - names of findings. */
#include "base/finding.h"

#include <assert.h>

static const struct {
    const char *id;
    const char *text;
} findings[] = {
#define HN_FINDING_TEXTS(name, id, text) [name] = { (id), (text) },
    HN_FINDING_LIST(HN_FINDING_TEXTS)
#undef HN_FINDING_TEXTS
};

const char *hn_finding_id(enum hn_finding_kind kind)
{
    assert(kind < HN_FINDING_COUNT);
    return findings[kind].id;
}

const char *hn_finding_text(enum hn_finding_kind kind)
{
    assert(kind < HN_FINDING_COUNT);
    return findings[kind].text;
}
