/* office_package.h - packages of parts: what the readers of workbooks and slides share. */
#ifndef HN_OFFICE_PACKAGE_H
#define HN_OFFICE_PACKAGE_H

#include "office/office_xlm.h"

#define OFFICE_PARTS_MAX     8192u
#define OFFICE_RELATIONS_MAX 8192u

enum office_part_kind {
    OFFICE_PART_OTHER,
    OFFICE_PART_XML,   /* not read yet: workbooks, sheets, strings, slides wait for each other */
    OFFICE_PART_BIFF12 /* a .bin part of a workbook */
};

struct office_part {
    struct hn_text name; /* without leading slash */
    struct hn_bytes data;
    struct hn_text xml; /* as UTF-8 */
    struct hn_text root;
    enum office_part_kind kind;
};

struct office_relation {
    struct hn_text source; /* name of the part it belongs to; empty for the package */
    struct hn_text id;
    struct hn_text type; /* the last part of the type's address: "oleObject" */
    struct hn_text target;
    bool external;
};

struct office_package {
    struct office *o;
    struct office_part *parts;
    uint32_t part_count;
    struct office_relation *relations;
    uint32_t relation_count;
    struct hn_text *strings; /* shared strings of a workbook */
    uint32_t string_count;
    struct office_xlm xlm;
    bool *read; /* by part: a sheet whose cells were read, however often it is listed */
};

/* The relation of a part, NULL when there is none. */
const struct office_relation *office_relation(
        const struct office_package *package, struct hn_text source, struct hn_text id);
/* The part an internal relation of `source` leads to, NULL when it is not there. */
const struct office_part *office_related(
        const struct office_package *package, struct hn_text source, struct hn_text id);
const struct office_part *office_part_with_root(
        const struct office_package *package, const char *root);

/* office_sheet.c, office_biff12.c, office_slide.c */
void office_workbook(struct office_package *package);
void office_workbook_biff12(struct office_package *package);
void office_slides(struct office_package *package);
/* office_parts.c: any other XML part, by its root element. */
void office_other_part(struct office_package *package, const struct office_part *part);
/* office_forms.c: the strings of controls that stand on pages and sheets. */
void office_package_controls(struct office_package *package);
/* Takes a part in, from a zip or from a flat file. */
void office_package_part(struct office_package *package, struct hn_text name, struct hn_bytes data);
bool office_package_init(struct office_package *package, struct office *o);
/* Reads what waited for other parts. */
void office_package_finish(struct office_package *package);

#endif
