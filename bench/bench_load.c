/* bench: base */
/* bench_load.c - a client that sends events to a server as fast as it takes them, or at a rate.
 *
 *     bench_load PORT EVENTS.jsonl TOKENS.txt SECONDS RATE CONNECTIONS BATCH-BYTES [VIEWER]
 *
 * Plain HTTP to 127.0.0.1. RATE is in events a second, 0: as fast as answers come. Each pass over
 * the file writes its number into the last three digits of every "@timestamp", so that no event
 * comes twice. TOKENS has one a line: each names a source, and batches take them in turn. With the
 * token of a viewer, a probe goes along four times a second: one event that fires, and questions to
 * the API until its alert is there; the time counts from the last byte of the event.
 *
 * Prints one line of JSON. The batch is acknowledged when it is durable; 429 is waited for, and the
 * batch sent again. bench_serve.py drives this. */
#include "base/mem.h"
#include "base/vec.h"
#include "base/view.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TOKENS_MAX   4096u
#define LATENCIES    (1u << 20)
#define PROBE_NS     250000000
#define PROBE_ASK_NS 3000000
#define PROBE_END_NS INT64_C(20000000000)

struct batch {
    size_t start;
    size_t len;
    uint32_t first_stamp;
    uint32_t stamps; /* one per event */
};

static struct {
    char *bytes;
    size_t len;
    HN_VEC(size_t) stamps; /* where three digits stand */
    HN_VEC(struct batch) batches;
    char *tokens[TOKENS_MAX];
    uint32_t token_count;
    const char *viewer;
    uint16_t port;
    double rate;
    int64_t start;
    int64_t end;
    clock_t cpu;
    atomic_ulong next;   /* batch */
    atomic_ulong queued; /* events in batches up to it */
    atomic_ulong events;
    atomic_ulong bytes_sent;
    atomic_ulong refused;
    pthread_mutex_t lock;
    uint32_t ack_count;
    int64_t acks[LATENCIES];
    uint32_t probe_count;
    uint32_t probes_lost;
    int64_t probes[LATENCIES];
} load = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int64_t now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_ns(int64_t ns)
{
    const struct timespec t = { ns / 1000000000, ns % 1000000000 };

    if (ns > 0)
        (void)nanosleep(&t, NULL);
}

static void must(bool fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

/* ---- What is sent ---- */

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "re");
    long size;
    char *bytes;

    must(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
    size = ftell(file);
    must(size > 0 && fseek(file, 0, SEEK_SET) == 0, path);
    bytes = hn_malloc((size_t)size + 1);
    must(bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size, path);
    (void)fclose(file);
    bytes[size] = '\0';
    *ret_len = (size_t)size;
    return bytes;
}

static void add_stamp(struct hn_text line, size_t offset)
{
    struct hn_text name = HN_TEXT("\"@timestamp\":\"");
    size_t at = hn_text_find(line, name, 0);
    size_t end;
    size_t *slot;

    must(at != SIZE_MAX, "a line has no @timestamp");
    end = hn_text_find_char(line, '"', at + name.len);
    while (end > at && (line.ptr[end - 1] < '0' || line.ptr[end - 1] > '9'))
        end--;
    slot = hn_vec_add(&load.stamps);
    must(slot != NULL, "memory");
    *slot = offset + end - 3;
}

static void cut(size_t batch_bytes)
{
    struct hn_text rest = hn_text_of(load.bytes, load.len);
    struct hn_text line;
    struct batch batch = { 0 };

    while (hn_text_line(&rest, &line)) {
        size_t offset = (size_t)(line.ptr - load.bytes);

        add_stamp(line, offset);
        batch.stamps++;
        batch.len = offset + line.len + 1 - batch.start;
        if (batch.len >= batch_bytes || rest.len == 0) {
            struct batch *slot = hn_vec_add(&load.batches);

            must(slot != NULL, "memory");
            *slot = batch;
            batch = (struct batch){ .start = batch.start + batch.len,
                .first_stamp = (uint32_t)load.stamps.count };
        }
    }
}

static void number(const struct batch *batch, char *body, unsigned pass)
{
    char digits[4];

    (void)snprintf(digits, sizeof digits, "%03u", pass % 1000);
    for (uint32_t i = 0; i < batch->stamps; i++)
        memcpy(body + load.stamps.ptr[batch->first_stamp + i] - batch->start, digits, 3);
}

/* ---- Talking ---- */

static int dial(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(load.port) };
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0, "connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

        must(sent > 0, "send");
        bytes += sent;
        len -= (size_t)sent;
    }
}

/* The whole answer: head, and a body of Content-Length. Returns the status. */
static int answer(int fd, char *room, size_t size)
{
    size_t len = 0;
    const char *body = NULL;
    size_t want = 0;

    while (body == NULL || len < want) {
        ssize_t got = recv(fd, room + len, size - 1 - len, 0);

        must(got > 0, "answer");
        len += (size_t)got;
        room[len] = '\0';
        if (body == NULL && (body = strstr(room, "\r\n\r\n")) != NULL) {
            const char *length = strstr(room, "ontent-Length:");

            want = (size_t)(body + 4 - room) +
                   (length == NULL ? 0 : strtoul(length + 15, NULL, 10));
            must(want < size, "an answer is too long");
        }
    }
    return (int)strtol(room + 9, NULL, 10);
}

static int post(int fd, const char *token, const char *body, size_t len)
{
    char head[512];
    char room[65536];
    int head_len = snprintf(head, sizeof head,
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: application/x-ndjson\r\nContent-Length: %zu\r\n\r\n",
            token, len);

    send_all(fd, head, (size_t)head_len);
    send_all(fd, body, len);
    return answer(fd, room, sizeof room);
}

/* ---- Senders ---- */

static void note(int64_t *list, uint32_t *count, int64_t value)
{
    (void)pthread_mutex_lock(&load.lock);
    if (*count < LATENCIES)
        list[(*count)++] = value;
    (void)pthread_mutex_unlock(&load.lock);
}

static void send_batch(int fd, unsigned long index, char *body)
{
    const struct batch *batch = &load.batches.ptr[index % load.batches.count];
    const char *token = load.tokens[index % load.token_count];
    unsigned long before = atomic_fetch_add(&load.queued, batch->stamps);
    int status = 429;

    memcpy(body, load.bytes + batch->start, batch->len);
    number(batch, body, (unsigned)(index / load.batches.count));
    if (load.rate > 0)
        pause_ns(load.start + (int64_t)((double)before / load.rate * 1e9) - now());
    while (status == 429) {
        int64_t begin = now();

        status = post(fd, token, body, batch->len);
        if (status == 429) {
            atomic_fetch_add(&load.refused, 1);
            pause_ns(20000000);
        } else {
            note(load.acks, &load.ack_count, now() - begin);
        }
    }
    must(status == 200, "the server refuses a batch");
    atomic_fetch_add(&load.events, batch->stamps);
    atomic_fetch_add(&load.bytes_sent, batch->len);
}

static void *sender(void *arg)
{
    char *body = arg;
    int fd = dial();

    while (now() < load.end)
        send_batch(fd, atomic_fetch_add(&load.next, 1), body);
    (void)close(fd);
    return NULL;
}

/* ---- Probes ---- */

static bool is_there(int fd, const char *host)
{
    static char room[1 << 20];
    char request[512];
    int len = snprintf(request, sizeof request,
            "GET /v1/alerts?limit=1&hidden=also&host=%s HTTP/1.1\r\nHost: localhost\r\n"
            "Authorization: Bearer %s\r\n\r\n",
            host, load.viewer);

    send_all(fd, request, (size_t)len);
    must(answer(fd, room, sizeof room) == 200, "the API refuses a question");
    return strstr(strstr(room, "\r\n\r\n"), host) != NULL;
}

static void probe(int events_fd, int api_fd, unsigned number_of)
{
    char host[64];
    char event[1024];
    int64_t begin;
    int len;

    (void)snprintf(host, sizeof host, "PROBE%u-%d", number_of, (int)getpid());
    len = snprintf(event, sizeof event,
            "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
            "\"Computer\":\"%s\",\"Image\":\"C:\\\\Windows\\\\System32\\\\vssadmin.exe\","
            "\"CommandLine\":\"vssadmin.exe delete shadows /all /quiet\"}\n",
            host);
    begin = now();
    /* An overloaded server says no to a probe, too: then there is nothing to be measured. */
    if (post(events_fd, load.tokens[0], event, (size_t)len) != 200)
        return;
    while (!is_there(api_fd, host)) {
        if (now() - begin > PROBE_END_NS) {
            load.probes_lost++;
            return;
        }
        pause_ns(PROBE_ASK_NS);
    }
    note(load.probes, &load.probe_count, now() - begin);
}

static void *prober(void *arg)
{
    int events_fd = dial();
    int api_fd = dial();

    (void)arg;
    for (unsigned i = 0; now() < load.end; i++) {
        int64_t due = load.start + (int64_t)i * PROBE_NS;

        if (now() > due + PROBE_NS)
            continue; /* the one before took longer */
        pause_ns(due - now());
        probe(events_fd, api_fd, i);
    }
    (void)close(events_fd);
    (void)close(api_fd);
    return NULL;
}

/* ---- All of it ---- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* In milliseconds; list is sorted. */
static double percentile(const int64_t *list, uint32_t count, unsigned percent)
{
    size_t index = (size_t)count * percent / 100;

    return (double)list[index < count ? index : count - 1] / 1e6;
}

static void print_list(const char *name, int64_t *list, uint32_t count)
{
    qsort(list, count, sizeof *list, by_value);
    if (count > 0) {
        printf(", \"%s\": {\"count\": %u, \"p50_ms\": %.2f, \"p90_ms\": %.2f, \"p99_ms\": %.2f, "
               "\"max_ms\": %.2f}",
                name, count, percentile(list, count, 50), percentile(list, count, 90),
                percentile(list, count, 99), percentile(list, count, 100));
    }
}

static void run(unsigned connections, double seconds)
{
    pthread_t threads[256];
    pthread_t probes;
    size_t room = 0;

    must(connections > 0 && connections <= HN_COUNT_OF(threads), "connections");
    for (size_t i = 0; i < load.batches.count; i++)
        room = load.batches.ptr[i].len > room ? load.batches.ptr[i].len : room;
    load.cpu = clock();
    load.start = now();
    load.end = load.start + (int64_t)(seconds * 1e9);
    for (unsigned i = 0; i < connections; i++)
        must(pthread_create(&threads[i], NULL, sender, hn_malloc(room)) == 0, "thread");
    if (load.viewer != NULL)
        must(pthread_create(&probes, NULL, prober, NULL) == 0, "thread");
    for (unsigned i = 0; i < connections; i++)
        (void)pthread_join(threads[i], NULL);
    seconds = (double)(now() - load.start) / 1e9;
    if (load.viewer != NULL)
        (void)pthread_join(probes, NULL);
    printf("{\"started\": %.6f, \"cpu\": %.3f, \"events\": %lu, \"bytes\": %lu, \"seconds\": %.3f, "
           "\"refused\": "
           "%lu, "
           "\"probes_lost\": %u",
            (double)load.start / 1e9, (double)(clock() - load.cpu) / CLOCKS_PER_SEC,
            atomic_load(&load.events), atomic_load(&load.bytes_sent), seconds,
            atomic_load(&load.refused), load.probes_lost);
    print_list("ack", load.acks, load.ack_count);
    print_list("alert", load.probes, load.probe_count);
    printf("}\n");
}

int main(int argc, char **argv)
{
    size_t tokens_len;
    struct hn_text rest;
    struct hn_text line;

    if (argc < 8) {
        fprintf(stderr, "usage: bench_load PORT EVENTS TOKENS SECONDS RATE CONNECTIONS BATCH-BYTES "
                        "[VIEWER]\n");
        return 2;
    }
    load.port = (uint16_t)strtoul(argv[1], NULL, 10);
    load.bytes = read_file(argv[2], &load.len);
    rest = hn_text_cstr(read_file(argv[3], &tokens_len));
    while (load.token_count < TOKENS_MAX && hn_text_line(&rest, &line)) {
        char *token = hn_malloc(line.len + 1);

        must(token != NULL, "memory");
        memcpy(token, line.ptr, line.len);
        token[line.len] = '\0';
        load.tokens[load.token_count++] = token;
    }
    load.rate = strtod(argv[5], NULL);
    load.viewer = argc > 8 ? argv[8] : NULL;
    cut(strtoul(argv[7], NULL, 10));
    run((unsigned)strtoul(argv[6], NULL, 10), strtod(argv[4], NULL));
    return 0;
}
