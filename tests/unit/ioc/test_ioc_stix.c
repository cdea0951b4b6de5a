/* test_ioc_stix.c - STIX bundles, and patterns taken apart without tearing what belongs together.
 */
#include "ioc_test.h"

struct pattern_case {
    const char *pattern;
    const char *taken;   /* values, a space after each */
    const char *refused; /* reason ids, a space after each */
};

static void check(const struct pattern_case *c)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct hn_buf json = { 0 };
    struct hn_buf taken = { 0 };
    struct hn_buf refused = { 0 };
    struct ioc_report report;
    struct ioc_stats stats;
    struct ioc_set *set;

    hn_buf_add_lit(&json, "{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"");
    for (const char *p = c->pattern; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            hn_buf_add_char(&json, '\\');
        hn_buf_add_char(&json, *p);
    }
    hn_buf_add_lit(&json, "\"}");
    report = load_as(builder, IOC_FORMAT_STIX, "s", hn_buf_text(&json));
    for (size_t i = 0; i < report.findings.count; i++)
        hn_buf_addf(&refused, "%s ", ioc_reason_id(report.findings.ptr[i].reason));
    set = seal_and_free(builder);
    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings; i++) {
        ioc_set_write(set, i, false, &taken);
        hn_buf_add_char(&taken, ' ');
    }
    if (!hn_text_eq(hn_buf_text(&taken), hn_text_cstr(c->taken)) ||
            !hn_text_eq(hn_buf_text(&refused), hn_text_cstr(c->refused)))
        fail_msg("%s\nwanted: %s| %s\ngot:    %.*s| %.*s", c->pattern, c->taken, c->refused,
                (int)taken.len, taken.ptr, (int)refused.len, refused.ptr);
    ioc_report_deinit(&report);
    ioc_set_unref(set);
    hn_buf_deinit(&json);
    hn_buf_deinit(&taken);
    hn_buf_deinit(&refused);
}

/* Values that stand alone are indicators; those tied by AND, FOLLOWEDBY or qualifiers are told as
 * not usable, however they are nested. */
static void what_stands_alone(void **state)
{
    static const struct pattern_case cases[] = {
        { "[domain-name:value = 'a.example']", "a.example ", "" },
        { " [ domain-name:value=='a.example' ] ", "a.example ", "" },
        { "[ipv4-addr:value = '192.0.2.0/25']", "192.0.2.0/25 ", "" },
        { "[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "192.0.2.0/24 ", "" },
        { "[domain-name:value = 'a.example' OR ipv4-addr:value = '192.0.2.1']",
                "a.example 192.0.2.1 ", "" },
        { "[domain-name:value IN ('a.example', 'b.example')]", "a.example b.example ", "" },
        { "[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 80]", "",
                "combined combined " },
        { "[network-traffic:dst_ref.type = 'ipv4-addr' AND "
          "network-traffic:dst_ref.value = '192.0.2.1']",
                "192.0.2.1 ", "" },
        { "[domain-name:value = 'a.example' AND file:name = 'x_1.exe' OR url:value = "
          "'http://c.example/']",
                "http://c.example/ ", "combined combined " },
        { "[domain-name:value = 'a.example' OR file:name = 'x_1.exe' AND url:value = "
          "'http://c.example/']",
                "a.example ", "combined combined " },
        { "[(domain-name:value = 'a.example' OR domain-name:value = 'b.example') AND file:size = "
          "1]",
                "", "combined combined combined " },
        { "[(domain-name:value = 'a.example' OR (domain-name:value = 'b.example'))]",
                "a.example b.example ", "" },
        { "[domain-name:value = 'a.example'] OR [ipv4-addr:value = '192.0.2.1']",
                "a.example 192.0.2.1 ", "" },
        { "[domain-name:value = 'a.example'] AND [ipv4-addr:value = '192.0.2.1']", "",
                "combined combined " },
        { "[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.1']", "",
                "combined combined " },
        { "[domain-name:value = 'a.example'] OR ([ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY "
          "[ipv4-addr:value = '192.0.2.2'])",
                "a.example ", "combined combined " },
        { "([domain-name:value = 'a.example'] OR [ipv4-addr:value = '192.0.2.1']) WITHIN 300 "
          "SECONDS",
                "a.example 192.0.2.1 ", "" },
        { "[domain-name:value = 'a.example'] REPEATS 1 TIMES", "a.example ", "" },
        { "[domain-name:value = 'a.example'] REPEATS 5 TIMES WITHIN 60 SECONDS", "", "combined " },
        { "[domain-name:value = 'a.example'] START t'2026-01-01T00:00:00Z' STOP "
          "t'2026-02-01T00:00:00Z'",
                "", "combined " },
        { "[domain-name:value = 'a.example'] OR [domain-name:value = 'b.example'] REPEATS 2 TIMES",
                "a.example ", "combined " },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check(&cases[i]);
}

/* Paths of every kind of value that is matched, hashes by any spelling of their name, LIKE where an
 * indicator can say the same; other operators and kinds are told. */
static void values_and_operators(void **state)
{
    static const struct pattern_case cases[] = {
        { "[file:hashes.'SHA-256' = "
          "'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824']",
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 ", "" },
        { "[file:hashes.md5 = 'AABBCCDDEEFF00112233445566778899']",
                "aabbccddeeff00112233445566778899 ", "" },
        { "[file:hashes.\"MD5\" = 'x']", "", "pattern " },
        { "[file:hashes.SSDEEP = 'x']", "", "type " },
        { "[email-addr:value = 'a@b.example']", "a@b.example ", "" },
        { "[email-message:from_ref.value = 'a@b.example']", "a@b.example ", "" },
        { "[file:name = 'C:\\\\Users\\\\it\\'s x.exe']", "users/it's x.exe ", "" },
        { "[url:value LIKE 'http://a.example/p/%']", "http://a.example/p/* ", "" },
        { "[domain-name:value LIKE '%.a.example']", "a.example ", "" },
        { "[file:name LIKE '%\\\\evil_x.exe']", "evil_x.exe ", "" },
        { "[url:value LIKE 'http://%/x']", "", "wildcard " },
        { "[domain-name:value = 'a.example' OR domain-name:value != 'b.example']", "a.example ",
                "operator " },
        { "[domain-name:value NOT = 'b.example']", "", "operator " },
        { "[NOT domain-name:value = 'b.example']", "", "operator " },
        { "[domain-name:value MATCHES '^a']", "", "operator " },
        { "[EXISTS file:name]", "", "operator " },
        { "[file:size > 100]", "", "type " },
        { "[windows-registry-key:key = 'HKLM\\\\x']", "", "type " },
        { "[x509-certificate:issuer = 'CN=a' AND x509-certificate:serial_number = '1']", "",
                "combined combined " },
        { "[email-message:body_multipart[*].body_raw_ref.name MATCHES 'x']", "", "type " },
        { "[domain-name:value = 'domain a.example']", "", "domain " },
        { "[domain-name:value = 5]", "", "operator " },
        { "/* c */ [domain-name:value = /* d */ 'a.example']", "a.example ", "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check(&cases[i]);
}

/* A pattern with an error gives nothing, not even its first half: what follows may have tied it. */
static void errors_in_patterns(void **state)
{
    static const char *const wrong[] = { "[", "]", "[]", "domain-name:value = 'a'",
        "[domain-name:value = 'a.example'", "[domain-name:value = 'a.example' OR]",
        "[domain-name:value = 'a.example'] OR", "[domain-name:value = 'http://x/'quote']",
        "[domain-name:value 'a']", "[value = 'a.example']", "[domain-name:value = ]",
        "[domain-name:value IN ()]", "[domain-name:value IN ('a.example' 'b')]",
        "([domain-name:value = 'a.example']", "[domain-name:value = 'a.example'])",
        "[domain-name:value = 'a.example'] [domain-name:value = 'b.example']",
        "[domain-name:value = 'a.example'] REPEATS", "[domain-name:value = 'a.example'] WITHIN 5",
        "[[domain-name:value = 'a.example']]",
        "[domain-name:value = 'a.example' FOLLOWEDBY x:y = 1]",
        "[domain-name:value = 'a.example'] XOR [x:y = 1]", "[a[:b = 'c']" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++)
        check(&(struct pattern_case){ wrong[i], "", "pattern " });
}

/* Deep nesting and very many values are refused, not followed. */
static void hostile_patterns(void **state)
{
    struct hn_buf deep = { 0 };
    struct hn_buf wide = { 0 };

    (void)state;
    hn_buf_add_char(&deep, '[');
    hn_buf_add_repeat(&deep, '(', 5000);
    hn_buf_add_char(&deep, '\0');
    check(&(struct pattern_case){ deep.ptr, "", "limit " });
    hn_buf_add_lit(&wide, "[domain-name:value IN ('a.example'");
    for (int i = 0; i < 5000; i++)
        hn_buf_add_lit(&wide, ",'a.example'");
    hn_buf_add_lit(&wide, ")]");
    hn_buf_add_char(&wide, '\0');
    check(&(struct pattern_case){ wide.ptr, "", "limit " });
    hn_buf_deinit(&deep);
    hn_buf_deinit(&wide);
}

static const char bundle[] =
        "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
        "{\"type\":\"malware\",\"spec_version\":\"2.1\",\"id\":\"malware--1\",\"name\":\"Emotet\"},"
        "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"name\":\"C2\",\"pattern_type\":\"stix\","
        "\"pattern\":\"[domain-name:value = 'a.example']\",\"valid_from\":\"2026-11-01T00:00:00Z\","
        "\"valid_until\":\"2026-12-01T00:00:00Z\",\"confidence\":80,"
        "\"indicator_types\":[\"malicious-activity\"],"
        "\"kill_chain_phases\":[{\"phase_name\":\"command-and-control\"}],"
        "\"external_references\":[{\"source_name\":\"s\",\"url\":\"https://r.example\"}]},"
        "{\"type\":\"relationship\",\"relationship_type\":\"indicates\","
        "\"source_ref\":\"indicator--1\",\"target_ref\":\"malware--1\"},"
        "{\"type\":\"indicator\",\"id\":\"indicator--2\",\"pattern_type\":\"yara\","
        "\"pattern\":\"rule x {}\"},"
        "{\"type\":\"indicator\",\"id\":\"indicator--3\",\"revoked\":true,"
        "\"pattern\":\"[domain-name:value = 'b.example']\"},"
        "{\"type\":\"indicator\",\"id\":\"indicator--4\"},"
        "{\"type\":\"indicator\",\"id\":\"indicator--5\",\"indicator_types\":[\"compromised\"],"
        "\"pattern\":\"[url:value = 'http://shop.example/x']\"},"
        "{\"type\":\"domain-name\",\"value\":\"seen.example\"},17]}";

/* What goes with an indicator: names, family by relationship, role, dates, confidence, reference,
 * compromised sites; observed names are no indicators. */
static void bundles(void **state)
{
    struct ioc_options options = ioc_options_default;

    (void)state;
    expect_file(NULL, file_of("s.json", bundle),
            "2 domain a.example role=c2 confidence=80 family=Emotet tags=malicious-activity "
            "comment=C2 reference=https://r.example id=indicator--1 first=2026-11-01T00:00:00Z\n"
            "7 url http://shop.example/x tags=compromised id=indicator--5 compromised\n",
            "4 type rule x {}\n"
            "5 revoked [domain-name:value = 'b.example']\n"
            "6 shape indicator--4\n");
    options.now = hn_time_parse(HN_TEXT("2026-12-02T00:00:00Z"), NULL);
    expect_file(&options, file_of("s.json", bundle),
            "7 url http://shop.example/x tags=compromised id=indicator--5 compromised\n",
            "2 expired a.example\n"
            "4 type rule x {}\n"
            "5 revoked [domain-name:value = 'b.example']\n"
            "6 shape indicator--4\n");
}

/* A TAXII envelope and a bare list of objects are read; other JSON is an error. */
static void envelopes(void **state)
{
#define ONE \
    "{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"[domain-name:value = 'a.example']\"}"
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_input input = file_of("s", "{\"spec_version\":1}");
    struct hn_err err = { 0 };

    (void)state;
    expect_file(NULL,
            file_of("s", "{\"more\":false,\"objects\":[{\"spec_version\":\"2.1\"}," ONE "]}"),
            "2 domain a.example id=i\n", "");
    expect_file(NULL, file_of("s", "[{\"spec_version\":\"2.1\"}," ONE "]"),
            "2 domain a.example id=i\n", "");
    assert_int_equal(ioc_load(builder, &input, NULL, &err), HN_UNSUPPORTED);
    ioc_builder_free(builder);
#undef ONE
}

static void every_truncation(void **state)
{
    (void)state;
    read_every_prefix(IOC_FORMAT_STIX, bundle);
    for (size_t len = 0; len <= 120; len++) { /* of a pattern inside a whole document */
        static const char pattern[] =
                "([domain-name:value IN ('a.example', 'b\\'.example') AND a:b[*].'c' LIKE 'd'] "
                "REPEATS 2 TIMES) OR [file:size >= 5]";
        char cut[sizeof pattern];
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct hn_buf json = { 0 };
        struct ioc_report report;

        (void)snprintf(cut, sizeof cut, "%.*s", (int)len, pattern);
        hn_buf_add_lit(&json, "{\"type\":\"indicator\",\"pattern\":\"");
        for (const char *p = cut; *p != '\0'; p++) {
            if (*p == '\\')
                hn_buf_add_char(&json, '\\');
            hn_buf_add_char(&json, *p);
        }
        hn_buf_add_lit(&json, "\"}");
        report = load_as(builder, IOC_FORMAT_STIX, "s", hn_buf_text(&json));
        assert_true(report.rejected > 0);
        assert_int_equal(report.accepted, 0);
        ioc_report_deinit(&report);
        ioc_builder_free(builder);
        hn_buf_deinit(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_alone),
        cmocka_unit_test(values_and_operators),
        cmocka_unit_test(errors_in_patterns),
        cmocka_unit_test(hostile_patterns),
        cmocka_unit_test(bundles),
        cmocka_unit_test(envelopes),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
