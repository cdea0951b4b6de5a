/* identify.c - what names an object: its size and its digests, by which others know it. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/buf.h"
#include "program/program.h"

#include <openssl/evp.h>

#define SIMILAR_BYTES_MAX \
    ((size_t)16 << 20) /* digests of similarity read every byte several times */

static enum hn_status digest(
        struct take *take, uint32_t id, const char *name, const EVP_MD *kind, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    unsigned char sum[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE];
    struct hn_buf out = hn_buf_over(hex, sizeof hex);
    unsigned len = 0;

    if (EVP_Digest(object->data.len > 0 ? object->data.ptr : sum, object->data.len, sum, &len, kind,
                NULL) != 1)
        return hn_fail(err, HN_NOMEM, 0, "digest of an object");
    hn_buf_add_hex(&out, sum, len);
    dissect_fact(take->dissect, id, name, hn_buf_text(&out));
    return HN_OK;
}

/* What somebody may have as a file elsewhere; parts of documents and layers of scripts are none. */
static bool is_file(const struct dissect *dissect, const struct dissect_object *object)
{
    if (object->parent == DISSECT_NONE || object->format == DISSECT_PE ||
            object->format == DISSECT_ELF)
        return true;
    return strcmp(object->relation, "attachment") == 0 ||
           strcmp(dissect_format_category(dissect_get(dissect, object->parent)->format),
                   "archive") == 0;
}

static void similarity(struct take *take, uint32_t id)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    char tlsh[PROGRAM_TLSH_BYTES];
    char ssdeep[PROGRAM_SSDEEP_BYTES];

    if (!is_file(take->dissect, object) || object->data.len > SIMILAR_BYTES_MAX)
        return;
    if (program_tlsh(object->data, tlsh))
        dissect_fact(take->dissect, id, "tlsh", hn_text_cstr(tlsh));
    if (object->data.len > 0 && program_ssdeep(object->data, ssdeep))
        dissect_fact(take->dissect, id, "ssdeep", hn_text_cstr(ssdeep));
}

enum hn_status take_identify(struct take *take, uint32_t id, struct hn_err *err)
{
    enum hn_status status;

    dissect_fact_u64(take->dissect, id, "size", dissect_get(take->dissect, id)->data.len);
    status = digest(take, id, "md5", EVP_md5(), err);
    if (status == HN_OK)
        status = digest(take, id, "sha1", EVP_sha1(), err);
    if (status == HN_OK)
        status = digest(take, id, "sha256", EVP_sha256(), err);
    if (status == HN_OK)
        similarity(take, id);
    return status;
}
