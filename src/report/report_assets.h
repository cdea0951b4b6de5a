/* report_assets.h - style and script of a report, embedded by CMake; private to src/report. */
#ifndef HN_REPORT_REPORT_ASSETS_H
#define HN_REPORT_REPORT_ASSETS_H

#include <stddef.h>

extern const unsigned char report_style[];
extern const size_t report_style_len;
extern const unsigned char report_script[];
extern const size_t report_script_len;

#endif
