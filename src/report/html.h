/* html.h - text from outside into the markup of a report; private to src/report.
 *
 * Markup is written as literals; everything else passes these. Values of attributes are always
 * quoted with ", so that content and attributes need the same escaping.
 * Memory: scratch is the caller's, kept from value to value. Concurrency: one thread at a time. */
#ifndef HN_REPORT_HTML_H
#define HN_REPORT_HTML_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a text that are to be marked. */
struct html_range {
    size_t start;
    size_t end;
};
#define HTML_RANGES_MAX 64

/* How values of events are shown. */
struct html_value {
    const struct html_range *ranges; /* in any order, may overlap */
    size_t range_count;
    size_t bytes_max; /* 0: all; else a window around the first mark, and how much was left out */
    bool japanese;
};

/* Content or attribute value; well-formed XML whatever the text. */
void report_html_text(struct hn_buf *out, struct hn_text text);
/* The same for text from logs and feeds: http, https and ftp become hxxp, hxxps and fxp, so that no
 * reader or printer makes a link of it. */
void report_html_defanged(struct hn_buf *out, struct hn_buf *scratch, struct hn_text text);
/* Defanged, with marks and a limit. */
void report_html_value(struct hn_buf *out, struct hn_buf *scratch, struct hn_text text,
        const struct html_value *how);

/* A link when url is one to http or https that needs no guessing, else text. */
void report_html_reference(struct hn_buf *out, struct hn_text url);

void report_html_count(struct hn_buf *out, uint64_t count); /* 1,234,567 */
void report_html_bytes(struct hn_buf *out, uint64_t bytes); /* 1.2 GB */
/* 2026-10-14 09:42:07, a dash where there is no time. */
void report_html_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone);

#endif
