/* serve_pool.c - a connection to the database serves one thread at a time; those that are idle are
 * kept, because opening one costs a millisecond and prepared statements are worth keeping. */
#include "serve/serve_internal.h"

#include "base/mem.h"

#include <stdio.h>

void serve_pool_init(struct serve_pool *pool, const struct store_options *store)
{
    (void)pthread_mutex_init(&pool->lock, NULL);
    pool->idle = NULL;
    pool->store = *store;
    (void)snprintf(pool->path, sizeof pool->path, "%s", store->path);
    pool->store.path = pool->path;
}

static void link_free(struct serve_link *link)
{
    store_close(link->store);
    db_close(link->db);
    hn_free(link);
}

void serve_pool_deinit(struct serve_pool *pool)
{
    while (pool->idle != NULL) {
        struct serve_link *link = pool->idle;

        pool->idle = link->next;
        link_free(link);
    }
    (void)pthread_mutex_destroy(&pool->lock);
}

static struct serve_link *link_new(struct serve_pool *pool)
{
    const struct db_options options = { .path = pool->path };
    struct serve_link *link = hn_calloc(1, sizeof *link);
    struct hn_err err = { 0 };
    enum hn_status status;

    if (link == NULL)
        return NULL;
    status = store_open(&pool->store, &link->store, &err);
    if (status == HN_OK)
        status = db_open(&options, &link->db, &err);
    if (status != HN_OK) {
        serve_log_failure(CONFIG_LOG_ERROR, "store.open", "the database cannot be opened", &err);
        link_free(link);
        return NULL;
    }
    return link;
}

struct serve_link *serve_pool_take(struct serve_pool *pool)
{
    struct serve_link *link;

    (void)pthread_mutex_lock(&pool->lock);
    link = pool->idle;
    if (link != NULL)
        pool->idle = link->next;
    (void)pthread_mutex_unlock(&pool->lock);
    return link != NULL ? link : link_new(pool);
}

void serve_pool_give(struct serve_pool *pool, struct serve_link *link)
{
    if (link == NULL)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    link->next = pool->idle;
    pool->idle = link;
    (void)pthread_mutex_unlock(&pool->lock);
}
