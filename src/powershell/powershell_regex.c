/* powershell_regex.c - regular expressions of .NET by PCRE2. Work is bounded by a match limit,
 * which the run pays for; what .NET has and PCRE2 has not (right to left) is imitated where scripts
 * use it: all matches, last first. */
#include "powershell/powershell_internal.h"

#include "base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT  100000u
#define HEAP_KIB_MAX 8192u
#define PATTERN_MAX  65536u
#define MATCHES_MAX  (1u << 20)
#define PARENS_MAX   100u
#define CALL_COST    8u

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    struct hn_text text;
    size_t *at; /* pairs of offsets of the last match */
    uint32_t groups;
};

static void *regex_malloc(size_t size, void *ctx)
{
    (void)ctx;
    return hn_malloc(size);
}

static void regex_free(void *ptr, void *ctx)
{
    (void)ctx;
    hn_free(ptr);
}

static void regex_close(struct regex *re)
{
    pcre2_match_data_free(re->data);
    pcre2_match_context_free(re->context);
    pcre2_code_free(re->code);
}

static uint32_t pcre_flags(uint32_t bits)
{
    uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;

    flags |= (bits & PS_REGEX_NOCASE) != 0 ? PCRE2_CASELESS : 0;
    flags |= (bits & PS_REGEX_LITERAL) != 0 ? PCRE2_LITERAL : 0;
    flags |= (bits & PS_REGEX_MULTILINE) != 0 ? PCRE2_MULTILINE : 0;
    flags |= (bits & PS_REGEX_SINGLE) != 0 ? PCRE2_DOTALL : 0;
    flags |= (bits & PS_REGEX_SPACE) != 0 ? PCRE2_EXTENDED : 0;
    return flags;
}

static bool regex_open(struct ps *ps, struct regex *re, struct hn_text pattern, uint32_t bits)
{
    pcre2_general_context *general = pcre2_general_context_create(regex_malloc, regex_free, NULL);
    pcre2_compile_context *compile = general != NULL ? pcre2_compile_context_create(general) : NULL;
    int error = 0;
    PCRE2_SIZE offset = 0;

    *re = (struct regex){ 0 };
    if (compile != NULL && pattern.len <= PATTERN_MAX &&
            script_spend(ps->run, CALL_COST + pattern.len / 16)) {
        (void)pcre2_set_newline(compile, PCRE2_NEWLINE_LF);
        (void)pcre2_set_parens_nest_limit(compile, PARENS_MAX);
        re->code = pcre2_compile((PCRE2_SPTR)(pattern.len > 0 ? pattern.ptr : ""), pattern.len,
                pcre_flags(bits), &error, &offset, compile);
        re->data = re->code != NULL ? pcre2_match_data_create(PS_GROUPS_MAX, general) : NULL;
        re->context = re->code != NULL ? pcre2_match_context_create(general) : NULL;
    }
    pcre2_compile_context_free(compile);
    pcre2_general_context_free(general);
    if (re->code == NULL || re->data == NULL || re->context == NULL) {
        if (re->code != NULL || error == PCRE2_ERROR_NOMEMORY) {
            if (ps->run->stop == SCRIPT_STOP_NONE)
                ps->run->stop = SCRIPT_STOP_MEMORY;
        } else {
            ps_note(ps, SCRIPT_NOTE_UNMODELLED, "regex %.*s",
                    (int)(pattern.len < 60 ? pattern.len : 60), pattern.ptr);
        }
        regex_close(re);
        return false;
    }
    (void)pcre2_set_match_limit(re->context, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(re->context, HEAP_KIB_MAX);
    re->at = pcre2_get_ovector_pointer(re->data);
    return true;
}

/* The next match at or behind start. */
static bool regex_next(struct ps *ps, struct regex *re, size_t start)
{
    int count;

    if (start > re->text.len || !script_spend(ps->run, CALL_COST))
        return false;
    count = pcre2_match(re->code, (PCRE2_SPTR)(re->text.len > 0 ? re->text.ptr : ""), re->text.len,
            start, 0, re->data, re->context);
    /* What was tried in vain costs, too; how much a search that gave up has cost is known. */
    if (count == PCRE2_ERROR_MATCHLIMIT || count == PCRE2_ERROR_HEAPLIMIT)
        (void)script_spend(ps->run, MATCH_LIMIT / 4);
    if (count <= 0) {
        (void)script_spend(ps->run, (re->text.len - start) / 128);
        return false;
    }
    (void)script_spend(ps->run, re->at[1] > start ? (re->at[1] - start) / 128 : 0);
    re->groups = (uint32_t)count;
    return re->at[0] <= re->at[1];
}

/* Where to look on: behind the match, past one character where it was empty. */
static size_t after(const struct regex *re)
{
    size_t at = re->at[1];

    if (re->at[1] > re->at[0])
        return at;
    at++;
    while (at < re->text.len && ((uint8_t)re->text.ptr[at] & 0xC0u) == 0x80u)
        at++;
    return at;
}

static struct hn_text group(const struct regex *re, uint32_t index)
{
    if (index >= re->groups || re->at[2 * (size_t)index] == PCRE2_UNSET)
        return (struct hn_text){ "", 0 };
    return hn_text_sub(re->text, re->at[2 * (size_t)index],
            re->at[2 * (size_t)index + 1] - re->at[2 * (size_t)index]);
}

/* ---- Replacement ---- */

static struct hn_text named_group(const struct regex *re, struct hn_text name)
{
    char copy[64];
    struct ps_value number;
    int found;

    if (name.len == 0 || name.len >= sizeof copy)
        return (struct hn_text){ "", 0 };
    if (ps_parse_number(name, &number) && number.kind == PS_INT && number.as.number >= 0)
        return group(
                re, number.as.number < PS_GROUPS_MAX ? (uint32_t)number.as.number : PS_GROUPS_MAX);
    memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    found = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)copy);
    return found > 0 ? group(re, (uint32_t)found) : (struct hn_text){ "", 0 };
}

/* $1, ${name}, $&, $$ at by[*pos], which is a $. */
static void add_reference(
        struct hn_buf *out, const struct regex *re, struct hn_text by, size_t *pos)
{
    size_t at = *pos + 1;
    char c = at < by.len ? by.ptr[at] : '\0';
    size_t end = at;

    if (c == '$' || c == '&' || c == '{') {
        size_t close = c == '{' ? hn_text_find_char(by, '}', at) : at;

        if (close != SIZE_MAX) {
            if (c == '$')
                hn_buf_add_char(out, '$');
            else {
                hn_buf_add_text(
                        out, c == '&' ? group(re, 0)
                                      : named_group(re, hn_text_sub(by, at + 1, close - at - 1)));
            }
            *pos = close + 1;
            return;
        }
    }
    while (end < by.len && end < at + 2 && by.ptr[end] >= '0' && by.ptr[end] <= '9')
        end++;
    if (end == at) {
        hn_buf_add_char(out, '$');
        *pos = at;
        return;
    }
    hn_buf_add_text(out, named_group(re, hn_text_sub(by, at, end - at)));
    *pos = end;
}

static struct ps_value match_object(
        struct ps *ps, const struct regex *re, const struct ps_value *text)
{
    struct ps_object *match = ps_object_new(ps, "text.regularexpressions.match");
    struct ps_array *groups = ps_array_new(ps, re->groups);

    for (uint32_t i = 0; i < re->groups; i++) {
        struct ps_object *one = ps_object_new(ps, "text.regularexpressions.group");

        ps_prop_set(ps, one, "value", ps_text_of(ps, group(re, i), ps_origin(ps, "match", text)));
        ps_prop_set(ps, one, "success", ps_bool(re->at[2 * (size_t)i] != PCRE2_UNSET));
        ps_array_add(ps, groups, ps_of_object(one));
    }
    ps_prop_set(ps, match, "value", ps_text_of(ps, group(re, 0), ps_origin(ps, "match", text)));
    ps_prop_set(ps, match, "index", ps_int((int64_t)re->at[0]));
    ps_prop_set(ps, match, "length", ps_int((int64_t)(re->at[1] - re->at[0])));
    ps_prop_set(ps, match, "success", ps_bool(true));
    ps_prop_set(ps, match, "groups", ps_of_array(groups));
    return ps_of_object(match);
}

static void add_replacement(struct ps *ps, struct hn_buf *out, const struct regex *re,
        const struct ps_value *text, const struct ps_value *by)
{
    struct hn_text template;

    if (by->kind == PS_BLOCK) {
        struct ps_value match = match_object(ps, re, text);
        struct ps_value made;

        ps_var_local(ps, "_", match);
        made = ps_call_block(ps, by->as.block, &match, 1);
        hn_buf_add_text(out, ps_flat(ps, &made));
        return;
    }
    template = ps_flat(ps, by);
    for (size_t i = 0; i < template.len;) {
        size_t end = hn_text_find_char(template, '$', i);

        end = end == SIZE_MAX ? template.len : end;
        hn_buf_add(out, template.ptr + i, end - i);
        i = end;
        if (i < template.len)
            add_reference(out, re, template, &i);
    }
}

static struct ps_value finish(struct ps *ps, struct hn_buf *out, const struct ps_value *text,
        const struct ps_value *by, const char *step)
{
    struct ps_value made = ps_unknown(ps, "text");

    if (hn_buf_ok(out))
        made = ps_text_of(ps, hn_buf_text(out), ps_origin(ps, step, text));
    else if (ps->run->stop == SCRIPT_STOP_NONE)
        ps->run->stop = out->status == HN_NOMEM ? SCRIPT_STOP_MEMORY : SCRIPT_STOP_BYTES;
    if (made.kind == PS_TEXT && made.as.text->len > 0 && (ps_is_unknown(text) || ps_is_unknown(by)))
        made.as.text = ps_text_with(ps, made.as.text, NULL, true);
    hn_buf_deinit(out);
    return made;
}

struct ps_value ps_regex_replace(struct ps *ps, struct ps_value text, struct hn_text pattern,
        struct ps_value by, uint32_t bits)
{
    struct regex re;
    struct hn_buf out = { 0 };
    size_t done = 0;
    struct ps_value flat = ps_text(ps_text_from(ps, &text));

    if (text.kind == PS_UNKNOWN)
        return text;
    if (!regex_open(ps, &re, pattern, bits))
        return flat;
    re.text = ps_flat(ps, &flat);
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    for (size_t at = 0; regex_next(ps, &re, at);) {
        hn_buf_add(&out, re.text.ptr + done, re.at[0] - done);
        done = re.at[1];
        at = after(&re);
        add_replacement(ps, &out, &re, &flat, &by);
        if (!hn_buf_ok(&out))
            break;
    }
    hn_buf_add(&out, re.text.ptr + done, re.text.len - done);
    regex_close(&re);
    return finish(ps, &out, &flat, &by, "replace");
}

/* ---- Split and matches ---- */

static void add_piece(struct ps *ps, struct ps_array *out, struct hn_text piece,
        const struct script_origin *origin)
{
    ps_array_add(ps, out, ps_text(script_text_borrow(ps->run, piece, origin)));
}

struct ps_value ps_regex_split(struct ps *ps, struct hn_text text, struct hn_text pattern,
        int64_t max, uint32_t bits, const struct script_origin *origin)
{
    struct ps_array *out = ps_array_new(ps, 0);
    struct regex re;
    size_t done = 0;

    out->origin = script_origin_new(
            ps->run, "split", SCRIPT_NOWHERE, (struct hn_text){ "", 0 }, origin, NULL);
    origin = out->origin;
    if (!regex_open(ps, &re, pattern, bits)) {
        add_piece(ps, out, text, origin);
        return ps_of_array(out);
    }
    re.text = text;
    for (size_t at = 0; (max <= 0 || out->count + 1 < (size_t)max) && regex_next(ps, &re, at);
            at = after(&re)) {
        if (re.at[1] == re.at[0] && re.at[0] >= text.len)
            break;
        add_piece(ps, out, hn_text_sub(text, done, re.at[0] - done), origin);
        for (uint32_t i = 1; i < re.groups; i++)
            add_piece(ps, out, group(&re, i), origin);
        done = re.at[1];
    }
    add_piece(ps, out, hn_text_sub(text, done, SIZE_MAX), origin);
    regex_close(&re);
    return ps_of_array(out);
}

struct ps_value ps_regex_matches(struct ps *ps, const struct ps_value *text, struct hn_text pattern,
        uint32_t bits, bool first)
{
    struct ps_array *out = ps_array_new(ps, 0);
    struct regex re;
    struct ps_value flat = ps_text(ps_text_from(ps, text));

    if (text->kind == PS_UNKNOWN)
        return *text;
    if (!regex_open(ps, &re, pattern, bits))
        return ps_of_array(out);
    re.text = ps_flat(ps, &flat);
    for (size_t at = 0; out->count < MATCHES_MAX && regex_next(ps, &re, at); at = after(&re)) {
        ps_array_add(ps, out, match_object(ps, &re, &flat));
        if (first && (bits & PS_REGEX_RIGHT) == 0)
            break;
    }
    regex_close(&re);
    if ((bits & PS_REGEX_RIGHT) != 0) {
        ps_technique(ps, "reverse");
        ps_array_reverse(ps, out);
    }
    out->origin = ps_origin(ps, "match", text);
    if (!first)
        return ps_of_array(out);
    if (out->count == 0) {
        struct ps_object *none = ps_object_new(ps, "text.regularexpressions.match");

        ps_prop_set(ps, none, "success", ps_bool(false));
        ps_prop_set(ps, none, "value", ps_text(NULL));
        return ps_of_object(none);
    }
    return ps_at(out, 0);
}

static void set_matches(struct ps *ps, const struct regex *re, const struct ps_value *text)
{
    struct ps_hash *hash = ps_hash_new(ps);
    static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
    uint32_t names = 0;
    uint32_t size = 0;
    PCRE2_SPTR table = NULL;

    for (uint32_t i = 0; i < re->groups && i < 10; i++)
        (void)ps_hash_put(ps, hash, hn_text_cstr(digits[i]),
                ps_text_of(ps, group(re, i), ps_origin(ps, "match", text)));
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &names);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < names && table != NULL; i++) {
        const uint8_t *row = table + (size_t)i * size;
        struct ps_value name = ps_text_of(ps, hn_text_cstr((const char *)row + 2), NULL);

        (void)ps_hash_put(ps, hash, ps_flat(ps, &name),
                ps_text_of(ps, group(re, (uint32_t)row[0] << 8 | row[1]),
                        ps_origin(ps, "match", text)));
    }
    ps_var_local(ps, "Matches", (struct ps_value){ .kind = PS_HASH, .as.hash = hash });
}

int ps_regex_is_match(struct ps *ps, const struct ps_value *text, struct hn_text pattern,
        uint32_t bits, bool with_matches)
{
    struct regex re;
    bool found;

    if (!regex_open(ps, &re, pattern, bits))
        return -1;
    re.text = ps_flat(ps, text);
    found = regex_next(ps, &re, 0);
    if (found && with_matches)
        set_matches(ps, &re, text);
    regex_close(&re);
    return found;
}

uint32_t ps_regex_options(struct ps *ps, const struct ps_value *options)
{
    static const struct {
        const char *name;
        uint32_t number;
        uint32_t bit;
    } rows[] = {
        { "ignorecase", 1, PS_REGEX_NOCASE },
        { "multiline", 2, PS_REGEX_MULTILINE },
        { "singleline", 16, PS_REGEX_SINGLE },
        { "ignorepatternwhitespace", 32, PS_REGEX_SPACE },
        { "righttoleft", 64, PS_REGEX_RIGHT },
        { "simplematch", 0, PS_REGEX_LITERAL },
    };
    struct hn_text text;
    uint32_t bits = 0;
    int64_t number = 0;

    if (options->kind == PS_NULL || options->kind == PS_UNKNOWN)
        return 0;
    text = ps_flat(ps, options);
    if (!ps_int_of(ps, options, &number))
        number = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (hn_text_find_nocase(text, hn_text_cstr(rows[i].name), 0) != SIZE_MAX ||
                (number & rows[i].number) != 0)
            bits |= rows[i].bit;
    }
    return bits;
}
