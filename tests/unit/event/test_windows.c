/* test_windows.c - properties of the Windows tables, and that they answer as they are written. */
#include "event/source_windows.h"
#include "support/check.h"

#include <stdio.h>

static bool is_label(const char *label)
{
    for (; *label != '\0'; label++) {
        if (!((*label >= 'a' && *label <= 'z') || (*label >= '0' && *label <= '9') ||
                    *label == '-' || *label == '_'))
            return false;
    }
    return true;
}

static bool has_service(const char *service)
{
    for (size_t i = 0; i < windows_channels_count; i++) {
        if (windows_channels[i].service != NULL &&
                strcmp(windows_channels[i].service, service) == 0)
            return true;
    }
    return false;
}

/* No channel or provider is listed twice, labels are lower case, services that providers,
 * categories and kinds name exist. */
static void tables_are_consistent(void **state)
{
    (void)state;
    for (size_t i = 0; i < windows_channels_count; i++) {
        assert_true(windows_channels[i].service == NULL || is_label(windows_channels[i].service));
        for (size_t k = 0; k < i; k++)
            assert_false(hn_text_eq_nocase(hn_text_cstr(windows_channels[i].name),
                    hn_text_cstr(windows_channels[k].name)));
    }
    for (size_t i = 0; i < windows_providers_count; i++) {
        assert_true(
                windows_providers[i].service == NULL || has_service(windows_providers[i].service));
        for (size_t k = 0; k < i; k++)
            assert_false(hn_text_eq_nocase(hn_text_cstr(windows_providers[i].name),
                    hn_text_cstr(windows_providers[k].name)));
    }
    for (size_t i = 0; i < windows_categories_count; i++) {
        assert_true(windows_categories[i].service == NULL ||
                    has_service(windows_categories[i].service));
        assert_true(is_label(windows_categories[i].category));
    }
    for (size_t i = 0; i < windows_kinds_count; i++)
        assert_true(windows_kinds[i].service[0] == '\0' || has_service(windows_kinds[i].service));
}

struct setup {
    struct hn_schema *schema;
    struct hn_event event;
};

static int set_up(void **state)
{
    static struct setup setup;

    setup.schema = hn_schema_new();
    assert_int_equal(hn_schema_seal(setup.schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&setup.event, setup.schema, NULL, false), HN_OK);
    *state = &setup;
    return 0;
}

static int tear_down(void **state)
{
    struct setup *setup = *state;

    hn_event_deinit(&setup->event);
    hn_schema_free(setup->schema);
    return 0;
}

static void resolve(struct hn_event *event, const char *channel, const char *provider, int64_t id)
{
    hn_event_reset(event);
    event->origin = HN_ORIGIN_WINDOWS;
    if (channel != NULL)
        hn_event_add_text(event, HN_TEXT("Channel"), hn_text_cstr(channel));
    if (provider != NULL)
        hn_event_add_text(event, HN_TEXT("Provider_Name"), hn_text_cstr(provider));
    hn_event_add_i64(event, HN_TEXT("EventID"), id);
    hn_event_resolve(event);
}

static bool has(const struct hn_text *labels, const char *label)
{
    return source_has_label(labels, hn_text_cstr(label));
}

/* Every channel gives its services, in any case, whatever the provider. */
static void channels_give_services(void **state)
{
    struct setup *setup = *state;
    struct hn_event *event = &setup->event;

    for (size_t i = 0; i < windows_channels_count; i++) {
        const struct windows_channel *channel = &windows_channels[i];
        char upper[128];
        size_t len = strlen(channel->name);

        if (channel->service == NULL || strcmp(channel->service, "rpcfw") == 0)
            continue;
        for (size_t k = 0; k <= len; k++) {
            upper[k] = (char)(channel->name[k] >= 'a' && channel->name[k] <= 'z'
                                      ? channel->name[k] - 32
                                      : channel->name[k]);
        }
        for (int round = 0; round < 2; round++) {
            resolve(event, round == 0 ? channel->name : upper, "Some Provider", 65000);
            assert_true(has(event->source.service, channel->service));
            assert_true(channel->other_service == NULL ||
                        has(event->source.service, channel->other_service));
            check_text(event->source.product, "windows");
            assert_int_equal(event->source.category[0].len, 0);
        }
    }
}

/* A provider stands in for a missing or a collector's channel, not for one of Microsoft's own. */
static void providers_stand_in(void **state)
{
    struct setup *setup = *state;
    struct hn_event *event = &setup->event;

    for (size_t i = 0; i < windows_providers_count; i++) {
        const struct windows_provider *provider = &windows_providers[i];

        if (provider->service == NULL || strcmp(provider->service, "rpcfw") == 0)
            continue;
        resolve(event, NULL, provider->name, 65000);
        assert_true(has(event->source.service, provider->service));
        resolve(event, "ForwardedEvents", provider->name, 65000);
        assert_true(has(event->source.service, provider->service));
        resolve(event, "WEC-Custom", provider->name, 65000);
        assert_true(has(event->source.service, provider->service));
        resolve(event, "Microsoft-Windows-Else/Operational", provider->name, 65000);
        assert_int_equal(event->source.service[0].len, 0);
    }
}

static const char *channel_of(const char *service)
{
    for (size_t i = 0; i < windows_channels_count; i++) {
        if (windows_channels[i].service != NULL &&
                strcmp(windows_channels[i].service, service) == 0)
            return windows_channels[i].name;
    }
    return NULL;
}

static const char *provider_of(enum windows_program program)
{
    for (size_t i = 0; i < windows_providers_count; i++) {
        if (windows_providers[i].program == program)
            return windows_providers[i].name;
    }
    return NULL;
}

/* Every category is given with its provider and with none, and never with another's: on each id
 * that has a category, each other provider gives none. */
static void categories_need_their_provider(void **state)
{
    struct setup *setup = *state;
    struct hn_event *event = &setup->event;

    for (size_t i = 0; i < windows_categories_count; i++) {
        const struct windows_category *row = &windows_categories[i];
        const char *channel = row->service == NULL ? NULL : channel_of(row->service);

        if (row->detail == DETAIL_ANY) {
            resolve(event, channel, provider_of(row->program), row->event_id);
            assert_true(has(event->source.category, row->category));
        }
        if (row->detail == DETAIL_ANY && channel != NULL) {
            resolve(event, channel, NULL, row->event_id);
            assert_true(has(event->source.category, row->category));
        }
        for (size_t k = 0; k < windows_providers_count; k++) {
            if (windows_providers[k].program == row->program)
                continue;
            resolve(event, channel, windows_providers[k].name, row->event_id);
            assert_false(has(event->source.category, row->category) && channel != NULL);
        }
        resolve(event, channel, "Nobody Knows This", row->event_id);
        assert_int_equal(event->source.category[0].len, 0);
        resolve(event, "Some Other Log", "Nobody Knows This", row->event_id);
        assert_int_equal(event->source.category[0].len, 0);
    }
}

/* The memory of answers never gives one event's for another's: a long run over few slots equals
 * fresh answers. */
static void remembered_answers_are_right(void **state)
{
    struct setup *setup = *state;
    struct check_random random = { 12 };
    struct hn_event fresh;

    for (int round = 0; round < 30000; round++) {
        const char *channel =
                windows_channels[check_random_below(&random, (uint32_t)windows_channels_count)]
                        .name;
        const char *provider =
                windows_providers[check_random_below(&random, (uint32_t)windows_providers_count)]
                        .name;
        int64_t id = check_random_below(&random, 30);

        resolve(&setup->event, channel, provider, id);
        if (round % 50 != 0)
            continue;
        assert_int_equal(hn_event_init(&fresh, setup->schema, NULL, false), HN_OK);
        resolve(&fresh, channel, provider, id);
        assert_memory_equal(&fresh.source, &setup->event.source, sizeof fresh.source);
        hn_event_deinit(&fresh);
    }
}

/* Keys of any length and bytes are answered, long ones without the memory. */
static void odd_keys_are_answered(void **state)
{
    struct setup *setup = *state;
    struct hn_event *event = &setup->event;
    char name[400];

    for (size_t len = 0; len < sizeof name; len++) {
        memset(name, 'x', sizeof name);
        name[len] = '\0';
        resolve(event, name, name, 1);
        check_text(event->source.product, "windows");
        resolve(event, name, "Microsoft-Windows-Sysmon", 1);
        assert_true(has(event->source.category, "process_creation"));
    }
    resolve(event, "", "", -5);
    check_text(event->source.product, "windows");
    resolve(event, "Security", "Microsoft-Windows-Security-Auditing", INT64_MAX);
    assert_int_equal(event->source.category[0].len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_consistent),
        cmocka_unit_test(channels_give_services),
        cmocka_unit_test(providers_stand_in),
        cmocka_unit_test(categories_need_their_provider),
        cmocka_unit_test(remembered_answers_are_right),
        cmocka_unit_test(odd_keys_are_answered),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
