/* c2.c - C2 tables: the extractors there are, and what is told of what they find.
 * docs/extractors.md says how to add one. */
#include "program/program_internal.h"

#include "base/buf.h"

const struct program_extractor *const program_extractors[] = {
    &program_emotet_table,
    &program_emotet_packed,
};
const size_t program_extractor_count = HN_COUNT_OF(program_extractors);

static void tell_config(struct dissect *dissect, uint32_t id, const struct program_config *config)
{
    dissect_fact(dissect, id, "c2_family", hn_text_cstr(config->family));
    dissect_fact(dissect, id, "c2_extractor", hn_text_cstr(config->extractor));
    dissect_fact(dissect, id, "c2_detail", config->detail);
    dissect_fact_u64(dissect, id, "c2_count", config->c2_count);
    for (size_t i = 0; i < config->c2_count; i++) {
        const struct program_c2 *c2 = &config->c2[i];
        struct hn_buf text = { 0 };
        struct hn_buf way = { 0 };

        hn_buf_add_text(&text, c2->address);
        if (c2->port != 0)
            hn_buf_addf(&text, ":%u", (unsigned)c2->port);
        hn_buf_addf(&way, "%s@%llu", config->extractor, (unsigned long long)c2->offset);
        dissect_fact(dissect, id, "c2", hn_buf_text(&text));
        dissect_text(dissect, id, "c2", hn_buf_text(&text), hn_buf_text(&way), c2->offset);
        hn_buf_deinit(&way);
        hn_buf_deinit(&text);
    }
}

void program_c2_tell(struct dissect *dissect, uint32_t id, const struct program_pe *pe)
{
    struct hn_bytes bytes = dissect_get(dissect, id)->data;

    for (size_t i = 0; i < program_extractor_count; i++) {
        const struct program_extractor *extractor = program_extractors[i];
        struct program_config config = { .family = extractor->family,
            .extractor = extractor->name };

        if (extractor->find(dissect_arena(dissect), bytes, pe, &config))
            tell_config(dissect, id, &config);
    }
}
