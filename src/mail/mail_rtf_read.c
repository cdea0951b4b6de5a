/* mail_rtf_read.c - what people read in RTF, or the HTML or text that Outlook wrapped in it
 * ([MS-OXRTFEX]). Objects and pictures in it are the RTF opener's (src/office). */
#include "mail/mail_internal.h"

#include "base/codepage.h"

#define STATES_MAX 200u /* groups within groups; deeper ones share the last state */
#define FONTS_MAX  256u

struct state {
    bool skipped;   /* a destination that is not text */
    bool html_tag;  /* within \*\htmltag: HTML as it was */
    bool html_rtf;  /* within \htmlrtf: RTF that stands for a tag */
    bool font_list; /* within \fonttbl */
    uint32_t codepage;
    uint32_t unicode_skip; /* \uc: characters that repeat a \u for old readers */
};

struct rtf {
    struct hn_text in;
    size_t pos;
    struct hn_buf *out;
    struct hn_buf bytes; /* characters of a code page, not converted yet */
    struct state states[STATES_MAX];
    size_t depth;
    size_t deeper; /* groups past STATES_MAX */
    bool from_html;
    bool star; /* \* came right before */
    uint32_t ansi;
    uint32_t fonts[FONTS_MAX]; /* their code pages; 0: not stated */
    uint32_t font;             /* the one being defined */
    uint32_t to_skip;
    uint32_t high_surrogate;
};

static struct state *state_of(struct rtf *rtf)
{
    return &rtf->states[rtf->depth];
}

/* ---- Text ---- */

static void flush(struct rtf *rtf, uint32_t codepage)
{
    if (rtf->bytes.len > 0)
        (void)hn_codepage_to_utf8(rtf->out, codepage, hn_text_as_bytes(hn_buf_text(&rtf->bytes)));
    hn_buf_reset(&rtf->bytes);
}

static bool is_visible(const struct state *state, const struct rtf *rtf)
{
    if (state->skipped || state->font_list)
        return false;
    return state->html_tag || !state->html_rtf || !rtf->from_html;
}

static void put_byte(struct rtf *rtf, char c)
{
    if (rtf->to_skip > 0)
        rtf->to_skip--;
    else if (is_visible(state_of(rtf), rtf))
        hn_buf_add_char(&rtf->bytes, c);
}

static void put_text(struct rtf *rtf, const char *utf8)
{
    const struct state *state = state_of(rtf);

    if (!is_visible(state, rtf))
        return;
    flush(rtf, state->codepage);
    hn_buf_add_cstr(rtf->out, utf8);
}

static void put_unicode(struct rtf *rtf, int32_t value)
{
    const struct state *state = state_of(rtf);
    uint32_t unit = (uint32_t)value & 0xFFFFu; /* RTF writes it as a signed number */

    rtf->to_skip = state->unicode_skip;
    if (!is_visible(state, rtf))
        return;
    flush(rtf, state->codepage);
    if (unit >= 0xD800 && unit < 0xDC00) {
        rtf->high_surrogate = unit;
        return;
    }
    if (unit >= 0xDC00 && unit < 0xE000 && rtf->high_surrogate != 0)
        unit = 0x10000u + ((rtf->high_surrogate & 0x3FFu) << 10 | (unit & 0x3FFu));
    rtf->high_surrogate = 0;
    hn_buf_add_utf8(rtf->out, unit);
}

/* ---- Control words ---- */

/* [MS-RTF]'s \fcharset numbers are those of Windows' LOGFONT. */
static uint32_t codepage_of_charset(int32_t charset)
{
    static const struct {
        int32_t charset;
        uint32_t codepage;
    } rows[] = { { 77, 10000 }, { 128, 932 }, { 129, 949 }, { 130, 1361 }, { 134, 936 },
        { 136, 950 }, { 161, 1253 }, { 162, 1254 }, { 163, 1258 }, { 177, 1255 }, { 178, 1256 },
        { 186, 1257 }, { 204, 1251 }, { 222, 874 }, { 238, 1250 }, { 255, 437 }, { 0, 1252 } };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        if (rows[i].charset == charset)
            return rows[i].codepage;
    return 0;
}

struct control {
    struct hn_text word;
    bool has_number;
    int32_t number;
};

static bool is_word(const struct control *control, const char *word)
{
    return hn_text_eq(control->word, hn_text_cstr(word));
}

static bool is_hidden_destination(const struct control *control)
{
    static const char *const words[] = { "colortbl", "stylesheet", "info", "pict", "objdata",
        "header", "footer", "headerl", "headerr", "footerl", "footerr", "themedata", "datastore",
        "generator", "listtable", "listoverridetable", "revtbl", "rsidtbl", "filetbl", "xmlnstbl",
        "mmathPr", "latentstyles", "fldinst", "bkmkstart", "bkmkend", "nonshppict" };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++)
        if (is_word(control, words[i]))
            return true;
    return false;
}

static bool put_character_word(struct rtf *rtf, const struct control *control)
{
    static const struct {
        const char *word;
        const char *text;
    } rows[] = { { "par", "\r\n" }, { "line", "\r\n" }, { "sect", "\r\n" }, { "row", "\r\n" },
        { "page", "\r\n" }, { "tab", "\t" }, { "cell", "\t" }, { "lquote", "\xE2\x80\x98" },
        { "rquote", "\xE2\x80\x99" }, { "ldblquote", "\xE2\x80\x9C" },
        { "rdblquote", "\xE2\x80\x9D" }, { "bullet", "\xE2\x80\xA2" }, { "endash", "\xE2\x80\x93" },
        { "emdash", "\xE2\x80\x94" }, { "emspace", "\xE2\x80\x83" },
        { "enspace", "\xE2\x80\x82" } };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        if (is_word(control, rows[i].word)) {
            put_text(rtf, rows[i].text);
            return true;
        }
    }
    return false;
}

static void font_word(struct rtf *rtf, const struct control *control)
{
    struct state *state = state_of(rtf);
    uint32_t number = control->number >= 0 ? (uint32_t)control->number : FONTS_MAX;

    if (is_word(control, "f") && state->font_list) {
        rtf->font = number;
    } else if (is_word(control, "fcharset") && state->font_list) {
        if (rtf->font < FONTS_MAX)
            rtf->fonts[rtf->font] = codepage_of_charset(control->number);
    } else if (is_word(control, "f") || is_word(control, "plain")) {
        uint32_t codepage = is_word(control, "f") && number < FONTS_MAX ? rtf->fonts[number] : 0;

        flush(rtf, state->codepage);
        state->codepage = codepage != 0 ? codepage : rtf->ansi;
    }
}

static void set_ansi(struct rtf *rtf, uint32_t codepage)
{
    rtf->ansi = codepage;
    for (size_t i = 0; i <= rtf->depth; i++)
        rtf->states[i].codepage = codepage;
}

static void destination_word(struct rtf *rtf, const struct control *control, bool star)
{
    struct state *state = state_of(rtf);

    flush(rtf, state->codepage);
    if (is_word(control, "htmltag")) {
        state->html_tag = rtf->from_html;
        state->skipped = state->skipped || !rtf->from_html;
    } else if (is_word(control, "fonttbl")) {
        state->font_list = true;
    } else if (is_hidden_destination(control) || star) {
        state->skipped = true;
    }
}

static void control_word(struct rtf *rtf, const struct control *control)
{
    struct state *state = state_of(rtf);
    bool star = rtf->star;

    rtf->star = false;
    if (star || is_word(control, "fonttbl") || is_hidden_destination(control)) {
        destination_word(rtf, control, star);
    } else if (is_word(control, "fromhtml")) {
        rtf->from_html = !control->has_number || control->number != 0;
    } else if (is_word(control, "htmlrtf")) {
        flush(rtf, state->codepage);
        state->html_rtf = !control->has_number || control->number != 0;
    } else if (is_word(control, "ansicpg") && control->number > 0) {
        set_ansi(rtf, (uint32_t)control->number);
    } else if (is_word(control, "u") && control->has_number) {
        put_unicode(rtf, control->number);
    } else if (is_word(control, "uc") && control->number >= 0 && control->number < 16) {
        state->unicode_skip = (uint32_t)control->number;
    } else if (is_word(control, "bin") && control->number > 0) {
        size_t left = rtf->in.len - rtf->pos;

        rtf->pos += (size_t)control->number < left ? (size_t)control->number : left;
    } else if (!put_character_word(rtf, control)) {
        font_word(rtf, control);
    }
}

/* ---- Tokens ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static void read_word(struct rtf *rtf)
{
    struct control control = { 0 };
    size_t start = rtf->pos;
    bool negative = false;
    int32_t number = 0;

    while (rtf->pos < rtf->in.len && is_letter(rtf->in.ptr[rtf->pos]) && rtf->pos - start < 32)
        rtf->pos++;
    control.word = hn_text_sub(rtf->in, start, rtf->pos - start);
    if (rtf->pos + 1 < rtf->in.len && rtf->in.ptr[rtf->pos] == '-' &&
            hex_digit(rtf->in.ptr[rtf->pos + 1]) >= 0) {
        negative = true;
        rtf->pos++;
    }
    while (rtf->pos < rtf->in.len && rtf->in.ptr[rtf->pos] >= '0' && rtf->in.ptr[rtf->pos] <= '9') {
        control.has_number = true;
        if (number < 100000000)
            number = number * 10 + (rtf->in.ptr[rtf->pos] - '0');
        rtf->pos++;
    }
    control.number = negative ? -number : number;
    if (rtf->pos < rtf->in.len && rtf->in.ptr[rtf->pos] == ' ')
        rtf->pos++;
    control_word(rtf, &control);
}

/* "\x": a character escaped, a byte in hex, or a control symbol. */
static void read_control(struct rtf *rtf)
{
    char c;

    if (rtf->pos >= rtf->in.len)
        return;
    c = rtf->in.ptr[rtf->pos];
    if (is_letter(c)) {
        read_word(rtf);
        return;
    }
    rtf->pos++;
    rtf->star = false;
    if (c == '\'' && rtf->in.len - rtf->pos >= 2) {
        int high = hex_digit(rtf->in.ptr[rtf->pos]);
        int low = hex_digit(rtf->in.ptr[rtf->pos + 1]);

        if (high >= 0 && low >= 0) {
            rtf->pos += 2;
            put_byte(rtf, (char)(high * 16 + low));
        }
    } else if (c == '*') {
        rtf->star = true;
    } else if (c == '~') {
        put_text(rtf, "\xC2\xA0");
    } else if (c == '_') {
        put_text(rtf, "-");
    } else if (c == '\r' || c == '\n') {
        put_text(rtf, "\r\n");
    } else if (c == '\\' || c == '{' || c == '}') {
        put_byte(rtf, c);
    }
}

static void open_group(struct rtf *rtf)
{
    flush(rtf, state_of(rtf)->codepage);
    if (rtf->depth + 1 < STATES_MAX) {
        rtf->states[rtf->depth + 1] = rtf->states[rtf->depth];
        rtf->depth++;
    } else {
        rtf->deeper++;
    }
}

static void close_group(struct rtf *rtf)
{
    flush(rtf, state_of(rtf)->codepage);
    rtf->to_skip = 0;
    if (rtf->deeper > 0)
        rtf->deeper--;
    else if (rtf->depth > 0)
        rtf->depth--;
}

enum mail_rtf_kind mail_rtf_read(struct hn_text text, struct hn_buf *out)
{
    struct rtf rtf = { .in = text, .out = out, .ansi = HN_CODEPAGE_WESTERN };

    rtf.states[0] = (struct state){ .codepage = HN_CODEPAGE_WESTERN, .unicode_skip = 1 };
    while (rtf.pos < text.len && hn_buf_ok(out)) {
        char c = text.ptr[rtf.pos++];

        if (c == '{')
            open_group(&rtf);
        else if (c == '}')
            close_group(&rtf);
        else if (c == '\\')
            read_control(&rtf);
        else if (c != '\r' && c != '\n' && c != '\0')
            put_byte(&rtf, c);
        if (c != '\\')
            rtf.star = false;
    }
    flush(&rtf, state_of(&rtf)->codepage);
    hn_buf_deinit(&rtf.bytes);
    return rtf.from_html ? MAIL_RTF_HTML : MAIL_RTF_TEXT;
}
