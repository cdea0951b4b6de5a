/* analyze_view.h - an analysis as people read it on a terminal. Everything of the sample is escaped
 * here, and addresses are defanged unless the user wants them as they are. */
#ifndef HN_APP_ANALYZE_VIEW_H
#define HN_APP_ANALYZE_VIEW_H

#include "analyze/analyze.h"
#include "base/buf.h"
#include "protect/protect.h"
#include "report/report.h"

struct analyze_view {
    struct hn_text path; /* as the user gave it */
    const struct dissect *dissect;
    const struct analyze_verdict *verdict;
    const struct protect_list *indicators;
    const struct report_sightings *sightings; /* of a server's journal; NULL: nobody looked */
    bool reserved;                            /* reserved names count as addresses to block */
};

/* Verdict, what it is, and the strongest reason, in one line. */
void analyze_view_line(const struct analyze_view *view, struct hn_buf *out);
/* All of it. */
void analyze_view_whole(const struct analyze_view *view, struct hn_buf *out);

/* The columns of a terminal, or 100 elsewhere. */
size_t analyze_view_width(void);
/* Contents drawn as a tree, and the layers of scripts (analyze_tree.c). */
void analyze_view_tree(const struct analyze_view *view, struct hn_buf *out);
void analyze_view_layers(const struct analyze_view *view, struct hn_buf *out);
/* Addresses and traces, and who met them in a server's journal (analyze_view_iocs.c). */
void analyze_view_indicators(const struct analyze_view *view, struct hn_buf *out);
void analyze_view_sightings(const struct analyze_view *view, struct hn_buf *out);
/* Text of a sample, escaped, with its addresses defanged; cut to what columns have room for, on one
 * line. */
void analyze_view_text(struct hn_buf *out, struct hn_text text);
void analyze_view_cut(struct hn_buf *out, struct hn_text text, size_t columns);

#endif
