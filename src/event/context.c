/* context.c - when, where and who: for each the first of several fields that answers.
 *
 * The order of the names is the order of trust: what the product itself recorded before what a
 * collector added on the way. */
#include "event/event_internal.h"

/* Stamps without a zone in these are UTC whatever the zone of the logs, as their makers say. */
static const struct {
    const char *name;
    bool utc;
} time_names[] = {
    { "TimeCreated", true },
    { "UtcTime", true }, /* Sysmon */
    { "EventTime", false },
    { "eventTime", true }, /* CloudTrail */
    { "@timestamp", true },
    { "TimeGenerated", true },
    { "Timestamp", true },        /* Defender, Hayabusa */
    { "activityDateTime", true }, /* Graph */
    { "detectedDateTime", true },
    { "createdDateTime", true },
    { "eventTimestamp", true },
    { "published", true },    /* Okta */
    { "CreationTime", true }, /* Microsoft 365 */
    { "isotimestamp", true }, /* Duo */
    { "requestReceivedTimestamp", true },
    { "stageTimestamp", true },
    { "event_timestamp", true },
    { "utc_time", true }, /* OpenCanary */
    { "transaction.time_stamp", false },
    { "created_at", true },
    { "timestamp", false },
    { "ts", true },
    { "time", false },
    { "time_iso8601", false },
    { "time_local", false },
    { "_time", false },
    { "Date and Time", false }, /* Event Viewer's CSV */
    { "TimeGenerated [UTC]", true },
    { "datetime", false },
    { "date", false },
};

static const char *const host_names[] = { "Computer", "Hostname", "ComputerName", "host.name",
    "host.hostname", "DeviceName", "HOSTNAME", "hostname", "host", "beat.hostname", "agent.name",
    "devname", "dvchost", "s-computername", "observer.name" };

/* Logs of traffic are about the machine that made it. */
static const char *const client_names[] = { "src_ip", "c-ip", "source.ip", "SourceIp",
    "id.orig_h" };

static const char *const user_names[] = { "User", "user.name", "cs-username", "username",
    "userIdentity.arn", "userIdentity.userName", "userIdentity.principalId", "UserId",
    "actor.alternateId", "actor.email", "actor", "userPrincipalName", "UserPrincipalName",
    "properties.userPrincipalName", "initiatedBy.user.userPrincipalName",
    "InitiatedBy.user.userPrincipalName", "properties.initiatedBy.user.userPrincipalName", "caller",
    "Caller", "protoPayload.authenticationInfo.principalEmail", "user.username", "user.email",
    "user", "srcuser", "suser", "acct", "AccountName", "InitiatingProcessAccountName", "UserName",
    "TargetUserName", "SubjectUserName" };

static const char *const more_names[] = { "EventReceivedTime", "SubjectDomainName",
    "TargetDomainName" };

/* Events about the account in TargetUserName, where SubjectUserName is only the reporting system.
 */
static bool is_about_target(uint32_t event_id)
{
    static const uint16_t ids[] = { 4624, 4625, 4634, 4647, 4648, 4740, 4767, 4768, 4769, 4770,
        4771, 4772, 4773, 4774, 4775, 4776, 4777, 4778, 4779, 4964 };

    for (size_t i = 0; i < HN_COUNT_OF(ids); i++) {
        if (ids[i] == event_id)
            return true;
    }
    return false;
}

static bool want_names(struct hn_schema *schema, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_schema_want(schema, hn_text_cstr(names[i])) == HN_FIELD_NONE)
            return false;
    }
    return true;
}

enum hn_status hn_schema_want_context(struct hn_schema *schema)
{
    for (size_t i = 0; i < HN_COUNT_OF(time_names); i++) {
        if (hn_schema_want(schema, hn_text_cstr(time_names[i].name)) == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    return want_names(schema, host_names, HN_COUNT_OF(host_names)) &&
                           want_names(schema, client_names, HN_COUNT_OF(client_names)) &&
                           want_names(schema, user_names, HN_COUNT_OF(user_names)) &&
                           want_names(schema, more_names, HN_COUNT_OF(more_names))
                   ? HN_OK
                   : HN_NOMEM;
}

/* The first value under a name, if it is one text that says something. */
static struct hn_text text_of(struct hn_event *event, const char *name)
{
    uint32_t index = hn_event_find_name(event, hn_text_cstr(name));
    struct hn_text text;

    if (index == HN_VALUE_NONE || event->values[index].type == HN_TYPE_OBJECT)
        return HN_TEXT("");
    text = hn_event_text(event, index);
    return text.ptr == NULL || hn_text_eq(text, HN_TEXT("-")) ? HN_TEXT("") : text;
}

static struct hn_text first_text(struct hn_event *event, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hn_text text = text_of(event, names[i]);

        if (text.len > 0)
            return text;
    }
    return (struct hn_text){ NULL, 0 };
}

/* ---- When -------------------------------------------------------------------------------------
 */

static bool has_zone(struct hn_text stamp)
{
    struct hn_text tail = hn_text_sub(stamp, 10, stamp.len); /* behind the date */

    for (size_t i = 0; i < tail.len; i++) {
        if (tail.ptr[i] == '+' || tail.ptr[i] == '-' || (tail.ptr[i] | 0x20) == 'z')
            return true;
    }
    return stamp.len < 10;
}

/* The difference rounded to a quarter of an hour, the step of all zones in use. */
static hn_time zone_from(hn_time wall_clock, hn_time instant)
{
    const hn_time step = 15 * HN_MINUTE;
    hn_time difference = instant - wall_clock;
    hn_time half = difference < 0 ? -step / 2 : step / 2;

    return (difference + half) / step * step;
}

/* NXLog writes local time without its zone. What was received when, by the same clock and by one
 * with a zone, tells the zone: exact as long as the way there took less than minutes. */
static hn_time local_time(
        struct hn_event *event, struct hn_text stamp, const struct hn_time_defaults *defaults)
{
    hn_time time = hn_time_parse(stamp, defaults);
    hn_time wall_clock = hn_time_parse(stamp, NULL);
    hn_time instant = hn_time_parse(text_of(event, "@timestamp"), NULL);
    hn_time received = hn_time_parse(text_of(event, "EventReceivedTime"), NULL);
    hn_time zone;

    if (time == HN_TIME_NONE || wall_clock == HN_TIME_NONE || instant == HN_TIME_NONE ||
            has_zone(stamp))
        return time;
    if (instant - time < 10 * HN_MINUTE && time - instant < 10 * HN_MINUTE)
        return time;
    zone = zone_from(received == HN_TIME_NONE ? wall_clock : received, instant);
    return zone > 14 * HN_HOUR || zone < -14 * HN_HOUR ? instant : wall_clock + zone;
}

hn_time hn_event_time(struct hn_event *event, const struct hn_time_defaults *defaults)
{
    struct hn_time_defaults utc = { 0 };

    if (defaults != NULL) {
        utc = *defaults;
        utc.zone = NULL;
    }
    if (event->time != HN_TIME_NONE)
        return event->time;
    if (event->time_text.ptr != NULL)
        event->time = hn_time_parse(event->time_text, defaults);
    for (size_t i = 0; event->time == HN_TIME_NONE && i < HN_COUNT_OF(time_names); i++) {
        struct hn_text text = text_of(event, time_names[i].name);

        if (text.len == 0)
            continue;
        if (strcmp(time_names[i].name, "EventTime") == 0)
            event->time = local_time(event, text, defaults);
        else
            event->time = hn_time_parse(text, time_names[i].utc ? &utc : defaults);
    }
    return event->time;
}

/* ---- Where and who -----------------------------------------------------------------------------
 */

struct hn_text hn_event_host(struct hn_event *event)
{
    struct hn_text host = { NULL, 0 };

    if (source_has_label(event->source.category, HN_TEXT("proxy")) ||
            source_has_label(event->source.category, HN_TEXT("dns")) ||
            source_has_label(event->source.category, HN_TEXT("firewall")))
        host = first_text(event, client_names, HN_COUNT_OF(client_names));
    if (host.ptr == NULL)
        host = first_text(event, host_names, HN_COUNT_OF(host_names));
    return host;
}

struct hn_text context_host(struct hn_event *event)
{
    struct hn_text host = { NULL, 0 };

    for (size_t i = 0; host.len == 0 && i < HN_COUNT_OF(host_names); i++) {
        struct hn_text name = hn_text_cstr(host_names[i]);

        if (hn_schema_find(event->schema, name) != HN_FIELD_NONE)
            host = text_of(event, host_names[i]);
    }
    return host;
}

/* DOMAIN\name as Sysmon writes accounts, so that alerts of both logs group. */
static struct hn_text account(
        struct hn_event *event, const char *name_field, const char *domain_field)
{
    struct hn_text name = text_of(event, name_field);
    struct hn_text domain = text_of(event, domain_field);
    char *out;

    if (name.len == 0 || domain.len == 0 || hn_text_find_char(name, '@', 0) != SIZE_MAX ||
            hn_text_find_char(name, '\\', 0) != SIZE_MAX)
        return name;
    out = hn_event_room(event, domain.len + 1 + name.len);
    if (out == NULL)
        return name;
    memcpy(out, domain.ptr, domain.len);
    out[domain.len] = '\\';
    memcpy(out + domain.len + 1, name.ptr, name.len);
    return hn_text_of(out, domain.len + 1 + name.len);
}

struct hn_text hn_event_user(struct hn_event *event)
{
    struct hn_text user = HN_TEXT("");
    uint32_t event_id = 0;

    if (source_has_label(event->source.service, HN_TEXT("security")) &&
            source_u32(event, HN_FIELD_EVENT_ID, &event_id)) {
        if (is_about_target(event_id) || event_id == 4688)
            user = account(event, "TargetUserName", "TargetDomainName");
        if (user.len == 0)
            user = account(event, "SubjectUserName", "SubjectDomainName");
        if (user.len == 0)
            user = account(event, "TargetUserName", "TargetDomainName");
    }
    if (user.len == 0)
        user = first_text(event, user_names, HN_COUNT_OF(user_names));
    return user.len == 0 ? (struct hn_text){ NULL, 0 } : user;
}

static bool is_among(struct hn_text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq_nocase(name, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

enum hn_context hn_name_context(struct hn_text name)
{
    /* Not asked for in events, where they are of the far side as often. */
    static const char *const group_clients[] = { "IpAddress", "src", "srcip", "Source_IP", "ip" };

    if (is_among(name, host_names, HN_COUNT_OF(host_names)))
        return HN_CONTEXT_HOST;
    if (is_among(name, client_names, HN_COUNT_OF(client_names)) ||
            is_among(name, group_clients, HN_COUNT_OF(group_clients)))
        return HN_CONTEXT_CLIENT;
    return is_among(name, user_names, HN_COUNT_OF(user_names)) ? HN_CONTEXT_USER : HN_CONTEXT_NONE;
}
