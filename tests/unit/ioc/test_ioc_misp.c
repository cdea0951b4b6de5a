/* test_ioc_misp.c - MISP events in their envelopes, types and composites. */
#include "ioc_test.h"

static const char event[] =
        "{\"Event\":{\"info\":\"Campaign X\",\"uuid\":\"ev-1\",\"threat_level_id\":\"1\","
        "\"Tag\":[{\"name\":\"tlp:green\"}],"
        "\"Galaxy\":[{\"type\":\"threat-actor\",\"GalaxyCluster\":[{\"value\":\"APT\"}]},"
        "{\"type\":\"mitre-malware\",\"GalaxyCluster\":[{\"value\":\"Emotet\"}]}],"
        "\"Attribute\":["
        "{\"uuid\":\"1\",\"type\":\"domain\",\"category\":\"Network activity\",\"to_ids\":true,"
        "\"value\":\"evil.example\",\"comment\":\"first C2\",\"Tag\":[{\"name\":\"c2\"}]},"
        "{\"uuid\":\"2\",\"type\":\"domain|ip\",\"to_ids\":true,"
        "\"value\":\"two.example|192.0.2.2\"},"
        "{\"uuid\":\"3\",\"type\":\"ip-dst|port\",\"to_ids\":true,\"value\":\"192.0.2.3|8080\","
        "\"first_seen\":\"2026-11-01T00:00:00.000000+00:00\",\"last_seen\":null},"
        "{\"uuid\":\"4\",\"type\":\"filename|sha1\",\"category\":\"Payload delivery\","
        "\"to_ids\":true,\"value\":\"a b.exe|AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D\"},"
        "{\"uuid\":\"5\",\"type\":\"sha256\",\"to_ids\":false,\"value\":"
        "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"},"
        "{\"uuid\":\"6\",\"type\":\"comment\",\"to_ids\":true,\"value\":\"text\"},"
        "{\"uuid\":\"7\",\"type\":\"mutex\",\"to_ids\":true,\"value\":\"Global\\\\x\"},"
        "{\"uuid\":\"8\",\"type\":\"url\",\"to_ids\":true,\"deleted\":true,\"value\":\"http://d/"
        "\"},"
        "{\"uuid\":\"9\",\"type\":\"filename\",\"to_ids\":\"1\",\"value\":\"%TEMP%\\\\evil [.] "
        "x.exe\"},"
        "{\"uuid\":\"10\",\"type\":\"domain|ip\",\"to_ids\":true,\"value\":\"nobar.example\"},"
        "{\"uuid\":\"11\",\"type\":\"uri\",\"to_ids\":true,\"value\":\"/gate_x/in.php\"},"
        "{\"uuid\":\"12\",\"type\":7,\"to_ids\":true,\"value\":\"x\"},"
        "17],"
        "\"Object\":[{\"name\":\"file\",\"Attribute\":[{\"uuid\":\"13\",\"type\":\"md5\","
        "\"to_ids\":true,\"value\":\"aabbccddeeff00112233445566778899\"}]},"
        "{\"name\":\"url\",\"deleted\":true,\"Attribute\":[{\"type\":\"url\",\"to_ids\":true,"
        "\"value\":\"http://gone.example/\"}]}],"
        "\"ShadowAttribute\":[{\"type\":\"domain\",\"to_ids\":true,\"value\":\"prop.example\"}]}}";

#define ABOUT "family=Emotet tags=tlp:green"

/* Attributes alone and in objects; what is not for detection, deleted, context or of another kind
 * is told; proposals are not read. */
static void attributes_and_objects(void **state)
{
    (void)state;
    expect_file(NULL, file_of("m.json", event),
            "1 domain evil.example " ABOUT ", c2 comment=first C2 reference=ev-1 id=1\n"
            "2 domain two.example " ABOUT " comment=Campaign X reference=ev-1 id=2\n"
            "2 ipv4 192.0.2.2 " ABOUT " comment=Campaign X reference=ev-1 id=2\n"
            "3 ipv4 192.0.2.3 port=8080 " ABOUT " comment=Campaign X reference=ev-1 id=3 "
            "first=2026-11-01T00:00:00Z\n"
            "4 sha1 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d role=delivery " ABOUT
            " comment=Campaign X reference=ev-1 id=4\n"
            "9 filename evil [.] x.exe " ABOUT " comment=Campaign X reference=ev-1 id=9\n"
            "11 url-path /gate_x/in.php " ABOUT " comment=Campaign X reference=ev-1 id=11\n"
            "14 md5 aabbccddeeff00112233445566778899 " ABOUT
            " comment=Campaign X reference=ev-1 id=13\n",
            "5 not_for_ids 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n"
            "6 context text\n"
            "7 type Global\\x\n"
            "8 revoked http://d/\n"
            "10 shape nobar.example\n"
            "12 shape x\n"
            "13 shape \n");
}

/* The option takes attributes that are not marked for detection. */
static void to_ids_can_be_ignored(void **state)
{
    struct ioc_options options = ioc_options_default;

    (void)state;
    options.ignore_to_ids = true;
    expect_file(&options,
            file_of("m.json", "{\"Event\":{\"Attribute\":[{\"type\":\"domain\",\"to_ids\":false,"
                              "\"value\":\"x.example\"}]}}"),
            "1 domain x.example\n", "");
}

/* Every envelope that MISP and its feeds use. */
static void envelopes(void **state)
{
#define ONE "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"x.example\"}"
    static const char *const files[] = {
        "{\"response\":[{\"Event\":{\"Attribute\":[" ONE "]}}]}",
        "{\"response\":{\"Attribute\":[" ONE "]}}",
        "[{\"Event\":{\"Attribute\":[" ONE "]}}]",
        "{\"Attribute\":[" ONE "]}",
        "{\"Event\":{\"Object\":[{\"Attribute\":[" ONE "]}]}}",
        "{\"info\":\"\",\"Orgc\":{},\"Attribute\":[" ONE "]}",
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(files); i++) {
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct ioc_report report = load_as(builder, IOC_FORMAT_AUTO, "m", hn_text_cstr(files[i]));

        assert_int_equal(report.format, IOC_FORMAT_MISP);
        assert_int_equal(report.accepted, 1);
        ioc_report_deinit(&report);
        ioc_builder_free(builder);
    }
#undef ONE
}

/* What is no event, or no JSON, is an error that says so. */
static void not_misp(void **state)
{
    static const struct {
        const char *text;
        enum hn_status status;
    } cases[] = {
        { "{\"uuid-1\":{\"info\":\"x\",\"Orgc\":{}}}", HN_UNSUPPORTED }, /* manifest of a feed */
        { "{\"Event\":", HN_TRUNCATED },
        { "{\"Event\":}", HN_SYNTAX },
        { "", HN_TRUNCATED },
        { "[]", HN_UNSUPPORTED },
        { "{\"Event\":17}", HN_UNSUPPORTED },
        { "{\"response\":\"error\"}", HN_UNSUPPORTED },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct ioc_input input = file_of("m", cases[i].text);
        struct hn_err err = { 0 };

        input.format = IOC_FORMAT_MISP;
        if (ioc_load(builder, &input, NULL, &err) != cases[i].status)
            fail_msg("%s: %s", cases[i].text, err.msg);
        assert_true(err.msg[0] != '\0');
        ioc_builder_free(builder);
    }
}

/* A byte that is no UTF-8, a NUL, a huge number and deep nesting cost at most what they are in. */
static void hostile_documents(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct hn_buf deep = { 0 };
    struct hn_err err = { 0 };
    struct ioc_input input;

    (void)state;
    expect_file(NULL,
            file_of("m", "{\"Event\":{\"info\":\"\xFF\",\"x\":123456789012345678901234567890,"
                         "\"Attribute\":["
                         "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"a\\u0000b.example\"},"
                         "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"ok.example\"}]}}"),
            "2 domain ok.example comment=\xEF\xBF\xBD\n", "1 nul a\n");
    hn_buf_add_repeat(&deep, '[', 100000);
    input = (struct ioc_input){ .name = HN_TEXT("m"),
        .bytes = hn_text_as_bytes(hn_buf_text(&deep)),
        .format = IOC_FORMAT_MISP };
    assert_int_equal(ioc_load(builder, &input, NULL, &err), HN_LIMIT);
    ioc_builder_free(builder);
    hn_buf_deinit(&deep);
}

static void every_truncation(void **state)
{
    (void)state;
    read_every_prefix(IOC_FORMAT_MISP, event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_and_objects),
        cmocka_unit_test(to_ids_can_be_ignored),
        cmocka_unit_test(envelopes),
        cmocka_unit_test(not_misp),
        cmocka_unit_test(hostile_documents),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
