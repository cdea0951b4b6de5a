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
    const char *column;
    const char *name;
    enum layout layout;
    enum csv_role role;
} columns[] = {
    { "Source", "Provider_Name", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "ソース", "Provider_Name", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "Event ID", "EventID", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "イベント ID", "EventID", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "レベル", "Level", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "キーワード", "Keywords", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "Date and Time", "TimeCreated", LAYOUT_EVENT_VIEWER, CSV_STAMP },
    { "日付と時刻", "TimeCreated", LAYOUT_EVENT_VIEWER, CSV_STAMP },
    { "Task Category", "Task", LAYOUT_EVENT_VIEWER, CSV_PLAIN },
    { "タスクのカテゴリ", "Task", LAYOUT_EVENT_VIEWER, CSV_PLAIN },

    { "Id", "EventID", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "RecordId", "EventRecordID", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "ProviderName", "Provider_Name", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "ProviderId", "Provider_Guid", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "LogName", "Channel", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "MachineName", "Computer", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "ProcessId", "Execution_ProcessID", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "ThreadId", "Execution_ThreadID", LAYOUT_GET_WINEVENT, CSV_PLAIN },
    { "UserId", "Security_UserID", LAYOUT_GET_WINEVENT, CSV_PLAIN },

    { "Source", "Provider_Name", LAYOUT_GET_EVENTLOG, CSV_PLAIN },
    { "MachineName", "Computer", LAYOUT_GET_EVENTLOG, CSV_PLAIN },
    { "Index", "EventRecordID", LAYOUT_GET_EVENTLOG, CSV_PLAIN },
    { "TimeGenerated", "TimeCreated", LAYOUT_GET_EVENTLOG, CSV_STAMP },

    { "Provider", "Provider_Name", LAYOUT_EVTXECMD, CSV_PLAIN },
    { "EventId", "EventID", LAYOUT_EVTXECMD, CSV_PLAIN },
    { "EventRecordId", "EventRecordID", LAYOUT_EVTXECMD, CSV_PLAIN },
    { "ProcessId", "Execution_ProcessID", LAYOUT_EVTXECMD, CSV_PLAIN },
    { "ThreadId", "Execution_ThreadID", LAYOUT_EVTXECMD, CSV_PLAIN },
    { "UserId", "Security_UserID", LAYOUT_EVTXECMD, CSV_PLAIN },
    { "Payload", NULL, LAYOUT_EVTXECMD, CSV_EVTXECMD },

    { "RecordID", "EventRecordID", LAYOUT_HAYABUSA, CSV_PLAIN },
    { "Details", NULL, LAYOUT_HAYABUSA, CSV_PAIRS },
    { "ExtraFieldInfo", NULL, LAYOUT_HAYABUSA, CSV_PAIRS },
    { "AllFieldInfo", NULL, LAYOUT_HAYABUSA, CSV_PAIRS },

    { "Event.System.Provider", "Provider_Name", LAYOUT_CHAINSAW, CSV_PLAIN },
    { "Event ID", "EventID", LAYOUT_CHAINSAW, CSV_PLAIN },
    { "Record ID", "EventRecordID", LAYOUT_CHAINSAW, CSV_PLAIN },
    { "Event Data", NULL, LAYOUT_CHAINSAW, CSV_PAIR_LINES },

    { "AuditData", NULL, LAYOUT_ANY, CSV_JSON },
    { "AdditionalFields", NULL, LAYOUT_ANY, CSV_JSON },
    { "_raw", NULL, LAYOUT_ANY, CSV_JSON },
    { "TimeCreated", NULL, LAYOUT_ANY, CSV_STAMP },
    { "Timestamp", NULL, LAYOUT_ANY, CSV_STAMP },
    { "@timestamp", NULL, LAYOUT_ANY, CSV_STAMP },
    { "TimeGenerated", NULL, LAYOUT_ANY, CSV_STAMP },
    { "CreationDate", NULL, LAYOUT_ANY, CSV_STAMP },
    { "CreationTime", NULL, LAYOUT_ANY, CSV_STAMP },
    { "EventTime", NULL, LAYOUT_ANY, CSV_STAMP },
    { "UtcTime", NULL, LAYOUT_ANY, CSV_STAMP },
    { "_time", NULL, LAYOUT_ANY, CSV_STAMP },
    { "datetime", NULL, LAYOUT_ANY, CSV_STAMP },
    { "Date and Time", NULL, LAYOUT_ANY, CSV_STAMP },
    { "Date (UTC)", NULL, LAYOUT_ANY, CSV_STAMP },
    { "Date", NULL, LAYOUT_ANY, CSV_DATE },
    { "Time", NULL, LAYOUT_ANY, CSV_CLOCK },
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
        if (columns[i].name != NULL) {
            column->name = hn_text_cstr(columns[i].name);
            column->also = (struct hn_text){ "", 0 };
        }
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
