/* source_windows.h - the tables behind source_windows.c; private to src/event. */
#ifndef HN_EVENT_SOURCE_WINDOWS_H
#define HN_EVENT_SOURCE_WINDOWS_H

#include "event/event_internal.h"

/* A log and the service it is in Sigma's words. Two names where taxonomy and rules differ. */
struct windows_channel {
    const char *name;
    const char *service;
    const char *other_service;
};

/* Programs that categories ask for by name, under whatever name a shipper gives the provider. */
enum windows_program {
    PROGRAM_OTHER,
    PROGRAM_SYSMON,
    PROGRAM_SECURITY,
    PROGRAM_POWERSHELL,
    PROGRAM_POWERSHELL_CLASSIC,
    PROGRAM_DEFENDER,
    PROGRAM_KERNEL_FILE,
};

struct windows_provider {
    const char *name;
    enum windows_program program;
    const char *service; /* where the provider logs to one service only; else NULL */
};

/* What a value of the event adds to its key. */
enum windows_detail { DETAIL_ANY, DETAIL_ADD, DETAIL_SET, DETAIL_DELETE, DETAIL_FILE };

struct windows_category {
    const char *service; /* NULL: by the provider alone */
    uint32_t event_id;
    enum windows_program program;
    enum windows_detail detail;
    const char *category;
};

struct windows_kind {
    const char *service; /* "" : none */
    uint32_t event_id;   /* 0: any */
    kind_set kinds;
};

extern const struct windows_channel windows_channels[];
extern const size_t windows_channels_count;
extern const struct windows_provider windows_providers[];
extern const size_t windows_providers_count;
extern const struct windows_category windows_categories[];
extern const size_t windows_categories_count;
extern const struct windows_kind windows_kinds[];
extern const size_t windows_kinds_count;

#endif
