/* door_sink.c - the syslog door over a fake intake, for tests with real senders: writes the ports
 * of its UDP, TCP and TLS listeners to standard output, waits for the end of standard input, then
 * writes all that it was sent, a message a line, and what it counted to standard error.
 *
 *     door_sink <certificate> <key> <authority>
 *
 * TLS asks for a client certificate that the authority vouches for and that names
 * "client.example". A line "reload" on standard input makes it read the certificates again, any
 * other tells how many messages have come. */
#include "../../support/fake_intake.h"
#include "syslogd/syslogd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void on_note(void *ctx, const struct syslogd_note *note)
{
    (void)ctx;
    (void)fprintf(stderr, "%.*s: %s\n", HN_TEXT_ARG(note->peer), note->text);
}

static void write_all(struct intake *intake)
{
    struct hn_buf out = { 0 };

    fake_intake_join(intake, NULL, &out);
    (void)fwrite(out.ptr, 1, out.len, stdout);
    hn_buf_deinit(&out);
}

static void write_counters(const struct syslogd *door)
{
    struct syslogd_counters counters = syslogd_counters(door);

#define COUNTER_WRITE(name, text) \
    (void)fprintf(stderr, "%s %llu\n", #name, (unsigned long long)counters.name);
    SYSLOGD_COUNTER_LIST(COUNTER_WRITE)
#undef COUNTER_WRITE
}

int main(int argc, char **argv)
{
    static const struct syslogd_source source = { .name = HN_TEXT_INIT("net"),
        .tenant = HN_TEXT_INIT(""),
        .format = HN_TEXT_INIT(""),
        .zone = HN_TEXT_INIT(""),
        .pipeline = HN_TEXT_INIT("") };
    const char *peers[] = { "client.example" };
    struct syslogd_tls tls = { .client = SYSLOGD_CLIENT_REQUIRED, .peers = peers, .peer_count = 1 };
    struct syslogd_listener listeners[] = {
        { .transport = SYSLOGD_UDP, .source = &source },
        { .transport = SYSLOGD_TCP, .source = &source },
        { .transport = SYSLOGD_TLS, .source = &source, .tls = &tls },
    };
    struct syslogd_options options = {
        .listeners = listeners, .listener_count = HN_COUNT_OF(listeners), .on_note = on_note
    };
    struct intake intake;
    struct syslogd *door = NULL;
    struct hn_err err = { 0 };
    char line[64];

    if (argc != 4)
        return 2;
    tls.certificate_file = argv[1];
    tls.key_file = argv[2];
    tls.ca_file = argv[3];
    fake_intake_init(&intake);
    if (syslogd_open(&options, &intake, &door, &err) != HN_OK) {
        (void)fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    (void)printf("%u %u %u\n", syslogd_port(door, 0), syslogd_port(door, 1), syslogd_port(door, 2));
    (void)fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        err = (struct hn_err){ 0 };
        if (strcmp(line, "reload\n") != 0)
            (void)printf("%llu\n", (unsigned long long)syslogd_counters(door).messages);
        else
            (void)printf("%s\n", syslogd_reload(door, &err) == HN_OK ? "ok" : err.msg);
        (void)fflush(stdout);
    }
    write_counters(door);
    syslogd_close(door);
    write_all(&intake);
    fake_intake_clear(&intake);
    return 0;
}
