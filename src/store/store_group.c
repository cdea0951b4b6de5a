/* store_group.c - puts an alert into an incident: looks up those that share an entity, lets
 * incident_choose() decide, keeps what the incident is made of. */
#include "base/utf.h"
#include "store/store_internal.h"

struct part {
    enum store_part kind;
    struct hn_text
            value; /* letters lowered: host names and users differ in case only by accident */
};

struct grouping {
    const struct store_member *member;
    struct incident_candidate candidates[STORE_CANDIDATES_MAX];
    size_t candidate_count;
    struct incident_choice choice;
    bool opened;
};

static enum hn_status lowered(
        struct store *store, struct hn_text text, struct hn_text *ret_lowered, struct hn_err *err)
{
    char *copy = hn_arena_raw(&store->scratch, text.len + 1, 1);

    if (copy == NULL)
        return hn_fail(err, hn_arena_status(&store->scratch), 0, "no memory for an entity");
    hn_lower_ascii(text, copy);
    *ret_lowered = hn_text_of(copy, text.len);
    return HN_OK;
}

/* ---- Candidates ---- */

static void candidate_add(struct grouping *g, const struct incident_candidate *found)
{
    size_t i = 0;

    while (i < g->candidate_count && g->candidates[i].id != found->id)
        i++;
    if (i == STORE_CANDIDATES_MAX)
        return;
    if (i == g->candidate_count) {
        g->candidates[g->candidate_count++] = *found;
        return;
    }
    g->candidates[i].hosts_shared += found->hosts_shared;
    g->candidates[i].addresses_shared += found->addresses_shared;
    g->candidates[i].users_shared += found->users_shared;
}

/* Among the newest that have it: a window ends after a day, and an entity that is in more incidents
 * than these at a time tells nothing. */
static enum hn_status find_by(
        struct store *store, struct grouping *g, const struct part *part, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT i.id, i.status, i.first, i.last FROM (SELECT incident FROM incident_part "
            "WHERE kind=?1 AND value=?2 ORDER BY incident DESC LIMIT 256) p "
            "CROSS JOIN incident i ON i.id=p.incident WHERE i.tenant=?3 AND i.family=?4 AND "
            "i.merged IS NULL ORDER BY p.incident DESC LIMIT 32",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, part->kind);
    db_bind_text(stmt, 2, part->value);
    db_bind_text(stmt, 3, g->member->subject.tenant);
    db_bind_text(stmt, 4, g->member->subject.family);
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct incident_candidate found = { .id = db_int(stmt, 0),
            .status = (enum incident_status)db_int(stmt, 1),
            .first = db_int(stmt, 2),
            .last = db_int(stmt, 3),
            .hosts_shared = part->kind == STORE_PART_HOST,
            .addresses_shared = part->kind == STORE_PART_ADDRESS,
            .users_shared = part->kind == STORE_PART_USER };

        candidate_add(g, &found);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

/* An alert about nobody is grouped with others of its rule. */
static enum hn_status find_candidates(struct store *store, struct grouping *g, struct hn_err *err)
{
    static const enum store_part kinds[] = { [INCIDENT_HOST] = STORE_PART_HOST,
        [INCIDENT_ADDRESS] = STORE_PART_ADDRESS,
        [INCIDENT_USER] = STORE_PART_USER };
    const struct store_subject *subject = &g->member->subject;
    struct incident_alert alert = { subject->family, subject->host, subject->user,
        subject->addresses, subject->address_count, g->member->at };
    struct incident_key keys[INCIDENT_KEYS_MAX];
    size_t count = incident_keys(&alert, keys);
    struct part part = { STORE_PART_RULE, { "", 0 } };
    enum hn_status status = HN_OK;

    if (count == 0) {
        status = lowered(store, subject->rule_id, &part.value, err);
        return status == HN_OK ? find_by(store, g, &part, err) : status;
    }
    for (size_t i = 0; i < count && status == HN_OK; i++) {
        part.kind = kinds[keys[i].entity];
        status = lowered(store, keys[i].value, &part.value, err);
        if (status == HN_OK)
            status = find_by(store, g, &part, err);
    }
    return status;
}

/* ---- A new incident ---- */

static enum hn_status open_incident(struct store *store, struct grouping *g, struct hn_err *err)
{
    const struct store_member *member = g->member;
    struct store_entry entry = { .object = STORE_INCIDENT,
        .at = member->now,
        .who = STORE_SELF,
        .what = HN_TEXT("opened"),
        .from = HN_TEXT(""),
        .to = member->title };
    char room[STORE_NUMBER_ROOM];
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO incident(title,family,tenant,level,confidence,why,status,verdict,assignee,"
            "tags,first,last,opened,alerts,former,version) "
            "VALUES(?1,?2,?3,?4,0,'[]',0,0,'','',?5,?5,?6,0,?7,1)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, member->title);
    db_bind_text(stmt, 2, member->subject.family);
    db_bind_text(stmt, 3, member->subject.tenant);
    db_bind_int(stmt, 4, member->level);
    db_bind_int(stmt, 5, member->at);
    db_bind_int(stmt, 6, member->now);
    store_bind_ref(stmt, 7, g->choice.former);
    status = db_run(stmt, err);
    if (status != HN_OK)
        return status;
    g->choice.join = db_last_id(store->db);
    g->opened = true;
    entry.id = g->choice.join;
    status = store_history_add(store, &entry, err);
    if (status == HN_OK && g->choice.former != 0) {
        entry.what = HN_TEXT("continues");
        entry.to = store_number(g->choice.former, room);
        status = store_history_add(store, &entry, err);
    }
    return status;
}

/* ---- What it is made of ---- */

/* *ret_new is set when the incident did not have it before. */
static enum hn_status part_add(struct store *store, int64_t incident, const struct part *part,
        bool *ret_new, struct hn_err *err)
{
    static const char *const sql[] = {
        "UPDATE incident_part SET count=count+1 WHERE incident=?1 AND kind=?2 AND value=?3",
        ("INSERT INTO incident_part(incident,kind,value,count) SELECT ?1,?2,?3,1 WHERE "
         "(SELECT count(*) FROM incident_part WHERE incident=?1)<?4"),
    };
    enum hn_status status = HN_OK;
    struct hn_text value = HN_TEXT("");

    if (part->value.len == 0)
        return HN_OK;
    status = lowered(store, part->value, &value, err);
    for (int i = 0; i < 2 && status == HN_OK; i++) {
        struct db_stmt *stmt = NULL;

        status = db_prepare(store->db, sql[i], &stmt, err);
        if (status != HN_OK)
            return status;
        db_bind_int(stmt, 1, incident);
        db_bind_int(stmt, 2, part->kind);
        db_bind_text(stmt, 3, value);
        if (i == 1)
            db_bind_int(stmt, 4, STORE_PARTS_MAX);
        status = db_run(stmt, err);
        if (status == HN_OK && db_changes(store->db) > 0) {
            *ret_new = *ret_new || i == 1;
            break;
        }
    }
    return status;
}

static enum hn_status parts_add(
        struct store *store, const struct grouping *g, bool *ret_new, struct hn_err *err)
{
    const struct store_subject *subject = &g->member->subject;
    const struct part parts[] = { { STORE_PART_HOST, subject->host },
        { STORE_PART_USER, subject->user },
        { STORE_PART_TRACE, subject->family.len > 0 ? g->member->trace : HN_TEXT("") },
        { STORE_PART_RULE, subject->rule_id.len > 0 ? subject->rule_id : g->member->title } };
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < HN_COUNT_OF(parts) && status == HN_OK; i++)
        status = part_add(store, g->choice.join, &parts[i], ret_new, err);
    for (size_t i = 0; i < subject->address_count && status == HN_OK; i++) {
        struct part part = { STORE_PART_ADDRESS, subject->addresses[i] };

        status = part_add(store, g->choice.join, &part, ret_new, err);
    }
    return status;
}

/* Takes the alert into the incident; *ret_before is the incident's level until then. */
static enum hn_status join(
        struct store *store, const struct grouping *g, int64_t *ret_before, struct hn_err *err)
{
    const struct store_member *member = g->member;
    struct db_stmt *stmt = NULL;
    enum hn_status status = store_int(store, "SELECT level FROM incident WHERE id=?1",
            STORE_INTS(g->choice.join), ret_before, err);

    if (status == HN_OK)
        status = store_run(store, "UPDATE alert SET incident=?2 WHERE seq=?1",
                STORE_INTS(member->seq, g->choice.join), err);
    if (status == HN_OK) {
        status = db_prepare(store->db,
                "UPDATE incident SET alerts=alerts+1, first=min(first,?2), last=max(last,?2), "
                "title=CASE WHEN ?3>level THEN ?4 ELSE title END, level=max(level,?3) WHERE id=?1",
                &stmt, err);
    }
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, g->choice.join);
    db_bind_int(stmt, 2, member->at);
    db_bind_int(stmt, 3, member->level);
    db_bind_text(stmt, 4, member->title);
    return db_run(stmt, err);
}

static enum hn_status choose(
        struct store *store, struct grouping *g, int64_t prefer, struct hn_err *err)
{
    int64_t status_of_preferred = INCIDENT_CLOSED;
    enum hn_status status;

    if (prefer != 0) {
        status = store_int(store, "SELECT status FROM incident WHERE id=?1", STORE_INTS(prefer),
                &status_of_preferred, err);
        if (status != HN_OK && status != HN_NOTFOUND)
            return status;
    }
    if (status_of_preferred != INCIDENT_CLOSED) {
        g->choice = (struct incident_choice){ prefer, 0 };
        return HN_OK;
    }
    status = find_candidates(store, g, err);
    if (status == HN_OK)
        g->choice = incident_choose(
                g->member->at, store->options.window, g->candidates, g->candidate_count);
    return status;
}

enum hn_status store_group(struct store *store, const struct store_member *member, int64_t prefer,
        struct store_applied *ret_applied, struct hn_err *err)
{
    struct grouping g = { .member = member };
    int64_t before = 0;
    bool changed = false;
    enum hn_status status = choose(store, &g, prefer, err);

    if (status == HN_OK && g.choice.join == 0)
        status = open_incident(store, &g, err);
    if (status == HN_OK)
        status = join(store, &g, &before, err);
    if (status == HN_OK)
        status = parts_add(store, &g, &changed, err);
    changed = changed || member->level > before;
    if (status == HN_OK && changed)
        status = store_incident_weigh(store, g.choice.join, err);
    if (status == HN_OK && !member->quiet && (g.opened || member->level > before))
        status = store_tell_incident(
                store, g.choice.join, member->level, g.opened, member->now, err);
    if (status == HN_OK && ret_applied != NULL) {
        ret_applied->incident = g.choice.join;
        ret_applied->incident_new = g.opened;
    }
    return status;
}

/* ---- Alerts out of the database ---- */

static enum hn_status addresses_read(
        struct store *store, int64_t seq, struct store_subject *subject, struct hn_err *err)
{
    struct hn_text *addresses = hn_new(&store->scratch, struct hn_text, STORE_ADDRESSES_MAX);
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    if (addresses == NULL)
        return hn_fail(err, hn_arena_status(&store->scratch), 0, "no memory for addresses");
    status = db_prepare(
            store->db, "SELECT address FROM alert_address WHERE seq=?1 LIMIT ?2", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    db_bind_int(stmt, 2, STORE_ADDRESSES_MAX);
    subject->addresses = addresses;
    subject->address_count = 0;
    while ((status = db_next(stmt, err)) == HN_OK)
        addresses[subject->address_count++] = hn_arena_text(&store->scratch, db_text(stmt, 0));
    db_stmt_done(stmt);
    if (status == HN_NOTFOUND && hn_arena_status(&store->scratch) != HN_OK)
        return hn_fail(err, hn_arena_status(&store->scratch), 0, "no memory for addresses");
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status member_read(
        struct store *store, int64_t seq, struct store_member *ret_member, struct hn_err *err)
{
    struct hn_arena *arena = &store->scratch;
    struct store_alert_row row;
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(
            store->db, "SELECT " STORE_ALERT_COLUMNS " FROM alert a WHERE a.seq=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    status = db_next(stmt, err);
    if (status != HN_OK) {
        db_stmt_done(stmt);
        return status;
    }
    store_alert_row(stmt, false, &row);
    *ret_member = (struct store_member){ .seq = seq,
        .level = row.level,
        .at = row.time == HN_TIME_NONE ? row.received : row.time,
        .title = hn_arena_text(arena, row.title),
        .trace = hn_arena_text(arena, row.trace),
        .subject = { .rule_id = hn_arena_text(arena, row.rule_id),
                .host = hn_arena_text(arena, row.host),
                .user = hn_arena_text(arena, row.user),
                .source = hn_arena_text(arena, row.source),
                .tenant = hn_arena_text(arena, row.tenant),
                .family = hn_arena_text(arena, row.family) } };
    db_stmt_done(stmt);
    if (hn_arena_status(arena) != HN_OK)
        return hn_fail(err, hn_arena_status(arena), 0, "no memory for an alert");
    return HN_OK;
}

enum hn_status store_group_stored(struct store *store, int64_t seq, hn_time now, struct hn_err *err)
{
    struct store_member member;
    enum hn_status status = member_read(store, seq, &member, err);

    if (status == HN_OK)
        status = addresses_read(store, seq, &member.subject, err);
    if (status != HN_OK)
        return status;
    member.now = now;
    status = store_group(store, &member, 0, NULL, err);
    if (status == HN_OK)
        status = store_tell_alert(store, &member, err);
    return status;
}
