/* context.c - the `hinomi:` block of a rule: what its analyst needs (docs/rules.md). */
#include "sigma/sigma_internal.h"

static struct hn_yaml_ref entry(struct hn_yaml_ref map, const char *key)
{
    return hn_yaml_get(map, hn_text_cstr(key));
}

/* The kinds of trace, from what is changed most easily to what is changed least. */
static bool is_trace(struct hn_text text)
{
    static const char *const traces[] = { "hash", "ip", "domain", "url", "host_artefact",
        "network_artefact", "tool", "ttp" };

    for (size_t i = 0; i < HN_COUNT_OF(traces); i++) {
        if (hn_text_eq(text, hn_text_cstr(traces[i])))
            return true;
    }
    return false;
}

/* Text in two languages; a plain text is English. */
static void read_both(struct work *w, struct hn_yaml_ref ref, const char *what,
        struct hn_text *ret_en, struct hn_text *ret_ja)
{
    if (hn_yaml_is(ref, HN_YAML_MAP)) {
        (void)sigma_read_text(w, entry(ref, "en"), CODE_BAD_CONTEXT, what, ret_en);
        (void)sigma_read_text(w, entry(ref, "ja"), CODE_BAD_CONTEXT, what, ret_ja);
    } else {
        (void)sigma_read_text(w, ref, CODE_BAD_CONTEXT, what, ret_en);
    }
}

static void check_keys(struct work *w, struct hn_yaml_ref block)
{
    static const char *const keys[] = { "family", "trace", "why", "next", "false_alarm", "review",
        "lists", "tests" };
    struct hn_yaml_iter iter = hn_yaml_children(block);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        bool known = false;

        for (size_t i = 0; i < HN_COUNT_OF(keys); i++)
            known = known || hn_text_eq(hn_yaml_text(key), hn_text_cstr(keys[i]));
        if (!known)
            issue_add(w, CODE_BAD_CONTEXT, sigma_place_of(w, key),
                    "the hinomi block has no \"%.*s\"", HN_TEXT_ARG(hn_yaml_text(key)));
    }
}

void context_read(struct work *w, struct hn_yaml_ref block, struct sigma_context *context)
{
    struct hn_yaml_ref next = entry(block, "next");

    memset(context, 0, sizeof *context);
    if (block.yaml == NULL)
        return;
    if (!hn_yaml_is(block, HN_YAML_MAP)) {
        issue_add(w, CODE_BAD_CONTEXT, sigma_place_of(w, block), "the hinomi block must be a map");
        return;
    }
    check_keys(w, block);
    (void)sigma_read_text(w, entry(block, "family"), CODE_BAD_CONTEXT, "family", &context->family);
    (void)sigma_read_text(w, entry(block, "trace"), CODE_BAD_CONTEXT, "trace", &context->trace);
    if (context->trace.len > 0 && !is_trace(context->trace))
        issue_add(w, CODE_BAD_CONTEXT, sigma_place_of(w, entry(block, "trace")),
                "no kind of trace \"%.*s\"", HN_TEXT_ARG(context->trace));
    read_both(w, entry(block, "why"), "why", &context->why_en, &context->why_ja);
    read_both(
            w, entry(block, "false_alarm"), "false_alarm", &context->false_en, &context->false_ja);
    if (hn_yaml_is(next, HN_YAML_MAP)) {
        (void)sigma_read_texts(w, entry(next, "en"), CODE_BAD_CONTEXT, "next", &context->next_en);
        (void)sigma_read_texts(w, entry(next, "ja"), CODE_BAD_CONTEXT, "next", &context->next_ja);
    } else {
        (void)sigma_read_texts(w, next, CODE_BAD_CONTEXT, "next", &context->next_en);
    }
    (void)sigma_read_text(w, entry(block, "review"), CODE_BAD_CONTEXT, "review", &context->review);
}
