/* bulk_reply.c - what a bulk request is answered: one entry for each action, in order, always.
 * Beats and others take an answer without entries for a success of all. */
#include "ingest/ingest_internal.h"

#define FILTERS_MAX 32u
#define DEPTH_MAX   8u

/* filter_path: only members whose path one of the patterns begins or continues. */
struct filter {
    struct hn_text patterns[FILTERS_MAX];
    size_t count; /* 0: everything */
};

static struct filter filter_of(struct hn_text text)
{
    struct filter filter = { .count = 0 };
    struct hn_text part;

    while (text.len > 0 && hn_text_split(&text, ',', &part)) {
        part = hn_text_trim(part);
        /* Leaving out ("-took") and what is too much: everything is written, which is never wrong.
         */
        if (filter.count == FILTERS_MAX || (part.len > 0 && part.ptr[0] == '-'))
            return (struct filter){ .count = 0 };
        if (part.len > 0)
            filter.patterns[filter.count++] = part;
    }
    return filter;
}

/* One part of a pattern: '*' stands for any characters. */
static bool part_fits(struct hn_text pattern, struct hn_text name)
{
    size_t star = hn_text_find_char(pattern, '*', 0);
    struct hn_text tail;

    if (star == SIZE_MAX)
        return hn_text_eq(pattern, name);
    tail = hn_text_sub(pattern, star + 1, pattern.len);
    if (hn_text_find_char(tail, '*', 0) !=
            SIZE_MAX) /* "a*b*": rare; rather too much than too little */
        return true;
    return name.len >= star + tail.len && hn_text_starts(name, hn_text_sub(pattern, 0, star)) &&
           hn_text_ends(name, tail);
}

static bool pattern_fits(struct hn_text pattern, const struct hn_text *path, size_t depth)
{
    struct hn_text part;

    for (size_t i = 0; i < depth; i++) {
        if (!hn_text_split(&pattern, '.', &part))
            return true; /* it names something above: all below it counts */
        if (hn_text_eq(part, HN_TEXT("**")))
            return true;
        if (!part_fits(part, path[i]))
            return false;
    }
    return true; /* or something below */
}

static bool wanted(const struct filter *filter, const struct hn_text *path, size_t depth)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (pattern_fits(filter->patterns[i], path, depth))
            return true;
    }
    return filter->count == 0;
}

struct writer {
    struct hn_json_out out;
    struct filter filter;
    struct hn_text path[DEPTH_MAX]; /* items, <verb>, <member> */
};

static bool member_wanted(struct writer *w, struct hn_text name)
{
    w->path[2] = name;
    return wanted(&w->filter, w->path, 3);
}

static void write_text(struct writer *w, struct hn_text name, struct hn_text value)
{
    if (!member_wanted(w, name))
        return;
    hn_json_key(&w->out, name);
    hn_json_text(&w->out, value);
}

static void write_id(struct writer *w, const struct bulk_results *results, size_t number)
{
    char room[64];
    struct hn_buf id = hn_buf_over(room, sizeof room);

    hn_buf_add_text(&id, results->request_id);
    hn_buf_add_char(&id, '-');
    hn_buf_add_u64(&id, number);
    write_text(w, HN_TEXT("_id"), hn_buf_text(&id));
}

static void write_taken(struct writer *w, const struct bulk_result *result)
{
    if (member_wanted(w, HN_TEXT("_version")))
        hn_json_pair_u64(&w->out, "_version", 1);
    write_text(w, HN_TEXT("result"), HN_TEXT("created"));
    if (member_wanted(w, HN_TEXT("_shards"))) {
        hn_json_key(&w->out, HN_TEXT("_shards"));
        hn_json_raw(&w->out, HN_TEXT("{\"total\":1,\"successful\":1,\"failed\":0}"));
    }
    if (member_wanted(w, HN_TEXT("_seq_no")))
        hn_json_pair_u64(&w->out, "_seq_no", result->item.line);
    if (member_wanted(w, HN_TEXT("_primary_term")))
        hn_json_pair_u64(&w->out, "_primary_term", 1);
}

static void write_refused(struct writer *w, const struct bulk_result *result)
{
    const char *type = "mapper_parsing_exception";
    const char *reason = result->item.refused;

    if (!member_wanted(w, HN_TEXT("error")))
        return;
    if (result->status == 429) {
        type = "es_rejected_execution_exception";
        reason = "too much is waiting to become durable, or the source is over its quota";
    } else if (result->status != 400) {
        type = "unavailable_shards_exception";
        reason = "the event could not be made durable";
    }
    hn_json_key(&w->out, HN_TEXT("error"));
    hn_json_open(&w->out, '{');
    hn_json_pair(&w->out, "type", hn_text_cstr(type));
    hn_json_pair(&w->out, "reason", hn_text_cstr(reason));
    hn_json_close(&w->out, '}');
}

static void write_item(struct writer *w, const struct bulk_results *results, size_t number)
{
    const struct bulk_result *result = &results->ptr[number];

    w->path[1] = bulk_verb_text(result->item.verb);
    hn_json_open(&w->out, '{');
    hn_json_key(&w->out, w->path[1]);
    hn_json_open(&w->out, '{');
    write_text(w, HN_TEXT("_index"), result->item.index);
    if (result->item.id.len > 0)
        write_text(w, HN_TEXT("_id"), result->item.id);
    else
        write_id(w, results, number);
    if (result->status < 300)
        write_taken(w, result);
    else
        write_refused(w, result);
    if (member_wanted(w, HN_TEXT("status")))
        hn_json_pair_u64(&w->out, "status", result->status);
    hn_json_close(&w->out, '}');
    hn_json_close(&w->out, '}');
}

void bulk_reply_write(
        const struct bulk_results *results, struct hn_text filter_path, struct hn_buf *out)
{
    struct writer w = { .out = hn_json_out_over(out), .filter = filter_of(filter_path) };
    bool errors = false;

    for (size_t i = 0; i < results->count; i++)
        errors |= results->ptr[i].status >= 300;
    hn_json_open(&w.out, '{');
    w.path[0] = HN_TEXT("took");
    if (wanted(&w.filter, w.path, 1))
        hn_json_pair_u64(&w.out, "took", results->took_ms);
    w.path[0] = HN_TEXT("errors");
    if (wanted(&w.filter, w.path, 1)) {
        hn_json_key(&w.out, HN_TEXT("errors"));
        hn_json_bool(&w.out, errors);
    }
    w.path[0] = HN_TEXT("items");
    if (wanted(&w.filter, w.path, 1)) {
        hn_json_key(&w.out, HN_TEXT("items"));
        hn_json_open(&w.out, '[');
        for (size_t i = 0; i < results->count; i++)
            write_item(&w, results, i);
        hn_json_close(&w.out, ']');
    }
    hn_json_close(&w.out, '}');
}

void ingest_elastic_error_write(
        unsigned status, const char *type, struct hn_text reason, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_key(&json, HN_TEXT("error"));
    hn_json_open(&json, '{');
    hn_json_key(&json, HN_TEXT("root_cause"));
    hn_json_open(&json, '[');
    hn_json_open(&json, '{');
    hn_json_pair(&json, "type", hn_text_cstr(type));
    hn_json_pair(&json, "reason", reason);
    hn_json_close(&json, '}');
    hn_json_close(&json, ']');
    hn_json_pair(&json, "type", hn_text_cstr(type));
    hn_json_pair(&json, "reason", reason);
    hn_json_close(&json, '}');
    hn_json_pair_u64(&json, "status", status);
    hn_json_close(&json, '}');
}
