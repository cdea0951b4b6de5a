/* protect_csv.c - indicators as a table and as JSON lines: one each, with everything known of it.
 */
#include "base/escape.h"
#include "protect/protect_internal.h"

static void add_marks(struct hn_buf *out, unsigned marks)
{
    static const struct {
        unsigned bit;
        const char *id;
    } rows[] = {
#define MARK_ROW(name, bit, id) { (bit), (id) },
        EXTRACT_MARK_LIST(MARK_ROW)
#undef MARK_ROW
    };
    bool first = true;

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        if ((marks & rows[i].bit) == 0)
            continue;
        if (!first)
            hn_buf_add_char(out, ' ');
        hn_buf_add_cstr(out, rows[i].id);
        first = false;
    }
}

static void field(struct hn_buf *out, struct hn_text text)
{
    hn_csv_field(out, text);
    hn_buf_add_char(out, ',');
}

static void number(struct hn_buf *out, bool known, uint64_t value)
{
    if (known)
        hn_buf_add_u64(out, value);
    hn_buf_add_char(out, ',');
}

void protect_write_csv(const struct protect_case *about, struct hn_buf *out)
{
    struct hn_buf scratch = { 0 };

    hn_buf_add_lit(out, "type,value,role,block,host,domain,port,marks,count,object,offset,chain,"
                        "details,warning,source\n");
    for (size_t i = 0; i < about->indicator_count; i++) {
        const struct protect_indicator *one = &about->indicators[i];

        field(out, hn_text_cstr(protect_kind_id(one)));
        field(out, one->value);
        field(out, hn_text_cstr(protect_role_id(one->role)));
        field(out, hn_text_cstr(protect_is_usable(one, false) ? "yes" : "no"));
        field(out, one->host);
        field(out, one->domain);
        number(out, one->port != 0, one->port);
        hn_buf_reset(&scratch);
        add_marks(&scratch, one->marks);
        field(out, hn_buf_text(&scratch));
        number(out, true, one->count);
        number(out, one->object != PROTECT_NONE, one->object);
        number(out, one->offset != DISSECT_NOWHERE, one->offset);
        hn_buf_reset(&scratch);
        protect_chain(&scratch, about->tree, one);
        field(out, hn_buf_text(&scratch));
        field(out, one->details);
        field(out, one->warning);
        hn_csv_field(out, about->name);
        hn_buf_add_char(out, '\n');
    }
    if (!hn_buf_ok(&scratch) && hn_buf_ok(out))
        out->status = scratch.status;
    hn_buf_deinit(&scratch);
}

static void optional(struct hn_json_out *json, const char *key, struct hn_text value)
{
    if (value.len == 0)
        return;
    hn_json_key(json, hn_text_cstr(key));
    hn_json_text(json, value);
}

void protect_write_jsonl(const struct protect_case *about, struct hn_buf *out)
{
    struct hn_buf scratch = { 0 };

    for (size_t i = 0; i < about->indicator_count; i++) {
        const struct protect_indicator *one = &about->indicators[i];
        struct hn_json_out json = hn_json_out_over(out);

        hn_json_open(&json, '{');
        hn_json_pair(&json, "type", hn_text_cstr(protect_kind_id(one)));
        hn_json_pair(&json, "value", one->value);
        hn_json_pair(&json, "role", hn_text_cstr(protect_role_id(one->role)));
        hn_json_key_lit(&json, "block");
        hn_json_bool(&json, protect_is_usable(one, false));
        optional(&json, "host", one->host);
        optional(&json, "domain", one->domain);
        if (one->port != 0)
            hn_json_pair_u64(&json, "port", one->port);
        hn_buf_reset(&scratch);
        add_marks(&scratch, one->marks);
        optional(&json, "marks", hn_buf_text(&scratch));
        hn_json_pair_u64(&json, "count", one->count);
        if (one->object != PROTECT_NONE)
            hn_json_pair_u64(&json, "object", one->object);
        if (one->offset != DISSECT_NOWHERE)
            hn_json_pair_u64(&json, "offset", one->offset);
        hn_buf_reset(&scratch);
        protect_chain(&scratch, about->tree, one);
        optional(&json, "chain", hn_buf_text(&scratch));
        optional(&json, "details", one->details);
        optional(&json, "warning", one->warning);
        optional(&json, "source", about->name);
        hn_json_close(&json, '}');
        hn_buf_add_char(out, '\n');
    }
    hn_buf_deinit(&scratch);
}
