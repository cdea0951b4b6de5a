/* test_ioc_csv.c - tables of indicators in the shapes of real feeds, by header, option or content.
 */
#include "ioc_test.h"

static const char urlhaus[] =
        "################\r\n"
        "# abuse feed, terms: https://t.example/ #\r\n"
        "#\r\n"
        "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\r\n"
        "\"7\",\"2026-11-20 01:02:03\",\"http://192.0.2.1/bin.sh\",\"online\","
        "\"2026-11-21 "
        "01:00:00\",\"malware_download\",\"elf,mirai\",\"https://l.example/7\",\"r\"\r\n"
        "\"8\",\"2026-11-20 01:02:04\",\"http://b.example/a?b=\"\"c\"\"\",\"offline\",\"\","
        "\"malware_download\",\"None\",\"https://l.example/8\",\"r\"\r\n";

/* URLhaus: the header is a comment, all fields are quoted, "None" is nothing. */
static void shape_of_urlhaus(void **state)
{
    (void)state;
    expect_file(NULL, file_of("u.csv", urlhaus),
            "5 url http://192.0.2.1/bin.sh role=delivery tags=elf,mirai "
            "reference=https://l.example/7 id=7 first=2026-11-20T01:02:03Z "
            "last=2026-11-21T01:00:00Z\n"
            "6 url http://b.example/a?b=%22c%22 role=delivery reference=https://l.example/8 id=8 "
            "first=2026-11-20T01:02:04Z\n",
            "");
}

/* ThreatFox: a space before each quote, types by word, compromised sites marked. */
static void shape_of_threatfox(void **state)
{
    static const char text[] =
            "# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"threat_type\","
            "\"fk_malware\",\"malware_alias\",\"malware_printable\",\"last_seen_utc\","
            "\"confidence_level\",\"is_compromised\",\"reference\",\"tags\",\"anonymous\","
            "\"reporter\"\n"
            "\"2026-11-20 01:02:03\", \"11\", \"192.0.2.9:447\", \"ip:port\", \"botnet_cc\", "
            "\"win.x\", \"None\", \"Fam\", \"\", \"75\", \"false\", \"None\", \"a,b\", \"0\", "
            "\"r\"\n"
            "\"2026-11-20 01:02:03\", \"12\", \"http://shop.example/x/y.php\", \"url\", "
            "\"payload_delivery\", \"win.x\", \"None\", \"Fam\", \"\", \"100\", \"true\", "
            "\"None\", "
            "\"None\", \"0\", \"r\"\n"
            "\"2026-11-20 01:02:03\", \"13\", \"shop.example\", \"domain\", \"payload_delivery\", "
            "\"win.x\", \"None\", \"Unknown malware\", \"\", \"100\", \"true\", \"None\", "
            "\"None\", "
            "\"0\", \"r\"\n"
            "\"2026-11-20 01:02:03\", \"14\", \"aabbccddeeff00112233445566778899\", \"md5_hash\", "
            "\"payload\", \"win.x\", \"None\", \"Fam\", \"\", \"50\", \"false\", \"None\", "
            "\"None\", "
            "\"0\", \"r\"\n";

    (void)state;
    expect_file(NULL, file_of("t.csv", text),
            "2 ipv4 192.0.2.9 port=447 role=c2 confidence=75 family=Fam tags=a,b id=11 "
            "first=2026-11-20T01:02:03Z\n"
            "3 url http://shop.example/x/y.php role=delivery confidence=100 family=Fam id=12 "
            "first=2026-11-20T01:02:03Z compromised\n"
            "4 domain shop.example role=delivery confidence=100 id=13 first=2026-11-20T01:02:03Z "
            "compromised suppressed\n"
            "5 md5 aabbccddeeff00112233445566778899 role=payload confidence=50 family=Fam id=14 "
            "first=2026-11-20T01:02:03Z\n",
            "");
}

/* Feodo has address and port in two columns, MalwareBazaar three hashes in a row, Zeek tabs and its
 * own words, MISP's export to_ids, Defender type words without a dash. */
static void other_shapes(void **state)
{
    (void)state;
    expect_file(NULL,
            file_of("f.csv", "first_seen_utc,dst_ip,dst_port,c2_status,last_online,malware\n"
                             "2026-11-20 01:02:03,192.0.2.7,443,online,2026-11-21,Emotet\n"),
            "2 ipv4 192.0.2.7 port=443 role=c2 family=Emotet first=2026-11-20T01:02:03Z "
            "last=2026-11-21T00:00:00Z\n",
            "");
    expect_file(NULL,
            file_of("b.csv",
                    "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\","
                    "\"file_name\",\"signature\"\n"
                    "\"2026-11-20 01:02:03\", \""
                    "2cf24dba5fb0a30e26e83b2ac5b9e29e"
                    "1b161e5c1fa7425e73043362938b9824\", \"aabbccddeeff00112233445566778899\", "
                    "\"n/a\", \"r\", \"a.exe\", \"Fam\"\n"),
            "2 sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 family=Fam "
            "first=2026-11-20T01:02:03Z\n"
            "2 md5 aabbccddeeff00112233445566778899 family=Fam first=2026-11-20T01:02:03Z\n",
            "");
    expect_file(NULL,
            file_of("z.dat", "#fields\tindicator\tindicator_type\tmeta.desc\tmeta.url\n"
                             "evil.example\tIntel::DOMAIN\td\thttp://r.example\n"
                             "192.0.2.0/24\tIntel::SUBNET\t-\t-\n"
                             "Firefox\tIntel::SOFTWARE\t-\t-\n"),
            "2 domain evil.example comment=d reference=http://r.example\n"
            "3 cidr 192.0.2.0/24\n",
            "4 type Firefox\n");
    expect_file(NULL,
            file_of("m.csv", "uuid,event_id,category,type,value,comment,to_ids,date\n"
                             "u1,1,x,domain|ip,\"evil.example|192.0.2.5\",c,1,2026-11-20\n"
                             "u2,1,x,domain,ctx.example,c,0,2026-11-20\n"),
            "2 domain evil.example comment=c id=u1 first=2026-11-20T00:00:00Z\n"
            "2 ipv4 192.0.2.5 comment=c id=u1 first=2026-11-20T00:00:00Z\n",
            "3 not_for_ids ctx.example\n");
    expect_file(NULL,
            file_of("d.csv", "indicatorType;indicatorValue;title\n"
                             "FileSha1;aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d;t\n"
                             "DomainName;evil.example;t\n"),
            "2 sha1 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d comment=t\n"
            "3 domain evil.example comment=t\n",
            "");
}

/* Without a header the column that holds indicators most often is taken. */
static void columns_by_content(void **state)
{
    (void)state;
    expect_file(NULL,
            file_of("x.csv", "1,hello,evil.example,yes\n2,you,http://b.example/a,no\n3,all,,no\n"),
            "1 domain evil.example\n2 url http://b.example/a\n", "3 column 3\n");
    expect_file(NULL, file_of("x.csv", "evil.example;note\nb.example;note\n"),
            "1 domain evil.example\n2 domain b.example\n", "");
}

/* The option names columns by number or by name in the header, the separator, and whether there is
 * a header. */
static void columns_by_option(void **state)
{
    struct ioc_input input = file_of("x.csv", "a.example^mal^9\nb.example^ware^7\n");

    (void)state;
    input.format = IOC_FORMAT_CSV;
    input.columns = HN_TEXT("value=1,family=2,confidence=3,sep=^,header=0");
    expect_file(NULL, input,
            "1 domain a.example confidence=9 family=mal\n2 domain b.example confidence=7 "
            "family=ware\n",
            "");
    input = file_of("x.csv", "What,Why,When\na.example,mal,2026-11-20\n");
    input.format = IOC_FORMAT_CSV;
    input.columns = HN_TEXT("value=what, family=Why, first=3");
    expect_file(NULL, input, "2 domain a.example family=mal first=2026-11-20T00:00:00Z\n", "");
    input = file_of("x.csv", "a.example\tx\nb.example\ty\n");
    input.format = IOC_FORMAT_CSV;
    input.columns = HN_TEXT("sep=tab,value=1");
    expect_file(NULL, input, "1 domain a.example\n2 domain b.example\n", "");
}

/* A wrong option is an error that says what is wrong, and nothing is read. */
static void wrong_options(void **state)
{
    static const char *const wrong[] = { "value", "what=1", "value=0", "value=65", "value=nowhere",
        "sep=ab", "header=2", "sep=\"" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++) {
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct ioc_input input = file_of("x.csv", "a.example,b\nc.example,d\n");
        struct hn_err err = { 0 };

        input.format = IOC_FORMAT_CSV;
        input.columns = hn_text_cstr(wrong[i]);
        if (ioc_load(builder, &input, NULL, &err) != HN_SYNTAX)
            fail_msg("accepted: %s", wrong[i]);
        assert_true(err.msg[0] != '\0');
        assert_int_equal(builder->store.records.count, 0);
        ioc_builder_free(builder);
    }
}

/* A quote that does not close, or text behind one, costs its line; fields may span lines. */
static void bad_quotes_cost_a_line(void **state)
{
    (void)state;
    expect_file(NULL,
            file_of("x.csv", "ioc,comment\n"
                             "a.example,\"two\nlines\"\n"
                             "b.example,\"open\n"
                             "c.example,\"x\"y\n"
                             "d.example,ok\n"),
            "2 domain a.example comment=two\nlines\n"
            "6 domain d.example comment=ok\n",
            "4 quoting b.example,\"open\n"
            "5 quoting c.example,\"x\"y\n");
}

/* More columns than are looked at, empty lines, short rows: no more than a finding each. */
static void odd_rows(void **state)
{
    struct hn_buf text = { 0 };

    (void)state;
    hn_buf_add_lit(&text, "comment,ioc\n\n  \nx\n,\ny,a.example");
    hn_buf_add_repeat(&text, ',', 200);
    hn_buf_add_lit(&text, "\nz,b.example\n");
    hn_buf_add_char(&text, '\0');
    {
        struct ioc_input input = file_of("x.csv", text.ptr);

        input.format = IOC_FORMAT_CSV;
        expect_file(NULL, input, "6 domain a.example comment=y\n7 domain b.example comment=z\n",
                "4 column x\n5 column \n");
    }
    hn_buf_deinit(&text);
}

/* A record longer than the limit is one finding, however it is quoted, and the next is read. */
static void long_records(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct hn_buf text = { 0 };
    struct ioc_builder *builder;
    struct ioc_report report;

    (void)state;
    options.limits.line_bytes_max = 64;
    builder = ioc_builder_new(&options);
    hn_buf_add_lit(&text, "ioc,comment\na.example,\"");
    hn_buf_add_repeat(&text, '\n', 100);
    hn_buf_add_lit(&text, "\"\nb.example,");
    hn_buf_add_repeat(&text, 'x', 100);
    hn_buf_add_lit(&text, "\nc.example,\"\"\"\"\"\"\"\"\n");
    report = load_as(builder, IOC_FORMAT_CSV, "x", hn_buf_text(&text));
    assert_int_equal(report.accepted, 1);
    assert_true(report.by_reason[IOC_REASON_QUOTING] >= 1);
    assert_int_equal(report.by_reason[IOC_REASON_LENGTH], 1);
    ioc_report_deinit(&report);
    ioc_builder_free(builder);
    hn_buf_deinit(&text);
}

/* valid_until before "now" is not an indicator any more. */
static void expired_rows(void **state)
{
    struct ioc_options options = ioc_options_default;

    (void)state;
    options.now = hn_time_parse(HN_TEXT("2026-11-23T00:00:00Z"), NULL);
    expect_file(&options,
            file_of("x.csv", "ioc,valid_until\na.example,2026-11-22\nb.example,2026-11-24\n"),
            "3 domain b.example\n", "2 expired a.example\n");
}

static void every_truncation(void **state)
{
    (void)state;
    read_every_prefix(IOC_FORMAT_CSV, urlhaus);
    read_every_prefix(IOC_FORMAT_AUTO, urlhaus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_of_urlhaus),
        cmocka_unit_test(shape_of_threatfox),
        cmocka_unit_test(other_shapes),
        cmocka_unit_test(columns_by_content),
        cmocka_unit_test(columns_by_option),
        cmocka_unit_test(wrong_options),
        cmocka_unit_test(bad_quotes_cost_a_line),
        cmocka_unit_test(odd_rows),
        cmocka_unit_test(long_records),
        cmocka_unit_test(expired_rows),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
