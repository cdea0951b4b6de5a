/* remote_table.h - lists of the server as a table for people, as JSON lines or as CSV.
 *
 * A column is a row of a table: which member, how it is written, how wide it may be, and how soon
 * it is left out where the terminal is narrow. Everything shown is escaped here. */
#ifndef HN_APP_REMOTE_TABLE_H
#define HN_APP_REMOTE_TABLE_H

#include "app/remote.h"
#include "sigma/sigma.h"

/* clang-format off */
#define OPT_LIST_ROWS                                                                              \
    { O_OUTPUT_FORM, "output", 'o', OPT_CHOICE, NULL, "human|jsonl|csv",                           \
            "form of the list (default: human on a terminal, else jsonl)",                         \
            "出力形式(既定: 端末では human、それ以外は jsonl)" },                                \
    { O_MAX_ROWS, "max", 'n', OPT_NUMBER, "N", NULL,                                               \
            "at most so many (default: 100 for human, else all)",                                  \
            "最大件数(既定: human では 100、それ以外は全件)" }
/* clang-format on */

enum remote_cell {
    REMOTE_TEXT,
    REMOTE_WORD,  /* of the server's own: said in the language of the user, see remote_word() */
    REMOTE_LEVEL, /* in its colour */
    REMOTE_TIME,
    REMOTE_HOST,   /* on a narrow terminal without its domain */
    REMOTE_NUMBER, /* to the right */
    REMOTE_LIST,   /* of texts, with blanks between */
    REMOTE_YES,    /* true or false */
};

struct remote_column {
    const char *member; /* also the head in CSV */
    const char *head;
    const char *head_ja;
    enum remote_cell cell;
    unsigned wide_max; /* columns of the terminal; 0: as wide as there is room, one per table */
    unsigned keep;     /* 0: always; the higher, the sooner it is left out */
    bool terse;        /* not for people, only in CSV */
    /* Instead of the member's value, where it is put together from several. */
    void (*write)(struct hn_arena *arena, struct hn_text item, struct hn_buf *out);
};

struct remote_table {
    const struct remote_column *columns;
    unsigned count;
};
#define REMOTE_COLUMNS_MAX 24
#define REMOTE_BEHIND_MIN  1024 /* bytes of the journal: less is its own beat, not a lag */

enum remote_form { REMOTE_HUMAN, REMOTE_JSONL, REMOTE_CSV };
enum remote_form remote_form_of(const struct opt_values *values);

/* A list that has pages: path with its query but without limit and cursor. more_name is the
 * parameter that takes `next`: "cursor" or "after"; NULL: there are no pages. none: what is said
 * where the list is empty. */
struct remote_list {
    const struct remote_table *table;
    const char *more_name;
    const char *none;
    const char *none_ja;
    bool (*want)(struct hn_arena *arena, struct hn_text item); /* NULL: all */
    struct hn_text document; /* the answer, where nobody need be asked; ptr NULL: path is asked */
};
HN_MUST_USE int remote_list_show(struct remote *remote, const struct opt_values *values,
        const struct hn_buf *path, const struct remote_list *list);

/* Rows that are there already, as text behind each other with their lengths. */
struct remote_rows {
    struct hn_buf text;
    struct hn_buf ends; /* size_t each */
};
void remote_rows_add(struct remote_rows *rows, struct hn_text item);
void remote_rows_deinit(struct remote_rows *rows);
void remote_table_human(const struct remote_table *table, const struct remote_rows *rows,
        const struct hn_zone *zone, struct hn_arena *arena, struct hn_buf *out);

/* ---- Pieces for other views ---- */

/* "in_progress" as people say it; words that are not known stay as they are. */
struct hn_text remote_word(struct hn_text word);
enum sigma_level remote_level(struct hn_text word);
void remote_add_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone); /* 19 columns */
/* Wrapped at the width of the terminal, every line behind so many blanks. */
void remote_add_prose(struct hn_buf *out, struct hn_text text, unsigned indent);

#endif
