/* office_rtf.c - RTF as Word reads it, which is not as the specification has it: any control word
 * may stand anywhere and is passed over where it means nothing, groups need no end, data of objects
 * may be interrupted by almost anything. Destinations are in office_rtf_dest.c. */
#include "office/office_rtf.h"

#include "base/codepage.h"
#include "base/utf.h"

#define BODY_BYTES_MAX ((size_t)16 << 20)
#define WORD_BYTES_MAX 250u
#define FONT_WORD_PAGE 0u

static bool is(struct hn_text word, const char *what)
{
    return hn_text_eq(word, hn_text_cstr(what));
}

static struct rtf_group *top(struct rtf *rtf)
{
    return &rtf->groups[rtf->depth];
}

/* ---- Where text goes ---- */

static void hex_digit(struct rtf *rtf, uint8_t value)
{
    if (rtf->nibbles++ % 2 == 0)
        rtf->nibble = value;
    else
        hn_buf_add_char(&top(rtf)->sink->buf, (char)(rtf->nibble << 4 | value));
}

static void hex_text(struct rtf *rtf, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c >= '0' && c <= '9')
            hex_digit(rtf, (uint8_t)(c - '0'));
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            hex_digit(rtf, (uint8_t)((c | 0x20) - 'a' + 10));
    }
}

/* Text as UTF-8. */
static void route(struct rtf *rtf, struct hn_text text)
{
    struct rtf_group *group = top(rtf);

    switch (group->destination->kind) {
    case RTF_BODY:
    case RTF_FIELD:
    case RTF_OBJECT:
        if (office_field_text(&rtf->fields, text))
            hn_buf_add_text(&rtf->body, text);
        break;
    case RTF_HEX:
        hex_text(rtf, text);
        break;
    case RTF_CAPTURE:
        hn_buf_add_text(&group->sink->buf, text);
        break;
    case RTF_SKIP:
    case RTF_FONTS:
        break;
    }
}

static void flush(struct rtf *rtf)
{
    struct hn_text bytes = hn_buf_text(&rtf->bytes);

    if (bytes.len == 0)
        return;
    if (hn_is_ascii(bytes))
        route(rtf, bytes);
    else
        route(rtf, office_ansi(rtf->o, top(rtf)->codepage, hn_text_as_bytes(bytes)));
    hn_buf_reset(&rtf->bytes);
}

static void character(struct rtf *rtf, char c)
{
    if (rtf->skip > 0)
        rtf->skip--;
    else if (top(rtf)->destination->kind != RTF_SKIP)
        hn_buf_add_char(&rtf->bytes, c);
}

static void code_point(struct rtf *rtf, uint32_t value)
{
    char utf8[4];

    flush(rtf);
    if (value >= 0xD800 && value <= 0xDBFF) { /* the second half comes as a word of its own */
        rtf->high = value;
        return;
    }
    if (value >= 0xDC00 && value <= 0xDFFF)
        value = rtf->high != 0 ? 0x10000 + ((rtf->high - 0xD800) << 10) + (value - 0xDC00) : 0xFFFD;
    rtf->high = 0;
    if (value > 0x10FFFF)
        value = 0xFFFD;
    route(rtf, hn_text_of(utf8, hn_utf8_encode(value, utf8)));
}

/* ---- Groups ---- */

static void open_group(struct rtf *rtf)
{
    struct rtf_group *above = top(rtf);

    flush(rtf);
    rtf->skip = 0;
    rtf->starred = false;
    if (above->destination->kind == RTF_HEX)
        rtf->disguised = true;
    if (rtf->depth + 1 == RTF_DEPTH_MAX) {
        if (!rtf->noted_depth)
            dissect_note(rtf->o->dissect, rtf->o->id, DISSECT_NOTE_LIMIT, rtf->pos,
                    "groups nest deeper than %u", RTF_DEPTH_MAX);
        rtf->noted_depth = true;
        rtf->too_deep++;
        return;
    }
    rtf->depth++;
    *top(rtf) = *above;
    top(rtf)->owner = false;
    if (above->destination->kind == RTF_FIELD || above->destination->kind == RTF_OBJECT)
        top(rtf)->destination = &rtf_body; /* their end is told of once */
}

static void end_destination(struct rtf *rtf, struct rtf_group *group)
{
    const struct rtf_destination *destination = group->destination;
    struct hn_text text;

    if (!group->owner)
        return;
    group->owner = false;
    if (destination->kind == RTF_FIELD) {
        office_field_end(&rtf->fields);
        return;
    }
    if (destination->kind != RTF_CAPTURE && destination->kind != RTF_HEX)
        return;
    text = office_take(rtf->o, &group->buf);
    if (destination->kind == RTF_HEX)
        rtf_object_data(rtf, hn_text_as_bytes(text));
    else
        destination->take(rtf, text);
}

static void close_group(struct rtf *rtf)
{
    struct rtf_group *group = top(rtf);

    flush(rtf);
    if (!group->owner && is(group->destination->word, "docvar"))
        hn_buf_add_char(&group->sink->buf, RTF_BETWEEN); /* {name}{value} */
    rtf->skip = 0;
    rtf->starred = false;
    if (rtf->too_deep > 0) {
        rtf->too_deep--;
        return;
    }
    if (rtf->depth == 0)
        return; /* a brace too many: Word goes on */
    end_destination(rtf, group);
    rtf->depth--;
}

static void enter(struct rtf *rtf, const struct rtf_destination *destination)
{
    struct rtf_group *group = top(rtf);

    if (rtf->too_deep > 0)
        return;
    end_destination(rtf, group); /* two destinations in one group: the first is over */
    group->destination = destination;
    group->sink = group;
    group->owner = true;
    if (destination->kind == RTF_CAPTURE || destination->kind == RTF_HEX)
        hn_buf_init(&group->buf, OFFICE_SCRATCH_BYTES_MAX / 2);
    if (destination->kind == RTF_HEX) {
        rtf->nibbles = 0;
        rtf->disguised = false;
    }
    if (destination->begin != NULL)
        destination->begin(rtf);
}

/* ---- Control words ---- */

static uint32_t page_of_charset(long charset)
{
    static const struct {
        short charset;
        uint16_t page;
    } pages[] = { { 128, 932 }, { 129, 949 }, { 134, 936 }, { 136, 950 }, { 161, 1253 },
        { 162, 1254 }, { 163, 1258 }, { 177, 1255 }, { 178, 1256 }, { 186, 1257 }, { 204, 1251 },
        { 222, 874 }, { 238, 1250 }, { 77, 10000 } };

    for (size_t i = 0; i < HN_COUNT_OF(pages); i++) {
        if (pages[i].charset == charset)
            return pages[i].page;
    }
    return FONT_WORD_PAGE;
}

static void font(struct rtf *rtf, long number)
{
    uint32_t page;

    if (number < 0 || (unsigned long)number >= RTF_FONTS_MAX)
        return;
    if (top(rtf)->destination->kind == RTF_FONTS) {
        rtf->font = (uint32_t)number;
        return;
    }
    page = rtf->fonts[number];
    top(rtf)->codepage = page != FONT_WORD_PAGE ? page : rtf->ansi;
}

static void binary(struct rtf *rtf, long count)
{
    size_t left = rtf->in.len - rtf->pos;
    size_t len = count < 0 ? 0 : (size_t)count;
    struct hn_text raw;

    if (len > left)
        len = left;
    raw = hn_text_sub(rtf->in, rtf->pos, len);
    rtf->pos += len;
    if (top(rtf)->destination->kind != RTF_HEX)
        return;
    rtf->disguised = true;
    for (size_t i = 0; i < raw.len;
            i++) { /* behind an odd digit bytes are torn in two, as Word does */
        hex_digit(rtf, (uint8_t)raw.ptr[i] >> 4);
        hex_digit(rtf, (uint8_t)raw.ptr[i] & 15);
    }
}

/* Words that stand for characters. */
static const char *character_word(struct hn_text word)
{
    static const struct {
        struct hn_text word;
        const char *text;
    } words[] = { { HN_TEXT_INIT("par"), "\r" }, { HN_TEXT_INIT("line"), "\v" },
        { HN_TEXT_INIT("tab"), "\t" }, { HN_TEXT_INIT("cell"), "\r" },
        { HN_TEXT_INIT("row"), "\r" }, { HN_TEXT_INIT("sect"), "\r" },
        { HN_TEXT_INIT("page"), "\r" }, { HN_TEXT_INIT("lquote"), "\xE2\x80\x98" },
        { HN_TEXT_INIT("rquote"), "\xE2\x80\x99" }, { HN_TEXT_INIT("ldblquote"), "\xE2\x80\x9C" },
        { HN_TEXT_INIT("rdblquote"), "\xE2\x80\x9D" }, { HN_TEXT_INIT("bullet"), "\xE2\x80\xA2" },
        { HN_TEXT_INIT("endash"), "\xE2\x80\x93" }, { HN_TEXT_INIT("emdash"), "\xE2\x80\x94" },
        { HN_TEXT_INIT("emspace"), " " }, { HN_TEXT_INIT("enspace"), " " } };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq(word, words[i].word))
            return words[i].text;
    }
    return NULL;
}

static void property_word(struct rtf *rtf, struct hn_text word, long number)
{
    if (is(word, "ansicpg") && number > 0) {
        rtf->ansi = (uint32_t)number;
        top(rtf)->codepage = rtf->ansi;
    } else if (is(word, "f")) {
        font(rtf, number);
    } else if (is(word, "fcharset") && top(rtf)->destination->kind == RTF_FONTS) {
        rtf->fonts[rtf->font] = page_of_charset(number);
    } else if (is(word, "uc") && number >= 0) {
        top(rtf)->unicode_skip = number < 64 ? (uint32_t)number : 64;
    } else if (is(word, "objupdate")) {
        dissect_fact_bool(rtf->o->dissect, rtf->o->id, "object_update", true);
    } else if (is(word, "objlink") || is(word, "objautlink")) {
        dissect_fact_bool(rtf->o->dissect, rtf->o->id, "object_linked", true);
    } else if (is(word, "objhtml") || is(word, "objocx")) {
        dissect_fact_bool(rtf->o->dissect, rtf->o->id, "object_control", true);
    } else if (is(word, "v")) {
        if (number != 0)
            dissect_fact_bool(rtf->o->dissect, rtf->o->id, "hidden_text", true);
    }
}

static void control_word(struct rtf *rtf, struct hn_text word, bool has_number, long number)
{
    bool in_hex = top(rtf)->destination->kind == RTF_HEX;
    const struct rtf_destination *destination = rtf_destination_find(word);
    const char *text;
    bool starred = rtf->starred;

    flush(rtf);
    rtf->starred = false;
    rtf->skip = 0;
    if (is(word, "bin")) {
        binary(rtf, has_number ? number : 0);
        return;
    }
    if (in_hex)
        rtf->disguised = true;
    if (destination != NULL) {
        enter(rtf, destination);
        return;
    }
    if (starred) {
        enter(rtf, &rtf_skip);
        return;
    }
    if (is(word, "u")) {
        if (!in_hex)
            code_point(rtf, (uint32_t)(number < 0 ? number + 65536 : number) & 0xFFFF);
        rtf->skip = top(rtf)->unicode_skip;
        return;
    }
    text = in_hex ? NULL : character_word(word);
    if (text != NULL)
        route(rtf, hn_text_cstr(text));
    else
        property_word(rtf, word, has_number ? number : 1);
}

/* ---- Symbols ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind "\'". Within the data of an object the two characters are nothing, and a digit that waits
 * for its second is lost. */
static void quoted_byte(struct rtf *rtf)
{
    struct hn_text pair = hn_text_sub(rtf->in, rtf->pos, 2);

    rtf->pos += pair.len;
    if (top(rtf)->destination->kind == RTF_HEX) {
        flush(rtf);
        rtf->disguised = true;
        rtf->nibbles -= rtf->nibbles % 2;
        return;
    }
    if (pair.len == 2 && hex_value(pair.ptr[0]) >= 0 && hex_value(pair.ptr[1]) >= 0)
        character(rtf, (char)(hex_value(pair.ptr[0]) << 4 | hex_value(pair.ptr[1])));
}

static void symbol(struct rtf *rtf, char c)
{
    bool in_hex = top(rtf)->destination->kind == RTF_HEX;

    if (c == '\'') {
        quoted_byte(rtf);
        return;
    }
    if (c == '*') {
        rtf->starred = true;
        return;
    }
    if (in_hex) {
        rtf->disguised = true;
        return;
    }
    if (c == '\\' || c == '{' || c == '}')
        character(rtf, c);
    else if (c == '~')
        character(rtf, ' ');
    else if (c == '_')
        character(rtf, '-');
    else if (c == '\r' || c == '\n')
        character(rtf, '\r');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Behind a backslash. */
static void control(struct rtf *rtf)
{
    size_t start = rtf->pos;
    bool negative = false;
    bool has_number = false;
    long number = 0;
    struct hn_text word;

    if (start == rtf->in.len)
        return;
    while (rtf->pos < rtf->in.len && rtf->pos - start < WORD_BYTES_MAX &&
            is_letter(rtf->in.ptr[rtf->pos]))
        rtf->pos++;
    if (rtf->pos == start) {
        rtf->pos++;
        symbol(rtf, rtf->in.ptr[start]);
        return;
    }
    word = hn_text_sub(rtf->in, start, rtf->pos - start);
    if (rtf->pos + 1 < rtf->in.len && rtf->in.ptr[rtf->pos] == '-' &&
            rtf->in.ptr[rtf->pos + 1] >= '0' && rtf->in.ptr[rtf->pos + 1] <= '9') {
        negative = true;
        rtf->pos++;
    }
    for (; rtf->pos < rtf->in.len && rtf->in.ptr[rtf->pos] >= '0' && rtf->in.ptr[rtf->pos] <= '9';
            rtf->pos++) {
        has_number = true;
        if (number < 100000000)
            number = number * 10 + (rtf->in.ptr[rtf->pos] - '0');
    }
    if (rtf->pos < rtf->in.len && rtf->in.ptr[rtf->pos] == ' ')
        rtf->pos++;
    control_word(rtf, word, has_number, negative ? -number : number);
}

/* ---- The whole ---- */

static void read_all(struct rtf *rtf)
{
    while (rtf->pos < rtf->in.len) {
        char c = rtf->in.ptr[rtf->pos++];

        if (c == '{')
            open_group(rtf);
        else if (c == '}')
            close_group(rtf);
        else if (c == '\\')
            control(rtf);
        else if (c != '\r' && c != '\n')
            character(rtf, c);
    }
    flush(rtf);
    rtf->too_deep = 0;
    for (;;) { /* groups that nobody closed end with the file */
        end_destination(rtf, top(rtf));
        if (rtf->depth == 0)
            break;
        rtf->depth--;
    }
}

enum hn_status office_open_rtf(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct rtf *rtf;
    struct hn_text body;

    office_begin(&o, dissect, id);
    rtf = hn_new(&o.scratch, struct rtf, 1);
    if (rtf == NULL)
        return office_end(&o, err);
    rtf->o = &o;
    rtf->in = hn_bytes_as_text(office_data(&o));
    rtf->ansi = HN_CODEPAGE_WESTERN;
    rtf->object_class = HN_TEXT("");
    rtf->pending_name = HN_TEXT("");
    rtf->shape = HN_TEXT("");
    rtf->groups[0] = (struct rtf_group){
        .destination = &rtf_body, .codepage = HN_CODEPAGE_WESTERN, .unicode_skip = 1
    };
    hn_buf_init(&rtf->bytes, OFFICE_SCRATCH_BYTES_MAX / 2);
    hn_buf_init(&rtf->body, BODY_BYTES_MAX);
    office_fields_init(&rtf->fields, &o);
    if (!hn_text_starts(hn_text_trim(rtf->in), HN_TEXT("{\\rtf")))
        dissect_note(dissect, id, DISSECT_NOTE_OBFUSCATED, 0, "does not begin with {\\rtf");
    read_all(rtf);
    office_fields_deinit(&rtf->fields);
    hn_buf_deinit(&rtf->bytes);
    body = office_take(&o, &rtf->body);
    office_store(&o, HN_TEXT("ActiveDocument.Content.Text"), body);
    office_store(&o, HN_TEXT("ActiveDocument.Range.Text"), body);
    office_say(&o, "body", body);
    if (rtf->objects > 0)
        dissect_fact_u64(dissect, id, "objects", rtf->objects);
    return office_end(&o, err);
}
