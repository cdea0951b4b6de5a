/* door_case.h - a syslog door over a fake intake, and senders for it. */
#ifndef HN_TESTS_DOOR_CASE_H
#define HN_TESTS_DOOR_CASE_H

#include "support/check.h"
#include "support/fake_intake.h"

#include "base/num.h"
#include "syslogd/syslogd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct syslogd_source case_source = { .name = HN_TEXT_INIT("net"),
    .tenant = HN_TEXT_INIT(""),
    .format = HN_TEXT_INIT(""),
    .zone = HN_TEXT_INIT(""),
    .pipeline = HN_TEXT_INIT("") };

static inline struct syslogd *case_door(struct intake *intake, enum syslogd_transport transport,
        const struct syslogd_limits *limits)
{
    struct syslogd_listener listener = {
        .transport = transport, .address = "127.0.0.1", .source = &case_source
    };
    static struct syslogd_listener kept;
    struct syslogd_options options = { .listeners = &kept, .listener_count = 1 };
    struct syslogd *door = NULL;
    struct hn_err err = { 0 };

    kept = listener;
    if (limits != NULL)
        options.limits = *limits;
    if (syslogd_open(&options, intake, &door, &err) != HN_OK)
        fail_msg("%s", err.msg);
    return door;
}

static inline int case_connect(int type, uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, type, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void case_send(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t sent = send(fd, p, len, MSG_NOSIGNAL);

        assert_true(sent > 0);
        p += sent;
        len -= (size_t)sent;
    }
}

#define CASE_SEND(fd, literal) case_send((fd), "" literal "", sizeof(literal) - 1)

static inline void case_sleep(unsigned ms)
{
    struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&time, NULL);
}

/* Waits until so many messages have been taken. */
static inline void case_wait_messages(const struct syslogd *door, uint64_t count)
{
    for (unsigned i = 0; i < 5000 && syslogd_counters(door).messages < count; i++)
        case_sleep(2);
    assert_int_equal(syslogd_counters(door).messages, count);
}

#endif
