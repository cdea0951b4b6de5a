/* incident.c - grouping and confidence. What is stored where is up to store. */
#include "incident/incident.h"

#include <assert.h>
#include <string.h>

static const char *const status_texts[] = {
#define STATUS_TEXT(name, text) [name] = (text),
    INCIDENT_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
};

static const char *const verdict_texts[] = {
#define VERDICT_TEXT(name, text) [name] = (text),
    INCIDENT_VERDICT_LIST(VERDICT_TEXT)
#undef VERDICT_TEXT
};

static const char *const reason_texts[] = {
#define REASON_TEXT(name, text) [name] = (text),
    INCIDENT_REASON_LIST(REASON_TEXT)
#undef REASON_TEXT
};

const char *incident_status_text(enum incident_status status)
{
    return status_texts[status];
}

const char *incident_verdict_text(enum incident_verdict verdict)
{
    return verdict_texts[verdict];
}

const char *incident_reason_text(enum incident_reason_code code)
{
    return reason_texts[code];
}

static bool find(const char *const *texts, size_t count, struct hn_text text, unsigned *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq(hn_text_cstr(texts[i]), text)) {
            *ret_index = (unsigned)i;
            return true;
        }
    }
    return false;
}

bool incident_status_find(struct hn_text text, enum incident_status *ret_status)
{
    unsigned index;

    if (!find(status_texts, HN_COUNT_OF(status_texts), text, &index))
        return false;
    *ret_status = (enum incident_status)index;
    return true;
}

bool incident_verdict_find(struct hn_text text, enum incident_verdict *ret_verdict)
{
    unsigned index;

    if (!find(verdict_texts, HN_COUNT_OF(verdict_texts), text, &index))
        return false;
    *ret_verdict = (enum incident_verdict)index;
    return true;
}

bool incident_may_be(enum incident_status status, enum incident_verdict verdict)
{
    return status != INCIDENT_CLOSED || verdict != INCIDENT_NO_VERDICT;
}

bool incident_is_attack(enum incident_verdict verdict)
{
    return verdict == INCIDENT_TP_IMPACT || verdict == INCIDENT_TP_NO_IMPACT;
}

/* ---- Grouping ---- */

/* Accounts that exist on every machine. Compared without a domain before '\' or behind '@'. */
static const char *const shared_users[] = { "-", "?", "n/a", "none", "(null)", "unknown",
    "anonymous", "anonymous logon", "system", "local system", "localsystem", "local service",
    "network service", "nobody", "root", "daemon", "www-data", "administrator", "guest" };

static bool user_is_shared(struct hn_text user)
{
    size_t slash = hn_text_find_char(user, '\\', 0);
    size_t at;

    if (slash != SIZE_MAX)
        user = hn_text_sub(user, slash + 1, user.len);
    at = hn_text_find_char(user, '@', 0);
    if (at != SIZE_MAX && at > 0)
        user = hn_text_sub(user, 0, at);
    if (user.len == 0 || user.ptr[user.len - 1] == '$') /* a machine's own account */
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(shared_users); i++) {
        if (hn_text_eq_nocase(user, hn_text_cstr(shared_users[i])))
            return true;
    }
    return false;
}

static bool address_is_shared(struct hn_text address)
{
    static const char *const same[] = { "", "-", "::", "::1", "0.0.0.0", "255.255.255.255" };

    for (size_t i = 0; i < HN_COUNT_OF(same); i++) {
        if (hn_text_eq(address, hn_text_cstr(same[i])))
            return true;
    }
    return hn_text_starts(address, HN_TEXT("127.")) ||
           hn_text_starts_nocase(address, HN_TEXT("::ffff:127.")) ||
           hn_text_starts_nocase(address, HN_TEXT("fe80:")) ||
           hn_text_starts(address, HN_TEXT("169.254."));
}

static bool host_is_shared(struct hn_text host)
{
    return host.len == 0 || hn_text_eq(host, HN_TEXT("-")) ||
           hn_text_eq_nocase(host, HN_TEXT("localhost")) || address_is_shared(host);
}

size_t incident_keys(const struct incident_alert *alert, struct incident_key *ret_keys)
{
    size_t max = alert->family.len > 0 ? INCIDENT_KEYS_MAX : 1;
    size_t count = 0;

    if (!host_is_shared(alert->host))
        ret_keys[count++] = (struct incident_key){ INCIDENT_HOST, alert->host };
    for (size_t i = 0; i < alert->address_count && count < max; i++) {
        if (!address_is_shared(alert->addresses[i]) && (count + 1 < max || max == 1))
            ret_keys[count++] = (struct incident_key){ INCIDENT_ADDRESS, alert->addresses[i] };
    }
    if (count < max && !user_is_shared(alert->user))
        ret_keys[count++] = (struct incident_key){ INCIDENT_USER, alert->user };
    return count;
}

/* Whether a is a better place than b. */
static bool better(const struct incident_candidate *a, const struct incident_candidate *b)
{
    if (a->hosts_shared != b->hosts_shared)
        return a->hosts_shared > b->hosts_shared;
    if (a->addresses_shared != b->addresses_shared)
        return a->addresses_shared > b->addresses_shared;
    if (a->users_shared != b->users_shared)
        return a->users_shared > b->users_shared;
    if (a->last != b->last)
        return a->last > b->last;
    return a->id < b->id;
}

static bool within(hn_time time, hn_time window, const struct incident_candidate *candidate)
{
    hn_time from;
    hn_time to;

    if (__builtin_sub_overflow(candidate->first, window, &from))
        from = INT64_MIN;
    if (__builtin_add_overflow(candidate->last, window, &to))
        to = INT64_MAX;
    return time >= from && time <= to;
}

struct incident_choice incident_choose(
        hn_time time, hn_time window, const struct incident_candidate *candidates, size_t count)
{
    const struct incident_candidate *open = NULL;
    const struct incident_candidate *closed = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct incident_candidate *candidate = &candidates[i];
        const struct incident_candidate **best =
                candidate->status == INCIDENT_CLOSED ? &closed : &open;

        if (within(time, window, candidate) && (*best == NULL || better(candidate, *best)))
            *best = candidate;
    }
    if (open != NULL)
        return (struct incident_choice){ open->id, 0 };
    return (struct incident_choice){ 0, closed == NULL ? 0 : closed->id };
}

/* ---- Confidence ---- */

#define SCALE 1000000u /* parts of a point, so that rounding happens once */

static void reason_add(struct incident_confidence *confidence, enum incident_reason_code code,
        uint32_t count, uint32_t *missing, uint32_t steps, uint32_t percent)
{
    uint32_t before = confidence->value;

    for (uint32_t i = 0; i < steps; i++)
        *missing -= (uint32_t)((uint64_t)*missing * percent / 100);
    confidence->value = (100 * SCALE - *missing) / SCALE;
    if (confidence->value == before)
        return;
    confidence->reasons[confidence->reason_count].code = code;
    confidence->reasons[confidence->reason_count].count = count;
    confidence->reasons[confidence->reason_count].points = confidence->value - before;
    confidence->reason_count++;
}

/* How many of count there are beyond the first, at most max. */
static uint32_t further(uint32_t count, uint32_t max)
{
    uint32_t more = count > 0 ? count - 1 : 0;

    return more < max ? more : max;
}

void incident_confidence(
        const struct incident_facts *facts, struct incident_confidence *ret_confidence)
{
    static const uint32_t start[] = { 5, 5, 15, 35, 55, 75 };
    uint32_t missing;

    assert(facts->level < HN_COUNT_OF(start));
    memset(ret_confidence, 0, sizeof *ret_confidence);
    missing = (100 - start[facts->level]) * SCALE;
    reason_add(ret_confidence, INCIDENT_REASON_LEVEL, facts->level, &missing, 0, 0);
    reason_add(ret_confidence, INCIDENT_REASON_TRACES, facts->traces, &missing,
            further(facts->traces, 7), 40);
    reason_add(ret_confidence, INCIDENT_REASON_RULES, facts->rules, &missing,
            further(facts->rules, 4), 10);
    reason_add(ret_confidence, INCIDENT_REASON_HOSTS, facts->hosts, &missing,
            further(facts->hosts, 4), 10);
}
