/* vba_stomp.c - does the p-code say what the source says?
 *
 * Office runs p-code where its version is the one that wrote it, so a document can show one source
 * and run another. Office itself writes source and p-code from one text: each string and each name
 * of the one is in the other. A false alarm is worse than none, so: p-code that is not understood
 * to its last byte proves nothing, and names count only where they fit in the other modules. */
#include "vba/vba_pcode.h"

#include "base/codepage.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf.h"

#define MISSING_SHOWN 16u
#define STRING_MAX    4096u /* longer ones are not compared */

struct words {
    struct hn_map words;    /* lower case, of the whole source, comments too */
    struct hn_map literals; /* as they stand between quotes */
    char *lower;            /* the source in lower case, which words points into */
    bool failed;
};

static void put(struct words *w, struct hn_map *map, struct hn_text key)
{
    uint32_t value;

    if (!hn_map_put(map, key, 0, &value))
        w->failed = true;
}

static bool is_word_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c >= 0x80;
}

/* In these code pages the byte behind one of 0x80 and above may look like a letter or bracket. */
static bool is_double_byte(uint32_t codepage)
{
    return codepage == 932 || codepage == 936 || codepage == 949 || codepage == 950 ||
           codepage == 1361;
}

/* From one quote to the next single one; VBA doubles quotes within. Ends with the line. */
static size_t literal_end(struct hn_text line, size_t at)
{
    while (at < line.len) {
        if (line.ptr[at] == '"') {
            if (at + 1 >= line.len || line.ptr[at + 1] != '"')
                break;
            at++;
        }
        at++;
    }
    return at;
}

static size_t word_end(struct hn_text line, size_t at, bool double_byte)
{
    while (at < line.len && is_word_byte((uint8_t)line.ptr[at]))
        at += double_byte && (uint8_t)line.ptr[at] >= 0x80 && at + 1 < line.len ? 2 : 1;
    return at;
}

/* Words of all the line, within quotes and comments too: what stands anywhere is not missing. */
static void line_words(struct words *w, struct hn_text line, size_t base, bool double_byte)
{
    for (size_t at = 0; at < line.len;) {
        size_t end = word_end(line, at, double_byte);

        if (end > at)
            put(w, &w->words, hn_text_of(w->lower + base + at, end - at));
        at = end > at ? end : at + 1;
    }
    for (size_t at = 0; at < line.len; at++) {
        if (line.ptr[at] == '"') {
            size_t end = literal_end(line, at + 1);

            put(w, &w->literals, hn_text_sub(line, at + 1, end - at - 1));
            at = end;
        }
    }
}

static void source_words(struct words *w, struct hn_text source, bool double_byte)
{
    struct hn_text rest = source;
    struct hn_text line;

    w->lower = hn_malloc(source.len + 1);
    if (w->lower == NULL) {
        w->failed = true;
        return;
    }
    hn_lower_ascii(source, w->lower);
    while (rest.len > 0 && hn_text_line(&rest, &line) && !w->failed)
        line_words(w, line, (size_t)(line.ptr - source.ptr), double_byte);
}

/* ---- What of the traces is not there ---- */

struct comparison {
    struct vba_reader *reader;
    const struct vba_names *names;
    struct words words;
    struct hn_buf missing;
    size_t shown;
};

static void show(struct comparison *c, struct hn_bytes raw, bool quoted)
{
    if (c->shown++ >= MISSING_SHOWN)
        return;
    if (c->missing.len > 0)
        hn_buf_add_char(&c->missing, '\n');
    if (quoted)
        hn_buf_add_char(&c->missing, '"');
    (void)hn_codepage_to_utf8(&c->missing, c->reader->project.codepage, raw);
    if (quoted)
        hn_buf_add_char(&c->missing, '"');
}

static bool has_literal(const struct comparison *c, struct hn_bytes string)
{
    char quoted[2 * STRING_MAX];
    size_t len = 0;

    for (size_t i = 0; i < string.len; i++) {
        quoted[len++] = (char)string.ptr[i];
        if (string.ptr[i] == '"')
            quoted[len++] = '"';
    }
    return hn_map_find(&c->words.literals, hn_text_of(quoted, len)) != HN_MAP_NONE;
}

/* Names that the compiler makes of those in the source: _B_var_Format, _B_str_Chr. */
static struct hn_text plain_name(struct hn_text name)
{
    if (hn_text_starts(name, HN_TEXT("_B_var_")) || hn_text_starts(name, HN_TEXT("_B_str_")))
        return hn_text_sub(name, 7, name.len);
    return name;
}

/* 0 it is there, 1 it is not, -1 it cannot be judged: made by the compiler, or in brackets. */
static int judge_name(const struct comparison *c, struct hn_bytes raw)
{
    struct hn_text name = plain_name(hn_bytes_as_text(raw));
    char lower[256];

    if (name.len == 0 || name.len > sizeof lower || name.ptr[0] == '_')
        return -1;
    for (size_t i = 0; i < name.len; i++)
        if (!is_word_byte((uint8_t)name.ptr[i]))
            return -1;
    hn_lower_ascii(name, lower);
    return hn_map_find(&c->words.words, hn_text_of(lower, name.len)) == HN_MAP_NONE ? 1 : 0;
}

bool vba_source_compare(struct vba_reader *reader, const struct vba_names *names,
        const struct vba_draft *draft, const struct vba_traces *traces, struct vba_lack *ret_lack)
{
    struct comparison c = { .reader = reader, .names = names };

    memset(ret_lack, 0, sizeof *ret_lack);
    source_words(&c.words, hn_bytes_as_text(draft->raw), is_double_byte(reader->project.codepage));
    for (size_t i = 0; i < traces->strings.count && !c.words.failed; i++) {
        struct hn_bytes string = traces->strings.ptr[i];

        if (string.len < 2 || string.len > STRING_MAX || has_literal(&c, string))
            continue;
        ret_lack->strings++;
        ret_lack->string_bytes += string.len;
        show(&c, string, true);
    }
    for (size_t i = 0; i < traces->names.count && !c.words.failed; i++) {
        struct hn_bytes raw = names->names[traces->names.ptr[i]].raw;
        int missing = judge_name(&c, raw);

        if (missing == 1) {
            ret_lack->names++;
            show(&c, raw, false);
        } else if (missing == 0) {
            ret_lack->names_known++;
        }
    }
    ret_lack->missing = hn_arena_text(reader->arena, hn_buf_text(&c.missing));
    if (!hn_buf_ok(&c.missing) || ret_lack->missing.ptr == NULL)
        c.words.failed = true;
    hn_buf_deinit(&c.missing);
    hn_map_deinit(&c.words.words);
    hn_map_deinit(&c.words.literals);
    hn_free(c.words.lower);
    return !c.words.failed;
}

/* ---- The judgement over all modules ---- */

struct judged {
    struct vba_lack lack;
    uint32_t actions;
    bool readable; /* p-code was understood to its end */
};

/* Do names of p-code fit the sources of the other modules? Where there are too few to say, the
 * table of names has to do, which was read to its end. */
static bool names_fit(const struct judged *judged, size_t count, size_t except)
{
    size_t known = 0;
    size_t lacking = 0;

    for (size_t i = 0; i < count; i++) {
        if (i == except)
            continue;
        known += judged[i].lack.names_known;
        lacking += judged[i].lack.names;
    }
    return known + lacking < 5 || known >= 9 * lacking;
}

static bool is_blank(struct hn_text code)
{
    for (size_t i = 0; i < code.len; i++)
        if ((uint8_t)code.ptr[i] > ' ')
            return false;
    return true;
}

static enum vba_stomp judge(
        const struct vba_draft *draft, const struct judged *judged, size_t count, size_t i)
{
    const struct vba_lack *lack = &judged[i].lack;

    if (!judged[i].readable)
        return VBA_STOMP_UNKNOWN;
    if ((draft->module.odd & (VBA_ODD_DAMAGED | VBA_ODD_LIMIT)) != 0 && draft->raw.len > 0)
        return VBA_STOMP_UNKNOWN; /* what is missing may stand where the text is cut off */
    if (is_blank(draft->module.code))
        return judged[i].actions > 0 ? VBA_STOMP_YES : VBA_STOMP_NO;
    if (lack->strings >= 2 || lack->string_bytes >= 8 || (lack->strings > 0 && lack->names > 0))
        return VBA_STOMP_YES;
    if (lack->names >= 3 && lack->names >= lack->names_known)
        return names_fit(judged, count, i) ? VBA_STOMP_YES : VBA_STOMP_UNKNOWN;
    return VBA_STOMP_NO;
}

static bool module_read(struct vba_reader *reader, const struct vba_names *names,
        struct vba_draft *draft, struct judged *judged)
{
    struct vba_pcode *pcode = &draft->module.pcode;
    uint64_t left = reader->limits.pcode_bytes_max - reader->pcode_bytes;
    struct hn_buf buf = { .cap_bytes = left == 0 ? 1 : (size_t)left };
    struct vba_traces traces = { .seen = hn_calloc(names->count / 8 + 1, 1) };
    bool good = traces.seen != NULL;

    if (good) {
        vba_pcode_list(reader, names, draft->stream, &buf, pcode, &traces);
        reader->pcode_bytes += buf.len;
        if (buf.status == HN_LIMIT)
            draft->module.odd |= VBA_ODD_LIMIT;
        pcode->text = hn_arena_text(reader->arena, hn_buf_text(&buf));
        good = pcode->text.ptr != NULL && buf.status != HN_NOMEM && !traces.failed;
    }
    judged->readable = good && pcode->present && pcode->whole && names->whole;
    judged->actions = traces.actions;
    if (judged->readable)
        good = vba_source_compare(reader, names, draft, &traces, &judged->lack);
    hn_vec_deinit(&traces.strings);
    hn_vec_deinit(&traces.names);
    hn_free(traces.seen);
    hn_buf_deinit(&buf);
    return good;
}

void vba_pcode_read_all(struct vba_reader *reader, struct hn_bytes vba_project)
{
    size_t count = reader->drafts.count;
    struct judged *judged;
    struct vba_names names;

    vba_names_read(reader, vba_project, &names);
    reader->project.pcode_version = names.version;
    if (names.vba == 0 || count == 0 || reader->failed)
        return;
    judged = hn_calloc(count, sizeof *judged);
    if (judged == NULL) {
        reader->failed = true;
        return;
    }
    for (size_t i = 0; i < count && !reader->failed; i++)
        if (!module_read(reader, &names, &reader->drafts.ptr[i], &judged[i]))
            reader->failed = true;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        struct vba_pcode *pcode = &reader->drafts.ptr[i].module.pcode;

        pcode->stomp = judge(&reader->drafts.ptr[i], judged, count, i);
        if (pcode->stomp == VBA_STOMP_YES)
            pcode->missing = judged[i].lack.missing;
    }
    hn_free(judged);
}
