/* container_html.h - what the reader of pages and the reader of their scripts share. */
#ifndef HN_CONTAINER_CONTAINER_HTML_H
#define HN_CONTAINER_CONTAINER_HTML_H

#include "container/container_internal.h"

struct page {
    struct dissect *dissect;
    uint32_t id;
    struct hn_text text;
    struct hn_text download; /* the file name a download attribute states; may be empty */
    struct hn_buf handlers;  /* event handlers and javascript: links, a line each */
    struct hn_buf visible;   /* what a reader of the page sees */
    uint32_t scripts;
    uint32_t links;
    uint32_t forms;
    uint32_t smuggled;
    uint32_t jobs;     /* of a script file: begun so far */
    uint32_t elements; /* that became stores */
    bool password_field;
    enum hn_status status; /* HN_NOMEM or HN_LIMIT: no further child */
};

/* Adds a child; keeps the status. */
void page_add(struct page *page, const struct container_entry *entry);
/* The file of a data: URL as a child, unless it is an image, a font or a style. True: it is one. */
bool page_data_url(struct page *page, struct hn_text url, const char *relation);
/* Files that a script holds as texts or lists of numbers, to be saved by whoever opens the page. */
void page_find_smuggled(struct page *page, struct hn_text script);

#endif
