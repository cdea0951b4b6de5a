/* ioc_pattern.c - takes a STIX pattern apart into values that are indicators by themselves.
 *
 *     [domain-name:value = 'a.example' OR ipv4-addr:value = '192.0.2.1']      two indicators
 *     [ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 80]       none: reported
 *
 * AND binds tighter than OR, and among observations FOLLOWEDBY is the loosest. A value stands alone
 * when no AND, FOLLOWEDBY or qualifier above it ties it to another; tests like
 * "dst_ref.type = 'ipv4-addr'" only repeat what the value is and tie nothing. Values are kept in
 * the order of the pattern, so that each group is a range of them and is marked as such; no
 * recursion. Leaves to others: what a value is (ioc_norm.c). */
#include "ioc/ioc_pattern.h"

#include "base/enc.h"
#include "base/num.h"

enum op { OP_EQUAL, OP_LIKE, OP_SUBSET, OP_OTHER };

struct leaf {
    struct hn_text path;
    struct hn_text value;
    enum op op;
    bool text;     /* the literal is a string */
    bool neutral;  /* says nothing beyond what the others say */
    bool combined; /* tied to others */
};

struct group {
    char open;              /* '[', '(' or '\0' for the pattern itself */
    bool comparison;        /* inside '[' */
    bool followed_by;
    uint32_t first;         /* leaf */
    uint32_t chain_first;   /* of the values joined by AND so far */
    unsigned chain_count;   /* of those that are not neutral */
    uint32_t element_first; /* of the last operand */
};

#define GROUPS_MAX 64

struct parser {
    struct hn_text text;
    size_t pos;
    HN_VEC(struct leaf) leaves;
    struct hn_buf plain; /* literals with escapes undone; large enough from the start */
    struct group groups[GROUPS_MAX];
    unsigned depth; /* groups in use */
    unsigned depth_max;
    enum ioc_reason reason; /* why parsing stopped */
    bool no_memory;
};

/* ---- Tokens ---- */

static bool fail(struct parser *p, enum ioc_reason reason)
{
    if (p->reason == IOC_FINE)
        p->reason = reason;
    return false;
}

static void skip_space(struct parser *p)
{
    while (p->pos < p->text.len) {
        if (ioc_in(p->text.ptr[p->pos], " \t\r\n")) {
            p->pos++;
        } else if (hn_text_eq(hn_text_sub(p->text, p->pos, 2), HN_TEXT("/*"))) {
            size_t end = hn_text_find(p->text, HN_TEXT("*/"), p->pos + 2);

            p->pos = end == SIZE_MAX ? p->text.len : end + 2;
        } else {
            return;
        }
    }
}

static char peek(const struct parser *p)
{
    return p->pos < p->text.len ? p->text.ptr[p->pos] : '\0';
}

/* Takes a word in capitals if it is next. */
static bool accept_word(struct parser *p, const char *word)
{
    struct hn_text wanted = hn_text_cstr(word);
    size_t end = p->pos + wanted.len;

    if (!hn_text_eq(hn_text_sub(p->text, p->pos, wanted.len), wanted) ||
            (end < p->text.len && ioc_is(p->text.ptr[end], IOC_CH_WORD)))
        return false;
    p->pos = end;
    skip_space(p);
    return true;
}

/* 'text' with \' and \\ undone. */
static bool quoted(struct parser *p, struct hn_text *ret_text)
{
    size_t start = p->plain.len;
    size_t at = p->pos + 1;

    while (at < p->text.len && p->text.ptr[at] != '\'') {
        if (p->text.ptr[at] == '\\' && at + 1 < p->text.len)
            at++;
        hn_buf_add_char(&p->plain, p->text.ptr[at++]);
    }
    if (at == p->text.len)
        return fail(p, IOC_REASON_PATTERN);
    *ret_text = hn_text_sub(hn_buf_text(&p->plain), start, p->plain.len);
    p->pos = at + 1;
    skip_space(p);
    return true;
}

/* A string, number, truth value, or a literal with a type in front (t'...', h'...', b'...'). */
static bool literal(struct parser *p, struct hn_text *ret_value, bool *ret_text)
{
    size_t start = p->pos;

    *ret_text = peek(p) == '\'';
    if (*ret_text)
        return quoted(p, ret_value);
    if (ioc_in(peek(p), "thb") && start + 1 < p->text.len && p->text.ptr[start + 1] == '\'') {
        p->pos++;
        return quoted(p, ret_value);
    }
    while (ioc_is(peek(p), IOC_CH_WORD | IOC_CH_DOT) || peek(p) == '+')
        p->pos++;
    *ret_value = hn_text_sub(p->text, start, p->pos - start);
    skip_space(p);
    return p->pos > start || fail(p, IOC_REASON_PATTERN);
}

/* file:hashes.'SHA-256', network-traffic:dst_ref.value, a:b[*].c */
static bool object_path(struct parser *p, struct hn_text *ret_path)
{
    size_t start = p->pos;

    while (p->pos < p->text.len) {
        char c = peek(p);

        if (c == '\'') {
            size_t end = hn_text_find_char(p->text, '\'', p->pos + 1);

            if (end == SIZE_MAX)
                return fail(p, IOC_REASON_PATTERN);
            p->pos = end + 1;
        } else if (c == '[') { /* an index */
            size_t end = hn_text_find_char(p->text, ']', p->pos);

            if (end == SIZE_MAX)
                return fail(p, IOC_REASON_PATTERN);
            p->pos = end + 1;
        } else if (ioc_is(c, IOC_CH_WORD | IOC_CH_DOT) || c == ':') {
            p->pos++;
        } else {
            break;
        }
    }
    *ret_path = hn_text_sub(p->text, start, p->pos - start);
    skip_space(p);
    return hn_text_find_char(*ret_path, ':', 0) != SIZE_MAX || fail(p, IOC_REASON_PATTERN);
}

/* ---- Comparisons ---- */

static bool add_leaf(struct parser *p, const struct leaf *leaf)
{
    struct leaf *added;

    if (p->leaves.count >= IOC_PATTERN_LEAVES_MAX)
        return fail(p, IOC_REASON_LIMIT);
    added = hn_vec_add(&p->leaves);
    if (added == NULL) {
        p->no_memory = true;
        return false;
    }
    *added = *leaf;
    return true;
}

static bool is_neutral(const struct leaf *leaf)
{
    return leaf->op == OP_EQUAL && leaf->text && hn_text_ends(leaf->path, HN_TEXT("_ref.type"));
}

/* (a, b, c) behind IN. */
static bool value_set(struct parser *p, struct leaf *leaf)
{
    if (peek(p) != '(')
        return fail(p, IOC_REASON_PATTERN);
    do {
        p->pos++;
        skip_space(p);
        if (!literal(p, &leaf->value, &leaf->text) || !add_leaf(p, leaf))
            return false;
    } while (peek(p) == ',');
    if (peek(p) != ')')
        return fail(p, IOC_REASON_PATTERN);
    p->pos++;
    skip_space(p);
    return true;
}

static bool accept_symbol(struct parser *p, const char *symbol)
{
    struct hn_text wanted = hn_text_cstr(symbol);

    if (!hn_text_eq(hn_text_sub(p->text, p->pos, wanted.len), wanted))
        return false;
    p->pos += wanted.len;
    skip_space(p);
    return true;
}

static bool operator_of(struct parser *p, enum op *ret_op)
{
    static const char *const others[] = { "!=", "<>", "<=", ">=", "<", ">" };

    *ret_op = OP_OTHER;
    if (accept_symbol(p, "==") || accept_symbol(p, "=")) {
        *ret_op = OP_EQUAL;
        return true;
    }
    for (size_t i = 0; i < HN_COUNT_OF(others); i++) {
        if (accept_symbol(p, others[i]))
            return true;
    }
    if (accept_word(p, "LIKE")) {
        *ret_op = OP_LIKE;
        return true;
    }
    if (accept_word(p, "ISSUBSET")) {
        *ret_op = OP_SUBSET;
        return true;
    }
    return accept_word(p, "ISSUPERSET") || accept_word(p, "MATCHES") ||
            fail(p, IOC_REASON_PATTERN);
}

static bool comparison(struct parser *p)
{
    struct leaf leaf = { .op = OP_OTHER };
    bool negated;

    if (accept_word(p, "EXISTS"))
        return object_path(p, &leaf.path) && add_leaf(p, &leaf);
    negated = accept_word(p, "NOT");
    if (!object_path(p, &leaf.path))
        return false;
    negated = accept_word(p, "NOT") != negated;
    if (accept_word(p, "IN")) {
        leaf.op = negated ? OP_OTHER : OP_EQUAL;
        return value_set(p, &leaf);
    }
    if (!operator_of(p, &leaf.op) || !literal(p, &leaf.value, &leaf.text))
        return false;
    if (negated)
        leaf.op = OP_OTHER;
    leaf.neutral = is_neutral(&leaf);
    return add_leaf(p, &leaf);
}

/* ---- Groups ---- */

static struct group *current(struct parser *p)
{
    return &p->groups[p->depth - 1];
}

static void combine_from(struct parser *p, uint32_t first)
{
    for (size_t i = first; i < p->leaves.count; i++)
        p->leaves.ptr[i].combined = true;
}

static void end_chain(struct parser *p)
{
    struct group *group = current(p);

    if (group->chain_count > 1)
        combine_from(p, group->chain_first);
    group->chain_first = (uint32_t)p->leaves.count;
    group->chain_count = 0;
}

/* An operand from leaf first on is complete. */
static void end_element(struct parser *p, uint32_t first)
{
    struct group *group = current(p);
    bool neutral = true;

    for (size_t i = first; i < p->leaves.count; i++)
        neutral = neutral && p->leaves.ptr[i].neutral;
    group->element_first = first;
    group->chain_count += !neutral;
}

static bool open_group(struct parser *p, char open)
{
    bool comparison_before = current(p)->comparison;

    if (p->depth >= p->depth_max)
        return fail(p, IOC_REASON_LIMIT);
    p->pos++;
    skip_space(p);
    p->groups[p->depth++] = (struct group){ .open = open,
        .comparison = open == '[' || comparison_before,
        .first = (uint32_t)p->leaves.count,
        .chain_first = (uint32_t)p->leaves.count };
    return true;
}

static bool close_group(struct parser *p)
{
    char wanted = current(p)->open == '[' ? ']' : ')';
    uint32_t first = current(p)->first;

    if (p->depth == 1 || peek(p) != wanted)
        return fail(p, IOC_REASON_PATTERN);
    end_chain(p);
    if (current(p)->followed_by)
        combine_from(p, first);
    p->pos++;
    skip_space(p);
    p->depth--;
    end_element(p, first);
    return true;
}

/* WITHIN, REPEATS, START ... STOP behind an observation. *ret_any is false when none is next. */
static bool qualifier(struct parser *p, bool *ret_any)
{
    struct hn_text number;
    uint64_t times;
    bool text;

    *ret_any = true;
    if (accept_word(p, "WITHIN")) /* of one observation it says nothing */
        return literal(p, &number, &text) &&
                (accept_word(p, "SECONDS") || fail(p, IOC_REASON_PATTERN));
    if (accept_word(p, "REPEATS")) {
        if (!literal(p, &number, &text) || !accept_word(p, "TIMES"))
            return fail(p, IOC_REASON_PATTERN);
        if (!hn_parse_u64(number, &times) || times > 1)
            combine_from(p, current(p)->element_first);
        return true;
    }
    if (accept_word(p, "START")) {
        combine_from(p, current(p)->element_first);
        return literal(p, &number, &text) && accept_word(p, "STOP") &&
                        literal(p, &number, &text)
                ? true
                : fail(p, IOC_REASON_PATTERN);
    }
    *ret_any = false;
    return true;
}

static bool operand(struct parser *p, bool *ret_complete)
{
    uint32_t first = (uint32_t)p->leaves.count;

    *ret_complete = false;
    if (peek(p) == '(' || (peek(p) == '[' && !current(p)->comparison))
        return open_group(p, peek(p));
    if (!current(p)->comparison)
        return fail(p, IOC_REASON_PATTERN);
    if (!comparison(p))
        return false;
    end_element(p, first);
    *ret_complete = true;
    return true;
}

/* What stands behind an operand. *ret_complete stays true when another such thing may follow. */
static bool connective(struct parser *p, bool *ret_complete)
{
    bool observations = !current(p)->comparison;
    bool any = false;

    if (peek(p) == ']' || peek(p) == ')')
        return close_group(p);
    if (observations && (!qualifier(p, &any) || any))
        return any && p->reason == IOC_FINE;
    *ret_complete = false;
    if (accept_word(p, "AND"))
        return true;
    if (accept_word(p, "OR")) {
        end_chain(p);
        return true;
    }
    if (observations && accept_word(p, "FOLLOWEDBY")) {
        end_chain(p);
        current(p)->followed_by = true;
        return true;
    }
    return fail(p, IOC_REASON_PATTERN);
}

static bool parse(struct parser *p)
{
    bool complete = false;

    skip_space(p);
    while (p->pos < p->text.len) {
        if (complete ? !connective(p, &complete) : !operand(p, &complete))
            return false;
    }
    if (!complete || p->depth != 1)
        return fail(p, IOC_REASON_PATTERN);
    end_chain(p);
    if (current(p)->followed_by)
        combine_from(p, 0);
    return true;
}

/* ---- Values ---- */

static const struct {
    const char *path;
    enum ioc_type type;
} paths[] = {
    { "domain-name:value", IOC_DOMAIN },
    { "url:value", IOC_URL },
    { "ipv4-addr:value", IOC_IPV4 },
    { "ipv6-addr:value", IOC_IPV6 },
    { "email-addr:value", IOC_EMAIL },
    { "email-message:from_ref.value", IOC_EMAIL },
    { "email-message:sender_ref.value", IOC_EMAIL },
    { "file:name", IOC_FILENAME },
    { "process:name", IOC_FILENAME },
    { "process:binary_ref.name", IOC_FILENAME },
    { "process:image_ref.name", IOC_FILENAME },
    { "network-traffic:dst_ref.value", IOC_DOMAIN }, /* addresses are recognised there */
    { "network-traffic:src_ref.value", IOC_DOMAIN },
    { "network-traffic:extensions.'http-request-ext'.request_value", IOC_URL },
    { "network-traffic:extensions.'http-request-ext'.request_header.Host", IOC_DOMAIN },
};

/* "SHA-256", 'SHA256', "md5": the kind of hash. */
static bool hash_type(struct hn_text name, enum ioc_type *ret_type)
{
    static const struct {
        const char *name;
        enum ioc_type type;
    } kinds[] = { { "md5", IOC_MD5 }, { "sha1", IOC_SHA1 }, { "sha256", IOC_SHA256 },
        { "sha512", IOC_SHA512 } };
    char room[8];
    size_t len = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (ioc_in(name.ptr[i], "'\"-_"))
            continue;
        if (len == sizeof room)
            return false;
        room[len++] = name.ptr[i];
    }
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (hn_text_eq_nocase(hn_text_of(room, len), hn_text_cstr(kinds[i].name))) {
            *ret_type = kinds[i].type;
            return true;
        }
    }
    return false;
}

static bool type_of_path(struct hn_text path, enum ioc_type *ret_type)
{
    size_t hashes = hn_text_find(path, HN_TEXT(":hashes."), 0);

    for (size_t i = 0; i < HN_COUNT_OF(paths); i++) {
        if (hn_text_eq(path, hn_text_cstr(paths[i].path))) {
            *ret_type = paths[i].type;
            return true;
        }
    }
    return hashes != SIZE_MAX &&
            (hn_text_starts(path, HN_TEXT("file:")) || hn_text_starts(path, HN_TEXT("artifact:"))) &&
            hash_type(hn_text_sub(path, hashes + 8, path.len), ret_type);
}

/* LIKE patterns that say what an indicator can say: '%' in front of a name, or behind a URL's '/'.
 * value is cut to what stays. False for all others. */
static bool plain_like(enum ioc_type type, struct hn_text *value, struct hn_buf *room)
{
    struct hn_text rest = *value;

    if ((type == IOC_DOMAIN && hn_text_starts(rest, HN_TEXT("%."))) ||
            (type == IOC_FILENAME &&
                    (hn_text_starts(rest, HN_TEXT("%\\")) || hn_text_starts(rest, HN_TEXT("%/"))))) {
        rest = hn_text_sub(rest, 2, rest.len);
        *value = rest;
    } else if (type == IOC_URL && hn_text_ends(rest, HN_TEXT("/%"))) {
        hn_buf_reset(room);
        hn_buf_add(room, rest.ptr, rest.len - 1);
        hn_buf_add_char(room, '*');
        rest.len--;
        *value = hn_buf_text(room);
    }
    return hn_text_find_char(rest, '%', 0) == SIZE_MAX;
}

/* False at a failure. */
static bool take_leaf(struct ioc_reading *reading, const struct leaf *leaf, struct hn_buf *room)
{
    struct hn_text value = leaf->value;
    enum ioc_reason reason = IOC_FINE;
    enum ioc_type type = IOC_TYPE_ANY;

    if (leaf->combined)
        reason = IOC_REASON_COMBINED;
    else if (!type_of_path(leaf->path, &type))
        reason = IOC_REASON_TYPE;
    else if (leaf->op == OP_OTHER || !leaf->text)
        reason = IOC_REASON_OPERATOR;
    else if (leaf->op == OP_LIKE && !plain_like(type, &value, room))
        reason = IOC_REASON_WILDCARD;
    if (!hn_buf_ok(room)) {
        reading->status = room->status;
        return false;
    }
    if (reason != IOC_FINE) {
        ioc_refuse(reading, reason, value.len > 0 ? value : leaf->path);
        return true;
    }
    return ioc_take(reading, type, value);
}

bool ioc_pattern_take(struct ioc_reading *reading, struct hn_text pattern)
{
    unsigned depth_max = reading->builder->options.limits.depth_max;
    struct parser p = { .text = pattern,
        .depth = 1,
        .depth_max = depth_max < GROUPS_MAX ? depth_max : GROUPS_MAX };
    struct hn_buf room = { 0 };
    bool goes_on = true;

    if (!hn_buf_reserve(&p.plain, pattern.len + 1)) {
        reading->status = p.plain.status;
        return false;
    }
    if (!parse(&p)) {
        if (p.no_memory)
            reading->status = HN_NOMEM;
        else
            ioc_refuse(reading, p.reason, pattern);
        goes_on = !p.no_memory;
    } else {
        for (size_t i = 0; i < p.leaves.count && goes_on; i++) {
            if (!p.leaves.ptr[i].neutral)
                goes_on = take_leaf(reading, &p.leaves.ptr[i], &room);
        }
    }
    hn_vec_deinit(&p.leaves);
    hn_buf_deinit(&p.plain);
    hn_buf_deinit(&room);
    return goes_on;
}
