/* output_fact.c - a row of the outbox, and the alert or incident that it is about, out of the
 * store into a batch's arena. */
#include "output/output_internal.h"

struct taking {
    struct hn_arena *arena;
    struct output_fact *fact;
};

/* "" where there is no memory, which the arena remembers. */
static struct hn_text keep(struct hn_arena *arena, struct hn_text text)
{
    struct hn_text copy = text.len == 0 ? HN_TEXT("") : hn_arena_text(arena, text);

    return copy.ptr == NULL ? HN_TEXT("") : copy;
}

bool output_fact_take(
        const struct store_out *out, struct hn_arena *arena, struct output_fact *ret_fact)
{
    bool alert = hn_text_eq(out->kind, HN_TEXT("alert"));

    *ret_fact = (struct output_fact){ .id = out->id,
        .attempts = out->attempts,
        .created = out->created,
        .key = keep(arena, out->key),
        .kind = keep(arena, out->kind),
        .alert = alert ? out->alert : 0,
        .incident = out->incident,
        .time = HN_TIME_NONE };
    return hn_arena_status(arena) == HN_OK;
}

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct taking *taking = ctx;
    struct output_fact *fact = taking->fact;

    fact->level = row->level;
    fact->title = keep(taking->arena, row->title);
    fact->host = keep(taking->arena, row->host);
    fact->user = keep(taking->arena, row->user);
    fact->source = keep(taking->arena, row->source);
    fact->tenant = keep(taking->arena, row->tenant);
    fact->family = keep(taking->arena, row->family);
    fact->techniques = keep(taking->arena, row->techniques);
    fact->time = row->time == HN_TIME_NONE ? row->received : row->time;
    fact->incident = row->incident;
    fact->json = keep(taking->arena, hn_text_trim(row->json));
}

static void on_incident(void *ctx, const struct store_incident_row *row)
{
    struct taking *taking = ctx;
    struct output_fact *fact = taking->fact;

    fact->level = row->level;
    fact->title = keep(taking->arena, row->title);
    fact->tenant = keep(taking->arena, row->tenant);
    fact->family = keep(taking->arena, row->family);
    fact->time = row->first;
    fact->last = row->last;
    fact->confidence = row->confidence;
    fact->alerts = row->alerts;
    fact->why = keep(taking->arena, hn_text_trim(row->why));
}

enum hn_status output_fact_read(
        struct store *store, struct hn_arena *arena, struct output_fact *fact, struct hn_err *err)
{
    struct taking taking = { arena, fact };
    enum hn_status status;

    if (!hn_text_eq(fact->kind, HN_TEXT("alert")))
        status = store_incident_by_id(store, fact->incident, on_incident, &taking, err);
    else if (fact->alert == 0)
        status = hn_fail(err, HN_NOTFOUND, 0, "the alert was removed");
    else
        status = store_alert_by_seq(store, fact->alert, on_alert, &taking, err);
    if (status == HN_OK && fact->json.len > 0)
        status = alert_read(fact->json, arena, &fact->read);
    if (status == HN_OK && hn_arena_status(arena) != HN_OK)
        status = HN_NOMEM;
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "%s", hn_status_text(status));
}
