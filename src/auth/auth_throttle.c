/* auth_throttle.c - how often one may guess, kept in the database: a restart forgives nothing.
 *
 * Three limits. A name from an address, and an address as a whole, are simply slowed down. A name
 * that is attacked from many addresses is still open from those where its owner was let in lately,
 * so that an attacker cannot lock anybody out. */
#include "auth/auth_internal.h"

/* How many rows the question counts; ?1 is since, ?2 the name, ?3 the address. */
static enum hn_status ask(struct db *db, const char *sql, const struct auth_attempt *attempt,
        hn_time since, int64_t *ret_number, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, since);
    db_bind_text(stmt, 2, attempt->name);
    db_bind_text(stmt, 3, attempt->address);
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_number = db_int(stmt, 0);
    db_stmt_done(stmt);
    return status;
}

static enum hn_status refuse(uint32_t seconds, uint32_t *ret_retry_s, struct hn_err *err)
{
    *ret_retry_s = seconds;
    return hn_fail(err, HN_LIMIT, 0, "too many failed logins");
}

/* Failures that count against an attempt. */
struct failures {
    int64_t of_pair;
    int64_t of_address;
    int64_t of_name;
};

static enum hn_status count(struct db *db, const struct auth_attempt *attempt,
        struct failures *ret_failures, struct hn_err *err)
{
    enum hn_status status = ask(db,
            "SELECT count(*) FROM login_failure WHERE time > ?1 AND name = ?2 AND address = ?3",
            attempt, attempt->now - HN_MINUTE, &ret_failures->of_pair, err);

    if (status == HN_OK) {
        status = ask(db,
                "SELECT count(*) FROM login_failure WHERE time > ?1 AND address = ?3 AND ?2 = ?2",
                attempt, attempt->now - HN_HOUR, &ret_failures->of_address, err);
    }
    if (status == HN_OK) {
        status = ask(db,
                "SELECT count(*) FROM login_failure WHERE time > ?1 AND name = ?2 AND ?3 = ?3",
                attempt, attempt->now - HN_HOUR, &ret_failures->of_name, err);
    }
    return status;
}

enum hn_status auth_throttle_check(struct db *db, const struct auth_attempt *attempt,
        uint32_t *ret_retry_s, struct hn_err *err)
{
    struct failures failures = { 0 };
    int64_t known = 0;
    enum hn_status status = count(db, attempt, &failures, err);

    if (status == HN_OK && failures.of_name >= AUTH_FAILURES_NAME_MAX) {
        status = ask(db,
                "SELECT count(*) FROM known_address WHERE time > ?1 AND name = ?2 AND address = ?3",
                attempt, attempt->now - AUTH_KNOWN_ADDRESS_AGE, &known, err);
    }
    if (status != HN_OK)
        return status;
    if (failures.of_pair >= AUTH_FAILURES_PAIR_MAX)
        return refuse(60, ret_retry_s, err);
    if (failures.of_address >= AUTH_FAILURES_ADDRESS_MAX ||
            (failures.of_name >= AUTH_FAILURES_NAME_MAX && known == 0))
        return refuse(600, ret_retry_s, err);
    return HN_OK;
}

enum hn_status auth_throttle_reached(struct db *db, const struct auth_attempt *attempt,
        const char **ret_limit, struct hn_err *err)
{
    struct failures failures = { 0 };
    enum hn_status status = count(db, attempt, &failures, err);

    *ret_limit = failures.of_name == AUTH_FAILURES_NAME_MAX         ? "name"
                 : failures.of_address == AUTH_FAILURES_ADDRESS_MAX ? "address"
                 : failures.of_pair == AUTH_FAILURES_PAIR_MAX       ? "pair"
                                                                    : NULL;
    return status;
}

enum hn_status auth_throttle_count(
        struct db *db, const struct auth_attempt *attempt, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(
            db, "INSERT INTO login_failure(time, name, address) VALUES(?1, ?2, ?3)", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, attempt->now);
    db_bind_text(stmt, 2, attempt->name);
    db_bind_text(stmt, 3, attempt->address);
    return db_run(stmt, err);
}

enum hn_status auth_throttle_let_in(
        struct db *db, const struct auth_attempt *attempt, struct hn_err *err)
{
    static const char *const statements[] = {
        "DELETE FROM login_failure WHERE id = (SELECT max(id) FROM login_failure WHERE time = ?1"
        " AND name = ?2 AND address = ?3)",
        "INSERT INTO known_address(time, name, address) VALUES(?1, ?2, ?3)"
        " ON CONFLICT(name, address) DO UPDATE SET time = excluded.time",
    };
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < HN_COUNT_OF(statements); i++) {
        struct db_stmt *stmt = NULL;

        status = db_prepare(db, statements[i], &stmt, err);
        if (status != HN_OK)
            return status;
        db_bind_int(stmt, 1, attempt->now);
        db_bind_text(stmt, 2, attempt->name);
        db_bind_text(stmt, 3, attempt->address);
        status = db_run(stmt, err);
    }
    return status;
}

static enum hn_status forget(struct db *db, const char *sql, hn_time before, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, before);
    return db_run(stmt, err);
}

enum hn_status auth_throttle_tidy(struct db *db, hn_time now, struct hn_err *err)
{
    enum hn_status status =
            forget(db, "DELETE FROM login_failure WHERE time < ?1", now - HN_HOUR, err);

    if (status != HN_OK)
        return status;
    return forget(
            db, "DELETE FROM known_address WHERE time < ?1", now - AUTH_KNOWN_ADDRESS_AGE, err);
}
