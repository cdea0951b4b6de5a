/* iocs_load.c - indicator files and warning lists into one set. */
#include "app/files.h"
#include "app/rules_load.h"
#include "app/ui.h"

#include "base/escape.h"

static int load_file(struct ioc_builder *builder, const char *path, const char *columns)
{
    struct file_text file = { 0 };
    struct ioc_report report = { 0 };
    struct hn_err err = { 0 };
    struct ioc_input input = { .name = hn_text_cstr(path), .format = IOC_FORMAT_AUTO };
    enum hn_status status = file_read(path, &file, &err);

    if (status == HN_OK) {
        input.bytes = hn_text_as_bytes(file.text);
        input.columns = hn_text_cstr(columns == NULL ? "" : columns);
        status = ioc_load(builder, &input, &report, &err);
    }
    if (status != HN_OK)
        ui_error_at(hn_text_cstr(path), &err);
    else if (report.rejected > 0) {
        ui_warn(UI_TEXT("%s: %llu of %llu entries are not usable as indicators",
                        "%s: %llu / %llu 件は指標として使えません"),
                path, (unsigned long long)report.rejected, (unsigned long long)report.entries);
    }
    ioc_report_deinit(&report);
    file_text_free(&file);
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

static int load_warninglist(struct ioc_builder *builder, const char *path)
{
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = file_read(path, &file, &err);

    if (status == HN_OK)
        status = ioc_warnlist_load(builder, hn_text_as_bytes(file.text), IOC_WARN_AUTO, NULL, &err);
    if (status != HN_OK)
        ui_error_at(hn_text_cstr(path), &err);
    file_text_free(&file);
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

static int load_all(
        struct ioc_builder *builder, const char *path, const char *columns, bool warning)
{
    struct file_list files = { 0 };
    struct hn_err err = { 0 };
    int code = EXIT_FINE;

    if (files_find(path, NULL, NULL, &files, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        code = EXIT_IO;
    }
    for (size_t i = 0; code == EXIT_FINE && i < files.count; i++)
        code = warning ? load_warninglist(builder, files.ptr[i])
                       : load_file(builder, files.ptr[i], columns);
    file_list_deinit(&files);
    return code;
}

int iocs_load(const char *const *paths, size_t path_count, const char *columns,
        const char *const *warninglists, size_t warninglist_count, struct ioc_set **ret_set)
{
    struct ioc_builder *builder;
    struct hn_err err = { 0 };
    int code = EXIT_FINE;

    *ret_set = NULL;
    if (path_count == 0)
        return EXIT_FINE;
    builder = ioc_builder_new(NULL);
    if (builder == NULL)
        return EXIT_IO;
    for (size_t i = 0; code == EXIT_FINE && i < warninglist_count; i++)
        code = load_all(builder, warninglists[i], NULL, true);
    for (size_t i = 0; code == EXIT_FINE && i < path_count; i++)
        code = load_all(builder, paths[i], columns, false);
    if (code == EXIT_FINE && ioc_seal(builder, ret_set, &err) != HN_OK) {
        ui_error_at(HN_TEXT("indicators"), &err);
        code = EXIT_IO;
    }
    ioc_builder_free(builder);
    return code;
}
