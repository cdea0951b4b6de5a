/* serve_doors.c - the sources of the configuration as what syslog and file doors want.
 *
 * Several sources may share an address: the listener belongs to the first one without peers, and
 * each source with peers is a rule of it. Everything the doors borrow is in one arena. */
#include "serve/serve_internal.h"

#include "base/mem.h"
#include "base/vec.h"

#include <unistd.h>

struct serve_doors {
    struct hn_arena arena;
    struct syslogd_source *syslog_sources; /* by index of the configuration's sources */
    HN_VEC(struct syslogd_listener) listeners;
    HN_VEC(struct follow_source) follows;
};

/* ---- Syslog ---- */

static bool same_address(const struct syslogd_listener *listener, enum syslogd_transport transport,
        const struct config_address *address)
{
    const char *host = hn_text_eq(address->host, HN_TEXT("*")) ? NULL : address->host.ptr;

    return listener->transport == transport && listener->port == address->port &&
           address->port != 0 &&
           (host == NULL ? listener->address == NULL
                         : listener->address != NULL &&
                                   hn_text_eq(address->host, hn_text_cstr(listener->address)));
}

static const struct syslogd_tls *tls_of(
        struct serve *serve, struct serve_doors *doors, const struct config_tls *tls)
{
    const struct config_tls *files =
            tls->certificate.len > 0 ? tls : &serve->config->http.tls_files;
    const struct config_tls *clients = tls->client_ca.len > 0 ? tls : files;
    struct syslogd_tls *made = hn_new(&doors->arena, struct syslogd_tls, 1);
    const char **names = hn_new(&doors->arena, const char *, clients->client_names.count + 1);
    char path[SERVE_PATH_MAX];

    if (made == NULL || names == NULL)
        return NULL;
    for (uint32_t i = 0; i < clients->client_names.count; i++)
        names[i] = clients->client_names.ptr[i].ptr;
    /* Without files of one's own, what the HTTP door made at its first start. */
    if (files->certificate.len > 0) {
        made->certificate_file = files->certificate.ptr;
        made->key_file = files->key.ptr;
    } else {
        if (!serve_path(serve, "tls.crt", path))
            return NULL;
        made->certificate_file = hn_arena_text(&doors->arena, hn_text_cstr(path)).ptr;
        if (!serve_path(serve, "tls.key", path))
            return NULL;
        made->key_file = hn_arena_text(&doors->arena, hn_text_cstr(path)).ptr;
        if (made->certificate_file == NULL || made->key_file == NULL)
            return NULL;
    }
    made->ca_file = clients->client_ca.len > 0 ? clients->client_ca.ptr : NULL;
    made->client = clients->client_ca.len > 0 ? SYSLOGD_CLIENT_REQUIRED : SYSLOGD_CLIENT_NONE;
    made->peers = names;
    made->peer_count = clients->client_names.count;
    return made;
}

/* The networks of a source as rules behind those a listener has already. */
static bool add_rules(struct serve_doors *doors, struct syslogd_listener *listener,
        const struct config_source *source, const struct syslogd_source *target)
{
    size_t count = listener->rule_count + source->peers.count;
    struct syslogd_rule *rules = hn_new(&doors->arena, struct syslogd_rule, count + 1);

    if (rules == NULL)
        return false;
    if (listener->rule_count > 0)
        memcpy(rules, listener->rules, listener->rule_count * sizeof *rules);
    for (uint32_t i = 0; i < source->peers.count; i++) {
        struct syslogd_rule *rule = &rules[listener->rule_count + i];

        if (!hn_cidr_parse(source->peers.ptr[i], &rule->peers, NULL))
            return false; /* the configuration has checked it */
        rule->source = target;
    }
    listener->rules = rules;
    listener->rule_count = count;
    return true;
}

static struct syslogd_listener *find_listener(struct serve_doors *doors,
        enum syslogd_transport transport, const struct config_address *address)
{
    for (size_t i = 0; i < doors->listeners.count; i++) {
        if (same_address(&doors->listeners.ptr[i], transport, address))
            return &doors->listeners.ptr[i];
    }
    return NULL;
}

static bool add_listener(struct serve *serve, struct serve_doors *doors, uint32_t index,
        enum syslogd_transport transport, const struct config_address *address)
{
    const struct config_source *source = &serve->config->sources.ptr[index];
    const struct syslogd_source *target = &doors->syslog_sources[index];
    struct syslogd_listener *listener = find_listener(doors, transport, address);

    if (listener == NULL) {
        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
        listener = hn_vec_add(&doors->listeners);
        if (listener == NULL)
            return false;
        *listener = (struct syslogd_listener){ .transport = transport,
            .address = hn_text_eq(address->host, HN_TEXT("*")) ? NULL : address->host.ptr,
            .port = address->port,
            .source = target };
        if (transport == SYSLOGD_TLS) {
            listener->tls = tls_of(serve, doors, &source->tls_files);
            if (listener->tls == NULL)
                return false;
        }
    } else if (source->peers.count == 0) {
        listener->source = target;
    }
    return source->peers.count == 0 || add_rules(doors, listener, source, target);
}

static bool add_listeners(struct serve *serve, struct serve_doors *doors, uint32_t index)
{
    const struct config_source *source = &serve->config->sources.ptr[index];
    const struct config_addresses *lists[] = { &source->udp, &source->tcp, &source->tls };
    static const enum syslogd_transport transports[] = { SYSLOGD_UDP, SYSLOGD_TCP, SYSLOGD_TLS };

    for (size_t i = 0; i < HN_COUNT_OF(lists); i++) {
        for (uint32_t k = 0; k < lists[i]->count; k++) {
            if (!add_listener(serve, doors, index, transports[i], &lists[i]->ptr[k]))
                return false;
        }
    }
    return true;
}

static void on_syslog_note(void *ctx, const struct syslogd_note *note)
{
    (void)ctx;
    serve_log(CONFIG_LOG_WARNING, "syslog.note", note->text, SERVE_TEXT("peer", note->peer));
}

/* ---- Files ---- */

static bool add_follow(struct serve_doors *doors, const struct config_source *source)
{
    struct follow_source *follow = hn_vec_add(&doors->follows);
    const char **paths = hn_new(&doors->arena, const char *, source->files.count + 1);

    if (follow == NULL || paths == NULL)
        return false;
    for (uint32_t i = 0; i < source->files.count; i++)
        paths[i] = source->files.ptr[i].ptr;
    *follow = (struct follow_source){ .name = source->name,
        .tenant = source->tenant,
        .format = source->format,
        .zone = source->zone,
        .pipeline = config_source_mapping(source),
        .paths = paths,
        .path_count = source->files.count,
        .fd = -1 };
    if (source->standard_input && source->files.count == 0)
        follow->fd = STDIN_FILENO;
    return true;
}

static void on_follow_note(void *ctx, const struct follow_note *note)
{
    (void)ctx;
    serve_log(CONFIG_LOG_WARNING, "files.note", note->text, SERVE_TEXT("path", note->path));
}

/* ---- All of them ---- */

static bool gather(struct serve *serve, struct serve_doors *doors)
{
    const struct config_sources *sources = &serve->config->sources;

    doors->syslog_sources = hn_new(&doors->arena, struct syslogd_source, sources->count + 1);
    if (doors->syslog_sources == NULL)
        return false;
    for (uint32_t i = 0; i < sources->count; i++) {
        const struct config_source *source = &sources->ptr[i];

        doors->syslog_sources[i] = (struct syslogd_source){ .name = source->name,
            .tenant = source->tenant,
            .format = source->format,
            .zone = source->zone,
            .pipeline = config_source_mapping(source) };
        if (!add_listeners(serve, doors, i))
            return false;
        if ((source->files.count > 0 || source->standard_input) && !add_follow(doors, source))
            return false;
    }
    return true;
}

static enum hn_status declare(struct serve *serve)
{
    const struct config_sources *sources = &serve->config->sources;
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < sources->count; i++) {
        const struct intake_source_limits limits = { .bytes_per_second = sources->ptr[i].quota };

        status = intake_source(serve->intake, sources->ptr[i].name, &limits);
    }
    return status;
}

static enum hn_status open_syslog(struct serve *serve, struct hn_err *err)
{
    const struct syslogd_options options = { .listeners = serve->doors->listeners.ptr,
        .listener_count = serve->doors->listeners.count,
        .on_note = on_syslog_note };
    struct syslogd *syslogd = NULL;
    enum hn_status status = syslogd_open(&options, serve->intake, &syslogd, err);

    (void)pthread_mutex_lock(&serve->doors_lock);
    serve->syslogd = syslogd;
    (void)pthread_mutex_unlock(&serve->doors_lock);
    return status;
}

static enum hn_status open_files(struct serve *serve, struct hn_err *err)
{
    const struct follow_options options = { .sources = serve->doors->follows.ptr,
        .source_count = serve->doors->follows.count,
        .on_note = on_follow_note };
    struct follow *follow = NULL;
    enum hn_status status = follow_open(&options, serve->intake, &follow, err);

    (void)pthread_mutex_lock(&serve->doors_lock);
    serve->follow = follow;
    (void)pthread_mutex_unlock(&serve->doors_lock);
    return status;
}

enum hn_status serve_doors_open(struct serve *serve, struct hn_err *err)
{
    struct serve_doors *doors = hn_calloc(1, sizeof *doors);
    enum hn_status status = HN_OK;

    if (doors == NULL)
        return hn_fail(err, HN_NOMEM, 0, "doors");
    serve->doors = doors;
    hn_arena_init(&doors->arena, (size_t)16 << 20);
    if (declare(serve) != HN_OK || !gather(serve, doors))
        return hn_fail(err, HN_NOMEM, 0, "doors");
    if (doors->listeners.count > 0)
        status = open_syslog(serve, err);
    if (status == HN_OK && doors->follows.count > 0)
        status = open_files(serve, err);
    return status;
}

void serve_doors_close(struct serve *serve)
{
    struct syslogd *syslogd;
    struct follow *follow;

    (void)pthread_mutex_lock(&serve->doors_lock);
    syslogd = serve->syslogd;
    follow = serve->follow;
    serve->syslogd = NULL;
    serve->follow = NULL;
    (void)pthread_mutex_unlock(&serve->doors_lock);
    syslogd_close(syslogd);
    follow_close(follow);
}

void serve_doors_free(struct serve *serve)
{
    struct serve_doors *doors = serve->doors;

    if (doors == NULL)
        return;
    hn_vec_deinit(&doors->listeners);
    hn_vec_deinit(&doors->follows);
    hn_arena_deinit(&doors->arena);
    hn_free(doors);
    serve->doors = NULL;
}
