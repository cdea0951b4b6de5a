/* command_tell.c - what is told of a line: layers, requests, processes, files. */
#include "command/command_internal.h"

#include "base/sha256.h"

const struct script_text *command_text(const struct command_line *line, struct hn_text text)
{
    return script_text_new(line->run, text, line->origin);
}

void command_add(const struct command_line *line, struct script_act *act, const char *name,
        struct hn_text value)
{
    if (value.len > 0)
        script_act_add(act, name, command_text(line, value));
}

void command_note(const struct command_line *line, enum script_note_kind kind, const char *text)
{
    script_tell_note(line->run, kind, 0, hn_text_cstr(text));
}

void command_layer(const struct command_line *line, enum script_language language,
        struct hn_text text, const char *how)
{
    struct script_layer layer = {
        .language = language, .text = command_text(line, text), .how = how, .name = HN_TEXT("")
    };

    if (text.len > 0)
        script_tell_layer(line->run, &layer);
}

void command_http(
        const struct command_line *line, struct hn_text url, struct hn_text file, const char *via)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_HTTP, 0, via);

    command_add(line, &act, "Url", url);
    script_act_add(&act, "Method", script_text_borrow(line->run, HN_TEXT("GET"), NULL));
    script_tell(line->run, &act);
    if (file.len == 0)
        return;
    act = script_act(line->run, SCRIPT_ACT_FILE_WRITE, 0, via);
    command_add(line, &act, "TargetFilename", file);
    command_add(line, &act, "Url", url);
    script_tell(line->run, &act);
}

/* The first word of a line, without quotes. */
static struct hn_text image_of(struct hn_text text)
{
    if (text.len > 0 && text.ptr[0] == '"') {
        return hn_text_sub(text, 1,
                hn_text_find_char(text, '"', 1) == SIZE_MAX ? SIZE_MAX
                                                            : hn_text_find_char(text, '"', 1) - 1);
    }
    return hn_text_sub(text, 0, hn_text_find_char(text, ' ', 0));
}

void command_process(const struct command_line *line, struct hn_text text, const char *via)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_PROCESS, 0, via);

    text = hn_text_trim(text);
    if (text.len == 0)
        return;
    command_add(line, &act, "Image", image_of(text));
    command_add(line, &act, "CommandLine", text);
    command_add(line, &act, "ParentImage", line->words[0]);
    script_tell(line->run, &act);
    command_layer(line, SCRIPT_COMMAND, text, via);
}

void command_load(const struct command_line *line, struct hn_text library, const char *via)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_MODULE_LOAD, 0, via);

    if (library.len == 0)
        return;
    command_add(line, &act, "ImageLoaded", library);
    script_tell(line->run, &act);
}

void command_write(const struct command_line *line, struct hn_text file, struct hn_bytes content,
        const char *via)
{
    struct script_act act = script_act(line->run, SCRIPT_ACT_FILE_WRITE, 0, via);
    enum script_language language = script_language_of_file(file);
    char hex[HN_SHA256_HEX_LEN];
    struct script_layer layer = {
        .language = language == SCRIPT_UNKNOWN ? SCRIPT_PROGRAM : language, .how = via, .name = file
    };

    command_add(line, &act, "TargetFilename", file);
    if (content.len > 0 && hn_sha256_hex(content, hex))
        command_add(line, &act, "Sha256", hn_text_of(hex, sizeof hex));
    script_tell(line->run, &act);
    if (content.len == 0)
        return;
    layer.text = layer.language == SCRIPT_PROGRAM
                         ? script_text_from_bytes(line->run, content, line->origin)
                         : command_text(line, hn_bytes_as_text(content));
    script_tell_layer(line->run, &layer);
}
