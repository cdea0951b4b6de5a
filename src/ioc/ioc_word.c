/* ioc_word.c - classes of characters, and the distinctive words by which file names and paths are
 * found in text.
 *
 * A run of name characters that is whole inside an indicator (its neighbours are something else)
 * is whole in every text that holds the indicator, so the scanner needs to look only at whole runs.
 * Leaves to others: finding runs fast (ioc_scan.c), checking what stands around one
 * (ioc_match_name.c). */
#include "base/enc.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <stdlib.h>

#define AFTER_SLASH_BONUS 8 /* a slash in front makes a word rarer */
#define WEIGHT_MAX (IOC_WORD_MAX * 2 + 9) /* above every weight() */

/* The IOC_CH_ bits of each byte. */
const uint8_t ioc_class[256] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xC0, 0x00, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0x80, 0x80, 0xC0, 0xC0, 0x80, 0xC1, 0xC2, 0xC0,
    0xF9, 0xF9, 0xF9, 0xF9, 0xF9, 0xF9, 0xF9, 0xF9, 0xF9, 0xF9, 0x80, 0x80, 0x00, 0xC0, 0x00, 0xC0,
    0x80, 0xE9, 0xE9, 0xE9, 0xE9, 0xE9, 0xE9, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1,
    0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0x80, 0x00, 0x80, 0x40, 0xC1,
    0x40, 0xE9, 0xE9, 0xE9, 0xE9, 0xE9, 0xE9, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1,
    0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0xE1, 0x40, 0x40, 0x40, 0xC0, 0x00,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
    0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
};

bool ioc_wide_gap_before(struct hn_text text, size_t pos)
{
    /* Characters from U+2000 on have three or four bytes and a first byte from E2 on. */
    for (size_t back = 3; back <= 4 && back <= pos; back++) {
        if ((unsigned char)text.ptr[pos - back] >= (back == 3 ? 0xE2 : 0xF0) &&
                (unsigned char)text.ptr[pos - 1] >= 0x80)
            return true;
    }
    return false;
}

/* The next whole run at or after *pos, without dots at its ends. False when there is none. */
static bool next_run(struct hn_text text, size_t *pos, struct ioc_anchor *ret_run)
{
    size_t start = *pos;
    size_t end;

    while (start < text.len && !ioc_is(text.ptr[start], IOC_CH_RUN))
        start++;
    end = start;
    while (end < text.len && ioc_is(text.ptr[end], IOC_CH_RUN))
        end++;
    *pos = end;
    if (start == end)
        return false;
    while (start < end && text.ptr[start] == '.')
        start++;
    while (end > start && text.ptr[end - 1] == '.')
        end--;
    *ret_run = (struct ioc_anchor){ start, end - start, IOC_AFTER_ANY };
    return true;
}

static bool is_distinctive(const struct ioc_anchor *run)
{
    return run->len >= IOC_WORD_MIN && run->len <= IOC_WORD_MAX;
}

/* Sorted. Words that every log is full of: found by one of them, an indicator would cost a look at
 * each line. They serve only where a name has nothing else. */
static const char *const everyday[] = { "accessibility", "account", "accounts", "action", "address",
    "admin", "admin.php", "administrator", "appdata", "application", "assets", "cgi-bin", "client",
    "command", "commands", "common", "config", "content", "content.html", "data", "date", "default",
    "default.aspx", "desktop", "document", "documents", "domain", "download", "downloads", "error",
    "event", "explorer.exe", "file", "files", "group", "groups", "home", "host", "hostname", "html",
    "http", "https", "image", "images", "include", "includes", "index.asp", "index.htm",
    "index.html", "index.php", "information", "install", "javascript", "linux", "local", "login",
    "login.php", "logon", "main", "main.php", "media", "message", "microsoft", "name", "network",
    "news", "null", "object", "page", "pages", "param", "params", "phone", "plugins", "port",
    "process", "program", "programdata", "public", "query", "resources", "result", "roaming",
    "root", "screen", "search", "security", "server", "service", "services", "session", "settings",
    "setup.exe", "site", "software", "source", "start", "static", "status", "style.css", "success",
    "svchost.exe", "system", "system32", "target", "task", "tasks", "temp", "test", "text",
    "themes", "time", "type", "update", "update.php", "upload", "upload.php", "uploads", "user",
    "users", "validate", "value", "version", "view", "windows", "wp-admin", "wp-content",
    "wp-includes" };

static int compare_word(const void *key, const void *item)
{
    const struct hn_text *word = key;
    const char *const *listed = item;

    return hn_text_cmp(*word, hn_text_cstr(*listed));
}

/* How well this run tells its indicator from other text; 0: not at all. */
static size_t weight(struct hn_text text, const struct ioc_anchor *run)
{
    char room[16];
    struct hn_text lower = { room, run->len };
    struct hn_text word = hn_text_sub(text, run->at, run->len);

    if (!is_distinctive(run))
        return 0;
    if (run->len <= sizeof room) {
        hn_lower_ascii(word, room);
        if (bsearch(&lower, everyday, HN_COUNT_OF(everyday), sizeof *everyday, compare_word) != NULL)
            return 1;
    }
    return run->len * 2 + (hn_text_find_char(word, '.', 0) == SIZE_MAX ? 0 : 8);
}

bool ioc_is_plain_word(struct hn_text name)
{
    return hn_text_find_char(name, '.', 0) == SIZE_MAX &&
            hn_text_find_char(name, '/', 0) == SIZE_MAX;
}

struct ioc_anchor ioc_anchor_of_filename(struct hn_text name, unsigned rank)
{
    struct ioc_anchor best = { 0 };
    size_t limit = SIZE_MAX; /* scores below this are still to be given */
    size_t last_part = name.len;

    while (last_part > 0 && name.ptr[last_part - 1] != '/')
        last_part--;
    for (unsigned round = 0; round <= rank; round++) {
        struct ioc_anchor run;
        size_t best_score = 0;
        size_t pos = 0;

        best = (struct ioc_anchor){ 0 };
        while (next_run(name, &pos, &run)) {
            size_t score = weight(name, &run);

            /* The file's own name before folders, then weight, then position: no two alike. */
            if (score > 1 && run.at >= last_part)
                score += WEIGHT_MAX;
            if (score > 0)
                score = score * (IOC_FILENAME_MAX + 1) + run.at;
            if (score < limit && score > best_score) {
                best = run;
                best_score = score;
            }
        }
        limit = best_score;
    }
    if (ioc_is_plain_word(name) || (best.at > 0 && name.ptr[best.at - 1] == '/'))
        best.after = IOC_AFTER_SEPARATOR;
    return best;
}

/* The most distinctive whole run of a text. need_plain: only those in ASCII
 * that touch no percent-encoding. */
static struct ioc_anchor best_run(struct hn_text text, bool need_plain)
{
    struct ioc_anchor best = { 0 };
    struct ioc_anchor run;
    size_t best_score = 0;
    size_t pos = 0;

    while (next_run(text, &pos, &run)) {
        struct hn_text word = hn_text_sub(text, run.at, run.len);
        size_t end = run.at + run.len;
        size_t score = weight(text, &run);

        if (score > 0 && run.at > 0 && text.ptr[run.at - 1] == '/')
            score += AFTER_SLASH_BONUS;
        if (score <= best_score)
            continue;
        if (need_plain && (!hn_is_ascii(word) || (run.at > 0 && text.ptr[run.at - 1] == '%') ||
                                  (end < text.len && text.ptr[end] == '%')))
            continue;
        best = run;
        best_score = score;
        if (run.at > 0 && text.ptr[run.at - 1] == '/')
            best.after = IOC_AFTER_SLASH;
    }
    return best;
}

bool ioc_anchor_of_path(
        struct hn_text path, char room[IOC_KEY_MAX], struct ioc_path_anchor *ret_anchor)
{
    char plain_room[IOC_KEY_MAX];
    struct hn_buf plain = ioc_fixed_buf(plain_room, sizeof plain_room);
    struct ioc_anchor best = best_run(path, true);
    struct hn_text text = path;

    ret_anchor->wide = best.len == 0;
    if (ret_anchor->wide) {
        hn_percent_decode(&plain, path);
        text = hn_buf_text(&plain);
        best = best_run(text, false);
        if (best.len == 0 || hn_is_ascii(hn_text_sub(text, best.at, best.len)) ||
                !hn_utf8_valid(hn_text_as_bytes(hn_text_sub(text, best.at, best.len))))
            return false;
    }
    ret_anchor->after = best.after;
    ret_anchor->word =
            hn_text_of(room, hn_fold(hn_text_sub(text, best.at, best.len), room));
    return true;
}
