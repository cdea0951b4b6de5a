/* serve_log.c - lines of the server's log, as JSON or text, each written at once. */
#include "serve/serve_log.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/json_out.h"
#include "base/time.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct id_count {
    const char *id; /* ids are literals */
    int64_t span;   /* number of the span that counts belong to */
    uint32_t written;
    uint64_t held_back; /* since the last line that got through */
};

static struct {
    pthread_mutex_t lock;
    enum config_log_format format;
    enum config_log_level level;
    int fd;
    struct id_count ids[SERVE_LOG_IDS_MAX];
    size_t id_count;
} log_state = { .lock = PTHREAD_MUTEX_INITIALIZER,
    .format = CONFIG_LOG_JSON,
    .level = CONFIG_LOG_INFO,
    .fd = STDERR_FILENO };

void serve_log_init(enum config_log_format format, enum config_log_level level, int fd)
{
    (void)pthread_mutex_lock(&log_state.lock);
    log_state.format = format;
    if (format == CONFIG_LOG_AUTO)
        log_state.format = isatty(fd) ? CONFIG_LOG_TEXT : CONFIG_LOG_JSON;
    log_state.level = level;
    log_state.fd = fd;
    log_state.id_count = 0;
    (void)pthread_mutex_unlock(&log_state.lock);
}

static const char *level_name(enum config_log_level level)
{
    switch (level) {
    case CONFIG_LOG_ERROR:
        return "error";
    case CONFIG_LOG_WARNING:
        return "warning";
    case CONFIG_LOG_INFO:
        return "info";
    case CONFIG_LOG_DEBUG:
        break;
    }
    return "debug";
}

/* With the lock held. False: the line is counted instead of written. */
static bool may_write(const char *id, int64_t now_s, uint64_t *ret_held_back)
{
    struct id_count *entry = NULL;

    if (strcmp(id, SERVE_LOG_AUDIT) == 0)
        return true;
    for (size_t i = 0; i < log_state.id_count && entry == NULL; i++) {
        if (strcmp(log_state.ids[i].id, id) == 0)
            entry = &log_state.ids[i];
    }
    if (entry == NULL && log_state.id_count == SERVE_LOG_IDS_MAX)
        entry = &log_state.ids[SERVE_LOG_IDS_MAX - 1];
    if (entry == NULL) {
        entry = &log_state.ids[log_state.id_count++];
        *entry = (struct id_count){ .id = id };
    }
    if (entry->span != now_s / SERVE_LOG_SPAN_S) {
        entry->span = now_s / SERVE_LOG_SPAN_S;
        entry->written = 0;
    }
    if (entry->written == SERVE_LOG_BURST) {
        entry->held_back++;
        return false;
    }
    entry->written++;
    *ret_held_back = entry->held_back;
    entry->held_back = 0;
    return true;
}

static void add_json(struct hn_buf *out, struct hn_text stamp, enum config_log_level level,
        const char *id, const char *message)
{
    hn_buf_add_lit(out, "{\"time\":\"");
    hn_buf_add_text(out, stamp);
    hn_buf_addf(out, "\",\"level\":\"%s\",\"id\":\"%s\",\"message\":", level_name(level), id);
    hn_json_string(out, hn_text_cstr(message));
}

static void add_json_field(struct hn_buf *out, const struct serve_field *field)
{
    hn_buf_addf(out, ",\"%s\":", field->key);
    if (field->text.ptr != NULL)
        hn_json_string(out, field->text);
    else
        hn_buf_addf(out, "%lld", (long long)field->number);
}

static void add_text_field(struct hn_buf *out, const struct serve_field *field)
{
    hn_buf_addf(out, " %s=", field->key);
    if (field->text.ptr != NULL)
        hn_json_string(out, field->text);
    else
        hn_buf_addf(out, "%lld", (long long)field->number);
}

/* What does not fit is left out as a whole, so that a JSON line stays one. */
static void add_field(struct hn_buf *out, const struct serve_field *field)
{
    size_t before = out->len;

    if (log_state.format == CONFIG_LOG_JSON)
        add_json_field(out, field);
    else
        add_text_field(out, field);
    if (!hn_buf_ok(out)) {
        out->status = HN_OK;
        out->len = before;
    }
}

static void write_line(const struct hn_buf *line)
{
    size_t done = 0;

    while (done < line->len) {
        ssize_t wrote = write(log_state.fd, line->ptr + done, line->len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return; /* nobody listens: there is no better place to say so */
        done += (size_t)wrote;
    }
}

void serve_log_write(enum config_log_level level, const char *id, const char *message,
        const struct serve_field *fields, size_t count)
{
    char room[SERVE_LOG_LINE_MAX];
    struct hn_buf line = hn_buf_over(room, sizeof room - 4); /* the end always fits */
    char stamp[HN_TIME_TEXT_MAX];
    uint64_t held_back = 0;
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)pthread_mutex_lock(&log_state.lock);
    if (level <= log_state.level && may_write(id, now.tv_sec, &held_back)) {
        hn_time time = (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec / 1000 * 1000;
        struct hn_text when = hn_text_of(stamp, hn_time_write(time, 0, stamp));

        if (log_state.format == CONFIG_LOG_JSON)
            add_json(&line, when, level, id, message);
        else
            hn_buf_addf(&line, "%.*s %s %s: %s", HN_TEXT_ARG(when), level_name(level), id, message);
        for (size_t i = 0; i < count; i++) {
            if (fields[i].key != NULL)
                add_field(&line, &fields[i]);
        }
        if (held_back > 0) {
            struct serve_field held = SERVE_COUNT("held_back", held_back);

            add_field(&line, &held);
        }
        line.cap_bytes = sizeof room;
        line.room = sizeof room;
        hn_buf_add_cstr(&line, log_state.format == CONFIG_LOG_JSON ? "}\n" : "\n");
        write_line(&line);
    }
    (void)pthread_mutex_unlock(&log_state.lock);
}

void serve_log_failure(
        enum config_log_level level, const char *id, const char *message, const struct hn_err *err)
{
    struct serve_field fields[4] = {
        SERVE_TEXT("status", hn_text_cstr(hn_status_text(err->status))),
        SERVE_TEXT("reason", hn_text_cstr(err->msg)),
    };
    size_t count = 2;

    if (err->sys_errno != 0)
        fields[count++] = SERVE_COUNT("errno", err->sys_errno);
    if (err->line != 0)
        fields[count++] = SERVE_COUNT("line", err->line);
    serve_log_write(level, id, message, fields, count);
}
