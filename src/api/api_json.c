/* api_json.c - alerts, incidents, mutes and accounts as the document describes them. */
#include "api/api_internal.h"

void api_json_time(struct hn_json_out *json, struct hn_text key, hn_time time)
{
    char text[HN_TIME_TEXT_MAX];

    hn_json_key(json, key);
    if (time == HN_TIME_NONE)
        hn_json_null(json);
    else
        hn_json_text(json, hn_text_of(text, hn_time_write(time, 0, text)));
}

void api_json_ref(struct hn_json_out *json, struct hn_text key, int64_t id)
{
    hn_json_key(json, key);
    if (id == 0)
        hn_json_null(json);
    else
        hn_json_i64(json, id);
}

void api_json_words(struct hn_json_out *json, struct hn_text key, struct hn_text text, char sep)
{
    struct hn_text part;

    hn_json_key(json, key);
    hn_json_open(json, '[');
    while (text.len > 0 && hn_text_split(&text, sep, &part)) {
        if (part.len > 0)
            hn_json_text(json, part);
    }
    hn_json_close(json, ']');
}

void api_json_digest(struct hn_json_out *json, struct hn_text key, struct hn_digest digest)
{
    char hex[HN_DIGEST_HEX_LEN];

    hn_digest_hex(digest, hex);
    hn_json_key(json, key);
    hn_json_text(json, hn_text_of(hex, sizeof hex));
}

void api_json_alert(struct hn_json_out *json, const struct store_alert_row *row)
{
    api_json_digest(json, HN_TEXT("id"), row->id);
    hn_json_key(json, HN_TEXT("seq"));
    hn_json_i64(json, row->seq);
    hn_json_pair(json, "title", row->title);
    hn_json_pair(json, "level", hn_text_cstr(api_level_text(row->level)));
    hn_json_pair(json, "kind", row->kind);
    hn_json_pair(json, "rule_id", row->rule_id);
    hn_json_pair(json, "host", row->host);
    hn_json_pair(json, "user", row->user);
    hn_json_pair(json, "source", row->source);
    hn_json_pair(json, "tenant", row->tenant);
    hn_json_pair(json, "family", row->family);
    hn_json_pair(json, "trace", row->trace);
    api_json_words(json, HN_TEXT("techniques"), row->techniques, ' ');
    api_json_time(json, HN_TEXT("time"), row->time);
    api_json_time(json, HN_TEXT("received"), row->received);
    api_json_time(json, HN_TEXT("first_seen"), row->first_seen);
    api_json_time(json, HN_TEXT("last_seen"), row->last_seen);
    hn_json_pair_u64(json, "count", row->count);
    api_json_ref(json, HN_TEXT("incident"), row->incident);
    hn_json_pair(json, "status", hn_text_cstr(incident_status_text(row->status)));
    hn_json_pair(json, "verdict", hn_text_cstr(incident_verdict_text(row->verdict)));
    hn_json_pair(json, "assignee", row->assignee);
    hn_json_pair(json, "hidden", hn_text_cstr(store_hidden_text(row->hidden)));
    api_json_ref(json, HN_TEXT("hidden_by"), row->hidden_by);
    hn_json_pair(json, "set", row->set);
    hn_json_key(json, HN_TEXT("version"));
    hn_json_i64(json, row->version);
}

void api_json_incident(struct hn_json_out *json, const struct store_incident_row *row)
{
    hn_json_key(json, HN_TEXT("id"));
    hn_json_i64(json, row->id);
    hn_json_pair(json, "title", row->title);
    hn_json_pair(json, "family", row->family);
    hn_json_pair(json, "tenant", row->tenant);
    hn_json_pair(json, "level", hn_text_cstr(api_level_text(row->level)));
    hn_json_pair_u64(json, "confidence", row->confidence);
    hn_json_key(json, HN_TEXT("why")); /* the store's own JSON */
    hn_json_raw(json, row->why.len > 0 ? row->why : HN_TEXT("[]"));
    hn_json_pair(json, "status", hn_text_cstr(incident_status_text(row->status)));
    hn_json_pair(json, "verdict", hn_text_cstr(incident_verdict_text(row->verdict)));
    hn_json_pair(json, "assignee", row->assignee);
    api_json_words(json, HN_TEXT("tags"), row->tags, '\n');
    api_json_time(json, HN_TEXT("first"), row->first);
    api_json_time(json, HN_TEXT("last"), row->last);
    api_json_time(json, HN_TEXT("opened"), row->opened);
    api_json_time(json, HN_TEXT("closed"), row->closed);
    hn_json_pair_u64(json, "alerts", row->alerts);
    api_json_ref(json, HN_TEXT("former"), row->former);
    api_json_ref(json, HN_TEXT("merged"), row->merged);
    hn_json_key(json, HN_TEXT("version"));
    hn_json_i64(json, row->version);
}

void api_json_mute(struct hn_json_out *json, const struct store_mute *mute)
{
    hn_json_key(json, HN_TEXT("id"));
    hn_json_i64(json, mute->id);
    hn_json_pair(json, "kind", hn_text_cstr(store_mute_text(mute->kind)));
    hn_json_key(json, HN_TEXT("rules"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < mute->rule_count; i++)
        hn_json_text(json, mute->rules[i]);
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("conditions"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < mute->condition_count; i++) {
        hn_json_open(json, '{');
        hn_json_pair(json, "field", mute->conditions[i].field);
        hn_json_pair(json, "value", mute->conditions[i].value);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("level"));
    if (mute->kind == STORE_INHIBITION && mute->level > 0)
        hn_json_text(json, hn_text_cstr(api_level_text(mute->level)));
    else
        hn_json_null(json);
    api_json_ref(json, HN_TEXT("incident"), mute->incident);
    hn_json_pair(json, "reason", mute->reason);
    hn_json_pair(json, "owner", mute->owner);
    api_json_time(json, HN_TEXT("created"), mute->created);
    api_json_time(json, HN_TEXT("expires"), mute->expires);
    api_json_time(json, HN_TEXT("ended"), mute->ended);
    hn_json_pair_u64(json, "hits", mute->hits);
    api_json_time(json, HN_TEXT("last_hit"), mute->last_hit);
    hn_json_key(json, HN_TEXT("version"));
    hn_json_i64(json, mute->version);
}

void api_json_permissions(struct hn_json_out *json, uint32_t permissions)
{
    static const struct {
        uint32_t bit;
        const char *text;
    } rows[] = {
#define PERMISSION_ROW(name, number, text) { name, text },
        AUTH_PERMISSION_LIST(PERMISSION_ROW)
#undef PERMISSION_ROW
    };

    hn_json_key(json, HN_TEXT("permissions"));
    hn_json_open(json, '[');
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        if ((permissions & rows[i].bit) != 0)
            hn_json_text(json, hn_text_cstr(rows[i].text));
    }
    hn_json_close(json, ']');
}

void api_json_me(struct hn_json_out *json, const struct auth_principal *principal)
{
    hn_json_open(json, '{');
    hn_json_pair(json, "kind", principal->is_token ? HN_TEXT("token") : HN_TEXT("user"));
    hn_json_pair(json, "name", hn_text_cstr(principal->name));
    hn_json_pair(json, "role", hn_text_cstr(auth_role_text(principal->role)));
    api_json_permissions(json, principal->permissions);
    hn_json_pair(json, "tenant", hn_text_cstr(principal->tenant));
    hn_json_pair(json, "source", hn_text_cstr(principal->source));
    hn_json_pair(json, "csrf", hn_text_cstr(principal->csrf));
    hn_json_close(json, '}');
}
