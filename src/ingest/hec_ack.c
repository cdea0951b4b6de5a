/* hec_ack.c - which acknowledgement ids of which channel have not been asked for yet.
 *
 * An id is given out only for something durable, so the answer to "is it?" is whether it was given;
 * and once told it is forgotten, as Splunk does. A channel keeps the ids of a window; what falls
 * out of it answers false and is sent again, which loses nothing. */
#include "ingest/ingest_internal.h"

#define WORD_BITS 64u
#define WORDS     (INGEST_ACKS_MAX / WORD_BITS)

struct channel {
    char *name;
    size_t name_len;
    uint64_t next;
    uint64_t used;      /* the acks' clock when it was last used */
    uint64_t *told_not; /* WORDS words, a ring: bit id % INGEST_ACKS_MAX */
};

struct hec_acks {
    pthread_mutex_t lock;
    struct channel channels[INGEST_CHANNELS_MAX];
    size_t count;
    uint64_t clock;
};

struct hec_acks *hec_acks_new(void)
{
    struct hec_acks *acks = hn_calloc(1, sizeof *acks);

    if (acks != NULL)
        (void)pthread_mutex_init(&acks->lock, NULL);
    return acks;
}

static void channel_deinit(struct channel *channel)
{
    hn_free(channel->name);
    hn_free(channel->told_not);
    memset(channel, 0, sizeof *channel);
}

void hec_acks_free(struct hec_acks *acks)
{
    if (acks == NULL)
        return;
    for (size_t i = 0; i < acks->count; i++)
        channel_deinit(&acks->channels[i]);
    (void)pthread_mutex_destroy(&acks->lock);
    hn_free(acks);
}

static struct channel *channel_find(struct hec_acks *acks, struct hn_text name)
{
    for (size_t i = 0; i < acks->count; i++) {
        struct channel *channel = &acks->channels[i];

        if (hn_text_eq(hn_text_of(channel->name, channel->name_len), name)) {
            channel->used = ++acks->clock;
            return channel;
        }
    }
    return NULL;
}

/* An unused place, or that of the channel unused for longest. */
static struct channel *channel_place(struct hec_acks *acks)
{
    struct channel *oldest = &acks->channels[0];

    if (acks->count < INGEST_CHANNELS_MAX)
        return &acks->channels[acks->count++];
    for (size_t i = 1; i < acks->count; i++) {
        if (acks->channels[i].used < oldest->used)
            oldest = &acks->channels[i];
    }
    channel_deinit(oldest);
    return oldest;
}

static struct channel *channel_add(struct hec_acks *acks, struct hn_text name)
{
    struct channel fresh = { .name = hn_malloc(name.len + 1),
        .name_len = name.len,
        .used = ++acks->clock,
        .told_not = hn_calloc(WORDS, sizeof *fresh.told_not) };
    struct channel *channel;

    if (fresh.name == NULL || fresh.told_not == NULL) {
        channel_deinit(&fresh);
        return NULL;
    }
    memcpy(fresh.name, name.ptr, name.len);
    channel = channel_place(acks);
    *channel = fresh;
    return channel;
}

bool hec_acks_give(struct hec_acks *acks, struct hn_text name, uint64_t *ret_id)
{
    struct channel *channel;

    (void)pthread_mutex_lock(&acks->lock);
    channel = channel_find(acks, name);
    if (channel == NULL)
        channel = channel_add(acks, name);
    if (channel != NULL) {
        uint64_t bit = channel->next % INGEST_ACKS_MAX;

        *ret_id = channel->next++;
        channel->told_not[bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
    }
    (void)pthread_mutex_unlock(&acks->lock);
    return channel != NULL;
}

bool hec_acks_take(struct hec_acks *acks, struct hn_text name, uint64_t id)
{
    struct channel *channel;
    bool told = false;

    (void)pthread_mutex_lock(&acks->lock);
    channel = channel_find(acks, name);
    if (channel != NULL && id < channel->next && channel->next - id <= INGEST_ACKS_MAX) {
        uint64_t bit = id % INGEST_ACKS_MAX;
        uint64_t mask = UINT64_C(1) << bit % WORD_BITS;

        told = (channel->told_not[bit / WORD_BITS] & mask) != 0;
        channel->told_not[bit / WORD_BITS] &= ~mask;
    }
    (void)pthread_mutex_unlock(&acks->lock);
    return told;
}
