/* store.c - opening, transactions, small statements, counters. store_internal.h names the other
 * files. */
#include "base/num.h"
#include "store/store_internal.h"

#include <assert.h>

static const char *const hidden_texts[] = {
#define HIDDEN_TEXT(name, text) [name] = (text),
    STORE_HIDDEN_LIST(HIDDEN_TEXT)
#undef HIDDEN_TEXT
};

const char *store_hidden_text(enum store_hidden hidden)
{
    return hidden_texts[hidden];
}

static void fill_defaults(struct store_options *options)
{
    if (options->window == 0)
        options->window = HN_DAY;
    if (options->repeat_window == 0)
        options->repeat_window = HN_HOUR;
    if (options->exception_max == 0)
        options->exception_max = 180 * HN_DAY;
    if (options->silence_max == 0)
        options->silence_max = 30 * HN_DAY;
    if (options->seen_max == 0)
        options->seen_max = 1000000;
}

enum hn_status store_open(
        const struct store_options *options, struct store **ret_store, struct hn_err *err)
{
    struct db_options file = { options->path, options->read_only, options->busy_ms };
    struct store *store = hn_calloc(1, sizeof *store);
    enum hn_status status;

    if (store == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the store");
    store->options = *options;
    fill_defaults(&store->options);
    hn_arena_init(&store->scratch, STORE_SCRATCH_BYTES_MAX);
    hn_arena_init(&store->mute_arena, STORE_MUTES_BYTES_MAX);
    status = db_open(&file, &store->db, err);
    if (status == HN_OK && !options->read_only)
        status = db_migrate(store->db, "store", store_steps, store_step_count, err);
    if (status != HN_OK) {
        store_close(store);
        return status;
    }
    *ret_store = store;
    return HN_OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    hn_arena_deinit(&store->scratch);
    hn_arena_deinit(&store->mute_arena);
    hn_buf_deinit(&store->text);
    hn_free(store);
}

enum hn_status store_begin(struct store *store, struct hn_err *err)
{
    assert(!store->applying);
    hn_arena_reset(&store->scratch);
    return db_begin(store->db, err);
}

enum hn_status store_end(struct store *store, enum hn_status status, struct hn_err *err)
{
    if (status == HN_OK)
        status = db_commit(store->db, err);
    else
        db_rollback(store->db);
    if (status != HN_OK)
        store->mutes_known = false; /* what was read within it may be gone */
    return status;
}

/* ---- Small statements ---- */

static enum hn_status prepare(struct store *store, const char *sql, struct store_ints ints,
        struct db_stmt **ret_stmt, struct hn_err *err)
{
    enum hn_status status = db_prepare(store->db, sql, ret_stmt, err);

    if (status == HN_OK) {
        for (int i = 0; i < ints.count; i++)
            db_bind_int(*ret_stmt, i + 1, ints.value[i]);
    }
    return status;
}

enum hn_status store_run(
        struct store *store, const char *sql, struct store_ints ints, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = prepare(store, sql, ints, &stmt, err);

    return status == HN_OK ? db_run(stmt, err) : status;
}

enum hn_status store_int(struct store *store, const char *sql, struct store_ints ints,
        int64_t *ret_value, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = prepare(store, sql, ints, &stmt, err);

    if (status != HN_OK)
        return status;
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_value = db_int(stmt, 0);
    db_stmt_done(stmt);
    return status;
}

/* Big-endian, so that the database shows an id as people read it. */
void store_bind_digest(struct db_stmt *stmt, int index, struct hn_digest digest)
{
    uint8_t bytes[16];

    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(digest.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(digest.low >> (56 - 8 * i));
    }
    db_bind_bytes(stmt, index, hn_bytes_of(bytes, sizeof bytes));
}

struct hn_digest store_digest(struct db_stmt *stmt, int column)
{
    struct hn_bytes bytes = db_bytes(stmt, column);
    struct hn_digest digest = { 0, 0 };

    if (bytes.len != 16)
        return digest;
    for (unsigned i = 0; i < 8; i++) {
        digest.high = digest.high << 8 | bytes.ptr[i];
        digest.low = digest.low << 8 | bytes.ptr[8 + i];
    }
    return digest;
}

struct hn_text store_number(int64_t number, char *room)
{
    uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t len = 0;

    if (number < 0)
        room[len++] = '-';
    return hn_text_of(room, len + hn_u64_write(size, room + len));
}

enum hn_status store_version_check(
        const struct store_change *change, int64_t version, struct hn_err *err)
{
    if (change->version == 0 || change->version == version)
        return HN_OK;
    return hn_fail(err, HN_UNSUPPORTED, 0, "version %lld was changed meanwhile: it is %lld now",
            (long long)change->version, (long long)version);
}

/* ---- Counters ---- */

enum hn_status store_counter_add(
        struct store *store, struct hn_text name, int64_t more, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO store_counter VALUES(?1,?2,max(?2,0)) ON CONFLICT(name) DO UPDATE SET "
            "value=value+?2, ever=ever+max(?2,0)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, name);
    db_bind_int(stmt, 2, more);
    return db_run(stmt, err);
}

enum hn_status store_counter_level(
        struct store *store, uint32_t level, int64_t more, struct hn_err *err)
{
    char name[] = "level.0";

    assert(level < STORE_LEVELS);
    name[sizeof name - 2] = (char)('0' + level);
    return store_counter_add(store, hn_text_of(name, sizeof name - 1), more, err);
}

enum hn_status store_counters(
        struct store *store, store_on_counter *on_counter, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(
            store->db, "SELECT name, value, ever FROM store_counter ORDER BY name", &stmt, err);

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK)
        on_counter(ctx, db_text(stmt, 0), db_int(stmt, 1), (uint64_t)db_int(stmt, 2));
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_backup(struct store *store, const char *path, struct hn_err *err)
{
    return db_backup(store->db, path, err);
}
