/* rule_bundle.c - collects rule files, and nothing else that lies in a source. */
#include "app/rule_bundle.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"
#include "base/mem.h"
#include "base/utf.h"
#include "input/input.h"

#include <stdlib.h>
#include <sys/stat.h>

/* Folders of rule repositories that hold no rules to be run. */
static bool skip_folder(const char *name)
{
    static const char *const names[] = { "unsupported", "deprecated", "tests", "regression_data",
        "documentation", "images", "other", "tools" };

    if (name[0] == '.')
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Rules, and the licence they are under. */
static bool want_file(const char *name)
{
    struct hn_text text = hn_text_cstr(name);

    return name[0] != '.' && (hn_text_ends_nocase(text, HN_TEXT(".yml")) ||
                                     hn_text_ends_nocase(text, HN_TEXT(".yaml")) ||
                                     hn_text_starts_nocase(text, HN_TEXT("LICENSE")));
}

bool rule_bundle_path_is_safe(struct hn_text path)
{
    struct hn_text rest = path;
    struct hn_text part;

    if (path.len == 0 || path.len > BUNDLE_PATH_MAX || !hn_utf8_valid(hn_text_as_bytes(path)))
        return false;
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];

        if (c < 0x20 || c == 0x7F || c == '\\' || c == ':')
            return false;
    }
    while (hn_text_split(&rest, '/', &part)) {
        if (part.len == 0 || part.len > 200 || hn_text_eq(part, HN_TEXT(".")) ||
                hn_text_eq(part, HN_TEXT("..")))
            return false;
    }
    return true;
}

static bool is_wanted_path(struct hn_text path)
{
    struct hn_text rest = path;
    struct hn_text part;
    char name[256];

    while (hn_text_split(&rest, '/', &part)) {
        if (part.len >= sizeof name)
            return false;
        memcpy(name, part.ptr, part.len);
        name[part.len] = '\0';
        if (rest.ptr == NULL)
            return want_file(name);
        if (skip_folder(name))
            return false;
    }
    return false;
}

static int refuse(struct hn_text path, const char *reason)
{
    struct hn_err err = { .status = HN_LIMIT };

    (void)snprintf(err.msg, sizeof err.msg, "%s", reason);
    ui_error_at(path, &err);
    return EXIT_RULES;
}

/* Takes bytes over. */
static int add_file(struct rule_bundle *bundle, struct hn_text path, char *bytes, size_t len)
{
    struct bundle_file *file = hn_vec_add(&bundle->files);
    char *copy = hn_malloc(path.len + 1);

    if (file == NULL || copy == NULL) {
        hn_free(copy);
        hn_free(bytes);
        bundle->files.count -= file != NULL;
        ui_error("%s", UI_TEXT("out of memory", "メモリー不足"));
        return EXIT_IO;
    }
    memcpy(copy, path.ptr, path.len);
    copy[path.len] = '\0';
    *file = (struct bundle_file){ copy, bytes, len };
    bundle->bytes += len;
    if (bundle->files.count > BUNDLE_FILES_MAX || bundle->bytes > BUNDLE_BYTES_MAX)
        return refuse(path, UI_TEXT("too many or too large files for a set of rules",
                                    "ルールとしてはファイルが多すぎるか大きすぎます"));
    return EXIT_FINE;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct bundle_file *)a)->path, ((const struct bundle_file *)b)->path);
}

static int finish(struct rule_bundle *bundle)
{
    struct bundle_file *files = bundle->files.ptr;

    if (bundle->files.count > 1)
        qsort(files, bundle->files.count, sizeof *files, by_path);
    for (size_t i = 1; i < bundle->files.count; i++) {
        if (strcmp(files[i].path, files[i - 1].path) == 0)
            return refuse(hn_text_cstr(files[i].path),
                    UI_TEXT("two files have this path", "同じパスのファイルが二つあります"));
    }
    return EXIT_FINE;
}

/* ---- Folders ---- */

static int take_file(struct rule_bundle *bundle, const char *path, size_t skip)
{
    struct hn_text below = hn_text_cstr(path + skip);
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    struct stat info;
    char *bytes;
    int code;

    if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return EXIT_FINE; /* a link: what it points to is not of this source */
    if (!rule_bundle_path_is_safe(below))
        return refuse(below, UI_TEXT("this path is not safe to write", "安全でないパスです"));
    if ((uint64_t)info.st_size > BUNDLE_FILE_BYTES_MAX)
        return refuse(below, UI_TEXT("the file is too large for rules", "ルールには大きすぎます"));
    if (file_read(path, &file, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        return EXIT_IO;
    }
    bytes = hn_malloc(file.text.len + 1);
    if (bytes != NULL && file.text.len > 0)
        memcpy(bytes, file.text.ptr, file.text.len);
    code = bytes == NULL ? EXIT_IO : add_file(bundle, below, bytes, file.text.len);
    file_text_free(&file);
    return code;
}

int rule_bundle_read_folder(struct rule_bundle *bundle, const char *folder)
{
    struct file_list files = { 0 };
    struct hn_err err = { 0 };
    size_t skip = strlen(folder);
    int code = EXIT_FINE;

    if (files_find(folder, skip_folder, want_file, &files, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(folder), &err);
        file_list_deinit(&files);
        return EXIT_IO;
    }
    if (skip > 0 && folder[skip - 1] != '/')
        skip++;
    for (size_t i = 0; code == EXIT_FINE && i < files.count; i++)
        code = take_file(bundle, files.ptr[i], skip);
    file_list_deinit(&files);
    return code == EXIT_FINE ? finish(bundle) : code;
}

/* ---- Archives ---- */

struct archive_problem {
    bool damaged;
};

static void on_note(void *ctx, const struct input_note *note)
{
    struct archive_problem *problem = ctx;
    struct hn_err err = { .status = HN_CORRUPT };

    problem->damaged = true;
    (void)snprintf(err.msg, sizeof err.msg, "%s",
            note->reason[0] != '\0'            ? note->reason
            : note->kind == INPUT_NOTE_FINDING ? hn_finding_text(note->finding)
                                               : input_note_id(note->kind));
    ui_error_at(note->name, &err);
}

/* The path inside the archive; inside of archives in it nothing is looked for. */
static bool inner_path(struct hn_text name, struct hn_text archive, struct hn_text *ret_path)
{
    if (!hn_text_starts(name, archive) ||
            !hn_text_starts(hn_text_sub(name, archive.len, name.len), HN_TEXT("!/")))
        return false;
    *ret_path = hn_text_sub(name, archive.len + 2, name.len);
    while (hn_text_starts(*ret_path, HN_TEXT("./"))) /* as `tar c .` writes them */
        *ret_path = hn_text_sub(*ret_path, 2, ret_path->len);
    return hn_text_find(*ret_path, HN_TEXT("!/"), 0) == SIZE_MAX;
}

static int read_entry(struct rule_bundle *bundle, struct input *input, struct hn_text path)
{
    struct hn_buf bytes = { .cap_bytes = BUNDLE_FILE_BYTES_MAX };
    struct hn_err err = { 0 };
    char piece[16384];
    size_t len;
    enum hn_status status;

    do {
        status = input_read(input, piece, sizeof piece, &len, &err);
        if (status == HN_OK)
            hn_buf_add(&bytes, piece, len);
    } while (status == HN_OK && len > 0);
    if (status != HN_OK || !hn_buf_ok(&bytes)) {
        hn_buf_deinit(&bytes);
        if (status == HN_OK)
            return refuse(
                    path, UI_TEXT("the file is too large for rules", "ルールには大きすぎます"));
        ui_error_at(path, &err);
        return EXIT_IO;
    }
    return add_file(bundle, path, bytes.ptr, bytes.len); /* the buffer's memory changes hands */
}

static int read_entries(struct rule_bundle *bundle, struct input *input, struct hn_text archive)
{
    struct input_entry entry;
    struct hn_err err = { 0 };
    enum hn_status status = HN_OK;
    int code = EXIT_FINE;

    while (code == EXIT_FINE && (status = input_next(input, &entry, &err)) == HN_OK) {
        char copy[BUNDLE_PATH_MAX + 1];
        struct hn_text path;

        if (!inner_path(entry.name, archive, &path))
            continue;
        if (!rule_bundle_path_is_safe(path))
            return refuse(
                    entry.name, UI_TEXT("this path is not safe to write", "安全でないパスです"));
        if (!is_wanted_path(path))
            continue;
        memcpy(copy, path.ptr, path.len); /* the name ends with the next entry */
        code = read_entry(bundle, input, hn_text_of(copy, path.len));
    }
    if (code == EXIT_FINE && status != HN_NOTFOUND) {
        ui_error_at(archive, &err);
        code = EXIT_IO;
    }
    return code;
}

/* Archives of repositories have one folder around everything, named after a version; without it the
 * same file keeps its path from one archive to the next. */
static void strip_top_folder(struct rule_bundle *bundle)
{
    const char *slash = bundle->files.count == 0 ? NULL : strchr(bundle->files.ptr[0].path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - bundle->files.ptr[0].path) + 1;

    for (size_t i = 0; i < bundle->files.count; i++) {
        if (strncmp(bundle->files.ptr[i].path, bundle->files.ptr[0].path, len) != 0)
            return;
    }
    for (size_t i = 0; len > 0 && i < bundle->files.count; i++) {
        char *path = bundle->files.ptr[i].path;

        memmove(path, path + len, strlen(path + len) + 1);
    }
}

int rule_bundle_read_archive(struct rule_bundle *bundle, const char *path)
{
    struct archive_problem problem = { false };
    struct input_options options = { .on_note = on_note, .ctx = &problem };
    struct hn_text name = hn_text_cstr(path);
    struct input *input = NULL;
    struct hn_err err = { 0 };
    int code;

    if (input_open(&name, 1, &options, &input, &err) != HN_OK) {
        ui_error_at(name, &err);
        return EXIT_IO;
    }
    code = read_entries(bundle, input, name);
    input_close(input);
    if (code == EXIT_FINE && problem.damaged)
        code = EXIT_IO; /* half a set of rules is none */
    strip_top_folder(bundle);
    return code == EXIT_FINE ? finish(bundle) : code;
}

/* ---- Both ---- */

struct hn_digest rule_bundle_digest(const struct rule_bundle *bundle)
{
    struct hn_digest digest = hn_digest_of("rules", 5);

    for (size_t i = 0; i < bundle->files.count; i++) {
        const struct bundle_file *file = &bundle->files.ptr[i];

        digest = hn_digest_join(digest, hn_digest_of(file->path, strlen(file->path)));
        digest = hn_digest_join(digest, hn_digest_of(file->bytes, file->len));
    }
    return digest;
}

void rule_bundle_deinit(struct rule_bundle *bundle)
{
    for (size_t i = 0; i < bundle->files.count; i++) {
        hn_free(bundle->files.ptr[i].path);
        hn_free(bundle->files.ptr[i].bytes);
    }
    hn_vec_deinit(&bundle->files);
    bundle->bytes = 0;
}
