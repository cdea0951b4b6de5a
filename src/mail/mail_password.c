/* mail_password.c - passwords that mails tell: after (seldom before) a word for "password", in the
 * ways people write it. They are candidates to be tried, so a wrong one costs little and a missed
 * one much; the likely come first. */
#include "mail/mail_internal.h"

#include "base/utf.h"

#define CANDIDATE_BYTES_MAX  64u
#define LINE_BYTES_LOOKED_AT 240u
#define LINES_LOOKED_AT      6u
#define KEYWORDS_LOOKED_AT   64u

/* ---- Words ---- */

struct keyword {
    const char *word;
    bool alone; /* must not stand within a longer word */
};

static const struct keyword keywords[] = {
    { "password", true },
    { "passwords", true },
    { "passwort", true },
    { "passcode", true },
    { "passphrase", true },
    { "passwd", true },
    { "pass word", true },
    { "pass code", true },
    { "pass", true },
    { "pwd", true },
    { "psw", true },
    { "pw", true },
    { "pin", true },
    { "kennwort", true },
    { "mot de passe", true },
    { "contrase\xC3\xB1\x61", true },
    { "clave", true },
    { "senha", true },
    { "haslo", true },
    { "has\xC5\x82o", true },
    { "parola", true },
    { "\xD0\xBF\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C", false }, /* Russian */
    { "\xD0\x9F\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C", false }, /* capital */
    { "\xD0\x9F\xD0\x90\xD0\xA0\xD0\x9E\xD0\x9B\xD0\xAC", false },
    { "\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x89", false }, /* pasuwādo */
    { "\xEF\xBE\x8A\xEF\xBE\x9F\xEF\xBD\xBD\xEF\xBE\x9C\xEF\xBD\xB0\xEF\xBE\x84\xEF\xBE\x9E",
            false },                                                           /* half-width */
    { "\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x88", false }, /* misspelt -to */
    { "\xE3\x83\x91\xE3\x82\xB9\xE3\x82\xB3\xE3\x83\xBC\xE3\x83\x89", false }, /* pasukōdo */
    { "\xE3\x83\x91\xE3\x82\xB9\xE3\x83\x95\xE3\x83\xAC\xE3\x83\xBC\xE3\x82\xBA", false },
    { "\xE6\x9A\x97\xE8\xA8\xBC\xE7\x95\xAA\xE5\x8F\xB7", false }, /* secret number */
    { "\xE8\xA7\xA3\xE5\x87\x8D\xE3\x82\xAD\xE3\x83\xBC", false }, /* unpacking key */
    { "to open", true },
    { "to unlock", true },
    { "to extract", true },
    { "to unzip", true },
    { "\xE8\xA7\xA3\xE5\x87\x8D\xE3\x81\xAB\xE3\x81\xAF", false }, /* for unpacking */
    { "\xE5\xB1\x95\xE9\x96\x8B\xE3\x81\xAB\xE3\x81\xAF", false },
    { "\xE9\x96\x8B\xE3\x81\x8F\xE3\x81\xAB\xE3\x81\xAF", false }, /* to open it */
    { "\xE8\xA7\xA3\xE5\x87\x8D\xE3\x81\x99\xE3\x82\x8B\xE3\x81\xAB\xE3\x81\xAF",
            false }, /* to unpack it */
    { "\xE5\xB1\x95\xE9\x96\x8B\xE3\x81\x99\xE3\x82\x8B\xE3\x81\xAB\xE3\x81\xAF", false },
    { "\xE3\x83\x91\xE3\x82\xB9\xEF\xBC\x9A", false }, /* pasu: */
    { "\xE5\xAF\x86\xE7\xA0\x81", false },             /* Chinese */
    { "\xE5\xAF\x86\xE7\xA2\xBC", false },
    { "\xEB\xB9\x84\xEB\xB0\x80\xEB\xB2\x88\xED\x98\xB8", false }, /* Korean */
    { "\xEC\x95\x94\xED\x98\xB8", false },
};

/* What stands between the word and the password. */
static const char *const connectors[] = { " ", "\t", "\xE3\x80\x80", "\xC2\xA0", ":",
    "\xEF\xBC\x9A", "=", "\xEF\xBC\x9D", "-", ">", "*", "~", "|", "\xE2\x86\x92", "\xE2\x87\x92",
    "\xE2\x80\x93", "\xE2\x80\x94", "\xE3\x81\xAF" /* wa */, "\xE3\x81\x8C" /* ga */,
    "\xE3\x80\x81", "\xE3\x81\xAB" /* ni */, "\xE2\x80\xA6", "\xE3\x83\xBB", ")", "\xEF\xBC\x89",
    "]", "\xE3\x80\x91", "\xE3\x80\x8D", "is:", "is ", "are ", "was ", "ist ", "lautet ", "est ",
    "es ", "\xC3\xA8 ", "will be ", "code ", "key ", "\"is ", "'is " };

struct quotes {
    const char *open;
    const char *close;
};

static const struct quotes quotes[] = {
    { "\xE3\x80\x8C", "\xE3\x80\x8D" }, /* corner brackets */
    { "\xE3\x80\x8E", "\xE3\x80\x8F" },
    { "\xE3\x80\x90", "\xE3\x80\x91" },
    { "\xE3\x80\x94", "\xE3\x80\x95" },
    { "\xEF\xBC\xBB", "\xEF\xBC\xBD" },
    { "\xEF\xBC\x88", "\xEF\xBC\x89" },
    { "\xE2\x80\x9C", "\xE2\x80\x9D" },
    { "\xE2\x80\x98", "\xE2\x80\x99" },
    { "\xC2\xAB", "\xC2\xBB" },
    { "\"", "\"" },
    { "'", "'" },
    { "`", "`" },
    { "[", "]" },
    { "(", ")" },
    { "{", "}" },
    { "<", ">" },
};

static const char *const no_passwords[] = { "is", "for", "to", "the", "protected", "will", "your",
    "and", "in", "of", "below", "following", "follows", "as", "on", "by", "be", "sent", "reset",
    "has", "with", "this", "that", "it", "a", "an", "you", "or", "from", "was", "are", "not",
    "please", "use", "used", "required", "needed", "zip", "archive", "file", "document",
    "attachment", "attached", "open", "unlock", "extract", "mail", "email", "here", "we", "can",
    "must", "if", "at", "my", "our", "me", "code", "key", "change", "changed", "expired", "expires",
    "manager", "protection", "der", "die", "das", "ist", "de", "le", "la", "et", "den", "port",
    "through", "away", "over", "number" };

/* ---- Characters ---- */

/* The length of a character of a password at pos: ASCII or its full-width form; 0 for none. */
static size_t password_char(struct hn_text text, size_t pos)
{
    const unsigned char *p = (const unsigned char *)text.ptr + pos;

    if (p[0] > ' ' && p[0] < 127)
        return 1;
    if (pos + 2 >= text.len || p[0] != 0xEF)
        return 0;
    if (p[1] == 0xBC && p[2] >= 0x81) /* U+FF01 .. U+FF3F */
        return p[2] == 0x88 || p[2] == 0x89 || p[2] == 0x8C || p[2] == 0x9A || p[2] == 0x9D ? 0 : 3;
    return p[1] == 0xBD && p[2] <= 0x9E ? 3 : 0; /* U+FF40 .. U+FF5E */
}

static bool is_letter(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* ---- Candidates ---- */

struct candidates {
    mail_on_password *on_password;
    void *ctx;
    char seen[MAIL_PASSWORDS_MAX][CANDIDATE_BYTES_MAX];
    size_t lens[MAIL_PASSWORDS_MAX];
    size_t count;
};

static void tell(struct candidates *all, struct hn_text password)
{
    if (password.len == 0 || password.len > CANDIDATE_BYTES_MAX || all->count >= MAIL_PASSWORDS_MAX)
        return;
    for (size_t i = 0; i < all->count; i++)
        if (hn_text_eq(hn_text_of(all->seen[i], all->lens[i]), password))
            return;
    memcpy(all->seen[all->count], password.ptr, password.len);
    all->lens[all->count++] = password.len;
    all->on_password(all->ctx, password);
}

/* Full-width forms as ASCII; returns the length. */
static size_t narrow(struct hn_text text, char out[CANDIDATE_BYTES_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        const unsigned char *p = (const unsigned char *)text.ptr + i;

        if (i + 2 < text.len && p[0] == 0xEF && (p[1] == 0xBC || p[1] == 0xBD) &&
                password_char(text, i) == 3) {
            out[len++] = (char)(p[1] == 0xBC ? p[2] - 0x80 + 0x20 : p[2] - 0x80 + 0x60);
            i += 2;
        } else {
            out[len++] = text.ptr[i];
        }
    }
    return len;
}

static void tell_forms(struct candidates *all, struct hn_text raw, bool quoted)
{
    char narrowed[CANDIDATE_BYTES_MAX];
    struct hn_text bare = hn_text_trim(raw);

    if (raw.len == 0 || raw.len > CANDIDATE_BYTES_MAX)
        return;
    raw = bare;
    /* The end of a sentence is seldom part of a password, quotes around it never are. */
    while (!quoted && bare.len > 1 && strchr(".,;:!?)]}>\"'`([{<", bare.ptr[bare.len - 1]) != NULL)
        bare.len--;
    while (!quoted && bare.len > 1 && strchr("\"'`([{<", bare.ptr[0]) != NULL)
        bare = hn_text_sub(bare, 1, bare.len);
    tell(all, bare);
    tell(all, hn_text_of(narrowed, narrow(bare, narrowed)));
    tell(all, raw);
    tell(all, hn_text_of(narrowed, narrow(raw, narrowed)));
}

static bool is_no_password(struct hn_text token)
{
    while (token.len > 1 && strchr(".,;:!?)]\"'", token.ptr[token.len - 1]) != NULL)
        token.len--;
    for (size_t i = 0; i < HN_COUNT_OF(no_passwords); i++)
        if (hn_text_eq_nocase(token, hn_text_cstr(no_passwords[i])))
            return true;
    return token.len == 0 || mail_has_nocase(token, "://") ||
           hn_text_starts_nocase(token, HN_TEXT("www."));
}

static struct hn_text token_at(struct hn_text text, size_t pos)
{
    size_t end = pos;
    size_t len;

    while (end < text.len && (len = password_char(text, end)) > 0)
        end += len;
    return hn_text_sub(text, pos, end - pos);
}

/* The text within quotes that open at pos; ptr NULL where none do. */
static struct hn_text quoted_at(struct hn_text text, size_t pos)
{
    for (size_t i = 0; i < HN_COUNT_OF(quotes); i++) {
        struct hn_text open = hn_text_cstr(quotes[i].open);
        size_t close;

        if (!hn_text_starts(hn_text_sub(text, pos, open.len), open))
            continue;
        pos += open.len;
        close = hn_text_find(hn_text_sub(text, 0, pos + CANDIDATE_BYTES_MAX + 4),
                hn_text_cstr(quotes[i].close), pos);
        if (close != SIZE_MAX && close > pos)
            return hn_text_sub(text, pos, close - pos);
        break;
    }
    return (struct hn_text){ 0 };
}

/* ---- Around one keyword ---- */

static size_t connector_at(struct hn_text text, size_t pos)
{
    struct hn_text rest = hn_text_sub(text, pos, 16);

    for (size_t i = 0; i < HN_COUNT_OF(connectors); i++) {
        struct hn_text connector = hn_text_cstr(connectors[i]);

        if (hn_text_starts_nocase(rest, connector))
            return connector.len;
    }
    return 0;
}

/* Right behind the word. */
static void tell_direct(struct candidates *all, struct hn_text line)
{
    size_t pos = 0;
    size_t len;
    struct hn_text found;

    while (pos < line.len && (len = connector_at(line, pos)) > 0)
        pos += len;
    found = quoted_at(line, pos);
    if (found.ptr != NULL) {
        tell_forms(all, found, true);
        return;
    }
    found = token_at(line, pos);
    if (found.len > 0 && !is_no_password(found))
        tell_forms(all, found, false);
}

/* Behind a separator further on in the line: "password for the archive is x". */
static void tell_separated(struct candidates *all, struct hn_text line)
{
    static const char *const separators[] = { ":", "\xEF\xBC\x9A", " is ", "=", "\xEF\xBC\x9D",
        "\xE3\x81\xAF", "\xE2\x86\x92", " - ", " ist ", " est ", " \xE2\x80\x93 ",
        "\xE3\x81\xA7 " };

    for (size_t i = 0; i < HN_COUNT_OF(separators); i++) {
        struct hn_text separator = hn_text_cstr(separators[i]);
        size_t at = hn_text_find_nocase(line, separator, 0);

        if (at != SIZE_MAX)
            tell_direct(all, hn_text_sub(line, at + separator.len, line.len));
    }
}

static void tell_quoted(struct candidates *all, struct hn_text line)
{
    for (size_t pos = 0; pos < line.len; pos++) {
        struct hn_text found = quoted_at(line, pos);

        if (found.ptr != NULL && !is_no_password(found)) {
            tell_forms(all, found, true);
            pos = (size_t)(found.ptr - line.ptr) + found.len;
        }
    }
}

/* Lines below that are one word: "the password is as follows:" */
static void tell_lines_below(struct candidates *all, struct hn_text text, size_t pos)
{
    struct hn_text line;
    size_t seen = 0;

    for (size_t i = 0; i < (size_t)2 * LINES_LOOKED_AT && seen < LINES_LOOKED_AT; i++) {
        struct hn_text found;

        if (!mail_line(text, &pos, &line))
            return;
        line = hn_text_trim(line);
        while (hn_text_starts(line, HN_TEXT("\xE3\x80\x80"))) /* an ideographic space */
            line = hn_text_sub(line, 3, line.len);
        if (line.len == 0)
            continue;
        seen++;
        found = quoted_at(line, 0);
        if (found.ptr == NULL)
            found = token_at(line, 0);
        if (found.len >= 3 && found.len + 6 >= line.len && !is_no_password(found) &&
                mail_has_nocase(found, "@") == false)
            tell_forms(all, found, false);
    }
}

/* "1234 is the password", "「1234」がパスワード". */
static void tell_before(struct candidates *all, struct hn_text before)
{
    size_t end = before.len;

    tell_quoted(all, before);
    while (end > 0) {
        size_t start = end;
        struct hn_text token;
        bool digit = false;

        while (start > 0 && (unsigned char)before.ptr[start - 1] > ' ' &&
                (unsigned char)before.ptr[start - 1] < 127)
            start--;
        token = hn_text_sub(before, start, end - start);
        for (size_t i = 0; i < token.len; i++)
            digit = digit || (token.ptr[i] >= '0' && token.ptr[i] <= '9');
        if (digit && token.len >= 3 && !is_no_password(token)) {
            tell_forms(all, token, false);
            return;
        }
        end = start > 0 ? start - 1 : 0;
    }
}

/* ---- Keywords ---- */

/* How many bytes of the text are that word, in any case and width; 0 for none. */
static size_t word_at(struct hn_text text, struct hn_text word)
{
    size_t pos = 0;

    for (size_t i = 0; i < word.len; i++) {
        const unsigned char *p = (const unsigned char *)text.ptr + pos;
        size_t len = 1;
        char c;

        if (pos >= text.len)
            return 0;
        c = (char)p[0];
        if (c != word.ptr[i] && p[0] == 0xEF && password_char(text, pos) == 3) {
            c = (char)(p[1] == 0xBC ? p[2] - 0x80 + 0x20 : p[2] - 0x80 + 0x60);
            len = 3;
        }
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 32);
        if (c != word.ptr[i])
            return 0;
        pos += len;
    }
    return pos;
}

/* The longest keyword at pos, 0 for none. */
static size_t keyword_at(struct hn_text text, size_t pos)
{
    struct hn_text rest = hn_text_sub(text, pos, 64);
    size_t longest = 0;

    for (size_t i = 0; i < HN_COUNT_OF(keywords); i++) {
        size_t len = word_at(rest, hn_text_cstr(keywords[i].word));

        if (len <= longest)
            continue;
        if (keywords[i].alone && ((pos > 0 && is_letter(text.ptr[pos - 1])) ||
                                         (rest.len > len && is_letter(rest.ptr[len]))))
            continue;
        longest = len;
    }
    return longest;
}

static void around(struct candidates *all, struct hn_text text, size_t start, size_t end)
{
    size_t line_start = start;
    size_t line_end = end;
    struct hn_text line;

    while (line_start > 0 && start - line_start < LINE_BYTES_LOOKED_AT &&
            text.ptr[line_start - 1] != '\n' && text.ptr[line_start - 1] != '\r')
        line_start--;
    while (line_end < text.len && line_end - end < LINE_BYTES_LOOKED_AT &&
            text.ptr[line_end] != '\n' && text.ptr[line_end] != '\r')
        line_end++;
    line = hn_text_sub(text, end, line_end - end);
    tell_direct(all, line);
    tell_separated(all, line);
    tell_quoted(all, line);
    tell_lines_below(all, text, line_end);
    tell_before(all, hn_text_sub(text, line_start, start - line_start));
}

/* Bytes that a keyword may start with: most positions of a text are passed over by this. */
static bool may_start(char c)
{
    return strchr("PpKkMmCcSsHhTt\xD0\xE3\xEF\xE6\xE8\xE5\xE9\xEB\xEC", c) != NULL && c != '\0';
}

void mail_find_passwords(struct hn_text text, mail_on_password *on_password, void *ctx)
{
    struct candidates all = { .on_password = on_password, .ctx = ctx };
    size_t keywords_seen = 0;

    for (size_t pos = 0; pos < text.len && keywords_seen < KEYWORDS_LOOKED_AT;) {
        size_t len = may_start(text.ptr[pos]) ? keyword_at(text, pos) : 0;

        if (len == 0) {
            pos++;
            continue;
        }
        keywords_seen++;
        around(&all, text, pos, pos + len);
        pos += len;
    }
}

bool mail_tells_password(struct hn_text text)
{
    for (size_t pos = 0; pos < text.len; pos++)
        if (may_start(text.ptr[pos]) && keyword_at(text, pos) > 0)
            return true;
    return false;
}

bool mail_tells_of_password_mail(struct hn_text text)
{
    static const char *const elsewhere[] = { "separate mail", "separate email", "separate e-mail",
        "separate message", "another mail", "another email", "another e-mail", "next mail",
        "next email", "sent separately", "send separately", "separately by",
        "\xE5\x88\xA5\xE3\x83\xA1\xE3\x83\xBC\xE3\x83\xAB" /* another mail */,
        "\xE5\x88\xA5\xE9\x80\x94" /* separately */, "\xE5\x88\xA5\xE9\x80\x81",
        "\xE5\xBE\x8C\xE9\x80\x81" /* sent later */, "\xE5\x88\xA5\xE4\xBE\xBF",
        "\xE8\xBF\xBD\xE3\x81\xA3\xE3\x81\xA6" /* later on */,
        "\xE6\xAC\xA1\xE3\x81\xAE\xE3\x83\xA1\xE3\x83\xBC\xE3\x83\xAB" /* the next mail */ };
    bool password = mail_tells_password(text);

    for (size_t i = 0; password && i < HN_COUNT_OF(elsewhere); i++)
        if (mail_has_nocase(text, elsewhere[i]))
            return true;
    return false;
}
