/* command_powershell.c - the words of powershell.exe and pwsh: the script among them, by whichever
 * beginning of a switch and whichever dash it is announced. */
#include "command/command_internal.h"

#include "base/enc.h"
#include "base/utf.h"

/* The switches of powershell.exe and pwsh, with the shortest beginning each is known by. */
static const struct {
    const char *name;
    size_t least;
    bool takes;
} switches[] = {
    { "command", 1, true },
    { "encodedcommand", 1, true },
    { "ec", 2, true },
    { "encodedarguments", 8, true },
    { "ea", 2, true },
    { "executionpolicy", 2, true },
    { "ep", 2, true },
    { "file", 1, true },
    { "windowstyle", 1, true },
    { "noprofile", 3, false },
    { "nologo", 3, false },
    { "noninteractive", 4, false },
    { "noexit", 3, false },
    { "sta", 1, false },
    { "mta", 1, false },
    { "inputformat", 1, true },
    { "outputformat", 1, true },
    { "version", 1, true },
    { "psconsolefile", 1, true },
    { "configurationname", 6, true },
    { "workingdirectory", 2, true },
    { "wd", 2, true },
    { "login", 1, false },
    { "settingsfile", 2, true },
    { "custompipename", 2, true },
};

static size_t dash_length(struct hn_text word)
{
    if (word.len > 1 && (word.ptr[0] == '-' || word.ptr[0] == '/'))
        return word.ptr[0] == '-' && word.ptr[1] == '-' ? 2 : 1;
    if (word.len > 3 && (uint8_t)word.ptr[0] == 0xE2u && (uint8_t)word.ptr[1] == 0x80u &&
            (uint8_t)word.ptr[2] >= 0x93u && (uint8_t)word.ptr[2] <= 0x95u)
        return 3;
    return 0;
}

/* Index of the switch, or SIZE_MAX. -e is the encoded command, -ex the policy. */
static size_t find_switch(struct hn_text word)
{
    size_t dash = dash_length(word);
    struct hn_text name = hn_text_sub(word, dash, SIZE_MAX);

    if (dash == 0)
        return SIZE_MAX;
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (name.len >= switches[i].least &&
                hn_text_starts_nocase(hn_text_cstr(switches[i].name), name))
            return i;
    }
    return SIZE_MAX;
}

/* Base64 of UTF-16, whatever junk stands between its letters; some tools encode UTF-8. */
static bool decode_command(const struct command_line *line, struct hn_text word, struct hn_buf *out)
{
    struct hn_buf clean = { 0 };
    struct hn_buf bytes = { 0 };
    bool good;
    size_t zeros = 0;
    bool wide;

    hn_buf_init(&clean, 1u << 24);
    hn_buf_init(&bytes, 1u << 24);
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                c == '+' || c == '/')
            hn_buf_add_char(&clean, c);
    }
    (void)script_spend(line->run, word.len / 64);
    good = hn_base64_decode(
            &bytes, hn_text_sub(hn_buf_text(&clean), 0, clean.len - (clean.len % 4 == 1 ? 1 : 0)));
    for (size_t i = 1; i < bytes.len && i < 64; i += 2)
        zeros += bytes.ptr[i] == '\0';
    wide = bytes.len > 3 && zeros * 4 >= (bytes.len < 64 ? bytes.len : 64) / 2;
    if (good && !wide && hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&bytes))))
        hn_buf_add_text(out, hn_buf_text(&bytes));
    else if (good)
        (void)hn_utf16le_to_utf8(out, hn_text_as_bytes(hn_buf_text(&bytes)));
    hn_buf_deinit(&bytes);
    hn_buf_deinit(&clean);
    return good && out->len > 0;
}

static void encoded_command(struct command_line *line, size_t from)
{
    struct hn_buf joined = { 0 };
    struct hn_buf out = { 0 };

    hn_buf_init(&joined, 1u << 24);
    hn_buf_init(&out, 1u << 25);
    /* Cut by spaces it is still one; switches may stand behind it. */
    for (size_t i = from; i < line->count && !hn_text_starts(line->words[i], HN_TEXT("-")); i++)
        hn_buf_add_text(&joined, line->words[i]);
    command_note(line, SCRIPT_NOTE_OBFUSCATION, "encodedcommand");
    if (decode_command(line, hn_buf_text(&joined), &out)) {
        const struct script_origin *kept = line->origin;

        line->origin =
                script_origin_new(line->run, "base64", SCRIPT_NOWHERE, HN_TEXT(""), kept, NULL);
        command_layer(line, SCRIPT_POWERSHELL, hn_buf_text(&out), "EncodedCommand");
        line->origin = kept;
    } else {
        command_note(line, SCRIPT_NOTE_SYNTAX, "EncodedCommand is no base64");
    }
    hn_buf_deinit(&out);
    hn_buf_deinit(&joined);
}

/* As the C runtime hands words over: \" is a quote, "" within quotes too, other quotes are gone. */
static void add_as_runtime(struct hn_buf *out, struct hn_text text)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        bool more = i + 1 < text.len;

        if (text.ptr[i] == '\\' && i + 2 == text.len && quoted) { /* "C:\" is meant as it looks */
            hn_buf_add_char(out, '\\');
        } else if (more && text.ptr[i + 1] == '"' &&
                   (text.ptr[i] == '\\' || (text.ptr[i] == '"' && quoted))) {
            hn_buf_add_char(out, '"');
            i++;
        } else if (text.ptr[i] == '"') {
            quoted = !quoted;
        } else {
            hn_buf_add_char(out, text.ptr[i]);
        }
    }
}

static void plain_command(struct command_line *line, struct hn_text text)
{
    struct hn_buf out = { 0 };

    hn_buf_init(&out, 1u << 25);
    add_as_runtime(&out, text);
    if (hn_text_trim(hn_buf_text(&out)).len > 1)
        command_layer(line, SCRIPT_POWERSHELL, hn_text_trim(hn_buf_text(&out)), "Command");
    hn_buf_deinit(&out);
}

static void note_switch(const struct command_line *line, const char *name, struct hn_text value)
{
    if (strcmp(name, "windowstyle") == 0 &&
            (hn_text_starts_nocase(HN_TEXT("hidden"), value) || hn_text_eq(value, HN_TEXT("1"))))
        command_note(line, SCRIPT_NOTE_EVASION, "hidden window");
    if ((strcmp(name, "executionpolicy") == 0 || strcmp(name, "ep") == 0) &&
            (hn_text_starts_nocase(HN_TEXT("bypass"), value) ||
                    hn_text_starts_nocase(HN_TEXT("unrestricted"), value)))
        command_note(line, SCRIPT_NOTE_EVASION, "execution policy bypassed");
}

void command_powershell(struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        size_t found = find_switch(line->words[i]);
        const char *name = found != SIZE_MAX ? switches[found].name : "";

        if (found == SIZE_MAX && dash_length(line->words[i]) == 0) { /* -Command is what is meant */
            plain_command(line, hn_text_sub(line->text, line->ends[i - 1], SIZE_MAX));
            return;
        }
        if (strcmp(name, "command") == 0) {
            plain_command(line, hn_text_sub(line->text, line->ends[i], SIZE_MAX));
            return;
        }
        if (strcmp(name, "encodedcommand") == 0 || strcmp(name, "ec") == 0) {
            encoded_command(line, i + 1);
            return;
        }
        if (strcmp(name, "file") == 0)
            return;
        if (found != SIZE_MAX && switches[found].takes && i + 1 < line->count) {
            note_switch(line, name, line->words[i + 1]);
            i++;
        }
    }
}
