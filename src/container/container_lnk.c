/* container_lnk.c - shortcuts ([MS-SHLLINK]) and Internet shortcuts: what they start, and what they
 * show instead. Item lists, LinkInfo and extra blocks are container_lnk_*.c's. */
#include "container/container_lnk_internal.h"

#include "base/utf.h"

#include <stdio.h>

#define HEADER_BYTES     76u
#define BLANKS_SUSPECT   100u
#define STRING_UNITS_MAX 260u

/* ---- The header ---- */

static void read_header(struct lnk *lnk)
{
    static const char *const shows[] = { [1] = "normal", [3] = "maximised", [7] = "minimised" };
    const uint8_t *p = lnk->data.ptr;
    uint32_t show = hn_load_u32(p + 60);
    char text[24];

    lnk->flags = hn_load_u32(p + 20);
    (void)snprintf(text, sizeof text, "0x%08x", (unsigned)lnk->flags);
    dissect_fact(lnk->dissect, lnk->id, "link_flags", hn_text_cstr(text));
    dissect_fact_u64(lnk->dissect, lnk->id, "file_attributes", hn_load_u32(p + 24));
    lnk_time(lnk, "created", hn_load_u64(p + 28));
    lnk_time(lnk, "accessed", hn_load_u64(p + 36));
    lnk_time(lnk, "modified", hn_load_u64(p + 44));
    dissect_fact_u64(lnk->dissect, lnk->id, "target_size", hn_load_u32(p + 52));
    (void)snprintf(text, sizeof text, "%ld", (long)(int32_t)hn_load_u32(p + 56));
    dissect_fact(lnk->dissect, lnk->id, "icon_index", hn_text_cstr(text));
    dissect_fact(lnk->dissect, lnk->id, "show_command",
            show < HN_COUNT_OF(shows) && shows[show] != NULL ? hn_text_cstr(shows[show])
                                                             : HN_TEXT("normal"));
    dissect_fact_u64(lnk->dissect, lnk->id, "hotkey", hn_load_u16(p + 64));
}

/* ---- StringData ---- */

static struct hn_text read_string(struct lnk *lnk, struct hn_reader *r, const char *name)
{
    bool wide = (lnk->flags & LNK_IS_UNICODE) != 0;
    uint16_t count = hn_reader_u16(r);
    size_t len;
    struct hn_text text;

    /* Windows reads no more of these, whatever the count says; a count of thousands is a way to
     * make other readers lose the arguments behind. */
    if (count > STRING_UNITS_MAX && strcmp(name, "arguments") != 0) {
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_MISMATCH, hn_reader_offset(r) - 2,
                "the text %s states %u characters, of which Windows reads %u", name, count,
                STRING_UNITS_MAX);
        count = STRING_UNITS_MAX;
    }
    len = wide ? (size_t)count * 2 : count;
    if (len > hn_reader_left(r)) {
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_TRUNCATED, hn_reader_offset(r),
                "the text %s leaves the shortcut", name);
        len = wide ? hn_reader_left(r) & ~(size_t)1 : hn_reader_left(r);
    }
    text = wide ? container_utf16(lnk->dissect, hn_reader_take(r, len))
                : lnk_ansi_text(lnk, hn_reader_take(r, len));
    dissect_fact(lnk->dissect, lnk->id, name, text);
    return text;
}

static void read_strings(struct lnk *lnk, struct hn_reader *r)
{
    if ((lnk->flags & LNK_HAS_NAME) != 0)
        (void)read_string(lnk, r, "description");
    if ((lnk->flags & LNK_HAS_RELATIVE_PATH) != 0)
        lnk->relative_path = read_string(lnk, r, "relative_path");
    if ((lnk->flags & LNK_HAS_WORKING_DIR) != 0)
        (void)read_string(lnk, r, "working_directory");
    if ((lnk->flags & LNK_HAS_ARGUMENTS) != 0)
        lnk->arguments = read_string(lnk, r, "arguments");
    if ((lnk->flags & LNK_HAS_ICON_LOCATION) != 0)
        lnk->icon = read_string(lnk, r, "icon_location");
}

/* ---- What it starts ---- */

static struct hn_text base_name(struct hn_text path)
{
    size_t start = path.len;

    while (start > 0 && path.ptr[start - 1] != '\\' && path.ptr[start - 1] != '/')
        start--;
    return hn_text_sub(path, start, SIZE_MAX);
}

static bool is_interpreter(struct hn_text path)
{
    static const char *const names[] = { "cmd.exe", "powershell.exe", "pwsh.exe", "wscript.exe",
        "cscript.exe", "mshta.exe", "rundll32.exe", "regsvr32.exe", "msiexec.exe", "certutil.exe",
        "bitsadmin.exe", "conhost.exe", "forfiles.exe", "ssh.exe", "curl.exe", "installutil.exe",
        "msbuild.exe", "hh.exe", "control.exe", "explorer.exe", "wmic.exe", "%comspec%" };
    struct hn_text name = base_name(path);

    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (hn_text_eq_nocase(name, hn_text_cstr(names[i])))
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The properties window shows 260 characters; blanks push the rest out of sight. */
static void note_blanks(struct lnk *lnk)
{
    size_t run = 0;
    size_t longest = 0;

    for (size_t i = 0; i < lnk->arguments.len; i++) {
        run = is_blank(lnk->arguments.ptr[i]) ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    if (longest >= BLANKS_SUSPECT)
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "%llu blanks hide the end of its arguments", (unsigned long long)longest);
}

static struct hn_text target_of(struct lnk *lnk)
{
    struct hn_text items = hn_buf_text(&lnk->items_path);

    if (lnk->expanded.len > 0 && (lnk->flags & LNK_HAS_EXP_STRING) != 0)
        return lnk->expanded;
    if (items.len > 0 && !hn_text_starts(items, HN_TEXT("::{")))
        return items;
    if (lnk->info_path.len > 0)
        return lnk->info_path;
    if (lnk->expanded.len > 0)
        return lnk->expanded;
    return items.len > 0 ? items : lnk->relative_path;
}

static void note_deception(struct lnk *lnk, struct hn_text target)
{
    struct hn_text shown = lnk->info_path.len > 0 ? lnk->info_path : hn_buf_text(&lnk->items_path);

    if (shown.len > 0 && !hn_text_eq_nocase(base_name(shown), base_name(target)) &&
            !hn_text_eq_nocase(target, HN_TEXT("%comspec%"))) {
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                "names two targets, %.*s and %.*s", (int)hn_text_sub(shown, 0, 120).len, shown.ptr,
                (int)hn_text_sub(target, 0, 120).len, target.ptr);
    }
    if (lnk->icon.len > 0 && is_interpreter(target) &&
            !hn_text_eq_nocase(base_name(lnk->icon), base_name(target))) {
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_MISMATCH, DISSECT_NOWHERE,
                "starts an interpreter behind the icon of %.*s",
                (int)hn_text_sub(lnk->icon, 0, 120).len, lnk->icon.ptr);
    }
}

static enum hn_status add_command(struct lnk *lnk, struct hn_text target)
{
    struct hn_text arguments = lnk->arguments;
    struct hn_buf line = { 0 };
    struct container_entry out = { .name = HN_TEXT("command"),
        .name_is_utf8 = true,
        .relation = "command",
        .format = DISSECT_COMMAND };
    bool quoted = hn_text_find_char(target, ' ', 0) != SIZE_MAX;
    struct hn_text kept;

    while (arguments.len > 0 && is_blank(arguments.ptr[0]))
        arguments = hn_text_sub(arguments, 1, SIZE_MAX);
    if (arguments.len == 0)
        return HN_OK;
    hn_buf_addf(&line, "%s", quoted ? "\"" : "");
    hn_buf_add_text(&line, target);
    hn_buf_addf(&line, "%s ", quoted ? "\"" : "");
    hn_buf_add_text(&line, arguments);
    kept = hn_arena_text(dissect_arena(lnk->dissect), hn_buf_text(&line));
    hn_buf_deinit(&line);
    if (kept.ptr == NULL)
        return container_no_memory(lnk->dissect, lnk->id);
    out.data = hn_text_as_bytes(kept);
    return container_add(lnk->dissect, lnk->id, &out, NULL);
}

static enum hn_status conclude(struct lnk *lnk, size_t end)
{
    struct hn_text target = target_of(lnk);
    struct container_entry out = { .name = HN_TEXT("appended"),
        .name_is_utf8 = true,
        .relation = "appended",
        .data = container_cut(lnk->data, end, lnk->data.len) };
    enum hn_status status;
    size_t zeros = 0;

    if (target.len > 0) {
        dissect_fact(lnk->dissect, lnk->id, "target", target);
        note_deception(lnk, target);
    }
    note_blanks(lnk);
    if (lnk->arguments.len > 0)
        dissect_text(
                lnk->dissect, lnk->id, "command", lnk->arguments, HN_TEXT(""), DISSECT_NOWHERE);
    status = add_command(lnk, target);
    while (zeros < out.data.len && out.data.ptr[zeros] == 0)
        zeros++;
    if (status != HN_OK || zeros == out.data.len)
        return status;
    dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_HIDDEN, end, "%llu bytes stand behind it",
            (unsigned long long)out.data.len);
    return container_add(lnk->dissect, lnk->id, &out, NULL);
}

static enum hn_status read_all(struct lnk *lnk)
{
    struct hn_reader r = hn_reader_over(lnk->data);
    size_t end;

    read_header(lnk);
    hn_reader_seek(&r, HEADER_BYTES);
    if ((lnk->flags & LNK_HAS_ID_LIST) != 0) {
        uint16_t len = hn_reader_u16(&r);

        lnk_read_items(lnk, hn_reader_take(&r, len));
    }
    if (hn_reader_ok(&r) && (lnk->flags & LNK_HAS_LINK_INFO) != 0 &&
            (lnk->flags & LNK_FORCE_NO_INFO) == 0) {
        struct hn_reader ahead = r;
        uint32_t len = hn_reader_u32(&ahead);

        if (len >= 4)
            lnk_read_info(lnk, hn_reader_take(&r, len));
        else
            hn_reader_skip(&r, 4);
    }
    if (hn_reader_ok(&r))
        read_strings(lnk, &r);
    if (!hn_reader_ok(&r)) {
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_TRUNCATED, lnk->data.len,
                "the shortcut is cut off");
        return conclude(lnk, lnk->data.len);
    }
    end = lnk_read_extra(lnk, hn_reader_offset(&r));
    return conclude(lnk, end);
}

enum hn_status container_open_lnk(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct lnk lnk = { .dissect = dissect, .id = id, .data = dissect_get(dissect, id)->data };
    enum hn_status status = HN_OK;

    if (lnk.data.len < HEADER_BYTES || hn_load_u32(lnk.data.ptr) != HEADER_BYTES)
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "not a shortcut, or cut off");
    else
        status = read_all(&lnk);
    hn_buf_deinit(&lnk.items_path);
    return status == HN_NOMEM ? hn_fail(err, status, 0, "out of memory") : HN_OK;
}

/* ---- Internet shortcuts ---- */

enum hn_status container_open_url(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    static const struct {
        const char *key;
        const char *fact;
    } keys[] = {
        { "URL=", "url" }, { "BASEURL=", "base_url" }, { "IconFile=", "icon_location" },
        { "WorkingDirectory=", "working_directory" }, { "ShowCommand=", "show_command" },
        { "HotKey=", "hotkey" }, { "Modified=", "modified" },
        { "IconResource=", "icon_location" }, /* desktop.ini */
        { "Wallpaper=", "wallpaper" },        /* .theme, and the next three */
        { "SCRNSAVE.EXE=", "screen_saver" }, { "Path=", "visual_style" },
        { "DefaultValue=", "sound" }, { "Command=", "shell_command" }, /* .scf */
    };
    struct hn_bytes data = dissect_get(dissect, id)->data;
    struct hn_text rest;
    struct hn_text line;

    (void)err;
    if (data.len >= 2 && data.ptr[0] == 0xFF && data.ptr[1] == 0xFE)
        rest = container_utf16(dissect, container_cut(data, 2, data.len));
    else
        rest = hn_bytes_as_text(data);
    if (rest.ptr == NULL)
        return container_no_memory(dissect, id);
    while (hn_text_line(&rest, &line)) {
        line = hn_text_trim(line);
        for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
            struct hn_text value;

            if (!hn_text_starts_nocase(line, hn_text_cstr(keys[i].key)))
                continue;
            value = hn_text_trim(hn_text_sub(line, strlen(keys[i].key), SIZE_MAX));
            container_pointer(dissect, id, keys[i].fact, value);
        }
    }
    return HN_OK;
}
