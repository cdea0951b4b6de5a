/* decode_shell_find.c - which documents are shells: a member that may be a line, and members that
 * only shippers write.
 *
 * A document with nothing but members that shippers write is a shell as well: fluentd writes little
 * more than the line. */
#include "decode/shell.h"

/* Objects whose members are looked at. */
enum place {
    PLACE_ROOT,
    PLACE_EVENT,
    PLACE_LOG,
    PLACE_LOG_SYSLOG,
    PLACE_PROCESS,
    PLACE_SYSLOG,
    PLACE_NONE,
};

#define MARK 0x1u /* only shippers write this */
#define NEST 0x2u /* counts when it is an object, which is looked into as far as opens says */

struct member {
    struct hn_text name;
    uint8_t place;
    uint8_t part;
    uint8_t flags;
    uint8_t opens;
};

#define ROW(place, name, part, flags, opens)          \
    {                                                 \
        HN_TEXT_INIT(name), place, part, flags, opens \
    }
#define TOP(name, part, flags) ROW(PLACE_ROOT, name, part, flags, PLACE_NONE)

static const struct member members[] = {
    /* the line */
    TOP("message", SHELL_LINE_MESSAGE, 0),
    TOP("MESSAGE", SHELL_LINE_MESSAGE, 0),
    TOP("log", SHELL_LINE_LOG, 0),
    TOP("msg", SHELL_LINE_MSG, 0),
    TOP("rawmsg", SHELL_LINE_RAW, MARK),
    TOP("event.original", SHELL_LINE_ORIGINAL, 0),
    ROW(PLACE_ROOT, "event", SHELL_NOTHING, NEST, PLACE_EVENT),
    ROW(PLACE_EVENT, "original", SHELL_LINE_ORIGINAL, 0, PLACE_NONE),
    /* Beats and Elastic Agent */
    TOP("@metadata", SHELL_NOTHING, MARK),
    ROW(PLACE_ROOT, "agent", SHELL_NOTHING, MARK | NEST, PLACE_NONE),
    TOP("agent.type", SHELL_NOTHING, MARK),
    ROW(PLACE_ROOT, "input", SHELL_NOTHING, MARK | NEST, PLACE_NONE),
    TOP("input.type", SHELL_NOTHING, MARK),
    ROW(PLACE_ROOT, "log", SHELL_NOTHING, MARK | NEST, PLACE_LOG),
    TOP("log.file.path", SHELL_NOTHING, MARK),
    TOP("log.offset", SHELL_NOTHING, MARK),
    ROW(PLACE_LOG, "syslog", SHELL_NOTHING, NEST, PLACE_LOG_SYSLOG),
    ROW(PLACE_LOG_SYSLOG, "appname", SHELL_PROGRAM, 0, PLACE_NONE),
    ROW(PLACE_LOG_SYSLOG, "procid", SHELL_PID, 0, PLACE_NONE),
    ROW(PLACE_LOG_SYSLOG, "hostname", SHELL_HOST, 0, PLACE_NONE),
    ROW(PLACE_LOG_SYSLOG, "priority", SHELL_PRIORITY, 0, PLACE_NONE),
    TOP("log.syslog.appname", SHELL_PROGRAM, 0),
    TOP("log.syslog.procid", SHELL_PID, 0),
    TOP("log.syslog.hostname", SHELL_HOST, 0),
    TOP("log.syslog.priority", SHELL_PRIORITY, 0),
    ROW(PLACE_ROOT, "syslog", SHELL_NOTHING, MARK | NEST, PLACE_SYSLOG),
    ROW(PLACE_SYSLOG, "priority", SHELL_PRIORITY, 0, PLACE_NONE),
    ROW(PLACE_ROOT, "process", SHELL_NOTHING, NEST, PLACE_PROCESS),
    ROW(PLACE_PROCESS, "program", SHELL_PROGRAM, 0, PLACE_NONE),
    ROW(PLACE_PROCESS, "name", SHELL_PROGRAM, 0, PLACE_NONE),
    ROW(PLACE_PROCESS, "pid", SHELL_PID, 0, PLACE_NONE),
    TOP("process.program", SHELL_PROGRAM, 0),
    TOP("process.name", SHELL_PROGRAM, 0),
    TOP("process.pid", SHELL_PID, 0),
    /* Logstash */
    TOP("@version", SHELL_NOTHING, MARK),
    TOP("logsource", SHELL_HOST, MARK),
    TOP("program", SHELL_PROGRAM, 0),
    TOP("priority", SHELL_PRIORITY, 0),
    /* Vector */
    TOP("source_type", SHELL_NOTHING, MARK),
    TOP("appname", SHELL_PROGRAM, 0),
    TOP("procid", SHELL_PID, 0),
    /* Fluent Bit, fluentd, Docker */
    TOP("ident", SHELL_PROGRAM, MARK),
    TOP("pri", SHELL_PRIORITY, 0),
    TOP("stream", SHELL_NOTHING, 0),
    TOP("container_id", SHELL_NOTHING, MARK),
    TOP("container_name", SHELL_NOTHING, MARK),
    TOP("kubernetes", SHELL_NOTHING, MARK),
    TOP("docker", SHELL_NOTHING, MARK),
    /* journald */
    TOP("SYSLOG_IDENTIFIER", SHELL_PROGRAM, MARK),
    TOP("SYSLOG_PID", SHELL_PID, MARK),
    TOP("_PID", SHELL_PID, MARK),
    TOP("_HOSTNAME", SHELL_HOST, MARK),
    TOP("_COMM", SHELL_PROGRAM, MARK),
    TOP("_BOOT_ID", SHELL_NOTHING, MARK),
    TOP("PRIORITY", SHELL_SEVERITY, 0),
    TOP("SYSLOG_FACILITY", SHELL_FACILITY, MARK),
    TOP("__REALTIME_TIMESTAMP", SHELL_MICROSECONDS, MARK),
    TOP("__CURSOR", SHELL_NOTHING, MARK),
    /* rsyslog */
    TOP("syslogtag", SHELL_TAG, MARK),
    TOP("syslog-tag", SHELL_TAG, MARK),
    TOP("programname", SHELL_PROGRAM, MARK),
    TOP("app-name", SHELL_PROGRAM, MARK),
    TOP("fromhost", SHELL_NOTHING, MARK),
    TOP("fromhost-ip", SHELL_NOTHING, MARK),
    TOP("syslogfacility", SHELL_FACILITY, MARK),
    TOP("syslogfacility-text", SHELL_FACILITY, MARK),
    TOP("syslogseverity", SHELL_SEVERITY, MARK),
    TOP("syslogseverity-text", SHELL_SEVERITY, MARK),
    TOP("timereported", SHELL_STAMP, MARK),
    TOP("timegenerated", SHELL_STAMP, MARK),
    /* anybody */
    TOP("@timestamp", SHELL_NOTHING, 0),
    TOP("timestamp", SHELL_NOTHING, 0),
    TOP("time", SHELL_NOTHING, 0),
    TOP("date", SHELL_NOTHING, 0),
    TOP("host", SHELL_SENDER, 0),
    TOP("hostname", SHELL_HOST, 0),
    TOP("source", SHELL_NOTHING, 0),
    TOP("path", SHELL_NOTHING, 0),
    TOP("file", SHELL_NOTHING, 0),
    TOP("offset", SHELL_NOTHING, 0),
    TOP("port", SHELL_NOTHING, 0),
    TOP("tag", SHELL_NOTHING, 0),
    TOP("tags", SHELL_NOTHING, 0),
    TOP("type", SHELL_NOTHING, 0),
    TOP("pid", SHELL_PID, 0),
    TOP("facility", SHELL_FACILITY, 0),
    TOP("severity", SHELL_SEVERITY, 0),
    TOP("ecs", SHELL_NOTHING, 0),
    TOP("fields", SHELL_NOTHING, 0),
};

/* Objects to look into: each row that opens one does so once at most. */
#define OBJECTS_MAX ((size_t)PLACE_NONE)

struct search {
    const struct json_walker *walker;
    struct shell *shell;
    struct {
        uint32_t token;
        uint8_t place;
    } objects[OBJECTS_MAX];
    size_t object_count;
    bool seen[PLACE_NONE];
    bool marked;
    bool other; /* a member that no shipper writes */
};

/* The token behind the value at token, in a document that is known to be well-formed. */
static uint32_t behind_value(const uint8_t *kind, uint32_t token)
{
    uint32_t depth = 0;

    do {
        if (kind[token] == '{' || kind[token] == '[')
            depth++;
        else if (kind[token] == '}' || kind[token] == ']')
            depth--;
        token += kind[token] == '"' ? 2 : 1;
    } while (depth > 0);
    return token;
}

static struct hn_text key_at(const struct json_walker *w, uint32_t token)
{
    uint32_t start = w->index.pos[token] + 1;

    return hn_text_of(w->text.ptr + start, w->index.pos[token + 1] - start);
}

static bool is_line_name(struct hn_text key)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("message"), HN_TEXT_INIT("MESSAGE"),
        HN_TEXT_INIT("log"), HN_TEXT_INIT("msg"), HN_TEXT_INIT("event"), HN_TEXT_INIT("rawmsg"),
        HN_TEXT_INIT("event.original") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(key, names[i]))
            return true;
    }
    return false;
}

/* Lengths of these names, as bits. */
#define LINE_NAME_LENGTHS (1u << 3 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 14)

/* The quick look that most documents do not pass: whether a member may be a line. */
static bool may_hold_line(const struct json_walker *w, uint32_t token)
{
    const uint8_t *kind = w->index.kind;

    for (token++; kind[token] == '"'; token++) {
        uint32_t len = w->index.pos[token + 1] - w->index.pos[token] - 1;

        if (len < 16 && (LINE_NAME_LENGTHS >> len & 1) != 0 && is_line_name(key_at(w, token)))
            return true;
        token += 3;
        if (kind[token] == '"')
            token += 2;
        else if (kind[token] == JSON_SCALAR)
            token++;
        else
            token = behind_value(kind, token);
        if (kind[token] != ',')
            break;
    }
    return false;
}

static void open_object(struct search *search, uint8_t place, uint32_t token)
{
    if (place == PLACE_NONE || search->seen[place])
        return;
    search->seen[place] = true;
    search->objects[search->object_count].token = token;
    search->objects[search->object_count++].place = place;
}

/* What a row makes of the value at token; false: the row is about another type of value. */
static bool take(struct search *search, const struct member *row, uint32_t token)
{
    uint8_t kind = search->walker->index.kind[token];
    bool nested = kind == '{' || kind == '[';

    if ((row->flags & NEST) != 0) {
        if (kind != '{')
            return false;
        open_object(search, row->opens, token);
    } else if (row->part != SHELL_NOTHING) {
        bool line = row->part >= SHELL_LINE_FIRST && row->part <= SHELL_LINE_LAST;

        if (nested || (line && kind != '"'))
            return row->part == SHELL_SENDER; /* Beats' host is an object */
        if (search->shell->token[row->part] == 0)
            search->shell->token[row->part] = token;
    }
    search->marked |= (row->flags & MARK) != 0;
    return true;
}

static void member(struct search *search, uint8_t place, uint32_t key)
{
    struct hn_text name = key_at(search->walker, key);
    bool taken = false;

    for (size_t i = 0; i < HN_COUNT_OF(members) && !taken; i++) {
        if (members[i].place == place && hn_text_eq(members[i].name, name))
            taken = take(search, &members[i], key + 3);
    }
    search->other |= !taken && place == PLACE_ROOT;
}

static void look_into(struct search *search, uint8_t place, uint32_t token)
{
    const uint8_t *kind = search->walker->index.kind;

    for (token++; kind[token] == '"'; token++) {
        member(search, place, token);
        token = behind_value(kind, token + 3);
        if (kind[token] != ',')
            break;
    }
}

bool decode_shell_find(const struct json_walker *walker, uint32_t token, struct shell *ret_shell)
{
    struct search search = { .walker = walker, .shell = ret_shell };

    if (!may_hold_line(walker, token))
        return false;
    memset(ret_shell, 0, sizeof *ret_shell);
    open_object(&search, PLACE_ROOT, token);
    for (size_t i = 0; i < search.object_count; i++)
        look_into(&search, search.objects[i].place, search.objects[i].token);
    /* "msg" is what many programs call a sentence of theirs */
    if (!search.marked)
        ret_shell->token[SHELL_LINE_MSG] = 0;
    if (!search.marked && search.other)
        return false;
    for (int part = SHELL_LINE_FIRST; part <= SHELL_LINE_LAST; part++) {
        if (ret_shell->token[part] != 0)
            return true;
    }
    return false;
}
