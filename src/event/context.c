/* context.c - when, where and who: the first of several fields that answers. */
#include "event/event_internal.h"

static const char *const time_names[] = { "TimeCreated", "@timestamp", "UtcTime", "EventTime",
    "timestamp", "ts", "eventTime", "time", "CreationTime", "published" };
static const char *const host_names[] = { "Computer", "Hostname", "host.name", "host.hostname",
    "hostname", "host", "agent.name", "devname", "DeviceName" };
static const char *const user_names[] = { "User", "TargetUserName", "SubjectUserName", "user.name",
    "user", "cs-username", "UserId", "userIdentity.arn", "actor.alternateId" };

enum hn_status hn_schema_want_context(struct hn_schema *schema)
{
    for (size_t i = 0; i < HN_COUNT_OF(time_names); i++) {
        if (hn_schema_want(schema, hn_text_cstr(time_names[i])) == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    for (size_t i = 0; i < HN_COUNT_OF(host_names); i++) {
        if (hn_schema_want(schema, hn_text_cstr(host_names[i])) == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    for (size_t i = 0; i < HN_COUNT_OF(user_names); i++) {
        if (hn_schema_want(schema, hn_text_cstr(user_names[i])) == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    return HN_OK;
}

static struct hn_text first_named(struct hn_event *event, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t index = hn_event_find_name(event, hn_text_cstr(names[i]));
        struct hn_text text;

        if (index == HN_VALUE_NONE)
            continue;
        text = hn_event_text(event, index);
        if (text.len > 0 && !hn_text_eq(text, HN_TEXT("-")))
            return text;
    }
    return (struct hn_text){ NULL, 0 };
}

hn_time hn_event_time(struct hn_event *event, const struct hn_time_defaults *defaults)
{
    if (event->time != HN_TIME_NONE)
        return event->time;
    if (event->time_text.ptr != NULL)
        event->time = hn_time_parse(event->time_text, defaults);
    for (size_t i = 0; event->time == HN_TIME_NONE && i < HN_COUNT_OF(time_names); i++) {
        uint32_t index = hn_event_find_name(event, hn_text_cstr(time_names[i]));

        if (index != HN_VALUE_NONE)
            event->time = hn_time_parse(hn_event_text(event, index), defaults);
    }
    return event->time;
}

struct hn_text hn_event_host(struct hn_event *event)
{
    return first_named(event, host_names, HN_COUNT_OF(host_names));
}

struct hn_text hn_event_user(struct hn_event *event)
{
    return first_named(event, user_names, HN_COUNT_OF(user_names));
}
