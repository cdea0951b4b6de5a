/* Proves what no client can see from outside: plain HTTP is for loopback only, a stop answers for
 * handlers that do not, an answer that comes after that does no harm, and half a key pair is
 * refused. */
#include "http/http.h"

#include "base/mem.h"
#include "support/check.h"
#include "support/folder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic(struct http_request *) held;

static void on_hold(void *ctx, struct http_request *request)
{
    (void)ctx;
    atomic_store(&held, request);
}

static const struct http_route routes[] = {
    { "GET", "/hold", "hold", on_hold, NULL, 0, 0 },
};
static const struct http_door door;

static enum hn_status start(
        const char *address, bool tls, const char *dir, struct http_server **ret)
{
    struct http_listener listener = { address, 0, tls };
    struct hn_buf paths[2] = { 0 };
    struct http_options options = { .listeners = &listener, .listener_count = 1 };
    enum hn_status status;

    hn_buf_addf(&paths[0], "%s/crt%c", dir, 0);
    hn_buf_addf(&paths[1], "%s/key%c", dir, 0);
    options.certificate = paths[0].ptr;
    options.key = paths[1].ptr;
    status = http_server_new(&options, ret, NULL);
    hn_buf_deinit(&paths[0]);
    hn_buf_deinit(&paths[1]);
    return status;
}

static void plain_http_is_for_loopback(void **state)
{
    static const char *const refused[] = { "0.0.0.0", "::", "192.0.2.1", "2001:db8::1" };
    struct http_server *server = NULL;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(refused); i++)
        assert_int_equal(start(refused[i], false, "/nowhere", &server), HN_UNSUPPORTED);
    assert_int_equal(start("localhost", false, "/nowhere", &server), HN_SYNTAX);
    assert_int_equal(start("", false, "/nowhere", &server), HN_SYNTAX);
    assert_null(server);
    assert_int_equal(start("127.0.0.2", false, "/nowhere", &server), HN_OK);
    http_server_free(server);
}

static void half_a_pair_is_refused(void **state)
{
    char *dir = folder_new();
    struct http_server *server = NULL;
    struct http_server *second = NULL;
    struct hn_buf key = { 0 };
    struct stat info;

    (void)state;
    hn_buf_addf(&key, "%s/key%c", dir, 0);
    assert_int_equal(start("127.0.0.1", true, dir, &server), HN_OK);
    assert_int_equal(stat(key.ptr, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(start("127.0.0.1", true, dir, &second), HN_LIMIT); /* one certificate */
    assert_int_equal(http_server_reload_certificate(server, NULL), HN_OK);
    assert_int_equal(unlink(key.ptr), 0);
    assert_int_equal(http_server_reload_certificate(server, NULL), HN_IO); /* the old one stays */
    http_server_free(server);
    assert_int_equal(start("127.0.0.1", true, dir, &second), HN_IO); /* nothing is made anew */
    assert_null(second);
    assert_int_not_equal(stat(key.ptr, &info), 0);
    hn_buf_deinit(&key);
    folder_free(dir);
}

static int ask(uint16_t port)
{
    static const char question[] = "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    union {
        struct sockaddr any;
        struct sockaddr_in in;
    } address = { .in = to };

    address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, &address.any, sizeof address.in), 0);
    assert_int_equal(write(fd, question, sizeof question - 1), sizeof question - 1);
    for (unsigned i = 0; i < 1000 && atomic_load(&held) == NULL; i++)
        (void)poll(NULL, 0, 10);
    assert_non_null(atomic_load(&held));
    return fd;
}

static void a_stop_answers_for_handlers(void **state)
{
    struct http_server *server = NULL;
    struct http_counters counters;
    char answer[512] = "";
    int fd;

    (void)state;
    assert_int_equal(start("127.0.0.1", false, "/nowhere", &server), HN_OK);
    assert_int_equal(http_server_routes(server, &door, routes, HN_COUNT_OF(routes), NULL), HN_OK);
    assert_int_equal(http_server_start(server, NULL), HN_OK);
    fd = ask(http_server_port(server, 0));
    counters = http_server_counters(server);
    assert_true(counters.open_requests == 1 && counters.requests == 1);
    http_server_stop(server, 50);
    assert_true(read(fd, answer, sizeof answer - 1) > 0);
    assert_memory_equal(answer, "HTTP/1.1 503", 12);
    (void)close(fd);
    check_text(http_request_path(atomic_load(&held)), "/hold"); /* still the handler's */
    check_text(http_request_peer(atomic_load(&held)), "127.0.0.1");
    check_text(http_request_host(atomic_load(&held)), "x");
    http_answer(atomic_load(&held), &(struct http_answer){ .status = 200 });
    assert_true(http_server_counters(server).open_requests == 0);
    http_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_http_is_for_loopback),
        cmocka_unit_test(half_a_pair_is_refused),
        cmocka_unit_test(a_stop_answers_for_handlers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
