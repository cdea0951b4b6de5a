/* office_dump.c - what src/office finds in documents, one JSON object a line and file, for
 * tools/conformance/office_compare.py and xlm_compare.py.
 *
 *     office_dump FILE... */
#include "base/json_out.h"
#include "support/office_tree.h"

#include <stdio.h>

static bool file_read(const char *path, struct hn_buf *buf)
{
    char piece[65536];
    FILE *f = fopen(path, "rb");
    size_t len;

    if (f == NULL)
        return false;
    while ((len = fread(piece, 1, sizeof piece, f)) > 0)
        hn_buf_add(buf, piece, len);
    (void)fclose(f);
    return hn_buf_ok(buf);
}

static void object_write(struct hn_json_out *out, const struct dissect_object *object)
{
    hn_json_open(out, '{');
    hn_json_pair(out, "format", hn_text_cstr(dissect_format_id(object->format)));
    hn_json_pair(out, "relation", hn_text_cstr(object->relation));
    hn_json_pair(out, "name", object->name);
    hn_json_pair_u64(out, "len", object->data.len);
    if (object->format == DISSECT_XLM)
        hn_json_pair(out, "text", hn_bytes_as_text(object->data));
    hn_json_key_lit(out, "facts");
    hn_json_open(out, '[');
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next) {
        hn_json_open(out, '[');
        hn_json_text(out, hn_text_cstr(fact->name));
        hn_json_text(out, fact->value);
        hn_json_close(out, ']');
    }
    hn_json_close(out, ']');
    hn_json_close(out, '}');
}

static bool dump(const char *path)
{
    struct hn_buf bytes = { 0 };
    struct hn_buf line = { 0 };
    struct hn_json_out out = hn_json_out_over(&line);
    struct dissect *dissect = NULL;
    bool opened;

    if (file_read(path, &bytes)) {
        dissect = office_tree(hn_text_as_bytes(hn_buf_text(&bytes)),
                hn_text_ends_nocase(hn_text_cstr(path), HN_TEXT(".csv")) ? DISSECT_CSV
                                                                         : DISSECT_UNKNOWN);
    }
    hn_json_open(&out, '{');
    hn_json_pair(&out, "file", hn_text_cstr(path));
    hn_json_key_lit(&out, "objects");
    hn_json_open(&out, '[');
    for (uint32_t id = 0; dissect != NULL && id < dissect_count(dissect); id++)
        object_write(&out, dissect_get(dissect, id));
    hn_json_close(&out, ']');
    hn_json_close(&out, '}');
    (void)printf("%.*s\n", HN_TEXT_ARG(hn_buf_text(&line)));
    opened = dissect != NULL;
    dissect_free(dissect);
    hn_buf_deinit(&bytes);
    hn_buf_deinit(&line);
    return opened;
}

int main(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc; i++)
        status |= !dump(argv[i]);
    return status;
}
