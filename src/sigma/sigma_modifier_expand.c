/* sigma_modifier_expand.c - expand: %name% becomes a placeholder, to be filled from lists.
 *
 * "A plain percent character can be used by escaping it with a backslash" (specification,
 * Placeholders): \%plain%name% is "%plain" and the placeholder "name". A lone '%', and "%%", are
 * plain. */
#include "sigma/sigma_modifiers.h"

/* Length of the name behind a '%', 0 when there is none: up to the next '%', no backslash. */
static size_t name_len(struct hn_text text, size_t at)
{
    size_t len = 0;

    while (at + len < text.len && text.ptr[at + len] != '%') {
        if (text.ptr[at + len] == '\\')
            return 0;
        len++;
    }
    return at + len < text.len ? len : 0;
}

static void expand_text(struct string_builder *b, struct hn_text text)
{
    size_t plain = 0;
    size_t at = 0;

    while (at < text.len) {
        size_t len;

        if (text.ptr[at] == '\\' && at + 1 < text.len && text.ptr[at + 1] == '%') {
            string_builder_add(b, DRAFT_TEXT, hn_text_sub(text, plain, at - plain));
            plain = at + 1;
            at += 2;
            continue;
        }
        len = text.ptr[at] == '%' ? name_len(text, at + 1) : 0;
        if (len == 0) {
            at++;
            continue;
        }
        string_builder_add(b, DRAFT_TEXT, hn_text_sub(text, plain, at - plain));
        string_builder_add(b, DRAFT_PLACEHOLDER, hn_text_sub(text, at + 1, len));
        at += len + 2;
        plain = at;
    }
    string_builder_add(b, DRAFT_TEXT, hn_text_sub(text, plain, text.len));
}

static bool apply_expand(const struct modifier_use *use, struct draft_value *value)
{
    struct string_builder b = string_builder_over(use->w);

    for (uint32_t i = 0; i < value->string.count; i++) {
        const struct draft_part *part = &value->string.parts[i];

        if (part->kind == DRAFT_TEXT)
            expand_text(&b, part->text);
        else
            string_builder_add(&b, part->kind, part->text);
    }
    return string_builder_end(&b, &value->string);
}

const struct modifier modifier_expand = { .name = "expand",
    .takes = TAKES(DRAFT_STRING) | TAKES(DRAFT_REGEX),
    .wants = "text or a regular expression",
    .value = apply_expand };
