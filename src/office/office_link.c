/* office_link.c - what leads out of a document: templates, relations, DDE, and the commands in
 * them. Which of it is bad is for rules to say; the facts carry the target as it stands. */
#include "office/office_internal.h"

#include "base/enc.h"

static const char *const shells[] = { "cmd", "powershell", "pwsh", "mshta", "wscript", "cscript",
    "rundll32", "regsvr32", "certutil", "bitsadmin", "msiexec", "explorer", "wmic", "bash", "sh",
    "conhost", "forfiles", "curl", "control", "schtasks" };

void office_external(struct office *o, const char *kind, struct hn_text target)
{
    target = hn_text_trim(target);
    if (target.len == 0)
        return;
    dissect_fact(o->dissect, o->id, "external_url", target);
    dissect_fact(o->dissect, o->id, "external_relation",
            office_print(o, "%s %.*s", kind, HN_TEXT_ARG(target)));
    office_say(o, "link", target);
}

/* A bare name ("Normal") is one of the templates of the one who reads the document. */
void office_template(struct office *o, struct hn_text target)
{
    target = hn_text_trim(target);
    if (hn_text_find_char(target, '/', 0) == SIZE_MAX &&
            hn_text_find_char(target, '\\', 0) == SIZE_MAX)
        return;
    dissect_fact(o->dissect, o->id, "template_url", target);
    office_say(o, "link", target);
}

void office_command(
        struct office *o, const char *relation, struct hn_text name, struct hn_text command)
{
    if (command.len > 0)
        (void)office_child(o, relation, name, hn_text_as_bytes(command), DISSECT_COMMAND);
}

/* The last part of a path, without ".exe". */
static struct hn_text program_name(struct hn_text path)
{
    size_t start = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '\\' || path.ptr[i] == '/')
            start = i + 1;
    }
    path = hn_text_sub(path, start, path.len);
    return hn_text_ends_nocase(path, HN_TEXT(".exe")) ? hn_text_sub(path, 0, path.len - 4) : path;
}

/* DDE starts the application where no server answers to its name; Excel starts what the topic
 * names by way of a path ("msexcel|'\..\..\..\Windows\System32\cmd.exe /c ...'"). */
static struct hn_text command_of(struct office *o, struct hn_text application, struct hn_text topic)
{
    bool is_path = hn_text_find_char(application, '\\', 0) != SIZE_MAX ||
                   hn_text_ends_nocase(application, HN_TEXT(".exe"));
    size_t up = hn_text_find(topic, HN_TEXT("..\\"), 0);

    if (is_path || office_is_one_of(program_name(application), shells, HN_COUNT_OF(shells)))
        return office_print(o, "%.*s %.*s", HN_TEXT_ARG(application), HN_TEXT_ARG(topic));
    if (up == SIZE_MAX || up > 4)
        return HN_TEXT("");
    while (hn_text_starts(hn_text_sub(topic, up, 3), HN_TEXT("..\\")))
        up += 3;
    return hn_text_sub(topic, up, topic.len);
}

void office_dde(
        struct office *o, struct hn_text application, struct hn_text topic, struct hn_text shown)
{
    struct hn_text command;

    application = hn_text_trim(application);
    topic = hn_text_trim(topic);
    command = command_of(o, application, topic);
    shown = office_squeeze(o, shown);
    dissect_fact(o->dissect, o->id, "dde", shown);
    dissect_fact(o->dissect, o->id, "dde_application", application);
    if (topic.len > 0)
        dissect_fact(o->dissect, o->id, "dde_topic", topic);
    office_say(o, "field", shown);
    if (command.len > 0) {
        dissect_fact(o->dissect, o->id, "dde_command", command);
        office_command(o, "dde", HN_TEXT("DDE"), command);
    }
}
