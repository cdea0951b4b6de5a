/* sigma_modifier_base64.c - base64 and base64offset: the value as it looks when encoded.
 *
 * base64offset gives the three texts that the value can leave in the middle of a longer encoded
 * text, one for each position modulo 3; characters that mix in neighbouring bytes are cut off. */
#include "sigma/sigma_modifiers.h"

#include "base/enc.h"

static bool plain_bytes(
        const struct modifier_use *use, struct draft_value *value, struct hn_text *ret_bytes)
{
    if (draft_string_has_wildcard(&value->string)) {
        issue_add(use->w, CODE_MODIFIER_VALUE, value->place,
                "text with wildcards cannot be encoded; escape them, or put \"%s\" first",
                use->name);
        return false;
    }
    if (sigma_draft_string_has(&value->string, DRAFT_PLACEHOLDER)) {
        issue_add(use->w, CODE_MODIFIER_ORDER, use->place,
                "\"%s\" cannot encode a placeholder before its values are known", use->name);
        return false;
    }
    return sigma_draft_string_bytes(use->w, &value->string, ret_bytes);
}

/* offset spaces before the bytes, encoded, and the ends cut that depend on neighbours. */
static bool encode(const struct modifier_use *use, struct hn_text bytes, size_t offset, bool cut,
        struct draft_string *ret_string)
{
    static const size_t cut_start[] = { 0, 2, 3 };
    static const size_t cut_end[] = { 0, 3, 2 };
    struct hn_buf plain = { 0 };
    struct hn_buf encoded = { 0 };
    struct hn_text text;
    bool fine;

    hn_buf_add_repeat(&plain, ' ', offset);
    hn_buf_add_text(&plain, bytes);
    hn_base64_encode(&encoded, hn_text_as_bytes(hn_buf_text(&plain)));
    fine = hn_buf_ok(&plain) && hn_buf_ok(&encoded);
    text = hn_buf_text(&encoded);
    if (cut && fine && text.len > 0) {
        text = hn_text_sub(text, cut_start[offset], text.len);
        text.len -= cut_end[(bytes.len + offset) % 3];
    }
    if (!fine)
        use->w->status = HN_NOMEM;
    else
        text = sigma_keep_text(use->w, text);
    hn_buf_deinit(&plain);
    hn_buf_deinit(&encoded);
    return fine && text.ptr != NULL && sigma_draft_string_plain(use->w, text, ret_string);
}

static bool apply_base64(const struct modifier_use *use, struct draft_value *value)
{
    struct hn_text bytes;

    return plain_bytes(use, value, &bytes) && encode(use, bytes, 0, false, &value->string);
}

static bool apply_base64offset(const struct modifier_use *use, struct draft_value *value)
{
    struct hn_text bytes;

    if (!plain_bytes(use, value, &bytes))
        return false;
    if (bytes.len == 0) {
        issue_add(
                use->w, CODE_MODIFIER_VALUE, value->place, "empty text leaves nothing to look for");
        return false;
    }
    for (size_t offset = 1; offset < 3; offset++) {
        struct draft_string string;
        struct draft_value *more;

        if (!encode(use, bytes, offset, true, &string))
            return false;
        if (string.count == 0)
            continue; /* one byte leaves no whole character behind another */
        more = sigma_draft_item_add(use->w, use->item, value);
        if (more == NULL)
            return false;
        more->string = string;
    }
    return encode(use, bytes, 0, true, &value->string);
}

const struct modifier modifier_base64 = { .name = "base64",
    .takes = TAKES(DRAFT_STRING),
    .wants = "text",
    .repeats = true,
    .value = apply_base64 };
const struct modifier modifier_base64offset = { .name = "base64offset",
    .takes = TAKES(DRAFT_STRING),
    .wants = "text",
    .value = apply_base64offset };
