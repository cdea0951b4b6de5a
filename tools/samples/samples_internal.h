/* samples_internal.h - chance, hiding, scripts, documents and what holds them, shared by the files
 * of the generator. */
#ifndef HN_TOOLS_SAMPLES_INTERNAL_H
#define HN_TOOLS_SAMPLES_INTERNAL_H

#include "samples.h"

/* ---- chance.c: the same on every machine ---- */

struct chance {
    uint64_t state;
    struct sample *sample;
    const char *want; /* the row this sample is to have; NULL once it has */
};
uint32_t chance_next(struct chance *chance, uint32_t below);
/* The sample has this row. */
void chance_row(struct chance *chance, const char *row);
bool chance_wants(const struct chance *chance, const char *row);
bool chance_wants_any(const struct chance *chance, const char *prefix);
/* A mark that is nowhere in text, so that taking it out gives text back. */
void chance_mark(struct chance *chance, struct hn_text text, char ret_mark[5]);
/* "a@b@c" */
void chance_urls(const struct chance *chance, struct hn_buf *out);

/* One of several ways to do a thing, each a row of its own. */
struct way {
    const char *row;
    const char *text;
};
/* The one that is wanted, else any; its row is set down. */
const char *chance_way(struct chance *chance, const struct way *ways, size_t count);

/* ---- hide_*.c: expressions whose value is text, in layers stacked at random ---- */

struct hide_row {
    const char *row;
    void (*fn)(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth);
};
extern const struct hide_row hide_powershell_rows[]; /* ends in NULL */
extern const struct hide_row hide_powershell_more[]; /* ends in NULL */
#define HIDE_DEPTH_MAX 3
void hide_powershell(struct hn_buf *out, struct chance *chance, struct hn_text text);
void hide_powershell_at(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth);
void hide_powershell_quoted(struct hn_buf *out, struct hn_text text);
void hide_powershell_numbers(
        struct hn_buf *out, struct chance *chance, struct hn_text text, unsigned key);
/* What ConvertFrom-SecureString -Key (1..16) gives. */
void hide_secure(struct hn_buf *out, struct chance *chance, struct hn_text text);
void hide_jscript(struct hn_buf *out, struct chance *chance, struct hn_text text);

/* What a document's macros may read. */
#define STORES_MAX  64
#define STORE_BYTES 512
enum store_kind {
    STORE_TEXT,
    STORE_CAPTION,
    STORE_TIP,
    STORE_TAG,
    STORE_FRAME,
    STORE_PAGE,
    STORE_FORM_MAX = STORE_PAGE,
    STORE_VARIABLE,
    STORE_CUSTOM,
    STORE_BUILTIN,
    STORE_ALTERNATIVE,
    STORE_COMMENT,
    STORE_TABLE,
    STORE_HIDDEN,
    STORE_BOOKMARK,
    STORE_CELL,
    STORE_KINDS
};
struct store {
    char name[24];
    enum store_kind kind;
    unsigned number; /* among those of its kind, from 1 */
    char value[STORE_BYTES];
};
struct stores {
    struct store items[STORES_MAX];
    size_t count;
    uint32_t kinds; /* bits of those the document has; 0: a script without a document */
    unsigned numbers[STORE_KINDS];
};
#define STORES_OF_DOC  ((2u << STORE_VARIABLE) - 1)
#define STORES_OF_DOCM ((2u << STORE_BOOKMARK) - 1)
#define STORES_OF_XLSM (((2u << STORE_FORM_MAX) - 1) | 1u << STORE_CELL)
const char *store_row(enum store_kind kind);
void hide_vba(
        struct hn_buf *out, struct chance *chance, struct stores *stores, struct hn_text text);

/* ---- powershell.c: statements, layers, command lines ---- */

void powershell_script(struct chance *chance, struct hn_buf *out);
/* A line that starts PowerShell; ascii: without dashes of other alphabets. */
void powershell_line(struct chance *chance, bool ascii, struct hn_buf *out);

/* ---- script.c: files of scripts ---- */

void make_script(struct chance *chance, const char *row);
void script_jscript(struct chance *chance, struct hn_buf *out);
void script_basic(struct chance *chance, struct hn_buf *out);
void encode_script(struct hn_buf *out, struct hn_text script);  /* encode.c */
void make_installer(struct chance *chance, struct hn_buf *out); /* installer.c */

/* ---- document.c, document_word.c, document_sheet.c ---- */

void make_document(struct chance *chance, const char *row);
void macro_source(struct chance *chance, struct stores *stores, struct hn_text command,
        const char *entry, struct hn_buf *out);
struct cfb_writer;
struct macros {
    const struct stores *stores;
    const char *parent; /* "Macros" or "" */
    const char *source;
    const char *document; /* name of the module of the document */
};
void macros_put(void *ctx, struct cfb_writer *cfb);             /* ctx: struct macros */
void macros_package(struct macros *macros, struct hn_buf *out); /* vbaProject.bin */
void write_docm(struct macros *macros, struct hn_buf *out);
void write_xlsm(struct macros *macros, struct hn_buf *out);
/* Documents that do without macros. */
void make_plain_document(struct chance *chance, const char *row);
/* A workbook (.slk) whose Excel 4.0 macro asks for the URLs of the sample. */
void make_workbook(struct chance *chance, struct hn_buf *out);
void xml_escaped(struct hn_buf *out, const char *text);

/* ---- contain.c, outlook.c: what holds a sample, which then is the sample ---- */

void contain(struct chance *chance, const char *row);
void contain_as(struct chance *chance, struct hn_buf *bytes, const char *name);
void contain_link(struct chance *chance);
void contain_page(struct chance *chance);
void contain_note(struct chance *chance);
void contain_archive(struct chance *chance, bool seven);
void contain_iso(struct chance *chance);
void contain_outlook(struct chance *chance, const char *password); /* outlook.c */

#endif
