/* decode_csv_layout.c - well-known exports: Event Viewer, PowerShell, EvtxECmd, Hayabusa, Chainsaw,
 * Microsoft 365 audit, Defender hunting, Splunk; and tables with the column names of web logs.
 *
 * An export is known by column names that only it has. It gives columns the names that rules use,
 * and tells which column is the time and which holds more fields. Columns of unknown tables keep
 * their names; a name with spaces is known without them as well, as Sigma writes it. */
#include "decode/decode_csv.h"
#include "decode/decode_web.h"

enum layout {
    LAYOUT_ANY, /* rules for columns of every table */
    LAYOUT_EVENT_VIEWER,
    LAYOUT_GET_WINEVENT,
    LAYOUT_GET_EVENTLOG,
    LAYOUT_EVTXECMD,
    LAYOUT_HAYABUSA,
    LAYOUT_CHAINSAW,
};

/* Known when both columns are there; the first that fits. */
static const struct {
    enum layout layout;
    const char *first;
    const char *second;
} marks[] = {
    { LAYOUT_CHAINSAW, "Event.System.Provider", "Event Data" },
    { LAYOUT_HAYABUSA, "RuleTitle", "Channel" },
    { LAYOUT_EVTXECMD, "MapDescription", "Provider" },
    { LAYOUT_GET_WINEVENT, "ProviderName", "LogName" },
    { LAYOUT_GET_EVENTLOG, "EntryType", "Source" },
    { LAYOUT_EVENT_VIEWER, "Event ID", "Source" },
    { LAYOUT_EVENT_VIEWER, "イベント ID", "ソース" },
};

/* name NULL: the column keeps its own. */
static const struct {
    enum layout layout;
    const char *column;
    const char *name;
    enum csv_role role;
} columns[] = {
    { LAYOUT_EVENT_VIEWER, "Source", "Provider_Name", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "ソース", "Provider_Name", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "Event ID", "EventID", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "イベント ID", "EventID", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "レベル", "Level", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "キーワード", "Keywords", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "Date and Time", "TimeCreated", CSV_STAMP },
    { LAYOUT_EVENT_VIEWER, "日付と時刻", "TimeCreated", CSV_STAMP },
    { LAYOUT_EVENT_VIEWER, "Task Category", "Task", CSV_PLAIN },
    { LAYOUT_EVENT_VIEWER, "タスクのカテゴリ", "Task", CSV_PLAIN },

    { LAYOUT_GET_WINEVENT, "Id", "EventID", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "RecordId", "EventRecordID", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "ProviderName", "Provider_Name", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "ProviderId", "Provider_Guid", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "LogName", "Channel", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "MachineName", "Computer", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "ProcessId", "Execution_ProcessID", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "ThreadId", "Execution_ThreadID", CSV_PLAIN },
    { LAYOUT_GET_WINEVENT, "UserId", "Security_UserID", CSV_PLAIN },

    { LAYOUT_GET_EVENTLOG, "Source", "Provider_Name", CSV_PLAIN },
    { LAYOUT_GET_EVENTLOG, "MachineName", "Computer", CSV_PLAIN },
    { LAYOUT_GET_EVENTLOG, "Index", "EventRecordID", CSV_PLAIN },
    { LAYOUT_GET_EVENTLOG, "TimeGenerated", "TimeCreated", CSV_STAMP },

    { LAYOUT_EVTXECMD, "Provider", "Provider_Name", CSV_PLAIN },
    { LAYOUT_EVTXECMD, "EventId", "EventID", CSV_PLAIN },
    { LAYOUT_EVTXECMD, "EventRecordId", "EventRecordID", CSV_PLAIN },
    { LAYOUT_EVTXECMD, "ProcessId", "Execution_ProcessID", CSV_PLAIN },
    { LAYOUT_EVTXECMD, "ThreadId", "Execution_ThreadID", CSV_PLAIN },
    { LAYOUT_EVTXECMD, "UserId", "Security_UserID", CSV_PLAIN },
    { LAYOUT_EVTXECMD, "Payload", NULL, CSV_EVTXECMD },

    { LAYOUT_HAYABUSA, "RecordID", "EventRecordID", CSV_PLAIN },
    { LAYOUT_HAYABUSA, "Details", NULL, CSV_PAIRS },
    { LAYOUT_HAYABUSA, "ExtraFieldInfo", NULL, CSV_PAIRS },
    { LAYOUT_HAYABUSA, "AllFieldInfo", NULL, CSV_PAIRS },

    { LAYOUT_CHAINSAW, "Event.System.Provider", "Provider_Name", CSV_PLAIN },
    { LAYOUT_CHAINSAW, "Event ID", "EventID", CSV_PLAIN },
    { LAYOUT_CHAINSAW, "Record ID", "EventRecordID", CSV_PLAIN },
    { LAYOUT_CHAINSAW, "Event Data", NULL, CSV_PAIR_LINES },

    { LAYOUT_ANY, "AuditData", NULL, CSV_JSON },
    { LAYOUT_ANY, "AdditionalFields", NULL, CSV_JSON },
    { LAYOUT_ANY, "_raw", NULL, CSV_JSON },
    { LAYOUT_ANY, "TimeCreated", NULL, CSV_STAMP },
    { LAYOUT_ANY, "Timestamp", NULL, CSV_STAMP },
    { LAYOUT_ANY, "@timestamp", NULL, CSV_STAMP },
    { LAYOUT_ANY, "TimeGenerated", NULL, CSV_STAMP },
    { LAYOUT_ANY, "CreationDate", NULL, CSV_STAMP },
    { LAYOUT_ANY, "CreationTime", NULL, CSV_STAMP },
    { LAYOUT_ANY, "EventTime", NULL, CSV_STAMP },
    { LAYOUT_ANY, "UtcTime", NULL, CSV_STAMP },
    { LAYOUT_ANY, "_time", NULL, CSV_STAMP },
    { LAYOUT_ANY, "datetime", NULL, CSV_STAMP },
    { LAYOUT_ANY, "Date and Time", NULL, CSV_STAMP },
    { LAYOUT_ANY, "Date (UTC)", NULL, CSV_STAMP },
    { LAYOUT_ANY, "Date", NULL, CSV_DATE },
    { LAYOUT_ANY, "Time", NULL, CSV_CLOCK },
};

/* Tables that carry the names of web and firewall logs. */
static const struct {
    const char *column;
    const char *category;
} categories[] = {
    { "c-uri", "proxy" },
    { "cs-uri-scheme", "proxy" },
    { "cs-uri-stem", "webserver" },
};

static const struct table_column *find_column(
        const struct table_header *header, struct hn_text name)
{
    for (uint32_t i = 0; i < header->count; i++) {
        if (hn_text_eq_nocase(header->columns[i].name, name))
            return &header->columns[i];
    }
    return NULL;
}

static enum layout layout_of(const struct table_header *header)
{
    for (size_t i = 0; i < HN_COUNT_OF(marks); i++) {
        if (find_column(header, hn_text_cstr(marks[i].first)) != NULL &&
                find_column(header, hn_text_cstr(marks[i].second)) != NULL)
            return marks[i].layout;
    }
    return LAYOUT_ANY;
}

/* The name without its spaces, when it has any. False when out of memory. */
static bool add_spaceless(struct table_header *header, struct table_column *column)
{
    struct hn_text name = column->name;
    char *copy;
    size_t len = 0;

    if (hn_text_find_char(name, ' ', 0) == SIZE_MAX)
        return true;
    copy = hn_arena_raw(&header->arena, name.len, 1);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] != ' ')
            copy[len++] = name.ptr[i];
    }
    column->also = hn_text_of(copy, len);
    return true;
}

static void apply(struct table_column *column, enum layout layout)
{
    for (size_t i = 0; i < HN_COUNT_OF(columns); i++) {
        if ((columns[i].layout != layout && columns[i].layout != LAYOUT_ANY) ||
                !hn_text_eq_nocase(column->name, hn_text_cstr(columns[i].column)))
            continue;
        column->role = (uint8_t)columns[i].role;
        if (columns[i].name != NULL)
            column->name = hn_text_cstr(columns[i].name);
        return;
    }
}

bool csv_layout(struct table_header *header, struct csv_own *own)
{
    enum layout layout = layout_of(header);

    own->has_description = layout == LAYOUT_EVENT_VIEWER;
    own->channel_short = layout == LAYOUT_HAYABUSA;
    if (layout != LAYOUT_ANY)
        header->origin = HN_ORIGIN_WINDOWS;
    for (size_t i = 0; layout == LAYOUT_ANY && i < HN_COUNT_OF(categories); i++) {
        if (find_column(header, hn_text_cstr(categories[i].column)) == NULL)
            continue;
        header->origin = HN_ORIGIN_KNOWN;
        hn_source_add_category(&header->source, hn_text_cstr(categories[i].category));
        break;
    }
    for (uint32_t i = 0; i < header->count; i++) {
        if (!add_spaceless(header, &header->columns[i]))
            return false;
        apply(&header->columns[i], layout);
    }
    return true;
}

/* ---- Values that hold fields ------------------------------------------------------------------
 */

/* Hayabusa's short names of channels and fields (its config/channel_abbreviations.txt and
 * default_details.txt). */
static const struct {
    const char *brief;
    const char *full;
} channels[] = {
    { "App", "Application" },
    { "Sec", "Security" },
    { "Sys", "System" },
    { "Sysmon", "Microsoft-Windows-Sysmon/Operational" },
    { "PwSh", "Microsoft-Windows-PowerShell/Operational" },
    { "PwShClassic", "Windows PowerShell" },
    { "Defender", "Microsoft-Windows-Windows Defender/Operational" },
    { "TaskSch", "Microsoft-Windows-TaskScheduler/Operational" },
    { "WMI", "Microsoft-Windows-WMI-Activity/Operational" },
    { "BitsCli", "Microsoft-Windows-Bits-Client/Operational" },
    { "NTLM", "Microsoft-Windows-NTLM/Operational" },
    { "Firewall", "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall" },
    { "DNS-Svr", "DNS Server" },
    { "CodeInteg", "Microsoft-Windows-CodeIntegrity/Operational" },
}, briefs[] = {
    { "Cmdline", "CommandLine" },
    { "Proc", "Image" },
    { "PID", "ProcessId" },
    { "PGUID", "ProcessGuid" },
    { "ParentCmdline", "ParentCommandLine" },
    { "ParentProc", "ParentImage" },
    { "ParentPID", "ParentProcessId" },
    { "ParentPGUID", "ParentProcessGuid" },
    { "LID", "LogonId" },
    { "LGUID", "LogonGuid" },
    { "TgtUser", "TargetUserName" },
    { "SrcUser", "SubjectUserName" },
    { "SrcIP", "IpAddress" },
    { "SrcComp", "WorkstationName" },
    { "TgtObj", "TargetObject" },
    { "TgtFile", "TargetFilename" },
    { "Svc", "ServiceName" },
    { "ScriptBlock", "ScriptBlockText" },
};

static void add_pair(struct hn_event *event, struct hn_text pair, bool brief)
{
    size_t colon = hn_text_find_char(pair, ':', 0);
    struct hn_text name = hn_text_trim(hn_text_sub(pair, 0, colon));
    struct hn_text value;

    if (colon == SIZE_MAX || name.len == 0)
        return;
    value = hn_text_trim(hn_text_sub(pair, colon + 1, pair.len));
    for (size_t i = 0; brief && i < HN_COUNT_OF(briefs); i++) {
        if (hn_text_eq(name, hn_text_cstr(briefs[i].brief))) {
            name = hn_text_cstr(briefs[i].full);
            break;
        }
    }
    hn_event_add_text(event, name, value);
}

static void add_pairs(
        struct hn_event *event, struct hn_text text, struct hn_text separator, bool brief)
{
    for (;;) {
        size_t end = hn_text_find(text, separator, 0);

        add_pair(event, hn_text_sub(text, 0, end), brief);
        if (end == SIZE_MAX)
            return;
        text = hn_text_sub(text, end + separator.len, text.len);
    }
}

/* Index of the quote that ends the JSON string whose first character is at pos, or SIZE_MAX. */
static size_t string_end(struct hn_text text, size_t pos)
{
    while (pos < text.len && text.ptr[pos] != '"')
        pos += text.ptr[pos] == '\\' ? 2 : 1;
    return pos < text.len ? pos : SIZE_MAX;
}

/* HN_FORM_JSON is for well-formed escapes only. */
static bool escapes_fit(struct hn_text text)
{
    for (size_t pos = hn_text_find_char(text, '\\', 0); pos != SIZE_MAX;
            pos = hn_text_find_char(text, '\\', pos)) {
        char c = pos + 1 < text.len ? text.ptr[pos + 1] : '\0';
        size_t digits = 0;

        if (c == '\0' || memchr("\"\\/bfnrtu", c, 9) == NULL)
            return false;
        while (c == 'u' && digits < 4) {
            if (pos + 2 + digits >= text.len || web_hex_digit(text.ptr[pos + 2 + digits]) < 0)
                return false;
            digits++;
        }
        pos += 2 + digits;
    }
    return true;
}

/* {"EventData":{"Data":[{"@Name":"Image","#text":"C:\\x.exe"}, ...]}}: the pairs, in whatever
 * nesting they stand. */
static void add_payload(struct hn_event *event, struct hn_text json)
{
    static const struct hn_text name_key = HN_TEXT_INIT("\"@Name\":\"");
    static const struct hn_text text_key = HN_TEXT_INIT("\",\"#text\":\"");
    size_t pos = 0;

    while ((pos = hn_text_find(json, name_key, pos)) != SIZE_MAX) {
        size_t name_end = string_end(json, pos + name_key.len);
        struct hn_text name;
        struct hn_value value = { .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };
        size_t start;
        size_t end;

        if (name_end == SIZE_MAX)
            return;
        name = hn_text_sub(json, pos + name_key.len, name_end - pos - name_key.len);
        pos = name_end;
        start = name_end + text_key.len;
        if (!hn_text_starts(hn_text_sub(json, name_end, json.len), text_key))
            continue;
        end = string_end(json, start);
        if (end == SIZE_MAX)
            return;
        value.ptr = json.ptr + start;
        value.len = (uint32_t)(end - start); /* a record is shorter than event_bytes_max */
        if (memchr(value.ptr, '\\', value.len) != NULL &&
                escapes_fit(hn_text_of(value.ptr, value.len)))
            value.form = HN_FORM_JSON;
        hn_event_add(event, name, &value);
        pos = end;
    }
}

static struct hn_text full_channel(struct hn_text brief)
{
    for (size_t i = 0; i < HN_COUNT_OF(channels); i++) {
        if (hn_text_eq(brief, hn_text_cstr(channels[i].brief)))
            return hn_text_cstr(channels[i].full);
    }
    return brief;
}

/* A column that should hold JSON and does not is text like any other. */
static enum hn_status add_json(
        struct hn_event *event, const struct table_column *column, struct hn_text value)
{
    enum hn_status status = HN_SYNTAX;

    if (value.len > 0 && value.ptr[0] == '{')
        status = decode_json_fields(event, value);
    if (status != HN_OK && status != HN_NOMEM) {
        table_add_text(event, column, value);
        status = HN_OK;
    }
    return status;
}

enum hn_status csv_add_value(struct hn_event *event, const struct table_column *column,
        const struct csv_own *own, struct hn_text value)
{
    switch ((enum csv_role)column->role) {
    case CSV_PLAIN:
    case CSV_STAMP:
    case CSV_DATE:
    case CSV_CLOCK:
        if (own->channel_short && hn_text_eq(column->name, HN_TEXT("Channel")))
            value = full_channel(value);
        table_add_text(event, column, value);
        break;
    case CSV_JSON:
        return add_json(event, column, value);
    case CSV_EVTXECMD:
        add_payload(event, value);
        break;
    case CSV_PAIRS:
        add_pairs(event, value, HN_TEXT(" \xC2\xA6 "), true);
        break;
    case CSV_PAIR_LINES:
        add_pairs(event, value, HN_TEXT("\n"), false);
        break;
    }
    return HN_OK;
}
