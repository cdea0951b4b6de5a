/* json_walk.c - the grammar over the token index, and what becomes of each value.
 *
 * The same loop is compiled three times: keeping wanted fields, keeping all, keeping none. */
#include "decode/json_walk.h"

#include "base/mem.h"
#include "base/num.h"

enum walk_mode { WALK_NOTHING, WALK_WANTED, WALK_ALL };

struct json_frame {
    hn_node node;   /* children are looked up under it; HN_NODE_NONE: nothing below is wanted */
    hn_field field; /* what the object or array itself stands for */
    uint32_t start; /* offset of its bracket */
    bool array;
    bool empty;
    bool has_text;            /* "#text" was seen: the object is that value with attributes */
    bool is_data;             /* unnamed <Data> elements as objects: the name is inside */
    struct hn_text prefix;    /* all-mode: what names below start with */
    struct hn_text data_name; /* is_data: the Name attribute */
    uint32_t data_value;      /* is_data: index of the #text value, or HN_VALUE_NONE */
};

enum hn_status json_walker_init(struct json_walker *walker)
{
    memset(walker, 0, sizeof *walker);
    walker->frames = hn_calloc(JSON_DEPTH_MAX, sizeof *walker->frames);
    return walker->frames == NULL ? HN_NOMEM : HN_OK;
}

void json_walker_deinit(struct json_walker *walker)
{
    hn_free(walker->frames);
    hn_free(walker->keys);
    json_index_deinit(&walker->index);
    json_index_deinit(&walker->spare);
    memset(walker, 0, sizeof *walker);
}

static void free_walker(void *ptr)
{
    struct json_walker *walker = ptr;

    json_walker_deinit(walker);
    hn_free(walker);
}

struct json_walker *json_walker_of(struct hn_event *event)
{
    struct json_walker *walker;

    if (event->decoder_state_free == free_walker)
        return event->decoder_state;
    walker = hn_malloc(sizeof *walker);
    if (walker == NULL)
        return NULL;
    if (json_walker_init(walker) == HN_OK)
        walker->keys = hn_calloc(1, sizeof *walker->keys);
    if (walker->keys == NULL) {
        free_walker(walker);
        return NULL;
    }
    hn_event_keep(event, walker, free_walker);
    return walker;
}

struct json_walker *json_walker_holding(const struct hn_event *event, uint32_t token)
{
    struct json_walker *walker = event->decoder_state;

    if (event->decoder_state_free != free_walker || token >= walker->index.count)
        return NULL;
    return walker->text.ptr + walker->index.pos[token] == (const char *)event->raw.ptr ? walker
                                                                                       : NULL;
}

enum hn_status json_walker_start(struct json_walker *walker, struct hn_text text, bool stop_at_line)
{
    walker->text = text;
    walker->next = 0;
    return json_index_make(&walker->index, text, stop_at_line, JSON_KERNEL_BEST);
}

void json_walker_nest(struct json_walker *walker, struct json_walker_place *ret_place)
{
    ret_place->index = walker->index;
    ret_place->text = walker->text;
    ret_place->next = walker->next;
    walker->index = walker->spare;
    memset(&walker->spare, 0, sizeof walker->spare);
}

void json_walker_unnest(struct json_walker *walker, const struct json_walker_place *place)
{
    walker->spare = walker->index;
    walker->index = place->index;
    walker->text = place->text;
    walker->next = place->next;
}

/* ---- Scalars ---- */

struct scalar {
    uint32_t len;
    uint8_t type;
    uint8_t fraction; /* a '.' or an exponent: not an integer */
};

static bool word_at(const char *p, size_t left, const char *word, size_t len)
{
    return left >= len && memcmp(p, word, len) == 0;
}

static uint32_t digits(const char *p, uint32_t pos, uint32_t left)
{
    while (pos < left && p[pos] >= '0' && p[pos] <= '9')
        pos++;
    return pos;
}

/* RFC 8259, section 6, at p; 0 when it is no number. */
static uint32_t number_len(const char *p, uint32_t left, struct scalar *ret)
{
    uint32_t start = left > 0 && p[0] == '-' ? 1 : 0;
    uint32_t pos = digits(p, start, left);

    if (pos == start || (p[start] == '0' && pos > start + 1))
        return 0;
    if (pos < left && p[pos] == '.') {
        start = pos + 1;
        pos = digits(p, start, left);
        if (pos == start)
            return 0;
        ret->fraction = 1;
    }
    if (pos < left && (p[pos] | 0x20) == 'e') {
        start = pos + 1;
        if (start < left && (p[start] == '+' || p[start] == '-'))
            start++;
        pos = digits(p, start, left);
        if (pos == start)
            return 0;
        ret->fraction = 1;
    }
    return pos;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The number or literal of the current token; false when it is neither. */
HN_INLINE bool scalar_at(const struct json_walker *w, uint32_t token, struct scalar *ret)
{
    const char *p = w->text.ptr + w->index.pos[token];
    uint32_t left = w->index.pos[token + 1] - w->index.pos[token];
    uint32_t end;

    *ret = (struct scalar){ 0 };
    if (*p == 't' && word_at(p, left, "true", 4)) {
        ret->len = 4;
        ret->type = HN_TYPE_BOOL;
    } else if (*p == 'f' && word_at(p, left, "false", 5)) {
        ret->len = 5;
        ret->type = HN_TYPE_BOOL;
    } else if (*p == 'n' && word_at(p, left, "null", 4)) {
        ret->len = 4;
        ret->type = HN_TYPE_NULL;
    } else {
        ret->len = number_len(p, left, ret);
        ret->type = HN_TYPE_INT;
    }
    if (ret->len == 0)
        return false;
    for (end = ret->len; end < left; end++) {
        if (!is_space(p[end]))
            return false;
    }
    return true;
}

static void scalar_value(struct hn_value *value, const char *p, const struct scalar *scalar)
{
    struct hn_text text = hn_text_of(p, scalar->len);
    uint64_t magnitude;

    value->ptr = p;
    value->len = scalar->len;
    value->form = HN_FORM_TEXT;
    value->type = scalar->type;
    if (scalar->type == HN_TYPE_BOOL) {
        value->number.i = *p == 't';
    } else if (scalar->type == HN_TYPE_NULL) {
        value->ptr = "";
        value->len = 0;
    } else if (scalar->fraction == 0 && hn_parse_i64(text, &value->number.i)) {
        value->type = HN_TYPE_INT;
    } else if (scalar->fraction == 0 && hn_parse_u64(text, &magnitude)) {
        value->type = HN_TYPE_UINT;
        value->number.u = magnitude;
    } else {
        value->type = HN_TYPE_REAL;
        (void)hn_parse_real(text, &value->number.real);
    }
}

/* ---- Names -------------------------------------------------------------------------------------
 */

/* A key that holds escapes, resolved. */
static struct hn_text unescape_key(struct hn_event *event, struct hn_text key)
{
    struct hn_value *value = hn_event_value(event);

    if (value == NULL)
        return key;
    value->ptr = key.ptr;
    value->len = (uint32_t)key.len;
    value->type = HN_TYPE_STRING;
    value->form = HN_FORM_JSON;
    return hn_event_text(event, (uint32_t)(value - event->values));
}

static struct hn_text join_name(struct hn_event *event, struct hn_text prefix, struct hn_text key)
{
    bool attribute = hn_text_ends(prefix, HN_TEXT(".#attributes"));
    char *out;

    if (attribute) /* the tag and attribute names are joined by an underscore (Sigma: Field Usage)
                    */
        prefix.len -= sizeof(".#attributes") - 1;
    out = hn_event_room(event, prefix.len + 1 + key.len);
    if (out == NULL)
        return key;
    memcpy(out, prefix.ptr, prefix.len);
    out[prefix.len] = attribute ? '_' : '.';
    memcpy(out + prefix.len + 1, key.ptr, key.len);
    return hn_text_of(out, prefix.len + 1 + key.len);
}

/* What a child is called in all-mode. */
static struct hn_text name_of(
        struct hn_event *event, const struct json_frame *parent, hn_node node, struct hn_text key)
{
    struct hn_text canonical = { NULL, 0 };

    if (node != HN_NODE_NONE)
        canonical = hn_schema_node_canonical(event->schema, node);
    if (canonical.ptr != NULL)
        return canonical;
    if (parent->prefix.len == 0) /* a single part that is renamed would have had a node */
        return memchr(key.ptr, '.', key.len) == NULL ? key : hn_name_canonical(key);
    return hn_name_canonical(join_name(event, parent->prefix, key));
}

struct place {
    hn_node node;
    hn_field field;
    struct hn_text name; /* all-mode */
};

static bool is_text_key(struct hn_text key)
{
    return hn_text_eq(key, HN_TEXT("#text"));
}

/* The rare keys: "#text" of an element with attributes, and names inside unnamed <Data>. */
static bool special_key(struct json_frame *parent, struct hn_text key, struct place *ret)
{
    if (!is_text_key(key))
        return false;
    parent->has_text = true;
    ret->node = parent->node;
    ret->field = parent->field;
    ret->name = parent->prefix;
    return true;
}

/* What the schema calls a key under node. */
HN_INLINE void find_place(struct json_walker *w, struct hn_event *event, hn_node node,
        struct hn_text key, struct place *ret)
{
    const struct json_key *known;

    ret->node = HN_NODE_NONE;
    ret->field = HN_FIELD_NONE;
    if (node == HN_NODE_NONE)
        return;
    known = json_key_find(w->keys, event->schema, node, key);
    if (HN_LIKELY(known != NULL)) {
        ret->node = known->node;
        ret->field = known->field;
        return;
    }
    ret->node = hn_schema_child(event->schema, node, key);
    if (ret->node != HN_NODE_NONE)
        ret->field = hn_schema_node_field(event->schema, ret->node);
}

HN_INLINE void place_of(struct json_walker *w, struct hn_event *event, enum walk_mode mode,
        struct json_frame *parent, uint32_t key_token, struct place *ret)
{
    uint32_t start = w->index.pos[key_token] + 1;
    uint32_t end = w->index.pos[key_token + 1];
    struct hn_text key = hn_text_of(w->text.ptr + start, end - start);

    if (HN_UNLIKELY(json_index_escaped(&w->index, start, end)))
        key = unescape_key(event, key);
    if (HN_UNLIKELY(key.len > 0 && key.ptr[0] == '#') && special_key(parent, key, ret))
        return;
    find_place(w, event, parent->node, key, ret);
    if (mode == WALK_ALL)
        ret->name = name_of(event, parent, ret->node, key);
}

/* ---- Keeping values -----------------------------------------------------------------------------
 */

static void keep(struct hn_event *event, enum walk_mode mode, const struct place *place,
        const struct hn_value *value)
{
    if (place->field != HN_FIELD_NONE)
        hn_event_link(event, place->field, value);
    if (mode == WALK_ALL)
        hn_event_name(event, place->name, value);
}

HN_INLINE bool wants(enum walk_mode mode, const struct place *place)
{
    return mode == WALK_ALL || (mode == WALK_WANTED && place->field != HN_FIELD_NONE);
}

HN_INLINE void keep_string(const struct json_walker *w, struct hn_event *event, enum walk_mode mode,
        const struct place *place, uint32_t token)
{
    uint32_t start = w->index.pos[token] + 1;
    uint32_t end = w->index.pos[token + 1];
    struct hn_value *value = hn_event_value(event);

    if (value == NULL)
        return;
    value->ptr = w->text.ptr + start;
    value->len = end - start;
    value->type = HN_TYPE_STRING;
    value->form = json_index_escaped(&w->index, start, end) ? HN_FORM_JSON : HN_FORM_TEXT;
    keep(event, mode, place, value);
}

static void keep_scalar(const struct json_walker *w, struct hn_event *event, enum walk_mode mode,
        const struct place *place, uint32_t token, const struct scalar *scalar)
{
    struct hn_value *value = hn_event_value(event);

    if (value == NULL)
        return;
    scalar_value(value, w->text.ptr + w->index.pos[token], scalar);
    keep(event, mode, place, value);
}

/* An object (or an empty array) that a field name stands for, as its own JSON text. */
static void keep_object(const struct json_walker *w, struct hn_event *event, enum walk_mode mode,
        const struct json_frame *frame, uint32_t end)
{
    struct place place = { HN_NODE_NONE, frame->field, frame->prefix };
    struct hn_value *value;

    if (!wants(mode, &place) || (place.field == HN_FIELD_NONE && place.name.len == 0))
        return;
    value = hn_event_value(event);
    if (value == NULL)
        return;
    value->ptr = w->text.ptr + frame->start;
    value->len = end - frame->start;
    value->type = HN_TYPE_OBJECT;
    value->form = HN_FORM_TEXT;
    keep(event, mode, &place, value);
}

/* ---- Unnamed <Data> as objects ------------------------------------------------------------------
 */

/* {"@Name": "Image", "#text": "..."} and {"#attributes": {"Name": "Image"}, "#text": "..."}: the
 * form some XML converters give EventData. The pair becomes a field of its own. */
static bool data_pair(const struct json_walker *w, uint32_t object, struct hn_text *ret_name,
        uint32_t *ret_text_token)
{
    const uint8_t *kind = w->index.kind + object;
    const uint32_t *pos = w->index.pos + object;
    const char *p = w->text.ptr;
    bool have_name = false;
    bool have_text = false;

    for (uint32_t i = 1, depth = 1; depth > 0 && kind[i] != JSON_END; i++) {
        struct hn_text key;

        if (kind[i] == '{' || kind[i] == '[')
            depth++;
        else if (kind[i] == '}' || kind[i] == ']')
            depth--;
        if (kind[i] != '"' || kind[i + 1] != '"')
            continue;
        key = hn_text_of(p + pos[i] + 1, pos[i + 1] - pos[i] - 1);
        i++;
        if (kind[i + 1] != ':')
            continue;
        if (hn_text_eq(key, HN_TEXT("@Name")) || hn_text_eq(key, HN_TEXT("Name"))) {
            if (kind[i + 2] == '"' && kind[i + 3] == '"') {
                *ret_name = hn_text_of(p + pos[i + 2] + 1, pos[i + 3] - pos[i + 2] - 1);
                have_name = true;
                i += 3;
            }
        } else if (is_text_key(key) || hn_text_eq(key, HN_TEXT("Value"))) {
            *ret_text_token = object + i + 2;
            have_text = depth == 1;
        }
    }
    return have_name && have_text;
}

static void keep_data_pair(const struct json_walker *w, struct hn_event *event, enum walk_mode mode,
        struct hn_text name, uint32_t token)
{
    struct place place = { 0 };
    struct scalar scalar;

    place.node = hn_schema_child(event->schema, HN_NODE_ROOT, name);
    place.field = place.node == HN_NODE_NONE ? HN_FIELD_NONE
                                             : hn_schema_node_field(event->schema, place.node);
    place.name = name;
    if (!wants(mode, &place))
        return;
    if (w->index.kind[token] == '"')
        keep_string(w, event, mode, &place, token);
    else if (w->index.kind[token] == JSON_SCALAR && scalar_at(w, token, &scalar))
        keep_scalar(w, event, mode, &place, token, &scalar);
}

/* ---- The loop ---- */

static enum hn_status fail(struct json_walker *w, uint32_t token, enum hn_status status)
{
    w->error_at = w->index.pos[token];
    return status;
}

static bool is_data_name(const struct hn_event *event, const struct place *place)
{
    return place->node != HN_NODE_NONE && place->field != HN_FIELD_NONE &&
           hn_text_eq(hn_schema_name(event->schema, place->field), HN_TEXT("Data"));
}

/* Opens the object or array at token as a child of place. False: too deep. */
static bool push(struct json_walker *w, struct hn_event *event, enum walk_mode mode,
        uint32_t *depth, const struct place *place, uint32_t token)
{
    struct json_frame *frame;
    struct hn_text name = { NULL, 0 };
    uint32_t text_token = 0;

    if (*depth == JSON_DEPTH_MAX || (mode != WALK_NOTHING && *depth == event->limits.depth_max))
        return false;
    frame = &w->frames[(*depth)++];
    frame->node = mode == WALK_NOTHING ? HN_NODE_NONE : place->node;
    frame->field = mode == WALK_NOTHING ? HN_FIELD_NONE : place->field;
    frame->start = w->index.pos[token];
    frame->array = w->index.kind[token] == '[';
    frame->empty = true;
    frame->has_text = false;
    frame->prefix = place->name;
    if (mode == WALK_NOTHING)
        return true;
    if (place->node != HN_NODE_NONE)
        event->shape |= hn_schema_node_shape(event->schema, place->node);
    if (!frame->array && HN_UNLIKELY(is_data_name(event, place)) &&
            data_pair(w, token, &name, &text_token)) {
        keep_data_pair(w, event, mode, name, text_token);
        frame->node = HN_NODE_NONE; /* nothing inside is a field by itself */
        frame->field = HN_FIELD_NONE;
        frame->has_text = true;
    }
    return true;
}

/* Closes the top frame, whose closing bracket is at token. */
static void pop(struct json_walker *w, struct hn_event *event, enum walk_mode mode, uint32_t *depth,
        uint32_t token)
{
    const struct json_frame *frame = &w->frames[--*depth];

    if (mode == WALK_NOTHING || *depth == 0)
        return;
    if (frame->array ? frame->empty
                     : !frame->has_text && (frame->empty || frame->field != HN_FIELD_NONE))
        keep_object(w, event, mode == WALK_ALL && !frame->empty ? WALK_WANTED : mode, frame,
                w->index.pos[token] + 1);
}

/* Where the walk stands. */
struct cursor {
    uint32_t token;
    uint32_t depth;
    struct place place; /* of the value at token */
};

/* Takes the value at the cursor. *ret_opened: it was an object or array with something inside, and
 * the cursor stands at its first member or element. */
HN_INLINE enum hn_status take_value(struct json_walker *w, struct hn_event *event,
        const enum walk_mode mode, struct cursor *c, bool *ret_opened)
{
    const uint8_t *kind = w->index.kind;
    uint32_t t = c->token;
    struct scalar scalar;

    *ret_opened = false;
    switch (kind[t]) {
    case '"':
        if (wants(mode, &c->place))
            keep_string(w, event, mode, &c->place, t);
        c->token = t + 2;
        return HN_OK;
    case JSON_SCALAR:
        if (!scalar_at(w, t, &scalar))
            return fail(w, t, HN_SYNTAX);
        if (wants(mode, &c->place))
            keep_scalar(w, event, mode, &c->place, t, &scalar);
        c->token = t + 1;
        return HN_OK;
    case '{':
    case '[':
        if (!push(w, event, mode, &c->depth, &c->place, t))
            return fail(w, t, HN_LIMIT);
        c->token = t + 1;
        if (kind[t + 1] != (kind[t] == '[' ? ']' : '}')) {
            w->frames[c->depth - 1].empty = false;
            *ret_opened = true;
            return HN_OK;
        }
        pop(w, event, mode, &c->depth, t + 1);
        c->token = t + 2;
        return HN_OK;
    default:
        return fail(w, t, HN_SYNTAX);
    }
}

/* Behind a value: closes what ends here and passes the comma. */
HN_INLINE enum hn_status end_value(
        struct json_walker *w, struct hn_event *event, const enum walk_mode mode, struct cursor *c)
{
    const uint8_t *kind = w->index.kind;

    while (c->depth > 0 && kind[c->token] == (w->frames[c->depth - 1].array ? ']' : '}')) {
        pop(w, event, mode, &c->depth, c->token);
        c->token++;
    }
    if (c->depth > 0 && kind[c->token++] != ',')
        return fail(w, c->token - 1, HN_SYNTAX);
    return HN_OK;
}

/* "key":"text", and the quote of another key: what most of an event consists of. */
HN_INLINE bool is_plain_member(const uint8_t *kind)
{
    static const uint8_t member[8] = { '"', '"', ':', '"', '"', ',', '"', 0 };
    static const uint8_t counts[8] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0 };
    uint64_t is;
    uint64_t want;
    uint64_t mask;

    memcpy(&is, kind, sizeof is); /* there is room behind the last token */
    memcpy(&want, member, sizeof want);
    memcpy(&mask, counts, sizeof mask);
    return (is & mask) == want;
}

/* Takes plain members as long as they follow each other. */
HN_INLINE void take_plain_members(struct json_walker *w, struct hn_event *event,
        const enum walk_mode mode, struct json_frame *frame, struct cursor *c)
{
    const uint8_t *kind = w->index.kind;

    while (is_plain_member(kind + c->token)) {
        struct place place = { HN_NODE_NONE, HN_FIELD_NONE, { NULL, 0 } };

        if (mode != WALK_NOTHING)
            place_of(w, event, mode, frame, c->token, &place);
        if (wants(mode, &place))
            keep_string(w, event, mode, &place, c->token + 3);
        c->token += 6;
    }
}

HN_INLINE enum hn_status walk(
        struct json_walker *w, struct hn_event *event, const enum walk_mode mode)
{
    const uint8_t *kind = w->index.kind;
    struct cursor c = { .token = w->next, .place = { HN_NODE_ROOT, HN_FIELD_NONE, { "", 0 } } };

    for (;;) {
        bool opened;
        enum hn_status status = take_value(w, event, mode, &c, &opened);
        struct json_frame *frame;

        if (status == HN_OK && !opened)
            status = end_value(w, event, mode, &c);
        if (status != HN_OK || c.depth == 0) {
            w->next = status == HN_OK ? c.token : w->next;
            return status;
        }
        frame = &w->frames[c.depth - 1];
        if (frame->array) {
            c.place = (struct place){ frame->node, frame->field, frame->prefix };
            continue;
        }
        take_plain_members(w, event, mode, frame, &c);
        if (kind[c.token] != '"' || kind[c.token + 1] != '"' || kind[c.token + 2] != ':')
            return fail(w, c.token, HN_SYNTAX);
        if (mode != WALK_NOTHING)
            place_of(w, event, mode, frame, c.token, &c.place);
        c.token += 3;
    }
}

enum hn_status json_walk_object(struct json_walker *w, struct hn_event *event)
{
    if (w->index.bad_string || json_walker_kind(w) != '{')
        return fail(w, w->next, HN_SYNTAX);
    json_keys_restart(w->keys);
    return event->want_all ? walk(w, event, WALK_ALL) : walk(w, event, WALK_WANTED);
}

enum hn_status json_walk_skip(struct json_walker *w)
{
    if (w->index.bad_string)
        return fail(w, w->next, HN_SYNTAX);
    return walk(w, NULL, WALK_NOTHING);
}
