/* batch_find.c - commands that print lines which fit: findstr, find; and what assoc and ftype print
 * on the assumed machine, which scripts cut words out of. */
#include "batch/batch_internal.h"

struct search {
    struct hn_text pattern;
    bool literal; /* else an expression of findstr */
    bool words;   /* any of several, by spaces */
    bool begins;
    bool ends;
    bool fold;
    bool invert;
};

static char folded(char c, bool fold)
{
    return fold && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* What `.` stands for, and `\x`: how long the piece is that fits here; SIZE_MAX: none. */
static size_t piece_fits(
        const struct search *search, struct hn_text piece, struct hn_text line, size_t at)
{
    size_t used = 0;

    for (size_t i = 0; i < piece.len; i++, used++) {
        bool any = !search->literal && piece.ptr[i] == '.';

        if (!search->literal && piece.ptr[i] == '\\' && i + 1 < piece.len)
            i++;
        if (at + used >= line.len || (!any && folded(piece.ptr[i], search->fold) !=
                                                      folded(line.ptr[at + used], search->fold)))
            return SIZE_MAX;
    }
    return used;
}

/* The next piece of an expression up to `.*`, or all of a literal. */
static struct hn_text next_piece(const struct search *search, struct hn_text *rest)
{
    size_t end = search->literal ? SIZE_MAX : hn_text_find(*rest, HN_TEXT(".*"), 0);
    struct hn_text piece = hn_text_sub(*rest, 0, end);

    *rest = end == SIZE_MAX ? HN_TEXT("") : hn_text_sub(*rest, end + 2, SIZE_MAX);
    return piece;
}

static bool fits_one(struct bt *bt, struct search search, struct hn_text line)
{
    size_t at = 0;
    bool first = true;

    if (!search.literal && hn_text_starts(search.pattern, HN_TEXT("^"))) {
        search.begins = true;
        search.pattern = hn_text_sub(search.pattern, 1, SIZE_MAX);
    }
    if (!search.literal && hn_text_ends(search.pattern, HN_TEXT("$"))) {
        search.ends = true;
        search.pattern = hn_text_sub(search.pattern, 0, search.pattern.len - 1);
    }
    do {
        struct hn_text piece = next_piece(&search, &search.pattern);
        size_t used = piece_fits(&search, piece, line, at);

        while (used == SIZE_MAX && !(first && search.begins) && at < line.len &&
                script_spend(bt->run, (at & 63u) == 0))
            used = piece_fits(&search, piece, line, ++at);
        if (used == SIZE_MAX)
            return false;
        at += used;
        first = false;
    } while (search.pattern.len > 0);
    return !search.ends || at == line.len;
}

static bool fits(struct bt *bt, const struct search *search, struct hn_text line)
{
    struct hn_text rest = search->pattern;
    struct search one = *search;
    bool found = false;

    if (!search->words)
        return fits_one(bt, *search, line) != search->invert;
    while (!found && hn_text_split(&rest, ' ', &one.pattern))
        found = one.pattern.len > 0 && fits_one(bt, one, line);
    return found != search->invert;
}

static void print_fitting(struct bt *bt, const struct search *search, struct bt_text content)
{
    struct hn_text line;

    bt->out->unknown |= content.unknown;
    while (hn_text_line(&content.text, &line) && script_spend(bt->run, 1)) {
        if (!fits(bt, search, line))
            continue;
        hn_buf_add_text(&bt->out->buf, line);
        hn_buf_add_lit(&bt->out->buf, "\r\n");
    }
}

/* Lines of the file that fit; of what comes through a pipe where it has no name. */
static void search_file(struct bt *bt, const struct search *search, struct hn_text name)
{
    struct bt_text content = bt->input;

    if (bt->out == NULL || (name.len > 0 && !bt_read(bt, name, &content)) || content.text.len == 0)
        content.text.ptr = NULL;
    if (bt->out == NULL)
        return;
    if (content.text.ptr != NULL && hn_text_find_char(search->pattern, '[', 0) == SIZE_MAX) {
        print_fitting(bt, search, content);
        return;
    }
    hn_buf_add_lit(&bt->out->buf, "{lines of ");
    hn_buf_add_text(&bt->out->buf, hn_text_sub(bt_unquote(name), 0, 200));
    hn_buf_add_char(&bt->out->buf, '}');
    bt->out->unknown = true;
}

static void take_switches(struct search *search, struct hn_text word)
{
    for (size_t i = 1; i < word.len; i++) {
        char c = folded(word.ptr[i], true);

        search->begins |= c == 'b' || c == 'x';
        search->ends |= c == 'e' || c == 'x';
        search->fold |= c == 'i';
        search->invert |= c == 'v';
        search->literal |= c == 'l';
    }
}

enum bt_flow bt_command_findstr(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    struct search search = { 0 };
    struct hn_text word;
    bool file = false;

    while ((word = bt_word(&text)).len > 0) {
        if (hn_text_starts_nocase(word, HN_TEXT("/c:"))) {
            search.pattern = bt_unquote(hn_text_sub(word, 3, SIZE_MAX));
            search.literal = true;
        } else if (hn_text_starts_nocase(word, HN_TEXT("/r"))) {
            search.literal = false;
        } else if (word.ptr[0] == '/') {
            take_switches(&search, word);
        } else if (search.pattern.len == 0) {
            search.pattern = bt_unquote(word);
            search.words = true;
        } else {
            file = true;
            search_file(bt, &search, word);
        }
    }
    if (!file)
        search_file(bt, &search, HN_TEXT(""));
    return BT_NEXT;
}

enum bt_flow bt_command_find(struct bt *bt, struct bt_text rest)
{
    struct hn_text text = rest.text;
    struct search search = { .literal = true };
    struct hn_text word;
    bool given = false;
    bool file = false;

    while ((word = bt_word(&text)).len > 0) {
        if (word.ptr[0] == '/') {
            take_switches(&search, word);
        } else if (!given) {
            given = true;
            search.pattern = bt_unquote(word);
        } else {
            file = true;
            search_file(bt, &search, word);
        }
    }
    search.begins = false;
    search.ends = false;
    if (search.pattern.len == 0) /* find "" has none, find /v "" all */
        search.invert = !search.invert;
    if (!file)
        search_file(bt, &search, HN_TEXT(""));
    return BT_NEXT;
}

/* ---- assoc, ftype ---- */

static void print_rows(struct bt *bt, const char *const *rows, struct hn_text of)
{
    of = bt_unquote(of);
    for (size_t i = 0; bt->out != NULL && rows[i] != NULL; i++) {
        struct hn_text row = hn_text_cstr(rows[i]);
        struct hn_text name = hn_text_sub(row, 0, hn_text_find_char(row, '=', 0));

        if (of.len > 0 && !hn_text_eq_nocase(name, of))
            continue;
        hn_buf_add_text(&bt->out->buf, row);
        hn_buf_add_lit(&bt->out->buf, "\r\n");
    }
}

enum bt_flow bt_command_assoc(struct bt *bt, struct bt_text rest)
{
    static const char *const rows[] = { ".bat=batfile", ".cmd=cmdfile", ".com=comfile",
        ".exe=exefile", ".hta=htafile", ".js=JSFile", ".lnk=lnkfile", ".msc=MSCFile",
        ".ps1=Microsoft.PowerShellScript.1", ".reg=regfile", ".txt=txtfile", ".vbs=VBSFile", NULL };

    print_rows(bt, rows, rest.text);
    return BT_NEXT;
}

enum bt_flow bt_command_ftype(struct bt *bt, struct bt_text rest)
{
    static const char console[] = "Microsoft.PowerShellConsole.1=\"C:\\Windows\\System32\\"
                                  "WindowsPowerShell\\v1.0\\powershell.exe\" -p \"%1\"";
    static const char *const rows[] = { "batfile=\"%1\" %*", "cmdfile=\"%1\" %*",
        "comfile=\"%1\" %*", "exefile=\"%1\" %*",
        "htafile=C:\\Windows\\SysWOW64\\mshta.exe \"%1\" %*",
        "JSFile=C:\\Windows\\System32\\WScript.exe \"%1\" %*", console,
        "Microsoft.PowerShellScript.1=\"C:\\Windows\\System32\\notepad.exe\" \"%1\"",
        "MSCFile=C:\\Windows\\system32\\mmc.exe \"%1\" %*", "regfile=regedit.exe \"%1\"",
        "txtfile=C:\\Windows\\system32\\NOTEPAD.EXE %1",
        "VBSFile=C:\\Windows\\System32\\WScript.exe \"%1\" %*", NULL };

    print_rows(bt, rows, rest.text);
    return BT_NEXT;
}
