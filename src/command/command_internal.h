/* command_internal.h - a command line while it is looked at, shared by the files of this module. */
#ifndef HN_COMMAND_INTERNAL_H
#define HN_COMMAND_INTERNAL_H

#include "command/command.h"

struct command_line {
    struct script_run *run;
    const struct script_source *source;
    const struct script_origin *origin;
    struct hn_text text;
    struct hn_text words[COMMAND_WORDS_MAX]; /* without their quotes */
    size_t starts[COMMAND_WORDS_MAX];        /* where a word begins in the text, and ends */
    size_t ends[COMMAND_WORDS_MAX];
    size_t count;
};

/* ---- command_words.c ---- */

void command_cut_words(struct command_line *line);
/* The name of a program without folders and .exe. */
struct hn_text command_program(struct hn_text word);
/* What stands behind a word in the line, without quotes around all of it. */
struct hn_text command_rest(const struct command_line *line, size_t word);
bool command_one_of(struct hn_text text, const char *words); /* "a|b|c", without case */
/* The word behind one of these; empty: none. */
struct hn_text command_value(const struct command_line *line, const char *names);
/* The address inside a word: /i:http://..., "script:https://..."; empty: none. */
struct hn_text command_url(struct hn_text word);

/* ---- command_tell.c ---- */

const struct script_text *command_text(const struct command_line *line, struct hn_text text);
void command_add(const struct command_line *line, struct script_act *act, const char *name,
        struct hn_text value); /* unless it is empty */
void command_note(const struct command_line *line, enum script_note_kind kind, const char *text);
void command_layer(const struct command_line *line, enum script_language language,
        struct hn_text text, const char *how);
/* A request, and the file it goes to unless that is empty. */
void command_http(
        const struct command_line *line, struct hn_text url, struct hn_text file, const char *via);
/* A process that this line starts: told, and left as a line of its own. */
void command_process(const struct command_line *line, struct hn_text text, const char *via);
/* A library that the program loads. */
void command_load(const struct command_line *line, struct hn_text library, const char *via);
/* A file that is written, with its content where that is known. */
void command_write(const struct command_line *line, struct hn_text file, struct hn_bytes content,
        const char *via);

/* ---- command_powershell.c ---- */

void command_powershell(struct command_line *line);

/* ---- command_hosts.c, command_fetch.c ---- */

struct command_host {
    const char *programs; /* "a|b" */
    void (*fn)(struct command_line *line);
};
extern const struct command_host command_hosts[]; /* that start, load or register; ends in NULL */
extern const struct command_host command_fetchers[]; /* that ask a server; ends in NULL */

#endif
