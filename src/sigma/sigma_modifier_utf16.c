/* sigma_modifier_utf16.c - utf16le (wide), utf16be, utf16: the value as UTF-16 bytes.
 *
 * Wildcards stay between the encoded pieces. The result holds zero bytes; it is there to be
 * encoded further (base64) or found in raw data. */
#include "sigma/sigma_modifiers.h"

#include "base/utf.h"

static bool no_placeholders(const struct modifier_use *use, const struct draft_value *value)
{
    if (!sigma_draft_string_has(&value->string, DRAFT_PLACEHOLDER))
        return true;
    issue_add(use->w, CODE_MODIFIER_ORDER, use->place,
            "\"%s\" cannot encode a placeholder before its values are known", use->name);
    return false;
}

static bool encode(const struct modifier_use *use, struct draft_value *value, bool big_endian,
        bool byte_order_mark)
{
    struct string_builder b = string_builder_over(use->w);
    struct hn_buf bytes = { 0 };

    if (!no_placeholders(use, value))
        return false;
    if (byte_order_mark)
        string_builder_add(&b, DRAFT_TEXT, HN_TEXT("\xFF\xFE"));
    for (uint32_t i = 0; i < value->string.count; i++) {
        const struct draft_part *part = &value->string.parts[i];

        if (part->kind != DRAFT_TEXT) {
            string_builder_add(&b, part->kind, part->text);
            continue;
        }
        hn_buf_reset(&bytes);
        if (big_endian)
            hn_utf8_to_utf16be(&bytes, part->text);
        else
            hn_utf8_to_utf16le(&bytes, part->text);
        if (!hn_buf_ok(&bytes))
            use->w->status = bytes.status;
        string_builder_add(&b, DRAFT_TEXT, sigma_keep_text(use->w, hn_buf_text(&bytes)));
    }
    hn_buf_deinit(&bytes);
    return string_builder_end(&b, &value->string) && use->w->status == HN_OK;
}

static bool apply_le(const struct modifier_use *use, struct draft_value *value)
{
    return encode(use, value, false, false);
}

static bool apply_be(const struct modifier_use *use, struct draft_value *value)
{
    return encode(use, value, true, false);
}

/* The specification's example: cmd > FF FE 63 00 6d 00 64 00. */
static bool apply_marked(const struct modifier_use *use, struct draft_value *value)
{
    return encode(use, value, false, true);
}

#define ENCODING(text, fn)                                                           \
    {                                                                                \
        .name = (text), .takes = TAKES(DRAFT_STRING), .wants = "text", .value = (fn) \
    }

const struct modifier modifier_utf16le = ENCODING("utf16le", apply_le);
const struct modifier modifier_wide = ENCODING("wide", apply_le);
const struct modifier modifier_utf16be = ENCODING("utf16be", apply_be);
const struct modifier modifier_utf16 = ENCODING("utf16", apply_marked);
