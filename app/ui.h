/* ui.h - what the program shows people: language, colours, width, messages.
 *
 * Data goes to stdout, everything else to stderr. Text from outside is escaped by the time it gets
 * here (hn_terminal_text); ui_* functions that take hn_text escape it themselves.
 * Concurrency: messages from any thread, one at a time; the settings are made once, in main(). */
#ifndef HN_APP_UI_H
#define HN_APP_UI_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdio.h>

struct ui {
    bool japanese;
    bool color_out;
    bool color_err;
    bool progress; /* stderr is a terminal and --quiet was not given */
    bool quiet;
    bool no_defang;     /* addresses of samples are shown as they are */
    unsigned width;     /* columns of stdout, 0: not a terminal */
    unsigned err_width; /* the same of stderr */
};
extern struct ui ui; /* NOLINT(bugprone-dynamic-static-initializers): set in main(), then read */

/* From --lang (may be NULL), LC_ALL, LC_MESSAGES, LANG; from NO_COLOR and what stdout, stderr are.
 */
void ui_init(const char *lang);
/* --color auto|yes|no; NULL: auto. */
void ui_set_color(const char *when);

/* The text in the language of the user. */
#define UI_TEXT(en, ja) (ui.japanese ? (ja) : (en))

/* SGR sequences, empty without colour. */
enum ui_style { UI_PLAIN, UI_BOLD, UI_DIM, UI_RED, UI_YELLOW, UI_GREEN, UI_BLUE, UI_MAGENTA };
const char *ui_style(enum ui_style style, bool color);
enum ui_style ui_level_style(enum sigma_level level);
const char *ui_level_name(enum sigma_level level);

/* "hinomi: ..." on stderr. */
void ui_error(const char *fmt, ...) HN_PRINTF(1, 2);
void ui_warn(const char *fmt, ...) HN_PRINTF(1, 2); /* not with --quiet */
/* With the place and reason of err; what names the thing that failed (escaped here). */
void ui_error_at(struct hn_text what, const struct hn_err *err);

/* A file name or the like, cut to width columns (0: not cut), escaped. */
void ui_add_cell(struct hn_buf *out, struct hn_text text, size_t columns);
/* Cuts in the middle, so that the ends of long paths stay readable. */
void ui_add_cell_middle(struct hn_buf *out, struct hn_text text, size_t columns);

/* 1,234,567 and 1.2 GB */
void ui_add_count(struct hn_buf *out, uint64_t count);
void ui_add_bytes(struct hn_buf *out, uint64_t bytes);

/* Writes and flushes; false when stdout is gone. */
bool ui_write(FILE *file, struct hn_text text);

#endif
