/* test_lnk_samples.c - the shortcuts of the shared data against the JSON that stands beside them,
 * field by field. Differences are listed below with who is right. */
#include "container/container.h"

#include "base/enc.h"
#include "base/json_in.h"
#include "base/vec.h"
#include "open.h"
#include "support/shared.h"

#include <stdlib.h>

struct pair {
    struct hn_text path;
    struct hn_text value;
};

struct flat {
    struct hn_arena arena;
    HN_VEC(struct pair) pairs;
    struct hn_text format; /* of the property store the walk is in */
    bool in_file_entry;
    struct hn_text property; /* the id or name of the property it is at */
};

struct field {
    const char *path;
    const char *fact;
};

static const struct field fields[] = {
    { ".header.r_link_flags", "link_flags" },
    { ".header.r_file_flags", "file_attributes" },
    { ".header.creation_time", "created" },
    { ".header.accessed_time", "accessed" },
    { ".header.modified_time", "modified" },
    { ".header.file_size", "target_size" },
    { ".header.icon_index", "icon_index" },
    { ".header.windowstyle", "show_command" },
    { ".header.r_hotkey", "hotkey" },
    { ".data.description", "description" },
    { ".data.relative_path", "relative_path" },
    { ".data.working_directory", "working_directory" },
    { ".data.command_line_arguments", "arguments" },
    { ".data.icon_location", "icon_location" },
    { ".link_info.local_base_path", "local_base_path" },
    { ".link_info.common_path_suffix", "common_path_suffix" },
    { ".link_info.location_info.drive_type", "drive_type" },
    { ".link_info.location_info.drive_serial_number", "drive_serial" },
    { ".link_info.location_info.volume_label", "volume_label" },
    { ".link_info.location_info.net_name", "net_name" },
    { ".link_info.location_info.device_name", "device_name" },
    { ".link_info.location_info.r_network_provider_type", "network_provider" },
    { ".target.items[].class", "item_kind" },
    { ".target.items[].guid", "item_guid" },
    { ".target.items[].volume_name", "item_volume" },
    { ".target.items[].volume_identifier", "item_volume_guid" },
    { ".target.items[].primary_name", "item_name" },
    { ".target.items[].file_size", "item_size" },
    { ".target.items[].file_attribute_flags", "item_attributes" },
    { ".target.items[].modification_time", "item_modified" },
    { ".extra.ENVIRONMENTAL_VARIABLES_LOCATION_BLOCK.target_ansi", "environment_target_ansi" },
    { ".extra.ENVIRONMENTAL_VARIABLES_LOCATION_BLOCK.target_unicode", "environment_target" },
    { ".extra.ICON_LOCATION_BLOCK.target_ansi", "icon_environment_ansi" },
    { ".extra.ICON_LOCATION_BLOCK.target_unicode", "icon_environment" },
    { ".extra.DARWIN_BLOCK.darwin_data_ansi", "darwin_ansi" },
    { ".extra.DARWIN_BLOCK.darwin_data_unicode", "darwin" },
    { ".extra.DISTRIBUTED_LINK_TRACKER_BLOCK.machine_identifier", "machine_id" },
    { ".extra.DISTRIBUTED_LINK_TRACKER_BLOCK.droid_volume_identifier", "droid_volume" },
    { ".extra.DISTRIBUTED_LINK_TRACKER_BLOCK.droid_file_identifier", "droid_file" },
    { ".extra.DISTRIBUTED_LINK_TRACKER_BLOCK.birth_droid_volume_identifier", "birth_droid_volume" },
    { ".extra.DISTRIBUTED_LINK_TRACKER_BLOCK.birth_droid_file_identifier", "birth_droid_file" },
    { ".extra.KNOWN_FOLDER_LOCATION_BLOCK.known_folder_id", "known_folder" },
    { ".extra.SPECIAL_FOLDER_LOCATION_BLOCK.special_folder_id", "special_folder" },
    { ".extra.CONSOLE_PROPERTIES_BLOCK.face_name", "console_font" },
    { "property", "property" },
};

/* ---- JSON ---- */

static void put(struct flat *flat, struct hn_text path, struct hn_text value)
{
    struct pair *pair = hn_vec_add(&flat->pairs);

    assert_non_null(pair);
    pair->path = hn_arena_text(&flat->arena, path);
    pair->value = hn_arena_text(&flat->arena, value);
}

static void put_property(struct flat *flat, struct hn_text value)
{
    struct hn_buf text = { 0 };

    hn_buf_add_text(&text, flat->format);
    hn_buf_add_char(&text, '/');
    hn_buf_add_text(&text, flat->property);
    hn_buf_add_char(&text, '=');
    hn_buf_add_text(&text, value);
    put(flat, HN_TEXT("property"), hn_buf_text(&text));
    hn_buf_deinit(&text);
}

static void put_leaf(struct flat *flat, struct hn_text path, struct hn_text value, bool is_text)
{
    if (hn_text_ends(path, HN_TEXT(".format_id")))
        flat->format = hn_arena_text(&flat->arena, value);
    else if (hn_text_ends(path, HN_TEXT("_values[].id")) ||
             hn_text_ends(path, HN_TEXT("_values[].name")))
        flat->property = hn_arena_text(&flat->arena, value);
    else if (hn_text_ends(path, HN_TEXT("_values[].value")) && is_text)
        put_property(flat, value);
    put(flat, path, value);
}

static void walk(struct flat *flat, struct hn_json_in *in, struct hn_text path)
{
    struct hn_buf below = { 0 };
    struct hn_text text;

    hn_buf_add_text(&below, path);
    switch (hn_json_in_peek(in)) {
    case '{':
        assert_true(hn_json_in_open(in, '{'));
        while (hn_json_in_member(in, &flat->arena, &text)) {
            below.len = path.len;
            /* A file within a folder of users has its facts as any file; its class is the folder.
             */
            if (!hn_text_eq(text, HN_TEXT("file_entry"))) {
                hn_buf_add_char(&below, '.');
                hn_buf_add_text(&below, text);
            }
            if (flat->in_file_entry && hn_text_eq(text, HN_TEXT("class")))
                hn_buf_add_cstr(&below, " of the file");
            flat->in_file_entry = hn_text_eq(text, HN_TEXT("file_entry"));
            walk(flat, in, hn_arena_text(&flat->arena, hn_buf_text(&below)));
            flat->in_file_entry = false;
        }
        break;
    case '[':
        assert_true(hn_json_in_open(in, '['));
        hn_buf_add_cstr(&below, "[]");
        while (hn_json_in_item(in))
            walk(flat, in, hn_arena_text(&flat->arena, hn_buf_text(&below)));
        break;
    case '"':
        assert_true(hn_json_in_text(in, &flat->arena, &text));
        put_leaf(flat, path, text, true);
        break;
    default:
        assert_true(hn_json_in_raw(in, &text));
        if (!hn_text_eq(text, HN_TEXT("null")))
            put_leaf(flat, path, text, false);
        break;
    }
    hn_buf_deinit(&below);
}

/* ---- How the two write the same ---- */

static const char *const words[][2] = {
    { "SW_SHOWNORMAL", "normal" },
    { "SW_SHOWMAXIMIZED", "maximised" },
    { "SW_SHOWMINNOACTIVE", "minimised" },
    { "DRIVE_FIXED", "fixed" },
    { "DRIVE_REMOVABLE", "removable" },
    { "DRIVE_REMOTE", "remote" },
    { "DRIVE_UNKNOWN", "unknown" },
    { "Root Folder", "root" },
    { "Volume Item", "volume" },
    { "File entry", "file" },
    { "Network location", "network" },
    { "Users files folder", "users_files" },
    { "Control panel CPL file", "0x00" },
};

static struct hn_text as_ours(struct flat *flat, const struct field *field, struct hn_text value)
{
    char text[64];

    for (size_t i = 0; i < HN_COUNT_OF(words); i++)
        if (hn_text_eq(value, hn_text_cstr(words[i][0])))
            return hn_text_cstr(words[i][1]);
    if (strcmp(field->fact, "link_flags") == 0) {
        (void)snprintf(text, sizeof text, "0x%08lx", strtoul(value.ptr, NULL, 10));
        return hn_arena_text(&flat->arena, hn_text_cstr(text));
    }
    if (strcmp(field->fact, "drive_serial") == 0) {
        (void)snprintf(text, sizeof text, "0x%08lx", strtoul(value.ptr, NULL, 16));
        return hn_arena_text(&flat->arena, hn_text_cstr(text));
    }
    if (value.len == 25 && hn_text_ends(value, HN_TEXT("+00:00"))) {
        (void)snprintf(text, sizeof text, "%.19sZ", value.ptr);
        return hn_arena_text(&flat->arena, hn_text_cstr(text));
    }
    return value;
}

/* ---- Comparing ---- */

/* What differs, and why. Anything else fails the test. */
static const struct {
    const char *sample;
    const char *fact;
    const char *reason;
} known[] = {
    { "decoding_error4", "common_path_suffix",
            "byte 0x90 is U+0090 in Windows' code page 1252, as the Unicode path beside it shows; "
            "they give U+FFFD" },
};

struct tally {
    size_t same;
    size_t known;
    size_t wrong;
};

static bool is_known(const char *sample, const char *fact)
{
    for (size_t i = 0; i < HN_COUNT_OF(known); i++)
        if (strcmp(known[i].sample, sample) == 0 && strcmp(known[i].fact, fact) == 0)
            return true;
    return false;
}

static void report(struct tally *tally, const char *sample, const struct field *field,
        struct hn_text ours, struct hn_text theirs)
{
    if (is_known(sample, field->fact)) {
        tally->known++;
        return;
    }
    tally->wrong++;
    (void)fprintf(stderr, "%s %s\n    ours   %.*s\n    theirs %.*s\n", sample, field->fact,
            HN_TEXT_ARG(ours), HN_TEXT_ARG(theirs));
}

static void compare(
        struct tally *tally, const char *sample, struct flat *flat, const struct dissect *dissect)
{
    for (size_t f = 0; f < HN_COUNT_OF(fields); f++) {
        size_t n = 0;

        for (size_t i = 0; i < flat->pairs.count; i++) {
            struct hn_text theirs = flat->pairs.ptr[i].value;
            struct hn_text ours;

            if (!hn_text_eq(flat->pairs.ptr[i].path, hn_text_cstr(fields[f].path)))
                continue;
            theirs = as_ours(flat, &fields[f], theirs);
            do { /* properties that they leave null are in ours */
                ours = fact_of(dissect, 0, fields[f].fact, n++);
            } while (strcmp(fields[f].fact, "property") == 0 && ours.ptr != NULL &&
                     !hn_text_eq(ours, theirs));
            if (ours.ptr != NULL && hn_text_eq(ours, theirs))
                tally->same++;
            else
                report(tally, sample, &fields[f], ours, theirs);
        }
    }
}

static struct hn_bytes decode(struct hn_buf *out, struct hn_bytes coded)
{
    assert_true(hn_base64_decode(out, hn_bytes_as_text(coded)));
    return hn_text_as_bytes(hn_buf_text(out));
}

static const char *const samples[] = { "broken_link_info", "console_properties_block",
    "darwin_block", "darwin_block_modified", "decoding_error", "decoding_error2", "decoding_error3",
    "decoding_error4", "extra_data", "invalid_date", "invalid_date2", "invalid_date3",
    "microsoft_example", "network_info", "padded_cli_arguments", "sample", "sample10", "sample11",
    "sample12", "sample13", "sample14", "sample15", "sample16", "sample17", "sample2", "sample3",
    "sample4", "sample5", "sample6", "sample7", "sample8", "sample9", "unknown_block",
    "unknown_target" };

static void fields_are_those_of_the_json(void **state)
{
    struct tally tally = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(samples); i++) {
        char below[128];
        struct flat flat = { 0 };
        struct hn_buf bytes = { 0 };
        struct hn_bytes coded;
        struct hn_bytes json;
        struct hn_json_in in;
        struct dissect *dissect;
        char *path;

        (void)snprintf(below, sizeof below, "data/lnk/tests/samples/%s", samples[i]);
        path = shared_path_or_skip(below);
        coded = shared_read(path);
        free(path);
        (void)snprintf(below, sizeof below, "data/lnk/tests/json/%s.json", samples[i]);
        path = shared_path_or_skip(below);
        json = shared_read(path);
        free(path);
        hn_arena_init(&flat.arena, (size_t)16 << 20);
        in = hn_json_in_over(hn_bytes_as_text(json));
        walk(&flat, &in, HN_TEXT(""));
        dissect = open_bytes(
                container_open_lnk, DISSECT_LNK, "sample.lnk", decode(&bytes, coded), NULL);
        compare(&tally, samples[i], &flat, dissect);
        dissect_free(dissect);
        hn_vec_deinit(&flat.pairs);
        hn_arena_deinit(&flat.arena);
        hn_buf_deinit(&bytes);
        shared_free(coded);
        shared_free(json);
    }
    (void)fprintf(stderr, "%zu fields are the same, %zu differ for a known reason\n", tally.same,
            tally.known);
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.same > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_those_of_the_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
