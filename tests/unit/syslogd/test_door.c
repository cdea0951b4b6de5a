/* The syslog door over UDP and TCP: what is sent is handed in once, in order, as batches that a
 * decoder reads; full intakes make TCP wait and UDP count. */
#include "door_case.h"

#include "decode/decode.h"

static void expect_body(struct intake *intake, size_t index, const char *format, const char *body)
{
    assert_true(index < intake->batches.count);
    assert_string_equal(intake->batches.ptr[index].format, format);
    assert_string_equal(intake->batches.ptr[index].body, body);
    assert_string_equal(intake->batches.ptr[index].stream, "127.0.0.1");
    assert_string_equal(intake->batches.ptr[index].source, "net");
}

static void tcp_messages_come_in_order(void **state)
{
    struct intake intake;
    struct syslogd *door;
    int fd;

    (void)state;
    fake_intake_init(&intake);
    door = case_door(&intake, SYSLOGD_TCP, NULL);
    fd = case_connect(SOCK_STREAM, syslogd_port(door, 0));
    CASE_SEND(fd, "<13>one\n7 <13>two<13>three\n9 <13>a\nb.c{\"json\": 1}\n<13>last, no end");
    (void)close(fd);
    case_wait_messages(door, 6);
    syslogd_close(door);
    assert_int_equal(intake.batches.count, 4);
    expect_body(&intake, 0, "syslog", "<13>one\n<13>two\n<13>three\n");
    expect_body(&intake, 1, "syslog-octets", "9 <13>a\nb.c");
    expect_body(&intake, 2, "", "{\"json\": 1}\n");
    expect_body(&intake, 3, "syslog", "<13>last, no end\n");
    fake_intake_clear(&intake);
}

/* A connection's messages all arrive, whatever the intake refuses in between; while it does, the
 * sender's system is made to wait. */
static void tcp_waits_and_drops_nothing(void **state)
{
    struct intake intake;
    struct syslogd *door;
    struct hn_buf sent = { 0 };
    struct hn_buf got = { 0 };
    int fd;

    (void)state;
    fake_intake_init(&intake);
    intake.retry_ms = 1;
    fake_intake_refuse(&intake, 200, NULL);
    door = case_door(&intake, SYSLOGD_TCP, NULL);
    fd = case_connect(SOCK_STREAM, syslogd_port(door, 0));
    for (unsigned i = 0; i < 40000; i++)
        hn_buf_addf(&sent, "<13>message number %u of many\n", i);
    case_send(fd, sent.ptr, sent.len);
    (void)close(fd);
    case_wait_messages(door, 40000);
    assert_true(syslogd_counters(door).waits > 0);
    syslogd_close(door);
    fake_intake_join(&intake, NULL, &got);
    assert_true(hn_text_eq(hn_buf_text(&sent), hn_buf_text(&got)));
    assert_int_equal(intake.refused, 200);
    hn_buf_deinit(&sent);
    hn_buf_deinit(&got);
    fake_intake_clear(&intake);
}

/* What is refused for good is held, not read on, and handed in when the way is free. */
static void tcp_stops_reading(void **state)
{
    struct intake intake;
    struct syslogd *door;
    static char block[65536];
    size_t sent = 0;
    ssize_t len;
    int fd;

    (void)state;
    fake_intake_init(&intake);
    intake.retry_ms = 1;
    fake_intake_refuse(&intake, UINT32_MAX, NULL);
    door = case_door(&intake, SYSLOGD_TCP, NULL);
    fd = case_connect(SOCK_STREAM, syslogd_port(door, 0));
    memset(block, 'x', sizeof block);
    for (size_t i = 63; i < sizeof block; i += 64)
        block[i] = '\n';
    for (unsigned idle = 0; idle < 50; idle++) {
        while ((len = send(fd, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0) {
            sent += (size_t)len;
            idle = 0;
        }
        case_sleep(2);
    }
    assert_true(sent < (size_t)64 << 20); /* the kernel's buffers, not ours */
    assert_int_equal(fake_intake_count(&intake), 0);
    fake_intake_refuse(&intake, 0, NULL);
    (void)close(fd);
    case_wait_messages(door, (sent + 63) / 64);
    syslogd_close(door);
    fake_intake_clear(&intake);
}

static void connections_are_limited(void **state)
{
    struct syslogd_limits limits = { .connections = 10, .connections_per_peer = 2 };
    struct intake intake;
    struct syslogd *door;
    int fds[4];

    (void)state;
    fake_intake_init(&intake);
    door = case_door(&intake, SYSLOGD_TCP, &limits);
    for (size_t i = 0; i < 4; i++)
        fds[i] = case_connect(SOCK_STREAM, syslogd_port(door, 0));
    for (unsigned i = 0; i < 1000 && syslogd_counters(door).refused < 2; i++)
        case_sleep(2);
    assert_int_equal(syslogd_counters(door).refused, 2);
    assert_int_equal(syslogd_counters(door).open, 2);
    CASE_SEND(fds[0], "<1>a\n");
    case_wait_messages(door, 1);
    for (size_t i = 0; i < 4; i++)
        (void)close(fds[i]);
    for (unsigned i = 0; i < 1000 && syslogd_counters(door).open > 0; i++)
        case_sleep(2);
    assert_int_equal(syslogd_counters(door).open, 0);
    syslogd_close(door);
    fake_intake_clear(&intake);
}

static void silent_connections_end(void **state)
{
    struct syslogd_limits limits = { .idle_seconds = 1 };
    struct intake intake;
    struct syslogd *door;
    char byte;
    int fd;

    (void)state;
    fake_intake_init(&intake);
    door = case_door(&intake, SYSLOGD_TCP, &limits);
    fd = case_connect(SOCK_STREAM, syslogd_port(door, 0));
    CASE_SEND(fd, "<1>half a mess");
    assert_int_equal(recv(fd, &byte, 1, 0), 0); /* waits until the door closes it */
    case_wait_messages(door, 1);
    assert_int_equal(syslogd_counters(door).idle, 1);
    (void)close(fd);
    syslogd_close(door);
    expect_body(&intake, 0, "syslog", "<1>half a mess\n");
    fake_intake_clear(&intake);
}

static void closing_takes_in_what_has_come(void **state)
{
    struct syslogd_limits limits = { .gather_ms = 60000 };
    struct intake intake;
    struct syslogd *door;
    int fd;

    (void)state;
    fake_intake_init(&intake);
    door = case_door(&intake, SYSLOGD_TCP, &limits);
    fd = case_connect(SOCK_STREAM, syslogd_port(door, 0));
    CASE_SEND(fd, "<1>a\n<2>b");
    case_sleep(50);
    assert_int_equal(fake_intake_count(&intake), 0);
    syslogd_close(door);
    expect_body(&intake, 0, "syslog", "<1>a\n<2>b\n");
    (void)close(fd);
    fake_intake_clear(&intake);
}

static void udp_datagrams_are_messages(void **state)
{
    struct intake intake;
    struct syslogd *door;
    int fd;

    (void)state;
    fake_intake_init(&intake);
    door = case_door(&intake, SYSLOGD_UDP, NULL);
    fd = case_connect(SOCK_DGRAM, syslogd_port(door, 0));
    CASE_SEND(fd, "<13>one\n");
    CASE_SEND(fd, "<13>two\0");
    CASE_SEND(fd, "<13>with\nline feed");
    CASE_SEND(fd, "\n");
    case_wait_messages(door, 3);
    syslogd_close(door);
    assert_int_equal(intake.batches.count, 2);
    expect_body(&intake, 0, "syslog", "<13>one\n<13>two\n");
    expect_body(&intake, 1, "syslog-octets", "18 <13>with\nline feed");
    fake_intake_clear(&intake);
}

/* Sent = taken + counted as lost, to the packet, with a buffer that must overflow. */
static void udp_losses_are_counted(void **state)
{
    struct syslogd_limits limits = { .udp_receive_bytes = 2048 };
    struct syslogd_counters counters;
    struct intake intake;
    struct syslogd *door;
    const uint64_t sent = 50000;
    int fd;

    (void)state;
    fake_intake_init(&intake);
    door = case_door(&intake, SYSLOGD_UDP, &limits);
    fd = case_connect(SOCK_DGRAM, syslogd_port(door, 0));
    for (uint64_t i = 0; i < sent; i++)
        CASE_SEND(fd, "<13>Nov 23 10:00:00 host su: a message of some length\n");
    case_sleep(100);
    (void)close(fd);
    for (unsigned i = 0; i < 3000; i++) {
        counters = syslogd_counters(door);
        if (counters.messages + counters.lost == sent)
            break;
        case_sleep(2);
    }
    counters = syslogd_counters(door);
    assert_int_equal(counters.messages + counters.lost, sent);
    assert_true(counters.lost > 0 && counters.messages > 0);
    syslogd_close(door);
    assert_int_equal(intake.lost, counters.lost);
    fake_intake_clear(&intake);
}

/* A source that must wait is held back and then counted as lost; another's datagrams pass. */
static void udp_one_source_does_not_stop_another(void **state)
{
    static const struct syslogd_source quiet = { .name = HN_TEXT_INIT("quiet"),
        .tenant = HN_TEXT_INIT(""),
        .format = HN_TEXT_INIT("cef"),
        .zone = HN_TEXT_INIT(""),
        .pipeline = HN_TEXT_INIT("") };
    struct syslogd_rule rule = { .source = &quiet };
    struct syslogd_listener listener = { .transport = SYSLOGD_UDP,
        .address = "127.0.0.1",
        .source = &case_source,
        .rules = &rule,
        .rule_count = 1 };
    struct syslogd_options options = { .listeners = &listener, .listener_count = 1 };
    struct sockaddr_in own = { .sin_family = AF_INET };
    struct sockaddr_in to = { .sin_family = AF_INET };
    struct syslogd_counters counters;
    struct syslogd *door = NULL;
    struct intake intake;
    const unsigned sent = 4000;
    char message[1000];
    int noisy;
    int other;

    (void)state;
    fake_intake_init(&intake);
    intake.retry_ms = 1000;
    fake_intake_refuse(&intake, UINT32_MAX, "net");
    assert_true(hn_cidr_parse(HN_TEXT("127.0.0.2"), &rule.peers, NULL));
    assert_int_equal(syslogd_open(&options, &intake, &door, NULL), HN_OK);
    noisy = case_connect(SOCK_DGRAM, syslogd_port(door, 0));
    other = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(inet_pton(AF_INET, "127.0.0.2", &own.sin_addr) == 1);
    assert_int_equal(bind(other, (struct sockaddr *)&own, sizeof own), 0);
    to.sin_port = htons(syslogd_port(door, 0));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(other, (struct sockaddr *)&to, sizeof to), 0);
    memset(message, 'x', sizeof message);
    memcpy(message, "<13>", 4);
    for (unsigned i = 0; i < sent; i++)
        case_send(noisy, message, sizeof message);
    CASE_SEND(other, "CEF:0|a|b|c|d|e|f|msg=line\nfeed\n");
    case_wait_messages(door, 1);
    for (unsigned i = 0;
            i < 1000 && syslogd_counters(door).datagrams + syslogd_counters(door).lost < sent + 1;
            i++)
        case_sleep(2);
    counters = syslogd_counters(door);
    assert_true(counters.lost >= sent - SYSLOGD_UDP_PEER_MAX / 1000 - 70);
    fake_intake_refuse(&intake, 0, NULL);
    syslogd_close(door);
    assert_string_equal(intake.batches.ptr[0].source, "quiet");
    assert_string_equal(intake.batches.ptr[0].stream, "127.0.0.2");
    assert_string_equal(intake.batches.ptr[0].body, "CEF:0|a|b|c|d|e|f|msg=line#012feed\n");
    (void)close(noisy);
    (void)close(other);
    fake_intake_clear(&intake);
}

/* Bad addresses and taken ports are told, and nothing stays open. */
static void listeners_that_cannot_be_are_told(void **state)
{
    struct syslogd_listener listeners[2] = {
        { .transport = SYSLOGD_TCP, .address = "127.0.0.1", .source = &case_source },
        { .transport = SYSLOGD_UDP, .address = "not an address", .source = &case_source },
    };
    struct syslogd_options options = { .listeners = listeners, .listener_count = 2 };
    struct syslogd *door = NULL;
    struct intake intake;
    struct hn_err err = { 0 };

    (void)state;
    fake_intake_init(&intake);
    assert_int_equal(syslogd_open(&options, &intake, &door, &err), HN_SYNTAX);
    assert_null(door);
    options.listener_count = 1;
    assert_int_equal(syslogd_open(&options, &intake, &door, NULL), HN_OK);
    listeners[1] = listeners[0];
    listeners[1].port = syslogd_port(door, 0);
    options.listeners = &listeners[1];
    assert_int_equal(syslogd_open(&options, &intake, &door, &err), HN_IO);
    syslogd_close(door);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_messages_come_in_order),
        cmocka_unit_test(tcp_waits_and_drops_nothing),
        cmocka_unit_test(tcp_stops_reading),
        cmocka_unit_test(connections_are_limited),
        cmocka_unit_test(silent_connections_end),
        cmocka_unit_test(closing_takes_in_what_has_come),
        cmocka_unit_test(udp_datagrams_are_messages),
        cmocka_unit_test(udp_losses_are_counted),
        cmocka_unit_test(udp_one_source_does_not_stop_another),
        cmocka_unit_test(listeners_that_cannot_be_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
