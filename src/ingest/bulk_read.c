/* bulk_read.c - the body of a bulk request: a line that says what to do, and for most a line that
 * is the document.
 *
 * An action that cannot be read makes the whole body unreadable, since it is not known any more
 * which lines are documents. A document that is wrong costs only its own item. */
#include "ingest/ingest_internal.h"

#include "base/utf.h"
#include "decode/decode.h"

#define INDEX_BYTES_MAX 255 /* as Elasticsearch */
#define ID_BYTES_MAX    512

struct hn_text bulk_verb_text(enum bulk_verb verb)
{
    static const struct hn_text texts[] = {
#define BULK_VERB_TEXT(name, text) [name] = HN_TEXT_INIT(text),
        BULK_VERB_LIST(BULK_VERB_TEXT)
#undef BULK_VERB_TEXT
    };

    return texts[verb];
}

static bool fail(struct bulk_reader *reader, const char *why)
{
    reader->status = HN_SYNTAX;
    (void)snprintf(reader->msg, sizeof reader->msg, "action line %llu: %s",
            (unsigned long long)reader->line, why);
    return false;
}

static enum hn_status check(struct bulk_reader *reader, struct hn_text json)
{
    if (reader->checker == NULL)
        reader->checker = decode_json_checker_new();
    return reader->checker == NULL ? HN_NOMEM : decode_json_check(reader->checker, json);
}

void bulk_reader_deinit(struct bulk_reader *reader)
{
    decode_json_checker_free(reader->checker);
    reader->checker = NULL;
}

static bool verb_of(struct hn_text name, enum bulk_verb *ret_verb)
{
    for (enum bulk_verb verb = BULK_INDEX; verb <= BULK_DELETE; verb++) {
        if (hn_text_eq(name, bulk_verb_text(verb))) {
            *ret_verb = verb;
            return true;
        }
    }
    return false;
}

/* The action's own members; in is at its value. */
static bool read_members(struct hn_json_in *in, struct hn_arena *arena, struct bulk_item *item)
{
    struct hn_text key;

    if (!hn_json_in_open(in, '{'))
        return false;
    while (hn_json_in_member(in, arena, &key)) {
        bool is_text = hn_json_in_peek(in) == '"';

        if (hn_text_eq(key, HN_TEXT("_index")) && is_text)
            (void)hn_json_in_text(in, arena, &item->index);
        else if (hn_text_eq(key, HN_TEXT("_id")) && is_text)
            (void)hn_json_in_text(in, arena, &item->id);
        else
            (void)hn_json_in_skip(in);
    }
    return hn_json_in_ok(in);
}

static bool read_action(struct bulk_reader *reader, struct hn_text line, struct bulk_item *item)
{
    struct hn_json_in in = hn_json_in_over(line);
    struct hn_text verb;
    struct hn_text more;

    reader->status = check(reader, line);
    if (reader->status != HN_OK || hn_json_in_peek(&in) != '{')
        return reader->status == HN_NOMEM ? false : fail(reader, "no JSON object");
    if (!hn_json_in_open(&in, '{') || !hn_json_in_member(&in, reader->arena, &verb) ||
            !verb_of(verb, &item->verb))
        return fail(reader, "no index, create, update or delete");
    if (!read_members(&in, reader->arena, item))
        return fail(reader, "the action's value is no object");
    if (hn_json_in_member(&in, reader->arena, &more))
        return fail(reader, "more than one action");
    return true;
}

static bool is_name(struct hn_text name, size_t max)
{
    if (name.len == 0 || name.len > max || !hn_utf8_valid(hn_text_as_bytes(name)))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
            return false;
    }
    return true;
}

/* Why the item is not taken, or NULL; reader->status HN_NOMEM: that is not known. */
static const char *judge(
        struct bulk_reader *reader, const struct bulk_item *item, bool has_document)
{
    enum hn_status status = HN_SYNTAX;

    if (item->verb == BULK_UPDATE || item->verb == BULK_DELETE)
        return "events are kept as they came: there is no update and no delete";
    if (!is_name(item->index, INDEX_BYTES_MAX))
        return "the index has no name, or one that is too long or holds control characters";
    if (item->id.len > 0 && !is_name(item->id, ID_BYTES_MAX))
        return "the id is too long or holds control characters";
    if (!has_document)
        return "the document is missing";
    if (item->document.len > 0 && item->document.ptr[0] == '{')
        status = check(reader, item->document);
    if (status == HN_NOMEM)
        reader->status = status;
    if (status != HN_OK)
        return "the document is no JSON object";
    return NULL;
}

bool bulk_next(struct bulk_reader *reader, struct bulk_item *ret_item)
{
    struct bulk_item item = { .index = reader->index };
    struct hn_text line;
    bool has_document = false;

    do {
        if (reader->status != HN_OK || !hn_text_line(&reader->rest, &line))
            return false;
        reader->line++;
    } while (hn_text_trim(line).len == 0);
    item.line = reader->line;
    if (!read_action(reader, hn_text_trim(line), &item)) {
        if (hn_arena_status(reader->arena) != HN_OK)
            reader->status = HN_NOMEM;
        return false;
    }
    if (item.verb != BULK_DELETE) {
        has_document = hn_text_line(&reader->rest, &item.document);
        reader->line += has_document;
        item.document = hn_text_trim(item.document); /* a CR may stand at the end of the body */
    }
    item.refused = judge(reader, &item, has_document);
    if (reader->status != HN_OK)
        return false;
    *ret_item = item;
    return true;
}
