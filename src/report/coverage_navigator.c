/* coverage_navigator.c - coverage as a layer: the more rules, the deeper the colour. */
#include "base/mem.h"
#include "report/coverage.h"
#include "report/navigator.h"

/* Titles of rules, one a line, into the buffer they share. */
static struct hn_text comment_of(const struct coverage_technique *technique, struct hn_buf *pool)
{
    size_t start = pool->len;

    for (uint32_t i = 0; i < technique->rules; i++) {
        if (i > 0)
            hn_buf_add_char(pool, '\n');
        hn_buf_add_text(pool, technique->titles[i]);
    }
    return hn_text_of(NULL, pool->len - start);
}

void coverage_write_navigator(const struct coverage *coverage, struct hn_buf *out)
{
    static const struct hn_text colors[] = { HN_TEXT_INIT("#d6e6f5"), HN_TEXT_INIT("#2f86c5"),
        HN_TEXT_INIT("#125a94") };
    struct navigator_technique *techniques =
            hn_calloc(coverage->technique_count, sizeof *techniques);
    struct navigator_layer layer = { .name = HN_TEXT("Hinomi rules"),
        .description = HN_TEXT("Techniques covered by rules; the score is the number of rules."),
        .techniques = techniques,
        .technique_count = coverage->technique_count,
        .colors = colors,
        .color_count = HN_COUNT_OF(colors) };
    struct hn_buf pool = { 0 };
    size_t at = 0;

    if (techniques == NULL) {
        out->status = HN_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < coverage->technique_count; i++) {
        techniques[i].id = hn_text_cstr(coverage->techniques[i].id);
        techniques[i].score = coverage->techniques[i].rules;
        techniques[i].comment = comment_of(&coverage->techniques[i], &pool);
    }
    for (uint32_t i = 0; hn_buf_ok(&pool) && i < coverage->technique_count; i++) {
        techniques[i].comment.ptr = pool.ptr + at; /* the pool has stopped moving */
        at += techniques[i].comment.len;
    }
    if (hn_buf_ok(&pool))
        report_navigator_write(&layer, out);
    else
        out->status = pool.status;
    hn_buf_deinit(&pool);
    hn_free(techniques);
}
