/* chance.c - chance that is the same on every machine, and what a sample has of each row. */
#include "samples_internal.h"

#include <stdio.h>

uint32_t chance_next(struct chance *chance, uint32_t below)
{
    chance->state = chance->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(chance->state >> 33) % below;
}

void chance_row(struct chance *chance, const char *row)
{
    struct sample *sample = chance->sample;

    if (chance_wants(chance, row))
        chance->want = NULL;
    for (size_t i = 0; i < sample->row_count; i++)
        if (strcmp(sample->rows[i], row) == 0)
            return;
    if (sample->row_count < SAMPLE_ROWS_MAX)
        sample->rows[sample->row_count++] = row;
}

bool chance_wants(const struct chance *chance, const char *row)
{
    return chance->want != NULL && strcmp(chance->want, row) == 0;
}

bool chance_wants_any(const struct chance *chance, const char *prefix)
{
    return chance->want != NULL && strncmp(chance->want, prefix, strlen(prefix)) == 0;
}

void chance_mark(struct chance *chance, struct hn_text text, char ret_mark[5])
{
    do {
        ret_mark[0] = '~';
        ret_mark[1] = (char)('A' + chance_next(chance, 26));
        ret_mark[2] = (char)('a' + chance_next(chance, 26));
        ret_mark[3] = '_';
        ret_mark[4] = '\0';
    } while (hn_text_find(text, hn_text_of(ret_mark, 4), 0) != SIZE_MAX);
}

void chance_urls(const struct chance *chance, struct hn_buf *out)
{
    for (size_t i = 0; i < chance->sample->url_count; i++) {
        if (i > 0)
            hn_buf_add_char(out, '@');
        hn_buf_add_cstr(out, chance->sample->urls[i]);
    }
}

const char *chance_way(struct chance *chance, const struct way *ways, size_t count)
{
    size_t chosen = chance_next(chance, (uint32_t)count);

    for (size_t i = 0; i < count; i++)
        if (ways[i].row != NULL && chance_wants(chance, ways[i].row))
            chosen = i;
    if (ways[chosen].row != NULL)
        chance_row(chance, ways[chosen].row);
    return ways[chosen].text;
}
