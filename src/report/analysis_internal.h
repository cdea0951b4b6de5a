/* analysis_internal.h - shared by the parts of an analysis page; private to src/report. */
#ifndef HN_REPORT_ANALYSIS_INTERNAL_H
#define HN_REPORT_ANALYSIS_INTERNAL_H

#include "report/analysis.h"
#include "report/report_internal.h"

#define ANALYSIS_OBJECTS_MAX   400u   /* in the picture; those with findings come first */
#define ANALYSIS_LEAVES_MAX    6u     /* indicators of one object in the picture */
#define ANALYSIS_CHAINS_MAX    12u    /* shown in full */
#define ANALYSIS_SCRIPTS_MAX   40u    /* with their text */
#define ANALYSIS_SCRIPT_BYTES  20000u /* of one */
#define ANALYSIS_ROWS_MAX      500u   /* of the table of indicators */
#define ANALYSIS_VALUE_BYTES   400u
#define ANALYSIS_EVIDENCE_MAX  8u
#define ANALYSIS_SIGHTINGS_MAX 200u

/* One page being written; the frame's helpers work on its page. */
struct analysis {
    struct page page;
    const struct report_analysis *in;
    const struct protect_case *about;
    const struct dissect *tree;
    struct hn_buf text; /* scratch */
};

/* A cut, defanged value. */
void analysis_value(struct analysis *a, const struct protect_indicator *one);
/* Text of the sample, cut, with its addresses defanged. */
void analysis_text(struct analysis *a, struct hn_text text, size_t bytes_max);
/* "Word document" for "doc"; the id where nobody knows better. */
const char *analysis_format(const struct analysis *a, enum dissect_format format);
/* The name of an object without its folders, or its format. */
struct hn_text analysis_name(const struct dissect_object *object);
/* Worth telling first: something was found in the object itself. */
bool analysis_is_object_of(const struct protect_indicator *one, uint32_t id);
void analysis_open(struct analysis *a, const char *id, const char *en, const char *ja);
void analysis_close(struct analysis *a);

/* The sections, in order of the page. */
void analysis_summary(struct analysis *a);
void analysis_picture(struct analysis *a);
void analysis_chains(struct analysis *a);
void analysis_scripts(struct analysis *a);
void analysis_indicators(struct analysis *a);
void analysis_techniques(struct analysis *a);
void analysis_gaps(struct analysis *a);
void analysis_measures(struct analysis *a);
void analysis_sightings(struct analysis *a);

#endif
