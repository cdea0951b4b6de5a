/* serve_health.c - whether what is handed in becomes durable and is judged, and how much room there
 * is.
 *
 * A disk that fills up is told while there is still time to do something about it, once when it
 * passes a mark and once when it is below it again. */
#include "serve/serve_internal.h"

#include <sys/statvfs.h>

#define MARK_WARNING 0.80
#define MARK_ERROR   0.90
#define MARK_SLACK   0.02 /* below a mark by so much before it is taken back */

/* ---- Ready or not ---- */

const char *serve_trouble(struct serve *serve)
{
    struct journal_stats journal = journal_stats(serve->journal);

    if (!atomic_load(&serve->ready))
        return "starting, or ending";
    if (journal.failed)
        return "the journal has failed";
    if (journal.no_room)
        return "no room for the journal";
    if (serve_committer_counters(serve->committer).failing)
        return "alerts cannot be stored";
    return NULL;
}

/* Told when it begins and when it is over; the journal itself does not log. */
static void watch_journal(struct serve *serve)
{
    struct journal_stats stats = journal_stats(serve->journal);

    if (stats.no_room == serve->health.no_room)
        return;
    serve->health.no_room = stats.no_room;
    if (stats.no_room) {
        serve_log(CONFIG_LOG_ERROR, "journal.full",
                "no room for the journal: nothing more is acknowledged until there is",
                SERVE_COUNT("refused", stats.refused), SERVE_COUNT("free", stats.disk_free));
    } else {
        serve_log(CONFIG_LOG_INFO, "journal.room", "there is room for the journal again",
                SERVE_COUNT("refused", stats.refused), SERVE_COUNT("free", stats.disk_free));
    }
}

/* ---- Room ---- */

/* As df(1) counts: of what ordinary processes may use. */
static double share(uint64_t total, uint64_t unused, uint64_t available)
{
    uint64_t used = total - unused;

    return used + available == 0 ? 0 : (double)used / (double)(used + available);
}

static int mark_of(double used, int before)
{
    if (used >= MARK_ERROR - (before == 2 ? MARK_SLACK : 0))
        return 2;
    return used >= MARK_WARNING - (before >= 1 ? MARK_SLACK : 0) ? 1 : 0;
}

static void watch_room(struct serve *serve)
{
    struct serve_health *health = &serve->health;
    struct statvfs info;
    double most;
    int mark;

    if (statvfs(serve->data, &info) != 0)
        return;
    atomic_store(&health->bytes_used, share(info.f_blocks, info.f_bfree, info.f_bavail));
    atomic_store(&health->inodes_used, share(info.f_files, info.f_ffree, info.f_favail));
    most = atomic_load(&health->bytes_used);
    if (atomic_load(&health->inodes_used) > most)
        most = atomic_load(&health->inodes_used);
    mark = mark_of(most, atomic_load(&health->mark));
    if (mark == atomic_load(&health->mark))
        return;
    if (mark > atomic_load(&health->mark)) {
        serve_log(mark == 2 ? CONFIG_LOG_ERROR : CONFIG_LOG_WARNING, "disk.filling",
                "the disk of the data folder fills up",
                SERVE_COUNT("percent_bytes", atomic_load(&health->bytes_used) * 100),
                SERVE_COUNT("percent_inodes", atomic_load(&health->inodes_used) * 100));
    } else {
        serve_log(CONFIG_LOG_INFO, "disk.room", "the disk of the data folder has room again",
                SERVE_COUNT("percent_bytes", atomic_load(&health->bytes_used) * 100),
                SERVE_COUNT("percent_inodes", atomic_load(&health->inodes_used) * 100));
    }
    atomic_store(&health->mark, mark);
}

void serve_health_watch(struct serve *serve)
{
    watch_journal(serve);
    watch_room(serve);
}

void serve_health_metrics(struct serve *serve, struct serve_metrics *metrics)
{
    struct serve_label what = { "what", HN_TEXT("bytes") };

    serve_metric(metrics, "hinomi_ready", SERVE_GAUGE,
            "1 when what is handed in becomes durable and is judged.");
    serve_metric_value(metrics, "", NULL, 0, serve_trouble(serve) == NULL ? 1 : 0);
    serve_metric(metrics, "hinomi_disk_used_ratio", SERVE_GAUGE,
            "How full the file system of the data folder is.");
    serve_metric_value(metrics, "", &what, 1, atomic_load(&serve->health.bytes_used));
    what.value = HN_TEXT("inodes");
    serve_metric_value(metrics, "", &what, 1, atomic_load(&serve->health.inodes_used));
    serve_metric(metrics, "hinomi_disk_alarm", SERVE_GAUGE,
            "1 from 80 % on, 2 from 90 % on: raise it before events are refused.");
    serve_metric_value(metrics, "", NULL, 0, atomic_load(&serve->health.mark));
}
