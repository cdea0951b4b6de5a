/* vba_project.c - the PROJECT stream ([MS-OVBA] 2.3.1): lines of text that tell what kind each
 * module is, and, lightly disguised, who may see the project. */
#include "vba/vba_internal.h"

#include "base/enc.h"

#define DISGUISED_MAX 4096u

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes Data Encryption ([MS-OVBA] 2.4.3.3): each byte was mixed with the two before it. Returns
 * the length of the data, 0 when the text is not of that kind. */
static size_t undisguise(struct hn_text hex, uint8_t *out, size_t room)
{
    uint8_t before = 0; /* encrypted, two bytes ago */
    uint8_t last = 0;   /* encrypted, one byte ago */
    uint8_t plain = 0;
    uint8_t seed = 0;
    size_t ignored = 0;
    size_t len = 0;

    if (hex.len % 2 != 0 || hex.len / 2 > DISGUISED_MAX)
        return 0;
    for (size_t i = 0; i < hex.len / 2; i++) {
        int high = hex_digit(hex.ptr[i * 2]);
        int low = hex_digit(hex.ptr[i * 2 + 1]);
        uint8_t byte;

        if (high < 0 || low < 0)
            return 0;
        byte = (uint8_t)(high * 16 + low);
        if (i == 0) {
            seed = byte;
            ignored = (seed & 6u) / 2;
        } else if (i == 1) {
            before = byte; /* the version */
        } else if (i == 2) {
            last = byte;
            plain = seed ^ byte; /* the project's key */
        } else {
            plain = byte ^ (uint8_t)(before + plain);
            before = last;
            last = byte;
            if (i >= 3 + ignored + 4 && len < room) /* behind four bytes of length */
                out[len++] = plain;
        }
    }
    return len;
}

static struct hn_text unquote(struct hn_text text)
{
    text = hn_text_trim(text);
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
        return hn_text_sub(text, 1, text.len - 2);
    return text;
}

static void module_line(struct vba_reader *reader, struct hn_text name, enum vba_module_type type)
{
    size_t slash = hn_text_find_char(name, '/', 0);

    name = unquote(slash == SIZE_MAX ? name : hn_text_sub(name, 0, slash));
    for (size_t i = 0; i < reader->drafts.count; i++) {
        struct vba_draft *draft = &reader->drafts.ptr[i];

        if (hn_text_eq_nocase(draft->module.name, name)) {
            draft->module.type = type;
            draft->listed = true;
        }
    }
}

static void protection_line(struct vba_reader *reader, struct hn_text key, struct hn_text value)
{
    struct vba_project *project = &reader->project;
    uint8_t data[64];
    size_t len = undisguise(unquote(value), data, sizeof data);

    if (len == 0)
        return;
    if (hn_text_eq(key, HN_TEXT("CMG"))) {
        project->user_protected = (data[0] & 1) != 0;
        project->host_protected = (data[0] & 2) != 0;
        project->vbe_protected = (data[0] & 4) != 0;
    } else if (hn_text_eq(key, HN_TEXT("DPB"))) {
        project->has_password = len > 1 || data[0] != 0;
    } else if (hn_text_eq(key, HN_TEXT("GC"))) {
        project->hidden = data[0] == 0;
    }
}

static void property_line(struct vba_reader *reader, struct hn_text key, struct hn_text value)
{
    static const struct {
        struct hn_text key;
        enum vba_module_type type;
    } kinds[] = {
        { HN_TEXT_INIT("Document"), VBA_MODULE_DOCUMENT },
        { HN_TEXT_INIT("Module"), VBA_MODULE_STANDARD },
        { HN_TEXT_INIT("Class"), VBA_MODULE_CLASS },
        { HN_TEXT_INIT("BaseClass"), VBA_MODULE_FORM },
    };

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (hn_text_eq_nocase(key, kinds[i].key)) {
            module_line(reader, value, kinds[i].type);
            return;
        }
    }
    if (hn_text_eq_nocase(key, HN_TEXT("Name")) && reader->project.name.len == 0)
        reader->project.name = hn_arena_text(reader->arena, unquote(value));
    else
        protection_line(reader, key, value);
}

void vba_project_text_read(struct vba_reader *reader, struct hn_bytes project)
{
    struct hn_text rest = vba_text(reader, reader->project.codepage, project, NULL);
    struct hn_text line;
    bool any = false;

    while (rest.len > 0 && hn_text_line(&rest, &line)) {
        size_t equals = hn_text_find_char(line, '=', 0);

        line = hn_text_trim(line);
        if (line.len > 0 && line.ptr[0] == '[')
            break; /* [Host Extender Info], [Workspace]: windows on the screen */
        if (equals == SIZE_MAX)
            continue;
        any = true;
        property_line(
                reader, hn_text_sub(line, 0, equals), hn_text_sub(line, equals + 1, line.len));
    }
    for (size_t i = 0; any && i < reader->drafts.count; i++) {
        struct vba_draft *draft = &reader->drafts.ptr[i];

        if (!draft->listed && (draft->module.odd & VBA_ODD_ORPHAN) == 0)
            draft->module.odd |= VBA_ODD_HIDDEN;
    }
}
