/* test_sources.c - docs/fields.md says the truth about log sources, and leaves none out.
 *
 * The tables of that page are read as data: what they say of Windows is tried on events, what the
 * program's own tables and the golden cases have must be on the page, and every log source that a
 * published rule asks for must be there, as produced or as not produced with the reason. */
#include "base/mem.h"
#include "event/source_windows.h"
#include "support/check.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define COLUMNS 4

struct row {
    struct hn_text cells[COLUMNS];
};

struct page {
    char *bytes;
    HN_VEC(struct row) services;
    HN_VEC(struct row) categories;
    HN_VEC(struct row) others;
    HN_VEC(struct row) nowhere;
    struct hn_schema *schema;
    struct hn_event event;
};

/* ---- Reading the page -------------------------------------------------------------------------
 */

static bool read_row(struct hn_text line, struct row *ret)
{
    struct hn_text cell;
    size_t count = 0;

    if (!hn_text_starts(line, HN_TEXT("| `")) && !hn_text_starts(line, HN_TEXT("| - |")))
        return false;
    memset(ret, 0, sizeof *ret);
    (void)hn_text_split(&line, '|', &cell);
    while (count < COLUMNS && hn_text_split(&line, '|', &cell))
        ret->cells[count++] = hn_text_trim(cell);
    return true;
}

static void read_page(struct page *page)
{
    struct hn_text rest = { NULL, 0 };
    struct hn_text line;
    struct hn_text heading = HN_TEXT("");

    page->bytes = check_read_file(HN_TESTS_DIR "/../docs/fields.md", &rest);
    assert_non_null(page->bytes);
    while (hn_text_line(&rest, &line)) {
        struct row *place = NULL;
        struct row row;

        if (hn_text_starts(line, HN_TEXT("#")))
            heading = line;
        if (!read_row(line, &row))
            continue;
        if (hn_text_eq(heading, HN_TEXT("### Services")))
            place = hn_vec_add(&page->services);
        else if (hn_text_eq(heading, HN_TEXT("### Categories")))
            place = hn_vec_add(&page->categories);
        else if (hn_text_eq(heading, HN_TEXT("## Other log sources")))
            place = hn_vec_add(&page->others);
        else if (hn_text_starts(heading, HN_TEXT("## Log sources that nothing produces")))
            place = hn_vec_add(&page->nowhere);
        if (place != NULL)
            *place = row;
    }
}

static int set_up(void **state)
{
    static struct page page;

    read_page(&page);
    page.schema = hn_schema_new();
    assert_int_equal(hn_schema_seal(page.schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&page.event, page.schema, NULL, false), HN_OK);
    *state = &page;
    return 0;
}

static int tear_down(void **state)
{
    struct page *page = *state;

    hn_event_deinit(&page->event);
    hn_schema_free(page->schema);
    hn_vec_deinit(&page->services);
    hn_vec_deinit(&page->categories);
    hn_vec_deinit(&page->others);
    hn_vec_deinit(&page->nowhere);
    hn_free(page->bytes);
    return 0;
}

/* Is label among the back-quoted words of a cell? An empty label is not asked for. */
static bool cell_has(struct hn_text cell, struct hn_text label)
{
    size_t pos = 0;

    if (label.len == 0)
        return true;
    while ((pos = hn_text_find(cell, label, pos)) != SIZE_MAX) {
        if (pos > 0 && cell.ptr[pos - 1] == '`' && pos + label.len < cell.len &&
                cell.ptr[pos + label.len] == '`')
            return true;
        pos++;
    }
    return false;
}

/* ---- Windows ----------------------------------------------------------------------------------
 */

/* Every channel on the page gives its service, and every channel of the table is on the page. */
static void services_are_as_written(void **state)
{
    struct page *page = *state;

    for (size_t i = 0; i < page->services.count; i++) {
        const struct row *row = &page->services.ptr[i];
        struct hn_text rest = row->cells[1];
        struct hn_text channel;

        while (hn_text_split(&rest, ';', &channel)) {
            struct hn_event *event = &page->event;
            struct hn_text label = hn_text_sub(row->cells[0], 1, row->cells[0].len - 2);

            hn_event_reset(event);
            event->origin = HN_ORIGIN_WINDOWS;
            hn_event_add_text(event, HN_TEXT("Channel"), hn_text_trim(channel));
            hn_event_add_i64(event, HN_TEXT("EventID"), 60000);
            hn_event_resolve(event);
            assert_true(source_has_label(event->source.service, label));
        }
    }
    for (size_t i = 0; i < windows_channels_count; i++) {
        const struct windows_channel *channel = &windows_channels[i];
        bool found = channel->service == NULL || strcmp(channel->service, "rpcfw") == 0;

        for (size_t k = 0; !found && k < page->services.count; k++)
            found = cell_has(page->services.ptr[k].cells[0], hn_text_cstr(channel->service));
        if (!found)
            print_error("docs/fields.md lacks the service %s\n", channel->service);
        assert_true(found);
    }
}

static struct hn_text program_name(struct hn_text service)
{
    static const struct {
        const char *service;
        const char *provider;
    } programs[] = { { "sysmon", "Microsoft-Windows-Sysmon" },
        { "security", "Microsoft-Windows-Security-Auditing" },
        { "powershell", "Microsoft-Windows-PowerShell" }, { "powershell-classic", "PowerShell" },
        { "windefend", "Microsoft-Windows-Windows Defender" },
        { "-", "Microsoft-Windows-Kernel-File" } };

    for (size_t i = 0; i < HN_COUNT_OF(programs); i++) {
        if (hn_text_eq(service, hn_text_cstr(programs[i].service)))
            return hn_text_cstr(programs[i].provider);
    }
    fail();
    return HN_TEXT("");
}

/* Every id on the page gives its category under its condition; every row of the table is there. */
static void categories_are_as_written(void **state)
{
    struct page *page = *state;
    size_t tried = 0;

    for (size_t i = 0; i < page->categories.count; i++) {
        const struct row *row = &page->categories.ptr[i];
        struct hn_text rest = row->cells[2];
        struct hn_text category = hn_text_sub(row->cells[0], 1, row->cells[0].len - 2);
        struct hn_text id;

        while (hn_text_split(&rest, ',', &id)) {
            struct hn_event *event = &page->event;

            hn_event_reset(event);
            event->origin = HN_ORIGIN_WINDOWS;
            hn_event_add_text(event, HN_TEXT("Provider_Name"), program_name(row->cells[1]));
            hn_event_add_text(event, HN_TEXT("EventID"), hn_text_trim(id));
            hn_event_add_text(event, HN_TEXT("ObjectType"), HN_TEXT("File"));
            if (hn_text_find(row->cells[3], HN_TEXT("%%1906"), 0) != SIZE_MAX)
                hn_event_add_text(event, HN_TEXT("OperationType"), HN_TEXT("%%1906"));
            hn_event_add_text(event, HN_TEXT("EventType"),
                    hn_text_eq(category, HN_TEXT("registry_delete")) ? HN_TEXT("DeleteKey")
                                                                     : HN_TEXT("CreateKey"));
            hn_event_resolve(event);
            if (!source_has_label(event->source.category, category))
                print_error("%.*s %.*s\n", HN_TEXT_ARG(category), HN_TEXT_ARG(id));
            assert_true(source_has_label(event->source.category, category));
            tried++;
        }
    }
    assert_int_equal(tried, windows_categories_count);
}

/* ---- Rules ------------------------------------------------------------------------------------
 */

static bool row_fits(const struct row *row, const struct hn_logsource *rule)
{
    return cell_has(row->cells[0], rule->product) && cell_has(row->cells[1], rule->category) &&
           cell_has(row->cells[2], rule->service);
}

static bool windows_fits(const struct page *page, const struct hn_logsource *rule)
{
    bool service = rule->service.len == 0;
    bool category = rule->category.len == 0;

    if (rule->product.len > 0 && !hn_text_eq(rule->product, HN_TEXT("windows")))
        return false;
    for (size_t i = 0; i < page->services.count; i++)
        service = service || cell_has(page->services.ptr[i].cells[0], rule->service);
    for (size_t i = 0; i < page->categories.count; i++)
        category = category || cell_has(page->categories.ptr[i].cells[0], rule->category);
    return service && category;
}

/* 2: produced, 1: said not to be, 0: not on the page. */
static int page_has(const struct page *page, const struct hn_logsource *rule)
{
    if (windows_fits(page, rule))
        return 2;
    for (size_t i = 0; i < page->others.count; i++) {
        if (row_fits(&page->others.ptr[i], rule))
            return 2;
    }
    for (size_t i = 0; i < page->nowhere.count; i++) {
        if (row_fits(&page->nowhere.ptr[i], rule))
            return 1;
    }
    return 0;
}

static struct hn_text yaml_value(struct hn_text line)
{
    size_t colon = hn_text_find_char(line, ':', 0);
    struct hn_text value = hn_text_trim(hn_text_sub(line, colon + 1, line.len));
    size_t comment = hn_text_find(value, HN_TEXT(" #"), 0);

    return hn_text_trim(hn_text_sub(value, 0, comment == SIZE_MAX ? value.len : comment));
}

struct tally {
    const struct page *page;
    size_t rules;
    size_t counts[3];
};

static void check_rule(struct tally *tally, const char *path, const struct hn_logsource *rule)
{
    int has = page_has(tally->page, rule);

    tally->rules++;
    tally->counts[has]++;
    if (has == 0)
        print_error("%s: %.*s | %.*s | %.*s is not on the page\n", path, HN_TEXT_ARG(rule->product),
                HN_TEXT_ARG(rule->category), HN_TEXT_ARG(rule->service));
}

/* A rule's log source is a block of two or three indented lines: no YAML reader is needed. */
static void check_file(struct tally *tally, const char *path)
{
    struct hn_text rest = { NULL, 0 };
    char *bytes = check_read_file(path, &rest);
    struct hn_text line;
    bool inside = false;
    struct hn_logsource rule = { 0 };

    while (hn_text_line(&rest, &line)) {
        struct hn_text word = hn_text_trim(line);

        if (inside && line.len > 0 && line.ptr[0] != ' ' && line.ptr[0] != '#') {
            check_rule(tally, path, &rule);
            inside = false;
        }
        if (hn_text_starts(line, HN_TEXT("logsource:"))) {
            inside = true;
            memset(&rule, 0, sizeof rule);
        } else if (inside && hn_text_starts(word, HN_TEXT("product:"))) {
            rule.product = yaml_value(word);
        } else if (inside && hn_text_starts(word, HN_TEXT("category:"))) {
            rule.category = yaml_value(word);
        } else if (inside && hn_text_starts(word, HN_TEXT("service:"))) {
            rule.service = yaml_value(word);
        }
    }
    hn_free(bytes);
}

/* Folders still to be read. */
struct folders {
    HN_VEC(char *) paths;
};

static void push(struct folders *folders, const char *path)
{
    char **place = hn_vec_add(&folders->paths);

    if (place == NULL)
        fail();
    else
        *place = strdup(path);
}

static void check_tree(struct tally *tally, const char *root)
{
    struct folders open = { { 0 } };
    char path[4096];

    push(&open, root);
    while (open.paths.count > 0) {
        char *folder = open.paths.ptr[--open.paths.count];
        DIR *dir = opendir(folder);
        const struct dirent *entry;

        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            struct stat info;

            if (entry->d_name[0] == '.' || strcmp(entry->d_name, "tests") == 0)
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
                push(&open, path);
            else if (hn_text_ends(hn_text_cstr(path), HN_TEXT(".yml")))
                check_file(tally, path);
        }
        if (dir != NULL)
            (void)closedir(dir);
        free(folder);
    }
    hn_vec_deinit(&open.paths);
}

/* Every log source that a published rule asks for is on the page: produced, or not and why. */
static void every_rule_is_accounted_for(void **state)
{
    struct tally tally = { .page = *state };
    const char *shared = check_shared();
    char root[4096];

    if (shared == NULL) {
        print_message("SKIPPED: HN_SHARED names no folder of real rules\n");
        skip();
    }
    (void)snprintf(root, sizeof root, "%s/data/sigma", shared);
    check_tree(&tally, root);
    print_message("%zu log sources in rules: %zu produced, %zu not and why\n", tally.rules,
            tally.counts[2], tally.counts[1]);
    assert_int_equal(tally.counts[0], 0);
    assert_true(tally.rules > 3000);
}

/* ---- Golden cases ------------------------------------------------------------------------------
 */

static struct hn_text label_of(struct hn_text text)
{
    text = hn_text_trim(text);
    return hn_text_eq(text, HN_TEXT("-")) ? HN_TEXT("") : text;
}

/* Checks "=> product | category, ... | service, ..." one label at a time. */
static size_t check_expectation(const struct page *page, struct hn_text line)
{
    struct hn_logsource rule = { 0 };
    struct hn_text categories = { NULL, 0 };
    struct hn_text services = { NULL, 0 };
    struct hn_text part;
    size_t missing = 0;

    (void)hn_text_split(&line, '|', &part);
    rule.product = label_of(part);
    (void)hn_text_split(&line, '|', &categories);
    (void)hn_text_split(&line, '|', &services);
    while (hn_text_split(&categories, ',', &part)) {
        rule.category = label_of(part);
        missing += page_has(page, &rule) == 2 ? 0 : 1;
    }
    rule.category = HN_TEXT("");
    while (hn_text_split(&services, ',', &part)) {
        rule.service = label_of(part);
        missing += page_has(page, &rule) == 2 ? 0 : 1;
    }
    return missing;
}

/* Every label that a golden case expects is on the page. */
static void every_golden_label_is_on_the_page(void **state)
{
    DIR *dir = opendir(HN_TESTS_DIR "/golden/event");
    const struct dirent *entry;
    size_t missing = 0;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[4096];
        struct hn_text rest = { NULL, 0 };
        struct hn_text line;
        char *bytes;

        if (!hn_text_ends(hn_text_cstr(entry->d_name), HN_TEXT(".txt")))
            continue;
        (void)snprintf(path, sizeof path, HN_TESTS_DIR "/golden/event/%s", entry->d_name);
        bytes = check_read_file(path, &rest);
        while (hn_text_line(&rest, &line)) {
            size_t lacks;

            if (!hn_text_starts(line, HN_TEXT("=> ")))
                continue;
            lacks = check_expectation(*state, hn_text_sub(line, 3, line.len));
            if (lacks > 0)
                print_error("not on the page: %.*s\n", HN_TEXT_ARG(line));
            missing += lacks;
            count++;
        }
        hn_free(bytes);
    }
    (void)closedir(dir);
    assert_int_equal(missing, 0);
    assert_true(count > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_as_written),
        cmocka_unit_test(categories_are_as_written),
        cmocka_unit_test(every_rule_is_accounted_for),
        cmocka_unit_test(every_golden_label_is_on_the_page),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
