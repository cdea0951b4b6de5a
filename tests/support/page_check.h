/* page_check.h - whether a report is sound: well-formed, of known elements and attributes only, and
 * without anything that runs or is fetched besides its own script and style.
 *
 * Memory: allocates nothing. Concurrency: pure. */
#ifndef TESTS_SUPPORT_PAGE_CHECK_H
#define TESTS_SUPPORT_PAGE_CHECK_H

#include "base/view.h"

#include <stddef.h>

struct page_facts {
    struct hn_text policy; /* of the meta element, references unresolved */
    struct hn_text style;
    struct hn_text script;
    size_t marks;
    size_t alerts; /* examples shown */
    size_t links;  /* out of the page */
};

/* NULL when it is sound; else what is wrong. */
const char *page_check(struct hn_text page, struct page_facts *ret_facts);

#endif
