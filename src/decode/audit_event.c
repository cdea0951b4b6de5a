/* audit_event.c - one audit event, of one or many records, as fields.
 *
 * All fields of all records are kept under their own names; a name that several records have has
 * several values (type, name, nametype). Exceptions, because rules mean the arguments: a0, a1, ...
 * are those of EXECVE where there is one, and the registers of SYSCALL only where there is none.
 *
 * What the kernel reports is what Sysmon for Linux reports as well, so that the same rules judge
 * both: a successful execve is a process_creation, a connect to an address a network_connection,
 * a path that a call created or deleted a file_event or file_delete; with Sysmon's names added. */
#include "decode/audit_event.h"

#include "decode/audit_record.h"
#include "decode/audit_value.h"
#include "decode/network.h"
#include "decode/room.h"
#include "decode/scan.h"

#include "base/ip.h"
#include "base/num.h"

#define FILES_MAX 8 /* created or deleted paths that one event reports */

struct file {
    struct hn_text name;
    bool created;
};

/* What is known of the event as a whole: counted in a first pass, collected in the second. */
struct gist {
    size_t records;
    size_t execve_bytes;
    uint32_t items; /* paths that SYSCALL announces */
    uint32_t paths;
    bool has_syscall;
    bool has_execve;
    bool has_parts; /* records that only go with a system call */

    struct hn_text syscall; /* by name */
    struct hn_text success;
    struct hn_text exit;
    struct hn_text exe;
    struct hn_text cwd;
    struct hn_text pid;
    struct hn_text ppid;
    struct hn_text uid;
    struct hn_text session;
    struct hn_text proctitle;
    struct hn_text command_line;
    struct audit_address address;
    struct file files[FILES_MAX];
    size_t file_count;
};

static bool type_is(const struct audit_record *record, const char *name)
{
    return hn_text_eq(record->type, hn_text_cstr(name));
}

static void count_record(struct gist *gist, const struct audit_record *record)
{
    gist->records++;
    if (type_is(record, "SYSCALL")) {
        gist->has_syscall = true;
        (void)hn_parse_u32(audit_find(record->fields, HN_TEXT("items")), &gist->items);
    } else if (type_is(record, "EXECVE")) {
        gist->has_execve = true;
        gist->has_parts = true;
        gist->execve_bytes += record->fields.len;
    } else if (type_is(record, "PATH")) {
        gist->paths++;
        gist->has_parts = true;
    } else if (type_is(record, "CWD") || type_is(record, "SOCKADDR") ||
               type_is(record, "PROCTITLE")) {
        gist->has_parts = true;
    }
}

/* ---- Values -----------------------------------------------------------------------------------
 */

static struct hn_text plain_value(
        struct hn_event *event, const struct audit_record *record, const struct audit_pair *pair)
{
    bool title = hn_text_eq(pair->key, HN_TEXT("proctitle"));

    if (pair->quoted || record->interpreted || !audit_is_encoded_key(pair->key) ||
            !audit_is_encoded(pair->value))
        return pair->value;
    return audit_decode(event, pair->value, title ? ' ' : '\0');
}

/* Several keys of one rule stand together, apart by \x01. */
static void add_keys(struct hn_event *event, struct hn_text value)
{
    struct hn_text rest = value;
    struct hn_text key;

    if (hn_text_eq(value, HN_TEXT("(null)")))
        return;
    while (hn_text_split(&rest, '\x01', &key))
        hn_event_add_text(event, HN_TEXT("key"), key);
}

/* "avc:  denied  { read write } for  pid=..." */
static void add_avc(struct hn_event *event, struct hn_text fields)
{
    struct hn_text result;
    struct hn_text permissions;

    if (!scan_text(&fields, HN_TEXT("avc:")))
        return;
    scan_spaces(&fields);
    result = scan_word(&fields);
    hn_event_add_text(event, HN_TEXT("seresult"), result);
    scan_spaces(&fields);
    if (scan_char(&fields, '{') && scan_before(&fields, '}', &permissions))
        hn_event_add_text(event, HN_TEXT("seperms"), hn_text_trim(permissions));
}

/* ---- EXECVE -----------------------------------------------------------------------------------
 */

/* All arguments, one space between: the command line. Each argument is a part of it. */
struct arguments {
    char *out;
    size_t len;
    size_t start;       /* of the argument being put together */
    struct hn_text key; /* its name, "a3"; empty before the first */
};

static void end_argument(struct hn_event *event, const struct arguments *arguments)
{
    if (arguments->key.len > 0)
        hn_event_add_text(event, arguments->key,
                hn_text_of(arguments->out + arguments->start, arguments->len - arguments->start));
}

/* "a3" of a3, a3[0], a3[1], ... (long arguments come in pieces); empty for anything else */
static struct hn_text argument_key(struct hn_text key)
{
    size_t digits = text_digits(text_from(key, 1));
    char behind = text_at(key, 1 + digits);

    if (text_at(key, 0) != 'a' || digits == 0 || (behind != '\0' && behind != '['))
        return HN_TEXT("");
    return hn_text_sub(key, 0, 1 + digits);
}

static void add_argument(struct hn_event *event, const struct audit_record *record,
        const struct audit_pair *pair, struct arguments *arguments)
{
    struct hn_text key = argument_key(pair->key);

    if (!hn_text_eq(key, arguments->key)) {
        end_argument(event, arguments);
        if (arguments->key.len > 0)
            arguments->out[arguments->len++] = ' ';
        arguments->key = key;
        arguments->start = arguments->len;
    }
    if (!pair->quoted && !record->interpreted && audit_is_encoded(pair->value)) {
        arguments->len += audit_decode_to(pair->value, arguments->out + arguments->len);
        return;
    }
    memcpy(arguments->out + arguments->len, pair->value.ptr, pair->value.len);
    arguments->len += pair->value.len;
}

static void add_execve(
        struct hn_event *event, const struct audit_record *record, struct arguments *arguments)
{
    struct hn_text rest = record->fields;
    struct audit_pair pair;

    while (audit_pair_next(&rest, &pair)) {
        if (argument_key(pair.key).len == 0) {
            if (!hn_text_ends(pair.key, HN_TEXT("_len")))
                hn_event_add_text(event, pair.key, pair.value);
        } else if (arguments->out != NULL) { /* a pair is never longer than what it was read from */
            add_argument(event, record, &pair, arguments);
        }
    }
}

/* ---- Other records ----------------------------------------------------------------------------
 */

static void take_syscall_pair(
        struct gist *gist, const struct audit_pair *pair, struct hn_text value)
{
    const struct {
        struct hn_text key;
        struct hn_text *place;
    } places[] = { { HN_TEXT("exe"), &gist->exe }, { HN_TEXT("pid"), &gist->pid },
        { HN_TEXT("ppid"), &gist->ppid }, { HN_TEXT("success"), &gist->success },
        { HN_TEXT("exit"), &gist->exit }, { HN_TEXT("SYSCALL"), &gist->syscall },
        { HN_TEXT("ses"), &gist->session }, { HN_TEXT("uid"), &gist->uid },
        { HN_TEXT("UID"), &gist->uid } }; /* the translation comes last and wins */

    for (size_t i = 0; i < HN_COUNT_OF(places); i++) {
        if (hn_text_eq(pair->key, places[i].key))
            *places[i].place = value;
    }
}

/* The name of the call, where auditd has not translated it. */
static void add_syscall_name(
        struct hn_event *event, const struct audit_record *record, struct gist *gist)
{
    struct hn_text number = audit_find(record->fields, HN_TEXT("syscall"));

    if (gist->syscall.len > 0)
        return;
    gist->syscall = audit_syscall_name(audit_find(record->fields, HN_TEXT("arch")), number);
    if (gist->syscall.len == 0 && text_digits(number) == 0)
        gist->syscall = number; /* ausearch -i has put the name there */
    if (gist->syscall.len > 0)
        hn_event_add_text(event, HN_TEXT("SYSCALL"), gist->syscall);
}

static bool is_register(struct hn_text key)
{
    return key.len == 2 && key.ptr[0] == 'a' && key.ptr[1] >= '0' && key.ptr[1] <= '3';
}

static void add_syscall(
        struct hn_event *event, const struct audit_record *record, struct gist *gist)
{
    struct hn_text rest = record->fields;
    struct audit_pair pair;

    while (audit_pair_next(&rest, &pair)) {
        struct hn_text value = plain_value(event, record, &pair);

        take_syscall_pair(gist, &pair, value);
        if (hn_text_eq(pair.key, HN_TEXT("key")))
            add_keys(event, value);
        else if (!gist->has_execve || !is_register(pair.key))
            hn_event_add_text(event, pair.key, value);
    }
    add_syscall_name(event, record, gist);
}

static void add_address(struct hn_event *event, const struct audit_pair *pair, struct gist *gist)
{
    if (!audit_address_parse(event, pair->value, &gist->address))
        return;
    hn_event_add_text(event, HN_TEXT("saddr_fam"), gist->address.family);
    if (hn_text_eq(gist->address.family, HN_TEXT("local"))) {
        hn_event_add_text(event, HN_TEXT("path"), gist->address.ip);
        return;
    }
    hn_event_add_text(event, HN_TEXT("laddr"), gist->address.ip);
    hn_event_add_i64(event, HN_TEXT("lport"), gist->address.port);
}

/* A directory is no file, as Sysmon sees it. */
static bool is_directory(struct hn_text mode)
{
    return (mode.len == 6 && hn_text_starts(mode, HN_TEXT("04"))) ||
           hn_text_starts(mode, HN_TEXT("dir,"));
}

static void take_path(struct gist *gist, const struct audit_record *record, struct hn_text name)
{
    struct hn_text nametype = audit_find(record->fields, HN_TEXT("nametype"));
    bool created = hn_text_eq(nametype, HN_TEXT("CREATE"));
    struct file *file = &gist->files[gist->file_count];

    if ((!created && !hn_text_eq(nametype, HN_TEXT("DELETE"))) || name.len == 0 ||
            gist->file_count == FILES_MAX ||
            is_directory(audit_find(record->fields, HN_TEXT("mode"))))
        return;
    file->name = name;
    file->created = created;
    gist->file_count++;
}

/* What user space reports of people: who, and from where. */
static void add_person(struct hn_event *event, const struct audit_pair *pair, struct hn_text value)
{
    struct hn_ip ip;

    if (hn_text_eq(pair->key, HN_TEXT("acct")))
        hn_event_add_text(event, HN_TEXT("user"), value);
    else if (hn_text_eq(pair->key, HN_TEXT("addr")) && hn_ip_parse(value, &ip))
        hn_event_add_text(event, HN_TEXT("src_ip"), value);
}

static void add_other(struct hn_event *event, const struct audit_record *record, struct gist *gist)
{
    struct hn_text rest = record->fields;
    struct audit_pair pair;

    add_avc(event, rest);
    while (audit_pair_next(&rest, &pair)) {
        struct hn_text value = plain_value(event, record, &pair);

        if (hn_text_eq(pair.key, HN_TEXT("key"))) {
            add_keys(event, value);
            continue;
        }
        hn_event_add_text(event, pair.key, value);
        if (hn_text_eq(pair.key, HN_TEXT("saddr")))
            add_address(event, &pair, gist);
        else if (hn_text_eq(pair.key, HN_TEXT("cwd")) && type_is(record, "CWD"))
            gist->cwd = value;
        else if (hn_text_eq(pair.key, HN_TEXT("name")) && type_is(record, "PATH"))
            take_path(gist, record, value);
        else
            add_person(event, &pair, value);
    }
}

/* ausearch -i prints the title as it was typed: all of the rest is one value. */
static void add_proctitle(
        struct hn_event *event, const struct audit_record *record, struct gist *gist)
{
    struct hn_text rest = record->fields;
    struct audit_pair pair;

    if (record->interpreted && scan_text(&rest, HN_TEXT("proctitle=")))
        gist->proctitle = hn_text_trim(rest);
    else if (audit_pair_next(&rest, &pair) && hn_text_eq(pair.key, HN_TEXT("proctitle")))
        gist->proctitle = plain_value(event, record, &pair);
    else
        return;
    hn_event_add_text(event, HN_TEXT("proctitle"), gist->proctitle);
}

/* ---- As Sysmon would have it ------------------------------------------------------------------
 */

static void add_if(struct hn_event *event, const char *name, struct hn_text value)
{
    if (value.len > 0)
        hn_event_add_text(event, hn_text_cstr(name), value);
}

static void add_process(struct hn_event *event, const struct gist *gist)
{
    add_if(event, "Image", gist->exe);
    add_if(event, "ProcessId", gist->pid);
    add_if(event, "ParentProcessId", gist->ppid);
    add_if(event, "User", gist->uid);
    add_if(event, "CurrentDirectory", gist->cwd);
    add_if(event, "TerminalSessionId", gist->session);
}

/* A relative name starts at the working directory. */
static struct hn_text full_path(
        struct hn_event *event, const struct gist *gist, struct hn_text name)
{
    char *out;

    if (text_at(name, 0) == '/' || gist->cwd.len == 0)
        return name;
    out = room_take(event, gist->cwd.len + 1 + name.len);
    if (out == NULL)
        return name;
    memcpy(out, gist->cwd.ptr, gist->cwd.len);
    out[gist->cwd.len] = '/';
    memcpy(out + gist->cwd.len + 1, name.ptr, name.len);
    return hn_text_of(out, gist->cwd.len + 1 + name.len);
}

/* A rename deletes one name and creates another: what matters is the new one. */
static bool add_files(struct hn_event *event, const struct gist *gist)
{
    bool created = false;

    for (size_t i = 0; i < gist->file_count; i++)
        created = created || gist->files[i].created;
    for (size_t i = 0; i < gist->file_count; i++) {
        if (gist->files[i].created == created)
            hn_event_add_text(
                    event, HN_TEXT("TargetFilename"), full_path(event, gist, gist->files[i].name));
    }
    if (gist->file_count > 0)
        hn_source_add_category(
                &event->source, created ? HN_TEXT("file_event") : HN_TEXT("file_delete"));
    return gist->file_count > 0;
}

static void add_sysmon_view(struct hn_event *event, const struct gist *gist)
{
    bool success = hn_text_eq(gist->success, HN_TEXT("yes"));
    bool execve = hn_text_eq(gist->syscall, HN_TEXT("execve")) ||
                  hn_text_eq(gist->syscall, HN_TEXT("execveat"));
    bool under_way = hn_text_eq(gist->exit, HN_TEXT("-115")) || /* EINPROGRESS: not blocking */
                     hn_text_starts(gist->exit, HN_TEXT("EINPROGRESS"));

    if (gist->command_line.len > 0)
        hn_event_add_text(event, HN_TEXT("CommandLine"), gist->command_line);
    else if (success && execve) /* of a failed one the title is still the caller's */
        add_if(event, "CommandLine", gist->proctitle);
    if (success && execve) {
        hn_source_add_category(&event->source, HN_TEXT("process_creation"));
        add_process(event, gist);
    } else if ((success || under_way) && hn_text_eq(gist->syscall, HN_TEXT("connect")) &&
               hn_text_starts(gist->address.family, HN_TEXT("inet"))) {
        hn_source_add_category(&event->source, HN_TEXT("network_connection"));
        add_process(event, gist);
        hn_event_add_text(event, HN_TEXT("DestinationIp"), gist->address.ip);
        hn_event_add_i64(event, HN_TEXT("DestinationPort"), gist->address.port);
        hn_event_add_text(event, HN_TEXT("Initiated"), HN_TEXT("true"));
    } else if (success && add_files(event, gist)) {
        add_process(event, gist);
    }
}

/* ---- The event --------------------------------------------------------------------------------
 */

static void add_record(struct hn_event *event, const struct audit_record *record, struct gist *gist,
        struct arguments *arguments)
{
    if (event->time_text.ptr == NULL) { /* the first record */
        event->time_text = record->stamp;
        if (record->node.len > 0) {
            hn_event_add_text(event, HN_TEXT("node"), record->node);
            hn_event_add_text(event, HN_TEXT("Computer"), record->node);
        }
        hn_event_add_text(event, HN_TEXT("serial"), record->serial);
    }
    hn_event_add_text(event, HN_TEXT("type"), record->type);
    if (type_is(record, "SYSCALL"))
        add_syscall(event, record, gist);
    else if (type_is(record, "EXECVE"))
        add_execve(event, record, arguments);
    else if (type_is(record, "PROCTITLE"))
        add_proctitle(event, record, gist);
    else
        add_other(event, record, gist);
}

bool audit_event_fill(struct hn_event *event, struct hn_text text)
{
    struct gist gist = { .records = 0 };
    struct arguments arguments = { .key = { "", 0 } };
    struct audit_record record;
    struct hn_text rest = text;
    struct hn_text line;

    while (hn_text_line(&rest, &line)) {
        if (audit_line_parse(line, &record))
            count_record(&gist, &record);
    }
    if (gist.has_execve)
        arguments.out = room_take(event, gist.execve_bytes);
    decode_set_source(event, HN_TEXT("linux"), HN_TEXT(""), HN_TEXT("auditd"));
    event->time_text = (struct hn_text){ NULL, 0 };
    rest = text;
    while (hn_text_line(&rest, &line)) {
        if (audit_line_parse(line, &record))
            add_record(event, &record, &gist, &arguments);
    }
    end_argument(event, &arguments);
    gist.command_line = hn_text_of(arguments.out, arguments.len);
    add_sysmon_view(event, &gist);
    return gist.paths >= gist.items && (gist.has_syscall || !gist.has_parts);
}
